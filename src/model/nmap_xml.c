/* SPDX-License-Identifier: ISC */
/*
 * nmap's XML, element by element: see nmap_xml.h. Here is what an element
 * means; what is told of it is put together in nmap_xml_tell.c.
 */
#include "config.h"

#include "model/nmap_xml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/nmap_xml_tell.h"
#include "model/portset.h"
#include "model/scan_ports.h"
#include "model/scan_wire.h"

#define DEPTH_MAX 64
#define TAG_MAX   ((size_t)4 << 20) /* bytes of one tag, with its values */

/* -- attributes ------------------------------------------------------------ */

/* expat's list; "" if it is not there. */
static const char *
attr(const XML_Char **a, const char *name)
{
	size_t i;

	for (i = 0; a[i] != NULL; i += 2)
		if (strcmp(a[i], name) == 0)
			return a[i + 1];
	return "";
}

/* 0: it is not there, or no such number. */
static uint64_t
attr_num(const XML_Char **a, const char *name, uint64_t max)
{
	uint64_t n = 0;

	(void)num_u64(attr(a, name), 0, max, &n);
	return n;
}

static void
attr_text(char *field, size_t size, const XML_Char **a, const char *name)
{
	const char *value = attr(a, name);

	service_set(field, size, value, strlen(value));
}

static bool
attr_is(const XML_Char **a, const char *name, const char *value)
{
	return strcmp(attr(a, name), value) == 0;
}

static unsigned
proto_of(const char *name)
{
	return strcmp(name, "tcp") == 0   ? SOCK_TCP
	       : strcmp(name, "udp") == 0 ? SOCK_UDP
					  : 0;
}

static enum scan_reason
reason_of(const char *name)
{
	enum scan_reason r = REASON_NONE;

	(void)scan_reason_find(name, &r);
	return r;
}

/* -- the whole run ----------------------------------------------------------- */

static void
begin_run(struct nmap_xml *x, const XML_Char **a)
{
	if (!attr_is(a, "scanner", "nmap")) {
		nmap_xml_refuse(x, "it is not nmap's");
		return;
	}
	x->plan = hash_bytes(attr(a, "args"), strlen(attr(a, "args")), 0);
	nmap_tell_hello(x, attr(a, "version"));
}

static void
begin_scaninfo(struct nmap_xml *x, const XML_Char **a)
{
	static const struct {
		const char *type;
		unsigned how;
	} kinds[] = { { "connect", SCAN_CONNECT }, { "syn", SCAN_SYN },
		{ "udp", SCAN_UDP } };
	const unsigned proto = proto_of(attr(a, "protocol"));
	size_t i;

	for (i = 0; i < nitems(kinds); i++)
		if (attr_is(a, "type", kinds[i].type))
			x->how |= kinds[i].how;
	if (proto != 0)
		x->asked_ports[proto == SOCK_UDP] =
		    (uint32_t)attr_num(a, "numservices", 65536);
}

static void
begin_target(struct nmap_xml *x, const XML_Char **a)
{
	if (attr_is(a, "status", "skipped"))
		nmap_tell_lost(x, attr(a, "specification"));
}

static void
begin_task(struct nmap_xml *x, const XML_Char **a)
{
	nmap_tell_progress(x, attr(a, "task"), 0, UINT64_MAX);
}

static void
begin_taskprogress(struct nmap_xml *x, const XML_Char **a)
{
	double percent = 0;
	uint64_t left = UINT64_MAX;

	(void)num_double(attr(a, "percent"), 0, 100, &percent);
	if (num_u64(attr(a, "remaining"), 0, UINT32_MAX, &left))
		left *= 1000;
	nmap_tell_progress(x, attr(a, "task"), percent, left);
}

