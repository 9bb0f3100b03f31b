/* SPDX-License-Identifier: MIT */
#include "core/base/cancel.h"

#include <stddef.h>

void
ww_cancel_request(struct ww_cancel *cancel)
{
	atomic_store(&cancel->requested, 1);
}

void
ww_cancel_reset(struct ww_cancel *cancel)
{
	atomic_store(&cancel->requested, 0);
}

int
ww_cancel_requested(const struct ww_cancel *cancel)
{
	return cancel != NULL && atomic_load(&cancel->requested) != 0;
}
