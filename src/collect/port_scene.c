/* SPDX-License-Identifier: ISC */
/* What a port's verdict depends on beside its sockets. */
#include "config.h"

#include "collect/port_scene.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "collect/port_limits.h"

#define ADDRS_MAX 4096

/* False: neither IPv4 nor IPv6. */
static bool
address_of(const struct sockaddr *sa, struct endpoint *ret, unsigned *family)
{
	memset(ret, 0, sizeof(*ret));
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		*family = 4;
		memcpy(ret->addr,
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		*family = 6;
		memcpy(ret->addr,
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    16);
		return true;
	}
	return false;
}

void
port_scene_read(struct conflict_ns *ns)
{
	struct ifaddrs *list, *a;
	struct endpoint addr;
	unsigned family;
	char *iface;

	port_limits_read(&ns->limits);
	if (getifaddrs(&list) < 0)
		return;
	for (a = list; a != NULL && ns->naddrs < ADDRS_MAX; a = a->ifa_next) {
		if (!address_of(a->ifa_addr, &addr, &family))
			continue;
		iface = text_clean(a->ifa_name, strlen(a->ifa_name));
		conflict_add_addr(
		    ns, &addr, family, if_nametoindex(a->ifa_name), iface);
		free(iface);
	}
	freeifaddrs(list);
}
