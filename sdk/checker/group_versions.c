/* SPDX-License-Identifier: MIT
 *
 * Group versions: hosts older and newer than this one, and hosts that lack an
 * optional service.
 */
#include <string.h>

#include "sdk/checker/host.h"
#include "sdk/checker/use.h"

static void
older(struct check *check)
{
	const struct ww_space *space = use_space(check);
	unsigned minor;

	for (minor = check->plugin->need_minor; minor <= WW_ABI_MINOR;
	     minor++) {
		struct host *host = host_new(check, 1);

		host_cut(host, minor);
		host_must_open(host, space);
		use_plugin(host);
		host_close(host);
	}
}

static void
newer(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);

	host_lengthen(host);
	host_must_open(host, space);
	use_plugin(host);
	host_close(host);
}

/* What a host may lack; the rest belongs to the kind and is always there. */
static const struct {
	const char *name;
	size_t offset;
} services_of[] = {
	{ "memory", offsetof(struct ww_host, memory) },
	{ "process", offsetof(struct ww_host, process) },
	{ "model", offsetof(struct ww_host, model) },
};

/* Without a service a plugin may refuse to open, but it says so. */
static void
try_without(struct check *check, struct host *host,
            const struct ww_space *space, const char *service)
{
	ww_status status = host_open(host, space);

	check_that(check, status <= 0, "without %s open() returned %d", service,
	           status);
	if (status == WW_OK)
		use_plugin(host);
	host_close(host);
}

static void
services(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	struct ww_host *face = &host->host.face;
	const struct ww_host whole = *face;
	size_t i;

	host_must_open(host, space);
	host_close(host);
	for (i = 0; i < sizeof services_of / sizeof services_of[0]; i++) {
		const void *none = NULL;

		memcpy((char *)face + services_of[i].offset, &none,
		       sizeof none);
		try_without(check, host, space, services_of[i].name);
		*face = whole;
	}
	face->features = 0;
	try_without(check, host, space, "features");
}

static const struct check_test tests[] = {
	{ "versions.older", "works with the tables of every minor it accepts",
	  60, older },
	{ "versions.newer", "works with tables that are longer than it knows",
	  60, newer },
	{ "versions.services", "lives without optional services", 60,
	  services },
};

const struct check_group check_group_versions = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
