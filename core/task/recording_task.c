/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/recording.h"

/* What a session stores instead of megabytes of results; also how the program
 * itself asks for a recording with hidden names:
 *     {"recording": "/absolute/path", "anonymous": false} */
#define LONGEST_NOTE 8192

static struct json_object *
parse_note(const char *bytes, size_t length)
{
	struct json_object *note = NULL;
	struct ww_error ignored;

	if (length > LONGEST_NOTE || bytes[0] != '{' ||
	    ww_json_parse(bytes, length, "", 0, &note, &ignored) != WW_OK)
		return NULL;
	if (ww_json_string(note, "recording", NULL) != NULL)
		return note;
	json_object_put(note);
	return NULL;
}

static bool
recognise(const struct ww_task_input *input)
{
	struct json_object *note = parse_note(input->bytes, input->length);

	json_object_put(note);
	return note != NULL ||
	       ww_recording_recognise(input->bytes, input->length);
}

char *
ww_recording_name(const char *path)
{
	static const char *const endings[] = { ".gz", ".json", ".t4",
		                               ".cache" };
	const char *slash = strrchr(path, '/');
	char *name = ww_copy(slash != NULL ? slash + 1 : path);
	size_t i;

	for (i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t n = strlen(name), k = strlen(endings[i]);

		if (n > k && strcmp(name + n - k, endings[i]) == 0)
			name[n - k] = '\0';
	}
	return name;
}

static void
describe(struct ww_task *task, const struct ww_recording *recording,
         bool anonymous)
{
	char *name, *text;

	if (anonymous) {
		task->name = "kernel";
		task->description = ww_task_keep(
			task, "a recorded space; names and values are hidden");
		return;
	}
	name = ww_recording_name(recording->path);
	task->name = ww_task_keep(task, name);
	free(name);
	text = ww_text("kernel %s recorded on %s: %llu configurations",
	               recording->kernel[0] != '\0' ? recording->kernel
	                                            : "(not named)",
	               recording->device[0] != '\0' ? recording->device
	                                            : "a device not named",
	               (unsigned long long)recording->n_entries);
	task->description = ww_task_keep(task, text);
	task->kernel.entry = ww_task_keep(task, recording->kernel);
	if (recording->device[0] != '\0')
		task->recorded_on = ww_task_keep(task, recording->device);
	free(text);
}

static void
keep_note(struct ww_task *task, const char *file, bool anonymous)
{
	struct json_object *note = json_object_new_object();

	ww_json_put_string(note, "recording", file);
	ww_json_put_bool(note, "anonymous", anonymous);
	task->text = ww_task_keep(task, ww_json_text(note));
	json_object_put(note);
	task->backend = "recorded";
	task->backend_options = json_object_new_object();
	ww_json_put_string(task->backend_options, "file", file);
	json_object_object_add(task->backend_options, "by_position",
	                       json_object_new_boolean(anonymous));
}

static ww_status
make_task(struct ww_task *task, const struct ww_recording *recording,
          const char *file, bool anonymous, struct ww_error *error)
{
	ww_status status;

	describe(task, recording, anonymous);
	keep_note(task, file, anonymous);
	task->seed = 1;
	status = ww_recording_space(recording, anonymous, &task->space, error);
	if (status == WW_OK)
		status = ww_task_finish(task, error);
	if (status != WW_OK)
		return ww_error_prefix(error, "%s: ", recording->path);
	return WW_OK;
}

static ww_status
read_recording(const struct ww_task_input *input, struct ww_task *task,
               struct ww_error *error)
{
	struct json_object *note = parse_note(input->bytes, input->length);
	bool anonymous = ww_json_bool(note, "anonymous", false);
	char *file = note != NULL
	                     ? ww_copy(ww_json_string(note, "recording", ""))
	                     : ww_copy(task->path);
	struct ww_recording *recording = NULL;
	char message[WW_RECORDING_MESSAGE];
	ww_status status;

	json_object_put(note);
	status = note != NULL ? ww_recording_read(file, &recording, message)
	                      : ww_recording_parse(input->bytes, input->length,
	                                           input->path, &recording,
	                                           message);
	if (status != WW_OK)
		ww_error_set(error, status, "%s", message);
	else
		status = make_task(task, recording, file, anonymous, error);
	if (status == WW_OK && recording->truncated)
		ww_logf(WW_LOG_WARNING, "task",
		        "%s ends in the middle; it is read as far as it goes, "
		        "%llu configurations", recording->path,
		        (unsigned long long)recording->n_entries);
	ww_recording_free(recording);
	free(file);
	return status;
}

const struct ww_task_reader ww_task_reader_recording = {
	.format = "recording",
	.recognise = recognise,
	.read = read_recording,
};

ww_status
ww_task_load_anonymous(const char *path, struct ww_task **task,
                       struct ww_error *error)
{
	struct json_object *note = json_object_new_object();
	char *file = ww_path_absolute(path);
	const char *text;
	ww_status status;

	ww_json_put_string(note, "recording", file);
	ww_json_put_bool(note, "anonymous", true);
	text = ww_json_text(note);
	status = ww_task_parse(text, strlen(text), path, task, error);
	json_object_put(note);
	free(file);
	return status;
}
