/* SPDX-License-Identifier: ISC */
/*
 * Events of a scan in, what is known out. The worker is not believed more than
 * it must be: whatever it tells costs a bounded amount, and what it tells twice
 * is there once.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/scan_report.h"

/* From so many ports on, a host has a set of those it told of. */
#define SEEN_MIN 32
/* Whose ICMP errors are named; more are not (a path has few routers). */
#define FROM_MAX  4096
#define NOTES_MAX 200

static uint64_t
host_key(const void *arg, uint32_t i)
{
	const struct scan_report *r = arg;

	return r->found[i]->key;
}

static uint64_t
word_hash(const struct scan_report *r, const char *word)
{
	return hash_bytes(word, strlen(word), r->seed);
}

static uint64_t
word_key(const void *arg, uint32_t at)
{
	const struct scan_report *r = arg;

	return word_hash(r, r->text.data + at);
}

static uint64_t
lost_key(const void *arg, uint32_t i)
{
	const struct scan_report *r = arg;

	return word_hash(r, r->lost[i].name);
}

struct scan_report *
scan_report_new(void)
{
	struct scan_report *r = xcalloc(1, sizeof *r);

	r->hello.type = r->start.type = SCAN_EV_NTYPES;
	r->progress.type = r->end.type = SCAN_EV_NTYPES;
	r->seed = scan_hash_seed();
	hash_init(&r->index, host_key, r);
	hash_init(&r->words, word_key, r);
	hash_init(&r->losses, lost_key, r);
	buf_putc(&r->text, '\0'); /* offset 0 is no name */
	return r;
}

void
scan_report_free(struct scan_report *r)
{
	struct report_host *h;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nhost; i++) {
		h = r->found[i];
		free(h->name);
		free(h->rdns);
		free(h->port);
		free(h->seen[0]);
		free(h->seen[1]);
		hash_done(&h->places);
		answers_done(&h->answers);
		free(h->os[0]);
		free(h->os[1]);
		free(h);
	}
	for (i = 0; i < r->nnote; i++)
		free(r->note[i]);
	for (i = 0; i < r->nlost; i++) {
		free(r->lost[i].name);
		free(r->lost[i].error);
	}
	free(r->note);
	free(r->lost);
	free(r->host);
	free(r->found);
	free(r->from);
	buf_done(&r->text);
	hash_done(&r->index);
	hash_done(&r->words);
	hash_done(&r->losses);
	free(r);
}

/* The key under which this address is, or will be: two that share a hash take
 * the next one. */
static struct report_host *
host_find(const struct scan_report *r, const struct scan_addr *a, uint64_t *key)
{
	uint32_t i;

	for (*key = scan_addr_hash(a, r->seed);; (*key)++) {
		i = hash_find(&r->index, *key);
		if (i == HASH_NONE)
			return NULL;
		if (scan_addr_eq(&r->found[i]->addr, a))
			return r->found[i];
	}
}

struct report_host *
scan_report_host(const struct scan_report *r, const struct scan_addr *a)
{
	uint64_t key;

	return host_find(r, a, &key);
}

static struct report_host *
host_get(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h;
	uint64_t key;

	if ((h = host_find(r, &e->addr, &key)) != NULL)
		return h;
	h = xcalloc(1, sizeof *h);
	h->addr = e->addr;
	h->key = key;
	h->pos = UINT64_MAX;
	h->began_us = e->t_us;
	h->order = r->nhost;
	h->sorted = true;
	r->found =
	    array_grow(r->found, &r->cap_found, r->nhost + 1, sizeof *r->found);
	r->host = array_grow(r->host, &r->cap, r->nhost + 1, sizeof *r->host);
	r->found[r->nhost] = r->host[r->nhost] = h;
	hash_add(&r->index, key, (uint32_t)r->nhost);
	r->nhost++;
	r->sorted = false;
	return h;
}

static void
host_up(struct scan_report *r, struct report_host *h)
{
	if (h->up)
		return;
	h->up = true;
	r->nup++;
}

static uint32_t
word_add(struct scan_report *r, const char *word)
{
	uint64_t key;
	uint32_t at;

	if (*word == '\0')
		return 0;
	key = word_hash(r, word);
	if ((at = hash_find(&r->words, key)) != HASH_NONE)
		return strcmp(r->text.data + at, word) == 0 ? at : 0;
	at = (uint32_t)r->text.len;
	buf_put(&r->text, word, strlen(word) + 1);
	hash_add(&r->words, key, at);
	return at;
}

