/* SPDX-License-Identifier: MIT
 *
 * The metadata note is a MessagePack map for each kernel whose keys are sorted:
 * accumulation registers and group segment (LDS) stand before the kernel's
 * ".name", everything else behind it. So the numbers are found by their keys
 * around the name, without walking the ELF file.
 */
#include "code.h"

#include <string.h>

/* The MessagePack unsigned integer at `at`, or -1. */
static double
number_at(const unsigned char *at, const unsigned char *end)
{
	double value = 0.0;
	unsigned bytes;
	unsigned i;

	if (at >= end)
		return -1.0;
	if (at[0] < 0x80)
		return at[0];
	if (at[0] < 0xcc || at[0] > 0xcf)
		return -1.0;
	bytes = 1u << (at[0] - 0xcc);
	if (end - at <= (long)bytes)
		return -1.0;
	for (i = 1; i <= bytes; i++)
		value = value * 256.0 + at[i];
	return value;
}

/* The kernel's own ".name" entry: the key, a string head, the name. */
static const unsigned char *
find_name(const unsigned char *code, uint64_t length, const char *name)
{
	static const char key[] = ".name";
	size_t n = strlen(name);
	const unsigned char *at = code;
	const unsigned char *end = code + length;

	while ((at = memmem(at, (size_t)(end - at), key, strlen(key))) !=
	       NULL) {
		const unsigned char *text;

		at += strlen(key);
		if (at >= end)
			return NULL;
		text = at + (at[0] >= 0xa0 && at[0] <= 0xbf ? 1
		             : at[0] == 0xd9                ? 2
		                                            : 3);
		if (text + n < end && memcmp(text, name, n) == 0 &&
		    text[n] >= 0x80)
			return text;
	}
	return NULL;
}

static void
fact_behind(struct ww_build_sink *sink, const unsigned char *from,
            const unsigned char *end, const char *key, const char *fact)
{
	const unsigned char *at = memmem(from, (size_t)(end - from), key,
	                                 strlen(key));
	double value;

	if (at == NULL)
		return;
	value = number_at(at + strlen(key), end);
	if (value >= 0.0)
		sink->fact(sink, fact, value);
}

/* The last occurrence of the key before the name. */
static void
fact_before(struct ww_build_sink *sink, const unsigned char *code,
            const unsigned char *name, const char *key, const char *fact)
{
	const unsigned char *at = code;
	const unsigned char *last = NULL;

	while ((at = memmem(at, (size_t)(name - at), key, strlen(key))) !=
	       NULL) {
		at += strlen(key);
		last = at;
	}
	if (last != NULL && number_at(last, name) >= 0.0)
		sink->fact(sink, fact, number_at(last, name));
}

void
hip_code_facts(struct ww_build_sink *sink, const void *code, uint64_t length,
               const char *name)
{
	const unsigned char *bytes = code;
	const unsigned char *end = bytes + length;
	const unsigned char *at = find_name(bytes, length, name);

	if (at == NULL)
		return;
	fact_before(sink, bytes, at, ".group_segment_fixed_size",
	            "shared_bytes");
	/* On architectures with matrix units only; a part of .vgpr_count. */
	fact_before(sink, bytes, at, ".agpr_count", "accumulation_registers");
	fact_behind(sink, at, end, ".vgpr_count", "registers");
	fact_behind(sink, at, end, ".sgpr_count", "scalar_registers");
	fact_behind(sink, at, end, ".vgpr_spill_count", "spilled_registers");
	fact_behind(sink, at, end, ".sgpr_spill_count",
	            "spilled_scalar_registers");
	fact_behind(sink, at, end, ".private_segment_fixed_size",
	            "local_bytes");
	fact_behind(sink, at, end, ".wavefront_size", "warp_width");
}
