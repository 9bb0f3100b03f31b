/* SPDX-License-Identifier: MIT */
#include "core/engine/lane_far.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/measure/stats.h"

#define PATIENCE_MS 100

enum stage {
	BUILT,   /* to be reported as built */
	OFFERED, /* to be given */
	GIVEN,   /* the program has it */
	SETTLED, /* its result is to be reported */
};

/* A result with memory of its own. */
struct answer {
	struct ww_far_result result;
	double *samples_ms;
	struct ww_fact *facts;
	char *text;
};

struct job {
	struct job *next;
	void *job;
	enum stage stage;
	uint32_t *indices;
	struct answer *answer;
	int64_t given_ns;
};

struct ww_desk {
	struct ww_lanes lanes; /* first member */
	const struct ww_far *far;
	struct ww_far_session session;
	uint32_t n_slots;
	struct job *first;     /* in order of arrival */
	struct job **end;
	uint32_t wanted;       /* 0: no want is open */
	bool expecting;        /* a strategy is thinking */
	bool closing;          /* nothing is given any more */
	bool left;
	/* A result on the program's own initiative, until its trial is here. */
	struct answer *early;
	uint32_t *early_indices;
	int wake[2];
};

static struct ww_desk *
desk_of(struct ww_lanes *lanes)
{
	return (struct ww_desk *)lanes;
}

static const struct ww_desk *
desk_view(const struct ww_lanes *lanes)
{
	return (const struct ww_desk *)lanes;
}

/* ----------------------------------------------------------------- answers */

static void
answer_free(struct answer *answer)
{
	uint64_t i;

	if (answer == NULL)
		return;
	for (i = 0; i < answer->result.n_facts; i++) {
		char *name;

		memcpy(&name, &answer->facts[i].name, sizeof name);
		free(name);
	}
	free(answer->samples_ms);
	free(answer->facts);
	free(answer->text);
	free(answer);
}

static struct answer *
answer_copy(const struct ww_far_result *result)
{
	struct answer *answer = ww_alloc(sizeof *answer);
	uint64_t i;

	answer->result = *result;
	answer->text = ww_copy(result->text != NULL ? result->text : "");
	answer->result.text = answer->text;
	answer->samples_ms = ww_alloc((result->n_samples + 1) *
	                              sizeof *answer->samples_ms);
	if (result->n_samples > 0)
		memcpy(answer->samples_ms, result->samples_ms,
		       result->n_samples * sizeof *answer->samples_ms);
	answer->result.samples_ms = answer->samples_ms;
	answer->facts = ww_alloc((result->n_facts + 1) *
	                         sizeof *answer->facts);
	for (i = 0; i < result->n_facts; i++) {
		answer->facts[i].name = ww_copy(result->facts[i].name);
		answer->facts[i].value = result->facts[i].value;
	}
	answer->result.facts = answer->facts;
	return answer;
}

/* -------------------------------------------------------------------- jobs */

static uint32_t
count_jobs(const struct ww_desk *desk, enum stage stage)
{
	const struct job *job;
	uint32_t n = 0;

	for (job = desk->first; job != NULL; job = job->next)
		n += job->stage == stage;
	return n;
}

static void
remove_job(struct ww_desk *desk, struct job *job)
{
	struct job **link = &desk->first;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	if (desk->end == &job->next)
		desk->end = link;
	answer_free(job->answer);
	free(job->indices);
	free(job);
}

static struct job *
add_job(struct ww_desk *desk, void *mark, const uint32_t *indices,
        enum stage stage)
{
	struct job *job = ww_alloc(sizeof *job);
	size_t bytes = desk->n_slots * sizeof *indices;

	job->job = mark;
	job->stage = stage;
	job->indices = ww_alloc(bytes + 1);
	memcpy(job->indices, indices, bytes);
	*desk->end = job;
	desk->end = &job->next;
	return job;
}

static bool
is_for(const struct ww_desk *desk, const struct job *job,
       const uint32_t *indices)
{
	return memcmp(job->indices, indices,
	              desk->n_slots * sizeof *indices) == 0;
}

static void
settle(struct job *job, struct answer *answer)
{
	job->answer = answer;
	job->stage = SETTLED;
}

/* --------------------------------------------------------------- the lanes */

static uint32_t
room(const struct ww_lanes *lanes)
{
	return desk_view(lanes)->closing ? 0 : 1;
}

static void
build(struct ww_lanes *lanes, void *job, const uint32_t *indices)
{
	add_job(desk_of(lanes), job, indices, BUILT);
}

