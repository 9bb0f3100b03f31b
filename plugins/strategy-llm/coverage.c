/* SPDX-License-Identifier: MIT
 *
 * The guarantee against a model that locks itself into one kind of
 * configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

#define TRIALS_EACH 2
/* Ordered slots with more values are covered in three thirds. */
#define FEW_VALUES 3
/* Random configurations looked at to fill gaps; more are drawn for a gap that
 * none of them touches, because a value may be rare among valid ones. */
#define CANDIDATES 200
#define STUBBORN_DRAWS 2000

/* The class of a value that coverage counts: itself, or low, middle, high. */
static uint32_t
class_of(const struct ww_slot *slot, uint32_t value)
{
	if ((slot->flags & WW_SLOT_ORDERED) == 0 || slot->n_values <= FEW_VALUES)
		return value;
	return (uint32_t)((uint64_t)value * 3 / slot->n_values);
}

static uint32_t
class_count(const struct ww_slot *slot)
{
	return (slot->flags & WW_SLOT_ORDERED) == 0 ||
	                       slot->n_values <= FEW_VALUES
	               ? slot->n_values
	               : 3;
}

/* How often each class of each slot occurs in what was proposed or tried; slot
 * i's counts start at offsets[i]. */
struct census {
	uint32_t *counts;
	uint32_t *offsets;
	uint32_t *lacking; /* trials that a slot needs at least */
};

static void
census_add(struct census *census, const struct ww_space *space,
           const uint32_t *row)
{
	uint32_t i;

	for (i = 0; i < space->n_slots; i++)
		census->counts[census->offsets[i] +
		               class_of(&space->slots[i], row[i])]++;
}

static int
census_start(struct census *census, const struct llm *llm)
{
	const struct ww_space *space = llm->search.space;
	uint32_t total = 0, i;
	size_t p;

	census->offsets = calloc(2 * (size_t)space->n_slots + 1,
	                         sizeof(uint32_t));
	if (census->offsets == NULL)
		return 0;
	census->lacking = census->offsets + space->n_slots;
	for (i = 0; i < space->n_slots; i++) {
		census->offsets[i] = total;
		total += class_count(&space->slots[i]);
	}
	census->counts = calloc(total + 1, sizeof(uint32_t));
	if (census->counts == NULL) {
		free(census->offsets);
		return 0;
	}
	for (p = 0; p < llm->search.known.n; p++)
		census_add(census, space, ww_points_row(&llm->search.known, p));
	return 1;
}

static void
census_end(struct census *census)
{
	free(census->counts);
	free(census->offsets);
}

/* Gaps that a configuration would help to fill; an empty class counts more
 * than one that was tried once, and a slot that lacks much more than one that
 * lacks little, because every trial fills one gap of a slot at most. */
static uint32_t
gain(const struct census *census, const struct ww_space *space,
     const uint32_t *row)
{
	uint32_t total = 0, i;

	for (i = 0; i < space->n_slots; i++) {
		uint32_t count =
			census->counts[census->offsets[i] +
		                       class_of(&space->slots[i], row[i])];

		if (count < TRIALS_EACH)
			total += (count == 0 ? 3 : 2) * census->lacking[i];
	}
	return total;
}

/* Puts the most useful new configuration into llm->spare; 0 if none helps. */
static uint32_t
most_useful(struct llm *llm, const struct census *census)
{
	const struct ww_space *space = llm->search.space;
	uint32_t most = 0;
	unsigned i;

	for (i = 0; i < STUBBORN_DRAWS && (i < CANDIDATES || most == 0); i++) {
		uint32_t *row = llm->moves.spare;
		uint32_t value;

		if (space->sample(space, llm->search.host->random, row) != WW_OK)
			break;
		if (ww_points_find(&llm->search.known, row) != WW_POINT_NONE)
			continue;
		value = gain(census, space, row);
		if (value > most) {
			most = value;
			memcpy(llm->spare, row, space->n_slots * sizeof *row);
		}
	}
	return most;
}

/* The same among the neighbours of the best: how a value does where everything
 * else is right says more than how it does anywhere. */
