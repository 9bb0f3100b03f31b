/* SPDX-License-Identifier: MIT
 *
 * Finding a kernel in a code object that is made here: the right symbol, a bundle
 * around it, and objects whose headers lie.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/backend-hip/elf.h"
#include "tests/unit/unit.h"

#define TEXT_ADDRESS 0x1700 /* as the linker does, not the offset in the file */
#define N_SECTIONS 5

static const char strings[] = "\0gemm\0gemm.kd\0gemm_more\0other";

enum { NAME_GEMM = 1, NAME_KD = 6, NAME_MORE = 14, NAME_OTHER = 24 };

/* What a linker writes, in this order. */
struct object {
	Elf64_Ehdr header;
	unsigned char descriptor[64];
	unsigned char text[64];
	char strings[sizeof strings];
	char padding[8 - sizeof strings % 8];
	Elf64_Sym symbols[5];
	Elf64_Shdr sections[N_SECTIONS];
};

enum { SECTION_RODATA = 1, SECTION_TEXT, SECTION_STRINGS, SECTION_SYMBOLS };

static void
set_section(struct object *object, int number, uint32_t type, uint64_t offset,
            uint64_t size, uint64_t address)
{
	Elf64_Shdr *section = &object->sections[number];

	section->sh_type = type;
	section->sh_offset = offset;
	section->sh_size = size;
	section->sh_addr = address;
	section->sh_link = SECTION_STRINGS;
}

static void
set_symbol(struct object *object, int number, uint32_t name, int section,
           uint64_t value, uint64_t size)
{
	Elf64_Sym *symbol = &object->symbols[number];

	symbol->st_name = name;
	symbol->st_shndx = (Elf64_Half)section;
	symbol->st_value = value;
	symbol->st_size = size;
}

static void
make(struct object *object)
{
	memset(object, 0, sizeof *object);
	memcpy(object->header.e_ident, ELFMAG, SELFMAG);
	object->header.e_ident[EI_CLASS] = ELFCLASS64;
	object->header.e_ident[EI_DATA] = ELFDATA2LSB;
	object->header.e_machine = EM_AMDGPU;
	object->header.e_shoff = offsetof(struct object, sections);
	object->header.e_shentsize = sizeof(Elf64_Shdr);
	object->header.e_shnum = N_SECTIONS;
	object->descriptor[4] = 0x10; /* bytes of scratch, 0x110 */
	object->descriptor[5] = 0x01;
	memset(object->text, 0xbf, sizeof object->text);
	memcpy(object->strings, strings, sizeof strings);
	set_section(object, SECTION_RODATA, SHT_PROGBITS,
	            offsetof(struct object, descriptor), 64, 0x5c0);
	set_section(object, SECTION_TEXT, SHT_PROGBITS,
	            offsetof(struct object, text), 64, TEXT_ADDRESS);
	set_section(object, SECTION_STRINGS, SHT_STRTAB,
	            offsetof(struct object, strings), sizeof strings, 0);
	set_section(object, SECTION_SYMBOLS, SHT_DYNSYM,
	            offsetof(struct object, symbols), sizeof object->symbols,
	            0);
	set_symbol(object, 1, NAME_MORE, SECTION_TEXT, TEXT_ADDRESS, 4);
	set_symbol(object, 2, NAME_GEMM, SECTION_TEXT, TEXT_ADDRESS + 8, 48);
	set_symbol(object, 3, NAME_KD, SECTION_RODATA, 0x5c0, 64);
	set_symbol(object, 4, NAME_OTHER, SECTION_TEXT, TEXT_ADDRESS + 56, 8);
}

static int
find(const struct object *object, struct hip_kernel *kernel)
{
	return hip_kernel_find(object, sizeof *object, "gemm", kernel);
}

START_TEST(the_kernel_is_found)
{
	struct hip_kernel kernel;
	struct object object;

	make(&object);
	ck_assert_int_eq(find(&object, &kernel), 1);
	ck_assert_ptr_eq(kernel.bytes, object.text + 8);
	ck_assert_uint_eq(kernel.length, 48);
	ck_assert_uint_eq(kernel.scratch_bytes, 0x110);
}
END_TEST

