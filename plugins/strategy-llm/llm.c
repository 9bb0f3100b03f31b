/* SPDX-License-Identifier: MIT
 *
 * Strategy llm: a language model proposes, a classical strategy and complete
 * local moves work beside it on the same trials, and the host does the
 * statistics. One ask is one round.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

/* -- the instance -------------------------------------------------------------------- */

static ww_status
llm_tell(struct ww_call *call, void *self,
         const struct ww_trial *const *trials, uint64_t n)
{
	struct llm *llm = self;
	const struct ww_strategies *strategies = llm->search.host->strategies;
	uint64_t i;

	for (i = 0; i < n; i++)
		if (ww_llm_mark(llm, trials[i]->indices,
		                ww_llm_origin(trials[i]->source,
		                              trials[i]->family),
		                trials[i]->round) != WW_OK ||
		    ww_points_tell(&llm->search.known, trials[i]) != WW_OK)
			return ww_fail(call, WW_E_NO_MEMORY,
			               "llm: out of memory");
	if (llm->partner != NULL)
		return strategies->tell(strategies, call, llm->partner, trials,
		                        n);
	return WW_OK;
}

static ww_status
write_text(struct ww_text_sink *sink, const char *text)
{
	return sink->write(sink, text, strlen(text));
}

static ww_status
llm_note(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct llm *llm = self;
	char line[512];
	ww_status status = WW_OK;

	(void)call;
	if (llm->analysis_round > 0) {
		snprintf(line, sizeof line, "Round %u: ", llm->analysis_round);
		status = write_text(sink, line);
		if (status == WW_OK)
			status = write_text(sink, llm->analysis);
		if (status == WW_OK && llm->strategy[0] != '\0')
			status = write_text(sink, "\nStrategy: ");
		if (status == WW_OK)
			status = write_text(sink, llm->strategy);
		if (status == WW_OK)
			status = write_text(sink, "\n");
	}
	snprintf(line, sizeof line,
	         "%u answers; %u configurations from the model (%u refused), "
	         "%u from %s, %u beside the best, %u far from all, %u to cover "
	         "untried values, %u to polish the best\n",
	         llm->answers, llm->proposed[FROM_MODEL], llm->refused,
	         llm->proposed[FROM_SURROGATE],
	         llm->partner_name[0] != '\0' ? llm->partner_name : "nobody",
	         llm->proposed[FROM_LOCAL], llm->proposed[FROM_DIVERSE],
	         llm->proposed[FROM_COVERAGE], llm->proposed[FROM_POLISH]);
	if (status == WW_OK)
		status = write_text(sink, line);
	if (llm->shares[FROM_MODEL] == 0)
		return status;
	snprintf(line, sizeof line,
	         "Last shared batch: %u model, %u %s, %u beside the best, %u far "
	         "from all\n",
	         llm->shares[FROM_MODEL], llm->shares[FROM_SURROGATE],
	         llm->partner_name[0] != '\0' ? llm->partner_name : "partner",
	         llm->shares[FROM_LOCAL], llm->shares[FROM_DIVERSE]);
	return status == WW_OK ? write_text(sink, line) : status;
}

static void
llm_close(void *self)
{
	struct llm *llm = self;

	if (llm->partner != NULL)
		llm->search.host->strategies->close(llm->search.host->strategies,
		                             llm->partner);
	ww_moves_clear(&llm->moves);
	ww_search_clear(&llm->search);
	free(llm->marks);
	free(llm->spare);
	free(llm);
}

/* Strategies that may stand beside the model, best first, where the user names
 * none. */
static const char *const helpers[] = { "auto", "pattern", "random" };
#define N_HELPERS (sizeof helpers / sizeof helpers[0])

