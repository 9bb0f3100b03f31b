/* SPDX-License-Identifier: MIT */
#include "core/space/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
fail(struct ww_lexer *lexer, const char *fault)
{
	lexer->type = WW_TOKEN_ERROR;
	snprintf(lexer->fault, sizeof lexer->fault, "%s", fault);
}

static bool
starts_name(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool
continues_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void
lex_number(struct ww_lexer *lexer)
{
	const char *start = lexer->text + lexer->start;
	size_t length = strspn(start, "0123456789");
	bool integral = true;
	char *end;

	if (start[length] == '.') {
		integral = false;
		length += 1 + strspn(start + length + 1, "0123456789");
	}
	if (start[length] == 'e' || start[length] == 'E') {
		size_t sign = start[length + 1] == '-' ||
		              start[length + 1] == '+';

		integral = false;
		length += 1 + sign;
		length += strspn(start + length, "0123456789");
	}
	errno = 0;
	if (integral)
		lexer->number = ww_scalar_integer(strtoll(start, &end, 10));
	else
		lexer->number = ww_scalar_float(strtod(start, &end));
	lexer->type = WW_TOKEN_NUMBER;
	lexer->length = length;
	if (end != start + length || continues_name(start[length]))
		fail(lexer, "not a number");
	else if (integral && errno == ERANGE)
		fail(lexer, "integer beyond 64 bits");
	else if (!integral && !isfinite(lexer->number.as.number))
		fail(lexer, "number too large");
}

static void
lex_string(struct ww_lexer *lexer)
{
	const char *start = lexer->text + lexer->start;
	const char *end = strchr(start + 1, start[0]);

	if (end == NULL) {
		fail(lexer, "text without a closing quote");
		return;
	}
	lexer->type = WW_TOKEN_STRING;
	lexer->length = (size_t)(end - start) + 1;
	if (memchr(start, '\\', lexer->length) != NULL)
		fail(lexer, "no backslash is understood in a text");
}

/* Takes "[0]" after a name into the word; anything else is left alone. */
static size_t
index_length(const char *text)
{
	size_t digits;

	if (text[0] != '[')
		return 0;
	digits = strspn(text + 1, "0123456789");
	return digits > 0 && digits < 6 && text[digits + 1] == ']' ? digits + 2
	                                                           : 0;
}

static void
lex_name(struct ww_lexer *lexer)
{
	const char *start = lexer->text + lexer->start;
	size_t length = 0;

	for (;;) {
		while (continues_name(start[length]))
			length++;
		if (start[length] != '.' || !starts_name(start[length + 1]))
			break;
		length++;
	}
	length += index_length(start + length);
	lexer->type = WW_TOKEN_NAME;
	lexer->length = length;
	if (length >= sizeof lexer->word) {
		fail(lexer, "name too long");
		return;
	}
	memcpy(lexer->word, start, length);
	lexer->word[length] = '\0';
}

static void
lex_symbol(struct ww_lexer *lexer)
{
	static const char *const symbols[] = { "**", "//", "<=", ">=", "==",
		                               "!=", "<<", ">>" };
	const char *start = lexer->text + lexer->start;
	size_t length = 1;
	size_t i;

	for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		if (strncmp(start, symbols[i], 2) == 0)
			length = 2;
	lexer->type = WW_TOKEN_SYMBOL;
	lexer->length = length;
	memcpy(lexer->word, start, length);
	lexer->word[length] = '\0';
	if (length == 2 || strchr("+-*/%()[],<>&|^~", start[0]) != NULL)
		return;
	if (start[0] == '=')
		fail(lexer, "'=' compares nothing; write '=='");
	else if (start[0] == '!')
		fail(lexer, "'!' is not known; write 'not'");
	else if (start[0] >= 0x20 && start[0] < 0x7f)
		snprintf(lexer->fault, sizeof lexer->fault,
		         "unexpected character '%c'", start[0]);
	else
		snprintf(lexer->fault, sizeof lexer->fault,
		         "unexpected character");
	lexer->type = WW_TOKEN_ERROR;
}

void
ww_lexer_next(struct ww_lexer *lexer)
{
	char c;

	if (lexer->type == WW_TOKEN_ERROR)
		return;
	lexer->at += strspn(lexer->text + lexer->at, " \t\r\n");
	lexer->start = lexer->at;
	lexer->length = 0;
	lexer->word[0] = '\0';
	c = lexer->text[lexer->at];
	if (c == '\0')
		lexer->type = WW_TOKEN_END;
	else if (isdigit((unsigned char)c) ||
	         (c == '.' && isdigit((unsigned char)lexer->text[lexer->at + 1])))
		lex_number(lexer);
	else if (c == '"' || c == '\'')
		lex_string(lexer);
	else if (starts_name(c))
		lex_name(lexer);
	else
		lex_symbol(lexer);
	lexer->at = lexer->start + lexer->length;
}

bool
ww_lexer_is(const struct ww_lexer *lexer, const char *word)
{
	return (lexer->type == WW_TOKEN_NAME ||
	        lexer->type == WW_TOKEN_SYMBOL) &&
	       strcmp(lexer->word, word) == 0;
}
