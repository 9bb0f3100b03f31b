/* SPDX-License-Identifier: MIT
 *
 * What a kernel's PTX shows at a glance: how many instructions of which kind
 * (code_counts.h).
 */
#ifndef WW_PLUGINS_PTX_H
#define WW_PLUGINS_PTX_H

#include "warpwright/plugin.h"

/* Reports code_instructions, code_fma, code_matrix and so on for the entry of
 * that (lowered) name; nothing if the text has no such entry. */
void ptx_facts(struct ww_build_sink *sink, const char *text, const char *entry);

#endif
