/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/worker.h"
#include "core/measure/artifacts.h"
#include "core/measure/includes.h"
#include "core/measure/measure.h"

#define LOG_LIMIT ((size_t)16 << 10)

/* One build: what goes in, and what the backend's sink receives. */
struct job {
	struct ww_build_sink face; /* first member */
	struct ww_worker *worker;
	const struct ww_kernel *kernel;
	void *unit;
	const char *target;     /* of the session, else of the frame; or null */
	uint32_t *indices;      /* null: none apply */
	struct ww_value *values;
	uint32_t n_values;
	struct ww_launch launch;
	struct ww_cached_build made;
	struct ww_error error;  /* of storing the artifact */
	bool stored;
};

/* ------------------------------------------------------------- preparing */

struct text {
	struct ww_text_sink face; /* first member */
	char *bytes;
	size_t length;
};

static ww_status
append_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct text *text = (struct text *)self;

	text->bytes = ww_grow(text->bytes, text->length + length + 1);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
	return WW_OK;
}

static ww_status
ask_identity(struct ww_worker *worker, struct ww_error *error)
{
	struct text text = {
		.face = { .size = sizeof text.face, .write = append_text },
	};
	struct ww_call_frame frame;
	ww_status status;

	ww_call_start(&frame, NULL, INT64_MAX);
	status = worker->ops->compile->identity(&frame.call, worker->self,
	                                        &text.face);
	status = ww_call_finish(&frame, status, error);
	worker->identity = text.bytes != NULL ? text.bytes : ww_copy("");
	return status;
}

ww_status
ww_worker_targets(struct ww_worker *worker, struct json_object **targets,
                  struct ww_error *error)
{
	struct text text = {
		.face = { .size = sizeof text.face, .write = append_text },
	};
	struct ww_call_frame frame;
	char *line, *rest = NULL;
	ww_status status;

	*targets = json_object_new_array();
	ww_call_start(&frame, NULL, INT64_MAX);
	status = worker->ops->compile->targets(&frame.call, worker->self,
	                                       &text.face);
	status = ww_call_finish(&frame, status, error);
	line = text.bytes != NULL ? strtok_r(text.bytes, "\n", &rest) : NULL;
	for (; line != NULL; line = strtok_r(NULL, "\n", &rest))
		json_object_array_add(*targets, json_object_new_string(line));
	free(text.bytes);
	if (status != WW_OK) {
		json_object_put(*targets);
		*targets = NULL;
	}
	return status;
}

/* A kernel as the backend gets it, with the arguments of the task. */
static ww_status
prepare_kernel(struct ww_worker *worker, const struct ww_kernel *from,
               struct ww_kernel *kernel, void **unit, struct ww_error *error)
{
	struct ww_call_frame frame;
	ww_status status;

	*kernel = *from;
	kernel->size = sizeof *kernel;
	kernel->arguments = worker->task->arguments;
	kernel->n_arguments = worker->task->n_arguments;
	ww_call_start(&frame, NULL, INT64_MAX);
	status = worker->ops->compile->prepare(&frame.call, worker->self,
	                                       kernel, unit);
	return ww_call_finish(&frame, status, error);
}

ww_status
ww_worker_prepare(struct ww_worker *worker, struct ww_error *error)
{
	const struct ww_task *task = worker->task;
	ww_status status;

	if (task == NULL || worker->ops->compile == NULL)
		return ww_error_set(error, WW_E_UNSUPPORTED,
		                    "backend %s compiles nothing",
		                    worker->plugin->name);
	status = ask_identity(worker, error);
	if (status == WW_OK)
		status = prepare_kernel(worker, &task->kernel, &worker->kernel,
		                        &worker->unit, error);
	if (status == WW_OK &&
	    task->reference.kind == WW_TASK_REFERENCE_KERNEL)
		status = prepare_kernel(worker, &task->reference.kernel,
		                        &worker->reference_kernel,
		                        &worker->reference_unit, error);
	if (status == WW_OK && worker->cache)
		ww_artifacts_trim(worker->artifacts, WW_ARTIFACTS_LIMIT);
	return status;
}

void
ww_worker_drop(struct ww_worker *worker)
{
	if (worker->unit != NULL)
		worker->ops->compile->drop(worker->unit);
	if (worker->reference_unit != NULL)
		worker->ops->compile->drop(worker->reference_unit);
	worker->unit = NULL;
	worker->reference_unit = NULL;
}

/* ---------------------------------------------------------------- the sink */

static ww_status
take_artifact(struct ww_build_sink *self, const void *bytes, uint64_t length)
{
	struct job *job = (struct job *)self;

	if (length > WW_ARTIFACT_LIMIT)
		return ww_error_set(&job->error, WW_E_RESOURCES,
		                    "an artifact of %llu bytes is too large",
		                    (unsigned long long)length);
	job->made.bytes = length;
	job->stored = true;
	return ww_artifact_put(job->worker->artifacts, bytes, length,
	                       job->made.artifact, &job->error);
}

