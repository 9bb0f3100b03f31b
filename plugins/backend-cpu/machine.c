/* SPDX-License-Identifier: MIT */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plugins/backend-cpu/cpu.h"

/* Copies the value of the first "key : value" line of /proc/cpuinfo. */
static int
cpuinfo(const char *key, char *value, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	size_t length = strlen(key);
	char line[8192];
	int found = 0;

	value[0] = '\0';
	while (file != NULL && !found &&
	       fgets(line, sizeof line, file) != NULL) {
		const char *colon = strchr(line, ':');

		if (strncmp(line, key, length) != 0 || colon == NULL ||
		    (line[length] != '\t' && line[length] != ' '))
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(colon, "\n"),
		         colon);
		found = 1;
	}
	if (file != NULL)
		fclose(file);
	return found;
}

/* The first number of a small file, or 0. */
static double
number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	char unit = '\0';
	double number = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lf%c", &number, &unit) < 1)
		number = 0;
	fclose(file);
	if (unit == 'K')
		number *= 1024;
	if (unit == 'M')
		number *= 1048576;
	return number;
}

/* Bytes of the data or unified cache of this level on the first core. */
static double
cache_bytes(int level)
{
	char path[128], kind[32];
	int i;

	for (i = 0; i < 8; i++) {
		FILE *file;

		snprintf(path, sizeof path,
		         "/sys/devices/system/cpu/cpu0/cache/index%d/level", i);
		if ((int)number_in(path) != level)
			continue;
		snprintf(path, sizeof path,
		         "/sys/devices/system/cpu/cpu0/cache/index%d/type", i);
		file = fopen(path, "re");
		kind[0] = '\0';
		if (file != NULL) {
			if (fscanf(file, "%31s", kind) != 1)
				kind[0] = '\0';
			fclose(file);
		}
		if (strcmp(kind, "Instruction") == 0)
			continue;
		snprintf(path, sizeof path,
		         "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
		return number_in(path);
	}
	return 0;
}

static int
has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[length] == ' ' || at[length] == '\0'))
			return 1;
		at += length;
	}
	return 0;
}

/* Vector extensions that a kernel's author thinks in, widest first. */
static const struct {
	const char *flag;
	double bytes;
} vectors[] = {
	{ "avx512f", 64 }, { "sve", 16 },   { "avx2", 32 },
	{ "avx", 32 },     { "asimd", 16 }, { "sse2", 16 },
};

static void
read_vectors(struct machine *machine)
{
	static const char *const shown[] = { "avx512f", "avx2", "fma", "sve",
		                             "asimd" };
	char flags[8192];
	size_t i;

	if (!cpuinfo("flags", flags, sizeof flags))
		cpuinfo("Features", flags, sizeof flags);
	for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		if (has_word(flags, vectors[i].flag)) {
			machine->vector_bytes = vectors[i].bytes;
			break;
		}
	for (i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (has_word(flags, shown[i])) {
			size_t used = strlen(machine->features);

			snprintf(machine->features + used,
			         sizeof machine->features - used, "%s%s",
			         used > 0 ? " " : "", shown[i]);
		}
}

/* Cores that share no execution units, among those the process may use. */
static double
count_cores(const cpu_set_t *mask)
{
	double cores = 0;
	int i;

	for (i = 0; i < CPU_SETSIZE; i++) {
		char path[128];
		FILE *file;
		int first = i;

		if (!CPU_ISSET(i, mask))
			continue;
		snprintf(path, sizeof path,
		         "/sys/devices/system/cpu/cpu%d/topology/"
		         "thread_siblings_list",
		         i);
		file = fopen(path, "re");
		if (file != NULL) {
			if (fscanf(file, "%d", &first) != 1)
				first = i;
			fclose(file);
		}
		/* Counted at the first sibling that may be used. */
		if (first == i || !CPU_ISSET(first, mask))
			cores++;
	}
	return cores;
}

void
cpu_machine(struct machine *machine)
{
	char mhz[64];
	struct utsname system;
	cpu_set_t mask;

	memset(machine, 0, sizeof *machine);
	if (!cpuinfo("model name", machine->model, sizeof machine->model))
		snprintf(machine->model, sizeof machine->model, "processor");
	if (uname(&system) == 0)
		snprintf(machine->architecture, sizeof machine->architecture,
		         "%.31s", system.machine);
	if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
		machine->threads = CPU_COUNT(&mask);
		machine->cores = count_cores(&mask);
	}
	machine->clock_mhz = number_in("/sys/devices/system/cpu/cpu0/cpufreq/"
	                               "cpuinfo_max_freq") / 1000;
	/* The momentary clock, rounded: the same text in every run. */
	if (machine->clock_mhz == 0 && cpuinfo("cpu MHz", mhz, sizeof mhz))
		machine->clock_mhz =
			(double)(long)(strtod(mhz, NULL) / 100 + 0.5) * 100;
	machine->memory_bytes = (double)sysconf(_SC_PHYS_PAGES) *
	                        (double)sysconf(_SC_PAGESIZE);
	machine->l1_bytes = cache_bytes(1);
	machine->l2_bytes = cache_bytes(2);
	machine->l3_bytes = cache_bytes(3);
	read_vectors(machine);
}

uint64_t
cpu_instruction_sets(void)
{
	char text[8192 + 256];
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	const char *c;

	cpuinfo("model name", text, 256);
	cpuinfo("flags", text + strlen(text), 8192);
	for (c = text; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return hash;
}
