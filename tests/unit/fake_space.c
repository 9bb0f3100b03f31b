/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake_host.h"

static const struct fake_space *
fake_of(const struct ww_space *space)
{
	return (const struct fake_space *)space;
}

static double
space_count(const struct ww_space *space, int32_t *exact)
{
	if (exact != NULL)
		*exact = 1;
	return fake_of(space)->count;
}

static int32_t
space_valid(const struct ww_space *space, const uint32_t *indices)
{
	const struct fake_space *fake = fake_of(space);
	uint32_t i;

	for (i = 0; i < space->n_slots; i++)
		if (indices[i] >= space->slots[i].n_values)
			return 0;
	return fake->rule == NULL || fake->rule(indices);
}

static void
space_canonical(const struct ww_space *space, uint32_t *indices)
{
	(void)space;
	(void)indices;
}

/* The configuration with this number in the whole product; 0 past the end. */
static int
nth(const struct ww_space *space, uint64_t number, uint32_t *indices)
{
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		indices[i] = (uint32_t)(number % space->slots[i].n_values);
		number /= space->slots[i].n_values;
	}
	return number == 0;
}

static ww_status
space_sample(const struct ww_space *space, const struct ww_random *random,
             uint32_t *indices)
{
	uint32_t i;

	if (fake_of(space)->count < 1)
		return WW_E_NOT_FOUND;
	do
		for (i = 0; i < space->n_slots; i++)
			indices[i] = (uint32_t)ww_random_below(
				random, space->slots[i].n_values);
	while (!space_valid(space, indices));
	return WW_OK;
}

static ww_status
space_at(const struct ww_space *space, uint64_t rank, uint32_t *indices)
{
	uint64_t number;

	if (fake_of(space)->rule == NULL)
		return nth(space, rank, indices) ? WW_OK : WW_E_NOT_FOUND;
	for (number = 0; nth(space, number, indices); number++)
		if (space_valid(space, indices) && rank-- == 0)
			return WW_OK;
	return WW_E_NOT_FOUND;
}

static int32_t
space_related(const struct ww_space *space, uint32_t a, uint32_t b)
{
	return fake_of(space)->rule != NULL && (a < 2 && b < 2);
}

static ww_status
space_json(const struct ww_space *space, const uint32_t *indices,
           struct ww_text_sink *sink)
{
	char text[1024] = "{";
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		char member[64];

		snprintf(member, sizeof member, "%s\"%s\":%u",
		         i > 0 ? "," : "", space->slots[i].name, indices[i]);
		strncat(text, member, sizeof text - strlen(text) - 2);
	}
	strcat(text, "}");
	return sink->write(sink, text, strlen(text));
}

void
fake_space_start(struct fake_space *fake, uint32_t n, const uint32_t *counts,
                 int (*rule)(const uint32_t *indices))
{
	static const char *const names[FAKE_SLOTS] = {
		"a", "b", "c", "d", "e", "f", "g", "h",
		"i", "j", "k", "l", "m", "n", "o", "p"
	};
	uint32_t i, most = 0;
	uint32_t indices[FAKE_SLOTS];

	memset(fake, 0, sizeof *fake);
	fake->rule = rule;
	fake->count = 1;
	for (i = 0; i < n; i++) {
		most = counts[i] > most ? counts[i] : most;
		fake->count *= counts[i];
	}
	fake->values = calloc(most + 1, sizeof *fake->values);
	for (i = 0; i < most; i++)
		fake->values[i] = (struct ww_value){ .string = "",
			                             .number = i,
			                             .integer = i,
			                             .type = WW_VALUE_INT };
	for (i = 0; i < n; i++)
		fake->slots[i] = (struct ww_slot){
			.name = names[i],
			.values = fake->values,
			.n_values = counts[i],
			.flags = counts[i] > 2 ? WW_SLOT_ORDERED : 0,
			.group = i,
		};
	fake->space = (struct ww_space){ .size = sizeof fake->space,
		                         .n_slots = n,
		                         .slots = fake->slots,
		                         .count = space_count,
		                         .valid = space_valid,
		                         .canonical = space_canonical,
		                         .sample = space_sample,
		                         .at = space_at,
		                         .related = space_related,
		                         .to_json = space_json };
	if (rule != NULL) {
		uint64_t number;

		fake->count = 0;
		for (number = 0; nth(&fake->space, number, indices); number++)
			fake->count += rule(indices) ? 1 : 0;
	}
}

void
fake_space_end(struct fake_space *fake)
{
	free(fake->values);
}
