/* SPDX-License-Identifier: ISC */
/*
 * Terms of the filter language: ss's predicates by keyword, states, and one
 * term for every column. Terms that mean the same end as the same kind, so
 * that the collector can hand as many as possible to the kernel.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/filter_match.h"
#include "model/filter_parse.h"

#define BIT(s)      SOCK_STATE_BIT(SOCK_##s)
#define ESTABLISHED (BIT(ESTABLISHED) | BIT(CONNECTED))
#define CLOSED      (BIT(CLOSED) | BIT(UNCONNECTED))
#define BUCKET      (BIT(SYN_RECEIVED) | BIT(TIME_WAIT))
#define CONNECTED   (SOCK_STATES_ALL & ~(CLOSED | BIT(LISTEN) | BIT(BOUND) | 1u))

/* clang-format off */
const struct filter_state filter_state_table[] = {
	{ "established", ESTABLISHED, true },
	{ "closed", CLOSED, true },
	{ "listening", BIT(LISTEN), true },
	{ "syn-sent", BIT(SYN_SENT), true },
	{ "syn-recv", BIT(SYN_RECEIVED), true },
	{ "fin-wait-1", BIT(FIN_WAIT_1), true },
	{ "fin-wait-2", BIT(FIN_WAIT_2), true },
	{ "time-wait", BIT(TIME_WAIT), true },
	{ "close-wait", BIT(CLOSE_WAIT), true },
	{ "last-ack", BIT(LAST_ACK), true },
	{ "closing", BIT(CLOSING), true },
	{ "bound", BIT(BOUND), true },
	/* One protocol's alone, which ss cannot say */
	{ "established-tcp", BIT(ESTABLISHED), true },
	{ "connected-udp", BIT(CONNECTED), true },
	{ "closed-tcp", BIT(CLOSED), true },
	{ "unconnected-udp", BIT(UNCONNECTED), true },
	{ "unknown", 1u, true },
	/* ss's words for several */
	{ "all", SOCK_STATES_ALL, false },
	{ "connected", CONNECTED, false },
	{ "synchronized", CONNECTED & ~BIT(SYN_SENT), false },
	{ "bucket", BUCKET, false },
	{ "big", SOCK_STATES_ALL & ~(BUCKET | BIT(BOUND) | 1u), false },
	/* Other spellings */
	{ "unconnected", CLOSED, false },
	{ "close", CLOSED, false },
	{ "syn-rcv", BIT(SYN_RECEIVED), false },
	{ "bound-inactive", BIT(BOUND), false },
	{ NULL, 0, false },
};
/* clang-format on */

/* "a", or the same for "!=": none of them. */
static struct filter *
join(struct filter *all, struct filter *f, enum filter_op op)
{
	if (all == NULL || f == NULL)
		return all != NULL ? all : f;
	return op == OP_NE || op == OP_NOMATCH ? filter_and(f, all)
					       : filter_or(f, all);
}

/* States */

static bool
state_mask(const char *name, uint32_t *ret)
{
	const struct filter_state *s;
	enum sock_state state;

	for (s = filter_state_table; s->name != NULL; s++)
		if (strcasecmp(s->name, name) == 0) {
			*ret = s->mask;
			return true;
		}
	state = sock_state_parse(name);
	if (state == SOCK_STATE_UNKNOWN)
		return false;
	*ret = SOCK_STATE_BIT(state);
	if ((*ret & ESTABLISHED) != 0)
		*ret = ESTABLISHED;
	if ((*ret & CLOSED) != 0)
		*ret = CLOSED;
	return true;
}

static const char *
state_nearest(const char *name)
{
	const struct filter_state *s;
	const char *ret = NULL;
	unsigned d, best = strlen(name) < 6 ? 2 : 4;

	for (s = filter_state_table; s->name != NULL; s++) {
		d = text_distance(name, s->name);
		if (d < best) {
			best = d;
			ret = s->name;
		}
	}
	if (ret != NULL || strlen(name) < 2)
		return ret;
	for (s = filter_state_table; s->name != NULL; s++)
		if (strncasecmp(s->name, name, strlen(name)) == 0)
			return s->name;
	return NULL;
}

