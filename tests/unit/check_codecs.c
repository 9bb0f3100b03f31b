/* SPDX-License-Identifier: MIT
 *
 * The protocols of model services on bytes written by hand: whole, byte by byte,
 * and cut at every byte.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/model/http_error.h"
#include "core/plugin/host.h"
#include "plugins/common/chat_completions.h"
#include "plugins/common/chat_lines.h"
#include "plugins/common/messages.h"
#include "plugins/common/responses.h"
#include "plugins/common/url.h"
#include "tests/unit/unit.h"

/* ------------------------------------------------------------ stream reader */

static char frames[4096];

static int
note_frame(void *context, const char *event, const char *data, size_t length)
{
	size_t used = strlen(frames);

	(void)context;
	snprintf(frames + used, sizeof frames - used, "<%s|%.*s>", event,
	         (int)length, data);
	return 0;
}

static void
read_in_steps(const char *text, int lines, size_t step)
{
	struct sse_reader reader;
	size_t length = strlen(text), at;

	frames[0] = '\0';
	sse_start(&reader, lines, note_frame, NULL);
	for (at = 0; at < length; at += step)
		ck_assert_int_eq(sse_feed(&reader, text + at,
		                          length - at < step ? length - at
		                                             : step), 0);
	ck_assert_int_eq(sse_end(&reader), 0);
	sse_free(&reader);
}

static const struct {
	const char *text;
	int lines;
	const char *frames;
} streams[] = {
	{ "data: a\n\ndata:b\n\n", 0, "<|a><|b>" },
	{ "data: a\r\n\r\nevent: e\r\ndata: b\r\n\r\n", 0, "<|a><e|b>" },
	{ "data: a\r\rdata: b\r\r", 0, "<|a><|b>" },
	{ "\xef\xbb\xbf" "data: a\n\n", 0, "<|a>" },
	{ ": ping\n\n:\n\ndata: a\n\n", 0, "<|a>" },
	{ "data: a\ndata: b\n\n", 0, "<|a\nb>" },
	{ "event: x\n\nid: 3\nretry: 1\ndata\n\n", 0, "<|>" },
	{ "data: a\n\ndata: last", 0, "<|a><|last>" },
	{ "data:  two spaces\n\n", 0, "<| two spaces>" },
	{ "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}", 1,
	  "<|{\"a\":1}><|{\"b\":2}><|{\"c\":3}>" },
};

START_TEST(frames_come_out_however_bytes_come_in)
{
	size_t step;

	for (step = 1; step <= strlen(streams[_i].text); step++) {
		read_in_steps(streams[_i].text, streams[_i].lines, step);
		ck_assert_str_eq(frames, streams[_i].frames);
	}
}
END_TEST

START_TEST(a_frame_without_end_is_refused)
{
	static char block[1 << 16];
	struct sse_reader reader;
	int result = 0, i;

	memset(block, 'x', sizeof block);
	sse_start(&reader, 0, note_frame, NULL);
	for (i = 0; i < 200 && result == 0; i++)
		result = sse_feed(&reader, block, sizeof block);
	ck_assert_int_eq(result, SSE_TOO_LONG);
	ck_assert_int_lt(i, 140);
	sse_free(&reader);
}
END_TEST

/* ------------------------------------------------------------------ codecs */

struct listener {
	struct ww_chat_sink sink; /* first member */
	char text[256];
	char thought[256];
	size_t stop_after;
};

static ww_status
hear_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct listener *listener = (struct listener *)self;

	strncat(listener->text, bytes, (size_t)length);
	return listener->stop_after > 0 &&
	                       strlen(listener->text) >= listener->stop_after
	               ? WW_STOPPED
	               : WW_OK;
}

static ww_status
hear_thought(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	strncat(((struct listener *)self)->thought, bytes, (size_t)length);
	return WW_OK;
}

static ww_status
classify(const struct ww_http *self, struct ww_call *call, int32_t http_status,
         const char *body, uint64_t length, char *parameter)
{
	struct ww_http_fault fault;

	(void)self;
	ww_http_fault_parse(http_status, body, (size_t)length, &fault);
	memcpy(parameter, fault.parameter, sizeof fault.parameter);
	return call->fail(call, fault.status, fault.message);
}

