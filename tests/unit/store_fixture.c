/* SPDX-License-Identifier: MIT */
#include "tests/unit/store_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"

static struct ww_search_space *
make_space(void)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	static char texts[100][16];
	static struct ww_value numbers[100];
	static const struct ww_value words[] = {
		{ .type = WW_VALUE_STRING, .string = "a" },
		{ .type = WW_VALUE_STRING, .string = "b" },
	};
	static const uint32_t first = 0;
	struct ww_parameter_spec specs[] = {
		{ .name = "x", .type = "int", .values = numbers,
		  .n_values = 100, .defaults = &first },
		{ .name = "mode", .type = "enum", .values = words,
		  .n_values = 2, .defaults = &first },
	};
	struct ww_search_space *space;
	struct ww_error error;
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(texts[i], sizeof texts[i], "%d", i + 1);
		numbers[i] = (struct ww_value){ .type = WW_VALUE_INT,
			                        .string = texts[i],
			                        .integer = i + 1,
			                        .number = i + 1 };
	}
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(ww_space_builder_parameter(builder, &specs[i],
		                                            &error), WW_OK);
	ck_assert_int_eq(ww_space_build(builder, &space, &error), WW_OK);
	return space;
}

void
store_fixture_open(struct store_fixture *fixture)
{
	snprintf(fixture->folder, sizeof fixture->folder,
	         "/tmp/warpwright-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof fixture->path, "%s/new/store.db",
	         fixture->folder);
	fixture->space = make_space();
}

void
store_fixture_close(struct store_fixture *fixture)
{
	ww_space_free(fixture->space);
	ww_path_remove(fixture->folder);
}

struct ww_store *
store_fixture_store(const struct store_fixture *fixture)
{
	struct ww_store *store = NULL;
	struct ww_error error = { 0 };
	ww_status status = ww_store_open(fixture->path, &store, &error);

	ck_assert_msg(status == WW_OK, "%s", error.text);
	return store;
}

void
store_fixture_begin(struct ww_store *store, const char *task_name, char id[40])
{
	struct ww_session_row row = {
		.task_name = task_name, .task_path = "/t/task.json",
		.task_text = "{}",      .backend = "cpu",
		.device = "cpu-0",      .device_name = "a processor",
		.strategy = "random",   .settings = "{}",
	};
	struct ww_error error = { 0 };
	ww_status status = ww_store_begin(store, &row, id, &error);

	ck_assert_msg(status == WW_OK, "%s", error.text);
}

struct ww_record *
store_fixture_record(const struct store_fixture *fixture, uint64_t id)
{
	struct ww_record *record = ww_record_new(fixture->space->view.n_slots);
	const double samples[] = { 1.5, 2.25, 0.1 + (double)id };

	record->trial.id = id;
	record->indices[0] = (uint32_t)(id - 1) % 100;
	record->indices[1] = (uint32_t)((id - 1) / 100);
	record->trial.outcome = WW_TRIAL_OK;
	record->trial.objective = 2.25;
	record->trial.ci_low = 1.5;
	record->trial.ci_high = 3.5;
	record->trial.round = 3;
	record->trial.abandoned = 1;
	record->trial.compile_ns = 1000;
	record->trial.measure_ns = 2000;
	ww_record_set_samples(record, samples, 3);
	ww_record_set_origin(record, "random", "joint", "because");
	ww_record_set_log(record, "warning: loop");
	ww_record_add_fact(record, "registers", 32);
	snprintf(record->artifact, sizeof record->artifact, "abc%d", (int)id);
	snprintf(record->device, sizeof record->device, "cpu-0");
	record->from_cache = true;
	record->proposed_ns = 5;
	record->finished_ns = 6;
	return record;
}

ww_status
store_fixture_trials(const struct store_fixture *fixture,
                     struct ww_store *store, const char *id, uint64_t first,
                     uint64_t n, struct ww_error *error)
{
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < n; i++) {
		struct ww_record *record =
			store_fixture_record(fixture, first + i);
		const struct ww_record *const one[] = { record };

		status = ww_store_trials(store, id, fixture->space, one, 1,
		                         error);
		ww_record_free(record);
	}
	return status;
}

size_t
store_fixture_count(const struct store_fixture *fixture, const char *id)
{
	struct ww_store *store = store_fixture_store(fixture);
	struct ww_record **records;
	size_t n, skipped, i;
	struct ww_error error;

	if (ww_store_load_trials(store, id, fixture->space, &records, &n,
	                         &skipped, &error) != WW_OK)
		n = SIZE_MAX;
	for (i = 0; n != SIZE_MAX && i < n; i++)
		ww_record_free(records[i]);
	if (n != SIZE_MAX)
		free(records);
	ww_store_close(store);
	return n;
}
