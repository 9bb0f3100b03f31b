/* SPDX-License-Identifier: MIT
 *
 * The descriptor of every animal in the zoo: a good one, unless the source that
 * includes this defined one of the ZOO_… below to something else before.
 */
#ifndef WW_TESTS_ZOO_DESCRIPTOR_H
#define WW_TESTS_ZOO_DESCRIPTOR_H

#ifndef ZOO_MAGIC
#define ZOO_MAGIC WW_PLUGIN_MAGIC
#endif
#ifndef ZOO_SIZE
#define ZOO_SIZE sizeof(struct ww_plugin)
#endif
#ifndef ZOO_MAJOR
#define ZOO_MAJOR WW_ABI_MAJOR
#endif
#ifndef ZOO_MINOR
#define ZOO_MINOR WW_ABI_MINOR
#endif
#ifndef ZOO_NEED_MINOR
#define ZOO_NEED_MINOR 0
#endif
#ifndef ZOO_FEATURES
#define ZOO_FEATURES 0
#endif
#ifndef ZOO_THREADS
#define ZOO_THREADS WW_THREADS_SERIAL
#endif
#ifndef ZOO_KIND
#define ZOO_KIND ZOO_OWN_KIND
#endif
#ifndef ZOO_LICENSE
#define ZOO_LICENSE "MIT"
#endif
#ifndef ZOO_OPTIONS
#define ZOO_OPTIONS NULL
#endif
#ifndef ZOO_N_OPTIONS
#define ZOO_N_OPTIONS 0
#endif
#ifndef ZOO_OPS
#define ZOO_OPS &ops
#endif

WW_PLUGIN = {
	.magic = ZOO_MAGIC,
	.size = ZOO_SIZE,
	.abi_major = ZOO_MAJOR,
	.abi_minor = ZOO_MINOR,
	.need_minor = ZOO_NEED_MINOR,
	.threads = ZOO_THREADS,
	.kind = ZOO_KIND,
	.n_options = ZOO_N_OPTIONS,
	.need_features = ZOO_FEATURES,
	.name = ZOO_NAME,
	.version = "1.0",
	.summary = "an animal of the test zoo",
	.license = ZOO_LICENSE,
	.options = ZOO_OPTIONS,
	.ops = ZOO_OPS,
};

#endif
