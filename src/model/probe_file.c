/* SPDX-License-Identifier: ISC */
/*
 * Reads files of probes. The text is kept, and lines are parts of it: nothing
 * is made of a line until an answer gets so far.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/probe_file_priv.h"

#define FILES_MAX  16
#define PROBES_MAX 1000 /* of all files: each port's questions are so many */
#define BYTES_MAX  4096 /* of a question */
#define TEXT_MAX   (32u << 20)
#define SHOWN_MAX  40
#define RARITY     5 /* where none is given */
#define WAIT_MS    5000
#define WRAPPED_MS 2000

struct reading {
	struct probe_files *files;
	const char *name;
	uint16_t file;
	uint32_t number;
	struct words line; /* what is left of it */
	struct probe *probe;
	bool excluded;
	size_t first_probe; /* of this file */
	struct scan_ports exclude;
	char **cause;
};

static int wrong(const struct reading *, struct words shown, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static int
wrong(const struct reading *r, struct words shown, const char *fmt, ...)
{
	char *what, *why, *name = text_clean(r->name, strlen(r->name));
	va_list ap;

	what =
	    text_clean(shown.p, shown.len < SHOWN_MAX ? shown.len : SHOWN_MAX);
	va_start(ap, fmt);
	xvasprintf(&why, fmt, ap);
	va_end(ap);
	xasprintf(r->cause, "%s:%u: \"%s%s\": %s", name, r->number, what,
	    shown.len > SHOWN_MAX ? ".." : "", why);
	free(what);
	free(why);
	free(name);
	return -EINVAL;
}

/* -- words ----------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip(struct words *w, size_t n)
{
	w->p += n;
	w->len -= n;
}

static void
skip_blanks(struct words *w)
{
	while (w->len > 0 && is_blank(*w->p))
		skip(w, 1);
}

/* Up to a blank; .len 0: the line has no more. */
static struct words
next_word(struct words *w)
{
	struct words word;

	skip_blanks(w);
	word.p = w->p;
	while (w->len > 0 && !is_blank(*w->p))
		skip(w, 1);
	word.len = (size_t)(w->p - word.p);
	return word;
}

static bool
is_word(struct words w, const char *s)
{
	return w.len == strlen(s) && memcmp(w.p, s, w.len) == 0;
}

/* "/text/" with any delimiter. */
static bool
next_delimited(struct words *w, struct words *inside)
{
	const char *end;

	if (w->len < 2 || is_blank(*w->p))
		return false;
	end = memchr(w->p + 1, *w->p, w->len - 1);
	if (end == NULL)
		return false;
	inside->p = w->p + 1;
	inside->len = (size_t)(end - inside->p);
	skip(w, inside->len + 2);
	return true;
}

int
probe_field_next(struct words *rest, char *key, struct words *value)
{
	bool cpe;

	skip_blanks(rest);
	if (rest->len == 0)
		return 0;
	cpe = rest->len > 4 && memcmp(rest->p, "cpe:", 4) == 0;
	if (!cpe && memchr("pviohd", *rest->p, 6) == NULL)
		return -EINVAL;
	*key = *rest->p;
	skip(rest, cpe ? 4 : 1);
	if (!next_delimited(rest, value))
		return -EINVAL;
	if (cpe && rest->len > 0 && *rest->p == 'a')
		skip(rest, 1);
	return rest->len == 0 || is_blank(*rest->p) ? 1 : -EINVAL;
}

static bool
number(struct words w, uint32_t max, uint32_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (w.len == 0 || w.len > 9)
		return false;
	for (i = 0; i < w.len; i++) {
		if (w.p[i] < '0' || w.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(w.p[i] - '0');
	}
	if (v > max)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* -- Probe ----------------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands behind a backslash; false: no such. */
static bool
escape(struct words *w, uint8_t *ret)
{
	static const char from[] = "0abfnrtv\\", to[] = "\0\a\b\f\n\r\t\v\\";
	const char *at;

	if (w->len == 0)
		return false;
	if (*w->p == 'x' && w->len >= 3 && hex(w->p[1]) >= 0 &&
	    hex(w->p[2]) >= 0) {
		*ret = (uint8_t)(hex(w->p[1]) << 4 | hex(w->p[2]));
		skip(w, 3);
		return true;
	}
	at = memchr(from, *w->p, sizeof(from) - 1);
	if (at != NULL)
		*ret = (uint8_t)to[at - from];
	else if ((*w->p >= '0' && *w->p <= '9') || hex(*w->p | 0x20) >= 0 ||
		 *w->p == 'x')
		return false;
	else
		*ret = (uint8_t)*w->p;
	skip(w, 1);
	return true;
}

static bool
unescape(struct words w, uint8_t *out, size_t *len)
{
	size_t n = 0;

	while (w.len > 0) {
		if (n == BYTES_MAX)
			return false;
		if (*w.p != '\\') {
			out[n++] = (uint8_t)*w.p;
			skip(&w, 1);
			continue;
		}
		skip(&w, 1);
		if (!escape(&w, &out[n]))
			return false;
		n++;
	}
	*len = n;
	return true;
}

static struct probe *
find_probe(const struct reading *r, struct words name, uint8_t proto)
{
	struct probe *p;
	size_t i;

	for (i = r->first_probe; i < r->files->nprobes; i++) {
		p = r->files->probes[i];
		if (p->def.proto == proto && is_word(name, p->def.name))
			return p;
	}
	return NULL;
}

static int
take_probe(struct reading *r)
{
	struct probe_files *f = r->files;
	struct words proto = next_word(&r->line), name = next_word(&r->line),
		     text, rest;
	bool tcp = is_word(proto, "TCP");
	uint8_t bytes[BYTES_MAX];
	struct probe *p;
	size_t len;

	if (!tcp && !is_word(proto, "UDP"))
		return wrong(r, proto, "a probe is for TCP or UDP");
	if (name.len == 0 || name.len > 64)
		return wrong(r, name, "a probe has a name");
	if (find_probe(r, name, tcp ? SOCK_TCP : SOCK_UDP) != NULL)
		return wrong(r, name, "there is a probe of that name already");
	skip_blanks(&r->line);
	rest = r->line;
	if (r->line.len == 0 || *r->line.p != 'q')
		return wrong(r, rest, "what a probe says is q|..|");
	skip(&r->line, 1);
	if (!next_delimited(&r->line, &text) || !unescape(text, bytes, &len))
		return wrong(r, rest,
		    "what a probe says is q|..|, with \\r, \\0, \\xHH "
		    "for bytes that are no text, up to %u bytes",
		    BYTES_MAX);
	rest = next_word(&r->line);
	if (rest.len > 0 && !is_word(rest, "no-payload"))
		return wrong(r, rest, "nothing more was expected");
	if (f->nprobes >= PROBES_MAX)
		return wrong(r, name, "more than %u probes", PROBES_MAX);
	p = xcalloc(1, sizeof(*p));
	p->def.name = xstrndup(name.p, name.len);
	p->def.proto = tcp ? SOCK_TCP : SOCK_UDP;
	p->def.bytes = memcpy(xmalloc(len + 1), bytes, len);
	p->def.len = len;
	p->def.rarity = len > 0 ? RARITY : 0;
	p->def.wait_ms = WAIT_MS;
	p->def.wrapped_ms = WRAPPED_MS;
	p->def.second = r->file > 0;
	p->file = r->file;
	p->first = f->nlines;
	f->probes = array_grow(
	    f->probes, &f->cap_probes, f->nprobes + 1, sizeof(f->probes[0]));
	f->probes[f->nprobes++] = r->probe = p;
	return 0;
}

/* -- what stands below a probe --------------------------------------------- */

static int
take_match(struct reading *r, bool soft)
{
	struct probe_files *f = r->files;
	struct probe_line l = {
		.number = r->number, .file = r->file, .soft = soft
	};
	struct words rest, value;
	char key;
	int n;

	l.name = next_word(&r->line);
	skip_blanks(&r->line);
	rest = r->line;
	if (l.name.len == 0 || r->line.len == 0 || *r->line.p != 'm')
		return wrong(
		    r, rest, "behind a service's name m|pattern| was expected");
	skip(&r->line, 1);
	if (!next_delimited(&r->line, &l.pattern))
		return wrong(r, rest, "the pattern does not end");
	for (; r->line.len > 0 && !is_blank(*r->line.p); skip(&r->line, 1)) {
		if (*r->line.p != 'i' && *r->line.p != 's')
			return wrong(r, r->line,
			    "behind a pattern only i and s may stand");
		l.caseless = l.caseless || *r->line.p == 'i';
		l.dotall = l.dotall || *r->line.p == 's';
	}
	l.fields = rest = r->line;
	while ((n = probe_field_next(&rest, &key, &value)) > 0)
		continue;
	if (n < 0)
		return wrong(r, rest,
		    "p/product/, v/version/, i/info/, h/host name/, "
		    "o/system/, d/device/ or cpe:/name/ was expected");
	probe_line_prefix(&l);
	f->lines = array_grow(
	    f->lines, &f->cap_lines, f->nlines + 1, sizeof(f->lines[0]));
	f->lines[f->nlines++] = l;
	r->probe->nlines++;
	return 0;
}

static int
take_hard(struct reading *r)
{
	return take_match(r, false);
}

static int
take_soft(struct reading *r)
{
	return take_match(r, true);
}

/* "21,23,1000-2000" */
static int
take_ranges(struct reading *r, struct port_ranges *to)
{
	struct words list = next_word(&r->line), item, lo, hi;
	uint32_t from, last;
	const char *end;

	if (list.len == 0)
		return wrong(r, r->line, "a list of ports was expected");
	while (list.len > 0) {
		end = memchr(list.p, ',', list.len);
		item = list;
		if (end != NULL)
			item.len = (size_t)(end - list.p);
		skip(&list, item.len + (end != NULL));
		lo = hi = item;
		end = memchr(item.p, '-', item.len);
		if (end != NULL) {
			lo.len = (size_t)(end - item.p);
			skip(&hi, lo.len + 1);
		}
		if (!number(lo, 65535, &from) || !number(hi, 65535, &last) ||
		    from > last)
			return wrong(r, item, "that is no port, and no range");
		to->range = array_grow(
		    to->range, &to->cap, to->n + 1, sizeof(to->range[0]));
		to->range[to->n++] =
		    (struct port_range){ (uint16_t)from, (uint16_t)last };
	}
	return 0;
}

static int
take_ports(struct reading *r)
{
	return take_ranges(r, &r->probe->ports);
}

static int
take_sslports(struct reading *r)
{
	return take_ranges(r, &r->probe->sslports);
}

static int
take_number(struct reading *r, uint32_t min, uint32_t max, uint32_t *ret)
{
	struct words w = next_word(&r->line);

	if (!number(w, max, ret) || *ret < min)
		return wrong(
		    r, w, "a number of %u to %u was expected", min, max);
	return 0;
}

static int
take_wait(struct reading *r)
{
	return take_number(r, 1, 300000, &r->probe->def.wait_ms);
}

static int
take_wrapped(struct reading *r)
{
	return take_number(r, 1, 300000, &r->probe->def.wrapped_ms);
}

static int
take_rarity(struct reading *r)
{
	uint32_t v;
	int n = take_number(r, 1, 9, &v);

	if (n == 0)
		r->probe->def.rarity = (uint8_t)v;
	return n;
}

/* The names may be of probes that come later. */
static int
take_fallback(struct reading *r)
{
	r->probe->fallback = next_word(&r->line);
	r->probe->fallback_line = r->number;
	return r->probe->fallback.len > 0
		   ? 0
		   : wrong(r, r->line, "a probe's name was expected");
}

static int
take_exclude(struct reading *r)
{
	struct words list = next_word(&r->line);
	char *text, *why = NULL;
	int n;

	if (r->excluded)
		return wrong(r, list, "a file has one Exclude");
	r->excluded = true;
	text = xstrndup(list.p, list.len);
	n = scan_ports_parse(
	    &r->exclude, text, SCAN_PROTO_TCP | SCAN_PROTO_UDP, &why);
	if (n < 0)
		n = wrong(r, list, "%s", why);
	free(why);
	free(text);
	return n;
}

/* -- a file ---------------------------------------------------------------- */

static const struct directive {
	const char *name;
	int (*take)(struct reading *);
	bool below;    /* stands below a probe */
	bool consumes; /* the whole line is looked at */
} directives[] = {
	{ "match", take_hard, true, true },
	{ "softmatch", take_soft, true, true },
	{ "Probe", take_probe, false, true },
	{ "ports", take_ports, true, false },
	{ "sslports", take_sslports, true, false },
	{ "totalwaitms", take_wait, true, false },
	{ "tcpwrappedms", take_wrapped, true, false },
	{ "rarity", take_rarity, true, false },
	{ "fallback", take_fallback, true, false },
	{ "Exclude", take_exclude, false, false },
};

static int
take_line(struct reading *r)
{
	struct words word;
	size_t i;
	int n;

	while (r->line.len > 0 && (is_blank(r->line.p[r->line.len - 1]) ||
				      r->line.p[r->line.len - 1] == '\r'))
		r->line.len--;
	word = next_word(&r->line);
	if (word.len == 0 || *word.p == '#')
		return 0;
	for (i = 0; i < nitems(directives); i++)
		if (is_word(word, directives[i].name))
			break;
	if (i == nitems(directives))
		return wrong(r, word,
		    "Probe, match, softmatch, ports, sslports, totalwaitms, "
		    "tcpwrappedms, rarity, fallback or Exclude was expected");
	if (directives[i].below && r->probe == NULL)
		return wrong(r, word, "there is no Probe above it");
	n = directives[i].take(r);
	skip_blanks(&r->line);
	if (n == 0 && !directives[i].consumes && r->line.len > 0 &&
	    *r->line.p != '#')
		return wrong(r, r->line, "nothing more was expected");
	return n;
}

/* The probes that "fallback A,B" means. */
static int
find_fallbacks(struct reading *r, struct probe *p)
{
	struct words list = p->fallback, item;
	const struct probe *found;
	const char *end;

	r->number = p->fallback_line;
	while (list.len > 0) {
		end = memchr(list.p, ',', list.len);
		item = list;
		if (end != NULL)
			item.len = (size_t)(end - list.p);
		skip(&list, item.len + (end != NULL));
		found = find_probe(r, item, p->def.proto);
		if (found == NULL) /* answers by TCP are those by UDP */
			found = find_probe(r, item,
			    p->def.proto == SOCK_TCP ? SOCK_UDP : SOCK_TCP);
		if (found == NULL)
			return wrong(r, item, "there is no such probe");
		if (p->nfallbacks == FALLBACKS_MAX)
			return wrong(
			    r, item, "more than %u fallbacks", FALLBACKS_MAX);
		p->fallbacks[p->nfallbacks++] = found;
	}
	return 0;
}

static void
probe_free(struct probe *p)
{
	free((void *)(uintptr_t)p->def.name);
	free((void *)(uintptr_t)p->def.bytes);
	free(p->ports.range);
	free(p->sslports.range);
	free(p);
}

/* As if there had been no such file. */
static void
take_back(struct reading *r, size_t nlines)
{
	struct probe_files *f = r->files;

	while (f->nprobes > r->first_probe)
		probe_free(f->probes[--f->nprobes]);
	f->nlines = nlines;
	f->nfiles--;
	free(f->files[f->nfiles].name);
	free(f->files[f->nfiles].text);
}

/* What is asked already is asked once, and its answer held against both. */
static void
add_ask(struct probe_files *f, struct probe *p)
{
	struct probe_def *d;
	struct probe **at;
	size_t i;

	for (i = 0; i < f->nasks && p->def.len > 0; i++) {
		d = &f->asks[i]->def;
		if (d->proto != p->def.proto || d->len != p->def.len ||
		    memcmp(d->bytes, p->def.bytes, d->len) != 0)
			continue;
		if (p->def.rarity < d->rarity)
			d->rarity = p->def.rarity;
		for (at = &f->asks[i]->same; *at != NULL; at = &(*at)->same)
			continue;
		*at = p;
		return;
	}
	f->asks =
	    array_grow(f->asks, &f->cap_asks, f->nasks + 1, sizeof(f->asks[0]));
	f->asks[f->nasks++] = p;
}

static void
add_ports(struct portset *to, const struct portset *from)
{
	size_t i;

	for (i = 0; i < nitems(to->word); i++)
		to->word[i] |= from->word[i];
}

static void
commit(struct reading *r)
{
	struct probe_files *f = r->files;
	struct probe_text *file = &f->files[r->file];
	struct probe *p;
	size_t i;

	for (i = r->first_probe; i < f->nprobes; i++) {
		p = f->probes[i];
		p->def.file = file->name;
		if (p->def.proto == SOCK_TCP && p->def.len == 0 &&
		    file->null == NULL)
			file->null = p;
		add_ask(f, p);
	}
	if (!r->excluded)
		return;
	add_ports(&f->exclude->tcp, &r->exclude.tcp);
	add_ports(&f->exclude->udp, &r->exclude.udp);
}

static int
read_lines(struct reading *r, const char *text, size_t len)
{
	const char *end = text + len, *line;
	int n = 0;

	for (; n == 0 && text < end; text = line + 1) {
		line = memchr(text, '\n', (size_t)(end - text));
		if (line == NULL)
			line = end;
		r->number++;
		r->line = (struct words){ text, (size_t)(line - text) };
		n = take_line(r);
	}
	return n;
}

int
probe_files_add(struct probe_files *f, const char *text, size_t len,
    const char *file, char **cause)
{
	struct reading *r = xcalloc(1, sizeof(*r));
	size_t nlines = f->nlines, i;
	struct probe_text *kept;
	int n;

	r->files = f;
	r->name = file;
	r->cause = cause;
	r->file = (uint16_t)f->nfiles;
	r->first_probe = f->nprobes;
	if (len > TEXT_MAX || f->nfiles >= FILES_MAX) {
		n = wrong(r, (struct words){ "", 0 },
		    len > TEXT_MAX ? "too large" : "too many probe files");
		free(r);
		return n;
	}
	f->files = array_grow(
	    f->files, &f->cap_files, f->nfiles + 1, sizeof(f->files[0]));
	kept = &f->files[f->nfiles++];
	kept->name = xstrdup(file);
	kept->text = memcpy(xmalloc(len + 1), text, len);
	kept->null = NULL;
	n = read_lines(r, kept->text, len);
	for (i = r->first_probe; n == 0 && i < f->nprobes; i++)
		n = find_fallbacks(r, f->probes[i]);
	if (n < 0)
		take_back(r, nlines);
	else
		commit(r);
	free(r);
	return n;
}

struct probe_files *
probe_files_new(void)
{
	struct probe_files *f = xcalloc(1, sizeof(*f));

	f->exclude = xcalloc(1, sizeof(*f->exclude));
	probe_match_init(f);
	return f;
}

void
probe_files_free(struct probe_files *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->nlines; i++)
		pcre2_code_free(f->lines[i].code);
	for (i = 0; i < f->nprobes; i++)
		probe_free(f->probes[i]);
	for (i = 0; i < f->nfiles; i++) {
		free(f->files[i].name);
		free(f->files[i].text);
	}
	pcre2_match_data_free(f->data);
	pcre2_match_context_free(f->limits);
	free(f->lines);
	free(f->probes);
	free(f->asks);
	free(f->files);
	free(f->exclude);
	free(f);
}

/* -- what is asked --------------------------------------------------------- */

size_t
probe_files_count(const struct probe_files *f)
{
	return f->nasks;
}

const struct probe_def *
probe_files_at(const struct probe_files *f, size_t i)
{
	return i < f->nasks ? &f->asks[i]->def : NULL;
}

static bool
ranges_have(const struct port_ranges *r, uint16_t port)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (port >= r->range[i].lo && port <= r->range[i].hi)
			return true;
	return false;
}

bool
probe_def_wants(const struct probe_files *f, const struct probe_def *def,
    uint16_t port, bool tls)
{
	const struct probe *p = (const struct probe *)def;

	(void)f;
	for (; p != NULL; p = p->same)
		if (ranges_have(tls ? &p->sslports : &p->ports, port))
			return true;
	return false;
}

bool
probe_files_excluded(const struct probe_files *f, uint8_t proto, uint16_t port)
{
	return scan_ports_has(f->exclude, proto, port);
}

size_t
probe_files_lines(const struct probe_files *f)
{
	return f->nlines;
}
