/* SPDX-License-Identifier: ISC */
/*
 * Port conflicts without a kernel: the rules for addresses and devices, the
 * verdict from attempts, the reasons and their order, and that every command
 * named to the user is one that sockdeck understands. What the kernel says of
 * the same is in tests/netns/why.py.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "fixture.h"
#include "model/conflict.h"
#include "model/filter.h"

#define PORT 8080

/* -- what is asked -------------------------------------------------------- */

static size_t
one_host(void *arg, const char *name, struct endpoint *addr, uint8_t *family,
    size_t max)
{
	(void)arg;
	if (strcmp(name, "both") != 0 || max < 2)
		return 0;
	fixture_end(&addr[0], "127.0.0.1", 0);
	family[0] = 4;
	fixture_end(&addr[1], "::1", 0);
	family[1] = 6;
	return 2;
}
static const struct filter_env env = { .resolve = one_host };

static void
questions(void **state)
{
	static const struct {
		const char *text, *back; /* NULL: several addresses */
		unsigned naddr;
	} right[] = {
		{ "8080", "8080/tcp", 0 },
		{ ":8080", "8080/tcp", 0 },
		{ "*:8080", "8080/tcp", 0 },
		{ "8080/udp", "8080/udp", 0 },
		{ "8080/UDP", "8080/udp", 0 },
		{ "127.0.0.1:8080", "127.0.0.1:8080/tcp", 1 },
		{ "[::1]:8080", "[::1]:8080/tcp", 1 },
		{ "[::]:65535/udp", "[::]:65535/udp", 1 },
		{ "[fe80::1%eth0]:1", "[fe80::1%eth0]:1/tcp", 1 },
		{ "*%eth0:80", "*%eth0:80/tcp", 0 },
		{ "ssh", "22/tcp", 0 },
		{ "127.0.0.1:ssh", "127.0.0.1:22/tcp", 1 },
		{ "tftp", "69/udp", 0 },
		{ "both:80", NULL, 2 },
	};
	static const char *const wrong[] = { "", ":", "0", "65536", "-1", "+1",
		"80 ", " 80", "8080x", "::1:80", "[::1]", "[::1", "[::1]80",
		"80/", "80/sctp", "/tcp", "1.2.3.4:", "nosuch:80", "nosuch",
		"*%:80", "*%a-name-that-is-too-long:80", "[127.0.0.1:80" };
	struct conflict_query q;
	struct buf b = { 0 };
	char *cause = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(right); i++) {
		assert_int_equal(
		    conflict_query_parse(right[i].text, 0, &env, &q, &cause),
		    0);
		assert_null(cause);
		assert_int_equal(q.naddr, right[i].naddr);
		buf_reset(&b);
		conflict_query_text(&q, &b);
		if (right[i].back != NULL)
			assert_string_equal(b.data, right[i].back);
	}
	for (i = 0; i < nitems(wrong); i++) {
		assert_int_equal(
		    conflict_query_parse(wrong[i], 0, &env, &q, &cause),
		    -EINVAL);
		assert_non_null(cause);
		free(cause);
		cause = NULL;
	}
	/* -u: for what does not say. */
	assert_int_equal(
	    conflict_query_parse("53", SOCK_UDP, NULL, &q, &cause), 0);
	assert_int_equal(q.proto, SOCK_UDP);
	assert_int_equal(
	    conflict_query_parse("53/tcp", SOCK_UDP, NULL, &q, &cause), 0);
	assert_int_equal(q.proto, SOCK_TCP);
	buf_done(&b);
}

/* -- rules ---------------------------------------------------------------- */

