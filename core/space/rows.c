/* SPDX-License-Identifier: MIT
 *
 * Spaces given as a list of configurations: sorted once, then searched.
 */
#include <string.h>

#include "core/space/impl.h"

static int
order_rows(const void *left, const void *right, void *context)
{
	const struct ww_space_impl *impl = context;
	const uint32_t *a = left;
	const uint32_t *b = right;
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

void
ww_space_sort_rows(struct ww_space_impl *impl)
{
	size_t width = impl->n_slots;
	uint64_t i, kept = 0;

	qsort_r(impl->rows, impl->n_rows, width * sizeof(uint32_t), order_rows,
	        impl);
	for (i = 0; i < impl->n_rows; i++) {
		if (kept > 0 &&
		    order_rows(impl->rows + (kept - 1) * width,
		               impl->rows + i * width, impl) == 0)
			continue;
		memmove(impl->rows + kept * width, impl->rows + i * width,
		        width * sizeof(uint32_t));
		kept++;
	}
	impl->n_rows = kept;
}

uint64_t
ww_space_row(const struct ww_space_impl *impl, const uint32_t *indices)
{
	uint64_t low = 0, high = impl->n_rows;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		const uint32_t *row = impl->rows + middle * impl->n_slots;
		uint32_t i = 0;

		while (i < impl->n_slots && row[i] == indices[i])
			i++;
		if (i == impl->n_slots)
			return middle;
		if (row[i] < indices[i])
			low = middle + 1;
		else
			high = middle;
	}
	return UINT64_MAX;
}
