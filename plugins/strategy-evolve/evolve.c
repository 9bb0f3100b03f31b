/* SPDX-License-Identifier: MIT
 *
 * Evolution on islands with an archive of elites. Children come one at a time:
 * from a model that is shown a parent and some inspirations, as long as one
 * answers, else from crossover and mutation that respect the constraints.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/errands.h"
#include "plugins/strategy-evolve/islands.h"

#define RANK_POWER 2.0     /* the better an elite, the likelier a parent */
#define MOST_FAILURES 3    /* of the model in a row before it is left alone */
#define INSPIRATIONS 3
#define CONFIG_TEXT 1024

struct evolve {
	struct ww_search search; /* first */
	struct ww_islands islands;
	uint32_t start;          /* random configurations at first */
	uint32_t migration;      /* results between two migrations */
	double foreign;          /* chance of a parent from another island */
	double mutation;
	uint32_t model_failures;
	uint32_t turn;           /* island of the next child */
	uint64_t settled;
	struct errands errands;  /* of the islands */
};

static void
evolve_close(void *self)
{
	struct evolve *evolve = self;

	ww_search_clear(&evolve->search);
	errands_clear(&evolve->errands);
	free(evolve);
}

/* At least one, also where the host does not know the option. */
static uint32_t
count_option(const struct ww_options *options, const char *name)
{
	int64_t count = options->integer(options, name);

	return count < 1 ? 1 : (uint32_t)count;
}

static ww_status
evolve_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *space, void **self)
{
	const struct ww_options *options = host->options;
	struct evolve *evolve = calloc(1, sizeof *evolve);
	ww_status status;

	if (evolve == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "evolve: out of memory");
	status = ww_search_start(&evolve->search, call, host, space, "evolve");
	if (status != WW_OK) {
		free(evolve);
		return status;
	}
	evolve->start = count_option(options, "start");
	evolve->migration = count_option(options, "migration");
	evolve->foreign = options->number(options, "foreign");
	evolve->mutation = options->number(options, "mutation");
	ww_islands_start(&evolve->islands, &evolve->search,
	                 count_option(options, "islands"));
	*self = evolve;
	return WW_OK;
}

/* ----------------------------------------------------------------- parents */

static uint32_t
draw_rank(const struct evolve *evolve, uint32_t n)
{
	double unit = ww_search_unit(&evolve->search);
	uint32_t rank = (uint32_t)((1.0 - pow(1.0 - unit, 1.0 / RANK_POWER)) *
	                           n);

	return rank < n ? rank : n - 1;
}

/* A parent from the island whose turn it is, sometimes from another one. Returns
 * WW_POINT_NONE while nobody lives there. */
static size_t
draw_parent(const struct evolve *evolve, double foreign)
{
	uint32_t island = evolve->turn;
	size_t elites[WW_NICHES];
	uint32_t n;

	if (ww_search_unit(&evolve->search) < foreign)
		island = ww_search_below(&evolve->search, evolve->islands.n);
	n = ww_islands_elites(&evolve->islands, island, elites);
	return n == 0 ? WW_POINT_NONE : elites[draw_rank(evolve, n)];
}

/* --------------------------------------------------------- genetic children */

static void
cross(const struct evolve *evolve, const uint32_t *a, const uint32_t *b,
      uint32_t *child)
{
	const struct ww_space *space = evolve->search.space;
	const uint32_t *from = a;
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		if (i == 0 ||
		    space->slots[i].group != space->slots[i - 1].group)
			from = ww_search_below(&evolve->search, 3) > 0 ? a : b;
		child[i] = from[i];
	}
}

static void
mutate(const struct evolve *evolve, uint32_t *child)
{
	const struct ww_search *search = &evolve->search;
	double chance = evolve->mutation / (search->n_varying + 1e-9);
	uint32_t i;

	for (i = 0; i < search->n_varying; i++) {
		uint32_t at = search->varying[i];

		if (ww_search_unit(search) < chance)
			child[at] = ww_search_below(
				search, search->space->slots[at].n_values);
	}
}

