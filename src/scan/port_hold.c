/* SPDX-License-Identifier: ISC */
/* One socket holds the port of both families. System calls: socket(2) (AF_INET,
 * AF_INET6; SOCK_STREAM), setsockopt(2) (IPV6_V6ONLY), bind(2), close(2). */
#include "config.h"

#include "scan/port_hold.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int
port_hold(uint16_t port)
{
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd, error, zero = 0;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
		if (bind(fd, (struct sockaddr *)&in6, sizeof(in6)) == 0)
			return fd;
		error = errno;
		close(fd);
		if (error != EADDRNOTAVAIL)
			return -error;
	} else if (errno != EAFNOSUPPORT)
		return -errno;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}
