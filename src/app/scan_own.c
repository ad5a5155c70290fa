/* SPDX-License-Identifier: ISC */
/* What a scan of this machine by itself asks for. */
#include "config.h"

#include "app/scan_own.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/procfs.h"
#include "base/xmalloc.h"
#include "collect/port_scene.h"
#include "model/conflict.h"
#include "model/scan_self.h"

#define STATUS_FILE_MAX 8192

/* The worker is given raw sockets if we could open them. */
static bool
may_send_raw(void)
{
	char text[STATUS_FILE_MAX + 1], *line;
	ssize_t n = procfs_read_at(
	    AT_FDCWD, "/proc/self/status", text, STATUS_FILE_MAX);
	uint64_t caps;

	if (n < 0)
		return false;
	text[n] = '\0';
	line = strstr(text, "\nCapEff:\t");
	if (line == NULL)
		return false;
	line += strlen("\nCapEff:\t");
	line[strcspn(line, "\n")] = '\0';
	return num_hex_u64(line, UINT64_MAX, &caps) &&
	       (caps >> CAP_NET_RAW & 1) != 0;
}

static bool
is_link_local(const struct conflict_addr *a)
{
	return a->family == 6 && a->addr.addr[0] == 0xfe &&
	       (a->addr.addr[1] & 0xc0) == 0x80;
}

struct scan_addr *
scan_own_addrs(size_t *n)
{
	struct conflict_facts facts = { 0 };
	struct conflict_ns *ns = conflict_add_ns(&facts, 0, "", false);
	struct scan_addr *own;
	size_t i;

	port_scene_read(ns);
	own = xcalloc(ns->naddrs + 1, sizeof(*own));
	for (i = 0; i < ns->naddrs; i++) {
		own[i].family = ns->addr[i].family;
		memcpy(own[i].addr, ns->addr[i].addr.addr, 16);
		if (is_link_local(&ns->addr[i]))
			own[i].scope = ns->addr[i].ifindex;
	}
	*n = ns->naddrs;
	conflict_facts_done(&facts);
	return own;
}

static size_t
own_targets(struct scan_plan *p, const struct table *t, uint32_t netns)
{
	struct scan_addr *own;
	size_t n, left_out;

	own = scan_own_addrs(&n);
	left_out = scan_self_targets(
	    t, netns, p->spec.family, own, n, &p->spec.targets);
	free(own);
	return left_out;
}

static int
own_ports(struct scan_plan *p, const struct args *a, const struct table *t,
    uint32_t netns, char **cause)
{
	const bool udp = a->scan.how == 0 || (a->scan.how & SCAN_UDP) != 0;
	const bool tcp =
	    a->scan.how == 0 || (a->scan.how & ~(unsigned)SCAN_UDP);
	const unsigned protos =
	    (tcp ? SCAN_PROTO_TCP : 0u) | (udp ? SCAN_PROTO_UDP : 0u);

	memset(p->ports, 0, sizeof(*p->ports));
	scan_self_ports(t, netns, protos, p->ports);
	if (scan_plan_omit_ports(p->ports, a, protos, cause) != 0)
		return STATUS_USAGE;
	buf_reset(&p->spec.ports);
	scan_ports_put(p->ports, &p->spec.ports);
	return STATUS_OK;
}

int
scan_own_plan(struct scan_plan *p, const struct args *a, const struct table *t,
    uint32_t netns, size_t *left_out, char **cause)
{
	const struct args_scan *s = &a->scan;

	*left_out = own_targets(p, t, netns);
	if (p->spec.targets.len == 0) {
		*cause = xstrdup("--self: this machine has no address of that "
				 "family");
		return STATUS_FAILED;
	}
	/* They are known to be up; and what is silent here tells something. */
	p->spec.no_ping = true;
	if (!scan_plan_names_ports(a) &&
	    own_ports(p, a, t, netns, cause) != STATUS_OK)
		return STATUS_USAGE;
	if (scan_ports_count(p->ports) == 0) {
		*cause = xstrdup(
		    s->exclude_ports != NULL
			? "--self: no port is left to be scanned"
			: "--self -sU: no socket is bound to a UDP port; -p "
			  "names others");
		return STATUS_FAILED;
	}
	if (s->how == 0) {
		p->spec.how |= may_send_raw() ? SCAN_SYN : SCAN_CONNECT;
		if (portset_count(&p->ports->udp, 0, UINT16_MAX) > 0)
			p->spec.how |= SCAN_UDP;
	}
	return STATUS_OK;
}
