/* SPDX-License-Identifier: MIT */
#include "core/engine/scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/forecast.h"
#include "core/engine/shares.h"
#include "core/measure/objective.h"

#define STAGE_QUEUED 0u
#define STAGE_BUILDING 1u
#define STAGE_READY 2u
#define STAGE_MEASURING 3u
#define STAGE_FOLLOWING 4u /* waits for an equal artifact's measurement */

/* Builds that are compared before one of them is started. */
#define FORESIGHT 256

/* A trial under way. */
struct work {
	struct ww_record *record;
	unsigned stage;
	char key[WW_HASH_TEXT]; /* of artifact and launch; "": not shared */
	struct work *next;      /* in its queue */
	struct work *leader;    /* FOLLOWING */
	struct work *older, *younger; /* list of all */
};

struct queue {
	struct work *first;
	struct work **end;
};

struct ww_scheduler {
	struct ww_scheduler_setup setup;
	struct ww_scheduler_counts counts;
	struct queue to_build;
	struct queue to_measure;
	struct work *oldest, *youngest;
	struct ww_shares *shares; /* key -> record, finished or under way */
	struct ww_forecast *forecast; /* of how long builds take */
	double best_ms;
};

static void
enqueue(struct queue *queue, struct work *work)
{
	work->next = NULL;
	*queue->end = work;
	queue->end = &work->next;
}

static struct work *
dequeue(struct queue *queue)
{
	struct work *work = queue->first;

	queue->first = work->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	return work;
}

/* The one that will probably build longest, so that it is not the last to end
 * when all others are done; the first one where nothing tells them apart. */
static struct work *
take_longest(struct queue *queue, const struct ww_forecast *forecast)
{
	struct work **at = &queue->first, **longest = at;
	double most = -INFINITY;
	struct work *work;
	unsigned i;

	for (i = 0; i < FORESIGHT && *at != NULL; i++, at = &(*at)->next) {
		double takes = ww_forecast_of(forecast, (*at)->record->indices);

		if (takes > most) {
			most = takes;
			longest = at;
		}
	}
	work = *longest;
	*longest = work->next;
	if (*longest == NULL)
		queue->end = longest;
	return work;
}

/* The counter of a stage; followers have none. */
static uint64_t *
stage_count(struct ww_scheduler *scheduler, unsigned stage)
{
	switch (stage) {
	case STAGE_QUEUED:
		return &scheduler->counts.queued;
	case STAGE_BUILDING:
		return &scheduler->counts.building;
	case STAGE_READY:
		return &scheduler->counts.ready;
	case STAGE_MEASURING:
		return &scheduler->counts.measuring;
	default:
		return NULL;
	}
}

static void
enter_stage(struct ww_scheduler *scheduler, struct work *work, unsigned stage)
{
	uint64_t *left = stage_count(scheduler, work->stage);
	uint64_t *entered = stage_count(scheduler, stage);

	if (left != NULL)
		(*left)--;
	if (entered != NULL)
		(*entered)++;
	work->stage = stage;
}

static void
forget_work(struct ww_scheduler *scheduler, struct work *work)
{
	uint64_t *count = stage_count(scheduler, work->stage);

	if (count != NULL)
		(*count)--;
	scheduler->counts.live--;
	if (work->older != NULL)
		work->older->younger = work->younger;
	else
		scheduler->oldest = work->younger;
	if (work->younger != NULL)
		work->younger->older = work->older;
	else
		scheduler->youngest = work->older;
	free(work);
}

void
ww_scheduler_propose(struct ww_scheduler *scheduler, struct ww_record *record)
{
	struct work *work = ww_alloc(sizeof *work);

	work->record = record;
	work->older = scheduler->youngest;
	if (work->older != NULL)
		work->older->younger = work;
	else
		scheduler->oldest = work;
	scheduler->youngest = work;
	scheduler->counts.live++;
	scheduler->counts.queued++;
	enqueue(&scheduler->to_build, work);
}

/* -------------------------------------------------------------- finishing */

/* Never 0, which means "not yet". On a simulated clock the time of a result is
 * what strategies are compared by. */
static int64_t
time_of_result(const struct ww_scheduler *scheduler)
{
	const struct ww_lanes *lanes = scheduler->setup.lanes;

	return lanes->simulated ? lanes->ops->now_ns(lanes) + 1 : ww_wall_ns();
}

static void
finish(struct ww_scheduler *scheduler, struct work *work)
{
	struct ww_record *record = work->record;

	record->finished_ns = time_of_result(scheduler);
	if (record->trial.outcome == WW_TRIAL_OK &&
	    !(record->trial.objective >= scheduler->best_ms))
		scheduler->best_ms = record->trial.objective;
	forget_work(scheduler, work);
	scheduler->setup.finished(scheduler->setup.context, record);
}

