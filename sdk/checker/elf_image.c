/* SPDX-License-Identifier: MIT */
#include "sdk/checker/elf_image.h"

#include <elf.h>
#include <string.h>

static const void *
at(const struct elf_image *image, size_t offset, size_t bytes)
{
	if (offset > image->length || bytes > image->length - offset)
		return NULL;
	return image->bytes + offset;
}

const ElfW(Phdr) *
elf_image_segment(const struct elf_image *image, ElfW(Word) type)
{
	size_t i;

	for (i = 0; i < image->header->e_phnum; i++)
		if (image->segments[i].p_type == type)
			return &image->segments[i];
	return NULL;
}

size_t
elf_image_entry(const struct elf_image *image, ElfW(Sxword) tag,
                size_t fallback)
{
	size_t i;

	for (i = 0; i < image->n_dynamic; i++)
		if (image->dynamic[i].d_tag == tag)
			return image->dynamic[i].d_un.d_val;
	return fallback;
}

const char *
elf_image_name(const struct elf_image *image, size_t offset)
{
	if (offset >= image->names_length ||
	    memchr(image->names + offset, '\0',
	           image->names_length - offset) == NULL)
		return "";
	return image->names + offset;
}

static void
find_symbols(struct elf_image *image)
{
	const ElfW(Shdr) *sections =
		at(image, image->header->e_shoff,
	           image->header->e_shnum * sizeof *sections);
	size_t i;

	for (i = 0; sections != NULL && i < image->header->e_shnum; i++) {
		const ElfW(Shdr) *names;

		if (sections[i].sh_type != SHT_DYNSYM ||
		    sections[i].sh_link >= image->header->e_shnum)
			continue;
		names = &sections[sections[i].sh_link];
		image->symbols = at(image, sections[i].sh_offset,
		                    sections[i].sh_size);
		image->names = at(image, names->sh_offset, names->sh_size);
		if (image->symbols == NULL || image->names == NULL)
			image->symbols = NULL;
		else
			image->names_length = names->sh_size;
		image->n_symbols = sections[i].sh_size /
		                   sizeof(ElfW(Sym));
	}
}

const char *
elf_image_open(struct elf_image *image, const void *bytes, size_t length)
{
	const ElfW(Phdr) *dynamic;

	memset(image, 0, sizeof *image);
	image->bytes = bytes;
	image->length = length;
	image->header = at(image, 0, sizeof *image->header);
	if (image->header == NULL ||
	    memcmp(image->header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    image->header->e_phentsize != sizeof *image->segments)
		return "it is no ELF file of this machine";
	image->segments = at(image, image->header->e_phoff,
	                     image->header->e_phnum * sizeof *image->segments);
	if (image->segments == NULL)
		return "its program headers lie outside the file";
	dynamic = elf_image_segment(image, PT_DYNAMIC);
	if (dynamic == NULL)
		return "it is no shared object: it has no dynamic section";
	image->dynamic = at(image, dynamic->p_offset, dynamic->p_filesz);
	if (image->dynamic == NULL)
		return "its dynamic section lies outside the file";
	image->n_dynamic = dynamic->p_filesz / sizeof *image->dynamic;
	find_symbols(image);
	if (image->symbols == NULL)
		return "it has no section headers; do not strip them";
	return NULL;
}