static uint16_t
from_add(struct scan_report *r, const struct scan_addr *from)
{
	size_t i;

	if (from->family == 0)
		return 0;
	for (i = r->nfrom; i > 0; i--)
		if (scan_addr_eq(&r->from[i - 1], from))
			return (uint16_t)i;
	if (r->nfrom == FROM_MAX)
		return 0;
	r->from =
	    array_grow(r->from, &r->cap_from, r->nfrom + 1, sizeof *r->from);
	r->from[r->nfrom++] = *from;
	return (uint16_t)r->nfrom;
}

static int
port_cmp(const void *va, const void *vb)
{
	const struct report_port *a = va, *b = vb;

	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	return (a->port > b->port) - (a->port < b->port);
}

static uint64_t
port_hash(unsigned proto, uint16_t port)
{
	return (uint64_t)proto << 16 | port;
}

static uint64_t
port_key(const void *arg, uint32_t i)
{
	const struct report_host *h = arg;

	return port_hash(h->port[i].proto, h->port[i].port);
}

/* Few are looked through; sorted ones, halved; others are told twice so seldom
 * that there is an index of them only from then on, until they are sorted. */
static struct report_port *
port_find(struct report_host *h, unsigned proto, uint16_t port)
{
	struct report_port key = { .proto = (uint8_t)proto, .port = port };
	uint32_t i;

	if (h->nport == 0)
		return NULL;
	if (h->sorted)
		return bsearch(&key, h->port, h->nport, sizeof key, port_cmp);
	if (h->nport <= SEEN_MIN) {
		for (i = 0; i < h->nport; i++)
			if (port_cmp(&h->port[i], &key) == 0)
				return &h->port[i];
		return NULL;
	}
	if (h->places.n == 0) {
		hash_init(&h->places, port_key, h);
		for (i = 0; i < h->nport; i++)
			hash_add(&h->places, port_key(h, i), i);
	}
	i = hash_find(&h->places, port_hash(proto, port));
	return i == HASH_NONE ? NULL : &h->port[i];
}

static void
seen_begin(struct report_host *h)
{
	uint32_t i;

	h->seen[0] = xcalloc(1, sizeof *h->seen[0]);
	h->seen[1] = xcalloc(1, sizeof *h->seen[1]);
	for (i = 0; i < h->nport; i++)
		(void)portset_add(
		    h->seen[report_proto(h->port[i].proto)], h->port[i].port);
}

/* True: it was not told before. */
static bool
port_first(struct report_host *h, const struct scan_event *e, bool keep)
{
	if (h->seen[0] == NULL && (!keep || h->nport >= SEEN_MIN))
		seen_begin(h);
	if (h->seen[0] != NULL)
		return portset_add(
		    h->seen[report_proto(e->port.proto)], e->port.port);
	return port_find(h, e->port.proto, e->port.port) == NULL;
}

static void
port_fill(
    struct scan_report *r, struct report_port *p, const struct scan_event *e)
{
	p->port = e->port.port;
	p->proto = e->port.proto;
	p->state = (uint8_t)e->port.state;
	p->reason = (uint8_t)e->port.reason;
	p->ttl = e->port.ttl;
	p->from = from_add(r, &e->port.from);
	p->service = word_add(r, e->port.service);
	p->t_ms = (uint32_t)(e->t_us / 1000);
}

/* It was told before: as a silent port, perhaps, by a run that was cut off. */
static bool
port_again(
    struct scan_report *r, struct report_host *h, const struct scan_event *e)
{
	unsigned proto = report_proto(e->port.proto);
	struct report_port *p;

	r->repeated++;
	if (e->port.reason == REASON_NO_RESPONSE)
		return false;
	p = port_find(h, e->port.proto, e->port.port);
	if (p == NULL || p->reason != REASON_NO_RESPONSE)
		return false;
	h->count[proto][p->state]--;
	h->count[proto][e->port.state]++;
	if (p->state != SCAN_OPEN && e->port.state == SCAN_OPEN)
		r->nopen++;
	port_fill(r, p, e);
	return true;
}

static bool
feed_port(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h = host_get(r, e);
	bool keep = r->keep_closed || e->port.state != SCAN_CLOSED;
	unsigned proto = report_proto(e->port.proto);
	struct report_port *p;

	if (e->port.reason != REASON_NO_RESPONSE)
		host_up(r, h);
	if (!port_first(h, e, keep))
		return port_again(r, h, e);
	h->count[proto][e->port.state]++;
	if (!keep) {
		h->hidden[proto][e->port.reason]++;
		return true;
	}
	h->port = array_grow(h->port, &h->cap, h->nport + 1, sizeof *h->port);
	p = &h->port[h->nport++];
	port_fill(r, p, e);
	if (h->places.n > 0)
		hash_add(&h->places, port_key(h, h->nport - 1), h->nport - 1);
	if (h->nport > 1 && h->sorted)
		h->sorted = p[-1].proto < p->proto ||
			    (p[-1].proto == p->proto && p[-1].port < p->port);
	r->nports++;
	r->nopen += p->state == SCAN_OPEN;
	return true;
}

