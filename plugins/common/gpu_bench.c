/* SPDX-License-Identifier: MIT
 *
 * Arguments on the device, the reference, and verification.
 *
 * Each buffer is one allocation: a guard zone, the data, a guard zone. Before a
 * verified launch outputs are poisoned with a word that is NaN in every
 * floating-point type, and buffers that the kernel both reads and writes get
 * their first contents back. After it the guard zones and the inputs must be as
 * they were.
 */
#include "plugins/common/gpu_bench.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/common/arguments.h"
#include "plugins/common/gpu_compare.h"
#include "plugins/common/gpu_inputs.h"
#include "plugins/common/gpu_quiet.h"

#define GUARD_BYTES 4096u
#define GUARD_WORD 0x5a5aa5a5u
#define POISON_FLOAT 0xffffffffu
#define POISON_INTEGER 0xa5a5a5a5u

static int
is_buffer(const struct ww_argument *argument)
{
	return argument->kind != WW_ARGUMENT_SCALAR &&
	       argument->kind != WW_ARGUMENT_CONSTANT;
}

static int
is_output(const struct ww_argument *argument)
{
	return argument->kind == WW_ARGUMENT_OUTPUT ||
	       argument->kind == WW_ARGUMENT_INOUT;
}

/* Whole words, so that fills reach the end. */
static uint64_t
padded(uint64_t bytes)
{
	return (bytes + 255) / 256 * 256;
}

ww_status
gpu_launch(struct ww_call *call, struct gpu_loaded *loaded)
{
	struct gpu_bench *bench = loaded->bench;

	loaded->unchecked = 1;
	return bench->device->driver->launch(call, bench->device,
	                                     loaded->function, &loaded->launch,
	                                     bench->passed, bench->n_passed);
}

/* Gets its contents back before a verified launch. */
static int
is_restored(const struct ww_argument *argument)
{
	return argument->kind == WW_ARGUMENT_INOUT ||
	       argument->kind == WW_ARGUMENT_SCRATCH;
}

/* ------------------------------------------------------------------ staging */

static ww_status
allocate_slot(struct ww_call *call, struct gpu_bench *bench,
              struct gpu_slot *slot)
{
	const struct gpu_driver *driver = bench->device->driver;
	uint64_t whole = 2 * GUARD_BYTES + padded(slot->bytes);
	ww_status status = driver->allocate(call, bench->device, whole,
	                                    &slot->buffer);

	if (status != WW_OK) {
		slot->buffer = NULL;
		return status;
	}
	status = driver->fill(call, bench->device, slot->buffer, GUARD_WORD,
	                      whole);
	if (status == WW_OK)
		status = driver->view(call, bench->device, slot->buffer,
		                      GUARD_BYTES, padded(slot->bytes),
		                      &slot->data);
	if (status == WW_OK && is_restored(slot->argument))
		status = driver->allocate(call, bench->device,
		                          padded(slot->bytes), &slot->initial);
	return status;
}

static ww_status
upload_slot(struct ww_call *call, struct gpu_bench *bench, struct gpu_slot *slot,
            const void *host)
{
	const struct gpu_driver *driver = bench->device->driver;
	gpu_buffer to = slot->initial != NULL ? slot->initial : slot->data;

	return driver->write(call, bench->device, to, host, slot->bytes);
}

/* Contents that the task gives: everything but pure outputs, which are poisoned
 * before they are looked at. */
static ww_status
fill_slot(struct ww_call *call, struct gpu_bench *bench, struct gpu_slot *slot)
{
	const struct ww_argument *argument = slot->argument;
	void *host = malloc(slot->bytes > 0 ? slot->bytes : 1);
	ww_status status;

	if (host == NULL)
		return ww_fail(call, WW_E_NO_MEMORY,
		               "argument '%s': no memory for %llu bytes",
		               argument->name, (unsigned long long)slot->bytes);
	status = ww_argument_fill(call, argument, bench->stage->seed, host);
	if (status == WW_OK && argument->kind == WW_ARGUMENT_SCALAR)
		memcpy(slot->scalar, host, slot->bytes);
	if (status == WW_OK && argument->kind == WW_ARGUMENT_CONSTANT) {
		slot->expected = host;
		return WW_OK;
	}
	if (status == WW_OK && is_buffer(argument))
		status = upload_slot(call, bench, slot, host);
	free(host);
	return status;
}

