/* SPDX-License-Identifier: MIT
 *
 * How many blocks share a multiprocessor and why no more do, from what the
 * compiler and the device say. Models calculate badly, so this is done for them.
 */
#include <math.h>
#include <string.h>

#include "core/prompt/digest.h"
#include "core/prompt/roofline.h"

/* Registers are given to warps in portions of this many. */
#define REGISTER_PORTION 256
/* Shared memory is given to blocks in portions of this many bytes. */
#define SHARED_PORTION 128

static double
up(double value, double portion)
{
	return ceil(value / portion) * portion;
}

static void
limit(struct ww_residency *residency, double blocks, const char *name)
{
	/* Of equal limits the first one named is as good as any. */
	if (!isfinite(blocks) || blocks >= residency->blocks)
		return;
	residency->blocks = blocks;
	residency->limiter = name;
}

static void
find_limits(struct ww_residency *residency, const struct ww_hardware *hardware,
            const struct ww_trial *trial, double threads, double shared)
{
	double warp = ww_hardware_number(hardware, "warp_width");
	double warps = ceil(threads / warp);
	double registers = ww_trial_fact(trial, "registers");
	double all = ww_hardware_number(hardware,
	                                "threads_per_multiprocessor");

	residency->blocks = INFINITY;
	limit(residency, floor(all / (warps * warp)), "threads");
	limit(residency,
	      ww_hardware_number(hardware, "blocks_per_multiprocessor"),
	      "blocks");
	if (registers > 0)
		limit(residency,
		      floor(floor(ww_hardware_number(
					  hardware,
					  "registers_per_multiprocessor") /
		                  up(registers * warp, REGISTER_PORTION)) /
		            warps),
		      "registers");
	if (shared > 0)
		limit(residency,
		      floor(ww_hardware_number(hardware,
		                               "shared_per_multiprocessor") /
		            up(shared, SHARED_PORTION)),
		      "shared");
	residency->occupancy = residency->blocks * warps * warp / all;
}

/* What the driver itself says wins over what is computed. */
static void
take_facts(struct ww_residency *residency, const struct ww_trial *trial)
{
	double blocks = ww_trial_fact(trial, "blocks_per_multiprocessor");
	double occupancy = ww_trial_fact(trial, "occupancy");

	if (blocks > 0)
		residency->blocks = blocks;
	if (occupancy >= 0)
		residency->occupancy = occupancy;
}

void
ww_residency(const struct ww_prompt_view *view, const struct ww_trial *trial,
             struct ww_residency *residency)
{
	const struct ww_hardware *hardware = ww_prompt_hardware_of(view);
	double units = ww_hardware_number(hardware, "multiprocessors");
	struct ww_launch launch;
	double shared, blocks;

	*residency = (struct ww_residency){ NAN, NAN, NAN, "" };
	memset(&launch, 0, sizeof launch);
	if (!(units > 0) ||
	    ww_task_launch(view->task, trial->indices, &launch, NULL) != WW_OK ||
	    launch.dimensions == 0)
		return;
	shared = ww_trial_fact(trial, "shared_bytes");
	shared = (shared > 0 ? shared : 0) + (double)launch.shared_bytes;
	find_limits(residency, hardware, trial,
	            (double)launch.block[0] * launch.block[1] *
	                    launch.block[2],
	            shared);
	take_facts(residency, trial);
	if (!isfinite(residency->blocks)) {
		*residency = (struct ww_residency){ NAN, NAN, NAN, "" };
		return;
	}
	blocks = (double)launch.grid[0] * launch.grid[1] * launch.grid[2];
	residency->waves = blocks / (residency->blocks * units);
}
