/* SPDX-License-Identifier: MIT */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "warpwright/trial.h"

ww_status
ww_error_set(struct ww_error *error, ww_status status, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return status;
	error->status = status;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	return status;
}

ww_status
ww_error_prefix(struct ww_error *error, const char *format, ...)
{
	char prefix[512];
	char rest[WW_ERROR_TEXT];
	va_list args;

	if (error == NULL)
		return WW_E_INTERNAL;
	va_start(args, format);
	vsnprintf(prefix, sizeof prefix, format, args);
	va_end(args);
	memcpy(rest, error->text, sizeof rest);
	snprintf(error->text, sizeof error->text, "%s%.*s", prefix,
	         (int)(sizeof error->text - strlen(prefix) - 1), rest);
	return error->status;
}

static const struct {
	ww_status status;
	const char *name;
} status_names[] = {
	{ WW_OK, "ok" },
	{ WW_PENDING, "pending" },
	{ WW_EXHAUSTED, "exhausted" },
	{ WW_STOPPED, "stopped" },
	{ WW_E_INVALID, "invalid" },
	{ WW_E_COMPILE, "compile" },
	{ WW_E_RESOURCES, "resources" },
	{ WW_E_LAUNCH, "launch" },
	{ WW_E_WRONG_RESULT, "wrong_result" },
	{ WW_E_TIMEOUT, "timeout" },
	{ WW_E_DUPLICATE, "duplicate" },
	{ WW_E_FORMAT, "format" },
	{ WW_E_REFUSAL, "refusal" },
	{ WW_E_TRUNCATED, "truncated" },
	{ WW_E_CONTEXT, "context" },
	{ WW_E_NOT_FOUND, "not_found" },
	{ WW_E_UNSUPPORTED, "unsupported" },
	{ WW_E_OPTION, "option" },
	{ WW_E_NO_MEMORY, "no_memory" },
	{ WW_E_CANCELLED, "cancelled" },
	{ WW_E_BAD_HANDLE, "bad_handle" },
	{ WW_E_STATE, "state" },
	{ WW_E_AUTH, "auth" },
	{ WW_E_BILLING, "billing" },
	{ WW_E_RATE, "rate" },
	{ WW_E_OVERLOADED, "overloaded" },
	{ WW_E_SERVER, "server" },
	{ WW_E_TRANSPORT, "transport" },
	{ WW_E_REQUEST, "request" },
	{ WW_E_PARAMETER, "parameter" },
	{ WW_E_DEVICE_LOST, "device_lost" },
	{ WW_E_CRASH, "crash" },
	{ WW_E_NO_DEVICE, "no_device" },
	{ WW_E_UNAVAILABLE, "unavailable" },
	{ WW_E_TOO_NEW, "too_new" },
	{ WW_E_ABI, "abi" },
	{ WW_E_INTERNAL, "internal" },
	{ WW_E_IO, "io" },
	{ WW_E_CONFIG, "config" },
	{ WW_E_BUDGET, "budget" },
};

const char *
ww_status_name(ww_status status)
{
	size_t i;

	for (i = 0; i < sizeof status_names / sizeof status_names[0]; i++)
		if (status_names[i].status == status)
			return status_names[i].name;
	return "unknown";
}

static const char *const outcome_names[WW_TRIAL_N_CLASSES] = {
	[WW_TRIAL_OK] = "ok",
	[WW_TRIAL_CONSTRAINT] = "constraint",
	[WW_TRIAL_COMPILE_ERROR] = "compile_error",
	[WW_TRIAL_COMPILER_CRASH] = "compiler_crash",
	[WW_TRIAL_COMPILE_TIMEOUT] = "compile_timeout",
	[WW_TRIAL_RESOURCES] = "out_of_resources",
	[WW_TRIAL_LAUNCH_FAILURE] = "launch_failure",
	[WW_TRIAL_CRASH] = "crash",
	[WW_TRIAL_RUN_TIMEOUT] = "run_timeout",
	[WW_TRIAL_WRONG_RESULT] = "wrong_result",
	[WW_TRIAL_INTERNAL] = "internal",
};

const char *
ww_outcome_name(uint32_t outcome)
{
	return outcome < WW_TRIAL_N_CLASSES ? outcome_names[outcome]
	                                    : "unknown";
}

uint32_t
ww_outcome_parse(const char *name)
{
	uint32_t i;

	for (i = 0; i < WW_TRIAL_N_CLASSES; i++)
		if (strcmp(outcome_names[i], name) == 0)
			return i;
	return WW_TRIAL_N_CLASSES;
}
