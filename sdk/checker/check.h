/* SPDX-License-Identifier: MIT
 *
 * What the groups of the checker share. Every test runs in a process of its own
 * and ends by returning (passed), check_fail() or check_skip(); a crash, an
 * exit() or a hang of the plugin is a failure of that test only.
 */
#ifndef WW_SDK_CHECK_H
#define WW_SDK_CHECK_H

#include <stdnoreturn.h>

#include "core/plugin/file.h"
#include "sdk/checker/checker.h"
#include "warpwright/plugin.h"

/* What the secrets of a plugin under test hold. It must turn up nowhere. */
#define CHECK_SECRET "Canary5d1f0c7e9ab2KeptSecret"

struct check {
	const struct ww_check_request *request;
	struct ww_plugin_file file;
	const struct ww_plugin *plugin; /* null before check_load() */
	char *folder; /* empty folder, the test's working directory */
	int verdict;  /* pipe to the parent */
};

struct check_test {
	const char *id;    /* never changes once published: authors cite it */
	const char *title;
	int seconds;       /* time limit */
	void (*run)(struct check *check);
};

/* A group's tests; `kind` "" means every kind. If `gate` is set, nothing is run
 * any more once its first test or the whole group has failed. */
struct check_group {
	const char *kind;
	const struct check_test *tests;
	size_t n;
	int gate;
};

extern const struct check_group check_group_file;
extern const struct check_group check_group_metadata;
extern const struct check_group check_group_lifecycle;
extern const struct check_group check_group_versions;
extern const struct check_group check_group_faults;
extern const struct check_group check_group_threads;
extern const struct check_group check_group_provider;
extern const struct check_group check_group_stream;
extern const struct check_group check_group_strategy;
extern const struct check_group check_group_backend;
extern const struct check_group check_group_device;

noreturn void check_fail(struct check *check, const char *format, ...)
	WW_PRINTF(2, 3);
noreturn void check_skip(struct check *check, const char *format, ...)
	WW_PRINTF(2, 3);
/* check_fail() unless `condition`. */
void check_that(struct check *check, int condition, const char *format, ...)
	WW_PRINTF(3, 4);

/* Loads the plugin into this test's process. */
void check_load(struct check *check);

#endif
