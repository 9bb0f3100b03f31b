/* SPDX-License-Identifier: MIT */
#include "tests/unit/llm_scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

const uint32_t scene_counts[N_SLOTS] = { 8, 8, 2, 4, 3, 6 };
struct scene *scene;

static ww_status
host_push(struct ww_config_sink *self, const uint32_t *indices,
          const struct ww_proposal_info *info)
{
	static const char *const names[] = { "polish",  "coverage",
		                             "pattern: partner", "exploit",
		                             "local",   "diverse" };
	int i;

	(void)self;
	if (scene->room == 0)
		return WW_STOPPED;
	if (!scene->space.space.valid(&scene->space.space, indices))
		return WW_E_INVALID;
	if (ww_points_find(&scene->known, indices) != WW_POINT_NONE)
		return WW_E_DUPLICATE;
	ww_points_add(&scene->known, indices);
	scene->room--;
	for (i = 0; i < 6; i++)
		if (info != NULL && strcmp(info->family, names[i]) == 0)
			scene->families[i]++;
	snprintf(scene->last_family, sizeof scene->last_family, "%s",
	         info != NULL ? info->family : "");
	return WW_OK;
}

/* -- the model ---------------------------------------------------------------- */

/* `kind` is the letter of the script. */
static uint32_t
push_some(struct ww_config_sink *sink, uint32_t n, char kind)
{
	static const struct ww_proposal_info info = {
		.size = sizeof info, .family = "exploit", .reason = "why not"
	};
	uint32_t taken = 0, tries, i;

	for (tries = 0; tries < 1000 && taken < n; tries++) {
		uint32_t row[N_SLOTS];
		ww_status status;

		for (i = 0; i < N_SLOTS; i++) {
			scene->state = scene->state * 6364136223846793005u + 1;
			row[i] = (uint32_t)((scene->state >> 33) %
			                    scene_counts[i]);
		}
		if (kind == 'l')
			row[2] = 0;
		if (kind == 'G' || kind == 'B') {
			row[0] = row[1] = kind == 'G' ? 7 : 0;
			row[3] = kind == 'G' ? 0 : 3;
		}
		if (kind == 'n')
			row[0] = row[1] = 0;
		if (kind == 'c') {
			uint32_t a = row[0], b = row[5];
			size_t best;

			ck_assert_uint_eq(ww_points_best(&scene->known, &best,
			                                 1), 1);
			memcpy(row, ww_points_row(&scene->known, best),
			       sizeof row);
			row[0] = a;
			row[5] = b;
		}
		status = sink->push(sink, row, scene->forged != NULL
		                                       ? scene->forged
		                                       : &info);
		if (status == WW_STOPPED)
			break;
		taken += status == WW_OK;
	}
	return taken;
}

static int32_t
model_available(const struct ww_model *self)
{
	(void)self;
	return 1;
}

static ww_status
answer(char step, struct ww_call *call, uint32_t want,
       struct ww_config_sink *sink, struct ww_proposal_report *report)
{
	uint32_t row[N_SLOTS] = { 0 };

	switch (step) {
	case 'g':
	case 'l':
	case 'G':
	case 'B':
	case 'c':
	case 'n':
		report->taken = push_some(sink, want, step);
		return WW_OK;
	case 'w':
		report->taken = push_some(sink, want, 'G');
		report->invalid = want;
		return WW_OK;
	case 'h':
		report->taken = push_some(sink, want / 2, step);
		return WW_OK;
	case 'k':
		sink->push(sink, row, NULL);
		report->duplicate = 1;
		return WW_OK;
	case 't':
		push_some(sink, 2, step);
		return ww_fail(call, WW_E_TRANSPORT, "the line was cut");
	case 'f':
		return ww_fail(call, WW_E_FORMAT, "prose");
	case 'r':
		return ww_fail(call, WW_E_REFUSAL, "the model declined");
	case 'a':
		return ww_fail(call, WW_E_AUTH, "no key");
	default:
		return WW_OK;
	}
}

static ww_status
model_propose(const struct ww_model *self, struct ww_call *call,
              const struct ww_proposal_request *request,
              struct ww_config_sink *sink, struct ww_proposal_report *report)
{
	size_t last = strlen(scene->script) - 1;
	char step = scene->script[scene->requests < last ? scene->requests
	                                                 : last];

	(void)self;
	scene->requests++;
	scene->repairs += request->repair;
	scene->initial += strcmp(request->user, "initial") == 0;
	ck_assert_str_eq(request->system, "system");
	snprintf(scene->variables, sizeof scene->variables, "%s",
	         request->variables);
	scene->asked = request->want;
	snprintf(report->analysis, sizeof report->analysis, "answer %u",
	         scene->requests);
	return answer(step, call, request->want, sink, report);
}

/* -- the partner ---------------------------------------------------------------- */

static ww_status
set_filler(const struct ww_strategies *self, struct ww_call *call,
           const char *name)
{
	(void)self;
	if (strcmp(name, "auto") == 0)
		return ww_fail(call, WW_E_NOT_FOUND, "no such strategy");
	snprintf(scene->filler, sizeof scene->filler, "%s", name);
	return WW_OK;
}

