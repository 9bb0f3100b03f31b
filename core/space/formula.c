/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "core/space/impl.h"

struct ww_formula {
	const struct ww_space_impl *impl;
	struct ww_pool pool; /* its own: the space's is finished and shared */
	uint32_t node;
	char *text;
	bool uses_parameters;
};

static void
note_slot(void *context, uint32_t node)
{
	struct ww_formula *formula = context;

	if (formula->pool.nodes[node].operator == WW_OP_SLOT)
		formula->uses_parameters = true;
}

ww_status
ww_formula_new(const struct ww_search_space *space, const char *expression,
               struct ww_formula **formula, struct ww_error *error)
{
	struct ww_formula *made = ww_alloc(sizeof *made);
	unsigned char *marks;
	ww_status status;

	*formula = NULL;
	made->impl = space->impl;
	status = ww_expression_parse(&made->pool, &made->impl->symbols,
	                             expression, &made->node, error);
	if (status != WW_OK) {
		ww_formula_free(made);
		return ww_error_prefix(error, "'%.200s': ", expression);
	}
	marks = ww_alloc(made->pool.n_nodes);
	ww_expression_walk(&made->pool, made->node, marks, note_slot, made);
	free(marks);
	made->text = ww_copy(expression);
	*formula = made;
	return WW_OK;
}

static ww_status
evaluate(const struct ww_formula *formula, const uint32_t *indices,
         struct ww_scalar *value, struct ww_error *error)
{
	struct ww_scalar *scalars = NULL;

	if (formula->uses_parameters && indices == NULL)
		return ww_error_set(error, WW_E_STATE,
		                    "'%.200s' depends on parameters",
		                    formula->text);
	if (indices != NULL)
		scalars = ww_space_scalars(formula->impl, indices);
	*value = ww_expression_value(&formula->pool, formula->node, scalars);
	free(scalars);
	if (value->tag == WW_SCALAR_FAULT)
		return ww_error_set(error, WW_E_INVALID, "'%.200s': %s",
		                    formula->text, ww_fault_text(*value));
	if (value->tag == WW_SCALAR_STRING)
		return ww_error_set(error, WW_E_INVALID,
		                    "'%.200s' is a text, not a number",
		                    formula->text);
	return WW_OK;
}

ww_status
ww_formula_number(const struct ww_formula *formula, const uint32_t *indices,
                  double *result, struct ww_error *error)
{
	struct ww_scalar value;
	ww_status status = evaluate(formula, indices, &value, error);

	if (status == WW_OK)
		*result = value.tag == WW_SCALAR_FLOAT
		                  ? value.as.number
		                  : (double)value.as.integer;
	return status;
}

ww_status
ww_formula_integer(const struct ww_formula *formula, const uint32_t *indices,
                   int64_t *result, struct ww_error *error)
{
	struct ww_scalar value;
	ww_status status = evaluate(formula, indices, &value, error);

	if (status != WW_OK)
		return status;
	if (value.tag != WW_SCALAR_FLOAT) {
		*result = value.as.integer;
		return WW_OK;
	}
	/* 4096 / 32 is 128.0 and meant as a whole number. */
	if (!(fabs(value.as.number) < 9007199254740992.0) ||
	    floor(value.as.number) < value.as.number)
		return ww_error_set(error, WW_E_INVALID,
		                    "'%.200s' is %g, not a whole number; use // "
		                    "or ceil_div",
		                    formula->text, value.as.number);
	*result = (int64_t)value.as.number;
	return WW_OK;
}

const char *
ww_formula_text(const struct ww_formula *formula)
{
	return formula->text;
}

bool
ww_formula_uses_parameters(const struct ww_formula *formula)
{
	return formula->uses_parameters;
}

void
ww_formula_free(struct ww_formula *formula)
{
	if (formula == NULL)
		return;
	ww_pool_clear(&formula->pool);
	free(formula->text);
	free(formula);
}
