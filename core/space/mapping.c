/* SPDX-License-Identifier: MIT */
#include "core/space/mapping.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/mapping_value.h"

/* One configuration on its way. */
struct mapped {
	const struct ww_search_space *space;
	struct ww_mapping *mapping;
	uint32_t *indices;
	unsigned char *given; /* of each slot */
};

static void note(struct mapped *mapped, const char *format, ...)
	WW_PRINTF(2, 3);

static void
note(struct mapped *mapped, const char *format, ...)
{
	char *text = mapped->mapping->note;
	size_t size = sizeof mapped->mapping->note;
	size_t used = strlen(text);
	char line[sizeof mapped->mapping->note];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (used > 0 && used + 2 < size) {
		memcpy(text + used, "; ", 3);
		used += 2;
	}
	/* What a model wrote is quoted here: control characters go. */
	ww_text_clean(text + used, size - used, line, strlen(line));
}

/* A refusal is worth more than what was noted before it. */
static bool
refuse(struct mapped *mapped, unsigned result)
{
	mapped->mapping->result = result;
	mapped->mapping->note[0] = '\0';
	return false;
}

static void
repaired(struct mapped *mapped)
{
	mapped->mapping->result = WW_MAPPED_REPAIRED;
}

static bool
put_value(struct mapped *mapped, uint32_t index, struct json_object *json)
{
	const struct ww_slot *slot = &mapped->space->view.slots[index];
	uint32_t found = ww_slot_find(slot, json);
	char values[200];
	const char *near_value;

	if (found == UINT32_MAX) {
		refuse(mapped, WW_MAPPED_VALUE);
		near_value = ww_slot_nearest(slot, json);
		ww_slot_list(slot, values, sizeof values);
		note(mapped, "%s = %.60s is not allowed%s%.40s; allowed: %s",
		     slot->name, ww_json_text(json),
		     near_value != NULL ? ", the nearest value is " : "",
		     near_value != NULL ? near_value : "", values);
		return false;
	}
	if (mapped->given[index] && mapped->indices[index] != found) {
		refuse(mapped, WW_MAPPED_VALUE);
		note(mapped, "%s is given twice with different values",
		     slot->name);
		return false;
	}
	if (!ww_slot_as_written(&slot->values[found], json)) {
		repaired(mapped);
		note(mapped, "%s: took %.40s as %.40s", slot->name,
		     ww_json_text(json), slot->values[found].string);
	}
	mapped->given[index] = 1;
	mapped->indices[index] = found;
	return true;
}

/* ------------------------------------------------------------------- names */

static bool
same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		int x = tolower((unsigned char)*a);
		int y = tolower((unsigned char)*b);

		if (x == '-' || x == '.' || x == ' ')
			x = '_';
		if (y == '-' || y == '.' || y == ' ')
			y = '_';
		if (x != y)
			return false;
	}
	return *a == *b;
}

#define NOT_FOUND UINT32_MAX
#define AMBIGUOUS (UINT32_MAX - 1)

/* The name a key stands for among n names: exactly, else without regard to case
 * and to '.', '-', '_' if only one fits. */
static uint32_t
match_name(const char *key, const char *(*name)(const void *list, uint32_t i),
           const void *list, uint32_t n)
{
	uint32_t found = NOT_FOUND;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (strcmp(key, name(list, i)) == 0)
			return i;
	for (i = 0; i < n; i++)
		if (same_name(key, name(list, i)))
			found = found == NOT_FOUND ? i : AMBIGUOUS;
	return found;
}

static const char *
parameter_name(const void *list, uint32_t i)
{
	return ((const struct ww_parameter *)list)[i].name;
}

static const char *
slot_name(const void *list, uint32_t i)
{
	return ((const struct ww_slot *)list)[i].name;
}

static const char *
plain_name(const void *list, uint32_t i)
{
	return ((const char *const *)list)[i];
}

static bool
unknown_name(struct mapped *mapped, const char *key)
{
	const struct ww_search_space *space = mapped->space;
	const char **names = ww_alloc(space->n_parameters * sizeof *names);
	const char *closest = NULL;
	uint32_t i;

	for (i = 0; i < space->n_parameters; i++)
		names[i] = space->parameters[i].name;
	if (strlen(key) < 128)
		closest = ww_text_closest(key, names, space->n_parameters);
	refuse(mapped, WW_MAPPED_VALUE);
	note(mapped, "there is no parameter %.60s%s%s", key,
	     closest != NULL ? "; the closest is " : "",
	     closest != NULL ? closest : "");
	free(names);
	return false;
}

/* -------------------------------------------------------------- parameters */

static bool
put_list_object(struct mapped *mapped, const struct ww_parameter *parameter,
                struct json_object *json)
{
	struct json_object_iterator at = json_object_iter_begin(json);
	struct json_object_iterator end = json_object_iter_end(json);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);
		uint32_t i = match_name(key, plain_name, parameter->dimensions,
		                        parameter->n_slots);

		if (i >= AMBIGUOUS) {
			refuse(mapped, WW_MAPPED_VALUE);
			note(mapped, "%s has no dimension %.60s",
			     parameter->name, key);
			return false;
		}
		if (!put_value(mapped, parameter->first_slot + i,
		               json_object_iter_peek_value(&at)))
			return false;
	}
	repaired(mapped);
	note(mapped, "%s: took an object as a list", parameter->name);
	return true;
}

static bool
put_parameter(struct mapped *mapped, const struct ww_parameter *parameter,
              struct json_object *json)
{
	uint32_t i;

