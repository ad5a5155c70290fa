/* SPDX-License-Identifier: ISC */
/*
 * `scan` as JSON: one document, a host after the other as they are over; or the
 * worker's events, a line each, as they come (sockdeck-scan(8)).
 */
#include "config.h"

#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/json.h"
#include "cli/out_scan.h"
#include "cli/out_scan_os.h"
#include "cli/out_scan_service.h"
#include "know/state.h"
#include "model/scan_wire.h"

static const struct {
	unsigned how;
	const char *name;
} hows[] = { { SCAN_CONNECT, "connect" }, { SCAN_SYN, "syn" },
	{ SCAN_UDP, "udp" }, { SCAN_PING, "ping" }, { SCAN_LIST, "list" },
	{ SCAN_PROBE, "services" }, { SCAN_OS, "systems" },
	{ SCAN_NMAP, "nmap" } };

static void
put_time(struct json *j, const char *key, int64_t s)
{
	char text[OUT_SCAN_TIME_MAX];
	time_t t = (time_t)s;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		jw_kstring(j, key, text);
}

static void
put_ports(struct json *j, const char *key, const struct portset *set)
{
	struct buf list = { 0 };

	portset_put(set, &list);
	if (list.len > 0)
		jw_kstring(j, key, list.data);
	buf_done(&list);
}

static void
put_start(struct json *j, const struct scan_event *e)
{
	size_t i;

	jw_key(j, "how");
	jw_array(j);
	for (i = 0; i < nitems(hows); i++)
		if ((e->start.how & hows[i].how) != 0)
			jw_string(j, hows[i].name);
	jw_array_end(j);
	jw_ku64(j, "hosts", e->start.hosts);
	jw_ku64(j, "ports_each", e->start.ports);
	jw_ku64(j, "probes", e->start.probes);
	jw_ku64(j, "seed", e->start.seed);
	if (e->start.nshards > 1) {
		jw_ku64(j, "shard", e->start.shard);
		jw_ku64(j, "shards", e->start.nshards);
	}
}

static void
json_begin(struct out_scan_sink *s, const struct out_scan_view *v)
{
	const struct scan_report *r = v->report;
	struct json j;

	jw_init(&j, &s->buf);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_key(&j, "scan");
	jw_object(&j);
	jw_kstring(&j, "version", PACKAGE_VERSION);
	jw_kstring(&j, "command", v->command);
	put_time(&j, "time", v->began_s);
	if (r->hello.type == SCAN_EV_HELLO)
		jw_kstring(&j, "sandbox", r->hello.hello.sandbox);
	if (r->start.type == SCAN_EV_START)
		put_start(&j, &r->start);
	if (v->ports != NULL) {
		jw_key(&j, "ports");
		jw_object(&j);
		put_ports(&j, "tcp", &v->ports->tcp);
		put_ports(&j, "udp", &v->ports->udp);
		jw_object_end(&j);
	}
	jw_object_end(&j);
	/* The rest is streamed, after the writer's life. */
	buf_puts(&s->buf, ",\"hosts\":[");
}

static void
put_port(struct json *j, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	const struct scan_report *r = v->report;
	char addr[SCAN_ADDR_TEXT];

	jw_object(j);
	jw_ku64(j, "port", p->port);
	jw_kstring(j, "proto", sock_proto_name(p->proto));
	jw_kstring(j, "state", scan_state_name(p->state));
	jw_kstring(j, "reason", scan_reason_name(p->reason));
	if (p->ttl != 0)
		jw_ku64(j, "ttl", p->ttl);
	if (p->from != 0)
		jw_kstring(
		    j, "from", scan_addr_text(addr, &r->from[p->from - 1]));
	out_service_json(j, v, h, p);
	jw_object_end(j);
}

/* {"closed":998,"open":2}, of all that is settled. */
static void
put_counts(struct json *j, const struct report_host *h)
{
	unsigned state;

	jw_key(j, "counts");
	jw_object(j);
	for (state = 0; state < SCAN_NSTATES; state++)
		if (h->count[0][state] + h->count[1][state] > 0)
			jw_ku64(j, scan_state_name((enum scan_state)state),
			    h->count[0][state] + h->count[1][state]);
	jw_object_end(j);
}

static void
put_host(
    struct json *j, const struct out_scan_view *v, const struct report_host *h)
{
	struct buf mac = { 0 };
	char addr[SCAN_ADDR_TEXT];

