/* SPDX-License-Identifier: ISC */
/*
 * Closed sockets on their way into the deck's table. Nothing happens until a
 * reading is there: only that shows what is left of them, so the loop is
 * never woken for a socket that closed, whatever their number.
 */
#include "config.h"

#include "app/deck_events.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/xmalloc.h"
#include "collect/events.h"

#define KEEP_MIN 1024 /* between two readings */
#define KEEP_MAX 65536

struct deck_events {
	struct events *events; /* NULL: none are told */
	struct ui *ui;
	uint32_t netns_seen;
};

struct deck_events *
deck_events_start(struct ui *ui, const struct args *args)
{
	struct deck_events *de = xcalloc(1, sizeof(*de));
	struct events_opts opts = { .netns = args->netns,
		.max = ui->config->opt.closed_max };
	char *cause = NULL;

	de->ui = ui;
	if (args->from != NULL)
		return de;
	if (opts.max < KEEP_MIN)
		opts.max = KEEP_MIN;
	else if (opts.max > KEEP_MAX)
		opts.max = KEEP_MAX;
	if (events_open(&de->events, &opts, &cause) < 0) {
		log_debug("deck: %s", cause);
		ui->unseen_why = cause;
	}
	return de;
}

/* Namespaces came or went: those are listened to that there are. */
static void
follow_netns(struct deck_events *de, const struct snap *snap)
{
	bool other = snap->netns_seen != de->netns_seen;
	size_t i;

	for (i = 0; i < snap->nnames; i++)
		other |= snap->name[i].kind == NAME_NETNS;
	if (other && de->netns_seen != 0)
		events_renew(de->events);
	de->netns_seen = snap->netns_seen;
}

void
deck_events_take(struct deck_events *de, const struct snap *snap)
{
	struct table *t = de->ui->table;
	struct sock_ends ends;
	size_t i;

	if (de->events == NULL)
		return;
	events_take(de->events, &ends);
	for (i = 0; i < ends.n; i++)
		table_end(t, &ends.end[i]);
	t->ends_lost += ends.lost;
	sock_ends_done(&ends);
	follow_netns(de, snap);
}

void
deck_events_stop(struct deck_events *de)
{
	if (de == NULL)
		return;
	events_close(de->events);
	free(de);
}
