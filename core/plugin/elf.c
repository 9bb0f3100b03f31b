/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "core/plugin/file.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

#define LARGEST_TABLE 64

static ww_status
check_header(const ElfW(Ehdr) *header, struct ww_error *error)
{
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return ww_error_set(error, WW_E_ABI,
		                    "starts with bytes %02x %02x %02x %02x, an "
		                    "ELF file with 7f 45 4c 46",
		                    header->e_ident[0], header->e_ident[1],
		                    header->e_ident[2], header->e_ident[3]);
	if (header->e_ident[EI_CLASS] != OWN_CLASS)
		return ww_error_set(error, WW_E_ABI,
		                    "ELF class is %u, this warpwright has %u",
		                    header->e_ident[EI_CLASS],
		                    (unsigned)OWN_CLASS);
	if (header->e_ident[EI_DATA] != OWN_ORDER)
		return ww_error_set(error, WW_E_ABI,
		                    "ELF byte order is %u, this warpwright has "
		                    "%u",
		                    header->e_ident[EI_DATA],
		                    (unsigned)OWN_ORDER);
#ifdef OWN_MACHINE
	if (header->e_machine != OWN_MACHINE)
		return ww_error_set(error, WW_E_ABI,
		                    "built for ELF machine %u, this warpwright "
		                    "runs on %u",
		                    header->e_machine, (unsigned)OWN_MACHINE);
#endif
	if (header->e_type != ET_DYN)
		return ww_error_set(error, WW_E_ABI,
		                    "ELF type is %u, a shared object has %u",
		                    header->e_type, (unsigned)ET_DYN);
	return WW_OK;
}

static ww_status
truncated(struct ww_error *error, uint64_t length, uint64_t needed)
{
	return ww_error_set(error, WW_E_ABI,
	                    "truncated: %llu bytes long, its headers speak of "
	                    "%llu",
	                    (unsigned long long)length,
	                    (unsigned long long)needed);
}

/* Every compiler adds one start function of its own to a shared object; more
 * than one means that the author's code would run at load time. */
static int
has_constructors(int fd, const ElfW(Phdr) *dynamic)
{
	uint64_t n = dynamic->p_filesz / sizeof(ElfW(Dyn));
	uint64_t i;

	for (i = 0; i < n; i++) {
		ElfW(Dyn) entry;

		if (pread(fd, &entry, sizeof entry,
		          (off_t)(dynamic->p_offset + i * sizeof entry)) !=
		            (ssize_t)sizeof entry ||
		    entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_INIT_ARRAYSZ &&
		    entry.d_un.d_val > sizeof(void *))
			return 1;
	}
	return 0;
}

ww_status
ww_elf_check(int fd, uint64_t length, int *constructors, struct ww_error *error)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) segments[LARGEST_TABLE];
	size_t bytes;
	ww_status status;
	size_t i;

	if (length == 0)
		return ww_error_set(error, WW_E_ABI,
		                    "empty: 0 bytes long, an ELF header has "
		                    "%zu",
		                    sizeof header);
	memset(&header, 0, sizeof header);
	if (pread(fd, &header, sizeof header, 0) < 0)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot be read: %s", strerror(errno));
	if (length >= SELFMAG &&
	    memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	    length < sizeof header)
		return truncated(error, length, sizeof header);
	status = check_header(&header, error);
	if (status != WW_OK)
		return status;
	bytes = (size_t)header.e_phnum * sizeof segments[0];
	if (header.e_phentsize != sizeof segments[0] ||
	    header.e_phnum > LARGEST_TABLE)
		return ww_error_set(error, WW_E_ABI,
		                    "has %u program headers of %u bytes, "
		                    "expected at most %u of %zu",
		                    header.e_phnum, header.e_phentsize,
		                    (unsigned)LARGEST_TABLE,
		                    sizeof segments[0]);
	if (header.e_phoff > length || bytes > length - header.e_phoff)
		return truncated(error, length, header.e_phoff + bytes);
	if (pread(fd, segments, bytes, (off_t)header.e_phoff) !=
	    (ssize_t)bytes)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot be read to its end");
	for (i = 0; i < header.e_phnum; i++) {
		uint64_t end = segments[i].p_offset + segments[i].p_filesz;

		if (segments[i].p_type != PT_LOAD &&
		    segments[i].p_type != PT_DYNAMIC)
			continue;
		if (end > length || end < segments[i].p_offset)
			return truncated(error, length, end);
		if (segments[i].p_type == PT_DYNAMIC)
			*constructors = has_constructors(fd, &segments[i]);
	}
	return WW_OK;
}
