/* SPDX-License-Identifier: MIT */
#include "core/space/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/backtrack.h"
#include "core/space/impl.h"

struct ww_scalar *
ww_space_scalars(const struct ww_space_impl *impl, const uint32_t *indices)
{
	struct ww_scalar *scalars = ww_alloc(impl->n_slots * sizeof *scalars);
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		scalars[i] = ww_scalar_of(&impl->slots[i].values[indices[i]]);
	return scalars;
}

bool
ww_space_condition(const struct ww_space_impl *impl,
                   const struct ww_scalar *scalars, uint32_t slot, bool *fault)
{
	struct ww_scalar value;

	if (impl->conditions[slot] == WW_NO_NODE)
		return true;
	value = ww_expression_value(&impl->pool, impl->conditions[slot],
	                            scalars);
	if (value.tag == WW_SCALAR_FAULT)
		*fault = true;
	return ww_scalar_known(value) && ww_scalar_truth(value);
}

/* -------------------------------------------------------------------- view */

static const struct ww_space_impl *
impl_of(const struct ww_space *view)
{
	return ((const struct ww_search_space *)view)->impl;
}

static double
view_count(const struct ww_space *self, int32_t *exact)
{
	const struct ww_space_impl *impl = impl_of(self);

	if (exact != NULL)
		*exact = impl->exact;
	return impl->count;
}

static bool
in_range(const struct ww_space_impl *impl, const uint32_t *indices)
{
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		if (indices[i] >= impl->slots[i].n_values)
			return false;
	return true;
}

static bool
obeys(const struct ww_space_impl *impl, const uint32_t *indices,
      const struct ww_scalar *scalars)
{
	bool fault = false;
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		if (impl->conditions[i] != WW_NO_NODE &&
		    !ww_space_condition(impl, scalars, i, &fault) &&
		    (fault || indices[i] != impl->slots[i].default_index))
			return false;
	if (impl->has_rows)
		return ww_space_row(impl, indices) != UINT64_MAX;
	for (i = 0; i < impl->n_constraints; i++) {
		struct ww_scalar value = ww_expression_value(
			&impl->pool, impl->constraint_nodes[i], scalars);

		if (!ww_scalar_known(value) || !ww_scalar_truth(value))
			return false;
	}
	return true;
}

static int32_t
view_valid(const struct ww_space *self, const uint32_t *indices)
{
	const struct ww_space_impl *impl = impl_of(self);
	struct ww_scalar *scalars;
	bool good;

	if (!in_range(impl, indices))
		return 0;
	scalars = ww_space_scalars(impl, indices);
	good = obeys(impl, indices, scalars);
	free(scalars);
	return good;
}

/* Conditions name earlier slots only, so one pass in order settles all. */
static void
view_canonical(const struct ww_space *self, uint32_t *indices)
{
	const struct ww_space_impl *impl = impl_of(self);
	struct ww_scalar *scalars;
	bool fault = false;
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		if (indices[i] >= impl->slots[i].n_values)
			indices[i] = impl->slots[i].default_index;
	scalars = ww_space_scalars(impl, indices);
	for (i = 0; i < impl->n_slots; i++) {
		if (ww_space_condition(impl, scalars, i, &fault))
			continue;
		indices[i] = impl->slots[i].default_index;
		scalars[i] = ww_scalar_of(&impl->slots[i].values[indices[i]]);
	}
	free(scalars);
}

static void
decode(const struct ww_space_impl *impl, uint64_t rank, uint32_t *indices)
{
	uint32_t p;

	for (p = impl->n_parts; p-- > 0;) {
		const struct ww_part *part = &impl->parts[p];

		ww_diagram_at(part->diagram, rank % part->count, indices);
		rank /= part->count;
	}
}

static ww_status
view_at(const struct ww_space *self, uint64_t rank, uint32_t *indices)
{
	const struct ww_space_impl *impl = impl_of(self);
	uint32_t p;

	if (impl->exact && impl->count_u64 == 0)
		return WW_E_NOT_FOUND;
	for (p = 0; p < impl->n_parts; p++)
		if (impl->parts[p].diagram == NULL)
			return WW_E_UNSUPPORTED;
	if (!impl->exact || impl->count_u64 == UINT64_MAX)
		return WW_E_UNSUPPORTED;
	if (rank >= impl->count_u64)
		return WW_E_NOT_FOUND;
	if (impl->has_rows)
		memcpy(indices, impl->rows + rank * impl->n_slots,
		       impl->n_slots * sizeof *indices);
	else
		decode(impl, rank, indices);
	return WW_OK;
}

static ww_status
view_sample(const struct ww_space *self, const struct ww_random *random,
            uint32_t *indices)
{
	const struct ww_space_impl *impl = impl_of(self);
	uint32_t p;

	if (impl->exact && impl->count_u64 == 0)
		return WW_E_NOT_FOUND;
	if (impl->has_rows)
		return view_at(self, ww_random_below(random, impl->n_rows),
		               indices);
	for (p = 0; p < impl->n_parts; p++) {
		const struct ww_part *part = &impl->parts[p];

		if (part->diagram != NULL && part->exact)
			ww_diagram_at(part->diagram,
			              ww_random_below(random, part->count),
			              indices);
		else if (part->diagram != NULL)
			ww_diagram_sample(part->diagram, random, indices);
		else if (!ww_backtrack_sample(&part->rules, part->plan, random,
		                              indices))
			return WW_E_NOT_FOUND;
	}
	return WW_OK;
}

