/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"

static struct store_fixture fixture;
static char place[128];

static void
setup(void)
{
	store_fixture_open(&fixture);
	snprintf(place, sizeof place, "%s/file.db", fixture.folder);
}

static void
teardown(void)
{
	store_fixture_close(&fixture);
}

static void
refuse(const char *path, const char *words)
{
	struct ww_store *store = NULL;
	struct ww_error error = { 0 };

	ck_assert_int_eq(ww_store_open(path, &store, &error), WW_E_IO);
	ck_assert_ptr_null(store);
	ck_assert_msg(strstr(error.text, words) != NULL, "'%s' not in: %s",
	              words, error.text);
	ck_assert_msg(strstr(error.text, path) != NULL, "no path in: %s",
	              error.text);
	ck_assert_msg(strstr(error.text, "--store") != NULL,
	              "no remedy in: %s", error.text);
}

/* Runs SQL on a file as another program would. */
static void
outside(const char *path, const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

START_TEST(only_the_owner_reads_it)
{
	struct ww_store *store;
	char *names[3];
	char folder[96];
	struct stat info;
	char id[40];
	int i;

	umask(0);
	store = store_fixture_store(&fixture);
	store_fixture_begin(store, "t", id);
	names[0] = strdup(fixture.path);
	names[1] = malloc(128);
	names[2] = malloc(128);
	snprintf(names[1], 128, "%s-wal", fixture.path);
	snprintf(names[2], 128, "%s-shm", fixture.path);
	for (i = 0; i < 3; i++) {
		ck_assert_msg(stat(names[i], &info) == 0, "%s", names[i]);
		ck_assert_uint_eq(info.st_mode & 0777, 0600);
		free(names[i]);
	}
	snprintf(folder, sizeof folder, "%s/new", fixture.folder);
	ck_assert_int_eq(stat(folder, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0700);
	ww_store_close(store);
	ck_assert_int_eq(chmod(fixture.path, 0644), 0);
	ww_store_close(store_fixture_store(&fixture));
	ck_assert_int_eq(stat(fixture.path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0600);
}
END_TEST

static unsigned
mode_of(const char *path)
{
	struct stat info;

	ck_assert_int_eq(stat(path, &info), 0);
	return info.st_mode & 0777u;
}

START_TEST(refuses_what_is_no_database)
{
	static const char text[] = "I am a shopping list, and long enough to "
				   "be read as a header of a database file. "
				   "Milk, bread, cheese, apples, and so on.";

	ck_assert_int_eq(ww_file_write(place, text, sizeof text, NULL), WW_OK);
	ck_assert_int_eq(chmod(place, 0644), 0);
	refuse(place, "no warpwright store");
	ck_assert_uint_eq(mode_of(place), 0644);
}
END_TEST

START_TEST(refuses_another_programs_database)
{
	char *before, *after;
	size_t length, same;

	outside(place, "CREATE TABLE bookmarks (url TEXT)");
	ck_assert_int_eq(chmod(place, 0644), 0);
	ck_assert_int_eq(ww_file_read(place, 1 << 20, &before, &length, NULL),
	                 WW_OK);
	refuse(place, "another program");
	ck_assert_uint_eq(mode_of(place), 0644);
	ck_assert_int_eq(ww_file_read(place, 1 << 20, &after, &same, NULL),
	                 WW_OK);
	ck_assert_uint_eq(length, same);
	ck_assert_int_eq(memcmp(before, after, length), 0);
	free(before);
	free(after);
	outside(place, "SELECT url FROM bookmarks");
}
END_TEST

START_TEST(refuses_a_newer_store)
{
	ww_store_close(store_fixture_store(&fixture));
	outside(fixture.path, "PRAGMA user_version = 99");
	refuse(fixture.path, "newer warpwright (store version 99");
}
END_TEST

START_TEST(refuses_a_damaged_file)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_error error = { 0 };
	char id[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 1, 50,
	                                      &error), WW_OK);
	ww_store_close(store);
	ck_assert_int_eq(truncate(fixture.path, 1000), 0);
	refuse(fixture.path, "store");
}
END_TEST

/* Cut at every page: either it is refused with a message, or what is left
 * reads as an error or as whole trials; never a crash. */
START_TEST(survives_every_truncation)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_error error = { 0 };
	char id[40];
	char *bytes;
	size_t length, cut;

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 1, 60,
	                                      &error), WW_OK);
	ww_store_close(store);
	ck_assert_int_eq(ww_file_read(fixture.path, 1 << 24, &bytes, &length,
	                              &error), WW_OK);
	for (cut = 512; cut < length; cut += 4096) {
		struct ww_record **records;
		size_t n, skipped, i;

		ww_file_write(place, bytes, cut, NULL);
		if (ww_store_open(place, &store, &error) != WW_OK) {
			ck_assert_ptr_nonnull(strstr(error.text, place));
			continue;
		}
		if (ww_store_load_trials(store, id, fixture.space, &records,
		                         &n, &skipped, &error) == WW_OK) {
			for (i = 0; i < n; i++)
				ww_record_free(records[i]);
			free(records);
		} else {
			ck_assert_ptr_nonnull(strstr(error.text, place));
		}
		ww_store_close(store);
	}
	free(bytes);
}
END_TEST

