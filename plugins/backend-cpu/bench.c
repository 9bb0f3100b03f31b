/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "plugins/backend-cpu/cpu.h"
#include "plugins/common/arguments.h"
#include "plugins/common/npy.h"

/* Bytes before and behind every argument that no kernel may touch. */
#define GUARD 4096
#define GUARD_BYTE 0xc7
/* Arguments begin at different offsets in their pages, as separately allocated
 * arrays would, so that large power-of-two sizes do not all meet in one cache
 * set because of this program. */
#define STAGGER (4 * CACHE_LINE)
#define ALIGNMENT 4096

static int
is_written(const struct ww_argument *argument)
{
	return argument->kind == WW_ARGUMENT_OUTPUT ||
	       argument->kind == WW_ARGUMENT_INOUT;
}

/* What a kernel may leave changed. */
static int
may_change(const struct ww_argument *argument)
{
	return is_written(argument) || argument->kind == WW_ARGUMENT_SCRATCH;
}

static void
clear_buffer(struct buffer *buffer)
{
	free(buffer->block);
	free(buffer->initial);
	free(buffer->expected);
}

static ww_status
allocate(struct ww_call *call, struct buffer *buffer,
         const struct ww_argument *argument, size_t place)
{
	uint64_t bytes = ww_argument_bytes(argument);

	buffer->argument = argument;
	if (bytes == 0 && argument->n_elements > 0)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "argument %s cannot be allocated: %llu "
		               "elements of type %s",
		               argument->name,
		               (unsigned long long)argument->n_elements,
		               ww_type_name(argument->type));
	buffer->bytes = (size_t)bytes;
	buffer->offset = GUARD + place % 16 * STAGGER;
	buffer->block_bytes = buffer->offset + buffer->bytes + GUARD;
	buffer->block = aligned_alloc(ALIGNMENT,
	                              (buffer->block_bytes + ALIGNMENT - 1) /
	                                      ALIGNMENT * ALIGNMENT);
	if (argument->kind != WW_ARGUMENT_OUTPUT)
		buffer->initial = malloc(buffer->bytes + 1);
	if (buffer->block == NULL || (argument->kind != WW_ARGUMENT_OUTPUT &&
	                              buffer->initial == NULL))
		return ww_fail(call, WW_E_RESOURCES,
		               "no memory for the %llu bytes of argument %s",
		               (unsigned long long)bytes, argument->name);
	buffer->elements = buffer->block + buffer->offset;
	return WW_OK;
}

static ww_status
fill(struct ww_call *call, struct buffer *buffer, uint64_t seed)
{
	if (buffer->initial == NULL)
		return WW_OK;
	return ww_argument_fill(call, buffer->argument, seed, buffer->initial);
}

void
cpu_bench_reset(struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n; i++) {
		struct buffer *buffer = &bench->buffers[i];
		size_t end = buffer->offset + buffer->bytes;

		memset(buffer->block, GUARD_BYTE, buffer->offset);
		memset(buffer->block + end, GUARD_BYTE,
		       buffer->block_bytes - end);
		if (buffer->initial != NULL)
			memcpy(buffer->elements, buffer->initial,
			       buffer->bytes);
		else
			ww_argument_poison(buffer->argument, buffer->elements);
	}
}

static int
is_guard(const unsigned char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes[i] != GUARD_BYTE)
			return 0;
	return 1;
}

ww_status
cpu_bench_intact(struct ww_call *call, const struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n; i++) {
		const struct buffer *buffer = &bench->buffers[i];
		const char *name = buffer->argument->name;
		size_t end = buffer->offset + buffer->bytes;

		if (!is_guard(buffer->block, buffer->offset))
			return ww_fail(call, WW_E_WRONG_RESULT,
			               "the kernel wrote before the start of "
			               "argument %s",
			               name);
		if (!is_guard(buffer->block + end, buffer->block_bytes - end))
			return ww_fail(call, WW_E_WRONG_RESULT,
			               "the kernel wrote beyond the end of "
			               "argument %s",
			               name);
		if (!may_change(buffer->argument) &&
		    memcmp(buffer->elements, buffer->initial,
		           buffer->bytes) != 0)
			return ww_fail(call, WW_E_WRONG_RESULT,
			               "the kernel changed argument %s, which "
			               "is only read",
			               name);
	}
	return WW_OK;
}

