/* SPDX-License-Identifier: MIT */
#include "core/task/t1_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/expression.h"

#define MOST_VALUES 100000
#define DEEPEST 16

/* A piece of the text, [start, end). */
struct span {
	const char *start;
	const char *end;
};

struct reader {
	struct json_object *values;
	struct ww_error *error;
	int depth;
};

static ww_status
refuse(struct reader *reader, struct span span, const char *why)
{
	char part[80];

	ww_text_clean(part, sizeof part, span.start,
	              (size_t)(span.end - span.start));
	return ww_error_set(reader->error, WW_E_FORMAT, "'%s': %s", part, why);
}

static struct span
trimmed(struct span span)
{
	while (span.start < span.end && isspace((unsigned char)*span.start))
		span.start++;
	while (span.end > span.start &&
	       isspace((unsigned char)span.end[-1]))
		span.end--;
	return span;
}

/* Steps over one character, or over a whole string or bracket. Null if a
 * bracket or string has no end. */
static const char *
step_over(const char *at, const char *end)
{
	const char *close;
	int depth = 0;

	do {
		if (*at == '\'' || *at == '"') {
			close = memchr(at + 1, *at, (size_t)(end - at - 1));
			if (close == NULL)
				return NULL;
			at = close;
		} else if (strchr("([{", *at) != NULL) {
			depth++;
		} else if (strchr(")]}", *at) != NULL) {
			depth--;
		}
		at++;
	} while (depth > 0 && at < end);
	return depth == 0 ? at : NULL;
}

/* The next `mark` outside of brackets and strings, or span.end, or null. */
static const char *
find_mark(struct span span, char mark)
{
	const char *at = span.start;

	while (at != NULL && at < span.end && *at != mark)
		at = step_over(at, span.end);
	return at;
}

/* The word `word` outside of brackets and strings, or null. */
static const char *
find_word(struct span span, const char *word)
{
	size_t length = strlen(word);
	const char *at = span.start;

	while (at != NULL && at < span.end) {
		if ((size_t)(span.end - at) > length && at > span.start &&
		    strncmp(at, word, length) == 0 &&
		    !isalnum((unsigned char)at[-1]) && at[-1] != '_' &&
		    !isalnum((unsigned char)at[length]) && at[length] != '_')
			return at;
		at = step_over(at, span.end);
	}
	return NULL;
}

/* Whether the span is `name` followed by one pair of brackets; `inside`
 * receives what they hold. */
static int
is_wrapped(struct span span, const char *name, char open, struct span *inside)
{
	size_t length = strlen(name);

	if ((size_t)(span.end - span.start) < length + 2 ||
	    strncmp(span.start, name, length) != 0)
		return 0;
	span.start += length;
	while (isspace((unsigned char)*span.start))
		span.start++;
	if (*span.start != open || step_over(span.start, span.end) != span.end)
		return 0;
	*inside = trimmed((struct span){ span.start + 1, span.end - 1 });
	return 1;
}

/* ------------------------------------------------------------- expressions */

static ww_status
add_value(struct reader *reader, struct span span, struct ww_scalar value)
{
	struct json_object *json;
	char why[160];

	switch (value.tag) {
	case WW_SCALAR_INT:
		json = json_object_new_int64(value.as.integer);
		break;
	case WW_SCALAR_FLOAT:
		json = json_object_new_double(value.as.number);
		break;
	case WW_SCALAR_BOOL:
		json = json_object_new_boolean(value.as.integer != 0);
		break;
	case WW_SCALAR_STRING:
		json = json_object_new_string(value.as.string);
		break;
	default:
		snprintf(why, sizeof why, "%s", ww_fault_text(value));
		return refuse(reader, span, why);
	}
	if (json_object_array_length(reader->values) >= MOST_VALUES) {
		json_object_put(json);
		return refuse(reader, span, "more values than a parameter can "
		                            "have");
	}
	json_object_array_add(reader->values, json);
	return WW_OK;
}

