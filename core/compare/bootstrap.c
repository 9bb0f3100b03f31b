/* SPDX-License-Identifier: MIT */
#include "core/compare/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "core/measure/stats.h"
#include "core/plugin/host.h"

#define SEED 20240501u

void
ww_bootstrap(ww_statistic *statistic, void *context, uint32_t n_seeds,
             double *value, double *low, double *high)
{
	uint32_t *picked = ww_alloc((n_seeds + (size_t)1) * sizeof *picked);
	double values[WW_RESAMPLES];
	struct ww_random_stream stream;
	size_t n = 0;
	uint32_t i, k;

	for (i = 0; i < n_seeds; i++)
		picked[i] = i;
	*value = n_seeds > 0 ? statistic(context, picked, n_seeds) : NAN;
	ww_random_start(&stream, SEED);
	for (k = 0; k < WW_RESAMPLES && n_seeds > 1; k++) {
		double one;

		for (i = 0; i < n_seeds; i++)
			picked[i] = (uint32_t)ww_random_below(&stream.random,
			                                      n_seeds);
		one = statistic(context, picked, n_seeds);
		if (!isnan(one))
			values[n++] = one;
	}
	*low = n > 0 ? ww_quantile(values, n, 0.025) : NAN;
	*high = n > 0 ? ww_quantile(values, n, 0.975) : NAN;
	free(picked);
}