static ww_status
stage_slot(struct ww_call *call, struct gpu_bench *bench, struct gpu_slot *slot)
{
	ww_status status = WW_OK;

	slot->bytes = ww_argument_bytes(slot->argument);
	if (is_buffer(slot->argument))
		status = allocate_slot(call, bench, slot);
	if (status == WW_OK && slot->argument->kind != WW_ARGUMENT_OUTPUT)
		status = fill_slot(call, bench, slot);
	return status;
}

static void
pass_slot(struct gpu_bench *bench, const struct gpu_slot *slot)
{
	struct gpu_argument *passed = &bench->passed[bench->n_passed];

	if (slot->argument->kind == WW_ARGUMENT_CONSTANT)
		return;
	passed->buffer = slot->data;
	passed->scalar = slot->scalar;
	passed->bytes = slot->bytes;
	bench->n_passed++;
}

static ww_status
stage_events(struct ww_call *call, struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;
	ww_status status = WW_OK;
	unsigned i;

	for (i = 0; status == WW_OK && i < GPU_IN_FLIGHT; i++) {
		status = driver->event_new(call, bench->device,
		                           &bench->from[i]);
		if (status == WW_OK)
			status = driver->event_new(call, bench->device,
			                           &bench->to[i]);
	}
	return status;
}

static ww_status
stage_all(struct ww_call *call, struct gpu_bench *bench)
{
	const struct gpu_driver *driver = bench->device->driver;
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		bench->slots[i].argument = &bench->stage->arguments[i];
		status = stage_slot(call, bench, &bench->slots[i]);
		if (status == WW_OK)
			pass_slot(bench, &bench->slots[i]);
	}
	/* Twice the cache, so that nothing of the data survives. */
	bench->flush_bytes = padded(2 * driver->cache_bytes(bench->device));
	if (bench->flush_bytes == 0)
		bench->flush_bytes = 64u << 20;
	if (status == WW_OK)
		status = driver->allocate(call, bench->device,
		                          bench->flush_bytes, &bench->flush);
	if (status == WW_OK)
		status = stage_events(call, bench);
	return status == WW_OK ? gpu_inputs_note(call, bench) : status;
}

/* -------------------------------------------------------- one checked launch */

static ww_status
poison(struct ww_call *call, struct gpu_bench *bench, struct gpu_slot *slot)
{
	const struct gpu_driver *driver = bench->device->driver;
	uint32_t word = ww_type_is_float(slot->argument->type) ? POISON_FLOAT
	                                                  : POISON_INTEGER;

	if (slot->initial != NULL)
		return driver->copy(call, bench->device, slot->data,
		                    slot->initial, padded(slot->bytes));
	/* The padding keeps the guard's word: it is guarded, too. */
	return driver->fill(call, bench->device, slot->data, word,
	                    slot->bytes / 4 * 4);
}

static ww_status
check_zone(struct ww_call *call, struct gpu_bench *bench,
           const struct gpu_slot *slot, uint64_t offset, uint64_t bytes)
{
	const struct gpu_driver *driver = bench->device->driver;
	uint32_t zone[(GUARD_BYTES + 256) / 4];
	ww_status status = driver->read(call, bench->device, zone,
	                                slot->buffer, offset, bytes);
	uint64_t i;

	for (i = 0; status == WW_OK && i < bytes / 4; i++)
		if (zone[i] != GUARD_WORD)
			return ww_fail(call, WW_E_WRONG_RESULT,
			               "the kernel wrote outside argument '%s' "
			               "(%s it)",
			               slot->argument->name,
			               offset == 0 ? "before" : "behind");
	return status;
}

