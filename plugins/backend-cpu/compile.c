/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/backend-cpu/argv.h"
#include "plugins/backend-cpu/cpu.h"

#define OBJECT "kernel.so"
#define LARGEST_OBJECT (256l << 20)

/* A prepared kernel. */
struct unit {
	const struct cpu *cpu;
	const struct ww_kernel *kernel;
	const char *const *compiler; /* argv start */
	const char *found[2];        /* behind it, if PATH was searched */
	int cxx;
};

static ww_status
write_text(struct ww_text_sink *sink, const char *text)
{
	return sink->write(sink, text, strlen(text));
}

static ww_status
cpu_targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	(void)call;
	(void)self;
	return write_text(sink, "native\n");
}

/* ------------------------------------------------------------ the compiler */

static int
in_path(const char *name)
{
	const char *path = getenv("PATH");
	char file[4096];

	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");

		snprintf(file, sizeof file, "%.*s/%s", (int)length, path, name);
		if (access(file, X_OK) == 0)
			return 1;
		path += length + (path[length] == ':');
	}
	return 0;
}

/* The program that compiles the language, or null. */
static const char *
usual_compiler(int cxx)
{
	static const char *const names[2][4] = {
		{ "cc", "gcc", "clang", NULL },
		{ "c++", "g++", "clang++", NULL },
	};
	size_t i;

	for (i = 0; names[cxx][i] != NULL; i++)
		if (in_path(names[cxx][i]))
			return names[cxx][i];
	return NULL;
}

struct first_line {
	struct ww_text_sink face; /* first member */
	char text[256];
	size_t length;
	int over;
};

static ww_status
take_first_line(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct first_line *line = (struct first_line *)self;
	uint64_t i;

	for (i = 0; i < length && !line->over; i++) {
		line->over = bytes[i] == '\n';
		if (!line->over && line->length + 1 < sizeof line->text)
			line->text[line->length++] = bytes[i];
	}
	return WW_OK;
}

/* What the compiler says of itself, or "none". */
static ww_status
version_of(struct ww_call *call, struct cpu *cpu, int cxx, char *text,
           size_t size)
{
	const char *const *chosen = cxx ? cpu->compiler_cxx : cpu->compiler;
	struct first_line line = {
		.face = { .size = sizeof line.face, .write = take_first_line },
	};
	struct ww_process_request request = {
		.size = sizeof request,
		.directory = "/",
		.timeout_ns = INT64_C(30000000000),
	};
	struct ww_process_result result = { .size = sizeof result };
	const char *usual = usual_compiler(cxx);
	struct argv argv = { 0 };
	ww_status status = WW_OK;

	snprintf(text, size, "none");
	if (chosen == NULL && usual == NULL)
		return WW_OK;
	if (chosen != NULL)
		argv_add_all(&argv, chosen);
	else
		argv_add(&argv, "%s", usual);
	argv_add(&argv, "--version");
	request.argv = (const char *const *)argv.items;
	if (argv.failed)
		status = ww_fail(call, WW_E_NO_MEMORY, "no memory");
	else
		status = cpu->host->process->run(cpu->host->process, call,
		                                 &request, &line.face,
		                                 &result);
	argv_free(&argv);
	if (status != WW_OK)
		return status;
	snprintf(text, size, "%s", line.text);
	if (strstr(text, "clang") != NULL)
		cpu->few_errors[cxx] = "-ferror-limit=5";
	else
		cpu->few_errors[cxx] = "-fmax-errors=5";
	return status;
}

/* Names everything that the artifact depends on beside source and options. With
 * -march=native that is the processor too. */
static ww_status
cpu_identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	char c[256], cxx[256], text[1024];
	ww_status status = version_of(call, self, 0, c, sizeof c);
	struct machine machine;

	if (status == WW_OK)
		status = version_of(call, self, 1, cxx, sizeof cxx);
	if (status != WW_OK)
		return status;
	cpu_machine(&machine);
	snprintf(text, sizeof text, "%s; C++: %s; %s %016llx", c, cxx,
	         machine.architecture,
	         (unsigned long long)cpu_instruction_sets());
	return write_text(sink, text);
}

