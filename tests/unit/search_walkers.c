/* SPDX-License-Identifier: MIT */
#include "tests/unit/search_walkers.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

/* ------------------------------------------------------------- strategies */

/* Walks through the space in order; the plugin's name says how it fails. */
struct walker {
	uint32_t next;
	uint32_t asks;
	uint64_t told;
};

static ww_status
walker_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *of, void **self)
{
	(void)call;
	(void)host;
	(void)of;
	*self = ww_alloc(sizeof(struct walker));
	return WW_OK;
}

static ww_status
walk(struct walker *walker, const struct ww_budget *budget,
     struct ww_config_sink *sink)
{
	struct ww_proposal_info info = { .size = sizeof info,
		                         .family = "walk" };
	uint32_t taken = 0;

	walker->asks++;
	while (taken < budget->want) {
		uint32_t indices[] = { walker->next / WW_WALK_HIGH,
			               walker->next % WW_WALK_HIGH };
		ww_status status;

		if (walker->next >= WW_WALK_WIDE * WW_WALK_HIGH)
			return WW_EXHAUSTED;
		status = sink->push(sink, indices, &info);
		if (status == WW_STOPPED)
			break;
		walker->next++;
		taken += status == WW_OK;
	}
	return WW_OK;
}

static ww_status
walker_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	(void)call;
	return walk(self, budget, sink);
}

/* Gives up in its third ask, after half of what was wanted. */
static ww_status
failing_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
            struct ww_config_sink *sink)
{
	struct walker *walker = self;
	struct ww_budget half = *budget;

	if (walker->asks < 2)
		return walk(walker, budget, sink);
	half.want = budget->want / 2;
	walk(walker, &half, sink);
	return ww_fail(call, WW_E_SERVER, "the model is on fire");
}

static ww_status
stubborn_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
             struct ww_config_sink *sink)
{
	uint32_t outside[] = { WW_WALK_WIDE, 0 };
	uint32_t known[] = { 0, 0 };

	(void)call;
	(void)self;
	(void)budget;
	ck_assert_int_eq(sink->push(sink, outside, NULL), WW_E_INVALID);
	ck_assert_int_eq(sink->push(sink, known, NULL), WW_E_DUPLICATE);
	return WW_OK;
}

static ww_status
moody_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
          struct ww_config_sink *sink)
{
	(void)self;
	(void)budget;
	(void)sink;
	return ww_fail(call, WW_E_CANCELLED, "not in the mood");
}

static ww_status
walker_tell(struct ww_call *call, void *self,
            const struct ww_trial *const *trials, uint64_t n)
{
	struct walker *walker = self;

	(void)call;
	(void)trials;
	walker->told += n;
	return WW_OK;
}

static ww_status
walker_note(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct walker *walker = self;
	char text[64];

	(void)call;
	snprintf(text, sizeof text, "asks %u told %llu", walker->asks,
	         (unsigned long long)walker->told);
	return sink->write(sink, text, strlen(text));
}

#define STRATEGY(how, ask_slot, mode_bits)                              \
	static const struct ww_strategy_ops how##_ops = {               \
		.size = sizeof how##_ops,                               \
		.mode = mode_bits,                                      \
		.open = walker_open,                                    \
		.close = free,                                          \
		.ask = ask_slot,                                        \
		.tell = walker_tell,                                    \
		.note = walker_note,                                    \
	};                                                              \
	static const struct ww_plugin how##_plugin = {                  \
		.size = sizeof how##_plugin,                            \
		.kind = WW_KIND_STRATEGY,                               \
		.name = #how,                                           \
		.ops = &how##_ops,                                      \
	}

STRATEGY(steady, walker_ask, WW_STRATEGY_CONTINUOUS);
STRATEGY(rounds, walker_ask, WW_STRATEGY_ROUNDS);
STRATEGY(failing, failing_ask, WW_STRATEGY_ROUNDS);
STRATEGY(moody, moody_ask, WW_STRATEGY_CONTINUOUS);
STRATEGY(stubborn, stubborn_ask, WW_STRATEGY_ROUNDS);

const struct ww_plugin *const ww_walkers[WW_WALKERS] = {
	&steady_plugin, &rounds_plugin, &failing_plugin, &stubborn_plugin,
	&moody_plugin,
};
