/* SPDX-License-Identifier: ISC */
/* diff and list --expect: a line a difference, or a JSON document. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "know/exposure.h"
#include "model/column_get.h"
#include "model/compare.h"
#include "model/expect.h"
#include "model/rowjson.h"

static int
finish(const struct out *o, struct buf *b)
{
	int r = out_put(o->file, b, o->args->format == OUT_JSON);

	if (r == 0 && fflush(o->file) != 0)
		r = errno != 0 ? -errno : -EIO;
	return r;
}

/* -- text ----------------------------------------------------------------- */

static void
put_padded(struct buf *b, size_t at, size_t width)
{
	size_t w = text_width(b->data + at);

	buf_pad(b, ' ', w < width ? width - w + 1 : 1);
}

/* A name as expect_parse() reads it back. */
static void
put_name(struct buf *b, const char *name)
{
	bool plain = *name != '\0' && strcspn(name, " \t#\"") == strlen(name);

	if (*name == '\0')
		buf_putc(b, '-');
	else
		buf_printf(b, plain ? "%s" : "\"%s\"", name);
}

static void
put_item(struct buf *b, const struct compare_item *i, struct view_ctx ctx)
{
	size_t at;

	ctx.numeric_ports = true;
	ctx.names_beside = ctx.resolve = false;
	buf_printf(b, "%s ", sock_proto_name(i->proto));
	at = b->len;
	if (i->port == 0)
		buf_printf(b, strchr(i->addr, ':') != NULL ? "[%s]:*" : "%s:*",
		    i->addr);
	else
		column_put_endpoint(i->row, false, true, &ctx, b);
	put_padded(b, at, 21);
	if (*i->peer != '\0') {
		buf_puts(b, "- ");
		at = b->len;
		buf_puts(b, i->peer);
		put_padded(b, at, 21);
	}
	at = b->len;
	put_name(b, i->process);
	put_padded(b, at, 15);
	if (*i->user != '\0')
		buf_printf(b, "user=%s ", i->user);
	if (*i->netns != '\0')
		buf_printf(b, "netns=%s ", i->netns);
}

/* How far it can be reached, where that is the question. */
static void
put_reach(struct buf *b, const struct compare_item *i, struct view_ctx ctx)
{
	struct value v;

	if (col_exposed_get(i->row, &ctx, &v))
		buf_printf(b, "exposed=%s ", exposure_name((enum exposure)v.u));
}

static void
put_change(struct buf *b, unsigned bit, bool first, const struct buf *was,
    const struct buf *now)
{
	buf_printf(b, "%s%s %s -> %s", first ? ": " : ", ",
	    compare_field_name(bit), was->data != NULL ? was->data : "-",
	    now->data != NULL ? now->data : "-");
}

static void
trim(struct buf *b)
{
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->len--;
}

static void
put_fields(struct buf *b, const struct compare_line *l)
{
	struct buf was = { 0 }, now = { 0 };
	bool first = true;
	unsigned bit;

	for (bit = 0; compare_field_name(bit) != NULL; bit++) {
		if ((l->fields & 1U << bit) == 0)
			continue;
		buf_reset(&was);
		buf_reset(&now);
		compare_field_put(bit, l->was, &was);
		compare_field_put(bit, l->now, &now);
		put_change(b, bit, first, &was, &now);
		first = false;
	}
	buf_done(&was);
	buf_done(&now);
}

/* Of list --expect with a recording: what is added was not expected. */
static const char *const compare_words[] = { [COMPARE_ADDED] = "unexpected",
	[COMPARE_GONE] = "missing",
	[COMPARE_CHANGED] = "changed" };

static void
diff_text(struct buf *b, const struct compare *c, const struct out_side *was,
    const struct out_side *now, bool expected)
{
	static const char sign[] = { [COMPARE_ADDED] = '+',
		[COMPARE_GONE] = '-',
		[COMPARE_CHANGED] = '~' };
	const struct compare_line *l;
	size_t i;

	for (i = 0; i < c->n; i++) {
		l = &c->line[i];
		if (expected)
			buf_printf(b, "%-10s ", compare_words[l->kind]);
		else
			buf_printf(b, "%c ", sign[l->kind]);
		put_item(b, l->now != NULL ? l->now : l->was,
		    *(l->now != NULL ? now : was)->ctx);
		if (l->kind == COMPARE_ADDED)
			put_reach(b, l->now, *now->ctx);
		trim(b);
		if (l->kind == COMPARE_CHANGED)
			put_fields(b, l);
		buf_putc(b, '\n');
	}
}

