/* SPDX-License-Identifier: ISC */
/* Columns: the table itself, the text of cells, sets of columns, order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "fixture.h"
#include "model/column.h"

static struct fixture fx;

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fx);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_done(&fx);
	return 0;
}

static void
test_table(void **state)
{
	const struct column *c, *d;
	size_t n = 0;

	(void)state;
	for (c = columns; c->name != NULL; c++, n++) {
		if (c->help == NULL || strlen(c->help) < 4 ||
		    c->help[strlen(c->help) - 1] == '.')
			fail_msg("%s: help", c->name);
		if (c->title == NULL || c->title[0] == '\0' ||
		    c->width < c->minwidth || c->minwidth == 0)
			fail_msg("%s: title or width", c->name);
		if (c->get == NULL || c->type == VAL_NONE)
			fail_msg("%s: no accessor", c->name);
		if (c->parse != NULL && c->takes == NULL)
			fail_msg("%s: what does it take?", c->name);
		assert_ptr_equal(column_find(c->name), c);
		if (c->alias != NULL)
			assert_ptr_equal(column_find(c->alias), c);
		for (d = columns; d->name != NULL; d++)
			if (d != c && strcmp(d->title, c->title) == 0)
				fail_msg("%s and %s have one title", c->name,
				    d->name);
	}
	assert_int_equal(n, ncolumns);
	assert_ptr_equal(column_find("PID"), column_find("pid"));
	assert_null(column_find("nosuch"));
	assert_null(column_find(""));
}

/* Every cell of every row: a value of the column's type, clean text. */
static void
test_cells_all(void **state)
{
	struct buf b = { 0 };
	const struct column *c;
	struct value v;
	int i, mode;

	(void)state;
	for (c = columns; c->name != NULL; c++)
		for (i = 0; i < FIXTURE_ROWS; i++)
			for (mode = 0; mode < 2; mode++) {
				/* No table was merged: no index of pairs. */
				if (strcmp(c->name, "pair") == 0 ||
				    strcmp(c->name, "listener") == 0)
					continue;
				fx.ctx.numeric_ports = mode == 0;
				fx.ctx.resolve = mode == 1;
				buf_reset(&b);
				column_put(c, &fx.row[i], &fx.ctx, &b);
				if (b.len == 0 || b.len != strlen(b.data) ||
				    !text_is_clean(b.data, b.len))
					fail_msg("%s of %c is \"%s\"", c->name,
					    (char)('a' + i), b.data);
				memset(&v, 0, sizeof(v));
				if (c->get(&fx.row[i], &fx.ctx, &v) &&
				    v.type != c->type)
					fail_msg("%s of %c has type %d",
					    c->name, (char)('a' + i),
					    (int)v.type);
			}
	buf_done(&b);
}

struct cell {
	const char *column;
	int row;
	const char *text;
};

static void
check_cells(const struct cell *cells, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		buf_reset(&b);
		column_put(column_find(cells[i].column), &fx.row[cells[i].row],
		    &fx.ctx, &b);
		if (strcmp(b.data, cells[i].text) != 0)
			fail_msg("%s of %c is \"%s\", not \"%s\"",
			    cells[i].column, (char)('a' + cells[i].row), b.data,
			    cells[i].text);
	}
	buf_done(&b);
}

