/* SPDX-License-Identifier: MIT
 *
 * The host of an address: what a provider knows of a service holds only there,
 * and not wherever its name occurs in the address.
 */
#ifndef WW_PLUGINS_URL_H
#define WW_PLUGINS_URL_H

/* Case does not matter; user, port and path are left out. A URL without a scheme
 * begins with its host. */
int url_host_is(const char *url, const char *host);
/* `end` begins with a dot: subdomains of a service. */
int url_host_ends(const char *url, const char *end);
/* Whether the host is this machine. */
int url_is_loopback(const char *url);

#endif