static ww_status
evolve_next(void *self, const struct ww_budget *budget, uint32_t *row,
            const char **family)
{
	struct evolve *evolve = self;
	struct ww_search *search = &evolve->search;
	size_t a, b;

	(void)budget;
	*family = "random";
	evolve->turn = (evolve->turn + 1) % evolve->islands.n;
	a = draw_parent(evolve, 0.0);
	if (search->known.n < evolve->start || a == WW_POINT_NONE)
		return ww_search_fresh(search, row);
	b = draw_parent(evolve, evolve->foreign);
	if (b == WW_POINT_NONE)
		b = a;
	cross(evolve, ww_points_row(&search->known, a),
	      ww_points_row(&search->known, b), row);
	mutate(evolve, row);
	if (!ww_search_repair(search, row))
		return ww_search_fresh(search, row);
	*family = "child";
	return WW_OK;
}

static void
evolve_taken(void *self, size_t point)
{
	struct evolve *evolve = self;

	errands_add(&evolve->errands, point, evolve->turn);
}

/* ----------------------------------------------------- children of a model */

/* Appends as a JSON string's content. */
struct text_sink {
	struct ww_text_sink sink; /* first */
	char *text;
	size_t size, length;
};

static ww_status
append_escaped(struct ww_text_sink *self, const char *bytes, uint64_t n)
{
	struct text_sink *sink = (struct text_sink *)self;
	uint64_t i;

	for (i = 0; i < n && sink->length + 3 < sink->size; i++) {
		char c = bytes[i];

		if (c == '"' || c == '\\')
			sink->text[sink->length++] = '\\';
		sink->text[sink->length++] = (unsigned char)c < 0x20 ? ' ' : c;
	}
	sink->text[sink->length] = '\0';
	return WW_OK;
}

static void
append_text(struct text_sink *sink, const char *text)
{
	size_t room = sink->size - sink->length;
	int n = snprintf(sink->text + sink->length, room, "%s", text);

	sink->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void
append_point(const struct evolve *evolve, struct text_sink *sink, size_t point)
{
	const struct ww_space *space = evolve->search.space;
	char time[64];

	space->to_json(space, ww_points_row(&evolve->search.known, point),
	               &sink->sink);
	snprintf(time, sizeof time, ": %.6g",
	         evolve->search.known.objectives[point]);
	append_text(sink, time);
}

/* {"parent": "{…}: 1.5", "inspirations": "…\n…"}; the template says what the
 * numbers are. */
static void
write_variables(const struct evolve *evolve, size_t parent, char *text,
                size_t size)
{
	struct text_sink sink = {
		.sink = { .size = sizeof sink.sink, .write = append_escaped },
		.text = text,
		.size = size - 8,
	};
	int i;

	append_text(&sink, "{\"parent\":\"");
	append_point(evolve, &sink, parent);
	append_text(&sink, "\",\"inspirations\":\"");
	for (i = 0; i < INSPIRATIONS; i++) {
		size_t other = draw_parent(evolve, 1.0);

		if (other == WW_POINT_NONE || other == parent)
			continue;
		append_point(evolve, &sink, other);
		append_text(&sink, "\\n");
	}
	sink.size = size;
	append_text(&sink, "\"}");
}

struct model_sink {
	struct ww_config_sink sink; /* first */
	struct evolve *evolve;
	struct ww_config_sink *target;
	uint32_t taken;
	int stopped;
};

static ww_status
relay(struct ww_config_sink *self, const uint32_t *indices,
      const struct ww_proposal_info *info)
{
	struct model_sink *sink = (struct model_sink *)self;
	uint32_t before = sink->taken;
	ww_status status = ww_points_push(&sink->evolve->search.known,
	                                  sink->target, indices, info,
	                                  &sink->taken);

	if (status == WW_STOPPED)
		sink->stopped = 1;
	if (sink->taken > before)
		evolve_taken(sink->evolve,
		             ww_points_find(&sink->evolve->search.known,
		                            indices));
	return status == WW_OK && sink->taken == before ? WW_E_DUPLICATE
	                                                : status;
}

static int
model_answers(const struct evolve *evolve)
{
	const struct ww_model *model = evolve->search.host->model;

	return WW_HAS(struct ww_model, model, propose) &&
	       model->available(model) &&
	       evolve->model_failures < MOST_FAILURES;
}

/* One child by the model. WW_OK with *taken unchanged: it had nothing usable. */
static ww_status
ask_model(struct evolve *evolve, struct ww_call *call,
          const struct ww_budget *budget, struct model_sink *sink)
{
	const struct ww_model *model = evolve->search.host->model;
	char variables[(INSPIRATIONS + 1) * CONFIG_TEXT + 256];
	struct ww_proposal_request request = {
		.size = sizeof request,
		.want = 1,
		.round = budget->round,
		.system = "system",
		.user = "evolve",
		.variables = variables,
	};
	struct ww_proposal_report report = { .size = sizeof report };
	uint32_t before = sink->taken;
	size_t parent;
	ww_status status;

	evolve->turn = (evolve->turn + 1) % evolve->islands.n;
	parent = draw_parent(evolve, 0.0);
	if (parent == WW_POINT_NONE)
		return WW_OK;
	write_variables(evolve, parent, variables, sizeof variables);
	status = model->propose(model, call, &request, &sink->sink, &report);
	if (status == WW_E_CANCELLED)
		return status;
	if (sink->taken > before)
		evolve->model_failures = 0;
	else if (!sink->stopped)
		evolve->model_failures++;
	if (evolve->model_failures == MOST_FAILURES)
		ww_log_message(evolve->search.host->log, WW_LOG_WARNING,
		       "the model gave nothing usable %d times in a row; "
		       "going on with crossover and mutation",
		       MOST_FAILURES);
	return WW_OK;
}

static ww_status
evolve_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	struct evolve *evolve = self;
	struct model_sink relay_sink = {
		.sink = { .size = sizeof relay_sink.sink, .push = relay },
		.evolve = evolve,
		.target = sink,
	};
	struct ww_budget rest = *budget;

	rest.size = sizeof rest;
	while (evolve->search.known.n >= evolve->start &&
	       relay_sink.taken < budget->want && !relay_sink.stopped &&
	       model_answers(evolve)) {
		uint32_t before = relay_sink.taken;
		ww_status status = ask_model(evolve, call, budget, &relay_sink);

		if (status != WW_OK)
			return status;
		if (relay_sink.taken == before)
			break; /* this child comes from the other operators */
	}
	if (relay_sink.stopped || relay_sink.taken >= budget->want)
		return WW_OK;
	rest.want = budget->want - relay_sink.taken;
	return ww_search_ask(&evolve->search, call, &rest, sink, evolve_next,
	                     evolve_taken, evolve);
}

