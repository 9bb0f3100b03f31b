/* SPDX-License-Identifier: MIT */
#include "core/config/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"

/* What a conversion works on. */
struct conversion {
	const struct ww_option *option;
	struct json_object *raw;
	const char *text; /* raw as text, if a person typed it */
	const char *folder;
};

static const char *const type_names[] = {
	[WW_OPTION_STRING] = "string", [WW_OPTION_INT] = "int",
	[WW_OPTION_FLOAT] = "float",   [WW_OPTION_BOOL] = "bool",
	[WW_OPTION_ENUM] = "enum",     [WW_OPTION_PATH] = "path",
	[WW_OPTION_SECRET] = "secret", [WW_OPTION_LIST] = "list",
	[WW_OPTION_JSON] = "json",
};

const char *
ww_option_type_name(uint32_t type)
{
	return type < sizeof type_names / sizeof type_names[0]
	               ? type_names[type]
	               : NULL;
}

static int
has_range(const struct ww_option *option)
{
	return option->minimum < option->maximum;
}

/* Whole numbers with all their digits. */
static void
write_bound(char *out, size_t size, double bound)
{
	if (fabs(bound) < 1e16 && floor(bound) == bound)
		snprintf(out, size, "%.0f", bound);
	else
		snprintf(out, size, "%.15g", bound);
}

void
ww_option_range(const struct ww_option *option, char *out, size_t size)
{
	char low[32], high[32];

	out[0] = '\0';
	if (!has_range(option))
		return;
	write_bound(low, sizeof low, option->minimum);
	write_bound(high, sizeof high, option->maximum);
	snprintf(out, size, " from %s to %s", low, high);
}

/* Describes what the option accepts: "an integer from 1 to 100". */
static void
describe(const struct ww_option *option, char *out, size_t size)
{
	static const char *const words[] = {
		[WW_OPTION_STRING] = "text",
		[WW_OPTION_INT] = "an integer",
		[WW_OPTION_FLOAT] = "a number",
		[WW_OPTION_BOOL] = "true or false",
		[WW_OPTION_ENUM] = "one of ",
		[WW_OPTION_PATH] = "a path",
		[WW_OPTION_SECRET] =
			"the NAME of an environment variable in capitals, or "
			"file:PATH, and never a key itself",
		[WW_OPTION_LIST] = "a list of texts",
		[WW_OPTION_JSON] = "JSON",
	};
	char range[80];

	ww_option_range(option, range, sizeof range);
	if (option->type == WW_OPTION_ENUM)
		snprintf(out, size, "%s%s", words[option->type],
		         option->choices);
	else if (option->type == WW_OPTION_INT ||
	         option->type == WW_OPTION_FLOAT)
		snprintf(out, size, "%s%s", words[option->type], range);
	else
		snprintf(out, size, "%s", words[option->type]);
}

static ww_status
mismatch(const struct conversion *c, struct ww_error *error)
{
	char expected[512];
	char got[128];
	const char *text = c->text != NULL ? c->text : ww_json_text(c->raw);

	describe(c->option, expected, sizeof expected);
	if (c->option->type == WW_OPTION_SECRET)
		return ww_error_set(error, WW_E_CONFIG, "expected %s",
		                    expected);
	ww_text_clean(got, sizeof got, text, strlen(text));
	return ww_error_set(error, WW_E_CONFIG, "expected %s, not %s", expected,
	                    got);
}

/* -------------------------------------------------------------- the types
 *
 * Each makes a value of its own: instances live on different threads, and the
 * reference counts of JSON objects are not atomic.
 */

static int
parse_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return end != text && *end == '\0' && errno == 0;
}

static struct json_object *
convert_integer(const struct conversion *c)
{
	double number;
	int64_t value;

	if (c->text != NULL) {
		if (!parse_integer(c->text, &value))
			return NULL;
	} else if (json_object_is_type(c->raw, json_type_int)) {
		value = json_object_get_int64(c->raw);
	} else if (json_object_is_type(c->raw, json_type_double)) {
		number = json_object_get_double(c->raw);
		if (!(fabs(number) <= 9007199254740992.0) ||
		    floor(number) != number)
			return NULL;
		value = (int64_t)number;
	} else {
		return NULL;
	}
	if (has_range(c->option) && ((double)value < c->option->minimum ||
	                             (double)value > c->option->maximum))
		return NULL;
	return json_object_new_int64(value);
}

