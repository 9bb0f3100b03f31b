/* SPDX-License-Identifier: MIT
 *
 * Provider muse: an imaginary service that takes a POST and streams its answer
 * in lines, "text: " and a piece (with \n and \\ for a line's end and a
 * backslash), and at the end a line "end". server.py is the service.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <warpwright/plugin.h>

#define LONGEST_LINE 65536

struct muse {
	const struct ww_host *host;
	char line[LONGEST_LINE]; /* of the answer, as far as it has come */
};

/* What one generate() knows. Its first member is what the host calls. */
struct exchange {
	struct ww_http_sink sink;
	struct muse *muse;
	struct ww_chat_sink *answer;
	size_t length;    /* bytes of the line */
	int32_t http_status;
	int ended;        /* the protocol's end was seen */
	int stopped;      /* the answer's sink has enough */
	int unreadable;   /* a line that means nothing */
};

static ww_status
muse_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct muse *muse;

	if (host->options->string(host->options, "url") == NULL)
		return ww_fail(call, WW_E_OPTION, "option url is not set");
	muse = (struct muse *)calloc(1, sizeof *muse);
	if (muse == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	muse->host = host;
	*self = muse;
	return WW_OK;
}

static void
muse_close(void *self)
{
	free(self);
}

static uint64_t
muse_capabilities(void *self)
{
	(void)self;
	return WW_PROVIDER_STREAMS;
}

static ww_status
muse_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	struct muse *muse = (struct muse *)self;
	const struct ww_options *options = muse->host->options;

	(void)call;
	probe->present = options->secret_present(options, "key");
	probe->rank = 100;
	snprintf(probe->reason, sizeof probe->reason, "%s",
	         probe->present ? "a key is there" : "MUSE_KEY is not set");
	return WW_OK;
}

/* A whole line of the answer. */
static void
read_line(struct exchange *exchange, char *line)
{
	char *from, *to;

	if (strcmp(line, "end") == 0) {
		exchange->ended = 1;
		return;
	}
	if (strncmp(line, "text: ", 6) != 0) {
		exchange->unreadable = 1;
		return;
	}
	for (from = to = line + 6; *from != '\0'; from++) {
		if (*from == '\\' && from[1] != '\0')
			*to++ = *++from == 'n' ? '\n' : *from;
		else
			*to++ = *from;
	}
	exchange->stopped = exchange->answer->text(exchange->answer, line + 6,
	                                           (uint64_t)(to - line - 6)) ==
	                    WW_STOPPED;
}

static ww_status
take_head(struct ww_http_sink *self, const struct ww_http_response *response)
{
	((struct exchange *)self)->http_status = response->http_status;
	return WW_OK;
}

/* Bytes come in pieces of any size; only whole lines mean something. */
static ww_status
take_body(struct ww_http_sink *self, const char *bytes, uint64_t length)
{
	struct exchange *exchange = (struct exchange *)self;
	char *line = exchange->muse->line;
	uint64_t i;

	for (i = 0; i < length; i++) {
		if (bytes[i] != '\n' || exchange->http_status != 200) {
			if (exchange->length < LONGEST_LINE - 1)
				line[exchange->length++] = bytes[i];
			else
				exchange->unreadable = 1;
			continue;
		}
		line[exchange->length] = '\0';
		exchange->length = 0;
		read_line(exchange, line);
		if (exchange->stopped || exchange->unreadable)
			return WW_STOPPED;
	}
	return WW_OK;
}

/* Model, then every message, each with its role and length before it. */
static char *
write_request(const struct ww_chat_request *request, const char *model,
              uint64_t *length)
{
	uint64_t room = strlen(model) + 64;
	char *body;
	uint64_t i;

	for (i = 0; i < request->n_messages; i++)
		room += request->messages[i].length +
		        strlen(request->messages[i].role) + 64;
	body = (char *)malloc(room);
	if (body == NULL)
		return NULL;
	*length = (uint64_t)snprintf(body, room, "model %s\n", model);
	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *message = &request->messages[i];

		*length += (uint64_t)snprintf(body + *length, room - *length,
		                              "%s %llu\n", message->role,
		                              (unsigned long long)
		                                      message->length);
		memcpy(body + *length, message->text, message->length);
		*length += message->length;
	}
	return body;
}

