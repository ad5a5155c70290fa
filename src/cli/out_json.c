/* SPDX-License-Identifier: ISC */
/* --json, one document, and --jsonl, an object a socket a line. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "model/rowjson.h"

#define FLUSH_AT ((size_t)256 * 1024)

/* What is not ASCII stands in strings only, so it may be written \uNNNN:
 * the same document for a reader, no control for an 8-bit terminal. */
void
out_json_ascii(struct buf *b)
{
	struct buf out = { 0 };
	const unsigned char *s = (const unsigned char *)b->data;
	uint32_t c;
	int more;

	while (*s != '\0') {
		if (*s < 0x80) {
			buf_putc(&out, (char)*s++);
			continue;
		}
		more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;
		c = *s++ & (0x3fu >> more);
		while (more-- > 0 && (*s & 0xc0) == 0x80)
			c = c << 6 | (*s++ & 0x3f);
		if (c >= 0x10000) {
			c -= 0x10000;
			buf_printf(&out, "\\u%04x", 0xd800 + (c >> 10));
			c = 0xdc00 + (c & 0x3ff);
		}
		buf_printf(&out, "\\u%04x", c);
	}
	buf_done(b);
	*b = out;
}

static int
drain(struct out *o, struct buf *b, size_t at_least)
{
	if (b->len <= at_least)
		return 0;
	if (!text_utf8())
		out_json_ascii(b);
	if (fwrite(b->data, 1, b->len, o->file) != b->len)
		return -errno;
	buf_reset(b);
	return 0;
}

static int
print_json(struct out *o, const struct view *v)
{
	struct buf b = { 0 };
	struct json j;
	size_t i, n = out_rows(o, v);
	int r = 0;

	jw_init(&j, &b);
	jw_object(&j);
	snap_json_head(&j, o->snap);
	jw_array(&j);
	for (i = 0; i < n && r == 0; i++) {
		row_json(&j, v->row[i], &v->ctx);
		r = drain(o, &b, FLUSH_AT);
	}
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(&b, '\n');
	if (r == 0)
		r = drain(o, &b, 0);
	buf_done(&b);
	return r;
}

static int
print_jsonl(struct out *o, const struct view *v)
{
	struct buf b = { 0 };
	struct json j;
	size_t i, n = out_rows(o, v);
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		jw_init(&j, &b);
		row_json(&j, v->row[i], &v->ctx);
		buf_putc(&b, '\n');
		r = drain(o, &b, FLUSH_AT);
	}
	if (r == 0)
		r = drain(o, &b, 0);
	buf_done(&b);
	return r;
}

#define JSON_NEED                                                              \
	(NEED_TCPINFO | NEED_TIMER | NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | \
	    NEED_EXT | NEED_USER | NEED_IFACE | NEED_SKCGROUP)

const struct out_ops out_json = {
	.name = "json",
	.format = OUT_JSON,
	.need = JSON_NEED,
	.print = print_json,
};
const struct out_ops out_jsonl = {
	.name = "jsonl",
	.format = OUT_JSONL,
	.need = JSON_NEED,
	.print = print_jsonl,
};
