/* SPDX-License-Identifier: ISC */
/* Which line of a probe file knows an answer, and what it says of it. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/probe_file_priv.h"

/*
 * An answer is a stranger's, and patterns are many: of each answer so much is
 * looked at, each pattern may take so many steps, and after some that took all
 * of theirs the answer has no name.
 */
#define ANSWER_MAX  4096
#define MATCH_LIMIT 50000
#define DEPTH_LIMIT 2000
#define HEAP_LIMIT  1024 /* KiB */
#define GIVE_UP     16
#define WEIGHT_MIN  4   /* plain bytes of a pattern */
#define FIELD_MAX   512 /* of what a template makes */
#define NUMBER_MAX  8   /* bytes that $I() takes */

struct matching {
	const struct probe_files *files;
	const uint8_t *answer;
	size_t len;
	struct service_info *info;
	const struct probe_line *soft; /* it is this service, at least */
	unsigned gave_up;
	PCRE2_SIZE *group; /* pairs: where $i begins and ends */
	unsigned ngroups;
};

/* -- patterns -------------------------------------------------------------- */

/* One literal byte of a pattern: how many of its bytes say so; 0: what
 * follows is more than that. */
static size_t
literal(const char *p, size_t len, char *ret)
{
	static const char from[] = "nrtfae", to[] = "\n\r\t\f\a\x1b";
	const char *at;
	size_t n;

	if (*p != '\\') {
		*ret = *p;
		return strchr(".^$*+?()[]{}|", *p) == NULL || *p == '\0' ? 1
									 : 0;
	}
	if (len < 2)
		return 0;
	at = p[1] == '\0' ? NULL : strchr(from, p[1]);
	if (at != NULL) {
		*ret = to[at - from];
		return 2;
	}
	if (p[1] == '0') { /* octal: up to two digits more */
		*ret = 0;
		for (n = 2; n < 4 && n < len && p[n] >= '0' && p[n] <= '7'; n++)
			*ret = (char)(*ret * 8 + (p[n] - '0'));
		return n;
	}
	if (p[1] == 'x' && len >= 4 && isxdigit((unsigned char)p[2]) &&
	    isxdigit((unsigned char)p[3])) {
		char hex[3] = { p[2], p[3], '\0' };

		*ret = (char)strtoul(hex, NULL, 16);
		return 4;
	}
	*ret = p[1];
	return ispunct((unsigned char)p[1]) ? 2 : 0;
}

/* What "^SSH-[12]" begins with: "SSH-". */
void
probe_line_prefix(struct probe_line *l)
{
	const char *p = l->pattern.p, *end = p + l->pattern.len;
	size_t n;

	l->nprefix = 0;
	if (l->pattern.len == 0 || *p != '^' ||
	    memchr(p, '|', l->pattern.len) != NULL)
		return;
	for (p++; p < end && l->nprefix < PREFIX_MAX; p += n) {
		n = literal(p, (size_t)(end - p), &l->prefix[l->nprefix]);
		if (n == 0)
			break;
		l->nprefix++;
	}
	/* It may be there not at all. */
	if (p < end && l->nprefix > 0 && memchr("*?{", *p, 3) != NULL)
		l->nprefix--;
}

static bool
prefix_fits(const struct probe_line *l, const uint8_t *answer, size_t len)
{
	size_t i;

	if (len < l->nprefix)
		return false;
	if (!l->caseless)
		return memcmp(answer, l->prefix, l->nprefix) == 0;
	for (i = 0; i < l->nprefix; i++)
		if (tolower(answer[i]) != tolower((unsigned char)l->prefix[i]))
			return false;
	return true;
}

