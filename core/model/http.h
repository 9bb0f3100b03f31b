/* SPDX-License-Identifier: MIT
 *
 * The HTTP service (warpwright/host.h) on libcurl: TLS, proxies, time-outs,
 * secrets, cancellation. One exchange at a time for one service object.
 */
#ifndef WW_CORE_HTTP_H
#define WW_CORE_HTTP_H

#include "core/base/error.h"
#include "core/config/settings.h"
#include "warpwright/host.h"

/* `options` are those of the provider instance (source of its secrets), set
 * with ww_http_bind() once they exist. Settings: http.* (connect_timeout,
 * idle_timeout, total_timeout, proxy, ca_file, allow_plain_http). */
struct ww_http *ww_http_new(const struct ww_settings *settings);
void ww_http_bind(struct ww_http *http, const struct ww_options *options);
void ww_http_free(struct ww_http *http);

/* What the last exchange said about waiting: nanoseconds, or -1. */
int64_t ww_http_retry_after(const struct ww_http *http);
/* The last exchange's request and response as JSON text for a recording, no
 * secrets in it; "" if there was none. Borrowed until the next exchange. */
const char *ww_http_exchange_text(const struct ww_http *http);

#endif