static ww_status
cpu_prepare(struct ww_call *call, void *self, const struct ww_kernel *kernel,
            void **prepared)
{
	const struct cpu *cpu = self;
	struct unit *unit = calloc(1, sizeof *unit);

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	unit->cpu = cpu;
	unit->kernel = kernel;
	unit->cxx = strcmp(kernel->language, "c++") == 0;
	unit->compiler = unit->cxx ? cpu->compiler_cxx : cpu->compiler;
	if (unit->compiler == NULL) {
		unit->found[0] = usual_compiler(unit->cxx);
		unit->compiler = unit->found;
	}
	if (unit->compiler[0] == NULL) {
		ww_status status = ww_fail(
			call, WW_E_UNAVAILABLE,
			"no %s compiler in PATH (%s); install one, or name it "
			"with backend.cpu.%s",
			unit->cxx ? "C++" : "C",
			unit->cxx ? "c++, g++, clang++" : "cc, gcc, clang",
			unit->cxx ? "compiler_cxx" : "compiler");
		free(unit);
		return status;
	}
	*prepared = unit;
	return WW_OK;
}

static void
cpu_drop(void *unit)
{
	free(unit);
}

/* ------------------------------------------------------------- the source */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The kernel's text under its own name, then the generated call. */
static int
write_source(const char *path, const struct ww_kernel *kernel,
             const char *wrapper)
{
	FILE *file = fopen(path, "wbe");
	int failed;

	if (file == NULL)
		return -1;
	fprintf(file, "#line 1 \"%s\"\n", base_name(kernel->path));
	fwrite(kernel->source, 1, (size_t)kernel->source_length, file);
	fputs(wrapper, file);
	failed = ferror(file);
	return fclose(file) != 0 || failed ? -1 : 0;
}

static ww_status
create_source(struct ww_call *call, const struct unit *unit,
              const struct ww_build *build)
{
	const char *entry = build->entry != NULL ? build->entry
	                                         : unit->kernel->entry;
	const char *fault;
	char *wrapper = cpu_wrapper(unit->kernel, entry, &fault);
	char path[4096];
	ww_status status = WW_OK;

	if (fault != NULL)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "argument %s has a type that backend cpu does "
		               "not know",
		               fault);
	if (wrapper == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	snprintf(path, sizeof path, "%s/unit.%s", build->scratch,
	         unit->cxx ? "cpp" : "c");
	if (write_source(path, unit->kernel, wrapper) != 0)
		status = ww_fail(call, WW_E_IO, "cannot write %s: %s", path,
		                 strerror(errno));
	free(wrapper);
	return status;
}

/* -------------------------------------------------------- the command line */

static void
add_define(struct argv *argv, const struct ww_value *value)
{
	char name[256];
	char *c;

	snprintf(name, sizeof name, "%s", value->name);
	for (c = name; *c != '\0'; c++)
		if (*c == '.')
			*c = '_';
	if (value->type == WW_VALUE_BOOL)
		argv_add(argv, "-D%s=%d", name, value->integer != 0);
	else
		argv_add(argv, "-D%s=%s", name, value->string);
}

/* The task's own options; folders in them are relative to the task, but the
 * compiler runs in the scratch folder. */
static void
add_options(struct argv *argv, const struct ww_kernel *kernel)
{
	static const char *const folders[] = { "-I", "-iquote", "-isystem",
		                               "-include" };
	int is_path = 0;
	uint32_t i;
	size_t k;

	for (i = 0; i < kernel->n_options; i++) {
		const char *option = kernel->options[i];

		if (is_path && option[0] != '/') {
			argv_add(argv, "%s/%s", kernel->directory, option);
			is_path = 0;
			continue;
		}
		is_path = 0;
		for (k = 0; k < sizeof folders / sizeof folders[0]; k++)
			is_path = is_path || strcmp(option, folders[k]) == 0;
		if (!is_path && strncmp(option, "-I", 2) == 0 &&
		    option[2] != '/')
			argv_add(argv, "-I%s/%s", kernel->directory,
			         option + 2);
		else
			argv_add(argv, "%s", option);
	}
}

/* Nothing in it depends on time, place or process, so that equal builds give
 * equal bytes. */
static void
add_command(struct argv *argv, const struct unit *unit,
            const struct ww_build *build)
{
	uint64_t i;

	argv_add_all(argv, unit->compiler);
	argv_add_all(argv, unit->cpu->flags);
	argv_add(argv, "-shared");
	argv_add(argv, "-fPIC");
	argv_add(argv, "-pipe");
	if (unit->cpu->few_errors[unit->cxx] != NULL)
		argv_add(argv, "%s", unit->cpu->few_errors[unit->cxx]);
	for (i = 0; i < build->n_values; i++)
		add_define(argv, &build->values[i]);
	argv_add(argv, "-iquote");
	argv_add(argv, "%s", unit->kernel->directory);
	add_options(argv, unit->kernel);
	argv_add(argv, "-o");
	argv_add(argv, OBJECT);
	argv_add(argv, "unit.%s", unit->cxx ? "cpp" : "c");
	argv_add(argv, "-Wl,--build-id=none");
	argv_add(argv, "-Wl,--strip-debug");
	argv_add(argv, "-lm");
}

