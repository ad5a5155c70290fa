/* SPDX-License-Identifier: ISC */
/*
 * Writing the worker's protocol. A scan may tell of a hundred thousand ports
 * in a second: a line is written into room that was reserved for the longest
 * one, without a check a byte.
 */
#include "config.h"

#include "model/scan_wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "model/scan_wire_fields.h"

/* A list that does not fit into the first line is cut into pieces whose
 * escaped text is no longer, so that there is room for the rest of a line. */
#define PIECE_MAX (SCAN_LINE_MAX - SCAN_WORD_MAX - 64)

static char *
put_raw(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n);
	return p + n;
}

static bool
is_plain(const char *s, size_t n)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			return false;
	}
	return true;
}

/* Clean text, cut to size: what the reader makes of it is the same. */
static char *
put_text(char *p, const char *s, size_t size)
{
	struct buf clean = { 0 }, out = { 0 };
	size_t n = strnlen(s, size - 1);
	struct json j;

	if (is_plain(s, n)) {
		*p++ = '"';
		memcpy(p, s, n);
		p += n;
		*p++ = '"';
		return p;
	}
	text_clean_buf(&clean, s, n);
	scan_text_cut(clean.data, size);
	jw_init(&j, &out);
	jw_string(&j, clean.data);
	memcpy(p, out.data, out.len);
	p += out.len;
	buf_done(&clean);
	buf_done(&out);
	return p;
}

static char *
put_addr(char *p, const struct scan_addr *a)
{
	*p++ = '"';
	scan_addr_text(p, a);
	p += strlen(p);
	*p++ = '"';
	return p;
}

static char *
put_set(char *p, const struct wire_field *f, unsigned set)
{
	unsigned i, n = 0;

	*p++ = '"';
	for (i = 0; i <= f->max; i++) {
		if ((set & 1u << i) == 0)
			continue;
		if (n++ > 0)
			*p++ = ',';
		p = put_raw(p, f->word(1u << i));
	}
	*p++ = '"';
	return p;
}

static char *
put_hex(char *p, const uint8_t *b, size_t n, char between)
{
	static const char digit[] = "0123456789abcdef";
	size_t i;

	*p++ = '"';
	for (i = 0; i < n; i++) {
		if (i > 0 && between != '\0')
			*p++ = between;
		*p++ = digit[b[i] >> 4];
		*p++ = digit[b[i] & 15];
	}
	*p++ = '"';
	return p;
}

static char *
put_u64_hex(char *p, uint64_t v)
{
	uint8_t b[8];
	size_t i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (56 - 8 * i));
	return put_hex(p, b, 8, '\0');
}

/* Packets a second: a tenth is more than anybody reads. */
static char *
put_real(char *p, double d)
{
	uint64_t tenths = !(d > 0)   ? 0
			  : d > 1e15 ? 10000000000000000ull
				     : (uint64_t)(d * 10 + 0.5);

	p = text_u64(p, tenths / 10);
	*p++ = '.';
	*p++ = (char)('0' + tenths % 10);
	return p;
}

static char *
put_word(char *p, const struct wire_field *f, uint64_t v)
{
	const char *word = v <= f->max ? f->word((unsigned)v) : NULL;

	if (word == NULL)
		fatal(
		    "%s: %s is %llu", __func__, f->name, (unsigned long long)v);
	*p++ = '"';
	p = put_raw(p, word);
	*p++ = '"';
	return p;
}

static char *
put_value(char *p, const struct wire_field *f, const void *v)
{
	uint64_t n;
	int i;

	switch ((enum wire_type)f->type) {
	case WIRE_NUM: /* what is too large for the wire is as large as can be */
	case WIRE_SEED:
		n = wire_load(v, f->size);
		return text_u64(p, n < f->max ? n : f->max);
	case WIRE_INT:
		memcpy(&i, v, sizeof(i));
		if (i < 0)
			*p++ = '-';
		return text_u64(p, (uint64_t)labs((long)i));
	case WIRE_REAL:
		return put_real(p, *(const double *)v);
	case WIRE_BOOL:
		return put_raw(p, *(const bool *)v ? "true" : "false");
	case WIRE_TEXT:
		return put_text(p, v, f->size);
	case WIRE_ADDR:
		return put_addr(p, v);
	case WIRE_WORD:
		return put_word(p, f, wire_load(v, f->size));
	case WIRE_SET:
		return put_set(p, f, *(const unsigned *)v);
	case WIRE_MAC:
		return put_hex(p, v, 6, ':');
	case WIRE_HEX:
		return put_u64_hex(p, *(const uint64_t *)v);
	case WIRE_SERVICE:
		p = put_raw(p, "{\"name\":");
		p = put_text(p, v, f->size);
		return put_raw(p, ",\"method\":\"table\"}");
	case WIRE_OBJECT: /* by put_object() */
	case WIRE_LIST:   /* by put_lists() */
		break;
	}
	fatal("%s: %s", __func__, f->name);
}

