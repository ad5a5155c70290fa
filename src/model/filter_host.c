/* SPDX-License-Identifier: ISC */
/*
 * Addresses and ports of the filter language: ss's HOST SYNTAX. Nothing is
 * asked of a name server here; names go to the caller's resolver, if it
 * offers one.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "model/filter_parse.h"

#define RESOLVE_MAX 16

/* Families ss knows and this program does not show. */
static const char *const foreign[] = {
	"unix:", "link:", "netlink:", "vsock:", "tipc:", "xdp:"
};

/* Takes "inet:" or "inet6:" off; 0: neither. */
static uint8_t
take_family(const char **s)
{
	static const struct {
		const char *name;
		uint8_t family;
	} families[] = { { "inet:", 4 }, { "inet6:", 6 } };
	size_t i, n;

	for (i = 0; i < nitems(families); i++) {
		n = strlen(families[i].name);
		if (strncmp(*s, families[i].name, n) == 0) {
			*s += n;
			return families[i].family;
		}
	}
	return 0;
}

static bool
foreign_family(struct parser *p, const struct token *t)
{
	size_t i, n;

	for (i = 0; i < nitems(foreign); i++) {
		n = strlen(foreign[i]);
		if (strncmp(t->text, foreign[i], n) != 0)
			continue;
		parser_fail(p, t->off, n, NULL,
		    "only inet and inet6 sockets are shown, not %.*s",
		    (int)(n - 1), foreign[i]);
		return true;
	}
	return false;
}

/* "22", "0x16", "ssh"; the error is set if it is none. */
static bool
port_number(
    struct parser *p, const struct token *t, const char *s, uint16_t *ret)
{
	uint64_t n;
	char *shown;

	if (strncasecmp(s, "0x", 2) == 0 && num_hex_u64(s, UINT16_MAX, &n)) {
		*ret = (uint16_t)n;
		return true;
	}
	if (strspn(s, "0123456789") == strlen(s)) {
		if (s[0] == '0' && s[1] != '\0') {
			parser_fail(p, t->off, t->len, NULL,
			    "%s could be octal: write the port without "
			    "leading zeros",
			    s);
			return false;
		}
		if (num_u64(s, 0, UINT16_MAX, &n)) {
			*ret = (uint16_t)n;
			return true;
		}
		parser_fail(p, t->off, t->len, NULL,
		    "%s is no port: they go from 0 to 65535", s);
		return false;
	}
	if (service_port(s, 0, ret))
		return true;
	shown = text_clean(s, strlen(s));
	parser_fail(p, t->off, t->len, service_nearest(s),
	    "\"%s\" is neither a port number nor a known service", shown);
	free(shown);
	return false;
}

static struct filter *
family_and(uint8_t family, struct filter *f)
{
	struct filter *is;

	if (family == 0 || f == NULL)
		return f;
	is = filter_new(FILTER_COLUMN);
	is->col = column_find("family");
	is->op = OP_EQ;
	is->text = xstrdup(family == 6 ? "6" : "4");
	is->arg.type = VAL_UINT;
	is->arg.u = family;
	return filter_and(is, f);
}

static struct filter *
port_new(enum filter_side side, enum filter_op op, uint16_t lo, uint16_t hi)
{
	struct filter *f = filter_new(FILTER_PORT);

	f->side = side;
	f->op = op;
	f->port = lo;
	f->port_hi = hi;
	return f;
}

static struct filter *
port_range(struct parser *p, const struct token *t, const char *s,
    enum filter_side side, enum filter_op op)
{
	const char *dash = strchr(s + 1, '-');
	uint16_t lo, hi;
	char *first;
	bool ok;

	first = xstrndup(s, (size_t)(dash - s));
	ok = port_number(p, t, first, &lo) && port_number(p, t, dash + 1, &hi);
	free(first);
	if (!ok)
		return NULL;
	if (lo > hi)
		return parser_fail(p, t->off, t->len, NULL,
		    "the range of ports begins above its end");
	if (op != OP_EQ && op != OP_NE)
		return parser_fail(p, t->off, t->len, NULL,
		    "a range of ports can only be equal or not");
	return port_new(side, op, lo, hi);
}

/* A name may have a dash in it ("ftp-data"): a range begins with a digit. */
static bool
is_range(const char *s)
{
	return s[0] >= '0' && s[0] <= '9' && strchr(s, '-') != NULL;
}

struct filter *
parser_port(struct parser *p, const struct token *t, enum filter_side side,
    enum filter_op op)
{
	const char *s = t->text;
	struct filter *f;
	uint8_t family;
	uint16_t port;

