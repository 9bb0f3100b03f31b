/* SPDX-License-Identifier: MIT
 *
 * What the parts of `warpwright session` share: the open store and one session
 * taken out of it.
 */
#ifndef WW_CORE_CLI_SESSION_H
#define WW_CORE_CLI_SESSION_H

#include "core/cli/cli.h"
#include "core/store/store.h"

/* A session's row with memory of its own. */
struct ww_stored {
	struct ww_store *store;
	struct ww_session_row row;
	int found;
};

/* Opens the store and takes out the session that `id` names. */
ww_status ww_stored_open(struct ww_cli *cli, const char *id,
                         struct ww_stored *stored, struct ww_error *error);
void ww_stored_close(struct ww_stored *stored);

/* What the row's numbers are in. */
const char *ww_session_unit(const struct ww_session_row *row);
/* {"type":"session", …}: the row without the long texts. */
struct json_object *ww_session_json(const struct ww_session_row *row);
/* {"type":"trial", …} as in `tune --json`, and with the raw samples if
 * `samples` is true. */
struct json_object *ww_trial_json(const char *config,
                                  const struct ww_record *record,
                                  int samples);
/* {"type":"model_call", …} without prompt, answer and exchange. */
struct json_object *ww_call_json(const struct ww_model_call *call);

int ww_session_show(struct ww_cli *cli);
int ww_session_resume(struct ww_cli *cli);
int ww_session_export(struct ww_cli *cli);

#endif
