/* SPDX-License-Identifier: MIT */
#include "comgr.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct comgr the_library;
static int tried;
static int opened;

/* Newest first. */
static const char *const names[] = { "libamd_comgr.so.3", "libamd_comgr.so.2" };

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define COMGR_ROW(name, arguments) { #name, offsetof(struct comgr, name) },
	COMGR_FUNCTIONS(COMGR_ROW)
#undef COMGR_ROW
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Another release than the compiler's may not know the target, and would be one
 * more LLVM in this process. */
static void *
find_library(void)
{
	const char *rocm = getenv("ROCM_PATH");
	void *handle = NULL;
	char path[1024];
	size_t i;

	for (i = 0; handle == NULL && i < COUNT(names); i++)
		handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	for (i = 0; handle == NULL && i < COUNT(names); i++) {
		snprintf(path, sizeof path, "%.900s/lib/%s",
		         rocm != NULL ? rocm : "/opt/rocm", names[i]);
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	}
	return handle;
}

static int
resolve(void *handle)
{
	size_t i;

	for (i = 0; i < COUNT(functions); i++) {
		void *function = dlsym(handle, functions[i].name);

		if (function == NULL)
			return 0;
		memcpy((char *)&the_library + functions[i].offset, &function,
		       sizeof function);
	}
	return 1;
}

const struct comgr *
comgr_open(const char *library)
{
	pthread_mutex_lock(&lock);
	if (!tried) {
		void *handle = library == NULL
		                       ? find_library()
		               : library[0] != '\0'
		                       ? dlopen(library, RTLD_NOW | RTLD_LOCAL)
		                       : NULL;

		tried = 1;
		opened = handle != NULL && resolve(handle);
	}
	pthread_mutex_unlock(&lock);
	return opened ? &the_library : NULL;
}
