/* SPDX-License-Identifier: ISC */
/* Ports and services answered, and the list of services. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/port_note.h"
#include "know/term.h"
#include "model/explain_lines.h"

#define RANGE_SERVICES 24 /* told of one range */

/* -- ports as they are typed ---------------------------------------------- */

static int
wrong(const char *word, const char *why, char **cause)
{
	char *clean = text_clean(word, strlen(word));

	xasprintf(cause, "%s: %s", clean, why);
	free(clean);
	return -EINVAL;
}

static bool
proto_word(const char *s, size_t len, uint8_t *proto)
{
	if (term_same(s, len, "tcp"))
		*proto = SOCK_TCP;
	else if (term_same(s, len, "udp"))
		*proto = SOCK_UDP;
	else
		return false;
	return true;
}

/* Digits with nothing but what may follow them: then it is a port. */
static size_t
digits(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n <= 20 ? n : 0;
}

static bool
number(const char *s, size_t len, uint16_t *ret)
{
	char text[24];
	uint64_t n;

	memcpy(text, s, len);
	text[len] = '\0';
	if (!num_u64(text, 0, UINT16_MAX, &n))
		return false;
	*ret = (uint16_t)n;
	return true;
}

int
explain_port_parse(const char *word, struct explain_port *p, char **cause)
{
	const char *s = word, *high = NULL;
	size_t lo, hi = 0;
	uint8_t proto = 0;

	if (proto_word(s, strnlen(s, 3), &proto) &&
	    (s[3] == '/' || s[3] == ':'))
		s += 4;
	else {
		proto = 0;
		s += *s == ':';
	}
	lo = digits(s);
	if (lo == 0 || strchr(s, ' ') != NULL)
		return 0;
	if (s[lo] == '-' && (hi = digits(s + lo + 1)) > 0)
		high = s + lo + 1;
	word = s + lo + (hi > 0 ? hi + 1 : 0);
	if (*word != '\0' && *word != '/')
		return 0;
	if (*word == '/' &&
	    (proto != 0 || !proto_word(word + 1, strlen(word + 1), &proto)))
		return wrong(
		    s, "tcp or udp is expected after the slash", cause);
	if (!number(s, lo, &p->lo) ||
	    (high != NULL && !number(high, hi, &p->hi)))
		return wrong(
		    s, "not a port; they are numbered from 0 to 65535", cause);
	if (high == NULL)
		p->hi = p->lo;
	if (p->hi < p->lo)
		return wrong(s, "the range ends before it begins", cause);
	p->proto = proto;
	return 1;
}

/* -- one service in words ------------------------------------------------- */

/* NULL: nothing is known of it but the name. */
static const char *
encryption(const struct service *s)
{
	if ((s->flags & SERVICE_ENCRYPTED) != 0)
		return "encrypted";
	if ((s->flags & SERVICE_PLAIN) != 0)
		return "not encrypted";
	return strncmp(s->what, "registered", 10) == 0 || service_from_file(s)
		   ? NULL
		   : "encrypted or not, as it is set up";
}

/* "imaps (993)" where the name has a port of its own. */
static void
put_successor(struct buf *b, const struct service *s)
{
	const char *list = s->successor, *name;
	size_t len;
	uint16_t port;
	char *word;

	while ((name = term_part(&list, ", ", &len)) != NULL) {
		word = xstrndup(name, len);
		buf_printf(b, "%s%s", b->len > 0 ? ", " : "", word);
		if (service_port(word, s->proto, &port) ||
		    service_port(word, 0, &port))
			buf_printf(b, " (%u)", port);
		free(word);
	}
}

static const char *
proto_label(uint8_t proto)
{
	return proto == SOCK_TCP   ? "tcp"
	       : proto == SOCK_UDP ? "udp"
				   : "tcp, udp";
}

