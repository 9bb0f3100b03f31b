/* SPDX-License-Identifier: MIT
 *
 * The JSON Schema of an answer. Only what every service takes: all properties
 * required, no additional ones, values as enums, five levels at most, no
 * ranges, lengths or patterns.
 */
#include <stdlib.h>

#include "core/base/text.h"
#include "core/prompt/digest.h"
#include "core/prompt/prompt.h"
#include "core/space/space.h"

/* Services refuse schemas with more enum values than this in total. */
#define MOST_ENUM_VALUES 900
#define LONGEST_ENUM 200

static struct json_object *
typed(const char *type, const char *description)
{
	struct json_object *object = json_object_new_object();

	ww_json_put_string(object, "type", type);
	if (description != NULL)
		ww_json_put_string(object, "description", description);
	return object;
}

static void
require(struct json_object *object, struct json_object *properties)
{
	struct json_object *names = json_object_new_array();

	json_object_object_foreach(properties, name, value) {
		(void)value;
		json_object_array_add(names, json_object_new_string(name));
	}
	json_object_object_add(object, "properties", properties);
	json_object_object_add(object, "required", names);
	ww_json_put_bool(object, "additionalProperties", 0);
}

static const char *
type_name(const struct ww_value *value)
{
	switch (value->type) {
	case WW_VALUE_INT:
		return "integer";
	case WW_VALUE_FLOAT:
		return "number";
	case WW_VALUE_BOOL:
		return "boolean";
	default:
		return "string";
	}
}

static struct json_object *
slot_schema(const struct ww_slot *slot, uint32_t *left)
{
	struct json_object *object = typed(type_name(&slot->values[0]), NULL);
	struct json_object *list;
	uint32_t i;

	if (slot->n_values > LONGEST_ENUM || slot->n_values > *left) {
		ww_json_put_string(object, "description",
		                   "one of the values listed in the prompt");
		return object;
	}
	*left -= slot->n_values;
	list = json_object_new_array();
	for (i = 0; i < slot->n_values; i++)
		json_object_array_add(list, ww_value_json(&slot->values[i]));
	json_object_object_add(object, "enum", list);
	return object;
}

static struct json_object *
parameter_schema(const struct ww_search_space *space,
                 const struct ww_parameter *parameter, uint32_t *left)
{
	struct json_object *items = slot_schema(
		&space->view.slots[parameter->first_slot], left);
	struct json_object *object;
	struct ww_page page = { 0 };
	uint32_t i;

	if (parameter->dimensions == NULL)
		return items;
	ww_page_add(&page, "exactly %u values:", parameter->n_slots);
	for (i = 0; i < parameter->n_slots; i++)
		ww_page_add(&page, "%s %s", i > 0 ? "," : "",
		            parameter->dimensions[i]);
	object = typed("array", page.text);
	json_object_object_add(object, "items", items);
	free(page.text);
	return object;
}

static struct json_object *
config_schema(const struct ww_search_space *space)
{
	struct json_object *object = typed("object", NULL);
	struct json_object *properties = json_object_new_object();
	uint32_t left = MOST_ENUM_VALUES;
	uint32_t i;

	for (i = 0; i < space->n_parameters; i++)
		json_object_object_add(
			properties, space->parameters[i].name,
			parameter_schema(space, &space->parameters[i], &left));
	require(object, properties);
	return object;
}

static struct json_object *
proposal_schema(const struct ww_prompt_view *view)
{
	static const char *const families[] = { "exploit", "recombine",
		                                "explore" };
	struct json_object *object = typed("object", NULL);
	struct json_object *properties = json_object_new_object();
	struct json_object *family = typed("string", NULL);
	struct json_object *names = json_object_new_array();
	size_t i;

	for (i = 0; i < sizeof families / sizeof families[0]; i++)
		json_object_array_add(names,
		                      json_object_new_string(families[i]));
	json_object_object_add(family, "enum", names);
	json_object_object_add(properties, "family", family);
	if (ww_prompt_wants(view, "prompt.reasoning", true))
		json_object_object_add(
			properties, "reasoning",
			typed("string", "why this one, in at most 15 words"));
	json_object_object_add(properties, "config",
	                       config_schema(view->task->space));
	require(object, properties);
	return object;
}

char *
ww_prompt_schema(const struct ww_prompt_view *view)
{
	struct json_object *root = typed("object", NULL);
	struct json_object *properties = json_object_new_object();
	struct json_object *configs = typed("array", NULL);
	char *text;

	json_object_object_add(configs, "items", proposal_schema(view));
	json_object_object_add(
		properties, "analysis",
		typed("string", "what the results show, at most 120 words"));
	json_object_object_add(
		properties, "strategy",
		typed("string", "what this round tries, at most 40 words"));
	json_object_object_add(properties, "configs", configs);
	require(root, properties);
	text = ww_copy(ww_json_text(root));
	json_object_put(root);
	return text;
}
