/* SPDX-License-Identifier: ISC */
/*
 * NAT rules as `nft -j list ruleset` prints them (libnftables-json(5)). What
 * is not understood of a rule's conditions makes it a maybe.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/nat.h"
#include "model/copyline.h"

struct parse {
	struct nat *nat;
	unsigned family; /* of the table: 4, 6; 0: both */
	const json_t *rule;
	struct nat_rule out;
	bool foreign;
};

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static const struct {
	const char *name;
	unsigned family;
} families[] = {
	{ "ip", 4 },
	{ "ip6", 6 },
	{ "inet", 0 },
};

/* False: bridge, netdev, arp: nothing that a socket's port stands in. */
static bool
family_of(const json_t *o, unsigned *ret)
{
	const char *name = text_of(o, "family");
	size_t i;

	for (i = 0; i < nitems(families); i++)
		if (strcmp(families[i].name, name) == 0) {
			*ret = families[i].family;
			return true;
		}
	return false;
}

static uint32_t
chain_of(struct nat *n, const json_t *o, const char *name)
{
	struct buf b = { 0 };
	uint32_t i;

	buf_printf(
	    &b, "%s %s %s", text_of(o, "family"), text_of(o, "table"), name);
	i = nat_chain(n, b.data);
	buf_done(&b);
	return i;
}

static void
parse_chain(struct nat *n, const json_t *c)
{
	const char *hook = text_of(c, "hook"), *type = text_of(c, "type");
	unsigned family;
	uint32_t i;

	/* A tproxy statement stands in a chain of type filter. */
	if (!family_of(c, &family) || !nat_family_asked(n, family) ||
	    (strcmp(type, "nat") != 0 && strcmp(type, "filter") != 0))
		return;
	i = chain_of(n, c, text_of(c, "name"));
	if (strcmp(hook, "prerouting") == 0)
		n->chain[i].hook = NAT_HOOK_INCOMING;
	else if (strcmp(hook, "output") == 0 && strcmp(type, "nat") == 0)
		n->chain[i].hook = NAT_HOOK_OWN;
}

/* -- conditions ----------------------------------------------------------- */

typedef enum nat_match (*value_fn)(const struct parse *, const json_t *);

static enum nat_match
port_value(const struct parse *p, const json_t *v)
{
	const json_t *range = json_object_get(v, "range");
	json_int_t lo, hi;

	if (json_is_integer(v))
		lo = hi = json_integer_value(v);
	else if (json_is_integer(json_array_get(range, 0)) &&
		 json_is_integer(json_array_get(range, 1))) {
		lo = json_integer_value(json_array_get(range, 0));
		hi = json_integer_value(json_array_get(range, 1));
	} else
		return NAT_MAYBE;
	if (lo < 0 || hi < 0)
		return NAT_NO;
	return nat_match_ports(p->nat, (uint64_t)lo, (uint64_t)hi);
}

static enum nat_match
proto_value(const struct parse *p, const json_t *v)
{
	unsigned proto = p->nat->query->proto;

	if (json_is_integer(v))
		return json_integer_value(v) == (json_int_t)proto ? NAT_YES
								  : NAT_NO;
	if (!json_is_string(v))
		return NAT_MAYBE;
	return strcmp(json_string_value(v), sock_proto_name(proto)) == 0
		   ? NAT_YES
		   : NAT_NO;
}

static enum nat_match
addr_value(const struct parse *p, const json_t *v)
{
	const json_t *prefix = json_object_get(v, "prefix");
	const char *addr = json_string_value(
	    prefix == NULL ? v : json_object_get(prefix, "addr"));
	uint8_t bytes[16] = { 0 };
	json_int_t bits;
	unsigned family;

	if (addr == NULL || *addr == '@')
		return NAT_MAYBE;
	family = strchr(addr, ':') != NULL ? 6 : 4;
	bits = family == 4 ? 32 : 128;
	if (prefix != NULL) {
		if (!json_is_integer(json_object_get(prefix, "len")) ||
		    json_integer_value(json_object_get(prefix, "len")) > bits)
			return NAT_MAYBE;
		bits = json_integer_value(json_object_get(prefix, "len"));
	}
	if (bits < 0 ||
	    inet_pton(family == 4 ? AF_INET : AF_INET6, addr, bytes) != 1)
		return NAT_MAYBE;
	return nat_match_addr(p->nat, family, bytes, (unsigned)bits);
}

