/* SPDX-License-Identifier: MIT */
#include "core/engine/device_list.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/launch.h"
#include "core/engine/wire.h"
#include "warpwright/backend.h"

#define LIST_TIMEOUT_MS 60000
#define TICK_MS 50
/* A process that hangs in a driver may not even take SIGKILL. */
#define END_MS 2000

/* A device worker that is only asked for its list. */
struct inquiry {
	const struct ww_cancel *cancel;
	pid_t pid;
	int fd;       /* a socket that is both of its pipes */
	char *folder; /* of its temporary files */
	struct ww_launch_environment environment;
};

/* Drivers leave things behind at every start. */
static ww_status
make_folder(struct inquiry *inquiry, struct ww_error *error)
{
	const char *base = getenv("TMPDIR");

	inquiry->folder = ww_path_join(base != NULL && base[0] == '/' ? base
	                                                              : "/tmp",
	                               "warpwright-XXXXXX");
	if (mkdtemp(inquiry->folder) == NULL) {
		ww_error_set(error, WW_E_IO,
		             "cannot create the temporary folder %s: %s; set "
		             "TMPDIR to a place that can be written",
		             inquiry->folder, strerror(errno));
		free(inquiry->folder);
		return WW_E_IO;
	}
	ww_launch_environment_make(&inquiry->environment, inquiry->folder);
	return WW_OK;
}

static void
remove_folder(struct inquiry *inquiry)
{
	ww_path_remove(inquiry->folder);
	free(inquiry->folder);
	ww_launch_environment_free(&inquiry->environment);
}

static ww_status
start(struct inquiry *inquiry, const struct ww_settings *settings,
      struct ww_error *error)
{
	struct ww_launch_line line;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ends[2];
	int code;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return ww_error_set(error, WW_E_INTERNAL,
		                    "cannot make a pipe for a worker: %s",
		                    strerror(errno));
	ww_launch_line_make(&line, settings, "device");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	code = posix_spawnp(&inquiry->pid, line.argv[0], &actions, &attributes,
	                    (char *const *)(uintptr_t)line.argv,
	                    (char *const *)(uintptr_t)inquiry->environment.list);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(ends[1]);
	inquiry->fd = ends[0];
	if (code != 0) {
		close(ends[0]);
		ww_error_set(error, WW_E_UNAVAILABLE,
		             "cannot start the worker %s: %s", line.argv[0],
		             strerror(code));
	}
	ww_launch_line_free(&line);
	return code == 0 ? WW_OK : WW_E_UNAVAILABLE;
}

static void
end(struct inquiry *inquiry)
{
	int64_t until_ns = ww_now_ns() + END_MS * INT64_C(1000000);
	pid_t ended;

	close(inquiry->fd);
	kill(-inquiry->pid, SIGKILL);
	do {
		ended = waitpid(inquiry->pid, NULL, WNOHANG);
		if (ended == 0)
			poll(NULL, 0, 1);
	} while ((ended == 0 && ww_now_ns() < until_ns) ||
	         (ended < 0 && errno == EINTR));
}

/* Waits for the worker to say something. */
static ww_status
wait_for_words(const struct inquiry *inquiry, struct ww_error *error)
{
	struct pollfd poll_fd = { .fd = inquiry->fd, .events = POLLIN };
	int64_t until_ns = ww_now_ns() + LIST_TIMEOUT_MS * INT64_C(1000000);

	while (poll(&poll_fd, 1, TICK_MS) <= 0) {
		if (ww_cancel_requested(inquiry->cancel))
			return ww_error_set(error, WW_E_CANCELLED,
			                    "stopped while the devices were "
			                    "being listed");
		if (ww_now_ns() >= until_ns)
			return ww_error_set(error, WW_E_TIMEOUT,
			                    "the device worker does not "
			                    "answer; its driver may hang");
	}
	return WW_OK;
}

/* The next frame, if it has this type; a `failed` frame is its error. */
static ww_status
expect(const struct inquiry *inquiry, const char *type,
       struct json_object **frame, struct ww_error *error)
{
	const char *got;
	ww_status status = wait_for_words(inquiry, error);

	if (status != WW_OK)
		return status;
	status = ww_frame_read(inquiry->fd, frame, error);
	if (status == WW_STOPPED)
		return ww_error_set(error, WW_E_CRASH,
		                    "the device worker ended while listing "
		                    "devices; run with --verbose for its words");
	if (status != WW_OK)
		return status;
	got = ww_json_string(*frame, "type", "");
	if (strcmp(got, type) == 0)
		return WW_OK;
	if (strcmp(got, "failed") == 0)
		status = ww_error_set(
			error, (ww_status)ww_json_int(*frame, "status",
		                                      WW_E_INTERNAL),
			"%s", ww_json_string(*frame, "text", "unknown"));
	else
		status = ww_error_set(error, WW_E_FORMAT,
		                      "the device worker answered '%s' "
		                      "instead of '%s'", got, type);
	json_object_put(*frame);
	return status;
}