static bool
fact_is_of(const struct scan_report *r, const struct scan_addr *a,
    uint8_t proto, uint16_t port)
{
	return r->fact_proto == proto && r->fact_port == port &&
	       scan_addr_eq(&r->fact_addr, a);
}

static bool
feed_fact(struct scan_report *r, const struct scan_event *e)
{
	if (!fact_is_of(r, &e->addr, e->fact.proto, e->fact.port)) {
		service_init(&r->fact);
		r->fact_addr = e->addr;
		r->fact_port = e->fact.port;
		r->fact_proto = e->fact.proto;
	}
	service_fact(
	    &r->fact, e->fact.name, e->fact.value, strlen(e->fact.value));
	return false;
}

/* Silence to its own protocol's question was no verdict. */
static void
port_answers(
    struct scan_report *r, struct report_host *h, const struct scan_event *e)
{
	const unsigned proto = report_proto(e->service.proto);
	struct report_port *p = port_find(h, e->service.proto, e->service.port);

	if (p == NULL || p->state != SCAN_OPEN_FILTERED ||
	    e->service.info.name[0] == '\0')
		return;
	h->count[proto][p->state]--;
	h->count[proto][SCAN_OPEN]++;
	p->state = SCAN_OPEN;
	p->reason = REASON_UDP_RESPONSE;
	r->nopen++;
	host_up(r, h);
}

/* A port that was not told of has no line that it could be shown in. */
static bool
feed_service(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h = scan_report_host(r, &e->addr);
	struct service_info info = e->service.info, was;
	const uint8_t proto = e->service.proto;
	const uint16_t port = e->service.port;

	if (fact_is_of(r, &e->addr, proto, port)) {
		info.nfacts = r->fact.nfacts;
		info.facts_len = r->fact.facts_len;
		memcpy(info.facts, r->fact.facts, info.facts_len);
	}
	r->fact_proto = 0;
	if (h == NULL || port_find(h, proto, port) == NULL)
		return false;
	if (!answers_best(&h->answers, proto, port, &was)) {
		was.name[0] = '\0';
		r->nasked++;
	}
	if (!answers_put(&h->answers, proto, port, &info))
		return false;
	if (was.name[0] == '\0' && info.name[0] != '\0')
		r->nnamed++;
	port_answers(r, h, e);
	return true;
}

/* Of a resumed scan it may come twice: the surer one stays. */
static bool
feed_os(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h = scan_report_host(r, &e->addr);
	const unsigned who = e->os.basis == OS_BY_NMAP;

	if (h == NULL || (h->os[who] != NULL && h->os[who]->conf >= e->os.conf))
		return false;
	free(h->os[who]);
	h->os[who] = xmalloc(sizeof(*h->os[who]));
	*h->os[who] = e->os;
	return true;
}

const struct os_info *
report_os(const struct report_host *h)
{
	const struct os_info *a = h->os[0], *b = h->os[1];

	if (a == NULL || (b != NULL && b->conf > a->conf))
		a = b;
	return a == NULL || a->name[0] == '\0' ? NULL : a;
}

static bool
feed_host(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h = host_get(r, e);

	h->pos = e->host.pos;
	h->reason = (uint8_t)e->host.reason;
	h->ttl = e->host.ttl;
	h->rtt_us = e->host.rtt_us;
	memcpy(h->mac, e->host.mac, sizeof h->mac);
	if (e->host.up)
		host_up(r, h);
	return true;
}

/* What was settled and not told was closed. */
static void
host_rest(const struct scan_report *r, struct report_host *h, unsigned proto,
    uint32_t settled)
{
	enum scan_reason why;
	uint32_t told = 0;
	unsigned i;

	for (i = 0; i < SCAN_NSTATES; i++)
		told += h->count[proto][i];
	if (settled <= told)
		return;
	if (proto == 1)
		why = REASON_PORT_UNREACH;
	else if (r->start.type == SCAN_EV_START &&
		 (r->start.start.how & SCAN_CONNECT) != 0)
		why = REASON_CONN_REFUSED;
	else
		why = REASON_RESET;
	h->count[proto][SCAN_CLOSED] += settled - told;
	h->hidden[proto][why] += settled - told;
}

static bool
feed_host_end(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h = host_get(r, e);

	if (h->ended)
		return false;
	h->ended = true;
	h->ended_us = e->t_us;
	h->pos = e->host_end.pos;
	h->probes = e->host_end.probes;
	h->timeout = e->host_end.timeout;
	host_rest(r, h, 0, e->host_end.tcp);
	host_rest(r, h, 1, e->host_end.udp);
	return true;
}

