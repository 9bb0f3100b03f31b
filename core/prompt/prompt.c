/* SPDX-License-Identifier: MIT */
#include "core/prompt/prompt.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/measure/objective.h"
#include "core/prompt/digest.h"
#include "core/prompt/template.h"

#define LARGEST_TEMPLATE ((size_t)1 << 20)
/* About eight thousand tokens: some 300 rows of ten parameters. */
#define HISTORY_BYTES ((size_t)32 << 10)
/* For a model whose context was too short for that. */
#define COMPACT_BYTES ((size_t)4 << 10)
/* Rounds without a new best after which the model is told to jump. */
#define STUCK_AFTER 2

/* -- templates --------------------------------------------------------------- */

static bool
plain_name(const char *name)
{
	const char *c;

	for (c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_' &&
		    *c != '+')
			return false;
	return c > name;
}

/* Path of a template: the user's own, else the installed one. */
static char *
template_path(const struct ww_prompt_view *view, const char *name)
{
	const char *folder = view->settings == NULL
	                             ? NULL
	                             : ww_setting_string(view->settings,
	                                                 "prompt.templates");
	char *data = ww_path_data();
	char *path;

	if (folder != NULL) {
		path = ww_text("%s/%s.txt", folder, name);
		if (access(path, F_OK) == 0) {
			free(data);
			return path;
		}
		free(path);
	}
	path = ww_text("%s/prompts/%s.txt", data, name);
	free(data);
	return path;
}

static ww_status
load_template(const struct ww_prompt_view *view, const char *name, char **text,
              struct ww_error *error)
{
	ww_status status;
	char *path;
	size_t length;

	if (!plain_name(name))
		return ww_error_set(error, WW_E_NOT_FOUND,
		                    "'%s' is no name of a template", name);
	path = template_path(view, name);
	status = ww_file_read(path, LARGEST_TEMPLATE, text, &length, error);
	if (status == WW_OK && (strlen(*text) != length ||
	                        !ww_text_is_utf8(*text, length))) {
		status = ww_error_set(error, WW_E_FORMAT,
		                      "template %s is not UTF-8 text", path);
		free(*text);
	} else if (status != WW_OK) {
		ww_error_prefix(error,
		                "template %s (prompt.templates, WARPWRIGHT_DATA "
		                "or the installation has the folder): ",
		                name);
	}
	free(path);
	return status;
}

/* -- data -------------------------------------------------------------------- */

static void
put_page(struct json_object *data, const char *name, struct ww_page *page)
{
	char *text = ww_page_take(page);
	size_t length = strlen(text);

	/* A piece stands on lines of its own; the template ends the last. */
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	ww_json_put_string(data, name, text);
	free(text);
}

/* What stays the same in every round. */
static void
put_stable(struct json_object *data, const struct ww_prompt_view *view)
{
	const struct ww_search_space *space = view->task->space;
	uint32_t *indices = ww_alloc((space->view.n_slots + 1) *
	                             sizeof *indices);
	struct ww_page page = { 0 };
	char *schema = ww_prompt_schema(view);

	ww_json_put_string(data, "task", view->task->name);
	ww_json_put_string(data, "language", view->task->kernel.language);
	ww_prompt_hardware(&page, view);
	put_page(data, "hardware", &page);
	ww_prompt_kernel(&page, view);
	put_page(data, "kernel", &page);
	ww_prompt_space(&page, space);
	put_page(data, "space", &page);
	ww_prompt_rules(&page, space);
	put_page(data, "rules", &page);
	ww_space_default(space, indices);
	ww_prompt_config(&page, space, indices);
	put_page(data, "default", &page);
	ww_json_put_string(data, "schema", schema);
	ww_json_put_bool(data, "reasoning",
	                 ww_prompt_wants(view, "prompt.reasoning", true));
	ww_json_put_string(
		data, "source",
		ww_prompt_wants(view, "prompt.include_kernel_source", false)
			? view->task->kernel.source
			: "");
	free(schema);
	free(indices);
}

static void
put_best(struct json_object *data, const struct ww_digest *digest)
{
	struct ww_page page = { 0 };
	const struct ww_trial *best;

	if (digest->n_good == 0) {
		ww_json_put_string(data, "best", "");
		ww_json_put_string(data, "best_ms", "");
		return;
	}
	best = digest->good[0];
	ww_prompt_config(&page, digest->space, best->indices);
	put_page(data, "best", &page);
	ww_page_add(&page, "%.4g", best->objective);
	put_page(data, "best_ms", &page);
}

/* The default's time over the best one's, if the default was measured. */
static void
put_speedup(struct json_object *data, const struct ww_digest *digest)
{
	uint32_t n = digest->space->view.n_slots;
	uint32_t *indices = ww_alloc((n + 1) * sizeof *indices);
	struct ww_page page = { 0 };
	size_t i;

	ww_space_default(digest->space, indices);
	for (i = 0; i < digest->n_good; i++)
		if (memcmp(digest->good[i]->indices, indices,
		           n * sizeof *indices) == 0)
			ww_page_add(&page, "%.2f",
			            ww_digest_relative(digest,
			                               digest->good[i]));
	free(indices);
	put_page(data, "default_ratio", &page);
}

/* Whole rounds that ended without a new best. One that the noise may have made
 * is none: what counts is the first trial that could be the best as well. */
static uint32_t
stalled_rounds(const struct ww_digest *digest)
{
	uint32_t round = digest->view->round;
	uint32_t found;
	size_t i;

	if (digest->n_good == 0)
		return 0;
	found = digest->good[0]->round;
	for (i = 1; i < digest->n_good; i++) {
		const struct ww_trial *best = digest->good[0];
		const struct ww_trial *other = digest->good[i];

		if ((other->objective <= best->ci_high ||
		     best->objective >= other->ci_low) &&
		    other->round < found && !other->abandoned)
			found = other->round;
	}
	return round > found + 1 ? round - found - 1 : 0;
}

