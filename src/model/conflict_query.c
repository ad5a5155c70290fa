/* SPDX-License-Identifier: ISC */
/*
 * The port that somebody asks about, as typed: an address in the forms that
 * ss, browsers and servers' settings have it, a number or a service's name.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "model/conflict.h"

#define TEXT_MAX 300 /* a host name has at most 253 */

struct word {
	const char *s;
	size_t n;
};

static int
wrong(char **cause, const char *text, const char *why)
{
	char *clean = text_clean(text, strnlen(text, TEXT_MAX));

	xasprintf(cause, "%s: %s", clean, why);
	free(clean);
	return -EINVAL;
}

/* The part before the last '/': its protocol goes to *proto. */
static int
take_proto(const char *text, struct word *w, unsigned *proto, char **cause)
{
	const char *slash = memrchr(w->s, '/', w->n);
	size_t n;

	if (slash == NULL)
		return 0;
	n = w->n - (size_t)(slash + 1 - w->s);
	if (n == 3 && strncasecmp(slash + 1, "tcp", 3) == 0)
		*proto = SOCK_TCP;
	else if (n == 3 && strncasecmp(slash + 1, "udp", 3) == 0)
		*proto = SOCK_UDP;
	else
		return wrong(cause, text,
		    "after the slash tcp or udp is meant, as in 53/udp");
	w->n = (size_t)(slash - w->s);
	return 0;
}

/* Cuts "ADDR:PORT" at its colon; addr->s NULL: no address. */
static int
split(const char *text, struct word w, struct word *addr, struct word *port,
    char **cause)
{
	const char *colon, *end;

	*addr = (struct word){ NULL, 0 };
	*port = w;
	if (w.n > 0 && w.s[0] == '[') {
		end = memchr(w.s, ']', w.n);
		if (end == NULL)
			return wrong(cause, text, "the ] is missing");
		if (end + 1 == w.s + w.n || end[1] != ':')
			return wrong(
			    cause, text, "a port is missing, as in [::1]:8080");
		*addr = (struct word){ w.s + 1, (size_t)(end - w.s - 1) };
		*port = (struct word){ end + 2, w.n - (size_t)(end + 2 - w.s) };
		return 0;
	}
	colon = memchr(w.s, ':', w.n);
	if (colon == NULL)
		return 0;
	if (memrchr(w.s, ':', w.n) != colon)
		return wrong(cause, text,
		    "an IPv6 address stands in brackets, as in [::1]:8080");
	*addr = (struct word){ w.s, (size_t)(colon - w.s) };
	*port = (struct word){ colon + 1, w.n - (size_t)(colon + 1 - w.s) };
	return 0;
}

static int
take_port(const char *text, struct word w, unsigned proto,
    struct conflict_query *q, char **cause)
{
	char name[64];
	const char *nearest;
	uint64_t n;
	char *why;
	int r;

	if (w.n == 0)
		return wrong(cause, text, "a port is missing, as in :8080");
	if (w.n >= sizeof(name))
		return wrong(cause, text, "that is no port");
	memcpy(name, w.s, w.n);
	name[w.n] = '\0';
	q->proto = (uint8_t)(proto == 0 ? SOCK_TCP : proto);
	if (name[0] >= '0' && name[0] <= '9') {
		if (!num_u64(name, 1, UINT16_MAX, &n))
			return wrong(
			    cause, text, "a port is a number from 1 to 65535");
		q->port = (uint16_t)n;
		return 0;
	}
	if (service_port(name, q->proto, &q->port))
		return 0;
	if (proto == 0 && service_port(name, SOCK_UDP, &q->port)) {
		q->proto = SOCK_UDP;
		return 0;
	}
	nearest = service_nearest(name);
	if (nearest == NULL)
		return wrong(cause, text,
		    "neither a port from 1 to 65535 nor the name of a "
		    "service");
	xasprintf(&why,
	    "neither a port nor the name of a service; did you mean %s?",
	    nearest);
	r = wrong(cause, text, why);
	free(why);
	return r;
}

static int
take_addr(const char *text, struct word w, const struct filter_env *env,
    struct conflict_query *q, char **cause)
{
	const char *percent = memchr(w.s, '%', w.n);
	char host[TEXT_MAX];
	size_t n;

	if (percent != NULL) {
		n = w.n - (size_t)(percent + 1 - w.s);
		if (n == 0 || n >= sizeof(q->iface))
			return wrong(cause, text,
			    "after the % the name of an interface is meant");
		memcpy(q->iface, percent + 1, n);
		w.n = (size_t)(percent - w.s);
	}
	if (w.n == 0 || (w.n == 1 && *w.s == '*'))
		return 0;
	if (w.n >= sizeof(host))
		return wrong(cause, text, "that is no address");
	memcpy(host, w.s, w.n);
	host[w.n] = '\0';
	q->naddr = 1;
	q->family[0] = 4;
	if (inet_pton(AF_INET, host, q->addr[0].addr) == 1)
		return 0;
	q->family[0] = 6;
	if (inet_pton(AF_INET6, host, q->addr[0].addr) == 1)
		return 0;
	q->naddr = 0;
	if (env != NULL && env->resolve != NULL)
		q->naddr = (uint8_t)env->resolve(
		    env->arg, host, q->addr, q->family, CONFLICT_ADDRS);
	if (q->naddr == 0)
		return wrong(cause, text,
		    "neither an address nor the name of a host that has one");
	return 0;
}

int
conflict_query_parse(const char *text, unsigned proto,
    const struct filter_env *env, struct conflict_query *q, char **cause)
{
	struct word w = { text, strnlen(text, TEXT_MAX) }, addr, port;
	size_t i;
	int r;

	memset(q, 0, sizeof(*q));
	if (w.n == TEXT_MAX)
		return wrong(cause, text, "that is too long");
	r = take_proto(text, &w, &proto, cause);
	if (r == 0)
		r = split(text, w, &addr, &port, cause);
	if (r == 0)
		r = take_port(text, port, proto, q, cause);
	if (r == 0 && addr.s != NULL)
		r = take_addr(text, addr, env, q, cause);
	for (i = 0; i < q->naddr; i++)
		q->addr[i].port = q->port;
	return r;
}

void
conflict_query_text(const struct conflict_query *q, struct buf *out)
{
	char text[TEXT_IP_MAX], *end;

	if (q->naddr == 1) {
		end = endpoint_addr_text(text, &q->addr[0], q->family[0]);
		if (q->family[0] == 6)
			buf_putc(out, '[');
		buf_put(out, text, (size_t)(end - text));
	}
	if (q->iface[0] != '\0') {
		buf_puts(out, q->naddr == 1 ? "%" : "*%");
		text_clean_buf(out, q->iface, strlen(q->iface));
	}
	if (q->naddr == 1 && q->family[0] == 6)
		buf_putc(out, ']');
	if (q->naddr == 1 || q->iface[0] != '\0')
		buf_putc(out, ':');
	buf_printf(out, "%u/%s", q->port, sock_proto_name(q->proto));
}
