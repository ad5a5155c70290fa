/* SPDX-License-Identifier: ISC */
/*
 * The addresses a lesson can name.
 */
#include "config.h"

#include "lab/place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const struct {
	int family;
	const char *text, *shown;
} places[AT_NPLACES] = {
	[AT_ANY] = { AF_INET, "0.0.0.0", "0.0.0.0" },
	[AT_CLIENT] = { AF_INET, "192.0.2.1", "192.0.2.1" },
	[AT_SERVER] = { AF_INET, "192.0.2.2", "192.0.2.2" },
	[AT_SERVER2] = { AF_INET, "192.0.2.3", "192.0.2.3" },
	[AT_ANY6] = { AF_INET6, "::", "[::]" },
	[AT_CLIENT6] = { AF_INET6, "2001:db8::1", "[2001:db8::1]" },
	[AT_SERVER6] = { AF_INET6, "2001:db8::2", "[2001:db8::2]" },
};

const char *
place_text(enum place at)
{
	return places[at].shown;
}

int
place_family(enum place at)
{
	return places[at].family;
}

socklen_t
place_addr(enum place at, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = (sa_family_t)places[at].family;
	if (places[at].family == AF_INET) {
		in->sin_port = htons(port);
		(void)inet_pton(AF_INET, places[at].text, &in->sin_addr);
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	(void)inet_pton(AF_INET6, places[at].text, &in6->sin6_addr);
	return sizeof(*in6);
}
