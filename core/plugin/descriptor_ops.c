/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/plugin/descriptor.h"
#include "core/plugin/registry.h"
#include "warpwright/plugin.h"

/* A table that ABI 1.0 published: the bytes it had then, and the slots that
 * every plugin must fill. Later slots are optional for ever. */
struct slot {
	const char *name;
	size_t offset;
};

struct table {
	const char *name;
	size_t bytes;
	const struct slot *slots;
	size_t n_slots;
};

#define SLOT(type, field) { #field, offsetof(struct type, field) }
#define SIZE_UP_TO(type, field) \
	(offsetof(struct type, field) + sizeof(((struct type *)0)->field))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct slot provider_slots[] = {
	SLOT(ww_provider_ops, open),         SLOT(ww_provider_ops, close),
	SLOT(ww_provider_ops, capabilities), SLOT(ww_provider_ops, probe),
	SLOT(ww_provider_ops, generate),
};

static const struct slot strategy_slots[] = {
	SLOT(ww_strategy_ops, open),
	SLOT(ww_strategy_ops, close),
	SLOT(ww_strategy_ops, ask),
	SLOT(ww_strategy_ops, tell),
};

static const struct slot backend_slots[] = {
	SLOT(ww_backend_ops, languages),
	SLOT(ww_backend_ops, open),
	SLOT(ww_backend_ops, close),
};

static const struct slot compile_slots[] = {
	SLOT(ww_compile_ops, targets), SLOT(ww_compile_ops, identity),
	SLOT(ww_compile_ops, prepare), SLOT(ww_compile_ops, drop),
	SLOT(ww_compile_ops, build),
};

static const struct slot device_slots[] = {
	SLOT(ww_device_ops, list),   SLOT(ww_device_ops, attach),
	SLOT(ww_device_ops, detach), SLOT(ww_device_ops, target),
	SLOT(ww_device_ops, stage),  SLOT(ww_device_ops, unstage),
	SLOT(ww_device_ops, load),   SLOT(ww_device_ops, unload),
	SLOT(ww_device_ops, verify), SLOT(ww_device_ops, warm),
	SLOT(ww_device_ops, time),   SLOT(ww_device_ops, health),
};

static const struct slot replay_slots[] = {
	SLOT(ww_replay_ops, lookup),
};

static const struct table provider_table = {
	"provider", SIZE_UP_TO(ww_provider_ops, generate), provider_slots,
	COUNT(provider_slots)
};
static const struct table strategy_table = {
	"strategy", SIZE_UP_TO(ww_strategy_ops, note), strategy_slots,
	COUNT(strategy_slots)
};
static const struct table backend_table = {
	"backend", SIZE_UP_TO(ww_backend_ops, reserved), backend_slots,
	COUNT(backend_slots)
};
static const struct table compile_table = {
	"compile", SIZE_UP_TO(ww_compile_ops, build), compile_slots,
	COUNT(compile_slots)
};
static const struct table device_table = {
	"device", SIZE_UP_TO(ww_device_ops, health), device_slots,
	COUNT(device_slots)
};
static const struct table replay_table = {
	"replay", SIZE_UP_TO(ww_replay_ops, lookup), replay_slots,
	COUNT(replay_slots)
};

/* Slots are pointers to functions or texts; both are empty when all their bytes
 * are zero on every machine this runs on. */
static int
is_empty(const void *ops, size_t offset)
{
	static const unsigned char empty[sizeof(void (*)(void))];

	return memcmp((const unsigned char *)ops + offset, empty,
	              sizeof empty) == 0;
}

static ww_status
check_table(const struct table *table, const void *ops, struct ww_error *error)
{
	uint32_t size;
	size_t i;

	if (ops == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "its %s table is null, expected one of at "
		                    "least %zu bytes",
		                    table->name, table->bytes);
	memcpy(&size, ops, sizeof size);
	if (size < table->bytes)
		return ww_error_set(error, WW_E_ABI,
		                    "its %s table is %u bytes long, expected "
		                    "at least %zu",
		                    table->name, size, table->bytes);
	for (i = 0; i < table->n_slots; i++)
		if (is_empty(ops, table->slots[i].offset))
			return ww_error_set(error, WW_E_ABI,
			                    "slot '%s' of its %s table is "
			                    "null, expected a function or "
			                    "text",
			                    table->slots[i].name, table->name);
	return WW_OK;
}

static ww_status
check_strategy(const struct ww_strategy_ops *ops, struct ww_error *error)
{
	ww_status status = check_table(&strategy_table, ops, error);

	if (status == WW_OK && ops->mode != WW_STRATEGY_ROUNDS &&
	    ops->mode != WW_STRATEGY_CONTINUOUS)
		return ww_error_set(error, WW_E_ABI,
		                    "mode of its strategy table is %u, "
		                    "expected %u or %u",
		                    ops->mode, WW_STRATEGY_ROUNDS,
		                    WW_STRATEGY_CONTINUOUS);
	return status;
}

/* A backend compiles and measures, or it replays; half of the first is of no
 * use. */
static ww_status
check_backend(const struct ww_backend_ops *ops, struct ww_error *error)
{
	ww_status status = check_table(&backend_table, ops, error);
	int only_replay;

	if (status != WW_OK)
		return status;
	only_replay = ops->replay != NULL && ops->compile == NULL &&
	              ops->device == NULL;
	if (!only_replay)
		status = check_table(&compile_table, ops->compile, error);
	if (status == WW_OK && !only_replay)
		status = check_table(&device_table, ops->device, error);
	if (status == WW_OK && ops->replay != NULL)
		status = check_table(&replay_table, ops->replay, error);
	return status;
}

ww_status
ww_descriptor_check_ops(const struct ww_plugin *plugin, struct ww_error *error)
{
	switch (plugin->kind) {
	case WW_KIND_PROVIDER:
		return check_table(&provider_table, plugin->ops, error);
	case WW_KIND_STRATEGY:
		return check_strategy(plugin->ops, error);
	default:
		return check_backend(plugin->ops, error);
	}
}

const char *
ww_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[WW_KIND_PROVIDER] = "provider",
		[WW_KIND_STRATEGY] = "strategy",
		[WW_KIND_BACKEND] = "backend",
	};

	return kind < COUNT(names) ? names[kind] : NULL;
}
