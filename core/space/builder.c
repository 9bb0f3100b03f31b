/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/impl.h"

#define MOST_SLOTS 1024u
#define MOST_VALUES 1000000u
#define MOST_TOTAL_VALUES 4000000u

struct ww_space_builder {
	struct ww_search_space *space;
	uint32_t total_values;
};

struct ww_space_builder *
ww_space_builder_new(void)
{
	struct ww_space_builder *builder = ww_alloc(sizeof *builder);

	builder->space = ww_alloc(sizeof *builder->space);
	builder->space->impl = ww_alloc(sizeof *builder->space->impl);
	return builder;
}

void
ww_space_builder_free(struct ww_space_builder *builder)
{
	if (builder == NULL)
		return;
	ww_space_free(builder->space);
	free(builder);
}

void
ww_space_builder_limits(struct ww_space_builder *builder,
                        struct ww_diagram_limits limits)
{
	builder->space->impl->limits = limits;
}

/* ------------------------------------------------------------------- names */

static bool
is_reserved(const char *name)
{
	static const char *const words[] = {
		"and", "or",  "not", "in",  "if",      "else",
		"True", "False", "None", "min", "max", "abs", "ceil_div",
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static ww_status
check_name(const char *what, const char *name, struct ww_error *error)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (name[i] != '_' && !isalpha((unsigned char)name[i]) &&
		    (i == 0 || !isdigit((unsigned char)name[i])))
			break;
	if (i == 0 || name[i] != '\0' || i > 63)
		return ww_error_set(error, WW_E_CONFIG,
		                    "%s '%.80s': a name has letters, digits and "
		                    "'_', no digit first, and at most 63 of them",
		                    what, name);
	if (is_reserved(name))
		return ww_error_set(error, WW_E_CONFIG,
		                    "%s '%s': the word has a meaning in "
		                    "expressions; choose another name",
		                    what, name);
	return WW_OK;
}

/* Preprocessor definitions write '.' as '_', so "tile.M" collides with
 * "tile_M". */
static bool
same_macro(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if ((*a == '.' ? '_' : *a) != (*b == '.' ? '_' : *b))
			return false;
	return *a == *b;
}

static ww_status
check_free(const struct ww_space_impl *impl, const char *name,
           struct ww_error *error)
{
	size_t i;

	for (i = 0; i < impl->symbols.n; i++)
		if (same_macro(impl->symbols.items[i].name, name))
			return ww_error_set(error, WW_E_CONFIG,
			                    "the name '%s' is used twice",
			                    name);
	return WW_OK;
}

ww_status
ww_space_builder_constant(struct ww_space_builder *builder, const char *name,
                          double value, bool integral, struct ww_error *error)
{
	struct ww_space_impl *impl = builder->space->impl;
	ww_status status = WW_OK;

	/* "ProblemSize[0]" and the like belong to readers of other formats. */
	if (strchr(name, '[') == NULL)
		status = check_name("problem size", name, error);
	if (status == WW_OK)
		status = check_free(impl, name, error);
	if (status != WW_OK)
		return status;
	/* Whole numbers beyond are not all doubles. */
	if (!isfinite(value) ||
	    (integral && !(fabs(value) < 9007199254740993.0)))
		return ww_error_set(error, WW_E_CONFIG,
		                    "problem size '%s' is %g; it may be at most "
		                    "9007199254740992",
		                    name, value);
	ww_symbols_constant(&impl->symbols, name,
	                    integral ? ww_scalar_integer((int64_t)value)
	                             : ww_scalar_float(value));
	return WW_OK;
}

/* ------------------------------------------------------------------ values */

static void
complete_value(struct ww_value *to, const struct ww_value *from,
               const char *name)
{
	char text[64];

	*to = *from;
	to->name = name;
	to->reserved = 0;
	if (from->type == WW_VALUE_STRING) {
		to->number = NAN;
		to->integer = 0;
	} else if (from->type != WW_VALUE_FLOAT) {
		to->number = (double)from->integer;
	} else {
		to->integer = 0;
	}
	if (from->string != NULL) {
		to->string = ww_copy(from->string);
	} else if (from->type == WW_VALUE_BOOL) {
		to->string = ww_copy(from->integer != 0 ? "true" : "false");
	} else {
		ww_scalar_print(ww_scalar_of(to), text, sizeof text);
		to->string = ww_copy(text);
	}
}

static bool
same_value(const struct ww_value *a, const struct ww_value *b)
{
	if ((a->type == WW_VALUE_STRING) != (b->type == WW_VALUE_STRING))
		return false;
	if (a->type == WW_VALUE_STRING)
		return strcmp(a->string, b->string) == 0;
	return !(a->number < b->number) && !(a->number > b->number) &&
	       a->integer == b->integer;
}

static int
order_values(const void *left, const void *right)
{
	const struct ww_value *a = left;
	const struct ww_value *b = right;

	if ((a->type == WW_VALUE_STRING) != (b->type == WW_VALUE_STRING))
		return a->type == WW_VALUE_STRING ? 1 : -1;
	if (a->type == WW_VALUE_STRING)
		return strcmp(a->string, b->string);
	if (a->number < b->number || a->number > b->number)
		return a->number < b->number ? -1 : 1;
	return a->integer < b->integer ? -1 : a->integer > b->integer;
}

static ww_status
check_values(const struct ww_parameter_spec *spec, struct ww_error *error)
{
	struct ww_value *sorted;
	char text[64] = "";
	uint32_t i;

	if (spec->n_values == 0)
		return ww_error_set(error, WW_E_CONFIG,
		                    "parameter '%s' has no values", spec->name);
	sorted = ww_alloc(spec->n_values * sizeof *sorted);
	memcpy(sorted, spec->values, spec->n_values * sizeof *sorted);
	qsort(sorted, spec->n_values, sizeof *sorted, order_values);
	for (i = 1; i < spec->n_values && text[0] == '\0'; i++)
		if (same_value(&sorted[i], &sorted[i - 1]))
			ww_scalar_print(ww_scalar_of(&sorted[i]), text,
			                sizeof text);
	free(sorted);
	if (text[0] != '\0')
		return ww_error_set(error, WW_E_CONFIG,
		                    "parameter '%s' has the value %s twice",
		                    spec->name, text);
	return WW_OK;
}

/* Rising numbers of a numeric type are ordered; at a steady ratio of 1.4 or
 * more between neighbours they are geometric. */
static uint32_t
slot_flags(const struct ww_parameter_spec *spec)
{
	const struct ww_value *v = spec->values;
	bool rising = true, falling = true, geometric = spec->n_values > 2;
	uint32_t i;

	for (i = 0; i < spec->n_values; i++)
		if (v[i].type != WW_VALUE_INT && v[i].type != WW_VALUE_FLOAT)
			return 0;
	if (strcmp(spec->type, "enum") == 0)
		return 0;
	for (i = 1; i < spec->n_values; i++) {
		double a = v[i - 1].type == WW_VALUE_INT
		                   ? (double)v[i - 1].integer
		                   : v[i - 1].number;
		double b = v[i].type == WW_VALUE_INT ? (double)v[i].integer
		                                     : v[i].number;

		rising = rising && b > a;
		falling = falling && b < a;
		geometric = geometric && a > 0 && b >= 1.4 * a;
	}
	if (!rising && !falling)
		return 0;
	return WW_SLOT_ORDERED | (geometric ? WW_SLOT_LOG : 0);
}

/* -------------------------------------------------------------- parameters */

static void
add_slot(struct ww_space_builder *builder, const struct ww_parameter_spec *spec,
         uint32_t dimension, uint32_t group, uint32_t condition)
{
	struct ww_space_impl *impl = builder->space->impl;
	uint32_t at = impl->n_slots++;
	struct ww_value *values = ww_alloc(spec->n_values * sizeof *values);
	struct ww_slot *slot;
	uint32_t i;

	impl->slots = ww_grow(impl->slots, impl->n_slots * sizeof *slot);
	impl->conditions = ww_grow(impl->conditions,
	                           impl->n_slots * sizeof(uint32_t));
	impl->slot_parameters = ww_grow(impl->slot_parameters,
	                                impl->n_slots * sizeof(uint32_t));
	slot = &impl->slots[at];
	memset(slot, 0, sizeof *slot);
	slot->name = spec->n_dimensions > 0
	                     ? ww_text("%s.%s", spec->name,
	                               spec->dimensions[dimension])
	                     : ww_copy(spec->name);
	for (i = 0; i < spec->n_values; i++)
		complete_value(&values[i], &spec->values[i], slot->name);
	slot->values = values;
	slot->n_values = spec->n_values;
	slot->default_index = spec->defaults != NULL
	                              ? spec->defaults[dimension]
	                              : 0;
	slot->flags = slot_flags(spec) |
	              (condition != WW_NO_NODE ? WW_SLOT_CONDITIONAL : 0);
	slot->group = group;
	impl->conditions[at] = condition;
	impl->slot_parameters[at] = impl->n_parameters;
	builder->total_values += spec->n_values;
}

static void
add_symbols(struct ww_space_impl *impl, const struct ww_parameter_spec *spec,
            uint32_t first)
{
	uint32_t n = spec->n_dimensions > 0 ? spec->n_dimensions : 1;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const struct ww_slot *slot = &impl->slots[first + i];
		char *indexed = ww_text("%s[%u]", spec->name, i);

		ww_symbols_slot(&impl->symbols, slot->name, first + i,
		                slot->values, slot->n_values);
		if (spec->n_dimensions > 0)
			ww_symbols_slot(&impl->symbols, indexed, first + i,
			                slot->values, slot->n_values);
		free(indexed);
	}
}

