/* SPDX-License-Identifier: MIT */
#include "core/model/http_error.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define LONGEST_WORD 96
#define LONGEST_MESSAGE 600

/* What a body says, whatever its shape. */
struct fields {
	char message[LONGEST_MESSAGE];
	char words[6][LONGEST_WORD]; /* codes and types, most telling first */
	char parameter[128];
	double retry_after; /* seconds, or NaN */
};

enum { CODE, DETAIL, METADATA, INNER, STATE, TYPE };

static const struct {
	const char *word;
	ww_status status;
} words[] = {
	{ "insufficient_quota", WW_E_BILLING },
	{ "credit_balance_exhausted", WW_E_BILLING },
	{ "organization_spend_limit_exceeded", WW_E_BILLING },
	{ "project_spend_limit_exceeded", WW_E_BILLING },
	{ "organization_usage_limit_exceeded", WW_E_BILLING },
	{ "billing_hard_limit_reached", WW_E_BILLING },
	{ "enforced_spend_limit_reached", WW_E_BILLING },
	{ "contract_spend_limit_reached", WW_E_BILLING },
	{ "billing_error", WW_E_BILLING },
	{ "payment_required", WW_E_BILLING },
	{ "context_length_exceeded", WW_E_CONTEXT },
	{ "exceed_context_size_error", WW_E_CONTEXT },
	{ "model_context_window_exceeded", WW_E_CONTEXT },
	{ "content_filter", WW_E_REFUSAL },
	{ "content_policy_violation", WW_E_REFUSAL },
	{ "ResponsibleAIPolicyViolation", WW_E_REFUSAL },
	{ "refusal", WW_E_REFUSAL },
	{ "slow_down", WW_E_OVERLOADED },
	{ "server_is_overloaded", WW_E_OVERLOADED },
	{ "overloaded_error", WW_E_OVERLOADED },
	{ "provider_overloaded", WW_E_OVERLOADED },
	{ "service_unavailable_error", WW_E_OVERLOADED },
	{ "unavailable_error", WW_E_OVERLOADED },
	{ "UNAVAILABLE", WW_E_OVERLOADED },
	{ "rate_limit_exceeded", WW_E_RATE },
	{ "rate_limit_error", WW_E_RATE },
	{ "RESOURCE_EXHAUSTED", WW_E_RATE },
	{ "invalid_api_key", WW_E_AUTH },
	{ "authentication_error", WW_E_AUTH },
	{ "authentication", WW_E_AUTH },
	{ "permission_error", WW_E_AUTH },
	{ "permission_denied", WW_E_AUTH },
	{ "PERMISSION_DENIED", WW_E_AUTH },
	{ "UNAUTHENTICATED", WW_E_AUTH },
	{ "unsupported_parameter", WW_E_PARAMETER },
	{ "unsupported_value", WW_E_PARAMETER },
	{ "server_error", WW_E_SERVER },
	{ "api_error", WW_E_SERVER },
	{ "timeout_error", WW_E_SERVER },
	{ "conflict_error", WW_E_SERVER },
	{ "provider_unavailable", WW_E_SERVER },
	{ "server", WW_E_SERVER },
	{ "timeout", WW_E_SERVER },
	{ "INTERNAL", WW_E_SERVER },
	{ "DEADLINE_EXCEEDED", WW_E_SERVER },
	{ "model_not_found", WW_E_REQUEST },
	{ "not_found_error", WW_E_REQUEST },
	{ "not_found", WW_E_REQUEST },
	{ "request_too_large", WW_E_REQUEST },
	{ "not_supported_error", WW_E_REQUEST },
};

/* Services that have no code for it say it in words. */
static const struct {
	const char *phrase;
	ww_status status;
} phrases[] = {
	{ "maximum context length", WW_E_CONTEXT },
	{ "exceeds the context window", WW_E_CONTEXT },
	{ "prompt is too long", WW_E_CONTEXT },
	{ "exceed context limit", WW_E_CONTEXT },
	{ "exceeds the available context", WW_E_CONTEXT },
	{ "exceeds maximum context", WW_E_CONTEXT },
	{ "input length exceeds", WW_E_CONTEXT },
	{ "credit balance is too low", WW_E_BILLING },
	{ "server busy", WW_E_OVERLOADED },
	{ "extra inputs are not permitted", WW_E_PARAMETER },
	{ "invalid schema for response_format", WW_E_PARAMETER },
	{ "compiled grammar is too large", WW_E_PARAMETER },
};

/* Optional fields that providers add: refusing one of them is no reason to give
 * up. Longer names stand before their own beginnings. */
static const char *const optional_fields[] = {
	"max_completion_tokens", "max_output_tokens", "max_tokens",
	"temperature",           "seed",              "stop",
	"reasoning_effort",      "reasoning.effort",  "reasoning",
	"verbosity",             "response_format",   "stream_options",
	"prompt_cache_key",      "store",             "text.format",
	"output_config.format",  "output_config.effort", "output_config",
	"cache_control",         "thinking",          "stream",
	"think",                 "format",            "provider",
	"truncation",
};

