/* SPDX-License-Identifier: MIT
 *
 * One round: polish, coverage, the shares of the surrogate, of local moves and of
 * far points, the model, and what fills the rest. What does not come from the
 * model goes first, so that it is compiled while the model thinks.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/far.h"
#include "plugins/strategy-llm/llm.h"

/* Rounds without a usable configuration after which the model is given up. */
#define MOST_EMPTY_ROUNDS 2
/* From this round on the arms share the batch by credit. */
#define FIRST_SHARED_ROUND 2

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
	                  round->budget->round,
	                  at_most(llm->polish, (round->left + 1) / 2));
	if (ww_llm_polish(llm, &step) != WW_OK)
		step.out_of_memory = 1;
	return step_done(round, &step);
}

static ww_status
cover(struct round *round, uint32_t limit)
{
	struct llm *llm = round->llm;
	struct llm_sink step;

	if (!llm->coverage || limit == 0 || round->stopped)
		return WW_OK;
	ww_llm_sink_start(&step, llm, round->sink, FROM_COVERAGE,
	                  round->budget->round, limit);
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
	ww_llm_sink_start(&step, llm, round->sink, FROM_SURROGATE,
	                  round->budget->round, want);
	status = strategies->ask(strategies, round->call, llm->partner,
	                         &budget, &step.sink);
	if (status == WW_E_CANCELLED)
		return status;
	if (status < 0) {
		ww_log_message(llm->search.host->log, WW_LOG_WARNING,
		       "strategy %s failed beside the model and is left out",
		       llm->partner_name);
		strategies->close(strategies, llm->partner);
		llm->partner = NULL;
	}
	return step_done(round, &step);
}

static ww_status
move_locally(struct round *round, uint32_t want)
{
	struct llm_sink step;

	if (want == 0 || round->stopped)
		return WW_OK;
	ww_llm_sink_start(&step, round->llm, round->sink, FROM_LOCAL,
	                  round->budget->round, want);
	if (ww_llm_local(round->llm, &step) != WW_OK)
		step.out_of_memory = 1;
	return step_done(round, &step);
}

/* Points as far as possible from everything known. */
static ww_status
spread(struct round *round, uint32_t want)
{
	static const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = "diverse",
		.reason = "far from everything tried",
	};
	struct llm *llm = round->llm;
	struct llm_sink step;
	ww_status status = WW_OK;

	ww_llm_sink_start(&step, llm, round->sink, FROM_DIVERSE,
	                  round->budget->round, want);
	while (status == WW_OK && step.taken < want && !round->stopped) {
		status = ww_far_point(&llm->search, llm->spare);
		if (status == WW_OK)
			status = step.sink.push(&step.sink, llm->spare, &info);
		if (status == WW_E_DUPLICATE)
			status = WW_OK; /* it is known now */
	}
	step.out_of_memory = step.out_of_memory || status == WW_E_NO_MEMORY;
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
	ww_llm_sink_start(&step, llm, round->sink, FROM_DIVERSE,
	                  round->budget->round, round->left);
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
		    ww_llm_mark(llm, llm->spare, FROM_ELSEWHERE,
		                round->budget->round) != WW_OK)
			return ww_fail(round->call, WW_E_NO_MEMORY,
			               "llm: out of memory");
	}
	return step_done(round, &step);
}

/* -- the model -------------------------------------------------------------------- */

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
	char *variables = ww_llm_variables(llm, llm->coverage &&
	                                         round->budget->round > 1);
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
	uint32_t refused;

	if (variables == NULL)
		return ww_fail(round->call, WW_E_NO_MEMORY,
		               "llm: out of memory");
	memset(report, 0, sizeof *report);
	report->size = sizeof *report;
	status = model->propose(model, round->call, &request, &step->sink,
	                        report);
	free(variables);
	llm->answers++;
	refused = report->invalid + report->duplicate + report->unreadable;
	llm->refused += refused;
	llm->spoilt += at_most(refused, want);
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
		ww_log_message(llm->search.host->log, WW_LOG_WARNING,
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
	ww_llm_sink_start(&step, llm, round->sink, FROM_MODEL,
	                  round->budget->round, want);
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

/* The first round: the model's part, and then what its answer leaves out. What is
 * known of the space is worth as much as what the model knows of kernels, so both
 * have a part. */
static ww_status
open_search(struct round *round)
{
	struct llm *llm = round->llm;
	uint32_t share = (uint32_t)(llm->opening * round->left + 0.5);
	ww_status status;

	if (llm->coverage == 0 && !llm->arbitrate)
		share = round->left;
	status = ask_model(round, share < 1 ? 1 : share);
	if (status == WW_OK)
		status = cover(round, round->left);
	if (status == WW_OK && llm->arbitrate && share < round->budget->want)
		status = spread(round, at_most(round->left,
		                               round->budget->want - share));
	return status;
}

static ww_status
share_batch(struct round *round)
{
	struct llm *llm = round->llm;
	uint32_t shares[N_ARMS] = { 0 };
	ww_status status;

	shares[FROM_MODEL] = round->left;
	if (llm->arbitrate && round->left > 1 &&
	    round->budget->round >= FIRST_SHARED_ROUND)
		ww_llm_shares(llm, round->budget->round, round->left, shares);
	status = ask_partner(round, shares[FROM_SURROGATE]);
	if (status == WW_OK)
		status = move_locally(round, shares[FROM_LOCAL]);
	if (status == WW_OK)
		status = spread(round, shares[FROM_DIVERSE]);
	if (status == WW_OK)
		status = ask_model(round, at_most(shares[FROM_MODEL],
		                                  round->left));
	return status;
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

	if (budget->evaluations_left < round.left)
		round.left = (uint32_t)budget->evaluations_left;
	if (round.left == 0)
		return WW_OK;
	if (llm->search.host->model == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "strategy llm: this host offers no model");
	llm->n_picks = 0;
	status = polish(&round);
	if (status == WW_OK && budget->round < FIRST_SHARED_ROUND)
		status = open_search(&round);
	else if (status == WW_OK) {
		/* By about the thirtieth trial, whatever that takes of the
		 * second batch. */
		status = cover(&round, budget->round == FIRST_SHARED_ROUND
		                               ? round.left * 2 / 3
		                               : (round.left + 2) / 3);
		if (status == WW_OK && round.left > 0)
			status = share_batch(&round);
	}
	if (status == WW_OK && round.left > 0 && !round.stopped)
		status = fill_up(&round);
	if (status == WW_OK && round.exhausted)
		return WW_EXHAUSTED;
	return status;
}