static void
add_parameter(struct ww_space_impl *impl, const struct ww_parameter_spec *spec,
              uint32_t first)
{
	struct ww_parameter *parameter;
	char **dimensions = NULL;
	uint32_t i;

	impl->parameters = ww_grow(impl->parameters, (impl->n_parameters + 1) *
	                                                     sizeof *parameter);
	parameter = &impl->parameters[impl->n_parameters++];
	memset(parameter, 0, sizeof *parameter);
	parameter->name = ww_copy(spec->name);
	parameter->type = ww_copy(spec->type);
	parameter->description = ww_copy(
		spec->description != NULL ? spec->description : "");
	parameter->tradeoff = ww_copy(spec->tradeoff != NULL ? spec->tradeoff
	                                                     : "");
	parameter->condition = ww_copy(spec->condition);
	parameter->first_slot = first;
	parameter->n_slots = spec->n_dimensions > 0 ? spec->n_dimensions : 1;
	if (spec->n_dimensions > 0)
		dimensions = ww_alloc(spec->n_dimensions * sizeof *dimensions);
	for (i = 0; i < spec->n_dimensions; i++)
		dimensions[i] = ww_copy(spec->dimensions[i]);
	parameter->dimensions = (const char *const *)dimensions;
}

static ww_status
check_dimensions(const struct ww_space_builder *builder,
                 const struct ww_parameter_spec *spec, struct ww_error *error)
{
	const struct ww_space_impl *impl = builder->space->impl;
	ww_status status = WW_OK;
	uint32_t i, k;

	for (i = 0; i < spec->n_dimensions && status == WW_OK; i++) {
		char *name = ww_text("%s.%s", spec->name, spec->dimensions[i]);

		status = check_name("dimension", spec->dimensions[i], error);
		if (status == WW_OK)
			status = check_free(impl, name, error);
		for (k = 0; k < i && status == WW_OK; k++)
			if (strcmp(spec->dimensions[i], spec->dimensions[k]) ==
			    0)
				status = ww_error_set(
					error, WW_E_CONFIG,
					"parameter '%s' has the dimension '%s' "
					"twice",
					spec->name, spec->dimensions[i]);
		free(name);
	}
	return status;
}