	jw_kstring(j, "addr", scan_addr_text(addr, &h->addr));
	if (h->name != NULL)
		jw_kstring(j, "name", h->name);
	if (h->others > 0)
		jw_ku64(j, "more_addresses", h->others);
	if (h->rdns != NULL)
		jw_kstring(j, "rdns", h->rdns);
	if (out_scan_how(v) != SCAN_LIST)
		jw_kstring(j, "state", h->up ? "up" : "down");
	if (h->reason != REASON_NONE)
		jw_kstring(j, "reason", scan_reason_name(h->reason));
	if (h->ttl != 0)
		jw_ku64(j, "ttl", h->ttl);
	if (h->rtt_us != 0)
		jw_ku64(j, "rtt_us", h->rtt_us);
	if (out_scan_has_mac(h)) {
		out_scan_put_mac(&mac, h->mac);
		jw_kstring(j, "mac", mac.data);
		buf_done(&mac);
	}
}

static void
json_host(struct out_scan_sink *s, const struct out_scan_view *v,
    struct report_host *h)
{
	const struct report_port *p;
	struct json j;

	if (s->n > 0)
		buf_putc(&s->buf, ',');
	buf_putc(&s->buf, '\n');
	jw_init(&j, &s->buf);
	jw_object(&j);
	put_host(&j, v, h);
	if (h->up && v->report->start.type == SCAN_EV_START &&
	    v->report->start.start.ports > 0) {
		jw_kbool(&j, "finished", h->ended && !h->timeout);
		put_counts(&j, h);
		jw_key(&j, "ports");
		jw_array(&j);
		for (p = h->port; p != NULL && p < h->port + h->nport; p++)
			if (!v->args->scan.only_open ||
			    out_scan_port_shown(v, h, p))
				put_port(&j, v, h, p);
		jw_array_end(&j);
	}
	out_os_json(&j, h);
	jw_object_end(&j);
}

static void
json_end(struct out_scan_sink *s, const struct out_scan_view *v)
{
	static const char *const words[] = { [OUT_SCAN_OVER_NOT] = "running",
		[OUT_SCAN_OVER_DONE] = "done",
		[OUT_SCAN_OVER_STOPPED] = "interrupted",
		[OUT_SCAN_OVER_FAILED] = "failed" };
	const struct scan_report *r = v->report;
	struct json j;
	size_t i;

	buf_puts(&s->buf, "],\n");
	if (v->self != NULL) {
		buf_puts(&s->buf, "\"self\":");
		jw_init(&j, &s->buf);
		jw_array(&j);
		out_scan_json_self(&j, v);
		jw_array_end(&j);
		buf_puts(&s->buf, ",\n");
	}
	buf_puts(&s->buf, "\"warnings\":");
	jw_init(&j, &s->buf);
	jw_array(&j);
	for (i = 0; i < r->nnote; i++)
		jw_string(&j, r->note[i]);
	jw_array_end(&j);
	buf_puts(&s->buf, ",\n\"end\":");
	jw_init(&j, &s->buf);
	jw_object(&j);
	jw_kstring(&j, "status", words[v->over]);
	if (v->cause != NULL)
		jw_kstring(&j, "cause", v->cause);
	jw_ku64(&j, "hosts", out_scan_hosts(v));
	jw_ku64(&j, "hosts_up", out_scan_hosts_up(v));
	jw_ku64(&j, "unresolved", v->unresolved);
	jw_ku64(&j, "took_ms", v->took_us / 1000);
	if (r->end.type == SCAN_EV_END) {
		jw_ku64(&j, "sent", r->end.end.sent);
		jw_ku64(&j, "received", r->end.end.received);
	}
	jw_object_end(&j);
	buf_puts(&s->buf, "}\n");
}

const struct out_scan_form out_scan_json = {
	.json = true,
	.begin = json_begin,
	.host = json_host,
	.end = json_end,
};

/* Of files and of several runs, too: they are numbered anew. */
static void
jsonl_event(struct out_scan_sink *s, const struct out_scan_view *v,
    const struct scan_event *e)
{
	struct scan_event numbered = *e;

	numbered.seq = s->n++;
	scan_event_put(&s->buf, &numbered);
	/* So that the file is a journal, and can be resumed. */
	if (numbered.seq == 0 && e->type == SCAN_EV_HELLO && v->asked != NULL)
		scan_journal_put_events(&s->buf, v->asked, e->t_us, &s->n);
}

const struct out_scan_form out_scan_jsonl = { .json = true,
	.event = jsonl_event };