static enum nat_match
nfproto_value(const struct parse *p, const json_t *v)
{
	const char *s = json_string_value(v);

	if (s == NULL)
		return NAT_MAYBE;
	if (strcmp(s, "ipv4") == 0)
		return nat_family_asked(p->nat, 4) ? NAT_YES : NAT_NO;
	if (strcmp(s, "ipv6") == 0)
		return nat_family_asked(p->nat, 6) ? NAT_YES : NAT_NO;
	return NAT_MAYBE;
}

static enum nat_match
type_value(const struct parse *p, const json_t *v)
{
	(void)p;
	return json_is_string(v) && strcmp(json_string_value(v), "local") == 0
		   ? NAT_YES
		   : NAT_MAYBE;
}

/* What an expression is about, as far as the port knows the answer; NULL:
 * something else. *no: it cannot be of such a packet at all. */
static value_fn
about(const struct parse *p, const json_t *left, bool *no)
{
	const json_t *payload = json_object_get(left, "payload");
	const char *proto = text_of(payload, "protocol");
	const char *field = text_of(payload, "field");
	const char *meta = text_of(json_object_get(left, "meta"), "key");
	const char *own = sock_proto_name(p->nat->query->proto);
	bool tcp = strcmp(proto, "tcp") == 0, udp = strcmp(proto, "udp") == 0;

	*no = (tcp || udp) && strcmp(proto, own) != 0;
	if ((tcp || udp || strcmp(proto, "th") == 0) &&
	    strcmp(field, "dport") == 0)
		return port_value;
	if ((strcmp(proto, "ip") == 0 || strcmp(proto, "ip6") == 0) &&
	    strcmp(field, "daddr") == 0)
		return addr_value;
	if (strcmp(meta, "l4proto") == 0 ||
	    (strcmp(proto, "ip") == 0 && strcmp(field, "protocol") == 0) ||
	    (strcmp(proto, "ip6") == 0 && strcmp(field, "nexthdr") == 0))
		return proto_value;
	if (strcmp(meta, "nfproto") == 0)
		return nfproto_value;
	if (strcmp(text_of(json_object_get(left, "fib"), "result"), "type") ==
	    0)
		return type_value;
	return NULL;
}

/* One value, or a set of them. */
static enum nat_match
value_match(const struct parse *p, value_fn fn, const json_t *v)
{
	const json_t *set = json_object_get(v, "set"), *one, *elem;
	enum nat_match m, best = NAT_NO;
	size_t i;

	if (json_is_array(v))
		set = v;
	if (set == NULL)
		return fn(p, v);
	if (!json_is_array(set))
		return fn(p, set);
	json_array_foreach((json_t *)(uintptr_t)set, i, one)
	{
		elem = json_object_get(json_object_get(one, "elem"), "val");
		m = fn(p, elem != NULL ? elem : one);
		if (m > best)
			best = m;
	}
	return best;
}

static void
narrow(struct parse *p, enum nat_match m)
{
	if (m < p->out.match)
		p->out.match = m;
}

static void
take_match(struct parse *p, const json_t *match)
{
	const char *op = text_of(match, "op");
	enum nat_match m;
	value_fn fn;
	bool no;

	fn = about(p, json_object_get(match, "left"), &no);
	if (no) {
		narrow(p, NAT_NO);
		return;
	}
	if (fn == NULL) {
		narrow(p, NAT_MAYBE);
		return;
	}
	m = value_match(p, fn, json_object_get(match, "right"));
	if (strcmp(op, "!=") == 0)
		m = nat_not(m);
	else if (strcmp(op, "==") != 0 && strcmp(op, "in") != 0)
		m = NAT_MAYBE;
	narrow(p, m);
}

/* -- statements ----------------------------------------------------------- */

