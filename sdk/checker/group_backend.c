/* SPDX-License-Identifier: MIT
 *
 * Group backend: the compile half, which must not touch a device.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "sdk/checker/backend.h"
#include "sdk/checker/use.h"

static void
ask_text(struct check *check, int targets)
{
	struct host *host = host_new(check, 1);
	const struct ww_backend_ops *ops = check->plugin->ops;
	struct use_text first, second;
	struct use_text *texts[] = { &first, &second };
	int i;

	if (ops->compile == NULL)
		check_skip(check, "it compiles nothing");
	host_must_open(host, NULL);
	for (i = 0; i < 2; i++) {
		struct ww_call_frame frame;
		ww_status status;

		use_text_start(texts[i]);
		host_call_start(host, &frame);
		status = targets ? ops->compile->targets(&frame.call,
		                                         host->self,
		                                         &texts[i]->face)
		                 : ops->compile->identity(&frame.call,
		                                          host->self,
		                                          &texts[i]->face);
		status = host_call_end(host, &frame, status);
		if (status == WW_E_UNAVAILABLE || status == WW_E_OPTION)
			check_skip(check, "%s", host->error.text);
		check_that(check, status == WW_OK, "it failed: %s",
		           host->error.text);
	}
	check_that(check, first.length > 0, "it wrote nothing");
	check_that(check,
	           first.length == second.length &&
	                   strcmp(first.bytes, second.bytes) == 0,
	           "it said something else the second time");
	host_close(host);
}

static void
targets(struct check *check)
{
	ask_text(check, 1);
}

static void
identity(struct check *check)
{
	ask_text(check, 0);
}

static void
must_build(struct backend_run *run, const char *name,
           struct backend_build *build)
{
	struct check *check = run->host->check;

	backend_build(run, 0, name, build);
	if (build->status == WW_E_UNAVAILABLE)
		check_skip(check, "%s", run->host->error.text);
	check_that(check, build->status == WW_OK, "build() failed: %s (%s)",
	           run->host->error.text, build->diagnosis);
	check_that(check, build->artifacts == 1,
	           "build() gave %u artifacts, expected one", build->artifacts);
	check_that(check, build->length > 0, "the artifact is empty");
}

static void
builds(struct check *check)
{
	struct backend_run run;
	struct backend_build build;

	backend_start(&run, check);
	backend_prepare(&run);
	must_build(&run, "scratch", &build);
	backend_build_clear(&build);
	backend_end(&run);
}

/* In folders of different names, as every worker has its own. */
static void
same_bytes(struct check *check)
{
	struct backend_run run;
	struct backend_build first, second;

	backend_start(&run, check);
	backend_prepare(&run);
	must_build(&run, "one-folder", &first);
	must_build(&run, "another", &second);
	check_that(check,
	           first.length == second.length &&
	                   memcmp(first.bytes, second.bytes, first.length) == 0,
	           "two builds of one configuration differ (%zu and %zu "
	           "bytes); the host could not see that they are equal",
	           first.length, second.length);
	backend_build_clear(&first);
	backend_build_clear(&second);
	backend_end(&run);
}

static void
garbage(struct check *check)
{
	static const char source[] = "this is ( no kernel } in any language";
	struct backend_run run;
	struct backend_build build;

	backend_start(&run, check);
	run.task->kernel.source = source;
	run.task->kernel.source_length = sizeof source - 1;
	/* A compiler that reads the file finds the same there. */
	if (run.task->kernel.path != NULL) {
		char *path = ww_text("%s/garbage", check->folder);
		FILE *file = fopen(path, "w");

		check_that(check, file != NULL, "cannot write %s", path);
		fputs(source, file);
		fclose(file);
		run.task->kernel.path = path;
	}
	backend_prepare(&run);
	backend_build(&run, 0, "scratch", &build);
	if (build.status == WW_E_UNAVAILABLE)
		check_skip(check, "%s", run.host->error.text);
	check_that(check, build.status < 0, "it built garbage");
	check_that(check, build.artifacts == 0,
	           "it failed and gave an artifact all the same");
	check_that(check, build.status == WW_E_COMPILE,
	           "garbage failed as '%s', expected 'compile'",
	           ww_status_name(build.status));
	check_that(check,
	           build.diagnosis[0] != '\0' ||
	                   strstr(run.host->error.text, "gave no reason") ==
	                           NULL,
	           "garbage failed without a word of the compiler");
	backend_end(&run);
}

/* Files of devices that this process has open. */
static void
no_open_device(struct check *check)
{
	static const char *const devices[] = { "/dev/nvidia", "/dev/kfd",
		                               "/dev/dri" };
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		char link[300], target[300];
		ssize_t length;
		size_t i;

		snprintf(link, sizeof link, "/proc/self/fd/%.200s",
		         entry->d_name);
		length = readlink(link, target, sizeof target - 1);
		target[length > 0 ? length : 0] = '\0';
		for (i = 0; i < sizeof devices / sizeof devices[0]; i++)
			check_that(check,
			           strncmp(target, devices[i],
			                   strlen(devices[i])) != 0,
			           "the compile half opened %s", target);
	}
	if (folder != NULL)
		closedir(folder);
}

static void
no_device(struct check *check)
{
	struct backend_run run;
	struct backend_build build;

	backend_start(&run, check);
	backend_prepare(&run);
	must_build(&run, "scratch", &build);
	no_open_device(check);
	backend_build_clear(&build);
	backend_end(&run);
}

static void
many_units(struct check *check)
{
	struct backend_run run;
	int i;

	backend_start(&run, check);
	for (i = 0; i < 50; i++) {
		backend_prepare(&run);
		run.ops->compile->drop(run.unit);
		run.unit = NULL;
	}
	backend_end(&run);
	check_that(check, run.host->bytes == 0,
	           "%llu bytes of the host's memory are left",
	           (unsigned long long)run.host->bytes);
}

static const struct check_test tests[] = {
	{ "backend.targets", "names what it compiles for, always the same", 30,
	  targets },
	{ "backend.identity", "names its compiler, always the same", 30,
	  identity },
	{ "backend.build", "builds the default configuration", 120, builds },
	{ "backend.same-bytes", "the same input gives the same bytes", 120,
	  same_bytes },
	{ "backend.garbage", "garbage is a compile error with a diagnosis", 120,
	  garbage },
	{ "backend.no-device", "compiling opens no device", 120, no_device },
	{ "backend.units", "prepares and drops again and again", 120,
	  many_units },
};

const struct check_group check_group_backend = {
	.kind = "backend",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
