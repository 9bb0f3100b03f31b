/* SPDX-License-Identifier: MIT */
extern "C" __global__ void
reference(float *out, const float *in, int n)
{
	int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);

	if (i < n)
		out[i] = in[i] * 2.0f + 1.0f;
}
