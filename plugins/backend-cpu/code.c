/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <string.h>

#include "plugins/backend-cpu/cpu.h"

uint64_t
cpu_code_bytes(const void *object, uint64_t length)
{
	const char *bytes = object;
	Elf64_Ehdr head;
	uint64_t code = 0;
	unsigned i;

	if (length < sizeof head)
		return 0;
	memcpy(&head, bytes, sizeof head);
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shoff > length)
		return 0;
	for (i = 0; i < head.e_shnum; i++) {
		Elf64_Shdr section;
		uint64_t at = head.e_shoff + (uint64_t)i * head.e_shentsize;

		if (at > length || length - at < sizeof section)
			break;
		memcpy(&section, bytes + at, sizeof section);
		if (section.sh_type == SHT_PROGBITS &&
		    (section.sh_flags & SHF_EXECINSTR) != 0)
			code += section.sh_size;
	}
	return code;
}
