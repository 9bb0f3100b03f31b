/* SPDX-License-Identifier: MIT
 *
 * The kernel that compares outputs, in words that every vendor's dialect
 * defines (gpu.h), and its element types.
 */
#ifndef WW_PLUGINS_GPU_COMPARE_SOURCE_H
#define WW_PLUGINS_GPU_COMPARE_SOURCE_H

#include <stdint.h>

/* Numbers that a thread leaves: how many elements are wrong, then index,
 * difference, value and expected value of its worst. */
#define GPU_FOUND_NUMBERS 5u

/* Malloced source for elements of this type, entry "ww_compare_outputs"; null
 * if out of memory or the type is unknown. */
char *gpu_compare_source(const char *dialect, uint32_t type);

#endif
