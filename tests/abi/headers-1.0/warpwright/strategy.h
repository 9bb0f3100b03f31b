/* SPDX-License-Identifier: MIT
 *
 * warpwright/strategy.h: a strategy decides which configurations are tried. It
 * pushes configurations when asked and hears of every finished trial, whoever
 * proposed it. Because every strategy sees the whole history, any one can take
 * over from any other in the middle of a session. Stop rules belong to the host.
 */
#ifndef WARPWRIGHT_STRATEGY_H
#define WARPWRIGHT_STRATEGY_H

#include "warpwright/model.h"
#include "warpwright/space.h"
#include "warpwright/trial.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the host would like from one ask(). */
struct ww_budget {
	uint32_t size;
	uint32_t want;          /* configurations wanted now, at least 1 */
	uint32_t round;         /* 1 for the first round */
	uint32_t outstanding;   /* proposed, not yet told */
	uint64_t evaluations_used;
	uint64_t evaluations_left; /* UINT64_MAX: unlimited */
	int64_t time_left_ns;   /* INT64_MAX: unlimited */
	double best;            /* best objective so far; NaN: none */
	double target;          /* the user's target; NaN: none */
};

/* Optional words about a proposal, copied; each may be null. */
struct ww_proposal_info {
	uint32_t size;
	uint32_t reserved;
	const char *family; /* "exploit", "explore", "polish", … */
	const char *reason;
};

/* Takes proposals one by one; each is used at once, so push as soon as one is
 * known. Returns
 *   WW_OK           taken
 *   WW_STOPPED      taken or not, no more are wanted
 *   WW_E_INVALID    outside the space or against a constraint: refused
 *   WW_E_DUPLICATE  proposed or measured before in this session: refused
 * A refusal costs nothing and is no reason to end ask(). */
struct ww_config_sink {
	uint32_t size;
	uint32_t reserved;
	ww_status (*push)(struct ww_config_sink *self, const uint32_t *indices,
	                  const struct ww_proposal_info *info);
};

/* `mode` of the table. ROUNDS: asked again when every configuration of the last
 * ask has been told. CONTINUOUS: asked whenever a worker would be idle, also
 * while proposals are outstanding. */
#define WW_STRATEGY_ROUNDS 1u
#define WW_STRATEGY_CONTINUOUS 2u

/* `flags` of the table. */
#define WW_STRATEGY_USES_MODEL 1u /* useless without host->model */
#define WW_STRATEGY_TAKES_MODEL 2u /* uses host->model where there is one, and
                                    * does without where there is none */

/* One instance is never entered twice at once: results that arrive while it is
 * asking are told before the next ask. Given the same options, seed, budgets
 * and tells, the asks are the same. */
struct ww_strategy_ops {
	uint32_t size;
	uint32_t mode;  /* WW_STRATEGY_ROUNDS or _CONTINUOUS */
	uint32_t flags; /* WW_STRATEGY_USES_MODEL */
	uint32_t reserved;
	/* `space` lives as long as the instance. On failure nothing is left
	 * behind and close() is not called. */
	ww_status (*open)(struct ww_call *call, const struct ww_host *host,
	                  const struct ww_space *space, void **self);
	void (*close)(void *self);
	/* Pushes up to budget->want configurations. Runs on the strategy's own
	 * thread and may block. WW_OK; WW_PENDING (nothing before more trials
	 * are told); WW_EXHAUSTED (nothing more, ever); or an error: the host
	 * then opens the fallback and tells it everything. */
	ww_status (*ask)(struct ww_call *call, void *self,
	                 const struct ww_budget *budget,
	                 struct ww_config_sink *sink);
	/* Facts: finished trials, also those of other strategies and of earlier
	 * sessions. The order within one call carries no meaning. `trials` are
	 * borrowed until the call returns. */
	ww_status (*tell)(struct ww_call *call, void *self,
	                  const struct ww_trial *const *trials, uint64_t n);
	/* Optional: the strategy's own analysis so far, for the report. */
	ww_status (*note)(struct ww_call *call, void *self,
	                  struct ww_text_sink *sink);
};

/* Host service: other strategies as parts of this one. A sub-strategy gets its
 * own options and random stream; the caller relays tells. Not null only where
 * the host offers WW_FEATURE_SUBSTRATEGIES. */
struct ww_strategies {
	uint32_t size;
	uint32_t reserved;
	/* Names the strategy that keeps the devices busy while this one's ask()
	 * blocks on a model ("" or "none": nobody). The host runs it. */
	ww_status (*set_filler)(const struct ww_strategies *self,
	                        struct ww_call *call, const char *name);
	ww_status (*open)(const struct ww_strategies *self, struct ww_call *call,
	                  const char *name, void **sub);
	void (*close)(const struct ww_strategies *self, void *sub);
	ww_status (*ask)(const struct ww_strategies *self, struct ww_call *call,
	                 void *sub, const struct ww_budget *budget,
	                 struct ww_config_sink *sink);
	ww_status (*tell)(const struct ww_strategies *self, struct ww_call *call,
	                  void *sub, const struct ww_trial *const *trials,
	                  uint64_t n);
};

#ifdef __cplusplus
}
#endif
#endif
