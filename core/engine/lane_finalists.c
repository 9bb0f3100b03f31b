/* SPDX-License-Identifier: MIT
 *
 * The best ones once more, in turn, on one device.
 */
#include <stdlib.h>

#include "core/base/text.h"
#include "core/engine/lane_worker.h"

/* The finalists meet on one device: the one that all values are those of, as
 * long as it is there. */
static struct ww_lane *
choose_device(const struct ww_process_lanes *owner)
{
	struct ww_lane *base = ww_calibrate_base(owner);

	if (base->phase == WW_PHASE_GONE)
		return ww_calibrate_free(owner);
	return base->phase == WW_PHASE_IDLE && ww_child_running(base->child)
	               ? base
	               : NULL;
}

/* Waits for it to be free: it may be coming up again after a crash. */
static struct ww_lane *
wait_for_device(struct ww_process_lanes *owner)
{
	int64_t end_ns = ww_now_ns() + owner->run_limit_ns;
	struct ww_lane *lane = NULL;

	while (owner->failed.status == WW_OK && lane == NULL &&
	       ww_now_ns() < end_ns &&
	       !ww_cancel_requested(owner->setup.cancel)) {
		lane = choose_device(owner);
		if (lane == NULL)
			uv_run(&owner->loop, UV_RUN_ONCE);
	}
	return lane;
}

static void
read_interleaved(struct json_object *frame, double factor,
                 const struct ww_interleave *interleave)
{
	struct json_object *rows = ww_json_get(frame, "values");
	uint32_t i;
	size_t k;

	for (i = 0; i < interleave->n; i++) {
		struct json_object *row =
			json_object_is_type(rows, json_type_array)
				? json_object_array_get_idx(rows, i)
				: NULL;
		size_t n = json_object_is_type(row, json_type_array)
		                   ? json_object_array_length(row)
		                   : 0;

		interleave->counts[i] = n;
		interleave->samples[i] = ww_alloc((n + 1) * sizeof(double));
		for (k = 0; k < n; k++)
			interleave->samples[i][k] =
				json_object_get_double(
					json_object_array_get_idx(row, k)) /
				factor;
	}
}

ww_status
ww_lanes_interleave(struct ww_lanes *lanes,
                    const struct ww_interleave *interleave,
                    struct ww_error *error)
{
	struct ww_process_lanes *owner = (struct ww_process_lanes *)lanes;
	struct ww_lane *lane = wait_for_device(owner);
	int64_t limit_ns = interleave->budget_ns +
	                   owner->run_limit_ns * (int64_t)interleave->n;

	if (lane == NULL)
		return ww_error_set(error, WW_E_DEVICE_LOST,
		                    "no device is free to measure the "
		                    "finalists");
	owner->interleave_why[0] = '\0';
	ww_lane_give(lane, WW_JOB_INTERLEAVE, NULL,
	             ww_frame_interleave(interleave), limit_ns);
	while (lane->kind == WW_JOB_INTERLEAVE &&
	       owner->failed.status == WW_OK &&
	       !ww_cancel_requested(owner->setup.cancel)) {
		ww_process_pause(owner);
		uv_run(&owner->loop, UV_RUN_ONCE);
	}
	if (owner->interleaved == NULL)
		return ww_error_set(error, WW_E_DEVICE_LOST,
		                    "the finalists could not be measured "
		                    "again%s%s",
		                    owner->interleave_why[0] != '\0' ? ": " : "",
		                    owner->interleave_why);
	read_interleaved(owner->interleaved, ww_calibrate_factor(lane),
	                 interleave);
	json_object_put(owner->interleaved);
	owner->interleaved = NULL;
	return WW_OK;
}