	if (foreign_family(p, t))
		return NULL;
	family = take_family(&s);
	if (family != 0 && !parser_deeper(p, t->off))
		return NULL;
	if (*s == ':')
		s++;
	if (*s == '\0')
		return parser_fail(p, t->off, t->len, NULL,
		    "a port is expected, as in 22, :22 or :ssh");
	if (strcmp(s, "*") == 0 && (op == OP_EQ || op == OP_NE))
		f = port_new(side, op, 0, UINT16_MAX);
	else if (is_range(s))
		f = port_range(p, t, s, side, op);
	else if (port_number(p, t, s, &port))
		f = port_new(side, op, port, port);
	else
		f = NULL;
	return family_and(family, f);
}

/* "10.1" is 10.1.0.0, each part decimal; ss reads it so. */
static bool
parse_v4(const char *s, uint8_t addr[16])
{
	unsigned i, n, digits;

	memset(addr, 0, 16);
	for (i = 0; i < 4; i++) {
		for (n = digits = 0; *s >= '0' && *s <= '9' && digits < 4;
		     s++, digits++)
			n = n * 10 + (unsigned)(*s - '0');
		if (digits == 0 || n > 255 ||
		    (digits > 1 && s[-(int)digits] == '0'))
			return false;
		addr[i] = (uint8_t)n;
		if (*s == '\0')
			return true;
		if (*s++ != '.')
			return false;
	}
	return false;
}

/* "24" or, for IPv4, "255.255.255.0". */
static bool
parse_prefix(const char *s, uint8_t family, uint8_t *ret)
{
	uint8_t mask[16];
	uint32_t m;
	uint64_t n;

	if (num_u64(s, 0, family == 6 ? 128 : 32, &n)) {
		*ret = (uint8_t)n;
		return true;
	}
	if (family != 4 || strchr(s, '.') == NULL || !parse_v4(s, mask))
		return false;
	m = (uint32_t)mask[0] << 24 | (uint32_t)mask[1] << 16 |
	    (uint32_t)mask[2] << 8 | mask[3];
	if ((~m & (~m + 1)) != 0)
		return false;
	*ret = (uint8_t)__builtin_popcount(m);
	return true;
}

/* Beyond the prefix everything is zero, so that equal filters are equal. */
static void
mask_addr(struct filter *f)
{
	unsigned i, full = f->net.prefix / 8, rest = f->net.prefix % 8;

	for (i = full; i < sizeof(f->net.addr); i++) {
		if (i == full && rest != 0)
			f->net.addr[i] &= (uint8_t)(0xff << (8 - rest));
		else
			f->net.addr[i] = 0;
	}
}

/* "10.0.0.0/8", "2001:db8::/32". */
static bool
parse_addr(const char *s, struct filter *f)
{
	const char *slash = strchr(s, '/');
	char addr[INET6_ADDRSTRLEN];
	size_t n = slash != NULL ? (size_t)(slash - s) : strlen(s);

	if (n >= sizeof(addr))
		return false;
	memcpy(addr, s, n);
	addr[n] = '\0';
	if (strchr(addr, ':') != NULL) {
		if (inet_pton(AF_INET6, addr, f->net.addr) != 1)
			return false;
		f->net.family = 6;
	} else {
		if (!parse_v4(addr, f->net.addr))
			return false;
		f->net.family = 4;
	}
	f->net.prefix = f->net.family == 6 ? 128 : 32;
	if (slash != NULL &&
	    !parse_prefix(slash + 1, f->net.family, &f->net.prefix))
		return false;
	mask_addr(f);
	return true;
}

static struct filter *
host_new(enum filter_side side, enum filter_op op, int32_t port)
{
	struct filter *f = filter_new(FILTER_HOST);

	f->side = side;
	f->op = op;
	f->net.port = port;
	return f;
}

/* One of several addresses of a name; none of them, for "!=". */
static struct filter *
hosts_join(struct filter *all, struct filter *f)
{
	if (all == NULL)
		return f;
	return f->op == OP_NE ? filter_and(f, all) : filter_or(f, all);
}

