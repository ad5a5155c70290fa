/* SPDX-License-Identifier: ISC */
/* Addresses of targets and the kernel's: see sockaddr.h. */
#include "config.h"

#include "scan/sockaddr.h"

#include <netinet/in.h>
#include <string.h>

socklen_t
sockaddr_put(void *sa, const struct scan_addr *a, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_scope_id = a->scope };

	if (a->family == 6) {
		memcpy(&in6.sin6_addr, a->addr, 16);
		memcpy(sa, &in6, sizeof(in6));
		return sizeof(in6);
	}
	memcpy(&in.sin_addr, a->addr, 4);
	memcpy(sa, &in, sizeof(in));
	return sizeof(in);
}

bool
sockaddr_take(struct scan_addr *ret, uint16_t *port, const void *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	sa_family_t family;

	*ret = (struct scan_addr){ 0 };
	memcpy(&family, sa, sizeof(family));
	if (family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		memcpy(ret->addr, &in.sin_addr, 4);
		ret->family = 4;
		if (port != NULL)
			*port = ntohs(in.sin_port);
	} else if (family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(ret->addr, &in6.sin6_addr, 16);
		ret->family = 6;
		if (scan_addr_is_link_local(ret))
			ret->scope = in6.sin6_scope_id;
		if (port != NULL)
			*port = ntohs(in6.sin6_port);
	}
	return ret->family != 0;
}
