/* SPDX-License-Identifier: MIT
 *
 * Raw timing samples of one loaded configuration, as they come from a backend.
 * Knows nothing of when there are enough.
 */
#ifndef WW_CORE_SAMPLES_H
#define WW_CORE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "warpwright/backend.h"

struct ww_samples {
	double *ms; /* milliseconds a launch; owned */
	size_t n;
	size_t space;
	uint32_t repeats; /* launches a sample; 0 until the backend chose */
};

void ww_samples_add(struct ww_samples *samples, double value);
/* Asks the backend for up to `n` more samples. */
ww_status ww_samples_take(struct ww_samples *samples,
                          const struct ww_device_ops *ops,
                          struct ww_call *call, void *loaded, uint32_t n,
                          bool cold, int64_t budget_ns);
/* Forgets all but the last one. */
void ww_samples_keep_last(struct ww_samples *samples);
/* False, with a text, if a sample is no positive finite number. */
bool ww_samples_sane(const struct ww_samples *samples, char *text,
                     size_t size);
void ww_samples_clear(struct ww_samples *samples);

#endif
