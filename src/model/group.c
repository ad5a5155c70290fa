/* SPDX-License-Identifier: ISC */
/*
 * Arranges the rows of a view under headings: one pass finds each row's
 * heading, a counting sort brings the rows of a heading together in the
 * view's order. Headings stand in the order in which the view first needs
 * them, so that sorting the rows sorts the headings too; sorted by a rate,
 * the totals decide. What is left over comes last.
 */
#include "config.h"

#include "model/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"

/* What a heading stands for, before it is hashed into its id. */
enum kind {
	KIND_PROCESS,
	KIND_PORT,
	KIND_PEER_PORT,
	KIND_REMOTE,
	KIND_UNIT,
	KIND_CONTAINER,
	KIND_LISTENER,
	/* Leftovers, in the order in which they stand beneath the others. */
	KIND_NO_PEER,
	KIND_NO_UNIT,
	KIND_OUTGOING,
	KIND_UDP,
	KIND_NO_OWNER,
	KIND_HIDDEN_OWNER
};
#define KIND_LEFTOVER KIND_NO_PEER

struct group_priv {
	struct group_head *head;
	size_t nheads, heads_cap;
	size_t *label_at; /* offset of each head's label in labels */
	size_t label_cap;
	uint8_t *kind; /* of each head */
	size_t kind_cap;
	struct buf labels;
	struct hash by_id;
	uint32_t *of; /* heading of each row of the view */
	size_t of_cap;
	uint64_t *toggled; /* ids that differ from open_default */
	size_t ntoggled, toggled_cap;
};

/* -- names ---------------------------------------------------------------- */

static const char *const mode_names[GROUP_NMODES] = {
	[GROUP_FLAT] = "flat",
	[GROUP_PROCESS] = "process",
	[GROUP_PORT] = "port",
	[GROUP_REMOTE] = "remote",
	[GROUP_UNIT] = "unit",
	[GROUP_TREE] = "tree",
};

const char *
group_mode_name(enum group_mode mode)
{
	return mode_names[mode];
}

bool
group_mode_parse(const char *s, enum group_mode *ret)
{
	size_t i;

	for (i = 0; i < nitems(mode_names); i++) {
		if (strcmp(s, mode_names[i]) == 0) {
			*ret = (enum group_mode)i;
			return true;
		}
	}
	return false;
}

/* -- open and closed ------------------------------------------------------ */

static uint64_t
head_key(const void *arg, uint32_t i)
{
	const struct group_priv *p = arg;

	return p->head[i].id;
}

void
group_init(struct group *g)
{
	memset(g, 0, sizeof(*g));
	g->priv = xcalloc(1, sizeof(*g->priv));
	hash_init(&g->priv->by_id, head_key, g->priv);
}

void
group_done(struct group *g)
{
	struct group_priv *p = g->priv;

	if (p != NULL) {
		hash_done(&p->by_id);
		buf_done(&p->labels);
		free(p->head);
		free(p->label_at);
		free(p->kind);
		free(p->of);
		free(p->toggled);
		free(p);
	}
	free(g->line);
	memset(g, 0, sizeof(*g));
}

static ptrdiff_t
toggled_find(const struct group_priv *p, uint64_t id)
{
	size_t i;

	for (i = 0; i < p->ntoggled; i++)
		if (p->toggled[i] == id)
			return (ptrdiff_t)i;
	return -1;
}

/* Takes effect with the next group_build(). */
void
group_toggle(struct group *g, uint64_t id)
{
	struct group_priv *p = g->priv;
	ptrdiff_t i = toggled_find(p, id);

	if (i >= 0) {
		p->toggled[i] = p->toggled[--p->ntoggled];
		return;
	}
	p->toggled = array_grow(
	    p->toggled, &p->toggled_cap, p->ntoggled + 1, sizeof(*p->toggled));
	p->toggled[p->ntoggled++] = id;
}

void
group_open_all(struct group *g, bool open)
{
	g->open_default = open;
	g->priv->ntoggled = 0;
}

/* -- what a row belongs to ------------------------------------------------ */