/* Parses the span as an expression over at most one loop variable. */
static ww_status
parse_expression(struct reader *reader, struct span span,
                 struct ww_pool *pool, const char *variable, uint32_t *node)
{
	struct ww_symbols symbols = { 0 };
	struct ww_value any = { .type = WW_VALUE_INT };
	struct ww_error cause = { 0 };
	char *text;
	ww_status status;

	span = trimmed(span);
	text = ww_copy_n(span.start, (size_t)(span.end - span.start));
	ww_symbols_constant(&symbols, "True", ww_scalar_bool(true));
	ww_symbols_constant(&symbols, "False", ww_scalar_bool(false));
	if (variable != NULL)
		ww_symbols_slot(&symbols, variable, 0, &any, 1);
	status = ww_expression_parse(pool, &symbols, text, node, &cause);
	if (status != WW_OK)
		status = refuse(reader, span, cause.text);
	ww_symbols_clear(&symbols);
	free(text);
	return status;
}

static ww_status
evaluate(struct reader *reader, struct span span, struct ww_scalar *value)
{
	struct ww_pool pool = { 0 };
	uint32_t node;
	ww_status status = parse_expression(reader, span, &pool, NULL, &node);

	if (status == WW_OK)
		*value = ww_expression_value(&pool, node, NULL);
	if (status == WW_OK && value->tag == WW_SCALAR_STRING)
		status = add_value(reader, span, *value);
	ww_pool_clear(&pool);
	return status;
}

static ww_status
take_element(struct reader *reader, struct span span)
{
	struct ww_scalar value = { 0 };
	ww_status status = evaluate(reader, span, &value);

	/* A string lives no longer than its pool, so it was added there. */
	if (status == WW_OK && value.tag != WW_SCALAR_STRING)
		status = add_value(reader, span, value);
	return status;
}

/* ------------------------------------------------------------------ ranges */

struct range {
	int64_t first, end, step;
};

static ww_status
take_range(struct reader *reader, struct span inside, struct range *range)
{
	int64_t numbers[3];
	size_t n = 0;
	struct span rest = inside;

	while (rest.start < rest.end && n < 3) {
		const char *comma = find_mark(rest, ',');
		struct ww_scalar value = { 0 };
		struct span part = { rest.start, comma };
		ww_status status;

		if (comma == NULL)
			return refuse(reader, inside, "bracket without an end");
		status = evaluate(reader, part, &value);
		if (status != WW_OK)
			return status;
		if (value.tag != WW_SCALAR_INT)
			return refuse(reader, part, "range() takes integers");
		numbers[n++] = value.as.integer;
		rest.start = comma < rest.end ? comma + 1 : comma;
	}
	if (n == 0 || rest.start < rest.end)
		return refuse(reader, inside, "range() takes one to three "
		                              "numbers");
	range->first = n > 1 ? numbers[0] : 0;
	range->end = n > 1 ? numbers[1] : numbers[0];
	range->step = n > 2 ? numbers[2] : 1;
	if (range->step == 0)
		return refuse(reader, inside, "a range's step is not zero");
	return WW_OK;
}

static int
range_has(const struct range *range, int64_t i)
{
	return range->step > 0 ? i < range->end : i > range->end;
}

/* A step that would leave 64 bits ends the range. */
static int
range_next(const struct range *range, int64_t *i)
{
	if (range->step > 0 ? *i > INT64_MAX - range->step
	                    : *i < INT64_MIN - range->step)
		return 0;
	*i += range->step;
	return 1;
}

static ww_status
take_numbers(struct reader *reader, struct span span, struct span inside)
{
	struct range range;
	ww_status status = take_range(reader, inside, &range);
	int64_t i = range.first;

	while (status == WW_OK && range_has(&range, i)) {
		status = add_value(reader, span, ww_scalar_integer(i));
		if (!range_next(&range, &i))
			break;
	}
	return status;
}

/* ---------------------------------------------------------- comprehensions */

