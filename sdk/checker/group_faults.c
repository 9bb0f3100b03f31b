/* SPDX-License-Identifier: MIT
 *
 * Group faults: no memory, options that nobody thought of, and a host that has
 * changed its mind.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "sdk/checker/host.h"
#include "sdk/checker/use.h"

#define MOST_ALLOCATIONS 5000

static void
reason_given(struct host *host, const char *what)
{
	check_that(host->check,
	           strstr(host->error.text, "gave no reason") == NULL &&
	                   host->error.text[0] != '\0',
	           "%s failed (%s) without a reason; call ww_fail()", what,
	           ww_status_name(host->error.status));
}

static void
memory(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	uint64_t n;

	host_must_open(host, space);
	use_plugin(host);
	host_close(host);
	if (host->allocations == 0)
		check_skip(check, "it asks the host for no memory");
	for (n = 1; n <= MOST_ALLOCATIONS; n++) {
		uint64_t at = host->allocations + n;

		host->fail_at = at;
		if (host_open(host, space) == WW_OK)
			use_plugin(host);
		else
			reason_given(host, "open() without memory");
		host_close(host);
		check_that(check, host->bytes == 0,
		           "allocation %llu failed and %llu bytes are left "
		           "after close()",
		           (unsigned long long)n,
		           (unsigned long long)host->bytes);
		if (host->allocations < at)
			return;
	}
}

static void
open_somehow(struct host *host, const struct ww_space *space,
             const struct ww_option *option)
{
	ww_status status = host_open(host, space);
	char *what = ww_text("open() with a strange %s", option->name);

	check_that(host->check, status <= 0, "%s returned %d", what, status);
	if (status < 0)
		reason_given(host, what);
	host_close(host);
	free(what);
}

/* An option without a default is unset until somebody sets it. */
static void
missing(struct check *check)
{
	const struct ww_space *space = use_space(check);
	const struct ww_plugin *plugin = check->plugin;
	unsigned tried = 0;
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++) {
		struct host *host;

		if (plugin->options[i].default_value != NULL)
			continue;
		host = host_new(check, 1);
		host->hidden = plugin->options[i].name;
		open_somehow(host, space, &plugin->options[i]);
		host_free(host);
		tried++;
	}
	if (tried == 0)
		check_skip(check, "every option that it has has a default");
}

static void
absurd(struct check *check)
{
	static const char *const values[] = {
		"", "-1", "0", "1e308", "9223372036854775807",
		"-9223372036854775808", "[]", "{}", "[\"\"]", "null",
		"%s%n%s%n", "/dev/null", "../../../..", "\xc3\xa9\xf0\x9f\x8e\xb2",
	};
	const struct ww_space *space = use_space(check);
	char *longest = ww_alloc(100001);
	uint32_t i;
	size_t k;

	memset(longest, 'x', 100000);
	for (i = 0; i < check->plugin->n_options; i++)
		for (k = 0; k <= sizeof values / sizeof values[0]; k++) {
			struct host *host = host_new(check, 1);
			const char *text = k < sizeof values / sizeof values[0]
			                           ? values[k]
			                           : longest;

			if (host_try_option(host, i, text))
				open_somehow(host, space,
				             &check->plugin->options[i]);
			host_free(host);
		}
	if (check->plugin->n_options == 0)
		check_skip(check, "it has no options");
}

static void
cancelled_open(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	ww_status status;

	host_must_open(host, space);
	host_close(host);
	ww_cancel_request(&host->cancel);
	status = host_open(host, space);
	check_that(check, status <= 0, "open() returned %d", status);
	host_close(host);
	check_that(check, host->bytes == 0, "memory is left after close()");
}

static void
cancelled(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);

	host_must_open(host, space);
	ww_cancel_request(&host->cancel);
	use_plugin(host);
	ww_cancel_reset(&host->cancel);
	use_plugin(host);
	host_close(host);
	check_that(check, host->bytes == 0, "memory is left after close()");
}

static const struct check_test tests[] = {
	{ "faults.memory", "every allocation may fail", 120, memory },
	{ "faults.missing", "every option may be unset", 60, missing },
	{ "faults.absurd", "no value of an option breaks open()", 60, absurd },
	{ "faults.cancelled-open", "open() after cancellation", 20,
	  cancelled_open },
	{ "faults.cancelled", "ends soon when cancelled, and works afterwards",
	  20, cancelled },
};

const struct check_group check_group_faults = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
