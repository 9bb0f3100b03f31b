/* SPDX-License-Identifier: MIT */
#include "plugins/common/errands.h"

#include <stdlib.h>

int
errands_add(struct errands *errands, size_t point, uint32_t sender)
{
	if (errands->n == errands->room) {
		size_t room = errands->room * 2 + 16;
		struct errand *grown = realloc(errands->list,
		                               room * sizeof *grown);

		if (grown == NULL)
			return 0;
		errands->list = grown;
		errands->room = room;
	}
	errands->list[errands->n++] =
		(struct errand){ .point = point, .sender = sender };
	return 1;
}

uint32_t
errands_take(struct errands *errands, size_t point)
{
	uint32_t sender;
	size_t i;

	for (i = 0; i < errands->n; i++) {
		if (errands->list[i].point != point)
			continue;
		sender = errands->list[i].sender;
		errands->list[i] = errands->list[--errands->n];
		return sender;
	}
	return ERRANDS_NOBODY;
}

void
errands_clear(struct errands *errands)
{
	free(errands->list);
	*errands = (struct errands){ .list = NULL };
}