static void
test_cells(void **state)
{
	static const struct cell cells[] = { { "proto", ROW_a, "tcp" },
		{ "proto", ROW_g, "udp" }, { "family", ROW_a, "v4" },
		{ "family", ROW_j, "v6" }, { "state", ROW_a, "LISTEN" },
		{ "state", ROW_g, "UNCONNECTED" },
		{ "state", ROW_i, "TIME-WAIT" }, { "recvq", ROW_e, "3" },
		{ "sendq", ROW_e, "511" }, { "backlog", ROW_e, "3/511" },
		{ "backlog", ROW_b, "-" }, { "local", ROW_a, "0.0.0.0:22" },
		{ "local", ROW_e, "*:443" }, { "local", ROW_n, "[::1]:631" },
		{ "local", ROW_g, "0.0.0.0%eth0:53" },
		{ "local", ROW_j, "[2001:db8::1]:443" },
		{ "laddr", ROW_j, "2001:db8::1" }, { "laddr", ROW_e, "*" },
		{ "lport", ROW_j, "443" }, { "peer", ROW_a, "-" },
		{ "peer", ROW_d, "10.0.0.2:50312" },
		{ "peer", ROW_i, "[::ffff:192.0.2.7]:51000" },
		{ "paddr", ROW_d, "10.0.0.2" }, { "pport", ROW_d, "50312" },
		{ "pport", ROW_a, "-" }, { "service", ROW_a, "ssh" },
		{ "service", ROW_c, "ssh" }, { "service", ROW_h, "domain" },
		{ "service", ROW_j, "https" }, { "pid", ROW_a, "812" },
		{ "pid", ROW_b, "-" }, { "pid", ROW_e, "900" },
		{ "pids", ROW_e, "900,901" }, { "holders", ROW_e, "2" },
		{ "user", ROW_a, "root" }, { "user", ROW_h, "ann" },
		{ "user", ROW_b, "0" }, { "process", ROW_e, "nginx" },
		{ "process", ROW_l, "a|b \"c\"" },
		{ "cmdline", ROW_g, "dnsmasq -k" },
		{ "exe", ROW_f, "/usr/lib/postgresql/15/bin/postgres" },
		{ "cwd", ROW_f, "/var/lib/postgresql" },
		{ "unit", ROW_a, "ssh.service" },
		{ "container", ROW_f, "docker:0123456789ab" },
		{ "cgroup", ROW_e, "/system.slice/nginx.service" },
		{ "skcgroup", ROW_j, "/web.slice" },
		{ "start", ROW_a, "2026-11-21T02:50:55Z" },
		{ "fd", ROW_e, "6" }, { "ppid", ROW_a, "1" },
		{ "netns", ROW_a, "default" }, { "netns", ROW_h, "web" },
		{ "nsid", ROW_a, "4026531840" }, { "iface", ROW_g, "eth0" },
		{ "iface", ROW_a, "-" }, { "uid", ROW_f, "110" },
		{ "inode", ROW_a, "15970" }, { "inode", ROW_i, "-" },
		{ "cookie", ROW_a, "4096" }, { "mark", ROW_j, "0x1ff" },
		{ "mark", ROW_a, "-" }, { "exposed", ROW_a, "all" },
		{ "exposed", ROW_f, "loopback" }, { "exposed", ROW_b, "-" },
		{ "v6only", ROW_n, "yes" }, { "v6only", ROW_e, "no" },
		{ "v6only", ROW_j, "-" }, { "shutdown", ROW_l, "rd" },
		{ "rx", ROW_j, "1.5K" }, { "tx", ROW_j, "2.5M" },
		{ "rx", ROW_a, "-" }, { "rtt", ROW_j, "60ms" },
		{ "rtt", ROW_l, "310us" }, { "rtt", ROW_b, "-" },
		{ "cwnd", ROW_j, "10" }, { "mss", ROW_j, "1448" },
		{ "retrans", ROW_j, "7" }, { "sent", ROW_j, "5.0M" },
		{ "received", ROW_j, "1.2K" }, { "cc", ROW_j, "cubic" },
		{ "timer", ROW_j, "keepalive" },
		{ "timer", ROW_i, "time-wait" }, { "timer", ROW_a, "-" },
		{ "timer_left", ROW_j, "7.1s" }, { "age", ROW_j, "5.0s" },
		{ "age", ROW_a, ">1m00" } };

	(void)state;
	check_cells(cells, nitems(cells));
}

/* What is not known is "-" and never 0. */
static void
test_unknown(void **state)
{
	static const char *const names[] = { "recvq", "sendq", "backlog", "uid",
		"inode", "mark", "user", "pid", "process", "rtt", "cwnd",
		"retrans", "sent", "received", "rx", "tx", "timer",
		"timer_left", "iface", "v6only", "skcgroup", "rmem", "drops",
		"unacked", "fd", "holders", "pids", "start" };
	struct buf b = { 0 };
	struct row r = fx.row[ROW_a];
	size_t i;

	(void)state;
	memset(&r.owners, 0, sizeof(r.owners));
	r.rec.known = 0;
	for (i = 0; i < nitems(names); i++) {
		buf_reset(&b);
		column_put(column_find(names[i]), &r, &fx.ctx, &b);
		if (strcmp(b.data, "-") != 0)
			fail_msg("%s is \"%s\"", names[i], b.data);
	}
	/* Whether it takes IPv4 as well is not known: not "*". */
	r = fx.row[ROW_e];
	r.rec.known = 0;
	buf_reset(&b);
	column_put(column_find("local"), &r, &fx.ctx, &b);
	assert_string_equal(b.data, "[::]:443");
	/* The queue is known, its limit is not. */
	r = fx.row[ROW_e];
	r.rec.flags |= SOCKF_NO_LIMIT;
	buf_reset(&b);
	column_put(column_find("backlog"), &r, &fx.ctx, &b);
	assert_string_equal(b.data, "3/-");
	buf_done(&b);
}

