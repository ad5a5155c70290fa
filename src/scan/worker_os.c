/* SPDX-License-Identifier: ISC */
/* The worker's third work: which systems hosts run. What is asked comes line
 * by line, as in worker_probe.c. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "scan/os_scan.h"
#include "scan/worker.h"

#define PROGRESS_NS 100000000

/* By -T: hosts at once, tries of a packet. */
static const struct {
	uint16_t hosts, tries;
} paces[] = { { 1, 3 }, { 2, 3 }, { 8, 3 }, { 64, 3 }, { 128, 2 }, { 256, 2 } };

static void
tell_progress(struct worker *w, bool last)
{
	struct scan_event ev = { .type = SCAN_EV_PROGRESS };
	uint64_t now = clock_mono_ns();

	if (!last && now < w->progress_at + PROGRESS_NS)
		return;
	w->progress_at = now;
	ev.progress.probes = w->nasked;
	ev.progress.done = w->ntold;
	ev.progress.left_ms = UINT64_MAX;
	(void)strlcpy(ev.progress.phase, "systems", sizeof(ev.progress.phase));
	worker_tell(w, &ev);
}

static void
put_guess(struct os_info *i, const struct os_match *m, size_t n)
{
	const struct os_family *f;
	size_t k;

	if (n == 0)
		return;
	f = m[0].family;
	i->conf = (uint8_t)m[0].conf;
	i->basis = f->measured ? OS_BY_MEASURE : OS_BY_LITERATURE;
	(void)strlcpy(i->name, f->name, sizeof(i->name));
	(void)strlcpy(i->family, f->family, sizeof(i->family));
	(void)strlcpy(i->vendor, f->vendor, sizeof(i->vendor));
	(void)strlcpy(i->generation, f->generation, sizeof(i->generation));
	(void)strlcpy(i->type, f->type, sizeof(i->type));
	(void)strlcpy(i->cpe, f->cpe, sizeof(i->cpe));
	for (k = 1; k < n && k <= OS_OTHERS; k++) {
		(void)strlcpy(i->other[k - 1], m[k].family->name,
		    sizeof(i->other[k - 1]));
		i->other_conf[k - 1] = (uint8_t)m[k].conf;
	}
}

static void
on_found(void *arg, const struct os_job *job, const struct os_seen *seen)
{
	struct worker *w = arg;
	struct scan_event ev = { .type = SCAN_EV_OS, .addr = job->addr };
	struct os_match match[OS_MATCHES_MAX];
	struct os_values values;
	struct buf b = { 0 };

	os_values_of(&values, seen);
	put_guess(&ev.os, match, os_guess(&values, match));
	ev.os.ttl = (uint8_t)os_ttl_of(seen);
	ev.os.distance = os_distance(seen);
	ev.os.open = job->open;
	ev.os.closed = seen->answer[OS_CLOSED].came ? job->closed : 0;
	os_seen_put(&b, seen);
	(void)strlcpy(
	    ev.os.seen, b.data == NULL ? "" : b.data, sizeof(ev.os.seen));
	buf_done(&b);
	w->ntold++;
	w->nnamed += ev.os.name[0] != '\0';
	worker_tell(w, &ev);
	tell_progress(w, false);
}

static void
on_note(void *arg, bool warning, const char *text)
{
	worker_note(arg, warning, "%s", text);
}

struct os_scan *
worker_os_new(struct worker *w, struct priv *p, char **cause)
{
	const struct os_sink sink = { on_found, on_note, worker_sink_full, w };
	const struct scan_spec *s = &w->spec;
	unsigned hosts = paces[s->timing].hosts, tries;

	if (s->max_parallel != 0 && s->max_parallel < hosts)
		hosts = s->max_parallel;
	tries = s->max_retries < 0 || s->max_retries >= paces[s->timing].tries
		    ? paces[s->timing].tries
		    : (unsigned)s->max_retries + 1;
	return os_scan_new(p, hosts, tries, &sink, cause);
}

void
worker_os_heed(struct worker *w, enum scan_op op)
{
	const struct scan_ask *a = &w->spec.ask;
	const struct os_job job = {
		.addr = a->addr, .open = a->open, .closed = a->closed
	};

	switch (op) {
	case SCAN_OP_ASK:
		os_scan_add(w->os, &job);
		w->nasked++;
		break;
	case SCAN_OP_GO:
		w->asked_all = true;
		os_scan_last(w->os);
		break;
	case SCAN_OP_STOP:
		os_scan_stop(w->os);
		break;
	case SCAN_OP_PAUSE:
	case SCAN_OP_RESUME:
		os_scan_pause(w->os, op == SCAN_OP_PAUSE);
		break;
	case SCAN_OP_SCAN:
	case SCAN_OP_MORE:
		break; /* never now */
	}
}

static void
on_ready(void *arg)
{
	worker_ends_ready(arg);
}

int
worker_os_attach(struct worker *w, struct os_scan *s)
{
	int r = worker_ends_open(w);

	if (r < 0)
		return r;
	w->os = s;
	worker_ends_read(w);
	if (w->in_ended && !w->asked_all)
		worker_os_heed(w, SCAN_OP_GO);
	return 0;
}

enum scan_exit
worker_os_run(struct worker *w, char **cause)
{
	int r = 0;

	if (!w->stopped && w->bad == NULL)
		r = os_scan_run(w->os, w->epfd, on_ready, w, cause);
	os_scan_sum(w->os, &w->npackets, &w->nanswers);
	tell_progress(w, true);
	return worker_outcome(w, r, cause);
}
