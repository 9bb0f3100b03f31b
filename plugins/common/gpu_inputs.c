/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu_inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/gpu_quiet.h"

/* Reading back less than this takes no longer than launching a kernel. */
#define LARGE_BYTES (UINT64_C(1) << 20)
#define BLOCKS 128u
#define THREADS 256u
#define SUMS (BLOCKS * THREADS)

/* The sum that word_sum() makes, in parts. Each word is multiplied by an odd
 * number that belongs to its place, so no change of a single word leaves the sum
 * as it was; the rest mixes, so that no simple pattern of changes does. */
#define FIRST_FACTOR UINT64_C(0x9e3779b97f4a7c15)
#define SECOND_FACTOR UINT64_C(0xd6e8feb86659fd93)

static const char kernel[] =
	"KERNEL void ww_sum_words(GLOBAL const unsigned int *words, U64 n,\n"
	"	GLOBAL U64 *sums)\n"
	"{\n"
	"	U64 sum = 0;\n"
	"	U64 i;\n"
	"\n"
	"	for (i = THREAD; i < n; i += THREADS) {\n"
	"		U64 x = (U64)words[i] * (2 * i + 0x9e3779b97f4a7c15ul);\n"
	"\n"
	"		x ^= x >> 32;\n"
	"		sum += x * 0xd6e8feb86659fd93ul;\n"
	"	}\n"
	"	sums[THREAD] = sum;\n"
	"}\n";

static const struct ww_launch launch = {
	.size = sizeof launch,
	.dimensions = 1,
	.grid = { BLOCKS, 1, 1 },
	.block = { THREADS, 1, 1 },
	.cluster = { 1, 1, 1 },
};

static uint64_t
word_sum(const unsigned char *bytes, uint64_t n)
{
	uint64_t sum = 0;
	uint64_t i;

	for (i = 0; i < n; i++) {
		uint32_t word;
		uint64_t x;

		memcpy(&word, bytes + 4 * i, sizeof word);
		x = (uint64_t)word * (2 * i + FIRST_FACTOR);
		x ^= x >> 32;
		sum += x * SECOND_FACTOR;
	}
	return sum;
}

/* Whole words; behind the data lie those of the guard zone, which stay. */
static uint64_t
words_of(const struct gpu_slot *slot)
{
	return (slot->bytes + 3) / 4;
}

/* ---------------------------------------------------------- on the device */

static ww_status
load_adder(struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;
	struct gpu_checker *adder = &bench->adder;
	size_t room = strlen(driver->dialect) + sizeof kernel;
	char *source = malloc(room);
	void *image = NULL;
	uint64_t length = 0;
	ww_status status;

	if (source == NULL)
		return WW_E_NO_MEMORY;
	snprintf(source, room, "%s%s", driver->dialect, kernel);
	status = driver->build(&gpu_quiet, bench->device, source, &image,
	                       &length);
	free(source);
	if (status != WW_OK)
		return status;
	status = driver->load(&gpu_quiet, bench->device, image, length,
	                      &adder->module);
	free(image);
	if (status == WW_OK)
		status = driver->function(&gpu_quiet, bench->device,
		                          adder->module, "ww_sum_words",
		                          &launch, &adder->function);
	if (status == WW_OK)
		status = driver->allocate(&gpu_quiet, bench->device,
		                          SUMS * sizeof(uint64_t),
		                          &bench->sums);
	return status;
}

static int
has_adder(struct gpu_bench *bench)
{
	struct gpu_checker *adder = &bench->adder;

	if (!adder->tried) {
		adder->tried = 1;
		adder->status = bench->device->driver->build != NULL
		                        ? load_adder(bench)
		                        : WW_E_UNAVAILABLE;
	}
	return adder->status == WW_OK;
}

static ww_status
sum_on_device(struct ww_call *call, struct gpu_bench *bench,
              const struct gpu_slot *slot, uint64_t *sum)
{
	const struct gpu_driver *driver = bench->device->driver;
	uint64_t n = words_of(slot);
	const struct gpu_argument arguments[] = {
		{ .buffer = slot->data },
		{ .scalar = &n, .bytes = sizeof n },
		{ .buffer = bench->sums },
	};
	uint64_t *parts = malloc(SUMS * sizeof *parts);
	ww_status status;
	unsigned i;

	if (parts == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	status = driver->launch(call, bench->device, bench->adder.function,
	                        &launch, arguments,
	                        sizeof arguments / sizeof arguments[0]);
	if (status == WW_OK)
		status = driver->read(call, bench->device, parts, bench->sums,
		                      0, SUMS * sizeof *parts);
	*sum = 0;
	for (i = 0; status == WW_OK && i < SUMS; i++)
		*sum += parts[i];
	free(parts);
	return status;
}

/* ------------------------------------------------------------- on the host */

static ww_status
sum_on_host(struct ww_call *call, struct gpu_bench *bench,
            const struct gpu_slot *slot, uint64_t *sum)
{
	uint64_t bytes = 4 * words_of(slot);
	unsigned char *host = malloc(bytes + 1);
	ww_status status;

	if (host == NULL)
		return ww_fail(call, WW_E_NO_MEMORY,
		               "argument '%s': no memory for %llu bytes",
		               slot->argument->name,
		               (unsigned long long)bytes);
	status = bench->device->driver->read(call, bench->device, host,
	                                     slot->data, 0, bytes);
	if (status == WW_OK)
		*sum = word_sum(host, bytes / 4);
	free(host);
	return status;
}

static ww_status
sum_up(struct ww_call *call, struct gpu_bench *bench,
       const struct gpu_slot *slot, uint64_t *sum)
{
	if (slot->bytes >= LARGE_BYTES && has_adder(bench))
		return sum_on_device(call, bench, slot, sum);
	return sum_on_host(call, bench, slot, sum);
}

ww_status
gpu_inputs_note(struct ww_call *call, struct gpu_bench *bench)
{
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++)
		if (bench->slots[i].argument->kind == WW_ARGUMENT_INPUT)
			status = sum_up(call, bench, &bench->slots[i],
			                &bench->slots[i].sum);
	return status;
}

ww_status
gpu_inputs_check(struct ww_call *call, struct gpu_bench *bench)
{
	ww_status status = WW_OK;
	uint64_t sum = 0;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		const struct gpu_slot *slot = &bench->slots[i];

		if (slot->argument->kind != WW_ARGUMENT_INPUT)
			continue;
		status = sum_up(call, bench, slot, &sum);
		if (status == WW_OK && sum != slot->sum)
			status = ww_fail(call, WW_E_WRONG_RESULT,
			                 "the kernel changed argument '%s', "
			                 "which is only read (\"scratch\" is "
			                 "the kind for room to work in)",
			                 slot->argument->name);
	}
	return status;
}

void
gpu_inputs_end(struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;

	if (bench->adder.function != NULL)
		driver->drop(bench->device, bench->adder.function);
	if (bench->adder.module != NULL)
		driver->unload(bench->device, bench->adder.module);
	if (bench->sums != NULL)
		driver->release(bench->device, bench->sums);
}