static void
overlaps(void **state)
{
	static const struct {
		const char *try;
		bool try_v6only;
		uint32_t try_dev;
		const char *sock;
		int v6only; /* -1: not known */
		uint32_t dev;
		enum sock_state state;
		enum overlap want;
	} cases[] = {
#define L SOCK_LISTEN
		{ "0.0.0.0", 0, 0, "127.0.0.1", -1, 0, L, OVERLAP_YES },
		{ "127.0.0.1", 0, 0, "0.0.0.0", -1, 0, L, OVERLAP_YES },
		{ "127.0.0.1", 0, 0, "127.0.0.1", -1, 0, L, OVERLAP_YES },
		{ "127.0.0.1", 0, 0, "127.0.0.2", -1, 0, L, OVERLAP_NO_ADDR },
		{ "127.0.0.1", 0, 0, "::", 0, 0, L, OVERLAP_YES },
		{ "127.0.0.1", 0, 0, "::", 1, 0, L, OVERLAP_NO_V6ONLY },
		{ "127.0.0.1", 0, 0, "::", -1, 0, L, OVERLAP_MAYBE },
		{ "0.0.0.0", 0, 0, "::1", 0, 0, L, OVERLAP_NO_ADDR },
		{ "127.0.0.1", 0, 0, "::ffff:127.0.0.1", 0, 0, L, OVERLAP_YES },
		{ "127.0.0.1", 0, 0, "::ffff:1.2.3.4", 0, 0, L,
		    OVERLAP_NO_ADDR },
		{ "::", true, 0, "0.0.0.0", -1, 0, L, OVERLAP_NO_ADDR },
		{ "::", true, 0, "::ffff:1.2.3.4", 0, 0, L, OVERLAP_NO_ADDR },
		{ "::", true, 0, "::1", 0, 0, L, OVERLAP_YES },
		{ "::", true, 0, "::", 1, 0, L, OVERLAP_YES },
		{ "::", false, 0, "1.2.3.4", -1, 0, L, OVERLAP_YES },
		{ "::", false, 0, "::1", 1, 0, L, OVERLAP_YES },
		{ "::1", false, 0, "0.0.0.0", -1, 0, L, OVERLAP_NO_ADDR },
		{ "::1", false, 0, "::", 1, 0, L, OVERLAP_YES },
		{ "::1", false, 0, "::2", 1, 0, L, OVERLAP_NO_ADDR },
		{ "0.0.0.0", 0, 3, "0.0.0.0", -1, 4, L, OVERLAP_NO_DEVICE },
		{ "0.0.0.0", 0, 3, "0.0.0.0", -1, 3, L, OVERLAP_YES },
		{ "0.0.0.0", 0, 0, "0.0.0.0", -1, 4, L, OVERLAP_YES },
		{ "0.0.0.0", 0, 3, "0.0.0.0", -1, 0, L, OVERLAP_YES },
		{ "0.0.0.0", 0, 0, "0.0.0.0", -1, 0, SOCK_SYN_RECEIVED,
		    OVERLAP_NO_HOLD },
		{ "0.0.0.0", 0, 0, "0.0.0.0", -1, 0, SOCK_TIME_WAIT,
		    OVERLAP_YES },
#undef L
	};
	struct fixture fx = { 0 };
	struct conflict_sock s = { 0 };
	struct conflict_try t;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		s.row = fixture_row(&fx, ROW_a, SOCK_TCP, cases[i].state,
		    cases[i].sock, PORT, "0.0.0.0", 0);
		fx.row[ROW_a].rec.ifindex = cases[i].dev;
		s.opts =
		    (struct conflict_opts){ -1, -1, (int8_t)cases[i].v6only };
		t = (struct conflict_try){ .v6only = cases[i].try_v6only,
			.ifindex = cases[i].try_dev };
		t.family = strchr(cases[i].try, ':') != NULL ? 6 : 4;
		fixture_end(&t.local, cases[i].try, PORT);
		if (conflict_overlap(&t, &s) != cases[i].want)
			fail_msg("%s meets %s: %d instead of %d", cases[i].try,
			    cases[i].sock, (int)conflict_overlap(&t, &s),
			    (int)cases[i].want);
		t.local.port++;
		assert_int_equal(conflict_overlap(&t, &s), OVERLAP_NO_PORT);
	}
}

