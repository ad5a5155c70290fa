/* SPDX-License-Identifier: ISC */
/*
 * Events: what is told of sockets, in what order, and never twice. And the
 * rules for alerts: once a socket, and so many a minute.
 */
#include "config.h"

#include "base/buf.h"
#include "model/feed.h"
#include "rows_help.h"

struct world {
	struct table *t;
	struct view_ctx ctx;
	struct feed feed;
	struct config config;
	struct buf said; /* "opened 1; closed 1 ESTABLISHED told; ..." */
};

static void
said(void *arg, const struct feed_event *ev)
{
	struct world *w = arg;

	if (w->said.len > 0)
		buf_puts(&w->said, "; ");
	buf_puts(&w->said, feed_kind_name(ev->kind));
	if (ev->rule != NULL)
		buf_printf(&w->said, " %s", ev->rule);
	if (ev->row == NULL) {
		buf_printf(&w->said, " %llu", (unsigned long long)ev->count);
		return;
	}
	buf_printf(&w->said, " %llu", (unsigned long long)ev->row->rec.cookie);
	if (ev->kind != FEED_CLOSED)
		return;
	buf_printf(&w->said, " %s%s",
	    ev->was == SOCK_STATE_UNKNOWN ? "unseen" : sock_state_name(ev->was),
	    ev->told ? " told" : "");
	if (ev->row->owners.proc != NULL)
		buf_printf(&w->said, " %s", ev->row->owners.proc->comm);
	if (ev->listener != NULL && ev->listener->owners.proc != NULL)
		buf_printf(
		    &w->said, " via %s", ev->listener->owners.proc->comm);
}

static void
expect(struct world *w, const char *text)
{
	assert_string_equal(w->said.len > 0 ? w->said.data : "", text);
	buf_reset(&w->said);
}

static void
rules(struct world *w, const char *text)
{
	char **errors;

	config_init(&w->config);
	assert_int_equal(
	    config_parse(&w->config, text, strlen(text), &errors), 0);
	free(errors);
	w->feed.alerts = alerts_new(&w->config);
}

static void
begin(struct world *w, bool told)
{
	memset(w, 0, sizeof(*w));
	w->t = table_new();
	w->ctx.table = w->t;
	w->ctx.numeric_ports = true;
	w->feed = (struct feed){
		.ctx = &w->ctx, .told = told, .put = said, .arg = w
	};
}

static void
end(struct world *w)
{
	alerts_free(w->feed.alerts);
	config_done(&w->config);
	table_free(w->t);
	buf_done(&w->said);
}

struct seen {
	uint64_t cookie;
	uint8_t state;
};

static void
reading(struct world *w, uint64_t at, const struct seen *s)
{
	struct snap *snap = help_snap(at * SEC, SNAP_OWNERS);
	struct snap_sock *k;

	for (; s->cookie != 0; s++) {
		k = help_put(snap, help_rec(s->cookie));
		k->rec.state = s->state;
		if (s->state == SOCK_TIME_WAIT)
			k->rec.inode = 0;
		else
			help_own(k, 812, "nginx");
		if (s->state == SOCK_LISTEN)
			memset(&k->rec.peer, 0, sizeof(k->rec.peer));
	}
	table_merge(w->t, snap, NULL);
	snap_free(snap);
	feed_merged(&w->feed, true);
}

static void
ended(struct world *w, uint64_t cookie, uint64_t at)
{
	struct sock_end e = { .mono_ns = at * SEC };

	e.rec = help_rec(cookie);
	e.rec.inode = 0;
	e.rec.state = SOCK_CLOSED;
	e.rec.known = KNOWN_IFACE;
	feed_end(&w->feed, &e);
}

static const struct seen nothing[] = { { 0 } };
static const struct seen one[] = { { 1, SOCK_ESTABLISHED }, { 0 } };
static const struct seen one_over[] = { { 1, SOCK_TIME_WAIT }, { 0 } };
static const struct seen server[] = { { 5, SOCK_LISTEN }, { 0 } };

