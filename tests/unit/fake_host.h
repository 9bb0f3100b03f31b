/* SPDX-License-Identifier: MIT
 *
 * The host that a plugin under test gets, and a search space made for tests: a
 * product of slots with an optional rule. Nothing of the engine is involved.
 */
#ifndef WW_TESTS_FAKE_HOST_H
#define WW_TESTS_FAKE_HOST_H

#include "warpwright/plugin.h"

#define FAKE_SLOTS 16

struct fake_host {
	struct ww_host host; /* first: what the plugin sees */
	struct ww_log log;
	struct ww_options options;
	struct ww_clock clock;
	struct ww_random random;
	uint64_t state;
	const struct ww_plugin *plugin;
	const char *const *set; /* "name=value", null-terminated, or null */
};

/* Options are the plugin's defaults with `set` on top. */
void fake_host_start(struct fake_host *fake, const struct ww_plugin *plugin,
                     const char *const *set, uint64_t seed);

struct fake_call {
	struct ww_call call; /* first */
	char text[1024];     /* what the plugin said of a failure */
};
void fake_call_start(struct fake_call *call);

/* The descriptor in .libs/NAME.so of the build folder; aborts without one. */
const struct ww_plugin *fake_plugin(const char *name);

struct fake_space {
	struct ww_space space; /* first */
	struct ww_slot slots[FAKE_SLOTS];
	struct ww_value *values; /* shared by all slots */
	double count;
	int (*rule)(const uint32_t *indices); /* null: all are valid */
};

/* n slots with the given numbers of values 0, 1, 2, …; the default is index 0.
 * With a rule the space must be small enough to count. */
void fake_space_start(struct fake_space *fake, uint32_t n,
                      const uint32_t *counts,
                      int (*rule)(const uint32_t *indices));
void fake_space_end(struct fake_space *fake);

#endif
