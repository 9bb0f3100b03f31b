/* SPDX-License-Identifier: MIT
 *
 * A Gaussian process over configurations: what to expect of one, and how sure
 * that is. Its covariance has a part for every parameter alone, one for every
 * pair and one for all together, as effects of parameters on a kernel are mostly
 * separate, sometimes joint. How much each part counts, how far each parameter
 * reaches and how rough it all is, is learnt from the results.
 */
#ifndef WW_PLUGINS_GAUSSIAN_H
#define WW_PLUGINS_GAUSSIAN_H

#include "plugins/common/factors.h"
#include "warpwright/abi.h"

/* Configurations that are looked at together. */
#define WW_GAUSSIAN_BLOCK 8

/* What is learnt beside the reach of each factor: logarithms of weights, and of
 * the odds of the rough part. */
enum ww_weight {
	WW_WEIGHT_ALONE,
	WW_WEIGHT_PAIRS,
	WW_WEIGHT_ALL,
	WW_WEIGHT_NOISE,
	WW_WEIGHT_ROUGH,
	WW_WEIGHTS,
};
#define WW_GAUSSIAN_MOST (WW_FACTORS_MOST + WW_WEIGHTS)

struct ww_gaussian {
	struct ww_factors factors;
	/* What is learnt: log reaches of the factors, then weights. */
	double learnt[WW_GAUSSIAN_MOST];
	double expected[WW_GAUSSIAN_MOST]; /* before anything is known */
	double weights[WW_WEIGHTS];        /* as numbers, not logarithms */
	/* The examples. */
	size_t n;
	size_t capacity;
	uint32_t *codes;  /* a value for each factor */
	double *values;   /* with mean 0 and deviation 1 */
	double mean;
	double deviation;
	double *lower;    /* Cholesky factor, rows of `capacity` */
	size_t n_lower;   /* rows of it that hold */
	double *solved;   /* lower solved = values */
	double *alpha;    /* covariance alpha = values */
	double *inverse;  /* scratch of learning, two matrices */
	/* The configurations that are looked at, in blocks. */
	size_t n_watched;
	size_t watch_capacity;
	uint32_t *watched;
	size_t *n_seen;   /* per block: rows of `shadows` that hold */
	double *shadows;  /* per block: shadow_rows lines of a block */
	size_t shadow_rows;
};

/* 0 if memory is short. The process is of no use if factors.n is 0 then. */
int ww_gaussian_start(struct ww_gaussian *process,
                      const struct ww_space *space);
void ww_gaussian_clear(struct ww_gaussian *process);

/* Takes n examples, with `steps` steps of learning what counts (0: as before).
 * Costs least if the rows begin with those of the last time.
 * WW_OK or WW_E_NO_MEMORY. */
ww_status ww_gaussian_fit(struct ww_gaussian *process,
                          const uint32_t *const *rows, const double *values,
                          size_t n, unsigned steps);
/* What to expect of one configuration. */
double ww_gaussian_mean(const struct ww_gaussian *process,
                        const uint32_t *row);

/* Configurations to be looked at again and again while examples are added:
 * that is much cheaper than as often anew. */
void ww_gaussian_unwatch(struct ww_gaussian *process);
ww_status ww_gaussian_watch(struct ww_gaussian *process, const uint32_t *row);
/* Means and variances of all that are watched, in their order. Both arrays have
 * room for a block more. */
ww_status ww_gaussian_look(struct ww_gaussian *process, double *means,
                           double *variances);

/* For learning (gaussian_learn.c): takes over process->learnt, and makes what
 * depends on it and the values; 0 if there is no Cholesky factor. */
void ww_gaussian_set(struct ww_gaussian *process);
int ww_gaussian_solve(struct ww_gaussian *process);
void ww_gaussian_learn(struct ww_gaussian *process, unsigned steps);

#endif
