/* SPDX-License-Identifier: MIT
 *
 * Takes configurations out of a model's answer while it is still arriving: fed
 * byte by byte or all at once, it delivers the same objects, each as soon as its
 * closing brace is there. Understands an object with "configs", a bare list,
 * code fences and prose around either, and answers that are cut short.
 */
#ifndef WW_CORE_PROPOSALS_H
#define WW_CORE_PROPOSALS_H

#include "core/base/json.h"

struct ww_proposals;

/* One element: the configuration itself, and its reasoning and family if the
 * model gave any (else null). Borrowed. */
struct ww_proposed {
	struct json_object *config;
	const char *reason;
	const char *family;
};

struct ww_proposals *
ww_proposals_new(void (*deliver)(void *context,
                                 const struct ww_proposed *proposed),
                 void *context);
void ww_proposals_feed(struct ww_proposals *proposals, const char *bytes,
                       size_t length);
/* At the end of the answer: delivers what only the whole text shows. */
void ww_proposals_end(struct ww_proposals *proposals);
/* "analysis" and "strategy" of the answer, or "". */
const char *ww_proposals_analysis(const struct ww_proposals *proposals);
const char *ww_proposals_strategy(const struct ww_proposals *proposals);
/* Objects that stood where a configuration should and were none. */
uint32_t ww_proposals_unreadable(const struct ww_proposals *proposals);
void ww_proposals_free(struct ww_proposals *proposals);

#endif