static uint64_t
id_of(enum kind kind, uint64_t a, uint64_t b)
{
	return hash_mix(hash_mix(a ^ ((uint64_t)kind << 56)) + b) | 1;
}

static enum kind
kind_process(const struct row *r, uint64_t *id)
{
	enum kind kind;

	if (r->owners.proc != NULL) {
		*id = id_of(KIND_PROCESS, (uint64_t)r->owners.proc->pid,
		    r->owners.proc->start);
		return KIND_PROCESS;
	}
	kind = r->rec.inode == 0 ? KIND_NO_OWNER : KIND_HIDDEN_OWNER;
	*id = id_of(kind, 0, 0);
	return kind;
}

static bool
has_peer(const struct row *r)
{
	return r->rec.peer.port != 0 || !endpoint_is_any(&r->rec.peer);
}

/*
 * A connection that this machine made belongs to the port it went to: its
 * own is a random one.
 */
static enum kind
kind_port(const struct row *r, struct table *t, uint64_t *id)
{
	enum kind kind = KIND_PORT;
	uint16_t port = r->rec.local.port;

	if (has_peer(r) && table_listener(t, r) == NULL) {
		kind = KIND_PEER_PORT;
		port = r->rec.peer.port;
	}
	*id = id_of(kind, port, r->rec.proto);
	return kind;
}

/* The peer's address, IPv4 carried by IPv6 as IPv4. */
static void
peer_host(const struct row *r, struct endpoint *ret, unsigned *family)
{
	*family = r->rec.family;
	*ret = r->rec.peer;
	if (*family != 6 || !endpoint_is_v4mapped(ret))
		return;
	*family = 4;
	memcpy(ret->addr, r->rec.peer.addr + 12, 4);
	memset(ret->addr + 4, 0, sizeof(ret->addr) - 4);
}

static enum kind
kind_remote(const struct row *r, uint64_t *id)
{
	struct endpoint host;
	unsigned family;

	if (!has_peer(r)) {
		*id = id_of(KIND_NO_PEER, 0, 0);
		return KIND_NO_PEER;
	}
	/* ::ffff:10.0.0.9 is the same machine as 10.0.0.9. */
	peer_host(r, &host, &family);
	*id = id_of(
	    KIND_REMOTE, hash_bytes(host.addr, sizeof(host.addr), 0), family);
	return KIND_REMOTE;
}

static enum kind
kind_unit(const struct row *r, uint64_t *id)
{
	const struct proc *proc = r->owners.proc;
	enum kind kind;

	if (proc != NULL && proc->container != NULL) {
		*id = id_of(KIND_CONTAINER,
		    hash_bytes(proc->container, strlen(proc->container), 0), 0);
		return KIND_CONTAINER;
	}
	if (proc != NULL && proc->unit != NULL) {
		*id = id_of(KIND_UNIT,
		    hash_bytes(proc->unit, strlen(proc->unit), 0), 0);
		return KIND_UNIT;
	}
	kind = proc != NULL        ? KIND_NO_UNIT
	       : r->rec.inode == 0 ? KIND_NO_OWNER
				   : KIND_HIDDEN_OWNER;
	*id = id_of(kind, 0, 0);
	return kind;
}

static enum kind
kind_tree(struct row *r, struct table *t, uint64_t *id, struct row **listener)
{
	struct row *l;

	if (r->rec.proto == SOCK_UDP) {
		*id = id_of(KIND_UDP, 0, 0);
		return KIND_UDP;
	}
	l = r->rec.state == SOCK_LISTEN ? r : table_listener(t, r);
	if (l == NULL) {
		*id = id_of(KIND_OUTGOING, 0, 0);
		return KIND_OUTGOING;
	}
	*listener = l;
	*id = id_of(KIND_LISTENER, l->rec.cookie, l->rec.netns);
	return KIND_LISTENER;
}

