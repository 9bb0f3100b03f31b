/* SPDX-License-Identifier: MIT
 *
 * A task: the file that describes kernel, space, data, launch and check.
 * Immutable once loaded; nothing in the file is executed except the kernel it
 * names.
 */
#ifndef WW_CORE_TASK_H
#define WW_CORE_TASK_H

#include "core/space/space.h"
#include "warpwright/backend.h"

struct ww_task_size { /* a named problem size */
	const char *name;
	double value;
	bool integral;
};

/* Where the reference outputs come from. */
#define WW_TASK_REFERENCE_NONE 0u
#define WW_TASK_REFERENCE_KERNEL 1u /* another entry or source */
#define WW_TASK_REFERENCE_CONFIG 2u /* a trusted configuration of the kernel */
#define WW_TASK_REFERENCE_FILES 3u

struct ww_task_reference {
	unsigned kind;
	struct ww_kernel kernel;    /* KERNEL: its source and entry */
	uint32_t *indices;          /* CONFIG */
	struct ww_launch launch;    /* KERNEL: geometry, evaluated */
};

struct ww_task {
	const char *name;
	const char *description;
	const char *path;           /* absolute */
	const char *text;           /* the file's bytes */
	size_t text_length;         /* they may be compressed: no text at all */
	struct ww_kernel kernel;    /* size, language, source, … as for plugins */
	const char *kind;           /* "matmul", "stencil", … or "" */
	const char *access_pattern; /* in words, or "" */
	const char *backend;        /* asked for by the task, or null: by language */
	const char *target;         /* compile target, or null */
	const char *recorded_on;    /* device of a recording, or null */
	/* Options of that backend that follow from the file and win over the
	 * settings (a recording names itself as "file"), or null. */
	struct json_object *backend_options;
	const struct ww_task_size *sizes;
	uint32_t n_sizes;
	struct ww_search_space *space;
	struct ww_argument *arguments; /* sizes evaluated, paths absolute */
	uint32_t n_arguments;
	struct ww_task_reference reference;
	const char *objective;      /* "time", "energy" or "edp" */
	uint64_t seed;
	char kernel_hash[33];       /* source, entry, options, language */
	char space_hash[33];        /* parameters and constraints */
	struct ww_task_impl *impl;
};

/* Loads a task file (or any format that core/task knows). On failure the
 * message holds file, line and what to write instead. WW_E_NOT_FOUND (no
 * file), WW_E_FORMAT, WW_E_CONFIG (well-formed but contradictory: empty space,
 * default outside it, unknown key, …). */
ww_status ww_task_load(const char *path, struct ww_task **task,
                       struct ww_error *error);
/* From text that a session stored; `path` names the original file. */
ww_status ww_task_parse(const char *text, size_t length, const char *path,
                        struct ww_task **task, struct ww_error *error);
void ww_task_free(struct ww_task *task);

/* What a backend without a kernel of its own language may want to know in both
 * of its halves: name, path, folder, objective, seed, problem, kernel {language,
 * source, entry, options}. To be put. */
struct json_object *ww_task_sheet(const struct ww_task *task);

/* Launch geometry of a configuration. */
ww_status ww_task_launch(const struct ww_task *task, const uint32_t *indices,
                         struct ww_launch *launch, struct ww_error *error);
/* The same as the task writes it: one expression a dimension; null where there is
 * none, all of them where there is no geometry. */
struct ww_task_geometry {
	const char *grid[3];
	const char *block[3];
	const char *cluster[3];
	const char *shared_bytes;
};
void ww_task_geometry(const struct ww_task *task,
                      struct ww_task_geometry *geometry);
/* "float32", …, of WW_TYPE_…; "" if unknown. */
const char *ww_type_name(uint32_t type);
/* Problem sizes, then active parameters, as a backend gets them. The array and
 * its strings belong to the caller's `values` buffer of
 * ww_task_value_limit() entries; strings live as long as the task. */
uint32_t ww_task_value_limit(const struct ww_task *task);
uint32_t ww_task_values(const struct ww_task *task, const uint32_t *indices,
                        struct ww_value *values);
/* Useful flops and bytes moved; NaN if the task does not say. */
double ww_task_flops(const struct ww_task *task, const uint32_t *indices);
double ww_task_bytes(const struct ww_task *task, const uint32_t *indices);

#endif
