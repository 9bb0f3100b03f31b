/* SPDX-License-Identifier: MIT */
#include "core/prompt/roofline.h"

#include <math.h>
#include <string.h>

double
ww_hardware_number(const struct ww_hardware *hardware, const char *name)
{
	size_t i;

	for (i = 0; hardware != NULL && i < hardware->n_facts; i++)
		if (strcmp(hardware->facts[i].name, name) == 0)
			return hardware->facts[i].value;
	return NAN;
}

double
ww_hardware_rate(const struct ww_hardware *hardware, bool *estimated)
{
	double rate = ww_hardware_number(hardware, "peak_gflops_f32");
	double cores = ww_hardware_number(hardware, "cores");
	double clock = ww_hardware_number(hardware, "clock_mhz");
	double vector = ww_hardware_number(hardware, "vector_bytes");

	*estimated = !(rate > 0);
	return rate > 0 ? rate : cores * clock * 1e-3 * 2 * vector / 4;
}

/* Whether some argument has a type for which float32's rate is no limit. */
static bool
has_small_types(const struct ww_task *task)
{
	uint32_t i;

	for (i = 0; i < task->n_arguments; i++)
		switch (task->arguments[i].type) {
		case WW_TYPE_INT8:
		case WW_TYPE_UINT8:
		case WW_TYPE_FLOAT16:
		case WW_TYPE_BFLOAT16:
			return true;
		default:
			break;
		}
	return false;
}

void
ww_roofline(const struct ww_task *task, const struct ww_hardware *hardware,
            const uint32_t *indices, struct ww_roofline *roofline)
{
	double bandwidth = ww_hardware_number(hardware, "bandwidth_gbs");
	double rate = ww_hardware_rate(hardware, &roofline->estimated);

	roofline->flops = ww_task_flops(task, indices);
	roofline->bytes = ww_task_bytes(task, indices);
	roofline->compute_ms = roofline->flops / (rate * 1e6);
	roofline->traffic_ms = roofline->bytes / (bandwidth * 1e6);
	roofline->faster_units = has_small_types(task);
	if (!(roofline->compute_ms > 0) || isinf(roofline->compute_ms))
		roofline->compute_ms = NAN;
	if (!(roofline->traffic_ms > 0) || isinf(roofline->traffic_ms))
		roofline->traffic_ms = NAN;
}

double
ww_roofline_ms(const struct ww_roofline *roofline)
{
	return fmax(roofline->compute_ms, roofline->traffic_ms);
}

double
ww_roofline_floor_ms(const struct ww_roofline *roofline, bool cold)
{
	bool sure = !roofline->estimated && !roofline->faster_units;

	return fmax(sure ? roofline->compute_ms : NAN,
	            cold ? roofline->traffic_ms : NAN);
}
