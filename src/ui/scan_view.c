/* SPDX-License-Identifier: ISC */
/*
 * Which lines a job has, and on which of them the cursor is. What stands in
 * them is put together when they are drawn (scan_line.c).
 */
#include "config.h"

#include "ui/scan_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xmalloc.h"
#include "ui/prose.h"
#include "ui/scan.h"
#include "ui/ui.h"

/* Making the lines may take one part of so many of the time. */
#define SHARE 20

void
scan_view_init(struct scan_view *v, bool compare)
{
	memset(v, 0, sizeof(*v));
	v->compare = compare;
	v->dirty = v->stale = true;
}

void
scan_view_done(struct scan_view *v)
{
	free(v->line);
	scan_self_done(&v->self);
	memset(v, 0, sizeof(*v));
}

void
scan_view_mark(struct scan_view *v, bool stale)
{
	v->dirty = true;
	v->stale |= stale;
}

/* -- lines ------------------------------------------------------------------ */

/* Counts, and writes them where there is room: what is counted first is
 * written then. */
struct maker {
	struct scan_line *line; /* NULL: counts */
	size_t n, hidden;
	unsigned states; /* that are shown, by bit */
};

static void
put(struct maker *m, enum scan_line_kind kind, size_t a, size_t b)
{
	if (m->line != NULL)
		m->line[m->n] = (struct scan_line){ .kind = (unsigned)kind & 15,
			.a = (uint32_t)a & 0xfffffff,
			.b = (uint32_t)b };
	m->n++;
}

static void
put_text(struct maker *m, enum scan_line_kind kind, size_t a, const char *text,
    int width)
{
	const char *s = text;

	while (*s != '\0') {
		put(m, kind, a, (size_t)(s - text));
		s += prose_break(s, width);
		s += strspn(s, " ");
	}
}

static bool
is_shown(const struct scan_view *v, const struct report_port *p)
{
	return !v->open_only || p->state == SCAN_OPEN ||
	       p->state == SCAN_OPEN_FILTERED || p->state == SCAN_UNFILTERED;
}

/* What else is known of a port: a line each. */
static void
put_answers(struct maker *m, const struct ui_scan *j,
    const struct report_host *h, size_t host, uint32_t port)
{
	const struct report_port *p = &h->port[port];
	struct finding f[FINDINGS_MAX];
	struct service_info s, other;
	size_t i, n;

	if (!answers_best(&h->answers, p->proto, p->port, &s))
		return;
	if (answers_get(&h->answers, p->proto, p->port,
		s.method != SERVICE_BY_NMAP, &other) &&
	    other.name[0] != '\0')
		put(m, LINE_OTHER, host, port);
	n = scan_findings(j, h, p, f);
	for (i = 0; i < n; i++)
		put(m, LINE_FINDING, host, port << FINDING_BITS | i);
}

static void
put_host(struct maker *m, const struct ui_scan *j, const struct report_host *h,
    size_t host)
{
	const struct scan_view *v = &j->view;
	bool any = false;
	uint32_t i;

	for (i = 0; i < h->nport; i++)
		if (is_shown(v, &h->port[i])) {
			if (!any)
				put(m, LINE_HOST, host, 0);
			any = true;
			put(m, LINE_PORT, host, i);
			put_answers(m, j, h, host, i);
			m->states |= 1u << h->port[i].state % SCAN_NSTATES;
		}
	if (any || (!h->up && h->nport == 0))
		return;
	if (v->open_only)
		m->hidden++;
	else
		put(m, LINE_HOST, host, 0);
}

static void
put_results(struct maker *m, const struct ui_scan *j)
{
	size_t i;

	for (i = 0; i < j->report->nhost; i++)
		put_host(m, j, j->report->host[i], i);
	if (m->hidden > 0)
		put(m, LINE_HIDDEN, 0, m->hidden);
}

static void
put_comparison(struct maker *m, const struct ui_scan *j)
{
	const struct scan_self *s = &j->view.self;
	const char *const *caveat = self_caveats;
	enum self_verdict last = SELF_NVERDICTS;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->line[i].verdict != last) {
			last = s->line[i].verdict;
			put(m, LINE_VERDICT, last, 0);
		}
		put(m, LINE_SELF, i, 0);
	}
	if (!scan_is_over(j))
		return;
	put(m, LINE_BLANK, 0, 0);
	for (i = 0; caveat[i] != NULL; i++)
		put_text(m, LINE_CAVEAT, i, caveat[i], j->view.width - 2);
}

