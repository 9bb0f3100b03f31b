/* SPDX-License-Identifier: MIT
 *
 * A backend that is complete, compiles nothing and finds no device.
 */
#ifndef WW_TESTS_ZOO_BACKEND_H
#define WW_TESTS_ZOO_BACKEND_H

#include "warpwright/plugin.h"

#ifndef ZOO_IN_OPEN
#define ZOO_IN_OPEN ((void)0)
#endif
#define ZOO_OWN_KIND WW_KIND_BACKEND
#ifndef ZOO_BUILD
#define ZOO_BUILD zoo_build
#endif
#ifndef ZOO_VERIFY
#define ZOO_VERIFY zoo_verify
#endif
#ifndef ZOO_COMPILE
#define ZOO_COMPILE &zoo_compile
#endif
#ifndef ZOO_DEVICE
#define ZOO_DEVICE &zoo_device
#endif
#ifndef ZOO_REPLAY
#define ZOO_REPLAY NULL
#endif

static ww_status
zoo_nothing(struct ww_call *call)
{
	return ww_fail(call, WW_E_UNSUPPORTED, "animals do not work");
}

static inline ww_status
zoo_text(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	(void)self;
	(void)sink;
	return zoo_nothing(call);
}

static inline ww_status
zoo_prepare(struct ww_call *call, void *self, const struct ww_kernel *kernel,
            void **unit)
{
	(void)self;
	(void)kernel;
	(void)unit;
	return zoo_nothing(call);
}

static inline void
zoo_drop(void *object)
{
	(void)object;
}

static inline ww_status
zoo_build(struct ww_call *call, void *unit, const struct ww_build *build,
          struct ww_build_sink *sink)
{
	(void)unit;
	(void)build;
	(void)sink;
	return zoo_nothing(call);
}

static inline ww_status
zoo_list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	(void)call;
	(void)self;
	(void)sink;
	return WW_OK;
}

static inline ww_status
zoo_attach(struct ww_call *call, void *self, const char *id, void **device)
{
	(void)self;
	(void)id;
	(void)device;
	return zoo_nothing(call);
}

static inline ww_status
zoo_stage(struct ww_call *call, void *device, const struct ww_stage *stage,
          void **bench)
{
	(void)device;
	(void)stage;
	(void)bench;
	return zoo_nothing(call);
}

static inline ww_status
zoo_load(struct ww_call *call, void *bench, const struct ww_load *load,
         struct ww_build_sink *facts, void **loaded)
{
	(void)bench;
	(void)load;
	(void)facts;
	(void)loaded;
	return zoo_nothing(call);
}

static inline ww_status
zoo_verify(struct ww_call *call, void *loaded, struct ww_verdict *verdict)
{
	(void)loaded;
	(void)verdict;
	return zoo_nothing(call);
}

static inline ww_status
zoo_warm(struct ww_call *call, void *loaded, uint32_t launches)
{
	(void)loaded;
	(void)launches;
	return zoo_nothing(call);
}

static inline ww_status
zoo_time(struct ww_call *call, void *loaded, const struct ww_timing *timing,
         struct ww_sample_sink *sink)
{
	(void)loaded;
	(void)timing;
	(void)sink;
	return zoo_nothing(call);
}

static inline uint32_t
zoo_health(void *device)
{
	(void)device;
	return WW_HEALTH_GOOD;
}

static inline ww_status
zoo_lookup(struct ww_call *call, void *self, const struct ww_space *space,
           const uint32_t *indices, struct ww_recorded *recorded)
{
	(void)call;
	(void)self;
	(void)space;
	(void)indices;
	(void)recorded;
	return WW_E_NOT_FOUND;
}

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

#ifndef ZOO_NO_TABLES
static const struct ww_compile_ops zoo_compile = {
	.size = sizeof(struct ww_compile_ops),
	.targets = zoo_text,
	.identity = zoo_text,
	.prepare = zoo_prepare,
	.drop = zoo_drop,
	.build = ZOO_BUILD,
};

#ifndef ZOO_NO_DEVICE
static const struct ww_device_ops zoo_device = {
	.size = sizeof(struct ww_device_ops),
	.list = zoo_list,
	.attach = zoo_attach,
	.detach = zoo_drop,
	.target = zoo_text,
	.stage = zoo_stage,
	.unstage = zoo_drop,
	.load = zoo_load,
	.unload = zoo_drop,
	.verify = ZOO_VERIFY,
	.warm = zoo_warm,
	.time = zoo_time,
	.health = zoo_health,
};
#endif
#endif

#ifdef ZOO_LOOKUP
static const struct ww_replay_ops zoo_replay = {
	.size = sizeof(struct ww_replay_ops),
	.lookup = ZOO_LOOKUP,
};
#endif

static const struct ww_backend_ops ops = {
	.size = sizeof(struct ww_backend_ops),
	.languages = "zoo",
	.open = zoo_open,
	.close = zoo_drop,
	.compile = ZOO_COMPILE,
	.device = ZOO_DEVICE,
	.replay = ZOO_REPLAY,
	.rank = -1,
};

#include "tests/zoo/descriptor.h"

#endif