static enum kind
kind_of(enum group_mode mode, struct row *r, struct table *t, uint64_t *id,
    struct row **listener)
{
	switch (mode) {
	case GROUP_PROCESS:
		return kind_process(r, id);
	case GROUP_PORT:
		return kind_port(r, t, id);
	case GROUP_REMOTE:
		return kind_remote(r, id);
	case GROUP_UNIT:
		return kind_unit(r, id);
	case GROUP_TREE:
	case GROUP_FLAT:
	case GROUP_NMODES:
		break;
	}
	return kind_tree(r, t, id, listener);
}

/* -- headings ------------------------------------------------------------- */

static void
label_port(struct buf *b, uint16_t port, unsigned proto)
{
	const char *name = service_name(port, proto);

	buf_printf(b, "%u", port);
	if (name != NULL)
		buf_printf(b, " %s", name);
	buf_printf(b, " %s", sock_proto_name(proto));
}

static void
label_put(struct buf *b, enum kind kind, const struct row *r,
    const struct view_ctx *ctx)
{
	static const char *const fixed[] = {
		[KIND_NO_OWNER] = "held by the kernel alone",
		[KIND_HIDDEN_OWNER] = "owner not visible",
		[KIND_NO_PEER] = "no peer",
		[KIND_NO_UNIT] = "no unit",
		[KIND_OUTGOING] = "TCP without a listener here",
		[KIND_UDP] = "UDP sockets",
	};
	const char *host = NULL;
	struct endpoint peer;
	unsigned family;
	char *p;

	switch (kind) {
	case KIND_PROCESS:
		buf_printf(b, "%s (%d)", r->owners.proc->comm,
		    (int)r->owners.proc->pid);
		break;
	case KIND_PORT:
		label_port(b, r->rec.local.port, r->rec.proto);
		break;
	case KIND_PEER_PORT:
		buf_puts(b, "to ");
		label_port(b, r->rec.peer.port, r->rec.proto);
		break;
	case KIND_REMOTE:
		peer_host(r, &peer, &family);
		p = buf_reserve(b, TEXT_IP_MAX);
		b->len += (size_t)(endpoint_addr_text(p, &peer, family) - p);
		if (ctx->resolve)
			host = names_host(ctx->table->names, &peer, family);
		if (host != NULL && *host != '\0')
			buf_printf(b, " %s", host);
		break;
	case KIND_UNIT:
		buf_puts(b, r->owners.proc->unit);
		break;
	case KIND_CONTAINER:
		buf_puts(b, r->owners.proc->container);
		break;
	case KIND_LISTENER:
		column_put(column_find("local"), r, ctx, b);
		break;
	case KIND_NO_OWNER:
	case KIND_HIDDEN_OWNER:
	case KIND_NO_PEER:
	case KIND_NO_UNIT:
	case KIND_OUTGOING:
	case KIND_UDP:
		buf_puts(b, fixed[kind]);
		break;
	}
}

static uint32_t
head_for(struct group *g, const struct view *v, struct row *r)
{
	struct group_priv *p = g->priv;
	struct row *listener = NULL;
	struct group_head *h;
	uint64_t id;
	enum kind kind = kind_of(g->mode, r, v->ctx.table, &id, &listener);
	uint32_t i = hash_find(&p->by_id, id);

	if (i != HASH_NONE)
		return i;
	i = (uint32_t)p->nheads;
	p->head =
	    array_grow(p->head, &p->heads_cap, p->nheads + 1, sizeof(*p->head));
	p->label_at = array_grow(
	    p->label_at, &p->label_cap, p->nheads + 1, sizeof(*p->label_at));
	p->kind =
	    array_grow(p->kind, &p->kind_cap, p->nheads + 1, sizeof(*p->kind));
	p->kind[p->nheads] = (uint8_t)kind;
	h = &p->head[p->nheads];
	memset(h, 0, sizeof(*h));
	h->id = id;
	h->row = listener;
	h->first = r;
	h->open = g->open_default != (toggled_find(p, id) >= 0);
	p->label_at[p->nheads++] = p->labels.len;
	label_put(&p->labels, kind, listener != NULL ? listener : r, &v->ctx);
	buf_putc(&p->labels, '\0');
	hash_add(&p->by_id, id, i);
	return i;
}

