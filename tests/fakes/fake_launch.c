/* SPDX-License-Identifier: MIT */
#include "tests/fakes/fake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double fake_clock_ms;
double fake_energy_mj;
static struct CUmod_st *last_module;

static void *
memory_at(CUdeviceptr pointer)
{
	return (void *)(uintptr_t)pointer;
}

/* The backend's own kernel, for floats; one thread does it all. */
static void
compare(void **arguments)
{
	const float *got = memory_at(*(CUdeviceptr *)arguments[0]);
	const float *want = memory_at(*(CUdeviceptr *)arguments[1]);
	uint64_t n = *(uint64_t *)arguments[2];
	double absolute = *(double *)arguments[3];
	double relative = *(double *)arguments[4];
	double *found = memory_at(*(CUdeviceptr *)arguments[5]);
	uint64_t i;

	memset(found, 0, 128 * 256 * 5 * sizeof *found);
	for (i = 0; i < n; i++) {
		double difference = fabs((double)got[i] - (double)want[i]);

		if (difference <= absolute + relative * fabs((double)want[i]))
			continue;
		if (found[0] == 0 || difference > found[2]) {
			found[1] = (double)i;
			found[2] = isnan(difference) ? INFINITY : difference;
			found[3] = (double)got[i];
			found[4] = (double)want[i];
		}
		found[0]++;
	}
}

/* The other one: sums of an input's words, in as many parts as threads. */
static void
sum_words(void **arguments)
{
	const uint32_t *words = memory_at(*(CUdeviceptr *)arguments[0]);
	uint64_t n = *(uint64_t *)arguments[1];
	uint64_t *sums = memory_at(*(CUdeviceptr *)arguments[2]);
	uint64_t i;

	memset(sums, 0, 128 * 256 * sizeof *sums);
	for (i = 0; i < n; i++) {
		uint64_t x = words[i] * (2 * i + UINT64_C(0x9e3779b97f4a7c15));

		x ^= x >> 32;
		sums[i % (128 * 256)] += x * UINT64_C(0xd6e8feb86659fd93);
	}
}

static void
compute(struct CUmod_st *module, void **arguments)
{
	float *out = memory_at(*(CUdeviceptr *)arguments[0]);
	float *in = memory_at(*(CUdeviceptr *)arguments[1]);
	int n = *(int *)arguments[2];
	int i;

	for (i = 0; i < n; i++)
		out[i] = 2.0f * in[i] + 1.0f;
	if (fake_has(module->words, "wrong") ||
	    (fake_has(module->words, "wrong_later") && module->launches > 1))
		out[n / 2] += 1.0f;
	if (fake_has(module->words, "nan"))
		out[n / 3] = NAN;
	if (fake_has(module->words, "beyond"))
		out[n] = 0.0f;
	if (fake_has(module->words, "spoils") ||
	    (fake_has(module->words, "spoils_later") && module->launches > 1))
		in[n / 2] += 1.0f;
}

static const struct {
	const char *word;
	int error;
} faults[] = {
	{ "illegal_address", CUDA_ERROR_ILLEGAL_ADDRESS },
	{ "misaligned", CUDA_ERROR_MISALIGNED_ADDRESS },
	{ "trap", CUDA_ERROR_ILLEGAL_INSTRUCTION },
	{ "launch_failed", CUDA_ERROR_LAUNCH_FAILED },
	{ "assert", CUDA_ERROR_ASSERT },
	{ "launch_timeout", CUDA_ERROR_LAUNCH_TIMEOUT },
};

static void
name_of_device(char name[32], const char *what)
{
	snprintf(name, 32, "%s%d", what, fake_device);
}

/* A launch took so long, on this device. */
static void
pass_time(double ms)
{
	char slow[32];

	name_of_device(slow, "slow");
	ms *= fake_driver_number(slow, 1.0);
	fake_clock_ms += ms;
	fake_energy_mj += ms * fake_number(last_module->words, "watts", 100);
	if (fake_driver_is("real_time")) {
		struct timespec rest = { (time_t)(ms / 1e3),
			                 (long)(ms * 1e6) % 1000000000 };

		nanosleep(&rest, NULL);
	}
}