static ww_status
check_guards(struct ww_call *call, struct gpu_bench *bench)
{
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		const struct gpu_slot *slot = &bench->slots[i];
		/* An inout buffer gets whole padded contents back. */
		uint64_t used = slot->initial != NULL
		                        ? padded(slot->bytes)
		                        : (slot->bytes + 3) / 4 * 4;

		if (slot->buffer == NULL)
			continue;
		status = check_zone(call, bench, slot, 0, GUARD_BYTES);
		if (status == WW_OK)
			status = check_zone(call, bench, slot,
			                    GUARD_BYTES + used,
			                    padded(slot->bytes) - used +
			                            GUARD_BYTES);
	}
	return status;
}

/* Poisons, launches once, waits, looks at the guard zones. */
static ww_status
run_checked(struct ww_call *call, struct gpu_loaded *loaded)
{
	struct gpu_bench *bench = loaded->bench;
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++)
		if (is_output(bench->slots[i].argument) ||
		    is_restored(bench->slots[i].argument))
			status = poison(call, bench, &bench->slots[i]);
	if (status == WW_OK)
		status = gpu_launch(call, loaded);
	if (status == WW_OK)
		status = bench->device->driver->wait(call, bench->device);
	if (status != WW_OK)
		return status;
	status = check_guards(call, bench);
	if (status == WW_OK)
		status = gpu_inputs_check(call, bench);
	loaded->unchecked = 0;
	/* Nobody knows what else was written: inputs of later configurations,
	 * perhaps. A new process stages everything again. */
	if (status == WW_E_WRONG_RESULT)
		bench->device->health = WW_HEALTH_RESTART;
	return status;
}

/* ---------------------------------------------------------------- reference */

static ww_status
run_reference(struct ww_call *call, struct gpu_bench *bench)
{
	const struct ww_stage *stage = bench->stage;
	struct ww_load load = {
		.size = sizeof load,
		.artifact = stage->artifact,
		.artifact_length = stage->artifact_length,
		.entry = stage->entry,
		.launch = stage->launch,
	};
	void *loaded = NULL;
	ww_status status = gpu_load(call, bench, &load, NULL, &loaded);

	if (status != WW_OK)
		return status;
	status = run_checked(call, loaded);
	if (status == WW_OK)
		status = gpu_keep_outputs(call, bench);
	gpu_unload(loaded);
	return status;
}