/* -- verdicts ------------------------------------------------------------- */

struct scene {
	struct fixture fx;
	struct conflict_facts f;
	struct conflict_ns *ns;
};

static void
scene_init(struct scene *s, const char *ask)
{
	char *cause = NULL;

	memset(s, 0, sizeof(*s));
	assert_int_equal(
	    conflict_query_parse(ask, 0, NULL, &s->f.query, &cause), 0);
	s->f.privileged = true;
	s->ns = conflict_add_ns(&s->f, 4026531840u, "default", false);
	s->ns->limits.unprivileged_known = true;
	s->ns->limits.unprivileged = 1024;
	s->ns->limits.ephemeral_lo = 32768;
	s->ns->limits.ephemeral_hi = 60999;
	s->ns->limits.reserved_known = true;
	conflict_plan(&s->f.query, s->ns);
}

/* What every attempt came to. */
static void
outcome(struct scene *s, int plain, int reuse)
{
	size_t i;

	for (i = 0; i < s->ns->ntries; i++) {
		s->ns->try[i].plain = plain;
		s->ns->try[i].reuse = reuse;
	}
}

static struct conflict_sock *
add(struct scene *s, int i, unsigned proto, enum sock_state state,
    const char *local, uint16_t lport, const char *peer, uint16_t pport,
    const char *comm)
{
	struct row *r =
	    fixture_row(&s->fx, i, proto, state, local, lport, peer, pport);
	struct conflict_sock *c;

	if (comm != NULL) {
		r->owners.proc = fixture_proc(100 + i, comm, comm, "ann", 1000);
		r->owners.fd = 3;
		r->owners.n = 1;
	}
	conflict_add_sock(&s->f, r);
	c = &s->f.sock[s->f.nsocks - 1];
	return c;
}

static void
scene_done(struct scene *s)
{
	int i;

	for (i = 0; i < FIXTURE_ROWS; i++)
		owners_done(&s->fx.row[i].owners);
	conflict_facts_done(&s->f);
}

static const struct conflict_reason *
reason(const struct conflict_report *rep, enum conflict_kind kind,
    enum conflict_role role)
{
	size_t i;

	for (i = 0; i < rep->nreasons; i++)
		if (rep->reason[i].kind == kind && rep->reason[i].role == role)
			return &rep->reason[i];
	fail_msg(
	    "no %s as %s", conflict_fact(kind)->name, conflict_role_name(role));
	return NULL;
}

/* "sockdeck kill 'FILTER'": the filter is one. */
static void
commands_parse(const struct conflict_report *rep)
{
	struct filter *f;
	struct filter_error e;
	const char *from, *end;
	char *text;
	size_t i, k;

	for (i = 0; i < rep->nreasons; i++)
		for (k = 0; k < rep->reason[i].ncommands; k++) {
			text = rep->reason[i].command[k].text;
			if (strncmp(text, "sockdeck kill ", 14) != 0 &&
			    strncmp(text, "sockdeck close ", 15) != 0)
				continue;
			from = strchr(text, '\'');
			end = strrchr(text, '\'');
			assert_non_null(from);
			text = xstrndup(from + 1, (size_t)(end - from - 1));
			f = NULL;
			if (filter_parse(text, &f, &e) != 0)
				fail_msg("%s: %s", text, e.message);
			filter_free(f);
			free(text);
		}
}

static void
free_port(void **state)
{
	struct conflict_report *rep;
	struct scene s;

	(void)state;
	scene_init(&s, "8080");
	assert_int_equal(s.ns->ntries, 3);
	outcome(&s, 0, -1);
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_CAN);
	assert_string_equal(rep->headline, "8080/tcp can be bound.");
	assert_int_equal(rep->nreasons, 0);
	assert_false(rep->disagrees);
	conflict_report_free(rep);
	/* No IPv6 in this kernel: IPv4 is all there is to ask for. */
	s.ns->try[1].plain = s.ns->try[2].plain = EAFNOSUPPORT;
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_CAN);
	(void)reason(rep, CONFLICT_NO_FAMILY, CONFLICT_OBSTACLE);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
