/* SPDX-License-Identifier: MIT */
#include "core/engine/forecast.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"

/* Work grows with the square of the slots. */
#define MOST_SLOTS 64u
/* What is expected of a slot before anything is known: from its first to its
 * last value, times differ by a factor of e^1.8 or less, mostly. The mean may be
 * anything. Both are variances in units of the noise's. */
#define SPREAD 3.0
#define MEAN 1000.0
#define SHORTEST_NS 1e5

struct ww_forecast {
	const struct ww_space *space;
	uint32_t n;      /* weights: one a slot and the mean; 0: too many */
	double *weights;
	double *spread;  /* their covariance, n * n */
	double *row;     /* scratch: positions of a configuration */
	double *gain;    /* scratch: n */
};

struct ww_forecast *
ww_forecast_new(const struct ww_space *space)
{
	struct ww_forecast *forecast = ww_alloc(sizeof *forecast);
	uint32_t n = space->n_slots <= MOST_SLOTS ? space->n_slots + 1 : 0;
	uint32_t i;

	forecast->space = space;
	forecast->n = n;
	forecast->weights = ww_alloc((n + 1) * sizeof(double));
	forecast->row = ww_alloc((n + 1) * sizeof(double));
	forecast->gain = ww_alloc((n + 1) * sizeof(double));
	forecast->spread = ww_alloc(((size_t)n * n + 1) * sizeof(double));
	for (i = 0; i < n; i++)
		forecast->spread[(size_t)i * n + i] = i + 1 < n ? SPREAD : MEAN;
	return forecast;
}

void
ww_forecast_free(struct ww_forecast *forecast)
{
	if (forecast == NULL)
		return;
	free(forecast->weights);
	free(forecast->spread);
	free(forecast->row);
	free(forecast->gain);
	free(forecast);
}

/* Of the slot's value among all, 0 … 1. */
static double
position(const struct ww_forecast *forecast, uint32_t slot, uint32_t index)
{
	uint32_t n_values = forecast->space->slots[slot].n_values;

	return n_values > 1 ? (double)index / (n_values - 1) : 0;
}

double
ww_forecast_of(const struct ww_forecast *forecast, const uint32_t *indices)
{
	uint32_t n = forecast->n;
	double sum = n > 0 ? forecast->weights[n - 1] : 0;
	uint32_t i;

	for (i = 0; i + 1 < n; i++)
		sum += forecast->weights[i] * position(forecast, i, indices[i]);
	return sum;
}

void
ww_forecast_learn(struct ww_forecast *forecast, const uint32_t *indices,
                  int64_t ns)
{
	double miss = log(fmax((double)ns, SHORTEST_NS)) -
	              ww_forecast_of(forecast, indices);
	uint32_t n = forecast->n;
	double noise = 1;
	uint32_t i, k;

	for (i = 0; i < n; i++)
		forecast->row[i] = i + 1 < n ? position(forecast, i, indices[i])
		                             : 1;
	for (i = 0; i < n; i++) {
		forecast->gain[i] = 0;
		for (k = 0; k < n; k++)
			forecast->gain[i] += forecast->spread[(size_t)i * n + k] *
			                     forecast->row[k];
		noise += forecast->row[i] * forecast->gain[i];
	}
	for (i = 0; i < n; i++) {
		forecast->weights[i] += forecast->gain[i] / noise * miss;
		for (k = 0; k < n; k++)
			forecast->spread[(size_t)i * n + k] -=
				forecast->gain[i] * forecast->gain[k] / noise;
	}
}
