/* SPDX-License-Identifier: MIT
 *
 * The dialect of a local model server that streams one JSON object a line.
 */
#ifndef WW_PLUGINS_CHAT_LINES_H
#define WW_PLUGINS_CHAT_LINES_H

#include "plugins/common/answer.h"

extern const struct codec chat_lines_codec;

#endif