static void
measure(struct ww_lanes *lanes, void *mark, const uint32_t *indices,
        const char *artifact, const struct ww_measure_plan *plan)
{
	struct ww_desk *desk = desk_of(lanes);
	struct job *job = add_job(desk, mark, indices, OFFERED);

	(void)artifact;
	(void)plan; /* how to measure is the program's own affair */
	job->given_ns = ww_now_ns();
	if (desk->early == NULL || !is_for(desk, job, desk->early_indices))
		return;
	settle(job, desk->early);
	desk->early = NULL;
}

static void
hold(struct ww_lanes *lanes, bool held)
{
	(void)lanes;
	(void)held; /* what runs on the program's device, it decides */
}

/* More than it had wanted is never in the program's hands. */
static void
update_lanes(struct ww_desk *desk)
{
	desk->lanes.n_devices = count_jobs(desk, GIVEN) + desk->wanted;
}

static void
report_built(struct ww_desk *desk, struct job *job)
{
	struct ww_built built = { .job = job->job, .artifact = "",
		                  .text = "", .log = "" };

	remove_job(desk, job);
	desk->lanes.events.built(desk->lanes.events.context, &built);
}

static void
report_measured(struct ww_desk *desk, struct job *job)
{
	const struct ww_far_result *result = &job->answer->result;
	struct ww_measured measured = {
		.job = job->job,
		.outcome = result->outcome,
		.median_ms = result->time_ms,
		.low_ms = NAN,
		.high_ms = NAN,
		.samples_ms = result->samples_ms,
		.n_samples = result->n_samples,
		.facts = result->facts,
		.n_facts = result->n_facts,
		.text = result->text,
		.device = desk->far->device,
		.measure_ns = ww_now_ns() - job->given_ns,
	};

	if (result->outcome == WW_TRIAL_OK && result->n_samples > 0) {
		struct ww_summary summary;

		ww_summarise(result->samples_ms, result->n_samples, &summary);
		measured.median_ms = summary.median;
		if (result->n_samples > 1) {
			measured.low_ms = summary.low;
			measured.high_ms = summary.high;
		}
	}
	desk->lanes.events.measured(desk->lanes.events.context, &measured);
	remove_job(desk, job);
	update_lanes(desk);
}

/* One thing at a time, so that what follows from it can happen first. */
static bool
report_one(struct ww_desk *desk)
{
	struct job *job = desk->first;

	while (job != NULL && job->stage != BUILT && job->stage != SETTLED)
		job = job->next;
	if (job == NULL)
		return false;
	if (job->stage == BUILT)
		report_built(desk, job);
	else
		report_measured(desk, job);
	return true;
}

/* Gives what is wanted as soon as it is there, or as much as there is when no
 * more can come. */
static void
answer_want(struct ww_desk *desk)
{
	const char *why = "";
	const char *stop = desk->session.stopped(desk->session.context, &why);
	const struct ww_record **records;
	struct job *job;
	uint32_t n = 0;

	if (desk->wanted == 0 ||
	    (stop == NULL && desk->expecting &&
	     count_jobs(desk, OFFERED) < desk->wanted))
		return;
	records = ww_alloc((desk->wanted + 1) * sizeof *records);
	for (job = desk->first; job != NULL && n < desk->wanted;
	     job = job->next) {
		if (job->stage != OFFERED || stop != NULL)
			continue;
		job->stage = GIVEN;
		job->given_ns = ww_now_ns();
		records[n++] = desk->session.find(desk->session.context,
		                                  job->indices);
	}
	desk->wanted = 0;
	update_lanes(desk);
	desk->far->given(desk->far->context, records, n, stop, why);
	free(records);
}

static void
drain(const struct ww_desk *desk)
{
	char bytes[64];

	while (read(desk->wake[0], bytes, sizeof bytes) > 0)
		;
}

static ww_status
step(struct ww_lanes *lanes, struct ww_error *error)
{
	struct ww_desk *desk = desk_of(lanes);
	ww_status status;

	if (report_one(desk))
		return WW_OK;
	answer_want(desk);
	status = desk->far->listen(desk->far->context, desk, desk->wake[0],
	                           PATIENCE_MS, error);
	drain(desk);
	return status;
}

static void
wake(struct ww_lanes *lanes)
{
	/* A full pipe wakes just as well. */
	while (write(desk_of(lanes)->wake[1], "", 1) < 0 && errno == EINTR)
		;
}

static int64_t
now_ns(const struct ww_lanes *lanes)
{
	(void)lanes;
	return ww_now_ns();
}

/* The program may tell what it has been given for as long as it is there. */
static uint32_t
measuring(const struct ww_lanes *lanes)
{
	return desk_view(lanes)->left ? 0 : 1;
}

static void
abandon(struct ww_lanes *lanes, bool all)
{
	struct ww_desk *desk = desk_of(lanes);
	struct job *job, *next;

	desk->closing = true;
	for (job = desk->first; job != NULL; job = next) {
		next = job->next;
		if (all || job->stage == BUILT)
			remove_job(desk, job);
	}
	if (desk->early == NULL)
		return;
	answer_free(desk->early);
	desk->early = NULL;
	desk->far->refused(desk->far->context,
	                   "the search ended before this result could count");
}

