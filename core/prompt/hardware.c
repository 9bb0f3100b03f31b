/* SPDX-License-Identifier: MIT
 *
 * The hardware sheet: what the backend reported and the limits that follow from
 * it, computed here because models calculate badly.
 */
#include <math.h>
#include <string.h>

#include "core/prompt/digest.h"

enum unit { COUNT, BYTES, MEGAHERTZ, GB_A_SECOND, GFLOPS };

static const struct {
	const char *fact;
	const char *words;
	enum unit unit;
} sheet[] = {
	{ "multiprocessors", "multiprocessors", COUNT },
	{ "cores", "cores", COUNT },
	{ "threads", "hardware threads", COUNT },
	{ "clock_mhz", "clock", MEGAHERTZ },
	{ "memory_bytes", "memory", BYTES },
	{ "bandwidth_gbs", "memory bandwidth", GB_A_SECOND },
	{ "l1_bytes", "L1 data cache", BYTES },
	{ "l2_bytes", "L2 cache", BYTES },
	{ "l3_bytes", "L3 cache", BYTES },
	{ "shared_per_block", "shared memory a block, at most", BYTES },
	{ "shared_per_multiprocessor", "shared memory a multiprocessor",
	  BYTES },
	{ "registers_per_block", "registers a block, at most", COUNT },
	{ "registers_per_multiprocessor", "registers a multiprocessor", COUNT },
	{ "threads_per_block", "threads a block, at most", COUNT },
	{ "threads_per_multiprocessor", "threads a multiprocessor, at most",
	  COUNT },
	{ "blocks_per_multiprocessor", "blocks a multiprocessor, at most",
	  COUNT },
	{ "warp_width", "threads that run in lockstep (warp)", COUNT },
	{ "vector_bytes", "vector registers", BYTES },
	{ "peak_gflops_f32", "peak rate, float32", GFLOPS },
	{ "peak_gflops_f16", "peak rate, float16", GFLOPS },
};

static double
fact(const struct ww_hardware *hardware, const char *name)
{
	size_t i;

	for (i = 0; i < hardware->n_facts; i++)
		if (strcmp(hardware->facts[i].name, name) == 0)
			return hardware->facts[i].value;
	return NAN;
}

static void
put_bytes(struct ww_page *page, double bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	unsigned unit = 0;

	while (bytes >= 1024 && unit < 3) {
		bytes /= 1024;
		unit++;
	}
	ww_page_add(page, "%.4g %s", bytes, units[unit]);
}

static void
put_quantity(struct ww_page *page, double value, enum unit unit)
{
	switch (unit) {
	case COUNT:
		ww_page_add(page, "%.0f", value);
		break;
	case BYTES:
		put_bytes(page, value);
		break;
	case MEGAHERTZ:
		ww_page_add(page, "%.0f MHz", value);
		break;
	case GB_A_SECOND:
		ww_page_add(page, "%.4g GB/s", value);
		break;
	case GFLOPS:
		ww_page_add(page, "%.5g GFLOP/s", value);
		break;
	}
}

/* Texts such as the architecture, and facts that the sheet has no words for. */
static void
put_others(struct ww_page *page, const struct ww_hardware *hardware)
{
	size_t i, k;

	for (i = 0; i < hardware->n_facts; i++) {
		const struct ww_hardware_fact *item = &hardware->facts[i];

		if (isnan(item->value)) {
			if (item->text != NULL && item->text[0] != '\0')
				ww_page_add(page, "- %s: %s\n", item->name,
				            item->text);
			continue;
		}
		for (k = 0; k < sizeof sheet / sizeof sheet[0]; k++)
			if (strcmp(sheet[k].fact, item->name) == 0)
				break;
		/* That one is for the scheduler. */
		if (k == sizeof sheet / sizeof sheet[0] &&
		    strcmp(item->name, "shares_cpu") != 0)
			ww_page_add(page, "- %s: %.6g\n", item->name,
			            item->value);
	}
}

static void
put_occupancy(struct ww_page *page, const struct ww_hardware *hardware)
{
	double threads = fact(hardware, "threads_per_multiprocessor");
	double registers = fact(hardware, "registers_per_multiprocessor");
	double shared = fact(hardware, "shared_per_multiprocessor");
	double block = fact(hardware, "shared_per_block");
	double share;

	if (registers > 0 && threads > 0)
		for (share = 1; share <= 4; share *= 2)
			ww_page_add(page,
			            "- %.0f %% occupancy allows %.0f "
			            "registers a thread\n",
			            100 / share,
			            floor(registers * share / threads));
	if (shared > 0)
		for (share = 2; share <= 8; share *= 2)
			ww_page_add(page,
			            "- %.0f resident blocks a multiprocessor "
			            "allow %.1f KiB of shared memory each\n",
			            share, floor(shared / share / 102.4) / 10);
	if (block > 0)
		ww_page_add(page,
		            "- two square float32 tiles fit in a block's "
		            "shared memory up to side %.0f\n",
		            floor(sqrt(block / 8)));
}

static void
put_caches(struct ww_page *page, const struct ww_hardware *hardware)
{
	static const char *const caches[] = { "l1_bytes", "l2_bytes" };
	double vector = fact(hardware, "vector_bytes");
	size_t i;

	if (vector > 0)
		ww_page_add(page,
		            "- a vector register holds %.0f float32 or %.0f "
		            "float64\n",
		            floor(vector / 4), floor(vector / 8));
	for (i = 0; i < 2; i++) {
		double bytes = fact(hardware, caches[i]);

		if (bytes > 0)
			ww_page_add(page,
			            "- three square float32 tiles fit in L%zu "
			            "up to side %.0f\n",
			            i + 1, floor(sqrt(bytes / 12)));
	}
}

static void
put_ridge(struct ww_page *page, const struct ww_hardware *hardware)
{
	double bandwidth = fact(hardware, "bandwidth_gbs");
	double rate = fact(hardware, "peak_gflops_f32");

	if (bandwidth > 0 && rate > 0)
		ww_page_add(page,
		            "- below %.3g float32 operations a byte of memory "
		            "traffic, bandwidth is the limit; above it, "
		            "arithmetic\n",
		            rate / bandwidth);
}

void
ww_prompt_hardware(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_hardware *hardware = view->hardware;
	size_t i;

	if (hardware == NULL ||
	    !ww_prompt_wants(view, "prompt.hardware_context", true))
		return;
	ww_page_add(page, "- device: %s\n", hardware->name);
	for (i = 0; i < sizeof sheet / sizeof sheet[0]; i++) {
		double value = fact(hardware, sheet[i].fact);

		if (!(value > 0))
			continue;
		ww_page_add(page, "- %s: ", sheet[i].words);
		put_quantity(page, value, sheet[i].unit);
		ww_page_add(page, "\n");
	}
	put_others(page, hardware);
	/* A cache limit means something where there is no shared memory. */
	if (fact(hardware, "shared_per_block") > 0)
		put_occupancy(page, hardware);
	else
		put_caches(page, hardware);
	put_ridge(page, hardware);
}