/* -- opened and closed ---------------------------------------------------- */

static void
first_reading_is_no_news(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	ended(&w, 9, 9);
	reading(&w, 10, one);
	expect(&w, "");
	reading(&w, 12, one);
	expect(&w, "");
	end(&w);
}

static void
told_by_the_kernel(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	reading(&w, 10, nothing);
	reading(&w, 12, one);
	expect(&w, "opened 1");
	ended(&w, 1, 13);
	expect(&w, "closed 1 ESTABLISHED told nginx");
	ended(&w, 1, 13);
	reading(&w, 14, nothing);
	reading(&w, 16, nothing);
	expect(&w, "");
	end(&w);
}

/* It lives on in TIME-WAIT, and ends there: no other event. */
static void
time_wait_is_closed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	reading(&w, 10, one);
	ended(&w, 1, 11);
	expect(&w, "closed 1 ESTABLISHED told nginx");
	reading(&w, 12, one_over);
	reading(&w, 14, one_over);
	reading(&w, 16, nothing);
	reading(&w, 18, nothing);
	expect(&w, "");
	/* There from the beginning: over before we looked. */
	end(&w);
	begin(&w, true);
	reading(&w, 10, one_over);
	reading(&w, 12, nothing);
	reading(&w, 14, nothing);
	expect(&w, "");
	end(&w);
}

static void
unseen(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	reading(&w, 10, server);
	ended(&w, 7, 11); /* its local port is the listener's */
	expect(&w, "closed 7 unseen told via nginx");
	reading(&w, 12, server);
	expect(&w, "");
	/* What is left of an unseen one has another cookie, and is no news. */
	ended(&w, 1, 13);
	expect(&w, "closed 1 unseen told via nginx");
	{
		struct snap *snap = help_snap(14 * SEC, SNAP_DELTA);
		struct snap_sock *k = help_put(snap, help_rec(1));

		k->rec.cookie = 1001;
		k->rec.inode = 0;
		k->rec.state = SOCK_TIME_WAIT;
		table_merge(w.t, snap, NULL);
		snap_free(snap);
		feed_merged(&w.feed, true);
	}
	reading(&w, 16, server);
	reading(&w, 18, server);
	expect(&w, "");
	feed_lost(&w.feed, 3, 18 * SEC);
	feed_lost(&w.feed, 0, 18 * SEC);
	expect(&w, "lost 3");
	end(&w);
}

/* The kernel's word was lost: the reading after the next tells. */
static void
unheard(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	reading(&w, 10, one);
	reading(&w, 12, nothing);
	expect(&w, "");
	reading(&w, 14, nothing);
	expect(&w, "closed 1 ESTABLISHED nginx");
	reading(&w, 16, nothing);
	expect(&w, "");
	/* It came late. */
	reading(&w, 18, one);
	expect(&w, "opened 1");
	reading(&w, 20, nothing);
	ended(&w, 1, 19);
	expect(&w, "closed 1 ESTABLISHED told nginx");
	reading(&w, 22, nothing);
	expect(&w, "");
	end(&w);
}

/* A kernel that tells nothing: readings alone, at once. */
static void
readings_alone(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	reading(&w, 10, one);
	reading(&w, 12, nothing);
	expect(&w, "closed 1 ESTABLISHED nginx");
	reading(&w, 30, nothing);
	reading(&w, 40, one);
	reading(&w, 42, one_over);
	reading(&w, 44, nothing);
	expect(&w, "opened 1; closed 1 TIME-WAIT nginx");
	end(&w);
}

static void
filtered(void **state)
{
	struct filter_error e = { 0 };
	struct filter *f = NULL;
	struct world w;

	(void)state;
	begin(&w, true);
	assert_int_equal(filter_parse("state established", &f, &e), 0);
	w.feed.filter = f;
	reading(&w, 10, nothing);
	reading(&w, 12, server);
	expect(&w, "");
	reading(&w, 14, one);
	expect(&w, "opened 1");
	ended(&w, 1, 15);
	expect(&w, "closed 1 ESTABLISHED told nginx");
	end(&w);
	filter_free(f);
}

