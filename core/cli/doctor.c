/* SPDX-License-Identifier: MIT
 *
 * warpwright doctor: what works on this machine, and what to do about the rest.
 */
#include "core/cli/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/engine/device_list.h"

static void
show_line(const struct ww_doctor *doctor, const char *state,
          const char *subject, const char *finding, const char *remedy)
{
	struct json_object *line;

	if (doctor->cli->json) {
		line = json_object_new_object();
		ww_json_put_string(line, "type", "check");
		ww_json_put_string(line, "subject", subject);
		ww_json_put_string(line, "state", state);
		ww_json_put_string(line, "finding", finding);
		ww_json_put_string(line, "remedy", remedy);
		ww_cli_json_line(line);
		return;
	}
	if (doctor->cli->quiet && remedy == NULL)
		return;
	printf("%-8s %-20s %s\n", state, subject, finding);
	if (remedy != NULL && remedy[0] != '\0')
		printf("%-8s %-20s -> %s\n", "", "", remedy);
}

void
ww_doctor_line(struct ww_doctor *doctor, const char *subject,
               const char *finding, const char *remedy, int essential)
{
	if (remedy != NULL && essential && doctor->code == 0)
		doctor->code = essential;
	show_line(doctor,
	          remedy == NULL ? "ok"
	          : essential    ? "missing"
	                         : "warn",
	          subject, finding, remedy);
}

void
ww_doctor_absent(struct ww_doctor *doctor, const char *subject,
                 const char *finding)
{
	show_line(doctor, "absent", subject, finding, NULL);
}

/* ----------------------------------------------------------------- plugins */