/* "1000 total ports": what it has sent, at least. */
static void
begin_taskend(struct nmap_xml *x, const XML_Char **a)
{
	const char *extra = attr(a, "extrainfo");
	const char *end = strstr(extra, " total ");
	char *number;
	uint64_t n = 0;

	if (end != NULL) {
		number = xstrndup(extra, (size_t)(end - extra));
		if (num_u64(number, 0, UINT32_MAX, &n))
			x->sent += n;
		free(number);
	}
	nmap_tell_progress(x, attr(a, "task"), 100, 0);
}

static void
begin_finished(struct nmap_xml *x, const XML_Char **a)
{
	x->finished = true;
	x->failed = attr_is(a, "exit", "error");
	attr_text(x->error, sizeof(x->error), a, "errormsg");
}

static void
begin_hosts(struct nmap_xml *x, const XML_Char **a)
{
	x->hosts_up = attr_num(a, "up", SCAN_NUMBER_MAX);
	x->hosts = attr_num(a, "total", SCAN_NUMBER_MAX);
}

static void
end_runstats(struct nmap_xml *x)
{
	if (x->finished)
		nmap_tell_end(
		    x, x->failed ? SCAN_EXIT_FAILED : SCAN_EXIT_DONE, x->error);
}

/* -- a host ------------------------------------------------------------------ */

static void
begin_host(struct nmap_xml *x, const XML_Char **a)
{
	x->host = (struct nmap_host){ .open = true,
		.timeout = attr_is(a, "timedout", "true") };
	x->held.number = 0;
	x->os = (struct os_info){ .distance = -1, .basis = OS_BY_NMAP };
	x->nos = 0;
}

static void
begin_hint(struct nmap_xml *x, const XML_Char **a)
{
	begin_host(x, a);
	x->host.hint = true;
}

static void
begin_status(struct nmap_xml *x, const XML_Char **a)
{
	x->host.up = attr_is(a, "state", "up");
	x->host.reason = reason_of(attr(a, "reason"));
	x->host.ttl = (uint8_t)attr_num(a, "reason_ttl", UINT8_MAX);
}

static bool
parse_mac(const char *text, uint8_t ret[6])
{
	static const char digits[] = "0123456789ABCDEF";
	const char *hi, *lo;
	size_t i;

	if (strlen(text) != 17)
		return false;
	for (i = 0; i < 6; i++, text += 3) {
		hi = memchr(digits, text[0], 16);
		lo = memchr(digits, text[1], 16);
		if (hi == NULL || lo == NULL || (i < 5 && text[2] != ':'))
			return false;
		ret[i] = (uint8_t)((hi - digits) << 4 | (lo - digits));
	}
	return true;
}

static void
begin_address(struct nmap_xml *x, const XML_Char **a)
{
	struct nmap_host *h = &x->host;

	if (attr_is(a, "addrtype", "mac")) {
		if (!parse_mac(attr(a, "addr"), h->mac))
			memset(h->mac, 0, sizeof(h->mac));
	} else if (h->addr.family == 0 &&
		   !scan_addr_parse(&h->addr, attr(a, "addr")))
		nmap_xml_refuse(x, "a host without an address");
}

/* Those of the name server are asked for by ourselves. */
static void
begin_hostname(struct nmap_xml *x, const XML_Char **a)
{
	if (attr_is(a, "type", "user") && x->host.name[0] == '\0')
		attr_text(x->host.name, sizeof(x->host.name), a, "name");
}

static void
end_hostnames(struct nmap_xml *x)
{
	nmap_tell_host(x);
}

static void
begin_ports(struct nmap_xml *x, const XML_Char **a)
{
	(void)a;
	nmap_tell_host(x);
}

static void
end_host(struct nmap_xml *x)
{
	if (!x->host.open)
		return;
	nmap_tell_host(x);
	nmap_tell_os(x);
	nmap_tell_host_end(x);
	x->host.open = false;
}

static void
end_hint(struct nmap_xml *x)
{
	if (x->host.open)
		nmap_tell_host(x);
	x->host.open = false;
}

