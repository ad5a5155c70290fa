/* SPDX-License-Identifier: ISC */
/*
 * Expected listeners as text: reading the lines, and holding them against
 * what is there. A line is met by every socket that fits it; a socket that
 * fits none is looked for under another address, and then is unexpected.
 */
#include "config.h"

#include "model/expect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"

/* -- reading -------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, its quotes removed; NULL: none. *p moves on.
 * A quote that is not closed is an error: the word is NULL, *p is too. */
static char *
next_word(char **p)
{
	char *s = *p, *word;

	while (is_blank(*s))
		s++;
	if (*s == '\0' || *s == '#') {
		*p = s;
		return NULL;
	}
	if (*s == '"') {
		word = ++s;
		while (*s != '\0' && *s != '"')
			s++;
		if (*s == '\0') {
			*p = NULL;
			return NULL;
		}
	} else {
		word = s;
		while (*s != '\0' && !is_blank(*s))
			s++;
	}
	if (*s != '\0')
		*s++ = '\0';
	*p = s;
	return word;
}

static bool
parse_ports(struct expect_entry *e, char *text)
{
	char *dash = strchr(text, '-');
	uint64_t lo, hi;

	if (strcmp(text, "*") == 0) {
		e->lo = 1;
		e->hi = UINT16_MAX;
		return true;
	}
	if (dash != NULL)
		*dash = '\0';
	if (!num_u64(text, 1, UINT16_MAX, &lo))
		return false;
	hi = lo;
	if (dash != NULL && !num_u64(dash + 1, lo, UINT16_MAX, &hi))
		return false;
	e->lo = (uint16_t)lo;
	e->hi = (uint16_t)hi;
	return true;
}

/* "*", "0.0.0.0", "[::1]", each with %INTERFACE behind it or not; kept as
 * compare_item.addr has it: without brackets. */
static bool
parse_address(struct expect_entry *e, char *text)
{
	char *zone = strchr(text, '%'), *end;
	struct endpoint ep = { 0 };
	char shown[TEXT_IP_MAX];
	bool six = text[0] == '[';
	struct buf b = { 0 };

	if (zone != NULL) {
		*zone++ = '\0';
		if (*zone == '\0')
			return false;
	}
	if (six) {
		end = text + strlen(text) - 1;
		if (*end != ']')
			return false;
		*end = '\0';
		text++;
	}
	if (six || strcmp(text, "*") != 0) {
		if (inet_pton(six ? AF_INET6 : AF_INET, text, ep.addr) != 1)
			return false;
		end = endpoint_addr_text(shown, &ep, six ? 6 : 4);
		buf_put(&b, shown, (size_t)(end - shown));
	} else
		buf_putc(&b, '*');
	if (zone != NULL)
		buf_printf(&b, "%%%s", zone);
	e->addr = buf_steal(&b);
	return true;
}

static int
wrong(char **cause, unsigned line, const char *word, const char *what)
{
	char *clean = text_clean(word, strlen(word));

	xasprintf(cause, "line %u: %s: not %s", line, clean, what);
	free(clean);
	return -EINVAL;
}

static int
parse_rest(struct expect_entry *e, char *s, char **cause)
{
	char *word;

	while ((word = next_word(&s)) != NULL) {
		if (strcmp(word, "optional") == 0 && !e->optional)
			e->optional = true;
		else if (strncmp(word, "user=", 5) == 0 && e->user == NULL &&
			 word[5] != '\0')
			e->user = xstrdup(word + 5);
		else if (e->process == NULL && e->user == NULL &&
			 !e->optional && *word != '\0' &&
			 strncmp(word, "user=", 5) != 0)
			e->process = text_clean(word, strlen(word));
		else
			return wrong(cause, e->line, word,
			    "a program's name, user=NAME or optional");
	}
	if (s == NULL) {
		xasprintf(cause, "line %u: a quote is not closed", e->line);
		return -EINVAL;
	}
	if (e->process != NULL && strcmp(e->process, "-") == 0) {
		free(e->process);
		e->process = NULL;
	}
	return 0;
}