static void
fail_state(struct parser *p, const struct token *t)
{
	char *shown = text_clean(t->text, strlen(t->text));

	parser_fail(p, t->off, t->len, state_nearest(t->text),
	    "\"%s\" is no state: listening, established, time-wait, "
	    "connected, .. are",
	    shown);
	free(shown);
}

/* Length of `state`, `exclude` or `excl` if that is next, else 0. */
static size_t
states_verb(const struct parser *p, bool *exclude)
{
	static const char *const verbs[] = { "state", "exclude", "excl" };
	const char *s = p->text + p->pos;
	struct parser ahead = *p;
	enum filter_op op;
	size_t i, n = 0;

	while (isalpha((unsigned char)s[n]))
		n++;
	if (s[n] != '\0' && strchr(" \t\r\n)", s[n]) == NULL)
		return 0;
	for (i = 0; i < nitems(verbs); i++)
		if (strlen(verbs[i]) == n && strncasecmp(s, verbs[i], n) == 0)
			break;
	if (i == nitems(verbs))
		return 0;
	/* "state = listen" is the column's term. */
	ahead.pos += n;
	if (i == 0 && parser_op(&ahead, false, &op))
		return 0;
	*exclude = i > 0;
	return n;
}

bool
parser_states_next(const struct parser *p)
{
	bool exclude;

	return states_verb(p, &exclude) > 0;
}

/* One after another, as ss counts: the first says where to begin. */
struct filter *
parser_states(struct parser *p)
{
	uint32_t mask = 0, some;
	bool exclude, first = true, ok;
	struct token t;
	size_t n;

	while ((n = states_verb(p, &exclude)) > 0) {
		if (first && exclude)
			mask = SOCK_STATES_ALL;
		first = false;
		p->pos += n;
		do {
			if (!parser_value(p, false, "a state", &t))
				return NULL;
			ok = state_mask(t.text, &some);
			if (!ok)
				fail_state(p, &t);
			token_done(&t);
			if (!ok)
				return NULL;
			mask = exclude ? mask & ~some : mask | some;
		} while (parser_more(p));
		parser_skip_blanks(p);
	}
	return filter_states(mask);
}

/* ss's predicates */

static bool
equality(struct parser *p, const struct token *word, enum filter_op op)
{
	if (op == OP_EQ || op == OP_NE)
		return true;
	parser_fail(p, word->off, p->pos - word->off, NULL,
	    "%s takes = and != only", word->text);
	return false;
}

/* "dst:443" is the port, as nothing else is that short. */
static void
bare_port(struct token *t)
{
	char *text;

	if (strpbrk(t->text, ".:[]/*") != NULL || strcmp(t->text, "any") == 0 ||
	    strcmp(t->text, "all") == 0 || strcmp(t->text, "default") == 0 ||
	    strcasecmp(t->text, "localhost") == 0)
		return;
	xasprintf(&text, ":%s", t->text);
	free(t->text);
	t->text = text;
}

static struct filter *
host_term(struct parser *p, const struct token *word, enum filter_side side,
    enum filter_op op)
{
	bool colon = p->pos > 0 && p->text[p->pos - 1] == ':';
	struct filter *all = NULL, *f;
	struct token t;

	if (!equality(p, word, op))
		return NULL;
	do {
		if (!parser_value(p, false, "an address", &t))
			break;
		if (colon)
			bare_port(&t);
		f = parser_host(p, &t, side, op);
		if (f != NULL && all != NULL)
			(void)parser_deeper(p, t.off);
		token_done(&t);
		all = join(all, f, op);
		if (f == NULL)
			break;
	} while (parser_more(p));
	return all;
}

static struct filter *
port_term(struct parser *p, const struct token *word, enum filter_side side,
    enum filter_op op)
{
	struct filter *all = NULL, *f;
	struct token t;

