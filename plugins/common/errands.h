/* SPDX-License-Identifier: MIT
 *
 * Who sent for a result that is still outstanding: a strategy with several
 * searchers (wolves, islands) notes it when it proposes, and asks when the
 * result comes, in whatever order.
 */
#ifndef WW_PLUGINS_ERRANDS_H
#define WW_PLUGINS_ERRANDS_H

#include <stddef.h>
#include <stdint.h>

struct errands {
	struct errand {
		size_t point;
		uint32_t sender;
	} *list;
	size_t n, room;
};

#define ERRANDS_NOBODY UINT32_MAX

/* Without memory the errand is forgotten: its result will be nobody's. Returns
 * whether it was noted. */
int errands_add(struct errands *errands, size_t point, uint32_t sender);
/* The sender, whose errand is done now, or ERRANDS_NOBODY. */
uint32_t errands_take(struct errands *errands, size_t point);
void errands_clear(struct errands *errands);

#endif