static int
parse_entry(struct expect_entry *e, char *s, char **cause)
{
	char *word = next_word(&s), *colon, *whole;
	bool ok;

	if (word != NULL && strcmp(word, "tcp") == 0)
		e->proto = SOCK_TCP;
	else if (word != NULL && strcmp(word, "udp") == 0)
		e->proto = SOCK_UDP;
	else
		return wrong(cause, e->line, word != NULL ? word : "\"",
		    "tcp or udp, then ADDRESS:PORT");
	word = next_word(&s);
	if (word == NULL)
		return wrong(cause, e->line, "the end", "ADDRESS:PORT");
	whole = xstrdup(word);
	colon = strrchr(word, ':');
	ok = colon != NULL;
	if (ok) {
		*colon = '\0';
		ok = parse_ports(e, colon + 1) && parse_address(e, word);
	}
	if (!ok)
		(void)wrong(cause, e->line, whole,
		    "ADDRESS:PORT, as in 0.0.0.0:22, [::1]:631, *:80 or "
		    "*:8000-8100");
	free(whole);
	return ok ? parse_rest(e, s, cause) : -EINVAL;
}

/* The line as it is shown: without its comment, one blank between words. */
static char *
shown(const char *s, size_t n)
{
	bool quoted = false, gap = false;
	struct buf b = { 0 };
	char *text;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!quoted && is_blank(s[i])) {
			gap = true;
			continue;
		}
		if (s[i] == '#' && gap)
			break;
		if (gap)
			buf_putc(&b, ' ');
		gap = false;
		quoted ^= s[i] == '"';
		buf_putc(&b, s[i]);
	}
	text = text_clean(b.data != NULL ? b.data : "", b.len);
	buf_done(&b);
	return text;
}

static int
parse_line(
    struct expect *x, const char *s, size_t n, unsigned line, char **cause)
{
	struct expect_entry *e;
	char *copy;
	int r;

	while (n > 0 && is_blank(*s)) {
		s++;
		n--;
	}
	if (n == 0 || *s == '#')
		return 0;
	if (x->n == EXPECT_MAX_LINES) {
		xasprintf(cause, "more than %d lines", EXPECT_MAX_LINES);
		return -E2BIG;
	}
	x->entry = array_grow(x->entry, &x->cap, x->n + 1, sizeof(*x->entry));
	e = &x->entry[x->n++];
	*e = (struct expect_entry){ .line = line };
	e->text = shown(s, n);
	copy = xstrndup(s, n);
	r = parse_entry(e, copy, cause);
	free(copy);
	return r;
}

int
expect_parse(struct expect *x, const char *text, size_t len, char **cause)
{
	const char *end = text + len, *nl;
	unsigned line = 0;
	int r = 0;

	*x = (struct expect){ 0 };
	if (len > EXPECT_MAX_BYTES || memchr(text, '\0', len) != NULL) {
		xasprintf(cause, len > EXPECT_MAX_BYTES
				     ? "larger than 1 MiB"
				     : "holds NUL bytes: no text");
		return -EINVAL;
	}
	for (; text < end && r == 0; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		r = parse_line(x, text, (size_t)(nl - text), ++line, cause);
		if (nl == end)
			break;
	}
	return r;
}

void
expect_done(struct expect *x)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		free(x->entry[i].text);
		free(x->entry[i].addr);
		free(x->entry[i].process);
		free(x->entry[i].user);
	}
	free(x->entry);
	*x = (struct expect){ 0 };
}

/* -- holding against ------------------------------------------------------ */

static bool
address_fits(const char *want, const char *addr)
{
	if (strcmp(want, addr) == 0)
		return true;
	return strcmp(want, "*") == 0 &&
	       (strcmp(addr, "0.0.0.0") == 0 || strcmp(addr, "::") == 0);
}

/* An item without a port has one in the row. */
static bool
port_fits(const struct expect_entry *e, const struct compare_item *i)
{
	uint16_t port = i->row->rec.local.port;

	return e->proto == i->proto && port >= e->lo && port <= e->hi;
}

