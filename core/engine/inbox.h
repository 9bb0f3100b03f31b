/* SPDX-License-Identifier: MIT
 *
 * What strategies' threads leave for the main loop, in order, and the door that
 * proposals pass: only valid configurations that nobody proposed before, and no
 * more than the session may still evaluate, get in. Thread-safe.
 */
#ifndef WW_CORE_INBOX_H
#define WW_CORE_INBOX_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/store/store.h"
#include "warpwright/strategy.h"

#define WW_LETTER_PROPOSAL 1u
#define WW_LETTER_ASKED 2u   /* an ask() has returned */
#define WW_LETTER_CALL 3u    /* a model call has ended */
#define WW_LETTER_WARNING 4u
#define WW_LETTER_WAITING 5u /* a model is being waited for, or no longer */

struct ww_letter {
	struct ww_letter *next;
	unsigned kind;
	void *sender;     /* the strategist */
	uint32_t *indices; /* PROPOSAL */
	char *family;
	char *reason;
	ww_status status; /* ASKED */
	char *text;       /* ASKED: error text; WARNING */
	struct ww_model_call call; /* CALL; its strings are owned */
	bool waiting;     /* WAITING */
	bool local;
};

struct ww_inbox;

/* `wake` is called after every letter, on the sender's thread. */
struct ww_inbox *ww_inbox_new(const struct ww_space *space,
                              void (*wake)(void *context), void *context);
void ww_inbox_free(struct ww_inbox *inbox);

/* Evaluations that may still be admitted; UINT64_MAX: any number. */
void ww_inbox_limit(struct ww_inbox *inbox, uint64_t left);
uint64_t ww_inbox_left(struct ww_inbox *inbox);
/* A configuration that is known without having been pushed (a default, a trial
 * of an earlier run); does not count against the limit. False: known before. */
bool ww_inbox_know(struct ww_inbox *inbox, const uint32_t *indices);
/* From now on every push is answered with WW_STOPPED. */
void ww_inbox_close(struct ww_inbox *inbox);

/* Instead of freeing it while a thread that never ends still knows it: nothing
 * is taken and nobody is woken any more. */
void ww_inbox_abandon(struct ww_inbox *inbox);

/* Statuses as ww_config_sink.push. `free_of_charge`: does not use up the limit. */
ww_status ww_inbox_push(struct ww_inbox *inbox, void *sender,
                        const uint32_t *indices,
                        const struct ww_proposal_info *info,
                        bool free_of_charge);
void ww_inbox_asked(struct ww_inbox *inbox, void *sender, ww_status status,
                    const char *text);
void ww_inbox_call(struct ww_inbox *inbox, void *sender,
                   const struct ww_model_call *call);
void ww_inbox_warning(struct ww_inbox *inbox, void *sender, const char *text);
void ww_inbox_waiting(struct ww_inbox *inbox, void *sender, bool waiting,
                      bool local);

/* The oldest letter, which the caller frees; null if there is none. */
struct ww_letter *ww_inbox_take(struct ww_inbox *inbox);
void ww_letter_free(struct ww_letter *letter);

#endif
