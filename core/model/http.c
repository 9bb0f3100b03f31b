/* SPDX-License-Identifier: MIT */
#include "core/model/http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/model/http_error.h"
#include "core/model/http_internal.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define POLL_MS 100 /* how soon a wish to cancel is noticed */

void
ww_http_bytes_add(struct ww_http_bytes *bytes, const char *more, size_t length)
{
	if (bytes->length + length + 1 > bytes->room) {
		bytes->room = (bytes->length + length + 1) * 2;
		bytes->bytes = ww_grow(bytes->bytes, bytes->room);
	}
	memcpy(bytes->bytes + bytes->length, more, length);
	bytes->length += length;
	bytes->bytes[bytes->length] = '\0';
}

/* ------------------------------------------------------------- receiving */

static const char *
find_header(const struct ww_http_response *self, const char *name)
{
	const struct ww_http_exchange *exchange =
		(const struct ww_http_exchange *)self;
	size_t wanted = strlen(name);
	size_t at = 0;

	while (at < exchange->head.length) {
		const char *line = exchange->head.bytes + at;

		if (strncasecmp(line, name, wanted) == 0 &&
		    line[wanted] == ':')
			return line + wanted + 1 +
			       strspn(line + wanted + 1, " \t");
		at += strlen(line) + 1;
	}
	return NULL;
}

static size_t
stop_with(struct ww_http_exchange *exchange, ww_status status,
          const char *reason)
{
	exchange->fault = status;
	snprintf(exchange->reason, sizeof exchange->reason, "%s", reason);
	return 0;
}

/* Several heads may pass (a proxy's, "100 Continue"): the last one counts. */
static size_t
on_header(char *line, size_t one, size_t length, void *context)
{
	struct ww_http_exchange *exchange = context;
	size_t kept = length;

	(void)one;
	exchange->active_ns = ww_now_ns();
	if (length >= 5 && strncmp(line, "HTTP/", 5) == 0)
		exchange->head.length = 0;
	while (kept > 0 && strchr("\r\n \t", line[kept - 1]) != NULL)
		kept--;
	if (exchange->head.length + kept > WW_HTTP_HEADER_LIMIT)
		return stop_with(exchange, WW_E_TRANSPORT,
		                 "its response headers are too large");
	ww_http_bytes_add(&exchange->head, line, kept);
	ww_http_bytes_add(&exchange->head, "", 1);
	return length;
}

static bool
tell_head(struct ww_http_exchange *exchange)
{
	long code = 0;

	if (exchange->head_told)
		return true;
	exchange->head_told = true;
	curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &code);
	exchange->face.http_status = (int32_t)code;
	exchange->stopped = exchange->sink->head(exchange->sink,
	                                         &exchange->face) != WW_OK;
	return !exchange->stopped;
}

static size_t
on_body(char *bytes, size_t one, size_t length, void *context)
{
	struct ww_http_exchange *exchange = context;

	(void)one;
	exchange->active_ns = ww_now_ns();
	if (exchange->body.length + length > WW_HTTP_BODY_LIMIT)
		return stop_with(exchange, WW_E_TRANSPORT,
		                 "its answer is longer than 32 MiB");
	ww_http_bytes_add(&exchange->body, bytes, length);
	if (!tell_head(exchange))
		return 0;
	if (exchange->sink->body(exchange->sink, bytes, length) != WW_OK) {
		exchange->stopped = true;
		return 0;
	}
	return length;
}

static int
on_progress(void *context, curl_off_t down_total, curl_off_t down,
            curl_off_t up_total, curl_off_t up)
{
	struct ww_http_exchange *exchange = context;

	(void)down_total;
	(void)down;
	(void)up_total;
	if (up != exchange->sent) {
		exchange->sent = up;
		exchange->active_ns = ww_now_ns();
	}
	return ww_cancelled(exchange->call);
}

/* -------------------------------------------------------------- one exchange */

