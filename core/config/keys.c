/* SPDX-License-Identifier: MIT */
#include "core/config/keys.h"

#include <string.h>

#define LARGEST 1e15
#define TRUSTED WW_OPTION_TRUSTED_ONLY

#define TEXT(key, value, flag, words)                            \
	{ .name = key, .default_value = value, .help = words,    \
	  .type = WW_OPTION_STRING, .flags = flag }
#define PATH(key, flag, words)                                   \
	{ .name = key, .help = words, .type = WW_OPTION_PATH, .flags = flag }
#define LIST(key, value, flag, words)                            \
	{ .name = key, .default_value = value, .help = words,    \
	  .type = WW_OPTION_LIST, .flags = flag }
#define BOOL(key, value, flag, words)                            \
	{ .name = key, .default_value = value, .help = words,    \
	  .type = WW_OPTION_BOOL, .flags = flag }
#define ENUM(key, value, list, words)                            \
	{ .name = key, .default_value = value, .help = words,    \
	  .choices = list, .type = WW_OPTION_ENUM }
#define INT(key, value, low, high, words)                        \
	{ .name = key, .default_value = value, .help = words,    \
	  .minimum = low, .maximum = high, .type = WW_OPTION_INT }
#define NUMBER(key, value, low, high, words)                     \
	{ .name = key, .default_value = value, .help = words,    \
	  .minimum = low, .maximum = high, .type = WW_OPTION_FLOAT }

/* What a project-local file may not set, beside plugin folders and commands:
 * where a key is sent (api_base, proxy, ca_file, allow_plain_http), and where
 * compiled code is taken from (cache_dir). */
