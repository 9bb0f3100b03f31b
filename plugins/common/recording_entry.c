/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/recording_internal.h"

/* Some people write this for "failed" instead of a word. */
#define FAILED_TIME 1e20
#define NS_PER_MS 1e6
/* An hour. A clock that adds up a million such steps still has room. */
#define LONGEST_STEP_MS 3.6e6

/* What one entry says, whatever its format. */
struct reading {
	uint32_t outcome;
	double objective;
	const char *text;
	double compile_ms;
	double measure_ms;
	struct json_object *samples; /* or null */
};

static const struct {
	const char *word;
	uint32_t outcome;
} failures[] = {
	{ "CompilationFailedConfig", WW_TRIAL_COMPILE_ERROR },
	{ "RuntimeFailedConfig", WW_TRIAL_LAUNCH_FAILURE },
	{ "InvalidConfig", WW_TRIAL_CONSTRAINT },
	{ "ErrorConfig", WW_TRIAL_INTERNAL },
	/* T4's words for invalidity */
	{ "compile", WW_TRIAL_COMPILE_ERROR },
	{ "runtime", WW_TRIAL_LAUNCH_FAILURE },
	{ "timeout", WW_TRIAL_RUN_TIMEOUT },
	{ "correctness", WW_TRIAL_WRONG_RESULT },
	{ "constraints", WW_TRIAL_CONSTRAINT },
};

/* Our own files say more than the formats can: the exact class and cause. */
static const struct {
	const char *word;
	uint32_t outcome;
} classes[] = {
	{ "constraint", WW_TRIAL_CONSTRAINT },
	{ "compile_error", WW_TRIAL_COMPILE_ERROR },
	{ "compiler_crash", WW_TRIAL_COMPILER_CRASH },
	{ "compile_timeout", WW_TRIAL_COMPILE_TIMEOUT },
	{ "out_of_resources", WW_TRIAL_RESOURCES },
	{ "launch_failure", WW_TRIAL_LAUNCH_FAILURE },
	{ "crash", WW_TRIAL_CRASH },
	{ "run_timeout", WW_TRIAL_RUN_TIMEOUT },
	{ "wrong_result", WW_TRIAL_WRONG_RESULT },
};

static void
refine_failure(struct reading *reading, struct json_object *outcome,
               struct json_object *cause)
{
	size_t i;

	if (reading->outcome == WW_TRIAL_OK ||
	    !json_object_is_type(outcome, json_type_string))
		return;
	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strcmp(classes[i].word, json_object_get_string(outcome)) ==
		    0)
			reading->outcome = classes[i].outcome;
	if (json_object_is_type(cause, json_type_string))
		reading->text = json_object_get_string(cause);
}

static uint32_t
failure_class(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (strcmp(failures[i].word, word) == 0)
			return failures[i].outcome;
	return WW_TRIAL_INTERNAL;
}

static struct json_object *
member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (object == NULL || !json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_get_ex(object, key, &value);
	return value;
}

/* A number, or the last number of an inner array ([index, time]); NaN else. */
static double
number_of(struct json_object *value)
{
	size_t n;

	switch (json_object_get_type(value)) {
	case json_type_int:
	case json_type_double:
		return json_object_get_double(value);
	case json_type_array:
		n = json_object_array_length(value);
		return n == 0 ? NAN
		              : number_of(json_object_array_get_idx(value,
		                                                    n - 1));
	default:
		return NAN;
	}
}

static double
milliseconds(struct json_object *object, const char *key)
{
	double value = number_of(member(object, key));

	return isfinite(value) && value > 0.0 ? value : 0.0;
}

static int64_t
nanoseconds(double ms)
{
	return (int64_t)(NS_PER_MS *
	                 (ms < LONGEST_STEP_MS ? ms : LONGEST_STEP_MS));
}

/* Takes the objective from a value that is a number, or the word for a failure,
 * or one of the ways to write "none". */
static void
read_objective(struct reading *reading, struct json_object *value)
{
	double number = number_of(value);

	if (json_object_is_type(value, json_type_string)) {
		reading->text = json_object_get_string(value);
		reading->outcome = failure_class(reading->text);
	} else if (isfinite(number) && number > 0.0 && number < FAILED_TIME) {
		reading->outcome = WW_TRIAL_OK;
		reading->objective = number;
	} else {
		reading->outcome = WW_TRIAL_INTERNAL;
		reading->text = "recorded without a usable time";
	}
}

