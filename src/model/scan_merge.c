/* SPDX-License-Identifier: ISC */
/* Shards of a scan put together again. */
#include "config.h"

#include "model/scan_merge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/scan_report.h"
#include "model/scan_wire.h"

struct merge_file {
	char *where;               /* clean */
	struct scan_journal *read; /* kept: the first says what was asked */
	uint32_t shard;
	bool begun, over; /* it has a start; its end is good */
};

/* What the shards' host ends say of one host, by report_host.order. */
struct merge_end {
	uint64_t pos, probes;
	uint32_t settled[2]; /* of the files before this one */
	uint32_t here[2];    /* of this one: the most of its runs */
	size_t file;         /* number + 1; 0: none said anything */
	bool timeout;
};

struct scan_merge {
	struct merge_file *file;
	size_t nfile, cap_file;
	struct scan_report *report;
	struct merge_end *end;
	size_t cap_end;
	char *cause; /* why this file is refused */
	/* Sums, and of each file the last word. */
	struct scan_event start, total, last;
	uint64_t t_us;
	char *missing;
};

struct scan_merge *
scan_merge_new(void)
{
	struct scan_merge *m = xcalloc(1, sizeof(*m));

	m->report = scan_report_new();
	m->report->keep_closed = true;
	m->start.type = SCAN_EV_NTYPES;
	m->total.type = SCAN_EV_PROGRESS;
	m->missing = xstrdup("");
	return m;
}

void
scan_merge_free(struct scan_merge *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->nfile; i++) {
		free(m->file[i].where);
		scan_journal_free(m->file[i].read);
	}
	free(m->file);
	free(m->end);
	free(m->cause);
	free(m->missing);
	scan_report_free(m->report);
	free(m);
}

void
scan_merge_file(struct scan_merge *m, const char *where)
{
	m->file =
	    array_grow(m->file, &m->cap_file, m->nfile + 1, sizeof(*m->file));
	m->file[m->nfile++] =
	    (struct merge_file){ .where = text_clean(where, strlen(where)),
		    .read = scan_journal_new(where) };
	m->last = (struct scan_event){ .type = SCAN_EV_PROGRESS };
}

static struct merge_file *
this_file(struct scan_merge *m)
{
	return &m->file[m->nfile - 1];
}

/* -- what its start says --------------------------------------------------- */

/* The first that had a start, or NULL. */
static const struct merge_file *
first_begun(const struct scan_merge *m)
{
	size_t i;

	for (i = 0; i + 1 < m->nfile; i++)
		if (m->file[i].begun)
			return &m->file[i];
	return NULL;
}

static char *
not_alike(const struct scan_merge *m, const struct merge_file *f,
    const struct merge_file *first, const struct scan_event *ev)
{
	const struct scan_event *s = &m->start;
	char *why = NULL;
	size_t i;

	if (ev->start.seed != s->start.seed)
		xasprintf(&why,
		    "%s: its seed is %" PRIu64 ", that of %s is %" PRIu64
		    ": only parts of one scan can be merged",
		    f->where, ev->start.seed, first->where, s->start.seed);
	else if (ev->start.nshards != s->start.nshards)
		xasprintf(&why,
		    "%s: it is one of %u parts, %s one of %u: only parts of "
		    "one scan can be merged",
		    f->where, ev->start.nshards > 0 ? ev->start.nshards : 1,
		    first->where, s->start.nshards > 0 ? s->start.nshards : 1);
	else if (ev->start.plan != s->start.plan)
		xasprintf(&why,
		    "%s: its targets or ports are not those of %s (a name may "
		    "have had another address)",
		    f->where, first->where);
	for (i = 0; i + 1 < m->nfile && why == NULL; i++) {
		if (!m->file[i].begun || m->file[i].shard != ev->start.shard)
			continue;
		if (ev->start.nshards > 0)
			xasprintf(&why, "%s: it is shard %u/%u, and so is %s",
			    f->where, ev->start.shard, ev->start.nshards,
			    m->file[i].where);
		else
			xasprintf(&why,
			    "%s: it is the whole scan, and so is %s: there is "
			    "nothing to merge",
			    f->where, m->file[i].where);
	}
	return why;
}

static void
take_start(struct scan_merge *m, const struct scan_event *ev)
{
	const struct merge_file *first = first_begun(m);
	struct merge_file *f = this_file(m);
	struct scan_event *s = &m->start;

	if (f->begun)
		return; /* another run of the same, as the journal checked */
	if (first != NULL && (m->cause = not_alike(m, f, first, ev)) != NULL)
		return;
	f->begun = true;
	f->shard = ev->start.shard;
	if (first == NULL) {
		*s = *ev;
		return;
	}
	s->start.probes += ev->start.probes;
	s->start.how |= ev->start.how;
	/* With fewer ports than shards a host is no longer in each. */
	if (ev->start.ports < ev->start.nshards)
		s->start.hosts += ev->start.hosts;
	else if (ev->start.hosts > s->start.hosts)
		s->start.hosts = ev->start.hosts;
}

