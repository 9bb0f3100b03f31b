/* SPDX-License-Identifier: MIT */

/* One work item a cell, straight from the definition. */
__kernel void
stencil_reference(__global float *out, __global const float *in, float centre,
                  float side)
{
	const int x = (int)get_global_id(0);
	const int y = (int)get_global_id(1);
	const int z = (int)get_global_id(2);
	const int at = (z * HEIGHT + y) * WIDTH + x;

	if (x == 0 || y == 0 || z == 0 || x == WIDTH - 1 || y == HEIGHT - 1 ||
	    z == DEPTH - 1) {
		out[at] = in[at];
		return;
	}
	out[at] = centre * in[at] +
	          side * (in[at - 1] + in[at + 1] + in[at - WIDTH] +
	                  in[at + WIDTH] + in[at - WIDTH * HEIGHT] +
	                  in[at + WIDTH * HEIGHT]);
}