static const struct ww_http http = { .size = sizeof http,
	                             .classify = classify };

static const char *
no_header(const struct ww_http_response *self, const char *name)
{
	(void)self;
	return strcmp(name, "x-request-id") == 0 ? "id-1" : NULL;
}

struct outcome {
	ww_status status;
	struct listener heard;
	struct ww_chat_reply reply;
	struct ww_error error;
};

/* Plays `length` bytes of a response in pieces of `step` through a codec. */
static void
play(const struct codec *codec, int stream, int status, const char *text,
     size_t length, size_t step, size_t stop_after, struct outcome *outcome)
{
	struct ww_http_response response = { .size = sizeof response,
		                             .http_status = status,
		                             .header = no_header };
	struct ww_call_frame frame;
	struct answer answer;
	ww_status exchanged = WW_OK;
	size_t at;

	memset(outcome, 0, sizeof *outcome);
	outcome->heard.sink.text = hear_text;
	outcome->heard.sink.reasoning = hear_thought;
	outcome->heard.stop_after = stop_after;
	outcome->reply.size = sizeof outcome->reply;
	ww_call_start(&frame, NULL, INT64_MAX);
	answer_start(&answer, codec, &http, &frame.call, &outcome->heard.sink,
	             &outcome->reply, stream);
	answer.sink.head(&answer.sink, &response);
	for (at = 0; at < length && exchanged == WW_OK; at += step)
		exchanged = answer.sink.body(&answer.sink, text + at,
		                             length - at < step ? length - at
		                                                : step);
	outcome->status = answer_finish(&answer, exchanged);
	answer_free(&answer);
	ww_call_finish(&frame, outcome->status, &outcome->error);
}

#define DATA(json) "data: " json "\n\n"
#define EVENT(name, json) "event: " name "\ndata: " json "\n\n"

#define CHAT_STREAM                                                          \
	": waiting\n\n"                                                      \
	DATA("{\"choices\":[],\"prompt_filter_results\":[]}")                \
	DATA("{\"model\":\"m-1\",\"choices\":[{\"delta\":{\"role\":"         \
	     "\"assistant\",\"content\":null}}],\"usage\":null}")            \
	DATA("{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}")   \
	DATA("{\"choices\":[{\"delta\":{\"content\":\"h\\u00e9\"}}]}")       \
	DATA("{\"choices\":[{\"delta\":{\"content\":\"llo\"},"               \
	     "\"finish_reason\":null}]}")                                    \
	DATA("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}")    \
	DATA("{\"choices\":[],\"usage\":{\"prompt_tokens\":11,"              \
	     "\"completion_tokens\":7,\"prompt_tokens_details\":"            \
	     "{\"cached_tokens\":5},\"completion_tokens_details\":"          \
	     "{\"reasoning_tokens\":2}}}")                                   \
	DATA("[DONE]")

#define MESSAGES_STREAM                                                      \
	EVENT("message_start", "{\"type\":\"message_start\",\"message\":{"   \
	      "\"model\":\"m-1\",\"content\":[],\"usage\":{"                 \
	      "\"input_tokens\":4,\"cache_creation_input_tokens\":2,"        \
	      "\"cache_read_input_tokens\":5,\"output_tokens\":1}}}")        \
	EVENT("ping", "{\"type\":\"ping\"}")                                 \
	EVENT("content_block_start", "{\"type\":\"content_block_start\","    \
	      "\"index\":0,\"content_block\":{\"type\":\"thinking\","        \
	      "\"thinking\":\"\"}}")                                         \
	EVENT("content_block_delta", "{\"type\":\"content_block_delta\","    \
	      "\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}")\
	EVENT("content_block_delta", "{\"type\":\"content_block_delta\","    \
	      "\"delta\":{\"type\":\"text_delta\",\"text\":\"h\\u00e9\"}}")  \
	EVENT("content_block_delta", "{\"type\":\"content_block_delta\","    \
	      "\"delta\":{\"type\":\"text_delta\",\"text\":\"llo\"}}")       \
	EVENT("message_delta", "{\"type\":\"message_delta\",\"delta\":{"     \
	      "\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7,"\
	      "\"output_tokens_details\":{\"thinking_tokens\":2}}}")         \
	EVENT("message_stop", "{\"type\":\"message_stop\"}")

