/* SPDX-License-Identifier: MIT
 *
 * Backend example: tunes a shell script, whose parameters are variables. The
 * artifact is the script with its variables in front; a device is this machine;
 * what the script prints is its result. Replace build(), run() and
 * device_verify() by what your kernels need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warpwright/plugin.h>

#define DEVICE "this-machine"
#define LONGEST_OUTPUT 1048576

struct example {
	const struct ww_host *host;
};

/* A growing text; `failed` once there was no memory. */
struct text {
	struct ww_text_sink sink; /* first: what the host calls */
	char *bytes;
	size_t length;
	int failed;
};

static ww_status
append(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct text *text = (struct text *)self;
	char *grown;

	if (text->length + length > LONGEST_OUTPUT)
		return WW_STOPPED;
	grown = (char *)realloc(text->bytes, text->length + length + 1);
	if (grown == NULL) {
		text->failed = 1;
		return WW_E_NO_MEMORY;
	}
	memcpy(grown + text->length, bytes, length);
	text->bytes = grown;
	text->length += length;
	grown[text->length] = '\0';
	return WW_OK;
}

static void
text_start(struct text *text)
{
	memset(text, 0, sizeof *text);
	text->sink.size = sizeof text->sink;
	text->sink.write = append;
}

static void
put(struct text *text, const char *string)
{
	append(&text->sink, string, strlen(string));
}

/* --------------------------------------------------------------- instance */

static ww_status
example_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct example *example;

	if (host->process == NULL ||
	    host->options->string(host->options, "shell") == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE, "there is no shell");
	example = (struct example *)calloc(1, sizeof *example);
	if (example == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	example->host = host;
	*self = example;
	return WW_OK;
}

static void
example_close(void *self)
{
	free(self);
}

/* Runs a script that the shell reads from its standard input. */
static ww_status
run(struct example *example, struct ww_call *call, const char *argument,
    const void *script, uint64_t length, struct text *output,
    struct ww_process_result *result)
{
	const struct ww_process *process = example->host->process;
	const struct ww_options *options = example->host->options;
	const char *argv[] = { NULL, NULL, NULL };
	struct ww_process_request request;

	argv[0] = options->string(options, "shell");
	argv[1] = argument;
	memset(&request, 0, sizeof request);
	request.size = sizeof request;
	request.argv = argv;
	request.input = (const char *)script;
	request.input_length = length;
	memset(result, 0, sizeof *result);
	result->size = sizeof *result;
	return process->run(process, call, &request, &output->sink, result);
}

/* ---------------------------------------------------------------- compile */

struct unit {
	struct example *example;
	const struct ww_kernel *kernel; /* lives as long as the unit */
};

static ww_status
compile_targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	(void)call;
	(void)self;
	return sink->write(sink, "shell", 5);
}

static ww_status
compile_identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct example *example = (struct example *)self;
	const char *shell = example->host->options->string(
		example->host->options, "shell");

	(void)call;
	return sink->write(sink, shell, strlen(shell));
}

static ww_status
compile_prepare(struct ww_call *call, void *self,
                const struct ww_kernel *kernel, void **out)
{
	struct unit *unit = (struct unit *)calloc(1, sizeof *unit);

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	unit->example = (struct example *)self;
	unit->kernel = kernel;
	*out = unit;
	return WW_OK;
}

static void
compile_drop(void *unit)
{
	free(unit);
}

/* NAME='value', one a line, then the script. */
static void
write_script(struct text *script, const struct ww_kernel *kernel,
             const struct ww_build *build)
{
	uint64_t i;

	for (i = 0; i < build->n_values; i++) {
		const char *c;

		for (c = build->values[i].name; *c != '\0'; c++)
			append(&script->sink, *c == '.' ? "_" : c, 1);
		put(script, "='");
		for (c = build->values[i].string; *c != '\0'; c++)
			if (*c != '\'')
				append(&script->sink, c, 1);
		put(script, "'\n");
	}
	append(&script->sink, kernel->source, kernel->source_length);
}

