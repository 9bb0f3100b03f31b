/* SPDX-License-Identifier: MIT
 *
 * Parses and evaluates bytes as an expression over a few names. What parses must
 * give the same value twice, and the same as a node of a shared pool.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/expression.h"
#include "tests/fuzz/replay.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ww_value values[2] = {
		{ .type = WW_VALUE_INT, .integer = 3 },
		{ .type = WW_VALUE_FLOAT, .number = 0.5 },
	};
	struct ww_symbols symbols = { 0 };
	struct ww_pool pool = { 0 };
	struct ww_scalar scalars[2] = { ww_scalar_of(&values[0]),
		                        ww_scalar_of(&values[1]) };
	struct ww_error error = { 0 };
	char *text = ww_copy_n((const char *)data, size);
	uint32_t first = 0, second = 0;
	char printed[80];

	ww_symbols_constant(&symbols, "N", ww_scalar_integer(1024));
	ww_symbols_constant(&symbols, "s", ww_scalar_string("text"));
	ww_symbols_slot(&symbols, "a", 0, values, 2);
	ww_symbols_slot(&symbols, "t.M", 1, values, 2);
	if (ww_expression_parse(&pool, &symbols, text, &first, &error) ==
	    WW_OK) {
		struct ww_scalar value = ww_expression_value(&pool, first,
		                                             scalars);

		ww_scalar_print(value, printed, sizeof printed);
		if (ww_expression_parse(&pool, &symbols, text, &second,
		                        &error) != WW_OK ||
		    first != second || value.tag == WW_SCALAR_UNKNOWN ||
		    value.tag == WW_SCALAR_UNUSED)
			abort();
	} else if (strncmp(error.text, "column ", 7) != 0) {
		abort();
	}
	ww_pool_clear(&pool);
	ww_symbols_clear(&symbols);
	free(text);
	return 0;
}
