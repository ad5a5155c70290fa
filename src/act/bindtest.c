/* SPDX-License-Identifier: ISC */
/* Tries to bind, and lets go at once. Nothing is ever sent. */
#include "config.h"

#include "act/bindtest.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "know/state.h"

static int
set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno
								      : 0;
}

static int
drop_all(int fd)
{
	struct sock_filter code[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(
		   fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0
		   ? -errno
		   : 0;
}

static int
set_options(int fd, const struct bindtest *t)
{
	int r = 0;

	if (t->family == 6)
		r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    (t->flags & BINDTEST_DUAL) == 0);
	if (r == 0 && (t->flags & BINDTEST_REUSEADDR) != 0)
		r = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r == 0 && (t->flags & BINDTEST_REUSEPORT) != 0)
		r = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0 && t->device != NULL &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, t->device,
		(socklen_t)strlen(t->device)) < 0)
		r = -errno;
	if (r == 0 && (t->flags & BINDTEST_DROP) != 0)
		(void)drop_all(fd); /* a courtesy */
	return r;
}

static socklen_t
address(const struct bindtest *t, struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (t->family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(t->port);
		memcpy(&v4->sin_addr, t->addr, sizeof(v4->sin_addr));
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(t->port);
	v6->sin6_scope_id = t->scope;
	memcpy(&v6->sin6_addr, t->addr, sizeof(v6->sin6_addr));
	return sizeof(*v6);
}

int
bindtest(const struct bindtest *t)
{
	int type = t->proto == SOCK_TCP ? SOCK_STREAM : SOCK_DGRAM, fd, r;
	struct sockaddr_storage ss;
	socklen_t len = address(t, &ss);

	fd = socket(t->family == 4 ? AF_INET : AF_INET6,
	    type | SOCK_CLOEXEC | SOCK_NONBLOCK, t->proto);
	if (fd < 0)
		return -errno;
	r = set_options(fd, t);
	if (r == 0 && bind(fd, (struct sockaddr *)&ss, len) < 0)
		r = -errno;
	if (r == 0 && t->proto == SOCK_TCP &&
	    (t->flags & BINDTEST_LISTEN) != 0 && listen(fd, 1) < 0)
		r = -errno;
	(void)close(fd); /* nothing was written */
	return r;
}

int
bindtest_any(unsigned proto, uint16_t port, unsigned flags)
{
	struct bindtest t = { .proto = (uint8_t)proto,
		.family = 6,
		.port = port,
		.flags = flags | BINDTEST_DUAL };
	int r = bindtest(&t);

	if (r != -EAFNOSUPPORT && r != -EPROTONOSUPPORT)
		return r;
	t.family = 4;
	t.flags = flags;
	return bindtest(&t);
}
