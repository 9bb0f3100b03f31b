/* SPDX-License-Identifier: MIT */
#include "core/measure/includes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"

/* More files than this, or larger ones, are no kernel's headers. */
#define MOST_FILES 512
#define LARGEST_FILE ((size_t)16 << 20)

struct walk {
	const struct ww_kernel *kernel;
	struct ww_hash *hash;
	char *seen[MOST_FILES]; /* absolute paths */
	size_t n_seen;
};

static bool
seen_before(struct walk *walk, const char *path)
{
	size_t i;

	for (i = 0; i < walk->n_seen; i++)
		if (strcmp(walk->seen[i], path) == 0)
			return true;
	return false;
}

static void scan(struct walk *walk, const char *text, const char *folder);

/* Takes the file in if `name` exists in `folder`. */
static bool
follow(struct walk *walk, const char *folder, const char *name)
{
	char *joined = ww_path_join(folder, name);
	char *path = ww_path_absolute(joined);
	char *text = NULL, *nested;
	size_t length;
	bool found = true;

	free(joined);
	if (seen_before(walk, path) || walk->n_seen == MOST_FILES) {
		free(path);
		return true;
	}
	if (ww_file_read(path, LARGEST_FILE, &text, &length, NULL) == WW_OK) {
		walk->seen[walk->n_seen++] = path;
		ww_hash_text(walk->hash, name);
		ww_hash_bytes(walk->hash, text, length);
		nested = ww_path_folder(path);
		scan(walk, text, nested);
		free(nested);
		free(text);
	} else {
		found = false;
		free(path);
	}
	return found;
}

/* Folder of an option "-Ifolder"; the option after a bare "-I". */
static const char *
option_folder(const struct ww_kernel *kernel, uint32_t i)
{
	static const char *const spellings[] = { "-I", "-iquote", "-isystem" };
	size_t k;

	for (k = 0; k < sizeof spellings / sizeof spellings[0]; k++) {
		size_t length = strlen(spellings[k]);
		const char *option = kernel->options[i];

		if (strncmp(option, spellings[k], length) != 0)
			continue;
		if (option[length] != '\0')
			return option + length;
		return i + 1 < kernel->n_options ? kernel->options[i + 1]
		                                 : NULL;
	}
	return NULL;
}

/* `folder` null: only the folders of the options. */
static void
resolve(struct walk *walk, const char *folder, const char *name)
{
	uint32_t i;

	if (folder != NULL && (follow(walk, folder, name) ||
	                       follow(walk, walk->kernel->directory, name)))
		return;
	for (i = 0; i < walk->kernel->n_options; i++) {
		const char *option = option_folder(walk->kernel, i);
		char *searched;
		bool found;

		if (option == NULL)
			continue;
		searched = ww_path_join(walk->kernel->directory, option);
		found = follow(walk, searched, name);
		free(searched);
		if (found)
			return;
	}
}

/* The name in `#include "name"` or `#include <name>`, or null; to be freed.
 * Conditions around the line are not evaluated: a file too many in the key does
 * no harm. */
static char *
included_name(const char *line, bool *quoted)
{
	const char *end;
	char close;

	line += strspn(line, " \t");
	if (*line++ != '#')
		return NULL;
	line += strspn(line, " \t");
	if (strncmp(line, "include", 7) != 0)
		return NULL;
	line += 7 + strspn(line + 7, " \t");
	*quoted = *line == '"';
	if (*line != '"' && *line != '<')
		return NULL;
	close = *line++ == '<' ? '>' : '"';
	end = line + strcspn(line, "\">\n");
	return *end == close && end > line ? ww_copy_n(line, (size_t)(end - line))
	                                 : NULL;
}

static void
scan(struct walk *walk, const char *text, const char *folder)
{
	const char *line = text;

	while (line != NULL && *line != '\0') {
		bool quoted;
		char *name = included_name(line, &quoted);

		if (name != NULL)
			resolve(walk, quoted ? folder : NULL, name);
		free(name);
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
}

void
ww_includes_hash(const struct ww_kernel *kernel, struct ww_hash *hash)
{
	struct walk *walk = ww_alloc(sizeof *walk);
	size_t i;

	walk->kernel = kernel;
	walk->hash = hash;
	scan(walk, kernel->source, kernel->directory);
	for (i = 0; i < walk->n_seen; i++)
		free(walk->seen[i]);
	free(walk);
}
