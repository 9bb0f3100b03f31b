/* SPDX-License-Identifier: MIT
 *
 * Group provider: errors of servers, of connections and of the user, whatever
 * the protocol is.
 */
#include <string.h>

#include "core/base/text.h"
#include "sdk/checker/provider.h"

static struct host *
start(struct check *check)
{
	struct host *host = host_new(check, 1);

	host_must_open(host, NULL);
	return host;
}

/* One request to a server that answers so. */
static ww_status
ask_server(struct host *host, int http_status, const char *type,
           const char *body, size_t length)
{
	struct provider_reply reply;
	ww_status status;

	host->answer = (struct host_answer){ .http_status = http_status,
		                             .content_type = type,
		                             .body = body,
		                             .length = length };
	host->exchanges = 0;
	status = provider_ask(host, &reply);
	if (host->exchanges == 0)
		check_skip(host->check, "it made no HTTP request (%s)",
		           host->error.text);
	check_that(host->check, status <= 0, "generate() returned %d", status);
	provider_reply_clear(&reply);
	return status;
}

static void
probe(struct check *check)
{
	struct host *host = start(check);
	const struct ww_provider_ops *ops = check->plugin->ops;
	struct ww_provider_probe probe = { .size = sizeof probe };
	struct ww_call_frame frame;
	int64_t begin_ns = ww_now_ns();
	ww_status status;

	host_call_start(host, &frame);
	status = ops->probe(&frame.call, host->self, &probe);
	host_call_end(host, &frame, status);
	check_that(check, status == WW_OK, "probe() failed: %s",
	           host->error.text);
	check_that(check, ww_now_ns() - begin_ns < INT64_C(2000000000),
	           "probe() took more than two seconds");
	check_that(check, probe.present == 0 || probe.present == 1,
	           "probe() set present to %d", probe.present);
	check_that(check,
	           memchr(probe.reason, '\0', sizeof probe.reason) != NULL,
	           "the reason of probe() is not terminated");
	host_show("reason", probe.reason, strlen(probe.reason));
	host_close(host);
}

static void
capabilities(struct check *check)
{
	struct host *host = start(check);
	const struct ww_provider_ops *ops = check->plugin->ops;
	uint64_t known = WW_PROVIDER_STREAMS | WW_PROVIDER_SCHEMA |
	                 WW_PROVIDER_LOCAL | WW_PROVIDER_REPLAYS;
	uint64_t bits = ops->capabilities(host->self);

	check_that(check, (bits & ~known) == 0,
	           "capabilities() has bits 0x%llx that mean nothing",
	           (unsigned long long)(bits & ~known));
	host_close(host);
}

static void
expect(struct check *check, int http_status, ww_status expected)
{
	static const char body[] = "{\"error\":{\"message\":\"no\",\"type\":"
				   "\"error\"}}";
	struct host *host = start(check);
	ww_status status = ask_server(host, http_status, "application/json",
	                              body, sizeof body - 1);

	check_that(check, status == expected,
	           "HTTP status %d became '%s', expected '%s'; "
	           "http->classify() knows",
	           http_status, ww_status_name(status),
	           ww_status_name(expected));
	host_close(host);
}

static void
status_401(struct check *check)
{
	expect(check, 401, WW_E_AUTH);
}

static void
status_429(struct check *check)
{
	expect(check, 429, WW_E_RATE);
}

static void
status_500(struct check *check)
{
	expect(check, 500, WW_E_SERVER);
}

static void
odd_statuses(struct check *check)
{
	static const int codes[] = { 204, 301, 400, 402, 403, 404, 408,
		                     413, 418, 502, 503, 529, 599 };
	size_t i;

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		struct host *host = start(check);

		check_that(check,
		           ask_server(host, codes[i], "text/html",
		                      "<html>no</html>", 15) < 0,
		           "HTTP status %d became a success", codes[i]);
		host_close(host);
	}
}

static void
empty(struct check *check)
{
	static const char *const types[] = { "application/json",
		                             "text/event-stream", NULL };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct host *host = start(check);

		check_that(check, ask_server(host, 200, types[i], "", 0) < 0,
		           "an empty answer became a success");
		host_close(host);
	}
}

