/* SPDX-License-Identifier: ISC */
/*
 * `scan` for programs that read nmap's output: XML valid against its DTD
 * (xmloutputversion 1.05), and its grepable lines. Both formats are
 * documented in nmap's Reference Guide, Output.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/out_scan.h"
#include "cli/out_scan_os.h"
#include "cli/out_scan_service.h"
#include "know/state.h"

#define XML_VERSION "1.05"

/* -- XML -------------------------------------------------------------------------- */

/* Clean text has no controls, so what is left is markup, and lines of ours. */
void
out_xml_text(struct buf *b, const char *s)
{
	static const struct {
		char c;
		const char *entity;
	} t[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&apos;" }, { '\n', "&#xa;" } };
	size_t i;

	for (; *s != '\0'; s++) {
		for (i = 0; i < nitems(t) && t[i].c != *s; i++)
			;
		if (i < nitems(t))
			buf_puts(b, t[i].entity);
		else
			buf_putc(b, *s);
	}
}

void
out_xml_attr(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	out_xml_text(b, value);
	buf_putc(b, '"');
}

static void
put_number(struct buf *b, const char *name, uint64_t n)
{
	buf_printf(b, " %s=\"%llu\"", name, (unsigned long long)n);
}

static void
put_scaninfo(struct buf *b, const struct out_scan_view *v, unsigned proto,
    const char *type)
{
	const struct portset *set =
	    proto == SOCK_TCP ? &v->ports->tcp : &v->ports->udp;
	struct buf list = { 0 };

	portset_put(set, &list);
	buf_puts(b, "<scaninfo");
	out_xml_attr(b, "type", type);
	out_xml_attr(b, "protocol", sock_proto_name(proto));
	put_number(b, "numservices", portset_count(set, 0, UINT16_MAX));
	out_xml_attr(b, "services", list.len > 0 ? list.data : "");
	buf_puts(b, "/>\n");
	buf_done(&list);
}

static void
xml_begin(struct out_scan_sink *s, const struct out_scan_view *v)
{
	const unsigned how = out_scan_how(v);
	struct buf *b = &s->buf;
	char when[OUT_SCAN_TIME_MAX];

	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<!DOCTYPE nmaprun>\n<nmaprun scanner=\"nmap\"");
	out_xml_attr(b, "args", v->command);
	put_number(b, "start", (uint64_t)v->began_s);
	out_xml_attr(b, "startstr", out_scan_ctime(when, v->began_s));
	out_xml_attr(b, "version", "sockdeck " PACKAGE_VERSION);
	out_xml_attr(b, "xmloutputversion", XML_VERSION);
	buf_puts(b, ">\n");
	if (v->ports != NULL && (how & (SCAN_CONNECT | SCAN_SYN)) != 0)
		put_scaninfo(
		    b, v, SOCK_TCP, (how & SCAN_SYN) != 0 ? "syn" : "connect");
	if (v->ports != NULL && (how & SCAN_UDP) != 0)
		put_scaninfo(b, v, SOCK_UDP, "udp");
	buf_puts(b, "<verbose");
	put_number(b, "level", v->verbose);
	buf_puts(b, "/>\n<debugging level=\"0\"/>\n");
}

static void
put_hostname(struct buf *b, const char *name, const char *type)
{
	buf_puts(b, "<hostname");
	out_xml_attr(b, "name", name);
	out_xml_attr(b, "type", type);
	buf_puts(b, "/>\n");
}

static void
put_extraports(struct buf *b, const struct out_scan_rest *rest, size_t n)
{
	unsigned state;
	uint32_t sum;
	size_t i;

	for (state = 0; state < SCAN_NSTATES; state++) {
		sum = 0;
		for (i = 0; i < n; i++)
			if (rest[i].state == state)
				sum += rest[i].count;
		if (sum == 0)
			continue;
		buf_puts(b, "<extraports");
		out_xml_attr(
		    b, "state", scan_state_name((enum scan_state)state));
		put_number(b, "count", sum);
		buf_puts(b, ">\n");
		for (i = 0; i < n; i++) {
			if (rest[i].state != state)
				continue;
			buf_puts(b, "<extrareasons");
			out_xml_attr(
			    b, "reason", scan_reason_name(rest[i].reason));
			put_number(b, "count", rest[i].count);
			out_xml_attr(
			    b, "proto", sock_proto_name(rest[i].proto));
			buf_puts(b, "/>\n");
		}
		buf_puts(b, "</extraports>\n");
	}
}

