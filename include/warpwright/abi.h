/* SPDX-License-Identifier: MIT
 *
 * warpwright/abi.h: the ground every plugin and every host stands on: version
 * numbers, status codes, the growth rule, the plugin descriptor and the typed
 * option table. It refuses to hold anything that belongs to one plugin kind.
 *
 * ABI changelog (newest first; every minor only appends)
 *   1.1  2026-11-22  ww_device_ops.energy and .observe, ww_energy_sink,
 *                    WW_ARGUMENT_SCRATCH
 *   1.0  2026-11-22  first published: descriptor, options, host services,
 *                    providers, strategies, backends
 *
 * How the ABI grows
 *   - Tables and parameter structs start with their own size in bytes and only
 *     ever grow at the end. A slot exists if the size covers it and it is not
 *     null: WW_HAS() is the only allowed test.
 *   - Fields have a fixed width. `reserved` fields are written as zero.
 *   - Numbers (statuses, kinds, types, feature bits) are never reused.
 *   - A change of meaning needs a new slot; removing the old one needs a new
 *     major, which is a new symbol name.
 */
#ifndef WARPWRIGHT_ABI_H
#define WARPWRIGHT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WW_ABI_MAJOR 1
#define WW_ABI_MINOR 1

/* First word of every descriptor; "WWP1" read as a little-endian word. */
#define WW_PLUGIN_MAGIC 0x31505757u

/* The one symbol a plugin exports. The major is part of the name, so one file
 * may carry descriptors for two majors. */
#define WW_PLUGIN_SYMBOL ww_plugin_v1
#define WW_PLUGIN_SYMBOL_NAME "ww_plugin_v1"

#if defined(__GNUC__) || defined(__clang__)
#define WW_EXPORT __attribute__((visibility("default")))
#define WW_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define WW_EXPORT
#define WW_PRINTF(text, first)
#endif

/* Starts the definition of the exported descriptor:
 *     WW_PLUGIN = { .magic = WW_PLUGIN_MAGIC, ... };
 * In C++ a const object has internal linkage unless declared extern first. */
#ifdef __cplusplus
#define WW_PLUGIN                                      \
	extern "C" WW_EXPORT const struct ww_plugin    \
		WW_PLUGIN_SYMBOL;                      \
	const struct ww_plugin WW_PLUGIN_SYMBOL
#else
#define WW_PLUGIN                                      \
	extern WW_EXPORT const struct ww_plugin        \
		WW_PLUGIN_SYMBOL;                      \
	const struct ww_plugin WW_PLUGIN_SYMBOL
#endif

/* Whether the table that `table` points to is long enough to hold `field` and
 * holds a non-null value there. `type` is the table's struct type. */
#define WW_HAS(type, table, field)                                     \
	((table) != NULL &&                                            \
	 (table)->size >= offsetof(type, field) + sizeof((table)->field) && \
	 (table)->field != 0)

/* ------------------------------------------------------------------ status
 *
 * 0 is success, positive is "not finished", negative is an error. Errors are
 * grouped by the largest thing that must be replaced; the host's reaction is a
 * function of the group. The text of an error travels apart, see ww_fail().
 */
typedef int32_t ww_status;

#define WW_OK 0
#define WW_PENDING 1   /* ask again later */
#define WW_EXHAUSTED 2 /* nothing is left to propose, now or later */
#define WW_STOPPED 3   /* the receiver has enough; not an error */

/* This item (one configuration, one request, one value) is at fault. */
#define WW_E_INVALID (-1)      /* outside the space or against a rule */
#define WW_E_COMPILE (-2)      /* the compiler refused the source */
#define WW_E_RESOURCES (-3)    /* needs more than the device or compiler has */
#define WW_E_LAUNCH (-4)       /* the device refused or failed the launch */
#define WW_E_WRONG_RESULT (-5) /* ran, and computed something else */
#define WW_E_TIMEOUT (-6)      /* a time limit ended it */
#define WW_E_DUPLICATE (-7)    /* proposed or measured before */
#define WW_E_FORMAT (-8)       /* text that cannot be understood */
#define WW_E_REFUSAL (-9)      /* the model declined to answer */
#define WW_E_TRUNCATED (-10)   /* the answer ended before it was complete */
#define WW_E_CONTEXT (-11)     /* the prompt is longer than the model takes */
#define WW_E_NOT_FOUND (-12)   /* no such thing */
#define WW_E_UNSUPPORTED (-13) /* this item asks for what cannot be done */

