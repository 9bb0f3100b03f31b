/* SPDX-License-Identifier: MIT */
#include "core/model/retry.h"

#define SECOND INT64_C(1000000000)

static const struct {
	ww_status status;
	unsigned reaction;
	int64_t base_ns; /* longest wait after the first attempt; then doubled */
	int64_t cap_ns;
} rules[] = {
	{ WW_E_AUTH, WW_REACT_STOP, 0, 0 },
	{ WW_E_BILLING, WW_REACT_STOP, 0, 0 },
	{ WW_E_REQUEST, WW_REACT_STOP, 0, 0 },
	/* The provider has already tried without the field. */
	{ WW_E_PARAMETER, WW_REACT_STOP, 0, 0 },
	{ WW_E_OPTION, WW_REACT_STOP, 0, 0 },
	{ WW_E_NOT_FOUND, WW_REACT_STOP, 0, 0 },
	{ WW_E_UNAVAILABLE, WW_REACT_STOP, 0, 0 },
	{ WW_E_UNSUPPORTED, WW_REACT_STOP, 0, 0 },
	{ WW_E_RATE, WW_REACT_RETRY, 2 * SECOND, 60 * SECOND },
	{ WW_E_OVERLOADED, WW_REACT_RETRY, 4 * SECOND, 60 * SECOND },
	{ WW_E_SERVER, WW_REACT_RETRY, SECOND, 60 * SECOND },
	{ WW_E_TRANSPORT, WW_REACT_RETRY, SECOND, 60 * SECOND },
	/* It has had all the time there is. */
	{ WW_E_TIMEOUT, WW_REACT_NEXT, 0, 0 },
	{ WW_E_CONTEXT, WW_REACT_SHORTEN, 0, 0 },
	{ WW_E_FORMAT, WW_REACT_ONCE, 0, 0 },
	{ WW_E_REFUSAL, WW_REACT_ACCEPT, 0, 0 },
	{ WW_E_TRUNCATED, WW_REACT_ACCEPT, 0, 0 },
};

unsigned
ww_retry_reaction(ww_status status)
{
	size_t i;

	for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].status == status)
			return rules[i].reaction;
	return WW_REACT_END;
}

int64_t
ww_retry_delay(ww_status status, unsigned attempt, int64_t asked_ns,
               int64_t limit_ns, const struct ww_random *random)
{
	int64_t longest = 0;
	int64_t cap = 0;
	size_t i;

	if (asked_ns > limit_ns)
		return -1;
	for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].status == status) {
			longest = rules[i].base_ns;
			cap = rules[i].cap_ns;
		}
	while (--attempt > 0 && longest < cap)
		longest *= 2;
	if (longest > cap)
		longest = cap;
	/* What was asked for, and a little spread so that many clients do not
	 * come back at the same moment. */
	if (asked_ns >= 0)
		return asked_ns + (int64_t)ww_random_below(
					  random, (uint64_t)SECOND / 4);
	return longest > 0 ? (int64_t)ww_random_below(random,
	                                              (uint64_t)longest + 1)
	                   : 0;
}

bool
ww_retry_wait(const struct ww_retry *retry, ww_status status, unsigned attempt,
              int64_t asked_ns)
{
	unsigned reaction = ww_retry_reaction(status);
	int64_t delay;

	if (reaction == WW_REACT_ONCE)
		return attempt == 1;
	if (reaction != WW_REACT_RETRY || attempt >= retry->attempts)
		return false;
	delay = ww_retry_delay(status, attempt, asked_ns, retry->limit_ns,
	                       retry->random);
	return delay >= 0 && retry->sleep(retry->context, delay);
}
