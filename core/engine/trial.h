/* SPDX-License-Identifier: MIT
 *
 * A trial as the engine keeps it. The engine fills one while work goes on; once
 * finished it is stored, published and never changed again (only the finalists'
 * second timing lives beside it), so strategies' threads may read it freely.
 */
#ifndef WW_CORE_TRIAL_H
#define WW_CORE_TRIAL_H

#include <stdbool.h>

#include "core/space/space.h"
#include "warpwright/trial.h"

struct ww_record {
	struct ww_trial trial; /* first member: what plugins see */
	/* Owned memory behind the pointers of `trial`. */
	uint32_t *indices;
	double *samples_ms;
	struct ww_fact *facts;
	char *text;
	char *source;
	char *family;
	char *reason;
	char *log;              /* compiler's or driver's words, ≤ 16 KiB, or "" */
	char artifact[33];      /* hash, or "" */
	char device[128];       /* id of the device that measured it, or "" */
	bool from_cache;        /* artifact was compiled before */
	bool shared;            /* measurement shared with an equal artifact */
	bool filler;            /* proposed beside the main strategy; not stored */
	int64_t proposed_ns;    /* wall clock */
	int64_t finished_ns;
};

/* A copy of everything with its own memory; n_slots indices. */
struct ww_record *ww_record_new(uint32_t n_slots);
void ww_record_free(struct ww_record *record);
/* Replace owned parts and the pointers in `trial`; text may be null ("") . */
void ww_record_set_text(struct ww_record *record, const char *text);
void ww_record_set_log(struct ww_record *record, const char *log);
void ww_record_set_origin(struct ww_record *record, const char *source,
                          const char *family, const char *reason);
void ww_record_set_samples(struct ww_record *record, const double *samples_ms,
                           uint64_t n);
void ww_record_add_fact(struct ww_record *record, const char *name,
                        double value);
/* NaN if there is no such fact. */
double ww_trial_fact(const struct ww_trial *trial, const char *name);

/* All trials of a session in order of id, which is that of proposal, found by
 * configuration. Owns them. While the session runs it also holds trials under
 * way, whose finished_ns is 0. Not thread-safe: belongs to the main loop. */
struct ww_archive;
struct ww_archive *ww_archive_new(uint32_t n_slots);
void ww_archive_free(struct ww_archive *archive);
/* Adopts the record, gives it the next id if its id is 0 (else it must be above
 * all others); false (and not adopted) if the configuration is there already. */
bool ww_archive_add(struct ww_archive *archive, struct ww_record *record);
struct ww_record *ww_archive_find(const struct ww_archive *archive,
                                  const uint32_t *indices);
struct ww_record *ww_archive_by_id(const struct ww_archive *archive,
                                   uint64_t id);
uint64_t ww_archive_count(const struct ww_archive *archive);
struct ww_record *ww_archive_at(const struct ww_archive *archive, uint64_t i);
/* Drops the trials that were still under way when the session ended. */
void ww_archive_keep_finished(struct ww_archive *archive);

#endif
