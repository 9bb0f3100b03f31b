/* SPDX-License-Identifier: MIT
 *
 * Who has earned the next batch: the model or the strategy beside it. Each gets
 * a draw from the distribution of its success rate (a success is a trial among
 * the best tenth of all); the batch is shared in the proportion of the draws.
 */
#include <math.h>
#include <stdlib.h>

#include "plugins/strategy-llm/llm.h"

/* Neither side is ever left without a voice. */
#define LEAST_SHARE 0.3
#define LARGEST_SHARE 0.8
/* Told trials of each side before success rates mean anything. */
#define LEAST_TRIALS 3

struct record {
	uint32_t wins;
	uint32_t losses;
};

/* A draw from Gamma(n, 1) for a whole n: a sum of exponential ones. */
static double
draw_gamma(const struct ww_random *random, uint32_t n)
{
	double sum = 0;

	while (n-- > 0)
		sum -= log(1 - ww_random_unit(random));
	return sum;
}

static double
draw_rate(const struct ww_random *random, const struct record *record)
{
	double wins = draw_gamma(random, record->wins + 1);
	double losses = draw_gamma(random, record->losses + 1);

	return wins / (wins + losses);
}

static void
count(const struct llm *llm, struct record *model, struct record *others,
      double threshold)
{
	size_t i;

	for (i = 0; i < llm->n_origins; i++) {
		double objective = llm->search.known.objectives[i];
		struct record *record =
			llm->origins[i] == FROM_MODEL ? model : others;

		if (isnan(objective) || llm->origins[i] == FROM_COVERAGE)
			continue;
		if (objective <= threshold)
			record->wins++;
		else
			record->losses++;
	}
}

uint32_t
ww_llm_share(struct llm *llm, uint32_t want)
{
	struct record model = { 0 }, others = { 0 };
	size_t tenth = (llm->search.known.n_good + 9) / 10;
	double a, b, share;
	size_t *best;

	if (tenth == 0)
		return want;
	best = malloc(tenth * sizeof *best);
	if (best == NULL)
		return want;
	tenth = ww_points_best(&llm->search.known, best, tenth);
	count(llm, &model, &others, llm->search.known.objectives[best[tenth - 1]]);
	free(best);
	if (model.wins + model.losses < LEAST_TRIALS ||
	    others.wins + others.losses < LEAST_TRIALS)
		return want;
	a = draw_rate(llm->search.host->random, &model);
	b = draw_rate(llm->search.host->random, &others);
	share = a / (a + b);
	share = share < LEAST_SHARE ? LEAST_SHARE : share;
	share = share > LARGEST_SHARE ? LARGEST_SHARE : share;
	share = ceil(share * want);
	return share < 1 ? 1 : (uint32_t)share;
}
