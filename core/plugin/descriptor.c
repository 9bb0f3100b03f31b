/* SPDX-License-Identifier: MIT */
#include "core/plugin/descriptor.h"

#include <string.h>

#include "core/config/options.h"
#include "core/plugin/registry.h"

/* Bytes of the descriptor as ABI 1.0 published it. */
#define SIZE_1_0 (offsetof(struct ww_plugin, ops) + sizeof(void *))

#define MOST_OPTIONS 256u

static ww_status
check_version(const struct ww_plugin *plugin, struct ww_error *error)
{
	if (plugin->abi_major != WW_ABI_MAJOR)
		return ww_error_set(error, WW_E_ABI,
		                    "built for ABI %u.%u, this warpwright "
		                    "speaks %d.%d",
		                    plugin->abi_major, plugin->abi_minor,
		                    WW_ABI_MAJOR, WW_ABI_MINOR);
	if (plugin->need_minor > WW_ABI_MINOR)
		return ww_error_set(error, WW_E_ABI,
		                    "needs ABI %u.%u or later, this warpwright "
		                    "speaks %d.%d",
		                    plugin->abi_major, plugin->need_minor,
		                    WW_ABI_MAJOR, WW_ABI_MINOR);
	if ((plugin->need_features & ~WW_HOST_FEATURES) != 0)
		return ww_error_set(error, WW_E_ABI,
		                    "needs host features 0x%llx, this "
		                    "warpwright has 0x%llx",
		                    (unsigned long long)plugin->need_features,
		                    (unsigned long long)WW_HOST_FEATURES);
	if (plugin->threads > WW_THREADS_FREE)
		return ww_error_set(error, WW_E_ABI,
		                    "threads is %u, expected %u or %u",
		                    plugin->threads, WW_THREADS_SERIAL,
		                    WW_THREADS_FREE);
	return WW_OK;
}

static ww_status
check_texts(const struct ww_plugin *plugin, const char *kind, const char *name,
            struct ww_error *error)
{
	const struct {
		const char *name;
		const char *value;
	} texts[] = {
		{ "name", plugin->name },
		{ "version", plugin->version },
		{ "summary", plugin->summary },
		{ "license", plugin->license },
	};
	const char *own_kind = ww_kind_name(plugin->kind);
	size_t i;

	if (own_kind == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "kind is %u, expected %u (provider), %u "
		                    "(strategy) or %u (backend)",
		                    plugin->kind, WW_KIND_PROVIDER,
		                    WW_KIND_STRATEGY, WW_KIND_BACKEND);
	if (strcmp(own_kind, kind) != 0)
		return ww_error_set(error, WW_E_ABI,
		                    "it is a %s, the file's name says %s",
		                    own_kind, kind);
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].value == NULL || texts[i].value[0] == '\0')
			return ww_error_set(error, WW_E_ABI,
			                    "%s is missing, expected text",
			                    texts[i].name);
	if (strcmp(plugin->name, name) != 0)
		return ww_error_set(error, WW_E_ABI,
		                    "its name is '%.64s', the file's name says "
		                    "'%s'",
		                    plugin->name, name);
	return WW_OK;
}

static ww_status
check_options(const struct ww_plugin *plugin, struct ww_error *error)
{
	uint32_t i, k;

	if (plugin->n_options > MOST_OPTIONS)
		return ww_error_set(error, WW_E_ABI,
		                    "has %u options, expected at most %u",
		                    plugin->n_options, MOST_OPTIONS);
	if (plugin->n_options > 0 && plugin->options == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "says that it has %u options, its table is "
		                    "null",
		                    plugin->n_options);
	for (i = 0; i < plugin->n_options; i++) {
		const struct ww_option *option = &plugin->options[i];

		if (ww_option_check(option, error) != WW_OK)
			return ww_error_prefix(error, "option %u: ", i + 1);
		for (k = 0; k < i; k++)
			if (strcmp(plugin->options[k].name,
			           option->name) == 0)
				return ww_error_set(error, WW_E_ABI,
				                    "options %u and %u are "
				                    "both named '%s'",
				                    k + 1, i + 1,
				                    option->name);
	}
	return WW_OK;
}

ww_status
ww_descriptor_check(const struct ww_plugin *plugin, size_t room,
                    const char *kind, const char *name, struct ww_error *error)
{
	ww_status status;

	if (room < offsetof(struct ww_plugin, abi_major))
		return ww_error_set(error, WW_E_ABI,
		                    "%s is %zu bytes long, expected at least "
		                    "%zu",
		                    WW_PLUGIN_SYMBOL_NAME, room, SIZE_1_0);
	if (plugin->magic != WW_PLUGIN_MAGIC)
		return ww_error_set(error, WW_E_ABI,
		                    "magic is 0x%08x, expected 0x%08x",
		                    plugin->magic, WW_PLUGIN_MAGIC);
	if (plugin->size < SIZE_1_0 || plugin->size > room)
		return ww_error_set(error, WW_E_ABI,
		                    "its descriptor says %u bytes and the file "
		                    "holds %zu, expected at least %zu",
		                    plugin->size, room, SIZE_1_0);
	status = check_version(plugin, error);
	if (status == WW_OK)
		status = check_texts(plugin, kind, name, error);
	if (status == WW_OK)
		status = check_options(plugin, error);
	if (status == WW_OK)
		status = ww_descriptor_check_ops(plugin, error);
	return status;
}
