/* SPDX-License-Identifier: ISC */
/*
 * Two readings that only names relate, and what a person wrote down: what is
 * the same, what moved, what is new, and what cannot be told.
 */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "model/compare.h"
#include "model/expect.h"

struct side {
	struct table *t;
	struct view v;
	uint64_t cookie;
};

struct sock {
	const char *proto, *addr;
	uint16_t port;
	const char *process, *user; /* NULL: not known */
	const char *peer;           /* NULL: it listens */
	uint16_t pport;
	uint32_t netns; /* 0: 1 */
};

static void
endpoint(struct endpoint *ep, const char *addr, uint16_t port)
{
	assert_int_equal(
	    inet_pton(
		strchr(addr, ':') != NULL ? AF_INET6 : AF_INET, addr, ep->addr),
	    1);
	ep->port = port;
}

/* "*" is the wildcard of both families. */
static void
put(struct snap *snap, struct side *s, const struct sock *k)
{
	bool both = strcmp(k->addr, "*") == 0;
	const char *addr = both ? "::" : k->addr;
	struct snap_sock *n = snap_add(snap);
	struct sock_rec *r = &n->rec;
	struct proc *p;

	r->cookie = ++s->cookie;
	r->netns = k->netns != 0 ? k->netns : 1;
	r->proto = strcmp(k->proto, "tcp") == 0 ? SOCK_TCP : SOCK_UDP;
	r->family = strchr(addr, ':') != NULL ? 6 : 4;
	r->known = KNOWN_INODE | KNOWN_V6ONLY;
	r->inode = 5000 + (uint32_t)s->cookie;
	if (!both)
		r->flags |= SOCKF_V6ONLY;
	endpoint(&r->local, addr, k->port);
	if (k->peer != NULL)
		endpoint(&r->peer, k->peer, k->pport);
	r->state = k->peer != NULL        ? SOCK_ESTABLISHED
		   : r->proto == SOCK_TCP ? SOCK_LISTEN
					  : SOCK_UNCONNECTED;
	if (k->process == NULL)
		return;
	p = proc_new((pid_t)(100 + s->cookie), 1);
	free(p->comm);
	p->comm = xstrdup(k->process);
	p->user = k->user != NULL ? xstrdup(k->user) : NULL;
	n->owners = (struct owners){ .proc = p, .fd = 3, .n = 1 };
}

static void
side_init(struct side *s, const struct sock *k)
{
	struct snap *snap = snap_new();

	memset(s, 0, sizeof(*s));
	snap->mono_ns = 1;
	snap->flags = SNAP_OWNERS;
	for (; k->proto != NULL; k++)
		put(snap, s, k);
	snap_add_name(snap, NAME_NETNS, 0, 1, "default");
	snap_add_name(snap, NAME_NETNS, 0, 2, "web");
	s->t = table_new();
	table_merge(s->t, snap, NULL);
	snap_free(snap);
	view_init(&s->v, s->t);
	view_build(&s->v);
}

static void
side_done(struct side *s)
{
	view_done(&s->v);
	table_free(s->t);
}

static void
put_lines(const struct compare *c, struct buf *b)
{
	const struct compare_line *l;
	const struct compare_item *i;
	unsigned bit;
	size_t n;

	for (n = 0; n < c->n; n++) {
		l = &c->line[n];
		i = l->now != NULL ? l->now : l->was;
		buf_printf(b, "%s%c%s %s:%u %s", n > 0 ? "; " : "",
		    "+-~"[l->kind], i -> proto == SOCK_TCP ? "tcp" : "udp",
		    i->addr, i->port, i->process);
		for (bit = 0; compare_field_name(bit) != NULL; bit++)
			if ((l->fields & 1U << bit) != 0) {
				buf_printf(b, " %s ", compare_field_name(bit));
				compare_field_put(bit, l->was, b);
				buf_putc(b, '>');
				compare_field_put(bit, l->now, b);
			}
	}
	if (c->unknown > 0)
		buf_printf(b, " (%zu unknown)", c->unknown);
}

static void
differ(const struct sock *a, const struct sock *b, const char *expected)
{
	struct buf text = { 0 };
	struct compare c = { 0 };
	struct side was, now;

	side_init(&was, a);
	side_init(&now, b);
	compare_side_init(&c.was, &was.v);
	compare_side_init(&c.now, &now.v);
	compare_run(&c);
	put_lines(&c, &text);
	assert_string_equal(text.len > 0 ? text.data : "", expected);
	compare_done(&c);
	buf_done(&text);
	side_done(&was);
	side_done(&now);
}

