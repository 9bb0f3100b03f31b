/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_provider.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "tests/unit/unit.h"

static const char task_text[] =
	"{\"name\": \"bowl\",\n"
	" \"kernel\": {\"language\": \"c\", \"source\": \"bowl.c\",\n"
	"             \"entry\": \"bowl\"},\n"
	" \"parameters\": [\n"
	"  {\"name\": \"x\", \"type\": \"int\", \"range\": [0, 15],\n"
	"   \"default\": 0},\n"
	"  {\"name\": \"y\", \"type\": \"int\", \"range\": [0, 15],\n"
	"   \"default\": 0}],\n"
	" \"constraints\": [\"x + y < 28\"]}";

/* ------------------------------------------------------------ the provider */

static void
close_fake(void *self)
{
	(void)self;
}

static uint64_t
fake_capabilities(void *self)
{
	return ((struct fake_provider *)self)->capabilities;
}

static ww_status
play(struct ww_call *call, void *self, const struct ww_chat_request *request,
     struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct fake_provider *fake = self;
	size_t last = fake->n_steps - 1;
	const struct fake_step *step =
		&fake->steps[fake->n_requests < last ? fake->n_requests : last];
	uint64_t i;

	ck_assert_uint_gt(fake->n_steps, 0);
	ck_assert_int_eq(fake->owner->waiting, 1);
	fake->n_requests++;
	fake->last_length = 0;
	for (i = 0; i < request->n_messages; i++)
		fake->last_length += (size_t)request->messages[i].length;
	if (step->tokens > 0)
		reply->input_tokens = reply->output_tokens = step->tokens;
	if (step->cost > 0)
		reply->cost = step->cost;
	snprintf(reply->model, sizeof reply->model, "fake-1");
	/* In pieces, as text comes from a network. */
	for (i = 0; step->text != NULL && i < strlen(step->text); i += 5) {
		size_t left = strlen(step->text + i);

		if (sink->text(sink, step->text + i, left < 5 ? left : 5) ==
		    WW_STOPPED) {
			reply->finish = WW_FINISH_STOPPED;
			return WW_OK;
		}
	}
	if (step->status != WW_OK)
		return ww_fail(call, step->status, "%s", step->message);
	reply->finish = step->finish != 0 ? step->finish : WW_FINISH_COMPLETE;
	return WW_OK;
}

static const struct ww_provider_ops fake_ops = {
	.size = sizeof fake_ops,
	.close = close_fake,
	.capabilities = fake_capabilities,
	.generate = play,
};

static void
add_provider(struct fake_model *model, struct fake_provider *fake,
             const char *name)
{
	struct ww_model_service *service = model->service;
	struct ww_services services = { 0 };
	struct ww_model_provider *provider;
	struct ww_options *options = NULL;

	fake->owner = model;
	fake->plugin = (struct ww_plugin){
		.magic = WW_PLUGIN_MAGIC,
		.size = sizeof fake->plugin,
		.abi_major = WW_ABI_MAJOR,
		.kind = WW_KIND_PROVIDER,
		.name = name,
		.version = "1",
		.summary = "plays a script",
		.license = "MIT",
		.ops = &fake_ops,
	};
	service->providers = ww_grow(service->providers,
	                             (service->n_providers + 1) *
	                                     sizeof *service->providers);
	provider = &service->providers[service->n_providers++];
	memset(provider, 0, sizeof *provider);
	ck_assert_int_eq(ww_settings_options(model->settings, &fake->plugin,
	                                     NULL, &options, NULL), WW_OK);
	provider->plugin = &fake->plugin;
	provider->ops = &fake_ops;
	provider->http = ww_http_new(model->settings);
	provider->options = options;
	provider->box = ww_host_new(&fake->plugin, options, 1, &services);
	provider->self = fake;
}

/* ------------------------------------------------------ what it is told to */

static void
on_waiting(void *context, bool waiting, bool local)
{
	struct fake_model *model = context;

	model->waiting += waiting ? 1 : -1;
	if (waiting) {
		model->waits++;
		model->local_waits += local;
	}
}

static void
on_called(void *context, const struct ww_model_call *call)
{
	struct fake_model *model = context;

	ck_assert_uint_lt(model->n_calls, 16);
	snprintf(model->outcomes[model->n_calls],
	         sizeof model->outcomes[0], "%s", call->outcome);
	model->attempts[model->n_calls++] = call->attempts;
}

static void
on_warning(void *context, const char *text)
{
	struct fake_model *model = context;
	size_t used = strlen(model->warnings);

	snprintf(model->warnings + used, sizeof model->warnings - used, "%s\n",
	         text);
}

static bool
note_sleep(void *context, int64_t nanoseconds)
{
	struct fake_model *model = context;

	model->n_sleeps++;
	model->slept_ns += nanoseconds;
	if (model->cancel_in_sleep)
		ww_cancel_request(&model->cancel);
	return !model->cancel_in_sleep;
}

