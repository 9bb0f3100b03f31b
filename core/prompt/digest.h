/* SPDX-License-Identifier: MIT
 *
 * The trials of a view in the order that the rest of the prompt needs, and the
 * numbers that many pieces share.
 */
#ifndef WW_CORE_DIGEST_H
#define WW_CORE_DIGEST_H

#include "core/engine/trial.h"
#include "core/prompt/page.h"
#include "core/prompt/view.h"

struct ww_digest {
	const struct ww_prompt_view *view;
	const struct ww_search_space *space;
	const struct ww_trial **good;   /* measured, best first */
	size_t n_good;
	const struct ww_trial **failed; /* in order of proposal */
	size_t n_failed;
	double best;  /* NaN: none */
	double noise; /* typical half interval over objective; NaN: unknown */
};

void ww_digest_start(struct ww_digest *digest,
                     const struct ww_prompt_view *view);
void ww_digest_clear(struct ww_digest *digest);

/* Objective of a measured trial divided by the best. */
double ww_digest_relative(const struct ww_digest *digest,
                          const struct ww_trial *trial);
/* Whether a `prompt.` switch is on; `fallback` without settings. */
bool ww_prompt_wants(const struct ww_prompt_view *view, const char *key,
                     bool fallback);
/* The value as a user would write it, "-" for a slot that does not exist in
 * this configuration. */
const char *ww_prompt_value(const struct ww_search_space *space,
                            const uint32_t *indices, uint32_t slot);
/* The hardware if it may be told, else null. */
const struct ww_hardware *
ww_prompt_hardware_of(const struct ww_prompt_view *view);

/* What a configuration occupies of one multiprocessor: computed from launch,
 * registers and shared memory, where all of them are known. */
struct ww_residency {
	double blocks;  /* a multiprocessor; NaN: not known */
	double occupancy; /* 0…1 */
	double waves;   /* blocks of the launch over those that run at once */
	const char *limiter; /* what allows no further block, or "" */
};
void ww_residency(const struct ww_prompt_view *view,
                  const struct ww_trial *trial, struct ww_residency *residency);

/* The configuration as a JSON object on one line. */
void ww_prompt_config(struct ww_page *page,
                      const struct ww_search_space *space,
                      const uint32_t *indices);

/* The pieces. Each writes lines that end in a newline, or nothing. */
void ww_prompt_hardware(struct ww_page *page,
                        const struct ww_prompt_view *view);
void ww_prompt_kernel(struct ww_page *page, const struct ww_prompt_view *view);
void ww_prompt_space(struct ww_page *page,
                     const struct ww_search_space *space);
void ww_prompt_rules(struct ww_page *page,
                     const struct ww_search_space *space);
/* Measured configurations, worst to best, condensed to about `limit` bytes. */
void ww_prompt_history(struct ww_page *page, const struct ww_digest *digest,
                       size_t limit);
void ww_prompt_failures(struct ww_page *page, const struct ww_digest *digest);
void ww_prompt_refusals(struct ww_page *page,
                        const struct ww_prompt_view *view);
/* Values that are frequent among the best; among the failed. */
void ww_prompt_worked(struct ww_page *page, const struct ww_digest *digest);
void ww_prompt_failing(struct ww_page *page, const struct ww_digest *digest);
/* Median relative time of every value, most decisive parameter first. */
void ww_prompt_effects(struct ww_page *page, const struct ww_digest *digest);
/* Pairs of parameters whose values only count together. */
void ww_prompt_interactions(struct ww_page *page,
                            const struct ww_digest *digest);
/* Values and pairs of values never tried, parameters never varied. */
void ww_prompt_untested(struct ww_page *page, const struct ww_digest *digest);

#endif
