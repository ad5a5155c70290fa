/* SPDX-License-Identifier: ISC */
/*
 * lsof's selections, -i[46][protocol][@host][:ports] and -sPROTO:STATES,
 * turned into filter text: the filter language is the one place that knows
 * how to select. Host names are looked up here, because the user typed them.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "know/service.h"
#include "know/state.h"
#include "model/sock.h"

/* "tcp" or "udp" at the front, any case: its length, or 0. */
static size_t
proto_prefix(const char *s, enum sock_proto *ret)
{
	if (strncasecmp(s, "tcp", 3) == 0)
		*ret = SOCK_TCP;
	else if (strncasecmp(s, "udp", 3) == 0)
		*ret = SOCK_UDP;
	else
		return 0;
	return 3;
}

bool
lsof_fits_inet(const char *s)
{
	enum sock_proto proto;

	if (*s == '\0')
		return false;
	if (*s == '4' || *s == '6')
		s++;
	s += proto_prefix(s, &proto);
	return *s == '\0' || *s == '@' || *s == ':';
}

bool
lsof_fits_states(const char *s)
{
	enum sock_proto proto;
	size_t n = proto_prefix(s, &proto);

	return n > 0 && s[n] == ':';
}

static int
bad(char **cause, const char *option, const char *value, const char *why)
{
	char *clean = text_clean(value, strlen(value));

	xasprintf(cause, "-%s %s: %s", option, clean, why);
	free(clean);
	return -EINVAL;
}

/* " or " between alternatives: nothing before the first. */
static void
put_or(struct buf *b, size_t start)
{
	if (b->len > start)
		buf_puts(b, " or ");
}

struct port_range {
	uint16_t lo, hi;
};

/* One end (side "s" or "d") with this host (NULL: any) and port range. */
static void
put_end(struct buf *b, const char *side, const char *host,
    const struct port_range *r)
{
	buf_putc(b, '(');
	if (host != NULL)
		buf_printf(b, "%s %s", *side == 's' ? "src" : "dst", host);
	if (host != NULL && r != NULL)
		buf_puts(b, " and ");
	if (r != NULL && r->lo == r->hi)
		buf_printf(b, "%sport = :%u", side, r->lo);
	else if (r != NULL)
		buf_printf(b, "%sport ge :%u and %sport le :%u", side, r->lo,
		    side, r->hi);
	buf_putc(b, ')');
}

static void
put_either_end(
    struct buf *b, size_t start, const char *host, const struct port_range *r)
{
	put_or(b, start);
	put_end(b, "s", host, r);
	buf_puts(b, " or ");
	put_end(b, "d", host, r);
}

/* One port of a list: a number or a service name. */
static bool
port_parse(const char *s, size_t n, uint16_t *ret)
{
	char word[64];
	uint64_t u;

	if (n == 0 || n >= sizeof(word))
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	if (num_u64(word, 0, UINT16_MAX, &u)) {
		*ret = (uint16_t)u;
		return true;
	}
	return service_port(word, 0, ret);
}

static bool
range_parse(const char *s, size_t n, struct port_range *r)
{
	const char *dash;

	/* Names have dashes too (http-alt): the whole word first. */
	if (port_parse(s, n, &r->lo)) {
		r->hi = r->lo;
		return true;
	}
	dash = memchr(s, '-', n);
	return dash != NULL && port_parse(s, (size_t)(dash - s), &r->lo) &&
	       port_parse(dash + 1, n - (size_t)(dash - s) - 1, &r->hi) &&
	       r->lo <= r->hi;
}

#define PORTS_MAX 64

static int
ports_parse(const char *s, struct port_range *range, size_t *n)
{
	size_t len;

	for (*n = 0; *n < PORTS_MAX; s += len + 1) {
		len = strcspn(s, ",");
		if (!range_parse(s, len, &range[(*n)++]))
			return -EINVAL;
		if (s[len] == '\0')
			return 0;
	}
	return -E2BIG;
}

/* Addresses of a host as typed: text for src and dst, freed by the caller.
 * What is a number is not looked up. */
#define HOSTS_MAX 32

static size_t
hosts_parse(
    const struct args *a, const char *s, size_t n, char *host[HOSTS_MAX])
{
	struct endpoint addr[HOSTS_MAX];
	uint8_t family[HOSTS_MAX];
	char *word, text[TEXT_IP_MAX + 1];
	size_t found = 0, i;

	if (n > 2 && s[0] == '[' && s[n - 1] == ']')
		word = xstrndup(s + 1, n - 2);
	else
		word = xstrndup(s, n);
	if (strchr(word, '%') != NULL) /* fe80::1%eth0: all of them */
		*strchr(word, '%') = '\0';
	if (inet_pton(AF_INET, word, addr[0].addr) == 1)
		family[found++] = 4;
	else if (inet_pton(AF_INET6, word, addr[0].addr) == 1)
		family[found++] = 6;
	else if (a->env != NULL && a->env->resolve != NULL)
		found =
		    a->env->resolve(a->env->arg, word, addr, family, HOSTS_MAX);
	free(word);
	for (i = 0; i < found; i++) {
		*endpoint_addr_text(text, &addr[i], family[i]) = '\0';
		xasprintf(&host[i], family[i] == 6 ? "[%s]" : "%s", text);
	}
	return found;
}

