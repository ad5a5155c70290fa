/* SPDX-License-Identifier: ISC */
/* NAT rules as iptables-save(8) prints them: a line a rule. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/nat.h"
#include "model/copyline.h"

#define WORDS_MAX  96
#define LINE_BYTES 4096

struct line {
	char text[LINE_BYTES];
	char *word[WORDS_MAX];
	size_t n;
};

struct parse {
	struct nat *nat;
	unsigned family;
	char table[32];
	struct line line;
	/* Of the rule at hand. */
	struct nat_rule rule;
};

/* Cuts at blanks; "quoted words" with \" and \\ inside. */
static bool
cut(struct line *l, const char *s, size_t len)
{
	char *out = l->text;
	size_t i = 0;
	bool quoted;

	l->n = 0;
	if (len >= sizeof(l->text))
		return false;
	for (;;) {
		while (i < len && s[i] == ' ')
			i++;
		if (i == len)
			return true;
		if (l->n == WORDS_MAX)
			return false;
		l->word[l->n++] = out;
		quoted = s[i] == '"';
		i += quoted;
		while (i < len && (quoted ? s[i] != '"' : s[i] != ' ')) {
			if (quoted && s[i] == '\\' && i + 1 < len)
				i++;
			*out++ = s[i++];
		}
		i += quoted && i < len;
		*out++ = '\0';
	}
}

static void
narrow(struct parse *p, enum nat_match m, bool negated)
{
	if (negated)
		m = nat_not(m);
	if (m < p->rule.match)
		p->rule.match = m;
}

static void
take_proto(struct parse *p, const char *value, bool negated)
{
	bool udp = p->nat->query->proto == SOCK_UDP;
	enum nat_match m = NAT_NO;

	if (strcmp(value, "all") == 0 || strcmp(value, "0") == 0)
		m = NAT_YES;
	else if (strcmp(value, udp ? "udp" : "tcp") == 0 ||
		 strcmp(value, udp ? "17" : "6") == 0)
		m = NAT_YES;
	narrow(p, m, negated);
}

static void
take_addr(struct parse *p, const char *value, bool negated)
{
	char addr[64];
	const char *slash = strchr(value, '/');
	size_t n = slash == NULL ? strlen(value) : (size_t)(slash - value);
	uint64_t bits = p->family == 4 ? 32 : 128;
	uint8_t bytes[16] = { 0 };

	if (n >= sizeof(addr) ||
	    (slash != NULL && !num_u64(slash + 1, 0, bits, &bits))) {
		narrow(p, NAT_MAYBE, false);
		return;
	}
	memcpy(addr, value, n);
	addr[n] = '\0';
	if (inet_pton(p->family == 4 ? AF_INET : AF_INET6, addr, bytes) != 1)
		narrow(p, NAT_MAYBE, false);
	else
		narrow(p,
		    nat_match_addr(p->nat, p->family, bytes, (unsigned)bits),
		    negated);
}

/* "8080", "8000:8100", "80,443,8000:8100" */
static void
take_ports(struct parse *p, const char *value, bool negated)
{
	enum nat_match m = NAT_NO;
	char part[16], *colon;
	uint64_t lo, hi;
	size_t n;

	for (; *value != '\0'; value += n + (value[n] == ',')) {
		n = strcspn(value, ",");
		if (n >= sizeof(part)) {
			m = NAT_MAYBE;
			continue;
		}
		memcpy(part, value, n);
		part[n] = '\0';
		colon = strchr(part, ':');
		if (colon != NULL)
			*colon = '\0';
		lo = 0;
		hi = UINT16_MAX;
		if ((*part != '\0' && !num_u64(part, 0, UINT16_MAX, &lo)) ||
		    (colon != NULL && colon[1] != '\0' &&
			!num_u64(colon + 1, 0, UINT16_MAX, &hi))) {
			m = NAT_MAYBE;
			continue;
		}
		if (colon == NULL)
			hi = lo;
		if (nat_match_ports(p->nat, lo, hi) == NAT_YES)
			m = NAT_YES;
	}
	narrow(p, m, negated);
}

