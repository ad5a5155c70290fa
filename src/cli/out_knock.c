/* SPDX-License-Identifier: ISC */
/* knock: a line a knock as it is sent, or one JSON document at the end. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "know/state.h"

static const char *const states[] = { [KNOCK_WAITING] = "waiting",
	[KNOCK_SENT] = "sent",
	[KNOCK_FAILED] = "failed",
	[KNOCK_LEFT] = "left" };

static int
put(FILE *f, struct buf *b)
{
	int r = out_put(f, b, false);

	/* At once: somebody watches the knocks go out. */
	if (r == 0 && fflush(f) != 0)
		r = errno != 0 ? -errno : -EIO;
	return r;
}

static void
put_json(struct buf *b, const struct knock *k)
{
	const struct knock_port *p;
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_kstring(&j, "host", k->host);
	jw_kstring(&j, "addr", k->addr);
	jw_kbool(&j, "dry_run", k->dry);
	jw_ku64(&j, "delay_ms", k->delay_ms);
	jw_key(&j, "knocks");
	jw_array(&j);
	for (i = 0; i < k->n; i++) {
		p = &k->port[i];
		jw_object(&j);
		jw_ku64(&j, "port", p->port);
		jw_kstring(&j, "proto", sock_proto_name(p->proto));
		jw_kstring(&j, "state", states[p->state]);
		if (p->state == KNOCK_FAILED)
			jw_kstring(&j, "error", strerror(p->error));
		jw_object_end(&j);
	}
	jw_array_end(&j);
	if (k->check != 0) {
		jw_key(&j, "check");
		jw_object(&j);
		jw_ku64(&j, "port", k->check);
		if (k->before != KNOCK_UNKNOWN)
			jw_kstring(&j, "before", knock_seen_name(k->before));
		if (k->after != KNOCK_UNKNOWN)
			jw_kstring(&j, "after", knock_seen_name(k->after));
		jw_object_end(&j);
	}
	jw_object_end(&j);
	buf_putc(b, '\n');
}

static void
put_name(struct buf *b, const struct knock *k)
{
	buf_puts(b, k->host);
	if (strcmp(k->host, k->addr) != 0)
		buf_printf(b, " (%s)", k->addr);
}

int
out_knock_begin(FILE *f, const struct args *args, const struct knock *k)
{
	struct buf b = { 0 };

	if (args->format == OUT_JSON)
		return 0;
	put_name(&b, k);
	buf_printf(&b, ": %zu %s%s, %llu ms apart", k->n,
	    k->n == 1 ? "knock" : "knocks", k->dry ? " would be sent" : "",
	    (unsigned long long)k->delay_ms);
	if (k->dry && k->check != 0)
		buf_printf(
		    &b, ", port %u looked at before and after", k->check);
	else if (k->check != 0)
		buf_printf(&b, "; port %u is %s", k->check,
		    knock_seen_name(k->before));
	buf_putc(&b, '\n');
	return put(f, &b);
}

int
out_knock_port(FILE *f, const struct args *args, const struct knock_port *p)
{
	static const char *const words[] = { [KNOCK_WAITING] = "",
		[KNOCK_SENT] = "sent",
		[KNOCK_FAILED] = "not sent: ",
		[KNOCK_LEFT] = "not sent: one before it failed" };
	struct buf b = { 0 };

	if (args->format == OUT_JSON)
		return 0;
	buf_printf(&b, "  %5u/%s  %s", p->port, sock_proto_name(p->proto),
	    words[p->state]);
	if (p->state == KNOCK_WAITING)
		buf_puts(&b,
		    p->proto == SOCK_UDP ? "a datagram of one byte" : "a SYN");
	else if (p->state == KNOCK_FAILED)
		buf_puts(&b, strerror(p->error));
	buf_putc(&b, '\n');
	return put(f, &b);
}

static void
put_verdict(struct buf *b, const struct knock *k)
{
	const char *before = knock_seen_name(k->before);

	buf_printf(b, "port %u ", k->check);
	if (k->after == KNOCK_OPEN && k->before == KNOCK_OPEN)
		buf_puts(b, "was open before: the knock may have done nothing");
	else if (k->after == KNOCK_OPEN)
		buf_printf(b, "was %s, is open now", before);
	else if (k->after == k->before)
		buf_printf(b,
		    "is still %s: a wrong sequence, a knock lost on "
		    "the way, or nobody listens for it",
		    before);
	else
		buf_printf(
		    b, "was %s, is %s now", before, knock_seen_name(k->after));
	if (k->before != KNOCK_CLOSED && k->after == KNOCK_CLOSED)
		buf_puts(b, ": the way is free, but no program listens there");
	buf_putc(b, '\n');
}

int
out_knock_end(FILE *f, const struct args *args, const struct knock *k)
{
	struct buf b = { 0 };

	if (args->format == OUT_JSON)
		put_json(&b, k);
	else if (k->after != KNOCK_UNKNOWN)
		put_verdict(&b, k);
	else
		return 0;
	return put(f, &b);
}
