/* SPDX-License-Identifier: MIT
 *
 * The conformance checker's door to the outside: one plugin file in, TAP (or
 * JSON lines) on standard output out. Nothing of the plugin is ever loaded into
 * the calling process.
 */
#ifndef WW_SDK_CHECKER_H
#define WW_SDK_CHECKER_H

struct ww_check_request {
	const char *path;
	const char *const *set; /* n_set texts "option=value" */
	int n_set;
	int device;             /* 1: run the device half, too */
	int json;
	const char *recording;  /* file of recorded exchanges, or null */
	const char *task;       /* task for a backend, or null: the SDK's own */
	const char *only;       /* run only ids that start so, or null */
};

/* Whether there is a test to run: `only` may name none. */
int ww_check_any(const struct ww_check_request *request);

/* Number of failed tests; -1 if the request itself cannot be served (it has
 * said why on standard error). */
int ww_check_plugin(const struct ww_check_request *request);

#endif