static void
take_fact(struct ww_build_sink *self, const char *name, double value)
{
	struct job *job = (struct job *)self;

	ww_json_put_number(job->made.facts, name, value);
}

static void
take_diagnosis(struct ww_build_sink *self, const char *text, uint64_t length)
{
	struct job *job = (struct job *)self;
	size_t kept = length < LOG_LIMIT ? length : LOG_LIMIT;
	char *c;

	free(job->made.log);
	job->made.log = ww_copy_n(text, kept);
	/* It crosses as JSON and ends on a terminal: no half characters, and
	 * no control but that of lines. */
	ww_text_mend(job->made.log, strlen(job->made.log));
	for (c = job->made.log; *c != '\0'; c++)
		if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') ||
		    *c == 0x7f)
			*c = ' ';
}

/* ---------------------------------------------------------------- the key */

static void
hash_values(struct ww_hash *hash, const struct job *job)
{
	uint32_t i;

	for (i = 0; i < job->n_values; i++) {
		ww_hash_text(hash, job->values[i].name);
		ww_hash_text(hash, job->values[i].string);
	}
	ww_hash_bytes(hash, &job->launch, sizeof job->launch);
}

static void
hash_arguments(struct ww_hash *hash, const struct ww_task *task)
{
	uint32_t i;

	for (i = 0; i < task->n_arguments; i++) {
		ww_hash_text(hash, task->arguments[i].name);
		ww_hash_bytes(hash, &task->arguments[i].type, sizeof(uint32_t));
		ww_hash_bytes(hash, &task->arguments[i].kind, sizeof(uint32_t));
	}
}

/* Everything that can change the artifact. */
static void
key_of(const struct job *job, char key[WW_HASH_TEXT])
{
	const struct ww_worker *worker = job->worker;
	struct ww_hash *hash = ww_hash_new();
	struct json_object *options = ww_json_get(worker->order, "options");
	uint32_t i;

	ww_hash_bytes(hash, job->kernel->source, job->kernel->source_length);
	ww_includes_hash(job->kernel, hash);
	ww_hash_text(hash, job->kernel->language);
	ww_hash_text(hash, job->kernel->entry);
	ww_hash_text(hash, job->kernel->path);
	for (i = 0; i < job->kernel->n_options; i++)
		ww_hash_text(hash, job->kernel->options[i]);
	ww_hash_text(hash, worker->plugin->name);
	ww_hash_text(hash, worker->plugin->version);
	ww_hash_text(hash, worker->identity);
	ww_hash_text(hash, options != NULL ? ww_json_text(options) : NULL);
	ww_hash_text(hash, job->target);
	hash_values(hash, job);
	hash_arguments(hash, worker->task);
	ww_hash_finish(hash, key);
}

/* ------------------------------------------------------------- the answer */

struct json_object *
ww_build_failed(struct json_object *frame, uint32_t outcome, const char *text,
                const char *log, int64_t compile_ns)
{
	struct json_object *answer = ww_frame_new("build_failed");
	char line[512];

	ww_text_first_line(line, sizeof line, text);
	ww_json_put_int(answer, "id", ww_json_int(frame, "id", 0));
	ww_json_put_string(answer, "outcome", ww_outcome_name(outcome));
	ww_json_put_string(answer, "text", line);
	ww_json_put_string(answer, "log", log != NULL ? log : text);
	ww_json_put_int(answer, "compile_ns", compile_ns);
	return answer;
}

static struct json_object *
built(struct json_object *frame, const struct job *job, int64_t compile_ns,
      bool from_cache)
{
	struct json_object *answer = ww_frame_new("built");

	ww_json_put_int(answer, "id", ww_json_int(frame, "id", 0));
	ww_json_put_string(answer, "artifact", job->made.artifact);
	ww_json_put_int(answer, "bytes", (int64_t)job->made.bytes);
	json_object_object_add(answer, "facts",
	                       json_object_get(job->made.facts));
	ww_json_put_string(answer, "log",
	                   job->made.log != NULL ? job->made.log : "");
	ww_json_put_int(answer, "compile_ns", compile_ns);
	ww_json_put_bool(answer, "from_cache", from_cache);
	return answer;
}

/* The class of failure that a status means while compiling. */
static uint32_t
build_outcome(ww_status status)
{
	if (status == WW_E_TIMEOUT)
		return WW_TRIAL_COMPILE_TIMEOUT;
	if (status == WW_E_CRASH)
		return WW_TRIAL_COMPILER_CRASH;
	return ww_measure_outcome(status);
}