static const struct {
	ww_status status;
	const char *advice;
} advices[] = {
	{ WW_E_AUTH, "check the key and what it may be used for" },
	{ WW_E_BILLING, "check credit and spending limits at the service" },
	{ WW_E_REQUEST, "check the model's name and the server's address" },
	{ WW_E_CONTEXT, "the prompt is longer than this model takes" },
};

static void
keep_text(char *out, size_t size, struct json_object *value)
{
	const char *text;

	if (value == NULL || out[0] != '\0')
		return;
	text = json_object_is_type(value, json_type_string)
	               ? json_object_get_string(value)
	               : ww_json_text(value);
	ww_text_clean(out, size, text, strlen(text));
}

/* FastAPI: a list of {"loc": ["body", "field"], "msg"}. */
static void
read_detail(struct fields *fields, struct json_object *detail)
{
	struct json_object *first, *place;
	size_t n;

	if (!json_object_is_type(detail, json_type_array)) {
		keep_text(fields->message, sizeof fields->message, detail);
		return;
	}
	first = json_object_array_get_idx(detail, 0);
	keep_text(fields->message, sizeof fields->message,
	          ww_json_get(first, "msg"));
	place = ww_json_get(first, "loc");
	n = json_object_is_type(place, json_type_array)
	            ? json_object_array_length(place)
	            : 0;
	if (n > 0)
		keep_text(fields->parameter, sizeof fields->parameter,
		          json_object_array_get_idx(place, n - 1));
}

/* The object that holds message, type and code. */
static void
read_error(struct fields *fields, struct json_object *error)
{
	struct json_object *inner = ww_json_get(error, "innererror");
	struct json_object *metadata = ww_json_get(error, "metadata");

	if (inner == NULL)
		inner = ww_json_get(error, "inner_error");
	keep_text(fields->message, sizeof fields->message,
	          ww_json_get(error, "message"));
	keep_text(fields->words[CODE], LONGEST_WORD,
	          ww_json_get(error, "code"));
	keep_text(fields->words[DETAIL], LONGEST_WORD,
	          ww_json_get(ww_json_get(error, "details"), "error_code"));
	keep_text(fields->words[METADATA], LONGEST_WORD,
	          ww_json_get(metadata, "error_type"));
	keep_text(fields->words[INNER], LONGEST_WORD,
	          ww_json_get(inner, "code"));
	keep_text(fields->words[STATE], LONGEST_WORD,
	          ww_json_get(error, "status"));
	keep_text(fields->words[TYPE], LONGEST_WORD,
	          ww_json_get(error, "type"));
	keep_text(fields->parameter, sizeof fields->parameter,
	          ww_json_get(error, "param"));
	if (isnan(fields->retry_after))
		fields->retry_after = ww_json_number(
			ww_json_get(error, "availability"), "retry_after", NAN);
}

static struct json_object *
first_choice(struct json_object *body)
{
	struct json_object *choices = ww_json_get(body, "choices");

	return json_object_is_type(choices, json_type_array)
	               ? json_object_array_get_idx(choices, 0)
	               : NULL;
}

static void
read_body(struct fields *fields, struct json_object *body)
{
	struct json_object *error;

	if (json_object_is_type(body, json_type_array))
		body = json_object_array_get_idx(body, 0);
	error = ww_json_get(body, "error");
	if (error == NULL)
		error = ww_json_get(first_choice(body), "error");
	if (json_object_is_type(error, json_type_object))
		read_error(fields, error);
	else if (error != NULL)
		keep_text(fields->message, sizeof fields->message, error);
	else if (ww_json_get(body, "detail") != NULL)
		read_detail(fields, ww_json_get(body, "detail"));
	else
		read_error(fields, body);
}

/* Neither JSON nor meant for us: the page of a proxy. Its words without tags. */
static void
read_page(struct fields *fields, const char *body, size_t length)
{
	char text[2048];
	size_t from, to = 0;
	int tag = 0;

	for (from = 0; from < length && to + 1 < sizeof text; from++) {
		int blank = isspace((unsigned char)body[from]) ||
		            body[from] == '<';

		if (!tag && !(blank && (to == 0 || text[to - 1] == ' ')))
			text[to++] = blank ? ' ' : body[from];
		if (body[from] == '<')
			tag = 1;
		else if (body[from] == '>')
			tag = 0;
	}
	ww_text_clean(fields->message, sizeof fields->message, text, to);
}

/* A server that fails before the first piece of a stream may put the error into
 * a frame all the same; what follows its line is an empty frame or "[DONE]". */
static void
skip_frame(const char **body, size_t *length)
{
	static const char start[] = "data:";
	size_t skipped = sizeof start - 1;
	const char *end;

	if (*length < skipped || memcmp(*body, start, skipped) != 0)
		return;
	*body += skipped;
	*length -= skipped;
	end = memchr(*body, '\n', *length);
	if (end != NULL)
		*length = (size_t)(end - *body);
}

