/* SPDX-License-Identifier: MIT
 *
 * A state machine over single bytes, so that the way an answer is cut makes no
 * difference. It never holds more than one element.
 */
#include "core/model/proposals.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/proposals_internal.h"

#define LONGEST_ELEMENT 262144u
#define LONGEST_NOTE 8192u
#define LONGEST_KEY 32u
#define NO_LIST UINT32_MAX

/* Where the text being collected stands. */
enum capture {
	CAPTURE_NONE,
	CAPTURE_LONE,  /* an object that may be a configuration by itself */
	CAPTURE_LISTED /* an element of a list of configurations */
};

struct bytes {
	char *text;
	size_t length;
	size_t room;
	bool overflow;
};

struct ww_proposals {
	void (*deliver)(void *context, const struct ww_proposed *proposed);
	void *context;
	uint32_t depth;      /* open brackets; 0: prose */
	uint32_t list_depth; /* depth inside the list of configurations */
	bool list_named;     /* it is the value of "configs" */
	enum capture capture;
	uint32_t capture_depth; /* depth outside the element */
	struct bytes element;
	char quote;          /* open string, or '\0' */
	bool escaped;
	char before;         /* last byte that is no blank, outside strings */
	char key[LONGEST_KEY]; /* last string, as far as it fits */
	size_t key_length;
	bool key_pending;    /* key was followed by a colon */
	struct bytes note;   /* string value of "analysis" or "strategy" */
	bool in_note;
	char *analysis;
	char *strategy;
	uint32_t unreadable;
	size_t fence;        /* back-quotes at the start of a line */
	bool line_start;
	size_t tag;          /* letters of a thinking tag that were seen */
	bool thinking;
};

static const char *const list_keys[] = { "configs", "configurations",
	                                 "candidates", "proposals" };

struct ww_proposals *
ww_proposals_new(void (*deliver)(void *context,
                                 const struct ww_proposed *proposed),
                 void *context)
{
	struct ww_proposals *proposals = ww_alloc(sizeof *proposals);

	proposals->deliver = deliver;
	proposals->context = context;
	proposals->list_depth = NO_LIST;
	proposals->line_start = true;
	return proposals;
}

static void
collect(struct bytes *bytes, char byte, size_t limit)
{
	if (bytes->length >= limit) {
		bytes->overflow = true;
		return;
	}
	if (bytes->length + 2 > bytes->room) {
		bytes->room = bytes->room == 0 ? 1024 : bytes->room * 2;
		bytes->text = ww_grow(bytes->text, bytes->room);
	}
	bytes->text[bytes->length++] = byte;
	bytes->text[bytes->length] = '\0';
}

static void
clear(struct bytes *bytes)
{
	bytes->length = 0;
	bytes->overflow = false;
}

/* Back to prose; what was being read is given up. */
static void
reset(struct ww_proposals *proposals)
{
	proposals->depth = 0;
	proposals->list_depth = NO_LIST;
	proposals->list_named = false;
	proposals->capture = CAPTURE_NONE;
	proposals->quote = '\0';
	proposals->escaped = false;
	proposals->before = '\0';
	proposals->key_pending = false;
	proposals->in_note = false;
	clear(&proposals->element);
	clear(&proposals->note);
}

static bool
key_is(const struct ww_proposals *proposals, const char *name)
{
	return proposals->key_pending &&
	       proposals->key_length == strlen(name) &&
	       memcmp(proposals->key, name, proposals->key_length) == 0;
}

static bool
opens_list(const struct ww_proposals *proposals)
{
	size_t i;

	if (proposals->capture == CAPTURE_LISTED)
		return false;
	for (i = 0; i < sizeof list_keys / sizeof list_keys[0]; i++)
		if (key_is(proposals, list_keys[i]))
			return true;
	return false;
}

static void
start_capture(struct ww_proposals *proposals, enum capture capture)
{
	proposals->capture = capture;
	proposals->capture_depth = proposals->depth;
	clear(&proposals->element);
}

