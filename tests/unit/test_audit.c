/* SPDX-License-Identifier: ISC */
/* `audit`: which sockets are one listener, how far it reaches, where it is
 * asked, and what follows. */
#include "config.h"

#include "base/array.h"
#include "collect/os_release.h"
#include "collect/proc_status.h"
#include "model/audit.h"
#include "rows_help.h"

#define ME 999

static struct table *table;
static struct view view;
static struct snap *snap;

static void
begin(void)
{
	table = table_new();
	view_init(&view, table);
	snap = help_snap(SEC, 0);
}

/* A listener at an IPv4 address. */
static struct snap_sock *
put(uint64_t cookie, const uint8_t addr[4], uint16_t port, pid_t pid,
    const char *comm)
{
	struct sock_rec r = help_rec(cookie);
	struct snap_sock *k;

	r.state = SOCK_LISTEN;
	memset(&r.peer, 0, sizeof(r.peer));
	memcpy(r.local.addr, addr, 4);
	r.local.port = port;
	k = help_put(snap, r);
	if (pid > 0)
		help_own(k, pid, comm);
	return k;
}

static void
take(struct audit *a, const struct scan_addr *own, size_t n)
{
	table_merge(table, snap, NULL);
	snap_free(snap);
	view_build(&view);
	*a =
	    (struct audit){ .own = own, .nown = n, .netns = 1, .table = table };
	audit_take(a, &view, ME);
}

static void
end(struct audit *a)
{
	audit_done(a);
	view_done(&view);
	table_free(table);
}

static const uint8_t any[4], lo[4] = { 127, 0, 0, 1 }, net[4] = { 10, 0, 0, 7 },
			     link_local[4] = { 169, 254, 1, 1 };
static const struct scan_addr own[] = {
	{ .family = 4, .addr = { 127, 0, 0, 1 } },
	{ .family = 4, .addr = { 10, 0, 0, 7 } },
	{ .family = 6, .addr = { [15] = 1 } },
};

static const struct audit_line *
line(const struct audit *a, uint16_t port)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->line[i].port == port)
			return &a->line[i];
	fail_msg("no line for port %u", port);
	return NULL;
}

static bool
has(const struct audit_line *l, const char *id, enum severity severity)
{
	size_t i;

	for (i = 0; i < l->nfound; i++)
		if (strcmp(l->found[i].def->id, id) == 0)
			return l->found[i].severity == severity;
	return false;
}

static void
lines(void **state)
{
	struct buf b = { 0 };
	struct audit a;

	(void)state;
	begin();
	put(1, any, 80, 10, "nginx");
	put(2, lo, 80, 10, "nginx");
	put(3, lo, 5432, 11, "postgres");
	put(4, link_local, 81, 10, "nginx");
	put(5, any, 90, ME, "sockdeck");
	put(6, any, 80, 12, "other");
	take(&a, own, nitems(own));
	assert_int_equal(a.n, 4);
	audit_judge(&a, 0);
	assert_int_equal(line(&a, 5432)->reach, AUDIT_LOOPBACK);
	assert_int_equal(line(&a, 81)->reach, AUDIT_LINK);
	assert_int_equal(line(&a, 80)->reach, AUDIT_WORLD);
	assert_true(line(&a, 80)->asks);
	/* As others meet it, not by 127.0.0.1. */
	assert_memory_equal(line(&a, 80)->ask.addr.addr, net, 4);
	assert_memory_equal(line(&a, 5432)->ask.addr.addr, lo, 4);
	audit_put_addrs(&a, line(&a, 80), &b);
	assert_true(b.len > 0);
	buf_done(&b);
	end(&a);
}

/* Bound to all addresses, of which there is but the loopback. */
static void
all_is_loopback(void **state)
{
	struct audit a;

	(void)state;
	begin();
	put(1, any, 6379, 10, "redis-server");
	take(&a, own, 1);
	audit_judge(&a, 0);
	assert_int_equal(line(&a, 6379)->reach, AUDIT_LOOPBACK);
	assert_memory_equal(line(&a, 6379)->ask.addr.addr, lo, 4);
	assert_false(has(line(&a, 6379), "internal-exposed", SEVERITY_MEDIUM));
	end(&a);
	/* Of a recording nothing is known but the sockets. */
	begin();
	put(1, any, 6379, 10, "redis-server");
	take(&a, NULL, 0);
	audit_judge(&a, 0);
	assert_int_equal(line(&a, 6379)->reach, AUDIT_WORLD);
	assert_false(line(&a, 6379)->asks);
	assert_true(has(line(&a, 6379), "internal-exposed", SEVERITY_MEDIUM));
	end(&a);
}

static struct service_info *
redis(void)
{
	struct service_info *s = xcalloc(1, sizeof(*s));

	service_setf(s->name, sizeof(s->name), "redis");
	s->method = SERVICE_BY_TALK;
	service_factf(s, "auth", "none");
	return s;
}