ww_status
gpu_stage(struct ww_call *call, void *device, const struct ww_stage *stage,
          void **bench_out)
{
	struct gpu_bench *bench = calloc(1, sizeof *bench);
	ww_status status;

	if (bench == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	bench->device = device;
	bench->stage = stage;
	bench->slots = calloc(stage->n_arguments + 1, sizeof *bench->slots);
	bench->passed = calloc(stage->n_arguments + 1, sizeof *bench->passed);
	status = bench->slots == NULL || bench->passed == NULL
	                 ? ww_fail(call, WW_E_NO_MEMORY, "out of memory")
	                 : stage_all(call, bench);
	if (status == WW_OK && stage->reference == WW_REFERENCE_ARTIFACT)
		status = run_reference(call, bench);
	if (status == WW_OK && stage->reference == WW_REFERENCE_FILES)
		status = gpu_keep_files(call, bench);
	if (status != WW_OK) {
		gpu_unstage(bench);
		return status;
	}
	*bench_out = bench;
	return WW_OK;
}

static void
unstage_slot(struct gpu_bench *bench, struct gpu_slot *slot)
{
	const struct gpu_driver *driver = bench->device->driver;

	if (slot->data != NULL)
		driver->end_view(bench->device, slot->data);
	if (slot->buffer != NULL)
		driver->release(bench->device, slot->buffer);
	if (slot->initial != NULL)
		driver->release(bench->device, slot->initial);
	if (slot->wanted != NULL)
		driver->release(bench->device, slot->wanted);
	free(slot->expected);
}

void
gpu_unstage(void *self)
{
	struct gpu_bench *bench = self;
	const struct gpu_driver *driver = bench->device->driver;
	uint64_t i;

	for (i = 0; bench->slots != NULL && i < bench->stage->n_arguments; i++)
		unstage_slot(bench, &bench->slots[i]);
	gpu_compare_end(bench);
	gpu_inputs_end(bench);
	if (bench->flush != NULL)
		driver->release(bench->device, bench->flush);
	for (i = 0; i < GPU_IN_FLIGHT; i++) {
		if (bench->from[i] != NULL)
			driver->event_free(bench->device, bench->from[i]);
		if (bench->to[i] != NULL)
			driver->event_free(bench->device, bench->to[i]);
	}
	free(bench->slots);
	free(bench->passed);
	free(bench);
}

/* ---------------------------------------------------------- configurations */

static ww_status
copy_constants(struct ww_call *call, struct gpu_loaded *loaded)
{
	struct gpu_bench *bench = loaded->bench;
	ww_status status = WW_OK;
	uint64_t i;

	for (i = 0; status == WW_OK && i < bench->stage->n_arguments; i++) {
		const struct gpu_slot *slot = &bench->slots[i];

		if (slot->argument->kind == WW_ARGUMENT_CONSTANT)
			status = bench->device->driver->constant(
				call, bench->device, loaded->module,
				slot->argument->name, slot->expected,
				slot->bytes);
	}
	return status;
}

ww_status
gpu_load(struct ww_call *call, void *self, const struct ww_load *load,
         struct ww_build_sink *facts, void **loaded_out)
{
	struct gpu_bench *bench = self;
	struct gpu_device *device = bench->device;
	const struct gpu_driver *driver = device->driver;
	struct gpu_loaded *loaded = calloc(1, sizeof *loaded);
	const char *name;
	const void *code;
	uint64_t length;
	ww_status status;

	if (loaded == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	loaded->bench = bench;
	loaded->launch = *load->launch;
	status = gpu_artifact_read(call, load->artifact, load->artifact_length,
	                           &name, &code, &length);
	if (status == WW_OK)
		status = driver->load(call, device, code, length,
		                      &loaded->module);
	if (status == WW_OK)
		status = driver->function(call, device, loaded->module, name,
		                          &loaded->launch, &loaded->function);
	if (status == WW_OK)
		status = copy_constants(call, loaded);
	if (status != WW_OK) {
		gpu_unload(loaded);
		return status;
	}
	if (facts != NULL)
		driver->facts(device, loaded->function, &loaded->launch, facts);
	*loaded_out = loaded;
	return WW_OK;
}

void
gpu_unload(void *self)
{
	struct gpu_loaded *loaded = self;
	struct gpu_device *device = loaded->bench->device;

	/* It ran after its last verification (and was given up, say): what it
	 * may have done to the inputs must not be blamed on the next. */
	if (loaded->unchecked && device->health == WW_HEALTH_GOOD &&
	    gpu_inputs_check(&gpu_quiet, loaded->bench) != WW_OK)
		device->health = WW_HEALTH_RESTART;
	if (loaded->function != NULL)
		device->driver->drop(device, loaded->function);
	if (loaded->module != NULL)
		device->driver->unload(device, loaded->module);
	free(loaded);
}

ww_status
gpu_verify(struct ww_call *call, void *self, struct ww_verdict *verdict)
{
	struct gpu_loaded *loaded = self;
	ww_status status = run_checked(call, loaded);

	if (status != WW_OK)
		return status;
	return gpu_compare_outputs(call, loaded->bench, verdict);
}

uint32_t
gpu_health(void *self)
{
	return ((struct gpu_device *)self)->health;
}
