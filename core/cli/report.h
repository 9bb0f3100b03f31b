/* SPDX-License-Identifier: MIT
 *
 * What a running session says: JSON lines for programs, or a progress line
 * (on a terminal only) and a final table for people. Also the files that a
 * session leaves. Every command that runs a session goes through
 * ww_report_run().
 */
#ifndef WW_CORE_CLI_REPORT_H
#define WW_CORE_CLI_REPORT_H

#include "core/cli/cli.h"
#include "core/engine/session.h"

/* Runs the request with a report as its observer (request->observer is set
 * here), writes best.json and best.h into `folder` unless it is null, prints
 * the end, and returns the program's exit code. */
int ww_report_run(struct ww_cli *cli, struct ww_session_request *request,
                  const char *folder);

/* The program's exit code after a session that came to an end. */
int ww_result_exit(const struct ww_session_result *result);
/* {"type":"result", …} as `tune --json` prints it. */
struct json_object *ww_result_json(const struct ww_task *task,
                                   const struct ww_session_result *result);
/* {"type":"trial", …}. */
struct json_object *ww_record_json(const struct ww_task *task,
                                   const struct ww_record *record);
/* The table of a finished session, for people. */
void ww_result_print(const struct ww_task *task, const char *device,
                     const struct ww_session_result *result);
/* Creates the folder of --output and says whether it can be written. */
ww_status ww_result_folder(const char *folder, struct ww_error *error);
/* best.json and best.h in `folder`, which is created. */
ww_status ww_result_files(const struct ww_task *task, const char *device,
                          const struct ww_session_result *result,
                          const char *folder, struct ww_error *error);

#endif
