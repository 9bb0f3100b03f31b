/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_host.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
log_write(const struct ww_log *log, int32_t level, const char *text)
{
	(void)log;
	if (level <= WW_LOG_WARNING)
		fprintf(stderr, "# %s\n", text);
}

static int32_t
log_enabled(const struct ww_log *log, int32_t level)
{
	(void)log;
	return level <= WW_LOG_WARNING;
}

static const struct fake_host *
fake_of(const struct ww_options *options)
{
	return (const struct fake_host *)(const void *)(
		(const char *)options - offsetof(struct fake_host, options));
}

/* What the test set, or null. */
static const char *
set_text(const struct ww_options *options, const char *name)
{
	const struct fake_host *fake = fake_of(options);
	size_t length = strlen(name);
	uint32_t i;

	for (i = 0; fake->set != NULL && fake->set[i] != NULL; i++)
		if (strncmp(fake->set[i], name, length) == 0 &&
		    fake->set[i][length] == '=')
			return fake->set[i] + length + 1;
	return NULL;
}

/* The text of an option: set, else its default, else null. */
static const char *
option_text(const struct ww_options *options, const char *name)
{
	const struct fake_host *fake = fake_of(options);
	const char *text = set_text(options, name);
	uint32_t i;

	if (text != NULL)
		return text;
	for (i = 0; i < fake->plugin->n_options; i++)
		if (strcmp(fake->plugin->options[i].name, name) == 0)
			return fake->plugin->options[i].default_value;
	return NULL;
}

static int32_t
option_has(const struct ww_options *options, const char *name)
{
	return option_text(options, name) != NULL;
}

static int32_t
option_from_user(const struct ww_options *options, const char *name)
{
	return set_text(options, name) != NULL;
}

static int64_t
option_integer(const struct ww_options *options, const char *name)
{
	const char *text = option_text(options, name);

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static double
option_number(const struct ww_options *options, const char *name)
{
	const char *text = option_text(options, name);

	return text != NULL ? strtod(text, NULL) : 0;
}

static int32_t
option_boolean(const struct ww_options *options, const char *name)
{
	const char *text = option_text(options, name);

	return text != NULL && strcmp(text, "true") == 0;
}

static int64_t
clock_now(const struct ww_clock *clock)
{
	(void)clock;
	return 0;
}

/* splitmix64 */
static uint64_t
random_next(const struct ww_random *random)
{
	struct fake_host *fake =
		(struct fake_host *)((uintptr_t)random -
	                             offsetof(struct fake_host, random));
	uint64_t z = (fake->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
fake_host_start(struct fake_host *fake, const struct ww_plugin *plugin,
                const char *const *set, uint64_t seed)
{
	memset(fake, 0, sizeof *fake);
	fake->plugin = plugin;
	fake->set = set;
	fake->state = seed;
	fake->log = (struct ww_log){ .size = sizeof fake->log,
		                     .write = log_write,
		                     .enabled = log_enabled };
	fake->options = (struct ww_options){ .size = sizeof fake->options,
		                             .has = option_has,
		                             .from_user = option_from_user,
		                             .string = option_text,
		                             .integer = option_integer,
		                             .number = option_number,
		                             .boolean = option_boolean };
	fake->clock = (struct ww_clock){ .size = sizeof fake->clock,
		                         .now_ns = clock_now };
	fake->random = (struct ww_random){ .size = sizeof fake->random,
		                           .next = random_next };
	fake->host = (struct ww_host){ .size = sizeof fake->host,
		                       .abi_major = WW_ABI_MAJOR,
		                       .abi_minor = WW_ABI_MINOR,
		                       .log = &fake->log,
		                       .options = &fake->options,
		                       .clock = &fake->clock,
		                       .random = &fake->random };
}

static ww_status
call_fail(struct ww_call *call, ww_status status, const char *text)
{
	struct fake_call *fake = (struct fake_call *)call;

	if (fake->text[0] == '\0')
		snprintf(fake->text, sizeof fake->text, "%s", text);
	return status;
}

static int32_t
call_cancelled(struct ww_call *call)
{
	(void)call;
	return 0;
}

static int64_t
call_deadline(struct ww_call *call)
{
	(void)call;
	return INT64_MAX;
}

void
fake_call_start(struct fake_call *call)
{
	call->text[0] = '\0';
	call->call = (struct ww_call){ .size = sizeof call->call,
		                       .fail = call_fail,
		                       .cancelled = call_cancelled,
		                       .deadline_ns = call_deadline };
}

const struct ww_plugin *
fake_plugin(const char *name)
{
	char path[4096];
	void *library;
	const void *symbol;

	snprintf(path, sizeof path, "%s/.libs/%s.so", WW_BUILD_DIR, name);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		fprintf(stderr, "# %s\n", dlerror());
		abort();
	}
	symbol = dlsym(library, WW_PLUGIN_SYMBOL_NAME);
	return symbol;
}
