/* SPDX-License-Identifier: ISC */
/*
 * Which way a packet takes, as far as a scan must know it: what it says as its
 * source, and whether the other side is a neighbour, who is asked by ARP or
 * ND. A net of a link of which a part is reached through a gateway is told
 * apart by the routes: there ARP would get no answer from hosts that are up.
 *
 * System calls: connect(2), getsockname(2); before the sandbox also socket(2)
 * and those of getifaddrs(3) and fopen(3).
 */
#include "config.h"

#include "scan/links.h"

#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "scan/sockaddr.h"

/* A machine with a full table of the Internet's routes has a million; those
 * that matter lie inside nets of its own links. */
#define ROUTES_MAX 4096
#define UDP_SOCKET (SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK)
#define DISCARD    9 /* a port to connect(2) to: nothing is sent */

struct link_addr {
	struct scan_addr addr;
	struct scan_addr broadcast; /* family 0: has none */
	uint8_t prefix;
	uint32_t ifindex;
	bool loopback;
};
struct link {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	bool ether; /* neighbours are found by ARP and ND */
	uint8_t mac[6];
};
struct route {
	struct scan_addr net;
	uint8_t prefix;
	uint32_t ifindex;
	bool gateway;
};

struct links {
	struct link_addr *addr;
	size_t naddr, cap_addr;
	struct link *link;
	size_t nlink, cap_link;
	struct route *route;
	size_t nroute, cap_route;
	int fd[2]; /* UDP, of IPv4 and IPv6; -1: none yet */
};

/* -- reading -------------------------------------------------------------- */

static unsigned
prefix_of(const uint8_t *mask, size_t len)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < len && mask[i] == 0xff; i++)
		n += 8;
	if (i < len)
		while (n < len * 8 && (mask[i] & (0x80 >> (n % 8))) != 0)
			n++;
	return n;
}

static void
addr_of(struct scan_addr *a, const struct sockaddr *sa)
{
	*a = (struct scan_addr){ 0 };
	if (sa != NULL)
		(void)sockaddr_take(a, NULL, sa);
}

static void
add_link(struct links *l, const struct ifaddrs *ifa)
{
	struct sockaddr_ll ll;
	struct link *k;

	memcpy(&ll, ifa->ifa_addr, sizeof(ll));
	l->link =
	    array_grow(l->link, &l->cap_link, l->nlink + 1, sizeof(*l->link));
	k = &l->link[l->nlink++];
	*k = (struct link){ .ifindex = (uint32_t)ll.sll_ifindex };
	snprintf(k->name, sizeof(k->name), "%s", ifa->ifa_name);
	k->ether = ll.sll_hatype == ARPHRD_ETHER && ll.sll_halen == 6 &&
		   (ifa->ifa_flags &
		       (IFF_NOARP | IFF_LOOPBACK | IFF_POINTOPOINT)) == 0;
	memcpy(k->mac, ll.sll_addr, 6);
}

static const struct link *
link_find(const struct links *l, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < l->nlink; i++)
		if (l->link[i].ifindex == ifindex)
			return &l->link[i];
	return NULL;
}

static uint32_t
index_of(const struct links *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nlink; i++)
		if (strcmp(l->link[i].name, name) == 0)
			return l->link[i].ifindex;
	return 0;
}

/* The last address of an IPv4 net: the kernel takes it for broadcast whatever
 * else is set. */
