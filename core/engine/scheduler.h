/* SPDX-License-Identifier: MIT
 *
 * What happens next with each trial: proposed, compile queue, built, device
 * queue, measured, finished. No stage waits for another: a configuration is
 * compiled as soon as a compile lane is free and measured as soon as it is
 * compiled and a device is free. Of those that wait for a compile lane the one that
 * will probably take longest goes first. Who proposes, and when it is enough, is not
 * decided here.
 */
#ifndef WW_CORE_SCHEDULER_H
#define WW_CORE_SCHEDULER_H

#include "core/base/hash.h"
#include "core/engine/lane.h"
#include "core/engine/trial.h"
#include "warpwright/space.h"

struct ww_scheduler_setup {
	const struct ww_space *space;
	struct ww_lanes *lanes;
	bool serial; /* one trial at a time through the whole pipeline */
	struct ww_measure_plan plan;
	void *context;
	/* Mixes in what tells two launches of one artifact apart; null:
	 * nothing does. */
	void (*launch)(void *context, const uint32_t *indices,
	               struct ww_hash *hash);
	/* The record is complete and will not change any more. */
	void (*finished)(void *context, struct ww_record *record);
};

struct ww_scheduler;
/* Takes over lanes->events.built and .measured. */
struct ww_scheduler *ww_scheduler_new(const struct ww_scheduler_setup *setup);
void ww_scheduler_free(struct ww_scheduler *scheduler);

/* A fresh record (indices, origin, id set) that the archive owns. */
void ww_scheduler_propose(struct ww_scheduler *scheduler,
                          struct ww_record *record);
/* A trial of an earlier run: its measurement can be shared. */
void ww_scheduler_remember(struct ww_scheduler *scheduler,
                           struct ww_record *record);
/* Hands work to every free lane. */
void ww_scheduler_pump(struct ww_scheduler *scheduler);
/* Forgets what is not being measured now, and with `all` that too. */
void ww_scheduler_drop(struct ww_scheduler *scheduler, bool all);

struct ww_scheduler_counts {
	uint64_t queued;    /* waiting for a compile lane */
	uint64_t building;
	uint64_t ready;     /* built, waiting for a device */
	uint64_t measuring;
	uint64_t live;      /* all of these, and followers of equal artifacts */
	uint64_t compiled;  /* so far */
	uint64_t measured;  /* so far, shared ones too */
};
const struct ww_scheduler_counts *
ww_scheduler_counts(const struct ww_scheduler *scheduler);

#endif