/* Behind "[": behind its "]". */
static const char *
skip_class(const char *p, const char *end)
{
	if (p < end && *p == '^')
		p++;
	if (p < end)
		p++; /* a "]" that comes first is one of the class */
	while (p < end && *p != ']')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

/* Behind what is no plain byte. */
static const char *
skip_special(const char *p, const char *end)
{
	size_t left = (size_t)(end - p);
	const char *close;

	if (*p == '[')
		return skip_class(p + 1, end);
	if (*p == '{' || (left > 3 && memcmp(p, "(?!", 3) == 0) ||
	    (left > 4 && memcmp(p, "(?<!", 4) == 0)) {
		close = memchr(p, *p == '{' ? '}' : ')', left);
		return close == NULL ? end : close + 1;
	}
	if (*p == '(' && left > 2 && p[1] == '?')
		return p + 3;
	return *p == '\\' && left > 1 ? p + 2 : p + 1;
}

/*
 * How much is told by a match: the plain bytes of the pattern. One that asks for
 * 132 bytes and a zero among them names whatever is as long.
 */
static bool
has_weight(const struct probe_line *l)
{
	const char *p = l->pattern.p, *end = p + l->pattern.len;
	unsigned weight = 0;
	size_t n;
	char c;

	while (p < end && weight < WEIGHT_MIN) {
		n = literal(p, (size_t)(end - p), &c);
		p = n > 0 ? p + n : skip_special(p, end);
		weight += n > 0;
	}
	return weight >= WEIGHT_MIN;
}

bool
probe_line_compile(struct probe_line *l)
{
	uint32_t how =
	    PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE where;
	int error;

	if (l->code != NULL || l->refused)
		return l->code != NULL;
	how |= l->caseless ? PCRE2_CASELESS : 0;
	how |= l->dotall ? PCRE2_DOTALL : 0;
	l->code = pcre2_compile((PCRE2_SPTR)l->pattern.p, l->pattern.len, how,
	    &error, &where, NULL);
	l->refused = l->code == NULL;
	return !l->refused;
}

void
probe_files_compile(struct probe_files *f)
{
	size_t i;

	for (i = 0; i < f->nlines; i++)
		(void)probe_line_compile(&f->lines[i]);
}

size_t
probe_files_skipped(const struct probe_files *f)
{
	size_t i, n = 0;

	for (i = 0; i < f->nlines; i++)
		n += f->lines[i].refused;
	return n;
}

/* -- templates ------------------------------------------------------------- */

struct template
{
	const struct matching *m;
	struct words rest;
	struct buf out;
	bool cpe; /* is escaped as names in CPE are */
};

/* "$1": the bytes of a group; none if it took no part. */
static struct words
group(const struct matching *m, char digit)
{
	unsigned i = (unsigned)(digit - '0');
	PCRE2_SIZE from, to;

	if (i == 0 || i > 9 || i >= m->ngroups)
		return (struct words){ "", 0 };
	from = m->group[2 * i];
	to = m->group[2 * i + 1];
	/* \K in a look-ahead lets a group end before it begins. */
	if (from == PCRE2_UNSET || to > m->len || from >= to)
		return (struct words){ "", 0 };
	return (struct words){ (const char *)m->answer + from, to - from };
}

/* In a name of CPE 2.2 these stand for themselves, in lower case; a blank is
 * an underscore. */
static void
put(struct template *t, char c)
{
	if (t->out.len >= FIELD_MAX)
		return;
	if (!t->cpe)
		buf_putc(&t->out, c);
	else if (isalnum((unsigned char)c) || (c != '\0' && strchr("-._", c)))
		buf_putc(&t->out, (char)tolower((unsigned char)c));
	else if (c == ' ')
		buf_putc(&t->out, '_');
	else
		buf_printf(&t->out, "%%%02x", (unsigned char)c);
}

static void
put_all(struct template *t, struct words w)
{
	size_t i;

	for (i = 0; i < w.len; i++)
		put(t, w.p[i]);
}

/* "," and a string in quotation marks. */
static bool
argument(struct words *w, struct words *ret)
{
	const char *end;

	while (w->len > 0 && (*w->p == ' ' || *w->p == ',')) {
		w->p++;
		w->len--;
	}
	if (w->len < 2 || *w->p != '"')
		return false;
	end = memchr(w->p + 1, '"', w->len - 1);
	if (end == NULL)
		return false;
	*ret = (struct words){ w->p + 1, (size_t)(end - w->p) - 1 };
	w->len -= ret->len + 2;
	w->p = end + 1;
	return true;
}

/* Text in a wider encoding, without what is between its letters. */
static bool
put_printable(struct template *t, struct words bytes, struct words args)
{
	size_t i;

	(void)args;
	for (i = 0; i < bytes.len; i++)
		if (bytes.p[i] >= 0x20 && bytes.p[i] < 0x7f)
			put(t, bytes.p[i]);
	return true;
}

/* $SUBST(1,"_","."): each "_" becomes ".". */
static bool
put_replaced(struct template *t, struct words bytes, struct words args)
{
	struct words from, to;

	if (!argument(&args, &from) || !argument(&args, &to) || from.len == 0)
		return false;
	while (bytes.len > 0) {
		size_t n = 1;

		if (bytes.len >= from.len &&
		    memcmp(bytes.p, from.p, from.len) == 0) {
			put_all(t, to);
			n = from.len;
		} else
			put(t, *bytes.p);
		bytes.p += n;
		bytes.len -= n;
	}
	return true;
}

/* $I(1,">"): a number, the most significant byte first; "<": last. */
static bool
put_number(struct template *t, struct words bytes, struct words args)
{
	struct words order;
	uint64_t v = 0;
	size_t i;

	if (!argument(&args, &order) || order.len != 1 ||
	    (*order.p != '>' && *order.p != '<') || bytes.len == 0 ||
	    bytes.len > NUMBER_MAX)
		return false;
	for (i = 0; i < bytes.len; i++)
		v = v << 8 |
		    (uint8_t)bytes.p[*order.p == '>' ? i : bytes.len - 1 - i];
	buf_printf(&t->out, "%llu", (unsigned long long)v);
	return true;
}

static const struct helper {
	const char *name;
	bool (*put)(struct template *, struct words bytes, struct words args);
} helpers[] = {
	{ "P(", put_printable },
	{ "SUBST(", put_replaced },
	{ "I(", put_number },
	{ NULL, NULL },
};

/* Behind a `$`. 1: done; 0: it stands for itself; -1: it cannot be done. */
static int
substitute(struct template *t)
{
	const struct helper *h = helpers;
	struct words in = t->rest, args;
	const char *end;
	size_t n;

	if (in.len > 0 && *in.p >= '1' && *in.p <= '9') {
		put_all(t, group(t->m, *in.p));
		t->rest = (struct words){ in.p + 1, in.len - 1 };
		return 1;
	}
	while (h->name != NULL && (in.len < strlen(h->name) ||
				      memcmp(in.p, h->name, strlen(h->name))))
		h++;
	if (h->name == NULL)
		return 0;
	n = strlen(h->name);
	end = memchr(in.p + n, ')', in.len - n);
	if (end == NULL || end == in.p + n)
		return -1;
	args = (struct words){ in.p + n + 1, (size_t)(end - in.p) - n - 1 };
	t->rest = (struct words){ end + 1, in.len - (size_t)(end - in.p) - 1 };
	return h->put(t, group(t->m, in.p[n]), args) ? 1 : -1;
}

/* False: what it asks for is not there. */
static bool
fill_in(struct template *t)
{
	const char *dollar;
	size_t n;
	int r;

	while (t->rest.len > 0) {
		dollar = memchr(t->rest.p, '$', t->rest.len);
		n = dollar == NULL ? t->rest.len : (size_t)(dollar - t->rest.p);
		buf_put(&t->out, t->rest.p, n);
		if (dollar == NULL)
			break;
		t->rest.p += n + 1;
		t->rest.len -= n + 1;
		r = substitute(t);
		if (r < 0)
			return false;
		if (r == 0)
			buf_putc(&t->out, '$');
	}
	return true;
}

/* -- what a line says ------------------------------------------------------ */

static void
set(const struct matching *m, struct words value, bool cpe, char *field,
    size_t size)
{
	struct template t = { .m = m, .rest = value, .cpe = cpe };

	if (field[0] != '\0') /* another cpe: */
		return;
	if (cpe)
		buf_puts(&t.out, "cpe:/");
	if (fill_in(&t))
		service_set(field, size, t.out.data == NULL ? "" : t.out.data,
		    t.out.len);
	buf_done(&t.out);
}

static const struct field {
	char key;
	size_t at, size;
} fields[] = {
#define FIELD(key, name)                                        \
	{                                                       \
		key, offsetof(struct service_info, name),       \
		    sizeof(((struct service_info *)NULL)->name) \
	}
	FIELD('p', product),
	FIELD('v', version),
	FIELD('i', extra),
	FIELD('h', host),
	FIELD('o', os),
	FIELD('d', device),
	FIELD('c', cpe),
};

/* "ssl/imap" is imap, inside TLS. */
static void
say(const struct matching *m, const struct probe_line *l, bool tls)
{
	struct words rest = l->fields, value, name = l->name;
	struct service_info *s = m->info;
	const char *file = m->files->files[l->file].name,
		   *slash = strrchr(file, '/');
	size_t i;
	char key;

	for (i = 0; i < nitems(fields); i++)
		((char *)s)[fields[i].at] = '\0';
	s->tls = tls;
	if (name.len > 4 && memcmp(name.p, "ssl/", 4) == 0) {
		name = (struct words){ name.p + 4, name.len - 4 };
		s->tls = true;
	}
	service_set(s->name, sizeof(s->name), name.p, name.len);
	service_setf(s->how, sizeof(s->how), "%s:%u",
	    slash == NULL ? file : slash + 1, l->number);
	while (probe_field_next(&rest, &key, &value) > 0)
		for (i = 0; i < nitems(fields); i++)
			if (fields[i].key == key)
				set(m, value, key == 'c',
				    (char *)s + fields[i].at, fields[i].size);
}

/* -- matching -------------------------------------------------------------- */

static bool
line_matches(struct matching *m, struct probe_line *l)
{
	int r;

	if (!prefix_fits(l, m->answer, m->len) || !probe_line_compile(l))
		return false;
	r = pcre2_match(
	    l->code, m->answer, m->len, 0, 0, m->files->data, m->files->limits);
	if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT ||
	    r == PCRE2_ERROR_HEAPLIMIT)
		m->gave_up++;
	if (r < 0 || !has_weight(l))
		return false;
	m->ngroups = r == 0 ? GROUPS_MAX : (unsigned)r;
	return true;
}