holders_first(void **state)
{
	const struct conflict_reason *r;
	struct conflict_report *rep;
	struct scene s;

	(void)state;
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, EADDRINUSE, EADDRINUSE);
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_ESTABLISHED, "127.0.0.1", 40000,
	    "127.0.0.1", PORT, "curl");
	(void)add(&s, ROW_b, SOCK_TCP, SOCK_ESTABLISHED, "127.0.0.1", PORT,
	    "127.0.0.1", 40000, "nginx");
	(void)add(&s, ROW_c, SOCK_TCP, SOCK_LISTEN, "127.0.0.1", PORT,
	    "0.0.0.0", 0, "nginx");
	(void)add(&s, ROW_d, SOCK_TCP, SOCK_LISTEN, "10.0.0.1", PORT, "0.0.0.0",
	    0, "other");
	(void)add(&s, ROW_e, SOCK_UDP, SOCK_UNCONNECTED, "127.0.0.1", PORT,
	    "0.0.0.0", 0, "udpd");
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_HELD);
	assert_int_equal(rep->reason[0].kind, CONFLICT_LISTENER);
	assert_int_equal(rep->reason[0].owner[0].pid, 100 + ROW_c);
	assert_int_equal(rep->reason[1].kind, CONFLICT_ACCEPTED);
	assert_int_equal(rep->reason[rep->nreasons - 1].role, CONFLICT_TALKER);
	r = reason(rep, CONFLICT_CLIENT, CONFLICT_TALKER);
	assert_int_equal(r->owner[0].pid, 100 + ROW_a);
	assert_int_equal(r->ncommands, 0);
	(void)reason(rep, CONFLICT_OTHER_ADDRESS, CONFLICT_NOTE);
	(void)reason(rep, CONFLICT_OTHER_PROTO, CONFLICT_NOTE);
	assert_false(rep->disagrees);
	commands_parse(rep);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
each_kind_has_commands_that_parse(void **state)
{
	static const enum sock_state states[] = { SOCK_LISTEN, SOCK_BOUND,
		SOCK_ESTABLISHED, SOCK_CLOSE_WAIT, SOCK_TIME_WAIT,
		SOCK_FIN_WAIT_1, SOCK_FIN_WAIT_2, SOCK_CLOSING, SOCK_LAST_ACK,
		SOCK_SYN_SENT };
	struct conflict_report *rep;
	struct scene s;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++)
		for (i = 0; i < nitems(states); i++) {
			scene_init(&s, "127.0.0.1:8080");
			outcome(&s, EADDRINUSE, k == 0 ? EADDRINUSE : 0);
			(void)add(&s, ROW_a, SOCK_TCP, states[i], "127.0.0.1",
			    PORT, "127.0.0.1", 443, k == 0 ? "prog" : NULL);
			rep = conflict_judge(&s.f);
			assert_int_equal(rep->verdict,
			    k == 0 ? CONFLICT_HELD : CONFLICT_REUSE);
			assert_int_equal(rep->reason[0].role, CONFLICT_HOLDER);
			assert_false(rep->disagrees);
			commands_parse(rep);
			conflict_report_free(rep);
			scene_done(&s);
		}
	scene_init(&s, "127.0.0.1:8080/udp");
	outcome(&s, EADDRINUSE, -1);
	(void)add(&s, ROW_a, SOCK_UDP, SOCK_CONNECTED, "127.0.0.1", PORT,
	    "127.0.0.1", 9, "prog");
	(void)add(&s, ROW_b, SOCK_UDP, SOCK_UNCONNECTED, "127.0.0.1", PORT,
	    "0.0.0.0", 0, "prog");
	rep = conflict_judge(&s.f);
	(void)reason(rep, CONFLICT_UDP, CONFLICT_HOLDER);
	(void)reason(rep, CONFLICT_UDP_CONNECTED, CONFLICT_HOLDER);
	commands_parse(rep);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
