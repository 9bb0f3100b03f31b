/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu.h"

#include <stdlib.h>
#include <string.h>

/* The first line says what the file is, the second names the kernel. */
static const char signature[] = "warpwright gpu kernel 1\n";

ww_status
gpu_artifact_write(struct ww_call *call, struct ww_build_sink *sink,
                   const char *name, const void *code, uint64_t length)
{
	size_t head = strlen(signature) + strlen(name) + 1;
	char *bytes = malloc(head + length);
	ww_status status;

	if (bytes == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	memcpy(bytes, signature, strlen(signature));
	memcpy(bytes + strlen(signature), name, strlen(name));
	/* A NUL ends the name, so that it can be used where it lies. */
	bytes[head - 1] = '\0';
	memcpy(bytes + head, code, length);
	status = sink->artifact(sink, bytes, head + length);
	free(bytes);
	return status;
}

ww_status
gpu_artifact_read(struct ww_call *call, const void *artifact,
                  uint64_t artifact_length, const char **name,
                  const void **code, uint64_t *length)
{
	const char *bytes = artifact;
	const char *end;
	size_t head = strlen(signature);

	if (artifact_length <= head || memcmp(bytes, signature, head) != 0)
		return ww_fail(call, WW_E_FORMAT,
		               "the artifact was not written by a GPU backend");
	end = memchr(bytes + head, '\0', artifact_length - head);
	if (end == NULL)
		return ww_fail(call, WW_E_FORMAT,
		               "the artifact names no kernel");
	*name = bytes + head;
	*code = end + 1;
	*length = artifact_length - (uint64_t)(end + 1 - bytes);
	return WW_OK;
}