static bool
lost_add(struct scan_report *r, const struct scan_event *e)
{
	uint64_t key = word_hash(r, e->target.name);

	if (hash_find(&r->losses, key) != HASH_NONE)
		return false;
	r->lost =
	    array_grow(r->lost, &r->cap_lost, r->nlost + 1, sizeof *r->lost);
	r->lost[r->nlost] =
	    (struct report_lost){ .name = xstrdup(e->target.name),
		    .error = xstrdup(e->target.error) };
	hash_add(&r->losses, key, (uint32_t)r->nlost++);
	return true;
}

static bool
feed_target(struct scan_report *r, const struct scan_event *e)
{
	struct report_host *h;

	if (e->target.exclude)
		return false;
	if (e->addr.family == 0)
		return lost_add(r, e);
	h = host_get(r, e);
	if (h->name == NULL)
		h->name = xstrdup(e->target.name);
	h->others = e->target.others;
	return true;
}

static bool
feed_note(struct scan_report *r, const struct scan_event *e)
{
	size_t i;

	for (i = 0; i < r->nnote; i++)
		if (strcmp(r->note[i], e->note.text) == 0)
			return false;
	if (r->nnote == NOTES_MAX)
		return false;
	r->note =
	    array_grow(r->note, &r->cap_note, r->nnote + 1, sizeof *r->note);
	r->note[r->nnote++] = xstrdup(e->note.text);
	return true;
}

bool
scan_report_feed(struct scan_report *r, const struct scan_event *e)
{
	r->events++;
	switch (e->type) {
	case SCAN_EV_HELLO:
		r->hello = *e;
		return true;
	case SCAN_EV_START:
		r->start = *e;
		return true;
	case SCAN_EV_PROGRESS:
		r->progress = *e;
		return true;
	case SCAN_EV_END:
		r->end = *e;
		return true;
	case SCAN_EV_TARGET:
		return feed_target(r, e);
	case SCAN_EV_HOST:
		return feed_host(r, e);
	case SCAN_EV_HOST_END:
		return feed_host_end(r, e);
	case SCAN_EV_PORT:
		return feed_port(r, e);
	case SCAN_EV_NOTE:
		return feed_note(r, e);
	case SCAN_EV_FACT:
		return feed_fact(r, e);
	case SCAN_EV_SERVICE:
		return feed_service(r, e);
	case SCAN_EV_OS:
		return feed_os(r, e);
	case SCAN_EV_NTYPES:
		break;
	}
	r->unknown++;
	return false;
}

static int
host_cmp(const void *va, const void *vb)
{
	const struct report_host *a = *(struct report_host *const *)va;
	const struct report_host *b = *(struct report_host *const *)vb;
	int cmp;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	cmp = memcmp(a->addr.addr, b->addr.addr, sizeof a->addr.addr);
	if (cmp != 0)
		return cmp;
	return (a->addr.scope > b->addr.scope) -
	       (a->addr.scope < b->addr.scope);
}

void
report_host_sort(struct report_host *h)
{
	if (h->sorted)
		return;
	qsort(h->port, h->nport, sizeof *h->port, port_cmp);
	h->sorted = true;
	hash_done(&h->places); /* they are elsewhere now */
}

void
scan_report_sort(struct scan_report *r)
{
	size_t i;

	if (!r->sorted && r->nhost > 1)
		qsort(r->host, r->nhost, sizeof(void *), host_cmp);
	r->sorted = true;
	for (i = 0; i < r->nhost; i++)
		report_host_sort(r->host[i]);
}

const struct report_port *
report_port_find(struct report_host *h, unsigned proto, uint16_t port)
{
	report_host_sort(h);
	return port_find(h, proto, port);
}

const char *
report_service(const struct scan_report *r, const struct report_port *p)
{
	return r->text.data + p->service;
}

void
scan_report_rdns(struct report_host *h, const char *clean)
{
	free(h->rdns);
	h->rdns = *clean == '\0' ? NULL : xstrdup(clean);
}

void
report_put_service(struct buf *b, const struct scan_report *r,
    const struct report_host *h, const struct report_port *p)
{
	const char *table = report_service(r, p);
	struct service_info s;

	if (!answers_best(&h->answers, p->proto, p->port, &s))
		buf_puts(b, *table == '\0' ? "unknown" : table);
	else if (s.name[0] != '\0') /* 3: nmap goes by the number, too */
		buf_printf(b, "%s%s%s", s.tls ? "ssl/" : "", s.name,
		    s.conf <= 3 ? "?" : "");
	else if (*table != '\0')
		buf_printf(b, "%s%s?", s.tls ? "ssl/" : "", table);
	else
		buf_printf(b, "%sunknown", s.tls ? "ssl/" : "");
}