static void
check_kind(struct ww_doctor *doctor, const char *kind)
{
	char *names = ww_copy("");
	size_t i, n = 0;

	for (i = 0; i < ww_registry_count(doctor->cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(doctor->cli->registry, i);
		char *longer;

		if (entry->state != WW_PLUGIN_LOADED ||
		    strcmp(entry->kind, kind) != 0)
			continue;
		longer = ww_text("%s%s%s", names, n++ > 0 ? ", " : "",
		                 entry->name);
		free(names);
		names = longer;
	}
	ww_doctor_line(doctor, kind, n > 0 ? names : "none is loaded",
	               n > 0 ? NULL
	                     : "install the plugins, or name their folder in "
	                       "WARPWRIGHT_PLUGIN_PATH or plugin.path",
	               WW_EXIT_PLUGIN);
	free(names);
}

static void
check_plugins(struct ww_doctor *doctor)
{
	size_t i;

	check_kind(doctor, "provider");
	check_kind(doctor, "strategy");
	check_kind(doctor, "backend");
	for (i = 0; i < ww_registry_count(doctor->cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(doctor->cli->registry, i);

		if (entry->state == WW_PLUGIN_REFUSED)
			ww_doctor_line(doctor, "refused plugin", entry->path,
			               entry->reason, 0);
	}
}

/* ------------------------------------------------------- places and tools */

static void
check_data(struct ww_doctor *doctor)
{
	char *folder = ww_path_data();
	char *path = ww_path_join(folder, "prompts/system.txt");
	int there = access(path, R_OK) == 0;

	ww_doctor_line(doctor, "prompt templates", folder,
	               there ? NULL
	                     : "the files are not there; set WARPWRIGHT_DATA "
	                       "to the share folder, or install again",
	               WW_EXIT_INPUT);
	free(path);
	free(folder);
}

static void
check_store(struct ww_doctor *doctor)
{
	struct ww_store *store = NULL;
	struct ww_error error = { 0 };

	if (ww_cli_store(doctor->cli, &store, &error) != WW_OK) {
		ww_doctor_line(doctor, "store", error.text,
		               "sessions cannot be kept until this is mended",
		               WW_EXIT_STORE);
		return;
	}
	ww_doctor_line(doctor, "store", ww_store_path(store), NULL, 0);
	ww_store_close(store);
}

static void
check_cache(struct ww_doctor *doctor)
{
	const char *set = ww_setting_string(doctor->cli->settings,
	                                    "parallel.cache_dir");
	char *folder = set != NULL ? ww_copy(set) : ww_path_cache();
	struct ww_error error = { 0 };
	int usable = ww_path_create(folder, &error) == WW_OK &&
	             access(folder, W_OK) == 0;

	ww_doctor_line(doctor, "artifact cache", folder,
	               usable ? NULL
	                      : "it cannot be written: everything is compiled "
	                        "again in every session; see "
	                        "parallel.cache_dir",
	               0);
	free(folder);
}

/* The first of the names that PATH knows, as a path; null if none. */
static char *
find_program(const char *const *names)
{
	const char *path = getenv("PATH");
	const char *at, *end;

	for (; *names != NULL; names++)
		for (at = path; at != NULL; at = *end == ':' ? end + 1 : NULL) {
			char *folder, *program;

			end = at + strcspn(at, ":");
			folder = ww_copy_n(at, (size_t)(end - at));
			program = ww_path_join(folder, *names);
			free(folder);
			if (access(program, X_OK) == 0)
				return program;
			free(program);
		}
	return NULL;
}

static void
check_compiler(struct ww_doctor *doctor, const char *subject,
               const char *const *names, const char *remedy)
{
	char *program = find_program(names);

	ww_doctor_line(doctor, subject, program != NULL ? program : "none",
	               program != NULL ? NULL : remedy, 0);
	free(program);
}

static void
check_compilers(struct ww_doctor *doctor)
{
	static const char *const c[] = { "cc", "gcc", "clang", NULL };
	static const char *const cxx[] = { "c++", "g++", "clang++", NULL };

	check_compiler(doctor, "C compiler", c,
	               "needed for kernels in C: install gcc or clang");
	check_compiler(doctor, "C++ compiler", cxx,
	               "needed for kernels in C++: install g++ or clang");
}

/* ----------------------------------------------------------------- devices */

static size_t
check_backend(struct ww_doctor *doctor, const struct ww_plugin *backend)
{
	struct ww_device_list list = { 0 };
	struct ww_error error = { 0 };
	char subject[64];
	size_t i, n;

	snprintf(subject, sizeof subject, "device (%s)", backend->name);
	if (ww_devices_find(doctor->cli->settings, doctor->cli->registry,
	                    backend, NULL, &doctor->cli->cancel, &list,
	                    &error) != WW_OK) {
		if (error.status == WW_E_CANCELLED)
			return 0;
		if (error.status == WW_E_NO_DEVICE)
			ww_doctor_absent(doctor, subject, error.text);
		else
			ww_doctor_line(doctor, subject, "not usable here",
			               error.text, 0);
		return 0;
	}
	n = list.n;
	for (i = 0; i < n; i++)
		ww_doctor_line(doctor, subject, list.devices[i].name, NULL, 0);
	if (n == 0)
		ww_doctor_absent(doctor, subject,
		                 "none; if there is one, look at its driver");
	ww_devices_clear(&list);
	return n;
}

static void
check_devices(struct ww_doctor *doctor)
{
	size_t i, n = 0;

	for (i = 0; i < ww_registry_count(doctor->cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(doctor->cli->registry, i);

		if (entry->state == WW_PLUGIN_LOADED &&
		    ww_cli_drives_devices(entry->plugin) &&
		    !ww_cancel_requested(&doctor->cli->cancel))
			n += check_backend(doctor, entry->plugin);
	}
	if (n == 0 && !ww_cancel_requested(&doctor->cli->cancel))
		ww_doctor_line(doctor, "device", "none at all",
		               "nothing can be measured on this machine; "
		               "recordings can still be replayed",
		               WW_EXIT_DEVICE);
}

static void
check_processor(struct ww_doctor *doctor)
{
	static const char governor[] =
		"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
	char *text = NULL;
	char finding[64];
	size_t length;

	snprintf(finding, sizeof finding, "%d for this process",
	         ww_processors());
	ww_doctor_line(doctor, "processor cores", finding, NULL, 0);
	if (ww_file_read(governor, 64, &text, &length, NULL) != WW_OK)
		return;
	text[strcspn(text, "\n")] = '\0';
	ww_doctor_line(doctor, "clock governor", text,
	               strcmp(text, "performance") == 0
	                       ? NULL
	                       : "times of CPU kernels scatter less with "
	                         "'cpupower frequency-set -g performance'",
	               0);
	free(text);
}

/* ----------------------------------------------------------------- command */

static int
run(struct ww_cli *cli)
{
	struct ww_doctor doctor = { .cli = cli };
	int n, code = ww_cli_flags(cli, NULL, 0, &n);

	if (code != 0)
		return code;
	if (n != 0)
		return ww_cli_usage("doctor takes no argument");
	check_plugins(&doctor);
	check_data(&doctor);
	check_store(&doctor);
	check_cache(&doctor);
	check_compilers(&doctor);
	check_processor(&doctor);
	check_devices(&doctor);
	if (!ww_cancel_requested(&cli->cancel))
		ww_doctor_models(&doctor);
	return ww_cancel_requested(&cli->cancel) ? WW_EXIT_INTERRUPTED
	                                         : doctor.code;
}

const struct ww_command ww_command_doctor = {
	.name = "doctor",
	.arguments = "[options]",
	.summary = "what works on this machine, and what to do about the rest",
	.help = "Looks at plugins, data files, store, cache, compilers, devices "
	        "and model\naccess. A line is ok, absent (optional, not "
	        "here), warn (work goes on\nwithout it) or missing. --quiet shows "
	        "only the last two. The exit code is 0\nunless something is "
	        "missing.\n",
	.run = run,
};