static ww_status
run_build(struct job *job, int64_t deadline_ns, struct ww_error *error)
{
	char *scratch = ww_text("%s/" WW_SCRATCH_PREFIX "XXXXXX",
	                        job->worker->artifacts);
	struct ww_build build = {
		.size = sizeof build,
		.values = job->values,
		.n_values = job->n_values,
		.launch = &job->launch,
		.target = job->target,
		.scratch = scratch,
	};
	struct ww_call_frame call;
	ww_status status;

	if (mkdtemp(scratch) == NULL) {
		status = ww_error_set(error, WW_E_IO,
		                      "cannot create a folder in %s: %s",
		                      job->worker->artifacts, strerror(errno));
	} else {
		ww_call_start(&call, NULL, deadline_ns);
		status = job->worker->ops->compile->build(
			&call.call, job->unit, &build, &job->face);
		status = ww_call_finish(&call, status, error);
		ww_path_remove(scratch);
	}
	free(scratch);
	if (job->error.status != WW_OK) {
		*error = job->error;
		return error->status;
	}
	if (status == WW_OK && !job->stored)
		status = ww_error_set(error, WW_E_INTERNAL,
		                      "backend %s built nothing and called it a "
		                      "success",
		                      job->worker->plugin->name);
	return status;
}

/* What is to be built: the frame's configuration, or the reference. */
static ww_status
fill_job(struct job *job, struct json_object *frame, struct ww_error *error)
{
	struct ww_worker *worker = job->worker;
	const struct ww_task *task = worker->task;
	bool reference = ww_json_bool(frame, "reference", false);
	uint32_t n_slots = task->space->view.n_slots;

	job->kernel = &worker->kernel;
	job->unit = worker->unit;
	job->target = ww_json_string(worker->order, "target",
	                             ww_json_string(frame, "target", NULL));
	job->indices = ww_alloc((n_slots + 1) * sizeof *job->indices);
	job->values = ww_alloc((ww_task_value_limit(task) + 1) *
	                       sizeof *job->values);
	ww_space_default(task->space, job->indices);
	if (reference && task->reference.kind == WW_TASK_REFERENCE_KERNEL) {
		job->kernel = &worker->reference_kernel;
		job->unit = worker->reference_unit;
		job->launch = task->reference.launch;
	} else if (reference && task->reference.kind ==
	                                WW_TASK_REFERENCE_CONFIG) {
		memcpy(job->indices, task->reference.indices,
		       n_slots * sizeof *job->indices);
	} else if (reference) {
		return ww_error_set(error, WW_E_STATE,
		                    "the task has no reference to build");
	} else if (!ww_worker_indices(worker, ww_json_get(frame, "indices"),
	                              job->indices)) {
		return ww_error_set(error, WW_E_INVALID,
		                    "the build frame holds no configuration");
	}
	job->n_values = ww_task_values(task, job->indices, job->values);
	if (job->unit != worker->reference_unit || job->unit == NULL)
		return ww_task_launch(task, job->indices, &job->launch, error);
	return WW_OK;
}

static struct json_object *
do_build(struct job *job, struct json_object *frame, int64_t deadline_ns)
{
	struct ww_worker *worker = job->worker;
	int64_t start_ns = ww_now_ns();
	struct ww_error error = { 0 };
	char key[WW_HASH_TEXT];
	ww_status status = fill_job(job, frame, &error);

	if (status == WW_OK && worker->cache) {
		key_of(job, key);
		if (ww_build_find(worker->artifacts, key, &job->made))
			return built(frame, job, 0, true);
	}
	job->made.facts = json_object_new_object();
	if (status == WW_OK)
		status = run_build(job, deadline_ns, &error);
	/* The next configuration would not fare better. */
	if (status == WW_E_IO) {
		ww_error_prefix(&error, "backend %s cannot compile: ",
		                worker->plugin->name);
		return ww_worker_failed(&error);
	}
	if (status != WW_OK)
		return ww_build_failed(frame, build_outcome(status),
		                       error.text, job->made.log,
		                       ww_now_ns() - start_ns);
	if (worker->cache)
		ww_build_keep(worker->artifacts, key, &job->made);
	return built(frame, job, ww_now_ns() - start_ns, false);
}

struct json_object *
ww_worker_build(struct ww_worker *worker, struct json_object *frame,
                int64_t deadline_ns)
{
	struct job job = {
		.face = { .size = sizeof job.face,
		          .artifact = take_artifact,
		          .fact = take_fact,
		          .diagnosis = take_diagnosis },
		.worker = worker,
	};
	struct json_object *answer = do_build(&job, frame, deadline_ns);

	ww_cached_build_clear(&job.made);
	free(job.indices);
	free(job.values);
	return answer;
}
