/* SPDX-License-Identifier: MIT
 *
 * One tuning run, from task and settings to the best measured configuration.
 * The caller (the command line, a test, a comparison) hands over what is to be
 * done and hears of everything through an observer; it never sees a process, a
 * thread or a lane.
 */
#ifndef WW_CORE_SESSION_H
#define WW_CORE_SESSION_H

#include "core/base/cancel.h"
#include "core/config/settings.h"
#include "core/engine/lane.h"
#include "core/engine/lane_far.h"
#include "core/engine/portfolio.h"
#include "core/engine/trial.h"
#include "core/model/tokens.h"
#include "core/plugin/registry.h"
#include "core/store/store.h"
#include "core/task/task.h"

/* Why a session ended; names as in the result's "stop". */
#define WW_STOP_NONE 0u
#define WW_STOP_EXHAUSTED 1u    /* "exhausted": every configuration tried */
#define WW_STOP_ROUNDS 2u       /* "max_rounds" */
#define WW_STOP_PATIENCE 3u     /* "patience" */
#define WW_STOP_IMPROVEMENT 4u  /* "min_improvement" */
#define WW_STOP_TARGET 5u       /* "target" */
#define WW_STOP_EVALUATIONS 6u  /* "max_evaluations" */
#define WW_STOP_SECONDS 7u      /* "max_seconds" */
#define WW_STOP_COST 8u         /* "max_cost" */
#define WW_STOP_INTERRUPTED 9u  /* "interrupted" */
#define WW_STOP_ERROR 10u       /* "error" */
#define WW_STOP_LEFT 11u        /* "left": the program that measures itself has
                                 * had enough */
#define WW_STOP_FLOOR 12u       /* "time_floor": the hardware allows no less */
const char *ww_stop_name(unsigned stop);

#define WW_WIDEST_INTERVAL 0.10

/* In the place of a backend's name where a program measures by itself. */
#define WW_BACKEND_FAR "ask"

/* In the place of a strategy's name where the user chose. */
#define WW_STRATEGY_GIVEN "given"

/* A finalist's second, interleaved timing. */
struct ww_finalist {
	const struct ww_record *record;
	double median_ms;
	double ci_low_ms;
	double ci_high_ms;
	bool tied; /* its interval overlaps the winner's */
	uint64_t n_samples; /* of the second timing; 0: there was none */
};

struct ww_session_result {
	char id[40];
	const struct ww_record *best;    /* or null */
	double best_ms, best_low_ms, best_high_ms;
	const struct ww_record *baseline; /* the default configuration, or null */
	double baseline_ms;              /* NaN */
	double speedup;                  /* baseline / best; NaN */
	const struct ww_finalist *finalists;
	uint32_t n_finalists;
	uint64_t n_trials;               /* finished, all outcomes, default too */
	uint64_t failed[WW_TRIAL_N_CLASSES];
	uint32_t rounds;
	uint32_t model_calls;
	char model_error[256];           /* of the last of them, or "" */
	struct ww_tokens tokens;         /* of the model calls */
	double cost;                     /* dollars as far as known */
	unsigned stop;                   /* WW_STOP_… */
	char fallback[1024];             /* why a fallback took over, or "" */
	char strategy[64];               /* the one that ended the session */
	/* Width of the winner's interval as a part of its time; NaN: unknown.
	 * Beyond WW_WIDEST_INTERVAL the result is marked as disturbed. */
	double spread;
	bool disturbed;
	double load;                     /* average of the last minute, when
	                                  * the winner was timed; NaN */
	double seconds;                  /* wall, or simulated */
	double idle_fraction;            /* of the devices, while tuning */
	/* Several devices: what their values were divided by. */
	const struct ww_device_factor *factors;
	uint32_t n_factors;
	char analysis[4096];             /* the strategy's last note, or "" */
};

struct ww_progress {
	uint32_t round;
	uint64_t proposed, compiled, measured, failed;
	double best_ms;      /* NaN */
	double seconds_left; /* estimate; NaN */
	bool waiting_for_model;
};

/* All slots may be null; called on the main loop's thread. */
struct ww_observer {
	void *context;
	void (*started)(void *context, const char *session_id,
	                const char *device, const char *strategy,
	                const char *model);
	/* After the trial is durable. */
	void (*trial)(void *context, const struct ww_record *record);
	void (*model_call)(void *context, const struct ww_model_call *call);
	void (*round)(void *context, uint32_t round, const char *strategy,
	              uint64_t trials, double best_ms);
	void (*progress)(void *context, const struct ww_progress *progress);
	void (*warning)(void *context, const char *text);
	/* The result as JSON, to be kept in the store. */
	struct json_object *(*describe)(void *context,
	                                const struct ww_session_result *result);
};

struct ww_session_request {
	const struct ww_task *task;
	const struct ww_settings *settings;
	const struct ww_registry *registry;
	struct ww_store *store;       /* null: nothing is kept */
	const char *backend;          /* name, or null: chosen by language */
	const char *resume;           /* id of a stored session, or null */
	const struct ww_observer *observer; /* or null */
	struct ww_cancel *cancel;     /* first request: stop and report;
	                               * or null */
	/* Configurations to measure instead of asking a strategy (`bench`):
	 * n_fixed rows of n_slots indices; null: tune. */
	const uint32_t *fixed;
	uint64_t n_fixed;
	/* They are compared with each other: the default is measured first, and
	 * the best are timed again in turn. */
	bool compares;
	/* A program that measures by itself; null: a backend does. */
	const struct ww_far *far;
	/* Results of the kernel from elsewhere; null: those of the store. */
	const struct ww_portfolio *portfolio;
};

/* Runs to the end. WW_OK also when nothing usable was found (result->best is
 * null). After an error the result holds what was found before it; its n_trials
 * is 0 if nothing was. The result belongs to the session object, which the
 * caller frees; *session may be null after an error. */
struct ww_session;
ww_status ww_session_run(const struct ww_session_request *request,
                         struct ww_session **session,
                         struct ww_session_result *result,
                         struct ww_error *error);
void ww_session_free(struct ww_session *session);
/* The backend for the language of the task's kernel, where nothing names one;
 * null with an error if none is loaded. */
const struct ww_plugin *ww_backend_for(const struct ww_registry *registry,
                                       const struct ww_task *task,
                                       struct ww_error *error);

#endif