/* -- its ports --------------------------------------------------------------- */

static void
begin_port(struct nmap_xml *x, const XML_Char **a)
{
	struct nmap_port *p = &x->port;
	uint64_t number;

	*p = (struct nmap_port){ 0 };
	service_init(&x->info);
	p->proto = proto_of(attr(a, "protocol"));
	/* sctp, or ip: the number of a protocol. */
	p->open = p->proto != 0 && x->host.addr.family != 0 &&
		  num_u64(attr(a, "portid"), 0, UINT16_MAX, &number);
	if (p->open)
		p->number = (uint16_t)number;
}

static void
begin_state(struct nmap_xml *x, const XML_Char **a)
{
	struct nmap_port *p = &x->port;

	if (!p->open)
		return;
	p->open = scan_state_find(attr(a, "state"), &p->state);
	p->reason = reason_of(attr(a, "reason"));
	p->ttl = (uint8_t)attr_num(a, "reason_ttl", UINT8_MAX);
	if (!scan_addr_parse(&p->from, attr(a, "reason_ip")))
		p->from.family = 0;
}

static void
begin_service(struct nmap_xml *x, const XML_Char **a)
{
	struct service_info *s = &x->info;
	const char *print = attr(a, "servicefp");

	if (!x->port.open)
		return;
	attr_text(s->name, sizeof(s->name), a, "name");
	attr_text(s->product, sizeof(s->product), a, "product");
	attr_text(s->version, sizeof(s->version), a, "version");
	attr_text(s->extra, sizeof(s->extra), a, "extrainfo");
	attr_text(s->host, sizeof(s->host), a, "hostname");
	attr_text(s->os, sizeof(s->os), a, "ostype");
	attr_text(s->device, sizeof(s->device), a, "devicetype");
	s->tls = attr_is(a, "tunnel", "ssl");
	s->conf = (uint8_t)attr_num(a, "conf", 10);
	service_evidence(s, print, strlen(print));
	x->port.probed = attr_is(a, "method", "probed");
	nmap_tell_port(x);
}

static void
end_port(struct nmap_xml *x)
{
	if (!x->port.open)
		return;
	nmap_tell_port(x);
	nmap_tell_service(x);
	x->port.open = false;
}

static void
os_cpe(struct nmap_xml *x)
{
	struct os_info *o = &x->os;

	if (x->os_class && o->cpe[0] == '\0')
		service_set(o->cpe, sizeof(o->cpe), x->text, x->ntext);
}

/* The first is the software's; others are its system's. */
static void
end_cpe(struct nmap_xml *x)
{
	struct service_info *s = &x->info;

	if (!x->port.open)
		os_cpe(x);
	else if (s->cpe[0] == '\0')
		service_set(s->cpe, sizeof(s->cpe), x->text, x->ntext);
}

/* -- its system -------------------------------------------------------------- */

static void
begin_portused(struct nmap_xml *x, const XML_Char **a)
{
	const uint16_t port = (uint16_t)attr_num(a, "portid", UINT16_MAX);

	if (!attr_is(a, "proto", "tcp"))
		return;
	if (attr_is(a, "state", "open"))
		x->os.open = port;
	else if (attr_is(a, "state", "closed"))
		x->os.closed = port;
}

/* The likeliest first. */
static void
begin_osmatch(struct nmap_xml *x, const XML_Char **a)
{
	const uint8_t conf = (uint8_t)attr_num(a, "accuracy", 100);
	struct os_info *o = &x->os;
	const unsigned i = x->nos++;

	if (i == 0) {
		attr_text(o->name, sizeof(o->name), a, "name");
		o->conf = conf;
	} else if (i <= OS_OTHERS) {
		attr_text(o->other[i - 1], sizeof(o->other[i - 1]), a, "name");
		o->other_conf[i - 1] = conf;
	}
}

