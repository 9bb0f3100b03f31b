/* SPDX-License-Identifier: MIT */
#include "core/plugin/host.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/config/settings.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/registry.h"

struct host_log {
	struct ww_log log; /* first member */
	char origin[96];   /* "strategy-llm" */
};

struct ww_host_box {
	struct ww_host host;
	struct host_log log;
	struct ww_memory memory;
	struct ww_random_stream random;
	struct ww_options *options;
};

/* -------------------------------------------------------------------- log */

static void
log_write(const struct ww_log *self, int32_t level, const char *text)
{
	const struct host_log *log = (const struct host_log *)self;
	char line[2048];

	if (text == NULL)
		return;
	ww_text_clean(line, sizeof line, text, strlen(text));
	ww_log_line(level, log->origin, line);
}

static int32_t
log_enabled(const struct ww_log *self, int32_t level)
{
	(void)self;
	return level >= WW_LOG_ERROR && level <= ww_log_level();
}

/* ----------------------------------------------------------------- memory */

static void *
memory_resize(const struct ww_memory *self, void *block, uint64_t bytes)
{
	(void)self;
	if (bytes > SIZE_MAX / 2)
		return NULL;
	/* No bytes are a block too; realloc() would free it. */
	return realloc(block, bytes > 0 ? (size_t)bytes : 1);
}

static void *
memory_allocate(const struct ww_memory *self, uint64_t bytes)
{
	return memory_resize(self, NULL, bytes);
}

static void
memory_release(const struct ww_memory *self, void *block)
{
	(void)self;
	free(block);
}

/* ------------------------------------------------------------------ clock */

static int64_t
clock_now(const struct ww_clock *self)
{
	(void)self;
	return ww_now_ns();
}

static const struct ww_clock *
real_clock(void)
{
	static const struct ww_clock clock = { .size = sizeof clock,
		                               .now_ns = clock_now };

	return &clock;
}

/* -------------------------------------------------------------------- box */

static void
fill_services(struct ww_host_box *box, uint32_t kind,
              const struct ww_services *services)
{
	struct ww_host *host = &box->host;

	host->log = &box->log.log;
	host->options = box->options;
	host->memory = &box->memory;
	host->clock = services->clock != NULL ? services->clock
	                                      : real_clock();
	if (kind != WW_KIND_PROVIDER)
		host->random = &box->random.random;
	if (kind != WW_KIND_STRATEGY)
		host->process = services->process;
	if (kind == WW_KIND_PROVIDER)
		host->http = services->http;
	if (kind == WW_KIND_STRATEGY) {
		host->model = services->model;
		host->strategies = services->strategies;
	}
	if (host->strategies == NULL)
		host->features &= ~WW_FEATURE_SUBSTRATEGIES;
}

struct ww_host_box *
ww_host_new(const struct ww_plugin *plugin, struct ww_options *options,
            uint64_t seed, const struct ww_services *services)
{
	static const struct ww_services none;
	struct ww_host_box *box = ww_alloc(sizeof *box);
	char *origin = ww_text("%s-%s", ww_kind_name(plugin->kind),
	                       plugin->name);

	ww_text_clean(box->log.origin, sizeof box->log.origin, origin,
	              strlen(origin));
	free(origin);
	box->log.log = (struct ww_log){ .size = sizeof(struct ww_log),
		                        .write = log_write,
		                        .enabled = log_enabled };
	box->memory = (struct ww_memory){
		.size = sizeof(struct ww_memory),
		.allocate = memory_allocate,
		.resize = memory_resize,
		.release = memory_release,
	};
	ww_random_start(&box->random, seed);
	box->options = options;
	box->host = (struct ww_host){ .size = sizeof(struct ww_host),
		                      .abi_major = WW_ABI_MAJOR,
		                      .abi_minor = WW_ABI_MINOR,
		                      .features = WW_HOST_FEATURES };
	fill_services(box, plugin->kind, services != NULL ? services : &none);
	return box;
}

const struct ww_host *
ww_host_of(const struct ww_host_box *box)
{
	return &box->host;
}

void
ww_host_free(struct ww_host_box *box)
{
	if (box == NULL)
		return;
	if (box->options != NULL)
		ww_options_free(box->options);
	free(box);
}