/* -- other events ---------------------------------------------------------- */

static void
take_host(struct scan_merge *m, const struct scan_event *ev)
{
	const struct report_host *h = scan_report_host(m->report, &ev->addr);

	/* Up for one is up. */
	if (h == NULL || !h->up || ev->host.up)
		(void)scan_report_feed(m->report, ev);
}

static void
take_host_end(struct scan_merge *m, const struct scan_event *ev)
{
	const struct report_host *h = scan_report_host(m->report, &ev->addr);
	const uint32_t settled[2] = { ev->host_end.tcp, ev->host_end.udp };
	size_t was = m->cap_end, i;
	struct merge_end *e;

	if (h == NULL)
		return; /* it was never told of */
	m->end = array_grow(
	    m->end, &m->cap_end, (size_t)h->order + 1, sizeof(*m->end));
	memset(m->end + was, 0, (m->cap_end - was) * sizeof(*m->end));
	e = &m->end[h->order];
	for (i = 0; i < 2; i++) {
		if (e->file != m->nfile) {
			e->settled[i] += e->here[i];
			e->here[i] = 0;
		}
		if (settled[i] > e->here[i])
			e->here[i] = settled[i];
	}
	e->file = m->nfile;
	e->pos = ev->host_end.pos;
	e->probes += ev->host_end.probes;
	e->timeout = e->timeout || ev->host_end.timeout;
}

/* What the runs of a file sent is added up; the rest is the last run's. */
static void
add_total(struct scan_merge *m)
{
	struct scan_event *t = &m->total;
	const struct scan_event *l = &m->last;

	t->progress.done += l->progress.done;
	t->progress.sent += l->progress.sent;
	t->progress.answers += l->progress.answers;
	t->progress.lost += l->progress.lost;
}

static void
take_event(void *arg, const struct scan_event *ev)
{
	struct scan_merge *m = arg;

	if (m->cause != NULL)
		return;
	if (ev->t_us > m->t_us)
		m->t_us = ev->t_us;
	switch (ev->type) {
	case SCAN_EV_START:
		take_start(m, ev);
		break;
	case SCAN_EV_HOST:
		take_host(m, ev);
		break;
	case SCAN_EV_HOST_END:
		take_host_end(m, ev);
		break;
	case SCAN_EV_TARGET:
	case SCAN_EV_PORT:
	case SCAN_EV_NOTE:
	case SCAN_EV_FACT:
	case SCAN_EV_SERVICE:
	case SCAN_EV_OS:
		(void)scan_report_feed(m->report, ev);
		break;
	case SCAN_EV_PROGRESS:
		m->last = *ev;
		break;
	case SCAN_EV_HELLO:
		add_total(m);
		m->last = (struct scan_event){ .type = SCAN_EV_PROGRESS };
		break;
	case SCAN_EV_END:
	case SCAN_EV_NTYPES:
		break;
	}
}

int
scan_merge_feed(
    struct scan_merge *m, const char *data, size_t len, char **cause)
{
	int r = scan_journal_feed(
	    this_file(m)->read, data, len, take_event, m, cause);

	if (r != 0 || m->cause == NULL)
		return r;
	*cause = m->cause;
	m->cause = NULL;
	return -EBADMSG;
}

int
scan_merge_file_end(struct scan_merge *m, char **cause)
{
	struct merge_file *f = this_file(m);

	if (scan_journal_whole(f->read) == 0) {
		xasprintf(cause, "%s: this is no journal of a scan", f->where);
		return -EBADMSG;
	}
	add_total(m);
	f->over = scan_journal_is_over(f->read);
	return 0;
}

/* -- what is missing ------------------------------------------------------- */

static int
file_cmp(const void *va, const void *vb)
{
	const struct merge_file *a = va, *b = vb;

	if (a->begun != b->begun)
		return a->begun ? -1 : 1;
	return (a->shard > b->shard) - (a->shard < b->shard);
}

static void
put_range(struct buf *b, uint64_t lo, uint64_t hi)
{
	if (lo > hi)
		return;
	buf_printf(b, "%s%" PRIu64, b->len > 0 ? ", " : "", lo);
	if (hi > lo)
		buf_printf(b, "-%" PRIu64, hi);
}

/* Files are sorted by shard. */
static void
put_missing(const struct scan_merge *m, struct buf *b)
{
	uint32_t n = m->start.start.nshards;
	struct buf list = { 0 };
	uint64_t next = 0;
	size_t i;

	for (i = 0; i < m->nfile && m->file[i].begun && n > 0; i++) {
		if (m->file[i].shard > next)
			put_range(&list, next, m->file[i].shard - 1);
		next = (uint64_t)m->file[i].shard + 1;
	}
	if (n > 0 && next < n)
		put_range(&list, next, n - 1);
	if (list.len > 0)
		buf_printf(b, "missing of the %u shards: %s", n, list.data);
	buf_done(&list);
	for (i = 0; i < m->nfile; i++)
		if (!m->file[i].over)
			buf_printf(b, "%s%s %s", b->len > 0 ? "; " : "",
			    m->file[i].where,
			    m->file[i].begun
				? "is not finished (scan --resume goes on)"
				: "has not begun (scan --resume goes on)");
}

