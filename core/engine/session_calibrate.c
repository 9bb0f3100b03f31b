/* SPDX-License-Identifier: MIT
 *
 * Several devices: the configuration that they are compared by is the default,
 * or the first one that runs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/engine/session_impl.h"

static bool
is_usable(const struct ww_session *session, const struct ww_record *record)
{
	char *path;
	bool there;

	if (record->finished_ns == 0 || record->shared ||
	    record->trial.outcome != WW_TRIAL_OK || record->artifact[0] == '\0')
		return false;
	path = ww_path_join(session->artifacts, record->artifact);
	there = access(path, R_OK) == 0;
	free(path);
	return there;
}

static bool
is_wanted(const struct ww_session *session)
{
	return !session->calibrated && session->lanes->n_devices > 1 &&
	       session->lanes->ops->share != NULL;
}

static void
share(struct ww_session *session, const struct ww_record *record,
      const char *device)
{
	const struct ww_trial *trial = &record->trial;
	struct ww_shared shared = {
		.indices = record->indices,
		.plan = session->plan,
	};

	memcpy(shared.artifact, record->artifact, sizeof record->artifact);
	/* Better known than a trial, and never given up. */
	shared.plan.precision = session->plan.precision / 2;
	shared.plan.abandon_factor = 0;
	shared.plan.incumbent_ms = NAN;
	session->calibrated = true;
	session->lanes->ops->share(session->lanes, &shared, device,
	                           trial->objective, trial->ci_low,
	                           trial->ci_high);
}

void
ww_session_calibrate_by(struct ww_session *session,
                        const struct ww_record *record)
{
	if (is_wanted(session) && is_usable(session, record))
		share(session, record, record->device);
}

/* Devices and clocks may be others than they were then: all are measured. */
void
ww_session_calibrate_again(struct ww_session *session)
{
	uint64_t i;

	for (i = 0; is_wanted(session) &&
	            i < ww_archive_count(session->archive); i++) {
		const struct ww_record *record =
			ww_archive_at(session->archive, i);

		if (is_usable(session, record))
			share(session, record, NULL);
	}
}