static unsigned
differ_in(const struct expect_entry *e, const struct compare_item *i)
{
	unsigned fields = 0;

	if (e->process != NULL && *i->process != '\0' &&
	    strcmp(e->process, i->process) != 0)
		return COMPARE_PROCESS;
	if (e->user != NULL && *i->user != '\0' &&
	    strcmp(e->user, i->user) != 0)
		fields |= COMPARE_USER;
	return fields;
}

static bool
is_unknown(const struct expect_entry *e, const struct compare_item *i)
{
	return (e->process != NULL && *i->process == '\0') ||
	       (e->user != NULL && *i->user == '\0');
}

static void
add_line(struct expect_result *r, enum expect_kind kind,
    const struct expect_entry *e, const struct compare_item *i, unsigned fields)
{
	r->line = array_grow(r->line, &r->cap, r->n + 1, sizeof(*r->line));
	r->line[r->n++] = (struct expect_line){
		.kind = kind, .entry = e, .item = i, .fields = fields
	};
}

/* The line that fits best: in all, then in the place at least. A number is
 * nearer than a range. */
static struct expect_entry *
best_fit(struct expect *x, const struct compare_item *item)
{
	struct expect_entry *e, *best = NULL;
	unsigned score, top = 0;
	size_t i;

	for (i = 0; i < x->n; i++) {
		e = &x->entry[i];
		if (!port_fits(e, item) || !address_fits(e->addr, item->addr))
			continue;
		score = 1;
		if (differ_in(e, item) == 0)
			score += 8;
		if (e->process != NULL)
			score += 4;
		if (e->lo == e->hi)
			score += 2;
		if (score > top) {
			top = score;
			best = e;
		}
	}
	return best;
}

/* A line nobody met, of the same program and port, at another address. */
static struct expect_entry *
moved(struct expect *x, const struct compare_item *item)
{
	struct expect_entry *e;
	size_t i;

	for (i = 0; i < x->n; i++) {
		e = &x->entry[i];
		if (!e->met && e->process != NULL && port_fits(e, item) &&
		    strcmp(e->process, item->process) == 0)
			return e;
	}
	return NULL;
}

static void
meet(struct expect_entry *e, struct compare_item *item, unsigned fields,
    struct expect_result *r)
{
	e->met = true;
	item->done = true;
	fields |= differ_in(e, item);
	if (fields != 0)
		add_line(r, EXPECT_CHANGED, e, item, fields);
	else if (is_unknown(e, item))
		r->unknown++;
}

void
expect_run(struct expect *x, struct compare_side *now, struct expect_result *r)
{
	struct expect_entry *e;
	size_t i;

	*r = (struct expect_result){ 0 };
	for (i = 0; i < now->n; i++) {
		e = best_fit(x, &now->item[i]);
		if (e != NULL)
			meet(e, &now->item[i], 0, r);
	}
	for (i = 0; i < now->n; i++) {
		if (now->item[i].done)
			continue;
		e = moved(x, &now->item[i]);
		if (e != NULL)
			meet(e, &now->item[i], COMPARE_ADDRESS, r);
		else
			add_line(r, EXPECT_UNEXPECTED, NULL, &now->item[i], 0);
	}
	for (i = 0; i < x->n; i++)
		if (!x->entry[i].met && !x->entry[i].optional)
			add_line(r, EXPECT_MISSING, &x->entry[i], NULL, 0);
}

void
expect_result_done(struct expect_result *r)
{
	free(r->line);
	*r = (struct expect_result){ 0 };
}

void
expect_field_put(unsigned bit, const struct expect_entry *e, struct buf *b)
{
	switch (1U << bit) {
	case COMPARE_ADDRESS:
		buf_puts(b, e->addr);
		break;
	case COMPARE_PROCESS:
		buf_puts(b, e->process != NULL ? e->process : "");
		break;
	case COMPARE_USER:
		buf_puts(b, e->user != NULL ? e->user : "");
		break;
	default:
		break;
	}
}
