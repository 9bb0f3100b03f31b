/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu_compare_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "plugins/common/gpu.h"

/* RAW: how an element is loaded and tested for identity; VALUE: its number;
 * SAME: the difference of elements that differ in bits, not in value. */
static const char *const types[] = {
	[WW_TYPE_INT8] = "#define RAW signed char\n"
			 "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_UINT8] = "#define RAW unsigned char\n"
			  "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_INT16] = "#define RAW short\n"
			  "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_UINT16] = "#define RAW unsigned short\n"
			   "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_INT32] = "#define RAW int\n"
			  "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_UINT32] = "#define RAW unsigned int\n"
			   "#define VALUE(x) ((double)(x))\n#define SAME 0.0\n",
	[WW_TYPE_INT64] = "#define RAW I64\n"
			  "#define VALUE(x) ((double)(x))\n#define SAME 1.0\n",
	[WW_TYPE_UINT64] = "#define RAW U64\n"
			   "#define VALUE(x) ((double)(x))\n#define SAME 1.0\n",
	[WW_TYPE_FLOAT16] = "#define RAW unsigned short\n"
			    "#define VALUE(x) half_value(x)\n#define SAME 0.0\n",
	[WW_TYPE_BFLOAT16] = "#define RAW unsigned short\n"
			     "#define VALUE(x) FLOAT_BITS((unsigned)(x) << 16)\n"
			     "#define SAME 0.0\n",
	[WW_TYPE_FLOAT32] = "#define RAW unsigned int\n"
			    "#define VALUE(x) FLOAT_BITS(x)\n#define SAME 0.0\n",
	[WW_TYPE_FLOAT64] = "#define RAW U64\n"
			    "#define VALUE(x) DOUBLE_BITS(x)\n"
			    "#define SAME 0.0\n",
};

/* The same rules as compare.c, element by element. */
static const char half_value[] =
	"#define IS_FINITE(x) ((x) - (x) == 0.0)\n"
	"#define ENDLESS DOUBLE_BITS(0x7ff0000000000000)\n"
	"DEVICE double half_value(unsigned int bits)\n"
	"{\n"
	"	int exponent = (int)(bits >> 10 & 31u);\n"
	"	int fraction = (int)(bits & 1023u);\n"
	"	double value = exponent == 0\n"
	"		? ldexp((double)fraction, -24)\n"
	"		: ldexp((double)(1024 + fraction), exponent - 25);\n"
	"\n"
	"	if (exponent == 31)\n"
	"		value = fraction ? ENDLESS - ENDLESS : ENDLESS;\n"
	"	return bits & 0x8000u ? -value : value;\n"
	"}\n";

static const char kernel[] =
	"KERNEL void ww_compare_outputs(GLOBAL const RAW *got,\n"
	"	GLOBAL const RAW *want, U64 n, double absolute,\n"
	"	double relative, GLOBAL double *found)\n"
	"{\n"
	"	double wrongs = 0, index = 0, worst = 0, a_worst = 0,\n"
	"	       b_worst = 0;\n"
	"	U64 i;\n"
	"\n"
	"	for (i = THREAD; i < n; i += THREADS) {\n"
	"		RAW x = got[i];\n"
	"		RAW y = want[i];\n"
	"		double a, b, difference;\n"
	"		int wrong;\n"
	"\n"
	"		if (x == y)\n"
	"			continue;\n"
	"		a = VALUE(x);\n"
	"		b = VALUE(y);\n"
	"		difference = a == b || (a != a && b != b) ? SAME\n"
	"			: IS_FINITE(a) && IS_FINITE(b) ? fabs(a - b)\n"
	"			: ENDLESS;\n"
	"		if (difference == 0.0)\n"
	"			continue;\n"
	"		wrong = !(IS_FINITE(difference) &&\n"
	"			difference <= absolute + relative * fabs(b));\n"
	"		if ((wrong || wrongs == 0.0) &&\n"
	"		    ((wrong && wrongs == 0.0) || difference > worst)) {\n"
	"			index = (double)i;\n"
	"			worst = difference;\n"
	"			a_worst = a;\n"
	"			b_worst = b;\n"
	"		}\n"
	"		wrongs += (double)wrong;\n"
	"	}\n"
	"	found += THREAD * 5;\n"
	"	found[0] = wrongs;\n"
	"	found[1] = index;\n"
	"	found[2] = worst;\n"
	"	found[3] = a_worst;\n"
	"	found[4] = b_worst;\n"
	"}\n";

const char gpu_dialect_cuda[] =
	"#define KERNEL extern \"C\" __global__\n"
	"#define DEVICE __device__\n"
	"#define GLOBAL\n"
	"#define I64 long long\n"
	"#define U64 unsigned long long\n"
	"#define THREAD ((U64)blockIdx.x * blockDim.x + threadIdx.x)\n"
	"#define THREADS ((U64)gridDim.x * blockDim.x)\n"
	"#define FLOAT_BITS(x) ((double)__uint_as_float(x))\n"
	"#define DOUBLE_BITS(x) __longlong_as_double((I64)(x))\n";

char *
gpu_compare_source(const char *dialect, uint32_t type)
{
	const char *words = type < sizeof types / sizeof types[0] ? types[type]
	                                                          : NULL;
	size_t room;
	char *text;

	if (words == NULL)
		return NULL;
	room = (size_t)snprintf(NULL, 0, "%s%s%s%s", dialect, words,
	                        half_value, kernel) + 1;
	text = malloc(room);
	if (text != NULL)
		snprintf(text, room, "%s%s%s%s", dialect, words, half_value,
		         kernel);
	return text;
}
