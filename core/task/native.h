/* SPDX-License-Identifier: MIT
 *
 * The reader of Warpwright's own task format, split by section. Every message
 * names file and line; an unknown member is an error with the closest name.
 */
#ifndef WW_CORE_TASK_NATIVE_H
#define WW_CORE_TASK_NATIVE_H

#include "core/task/reader.h"

struct ww_native {
	const struct ww_task_input *input;
	struct ww_task *task;
	struct json_object *root;
	struct ww_space_builder *builder;
	struct ww_error *error;
	double absolute; /* of the task's own "tolerance"; NaN: by type */
	double relative;
};

/* Sets "file:line: …" for the member at `path` and returns WW_E_CONFIG. */
ww_status ww_native_fail(struct ww_native *native, const char *path,
                         const char *format, ...) WW_PRINTF(3, 4);
/* Puts "file:line: path: " before a message that is there already; its status
 * becomes WW_E_CONFIG. */
ww_status ww_native_locate(struct ww_native *native, const char *path);

/* Members that an object may have; the list ends with null. */
ww_status ww_native_members(struct ww_native *native,
                            struct json_object *object, const char *path,
                            const char *const *names);
/* A member that must have this type if it is there; *member is null if not. */
ww_status ww_native_member(struct ww_native *native,
                           struct json_object *object, const char *path,
                           const char *key, enum json_type type,
                           struct json_object **member);
/* The characters of a string, which must not hold a NUL. */
ww_status ww_native_text(struct ww_native *native, struct json_object *string,
                         const char *path, const char **text);
/* A member that is a string; *text is null if it is not there. */
ww_status ww_native_string(struct ww_native *native,
                           struct json_object *object, const char *path,
                           const char *key, const char **text);
/* A number, or null. */
ww_status ww_native_number(struct ww_native *native,
                           struct json_object *object, const char *path,
                           const char *key, double *number);
/* An expression: a string, or a number, which is turned into one (kept). */
ww_status ww_native_expression(struct ww_native *native,
                               struct json_object *value, const char *path,
                               const char **text);
/* "path.key", or "key"; kept by the task. */
const char *ww_native_path(struct ww_native *native, const char *path,
                           const char *key);
const char *ww_native_item(struct ww_native *native, const char *path,
                           size_t index);

/* The sections. */
ww_status ww_native_parameters(struct ww_native *native);
ww_status ww_native_constraints(struct ww_native *native);
ww_status ww_native_kernel(struct ww_native *native);
ww_status ww_native_work(struct ww_native *native);
ww_status ww_native_launch(struct ww_native *native);
ww_status ww_native_arguments(struct ww_native *native);
ww_status ww_native_reference(struct ww_native *native);
/* {absolute, relative} of an object's member "tolerance". */
ww_status ww_native_tolerance(struct ww_native *native,
                              struct json_object *object, const char *path,
                              double *absolute, double *relative);

#endif
