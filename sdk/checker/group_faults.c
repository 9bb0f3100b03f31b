/* SPDX-License-Identifier: MIT
 *
 * Group faults: no memory, options that nobody thought of, and a host that has
 * changed its mind.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "sdk/checker/host.h"
#include "sdk/checker/memory.h"
#include "sdk/checker/use.h"

#define EVERY_ALLOCATION 60u

static void
reason_given(struct host *host, const char *what)
{
	check_that(host->check,
	           strstr(host->error.text, "gave no reason") == NULL &&
	                   host->error.text[0] != '\0',
	           "%s failed (%s) without a reason; call ww_fail()", what,
	           ww_status_name(host->error.status));
}

/* One life of an instance with the nth allocation failing. */
static void
live_without(struct check *check, const struct ww_space *space, uint64_t n,
             int all, uint64_t blocks)
{
	struct host *host = host_new(check, 1);
	ww_status status;

	memory_fail(n, all);
	status = host_open(host, space);
	check_that(check, status <= 0, "open() returned %d", status);
	if (status == WW_OK)
		status = use_thoroughly(host);
	check_that(check,
	           status >= 0 || (host->error.text[0] != '\0' &&
	                           strstr(host->error.text,
	                                  "gave no reason") == NULL),
	           "it failed (%s) without a reason when an allocation had "
	           "failed (%s); call ww_fail()",
	           ww_status_name(status), memory_place());
	host_close(host);
	check_that(check, host->bytes == 0,
	           "an allocation failed (%s) and %llu bytes are left after "
	           "close()",
	           memory_place(), (unsigned long long)host->bytes);
	check_that(check, memory_blocks() <= blocks,
	           "an allocation failed (%s) and %llu blocks are left after "
	           "close()",
	           memory_place(),
	           (unsigned long long)(memory_blocks() - blocks));
	host_free(host);
}

/* The first ones each in turn, where everything is set up; later ones, which
 * come from work that repeats itself, in growing steps. */
static uint64_t
next_allocation(uint64_t n)
{
	return n < EVERY_ALLOCATION ? n + 1 : n + n / 20;
}

static void
memory(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	uint64_t n, total, blocks;
	int all;

	memory_watch(check);
	host_must_open(host, space);
	use_thoroughly(host);
	host_close(host);
	/* What it keeps for good is allocated by now. */
	blocks = memory_blocks();
	memory_fail(0, 0);
	live_without(check, space, 0, 0, blocks);
	total = memory_count();
	if (total == 0)
		check_skip(check, "it allocates no memory");
	memory_catch_crashes(check);
	for (all = 0; all < 2; all++)
		for (n = 1; n <= total; n = next_allocation(n))
			live_without(check, space, n, all, blocks);
	/* And it works when there is memory again. */
	memory_fail(0, 0);
	host_must_open(host, space);
	host_close(host);
}

/* Without a value it is used, too; what an absurd one leads to then is the
 * user's doing. */
static void
open_somehow(struct host *host, const struct ww_space *space,
             const struct ww_option *option, int use)
{
	ww_status status = host_open(host, space);
	char *what = ww_text("open() with a strange %s", option->name);

	check_that(host->check, status <= 0, "%s returned %d", what, status);
	if (status < 0)
		reason_given(host, what);
	else if (use)
		use_plugin(host);
	host_close(host);
	free(what);
}

/* Any option may read as unset: those without a default, and those that a host
 * with another idea of the table does not know. */
static void
missing(struct check *check)
{
	const struct ww_space *space = use_space(check);
	const struct ww_plugin *plugin = check->plugin;
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++) {
		struct host *host = host_new(check, 1);

		host->hidden = plugin->options[i].name;
		open_somehow(host, space, &plugin->options[i], 1);
		host_free(host);
	}
	if (plugin->n_options == 0)
		check_skip(check, "it has no options");
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
				             &check->plugin->options[i], 0);
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

struct later {
	struct host *host;
	int64_t cancelled_ns;
};

static void *
cancel_later(void *context)
{
	struct later *later = context;

	usleep(100000);
	later->cancelled_ns = ww_now_ns();
	ww_cancel_request(&later->host->cancel);
	return NULL;
}

/* From another thread, in the middle of what takes half a minute otherwise. */
static void
cancelled_during(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	struct later later = { .host = host };
	pthread_t thread;
	ww_status status;
	int64_t took_ns;

	host_must_open(host, space);
	if (pthread_create(&thread, NULL, cancel_later, &later) != 0)
		check_fail(check, "cannot start a thread");
	status = use_slowly(host);
	took_ns = ww_now_ns();
	pthread_join(thread, NULL);
	took_ns -= later.cancelled_ns;
	if (took_ns < 0) {
		host_close(host);
		check_skip(check, "what it does here is done too soon to be "
		                  "cancelled");
	}
	check_that(check, took_ns < INT64_C(5000000000),
	           "it went on for %.1f seconds after it was cancelled",
	           (double)took_ns / 1e9);
	check_that(check,
	           check->plugin->kind != WW_KIND_PROVIDER ||
	                   status == WW_E_CANCELLED,
	           "a cancelled generate() returned '%s'",
	           ww_status_name(status));
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
	{ "faults.cancelled-during", "cancelled in the middle, it ends soon", 60,
	  cancelled_during },
	{ "faults.cancelled", "ends soon when cancelled, and works afterwards",
	  20, cancelled },
};

const struct check_group check_group_faults = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
