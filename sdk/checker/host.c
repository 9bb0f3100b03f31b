/* SPDX-License-Identifier: MIT */
#include "sdk/checker/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/config/options.h"
#include "core/config/settings.h"
#include "core/plugin/descriptor.h"
#include "sdk/checker/memory.h"

/* -------------------------------------------------------------------- log */

void
host_show(const char *what, const char *bytes, size_t length)
{
	fprintf(stderr, "%s: ", what);
	if (bytes != NULL)
		fwrite(bytes, 1, length, stderr);
	fputc('\n', stderr);
}

static void
log_write(const struct ww_log *self, int32_t level, const char *text)
{
	(void)self;
	(void)level;
	host_show("log", text, strlen(text));
}

static int32_t
log_enabled(const struct ww_log *self, int32_t level)
{
	(void)self;
	(void)level;
	return 1; /* also what is only said when somebody looks for a fault */
}

/* ---------------------------------------------------------------- options */

#define VALUES(self) (HOST_OF(self, options)->values)

/* An option that the test hides gets a name that no table has. */
static const char *
seen(const struct ww_options *self, const char *name)
{
	const char *hidden = HOST_OF(self, options)->hidden;

	return hidden != NULL && strcmp(hidden, name) == 0 ? "" : name;
}

static int32_t
has(const struct ww_options *self, const char *name)
{
	return VALUES(self)->has(VALUES(self), seen(self, name));
}

static int32_t
from_user(const struct ww_options *self, const char *name)
{
	return VALUES(self)->from_user(VALUES(self), seen(self, name));
}

static const char *
string(const struct ww_options *self, const char *name)
{
	return VALUES(self)->string(VALUES(self), seen(self, name));
}

static int64_t
integer(const struct ww_options *self, const char *name)
{
	return VALUES(self)->integer(VALUES(self), seen(self, name));
}

static double
number(const struct ww_options *self, const char *name)
{
	return VALUES(self)->number(VALUES(self), seen(self, name));
}

static int32_t
boolean(const struct ww_options *self, const char *name)
{
	return VALUES(self)->boolean(VALUES(self), seen(self, name));
}

static const char *const *
list(const struct ww_options *self, const char *name, uint32_t *count)
{
	return VALUES(self)->list(VALUES(self), seen(self, name), count);
}

static int32_t
secret_present(const struct ww_options *self, const char *name)
{
	return !HOST_OF(self, options)->secret_missing &&
	       VALUES(self)->secret_present(VALUES(self), seen(self, name));
}

/* The variables that secrets name hold the canary. */
static void
set_secrets(const struct host *host)
{
	const struct ww_plugin *plugin = host->check->plugin;
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++) {
		const char *variable;

		if (plugin->options[i].type != WW_OPTION_SECRET)
			continue;
		variable = host->values->string(host->values,
		                                plugin->options[i].name);
		if (variable != NULL && strncmp(variable, "file:", 5) != 0)
			setenv(variable, CHECK_SECRET, 1);
	}
}

static void
set_option(struct host *host, const char *assignment)
{
	const struct ww_plugin *plugin = host->check->plugin;
	const char *equals = strchr(assignment, '=');
	const char *dot;
	struct json_object *raw, *value = NULL;
	struct ww_error error = { 0 };
	char *name;
	uint32_t i;

	if (equals == NULL)
		check_fail(host->check, "--set %s: expected option=value",
		           assignment);
	name = ww_copy_n(assignment, (size_t)(equals - assignment));
	dot = strrchr(name, '.'); /* a full key is welcome, too */
	i = ww_plugin_option_find(plugin, dot != NULL ? dot + 1 : name);
	if (i == plugin->n_options)
		check_fail(host->check, "--set %s: it has no such option",
		           assignment);
	raw = json_object_new_string(equals + 1);
	if (ww_option_convert(&plugin->options[i], raw, true, "/", &value,
	                      &error) != WW_OK)
		check_fail(host->check, "--set %s: %s", assignment,
		           error.text);
	ww_options_put(host->values, i, value);
	json_object_put(raw);
	free(name);
}

int
host_try_option(struct host *host, uint32_t i, const char *text)
{
	struct json_object *raw = json_object_new_string(text);
	struct json_object *value = NULL;
	ww_status status = ww_option_convert(&host->check->plugin->options[i],
	                                     raw, true, "/", &value, NULL);

	if (status == WW_OK)
		ww_options_put(host->values, i, value);
	json_object_put(raw);
	return status == WW_OK;
}