/* The host inserts the key: it never passes through a plugin. */
static ww_status
post(struct ww_call *call, struct exchange *exchange, const char *body,
     uint64_t length)
{
	const struct ww_host *host = exchange->muse->host;
	const struct ww_http_header headers[] = {
		{ "Content-Type", "text/plain", NULL },
		{ "Authorization", "Bearer ", "key" },
	};
	struct ww_http_request request;

	memset(&request, 0, sizeof request);
	request.size = sizeof request;
	request.flags = WW_HTTP_STREAM;
	request.method = "POST";
	request.url = host->options->string(host->options, "url");
	request.headers = headers;
	request.n_headers = sizeof headers / sizeof headers[0];
	request.body = body;
	request.body_length = length;
	return host->http->exchange(host->http, call, &request,
	                            &exchange->sink);
}

/* What the exchange came to; the first that knows a cause says it. */
static ww_status
conclude(struct ww_call *call, struct exchange *exchange, ww_status status,
         struct ww_chat_reply *reply)
{
	const struct ww_http *http = exchange->muse->host->http;

	if (status < 0)
		return status;
	if (exchange->http_status != 200)
		return http->classify(http, call, exchange->http_status,
		                      exchange->muse->line,
		                      exchange->length, NULL);
	if (exchange->stopped) {
		reply->finish = WW_FINISH_STOPPED;
		return WW_OK;
	}
	if (exchange->unreadable)
		return ww_fail(call, WW_E_FORMAT,
		               "the server sent a line that means nothing");
	if (!exchange->ended)
		return ww_fail(call, WW_E_TRANSPORT,
		               "the answer ended before its end");
	reply->finish = WW_FINISH_COMPLETE;
	return WW_OK;
}

static ww_status
muse_generate(struct ww_call *call, void *self,
                 const struct ww_chat_request *request,
                 struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct muse *muse = (struct muse *)self;
	struct exchange exchange;
	uint64_t length = 0;
	char *body = write_request(request, request->model != NULL
	                                            ? request->model
	                                            : "default",
	                           &length);
	ww_status status;

	if (body == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	memset(&exchange, 0, sizeof exchange);
	exchange.sink.size = sizeof exchange.sink;
	exchange.sink.head = take_head;
	exchange.sink.body = take_body;
	exchange.muse = muse;
	exchange.answer = sink;
	reply->input_tokens = reply->cached_tokens = -1;
	reply->output_tokens = reply->reasoning_tokens = -1;
	status = post(call, &exchange, body, length);
	free(body);
	return conclude(call, &exchange, status, reply);
}

static const struct ww_option options[] = {
	{
		"url", "http://127.0.0.1:8080/generate",
		"Address of the server.",
		NULL, 0, 0, WW_OPTION_STRING, WW_OPTION_TRUSTED_ONLY,
	},
	{
		"key", "MUSE_KEY",
		"Variable, or file:PATH, that holds the key.",
		NULL, 0, 0, WW_OPTION_SECRET, WW_OPTION_TRUSTED_ONLY,
	},
};

static const struct ww_provider_ops ops = {
	sizeof ops,           0,
	muse_open,         muse_close,
	muse_capabilities, muse_probe,
	muse_generate,
};

WW_PLUGIN = {
	WW_PLUGIN_MAGIC,
	sizeof(struct ww_plugin),
	WW_ABI_MAJOR,
	WW_ABI_MINOR,
	0, /* the lowest minor it works with */
	WW_THREADS_SERIAL,
	WW_KIND_PROVIDER,
	sizeof options / sizeof options[0],
	0, /* host features it needs */
	"muse",
	"0.1",
	"a model that answers in lines",
	"MIT",
	options,
	&ops,
};
