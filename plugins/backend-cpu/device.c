/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "plugins/backend-cpu/cpu.h"

static void
id_of(const struct machine *machine, char *id, size_t size)
{
	snprintf(id, size, "cpu:%s", machine->model);
}

static ww_status
cpu_list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	struct machine machine;
	char id[160];
	ww_status status;
	size_t i;

	(void)call;
	(void)self;
	cpu_machine(&machine);
	id_of(&machine, id, sizeof id);
	status = sink->device(sink, id, machine.model);
	if (status != WW_OK)
		return status == WW_STOPPED ? WW_OK : status;
	const struct {
		const char *name;
		double value;
	} facts[] = {
		{ "cores", machine.cores },
		{ "threads", machine.threads },
		{ "clock_mhz", machine.clock_mhz },
		{ "vector_bytes", machine.vector_bytes },
		{ "l1_bytes", machine.l1_bytes },
		{ "l2_bytes", machine.l2_bytes },
		{ "l3_bytes", machine.l3_bytes },
		{ "memory_bytes", machine.memory_bytes },
	};

	/* What this system does not tell is left out. */
	for (i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].value > 0)
			sink->fact(sink, facts[i].name, facts[i].value);
	sink->text(sink, "architecture", machine.architecture);
	if (machine.features[0] != '\0')
		sink->text(sink, "instruction_sets", machine.features);
	return WW_OK;
}

/* Keeps this process, and the threads that kernels start, on the first `wanted`
 * cores that it may use. A single core is thereby one fixed core. */
static ww_status
pin(struct ww_call *call, int64_t wanted)
{
	cpu_set_t mask, chosen;
	int64_t n = 0;
	int i;

	if (sched_getaffinity(0, sizeof mask, &mask) != 0)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the affinity mask cannot be read: %s",
		               strerror(errno));
	if (wanted > CPU_COUNT(&mask))
		return ww_fail(call, WW_E_OPTION,
		               "backend.cpu.threads is %lld, but only %d cores "
		               "may be used",
		               (long long)wanted, CPU_COUNT(&mask));
	CPU_ZERO(&chosen);
	for (i = 0; i < CPU_SETSIZE && (wanted == 0 || n < wanted); i++)
		if (CPU_ISSET(i, &mask)) {
			CPU_SET(i, &chosen);
			n++;
		}
	if (sched_setaffinity(0, sizeof chosen, &chosen) != 0)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "threads cannot be kept on their cores: %s; "
		               "set backend.cpu.pin to false",
		               strerror(errno));
	return WW_OK;
}

static ww_status
cpu_attach(struct ww_call *call, void *self, const char *id, void **attached)
{
	struct device *device = calloc(1, sizeof *device);
	char own[160];
	ww_status status = WW_OK;

	if (device == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	device->cpu = self;
	cpu_machine(&device->machine);
	id_of(&device->machine, own, sizeof own);
	if (strcmp(own, id) != 0)
		status = ww_fail(call, WW_E_NO_DEVICE,
		                 "this machine is %s, not %s", own, id);
	else if (device->cpu->pin || device->cpu->threads > 0)
		status = pin(call, device->cpu->threads);
	if (status == WW_OK)
		*attached = device;
	else
		free(device);
	return status;
}

static void
cpu_detach(void *attached)
{
	struct device *device = attached;

	if (device->flush != NULL)
		munmap(device->flush, device->flush_bytes);
	free(device);
}

static ww_status
cpu_target(struct ww_call *call, void *device, struct ww_text_sink *sink)
{
	(void)call;
	(void)device;
	return sink->write(sink, "native", strlen("native"));
}

/* A kernel that damages its process may have damaged this one, too: what does
 * not end it is found by the guards, and a fresh process is cheap. */
static uint32_t
cpu_health(void *device)
{
	(void)device;
	return WW_HEALTH_GOOD;
}

const struct ww_device_ops cpu_device_ops = {
	.size = sizeof cpu_device_ops,
	.list = cpu_list,
	.attach = cpu_attach,
	.detach = cpu_detach,
	.target = cpu_target,
	.stage = cpu_stage,
	.unstage = cpu_unstage,
	.load = cpu_load,
	.unload = cpu_unload,
	.verify = cpu_verify,
	.warm = cpu_warm,
	.time = cpu_time,
	.health = cpu_health,
};
