/* SPDX-License-Identifier: ISC */
/* What is done and what is left of a scan, of its events. */
#include "config.h"

#include "model/scan_left.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/scan_ports.h"
#include "model/target_text.h"
#include "model/target_word.h"

/* From so many settled ports on, a set (8 KiB a protocol) is smaller. */
#define LIST_MAX 4096

/* A host that is under way. */
struct left_host {
	struct scan_addr addr;
	uint64_t pos;
	struct scan_port *port; /* settled, as they were told */
	size_t n, cap;
	struct scan_ports *set; /* in their place, if they are many */
	/* UDP ports that may be asked what is behind them, and were not. */
	uint16_t silent[SCAN_PROBE_SILENT_MAX];
	size_t nsilent; /* more than fit: nothing is asked */
};

struct left_name {
	char *name;
	struct scan_addr addr; /* family 0: it had none */
};

struct scan_left {
	struct left_host *host;
	size_t nhost, cap_host;
	struct hash by_addr;
	uint64_t *over; /* positions from `upto` on that are over */
	size_t nover, cap_over;
	uint64_t upto; /* all before it are */
	bool pings;    /* a host event is all there is of a host */
	bool probes;   /* what is behind open ports is part of it */
	bool systems;  /* so is which system a host runs */
	struct left_name *name;
	size_t nname, cap_name;
	struct hash by_name;
	uint64_t seed; /* of hashes: what a worker tells makes none alike */
};

static uint64_t
host_hash(const struct scan_left *l, const struct scan_addr *a)
{
	return scan_addr_hash(a, l->seed);
}

static uint64_t
host_key(const void *arg, uint32_t i)
{
	const struct scan_left *l = arg;

	return host_hash(l, &l->host[i].addr);
}

static uint64_t
name_hash(const struct scan_left *l, const char *name)
{
	return hash_bytes(name, strlen(name), l->seed);
}

static uint64_t
name_key(const void *arg, uint32_t i)
{
	const struct scan_left *l = arg;

	return name_hash(l, l->name[i].name);
}

struct scan_left *
scan_left_new(void)
{
	struct scan_left *l = xcalloc(1, sizeof(*l));

	l->seed = scan_hash_seed();
	hash_init(&l->by_addr, host_key, l);
	hash_init(&l->by_name, name_key, l);
	return l;
}

static void
host_done(struct left_host *h)
{
	free(h->port);
	free(h->set);
}

void
scan_left_free(struct scan_left *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->nhost; i++)
		host_done(&l->host[i]);
	for (i = 0; i < l->nname; i++)
		free(l->name[i].name);
	free(l->host);
	free(l->over);
	free(l->name);
	hash_done(&l->by_addr);
	hash_done(&l->by_name);
	free(l);
}

/* -- hosts ----------------------------------------------------------------- */

/* NULL: it is not under way. */
static struct left_host *
host_find(const struct scan_left *l, const struct scan_addr *a)
{
	uint32_t i = hash_find(&l->by_addr, host_hash(l, a));

	if (i == HASH_NONE || !scan_addr_eq(&l->host[i].addr, a))
		return NULL;
	return &l->host[i];
}

static void
host_add(struct scan_left *l, const struct scan_addr *a, uint64_t pos)
{
	struct left_host *h = host_find(l, a);

	if (h != NULL) {
		h->pos = pos;
		return;
	}
	/* Of two addresses with one hash the second is not kept: what is not
	 * known to be done is done again. */
	if (hash_find(&l->by_addr, host_hash(l, a)) != HASH_NONE)
		return;
	l->host =
	    array_grow(l->host, &l->cap_host, l->nhost + 1, sizeof(*l->host));
	l->host[l->nhost] = (struct left_host){ .addr = *a, .pos = pos };
	hash_add(&l->by_addr, host_hash(l, a), (uint32_t)l->nhost++);
}

