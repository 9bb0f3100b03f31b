/* SPDX-License-Identifier: MIT
 *
 * Plain-text tables and the few ways in which commands write times and
 * configurations for people.
 */
#ifndef WW_CORE_CLI_TABLE_H
#define WW_CORE_CLI_TABLE_H

#include <stdio.h>

#include "core/base/json.h"

struct ww_table;

/* One letter a column in `align`: 'l' or 'r'. Headers are borrowed. */
struct ww_table *ww_table_new(const char *const *headers, const char *align);
/* A row of as many cells as there are columns; copied, null is "". */
void ww_table_row(struct ww_table *table, const char *const *cells);
/* A line of text under the row before, indented; not aligned. */
void ww_table_note(struct ww_table *table, const char *text);
void ww_table_print(const struct ww_table *table, FILE *out);
void ww_table_free(struct ww_table *table);

#define WW_SHORT 48 /* room for any of the texts below */

/* Milliseconds with four significant digits, or "-" if NaN. */
/* What values of the objective are in: "ms" until somebody says otherwise. */
void ww_show_use_unit(const char *unit);
const char *ww_show_unit(void);
const char *ww_show_ms(char text[WW_SHORT], double ms);
/* "1.234 … 1.301", or "" if NaN. */
const char *ww_show_interval(char text[WW_SHORT], double low, double high);
/* "5.42x", or "-". */
const char *ww_show_factor(char text[WW_SHORT], double factor);
/* Wall clock as "2026-11-22 16:01:02", local time, or "-" if 0. */
const char *ww_show_time(char text[WW_SHORT], int64_t wall_ns);
/* "a=1 tile=[4,8] order=mnk" in a fresh string; null is "-". */
char *ww_show_config(struct json_object *config);

#endif
