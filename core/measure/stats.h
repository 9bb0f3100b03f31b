/* SPDX-License-Identifier: MIT
 *
 * The statistics that every number of the product goes through.
 */
#ifndef WW_CORE_STATS_H
#define WW_CORE_STATS_H

#include <stddef.h>

struct ww_summary {
	double median;
	double low;  /* 95 % interval of the median, distribution-free: order */
	double high; /* statistics by the binomial; the range if n < 6 */
	double mean;
	double deviation;
	double minimum;
};

/* n >= 1. Leaves `samples` as it is. */
void ww_summarise(const double *samples, size_t n, struct ww_summary *summary);
double ww_median(const double *samples, size_t n); /* NaN if n is 0 */
/* q in 0…1, linear between order statistics; NaN if n is 0. */
double ww_quantile(const double *samples, size_t n, double q);
/* 97.5th percentile of Student's t with this many degrees of freedom (>= 1). */
double ww_t_quantile(size_t freedom);

#endif
