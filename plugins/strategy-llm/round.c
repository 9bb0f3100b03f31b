/* SPDX-License-Identifier: MIT
 *
 * One round: polish, coverage, the partner's share, the model, and what fills
 * the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

/* Rounds without a usable configuration after which the model is given up. */
#define MOST_EMPTY_ROUNDS 2
/* From this round on the model and its partner share the batch by credit. */
#define FIRST_SHARED_ROUND 3

/* -- the sink ----------------------------------------------------------------- */

ww_status
ww_llm_mark(struct llm *llm, const uint32_t *indices, enum origin origin)
{
	size_t before = llm->search.known.n;
	size_t i = ww_points_add(&llm->search.known, indices);

	if (i == WW_POINT_NONE)
		return WW_E_NO_MEMORY;
	if (i < before)
		return WW_OK;
	if (i >= llm->origins_capacity) {
		size_t capacity = llm->origins_capacity * 2 + 128;
		unsigned char *grown = realloc(llm->origins, capacity);

		if (grown == NULL)
			return WW_E_NO_MEMORY;
		llm->origins = grown;
		llm->origins_capacity = capacity;
	}
	llm->origins[i] = (unsigned char)origin;
	llm->n_origins = i + 1;
	return WW_OK;
}

static ww_status
sink_push(struct ww_config_sink *self, const uint32_t *indices,
          const struct ww_proposal_info *info)
{
	struct llm_sink *sink = (struct llm_sink *)self;
	ww_status status;

	if (sink->taken >= sink->limit || sink->stopped || sink->out_of_memory)
		return WW_STOPPED;
	status = sink->outer->push(sink->outer, indices, info);
	if (status == WW_STOPPED) {
		sink->stopped = 1;
		return status;
	}
	if (status == WW_OK || status == WW_E_DUPLICATE) {
		enum origin origin = status == WW_OK ? sink->origin
		                                     : FROM_ELSEWHERE;

		if (ww_llm_mark(sink->llm, indices, origin) != WW_OK)
			sink->out_of_memory = 1;
	}
	if (status == WW_OK) {
		sink->taken++;
		sink->llm->proposed[sink->origin]++;
	}
	return status;
}

void
ww_llm_sink_start(struct llm_sink *sink, struct llm *llm,
                  struct ww_config_sink *outer, enum origin origin,
                  uint32_t limit)
{
	memset(sink, 0, sizeof *sink);
	sink->sink.size = sizeof sink->sink;
	sink->sink.push = sink_push;
	sink->outer = outer;
	sink->llm = llm;
	sink->origin = origin;
	sink->limit = limit;
}

/* -- one round ------------------------------------------------------------------ */

struct round {
	struct ww_call *call;
	struct llm *llm;
	const struct ww_budget *budget;
	struct ww_config_sink *sink;
	uint32_t left;  /* configurations still to find */
	int stopped;
	int exhausted;
};

/* Ends a step: what it took is no longer to be found. */
static ww_status
step_done(struct round *round, const struct llm_sink *step)
{
	round->left -= step->taken < round->left ? step->taken : round->left;
	round->stopped = round->stopped || step->stopped;
	if (step->out_of_memory)
		return ww_fail(round->call, WW_E_NO_MEMORY,
		               "llm: out of memory");
	return WW_OK;
}

