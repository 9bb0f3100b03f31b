/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/scratch.h"
#include "tests/unit/unit.h"

/* As if nobody had touched it for decades. */
static void
make_old(const char *path)
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
}

static char *
make_folder(const char *cache, const char *name, int old)
{
	char *path = ww_path_join(cache, name);
	char *file = ww_path_join(path, "left.o");

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(ww_file_write(file, "x", 1, NULL), WW_OK);
	if (old)
		make_old(path);
	free(file);
	return path;
}

START_TEST(what_killed_sessions_left_goes_with_the_next_one)
{
	char cache[] = "/tmp/check_scratch.XXXXXX";
	struct ww_scratch first = { 0 }, second = { 0 };
	char *dead, *young, *other;

	ck_assert_ptr_nonnull(mkdtemp(cache));
	dead = make_folder(cache, "session-abcdef", 1);
	young = make_folder(cache, "session-ghijkl", 0);
	other = make_folder(cache, "session-notes", 1);
	ck_assert_int_eq(ww_scratch_make(&first, cache, NULL), WW_OK);
	ck_assert_int_ne(access(dead, F_OK), 0);
	ck_assert_int_eq(access(young, F_OK), 0);
	ck_assert_int_eq(access(other, F_OK), 0);
	/* A session that lives keeps its own, however long it is idle. */
	make_old(first.folder);
	ck_assert_int_eq(ww_scratch_make(&second, cache, NULL), WW_OK);
	ck_assert_int_eq(access(first.folder, F_OK), 0);
	ck_assert_str_ne(first.folder, second.folder);
	ww_scratch_remove(&first);
	ww_scratch_remove(&second);
	ck_assert_ptr_null(first.folder);
	ww_path_remove(cache);
	free(dead);
	free(young);
	free(other);
}
END_TEST

START_TEST(says_why_there_is_none)
{
	struct ww_scratch scratch = { 0 };
	struct ww_error error = { 0 };

	ck_assert_int_eq(ww_scratch_make(&scratch, "/nonexistent", &error),
	                 WW_E_IO);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent: No such file"));
	ww_scratch_remove(&scratch);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scratch");
	TCase *tests = tcase_create("scratch");

	tcase_add_test(tests, what_killed_sessions_left_goes_with_the_next_one);
	tcase_add_test(tests, says_why_there_is_none);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
