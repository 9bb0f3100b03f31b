/* SPDX-License-Identifier: MIT */
#include "tests/fakes/fake.h"

#include <stdlib.h>
#include <string.h>

int
fake_has(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while (words != NULL && (at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[length] == ' ' || at[length] == '\0'))
			return 1;
		at += length;
	}
	return 0;
}

double
fake_number(const char *words, const char *name, double otherwise)
{
	size_t length = strlen(name);
	const char *at = words;

	while (words != NULL && (at = strstr(at, name)) != NULL) {
		if ((at == words || at[-1] == ' ') && at[length] == '=')
			return strtod(at + length + 1, NULL);
		at += length;
	}
	return otherwise;
}

int
fake_driver_is(const char *word)
{
	return fake_has(getenv("FAKE_CUDA"), word);
}

double
fake_driver_number(const char *name, double otherwise)
{
	return fake_number(getenv("FAKE_CUDA"), name, otherwise);
}
