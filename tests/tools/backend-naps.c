/* SPDX-License-Identifier: MIT
 *
 * A backend whose kernels sleep: a trial takes the device as long as option
 * `seconds` says and the processor not at all, so that tests and benchmarks of
 * the engine do not depend on how busy the machine is. A configuration's result
 * is 1 ms and, for every parameter, a hundredth of its value's square more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "warpwright/plugin.h"

#define SECOND INT64_C(1000000000)

struct naps {
	const struct ww_host *host;
	const char *log;
	double seconds;
	double compile_seconds;
};

struct nap { /* a loaded artifact */
	const struct naps *naps;
	double result_ns;
	int slept;
};

static int64_t
wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static void
take_nap(double seconds)
{
	int64_t left = (int64_t)(seconds * 1e9);
	struct timespec rest = { .tv_sec = (time_t)(left / SECOND),
		                 .tv_nsec = (long)(left % SECOND) };

	while (nanosleep(&rest, &rest) != 0)
		;
}

static ww_status
naps_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct naps *naps = calloc(1, sizeof *naps);

	if (naps == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	naps->host = host;
	naps->log = host->options->string(host->options, "log");
	naps->seconds = host->options->number(host->options, "seconds");
	naps->compile_seconds = host->options->number(host->options,
	                                              "compile_seconds");
	*self = naps;
	return WW_OK;
}

/* ----------------------------------------------------------------- compile */

static ww_status
say_name(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	(void)call;
	(void)self;
	return sink->write(sink, "bed", 3);
}

static ww_status
pass_self(struct ww_call *call, void *self, const struct ww_kernel *kernel,
          void **unit)
{
	(void)call;
	(void)kernel;
	*unit = self;
	return WW_OK;
}

static void
drop_nothing(void *object)
{
	(void)object;
}

/* The artifact is the result, and what it follows from. */
static ww_status
build(struct ww_call *call, void *unit, const struct ww_build *order,
      struct ww_build_sink *sink)
{
	const struct naps *naps = unit;
	double result_ms = 1;
	char text[4000];
	size_t used = 0;
	uint64_t i;

	(void)call;
	take_nap(naps->compile_seconds);
	for (i = 0; i < order->n_values && used < sizeof text - 200; i++) {
		double value = order->values[i].number;

		result_ms += value * value * 0.01;
		used += (size_t)snprintf(text + used, sizeof text - used,
		                         " %.60s=%.60s", order->values[i].name,
		                         order->values[i].string);
	}
	snprintf(text + used, sizeof text - used, "\n%.6f", result_ms);
	return sink->artifact(sink, text, strlen(text));
}

/* ------------------------------------------------------------------ device */

static ww_status
list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	(void)call;
	(void)self;
	return sink->device(sink, "bed-0", "Test bed");
}

static ww_status
attach(struct ww_call *call, void *self, const char *id, void **device)
{
	(void)call;
	(void)id;
	*device = self;
	return WW_OK;
}

static ww_status
stage(struct ww_call *call, void *device, const struct ww_stage *data,
      void **bench)
{
	(void)call;
	(void)data;
	*bench = device;
	return WW_OK;
}

static ww_status
load(struct ww_call *call, void *bench, const struct ww_load *order,
     struct ww_build_sink *facts, void **loaded)
{
	struct nap *nap = calloc(1, sizeof *nap);
	char number[32];
	size_t length = (size_t)order->artifact_length;
	const char *text = order->artifact;
	size_t start = length;

	(void)facts;
	if (nap == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	while (start > 0 && text[start - 1] != '\n')
		start--;
	snprintf(number, sizeof number, "%.*s", (int)(length - start),
	         text + start);
	nap->naps = bench;
	nap->result_ns = atof(number) * 1e6;
	*loaded = nap;
	return WW_OK;
}

static ww_status
verify(struct ww_call *call, void *loaded, struct ww_verdict *verdict)
{
	(void)call;
	(void)loaded;
	(void)verdict;
	return WW_OK;
}

static ww_status
warm(struct ww_call *call, void *loaded, uint32_t launches)
{
	(void)call;
	(void)loaded;
	(void)launches;
	return WW_OK;
}

/* The whole of the time is slept before the first sample. */
static void
sleep_once(struct nap *nap)
{
	int64_t start = wall_ns();
	FILE *log;

	if (nap->slept)
		return;
	nap->slept = 1;
	take_nap(nap->naps->seconds);
	log = nap->naps->log != NULL ? fopen(nap->naps->log, "a") : NULL;
	if (log == NULL)
		return;
	fprintf(log, "%lld %lld\n", (long long)start, (long long)wall_ns());
	fclose(log);
}

static ww_status
time_launches(struct ww_call *call, void *loaded,
              const struct ww_timing *timing, struct ww_sample_sink *sink)
{
	struct nap *nap = loaded;
	uint32_t i;

	(void)call;
	sleep_once(nap);
	for (i = 0; i < timing->samples; i++)
		if (sink->sample(sink, nap->result_ns, 1) == WW_STOPPED)
			break;
	return WW_OK;
}

static uint32_t
health(void *device)
{
	(void)device;
	return WW_HEALTH_GOOD;
}

static const struct ww_compile_ops compile_ops = {
	.size = sizeof compile_ops,
	.targets = say_name,
	.identity = say_name,
	.prepare = pass_self,
	.drop = drop_nothing,
	.build = build,
};

static const struct ww_device_ops device_ops = {
	.size = sizeof device_ops,
	.list = list,
	.attach = attach,
	.detach = drop_nothing,
	.target = say_name,
	.stage = stage,
	.unstage = drop_nothing,
	.load = load,
	.unload = free,
	.verify = verify,
	.warm = warm,
	.time = time_launches,
	.health = health,
};

static const struct ww_backend_ops ops = {
	.size = sizeof ops,
	.languages = "naps",
	.open = naps_open,
	.close = free,
	.compile = &compile_ops,
	.device = &device_ops,
	.rank = -1,
};

static const struct ww_option options[] = {
	{ .name = "seconds", .type = WW_OPTION_FLOAT, .default_value = "0.2",
	  .minimum = 0, .maximum = 3600,
	  .help = "how long a trial takes the device" },
	{ .name = "compile_seconds", .type = WW_OPTION_FLOAT,
	  .default_value = "0.02", .minimum = 0, .maximum = 3600,
	  .help = "how long a compilation takes" },
	{ .name = "log", .type = WW_OPTION_PATH,
	  .help = "file for the wall times of every trial's start and end" },
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "naps",
	.version = "1.0",
	.summary = "kernels that sleep, for tests",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