static ww_status
open_partner(struct llm *llm, struct ww_call *call)
{
	const struct ww_options *options = llm->search.host->options;
	const struct ww_strategies *strategies = llm->search.host->strategies;
	const char *asked = options->string(options, "partner");
	ww_status status;
	size_t i;

	if (strategies == NULL || (asked != NULL && !strcmp(asked, "none")))
		return WW_OK;
	for (i = 0; i < N_HELPERS; i++) {
		const char *name = asked != NULL ? asked : helpers[i];

		status = strategies->open(strategies, call, name,
		                          &llm->partner);
		if (status == WW_OK) {
			snprintf(llm->partner_name, sizeof llm->partner_name,
			         "%s", name);
			return WW_OK;
		}
		llm->partner = NULL;
		if (asked != NULL)
			return status;
	}
	return WW_OK;
}

static ww_status
name_filler(struct llm *llm, struct ww_call *call)
{
	const struct ww_options *options = llm->search.host->options;
	const struct ww_strategies *strategies = llm->search.host->strategies;
	const char *asked = options->string(options, "overlap");
	ww_status status;
	size_t i;

	if (strategies == NULL || asked == NULL)
		return WW_OK;
	status = strategies->set_filler(strategies, call, asked);
	if (status == WW_OK || options->from_user(options, "overlap"))
		return status;
	for (i = 0; i < N_HELPERS; i++)
		if (strategies->set_filler(strategies, call, helpers[i]) ==
		    WW_OK)
			return WW_OK;
	return WW_OK;
}

static void
read_options(struct llm *llm)
{
	const struct ww_options *options = llm->search.host->options;

	llm->polish = (uint32_t)options->integer(options, "polish");
	llm->opening = options->number(options, "opening");
	llm->coverage = options->boolean(options, "coverage");
	llm->arbitrate = options->boolean(options, "arbitrate");
	llm->repair = options->boolean(options, "repair");
}

static ww_status
llm_open(struct ww_call *call, const struct ww_host *host,
         const struct ww_space *space, void **self)
{
	struct llm *llm = calloc(1, sizeof *llm);
	ww_status status;

	if (llm == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "llm: out of memory");
	status = ww_search_start(&llm->search, call, host, space, "llm");
	if (status != WW_OK) {
		free(llm);
		return status;
	}
	llm->spare = calloc(space->n_slots + 1, sizeof *llm->spare);
	if (llm->spare == NULL ||
	    !ww_moves_start(&llm->moves, space, &llm->search.known)) {
		llm_close(llm);
		return ww_fail(call, WW_E_NO_MEMORY, "llm: out of memory");
	}
	read_options(llm);
	status = open_partner(llm, call);
	if (status == WW_OK)
		status = name_filler(llm, call);
	if (status != WW_OK) {
		llm_close(llm);
		return status;
	}
	*self = llm;
	return WW_OK;
}

static const struct ww_option options[] = {
	{ .name = "overlap",
	  .type = WW_OPTION_STRING,
	  .default_value = "auto",
	  .help = "strategy that keeps the devices busy while the model "
	          "thinks; none: they wait" },
	{ .name = "partner",
	  .type = WW_OPTION_STRING,
	  .help = "strategy that completes rounds beside the model; none: "
	          "random configurations; unset: the best one there is" },
	{ .name = "polish",
	  .type = WW_OPTION_INT,
	  .default_value = "8",
	  .minimum = 0,
	  .maximum = 10000,
	  .help = "how many of the last configurations are one-parameter "
	          "moves around the best (at most half of the last round)" },
	{ .name = "coverage",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "try values that the model leaves out, from the second "
	          "round on" },
	{ .name = "arbitrate",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "from the second round on, share batches by success between "
	          "model, partner, moves around the best and far points" },
	{ .name = "opening",
	  .type = WW_OPTION_FLOAT,
	  .default_value = "0.8",
	  .minimum = 0,
	  .maximum = 1,
	  .help = "part of the first round that the model proposes; the rest "
	          "goes to what it left out" },
	{ .name = "repair",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "ask once more after an answer without a usable "
	          "configuration" },
};

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_ROUNDS,
	.flags = WW_STRATEGY_USES_MODEL,
	.open = llm_open,
	.close = llm_close,
	.ask = ww_llm_ask,
	.tell = llm_tell,
	.note = llm_note,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.n_options = sizeof options / sizeof options[0],
	.name = "llm",
	.version = "0.1.0",
	.summary = "a language model proposes, measured results go back to it",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
