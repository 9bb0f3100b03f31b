/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/measure/artifacts.h"
#include "core/measure/includes.h"
#include "tests/unit/unit.h"

static char folder[64];

static void
make_folder(void)
{
	strcpy(folder, "/tmp/ww-artifacts.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	ww_path_remove(folder);
}

static void
write_file(const char *name, const char *text, int age_seconds)
{
	char *path = ww_path_join(folder, name);
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		                     { .tv_sec = time(NULL) - age_seconds } };
	struct ww_error error;

	ck_assert_int_eq(ww_file_write(path, text, strlen(text), &error),
	                 WW_OK);
	utimensat(AT_FDCWD, path, times, 0);
	free(path);
}

static int
exists(const char *name)
{
	char *path = ww_path_join(folder, name);
	int found = access(path, F_OK) == 0;

	free(path);
	return found;
}

START_TEST(keeps_artifacts_by_content)
{
	char first[WW_HASH_TEXT], again[WW_HASH_TEXT], other[WW_HASH_TEXT];
	struct ww_error error;
	size_t length;
	void *bytes;

	ck_assert_int_eq(ww_artifact_put(folder, "abc", 3, first, &error),
	                 WW_OK);
	ck_assert_int_eq(ww_artifact_put(folder, "abc", 3, again, &error),
	                 WW_OK);
	ck_assert_int_eq(ww_artifact_put(folder, "abd", 3, other, &error),
	                 WW_OK);
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, other);
	ck_assert_int_eq(ww_artifact_get(folder, first, &bytes, &length,
	                                 &error),
	                 WW_OK);
	ck_assert_uint_eq(length, 3);
	ck_assert_int_eq(memcmp(bytes, "abc", 3), 0);
	free(bytes);
}
END_TEST

START_TEST(notices_a_damaged_artifact)
{
	char name[WW_HASH_TEXT];
	struct ww_error error;
	size_t length;
	void *bytes;

	ww_artifact_put(folder, "abc", 3, name, &error);
	write_file(name, "abX", 0);
	ck_assert_int_eq(ww_artifact_get(folder, name, &bytes, &length,
	                                 &error),
	                 WW_E_FORMAT);
	ck_assert(!exists(name));
	ck_assert_int_ne(ww_artifact_get(folder, name, &bytes, &length,
	                                 &error),
	                 WW_OK);
	ck_assert_int_eq(ww_artifact_get(folder, "../../etc/passwd", &bytes,
	                                 &length, &error),
	                 WW_E_FORMAT);
}
END_TEST

static void
keep_build(const char *key, struct ww_cached_build *build)
{
	struct ww_error error;

	memset(build, 0, sizeof *build);
	ck_assert_int_eq(ww_artifact_put(folder, "code", 4, build->artifact,
	                                 &error),
	                 WW_OK);
	build->facts = json_object_new_object();
	ww_json_put_number(build->facts, "registers", 32);
	build->log = ww_copy("a warning");
	ww_build_keep(folder, key, build);
}

START_TEST(finds_a_build_of_an_earlier_session)
{
	struct ww_cached_build kept, found;

	keep_build("0123", &kept);
	ck_assert(ww_build_find(folder, "0123", &found));
	ck_assert_str_eq(found.artifact, kept.artifact);
	ck_assert_uint_eq(found.bytes, 4);
	ck_assert_str_eq(found.log, "a warning");
	ck_assert_double_eq(ww_json_number(found.facts, "registers", 0), 32);
	ww_cached_build_clear(&found);
	ck_assert(!ww_build_find(folder, "4567", &found));
	ww_cached_build_clear(&kept);
}
END_TEST

static const char *const damaged[] = {
	"", "{", "[]", "{}", "{\"artifact\":7,\"facts\":{}}",
	"{\"artifact\":\"../../../../etc/passwd\",\"facts\":{}}",
	"{\"artifact\":\"0123456789abcdef0123456789abcdef\",\"facts\":{}}",
	"{\"artifact\":\"0123456789abcdef0123456789abcdef\"}",
};

START_TEST(ignores_damaged_entries)
{
	struct ww_cached_build found;

	write_file("aa.json", damaged[_i], 0);
	ck_assert(!ww_build_find(folder, "aa", &found));
}
END_TEST

START_TEST(ignores_an_entry_without_its_artifact)
{
	struct ww_cached_build kept, found;
	char *path;

	keep_build("0123", &kept);
	path = ww_path_join(folder, kept.artifact);
	unlink(path);
	free(path);
	ck_assert(!ww_build_find(folder, "0123", &found));
	ww_cached_build_clear(&kept);
}
END_TEST

#define OLD_A "0123456789abcdef0123456789abcdea"
#define OLD_B "0123456789abcdef0123456789abcdeb.json"
#define OLD_C "0123456789abcdef0123456789abcdec.x1Y2z3"
#define NEW_D "0123456789abcdef0123456789abcded"

