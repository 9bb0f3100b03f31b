/* SPDX-License-Identifier: MIT
 *
 * What the model may cost: money, tokens and calls of one session. Tokens that a
 * service does not count are estimated; money is as far as the services tell.
 */
#ifndef WW_CORE_BUDGET_H
#define WW_CORE_BUDGET_H

#include <stdbool.h>

#include "core/config/settings.h"
#include "core/model/tokens.h"
#include "warpwright/provider.h"

struct ww_model_budget {
	double max_cost;    /* dollars; infinity: no limit */
	int64_t max_tokens; /* INT64_MAX: no limit */
	int64_t max_calls;
	double cost;
	struct ww_tokens tokens;
	int64_t calls;
	bool cost_unknown; /* some answer came without a price */
};

void ww_model_budget_read(struct ww_model_budget *budget,
                          const struct ww_settings *settings);
/* WW_OK if one more call may be made, else WW_E_BUDGET with the reason. */
ww_status ww_model_budget_check(const struct ww_model_budget *budget,
                                struct ww_error *error);
/* The same for one more attempt at a call that is counted already. */
ww_status ww_model_budget_again(const struct ww_model_budget *budget,
                                struct ww_error *error);
/* Adds what one attempt used; a cost of NaN counts as nothing. */
void ww_model_budget_spend(struct ww_model_budget *budget,
                           const struct ww_chat_request *request,
                           const char *answer,
                           const struct ww_chat_reply *reply);

#endif