static void
put_service(struct buf *b, const struct service *s)
{
	buf_printf(b, "%s: %s", s->name, s->what);
	if (strstr(s->what, "encrypt") == NULL && encryption(s) != NULL)
		buf_printf(b, "; %s", encryption(s));
	if ((s->flags & SERVICE_UNOFFICIAL) != 0)
		buf_puts(b, "; usual, but not assigned");
	buf_printf(b, " [%s]", s->source);
}

void
explain_put_service(struct buf *b, const struct service *s)
{
	buf_printf(b, "%u", s->port);
	if (s->port_hi != s->port)
		buf_printf(b, "-%u", s->port_hi);
	buf_printf(
	    b, "/%s ", s->proto == 0 ? "tcp,udp" : sock_proto_name(s->proto));
	put_service(b, s);
}

static void
service_lines(
    struct explain_answer *a, const char *label, const struct service *s)
{
	struct buf b = { 0 };

	put_service(&b, s);
	explain_text(a, label, "%s", b.data);
	buf_reset(&b);
	put_successor(&b, s);
	if (b.len > 0)
		explain_text(a, "Safer", "%s", b.data);
	buf_done(&b);
}

/* -- one port ------------------------------------------------------------- */

/* Nothing with this number alone: a wide range around it? */
static bool
around(struct explain_answer *a, const struct explain_port *p)
{
	const struct service *s = service_by_port(p->lo, p->proto);

	if (s == NULL)
		return false;
	explain_text(a, "Range", "%u-%u", s->port, s->port_hi);
	service_lines(a, proto_label(s->proto), s);
	return true;
}

static bool
on_port(const struct service *s, const struct explain_port *p)
{
	return s->port <= p->hi && s->port_hi >= p->lo &&
	       (s->proto == 0 || p->proto == 0 || s->proto == p->proto);
}

static void
port_services(struct explain_answer *a, const struct explain_port *p)
{
	const struct service *s;
	size_t i, n = 0;
	bool assigned = false;

	for (i = 0; (s = service_at(&i)) != NULL;) {
		if (!on_port(s, p) || s->port_hi - s->port > 64)
			continue;
		if (service_from_file(s) && n > 0)
			continue; /* another word for what was told */
		service_lines(a, proto_label(s->proto), s);
		assigned |= (s->flags & SERVICE_UNOFFICIAL) == 0;
		n++;
	}
	if (n == 0 && !around(a, p))
		explain_text(a, "Service",
		    "none that is known: whatever has it is a program's own "
		    "choice, or a client");
	else if (n > 0 && !assigned)
		explain_text(a, "IANA", "has assigned it to none of these");
}

static void
port_notes_of(struct explain_answer *a, const struct explain_port *p)
{
	const struct port_note *n;
	unsigned i = 0;

	while ((n = port_note(p->lo, p->proto, &i)) != NULL) {
		if (n->iana != NULL)
			explain_text(a, "IANA", "registered as %s", n->iana);
		if (n->also != NULL)
			explain_text(a, "Also used by", "%s", n->also);
		explain_paragraphs(a, PART_TEXT, "Common error", n->myth);
	}
}

/* What tells more of it here. */
static void
port_run(struct buf *b, const struct explain_port *p)
{
	const char *proto = p->proto == SOCK_UDP ? "/udp" : "";

	if (p->lo != p->hi) {
		buf_printf(b, "sockdeck list port:%u-%u", p->lo, p->hi);
		if (p->hi >= 1024) /* free leaves the others alone */
			buf_printf(b, "\nsockdeck free %u-%u%s",
			    p->lo > 0 ? p->lo : 1, p->hi, proto);
	} else if (p->lo != 0)
		buf_printf(b, "sockdeck why %u%s\nsockdeck list port:%u", p->lo,
		    proto, p->lo);
	else
		buf_puts(b, "sockdeck free");
}