static struct json_object *
convert_float(const struct conversion *c)
{
	double value;
	char *end;

	if (c->text != NULL) {
		value = strtod(c->text, &end);
		if (end == c->text || *end != '\0')
			return NULL;
	} else if (json_object_is_type(c->raw, json_type_int) ||
	           json_object_is_type(c->raw, json_type_double)) {
		value = json_object_get_double(c->raw);
	} else {
		return NULL;
	}
	if (!isfinite(value) || (has_range(c->option) &&
	                         (value < c->option->minimum ||
	                          value > c->option->maximum)))
		return NULL;
	return ww_json_double(value);
}

static struct json_object *
convert_bool(const struct conversion *c)
{
	static const char *const words[] = { "false", "true", "no",  "yes",
		                             "off",   "on",   "0",   "1" };
	size_t i;

	if (c->text == NULL)
		return json_object_is_type(c->raw, json_type_boolean)
		               ? json_object_new_boolean(
				       json_object_get_boolean(c->raw))
		               : NULL;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(c->text, words[i]) == 0)
			return json_object_new_boolean(i % 2 == 1);
	return NULL;
}

static const char *
string_of(const struct conversion *c)
{
	if (c->text != NULL)
		return c->text;
	return json_object_is_type(c->raw, json_type_string)
	               ? json_object_get_string(c->raw)
	               : NULL;
}

static struct json_object *
convert_enum(const struct conversion *c)
{
	const char *value = string_of(c);
	const char *choice = c->option->choices;

	while (value != NULL && *choice != '\0') {
		size_t length = strcspn(choice, ",");

		if (strlen(value) == length &&
		    strncmp(choice, value, length) == 0)
			return json_object_new_string(value);
		choice += length + (choice[length] == ',');
	}
	return NULL;
}

/* "~/" is the home folder; what is relative starts at `folder`. */
static char *
absolute_path(const char *path, const char *folder)
{
	const char *home = getenv("HOME");

	if (path[0] == '~' && path[1] == '/' && home != NULL)
		return ww_path_join(home, path + 2);
	if (path[0] == '/')
		return ww_copy(path);
	return folder != NULL ? ww_path_join(folder, path)
	                      : ww_path_absolute(path);
}

static struct json_object *
convert_path(const struct conversion *c)
{
	const char *value = string_of(c);
	struct json_object *result;
	char *path;

	if (value == NULL || value[0] == '\0')
		return NULL;
	path = absolute_path(value, c->folder);
	result = json_object_new_string(path);
	free(path);
	return result;
}

/* Keys of model services hold small letters or signs; names of variables do
 * not. So a key pasted here by mistake is refused before it is shown anywhere. */
static struct json_object *
convert_secret(const struct conversion *c)
{
	const char *value = string_of(c);
	struct json_object *result;
	char *path, *text;

	if (value == NULL || value[0] == '\0')
		return NULL;
	if (strncmp(value, "file:", 5) != 0)
		return value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		                           "0123456789_")] == '\0' &&
		                       (value[0] < '0' || value[0] > '9')
		               ? json_object_new_string(value)
		               : NULL;
	if (value[5] == '\0')
		return NULL;
	path = absolute_path(value + 5, c->folder);
	text = ww_text("file:%s", path);
	result = json_object_new_string(text);
	free(path);
	free(text);
	return result;
}

/* An array of texts; numbers in it are taken as they are written. */
static struct json_object *
convert_array(struct json_object *array)
{
	struct json_object *list = json_object_new_array();
	size_t n = json_object_array_length(array);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(array, i);

		if (!json_object_is_type(item, json_type_string) &&
		    !json_object_is_type(item, json_type_int)) {
			json_object_put(list);
			return NULL;
		}
		json_object_array_add(list, json_object_new_string(
			                            json_object_get_string(
							    item)));
	}
	return list;
}

static struct json_object *
split_commas(const char *text)
{
	struct json_object *list = json_object_new_array();

	while (*text != '\0') {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, ",");
		while (length > 0 && text[length - 1] == ' ')
			length--;
		if (length > 0)
			json_object_array_add(
				list, json_object_new_string_len(text,
			                                         (int)length));
		text += strcspn(text, ",");
		text += *text == ',';
	}
	return list;
}

