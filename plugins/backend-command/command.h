/* SPDX-License-Identifier: MIT
 *
 * Backend command: compiling and measuring are left to a program that speaks
 * one JSON object a line (warpwright-command(7)). Shared by its files only: the
 * opened backend, the conversation, what crosses in both directions.
 */
#ifndef WW_BACKEND_COMMAND_H
#define WW_BACKEND_COMMAND_H

#include <json-c/json.h>

#include "plugins/backend-command/program.h"
#include "warpwright/plugin.h"

#define COMMAND_PROTOCOL 1

/* The opened backend. */
struct command {
	const struct ww_host *host;
	const char *const *words;  /* of the command line, or null: not set */
	struct json_object *task;  /* the task's sheet, or null: none is known */
	int64_t start_limit_ns;
	struct program program;
	unsigned starts;           /* how often the program was started */
	int64_t last_id;
	struct json_object *description; /* its answer to `describe`, or null */
	int lost;                  /* the program ended over a request */
};

/* -- talk.c: the conversation ----------------------------------------------- */

/* Starts the program, if it does not run, and has it describe itself. `role` is
 * "compile" or "device". */
ww_status command_ready(struct command *command, struct ww_call *call,
                        const char *role);
/* Sends `request` (put in any case) as `what`; *answer is to be put. Fails with
 * the class of the answer's "outcome", if that is not "ok"; its log then is in
 * *answer all the same, if there is one. */
ww_status command_ask(struct command *command, struct ww_call *call,
                      const char *what, struct json_object *request,
                      struct json_object **answer);
void command_end(struct command *command);
/* A word of the command line with its placeholder replaced, to be freed. */
ww_status command_word(const struct command *command, struct ww_call *call,
                       const char *word, char **expanded);

/* -- values.c: what crosses -------------------------------------------------- */

struct json_object *command_values(const struct ww_value *values, uint64_t n);
struct json_object *command_launch(const struct ww_launch *launch);
struct json_object *command_kernel(const struct ww_kernel *kernel,
                                   const char *entry);
struct json_object *command_arguments(const struct ww_argument *arguments,
                                      uint64_t n);

/* Members of what the program wrote; the default if absent or of another
 * type. */
struct json_object *json_member(struct json_object *object, const char *name);
const char *json_text(struct json_object *object, const char *name,
                      const char *otherwise);
double json_number(struct json_object *object, const char *name,
                   double otherwise);
int json_flag(struct json_object *object, const char *name, int otherwise);
size_t json_length(struct json_object *array); /* 0 if it is none */
/* Hands every number of the object over; null facts: does nothing. */
void json_facts(struct json_object *facts, struct ww_build_sink *sink);

/* -- artifact.c: what building hands to measuring ---------------------------- */

/* One line of JSON, then the bytes of the file, if there is one. */
struct artifact {
	struct json_object *header; /* {values, artifact, file} */
	const char *bytes;          /* of the file */
	uint64_t length;
};

/* Writes it to the sink: `answer` is the program's to `build`. */
ww_status artifact_write(struct ww_call *call, struct json_object *answer,
                         struct json_object *values, const char *scratch,
                         struct ww_build_sink *sink);
/* Reads it; the bytes stay borrowed, the header is to be put. */
ww_status artifact_read(struct ww_call *call, const void *bytes,
                        uint64_t length, struct artifact *artifact);
/* A new file with its bytes; *path (to be freed) is null if it has no file. */
ww_status artifact_unpack(struct ww_call *call, const struct artifact *artifact,
                          char **path);

/* -- the two halves ----------------------------------------------------------- */

extern const struct ww_compile_ops command_compile_ops; /* compile.c */
extern const struct ww_device_ops command_device_ops;   /* device.c */

/* An attached device. */
struct device {
	struct command *command;
	struct json_object *sheet; /* what the program says of it */
};

struct bench {
	struct device *device;
	char *reference_file;  /* or null */
	int64_t last_handle;
};

/* -- run.c: one loaded configuration ------------------------------------------ */

ww_status command_load(struct ww_call *call, void *bench,
                       const struct ww_load *load, struct ww_build_sink *facts,
                       void **loaded);
void command_unload(void *loaded);
ww_status command_verify(struct ww_call *call, void *loaded,
                         struct ww_verdict *verdict);
ww_status command_warm(struct ww_call *call, void *loaded, uint32_t launches);
ww_status command_time(struct ww_call *call, void *loaded,
                       const struct ww_timing *timing,
                       struct ww_sample_sink *sink);

#endif
