/* SPDX-License-Identifier: MIT
 *
 * What every HTTP provider does the same way: one request to a path below its
 * address, JSON texts, and the memory of refused fields.
 */
#ifndef WW_PLUGINS_POST_H
#define WW_PLUGINS_POST_H

#include "plugins/common/answer.h"

struct post {
	const struct ww_http *http;
	const char *api_base; /* a slash at its end is ignored */
	const char *path;
	const struct ww_http_header *headers;
	uint64_t n_headers;
	const char *body;     /* null: GET */
	int local;
	int64_t timeout_ns;   /* 0: the host's default */
};

/* Sends and returns what generate() would (see answer_finish). */
ww_status post_send(const struct post *post, struct ww_call *call,
                    struct answer *answer);
void post_put(struct json_object *object, const char *name, const char *text);
/* Adds the members of a JSON object given as text. */
void post_merge(struct json_object *body, const char *text);
/* The text of an object, which is put; to be freed, or null. */
char *post_text(struct json_object *object);

int post_begins(const char *text, const char *start);
/* Sets a flag; 0 if it was set before. */
int post_once(int *flag);
/* A text option; a host that does not know it leaves the fallback. */
const char *post_option(const struct ww_options *options, const char *name,
                        const char *fallback);
/* A number option, or NaN if unset. */
double post_price(const struct ww_options *options, const char *name);

#endif