/* ---------------------------------------------------------- the reference */

static ww_status
keep_expected(struct ww_call *call, struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n; i++) {
		struct buffer *buffer = &bench->buffers[i];

		if (!is_written(buffer->argument) || buffer->expected != NULL)
			continue;
		buffer->expected = malloc(buffer->bytes + 1);
		if (buffer->expected == NULL)
			return ww_fail(call, WW_E_RESOURCES,
			               "no memory for what %s should be",
			               buffer->argument->name);
		memcpy(buffer->expected, buffer->elements, buffer->bytes);
	}
	return WW_OK;
}

static ww_status
run_reference(struct ww_call *call, struct bench *bench,
              const struct ww_stage *stage)
{
	const struct ww_load load = {
		.size = sizeof load,
		.artifact = stage->artifact,
		.artifact_length = stage->artifact_length,
		.entry = stage->entry,
		.launch = stage->launch,
	};
	struct loaded *loaded;
	void *handle;
	ww_status status = cpu_load(call, bench, &load, NULL, &handle);

	if (status != WW_OK)
		return status;
	loaded = handle;
	cpu_bench_reset(bench);
	loaded->entry(bench->addresses);
	status = cpu_bench_intact(call, bench);
	if (status == WW_OK)
		status = keep_expected(call, bench);
	cpu_unload(handle);
	return status;
}

static ww_status
read_expected(struct ww_call *call, struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n; i++) {
		struct buffer *buffer = &bench->buffers[i];
		const struct ww_argument *argument = buffer->argument;
		ww_status status;

		if (!is_written(argument) || argument->expected_path == NULL)
			continue;
		buffer->expected = malloc(buffer->bytes + 1);
		if (buffer->expected == NULL)
			return ww_fail(call, WW_E_RESOURCES,
			               "no memory for what %s should be",
			               argument->name);
		status = ww_npy_read(call, argument->expected_path, argument,
		                     buffer->expected);
		if (status != WW_OK)
			return status;
	}
	return WW_OK;
}

static ww_status
fill_bench(struct ww_call *call, struct bench *bench,
           const struct ww_stage *stage)
{
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < bench->n && status == WW_OK; i++) {
		status = allocate(call, &bench->buffers[i],
		                  &stage->arguments[i], i);
		bench->addresses[i] = bench->buffers[i].elements;
		if (status == WW_OK)
			status = fill(call, &bench->buffers[i], stage->seed);
	}
	if (status == WW_OK && stage->reference != WW_REFERENCE_NONE)
		status = read_expected(call, bench);
	if (status == WW_OK && stage->reference == WW_REFERENCE_ARTIFACT)
		status = run_reference(call, bench, stage);
	if (status == WW_OK)
		cpu_bench_reset(bench);
	return status;
}

ww_status
cpu_stage(struct ww_call *call, void *device, const struct ww_stage *stage,
          void **staged)
{
	struct bench *bench = calloc(1, sizeof *bench);
	size_t n = (size_t)stage->n_arguments;
	ww_status status;

	if (bench != NULL) {
		bench->device = device;
		bench->buffers = calloc(n + 1, sizeof *bench->buffers);
		bench->addresses = calloc(n + 1, sizeof *bench->addresses);
	}
	if (bench == NULL || bench->buffers == NULL ||
	    bench->addresses == NULL) {
		status = ww_fail(call, WW_E_NO_MEMORY, "no memory");
	} else {
		bench->n = n;
		status = fill_bench(call, bench, stage);
	}
	if (status == WW_OK)
		*staged = bench;
	else if (bench != NULL)
		cpu_unstage(bench);
	return status;
}

void
cpu_unstage(void *staged)
{
	struct bench *bench = staged;
	size_t i;

	for (i = 0; i < bench->n; i++)
		clear_buffer(&bench->buffers[i]);
	free(bench->buffers);
	free(bench->addresses);
	free(bench);
}