static void
garbage(struct check *check)
{
	static const char *const bodies[] = {
		"<html><body>captive portal</body></html>",
		"{", "}", "[]", "null", "data: ", "data: {\n\n",
		"\n\n\n\n", ":\n", "\xff\xfe\xfd", "data: {\"error\":1}\n\n",
		"{\"choices\":7}\n", "event: \ndata: 0\n\n",
		"data: [DONE]\n\n", "data: [DONE]\n\ndata: [DONE]\n\n",
	};
	size_t i;

	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct host *host = start(check);

		check_that(check,
		           ask_server(host, 200, "text/event-stream", bodies[i],
		                      strlen(bodies[i])) < 0,
		           "the answer '%s' became a success", bodies[i]);
		host_close(host);
	}
}

static void
long_lines(struct check *check)
{
	static const char *const starts[] = { "", "data: ", "{\"a\":\"",
		                              "event: ", "[[[[[[[[" };
	size_t length = (size_t)1 << 20;
	char *body = ww_alloc(length + 1);
	size_t i;

	for (i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		struct host *host = start(check);

		memset(body, starts[i][0] == '[' ? '[' : 'x', length);
		memcpy(body, starts[i], strlen(starts[i]));
		check_that(check,
		           ask_server(host, 200, "text/event-stream", body,
		                      length) < 0,
		           "a line of a megabyte became a success");
		host_close(host);
	}
}

static void
transport(struct check *check)
{
	static const ww_status ends[] = { WW_E_TRANSPORT, WW_E_TIMEOUT,
		                          WW_E_REQUEST };
	size_t i;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct host *host = start(check);
		struct provider_reply reply;

		host->answer = (struct host_answer){ .end = ends[i] };
		provider_ask(host, &reply);
		if (host->exchanges == 0)
			check_skip(check, "it made no HTTP request");
		check_that(check, reply.status == ends[i],
		           "exchange() failed with '%s' and generate() with "
		           "'%s'",
		           ww_status_name(ends[i]),
		           ww_status_name(reply.status));
		host_close(host);
	}
}

static void
cancelled(struct check *check)
{
	struct host *host = start(check);
	struct provider_reply reply;

	ww_cancel_request(&host->cancel);
	provider_ask(host, &reply);
	if (reply.status == WW_E_OPTION || reply.status == WW_E_UNAVAILABLE)
		check_skip(check, "generate() wants something: %s",
		           host->error.text);
	check_that(check, reply.status == WW_E_CANCELLED,
	           "a cancelled generate() returned '%s'",
	           ww_status_name(reply.status));
	host_close(host);
}

static int
has_secret(const struct ww_plugin *plugin)
{
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++)
		if (plugin->options[i].type == WW_OPTION_SECRET)
			return 1;
	return 0;
}

static void
secret(struct check *check)
{
	struct host *host = start(check);
	struct provider_reply reply;

	if (!has_secret(check->plugin))
		check_skip(check, "it has no secret");
	host->secret_missing = 1;
	host->answer = (struct host_answer){ .http_status = 200, .body = "" };
	provider_ask(host, &reply);
	check_that(check, reply.status < 0,
	           "generate() without a key became a success");
	host_close(host);
}

static void
temperature(struct check *check)
{
	struct host *host = start(check);

	ask_server(host, 200, "application/json", "", 0);
	check_that(check, strstr(host->last_body, "\"temperature\"") == NULL,
	           "a temperature was sent that nobody had set");
	check_that(check, strstr(host->last_body, "checker-model") != NULL,
	           "the user's model is not in the request");
	check_that(check,
	           strstr(host->last_body, "Propose one configuration") != NULL,
	           "the message is not in the request");
	host_close(host);
}

static const struct check_test tests[] = {
	{ "provider.probe", "probe answers soon and completely", 20, probe },
	{ "provider.capabilities", "capabilities are known bits", 20,
	  capabilities },
	{ "provider.request", "the request holds what was asked, no more", 20,
	  temperature },
	{ "provider.status-401", "401 is class auth", 20, status_401 },
	{ "provider.status-429", "429 is class rate", 20, status_429 },
	{ "provider.status-500", "500 is class server", 20, status_500 },
	{ "provider.status-other", "no other status is a success", 30,
	  odd_statuses },
	{ "provider.empty", "an empty answer is a failure", 20, empty },
	{ "provider.garbage", "an answer in no known form is a failure", 30,
	  garbage },
	{ "provider.long-line", "lines of a megabyte are survived", 60,
	  long_lines },
	{ "provider.transport", "a failed connection keeps its class", 20,
	  transport },
	{ "provider.cancelled", "a cancelled request says so", 20, cancelled },
	{ "provider.secret", "a missing key is a failure", 20, secret },
};

const struct check_group check_group_provider = {
	.kind = "provider",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
