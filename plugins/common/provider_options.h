/* SPDX-License-Identifier: MIT
 *
 * Options that HTTP providers have in common, as rows of their tables, and the
 * answer to "is its key there".
 */
#ifndef WW_PLUGINS_PROVIDER_OPTIONS_H
#define WW_PLUGINS_PROVIDER_OPTIONS_H

#include "warpwright/plugin.h"

#define PROVIDER_OPTION_KEY(variable)                                         \
	{ .name = "key",                                                      \
	  .type = WW_OPTION_SECRET,                                           \
	  .default_value = variable,                                          \
	  .flags = WW_OPTION_TRUSTED_ONLY,                                    \
	  .help = "variable, or file:PATH, that holds the key" }

#define PROVIDER_OPTION_STREAM                                                \
	{ .name = "stream",                                                   \
	  .type = WW_OPTION_BOOL,                                             \
	  .default_value = "true",                                            \
	  .help = "receive the answer while it is written" }

#define PROVIDER_OPTION_EXTRA_BODY                                            \
	{ .name = "extra_body",                                               \
	  .type = WW_OPTION_JSON,                                             \
	  .help = "object whose members are added to every request" }

#define PROVIDER_OPTION_REASONING_ROOM(tokens)                                \
	{ .name = "reasoning_room",                                           \
	  .type = WW_OPTION_INT,                                              \
	  .default_value = tokens,                                            \
	  .minimum = 0,                                                       \
	  .maximum = 1000000,                                                 \
	  .help = "tokens of hidden reasoning that the output limit leaves "  \
	          "room for" }

#define PROVIDER_OPTION_STRUCTURED                                            \
	{ .name = "structured",                                               \
	  .type = WW_OPTION_ENUM,                                             \
	  .default_value = "json_schema",                                     \
	  .choices = "json_schema,json_object,none",                          \
	  .help = "how the server is told to answer in JSON" }

/* Two rows. */
#define PROVIDER_OPTION_PRICES                                                \
	{ .name = "price_input",                                              \
	  .type = WW_OPTION_FLOAT,                                            \
	  .help = "dollars a million input tokens, where the service does "   \
	          "not say what an answer costs" },                           \
	{ .name = "price_output",                                             \
	  .type = WW_OPTION_FLOAT,                                            \
	  .help = "dollars a million output tokens" }

/* Fills a probe with whether the key is there. */
void provider_probe_key(const struct ww_options *options,
                        struct ww_provider_probe *probe);

#endif
