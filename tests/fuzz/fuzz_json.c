/* SPDX-License-Identifier: MIT
 *
 * JSON from files and from the wire: no text crashes the reader, and what was
 * accepted reads the same after it was written.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
round_trip(struct json_object *value)
{
	struct json_object *again;
	const char *text = ww_json_text(value);

	if (ww_json_parse(text, strlen(text), "again", 0, &again, NULL) !=
	    WW_OK)
		abort();
	json_object_put(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = ww_copy_n((const char *)bytes, length);
	struct ww_error error;
	struct json_object *value;
	unsigned flags;

	for (flags = 0; flags <= WW_JSON_COMMENTS; flags++) {
		if (ww_json_parse(text, length, "input", flags, &value,
		                  &error) != WW_OK)
			continue;
		round_trip(value);
		json_object_put(value);
	}
	ww_json_line(text, "search.max_rounds");
	free(text);
	return 0;
}
