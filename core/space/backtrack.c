/* SPDX-License-Identifier: MIT */
#include "core/space/backtrack.h"

#include "core/base/text.h"

#define REJECTIONS 200000u
#define DESCENT_STEPS 2000000u

struct search {
	struct ww_walk walk;
	uint64_t steps;  /* left */
	uint32_t *indices;
	bool (*visit)(void *context);
	void *context;
	double faulty;
	const struct ww_random *random; /* null: values in order */
};

/* The values a level may take: [*first, *end). False: none. */
static bool
choices(struct search *search, uint32_t level, uint32_t *first, uint32_t *end)
{
	const struct ww_level *at = &search->walk.plan->levels[level];
	const struct ww_slot *slot = &search->walk.rules->slots[at->slot];
	int active = ww_walk_active(&search->walk, level);

	*first = active == WW_STEP_BROKEN ? slot->default_index : 0;
	*end = active == WW_STEP_BROKEN ? *first + 1 : slot->n_values;
	if (active == WW_STEP_FAULT)
		search->faulty += at->rest * slot->n_values;
	return active != WW_STEP_FAULT;
}

static int
descend(struct search *search, uint32_t level)
{
	const struct ww_plan *plan = search->walk.plan;
	uint32_t first, end, i, start = 0;

	if (level == plan->n_levels)
		return search->visit(search->context) ? WW_BACKTRACK_DONE
		                                      : WW_BACKTRACK_STOPPED;
	if (!choices(search, level, &first, &end))
		return WW_BACKTRACK_DONE;
	if (search->random != NULL)
		start = (uint32_t)ww_random_below(search->random, end - first);
	for (i = 0; i < end - first; i++) {
		uint32_t choice = first + (start + i) % (end - first);
		int result;

		if (search->steps == 0)
			return WW_BACKTRACK_LIMIT;
		search->steps--;
		result = ww_walk_step(&search->walk, level, choice);
		if (result == WW_STEP_FAULT)
			search->faulty += plan->levels[level].rest;
		if (result != WW_STEP_GOOD)
			continue;
		search->indices[plan->levels[level].slot] = choice;
		result = descend(search, level + 1);
		if (result != WW_BACKTRACK_DONE)
			return result;
	}
	return WW_BACKTRACK_DONE;
}

int
ww_backtrack_each(const struct ww_rules *rules, const struct ww_plan *plan,
                  uint64_t steps, uint32_t *indices,
                  bool (*visit)(void *context), void *context, double *faulty)
{
	struct search search = { .walk = ww_walk_new(rules, plan),
		                 .steps = steps,
		                 .indices = indices,
		                 .visit = visit,
		                 .context = context };
	int result = descend(&search, 0);

	ww_walk_clear(&search.walk);
	if (faulty != NULL)
		*faulty += search.faulty;
	return result;
}

/* One uniform draw over the Cartesian product. A slot that turns out inactive
 * has one spelling among its n values, so it is kept with probability 1/n:
 * otherwise configurations with inactive slots would come n times too often. */
static bool
draw(struct search *search)
{
	const struct ww_plan *plan = search->walk.plan;
	uint32_t level;

	for (level = 0; level < plan->n_levels; level++) {
		uint32_t slot = plan->levels[level].slot;
		uint32_t first, end, choice;

		if (!choices(search, level, &first, &end))
			return false;
		choice = (uint32_t)ww_random_below(
			search->random,
			search->walk.rules->slots[slot].n_values);
		if (choice < first || choice >= end ||
		    ww_walk_step(&search->walk, level, choice) != WW_STEP_GOOD)
			return false;
		search->indices[slot] = choice;
	}
	return true;
}

static bool
stop_at_once(void *context)
{
	(void)context;
	return false;
}

bool
ww_backtrack_sample(const struct ww_rules *rules, const struct ww_plan *plan,
                    const struct ww_random *random, uint32_t *indices)
{
	struct search search = { .walk = ww_walk_new(rules, plan),
		                 .steps = DESCENT_STEPS,
		                 .indices = indices,
		                 .visit = stop_at_once,
		                 .random = random };
	bool found = false;
	uint32_t i;

	for (i = 0; i < REJECTIONS && !found; i++)
		found = draw(&search);
	if (!found)
		found = descend(&search, 0) == WW_BACKTRACK_STOPPED;
	ww_walk_clear(&search.walk);
	return found;
}
