/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/trial.h"
#include "tests/unit/unit.h"

static struct ww_record *
record_of(uint32_t a, uint32_t b)
{
	struct ww_record *record = ww_record_new(2);

	record->indices[0] = a;
	record->indices[1] = b;
	return record;
}

START_TEST(a_record_owns_its_parts)
{
	struct ww_record *record = record_of(1, 2);
	char text[] = "cause";
	double samples[] = { 1, 2, 3 };

	ck_assert_str_eq(record->trial.text, "");
	ck_assert(isnan(record->trial.objective));
	ww_record_set_text(record, text);
	ww_record_set_samples(record, samples, 3);
	ww_record_set_origin(record, "random", NULL, "why");
	ww_record_add_fact(record, "registers", 32);
	ww_record_add_fact(record, "registers", 40);
	ww_record_add_fact(record, "spills", 1);
	text[0] = 'x';
	samples[0] = 9;
	ck_assert_str_eq(record->trial.text, "cause");
	ck_assert_double_eq(record->trial.samples_ms[0], 1);
	ck_assert_uint_eq(record->trial.n_samples, 3);
	ck_assert_str_eq(record->trial.source, "random");
	ck_assert_str_eq(record->trial.family, "");
	ck_assert_uint_eq(record->trial.n_facts, 2);
	ck_assert_double_eq(ww_trial_fact(&record->trial, "registers"), 40);
	ck_assert(isnan(ww_trial_fact(&record->trial, "nothing")));
	ww_record_free(record);
}
END_TEST

START_TEST(a_log_is_cut_at_sixteen_kilobytes)
{
	struct ww_record *record = record_of(1, 2);
	char *log = malloc(40000);

	memset(log, 'a', 39999);
	log[39999] = '\0';
	ww_record_set_log(record, log);
	ck_assert_uint_eq(strlen(record->log), 16384);
	free(log);
	ww_record_free(record);
}
END_TEST

START_TEST(the_archive_holds_each_configuration_once)
{
	struct ww_archive *archive = ww_archive_new(2);
	uint32_t a, b;

	for (a = 0; a < 100; a++)
		for (b = 0; b < 30; b++) {
			struct ww_record *twin = record_of(a, b);

			ck_assert(ww_archive_add(archive, record_of(a, b)));
			ck_assert(!ww_archive_add(archive, twin));
			ww_record_free(twin);
		}
	ck_assert_uint_eq(ww_archive_count(archive), 3000);
	for (a = 0; a < 100; a++)
		for (b = 0; b < 30; b++) {
			uint32_t indices[] = { a, b };
			struct ww_record *found = ww_archive_find(archive,
			                                          indices);

			ck_assert_ptr_nonnull(found);
			ck_assert_uint_eq(found->trial.id, a * 30 + b + 1);
			ck_assert_ptr_eq(ww_archive_by_id(archive,
			                                  found->trial.id),
			                 found);
		}
	ck_assert_ptr_null(ww_archive_by_id(archive, 3001));
	ww_archive_free(archive);
}
END_TEST

START_TEST(ids_go_on_after_those_of_an_earlier_run)
{
	struct ww_archive *archive = ww_archive_new(2);
	struct ww_record *old = record_of(0, 0);
	struct ww_record *fresh = record_of(0, 1);
	uint32_t missing[] = { 0, 2 };

	old->trial.id = 17;
	old->finished_ns = 1;
	ck_assert(ww_archive_add(archive, old));
	ck_assert(ww_archive_add(archive, fresh));
	ck_assert_uint_eq(fresh->trial.id, 18);
	ck_assert_ptr_eq(ww_archive_by_id(archive, 17), old);
	ck_assert_ptr_null(ww_archive_by_id(archive, 16));
	ww_archive_keep_finished(archive);
	ck_assert_uint_eq(ww_archive_count(archive), 1);
	ck_assert_ptr_eq(ww_archive_find(archive, old->indices), old);
	ck_assert_ptr_null(ww_archive_find(archive, missing));
	ww_archive_free(archive);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("trial");
	TCase *tests = tcase_create("trial");

	tcase_add_test(tests, a_record_owns_its_parts);
	tcase_add_test(tests, a_log_is_cut_at_sixteen_kilobytes);
	tcase_add_test(tests, the_archive_holds_each_configuration_once);
	tcase_add_test(tests, ids_go_on_after_those_of_an_earlier_run);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
