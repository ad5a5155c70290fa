/* SPDX-License-Identifier: ISC */
/*
 * `scan` as text: a block a host as it is over, in the words nmap's users
 * know. What has no line of its own is counted, and what is not known is said.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/out_scan.h"
#include "cli/out_scan_os.h"
#include "cli/out_scan_service.h"
#include "know/state.h"

#define GREEN  "32"
#define YELLOW "33"
#define RED    "31"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static const char *
addresses(uint64_t n)
{
	return n == 1 ? "address" : "addresses";
}

/* -- before --------------------------------------------------------------------- */

static void
put_how(struct buf *b, const struct out_scan_view *v)
{
	static const struct {
		unsigned how;
		const char *name;
	} t[] = { { SCAN_CONNECT, "TCP connect" }, { SCAN_SYN, "TCP SYN" },
		{ SCAN_UDP, "UDP" }, { SCAN_PING, "hosts only" },
		{ SCAN_LIST, "nothing is sent" }, { SCAN_PROBE, "services" },
		{ SCAN_OS, "systems" }, { SCAN_NMAP, "nmap" } };
	const struct scan_event *e = &v->report->start;
	size_t i;

	buf_printf(b, ": %llu %s", (unsigned long long)e->start.hosts,
	    addresses(e->start.hosts));
	if (e->start.ports > 0)
		buf_printf(
		    b, ", %u port%s", e->start.ports, plural(e->start.ports));
	for (i = 0; i < nitems(t); i++)
		if ((e->start.how & t[i].how) != 0)
			buf_printf(b, ", %s", t[i].name);
	if (e->start.nshards > 1)
		buf_printf(
		    b, ", part %u of %u", e->start.shard, e->start.nshards);
}