time_wait(void **state)
{
	const struct conflict_reason *r;
	struct conflict_report *rep;
	struct scene s;
	int i;

	(void)state;
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, EADDRINUSE, 0);
	for (i = 0; i < 3; i++) {
		(void)add(&s, i, SOCK_TCP, SOCK_TIME_WAIT, "127.0.0.1", PORT,
		    "127.0.0.1", (uint16_t)(40000 + i), NULL);
		s.fx.row[i].rec.timer = TIMER_TIME_WAIT;
		s.fx.row[i].rec.timer_ms = 1000 * (uint32_t)(i + 1);
	}
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_REUSE);
	r = reason(rep, CONFLICT_TIME_WAIT, CONFLICT_HOLDER);
	assert_int_equal(r->nsocks, 3);
	assert_int_equal(r->wait_ms, 3000);
	assert_non_null(strstr(r->text, "3 closed connections in TIME-WAIT"));
	assert_int_equal(r->nowners, 0);
	conflict_report_free(rep);
	/* Of one it is not known: then nothing is promised. */
	s.fx.row[1].rec.timer_ms = 0;
	rep = conflict_judge(&s.f);
	assert_int_equal(
	    reason(rep, CONFLICT_TIME_WAIT, CONFLICT_HOLDER)->wait_ms, 0);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
disagreements(void **state)
{
	struct conflict_report *rep;
	struct scene s;

	(void)state;
	/* In use, and nobody to be seen. */
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, EADDRINUSE, EADDRINUSE);
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_HELD);
	(void)reason(rep, CONFLICT_UNSEEN, CONFLICT_OBSTACLE);
	assert_true(rep->disagrees);
	conflict_report_free(rep);
	scene_done(&s);
	/* Bound, though somebody should have been in the way. */
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, 0, -1);
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "0.0.0.0", PORT, "0.0.0.0",
	    0, "nginx");
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_CAN);
	(void)reason(rep, CONFLICT_RACE, CONFLICT_NOTE);
	assert_true(rep->disagrees);
	conflict_report_free(rep);
	scene_done(&s);
	/* No address of this machine: no socket was ever met, in the way or
	 * not. */
	scene_init(&s, "192.0.2.1:8080");
	outcome(&s, EADDRNOTAVAIL, -1);
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "127.0.0.1", PORT,
	    "0.0.0.0", 0, "nginx");
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_CANNOT);
	assert_int_equal(rep->nreasons, 1);
	(void)reason(rep, CONFLICT_NOT_LOCAL, CONFLICT_OBSTACLE);
	assert_false(rep->disagrees);
	conflict_report_free(rep);
	scene_done(&s);
}

/* More holders than are listed: their number is a least one. */
static void
very_many_holders(void **state)
{
	enum {
		HOLDERS = 70
	};
	struct conflict_report *rep;
	struct owners *o;
	struct scene s;
	int i;

	(void)state;
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, EADDRINUSE, EADDRINUSE);
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "127.0.0.1", PORT,
	    "0.0.0.0", 0, "nginx");
	o = &s.fx.row[ROW_a].owners;
	o->n = HOLDERS;
	o->all = xcalloc(HOLDERS, sizeof(*o->all));
	o->all[0] = (struct owner){ proc_ref(o->proc), 3 };
	for (i = 1; i < HOLDERS; i++)
		o->all[i] = (struct owner){
			fixture_proc(1000 + i, "nginx", "nginx", "ann", 1000), 3
		};
	rep = conflict_judge(&s.f);
	assert_non_null(strstr(rep->headline, "and at least 63 more "));
	assert_int_equal(rep->reason[0].nowners, 64);
	assert_true(rep->reason[0].owners_cut);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
