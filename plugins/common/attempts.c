/* SPDX-License-Identifier: MIT */
#include "plugins/common/attempts.h"

#include <math.h>

#include "plugins/common/post.h"

/* Fields that one request may lose. */
#define MOST_CHANGES 6

/* A field that the user asked for does not vanish in silence. */
static void
tell_change(const struct ww_host *host, const struct ww_chat_request *request,
            const char *parameter)
{
	int effort = post_begins(parameter, "reasoning") ||
	             post_begins(parameter, "think") ||
	             post_begins(parameter, "output_config");
	int by_user = (post_begins(parameter, "temperature") &&
	               !isnan(request->temperature)) ||
	              (effort && request->effort != NULL);

	ww_log_message(host->log, by_user ? WW_LOG_WARNING : WW_LOG_INFO,
	       "the server refuses '%s'; sending without it, or with its other "
	       "spelling, from now on", parameter);
}

ww_status
attempts_generate(const struct attempts *attempts, const struct ww_host *host,
                  void *self, struct ww_call *call,
                  const struct ww_chat_request *request,
                  struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	int changes;

	for (changes = 0;; changes++) {
		struct trial_call trial;
		char parameter[128] = "";
		ww_status status;

		trial_call_start(&trial, call);
		status = attempts->send(self, &trial.call, request, sink,
		                        reply, parameter);
		if (status != WW_E_PARAMETER || changes == MOST_CHANGES ||
		    !attempts->give_way(self, parameter))
			return trial_call_pass(&trial, status);
		tell_change(host, request, parameter);
	}
}