static ww_status
partner_open(const struct ww_strategies *self, struct ww_call *call,
             const char *name, void **sub)
{
	(void)self;
	if (strcmp(name, "pattern") != 0)
		return ww_fail(call, WW_E_NOT_FOUND, "no such strategy");
	scene->opened++;
	*sub = scene;
	return WW_OK;
}

static void
partner_close(const struct ww_strategies *self, void *sub)
{
	(void)self;
	(void)sub;
	scene->opened--;
}

static ww_status
partner_ask(const struct ww_strategies *self, struct ww_call *call, void *sub,
            const struct ww_budget *budget, struct ww_config_sink *sink)
{
	static const struct ww_proposal_info info = { .size = sizeof info,
		                                      .family = "partner" };
	uint32_t row[N_SLOTS] = { 0 };
	uint32_t taken = 0;

	(void)self;
	(void)sub;
	scene->partner_asks++;
	if (scene->partner_fails)
		return ww_fail(call, WW_E_INTERNAL, "broken");
	for (row[0] = 0; row[0] < 8; row[0]++)
		for (row[5] = 0; row[5] < 6 && taken < budget->want; row[5]++)
			taken += sink->push(sink, row, &info) == WW_OK;
	return WW_OK;
}

static ww_status
partner_tell(const struct ww_strategies *self, struct ww_call *call, void *sub,
             const struct ww_trial *const *trials, uint64_t n)
{
	(void)self;
	(void)call;
	(void)sub;
	(void)trials;
	scene->told_to_partner += (uint32_t)n;
	return WW_OK;
}

/* -- the session ------------------------------------------------------------------ */

void
scene_start_seeded(struct scene *s, const char *script, const char *const *set,
                   uint64_t seed)
{
	const struct ww_plugin *plugin = fake_plugin("strategy-llm");
	uint32_t first[N_SLOTS] = { 0 };
	struct fake_call call;

	memset(s, 0, sizeof *s);
	scene = s;
	s->script = script;
	s->ops = plugin->ops;
	fake_space_start(&s->space, N_SLOTS, scene_counts, NULL);
	fake_host_start(&s->host, plugin, set, seed);
	s->model = (struct ww_model){ .size = sizeof s->model,
		                      .available = model_available,
		                      .propose = model_propose };
	s->strategies = (struct ww_strategies){ .size = sizeof s->strategies,
		                                .set_filler = set_filler,
		                                .open = partner_open,
		                                .close = partner_close,
		                                .ask = partner_ask,
		                                .tell = partner_tell };
	s->host.host.model = &s->model;
	s->host.host.strategies = &s->strategies;
	ww_points_start(&s->known, N_SLOTS);
	ww_points_add(&s->known, first);
	fake_call_start(&call);
	ck_assert_int_eq(s->ops->open(&call.call, &s->host.host,
	                              &s->space.space, &s->self), WW_OK);
}

void
scene_start(struct scene *s, const char *script, const char *const *set)
{
	scene_start_seeded(s, script, set, 5);
}

void
scene_end(void)
{
	scene->ops->close(scene->self);
	ck_assert_uint_eq(scene->opened, 0);
	ww_points_clear(&scene->known);
	fake_space_end(&scene->space);
}

static void
tell_all(void)
{
	struct fake_call call;

	for (; scene->told < scene->known.n; scene->told++) {
		const uint32_t *row = ww_points_row(&scene->known, scene->told);
		struct ww_trial trial = { .size = sizeof trial,
			                  .id = scene->told + 1,
			                  .indices = row,
			                  .objective = 10.0 - row[0] - row[1] +
			                               row[3],
			                  .text = "", .source = "llm",
			                  .family = "", .reason = "" };
		const struct ww_trial *list[1] = { &trial };

		trial.objective = trial.objective < 1 ? 1 : trial.objective;
		ww_points_tell(&scene->known, &trial);
		fake_call_start(&call);
		ck_assert_int_eq(scene->ops->tell(&call.call, scene->self,
		                                  list, 1), WW_OK);
	}
}

ww_status
play(uint32_t round, uint32_t want, uint64_t left, uint32_t *n, char *text)
{
	struct ww_config_sink sink = { .size = sizeof sink,
		                       .push = host_push };
	struct ww_budget budget = { .size = sizeof budget,
		                    .want = want, .round = round,
		                    .evaluations_used = scene->known.n,
		                    .evaluations_left = left,
		                    .time_left_ns = INT64_MAX,
		                    .best = NAN, .target = NAN };
	size_t before = scene->known.n;
	struct fake_call call;
	ww_status status;

	tell_all();
	fake_call_start(&call);
	scene->room = want;
	memset(scene->families, 0, sizeof scene->families);
	status = scene->ops->ask(&call.call, scene->self, &budget, &sink);
	*n = (uint32_t)(scene->known.n - before);
	if (text != NULL)
		memcpy(text, call.text, sizeof call.text);
	return status;
}
