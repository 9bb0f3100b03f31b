/* SPDX-License-Identifier: MIT */
#include "plugins/common/provider_options.h"

#include <stdio.h>

void
provider_probe_key(const struct ww_options *options,
                   struct ww_provider_probe *probe)
{
	const char *key = options->string(options, "key");

	probe->present = options->secret_present(options, "key");
	snprintf(probe->reason, sizeof probe->reason, "%s is%s set",
	         key != NULL ? key : "its key", probe->present ? "" : " not");
}
