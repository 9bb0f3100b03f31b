/* SPDX-License-Identifier: MIT
 *
 * What the strategy has to say to the model, as variables of the templates:
 * "gaps" (values that need more trials), "picks" (what the surrogate chose for
 * this round) and "neighbours" (that the last answer stayed where nothing is left
 * to find).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

#define LONGEST_GAPS 2000
/* An answer is one of neighbours from this share of it on … */
#define NEAR_SHARE 0.75
/* … and the best has moved if it is better by this much. */
#define LEAST_GAIN 0.005

struct text {
	char *bytes;
	size_t length;
	size_t room;
	int failed;
};

static void
add(struct text *text, const char *bytes)
{
	size_t length = strlen(bytes);

	if (text->length + length + 1 > text->room) {
		size_t room = (text->length + length + 1) * 2;
		char *grown = text->failed ? NULL : realloc(text->bytes, room);

		if (grown == NULL) {
			text->failed = 1;
			return;
		}
		text->bytes = grown;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, length + 1);
	text->length += length;
}

/* Inside a JSON string. */
static void
add_quoted(struct text *text, const char *bytes)
{
	for (; *bytes != '\0'; bytes++) {
		char c[3] = { *bytes, '\0', '\0' };

		if (*bytes == '"' || *bytes == '\\') {
			c[0] = '\\';
			c[1] = *bytes;
		} else if ((unsigned char)*bytes < 0x20) {
			c[0] = ' ';
		}
		add(text, c);
	}
}

/* One configuration: "1. unroll = 8, tile.M = 128". */
static void
add_pick(struct text *text, const struct llm *llm, size_t number)
{
	const struct ww_space *space = llm->search.space;
	const uint32_t *row = ww_points_row(&llm->search.known,
	                                    llm->picks[number]);
	const char *comma = "";
	char word[32];
	uint32_t i;

	snprintf(word, sizeof word, "%s%zu. ", number > 0 ? "\\n" : "",
	         number + 1);
	add(text, word);
	for (i = 0; i < space->n_slots; i++) {
		const struct ww_slot *slot = &space->slots[i];

		if (slot->n_values < 2)
			continue;
		add(text, comma);
		add_quoted(text, slot->name);
		add(text, " = ");
		add_quoted(text, slot->values[row[i]].string);
		comma = ", ";
	}
}

/* Whether the last answer only went round the best, which did not move. */
static int
is_circling(const struct llm *llm)
{
	size_t best;

	if (llm->n_last < 3 || llm->n_near < NEAR_SHARE * llm->n_last ||
	    ww_points_best(&llm->search.known, &best, 1) == 0)
		return 0;
	return llm->search.known.objectives[best] >
	       llm->best_before * (1 - LEAST_GAIN);
}

static void
add_neighbours(struct text *text, const struct llm *llm)
{
	char words[200];

	if (!is_circling(llm))
		return;
	snprintf(words, sizeof words,
	         "%u of the %u configurations of your last answer differed from "
	         "one of the best in at most two parameters, and the best has "
	         "not moved",
	         llm->n_near, llm->n_last);
	add(text, words);
}

/* The next answer is judged by what is the best now. */
static void
start_counting(struct llm *llm)
{
	size_t best;

	llm->n_last = llm->n_near = 0;
	llm->best_before = INFINITY;
	if (ww_points_best(&llm->search.known, &best, 1) > 0)
		llm->best_before = llm->search.known.objectives[best];
}

char *
ww_llm_variables(struct llm *llm, int with_gaps)
{
	char gaps[LONGEST_GAPS] = "";
	struct text text = { 0 };
	size_t i;

	if (with_gaps)
		ww_llm_gaps(llm, gaps, sizeof gaps);
	add(&text, "{\"gaps\":\"");
	add_quoted(&text, gaps);
	add(&text, "\",\"picks\":\"");
	for (i = 0; i < llm->n_picks; i++)
		add_pick(&text, llm, i);
	add(&text, "\",\"neighbours\":\"");
	add_neighbours(&text, llm);
	add(&text, "\"}");
	start_counting(llm);
	if (!text.failed)
		return text.bytes;
	free(text.bytes);
	return NULL;
}
