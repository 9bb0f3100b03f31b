/* SPDX-License-Identifier: MIT
 *
 * What a prompt is made of: a read-only view of the session at one moment, owned
 * by the strategy's thread (trials are those it has been told).
 */
#ifndef WW_CORE_PROMPT_VIEW_H
#define WW_CORE_PROMPT_VIEW_H

#include "core/config/settings.h"
#include "core/task/task.h"
#include "warpwright/trial.h"

struct ww_hardware_fact {
	const char *name; /* as in warpwright/backend.h */
	double value;     /* NaN: `text` holds it */
	const char *text;
};

struct ww_hardware {
	const char *id;
	const char *name;
	const struct ww_hardware_fact *facts;
	size_t n_facts;
};

/* A proposal that was refused, for the next prompt. */
struct ww_refusal {
	const char *config; /* as the model wrote it, shortened */
	const char *why;
	uint32_t round;
};

struct ww_prompt_view {
	const struct ww_task *task;
	const struct ww_hardware *hardware; /* null: not known */
	const struct ww_settings *settings;
	const struct ww_trial *const *trials; /* finished, any order */
	size_t n_trials;
	const struct ww_refusal *refusals;
	size_t n_refusals;
	uint32_t round;
	uint32_t want;
	uint64_t evaluations_left; /* UINT64_MAX: unlimited */
};

#endif