static uint32_t
at_most(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The last round: half of it, at most, goes to the neighbours of the best. They
 * are compiled while the model thinks. */
static ww_status
polish(struct round *round)
{
	struct llm *llm = round->llm;
	struct llm_sink step;

	if (llm->polish == 0 || llm->search.known.n_good == 0 ||
	    round->budget->evaluations_left > round->budget->want)
		return WW_OK;
	ww_llm_sink_start(&step, llm, round->sink, FROM_POLISH,
	                  at_most(llm->polish, (round->left + 1) / 2));
	if (ww_llm_polish(llm, &step) != WW_OK)
		step.out_of_memory = 1;
	return step_done(round, &step);
}

static ww_status
cover(struct round *round)
{
	struct llm *llm = round->llm;
	struct llm_sink step;

	if (!llm->coverage || round->budget->round < 2)
		return WW_OK;
	ww_llm_sink_start(&step, llm, round->sink, FROM_COVERAGE,
	                  (round->left + 2) / 3);
	if (ww_llm_cover(llm, &step) != WW_OK)
		step.out_of_memory = 1;
	return step_done(round, &step);
}

/* Asks the partner for `want`; one that fails is not asked again. */
static ww_status
ask_partner(struct round *round, uint32_t want)
{
	struct llm *llm = round->llm;
	const struct ww_strategies *strategies = llm->search.host->strategies;
	struct ww_budget budget = *round->budget;
	struct llm_sink step;
	ww_status status;

	if (llm->partner == NULL || want == 0 || round->stopped)
		return WW_OK;
	budget.size = sizeof budget;
	budget.want = want;
	ww_llm_sink_start(&step, llm, round->sink, FROM_PARTNER, want);
	status = strategies->ask(strategies, round->call, llm->partner,
	                         &budget, &step.sink);
	if (status == WW_E_CANCELLED)
		return status;
	if (status < 0) {
		ww_log(llm->search.host->log, WW_LOG_WARNING,
		       "strategy %s failed beside the model and is left out",
		       llm->partner_name);
		strategies->close(strategies, llm->partner);
		llm->partner = NULL;
	}
	return step_done(round, &step);
}

/* What neither the model nor the partner found: uniform configurations. */
static ww_status
fill_up(struct round *round)
{
	static const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = "random",
	};
	struct llm *llm = round->llm;
	struct llm_sink step;
	ww_status status;

	status = ask_partner(round, round->left);
	if (status != WW_OK)
		return status;
	ww_llm_sink_start(&step, llm, round->sink, FROM_PARTNER, round->left);
	while (step.taken < step.limit && !step.stopped && !round->stopped) {
		status = ww_search_fresh(&llm->search, llm->spare);
		if (status == WW_EXHAUSTED) {
			round->exhausted = 1;
			break;
		}
		if (status == WW_OK)
			status = step.sink.push(&step.sink, llm->spare, &info);
		if (step.out_of_memory || status == WW_E_NO_MEMORY)
			return ww_fail(round->call, WW_E_NO_MEMORY,
			               "llm: out of memory");
		/* A refused one is known now, or nothing would change. */
		if (status == WW_E_INVALID &&
		    ww_llm_mark(llm, llm->spare, FROM_ELSEWHERE) != WW_OK)
			return ww_fail(round->call, WW_E_NO_MEMORY,
			               "llm: out of memory");
	}
	return step_done(round, &step);
}

/* -- the model -------------------------------------------------------------------- */

/* {"gaps": "…"} as JSON text. */
static void
write_variables(char *text, size_t size, const char *gaps)
{
	size_t at = (size_t)snprintf(text, size, "{\"gaps\":\"");

	for (; *gaps != '\0' && at + 10 < size; gaps++) {
		unsigned char c = (unsigned char)*gaps;

		if (c == '"' || c == '\\')
			text[at++] = '\\';
		if (c < 0x20)
			c = ' ';
		text[at++] = (char)c;
	}
	snprintf(text + at, size - at, "\"}");
}

static void
keep_words(struct llm *llm, const struct ww_proposal_report *report,
           uint32_t round)
{
	if (report->analysis[0] == '\0' && report->strategy[0] == '\0')
		return;
	memcpy(llm->analysis, report->analysis, sizeof llm->analysis);
	memcpy(llm->strategy, report->strategy, sizeof llm->strategy);
	llm->analysis_round = round;
}