/* There is nothing to be said: it is left out. */
static bool
is_empty(const struct wire_field *f, const void *v)
{
	switch ((enum wire_type)f->type) {
	case WIRE_TEXT:
	case WIRE_SERVICE:
		return *(const char *)v == '\0';
	case WIRE_ADDR:
		return ((const struct scan_addr *)v)->family == 0;
	case WIRE_MAC:
		return memcmp(v, "\0\0\0\0\0", 6) == 0;
	case WIRE_BOOL:
		return !*(const bool *)v;
	case WIRE_REAL:
		return false;
	default:
		return wire_load(v, f->size) == 0;
	}
}

static bool
is_left_out(const struct wire_field *f, const void *message, const void *v)
{
	uint64_t all;

	if (f->type == WIRE_LIST)
		return true;
	if (f->type == WIRE_SEED)
		return !((const struct scan_spec *)message)->seeded;
	if ((f->flags & WIRE_OPT) != 0)
		return is_empty(f, v);
	if ((f->flags & WIRE_OPT_ALL) == 0)
		return false;
	all = f->size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * f->size) - 1;
	return wire_load(v, f->size) == all;
}

/* The next field; a comma comes before it. */
static char *
put_plain_field(char *p, const struct wire_field *f, const void *message)
{
	const void *v = (const char *)message + f->off;

	if (is_left_out(f, message, v))
		return p;
	*p++ = ',';
	*p++ = '"';
	p = put_raw(p, f->name);
	*p++ = '"';
	*p++ = ':';
	return put_value(p, f, v);
}

/* Some field of every object there is, is always written: the comma before the
 * first one becomes the brace. */
static char *
put_object(char *p, const struct wire_field *f, const void *message)
{
	const struct wire_field *sub;
	char *brace;

	*p++ = ',';
	*p++ = '"';
	p = put_raw(p, f->name);
	*p++ = '"';
	*p++ = ':';
	brace = p;
	for (sub = f->sub; sub->name != NULL; sub++)
		p = put_plain_field(p, sub, message);
	*brace = '{';
	*p++ = '}';
	return p;
}

static char *
put_field(char *p, const struct wire_field *f, const void *message)
{
	return f->type == WIRE_OBJECT ? put_object(p, f, message)
				      : put_plain_field(p, f, message);
}

static char *
line_begin(struct buf *b, const char *key, const char *name)
{
	char *p = buf_reserve(b, 2 * SCAN_LINE_MAX);

	*p++ = '{';
	*p++ = '"';
	p = put_raw(p, key);
	p = put_raw(p, "\":\"");
	p = put_raw(p, name);
	*p++ = '"';
	return p;
}

static void
line_end(struct buf *b, char *p)
{
	*p++ = '}';
	*p++ = '\n';
	*p = '\0';
	b->len = (size_t)(p - b->data);
}

void
scan_event_put(struct buf *b, const struct scan_event *ev)
{
	const struct wire_message *m = &wire_events[ev->type];
	const struct wire_field *f;
	char *p = line_begin(b, "ev", m->name);

	for (f = wire_common; f->name != NULL; f++)
		p = put_field(p, f, ev);
	for (f = m->field; f->name != NULL; f++)
		p = put_field(p, f, ev);
	line_end(b, p);
}

/* -- requests ------------------------------------------------------------- */

/* Bytes of it as a JSON string, at most. */
static size_t
cost(const char *s, size_t n)
{
	size_t i, sum = 0;

	for (i = 0; i < n; i++)
		sum += is_plain(s + i, 1) ? 1 : 6;
	return sum;
}

static char *
put_list(struct buf *b, char *p, const char *name, const char *s, size_t n)
{
	struct json j;

	*p++ = ',';
	*p++ = '"';
	p = put_raw(p, name);
	*p++ = '"';
	*p++ = ':';
	*p = '\0';
	b->len = (size_t)(p - b->data);
	jw_init(&j, b);
	jw_stringn(&j, s, n);
	return buf_reserve(b, SCAN_LINE_MAX);
}