static void
port_see(struct explain_answer *a, const struct explain_port *p)
{
	static const char *const sources[] = { [PORT_WELL_KNOWN] =
						   "RFC 6335 section 6; IANA",
		[PORT_REGISTERED] = "RFC 6335 section 6; IANA",
		[PORT_DYNAMIC] = "RFC 6335 section 6" };
	static const char *const classes[] = { [PORT_WELL_KNOWN] =
						   "well-known port",
		[PORT_REGISTERED] = "registered port",
		[PORT_DYNAMIC] = "dynamic port, ephemeral port" };
	enum port_class c = port_class(p->lo);
	const struct port_note *n;
	struct buf run = { 0 }, see = { 0 }, source = { 0 };
	unsigned i = 0;

	buf_puts(&see, classes[c]);
	buf_puts(&source, sources[c]);
	while ((n = port_note(p->lo, p->proto, &i)) != NULL) {
		if (n->see != NULL)
			buf_printf(&see, ", %s", n->see);
		if (n->myth == NULL || strcmp(n->source, "IANA") == 0)
			continue;
		buf_printf(&source, "; %s",
		    strncmp(n->source, "IANA; ", 6) == 0 ? n->source + 6
							 : n->source);
	}
	port_run(&run, p);
	explain_end(a, run.data, see.data, source.data);
	buf_done(&run);
	buf_done(&see);
	buf_done(&source);
}

static const char *
class_words(uint16_t port)
{
	static const char *const words[] = {
		[PORT_WELL_KNOWN] = "well-known, 0-1023: assigned by IANA; "
				    "RFC 6335 calls it a System Port",
		[PORT_REGISTERED] = "registered, 1024-49151: assigned by IANA "
				    "on request; RFC 6335 calls it a User "
				    "Port",
		[PORT_DYNAMIC] = "dynamic, 49152-65535: never assigned, free "
				 "for anybody to use for a time"
	};

	return port == 0 ? "reserved: not used on the wire; in bind(2) it "
			   "means any free port"
			 : words[port_class(port)];
}

/* What the kernel keeps the port for. */
static void
port_limits_of(struct explain_answer *a, const struct explain_port *p,
    const struct port_limits *l)
{
	uint32_t all = (uint32_t)p->hi - p->lo + 1, n;

	if (l == NULL)
		return;
	explain_heading(a, "On this machine");
	if (l->unprivileged_known)
		explain_text(a, "To bind",
		    p->hi < l->unprivileged
			? "needs CAP_NET_BIND_SERVICE: below %u "
			  "(net.ipv4.ip_unprivileged_port_start)"
		    : p->lo < l->unprivileged
			? "needs CAP_NET_BIND_SERVICE below %u "
			  "(net.ipv4.ip_unprivileged_port_start)"
			: "needs no privilege: those end below %u "
			  "(net.ipv4.ip_unprivileged_port_start)",
		    l->unprivileged);
	if (l->ephemeral_lo != 0)
		explain_text(a, "Ephemeral",
		    "%s %u-%u (net.ipv4.ip_local_port_range): the kernel %s "
		    "to a client",
		    p->lo >= l->ephemeral_lo && p->hi <= l->ephemeral_hi
			? "within"
		    : p->hi < l->ephemeral_lo || p->lo > l->ephemeral_hi
			? "outside of"
			: "partly within",
		    l->ephemeral_lo, l->ephemeral_hi,
		    p->hi < l->ephemeral_lo || p->lo > l->ephemeral_hi
			? "does not give it"
			: "may give it");
	if (!l->reserved_known)
		return;
	n = portset_count(&l->reserved, p->lo, p->hi);
	if (n > 0 && n == all)
		explain_text(a, "Reserved",
		    "in net.ipv4.ip_local_reserved_ports: not given to "
		    "clients");
	else if (n > 0)
		explain_text(a, "Reserved",
		    "%u of them are in net.ipv4.ip_local_reserved_ports", n);
}

