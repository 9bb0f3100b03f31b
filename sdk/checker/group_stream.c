/* SPDX-License-Identifier: MIT
 *
 * Group stream: recorded answers, cut and split at every byte. Where the pieces
 * of a stream begin and end must change nothing.
 */
#include <string.h>

#include "core/base/text.h"
#include "sdk/checker/provider.h"
#include "sdk/checker/recording.h"

struct streams {
	struct host *host;
	struct recording recording;
	struct provider_reply whole; /* of the answer under test */
};

static void
start(struct streams *streams, struct check *check)
{
	memset(streams, 0, sizeof *streams);
	streams->host = host_new(check, 1);
	recording_choose(streams->host, &streams->recording);
}

/* The answer in one piece, which the others are compared with. */
static void
play_whole(struct streams *streams, size_t i)
{
	provider_reply_clear(&streams->whole);
	streams->host->answer = streams->recording.answers[i];
	provider_ask(streams->host, &streams->whole);
	check_that(streams->host->check, streams->whole.status == WW_OK,
	           "recorded answer %zu failed: %s", i + 1,
	           streams->host->error.text);
}

static int
same_reply(const struct provider_reply *a, const struct provider_reply *b)
{
	return a->status == b->status && a->length == b->length &&
	       (a->length == 0 || memcmp(a->text, b->text, a->length) == 0) &&
	       a->reasoning == b->reasoning &&
	       a->reply.finish == b->reply.finish &&
	       a->reply.input_tokens == b->reply.input_tokens &&
	       a->reply.output_tokens == b->reply.output_tokens &&
	       strcmp(a->reply.model, b->reply.model) == 0;
}

static void
complete(struct check *check)
{
	struct streams streams;
	size_t i;

	start(&streams, check);
	for (i = 0; i < streams.recording.n; i++) {
		play_whole(&streams, i);
		check_that(check, streams.whole.length > 0,
		           "recorded answer %zu gave no text", i + 1);
		check_that(check,
		           ww_text_is_utf8(streams.whole.text,
		                           streams.whole.length),
		           "the text of answer %zu is no UTF-8", i + 1);
		check_that(check,
		           streams.whole.reply.finish <= WW_FINISH_STOPPED,
		           "finish is %u", streams.whole.reply.finish);
	}
	host_close(streams.host);
}

static void
split(struct check *check)
{
	struct streams streams;
	size_t i, at;

	start(&streams, check);
	for (i = 0; i < streams.recording.n; i++) {
		play_whole(&streams, i);
		for (at = 1; at < streams.recording.answers[i].length; at++) {
			struct provider_reply reply;

			streams.host->answer = streams.recording.answers[i];
			streams.host->answer.split = at;
			provider_ask(streams.host, &reply);
			check_that(check, same_reply(&reply, &streams.whole),
			           "answer %zu in two pieces, the first of %zu "
			           "bytes, gave something else than in one",
			           i + 1, at);
			provider_reply_clear(&reply);
		}
	}
	host_close(streams.host);
}

static void
bytewise(struct check *check)
{
	struct streams streams;
	size_t i;

	start(&streams, check);
	for (i = 0; i < streams.recording.n; i++) {
		struct provider_reply reply;

		play_whole(&streams, i);
		streams.host->answer = streams.recording.answers[i];
		streams.host->answer.bytewise = 1;
		provider_ask(streams.host, &reply);
		check_that(check, same_reply(&reply, &streams.whole),
		           "answer %zu byte by byte gave something else than "
		           "in one piece",
		           i + 1);
		provider_reply_clear(&reply);
	}
	host_close(streams.host);
}

static void
check_cut(struct streams *streams, size_t at, const struct provider_reply *got)
{
	const struct provider_reply *whole = &streams->whole;
	struct check *check = streams->host->check;

	check_that(check,
	           got->length <= whole->length &&
	                   (got->length == 0 ||
	                    memcmp(got->text, whole->text, got->length) == 0),
	           "a stream of %zu bytes gave text that the whole one has not",
	           at);
	check_that(check, got->status < 0 || got->length == whole->length,
	           "a stream that was cut after %zu bytes was taken for whole",
	           at);
	if (got->status < 0)
		check_that(check,
		           got->status == WW_E_TRANSPORT ||
		                   got->status == WW_E_TRUNCATED ||
		                   got->status == WW_E_FORMAT,
		           "a stream that was cut after %zu bytes failed as "
		           "'%s', expected 'transport'",
		           at, ww_status_name(got->status));
}

/* Closed early by the server, which exchange() cannot know. */
static void
cut(struct check *check)
{
	struct streams streams;
	size_t i, at;

	start(&streams, check);
	for (i = 0; i < streams.recording.n; i++) {
		play_whole(&streams, i);
		for (at = 0; at < streams.recording.answers[i].length; at++) {
			struct provider_reply reply;

			streams.host->answer = streams.recording.answers[i];
			streams.host->answer.length = at;
			provider_ask(streams.host, &reply);
			check_cut(&streams, at, &reply);
			provider_reply_clear(&reply);
		}
	}
	host_close(streams.host);
}

/* The same with a connection that exchange() knows is broken. */
static void
broken(struct check *check)
{
	struct streams streams;
	struct provider_reply reply;

	start(&streams, check);
	play_whole(&streams, 0);
	streams.host->answer = streams.recording.answers[0];
	streams.host->answer.length /= 2;
	streams.host->answer.end = WW_E_TRANSPORT;
	provider_ask(streams.host, &reply);
	check_that(check, reply.status == WW_E_TRANSPORT,
	           "a broken stream failed as '%s', expected 'transport'",
	           ww_status_name(reply.status));
	provider_reply_clear(&reply);
	host_close(streams.host);
}

static void
stopped(struct check *check)
{
	struct streams streams;
	struct provider_reply reply;

	start(&streams, check);
	play_whole(&streams, 0);
	streams.host->answer = streams.recording.answers[0];
	streams.host->answer.bytewise = 1;
	provider_ask_until(streams.host, &reply, 1);
	check_that(check, reply.status == WW_OK,
	           "generate() failed (%s) when the sink had enough",
	           streams.host->error.text);
	check_that(check, reply.after_stop == 0,
	           "%u pieces came after the sink had had enough",
	           reply.after_stop);
	check_that(check,
	           reply.reply.finish == WW_FINISH_STOPPED ||
	                   reply.length == streams.whole.length,
	           "finish is %u, expected WW_FINISH_STOPPED",
	           reply.reply.finish);
	host_close(streams.host);
}

static const struct check_test tests[] = {
	{ "stream.complete", "recorded answers give text", 30, complete },
	{ "stream.split", "two pieces, cut at every byte, give the same", 120,
	  split },
	{ "stream.bytewise", "byte by byte gives the same", 30, bytewise },
	{ "stream.cut", "a stream that ends early is never whole", 120, cut },
	{ "stream.broken", "a broken connection is class transport", 30,
	  broken },
	{ "stream.stopped", "ends when the sink has enough", 30, stopped },
};

const struct check_group check_group_stream = {
	.kind = "provider",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
