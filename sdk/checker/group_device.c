/* SPDX-License-Identifier: MIT
 *
 * Group device: the device half. Without a device it must say so quietly; with
 * --device it runs the sample kernel, right, wrong and faulting.
 */
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/text.h"
#include "sdk/checker/backend.h"

#define MOST_DEVICES 64

struct devices {
	struct ww_device_sink sink; /* first member */
	struct check *check;
	unsigned n;
	char ids[MOST_DEVICES][128];
};

static ww_status
take_device(struct ww_device_sink *self, const char *id, const char *name)
{
	struct devices *devices = (struct devices *)self;

	check_that(devices->check, id != NULL && id[0] != '\0' && name != NULL,
	           "a device without id or name");
	if (devices->n < MOST_DEVICES)
		snprintf(devices->ids[devices->n++], sizeof devices->ids[0],
		         "%s", id);
	return WW_OK;
}

static void
take_fact(struct ww_device_sink *self, const char *name, double value)
{
	struct devices *devices = (struct devices *)self;

	check_that(devices->check, devices->n > 0,
	           "fact %s came before any device", name);
	check_that(devices->check, isfinite(value), "fact %s is no number",
	           name);
}

static void
take_text(struct ww_device_sink *self, const char *name, const char *value)
{
	struct devices *devices = (struct devices *)self;

	check_that(devices->check, devices->n > 0 && value != NULL,
	           "text %s is null or came before any device", name);
}

static const struct ww_device_ops *
table(struct check *check)
{
	const struct ww_backend_ops *ops;

	if (check->plugin == NULL)
		check_load(check);
	ops = check->plugin->ops;
	if (ops->device == NULL)
		check_skip(check, "it has no device half");
	return ops->device;
}

/* Number of devices; 0 with a reason in host->error. */
static ww_status
list(struct host *host, struct devices *devices)
{
	const struct ww_device_ops *ops = table(host->check);
	struct ww_call_frame frame;
	ww_status status;

	memset(devices, 0, sizeof *devices);
	devices->check = host->check;
	devices->sink = (struct ww_device_sink){ .size = sizeof devices->sink,
		                                 .device = take_device,
		                                 .fact = take_fact,
		                                 .text = take_text };
	host_call_start(host, &frame);
	status = ops->list(&frame.call, host->self, &devices->sink);
	return host_call_end(host, &frame, status);
}

static void
lists(struct check *check)
{
	struct host *host = host_new(check, 1);
	struct devices first, second;
	ww_status status;
	unsigned i;

	table(check);
	host_must_open(host, NULL);
	status = list(host, &first);
	check_that(check,
	           status == WW_OK || status == WW_E_UNAVAILABLE ||
	                   status == WW_E_NO_DEVICE,
	           "list() failed as '%s': %s", ww_status_name(status),
	           host->error.text);
	check_that(check,
	           status == WW_OK ||
	                   strstr(host->error.text, "gave no reason") == NULL,
	           "list() does not say what is missing");
	if (status == WW_OK && list(host, &second) == WW_OK) {
		check_that(check, first.n == second.n,
		           "it found %u devices and then %u", first.n,
		           second.n);
		for (i = 0; i < first.n; i++)
			check_that(check,
			           strcmp(first.ids[i], second.ids[i]) == 0,
			           "the id of device %u changed", i);
	}
	host_close(host);
}

static void
unknown(struct check *check)
{
	struct host *host = host_new(check, 1);
	const struct ww_device_ops *ops = table(check);
	struct ww_call_frame frame;
	void *device = NULL;
	ww_status status;

	host_must_open(host, NULL);
	host_call_start(host, &frame);
	status = ops->attach(&frame.call, host->self, "no-such-device",
	                     &device);
	status = host_call_end(host, &frame, status);
	check_that(check, status < 0, "it attached a device that is not there");
	host_close(host);
}

/* ---------------------------------------------------------- with a device */

struct bench {
	struct backend_run run;
	const struct ww_device_ops *ops;
	struct backend_build reference;
	struct ww_launch launch;
	struct ww_stage stage;
	void *device;
	void *bench;
};

static void
must(struct bench *bench, struct ww_call_frame *frame, ww_status status,
     const char *what)
{
	status = host_call_end(bench->run.host, frame, status);
	check_that(bench->run.host->check, status == WW_OK, "%s failed: %s",
	           what, bench->run.host->error.text);
}

static void
build(struct bench *bench, uint32_t fault, struct backend_build *built)
{
	backend_build(&bench->run, fault, "scratch", built);
	check_that(bench->run.host->check, built->status == WW_OK,
	           "build() failed: %s", bench->run.host->error.text);
}