static void
test_names_of_ends(void **state)
{
	static const struct cell ports[] = { { "local", ROW_a, "0.0.0.0:ssh" },
		{ "local", ROW_e, "*:https" }, { "lport", ROW_a, "22" },
		{ "peer", ROW_h, "8.8.8.8:domain" },
		{ "peer", ROW_d, "10.0.0.2:50312" } };
	static const struct cell hosts[] = { { "peer", ROW_h,
						 "dns.google:domain" },
		{ "paddr", ROW_h, "dns.google" },
		{ "peer", ROW_d, "10.0.0.2:50312" },
		{ "local", ROW_a, "0.0.0.0:ssh" } };

	(void)state;
	fx.ctx.numeric_ports = false;
	check_cells(ports, nitems(ports));
	fx.ctx.resolve = true;
	names_host_set(
	    fx.table.names, &fx.row[ROW_h].rec.peer, 4, "dns.google");
	/* It has no name. */
	names_host_set(fx.table.names, &fx.row[ROW_d].rec.peer, 4, "");
	check_cells(hosts, nitems(hosts));
}

static void
expect_set(const char *text, const char *names)
{
	struct column_set set;
	struct buf b = { 0 };
	char *cause = NULL;
	size_t i;

	column_set_default(&set, COL_LIST);
	if (column_set_parse(&set, text, &cause) != 0)
		fail_msg("\"%s\": %s", text, cause);
	for (i = 0; i < set.n; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		buf_puts(&b, set.col[i]->name);
	}
	if (strcmp(b.data, names) != 0)
		fail_msg("\"%s\" gives %s, not %s", text, b.data, names);
	buf_done(&b);
}

static void
expect_wrong(const char *text, const char *says)
{
	struct column_set set, before;
	char *cause = NULL;

	column_set_default(&set, COL_LIST);
	before = set;
	assert_int_not_equal(column_set_parse(&set, text, &cause), 0);
	if (strstr(cause, says) == NULL)
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", text, cause, says);
	assert_int_equal(set.n, before.n);
	assert_memory_equal(set.col, before.col, before.n * sizeof(set.col[0]));
	free(cause);
}

static void
test_sets(void **state)
{
	struct column_set set;
	const struct column *c;
	struct buf b = { 0 };

	(void)state;
	expect_set("pid,process,local", "pid,process,local");
	expect_set(" pid , Process ", "pid,process");
	expect_set("raddr,recv-q", "paddr,recvq");
	expect_set(
	    "+rtt", "proto,state,recvq,sendq,local,peer,pid,user,process,rtt");
	expect_set("+rtt,-recvq,-sendq,-user",
	    "proto,state,local,peer,pid,process,rtt");
	expect_set(
	    "-rtt,+pid", "proto,state,recvq,sendq,local,peer,pid,user,process");
	expect_set("pid,+rtt,-pid", "rtt");
	expect_wrong("", "name is missing");
	expect_wrong("pid,,user", "name is missing");
	expect_wrong("pid,", "name is missing");
	expect_wrong("+", "name is missing");
	expect_wrong("pid,usr", "did you mean user");
	expect_wrong("nosuchthing", "--list-columns");
	expect_wrong("pid,pid", "named twice");
	expect_wrong("pid,-pid", "no column is left");
	expect_wrong("a\033[31m", "\\x1b[31m");
	column_set_default(&set, COL_DECK);
	assert_int_equal(set.n, 10);
	assert_string_equal(set.col[0]->name, "proto");
	assert_string_equal(set.col[9]->name, "rtt");
	assert_int_equal(column_set_needs(&set) & NEED_TCPINFO, NEED_TCPINFO);
	column_set_default(&set, COL_LIST);
	assert_int_equal(column_set_needs(&set) & NEED_TCPINFO, 0);
	/* More than fit. */
	for (c = columns; c->name != NULL; c++) {
		if (b.len > 0)
			buf_putc(&b, ',');
		buf_puts(&b, c->name);
	}
	if (ncolumns > COLUMN_SET_MAX)
		expect_wrong(b.data, "more than 64");
	buf_done(&b);
}