/* WW_OK while the exchange may go on. */
static ww_status
check_time(struct ww_http_exchange *exchange)
{
	const struct ww_http_limits *limits = &exchange->service->limits;
	const struct ww_http_request *request = exchange->request;
	int64_t now = ww_now_ns();
	int64_t idle = request->flags & WW_HTTP_LOCAL ? limits->local_idle_ns
	                                              : limits->idle_ns;
	int64_t total = request->timeout_ns > 0 ? request->timeout_ns
	                                        : limits->total_ns;
	bool stream = (request->flags & WW_HTTP_STREAM) != 0;

	if (ww_cancelled(exchange->call))
		return ww_fail(exchange->call, WW_E_CANCELLED, "cancelled");
	if (now > exchange->call->deadline_ns(exchange->call))
		return ww_fail(exchange->call, WW_E_TIMEOUT,
		               "%s did not finish before the deadline",
		               exchange->where);
	if (stream && now - exchange->active_ns > idle)
		return ww_fail(exchange->call, WW_E_TRANSPORT,
		               "nothing came from %s for %.3g s",
		               exchange->where, (double)idle / 1e9);
	if ((!stream || request->timeout_ns > 0) &&
	    now - exchange->started_ns > total)
		return ww_fail(exchange->call, WW_E_TRANSPORT,
		               "%s did not answer within %.3g s",
		               exchange->where, (double)total / 1e9);
	return WW_OK;
}

static ww_status
curl_status(struct ww_http_exchange *exchange, CURLcode code)
{
	ww_status status = WW_E_TRANSPORT;
	const char *advice = "";

	if (exchange->stopped)
		return WW_STOPPED;
	if (exchange->fault != WW_OK)
		return ww_fail(exchange->call, exchange->fault, "%s: %s",
		               exchange->where, exchange->reason);
	if (code == CURLE_OK)
		return WW_OK;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return ww_fail(exchange->call, WW_E_CANCELLED, "cancelled");
	if (code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CACERT_BADFILE) {
		status = WW_E_REQUEST;
		advice = "; name the certificates to trust in http.ca_file or "
		         "SSL_CERT_FILE";
	} else if (code == CURLE_COULDNT_CONNECT) {
		advice = exchange->loopback ? "; is the server running?" : "";
	}
	return ww_fail(exchange->call, status, "%s: %s%s", exchange->where,
	               exchange->curl_text[0] != '\0'
	                       ? exchange->curl_text
	                       : curl_easy_strerror(code),
	               advice);
}

static ww_status
drive(struct ww_http_exchange *exchange, CURLM *multi)
{
	int running = 1;

	exchange->started_ns = exchange->active_ns = ww_now_ns();
	while (running > 0) {
		ww_status status;
		CURLMcode code = curl_multi_perform(multi, &running);

		if (code != CURLM_OK)
			return ww_fail(exchange->call, WW_E_INTERNAL, "%s: %s",
			               exchange->where,
			               curl_multi_strerror(code));
		if (running == 0)
			break;
		status = check_time(exchange);
		if (status != WW_OK)
			return status;
		curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
	}
	for (;;) {
		int left;
		CURLMsg *message = curl_multi_info_read(multi, &left);

		if (message == NULL)
			return ww_fail(exchange->call, WW_E_INTERNAL,
			               "%s: the transfer ended without a word",
			               exchange->where);
		if (message->msg == CURLMSG_DONE)
			return curl_status(exchange, message->data.result);
	}
}

static ww_status
perform(struct ww_http_exchange *exchange)
{
	CURL *curl = exchange->curl;
	CURLM *multi = curl_multi_init();
	ww_status status;

	if (multi == NULL)
		return ww_fail(exchange->call, WW_E_NO_MEMORY,
		               "no memory for a connection");
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
	curl_multi_add_handle(multi, curl);
	status = drive(exchange, multi);
	/* A response without a body still has a head. */
	if (status == WW_OK && !tell_head(exchange))
		status = WW_STOPPED;
	curl_multi_remove_handle(multi, curl);
	curl_multi_cleanup(multi);
	return status;
}

/* ------------------------------------------------------------- the service */

static struct ww_http_service *
service_of(const struct ww_http *self)
{
	struct ww_http_service *service;

	/* The table is const for the plugin; what it keeps is not. */
	memcpy(&service, &self, sizeof service);
	return service;
}