static ww_status
take_row(struct ww_config_sink *self, const uint32_t *indices,
         const struct ww_proposal_info *info)
{
	struct fake_model *model = (struct fake_model *)(void *)((char *)self -
		offsetof(struct fake_model, sink));
	size_t i;

	(void)info;
	for (i = 0; i < model->n_rows; i++)
		if (memcmp(model->rows[i], indices, sizeof model->rows[i]) ==
		    0) {
			model->n_repeats++;
			return WW_E_DUPLICATE;
		}
	if (model->n_rows == FAKE_MOST_ROWS)
		return WW_STOPPED;
	memcpy(model->rows[model->n_rows++], indices, sizeof model->rows[0]);
	return WW_OK;
}

/* ------------------------------------------------------------------- model */

static struct ww_task *
load_task(void)
{
	char folder[] = "/tmp/check_modelXXXXXX";
	char *path, *source;
	struct ww_error error = { 0 };
	struct ww_task *task = NULL;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = ww_text("%s/task.json", folder);
	source = ww_text("%s/bowl.c", folder);
	ck_assert_int_eq(ww_file_write(source, "void bowl(void);\n", 17,
	                               &error), WW_OK);
	ck_assert_msg(ww_task_parse(task_text, strlen(task_text), path, &task,
	                            &error) == WW_OK, "%s", error.text);
	ww_path_remove(folder);
	free(path);
	free(source);
	return task;
}

struct fake_model *
fake_model_new(const char *const *settings)
{
	struct fake_model *model = ww_alloc(sizeof *model);
	struct ww_model_observer observer = { .context = model,
		                              .waiting = on_waiting,
		                              .called = on_called,
		                              .warning = on_warning };
	struct ww_error error = { 0 };

	model->settings = ww_settings_new();
	model->registry = ww_registry_new();
	model->task = load_task();
	ck_assert_int_eq(ww_settings_assign(model->settings,
	                                    "llm.provider=none", &error),
	                 WW_OK);
	for (; settings != NULL && *settings != NULL; settings++)
		ck_assert_msg(ww_settings_assign(model->settings, *settings,
		                                 &error) == WW_OK,
		              "%s", error.text);
	model->view = (struct ww_prompt_view){
		.task = model->task,
		.settings = model->settings,
		.round = 1,
		.want = 8,
		.evaluations_left = UINT64_MAX,
	};
	model->sink = (struct ww_config_sink){ .size = sizeof model->sink,
		                               .push = take_row };
	ck_assert_int_eq(ww_model_new(model->settings, model->registry,
	                              &model->view, &observer, &model->cancel,
	                              1, &model->service, &error), WW_OK);
	model->service->retry.sleep = note_sleep;
	model->service->retry.context = model;
	add_provider(model, &model->providers[0], "first");
	add_provider(model, &model->providers[1], "second");
	return model;
}

void
fake_model_free(struct fake_model *model)
{
	ck_assert_int_eq(model->waiting, 0);
	ww_model_free(model->service);
	ww_task_free(model->task);
	ww_registry_free(model->registry);
	ww_settings_free(model->settings);
	free(model);
}

void
fake_model_script(struct fake_model *model, size_t provider,
                  struct fake_step step)
{
	struct fake_provider *fake = &model->providers[provider];

	ck_assert_uint_lt(fake->n_steps, FAKE_MOST_STEPS);
	fake->steps[fake->n_steps++] = step;
}

struct kept_text {
	struct ww_chat_sink sink; /* first member */
	char *text;
	size_t length;
};

static ww_status
keep_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct kept_text *kept = (struct kept_text *)self;

	ck_assert_uint_lt(kept->length + length, 256);
	memcpy(kept->text + kept->length, bytes, (size_t)length);
	kept->length += (size_t)length;
	kept->text[kept->length] = '\0';
	return WW_OK;
}

ww_status
fake_model_chat(struct fake_model *model, const char *prompt, char *text,
                struct ww_error *error)
{
	const struct ww_model *face = ww_model_face(model->service);
	struct ww_message message = { .role = "user",
		                      .text = prompt,
		                      .length = strlen(prompt) };
	struct ww_chat_request request = { .size = sizeof request,
		                           .messages = &message,
		                           .n_messages = 1,
		                           .temperature = NAN };
	struct ww_chat_reply reply = { .size = sizeof reply };
	struct kept_text kept = { .sink = { .size = sizeof kept.sink,
		                            .text = keep_text },
		                  .text = text };
	struct ww_call_frame frame;
	ww_status status;

	text[0] = '\0';
	ww_call_start(&frame, &model->cancel, INT64_MAX);
	status = face->generate(face, &frame.call, &request, &kept.sink,
	                        &reply);
	return ww_call_finish(&frame, status, error);
}

ww_status
fake_model_propose(struct fake_model *model, uint32_t want,
                   struct ww_proposal_report *report, struct ww_error *error)
{
	const struct ww_model *face = ww_model_face(model->service);
	struct ww_proposal_request request = { .size = sizeof request,
		                               .want = want,
		                               .round = model->view.round,
		                               .system = "system",
		                               .user = "initial" };
	struct ww_call_frame frame;
	ww_status status;

	memset(report, 0, sizeof *report);
	report->size = sizeof *report;
	ww_call_start(&frame, &model->cancel, INT64_MAX);
	status = face->propose(face, &frame.call, &request, &model->sink,
	                       report);
	return ww_call_finish(&frame, status, error);
}