/* The last one takes its place. */
static void
host_remove(struct scan_left *l, const struct scan_addr *a)
{
	struct left_host *h = host_find(l, a), *last;

	if (h == NULL)
		return;
	(void)hash_remove(&l->by_addr, host_hash(l, a));
	host_done(h);
	last = &l->host[l->nhost - 1];
	if (h != last) {
		(void)hash_remove(&l->by_addr, host_hash(l, &last->addr));
		*h = *last;
		hash_add(&l->by_addr, host_hash(l, &h->addr),
		    (uint32_t)(h - l->host));
	}
	l->nhost--;
}

static void
host_over(struct scan_left *l, const struct scan_addr *a, uint64_t pos)
{
	host_remove(l, a);
	if (pos < l->upto)
		return;
	l->over =
	    array_grow(l->over, &l->cap_over, l->nover + 1, sizeof(*l->over));
	l->over[l->nover++] = pos;
}

static void
set_upto(struct scan_left *l, uint64_t upto)
{
	size_t i, n = 0;

	if (upto <= l->upto)
		return;
	l->upto = upto;
	for (i = 0; i < l->nover; i++)
		if (l->over[i] >= upto)
			l->over[n++] = l->over[i];
	l->nover = n;
}

static void
set_add(struct scan_ports *set, const struct scan_port *p)
{
	(void)portset_add(scan_ports_set(set, p->proto), p->port);
}

static void
port_add(struct left_host *h, uint16_t port, uint8_t proto)
{
	struct scan_port p = { .port = port, .proto = proto };
	size_t i;

	if (h->set == NULL && h->n < LIST_MAX) {
		h->port =
		    array_grow(h->port, &h->cap, h->n + 1, sizeof(*h->port));
		h->port[h->n++] = p;
		return;
	}
	if (h->set == NULL) {
		h->set = xcalloc(1, sizeof(*h->set));
		for (i = 0; i < h->n; i++)
			set_add(h->set, &h->port[i]);
		free(h->port);
		h->port = NULL;
		h->n = h->cap = 0;
	}
	set_add(h->set, &p);
}

/* Too many are silent for any of them to be asked. */
static void
silent_over(struct left_host *h)
{
	size_t i;

	for (i = 0; i < SCAN_PROBE_SILENT_MAX; i++)
		port_add(h, h->silent[i], SOCK_UDP);
	h->nsilent++;
}

/* It is settled when it was told what is behind it, if that is asked. */
static void
port_told(
    const struct scan_left *l, struct left_host *h, const struct scan_event *ev)
{
	if (!l->probes || (ev->port.state != SCAN_OPEN &&
			      ev->port.state != SCAN_OPEN_FILTERED))
		port_add(h, ev->port.port, ev->port.proto);
	else if (ev->port.state == SCAN_OPEN_FILTERED) {
		if (h->nsilent < SCAN_PROBE_SILENT_MAX)
			h->silent[h->nsilent++] = ev->port.port;
		else {
			if (h->nsilent == SCAN_PROBE_SILENT_MAX)
				silent_over(h);
			port_add(h, ev->port.port, ev->port.proto);
		}
	}
}

/* -- names ----------------------------------------------------------------- */

static const struct left_name *
name_find(const struct scan_left *l, const char *name)
{
	uint32_t i = hash_find(&l->by_name, name_hash(l, name));

	if (i == HASH_NONE || strcmp(l->name[i].name, name) != 0)
		return NULL;
	return &l->name[i];
}

/* The first answer counts: a resumed scan asks for addresses. */
static void
name_add(struct scan_left *l, const struct scan_event *ev)
{
	uint64_t key = name_hash(l, ev->target.name);

	if (hash_find(&l->by_name, key) != HASH_NONE)
		return;
	l->name =
	    array_grow(l->name, &l->cap_name, l->nname + 1, sizeof(*l->name));
	l->name[l->nname++] =
	    (struct left_name){ .name = xstrdup(ev->target.name),
		    .addr = ev->addr };
	hash_add(&l->by_name, key, (uint32_t)(l->nname - 1));
}