static uint32_t
most_useful_neighbour(struct llm *llm, const struct census *census)
{
	const struct ww_points *found = &llm->moves.found;
	uint32_t most = 0;
	size_t best, i;

	ww_moves_empty(&llm->moves);
	if (ww_points_best(&llm->search.known, &best, 1) == 0 ||
	    ww_moves_any(&llm->moves, ww_points_row(&llm->search.known,
	                                            best)) != WW_OK)
		return 0;
	for (i = 0; i < found->n; i++) {
		uint32_t value = gain(census, llm->search.space,
		                      ww_points_row(found, i));

		if (value > most) {
			most = value;
			memcpy(llm->spare, ww_points_row(found, i),
			       llm->search.space->n_slots *
			               sizeof *llm->spare);
		}
	}
	return most;
}

/* Trials that are needed at least: the slot that lacks most says it. */
static uint32_t
trials_needed(struct census *census, const struct ww_space *space)
{
	uint32_t most = 0, i, k;

	for (i = 0; i < space->n_slots; i++) {
		uint32_t lacking = 0;

		for (k = 0; k < class_count(&space->slots[i]); k++) {
			uint32_t count = census->counts[census->offsets[i] + k];

			lacking += count < TRIALS_EACH ? TRIALS_EACH - count : 0;
		}
		census->lacking[i] = lacking;
		most = lacking > most ? lacking : most;
	}
	return most;
}

/* In turn one beside the best and one from anywhere, which fills more gaps at
 * once: only such ones where there are hardly enough trials for all gaps. */
static int
find_useful(struct llm *llm, const struct census *census, unsigned turn,
            int hurry)
{
	if (!hurry && turn % 2 == 0 && most_useful_neighbour(llm, census) > 0)
		return 1;
	return most_useful(llm, census) > 0;
}

ww_status
ww_llm_cover(struct llm *llm, struct llm_sink *sink)
{
	static const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = "coverage",
		.reason = "holds values that were hardly tried",
	};
	struct census census;
	ww_status status = WW_OK;
	unsigned turn = 0;
	uint32_t needed;

	if (!census_start(&census, llm))
		return WW_E_NO_MEMORY;
	while (status != WW_STOPPED && sink->taken < sink->limit) {
		needed = trials_needed(&census, llm->search.space);
		if (needed == 0 ||
		    !find_useful(llm, &census, turn++,
		                 2 * needed > sink->limit - sink->taken))
			break;
		status = sink->sink.push(&sink->sink, llm->spare, &info);
		census_add(&census, llm->search.space, llm->spare);
	}
	census_end(&census);
	return sink->out_of_memory ? WW_E_NO_MEMORY : WW_OK;
}

/* -- in words ----------------------------------------------------------------- */

/* Adds a gap if it fits whole. */
static void
append(char *text, size_t size, const char *name, const char *low,
       const char *high)
{
	size_t used = strlen(text);
	int length = snprintf(text + used, size - used, "%s%s = %s%s%s",
	                      used > 0 ? ", " : "", name, low,
	                      high != NULL ? " to " : "",
	                      high != NULL ? high : "");

	if (length < 0 || (size_t)length >= size - used)
		text[used] = '\0';
}

void
ww_llm_gaps(struct llm *llm, char *text, size_t size)
{
	const struct ww_space *space = llm->search.space;
	struct census census;
	uint32_t i, value, first;

	text[0] = '\0';
	if (!census_start(&census, llm))
		return;
	for (i = 0; i < space->n_slots; i++) {
		const struct ww_slot *slot = &space->slots[i];

		for (first = 0; first < slot->n_values; first = value + 1) {
			uint32_t class = class_of(slot, first);

			value = first;
			while (value + 1 < slot->n_values &&
			       class_of(slot, value + 1) == class)
				value++;
			if (census.counts[census.offsets[i] + class] <
			    TRIALS_EACH)
				append(text, size, slot->name,
				       slot->values[first].string,
				       value > first ? slot->values[value].string
				                     : NULL);
		}
	}
	census_end(&census);
}
