/* SPDX-License-Identifier: MIT
 *
 * Who has earned the next batch: the model, the surrogate, moves around the best
 * or points far from everything. Each arm gets a draw from the distribution of
 * its success rate (a success is a trial among the best tenth of all), weighed
 * by what it is good for before anything is known. Older rounds count half as
 * much as the one after them, so an arm that has lost its share can win it back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

/* What an older round counts beside the next one. */
#define FADING 0.5
/* Trials an arm's record may weigh at most: a long past is no certainty. */
#define MOST_WEIGHT 30

static const struct {
	double weight;  /* before anything is known */
	double least;   /* nobody is left without a voice … */
	double largest; /* … or alone */
} arms[N_ARMS] = {
	[FROM_MODEL] = { 0.5, 0.15, 0.60 },
	[FROM_SURROGATE] = { 0.3, 0.25, 0.60 },
	[FROM_LOCAL] = { 0.15, 0.10, 0.35 },
	[FROM_DIVERSE] = { 0.05, 0, 0.15 },
};

struct record {
	double wins;
	double losses;
};

static double
draw_normal(const struct ww_random *random)
{
	double radius = sqrt(-2 * log(1 - ww_random_unit(random)));

	return radius * cos(6.283185307179586 * ww_random_unit(random));
}

/* A draw from Gamma(shape, 1), shape >= 1, by Marsaglia's and Tsang's method. */
static double
draw_gamma(const struct ww_random *random, double shape)
{
	double d = shape - 1.0 / 3;
	double c = 1 / sqrt(9 * d);

	for (;;) {
		double x = draw_normal(random);
		double v = 1 + c * x;
		double u = 1 - ww_random_unit(random);

		v = v * v * v;
		if (v > 0 && log(u) < x * x / 2 + d - d * v + d * log(v))
			return d * v;
	}
}

static double
draw_rate(const struct ww_random *random, const struct record *record)
{
	double sum = record->wins + record->losses;
	double scale = sum > MOST_WEIGHT ? MOST_WEIGHT / sum : 1;
	double wins = draw_gamma(random, record->wins * scale + 1);
	double losses = draw_gamma(random, record->losses * scale + 1);

	return wins / (wins + losses);
}

/* The arm that a trial speaks for; coverage and polish speak for none, because
 * they are not asked for their success. */
static void
count(const struct llm *llm, uint32_t round, double threshold,
      struct record records[N_ARMS])
{
	size_t i;

	for (i = 0; i < llm->n_marks; i++) {
		const struct llm_mark *mark = &llm->marks[i];
		double objective = llm->search.known.objectives[i];
		uint32_t age = round > mark->round ? round - mark->round : 1;
		double weight = pow(FADING, age - 1.0);

		if (mark->origin >= N_ARMS || isnan(objective))
			continue;
		if (objective <= threshold)
			records[mark->origin].wins += weight;
		else
			records[mark->origin].losses += weight;
	}
	/* What could not even be tried was asked for in vain. */
	records[FROM_MODEL].losses += llm->spoilt;
}

/* The objective that ends the best tenth; infinite if nothing was measured. */
static double
best_tenth(const struct ww_points *known)
{
	size_t tenth = (known->n_good + 9) / 10;
	double threshold = INFINITY;
	size_t *best;

	if (tenth == 0)
		return INFINITY;
	best = malloc(tenth * sizeof *best);
	if (best == NULL)
		return INFINITY;
	tenth = ww_points_best(known, best, tenth);
	threshold = known->objectives[best[tenth - 1]];
	free(best);
	return threshold;
}

/* Shares that add up to one, each within its limits; what the limits leave over
 * or lack, the surrogate gets or gives, and the model where that is not enough. */
static void
limit_shares(const struct llm *llm, double share[N_ARMS])
{
	double sum = 0, rest = 1;
	int i;

	if (llm->partner == NULL)
		share[FROM_SURROGATE] = 0;
	for (i = 0; i < N_ARMS; i++)
		sum += share[i];
	for (i = 0; i < N_ARMS; i++) {
		share[i] = sum > 0 ? share[i] / sum : arms[i].weight;
		share[i] = fmax(fmin(share[i], arms[i].largest),
		                arms[i].least);
		rest -= i == FROM_SURROGATE ? 0 : share[i];
	}
	if (llm->partner == NULL) {
		share[FROM_SURROGATE] = 0;
		share[FROM_MODEL] += rest;
		return;
	}
	share[FROM_SURROGATE] = fmax(rest, arms[FROM_SURROGATE].least);
	share[FROM_MODEL] -= share[FROM_SURROGATE] - rest;
}

/* Whole configurations by the largest remainder. */
static void
apportion(const double share[N_ARMS], uint32_t want, uint32_t shares[N_ARMS])
{
	uint32_t given = 0;
	int i;

	for (i = 0; i < N_ARMS; i++) {
		shares[i] = (uint32_t)(share[i] * want);
		given += shares[i];
	}
	while (given < want) {
		int most = 0;

		for (i = 1; i < N_ARMS; i++)
			if (share[i] * want - shares[i] >
			    share[most] * want - shares[most])
				most = i;
		shares[most]++;
		given++;
	}
	if (shares[FROM_MODEL] == 0 && want > 0) {
		int most = FROM_SURROGATE;

		for (i = FROM_LOCAL; i < N_ARMS; i++)
			if (shares[i] > shares[most])
				most = i;
		shares[most]--;
		shares[FROM_MODEL] = 1;
	}
}

void
ww_llm_shares(struct llm *llm, uint32_t round, uint32_t want,
              uint32_t shares[N_ARMS])
{
	struct record records[N_ARMS] = { { 0, 0 } };
	double share[N_ARMS];
	int i;

	count(llm, round, best_tenth(&llm->search.known), records);
	for (i = 0; i < N_ARMS; i++)
		share[i] = arms[i].weight *
		           draw_rate(llm->search.host->random, &records[i]);
	limit_shares(llm, share);
	apportion(share, want, shares);
	memcpy(llm->shares, shares, sizeof llm->shares);
	llm->spoilt *= FADING;
}