	/* null: the model leaves it open. */
	if (json == NULL)
		return true;
	if (parameter->dimensions == NULL) {
		/* A scalar in brackets can mean nothing else. */
		if (json_object_is_type(json, json_type_array) &&
		    json_object_array_length(json) == 1) {
			repaired(mapped);
			json = json_object_array_get_idx(json, 0);
			note(mapped, "%s: took a list of one as its value",
			     parameter->name);
		}
		return put_value(mapped, parameter->first_slot, json);
	}
	if (json_object_is_type(json, json_type_object))
		return put_list_object(mapped, parameter, json);
	if (parameter->n_slots == 1 &&
	    !json_object_is_type(json, json_type_array))
		return put_value(mapped, parameter->first_slot, json);
	if (!json_object_is_type(json, json_type_array) ||
	    json_object_array_length(json) != parameter->n_slots) {
		refuse(mapped, WW_MAPPED_VALUE);
		note(mapped, "%s must be a list of %u values, not %.60s",
		     parameter->name, parameter->n_slots, ww_json_text(json));
		return false;
	}
	for (i = 0; i < parameter->n_slots; i++)
		if (!put_value(mapped, parameter->first_slot + i,
		               json_object_array_get_idx(json, i)))
			return false;
	return true;
}

static bool
put_member(struct mapped *mapped, const char *key, struct json_object *json)
{
	const struct ww_search_space *space = mapped->space;
	uint32_t i = match_name(key, parameter_name, space->parameters,
	                        space->n_parameters);

	if (i < AMBIGUOUS) {
		if (strcmp(key, space->parameters[i].name) != 0) {
			repaired(mapped);
			note(mapped, "took %.60s as %s", key,
			     space->parameters[i].name);
		}
		return put_parameter(mapped, &space->parameters[i], json);
	}
	if (i == NOT_FOUND)
		i = match_name(key, slot_name, space->view.slots,
		               space->view.n_slots);
	if (i >= AMBIGUOUS)
		return unknown_name(mapped, key);
	repaired(mapped);
	note(mapped, "took %.60s as %s", key, space->view.slots[i].name);
	return json == NULL || put_value(mapped, i, json);
}

static bool
put_object(struct mapped *mapped, struct json_object *config)
{
	struct json_object_iterator at = json_object_iter_begin(config);
	struct json_object_iterator end = json_object_iter_end(config);

	if (json_object_object_length(config) == 0) {
		refuse(mapped, WW_MAPPED_UNREADABLE);
		note(mapped, "the configuration is empty");
		return false;
	}
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		if (!put_member(mapped, json_object_iter_peek_name(&at),
		                json_object_iter_peek_value(&at)))
			return false;
	return true;
}

static bool
put_array(struct mapped *mapped, struct json_object *config)
{
	const struct ww_search_space *space = mapped->space;
	size_t n = json_object_array_length(config);
	bool flat = n == space->view.n_slots && n != space->n_parameters;
	size_t i;

	if (n != space->n_parameters && !flat) {
		refuse(mapped, WW_MAPPED_UNREADABLE);
		note(mapped,
		     "a list of %zu values for %u parameters; write an object "
		     "with names",
		     n, space->n_parameters);
		return false;
	}
	for (i = 0; i < n; i++) {
		struct json_object *json = json_object_array_get_idx(config, i);

		if (flat ? !put_value(mapped, (uint32_t)i, json)
		         : !put_parameter(mapped, &space->parameters[i], json))
			return false;
	}
	repaired(mapped);
	note(mapped, "took a list as the parameters in their order");
	return true;
}

/* ---------------------------------------------------------------- finishing */

/* Slots that do not exist under the rest take their default; what exists and
 * was not given was completed from the default. */
static void
complete(struct mapped *mapped)
{
	const struct ww_search_space *space = mapped->space;
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++) {
		const struct ww_slot *slot = &space->view.slots[i];
		bool active = ww_space_active(space, mapped->indices, i);

		if (active && !mapped->given[i]) {
			repaired(mapped);
			note(mapped, "%s is missing: took its default %.40s",
			     slot->name,
			     slot->values[slot->default_index].string);
		} else if (!active &&
		           mapped->indices[i] != slot->default_index) {
			repaired(mapped);
			note(mapped, "%s does not exist here: dropped",
			     slot->name);
			mapped->indices[i] = slot->default_index;
		}
	}
}

void
ww_map_config(const struct ww_search_space *space, struct json_object *config,
              uint32_t *indices, struct ww_mapping *mapping)
{
	struct mapped mapped = { space, mapping, indices, NULL };
	char why[sizeof mapping->note];
	bool good = false;

	memset(mapping, 0, sizeof *mapping);
	mapped.given = ww_alloc(space->view.n_slots);
	ww_space_default(space, indices);
	if (json_object_is_type(config, json_type_object)) {
		good = put_object(&mapped, config);
	} else if (json_object_is_type(config, json_type_array)) {
		good = put_array(&mapped, config);
	} else {
		refuse(&mapped, WW_MAPPED_UNREADABLE);
		note(&mapped, "not a configuration: %.60s",
		     ww_json_text(config));
	}
	if (good) {
		complete(&mapped);
		if (ww_space_explain(space, indices, why, sizeof why)) {
			refuse(&mapped, WW_MAPPED_CONSTRAINT);
			note(&mapped, "%s", why);
		}
	}
	free(mapped.given);
}
