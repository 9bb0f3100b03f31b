/* SPDX-License-Identifier: MIT */
#include "core/plugin/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/plugin/descriptor.h"

#define TRIAL_SECONDS 5
#define TRIAL_SURVIVED 113

static void
run_trial(const char *path)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	/* Nothing that was inherited may hold the alarm back. */
	sigfillset(&all);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	setrlimit(RLIMIT_CORE, &none);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	alarm(TRIAL_SECONDS);
	(void)dlopen(path, RTLD_NOW | RTLD_LOCAL);
	_exit(TRIAL_SURVIVED);
}

/* Functions marked as constructors run inside dlopen(), before anything can be
 * checked. A file that has some is opened in a child process first, so that one
 * that crashes, hangs or exits there costs its own plugin only. */
static ww_status
try_constructors(const char *path, struct ww_error *error)
{
	pid_t child = fork();
	int result = 0;

	if (child == 0)
		run_trial(path);
	if (child < 0)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot try its constructors in a child "
		                    "process: %s",
		                    strerror(errno));
	while (waitpid(child, &result, 0) < 0)
		if (errno != EINTR)
			return ww_error_set(error, WW_E_UNAVAILABLE,
			                    "cannot wait for the child that "
			                    "tries its constructors: %s",
			                    strerror(errno));
	if (WIFEXITED(result) && WEXITSTATUS(result) == TRIAL_SURVIVED)
		return WW_OK;
	if (WIFSIGNALED(result) && WTERMSIG(result) == SIGALRM)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "its constructors ran for more than %d "
		                    "seconds in a trial process",
		                    TRIAL_SECONDS);
	if (WIFSIGNALED(result))
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "its constructors ended a trial process "
		                    "with signal %d, expected it to live on",
		                    WTERMSIG(result));
	return ww_error_set(error, WW_E_UNAVAILABLE,
	                    "its constructors ended a trial process with exit "
	                    "code %d, expected it to live on",
	                    WEXITSTATUS(result));
}

/* dlsym() also looks into the libraries that the file depends on. */
static ww_status
check_source(void *handle, const void *symbol, size_t *room,
             struct ww_error *error)
{
	struct link_map *own = NULL;
	struct link_map *found = NULL;
	const ElfW(Sym) *entry = NULL;
	void *extra = NULL;
	Dl_info info;

	if (dlinfo(handle, RTLD_DI_LINKMAP, &own) != 0 ||
	    dladdr1(symbol, &info, &extra, RTLD_DL_LINKMAP) == 0)
		return ww_error_set(error, WW_E_ABI,
		                    "cannot tell where its symbol %s comes "
		                    "from",
		                    WW_PLUGIN_SYMBOL_NAME);
	found = extra;
	if (found != own)
		return ww_error_set(error, WW_E_ABI,
		                    "symbol %s comes from %s, expected it in "
		                    "this file",
		                    WW_PLUGIN_SYMBOL_NAME, info.dli_fname);
	if (dladdr1(symbol, &info, &extra, RTLD_DL_SYMENT) == 0 ||
	    extra == NULL || info.dli_saddr != symbol)
		return ww_error_set(error, WW_E_ABI,
		                    "cannot tell how long its symbol %s is",
		                    WW_PLUGIN_SYMBOL_NAME);
	entry = extra;
	*room = (size_t)entry->st_size;
	return WW_OK;
}

/* The file that was mapped must be the one that was checked. */
static ww_status
check_identity(void *handle, const struct ww_plugin_file *file,
               struct ww_error *error)
{
	struct link_map *map = NULL;
	struct stat info;

	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 ||
	    stat(map->l_name, &info) != 0 || info.st_dev != file->device ||
	    info.st_ino != file->inode)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "was replaced while it was being checked");
	return WW_OK;
}

/* The loader's message starts with the path, which our caller names too. */
static const char *
loader_message(const char *path)
{
	const char *text = dlerror();
	size_t length = strlen(path);

	if (text == NULL)
		return "no reason given";
	if (strncmp(text, path, length) == 0 && text[length] == ':')
		text += length + 1 + (text[length + 1] == ' ');
	return text;
}

ww_status
ww_plugin_load(const struct ww_plugin_file *file,
               const struct ww_plugin **plugin, struct ww_error *error)
{
	const void *symbol;
	size_t room = 0;
	ww_status status = WW_OK;
	void *handle;

	*plugin = NULL;
	if (file->constructors)
		status = try_constructors(file->path, error);
	if (status != WW_OK)
		return status;
	handle = dlopen(file->path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot be loaded: %s",
		                    loader_message(file->path));
	status = check_identity(handle, file, error);
	if (status != WW_OK)
		return status;
	symbol = dlsym(handle, WW_PLUGIN_SYMBOL_NAME);
	if (symbol == NULL)
		return ww_error_set(error, WW_E_ABI,
		                    "exports no symbol %s, expected one",
		                    WW_PLUGIN_SYMBOL_NAME);
	status = check_source(handle, symbol, &room, error);
	if (status == WW_OK)
		status = ww_descriptor_check(symbol, room, file->kind,
		                             file->name, error);
	if (status == WW_OK)
		*plugin = symbol;
	return status;
}
