/* SPDX-License-Identifier: ISC */
/*
 * Which socket is the other end of a connection within this machine, and
 * which listening socket a connection was accepted from. Both indexes are
 * built when first asked after the rows changed.
 */
#include "config.h"

#include "model/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

/* An end as both families know it: IPv4 also when it came mapped into IPv6. */
struct end {
	uint8_t addr[16];
	uint16_t port;
	uint8_t family, pad;
};

static struct end
end_of(const struct endpoint *ep, unsigned family)
{
	struct end e = { .port = ep->port, .family = (uint8_t)family };

	if (family == 6 && endpoint_is_v4mapped(ep)) {
		memcpy(e.addr, ep->addr + 12, 4);
		e.family = 4;
	} else {
		memcpy(e.addr, ep->addr, sizeof(e.addr));
	}
	return e;
}

static uint64_t
tuple_key(const struct sock_rec *rec, bool swapped)
{
	struct end e[2];

	e[swapped] = end_of(&rec->local, rec->family);
	e[!swapped] = end_of(&rec->peer, rec->family);
	return hash_bytes(e, sizeof(e), (uint64_t)rec->netns << 8 | rec->proto);
}

static uint64_t
key_of_tuple(const void *arg, uint32_t slot)
{
	return tuple_key(&table_row_at(arg, slot)->rec, false);
}

static uint64_t
listen_key(uint32_t netns, const struct end *e)
{
	return hash_bytes(e, sizeof(*e), netns);
}

static uint64_t
key_of_listener(const void *arg, uint32_t i)
{
	const struct table_priv *p = arg;

	return p->listener[i].key;
}

static int
listener_cmp(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row->seq < y->row->seq ? -1 : 1;
}

static bool
has_peer(const struct sock_rec *rec)
{
	return rec->peer.port != 0;
}

static void
index_listeners(struct table *t)
{
	struct table_priv *p = t->priv;
	struct listener *l;
	struct row *r;
	struct end e;
	size_t i;

	p->nlisteners = 0;
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if (r->rec.state != SOCK_LISTEN || (r->flags & ROW_GONE) != 0)
			continue;
		p->listener = array_grow(p->listener, &p->listeners_cap,
		    p->nlisteners + 1, sizeof(*p->listener));
		e = end_of(&r->rec.local, r->rec.family);
		l = &p->listener[p->nlisteners++];
		l->row = r;
		l->key = listen_key(r->rec.netns, &e);
	}
	if (p->nlisteners > 0)
		qsort(p->listener, p->nlisteners, sizeof(*p->listener),
		    listener_cmp);
	hash_done(&p->listen);
	hash_init(&p->listen, key_of_listener, p);
	for (i = 0; i < p->nlisteners; i++)
		if (i == 0 || p->listener[i].key != p->listener[i - 1].key)
			hash_add(&p->listen, p->listener[i].key, (uint32_t)i);
}

static void
index_pairs(struct table *t)
{
	struct table_priv *p = t->priv;
	struct row *r;
	uint64_t key;
	size_t i;

	hash_done(&p->pair);
	hash_init(&p->pair, key_of_tuple, p);
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		if ((r->flags & ROW_GONE) != 0 || !has_peer(&r->rec))
			continue;
		key = tuple_key(&r->rec, false);
		if (hash_find(&p->pair, key) == HASH_NONE)
			hash_add(&p->pair, key, r->slot);
	}
}

/* Each is built by whoever asks for it; both fall together. */
static void
index_refresh(struct table *t)
{
	struct table_priv *p = t->priv;

	if (p->indexed)
		return;
	p->indexed = true;
	hash_done(&p->pair);
	index_listeners(t);
}