	if (op == OP_MATCH || op == OP_NOMATCH)
		return parser_fail(p, word->off, p->pos - word->off, NULL,
		    "%s is a number: = != < <= > >= are possible", word->text);
	do {
		if (!parser_value(p, false, "a port", &t))
			break;
		f = parser_port(p, &t, side, op);
		if (f != NULL && all != NULL)
			(void)parser_deeper(p, t.off);
		token_done(&t);
		all = join(all, f, op);
		if (f == NULL)
			break;
	} while ((op == OP_EQ || op == OP_NE) && parser_more(p));
	return all;
}

static struct filter *
iface_term(struct parser *p, const struct token *word, enum filter_op op)
{
	struct filter *f;
	struct token t;
	uint64_t index;

	if (!equality(p, word, op) ||
	    !parser_value(p, false, "the name or number of an interface", &t))
		return NULL;
	f = filter_new(FILTER_IFACE);
	f->op = op;
	f->text = t.text;
	if (!t.quoted && num_u64(t.text, 0, UINT32_MAX, &index))
		f->ifindex = (uint32_t)index;
	return f;
}

static bool
u32_arg(const char *s, uint32_t *ret)
{
	uint64_t n;

	if (strncasecmp(s, "0x", 2) == 0) {
		if (!num_hex_u64(s, UINT32_MAX, &n))
			return false;
	} else if ((s[0] == '0' && s[1] != '\0') ||
		   !num_u64(s, 0, UINT32_MAX, &n)) {
		return false; /* a leading zero could be octal */
	}
	*ret = (uint32_t)n;
	return true;
}

static struct filter *
mark_term(struct parser *p, const struct token *word, enum filter_op op)
{
	struct filter *f;
	struct token t;
	char *slash;
	bool ok;

	if (!equality(p, word, op) || !parser_value(p, false, "a mark", &t))
		return NULL;
	f = filter_new(FILTER_MARK);
	f->op = op;
	f->mask = UINT32_MAX;
	slash = strchr(t.text, '/');
	if (slash != NULL)
		*slash = '\0';
	ok = u32_arg(t.text, &f->mark) &&
	     (slash == NULL || u32_arg(slash + 1, &f->mask));
	if (!ok)
		parser_fail(p, t.off, t.len, NULL,
		    "a mark is a number, or a number and a mask, as in 0x1 "
		    "or 0x1/0xff");
	token_done(&t);
	if (ok)
		return f;
	filter_free(f);
	return NULL;
}

/* Paths are within the hierarchy: "/system.slice/ssh.service". */
static char *
cgroup_path(const char *s)
{
	static const char *const mounts[] = { "/sys/fs/cgroup/unified/",
		"/sys/fs/cgroup/" };
	size_t i, n;
	char *path;

	for (i = 0; i < nitems(mounts); i++) {
		n = strlen(mounts[i]) - 1;
		if (strncmp(s, mounts[i], n) == 0 &&
		    (s[n] == '/' || s[n] == '\0')) {
			s += n;
			break;
		}
	}
	while (s[0] == '/' && s[1] == '/')
		s++;
	xasprintf(&path, "%s%s", s[0] == '/' ? "" : "/", s);
	for (n = strlen(path); n > 1 && path[n - 1] == '/';)
		path[--n] = '\0';
	return path;
}

static struct filter *
cgroup_term(struct parser *p, const struct token *word, enum filter_op op)
{
	struct filter *f;
	struct token t;

	if (!equality(p, word, op) ||
	    !parser_value(p, false, "the path of a control group", &t))
		return NULL;
	f = filter_new(FILTER_CGROUP);
	f->op = op;
	f->text = cgroup_path(t.text);
	token_done(&t);
	return f;
}

/* Columns */

static struct filter *
column_new(const char *name, enum filter_op op, const char *text)
{
	struct filter *f = filter_new(FILTER_COLUMN);

	f->col = column_find(name);
	f->op = op;
	f->text = xstrdup(text);
	return f;
}

