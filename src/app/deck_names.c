/* SPDX-License-Identifier: ISC */
/*
 * Reverse names for the deck: a bounded number of look-ups in libuv's thread
 * pool. A slow name server costs nothing but the names.
 */
#include "config.h"

#include "app/deck_names.h"

#include <stdlib.h>

#include "app/resolve.h"
#include "base/array.h"
#include "base/xmalloc.h"

#define AT_ONCE 4

struct lookup {
	uv_work_t work;
	struct deck_names *names;
	struct endpoint addr;
	uint8_t family;
	bool busy;
	char text[RESOLVE_NAME_MAX];
};

struct deck_names {
	uv_loop_t *loop;
	struct ui *ui;
	struct lookup lookup[AT_ONCE];
	bool stopped;
};

struct deck_names *
deck_names_new(uv_loop_t *loop, struct ui *ui)
{
	struct deck_names *n = xcalloc(1, sizeof *n);
	size_t i;

	n->loop = loop;
	n->ui = ui;
	for (i = 0; i < nitems(n->lookup); i++) {
		n->lookup[i].names = n;
		n->lookup[i].work.data = &n->lookup[i];
	}
	return n;
}

/* In a thread of the pool: touches its own look-up only. */
static void
look_up(uv_work_t *work)
{
	struct lookup *l = work->data;

	resolve_one(&l->addr, l->family, l->text);
}

static void
looked_up(uv_work_t *work, int status)
{
	struct lookup *l = work->data;
	struct deck_names *n = l->names;

	l->busy = false;
	if (n->stopped)
		return;
	if (status == 0) {
		names_host_set(
		    n->ui->table->names, &l->addr, l->family, l->text);
		n->ui->dirty |= DIRTY_TABLE;
	}
	deck_names_run(n);
}

void
deck_names_run(struct deck_names *n)
{
	struct lookup *l;
	size_t i;

	for (i = 0; i < nitems(n->lookup) && !n->stopped; i++) {
		l = &n->lookup[i];
		if (l->busy)
			continue;
		if (names_host_wanted(
			n->ui->table->names, &l->addr, &l->family, 1) == 0)
			return;
		l->busy =
		    uv_queue_work(n->loop, &l->work, look_up, looked_up) == 0;
	}
}

void
deck_names_stop(struct deck_names *n)
{
	size_t i;

	if (n == NULL)
		return;
	n->stopped = true;
	for (i = 0; i < nitems(n->lookup); i++)
		if (n->lookup[i].busy)
			(void)uv_cancel((uv_req_t *)&n->lookup[i].work);
}

void
deck_names_free(struct deck_names *n)
{
	free(n);
}
