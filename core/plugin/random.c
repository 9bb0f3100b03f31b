/* SPDX-License-Identifier: MIT
 *
 * xoshiro256** by D. Blackman and S. Vigna, its state filled by splitmix64:
 * small, fast, and good enough that no strategy can see a pattern.
 */
#include <string.h>

#include "core/plugin/host.h"

static uint64_t
rotate(uint64_t value, int by)
{
	return value << by | value >> (64 - by);
}

static uint64_t
next(const struct ww_random *self)
{
	struct ww_random_stream *stream;
	uint64_t *state;
	uint64_t result, shifted;

	/* The table is const for the plugin; the stream behind it moves. */
	memcpy(&stream, &self, sizeof stream);
	state = stream->state;
	result = rotate(state[1] * 5, 7) * 9;
	shifted = state[1] << 17;
	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= shifted;
	state[3] = rotate(state[3], 45);
	return result;
}

static uint64_t
split_mix(uint64_t *state)
{
	uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

void
ww_random_start(struct ww_random_stream *stream, uint64_t seed)
{
	int i;

	stream->random = (struct ww_random){ .size = sizeof(struct ww_random),
		                             .next = next };
	for (i = 0; i < 4; i++)
		stream->state[i] = split_mix(&seed);
}