static void
test_nearest(void **state)
{
	static const struct {
		const char *word, *near;
	} cases[] = { { "prcess", "process" }, { "usr", "user" },
		{ "proces", "process" }, { "lcoal", "local" },
		{ "sevice", "service" }, { "contaner", "container" },
		{ "zzzzzzzz", NULL }, { "q", NULL }, { "cont", "container" } };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		const char *near = column_nearest(cases[i].word);

		if (near == NULL || cases[i].near == NULL
			? near != cases[i].near
			: strcmp(near, cases[i].near) != 0)
			fail_msg("%s: %s", cases[i].word,
			    near != NULL ? near : "nothing");
	}
}

static void
order(struct value a, struct value b)
{
	assert_true(value_cmp(&a, &b) < 0);
	assert_true(value_cmp(&b, &a) > 0);
	assert_int_equal(value_cmp(&a, &a), 0);
	assert_int_equal(value_cmp(&b, &b), 0);
}

static void
test_order(void **state)
{
	struct endpoint a, b;
	double zero = 0;

	(void)state;
	order((struct value){ VAL_UINT, .u = 9 },
	    (struct value){ VAL_UINT, .u = 10 });
	order((struct value){ VAL_RATE, .d = -1 },
	    (struct value){ VAL_RATE, .d = 0.5 });
	order((struct value){ VAL_RATE, .d = 5 },
	    (struct value){ VAL_RATE, .d = zero / zero });
	order((struct value){ VAL_TEXT, .s = "Apple" },
	    (struct value){ VAL_TEXT, .s = "banana" });
	order((struct value){ VAL_TEXT, .s = "A" },
	    (struct value){ VAL_TEXT, .s = "a" });
	order((struct value){ VAL_UINT, .u = UINT64_MAX },
	    (struct value){ VAL_NONE });
	fixture_end(&a, "9.0.0.1", 80);
	fixture_end(&b, "10.0.0.1", 22);
	order((struct value){ VAL_ADDR, .ep = &a, .family = 4 },
	    (struct value){ VAL_ADDR, .ep = &b, .family = 4 });
	fixture_end(&b, "9.0.0.1", 81);
	order((struct value){ VAL_ADDR, .ep = &a, .family = 4 },
	    (struct value){ VAL_ADDR, .ep = &b, .family = 4 });
	fixture_end(&b, "::1", 1);
	order((struct value){ VAL_ADDR, .ep = &a, .family = 4 },
	    (struct value){ VAL_ADDR, .ep = &b, .family = 6 });
}

/* Rows that need the table's index. */
static void
test_neighbours(void **state)
{
	static const int used[] = { ROW_a, ROW_b, ROW_c, ROW_d };
	struct view_ctx ctx = { .numeric_ports = true };
	struct buf b = { 0 };
	struct snap *snap = snap_new();
	struct table *t = table_new();
	struct snap_sock *s;
	const struct row *r;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(used); i++) {
		s = snap_add(snap);
		s->rec = fx.row[used[i]].rec;
		if (used[i] != ROW_b)
			owners_copy(&s->owners, &fx.row[ROW_a].owners);
	}
	snap->total = snap->n;
	table_merge(t, snap, NULL);
	ctx.table = t;
	r = table_find(t, sock_key(&fx.row[ROW_b].rec));
	column_put(column_find("pair"), r, &ctx, &b);
	assert_string_equal(b.data, "sshd[812]");
	buf_reset(&b);
	column_put(column_find("listener"), r, &ctx, &b);
	assert_string_equal(b.data, "0.0.0.0:22");
	r = table_find(t, sock_key(&fx.row[ROW_d].rec));
	buf_reset(&b);
	column_put(column_find("pair"), r, &ctx, &b);
	assert_string_equal(b.data, "-");
	r = table_find(t, sock_key(&fx.row[ROW_c].rec));
	buf_reset(&b);
	column_put(column_find("pair"), r, &ctx, &b);
	assert_string_equal(b.data, "-"); /* its process is not known */
	buf_done(&b);
	snap_free(snap);
	table_free(t);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_table),
		TEST(test_cells_all), TEST(test_cells), TEST(test_unknown),
		TEST(test_names_of_ends), TEST(test_sets), TEST(test_nearest),
		TEST(test_order), TEST(test_neighbours) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
