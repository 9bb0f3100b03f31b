/* SPDX-License-Identifier: MIT
 *
 * Several devices: which of them may measure, and when one measures the shared
 * configuration instead. Until there is one that runs, the first device works
 * alone; then every other begins with it, and all repeat it now and then.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/lane_worker.h"

/* Clocks drift with the temperature, but slowly; and no more than a fiftieth of
 * the time is spent on it. */
#define PERIOD_NS (INT64_C(60) * 1000000000)
#define SHARE 50
#define ATTEMPTS 3u

static bool
is_several(const struct ww_process_lanes *owner)
{
	return owner->lanes.n_devices > 1;
}

/* The device whose values count as they are. It stays the base also after its
 * loss, once it is known. */
static struct ww_lane *
base_of(const struct ww_process_lanes *owner)
{
	uint32_t i;

	if (owner->base != NULL)
		return owner->base;
	for (i = 0; i < owner->lanes.n_devices; i++)
		if (owner->devices[i].phase != WW_PHASE_GONE)
			return &owner->devices[i];
	return &owner->devices[0];
}

static bool
is_free(const struct ww_lane *lane)
{
	return lane->phase == WW_PHASE_IDLE && ww_child_running(lane->child);
}

static bool
may_measure(const struct ww_process_lanes *owner, const struct ww_lane *lane)
{
	if (!is_free(lane))
		return false;
	if (!is_several(owner))
		return true;
	if (owner->shared.artifact[0] == '\0')
		return lane == base_of(owner);
	return lane->calibration.times > 0 &&
	       base_of(owner)->calibration.times > 0;
}

struct ww_lane *
ww_calibrate_free(const struct ww_process_lanes *owner)
{
	uint32_t i;

	for (i = 0; i < owner->lanes.n_devices; i++)
		if (may_measure(owner, &owner->devices[i]))
			return &owner->devices[i];
	return NULL;
}

uint32_t
ww_calibrate_room(const struct ww_process_lanes *owner)
{
	uint32_t n = 0, i;

	for (i = 0; i < owner->lanes.n_devices; i++)
		n += may_measure(owner, &owner->devices[i]);
	return n;
}

struct ww_lane *
ww_calibrate_base(const struct ww_process_lanes *owner)
{
	return base_of(owner);
}

double
ww_calibrate_factor(const struct ww_lane *lane)
{
	return ww_calibration_factor(&lane->calibration,
	                             &base_of(lane->owner)->calibration);
}

/* ------------------------------------------------------- when to measure it */

void
ww_calibrate_offer(struct ww_lane *lane)
{
	struct ww_process_lanes *owner = lane->owner;
	const struct ww_shared *shared = &owner->shared;

	if (!is_several(owner) || shared->artifact[0] == '\0' ||
	    !is_free(lane) ||
	    (lane->calibration.times > 0 && ww_now_ns() < lane->due_ns))
		return;
	ww_lane_give(lane, WW_JOB_CALIBRATE, NULL,
	             ww_frame_measure(owner, shared->indices, shared->artifact,
	                              &shared->plan),
	             owner->run_limit_ns + shared->plan.budget_ns);
}

static void
set_due(struct ww_lane *lane, int64_t took_ns)
{
	int64_t wait_ns = took_ns > PERIOD_NS / SHARE ? took_ns * SHARE
	                                              : PERIOD_NS;

	lane->due_ns = ww_now_ns() + wait_ns;
}

void
ww_lanes_share(struct ww_lanes *lanes, const struct ww_shared *shared,
               const char *device, double median, double low, double high)
{
	struct ww_process_lanes *owner = (struct ww_process_lanes *)lanes;
	uint32_t n_slots = owner->setup.task->space->view.n_slots;
	uint32_t *indices = ww_alloc((n_slots + 1) * sizeof *indices);
	uint32_t i;

	memcpy(indices, shared->indices, n_slots * sizeof *indices);
	owner->shared = *shared;
	owner->shared.indices = owner->shared_indices = indices;
	for (i = 0; i < lanes->n_devices; i++) {
		struct ww_lane *lane = &owner->devices[i];

		if (device == NULL || strcmp(lane->device, device) != 0)
			continue;
		owner->base = lane;
		ww_calibration_take(&lane->calibration, median, low, high);
		set_due(lane, 0);
	}
	for (i = 0; i < lanes->n_devices; i++)
		ww_calibrate_offer(&owner->devices[i]);
}

/* ------------------------------------------------------------ what comes of it */

void
ww_calibrate_take(struct ww_lane *lane, struct json_object *frame)
{
	struct ww_process_lanes *owner = lane->owner;
	int64_t took_ns = ww_now_ns() - lane->sent_ns;

	owner->base = base_of(owner);
	owner->busy_ns += took_ns;
	ww_calibration_take(&lane->calibration,
	                    ww_json_number(frame, "median_ms", NAN),
	                    ww_json_number(frame, "ci_low_ms", NAN),
	                    ww_json_number(frame, "ci_high_ms", NAN));
	lane->missed = 0;
	set_due(lane, took_ns);
}

/* A device that cannot do what another could is not to be believed. */
bool
ww_calibrate_missed(struct ww_lane *lane, const char *why)
{
	set_due(lane, 0);
	if (lane->calibration.times > 0 || ++lane->missed < ATTEMPTS)
		return true;
	snprintf(lane->why, sizeof lane->why,
	         "it cannot run the configuration that the devices are compared "
	         "by: %.1000s", why);
	lane->status = WW_E_DEVICE_LOST;
	return false;
}

uint32_t
ww_lanes_factors(const struct ww_lanes *lanes, struct ww_device_factor *factors)
{
	const struct ww_process_lanes *owner =
		(const struct ww_process_lanes *)lanes;
	uint32_t i;

	if (!is_several(owner))
		return 0;
	for (i = 0; i < lanes->n_devices; i++) {
		const struct ww_lane *lane = &owner->devices[i];

		factors[i] = (struct ww_device_factor){
			.device = lane->device,
			.calibration = lane->calibration,
			.factor = ww_calibrate_factor(lane),
			.base = lane == base_of(owner),
		};
	}
	return lanes->n_devices;
}
