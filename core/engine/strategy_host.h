/* SPDX-License-Identifier: MIT
 *
 * The host service ww_strategies: other strategies as parts of one, and the name
 * of the filler. One service an instance; parts left open are closed with it.
 */
#ifndef WW_CORE_STRATEGY_HOST_H
#define WW_CORE_STRATEGY_HOST_H

#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "warpwright/strategy.h"

struct ww_strategy_host;
struct ww_strategy_host *
ww_strategy_host_new(const struct ww_settings *settings,
                     const struct ww_registry *registry,
                     const struct ww_space *space,
                     const struct ww_clock *clock, uint64_t seed);
void ww_strategy_host_free(struct ww_strategy_host *host);
const struct ww_strategies *
ww_strategy_host_face(const struct ww_strategy_host *host);
/* Copies the filler's name, "" if none; from any thread. */
void ww_strategy_host_filler(struct ww_strategy_host *host, char *name,
                             size_t size);
/* `name`, or what stands for it while no plugin of that name is loaded: "auto"
 * is "pattern", "pattern" is "random". Null: nothing is. */
const char *ww_strategy_stand_in(const struct ww_registry *registry,
                                 const char *name);

#endif