static void
take_dst_type(struct parse *p, const char *value, bool negated)
{
	narrow(p, strcmp(value, "LOCAL") == 0 ? NAT_YES : NAT_MAYBE, negated);
}

/* Says nothing about the packet. */
static void
take_note(struct parse *p, const char *value, bool negated)
{
	(void)p;
	(void)value;
	(void)negated;
}

static const struct {
	const char *name;
	void (*take)(struct parse *, const char *, bool negated);
} options[] = {
	{ "-p", take_proto },
	{ "-d", take_addr },
	{ "--dport", take_ports },
	{ "--dports", take_ports },
	{ "--ports", take_ports },
	{ "--dst-type", take_dst_type },
	{ "-m", take_note },
	{ "--comment", take_note },
};

static bool
safe_words(const struct line *l)
{
	struct buf b = { 0 };
	bool safe = true;
	size_t i;

	for (i = 0; i < l->n && safe; i++) {
		buf_reset(&b);
		copy_shell_word(&b, l->word[i], strlen(l->word[i]));
		safe = b.len == strlen(l->word[i]);
	}
	buf_done(&b);
	return safe;
}

/* The rule as iptables would be told it; -A, or -D that takes it away. */
static char *
command(const struct parse *p, const char *verb)
{
	struct buf b = { 0 };
	size_t i;

	buf_printf(&b, "ip%stables -t ", p->family == 6 ? "6" : "");
	text_clean_buf(&b, p->table, strlen(p->table));
	buf_printf(&b, " %s", verb);
	for (i = 1; i < p->line.n; i++) {
		buf_putc(&b, ' ');
		text_clean_buf(&b, p->line.word[i], strlen(p->line.word[i]));
	}
	return buf_steal(&b);
}

static const char *
value_of(const struct line *l, const char *option)
{
	size_t i;

	for (i = 2; i + 1 < l->n; i++)
		if (strcmp(l->word[i], option) == 0)
			return l->word[i + 1];
	return NULL;
}

/* Where DNAT, REDIRECT and TPROXY lead to; NULL: nowhere else. */
static char *
destination(const struct parse *p, const char *target)
{
	const char *to = value_of(&p->line, "--to-destination");
	char *clean, *text = NULL, addr[64];
	const char *colon;
	uint64_t port = 0;

	if (strcmp(target, "DNAT") == 0 && to != NULL) {
		colon = p->family == 4 ? strrchr(to, ':') : NULL;
		(void)(colon != NULL &&
		       num_u64(colon + 1, 1, UINT16_MAX, &port));
		strlcpy(addr, to, sizeof(addr));
		if (colon != NULL && (size_t)(colon - to) < sizeof(addr))
			addr[colon - to] = '\0';
		if (nat_is_itself(p->nat, p->family, addr, port))
			return NULL;
		return text_clean(to, strlen(to));
	}
	to = value_of(&p->line,
	    strcmp(target, "TPROXY") == 0 ? "--on-port" : "--to-ports");
	if (to == NULL ||
	    (strcmp(target, "REDIRECT") != 0 && strcmp(target, "TPROXY") != 0))
		return NULL;
	if (num_u64(to, 1, UINT16_MAX, &port) &&
	    nat_is_itself(p->nat, p->family, NULL, port))
		return NULL;
	clean = text_clean(to, strlen(to));
	xasprintf(&text, "port %s", clean);
	free(clean);
	return text;
}

static uint32_t
chain_of(const struct parse *p, const char *name)
{
	struct buf b = { 0 };
	uint32_t i;

	buf_printf(&b, "ip%utables %s %s", p->family, p->table, name);
	i = nat_chain(p->nat, b.data);
	buf_done(&b);
	return i;
}

