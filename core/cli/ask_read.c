/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/ask.h"

#define MOST_SAMPLES 100000u
#define MOST_FACTS 256u
#define MOST_WANTED 100000

/* A result as it is read, with room for its arrays. */
struct reading {
	struct ww_far_result result;
	double *samples_ms;
	struct ww_fact *facts;
};

static ww_status
known_members(struct json_object *object, const char *const *names, size_t n,
              struct ww_error *error)
{
	json_object_object_foreach(object, name, value)
	{
		const char *closest;
		size_t i = 0;

		(void)value;
		while (i < n && strcmp(names[i], name) != 0)
			i++;
		if (i < n)
			continue;
		closest = ww_text_closest(name, names, n);
		return ww_error_set(error, WW_E_FORMAT,
		                    "unknown member \"%.64s\"%s%s%s", name,
		                    closest != NULL ? "; did you mean \"" : "",
		                    closest != NULL ? closest : "",
		                    closest != NULL ? "\"?" : "");
	}
	return WW_OK;
}

static ww_status
read_time(struct json_object *value, const char *what, double *time_ms,
          struct ww_error *error)
{
	bool number = json_object_is_type(value, json_type_double) ||
	              json_object_is_type(value, json_type_int);

	*time_ms = number ? json_object_get_double(value) : NAN;
	if (*time_ms > 0 && isfinite(*time_ms))
		return WW_OK;
	return ww_error_set(error, WW_E_FORMAT,
	                    "%s is a positive number of milliseconds, not %s",
	                    what, value != NULL ? ww_json_text(value) : "null");
}

static ww_status
read_samples(struct json_object *list, struct reading *reading,
             struct ww_error *error)
{
	ww_status status = WW_OK;
	size_t n, i;

	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) == 0 ||
	    json_object_array_length(list) > MOST_SAMPLES)
		return ww_error_set(error, WW_E_FORMAT,
		                    "\"samples_ms\" is an array of 1 to %u "
		                    "numbers",
		                    MOST_SAMPLES);
	n = json_object_array_length(list);
	reading->samples_ms = ww_alloc(n * sizeof *reading->samples_ms);
	for (i = 0; status == WW_OK && i < n; i++)
		status = read_time(json_object_array_get_idx(list, i),
		                   "each of \"samples_ms\"",
		                   &reading->samples_ms[i], error);
	reading->result.samples_ms = reading->samples_ms;
	reading->result.n_samples = n;
	return status;
}

static ww_status
read_facts(struct json_object *object, struct reading *reading,
           struct ww_error *error)
{
	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) > (int)MOST_FACTS)
		return ww_error_set(error, WW_E_FORMAT,
		                    "\"facts\" is an object of at most %u "
		                    "names with numbers",
		                    MOST_FACTS);
	reading->facts = ww_alloc(((size_t)json_object_object_length(object) +
	                           1) * sizeof *reading->facts);
	reading->result.facts = reading->facts;
	json_object_object_foreach(object, name, value)
	{
		struct ww_fact *fact =
			&reading->facts[reading->result.n_facts];

		if (!json_object_is_type(value, json_type_double) &&
		    !json_object_is_type(value, json_type_int))
			return ww_error_set(error, WW_E_FORMAT,
			                    "fact \"%.64s\" is a number, not "
			                    "%.64s",
			                    name, ww_json_text(value));
		fact->name = name;
		fact->value = json_object_get_double(value);
		reading->result.n_facts++;
	}
	return WW_OK;
}

/* A time, or samples, or a failure that says which. */
static ww_status
read_outcome(struct json_object *tell, struct reading *reading,
             struct ww_error *error)
{
	struct ww_far_result *result = &reading->result;
	struct json_object *time = ww_json_get(tell, "time_ms");
	struct json_object *samples = ww_json_get(tell, "samples_ms");
	struct json_object *status = ww_json_get(tell, "status");

	result->time_ms = NAN;
	if (status != NULL && json_object_is_type(status, json_type_string))
		result->outcome = ww_outcome_parse(
			json_object_get_string(status));
	else if (status != NULL)
		result->outcome = WW_TRIAL_N_CLASSES;
	if (result->outcome == WW_TRIAL_N_CLASSES)
		return ww_error_set(error, WW_E_FORMAT,
		                    "\"status\" is \"ok\", \"compile_error\", "
		                    "\"out_of_resources\", \"crash\", "
		                    "\"run_timeout\", \"wrong_result\" or "
		                    "another of "
		                    "warpwright(1), not %.64s",
		                    ww_json_text(status));
	if (result->outcome != WW_TRIAL_OK && (time != NULL || samples != NULL))
		return ww_error_set(error, WW_E_FORMAT,
		                    "a result with status \"%s\" has no time",
		                    ww_outcome_name(result->outcome));
	if (result->outcome != WW_TRIAL_OK)
		return WW_OK;
	if ((time == NULL) == (samples == NULL))
		return ww_error_set(error, WW_E_FORMAT,
		                    "a result has either \"time_ms\" or "
		                    "\"samples_ms\", or a \"status\" that is "
		                    "not \"ok\"");
	if (samples != NULL)
		return read_samples(samples, reading, error);
	return read_time(time, "\"time_ms\"", &result->time_ms, error);
}