static void
put_xml_port(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	char addr[SCAN_ADDR_TEXT];

	buf_puts(b, "<port");
	out_xml_attr(b, "protocol", sock_proto_name(p->proto));
	put_number(b, "portid", p->port);
	buf_puts(b, "><state");
	out_xml_attr(b, "state", scan_state_name(p->state));
	out_xml_attr(b, "reason", scan_reason_name(p->reason));
	put_number(b, "reason_ttl", p->ttl);
	if (p->from != 0)
		out_xml_attr(b, "reason_ip",
		    scan_addr_text(addr, &v->report->from[p->from - 1]));
	buf_puts(b, "/>");
	out_service_xml(b, v, h, p);
	buf_puts(b, "</port>\n");
}

static const char *
host_state(const struct out_scan_view *v, const struct report_host *h)
{
	if (out_scan_how(v) == SCAN_LIST)
		return "unknown";
	return h->up ? "up" : "down";
}

/* What nmap says of a host that nothing was asked of, or that was silent. */
static const char *
host_reason(const struct out_scan_view *v, const struct report_host *h)
{
	if (h->reason != REASON_NONE)
		return scan_reason_name((enum scan_reason)h->reason);
	return scan_reason_name(out_scan_how(v) == SCAN_LIST
				    ? REASON_USER_SET
				    : REASON_NO_RESPONSE);
}

static void
put_xml_names(struct buf *b, const struct report_host *h)
{
	buf_puts(b, "<hostnames>\n");
	if (h->name != NULL)
		put_hostname(b, h->name, "user");
	if (h->rdns != NULL)
		put_hostname(b, h->rdns, "PTR");
	buf_puts(b, "</hostnames>\n");
}

static void
put_xml_address(struct buf *b, const struct report_host *h)
{
	char addr[SCAN_ADDR_TEXT];

	buf_puts(b, "<address");
	out_xml_attr(b, "addr", scan_addr_text(addr, &h->addr));
	out_xml_attr(b, "addrtype", h->addr.family == 6 ? "ipv6" : "ipv4");
	buf_puts(b, "/>\n");
	if (!out_scan_has_mac(h))
		return;
	buf_puts(b, "<address addr=\"");
	out_scan_put_mac(b, h->mac);
	buf_puts(b, "\" addrtype=\"mac\"/>\n");
}

static void
xml_host(struct out_scan_sink *s, const struct out_scan_view *v,
    struct report_host *h)
{
	const uint64_t began = (uint64_t)v->began_s;
	struct out_scan_rest rest[OUT_SCAN_REST_MAX];
	const struct report_port *p;
	struct buf *b = &s->buf;
	size_t n;

	if (!out_scan_host_shown(v, h))
		return;
	buf_puts(b, "<host");
	put_number(b, "starttime", began + h->began_us / 1000000);
	put_number(b, "endtime",
	    began + (h->ended ? h->ended_us : v->took_us) / 1000000);
	if (h->timeout)
		out_xml_attr(b, "timedout", "true");
	if (!h->ended && v->over != OUT_SCAN_OVER_DONE && h->up)
		out_xml_attr(b, "comment", "not finished");
	buf_puts(b, "><status");
	out_xml_attr(b, "state", host_state(v, h));
	out_xml_attr(b, "reason", host_reason(v, h));
	put_number(b, "reason_ttl", h->ttl);
	buf_puts(b, "/>\n");
	put_xml_address(b, h);
	put_xml_names(b, h);
	n = out_scan_rest(v, h, rest);
	if (n > 0 || h->nport > 0) {
		buf_puts(b, "<ports>");
		put_extraports(b, rest, n);
		for (p = h->port; p != NULL && p < h->port + h->nport; p++)
			if (out_scan_port_shown(v, h, p))
				put_xml_port(b, v, h, p);
		buf_puts(b, "</ports>\n");
	}
	out_os_xml(b, v, h);
	buf_puts(b, "</host>\n");
}

static void
put_summary(struct buf *b, const struct out_scan_view *v)
{
	const uint64_t hosts = out_scan_hosts(v), up = out_scan_hosts_up(v);

	buf_printf(b,
	    "%llu IP address%s (%llu host%s up) scanned in %.2f seconds",
	    (unsigned long long)hosts, hosts == 1 ? "" : "es",
	    (unsigned long long)up, up == 1 ? "" : "s",
	    (double)v->took_us / 1e6);
}

