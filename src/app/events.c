/* SPDX-License-Identifier: ISC */
/*
 * list --events: readings tell what is new and who holds it, the kernel tells
 * what closes; here both become one stream. One thread prints; the kernel's
 * word is kept by another meanwhile, so that a slow reader or a long reading
 * loses nothing but what is counted.
 */
#include "config.h"

#include "app/events.h"
#include "app/oneshot.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/collect.h"
#include "collect/events.h"
#include "model/feed.h"
#include "model/view.h"

#define KEEP_MAX 65536 /* closed ones, while something else is done */

static volatile sig_atomic_t interrupted;

struct stream {
	const struct args *args;
	const struct options *opt;
	struct collect *collect;
	struct events *events; /* NULL: the kernel does not tell */
	struct table *table;
	struct view_ctx ctx;
	struct alerts *alerts;
	struct feed feed;
	struct request request;
	struct out out;
	uint64_t lines, next_ns;
	uint32_t netns_seen;
	bool noted, stop;
	int error; /* of printing */
};

static void
on_interrupt(int sig)
{
	(void)sig;
	if (interrupted != 0)
		_exit(STATUS_INTERRUPTED);
	interrupted = 1;
}

static void
signals(void)
{
	struct sigaction sa = { 0 };

	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_interrupt;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	/* Whoever stops reading (head) ends us quietly. */
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

static void
put(void *arg, const struct feed_event *ev)
{
	struct stream *s = arg;

	if (s->stop)
		return;
	s->error = out_event(&s->out, ev, &s->ctx);
	s->lines++;
	if (s->error != 0 ||
	    (s->args->limit != 0 && s->lines >= s->args->limit))
		s->stop = true;
}

static void
choose_request(struct stream *s)
{
	const struct args *a = s->args;
	struct request *q = &s->request;

	/* All states: a socket is not new for having changed its state. */
	oneshot_families(q, a);
	q->states = SOCK_STATES_ALL;
	q->netns = a->netns;
	q->need = NEED_OWNER | NEED_USER | NEED_IFACE | NEED_BOUND |
		  filter_needs(a->filter) | alerts_needs(s->alerts);
	if (a->format == OUT_JSONL)
		q->need |= NEED_CMDLINE | NEED_CGROUP | NEED_SKCGROUP;
}

static int
stream_open(struct stream *s, const struct config *cfg, char **cause)
{
	struct collect_opts copts = { .delta = true };
	struct events_opts eopts = { .netns = s->args->netns, .max = KEEP_MAX };
	char *why = NULL;
	int r;

	s->table = table_new();
	table_set_closed_max(s->table, 0); /* they are told, not kept */
	/* A row that is gone stays until the reading after the next. */
	s->table->fresh_ns = 2 * s->opt->interval_ns + UINT64_C(3000000000);
	s->ctx = (struct view_ctx){ .table = s->table,
		.numeric_ports = s->args->numeric || s->opt->numeric,
		.ascii = !text_utf8() };
	s->alerts = alerts_new(cfg);
	choose_request(s);
	s->out = (struct out){ .file = stdout, .args = s->args };
	r = collect_open(&s->collect, &copts, cause);
	if (r != 0)
		return r;
	if (events_open(&s->events, &eopts, &why) != 0) {
		out_error("sockets that close between two readings are not "
			  "seen: %s",
		    why);
		free(why);
	}
	s->feed = (struct feed){ .ctx = &s->ctx,
		.filter = s->args->filter,
		.alerts = s->alerts,
		.told = s->events != NULL,
		.put = put,
		.arg = s };
	return 0;
}

/* Only those of the families and protocols that are asked for. */
static bool
asked_for(const struct stream *s, const struct sock_rec *rec)
{
	const struct request *q = &s->request;

	return (rec->proto == SOCK_UDP ? q->udp : q->tcp) &&
	       (rec->family == 6 ? q->v6 : q->v4);
}

/* What closed up to now. only_known: the others are left, moved to the front;
 * they may be in the reading that is about to be merged. */
static void
tell_ends(struct stream *s, struct sock_ends *ends, bool only_known)
{
	size_t i, n = 0;

	for (i = 0; i < ends->n; i++) {
		const struct sock_end *e = &ends->end[i];

		if (!asked_for(s, &e->rec))
			continue;
		if (only_known &&
		    table_find(s->table, sock_key(&e->rec)) == NULL)
			ends->end[n++] = *e;
		else
			feed_end(&s->feed, e);
	}
	ends->n = n;
}

static void
take_ends(struct stream *s)
{
	struct sock_ends ends;

	events_take(s->events, &ends);
	tell_ends(s, &ends, false);
	feed_lost(&s->feed, ends.lost, clock_mono_ns());
	/* What readings know of is told by the next one, whatever was lost. */
	if (ends.lost > 0)
		s->next_ns = 0;
	sock_ends_done(&ends);
}

static void
follow_netns(struct stream *s, const struct snap *snap)
{
	bool other = snap->netns_seen != s->netns_seen;
	size_t i;

	for (i = 0; i < snap->nnames; i++)
		other |= snap->name[i].kind == NAME_NETNS;
	if (other && s->netns_seen != 0 && s->events != NULL)
		events_renew(s->events);
	s->netns_seen = snap->netns_seen;
}

static int
read_once(struct stream *s, char **cause)
{
	uint64_t begun = clock_mono_ns(), took;
	struct sock_ends ends = { 0 };
	struct snap *snap = NULL;
	bool owners;
	int r;

	r = collect_read(s->collect, &s->request, &snap, cause);
	if (r != 0)
		return r;
	if (s->events != NULL)
		events_take(s->events, &ends);
	tell_ends(s, &ends, true);
	follow_netns(s, snap);
	owners = (snap->flags & SNAP_OWNERS) != 0;
	table_merge(s->table, snap, NULL);
	feed_merged(&s->feed, owners);
	tell_ends(s, &ends, false);
	feed_lost(&s->feed, ends.lost, clock_mono_ns());
	sock_ends_done(&ends);
	if (!s->noted)
		out_notes(snap);
	s->noted = true;
	snap_free(snap);
	took = clock_mono_ns() - begun;
	s->next_ns =
	    begun +
	    (3 * took > s->opt->interval_ns ? 3 * took : s->opt->interval_ns);
	return 0;
}

/* Until something closed or the next reading is due; -EINTR. */
static int
wait_for_more(const struct stream *s)
{
	uint64_t now = clock_mono_ns();
	uint64_t left = s->next_ns > now ? s->next_ns - now : 0;
	struct timespec ts = { .tv_sec = (time_t)(left / 1000000000),
		.tv_nsec = (long)(left % 1000000000) };
	struct pollfd p = { .fd = s->events != NULL ? events_fd(s->events) : -1,
		.events = POLLIN };
	sigset_t block, old;
	int r;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &block, &old);
	r = interrupted != 0 ? -EINTR : ppoll(&p, 1, &ts, &old);
	if (r == -1)
		r = -errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r < 0 ? r : 0;
}

