/* SPDX-License-Identifier: MIT
 *
 * The one place where what a model wrote becomes a configuration. Tolerant where
 * the meaning is beyond doubt (a number as text, a missing parameter that has a
 * default, a list written as an object), strict everywhere else; every repair
 * and every refusal is put into words for the model.
 */
#ifndef WW_CORE_MAPPING_H
#define WW_CORE_MAPPING_H

#include "core/space/space.h"

#define WW_MAPPED 0u           /* as written */
#define WW_MAPPED_REPAIRED 1u  /* completed or converted; `note` says how */
#define WW_MAPPED_UNREADABLE 2u /* no configuration at all */
#define WW_MAPPED_VALUE 3u     /* an unknown name or a value not in the space */
#define WW_MAPPED_CONSTRAINT 4u /* breaks a rule; indices are set */

struct ww_mapping {
	unsigned result; /* WW_MAPPED… */
	char note[512];  /* "" if as written */
};

/* `config` is any JSON value: an object of parameters, or an array of values in
 * parameter order. indices is set for results 0, 1 and 4. */
void ww_map_config(const struct ww_search_space *space,
                   struct json_object *config, uint32_t *indices,
                   struct ww_mapping *mapping);

#endif