static ww_status
read_result(struct json_object *tell, struct reading *reading,
            struct ww_error *error)
{
	static const char *const names[] = { "id",         "config", "status",
		                             "time_ms",    "samples_ms",
		                             "text",       "facts" };
	struct json_object *facts = ww_json_get(tell, "facts");
	struct json_object *text = ww_json_get(tell, "text");
	ww_status status;

	if (!json_object_is_type(tell, json_type_object))
		return ww_error_set(error, WW_E_FORMAT,
		                    "\"tell\" is an object");
	status = known_members(tell, names, sizeof names / sizeof names[0],
	                       error);
	if (status == WW_OK)
		status = read_outcome(tell, reading, error);
	if (status == WW_OK && facts != NULL)
		status = read_facts(facts, reading, error);
	if (status == WW_OK && text != NULL &&
	    !json_object_is_type(text, json_type_string))
		status = ww_error_set(error, WW_E_FORMAT,
		                      "\"text\" is a string");
	reading->result.text = ww_json_string(tell, "text", "");
	return status;
}

static ww_status
tell_config(struct ww_ask *ask, struct ww_desk *desk,
            struct json_object *config, const struct ww_far_result *result,
            struct ww_error *error)
{
	uint32_t *indices = ww_alloc((ask->task->space->view.n_slots + 1) *
	                             sizeof *indices);
	ww_status status = ww_space_parse(ask->task->space, config, indices,
	                                  error);

	if (status == WW_OK)
		status = ww_desk_tell_config(desk, indices, result, error);
	if (status != WW_OK)
		ww_error_prefix(error, "configuration %.512s: ",
		                ww_json_text(config));
	free(indices);
	return status;
}

static ww_status
tell(struct ww_ask *ask, struct ww_desk *desk, struct json_object *request,
     struct ww_error *error)
{
	struct reading reading = { 0 };
	struct json_object *id, *config;
	ww_status status = read_result(request, &reading, error);

	id = ww_json_get(request, "id");
	config = ww_json_get(request, "config");
	if (status == WW_OK && (id == NULL) == (config == NULL))
		status = ww_error_set(error, WW_E_FORMAT,
		                      "\"tell\" names a configuration by either "
		                      "\"id\" or \"config\"");
	if (status == WW_OK && id != NULL &&
	    (!json_object_is_type(id, json_type_int) ||
	     json_object_get_int64(id) < 1))
		status = ww_error_set(error, WW_E_FORMAT,
		                      "\"id\" is the number that came with the "
		                      "configuration, not %.64s",
		                      ww_json_text(id));
	if (status == WW_OK && id != NULL)
		status = ww_desk_tell(desk, (uint64_t)json_object_get_int64(id),
		                      &reading.result, error);
	else if (status == WW_OK)
		status = tell_config(ask, desk, config, &reading.result, error);
	free(reading.samples_ms);
	free(reading.facts);
	return status;
}

static ww_status
want(struct ww_desk *desk, struct json_object *request, struct ww_error *error)
{
	int64_t n = json_object_get_int64(request);

	if (!json_object_is_type(request, json_type_int) || n < 1 ||
	    n > MOST_WANTED)
		return ww_error_set(error, WW_E_FORMAT,
		                    "\"ask\" is a number of configurations, 1 "
		                    "to %d, not %.64s",
		                    MOST_WANTED, ww_json_text(request));
	if (!ww_desk_want(desk, (uint32_t)n))
		return ww_error_set(error, WW_E_STATE,
		                    "the answer to an earlier \"ask\" is still "
		                    "to come");
	return WW_OK;
}

static ww_status
act(struct ww_ask *ask, struct ww_desk *desk, struct json_object *line,
    struct ww_error *error)
{
	static const char *const names[] = { "ask", "tell", "best", "describe",
		                             "finish" };
	struct json_object *value;

	if (!json_object_is_type(line, json_type_object) ||
	    json_object_object_length(line) != 1)
		return ww_error_set(error, WW_E_FORMAT,
		                    "a line is an object with one member: "
		                    "\"ask\", \"tell\", \"best\", \"describe\" "
		                    "or \"finish\"");
	if (known_members(line, names, sizeof names / sizeof names[0], error) !=
	    WW_OK)
		return error->status;
	if (json_object_object_get_ex(line, "ask", &value))
		return want(desk, value, error);
	if (json_object_object_get_ex(line, "tell", &value))
		return tell(ask, desk, value, error);
	if (json_object_object_get_ex(line, "best", NULL))
		ww_ask_best(ask, desk);
	else if (json_object_object_get_ex(line, "describe", NULL))
		ww_ask_describe(ask);
	else
		ww_desk_leave(desk);
	return WW_OK;
}

void
ww_ask_line(struct ww_ask *ask, struct ww_desk *desk, char *text)
{
	struct ww_error error = { 0 };
	struct json_object *line = NULL;
	ww_status status;

	if (text[strspn(text, " \t\r")] == '\0')
		return;
	if (ask->lines.cut)
		status = ww_error_set(&error, WW_E_FORMAT,
		                      "the line is longer than %zu bytes",
		                      WW_LONGEST_LINE);
	else
		status = ww_json_parse(text, strlen(text), "line", 0, &line,
		                       &error);
	if (status == WW_OK)
		status = act(ask, desk, line, &error);
	if (status != WW_OK)
		ww_ask_error(error.text, ask->lines.number);
	json_object_put(line);
}