static ww_status
class_of_words(const struct fields *fields)
{
	size_t i, k;

	for (i = 0; i < sizeof fields->words / sizeof fields->words[0]; i++)
		for (k = 0; k < sizeof words / sizeof words[0]; k++)
			if (strcmp(fields->words[i], words[k].word) == 0)
				return words[k].status;
	for (k = 0; k < sizeof phrases / sizeof phrases[0]; k++)
		if (strcasestr(fields->message, phrases[k].phrase) != NULL)
			return phrases[k].status;
	return WW_OK;
}

static ww_status
class_of_status(int http_status)
{
	switch (http_status) {
	case 401:
	case 403:
		return WW_E_AUTH;
	case 402:
		return WW_E_BILLING;
	case 408:
	case 409:
	case 499:
		return WW_E_SERVER;
	case 429:
		return WW_E_RATE;
	case 501:
		return WW_E_REQUEST;
	case 503:
	case 529:
		return WW_E_OVERLOADED;
	default:
		break;
	}
	/* An error inside a 200 or a stream that says nothing else. */
	if (http_status < 300 || http_status >= 500)
		return WW_E_SERVER;
	return WW_E_REQUEST;
}

static int
is_word_at(const char *text, const char *at, size_t length)
{
	int before = at == text ? ' ' : (unsigned char)at[-1];
	int after = (unsigned char)at[length];

	return !isalnum(before) && before != '_' && !isalnum(after) &&
	       after != '_';
}

/* Which optional field the message is about, or null. */
static const char *
field_in_message(const char *message)
{
	static const char *const verbs[] = { "support",    "permitted",
		                             "deprecated", "unknown",
		                             "unrecognized", "invalid",
		                             "not allowed", "unexpected" };
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcasestr(message, verbs[i]) != NULL)
			break;
	if (i == sizeof verbs / sizeof verbs[0])
		return NULL;
	for (i = 0; i < sizeof optional_fields / sizeof *optional_fields; i++) {
		const char *name = optional_fields[i];
		const char *at = strstr(message, name);

		if (at != NULL && is_word_at(message, at, strlen(name)))
			return name;
	}
	return NULL;
}

static int
is_optional(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof optional_fields / sizeof *optional_fields; i++) {
		size_t length = strlen(optional_fields[i]);

		if (strncmp(name, optional_fields[i], length) == 0 &&
		    (name[length] == '\0' || name[length] == '.'))
			return 1;
	}
	return 0;
}

/* A refused optional field is named by `param`, by the place in a validation
 * report, or only in words. */
static ww_status
class_of_parameter(struct fields *fields, int http_status, ww_status status)
{
	const char *named = field_in_message(fields->message);

	if (http_status != 400 && http_status != 422 &&
	    status != WW_E_PARAMETER)
		return status;
	if (status != WW_OK && status != WW_E_PARAMETER)
		return status;
	if (fields->parameter[0] == '\0' && named != NULL)
		snprintf(fields->parameter, sizeof fields->parameter, "%s",
		         named);
	if (is_optional(fields->parameter))
		return WW_E_PARAMETER;
	/* A refused field that nobody can leave out. */
	return status == WW_E_PARAMETER ? WW_E_REQUEST : status;
}

static void
write_message(struct ww_http_fault *fault, const struct fields *fields,
              int http_status)
{
	char origin[32] = "the stream reports an error";
	const char *advice = "";
	size_t i;

	for (i = 0; i < sizeof advices / sizeof advices[0]; i++)
		if (advices[i].status == fault->status)
			advice = advices[i].advice;
	if (http_status > 0)
		snprintf(origin, sizeof origin, "HTTP status %d", http_status);
	snprintf(fault->message, sizeof fault->message, "%s: %s%s%s%s%s%s",
	         origin,
	         fields->message[0] != '\0' ? fields->message
	                                    : "no explanation in the answer",
	         fields->words[CODE][0] != '\0' ? " (" : "",
	         fields->words[CODE],
	         fields->words[CODE][0] != '\0' ? ")" : "",
	         advice[0] != '\0' ? "; " : "", advice);
	ww_redact(fault->message);
}

void
ww_http_fault_parse(int http_status, const char *body, size_t length,
                    struct ww_http_fault *fault)
{
	struct fields fields = { .retry_after = NAN };
	struct json_object *json = NULL;

	memset(fault, 0, sizeof *fault);
	skip_frame(&body, &length);
	if (length > 0 && ww_json_parse(body, length, "error", 0, &json, NULL) ==
	                          WW_OK)
		read_body(&fields, json);
	else
		read_page(&fields, body, length);
	fault->status = class_of_parameter(&fields, http_status,
	                                   class_of_words(&fields));
	if (fault->status == WW_OK)
		fault->status = class_of_status(http_status);
	fault->retry_after_ns =
		fields.retry_after >= 0 && fields.retry_after < 1e6
			? (int64_t)(fields.retry_after * 1e9)
			: -1;
	if (fault->status == WW_E_PARAMETER)
		memcpy(fault->parameter, fields.parameter,
		       sizeof fault->parameter);
	write_message(fault, &fields, http_status);
	json_object_put(json);
}