static ww_status
compile_build(struct ww_call *call, void *self, const struct ww_build *build,
              struct ww_build_sink *sink)
{
	struct unit *unit = (struct unit *)self;
	struct ww_process_result result;
	struct text script, output;
	ww_status status;

	text_start(&script);
	text_start(&output);
	write_script(&script, unit->kernel, build);
	if (script.failed)
		status = ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	else
		status = run(unit->example, call, "-n", script.bytes,
		             script.length, &output, &result);
	if (status == WW_OK && result.exit_code != 0) {
		sink->diagnosis(sink, result.error_output,
		                strlen(result.error_output));
		status = ww_fail(call, WW_E_COMPILE, "%s",
		                 result.error_output);
	}
	if (status == WW_OK)
		status = sink->artifact(sink, script.bytes, script.length);
	free(output.bytes);
	free(script.bytes);
	return status;
}

static const struct ww_compile_ops compile_ops = {
	sizeof compile_ops, 0,
	compile_targets,    compile_identity,
	compile_prepare,    compile_drop,
	compile_build,
};

/* ----------------------------------------------------------------- device */

struct bench {
	struct example *example;
	struct text expected; /* what the reference printed */
	int has_reference;
};

struct loaded {
	struct bench *bench;
	char *script;
	uint64_t length;
};

static ww_status
device_list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	(void)call;
	(void)self;
	return sink->device(sink, DEVICE, "the shell of this machine");
}

static ww_status
device_attach(struct ww_call *call, void *self, const char *id, void **device)
{
	if (strcmp(id, DEVICE) != 0)
		return ww_fail(call, WW_E_NO_DEVICE, "there is no device %s",
		               id);
	*device = self;
	return WW_OK;
}

static void
device_detach(void *device)
{
	(void)device;
}

static ww_status
device_target(struct ww_call *call, void *device, struct ww_text_sink *sink)
{
	return compile_targets(call, device, sink);
}

/* Runs a script; a script that fails is a launch that failed. */
static ww_status
launch(struct example *example, struct ww_call *call, const void *script,
       uint64_t length, struct text *output)
{
	struct ww_process_result result;
	ww_status status = run(example, call, NULL, script, length, output,
	                       &result);

	if (status == WW_OK && result.exit_code != 0)
		return ww_fail(call, WW_E_LAUNCH, "exit code %d: %s",
		               (int)result.exit_code, result.error_output);
	return status;
}

static void
device_unstage(void *self)
{
	struct bench *bench = (struct bench *)self;

	free(bench->expected.bytes);
	free(bench);
}

