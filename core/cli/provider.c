/* SPDX-License-Identifier: MIT
 *
 * `warpwright provider test [NAME]`: one tiny request, and an explanation of
 * what came of it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/search_flags.h"
#include "core/model/service.h"
#include "core/plugin/host.h"

struct test {
	struct ww_chat_sink sink; /* first member */
	struct ww_cli *cli;
	char answer[400];
	size_t length;
	double cost;
	double seconds;
	char provider[64];
	char model[128];
	uint32_t attempts;
	char warning[1600]; /* of a provider that another one stood in for */
};

static ww_status
take_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct test *test = (struct test *)self;
	size_t room = sizeof test->answer - 1 - test->length;
	size_t more = length < room ? (size_t)length : room;

	memcpy(test->answer + test->length, bytes, more);
	test->length += more;
	return WW_OK;
}

static ww_status
drop_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	(void)bytes;
	(void)length;
	return WW_OK;
}

static void
on_called(void *context, const struct ww_model_call *call)
{
	struct test *test = context;

	test->seconds = (double)call->latency_ns / 1e9;
	test->cost = call->cost;
	test->attempts = call->attempts;
	snprintf(test->provider, sizeof test->provider, "%s", call->provider);
	snprintf(test->model, sizeof test->model, "%s", call->model);
}

static void
on_warning(void *context, const char *text)
{
	struct test *test = context;

	snprintf(test->warning, sizeof test->warning, "%s", text);
}

/* Whether it ended well and said nothing, as a client does that was called in the
 * wrong way. */
static bool
is_mute(const struct test *test, const struct ww_chat_reply *reply)
{
	return reply->finish == WW_FINISH_COMPLETE &&
	       test->answer[strspn(test->answer, " \t\r\n")] == '\0';
}

static const char *
verdict(const struct test *test, const struct ww_chat_reply *reply)
{
	if (is_mute(test, reply))
		return "the answer is empty";
	switch (reply->finish) {
	case WW_FINISH_LENGTH:
		return "the answer ended at the output limit; the model reasons "
		       "at length, which is no fault";
	case WW_FINISH_REFUSAL:
		return "the model declined to answer";
	case WW_FINISH_FILTER:
		return "a content filter removed the answer";
	default:
		return "works";
	}
}

static int
report(struct test *test, const struct ww_chat_reply *reply)
{
	struct json_object *line;
	char shown[200];
	int code = is_mute(test, reply) ? WW_EXIT_MODEL : WW_EXIT_OK;

	ww_text_first_line(shown, sizeof shown, test->answer);
	if (!test->cli->json) {
		printf("%s%s%s: %s\n", test->provider,
		       test->model[0] != '\0' ? " " : "", test->model,
		       verdict(test, reply));
		printf("  answer \"%s\" after %.2f s, %u attempt%s\n", shown,
		       test->seconds, test->attempts,
		       test->attempts == 1 ? "" : "s");
		if (reply->input_tokens >= 0)
			printf("  %lld tokens in, %lld out\n",
			       (long long)reply->input_tokens,
			       (long long)reply->output_tokens);
		if (isfinite(test->cost))
			printf("  %.6f dollars\n", test->cost);
		return code;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "provider_test");
	ww_json_put_string(line, "provider", test->provider);
	ww_json_put_string(line, "model", test->model);
	ww_json_put_string(line, "answer", shown);
	ww_json_put_string(line, "verdict", verdict(test, reply));
	ww_json_put_int(line, "input_tokens", reply->input_tokens);
	ww_json_put_int(line, "output_tokens", reply->output_tokens);
	ww_json_put_number(line, "cost", test->cost);
	ww_json_put_number(line, "seconds", test->seconds);
	ww_json_put_int(line, "attempts", test->attempts);
	ww_cli_json_line(line);
	return code;
}

static int
ask(struct test *test, struct ww_model_service *service)
{
	static const char prompt[] = "Answer with the single word: ready";
	static const struct ww_message message = {
		.role = "user", .text = prompt, .length = sizeof prompt - 1,
	};
	struct ww_chat_request request = { .size = sizeof request,
		                           .messages = &message,
		                           .n_messages = 1,
		                           .max_output_tokens = 64,
		                           .temperature = NAN };
	struct ww_chat_reply reply = { .size = sizeof reply };
	const struct ww_model *model = ww_model_face(service);
	struct ww_call_frame frame;
	struct ww_error error = { 0 };
	ww_status status;

	if (!model->available(model)) {
		ww_error_set(&error, WW_E_UNAVAILABLE, "%s",
		             ww_model_reason(service));
		return ww_cli_fail(&error);
	}
	ww_call_start(&frame, &test->cli->cancel, INT64_MAX);
	status = model->generate(model, &frame.call, &request, &test->sink,
	                         &reply);
	if (ww_call_finish(&frame, status, &error) != WW_OK) {
		ww_error_prefix(&error, "%s: ", ww_status_name(status));
		status = ww_cli_fail(&error);
		/* Unreadable is the server's answer, not the user's input. */
		return error.status == WW_E_FORMAT ||
		                       error.status == WW_E_TIMEOUT
		               ? WW_EXIT_MODEL
		               : status;
	}
	if (test->warning[0] != '\0')
		fprintf(stderr, "warpwright: %s\n", test->warning);
	return report(test, &reply);
}

static int
run_provider(struct ww_cli *cli)
{
	static const char *const usage = "provider test [NAME]";
	struct test test = { .sink = { .size = sizeof test.sink,
		                       .text = take_text,
		                       .reasoning = drop_text },
		             .cli = cli,
		             .cost = NAN };
	struct ww_model_observer observer = { .context = &test,
		                              .called = on_called,
		                              .warning = on_warning };
	static const struct ww_flag flags[] = { WW_MODEL_FLAGS };
	struct ww_model_service *service;
	struct ww_error error = { 0 };
	int n = 0;
	int code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], &n);

	if (code != 0)
		return code;
	if (n < 1 || n > 2 || strcmp(cli->argv[1], "test") != 0)
		return ww_cli_usage("usage: warpwright %s", usage);
	if (n == 2 && ww_settings_put(cli->settings, "llm.provider",
	                              cli->argv[2], "provider test",
	                              &error) != WW_OK)
		return ww_cli_fail(&error);
	if (ww_model_new(cli->settings, cli->registry, NULL, &observer,
	                 &cli->cancel, 1, &service, &error) != WW_OK)
		return ww_cli_fail(&error);
	code = ask(&test, service);
	ww_model_free(service);
	return code;
}

const struct ww_command ww_command_provider = {
	.name = "provider",
	.arguments = "test [NAME] [--model M] [--api-base URL]",
	.summary = "make one tiny call to a model and explain what came of it",
	.help = "Sends one request of a dozen tokens to provider NAME, or to the\n"
	        "one that llm.provider chooses, and says whether it works, or what\n"
	        "is wrong and what to do about it.\n\n"
	        "  --model M       model to ask\n"
	        "  --api-base URL  address of the server\n"
	        "  --provider P    the same as NAME\n",
	.run = run_provider,
};
