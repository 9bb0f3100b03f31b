/* SPDX-License-Identifier: MIT */
#include "tests/fakes/fake.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _nvrtcProgram {
	char *source;
	char words[4096];
	char log[256];
};

FAKE nvrtcResult nvrtcVersion(int *major, int *minor);
FAKE nvrtcResult
nvrtcVersion(int *major, int *minor)
{
	*major = 13;
	*minor = 0;
	return 0;
}

FAKE nvrtcResult nvrtcGetNumSupportedArchs(int *n);
FAKE nvrtcResult
nvrtcGetNumSupportedArchs(int *n)
{
	*n = 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetSupportedArchs(int *archs);
FAKE nvrtcResult
nvrtcGetSupportedArchs(int *archs)
{
	archs[0] = 90;
	return 0;
}

FAKE nvrtcResult nvrtcCreateProgram(nvrtcProgram *program, const char *source,
                                    const char *name, int n,
                                    const char *const *headers,
                                    const char *const *names);
FAKE nvrtcResult
nvrtcCreateProgram(nvrtcProgram *program, const char *source, const char *name,
                   int n, const char *const *headers, const char *const *names)
{
	(void)name;
	(void)n;
	(void)headers;
	(void)names;
	*program = calloc(1, sizeof **program);
	(*program)->source = strdup(source);
	return 0;
}

FAKE nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program);
FAKE nvrtcResult
nvrtcDestroyProgram(nvrtcProgram *program)
{
	free((*program)->source);
	free(*program);
	*program = NULL;
	return 0;
}

FAKE nvrtcResult nvrtcAddNameExpression(nvrtcProgram program, const char *name);
FAKE nvrtcResult
nvrtcAddNameExpression(nvrtcProgram program, const char *name)
{
	(void)program;
	(void)name;
	return 0;
}

FAKE nvrtcResult nvrtcGetLoweredName(nvrtcProgram program, const char *entry,
                                     const char **name);
FAKE nvrtcResult
nvrtcGetLoweredName(nvrtcProgram program, const char *entry, const char **name)
{
	(void)program;
	*name = entry;
	return 0;
}

static int
applies(const char *condition, size_t length, int n, const char *const *options)
{
	int i;

	if (length == 0)
		return 1;
	for (i = 0; i < n; i++)
		if (strncmp(options[i], "-D", 2) == 0 &&
		    strlen(options[i] + 2) == length &&
		    strncmp(options[i] + 2, condition, length) == 0)
			return 1;
	return 0;
}

static void
collect(nvrtcProgram program, int n, const char *const *options)
{
	static const char mark[] = "// fake";
	const char *at = program->source;
	size_t used;

	snprintf(program->words, sizeof program->words, "code");
	while ((at = strstr(at, mark)) != NULL) {
		const char *colon = strpbrk(at, ":\n");
		const char *condition = at + strlen(mark) + (at[7] == ' ');
		int length;

		at += strlen(mark);
		if (colon == NULL || *colon != ':' ||
		    !applies(condition, (size_t)(colon - condition), n,
		             options))
			continue;
		length = (int)strcspn(colon + 1, "\n");
		used = strlen(program->words);
		snprintf(program->words + used, sizeof program->words - used,
		         "%.*s", length, colon + 1);
	}
	/* Different definitions are different code. */
	for (int i = 0; i < n; i++)
		if (strncmp(options[i], "-D", 2) == 0) {
			used = strlen(program->words);
			snprintf(program->words + used,
			         sizeof program->words - used, " %s",
			         options[i]);
		}
}

FAKE nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int n,
                                     const char *const *options);
FAKE nvrtcResult
nvrtcCompileProgram(nvrtcProgram program, int n, const char *const *options)
{
	int i;

	for (i = 0; fake_driver_is("plain_arch") && i < n; i++)
		if (strncmp(options[i], "-arch=", 6) == 0 &&
		    options[i][strlen(options[i]) - 1] == 'a')
			return NVRTC_ERROR_INVALID_OPTION;
	collect(program, n, options);
	if (strstr(program->source, "ww_compare_outputs") != NULL ||
	    strstr(program->source, "ww_sum_words") != NULL) {
		snprintf(program->words, sizeof program->words, "%s",
		         strstr(program->source, "ww_sum_words") != NULL
		                 ? "sum"
		                 : "compare");
		return fake_driver_is("compare") ? 0 : NVRTC_ERROR_COMPILATION;
	}
	if (fake_has(program->words, "compiler_aborts"))
		raise(SIGKILL);
	while (fake_has(program->words, "compiler_hangs"))
		pause();
	if (fake_has(program->words, "too_much_static_shared"))
		snprintf(program->log, sizeof program->log,
		         "ptxas error   : Entry function 'scale' uses too much "
		         "shared data");
	else if (fake_has(program->words, "does_not_compile"))
		snprintf(program->log, sizeof program->log,
		         "kernel.cu(1): error: expected a fake");
	else
		return 0;
	return NVRTC_ERROR_COMPILATION;
}

FAKE nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t *n);
FAKE nvrtcResult
nvrtcGetProgramLogSize(nvrtcProgram program, size_t *n)
{
	*n = strlen(program->log) + 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char *log);
FAKE nvrtcResult
nvrtcGetProgramLog(nvrtcProgram program, char *log)
{
	strcpy(log, program->log);
	return 0;
}

FAKE nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t *n);
FAKE nvrtcResult
nvrtcGetCUBINSize(nvrtcProgram program, size_t *n)
{
	*n = strlen(program->words) + 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char *code);
FAKE nvrtcResult
nvrtcGetCUBIN(nvrtcProgram program, char *code)
{
	strcpy(code, program->words);
	return 0;
}

FAKE const char *nvrtcGetErrorString(nvrtcResult result);
FAKE const char *
nvrtcGetErrorString(nvrtcResult result)
{
	return result == 0 ? "no error" : "compilation failed";
}