static ww_status
check_spec(const struct ww_space_builder *builder,
           const struct ww_parameter_spec *spec, struct ww_error *error)
{
	const struct ww_space_impl *impl = builder->space->impl;
	uint32_t n = spec->n_dimensions > 0 ? spec->n_dimensions : 1;
	ww_status status = check_name("parameter", spec->name, error);

	if (status == WW_OK)
		status = check_free(impl, spec->name, error);
	if (status == WW_OK)
		status = check_dimensions(builder, spec, error);
	if (status == WW_OK &&
	    (impl->n_slots + n > MOST_SLOTS || spec->n_values > MOST_VALUES ||
	     builder->total_values + (uint64_t)n * spec->n_values >
	             MOST_TOTAL_VALUES))
		return ww_error_set(error, WW_E_CONFIG,
		                    "parameter '%s' makes the space too large: at "
		                    "most %u slots, %u values in one and %u in all",
		                    spec->name, MOST_SLOTS, MOST_VALUES,
		                    MOST_TOTAL_VALUES);
	if (status == WW_OK)
		status = check_values(spec, error);
	return status;
}

ww_status
ww_space_builder_parameter(struct ww_space_builder *builder,
                           const struct ww_parameter_spec *spec,
                           struct ww_error *error)
{
	struct ww_space_impl *impl = builder->space->impl;
	uint32_t n = spec->n_dimensions > 0 ? spec->n_dimensions : 1;
	uint32_t first = impl->n_slots;
	uint32_t condition = WW_NO_NODE;
	ww_status status = check_spec(builder, spec, error);
	uint32_t i;

