/* SPDX-License-Identifier: ISC */
/* What a port's verdict depends on beside its sockets. */
#include "config.h"

#include "collect/port_scene.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/procfs.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/port_limits.h"
#include "model/proc.h"

#define ADDRS_MAX  4096
#define CGROUP_MAX 16384

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

/* -- containers ----------------------------------------------------------- */

struct search {
	struct endpoint addr;
	unsigned family;
	char *container;
};

static char *
container_of(pid_t pid)
{
	char path[64], text[CGROUP_MAX], *cgroup, *unit = NULL, *container;
	struct buf b = { 0 };
	ssize_t n;

	buf_printf(&b, "/proc/%d/cgroup", (int)pid);
	strlcpy(path, b.data, sizeof(path));
	buf_done(&b);
	n = procfs_read_at(AT_FDCWD, path, text, sizeof(text));
	cgroup = n <= 0 ? NULL : procfs_cgroup_path(text, (size_t)n);
	if (cgroup == NULL)
		return NULL;
	proc_cgroup_parse(cgroup, &unit, &container);
	free(unit);
	free(cgroup);
	return container;
}

static int
look(void *arg, const struct netns *ns, char **cause)
{
	struct search *s = arg;
	struct ifaddrs *list, *a;
	struct endpoint addr;
	unsigned family;

	(void)cause;
	if (s->container != NULL || ns->pid == 0 || getifaddrs(&list) < 0)
		return 0;
	for (a = list; a != NULL && s->container == NULL; a = a->ifa_next)
		if (address_of(a->ifa_addr, &addr, &family) &&
		    family == s->family &&
		    memcmp(addr.addr, s->addr.addr, 16) == 0)
			s->container = container_of(ns->pid);
	freeifaddrs(list);
	return 0;
}

char *
container_by_addr(const struct endpoint *addr, unsigned family)
{
	struct search s = { .addr = *addr, .family = family };
	struct netns_names *names = netns_names_new();
	struct snap *snap = snap_new();
	char *cause = NULL;

	/* Some namespaces may be closed to us: then it is not found. */
	(void)netns_each("all", names, snap, look, &s, &cause);
	free(cause);
	snap_free(snap);
	netns_names_free(names);
	return s.container;
}
