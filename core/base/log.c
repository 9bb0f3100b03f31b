/* SPDX-License-Identifier: MIT */
#include "core/base/log.h"

#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define MASK "[redacted]"
#define SHORTEST_SECRET 6

static atomic_int threshold = WW_LOG_WARNING;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **secrets;
static size_t n_secrets;
static void (*curtain_call)(int drawn, void *context);
static void *curtain_context;

void
ww_log_set_level(int32_t level)
{
	atomic_store(&threshold, level);
}

int32_t
ww_log_level(void)
{
	return atomic_load(&threshold);
}

void
ww_log_set_curtain(void (*curtain)(int drawn, void *context), void *context)
{
	pthread_mutex_lock(&lock);
	curtain_call = curtain;
	curtain_context = context;
	pthread_mutex_unlock(&lock);
}

void
ww_secret_register(const char *secret)
{
	size_t i;

	if (secret == NULL || strlen(secret) < SHORTEST_SECRET)
		return;
	pthread_mutex_lock(&lock);
	for (i = 0; i < n_secrets; i++)
		if (strcmp(secrets[i], secret) == 0)
			break;
	if (i == n_secrets) {
		secrets = ww_grow(secrets, (n_secrets + 1) * sizeof *secrets);
		secrets[n_secrets++] = ww_copy(secret);
	}
	pthread_mutex_unlock(&lock);
}

/* Length of a key-like token at `text`, or 0; *keep is how many leading bytes
 * stay readable. `before` is the byte in front of it: the "sk-" of "task-" opens
 * no key. */
static size_t
key_length(const char *text, size_t left, char before, size_t *keep)
{
	static const char *const openings[] = { "Bearer ", "sk-", "x-api-key: ",
		                                "api-key: " };
	/* RFC 6750 calls these, letters and digits a token68. */
	static const char signs[] = "-_.*~+/=";
	size_t i;

	if (isalnum((unsigned char)before))
		return 0;
	for (i = 0; i < sizeof openings / sizeof openings[0]; i++) {
		size_t opening = strlen(openings[i]);
		size_t end = opening;

		if (left < opening + 8 ||
		    strncmp(text, openings[i], opening) != 0)
			continue;
		while (end < left && text[end] != '\0' &&
		       (isalnum((unsigned char)text[end]) ||
		        strchr(signs, text[end]) != NULL))
			end++;
		if (end - opening >= 8) {
			*keep = opening;
			return end;
		}
	}
	return 0;
}

static size_t
secret_length(const char *text, size_t left, char before, size_t *keep)
{
	size_t i;

	for (i = 0; i < n_secrets; i++) {
		size_t length = strlen(secrets[i]);

		if (length <= left && memcmp(text, secrets[i], length) == 0) {
			*keep = 0;
			return length;
		}
	}
	return key_length(text, left, before, keep);
}

char *
ww_redact_copy(const char *bytes, size_t *length)
{
	/* The longest growth: a six-byte secret becomes a ten-byte mask. */
	char *out = ww_alloc(*length * 2 + sizeof MASK);
	size_t from = 0;
	size_t to = 0;

	pthread_mutex_lock(&lock);
	while (from < *length) {
		size_t keep = 0;
		size_t found = secret_length(bytes + from, *length - from,
		                             from > 0 ? bytes[from - 1]
		                                      : '\0',
		                             &keep);

		if (found == 0) {
			out[to++] = bytes[from++];
			continue;
		}
		memcpy(out + to, bytes + from, keep);
		memcpy(out + to + keep, MASK, sizeof MASK - 1);
		to += keep + sizeof MASK - 1;
		from += found;
	}
	pthread_mutex_unlock(&lock);
	out[to] = '\0';
	*length = to;
	return out;
}

void
ww_redact(char *text)
{
	size_t length = strlen(text);
	size_t room = length;
	char *clean = ww_redact_copy(text, &length);

	if (length > room)
		length = room;
	memcpy(text, clean, length);
	text[length] = '\0';
	free(clean);
}

void
ww_log_line(int32_t level, const char *origin, const char *text)
{
	static const char *const names[] = { "error", "warning", "info",
		                             "debug" };
	size_t length = strlen(text);
	char *clean;

	if (level > ww_log_level() || level < 0)
		return;
	clean = ww_redact_copy(text, &length);
	pthread_mutex_lock(&lock);
	if (curtain_call != NULL)
		curtain_call(0, curtain_context);
	fprintf(stderr, "%s: %s: %s\n",
	        names[level > WW_LOG_DEBUG ? WW_LOG_DEBUG : level], origin,
	        clean);
	if (curtain_call != NULL)
		curtain_call(1, curtain_context);
	pthread_mutex_unlock(&lock);
	free(clean);
}

void
ww_logf(int32_t level, const char *origin, const char *format, ...)
{
	char text[2048];
	va_list args;

	if (level > ww_log_level())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	ww_log_line(level, origin, text);
}