/* The value a map has for this port; NULL: none, or not known (*maybe). */
static const json_t *
map_value(struct parse *p, const json_t *map, const json_t *key, bool *maybe)
{
	const json_t *data = json_object_get(map, "data"), *pair;
	const json_t *set = json_object_get(data, "set");
	enum nat_match m;
	value_fn fn;
	size_t i;
	bool no;

	*maybe = false;
	fn = about(p, key, &no);
	if (no)
		return NULL;
	*maybe = fn == NULL || !json_is_array(set);
	if (*maybe)
		return NULL;
	json_array_foreach((json_t *)(uintptr_t)set, i, pair)
	{
		m = fn(p, json_array_get(pair, 0));
		if (m == NAT_NO)
			continue;
		if (m == NAT_MAYBE)
			*maybe = true;
		return json_array_get(pair, 1);
	}
	return NULL;
}

/* "fd00::1", {"map": ..}: what of it holds for the port, as text. */
static void
put_value(struct parse *p, struct buf *b, const json_t *v)
{
	const json_t *map = json_object_get(v, "map"), *range;
	const char *s;
	bool maybe = false;

	if (map != NULL) {
		v = map_value(p, map, json_object_get(map, "key"), &maybe);
		if (v == NULL)
			narrow(p, maybe ? NAT_MAYBE : NAT_NO);
		else if (maybe)
			narrow(p, NAT_MAYBE);
	}
	range = json_object_get(v, "range");
	s = json_string_value(v);
	if (json_is_integer(v))
		buf_printf(b, "%lld", (long long)json_integer_value(v));
	else if (s != NULL)
		text_clean_buf(b, s, strlen(s));
	else if (json_is_array(range)) {
		put_value(p, b, json_array_get(range, 0));
		buf_putc(b, '-');
		put_value(p, b, json_array_get(range, 1));
	} else
		buf_puts(b, "what a map says");
}

static bool
shell_safe(const char *s)
{
	struct buf b = { 0 };
	bool safe;

	copy_shell_word(&b, s, strlen(s));
	safe = b.len == strlen(s);
	buf_done(&b);
	return safe;
}

static void
put_label(struct parse *p)
{
	const char *fam = text_of(p->rule, "family");
	const char *table = text_of(p->rule, "table");
	const char *chain = text_of(p->rule, "chain");
	const char *comment = text_of(p->rule, "comment");
	long long handle =
	    json_integer_value(json_object_get(p->rule, "handle"));
	struct buf b = { 0 };

	buf_puts(&b, "nftables: table ");
	text_clean_buf(&b, fam, strlen(fam));
	buf_putc(&b, ' ');
	text_clean_buf(&b, table, strlen(table));
	buf_puts(&b, ", chain ");
	text_clean_buf(&b, chain, strlen(chain));
	buf_printf(&b, ", handle %lld", handle);
	if (*comment != '\0') {
		buf_puts(&b, ": ");
		text_clean_buf(&b, comment, strlen(comment));
	}
	p->out.label = buf_steal(&b);
	if (*table != '\0' && *chain != '\0' && shell_safe(table) &&
	    shell_safe(chain) && strncmp(chain, "DOCKER", 6) != 0)
		xasprintf(&p->out.remove,
		    "nft delete rule %s %s %s handle %lld", fam, table, chain,
		    handle);
}

static void
take_nat(struct parse *p, const json_t *s, bool local, const char *suffix)
{
	const json_t *addr = json_object_get(s, "addr");
	const json_t *port = json_object_get(s, "port");
	const char *name = json_string_value(addr);
	struct buf b = { 0 };
	bool v6;

	p->out.verdict = NAT_END;
	if (addr != NULL && !local) {
		put_value(p, &b, addr);
		v6 = b.len > 0 && strchr(b.data, ':') != NULL;
		if (v6 && port != NULL) {
			buf_reset(&b);
			buf_putc(&b, '[');
			put_value(p, &b, addr);
			buf_puts(&b, "]");
		}
		buf_puts(&b, port != NULL ? ":" : "");
	} else if (port != NULL)
		buf_puts(&b, "port ");
	if (port != NULL)
		put_value(p, &b, port);
	buf_puts(&b, suffix);
	/* To itself: the port is not taken anywhere. */
	if (p->out.match == NAT_NO || (addr == NULL && port == NULL) ||
	    ((port == NULL || json_is_integer(port)) &&
		(addr == NULL || name != NULL) &&
		nat_is_itself(p->nat,
		    name != NULL && strchr(name, ':') != NULL ? 6 : 4, name,
		    (uint64_t)json_integer_value(port)))) {
		buf_done(&b);
		return;
	}
	p->out.verdict = NAT_TAKEN;
	p->out.to = buf_steal(&b);
	put_label(p);
}

