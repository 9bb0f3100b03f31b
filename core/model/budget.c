/* SPDX-License-Identifier: MIT */
#include "core/model/budget.h"

#include <inttypes.h>
#include <math.h>

static int64_t
limit(const struct ww_settings *settings, const char *key)
{
	return ww_setting_is_set(settings, key) ? ww_setting_int(settings, key)
	                                        : INT64_MAX;
}

void
ww_model_budget_read(struct ww_model_budget *budget,
                     const struct ww_settings *settings)
{
	*budget = (struct ww_model_budget){
		.max_cost = ww_setting_is_set(settings, "search.max_cost")
		                    ? ww_setting_number(settings,
		                                        "search.max_cost")
		                    : INFINITY,
		.max_tokens = limit(settings, "search.max_tokens"),
		.max_calls = limit(settings, "search.max_model_calls"),
	};
}

ww_status
ww_model_budget_check(const struct ww_model_budget *budget,
                      struct ww_error *error)
{
	if (budget->calls >= budget->max_calls)
		return ww_error_set(error, WW_E_BUDGET,
		                    "search.max_model_calls: all %" PRId64
		                    " calls are used", budget->max_calls);
	return ww_model_budget_again(budget, error);
}

ww_status
ww_model_budget_again(const struct ww_model_budget *budget,
                      struct ww_error *error)
{
	int64_t tokens = budget->tokens.input + budget->tokens.output;

	if (tokens >= budget->max_tokens)
		return ww_error_set(error, WW_E_BUDGET,
		                    "search.max_tokens: %s%" PRId64 " of %" PRId64
		                    " tokens are used",
		                    budget->tokens.estimated ? "about " : "",
		                    tokens, budget->max_tokens);
	if (budget->cost >= budget->max_cost)
		return ww_error_set(error, WW_E_BUDGET,
		                    "search.max_cost: %.4f of %.4f dollars are "
		                    "used", budget->cost, budget->max_cost);
	return WW_OK;
}

void
ww_model_budget_spend(struct ww_model_budget *budget,
                      const struct ww_chat_request *request, const char *answer,
                      const struct ww_chat_reply *reply)
{
	ww_tokens_add_reply(&budget->tokens, request, answer, reply);
	if (isfinite(reply->cost))
		budget->cost += reply->cost;
	else
		budget->cost_unknown = true;
}