static void
fail_value(struct parser *p, const struct column *col, const struct token *t)
{
	static const char *const takes[] = { [VAL_UINT] = "a number",
		[VAL_BYTES] = "a number of bytes, as in 512 or 64K",
		[VAL_RATE] = "bytes a second, as in 500K/s or 1M/s",
		[VAL_DURATION] = "a time, as in 50ms, 2s or 5m",
		[VAL_ADDR] = "one address, as in 10.0.0.5:22",
		[VAL_BOOL] = "yes or no" };
	const char *what = col->takes != NULL ? col->takes : takes[col->type];
	char *shown = text_clean(t->text, strlen(t->text));

	parser_fail(p, t->off, t->len, NULL, "%s is %s, not \"%s\"", col->name,
	    what, shown);
	free(shown);
}

static bool
bool_arg(const char *s, struct value *v)
{
	static const char *const words[] = { "no", "yes", "false", "true",
		"off", "on", "0", "1" };
	size_t i;

	v->type = VAL_BOOL;
	for (i = 0; i < nitems(words); i++)
		if (strcasecmp(s, words[i]) == 0) {
			v->u = i & 1;
			return true;
		}
	return false;
}

static bool
uint_arg(const char *s, struct value *v)
{
	double d;

	if (num_u64(s, 0, UINT64_MAX, &v->u))
		return true;
	if (strncasecmp(s, "0x", 2) == 0)
		return num_hex_u64(s, UINT64_MAX, &v->u);
	/* 64K: queues are counted in bytes */
	if (!num_size(s, &d) || d < 0 || d >= 1e18)
		return false;
	v->u = (uint64_t)d;
	return true;
}

static bool
arg_by_type(const struct column *col, const char *s, struct value *v)
{
	double d;

	v->type = col->type;
	switch (col->type) {
	case VAL_UINT:
		return uint_arg(s, v);
	case VAL_BYTES:
		return uint_arg(s, v);
	case VAL_RATE:
		if (!num_size(s, &d))
			return false;
		v->d = d;
		return true;
	case VAL_DURATION:
		return num_duration(s, &v->u);
	case VAL_BOOL:
		return bool_arg(s, v);
	case VAL_STATE:
		v->u = sock_state_parse(s);
		return v->u != SOCK_STATE_UNKNOWN;
	default:
		v->type = VAL_TEXT;
		v->s = s;
		return true;
	}
}

static bool
ordered(const struct column *col)
{
	return col->type == VAL_UINT || col->type == VAL_BYTES ||
	       col->type == VAL_RATE || col->type == VAL_DURATION;
}

/* A pattern: where it is wrong, the caret goes to the place itself. */
static bool
column_pattern(struct parser *p, struct filter *f, const struct token *t)
{
	char *cause = NULL;
	size_t at = 0;

	f->re = filter_match_pattern(t->text, &cause, &at);
	if (f->re != NULL)
		return true;
	at += t->quoted ? 1 : 0;
	parser_fail(p, t->off + (at < t->len ? at : t->len - 1), 1, NULL,
	    "this is no regular expression: %s", cause);
	free(cause);
	return false;
}

/* One value of a column's term. */
static struct filter *
column_value(struct parser *p, const struct column *col, enum filter_op op,
    const struct token *t)
{
	struct filter *f;
	bool digits = t->text[0] != '\0' && !t->quoted &&
		      t->text[strspn(t->text, "0123456789")] == '\0';
	bool ok;

	if (col->type == VAL_ADDR && op != OP_MATCH && op != OP_NOMATCH) {
		f = parser_host(p, t, SIDE_LOCAL, op);
		if (f == NULL)
			return NULL;
		if (f->kind != FILTER_HOST) {
			fail_value(p, col, t);
			filter_free(f);
			return NULL;
		}
		f->kind = FILTER_COLUMN;
		f->col = col;
		f->text = xstrdup(t->text);
		return f;
	}
	/* Numbers of what has a name */
	if (digits && strcmp(col->name, "user") == 0)
		col = column_find("uid");
	if (digits && strcmp(col->name, "netns") == 0)
		col = column_find("nsid");
	f = column_new(col->name, op, t->text);
	if (op == OP_MATCH || op == OP_NOMATCH)
		ok = column_pattern(p, f, t);
	else if (col->parse != NULL)
		ok = col->parse(f->text, &f->arg);
	else
		ok = arg_by_type(col, f->text, &f->arg);
	if (ok)
		return f;
	if (col->type == VAL_STATE)
		fail_state(p, t);
	else
		fail_value(p, col, t);
	filter_free(f);
	return NULL;
}

