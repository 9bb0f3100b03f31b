/* SPDX-License-Identifier: MIT
 *
 * Templates: plain text with {{name}}, {{#if name}} … {{else}} … {{/if}} and
 * {{! remarks}}. A name is a member of the data, which decides what exists: an
 * unknown name is an error with its line, because a silently empty place would
 * spoil a prompt. A tag that opens or closes a condition, or a remark, alone on
 * a line takes the whole line away.
 */
#ifndef WW_CORE_TEMPLATE_H
#define WW_CORE_TEMPLATE_H

#include "core/base/json.h"

/* Text members are put in as they are, numbers and booleans as JSON. False for
 * {{#if}}: absent text (""), 0, false, null, an empty list or object. `name`
 * stands in messages. *text is to be freed. */
ww_status ww_template_render(const char *source, const char *name,
                             struct json_object *data, char **text,
                             struct ww_error *error);

#endif
