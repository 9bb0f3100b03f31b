/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/http_internal.h"

/* Response headers that a codec or a person may want to see again. Everything
 * else (cookies, organisation names, trace ids) stays out. */
static const char *const kept_headers[] = { "content-type", "retry-after",
	                                    "retry-after-ms", "request-id",
	                                    "x-request-id", "location",
	                                    "x-generation-id" };

static void
put_redacted(struct json_object *object, const char *key, const char *bytes,
             size_t length)
{
	char *clean = ww_redact_copy(bytes != NULL ? bytes : "", &length);

	json_object_object_add(object, key,
	                       json_object_new_string_len(clean, (int)length));
	free(clean);
}

/* Bytes that are no text survive as hexadecimal digits. */
static void
put_body(struct json_object *object, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *clean, *text;
	size_t i;

	if (bytes == NULL || ww_text_is_utf8(bytes, length)) {
		put_redacted(object, "body", bytes, bytes != NULL ? length : 0);
		return;
	}
	clean = ww_redact_copy(bytes, &length);
	text = ww_alloc(2 * length + 1);
	for (i = 0; i < length; i++) {
		text[2 * i] = digits[(unsigned char)clean[i] >> 4];
		text[2 * i + 1] = digits[(unsigned char)clean[i] & 15];
	}
	free(clean);
	json_object_object_add(
		object, "body_hex",
		json_object_new_string_len(text, (int)(2 * length)));
	free(text);
}

static struct json_object *
response_headers(const struct ww_http_exchange *exchange)
{
	struct json_object *headers = json_object_new_object();
	size_t i;

	for (i = 0; i < sizeof kept_headers / sizeof kept_headers[0]; i++) {
		const char *value = exchange->face.header(&exchange->face,
		                                          kept_headers[i]);

		if (value != NULL)
			put_redacted(headers, kept_headers[i], value,
			             strlen(value));
	}
	return headers;
}

char *
ww_http_record(const struct ww_http_exchange *exchange, const char *outcome)
{
	const struct ww_http_request *request = exchange->request;
	struct json_object *record = json_object_new_object();
	struct json_object *sent = json_object_new_object();
	struct json_object *received = json_object_new_object();
	char *text;

	ww_json_put_string(sent, "method", request->method);
	put_redacted(sent, "url", request->url, strlen(request->url));
	put_body(sent, request->body, (size_t)request->body_length);
	json_object_object_add(record, "request", sent);
	ww_json_put_int(received, "status", exchange->face.http_status);
	json_object_object_add(received, "headers",
	                       response_headers(exchange));
	put_body(received, exchange->body.bytes, exchange->body.length);
	json_object_object_add(record, "response", received);
	ww_json_put_string(record, "outcome", outcome);
	text = ww_copy(ww_json_text(record));
	json_object_put(record);
	return text;
}
