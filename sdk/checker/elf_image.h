/* SPDX-License-Identifier: MIT
 *
 * Looks at a plugin's ELF file without loading it: its dynamic symbols, what it
 * needs, and its program headers. Every access is inside the file.
 */
#ifndef WW_SDK_ELF_IMAGE_H
#define WW_SDK_ELF_IMAGE_H

#include <link.h>
#include <stddef.h>

struct elf_image {
	const unsigned char *bytes;
	size_t length;
	const ElfW(Ehdr) *header;
	const ElfW(Phdr) *segments;
	const ElfW(Dyn) *dynamic;
	size_t n_dynamic;
	const ElfW(Sym) *symbols; /* null without section headers */
	size_t n_symbols;
	const char *names;        /* of symbols and of the dynamic section */
	size_t names_length;
};

/* Null, or what is wrong with the file. The bytes stay borrowed. */
const char *elf_image_open(struct elf_image *image, const void *bytes,
                           size_t length);
/* The text at an offset of the string table, "" outside it. */
const char *elf_image_name(const struct elf_image *image, size_t offset);
/* Value of the first dynamic entry with this tag, or `fallback`. */
size_t elf_image_entry(const struct elf_image *image, ElfW(Sxword) tag,
                       size_t fallback);
const ElfW(Phdr) *elf_image_segment(const struct elf_image *image,
                                    ElfW(Word) type);

#endif
