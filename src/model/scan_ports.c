/* SPDX-License-Identifier: ISC */
/* Which ports are scanned, as typed, and in which order. */
#include "config.h"

#include "model/scan_ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "know/top_port.h"

#define SHOWN_MAX 60 /* bytes of an item in a sentence */

struct parse {
	struct scan_ports *ports; /* added to */
	unsigned protos;          /* of the part that is read now */
	bool known;               /* within []: what the table knows */
	char **cause;
};

static int wrong(const struct parse *, const char *item, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static int
wrong(const struct parse *p, const char *item, const char *fmt, ...)
{
	size_t len = strlen(item);
	char *shown, *why;
	va_list ap;

	shown = text_clean(item, len < SHOWN_MAX ? len : SHOWN_MAX);
	va_start(ap, fmt);
	xvasprintf(&why, fmt, ap);
	va_end(ap);
	xasprintf(p->cause, "ports: \"%s%s\": %s", shown,
	    len < SHOWN_MAX ? "" : "..", why);
	free(why);
	free(shown);
	return -EINVAL;
}

/* False: within [] there was none. */
static bool
add_range(struct parse *p, unsigned proto, uint16_t lo, uint16_t hi)
{
	struct portset *set = scan_ports_set(p->ports, proto);
	bool any = false;
	uint32_t port;

	for (port = lo; port <= hi; port++) {
		if (p->known && service_name((uint16_t)port, proto) == NULL)
			continue;
		(void)portset_add(set, (uint16_t)port);
		any = true;
	}
	return any;
}

static bool
add(struct parse *p, unsigned proto, uint16_t lo, uint16_t hi)
{
	bool any = false;

	if ((p->protos & SCAN_PROTO_TCP) != 0 && proto != SOCK_UDP)
		any = add_range(p, SOCK_TCP, lo, hi);
	if ((p->protos & SCAN_PROTO_UDP) != 0 && proto != SOCK_TCP)
		any = add_range(p, SOCK_UDP, lo, hi) || any;
	return any;
}

/* "22", "-100", "60000-", "1-9", "-": digits and one dash. */
static int
take_numbers(struct parse *p, char *item)
{
	char *dash = strchr(item, '-'), *end = NULL;
	uint64_t lo = 1, hi = UINT16_MAX;

	if (dash != NULL) {
		*dash = '\0';
		end = dash + 1;
	}
	if ((*item != '\0' && !num_u64(item, 0, UINT16_MAX, &lo)) ||
	    (end != NULL && *end != '\0' &&
		!num_u64(end, 0, UINT16_MAX, &hi))) {
		if (dash != NULL)
			*dash = '-';
		return wrong(p, item,
		    "a port is a number from 0 to 65535; 1-9 is a range");
	}
	if (dash != NULL)
		*dash = '-';
	else
		hi = lo;
	if (lo > hi)
		return wrong(p, item, "goes backwards");
	if (!add(p, 0, (uint16_t)lo, (uint16_t)hi))
		return wrong(p, item, "no service is known there");
	return 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* * and ? in ASCII, without case; the last star is where to go on, so that no
 * pattern takes more than pattern x name. */
static bool
matches(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern != '\0' &&
			   (*pattern == '?' ||
			       lower(*pattern) == lower(*name))) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
in_protos(const struct parse *p, const struct service *s)
{
	return s->proto == 0 ||
	       (p->protos & (s->proto == SOCK_UDP ? SCAN_PROTO_UDP
						  : SCAN_PROTO_TCP)) != 0;
}

/* Whether the name is IANA's for another port: "ssh" is 22, though 2222 is
 * called so, too. */
static bool
is_second(const struct parse *p, const struct service *s)
{
	const uint8_t later = SERVICE_UNOFFICIAL | SERVICE_ALSO;
	const struct service *other;
	size_t i = 0;

	if ((s->flags & later) == 0)
		return false;
	while ((other = service_by_name(s->name, &i)) != NULL)
		if ((other->flags & later) == 0 && in_protos(p, other))
			return true;
	return false;
}

static int
no_such_name(const struct parse *p, const char *item, bool other_proto)
{
	const char *near = service_nearest(item);

	if (strpbrk(item, " \t\n") != NULL)
		return wrong(p, item, "ports are divided by commas: 22,80");
	if (other_proto)
		return wrong(p, item, "is no service of %s",
		    p->protos == SCAN_PROTO_TCP ? "TCP" : "UDP");
	if (near != NULL)
		return wrong(
		    p, item, "no service has this name; is %s meant?", near);
	return wrong(p, item, "no service has this name");
}

static int
take_name(struct parse *p, const char *item)
{
	bool pattern = strpbrk(item, "*?") != NULL, found = false,
	     other = false;
	const struct service *s;
	size_t i = 0;

	for (;;) {
		s = pattern ? service_at(&i) : service_by_name(item, &i);
		if (s == NULL)
			break;
		if (pattern && !matches(item, s->name))
			continue;
		if (!in_protos(p, s)) {
			other = true;
			continue;
		}
		found = true;
		if (!pattern && is_second(p, s))
			continue;
		(void)add(p, s->proto, s->port, s->port_hi);
	}
	return found ? 0 : no_such_name(p, item, other);
}

/* "T:", "U:" at the start: of this part and what follows. */
static int
take_proto(struct parse *p, char **item)
{
	if ((*item)[0] == '\0' || (*item)[1] != ':')
		return 0;
	switch (lower(**item)) {
	case 't':
		p->protos = SCAN_PROTO_TCP;
		break;
	case 'u':
		p->protos = SCAN_PROTO_UDP;
		break;
	default:
		return wrong(
		    p, *item, "T: (TCP) and U: (UDP) are what can be scanned");
	}
	*item += 2;
	return 0;
}

static char *
trim(char *item)
{
	size_t len;

	item += strspn(item, " \t\n");
	len = strlen(item);
	while (len > 0 && strchr(" \t\n", item[len - 1]) != NULL)
		item[--len] = '\0';
	return item;
}

static int
take_item(struct parse *p, char *item)
{
	size_t len;
	bool last = false;
	int r;

	item = trim(item);
	if ((r = take_proto(p, &item)) != 0)
		return r;
	if (*item == '[') {
		if (p->known)
			return wrong(p, item, "[ within [");
		p->known = true;
		item++;
		if ((r = take_proto(p, &item)) != 0)
			return r;
	}
	len = strlen(item);
	if (len > 0 && item[len - 1] == ']') {
		if (!p->known)
			return wrong(p, item, "] without [");
		last = true;
		item[len - 1] = '\0';
	}
	if (*item == '\0')
		return wrong(
		    p, item, "a port, a range (1-9) or a service is missing");
	if (item[strspn(item, "0123456789-")] == '\0')
		r = take_numbers(p, item);
	else
		r = take_name(p, item);
	if (last)
		p->known = false;
	return r;
}

int
scan_ports_parse(
    struct scan_ports *ports, const char *text, unsigned protos, char **cause)
{
	/* 16 KiB, and only whole lists count. */
	struct scan_ports *new = xmalloc(sizeof(*new));
	struct parse p = { .ports = new, .protos = protos, .cause = cause };
	char *copy = xstrdup(text), *rest = copy, *item;
	int r = 0;

	*new = *ports;
	while (r == 0 && (item = strsep(&rest, ",")) != NULL)
		r = take_item(&p, item);
	if (r == 0 && p.known)
		r = wrong(&p, text, "] is missing");
	if (r == 0)
		*ports = *new;
	free(copy);
	free(new);
	return r;
}

void
scan_ports_top(struct scan_ports *ports, unsigned protos, uint32_t n)
{
	uint32_t i;

	if ((protos & SCAN_PROTO_TCP) != 0)
		for (i = 0; i < n && i < top_ports(SOCK_TCP); i++)
			(void)portset_add(&ports->tcp, top_port(SOCK_TCP, i));
	if ((protos & SCAN_PROTO_UDP) != 0)
		for (i = 0; i < n && i < top_ports(SOCK_UDP); i++)
			(void)portset_add(&ports->udp, top_port(SOCK_UDP, i));
}

void
scan_ports_put(const struct scan_ports *ports, struct buf *b)
{
	struct buf tcp = { 0 }, udp = { 0 };

	portset_put(&ports->tcp, &tcp);
	portset_put(&ports->udp, &udp);
	if (tcp.len > 0)
		buf_printf(b, "T:%s", tcp.data);
	if (udp.len > 0)
		buf_printf(b, "%sU:%s", tcp.len > 0 ? "," : "", udp.data);
	buf_done(&tcp);
	buf_done(&udp);
}

uint32_t
scan_ports_count(const struct scan_ports *ports)
{
	return portset_count(&ports->tcp, 0, UINT16_MAX) +
	       portset_count(&ports->udp, 0, UINT16_MAX);
}

/* -- their order ----------------------------------------------------------- */

static void
put_if(const struct scan_ports *ports, uint16_t port, uint8_t proto,
    struct scan_port *list, uint32_t *n)
{
	if (scan_ports_has(ports, proto, port))
		list[(*n)++] =
		    (struct scan_port){ .port = port, .proto = proto };
}

struct scan_port *
scan_ports_list(const struct scan_ports *ports, uint32_t *n, uint32_t *ncommon)
{
	static const uint8_t protos[] = { SOCK_TCP, SOCK_UDP };
	struct scan_port *list =
	    xcalloc(scan_ports_count(ports) + 1, sizeof(*list));
	uint32_t i, ranks = top_ports(SOCK_TCP), port;
	size_t p;

	if (top_ports(SOCK_UDP) > ranks)
		ranks = top_ports(SOCK_UDP);
	*n = 0;
	for (i = 0; i < ranks; i++)
		for (p = 0; p < nitems(protos); p++)
			if (i < top_ports(protos[p]))
				put_if(ports, top_port(protos[p], i), protos[p],
				    list, n);
	*ncommon = *n;
	for (p = 0; p < nitems(protos); p++)
		for (port = 0; port <= UINT16_MAX; port++)
			if (top_port_rank(protos[p], (uint16_t)port) ==
			    UINT32_MAX)
				put_if(
				    ports, (uint16_t)port, protos[p], list, n);
	return list;
}
