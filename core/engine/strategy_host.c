/* SPDX-License-Identifier: MIT */
#include "core/engine/strategy_host.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/plugin/host.h"

/* A strategy opened as a part of another one. */
struct part {
	struct part *next;
	const struct ww_strategy_ops *ops;
	struct ww_host_box *box;
	void *self;
};

struct ww_strategy_host {
	struct ww_strategies face; /* first member */
	const struct ww_settings *settings;
	const struct ww_registry *registry;
	const struct ww_space *space;
	const struct ww_clock *clock;
	uint64_t seed;
	uint32_t n_opened;
	struct part *parts;
	pthread_mutex_t mutex; /* guards filler */
	char filler[64];
};

static struct ww_strategy_host *
host_of(const struct ww_strategies *face)
{
	return (struct ww_strategy_host *)(uintptr_t)face;
}

const char *
ww_strategy_stand_in(const struct ww_registry *registry, const char *name)
{
	static const char *const order[] = { "auto", "pattern", "random" };
	size_t i = 0;

	if (ww_registry_find(registry, "strategy", name, NULL) != NULL)
		return name;
	while (i < 3 && strcmp(order[i], name) != 0)
		i++;
	for (; i < 3; i++)
		if (ww_registry_find(registry, "strategy", order[i], NULL) !=
		    NULL)
			return order[i];
	return NULL;
}

static ww_status
set_filler(const struct ww_strategies *self, struct ww_call *call,
           const char *name)
{
	struct ww_strategy_host *host = host_of(self);
	const char *found = "";

	if (strcmp(name, "") != 0 && strcmp(name, "none") != 0)
		found = ww_strategy_stand_in(host->registry, name);
	if (found == NULL)
		return ww_fail(call, WW_E_NOT_FOUND,
		               "no strategy '%s' is loaded to keep the devices "
		               "busy", name);
	pthread_mutex_lock(&host->mutex);
	strncpy(host->filler, found, sizeof host->filler - 1);
	pthread_mutex_unlock(&host->mutex);
	return WW_OK;
}

static ww_status
open_part(struct ww_strategy_host *host, struct ww_call *call,
          const struct ww_plugin *plugin, struct part *part)
{
	struct ww_services services = { .clock = host->clock };
	struct ww_options *options;
	struct ww_error error = { 0 };
	uint32_t number = ++host->n_opened;
	uint64_t mixed[2] = { host->seed, number };
	ww_status status = ww_settings_options(host->settings, plugin, NULL,
	                                       &options, &error);

	if (status != WW_OK)
		return ww_fail(call, status, "%s", error.text);
	part->ops = plugin->ops;
	part->box = ww_host_new(plugin, options,
	                        ww_hash_u64(mixed, sizeof mixed), &services);
	status = part->ops->open(call, ww_host_of(part->box), host->space,
	                         &part->self);
	if (status != WW_OK)
		ww_host_free(part->box);
	return status;
}

static ww_status
open_sub(const struct ww_strategies *self, struct ww_call *call,
         const char *name, void **sub)
{
	struct ww_strategy_host *host = host_of(self);
	struct ww_error error = { 0 };
	const struct ww_plugin *plugin =
		ww_registry_find(host->registry, "strategy", name, &error);
	struct part *part;
	ww_status status;

	if (plugin == NULL)
		return ww_fail(call, WW_E_NOT_FOUND, "%s", error.text);
	part = ww_alloc(sizeof *part);
	status = open_part(host, call, plugin, part);
	if (status != WW_OK) {
		free(part);
		return status;
	}
	part->next = host->parts;
	host->parts = part;
	*sub = part;
	return WW_OK;
}

/* The link that holds the part, or null for a handle never given out. */
static struct part **
find_part(struct ww_strategy_host *host, const void *sub)
{
	struct part **link = &host->parts;

	while (*link != NULL && *link != sub)
		link = &(*link)->next;
	return *link != NULL ? link : NULL;
}

static void
close_sub(const struct ww_strategies *self, void *sub)
{
	struct part **link = find_part(host_of(self), sub);
	struct part *part;

	if (link == NULL)
		return;
	part = *link;
	*link = part->next;
	part->ops->close(part->self);
	ww_host_free(part->box);
	free(part);
}

static ww_status
ask_sub(const struct ww_strategies *self, struct ww_call *call, void *sub,
        const struct ww_budget *budget, struct ww_config_sink *sink)
{
	struct part **link = find_part(host_of(self), sub);

	if (link == NULL)
		return ww_fail(call, WW_E_BAD_HANDLE,
		               "asked a strategy that is not open");
	return (*link)->ops->ask(call, (*link)->self, budget, sink);
}

static ww_status
tell_sub(const struct ww_strategies *self, struct ww_call *call, void *sub,
         const struct ww_trial *const *trials, uint64_t n)
{
	struct part **link = find_part(host_of(self), sub);

	if (link == NULL)
		return ww_fail(call, WW_E_BAD_HANDLE,
		               "told a strategy that is not open");
	return (*link)->ops->tell(call, (*link)->self, trials, n);
}

struct ww_strategy_host *
ww_strategy_host_new(const struct ww_settings *settings,
                     const struct ww_registry *registry,
                     const struct ww_space *space,
                     const struct ww_clock *clock, uint64_t seed)
{
	struct ww_strategy_host *host = ww_alloc(sizeof *host);

	host->face = (struct ww_strategies){
		.size = sizeof host->face,
		.set_filler = set_filler,
		.open = open_sub,
		.close = close_sub,
		.ask = ask_sub,
		.tell = tell_sub,
	};
	host->settings = settings;
	host->registry = registry;
	host->space = space;
	host->clock = clock;
	host->seed = seed;
	pthread_mutex_init(&host->mutex, NULL);
	return host;
}

void
ww_strategy_host_free(struct ww_strategy_host *host)
{
	if (host == NULL)
		return;
	while (host->parts != NULL)
		close_sub(&host->face, host->parts);
	pthread_mutex_destroy(&host->mutex);
	free(host);
}

const struct ww_strategies *
ww_strategy_host_face(const struct ww_strategy_host *host)
{
	return &host->face;
}

void
ww_strategy_host_filler(struct ww_strategy_host *host, char *name, size_t size)
{
	pthread_mutex_lock(&host->mutex);
	strncpy(name, host->filler, size - 1);
	name[size - 1] = '\0';
	pthread_mutex_unlock(&host->mutex);
}