#define S(...)                \
	(const struct sock[]) \
	{                     \
		__VA_ARGS__,  \
		{             \
			0     \
		}             \
	}
#define NOTHING               \
	(const struct sock[]) \
	{                     \
		{             \
			0     \
		}             \
	}

static void
the_same(void **state)
{
	(void)state;
	differ(NOTHING, NOTHING, "");
	/* Other pids, cookies, inodes and order; twice is once. */
	differ(S({ "tcp", "0.0.0.0", 22, "sshd", "root" },
		   { "udp", "127.0.0.1", 53, "dnsmasq", "dns" }),
	    S({ "udp", "127.0.0.1", 53, "dnsmasq", "dns" },
		{ "tcp", "0.0.0.0", 22, "sshd", "root" },
		{ "tcp", "0.0.0.0", 22, "sshd", "root" }),
	    "");
}

static void
came_and_went(void **state)
{
	(void)state;
	differ(S({ "tcp", "0.0.0.0", 22, "sshd", "root" }),
	    S({ "tcp", "0.0.0.0", 22, "sshd", "root" },
		{ "tcp", "0.0.0.0", 8080, "nc", "ann" }),
	    "+tcp 0.0.0.0:8080 nc");
	differ(S({ "udp", "::1", 123, "ntpd", "ntp" }), NOTHING,
	    "-udp ::1:123 ntpd");
	/* The same port of the other protocol is another thing. */
	differ(S({ "tcp", "0.0.0.0", 53, "a", "a" }),
	    S({ "udp", "0.0.0.0", 53, "a", "a" }),
	    "-tcp 0.0.0.0:53 a; +udp 0.0.0.0:53 a");
}

static void
moved(void **state)
{
	(void)state;
	differ(S({ "tcp", "127.0.0.1", 80, "nginx", "root" }),
	    S({ "tcp", "0.0.0.0", 80, "nginx", "root" }),
	    "~tcp 0.0.0.0:80 nginx address 127.0.0.1>0.0.0.0 exposed "
	    "loopback>all");
	differ(S({ "tcp", "127.0.0.1", 80, "nginx", "root" }),
	    S({ "tcp", "*", 80, "nginx", "root" }),
	    "~tcp *:80 nginx address 127.0.0.1>* exposed loopback>all");
	differ(S({ "tcp", "0.0.0.0", 80, "nginx", "root" }),
	    S({ "tcp", "0.0.0.0", 81, "nginx", "root" }),
	    "~tcp 0.0.0.0:81 nginx port 80>81");
	differ(S({ "tcp", "0.0.0.0", 80, "nginx", "root" }),
	    S({ "tcp", "0.0.0.0", 80, "apache2", "root" }),
	    "~tcp 0.0.0.0:80 apache2 process nginx>apache2");
	differ(S({ "tcp", "0.0.0.0", 80, "nginx", "root" }),
	    S({ "tcp", "0.0.0.0", 80, "nginx", "www-data" }),
	    "~tcp 0.0.0.0:80 nginx user root>www-data");
	/* IPv6-only or for both families: not the same exposure of a port. */
	differ(S({ "tcp", "::", 80, "a", "a" }),
	    S({ "tcp", "*", 80, "a", "a" }), "~tcp *:80 a address ::>*");
}

/* What is not known differs from nothing, and is counted. */
static void
not_known(void **state)
{
	(void)state;
	differ(S({ "tcp", "0.0.0.0", 22, "sshd", "root" }),
	    S({ "tcp", "0.0.0.0", 22, NULL, NULL }), " (1 unknown)");
	differ(S({ "tcp", "0.0.0.0", 22, NULL, NULL }),
	    S({ "tcp", "0.0.0.0", 22, NULL, NULL }), "");
	differ(S({ "tcp", "0.0.0.0", 22, "sshd", "root" }),
	    S({ "tcp", "0.0.0.0", 22, "sshd", NULL }), "");
	/* Two that nobody is known to hold did not move. */
	differ(S({ "tcp", "0.0.0.0", 80, NULL, NULL }),
	    S({ "tcp", "127.0.0.1", 80, NULL, NULL }),
	    "-tcp 0.0.0.0:80 ; +tcp 127.0.0.1:80 ");
}