static void
begin_osclass(struct nmap_xml *x, const XML_Char **a)
{
	struct os_info *o = &x->os;

	if (x->nos != 1 || o->family[0] != '\0')
		return;
	x->os_class = true;
	attr_text(o->family, sizeof(o->family), a, "osfamily");
	attr_text(o->vendor, sizeof(o->vendor), a, "vendor");
	attr_text(o->generation, sizeof(o->generation), a, "osgen");
	attr_text(o->type, sizeof(o->type), a, "type");
}

static void
end_osclass(struct nmap_xml *x)
{
	x->os_class = false;
}

static void
begin_distance(struct nmap_xml *x, const XML_Char **a)
{
	uint64_t hops;

	if (num_u64(attr(a, "value"), 0, 255, &hops))
		x->os.distance = (int)hops;
}

/* -- many ports in one element ----------------------------------------------- */

static void
begin_extraports(struct nmap_xml *x, const XML_Char **a)
{
	x->extra = scan_state_find(attr(a, "state"), &x->extra_state);
	x->extra_named = false;
	x->extra_count = (uint32_t)attr_num(a, "count", 65536);
}

/* nmap names them since 7.92. */
static void
begin_extrareasons(struct nmap_xml *x, const XML_Char **a)
{
	const unsigned proto = proto_of(attr(a, "proto"));
	const char *list = attr(a, "ports");
	struct scan_ports *ports;
	char *cause = NULL;

	if (!x->extra || proto == 0 || *list == '\0')
		return;
	x->extra_named = true;
	ports = xcalloc(1, sizeof(*ports));
	if (scan_ports_parse(ports, list,
		proto == SOCK_UDP ? SCAN_PROTO_UDP : SCAN_PROTO_TCP,
		&cause) == 0)
		nmap_tell_ports(x, proto,
		    proto == SOCK_UDP ? &ports->udp : &ports->tcp,
		    x->extra_state, reason_of(attr(a, "reason")));
	else
		nmap_xml_refuse(x, "a list of ports is none");
	free(cause);
	free(ports);
}

static void
end_extraports(struct nmap_xml *x)
{
	if (x->extra && !x->extra_named && x->extra_state != SCAN_CLOSED)
		nmap_tell_unnamed(x);
	x->extra = false;
}

/* -- scripts ------------------------------------------------------------------- */

static void
begin_script(struct nmap_xml *x, const XML_Char **a)
{
	const char *output = attr(a, "output");

	if (x->port.open)
		nmap_tell_port(x);
	else if (x->host.open)
		nmap_tell_host(x);
	x->script = true;
	x->tables = 0;
	nmap_tell_script(x, attr(a, "id"), output);
}

static void
end_script(struct nmap_xml *x)
{
	x->script = false;
}

static void
begin_hostscript(struct nmap_xml *x, const XML_Char **a)
{
	(void)a;
	nmap_tell_host(x);
}

static void
begin_table(struct nmap_xml *x, const XML_Char **a)
{
	if (!x->script || ++x->tables != 1)
		return;
	attr_text(x->vuln.id, sizeof(x->vuln.id), a, "key");
	x->vuln.title[0] = x->vuln.state[0] = '\0';
}

static void
end_table(struct nmap_xml *x)
{
	if (!x->script || x->tables == 0 || --x->tables != 0)
		return;
	nmap_tell_vuln(x);
}

static void
begin_elem(struct nmap_xml *x, const XML_Char **a)
{
	const char *key = attr(a, "key");

	x->elem = x->tables != 1              ? NULL
		  : strcmp(key, "title") == 0 ? x->vuln.title
		  : strcmp(key, "state") == 0 ? x->vuln.state
					      : NULL;
	x->elem_size = x->elem == x->vuln.title ? sizeof(x->vuln.title)
						: sizeof(x->vuln.state);
}