static void
range_services(struct explain_answer *a, const struct explain_port *p)
{
	const struct service **list;
	size_t i, n;
	char range[32];
	const char *word[2] = { range, NULL };
	struct buf b = { 0 };

	buf_printf(&b, "%u-%u", p->lo, p->hi);
	memcpy(range, b.data, b.len + 1);
	if (p->proto != 0)
		word[1] = sock_proto_name(p->proto);
	list = explain_services(word, p->proto != 0 ? 2 : 1, false, &n);
	for (i = 0; i < n && i < RANGE_SERVICES; i++) {
		buf_reset(&b);
		explain_put_service(&b, list[i]);
		explain_text(a, i == 0 ? "Services" : NULL, "%s", b.data);
	}
	if (n > RANGE_SERVICES)
		explain_text(a, NULL,
		    "and %zu more: sockdeck explain services %s",
		    n - RANGE_SERVICES, range);
	if (n == 0)
		explain_text(a, "Services", "none that are known");
	free(list);
	buf_done(&b);
}

static void
range_classes(struct explain_answer *a, const struct explain_port *p)
{
	static const uint16_t first[] = { 0, 1024, 49152 };
	const char *label = "Class";
	size_t i;

	for (i = 0; i < nitems(first); i++) {
		if (p->hi < first[i] ||
		    (i + 1 < nitems(first) && p->lo >= first[i + 1]))
			continue;
		explain_text(
		    a, label, "%s", class_words(first[i] > 0 ? first[i] : 1));
		label = NULL;
	}
}

int
explain_port(struct explain *e, const char *word,
    const struct explain_here *here, char **cause)
{
	struct explain_answer *a;
	struct explain_port p;
	struct buf name = { 0 };
	char *title;
	int r = explain_port_parse(word, &p, cause);

	if (r <= 0)
		return r;
	e->here = true;
	buf_printf(&name, "%u", p.lo);
	if (p.hi != p.lo)
		buf_printf(&name, "-%u", p.hi);
	if (p.proto != 0)
		buf_printf(&name, "/%s", sock_proto_name(p.proto));
	xasprintf(&title, "Port%s %s", p.hi != p.lo ? "s" : "", name.data);
	a = explain_add(e, EXPLAIN_PORT, buf_steal(&name), title);
	a->port = p.lo;
	a->port_hi = p.hi;
	a->proto = p.proto;
	if (p.lo == p.hi) {
		explain_text(a, "Class", "%s", class_words(p.lo));
		port_services(a, &p);
		port_notes_of(a, &p);
	} else {
		range_classes(a, &p);
		range_services(a, &p);
	}
	if (here != NULL) {
		port_limits_of(a, &p, here->limits);
		explain_use_port(a, &p, here);
	}
	if (p.lo == p.hi)
		port_see(a, &p);
	else {
		port_run(&name, &p);
		explain_end(a, name.data, NULL, "RFC 6335 section 6; IANA");
		buf_done(&name);
	}
	return 1;
}

/* -- one service ---------------------------------------------------------- */

static void
service_use(struct explain_answer *a, const struct service *s,
    const struct explain_here *here)
{
	struct explain_port p = {
		.lo = s->port, .hi = s->port_hi, .proto = s->proto
	};

	if (here != NULL)
		explain_use_port(a, &p, here);
}

static bool
seen(const uint16_t *port, size_t n, uint16_t p)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (port[i] == p)
			return true;
	return false;
}

static void
service_notes(struct explain_answer *a, const char *word)
{
	const struct service *s;
	struct explain_port p;
	uint16_t port[16];
	size_t i = 0, n = 0;

	while ((s = service_by_name(word, &i)) != NULL && n < nitems(port)) {
		if (s->port != s->port_hi || seen(port, n, s->port) ||
		    service_from_file(s))
			continue;
		port[n++] = s->port;
		p = (struct explain_port){
			.lo = s->port, .hi = s->port, .proto = s->proto
		};
		port_notes_of(a, &p);
	}
}

