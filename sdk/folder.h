/* SPDX-License-Identifier: MIT
 *
 * Where the SDK's own files are: templates, sample kernels, recorded streams.
 */
#ifndef WW_SDK_FOLDER_H
#define WW_SDK_FOLDER_H

/* share/warpwright/sdk of an installation, or sdk/ of a source tree, whose
 * share/ stands beside it; `name` within it. To be freed; the file need not
 * exist. */
char *ww_sdk_path(const char *name);

#endif