struct row *
table_pair(struct table *t, const struct row *r)
{
	struct table_priv *p = t->priv;
	struct row *other;
	struct end a, b;
	uint32_t slot;

	if (!has_peer(&r->rec) || r->rec.state == SOCK_LISTEN)
		return NULL;
	index_refresh(t);
	if (p->pair.cap == 0)
		index_pairs(t);
	slot = hash_find(&p->pair, tuple_key(&r->rec, true));
	if (slot == HASH_NONE)
		return NULL;
	other = table_row_at(p, slot);
	/* The key is a hash: what it found is believed only if it fits. */
	a = end_of(&r->rec.local, r->rec.family);
	b = end_of(&other->rec.peer, other->rec.family);
	if (other == r || memcmp(&a, &b, sizeof(a)) != 0)
		return NULL;
	return other;
}

struct row *
table_same_tuple(struct table *t, const struct sock_rec *rec)
{
	struct table_priv *p = t->priv;
	struct row *r;
	uint32_t slot;

	if (!has_peer(rec))
		return NULL;
	index_refresh(t);
	if (p->pair.cap == 0)
		index_pairs(t);
	slot = hash_find(&p->pair, tuple_key(rec, false));
	if (slot == HASH_NONE)
		return NULL;
	r = table_row_at(p, slot);
	return memcmp(&r->rec.local, &rec->local, sizeof(rec->local)) == 0 &&
		       memcmp(&r->rec.peer, &rec->peer, sizeof(rec->peer)) == 0
		   ? r
		   : NULL;
}

/* Of several that share address and port (SO_REUSEPORT): the one held by the
 * same process, else the first. */
static struct row *
listener_at(const struct table_priv *p, const struct row *conn,
    const struct end *e, bool v6_socket)
{
	uint64_t key = listen_key(conn->rec.netns, e);
	uint32_t i = hash_find(&p->listen, key);
	struct row *best = NULL, *r;

	if (i == HASH_NONE)
		return NULL;
	for (; i < p->nlisteners && p->listener[i].key == key; i++) {
		r = p->listener[i].row;
		if (v6_socket && r->rec.family != 6)
			continue;
		if (best == NULL)
			best = r;
		if (conn->owners.proc == NULL ||
		    r->owners.proc == conn->owners.proc)
			return conn->owners.proc == NULL ? best : r;
	}
	return best;
}

struct row *
table_listener(struct table *t, const struct row *r)
{
	struct end e, any4, any6;
	struct row *l;
	bool v6_socket;

	if (r->rec.proto != SOCK_TCP || r->rec.state == SOCK_LISTEN ||
	    !has_peer(&r->rec))
		return NULL;
	index_refresh(t);
	if (t->priv->nlisteners == 0)
		return NULL;
	e = end_of(&r->rec.local, r->rec.family);
	any4 = (struct end){ .port = e.port, .family = 4 };
	any6 = (struct end){ .port = e.port, .family = 6 };
	/* An IPv4 connection shown as mapped came in through an IPv6
	 * listener; shown as IPv4, through an IPv4 one nearly always. */
	v6_socket = r->rec.family == 6;
	l = listener_at(t->priv, r, &e, v6_socket);
	if (l == NULL && !v6_socket)
		l = listener_at(t->priv, r, &any4, false);
	if (l != NULL)
		return l;
	l = listener_at(t->priv, r, &any6, true);
	if (l != NULL && e.family == 4 && (l->rec.known & KNOWN_V6ONLY) != 0 &&
	    (l->rec.flags & SOCKF_V6ONLY) != 0)
		l = NULL;
	return l;
}

bool
row_unaccepted(const struct row *r)
{
	if (r->rec.proto != SOCK_TCP)
		return false;
	return r->rec.state == SOCK_SYN_RECEIVED ||
	       ((r->rec.flags & SOCKF_ORPHAN) != 0 && r->owners.proc == NULL &&
		   (r->rec.state == SOCK_ESTABLISHED ||
		       r->rec.state == SOCK_CLOSE_WAIT));
}

void
table_index_done(struct table *t)
{
	struct table_priv *p = t->priv;

	hash_done(&p->pair);
	hash_done(&p->listen);
	free(p->listener);
}