static void
put_when(struct buf *b, int64_t s)
{
	char text[OUT_SCAN_TIME_MAX];
	time_t t = (time_t)s;
	struct tm tm;

	if (localtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M %Z", &tm) > 0)
		buf_puts(b, text);
}

static void
text_begin(struct out_scan_sink *s, const struct out_scan_view *v)
{
	buf_printf(&s->buf, "sockdeck %s, ", PACKAGE_VERSION);
	put_when(&s->buf, v->began_s);
	if (v->report->start.type == SCAN_EV_START)
		put_how(&s->buf, v);
	buf_putc(&s->buf, '\n');
}

static void
text_service(struct buf *b, const struct scan_event *e)
{
	const struct service_info *i = &e->service.info;
	char addr[SCAN_ADDR_TEXT];

	if (i->name[0] == '\0')
		return;
	buf_printf(b, "Discovered %s%s on %u/%s of %s: ", i->tls ? "ssl/" : "",
	    i->name, e->service.port, sock_proto_name(e->service.proto),
	    scan_addr_text(addr, &e->addr));
	service_put_version(b, i);
	while (b->data[b->len - 1] == ' ' || b->data[b->len - 1] == ':')
		b->len--;
	buf_putc(b, '\n');
}

/* With -v, what is found is told at once. */
static void
text_event(struct out_scan_sink *s, const struct out_scan_view *v,
    const struct scan_event *e)
{
	char addr[SCAN_ADDR_TEXT];

	if (v->verbose > 0 && e->type == SCAN_EV_SERVICE)
		text_service(&s->buf, e);
	if (v->verbose == 0 || e->type != SCAN_EV_PORT ||
	    e->port.state != SCAN_OPEN)
		return;
	buf_printf(&s->buf, "Discovered open port %u/%s on %s\n", e->port.port,
	    sock_proto_name(e->port.proto), scan_addr_text(addr, &e->addr));
}

/* -- a host ------------------------------------------------------------------------ */

/* Two digits that say something: "0.000034", "0.020", "1.5". */
static void
put_latency(struct buf *b, uint64_t us)
{
	uint64_t top = us;
	int digits = 7;

	for (; top >= 10; top /= 10)
		digits--;
	buf_printf(
	    b, "%.*fs latency", digits > 0 ? digits : 0, (double)us / 1e6);
}

static void
put_up(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	buf_puts(b, "Host is up");
	if (v->args->scan.reason && h->reason != REASON_NONE) {
		buf_printf(b, ", received %s", scan_reason_name(h->reason));
		if (h->ttl != 0)
			buf_printf(b, " ttl %u", h->ttl);
	}
	if (h->rtt_us != 0) {
		buf_puts(b, " (");
		put_latency(b, h->rtt_us);
		buf_putc(b, ')');
	}
	buf_puts(b, ".\n");
}

static void
put_rest(struct buf *b, const struct out_scan_rest *rest, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	buf_puts(b, "Not shown: ");
	for (i = 0; i < n; i++)
		buf_printf(b, "%s%u %s %s port%s (%s)", i > 0 ? ", " : "",
		    rest[i].count, scan_state_name(rest[i].state),
		    sock_proto_name(rest[i].proto), plural(rest[i].count),
		    scan_reason_name(rest[i].reason));
	buf_putc(b, '\n');
}

struct widths {
	size_t port, state, service, reason;
};

static void
widen(size_t *w, size_t n)
{
	if (n > *w)
		*w = n;
}

static size_t
port_text(char text[16], const struct report_port *p)
{
	struct buf b = { 0 };
	size_t n;

	buf_printf(&b, "%u/%s", p->port, sock_proto_name(p->proto));
	n = b.len < 15 ? b.len : 15;
	memcpy(text, b.data, n);
	text[n] = '\0';
	buf_done(&b);
	return n;
}

static const char *
state_colour(unsigned state)
{
	if (state == SCAN_OPEN)
		return GREEN;
	return state == SCAN_CLOSED ? RED : YELLOW;
}

static void
put_cell(struct buf *b, const char *text, size_t width, const char *colour)
{
	size_t n = text_width(text);

	if (colour != NULL)
		buf_printf(b, "\033[%sm", colour);
	buf_puts(b, text);
	if (colour != NULL)
		buf_puts(b, "\033[0m");
	buf_pad(b, ' ', (n < width ? width - n : 0) + 1);
}

static void
put_reason(
    struct buf *b, const struct scan_report *r, const struct report_port *p)
{
	char addr[SCAN_ADDR_TEXT];

	buf_puts(b, scan_reason_name(p->reason));
	if (p->from != 0)
		buf_printf(
		    b, " from %s", scan_addr_text(addr, &r->from[p->from - 1]));
	if (p->ttl != 0)
		buf_printf(b, " ttl %u", p->ttl);
}

static bool
has_versions(const struct out_scan_view *v)
{
	return (out_scan_how(v) & SCAN_PROBE) != 0 || v->report->nasked > 0;
}

static void
put_reason_cell(struct buf *b, const struct out_scan_view *v,
    const struct report_port *p, size_t width)
{
	const size_t begin = b->len;

	put_reason(b, v->report, p);
	buf_pad(b, ' ',
	    (b->len - begin < width ? width - (b->len - begin) : 0) + 1);
}

static void
put_port(struct out_scan_sink *s, const struct out_scan_view *v,
    const struct widths *w, const struct report_host *h,
    const struct report_port *p)
{
	struct buf *b = &s->buf, service = { 0 };
	struct service_info info;
	char text[16];

	(void)port_text(text, p);
	put_cell(b, text, w->port, NULL);
	put_cell(b, scan_state_name(p->state), w->state,
	    s->colour ? state_colour(p->state) : NULL);
	report_put_service(&service, v->report, h, p);
	put_cell(b, service.data, w->service, NULL);
	buf_done(&service);
	if (v->args->scan.reason)
		put_reason_cell(b, v, p, w->reason);
	if (out_service_get(h, p, &info))
		service_put_version(b, &info);
	while (b->data[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
	out_service_put_details(b, v, h, p);
}

static void
put_titles(struct out_scan_sink *s, const struct out_scan_view *v,
    const struct widths *w)
{
	struct buf *b = &s->buf;

	put_cell(b, "PORT", w->port, NULL);
	put_cell(b, "STATE", w->state, NULL);
	put_cell(b, "SERVICE", w->service, NULL);
	if (v->args->scan.reason)
		put_cell(b, "REASON", w->reason, NULL);
	if (has_versions(v))
		buf_puts(b, "VERSION");
	while (b->data[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
}

static void
measure(struct widths *w, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	struct buf b = { 0 };
	char text[16];

	widen(&w->port, port_text(text, p));
	widen(&w->state, strlen(scan_state_name(p->state)));
	report_put_service(&b, v->report, h, p);
	widen(&w->service, text_width(b.data));
	buf_reset(&b);
	if (v->args->scan.reason)
		put_reason(&b, v->report, p);
	widen(&w->reason, b.len);
	buf_done(&b);
}

/* How many lines it has. */
static size_t
put_table(struct out_scan_sink *s, const struct out_scan_view *v,
    const struct report_host *h)
{
	struct widths w = { 4, 5, 7, 6 };
	const struct report_port *p;
	size_t n = 0;

	for (p = h->port; p != NULL && p < h->port + h->nport; p++)
		if (out_scan_port_shown(v, h, p)) {
			measure(&w, v, h, p);
			n++;
		}
	if (n == 0)
		return 0;
	put_titles(s, v, &w);
	for (p = h->port; p != NULL && p < h->port + h->nport; p++)
		if (out_scan_port_shown(v, h, p))
			put_port(s, v, &w, h, p);
	return n;
}

static uint32_t
settled(const struct report_host *h)
{
	unsigned proto, state;
	uint32_t n = 0;

	for (proto = 0; proto < 2; proto++)
		for (state = 0; state < SCAN_NSTATES; state++)
			n += h->count[proto][state];
	return n;
}

/* Of each host; 0: not known, or only a part of them is asked here. */
static uint32_t
ports_each(const struct out_scan_view *v)
{
	const struct scan_event *e = &v->report->start;

	return e->type == SCAN_EV_START && e->start.nshards <= 1
		   ? e->start.ports
		   : 0;
}

/* What is not known of it. */
static void
put_gaps(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	const uint32_t ports = ports_each(v), known = settled(h);

	if (h->timeout)
		buf_printf(b,
		    "Given up: --host-timeout was over with %u port%s "
		    "settled.\n",
		    known, plural(known));
	else if (!h->ended)
		buf_puts(b,
		    "Not finished: a port that is not listed is closed, "
		    "or was not settled yet.\n");
	else if (known < ports)
		buf_printf(b, "Without a verdict: %u of %u port%s.\n",
		    ports - known, ports, plural(ports));
}

static void
host_ports(struct out_scan_sink *s, const struct out_scan_view *v,
    struct report_host *h)
{
	struct out_scan_rest rest[OUT_SCAN_REST_MAX];
	struct buf *b = &s->buf;
	size_t n = out_scan_rest(v, h, rest);

	put_gaps(b, v, h);
	put_rest(b, rest, n);
	if (put_table(s, v, h) == 0 && n > 0 && h->ended && !h->timeout)
		buf_printf(b, "%s of the %u port%s that %s asked is open.\n",
		    settled(h) == 1 ? "Not one" : "None", settled(h),
		    plural(settled(h)), settled(h) == 1 ? "was" : "were");
}

static void
text_host(struct out_scan_sink *s, const struct out_scan_view *v,
    struct report_host *h)
{
	const unsigned how = out_scan_how(v);
	struct buf *b = &s->buf;
	char addr[SCAN_ADDR_TEXT];

	if (how == SCAN_LIST) {
		out_scan_put_host(b, h);
		buf_putc(b, '\n');
		return;
	}
	if (!out_scan_host_shown(v, h) ||
	    (v->args->scan.self && v->verbose == 0))
		return; /* counted, or told of at the end */
	if (how != SCAN_PING)
		buf_putc(b, '\n');
	buf_puts(b, "Scan report for ");
	out_scan_put_host(b, h);
	if (!h->up) {
		buf_puts(b, " [host down]\n");
		return;
	}
	buf_putc(b, '\n');
	if (h->name != NULL && h->rdns != NULL && strcmp(h->name, h->rdns) != 0)
		buf_printf(b, "rDNS record for %s: %s\n",
		    scan_addr_text(addr, &h->addr), h->rdns);
	if (h->others > 0)
		buf_printf(b, "%u more address%s of %s %s not scanned.\n",
		    h->others, h->others == 1 ? "" : "es", h->name,
		    h->others == 1 ? "is" : "are");
	put_up(b, v, h);
	if ((how & ~(unsigned)(SCAN_PING | SCAN_LIST)) != 0)
		host_ports(s, v, h);
	if (out_scan_has_mac(h)) {
		buf_puts(b, "MAC Address: ");
		out_scan_put_mac(b, h->mac);
		buf_putc(b, '\n');
	}
	out_service_put_host(b, v, h);
	out_os_text(b, v, h);
}

/* -- the end ----------------------------------------------------------------------- */

/* Silence about a host that was named would be taken for "nothing is open". */
static void
put_down(struct buf *b, const struct out_scan_view *v)
{
	const unsigned how = out_scan_how(v);
	const uint64_t hosts = out_scan_hosts(v), up = out_scan_hosts_up(v);
	const struct scan_report *r = v->report;
	size_t i;

	if ((how & SCAN_LIST) != 0 || v->over != OUT_SCAN_OVER_DONE)
		return;
	for (i = 0; i < r->nhost; i++)
		if (hosts > 1 && r->host[i]->name != NULL &&
		    !out_scan_host_shown(v, r->host[i])) {
			out_scan_put_host(b, r->host[i]);
			buf_puts(b, " does not answer: down, or it hides\n");
		}
	if (up > 0 || hosts == 0)
		return;
	if (v->unsent)
		buf_puts(b,
		    hosts == 1
			? "Nothing could be sent to the host.\n"
			: "Nothing could be sent to any of the addresses.\n");
	else if ((how & SCAN_PING) != 0)
		return;
	else if (hosts == 1)
		buf_puts(b, "The host does not answer: it seems down. If it is "
			    "up and only hides, -Pn scans it.\n");
	else
		buf_printf(b,
		    "None of the %llu addresses answers: down, it seems. If "
		    "they only hide, -Pn scans them.\n",
		    (unsigned long long)hosts);
}

static void
put_seconds(struct buf *b, uint64_t us)
{
	buf_printf(b, "%.2f seconds", (double)us / 1e6);
}

static void
text_end(struct out_scan_sink *s, const struct out_scan_view *v)
{
	static const char *const words[] = { [OUT_SCAN_OVER_NOT] = "",
		[OUT_SCAN_OVER_DONE] = "Done",
		[OUT_SCAN_OVER_STOPPED] = "Interrupted, partial",
		[OUT_SCAN_OVER_FAILED] = "Failed, partial" };
	const struct scan_report *r = v->report;
	const uint64_t hosts = out_scan_hosts(v), up = out_scan_hosts_up(v);
	struct buf *b = &s->buf;

	if (v->self != NULL)
		out_scan_put_self(b, v);
	if (b->len > 0 || s->n > 0)
		buf_putc(b, '\n');
	put_down(b, v);
	out_service_put_findings(b, v);
	buf_printf(b, "%s: %llu %s", words[v->over], (unsigned long long)hosts,
	    addresses(hosts));
	if ((out_scan_how(v) & SCAN_LIST) == 0) {
		buf_printf(b, " (%llu host%s up) scanned in ",
		    (unsigned long long)up, plural(up));
		put_seconds(b, v->took_us);
	}
	if (r->end.type == SCAN_EV_END && r->end.end.sent > 0)
		buf_printf(b, ", %llu packet%s sent",
		    (unsigned long long)r->end.end.sent,
		    plural(r->end.end.sent));
	if (v->unresolved > 0)
		buf_printf(b, ", %llu name%s not known",
		    (unsigned long long)v->unresolved, plural(v->unresolved));
	buf_putc(b, '\n');
}

const struct out_scan_form out_scan_text = {
	.begin = text_begin,
	.event = text_event,
	.host = text_host,
	.end = text_end,
};
