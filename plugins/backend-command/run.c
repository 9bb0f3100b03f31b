/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/backend-command/command.h"

/* A configuration that the program may load, check and time. */
struct loaded {
	struct command *command;
	struct json_object *run; /* members that every request about it has */
	int64_t handle;
	char *file;              /* or null */
	int told;                /* the program was asked to load it */
};

/* Answers of the device half may say that the device, or the program's way to
 * it, is spoilt. */
static ww_status
ask(struct loaded *loaded, struct ww_call *call, const char *what,
    struct json_object *request, struct json_object **answer)
{
	struct command *command = loaded->command;
	ww_status status;

	json_object_object_foreach(loaded->run, name, value)
	{
		json_object_object_add(request, name, json_object_get(value));
	}
	status = command_ask(command, call, what, request, answer);
	if (json_flag(*answer, "restart", 0) || status == WW_E_DEVICE_LOST ||
	    status == WW_E_CRASH)
		command->lost = 1;
	return status;
}

/* ----------------------------------------------------------------- loading */

static ww_status
open_artifact(struct loaded *loaded, struct ww_call *call,
              const struct ww_load *load)
{
	struct artifact artifact;
	struct json_object *launch = command_launch(load->launch);
	ww_status status = artifact_read(call, load->artifact,
	                                 load->artifact_length, &artifact);

	loaded->run = json_object_new_object();
	json_object_object_add(loaded->run, "handle",
	                       json_object_new_int64(loaded->handle));
	if (launch != NULL)
		json_object_object_add(loaded->run, "launch", launch);
	if (status == WW_OK)
		status = artifact_unpack(call, &artifact, &loaded->file);
	if (status == WW_OK) {
		json_object_object_foreach(artifact.header, name, value)
		{
			if (strcmp(name, "file") != 0)
				json_object_object_add(loaded->run, name,
				                       json_object_get(value));
		}
		if (loaded->file != NULL)
			json_object_object_add(
				loaded->run, "file",
				json_object_new_string(loaded->file));
	}
	json_object_put(artifact.header);
	return status;
}

/* For programs that keep something for each loaded configuration. */
static ww_status
tell_load(struct loaded *loaded, struct ww_call *call,
          struct ww_build_sink *facts)
{
	struct json_object *answer;
	ww_status status;

	if (!json_flag(loaded->command->description, "load", 0))
		return WW_OK;
	status = ask(loaded, call, "load", json_object_new_object(), &answer);
	if (status == WW_OK) {
		loaded->told = 1;
		json_facts(json_member(answer, "facts"), facts);
	}
	json_object_put(answer);
	return status;
}

ww_status
command_load(struct ww_call *call, void *staged, const struct ww_load *load,
             struct ww_build_sink *facts, void **handle)
{
	struct bench *bench = staged;
	struct loaded *loaded = calloc(1, sizeof *loaded);
	ww_status status;

