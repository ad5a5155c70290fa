/* SPDX-License-Identifier: ISC */
/*
 * From readings and rows to a list of what is how full, worst first. Ports
 * and queues are counted from the rows, everything else was read.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "model/pressure.h"

#define SHORT_NS UINT64_C(50000000) /* too short to measure a rate */

void
pressure_view_init(struct pressure_view *v)
{
	memset(v, 0, sizeof(*v));
}

static void
clear_items(struct pressure_view *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		free(v->item[i].comm);
	v->n = v->nevents = 0;
	memset(v->more, 0, sizeof(v->more));
}

void
pressure_view_done(struct pressure_view *v)
{
	clear_items(v);
	free(v->item);
	free(v->event);
	pressure_free(v->now);
	pressure_free(v->before);
	pressure_view_init(v);
}

void
pressure_view_take(struct pressure_view *v, struct pressure *now)
{
	pressure_free(v->before);
	v->before = now == NULL ? NULL : v->now;
	if (now == NULL)
		pressure_free(v->now);
	v->now = now;
}

/* -- items ---------------------------------------------------------------- */

static int
item_cmp(const void *va, const void *vb)
{
	const struct pressure_item *a = va, *b = vb;
	bool ba = a->verdict <= PRESSURE_HIGH, bb = b->verdict <= PRESSURE_HIGH;
	int r;

	if (ba != bb)
		return ba ? -1 : 1;
	if (ba && a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	r = pressure_gauge_cmp(&a->gauge, &b->gauge);
	if (r != 0)
		return r;
	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	r = memcmp(&a->peer, &b->peer, sizeof(a->peer));
	if (r == 0)
		r = memcmp(&a->local, &b->local, sizeof(a->local));
	return r != 0 ? r : (a->pid > b->pid) - (a->pid < b->pid);
}

static enum pressure_verdict
judge(const struct pressure_item *it)
{
	/* A queue holds one more than its limit says (sk_acceptq_is_full). */
	bool queue = it->kind == PRESSURE_ACCEPT || it->kind == PRESSURE_SYN;
	const struct pressure_gauge *g = &it->gauge;
	int percent = pressure_percent(g);

	if (it->hit)
		return PRESSURE_FULL;
	if (percent < 0)
		return PRESSURE_NOT_KNOWN;
	if (g->value > g->limit || (g->value == g->limit && !queue))
		return PRESSURE_FULL;
	if ((unsigned)percent >= pressure_fact(it->kind)->high && g->value > 0)
		return PRESSURE_HIGH;
	if (it->kind == PRESSURE_TCP_MEM && it->middle != PRESSURE_UNKNOWN &&
	    g->value >= it->middle)
		return PRESSURE_HIGH;
	return PRESSURE_OK;
}

static struct pressure_item
new_item(enum pressure_kind kind, uint32_t netns)
{
	return (struct pressure_item){ .kind = kind,
		.netns = netns,
		.gauge = { PRESSURE_UNKNOWN, PRESSURE_UNKNOWN },
		.events = PRESSURE_UNKNOWN,
		.events_ps = -1,
		.middle = PRESSURE_UNKNOWN };
}

/*
 * Judges it and lists it, if it is among the `top` worst of those from
 * `first` on, which are of its kind: there may be a hundred thousand. NULL:
 * it is not, or does no more when a worse one comes.
 */
static struct pressure_item *
offer(struct pressure_view *v, size_t first, size_t top,
    const struct pressure_item *candidate)
{
	struct pressure_item one = *candidate, *least;
	size_t i;

	one.verdict = judge(&one);
	if (v->n - first < top) {
		v->item =
		    array_grow(v->item, &v->cap, v->n + 1, sizeof(*v->item));
		v->item[v->n] = one;
		return &v->item[v->n++];
	}
	v->more[one.kind]++;
	least = &v->item[first];
	for (i = first + 1; i < v->n; i++)
		if (item_cmp(&v->item[i], least) > 0)
			least = &v->item[i];
	if (item_cmp(&one, least) >= 0)
		return NULL;
	free(least->comm);
	*least = one;
	return least;
}

/* -- what the kernel counted ---------------------------------------------- */

static double
seconds(const struct pressure_view *v)
{
	if (v->before == NULL ||
	    v->now->mono_ns < v->before->mono_ns + SHORT_NS)
		return 0;
	return (double)(v->now->mono_ns - v->before->mono_ns) / 1e9;
}

static void
add_event(struct pressure_view *v, enum pressure_counter c, uint32_t netns,
    uint64_t now, uint64_t before)
{
	struct pressure_event *e;
	double s = seconds(v);

	if (now == PRESSURE_UNKNOWN)
		return;
	v->event = array_grow(
	    v->event, &v->events_cap, v->nevents + 1, sizeof(*v->event));
	e = &v->event[v->nevents++];
	*e = (struct pressure_event){
		.counter = c, .netns = netns, .total = now, .per_s = -1
	};
	if (s > 0 && before != PRESSURE_UNKNOWN && now >= before)
		e->per_s = (double)(now - before) / s;
}

static void
count_events(struct pressure_view *v)
{
	const struct pressure_ns *ns, *old;
	size_t i;
	unsigned c;

	for (i = 0; i < v->now->nns; i++) {
		ns = &v->now->ns[i];
		old = pressure_find_ns(v->before, ns->netns);
		for (c = 0; c < PRESSURE_NCOUNTERS; c++)
			if (pressure_counter_fact(c)->netns)
				add_event(v, c, ns->netns, ns->counter[c],
				    old == NULL ? PRESSURE_UNKNOWN
						: old->counter[c]);
	}
	for (c = 0; c < PRESSURE_NCOUNTERS; c++)
		if (!pressure_counter_fact(c)->netns)
			add_event(v, c, 0, v->now->counter[c],
			    v->before == NULL ? PRESSURE_UNKNOWN
					      : v->before->counter[c]);
}

/* What the counters say of an item: for the queues they are of all listeners
 * of the namespace together, and judge none of them. */
static void
add_events_to(const struct pressure_view *v, struct pressure_item *it)
{
	const struct pressure_counter_fact *f;
	const struct pressure_event *e;
	size_t i;

	for (i = 0; i < v->nevents; i++) {
		e = &v->event[i];
		f = pressure_counter_fact(e->counter);
		if (f->kind != it->kind || !f->hit ||
		    (it->netns != 0 && e->netns != it->netns))
			continue;
		if (it->events == PRESSURE_UNKNOWN)
			it->events = 0;
		it->events += e->total;
		if (e->per_s >= 0 && it->events_ps < 0)
			it->events_ps = 0;
		if (e->per_s >= 0)
			it->events_ps += e->per_s;
	}
	it->hit = it->events_ps > 0 && it->kind != PRESSURE_ACCEPT &&
		  it->kind != PRESSURE_SYN;
}

/* -- ports ---------------------------------------------------------------- */

/* Everything towards one address and port from one local address: they share
 * the range (the kernel's __inet_hash_connect()). */
struct dest {
	uint64_t key;
	uint32_t netns, n, waiting;
	struct endpoint local, peer;
	uint8_t family;
};
/* A namespace's range, and what of it a connect(2) can have. */
struct range {
	uint32_t netns, capacity, udp;
	uint16_t lo, hi;
	const struct portset *reserved; /* NULL: not known */
	struct portset *bound; /* held by bind(2): no connect(2) takes it */
	struct portset *udp_used;
};
struct ports {
	struct dest *dest;
	size_t n, cap;
	struct hash by_key;
	struct range *range;
	size_t nranges;
	size_t last; /* rows of a namespace stand together mostly */
};

static uint64_t
dest_key(const void *arg, uint32_t i)
{
	const struct ports *p = arg;

	return p->dest[i].key;
}

static struct range *
range_of(struct ports *p, const struct row *r)
{
	size_t i;

	if (p->last < p->nranges && p->range[p->last].netns == r->rec.netns)
		return &p->range[p->last];
	for (i = 0; i < p->nranges; i++)
		if (p->range[i].netns == r->rec.netns) {
			p->last = i;
			return &p->range[i];
		}
	return NULL;
}

static bool
in_range(const struct range *g, uint16_t port)
{
	return g != NULL && port >= g->lo && port <= g->hi &&
	       (g->reserved == NULL || !portset_has(g->reserved, port));
}

static void
ports_init(struct ports *p, const struct pressure *now)
{
	const struct port_limits *l;
	struct range *g;
	size_t i;

	memset(p, 0, sizeof(*p));
	hash_init(&p->by_key, dest_key, p);
	p->range = xcalloc(now->nns + 1, sizeof(*p->range));
	for (i = 0; i < now->nns; i++) {
		l = now->ns[i].ports;
		if (l->ephemeral_hi == 0)
			continue;
		g = &p->range[p->nranges++];
		*g = (struct range){ .netns = now->ns[i].netns,
			.lo = l->ephemeral_lo,
			.hi = l->ephemeral_hi,
			.reserved = l->reserved_known ? &l->reserved : NULL,
			.bound = xcalloc(1, sizeof(struct portset)),
			.udp_used = xcalloc(1, sizeof(struct portset)) };
		g->capacity = (uint32_t)g->hi - g->lo + 1;
		if (g->reserved != NULL)
			g->capacity -= portset_count(g->reserved, g->lo, g->hi);
		g->udp = g->capacity;
	}
}

static void
ports_done(struct ports *p)
{
	size_t i;

	for (i = 0; i < p->nranges; i++) {
		free(p->range[i].bound);
		free(p->range[i].udp_used);
	}
	free(p->range);
	free(p->dest);
	hash_done(&p->by_key);
}

static bool
is_bound_alone(const struct row *r)
{
	return r->rec.state == SOCK_LISTEN || r->rec.state == SOCK_BOUND;
}

static bool
is_live_tcp(const struct row *r)
{
	return (r->flags & ROW_GONE) == 0 && r->rec.proto == SOCK_TCP;
}

/* ::ffff:10.0.0.9 takes its port from the same ones as 10.0.0.9. */
static void
unmap(struct endpoint *e)
{
	memcpy(e->addr, e->addr + 12, 4);
	memset(e->addr + 4, 0, 12);
}

static void
count_dest(struct ports *p, const struct row *r)
{
	struct {
		uint32_t netns;
		uint16_t port, family;
		uint8_t local[16], peer[16];
	} id = { .netns = r->rec.netns, .port = r->rec.peer.port };
	struct endpoint local = r->rec.local, peer = r->rec.peer;
	uint8_t family = r->rec.family;
	struct dest *d;
	uint64_t key;
	uint32_t i;

	if (family == 6 && endpoint_is_v4mapped(&peer) &&
	    endpoint_is_v4mapped(&local)) {
		unmap(&local);
		unmap(&peer);
		family = 4;
	}
	id.family = family;
	memcpy(id.local, local.addr, sizeof(id.local));
	memcpy(id.peer, peer.addr, sizeof(id.peer));
	key = hash_bytes(&id, sizeof(id), 0);
	i = hash_find(&p->by_key, key);
	if (i == HASH_NONE) {
		p->dest =
		    array_grow(p->dest, &p->cap, p->n + 1, sizeof(*p->dest));
		d = &p->dest[p->n];
		*d = (struct dest){ .key = key,
			.netns = r->rec.netns,
			.local = local,
			.peer = peer,
			.family = family };
		d->local.port = 0;
		hash_add(&p->by_key, key, (uint32_t)p->n++);
	} else
		d = &p->dest[i];
	d->n++;
	d->waiting += r->rec.state == SOCK_TIME_WAIT;
}

static void
count_ports(struct ports *p, const struct table *t)
{
	const struct row *r;
	struct range *g;
	size_t i;

	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if ((r->flags & ROW_GONE) != 0)
			continue;
		g = range_of(p, r);
		if (!in_range(g, r->rec.local.port))
			continue;
		if (r->rec.proto == SOCK_UDP)
			(void)portset_add(g->udp_used, r->rec.local.port);
		else if (is_bound_alone(r) &&
			 portset_add(g->bound, r->rec.local.port))
			g->capacity--;
	}
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if (!is_live_tcp(r) || is_bound_alone(r) ||
		    r->rec.peer.port == 0)
			continue;
		g = range_of(p, r);
		/* On a listener's port: accepted, or no port of the range. */
		if (in_range(g, r->rec.local.port) &&
		    !portset_has(g->bound, r->rec.local.port))
			count_dest(p, r);
	}
}