static double
mean_of(struct json_object *samples)
{
	size_t n = samples == NULL ? 0 : json_object_array_length(samples);
	double sum = 0.0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += number_of(json_object_array_get_idx(samples, i));
	return n == 0 ? NAN : sum / (double)n;
}

static struct json_object *
array_member(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key);

	return json_object_is_type(value, json_type_array) ? value : NULL;
}

static void
read_cache_entry(const struct ww_recording_builder *builder,
                 struct json_object *entry, struct reading *reading)
{
	struct json_object *error = member(entry, "__error__");
	struct json_object *time = member(entry, "time");

	reading->samples = array_member(entry, "times");
	if (error != NULL) {
		reading->text = json_object_get_string(error);
		reading->outcome = failure_class(reading->text);
	} else if (time != NULL) {
		read_objective(reading, time);
	} else if (reading->samples != NULL) {
		reading->objective = mean_of(reading->samples);
		reading->outcome = isfinite(reading->objective)
		                           ? WW_TRIAL_OK
		                           : WW_TRIAL_INTERNAL;
	} else {
		read_objective(reading, member(entry, builder->objective));
	}
	refine_failure(reading, member(entry, "outcome"),
	               member(entry, "cause"));
	reading->compile_ms = milliseconds(entry, "compile_time");
	reading->measure_ms = milliseconds(entry, "benchmark_time") +
	                      milliseconds(entry, "verification_time");
}

static struct json_object *
find_measurement(struct json_object *result, const char *name)
{
	struct json_object *list = array_member(result, "measurements");
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct json_object *named = member(one, "name");

		if (json_object_is_type(named, json_type_string) &&
		    strcmp(json_object_get_string(named), name) == 0)
			return member(one, "value");
	}
	return NULL;
}

/* T4 has no place for the benchmark's time; where the writer left it out, the
 * samples themselves are what is known of it. */
static double
result_measure_ms(struct json_object *times, struct json_object *samples)
{
	double benchmark = milliseconds(times, "benchmark");
	double mean = mean_of(samples);

	if (benchmark <= 0.0 && isfinite(mean))
		benchmark = mean * (double)json_object_array_length(samples);
	return benchmark + milliseconds(times, "validation");
}

static void
read_result(const struct ww_recording_builder *builder,
            struct json_object *result, struct reading *reading)
{
	struct json_object *times = member(result, "times");
	struct json_object *validity = member(result, "invalidity");
	struct json_object *names = array_member(result, "objectives");
	struct json_object *value = find_measurement(result, "time");
	const char *word = json_object_is_type(validity, json_type_string)
	                           ? json_object_get_string(validity)
	                           : "correct";

	reading->samples = array_member(times, "runtimes");
	if (value == NULL && names != NULL &&
	    json_object_array_length(names) > 0)
		value = find_measurement(
			result, json_object_get_string(
					json_object_array_get_idx(names, 0)));
	if (value == NULL)
		value = find_measurement(result, builder->objective);
	read_objective(reading, value);
	if (strcmp(word, "correct") != 0) {
		reading->outcome = failure_class(word);
		if (reading->text == NULL)
			reading->text = word;
	} else if (value == NULL && isfinite(mean_of(reading->samples))) {
		reading->outcome = WW_TRIAL_OK;
		reading->objective = mean_of(reading->samples);
	}
	refine_failure(reading, find_measurement(result, "outcome"),
	               find_measurement(result, "cause"));
	reading->compile_ms = milliseconds(times, "compilation_time");
	if (reading->compile_ms <= 0.0)
		reading->compile_ms = milliseconds(times, "compilation");
	reading->measure_ms = result_measure_ms(times, reading->samples);
}

/* -------------------------------------------------------------------- rows */

/* The piece of a key ("16,True,a") for parameter `at`. */
static int
key_piece(const char *key, uint32_t at, char *piece, size_t size)
{
	size_t length;

	while (at-- > 0) {
		key = strchr(key, ',');
		if (key++ == NULL)
			return 0;
	}
	length = strcspn(key, ",");
	if (length >= size)
		return 0;
	memcpy(piece, key, length);
	piece[length] = '\0';
	return 1;
}

/* Fills builder->row; the members decide, the key where they are missing. */
static int
read_row(struct ww_recording_builder *builder, const char *key,
         struct json_object *values)
{
	struct ww_recording *recording = builder->recording;
	uint32_t i;