static void
answers(void **state)
{
	struct audit a;
	size_t i;

	(void)state;
	begin();
	put(1, net, 7000, 10, "redis-server");
	put(2, lo, 7001, 11, "redis-server");
	put(3, net, 23, 12, "telnetd");
	put(4, lo, 23, 13, "telnetd");
	take(&a, own, nitems(own));
	for (i = 0; i < a.n; i++)
		if (a.line[i].port >= 7000)
			a.line[i].service = redis();
	audit_judge(&a, 0);
	assert_int_equal(a.line[0].port, 7000);
	assert_true(has(line(&a, 7000), "redis-no-auth", SEVERITY_CRITICAL));
	assert_true(has(line(&a, 7000), "internal-exposed", SEVERITY_MEDIUM));
	/* Whoever is there has an account. */
	assert_true(has(line(&a, 7001), "redis-no-auth", SEVERITY_LOW));
	assert_int_equal(audit_count(&a, SEVERITY_CRITICAL), 1);
	assert_int_equal(audit_count(&a, SEVERITY_MEDIUM), 2);
	for (i = 0; i < a.n; i++)
		if (a.line[i].port == 23)
			assert_int_equal(
			    has(&a.line[i], "cleartext-port", SEVERITY_LOW),
			    a.line[i].reach == AUDIT_WORLD);
	end(&a);
}

static void
processes(void **state)
{
	static const struct audit_process none = { .known = true,
		.caps = UINT64_C(0x1ffffffffff) },
					  bound = { .known = true,
						  .no_new_privs = true,
						  .seccomp = 2,
						  .caps = 0x400 };
	struct snap_sock *k;
	struct audit a;
	size_t i;

	(void)state;
	begin();
	(void)put(1, net, 1, 10, "bare");
	(void)put(2, net, 2, 11, "bound");
	k = put(3, net, 3, 12, "user");
	k->owners.proc->uid = 1000;
	k->owners.proc->exe = xstrdup("/usr/bin/user (deleted)");
	(void)put(4, net, 4, 0, NULL);
	take(&a, own, nitems(own));
	for (i = 0; i < a.n; i++)
		a.line[i].process =
		    a.line[i].port == 1
			? none
			: (a.line[i].port == 2 ? bound
					       : (struct audit_process){ 0 });
	audit_judge(&a, 0);
	assert_true(has(line(&a, 1), "root-owner", SEVERITY_LOW));
	assert_true(has(line(&a, 1), "unsandboxed", SEVERITY_LOW));
	assert_true(has(line(&a, 2), "root-owner", SEVERITY_INFO));
	assert_int_equal(line(&a, 2)->nfound, 1);
	assert_true(has(line(&a, 3), "outdated-binary", SEVERITY_LOW));
	assert_int_equal(line(&a, 3)->nfound, 1);
	assert_int_equal(line(&a, 4)->nfound, 0);
	assert_int_equal(audit_worst(line(&a, 4)), -1);
	assert_int_equal(audit_unowned(&a), 1);
	end(&a);
}

static void
status_text(void **state)
{
	static const char text[] =
	    "Name:\tNoNewPrivs:\\t1\nUid:\t0\nCapEff:\t000001ffffffffff\n"
	    "NoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n";
	struct audit_process p;
	char *cut;
	size_t i;

	(void)state;
	assert_true(proc_status_parse(text, &p));
	assert_true(p.known && !p.no_new_privs && p.seccomp == 2);
	assert_true(p.caps == UINT64_C(0x1ffffffffff));
	for (i = 0; i < sizeof(text); i++) {
		cut = xstrndup(text, i);
		if (!proc_status_parse(cut, &p))
			assert_false(p.known);
		free(cut);
	}
	assert_false(proc_status_parse("\nCapEff:\tx\n", &p));
	assert_false(proc_status_parse(
	    "\nCapEff:\t0\nNoNewPrivs:\t0\nSeccomp:\t7\n", &p));
}

/* What a distribution mends is told, but is nothing to be done. */
static void
packages(void **state)
{
	struct service_info *s;
	struct audit a;
	size_t i;

	(void)state;
	begin();
	put(1, net, 1, 10, "nginx")->owners.proc->exe =
	    xstrdup("/usr/sbin/nginx");
	put(2, net, 2, 11, "nginx")->owners.proc->exe =
	    xstrdup("/opt/nginx/nginx");
	take(&a, own, nitems(own));
	for (i = 0; i < a.n; i++) {
		s = a.line[i].service = xcalloc(1, sizeof(*s));
		service_setf(s->name, sizeof(s->name), "http");
		service_setf(s->product, sizeof(s->product), "nginx");
		service_setf(s->version, sizeof(s->version), "1.18.0");
		s->method = SERVICE_BY_TALK;
	}
	audit_judge(&a, INT64_C(1795737600));
	assert_true(has(line(&a, 1), "end-of-life", SEVERITY_MEDIUM));
	a.distribution = "Debian";
	audit_judge(&a, INT64_C(1795737600));
	assert_true(has(line(&a, 1), "end-of-life", SEVERITY_INFO));
	assert_true(has(line(&a, 2), "end-of-life", SEVERITY_MEDIUM));
	end(&a);
}

static void
os_release(void **state)
{
	static const struct {
		const char *text, *name;
	} files[] = {
		{ "ID=debian\nNAME=\"Debian GNU/Linux\"\n",
		    "Debian GNU/Linux" },
		{ "NAME=Fedora", "Fedora" },
		{ "NAME='Rocky Linux'\nID=rocky\n", "Rocky Linux" },
		{ "PRETTY_NAME=\"x\"\n", NULL },
		{ "NAME=\n", NULL },
		{ "NAME=\"\"", NULL },
		{ "NAME=a\033[1m", "a\\x1b[1m" },
		{ "", NULL },
	};
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(files); i++) {
		name = os_release_parse(files[i].text, strlen(files[i].text));
		if (files[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name, files[i].name);
		free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(all_is_loopback),
		cmocka_unit_test(answers),
		cmocka_unit_test(processes),
		cmocka_unit_test(packages),
		cmocka_unit_test(os_release),
		cmocka_unit_test(status_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
