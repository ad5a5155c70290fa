/* SPDX-License-Identifier: ISC */
/*
 * Whether a namespace has sockets at all. "inuse" counts what is hashed:
 * listeners, connections and their orphans; connection requests belong to a
 * listener; TIME-WAIT is counted by itself, for both families together.
 */
#include "config.h"

#include "collect/netns_idle.h"

#include <fcntl.h>
#include <string.h>

#include "collect/procfs.h"

/* The number after "name" on the line that starts with "proto". */
static bool
counter_is_0(const char *text, const char *proto, const char *name)
{
	const char *line = text, *end, *p;
	size_t len = strlen(name);

	while (strncmp(line, proto, strlen(proto)) != 0) {
		line = strchr(line, '\n');
		if (line == NULL)
			return false;
		line++;
	}
	end = line + strcspn(line, "\n");
	for (p = strchr(line, ' '); p != NULL && p < end;
	     p = strchr(p + 1, ' ')) {
		if (strncmp(p + 1, name, len) != 0 || p[1 + len] != ' ')
			continue;
		return p[len + 2] == '0' &&
		       (p[len + 3] == ' ' || p[len + 3] == '\n' ||
			   p[len + 3] == '\0');
	}
	return false;
}

void
netns_idle_parse(
    const char *sockstat, const char *sockstat6, struct netns_idle *ret)
{
	/* No sockstat6: no IPv6 in this kernel, so nothing to leave out. */
	ret->tcp = counter_is_0(sockstat, "TCP:", "inuse") &&
		   counter_is_0(sockstat, "TCP:", "tw") &&
		   counter_is_0(sockstat6, "TCP6:", "inuse");
	ret->udp4 = counter_is_0(sockstat, "UDP:", "inuse");
	ret->udp6 = counter_is_0(sockstat6, "UDP6:", "inuse");
}

static void
read_text(const char *path, char *buf, size_t size)
{
	ssize_t n = procfs_read_at(AT_FDCWD, path, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
}

void
netns_idle_read(struct netns_idle *ret)
{
	char v4[1024], v6[1024];

	read_text("/proc/thread-self/net/sockstat", v4, sizeof(v4));
	read_text("/proc/thread-self/net/sockstat6", v6, sizeof(v6));
	netns_idle_parse(v4, v6, ret);
}