static struct json_object *
convert_list(const struct conversion *c)
{
	struct json_object *parsed;
	struct json_object *list = NULL;

	if (c->text == NULL) {
		if (json_object_is_type(c->raw, json_type_array))
			return convert_array(c->raw);
		if (!json_object_is_type(c->raw, json_type_string))
			return NULL;
		list = json_object_new_array();
		json_object_array_add(list, json_object_new_string(
						    json_object_get_string(
							    c->raw)));
		return list;
	}
	if (c->text[strspn(c->text, " ")] != '[')
		return split_commas(c->text);
	if (ww_json_parse(c->text, strlen(c->text), "list", 0, &parsed, NULL) !=
	    WW_OK)
		return NULL;
	list = convert_array(parsed);
	json_object_put(parsed);
	return list;
}

static struct json_object *
convert_json(const struct conversion *c)
{
	struct json_object *parsed = NULL;

	if (c->text == NULL)
		return json_object_deep_copy(c->raw, &parsed, NULL) == 0
		               ? parsed
		               : NULL;
	if (ww_json_parse(c->text, strlen(c->text), "value", 0, &parsed,
	                  NULL) != WW_OK)
		return NULL;
	return parsed;
}

static struct json_object *
convert_string(const struct conversion *c)
{
	const char *value = string_of(c);

	return value == NULL ? NULL : json_object_new_string(value);
}

static struct json_object *(*const converters[])(const struct conversion *) = {
	[WW_OPTION_STRING] = convert_string, [WW_OPTION_INT] = convert_integer,
	[WW_OPTION_FLOAT] = convert_float,   [WW_OPTION_BOOL] = convert_bool,
	[WW_OPTION_ENUM] = convert_enum,     [WW_OPTION_PATH] = convert_path,
	[WW_OPTION_SECRET] = convert_secret, [WW_OPTION_LIST] = convert_list,
	[WW_OPTION_JSON] = convert_json,
};

ww_status
ww_option_convert(const struct ww_option *option, struct json_object *raw,
                  bool text, const char *folder, struct json_object **value,
                  struct ww_error *error)
{
	struct conversion c = {
		.option = option,
		.raw = raw,
		.text = text ? json_object_get_string(raw) : NULL,
		.folder = folder,
	};

	*value = converters[option->type](&c);
	return *value != NULL ? WW_OK : mismatch(&c, error);
}

struct json_object *
ww_option_default(const struct ww_option *option)
{
	struct json_object *raw;
	struct json_object *value = NULL;

	if (option->default_value == NULL)
		return NULL;
	raw = json_object_new_string(option->default_value);
	ww_option_convert(option, raw, true, NULL, &value, NULL);
	json_object_put(raw);
	return value;
}

/* ------------------------------------------------------------- the record */

static int
is_option_name(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] ==
	               '\0' &&
	       strlen(name) < 64;
}

ww_status
ww_option_check(const struct ww_option *option, struct ww_error *error)
{
	struct json_object *value;

	if (option->name == NULL || !is_option_name(option->name))
		return ww_error_set(error, WW_E_ABI,
		                    "name is '%.64s', expected [a-z][a-z0-9_]*",
		                    option->name != NULL ? option->name : "");
	if (ww_option_type_name(option->type) == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "'%s' has type %u, expected 1 to %u",
		                    option->name, option->type, WW_OPTION_JSON);
	if (option->help == NULL || option->help[0] == '\0')
		return ww_error_set(error, WW_E_ABI,
		                    "'%s' has no help, expected a sentence",
		                    option->name);
	if (option->type == WW_OPTION_ENUM &&
	    (option->choices == NULL || option->choices[0] == '\0'))
		return ww_error_set(error, WW_E_ABI,
		                    "'%s' is an enum without choices, expected "
		                    "a comma-separated list",
		                    option->name);
	if (option->default_value == NULL)
		return WW_OK;
	value = ww_option_default(option);
	if (value == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "'%s' has default '%.64s', which its type "
		                    "%s does not accept",
		                    option->name, option->default_value,
		                    ww_option_type_name(option->type));
	json_object_put(value);
	return WW_OK;
}
