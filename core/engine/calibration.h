/* SPDX-License-Identifier: MIT
 *
 * What one device of several takes for the configuration that all of them share,
 * and the factor that follows: values measured on it are divided by that, so that
 * all of a session's values are those of one device.
 */
#ifndef WW_CORE_CALIBRATION_H
#define WW_CORE_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

struct ww_calibration {
	double median, low, high; /* of the shared configuration, latest */
	uint32_t times;           /* 0: not measured yet */
};

void ww_calibration_take(struct ww_calibration *calibration, double median,
                         double low, double high);
/* The device's median over the base's. Where their intervals overlap, nothing
 * tells them apart: 1, because a factor that is only noise would be put on every
 * value of the device. Also 1 until both are known. */
double ww_calibration_factor(const struct ww_calibration *device,
                             const struct ww_calibration *base);

#endif
