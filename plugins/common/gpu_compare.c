/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu_compare.h"

#include <stdlib.h>

#include "plugins/common/arguments.h"
#include "plugins/common/compare.h"
#include "plugins/common/gpu_compare_source.h"
#include "plugins/common/gpu_quiet.h"
#include "plugins/common/npy.h"

/* Reading back less than this takes no longer than launching a kernel. */
#define LARGE_BYTES (UINT64_C(1) << 20)
#define BLOCKS 128u
#define THREADS 256u
#define FOUND_BYTES (BLOCKS * THREADS * GPU_FOUND_NUMBERS * sizeof(double))

static const struct ww_launch launch = {
	.size = sizeof launch,
	.dimensions = 1,
	.grid = { BLOCKS, 1, 1 },
	.block = { THREADS, 1, 1 },
	.cluster = { 1, 1, 1 },
};

/* ------------------------------------------------------------- preparations */

static ww_status
load_checker(struct gpu_bench *bench, struct gpu_checker *checker,
             uint32_t type)
{
	const struct gpu_driver *driver = bench->device->driver;
	char *source = gpu_compare_source(driver->dialect, type);
	void *image = NULL;
	uint64_t length = 0;
	ww_status status;

	if (source == NULL)
		return WW_E_NO_MEMORY;
	status = driver->build(&gpu_quiet, bench->device, source, &image, &length);
	free(source);
	if (status != WW_OK)
		return status;
	status = driver->load(&gpu_quiet, bench->device, image, length,
	                      &checker->module);
	free(image);
	if (status == WW_OK)
		status = driver->function(&gpu_quiet, bench->device,
		                          checker->module,
		                          "ww_compare_outputs", &launch,
		                          &checker->function);
	return status;
}

/* The kernel for this type; null where there can be none. */
static struct gpu_checker *
checker_for(struct gpu_bench *bench, uint32_t type)
{
	const struct gpu_driver *driver = bench->device->driver;
	struct gpu_checker *checker = &bench->checkers[type];

	if (driver->build == NULL)
		return NULL;
	if (!checker->tried) {
		checker->tried = 1;
		checker->status = load_checker(bench, checker, type);
		if (checker->status != WW_OK)
			ww_log_message(bench->device->host->log, WW_LOG_INFO,
			       "outputs are compared on the host: the device's "
			       "compiler gave no kernel for it");
	}
	return checker->status == WW_OK ? checker : NULL;
}

/* Room on the device for what the output must be. */
static int
can_check(struct gpu_bench *bench, struct gpu_slot *slot)
{
	const struct gpu_driver *driver = bench->device->driver;

	if (slot->bytes < LARGE_BYTES)
		return 0;
	slot->checker = checker_for(bench, slot->argument->type);
	if (slot->checker == NULL)
		return 0;
	if (bench->found == NULL &&
	    driver->allocate(&gpu_quiet, bench->device, FOUND_BYTES,
	                     &bench->found) != WW_OK)
		bench->found = NULL;
	if (bench->found != NULL &&
	    driver->allocate(&gpu_quiet, bench->device, slot->bytes,
	                     &slot->wanted) == WW_OK)
		return 1;
	slot->wanted = NULL;
	return 0;
}

static ww_status
host_room(struct ww_call *call, const struct gpu_slot *slot, void **host)
{
	*host = malloc(slot->bytes > 0 ? slot->bytes : 1);
	if (*host != NULL)
		return WW_OK;
	return ww_fail(call, WW_E_NO_MEMORY,
	               "argument '%s': no memory for %llu bytes",
	               slot->argument->name, (unsigned long long)slot->bytes);
}

static ww_status
read_back(struct ww_call *call, struct gpu_bench *bench,
          const struct gpu_slot *slot, gpu_buffer from, void **host)
{
	ww_status status = host_room(call, slot, host);

	if (status == WW_OK)
		status = bench->device->driver->read(call, bench->device, *host,
		                                     from, 0, slot->bytes);
	if (status != WW_OK) {
		free(*host);
		*host = NULL;
	}
	return status;
}

/* --------------------------------------------------------------- references */

static int
is_output(const struct gpu_slot *slot)
{
	return slot->argument->kind == WW_ARGUMENT_OUTPUT ||
	       slot->argument->kind == WW_ARGUMENT_INOUT;
}

