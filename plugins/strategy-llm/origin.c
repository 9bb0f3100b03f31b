/* SPDX-License-Identifier: MIT
 *
 * Who proposed what. The engine stores a source and a family with every trial;
 * both together say it, so nothing is lost when a session is taken up again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/strategy-llm/llm.h"

/* Families of this strategy's own; whatever else it proposed is the model's, or
 * begins with the partner's name and a colon. */
static const struct {
	const char *family;
	enum origin origin;
} own[] = {
	{ "local", FROM_LOCAL },       { "diverse", FROM_DIVERSE },
	{ "random", FROM_DIVERSE },    { "coverage", FROM_COVERAGE },
	{ "polish", FROM_POLISH },
};

/* What classical strategies call the arms. */
static const struct {
	const char *family;
	enum origin origin;
} classical[] = {
	{ "start", FROM_DIVERSE },     { "restart", FROM_DIVERSE },
	{ "random", FROM_DIVERSE },    { "sweep", FROM_DIVERSE },
	{ "neighbour", FROM_LOCAL },   { "step", FROM_LOCAL },
	{ "polish", FROM_LOCAL },      { "joint", FROM_LOCAL },
};

/* Sources that are no strategies. */
static const char *const others[] = { "default", "given", "warm_start" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum origin
ww_llm_arm(const char *family)
{
	size_t i;

	for (i = 0; i < COUNT(classical); i++)
		if (strcmp(classical[i].family, family) == 0)
			return classical[i].origin;
	return FROM_SURROGATE;
}

enum origin
ww_llm_origin(const char *source, const char *family)
{
	const char *colon;
	size_t i;

	if (source == NULL || family == NULL)
		return FROM_ELSEWHERE;
	for (i = 0; i < COUNT(others); i++)
		if (strcmp(source, others[i]) == 0)
			return FROM_ELSEWHERE;
	if (strcmp(source, WW_LLM_NAME) != 0)
		return family[0] == '\0' ? FROM_ELSEWHERE : ww_llm_arm(family);
	for (i = 0; i < COUNT(own); i++)
		if (strcmp(own[i].family, family) == 0)
			return own[i].origin;
	colon = strstr(family, ": ");
	return colon != NULL ? ww_llm_arm(colon + 2) : FROM_MODEL;
}

const char *
ww_llm_family(const struct llm *llm, enum origin origin, const char *family,
              char *text)
{
	if (family == NULL)
		family = "";
	switch (origin) {
	case FROM_MODEL:
		/* A model may call its family what it likes, but not ours. */
		return ww_llm_origin(WW_LLM_NAME, family) == FROM_MODEL
		               ? family
		               : "model";
	case FROM_SURROGATE:
		snprintf(text, 128, "%.60s: %.60s", llm->partner_name, family);
		return text;
	default:
		return family;
	}
}

ww_status
ww_llm_mark(struct llm *llm, const uint32_t *indices, enum origin origin,
            uint32_t round)
{
	size_t before = llm->search.known.n;
	size_t i = ww_points_add(&llm->search.known, indices);

	if (i == WW_POINT_NONE)
		return WW_E_NO_MEMORY;
	if (i < before)
		return WW_OK;
	if (i >= llm->marks_capacity) {
		size_t capacity = llm->marks_capacity * 2 + 128;
		struct llm_mark *grown = realloc(llm->marks,
		                                 capacity * sizeof *grown);

		if (grown == NULL)
			return WW_E_NO_MEMORY;
		llm->marks = grown;
		llm->marks_capacity = capacity;
	}
	llm->marks[i] = (struct llm_mark){ .round = round,
		                           .origin = (unsigned char)origin };
	llm->n_marks = i + 1;
	return WW_OK;
}