static void
fill_options(struct host *host)
{
	const struct ww_check_request *request = host->check->request;
	int i;

	host->values = ww_options_new(host->check->plugin);
	for (i = 0; i < request->n_set; i++)
		set_option(host, request->set[i]);
	set_secrets(host);
	host->options.face = (struct ww_options){
		.size = sizeof(struct ww_options),
		.has = has,
		.from_user = from_user,
		.string = string,
		.integer = integer,
		.number = number,
		.boolean = boolean,
		.list = list,
		.secret_present = secret_present,
	};
}

/* ----------------------------------------------------------------- memory */

#define BLOCK_HEADER (sizeof(max_align_t))

static void *
memory_resize(const struct ww_memory *self, void *block, uint64_t bytes)
{
	struct host *host = HOST_OF(self, memory);
	unsigned char *old = block != NULL
	                             ? (unsigned char *)block - BLOCK_HEADER
	                             : NULL;
	uint64_t before = 0;
	unsigned char *grown;

	if (memory_refuses("the host's memory", NULL) || bytes > SIZE_MAX / 2)
		return NULL;
	if (old != NULL)
		memcpy(&before, old, sizeof before);
	grown = ww_grow(old, (size_t)bytes + BLOCK_HEADER);
	memcpy(grown, &bytes, sizeof bytes);
	host->bytes += bytes - before;
	return grown + BLOCK_HEADER;
}

static void *
memory_allocate(const struct ww_memory *self, uint64_t bytes)
{
	return memory_resize(self, NULL, bytes);
}

static void
memory_release(const struct ww_memory *self, void *block)
{
	unsigned char *start;
	uint64_t bytes;

	if (block == NULL)
		return;
	start = (unsigned char *)block - BLOCK_HEADER;
	memcpy(&bytes, start, sizeof bytes);
	HOST_OF(self, memory)->bytes -= bytes;
	free(start);
}

/* ------------------------------------------------- clock, random, process */

static int64_t
clock_now(const struct ww_clock *self)
{
	(void)self;
	return ww_now_ns();
}

static uint64_t
random_next(const struct ww_random *self)
{
	struct ww_random_stream *stream = &HOST_OF(self, random)->stream;

	return stream->random.next(&stream->random);
}

static ww_status
process_run(const struct ww_process *self, struct ww_call *call,
            const struct ww_process_request *request,
            struct ww_text_sink *output, struct ww_process_result *result)
{
	const struct ww_process *real = ww_process_service();

	(void)self;
	return real->run(real, call, request, output, result);
}

/* ------------------------------------------------------------------- host */

static void
fill_tables(struct host *host)
{
	host->log.face = (struct ww_log){ .size = sizeof(struct ww_log),
		                          .write = log_write,
		                          .enabled = log_enabled };
	host->memory.face = (struct ww_memory){
		.size = sizeof(struct ww_memory),
		.allocate = memory_allocate,
		.resize = memory_resize,
		.release = memory_release,
	};
	host->clock.face = (struct ww_clock){ .size = sizeof(struct ww_clock),
		                              .now_ns = clock_now };
	host->random.face = (struct ww_random){
		.size = sizeof(struct ww_random),
		.next = random_next,
	};
	host->process.face = (struct ww_process){
		.size = sizeof(struct ww_process),
		.run = process_run,
	};
	host_fill_http(host);
	host_fill_model(host);
}

static void
fill_host(struct host *host, uint32_t kind)
{
	struct ww_host *face = &host->host.face;

	*face = (struct ww_host){
		.size = sizeof *face,
		.abi_major = WW_ABI_MAJOR,
		.abi_minor = WW_ABI_MINOR,
		.features = WW_HOST_FEATURES & ~WW_FEATURE_SUBSTRATEGIES,
		.log = &host->log.face,
		.options = &host->options.face,
		.memory = &host->memory.face,
		.clock = &host->clock.face,
	};
	if (kind != WW_KIND_PROVIDER)
		face->random = &host->random.face;
	if (kind != WW_KIND_STRATEGY)
		face->process = &host->process.face;
	if (kind == WW_KIND_PROVIDER)
		face->http = &host->http.face;
	if (kind == WW_KIND_STRATEGY)
		face->model = &host->model.face;
}

struct host *
host_new(struct check *check, uint64_t seed)
{
	struct host *host = ww_alloc(sizeof *host);

	if (check->plugin == NULL)
		check_load(check);
	host->check = check;
	host->model_present = 1;
	ww_random_start(&host->stream, seed);
	ww_random_start(&host->model_stream, seed + 1);
	fill_options(host);
	fill_tables(host);
	fill_host(host, check->plugin->kind);
	return host;
}

