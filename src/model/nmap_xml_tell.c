/* SPDX-License-Identifier: ISC */
/* The events that nmap's XML is: see nmap_xml.h. */
#include "config.h"

#include "model/nmap_xml_tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "know/state.h"

#define KNOWN_MAX (1U << 20) /* beyond them hosts may be told twice */

static uint64_t
known_key(const void *arg, uint32_t i)
{
	const struct nmap_xml *x = arg;

	return x->known[i];
}

void
nmap_tell_init(struct nmap_xml *x)
{
	x->seed = scan_hash_seed();
	hash_init(&x->index, known_key, x);
}

void
nmap_tell_done(struct nmap_xml *x)
{
	hash_done(&x->index);
	free(x->known);
}

static struct scan_event *
event(struct nmap_xml *x, enum scan_event_type type)
{
	memset(&x->ev, 0, sizeof(x->ev));
	x->ev.type = type;
	return &x->ev;
}

static void
tell(struct nmap_xml *x)
{
	if (x->cause == NULL && !x->said_end)
		x->take(x->arg, &x->ev);
}

static void
set_text(char *field, size_t size, const char *text)
{
	service_set(field, size, text, strlen(text));
}

/* -- the run ----------------------------------------------------------------- */

void
nmap_tell_hello(struct nmap_xml *x, const char *version)
{
	struct scan_event *e = event(x, SCAN_EV_HELLO);

	x->said_hello = true;
	e->hello.version = SCAN_PROTOCOL;
	e->hello.how = SCAN_CONNECT | SCAN_SYN | SCAN_UDP | SCAN_PING;
	service_setf(
	    e->hello.program, sizeof(e->hello.program), "nmap %s", version);
	set_text(e->hello.sandbox, sizeof(e->hello.sandbox),
	    "none: nmap has none of its own");
	tell(x);
}

void
nmap_tell_start(struct nmap_xml *x)
{
	struct scan_event *e = event(x, SCAN_EV_START);

	x->said_start = true;
	if (x->how == 0)
		x->how = x->asked.how & SCAN_PING;
	e->start.how =
	    x->how | (x->asked.how & (SCAN_PROBE | SCAN_OS | SCAN_NMAP));
	e->start.plan = x->plan;
	e->start.hosts = x->asked.hosts;
	e->start.ports = x->asked_ports[0] + x->asked_ports[1];
	e->start.probes = e->start.hosts * e->start.ports;
	tell(x);
}

void
nmap_tell_end(struct nmap_xml *x, enum scan_exit error, const char *cause)
{
	struct scan_event *e = event(x, SCAN_EV_END);

	e->end.error = (int)error;
	if (error != SCAN_EXIT_DONE)
		service_setf(e->end.cause, sizeof(e->end.cause), "nmap: %s",
		    *cause != '\0' ? cause : "it failed");
	e->end.sent = x->sent;
	e->end.hosts_up = x->finished ? x->hosts_up : x->nup;
	e->end.hosts = x->finished ? x->hosts : x->asked.hosts;
	tell(x);
	x->said_end = true;
}

void
nmap_tell_progress(
    struct nmap_xml *x, const char *task, double percent, uint64_t left_ms)
{
	struct scan_event *e = event(x, SCAN_EV_PROGRESS);

	e->progress.probes = 1000;
	e->progress.done = (uint64_t)(percent * 10);
	e->progress.sent = x->sent;
	e->progress.open = x->nopen;
	e->progress.hosts_done = x->nended;
	e->progress.hosts_up = x->nup;
	e->progress.hosts = x->asked.hosts;
	e->progress.left_ms = left_ms;
	service_setf(
	    e->progress.phase, sizeof(e->progress.phase), "nmap: %s", task);
	tell(x);
}

void
nmap_tell_lost(struct nmap_xml *x, const char *name)
{
	struct scan_event *e = event(x, SCAN_EV_TARGET);

	set_text(e->target.name, sizeof(e->target.name), name);
	set_text(e->target.error, sizeof(e->target.error),
	    "nmap did not find an address for it");
	tell(x);
}

/* -- services --------------------------------------------------------------- */

