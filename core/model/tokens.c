/* SPDX-License-Identifier: MIT */
#include "core/model/tokens.h"

#include <string.h>

#include "core/base/json.h"

/* Of UTF-8, where only a character's first byte counts. */
static size_t
count_characters(const char *text, size_t length)
{
	size_t n = 0, i;

	for (i = 0; i < length; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static int64_t
estimate(size_t characters)
{
	return (int64_t)((characters + WW_CHARACTERS_A_TOKEN - 1) /
	                 WW_CHARACTERS_A_TOKEN);
}

/* What the provider told, -1 for what it did not. */
static void
add(struct ww_tokens *sum, int64_t input, int64_t output, size_t prompt,
    size_t answer)
{
	bool guess = answer > 0 && (input < 0 || output < 0);

	if (guess && input < 0)
		input = estimate(prompt);
	if (guess && output < 0)
		output = estimate(answer);
	sum->estimated = sum->estimated || guess;
	if (input > 0)
		sum->input += input;
	if (output > 0)
		sum->output += output;
}

void
ww_tokens_add_reply(struct ww_tokens *sum,
                    const struct ww_chat_request *request, const char *answer,
                    const struct ww_chat_reply *reply)
{
	size_t prompt = 0;
	uint64_t i;

	for (i = 0; i < request->n_messages; i++)
		prompt += count_characters(request->messages[i].text,
		                           request->messages[i].length);
	add(sum, reply->input_tokens, reply->output_tokens, prompt,
	    count_characters(answer, strlen(answer)));
}

static size_t
prompt_characters(const char *prompt)
{
	struct json_object *messages = NULL;
	size_t n = 0, i;

	if (ww_json_parse(prompt, strlen(prompt), "prompt", 0, &messages,
	                  NULL) != WW_OK ||
	    !json_object_is_type(messages, json_type_array)) {
		json_object_put(messages);
		return count_characters(prompt, strlen(prompt));
	}
	for (i = 0; i < json_object_array_length(messages); i++) {
		const char *text = ww_json_string(
			json_object_array_get_idx(messages, i), "content", "");

		n += count_characters(text, strlen(text));
	}
	json_object_put(messages);
	return n;
}

void
ww_tokens_add_call(struct ww_tokens *sum, const struct ww_model_call *call)
{
	bool counted = call->input_tokens >= 0 && call->output_tokens >= 0;

	add(sum, call->input_tokens, call->output_tokens,
	    counted ? 0 : prompt_characters(call->prompt),
	    count_characters(call->answer, strlen(call->answer)));
}