static void
passing_ports(void **state)
{
	(void)state;
	differ(S({ "udp", "0.0.0.0", 40000, "avahi", "avahi" }),
	    S({ "udp", "0.0.0.0", 50000, "avahi", "avahi" }), "");
	differ(S({ "tcp", "0.0.0.0", 40000, "rpc", "rpc" }),
	    S({ "tcp", "0.0.0.0", 50000, "rpc", "rpc" }),
	    "~tcp 0.0.0.0:50000 rpc port 40000>50000");
}

static void
connections(void **state)
{
	(void)state;
	/* Who connects has another port each time; a server's peers too. */
	differ(S({ "tcp", "10.0.0.1", 40000, "psql", "ann", "10.0.0.2", 5432 },
		   { "tcp", "10.0.0.1", 22, "sshd", "root" },
		   { "tcp", "10.0.0.1", 22, "sshd", "root", "10.0.0.9", 999 }),
	    S({ "tcp", "10.0.0.1", 40077, "psql", "ann", "10.0.0.2", 5432 },
		{ "tcp", "10.0.0.1", 22, "sshd", "root" },
		{ "tcp", "10.0.0.1", 22, "sshd", "root", "10.0.0.9", 998 }),
	    "");
	differ(S({ "tcp", "10.0.0.1", 40000, "psql", "ann", "10.0.0.2", 5432 }),
	    S({ "tcp", "10.0.0.1", 40000, "psql", "ann", "10.0.0.3", 5432 }),
	    "-tcp 10.0.0.1:0 psql; +tcp 10.0.0.1:0 psql");
}

static void
namespaces(void **state)
{
	(void)state;
	/* One alone has no name that another machine would know. */
	differ(S({ "tcp", "0.0.0.0", 80, "a", "a", NULL, 0, 2 }),
	    S({ "tcp", "0.0.0.0", 80, "a", "a" }), "");
	differ(S({ "tcp", "0.0.0.0", 80, "a", "a", NULL, 0, 2 },
		   { "tcp", "0.0.0.0", 22, "b", "b" }),
	    S({ "tcp", "0.0.0.0", 80, "a", "a" },
		{ "tcp", "0.0.0.0", 22, "b", "b" },
		{ "tcp", "0.0.0.0", 9, "c", "c", NULL, 0, 2 }),
	    "+tcp 0.0.0.0:9 c; +tcp 0.0.0.0:80 a; -tcp 0.0.0.0:80 a");
}

/* -- what was expected ---------------------------------------------------- */

static void
expected(const char *lines, const struct sock *k, const char *want)
{
	static const char *const word[] = { "missing", "unexpected",
		"changed" };
	struct buf b = { 0 };
	struct compare_side now;
	struct expect_result r;
	struct expect_line *l;
	struct expect x;
	struct side s;
	char *cause = NULL;
	unsigned bit;
	size_t i;

	if (expect_parse(&x, lines, strlen(lines), &cause) != 0)
		fail_msg("%s", cause);
	side_init(&s, k);
	compare_side_init(&now, &s.v);
	expect_run(&x, &now, &r);
	for (i = 0; i < r.n; i++) {
		l = &r.line[i];
		buf_printf(&b, "%s%s", i > 0 ? "; " : "", word[(int)l->kind]);
		if (l->entry != NULL)
			buf_printf(&b, " %s", l->entry->text);
		if (l->item != NULL)
			buf_printf(&b, " by %s:%u %s", l->item->addr,
			    l->item->port, l->item->process);
		for (bit = 0; compare_field_name(bit) != NULL; bit++)
			if ((l->fields & 1U << bit) != 0)
				buf_printf(&b, " %s", compare_field_name(bit));
	}
	if (r.unknown > 0)
		buf_printf(&b, "(%zu unknown)", r.unknown);
	assert_string_equal(b.len > 0 ? b.data : "", want);
	buf_done(&b);
	expect_result_done(&r);
	compare_side_done(&now);
	expect_done(&x);
	side_done(&s);
}

static const struct sock machine[] = {
	{ "tcp", "0.0.0.0", 22, "sshd", "root" },
	{ "tcp", "::", 22, "sshd", "root" },
	{ "tcp", "127.0.0.1", 5432, "postgres", "postgres" },
	{ "udp", "0.0.0.0", 41234, "avahi", "avahi" },
	{ "tcp", "::1", 631, "a b", "root" },
	{ 0 },
};