/* One request to the model. */
static ww_status
ask_model_once(struct round *round, struct llm_sink *step, uint32_t want,
               uint32_t repair, struct ww_proposal_report *report)
{
	struct llm *llm = round->llm;
	const struct ww_model *model = llm->search.host->model;
	char gaps[2000] = "", variables[4200];
	struct ww_proposal_request request = {
		.size = sizeof request,
		.want = want,
		.round = round->budget->round,
		.repair = repair,
		.system = "system",
		.user = round->budget->round > 1 && llm->search.known.n_good > 0
		                ? "refine"
		                : "initial",
		.variables = variables,
	};
	ww_status status;

	if (llm->coverage && round->budget->round > 1)
		ww_llm_gaps(llm, gaps, sizeof gaps);
	write_variables(variables, sizeof variables, gaps);
	memset(report, 0, sizeof *report);
	report->size = sizeof *report;
	status = model->propose(model, round->call, &request, &step->sink,
	                        report);
	llm->answers++;
	llm->refused += report->invalid + report->duplicate +
	                report->unreadable;
	keep_words(llm, report, round->budget->round);
	return status;
}

/* Failures of one answer, as opposed to failures of the service. */
static int
is_bad_answer(ww_status status)
{
	return status == WW_E_FORMAT || status == WW_E_TRUNCATED ||
	       status == WW_E_REFUSAL;
}

/* The model gave nothing usable, twice if that was worth a try. */
static ww_status
judge_empty(struct round *round, ww_status status,
            const struct ww_proposal_report *report)
{
	struct llm *llm = round->llm;

	llm->empty_rounds++;
	if (llm->empty_rounds < MOST_EMPTY_ROUNDS &&
	    llm->proposed[FROM_MODEL] > 0) {
		ww_log(llm->search.host->log, WW_LOG_WARNING,
		       "round %u: no usable configuration from the model; "
		       "%s fills the round",
		       round->budget->round,
		       llm->partner != NULL ? llm->partner_name : "random");
		return WW_OK;
	}
	return ww_fail(round->call, status < 0 ? status : WW_E_FORMAT,
	               "the model's answer holds no usable configuration: %u "
	               "found, %u invalid, %u known already, %u unreadable",
	               report->found, report->invalid, report->duplicate,
	               report->unreadable);
}

static ww_status
ask_model(struct round *round, uint32_t want)
{
	struct llm *llm = round->llm;
	struct ww_proposal_report report;
	struct llm_sink step;
	ww_status status, done;

	if (want == 0 || round->stopped)
		return WW_OK;
	ww_llm_sink_start(&step, llm, round->sink, FROM_MODEL, want);
	status = ask_model_once(round, &step, want, 0, &report);
	if (step.taken == 0 && !step.stopped && llm->repair &&
	    status != WW_E_REFUSAL &&
	    (status >= 0 || is_bad_answer(status)))
		status = ask_model_once(round, &step, want, 1, &report);
	done = step_done(round, &step);
	if (done != WW_OK)
		return done;
	if (status < 0 && !is_bad_answer(status))
		return status;
	if (step.taken == 0 && !step.stopped)
		return judge_empty(round, status, &report);
	llm->empty_rounds = 0;
	return WW_OK;
}

ww_status
ww_llm_ask(struct ww_call *call, void *self,
           const struct ww_budget *budget, struct ww_config_sink *sink)
{
	struct llm *llm = self;
	struct round round = { .call = call,
		               .llm = llm,
		               .budget = budget,
		               .sink = sink,
		               .left = budget->want };
	ww_status status;
	uint32_t share;

	if (budget->evaluations_left < round.left)
		round.left = (uint32_t)budget->evaluations_left;
	if (round.left == 0)
		return WW_OK;
	if (llm->search.host->model == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "strategy llm: this host offers no model");
	status = polish(&round);
	if (status == WW_OK)
		status = cover(&round);
	share = round.left;
	if (status == WW_OK && llm->arbitrate && llm->partner != NULL &&
	    budget->round >= FIRST_SHARED_ROUND && round.left > 1) {
		share = ww_llm_share(llm, round.left);
		status = ask_partner(&round, round.left - share);
	}
	if (status == WW_OK)
		status = ask_model(&round, at_most(share, round.left));
	if (status == WW_OK && round.left > 0 && !round.stopped)
		status = fill_up(&round);
	if (status == WW_OK && round.exhausted)
		return WW_EXHAUSTED;
	return status;
}
