/* SPDX-License-Identifier: MIT
 *
 * Runs the tests one by one, each in a child process with a time limit, and
 * prints what became of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/plugin/load.h"
#include "sdk/checker/check.h"

#define VERDICT_LIMIT 2000
/* Sanitizers make everything slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PATIENCE 6
#else
#define PATIENCE 1
#endif
#define OUTPUT_LIMIT ((size_t)64 << 20)

static const struct check_group *const groups[] = {
	&check_group_file,     &check_group_metadata, &check_group_lifecycle,
	&check_group_versions, &check_group_faults,   &check_group_threads,
	&check_group_provider, &check_group_stream,   &check_group_strategy,
	&check_group_backend,  &check_group_device,
};

enum result { PASSED, FAILED, SKIPPED };

struct outcome {
	enum result result;
	char reason[VERDICT_LIMIT];
};

struct run {
	const struct ww_check_request *request;
	char *folder; /* of the whole run */
	int n, counts[3];
	int closed;   /* a gate failed */
};

/* ------------------------------------------------------------ in the child */

static void say(struct check *check, char letter, const char *format,
                va_list args) WW_PRINTF(3, 0);
static void
say(struct check *check, char letter, const char *format, va_list args)
{
	char text[VERDICT_LIMIT] = { letter };

	vsnprintf(text + 1, sizeof text - 1, format, args);
	if (write(check->verdict, text, strlen(text)) < 0)
		_exit(1);
}

void
check_fail(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(check, 'F', format, args);
	va_end(args);
	_exit(0);
}

void
check_skip(struct check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(check, 'S', format, args);
	va_end(args);
	_exit(0);
}

void
check_that(struct check *check, int condition, const char *format, ...)
{
	va_list args;

	if (condition)
		return;
	va_start(args, format);
	say(check, 'F', format, args);
	va_end(args);
	_exit(0);
}

void
check_load(struct check *check)
{
	struct ww_error error = { 0 };

	if (ww_plugin_file_name(&check->file, check->request->path, &error) !=
	            WW_OK ||
	    ww_plugin_file_check(&check->file, check->request->path, &error) !=
	            WW_OK ||
	    ww_plugin_load(&check->file, &check->plugin, &error) != WW_OK)
		check_fail(check, "it cannot be loaded: %s", error.text);
}

static void
redirect(const char *folder, const char *name, int fd)
{
	char *path = ww_path_join(folder, name);
	int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	if (file >= 0)
		dup2(file, fd);
	free(path);
}

static noreturn void
be_child(struct check *check, const struct check_test *test,
         const char *outputs)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	redirect(outputs, "stdout", STDOUT_FILENO);
	redirect(outputs, "stderr", STDERR_FILENO);
	if (chdir(check->folder) != 0)
		check_fail(check, "cannot enter %s", check->folder);
	setenv("TMPDIR", check->folder, 1);
	test->run(check);
	fflush(stdout);
	if (write(check->verdict, "P", 1) != 1)
		_exit(1);
	_exit(0);
}

/* ----------------------------------------------------------- in the parent */

/* Reads the verdict until its end or the time limit; 0: time is over. */
static int
listen_for(int fd, int seconds, char *text, size_t size)
{
	int64_t end_ns = ww_now_ns() + seconds * INT64_C(1000000000);
	size_t length = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left_ms = (end_ns - ww_now_ns()) / 1000000;
		int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		got = read(fd, text + length, size - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
		if (length == size - 1)
			break;
	}
	text[length] = '\0';
	return length > 0 || ww_now_ns() < end_ns;
}

/* What a process left in one of its output files. */
static char *
output_of(const char *folder, const char *name, size_t *length)
{
	char *path = ww_path_join(folder, name);
	char *bytes = NULL;

	*length = 0;
	if (ww_file_read(path, OUTPUT_LIMIT, &bytes, length, NULL) != WW_OK)
		bytes = NULL;
	free(path);
	return bytes;
}

static void
judge_output(const char *folder, struct outcome *outcome)
{
	static const char *const names[] = { "stdout", "stderr" };
	size_t i;

	for (i = 0; i < 2 && outcome->result != FAILED; i++) {
		size_t length;
		char *bytes = output_of(folder, names[i], &length);
		int leaked = bytes != NULL &&
		             memmem(bytes, length, CHECK_SECRET,
		                    strlen(CHECK_SECRET)) != NULL;

		free(bytes);
		if (!leaked && (i == 1 || length == 0))
			continue;
		outcome->result = FAILED;
		if (leaked)
			snprintf(outcome->reason, sizeof outcome->reason,
			         "the value of a secret turned up in what the "
			         "plugin said, logged or sent");
		else
			snprintf(outcome->reason, sizeof outcome->reason,
			         "the plugin wrote %zu bytes to standard "
			         "output, which belongs to the host",
			         length);
	}
}

