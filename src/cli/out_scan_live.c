/* SPDX-License-Identifier: ISC */
/*
 * `scan` while it runs, for who watches: on standard error, a few lines that
 * are drawn over and taken away; and lines that stay.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/out.h"
#include "cli/out_scan.h"
#include "cli/out_scan_service.h"
#include "know/state.h"
#include "model/scan_wire.h"

#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static void
put(struct buf *b)
{
	(void)out_put(stderr, b, false); /* who watches is gone */
}

/* -- progress in words ------------------------------------------------------------- */

static void
put_left(struct buf *b, uint64_t ms)
{
	char text[TEXT_UNIT_MAX];

	if (ms != UINT64_MAX)
		buf_printf(b, ", %s left",
		    text_duration(text, ms * UINT64_C(1000000)));
}

static void
put_phase(struct buf *b, const struct scan_event *e)
{
	if (e->progress.paused)
		buf_puts(b, " (paused)");
	else if (e->progress.phase[0] != '\0')
		buf_printf(b, " (%s)", e->progress.phase);
}

/* 100 is said when nothing is left. */
static double
percent(const struct scan_event *e)
{
	const double p =
	    100.0 * (double)e->progress.done / (double)e->progress.probes;

	return e->progress.done < e->progress.probes && p > 99.9 ? 99.9 : p;
}

void
out_scan_put_progress(struct buf *b, const struct out_scan_view *v)
{
	const struct scan_event *e = &v->report->progress;
	char rate[TEXT_UNIT_MAX];

	if (e->type != SCAN_EV_PROGRESS) {
		buf_puts(b, v->report->start.type == SCAN_EV_START
				? "begins"
				: "names are looked up");
		return;
	}
	if (e->progress.probes > 0)
		buf_printf(b, "%.1f%% done", percent(e));
	else
		buf_printf(
		    b, "%llu done", (unsigned long long)e->progress.done);
	put_phase(b, e);
	if (e->progress.hosts > 1)
		buf_printf(b, ", %llu of %llu hosts, %llu up",
		    (unsigned long long)e->progress.hosts_done,
		    (unsigned long long)e->progress.hosts,
		    (unsigned long long)e->progress.hosts_up);
	buf_printf(b, ", %llu open", (unsigned long long)e->progress.open);
	buf_printf(b, ", %s packets/s", text_bytes(rate, e->progress.rate));
	put_left(b, e->progress.left_ms);
}

/* -- drawn over --------------------------------------------------------------------- */

/* Its line says more, if it is still among those that are shown. */
static void
live_service(struct out_live *l, const struct scan_event *e)
{
	const struct service_info *s = &e->service.info;
	struct buf b = { 0 };
	struct live_port *p;

	for (p = l->port; p < l->port + LIVE_ROWS_MAX; p++) {
		if (s->name[0] == '\0' || p->port != e->service.port ||
		    p->proto != e->service.proto ||
		    !scan_addr_eq(&p->addr, &e->addr))
			continue;
		buf_reset(&b);
		buf_printf(&b, "%s%s ", s->tls ? "ssl/" : "", s->name);
		service_put_version(&b, s);
		scan_text_cut(b.data, sizeof(p->service));
		(void)strlcpy(p->service, b.data, sizeof(p->service));
	}
	buf_done(&b);
}

void
out_live_event(struct out_live *l, const struct scan_event *e)
{
	struct live_port *p;

	if (e->type == SCAN_EV_SERVICE)
		live_service(l, e);
	if (e->type != SCAN_EV_PORT || e->port.state != SCAN_OPEN)
		return;
	p = &l->port[l->nports++ % LIVE_ROWS_MAX];
	*p = (struct live_port){ .addr = e->addr,
		.port = e->port.port,
		.proto = e->port.proto,
		.state = (uint8_t)e->port.state };
	(void)strlcpy(p->service, e->port.service, sizeof(p->service));
}

/* Up to where they began, and all of it away. */
static void
put_erase(struct buf *b, struct out_live *l)
{
	if (l->rows == 0)
		return;
	buf_putc(b, '\r');
	if (l->rows > 1)
		buf_printf(b, "\033[%uA", l->rows - 1);
	buf_puts(b, "\033[J");
	l->rows = 0;
}

void
out_live_erase(struct out_live *l)
{
	struct buf b = { 0 };

	put_erase(&b, l);
	put(&b);
}

static void
put_port(struct buf *b, const struct live_port *p, size_t width, bool one,
    bool colour)
{
	struct buf line = { 0 };
	char addr[SCAN_ADDR_TEXT];

	buf_printf(&line, "%5u/%s open  %s", p->port, sock_proto_name(p->proto),
	    p->service[0] != '\0' ? p->service : "unknown");
	if (!one)
		buf_printf(&line, "  on %s", scan_addr_text(addr, &p->addr));
	if (colour)
		buf_puts(b, GREEN);
	(void)text_fit(b, line.data, width, TEXT_CUT_END, !text_utf8());
	if (colour)
		buf_puts(b, PLAIN);
	buf_putc(b, '\n');
	buf_done(&line);
}

void
out_live_draw(struct out_live *l, const struct out_scan_view *v, size_t width,
    size_t height, bool colour)
{
	const bool one = v->report->start.type == SCAN_EV_START &&
			 v->report->start.start.hosts == 1;
	struct buf b = { 0 }, line = { 0 };
	uint64_t n = l->nports, i;
	unsigned rows;

	if (width < 20 || height < 3)
		return;
	if (n > LIVE_ROWS_MAX)
		n = LIVE_ROWS_MAX;
	if (n > height - 2)
		n = height - 2;
	if (l->no_ports)
		n = 0;
	put_erase(&b, l);
	for (i = l->nports - n; i < l->nports; i++)
		put_port(
		    &b, &l->port[i % LIVE_ROWS_MAX], width - 1, one, colour);
	out_scan_put_progress(&line, v);
	(void)text_fit(&b, line.data, width - 1, TEXT_CUT_END, !text_utf8());
	rows = (unsigned)n + 1;
	put(&b);
	buf_done(&line);
	l->rows = rows;
}

/* -- lines that stay ------------------------------------------------------------------ */

void
out_scan_stats(const struct out_scan_view *v)
{
	const struct scan_event *e = &v->report->progress;
	struct buf b = { 0 };

	buf_puts(&b, "sockdeck: ");
	out_scan_put_progress(&b, v);
	if (e->type == SCAN_EV_PROGRESS)
		buf_printf(&b, "; %llu sent, %llu lost",
		    (unsigned long long)e->progress.sent,
		    (unsigned long long)e->progress.lost);
	buf_putc(&b, '\n');
	put(&b);
}

void
out_scan_verbosity(unsigned verbose)
{
	struct buf b = { 0 };

	buf_printf(&b, "sockdeck: verbosity is %u now\n", verbose);
	put(&b);
}

void
out_scan_keys(void)
{
	struct buf b = { 0 };

	buf_puts(&b, "v, V: more, less is told as it is found\n"
		     "p: pause, and go on\n"
		     "?: this; any other key: how far it is\n"
		     "Ctrl-C: end, with what was found so far\n");
	put(&b);
}

void
out_scan_ask(uint64_t hosts)
{
	struct buf b = { 0 };

	buf_printf(&b,
	    "%llu addresses would be scanned. Scan only what you may.\n"
	    "Go on? [y/N] ",
	    (unsigned long long)hosts);
	put(&b);
}
