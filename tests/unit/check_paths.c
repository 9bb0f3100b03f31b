/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "tests/unit/unit.h"

static char *folder;

static void
make_folder(void)
{
	char pattern[] = "/tmp/check_paths.XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(pattern));
	folder = ww_copy(pattern);
}

static void
remove_folder(void)
{
	ww_path_remove(folder);
	free(folder);
}

static unsigned
count_entries(const char *path)
{
	DIR *stream = opendir(path);
	unsigned n = 0;

	ck_assert_ptr_nonnull(stream);
	while (readdir(stream) != NULL)
		n++;
	closedir(stream);
	return n;
}

/* A full disk, as far as a process can make one for itself. */
START_TEST(a_failed_write_leaves_nothing_behind)
{
	struct rlimit usual, small;
	char *path = ww_path_join(folder, "file");
	char text[4096] = { 0 };
	struct ww_error error = { 0 };
	unsigned open_before, i;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
	small = (struct rlimit){ 100, usual.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	open_before = count_entries("/proc/self/fd");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(ww_file_write(path, text, sizeof text, &error),
		                 WW_E_IO);
	setrlimit(RLIMIT_FSIZE, &usual);
	ck_assert_ptr_nonnull(strstr(error.text, "File too large"));
	ck_assert_uint_eq(count_entries("/proc/self/fd"), open_before);
	ck_assert_uint_eq(count_entries(folder), 2); /* "." and ".." */
	free(path);
}
END_TEST

/* As root, a file in the place of a device breaks the machine. */
START_TEST(a_pipe_takes_the_bytes_and_stays_one)
{
	char *path = ww_text("%s/pipe", folder);
	char got[8] = "";
	struct stat info;
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ww_file_write(path, "text", 4, NULL), WW_OK);
	ck_assert_int_eq(read(fd, got, sizeof got - 1), 4);
	ck_assert_str_eq(got, "text");
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert(S_ISFIFO(info.st_mode));
	ck_assert_uint_eq(count_entries(folder), 3);
	close(fd);
	free(path);
}
END_TEST

START_TEST(what_a_link_points_at_is_written)
{
	char *path = ww_text("%s/file", folder);
	char *link = ww_text("%s/link", folder);
	char *bytes;
	size_t length;
	struct stat info;

	ck_assert_int_eq(ww_file_write(path, "old", 3, NULL), WW_OK);
	ck_assert_int_eq(symlink("file", link), 0);
	ck_assert_int_eq(ww_file_write(link, "new", 3, NULL), WW_OK);
	ck_assert_int_eq(lstat(link, &info), 0);
	ck_assert(S_ISLNK(info.st_mode));
	ck_assert_int_eq(ww_file_read(path, 100, &bytes, &length, NULL), WW_OK);
	ck_assert_str_eq(bytes, "new");
	free(bytes);
	free(link);
	free(path);
}
END_TEST

START_TEST(the_last_folder_is_private_however_it_is_written)
{
	char *path = ww_text("%s/a/b//", folder);
	struct stat info;

	umask(022);
	ck_assert_int_eq(ww_path_create(path, NULL), WW_OK);
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777u, 0700u);
	free(path);
}
END_TEST

START_TEST(without_a_home_the_users_own_folder_is_taken)
{
	char *path;

	unsetenv("HOME");
	unsetenv("XDG_CONFIG_HOME");
	path = ww_path_user_config();
	ck_assert_msg(strncmp(path, "/tmp/", 5) != 0, "%s", path);
	ck_assert_int_eq(path[0], '/');
	free(path);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("paths");
	TCase *tests = tcase_create("paths");

	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, a_failed_write_leaves_nothing_behind);
	tcase_add_test(tests, a_pipe_takes_the_bytes_and_stays_one);
	tcase_add_test(tests, what_a_link_points_at_is_written);
	tcase_add_test(tests, the_last_folder_is_private_however_it_is_written);
	tcase_add_test(tests, without_a_home_the_users_own_folder_is_taken);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