	for (i = 0; i < n && status == WW_OK && spec->defaults != NULL; i++)
		if (spec->defaults[i] >= spec->n_values)
			status = ww_error_set(error, WW_E_INTERNAL,
			                      "parameter '%s': default index "
			                      "%u of %u values",
			                      spec->name, spec->defaults[i],
			                      spec->n_values);
	if (status == WW_OK && spec->condition != NULL) {
		status = ww_expression_parse(&impl->pool, &impl->symbols,
		                             spec->condition, &condition,
		                             error);
		if (status != WW_OK)
			ww_error_prefix(error, "condition of '%s' (it may name "
			                       "only what stands before it): ",
			                spec->name);
	}
	if (status != WW_OK)
		return status;
	for (i = 0; i < n; i++)
		add_slot(builder, spec, i, first, condition);
	add_symbols(impl, spec, first);
	add_parameter(impl, spec, first);
	return WW_OK;
}

ww_status
ww_space_builder_constraint(struct ww_space_builder *builder,
                            const char *expression, const char *reason,
                            struct ww_error *error)
{
	struct ww_space_impl *impl = builder->space->impl;
	uint32_t at = impl->n_constraints;
	uint32_t node;
	ww_status status = ww_expression_parse(&impl->pool, &impl->symbols,
	                                       expression, &node, error);

	if (status != WW_OK) {
		ww_error_prefix(error, "constraint '%.200s': ", expression);
		return status;
	}
	impl->constraints = ww_grow(impl->constraints,
	                            (at + 1) * sizeof impl->constraints[0]);
	impl->constraint_nodes = ww_grow(impl->constraint_nodes,
	                                 (at + 1) * sizeof(uint32_t));
	impl->constraints[at].expression = ww_copy(expression);
	impl->constraints[at].reason = ww_copy(reason != NULL ? reason : "");
	impl->constraint_nodes[at] = node;
	impl->n_constraints++;
	return WW_OK;
}

