/* SPDX-License-Identifier: MIT */
#include "plugins/common/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plugins/common/arguments.h"
#include "plugins/common/half.h"
#include "plugins/common/parallel.h"

/* Elements that are skipped at once where their bytes are equal. */
#define BLOCK 512u
/* Elements that are worth a thread. */
#define GRAIN 262144u

struct work {
	const struct ww_argument *argument;
	const void *got;
	const void *want;
	struct ww_comparison found[WW_PARALLEL_MOST];
};

/* |got - want|; infinite if only one of them is a number. */
static double
difference_of(double got, double want)
{
	if (got == want || (isnan(got) && isnan(want)))
		return 0;
	if (!isfinite(got) || !isfinite(want))
		return INFINITY;
	return fabs(got - want);
}

/* Bytes that differ and doubles that do not: two wide integers, which are one
 * apart, or two numbers that equal each other, such as zero and minus zero. */
static double
exact_difference(uint32_t type, double difference)
{
	return difference == 0 && (type == WW_TYPE_INT64 ||
	                           type == WW_TYPE_UINT64)
	               ? 1
	               : difference;
}

static void
add_element(struct ww_comparison *found, const struct ww_argument *argument,
            uint64_t i, double got, double want)
{
	double difference = exact_difference(argument->type,
	                                     difference_of(got, want));
	uint64_t wrong;

	if (difference == 0)
		return;
	wrong = !(isfinite(difference) &&
	          difference <= argument->absolute_tolerance +
	                                argument->relative_tolerance *
	                                        fabs(want));
	if (wrong ? found->n_wrong == 0 || difference > found->difference
	          : found->n_wrong == 0 && difference > found->difference) {
		found->worst_index = i;
		found->difference = difference;
		found->got = got;
		found->want = want;
	}
	found->n_wrong += wrong;
}

/* A loop over [from, to) for one element type. */
#define SCAN(name, c_type, value)                                             \
	static void name(const struct work *work,                             \
	                 struct ww_comparison *found, uint64_t from,          \
	                 uint64_t to)                                         \
	{                                                                     \
		const c_type *got = work->got;                                \
		const c_type *want = work->want;                              \
		uint64_t i;                                                   \
                                                                              \
		for (i = from; i < to; i++)                                   \
			if (memcmp(&got[i], &want[i], sizeof got[i]) != 0)    \
				add_element(found, work->argument, i,         \
				            value(got[i]), value(want[i]));   \
	}

SCAN(scan_int8, int8_t, (double))
SCAN(scan_uint8, uint8_t, (double))
SCAN(scan_int16, int16_t, (double))
SCAN(scan_uint16, uint16_t, (double))
SCAN(scan_int32, int32_t, (double))
SCAN(scan_uint32, uint32_t, (double))
SCAN(scan_int64, int64_t, (double))
SCAN(scan_uint64, uint64_t, (double))
SCAN(scan_float16, uint16_t, ww_half_to_double)
SCAN(scan_bfloat16, uint16_t, ww_bfloat_to_double)
SCAN(scan_float32, float, (double))
SCAN(scan_float64, double, (double))

static void (*const scans[])(const struct work *work,
                             struct ww_comparison *found, uint64_t from,
                             uint64_t to) = {
	[WW_TYPE_INT8] = scan_int8,       [WW_TYPE_UINT8] = scan_uint8,
	[WW_TYPE_INT16] = scan_int16,     [WW_TYPE_UINT16] = scan_uint16,
	[WW_TYPE_INT32] = scan_int32,     [WW_TYPE_UINT32] = scan_uint32,
	[WW_TYPE_INT64] = scan_int64,     [WW_TYPE_UINT64] = scan_uint64,
	[WW_TYPE_FLOAT16] = scan_float16, [WW_TYPE_BFLOAT16] = scan_bfloat16,
	[WW_TYPE_FLOAT32] = scan_float32, [WW_TYPE_FLOAT64] = scan_float64,
};

static void
scan_part(void *context, unsigned part, uint64_t from, uint64_t to)
{
	struct work *work = context;
	const char *got = work->got;
	const char *want = work->want;
	uint64_t size = ww_type_bytes(work->argument->type);
	struct ww_comparison found = { 0 };

	while (from < to) {
		uint64_t end = to - from > BLOCK ? from + BLOCK : to;

		if (memcmp(got + from * size, want + from * size,
		           (size_t)((end - from) * size)) != 0)
			scans[work->argument->type](work, &found, from, end);
		from = end;
	}
	/* Once, so that threads do not fight for a cache line. */
	work->found[part] = found;
}

static int
is_worse(uint64_t n_wrong, double difference, uint64_t than_n_wrong,
         double than_difference)
{
	if ((n_wrong > 0) != (than_n_wrong > 0))
		return n_wrong > 0;
	return difference > than_difference;
}

void
ww_comparison_add(struct ww_comparison *comparison,
                  const struct ww_comparison *other)
{
	uint64_t n_wrong = comparison->n_wrong + other->n_wrong;

	if (is_worse(other->n_wrong, other->difference, comparison->n_wrong,
	             comparison->difference) ||
	    (other->worst_index < comparison->worst_index &&
	     !is_worse(comparison->n_wrong, comparison->difference,
	               other->n_wrong, other->difference)))
		*comparison = *other;
	comparison->n_wrong = n_wrong;
}

void
ww_verdict_add(struct ww_verdict *verdict, const struct ww_argument *argument,
               const struct ww_comparison *comparison)
{
	verdict->compared = 1;
	if (is_worse(comparison->n_wrong, comparison->difference,
	             verdict->n_wrong, verdict->worst_difference)) {
		verdict->worst_index = comparison->worst_index;
		verdict->worst_difference = comparison->difference;
		verdict->got = comparison->got;
		verdict->want = comparison->want;
		snprintf(verdict->argument, sizeof verdict->argument, "%.63s",
		         argument->name);
	}
	verdict->n_wrong += comparison->n_wrong;
}

void
ww_compare(const struct ww_argument *argument, const void *got,
           const void *want, struct ww_verdict *verdict)
{
	struct work work = { .argument = argument, .got = got, .want = want };
	struct ww_comparison all = { 0 };
	unsigned parts = ww_parallel(argument->n_elements, GRAIN, scan_part,
	                             &work);
	unsigned i;

	for (i = 0; i < parts; i++)
		ww_comparison_add(&all, &work.found[i]);
	ww_verdict_add(verdict, argument, &all);
}
