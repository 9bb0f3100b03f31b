/* SPDX-License-Identifier: MIT
 *
 * Group file: what can be said of a plugin file before anything in it runs.
 */
#include <dlfcn.h>
#include <elf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "sdk/checker/check.h"
#include "sdk/checker/elf_image.h"

#define FILE_LIMIT ((size_t)256 << 20)
#define MOST_NEEDED 64

static void
open_image(struct check *check, struct elf_image *image)
{
	struct ww_error error = { 0 };
	const char *fault;
	size_t length;
	char *bytes; /* freed with the process */

	if (ww_file_read(check->request->path, FILE_LIMIT, &bytes, &length,
	                 &error) != WW_OK)
		check_fail(check, "%s", error.text);
	fault = elf_image_open(image, bytes, length);
	check_that(check, fault == NULL, "%s", fault != NULL ? fault : "");
}

static void
name(struct check *check)
{
	struct ww_error error = { 0 };

	if (ww_plugin_file_name(&check->file, check->request->path, &error) !=
	    WW_OK)
		check_fail(check, "%s", error.text);
}

static void
permissions(struct check *check)
{
	struct stat info;

	check_that(check, stat(check->request->path, &info) == 0,
	           "it cannot be looked at");
	check_that(check, S_ISREG(info.st_mode), "it is no regular file");
	check_that(check, (info.st_mode & S_IWOTH) == 0,
	           "everybody may write to it (mode %03o); a host refuses it",
	           (unsigned)info.st_mode & 0777);
	check_that(check, (info.st_mode & (S_ISUID | S_ISGID)) == 0,
	           "it has a set-id bit");
	check_that(check, access(check->request->path, R_OK) == 0,
	           "it cannot be read");
}

static void
elf(struct check *check)
{
	struct ww_error error = { 0 };
	struct elf_image image;

	if (ww_plugin_file_check(&check->file, check->request->path, &error) !=
	    WW_OK)
		check_fail(check, "%s", error.text);
	open_image(check, &image);
}

static int
starts_with_any(const char *text, const char *const *prefixes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return 1;
	return 0;
}

/* Old linkers export these of every object; sanitizers add their own. */
static int
is_tool_symbol(const char *symbol)
{
	static const char *const prefixes[] = {
		"_init",  "_fini",  "_edata", "_end",      "__bss_start",
		"__asan", "__odr_", "__tsan", "__sanitizer", "__ubsan",
		"__lsan", "__gcov", "llvm_",
	};

	return starts_with_any(symbol, prefixes,
	                       sizeof prefixes / sizeof prefixes[0]);
}

static int
is_exported(const ElfW(Sym) *symbol)
{
	unsigned binding = ELF64_ST_BIND(symbol->st_info);
	unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);

	return symbol->st_shndx != SHN_UNDEF &&
	       (binding == STB_GLOBAL || binding == STB_WEAK) &&
	       visibility != STV_HIDDEN && visibility != STV_INTERNAL;
}

static void
exports(struct check *check)
{
	struct elf_image image;
	int found = 0;
	size_t i;

	open_image(check, &image);
	for (i = 0; i < image.n_symbols; i++) {
		const char *symbol = elf_image_name(&image,
		                                    image.symbols[i].st_name);

		if (!is_exported(&image.symbols[i]) || is_tool_symbol(symbol))
			continue;
		/* Other majors are other symbols; a file may carry several. */
		if (strncmp(symbol, "ww_plugin_v", 11) != 0)
			check_fail(check,
			           "it exports %s; compile with "
			           "-fvisibility=hidden and export only %s",
			           symbol, WW_PLUGIN_SYMBOL_NAME);
		found += strcmp(symbol, WW_PLUGIN_SYMBOL_NAME) == 0;
	}
	check_that(check, found == 1, "it does not export %s itself",
	           WW_PLUGIN_SYMBOL_NAME);
}

static int
is_resolved(void *const *libraries, size_t n, const char *symbol)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (dlsym(libraries[i], symbol) != NULL)
			return 1;
	return 0;
}

/* The libraries that the file names. They are found as the loader finds them,
 * by opening the file first. */