static ww_status
each_value(struct reader *reader, struct span element, const char *variable,
           const struct range *range)
{
	struct ww_pool pool = { 0 };
	uint32_t node;
	int64_t i = range->first;
	ww_status status = parse_expression(reader, element, &pool, variable,
	                                    &node);

	while (status == WW_OK && range_has(range, i)) {
		struct ww_scalar at = ww_scalar_integer(i);

		status = add_value(reader, element,
		                   ww_expression_value(&pool, node, &at));
		if (!range_next(range, &i))
			break;
	}
	ww_pool_clear(&pool);
	return status;
}

/* "e for i in range(…)", without the brackets around it. */
static ww_status
take_comprehension(struct reader *reader, struct span span, const char *loop)
{
	struct span element = trimmed((struct span){ span.start, loop });
	struct span rest = trimmed((struct span){ loop + 3, span.end });
	const char *in = find_word(rest, "in");
	struct span name, source, inside;
	struct range range;
	char *variable;
	ww_status status;

	if (in == NULL)
		return refuse(reader, span, "'for' without 'in'");
	name = trimmed((struct span){ rest.start, in });
	source = trimmed((struct span){ in + 2, rest.end });
	if (find_word(source, "if") != NULL || find_word(source, "for") != NULL)
		return refuse(reader, span, "a comprehension has one loop and "
		                            "no filter here");
	if (!is_wrapped(source, "range", '(', &inside))
		return refuse(reader, source, "a loop runs over range(…) here");
	status = take_range(reader, inside, &range);
	if (status != WW_OK)
		return status;
	variable = ww_copy_n(name.start, (size_t)(name.end - name.start));
	status = each_value(reader, element, variable, &range);
	free(variable);
	return status;
}

/* ------------------------------------------------------------------- lists */

static ww_status
take_literal(struct reader *reader, struct span span)
{
	while (span.start < span.end) {
		const char *comma = find_mark(span, ',');
		struct span element = { span.start, comma };
		ww_status status;

		if (comma == NULL)
			return refuse(reader, span, "bracket without an end");
		status = take_element(reader, element);
		if (status != WW_OK)
			return status;
		span.start = comma < span.end ? comma + 1 : comma;
		span = trimmed(span);
	}
	return WW_OK;
}

static ww_status take_list(struct reader *reader, struct span span);

static ww_status
take_term(struct reader *reader, struct span span)
{
	struct span inside;
	const char *loop;

	if (is_wrapped(span, "", '[', &inside)) {
		loop = find_word(inside, "for");
		return loop != NULL
		               ? take_comprehension(reader, inside, loop)
		               : take_literal(reader, inside);
	}
	if (is_wrapped(span, "range", '(', &inside))
		return take_numbers(reader, span, inside);
	if (is_wrapped(span, "list", '(', &inside) ||
	    is_wrapped(span, "", '(', &inside))
		return take_list(reader, inside);
	return refuse(reader, span, "not a list that is understood: write "
	                            "[…], list(range(…)), or a comprehension "
	                            "over a range");
}

static ww_status
take_list(struct reader *reader, struct span span)
{
	ww_status status = WW_OK;

	if (++reader->depth > DEEPEST)
		return refuse(reader, span, "nested too deeply");
	span = trimmed(span);
	if (span.start == span.end)
		status = refuse(reader, span, "a list is missing");
	while (status == WW_OK && span.start < span.end) {
		const char *plus = find_mark(span, '+');

		if (plus == NULL)
			return refuse(reader, span, "bracket without an end");
		status = take_term(reader,
		                   trimmed((struct span){ span.start, plus }));
		if (plus < span.end && plus + 1 == span.end)
			return refuse(reader, span, "a list is missing");
		span.start = plus < span.end ? plus + 1 : plus;
	}
	reader->depth--;
	return status;
}

ww_status
ww_t1_list(const char *text, struct json_object **values,
           struct ww_error *error)
{
	struct reader reader = { .error = error };
	struct span all = { text, text + strlen(text) };
	ww_status status;

	reader.values = json_object_new_array();
	status = take_list(&reader, all);
	if (status == WW_OK)
		*values = reader.values;
	else
		json_object_put(reader.values);
	return status;
}
