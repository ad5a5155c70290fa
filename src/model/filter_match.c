/* SPDX-License-Identifier: ISC */
/*
 * Text matching for filters: bare words over every column that COL_WORD
 * names, and `~`. A keystroke in the live filter asks this of every row, so
 * what depends on the process alone is remembered per process, and addresses
 * are only written out when the word could be part of one.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "config.h"

#include "model/filter_match.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "model/column_get.h"

/*
 * Steps one match may take; a pattern made to be slow gives up instead, and
 * for good after some rows: a hundred thousand of them are asked.
 */
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 500
#define HEAP_LIMIT  256 /* KiB */
#define GIVE_UP     64
#define PARENS_MAX  32

#define MEMO_SIZE      256
#define PORT_MEMO_SIZE 1024

struct memo {
	const struct proc *proc;
	uint64_t start;
	pid_t pid;
	bool match;
};

struct filter_regex {
	char *lower; /* substring; NULL with a code */
	char *pattern;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	unsigned gave_up;

	/* A word's own: what can be told before any text is made */
	uint32_t states;
	bool tcp, udp;
	bool in_addr; /* could be part of an address */
	bool number;

	struct buf cell;
	/*
	 * Answers of processes, for one reading: a process is immutable, but
	 * after the next merge another may stand in its place.
	 */
	struct {
		const struct table *table;
		uint64_t now_ns, opened, closed;
	} epoch;
	struct memo memo[MEMO_SIZE];
	/* A word's: of ports (number and protocol, then the answer), and of
	 * the namespace seen last, for one reading as well. */
	uint32_t ports[PORT_MEMO_SIZE];
	uint32_t netns;
	bool netns_match;
};

static struct filter_regex *
match_new(const char *pattern)
{
	struct filter_regex *m = xcalloc(1, sizeof(*m));

	m->pattern = xstrdup(pattern);
	return m;
}

