/* SPDX-License-Identifier: ISC */
/* `scan`: the outputs there are, and what their forms share. */
#include "config.h"

#include "cli/out_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/text.h"
#include "cli/out.h"
#include "know/state.h"

/* So many of a state have lines of their own; more are counted. */
#define LINES_MAX 25

void
out_scan_add(struct out_scan *o, FILE *file, const char *name,
    const struct out_scan_form *form, bool colour)
{
	struct out_scan_sink *s = &o->sink[o->n++];

	*s = (struct out_scan_sink){
		.file = file, .name = name, .form = form, .colour = colour
	};
}

void
out_scan_begin(struct out_scan *o, const struct out_scan_view *v)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->sink[i].form->begin != NULL)
			o->sink[i].form->begin(&o->sink[i], v);
}

void
out_scan_event(struct out_scan *o, const struct out_scan_view *v,
    const struct scan_event *e)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->sink[i].form->event != NULL)
			o->sink[i].form->event(&o->sink[i], v, e);
}

void
out_scan_host(
    struct out_scan *o, const struct out_scan_view *v, struct report_host *h)
{
	size_t i;

	report_host_sort(h);
	for (i = 0; i < o->n; i++) {
		if (o->sink[i].form->host == NULL)
			continue;
		o->sink[i].form->host(&o->sink[i], v, h);
		o->sink[i].n++;
	}
}

void
out_scan_end(struct out_scan *o, const struct out_scan_view *v)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->sink[i].form->end != NULL)
			o->sink[i].form->end(&o->sink[i], v);
}

bool
out_scan_waits(const struct out_scan *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->sink[i].buf.len > 0)
			return true;
	return false;
}

int
out_scan_flush(struct out_scan *o, const char **name)
{
	struct out_scan_sink *s;
	int r = 0;

	for (s = o->sink; s < o->sink + o->n; s++) {
		if (s->buf.len == 0)
			continue;
		if (s->error != 0) {
			buf_reset(&s->buf);
			continue;
		}
		s->error = out_put(s->file, &s->buf, s->form->json);
		errno = 0;
		if (s->error == 0 && fflush(s->file) != 0)
			s->error = errno != 0 ? -errno : -EIO;
		if (s->error != 0 && r == 0) {
			r = s->error;
			*name = s->name;
		}
	}
	return r;
}

void
out_scan_done(struct out_scan *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		buf_done(&o->sink[i].buf);
	o->n = 0;
}

/* -- what the forms share ------------------------------------------------------ */

bool
out_scan_host_shown(const struct out_scan_view *v, const struct report_host *h)
{
	return h->up || out_scan_how(v) == SCAN_LIST || v->verbose > 0;
}

bool
out_scan_port_shown(const struct out_scan_view *v, const struct report_host *h,
    const struct report_port *p)
{
	if (p->state == SCAN_OPEN)
		return true;
	if (v->args->scan.only_open && p->state != SCAN_OPEN_FILTERED &&
	    p->state != SCAN_UNFILTERED)
		return false;
	if (p->state == SCAN_CLOSED)
		return v->list_closed;
	return v->verbose >= 2 ||
	       h->count[report_proto(p->proto)][p->state] <= LINES_MAX;
}

static int
rest_cmp(const void *va, const void *vb)
{
	const struct out_scan_rest *a = va, *b = vb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

size_t
out_scan_rest(const struct out_scan_view *v, const struct report_host *h,
    struct out_scan_rest rest[OUT_SCAN_REST_MAX])
{
	uint32_t count[2][SCAN_NSTATES][REASON_NREASONS] = { 0 };
	const struct report_port *p;
	unsigned proto, state, reason;
	size_t i, n = 0;

	for (i = 0; i < h->nport; i++) {
		p = &h->port[i];
		if (!out_scan_port_shown(v, h, p))
			count[report_proto(p->proto)][p->state][p->reason]++;
	}
	for (proto = 0; proto < 2; proto++) {
		for (reason = 0; reason < REASON_NREASONS; reason++)
			count[proto][SCAN_CLOSED][reason] +=
			    h->hidden[proto][reason];
		for (state = 0; state < SCAN_NSTATES; state++)
			for (reason = 0; reason < REASON_NREASONS; reason++)
				if (count[proto][state][reason] > 0)
					rest[n++] = (struct out_scan_rest){
						count[proto][state][reason],
						proto == 0 ? SOCK_TCP
							   : SOCK_UDP,
						(enum scan_state)state,
						(enum scan_reason)reason
					};
	}
	qsort(rest, n, sizeof(*rest), rest_cmp);
	return n;
}

unsigned
out_scan_how(const struct out_scan_view *v)
{
	return v->report->start.type == SCAN_EV_START
		   ? v->report->start.start.how
		   : 0;
}

uint64_t
out_scan_hosts(const struct out_scan_view *v)
{
	const struct scan_report *r = v->report;

	if (r->start.type == SCAN_EV_START)
		return r->start.start.hosts;
	return r->end.type == SCAN_EV_END ? r->end.end.hosts : r->nhost;
}

uint64_t
out_scan_hosts_up(const struct out_scan_view *v)
{
	return v->report->nup;
}

const char *
out_scan_host_name(const struct report_host *h)
{
	return h->name != NULL ? h->name : h->rdns != NULL ? h->rdns : "";
}

void
out_scan_put_host(struct buf *b, const struct report_host *h)
{
	const char *name = out_scan_host_name(h);
	char addr[SCAN_ADDR_TEXT];

	scan_addr_text(addr, &h->addr);
	if (*name == '\0' || strcmp(name, addr) == 0)
		buf_puts(b, addr);
	else
		buf_printf(b, "%s (%s)", name, addr);
}

bool
out_scan_has_mac(const struct report_host *h)
{
	static const uint8_t none[6];

	return memcmp(h->mac, none, sizeof(none)) != 0;
}

void
out_scan_put_mac(struct buf *b, const uint8_t mac[6])
{
	buf_printf(b, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2],
	    mac[3], mac[4], mac[5]);
}

char *
out_scan_ctime(char text[OUT_SCAN_TIME_MAX], int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, OUT_SCAN_TIME_MAX, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		text[0] = '\0';
	return text;
}
