/* SPDX-License-Identifier: ISC */
/* Hosts: into a slot, asked whether they are there, out of it again. */
#include "config.h"

#include "scan/engine_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "model/scan_ports.h"

static uint64_t
addr_key(const struct scan_addr *a)
{
	return hash_bytes(
	    a->addr, sizeof(a->addr), (uint64_t)a->scope << 8 | a->family);
}

static uint64_t
slot_key(const void *arg, uint32_t i)
{
	const struct engine *e = arg;

	return addr_key(&e->slot[i].host.addr);
}

static int
done_cmp(const void *a, const void *b)
{
	const struct engine_done *x = a, *y = b;

	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

void
hosts_init(struct engine *e)
{
	const struct scan_spec *spec = e->spec;
	size_t i;

	e->slot = xcalloc(NSLOTS, sizeof(*e->slot));
	for (i = 0; i < NSLOTS; i++)
		e->free_slot[i] = (uint32_t)(NSLOTS - 1 - i);
	e->nfree_slot = NSLOTS;
	hash_init(&e->by_addr, slot_key, e);
	e->done = xcalloc(spec->ndone + 1, sizeof(*e->done));
	for (i = 0; i < spec->ndone; i++)
		e->done[i] = (struct engine_done){ spec->done[i].pos,
			spec->done[i].ports };
	qsort(e->done, spec->ndone, sizeof(*e->done), done_cmp);
	e->total = order_probes(&e->order);
	e->hosts = order_hosts_of(&e->order);
	e->next_host = spec->hosts_done;
}

void
hosts_done(struct engine *e)
{
	uint32_t i;

	for (i = 0; i < NSLOTS; i++)
		free(e->slot[i].done);
	free(e->slot);
	free(e->done);
	hash_done(&e->by_addr);
}

struct host *
engine_host(struct engine *e, uint32_t slot)
{
	return &e->slot[slot].host;
}

struct host *
engine_host_find(struct engine *e, const struct scan_addr *a)
{
	uint32_t i = hash_find(&e->by_addr, addr_key(a));

	if (i == HASH_NONE || !scan_addr_eq(&e->slot[i].host.addr, a))
		return NULL;
	return &e->slot[i].host;
}

uint32_t
engine_slots(const struct engine *e)
{
	(void)e;
	return NSLOTS;
}

/* -- what was done before ------------------------------------------------- */

/* The first entry of a host, or NULL. */
static const struct engine_done *
done_find(const struct engine *e, uint64_t pos)
{
	size_t lo = 0, hi = e->spec->ndone, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (e->done[mid].pos < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < e->spec->ndone && e->done[lo].pos == pos ? &e->done[lo]
							     : NULL;
}

static void
done_mark(struct engine *e, struct slot *s, const char *ports)
{
	struct scan_ports *set = xcalloc(1, sizeof(*set));
	const struct scan_port *port = e->plan.port;
	char *cause = NULL;
	uint32_t i;

	if (s->done == NULL)
		s->done = xcalloc(e->plan.nports / 64 + 1, sizeof(*s->done));
	/* What cannot be read is asked again: that does no harm. */
	if (scan_ports_parse(
		set, ports, SCAN_PROTO_TCP | SCAN_PROTO_UDP, &cause) == 0)
		for (i = 0; i < e->plan.nports; i++)
			if (portset_has(
				lane_of(port[i].proto) ? &set->udp : &set->tcp,
				port[i].port))
				s->done[i / 64] |= UINT64_C(1) << (i % 64);
	free(cause);
	free(set);
}

bool
slot_is_done(const struct slot *s, uint32_t i)
{
	return s->done != NULL && (s->done[i / 64] >> (i % 64) & 1) != 0;
}

/* True: all of the host was. */
static bool
done_load(struct engine *e, struct slot *s)
{
	const struct engine_done *d = done_find(e, s->host.pos);

	if (d == NULL)
		return false;
	for (; d < e->done + e->spec->ndone && d->pos == s->host.pos; d++) {
		if (d->ports == NULL)
			return true;
		if (e->plan.nports > 0)
			done_mark(e, s, d->ports);
	}
	return false;
}

/* -- in and out ----------------------------------------------------------- */

/* It is found, or given up. */
void
slot_resolved(struct engine *e, struct slot *s)
{
	e->nneighbours -= s->neighbour;
	s->neighbour = false;
}

static void
slot_leave(struct engine *e, struct slot *s)
{
	uint32_t last = e->active[e->nactive - 1], i = s->host.slot;
	struct host *h = engine_host_find(e, &s->host.addr);

	if (h == &s->host)
		hash_remove(&e->by_addr, addr_key(&s->host.addr));
	slot_resolved(e, s);
	e->active[s->active] = last;
	e->slot[last].active = s->active;
	e->nactive--;
	e->hosts_done++;
	e->changed = true;
	free(s->done);
	memset(s, 0, sizeof(*s));
	e->free_slot[e->nfree_slot++] = i;
}

/* Ports that are settled before anything is sent: done before, or there is no
 * way to ask for them (IPv6, say). */
static void
presettle(struct engine *e, struct slot *s)
{
	bool none[LANES];
	uint32_t pos, i;
	int lane;

	for (lane = 0; lane < LANES; lane++)
		none[lane] = lane_method(e, s, lane) == e->nmethod;
	if (s->done == NULL && !(none[0] && e->has[0]) &&
	    !(none[1] && e->has[1]))
		return;
	for (pos = order_first(&e->order, s->host.pos); pos < e->plan.nports;
	     pos += order_step(&e->order)) {
		i = order_port(&e->order, &s->order, pos);
		lane = lane_of(e->plan.port[i].proto);
		if (!slot_is_done(s, i) && !none[lane])
			continue;
		s->left--;
		e->ndone++;
		if (slot_is_done(s, i))
			s->settled[lane]++;
		else if (s->unsent++ == 0)
			tell_unsent(e, s, -EAFNOSUPPORT);
	}
	for (lane = 0; lane < LANES; lane++)
		if (none[lane])
			s->lane[lane].next = e->plan.nports;
}

static void
begin_ports(struct engine *e, struct slot *s)
{
	int lane;

	s->stage = SLOT_PORTS;
	if (e->plan.nports == 0) {
		slot_check(e, s);
		return;
	}
	order_ports(&e->order, s->host.pos, &s->order);
	for (lane = 0; lane < LANES; lane++)
		s->lane[lane].next = e->has[lane]
					 ? order_first(&e->order, s->host.pos)
					 : e->plan.nports;
	s->left = order_share(&e->order, s->host.pos);
	presettle(e, s);
	slot_check(e, s);
}

void
slot_up(
    struct engine *e, struct slot *s, const struct answer *a, uint64_t rtt_ns)
{
	uint32_t i;
	uint8_t m;

	for (m = 0; m < e->nmethod; m++) {
		struct probe *p;
		const struct method *me = e->method[m].m;

		if ((me->use & METHOD_PING) == 0)
			continue;
		p = engine_probe_find(
		    e, &s->host, me->ops, me->proto, me->port);
		if (p == NULL)
			continue;
		i = probe_index(e, probe_of(p));
		probe_free(e, &e->probe[i]);
		s->out--;
	}
	s->host.up = true;
	if (a->mac != NULL)
		memcpy(s->host.mac, a->mac, sizeof(s->host.mac));
	e->hosts_up++;
	tell_host(e, s, true, a, rtt_ns);
	begin_ports(e, s);
}

/* Its ports are over with it. */
static void
skip_ports(struct engine *e, struct slot *s)
{
	e->ndone += s->stage == SLOT_PORTS
			? s->left
			: order_share(&e->order, s->host.pos);
	s->left = 0;
}

static void
down(struct engine *e, struct slot *s, const struct answer *a)
{
	if ((e->plan.how & SCAN_PING) != 0 && e->spec->tell == SCAN_TELL_ALL)
		tell_host(e, s, false, a, 0);
	skip_ports(e, s);
	s->closing = true;
	e->nclosing++;
}

/* More pings to be sent? */
static bool
pings_left(const struct engine *e, const struct slot *s)
{
	return s->ping < e->nmethod;
}

void
slot_check(struct engine *e, struct slot *s)
{
	static const struct answer silent = { .reason = REASON_NO_RESPONSE };

	if (s->closing)
		return;
	if (s->stage == SLOT_ASKED) {
		if (s->out == 0 && !pings_left(e, s))
			down(e, s, &silent);
	} else if (s->stage == SLOT_PORTS && s->left == 0) {
		s->closing = true;
		e->nclosing++;
	}
}

void
hosts_reap(struct engine *e)
{
	struct slot *s;
	uint32_t i;

	for (i = 0; i < e->nactive && e->nclosing > 0;) {
		s = &e->slot[e->active[i]];
		if (!s->closing) {
			i++;
			continue;
		}
		if (s->host.up)
			tell_host_end(e, s, false);
		slot_leave(e, s);
		e->nclosing--;
	}
}

/* All its probes are gone, unsettled. */
static void
drop_probes(struct engine *e, struct slot *s)
{
	uint32_t i;

	for (i = 0; i < e->nprobe && s->out > 0; i++)
		if (e->probe[i].where != PROBE_FREE &&
		    e->probe[i].p.slot == s->host.slot) {
			probe_free(e, &e->probe[i]);
			s->out--;
		}
}

void
slot_unreachable(struct engine *e, struct slot *s, int error)
{
	tell_unsent(e, s, error);
	drop_probes(e, s);
	s->unsent += s->left;
	skip_ports(e, s);
	s->stage = SLOT_PORTS;
	slot_check(e, s);
}

void
engine_host_unreachable(
    struct engine *e, struct host *h, const struct answer *a)
{
	struct slot *s = &e->slot[h->slot];

	/* Of a host that is there it is one router's word, for a while. */
	if (s->stage != SLOT_ASKED || s->closing)
		return;
	drop_probes(e, s);
	down(e, s, a);
}

void
hosts_timeout(struct engine *e, uint64_t now)
{
	struct slot *s;
	uint32_t i;

	for (i = 0; i < e->nactive;) {
		s = &e->slot[e->active[i]];
		if (s->closing || now - e->gap - s->began < e->host_timeout) {
			i++;
			continue;
		}
		drop_probes(e, s);
		skip_ports(e, s);
		if (s->host.up)
			tell_host_end(e, s, true);
		slot_leave(e, s);
	}
}

/* -- new ones ------------------------------------------------------------- */

static int
host_route(struct engine *e, struct slot *s)
{
	int r = 0;
	uint8_t t;

	if (e->priv->links != NULL)
		r = links_host(e->priv->links, &s->host);
	for (t = 0; t < e->ntech && r == 0; t++)
		if (e->tech[t].ops->host != NULL)
			r = e->tech[t].ops->host(e->tech[t].arg, &s->host);
	return r;
}

static void
slot_enter(struct engine *e, uint64_t pos, uint64_t now)
{
	static const struct answer own = { .reason = REASON_LOCALHOST },
				   set = { .reason = REASON_USER_SET };
	struct slot *s = &e->slot[e->free_slot[e->nfree_slot - 1]];
	int i, r;

	s->host.slot = e->free_slot[--e->nfree_slot];
	s->host.pos = pos;
	s->stage = SLOT_ASKED;
	s->began = now - e->gap;
	for (i = 0; i < LANES; i++) {
		s->lane[i].head = s->lane[i].tail = NONE;
		pace_init(&s->lane[i].pace, &e->host_limits, now);
	}
	target_at(e->plan.targets, order_host(&e->order, pos), &s->host.addr);
	if (hash_find(&e->by_addr, addr_key(&s->host.addr)) == HASH_NONE)
		hash_add(&e->by_addr, addr_key(&s->host.addr), s->host.slot);
	s->active = e->nactive;
	e->active[e->nactive++] = s->host.slot;
	r = host_route(e, s);
	if (r == 0 && s->host.on_link && !s->host.local &&
	    (e->spec->no_ping ||
		(e->link_pings & method_family(s->host.addr.family)) == 0)) {
		s->neighbour = true;
		e->nneighbours++;
	}
	if (done_load(e, s)) {
		skip_ports(e, s);
		slot_leave(e, s);
	} else if (r < 0)
		slot_unreachable(e, s, r);
	else if (s->host.local)
		slot_up(e, s, &own, 0);
	else if (e->spec->no_ping)
		slot_up(e, s, &set, 0);
}

void
hosts_fill(struct engine *e, uint64_t now)
{
	uint64_t pos;

	while (e->nfree_slot > 0 && e->nneighbours < NEIGHBOURS) {
		pos = order_next_host(&e->order, e->next_host);
		if (pos >= e->order.nhosts) {
			e->next_host = e->order.nhosts;
			return;
		}
		e->next_host = pos + 1;
		slot_enter(e, pos, now);
	}
}

uint64_t
hosts_upto(const struct engine *e)
{
	uint64_t least = e->next_host;
	uint32_t i;

	for (i = 0; i < e->nactive; i++)
		if (e->slot[e->active[i]].host.pos < least)
			least = e->slot[e->active[i]].host.pos;
	return least;
}
