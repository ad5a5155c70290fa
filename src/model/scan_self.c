/* SPDX-License-Identifier: ISC */
/*
 * A scan of this machine's own addresses, held against the sockets that
 * listen here. For each address the socket is looked for that the kernel
 * would give the packet to: the one bound to that very address goes before
 * one that is bound to all.
 */
#include "config.h"

#include "model/scan_self.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/column_get.h"

/* Of the table, those that listen here, and elsewhere: by protocol, port. */
struct listeners {
	const struct row **row;
	size_t n, cap;
};

/* One port at one address: what lines are put together from. */
struct found {
	enum self_verdict verdict;
	uint16_t port;
	uint8_t proto, state, reason;
	const struct row *row, *elsewhere;
	uint32_t sockets, group; /* group: the place of the first of these
				  * sockets */
	uint32_t host;           /* UINT32_MAX: none of its addresses */
};

struct compare {
	const struct self_ask *ask;
	struct listeners here, other;
	struct found *found;
	size_t n, cap;
};

/* -- which socket --------------------------------------------------------- */

static int
row_cmp(const void *a, const void *b)
{
	const struct row *l = *(const struct row *const *)a;
	const struct row *r = *(const struct row *const *)b;
	int c;

	if (l->rec.proto != r->rec.proto)
		return l->rec.proto < r->rec.proto ? -1 : 1;
	if (l->rec.local.port != r->rec.local.port)
		return l->rec.local.port < r->rec.local.port ? -1 : 1;
	if (l->rec.family != r->rec.family)
		return l->rec.family < r->rec.family ? -1 : 1;
	c = memcmp(l->rec.local.addr, r->rec.local.addr, 16);
	if (c != 0)
		return c;
	return l->seq < r->seq ? -1 : l->seq > r->seq;
}

/* A scan's own sockets (UDP: bound, and without a peer) offer nothing. */
static bool
offers(const struct row *row)
{
	return (row->flags & (ROW_GONE | ROW_SCAN)) == 0 && row_listens(row);
}

static void
listeners_fill(
    struct listeners *l, const struct table *t, uint32_t netns, bool here)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < t->n; i++) {
		row = t->row[i];
		if (!offers(row) || (row->rec.netns == netns) != here)
			continue;
		l->row = array_grow(l->row, &l->cap, l->n + 1, sizeof(*l->row));
		l->row[l->n++] = row;
	}
	if (l->n > 1)
		qsort(l->row, l->n, sizeof(*l->row), row_cmp);
}

