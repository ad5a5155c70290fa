/* SPDX-License-Identifier: ISC */
/* scan --self: what answers, beside what listens. */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "cli/out_scan.h"
#include "cli/out_scan_service.h"
#include "know/state.h"

#define TEXT_AT 12

static void
put_wrapped(struct buf *b, const struct buf *text)
{
	if (text->len > 0)
		out_wrapped(b, TEXT_AT, 0, OUT_WIDTH, text->data);
}

/* -sV: what answers there, at the first address where something did; and what
 * is wrong with it. */
static void
put_service(
    struct buf *b, const struct out_scan_view *v, const struct self_line *l)
{
	struct finding f[FINDINGS_MAX];
	const struct report_port *p = NULL;
	struct report_host *h = NULL;
	struct service_info s;
	struct buf part = { 0 };
	size_t n;
	uint32_t i;

	s.name[0] = '\0';
	for (i = 0; i < l->naddr && s.name[0] == '\0'; i++) {
		h = scan_report_host(v->report, &v->self->addr[l->addr + i]);
		p = h == NULL ? NULL : report_port_find(h, l->proto, l->port);
		if (p == NULL || !out_service_get(h, p, &s))
			s.name[0] = '\0';
	}
	if (s.name[0] == '\0')
		return;
	buf_puts(&part, "answers as ");
	report_put_service(&part, v->report, h, p);
	buf_puts(&part, ": ");
	service_put_version(&part, &s);
	while (part.data[part.len - 1] == ' ' || part.data[part.len - 1] == ':')
		part.data[--part.len] = '\0';
	put_wrapped(b, &part);
	n = out_service_findings(v, &s, p, f);
	for (i = 0; i < n; i++) {
		buf_reset(&part);
		buf_printf(&part, "%s: %s. %s", severity_name(f[i].severity),
		    f[i].def->title, f[i].def->remedy);
		put_wrapped(b, &part);
	}
	buf_done(&part);
}

static void
put_line(
    struct buf *b, const struct out_scan_view *v, const struct self_line *l)
{
	struct buf part = { 0 };
	size_t at = b->len;

	buf_puts(b, "  ");
	self_put_port(l, b);
	self_put_owner(l, &part);
	if (l->sockets > 1)
		buf_printf(&part, " (%u sockets)", l->sockets);
	out_wrapped(b, TEXT_AT, b->len - at, OUT_WIDTH, part.data);
	buf_reset(&part);
	if (l->naddr > 0) {
		buf_puts(&part, "at ");
		self_put_where(v->self, l, &part);
		put_wrapped(b, &part);
	}
	put_service(b, v, l);
	buf_done(&part);
}

/* What is so of several ports one after the other is said once, behind the
 * last of them; that who answers answers is not said at all. */
static void
put_verdict(
    struct buf *b, const struct out_scan_view *v, size_t from, size_t to)
{
	const struct self_line *l = v->self->line;
	struct buf why = { 0 }, next = { 0 };
	size_t i;

	buf_printf(b, "\n%s (%u)\n", self_verdict_title(l[from].verdict),
	    v->self->count[l[from].verdict]);
	for (i = from; i < to; i++) {
		put_line(b, v, &l[i]);
		if (l[i].verdict == SELF_OPEN)
			continue;
		buf_reset(&why);
		buf_reset(&next);
		self_put_why(&l[i], v->table, &why);
		if (i + 1 < to)
			self_put_why(&l[i + 1], v->table, &next);
		if (i + 1 == to || strcmp(why.data, next.data) != 0)
			put_wrapped(b, &why);
	}
	buf_done(&why);
	buf_done(&next);
}

void
out_scan_put_self(struct buf *b, const struct out_scan_view *v)
{
	const struct scan_self *s = v->self;
	size_t i, from;

	for (from = 0; from < s->n; from = i) {
		for (i = from; i < s->n; i++)
			if (s->line[i].verdict != s->line[from].verdict)
				break;
		put_verdict(b, v, from, i);
	}
	if (s->n == 0)
		buf_puts(b, "\nNothing listens here, and nothing answers.\n");
	buf_putc(b, '\n');
	for (i = 0; self_caveats[i] != NULL; i++)
		out_wrapped(b, 0, 0, OUT_WIDTH, self_caveats[i]);
}

static void
json_owner(struct json *j, const struct row *row)
{
	const struct proc *p = row->owners.proc;

	if (p == NULL)
		return;
	jw_key(j, "owner");
	jw_object(j);
	jw_ku64(j, "pid", (uint64_t)p->pid);
	jw_kstring(j, "process", p->comm);
	if (p->user != NULL)
		jw_kstring(j, "user", p->user);
	jw_object_end(j);
}

void
out_scan_json_self(struct json *j, const struct out_scan_view *v)
{
	const struct scan_self *s = v->self;
	const struct self_line *l;
	char addr[SCAN_ADDR_TEXT];
	struct buf why = { 0 };
	uint32_t i;

	for (l = s->line; l < s->line + s->n; l++) {
		jw_object(j);
		jw_kstring(j, "verdict", self_verdict_name(l->verdict));
		jw_ku64(j, "port", l->port);
		jw_kstring(j, "proto", sock_proto_name(l->proto));
		if (l->verdict != SELF_UNTOLD) {
			jw_kstring(j, "state", scan_state_name(l->state));
			jw_kstring(j, "reason", scan_reason_name(l->reason));
		}
		jw_key(j, "addrs");
		jw_array(j);
		for (i = 0; i < l->naddr; i++)
			jw_string(
			    j, scan_addr_text(addr, &s->addr[l->addr + i]));
		jw_array_end(j);
		if (l->row != NULL) {
			jw_ku64(j, "sockets", l->sockets);
			json_owner(j, l->row);
		}
		buf_reset(&why);
		self_put_why(l, v->table, &why);
		if (why.len > 0)
			jw_kstring(j, "why", why.data);
		jw_object_end(j);
	}
	buf_done(&why);
}