static void
attach(struct bench *bench, struct check *check)
{
	struct devices devices;
	struct ww_call_frame frame;

	if (!check->request->device)
		check_skip(check, "without --device");
	bench->ops = table(check);
	backend_start(&bench->run, check);
	if (list(bench->run.host, &devices) != WW_OK || devices.n == 0)
		check_skip(check, "no device: %s", bench->run.host->error.text);
	host_call_start(bench->run.host, &frame);
	must(bench, &frame,
	     bench->ops->attach(&frame.call, bench->run.host->self,
	                        devices.ids[0], &bench->device),
	     "attach()");
}

struct target_sink {
	struct ww_text_sink face; /* first member */
	struct backend_run *run;
};

static ww_status
take_target(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct backend_run *run = ((struct target_sink *)self)->run;
	size_t used = strlen(run->target);

	snprintf(run->target + used, sizeof run->target - used, "%.*s",
	         (int)length, bytes);
	return WW_OK;
}

static void
ask_target(struct bench *bench)
{
	struct target_sink sink = {
		.face = { .size = sizeof sink.face, .write = take_target },
		.run = &bench->run,
	};
	struct ww_call_frame frame;

	host_call_start(bench->run.host, &frame);
	must(bench, &frame,
	     bench->ops->target(&frame.call, bench->device, &sink.face),
	     "target()");
}

/* The default configuration is the reference of its own. */
static void
stage(struct bench *bench, struct check *check)
{
	struct ww_call_frame frame;
	uint32_t indices[64];

	memset(bench, 0, sizeof *bench);
	attach(bench, check);
	ask_target(bench);
	backend_prepare(&bench->run);
	build(bench, 0, &bench->reference);
	backend_launch(&bench->run, 0, indices, &bench->launch);
	bench->stage = (struct ww_stage){
		.size = sizeof bench->stage,
		.reference = WW_REFERENCE_ARTIFACT,
		.arguments = bench->run.task->arguments,
		.n_arguments = bench->run.task->n_arguments,
		.artifact = bench->reference.bytes,
		.artifact_length = bench->reference.length,
		.launch = &bench->launch,
		.entry = bench->run.task->kernel.entry,
		.seed = 1,
	};
	host_call_start(bench->run.host, &frame);
	must(bench, &frame,
	     bench->ops->stage(&frame.call, bench->device, &bench->stage,
	                       &bench->bench),
	     "stage()");
}

static void
load(struct bench *bench, const struct backend_build *built, void **loaded)
{
	const struct ww_load request = {
		.size = sizeof request,
		.artifact = built->bytes,
		.artifact_length = built->length,
		.entry = bench->run.task->kernel.entry,
		.launch = &bench->launch,
	};
	struct ww_call_frame frame;

	host_call_start(bench->run.host, &frame);
	must(bench, &frame,
	     bench->ops->load(&frame.call, bench->bench, &request, NULL,
	                      loaded),
	     "load()");
}

static void
finish(struct bench *bench, void *loaded)
{
	if (loaded != NULL)
		bench->ops->unload(loaded);
	bench->ops->unstage(bench->bench);
	bench->ops->detach(bench->device);
	backend_build_clear(&bench->reference);
	backend_end(&bench->run);
}

static void
right(struct check *check)
{
	struct ww_verdict verdict = { .size = sizeof verdict };
	struct ww_call_frame frame;
	struct bench bench;
	void *loaded = NULL;
	int i;

	stage(&bench, check);
	load(&bench, &bench.reference, &loaded);
	for (i = 0; i < 3; i++) {
		host_call_start(bench.run.host, &frame);
		must(&bench, &frame,
		     bench.ops->verify(&frame.call, loaded, &verdict),
		     "verify()");
		check_that(check, verdict.compared == 1,
		           "verify() compared nothing");
		check_that(check, verdict.n_wrong == 0,
		           "the reference differs from itself in %llu elements",
		           (unsigned long long)verdict.n_wrong);
	}
	finish(&bench, loaded);
}

static void
wrong(struct check *check)
{
	struct ww_verdict verdict = { .size = sizeof verdict };
	struct backend_build built;
	struct ww_call_frame frame;
	struct bench bench;
	void *loaded = NULL;

	stage(&bench, check);
	if (!backend_has_faults(&bench.run))
		check_skip(check, "the task has no parameter FAULT");
	build(&bench, 1, &built);
	load(&bench, &built, &loaded);
	host_call_start(bench.run.host, &frame);
	must(&bench, &frame, bench.ops->verify(&frame.call, loaded, &verdict),
	     "verify()");
	check_that(check, verdict.n_wrong > 0 && verdict.worst_difference > 0,
	           "a kernel that computes something else passed "
	           "verification");
	backend_build_clear(&built);
	finish(&bench, loaded);
}

