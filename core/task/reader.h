/* SPDX-License-Identifier: MIT
 *
 * How a file becomes a task. Each format is one reader, chosen by what the file
 * holds, not by its name. A reader fills the task through the functions below,
 * which own all memory, and ends with ww_task_finish(), which checks what holds
 * for every format.
 */
#ifndef WW_CORE_TASK_READER_H
#define WW_CORE_TASK_READER_H

#include "core/task/task.h"

/* What a reader gets. */
struct ww_task_input {
	const char *bytes;  /* of the file, NUL-terminated, maybe compressed */
	size_t length;
	const char *path;   /* as the user wrote it, for messages */
	const char *folder; /* absolute; relative paths start here */
};

struct ww_task_reader {
	const char *format; /* "task", "T1", "recording" */
	/* Cheap: looks at the bytes, reports nothing. */
	bool (*recognise)(const struct ww_task_input *input);
	ww_status (*read)(const struct ww_task_input *input,
	                  struct ww_task *task, struct ww_error *error);
};

/* The format of the task's JSON Schema; takes whatever nobody else wants. */
extern const struct ww_task_reader ww_task_reader_native;

/* -- filling a task -------------------------------------------------------
 *
 * The task arrives with path, text and sizes of structs set, everything else
 * zero. Strings in it belong to the task: make them with ww_task_keep().
 */
const char *ww_task_keep(struct ww_task *task, const char *text);
const char *ww_task_keep_n(struct ww_task *task, const char *text,
                           size_t length);
void ww_task_add_size(struct ww_task *task, const char *name, double value,
                      bool integral);
/* A zeroed argument at the end of the list; valid until the next one. */
struct ww_argument *ww_task_add_argument(struct ww_task *task,
                                         const char *name);
void ww_task_add_option(struct ww_task *task, struct ww_kernel *kernel,
                        const char *option);
/* Reads a source file into `kernel` (path, directory, source). If it does not
 * exist and `required` is false, path is set and source stays null. */
ww_status ww_task_source(struct ww_task *task, struct ww_kernel *kernel,
                         const char *folder, const char *file, bool required,
                         struct ww_error *error);

/* Launch geometry as expressions; null: absent. The first `dimensions` of
 * grid and block count; needs task->space. Also for the reference's launch, which
 * is evaluated at once with the default configuration. */
struct ww_launch_text {
	unsigned dimensions; /* 1…3 */
	const char *grid[3];
	const char *block[3];
	const char *cluster[3];
	const char *shared_bytes;
};
ww_status ww_task_set_launch(struct ww_task *task,
                             const struct ww_launch_text *text,
                             struct ww_error *error);
ww_status ww_task_eval_launch(const struct ww_task *task,
                              const struct ww_launch_text *text,
                              const uint32_t *indices,
                              struct ww_launch *launch,
                              struct ww_error *error);
/* Useful work of a configuration; null: unknown. Needs task->space. */
ww_status ww_task_set_work(struct ww_task *task, const char *flops,
                           const char *bytes, struct ww_error *error);
/* Evaluates an expression that must not depend on parameters. */
ww_status ww_task_constant(const struct ww_task *task, const char *expression,
                           double *value, struct ww_error *error);

/* Names of WW_TYPE_…, the first number first, and tolerances that fit a type. */
const char *const *ww_type_names(size_t *n);
void ww_type_tolerance(uint32_t type, double *absolute, double *relative);

/* What every format must fulfil: a name, a space that is not empty, a default
 * inside it. Computes the hashes. */
ww_status ww_task_finish(struct ww_task *task, struct ww_error *error);

#endif
