/* SPDX-License-Identifier: MIT
 *
 * A strategy that is complete and proposes nothing.
 */
#ifndef WW_TESTS_ZOO_STRATEGY_H
#define WW_TESTS_ZOO_STRATEGY_H

#include "warpwright/plugin.h"

#ifndef ZOO_IN_OPEN
#define ZOO_IN_OPEN ((void)0)
#endif
#define ZOO_OWN_KIND WW_KIND_STRATEGY
#ifndef ZOO_MODE
#define ZOO_MODE WW_STRATEGY_ROUNDS
#endif

static ww_status
zoo_open(struct ww_call *call, const struct ww_host *host,
         const struct ww_space *space, void **self)
{
	static int instance;

	(void)call;
	(void)host;
	(void)space;
	ZOO_IN_OPEN;
	*self = &instance;
	return WW_OK;
}

static void
zoo_close(void *self)
{
	(void)self;
}

#ifndef ZOO_ASK
#define ZOO_ASK zoo_ask
static ww_status
zoo_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
        struct ww_config_sink *sink)
{
	(void)call;
	(void)self;
	(void)budget;
	(void)sink;
	return WW_EXHAUSTED;
}
#endif

static ww_status
zoo_tell(struct ww_call *call, void *self, const struct ww_trial *const *trials,
         uint64_t n)
{
	(void)call;
	(void)self;
	(void)trials;
	(void)n;
	return WW_OK;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof(struct ww_strategy_ops),
	.mode = ZOO_MODE,
	.open = zoo_open,
	.close = zoo_close,
	.ask = ZOO_ASK,
	.tell = zoo_tell,
};

#include "tests/zoo/descriptor.h"

#endif
