/* SPDX-License-Identifier: MIT */
#include "plugins/common/forest.h"

#include <stdlib.h>
#include <string.h>

#define LEAF UINT32_MAX

struct node {
	uint32_t slot;  /* LEAF: `good` holds the answer */
	uint32_t value; /* left: at most this (ordered), or equal to it */
	uint32_t right; /* the left child follows at once */
	float good;
};

struct ww_forest {
	const struct ww_space *space;
	uint32_t *varying; /* slots with more than one value */
	uint32_t n_varying;
	struct node *nodes;
	uint32_t n_nodes;
	uint32_t capacity;
	uint32_t roots[WW_FOREST_TREES];
	/* Scratch of a fit. */
	const struct ww_forest_data *data;
	const struct ww_random *random;
	uint32_t *codes;   /* per row and slot: rank of its value among those
	                    * that occur in the data */
	uint32_t *values;  /* per slot and rank: the value */
	uint32_t *n_codes; /* per slot */
	uint32_t *sample;  /* rows of the node under construction */
	uint32_t *order;   /* slots, shuffled */
	double *good;      /* per rank */
	double *bad;
};

struct split {
	uint32_t slot;
	uint32_t code;
	double score;
};

struct ww_forest *
ww_forest_new(const struct ww_space *space)
{
	struct ww_forest *forest = calloc(1, sizeof *forest);
	uint32_t i;

	if (forest == NULL)
		return NULL;
	forest->space = space;
	forest->varying = calloc(space->n_slots + 1, sizeof(uint32_t));
	forest->order = calloc(space->n_slots + 1, sizeof(uint32_t));
	forest->n_codes = calloc(space->n_slots + 1, sizeof(uint32_t));
	if (forest->varying == NULL || forest->order == NULL ||
	    forest->n_codes == NULL) {
		ww_forest_free(forest);
		return NULL;
	}
	for (i = 0; i < space->n_slots; i++)
		if (space->slots[i].n_values > 1)
			forest->varying[forest->n_varying++] = i;
	return forest;
}

static void
free_scratch(struct ww_forest *forest)
{
	free(forest->codes);
	free(forest->values);
	free(forest->sample);
	free(forest->good);
	free(forest->bad);
	forest->codes = forest->values = forest->sample = NULL;
	forest->good = forest->bad = NULL;
}

void
ww_forest_free(struct ww_forest *forest)
{
	if (forest == NULL)
		return;
	free_scratch(forest);
	free(forest->varying);
	free(forest->order);
	free(forest->n_codes);
	free(forest->nodes);
	free(forest);
}

/* -- codes --------------------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t
code_of(const struct ww_forest *forest, uint32_t slot, uint32_t value)
{
	const uint32_t *values = forest->values + slot * forest->data->n;
	uint32_t low = 0, high = forest->n_codes[slot] - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (values[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
make_codes(struct ww_forest *forest)
{
	const struct ww_forest_data *data = forest->data;
	uint32_t n_slots = forest->space->n_slots;
	uint32_t s;
	size_t i, n;

	for (s = 0; s < n_slots; s++) {
		uint32_t *values = forest->values + s * data->n;

		for (i = 0; i < data->n; i++)
			values[i] = data->rows[i][s];
		qsort(values, data->n, sizeof *values, by_number);
		for (i = 1, n = 1; i < data->n; i++)
			if (values[i] != values[n - 1])
				values[n++] = values[i];
		forest->n_codes[s] = (uint32_t)n;
		for (i = 0; i < data->n; i++)
			forest->codes[i * n_slots + s] =
				code_of(forest, s, data->rows[i][s]);
	}
}

static int
make_scratch(struct ww_forest *forest)
{
	size_t n = forest->data->n;
	size_t cells = n * forest->space->n_slots + 1;

	forest->codes = malloc(cells * sizeof *forest->codes);
	forest->values = malloc(cells * sizeof *forest->values);
	forest->sample = malloc(n * sizeof *forest->sample);
	forest->good = malloc(n * sizeof *forest->good);
	forest->bad = malloc(n * sizeof *forest->bad);
	return forest->codes != NULL && forest->values != NULL &&
	       forest->sample != NULL && forest->good != NULL &&
	       forest->bad != NULL;
}

/* -- trees ---------------------------------------------------------------------- */

/* Purity of one side: larger is purer (Gini without its constant). */
static double
purity(double good, double bad)
{
	return good + bad > 0 ? (good * good + bad * bad) / (good + bad) : 0;
}

/* The best split of rows sample[from … to) by one slot, if better than *best. */
static void
try_slot(struct ww_forest *forest, uint32_t slot, uint32_t from, uint32_t to,
         struct split *best)
{
	const struct ww_forest_data *data = forest->data;
	uint32_t n_slots = forest->space->n_slots;
	uint32_t n = forest->n_codes[slot];
	int ordered = (forest->space->slots[slot].flags & WW_SLOT_ORDERED) != 0;
	double good = 0, bad = 0, left_good = 0, left_bad = 0;
	uint32_t i, c;

	memset(forest->good, 0, n * sizeof *forest->good);
	memset(forest->bad, 0, n * sizeof *forest->bad);
	for (i = from; i < to; i++) {
		uint32_t row = forest->sample[i];

		c = forest->codes[row * n_slots + slot];
		forest->good[c] += data->good[row];
		forest->bad[c] += data->bad[row];
		good += data->good[row];
		bad += data->bad[row];
	}
	for (c = 0; c + (ordered ? 1u : 0u) < n; c++) {
		double all, score;

		left_good = forest->good[c] + (ordered ? left_good : 0);
		left_bad = forest->bad[c] + (ordered ? left_bad : 0);
		all = left_good + left_bad;
		if (!(all > 0) || !(good + bad - all > 1e-12))
			continue;
		score = purity(left_good, left_bad) +
		        purity(good - left_good, bad - left_bad);
		if (score > best->score)
			*best = (struct split){ slot, c, score };
	}
}