static int32_t
view_related(const struct ww_space *self, uint32_t a, uint32_t b)
{
	const struct ww_space_impl *impl = impl_of(self);

	return a != b && a < impl->n_slots && b < impl->n_slots &&
	       (impl->related[a * impl->related_words + b / 64] >> (b % 64) &
	        1) != 0;
}

static ww_status
view_to_json(const struct ww_space *self, const uint32_t *indices,
             struct ww_text_sink *sink)
{
	struct json_object *config;
	const char *text;
	ww_status status;

	if (!in_range(impl_of(self), indices))
		return WW_E_INVALID;
	config = ww_space_config((const struct ww_search_space *)self, indices);
	text = ww_json_text(config);
	status = sink->write(sink, text, strlen(text));
	json_object_put(config);
	return status;
}

void
ww_space_view(struct ww_search_space *space)
{
	space->view = (struct ww_space){
		.size = sizeof space->view,
		.n_slots = space->impl->n_slots,
		.slots = space->impl->slots,
		.count = view_count,
		.valid = view_valid,
		.canonical = view_canonical,
		.sample = view_sample,
		.at = view_at,
		.related = view_related,
		.to_json = view_to_json,
	};
}

/* ------------------------------------------------------------------ asking */

uint32_t
ww_space_slot(const struct ww_search_space *space, const char *name)
{
	const struct ww_symbol *symbol = ww_symbols_find(&space->impl->symbols,
	                                                 name);

	return symbol != NULL && symbol->is_slot ? symbol->slot : UINT32_MAX;
}

void
ww_space_default(const struct ww_search_space *space, uint32_t *indices)
{
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++)
		indices[i] = space->view.slots[i].default_index;
}

bool
ww_space_active(const struct ww_search_space *space, const uint32_t *indices,
                uint32_t slot)
{
	struct ww_scalar *scalars;
	bool fault = false;
	bool active;

	if (space->impl->conditions[slot] == WW_NO_NODE)
		return true;
	scalars = ww_space_scalars(space->impl, indices);
	active = ww_space_condition(space->impl, scalars, slot, &fault);
	free(scalars);
	return active;
}

uint64_t
ww_space_faulty(const struct ww_search_space *space)
{
	double faulty = round(fmin(space->impl->faulty, space->cartesian));

	return faulty < 18446744073709551615.0 ? (uint64_t)faulty : UINT64_MAX;
}

/* --------------------------------------------------------------- iteration */

struct iteration {
	const struct ww_space_impl *impl;
	uint32_t *indices;
	bool (*visit)(void *context, const uint32_t *indices);
	void *context;
};

struct iteration_part { /* the continuation of a searched part */
	struct iteration *iteration;
	uint32_t next;
};

static bool each_part(struct iteration *iteration, uint32_t p);

static bool
continue_part(void *context)
{
	struct iteration_part *at = context;

	return each_part(at->iteration, at->next);
}

static bool
each_part(struct iteration *iteration, uint32_t p)
{
	const struct ww_part *part = &iteration->impl->parts[p];
	struct iteration_part next = { iteration, p + 1 };
	uint64_t rank;

	if (p == iteration->impl->n_parts)
		return iteration->visit(iteration->context, iteration->indices);
	if (part->diagram == NULL || !part->exact)
		return ww_backtrack_each(&part->rules, part->plan, UINT64_MAX,
		                         iteration->indices, continue_part,
		                         &next, NULL) == WW_BACKTRACK_DONE;
	for (rank = 0; rank < part->count; rank++) {
		ww_diagram_at(part->diagram, rank, iteration->indices);
		if (!each_part(iteration, p + 1))
			return false;
	}
	return true;
}

void
ww_space_each(const struct ww_search_space *space,
              bool (*visit)(void *context, const uint32_t *indices),
              void *context)
{
	const struct ww_space_impl *impl = space->impl;
	struct iteration iteration = { .impl = impl,
		                       .visit = visit,
		                       .context = context };
	uint64_t row;

	if (impl->exact && impl->count_u64 == 0)
		return;
	if (impl->has_rows) {
		for (row = 0; row < impl->n_rows; row++)
			if (!visit(context, impl->rows + row * impl->n_slots))
				return;
		return;
	}
	iteration.indices = ww_alloc(impl->n_slots * sizeof(uint32_t));
	each_part(&iteration, 0);
	free(iteration.indices);
}

struct nearest {
	const struct ww_search_space *space;
	const uint32_t *wanted;
	uint32_t *best;
	uint32_t distance;
	uint32_t left;
};

static bool
note_nearest(void *context, const uint32_t *indices)
{
	struct nearest *nearest = context;
	uint32_t n = nearest->space->view.n_slots;
	uint32_t distance = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		distance += indices[i] != nearest->wanted[i];
	if (distance < nearest->distance) {
		nearest->distance = distance;
		memcpy(nearest->best, indices, n * sizeof *indices);
	}
	return distance > 0 && --nearest->left > 0;
}

bool
ww_space_closest(const struct ww_search_space *space, const uint32_t *indices,
                 uint32_t *closest)
{
	size_t bytes = space->view.n_slots * sizeof *indices;
	struct nearest nearest = { .space = space,
		                   .wanted = indices,
		                   .best = ww_alloc(bytes),
		                   .distance = UINT32_MAX,
		                   .left = 100000 };

	ww_space_each(space, note_nearest, &nearest);
	if (nearest.distance < UINT32_MAX)
		memcpy(closest, nearest.best, bytes);
	free(nearest.best);
	return nearest.distance < UINT32_MAX;
}