static void
end_elem(struct nmap_xml *x)
{
	if (x->script && x->elem != NULL)
		service_set(x->elem, x->elem_size, x->text, x->ntext);
	x->elem = NULL;
}

/* -- all elements -------------------------------------------------------------- */

/* Those that are in no table are passed over, with their attributes. */
static const struct element {
	const char *name;
	unsigned in; /* enum nmap_in: where it has a meaning */
	void (*begin)(struct nmap_xml *, const XML_Char **);
	void (*end)(struct nmap_xml *);
} elements[] = {
	{ "address", NMAP_IN_HOST, begin_address, NULL },
	{ "cpe", NMAP_IN_HOST, NULL, end_cpe },
	{ "distance", NMAP_IN_HOST, begin_distance, NULL },
	{ "elem", NMAP_IN_RUN, begin_elem, end_elem },
	{ "extraports", NMAP_IN_HOST, begin_extraports, end_extraports },
	{ "extrareasons", NMAP_IN_HOST, begin_extrareasons, NULL },
	{ "finished", NMAP_IN_RUN, begin_finished, NULL },
	{ "host", NMAP_IN_RUN, begin_host, end_host },
	{ "hosthint", NMAP_IN_RUN, begin_hint, end_hint },
	{ "hostname", NMAP_IN_HOST, begin_hostname, NULL },
	{ "hostnames", NMAP_IN_HOST, NULL, end_hostnames },
	{ "hosts", NMAP_IN_RUN, begin_hosts, NULL },
	{ "hostscript", NMAP_IN_HOST, begin_hostscript, NULL },
	{ "nmaprun", NMAP_IN_NOTHING, begin_run, NULL },
	{ "osclass", NMAP_IN_HOST, begin_osclass, end_osclass },
	{ "osmatch", NMAP_IN_HOST, begin_osmatch, NULL },
	{ "port", NMAP_IN_HOST, begin_port, end_port },
	{ "ports", NMAP_IN_HOST, begin_ports, NULL },
	{ "portused", NMAP_IN_HOST, begin_portused, NULL },
	{ "runstats", NMAP_IN_RUN, NULL, end_runstats },
	{ "scaninfo", NMAP_IN_RUN, begin_scaninfo, NULL },
	{ "script", NMAP_IN_RUN, begin_script, end_script },
	{ "service", NMAP_IN_PORT, begin_service, NULL },
	{ "state", NMAP_IN_PORT, begin_state, NULL },
	{ "status", NMAP_IN_HOST, begin_status, NULL },
	{ "table", NMAP_IN_RUN, begin_table, end_table },
	{ "target", NMAP_IN_RUN, begin_target, NULL },
	{ "taskbegin", NMAP_IN_RUN, begin_task, NULL },
	{ "taskend", NMAP_IN_RUN, begin_taskend, NULL },
	{ "taskprogress", NMAP_IN_RUN, begin_taskprogress, NULL },
};

static int
element_cmp(const void *name, const void *element)
{
	return strcmp(name, ((const struct element *)element)->name);
}

/* NULL: it has no meaning here. */
static const struct element *
element_find(const struct nmap_xml *x, const char *name)
{
	const struct element *e = bsearch(
	    name, elements, nitems(elements), sizeof(elements[0]), element_cmp);

	if (e == NULL || (e->in == NMAP_IN_HOST && !x->host.open) ||
	    (e->in == NMAP_IN_PORT && !x->port.open) ||
	    (e->in == NMAP_IN_NOTHING) != !x->said_hello)
		return NULL;
	return e;
}