void
host_free(struct host *host)
{
	ww_options_free(host->values);
	free(host);
}

/* -------------------------------------------------------- other minors */

/* Every table: where it is, and how long it was in each minor. A new minor adds
 * a column; a table that did not exist then has 0. */
static const struct {
	size_t offset;
	size_t sizes[WW_ABI_MINOR + 1];
} tables[] = {
	{ offsetof(struct host, host), { 88, 88 } },
	{ offsetof(struct host, log), { 24, 24 } },
	{ offsetof(struct host, options), { 72, 72 } },
	{ offsetof(struct host, memory), { 32, 32 } },
	{ offsetof(struct host, clock), { 16, 16 } },
	{ offsetof(struct host, random), { 16, 16 } },
	{ offsetof(struct host, http), { 24, 24 } },
	{ offsetof(struct host, process), { 16, 16 } },
	{ offsetof(struct host, model), { 40, 40 } },
};

static void
set_size(struct host *host, size_t i, uint32_t size)
{
	memcpy((unsigned char *)host + tables[i].offset, &size, sizeof size);
}

static size_t
size_of(const struct host *host, size_t i)
{
	uint32_t size;

	memcpy(&size, (const unsigned char *)host + tables[i].offset,
	       sizeof size);
	return size;
}

void
host_lengthen(struct host *host)
{
	size_t i;

	for (i = 0; i < sizeof tables / sizeof tables[0]; i++)
		set_size(host, i, (uint32_t)(size_of(host, i) + HOST_TAIL));
	host->host.face.abi_minor++;
	host->host.face.features |= UINT64_C(1) << 63;
}

void
host_cut(struct host *host, unsigned minor)
{
	size_t i;

	for (i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		unsigned char *table = (unsigned char *)host + tables[i].offset;
		size_t whole = size_of(host, i) + HOST_TAIL;
		size_t size = tables[i].sizes[minor];

		memset(table + size, 0xA5, whole - size);
		set_size(host, i, (uint32_t)size);
	}
	host->host.face.abi_minor = (uint16_t)minor;
}

/* ---------------------------------------------------------- calls, opening */

void
host_call_start(struct host *host, struct ww_call_frame *frame)
{
	ww_call_start(frame, &host->cancel, INT64_MAX);
}

ww_status
host_call_end(struct host *host, struct ww_call_frame *frame, ww_status status)
{
	memset(&host->error, 0, sizeof host->error);
	ww_call_finish(frame, status, &host->error);
	if (status < 0)
		host_show("failure", host->error.text,
		          strlen(host->error.text));
	return status;
}

ww_status
host_open(struct host *host, const struct ww_space *space)
{
	const struct ww_plugin *plugin = host->check->plugin;
	const struct ww_provider_ops *provider = plugin->ops;
	const struct ww_strategy_ops *strategy = plugin->ops;
	const struct ww_backend_ops *backend = plugin->ops;
	const struct ww_host *face = &host->host.face;
	struct ww_call_frame frame;
	ww_status status;

	host->space = space;
	host->self = NULL;
	host_call_start(host, &frame);
	if (plugin->kind == WW_KIND_PROVIDER)
		status = provider->open(&frame.call, face, &host->self);
	else if (plugin->kind == WW_KIND_STRATEGY)
		status = strategy->open(&frame.call, face, space, &host->self);
	else
		status = backend->open(&frame.call, face, &host->self);
	host->is_open = status == WW_OK;
	return host_call_end(host, &frame, status);
}

void
host_close(struct host *host)
{
	const struct ww_plugin *plugin = host->check->plugin;
	const struct ww_provider_ops *provider = plugin->ops;
	const struct ww_strategy_ops *strategy = plugin->ops;
	const struct ww_backend_ops *backend = plugin->ops;

	if (!host->is_open)
		return;
	host->is_open = 0;
	if (plugin->kind == WW_KIND_PROVIDER)
		provider->close(host->self);
	else if (plugin->kind == WW_KIND_STRATEGY)
		strategy->close(host->self);
	else
		backend->close(host->self);
}

void
host_must_open(struct host *host, const struct ww_space *space)
{
	ww_status status = host_open(host, space);

	check_that(host->check, status <= 0, "open() returned %d", status);
	if (status == WW_E_OPTION || status == WW_E_UNAVAILABLE ||
	    status == WW_E_CONFIG)
		check_skip(host->check, "open() wants something: %s (--set "
		                        "option=value gives it options)",
		           host->error.text);
	check_that(host->check, status == WW_OK, "open() failed: %s",
	           host->error.text);
}