static void
head_count(struct group_head *h, const struct row *r)
{
	if (h->row != r)
		h->rows++;
	h->unaccepted += row_unaccepted(r);
	if (r->flags & ROW_GONE)
		return;
	h->listen += r->rec.state == SOCK_LISTEN;
	h->established += r->rec.state == SOCK_ESTABLISHED;
	if (r->flags & ROW_RATES) {
		h->rx_bps += (double)r->rx_bps;
		h->tx_bps += (double)r->tx_bps;
	}
}

/* Order of the headings; see the top of the file. */
struct head_order {
	uint8_t leftover; /* 0, or its kind */
	double total;
	uint32_t head;
};

static int
order_cmp(const void *va, const void *vb)
{
	const struct head_order *a = va, *b = vb;

	if (a->leftover != b->leftover)
		return a->leftover < b->leftover ? -1 : 1;
	if (a->total != b->total)
		return a->total < b->total ? -1 : 1;
	return a->head < b->head ? -1 : a->head > b->head;
}

static struct head_order *
order_heads(const struct group_priv *p, const struct view *v)
{
	struct head_order *order = xcalloc(p->nheads + 1, sizeof(*order));
	const char *by = v->nsort > 0 ? v->sort[0].col->name : "";
	double sign = v->nsort > 0 && v->sort[0].desc ? -1 : 1;
	bool rx = strcmp(by, "rx") == 0, tx = strcmp(by, "tx") == 0;
	size_t i;

	for (i = 0; i < p->nheads; i++) {
		order[i].head = (uint32_t)i;
		if (p->kind[i] >= KIND_LEFTOVER)
			order[i].leftover = p->kind[i];
		if (rx || tx)
			order[i].total =
			    sign * (rx ? p->head[i].rx_bps : p->head[i].tx_bps);
	}
	if (p->nheads > 1)
		qsort(order, p->nheads, sizeof(*order), order_cmp);
	return order;
}

/* -- building ------------------------------------------------------------- */

static void
line_add(struct group *g, struct group_head *head, struct row *row)
{
	struct group_line *line = &g->line[g->n++];

	line->head = head;
	line->row = row;
	line->depth = head == NULL;
}

void
group_build(struct group *g, const struct view *v)
{
	struct group_priv *p = g->priv;
	struct head_order *order;
	struct row **sorted;
	uint32_t *start;
	size_t i, j;

	p->nheads = 0;
	g->n = 0;
	buf_reset(&p->labels);
	hash_clear(&p->by_id);
	if (g->mode == GROUP_FLAT)
		return;
	p->of = array_grow(p->of, &p->of_cap, v->n, sizeof(*p->of));
	for (i = 0; i < v->n; i++) {
		p->of[i] = head_for(g, v, v->row[i]);
		head_count(&p->head[p->of[i]], v->row[i]);
	}
	for (i = 0; i < p->nheads; i++)
		p->head[i].label = p->labels.data + p->label_at[i];

	start = xcalloc(p->nheads + 1, sizeof(*start));
	sorted = xcalloc(v->n + 1, sizeof(struct row *));
	for (i = 0; i < v->n; i++)
		start[p->of[i] + 1]++;
	for (i = 0; i < p->nheads; i++)
		start[i + 1] += start[i];
	for (i = 0; i < v->n; i++)
		sorted[start[p->of[i]]++] = v->row[i];
	/* start[i] is now where the rows of head i end. */

	g->line =
	    array_grow(g->line, &g->cap, v->n + p->nheads, sizeof(*g->line));
	order = order_heads(p, v);
	for (i = 0; i < p->nheads; i++) {
		uint32_t h = order[i].head;

		line_add(g, &p->head[h], NULL);
		if (!p->head[h].open)
			continue;
		for (j = h == 0 ? 0 : start[h - 1]; j < start[h]; j++)
			if (sorted[j] != p->head[h].row)
				line_add(g, NULL, sorted[j]);
	}
	free(order);
	free(sorted);
	free(start);
}