bool
explain_service(
    struct explain *e, const char *word, const struct explain_here *here)
{
	struct explain_answer *a = NULL;
	const struct service *s, *first;
	struct buf b = { 0 };
	char *title;
	size_t i = 0;

	first = service_by_name(word, &i);
	if (first == NULL)
		return false;
	e->here = true;
	if (term_same(first->name, strlen(first->name), word))
		xasprintf(&title, "Service %s: %s", first->name, first->what);
	else
		xasprintf(&title, "Service %s (%s): %s", first->name, word,
		    first->what);
	a = explain_add(e, EXPLAIN_SERVICE, xstrdup(first->name), title);
	for (s = first; s != NULL; s = service_by_name(word, &i)) {
		if (service_from_file(s) && !service_from_file(first))
			continue;
		buf_reset(&b);
		explain_put_service(&b, s);
		explain_text(a, s == first ? "Ports" : NULL, "%s", b.data);
	}
	buf_reset(&b);
	put_successor(&b, first);
	if (b.len > 0)
		explain_text(a, "Safer", "%s", b.data);
	buf_done(&b);
	service_notes(a, word);
	for (i = 0; (s = service_by_name(word, &i)) != NULL;)
		if (!service_from_file(s) || service_from_file(first))
			service_use(a, s, here);
	xasprintf(&title, "sockdeck explain %u", first->port);
	explain_end(a, title, "service name, port", first->source);
	free(title);
	return true;
}

/* -- the list of services ------------------------------------------------- */

static bool
has_text(const struct service *s, const char *word)
{
	char *lower = xstrdup(word), *c;
	bool has;

	for (c = lower; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	has = text_contains(s->name, lower) || text_contains(s->what, lower);
	free(lower);
	return has;
}

static bool
fits(const struct service *s, const char *word)
{
	static const char *const classes[] = { "well-known", "registered",
		"dynamic" };
	struct explain_port p;
	char *cause = NULL;
	size_t i;
	int r;

	for (i = 0; i < nitems(classes); i++)
		if (term_same(classes[i], strlen(classes[i]), word))
			return port_class(s->port) == i;
	if (strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0)
		return s->proto == 0 ||
		       strcmp(sock_proto_name(s->proto), word) == 0;
	if (strcmp(word, "encrypted") == 0)
		return (s->flags & SERVICE_ENCRYPTED) != 0;
	if (strcmp(word, "plain") == 0)
		return (s->flags & SERVICE_PLAIN) != 0;
	if (strcmp(word, "unofficial") == 0)
		return (s->flags & SERVICE_UNOFFICIAL) != 0;
	r = explain_port_parse(word, &p, &cause);
	free(cause);
	return r == 1 ? on_port(s, &p) : has_text(s, word);
}

/* Whether the table has a word for what a line of the file names, or the
 * line itself had one before. */
static bool
told(const struct service *s)
{
	return service_by_port(s->port, s->proto) != s;
}

static int
by_port(const void *a, const void *b)
{
	const struct service *const *s = a, *const *t = b;

	if ((*s)->port != (*t)->port)
		return (*s)->port < (*t)->port ? -1 : 1;
	if (service_from_file(*s) != service_from_file(*t))
		return service_from_file(*s) ? 1 : -1;
	return *s < *t ? -1 : *s > *t; /* one array: its own order */
}

const struct service **
explain_services(const char *const *word, size_t n, bool file, size_t *count)
{
	const struct service **list = NULL, *s;
	size_t i = 0, k, cap = 0;

	*count = 0;
	while ((s = service_at(&i)) != NULL) {
		if (service_from_file(s) && (!file || told(s)))
			continue;
		for (k = 0; k < n && fits(s, word[k]); k++)
			;
		if (k < n)
			continue;
		list = array_grow(list, &cap, *count + 1, sizeof(*list));
		list[(*count)++] = s;
	}
	if (*count > 1)
		qsort(list, *count, sizeof(*list), by_port);
	return list;
}
