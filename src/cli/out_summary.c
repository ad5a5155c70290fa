/* SPDX-License-Identifier: ISC */
/*
 * -s: totals, in the form of ss -s. Counted from the rows that match, so a
 * filter narrows it. ss's RAW and FRAG lines are left out: those sockets are
 * not read. Of all sockets, also what is how near to its limit.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "model/rowjson.h"
#include "model/summary.h"

#define INDENT   6
#define WHAT_MIN 36
#define WHAT_MAX 60

static void
line(struct buf *b, const char *name, struct summary_count n)
{
	buf_printf(b, "%-9s %-9" PRIu32 " %-9" PRIu32 " %" PRIu32 "\n", name,
	    n.v4 + n.v6, n.v4, n.v6);
}

static int
what_width(const struct pressure_view *p, const struct names *names)
{
	struct buf what = { 0 };
	int width = WHAT_MIN, w;
	size_t i;

	for (i = 0; i < p->n; i++) {
		buf_reset(&what);
		pressure_put_what(p, &p->item[i], names, &what);
		w = (int)text_width(what.data);
		if (w > width)
			width = w;
	}
	buf_done(&what);
	return width > WHAT_MAX ? WHAT_MAX : width;
}

static void
put_item(struct buf *b, const struct pressure_view *p,
    const struct pressure_item *it, const struct names *names, int width)
{
	struct buf what = { 0 }, value = { 0 }, limit = { 0 }, percent = { 0 };
	int pad;

	pressure_put_what(p, it, names, &what);
	pressure_put_value(p, it, &value);
	pressure_put_limit(p, it, &limit);
	pressure_put_percent(it, &percent);
	pad = width - (int)text_width(what.data);
	buf_printf(b, "%-5s %s%*s %7s of %-8s %4s ",
	    pressure_verdict_name(it->verdict), what.data, pad > 0 ? pad : 0,
	    "", value.data, limit.data, percent.data);
	pressure_put_bar(it, 10, b);
	buf_putc(b, '\n');
	buf_done(&percent);
	buf_done(&limit);
	buf_done(&value);
	if (it->verdict <= PRESSURE_HIGH) {
		buf_reset(&what);
		pressure_put_meaning(it, &what);
		out_wrapped(b, INDENT, 0, OUT_WIDTH, what.data);
	}
	buf_done(&what);
}

static void
put_events(
    struct buf *b, const struct pressure_view *p, const struct names *names)
{
	size_t i;
	bool first = true;

	for (i = 0; i < p->nevents; i++) {
		if (p->event[i].total == 0)
			continue;
		if (first)
			buf_puts(b, "\nWhat did not fit, so far:\n");
		first = false;
		pressure_put_event(p, &p->event[i], names, b);
		buf_putc(b, '\n');
	}
}

static void
put_leaks(struct buf *b, const struct leaks *leaks)
{
	const struct leak *l;
	size_t i, n = leaks == NULL ? 0 : leaks_found(leaks, &l);

	if (n == 0)
		return;
	buf_puts(b, "\nLeaks:\n");
	for (i = 0; i < n; i++) {
		leak_put(&l[i], b);
		buf_putc(b, '\n');
		out_wrapped(b, INDENT, 0, OUT_WIDTH, leak_meaning(l[i].what));
	}
}

static void
put_pressure(struct buf *b, const struct out *o, const struct view *v)
{
	const struct pressure_view *p = o->pressure;
	const struct names *names = v->ctx.table->names;
	size_t i;
	unsigned k;
	int width;

	if (p == NULL)
		return;
	width = what_width(p, names);
	buf_puts(b, "\nPressure:\n");
	for (i = 0; i < p->n; i++)
		put_item(b, p, &p->item[i], names, width);
	for (k = 0; k < PRESSURE_NKINDS; k++)
		if (p->more[k] > 0)
			buf_printf(b, "      and %u less full: %s\n",
			    p->more[k], pressure_fact(k)->title);
	if (p->procs_hidden > 0)
		buf_printf(b, "      descriptors of %u processes are hidden\n",
		    p->procs_hidden);
	if (!p->read)
		buf_puts(b, "-     limits: a recording does not tell them\n");
	put_events(b, p, names);
	put_leaks(b, o->leaks);
}

static int
print_summary(struct out *o, const struct view *v)
{
	struct summary s;
	struct summary_count inet;
	struct buf b = { 0 };
	bool first = true;
	int i;

	summary_of(&s, v->row, v->n);
	inet.v4 = s.tcp_transport.v4 + s.udp_transport.v4;
	inet.v6 = s.tcp_transport.v6 + s.udp_transport.v6;
	if (o->reading > 0)
		buf_putc(&b, '\n');
	buf_printf(&b, "Total: %" PRIu32 "\n", s.total);
	buf_printf(&b,
	    "TCP:   %" PRIu32 " (estab %" PRIu32 ", closed %" PRIu32
	    ", orphaned %" PRIu32 ", timewait %" PRIu32 ")\n\n",
	    s.tcp, s.tcp_estab, s.tcp_closed, s.tcp_orphaned, s.tcp_timewait);
	buf_puts(&b, "Transport Total     IP        IPv6\n");
	line(&b, "UDP", s.udp_transport);
	line(&b, "TCP", s.tcp_transport);
	line(&b, "INET", inet);
	buf_puts(&b, "\nStates:");
	for (i = 1; i < SOCK_NSTATES; i++) {
		if (s.by_state[i] == 0)
			continue;
		buf_printf(&b, "%s %s %" PRIu32, first ? "" : ",",
		    sock_state_name(i), s.by_state[i]);
		first = false;
	}
	buf_puts(&b, first ? " none\n" : "\n");
	put_pressure(&b, o, v);
	return out_put(o->file, &b, false);
}

static int
print_summary_json(struct out *o, const struct view *v)
{
	struct buf b = { 0 };
	struct summary s;
	struct json j;

	summary_of(&s, v->row, v->n);
	jw_init(&j, &b);
	jw_object(&j);
	snap_json_about(&j, o->snap);
	summary_json(&j, &s);
	if (o->pressure != NULL)
		pressure_json(&j, o->pressure, v->ctx.table->names);
	if (o->leaks != NULL)
		leaks_json(&j, o->leaks);
	jw_object_end(&j);
	buf_putc(&b, '\n');
	return out_put(o->file, &b, true);
}

const struct out_ops out_summary_json = {
	.name = "summary-json",
	.format = OUT_SUMMARY_JSON,
	.print = print_summary_json,
};

const struct out_ops out_summary = {
	.name = "summary",
	.format = OUT_SUMMARY,
	.print = print_summary,
};
