/* SPDX-License-Identifier: MIT
 *
 * warpwright/space.h: the search space as a strategy sees it, read-only.
 *
 * A space is a row of slots. A scalar parameter is one slot; a list parameter
 * with k dimensions is k slots named "tile.M", "tile.N", … that share a group.
 * A configuration is an array of value indices, one a slot, so that no plugin
 * can invent a value and equality is a comparison of integers. A slot whose
 * parameter does not exist under the condition that the task gives (an inactive
 * slot) always holds its default index: each configuration has one spelling.
 */
#ifndef WARPWRIGHT_SPACE_H
#define WARPWRIGHT_SPACE_H

#include "warpwright/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WW_VALUE_INT 1u    /* integer in `integer`, also in `number` */
#define WW_VALUE_FLOAT 2u  /* in `number` */
#define WW_VALUE_BOOL 3u   /* 0 or 1 in `integer` and `number` */
#define WW_VALUE_STRING 4u /* in `string`; number is NaN */

struct ww_value {
	const char *name;   /* of the parameter, or null for a bare value */
	const char *string; /* text as a user would write it, for every type */
	double number;
	int64_t integer;
	uint32_t type;      /* WW_VALUE_… */
	uint32_t reserved;
};

#define WW_SLOT_ORDERED 1u     /* neighbouring indices are similar values */
#define WW_SLOT_LOG 2u         /* values grow geometrically: compare logs */
#define WW_SLOT_CONDITIONAL 4u /* inactive in some configurations */

struct ww_slot {
	const char *name;              /* "block_size_x", "tile.M" */
	const struct ww_value *values; /* n_values of them, in the task's order */
	uint32_t n_values;             /* at least 1 */
	uint32_t default_index;
	uint32_t flags;                /* WW_SLOT_… */
	uint32_t group; /* slots of one list parameter share it; else unique */
};

struct ww_space {
	uint32_t size;
	uint32_t n_slots;
	const struct ww_slot *slots; /* lives as long as the space */
	/* Number of valid configurations; exact if *exact is set to 1, else a
	 * lower bound. `exact` may be null. */
	double (*count)(const struct ww_space *self, int32_t *exact);
	/* 1 if indices (n_slots of them) are in range, obey every constraint
	 * and spell inactive slots by their default. */
	int32_t (*valid)(const struct ww_space *self, const uint32_t *indices);
	/* Sets inactive slots to their default index, in place. */
	void (*canonical)(const struct ww_space *self, uint32_t *indices);
	/* Uniform over the valid configurations. WW_OK, or WW_E_NOT_FOUND if
	 * there is none. */
	ww_status (*sample)(const struct ww_space *self,
	                    const struct ww_random *random, uint32_t *indices);
	/* The valid configuration number `rank` (0 … count-1) in a fixed order;
	 * WW_E_NOT_FOUND past the end, WW_E_UNSUPPORTED if count is not exact. */
	ww_status (*at)(const struct ww_space *self, uint64_t rank,
	                uint32_t *indices);
	/* 1 if two different slots share a constraint, a condition or a list. */
	int32_t (*related)(const struct ww_space *self, uint32_t a, uint32_t b);
	/* Writes the configuration as a canonical JSON object: parameters in
	 * task order, inactive ones left out, lists as arrays. */
	ww_status (*to_json)(const struct ww_space *self,
	                     const uint32_t *indices, struct ww_text_sink *sink);
};

#ifdef __cplusplus
}
#endif
#endif
