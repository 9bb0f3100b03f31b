/* SPDX-License-Identifier: MIT
 *
 * Arrays from files: NumPy's .npy (versions 1 to 3, C order, little-endian) and
 * raw bytes. Nothing is converted: a file that does not fit is refused with what
 * it holds and what was expected.
 */
#ifndef WW_PLUGINS_NPY_H
#define WW_PLUGINS_NPY_H

#include "warpwright/plugin.h"

/* Reads the array of the argument's type and size into `bytes`. A file that does
 * not start like a .npy file is raw and must have exactly the right length. */
ww_status ww_npy_read(struct ww_call *call, const char *path,
                      const struct ww_argument *argument, void *bytes);

#endif
