/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugins/backend-cpu/cpu.h"

/* The artifact as a file in memory; nothing is left behind on a disk when the
 * process is killed. */
static int
memory_file(const struct ww_load *load)
{
	const char *bytes = load->artifact;
	uint64_t done = 0;
	int fd = memfd_create("kernel", MFD_CLOEXEC);

	while (fd >= 0 && done < load->artifact_length) {
		ssize_t n = write(fd, bytes + done,
		                  (size_t)(load->artifact_length - done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (uint64_t)n;
	}
	return fd;
}

/* A spelling of the descriptor's path that was not used before: the dynamic
 * loader takes a known name for the library that it has under it, and
 * descriptors' numbers come back. Each bit of the counter is "/" or "/." */
static void
fresh_path(char *path, size_t size, int fd, unsigned counter)
{
	size_t used = (size_t)snprintf(path, size, "/proc/self/fd");
	unsigned bit;

	for (bit = 0; bit < 32 && used + 16 < size; bit++)
		used += (size_t)snprintf(path + used, size - used, "%s",
		                         (counter >> bit & 1) != 0 ? "/."
		                                                   : "/");
	snprintf(path + used, size - used, "/%d", fd);
}

/* Thread pools of run-time libraries outlive the kernel that started them, so
 * these libraries must stay. */
static void
keep_threading(void)
{
	static const char *const names[] = { "libgomp.so.1", "libomp.so.5",
		                             "libomp.so", "libiomp5.so" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_NOLOAD |
		                                         RTLD_NODELETE);

		if (library != NULL)
			dlclose(library);
	}
}

static void *
symbol(void *library, const char *name)
{
	return dlsym(library, name);
}

static ww_status
open_object(struct ww_call *call, struct loaded *loaded, int fd)
{
	void (*constants)(void *const *addresses);
	char path[160];
	void *entry, *copy;

	fresh_path(path, sizeof path, fd, loaded->bench->device->loads++);
	loaded->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (loaded->library == NULL)
		return ww_fail(call, WW_E_LAUNCH,
		               "the compiled kernel cannot be loaded: %s",
		               dlerror());
	keep_threading();
	entry = symbol(loaded->library, WW_CPU_ENTRY);
	copy = symbol(loaded->library, WW_CPU_CONSTANTS);
	if (entry == NULL || copy == NULL)
		return ww_fail(call, WW_E_INVALID,
		               "the artifact is none of backend cpu: it has no "
		               "function " WW_CPU_ENTRY);
	/* POSIX lets a function's address be held in a void *. */
	memcpy(&loaded->entry, &entry, sizeof entry);
	memcpy(&constants, &copy, sizeof copy);
	constants(loaded->bench->addresses);
	return WW_OK;
}

ww_status
cpu_load(struct ww_call *call, void *bench, const struct ww_load *load,
         struct ww_build_sink *facts, void **handle)
{
	struct loaded *loaded = calloc(1, sizeof *loaded);
	ww_status status;
	int fd;

	(void)facts;
	if (loaded == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	loaded->bench = bench;
	fd = memory_file(load);
	if (fd < 0)
		status = ww_fail(call, WW_E_RESOURCES,
		                 "no memory file for the kernel: %s",
		                 strerror(errno));
	else
		status = open_object(call, loaded, fd);
	if (fd >= 0)
		close(fd);
	if (status == WW_OK)
		*handle = loaded;
	else
		cpu_unload(loaded);
	return status;
}

void
cpu_unload(void *handle)
{
	struct loaded *loaded = handle;

	if (loaded->library != NULL)
		dlclose(loaded->library);
	free(loaded);
}
