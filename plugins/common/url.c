/* SPDX-License-Identifier: MIT */
#include "plugins/common/url.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Where the host stands, and its length. */
static const char *
find_host(const char *url, size_t *length)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme != NULL ? scheme + 3 : url;
	size_t authority = strcspn(host, "/?#\\");
	size_t i;

	for (i = authority; i > 0; i--)
		if (host[i - 1] == '@') {
			authority -= i;
			host += i;
			break;
		}
	/* An IPv6 address has colons of its own, in brackets. */
	*length = host[0] == '[' ? strcspn(host, "]") + 1
	                         : strcspn(host, ":/?#\\");
	if (*length > authority)
		*length = authority;
	return host;
}

int
url_host_is(const char *url, const char *host)
{
	size_t length;
	const char *found = find_host(url, &length);

	return length == strlen(host) && strncasecmp(found, host, length) == 0;
}

int
url_host_ends(const char *url, const char *end)
{
	size_t length;
	const char *found = find_host(url, &length);
	size_t tail = strlen(end);

	return length > tail &&
	       strncasecmp(found + length - tail, end, tail) == 0;
}

/* 127.0.0.0/8 as four numbers; "127.example.net" is somebody else. */
static int
is_loopback_address(const char *host, size_t length)
{
	size_t i, dots = 0;

	if (length < 9 || strncmp(host, "127.", 4) != 0)
		return 0;
	for (i = 0; i < length; i++) {
		dots += host[i] == '.';
		if (host[i] != '.' && (host[i] < '0' || host[i] > '9'))
			return 0;
	}
	return dots == 3;
}

int
url_is_loopback(const char *url)
{
	size_t length;
	const char *host = find_host(url, &length);

	return url_host_is(url, "localhost") || url_host_is(url, "[::1]") ||
	       is_loopback_address(host, length);
}