static size_t
open_needed(struct check *check, const struct elf_image *image, void **libraries)
{
	size_t i, n = 0;

	if (dlopen(check->request->path, RTLD_LAZY | RTLD_LOCAL) == NULL)
		check_fail(check, "the loader refuses it: %s", dlerror());
	for (i = 0; i < image->n_dynamic && n < MOST_NEEDED; i++) {
		const char *library;

		if (image->dynamic[i].d_tag != DT_NEEDED)
			continue;
		library = elf_image_name(image, image->dynamic[i].d_un.d_val);
		libraries[n] = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
		n += libraries[n] != NULL;
	}
	return n;
}

/* A symbol that only this program's own libraries have would be missing in
 * another version of the program. */
static void
undefined(struct check *check)
{
	void *libraries[MOST_NEEDED];
	struct elf_image image;
	size_t i, n;

	open_image(check, &image);
	n = open_needed(check, &image, libraries);
	for (i = 1; i < image.n_symbols; i++) {
		const ElfW(Sym) *symbol = &image.symbols[i];
		const char *text = elf_image_name(&image, symbol->st_name);

		if (symbol->st_shndx != SHN_UNDEF || text[0] == '\0' ||
		    ELF64_ST_BIND(symbol->st_info) == STB_WEAK ||
		    is_tool_symbol(text) || is_resolved(libraries, n, text))
			continue;
		check_fail(check,
		           "%s is undefined and in none of the libraries that "
		           "the file names; link with what has it",
		           text);
	}
}

static void
stack(struct check *check)
{
	const ElfW(Phdr) *segment;
	struct elf_image image;

	open_image(check, &image);
	segment = elf_image_segment(&image, PT_GNU_STACK);
	check_that(check, segment != NULL && (segment->p_flags & PF_X) == 0,
	           "it asks for an executable stack");
}

static void
relocations(struct check *check)
{
	struct elf_image image;

	open_image(check, &image);
	check_that(check,
	           elf_image_entry(&image, DT_TEXTREL, SIZE_MAX) == SIZE_MAX &&
	                   (elf_image_entry(&image, DT_FLAGS, 0) &
	                    DF_TEXTREL) == 0,
	           "its code is changed while it is loaded; compile with "
	           "-fPIC");
}

static void
constructors(struct check *check)
{
	struct elf_image image;
	size_t bytes;

	open_image(check, &image);
	bytes = elf_image_entry(&image, DT_INIT_ARRAYSZ, 0);
	/* One is every compiler's own. */
	check_that(check, bytes <= sizeof(void *),
	           "%zu functions run when it is loaded; nothing of a plugin "
	           "may run before open()",
	           bytes / sizeof(void *) - 1);
}

static void
drivers(struct check *check)
{
	static const char *const banned[] = {
		"libcuda.",   "libcudart",  "libnvrtc",  "libnvidia",
		"libamdhip",  "libhiprtc",  "libhsa-",   "libOpenCL",
		"libze_loader", "librocm",   "libamd_comgr",
	};
	struct elf_image image;
	size_t i;

	open_image(check, &image);
	for (i = 0; i < image.n_dynamic; i++) {
		const char *library;

		if (image.dynamic[i].d_tag != DT_NEEDED)
			continue;
		library = elf_image_name(&image, image.dynamic[i].d_un.d_val);
		if (starts_with_any(library, banned,
		                    sizeof banned / sizeof banned[0]))
			check_fail(check,
			           "it is linked with %s; open it with dlopen() "
			           "when it is used, so that the plugin loads "
			           "where there is none",
			           library);
	}
}

static const struct check_test tests[] = {
	{ "file.name", "the file is named KIND-NAME.so", 10, name },
	{ "file.permissions", "nobody else may change the file", 10,
	  permissions },
	{ "file.elf", "the host accepts the file", 10, elf },
	{ "file.exports", "ww_plugin_v1 is the only exported symbol", 10,
	  exports },
	{ "file.undefined", "its libraries have every symbol it needs", 10,
	  undefined },
	{ "file.stack", "no executable stack", 10, stack },
	{ "file.relocations", "no relocations in code", 10, relocations },
	{ "file.constructors", "nothing runs when it is loaded", 10,
	  constructors },
	{ "file.drivers", "not linked with a GPU driver", 10, drivers },
};

const struct check_group check_group_file = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