/* Its facts come right before it. */
static void
tell_service(struct nmap_xml *x, const struct nmap_port *p,
    const struct service_info *info)
{
	const char *name, *value;
	struct scan_event *e;
	size_t i;

	for (i = 0; service_fact_at(info, i, &name, &value); i++) {
		e = event(x, SCAN_EV_FACT);
		e->addr = x->host.addr;
		e->fact.port = p->number;
		e->fact.proto = (uint8_t)p->proto;
		set_text(e->fact.name, sizeof(e->fact.name), name);
		set_text(e->fact.value, sizeof(e->fact.value), value);
		tell(x);
	}
	e = event(x, SCAN_EV_SERVICE);
	e->addr = x->host.addr;
	e->service.port = p->number;
	e->service.proto = (uint8_t)p->proto;
	e->service.info = *info;
	e->service.info.method = SERVICE_BY_NMAP;
	set_text(e->service.info.how, sizeof(e->service.info.how),
	    p->probed || info->name[0] == '\0' ? "nmap"
					       : "nmap: by its number");
	tell(x);
}

static void
tell_held(struct nmap_xml *x)
{
	if (x->held.number != 0)
		tell_service(x, &x->held, &x->held_info);
	x->held.number = 0;
}

void
nmap_tell_service(struct nmap_xml *x)
{
	const struct nmap_port *p = &x->port;
	const bool may_answer =
	    p->state == SCAN_OPEN || p->state == SCAN_OPEN_FILTERED;

	if (!may_answer || !(p->probed || x->info.nfacts > 0 ||
			       (x->asked.services && p->state == SCAN_OPEN)))
		return;
	if (p->proto == SOCK_TCP && p->state == SCAN_OPEN &&
	    (p->number == 139 || p->number == 445)) {
		tell_held(x);
		x->held = *p;
		x->held_info = x->info;
	} else
		tell_service(x, p, &x->info);
}

void
nmap_tell_os(struct nmap_xml *x)
{
	struct scan_event *e;

	if (x->nos == 0 || x->host.addr.family == 0)
		return;
	e = event(x, SCAN_EV_OS);
	e->addr = x->host.addr;
	e->os = x->os;
	tell(x);
}

/* -- hosts ------------------------------------------------------------------- */

/* True: it was told of; its position either way. */
static bool
is_known(struct nmap_xml *x, uint64_t *pos)
{
	const uint64_t key = scan_addr_hash(&x->host.addr, x->seed);
	const uint32_t i = hash_find(&x->index, key);

	*pos = i != HASH_NONE ? i : x->nknown;
	if (i != HASH_NONE || x->nknown == KNOWN_MAX)
		return i != HASH_NONE;
	x->known = array_grow(
	    x->known, &x->cap_known, x->nknown + 1, sizeof(*x->known));
	x->known[x->nknown] = key;
	hash_add(&x->index, key, (uint32_t)x->nknown++);
	return false;
}

static void
tell_name(struct nmap_xml *x)
{
	struct scan_event *e;

	if (x->host.name[0] == '\0')
		return;
	e = event(x, SCAN_EV_TARGET);
	e->addr = x->host.addr;
	set_text(e->target.name, sizeof(e->target.name), x->host.name);
	tell(x);
}

void
nmap_tell_host(struct nmap_xml *x)
{
	struct nmap_host *h = &x->host;
	struct scan_event *e;

	if (h->told || h->addr.family == 0)
		return;
	h->told = true;
	/* A scan of ports tells those that are there. */
	if (!h->up && (x->how & SCAN_PING) == 0)
		return;
	if (is_known(x, &h->pos))
		return;
	tell_name(x);
	e = event(x, SCAN_EV_HOST);
	e->addr = h->addr;
	e->host.pos = h->pos;
	e->host.up = h->up;
	e->host.reason = h->reason;
	e->host.ttl = h->ttl;
	memcpy(e->host.mac, h->mac, sizeof(e->host.mac));
	x->nup += h->up;
	tell(x);
}

void
nmap_tell_host_end(struct nmap_xml *x)
{
	struct scan_event *e;
	uint32_t tcp = x->asked_ports[0], udp = x->asked_ports[1];

	tell_held(x);

	if (!x->host.up || x->host.addr.family == 0 ||
	    (x->how & SCAN_PING) != 0)
		return;
	if (x->host.unnamed > 0)
		tcp -= tcp < x->host.unnamed ? tcp : x->host.unnamed;
	x->nended++;
	e = event(x, SCAN_EV_HOST_END);
	e->addr = x->host.addr;
	e->host_end.pos = x->host.pos;
	e->host_end.probes = tcp + udp;
	e->host_end.tcp = tcp;
	e->host_end.udp = udp;
	e->host_end.timeout = x->host.timeout;
	tell(x);
}

/* -- ports ------------------------------------------------------------------- */

static bool
is_wanted(const struct nmap_xml *x, enum scan_state state)
{
	return state != SCAN_CLOSED || x->asked.tell == SCAN_TELL_ALL;
}

