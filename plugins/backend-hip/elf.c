/* SPDX-License-Identifier: MIT */
#include "elf.h"

#include <elf.h>
#include <string.h>

/* LLVM's AMDGPU user guide, kernel descriptor: symbol NAME.kd. */
#define DESCRIPTOR_SUFFIX ".kd"
#define DESCRIPTOR_SCRATCH 4 /* offset of 32 bits */
#define DESCRIPTOR_BYTES 64

struct image {
	const unsigned char *bytes;
	uint64_t length;
	Elf64_Ehdr header;
};

/* What is at an offset of the image, or null if that is not inside. */
static const void *
at(const struct image *image, uint64_t offset, uint64_t bytes)
{
	if (offset > image->length || bytes > image->length - offset)
		return NULL;
	return image->bytes + offset;
}

static int
is_code_object(const struct image *image)
{
	const Elf64_Ehdr *header = &image->header;

	return header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       header->e_machine == EM_AMDGPU &&
	       header->e_shentsize == sizeof(Elf64_Shdr) &&
	       at(image, header->e_shoff,
	          (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)) != NULL;
}

/* A bundle has an object for the host, or an empty one, before that of the
 * device. */
static int
find_image(struct image *image, const unsigned char *code, uint64_t length)
{
	const unsigned char *end = code + length;
	const unsigned char *start = code;

	while ((start = memmem(start, (size_t)(end - start), ELFMAG,
	                       SELFMAG)) != NULL) {
		image->bytes = start;
		image->length = (uint64_t)(end - start);
		if (image->length < sizeof image->header)
			return 0;
		memcpy(&image->header, start, sizeof image->header);
		if (is_code_object(image))
			return 1;
		start += SELFMAG;
	}
	return 0;
}

static int
read_section(const struct image *image, uint64_t number, Elf64_Shdr *section)
{
	if (number >= image->header.e_shnum)
		return 0;
	memcpy(section,
	       image->bytes + image->header.e_shoff + number * sizeof *section,
	       sizeof *section);
	return 1;
}

static int
is_named(const struct image *image, const Elf64_Shdr *strings, uint64_t offset,
         const char *name, const char *suffix)
{
	size_t n = strlen(name);
	size_t whole = n + strlen(suffix) + 1;
	const char *text;

	if (offset > strings->sh_size || whole > strings->sh_size - offset ||
	    offset + strings->sh_offset < offset)
		return 0;
	text = at(image, strings->sh_offset + offset, whole);
	return text != NULL && memcmp(text, name, n) == 0 &&
	       strcmp(text + n, suffix) == 0;
}

/* What a symbol names, if it is inside of the image and of its section. */
static const unsigned char *
find_content(const struct image *image, const Elf64_Sym *symbol)
{
	Elf64_Shdr section;
	uint64_t offset;

	if (!read_section(image, symbol->st_shndx, &section) ||
	    section.sh_type != SHT_PROGBITS ||
	    symbol->st_value < section.sh_addr)
		return NULL;
	offset = symbol->st_value - section.sh_addr;
	if (offset > section.sh_size ||
	    symbol->st_size > section.sh_size - offset ||
	    at(image, section.sh_offset, section.sh_size) == NULL)
		return NULL;
	return image->bytes + section.sh_offset + offset;
}

static const unsigned char *
find_in_table(const struct image *image, const Elf64_Shdr *table,
              const char *name, const char *suffix, uint64_t *length)
{
	uint64_t n = table->sh_size / sizeof(Elf64_Sym);
	Elf64_Shdr strings;
	uint64_t i;

	if (!read_section(image, table->sh_link, &strings) ||
	    at(image, table->sh_offset, table->sh_size) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		const unsigned char *content;
		Elf64_Sym symbol;

		memcpy(&symbol,
		       image->bytes + table->sh_offset + i * sizeof symbol,
		       sizeof symbol);
		if (!is_named(image, &strings, symbol.st_name, name, suffix))
			continue;
		content = find_content(image, &symbol);
		if (content != NULL) {
			*length = symbol.st_size;
			return content;
		}
	}
	return NULL;
}

static const unsigned char *
find_symbol(const struct image *image, const char *name, const char *suffix,
            uint64_t *length)
{
	const unsigned char *content = NULL;
	Elf64_Shdr section;
	uint64_t i;

	for (i = 0; content == NULL && read_section(image, i, &section); i++)
		if (section.sh_type == SHT_DYNSYM ||
		    section.sh_type == SHT_SYMTAB)
			content = find_in_table(image, &section, name, suffix,
			                        length);
	return content;
}

int
hip_kernel_find(const void *code, uint64_t length, const char *name,
                struct hip_kernel *kernel)
{
	const unsigned char *descriptor;
	struct image image;
	uint64_t bytes = 0;

	if (!find_image(&image, code, length))
		return 0;
	descriptor = find_symbol(&image, name, DESCRIPTOR_SUFFIX, &bytes);
	if (descriptor == NULL || bytes < DESCRIPTOR_BYTES)
		return 0;
	memcpy(&kernel->scratch_bytes, descriptor + DESCRIPTOR_SCRATCH,
	       sizeof kernel->scratch_bytes);
	kernel->bytes = find_symbol(&image, name, "", &kernel->length);
	return kernel->bytes != NULL && kernel->length > 0;
}
