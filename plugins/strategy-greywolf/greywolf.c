/* SPDX-License-Identifier: MIT
 *
 * Grey wolf optimisation with memory and adaptive shaking, in the manner that
 * Kernel Tuner ships as adaptive_tabu_greywolf: a small pack follows its three
 * leaders, shakes harder the longer nothing improves, accepts worse places
 * while it is warm, and replaces its weakest when it is stuck. Here a wolf moves
 * as soon as its last place is measured, and no place is ever visited twice.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/errands.h"
#include "plugins/common/search.h"

#define LEADERS 3
#define MOST_WOLVES 100
#define JUMP 0.15          /* of the shakes, to anywhere on one axis */
#define COOLING 5.0
#define COLDEST 1e-4

struct wolf {
	size_t place;      /* point, or none */
	double objective;  /* INFINITY: nothing usable yet */
	uint32_t pending;  /* proposals on their way */
};

struct greywolf {
	struct ww_search search; /* first */
	struct wolf pack[MOST_WOLVES];
	uint32_t n_wolves;
	double shake;
	double warmth;
	uint32_t patience;
	double best;
	uint32_t idle;           /* trials since the last best */
	double temperature;
	uint32_t mover;          /* wolf of the proposal at hand */
	struct errands errands;  /* of the wolves */
};

static void
greywolf_close(void *self)
{
	struct greywolf *greywolf = self;

	ww_search_clear(&greywolf->search);
	errands_clear(&greywolf->errands);
	free(greywolf);
}

static ww_status
greywolf_open(struct ww_call *call, const struct ww_host *host,
              const struct ww_space *space, void **self)
{
	const struct ww_options *options = host->options;
	struct greywolf *greywolf = calloc(1, sizeof *greywolf);
	ww_status status;
	uint32_t i;

	if (greywolf == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "greywolf: out of memory");
	status = ww_search_start(&greywolf->search, call, host, space,
	                         "greywolf");
	if (status != WW_OK) {
		free(greywolf);
		return status;
	}
	greywolf->n_wolves = (uint32_t)options->integer(options, "wolves");
	greywolf->shake = options->number(options, "shake");
	greywolf->warmth = options->number(options, "temperature");
	greywolf->patience = (uint32_t)options->integer(options, "patience");
	greywolf->best = INFINITY;
	for (i = 0; i < greywolf->n_wolves; i++)
		greywolf->pack[i] = (struct wolf){ .place = WW_POINT_NONE,
			                           .objective = INFINITY };
	*self = greywolf;
	return WW_OK;
}

/* ------------------------------------------------------------------- moves */

/* The wolves with the best places, best first. */
static uint32_t
find_leaders(const struct greywolf *greywolf, uint32_t leaders[LEADERS])
{
	uint32_t n = 0;
	uint32_t i, k;

	for (i = 0; i < greywolf->n_wolves; i++) {
		if (greywolf->pack[i].place == WW_POINT_NONE)
			continue;
		for (k = n; k > 0 && greywolf->pack[leaders[k - 1]].objective >
		                             greywolf->pack[i].objective;
		     k--)
			if (k < LEADERS)
				leaders[k] = leaders[k - 1];
		if (k < LEADERS)
			leaders[k] = i;
		n += n < LEADERS;
	}
	return n;
}

static int
is_leader(uint32_t wolf, const uint32_t *leaders, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (leaders[i] == wolf)
			return 1;
	return 0;
}

/* The follower that has fewest proposals on their way, in turn: leaders stay
 * where they are, for they are what the others go by. */
static uint32_t
choose_mover(struct greywolf *greywolf, const uint32_t *leaders, uint32_t n)
{
	uint32_t chosen = greywolf->n_wolves;
	uint32_t k;

	for (k = 1; k <= greywolf->n_wolves; k++) {
		uint32_t i = (greywolf->mover + k) % greywolf->n_wolves;

		if (is_leader(i, leaders, n))
			continue;
		if (chosen == greywolf->n_wolves ||
		    greywolf->pack[i].pending < greywolf->pack[chosen].pending)
			chosen = i;
	}
	return chosen;
}

static void
follow(struct greywolf *greywolf, const uint32_t *leaders, uint32_t n,
       uint32_t *row)
{
	struct ww_search *search = &greywolf->search;
	const struct wolf *mover = &greywolf->pack[greywolf->mover];
	uint32_t i;

	for (i = 0; i < search->space->n_slots; i++) {
		uint32_t k = ww_search_below(search, n + 1);
		size_t from = k < n ? greywolf->pack[leaders[k]].place
		                    : mover->place;

		row[i] = ww_points_row(&search->known, from)[i];
	}
}

static void
shake(struct greywolf *greywolf, double progress, uint32_t *row)
{
	struct ww_search *search = &greywolf->search;
	double chance = greywolf->shake *
	                (1.0 + (double)greywolf->idle / greywolf->patience);
	uint32_t at;

	if (search->n_varying == 0 ||
	    ww_search_unit(search) >= fmin(0.5, chance))
		return;
	if (ww_search_unit(search) < JUMP) {
		at = search->varying[ww_search_below(search,
		                                     search->n_varying)];
		row[at] = ww_search_below(search,
		                          search->space->slots[at].n_values);
	} else {
		ww_search_neighbour(search, row, progress < 0.5 ? 2 : 1, row);
	}
}

