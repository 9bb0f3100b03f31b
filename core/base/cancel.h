/* SPDX-License-Identifier: MIT
 *
 * A flag that asks long work to end; set from a signal handler or another
 * thread, polled by whoever works.
 */
#ifndef WW_CORE_CANCEL_H
#define WW_CORE_CANCEL_H

#include <stdatomic.h>

struct ww_cancel {
	atomic_int requested;
};

void ww_cancel_request(struct ww_cancel *cancel);
void ww_cancel_reset(struct ww_cancel *cancel);
/* `cancel` may be null: never. */
int ww_cancel_requested(const struct ww_cancel *cancel);

#endif
