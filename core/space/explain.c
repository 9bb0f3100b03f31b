/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/impl.h"

struct words {
	char *text;
	size_t size;
	size_t used;
};

static void append(struct words *words, const char *format, ...)
	WW_PRINTF(2, 3);

static void
append(struct words *words, const char *format, ...)
{
	va_list args;
	int length;

	if (words->used + 1 >= words->size)
		return;
	va_start(args, format);
	length = vsnprintf(words->text + words->used, words->size - words->used,
	                   format, args);
	va_end(args);
	if (length > 0)
		words->used += (size_t)length;
	if (words->used >= words->size)
		words->used = words->size - 1;
}

/* The part of a broken rule that is to blame: "2048 <= 1024". */
static void
append_blame(struct words *words, const struct ww_space_impl *impl,
             uint32_t index, const struct ww_scalar *scalars)
{
	static const char *const signs[] = {
		[WW_OP_EQUAL] = "==",      [WW_OP_UNEQUAL] = "!=",
		[WW_OP_LESS] = "<",        [WW_OP_LESS_EQUAL] = "<=",
		[WW_OP_GREATER] = ">",     [WW_OP_GREATER_EQUAL] = ">=",
	};
	const struct ww_node *node = &impl->pool.nodes[index];
	const uint32_t *operands = impl->pool.operands + node->first_operand;
	bool chain = node->operator == WW_OP_CHAIN;
	uint32_t i;

	if (node->operator == WW_OP_AND) {
		for (i = 0; i + 1 < node->n_operands; i++)
			if (!ww_scalar_truth(ww_expression_value(
				    &impl->pool, operands[i], scalars)))
				break;
		append_blame(words, impl, operands[i], scalars);
		return;
	}
	if (!chain && (node->operator < WW_OP_EQUAL ||
	               node->operator > WW_OP_GREATER_EQUAL))
		return;
	append(words, ", that is ");
	for (i = 0; i < node->n_operands; i++) {
		char text[80];

		if (i > 0)
			append(words, " %s ",
			       signs[chain ? ww_chain_operator(node, i - 1)
			                   : (enum ww_operator)node->operator]);
		ww_scalar_print(ww_expression_value(&impl->pool, operands[i],
		                                    scalars),
		                text, sizeof text);
		append(words, "%s", text);
	}
}

struct naming {
	struct words *words;
	const struct ww_space_impl *impl;
	const uint32_t *indices;
	unsigned n;
};

static void
append_slot(void *context, uint32_t index)
{
	struct naming *naming = context;
	const struct ww_node *node = &naming->impl->pool.nodes[index];
	const struct ww_slot *slot;

	if (node->operator != WW_OP_SLOT)
		return;
	slot = &naming->impl->slots[node->slot];
	append(naming->words, "%s%s = %s", naming->n++ == 0 ? "with " : ", ",
	       slot->name, slot->values[naming->indices[node->slot]].string);
}

static void
append_slots(struct words *words, const struct ww_space_impl *impl,
             uint32_t root, const uint32_t *indices)
{
	struct naming naming = { words, impl, indices, 0 };
	unsigned char *marks = ww_alloc(impl->pool.n_nodes);

	ww_expression_walk(&impl->pool, root, marks, append_slot, &naming);
	free(marks);
}

static bool
explain_constraint(const struct ww_space_impl *impl, uint32_t i,
                   const uint32_t *indices, const struct ww_scalar *scalars,
                   struct words *words)
{
	const struct ww_constraint *constraint = &impl->constraints[i];
	struct ww_scalar value = ww_expression_value(
		&impl->pool, impl->constraint_nodes[i], scalars);

	if (ww_scalar_known(value) && ww_scalar_truth(value))
		return false;
	append(words, "breaks %s ", constraint->expression);
	append_slots(words, impl, impl->constraint_nodes[i], indices);
	if (value.tag == WW_SCALAR_FAULT)
		append(words, ": %s", ww_fault_text(value));
	else
		append_blame(words, impl, impl->constraint_nodes[i], scalars);
	if (constraint->reason[0] != '\0')
		append(words, " (%s)", constraint->reason);
	return true;
}

static bool
explain_condition(const struct ww_space_impl *impl, uint32_t i,
                  const uint32_t *indices, const struct ww_scalar *scalars,
                  struct words *words)
{
	const struct ww_slot *slot = &impl->slots[i];
	const char *condition =
		impl->parameters[impl->slot_parameters[i]].condition;
	bool fault = false;

	if (ww_space_condition(impl, scalars, i, &fault))
		return false;
	if (fault) {
		append(words, "%s: its condition %s cannot be computed",
		       slot->name, condition);
		return true;
	}
	if (indices[i] == slot->default_index)
		return false;
	append(words, "%s = %s, but without %s it does not exist", slot->name,
	       slot->values[indices[i]].string, condition);
	return true;
}

bool
ww_space_explain(const struct ww_search_space *space, const uint32_t *indices,
                 char *why, size_t size)
{
	const struct ww_space_impl *impl = space->impl;
	char none[1];
	struct words words = { why != NULL ? why : none,
		               why != NULL ? size : sizeof none, 0 };
	struct ww_scalar *scalars;
	bool broken = false;
	uint32_t i;

	if (words.size > 0)
		words.text[0] = '\0';
	for (i = 0; i < impl->n_slots; i++)
		if (indices[i] >= impl->slots[i].n_values) {
			append(&words, "%s: no value number %u",
			       impl->slots[i].name, indices[i]);
			return true;
		}
	scalars = ww_space_scalars(impl, indices);
	for (i = 0; i < impl->n_slots && !broken; i++)
		broken = explain_condition(impl, i, indices, scalars, &words);
	for (i = 0; i < impl->n_constraints && !broken && !impl->has_rows; i++)
		broken = explain_constraint(impl, i, indices, scalars, &words);
	if (!broken && impl->has_rows &&
	    ww_space_row(impl, indices) == UINT64_MAX) {
		append(&words, "is not among the recorded configurations");
		broken = true;
	}
	free(scalars);
	return broken;
}