static void
all_ones(struct scan_addr *a, unsigned prefix)
{
	unsigned i;

	for (i = prefix; i < 32; i++)
		a->addr[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void
add_addr(struct links *l, const struct ifaddrs *ifa)
{
	struct scan_addr mask;
	struct link_addr *a;

	l->addr =
	    array_grow(l->addr, &l->cap_addr, l->naddr + 1, sizeof(*l->addr));
	a = &l->addr[l->naddr++];
	*a = (struct link_addr){
		.ifindex = index_of(l, ifa->ifa_name),
		.loopback = (ifa->ifa_flags & IFF_LOOPBACK) != 0,
	};
	addr_of(&a->addr, ifa->ifa_addr);
	addr_of(&mask, ifa->ifa_netmask);
	a->prefix = (uint8_t)prefix_of(mask.addr, a->addr.family == 4 ? 4 : 16);
	if ((ifa->ifa_flags & IFF_BROADCAST) != 0 && a->addr.family == 4 &&
	    a->prefix < 31)
		addr_of(&a->broadcast, ifa->ifa_broadaddr);
	/* Where none is set, glibc has the address itself in that place. */
	if (scan_addr_eq(&a->broadcast, &a->addr))
		all_ones(&a->broadcast, a->prefix);
}

static bool
in_net(const struct scan_addr *a, const struct scan_addr *net, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (a->family != net->family || memcmp(a->addr, net->addr, whole) != 0)
		return false;
	return rest == 0 || ((a->addr[whole] ^ net->addr[whole]) &
				(0xff00 >> rest) & 0xff) == 0;
}

/* Gateways matter only inside of a net that is on a link. */
static bool
route_matters(const struct links *l, const struct route *r)
{
	size_t i;

	if (!r->gateway)
		return true;
	for (i = 0; i < l->nroute; i++)
		if (!l->route[i].gateway &&
		    in_net(&r->net, &l->route[i].net, l->route[i].prefix))
			return true;
	return false;
}

static void
add_route(struct links *l, const struct route *r)
{
	if (r->ifindex == 0 || l->nroute >= ROUTES_MAX || !route_matters(l, r))
		return;
	l->route = array_grow(
	    l->route, &l->cap_route, l->nroute + 1, sizeof(*l->route));
	l->route[l->nroute++] = *r;
}

/* "eth0 0000420A 00000000 0001 0 0 0 0000FFFF ..": numbers as they lie in
 * memory, which is the order of the wire. */
static bool
parse_route4(const struct links *l, const char *line, struct route *r)
{
	uint32_t net, gateway, mask;
	unsigned flags;
	char name[IF_NAMESIZE];

	if (sscanf(line, "%15s %" SCNx32 " %" SCNx32 " %x %*u %*u %*d %" SCNx32,
		name, &net, &gateway, &flags, &mask) != 5)
		return false;
	*r = (struct route){ .net.family = 4, .gateway = gateway != 0 };
	memcpy(r->net.addr, &net, 4);
	r->prefix = (uint8_t)prefix_of((const uint8_t *)&mask, 4);
	r->ifindex = index_of(l, name);
	return true;
}

static bool
parse_hex(const char *text, uint8_t *out, size_t n)
{
	unsigned byte;
	size_t i;

	for (i = 0; i < n; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		out[i] = (uint8_t)byte;
	}
	return true;
}

/* "fd66.. 40 (source) 00 (gateway) metric refs use flags eth0" */
static bool
parse_route6(const struct links *l, const char *line, struct route *r)
{
	static const uint8_t none[16];
	char net[33], gateway[33], name[IF_NAMESIZE];
	uint8_t via[16];
	unsigned prefix;

	if (sscanf(line, "%32s %2x %*32s %*2x %32s %*x %*x %*x %*x %15s", net,
		&prefix, gateway, name) != 4 ||
	    prefix > 128)
		return false;
	*r = (struct route){ .net.family = 6, .prefix = (uint8_t)prefix };
	if (strlen(net) != 32 || strlen(gateway) != 32 ||
	    !parse_hex(net, r->net.addr, 16) || !parse_hex(gateway, via, 16))
		return false;
	r->gateway = memcmp(via, none, 16) != 0;
	r->ifindex = index_of(l, name);
	return true;
}

/* Twice: what is on the links, then the gateways within. */
static void
read_routes(struct links *l, const char *path,
    bool (*parse)(const struct links *, const char *, struct route *))
{
	char line[512];
	struct route r;
	FILE *f;
	int gateways;

	f = fopen(path, "re");
	if (f == NULL)
		return;
	for (gateways = 0; gateways < 2; gateways++) {
		rewind(f);
		while (fgets(line, sizeof(line), f) != NULL)
			if (parse(l, line, &r) && r.gateway == (gateways == 1))
				add_route(l, &r);
	}
	fclose(f);
}

static bool
is_up(const struct ifaddrs *ifa)
{
	return ifa->ifa_addr != NULL && (ifa->ifa_flags & IFF_UP) != 0;
}

struct links *
links_new(void)
{
	struct links *l = xcalloc(1, sizeof(*l));
	struct ifaddrs *all = NULL, *ifa;

	/* Now: the sandbox of a raw scan has no socket(2). */
	l->fd[0] = socket(AF_INET, UDP_SOCKET, 0);
	l->fd[1] = socket(AF_INET6, UDP_SOCKET, 0);
	if (getifaddrs(&all) != 0)
		return l;
	/* Links first: addresses find theirs by name. */
	for (ifa = all; ifa != NULL; ifa = ifa->ifa_next)
		if (is_up(ifa) && ifa->ifa_addr->sa_family == AF_PACKET)
			add_link(l, ifa);
	for (ifa = all; ifa != NULL; ifa = ifa->ifa_next)
		if (is_up(ifa) && (ifa->ifa_addr->sa_family == AF_INET ||
				      ifa->ifa_addr->sa_family == AF_INET6))
			add_addr(l, ifa);
	freeifaddrs(all);
	read_routes(l, "/proc/net/route", parse_route4);
	read_routes(l, "/proc/net/ipv6_route", parse_route6);
	return l;
}

void
links_free(struct links *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < 2; i++)
		if (l->fd[i] != -1)
			close(l->fd[i]);
	free(l->addr);
	free(l->link);
	free(l->route);
	free(l);
}

/* -- asking --------------------------------------------------------------- */

/* Whether it is an address of our own; 127/8 is. */
static bool
is_own(const struct links *l, const struct scan_addr *a)
{
	const struct link_addr *own;
	size_t i;

	for (i = 0; i < l->naddr; i++) {
		own = &l->addr[i];
		if (own->addr.family != a->family)
			continue;
		/* All of 127/8, if lo has 127.0.0.1/8. */
		if (own->loopback && a->family == 4 &&
		    in_net(a, &own->addr, own->prefix))
			return true;
		if (memcmp(own->addr.addr, a->addr, 16) == 0 &&
		    (a->scope == 0 || a->scope == own->ifindex))
			return true;
	}
	return false;
}

uint32_t
links_index(const struct links *l, const uint8_t addr6[16])
{
	size_t i;

	for (i = 0; i < l->naddr; i++)
		if (l->addr[i].addr.family == 6 &&
		    memcmp(l->addr[i].addr.addr, addr6, 16) == 0)
			return l->addr[i].ifindex;
	return 0;
}

const uint8_t *
links_mac(const struct links *l, uint32_t ifindex)
{
	const struct link *k = link_find(l, ifindex);

	return k != NULL && k->ether ? k->mac : NULL;
}

static const struct route *
route_find(const struct links *l, const struct scan_addr *a)
{
	const struct route *r, *best = NULL;
	size_t i;

	for (i = 0; i < l->nroute; i++) {
		r = &l->route[i];
		if (!in_net(a, &r->net, r->prefix) ||
		    (scan_addr_is_link_local(a) && a->scope != r->ifindex))
			continue;
		if (best == NULL || r->prefix > best->prefix)
			best = r;
	}
	return best;
}

/* Which source the kernel takes: connect(2) sends nothing. The address of the
 * last look-up sticks to a socket until it is given up. */
static int
find_source(struct links *l, const struct scan_addr *to, struct scan_addr *ret)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t len;
	int v6 = to->family == 6, *fd = &l->fd[v6];

	if (*fd == -1)
		return -EAFNOSUPPORT;
	(void)connect(*fd, (struct sockaddr *)&ss, sizeof(ss));
	len = sockaddr_put(&ss, to, DISCARD);
	if (connect(*fd, (struct sockaddr *)&ss, len) != 0)
		return -errno;
	len = sizeof(ss);
	if (getsockname(*fd, (struct sockaddr *)&ss, &len) != 0)
		return -errno;
	(void)sockaddr_take(ret, NULL, &ss);
	return 0;
}

int
links_host(struct links *l, struct host *h)
{
	const struct route *r;
	int error;

	if (h->src.family != 0)
		return 0;
	error = find_source(l, &h->addr, &h->src);
	if (error != 0)
		return error;
	h->local =
	    memcmp(h->src.addr, h->addr.addr, 16) == 0 || is_own(l, &h->addr);
	if (h->local)
		return 0;
	r = route_find(l, &h->addr);
	if (r == NULL)
		return 0;
	h->ifindex = r->ifindex;
	h->on_link = !r->gateway && links_mac(l, r->ifindex) != NULL;
	return 0;
}

void
links_exclude_broadcast(const struct links *l, struct target_set *t)
{
	const struct link_addr *a;
	struct scan_addr last;
	size_t i;

	for (i = 0; i < l->naddr; i++) {
		a = &l->addr[i];
		if (a->broadcast.family != 4)
			continue;
		target_exclude_addr(t, &a->broadcast);
		last = a->addr;
		all_ones(&last, a->prefix);
		target_exclude_addr(t, &last);
	}
}
