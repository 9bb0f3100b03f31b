/* SPDX-License-Identifier: MIT
 *
 * Search of one independent part of a space without a diagram: depth first,
 * each rule checked as soon as its slots have values. For parts whose diagram
 * would be too large.
 */
#ifndef WW_CORE_BACKTRACK_H
#define WW_CORE_BACKTRACK_H

#include "core/space/plan.h"
#include "warpwright/host.h"

#define WW_BACKTRACK_DONE 0    /* every valid assignment was visited */
#define WW_BACKTRACK_STOPPED 1 /* the visitor had enough */
#define WW_BACKTRACK_LIMIT 2   /* `steps` were not enough */

/* Calls `visit` with indices[] filled for this part's slots. */
int ww_backtrack_each(const struct ww_rules *rules, const struct ww_plan *plan,
                      uint64_t steps, uint32_t *indices,
                      bool (*visit)(void *context), void *context,
                      double *faulty);
/* One valid assignment: uniform by rejection; if that does not succeed in time,
 * by a random descent, which is valid but not uniform. False: none found. */
bool ww_backtrack_sample(const struct ww_rules *rules,
                         const struct ww_plan *plan,
                         const struct ww_random *random, uint32_t *indices);

#endif
