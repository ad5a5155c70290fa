/* SPDX-License-Identifier: ISC */
/* A report as events again: for a merged scan, and for a file of a deck's. */
#include "config.h"

#include <string.h>

#include "model/scan_report.h"

struct telling {
	const struct scan_report *report;
	scan_take take;
	void *arg;
	uint64_t seq;
};

static void
tell(struct telling *t, struct scan_event e)
{
	e.seq = t->seq++;
	t->take(t->arg, &e);
}

/* The worker's own, if there is one. */
static void
tell_own(struct telling *t, const struct scan_event *e)
{
	if (e->type != SCAN_EV_NTYPES)
		tell(t, *e);
}

static void
tell_names(struct telling *t)
{
	const struct scan_report *r = t->report;
	struct scan_event e = { .type = SCAN_EV_TARGET };
	const struct report_host *h;
	size_t i;

	for (i = 0; i < r->nlost; i++) {
		(void)strlcpy(
		    e.target.name, r->lost[i].name, sizeof e.target.name);
		(void)strlcpy(
		    e.target.error, r->lost[i].error, sizeof e.target.error);
		tell(t, e);
	}
	e = (struct scan_event){ .type = SCAN_EV_TARGET };
	for (i = 0; i < r->nhost; i++) {
		h = r->host[i];
		if (h->name == NULL)
			continue;
		e.addr = h->addr;
		e.target.others = h->others;
		(void)strlcpy(e.target.name, h->name, sizeof e.target.name);
		tell(t, e);
	}
}

static void
tell_notes(struct telling *t)
{
	struct scan_event e = { .type = SCAN_EV_NOTE };
	size_t i;

	for (i = 0; i < t->report->nnote; i++) {
		(void)strlcpy(
		    e.note.text, t->report->note[i], sizeof e.note.text);
		tell(t, e);
	}
}

static void
tell_port(
    struct telling *t, const struct report_host *h, const struct report_port *p)
{
	struct scan_event e = { .type = SCAN_EV_PORT,
		.addr = h->addr,
		.t_us = (uint64_t)p->t_ms * 1000,
		.port = { .port = p->port,
		    .proto = p->proto,
		    .state = (enum scan_state)p->state,
		    .reason = (enum scan_reason)p->reason,
		    .ttl = p->ttl } };

	if (p->from > 0)
		e.port.from = t->report->from[p->from - 1];
	(void)strlcpy(e.port.service, report_service(t->report, p),
	    sizeof e.port.service);
	tell(t, e);
}

static void
tell_service(struct telling *t, const struct report_host *h,
    const struct report_port *p, bool nmap)
{
	struct scan_event e = { .type = SCAN_EV_FACT,
		.addr = h->addr,
		.t_us = (uint64_t)p->t_ms * 1000 };
	const char *name, *value;
	struct service_info s;
	size_t i;

	if (!answers_get(&h->answers, p->proto, p->port, nmap, &s))
		return;
	e.fact.port = p->port;
	e.fact.proto = p->proto;
	for (i = 0; service_fact_at(&s, i, &name, &value); i++) {
		(void)strlcpy(e.fact.name, name, sizeof(e.fact.name));
		service_set(
		    e.fact.value, sizeof(e.fact.value), value, strlen(value));
		tell(t, e);
	}
	e = (struct scan_event){ .type = SCAN_EV_SERVICE,
		.addr = h->addr,
		.t_us = (uint64_t)p->t_ms * 1000 };
	e.service.port = p->port;
	e.service.proto = p->proto;
	e.service.info = s;
	tell(t, e);
}

static void
tell_host(struct telling *t, const struct report_host *h)
{
	struct scan_event e = { .type = SCAN_EV_HOST,
		.addr = h->addr,
		.t_us = h->began_us,
		.host = { .pos = h->pos,
		    .up = h->up,
		    .reason = (enum scan_reason)h->reason,
		    .ttl = h->ttl,
		    .rtt_us = h->rtt_us } };
	uint32_t i;

	memcpy(e.host.mac, h->mac, sizeof e.host.mac);
	if (h->pos != UINT64_MAX) /* else nothing was told but its name */
		tell(t, e);
	for (i = 0; i < h->nport; i++) {
		tell_port(t, h, &h->port[i]);
		tell_service(t, h, &h->port[i], false);
		tell_service(t, h, &h->port[i], true);
	}
	for (i = 0; i < 2; i++) {
		if (h->os[i] == NULL)
			continue;
		e = (struct scan_event){ .type = SCAN_EV_OS,
			.addr = h->addr,
			.t_us = h->ended_us,
			.os = *h->os[i] };
		tell(t, e);
	}
	if (!h->ended)
		return;
	e = (struct scan_event){ .type = SCAN_EV_HOST_END,
		.addr = h->addr,
		.t_us = h->ended_us,
		.host_end = { .pos = h->pos,
		    .probes = h->probes,
		    .timeout = h->timeout } };
	for (i = 0; i < SCAN_NSTATES; i++) {
		e.host_end.tcp += h->count[0][i];
		e.host_end.udp += h->count[1][i];
	}
	tell(t, e);
}

void
scan_report_tell(const struct scan_report *r, scan_take take, void *arg)
{
	struct telling t = { .report = r, .take = take, .arg = arg };
	size_t i;

	tell_own(&t, &r->hello);
	tell_names(&t);
	tell_own(&t, &r->start);
	tell_notes(&t);
	for (i = 0; i < r->nhost; i++)
		tell_host(&t, r->host[i]);
	tell_own(&t, &r->progress);
	tell_own(&t, &r->end);
}