/* What the response's headers ask for, or -1. */
static int64_t
read_retry_after(const struct ww_http_exchange *exchange)
{
	const char *text = find_header(&exchange->face, "retry-after-ms");
	double unit = 1e6;
	double value;
	char *end;
	time_t date;

	if (text == NULL) {
		text = find_header(&exchange->face, "retry-after");
		unit = 1e9;
	}
	if (text == NULL)
		return -1;
	value = strtod(text, &end);
	if (end != text && *end == '\0')
		return value >= 0 && value < 1e7 ? (int64_t)(value * unit) : -1;
	date = curl_getdate(text, NULL);
	if (date < 0)
		return -1;
	value = (double)date - (double)(ww_wall_ns() / SECOND);
	return value > 0 ? (int64_t)(value * 1e9) : 0;
}

static ww_status
http_exchange(const struct ww_http *self, struct ww_call *call,
              const struct ww_http_request *request, struct ww_http_sink *sink)
{
	struct ww_http_service *service = service_of(self);
	struct ww_http_exchange exchange = {
		.face = { .size = sizeof exchange.face, .header = find_header },
		.service = service,
		.call = call,
		.request = request,
		.sink = sink,
	};
	ww_status status = ww_http_prepare(&exchange);

	free(service->exchange);
	service->exchange = NULL;
	service->retry_after_ns = -1;
	if (status == WW_OK) {
		status = perform(&exchange);
		service->retry_after_ns = read_retry_after(&exchange);
		service->exchange = ww_http_record(&exchange,
		                                   ww_status_name(status));
	}
	curl_easy_cleanup(exchange.curl);
	ww_http_forget_headers(&exchange);
	free(exchange.head.bytes);
	free(exchange.body.bytes);
	return status;
}

static ww_status
http_classify(const struct ww_http *self, struct ww_call *call,
              int32_t http_status, const char *body, uint64_t length,
              char *parameter)
{
	struct ww_http_service *service = service_of(self);
	struct ww_http_fault fault;

	ww_http_fault_parse(http_status, body, (size_t)length, &fault);
	if (service->retry_after_ns < 0)
		service->retry_after_ns = fault.retry_after_ns;
	if (parameter != NULL)
		memcpy(parameter, fault.parameter, sizeof fault.parameter);
	return call->fail(call, fault.status, fault.message);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int64_t
seconds(const struct ww_settings *settings, const char *key)
{
	return (int64_t)(ww_setting_number(settings, key) * 1e9);
}

struct ww_http *
ww_http_new(const struct ww_settings *settings)
{
	struct ww_http_service *service = ww_alloc(sizeof *service);

	pthread_once(&once, start_curl);
	service->face.size = sizeof service->face;
	service->face.exchange = http_exchange;
	service->face.classify = http_classify;
	service->retry_after_ns = -1;
	service->limits = (struct ww_http_limits){
		.connect_ns = seconds(settings, "http.connect_timeout"),
		.idle_ns = seconds(settings, "http.idle_timeout"),
		.local_idle_ns = seconds(settings, "http.local_idle_timeout"),
		.total_ns = seconds(settings, "http.total_timeout"),
	};
	service->proxy = ww_copy(ww_setting_string(settings, "http.proxy"));
	service->ca_file = ww_copy(ww_setting_string(settings,
	                                             "http.ca_file"));
	service->allow_plain = ww_setting_bool(settings,
	                                       "http.allow_plain_http");
	return &service->face;
}

void
ww_http_bind(struct ww_http *http, const struct ww_options *options)
{
	service_of(http)->options = options;
}

void
ww_http_free(struct ww_http *http)
{
	struct ww_http_service *service;

	if (http == NULL)
		return;
	service = service_of(http);
	free(service->proxy);
	free(service->ca_file);
	free(service->exchange);
	free(service);
}

int64_t
ww_http_retry_after(const struct ww_http *http)
{
	return service_of(http)->retry_after_ns;
}

const char *
ww_http_exchange_text(const struct ww_http *http)
{
	const char *text = service_of(http)->exchange;

	return text != NULL ? text : "";
}
