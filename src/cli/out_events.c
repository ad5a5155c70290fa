/* SPDX-License-Identifier: ISC */
/* list --events: a line an event, as text or as a JSON object. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "model/feed.h"
#include "model/rowjson.h"

/* Nothing is known of the widths to come: these fit most. */
static const struct {
	const char *title;
	const char *column; /* NULL: of the event itself */
	size_t width;
} cells[] = {
	{ "TIME", NULL, 24 },
	{ "EVENT", NULL, 6 },
	{ "PROTO", "proto", 5 },
	{ "STATE", "state", 11 },
	{ "LOCAL", "local", 24 },
	{ "PEER", "peer", 24 },
	{ "PID", "pid", 7 },
	{ "PROCESS", "process", 15 },
};
enum {
	CELL_TIME,
	CELL_EVENT,
	CELL_STATE = 3
};

static void
put_time(char *text, uint64_t mono_ns)
{
	struct timespec ts = clock_wall();
	uint64_t now = clock_mono_ns();
	int64_t ago = now > mono_ns ? (int64_t)(now - mono_ns) : 0;

	ts.tv_sec -= (time_t)(ago / 1000000000);
	ts.tv_nsec -= (long)(ago % 1000000000);
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += 1000000000;
		ts.tv_sec--;
	}
	clock_rfc3339(ts, text);
}

/* -- text ----------------------------------------------------------------- */

static void
put_cell(struct buf *b, size_t i, const struct feed_event *ev,
    const struct view_ctx *ctx)
{
	char time[CLOCK_RFC3339_MAX];

	if (i == CELL_TIME) {
		put_time(time, ev->mono_ns);
		buf_puts(b, time);
	} else if (i == CELL_EVENT)
		buf_puts(b, feed_kind_name(ev->kind));
	else if (i == CELL_STATE && ev->kind == FEED_CLOSED &&
		 ev->was != SOCK_STATE_UNKNOWN)
		buf_puts(b, sock_state_name(ev->was));
	else if (ev->row == NULL)
		buf_putc(b, '-');
	else
		column_put(column_find(cells[i].column), ev->row, ctx, b);
}

/* How long it lived, what went over it, who most likely held it. */
static void
put_life(struct buf *b, const struct feed_event *ev, const struct view_ctx *ctx)
{
	const struct row *r = ev->row;
	char unit[TEXT_UNIT_MAX];
	uint64_t age = row_age_ns(ctx->table, r);

	if ((r->flags & ROW_UNSEEN) != 0)
		buf_puts(b, "between two readings");
	else
		buf_printf(b, "lived %s%s",
		    (r->flags & ROW_BORN) != 0 ? "" : "at least ",
		    text_duration(unit, age));
	if ((r->rec.known & KNOWN_BYTES) != 0) {
		buf_printf(b, ", rx %s",
		    text_bytes(unit, (double)r->rec.bytes_received));
		buf_printf(
		    b, " tx %s", text_bytes(unit, (double)r->rec.bytes_sent));
	}
	if (ev->listener != NULL && ev->listener->owners.proc != NULL)
		buf_printf(b, ", via %s (%d)", ev->listener->owners.proc->comm,
		    (int)ev->listener->owners.proc->pid);
}

static void
put_rest(struct buf *b, const struct feed_event *ev, const struct view_ctx *ctx)
{
	switch (ev->kind) {
	case FEED_OPENED:
		break;
	case FEED_CLOSED:
		put_life(b, ev, ctx);
		break;
	case FEED_ALERT:
		if (ev->row != NULL)
			buf_printf(b, "rule %s", ev->rule);
		else
			buf_printf(b, "rule %s: %llu more", ev->rule,
			    (unsigned long long)ev->count);
		break;
	case FEED_LOST:
		buf_printf(b, "%llu closed sockets are not listed",
		    (unsigned long long)ev->count);
		break;
	}
}

static void
put_text(struct buf *b, const struct feed_event *ev, const struct view_ctx *ctx)
{
	size_t i, at, w;

	for (i = 0; i < nitems(cells); i++) {
		at = b->len;
		put_cell(b, i, ev, ctx);
		w = text_width(b->data + at);
		buf_pad(
		    b, ' ', w < cells[i].width ? cells[i].width - w + 1 : 1);
	}
	put_rest(b, ev, ctx);
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->len--;
	b->data[b->len] = '\0';
}

int
out_events_titles(struct out *o)
{
	size_t i;

	if (!o->args->header || o->args->format != OUT_TEXT)
		return 0;
	for (i = 0; i + 1 < nitems(cells); i++)
		fprintf(o->file, "%-*s ", (int)cells[i].width, cells[i].title);
	fprintf(o->file, "%s\n", cells[i].title);
	return ferror(o->file) ? -EIO : 0;
}

/* -- JSON ----------------------------------------------------------------- */

static void
put_listener(struct json *j, const struct row *l)
{
	const struct proc *p = l->owners.proc;

	if (p == NULL)
		return;
	jw_key(j, "accepted_by");
	jw_object(j);
	jw_ku64(j, "pid", (uint64_t)p->pid);
	jw_ku64(j, "start", p->start);
	jw_kstring(j, "process", p->comm);
	jw_object_end(j);
}

static void
put_json(struct buf *b, const struct feed_event *ev, const struct view_ctx *ctx)
{
	char time[CLOCK_RFC3339_MAX];
	struct json j;

	put_time(time, ev->mono_ns);
	jw_init(&j, b);
	jw_object(&j);
	jw_kstring(&j, "ev", feed_kind_name(ev->kind));
	jw_kstring(&j, "at", time);
	if (ev->kind == FEED_ALERT)
		jw_kstring(&j, "rule", ev->rule);
	if (ev->row == NULL)
		jw_ku64(&j, "count", ev->count);
	if (ev->kind == FEED_CLOSED) {
		jw_kbool(&j, "told", ev->told);
		jw_kbool(&j, "seen", (ev->row->flags & ROW_UNSEEN) == 0);
		if (ev->was != SOCK_STATE_UNKNOWN)
			jw_kstring(&j, "was", sock_state_name(ev->was));
		if (ev->listener != NULL)
			put_listener(&j, ev->listener);
	}
	if (ev->row != NULL)
		row_json_members(&j, ev->row, ctx);
	jw_object_end(&j);
}

int
out_event(
    struct out *o, const struct feed_event *ev, const struct view_ctx *ctx)
{
	struct buf b = { 0 };
	bool text = o->args->format == OUT_TEXT;

	if (text)
		put_text(&b, ev, ctx);
	else
		put_json(&b, ev, ctx);
	buf_putc(&b, '\n');
	return out_put(o->file, &b, !text);
}
