/* SPDX-License-Identifier: MIT */
#include "core/config/list.h"

#include "core/base/text.h"

const char **
ww_list_of(struct json_object *array, size_t *n)
{
	size_t count = json_object_array_length(array);
	const char **list = ww_alloc((count + 1) * sizeof *list);
	size_t i;

	for (i = 0; i < count; i++)
		list[i] = json_object_get_string(
			json_object_array_get_idx(array, i));
	if (n != NULL)
		*n = count;
	return list;
}
