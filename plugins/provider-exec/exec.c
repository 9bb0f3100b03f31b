/* SPDX-License-Identifier: MIT
 *
 * Provider exec: any command-line client of a model. The prompt goes to its
 * standard input, the answer comes from its standard output (or a file), and no
 * shell is in between.
 */
#include "plugins/provider-exec/exec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/answer.h"

#define SECOND 1000000000.0

/* Where the answer goes while the client writes it. */
struct output {
	struct ww_text_sink sink; /* first member */
	struct ww_chat_sink *chat;
	struct bytes *text;       /* or null: straight to the chat */
	int stopped;
};

static ww_status
take_output(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct output *output = (struct output *)self;

	if (output->text != NULL) {
		bytes_add(output->text, bytes, (size_t)length);
		return output->text->failed ? WW_STOPPED : WW_OK;
	}
	if (output->chat->text(output->chat, bytes, length) == WW_OK)
		return WW_OK;
	output->stopped = 1;
	return WW_STOPPED;
}

/* ------------------------------------------------------------------ answer */

static int
is_set(struct json_object *flag)
{
	if (flag == NULL)
		return 0;
	if (json_object_is_type(flag, json_type_string))
		return json_object_get_string_len(flag) > 0;
	if (json_object_is_type(flag, json_type_boolean) ||
	    json_object_is_type(flag, json_type_int))
		return json_object_get_boolean(flag);
	return 1; /* an object such as {"message": …} */
}

static struct json_object *
follow(struct json_object *root, const char *pointer)
{
	struct json_object *found = NULL;

	if (pointer == NULL || json_pointer_get(root, pointer, &found) != 0)
		return NULL;
	return found;
}

/* The answer inside a JSON text, as the options point to it. */
static ww_status
unpack(struct exec *exec, struct ww_call *call, const struct bytes *text,
       struct ww_chat_sink *chat, struct ww_chat_reply *reply)
{
	struct json_object *root = parse_json(bytes_text(text), text->length);
	struct json_object *answer = follow(root, exec->text_pointer);
	struct json_object *cost = follow(root, exec->cost_pointer);
	const char *words;
	ww_status status = WW_OK;

	if (json_object_is_type(cost, json_type_double) ||
	    json_object_is_type(cost, json_type_int))
		reply->cost = json_object_get_double(cost);
	words = answer == NULL ? "" : json_object_get_string(answer);
	if (root == NULL)
		status = ww_fail(call, WW_E_FORMAT,
		                 "%s wrote no JSON, but option text_pointer "
		                 "asks for it: %.200s", exec->command[0],
		                 bytes_text(text));
	else if (is_set(follow(root, exec->error_pointer)))
		status = ww_fail(call, WW_E_SERVER,
		                 "%s reports an error at %s: %.300s",
		                 exec->command[0], exec->error_pointer, words);
	else if (answer == NULL)
		status = ww_fail(call, WW_E_FORMAT,
		                 "the output of %s has nothing at %s",
		                 exec->command[0], exec->text_pointer);
	else if (chat->text(chat, words, strlen(words)) != WW_OK)
		reply->finish = WW_FINISH_STOPPED;
	json_object_put(root);
	return status;
}

static ww_status
deliver(struct exec *exec, struct ww_call *call, struct exec_files *files,
        struct output *output, struct ww_chat_reply *reply)
{
	struct bytes *text = output->text;

	reply->finish = output->stopped ? WW_FINISH_STOPPED
	                                : WW_FINISH_COMPLETE;
	if (files->output[0] != '\0') {
		bytes_clear(text);
		if (exec_files_read(files, text) != 0)
			return ww_fail(call, WW_E_FORMAT,
			               "%s ended well but wrote no answer into "
			               "{output_file}", exec->command[0]);
	}
	if (text == NULL)
		return WW_OK;
	if (text->failed)
		return ww_fail(call, WW_E_TRUNCATED,
		               "the output of %s is over 32 MiB",
		               exec->command[0]);
	if (exec->text_pointer != NULL)
		return unpack(exec, call, text, output->chat, reply);
	if (output->chat->text(output->chat, bytes_text(text),
	                       text->length) != WW_OK)
		reply->finish = WW_FINISH_STOPPED;
	return WW_OK;
}

/* --------------------------------------------------------------- the client */

static ww_status
judge_exit(struct exec *exec, struct ww_call *call,
           const struct ww_process_result *result)
{
	const char *words = result->error_output;
	size_t length = strlen(words);

	/* The end of what it said holds the cause. */
	if (length > 500)
		words += length - 500;
	if (result->exit_code == 0)
		return WW_OK;
	if (result->signal != 0)
		return ww_fail(call, WW_E_SERVER,
		               "%s was ended by signal %d: %s", exec->command[0],
		               (int)result->signal, words);
	return ww_fail(call, WW_E_SERVER, "%s failed with exit code %d: %s",
	               exec->command[0], (int)result->exit_code,
	               length > 0 ? words : "it said nothing");
}

static ww_status
run_client(struct exec *exec, struct ww_call *call,
           const struct ww_chat_request *request, struct exec_files *files,
           struct output *output, struct ww_process_result *result)
{
	const char *model = request->model != NULL ? request->model
	                                           : exec->model;
	struct bytes input = { 0 };
	char **argv = exec_expand(exec->command, files, model);
	struct ww_process_request process = {
		.size = sizeof process,
		.environment = exec->environment,
		.timeout_ns = (int64_t)(exec->timeout * SECOND),
	};
	ww_status status = WW_E_NO_MEMORY;

