/* SPDX-License-Identifier: MIT
 *
 * A set of configurations: has this one been seen?
 */
#ifndef WW_CORE_CONFIG_SET_H
#define WW_CORE_CONFIG_SET_H

#include <stdbool.h>
#include <stdint.h>

struct ww_config_set;
struct ww_config_set *ww_config_set_new(uint32_t n_slots);
void ww_config_set_free(struct ww_config_set *set);
/* Copies the configuration; false if it was there already. */
bool ww_config_set_add(struct ww_config_set *set, const uint32_t *indices);

#endif
