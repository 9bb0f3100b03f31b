/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/model/http_internal.h"

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

static bool
is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 &&
	       (ntohl(address.s_addr) >> 24) == 127;
}

static char *
url_part(CURLU *url, CURLUPart part)
{
	char *text;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

/* Fills `where` and `loopback`; *plain is set for http://. */
static ww_status
check_url(struct ww_http_exchange *exchange, bool *plain)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	ww_status status = WW_OK;

	if (curl_url_set(url, CURLUPART_URL, exchange->request->url, 0) ==
	    CURLUE_OK) {
		scheme = url_part(url, CURLUPART_SCHEME);
		host = url_part(url, CURLUPART_HOST);
		port = url_part(url, CURLUPART_PORT);
		user = url_part(url, CURLUPART_USER);
	}
	if (scheme == NULL || host == NULL ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		status = ww_fail(exchange->call, WW_E_REQUEST,
		                 "the address of the model's server is no "
		                 "http:// or https:// URL; check api_base");
	else if (user != NULL)
		status = ww_fail(exchange->call, WW_E_REQUEST,
		                 "the address of the model's server holds a "
		                 "user name or password; give a key by its "
		                 "variable's name instead");
	if (status == WW_OK) {
		snprintf(exchange->where, sizeof exchange->where,
		         "%s://%.200s%s%.8s", scheme, host,
		         port != NULL ? ":" : "", port != NULL ? port : "");
		exchange->loopback = is_loopback(host);
		*plain = strcmp(scheme, "http") == 0;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(url);
	return status;
}

void
ww_http_forget_headers(struct ww_http_exchange *exchange)
{
	struct curl_slist *line;

	for (line = exchange->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(exchange->headers);
	exchange->headers = NULL;
}

static void
add_line(struct ww_http_exchange *exchange, const char *line)
{
	struct curl_slist *longer = curl_slist_append(exchange->headers, line);

	if (longer != NULL)
		exchange->headers = longer;
}

static ww_status
add_secret(struct ww_http_exchange *exchange,
           const struct ww_http_header *header, bool plain)
{
	const struct ww_options *options = exchange->service->options;
	const char *opening = header->value != NULL ? header->value : "";
	const char *variable = NULL;
	size_t length;
	char *secret = NULL;
	char *line;

	if (options != NULL) {
		variable = options->string(options, header->secret_option);
		secret = ww_options_secret(options, header->secret_option);
	}
	if (secret == NULL || secret[0] == '\0') {
		free(secret);
		return ww_fail(exchange->call, WW_E_AUTH,
		               "no key for %s: %s holds none; set it, or name "
		               "another variable or file:PATH in option %s",
		               exchange->where,
		               variable != NULL ? variable : "its option",
		               header->secret_option);
	}
	if (plain && !exchange->loopback && !exchange->service->allow_plain) {
		explicit_bzero(secret, strlen(secret));
		free(secret);
		return ww_fail(exchange->call, WW_E_AUTH,
		               "a key would travel unencrypted to %s; use "
		               "https://, or set http.allow_plain_http if that "
		               "network is yours", exchange->where);
	}
	length = strlen(header->name) + strlen(opening) + strlen(secret) + 3;
	line = ww_alloc(length);
	snprintf(line, length, "%s: %s%s", header->name, opening, secret);
	explicit_bzero(secret, strlen(secret));
	free(secret);
	if (strpbrk(line, "\r\n") == NULL)
		add_line(exchange, line);
	explicit_bzero(line, length);
	free(line);
	return WW_OK;
}

static ww_status
add_headers(struct ww_http_exchange *exchange, bool plain)
{
	const struct ww_http_request *request = exchange->request;
	ww_status status = WW_OK;
	uint64_t i;

	/* No pause for "100 Continue" before a long prompt. */
	add_line(exchange, "Expect:");
	for (i = 0; i < request->n_headers && status == WW_OK; i++) {
		const struct ww_http_header *header = &request->headers[i];
		char *line;

		if (strpbrk(header->name, "\r\n: ") != NULL ||
		    (header->value != NULL &&
		     strpbrk(header->value, "\r\n") != NULL))
			return ww_fail(exchange->call, WW_E_REQUEST,
			               "header %.60s holds a line break",
			               header->name);
		if (header->secret_option != NULL) {
			status = add_secret(exchange, header, plain);
			continue;
		}
		line = ww_text("%s: %s", header->name,
		               header->value != NULL ? header->value : "");
		add_line(exchange, line);
		free(line);
	}
	return status;
}

static void
set_trust(struct ww_http_exchange *exchange)
{
	const struct ww_http_service *service = exchange->service;
	const char *file = service->ca_file;

	/* The library does not read these variables; only its tool does. */
	if (file == NULL)
		file = getenv("SSL_CERT_FILE");
	if (file == NULL || file[0] == '\0')
		file = getenv("CURL_CA_BUNDLE");
	if (file != NULL && file[0] != '\0')
		curl_easy_setopt(exchange->curl, CURLOPT_CAINFO, file);
	curl_easy_setopt(exchange->curl, CURLOPT_SSLVERSION,
	                 (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(exchange->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	/* A redirect could carry the key to another host. */
	curl_easy_setopt(exchange->curl, CURLOPT_FOLLOWLOCATION, 0L);
	/* Neither the user's .netrc nor cookies have a place here. */
	curl_easy_setopt(exchange->curl, CURLOPT_NETRC,
	                 (long)CURL_NETRC_IGNORED);
	/* The library applies http_proxy to 127.0.0.1 as well. */
	if (exchange->loopback)
		curl_easy_setopt(exchange->curl, CURLOPT_PROXY, "");
	else if (service->proxy != NULL)
		curl_easy_setopt(exchange->curl, CURLOPT_PROXY,
		                 service->proxy);
}

static void
set_request(struct ww_http_exchange *exchange)
{
	const struct ww_http_request *request = exchange->request;
	CURL *curl = exchange->curl;

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange->headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->curl_text);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 60L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 60L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "warpwright");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	                 (long)(exchange->service->limits.connect_ns /
	                        MILLISECOND));
	if (!(request->flags & WW_HTTP_STREAM))
		curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	if (strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		                 (curl_off_t)request->body_length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		                 request->body != NULL ? request->body : "");
	}
}

ww_status
ww_http_prepare(struct ww_http_exchange *exchange)
{
	const struct ww_http_request *request = exchange->request;
	bool plain = false;
	ww_status status;

	if (strcmp(request->method, "GET") != 0 &&
	    strcmp(request->method, "POST") != 0)
		return ww_fail(exchange->call, WW_E_REQUEST,
		               "HTTP method %.20s is not offered",
		               request->method);
	status = check_url(exchange, &plain);
	if (status == WW_OK)
		status = add_headers(exchange, plain);
	if (status != WW_OK)
		return status;
	exchange->curl = curl_easy_init();
	if (exchange->curl == NULL)
		return ww_fail(exchange->call, WW_E_NO_MEMORY,
		               "no memory for a connection");
	set_trust(exchange);
	set_request(exchange);
	return WW_OK;
}