static void
open_bracket(struct ww_proposals *proposals, char byte)
{
	if (byte == '[' && opens_list(proposals)) {
		/* The object around it is the answer's frame, no element. */
		proposals->capture = CAPTURE_NONE;
		proposals->list_depth = proposals->depth + 1;
		proposals->list_named = true;
	} else if (byte == '[' && proposals->depth == 0) {
		proposals->list_depth = 1;
		proposals->list_named = false;
	} else if (proposals->capture != CAPTURE_NONE) {
		/* Inside an element already. */
	} else if (proposals->depth == proposals->list_depth) {
		start_capture(proposals, proposals->list_named
		                                 ? CAPTURE_LISTED
		                                 : CAPTURE_LONE);
	} else if (proposals->depth == 0) {
		start_capture(proposals, CAPTURE_LONE);
	}
	if (proposals->capture != CAPTURE_NONE)
		collect(&proposals->element, byte, LONGEST_ELEMENT);
	proposals->depth++;
}

static void
finish_element(struct ww_proposals *proposals)
{
	struct bytes *element = &proposals->element;
	bool listed = proposals->capture == CAPTURE_LISTED;
	/* A row of a list without a name counts as listed: nothing else in an
	 * answer is a list of lists. */
	bool row = proposals->list_depth == proposals->capture_depth &&
	           element->length > 0 && element->text[0] == '[';
	unsigned result = WW_ELEMENT_UNREADABLE;

	proposals->capture = CAPTURE_NONE;
	if (!element->overflow)
		result = ww_element_read(element->text, element->length,
		                         listed || row, proposals->deliver,
		                         proposals->context);
	if (result == WW_ELEMENT_UNREADABLE)
		proposals->unreadable++;
	clear(element);
}

static void
close_bracket(struct ww_proposals *proposals, char byte)
{
	if (proposals->depth == 0)
		return;
	proposals->depth--;
	if (proposals->capture != CAPTURE_NONE) {
		collect(&proposals->element, byte, LONGEST_ELEMENT);
		if (proposals->depth == proposals->capture_depth)
			finish_element(proposals);
	}
	if (proposals->depth < proposals->list_depth &&
	    proposals->list_depth != NO_LIST)
		proposals->list_depth = NO_LIST;
	if (proposals->depth == 0)
		reset(proposals);
}

/* A value in the list that is neither object nor row is no configuration. */
static void
check_scalar(struct ww_proposals *proposals, char byte)
{
	bool starts = proposals->before == '[' || proposals->before == ',';

	if (proposals->list_named && proposals->capture == CAPTURE_NONE &&
	    proposals->depth == proposals->list_depth && starts &&
	    strchr("{[]},", byte) == NULL)
		proposals->unreadable++;
}

static void
open_string(struct ww_proposals *proposals, char byte)
{
	proposals->quote = byte;
	proposals->escaped = false;
	proposals->in_note = proposals->capture != CAPTURE_LISTED &&
	                     (key_is(proposals, "analysis") ||
	                      key_is(proposals, "strategy"));
	if (proposals->in_note)
		clear(&proposals->note);
	else
		proposals->key_length = 0;
}

static void
keep_note(struct ww_proposals *proposals)
{
	char **place = key_is(proposals, "analysis") ? &proposals->analysis
	                                             : &proposals->strategy;

	free(*place);
	*place = ww_element_string(proposals->note.length > 0
	                                   ? proposals->note.text
	                                   : "",
	                           proposals->note.length);
	proposals->in_note = false;
}

static void
string_byte(struct ww_proposals *proposals, char byte)
{
	if (proposals->capture != CAPTURE_NONE)
		collect(&proposals->element, byte, LONGEST_ELEMENT);
	if (!proposals->escaped && byte == proposals->quote) {
		proposals->quote = '\0';
		proposals->before = byte;
		if (proposals->in_note)
			keep_note(proposals);
		proposals->key_pending = false;
		return;
	}
	if (proposals->in_note)
		collect(&proposals->note, byte, LONGEST_NOTE);
	else if (proposals->key_length < LONGEST_KEY)
		proposals->key[proposals->key_length++] = byte;
	proposals->escaped = !proposals->escaped && byte == '\\';
}

