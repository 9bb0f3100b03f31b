/* SPDX-License-Identifier: MIT
 *
 * The shortest time that the hardware allows a kernel: its useful work at the
 * peak rate, and the bytes that it must move at full bandwidth.
 */
#ifndef WW_CORE_ROOFLINE_H
#define WW_CORE_ROOFLINE_H

#include "core/prompt/view.h"

struct ww_roofline {
	double flops;      /* NaN: the task does not say */
	double bytes;
	double compute_ms; /* NaN: rate or work is not known */
	double traffic_ms;
	bool estimated;    /* the rate is ours, not the device's own */
	bool faster_units; /* some arguments are smaller than the float32 of the
	                    * rate, so other units may be faster */
};

/* `hardware` may be null. */
void ww_roofline(const struct ww_task *task, const struct ww_hardware *hardware,
                 const uint32_t *indices, struct ww_roofline *roofline);
/* The larger of the two bounds, or NaN. */
double ww_roofline_ms(const struct ww_roofline *roofline);
/* A bound that no configuration can pass, for a rule that ends a search: what is
 * only estimated or has faster units is left out, and traffic too if data may
 * stay in caches (`cold` false). NaN: there is none. */
double ww_roofline_floor_ms(const struct ww_roofline *roofline, bool cold);

/* A hardware fact, or NaN. */
double ww_hardware_number(const struct ww_hardware *hardware, const char *name);
/* Peak float32 rate in GFLOP/s: the device's own word, or what its cores do with
 * one vector multiply-add a cycle (*estimated). NaN. */
double ww_hardware_rate(const struct ww_hardware *hardware, bool *estimated);

#endif