/* ----------------------------------------------------------------- results */

/* What no island sent for settles where its number falls. */
static uint32_t
island_of(struct evolve *evolve, size_t point)
{
	uint32_t island = errands_take(&evolve->errands, point);

	return island != ERRANDS_NOBODY ? island
	                                : (uint32_t)(point % evolve->islands.n);
}

static ww_status
evolve_tell(struct ww_call *call, void *self,
            const struct ww_trial *const *trials, uint64_t n)
{
	struct evolve *evolve = self;
	uint64_t i;

	for (i = 0; i < n; i++) {
		size_t point;
		uint32_t island;
		ww_status status = ww_search_tell(&evolve->search, call,
		                                  trials[i], &point);

		if (status != WW_OK)
			return status;
		island = island_of(evolve, point);
		if (isfinite(evolve->search.known.objectives[point]))
			ww_islands_settle(&evolve->islands, island, point);
		if (++evolve->settled % evolve->migration == 0)
			ww_islands_migrate(&evolve->islands);
	}
	return WW_OK;
}

static const struct ww_option options[] = {
	{ .name = "islands",
	  .default_value = "4",
	  .help = "populations that evolve apart",
	  .type = WW_OPTION_INT,
	  .minimum = 1,
	  .maximum = WW_MOST_ISLANDS },
	{ .name = "start",
	  .default_value = "16",
	  .help = "random configurations before the first child",
	  .type = WW_OPTION_INT,
	  .minimum = 1,
	  .maximum = 1000000 },
	{ .name = "migration",
	  .default_value = "20",
	  .help = "results after which each island's best goes to the next "
	          "one",
	  .type = WW_OPTION_INT,
	  .minimum = 1,
	  .maximum = 1000000 },
	{ .name = "foreign",
	  .default_value = "0.2",
	  .help = "chance that the second parent comes from another island",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 0,
	  .maximum = 1 },
	{ .name = "mutation",
	  .default_value = "1",
	  .help = "expected number of parameters that mutate in a child",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 0,
	  .maximum = 100 },
};

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.flags = WW_STRATEGY_TAKES_MODEL,
	.open = evolve_open,
	.close = evolve_close,
	.ask = evolve_ask,
	.tell = evolve_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.n_options = sizeof options / sizeof options[0],
	.name = "evolve",
	.version = "0.1.0",
	.summary = "evolution on islands, with a model as mutation operator "
	           "where there is one",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