static struct filter *
column_values(struct parser *p, const struct column *col, enum filter_op op)
{
	bool pattern = op == OP_MATCH || op == OP_NOMATCH;
	struct filter *all = NULL, *f;
	struct token t;

	do {
		if (!parser_value(p, pattern, "a value", &t))
			break;
		f = column_value(p, col, op, &t);
		if (f != NULL && all != NULL)
			(void)parser_deeper(p, t.off);
		token_done(&t);
		all = join(all, f, op);
		if (f == NULL)
			break;
	} while ((op == OP_EQ || op == OP_NE) && parser_more(p));
	return all;
}

/* Columns that ss has a predicate for, which the kernel knows. */
static struct filter *
column_term(struct parser *p, const struct token *word,
    const struct column *col, enum filter_op op)
{
	static const struct {
		const char *name;
		enum filter_kind kind;
		enum filter_side side;
	} same[] = { { "local", FILTER_HOST, SIDE_LOCAL },
		{ "laddr", FILTER_HOST, SIDE_LOCAL },
		{ "peer", FILTER_HOST, SIDE_PEER },
		{ "paddr", FILTER_HOST, SIDE_PEER },
		{ "lport", FILTER_PORT, SIDE_LOCAL },
		{ "pport", FILTER_PORT, SIDE_PEER } };
	bool text = op == OP_MATCH || op == OP_NOMATCH;
	bool order = op != OP_EQ && op != OP_NE && !text;
	size_t i;

	if (order && !ordered(col))
		return parser_fail(p, word->off, p->pos - word->off, NULL,
		    "%s has no order: = != ~ !~ are possible", col->name);
	for (i = 0; i < nitems(same) && !text; i++) {
		if (strcmp(same[i].name, col->name) != 0)
			continue;
		return same[i].kind == FILTER_HOST
			   ? host_term(p, word, same[i].side, op)
			   : port_term(p, word, same[i].side, op);
	}
	if (strcmp(col->name, "iface") == 0 && !text)
		return iface_term(p, word, op);
	if (strcmp(col->name, "mark") == 0 && !text && !order)
		return mark_term(p, word, op);
	return column_values(p, col, op);
}

/* Words that stand alone */

static struct filter *
lone_word(const char *name)
{
	static const struct {
		const char *word, *column, *value;
		enum filter_op op;
	} words[] = { { "tcp", "proto", "tcp", OP_EQ },
		{ "udp", "proto", "udp", OP_EQ },
		{ "v4", "family", "4", OP_EQ }, { "v6", "family", "6", OP_EQ },
		{ "ipv4", "family", "4", OP_EQ },
		{ "ipv6", "family", "6", OP_EQ },
		{ "inet", "family", "4", OP_EQ },
		{ "inet6", "family", "6", OP_EQ },
		{ "exposed", "exposed", "loopback", OP_GT } };
	const struct column *col;
	struct filter *f;
	size_t i;

	if (strcasecmp(name, "autobound") == 0)
		return filter_new(FILTER_AUTOBOUND);
	for (i = 0; i < nitems(words); i++) {
		if (strcasecmp(name, words[i].word) != 0)
			continue;
		f = column_new(words[i].column, words[i].op, words[i].value);
		(void)f->col->parse(f->text, &f->arg);
		return f;
	}
	col = column_find(name);
	if (col == NULL || col->type != VAL_BOOL)
		return NULL;
	f = column_new(col->name, OP_EQ, "yes");
	(void)bool_arg("yes", &f->arg);
	return f;
}

/* A predicate of ss by name, its operator read ("=" if there was none). */
static struct filter *
predicate(
    struct parser *p, const struct token *word, enum filter_op op, bool *known)
{
	const char *s = word->text;