/* -- alerts --------------------------------------------------------------- */

static void
once_a_socket(void **state)
{
	struct row *r;
	struct world w;

	(void)state;
	begin(&w, true);
	rules(&w, "alert web = sport = :80\nalert est = state=ESTABLISHED\n");
	reading(&w, 10, one);
	expect(&w, "alert web 1; alert est 1"); /* there from the beginning */
	r = table_find(w.t, (struct sock_key){ .cookie = 1, .netns = 1 });
	assert_true((r->flags & ROW_ALERT) != 0);
	reading(&w, 12, one);
	expect(&w, "");
	reading(&w, 14, one_over);
	reading(&w, 16, one);
	expect(&w, ""); /* matches again: told before */
	w.feed.alerts = (alerts_free(w.feed.alerts), NULL);
	config_done(&w.config);
	/* The mark goes with what it stood for. */
	rules(&w, "alert tw = state=TIME-WAIT\n");
	reading(&w, 18, one);
	assert_int_equal(r->flags & ROW_ALERT, 0);
	reading(&w, 20, one_over);
	assert_true((r->flags & ROW_ALERT) != 0);
	buf_reset(&w.said);
	end(&w);
}

/* Closed before a reading saw it: a rule that asks for an owner is silent,
 * since nobody is known to have held it. */
static void
of_unseen_ones(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	rules(&w, "alert web = sport = :80\nalert who = not process=sshd\n");
	reading(&w, 10, nothing);
	ended(&w, 1, 11);
	expect(&w, "closed 1 unseen told; alert web 1");
	end(&w);
}

static void
with_time(void **state)
{
	struct world w;

	(void)state;
	begin(&w, true);
	rules(&w, "alert old = age>30s\n");
	reading(&w, 10, nothing);
	reading(&w, 12, one);
	expect(&w, "opened 1");
	reading(&w, 30, one);
	expect(&w, "");
	reading(&w, 60, one);
	expect(&w, "alert old 1");
	end(&w);
}

static void
so_many_a_minute(void **state)
{
	struct seen many[12];
	struct world w;
	uint64_t i;

	(void)state;
	begin(&w, true);
	rules(&w, "alert-limit = 3\nalert a = sport = :80\n");
	for (i = 0; i < 11; i++)
		many[i] = (struct seen){ i + 1, SOCK_ESTABLISHED };
	many[11] = (struct seen){ 0 };
	reading(&w, 10, many);
	expect(&w, "alert a 1; alert a 2; alert a 3");
	reading(&w, 40, many);
	expect(&w, "");
	reading(&w, 70, many);
	expect(&w, "alert a 8");
	many[0].cookie = 50;
	reading(&w, 72, many);
	expect(&w, "opened 50; alert a 50");
	end(&w);
}

/* No owner, no accusation: a reading that did not look for them. */
static void
owners_not_looked_for(void **state)
{
	struct snap *snap = help_snap(10 * SEC, 0);
	struct world w;

	(void)state;
	begin(&w, true);
	rules(&w, "alert who = not process=nginx\n");
	(void)help_put(snap, help_rec(1));
	table_merge(w.t, snap, NULL);
	snap_free(snap);
	feed_merged(&w.feed, false);
	expect(&w, "");
	reading(&w, 12, one);
	expect(&w, "");
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_reading_is_no_news),
		cmocka_unit_test(told_by_the_kernel),
		cmocka_unit_test(time_wait_is_closed),
		cmocka_unit_test(unseen),
		cmocka_unit_test(unheard),
		cmocka_unit_test(readings_alone),
		cmocka_unit_test(filtered),
		cmocka_unit_test(once_a_socket),
		cmocka_unit_test(of_unseen_ones),
		cmocka_unit_test(with_time),
		cmocka_unit_test(so_many_a_minute),
		cmocka_unit_test(owners_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