	for (i = 0; i < recording->n_parameters; i++) {
		struct ww_recorded_parameter *parameter =
			&recording->parameters[i];
		struct json_object *json = member(values, parameter->name);
		struct ww_value value;
		char buffer[64];
		char piece[256];

		if (json == NULL && key != NULL &&
		    key_piece(key, i, piece, sizeof piece))
			ww_recorded_value_parse(piece, &value);
		else if (!ww_recorded_value_read(json, &value, buffer))
			return 0;
		builder->row[i] = ww_recorded_value_index(parameter, &value,
		                                          builder->last[i]);
		if (builder->row[i] == UINT32_MAX)
			return 0;
		builder->last[i] = builder->row[i];
	}
	return 1;
}

static int
make_room(struct ww_recording_builder *builder, size_t n_samples)
{
	struct ww_recording *recording = builder->recording;
	void *grown;

	if (recording->n_entries == builder->entry_room) {
		uint64_t room = builder->entry_room * 2 + 1024;

		grown = realloc(recording->entries,
		                room * sizeof *recording->entries);
		if (grown == NULL)
			return 0;
		recording->entries = grown;
		grown = realloc(recording->rows,
		                room * recording->n_parameters *
		                        sizeof *recording->rows);
		if (grown == NULL)
			return 0;
		recording->rows = grown;
		builder->entry_room = room;
	}
	if (recording->n_samples + n_samples > builder->sample_room) {
		uint64_t room = builder->sample_room * 2 + n_samples + 8192;

		grown = realloc(recording->samples_ms, room * sizeof(double));
		if (grown == NULL)
			return 0;
		recording->samples_ms = grown;
		builder->sample_room = room;
	}
	return 1;
}

/* One copy of each distinct text: failures repeat a handful of words. */
static const char *
keep_text(struct ww_recording *recording, const char *text)
{
	char **texts;
	uint32_t i;

	if (text == NULL || text[0] == '\0')
		return "";
	for (i = 0; i < recording->n_texts; i++)
		if (strcmp(recording->texts[i], text) == 0)
			return recording->texts[i];
	texts = realloc(recording->texts, (i + (size_t)1) * sizeof *texts);
	if (texts == NULL)
		return "";
	recording->texts = texts;
	texts[i] = strdup(text);
	if (texts[i] == NULL)
		return "";
	recording->n_texts++;
	return texts[i];
}

static void
keep_entry(struct ww_recording_builder *builder, const struct reading *reading)
{
	struct ww_recording *recording = builder->recording;
	size_t n = reading->samples == NULL ||
	                           reading->outcome != WW_TRIAL_OK
	                   ? 0
	                   : json_object_array_length(reading->samples);
	struct ww_recorded_entry *entry;
	size_t i;

	if (!make_room(builder, n)) {
		ww_recording_fault(builder, WW_E_NO_MEMORY, "out of memory");
		return;
	}
	memcpy(recording->rows + recording->n_entries * recording->n_parameters,
	       builder->row, recording->n_parameters * sizeof *builder->row);
	entry = &recording->entries[recording->n_entries++];
	*entry = (struct ww_recorded_entry){
		.outcome = reading->outcome,
		.first_sample = recording->n_samples,
		.objective = reading->outcome == WW_TRIAL_OK
		                     ? reading->objective
		                     : NAN,
		.compile_ns = nanoseconds(reading->compile_ms),
		.measure_ns = nanoseconds(reading->measure_ms),
		.text = keep_text(recording, reading->text),
	};
	for (i = 0; i < n; i++) {
		double sample = number_of(
			json_object_array_get_idx(reading->samples, i));

		if (!isfinite(sample) || sample <= 0.0)
			continue;
		recording->samples_ms[recording->n_samples++] = sample;
		entry->n_samples++;
	}
}

void
ww_recording_entry(struct ww_recording_builder *builder, const char *key,
                   struct json_object *entry)
{
	struct reading reading = { .outcome = WW_TRIAL_INTERNAL,
		                   .objective = NAN };
	struct json_object *values =
		key != NULL ? entry : member(entry, "configuration");

	if (key == NULL && builder->recording->n_parameters == 0 &&
	    json_object_is_type(values, json_type_object))
		ww_recording_derive(builder, values);
	if (builder->recording->n_parameters == 0) {
		ww_recording_fault(builder, WW_E_FORMAT,
		                   "no \"tune_params\" stand before the entries");
		return;
	}
	if (!json_object_is_type(values, json_type_object) ||
	    !read_row(builder, key, values)) {
		builder->recording->n_unusable++;
		return;
	}
	if (key != NULL)
		read_cache_entry(builder, entry, &reading);
	else
		read_result(builder, entry, &reading);
	keep_entry(builder, &reading);
}
