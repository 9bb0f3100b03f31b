/* SPDX-License-Identifier: MIT */
#include "core/compare/transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

struct transfer {
	const struct ww_search_space *from;
	const struct ww_search_space *to;
	struct ww_replay *replay;
	struct ww_portfolio *portfolio;
	uint32_t *indices; /* in `to` */
	bool any;
	struct ww_error *error;
	ww_status status;
};

/* By names and values: the two spaces may have theirs in another order. */
static bool
visit(void *context, const uint32_t *indices)
{
	struct transfer *transfer = context;
	struct json_object *config = ww_space_config(transfer->from, indices);
	struct ww_recorded recorded;
	bool fits = ww_space_parse(transfer->to, config, transfer->indices,
	                           NULL) == WW_OK;

	json_object_put(config);
	if (!fits)
		return true;
	transfer->status = ww_replay_lookup(transfer->replay,
	                                    &transfer->from->view, indices,
	                                    &recorded, transfer->error);
	if (transfer->status != WW_OK)
		return false;
	if (!transfer->any)
		ww_portfolio_source(transfer->portfolio);
	transfer->any = true;
	ww_portfolio_add(transfer->portfolio, transfer->indices,
	                 recorded.outcome == WW_TRIAL_OK ? recorded.objective
	                                                 : INFINITY);
	return true;
}

/* Adds the recording to the task's portfolio, as one source. */
static ww_status
add(const struct ww_transfer_plan *plan, const struct ww_task *from,
    const struct ww_task *task, struct ww_portfolio *portfolio,
    struct ww_error *error)
{
	struct transfer transfer = { .from = from->space,
		                     .to = task->space,
		                     .portfolio = portfolio,
		                     .error = error };

	transfer.status = ww_replay_open(from, plan->settings,
	                                 plan->registry, NULL,
	                                 &transfer.replay, error);
	if (transfer.status != WW_OK)
		return transfer.status;
	transfer.indices = ww_alloc((task->space->view.n_slots + 1) *
	                            sizeof *transfer.indices);
	ww_space_each(from->space, visit, &transfer);
	ww_replay_close(transfer.replay);
	free(transfer.indices);
	return transfer.status;
}

static bool
is_kin(const struct ww_task *from, const struct ww_task *task)
{
	return strcmp(from->kernel_hash, task->kernel_hash) == 0 &&
	       strcmp(from->path, task->path) != 0;
}

static ww_status
read_one(const struct ww_transfer_plan *plan, const char *path,
         struct ww_portfolio **portfolios, struct ww_error *error)
{
	struct ww_task *from = NULL;
	ww_status status = ww_task_load(path, &from, error);
	size_t i;

	for (i = 0; i < plan->n_tasks && status == WW_OK; i++)
		if (is_kin(from, plan->tasks[i]))
			status = add(plan, from, plan->tasks[i], portfolios[i],
			             error);
	ww_task_free(from);
	return status;
}

ww_status
ww_transfer(const struct ww_transfer_plan *plan,
            struct ww_portfolio **portfolios, struct ww_error *error)
{
	char *list = ww_copy(plan->paths);
	ww_status status = WW_OK;
	char *state = NULL;
	char *path;
	size_t i;

	for (i = 0; i < plan->n_tasks; i++)
		portfolios[i] = ww_portfolio_new(
			plan->tasks[i]->space->view.n_slots);
	for (path = strtok_r(list, ",", &state);
	     path != NULL && status == WW_OK; path = strtok_r(NULL, ",", &state))
		status = read_one(plan, path, portfolios, error);
	free(list);
	return status;
}
