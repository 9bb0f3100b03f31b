/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of the HTTP service: the service object and one exchange.
 */
#ifndef WW_CORE_HTTP_INTERNAL_H
#define WW_CORE_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "core/model/http.h"

#define WW_HTTP_HEADER_LIMIT 262144u   /* bytes of all response headers */
#define WW_HTTP_BODY_LIMIT 33554432u   /* bytes of one response's body */

struct ww_http_limits {
	int64_t connect_ns;
	int64_t idle_ns;
	int64_t local_idle_ns;
	int64_t total_ns;
};

struct ww_http_service {
	struct ww_http face; /* first member */
	const struct ww_options *options;
	struct ww_http_limits limits;
	char *proxy;   /* or null: environment */
	char *ca_file; /* or null: environment, then the system's */
	bool allow_plain;
	int64_t retry_after_ns;
	char *exchange; /* JSON text of the last one */
};

/* Growing bytes. */
struct ww_http_bytes {
	char *bytes; /* NUL-terminated once anything was added */
	size_t length;
	size_t room;
};
void ww_http_bytes_add(struct ww_http_bytes *bytes, const char *more,
                       size_t length);

struct ww_http_exchange {
	struct ww_http_response face; /* first member */
	struct ww_http_service *service;
	struct ww_call *call;
	const struct ww_http_request *request;
	struct ww_http_sink *sink;
	CURL *curl;
	struct curl_slist *headers; /* holds secrets; wiped after use */
	char where[300];            /* "https://host:port", for messages */
	bool loopback;
	struct ww_http_bytes head;  /* header lines, '\0' between them */
	struct ww_http_bytes body;  /* for the recording */
	bool head_told;
	bool stopped;               /* the sink had enough */
	ww_status fault;            /* found while receiving, or WW_OK */
	char reason[200];
	int64_t started_ns;
	int64_t active_ns;          /* when bytes last moved */
	curl_off_t sent;
	char curl_text[CURL_ERROR_SIZE];
};

/* http_request.c: checks the request and sets up the handle. */
ww_status ww_http_prepare(struct ww_http_exchange *exchange);
/* Wipes and frees the request's headers. */
void ww_http_forget_headers(struct ww_http_exchange *exchange);

/* http_record.c: the exchange as JSON text without secrets, to be freed. */
char *ww_http_record(const struct ww_http_exchange *exchange,
                     const char *outcome);

#endif
