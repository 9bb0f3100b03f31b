/* SPDX-License-Identifier: MIT
 *
 * Lanes on a simulated clock: W compile workers and D devices that take as long
 * as the recording says. No process, no thread, no waiting, so the engine's own
 * cost is all that a simulated session takes.
 */
#ifndef WW_CORE_LANE_SIMULATED_H
#define WW_CORE_LANE_SIMULATED_H

#include "core/engine/lane.h"
#include "warpwright/backend.h"

/* `ops` and `self` are an opened backend that replays; borrowed. */
struct ww_lanes *ww_lanes_simulated(const struct ww_replay_ops *ops, void *self,
                                    const struct ww_space *space,
                                    uint32_t n_compile, uint32_t n_devices);
/* The simulated clock as a service for strategies; lives as long as the lanes. */
const struct ww_clock *ww_lanes_simulated_clock(struct ww_lanes *lanes);

#endif