	exec_write_prompt(request, files, &input);
	if (argv != NULL && !input.failed) {
		/* The table wants pointers to constant text. */
		process.argv = (const char *const *)argv;
		process.input = bytes_text(&input);
		process.input_length = input.length;
		status = exec->host->process->run(exec->host->process, call,
		                                  &process, &output->sink,
		                                  result);
	}
	exec_free_list(argv);
	bytes_free(&input);
	return status == WW_E_NO_MEMORY
	               ? ww_fail(call, status, "no memory for a prompt")
	               : status;
}

static ww_status
exec_generate(struct ww_call *call, void *self,
              const struct ww_chat_request *request, struct ww_chat_sink *sink,
              struct ww_chat_reply *reply)
{
	struct exec *exec = self;
	struct exec_files files;
	struct bytes text = { 0 };
	struct output output = { .sink = { .size = sizeof output.sink,
		                           .write = take_output },
		                 .chat = sink };
	struct ww_process_result result = { .size = sizeof result };
	ww_status status = exec_files_make(exec, call, request, &files);

	reply->input_tokens = reply->output_tokens = -1;
	reply->cached_tokens = reply->reasoning_tokens = -1;
	reply->cost = NAN;
	if (status != WW_OK)
		return status;
	if (exec->text_pointer != NULL || files.output[0] != '\0')
		output.text = &text;
	status = run_client(exec, call, request, &files, &output, &result);
	if (status == WW_STOPPED || output.stopped) {
		output.stopped = 1;
		status = WW_OK;
	} else if (status == WW_OK) {
		status = judge_exit(exec, call, &result);
	}
	if (status == WW_OK)
		status = deliver(exec, call, &files, &output, reply);
	exec_files_remove(&files);
	bytes_free(&text);
	/* A client that is not installed stays so for the session. */
	return status == WW_E_NOT_FOUND ? WW_E_UNAVAILABLE : status;
}

/* ---------------------------------------------------------------- instance */

/* What a client needs to find itself, its settings and its language; keys only
 * if the user names them. */
static const char *const plain_environment[] = {
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL",
	"LC_CTYPE", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "HTTPS_PROXY", "https_proxy",
	"NO_PROXY", "no_proxy", "SSL_CERT_FILE", NULL
};

static ww_status
exec_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	uint32_t n = 0;
	const char *const *command = options->list(options, "command", &n);
	struct exec *exec;

	if (host->process == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host offers no process service");
	exec = calloc(1, sizeof *exec);
	if (exec == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	exec->host = host;
	exec->command = n > 0 ? command : NULL;
	exec->environment = options->list(options, "environment", NULL);
	if (exec->environment == NULL)
		exec->environment = plain_environment;
	exec->text_pointer = options->string(options, "text_pointer");
	exec->error_pointer = options->string(options, "error_pointer");
	exec->cost_pointer = options->string(options, "cost_pointer");
	exec->model = options->string(options, "model");
	exec->timeout = options->number(options, "timeout");
	exec->local = options->boolean(options, "local");
	*self = exec;
	return WW_OK;
}

static void
exec_close(void *self)
{
	free(self);
}

static uint64_t
exec_capabilities(void *self)
{
	const struct exec *exec = self;

	return (exec->text_pointer == NULL ? WW_PROVIDER_STREAMS : 0) |
	       (exec->local ? WW_PROVIDER_LOCAL : 0);
}

static ww_status
exec_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	const struct exec *exec = self;

	(void)call;
	/* A program is never started because it happens to be there. */
	probe->rank = -1;
	probe->present = exec->command != NULL;
	snprintf(probe->reason, sizeof probe->reason,
	         "provider.exec.command is%s set",
	         exec->command != NULL ? "" : " not");
	return WW_OK;
}

static ww_status
exec_generate_checked(struct ww_call *call, void *self,
                      const struct ww_chat_request *request,
                      struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	const struct exec *exec = self;

	if (exec->command == NULL)
		return ww_fail(call, WW_E_OPTION,
		               "no client is named; set provider.exec.command, "
		               "for example [\"llm\", \"-m\", \"{model}\"]");
	return exec_generate(call, self, request, sink, reply);
}

static const struct ww_option options[] = {
	{ .name = "command",
	  .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "program and arguments; {system_file} {prompt_file} "
	          "{schema_file} {output_file} {model} are replaced; "
	          "it runs in an empty folder, so name files by their whole "
	          "path" },
	{ .name = "model",
	  .type = WW_OPTION_STRING,
	  .help = "what {model} stands for" },
	{ .name = "text_pointer",
	  .type = WW_OPTION_STRING,
	  .help = "JSON pointer to the answer in the output, such as /result; "
	          "unset: the output is the answer" },
	{ .name = "error_pointer",
	  .type = WW_OPTION_STRING,
	  .help = "JSON pointer to a flag that marks a failure, such as "
	          "/is_error" },
	{ .name = "cost_pointer",
	  .type = WW_OPTION_STRING,
	  .help = "JSON pointer to the price in dollars, such as "
	          "/total_cost_usd" },
	{ .name = "timeout",
	  .type = WW_OPTION_FLOAT,
	  .default_value = "600",
	  .minimum = 0.1,
	  .maximum = 86400,
	  .help = "seconds after which the client is ended" },
	{ .name = "environment",
	  .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "variables that the client sees; unset: paths, language and "
	          "proxy, no keys" },
	{ .name = "local",
	  .type = WW_OPTION_BOOL,
	  .default_value = "false",
	  .help = "the model runs on this machine, so nothing is timed while "
	          "it works" },
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = exec_open,
	.close = exec_close,
	.capabilities = exec_capabilities,
	.probe = exec_probe,
	.generate = exec_generate_checked,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "exec",
	.version = "0.1.0",
	.summary = "any command-line client of a model",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