static void
set_hook(const struct parse *p, const char *name, enum nat_hook hook)
{
	uint32_t i = chain_of(p, name);

	p->nat->chain[i].hook = hook; /* which chain_of() may have moved */
}

static void
add_target(struct parse *p, const char *target, bool goes)
{
	struct nat_rule *r = &p->rule;

	if (strcmp(target, "ACCEPT") == 0 || strcmp(target, "DROP") == 0)
		r->verdict = NAT_END;
	else if (strcmp(target, "RETURN") == 0)
		r->verdict = NAT_RETURN;
	else if ((r->to = destination(p, target)) != NULL) {
		r->verdict = NAT_TAKEN;
		r->label = command(p, "-A");
		if (safe_words(&p->line) &&
		    strncmp(p->line.word[1], "DOCKER", 6) != 0)
			r->remove = command(p, "-D");
	} else if (strcmp(target, "DNAT") == 0 ||
		   strcmp(target, "REDIRECT") == 0)
		r->verdict = NAT_END;
	else if (value_of(&p->line, "--to-source") == NULL) {
		r->verdict = NAT_JUMP;
		r->jump = chain_of(p, target);
	}
	nat_add_rule(p->nat, r);
	if (goes) {
		*r = (struct nat_rule){ .chain = r->chain,
			.match = r->match,
			.verdict = NAT_RETURN };
		nat_add_rule(p->nat, r);
	}
}

static void
parse_rule(struct parse *p)
{
	const struct line *l = &p->line;
	const char *target = NULL;
	bool negated = false, goes = false;
	size_t i, k;

	p->rule = (struct nat_rule){ .match = NAT_YES };
	p->rule.chain = chain_of(p, l->word[1]);
	for (i = 2; i < l->n; i++) {
		if (strcmp(l->word[i], "!") == 0) {
			negated = true;
			continue;
		}
		if (i + 1 < l->n && (strcmp(l->word[i], "-j") == 0 ||
					strcmp(l->word[i], "-g") == 0)) {
			target = l->word[i + 1];
			goes = l->word[i][1] == 'g';
			break; /* what follows is the target's */
		}
		for (k = 0; k < nitems(options); k++)
			if (i + 1 < l->n &&
			    strcmp(l->word[i], options[k].name) == 0)
				break;
		if (k < nitems(options))
			options[k].take(p, l->word[++i], negated);
		else if (l->word[i][0] == '-')
			narrow(p, NAT_MAYBE, false);
		negated = false;
	}
	if (target != NULL && p->rule.match != NAT_NO)
		add_target(p, target, goes);
}

static void
parse_line(struct parse *p, const char *s, size_t len)
{
	struct line *l = &p->line;

	if (len == 0 || *s == '#' || *s == ':')
		return;
	if (*s == '*') {
		if (len - 1 >= sizeof(p->table))
			len = sizeof(p->table);
		memcpy(p->table, s + 1, len - 1);
		p->table[len - 1] = '\0';
		if (strcmp(p->table, "nat") == 0 ||
		    strcmp(p->table, "mangle") == 0) {
			set_hook(p, "PREROUTING", NAT_HOOK_INCOMING);
			set_hook(p, "OUTPUT", NAT_HOOK_OWN);
		}
		return;
	}
	if (strcmp(p->table, "nat") != 0 && strcmp(p->table, "mangle") != 0)
		return;
	if (cut(l, s, len) && l->n >= 4 && strcmp(l->word[0], "-A") == 0)
		parse_rule(p);
}

void
nat_parse_iptables(struct nat *n, unsigned family, const char *text, size_t len)
{
	struct parse *p;
	const char *end = text + len, *nl;

	if (!nat_family_asked(n, family))
		return;
	p = xcalloc(1, sizeof(*p));
	p->nat = n;
	p->family = family;
	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		parse_line(p, text, (size_t)(nl - text));
	}
	free(p);
}
