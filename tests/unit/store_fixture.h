/* SPDX-License-Identifier: MIT
 *
 * What the store's tests share: a folder of their own, a small space, sessions
 * and trials to write into it.
 */
#ifndef WW_TESTS_STORE_FIXTURE_H
#define WW_TESTS_STORE_FIXTURE_H

#include "core/store/store.h"

struct store_fixture {
	char folder[64];
	char path[96];
	struct ww_search_space *space; /* x: 1…100, mode: "a", "b" */
};

void store_fixture_open(struct store_fixture *fixture);
void store_fixture_close(struct store_fixture *fixture);

/* Opens the fixture's store; a failure ends the test. */
struct ww_store *store_fixture_store(const struct store_fixture *fixture);
/* Begins a session of this task name and writes its id. */
void store_fixture_begin(struct ww_store *store, const char *task_name,
                         char id[40]);
/* Trial number `id` at x = id, measured; to be freed. */
struct ww_record *store_fixture_record(const struct store_fixture *fixture,
                                       uint64_t id);
/* Writes trials first … first + n - 1 one by one. */
ww_status store_fixture_trials(const struct store_fixture *fixture,
                               struct ww_store *store, const char *id,
                               uint64_t first, uint64_t n,
                               struct ww_error *error);
/* Number of trials that a fresh connection sees, or SIZE_MAX. */
size_t store_fixture_count(const struct store_fixture *fixture,
                           const char *id);

#endif