static void
as_expected(void **state)
{
	(void)state;
	expected("# all of it\n"
		 "tcp *:22 sshd\n"
		 "\t tcp 127.0.0.1:5432 postgres user=postgres # data\r\n\n"
		 "udp *:32768-60999 avahi\n"
		 "tcp [0:0::1]:631 \"a b\"",
	    machine, "");
	expected(
	    "tcp *:*\nudp *:*\ntcp 127.0.0.1:*\ntcp [::1]:*\n", machine, "");
	expected("tcp *:22\ntcp 127.0.0.1:5432\nudp *:* -\ntcp [::1]:631\n"
		 "tcp *:443 nginx optional\n",
	    machine, "");
}

static void
not_as_expected(void **state)
{
	(void)state;
	expected("", machine,
	    "unexpected by 0.0.0.0:22 sshd; unexpected by :::22 sshd; "
	    "unexpected by ::1:631 a b; unexpected by 127.0.0.1:5432 postgres; "
	    "unexpected by 0.0.0.0:0 avahi");
	expected("tcp 0.0.0.0:22 sshd\ntcp [::]:22 dropbear\n"
		 "tcp *:5432 postgres\nudp *:1-65535 avahi user=root\n"
		 "tcp [::1]:631\ntcp *:25 master\n",
	    machine,
	    "changed tcp [::]:22 dropbear by :::22 sshd process; "
	    "changed udp *:1-65535 avahi user=root by 0.0.0.0:0 avahi user; "
	    "changed tcp *:5432 postgres by 127.0.0.1:5432 postgres address; "
	    "missing tcp *:25 master");
}

/* A number wins over a range, a name over none. */
static void
best_line(void **state)
{
	static const struct sock two[] = {
		{ "tcp", "0.0.0.0", 8080, "java", "app" },
		{ "tcp", "0.0.0.0", 8081, "java", "app" },
		{ 0 },
	};

	(void)state;
	expected("tcp *:8000-8100 java\ntcp *:8080 python3\n", two,
	    "missing tcp *:8080 python3");
	expected("tcp *:8000-8100\ntcp *:8080 java\n", two, "");
}

static void
hidden(void **state)
{
	static const struct sock one[] = {
		{ "tcp", "0.0.0.0", 22, NULL, NULL },
		{ 0 },
	};

	(void)state;
	expected("tcp *:22 sshd\n", one, "(1 unknown)");
	expected("tcp *:22\n", one, "");
}

static void
wrong_lines(void **state)
{
	static const struct {
		const char *text, *cause;
	} bad[] = {
		{ "tcp *:22\nsctp *:1\n", "line 2: sctp: not tcp or udp" },
		{ "tcp", "line 1: the end: not ADDRESS:PORT" },
		{ "tcp 22", "line 1: 22: not ADDRESS:PORT" },
		{ "tcp *:0", "*:0" },
		{ "tcp *:70000", "70000" },
		{ "tcp *:9-8", "9-8" },
		{ "tcp 1.2.3:4", "1.2.3:4" },
		{ "tcp ::1:631", "::1:631" },
		{ "tcp [::1:631", "[::1:631" },
		{ "tcp []:1", "[]:1" },
		{ "tcp 0.0.0.0%:1", "0.0.0.0%:1" },
		{ "tcp *:1 \"a", "a quote is not closed" },
		{ "tcp *:1 a b", "line 1: b: not a program's name" },
		{ "tcp *:1 optional optional", "optional: not" },
		{ "tcp *:1 user=", "user=" },
		{ "\"tcp", "not tcp or udp" },
	};
	struct expect x;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cause = NULL;
		assert_true(expect_parse(&x, bad[i].text, strlen(bad[i].text),
				&cause) < 0);
		if (strstr(cause, bad[i].cause) == NULL)
			fail_msg("%s: %s", bad[i].text, cause);
		free(cause);
		expect_done(&x);
	}
	cause = NULL;
	assert_true(expect_parse(&x, "tcp\0", 4, &cause) < 0);
	free(cause);
	expect_done(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same),
		cmocka_unit_test(came_and_went),
		cmocka_unit_test(moved),
		cmocka_unit_test(not_known),
		cmocka_unit_test(passing_ports),
		cmocka_unit_test(connections),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(as_expected),
		cmocka_unit_test(not_as_expected),
		cmocka_unit_test(best_line),
		cmocka_unit_test(hidden),
		cmocka_unit_test(wrong_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