static void
put_lines(struct maker *m, const struct ui_scan *j)
{
	const struct scan_report *r = j->report;
	size_t i;

	m->n = m->hidden = 0;
	if (j->view.compare)
		put_comparison(m, j);
	else
		put_results(m, j);
	if (r->nnote == 0)
		return;
	if (m->n > 0)
		put(m, LINE_BLANK, 0, 0);
	put(m, LINE_HEADING, 0, 0);
	for (i = 0; i < r->nnote; i++)
		put_text(m, LINE_NOTE, i, r->note[i], j->view.width - 2);
}

/* -- the cursor -------------------------------------------------------------- */

/* What it is on, as far as that has a name. */
static void
take(struct ui_scan *j, const struct scan_line *l)
{
	struct scan_view *v = &j->view;

	v->at_line = *l;
	memset(&v->at_addr, 0, sizeof(v->at_addr));
	v->at_port = 0;
	v->at_proto = 0;
	(void)scan_line_about(j, l, &v->at_addr, &v->at_port, &v->at_proto);
}

static bool
is_at(const struct ui_scan *j, const struct scan_line *l)
{
	const struct scan_view *v = &j->view;
	const struct report_host *h;
	const struct report_port *p;

	if (l->kind != v->at_line.kind)
		return false;
	switch ((enum scan_line_kind)l->kind) {
	case LINE_FINDING:
		if (((l->b ^ v->at_line.b) & (FINDINGS_MAX - 1)) != 0)
			return false;
		/* FALLTHROUGH */
	case LINE_PORT:
	case LINE_OTHER:
		p = scan_line_port(j, l, &h);
		return p->port == v->at_port && p->proto == v->at_proto &&
		       scan_addr_eq(&h->addr, &v->at_addr);
	case LINE_HOST:
		return scan_addr_eq(&j->report->host[l->a]->addr, &v->at_addr);
	case LINE_SELF:
		return v->self.line[l->a].port == v->at_port &&
		       v->self.line[l->a].proto == v->at_proto;
	default:
		return l->a == v->at_line.a && l->b == v->at_line.b;
	}
}

/* It stays on what it was on, and that in the same place of the screen. */
static void
cursor_sync(struct ui_scan *j)
{
	struct scan_view *v = &j->view;
	size_t i;
	int at;

	if (!v->moved) {
		v->at = v->top = 0;
		return;
	}
	for (i = 0; i < v->n; i++)
		if (is_at(j, &v->line[i]))
			break;
	at = i < v->n ? (int)i : v->at;
	if (at >= (int)v->n)
		at = v->n > 0 ? (int)v->n - 1 : 0;
	v->top += at - v->at;
	v->at = at;
}

void
scan_view_moved(struct ui_scan *j, int at)
{
	struct scan_view *v = &j->view;

	v->at = at;
	v->moved = at > 0;
	if (at >= 0 && (size_t)at < v->n)
		take(j, &v->line[at]);
}

const struct scan_line *
scan_view_line(const struct ui_scan *j, int i)
{
	return i >= 0 && (size_t)i < j->view.n && !j->view.stale
		   ? &j->view.line[i]
		   : NULL;
}

/* -- both ---------------------------------------------------------------------- */

static void
compare(struct ui *ui, struct ui_scan *j)
{
	const struct scan_ports none = { 0 };

	scan_self_done(&j->view.self);
	if (j->view.compare)
		scan_self(&j->view.self,
		    &(struct self_ask){ .report = j->report,
			.table = ui->table,
			.netns = j->order.netns,
			.asked =
			    j->order.asked != NULL ? j->order.asked : &none,
			.began_ns = j->first_ns });
}

static int
states_width(unsigned states)
{
	int w = 0, n, i;

	for (i = 0; i < SCAN_NSTATES; i++)
		if ((states >> i & 1) != 0) {
			n = (int)strlen(scan_state_name((enum scan_state)i));
			w = n > w ? n : w;
		}
	return w;
}

bool
scan_view_build(struct ui *ui, struct ui_scan *j, int width)
{
	struct scan_view *v = &j->view;
	uint64_t now = clock_mono_ns();
	struct maker m = { 0 };

	if (!v->dirty && v->width == width)
		return true;
	if (!v->stale && v->width == width && now < v->next_ns) {
		ui_wake(ui, v->next_ns);
		return false;
	}
	v->width = width;
	scan_report_sort(j->report);
	compare(ui, j);
	put_lines(&m, j);
	if (m.n > v->cap) {
		/* Not by half more than is needed: there may be many. */
		v->cap = m.n + m.n / 16 + 64;
		v->line = xreallocarray(v->line, v->cap, sizeof(*v->line));
	}
	m.line = v->line;
	put_lines(&m, j);
	v->n = m.n;
	v->hidden = m.hidden;
	v->state_w = states_width(m.states);
	v->dirty = v->stale = false;
	cursor_sync(j);
	v->next_ns = now + (clock_mono_ns() - now) * SHARE;
	return true;
}
