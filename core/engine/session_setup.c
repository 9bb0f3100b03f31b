/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/lane_process.h"
#include "core/engine/lane_simulated.h"
#include "core/engine/session_impl.h"
#include "core/engine/strategy_host.h"
#include "core/measure/objective.h"
#include "core/prompt/roofline.h"

#define LONGEST_SECONDS 9e9

/* ------------------------------------------------------------- the backend */

static bool
takes_language(const struct ww_backend_ops *ops, const char *language)
{
	const char *at = ops->languages;
	size_t length = strlen(language);

	while (at != NULL && *at != '\0') {
		size_t n = strcspn(at, ",");

		while (n > 0 && *at == ' ') {
			at++;
			n--;
		}
		if (n == length && strncmp(at, language, n) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

const struct ww_plugin *
ww_backend_for(const struct ww_registry *registry, const struct ww_task *task,
               struct ww_error *error)
{
	const char *language = task->kernel.language;
	const struct ww_plugin *best = NULL;
	int32_t best_rank = 0;
	size_t i;

	for (i = 0; i < ww_registry_count(registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(registry, i);
		const struct ww_backend_ops *ops;

		if (entry->state != WW_PLUGIN_LOADED ||
		    entry->plugin->kind != WW_KIND_BACKEND)
			continue;
		ops = entry->plugin->ops;
		if (ops->rank < 0 || language == NULL ||
		    !takes_language(ops, language) ||
		    (best != NULL && ops->rank >= best_rank))
			continue;
		best = entry->plugin;
		best_rank = ops->rank;
	}
	if (language == NULL || language[0] == '\0')
		ww_error_set(error, WW_E_CONFIG,
		             "task %s has no \"kernel\" (\"language\", "
		             "\"source\", \"entry\") and no \"backend\" that "
		             "does without; 'warpwright ask' lets a program "
		             "measure it",
		             task->name);
	else if (best == NULL)
		ww_error_set(error, WW_E_UNAVAILABLE,
		             "no backend is loaded for language '%s' of task "
		             "%s; 'warpwright plugin list' shows what is there "
		             "and why the rest is not",
		             language, task->name);
	return best;
}

/* Whoever names a backend may know better: a format that lacks a word for a
 * language calls its kernels by another. */
static void
warn_of_language(struct ww_session *session)
{
	const struct ww_backend_ops *ops = session->backend->ops;
	const char *language = session->task->kernel.language;
	char *text;

	if (language == NULL || ops->languages == NULL ||
	    ops->languages[0] == '\0' || takes_language(ops, language))
		return;
	text = ww_text("the kernel of task %s is in the language '%s', backend "
	               "%s compiles %s; if it does not, correct \"language\" "
	               "or choose another backend",
	               session->task->name, language, session->backend->name,
	               ops->languages);
	ww_session_warn(session, text);
	free(text);
}

static ww_status
choose_backend(struct ww_session *session, struct ww_error *error)
{
	const char *name = session->request.backend;

	if (name == NULL)
		name = ww_setting_string(session->settings, "search.backend");
	if (name == NULL)
		name = session->task->backend;
	session->backend = name != NULL
	                           ? ww_registry_find(session->registry,
	                                              "backend", name, error)
	                           : ww_backend_for(session->registry,
	                                            session->task, error);
	if (session->backend == NULL)
		return error->status;
	if (name != NULL)
		warn_of_language(session);
	return WW_OK;
}

/* A fallback that nobody can be is told now, not when the model has failed. */
static ww_status
check_fallback(const struct ww_session *session, struct ww_error *error)
{
	const char *name = ww_setting_string(
		session->settings, "fallback.fallback_on_llm_failure");

	if (name == NULL || strcmp(name, "error") == 0 ||
	    ww_strategy_stand_in(session->registry, name) != NULL)
		return WW_OK;
	ww_registry_find(session->registry, "strategy", name, error);
	ww_error_prefix(error, "fallback: ");
	return error->status = WW_E_UNAVAILABLE;
}

/* --------------------------------------------------------------- the lanes */

static uint32_t
simulated_workers(const struct ww_session *session)
{
	int64_t n = ww_setting_int(session->settings,
	                           "parallel.compile_workers");

	if (session->serial)
		return 1;
	return n < 1 ? 1 : n > 4096 ? 4096 : (uint32_t)n;
}

/* As many as are named; a recording knows nothing of which they are. */
static uint32_t
simulated_devices(const struct ww_session *session)
{
	size_t n = 0;

	if (!session->serial)
		ww_setting_list(session->settings, "parallel.devices", &n);
	return n < 1 ? 1 : n > 1024 ? 1024 : (uint32_t)n;
}

static ww_status
open_replay(struct ww_session *session, struct ww_error *error)
{
	const struct ww_backend_ops *ops = session->backend->ops;
	struct ww_services services = { .process = NULL };
	struct ww_options *options;
	struct ww_call_frame frame;
	ww_status status = ww_settings_options(session->settings,
	                                       session->backend,
	                                       session->task->backend_options,
	                                       &options, error);

	if (status != WW_OK)
		return status;
	session->backend_box = ww_host_new(session->backend, options, 1,
	                                   &services);
	ww_call_start(&frame, session->request.cancel, INT64_MAX);
	status = ops->open(&frame.call, ww_host_of(session->backend_box),
	                   &session->backend_self);
	if (status != WW_OK)
		session->backend_self = NULL;
	status = ww_call_finish(&frame, status, error);
	/* A T1 file that cannot be run says why in its description. */
	if (status != WW_OK && session->task->kernel.language[0] == '\0' &&
	    session->task->description[0] != '\0')
		ww_error_prefix(error, "%s: %s; ", session->task->name,
		                session->task->description);
	if (status == WW_OK)
		session->lanes = ww_lanes_simulated(
			ops->replay, session->backend_self,
			&session->task->space->view,
			simulated_workers(session), simulated_devices(session));
	return status;
}

/* Homes that cannot be written are common on the nodes of a cluster. */
static ww_status
make_cache(const char *cache, struct ww_error *error)
{
	ww_status status = ww_path_create(cache, error);
	struct ww_error why = { 0 };

	if (status == WW_OK || error == NULL)
		return status;
	why = *error;
	return ww_error_set(error, status,
	                    "the folder for compiled code: %s; name another one "
	                    "with XDG_CACHE_HOME or --set parallel.cache_dir=…",
	                    why.text);
}

static ww_status
make_folders(struct ww_session *session, struct ww_error *error)
{
	const char *set = ww_setting_string(session->settings,
	                                    "parallel.cache_dir");
	char *cache = set != NULL ? ww_copy(set) : ww_path_cache();
	ww_status status = make_cache(cache, error);

	if (status == WW_OK)
		status = ww_scratch_make(&session->scratch, cache, error);
	if (status == WW_OK &&
	    ww_setting_bool(session->settings, "parallel.artifact_cache"))
		session->artifacts = ww_path_join(cache, "artifacts");
	else if (status == WW_OK)
		session->artifacts = ww_path_join(session->scratch.folder,
		                                  "artifacts");
	if (status == WW_OK)
		status = ww_path_create(session->artifacts, error);
	free(cache);
	return status;
}

static void
on_lock_wait(void *context, const char *text)
{
	ww_session_warn(context, text);
}

static ww_status
lock_devices(struct ww_session *session, struct ww_error *error)
{
	ww_status status = WW_OK;
	size_t i;

	session->locks = ww_alloc((session->devices.n + 1) *
	                          sizeof *session->locks);
	for (i = 0; status == WW_OK && i < session->devices.n; i++) {
		status = ww_device_lock(session->devices.devices[i].id,
		                        session->request.cancel, on_lock_wait,
		                        session, &session->locks[i], error);
		if (status == WW_OK)
			session->n_locks = i + 1;
	}
	return status;
}

static void
on_lane_warning(void *context, const char *text)
{
	ww_session_warn(context, text);
}

static ww_status
find_devices(struct ww_session *session, struct ww_error *error)
{
	const char *name = session->backend->name;
	ww_status status = ww_devices_find(session->settings,
	                                   session->registry, session->backend,
	                                   session->task,
	                                   session->request.cancel,
	                                   &session->devices, error);

	if (status == WW_OK)
		return ww_devices_choose(session->settings, session->backend,
		                         &session->devices, error);
	if (status == WW_E_CANCELLED)
		return status;
	if (status == WW_E_NO_DEVICE)
		return ww_error_prefix(error, "backend %s finds no device "
		                              "('warpwright doctor' looks at "
		                              "all of them): ", name);
	return ww_error_prefix(error, "backend %s: ", name);
}

static ww_status
open_processes(struct ww_session *session, struct ww_error *error)
{
	struct ww_process_setup setup = {
		.task = session->task,
		.settings = session->settings,
		.registry = session->registry,
		.backend = session->backend,
		.devices = &session->devices,
		.cancel = session->request.cancel,
		.seed = (uint64_t)ww_setting_int(session->settings,
		                                 "search.seed"),
		.context = session,
		.warning = on_lane_warning,
	};
	ww_status status = find_devices(session, error);

	if (status == WW_OK)
		status = make_folders(session, error);
	if (status == WW_OK)
		status = lock_devices(session, error);
	if (status != WW_OK)
		return status;
	setup.artifacts = session->artifacts;
	setup.scratch = session->scratch.folder;
	status = ww_lanes_process(&setup, &session->lanes, error);
	if (status == WW_OK)
		session->device_json = json_object_get(
			ww_lanes_device(session->lanes));
	return status;
}

static ww_status
open_lanes(struct ww_session *session, struct ww_error *error)
{
	const struct ww_backend_ops *ops = session->backend->ops;

	if (ops->device != NULL && ops->compile != NULL)
		return open_processes(session, error);
	if (ops->replay != NULL)
		return open_replay(session, error);
	return ww_error_set(error, WW_E_UNSUPPORTED,
	                    "backend %s can neither measure nor replay",
	                    session->backend->name);
}

/* ------------------------------------------------------------ the hardware */

static void
describe_hardware(struct ww_session *session)
{
	struct json_object *device = session->device_json;

	if (session->request.far != NULL) {
		session->hardware.id = session->request.far->device;
		session->hardware.name = session->request.far->device;
		return;
	}
	if (device == NULL) {
		session->hardware.id = session->backend->name;
		session->hardware.name = session->task->recorded_on != NULL
		                                 ? session->task->recorded_on
		                                 : session->backend->name;
		return;
	}
	session->hardware_facts = ww_device_sheet(device, &session->hardware);
}

/* -------------------------------------------------------- limits and plans */

static double
optional_number(const struct ww_settings *settings, const char *key)
{
	return ww_setting_is_set(settings, key)
	               ? ww_setting_number(settings, key)
	               : NAN;
}

static int64_t
optional_int(const struct ww_settings *settings, const char *key)
{
	return ww_setting_is_set(settings, key) ? ww_setting_int(settings, key)
	                                        : INT64_MAX;
}

/* Rules that are only a default give way to the user's own evaluation limit. */
static bool
rule_counts(const struct ww_session *session, const char *key)
{
	return !session->limit_is_hard ||
	       ww_setting_is_set(session->settings, key);
}

/* The time that no configuration can pass, if the task says what it computes and
 * moves. Known only now that there is a device. */
static void
find_floor(struct ww_session *session)
{
	const struct ww_task *task = session->task;
	uint32_t *indices = ww_alloc((task->space->view.n_slots + 1) *
	                             sizeof *indices);
	struct ww_roofline roofline;

	ww_space_default(task->space, indices);
	/* A floor of times; what else is minimised has none that is known. */
	ww_roofline(task, &session->hardware, indices, &roofline);
	free(indices);
	session->limits.floor_ms =
		session->plan.objective == WW_OBJECTIVE_TIME
			? ww_roofline_floor_ms(&roofline, session->plan.cold)
			: NAN;
	session->limits.floor_margin = ww_setting_number(session->settings,
	                                                 "search.floor_margin");
}

static void
read_limits(struct ww_session *session)
{
	const struct ww_settings *settings = session->settings;
	struct ww_stop_limits *limits = &session->limits;
	uint32_t rounds = (uint32_t)ww_setting_int(settings,
	                                           "search.max_rounds");
	double seconds = optional_number(settings, "search.max_seconds");

	ww_stop_limits_none(limits);
	session->limit_is_hard = ww_setting_is_set(settings,
	                                           "search.max_evaluations");
	if (rule_counts(session, "search.max_rounds"))
		limits->max_rounds = rounds;
	if (rule_counts(session, "search.patience"))
		limits->patience = (uint32_t)ww_setting_int(settings,
		                                            "search.patience");
	if (rule_counts(session, "search.min_improvement"))
		limits->min_improvement = ww_setting_number(
			settings, "search.min_improvement");
	limits->target = optional_number(settings, "search.target");
	if (session->limit_is_hard)
		limits->max_evaluations = (uint64_t)ww_setting_int(
			settings, "search.max_evaluations");
	else
		limits->max_evaluations =
			(uint64_t)ww_setting_int(settings,
		                                 "search.initial_batch_size") +
			(uint64_t)(rounds - 1) *
				(uint64_t)ww_setting_int(
					settings,
					"search.refinement_batch_size");
	/* Centuries are as good as no limit, and fit into 64 bits no more. */
	if (seconds < LONGEST_SECONDS)
		limits->max_ns = (int64_t)(seconds * 1e9);
	limits->max_cost = optional_number(settings, "search.max_cost");
	limits->max_tokens = optional_int(settings, "search.max_tokens");
	limits->max_calls = optional_int(settings, "search.max_model_calls");
}

static void
read_plan(struct ww_session *session)
{
	const struct ww_settings *settings = session->settings;
	struct ww_measure_plan *plan = &session->plan;

	ww_measure_plan_default(plan);
	plan->precision = ww_setting_number(settings, "measure.precision");
	plan->min_samples = (uint32_t)ww_setting_int(settings,
	                                             "measure.min_samples");
	plan->max_samples = (uint32_t)ww_setting_int(settings,
	                                             "measure.max_samples");
	plan->budget_ns = (int64_t)(
		ww_setting_number(settings, "measure.max_seconds") * 1e9);
	plan->abandon_factor = ww_setting_number(settings,
	                                         "measure.abandon_factor");
	plan->cold = ww_setting_bool(settings, "measure.cold");
	plan->verify = ww_setting_bool(settings, "measure.verify");
	plan->objective = ww_objective_parse(session->task->objective);
	/* Who asks for certain configurations wants their full numbers; a slow
	 * one may be the most frugal. */
	if (session->request.fixed != NULL ||
	    plan->objective != WW_OBJECTIVE_TIME)
		plan->abandon_factor = 0;
}

static bool
is_serial(const struct ww_settings *settings)
{
	const char *mode = ww_setting_string(settings,
	                                     "parallel.precompile_mode");

	return !ww_setting_bool(settings, "parallel.use_parallel_benchmark") ||
	       (mode != NULL && strcmp(mode, "none") == 0);
}

/* ----------------------------------------------------------- the strategies */

ww_status
ww_session_open_strategy(void *context, const char *name, unsigned role,
                         uint64_t n_told, struct ww_strategist **strategist,
                         struct ww_error *error)
{
	struct ww_session *session = context;
	uint64_t mixed[3] = { (uint64_t)ww_setting_int(session->settings,
	                                               "search.seed"),
	                      role, n_told };
	const struct ww_plugin *plugin = ww_registry_find(
		session->registry, "strategy", name, error);
	struct ww_strategist_setup setup = {
		.plugin = plugin,
		.settings = session->settings,
		.registry = session->registry,
		.task = session->task,
		.hardware = &session->hardware,
		.space = &session->task->space->view,
		.inbox = session->inbox,
		.threaded = !session->lanes->simulated,
		.free_of_charge = role == WW_ROLE_FILLER &&
		                  !session->limit_is_hard,
	};

	if (plugin == NULL)
		return error->status;
	/* The default configuration is told to everybody; a fresh session with
	 * it and one without draw the same numbers. */
	if (n_told <= 1)
		mixed[2] = 0;
	setup.seed = ww_hash_u64(mixed, sizeof mixed);
	if (session->lanes->simulated)
		setup.clock = ww_lanes_simulated_clock(session->lanes);
	return ww_strategist_new(&setup, strategist, error);
}

/* ------------------------------------------------------------------ all of it */

/* Whether the backend measures what the task wants to have minimised. */
static ww_status
check_objective(const struct ww_session *session, struct ww_error *error)
{
	const struct ww_backend_ops *ops = session->backend->ops;

	if (session->plan.objective == WW_OBJECTIVE_TIME ||
	    (ops->device != NULL &&
	     WW_HAS(struct ww_device_ops, ops->device, energy)))
		return WW_OK;
	return ww_error_set(error, WW_E_CONFIG,
	                    "%s: backend %s cannot measure energy, which "
	                    "objective %s needs; with it, \"objective\" in the "
	                    "task or search.objective can only be time",
	                    session->task->path, session->backend->name,
	                    session->task->objective);
}

ww_status
ww_session_prepare(struct ww_session *session, struct ww_error *error)
{
	ww_status status = check_fallback(session, error);

	session->serial = is_serial(session->settings);
	read_limits(session);
	read_plan(session);
	/* Before a device is waited for: a session that runs holds its own. */
	if (status == WW_OK && session->request.store != NULL &&
	    session->request.resume != NULL)
		status = ww_session_check_free(session, error);
	if (status == WW_OK && session->request.far != NULL) {
		session->serial = false;
		status = ww_session_open_far(session, error);
	} else if (status == WW_OK) {
		status = choose_backend(session, error);
		if (status == WW_OK)
			status = check_objective(session, error);
		if (status == WW_OK)
			status = open_lanes(session, error);
	}
	if (status == WW_OK) {
		describe_hardware(session);
		find_floor(session);
	}
	return status;
}
