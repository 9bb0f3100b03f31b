/* SPDX-License-Identifier: MIT */

/* One work item an element, straight from the definition. */
__kernel void
gemm_reference(__global float *c, __global const float *a,
               __global const float *b)
{
	const int column = (int)get_global_id(0);
	const int row = (int)get_global_id(1);
	float sum = 0.0f;

	for (int k = 0; k < K; k++)
		sum += a[row * K + k] * b[k * N + column];
	c[row * N + column] = sum;
}