static void
take_verdict(struct parse *p, const json_t *s)
{
	const char *to = text_of(json_object_get(s, "jump"), "target");
	bool goes = false;

	if (*to == '\0') {
		to = text_of(json_object_get(s, "goto"), "target");
		goes = *to != '\0';
	}
	if (*to != '\0') {
		p->out.verdict = NAT_JUMP;
		p->out.jump = chain_of(p->nat, p->rule, to);
		if (goes) { /* what follows is not reached */
			nat_add_rule(p->nat, &p->out);
			p->out.verdict = NAT_RETURN;
		}
	} else if (json_object_get(s, "return") != NULL)
		p->out.verdict = NAT_RETURN;
	else if (json_object_get(s, "accept") != NULL ||
		 json_object_get(s, "drop") != NULL ||
		 json_object_get(s, "reject") != NULL)
		p->out.verdict = NAT_END;
}

static void
take_vmap(struct parse *p, const json_t *vmap)
{
	bool maybe;
	const json_t *v =
	    map_value(p, vmap, json_object_get(vmap, "key"), &maybe);

	if (maybe)
		narrow(p, NAT_MAYBE);
	if (v != NULL)
		take_verdict(p, v);
}

static void
take_statement(struct parse *p, const json_t *s)
{
	const json_t *v;

	if (json_object_get(s, "xt") != NULL)
		p->foreign = true;
	else if ((v = json_object_get(s, "match")) != NULL)
		take_match(p, v);
	else if ((v = json_object_get(s, "dnat")) != NULL)
		take_nat(p, v, false, "");
	else if ((v = json_object_get(s, "redirect")) != NULL)
		take_nat(p, v, true, "");
	else if ((v = json_object_get(s, "tproxy")) != NULL)
		take_nat(p, v, false, " (a transparent proxy)");
	else if ((v = json_object_get(s, "vmap")) != NULL)
		take_vmap(p, v);
	else
		take_verdict(p, s);
}

static void
rule_drop(struct nat_rule *r)
{
	free(r->to);
	free(r->label);
	free(r->remove);
}

static void
parse_rule(struct nat *n, const json_t *rule)
{
	struct parse p = {
		.nat = n, .rule = rule, .out = { .match = NAT_YES }
	};
	const json_t *expr = json_object_get(rule, "expr"), *s;
	size_t i;

	if (!family_of(rule, &p.family) || !nat_family_asked(n, p.family) ||
	    !json_is_array(expr))
		return;
	p.out.chain = chain_of(n, rule, text_of(rule, "chain"));
	json_array_foreach((json_t *)(uintptr_t)expr, i, s)
	{
		take_statement(&p, s);
		if (p.out.match == NAT_NO || p.foreign ||
		    p.out.verdict != NAT_GO_ON)
			break;
	}
	n->foreign |= p.foreign;
	if (p.out.match == NAT_NO || p.foreign || p.out.verdict == NAT_GO_ON)
		rule_drop(&p.out);
	else
		nat_add_rule(n, &p.out);
}

int
nat_parse_nft(struct nat *n, const char *text, size_t len)
{
	json_t *root, *list, *one, *v;
	size_t i;

	root = json_loadb(text, len, JSON_DISABLE_EOF_CHECK, NULL);
	list = json_object_get(root, "nftables");
	if (!json_is_array(list)) {
		json_decref(root);
		return -EINVAL;
	}
	json_array_foreach(list, i, one)
	{
		if ((v = json_object_get(one, "chain")) != NULL)
			parse_chain(n, v);
		else if ((v = json_object_get(one, "rule")) != NULL)
			parse_rule(n, v);
	}
	json_decref(root);
	return 0;
}