/* Apostrophes of prose are no quotes: a single quote opens a string only where a
 * name or a value may start. */
static bool
opens_string(const struct ww_proposals *proposals, char byte)
{
	return byte == '"' ||
	       (byte == '\'' && proposals->before != '\0' &&
	        strchr("{[,:", proposals->before) != NULL);
}

static void
structure_byte(struct ww_proposals *proposals, char byte)
{
	if (!isspace((unsigned char)byte))
		check_scalar(proposals, byte);
	if (byte == '{' || byte == '[') {
		open_bracket(proposals, byte);
	} else if (byte == '}' || byte == ']') {
		close_bracket(proposals, byte);
	} else {
		if (proposals->capture != CAPTURE_NONE)
			collect(&proposals->element, byte, LONGEST_ELEMENT);
		if (opens_string(proposals, byte)) {
			open_string(proposals, byte);
			return;
		}
	}
	if (isspace((unsigned char)byte))
		return;
	proposals->key_pending = byte == ':' && proposals->before != '\0' &&
	                         strchr("\"'", proposals->before) != NULL;
	if (proposals->depth > 0)
		proposals->before = byte;
}

/* Some models write their thoughts, drafts included, before the answer. */
static void
watch_tags(struct ww_proposals *proposals, char byte)
{
	const char *tag = proposals->thinking ? "</think>" : "<think>";

	if (byte == tag[proposals->tag])
		proposals->tag++;
	else
		proposals->tag = byte == tag[0];
	if (tag[proposals->tag] == '\0') {
		proposals->tag = 0;
		proposals->thinking = !proposals->thinking;
	}
}

/* Three back-quotes at the start of a line cannot be inside valid JSON: they
 * end whatever a stray quote or brace in prose has begun. */
static void
watch_fences(struct ww_proposals *proposals, char byte)
{
	if (byte == '`' && (proposals->line_start || proposals->fence > 0)) {
		if (++proposals->fence == 3)
			reset(proposals);
	} else {
		proposals->fence = 0;
	}
	proposals->line_start =
		byte == '\n' || (proposals->line_start && byte == ' ');
}

static void
feed_byte(struct ww_proposals *proposals, char byte)
{
	watch_fences(proposals, byte);
	if (proposals->depth == 0) {
		watch_tags(proposals, byte);
		if (!proposals->thinking && (byte == '{' || byte == '['))
			structure_byte(proposals, byte);
	} else if (proposals->quote != '\0') {
		string_byte(proposals, byte);
	} else {
		structure_byte(proposals, byte);
	}
}

void
ww_proposals_feed(struct ww_proposals *proposals, const char *bytes,
                  size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		feed_byte(proposals, bytes[i]);
}

void
ww_proposals_end(struct ww_proposals *proposals)
{
	/* An analysis that was cut off is still worth reading. */
	if (proposals->in_note)
		keep_note(proposals);
	reset(proposals);
	proposals->thinking = false;
}

const char *
ww_proposals_analysis(const struct ww_proposals *proposals)
{
	return proposals->analysis != NULL ? proposals->analysis : "";
}

const char *
ww_proposals_strategy(const struct ww_proposals *proposals)
{
	return proposals->strategy != NULL ? proposals->strategy : "";
}

uint32_t
ww_proposals_unreadable(const struct ww_proposals *proposals)
{
	return proposals->unreadable;
}

void
ww_proposals_free(struct ww_proposals *proposals)
{
	if (proposals == NULL)
		return;
	free(proposals->element.text);
	free(proposals->note.text);
	free(proposals->analysis);
	free(proposals->strategy);
	free(proposals);
}