#define RESPONSES_STREAM                                                     \
	EVENT("response.created", "{\"type\":\"response.created\","          \
	      "\"response\":{\"model\":\"m-1\",\"status\":"                  \
	      "\"in_progress\",\"error\":null,\"output\":[],"                \
	      "\"usage\":null}}")                                            \
	EVENT("response.reasoning_summary_text.delta",                       \
	      "{\"type\":\"response.reasoning_summary_text.delta\","         \
	      "\"delta\":\"hm\"}")                                           \
	EVENT("response.output_text.delta",                                  \
	      "{\"type\":\"response.output_text.delta\","                    \
	      "\"delta\":\"h\\u00e9\"}")                                     \
	EVENT("response.output_text.delta",                                  \
	      "{\"type\":\"response.output_text.delta\",\"delta\":\"llo\"}") \
	EVENT("response.output_text.done",                                   \
	      "{\"type\":\"response.output_text.done\","                     \
	      "\"text\":\"h\\u00e9llo\"}")                                   \
	EVENT("response.completed", "{\"type\":\"response.completed\","      \
	      "\"response\":{\"model\":\"m-1\",\"status\":\"completed\","    \
	      "\"usage\":{\"input_tokens\":11,\"output_tokens\":7,"          \
	      "\"input_tokens_details\":{\"cached_tokens\":5}}}}")

#define LINES_STREAM                                                         \
	"{\"model\":\"m-1\",\"message\":{\"content\":\"\",\"thinking\":"     \
	"\"hm\"},\"done\":false}\n"                                          \
	"{\"model\":\"m-1\",\"message\":{\"content\":\"h\\u00e9\"},"         \
	"\"done\":false}\n"                                                  \
	"{\"message\":{\"content\":\"llo\"},\"done\":false}\n"               \
	"{\"model\":\"m-1\",\"message\":{\"content\":\"\"},\"done\":true,"   \
	"\"done_reason\":\"stop\",\"prompt_eval_count\":11,"                 \
	"\"eval_count\":7}\n"

static const struct {
	const struct codec *codec;
	const char *stream;
	const char *end; /* what the last complete byte of the protocol ends */
	int64_t cached;
} dialects[] = {
	{ &chat_completions_codec, CHAT_STREAM, "\"stop\"}]}", 5 },
	{ &messages_codec, MESSAGES_STREAM, "{\"type\":\"message_stop\"}", 5 },
	{ &responses_codec, RESPONSES_STREAM, "\"cached_tokens\":5}}}}", 5 },
	{ &chat_lines_codec, LINES_STREAM, "\"eval_count\":7}", -1 },
};

static void
check_good(const struct outcome *outcome, int64_t cached)
{
	ck_assert_msg(outcome->status == WW_OK, "%s", outcome->error.text);
	ck_assert_str_eq(outcome->heard.text, "h\xc3\xa9llo");
	ck_assert_str_eq(outcome->heard.thought, "hm");
	ck_assert_str_eq(outcome->reply.model, "m-1");
	ck_assert_uint_eq(outcome->reply.finish, WW_FINISH_COMPLETE);
	ck_assert_int_eq(outcome->reply.input_tokens, 11);
	ck_assert_int_eq(outcome->reply.output_tokens, 7);
	ck_assert_int_eq(outcome->reply.cached_tokens, cached);
}

START_TEST(a_stream_is_read_in_any_pieces)
{
	const char *text = dialects[_i].stream;
	struct outcome outcome;
	size_t step;

	for (step = 1; step <= strlen(text); step += step < 20 ? 1 : 37) {
		play(dialects[_i].codec, 1, 200, text, strlen(text), step, 0,
		     &outcome);
		check_good(&outcome, dialects[_i].cached);
	}
}
END_TEST