static ww_status
ask(const struct inquiry *inquiry, struct json_object *open_frame,
    struct ww_device_list *list, struct ww_error *error)
{
	struct json_object *frame;
	struct json_object *request = json_object_new_object();
	ww_status status = ww_frame_write(inquiry->fd, open_frame, error);

	ww_json_put_string(request, "type", "list");
	if (status == WW_OK)
		status = expect(inquiry, "ready", &frame, error);
	if (status == WW_OK) {
		json_object_put(frame);
		status = ww_frame_write(inquiry->fd, request, error);
	}
	json_object_put(request);
	if (status == WW_OK)
		status = expect(inquiry, "devices", &frame, error);
	if (status != WW_OK)
		return status;
	list->json = json_object_get(ww_json_get(frame, "devices"));
	json_object_put(frame);
	return WW_OK;
}

/* What a socket says of a worker that has gone depends on who was faster, and is
 * no fault of a disk. A launcher answers for what it starts. */
static ww_status
explain(const struct ww_settings *settings, ww_status status,
        struct ww_error *error)
{
	static const char key[] = "parallel.device_launcher";

	if (status == WW_E_IO)
		status = ww_error_set(error, WW_E_CRASH,
		                      "the device worker ended while listing "
		                      "devices; run with --verbose for its "
		                      "words");
	if ((status == WW_E_CRASH || status == WW_E_FORMAT) &&
	    ww_setting_is_set(settings, key))
		ww_error_prefix(error, "behind %s: ", key);
	return status;
}

static void
read_list(struct ww_device_list *list)
{
	size_t i, n = 0;

	if (json_object_is_type(list->json, json_type_array))
		n = json_object_array_length(list->json);
	list->devices = ww_alloc((n + 1) * sizeof *list->devices);
	for (i = 0; i < n; i++) {
		struct json_object *row =
			json_object_array_get_idx(list->json, i);

		list->devices[i].id = ww_copy(ww_json_string(row, "id", ""));
		list->devices[i].name = ww_copy(ww_json_string(row, "name",
		                                               ""));
	}
	list->n = n;
}

ww_status
ww_devices_find(const struct ww_settings *settings,
                const struct ww_registry *registry,
                const struct ww_plugin *backend, const struct ww_task *task,
                const struct ww_cancel *cancel, struct ww_device_list *list,
                struct ww_error *error)
{
	struct inquiry inquiry = { .cancel = cancel };
	struct json_object *open_frame;
	ww_status status = ww_launch_open_frame(settings, registry, backend,
	                                        "device", task, &open_frame,
	                                        error);

	memset(list, 0, sizeof *list);
	if (status != WW_OK)
		return status;
	status = make_folder(&inquiry, error);
	if (status != WW_OK) {
		json_object_put(open_frame);
		return status;
	}
	status = start(&inquiry, settings, error);
	if (status == WW_OK) {
		status = ask(&inquiry, open_frame, list, error);
		end(&inquiry);
		if (status != WW_OK)
			status = explain(settings, status, error);
		/* Without its driver there is no such device here. */
		if (status == WW_E_UNAVAILABLE) {
			status = WW_E_NO_DEVICE;
			if (error != NULL)
				error->status = status;
		}
	}
	remove_folder(&inquiry);
	json_object_put(open_frame);
	if (status == WW_OK)
		read_list(list);
	return status;
}

static void
free_device(struct ww_device *device)
{
	free(device->id);
	free(device->name);
}

void
ww_devices_clear(struct ww_device_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free_device(&list->devices[i]);
	free(list->devices);
	json_object_put(list->json);
	memset(list, 0, sizeof *list);
}

/* Whether the user's word for a device means this one. */
static bool
means(const char *word, const struct ww_device *device, size_t number)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%zu", number);
	return strcmp(word, "all") == 0 || strcmp(word, device->id) == 0 ||
	       strcmp(word, device->name) == 0 || strcmp(word, digits) == 0 ||
	       (strcmp(word, "first") == 0 && number == 0);
}

