/* SPDX-License-Identifier: MIT
 *
 * Energy of one loaded configuration, for the objectives that need it.
 */
#ifndef WW_CORE_ENERGY_H
#define WW_CORE_ENERGY_H

#include "core/measure/measure.h"
#include "core/measure/samples.h"
#include "core/measure/stats.h"

/* Replaces `summary`, which holds times, by one of the plan's objective, and
 * fills the measurement's means; false, with outcome and text, if the device
 * gives no energy. */
bool ww_measure_energy(const struct ww_device_ops *ops, void *loaded,
                       const struct ww_measure_plan *plan,
                       const struct ww_cancel *cancel,
                       struct ww_summary *summary,
                       struct ww_measurement *measurement);

/* One more value of the objective at the end of `samples`, from a phase of about
 * `budget_ns`. */
ww_status ww_energy_take(const struct ww_device_ops *ops, struct ww_call *call,
                         void *loaded, uint32_t objective, int64_t budget_ns,
                         struct ww_samples *samples);

#endif
