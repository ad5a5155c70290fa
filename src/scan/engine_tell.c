/* SPDX-License-Identifier: ISC */
/* Events: what the engine says of hosts, ports and its progress. */
#include "config.h"

#include "scan/engine_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"

#define PROGRESS_EVERY (100 * MS)
#define PROGRESS_IDLE  SECOND /* nothing happens */
#define NOTES_MOST     64

static struct scan_event *
event(struct engine *e, enum scan_event_type type)
{
	memset(&e->ev, 0, sizeof(e->ev));
	e->ev.type = type;
	return &e->ev;
}

static void
tell(struct engine *e)
{
	e->sink.event(e->sink.arg, &e->ev);
}

void
tell_host(struct engine *e, const struct slot *s, bool up,
    const struct answer *a, uint64_t rtt_ns)
{
	struct scan_event *ev = event(e, SCAN_EV_HOST);

	ev->addr = s->host.addr;
	ev->host.pos = s->host.pos;
	ev->host.up = up;
	ev->host.reason = a->reason;
	ev->host.ttl = a->ttl;
	memcpy(ev->host.mac, s->host.mac, sizeof(ev->host.mac));
	ev->host.rtt_us = rtt_ns == 0 ? 0 : rtt_ns < 1000 ? 1 : rtt_ns / 1000;
	tell(e);
}

void
tell_host_end(struct engine *e, const struct slot *s, bool timeout)
{
	struct scan_event *ev = event(e, SCAN_EV_HOST_END);

	ev->addr = s->host.addr;
	ev->host_end.pos = s->host.pos;
	ev->host_end.probes = s->sent;
	ev->host_end.tcp = s->settled[0];
	ev->host_end.udp = s->settled[1];
	ev->host_end.timeout = timeout;
	tell(e);
}

void
tell_port(struct engine *e, const struct engine_probe *p, enum scan_state state,
    const struct answer *a)
{
	struct slot *s = &e->slot[p->p.slot];
	struct scan_event *ev;
	const char *name;

	s->left--;
	s->settled[lane_of(p->p.proto)]++;
	e->ndone++;
	e->changed = true;
	if (state == SCAN_OPEN)
		e->nopen++;
	if (state == SCAN_CLOSED && e->spec->tell != SCAN_TELL_ALL)
		return;
	ev = event(e, SCAN_EV_PORT);
	ev->addr = s->host.addr;
	ev->port.port = p->p.port;
	ev->port.proto = p->p.proto;
	ev->port.state = state;
	ev->port.reason = a->reason;
	ev->port.ttl = a->ttl;
	if (a->from.family != 0 && !scan_addr_eq(&a->from, &s->host.addr))
		ev->port.from = a->from;
	name = service_name(p->p.port, p->p.proto);
	if (name != NULL)
		snprintf(
		    ev->port.service, sizeof(ev->port.service), "%s", name);
	tell(e);
}

/* -- progress ------------------------------------------------------------- */

static void
rates(struct engine *e, uint64_t now)
{
	double took = (double)(now - e->rate_at) * 1e-9;
	double sent = (double)(e->nsent - e->rate_sent) / took;
	double done = (double)(e->ndone - e->rate_done) / took;
	/* The mean of some two seconds. */
	double w = took > 2 ? 1 : took / 2;

	if (e->rate_at == 0 || took <= 0) {
		e->rate_at = now;
		return;
	}
	if (e->rate == 0 && e->done_rate == 0)
		w = 1;
	e->rate += w * (sent - e->rate);
	e->done_rate += w * (done - e->done_rate);
	e->rate_at = now;
	e->rate_sent = e->nsent;
	e->rate_done = e->ndone;
}

