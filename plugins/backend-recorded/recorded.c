/* SPDX-License-Identifier: MIT
 *
 * Answers from a recording: every configuration costs what it cost when it was
 * recorded, fails as it failed, and gives the raw samples of then. Nothing is
 * compiled and no device is touched.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/common/recording_file.h"
#include "warpwright/plugin.h"

/* ------------------------------------------------------------------- files
 *
 * A comparison opens this backend thousands of times on the same few files, so
 * a file is read once a process and kept, unless it changes.
 */
struct kept_file {
	struct kept_file *next;
	struct ww_recording *recording;
	struct stat state;
};

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_file *kept_files;

static int
unchanged(const struct kept_file *kept, const char *path,
          const struct stat *state)
{
	return strcmp(kept->recording->path, path) == 0 &&
	       kept->state.st_ino == state->st_ino &&
	       kept->state.st_size == state->st_size &&
	       kept->state.st_mtim.tv_sec == state->st_mtim.tv_sec &&
	       kept->state.st_mtim.tv_nsec == state->st_mtim.tv_nsec;
}

static ww_status
read_and_keep(struct ww_call *call, const char *path, const struct stat *state,
              const struct ww_recording **recording)
{
	char message[WW_RECORDING_MESSAGE];
	struct kept_file *kept = calloc(1, sizeof *kept);
	ww_status status;

	if (kept == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "recorded: out of memory");
	status = ww_recording_read(path, &kept->recording, message);
	if (status != WW_OK) {
		free(kept);
		return ww_fail(call, status, "recorded: %s", message);
	}
	kept->state = *state;
	kept->next = kept_files;
	kept_files = kept;
	*recording = kept->recording;
	return WW_OK;
}

static ww_status
find_recording(struct ww_call *call, const char *path,
               const struct ww_recording **recording)
{
	const struct kept_file *kept;
	struct stat state = { 0 };
	ww_status status = WW_OK;

	if (stat(path, &state) != 0)
		return ww_fail(call, WW_E_NOT_FOUND,
		               "recorded: there is no file %s", path);
	pthread_mutex_lock(&kept_lock);
	for (kept = kept_files; kept != NULL; kept = kept->next)
		if (unchanged(kept, path, &state))
			break;
	if (kept != NULL)
		*recording = kept->recording;
	else
		status = read_and_keep(call, path, &state, recording);
	pthread_mutex_unlock(&kept_lock);
	return status;
}

/* ---------------------------------------------------------------- instance */

struct replay {
	const struct ww_recording *recording;
	int by_position;     /* slots and values stand in the file's order */
	/* How the space that is asked about spells the recording's rows. */
	const struct ww_space *space;
	uint32_t *slot_of;   /* of each recorded parameter; UINT32_MAX: it has
	                      * one value and the space leaves it out */
	uint32_t **index_of; /* of each recorded parameter: value index of the
	                      * slot to that of the recording; UINT32_MAX: never
	                      * recorded */
	uint32_t *row;
};

static void
forget_space(struct replay *replay)
{
	uint32_t i;

	for (i = 0; i < replay->recording->n_parameters; i++) {
		free(replay->index_of[i]);
		replay->index_of[i] = NULL;
	}
	replay->space = NULL;
}

static void
replay_close(void *self)
{
	struct replay *replay = self;

	if (replay->index_of != NULL)
		forget_space(replay);
	free(replay->index_of);
	free(replay->slot_of);
	free(replay->row);
	free(replay);
}

static ww_status
replay_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const char *path = host->options->string(host->options, "file");
	struct replay *replay;
	uint32_t n;
	ww_status status;

	if (path == NULL)
		return ww_fail(call, WW_E_OPTION,
		               "recorded: no recording is given; name one as "
		               "the task or in backend.recorded.file");
	replay = calloc(1, sizeof *replay);
	if (replay == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "recorded: out of memory");
	status = find_recording(call, path, &replay->recording);
	if (status != WW_OK) {
		free(replay);
		return status;
	}
	replay->by_position = host->options->boolean(host->options,
	                                             "by_position");
	n = replay->recording->n_parameters + 1;
	replay->slot_of = calloc(n, sizeof *replay->slot_of);
	replay->index_of = calloc(n, sizeof *replay->index_of);
	replay->row = calloc(n, sizeof *replay->row);
	if (replay->slot_of == NULL || replay->index_of == NULL ||
	    replay->row == NULL) {
		replay_close(replay);
		return ww_fail(call, WW_E_NO_MEMORY, "recorded: out of memory");
	}
	*self = replay;
	return WW_OK;
}

/* ----------------------------------------------------------------- mapping */

/* "tile.M" may stand as "tile_M" in a recording, because other programs take
 * names for identifiers. */
static int
same_name(const char *slot, const char *recorded)
{
	for (; *slot != '\0' && *recorded != '\0'; slot++, recorded++)
		if (*slot != *recorded && !(*slot == '.' && *recorded == '_'))
			return 0;
	return *slot == *recorded;
}

static uint32_t
find_slot(const struct ww_space *space, const char *recorded)
{
	uint32_t i;

	for (i = 0; i < space->n_slots; i++)
		if (same_name(space->slots[i].name, recorded))
			return i;
	return UINT32_MAX;
}

static uint32_t
find_value(const struct ww_recorded_parameter *parameter,
           const struct ww_value *value)
{
	uint32_t i;

	for (i = 0; i < parameter->n_values; i++)
		if (ww_recorded_value_equal(&parameter->values[i], value))
			return i;
	return UINT32_MAX;
}