/* ------------------------------------------------------------- the result */

/* The line of the compiler's words that says what is wrong. */
static void
pick_line(const char *words, char *line, size_t size)
{
	const char *at = strstr(words, "error:");
	const char *start = at != NULL ? at : words;

	while (start > words && start[-1] != '\n')
		start--;
	snprintf(line, size, "%.*s", (int)strcspn(start, "\n"), start);
}

static ww_status
judge(struct ww_call *call, const struct ww_process_result *result,
      struct ww_build_sink *sink)
{
	const char *words = result->error_output;
	char line[512];

	if (words[0] != '\0')
		sink->diagnosis(sink, words, strlen(words));
	if (result->signal != 0)
		return ww_fail(call, WW_E_CRASH,
		               "the compiler was ended by signal %d (%s)",
		               (int)result->signal, strsignal(result->signal));
	if (result->exit_code == 0)
		return WW_OK;
	pick_line(words, line, sizeof line);
	if (strstr(words, "internal compiler error") != NULL ||
	    strstr(words, "PLEASE submit a bug report") != NULL)
		return ww_fail(call, WW_E_CRASH, "%s", line);
	if (line[0] == '\0')
		return ww_fail(call, WW_E_COMPILE,
		               "the compiler failed with code %d and said "
		               "nothing",
		               (int)result->exit_code);
	return ww_fail(call, WW_E_COMPILE, "%s", line);
}

static ww_status
deliver(struct ww_call *call, const struct ww_build *build,
        struct ww_build_sink *sink)
{
	char path[4096];
	FILE *file;
	char *bytes = NULL;
	long length = -1;
	ww_status status;

	snprintf(path, sizeof path, "%s/%s", build->scratch, OBJECT);
	file = fopen(path, "rbe");
	if (file != NULL && fseek(file, 0, SEEK_END) == 0)
		length = ftell(file);
	if (length > 0 && length <= LARGEST_OBJECT) {
		rewind(file);
		bytes = malloc((size_t)length);
	}
	if (bytes == NULL ||
	    fread(bytes, 1, (size_t)length, file) != (size_t)length) {
		status = ww_fail(call, WW_E_COMPILE,
		                 "cannot read the shared object that the "
		                 "compiler should have written");
	} else {
		status = sink->artifact(sink, bytes, (uint64_t)length);
		sink->fact(sink, "code_bytes",
		           (double)cpu_code_bytes(bytes, (uint64_t)length));
	}
	free(bytes);
	if (file != NULL)
		fclose(file);
	return status;
}

static ww_status
discard(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	(void)bytes;
	(void)length;
	return WW_OK;
}

static ww_status
run_compiler(struct ww_call *call, const struct unit *unit,
             const struct ww_build *build, struct ww_process_result *result)
{
	const struct ww_process *process = unit->cpu->host->process;
	struct ww_text_sink output = { .size = sizeof output,
		                       .write = discard };
	struct ww_process_request request = {
		.size = sizeof request,
		.directory = build->scratch,
	};
	struct argv argv = { 0 };
	ww_status status;

	add_command(&argv, unit, build);
	request.argv = (const char *const *)argv.items;
	if (argv.failed)
		status = ww_fail(call, WW_E_NO_MEMORY, "no memory");
	else
		status = process->run(process, call, &request, &output, result);
	argv_free(&argv);
	return status;
}

static ww_status
cpu_build(struct ww_call *call, void *prepared, const struct ww_build *build,
          struct ww_build_sink *sink)
{
	const struct unit *unit = prepared;
	struct ww_process_result result = { .size = sizeof result };
	ww_status status = create_source(call, unit, build);

	if (status == WW_OK)
		status = run_compiler(call, unit, build, &result);
	if (status == WW_E_NOT_FOUND)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the compiler %s cannot be started",
		               unit->compiler[0]);
	if (status == WW_OK)
		status = judge(call, &result, sink);
	if (status == WW_OK)
		status = deliver(call, build, sink);
	if (status == WW_OK)
		cpu_listing_facts(call, unit->cpu, build->scratch, OBJECT,
		                  sink);
	return status;
}

const struct ww_compile_ops cpu_compile_ops = {
	.size = sizeof cpu_compile_ops,
	.targets = cpu_targets,
	.identity = cpu_identity,
	.prepare = cpu_prepare,
	.drop = cpu_drop,
	.build = cpu_build,
};
