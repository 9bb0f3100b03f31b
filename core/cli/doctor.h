/* SPDX-License-Identifier: MIT
 *
 * What the parts of `warpwright doctor` share: one line a finding, and the
 * worst of them as the exit code.
 */
#ifndef WW_CORE_CLI_DOCTOR_H
#define WW_CORE_CLI_DOCTOR_H

#include "core/cli/cli.h"

struct ww_doctor {
	struct ww_cli *cli;
	int code; /* exit code of the first essential thing that is missing */
};

/* A finding. `remedy` null: all is well with it. `essential` 0: work goes on
 * without it, else the exit code that it means. */
void ww_doctor_line(struct ww_doctor *doctor, const char *subject,
                    const char *finding, const char *remedy, int essential);

/* Something optional that this machine simply does not have. */
void ww_doctor_absent(struct ww_doctor *doctor, const char *subject,
                      const char *finding);

void ww_doctor_models(struct ww_doctor *doctor);

#endif