/* What every number of a result is: "time" and "ms", "energy" and "mJ", … */
static void
put_objective(struct json_object *data, const struct ww_task *task)
{
	uint32_t objective = ww_objective_parse(task->objective);

	ww_json_put_string(data, "objective", task->objective);
	ww_json_put_string(data, "unit", ww_objective_unit(objective));
	ww_json_put_bool(data, "is_time", objective == WW_OBJECTIVE_TIME);
}

static void
put_state(struct json_object *data, const struct ww_digest *digest)
{
	const struct ww_prompt_view *view = digest->view;
	struct ww_page page = { 0 };
	uint32_t stalled = stalled_rounds(digest);

	ww_json_put_int(data, "want", view->want);
	ww_json_put_int(data, "round", view->round);
	ww_json_put_int(data, "tried", (int64_t)view->n_trials);
	ww_json_put_int(data, "measured", (int64_t)digest->n_good);
	ww_json_put_int(data, "failed_count", (int64_t)digest->n_failed);
	if (view->evaluations_left != UINT64_MAX)
		ww_page_add(&page, "%llu",
		            (unsigned long long)view->evaluations_left);
	put_page(data, "left", &page);
	if (digest->noise >= 0)
		ww_page_add(&page, "%.2g", 100 * digest->noise);
	put_page(data, "noise", &page);
	ww_json_put_int(data, "stalled", stalled);
	ww_json_put_bool(data, "stuck", stalled >= STUCK_AFTER);
	put_objective(data, view->task);
	put_best(data, digest);
	put_speedup(data, digest);
}

static void
put_quotas(struct json_object *data, uint32_t want)
{
	uint32_t explore = (want + 1) / 3;
	uint32_t exploit = (want - explore) / 2;

	ww_json_put_int(data, "explore", explore);
	ww_json_put_int(data, "exploit", exploit);
	ww_json_put_int(data, "recombine", want - explore - exploit);
}

static void
put_results(struct json_object *data, const struct ww_digest *digest)
{
	static const struct {
		const char *name;
		void (*write)(struct ww_page *page,
		              const struct ww_digest *digest);
	} pieces[] = {
		{ "failures", ww_prompt_failures },
		{ "worked", ww_prompt_worked },
		{ "failing", ww_prompt_failing },
		{ "effects", ww_prompt_effects },
		{ "interactions", ww_prompt_interactions },
		{ "untested", ww_prompt_untested },
	};
	bool compact = ww_json_bool(data, "compact", false);
	struct ww_page page = { 0 };
	size_t i;

	ww_prompt_history(&page, digest,
	                  compact ? COMPACT_BYTES : HISTORY_BYTES);
	put_page(data, "history", &page);
	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		pieces[i].write(&page, digest);
		put_page(data, pieces[i].name, &page);
	}
	ww_prompt_refusals(&page, digest->view);
	put_page(data, "refusals", &page);
}

/* Guidance for a language, if there is a file "hints-LANGUAGE.txt". */
static void
put_hints(struct json_object *data, const struct ww_prompt_view *view)
{
	const char *language = view->task->kernel.language;
	struct ww_error ignored;
	char *name, *text = NULL;

	ww_json_put_string(data, "hints", "");
	if (language == NULL ||
	    !ww_prompt_wants(view, "prompt.include_triton_hints", true))
		return;
	name = ww_text("hints-%s", language);
	if (load_template(view, name, &text, &ignored) == WW_OK) {
		ww_json_put_string(data, "hints", text);
		free(text);
	}
	free(name);
}

static ww_status
lay_over(struct json_object *data, const char *variables,
         struct ww_error *error)
{
	struct json_object *extra;
	ww_status status;

	if (variables == NULL)
		return WW_OK;
	status = ww_json_parse(variables, strlen(variables),
	                       "template variables", 0, &extra, error);
	if (status != WW_OK)
		return status;
	if (!json_object_is_type(extra, json_type_object)) {
		json_object_put(extra);
		return ww_error_set(error, WW_E_FORMAT,
		                    "template variables: not a JSON object");
	}
	json_object_object_foreach(extra, key, value)
		json_object_object_add(data, key, json_object_get(value));
	json_object_put(extra);
	return WW_OK;
}

/* Variables that a caller may set and that are empty otherwise. They are laid
 * over twice: before the pieces are written, because "compact" shortens them,
 * and after, because they win. */
static void
put_optional(struct json_object *data)
{
	ww_json_put_bool(data, "compact", 0);
	ww_json_put_string(data, "errors", "");
	ww_json_put_string(data, "gaps", "");
	ww_json_put_string(data, "neighbours", "");
	ww_json_put_string(data, "picks", "");
}

ww_status
ww_prompt_render(const struct ww_prompt_view *view, const char *name,
                 const char *variables, char **text, struct ww_error *error)
{
	struct json_object *data;
	struct ww_digest digest;
	ww_status status;
	char *source;

	status = load_template(view, name, &source, error);
	if (status != WW_OK)
		return status;
	data = json_object_new_object();
	ww_digest_start(&digest, view);
	put_optional(data);
	status = lay_over(data, variables, error);
	put_stable(data, view);
	put_hints(data, view);
	put_state(data, &digest);
	put_quotas(data, view->want);
	put_results(data, &digest);
	ww_digest_clear(&digest);
	if (status == WW_OK)
		status = lay_over(data, variables, error);
	if (status == WW_OK)
		status = ww_template_render(source, name, data, text, error);
	json_object_put(data);
	free(source);
	return status;
}
