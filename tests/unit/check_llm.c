/* SPDX-License-Identifier: MIT
 *
 * Strategy llm against a scripted model and a scripted host: rounds, repair,
 * completion, coverage, polish, and which failures it hands on.
 */
#include <math.h>
#include <string.h>

#include "plugins/common/points.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/unit.h"

#define N_SLOTS 6
static const uint32_t counts[N_SLOTS] = { 8, 8, 2, 4, 3, 6 };

/* What the model does when asked; one letter a request, the last one repeats:
 *   g  proposes `want` good ones      l  the same with slot 2 locked to 0
 *   h  half of them                   e  nothing
 *   k  only known ones                f  nothing, WW_E_FORMAT
 *   r  WW_E_REFUSAL                   t  WW_E_TRANSPORT after two
 *   a  WW_E_AUTH                     c  neighbours of what is best
 *   G  `want` of the best region     B  of the worst
 *   w  as G, and as many invalid ones
 *   n  never touches slots 0 and 1 */
struct scene {
	struct fake_host host;
	struct fake_space space;
	struct ww_model model;
	struct ww_strategies strategies;
	const struct ww_strategy_ops *ops;
	void *self;
	const char *script;
	uint32_t requests;
	uint32_t asked;         /* configurations, in the last request */
	uint32_t repairs;
	uint32_t initial;       /* requests with that template */
	char variables[4096];   /* of the last request */
	char filler[64];
	uint32_t opened;        /* partners */
	uint32_t partner_asks;
	const struct ww_proposal_info *forged; /* with the model's proposals */
	uint32_t told_to_partner;
	int partner_fails;
	/* The host's archive. */
	struct ww_points known;
	size_t told;
	uint32_t room;          /* of the present ask */
	uint32_t families[6];   /* polish, coverage, partner, model, local, far */
	char last_family[64];
	uint64_t state;
};

static struct scene *scene; /* of the running test */

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
			row[i] = (uint32_t)((scene->state >> 33) % counts[i]);
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

static void
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
	fake_space_start(&s->space, N_SLOTS, counts, NULL);
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

static void
scene_start(struct scene *s, const char *script, const char *const *set)
{
	scene_start_seeded(s, script, set, 5);
}

static void
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

/* One round; returns its status and writes how many were proposed. */
static ww_status
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

START_TEST(rounds_are_filled_by_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_str_eq(s.filler, "pattern"); /* auto is not there */
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 25);
	ck_assert_uint_eq(s.requests, 1);
	ck_assert_uint_eq(s.initial, 1);
	ck_assert_uint_eq(s.partner_asks, 0);
	/* Four fifths are the model's; the rest is far from those. */
	ck_assert_uint_eq(s.families[3], 20);
	ck_assert_uint_eq(s.families[1] + s.families[5], 5);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 15);
	ck_assert_uint_ge(s.families[2], 2);
	ck_assert_uint_ge(s.families[3], 2);
	ck_assert_uint_ge(s.families[4], 1);
	ck_assert_uint_eq(s.initial, 1);
	ck_assert_uint_eq(s.told_to_partner, 26);
	scene_end();
}
END_TEST

START_TEST(what_the_model_leaves_out_the_partner_adds)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", set);
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 20);
	ck_assert_uint_eq(s.families[3], 8);
	/* Four are far from those; the partner has the rest. */
	ck_assert_uint_eq(s.families[5], 4);
	ck_assert_uint_eq(s.families[2], 8);
	ck_assert_uint_eq(s.requests, 1);
	scene_end();
}
END_TEST

START_TEST(a_broken_partner_costs_nothing)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", set);
	s.partner_fails = 1;
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 20);
	ck_assert_int_eq(play(2, 10, 60, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 10);
	ck_assert_uint_eq(s.partner_asks, 1);
	scene_end();
}
END_TEST