/* True: a hard match, and all is said. */
static bool
probe_matches(struct matching *m, const struct probe *p, bool tls)
{
	struct probe_line *l;
	size_t i;

	for (i = 0; i < p->nlines && m->gave_up < GIVE_UP; i++) {
		l = m->files->lines + p->first + i;
		if (m->soft != NULL &&
		    (l->soft || l->name.len != m->soft->name.len ||
			memcmp(l->name.p, m->soft->name.p, l->name.len) != 0))
			continue;
		if (!line_matches(m, l))
			continue;
		say(m, l, tls);
		if (!l->soft)
			return true;
		m->soft = l;
	}
	return false;
}

/* A probe's own lines, those of its fallbacks, those of greetings. */
static bool
in_turn(struct matching *m, const struct probe *p, bool tls)
{
	const struct probe *null = m->files->files[p->file].null;
	unsigned i;

	if (probe_matches(m, p, tls))
		return true;
	for (i = 0; i < p->nfallbacks; i++)
		if (probe_matches(m, p->fallbacks[i], tls))
			return true;
	return p->def.proto == SOCK_TCP && null != NULL && null != p &&
	       probe_matches(m, null, tls);
}

void
probe_match_init(struct probe_files *f)
{
	f->data = pcre2_match_data_create(GROUPS_MAX, NULL);
	f->limits = pcre2_match_context_create(NULL);
	if (f->data == NULL || f->limits == NULL)
		fatal("out of memory");
	pcre2_set_match_limit(f->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(f->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(f->limits, HEAP_LIMIT);
}

bool
probe_files_match(const struct probe_files *f, const struct probe_def *def,
    const uint8_t *answer, size_t len, bool tls, struct service_info *info,
    bool *soft)
{
	struct matching m = { .files = f,
		.answer = answer,
		.len = len < ANSWER_MAX ? len : ANSWER_MAX,
		.info = info };
	const struct probe *p = (const struct probe *)def;
	bool hard = false;
	size_t i;

	m.group = pcre2_get_ovector_pointer(f->data);
	if (def == NULL)
		for (i = 0; i < f->nfiles && !hard; i++)
			hard = f->files[i].null != NULL &&
			       probe_matches(&m, f->files[i].null, tls);
	else
		for (; p != NULL && !hard; p = p->same)
			hard = in_turn(&m, p, tls);
	*soft = !hard && m.soft != NULL;
	return hard;
}
