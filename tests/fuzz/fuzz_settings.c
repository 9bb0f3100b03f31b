/* SPDX-License-Identifier: MIT
 *
 * Assignments "a.b=value" of any text: each is taken or refused with a reason,
 * and all settings together always form one JSON object.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The first byte chooses a key, so that values of every type are met. */
static void
assign_known(struct ww_settings *settings, const uint8_t *bytes, size_t length)
{
	char *value = ww_copy_n((const char *)bytes + 1, length - 1);
	struct ww_error error = { 0 };

	if (ww_settings_put(settings, ww_keys[bytes[0] % ww_n_keys].name, value,
	                    "--key", &error) != WW_OK &&
	    error.text[0] == '\0')
		abort();
	free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ww_settings *settings = ww_settings_new();
	char *text = ww_copy_n((const char *)bytes, length);
	struct ww_error error = { 0 };
	struct json_object *all;

	if (ww_settings_assign(settings, text, &error) != WW_OK &&
	    error.text[0] == '\0')
		abort();
	if (length > 0)
		assign_known(settings, bytes, length);
	all = ww_settings_json(settings);
	if (strlen(ww_json_text(all)) < 2)
		abort();
	json_object_put(all);
	free(text);
	ww_settings_free(settings);
	return 0;
}
