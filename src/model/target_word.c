/* SPDX-License-Identifier: ISC */
/* A word that names targets: octet ranges, IPv6, or a name. */
#include "config.h"

#include "model/target_word.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define NAME_LEN_MAX  253 /* RFC 1035 section 2.3.4, as text */
#define LABEL_LEN_MAX 63
#define SHOWN_MAX     100 /* bytes of a word in a sentence */

char *
target_word_text(const char *word, size_t len)
{
	char *clean, *ret;

	if (len <= SHOWN_MAX)
		return text_clean(word, len);
	clean = text_clean(word, SHOWN_MAX);
	xasprintf(&ret, "%s..", clean);
	free(clean);
	return ret;
}

static int wrong(const char *word, char **cause, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static int
wrong(const char *word, char **cause, const char *fmt, ...)
{
	char *shown = target_word_text(word, strlen(word)), *why;
	va_list ap;

	va_start(ap, fmt);
	xvasprintf(&why, fmt, ap);
	va_end(ap);
	xasprintf(cause, "%s: %s", shown, why);
	free(why);
	free(shown);
	return -EINVAL;
}

/* -- IPv4 ------------------------------------------------------------------ */

static void
octet_add(uint64_t set[4], unsigned lo, unsigned hi)
{
	for (; lo <= hi; lo++)
		set[lo / 64] |= UINT64_C(1) << (lo % 64);
}

static bool
octet_has(const uint64_t set[4], unsigned v)
{
	return (set[v / 64] >> (v % 64) & 1) != 0;
}

static unsigned
octet_count(const uint64_t set[4])
{
	unsigned n = 0, i;

	for (i = 0; i < 4; i++)
		n += (unsigned)__builtin_popcountll(set[i]);
	return n;
}

/* "7", or nothing: *v stays. */
static int
take_octet(const char **p, unsigned *v, const char *word, char **cause)
{
	const char *s = *p;
	size_t n = strspn(s, "0123456789");
	unsigned i;

	*p = s + n;
	if (n == 0)
		return 0;
	if (n > 1 && *s == '0')
		return wrong(word, cause,
		    "%.*s begins with a zero, which some read as octal: leave "
		    "it out",
		    (int)(n < 8 ? n : 8), s);
	for (*v = 0, i = 0; i < n && *v <= 255; i++)
		*v = *v * 10 + (unsigned)(s[i] - '0');
	if (*v > 255)
		return wrong(word, cause,
		    "the numbers of an IPv4 address go from 0 to 255");
	return 0;
}

/* One of a list: "1", "1-5", "-5", "250-", "-", "*". */
static int
take_item(const char **p, uint64_t set[4], const char *word, char **cause)
{
	unsigned lo = 0, hi = 255;
	const char *s = *p;
	int r;

	if (**p == '*') {
		(*p)++;
		octet_add(set, 0, 255);
		return 0;
	}
	if ((r = take_octet(p, &lo, word, cause)) != 0)
		return r;
	if (**p == '-') {
		(*p)++;
		if ((r = take_octet(p, &hi, word, cause)) != 0)
			return r;
		if (lo > hi)
			return wrong(
			    word, cause, "%u-%u goes backwards", lo, hi);
	} else if (*p == s) {
		return wrong(word, cause,
		    "a number is missing: an IPv4 address has four");
	} else {
		hi = lo;
	}
	octet_add(set, lo, hi);
	return 0;
}

static int
parse_octets(
    struct target_word *w, const char *text, const char *word, char **cause)
{
	const char *p = text;
	unsigned i;
	int r;

	for (i = 0; i < 4; i++) {
		for (;; p++) {
			if ((r = take_item(&p, w->octet[i], word, cause)) != 0)
				return r;
			if (*p != ',')
				break;
		}
		if (i < 3 && *p == '\0')
			return wrong(word, cause,
			    "an IPv4 address has four numbers; a net is "
			    "written as 10.0.0.0/24");
		if (*p != (i < 3 ? '.' : '\0'))
			return wrong(word, cause,
			    "an address, a net (192.0.2.0/24) or a range "
			    "(10.0.0-3.1,5) is meant");
		p++;
	}
	return 0;
}

/* All that differ from one in it only behind the prefix. */
static void
mask_octets(struct target_word *w, unsigned prefix)
{
	uint64_t set[4];
	unsigned i, v, bits, net;

	for (i = 0; i < 4; i++) {
		bits = prefix > 8 * i ? prefix - 8 * i : 0;
		if (bits >= 8)
			continue;
		net = 0xffu & ~(0xffu >> bits);
		memset(set, 0, sizeof(set));
		for (v = 0; v < 256; v++)
			if (octet_has(w->octet[i], v))
				octet_add(
				    set, v & net, (v & net) | (0xff & ~net));
		memcpy(w->octet[i], set, sizeof(set));
	}
}

/* The last number that is not any; 0: even the first is what counts. */
static unsigned
last_octet(const struct target_word *w)
{
	unsigned i = 3;

	while (i > 0 && octet_count(w->octet[i]) == 256)
		i--;
	return i;
}

static unsigned
octet_runs(const uint64_t set[4])
{
	unsigned v, n = 0;

	for (v = 0; v < 256; v++)
		n += octet_has(set, v) && (v == 0 || !octet_has(set, v - 1));
	return n;
}

uint64_t
target_word_pieces(const struct target_word *w)
{
	unsigned last = last_octet(w), i;
	uint64_t n;

	if (w->kind != TARGET_WORD_OCTETS)
		return 1;
	n = octet_runs(w->octet[last]);
	for (i = 0; i < last; i++)
		n *= octet_count(w->octet[i]);
	return n;
}

/* The runs of number `i`, behind `net`, the numbers before it. */
static void
put_octets(const struct target_word *w, unsigned i, unsigned last, uint64_t net,
    struct ranges *to)
{
	struct range r = { .family = 4 };
	unsigned v, end, shift = 8 * (3 - i);

	for (v = 0; v < 256; v++) {
		if (!octet_has(w->octet[i], v))
			continue;
		if (i < last) {
			put_octets(
			    w, i + 1, last, net | (uint64_t)v << shift, to);
			continue;
		}
		for (end = v; end < 255 && octet_has(w->octet[i], end + 1);)
			end++;
		r.lo = net | (uint64_t)v << shift;
		r.hi =
		    net | (uint64_t)end << shift | ((UINT64_C(1) << shift) - 1);
		ranges_add(to, &r);
		v = end;
	}
}

void
target_word_put(const struct target_word *w, struct ranges *to)
{
	if (w->kind == TARGET_WORD_OCTETS)
		put_octets(w, 0, last_octet(w), 0, to);
	else if (w->kind != TARGET_WORD_NAME)
		ranges_add(to, &w->range);
}

/* -- IPv6 ------------------------------------------------------------------ */

static void
mask_six(struct target_word *w, const struct scan_addr *a, unsigned prefix)
{
	struct range *r = &w->range;
	uint64_t host;

	range_of_addr(r, a);
	w->kind = prefix < 64 ? TARGET_WORD_NETS : TARGET_WORD_RANGE;
	if (prefix < 64) {
		r->lo = r->net;
		r->net = 0;
		host = UINT64_MAX >> prefix;
	} else {
		host = prefix == 128 ? 0 : UINT64_MAX >> (prefix - 64);
		if (prefix == 64)
			host = UINT64_MAX;
	}
	r->lo &= ~host;
	r->hi = r->lo | host;
}

static bool
is_mapped(const struct scan_addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return a->family == 6 && memcmp(a->addr, mapped, 12) == 0;
}

void
target_word_of_addr(
    struct target_word *w, const struct scan_addr *addr, uint8_t prefix)
{
	struct scan_addr a = *addr;
	unsigned i, bits;

	*w = (struct target_word){ .prefix = prefix };
	bits = prefix == TARGET_NO_PREFIX ? (a.family == 4 ? 32 : 128) : prefix;
	/* ::ffff:192.0.2.1 is IPv4, and would be scanned twice. */
	if (is_mapped(&a) && bits >= 96) {
		memmove(a.addr, a.addr + 12, 4);
		memset(a.addr + 4, 0, 12);
		a.family = 4;
		bits -= 96;
	}
	if (a.family != 4) {
		if (!scan_addr_is_link_local(&a))
			a.scope = 0; /* says nothing there */
		mask_six(w, &a, bits);
		return;
	}
	w->kind = TARGET_WORD_OCTETS;
	for (i = 0; i < 4; i++)
		octet_add(w->octet[i], a.addr[i], a.addr[i]);
	mask_octets(w, bits);
}

static bool
scope_ok(const char *scope)
{
	size_t len = strlen(scope);

	/* An interface's name, IFNAMSIZ with its NUL. */
	return len > 0 && len < 16 && strpbrk(scope, "/%:") == NULL &&
	       text_is_clean(scope, len);
}

/* "2001:db8::1", "[::1]", "fe80::1%eth0"; without its prefix. */
static int
parse_six(struct target_word *w, char *text, uint8_t prefix, const char *word,
    char **cause)
{
	struct scan_addr a = { .family = 6 };
	size_t len = strlen(text);
	char *scope;
	uint64_t number;

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		text++;
	}
	if ((scope = strchr(text, '%')) != NULL)
		*scope++ = '\0';
	if (inet_pton(AF_INET6, text, a.addr) != 1)
		return wrong(word, cause, "%s",
		    strstr(text, "://") != NULL
			? "a host or a net is meant, not a URL"
			: "no IPv6 address; ports are named with -p");
	if (scope != NULL && !scope_ok(scope))
		return wrong(word, cause,
		    "an interface is meant after the %%: fe80::1%%eth0");
	if (scope == NULL || !scan_addr_is_link_local(&a)) {
		target_word_of_addr(w, &a, prefix);
		return 0;
	}
	if (num_u64(scope, 1, UINT32_MAX, &number)) {
		a.scope = (uint32_t)number;
		target_word_of_addr(w, &a, prefix);
		return 0;
	}
	/* Which number it has is not known here: it is looked up as names
	 * are. */
	w->kind = TARGET_WORD_NAME;
	w->prefix = prefix;
	xasprintf(&w->name, "%s%%%s", text, scope);
	return 0;
}