/* Cut anywhere before its end, a stream is a broken connection, and what had
 * arrived of the text is a beginning of the whole. */
START_TEST(a_cut_stream_is_no_answer)
{
	const char *text = dialects[_i].stream;
	const char *end = strstr(text, dialects[_i].end);
	size_t whole = (size_t)(end - text) + strlen(dialects[_i].end);
	struct outcome outcome;
	size_t length;

	for (length = 1; length < strlen(text); length++) {
		play(dialects[_i].codec, 1, 200, text, length, 64, 0, &outcome);
		if (length >= whole) {
			ck_assert_int_eq(outcome.status, WW_OK);
			continue;
		}
		ck_assert_msg(outcome.status == WW_E_TRANSPORT,
		              "%zu bytes: %s %s", length,
		              ww_status_name(outcome.status),
		              outcome.error.text);
		ck_assert_int_eq(strncmp("h\xc3\xa9llo", outcome.heard.text,
		                         strlen(outcome.heard.text)), 0);
	}
}
END_TEST

START_TEST(a_listener_may_have_enough)
{
	struct outcome outcome;

	play(dialects[_i].codec, 1, 200, dialects[_i].stream,
	     strlen(dialects[_i].stream), 16, 2, &outcome);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_uint_eq(outcome.reply.finish, WW_FINISH_STOPPED);
	ck_assert_str_eq(outcome.heard.text, "h\xc3\xa9");
}
END_TEST

#define MESSAGE(phase, text)                                                  \
	"{\"type\":\"message\",\"phase\":\"" phase "\",\"content\":[{\"type\":"   \
	"\"output_text\",\"text\":\"" text "\"}]}"
/* One message as it streams. */
#define ITEM(phase, text)                                                     \
	EVENT("response.output_item.added",                                   \
	      "{\"type\":\"response.output_item.added\",\"item\":{\"type\":"   \
	      "\"message\",\"phase\":\"" phase "\"}}")                        \
	EVENT("response.output_text.delta",                                   \
	      "{\"type\":\"response.output_text.delta\",\"delta\":\"" text      \
	      "\"}")

