/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/task/t1.h"

/* The member's name is enough to parse; whether it really is one is said by the
 * parser, with line and column. */
static bool
recognise(const struct ww_task_input *input)
{
	return strstr(input->bytes, "\"ConfigurationSpace\"") != NULL;
}

static ww_status
read_t1(const struct ww_task_input *input, struct ww_task *task,
        struct ww_error *error)
{
	struct ww_task_input native = *input;
	struct json_object *root, *made;
	ww_status status = ww_json_parse(input->bytes, input->length,
	                                 input->path, WW_JSON_COMMENTS, &root,
	                                 error);

	if (status != WW_OK)
		return status;
	if (!ww_t1_recognise(root))
		status = ww_error_set(error, WW_E_FORMAT,
		                      "%s: \"ConfigurationSpace\" is not an "
		                      "object, so this is no T1 file",
		                      input->path);
	else
		status = ww_t1_translate(root, input->path, &made, error);
	json_object_put(root);
	if (status != WW_OK)
		return status;
	native.bytes = ww_json_text(made);
	native.length = strlen(native.bytes);
	status = ww_task_reader_native.read(&native, task, error);
	json_object_put(made);
	return status;
}

const struct ww_task_reader ww_task_reader_t1 = {
	.format = "T1",
	.recognise = recognise,
	.read = read_t1,
};
