/* SPDX-License-Identifier: MIT
 *
 * One opened strategy with its host services, its view of the session and its
 * own thread. The main loop asks and goes on with its work; proposals and the
 * end of the ask arrive through the inbox. Without a thread (simulated sessions)
 * the same happens before ww_strategist_ask() returns.
 */
#ifndef WW_CORE_STRATEGIST_H
#define WW_CORE_STRATEGIST_H

#include "core/config/settings.h"
#include "core/engine/inbox.h"
#include "core/plugin/registry.h"
#include "core/prompt/view.h"

struct ww_strategist_setup {
	const struct ww_plugin *plugin;
	const struct ww_settings *settings; /* null (tests): no options, no
	                                     * model, no parts */
	const struct ww_registry *registry; /* null likewise */
	const struct ww_task *task;         /* for prompts; may be null */
	const struct ww_hardware *hardware; /* or null */
	const struct ww_space *space;
	struct ww_inbox *inbox;
	const struct ww_clock *clock;       /* null: the real one */
	uint64_t seed;
	bool threaded;
	bool free_of_charge; /* its proposals do not use up the budget */
};

struct ww_strategist;
ww_status ww_strategist_new(const struct ww_strategist_setup *setup,
                            struct ww_strategist **strategist,
                            struct ww_error *error);
const char *ww_strategist_name(const struct ww_strategist *strategist);
uint32_t ww_strategist_mode(const struct ww_strategist *strategist);
bool ww_strategist_uses_model(const struct ww_strategist *strategist);
/* What the model service says of itself, and whether it can be asked. */
const char *ww_strategist_model(const struct ww_strategist *strategist);
bool ww_strategist_has_model(const struct ww_strategist *strategist);
/* Nothing is being timed any more: its request to a model on this machine, which
 * waits for that, may go. */
void ww_strategist_silent(struct ww_strategist *strategist);
/* The filler it asked for: copies the name, "" if none. */
void ww_strategist_filler(struct ww_strategist *strategist, char *name,
                          size_t size);

/* Tells `trials` (finished records, which stay as they are from now on), then
 * asks. Only while no ask is under way. */
void ww_strategist_ask(struct ww_strategist *strategist,
                       const struct ww_trial *const *trials, size_t n,
                       const struct ww_budget *budget);
bool ww_strategist_asking(const struct ww_strategist *strategist);
/* The ASKED letter has been read. */
void ww_strategist_answered(struct ww_strategist *strategist);

/* Cancels what is under way and waits for the thread. False: the plugin does
 * not come back; it is left behind and must not be used any more. */
bool ww_strategist_stop(struct ww_strategist *strategist);
/* The strategy's own words; after ww_strategist_stop(). */
void ww_strategist_note(struct ww_strategist *strategist, char *text,
                        size_t size);
/* False: its thread never came back and goes on using the inbox. */
bool ww_strategist_free(struct ww_strategist *strategist);

#endif
