/* SPDX-License-Identifier: ISC */
/*
 * Builds the links, by rtnetlink: there need not be an ip(8) here.
 */
#include "config.h"

#include "lab/room.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "lab/place.h"

#define HOST_IFACE "eth0"
#define PREFIX4    24
#define PREFIX6    64

const char *
room_wire_name(enum lab_host host)
{
	return host == LAB_CLIENT ? "to-client" : "to-server";
}

/* One request and its answer. What was put together is given up to it. */
static int
talk(struct nl_msg *msg, const char *what, char **cause)
{
	struct nl_sock *nl = nl_socket_alloc();
	int r;

	if (nl == NULL)
		r = -NLE_NOMEM;
	else if ((r = nl_connect(nl, NETLINK_ROUTE)) == 0) {
		r = nl_send_sync(nl, msg);
		msg = NULL;
	}
	if (r < 0)
		xasprintf(cause, "%s: %s", what, nl_geterror(r));
	nlmsg_free(msg);
	nl_socket_free(nl);
	return r < 0 ? -EIO : 0;
}

static struct nl_msg *
message(int type, int flags, const void *head, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg == NULL || nlmsg_append(msg, (void *)(uintptr_t)head, len,
			       NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int
no_memory(struct nl_msg *msg, char **cause)
{
	nlmsg_free(msg);
	xasprintf(cause, "netlink: no memory");
	return -ENOMEM;
}

/* -- links ---------------------------------------------------------------- */

static bool
put_peer(struct nl_msg *msg, pid_t pid)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct nlattr *info, *data, *peer;

	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (info == NULL || nla_put_string(msg, IFLA_INFO_KIND, "veth") < 0)
		return false;
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	peer = data == NULL ? NULL : nla_nest_start(msg, VETH_INFO_PEER);
	if (peer == NULL ||
	    nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(msg, IFLA_IFNAME, HOST_IFACE) < 0 ||
	    nla_put_u32(msg, IFLA_NET_NS_PID, (uint32_t)pid) < 0)
		return false;
	(void)nla_nest_end(msg, peer);
	(void)nla_nest_end(msg, data);
	(void)nla_nest_end(msg, info);
	return true;
}

/* No link-local address: nothing speaks on the wire but the lesson. */
static bool
put_quiet(struct nl_msg *msg)
{
	struct nlattr *spec, *inet6;

	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	inet6 = spec == NULL ? NULL : nla_nest_start(msg, AF_INET6);
	if (inet6 == NULL || nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE,
				 IN6_ADDR_GEN_MODE_NONE) < 0)
		return false;
	(void)nla_nest_end(msg, inet6);
	(void)nla_nest_end(msg, spec);
	return true;
}

static int
link_up(const char *name, char **cause)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)if_nametoindex(name) };
	struct nl_msg *msg;
	char *none = NULL;

	/* Refused where there is no IPv6: then it is quiet already. */
	msg = message(RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	if (msg == NULL || !put_quiet(msg))
		return no_memory(msg, cause);
	if (talk(msg, name, &none) < 0)
		free(none);
	ifi.ifi_flags = ifi.ifi_change = IFF_UP;
	msg = message(RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	return msg == NULL ? no_memory(msg, cause) : talk(msg, name, cause);
}

/* At once, with its far end: a namespace that ends takes its time. */
static int
link_remove(const char *name, char **cause)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)if_nametoindex(name) };
	struct nl_msg *msg;
	int r;

	if (ifi.ifi_index == 0)
		return 0;
	msg = message(RTM_DELLINK, 0, &ifi, sizeof(ifi));
	if (msg == NULL)
		return no_memory(msg, cause);
	/* The end of the other host's namespace may have been faster. */
	if ((r = talk(msg, name, cause)) < 0 && if_nametoindex(name) == 0) {
		free(*cause);
		*cause = NULL;
		r = 0;
	}
	return r;
}

int
room_link(enum lab_host host, pid_t pid, char **cause)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	const char *name = room_wire_name(host);
	struct nl_msg *msg;
	int r;

	if ((r = link_remove(name, cause)) < 0)
		return r;
	msg =
	    message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	if (msg == NULL || nla_put_string(msg, IFLA_IFNAME, name) < 0 ||
	    !put_peer(msg, pid))
		return no_memory(msg, cause);
	if ((r = talk(msg, "a pair of virtual Ethernet devices", cause)) < 0)
		return r;
	return link_up(name, cause);
}

/* -- a host --------------------------------------------------------------- */

static int
add_addr(enum place at, char **cause)
{
	struct sockaddr_storage sa;
	bool six = place_family(at) == AF_INET6;
	struct ifaddrmsg ifa = { .ifa_family = (uint8_t)place_family(at),
		.ifa_prefixlen = six ? PREFIX6 : PREFIX4,
		.ifa_flags = six ? IFA_F_NODAD : 0,
		.ifa_index = if_nametoindex(HOST_IFACE) };
	const void *addr;
	struct nl_msg *msg;
	int len = six ? 16 : 4;

	(void)place_addr(at, 0, &sa);
	if (six)
		addr = &((struct sockaddr_in6 *)&sa)->sin6_addr;
	else
		addr = &((struct sockaddr_in *)&sa)->sin_addr;
	msg = message(RTM_NEWADDR, NLM_F_CREATE, &ifa, sizeof(ifa));
	if (msg == NULL || nla_put(msg, IFA_LOCAL, len, addr) < 0 ||
	    nla_put(msg, IFA_ADDRESS, len, addr) < 0)
		return no_memory(msg, cause);
	return talk(msg, place_text(at), cause);
}

static int
plain_segments(char **cause)
{
	static const uint32_t off[] = { ETHTOOL_STXCSUM, ETHTOOL_STSO,
		ETHTOOL_SGSO };
	struct ethtool_value value = { 0 };
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;
	size_t i;

	if (fd < 0)
		return -errno;
	strlcpy(ifr.ifr_name, HOST_IFACE, sizeof(ifr.ifr_name));
	ifr.ifr_data = (void *)&value;
	for (i = 0; i < nitems(off) && r == 0; i++) {
		value.cmd = off[i];
		if (ioctl(fd, SIOCETHTOOL, &ifr) < 0)
			r = -errno;
	}
	close(fd);
	if (r < 0)
		xasprintf(cause,
		    HOST_IFACE ": offloading cannot be turned "
			       "off: %s",
		    strerror(-r));
	return r;
}

int
room_host(enum lab_host host, bool *ipv6, char **cause)
{
	char *none = NULL;
	int r;

	if ((r = plain_segments(cause)) < 0 || (r = link_up("lo", cause)) < 0 ||
	    (r = link_up(HOST_IFACE, cause)) < 0 ||
	    (r = add_addr(host == LAB_CLIENT ? AT_CLIENT : AT_SERVER, cause)) <
		0)
		return r;
	if (host == LAB_SERVER && (r = add_addr(AT_SERVER2, cause)) < 0)
		return r;
	*ipv6 =
	    add_addr(host == LAB_CLIENT ? AT_CLIENT6 : AT_SERVER6, &none) == 0;
	free(none);
	return 0;
}