static const struct {
	const char *script;
	ww_status status;   /* of round 1 */
	uint32_t requests;
	uint32_t n;         /* proposed in round 1 */
	const char *text;   /* in the message */
} openings[] = {
	{ "eg", WW_OK, 2, 20, "" },
	{ "fg", WW_OK, 2, 20, "prose" },
	{ "e", WW_E_FORMAT, 2, 0, "no usable configuration" },
	{ "f", WW_E_FORMAT, 2, 0, "prose" },
	{ "k", WW_E_FORMAT, 2, 0, "no usable configuration" },
	{ "r", WW_E_REFUSAL, 1, 0, "declined" },
	{ "a", WW_E_AUTH, 1, 0, "no key" },
	{ "t", WW_E_TRANSPORT, 1, 2, "cut" },
};

START_TEST(a_first_answer_may_be_bad)
{
	char text[1024];
	struct scene s;
	uint32_t n;

	scene_start(&s, openings[_i].script, NULL);
	ck_assert_int_eq(play(1, 20, 80, &n, text), openings[_i].status);
	ck_assert_uint_eq(s.requests, openings[_i].requests);
	ck_assert_uint_eq(s.repairs, openings[_i].requests - 1);
	ck_assert_uint_eq(n, openings[_i].n);
	ck_assert_ptr_nonnull(strstr(text, openings[_i].text));
	scene_end();
}
END_TEST

START_TEST(later_one_empty_round_is_filled_and_two_are_an_error)
{
	static const char *const set[] = { "repair=false", "coverage=false",
		                           NULL };
	char text[1024];
	struct scene s;
	uint32_t n;

	scene_start(&s, "gee", set);
	ck_assert_int_eq(play(1, 10, 90, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 10, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 10);
	ck_assert_uint_eq(s.families[3], 0);
	ck_assert_int_eq(play(3, 10, 70, &n, text), WW_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(text, "no usable configuration"));
	scene_end();
}
END_TEST

/* The model that stays in one structural family: by about the thirtieth trial
 * the other one has been tried all the same. */
START_TEST(a_locked_model_does_not_lock_the_search)
{
	uint32_t times = 0, n;
	struct scene s;
	size_t i;

	scene_start(&s, "l", NULL);
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	for (i = 0; i < 31; i++)
		times += ww_points_row(&s.known, i)[2] == 1;
	ck_assert_uint_ge(times, 2);
	scene_end();
}
END_TEST

/* Eight values each of two parameters that the model leaves alone; their order
 * means nothing, so each counts. */
START_TEST(every_value_is_tried_twice)
{
	uint32_t slot, value, n;
	struct scene s;
	size_t i;

	scene_start(&s, "n", NULL);
	for (slot = 0; slot < N_SLOTS; slot++)
		s.space.slots[slot].flags = 0;
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	for (slot = 0; slot < N_SLOTS; slot++)
		for (value = 0; value < counts[slot]; value++) {
			uint32_t times = 0;

			for (i = 0; i < 36; i++)
				times += ww_points_row(&s.known, i)[slot] ==
				         value;
			ck_assert_msg(times >= 2, "slot %u, value %u: %u", slot,
			              value, times);
		}
	scene_end();
}
END_TEST

START_TEST(gaps_are_named_to_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "l", NULL);
	ck_assert_int_eq(play(1, 3, 84, &n, NULL), WW_OK);
	ck_assert_str_eq(s.variables,
	                 "{\"gaps\":\"\",\"picks\":\"\",\"neighbours\":\"\"}");
	ck_assert_int_eq(play(2, 3, 81, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "a = "));
	scene_end();
}
END_TEST

START_TEST(the_last_round_polishes_the_best)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_int_eq(play(1, 25, 40, &n, NULL), WW_OK);
	ck_assert_uint_eq(s.families[0], 0);
	ck_assert_int_eq(play(2, 15, 15, &n, NULL), WW_OK);
	ck_assert_uint_eq(s.families[0], 8);
	ck_assert_uint_eq(n, 15);
	scene_end();
}
END_TEST