static void XMLCALL
on_begin(void *arg, const XML_Char *name, const XML_Char **a)
{
	struct nmap_xml *x = arg;
	const struct element *e;

	if (x->cause != NULL)
		return;
	if (x->depth == DEPTH_MAX) {
		nmap_xml_refuse(x, "elements in elements without end");
		return;
	}
	if (x->depth == 0 && strcmp(name, "nmaprun") != 0) {
		nmap_xml_refuse(x, "it is not nmap's");
		return;
	}
	x->ntext = 0;
	e = element_find(x, name);
	/* The last of what says what will be done. */
	if (x->said_hello && !x->said_start && x->depth == 1 &&
	    strcmp(name, "scaninfo") != 0)
		nmap_tell_start(x);
	x->depth++;
	if (e != NULL && e->begin != NULL)
		e->begin(x, a);
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct nmap_xml *x = arg;
	const struct element *e;

	if (x->cause != NULL)
		return;
	e = element_find(x, name);
	x->depth--;
	if (e != NULL && e->end != NULL)
		e->end(x);
	x->ntext = 0;
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int len)
{
	struct nmap_xml *x = arg;
	size_t n = (size_t)len;

	if (n > sizeof(x->text) - x->ntext)
		n = sizeof(x->text) - x->ntext;
	memcpy(x->text + x->ntext, text, n);
	x->ntext += n;
}

static void XMLCALL
on_entity(void *arg, const XML_Char *name, int is_parameter,
    const XML_Char *value, int len, const XML_Char *base,
    const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
	(void)name;
	(void)is_parameter;
	(void)value;
	(void)len;
	(void)base;
	(void)system;
	(void)public;
	(void)notation;
	nmap_xml_refuse(arg, "it declares entities");
}

/* -- the reader ------------------------------------------------------------------ */

void
nmap_xml_refuse(struct nmap_xml *x, const char *why)
{
	if (x->cause != NULL)
		return;
	xasprintf(&x->cause, "nmap's XML, line %lu: %s",
	    (unsigned long)XML_GetCurrentLineNumber(x->parser), why);
	(void)XML_StopParser(x->parser, XML_FALSE);
}

struct nmap_xml *
nmap_xml_new(const struct nmap_xml_asked *asked, scan_take take, void *arg)
{
	struct nmap_xml *x = xcalloc(1, sizeof(*x));

	x->asked = *asked;
	x->take = take;
	x->arg = arg;
	x->parser = XML_ParserCreate("UTF-8");
	if (x->parser == NULL)
		fatal("%s: no memory", __func__);
	nmap_tell_init(x);
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetEntityDeclHandler(x->parser, on_entity);
	return x;
}

void
nmap_xml_free(struct nmap_xml *x)
{
	if (x == NULL)
		return;
	XML_ParserFree(x->parser);
	nmap_tell_done(x);
	free(x->cause);
	free(x);
}

/* expat keeps what is unfinished, however long: who has seen none of it for
 * megabytes is fed with one endless tag. */
static bool
is_endless(const struct nmap_xml *x)
{
	const XML_Index at = XML_GetCurrentByteIndex(x->parser);

	return at >= 0 && x->fed > (uint64_t)at &&
	       x->fed - (uint64_t)at > TAG_MAX;
}

int
nmap_xml_feed(struct nmap_xml *x, const void *bytes, size_t n, char **cause)
{
	const char *p = bytes;
	size_t k;

	while (n > 0 && x->cause == NULL) {
		k = n < 65536 ? n : 65536;
		x->fed += k;
		if (XML_Parse(x->parser, p, (int)k, XML_FALSE) ==
			XML_STATUS_ERROR &&
		    x->cause == NULL)
			nmap_xml_refuse(
			    x, XML_ErrorString(XML_GetErrorCode(x->parser)));
		else if (is_endless(x))
			nmap_xml_refuse(x, "a tag without end");
		p += k;
		n -= k;
	}
	if (x->cause == NULL)
		return 0;
	*cause = xstrdup(x->cause);
	return -EBADMSG;
}

bool
nmap_xml_end(struct nmap_xml *x, bool stopped)
{
	const bool whole = x->said_end;

	if (!whole && stopped && x->said_hello)
		nmap_tell_end(x, SCAN_EXIT_STOPPED, "stopped");
	return whole;
}