/* This instance (an opened plugin) cannot go on as it is. */
#define WW_E_OPTION (-100)     /* an option has an impossible value */
#define WW_E_NO_MEMORY (-101)
#define WW_E_CANCELLED (-102)  /* the host asked to stop */
#define WW_E_BAD_HANDLE (-103) /* a handle that the host never gave out */
#define WW_E_STATE (-104)      /* called out of order */
#define WW_E_AUTH (-110)       /* model service: key missing or refused */
#define WW_E_BILLING (-111)    /* no credit, spending limit: never retried */
#define WW_E_RATE (-112)       /* too many requests: wait, then retry */
#define WW_E_OVERLOADED (-113) /* server busy: wait longer, then retry */
#define WW_E_SERVER (-114)     /* server failed: retry */
#define WW_E_TRANSPORT (-115)  /* connection failed or was cut: retry */
#define WW_E_REQUEST (-116)    /* server refused the request as it is */
#define WW_E_PARAMETER (-117)  /* server refused one optional field */

/* This device or worker process must be replaced. */
#define WW_E_DEVICE_LOST (-200)
#define WW_E_CRASH (-201)
#define WW_E_NO_DEVICE (-202)

/* This plugin cannot be used on this machine or by this host. */
#define WW_E_UNAVAILABLE (-300) /* a library, driver or program is missing */
#define WW_E_TOO_NEW (-301)     /* a struct carries fields this side lacks */
#define WW_E_ABI (-302)

/* This session cannot go on. */
#define WW_E_INTERNAL (-400)
#define WW_E_IO (-401)
#define WW_E_CONFIG (-402)
#define WW_E_BUDGET (-403) /* money, tokens or calls are used up */

/* ----------------------------------------------------------------- options */

#define WW_OPTION_STRING 1u /* UTF-8 text */
#define WW_OPTION_INT 2u    /* 64-bit integer */
#define WW_OPTION_FLOAT 3u
#define WW_OPTION_BOOL 4u
#define WW_OPTION_ENUM 5u   /* one of `choices` */
#define WW_OPTION_PATH 6u   /* "~/" is expanded; relative to the config file */
#define WW_OPTION_SECRET 7u /* NAME of a variable, or "file:PATH"; never a key */
#define WW_OPTION_LIST 8u   /* list of strings, such as an argv */
#define WW_OPTION_JSON 9u   /* any JSON value, handed over as text */

/* Whether a project-local file may set the option. Commands, launchers and
 * plugin paths must not come from a directory that somebody else wrote. */
#define WW_OPTION_TRUSTED_ONLY 1u

/* One typed option. The table is the documentation: `plugin info` prints it,
 * the configuration loader validates against it, unknown keys are errors. All
 * strings are static for the life of the process. */
struct ww_option {
	const char *name;          /* [a-z][a-z0-9_]* */
	const char *default_value; /* as text, or null: unset */
	const char *help;          /* one sentence */
	const char *choices;       /* ENUM: comma-separated; else null */
	double minimum;            /* INT, FLOAT: used if minimum < maximum */
	double maximum;
	uint32_t type;             /* WW_OPTION_… */
	uint32_t flags;            /* WW_OPTION_TRUSTED_ONLY */
};

/* -------------------------------------------------------------- descriptor */

#define WW_KIND_PROVIDER 1u
#define WW_KIND_STRATEGY 2u
#define WW_KIND_BACKEND 3u

/* `threads` of the descriptor. SERIAL: the host never enters one instance
 * twice at once, but may use different threads over time. FREE: any slot of one
 * instance at any time. Different instances are always independent. */
#define WW_THREADS_SERIAL 0u
#define WW_THREADS_FREE 1u

/* Host features a plugin may need (`need_features`) or look up in ww_host. */
#define WW_FEATURE_STREAMING (UINT64_C(1) << 0)
#define WW_FEATURE_CANCELLATION (UINT64_C(1) << 1)
#define WW_FEATURE_SCHEMA_OUTPUT (UINT64_C(1) << 2)
#define WW_FEATURE_SUBSTRATEGIES (UINT64_C(1) << 3)

/* The exported object. Everything here is checked before any function of the
 * plugin runs. `name` must equal the file's name without KIND- and .so. */
struct ww_plugin {
	uint32_t magic;         /* WW_PLUGIN_MAGIC */
	uint32_t size;          /* sizeof(struct ww_plugin) */
	uint16_t abi_major;     /* WW_ABI_MAJOR it was built against */
	uint16_t abi_minor;     /* WW_ABI_MINOR it was built against */
	uint16_t need_minor;    /* lowest host minor it works with */
	uint16_t threads;       /* WW_THREADS_… */
	uint32_t kind;          /* WW_KIND_… */
	uint32_t n_options;
	uint64_t need_features; /* WW_FEATURE_… the host must have */
	const char *name;       /* [a-z][a-z0-9_]* */
	const char *version;    /* the plugin's own */
	const char *summary;    /* one line */
	const char *license;    /* SPDX identifier */
	const struct ww_option *options; /* n_options of them, or null */
	const void *ops; /* struct ww_provider_ops, ww_strategy_ops or
	                  * ww_backend_ops; starts with its own size */
};

#ifdef __cplusplus
}
#endif
#endif