/* Configurations asked of the model in rounds `from` to `to`, over seeds. */
static double
mean_share(const char *script, uint32_t from, uint32_t to)
{
	uint32_t total = 0, seed, round, n;

	for (seed = 1; seed <= 8; seed++) {
		struct scene s;

		scene_start_seeded(&s, script, NULL, seed);
		s.state = seed;
		for (round = 1; round <= to; round++) {
			ck_assert_int_eq(play(round, round == 1 ? 25 : 15, 400,
			                      &n, NULL), WW_OK);
			ck_assert_uint_eq(n, round == 1 ? 25 : 15);
			if (round >= from)
				total += s.asked;
		}
		scene_end();
	}
	return total / 8.0 / (to - from + 1);
}

START_TEST(a_good_model_gets_more_and_a_bad_one_less)
{
	double good = mean_share("G", 3, 4);
	double bad = mean_share("B", 3, 4);

	ck_assert_double_ge(good, 7);
	ck_assert_double_le(bad, 4);
	ck_assert_double_ge(bad, 1);
}
END_TEST

START_TEST(a_share_that_was_lost_can_be_won_back)
{
	double lost = mean_share("BBBB", 4, 4);
	double won = mean_share("BBBGGG", 6, 6);

	ck_assert_double_ge(won, lost + 2);
}
END_TEST

START_TEST(useless_answers_cost_the_model_its_share)
{
	ck_assert_double_le(mean_share("w", 2, 3) + 1, mean_share("G", 2, 3));
}
END_TEST

START_TEST(the_partners_picks_are_told_to_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"picks\":\"\""));
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"picks\":\"1. a = "));
	ck_assert_ptr_nonnull(strstr(s.variables, "\\n2. a = "));
	scene_end();
}
END_TEST

/* A model that goes round the best without moving it is told; one that jumps is
 * not. */
START_TEST(a_circling_model_is_told_to_jump)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "Gcc", set);
	ck_assert_int_eq(play(1, 25, 184, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 159, &n, NULL), WW_OK);
	ck_assert_int_eq(play(3, 15, 144, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"neighbours\":\""));
	ck_assert_ptr_nonnull(strstr(s.variables, "in at most two parameters"));
	scene_end();
	scene_start(&s, "g", set);
	ck_assert_int_eq(play(1, 25, 184, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 159, &n, NULL), WW_OK);
	ck_assert_int_eq(play(3, 15, 144, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"neighbours\":\"\""));
	scene_end();
}
END_TEST

/* What a store knows of a trial: source and family. */
static void
tell_stored(const char *source, const char *family, int good, uint32_t from)
{
	uint32_t i;

	for (i = 0; i < 12; i++) {
		uint32_t row[N_SLOTS] = { good ? 7 : 0, good ? 7 : 0, i % 2,
			                  good ? 0 : 3, (from + i / 2) % 3,
			                  i / 2 };
		struct ww_trial trial = { .size = sizeof trial, .id = 1,
			                  .indices = row,
			                  .objective = good ? 1 : 13,
			                  .text = "", .source = source,
			                  .family = family, .reason = "",
			                  .round = 1 };
		const struct ww_trial *list[1] = { &trial };
		struct fake_call call;

		if (ww_points_find(&scene->known, row) == WW_POINT_NONE) {
			ww_points_add(&scene->known, row);
			ww_points_tell(&scene->known, &trial);
		}
		fake_call_start(&call);
		ck_assert_int_eq(scene->ops->tell(&call.call, scene->self,
		                                  list, 1), WW_OK);
	}
	scene->told = scene->known.n;
}

/* A session that is taken up again: the share of the model in its next round
 * follows from whose trials the good ones were. */
static double
share_after(const char *good_source, const char *good_family,
            const char *bad_source, const char *bad_family)
{
	static const char *const set[] = { "coverage=false", NULL };
	uint32_t total = 0, seed, n;

	for (seed = 1; seed <= 8; seed++) {
		struct scene s;

		scene_start_seeded(&s, "g", set, seed);
		tell_stored(good_source, good_family, 1, 0);
		tell_stored(bad_source, bad_family, 0, 1);
		ck_assert_int_eq(play(2, 15, 100, &n, NULL), WW_OK);
		total += s.asked;
		scene_end();
	}
	return total / 8.0;
}

