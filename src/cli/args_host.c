/* SPDX-License-Identifier: ISC */
/*
 * Host names that the user typed, on the command line only: the one place
 * where reading it may wait for a name server.
 */
#include "config.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/args.h"
#include "model/sock.h"

static size_t
host_lookup(void *arg, const char *name, struct endpoint *addr, uint8_t *family,
    size_t max)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *ai, *list;
	struct endpoint one;
	size_t n = 0, i;
	uint8_t fam;

	(void)arg;
	if (*name == '\0' || getaddrinfo(name, NULL, &hints, &list) != 0)
		return 0;
	for (ai = list; ai != NULL && n < max; ai = ai->ai_next) {
		memset(&one, 0, sizeof(one));
		fam = ai->ai_family == AF_INET6 ? 6 : 4;
		if (fam == 6)
			memcpy(one.addr,
			    &((const struct sockaddr_in6 *)(const void *)
				    ai->ai_addr)
				 ->sin6_addr,
			    16);
		else
			memcpy(one.addr,
			    &((const struct sockaddr_in *)(const void *)
				    ai->ai_addr)
				 ->sin_addr,
			    4);
		for (i = 0; i < n; i++)
			if (family[i] == fam &&
			    memcmp(addr[i].addr, one.addr, 16) == 0)
				break;
		if (i < n)
			continue;
		addr[n] = one;
		family[n++] = fam;
	}
	freeaddrinfo(list);
	return n;
}

const struct filter_env args_hosts = { .resolve = host_lookup };
