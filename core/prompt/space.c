/* SPDX-License-Identifier: MIT
 *
 * The search space as JSON, one parameter a line, and its rules.
 */
#include <math.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/prompt/digest.h"
#include "core/space/space.h"

/* Longer rows of values are described instead of listed, if they follow a
 * simple law. */
#define LONGEST_LIST 24

/* "range" and "step" (or "factor") if the values are such a progression. */
static int
put_progression(struct json_object *object, const struct ww_slot *slot)
{
	const struct ww_value *values = slot->values;
	double step = values[1].number - values[0].number;
	double factor = values[1].number / values[0].number;
	int sum = 1, product = values[0].number > 0;
	struct json_object *range;
	uint32_t i;

	for (i = 1; i < slot->n_values; i++) {
		double from = values[i - 1].number;
		double to = values[i].number;

		sum = sum && fabs(to - from - step) <= 1e-9 * fabs(to);
		product = product && fabs(to - from * factor) <= 1e-9 * to;
	}
	if (values[0].type == WW_VALUE_STRING || (!sum && !product))
		return 0;
	range = json_object_new_array();
	json_object_array_add(range, ww_value_json(&values[0]));
	json_object_array_add(range,
	                      ww_value_json(&values[slot->n_values - 1]));
	json_object_object_add(object, "range", range);
	json_object_object_add(object, sum ? "step" : "factor",
	                       ww_json_double(sum ? step : factor));
	return 1;
}

static void
put_values(struct json_object *object, const struct ww_slot *slot)
{
	struct json_object *list;
	uint32_t i;

	if (slot->n_values > LONGEST_LIST && put_progression(object, slot))
		return;
	list = json_object_new_array();
	for (i = 0; i < slot->n_values; i++)
		json_object_array_add(list, ww_value_json(&slot->values[i]));
	json_object_object_add(object, "values", list);
}

static void
put_default(struct json_object *object, const struct ww_search_space *space,
            const struct ww_parameter *parameter)
{
	const struct ww_slot *slots = space->view.slots +
	                              parameter->first_slot;
	struct json_object *list;
	uint32_t i;

	if (parameter->dimensions == NULL) {
		json_object_object_add(
			object, "default",
			ww_value_json(&slots[0].values[slots[0].default_index]));
		return;
	}
	list = json_object_new_array();
	for (i = 0; i < parameter->n_slots; i++)
		json_object_array_add(
			list,
			ww_value_json(&slots[i].values[slots[i].default_index]));
	json_object_object_add(object, "default", list);
}

static void
put_text(struct json_object *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_object_add(object, key,
		                       json_object_new_string(text));
}

static struct json_object *
parameter_json(const struct ww_search_space *space,
               const struct ww_parameter *parameter)
{
	struct json_object *object = json_object_new_object();
	uint32_t i;

	put_text(object, "description", parameter->description);
	put_text(object, "type", parameter->type);
	if (parameter->dimensions != NULL) {
		struct json_object *names = json_object_new_array();

		for (i = 0; i < parameter->n_slots; i++)
			json_object_array_add(
				names, json_object_new_string(
					       parameter->dimensions[i]));
		json_object_object_add(object, "dimensions", names);
	}
	put_values(object, &space->view.slots[parameter->first_slot]);
	put_default(object, space, parameter);
	put_text(object, "tradeoff", parameter->tradeoff);
	put_text(object, "exists_only_if", parameter->condition);
	return object;
}

void
ww_prompt_space(struct ww_page *page, const struct ww_search_space *space)
{
	uint32_t i;

	ww_page_add(page, "{\n");
	for (i = 0; i < space->n_parameters; i++) {
		struct json_object *object =
			parameter_json(space, &space->parameters[i]);
		struct json_object *name =
			json_object_new_string(space->parameters[i].name);

		ww_page_add(page, "  %s: ", ww_json_text(name));
		ww_page_add(page, "%s%s\n", ww_json_text(object),
		            i + 1 < space->n_parameters ? "," : "");
		json_object_put(name);
		json_object_put(object);
	}
	ww_page_add(page, "}\n");
}

void
ww_prompt_rules(struct ww_page *page, const struct ww_search_space *space)
{
	int32_t exact;
	double count = space->view.count(&space->view, &exact);
	uint32_t i;

	for (i = 0; i < space->n_constraints; i++) {
		const struct ww_constraint *rule = &space->constraints[i];

		ww_page_add(page, "- %s", rule->expression);
		if (rule->reason != NULL && rule->reason[0] != '\0')
			ww_page_add(page, " (%s)", rule->reason);
		ww_page_add(page, "\n");
	}
	ww_page_add(page, "- %s%.15g of %.15g combinations of values are valid\n",
	            exact ? "" : "at least ", count, space->cartesian);
}
