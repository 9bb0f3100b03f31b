/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu_quiet.h"

static ww_status
quiet_fail(struct ww_call *self, ww_status status, const char *text)
{
	(void)self;
	(void)text;
	return status;
}

static int32_t
never_cancelled(struct ww_call *self)
{
	(void)self;
	return 0;
}

static int64_t
no_deadline(struct ww_call *self)
{
	(void)self;
	return INT64_MAX;
}

struct ww_call gpu_quiet = {
	.size = sizeof gpu_quiet,
	.fail = quiet_fail,
	.cancelled = never_cancelled,
	.deadline_ns = no_deadline,
};