/* -- names ----------------------------------------------------------------- */

static bool
name_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c >= 0x80;
}

/* Not what RFC 1123 allows but what cannot be anything else: a resolver may
 * know more names than DNS. */
static bool
name_ok(const char *name)
{
	size_t len = strlen(name), label = 0, i;

	if (len == 0 || len > NAME_LEN_MAX || *name == '-' ||
	    !text_is_clean(name, len))
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!name_byte((unsigned char)name[i]) ||
			   ++label > LABEL_LEN_MAX) {
			return false;
		}
	}
	return true;
}

static int
parse_name(struct target_word *w, const char *text, uint8_t prefix,
    const char *word, char **cause)
{
	if (!name_ok(text))
		return wrong(word, cause,
		    "no host name, address, net (192.0.2.0/24) or range "
		    "(10.0.0-3.1,5)");
	w->kind = TARGET_WORD_NAME;
	w->name = xstrdup(text);
	w->prefix = prefix;
	return 0;
}

/* -- all of them ----------------------------------------------------------- */

static int
parse_prefix(const char *text, unsigned max, uint8_t *ret, const char *word,
    char **cause)
{
	uint64_t v;

	if (!num_u64(text, 0, max, &v))
		return wrong(word, cause,
		    "behind the / a prefix is meant, from 0 to %u", max);
	*ret = (uint8_t)v;
	return 0;
}