static void
end_host(struct scan_merge *m, const struct report_host *h)
{
	struct scan_event ev = {
		.type = SCAN_EV_HOST_END, .t_us = m->t_us, .addr = h->addr
	};
	const struct merge_end *e;

	if (h->order >= m->cap_end || m->end[h->order].file == 0)
		return;
	e = &m->end[h->order];
	ev.host_end.pos = e->pos;
	ev.host_end.probes = e->probes;
	ev.host_end.tcp = e->settled[0] + e->here[0];
	ev.host_end.udp = e->settled[1] + e->here[1];
	ev.host_end.timeout = e->timeout;
	(void)scan_report_feed(m->report, &ev);
}

/* The last words of all. */
static void
end_scan(struct scan_merge *m)
{
	struct scan_report *r = m->report;
	struct scan_event ev = m->total;

	ev.t_us = m->t_us;
	ev.progress.probes = m->start.start.probes;
	ev.progress.open = r->nopen;
	ev.progress.hosts = m->start.start.hosts;
	ev.progress.hosts_up = r->nup;
	ev.progress.hosts_done = *m->missing == '\0' ? m->start.start.hosts : 0;
	ev.progress.hosts_upto = ev.progress.hosts_done;
	ev.progress.left_ms = UINT64_MAX;
	(void)scan_report_feed(r, &ev);
	ev = (struct scan_event){ .type = SCAN_EV_END, .t_us = m->t_us };
	if (*m->missing != '\0')
		ev.end.error = SCAN_EXIT_FAILED;
	(void)strlcpy(ev.end.cause, m->missing, sizeof(ev.end.cause));
	scan_text_cut(ev.end.cause, sizeof(ev.end.cause));
	ev.end.sent = m->total.progress.sent;
	ev.end.received = m->total.progress.answers;
	ev.end.hosts_up = r->nup;
	ev.end.hosts = m->start.start.hosts;
	(void)scan_report_feed(r, &ev);
}

/* What one worker would have told: the report is whole then. */
static void
fill_report(struct scan_merge *m)
{
	struct scan_event ev = { .type = SCAN_EV_HELLO };
	size_t i;

	ev.hello.version = SCAN_PROTOCOL;
	(void)strlcpy(
	    ev.hello.program, PACKAGE_VERSION, sizeof(ev.hello.program));
	ev.hello.how = m->start.start.how;
	(void)scan_report_feed(m->report, &ev);
	ev = m->start;
	ev.t_us = 0;
	ev.start.shard = ev.start.nshards = 0;
	(void)scan_report_feed(m->report, &ev);
	for (i = 0; i < m->report->nhost; i++)
		end_host(m, m->report->host[i]);
	end_scan(m);
}

int
scan_merge_end(struct scan_merge *m, char **cause)
{
	struct buf b = { 0 };

	if (m->nfile > 0)
		qsort(m->file, m->nfile, sizeof(*m->file), file_cmp);
	if (m->nfile == 0 || !m->file[0].begun) {
		xasprintf(cause, "%s: nothing was scanned yet",
		    m->nfile == 0 ? "no file" : m->file[0].where);
		return -EBADMSG;
	}
	put_missing(m, &b);
	free(m->missing);
	m->missing = b.len > 0 ? buf_steal(&b) : xstrdup("");
	fill_report(m);
	return 0;
}

void
scan_merge_tell(struct scan_merge *m, scan_take take, void *arg)
{
	scan_report_sort(m->report);
	scan_report_tell(m->report, take, arg);
}

const char *
scan_merge_missing(const struct scan_merge *m)
{
	return m->missing;
}

/* -- what the files say of themselves -------------------------------------- */

const struct scan_spec *
scan_merge_asked(const struct scan_merge *m)
{
	const struct scan_spec *s;
	size_t i;

	for (i = 0; i < m->nfile; i++)
		if ((s = scan_journal_asked(m->file[i].read)) != NULL)
			return s;
	return NULL;
}

const char *
scan_merge_command(const struct scan_merge *m)
{
	const char *s;
	size_t i;

	for (i = 0; i < m->nfile; i++)
		if (*(s = scan_journal_command(m->file[i].read)) != '\0')
			return s;
	return "";
}

int64_t
scan_merge_began(const struct scan_merge *m)
{
	int64_t first = 0, t;
	size_t i;

	for (i = 0; i < m->nfile; i++) {
		t = scan_journal_began(m->file[i].read);
		if (t > 0 && (first == 0 || t < first))
			first = t;
	}
	return first;
}