const struct ww_option ww_keys[] = {
	LIST("llm.provider", "auto", 0,
	     "Providers to ask, in this order, or auto: the first that is there."),
	TEXT("llm.model", NULL, 0,
	     "Model to ask; unset: the provider's own default."),
	NUMBER("llm.temperature", NULL, 0, 2,
	       "Sampling temperature; unset: not sent, as most models want it."),
	TEXT("llm.api_base", NULL, TRUSTED,
	     "Address of the model service, instead of the provider's default."),
	TEXT("llm.effort", NULL, 0,
	     "Reasoning effort, in the words of the model service."),
	BOOL("llm.cache", "false", 0,
	     "Answer a repeated request from the store instead of sending it."),

	TEXT("search.strategy", "llm", 0,
	     "Strategy that proposes configurations."),
	TEXT("search.backend", NULL, 0,
	     "Backend; unset: as the task says, else the best for its language."),
	ENUM("search.objective", NULL, "time,energy,edp",
	     "What is minimised: the time of a launch, its energy, or their "
	     "product; unset: as the task says."),
	INT("search.initial_batch_size", "25", 1, 100000,
	    "Configurations wanted in the first round."),
	INT("search.refinement_batch_size", "15", 1, 100000,
	    "Configurations wanted in every later round."),
	INT("search.max_rounds", "5", 1, 1000000, "Most rounds of a search."),
	INT("search.patience", "2", 0, 1000000,
	    "Rounds without improvement that end the search; 0: never."),
	NUMBER("search.min_improvement", "0.01", 0, 1,
	       "Smallest relative gain over two rounds that keeps it going."),
	NUMBER("search.target", NULL, 0, LARGEST,
	       "Value of the objective (milliseconds, or millijoules) that is "
	       "good enough to stop."),
	NUMBER("search.floor_margin", "0.03", 0, 1,
	       "How close to the shortest time that the device's bandwidth and "
	       "peak rate allow, relative to it, is good enough to stop; 0: go "
	       "on."),
	INT("search.max_evaluations", NULL, 1, LARGEST,
	    "Most finished trials, failures and the default included; unset: "
	    "what the rounds add up to."),
	NUMBER("search.max_seconds", NULL, 0, LARGEST,
	       "Longest time of a search in seconds; unset: no limit."),
	NUMBER("search.max_cost", NULL, 0, LARGEST,
	       "Most US dollars to spend on the model; unset: no limit."),
	INT("search.max_tokens", NULL, 1, LARGEST,
	    "Most tokens to exchange with the model; unset: no limit. What a "
	    "provider does not count is estimated as characters / 4."),
	INT("search.max_model_calls", NULL, 0, LARGEST,
	    "Most requests to the model; unset: no limit."),
	INT("search.seed", "1", 0, 9007199254740992.0,
	    "Seed of all randomness of a search."),
	BOOL("search.warm_start", "true", 0,
	     "Try first what did best in earlier sessions of the same kernel, "
	     "also on other devices and at other sizes; false: start anew, as "
	     "needed to get the same trials again."),

	BOOL("parallel.use_parallel_benchmark", "true", 0,
	     "Compile while measuring; false: one thing after the other."),
	ENUM("parallel.precompile_mode", "spawn", "spawn,fork,none",
	     "How compilations run: in a pool of workers, each in a child forked "
	     "for it, or in the device worker."),
	INT("parallel.compile_workers", "0", 0, 4096,
	    "Compilations at once; 0: as many as processors that the program "
	    "may use."),
	NUMBER("parallel.compile_timeout", "60", 0.001, 1000000,
	       "Seconds a compilation may take."),
	NUMBER("parallel.run_timeout", "30", 0.001, 1000000,
	       "Seconds a configuration may take to run."),
	LIST("parallel.devices", NULL, 0,
	     "Devices to measure on, by id, or all; unset: all GPUs, or the "
	     "first device of another kind."),
	LIST("parallel.compile_launcher", NULL, TRUSTED,
	     "Command that starts a compile worker elsewhere, for example "
	     "[\"ssh\", \"node7\"]."),
	LIST("parallel.device_launcher", NULL, TRUSTED,
	     "Command that starts a device worker elsewhere, for example "
	     "[\"srun\", \"--gpus=1\"]."),
	BOOL("parallel.measure_beside_model", "false", 0,
	     "Measure also while a model on this machine is answering, which "
	     "disturbs the times."),
	BOOL("parallel.artifact_cache", "true", 0,
	     "Keep compiled artifacts for later sessions."),
	PATH("parallel.cache_dir", TRUSTED,
	     "Folder of the artifact cache; unset: in the user's cache folder."),

	BOOL("prompt.include_kernel_source", "false", 0,
	     "Show the kernel's source to the model."),
	BOOL("prompt.include_triton_hints", "true", 0,
	     "Give hints about Triton where the kernel is written in it."),
	BOOL("prompt.hardware_context", "true", 0,
	     "Describe the device to the model."),
	BOOL("prompt.reasoning", "true", 0,
	     "Ask the model for its reasons with every configuration."),
	PATH("prompt.templates", 0,
	     "Folder with own prompt templates, looked into first."),

	TEXT("fallback.fallback_on_llm_failure", NULL, 0,
	     "Strategy that takes over when no model answers, or error: stop; "
	     "unset: the best that is there of auto, pattern and random."),

	NUMBER("measure.precision", "0.01", 0.00001, 1,
	       "Half width of the median's 95 % interval that is good enough, "
	       "relative to the median."),
	INT("measure.min_samples", "5", 1, 100000, "Fewest samples of a trial."),
	INT("measure.max_samples", "100", 1, 100000, "Most samples of a trial."),
	NUMBER("measure.max_seconds", "1.0", 0.001, 1000000,
	       "Longest sampling of one trial in seconds."),
	NUMBER("measure.abandon_factor", "1.3", 0, LARGEST,
	       "Sampling ends early when a trial is surely this much slower than "
	       "the best; 0: never."),
	BOOL("measure.cold", "true", 0, "Empty the caches before every sample."),
	BOOL("measure.verify", "true", 0,
	     "Compare the results of every configuration with the reference."),
	INT("measure.finalists", "5", 0, 1000,
	    "How many of the best are timed again, against each other."),
	NUMBER("measure.finalist_seconds", "5", 0, 1000000,
	       "Longest time for the finalists together in seconds."),

	NUMBER("http.connect_timeout", "10", 0.001, 1000000,
	       "Seconds to wait for a connection to a model service."),
	NUMBER("http.idle_timeout", "120", 0.001, 1000000,
	       "Seconds without a byte that end a streamed answer."),
	NUMBER("http.local_idle_timeout", "600", 0.001, 1000000,
	       "The same for a service on this machine, which may load a model "
	       "first."),
	NUMBER("http.total_timeout", "600", 0.001, 1000000,
	       "Seconds that a request without streaming may take."),
	INT("http.attempts", "5", 1, 100,
	    "Times that a request is tried when the failure may pass."),
	NUMBER("http.retry_after_limit", "300", 0, 1000000,
	       "Longest wait in seconds that a service may ask for."),
	TEXT("http.proxy", NULL, TRUSTED,
	     "Proxy for model services; unset: as the environment says."),
	PATH("http.ca_file", TRUSTED,
	     "Certificates to trust instead of the system's."),
	BOOL("http.allow_plain_http", "false", TRUSTED,
	     "Allow http:// to other machines, which shows keys to the network."),

	LIST("plugin.path", NULL, TRUSTED,
	     "Folders with plugins, searched before the installed one."),
	PATH("store.path", 0,
	     "File that sessions are kept in; unset: in the user's data folder."),
};

const size_t ww_n_keys = sizeof ww_keys / sizeof ww_keys[0];

size_t
ww_key_find(const char *key)
{
	size_t i;

	for (i = 0; i < ww_n_keys; i++)
		if (strcmp(ww_keys[i].name, key) == 0)
			break;
	return i;
}
