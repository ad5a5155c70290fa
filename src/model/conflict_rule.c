/* SPDX-License-Identifier: ISC */
/*
 * The kernel's rules for two sockets that want one port: inet_rcv_saddr_equal()
 * for addresses, inet_bind_conflict() for devices and SO_REUSEADDR
 * (net/ipv4/inet_connection_sock.c), udp_lib_lport_inuse() for UDP.
 */
#include "config.h"

#include <string.h>

#include "model/conflict.h"

/* An end as IPv4 sees it: its own bytes, or those of a mapped address. */
static const uint8_t *
as_v4(const struct endpoint *e, unsigned family)
{
	if (family == 4)
		return e->addr;
	return endpoint_is_v4mapped(e) ? e->addr + 12 : NULL;
}

static bool
v4_any(const uint8_t *a)
{
	static const uint8_t zero[4];

	return memcmp(a, zero, 4) == 0;
}

static enum overlap
yes_if(bool same)
{
	return same ? OVERLAP_YES : OVERLAP_NO_ADDR;
}

/* One of them is the IPv6 wildcard, the other has an IPv4 address. */
static enum overlap
any6_meets_v4(int v6only)
{
	return v6only > 0   ? OVERLAP_NO_V6ONLY
	       : v6only < 0 ? OVERLAP_MAYBE
			    : OVERLAP_YES;
}

static enum overlap
addr_overlap(const struct conflict_try *t, const struct conflict_sock *s)
{
	const struct sock_rec *rec = &s->row->rec;
	const uint8_t *t4 = as_v4(&t->local, t->family);
	const uint8_t *s4 = as_v4(&rec->local, rec->family);
	bool t_any = endpoint_is_any(&t->local);
	bool s_any = endpoint_is_any(&rec->local);

	if (t4 != NULL && s4 != NULL)
		return yes_if(
		    v4_any(t4) || v4_any(s4) || memcmp(t4, s4, 4) == 0);
	if (t4 != NULL) /* and it is IPv6 proper */
		return s_any ? any6_meets_v4(s->opts.v6only) : OVERLAP_NO_ADDR;
	if (s4 != NULL)
		return yes_if(t_any && !t->v6only);
	return yes_if(
	    t_any || s_any || memcmp(t->local.addr, rec->local.addr, 16) == 0);
}

enum overlap
conflict_overlap(const struct conflict_try *t, const struct conflict_sock *s)
{
	const struct sock_rec *rec = &s->row->rec;
	enum overlap o;

	if (rec->local.port != t->local.port || rec->local.port == 0)
		return OVERLAP_NO_PORT;
	/* Half-open connections are no sockets yet: the listener has the
	 * port. CLOSED ones were never bound, or are no more. */
	if (rec->state == SOCK_SYN_RECEIVED || rec->state == SOCK_CLOSED)
		return OVERLAP_NO_HOLD;
	o = addr_overlap(t, s);
	if ((o == OVERLAP_YES || o == OVERLAP_MAYBE) && t->ifindex != 0 &&
	    (rec->known & KNOWN_IFACE) != 0 && rec->ifindex != 0 &&
	    rec->ifindex != t->ifindex)
		return OVERLAP_NO_DEVICE;
	return o;
}

int
conflict_reuse_blocks(const struct conflict_sock *s)
{
	if (s->row->rec.state == SOCK_LISTEN)
		return 1;
	return s->opts.reuseaddr < 0 ? -1 : !s->opts.reuseaddr;
}