static void
add_ports(struct pressure_view *v, const struct table *t, size_t top)
{
	struct pressure_item it;
	const struct dest *d;
	const struct range *g;
	struct ports p;
	size_t i, k, first = v->n;

	ports_init(&p, v->now);
	count_ports(&p, t);
	for (i = 0; i < p.n; i++) {
		d = &p.dest[i];
		for (k = 0; p.range[k].netns != d->netns; k++)
			;
		g = &p.range[k];
		it = new_item(PRESSURE_EPHEMERAL, d->netns);
		it.gauge.value = d->n;
		it.gauge.limit = g->capacity;
		it.waiting = d->waiting;
		it.family = d->family;
		it.local = d->local;
		it.peer = d->peer;
		(void)offer(v, first, top, &it);
	}
	first = v->n;
	for (k = 0; k < p.nranges; k++) {
		g = &p.range[k];
		it = new_item(PRESSURE_UDP_PORTS, g->netns);
		it.gauge.value = portset_count(g->udp_used, g->lo, g->hi);
		it.gauge.limit = g->udp;
		(void)offer(v, first, top, &it);
	}
	ports_done(&p);
}

/* -- queues --------------------------------------------------------------- */

static void
put_owner(struct pressure_item *it, const struct row *r)
{
	if (r->owners.proc == NULL)
		return;
	it->pid = r->owners.proc->pid;
	it->comm = xstrdup(r->owners.proc->comm);
}

