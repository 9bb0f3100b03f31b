/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/proposals_internal.h"

static const char *const config_keys[] = { "config", "configuration",
	                                   "parameters", "params" };
static const char *const reason_keys[] = { "reasoning", "reason",
	                                   "rationale" };
static const char *const family_keys[] = { "family", "category" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Python's words outside strings, as JSON spells them; same length or shorter,
 * padded with blanks. */
static void
translate_words(char *text, size_t length)
{
	static const struct {
		const char *from;
		const char *to;
	} names[] = { { "None", "null" }, { "True", "true" },
		      { "False", "false" } };
	char quote = '\0';
	size_t at, i;

	for (at = 0; at < length; at++) {
		if (quote != '\0') {
			if (text[at] == '\\')
				at++;
			else if (text[at] == quote)
				quote = '\0';
			continue;
		}
		if (text[at] == '"' || text[at] == '\'') {
			quote = text[at];
			continue;
		}
		if (!isupper((unsigned char)text[at]) ||
		    (at > 0 && isalnum((unsigned char)text[at - 1])))
			continue;
		for (i = 0; i < COUNT(names); i++) {
			size_t n = strlen(names[i].from);

			if (length - at >= n &&
			    memcmp(text + at, names[i].from, n) == 0)
				memcpy(text + at, names[i].to, n);
		}
	}
}

static struct json_object *
parse_with(const char *text, size_t length, int flags)
{
	struct json_tokener *tokener = json_tokener_new_ex(WW_JSON_DEPTH);
	struct json_object *value;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, flags);
	value = json_tokener_parse_ex(tokener, text, (int)length);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tokener);
	return value;
}

/* Strictly first; what fails is read again with the habits that models have:
 * single quotes, trailing commas, comments, Python's words, stray bytes. */
static struct json_object *
parse_element(const char *text, size_t length)
{
	struct json_object *value = parse_with(
		text, length, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	char *clean;

	if (value != NULL)
		return value;
	clean = ww_alloc(length + 1);
	ww_text_clean(clean, length + 1, text, length);
	translate_words(clean, strlen(clean));
	value = parse_with(clean, strlen(clean), 0);
	free(clean);
	return value;
}

/* Takes a text member out of an element; to be put by the caller. */
static struct json_object *
take_text(struct json_object *element, const char *const *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *value = ww_json_get(element, keys[i]);

		if (!json_object_is_type(value, json_type_string))
			continue;
		value = json_object_get(value);
		json_object_object_del(element, keys[i]);
		return value;
	}
	return NULL;
}

/* The member that is the configuration; a text that holds one is parsed. */
static struct json_object *
find_config(struct json_object *element)
{
	size_t i;

	for (i = 0; i < COUNT(config_keys); i++) {
		struct json_object *value = ww_json_get(element,
		                                        config_keys[i]);

		if (json_object_is_type(value, json_type_object) ||
		    json_object_is_type(value, json_type_array))
			return json_object_get(value);
		if (json_object_is_type(value, json_type_string)) {
			const char *text = json_object_get_string(value);

			value = parse_element(text, strlen(text));
			if (json_object_is_type(value, json_type_object))
				return value;
			json_object_put(value);
		}
	}
	return NULL;
}

/* A lone object of an answer that has no configuration in it: the frame of an
 * answer without proposals, or an example in prose. */
static bool
is_frame(struct json_object *element)
{
	return json_object_object_length(element) == 0 ||
	       ww_json_get(element, "analysis") != NULL ||
	       ww_json_get(element, "strategy") != NULL ||
	       ww_json_get(element, "error") != NULL;
}

static bool
looks_like_json(const char *text, size_t length)
{
	return memchr(text, ':', length) != NULL &&
	       (memchr(text, '"', length) != NULL ||
	        memchr(text, '\'', length) != NULL);
}

unsigned
ww_element_read(const char *text, size_t length, bool listed,
                void (*deliver)(void *context,
                                const struct ww_proposed *proposed),
                void *context)
{
	struct json_object *element = parse_element(text, length);
	struct json_object *reason, *family, *config;
	struct ww_proposed proposed;

	if (element == NULL)
		return listed || looks_like_json(text, length)
		               ? WW_ELEMENT_UNREADABLE
		               : WW_ELEMENT_OTHER;
	reason = take_text(element, reason_keys, COUNT(reason_keys));
	family = take_text(element, family_keys, COUNT(family_keys));
	config = json_object_is_type(element, json_type_object)
	                 ? find_config(element)
	                 : NULL;
	if (config == NULL && !listed &&
	    (!json_object_is_type(element, json_type_object) ||
	     is_frame(element))) {
		json_object_put(reason);
		json_object_put(family);
		json_object_put(element);
		return WW_ELEMENT_OTHER;
	}
	proposed = (struct ww_proposed){
		.config = config != NULL ? config : element,
		.reason = reason ? json_object_get_string(reason) : NULL,
		.family = family ? json_object_get_string(family) : NULL,
	};
	deliver(context, &proposed);
	json_object_put(config);
	json_object_put(reason);
	json_object_put(family);
	json_object_put(element);
	return WW_ELEMENT_READ;
}

char *
ww_element_string(const char *text, size_t length)
{
	char *quoted = ww_alloc(length + 3);
	struct json_object *value;
	char *result;

	quoted[0] = '"';
	ww_text_clean(quoted + 1, length + 1, text, length);
	strcat(quoted, "\"");
	value = parse_with(quoted, strlen(quoted), 0);
	result = ww_copy(json_object_is_type(value, json_type_string)
	                         ? json_object_get_string(value)
	                         : "");
	json_object_put(value);
	free(quoted);
	return result;
}