static ww_status
check_words(const char *const *words, const struct ww_plugin *backend,
            const struct ww_device_list *list, struct ww_error *error)
{
	size_t i, k;

	for (i = 0; words[i] != NULL; i++) {
		for (k = 0; k < list->n; k++)
			if (means(words[i], &list->devices[k], k))
				break;
		if (k == list->n)
			return ww_error_set(error, WW_E_NO_DEVICE,
			                    "backend %s: no device '%s'; "
			                    "'warpwright devices' lists what "
			                    "is there",
			                    backend->name, words[i]);
	}
	return WW_OK;
}

static void
drop(struct ww_device_list *list, size_t at)
{
	free_device(&list->devices[at]);
	list->n--;
	memmove(&list->devices[at], &list->devices[at + 1],
	        (list->n - at) * sizeof *list->devices);
}

/* One artifact runs on all devices of a session, and their times are compared:
 * they must be of one kind. Devices that were named mean what was said; of all
 * those that are there, the ones like the first are taken. */
static ww_status
keep_one_kind(struct ww_device_list *list, bool named,
              const struct ww_plugin *backend, struct ww_error *error)
{
	size_t i = 1;

	while (i < list->n) {
		if (strcmp(list->devices[i].name, list->devices[0].name) == 0)
			i++;
		else if (!named)
			drop(list, i);
		else
			return ww_error_set(
				error, WW_E_CONFIG,
				"backend %s: %s and %s are devices of "
				"different kinds, whose times cannot be "
				"compared; name devices of one kind",
				backend->name, list->devices[0].id,
				list->devices[i].id);
	}
	return WW_OK;
}

/* Numbers are "facts", words "texts". */
static size_t
add_facts(struct ww_hardware_fact *facts, size_t n, struct json_object *object)
{
	if (!json_object_is_type(object, json_type_object))
		return n;
	json_object_object_foreach(object, name, value) {
		bool text = json_object_is_type(value, json_type_string);

		facts[n++] = (struct ww_hardware_fact){
			.name = name,
			.value = text ? NAN : json_object_get_double(value),
			.text = text ? json_object_get_string(value) : NULL,
		};
	}
	return n;
}

static size_t
count_facts(struct json_object *object)
{
	return json_object_is_type(object, json_type_object)
	               ? (size_t)json_object_object_length(object)
	               : 0;
}

struct ww_hardware_fact *
ww_device_sheet(struct json_object *device, struct ww_hardware *hardware)
{
	struct json_object *numbers = ww_json_get(device, "facts");
	struct json_object *texts = ww_json_get(device, "texts");
	struct ww_hardware_fact *facts =
		ww_alloc((count_facts(numbers) + count_facts(texts) + 1) *
	                 sizeof *facts);
	size_t n = add_facts(facts, add_facts(facts, 0, numbers), texts);

	*hardware = (struct ww_hardware){
		.id = ww_json_string(device, "id", ""),
		.name = ww_json_string(device, "name", ""),
		.facts = facts,
		.n_facts = n,
	};
	return facts;
}

bool
ww_device_shares_cpu(const struct ww_plugin *backend,
                     struct json_object *device)
{
	const struct ww_backend_ops *ops = backend->ops;
	bool usually = (ops->flags & WW_BACKEND_SHARES_CPU) != 0;

	return ww_json_number(ww_json_get(device, "facts"), "shares_cpu",
	                      usually) != 0;
}

ww_status
ww_devices_choose(const struct ww_settings *settings,
                  const struct ww_plugin *backend, struct ww_device_list *list,
                  struct ww_error *error)
{
	const char *const *words = ww_setting_list(settings,
	                                           "parallel.devices", NULL);
	size_t i, k, kept = 0;
	ww_status status;

	if (list->n == 0)
		return ww_error_set(error, WW_E_NO_DEVICE,
		                    "backend %s finds no device on this "
		                    "machine; 'warpwright doctor' says what is "
		                    "missing",
		                    backend->name);
	if (words == NULL || words[0] == NULL) {
		/* Two devices that share the processor would disturb each
		 * other. */
		if (ww_device_shares_cpu(backend, json_object_array_get_idx(
		                                          list->json, 0)))
			while (list->n > 1)
				free_device(&list->devices[--list->n]);
		return keep_one_kind(list, false, backend, error);
	}
	status = check_words(words, backend, list, error);
	if (status != WW_OK)
		return status;
	for (i = 0; i < list->n; i++) {
		for (k = 0; words[k] != NULL; k++)
			if (means(words[k], &list->devices[i], i))
				break;
		if (words[k] != NULL)
			list->devices[kept++] = list->devices[i];
		else
			free_device(&list->devices[i]);
	}
	list->n = kept;
	return keep_one_kind(list, strcmp(words[0], "all") != 0, backend,
	                     error);
}
