/* SPDX-License-Identifier: MIT */
#include "plugins/common/npy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/arguments.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_LENGTH 6
#define LONGEST_HEADER 65536

/* How NumPy spells the types. It has no bfloat16; such arrays are saved as two
 * opaque bytes or as their bits. */
static const struct {
	uint32_t type;
	const char *spellings; /* separated by spaces */
} spellings[] = {
	{ WW_TYPE_INT8, "|i1 <i1 |b1" },
	{ WW_TYPE_UINT8, "|u1 <u1 |b1" },
	{ WW_TYPE_INT16, "<i2" },
	{ WW_TYPE_UINT16, "<u2" },
	{ WW_TYPE_INT32, "<i4" },
	{ WW_TYPE_UINT32, "<u4" },
	{ WW_TYPE_INT64, "<i8" },
	{ WW_TYPE_UINT64, "<u8" },
	{ WW_TYPE_FLOAT16, "<f2" },
	{ WW_TYPE_BFLOAT16, "|V2 <V2 <u2" },
	{ WW_TYPE_FLOAT32, "<f4" },
	{ WW_TYPE_FLOAT64, "<f8" },
};

struct reading {
	struct ww_call *call;
	const char *path;
	const struct ww_argument *argument;
	FILE *file;
};

static ww_status
unfit(const struct reading *reading, const char *what)
{
	return ww_fail(reading->call, WW_E_FORMAT,
	               "%s (for argument %s): %s", reading->path,
	               reading->argument->name, what);
}

static int
spelled(uint32_t type, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		const char *word = spellings[i].spellings;

		while (spellings[i].type == type && *word != '\0') {
			size_t end = strcspn(word, " ");

			if (end == length && strncmp(word, text, length) == 0)
				return 1;
			word += end + strspn(word + end, " ");
		}
	}
	return 0;
}

/* Text after `'key':` in the header, blanks skipped; null if there is none. */
static const char *
header_value(const char *header, const char *key)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof quoted, "'%s':", key);
	at = strstr(header, quoted);
	if (at == NULL)
		return NULL;
	at += strlen(quoted);
	return at + strspn(at, " ");
}

/* Product of the numbers in "(2, 3)"; false if it is no such tuple. */
static int
shape_product(const char *text, uint64_t *product)
{
	*product = 1;
	if (text == NULL || *text++ != '(')
		return 0;
	for (;;) {
		uint64_t extent;
		char *end;

		text += strspn(text, " ,");
		if (*text == ')')
			return 1;
		if (*text < '0' || *text > '9')
			return 0;
		errno = 0;
		extent = strtoull(text, &end, 10);
		if (errno != 0 ||
		    (extent != 0 && *product > UINT64_MAX / extent))
			return 0;
		*product *= extent;
		text = end;
	}
}

static ww_status
check_header(const struct reading *reading, const char *header)
{
	const char *descr = header_value(header, "descr");
	const char *order = header_value(header, "fortran_order");
	uint32_t type = reading->argument->type;
	char text[192];
	uint64_t n;

	if (descr == NULL || *descr != '\'' || order == NULL ||
	    !shape_product(header_value(header, "shape"), &n))
		return unfit(reading, "its .npy header cannot be understood");
	descr++;
	if (!spelled(type, descr, strcspn(descr, "'"))) {
		snprintf(text, sizeof text,
		         "it holds elements of type '%.*s', not %s",
		         (int)(strcspn(descr, "'") < 16 ? strcspn(descr, "'")
		                                        : 16),
		         descr, ww_type_name(type));
		return unfit(reading, text);
	}
	if (strncmp(order, "False", 5) != 0)
		return unfit(reading, "it is in Fortran order; save it in C "
		                      "order");
	if (n != reading->argument->n_elements) {
		snprintf(text, sizeof text,
		         "it holds %" PRIu64 " elements, not %" PRIu64, n,
		         reading->argument->n_elements);
		return unfit(reading, text);
	}
	return WW_OK;
}

static ww_status
read_header(const struct reading *reading)
{
	unsigned char start[6]; /* version, then the header's length */
	size_t width, length;
	char *header;
	ww_status status;

	if (fread(start, 1, 4, reading->file) != 4)
		return unfit(reading, "it ends inside its .npy header");
	width = start[0] == 1 ? 2 : 4;
	if (start[0] < 1 || start[0] > 3)
		return unfit(reading, "its .npy version is unknown");
	if (width == 4 && fread(start + 4, 1, 2, reading->file) != 2)
		return unfit(reading, "it ends inside its .npy header");
	length = (size_t)start[2] | (size_t)start[3] << 8;
	if (width == 4)
		length |= (size_t)start[4] << 16 | (size_t)start[5] << 24;
	if (length > LONGEST_HEADER)
		return unfit(reading, "its .npy header is too long");
	header = calloc(1, length + 1);
	if (header == NULL)
		return ww_fail(reading->call, WW_E_NO_MEMORY, "no memory");
	if (fread(header, 1, length, reading->file) != length)
		status = unfit(reading, "it ends inside its .npy header");
	else
		status = check_header(reading, header);
	free(header);
	return status;
}

static ww_status
read_array(const struct reading *reading, void *bytes)
{
	size_t wanted = (size_t)ww_argument_bytes(reading->argument);
	unsigned char magic[MAGIC_LENGTH] = { 0 };
	char text[128];
	size_t n = fread(magic, 1, sizeof magic, reading->file);
	ww_status status;

	if (n == sizeof magic && memcmp(magic, MAGIC, sizeof magic) == 0) {
		status = read_header(reading);
		if (status != WW_OK)
			return status;
	} else {
		rewind(reading->file);
	}
	n = fread(bytes, 1, wanted, reading->file);
	if (n == wanted && fgetc(reading->file) == EOF)
		return WW_OK;
	snprintf(text, sizeof text, "its data are %s than the %zu bytes needed",
	         n < wanted ? "shorter" : "longer", wanted);
	return unfit(reading, text);
}

ww_status
ww_npy_read(struct ww_call *call, const char *path,
            const struct ww_argument *argument, void *bytes)
{
	struct reading reading = { .call = call, .path = path,
		                   .argument = argument };
	ww_status status;

	if (path == NULL)
		return ww_fail(call, WW_E_FORMAT,
		               "argument %s names no file", argument->name);
	reading.file = fopen(path, "rbe");
	if (reading.file == NULL)
		return ww_fail(call, WW_E_IO, "cannot read %s: %s", path,
		               strerror(errno));
	status = read_array(&reading, bytes);
	fclose(reading.file);
	return status;
}