static char *
lower_dup(const char *s)
{
	char *copy = xstrdup(s), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

struct filter_regex *
filter_match_word(const char *word)
{
	static const uint8_t protos[] = { SOCK_TCP, SOCK_UDP };
	struct filter_regex *m = match_new(word);
	enum sock_state named = sock_state_parse(word);
	unsigned s;

	m->lower = lower_dup(word);
	for (s = 1; s < SOCK_NSTATES; s++)
		if (SOCK_STATES_ALL & SOCK_STATE_BIT(s) &&
		    text_contains(
			sock_state_name((enum sock_state)s), m->lower))
			m->states |= SOCK_STATE_BIT(s);
	if (named != SOCK_STATE_UNKNOWN)
		m->states |= SOCK_STATE_BIT(named);
	m->tcp = text_contains(sock_proto_name(protos[0]), m->lower);
	m->udp = text_contains(sock_proto_name(protos[1]), m->lower);
	m->number = strspn(word, "0123456789") == strlen(word);
	/* Letters above f only in what stands beside an address: the name
	 * of an interface or, after a colon, of a service. */
	m->in_addr =
	    strspn(m->lower, "0123456789abcdef.:[]*") == strlen(word) ||
	    strpbrk(word, "%:") != NULL;
	return m;
}

bool
filter_is_regex(const char *pattern)
{
	return strpbrk(pattern, "^$*+?()[]{}|\\") != NULL;
}

static bool
compile(struct filter_regex *m, char **cause, size_t *offset)
{
	pcre2_compile_context *ctx = pcre2_compile_context_create(NULL);
	unsigned char reason[128];
	PCRE2_SIZE where = 0;
	int error = 0;

	if (ctx != NULL)
		pcre2_set_parens_nest_limit(ctx, PARENS_MAX);
	m->code = pcre2_compile((PCRE2_SPTR)m->pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_CASELESS | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error,
	    &where, ctx);
	pcre2_compile_context_free(ctx);
	if (m->code == NULL) {
		reason[0] = '\0';
		pcre2_get_error_message(error, reason, sizeof(reason));
		*cause = text_clean(reason, strlen((char *)reason));
		*offset = where;
		return false;
	}
	m->data = pcre2_match_data_create(1, NULL);
	m->limits = pcre2_match_context_create(NULL);
	if (m->data == NULL || m->limits == NULL) {
		*cause = xstrdup("out of memory");
		*offset = 0;
		return false;
	}
	pcre2_set_match_limit(m->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(m->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(m->limits, HEAP_LIMIT);
	return true;
}

struct filter_regex *
filter_match_pattern(const char *pattern, char **cause, size_t *offset)
{
	struct filter_regex *m = match_new(pattern);

	if (!filter_is_regex(pattern)) {
		m->lower = lower_dup(pattern);
		return m;
	}
	if (!compile(m, cause, offset)) {
		filter_match_free(m);
		return NULL;
	}
	return m;
}

struct filter_regex *
filter_match_clone(const struct filter_regex *m)
{
	struct filter_regex *copy;
	char *cause = NULL;
	size_t offset;

	if (m == NULL)
		return NULL;
	copy = match_new(m->pattern);
	copy->states = m->states;
	copy->tcp = m->tcp;
	copy->udp = m->udp;
	copy->in_addr = m->in_addr;
	copy->number = m->number;
	if (m->lower != NULL)
		copy->lower = xstrdup(m->lower);
	else if (!compile(copy, &cause, &offset))
		free(cause); /* it compiled before: matches nothing now */
	return copy;
}

void
filter_match_free(struct filter_regex *m)
{
	if (m == NULL)
		return;
	pcre2_match_context_free(m->limits);
	pcre2_match_data_free(m->data);
	pcre2_code_free(m->code);
	buf_done(&m->cell);
	free(m->pattern);
	free(m->lower);
	free(m);
}

static bool
match_text(struct filter_regex *m, const char *s, size_t len)
{
	int r;

	if (m->lower != NULL)
		return text_contains(s, m->lower);
	if (m->code == NULL || m->gave_up >= GIVE_UP)
		return false;
	r = pcre2_match(m->code, (PCRE2_SPTR)s, len, 0, 0, m->data, m->limits);
	if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT ||
	    r == PCRE2_ERROR_HEAPLIMIT)
		m->gave_up++;
	return r >= 0;
}

static bool
has(struct filter_regex *m, const char *s)
{
	return s != NULL && match_text(m, s, strlen(s));
}

static bool
has_number(struct filter_regex *m, uint64_t u)
{
	if (!m->number)
		return false;
	buf_reset(&m->cell);
	column_put_u64(&m->cell, u);
	return text_contains(m->cell.data, m->lower);
}

/* Forgets what was found out in another reading. */
static void
memo_renew(struct filter_regex *m, const struct table *t)
{
	if (m->epoch.table == t && m->epoch.now_ns == t->now_ns &&
	    m->epoch.opened == t->opened_total &&
	    m->epoch.closed == t->closed_total)
		return;
	memset(m->memo, 0, sizeof(m->memo));
	m->netns = 0;
	m->epoch.table = t;
	m->epoch.now_ns = t->now_ns;
	m->epoch.opened = t->opened_total;
	m->epoch.closed = t->closed_total;
}

static struct memo *
memo_of(struct filter_regex *m, const struct proc *p)
{
	return &m->memo[hash_mix((uintptr_t)p) % MEMO_SIZE];
}

static bool
word_user(struct filter_regex *m, const struct view_ctx *ctx, uint32_t uid)
{
	const char *name = names_get(ctx->table->names, NAME_USER, 0, uid);

	return name != NULL ? has(m, name) : has_number(m, uid);
}

static bool
word_proc(
    struct filter_regex *m, const struct proc *p, const struct view_ctx *ctx)
{
	struct memo *memo = memo_of(m, p);

	if (memo->proc == p && memo->pid == p->pid && memo->start == p->start)
		return memo->match;
	memo->match = has(m, p->comm) || has(m, p->cmdline) ||
		      has(m, p->unit) || has(m, p->container) ||
		      has(m, p->note) || has_number(m, (uint64_t)p->pid);
	if (!memo->match)
		memo->match = p->user != NULL ? has(m, p->user)
					      : word_user(m, ctx, p->uid);
	memo->proc = p;
	memo->pid = p->pid;
	memo->start = p->start;
	return memo->match;
}

static bool
word_owners(
    struct filter_regex *m, const struct row *r, const struct view_ctx *ctx)
{
	uint32_t i;

	if (r->owners.proc == NULL)
		return (r->rec.known & KNOWN_UID) != 0 &&
		       word_user(m, ctx, r->rec.uid);
	for (i = 0; i < r->owners.n; i++)
		if (word_proc(m, owners_at(&r->owners, i).proc, ctx))
			return true;
	return false;
}

/* By name of the service at one end. */
static bool
word_service(struct filter_regex *m, uint16_t port, unsigned proto)
{
	uint32_t key = (uint32_t)port << 8 | proto << 1;
	uint32_t *slot = &m->ports[port % PORT_MEMO_SIZE];

	if (port == 0)
		return false;
	if ((*slot & ~1u) != key)
		*slot = key | has(m, service_name(port, proto));
	return (*slot & 1) != 0;
}

static bool
word_netns(
    struct filter_regex *m, const struct row *r, const struct view_ctx *ctx)
{
	struct value v;

	if (r->rec.netns == 0)
		return false;
	if (m->netns != r->rec.netns) {
		m->netns = r->rec.netns;
		m->netns_match = col_netns_get(r, ctx, &v)
				     ? has(m, v.s)
				     : has_number(m, r->rec.netns);
	}
	return m->netns_match;
}

static bool
word_end(struct filter_regex *m, const struct row *r, bool peer,
    const struct view_ctx *ctx)
{
	if (peer && !row_has_peer(r))
		return false;
	buf_reset(&m->cell);
	column_put_endpoint(r, peer, true, ctx, &m->cell);
	return text_contains(m->cell.data, m->lower);
}

bool
filter_match_row(
    struct filter_regex *m, const struct row *r, const struct view_ctx *ctx)
{
	struct view_ctx plain = *ctx;
	struct value v;

	/* Names of hosts are looked up for what is seen, not for a search. */
	plain.resolve = false;
	memo_renew(m, ctx->table);
	if ((m->states & SOCK_STATE_BIT(r->rec.state)) != 0 ||
	    (r->rec.proto == SOCK_TCP && m->tcp) ||
	    (r->rec.proto == SOCK_UDP && m->udp))
		return true;
	if (word_owners(m, r, ctx))
		return true;
	if (word_service(m, r->rec.local.port, r->rec.proto) ||
	    word_service(m, r->rec.peer.port, r->rec.proto))
		return true;
	if (m->in_addr &&
	    (word_end(m, r, false, &plain) || word_end(m, r, true, &plain)))
		return true;
	if (word_netns(m, r, ctx))
		return true;
	return (r->rec.known & KNOWN_IFACE) != 0 && r->rec.ifindex != 0 &&
	       (col_iface_get(r, ctx, &v) ? has(m, v.s)
					  : has_number(m, r->rec.ifindex));
}

bool
filter_match_cell(struct filter_regex *m, const struct column *col,
    const struct row *r, const struct view_ctx *ctx)
{
	struct memo *memo = NULL;
	struct value v;
	bool ret;

	memo_renew(m, ctx->table);
	if ((col->flags & COL_OWNER) != 0 && col->type == VAL_TEXT &&
	    r->owners.proc != NULL) {
		const struct proc *p = r->owners.proc;

		memo = memo_of(m, p);
		if (memo->proc == p && memo->pid == p->pid &&
		    memo->start == p->start)
			return memo->match;
	}
	if (col->type == VAL_TEXT && col->put == NULL) {
		ret = col->get(r, ctx, &v) && has(m, v.s);
	} else {
		buf_reset(&m->cell);
		column_put(col, r, ctx, &m->cell);
		/* "-" stands for no value, and no value matches nothing. */
		ret =
		    (col->get(r, ctx, &v) || strcmp(m->cell.data, "-") != 0) &&
		    match_text(m, m->cell.data, m->cell.len);
	}
	if (memo != NULL) {
		memo->proc = r->owners.proc;
		memo->pid = r->owners.proc->pid;
		memo->start = r->owners.proc->start;
		memo->match = ret;
	}
	return ret;
}
