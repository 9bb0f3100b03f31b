/* SPDX-License-Identifier: MIT
 *
 * A recorded space as a whole: every objective in it, what an evaluation costs,
 * and what follows from these for judging a search: the optimum, the expected
 * course of a random search, and where the methodology's score begins and ends.
 */
#ifndef WW_CORE_LANDSCAPE_H
#define WW_CORE_LANDSCAPE_H

#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

struct ww_landscape {
	double *valid;         /* objectives of usable configurations, ascending */
	uint64_t n_valid;
	uint64_t n_failing;
	double median_cost_s;  /* of one evaluation, over all entries */
	double mean_valid_s;   /* mean cost of a usable one */
	double mean_failing_s;
	double mean_compile_s; /* over all entries */
	double mean_measure_s;
};

/* Asks the task's replay backend for every configuration of the space. */
ww_status ww_landscape_new(const struct ww_task *task,
                           const struct ww_settings *settings,
                           const struct ww_registry *registry,
                           struct ww_landscape **landscape,
                           struct ww_error *error);
/* From values that are there already, for tests; `costs` in seconds. */
struct ww_landscape *ww_landscape_of(const double *objectives, uint64_t n,
                                     double compile_s, double measure_s);
void ww_landscape_free(struct ww_landscape *landscape);

double ww_landscape_optimum(const struct ww_landscape *landscape);
/* How many usable configurations are slower than `objective`, plus one: its
 * place in the descending order, 1 … n_valid. */
uint64_t ww_landscape_place(const struct ww_landscape *landscape,
                            double objective);
/* The value at a place of the descending order (capped). */
double ww_landscape_at_place(const struct ww_landscape *landscape,
                             uint64_t place);
/* Expected best of a random search without replacement after k usable
 * evaluations, k a whole number: the value at index round(k (n + 1) / (k + 1))
 * of the descending order, counted from 0 as the methodology does. */
double ww_landscape_random(const struct ww_landscape *landscape, double k);
/* Usable evaluations that a random search needs to come `share` of the way
 * from the median to the optimum: ceil(i / (n + 1 - i)), where i is the index of
 * the first value in the descending order that is that good. */
uint64_t ww_landscape_cutoff(const struct ww_landscape *landscape,
                             double share);
/* Seconds between two usable evaluations of a random search with this many
 * compile workers and devices. */
double ww_landscape_pace(const struct ww_landscape *landscape,
                         uint32_t workers, uint32_t devices);

#endif
