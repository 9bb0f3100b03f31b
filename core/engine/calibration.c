/* SPDX-License-Identifier: MIT */
#include "core/engine/calibration.h"

#include <math.h>

void
ww_calibration_take(struct ww_calibration *calibration, double median,
                    double low, double high)
{
	calibration->median = median;
	/* Without an interval the median stands for it. */
	calibration->low = isnan(low) ? median : low;
	calibration->high = isnan(high) ? median : high;
	calibration->times++;
}

double
ww_calibration_factor(const struct ww_calibration *device,
                      const struct ww_calibration *base)
{
	double factor;

	if (device->times == 0 || base->times == 0 ||
	    (device->low <= base->high && base->low <= device->high))
		return 1;
	factor = device->median / base->median;
	return isfinite(factor) && factor > 0 ? factor : 1;
}