static void
xml_end(struct out_scan_sink *s, const struct out_scan_view *v)
{
	const int64_t end = v->began_s + (int64_t)(v->took_us / 1000000);
	const uint64_t hosts = out_scan_hosts(v), up = out_scan_hosts_up(v);
	struct buf *b = &s->buf, sum = { 0 };
	char when[OUT_SCAN_TIME_MAX];

	out_scan_ctime(when, end);
	buf_puts(b, "<runstats><finished");
	put_number(b, "time", (uint64_t)end);
	out_xml_attr(b, "timestr", when);
	buf_printf(&sum, "sockdeck done at %s; ", when);
	put_summary(&sum, v);
	out_xml_attr(b, "summary", sum.data);
	buf_printf(b, " elapsed=\"%.2f\"", (double)v->took_us / 1e6);
	out_xml_attr(
	    b, "exit", v->over == OUT_SCAN_OVER_DONE ? "success" : "error");
	if (v->over != OUT_SCAN_OVER_DONE)
		out_xml_attr(
		    b, "errormsg", v->cause != NULL ? v->cause : "interrupted");
	buf_puts(b, "/><hosts");
	put_number(b, "up", up);
	put_number(b, "down", hosts > up ? hosts - up : 0);
	put_number(b, "total", hosts > up ? hosts : up);
	buf_puts(b, "/>\n</runstats>\n</nmaprun>\n");
	buf_done(&sum);
}

const struct out_scan_form out_scan_xml = {
	.begin = xml_begin,
	.host = xml_host,
	.end = xml_end,
};

/* -- grepable lines ----------------------------------------------------------------- */

static void
grep_begin(struct out_scan_sink *s, const struct out_scan_view *v)
{
	char when[OUT_SCAN_TIME_MAX];

	buf_printf(&s->buf, "# sockdeck %s scan initiated %s as: %s\n",
	    PACKAGE_VERSION, out_scan_ctime(when, v->began_s), v->command);
}

static void
put_grep_host(struct buf *b, const struct report_host *h)
{
	char addr[SCAN_ADDR_TEXT];

	buf_printf(b, "Host: %s (%s)\t", scan_addr_text(addr, &h->addr),
	    out_scan_host_name(h));
}

/* "port/state/protocol/owner/service/rpc/version/" */
static void
put_grep_ports(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	const struct report_port *p;
	bool first = true;

	buf_puts(b, "Ports: ");
	for (p = h->port; p != NULL && p < h->port + h->nport; p++) {
		if (!out_scan_port_shown(v, h, p))
			continue;
		buf_printf(b, "%s%u/%s/%s//", first ? "" : ", ", p->port,
		    scan_state_name(p->state), sock_proto_name(p->proto));
		out_service_grep(b, v->report, h, p);
		first = false;
	}
}

/* The one that most of them have. */
static void
put_ignored(struct buf *b, const struct out_scan_rest *rest, size_t n)
{
	uint32_t sum[SCAN_NSTATES] = { 0 };
	unsigned state, most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum[rest[i].state] += rest[i].count;
	for (state = 1; state < SCAN_NSTATES; state++)
		if (sum[state] > sum[most])
			most = state;
	if (sum[most] > 0)
		buf_printf(b, "\tIgnored State: %s (%u)",
		    scan_state_name((enum scan_state)most), sum[most]);
}

static void
grep_host(struct out_scan_sink *s, const struct out_scan_view *v,
    struct report_host *h)
{
	const unsigned how = out_scan_how(v);
	struct out_scan_rest rest[OUT_SCAN_REST_MAX];
	struct buf *b = &s->buf;
	size_t n;

	if (!out_scan_host_shown(v, h))
		return;
	put_grep_host(b, h);
	buf_printf(b, "Status: %s\n",
	    how == SCAN_LIST ? "Unknown"
	    : h->up          ? "Up"
			     : "Down");
	n = out_scan_rest(v, h, rest);
	if (n > 0 || h->nport > 0) {
		put_grep_host(b, h);
		put_grep_ports(b, v, h);
		put_ignored(b, rest, n);
		out_os_grep(b, h);
		buf_putc(b, '\n');
	}
	if (h->timeout) {
		put_grep_host(b, h);
		buf_puts(b, "Status: Timeout\n");
	}
}

static void
grep_end(struct out_scan_sink *s, const struct out_scan_view *v)
{
	const int64_t end = v->began_s + (int64_t)(v->took_us / 1000000);
	char when[OUT_SCAN_TIME_MAX];

	buf_printf(&s->buf, "# sockdeck %s at %s -- ",
	    v->over == OUT_SCAN_OVER_DONE      ? "done"
	    : v->over == OUT_SCAN_OVER_STOPPED ? "interrupted"
					       : "failed",
	    out_scan_ctime(when, end));
	put_summary(&s->buf, v);
	buf_putc(&s->buf, '\n');
}

const struct out_scan_form out_scan_grepable = {
	.begin = grep_begin,
	.host = grep_host,
	.end = grep_end,
};