static double
idle_fraction(const struct ww_lanes *lanes)
{
	(void)lanes;
	return NAN; /* nobody here knows */
}

static void
expect(struct ww_lanes *lanes, bool more)
{
	desk_of(lanes)->expecting = more;
}

static void
free_lanes(struct ww_lanes *lanes)
{
	struct ww_desk *desk = desk_of(lanes);

	while (desk->first != NULL)
		remove_job(desk, desk->first);
	answer_free(desk->early);
	close(desk->wake[0]);
	close(desk->wake[1]);
	free(desk->early_indices);
	free(desk);
}

static const struct ww_lanes_ops far_ops = {
	.compile_room = room,
	.device_room = room,
	.build = build,
	.measure = measure,
	.hold = hold,
	.step = step,
	.wake = wake,
	.now_ns = now_ns,
	.measuring = measuring,
	.abandon = abandon,
	.interleave = NULL,
	.idle_fraction = idle_fraction,
	.expect = expect,
	.free = free_lanes,
};

ww_status
ww_lanes_far(const struct ww_far *far, const struct ww_far_session *session,
             uint32_t n_slots, struct ww_lanes **lanes, struct ww_error *error)
{
	struct ww_desk *desk = ww_alloc(sizeof *desk);

	if (pipe2(desk->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(desk);
		return ww_error_set(error, WW_E_INTERNAL,
		                    "cannot make a pipe: %s", strerror(errno));
	}
	desk->lanes.ops = &far_ops;
	desk->lanes.on_demand = true;
	desk->far = far;
	desk->session = *session;
	desk->n_slots = n_slots;
	desk->end = &desk->first;
	desk->early_indices = ww_alloc((n_slots + 1) *
	                               sizeof *desk->early_indices);
	*lanes = &desk->lanes;
	return WW_OK;
}

/* ---------------------------------------------------------------- the desk */

bool
ww_desk_want(struct ww_desk *desk, uint32_t n)
{
	if (desk->wanted > 0)
		return false;
	desk->wanted = n;
	update_lanes(desk);
	return true;
}

static struct job *
find_by_id(struct ww_desk *desk, uint64_t id)
{
	struct job *job;

	for (job = desk->first; job != NULL; job = job->next) {
		const struct ww_record *record = desk->session.find(
			desk->session.context, job->indices);

		if (job->stage == GIVEN && record != NULL &&
		    record->trial.id == id)
			return job;
	}
	return NULL;
}

ww_status
ww_desk_tell(struct ww_desk *desk, uint64_t id,
             const struct ww_far_result *result, struct ww_error *error)
{
	struct job *job = find_by_id(desk, id);

	if (job == NULL)
		return ww_error_set(error, WW_E_NOT_FOUND,
		                    "no configuration with id %llu waits for "
		                    "a result",
		                    (unsigned long long)id);
	settle(job, answer_copy(result));
	return WW_OK;
}

ww_status
ww_desk_tell_config(struct ww_desk *desk, const uint32_t *indices,
                    const struct ww_far_result *result, struct ww_error *error)
{
	const struct ww_record *record = desk->session.find(
		desk->session.context, indices);
	struct job *job = desk->first;

	if (record != NULL && record->finished_ns != 0)
		return ww_error_set(error, WW_E_DUPLICATE,
		                    "it has a result already, as trial %llu",
		                    (unsigned long long)record->trial.id);
	while (job != NULL && !is_for(desk, job, indices))
		job = job->next;
	if (job != NULL && job->stage == SETTLED)
		return ww_error_set(error, WW_E_DUPLICATE,
		                    "it has been given a result already");
	if (job != NULL && job->stage != BUILT) {
		settle(job, answer_copy(result));
		return WW_OK;
	}
	if (desk->early != NULL)
		return ww_error_set(error, WW_E_STATE,
		                    "the result before it is still being "
		                    "taken in; tell it again");
	if (job == NULL && record == NULL) {
		ww_status status = desk->session.admit(desk->session.context,
		                                       indices, error);

		if (status != WW_OK)
			return status;
	}
	desk->early = answer_copy(result);
	memcpy(desk->early_indices, indices, desk->n_slots * sizeof *indices);
	return WW_OK;
}

const struct ww_record *
ww_desk_best(struct ww_desk *desk)
{
	return desk->session.best(desk->session.context);
}

const struct ww_record *
ww_desk_baseline(struct ww_desk *desk)
{
	return desk->session.baseline(desk->session.context);
}

void
ww_desk_leave(struct ww_desk *desk)
{
	desk->left = true;
	desk->closing = true;
	desk->session.leave(desk->session.context);
}
