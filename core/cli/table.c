/* SPDX-License-Identifier: MIT */
#include "core/cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

struct ww_table {
	const char *align;
	size_t n_columns;
	char **cells;  /* rows of n_columns; a note is its text and nulls */
	char *is_note; /* one a row */
	size_t n_rows;
};

/* Columns on a terminal: bytes that begin a character. */
static size_t
width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static char **
add_row(struct ww_table *table, char is_note)
{
	size_t row = table->n_rows++;

	table->cells = ww_grow(table->cells, table->n_rows * table->n_columns *
	                                             sizeof *table->cells);
	table->is_note = ww_grow(table->is_note, table->n_rows);
	table->is_note[row] = is_note;
	memset(table->cells + row * table->n_columns, 0,
	       table->n_columns * sizeof *table->cells);
	return table->cells + row * table->n_columns;
}

struct ww_table *
ww_table_new(const char *const *headers, const char *align)
{
	struct ww_table *table = ww_alloc(sizeof *table);

	table->align = align;
	table->n_columns = strlen(align);
	ww_table_row(table, headers);
	return table;
}

void
ww_table_row(struct ww_table *table, const char *const *cells)
{
	char **row = add_row(table, 0);
	size_t i;

	for (i = 0; i < table->n_columns; i++)
		row[i] = ww_copy(cells[i] != NULL ? cells[i] : "");
}

void
ww_table_note(struct ww_table *table, const char *text)
{
	add_row(table, 1)[0] = ww_copy(text);
}

static void
print_row(const struct ww_table *table, char *const *cells,
          const size_t *widths, FILE *out)
{
	size_t i, last = 0;

	for (i = 0; i < table->n_columns; i++)
		if (cells[i][0] != '\0')
			last = i;
	for (i = 0; i <= last; i++) {
		int blank = (int)(widths[i] - width(cells[i]));

		if (i > 0)
			fputs("  ", out);
		if (table->align[i] == 'r')
			fprintf(out, "%*s%s", blank, "", cells[i]);
		else
			fprintf(out, "%s%*s", cells[i], i < last ? blank : 0,
			        "");
	}
	fputc('\n', out);
}

void
ww_table_print(const struct ww_table *table, FILE *out)
{
	size_t *widths = ww_alloc(table->n_columns * sizeof *widths);
	size_t row, i;

	for (row = 0; row < table->n_rows; row++)
		for (i = 0; !table->is_note[row] && i < table->n_columns; i++) {
			size_t w = width(table->cells[row * table->n_columns +
			                              i]);

			if (w > widths[i])
				widths[i] = w;
		}
	for (row = 0; row < table->n_rows; row++) {
		char *const *cells = table->cells + row * table->n_columns;

		if (table->is_note[row])
			fprintf(out, "      %s\n", cells[0]);
		else
			print_row(table, cells, widths, out);
	}
	free(widths);
}

void
ww_table_free(struct ww_table *table)
{
	size_t i;

	if (table == NULL)
		return;
	for (i = 0; i < table->n_rows * table->n_columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->is_note);
	free(table);
}

/* ------------------------------------------------------------------ values */

/* One process reports on one task. */
static const char *the_unit = "ms";

void
ww_show_use_unit(const char *unit)
{
	the_unit = unit;
}

const char *
ww_show_unit(void)
{
	return the_unit;
}

const char *
ww_show_ms(char text[WW_SHORT], double ms)
{
	if (isnan(ms))
		snprintf(text, WW_SHORT, "-");
	else if (ms >= 1000 && ms < 1e9)
		snprintf(text, WW_SHORT, "%.0f", ms);
	else
		snprintf(text, WW_SHORT, "%.4g", ms);
	return text;
}

const char *
ww_show_interval(char text[WW_SHORT], double low, double high)
{
	char a[WW_SHORT], b[WW_SHORT];

	if (isnan(low) || isnan(high))
		text[0] = '\0';
	else
		snprintf(text, WW_SHORT, "%.20s … %.20s", ww_show_ms(a, low),
		         ww_show_ms(b, high));
	return text;
}

const char *
ww_show_factor(char text[WW_SHORT], double factor)
{
	if (isfinite(factor))
		snprintf(text, WW_SHORT, factor < 100 ? "%.2fx" : "%.0fx",
		         factor);
	else
		snprintf(text, WW_SHORT, "-");
	return text;
}

const char *
ww_show_time(char text[WW_SHORT], int64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm parts;

	if (wall_ns == 0 || localtime_r(&seconds, &parts) == NULL ||
	    strftime(text, WW_SHORT, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		snprintf(text, WW_SHORT, "-");
	return text;
}

char *
ww_show_config(struct json_object *config)
{
	char *text = NULL;

	if (!json_object_is_type(config, json_type_object))
		return ww_copy("-");
	json_object_object_foreach(config, name, value)
	{
		const char *shown =
			json_object_is_type(value, json_type_string)
				? json_object_get_string(value)
				: ww_json_text(value);
		char *longer = ww_text("%s%s%s=%s", text != NULL ? text : "",
		                       text != NULL ? " " : "", name, shown);

		free(text);
		text = longer;
	}
	return text != NULL ? text : ww_copy("");
}