ww_status
ww_space_builder_rows(struct ww_space_builder *builder, const uint32_t *rows,
                      uint64_t n, struct ww_error *error)
{
	struct ww_space_impl *impl = builder->space->impl;
	uint64_t i;

	if (n > UINT64_C(1) << 28)
		return ww_error_set(error, WW_E_CONFIG,
		                    "a list of more than 2^28 configurations");
	for (i = 0; i < n * impl->n_slots; i++)
		if (rows[i] >= impl->slots[i % impl->n_slots].n_values)
			return ww_error_set(error, WW_E_INTERNAL,
			                    "row %llu: index out of range",
			                    (unsigned long long)(i /
			                                         impl->n_slots));
	free(impl->rows);
	impl->rows = ww_alloc((n * impl->n_slots + 1) * sizeof(uint32_t));
	memcpy(impl->rows, rows, n * impl->n_slots * sizeof(uint32_t));
	impl->n_rows = n;
	impl->has_rows = true;
	return WW_OK;
}

/* ---------------------------------------------------------- begin and end */

ww_status
ww_space_build(struct ww_space_builder *builder,
               struct ww_search_space **space, struct ww_error *error)
{
	struct ww_search_space *made = builder->space;
	struct ww_space_impl *impl = made->impl;
	uint32_t i;

	*space = NULL;
	if (impl->n_slots == 0) {
		ww_space_builder_free(builder);
		return ww_error_set(error, WW_E_CONFIG,
		                    "a space needs at least one parameter");
	}
	if (impl->has_rows)
		ww_space_sort_rows(impl);
	made->cartesian = 1;
	for (i = 0; i < impl->n_slots; i++)
		made->cartesian *= impl->slots[i].n_values;
	made->parameters = impl->parameters;
	made->n_parameters = impl->n_parameters;
	made->constraints = impl->constraints;
	made->n_constraints = impl->n_constraints;
	ww_space_solve(made);
	ww_space_view(made);
	free(builder);
	*space = made;
	return WW_OK;
}

/* The public structs hold pointers to const; what they point to was allocated
 * here. */
static void
release(const void *block)
{
	union {
		const void *given;
		void *owned;
	} both = { block };

	free(both.owned);
}

static void
free_parameters(struct ww_space_impl *impl)
{
	uint32_t i, k;

	for (i = 0; i < impl->n_parameters; i++) {
		struct ww_parameter *parameter = &impl->parameters[i];

		release(parameter->name);
		release(parameter->type);
		release(parameter->description);
		release(parameter->tradeoff);
		release(parameter->condition);
		for (k = 0; parameter->dimensions != NULL &&
		            k < parameter->n_slots; k++)
			release(parameter->dimensions[k]);
		release(parameter->dimensions);
	}
	for (i = 0; i < impl->n_slots; i++) {
		for (k = 0; k < impl->slots[i].n_values; k++)
			release(impl->slots[i].values[k].string);
		release(impl->slots[i].values);
		release(impl->slots[i].name);
	}
	for (i = 0; i < impl->n_constraints; i++) {
		release(impl->constraints[i].expression);
		release(impl->constraints[i].reason);
	}
}

void
ww_space_free(struct ww_search_space *space)
{
	struct ww_space_impl *impl;
	uint32_t i;

	if (space == NULL)
		return;
	impl = space->impl;
	free_parameters(impl);
	for (i = 0; i < impl->n_parts; i++) {
		release(impl->parts[i].rules.roots);
		ww_plan_free(impl->parts[i].plan);
		ww_diagram_free(impl->parts[i].diagram);
	}
	free(impl->parts);
	free(impl->parameters);
	free(impl->slots);
	free(impl->conditions);
	free(impl->slot_parameters);
	free(impl->constraints);
	free(impl->constraint_nodes);
	free(impl->related);
	free(impl->rows);
	ww_symbols_clear(&impl->symbols);
	ww_pool_clear(&impl->pool);
	free(impl);
	free(space);
}
