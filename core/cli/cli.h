/* SPDX-License-Identifier: MIT
 *
 * The command line: one file and one entry a command, one table. Each command
 * is a thin client of the engine.
 */
#ifndef WW_CORE_CLI_H
#define WW_CORE_CLI_H

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/store/store.h"
#include "core/task/task.h"

/* Exit codes, documented in warpwright(1). */
#define WW_EXIT_OK 0          /* done; a best configuration was found */
#define WW_EXIT_NOTHING 1     /* ran to the end, nothing usable */
#define WW_EXIT_USAGE 2       /* wrong command line */
#define WW_EXIT_INPUT 3       /* task, setting, configuration, recording */
#define WW_EXIT_PLUGIN 4      /* a plugin that was asked for is missing */
#define WW_EXIT_DEVICE 5      /* no usable device */
#define WW_EXIT_INTERRUPTED 6 /* stopped by the user; the store is valid */
#define WW_EXIT_STORE 7       /* store or disk cannot be used */
#define WW_EXIT_MODEL 8       /* model failed and fallback is "error" */
#define WW_EXIT_INTERNAL 9    /* a defect of the program */

/* Common ground of every command: options that all of them take (--config,
 * --set, --plugin, --json, --quiet, --verbose, --store) are already applied. */
struct ww_cli {
	int argc;              /* what is left, argv[0] is the command */
	char **argv;
	struct ww_settings *settings;
	struct ww_registry *registry;
	const char *store_path; /* --store, or null */
	const char *const *assignments; /* of --set, for commands without settings */
	int n_assignments;
	int json;
	int quiet;
	int verbose;
	struct ww_cancel cancel; /* requested by SIGINT, SIGTERM */
};

struct ww_command {
	const char *name;
	const char *arguments; /* "TASK [options]" */
	const char *summary;   /* one line for the overview */
	const char *help;      /* the whole --help text after the usage line */
	int (*run)(struct ww_cli *cli);
	int bare;              /* 1: needs neither settings nor plugins */
	const char *const *bare_first; /* first arguments with which it is bare,
	                                * null-terminated, or null */
};

extern const struct ww_command ww_command_ask;
extern const struct ww_command ww_command_bench;
extern const struct ww_command ww_command_compare;
extern const struct ww_command ww_command_config;
extern const struct ww_command ww_command_devices;
extern const struct ww_command ww_command_doctor;
extern const struct ww_command ww_command_plugin;
extern const struct ww_command ww_command_prompt;
extern const struct ww_command ww_command_provider;
extern const struct ww_command ww_command_record;
extern const struct ww_command ww_command_session;
extern const struct ww_command ww_command_space;
extern const struct ww_command ww_command_tune;
extern const struct ww_command ww_command_worker;

/* Options of one command: a table walked once. An unknown option or a missing
 * value prints a message with the closest option and returns WW_EXIT_USAGE. */
struct ww_flag {
	const char *name;    /* "--seed" */
	const char *setting; /* settings key that it assigns, or null */
	const char **text;   /* receives the value, or null */
	int *seen;           /* counts a flag without a value, or null */
};
/* Parses cli->argv[1…]; positional arguments are moved to the front and counted
 * in *n_positional. Returns 0, or an exit code. */
int ww_cli_flags(struct ww_cli *cli, const struct ww_flag *flags, size_t n,
                 int *n_positional);
/* Prints "warpwright: …" and returns the exit code that fits the status. */
int ww_cli_fail(const struct ww_error *error);
int ww_cli_usage(const char *format, ...) WW_PRINTF(1, 2);
/* The command that messages about usage point to; null: the program itself. */
void ww_cli_set_command(const char *name);
/* Takes the whole number that an option was given; a null text changes nothing.
 * Returns 0, or an exit code. */
int ww_cli_count(const char *name, const char *text, uint64_t least,
                 uint64_t most, uint64_t *value);
/* Opens the store of --store, store.path, or the default one. */
ww_status ww_cli_store(struct ww_cli *cli, struct ww_store **store,
                       struct ww_error *error);
/* Reads a task file; what the settings say of its objective wins. */
ww_status ww_cli_task(struct ww_cli *cli, const char *path,
                      struct ww_task **task, struct ww_error *error);
void ww_cli_objective(const struct ww_cli *cli, struct ww_task *task);
/* Whether the plugin is a backend with devices of its own (a recording has
 * none). */
int ww_cli_drives_devices(const struct ww_plugin *plugin);
/* One JSON object on one line of stdout, flushed; takes the object over. */
void ww_cli_json_line(struct json_object *object);

#endif
