/* SPDX-License-Identifier: MIT
 *
 * A server without a network: each POST gets the scripted answer, in the pieces
 * that the test asks for.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/model/http_error.h"
#include "sdk/checker/host.h"

/* The one instance of a free-threaded plugin calls from several threads. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct response {
	struct ww_http_response face; /* first member */
	const struct host_answer *answer;
};

static const char *
header(const struct ww_http_response *self, const char *name)
{
	const struct response *response = (const struct response *)self;

	if (strcasecmp(name, "content-type") == 0)
		return response->answer->content_type;
	return NULL;
}

/* A plugin that sends a key itself would show it here. */
static void
show_request(const struct ww_http_request *request)
{
	uint64_t i;

	host_show("request", request->url, strlen(request->url));
	for (i = 0; i < request->n_headers; i++) {
		const struct ww_http_header *sent = &request->headers[i];

		host_show("header", sent->name, strlen(sent->name));
		if (sent->value != NULL)
			host_show("value", sent->value, strlen(sent->value));
	}
	host_show("body", request->body, (size_t)request->body_length);
}

static void
check_request(struct host *host, const struct ww_http_request *request)
{
	const char *method = request->method;

	check_that(host->check,
	           method != NULL && (strcmp(method, "GET") == 0 ||
	                              strcmp(method, "POST") == 0),
	           "the method of a request is neither GET nor POST");
	check_that(host->check,
	           request->url != NULL &&
	                   (strncmp(request->url, "http://", 7) == 0 ||
	                    strncmp(request->url, "https://", 8) == 0),
	           "the address of a request is no http:// or https:// URL");
	check_that(host->check, request->size >= sizeof *request,
	           "the size of a request is %u, expected %zu", request->size,
	           sizeof *request);
}

static int
wants_secret(const struct ww_http_request *request)
{
	uint64_t i;

	for (i = 0; i < request->n_headers; i++)
		if (request->headers[i].secret_option != NULL)
			return 1;
	return 0;
}

/* Comes back like the real one when the call is cancelled. */
static ww_status
send_body(const struct host_answer *answer, struct ww_call *call,
          struct ww_http_sink *sink)
{
	size_t step = answer->bytewise ? 1
	              : answer->split > 0 && answer->split < answer->length
	                      ? answer->split
	                      : answer->length;
	size_t sent = 0;

	while (sent < answer->length) {
		ww_status status;

		if (answer->pause_us > 0)
			usleep(answer->pause_us);
		if (answer->pause_us > 0 && ww_cancelled(call))
			return WW_E_CANCELLED;
		if (step > answer->length - sent)
			step = answer->length - sent;
		status = sink->body(sink, answer->body + sent, step);
		if (status != WW_OK)
			return status;
		sent += step;
		if (!answer->bytewise)
			step = answer->length - sent;
	}
	return answer->end;
}

static ww_status
exchange(const struct ww_http *self, struct ww_call *call,
         const struct ww_http_request *request, struct ww_http_sink *sink)
{
	struct host *host = HOST_OF(self, http);
	struct host_answer answer = host->answer;
	struct response response = { .answer = &answer };
	ww_status status;

	check_request(host, request);
	show_request(request);
	if (ww_cancel_requested(&host->cancel))
		return ww_fail(call, WW_E_CANCELLED, "cancelled");
	if (host->secret_missing && wants_secret(request))
		return ww_fail(call, WW_E_AUTH, "no key");
	if (strcmp(request->method, "GET") == 0) {
		answer = (struct host_answer){
			.http_status = host->get_body != NULL ? 200 : 404,
			.content_type = "application/json",
			.body = host->get_body != NULL ? host->get_body : "{}",
		};
		answer.length = strlen(answer.body);
	} else {
		pthread_mutex_lock(&mutex);
		host->exchanges++;
		snprintf(host->last_body, sizeof host->last_body, "%.*s",
		         (int)request->body_length,
		         request->body != NULL ? request->body : "");
		pthread_mutex_unlock(&mutex);
	}
	if (answer.http_status == 0)
		return ww_fail(call, answer.end, "the connection failed");
	response.face = (struct ww_http_response){
		.size = sizeof response.face,
		.http_status = answer.http_status,
		.header = header,
	};
	status = sink->head(sink, &response.face);
	if (status == WW_OK)
		status = send_body(&answer, call, sink);
	if (status < 0)
		return ww_fail(call, status, status == WW_E_CANCELLED
		                                     ? "cancelled"
		                                     : "the connection was cut");
	return status;
}

static ww_status
classify(const struct ww_http *self, struct ww_call *call, int32_t http_status,
         const char *body, uint64_t length, char *parameter)
{
	struct ww_http_fault fault;

	(void)self;
	ww_http_fault_parse(http_status, body, (size_t)length, &fault);
	if (parameter != NULL)
		snprintf(parameter, 128, "%s", fault.parameter);
	return ww_fail(call, fault.status, "%s", fault.message);
}

void
host_fill_http(struct host *host)
{
	host->http.face = (struct ww_http){ .size = sizeof(struct ww_http),
		                            .exchange = exchange,
		                            .classify = classify };
}