static ww_status
device_stage(struct ww_call *call, void *device, const struct ww_stage *stage,
             void **out)
{
	struct bench *bench = (struct bench *)calloc(1, sizeof *bench);
	ww_status status = WW_OK;

	if (bench == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	bench->example = (struct example *)device;
	text_start(&bench->expected);
	bench->has_reference = stage->reference == WW_REFERENCE_ARTIFACT;
	if (bench->has_reference)
		status = launch(bench->example, call, stage->artifact,
		                stage->artifact_length, &bench->expected);
	if (status == WW_OK)
		*out = bench;
	else
		device_unstage(bench);
	return status;
}

static ww_status
device_load(struct ww_call *call, void *bench, const struct ww_load *load,
            struct ww_build_sink *facts, void **out)
{
	struct loaded *loaded = (struct loaded *)calloc(1, sizeof *loaded);

	(void)facts;
	if (loaded != NULL)
		loaded->script = (char *)malloc(load->artifact_length + 1);
	if (loaded == NULL || loaded->script == NULL) {
		free(loaded);
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	}
	memcpy(loaded->script, load->artifact, load->artifact_length);
	loaded->length = load->artifact_length;
	loaded->bench = (struct bench *)bench;
	*out = loaded;
	return WW_OK;
}

static void
device_unload(void *self)
{
	struct loaded *loaded = (struct loaded *)self;

	free(loaded->script);
	free(loaded);
}

/* Counts the bytes that differ from what the reference printed. */
static ww_status
device_verify(struct ww_call *call, void *self, struct ww_verdict *verdict)
{
	struct loaded *loaded = (struct loaded *)self;
	const struct text *want = &loaded->bench->expected;
	struct text got;
	ww_status status;
	size_t i;

	text_start(&got);
	status = launch(loaded->bench->example, call, loaded->script,
	                loaded->length, &got);
	verdict->compared = (uint32_t)loaded->bench->has_reference;
	verdict->n_wrong = 0;
	for (i = 0; verdict->compared && (i < got.length || i < want->length);
	     i++) {
		if (i < got.length && i < want->length &&
		    got.bytes[i] == want->bytes[i])
			continue;
		if (verdict->n_wrong++ == 0) {
			verdict->worst_index = i;
			verdict->worst_difference = 1;
		}
	}
	free(got.bytes);
	return status;
}

static ww_status
device_warm(struct ww_call *call, void *self, uint32_t launches)
{
	struct loaded *loaded = (struct loaded *)self;
	ww_status status = WW_OK;

	while (launches-- > 0 && status == WW_OK) {
		struct text output;

		text_start(&output);
		status = launch(loaded->bench->example, call, loaded->script,
		                loaded->length, &output);
		free(output.bytes);
	}
	return status;
}

static ww_status
device_time(struct ww_call *call, void *self, const struct ww_timing *timing,
            struct ww_sample_sink *sink)
{
	struct loaded *loaded = (struct loaded *)self;
	const struct ww_clock *clock = loaded->bench->example->host->clock;
	uint32_t repeats = timing->repeats > 0 ? timing->repeats : 1;
	int64_t start = clock->now_ns(clock);
	uint32_t i;

	for (i = 0; i < timing->samples; i++) {
		int64_t begin = clock->now_ns(clock);
		ww_status status = device_warm(call, loaded, repeats);
		int64_t end = clock->now_ns(clock);

		if (status != WW_OK)
			return status;
		if (sink->sample(sink, (double)(end - begin) / repeats,
		                 repeats) != WW_OK ||
		    end - start > timing->budget_ns)
			break;
	}
	return WW_OK;
}

static uint32_t
device_health(void *device)
{
	(void)device;
	return WW_HEALTH_GOOD;
}

static const struct ww_device_ops device_ops = {
	sizeof device_ops, 0,
	device_list,       device_attach,  device_detach, device_target,
	device_stage,      device_unstage, device_load,   device_unload,
	device_verify,     device_warm,    device_time,   device_health,
#if WW_ABI_MINOR >= 1
	NULL, NULL, /* counts no energy, has no facts of the moment */
#endif
};

/* ----------------------------------------------------------------- plugin */

static const struct ww_option options[] = {
	{
		"shell", "/bin/sh",
		"Program that reads the script from its standard input.",
		NULL, 0, 0, WW_OPTION_STRING, WW_OPTION_TRUSTED_ONLY,
	},
};

static const struct ww_backend_ops ops = {
	sizeof ops,
	WW_BACKEND_SHARES_CPU,
	"example",
	example_open,
	example_close,
	&compile_ops,
	&device_ops,
	NULL, /* answers from no recording */
	50,
	0,
};

WW_PLUGIN = {
	WW_PLUGIN_MAGIC,
	sizeof(struct ww_plugin),
	WW_ABI_MAJOR,
	WW_ABI_MINOR,
	0, /* the lowest minor it works with */
	WW_THREADS_SERIAL,
	WW_KIND_BACKEND,
	sizeof options / sizeof options[0],
	0, /* host features it needs */
	"example",
	"0.1",
	"shell scripts on this machine",
	"MIT",
	options,
	&ops,
};