static struct filter *
host_named(struct parser *p, const struct token *t, const char *name,
    uint8_t family, struct filter *like)
{
	struct endpoint addr[RESOLVE_MAX] = { { .addr = { 127, 0, 0, 1 } },
		{ .addr = { [15] = 1 } } };
	uint8_t families[RESOLVE_MAX] = { 4, 6 };
	struct filter *all = NULL, *f;
	size_t n = 0, i;
	char *shown;

	if (strcasecmp(name, "localhost") == 0)
		n = 2;
	else if (p->env != NULL && p->env->resolve != NULL)
		n = p->env->resolve(
		    p->env->arg, name, addr, families, RESOLVE_MAX);
	for (i = n; i-- > 0;) {
		if (family != 0 && families[i] != family)
			continue;
		f = host_new(like->side, like->op, like->net.port);
		f->net.family = families[i];
		f->net.prefix = families[i] == 6 ? 128 : 32;
		memcpy(f->net.addr, addr[i].addr, sizeof(f->net.addr));
		mask_addr(f);
		all = hosts_join(all, f);
	}
	if (all == NULL) {
		shown = text_clean(name, strlen(name));
		if (p->env != NULL && p->env->resolve != NULL)
			parser_fail(p, t->off, t->len, NULL,
			    "\"%s\" is no address, and no host of that name "
			    "is known",
			    shown);
		else
			parser_fail(p, t->off, t->len, NULL,
			    "\"%s\" is no address: 10.0.0.5, 10.0.0.0/8, "
			    "[2001:db8::1] or * is expected",
			    shown);
		free(shown);
	}
	filter_free(like);
	return all;
}

/*
 * Where the port begins in "ADDRESS:PORT", or NULL. ss takes the last colon
 * after the prefix for it, so "2001:db8::1:443" has port 443 there and here;
 * where that leaves no address, all of it is one.
 */
static char *
find_port(char *s)
{
	struct filter whole = { 0 }, part = { 0 };
	char *slash = strchr(s, '/');
	char *colon = strrchr(slash != NULL ? slash : s, ':');
	bool is_part;

	if (s[0] == '*')
		return s[1] == ':' ? s + 1 : NULL;
	if (colon == NULL || colon == s)
		return colon;
	*colon = '\0';
	is_part = parse_addr(s, &part) &&
		  colon[1 + strspn(colon + 1, "0123456789*")] == '\0';
	*colon = ':';
	return !is_part && parse_addr(s, &whole) ? NULL : colon;
}

/* Cuts the token's text into address and port (NULL: none). */
static bool
host_split(
    struct parser *p, const struct token *t, char *s, char **addr, char **port)
{
	char *end;

	*addr = s;
	if (s[0] != '[') {
		*port = find_port(s);
		if (*port != NULL)
			*(*port)++ = '\0';
		return true;
	}
	end = strchr(s, ']');
	if (end == NULL) {
		parser_fail(p, t->off, t->len, NULL,
		    "the closing ] of the address is missing");
		return false;
	}
	*addr = s + 1;
	*end++ = '\0';
	*port = *end == ':' ? end + 1 : NULL;
	if (*end == '/') {
		/* "[2001:db8::]/32:443" as well as "[2001:db8::/32]:443" */
		*port = strchr(end, ':');
		if (*port != NULL)
			*(*port)++ = '\0';
		memmove(end - 1, end, strlen(end) + 1);
	} else if (*end != ':' && *end != '\0') {
		parser_fail(p, t->off, t->len, NULL,
		    "after ] only :PORT or /PREFIX is expected");
		return false;
	}
	return true;
}

/* Fills the address into f, or frees it and sets the error. */
static struct filter *
host_addr(struct parser *p, const struct token *t, const char *addr,
    uint8_t family, struct filter *f)
{
	static const char *const any[] = { "", "*", "any", "all", "default" };
	size_t i;

	for (i = 0; i < nitems(any); i++)
		if (strcmp(addr, any[i]) == 0)
			return f;
	if (!parse_addr(addr, f)) {
		if (parser_deeper(p, t->off))
			return host_named(p, t, addr, family, f);
	} else if (family == 0 || f->net.family == family) {
		return f;
	} else {
		parser_fail(p, t->off, t->len, NULL,
		    "%s is an address of IPv%d", addr, f->net.family);
	}
	filter_free(f);
	return NULL;
}

struct filter *
parser_host(struct parser *p, const struct token *t, enum filter_side side,
    enum filter_op op)
{
	const char *s = t->text;
	struct filter *f = NULL;
	char *copy, *addr, *port;
	uint16_t number;
	int32_t only = -1;
	uint8_t family;

	if (foreign_family(p, t))
		return NULL;
	family = take_family(&s);
	if (family != 0 && !parser_deeper(p, t->off))
		return NULL;
	if (*s == '\0')
		return parser_fail(
		    p, t->off, t->len, NULL, "an address or :PORT is expected");
	copy = xstrdup(s);
	if (!host_split(p, t, copy, &addr, &port))
		goto out;
	if (port != NULL && *port != '\0' && strcmp(port, "*") != 0) {
		if (!port_number(p, t, port, &number))
			goto out;
		only = number;
	}
	f = host_addr(p, t, addr, family, host_new(side, op, only));
out:
	free(copy);
	return family_and(family, f);
}
