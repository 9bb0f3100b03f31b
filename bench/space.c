/* SPDX-License-Identifier: MIT
 *
 * Counts and samples synthetic spaces: time, memory and size of the diagrams.
 * Usage: bench/space; one line a space: milliseconds of processor time to count
 * exactly and to draw and check 1000 samples, peak memory of the whole process,
 * nodes of all diagrams. '>' marks a lower bound.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/space/impl.h"

#define N_SAMPLES 1000

struct parameter {
	const char *name;
	int low, high; /* every integer, or powers of two if low is negative */
};

struct synthetic {
	const char *name;
	struct parameter parameters[24];
	const char *rules[12];
};

/* POWERS: 1, 2, 4 … high. */
#define POWERS(high) -1, high

static const struct synthetic spaces[] = {
	/* A temporally tiled stencil, 4.4 million points. */
	{ "stencil",
	  { { "bx", 1, 37 },    { "by", POWERS(32) }, { "tx", 1, 10 },
	    { "ty", 1, 10 },    { "steps", 1, 10 },   { "unroll", 1, 10 },
	    { "cached", 0, 1 } },
	  { "32 <= (1 << bx - 1 if bx < 6 else (bx - 5) * 32) * by <= 1024",
	    "steps % unroll == 0",
	    "((1 << bx - 1 if bx < 6 else (bx - 5) * 32) * tx + steps * 2) * "
	    "(by * ty + steps * 2) * (2 + cached) * 4 <= 49152" } },
	/* A tiled matrix product with divisibility rules. */
	{ "product",
	  { { "mwg", POWERS(256) },  { "nwg", POWERS(256) },
	    { "kwg", POWERS(64) },   { "mdim", POWERS(64) },
	    { "ndim", POWERS(64) },  { "mdima", POWERS(64) },
	    { "ndimb", POWERS(64) }, { "vm", POWERS(8) },
	    { "vn", POWERS(8) },     { "sa", 0, 1 },
	    { "sb", 0, 1 } },
	  { "mwg % (mdim * vm) == 0", "nwg % (ndim * vn) == 0",
	    "mwg % (mdima * vm) == 0", "nwg % (ndimb * vn) == 0",
	    "kwg % ((mdim * ndim) / mdima) == 0",
	    "kwg % ((mdim * ndim) / ndimb) == 0",
	    "64 <= mdim * ndim <= 1024",
	    "(mwg * sa + nwg * sb) * kwg * 4 <= 49152" } },
	/* A billion points, one rule over all slots. */
	{ "billion",
	  { { "a", 1, 32 }, { "b", 1, 32 }, { "c", 1, 32 }, { "d", 1, 32 },
	    { "e", 1, 32 }, { "f", 1, 32 } },
	  { "a * b * c * d * e * f <= 65536", "a % b == 0 or c % d == 0" } },
	/* A thousand billion points in three groups. */
	{ "groups",
	  { { "a", 1, 32 }, { "b", 1, 32 }, { "c", 1, 10 }, { "d", 1, 10 },
	    { "e", 1, 32 }, { "f", 1, 32 }, { "g", 1, 10 }, { "h", 1, 10 },
	    { "i", 0, 1 },  { "j", 1, 48 } },
	  { "32 <= a * b <= 1024", "c * d <= 50", "e * f * g <= 4096",
	    "h <= g" } },
	/* Two sums of products: nothing merges well, the limit is reached. */
	{ "hard",
	  { { "a", 1, 30 }, { "b", 1, 30 }, { "c", 1, 30 }, { "d", 1, 30 },
	    { "e", 1, 30 }, { "f", 1, 30 }, { "g", 1, 30 }, { "h", 1, 30 } },
	  { "a*b + c*d + e*f + g*h <= 1000",
	    "a*c*e*g + b*d*f*h <= 900000",
	    "(a + d) * (b + e) * (c + f) >= 3000" } },
};

static void
add(struct ww_space_builder *builder, const struct parameter *parameter)
{
	struct ww_value values[64];
	uint32_t first = 0, n = 0;
	int integer = parameter->low < 0 ? 1 : parameter->low;
	struct ww_parameter_spec spec = { .name = parameter->name,
		                          .type = "int",
		                          .values = values,
		                          .defaults = &first };
	struct ww_error error;

	memset(values, 0, sizeof values);
	while (integer <= parameter->high) {
		values[n].type = WW_VALUE_INT;
		values[n++].integer = integer;
		integer = parameter->low < 0 ? integer * 2 : integer + 1;
	}
	spec.n_values = n;
	if (ww_space_builder_parameter(builder, &spec, &error) != WW_OK) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
}

static struct ww_search_space *
build(const struct synthetic *synthetic)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_search_space *space;
	struct ww_error error;
	int i;

	for (i = 0; synthetic->parameters[i].name != NULL; i++)
		add(builder, &synthetic->parameters[i]);
	for (i = 0; synthetic->rules[i] != NULL; i++)
		if (ww_space_builder_constraint(builder, synthetic->rules[i],
		                                "", &error) != WW_OK) {
			fprintf(stderr, "%s\n", error.text);
			exit(1);
		}
	if (ww_space_build(builder, &space, &error) != WW_OK) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return space;
}

static uint64_t
next(const struct ww_random *self)
{
	static uint64_t state = 1;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	(void)self;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Processor time, because the machine may be shared. */
static double
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
measure(const struct synthetic *synthetic)
{
	struct ww_random random = { sizeof random, 0, next };
	double start = cpu_ms();
	struct ww_search_space *space = build(synthetic);
	double built = cpu_ms();
	uint32_t indices[32];
	struct rusage usage;
	uint64_t nodes = 0;
	int32_t exact;
	double count = space->view.count(&space->view, &exact);
	uint32_t i;

	for (i = 0; i < N_SAMPLES; i++)
		if (space->view.sample(&space->view, &random, indices) !=
		            WW_OK ||
		    !space->view.valid(&space->view, indices))
			exit(1);
	for (i = 0; i < space->impl->n_parts; i++)
		if (space->impl->parts[i].diagram != NULL)
			nodes += space->impl->parts[i].diagram->n_nodes;
	getrusage(RUSAGE_SELF, &usage);
	printf("%-8s %16.0f %s%16.0f %10.1f %10.1f %8.1f %9" PRIu64 "\n",
	       synthetic->name, space->cartesian, exact ? " " : ">", count,
	       built - start, cpu_ms() - built,
	       (double)usage.ru_maxrss / 1024, nodes);
	fflush(stdout);
	ww_space_free(space);
}

int
main(void)
{
	size_t i;

	printf("%-8s %16s  %16s %10s %10s %8s %9s\n", "space", "Cartesian",
	       "valid", "count ms", "sample ms", "peak MB", "nodes");
	fflush(stdout);
	for (i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
		/* A process a space, so that each has its own peak. */
		pid_t child = fork();
		int status = 1;

		if (child == 0) {
			measure(&spaces[i]);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
			return 1;
	}
	return 0;
}