START_TEST(a_resumed_session_knows_whose_its_trials_are)
{
	double model = share_after("llm", "explore", "llm",
	                           "pattern: surrogate");
	double partner = share_after("llm", "pattern: surrogate", "llm",
	                             "explore");
	double filler = share_after("auto", "surrogate", "llm", "exploit");
	double nobody = share_after("default", "", "given", "");

	ck_assert_double_ge(model, partner + 3);
	ck_assert_double_ge(model, filler + 3);
	ck_assert_double_ge(nobody, partner);
	ck_assert_double_le(nobody, model);
}
END_TEST

START_TEST(a_model_cannot_sign_as_somebody_else)
{
	struct ww_proposal_info info = { .size = sizeof info,
		                         .family = "polish" };
	static const char *const names[] = { "polish", "auto: surrogate",
		                             "my own" };
	struct scene s;
	uint32_t n;

	info.family = names[_i];
	scene_start(&s, "g", NULL);
	scene->forged = &info;
	ck_assert_int_eq(play(1, 1, 84, &n, NULL), WW_OK);
	ck_assert_str_eq(s.last_family, _i == 2 ? "my own" : "model");
	scene_end();
}
END_TEST

static ww_status
keep_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	strncat(scene->variables, bytes, (size_t)length);
	return WW_OK;
}

START_TEST(the_note_says_what_happened)
{
	struct ww_text_sink sink = { .size = sizeof sink, .write = keep_text };
	struct fake_call call;
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", NULL);
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	s.variables[0] = '\0';
	fake_call_start(&call);
	ck_assert_int_eq(s.ops->note(&call.call, s.self, &sink), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "Round 1: answer 1"));
	ck_assert_ptr_nonnull(strstr(s.variables,
	                             "8 configurations from the model"));
	ck_assert_ptr_nonnull(strstr(s.variables, "from pattern"));
	ck_assert_int_eq(play(2, 15, 60, &n, NULL), WW_OK);
	s.variables[0] = '\0';
	ck_assert_int_eq(s.ops->note(&call.call, s.self, &sink), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "Last shared batch: "));
	scene_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("llm");
	TCase *rounds = tcase_create("rounds");

	tcase_add_test(rounds, rounds_are_filled_by_the_model);
	tcase_add_test(rounds, what_the_model_leaves_out_the_partner_adds);
	tcase_add_test(rounds, a_broken_partner_costs_nothing);
	tcase_add_loop_test(rounds, a_first_answer_may_be_bad, 0,
	                    (int)(sizeof openings / sizeof openings[0]));
	tcase_add_test(rounds,
	               later_one_empty_round_is_filled_and_two_are_an_error);
	tcase_add_test(rounds, a_locked_model_does_not_lock_the_search);
	tcase_add_test(rounds, every_value_is_tried_twice);
	tcase_add_test(rounds, gaps_are_named_to_the_model);
	tcase_add_test(rounds, the_last_round_polishes_the_best);
	tcase_add_test(rounds, a_good_model_gets_more_and_a_bad_one_less);
	tcase_add_test(rounds, a_share_that_was_lost_can_be_won_back);
	tcase_add_test(rounds, useless_answers_cost_the_model_its_share);
	tcase_add_test(rounds, the_partners_picks_are_told_to_the_model);
	tcase_add_test(rounds, a_circling_model_is_told_to_jump);
	tcase_add_test(rounds, a_resumed_session_knows_whose_its_trials_are);
	tcase_add_loop_test(rounds, a_model_cannot_sign_as_somebody_else, 0, 3);
	tcase_add_test(rounds, the_note_says_what_happened);
	suite_add_tcase(suite, rounds);
	return ww_unit_run(suite);
}