static const struct {
	const struct codec *codec;
	int stream;
	int http_status;
	const char *body;
	ww_status status;
	uint32_t finish;
	const char *text;
} bodies[] = {
	{ &chat_completions_codec, 0, 200,
	  "{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"hi\"},"
	  "\"finish_reason\":\"stop\"}]}", WW_OK, WW_FINISH_COMPLETE, "hi" },
	/* A stream was asked for, a plain body came. */
	{ &chat_completions_codec, 1, 200,
	  "{\"choices\":[{\"message\":{\"content\":\"hi\"},"
	  "\"finish_reason\":\"length\"}]}", WW_OK, WW_FINISH_LENGTH, "hi" },
	{ &chat_completions_codec, 0, 200,
	  "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no\"},"
	  "\"finish_reason\":\"stop\"}]}", WW_OK, WW_FINISH_REFUSAL, "" },
	{ &chat_completions_codec, 0, 200,
	  "{\"choices\":[{\"message\":{\"content\":\"\"},"
	  "\"finish_reason\":\"content_filter\"}]}", WW_OK, WW_FINISH_FILTER,
	  "" },
	{ &chat_completions_codec, 0, 200, "{\"choices\":[]}", WW_E_FORMAT, 0,
	  "" },
	{ &chat_completions_codec, 0, 200, "", WW_E_FORMAT, 0, "" },
	{ &chat_completions_codec, 1, 200, "<html>", WW_E_FORMAT, 0, "" },
	{ &chat_completions_codec, 1, 200,
	  "{\"error\":{\"message\":\"x\",\"code\":429}}", WW_E_SERVER, 0, "" },
	{ &chat_completions_codec, 1, 429,
	  "{\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}",
	  WW_E_BILLING, 0, "" },
	{ &chat_completions_codec, 1, 200,
	  DATA("{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}")
	  DATA("{\"error\":{\"message\":\"x\",\"type\":\"overloaded_error\"},"
	       "\"choices\":[{\"finish_reason\":\"error\"}]}"),
	  WW_E_OVERLOADED, 0, "a" },
	{ &chat_completions_codec, 1, 200, DATA("{nonsense}"), WW_E_FORMAT, 0,
	  "" },
	{ &messages_codec, 0, 200,
	  "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\","
	  "\"thinking\":\"t\"},{\"type\":\"text\",\"text\":\"hi\"}],"
	  "\"stop_reason\":\"max_tokens\"}", WW_OK, WW_FINISH_LENGTH, "hi" },
	{ &messages_codec, 0, 200,
	  "{\"type\":\"message\",\"content\":[],\"stop_reason\":\"refusal\"}",
	  WW_OK, WW_FINISH_REFUSAL, "" },
	{ &messages_codec, 1, 200,
	  EVENT("error", "{\"type\":\"error\",\"error\":{\"type\":"
	        "\"overloaded_error\",\"message\":\"o\"}}"),
	  WW_E_OVERLOADED, 0, "" },
	{ &responses_codec, 0, 200,
	  "{\"status\":\"completed\",\"error\":null,\"output\":[{\"type\":"
	  "\"reasoning\"},{\"type\":\"message\",\"content\":[{\"type\":"
	  "\"output_text\",\"text\":\"hi\"}]}]}", WW_OK, WW_FINISH_COMPLETE,
	  "hi" },
	{ &responses_codec, 0, 200,
	  "{\"status\":\"completed\",\"output\":[{\"type\":\"message\","
	  "\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}]}",
	  WW_OK, WW_FINISH_REFUSAL, "" },
	{ &responses_codec, 0, 200,
	  "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":"
	  "\"max_output_tokens\"},\"output\":[]}", WW_OK, WW_FINISH_LENGTH,
	  "" },
	{ &responses_codec, 1, 200,
	  EVENT("response.incomplete", "{\"type\":\"response.incomplete\","
	        "\"response\":{\"status\":\"incomplete\","
	        "\"incomplete_details\":{\"reason\":\"content_filter\"}}}"),
	  WW_OK, WW_FINISH_FILTER, "" },
	{ &responses_codec, 1, 200,
	  EVENT("response.failed", "{\"type\":\"response.failed\","
	        "\"response\":{\"status\":\"failed\",\"error\":{\"code\":"
	        "\"server_error\",\"message\":\"oh\"}}}"),
	  WW_E_SERVER, 0, "" },
	{ &responses_codec, 1, 200,
	  EVENT("error", "{\"type\":\"error\",\"code\":"
	        "\"rate_limit_exceeded\",\"message\":\"slow down\","
	        "\"param\":null}"),
	  WW_E_RATE, 0, "" },
	{ &responses_codec, 0, 200, "{\"output\":\"?\"}", WW_E_FORMAT, 0,
	  "" },
	/* A comment before the final answer is none of it … */
	{ &responses_codec, 0, 200,
	  "{\"status\":\"completed\",\"output\":[" MESSAGE("commentary", "c")
	  "," MESSAGE("final_answer", "hi") "]}", WW_OK, WW_FINISH_COMPLETE,
	  "hi" },
	{ &responses_codec, 1, 200,
	  ITEM("commentary", "c") ITEM("final_answer", "hi")
	  EVENT("response.completed", "{\"type\":\"response.completed\","
	        "\"response\":{\"status\":\"completed\"}}"),
	  WW_OK, WW_FINISH_COMPLETE, "hi" },
	/* … unless there is nothing else. */
	{ &responses_codec, 0, 200,
	  "{\"status\":\"completed\",\"output\":[" MESSAGE("commentary", "c")
	  "]}", WW_OK, WW_FINISH_COMPLETE, "c" },
	{ &responses_codec, 1, 200,
	  ITEM("commentary", "c")
	  EVENT("response.completed", "{\"type\":\"response.completed\","
	        "\"response\":{\"status\":\"completed\",\"output\":["
	        MESSAGE("commentary", "c") "]}}"),
	  WW_OK, WW_FINISH_COMPLETE, "c" },
	{ &chat_lines_codec, 0, 200,
	  "{\"model\":\"m\",\"message\":{\"content\":\"hi\"},\"done\":true,"
	  "\"done_reason\":\"length\"}", WW_OK, WW_FINISH_LENGTH, "hi" },
	{ &chat_lines_codec, 1, 200,
	  "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
	  "{\"error\":\"server busy\"}\n", WW_E_OVERLOADED, 0, "a" },
	{ &chat_lines_codec, 1, 404, "{\"error\":\"model not found\"}",
	  WW_E_REQUEST, 0, "" },
};

