/* SPDX-License-Identifier: MIT
 *
 * The "messages" dialect: named events, typed content blocks, cumulative usage.
 */
#ifndef WW_PLUGINS_MESSAGES_H
#define WW_PLUGINS_MESSAGES_H

#include "plugins/common/answer.h"

extern const struct codec messages_codec;

#endif
