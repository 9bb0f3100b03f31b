/* SPDX-License-Identifier: MIT
 *
 * The devices of a backend, as a device worker lists them: the orchestrator
 * itself never loads a driver. Also who uses a device: one process at a time.
 */
#ifndef WW_CORE_DEVICE_LIST_H
#define WW_CORE_DEVICE_LIST_H

#include "core/base/cancel.h"
#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/prompt/view.h"
#include "core/task/task.h"

struct ww_device {
	char *id;
	char *name;
};

struct ww_device_list {
	struct ww_device *devices;
	size_t n;
	struct json_object *json; /* array of {id, name, facts, texts} */
};

/* Starts a worker, asks, and waits, until cancelled at most. No device is WW_OK
 * and n = 0. `task` may be null; with it, only what serves that task is found. */
ww_status ww_devices_find(const struct ww_settings *settings,
                          const struct ww_registry *registry,
                          const struct ww_plugin *backend,
                          const struct ww_task *task,
                          const struct ww_cancel *cancel,
                          struct ww_device_list *list,
                          struct ww_error *error);
void ww_devices_clear(struct ww_device_list *list);
/* Keeps the devices that `parallel.devices` names (by id, name or number;
 * "all", "first"; unset: all). WW_E_NO_DEVICE if one is not there or none is
 * left. */
ww_status ww_devices_choose(const struct ww_settings *settings,
                            const struct ww_plugin *backend,
                            struct ww_device_list *list,
                            struct ww_error *error);

/* The sheet that prompts and bounds read of a device of the list: texts in it
 * belong to `device`, the facts that are returned to the caller. */
struct ww_hardware_fact *ww_device_sheet(struct json_object *device,
                                         struct ww_hardware *hardware);

/* Whether compiling disturbs what is timed on this device: its fact
 * "shares_cpu" says so, else the backend's flag. */
bool ww_device_shares_cpu(const struct ww_plugin *backend,
                          struct json_object *device);

/* Locks a device against other processes of this user; waits until it is free,
 * saying so once through `waiting`, or until cancelled. *fd is closed to give it
 * back. */
ww_status ww_device_lock(const char *id, const struct ww_cancel *cancel,
                         void (*waiting)(void *context, const char *text),
                         void *context, int *fd, struct ww_error *error);

#endif
