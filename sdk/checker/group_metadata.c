/* SPDX-License-Identifier: MIT
 *
 * Group metadata: the descriptor, field by field.
 */
#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "core/config/value.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/registry.h"
#include "sdk/checker/check.h"

/* The descriptor in this file and its length there, checked by nobody yet. */
static const struct ww_plugin *
find_symbol(struct check *check, size_t *room)
{
	void *handle = dlopen(check->request->path, RTLD_NOW | RTLD_LOCAL);
	const struct ww_plugin *plugin;
	struct link_map *own = NULL;
	const ElfW(Sym) *entry;
	void *extra = NULL;
	Dl_info info;

	if (handle == NULL)
		check_fail(check, "the loader refuses it: %s", dlerror());
	plugin = dlsym(handle, WW_PLUGIN_SYMBOL_NAME);
	check_that(check, plugin != NULL, "it exports no symbol %s",
	           WW_PLUGIN_SYMBOL_NAME);
	check_that(check,
	           dlinfo(handle, RTLD_DI_LINKMAP, &own) == 0 &&
	                   dladdr1(plugin, &info, &extra, RTLD_DL_LINKMAP) !=
	                           0 &&
	                   extra == own,
	           "its symbol %s comes from a library it depends on",
	           WW_PLUGIN_SYMBOL_NAME);
	check_that(check,
	           dladdr1(plugin, &info, &extra, RTLD_DL_SYMENT) != 0 &&
	                   extra != NULL,
	           "its symbol %s has no length", WW_PLUGIN_SYMBOL_NAME);
	entry = extra;
	*room = entry->st_size;
	return plugin;
}

static void
symbol(struct check *check)
{
	size_t room;

	find_symbol(check, &room);
}

static void
magic(struct check *check)
{
	size_t room;
	const struct ww_plugin *plugin = find_symbol(check, &room);

	check_that(check, room >= sizeof plugin->magic &&
	                          plugin->magic == WW_PLUGIN_MAGIC,
	           "magic is not 0x%08x; start it with WW_PLUGIN",
	           WW_PLUGIN_MAGIC);
}

static void
size(struct check *check)
{
	size_t room;
	const struct ww_plugin *plugin = find_symbol(check, &room);
	size_t least = offsetof(struct ww_plugin, ops) + sizeof(void *);

	check_that(check, room >= least,
	           "the object is %zu bytes long, ABI 1.0 needs %zu", room,
	           least);
	check_that(check, plugin->size >= least && plugin->size <= room,
	           "size is %u; write sizeof(struct ww_plugin), here %zu",
	           plugin->size, room);
}

/* A descriptor that is at least long enough to be read. */
static const struct ww_plugin *
descriptor(struct check *check)
{
	size_t room;
	const struct ww_plugin *plugin = find_symbol(check, &room);

	if (room < sizeof *plugin || plugin->magic != WW_PLUGIN_MAGIC)
		check_skip(check, "see metadata.magic and metadata.size");
	ww_plugin_file_name(&check->file, check->request->path, NULL);
	return plugin;
}

static void
version(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);

	check_that(check, plugin->abi_major == WW_ABI_MAJOR,
	           "abi_major is %u, this host speaks %d", plugin->abi_major,
	           WW_ABI_MAJOR);
	check_that(check, plugin->need_minor <= plugin->abi_minor,
	           "need_minor is %u, newer than abi_minor %u that it was "
	           "built against",
	           plugin->need_minor, plugin->abi_minor);
	check_that(check, plugin->need_minor <= WW_ABI_MINOR,
	           "need_minor is %u, this host speaks %d.%d",
	           plugin->need_minor, WW_ABI_MAJOR, WW_ABI_MINOR);
}

static void
features(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);
	uint64_t unknown = plugin->need_features & ~WW_HOST_FEATURES;

	check_that(check, unknown == 0,
	           "need_features holds 0x%llx, which this host lacks",
	           (unsigned long long)unknown);
}

static void
threads(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);

	check_that(check, plugin->threads <= WW_THREADS_FREE,
	           "threads is %u, neither SERIAL nor FREE", plugin->threads);
}

static void
kind(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);
	const char *text = ww_kind_name(plugin->kind);

	check_that(check, text != NULL, "kind is %u, there is none",
	           plugin->kind);
	check_that(check, strcmp(text, check->file.kind) == 0,
	           "it is a %s, the file's name says %s", text,
	           check->file.kind);
}

static void
name(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);

	check_that(check, plugin->name != NULL, "name is null");
	check_that(check, strcmp(plugin->name, check->file.name) == 0,
	           "name is '%.64s', the file's name says '%s'", plugin->name,
	           check->file.name);
}

static void
texts(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);

	check_that(check, plugin->version != NULL && plugin->version[0] != '\0',
	           "version is missing");
	check_that(check, plugin->summary != NULL && plugin->summary[0] != '\0',
	           "summary is missing");
	check_that(check, strchr(plugin->summary, '\n') == NULL,
	           "summary has more than one line");
	check_that(check, plugin->license != NULL && plugin->license[0] != '\0',
	           "license is missing; write an SPDX identifier");
}

static void
options(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);
	struct ww_error error = { 0 };
	uint32_t i, k;

	check_that(check, plugin->n_options == 0 || plugin->options != NULL,
	           "n_options is %u and the table is null", plugin->n_options);
	for (i = 0; i < plugin->n_options; i++) {
		if (ww_option_check(&plugin->options[i], &error) != WW_OK)
			check_fail(check, "option %u: %s", i + 1, error.text);
		for (k = 0; k < i; k++)
			check_that(check,
			           strcmp(plugin->options[i].name,
			                  plugin->options[k].name) != 0,
			           "two options are named '%s'",
			           plugin->options[i].name);
	}
}

static void
tables(struct check *check)
{
	const struct ww_plugin *plugin = descriptor(check);
	struct ww_error error = { 0 };

	if (ww_descriptor_check_ops(plugin, &error) != WW_OK)
		check_fail(check, "%s", error.text);
}

static void
accepted(struct check *check)
{
	check_load(check);
}

static const struct check_test tests[] = {
	{ "metadata.symbol", "the descriptor is in this file", 10, symbol },
	{ "metadata.magic", "the descriptor starts with its magic", 10, magic },
	{ "metadata.size", "the descriptor has the size it says", 10, size },
	{ "metadata.version", "built for an ABI that this host speaks", 10,
	  version },
	{ "metadata.features", "asks for known host features only", 10,
	  features },
	{ "metadata.threads", "says how it may be entered", 10, threads },
	{ "metadata.kind", "is of the kind that its file's name says", 10, kind },
	{ "metadata.name", "has the name that its file's name says", 10, name },
	{ "metadata.texts", "has version, summary and licence", 10, texts },
	{ "metadata.options", "every option has type, help and a good default",
	  10, options },
	{ "metadata.tables", "every mandatory slot is filled", 10, tables },
	{ "metadata.accepted", "the host loads it", 10, accepted },
};

const struct check_group check_group_metadata = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
	.gate = 1,
};