static const char *const expect_words[] = { [EXPECT_MISSING] = "missing",
	[EXPECT_UNEXPECTED] = "unexpected",
	[EXPECT_CHANGED] = "changed" };

static void
put_expect_fields(struct buf *b, const struct expect_line *l)
{
	struct buf was = { 0 }, now = { 0 };
	bool first = true;
	unsigned bit;

	for (bit = 0; compare_field_name(bit) != NULL; bit++) {
		if ((l->fields & 1U << bit) == 0)
			continue;
		buf_reset(&was);
		buf_reset(&now);
		expect_field_put(bit, l->entry, &was);
		compare_field_put(bit, l->item, &now);
		put_change(b, bit, first, &was, &now);
		first = false;
	}
	buf_done(&was);
	buf_done(&now);
}

static void
expect_text(
    struct buf *b, const struct expect_result *r, const struct out_side *now)
{
	const struct expect_line *l;
	size_t i;

	for (i = 0; i < r->n; i++) {
		l = &r->line[i];
		buf_printf(b, "%-10s ", expect_words[l->kind]);
		if (l->item == NULL)
			buf_printf(
			    b, "%s (line %u)", l->entry->text, l->entry->line);
		else {
			put_item(b, l->item, *now->ctx);
			if (l->kind == EXPECT_UNEXPECTED ||
			    (l->fields & COMPARE_ADDRESS) != 0)
				put_reach(b, l->item, *now->ctx);
			trim(b);
		}
		if (l->kind == EXPECT_CHANGED) {
			put_expect_fields(b, l);
			buf_printf(b, " (line %u)", l->entry->line);
		}
		buf_putc(b, '\n');
	}
}

/* -- JSON ----------------------------------------------------------------- */

static void
json_side(struct json *j, const char *key, const struct out_side *s)
{
	char time[CLOCK_RFC3339_MAX];

	jw_key(j, key);
	jw_object(j);
	if (s->file != NULL)
		jw_kstring(j, "file", s->file);
	if (s->snap != NULL) {
		if (s->snap->host != NULL)
			jw_kstring(j, "host", s->snap->host);
		clock_rfc3339(s->snap->wall, time);
		jw_kstring(j, "time", time);
	}
	jw_object_end(j);
}

static void
json_begin(struct json *j, struct buf *b, bool same, size_t unknown)
{
	jw_init(j, b);
	jw_object(j);
	jw_ku64(j, "schema", 1);
	jw_kbool(j, "same", same);
	jw_ku64(j, "not_compared", unknown);
}

static void
json_row(struct json *j, const struct compare_item *i, struct view_ctx *ctx)
{
	row_json(j, i->row, ctx);
}

static void
json_pair(
    struct json *j, unsigned bit, const struct buf *was, const struct buf *now)
{
	jw_key(j, compare_field_name(bit));
	jw_array(j);
	jw_string(j, was->data != NULL ? was->data : "");
	jw_string(j, now->data != NULL ? now->data : "");
	jw_array_end(j);
}

static void
json_changed(struct json *j, const struct compare_line *l,
    const struct out_side *was, const struct out_side *now)
{
	struct buf a = { 0 }, b = { 0 };
	unsigned bit;

	jw_object(j);
	jw_key(j, "fields");
	jw_object(j);
	for (bit = 0; compare_field_name(bit) != NULL; bit++) {
		if ((l->fields & 1U << bit) == 0)
			continue;
		buf_reset(&a);
		buf_reset(&b);
		compare_field_put(bit, l->was, &a);
		compare_field_put(bit, l->now, &b);
		json_pair(j, bit, &a, &b);
	}
	jw_object_end(j);
	buf_done(&a);
	buf_done(&b);
	jw_key(j, "was");
	json_row(j, l->was, was->ctx);
	jw_key(j, "now");
	json_row(j, l->now, now->ctx);
	jw_object_end(j);
}