static void
offer_listener(struct pressure_view *v, size_t first, size_t top,
    enum pressure_kind kind, const struct row *r, uint32_t value)
{
	struct pressure_item it = new_item(kind, r->rec.netns), *listed;

	it.family = r->rec.family;
	it.local = r->rec.local;
	it.gauge.value = value;
	if ((r->rec.flags & SOCKF_NO_LIMIT) == 0)
		it.gauge.limit = r->rec.sendq;
	listed = offer(v, first, top, &it);
	if (listed != NULL)
		put_owner(listed, r);
}

static void
add_accept(struct pressure_view *v, const struct table *t, size_t top)
{
	const struct row *r;
	size_t i, first = v->n;

	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if (is_live_tcp(r) && r->rec.state == SOCK_LISTEN &&
		    (r->rec.known & KNOWN_QUEUES) != 0)
			offer_listener(
			    v, first, top, PRESSURE_ACCEPT, r, r->rec.recvq);
	}
}

/* Handshakes under way, by the listener they are for. */
static void
add_syn(struct pressure_view *v, struct table *t, size_t top)
{
	struct {
		const struct row *listener;
		uint32_t n;
	} *half = NULL;
	size_t i, k, n = 0, cap = 0, first = v->n;
	const struct row *r, *l;

	if (t->by_state[SOCK_SYN_RECEIVED] == 0)
		return;
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if (!is_live_tcp(r) || r->rec.state != SOCK_SYN_RECEIVED ||
		    (l = table_listener(t, r)) == NULL)
			continue;
		for (k = 0; k < n && half[k].listener != l; k++)
			;
		if (k == n) {
			half = array_grow(half, &cap, n + 1, sizeof(*half));
			half[n].n = 0;
			half[n++].listener = l;
		}
		half[k].n++;
	}
	for (k = 0; k < n; k++)
		offer_listener(
		    v, first, top, PRESSURE_SYN, half[k].listener, half[k].n);
	free(half);
}

