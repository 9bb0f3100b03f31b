/* SPDX-License-Identifier: MIT
 *
 * Prompts: templates from share/prompts/ (or the folder `prompt.templates`)
 * filled with data from a view. The same view gives the same bytes.
 */
#ifndef WW_CORE_PROMPT_H
#define WW_CORE_PROMPT_H

#include "core/prompt/view.h"

/* Renders template NAME (file NAME.txt of `prompt.templates`, else of the
 * installed prompts). `variables` (JSON object text or null) are laid over the
 * view's own. Four names are empty unless given there: "errors" (what was wrong
 * with the last answer), "gaps" (values the host wants tried), "neighbours" (that
 * the last answer stayed beside the best in vain) and "picks" (what a surrogate
 * has chosen for this round). "compact": true shortens the history. Result to be
 * freed. */
ww_status ww_prompt_render(const struct ww_prompt_view *view, const char *name,
                           const char *variables, char **text,
                           struct ww_error *error);
/* The JSON Schema of an answer for this space, in the subset that every service
 * takes (every property required, additionalProperties false, enums for
 * values, no ranges); the same bytes in every round. To be freed. */
char *ww_prompt_schema(const struct ww_prompt_view *view);

#endif
