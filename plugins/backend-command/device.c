/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/backend-command/command.h"

/* The id of the one device of a program that names none. */
#define LOCAL "local"

static void
show_device(struct command *command, struct json_object *sheet,
            struct ww_device_sink *sink)
{
	struct json_object *facts = json_member(sheet, "facts");
	struct json_object *texts = json_member(sheet, "texts");

	if (json_object_is_type(facts, json_type_object)) {
		json_object_object_foreach(facts, name, value)
		{
			if (json_object_is_type(value, json_type_int) ||
			    json_object_is_type(value, json_type_double))
				sink->fact(sink, name,
				           json_object_get_double(value));
		}
	}
	sink->fact(sink, "shares_cpu",
	           json_flag(command->description, "shares_cpu", 1));
	if (json_object_is_type(texts, json_type_object)) {
		json_object_object_foreach(texts, name, value)
		{
			if (json_object_is_type(value, json_type_string))
				sink->text(sink, name,
				           json_object_get_string(value));
		}
	}
}

static ww_status
command_list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	struct command *command = self;
	ww_status status = command_ready(command, call, "device");
	struct json_object *devices;
	size_t n, i;

	if (status != WW_OK)
		return status;
	devices = json_member(command->description, "devices");
	n = json_length(devices);
	if (!json_object_is_type(devices, json_type_array)) {
		status = sink->device(sink, LOCAL, "this machine");
		if (status == WW_OK)
			show_device(command, NULL, sink);
	}
	for (i = 0; i < n && status == WW_OK; i++) {
		struct json_object *sheet = json_object_array_get_idx(devices,
		                                                      i);
		const char *id = json_text(sheet, "id", "");

		if (id[0] == '\0')
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "device %zu of the program has no \"id\"",
			               i + 1);
		status = sink->device(sink, id, json_text(sheet, "name", id));
		if (status == WW_OK)
			show_device(command, sheet, sink);
	}
	return status == WW_STOPPED ? WW_OK : status;
}

/* The sheet of this device; *found tells whether there is such a device. */
static struct json_object *
find_device(const struct command *command, const char *id, int *found)
{
	struct json_object *devices = json_member(command->description,
	                                          "devices");
	size_t i;

	*found = !json_object_is_type(devices, json_type_array) &&
	         strcmp(id, LOCAL) == 0;
	for (i = 0; i < json_length(devices); i++) {
		struct json_object *sheet = json_object_array_get_idx(devices,
		                                                      i);

		if (strcmp(json_text(sheet, "id", ""), id) == 0) {
			*found = 1;
			return sheet;
		}
	}
	return NULL;
}

static ww_status
command_attach(struct ww_call *call, void *self, const char *id,
               void **attached)
{
	struct command *command = self;
	ww_status status = command_ready(command, call, "device");
	struct json_object *sheet;
	struct device *device;
	int found;

	if (status != WW_OK)
		return status;
	sheet = find_device(command, id, &found);
	if (!found)
		return ww_fail(call, WW_E_NO_DEVICE,
		               "the program has no device %s", id);
	device = calloc(1, sizeof *device);
	if (device == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	device->command = command;
	device->sheet = json_object_get(sheet);
	*attached = device;
	return WW_OK;
}

static void
command_detach(void *attached)
{
	struct device *device = attached;

	json_object_put(device->sheet);
	free(device);
}

static ww_status
command_target(struct ww_call *call, void *attached, struct ww_text_sink *sink)
{
	struct device *device = attached;
	const char *target = json_text(device->sheet, "target", "any");

	(void)call;
	return sink->write(sink, target, strlen(target));
}

/* ----------------------------------------------------------------- staging */

/* What the outputs are compared with: a reference that was built, "files", or
 * nothing. */
static ww_status
add_reference(struct ww_call *call, const struct ww_stage *stage,
              struct json_object *request, char **file)
{
	struct json_object *reference = NULL;
	struct artifact artifact = { 0 };
	ww_status status = WW_OK;

	if (stage->reference == WW_REFERENCE_FILES)
		reference = json_object_new_string("files");
	if (stage->reference == WW_REFERENCE_ARTIFACT) {
		status = artifact_read(call, stage->artifact,
		                       stage->artifact_length, &artifact);
		if (status == WW_OK)
			status = artifact_unpack(call, &artifact, file);
	}
	if (artifact.header != NULL) {
		reference = artifact.header;
		json_object_object_add(reference, "file",
		                       *file != NULL
		                               ? json_object_new_string(*file)
		                               : NULL);
		if (stage->launch->dimensions > 0)
			json_object_object_add(reference, "launch",
			                       command_launch(stage->launch));
		json_object_object_add(reference, "entry",
		                       json_object_new_string(
			                       stage->entry != NULL
			                               ? stage->entry
			                               : ""));
	}
	json_object_object_add(request, "reference", reference);
	return status;
}

static ww_status
introduce(struct bench *bench, struct ww_call *call,
          const struct ww_stage *stage)
{
	struct device *device = bench->device;
	struct json_object *request = json_object_new_object();
	struct json_object *answer = NULL;
	ww_status status;

	json_object_object_add(request, "role",
	                       json_object_new_string("device"));
	json_object_object_add(request, "device",
	                       json_object_new_string(json_text(device->sheet,
	                                                        "id", LOCAL)));
	json_object_object_add(request, "arguments",
	                       command_arguments(stage->arguments,
	                                         stage->n_arguments));
	json_object_object_add(request, "seed",
	                       json_object_new_int64((int64_t)stage->seed));
	status = add_reference(call, stage, request, &bench->reference_file);
	if (status == WW_OK)
		status = command_ask(device->command, call, "prepare", request,
		                     &answer);
	else
		json_object_put(request);
	json_object_put(answer);
	return status;
}

static void
command_unstage(void *staged)
{
	struct bench *bench = staged;

	if (bench->reference_file != NULL)
		unlink(bench->reference_file);
	free(bench->reference_file);
	free(bench);
}

static ww_status
command_stage(struct ww_call *call, void *attached,
              const struct ww_stage *stage, void **staged)
{
	struct bench *bench = calloc(1, sizeof *bench);
	ww_status status;

	if (bench == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	bench->device = attached;
	status = introduce(bench, call, stage);
	if (status == WW_OK)
		*staged = bench;
	else
		command_unstage(bench);
	return status;
}

/* A new worker starts the program again and tells it everything. */
static uint32_t
command_health(void *attached)
{
	const struct device *device = attached;

	return device->command->lost || device->command->program.pid == 0
	               ? WW_HEALTH_RESTART
	               : WW_HEALTH_GOOD;
}

const struct ww_device_ops command_device_ops = {
	.size = sizeof command_device_ops,
	.list = command_list,
	.attach = command_attach,
	.detach = command_detach,
	.target = command_target,
	.stage = command_stage,
	.unstage = command_unstage,
	.load = command_load,
	.unload = command_unload,
	.verify = command_verify,
	.warm = command_warm,
	.time = command_time,
	.health = command_health,
};
