/* SPDX-License-Identifier: MIT */
#include "plugins/common/factors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Values of a slot whose pairs are kept in a table. */
#define MOST_TABLE 64
/* Rounder than a multiple of 2 to this is all the same. */
#define MOST_HALVINGS 7
#define ROOT_OF_3 1.7320508075688772

/* -- places ------------------------------------------------------------------ */

static int
halvings(int64_t value)
{
	int n = 0;

	for (; n < MOST_HALVINGS && value % 2 == 0; value /= 2)
		n++;
	return n;
}

/* Whether the slot has integers whose roundness is not just their size. */
static int
has_rounding(const struct ww_slot *slot)
{
	int falls = 0;
	uint32_t i;

	if ((slot->flags & WW_SLOT_ORDERED) == 0)
		return 0;
	for (i = 0; i < slot->n_values; i++) {
		const struct ww_value *value = &slot->values[i];

		if (value->type != WW_VALUE_INT || value->integer <= 0)
			return 0;
		if (i > 0 && value->integer > value[-1].integer &&
		    halvings(value->integer) < halvings(value[-1].integer))
			falls = 1;
	}
	return falls;
}

static void
stretch(double *places, uint32_t n)
{
	double low = INFINITY, high = -INFINITY;
	uint32_t i;

	for (i = 0; i < n; i++) {
		low = fmin(low, places[i]);
		high = fmax(high, places[i]);
	}
	for (i = 0; i < n; i++)
		places[i] = high > low ? (places[i] - low) / (high - low) : 0;
}

static void
place_by_size(struct ww_factor *factor, const struct ww_slot *slot)
{
	uint32_t n = slot->n_values;
	int positive = 1;
	uint32_t i;

	for (i = 0; i < n; i++)
		positive &= slot->values[i].number > 0 &&
		            isfinite(slot->values[i].number);
	for (i = 0; i < n; i++)
		factor->places[i] = positive ? log(slot->values[i].number) : i;
	stretch(factor->places, n);
	for (i = 0; i < n; i++)
		factor->places[i] = 0.5 * factor->places[i] +
		                    0.5 * i / (n - 1);
}

static void
place_by_roundness(struct ww_factor *factor, const struct ww_slot *slot)
{
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		factor->places[i] = halvings(slot->values[i].integer);
	stretch(factor->places, slot->n_values);
}

/* -- factors ----------------------------------------------------------------- */

static int
add_factor(struct ww_factors *factors, const struct ww_space *space,
           uint32_t at, int is_rounding)
{
	struct ww_factor *factor = &factors->of[factors->n];
	const struct ww_slot *slot = &space->slots[at];
	uint32_t n = slot->n_values;

	factor->slot = at;
	factor->n_values = n;
	factor->is_rounding = is_rounding;
	factors->n++;
	if ((slot->flags & WW_SLOT_ORDERED) != 0) {
		factor->places = calloc(n, sizeof *factor->places);
		if (factor->places == NULL)
			return 0;
		if (is_rounding)
			place_by_roundness(factor, slot);
		else
			place_by_size(factor, slot);
	}
	if (n > MOST_TABLE)
		return 1;
	factor->alike = calloc((size_t)n * n, sizeof *factor->alike);
	factor->by_reach = calloc((size_t)n * n, sizeof *factor->by_reach);
	factor->by_rough = calloc((size_t)n * n, sizeof *factor->by_rough);
	return factor->alike != NULL && factor->by_reach != NULL &&
	       factor->by_rough != NULL;
}

static uint32_t
count_factors(const struct ww_space *space)
{
	uint32_t i, n = 0;

	for (i = 0; i < space->n_slots && n <= WW_FACTORS_MOST; i++)
		if (space->slots[i].n_values > 1)
			n += has_rounding(&space->slots[i]) ? 2 : 1;
	return n;
}

int
ww_factors_start(struct ww_factors *factors, const struct ww_space *space)
{
	uint32_t n = count_factors(space);
	int good = 1;
	uint32_t i;

	memset(factors, 0, sizeof *factors);
	if (n == 0 || n > WW_FACTORS_MOST)
		return 1;
	factors->of = calloc(n, sizeof *factors->of);
	if (factors->of == NULL)
		return 0;
	for (i = 0; i < space->n_slots && good; i++) {
		if (space->slots[i].n_values < 2)
			continue;
		good = add_factor(factors, space, i, 0);
		if (good && has_rounding(&space->slots[i]))
			good = add_factor(factors, space, i, 1);
	}
	if (!good)
		ww_factors_clear(factors);
	return good;
}

void
ww_factors_clear(struct ww_factors *factors)
{
	uint32_t i;

	for (i = 0; i < factors->n; i++) {
		free(factors->of[i].places);
		free(factors->of[i].alike);
		free(factors->of[i].by_reach);
		free(factors->of[i].by_rough);
	}
	free(factors->of);
	memset(factors, 0, sizeof *factors);
}

/* -- likeness ---------------------------------------------------------------- */

struct ww_likeness
ww_factor_compare(const struct ww_factor *factor, uint32_t a, uint32_t b)
{
	double apart = a != b;
	double rough = 0, fall, smooth;

	if (factor->places != NULL) {
		apart = fabs(factor->places[a] - factor->places[b]);
		rough = factor->is_rounding ? 0 : factor->rough;
	}
	apart *= factor->pace;
	fall = exp(-apart);
	smooth = (1 + apart) * fall; /* Matern, 3/2 */
	return (struct ww_likeness){
		.alike = (1 - rough) * smooth + (a == b ? rough : 0),
		.by_reach = (1 - rough) * apart * apart * fall,
		.by_rough = rough * (1 - rough) * ((a == b) - smooth),
	};
}

static void
fill_table(struct ww_factor *factor)
{
	uint32_t a, b, n = factor->n_values;

	for (a = 0; a < n; a++)
		for (b = 0; b < n; b++) {
			struct ww_likeness likeness =
				ww_factor_compare(factor, a, b);
			size_t at = (size_t)a * n + b;

			factor->alike[at] = likeness.alike;
			factor->by_reach[at] = likeness.by_reach;
			factor->by_rough[at] = likeness.by_rough;
		}
}

void
ww_factors_set(struct ww_factors *factors, const double *log_reaches,
               double rough)
{
	uint32_t i;

	for (i = 0; i < factors->n; i++) {
		struct ww_factor *factor = &factors->of[i];

		factor->pace = ROOT_OF_3 * exp(-log_reaches[i]);
		factor->rough = rough;
		if (factor->alike != NULL)
			fill_table(factor);
	}
}