static void
phase(struct engine *e, struct scan_event *ev, uint64_t now)
{
	const char *text =
	    e->ndone == 0 && e->hosts_up == 0 ? "hosts" : "ports";
	const char *own;
	uint64_t left = UINT64_MAX, own_left;
	uint8_t i;

	if ((e->plan.how & SCAN_PING) != 0)
		text = "hosts";
	if (e->done_rate > 0 && e->total > e->ndone)
		left = (uint64_t)((double)(e->total - e->ndone) / e->done_rate *
				  1000);
	for (i = 0; i < e->ntech; i++) {
		if (e->tech[i].ops->phase == NULL)
			continue;
		own_left = UINT64_MAX;
		own = e->tech[i].ops->phase(e->tech[i].arg, now, &own_left);
		if (own == NULL)
			continue;
		text = own;
		left = own_left == UINT64_MAX ? left : own_left / MS;
	}
	if (e->brake)
		text = "waits for the connection tracking table";
	snprintf(ev->progress.phase, sizeof(ev->progress.phase), "%s", text);
	ev->progress.left_ms = left;
}

void
tell_progress(struct engine *e, uint64_t now, bool force)
{
	struct scan_event *ev;

	if (!force && now - e->progress_at <
			  (e->changed ? PROGRESS_EVERY : PROGRESS_IDLE))
		return;
	rates(e, now);
	e->progress_at = now;
	e->changed = false;
	ev = event(e, SCAN_EV_PROGRESS);
	ev->progress.done = e->ndone;
	ev->progress.probes = e->total;
	ev->progress.sent = e->nsent;
	ev->progress.answers = e->nanswers;
	ev->progress.lost = e->nlost;
	ev->progress.open = e->nopen;
	ev->progress.hosts_done = e->hosts_done;
	ev->progress.hosts_up = e->hosts_up;
	ev->progress.hosts = e->hosts;
	ev->progress.rate = e->rate;
	ev->progress.hosts_upto = hosts_upto(e);
	ev->progress.paused = e->paused;
	phase(e, ev, now);
	tell(e);
}

void
engine_sum(const struct engine *e, struct scan_event *end)
{
	end->end.sent = e->nsent;
	end->end.received = e->nreceived;
	end->end.hosts_up = e->hosts_up;
	end->end.hosts = e->hosts;
}

/* -- notes ---------------------------------------------------------------- */

void
engine_note(struct engine *e, bool warning, const char *fmt, ...)
{
	struct scan_event *ev;
	va_list ap;
	char *text;
	uint64_t key;
	size_t i;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	key = hash_bytes(text, strlen(text), 0);
	for (i = 0; i < e->nnotes; i++)
		if (e->notes[i] == key)
			break;
	if (i == e->nnotes && e->nnotes < NOTES_MOST) {
		e->notes = array_grow(
		    e->notes, &e->cap_notes, e->nnotes + 1, sizeof(*e->notes));
		e->notes[e->nnotes++] = key;
		ev = event(e, SCAN_EV_NOTE);
		ev->note.warning = warning;
		snprintf(ev->note.text, sizeof(ev->note.text), "%s", text);
		tell(e);
	}
	free(text);
}

/* The first of a kind is told with its address; of the others the sum. */
void
tell_unsent(struct engine *e, const struct slot *s, int error)
{
	char addr[SCAN_ADDR_TEXT];
	size_t i;

	for (i = 0; i < nitems(e->unsent) - 1; i++)
		if (e->unsent[i].n == 0 || e->unsent[i].error == error)
			break;
	e->unsent[i].error = error;
	if (e->unsent[i].n++ == 0)
		engine_note(e, true, "%s: not sent: %s",
		    scan_addr_text(addr, &s->host.addr), strerror(-error));
}

void
tell_unsent_sum(struct engine *e)
{
	size_t i;

	for (i = 0; i < nitems(e->unsent); i++)
		if (e->unsent[i].n > 1)
			engine_note(e, true,
			    "%llu times a packet could not be sent: %s; what "
			    "was not sent has no verdict",
			    (unsigned long long)e->unsent[i].n,
			    strerror(-e->unsent[i].error));
}
