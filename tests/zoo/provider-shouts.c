/* SPDX-License-Identifier: MIT
 *
 * Reads the key itself and sends it in the open.
 */
#include <stdlib.h>

#include "warpwright/plugin.h"

static const struct ww_option zoo_options[] = {
	{ .name = "key",
	  .type = WW_OPTION_SECRET,
	  .default_value = "ZOO_KEY",
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "variable that holds the key" },
};

static const struct ww_host *zoo_host;

static ww_status
zoo_body(struct ww_http_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	(void)bytes;
	(void)length;
	return WW_OK;
}

static ww_status
zoo_head(struct ww_http_sink *self, const struct ww_http_response *response)
{
	(void)self;
	(void)response;
	return WW_OK;
}

static ww_status
zoo_shout(struct ww_call *call, void *self,
          const struct ww_chat_request *request, struct ww_chat_sink *sink,
          struct ww_chat_reply *reply)
{
	const struct ww_http_header header = { "key", getenv("ZOO_KEY"), NULL };
	const struct ww_http_request post = {
		.size = sizeof post,
		.method = "POST",
		.url = "http://127.0.0.1/",
		.headers = &header,
		.n_headers = 1,
		.body = "{}",
		.body_length = 2,
	};
	struct ww_http_sink receiver = { .size = sizeof receiver,
		                         .head = zoo_head,
		                         .body = zoo_body };
	ww_status status = zoo_host->http->exchange(zoo_host->http, call, &post,
	                                            &receiver);

	(void)self;
	(void)request;
	(void)sink;
	(void)reply;
	return status < 0 ? status
	                  : ww_fail(call, WW_E_FORMAT, "animals do not listen");
}

#define ZOO_NAME "shouts"
#define ZOO_OPTIONS zoo_options
#define ZOO_N_OPTIONS 1
#define ZOO_IN_OPEN (zoo_host = host)
#define ZOO_GENERATE zoo_shout
#include "tests/zoo/provider.h"
