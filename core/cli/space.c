/* SPDX-License-Identifier: MIT
 *
 * `warpwright space`: what a task's space holds, without compiling anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/task/task.h"

#define MOST_SAMPLES 100000000u

struct request {
	const char *sample;
	const char *seed;
	const char *check;
	int count;
};

/* Random numbers of a seed; the same on every machine. */
struct stream {
	struct ww_random random; /* first member */
	uint64_t state;
};

static uint64_t
next_random(const struct ww_random *self)
{
	union {
		const struct ww_random *given;
		struct stream *owned;
	} both = { self };
	uint64_t z = both.owned->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* ------------------------------------------------------------------- count */

static int
print_count(const struct ww_cli *cli, const struct ww_search_space *space)
{
	uint64_t faulty = ww_space_faulty(space);
	int32_t exact;
	double valid = space->view.count(&space->view, &exact);
	struct json_object *line;

	if (!cli->json) {
		printf("Cartesian  %.15g\nvalid      %s%.15g\n",
		       space->cartesian, exact ? "" : "at least ", valid);
		if (faulty > 0)
			printf("faulty     %" PRIu64
			       " (a constraint divides by zero, overflows or "
			       "mixes text and numbers)\n",
			       faulty);
		return WW_EXIT_OK;
	}
	line = json_object_new_object();
	if (space->cartesian < 9e15)
		ww_json_put_int(line, "cartesian", (int64_t)space->cartesian);
	else
		ww_json_put_number(line, "cartesian", space->cartesian);
	if (valid < 9e15)
		ww_json_put_int(line, "valid", (int64_t)valid);
	else
		ww_json_put_number(line, "valid", valid);
	ww_json_put_bool(line, "exact", exact);
	if (faulty > 0)
		ww_json_put_int(line, "faulty",
		                faulty < INT64_MAX ? (int64_t)faulty
		                                   : INT64_MAX);
	ww_cli_json_line(line);
	return WW_EXIT_OK;
}

/* ------------------------------------------------------------------ sample */

static int
print_samples(struct ww_cli *cli, const struct ww_search_space *space,
              const struct request *request)
{
	struct stream stream = { .random = { .size = sizeof stream.random,
		                             .next = next_random } };
	uint32_t *indices;
	uint64_t n = 0, i;
	int code = ww_cli_count("--sample", request->sample, 1, MOST_SAMPLES,
	                        &n);

	stream.state = 1;
	if (code == 0)
		code = ww_cli_count("--seed", request->seed, 0, INT64_MAX,
		                    &stream.state);
	if (code != 0)
		return code;
	indices = ww_alloc(space->view.n_slots * sizeof *indices);
	for (i = 0; i < n && !ww_cancel_requested(&cli->cancel); i++) {
		struct json_object *config, *line;

		if (space->view.sample(&space->view, &stream.random, indices) !=
		    WW_OK) {
			fputs("warpwright: no valid configuration was found\n",
			      stderr);
			code = WW_EXIT_NOTHING;
			break;
		}
		config = ww_space_config(space, indices);
		if (!cli->json) {
			printf("%s\n", ww_json_text(config));
			json_object_put(config);
			continue;
		}
		line = json_object_new_object();
		json_object_object_add(line, "config", config);
		ww_cli_json_line(line);
	}
	free(indices);
	return code;
}

/* ------------------------------------------------------------------- check */

static int
print_verdict(const struct ww_cli *cli, bool valid, const char *why)
{
	struct json_object *line;

	if (cli->json) {
		line = json_object_new_object();
		ww_json_put_bool(line, "valid", valid);
		ww_json_put_string(line, "reason", valid ? NULL : why);
		ww_cli_json_line(line);
	} else {
		printf("%s%s\n", valid ? "valid" : "not valid: ",
		       valid ? "" : why);
	}
	return valid ? WW_EXIT_OK : WW_EXIT_INPUT;
}

static int
check_config(const struct ww_cli *cli, const struct ww_search_space *space,
             const char *text)
{
	struct ww_error error = { 0 };
	struct json_object *config;
	uint32_t *indices;
	ww_status status = ww_json_parse(text, strlen(text), "--check", 0,
	                                 &config, &error);
	int code;

	if (status != WW_OK)
		return ww_cli_fail(&error);
	indices = ww_alloc(space->view.n_slots * sizeof *indices);
	status = ww_space_parse(space, config, indices, &error);
	code = print_verdict(cli, status == WW_OK, error.text);
	free(indices);
	json_object_put(config);
	return code;
}

/* ----------------------------------------------------------------- summary */

static void
print_parameter(const struct ww_search_space *space,
                const struct ww_parameter *parameter)
{
	const struct ww_slot *slot = &space->view.slots[parameter->first_slot];
	uint32_t i;

	printf("  %-24s %s", parameter->name, parameter->type);
	if (parameter->dimensions != NULL) {
		printf(" [");
		for (i = 0; i < parameter->n_slots; i++)
			printf("%s%s", i > 0 ? ", " : "",
			       parameter->dimensions[i]);
		printf("]");
	}
	printf(": ");
	for (i = 0; i < slot->n_values; i++) {
		if (i == 10 && slot->n_values > 12) {
			printf(", … %s (%u values)",
			       slot->values[slot->n_values - 1].string,
			       slot->n_values);
			break;
		}
		printf("%s%s", i > 0 ? ", " : "", slot->values[i].string);
	}
	printf("; default ");
	for (i = 0; i < parameter->n_slots; i++)
		printf("%s%s", i > 0 ? " × " : "",
		       slot[i].values[slot[i].default_index].string);
	if (parameter->condition != NULL)
		printf("; when %s", parameter->condition);
	printf("\n");
}

static struct json_object *
parameter_json(const struct ww_search_space *space,
               const struct ww_parameter *parameter)
{
	const struct ww_slot *slot = &space->view.slots[parameter->first_slot];
	struct json_object *object = json_object_new_object();
	struct json_object *names = json_object_new_array();
	uint32_t i;

	ww_json_put_string(object, "name", parameter->name);
	ww_json_put_string(object, "type", parameter->type);
	ww_json_put_int(object, "values", slot->n_values);
	for (i = 0; parameter->dimensions != NULL && i < parameter->n_slots;
	     i++)
		json_object_array_add(names, json_object_new_string(
						     parameter->dimensions[i]));
	json_object_object_add(object, "dimensions", names);
	ww_json_put_string(object, "when", parameter->condition);
	return object;
}

static int
print_summary_json(const struct ww_task *task)
{
	const struct ww_search_space *space = task->space;
	struct json_object *line = json_object_new_object();
	struct json_object *parameters = json_object_new_array();
	struct json_object *constraints = json_object_new_array();
	int32_t exact;
	uint32_t i;

	ww_json_put_string(line, "task", task->name);
	for (i = 0; i < space->n_parameters; i++)
		json_object_array_add(parameters,
		                      parameter_json(space,
		                                     &space->parameters[i]));
	json_object_object_add(line, "parameters", parameters);
	for (i = 0; i < space->n_constraints; i++)
		json_object_array_add(
			constraints, json_object_new_string(
					     space->constraints[i].expression));
	json_object_object_add(line, "constraints", constraints);
	ww_json_put_number(line, "cartesian", space->cartesian);
	ww_json_put_number(line, "valid",
	                   space->view.count(&space->view, &exact));
	ww_json_put_bool(line, "exact", exact);
	ww_cli_json_line(line);
	return WW_EXIT_OK;
}

static int
print_summary(const struct ww_cli *cli, const struct ww_task *task)
{
	const struct ww_search_space *space = task->space;
	uint32_t i;

	if (cli->json)
		return print_summary_json(task);
	printf("%s%s%s\n\nParameters\n", task->name,
	       task->description[0] != '\0' ? ": " : "", task->description);
	for (i = 0; i < space->n_parameters; i++)
		print_parameter(space, &space->parameters[i]);
	printf("\nConstraints\n");
	for (i = 0; i < space->n_constraints; i++) {
		const struct ww_constraint *constraint =
			&space->constraints[i];

		printf("  %s", constraint->expression);
		if (constraint->reason[0] != '\0')
			printf("  (%s)", constraint->reason);
		printf("\n");
	}
	if (space->n_constraints == 0)
		printf("  none\n");
	printf("\n");
	return print_count(cli, space);
}

static int
run_space(struct ww_cli *cli)
{
	struct request request = { 0 };
	const struct ww_flag flags[] = {
		{ "--count", NULL, NULL, &request.count },
		{ "--sample", NULL, &request.sample, NULL },
		{ "--seed", NULL, &request.seed, NULL },
		{ "--check", NULL, &request.check, NULL },
	};
	struct ww_error error = { 0 };
	struct ww_task *task;
	int n = 0;
	int code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("space takes one task");
	if ((request.count > 0) + (request.sample != NULL) +
	            (request.check != NULL) >
	    1)
		return ww_cli_usage("--count, --sample and --check exclude each "
		                    "other");
	if (request.seed != NULL && request.sample == NULL)
		return ww_cli_usage("--seed belongs to --sample");
	if (ww_task_load(cli->argv[1], &task, &error) != WW_OK)
		return ww_cli_fail(&error);
	if (request.count > 0)
		code = print_count(cli, task->space);
	else if (request.sample != NULL)
		code = print_samples(cli, task->space, &request);
	else if (request.check != NULL)
		code = check_config(cli, task->space, request.check);
	else
		code = print_summary(cli, task);
	ww_task_free(task);
	return code;
}

const struct ww_command ww_command_space = {
	.name = "space",
	.arguments = "TASK [--count | --sample N [--seed S] | --check JSON]",
	.summary = "count, sample and check the configurations of a task",
	.help = "Shows the search space of a task; nothing is compiled.\n\n"
	        "  --count       how many configurations there are: of the\n"
	        "                Cartesian product, and valid ones\n"
	        "  --sample N    N valid configurations, drawn uniformly\n"
	        "  --seed S      of the draw; 1 if not given\n"
	        "  --check JSON  whether this configuration is valid, or which\n"
	        "                constraint it breaks; exit code 0 or 3\n\n"
	        "Without any of them: parameters, constraints and counts.\n",
	.run = run_space,
	.bare = 1,
};
