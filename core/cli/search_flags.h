/* SPDX-License-Identifier: MIT
 *
 * Options that several commands take with the same meaning, and how --help
 * explains them, so that they are called the same everywhere. Entries for a
 * table of struct ww_flag, and texts for a struct ww_command.
 */
#ifndef WW_CORE_CLI_SEARCH_FLAGS_H
#define WW_CORE_CLI_SEARCH_FLAGS_H

/* Which model is asked, and where. */
#define WW_MODEL_FLAGS                                                    \
	{ .name = "--provider", .setting = "llm.provider" },              \
	{ .name = "--model", .setting = "llm.model" },                    \
	{ .name = "--api-base", .setting = "llm.api_base" }

/* When a search that goes on is to end. */
#define WW_LIMIT_FLAGS                                                    \
	{ .name = "--max-evaluations",                                    \
	  .setting = "search.max_evaluations" },                          \
	{ .name = "--max-seconds", .setting = "search.max_seconds" },     \
	{ .name = "--target", .setting = "search.target" }

/* A whole search, whoever measures. */
#define WW_SEARCH_FLAGS                                                   \
	{ .name = "--strategy", .setting = "search.strategy" },           \
	{ .name = "--fallback",                                           \
	  .setting = "fallback.fallback_on_llm_failure" },                \
	{ .name = "--seed", .setting = "search.seed" },                   \
	WW_MODEL_FLAGS, WW_LIMIT_FLAGS

#define WW_PROPOSER_HELP                                                  \
	"  --strategy NAME         who proposes (llm, pattern, random, …)\n" \
	"  --fallback NAME         who takes over when no model answers;\n"  \
	"                          error: stop\n"                         \
	"  --provider NAME         model service, or auto\n"              \
	"  --model NAME            model to ask\n"                        \
	"  --api-base URL          address of a compatible service\n"

#define WW_LIMIT_HELP                                                     \
	"  --seed N                of all random choices\n"               \
	"  --max-evaluations N     most trials, failures included\n"      \
	"  --max-seconds S         longest time\n"                        \
	"  --target MS             good enough\n"

#define WW_RESUME_HELP                                                    \
	"  --resume ID             go on with a stored session; 'last' is\n" \
	"                          the newest\n"

#endif
