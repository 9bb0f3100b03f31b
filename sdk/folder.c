/* SPDX-License-Identifier: MIT */
#include "sdk/folder.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

char *
ww_sdk_path(const char *name)
{
	char *data = ww_path_data();
	char *installed = ww_text("%s/sdk", data);
	char *folder = access(installed, F_OK) == 0
	                       ? ww_copy(installed)
	                       : ww_text("%s/../sdk", data);
	char *path = ww_path_join(folder, name);

	free(folder);
	free(installed);
	free(data);
	return path;
}