/* Gives a record the measurement of another one with an equal artifact. */
static void
share_measurement(struct ww_record *record, const struct ww_record *from)
{
	uint64_t i;

	record->shared = true;
	record->trial.outcome = from->trial.outcome;
	record->trial.objective = from->trial.objective;
	record->trial.ci_low = from->trial.ci_low;
	record->trial.ci_high = from->trial.ci_high;
	record->trial.abandoned = from->trial.abandoned;
	memcpy(record->device, from->device, sizeof record->device);
	ww_record_set_samples(record, from->samples_ms, from->trial.n_samples);
	ww_record_set_text(record, from->text);
	for (i = 0; i < from->trial.n_facts; i++)
		if (isnan(ww_trial_fact(&record->trial, from->facts[i].name)))
			ww_record_add_fact(record, from->facts[i].name,
			                   from->facts[i].value);
}

/* Whether a measurement says something about every launch of the artifact. */
static bool
worth_sharing(const struct ww_record *record)
{
	return record->trial.outcome != WW_TRIAL_INTERNAL;
}

static void
settle_followers(struct ww_scheduler *scheduler, struct work *leader,
                 const struct ww_record *record)
{
	struct work *work, *younger;

	for (work = scheduler->oldest; work != NULL; work = younger) {
		younger = work->younger;
		if (work->stage != STAGE_FOLLOWING || work->leader != leader)
			continue;
		if (worth_sharing(record)) {
			share_measurement(work->record, record);
			scheduler->counts.measured++;
			finish(scheduler, work);
		} else {
			work->leader = NULL;
			enter_stage(scheduler, work, STAGE_READY);
			enqueue(&scheduler->to_measure, work);
		}
	}
}

/* ----------------------------------------------------------------- built */

static void
make_key(struct ww_scheduler *scheduler, struct work *work)
{
	struct ww_hash *hash;

	work->key[0] = '\0';
	if (work->record->artifact[0] == '\0')
		return;
	hash = ww_hash_new();
	ww_hash_text(hash, work->record->artifact);
	if (scheduler->setup.launch != NULL)
		scheduler->setup.launch(scheduler->setup.context,
		                        work->record->indices, hash);
	ww_hash_finish(hash, work->key);
}

static struct work *
find_work(const struct ww_scheduler *scheduler, const struct ww_record *record)
{
	struct work *work = scheduler->oldest;

	while (work != NULL && work->record != record)
		work = work->younger;
	return work;
}

static void
queue_for_device(struct ww_scheduler *scheduler, struct work *work)
{
	struct ww_record *equal;

	make_key(scheduler, work);
	equal = work->key[0] != '\0'
	                ? ww_shares_find(scheduler->shares, work->key)
	                : NULL;
	if (equal == NULL) {
		if (work->key[0] != '\0')
			ww_shares_put(scheduler->shares, work->key,
			              work->record);
		enter_stage(scheduler, work, STAGE_READY);
		enqueue(&scheduler->to_measure, work);
	} else if (equal->finished_ns != 0) {
		share_measurement(work->record, equal);
		scheduler->counts.measured++;
		finish(scheduler, work);
	} else {
		work->leader = find_work(scheduler, equal);
		enter_stage(scheduler, work, STAGE_FOLLOWING);
	}
}

static void
add_facts(struct ww_record *record, const struct ww_fact *facts, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		ww_record_add_fact(record, facts[i].name, facts[i].value);
}

static void
on_built(void *context, const struct ww_built *built)
{
	struct ww_scheduler *scheduler = context;
	struct work *work = built->job;
	struct ww_record *record = work->record;

	record->trial.compile_ns = built->compile_ns;
	record->from_cache = built->from_cache;
	if (!built->from_cache)
		ww_forecast_learn(scheduler->forecast, record->indices,
		                  built->compile_ns);
	add_facts(record, built->facts, built->n_facts);
	ww_record_set_log(record, built->log);
	scheduler->counts.compiled++;
	if (built->outcome != WW_TRIAL_OK) {
		record->trial.outcome = built->outcome;
		ww_record_set_text(record, built->text);
		finish(scheduler, work);
		return;
	}
	strncpy(record->artifact, built->artifact, sizeof record->artifact - 1);
	queue_for_device(scheduler, work);
}

/* -------------------------------------------------------------- measured */

static void
on_measured(void *context, const struct ww_measured *measured)
{
	struct ww_scheduler *scheduler = context;
	struct work *work = measured->job;
	struct ww_record *record = work->record;
	struct ww_trial *trial = &record->trial;

	trial->outcome = measured->outcome;
	if (measured->outcome == WW_TRIAL_OK) {
		trial->objective = measured->median_ms;
		trial->ci_low = measured->low_ms;
		trial->ci_high = measured->high_ms;
	}
	trial->measure_ns = measured->measure_ns;
	trial->abandoned = measured->abandoned;
	strncpy(record->device, measured->device, sizeof record->device - 1);
	ww_record_set_samples(record, measured->samples_ms,
	                      measured->n_samples);
	add_facts(record, measured->facts, measured->n_facts);
	ww_record_set_text(record, measured->text);
	scheduler->counts.measured++;
	if (work->key[0] != '\0' && !worth_sharing(record))
		ww_shares_put(scheduler->shares, work->key, NULL);
	record->finished_ns = time_of_result(scheduler);
	if (work->key[0] != '\0')
		settle_followers(scheduler, work, record);
	finish(scheduler, work);
}

