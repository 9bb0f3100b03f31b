/* SPDX-License-Identifier: MIT
 *
 * The same steps one after the other over the whole grid, in double precision.
 */
#include <stdlib.h>
#include <string.h>

#define POINTS ((size_t)NY * NX)

static void
step(const double *from, double *to)
{
	memcpy(to, from, POINTS * sizeof *to);
	for (int y = 1; y < NY - 1; y++)
		for (int x = 1; x < NX - 1; x++) {
			const double *at = from + y * NX + x;

			to[y * NX + x] = at[0] + 0.2 * (at[-NX] + at[NX] +
			                                at[-1] + at[1] -
			                                4 * at[0]);
		}
}

void
stencil_reference(const float *start, float *grid)
{
	double *from = malloc(POINTS * sizeof *from);
	double *to = malloc(POINTS * sizeof *to);

	if (from == NULL || to == NULL)
		abort();
	for (size_t i = 0; i < POINTS; i++)
		from[i] = start[i];
	for (int n = 0; n < STEPS; n++) {
		double *kept = from;

		step(from, to);
		from = to;
		to = kept;
	}
	for (size_t i = 0; i < POINTS; i++)
		grid[i] = (float)from[i];
	free(from);
	free(to);
}