void
nmap_tell_port(struct nmap_xml *x)
{
	struct nmap_port *p = &x->port;
	struct scan_event *e;

	if (p->told)
		return;
	p->told = true;
	if (!is_wanted(x, p->state))
		return;
	e = event(x, SCAN_EV_PORT);
	e->addr = x->host.addr;
	e->port.port = p->number;
	e->port.proto = (uint8_t)p->proto;
	e->port.state = p->state;
	e->port.reason = p->reason;
	e->port.ttl = p->ttl;
	e->port.from = p->from;
	set_text(e->port.service, sizeof(e->port.service), x->info.name);
	x->nopen += p->state == SCAN_OPEN;
	tell(x);
}

void
nmap_tell_ports(struct nmap_xml *x, unsigned proto, const struct portset *set,
    enum scan_state state, enum scan_reason reason)
{
	struct scan_event *e;
	unsigned port;

	if (!is_wanted(x, state) || x->host.addr.family == 0)
		return;
	for (port = 0; port <= UINT16_MAX; port++) {
		if (!portset_has(set, (uint16_t)port))
			continue;
		e = event(x, SCAN_EV_PORT);
		e->addr = x->host.addr;
		e->port.port = (uint16_t)port;
		e->port.proto = (uint8_t)proto;
		e->port.state = state;
		e->port.reason = reason;
		tell(x);
	}
}

void
nmap_tell_unnamed(struct nmap_xml *x)
{
	struct scan_event *e = event(x, SCAN_EV_NOTE);
	char addr[SCAN_ADDR_TEXT];

	x->host.unnamed += x->extra_count;
	service_setf(e->note.text, sizeof(e->note.text),
	    "%s: %u ports are %s; this nmap does not say which",
	    scan_addr_text(addr, &x->host.addr), x->extra_count,
	    scan_state_name(x->extra_state));
	tell(x);
}

/* -- scripts ----------------------------------------------------------------- */

/* Lines as one: those that announce something are followed by it. */
static void
put_folded(struct buf *b, const char *text)
{
	const char *end;
	size_t n;

	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = text + strcspn(text, "\r\n");
		text += strspn(text, " \t");
		for (n = end > text ? (size_t)(end - text) : 0; n > 0; n--)
			if (text[n - 1] != ' ' && text[n - 1] != '\t')
				break;
		if (n == 0)
			continue;
		if (b->len > 0)
			buf_puts(b, b->data[b->len - 1] == ':' ? " " : "; ");
		buf_put(b, text, n);
	}
}

/* Of the port, or of the host: then of the one it is about. */
static void
keep_fact(struct nmap_xml *x, const char *kind, const char *name,
    const char *value, size_t len)
{
	struct service_info *info = x->port.open          ? &x->info
				    : x->held.number != 0 ? &x->held_info
							  : NULL;
	char addr[SCAN_ADDR_TEXT], full[48], text[SCAN_FACT_MAX];
	struct scan_event *e;

	service_setf(full, sizeof(full), "%s%s", kind, name);
	service_set(text, sizeof(text), value, len);
	if (info != NULL) {
		service_fact(info, full, text, strlen(text));
		return;
	}
	e = event(x, SCAN_EV_NOTE);
	if (x->host.open)
		service_setf(e->note.text, sizeof(e->note.text), "%s: %s: %s",
		    scan_addr_text(addr, &x->host.addr), full, text);
	else
		service_setf(
		    e->note.text, sizeof(e->note.text), "%s: %s", full, text);
	tell(x);
}

void
nmap_tell_script(struct nmap_xml *x, const char *id, const char *output)
{
	struct buf text = { 0 };

	put_folded(&text, output);
	/* "ERROR: Script execution failed (use -d to debug)" */
	if (text.len == 0 || strncmp(text.data, "ERROR:", 6) == 0) {
		buf_done(&text);
		return;
	}
	keep_fact(x, NMAP_FACT_SCRIPT, id, text.data, text.len);
	buf_done(&text);
}

/* As its library vulns.lua says it: VULNERABLE, LIKELY VULNERABLE, NOT .. */
void
nmap_tell_vuln(struct nmap_xml *x)
{
	struct buf text = { 0 };

	if (x->vuln.id[0] == '\0' || !(x->port.open || x->host.open) ||
	    (strncmp(x->vuln.state, "VULNERABLE", 10) != 0 &&
		strncmp(x->vuln.state, "LIKELY VULNERABLE", 17) != 0))
		return;
	buf_puts(&text, x->vuln.state);
	if (x->vuln.title[0] != '\0')
		buf_printf(&text, ": %s", x->vuln.title);
	keep_fact(x, NMAP_FACT_VULN, x->vuln.id, text.data, text.len);
	buf_done(&text);
}