/* How many bytes of a list go into one line: whole words. */
static size_t
piece(const char *s, size_t n, const char *between)
{
	size_t at = 0, word, sum = 0;

	while (at < n) {
		word = strcspn(s + at, between);
		word += strspn(s + at + word, between);
		if (word == 0 || word > n - at)
			word = n - at;
		sum += cost(s + at, word);
		if (at > 0 && sum > PIECE_MAX)
			break;
		at += word;
	}
	return at;
}

/* Blanks and commas at the end of a piece: the reader puts one of its own
 * between two. */
static size_t
trimmed(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == ','))
		n--;
	return n;
}

static void
put_more(struct buf *b, const char *name, const struct buf *list)
{
	const char *between = strcmp(name, "ports") == 0 ? "," : " \t\n\r";
	size_t at = 0, n;
	char *p;

	while (at < list->len) {
		n = piece(list->data + at, list->len - at, between);
		p = line_begin(b, "op", wire_ops[SCAN_OP_MORE]);
		p = put_list(
		    b, p, name, list->data + at, trimmed(list->data + at, n));
		line_end(b, p);
		at += n;
	}
}

static void
done_word(struct buf *out, uint64_t pos, const char *ports, size_t n)
{
	buf_printf(
	    out, "%s%llu", out->len > 0 ? " " : "", (unsigned long long)pos);
	if (ports != NULL) {
		buf_putc(out, '=');
		buf_put(out, ports, n);
	}
}

/* "12 13=T:22,80,U:53": a long list of ports becomes several words, each
 * with the T: or U: that its first port had. */
static void
put_done_words(struct buf *out, const struct scan_done *d)
{
	const char *s = d->ports;
	char proto = '\0';
	struct buf word = { 0 };
	size_t n;

	if (s == NULL)
		done_word(out, d->pos, NULL, 0);
	while (s != NULL && *s != '\0') {
		buf_reset(&word);
		if (proto != '\0' && s[1] != ':')
			buf_printf(&word, "%c:", proto);
		do {
			n = strcspn(s, ",");
			if (n > 1 && s[1] == ':')
				proto = s[0];
			buf_put(&word, s, n);
			buf_putc(&word, ',');
			s += n + (s[n] == ',');
		} while (*s != '\0' && word.len < SCAN_WORD_MAX / 2);
		done_word(out, d->pos, word.data, word.len - 1);
	}
	buf_done(&word);
}

static void
put_done(struct buf *out, const struct scan_spec *s)
{
	size_t i;

	for (i = 0; i < s->ndone; i++)
		put_done_words(out, &s->done[i]);
}

static bool
fits(const struct scan_spec *s, const struct buf *done)
{
	return cost(s->targets.data, s->targets.len) +
		   cost(s->exclude.data, s->exclude.len) +
		   cost(s->ports.data, s->ports.len) +
		   cost(done->data, done->len) +
		   cost(s->probes, strlen(s->probes)) <=
	       PIECE_MAX;
}

void
scan_request_put(struct buf *b, const struct scan_spec *s)
{
	const struct {
		const char *name;
		const struct buf *text;
	} list[] = { { "targets", &s->targets }, { "exclude", &s->exclude },
		{ "ports", &s->ports } };
	const struct wire_field *f;
	struct buf done = { 0 };
	bool whole;
	size_t i;
	char *p;

	put_done(&done, s);
	whole = fits(s, &done);
	p = line_begin(b, "op", wire_ops[SCAN_OP_SCAN]);
	p = put_raw(p, ",\"v\":");
	p = text_u64(p, SCAN_PROTOCOL);
	for (f = wire_spec; f->name != NULL; f++)
		p = put_field(p, f, s);
	for (i = 0; whole && i < nitems(list); i++)
		if (list[i].text->len > 0)
			p = put_list(b, p, list[i].name, list[i].text->data,
			    list[i].text->len);
	if (whole && done.len > 0)
		p = put_list(b, p, "done", done.data, done.len);
	if (!whole)
		p = put_raw(p, ",\"more\":true");
	line_end(b, p);
	for (i = 0; !whole && i < nitems(list); i++)
		put_more(b, list[i].name, list[i].text);
	if (!whole) {
		put_more(b, "done", &done);
		scan_op_put(b, SCAN_OP_GO);
	}
	buf_done(&done);
}

void
scan_ask_put(struct buf *b, const struct scan_ask *ask)
{
	struct scan_spec s = { .ask = *ask };
	const struct wire_field *f;
	char *p = line_begin(b, "op", wire_ops[SCAN_OP_ASK]);

	for (f = wire_ask; f->name != NULL; f++)
		p = put_field(p, f, &s);
	line_end(b, p);
}

void
scan_op_put(struct buf *b, enum scan_op op)
{
	line_end(b, line_begin(b, "op", wire_ops[op]));
}