START_TEST(refuses_a_place_that_cannot_be_written)
{
	refuse("/proc/warpwright/store.db", "/proc/warpwright");
	ck_assert_int_eq(ww_file_write(place, "", 0, NULL), WW_OK);
	strcat(place, "/below/store.db");
	refuse(place, "store");
	refuse(fixture.folder, "directory");
}
END_TEST

START_TEST(refuses_a_read_only_file)
{
	/* Nothing is read-only for root: be somebody else for a moment. */
	const uid_t nobody = 65534, self = geteuid();

	if (self == 0) {
		ck_assert_int_eq(chown(fixture.folder, nobody, (gid_t)-1), 0);
		ck_assert_int_eq(seteuid(nobody), 0);
	}
	ww_store_close(store_fixture_store(&fixture));
	ck_assert_int_eq(chmod(fixture.path, 0400), 0);
	refuse(fixture.path, "written");
	ck_assert_int_eq(seteuid(self), 0);
}
END_TEST

/* The medium is full: trials before the fault stay, the message says what to
 * do, and after room was made the session goes on. */
START_TEST(a_full_disk_loses_nothing)
{
	const struct rlimit small = { 200000, RLIM_INFINITY };
	const struct rlimit large = { RLIM_INFINITY, RLIM_INFINITY };
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_error error = { 0 };
	ww_status status = WW_OK;
	uint64_t written = 0;
	char id[40];

	signal(SIGXFSZ, SIG_IGN);
	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (status == WW_OK && written < 190) {
		status = store_fixture_trials(&fixture, store, id,
		                              written + 1, 1, &error);
		written += status == WW_OK;
	}
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &large), 0);
	ck_assert_int_eq(status, WW_E_IO);
	ck_assert_msg(strstr(error.text, "free some space") != NULL, "%s",
	              error.text);
	ck_assert_ptr_nonnull(strstr(error.text, fixture.path));
	ck_assert_uint_ge(written, 5);
	ck_assert_uint_eq(store_fixture_count(&fixture, id), written);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id,
	                                      written + 1, 5, &error), WW_OK);
	ww_store_close(store);
	ck_assert_uint_eq(store_fixture_count(&fixture, id), written + 5);
}
END_TEST

/* A store of version 1, as the first step of the schema made it: sessions have
 * neither an owner nor finalists nor an objective. */
START_TEST(an_older_store_is_brought_up_to_date)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_error error = { 0 };
	char id[40], again[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 1, 3,
	                                      &error), WW_OK);
	ww_store_end(store, id, "interrupted", "", 1, 2, &error);
	ww_store_close(store);
	outside(fixture.path,
	        "ALTER TABLE sessions DROP COLUMN owner;"
	        "ALTER TABLE sessions DROP COLUMN finalists;"
	        "ALTER TABLE sessions DROP COLUMN objective;"
	        "PRAGMA user_version = 1");
	ck_assert_uint_eq(store_fixture_count(&fixture, id), 3);
	store = store_fixture_store(&fixture);
	ck_assert_int_eq(ww_store_finalists(store, id, "[]", &error), WW_OK);
	ck_assert_int_eq(ww_store_reopen(store, id, &error), WW_OK);
	store_fixture_begin(store, "t", again);
	ww_store_close(store);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store_faults");
	TCase *tests = tcase_create("store_faults");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, only_the_owner_reads_it);
	tcase_add_test(tests, refuses_what_is_no_database);
	tcase_add_test(tests, refuses_another_programs_database);
	tcase_add_test(tests, refuses_a_newer_store);
	tcase_add_test(tests, refuses_a_damaged_file);
	tcase_add_test(tests, survives_every_truncation);
	tcase_add_test(tests, refuses_a_place_that_cannot_be_written);
	tcase_add_test(tests, refuses_a_read_only_file);
	tcase_add_test(tests, a_full_disk_loses_nothing);
	tcase_add_test(tests, an_older_store_is_brought_up_to_date);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