/* The place of the first with this port, or of the next larger one. */
static size_t
listeners_at(const struct listeners *l, unsigned proto, uint16_t port)
{
	size_t lo = 0, hi = l->n, mid;
	const struct sock_rec *r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = &l->row[mid]->rec;
		if (r->proto < proto ||
		    (r->proto == proto && r->local.port < port))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
is_port(const struct row *row, unsigned proto, uint16_t port)
{
	return row->rec.proto == proto && row->rec.local.port == port;
}

/* Address and port are the same: with SO_REUSEPORT they take turns. */
static bool
shares(const struct row *a, const struct row *b)
{
	return is_port(a, b->rec.proto, b->rec.local.port) &&
	       a->rec.family == b->rec.family &&
	       memcmp(a->rec.local.addr, b->rec.local.addr, 16) == 0;
}

/* How well a socket's own address fits one that was scanned: 0: not at all. */
static int
fits(const struct sock_rec *r, const struct scan_addr *a)
{
	bool any = endpoint_is_any(&r->local);

	if (r->family == a->family) {
		if (any)
			return 2;
		if (a->scope != 0 && r->ifindex != 0 && a->scope != r->ifindex)
			return 0;
		return memcmp(r->local.addr, a->addr, 16) == 0 ? 3 : 0;
	}
	if (r->family != 6 || a->family != 4)
		return 0;
	if (any)
		return (r->known & KNOWN_V6ONLY) != 0 &&
			       (r->flags & SOCKF_V6ONLY) != 0
			   ? 0
			   : 1;
	return endpoint_is_v4mapped(&r->local) &&
		       memcmp(r->local.addr + 12, a->addr, 4) == 0
		   ? 3
		   : 0;
}

/* The one that gets what is sent to this address, by its place; or n. */
static size_t
socket_of(const struct listeners *l, const struct scan_addr *a, unsigned proto,
    uint16_t port)
{
	size_t i, best = l->n;
	int fit, most = 0;

	for (i = listeners_at(l, proto, port);
	     i < l->n && is_port(l->row[i], proto, port); i++)
		if ((fit = fits(&l->row[i]->rec, a)) > most) {
			most = fit;
			best = i;
		}
	return best;
}

/* -- what was found ------------------------------------------------------- */

static struct found *
add(struct compare *c)
{
	struct found *f;

	c->found = array_grow(c->found, &c->cap, c->n + 1, sizeof(*c->found));
	f = &c->found[c->n++];
	memset(f, 0, sizeof(*f));
	return f;
}

static bool
answers(const struct report_port *p)
{
	return p->state == SCAN_OPEN;
}

/* Ports that answer without a socket. */
static void
foreign_of_host(struct compare *c, uint32_t host)
{
	const struct report_host *h = c->ask->report->host[host];
	const struct report_port *p;
	struct found *f;
	size_t at;
	uint32_t i;

	for (i = 0; i < h->nport; i++) {
		p = &h->port[i];
		if (!answers(p) || socket_of(&c->here, &h->addr, p->proto,
				       p->port) < c->here.n)
			continue;
		f = add(c);
		f->verdict = SELF_FOREIGN;
		f->proto = p->proto;
		f->port = p->port;
		f->state = p->state;
		f->reason = p->reason;
		f->host = host;
		at = listeners_at(&c->other, p->proto, p->port);
		if (at < c->other.n &&
		    is_port(c->other.row[at], p->proto, p->port))
			f->elsewhere = c->other.row[at];
	}
}

static bool
began_before(const struct compare *c, const struct row *row)
{
	uint64_t born = c->ask->table->epoch_ns +
			(uint64_t)row->born_ds * UINT64_C(100000000);

	return c->ask->began_ns == 0 || (row->flags & ROW_BORN) == 0 ||
	       born < c->ask->began_ns;
}

static enum self_verdict
verdict_of(const struct row *row, enum scan_state state)
{
	if (state == SCAN_OPEN)
		return SELF_OPEN;
	if (state == SCAN_CLOSED)
		return SELF_REFUSED;
	if (row->rec.proto == SOCK_UDP && state == SCAN_OPEN_FILTERED)
		return SELF_SILENT;
	return SELF_FILTERED;
}

/* What the scan says of one socket at one address. */
static void
judge(const struct compare *c, struct found *f, struct report_host *h)
{
	const struct report_port *p = report_port_find(h, f->proto, f->port);

	f->verdict = SELF_UNTOLD;
	if (p != NULL) {
		f->state = p->state;
		f->reason = p->reason;
	} else if (h->ended && !h->timeout &&
		   scan_ports_has(c->ask->asked, f->proto, f->port)) {
		/* What is settled and not told was closed. */
		f->state = SCAN_CLOSED;
		f->reason =
		    f->proto == SOCK_UDP ? REASON_PORT_UNREACH : REASON_RESET;
	} else
		return;
	if (f->state == SCAN_CLOSED && !began_before(c, f->row))
		return;
	f->verdict = verdict_of(f->row, (enum scan_state)f->state);
}

/* One socket, or several that share address and port, at each address that
 * is theirs. */
static void
judge_socket(struct compare *c, size_t first, uint32_t sockets)
{
	const struct scan_report *r = c->ask->report;
	const struct row *row = c->here.row[first];
	struct found *f;
	bool any = false;
	uint32_t i;
	size_t at;

	for (i = 0; i < r->nhost; i++) {
		at = socket_of(&c->here, &r->host[i]->addr, row->rec.proto,
		    row->rec.local.port);
		if (at == c->here.n || !shares(c->here.row[at], row))
			continue;
		f = add(c);
		f->row = row;
		f->proto = row->rec.proto;
		f->port = row->rec.local.port;
		f->sockets = sockets;
		f->group = (uint32_t)first;
		f->host = i;
		judge(c, f, r->host[i]);
		any = true;
	}
	if (any)
		return;
	f = add(c);
	f->verdict = SELF_UNTOLD;
	f->row = row;
	f->proto = row->rec.proto;
	f->port = row->rec.local.port;
	f->sockets = sockets;
	f->group = (uint32_t)first;
	f->host = UINT32_MAX;
}

/* -- lines ---------------------------------------------------------------- */

/* All but the address, then that. */
static int
line_cmp(const struct found *a, const struct found *b)
{
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	/* Filtered for one reason here and for another there. */
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	return 0;
}

static int
found_cmp(const void *l, const void *r)
{
	const struct found *a = l, *b = r;
	int c = line_cmp(a, b);

	if (c != 0)
		return c;
	return a->host < b->host ? -1 : a->host > b->host;
}

static void
put_lines(struct scan_self *self, const struct compare *c)
{
	const struct scan_report *r = c->ask->report;
	struct self_line *l = NULL;
	const struct found *f;
	size_t i;

	self->line = xcalloc(c->n + 1, sizeof(*self->line));
	self->addr = xcalloc(c->n + 1, sizeof(*self->addr));
	for (i = 0; i < c->n; i++) {
		f = &c->found[i];
		if (l == NULL || line_cmp(f - 1, f) != 0) {
			l = &self->line[self->n++];
			*l = (struct self_line){ .verdict = f->verdict,
				.port = f->port,
				.proto = f->proto,
				.state = f->state,
				.reason = f->reason,
				.row = f->row,
				.elsewhere = f->elsewhere,
				.sockets = f->sockets,
				.addr = (uint32_t)self->naddr };
			self->count[f->verdict]++;
		}
		if (f->host == UINT32_MAX)
			continue;
		self->addr[self->naddr++] = r->host[f->host]->addr;
		l->naddr++;
	}
}

void
scan_self(struct scan_self *self, const struct self_ask *ask)
{
	struct compare c = { .ask = ask };
	size_t i, next;

	scan_report_sort(ask->report);
	listeners_fill(&c.here, ask->table, ask->netns, true);
	listeners_fill(&c.other, ask->table, ask->netns, false);
	for (i = 0; i < ask->report->nhost; i++)
		foreign_of_host(&c, (uint32_t)i);
	for (i = 0; i < c.here.n; i = next) {
		for (next = i + 1;
		     next < c.here.n && shares(c.here.row[next], c.here.row[i]);
		     next++)
			;
		judge_socket(&c, i, (uint32_t)(next - i));
	}
	if (c.n > 1)
		qsort(c.found, c.n, sizeof(*c.found), found_cmp);
	put_lines(self, &c);
	free(c.found);
	free(c.here.row);
	free(c.other.row);
}

void
scan_self_done(struct scan_self *self)
{
	free(self->line);
	free(self->addr);
	memset(self, 0, sizeof(*self));
}

/* -- what to ask ---------------------------------------------------------- */

bool
scan_self_addr(
    const struct sock_rec *r, const struct endpoint *end, struct scan_addr *ret)
{
	if (endpoint_is_any(end))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->family = r->family;
	if (r->family == 6 && endpoint_is_v4mapped(end)) {
		ret->family = 4;
		memcpy(ret->addr, end->addr + 12, 4);
		return true;
	}
	memcpy(ret->addr, end->addr, r->family == 6 ? 16 : 4);
	if (scan_addr_is_link_local(ret))
		ret->scope = r->ifindex;
	return true;
}

struct targets {
	struct scan_addr addr[SELF_ADDRS_MAX];
	size_t n, left_out;
	uint8_t family;
};

static void
add_target(struct targets *t, const struct scan_addr *a)
{
	size_t i;

	if (t->family != 0 && a->family != t->family)
		return;
	for (i = 0; i < t->n; i++)
		if (scan_addr_eq(&t->addr[i], a))
			return;
	if (t->n == SELF_ADDRS_MAX)
		t->left_out++;
	else
		t->addr[t->n++] = *a;
}

size_t
scan_self_targets(const struct table *table, uint32_t netns, uint8_t family,
    const struct scan_addr *own, size_t nown, struct buf *out)
{
	struct targets t = { .family = family };
	char text[SCAN_ADDR_TEXT];
	const struct row *row;
	struct scan_addr a;
	size_t i;

	for (i = 0; i < nown; i++)
		add_target(&t, &own[i]);
	for (i = 0; i < table->n; i++) {
		row = table->row[i];
		if (offers(row) && row->rec.netns == netns &&
		    scan_self_addr(&row->rec, &row->rec.local, &a))
			add_target(&t, &a);
	}
	for (i = 0; i < t.n; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "",
		    scan_addr_text(text, &t.addr[i]));
	return t.left_out;
}

void
scan_self_ports(const struct table *table, uint32_t netns, unsigned protos,
    struct scan_ports *ports)
{
	const struct row *row;
	size_t i;

	if ((protos & SCAN_PROTO_TCP) != 0)
		portset_add_range(&ports->tcp, 1, UINT16_MAX);
	for (i = 0; i < table->n && (protos & SCAN_PROTO_UDP) != 0; i++) {
		row = table->row[i];
		if (row->rec.proto == SOCK_UDP && row->rec.netns == netns &&
		    offers(row) && row->rec.local.port != 0)
			(void)portset_add(&ports->udp, row->rec.local.port);
	}
}