ww_status
gpu_keep_outputs(struct ww_call *call, struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		struct gpu_slot *slot = &bench->slots[i];

		if (!is_output(slot))
			continue;
		if (can_check(bench, slot))
			status = driver->copy(call, bench->device, slot->wanted,
			                      slot->data, slot->bytes);
		else
			status = read_back(call, bench, slot, slot->data,
			                   &slot->expected);
	}
	return status == WW_OK ? driver->wait(call, bench->device) : status;
}

static ww_status
keep_file(struct ww_call *call, struct gpu_bench *bench, struct gpu_slot *slot)
{
	void *host = NULL;
	ww_status status = host_room(call, slot, &host);

	if (status == WW_OK)
		status = ww_npy_read(call, slot->argument->expected_path,
		                     slot->argument, host);
	if (status == WW_OK && !can_check(bench, slot)) {
		slot->expected = host;
		return WW_OK;
	}
	if (status == WW_OK)
		status = bench->device->driver->write(
			call, bench->device, slot->wanted, host, slot->bytes);
	free(host);
	return status;
}

ww_status
gpu_keep_files(struct ww_call *call, struct gpu_bench *bench)
{
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		struct gpu_slot *slot = &bench->slots[i];

		if (is_output(slot) && slot->argument->expected_path != NULL)
			status = keep_file(call, bench, slot);
	}
	return status;
}

/* --------------------------------------------------------------- comparing */

static ww_status
compare_on_host(struct ww_call *call, struct gpu_bench *bench,
                const struct gpu_slot *slot, struct ww_verdict *verdict)
{
	void *got = NULL;
	ww_status status = read_back(call, bench, slot, slot->data, &got);

	if (status == WW_OK)
		ww_compare(slot->argument, got, slot->expected, verdict);
	free(got);
	return status;
}

static ww_status
start_checker(struct ww_call *call, struct gpu_bench *bench,
              const struct gpu_slot *slot)
{
	const struct ww_argument *argument = slot->argument;
	struct gpu_argument arguments[] = {
		{ .buffer = slot->data },
		{ .buffer = slot->wanted },
		{ .scalar = &argument->n_elements,
		  .bytes = sizeof argument->n_elements },
		{ .scalar = &argument->absolute_tolerance,
		  .bytes = sizeof argument->absolute_tolerance },
		{ .scalar = &argument->relative_tolerance,
		  .bytes = sizeof argument->relative_tolerance },
		{ .buffer = bench->found },
	};

	return bench->device->driver->launch(
		call, bench->device, slot->checker->function, &launch,
		arguments, sizeof arguments / sizeof arguments[0]);
}

static ww_status
compare_on_device(struct ww_call *call, struct gpu_bench *bench,
                  const struct gpu_slot *slot, struct ww_verdict *verdict)
{
	struct ww_comparison all = { 0 };
	double *found = malloc(FOUND_BYTES);
	ww_status status;
	unsigned i;

	if (found == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	status = start_checker(call, bench, slot);
	if (status == WW_OK)
		status = bench->device->driver->read(call, bench->device, found,
		                                     bench->found, 0,
		                                     FOUND_BYTES);
	for (i = 0; status == WW_OK && i < BLOCKS * THREADS; i++) {
		const double *thread = &found[i * GPU_FOUND_NUMBERS];
		struct ww_comparison part = {
			.n_wrong = (uint64_t)thread[0],
			.worst_index = (uint64_t)thread[1],
			.difference = thread[2],
			.got = thread[3],
			.want = thread[4],
		};

		ww_comparison_add(&all, &part);
	}
	if (status == WW_OK)
		ww_verdict_add(verdict, slot->argument, &all);
	free(found);
	return status;
}

ww_status
gpu_compare_outputs(struct ww_call *call, struct gpu_bench *bench,
                    struct ww_verdict *verdict)
{
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		const struct gpu_slot *slot = &bench->slots[i];

		if (!is_output(slot))
			continue;
		if (slot->wanted != NULL)
			status = compare_on_device(call, bench, slot, verdict);
		else if (slot->expected != NULL)
			status = compare_on_host(call, bench, slot, verdict);
	}
	return status;
}

void
gpu_compare_end(struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;
	unsigned i;

	for (i = 0; i < GPU_TYPES; i++) {
		struct gpu_checker *checker = &bench->checkers[i];

		if (checker->function != NULL)
			driver->drop(bench->device, checker->function);
		if (checker->module != NULL)
			driver->unload(bench->device, checker->module);
	}
	if (bench->found != NULL)
		driver->release(bench->device, bench->found);
}