static int
parse_without_prefix(struct target_word *w, char *text, const char *slash,
    const char *word, char **cause)
{
	uint8_t prefix = TARGET_NO_PREFIX;
	bool four, six;
	int r;

	six = strchr(text, ':') != NULL;
	four = !six && text[strspn(text, "0123456789.,-*")] == '\0';
	if (slash != NULL && (r = parse_prefix(slash, four ? 32 : 128, &prefix,
				  word, cause)) != 0)
		return r;
	if (six)
		return parse_six(w, text, prefix, word, cause);
	if (!four)
		return parse_name(w, text, prefix, word, cause);
	w->kind = TARGET_WORD_OCTETS;
	if ((r = parse_octets(w, text, word, cause)) != 0)
		return r;
	if (prefix != TARGET_NO_PREFIX)
		mask_octets(w, prefix);
	return 0;
}

int
target_word_parse(struct target_word *w, const char *word, char **cause)
{
	char *text = xstrdup(word), *slash = strchr(text, '/');
	int r;

	*w = (struct target_word){ .prefix = TARGET_NO_PREFIX };
	/* A URL's slashes belong to what is wrong with it. */
	if (slash != NULL && strstr(text, "://") != NULL)
		slash = NULL;
	if (slash != NULL)
		*slash++ = '\0';
	r = parse_without_prefix(w, text, slash, word, cause);
	free(text);
	return r;
}

void
target_word_done(struct target_word *w)
{
	free(w->name);
	w->name = NULL;
}

uint64_t
target_word_count(const struct target_word *w)
{
	uint64_t n = 1, size;
	unsigned i;

	switch (w->kind) {
	case TARGET_WORD_OCTETS:
		for (i = 0; i < 4; i++)
			n *= octet_count(w->octet[i]);
		return n;
	case TARGET_WORD_RANGE:
		return range_add_u64(w->range.hi - w->range.lo, 1);
	case TARGET_WORD_NETS:
		return UINT64_MAX;
	case TARGET_WORD_NAME:
		if (w->prefix > 128)
			return 1;
		size = w->prefix <= 32 ? 32 - w->prefix : 128 - w->prefix;
		return size >= 64 ? UINT64_MAX : UINT64_C(1) << size;
	}
	return n;
}