	if (loaded == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	loaded->command = bench->device->command;
	loaded->handle = ++bench->last_handle;
	status = open_artifact(loaded, call, load);
	if (status == WW_OK)
		status = tell_load(loaded, call, facts);
	if (status == WW_OK)
		*handle = loaded;
	else
		command_unload(loaded);
	return status;
}

/* unload() has no call of its own: nobody waits for what it says. */
static ww_status
keep_quiet(struct ww_call *self, ww_status status, const char *text)
{
	(void)self;
	(void)text;
	return status;
}

static int32_t
not_cancelled(struct ww_call *self)
{
	(void)self;
	return 0;
}

static int64_t
no_deadline(struct ww_call *self)
{
	(void)self;
	return INT64_MAX;
}

static void
tell_unload(struct loaded *loaded)
{
	struct ww_call call = {
		.size = sizeof call,
		.fail = keep_quiet,
		.cancelled = not_cancelled,
		.deadline_ns = no_deadline,
	};
	struct json_object *request = json_object_new_object();
	struct json_object *answer = NULL;

	json_object_object_add(request, "handle",
	                       json_object_new_int64(loaded->handle));
	command_ask(loaded->command, &call, "unload", request, &answer);
	json_object_put(answer);
}

void
command_unload(void *handle)
{
	struct loaded *loaded = handle;

	if (loaded->told && loaded->command->program.pid != 0)
		tell_unload(loaded);
	if (loaded->file != NULL)
		unlink(loaded->file);
	free(loaded->file);
	json_object_put(loaded->run);
	free(loaded);
}

/* --------------------------------------------------------------- verifying */

ww_status
command_verify(struct ww_call *call, void *handle, struct ww_verdict *verdict)
{
	struct loaded *loaded = handle;
	struct json_object *answer;
	ww_status status = ask(loaded, call, "verify", json_object_new_object(),
	                       &answer);
	double wrong;

	if (status == WW_OK) {
		wrong = json_number(answer, "n_wrong", 0);
		verdict->n_wrong = wrong >= 1 && wrong < 1e18 ? (uint64_t)wrong
		                                              : 0;
		verdict->compared = verdict->n_wrong > 0 ||
		                    json_flag(answer, "compared", 0);
		verdict->worst_difference = json_number(
			answer, "worst_difference", 0);
		wrong = json_number(answer, "worst_index", 0);
		verdict->worst_index = wrong >= 0 && wrong < 1e18
		                               ? (uint64_t)wrong
		                               : 0;
		verdict->got = json_number(answer, "got", NAN);
		verdict->want = json_number(answer, "want", NAN);
		snprintf(verdict->argument, sizeof verdict->argument, "%.60s",
		         json_text(answer, "argument", "?"));
	}
	json_object_put(answer);
	return status;
}

/* ------------------------------------------------------------------ timing */

static struct json_object *
timing_request(uint32_t samples, uint32_t repeats, int cold, int64_t budget_ns)
{
	struct json_object *request = json_object_new_object();

	json_object_object_add(request, "samples",
	                       json_object_new_int64(samples));
	json_object_object_add(request, "repeats",
	                       json_object_new_int64(repeats));
	json_object_object_add(request, "cold", json_object_new_boolean(cold));
	json_object_object_add(request, "budget_ms",
	                       json_object_new_int64(budget_ns / 1000000));
	return request;
}

static ww_status
hand_samples(struct ww_call *call, struct json_object *answer,
             const struct ww_timing *timing, struct ww_sample_sink *sink)
{
	struct json_object *list = json_member(answer, "samples_ms");
	double repeats = json_number(answer, "repeats",
	                             timing->repeats > 0 ? timing->repeats : 1);
	size_t n = json_length(list);
	ww_status status = WW_OK;
	size_t i;

	if (n == 0)
		return ww_fail(call, WW_E_FORMAT,
		               "the program answered 'time' without "
		               "\"samples_ms\"");
	if (!(repeats >= 1 && repeats <= UINT32_MAX))
		return ww_fail(call, WW_E_FORMAT,
		               "the program answered 'time' with %g \"repeats\"",
		               repeats);
	for (i = 0; i < n && i < timing->samples && status == WW_OK; i++) {
		struct json_object *sample = json_object_array_get_idx(list, i);
		double ms = json_object_is_type(sample, json_type_double) ||
		                            json_object_is_type(sample,
		                                                json_type_int)
		                    ? json_object_get_double(sample)
		                    : NAN;

		if (!isfinite(ms) || ms <= 0)
			return ww_fail(call, WW_E_FORMAT,
			               "the program gave '%.40s' as a time in "
			               "milliseconds",
			               sample != NULL
			                       ? json_object_get_string(sample)
			                       : "null");
		status = sink->sample(sink, ms * 1e6, (uint32_t)repeats);
	}
	return status == WW_STOPPED ? WW_OK : status;
}

ww_status
command_time(struct ww_call *call, void *handle, const struct ww_timing *timing,
             struct ww_sample_sink *sink)
{
	struct loaded *loaded = handle;
	struct json_object *answer;
	ww_status status = ask(loaded, call, "time",
	                       timing_request(timing->samples, timing->repeats,
	                                      timing->cold != 0,
	                                      timing->budget_ns),
	                       &answer);

	if (status == WW_OK)
		status = hand_samples(call, answer, timing, sink);
	json_object_put(answer);
	return status;
}

/* Warming up is timing whose result nobody wants. */
ww_status
command_warm(struct ww_call *call, void *handle, uint32_t launches)
{
	struct loaded *loaded = handle;
	struct json_object *answer;
	ww_status status = ask(loaded, call, "time",
	                       timing_request(launches, 1, 0,
	                                      INT64_C(1000000000)),
	                       &answer);

	json_object_put(answer);
	return status;
}