static void
shuffle(struct ww_forest *forest)
{
	uint32_t i;

	memcpy(forest->order, forest->varying,
	       forest->n_varying * sizeof(uint32_t));
	for (i = forest->n_varying; i-- > 1;) {
		uint32_t k = (uint32_t)ww_random_below(forest->random, i + 1);
		uint32_t kept = forest->order[i];

		forest->order[i] = forest->order[k];
		forest->order[k] = kept;
	}
}

/* Half of the slots, and more if none of those splits anything. */
static int
find_split(struct ww_forest *forest, uint32_t from, uint32_t to,
           double unsplit, struct split *best)
{
	uint32_t half = (forest->n_varying + 1) / 2;
	uint32_t i;

	best->slot = LEAF;
	best->score = unsplit + 1e-9;
	shuffle(forest);
	for (i = 0; i < forest->n_varying; i++) {
		if (i >= half && best->slot != LEAF)
			break;
		try_slot(forest, forest->order[i], from, to, best);
	}
	return best->slot != LEAF;
}

static int
goes_left(const struct ww_forest *forest, uint32_t row,
          const struct split *split)
{
	uint32_t code = forest->codes[row * forest->space->n_slots +
	                              split->slot];

	if (forest->space->slots[split->slot].flags & WW_SLOT_ORDERED)
		return code <= split->code;
	return code == split->code;
}

static uint32_t
partition(struct ww_forest *forest, uint32_t from, uint32_t to,
          const struct split *split)
{
	uint32_t i, middle = from;

	for (i = from; i < to; i++)
		if (goes_left(forest, forest->sample[i], split)) {
			uint32_t row = forest->sample[i];

			forest->sample[i] = forest->sample[middle];
			forest->sample[middle++] = row;
		}
	return middle;
}

static uint32_t
add_node(struct ww_forest *forest)
{
	if (forest->n_nodes == forest->capacity) {
		uint32_t capacity = forest->capacity * 2 + 1024;
		struct node *nodes = realloc(forest->nodes,
		                             capacity * sizeof *nodes);

		if (nodes == NULL)
			return LEAF;
		forest->nodes = nodes;
		forest->capacity = capacity;
	}
	return forest->n_nodes++;
}

/* The threshold lies half way to the next value that occurs. */
static uint32_t
split_value(const struct ww_forest *forest, const struct split *split)
{
	const uint32_t *values = forest->values +
	                         split->slot * forest->data->n;
	uint32_t low = values[split->code];

	if ((forest->space->slots[split->slot].flags & WW_SLOT_ORDERED) == 0)
		return low;
	return low + (values[split->code + 1] - low) / 2;
}

/* Grows the tree over sample[from … to); number of its root, LEAF if memory is
 * short. Depth is bounded by the number of rows, since each split separates. */
static uint32_t
grow(struct ww_forest *forest, uint32_t from, uint32_t to)
{
	uint32_t self = add_node(forest);
	double good = 0, bad = 0;
	struct split split;
	uint32_t i, middle, right;

	if (self == LEAF)
		return LEAF;
	for (i = from; i < to; i++) {
		good += forest->data->good[forest->sample[i]];
		bad += forest->data->bad[forest->sample[i]];
	}
	forest->nodes[self].slot = LEAF;
	forest->nodes[self].good = (float)(good / (good + bad));
	if (!(good > 0) || !(bad > 0) ||
	    !find_split(forest, from, to, purity(good, bad), &split))
		return self;
	middle = partition(forest, from, to, &split);
	forest->nodes[self].slot = split.slot;
	forest->nodes[self].value = split_value(forest, &split);
	if (grow(forest, from, middle) == LEAF)
		return LEAF;
	right = grow(forest, middle, to);
	forest->nodes[self].right = right;
	return right == LEAF ? LEAF : self;
}

ww_status
ww_forest_fit(struct ww_forest *forest, const struct ww_forest_data *data,
              const struct ww_random *random)
{
	ww_status status = WW_OK;
	int tree;

	forest->data = data;
	forest->random = random;
	forest->n_nodes = 0;
	if (!make_scratch(forest)) {
		free_scratch(forest);
		return WW_E_NO_MEMORY;
	}
	make_codes(forest);
	for (tree = 0; tree < WW_FOREST_TREES && status == WW_OK; tree++) {
		uint32_t i;

		for (i = 0; i < data->n; i++)
			forest->sample[i] =
				(uint32_t)ww_random_below(random, data->n);
		forest->roots[tree] = grow(forest, 0, (uint32_t)data->n);
		if (forest->roots[tree] == LEAF)
			status = WW_E_NO_MEMORY;
	}
	free_scratch(forest);
	forest->data = NULL;
	return status;
}

double
ww_forest_good(const struct ww_forest *forest, const uint32_t *row,
               uint32_t *leaves)
{
	double sum = 0;
	int tree;

	for (tree = 0; tree < WW_FOREST_TREES; tree++) {
		uint32_t at = forest->roots[tree];

		while (forest->nodes[at].slot != LEAF) {
			const struct node *node = &forest->nodes[at];
			uint32_t value = row[node->slot];
			const struct ww_slot *slot =
				&forest->space->slots[node->slot];
			int left = (slot->flags & WW_SLOT_ORDERED) != 0
			                   ? value <= node->value
			                   : value == node->value;

			at = left ? at + 1 : node->right;
		}
		sum += (double)forest->nodes[at].good;
		if (leaves != NULL)
			leaves[tree] = at;
	}
	return sum / WW_FOREST_TREES;
}