START_TEST(removes_what_was_not_used_for_longest)
{
	char *scratch = ww_path_join(folder, WW_SCRATCH_PREFIX "x");
	char *fresh = ww_path_join(folder, WW_SCRATCH_PREFIX "y");
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	mkdir(scratch, 0700);
	mkdir(fresh, 0700);
	utimensat(AT_FDCWD, scratch, old, 0);
	write_file(OLD_A, "0123456789", 9000);
	write_file(OLD_B, "0123456789", 8000);
	write_file(OLD_C, "0123456789", 7000);
	write_file(NEW_D, "0123456789", 0);
	/* Somebody else's: never counted, never removed. */
	write_file("notes.txt", "0123456789", 9000);
	ck_assert_int_eq(ww_artifacts_trim(folder, 100), 40);
	ck_assert_int_eq(ww_artifacts_trim(folder, 25), 20);
	ck_assert(!exists(OLD_A) && !exists(OLD_B));
	ck_assert(exists(OLD_C) && exists(NEW_D));
	/* Used within the last hour: stays, whatever the limit. */
	ck_assert_int_eq(ww_artifacts_trim(folder, 0), 10);
	ck_assert(exists(NEW_D));
	ck_assert(exists("notes.txt"));
	ck_assert(!exists(WW_SCRATCH_PREFIX "x"));
	ck_assert(exists(WW_SCRATCH_PREFIX "y"));
	free(scratch);
	free(fresh);
}
END_TEST

/* ------------------------------------------------------------- includes */

static void
hash_kernel(const char *source, const char *const *options, uint32_t n,
            char name[WW_HASH_TEXT])
{
	const struct ww_kernel kernel = {
		.size = sizeof kernel, .source = source, .directory = folder,
		.source_length = strlen(source), .options = options,
		.n_options = n,
	};
	struct ww_hash *hash = ww_hash_new();

	ww_includes_hash(&kernel, hash);
	ww_hash_finish(hash, name);
}

START_TEST(follows_names_in_angle_brackets_through_options)
{
	static const char *const options[] = { "-isystem", "sub" };
	const char *source = "#include <own.h>\n#include <stdio.h>\n";
	char before[WW_HASH_TEXT], after[WW_HASH_TEXT];
	char *sub = ww_path_join(folder, "sub");

	mkdir(sub, 0700);
	free(sub);
	write_file("sub/own.h", "int a;\n", 0);
	write_file("stdio.h", "not beside the kernel\n", 0);
	hash_kernel(source, options, 2, before);
	write_file("stdio.h", "so no change\n", 0);
	hash_kernel(source, options, 2, after);
	ck_assert_str_eq(before, after);
	write_file("sub/own.h", "int b;\n", 0);
	hash_kernel(source, options, 2, after);
	ck_assert_str_ne(before, after);
}
END_TEST

START_TEST(follows_included_files)
{
	static const char *const options[] = { "-O2", "-Isub" };
	const char *source = "#include <stdio.h>\n # include \"a.h\"\n"
	                     "#include \"nowhere.h\"\nint x;";
	char before[WW_HASH_TEXT], after[WW_HASH_TEXT], last[WW_HASH_TEXT];
	char *sub = ww_path_join(folder, "sub");

	mkdir(sub, 0700);
	free(sub);
	/* a.h and b.h include each other; b.h is found through -I. */
	write_file("a.h", "#include \"b.h\"\n", 0);
	write_file("sub/b.h", "#include \"../a.h\"\nint b;\n", 0);
	hash_kernel(source, options, 2, before);
	write_file("sub/b.h", "#include \"../a.h\"\nint c;\n", 0);
	hash_kernel(source, options, 2, after);
	ck_assert_str_ne(before, after);
	hash_kernel(source, options, 1, last);
	ck_assert_str_ne(after, last);
	write_file("other.h", "int d;\n", 0);
	hash_kernel(source, options, 2, last);
	ck_assert_str_eq(after, last);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("artifacts");
	TCase *tests = tcase_create("artifacts");

	tcase_add_checked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, keeps_artifacts_by_content);
	tcase_add_test(tests, notices_a_damaged_artifact);
	tcase_add_test(tests, finds_a_build_of_an_earlier_session);
	tcase_add_loop_test(tests, ignores_damaged_entries, 0,
	                    sizeof damaged / sizeof damaged[0]);
	tcase_add_test(tests, ignores_an_entry_without_its_artifact);
	tcase_add_test(tests, removes_what_was_not_used_for_longest);
	tcase_add_test(tests, follows_included_files);
	tcase_add_test(tests,
	               follows_names_in_angle_brackets_through_options);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
