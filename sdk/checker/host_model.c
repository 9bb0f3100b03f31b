/* SPDX-License-Identifier: MIT
 *
 * A model for strategies that want one: it proposes uniform random
 * configurations from a stream of its own, so asks can be compared.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "sdk/checker/host.h"

static int32_t
available(const struct ww_model *self)
{
	return HOST_OF(self, model)->model_present;
}

static ww_status
refuse(struct ww_call *call)
{
	return ww_fail(call, WW_E_UNAVAILABLE, "no provider answers");
}

static ww_status
generate(const struct ww_model *self, struct ww_call *call,
         const struct ww_chat_request *request, struct ww_chat_sink *sink,
         struct ww_chat_reply *reply)
{
	(void)request;
	HOST_OF(self, model)->model_calls++;
	if (!HOST_OF(self, model)->model_present)
		return refuse(call);
	reply->finish = WW_FINISH_COMPLETE;
	reply->cost = NAN;
	sink->text(sink, "{}", 2);
	return WW_OK;
}

static ww_status
render(const struct ww_model *self, struct ww_call *call,
       const char *template_name, const char *variables,
       struct ww_text_sink *sink)
{
	(void)self;
	(void)call;
	(void)variables;
	return sink->write(sink, template_name, 1);
}

static ww_status
propose(const struct ww_model *self, struct ww_call *call,
        const struct ww_proposal_request *request, struct ww_config_sink *sink,
        struct ww_proposal_report *report)
{
	struct host *host = HOST_OF(self, model);
	uint32_t *row;
	uint32_t i;

	host->model_calls++;
	if (!host->model_present)
		return refuse(call);
	row = ww_alloc((host->space->n_slots + 1) * sizeof *row);
	report->finish = WW_FINISH_COMPLETE;
	host->model_speaks = 1;
	for (i = 0; i < request->want; i++) {
		ww_status status;

		if (host->space->sample(host->space,
		                        &host->model_stream.random, row) !=
		    WW_OK)
			break;
		report->found++;
		status = sink->push(sink, row, NULL);
		report->taken += status == WW_OK;
		report->invalid += status == WW_E_INVALID;
		report->duplicate += status == WW_E_DUPLICATE;
		if (status == WW_STOPPED)
			break;
	}
	host->model_speaks = 0;
	free(row);
	return WW_OK;
}

void
host_fill_model(struct host *host)
{
	host->model.face = (struct ww_model){ .size = sizeof(struct ww_model),
		                              .available = available,
		                              .generate = generate,
		                              .render = render,
		                              .propose = propose };
}