/* -- what was read -------------------------------------------------------- */

static void
add_gauge(struct pressure_view *v, size_t first, size_t top,
    enum pressure_kind kind, uint32_t netns, const struct pressure_gauge *g)
{
	struct pressure_item it = new_item(kind, netns);

	if (g->value == PRESSURE_UNKNOWN && g->limit == PRESSURE_UNKNOWN)
		return;
	it.gauge = *g;
	if (kind == PRESSURE_TCP_MEM)
		it.middle = v->now->tcp_mem_middle;
	add_events_to(v, &it);
	(void)offer(v, first, top, &it);
}

static void
add_read(struct pressure_view *v, size_t top)
{
	const struct pressure *now = v->now;
	struct pressure_item it, *listed;
	size_t i, first = v->n;
	unsigned k;

	for (i = 0; i < now->nns; i++)
		add_gauge(v, first, top, PRESSURE_TIME_WAIT, now->ns[i].netns,
		    &now->ns[i].time_wait);
	first = v->n;
	for (i = 0; i < now->nns; i++)
		add_gauge(v, first, top, PRESSURE_CONNTRACK, now->ns[i].netns,
		    &now->ns[i].conntrack);
	for (k = 0; k < PRESSURE_NKINDS; k++)
		add_gauge(v, v->n, 1, k, 0, &now->gauge[k]);
	first = v->n;
	for (i = 0; i < now->nprocs && i < top; i++) {
		it = new_item(PRESSURE_FDS, 0);
		it.gauge = now->proc[i].fds;
		it.pid = now->proc[i].pid;
		listed = offer(v, first, top, &it);
		if (listed != NULL)
			listed->comm = xstrdup(now->proc[i].comm);
	}
}

void
pressure_view_build(struct pressure_view *v, struct table *t, size_t top)
{
	clear_items(v);
	v->read = v->now != NULL;
	if (v->read) {
		v->page_size = v->now->page_size;
		v->procs_hidden = v->now->procs_hidden;
		count_events(v);
		add_ports(v, t, top);
	}
	add_accept(v, t, top);
	add_syn(v, t, top);
	if (v->read)
		add_read(v, top);
	if (v->n > 0)
		qsort(v->item, v->n, sizeof(*v->item), item_cmp);
}