static ww_status
greywolf_next(void *self, const struct ww_budget *budget, uint32_t *row,
              const char **family)
{
	struct greywolf *greywolf = self;
	double progress = ww_search_progress(budget);
	uint32_t leaders[LEADERS];
	uint32_t n = find_leaders(greywolf, leaders);

	greywolf->temperature = fmax(COLDEST, greywolf->warmth *
	                                              exp(-COOLING * progress));
	greywolf->mover = choose_mover(greywolf, leaders, n);
	*family = "random";
	if (n == 0 ||
	    greywolf->pack[greywolf->mover].place == WW_POINT_NONE)
		return ww_search_fresh(&greywolf->search, row);
	*family = "follow";
	follow(greywolf, leaders, n, row);
	shake(greywolf, progress, row);
	if (ww_search_repair(&greywolf->search, row))
		return WW_OK;
	*family = "random";
	return ww_search_fresh(&greywolf->search, row);
}

static void
greywolf_taken(void *self, size_t point)
{
	struct greywolf *greywolf = self;

	if (errands_add(&greywolf->errands, point, greywolf->mover))
		greywolf->pack[greywolf->mover].pending++;
}

static ww_status
greywolf_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
             struct ww_config_sink *sink)
{
	struct greywolf *greywolf = self;

	return ww_search_ask(&greywolf->search, call, budget, sink,
	                     greywolf_next, greywolf_taken, greywolf);
}

/* ----------------------------------------------------------------- results */

/* The wolf that was sent there; what nobody was sent to strengthens the
 * weakest. */
static struct wolf *
take_errand(struct greywolf *greywolf, size_t point)
{
	struct wolf *weakest = &greywolf->pack[0];
	uint32_t wolf = errands_take(&greywolf->errands, point);
	size_t i;

	if (wolf != ERRANDS_NOBODY) {
		greywolf->pack[wolf].pending--;
		return &greywolf->pack[wolf];
	}
	for (i = 1; i < greywolf->n_wolves; i++)
		if (greywolf->pack[i].objective > weakest->objective)
			weakest = &greywolf->pack[i];
	return weakest;
}

static int
accepts(struct greywolf *greywolf, const struct wolf *wolf, double value)
{
	uint32_t leaders[LEADERS];
	uint32_t n = find_leaders(greywolf, leaders);

	if (value <= wolf->objective)
		return 1;
	/* A wolf may have become a leader while it was under way. */
	if (is_leader((uint32_t)(wolf - greywolf->pack), leaders, n))
		return 0;
	return ww_search_unit(&greywolf->search) <
	       exp(-log(value / wolf->objective) / greywolf->temperature);
}

/* Sends the weaker third of the pack to new places. */
static void
scatter(struct greywolf *greywolf)
{
	uint32_t n = (greywolf->n_wolves + 2) / 3;

	while (n-- > 0) {
		struct wolf *weakest = NULL;
		uint32_t i;

		for (i = 0; i < greywolf->n_wolves; i++) {
			struct wolf *wolf = &greywolf->pack[i];

			if (wolf->place != WW_POINT_NONE &&
			    (weakest == NULL ||
			     wolf->objective > weakest->objective))
				weakest = wolf;
		}
		if (weakest == NULL || weakest->objective <= greywolf->best)
			break;
		weakest->place = WW_POINT_NONE;
		weakest->objective = INFINITY;
	}
	greywolf->idle = 0;
}

static void
settle(struct greywolf *greywolf, size_t point)
{
	double value = greywolf->search.known.objectives[point];
	struct wolf *wolf = take_errand(greywolf, point);

	greywolf->idle++;
	if (isfinite(value) && accepts(greywolf, wolf, value)) {
		wolf->place = point;
		wolf->objective = value;
	}
	if (value < greywolf->best) {
		greywolf->best = value;
		greywolf->idle = 0;
	}
	if (greywolf->idle >= greywolf->patience)
		scatter(greywolf);
}

static ww_status
greywolf_tell(struct ww_call *call, void *self,
              const struct ww_trial *const *trials, uint64_t n)
{
	struct greywolf *greywolf = self;
	uint64_t i;

	for (i = 0; i < n; i++) {
		size_t point;
		ww_status status = ww_search_tell(&greywolf->search, call,
		                                  trials[i], &point);

		if (status != WW_OK)
			return status;
		settle(greywolf, point);
	}
	return WW_OK;
}

static const struct ww_option options[] = {
	{ .name = "wolves",
	  .default_value = "8",
	  .help = "size of the pack",
	  .type = WW_OPTION_INT,
	  .minimum = 4,
	  .maximum = MOST_WOLVES },
	{ .name = "shake",
	  .default_value = "0.2",
	  .help = "chance that a move is shaken; rises to one half while "
	          "nothing improves",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 0,
	  .maximum = 1 },
	{ .name = "temperature",
	  .default_value = "0.3",
	  .help = "how readily a wolf takes a slower place at the beginning, "
	          "in logarithms of time",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 1e-6,
	  .maximum = 100 },
	{ .name = "patience",
	  .default_value = "400",
	  .help = "trials without a better one before a third of the pack is "
	          "sent to new places",
	  .type = WW_OPTION_INT,
	  .minimum = 1,
	  .maximum = 1000000 },
};

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = greywolf_open,
	.close = greywolf_close,
	.ask = greywolf_ask,
	.tell = greywolf_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.n_options = sizeof options / sizeof options[0],
	.name = "greywolf",
	.version = "0.1.0",
	.summary = "adaptive tabu grey wolf: a pack that follows its leaders",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
