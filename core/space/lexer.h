/* SPDX-License-Identifier: MIT
 *
 * Cuts the text of an expression into words. Dotted names ("tile.M") are one
 * word; so is an indexed one ("tile[0]").
 */
#ifndef WW_CORE_LEXER_H
#define WW_CORE_LEXER_H

#include "core/space/expression.h"

enum ww_token_type {
	WW_TOKEN_END,
	WW_TOKEN_NUMBER,
	WW_TOKEN_STRING,
	WW_TOKEN_NAME,
	WW_TOKEN_SYMBOL,
	WW_TOKEN_ERROR
};

#define WW_TOKEN_NAME_LENGTH 160

struct ww_lexer {
	const char *text;
	size_t at;
	/* the current word */
	enum ww_token_type type;
	size_t start;
	size_t length;
	struct ww_scalar number;
	char word[WW_TOKEN_NAME_LENGTH]; /* NAME, SYMBOL */
	char fault[120];                 /* ERROR */
};

/* Moves to the next word. */
void ww_lexer_next(struct ww_lexer *lexer);
/* Whether the current word is this symbol or keyword. */
bool ww_lexer_is(const struct ww_lexer *lexer, const char *word);

#endif
