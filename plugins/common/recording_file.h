/* SPDX-License-Identifier: MIT
 *
 * A recorded tuning space as it lies in a file: Kernel Tuner's cache or T4, gzip
 * or plain, with the variants and defects that such files have in the wild. This
 * file owns what is read; it knows no task and no session. The core reads it to
 * make a search space of it, the backend `recorded` to answer from it, so it is
 * linked into both and needs only json-c and zlib.
 */
#ifndef WW_PLUGINS_RECORDING_FILE_H
#define WW_PLUGINS_RECORDING_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "warpwright/space.h"
#include "warpwright/trial.h"

#define WW_RECORDING_MESSAGE 1024
#define WW_RECORDING_ABSENT UINT64_MAX

struct ww_recorded_parameter {
	char *name;
	struct ww_value *values; /* strings owned; `name` is null */
	uint32_t n_values;
	uint32_t is_bool;        /* every value is a truth value */
	uint32_t is_text;        /* some value is text */
	uint32_t is_float;       /* some value is no integer */
};

struct ww_recorded_entry {
	uint32_t outcome;      /* WW_TRIAL_… */
	uint32_t n_samples;
	uint64_t first_sample; /* in the recording's samples_ms */
	double objective;      /* milliseconds; NaN unless OK */
	int64_t compile_ns;
	int64_t measure_ns;    /* benchmark and verification */
	const char *text;      /* why it failed, or ""; owned by the recording */
};

struct ww_recording {
	char *path;
	char *format;      /* "kernel-tuner" or "t4" */
	char *device;      /* "" if the file does not say */
	char *kernel;      /* "" if the file does not say */
	struct ww_recorded_parameter *parameters; /* in the file's order */
	uint32_t n_parameters;
	uint32_t *rows;    /* n_entries rows of n_parameters value indices */
	struct ww_recorded_entry *entries;
	uint64_t n_entries;
	double *samples_ms;
	uint64_t n_samples;
	uint64_t n_repeated; /* entries replaced by a later one of the same key */
	uint64_t n_unusable; /* entries that could not be understood */
	uint32_t truncated;  /* the file ended early; what was whole is here */
	struct ww_recording_index *index;
	char **texts;      /* distinct causes of failures */
	uint32_t n_texts;
};

/* Whether the first bytes of a file look like a recording: gzip, or JSON with
 * the members that the formats have. */
int ww_recording_recognise(const char *bytes, size_t length);

/* WW_OK; WW_E_NOT_FOUND (no file), WW_E_IO, WW_E_FORMAT, WW_E_NO_MEMORY with
 * the cause in `message` (WW_RECORDING_MESSAGE bytes). */
ww_status ww_recording_read(const char *path, struct ww_recording **recording,
                            char *message);
/* From bytes that are there already; `name` stands in messages. */
ww_status ww_recording_parse(const char *bytes, size_t length,
                             const char *name,
                             struct ww_recording **recording, char *message);
void ww_recording_free(struct ww_recording *recording);

/* Number of the entry with these value indices, or WW_RECORDING_ABSENT. */
uint64_t ww_recording_find(const struct ww_recording *recording,
                           const uint32_t *row);

/* Whether two values mean the same configuration: equal text, or equal numbers
 * (a truth value equals 0 or 1, as in Python). */
int ww_recorded_value_equal(const struct ww_value *a, const struct ww_value *b);

#endif
