/* SPDX-License-Identifier: MIT
 *
 * Which of the builds that wait will take longest, learnt from those that are
 * done: a linear regression of the logarithm of their time on the positions of
 * the values, with a ridge, brought up to date by recursive least squares (which
 * is Bayesian regression, one example at a time).
 */
#ifndef WW_CORE_FORECAST_H
#define WW_CORE_FORECAST_H

#include "warpwright/space.h"

struct ww_forecast;
/* `space` lives as long. Never null; a space of very many slots is forecast
 * nothing. */
struct ww_forecast *ww_forecast_new(const struct ww_space *space);
void ww_forecast_free(struct ww_forecast *forecast);
/* A build of this configuration took so long. */
void ww_forecast_learn(struct ww_forecast *forecast, const uint32_t *indices,
                       int64_t ns);
/* Greater for a longer build, equal for all as long as nothing is known. */
double ww_forecast_of(const struct ww_forecast *forecast,
                      const uint32_t *indices);

#endif
