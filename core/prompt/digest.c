/* SPDX-License-Identifier: MIT */
#include "core/prompt/digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

static int
by_objective(const void *a, const void *b)
{
	const struct ww_trial *x = *(const struct ww_trial *const *)a;
	const struct ww_trial *y = *(const struct ww_trial *const *)b;

	if (x->objective < y->objective)
		return -1;
	if (x->objective > y->objective)
		return 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int
by_id(const void *a, const void *b)
{
	const struct ww_trial *x = *(const struct ww_trial *const *)a;
	const struct ww_trial *y = *(const struct ww_trial *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
typical_noise(const struct ww_digest *digest)
{
	double *widths = ww_alloc((digest->n_good + 1) * sizeof *widths);
	double noise = NAN;
	size_t i, n = 0;

	for (i = 0; i < digest->n_good; i++) {
		const struct ww_trial *trial = digest->good[i];
		double width = (trial->ci_high - trial->ci_low) / 2;

		/* Early ends leave wide intervals on purpose. */
		if (isfinite(width) && trial->objective > 0 &&
		    !trial->abandoned)
			widths[n++] = width / trial->objective;
	}
	if (n > 0) {
		qsort(widths, n, sizeof *widths, by_value);
		noise = widths[n / 2];
	}
	free(widths);
	return noise;
}

void
ww_digest_start(struct ww_digest *digest, const struct ww_prompt_view *view)
{
	size_t i;

	memset(digest, 0, sizeof *digest);
	digest->view = view;
	digest->space = view->task->space;
	digest->good = ww_alloc((view->n_trials + 1) * sizeof(void *));
	digest->failed = ww_alloc((view->n_trials + 1) * sizeof(void *));
	for (i = 0; i < view->n_trials; i++) {
		const struct ww_trial *trial = view->trials[i];

		if (trial->outcome == WW_TRIAL_OK &&
		    isfinite(trial->objective))
			digest->good[digest->n_good++] = trial;
		else
			digest->failed[digest->n_failed++] = trial;
	}
	qsort(digest->good, digest->n_good, sizeof(void *), by_objective);
	qsort(digest->failed, digest->n_failed, sizeof(void *), by_id);
	digest->best = digest->n_good > 0 ? digest->good[0]->objective : NAN;
	digest->noise = typical_noise(digest);
}

void
ww_digest_clear(struct ww_digest *digest)
{
	free(digest->good);
	free(digest->failed);
	memset(digest, 0, sizeof *digest);
}

double
ww_digest_relative(const struct ww_digest *digest,
                   const struct ww_trial *trial)
{
	return digest->best > 0 ? trial->objective / digest->best : NAN;
}

bool
ww_prompt_wants(const struct ww_prompt_view *view, const char *key,
                bool fallback)
{
	if (view->settings == NULL)
		return fallback;
	return ww_setting_bool(view->settings, key);
}

const struct ww_hardware *
ww_prompt_hardware_of(const struct ww_prompt_view *view)
{
	return ww_prompt_wants(view, "prompt.hardware_context", true)
	               ? view->hardware
	               : NULL;
}

const char *
ww_prompt_value(const struct ww_search_space *space, const uint32_t *indices,
                uint32_t slot)
{
	if (!ww_space_active(space, indices, slot))
		return "-";
	return space->view.slots[slot].values[indices[slot]].string;
}

void
ww_prompt_config(struct ww_page *page, const struct ww_search_space *space,
                 const uint32_t *indices)
{
	struct json_object *config = ww_space_config(space, indices);

	ww_page_add(page, "%s", ww_json_text(config));
	json_object_put(config);
}