START_TEST(bodies_mean_what_they_should)
{
	struct outcome outcome;
	size_t step;

	for (step = 1; step < 64; step += 9) {
		play(bodies[_i].codec, bodies[_i].stream,
		     bodies[_i].http_status, bodies[_i].body,
		     strlen(bodies[_i].body), step, 0, &outcome);
		ck_assert_str_eq(ww_status_name(outcome.status),
		                 ww_status_name(bodies[_i].status));
		if (outcome.status == WW_OK)
			ck_assert_uint_eq(outcome.reply.finish,
			                  bodies[_i].finish);
		ck_assert_str_eq(outcome.heard.text, bodies[_i].text);
	}
}
END_TEST

/* -- addresses ---------------------------------------------------------------- */

static const struct {
	const char *url;
	int official, azure, loopback;
} urls[] = {
	{ "https://api.openai.com/v1", 1, 0, 0 },
	{ "https://API.OpenAI.com:443/v1", 1, 0, 0 },
	{ "api.openai.com", 1, 0, 0 },
	{ "https://user:pass@api.openai.com/v1", 1, 0, 0 },
	{ "https://proxy.example/api.openai.com/v1", 0, 0, 0 },
	{ "https://proxy.example/?to=https://api.openai.com/v1", 0, 0, 0 },
	{ "https://api.openai.com@proxy.example/v1", 0, 0, 0 },
	{ "https://api.openai.com.example/v1", 0, 0, 0 },
	{ "https://my-api.openai.com/v1", 0, 0, 0 },
	{ "https://me.openai.azure.com/openai/v1", 0, 1, 0 },
	{ "https://x.example/.openai.azure.com", 0, 0, 0 },
	{ "http://127.0.0.1:8080/v1", 0, 0, 1 },
	{ "http://127.1.2.3", 0, 0, 1 },
	{ "http://127.0.0.1.example/v1", 0, 0, 0 },
	{ "http://127.example.org", 0, 0, 0 },
	{ "http://localhost:11434", 0, 0, 1 },
	{ "http://localhost.example", 0, 0, 0 },
	{ "http://[::1]:80/v1", 0, 0, 1 },
	{ "http://[::1", 0, 0, 0 },
	{ "http://", 0, 0, 0 },
	{ "", 0, 0, 0 },
};

START_TEST(a_service_is_known_by_its_host)
{
	const char *url = urls[_i].url;

	ck_assert_int_eq(url_host_is(url, "api.openai.com"),
	                 urls[_i].official);
	ck_assert_int_eq(url_host_ends(url, ".openai.azure.com"),
	                 urls[_i].azure);
	ck_assert_int_eq(url_is_loopback(url), urls[_i].loopback);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("codecs");
	TCase *tests = tcase_create("codecs");
	int n = (int)(sizeof dialects / sizeof dialects[0]);

	tcase_add_loop_test(tests, frames_come_out_however_bytes_come_in, 0,
	                    (int)(sizeof streams / sizeof streams[0]));
	tcase_add_test(tests, a_frame_without_end_is_refused);
	tcase_add_loop_test(tests, a_stream_is_read_in_any_pieces, 0, n);
	tcase_add_loop_test(tests, a_cut_stream_is_no_answer, 0, n);
	tcase_add_loop_test(tests, a_listener_may_have_enough, 0, n);
	tcase_add_loop_test(tests, bodies_mean_what_they_should, 0,
	                    (int)(sizeof bodies / sizeof bodies[0]));
	tcase_add_loop_test(tests, a_service_is_known_by_its_host, 0,
	                    (int)(sizeof urls / sizeof urls[0]));
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
