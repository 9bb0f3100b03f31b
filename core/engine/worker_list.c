/* SPDX-License-Identifier: MIT */
#include "core/engine/worker.h"

/* Devices as JSON, as a backend lists them. */
struct listing {
	struct ww_device_sink face; /* first member */
	struct json_object *devices;
	struct json_object *last;
};

static ww_status
list_device(struct ww_device_sink *self, const char *id, const char *name)
{
	struct listing *listing = (struct listing *)self;

	listing->last = json_object_new_object();
	ww_json_put_string(listing->last, "id", id);
	ww_json_put_string(listing->last, "name", name);
	json_object_object_add(listing->last, "facts",
	                       json_object_new_object());
	json_object_object_add(listing->last, "texts",
	                       json_object_new_object());
	json_object_array_add(listing->devices, listing->last);
	return WW_OK;
}

static void
list_fact(struct ww_device_sink *self, const char *name, double value)
{
	struct listing *listing = (struct listing *)self;

	if (listing->last != NULL)
		ww_json_put_number(ww_json_get(listing->last, "facts"), name,
		                   value);
}

static void
list_text(struct ww_device_sink *self, const char *name, const char *value)
{
	struct listing *listing = (struct listing *)self;

	if (listing->last != NULL)
		ww_json_put_string(ww_json_get(listing->last, "texts"), name,
		                   value);
}

ww_status
ww_worker_list(struct ww_worker *worker, struct json_object **devices,
               struct ww_error *error)
{
	struct listing listing = {
		.face = { .size = sizeof listing.face,
		          .device = list_device,
		          .fact = list_fact,
		          .text = list_text },
		.devices = json_object_new_array(),
	};
	struct ww_call_frame frame;
	ww_status status;

	ww_call_start(&frame, NULL, INT64_MAX);
	status = worker->ops->device->list(&frame.call, worker->self,
	                                   &listing.face);
	status = ww_call_finish(&frame, status, error);
	if (status != WW_OK) {
		json_object_put(listing.devices);
		listing.devices = NULL;
	}
	*devices = listing.devices;
	return status;
}