static int
run(struct stream *s, char **cause)
{
	int r;

	(void)out_events_titles(&s->out); /* the flush below tells */
	for (;;) {
		r = 0;
		if (clock_mono_ns() >= s->next_ns)
			r = read_once(s, cause);
		else if (s->events != NULL)
			take_ends(s);
		if (r != 0)
			return r;
		errno = 0;
		if (s->error == 0 && fflush(stdout) != 0)
			s->error = errno != 0 ? -errno : -EIO;
		if (s->error != 0) {
			xasprintf(cause, "cannot write standard output: %s",
			    strerror(-s->error));
			return s->error;
		}
		if (s->stop)
			return 0;
		r = wait_for_more(s);
		if (r != 0)
			return r;
	}
}

int
events_main(const struct args *args, const struct config *cfg)
{
	struct stream s = { .args = args, .opt = &cfg->opt };
	char *cause = NULL;
	int r;

	xmalloc_stay_small();
	signals();
	r = stream_open(&s, cfg, &cause);
	if (r == 0)
		r = run(&s, &cause);
	if (cause != NULL)
		out_error("%s", cause);
	else if (r != 0 && r != -EINTR)
		out_error("%s", strerror(-r));
	free(cause);
	events_close(s.events);
	collect_close(s.collect);
	alerts_free(s.alerts);
	table_free(s.table);
	if (r == 0)
		return STATUS_OK;
	if (r == -EINTR)
		return STATUS_INTERRUPTED;
	return r == -EPERM || r == -EACCES ? STATUS_REFUSED : STATUS_FAILED;
}
