/* SPDX-License-Identifier: MIT
 *
 * Group lifecycle: opening and closing, alone, often, twice at once, and after
 * a failure.
 */
#include <dirent.h>
#include <malloc.h>
#include <string.h>

#include "sdk/checker/host.h"
#include "sdk/checker/memory.h"
#include "sdk/checker/use.h"

#define ROUNDS 1000
#define WARM_UP 20
/* Less than a byte a round: an allocator's own bookkeeping may move a little. */
#define SLACK 512

static void
open_close(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);

	host_must_open(host, space);
	check_that(check, host->self != NULL,
	           "open() succeeded and left *self null");
	host_close(host);
	check_that(check, host->bytes == 0,
	           "%llu bytes of the host's memory are left after close()",
	           (unsigned long long)host->bytes);
}

static size_t
count_entries(const char *folder)
{
	DIR *directory = opendir(folder);
	size_t n = 0;

	while (directory != NULL && readdir(directory) != NULL)
		n++;
	if (directory != NULL)
		closedir(directory);
	return n;
}

static size_t
bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void
repeat(struct host *host, const struct ww_space *space, int rounds)
{
	int i;

	for (i = 0; i < rounds; i++) {
		host_must_open(host, space);
		host_close(host);
	}
}

static void
memory(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	size_t before, after;
	uint64_t blocks;

	memory_watch(check);
	repeat(host, space, WARM_UP);
	before = bytes_in_use();
	blocks = memory_blocks();
	repeat(host, space, ROUNDS);
	after = bytes_in_use();
	check_that(check, memory_blocks() <= blocks,
	           "%llu blocks that it allocated are left after %d rounds of "
	           "open() and close()",
	           (unsigned long long)(memory_blocks() - blocks), ROUNDS);
	check_that(check, host->bytes == 0,
	           "%llu bytes of the host's memory are left after %d rounds "
	           "of open() and close()",
	           (unsigned long long)host->bytes, ROUNDS);
	check_that(check, after <= before + SLACK,
	           "%zu bytes of memory were lost in %d rounds of open() and "
	           "close()",
	           after - before, ROUNDS);
}

static void
descriptors(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	size_t files, threads;

	repeat(host, space, WARM_UP);
	files = count_entries("/proc/self/fd");
	threads = count_entries("/proc/self/task");
	repeat(host, space, WARM_UP);
	check_that(check, count_entries("/proc/self/fd") == files,
	           "open() and close() leave open files behind");
	check_that(check, count_entries("/proc/self/task") == threads,
	           "open() and close() leave threads behind");
}

static void
two(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *first = host_new(check, 1);
	struct host *second = host_new(check, 2);

	host_must_open(first, space);
	host_must_open(second, space);
	use_plugin(first);
	use_plugin(second);
	host_close(first);
	/* It must not have needed anything of the first. */
	use_plugin(second);
	host_close(second);
	check_that(check, first->bytes == 0 && second->bytes == 0,
	           "memory of two instances is left after close()");
}

/* A failed open() leaves nothing behind, and the next one works. */
static void
after_failure(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct host *host = host_new(check, 1);
	int failed = 0;
	uint64_t n, total, blocks;

	memory_watch(check);
	host_must_open(host, space);
	host_close(host);
	blocks = memory_blocks();
	memory_fail(0, 0);
	host_must_open(host, space);
	host_close(host);
	total = memory_count();
	memory_catch_crashes(check);
	for (n = 1; n <= total; n++) {
		memory_fail(n, 0);
		failed += host_open(host, space) < 0;
		host_close(host);
		check_that(check,
		           host->bytes == 0 && memory_blocks() <= blocks,
		           "open() failed (%s) and %llu bytes and %llu blocks "
		           "are left",
		           memory_place(), (unsigned long long)host->bytes,
		           (unsigned long long)(memory_blocks() - blocks));
	}
	memory_fail(0, 0);
	host_must_open(host, space);
	host_close(host);
	if (failed == 0)
		check_skip(check, "open() allocates nothing, so it cannot be "
		                  "made to fail from here");
}

static const struct check_test tests[] = {
	{ "lifecycle.open", "opens and closes", 30, open_close },
	{ "lifecycle.memory", "1000 times open and close lose no memory", 60,
	  memory },
	{ "lifecycle.descriptors", "open and close leave no file or thread", 30,
	  descriptors },
	{ "lifecycle.two", "two instances live side by side", 30, two },
	{ "lifecycle.failed", "opens again after a failed open", 60,
	  after_failure },
};

const struct check_group check_group_lifecycle = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
