/* SPDX-License-Identifier: MIT
 *
 * Between the parts of the T1 reader only.
 */
#ifndef WW_CORE_T1_INTERNAL_H
#define WW_CORE_T1_INTERNAL_H

#include "core/task/t1.h"

struct ww_t1 {
	struct json_object *space;  /* ConfigurationSpace */
	struct json_object *kernel; /* KernelSpecification */
	struct json_object *config; /* BenchmarkConfig or null */
	struct json_object *sizes;  /* array of ProblemSize or null (owned) */
	const char *path;
	struct json_object *task;   /* under construction */
	char *unfit;                /* why it cannot be run live, or null */
	struct ww_error *error;
};

/* Values of a parameter of the task by name, or null. */
struct json_object *ww_t1_values(const struct ww_t1 *t1, const char *name);
/* A size or a geometry's axis, number or text, as text to be freed; null if
 * absent. ProblemSize[k] and max(name) are put in as numbers. */
char *ww_t1_expression(const struct ww_t1 *t1, struct json_object *value);

/* Notes why the file cannot be run; the first reason counts. */
void ww_t1_unfit(struct ww_t1 *t1, const char *format, ...) WW_PRINTF(2, 3);

/* Each adds its members to t1->task. */
ww_status ww_t1_add_launch(struct ww_t1 *t1);
ww_status ww_t1_add_arguments(struct ww_t1 *t1);
/* Replaces defaults that are outside the space by those of the valid
 * configuration closest to them. */
ww_status ww_t1_mend_defaults(struct ww_t1 *t1);

#endif