	*known = true;
	if (strcasecmp(s, "src") == 0)
		return host_term(p, word, SIDE_LOCAL, op);
	if (strcasecmp(s, "dst") == 0)
		return host_term(p, word, SIDE_PEER, op);
	if (strcasecmp(s, "sport") == 0)
		return port_term(p, word, SIDE_LOCAL, op);
	if (strcasecmp(s, "dport") == 0)
		return port_term(p, word, SIDE_PEER, op);
	if (strcasecmp(s, "port") == 0)
		return port_term(p, word, SIDE_EITHER, op);
	if (strcasecmp(s, "dev") == 0 && op != OP_MATCH && op != OP_NOMATCH)
		return iface_term(p, word, op);
	if (strcasecmp(s, "fwmark") == 0 && (op == OP_EQ || op == OP_NE))
		return mark_term(p, word, op);
	if (strcasecmp(s, "cgroup") == 0 && op != OP_MATCH && op != OP_NOMATCH)
		return cgroup_term(p, word, op);
	*known = false;
	return NULL;
}

static struct filter *
fail_unknown(struct parser *p, const struct token *name, const char *near)
{
	return parser_fail(p, name->off, name->len, near,
	    "no column is called \"%s\"; to look for the text, put it in "
	    "quotes",
	    name->text);
}

/* No operator follows: a word of its own, or one that lacks its operator. */
static struct filter *
without_operator(struct parser *p, const struct token *name)
{
	struct filter *f = lone_word(name->text);
	const char *s;
	size_t n;

	if (f != NULL || column_find(name->text) == NULL)
		return f;
	parser_skip_blanks(p);
	s = p->text + p->pos;
	n = strcspn(s, " \t\r\n()|&,\"'");
	if (n == 0 || *s == '!' || (n == 2 && strncasecmp(s, "or", n) == 0) ||
	    (n == 3 && strncasecmp(s, "and", n) == 0) ||
	    (n == 3 && strncasecmp(s, "not", n) == 0))
		return NULL;
	return parser_fail(p, name->off, name->len, NULL,
	    "%s is a column and needs an operator, as in %s=VALUE; to look "
	    "for the word, put it in quotes",
	    name->text, name->text);
}

static struct filter *
named_term(struct parser *p, const struct token *name)
{
	static const char attached[] = "=<>!~";
	char next = p->text[p->pos];
	const struct column *col = column_find(name->text);
	enum filter_op op = OP_EQ;
	struct filter *f;
	const char *near;
	size_t at = p->pos;
	bool has_op, known;

	has_op = parser_op(p, true, &op);
	f = predicate(p, name, op, &known);
	if (known)
		return f;
	if (has_op && col != NULL)
		return column_term(p, name, col, op);
	if (!has_op)
		return without_operator(p, name);
	near = column_nearest(name->text);
	if (next != '\0' && strchr(attached, next) != NULL)
		return fail_unknown(p, name, near);
	/* "docker:1f", "fe80::1" are words; "prot:443" is a slip. */
	if (next == ':' && near != NULL && strlen(name->text) > 2)
		return fail_unknown(p, name, near);
	if (next != ':' && !isalpha((unsigned char)p->text[p->pos - 1]))
		return fail_unknown(p, name, near);
	p->pos = at;
	return NULL;
}

struct filter *
parser_term(struct parser *p, const struct token *word)
{
	static const char ident[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-";
	size_t n = strspn(word->text, ident), end = word->off + word->len;
	struct token name = { .off = word->off, .len = n };
	struct filter *f;

	if (strchr("=<>~", word->text[0]) != NULL)
		return parser_fail(p, word->off, 1, NULL,
		    "there is no column before the \"%c\"", word->text[0]);
	if (!isalpha((unsigned char)word->text[0]) ||
	    (word->text[n] != '\0' &&
		strchr("=<>!~:", word->text[n]) == NULL) ||
	    (word->text[n] == '!' && strchr("=~", word->text[n + 1]) == NULL))
		return NULL;
	name.text = xstrndup(word->text, n);
	p->pos = word->off + n;
	f = named_term(p, &name);
	token_done(&name);
	if (p->err->message != NULL) {
		/* The second of several values may be the wrong one. */
		filter_free(f);
		return NULL;
	}
	if (f == NULL)
		p->pos = end; /* a word after all */
	return f;
}