/* As list --expect with lines has it. */
static void
json_alone(struct json *j, const struct compare_line *l,
    const struct out_side *was, const struct out_side *now)
{
	jw_object(j);
	jw_key(j, l->now != NULL ? "now" : "was");
	json_row(j, l->now != NULL ? l->now : l->was,
	    l->now != NULL ? now->ctx : was->ctx);
	jw_object_end(j);
}

static void
diff_json(struct buf *b, const struct compare *c, const struct out_side *was,
    const struct out_side *now, bool expected)
{
	static const char *const words[] = { [COMPARE_ADDED] = "added",
		[COMPARE_GONE] = "gone",
		[COMPARE_CHANGED] = "changed" };
	const char *const *key = expected ? compare_words : words;
	const struct compare_line *l;
	struct json j;
	size_t i, k;

	json_begin(&j, b, c->n == 0, c->unknown);
	json_side(&j, expected ? "expected" : "was", was);
	json_side(&j, "now", now);
	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		jw_key(&j, key[k]);
		jw_array(&j);
		for (i = 0; i < c->n; i++) {
			l = &c->line[i];
			if (l->kind != k)
				continue;
			if (l->kind == COMPARE_CHANGED)
				json_changed(&j, l, was, now);
			else if (expected)
				json_alone(&j, l, was, now);
			else if (l->kind == COMPARE_ADDED)
				json_row(&j, l->now, now->ctx);
			else
				json_row(&j, l->was, was->ctx);
		}
		jw_array_end(&j);
	}
	jw_object_end(&j);
	buf_putc(b, '\n');
}

static void
json_expected(
    struct json *j, const struct expect_line *l, const struct out_side *now)
{
	struct buf a = { 0 }, b = { 0 };
	unsigned bit;

	jw_object(j);
	if (l->entry != NULL) {
		jw_ku64(j, "line", l->entry->line);
		jw_kstring(j, "text", l->entry->text);
	}
	if (l->fields != 0) {
		jw_key(j, "fields");
		jw_object(j);
		for (bit = 0; compare_field_name(bit) != NULL; bit++) {
			if ((l->fields & 1U << bit) == 0)
				continue;
			buf_reset(&a);
			buf_reset(&b);
			expect_field_put(bit, l->entry, &a);
			compare_field_put(bit, l->item, &b);
			json_pair(j, bit, &a, &b);
		}
		jw_object_end(j);
	}
	buf_done(&a);
	buf_done(&b);
	if (l->item != NULL) {
		jw_key(j, "now");
		json_row(j, l->item, now->ctx);
	}
	jw_object_end(j);
}

static void
expect_json(struct buf *b, const struct expect_result *r,
    const struct out_side *want, const struct out_side *now)
{
	struct json j;
	size_t i, k;

	json_begin(&j, b, r->n == 0, r->unknown);
	json_side(&j, "expected", want);
	json_side(&j, "now", now);
	for (k = 0; k < sizeof(expect_words) / sizeof(expect_words[0]); k++) {
		jw_key(&j, expect_words[k]);
		jw_array(&j);
		for (i = 0; i < r->n; i++)
			if (r->line[i].kind == k)
				json_expected(&j, &r->line[i], now);
		jw_array_end(&j);
	}
	jw_object_end(&j);
	buf_putc(b, '\n');
}

int
out_diff(struct out *o, const struct compare *c, const struct out_side *was,
    const struct out_side *now)
{
	bool expected = o->args->expect != NULL;
	struct buf b = { 0 };

	if (o->args->format == OUT_JSON)
		diff_json(&b, c, was, now, expected);
	else
		diff_text(&b, c, was, now, expected);
	return finish(o, &b);
}

int
out_expect(struct out *o, const struct expect_result *r,
    const struct out_side *want, const struct out_side *now)
{
	struct buf b = { 0 };

	if (o->args->format == OUT_JSON)
		expect_json(&b, r, want, now);
	else
		expect_text(&b, r, now);
	return finish(o, &b);
}
