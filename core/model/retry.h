/* SPDX-License-Identifier: MIT
 *
 * What the host does about a failed request, as a function of its class alone:
 * one table, and the waiting time before the next attempt.
 */
#ifndef WW_CORE_RETRY_H
#define WW_CORE_RETRY_H

#include <stdbool.h>

#include "core/base/error.h"
#include "warpwright/host.h"

#define WW_REACT_END 0u     /* pass it on: cancelled, budget, our own fault */
#define WW_REACT_RETRY 1u   /* wait, then the same provider again */
#define WW_REACT_STOP 2u    /* this provider is out for the session; say so */
#define WW_REACT_SHORTEN 3u /* once more with a shorter history */
#define WW_REACT_ONCE 4u    /* one more attempt at once */
#define WW_REACT_NEXT 6u    /* no second attempt, but the next provider */
#define WW_REACT_ACCEPT 5u  /* use what has arrived; never sent again */

unsigned ww_retry_reaction(ww_status status);

/* Nanoseconds to wait before attempt `attempt` + 1 (attempts count from 1):
 * what the server asked for (`asked_ns`, -1: nothing), else exponential with
 * full jitter from `random`. -1: the server asks for more than `limit_ns`, so
 * this provider is of no use now. */
int64_t ww_retry_delay(ww_status status, unsigned attempt, int64_t asked_ns,
                       int64_t limit_ns, const struct ww_random *random);

/* How patient the host is. `sleep` waits and returns false if it was woken to
 * end; tests put a clock of their own behind it. */
struct ww_retry {
	unsigned attempts; /* most attempts at one provider */
	int64_t limit_ns;  /* longest wait that a server may ask for */
	const struct ww_random *random;
	bool (*sleep)(void *context, int64_t nanoseconds);
	void *context;
};

/* After attempt number `attempt` failed with `status`: waits, and returns true
 * if the same provider is to be asked again. */
bool ww_retry_wait(const struct ww_retry *retry, ww_status status,
                   unsigned attempt, int64_t asked_ns);

#endif