/* ------------------------------------------------------------ dispatching */

static bool
may_build(const struct ww_scheduler *scheduler)
{
	const struct ww_scheduler_counts *counts = &scheduler->counts;
	const struct ww_lanes *lanes = scheduler->setup.lanes;

	if (scheduler->to_build.first == NULL)
		return false;
	if (scheduler->setup.serial &&
	    counts->building + counts->ready + counts->measuring > 0)
		return false;
	return lanes->ops->compile_room(lanes) > 0;
}

/* One lane builds one after another: their order is the proposals'. */
static struct work *
next_build(struct ww_scheduler *scheduler)
{
	if (scheduler->setup.serial || scheduler->setup.lanes->n_compile < 2)
		return dequeue(&scheduler->to_build);
	return take_longest(&scheduler->to_build, scheduler->forecast);
}

static void
measure_next(struct ww_scheduler *scheduler)
{
	struct ww_lanes *lanes = scheduler->setup.lanes;
	struct ww_measure_plan plan = scheduler->setup.plan;
	struct work *work = dequeue(&scheduler->to_measure);

	/* Times say nothing about which is best when something else counts. */
	if (plan.objective == WW_OBJECTIVE_TIME)
		plan.incumbent_ms = scheduler->best_ms;
	enter_stage(scheduler, work, STAGE_MEASURING);
	lanes->ops->measure(lanes, work, work->record->indices,
	                    work->record->artifact, &plan);
}

void
ww_scheduler_pump(struct ww_scheduler *scheduler)
{
	struct ww_lanes *lanes = scheduler->setup.lanes;

	while (scheduler->to_measure.first != NULL &&
	       lanes->ops->device_room(lanes) > 0)
		measure_next(scheduler);
	while (may_build(scheduler)) {
		struct work *work = next_build(scheduler);

		enter_stage(scheduler, work, STAGE_BUILDING);
		lanes->ops->build(lanes, work, work->record->indices);
	}
}

void
ww_scheduler_drop(struct ww_scheduler *scheduler, bool all)
{
	struct ww_lanes *lanes = scheduler->setup.lanes;
	struct work *work, *younger;

	lanes->ops->abandon(lanes, all);
	scheduler->to_build = (struct queue){ NULL, NULL };
	scheduler->to_measure = (struct queue){ NULL, NULL };
	scheduler->to_build.end = &scheduler->to_build.first;
	scheduler->to_measure.end = &scheduler->to_measure.first;
	/* Followers of a measurement that goes on end with it. */
	for (work = scheduler->oldest; work != NULL; work = younger) {
		bool follows = work->stage == STAGE_FOLLOWING &&
		               work->leader->stage == STAGE_MEASURING;

		younger = work->younger;
		if (all || (work->stage != STAGE_MEASURING && !follows))
			work->record = NULL;
	}
	for (work = scheduler->oldest; work != NULL; work = younger) {
		younger = work->younger;
		if (work->record == NULL)
			forget_work(scheduler, work);
	}
}

/* ------------------------------------------------------------------- life */

struct ww_scheduler *
ww_scheduler_new(const struct ww_scheduler_setup *setup)
{
	struct ww_scheduler *scheduler = ww_alloc(sizeof *scheduler);

	scheduler->setup = *setup;
	scheduler->to_build.end = &scheduler->to_build.first;
	scheduler->to_measure.end = &scheduler->to_measure.first;
	scheduler->shares = ww_shares_new();
	scheduler->forecast = ww_forecast_new(setup->space);
	scheduler->best_ms = NAN;
	setup->lanes->events.context = scheduler;
	setup->lanes->events.built = on_built;
	setup->lanes->events.measured = on_measured;
	return scheduler;
}

void
ww_scheduler_free(struct ww_scheduler *scheduler)
{
	if (scheduler == NULL)
		return;
	while (scheduler->oldest != NULL)
		forget_work(scheduler, scheduler->oldest);
	ww_shares_free(scheduler->shares);
	ww_forecast_free(scheduler->forecast);
	free(scheduler);
}

void
ww_scheduler_remember(struct ww_scheduler *scheduler, struct ww_record *record)
{
	struct work work = { .record = record };

	if (record->trial.outcome == WW_TRIAL_OK &&
	    !(record->trial.objective >= scheduler->best_ms))
		scheduler->best_ms = record->trial.objective;
	make_key(scheduler, &work);
	if (work.key[0] != '\0' && worth_sharing(record))
		ww_shares_put(scheduler->shares, work.key, record);
}

const struct ww_scheduler_counts *
ww_scheduler_counts(const struct ww_scheduler *scheduler)
{
	return &scheduler->counts;
}