static void
lost_file(int number, char *path, size_t size)
{
	const char *folder = getenv("FAKE_CUDA_STATE");

	snprintf(path, size, "%s/lost%d", folder != NULL ? folder : ".",
	         number);
}

int
fake_is_lost(int number)
{
	char path[4096];

	lost_file(number, path, sizeof path);
	return access(path, F_OK) == 0;
}

/* Whether the device falls off the bus with this launch. */
static int
is_lost_now(void)
{
	static double launches;
	char lose[32];
	char path[4096];
	FILE *file;

	name_of_device(lose, "lose");
	if (++launches < fake_driver_number(lose, INFINITY))
		return 0;
	lost_file(fake_device, path, sizeof path);
	file = fopen(path, "w");
	if (file != NULL)
		fclose(file);
	return 1;
}

/* Whether the device has launched as often as it ever will. */
static int
is_tired(void)
{
	static double launches;
	char refuse[32];

	name_of_device(refuse, "refuse");
	return ++launches > fake_driver_number(refuse, INFINITY);
}

CUresult
fake_launch(CUfunction function, unsigned int gx, unsigned int gy, unsigned int gz,
       unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
       CUstream stream, void **arguments, void **extra)
{
	struct CUmod_st *module = (struct CUmod_st *)function;
	const char *add = strstr(module->words, " add ");
	size_t i;

	(void)gx;
	(void)gy;
	(void)gz;
	(void)bx;
	(void)by;
	(void)bz;
	(void)stream;
	(void)extra;
	if (fake_sticky == 0 && is_lost_now())
		fake_sticky = CUDA_ERROR_ECC_UNCORRECTABLE;
	if (fake_sticky != 0)
		return fake_sticky;
	if (fake_has(module->words, "compare")) {
		compare(arguments);
		return CUDA_SUCCESS;
	}
	if (strcmp(module->words, "sum") == 0) {
		sum_words(arguments);
		return CUDA_SUCCESS;
	}
	if (is_tired() || fake_has(module->words, "too_many_resources"))
		return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
	if (fake_has(module->words, "bad_launch") ||
	    shared > module->shared_limit)
		return CUDA_ERROR_INVALID_VALUE;
	while (fake_has(module->words, "endless"))
		pause();
	/* A fault shows when the stream is waited for, as on a device. */
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (fake_has(module->words, faults[i].word))
			fake_sticky = faults[i].error;
	module->launches++;
	last_module = module;
	if (fake_sticky == 0)
		compute(module, arguments);
	pass_time(1.0 + (add != NULL ? strtod(add + 5, NULL) : 0.0));
	return CUDA_SUCCESS;
}

/* Clusters: the grid must be whole clusters, as the driver demands. */
CUresult
fake_launch_ex(const CUlaunchConfig *config, CUfunction function,
               void **arguments, void **extra)
{
	const CUlaunchAttribute *cluster = config->attrs;

	if (config->numAttrs != 1 ||
	    cluster->id != CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION ||
	    config->gridDimX % cluster->value.clusterDim.x != 0)
		return CUDA_ERROR_INVALID_VALUE;
	return fake_launch(function, config->gridDimX, config->gridDimY,
	                   config->gridDimZ, config->blockDimX,
	                   config->blockDimY, config->blockDimZ,
	                   config->sharedMemBytes, config->hStream, arguments,
	                   extra);
}

CUresult
fake_event_create(CUevent *event, unsigned int flags)
{
	(void)flags;
	*event = calloc(1, sizeof **event);
	return fake_sticky;
}

CUresult
fake_event_destroy(CUevent event)
{
	free(event);
	return fake_sticky;
}

CUresult
fake_event_record(CUevent event, CUstream stream)
{
	(void)stream;
	event->at_ms = fake_clock_ms;
	return fake_sticky;
}

CUresult
fake_event_wait(CUevent event)
{
	(void)event;
	return fake_sticky;
}

CUresult
fake_elapsed(float *ms, CUevent from, CUevent to)
{
	*ms = (float)(to->at_ms - from->at_ms);
	if (last_module != NULL && fake_has(last_module->words, "no_time"))
		*ms = 0.0f;
	if (last_module != NULL && fake_has(last_module->words, "negative_time"))
		*ms = -1.0f;
	return fake_sticky;
}