/* The @HOST:PORTS part; s is at '@' or ':'. */
static int
ends_parse(const struct args *a, struct buf *b, const char *value,
    const char *s, char **cause)
{
	struct port_range range[PORTS_MAX];
	char *host[HOSTS_MAX];
	const char *ports;
	size_t nhosts = 0, nports = 0, i, j, start = b->len;
	int r = 0;

	if (*s == '@') {
		/* An IPv6 address has colons, so it stands in brackets. */
		ports = s[1] == '[' ? strchr(s, ']') : s;
		ports = ports == NULL ? NULL : strchr(ports, ':');
		nhosts = hosts_parse(a, s + 1,
		    ports == NULL ? strlen(s + 1) : (size_t)(ports - s - 1),
		    host);
		if (nhosts == 0)
			return bad(cause, "i", value,
			    "no such host (IPv6 addresses go in brackets)");
	} else
		ports = s;
	if (ports != NULL && ports_parse(ports + 1, range, &nports) != 0)
		r = bad(cause, "i", value,
		    "after the colon: ports or service "
		    "names, :80 or :http,8000-8100");
	for (i = 0; r == 0 && i < (nhosts > 0 ? nhosts : 1); i++)
		for (j = 0; j < (nports > 0 ? nports : 1); j++)
			put_either_end(b, start, nhosts > 0 ? host[i] : NULL,
			    nports > 0 ? &range[j] : NULL);
	while (nhosts > 0)
		free(host[--nhosts]);
	return r;
}

int
lsof_take_inet(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	struct buf one = { 0 };
	enum sock_proto proto;
	const char *s = value;
	size_t n;
	int r = 0;

	(void)d;
	if (value == NULL) {
		a->internals = true;
		return 0;
	}
	/* Several selections are alternatives, as in lsof. */
	buf_putc(&one, '(');
	if (*s == '4' || *s == '6')
		buf_printf(
		    &one, "%sfamily=%c", one.len > 1 ? " and " : "", *s++);
	n = proto_prefix(s, &proto);
	if (n > 0)
		buf_printf(&one, "%sproto=%s", one.len > 1 ? " and " : "",
		    sock_proto_name(proto));
	s += n;
	if (*s != '\0') {
		buf_puts(&one, one.len > 1 ? " and (" : "(");
		r = ends_parse(a, &one, value, s, cause);
		buf_putc(&one, ')');
	}
	buf_putc(&one, ')');
	if (r == 0) {
		put_or(&a->lsof, 0);
		buf_put(&a->lsof, one.data, one.len);
	}
	buf_done(&one);
	return r;
}

int
lsof_take_states(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	char *word, *one, *save = NULL;
	uint32_t wanted = 0, unwanted = 0, mask;
	enum sock_proto proto;
	enum sock_state st;
	size_t n;
	int r = 0, i;

	(void)d;
	if (value == NULL) {
		a->summary = true;
		return 0;
	}
	n = proto_prefix(value, &proto);
	word = xstrdup(value + n + 1);
	for (one = strtok_r(word, ",", &save); one != NULL;
	     one = strtok_r(NULL, ",", &save)) {
		st = sock_state_parse(*one == '^' ? one + 1 : one);
		if (st == SOCK_STATE_UNKNOWN) {
			r = bad(cause, "s", value,
			    "no such state; "
			    "LISTEN, ESTABLISHED, SYN_SENT, CLOSE_WAIT, ..");
			break;
		}
		if (*one == '^')
			unwanted |= SOCK_STATE_BIT(st);
		else
			wanted |= SOCK_STATE_BIT(st);
	}
	free(word);
	if (r == 0 && (wanted | unwanted) == 0)
		r = bad(cause, "s", value,
		    "states are missing after the "
		    "colon: -sTCP:LISTEN");
	if (r != 0)
		return r;
	mask = (wanted != 0 ? wanted : SOCK_STATES_ALL) & ~unwanted;
	if (a->lsof_states.len > 0)
		buf_puts(&a->lsof_states, " and ");
	/* The other protocol is not touched by it. */
	buf_printf(&a->lsof_states, "(proto!=%s", sock_proto_name(proto));
	for (i = 1; i < SOCK_NSTATES; i++)
		if (i != 12 && (mask & SOCK_STATE_BIT(i)) != 0)
			buf_printf(&a->lsof_states, " or state %s",
			    sock_state_name(i));
	buf_putc(&a->lsof_states, ')');
	return 0;
}