static ww_status
map_parameter(struct ww_call *call, struct replay *replay,
              const struct ww_space *space, uint32_t i)
{
	const struct ww_recorded_parameter *parameter =
		&replay->recording->parameters[i];
	uint32_t slot = replay->by_position
	                        ? i
	                        : find_slot(space, parameter->name);
	uint32_t k;

	replay->slot_of[i] = slot;
	if (slot == UINT32_MAX && parameter->n_values > 1)
		return ww_fail(call, WW_E_NOT_FOUND,
		               "recorded: %s varies '%s', which the task's "
		               "space does not have",
		               replay->recording->path, parameter->name);
	if (slot == UINT32_MAX)
		return WW_OK;
	replay->index_of[i] = malloc(space->slots[slot].n_values *
	                             sizeof **replay->index_of);
	if (replay->index_of[i] == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "recorded: out of memory");
	for (k = 0; k < space->slots[slot].n_values; k++)
		replay->index_of[i][k] =
			replay->by_position
				? k
				: find_value(parameter,
		                             &space->slots[slot].values[k]);
	return WW_OK;
}

static ww_status
check_slots(struct ww_call *call, const struct replay *replay,
            const struct ww_space *space)
{
	uint32_t i, k;

	for (i = 0; i < space->n_slots; i++) {
		for (k = 0; k < replay->recording->n_parameters; k++)
			if (replay->slot_of[k] == i)
				break;
		if (k == replay->recording->n_parameters &&
		    space->slots[i].n_values > 1)
			return ww_fail(call, WW_E_NOT_FOUND,
			               "recorded: the task varies '%s', which "
			               "%s does not record",
			               space->slots[i].name,
			               replay->recording->path);
	}
	return WW_OK;
}

static ww_status
map_space(struct ww_call *call, struct replay *replay,
          const struct ww_space *space)
{
	ww_status status = WW_OK;
	uint32_t i;

	if (replay->by_position &&
	    space->n_slots != replay->recording->n_parameters)
		return ww_fail(call, WW_E_OPTION,
		               "recorded: by_position is only for the space of "
		               "the recording itself");
	forget_space(replay);
	for (i = 0; i < replay->recording->n_parameters && status == WW_OK; i++)
		status = map_parameter(call, replay, space, i);
	if (status == WW_OK)
		status = check_slots(call, replay, space);
	if (status == WW_OK)
		replay->space = space;
	return status;
}

/* ------------------------------------------------------------------ lookup */

struct name_sink {
	struct ww_text_sink sink; /* first */
	char text[512];
	size_t length;
};

static ww_status
keep_name(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct name_sink *sink = (struct name_sink *)self;
	size_t room = sizeof sink->text - 1 - sink->length;
	size_t n = length < room ? (size_t)length : room;

	memcpy(sink->text + sink->length, bytes, n);
	sink->length += n;
	sink->text[sink->length] = '\0';
	return WW_OK;
}

static ww_status
not_recorded(struct ww_call *call, const struct replay *replay,
             const struct ww_space *space, const uint32_t *indices)
{
	struct name_sink sink = {
		.sink = { .size = sizeof sink.sink, .write = keep_name },
	};

	space->to_json(space, indices, &sink.sink);
	return ww_fail(call, WW_E_NOT_FOUND,
	               "recorded: the configuration %s is not in %s",
	               sink.text, replay->recording->path);
}

static ww_status
replay_lookup(struct ww_call *call, void *self, const struct ww_space *space,
              const uint32_t *indices, struct ww_recorded *recorded)
{
	struct replay *replay = self;
	const struct ww_recording *recording = replay->recording;
	const struct ww_recorded_entry *entry;
	uint64_t found = 0;
	uint32_t i;
	ww_status status;

	if (replay->space != space) {
		status = map_space(call, replay, space);
		if (status != WW_OK)
			return status;
	}
	for (i = 0; i < recording->n_parameters; i++) {
		replay->row[i] = replay->slot_of[i] == UINT32_MAX
		                         ? 0
		                         : replay->index_of[i]
		                                   [indices[replay->slot_of[i]]];
		if (replay->row[i] == UINT32_MAX)
			return not_recorded(call, replay, space, indices);
	}
	found = ww_recording_find(recording, replay->row);
	if (found == WW_RECORDING_ABSENT)
		return not_recorded(call, replay, space, indices);
	entry = &recording->entries[found];
	recorded->outcome = entry->outcome;
	recorded->objective = entry->objective;
	recorded->samples_ms = recording->samples_ms + entry->first_sample;
	recorded->n_samples = entry->n_samples;
	recorded->compile_ns = entry->compile_ns;
	recorded->measure_ns = entry->measure_ns;
	recorded->text = entry->text;
	return WW_OK;
}

static const struct ww_option options[] = {
	{ .name = "file",
	  .help = "the recording to answer from (Kernel Tuner's cache or T4, "
	          "gzip or not); default: the task itself",
	  .type = WW_OPTION_PATH },
	{ .name = "by_position",
	  .default_value = "false",
	  .help = "find parameters and values by their place in the file "
	          "instead of by name, because the task hides names",
	  .type = WW_OPTION_BOOL },
};

static const struct ww_replay_ops replay_ops = {
	.size = sizeof replay_ops,
	.lookup = replay_lookup,
};

static const struct ww_backend_ops ops = {
	.size = sizeof ops,
	.languages = "",
	.open = replay_open,
	.close = replay_close,
	.replay = &replay_ops,
	.rank = -1,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "recorded",
	.version = "0.1.0",
	.summary = "answers from a recorded tuning space",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