static void
judge(const char *text, int in_time, int status, int seconds,
      struct outcome *outcome)
{
	outcome->result = FAILED;
	if (text[0] == 'P' || text[0] == 'S' || text[0] == 'F') {
		outcome->result = text[0] == 'P'   ? PASSED
		                  : text[0] == 'S' ? SKIPPED
		                                   : FAILED;
		ww_text_clean(outcome->reason, sizeof outcome->reason,
		              text + 1, strlen(text + 1));
	} else if (!in_time) {
		snprintf(outcome->reason, sizeof outcome->reason,
		         "it was not done after %d seconds", seconds);
	} else if (WIFSIGNALED(status)) {
		snprintf(outcome->reason, sizeof outcome->reason,
		         "the process ended with signal %d (%s)",
		         WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else {
		snprintf(outcome->reason, sizeof outcome->reason,
		         "the plugin ended the process with exit code %d",
		         WEXITSTATUS(status));
	}
}

static void
run_child(struct run *run, const struct check_test *test,
          struct outcome *outcome)
{
	struct check check = { .request = run->request };
	char text[VERDICT_LIMIT] = "";
	int ends[2], status = 0, in_time;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		snprintf(outcome->reason, sizeof outcome->reason, "no pipe: %s",
		         strerror(errno));
		outcome->result = FAILED;
		return;
	}
	check.folder = ww_text("%s/%d", run->folder, run->n);
	ww_path_create(check.folder, NULL);
	check.verdict = ends[1];
	fflush(stdout);
	child = fork();
	if (child == 0)
		be_child(&check, test, run->folder);
	close(ends[1]);
	in_time = child > 0 &&
	          listen_for(ends[0], test->seconds * PATIENCE, text,
	                     sizeof text);
	if (child > 0) {
		/* What a plugin left running must not hold the next test up. */
		if (!in_time)
			kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			continue;
		kill(-child, SIGKILL);
	}
	close(ends[0]);
	judge(text, in_time, status, test->seconds * PATIENCE, outcome);
	judge_output(run->folder, outcome);
	ww_path_remove(check.folder);
	free(check.folder);
}

static void
print_json(const struct check_test *test, const struct outcome *outcome)
{
	static const char *const names[] = { "passed", "failed", "skipped" };
	struct json_object *line = json_object_new_object();

	ww_json_put_string(line, "type", "check");
	ww_json_put_string(line, "id", test->id);
	ww_json_put_string(line, "title", test->title);
	ww_json_put_string(line, "result", names[outcome->result]);
	ww_json_put_string(line, "reason", outcome->reason);
	puts(ww_json_text(line));
	json_object_put(line);
}

static void
print_outcome(struct run *run, const struct check_test *test,
              const struct outcome *outcome)
{
	run->counts[outcome->result]++;
	if (run->request->json) {
		print_json(test, outcome);
	} else {
		printf("%sok %d - %s: %s", outcome->result == FAILED ? "not " : "",
		       run->n, test->id, test->title);
		if (outcome->result == SKIPPED)
			printf(" # SKIP %s", outcome->reason);
		printf("\n");
		if (outcome->result == FAILED)
			printf("# %s: %s\n", test->id, outcome->reason);
	}
	fflush(stdout);
}

static void
run_test(struct run *run, const struct check_test *test)
{
	struct outcome outcome = { .result = SKIPPED,
		                   .reason = "a plugin that cannot be loaded "
		                             "cannot be tried" };

	run->n++;
	if (!run->closed)
		run_child(run, test, &outcome);
	print_outcome(run, test, &outcome);
}

static int
is_wanted(const struct check_test *test, const char *only)
{
	return only == NULL || strncmp(test->id, only, strlen(only)) == 0;
}

static void
run_group(struct run *run, const struct check_group *group)
{
	int before = run->counts[FAILED];
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (is_wanted(&group->tests[i], run->request->only))
			run_test(run, &group->tests[i]);
		if (group->gate && run->counts[FAILED] > before &&
		    (i == 0 || i + 1 == group->n))
			run->closed = 1;
	}
}

static void
print_end(const struct run *run)
{
	struct json_object *line;

	if (!run->request->json) {
		printf("1..%d\n# %d passed, %d failed, %d skipped\n", run->n,
		       run->counts[PASSED], run->counts[FAILED],
		       run->counts[SKIPPED]);
		return;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "summary");
	ww_json_put_int(line, "passed", run->counts[PASSED]);
	ww_json_put_int(line, "failed", run->counts[FAILED]);
	ww_json_put_int(line, "skipped", run->counts[SKIPPED]);
	puts(ww_json_text(line));
	json_object_put(line);
}

/* Tests run in a folder of their own. */
static char *
absolute_or_null(const char *path)
{
	return path != NULL ? ww_path_absolute(path) : NULL;
}

static int
is_for(const struct check_group *group, const struct ww_plugin_file *file)
{
	return group->kind[0] == '\0' || strcmp(group->kind, file->kind) == 0;
}

int
ww_check_any(const struct ww_check_request *request)
{
	struct ww_plugin_file name = { 0 };
	int any = 0;
	size_t i, k;

	ww_plugin_file_name(&name, request->path, NULL);
	for (i = 0; i < sizeof groups / sizeof groups[0]; i++)
		for (k = 0; k < groups[i]->n && is_for(groups[i], &name); k++)
			any |= is_wanted(&groups[i]->tests[k], request->only);
	ww_plugin_file_clear(&name);
	return any;
}

int
ww_check_plugin(const struct ww_check_request *request)
{
	struct ww_plugin_file name = { 0 };
	struct ww_check_request absolute = *request;
	struct run run = { .request = &absolute };
	const char *base = getenv("TMPDIR");
	char *path = ww_path_absolute(request->path);
	char *recording = absolute_or_null(request->recording);
	char *task = absolute_or_null(request->task);
	size_t i;

	absolute.path = path;
	absolute.recording = recording;
	absolute.task = task;
	run.folder = ww_text("%s/warpwright-check-XXXXXX",
	                     base != NULL && base[0] == '/' ? base : "/tmp");
	if (mkdtemp(run.folder) == NULL) {
		fprintf(stderr, "warpwright: cannot create %s: %s\n",
		        run.folder, strerror(errno));
		free(run.folder);
		free(recording);
		free(task);
		free(path);
		return -1;
	}
	ww_plugin_file_name(&name, path, NULL);
	for (i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (is_for(groups[i], &name))
			run_group(&run, groups[i]);
	print_end(&run);
	ww_path_remove(run.folder);
	ww_plugin_file_clear(&name);
	free(run.folder);
	free(recording);
	free(task);
	free(path);
	return run.counts[FAILED];
}