START_TEST(nothing_else_is)
{
	static const char *const names[] = { "gem", "gemm_", "gemm_more",
		                             "other", "", "gemm.kd" };
	struct hip_kernel kernel;
	struct object object;
	size_t i;

	make(&object);
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert_int_eq(hip_kernel_find(&object, sizeof object,
		                                 names[i], &kernel),
		                 0);
	ck_assert_int_eq(hip_kernel_find("code", 4, "gemm", &kernel), 0);
	object.header.e_machine = EM_X86_64;
	ck_assert_int_eq(find(&object, &kernel), 0);
}
END_TEST

START_TEST(a_bundle_is_opened)
{
	struct hip_kernel kernel;
	struct {
		char magic[24];
		struct object host;
		char between[40]; /* its end is no start of anything */
		struct object device;
	} bundle;

	memset(&bundle, 0, sizeof bundle);
	memcpy(bundle.magic, "__CLANG_OFFLOAD_BUNDLE__", 24);
	make(&bundle.host);
	bundle.host.header.e_machine = EM_X86_64;
	make(&bundle.device);
	ck_assert_int_eq(hip_kernel_find(&bundle, sizeof bundle, "gemm",
	                                 &kernel),
	                 1);
	ck_assert_ptr_eq(kernel.bytes, bundle.device.text + 8);
}
END_TEST

/* Each of these would lead outside of the object or of a section. */
START_TEST(lies_are_refused)
{
	struct hip_kernel kernel;
	struct object object;

#define REFUSED(lie)                                          \
	do {                                                  \
		make(&object);                                \
		lie;                                          \
		ck_assert_int_eq(find(&object, &kernel), 0);  \
	} while (0)
	REFUSED(object.header.e_shoff = UINT64_MAX - 64);
	REFUSED(object.header.e_shnum = 60000);
	REFUSED(object.header.e_shentsize = 40);
	REFUSED(object.symbols[2].st_size = 57);
	REFUSED(object.symbols[2].st_size = UINT64_MAX);
	REFUSED(object.symbols[2].st_value = TEXT_ADDRESS - 8);
	REFUSED(object.symbols[2].st_value = UINT64_MAX);
	REFUSED(object.symbols[2].st_size = 0);
	REFUSED(object.symbols[2].st_name = UINT32_MAX);
	REFUSED(object.symbols[2].st_shndx = SHN_ABS);
	REFUSED(object.symbols[3].st_size = 4);
	REFUSED(object.sections[SECTION_SYMBOLS].sh_size = 1 << 20);
	REFUSED(object.sections[SECTION_SYMBOLS].sh_link = N_SECTIONS);
	REFUSED(object.sections[SECTION_STRINGS].sh_offset = UINT64_MAX - 2);
	REFUSED(object.sections[SECTION_STRINGS].sh_size = 8);
	REFUSED(object.sections[SECTION_TEXT].sh_size = UINT64_MAX);
	REFUSED(object.sections[SECTION_TEXT].sh_offset = UINT64_MAX - 4);
	REFUSED(object.sections[SECTION_TEXT].sh_type = SHT_NOBITS);
#undef REFUSED
}
END_TEST

/* Copies of the exact size, for what watches memory. */
START_TEST(any_damage_is_survived)
{
	static const unsigned char values[] = { 0x00, 0x7f, 0xff };
	struct hip_kernel kernel;
	struct object object;
	size_t i, k;

	make(&object);
	for (i = 0; i < sizeof object; i++) {
		unsigned char *copy = malloc(i + 1);

		memcpy(copy, &object, i);
		hip_kernel_find(copy, i, "gemm", &kernel);
		free(copy);
	}
	for (i = 0; i < sizeof object; i++)
		for (k = 0; k < sizeof values; k++) {
			unsigned char *copy = malloc(sizeof object);

			memcpy(copy, &object, sizeof object);
			copy[i] = values[k];
			if (hip_kernel_find(copy, sizeof object, "gemm",
			                    &kernel))
				ck_assert(kernel.bytes >= copy &&
				          kernel.length <= sizeof object &&
				          kernel.bytes + kernel.length <=
				                  copy + sizeof object);
			free(copy);
		}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("elf");
	TCase *kernels = tcase_create("kernels");

	tcase_add_test(kernels, the_kernel_is_found);
	tcase_add_test(kernels, nothing_else_is);
	tcase_add_test(kernels, a_bundle_is_opened);
	tcase_add_test(kernels, lies_are_refused);
	tcase_add_test(kernels, any_damage_is_survived);
	suite_add_tcase(suite, kernels);
	return ww_unit_run(suite);
}
