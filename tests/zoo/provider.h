/* SPDX-License-Identifier: MIT
 *
 * A provider that is complete and answers nothing.
 */
#ifndef WW_TESTS_ZOO_PROVIDER_H
#define WW_TESTS_ZOO_PROVIDER_H

#include "warpwright/plugin.h"

#ifndef ZOO_IN_OPEN
#define ZOO_IN_OPEN ((void)0)
#endif
#define ZOO_OWN_KIND WW_KIND_PROVIDER
#ifndef ZOO_OPS_SIZE
#define ZOO_OPS_SIZE sizeof(struct ww_provider_ops)
#endif

static ww_status
zoo_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	static int instance;

	(void)call;
	(void)host;
	ZOO_IN_OPEN;
	*self = &instance;
	return WW_OK;
}

static void
zoo_close(void *self)
{
	(void)self;
}

static uint64_t
zoo_capabilities(void *self)
{
	(void)self;
	return 0;
}

static ww_status
zoo_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	(void)call;
	(void)self;
	probe->present = 0;
	probe->rank = -1;
	return WW_OK;
}

#ifndef ZOO_GENERATE
#define ZOO_GENERATE zoo_generate
static ww_status
zoo_generate(struct ww_call *call, void *self,
             const struct ww_chat_request *request, struct ww_chat_sink *sink,
             struct ww_chat_reply *reply)
{
	(void)self;
	(void)request;
	(void)sink;
	(void)reply;
	return ww_fail(call, WW_E_UNAVAILABLE, "animals do not talk");
}
#endif

static const struct ww_provider_ops ops = {
	.size = ZOO_OPS_SIZE,
	.open = zoo_open,
	.close = zoo_close,
	.capabilities = zoo_capabilities,
	.probe = zoo_probe,
	.generate = ZOO_GENERATE,
};

#include "tests/zoo/descriptor.h"

#endif