struct samples {
	struct ww_sample_sink sink; /* first member */
	struct check *check;
	unsigned n;
};

static ww_status
take_sample(struct ww_sample_sink *self, double nanoseconds, uint32_t repeats)
{
	struct samples *samples = (struct samples *)self;

	check_that(samples->check,
	           isfinite(nanoseconds) && nanoseconds > 0 && repeats > 0,
	           "sample %u is %g ns over %u launches", samples->n + 1,
	           nanoseconds, repeats);
	samples->n++;
	return WW_OK;
}

static void
timed(struct check *check)
{
	struct samples samples = {
		.sink = { .size = sizeof samples.sink, .sample = take_sample },
		.check = check,
	};
	struct ww_timing timing = { .size = sizeof timing,
		                    .samples = 10,
		                    .budget_ns = INT64_C(5000000000) };
	struct ww_call_frame frame;
	struct bench bench;
	void *loaded = NULL;

	stage(&bench, check);
	load(&bench, &bench.reference, &loaded);
	host_call_start(bench.run.host, &frame);
	must(&bench, &frame, bench.ops->warm(&frame.call, loaded, 3), "warm()");
	for (timing.cold = 0; timing.cold < 2; timing.cold++) {
		samples.n = 0;
		host_call_start(bench.run.host, &frame);
		must(&bench, &frame,
		     bench.ops->time(&frame.call, loaded, &timing,
		                     &samples.sink),
		     "time()");
		check_that(check, samples.n == 10,
		           "time() gave %u samples, asked for 10", samples.n);
	}
	check_that(check, bench.ops->health(bench.device) == WW_HEALTH_GOOD,
	           "the device is not well after a good kernel");
	finish(&bench, loaded);
}

static noreturn void
run_fault(struct check *check)
{
	struct ww_verdict verdict = { .size = sizeof verdict };
	struct backend_build built;
	struct ww_call_frame frame;
	struct bench bench;
	void *loaded = NULL;
	ww_status status;

	stage(&bench, check);
	if (!backend_has_faults(&bench.run))
		check_skip(check, "the task has no parameter FAULT");
	build(&bench, 2, &built);
	load(&bench, &built, &loaded);
	host_call_start(bench.run.host, &frame);
	status = bench.ops->verify(&frame.call, loaded, &verdict);
	host_call_end(bench.run.host, &frame, status);
	check_that(check, status < 0, "a kernel that faults passed");
	check_that(check,
	           status == WW_E_LAUNCH || status == WW_E_DEVICE_LOST ||
	                   status == WW_E_CRASH || status == WW_E_RESOURCES,
	           "a kernel that faults failed as '%s', expected 'launch' or "
	           "'device_lost'",
	           ww_status_name(status));
	check_that(check, bench.ops->health(bench.device) <= WW_HEALTH_GONE,
	           "health() is unknown");
	check_skip(check, "survived"); /* read by faulting() */
}

/* The kernel may take its process down before there is a verdict: that is an
 * answer, too. */
static void
faulting(struct check *check)
{
	struct check inner = *check;
	char text[2000];
	int ends[2];
	ssize_t length;
	pid_t child;

	if (!check->request->device)
		check_skip(check, "without --device");
	check_that(check, pipe(ends) == 0, "no pipe");
	child = fork();
	if (child == 0) {
		inner.verdict = ends[1];
		run_fault(&inner);
	}
	close(ends[1]);
	length = read(ends[0], text, sizeof text - 1);
	waitpid(child, NULL, 0);
	text[length > 0 ? length : 0] = '\0';
	if (text[0] == 'F')
		check_fail(check, "%s", text + 1);
	if (text[0] == 'S' && strcmp(text + 1, "survived") != 0)
		check_skip(check, "%s", text + 1);
}

static const struct check_test tests[] = {
	{ "device.list", "finds the same devices twice, or says why none", 60,
	  lists },
	{ "device.unknown", "refuses a device that is not there", 60, unknown },
	{ "device.right", "the reference passes verification", 120, right },
	{ "device.wrong", "a wrong kernel fails verification", 120, wrong },
	{ "device.samples", "samples are positive and as many as asked", 120,
	  timed },
	{ "device.fault", "a faulting kernel is classified", 120, faulting },
};

const struct check_group check_group_device = {
	.kind = "backend",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
