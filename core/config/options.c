/* SPDX-License-Identifier: MIT */
#include "core/config/options.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/config/list.h"
#include "core/config/settings.h"

#define LONGEST_SECRET 65536

struct item {
	struct json_object *value; /* null: unset */
	const char **list;         /* LIST: borrowed texts of value */
	char *text;                /* other than strings, as JSON text */
	uint32_t n;
	int from_user;
};

struct box {
	struct ww_options options; /* first member: what the plugin sees */
	const struct ww_plugin *plugin;
	struct item *items; /* plugin->n_options of them */
};

uint32_t
ww_plugin_option_find(const struct ww_plugin *plugin, const char *name)
{
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++)
		if (strcmp(plugin->options[i].name, name) == 0)
			break;
	return i;
}

static const struct item *
find(const struct ww_options *self, const char *name)
{
	static const struct item unset;
	const struct box *box = (const struct box *)self;
	uint32_t i = ww_plugin_option_find(box->plugin, name);

	return i < box->plugin->n_options ? &box->items[i] : &unset;
}

/* ------------------------------------------------------ what a plugin sees */

static int32_t
options_has(const struct ww_options *self, const char *name)
{
	return find(self, name)->value != NULL;
}

static int32_t
options_from_user(const struct ww_options *self, const char *name)
{
	return find(self, name)->from_user;
}

static const char *
options_string(const struct ww_options *self, const char *name)
{
	const struct item *item = find(self, name);

	return item->text != NULL ? item->text
	                          : json_object_get_string(item->value);
}

static int64_t
options_integer(const struct ww_options *self, const char *name)
{
	return json_object_get_int64(find(self, name)->value);
}

static double
options_number(const struct ww_options *self, const char *name)
{
	const struct item *item = find(self, name);

	return item->value == NULL ? NAN : json_object_get_double(item->value);
}

static int32_t
options_boolean(const struct ww_options *self, const char *name)
{
	return json_object_get_boolean(find(self, name)->value);
}

static const char *const *
options_list(const struct ww_options *self, const char *name, uint32_t *count)
{
	const struct item *item = find(self, name);

	if (count != NULL)
		*count = item->n;
	return item->list;
}

static char *find_secret(const struct ww_options *options, const char *name);

static int32_t
options_secret_present(const struct ww_options *self, const char *name)
{
	char *secret = find_secret(self, name);

	if (secret == NULL)
		return 0;
	explicit_bzero(secret, strlen(secret));
	free(secret);
	return 1;
}

/* ----------------------------------------------------------------- secrets */

/* A file that others can read holds no secret any more. */
static int
is_private(int fd, const char *path)
{
	struct stat info;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		ww_logf(WW_LOG_ERROR, "secrets", "%s is no regular file", path);
		return 0;
	}
	if ((info.st_mode & 0077) != 0) {
		ww_logf(WW_LOG_ERROR, "secrets",
		        "%s has mode %04o and is not used: others can read "
		        "it; chmod 600 it",
		        path, (unsigned)info.st_mode & 07777u);
		return 0;
	}
	return 1;
}

static char *
read_secret(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text;
	ssize_t got;

	if (fd < 0) {
		if (errno != ENOENT)
			ww_logf(WW_LOG_ERROR, "secrets", "cannot open %s: %s",
			        path, strerror(errno));
		return NULL;
	}
	if (!is_private(fd, path)) {
		close(fd);
		return NULL;
	}
	text = ww_alloc(LONGEST_SECRET + 1);
	got = read(fd, text, LONGEST_SECRET);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static char *
find_secret(const struct ww_options *options, const char *name)
{
	const char *place = options_string(options, name);
	const char *set;
	char *text;

	if (place == NULL)
		return NULL;
	if (strncmp(place, "file:", 5) == 0) {
		text = read_secret(place + 5);
	} else {
		set = getenv(place);
		text = set != NULL ? ww_copy(set) : NULL;
	}
	/* What reads files into variables often leaves the line's end there, and
	 * no header can hold one. */
	if (text != NULL)
		text[strcspn(text, "\r\n")] = '\0';
	if (text != NULL && text[0] == '\0') {
		free(text);
		text = NULL;
	}
	return text;
}

char *
ww_options_secret(const struct ww_options *options, const char *name)
{
	char *secret = find_secret(options, name);

	if (secret != NULL)
		ww_secret_register(secret);
	return secret;
}

/* ------------------------------------------------------------ construction */

static void
set_item(struct item *item, struct json_object *value, int from_user)
{
	size_t n = 0;

	json_object_put(item->value);
	free(item->list);
	free(item->text);
	item->value = value;
	item->text = value == NULL ||
	                             json_object_is_type(value,
	                                                 json_type_string)
	                     ? NULL
	                     : ww_copy(ww_json_text(value));
	item->from_user = from_user;
	item->list = json_object_is_type(value, json_type_array)
	                     ? ww_list_of(value, &n)
	                     : NULL;
	item->n = (uint32_t)n;
}

struct ww_options *
ww_options_new(const struct ww_plugin *plugin)
{
	struct box *box = ww_alloc(sizeof *box);
	uint32_t i;

	box->options = (struct ww_options){
		.size = sizeof(struct ww_options),
		.has = options_has,
		.from_user = options_from_user,
		.string = options_string,
		.integer = options_integer,
		.number = options_number,
		.boolean = options_boolean,
		.list = options_list,
		.secret_present = options_secret_present,
	};
	box->plugin = plugin;
	box->items = ww_alloc((plugin->n_options + 1) * sizeof *box->items);
	for (i = 0; i < plugin->n_options; i++)
		set_item(&box->items[i], ww_option_default(&plugin->options[i]),
		         0);
	return &box->options;
}

void
ww_options_put(struct ww_options *options, uint32_t i,
               struct json_object *value)
{
	set_item(&((struct box *)options)->items[i], value, 1);
}

void
ww_options_free(struct ww_options *options)
{
	struct box *box = (struct box *)options;
	uint32_t i;

	if (box == NULL)
		return;
	for (i = 0; i < box->plugin->n_options; i++)
		set_item(&box->items[i], NULL, 0);
	free(box->items);
	free(box);
}

struct json_object *
ww_options_json(const struct ww_options *options)
{
	const struct box *box = (const struct box *)options;
	struct json_object *object = json_object_new_object();
	uint32_t i;

	for (i = 0; i < box->plugin->n_options; i++)
		if (box->items[i].from_user && box->items[i].value != NULL)
			json_object_object_add(
				object, box->plugin->options[i].name,
				json_object_get(box->items[i].value));
	return object;
}
