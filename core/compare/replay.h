/* SPDX-License-Identifier: MIT
 *
 * A backend that answers from a recording, opened for a task outside of a
 * session.
 */
#ifndef WW_CORE_REPLAY_H
#define WW_CORE_REPLAY_H

#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

struct ww_replay;

/* `backend` null: the task's own. WW_E_UNSUPPORTED if that backend measures
 * instead of replaying. */
ww_status ww_replay_open(const struct ww_task *task,
                         const struct ww_settings *settings,
                         const struct ww_registry *registry,
                         const char *backend, struct ww_replay **replay,
                         struct ww_error *error);
ww_status ww_replay_lookup(struct ww_replay *replay,
                           const struct ww_space *space,
                           const uint32_t *indices,
                           struct ww_recorded *recorded,
                           struct ww_error *error);
void ww_replay_close(struct ww_replay *replay);

#endif
