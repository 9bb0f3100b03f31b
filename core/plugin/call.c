/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/plugin/host.h"

/* A plugin that keeps a call and uses it after its slot returned reaches a
 * frame without this number. */
#define MAGIC UINT64_C(0x77772d63616c6c31)

/* What host.h promises to keep of a message, and its terminator. */
#define LONGEST_TEXT 1024

static struct ww_call_frame *
frame_of(struct ww_call *self)
{
	struct ww_call_frame *frame = (struct ww_call_frame *)self;

	if (frame != NULL && frame->magic == MAGIC)
		return frame;
	ww_log_line(WW_LOG_ERROR, "plugins",
	            "a plugin used a call that is over or was never given out");
	return NULL;
}

static ww_status
call_fail(struct ww_call *self, ww_status status, const char *text)
{
	struct ww_call_frame *frame = frame_of(self);
	size_t length = text != NULL ? strlen(text) : 0;
	char *clean;

	if (frame == NULL)
		return WW_E_BAD_HANDLE;
	if (frame->error.status != WW_OK)
		return status;
	if (status >= 0)
		status = WW_E_INTERNAL; /* success is nothing to fail with */
	frame->error.status = status;
	if (length == 0)
		return status;
	clean = ww_redact_copy(text, &length);
	ww_text_clean(frame->error.text, LONGEST_TEXT, clean, length);
	free(clean);
	return status;
}

static int32_t
call_cancelled(struct ww_call *self)
{
	struct ww_call_frame *frame = frame_of(self);

	return frame == NULL || ww_cancel_requested(frame->cancel);
}

static int64_t
call_deadline(struct ww_call *self)
{
	struct ww_call_frame *frame = frame_of(self);

	return frame == NULL ? 0 : frame->deadline_ns;
}

void
ww_call_start(struct ww_call_frame *frame, const struct ww_cancel *cancel,
              int64_t deadline_ns)
{
	frame->call = (struct ww_call){ .size = sizeof(struct ww_call),
		                        .fail = call_fail,
		                        .cancelled = call_cancelled,
		                        .deadline_ns = call_deadline };
	frame->magic = MAGIC;
	frame->cancel = cancel;
	frame->deadline_ns = deadline_ns;
	frame->error.status = WW_OK;
	frame->error.text[0] = '\0';
}

ww_status
ww_call_finish(struct ww_call_frame *frame, ww_status status,
               struct ww_error *error)
{
	frame->magic = 0;
	if (error == NULL)
		return status;
	if (status >= 0)
		return ww_error_set(error, status, "%s", "");
	if (frame->error.text[0] != '\0')
		return ww_error_set(error, status, "%s", frame->error.text);
	return ww_error_set(error, status, "%s (the plugin gave no reason)",
	                    ww_status_name(status));
}
