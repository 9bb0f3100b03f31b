/* SPDX-License-Identifier: MIT
 *
 * A plain main() for a fuzz target: replays the files given as arguments. With
 * -DWW_LIBFUZZER the fuzzer brings its own.
 */
#ifndef WW_TESTS_REPLAY_H
#define WW_TESTS_REPLAY_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef WW_LIBFUZZER
#include <stdio.h>
#include <stdlib.h>

#include "core/base/paths.h"

int
main(int argc, char **argv)
{
	struct ww_error error;
	char *bytes;
	size_t length;
	int i;

	for (i = 1; i < argc; i++) {
		if (ww_file_read(argv[i], (size_t)1 << 20, &bytes, &length,
		                 &error) != WW_OK) {
			fprintf(stderr, "%s\n", error.text);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
		free(bytes);
	}
	printf("%d inputs replayed\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
#endif

#endif