rights(void **state)
{
	struct conflict_report *rep;
	struct scene s;

	(void)state;
	scene_init(&s, "80");
	outcome(&s, EACCES, -1);
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_REFUSED);
	(void)reason(rep, CONFLICT_PRIVILEGED, CONFLICT_OBSTACLE);
	conflict_report_free(rep);
	/* Held as well, by the rules: that is the better answer. */
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "0.0.0.0", 80, "0.0.0.0", 0,
	    "nginx");
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_HELD);
	conflict_report_free(rep);
	scene_done(&s);
	/* With the capability, or above the limit, it is something else. */
	scene_init(&s, "80");
	s.ns->may_low = true;
	outcome(&s, EACCES, -1);
	rep = conflict_judge(&s.f);
	(void)reason(rep, CONFLICT_POLICY, CONFLICT_OBSTACLE);
	conflict_report_free(rep);
	scene_done(&s);
	scene_init(&s, "8080");
	outcome(&s, EPERM, -1);
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_REFUSED);
	(void)reason(rep, CONFLICT_POLICY, CONFLICT_OBSTACLE);
	conflict_report_free(rep);
	scene_done(&s);
}

static void
hidden_holder(void **state)
{
	struct conflict_report *rep;
	struct scene s;

	(void)state;
	scene_init(&s, "127.0.0.1:8080");
	outcome(&s, EADDRINUSE, EADDRINUSE);
	s.f.privileged = false;
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "127.0.0.1", PORT,
	    "0.0.0.0", 0, NULL);
	s.fx.row[ROW_a].rec.uid = 1234;
	rep = conflict_judge(&s.f);
	assert_non_null(strstr(
	    rep->reason[0].text, "a process that you may not see (user 1234)"));
	assert_string_equal(
	    rep->reason[0].command[0].text, "sudo sockdeck why 8080/tcp");
	conflict_report_free(rep);
	/* Root sees all processes: then it is none. */
	s.f.privileged = true;
	rep = conflict_judge(&s.f);
	assert_non_null(strstr(rep->reason[0].text, "the kernel itself"));
	conflict_report_free(rep);
	scene_done(&s);
}

static void
other_namespaces(void **state)
{
	struct conflict_report *rep;
	struct names *names = names_new();
	struct scene s;

	(void)state;
	names_set(names, NAME_NETNS, 0, 77, "it's web");
	scene_init(&s, "8080");
	s.f.names = names;
	outcome(&s, 0, -1);
	(void)add(&s, ROW_a, SOCK_TCP, SOCK_LISTEN, "0.0.0.0", PORT, "0.0.0.0",
	    0, "nginx");
	s.fx.row[ROW_a].rec.netns = 77;
	rep = conflict_judge(&s.f);
	assert_int_equal(rep->verdict, CONFLICT_CAN);
	assert_false(rep->disagrees);
	assert_string_equal(
	    reason(rep, CONFLICT_OTHER_NETNS, CONFLICT_NOTE)->command[0].text,
	    "sockdeck why -N 'it'\\''s web' 8080/tcp");
	conflict_report_free(rep);
	scene_done(&s);
	names_free(names);
}

static void
facts(void **state)
{
	const struct conflict_fact *f;
	enum conflict_kind kind, other;

	(void)state;
	for (kind = 0; kind < CONFLICT_NKINDS; kind++) {
		f = conflict_fact(kind);
		assert_non_null(f->name);
		assert_non_null(f->because);
		assert_non_null(f->source);
		for (other = 0; other < kind; other++)
			assert_string_not_equal(
			    f->name, conflict_fact(other)->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions),
		cmocka_unit_test(overlaps),
		cmocka_unit_test(free_port),
		cmocka_unit_test(holders_first),
		cmocka_unit_test(each_kind_has_commands_that_parse),
		cmocka_unit_test(time_wait),
		cmocka_unit_test(disagreements),
		cmocka_unit_test(very_many_holders),
		cmocka_unit_test(rights),
		cmocka_unit_test(hidden_holder),
		cmocka_unit_test(other_namespaces),
		cmocka_unit_test(facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