void
scan_left_feed(struct scan_left *l, const struct scan_event *ev)
{
	struct left_host *h;

	switch (ev->type) {
	case SCAN_EV_START:
		l->pings = (ev->start.how & (SCAN_PING | SCAN_LIST)) != 0;
		l->probes = (ev->start.how & SCAN_PROBE) != 0;
		l->systems = (ev->start.how & SCAN_OS) != 0;
		break;
	case SCAN_EV_TARGET:
		name_add(l, ev);
		break;
	case SCAN_EV_HOST:
		if (l->pings || !ev->host.up)
			host_over(l, &ev->addr, ev->host.pos);
		else
			host_add(l, &ev->addr, ev->host.pos);
		break;
	case SCAN_EV_PORT:
		/* A system is asked for by an open and a closed port, when all
		 * are known: such a host is asked again, all of it. */
		if (!l->systems && (h = host_find(l, &ev->addr)) != NULL)
			port_told(l, h, ev);
		break;
	case SCAN_EV_SERVICE:
		if (!l->systems && (h = host_find(l, &ev->addr)) != NULL)
			port_add(h, ev->service.port, ev->service.proto);
		break;
	case SCAN_EV_HOST_END:
		host_over(l, &ev->addr, ev->host_end.pos);
		break;
	case SCAN_EV_PROGRESS:
		set_upto(l, ev->progress.hosts_upto);
		break;
	case SCAN_EV_HELLO:
	case SCAN_EV_NOTE:
	case SCAN_EV_FACT:
	case SCAN_EV_OS:
	case SCAN_EV_END:
	case SCAN_EV_NTYPES:
		break;
	}
}

/* -- what is left ---------------------------------------------------------- */

static void
put_word(
    struct buf *b, const struct scan_left *l, const char *word, bool exclude)
{
	char addr[SCAN_ADDR_TEXT], *cause = NULL;
	const struct left_name *n = NULL;
	struct target_word w;

	if (target_word_parse(&w, word, &cause) != 0) {
		/* It was a good one; whatever is wrong, the worker says. */
		free(cause);
		buf_printf(b, "%s ", word);
		return;
	}
	if (w.kind == TARGET_WORD_NAME)
		n = name_find(l, w.name);
	if (n == NULL || exclude)
		buf_printf(b, "%s ", word);
	if (n != NULL && n->addr.family != 0) {
		buf_puts(b, scan_addr_text(addr, &n->addr));
		if (w.prefix != TARGET_NO_PREFIX)
			buf_printf(b, "/%u", w.prefix);
		buf_putc(b, ' ');
	}
	target_word_done(&w);
}

/* Names by addresses, as they were looked up. */
static void
put_words(struct buf *list, const struct scan_left *l, bool exclude)
{
	struct target_text t;
	struct buf to = { 0 };
	const char *p;
	char *word;
	size_t n;

	if (l->nname == 0)
		return;
	target_text_init(&t, list->data, list->len);
	while ((p = target_text_next(&t, &n)) != NULL) {
		word = xstrndup(p, n);
		put_word(&to, l, word, exclude);
		free(word);
	}
	if (to.len > 0)
		to.data[--to.len] = '\0';
	buf_done(list);
	*list = to;
}

static void
put_host(const struct left_host *h, struct scan_spec *spec)
{
	struct scan_ports *set = h->set;
	struct buf b = { 0 };
	size_t i;

	if (h->n == 0 && set == NULL)
		return;
	if (set == NULL) {
		set = xcalloc(1, sizeof(*set));
		for (i = 0; i < h->n; i++)
			set_add(set, &h->port[i]);
	}
	scan_ports_put(set, &b);
	scan_spec_add_done(spec, h->pos, b.data);
	buf_done(&b);
	if (set != h->set)
		free(set);
}

void
scan_left_spec(const struct scan_left *l, struct scan_spec *spec)
{
	size_t i;

	put_words(&spec->targets, l, false);
	put_words(&spec->exclude, l, true);
	spec->hosts_done = l->upto;
	for (i = 0; i < l->nover; i++)
		scan_spec_add_done(spec, l->over[i], NULL);
	for (i = 0; i < l->nhost; i++)
		if (l->host[i].pos >= l->upto)
			put_host(&l->host[i], spec);
}
