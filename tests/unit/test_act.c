/* SPDX-License-Identifier: ISC */
/* Acts as data: who is meant, what goes with it, what follows. */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "base/array.h"
#include "model/act_plan.h"
#include "model/view.h"
#include "rows_help.h"

struct world {
	struct table *table;
	struct proc *nginx, *worker, *curl;
};

static struct proc *
new_proc(pid_t pid, const char *comm, pid_t ppid)
{
	struct proc *p = proc_new(pid, 100);

	free(p->comm);
	p->comm = xstrdup(comm);
	p->ppid = ppid;
	p->user = xstrdup("root");
	return p;
}

static void
own(struct snap_sock *k, struct proc *a, struct proc *b)
{
	k->owners.proc = proc_ref(a);
	k->owners.fd = 3;
	k->owners.n = b == NULL ? 1 : 2;
	if (b == NULL)
		return;
	k->owners.all = xcalloc(2, sizeof(*k->owners.all));
	k->owners.all[0] = (struct owner){ proc_ref(a), 3 };
	k->owners.all[1] = (struct owner){ proc_ref(b), 3 };
}

/* A server with a worker that share port 80, one connection of a client on
 * this machine to it, and one of the client's to elsewhere. */
static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct snap *s = help_snap(SEC, 0);
	struct sock_rec r = help_rec(1);

	w->table = table_new();
	w->nginx = new_proc(812, "nginx", 1);
	w->worker = new_proc(813, "nginx", 812);
	w->curl = new_proc(900, "curl", 700);
	r.state = SOCK_LISTEN;
	memset(&r.peer, 0, sizeof(r.peer));
	own(help_put(s, r), w->nginx, w->worker);
	r = help_rec(2);
	r.peer.port = 40000;
	own(help_put(s, r), w->worker, NULL);
	r = help_rec(3);
	r.peer = help_rec(2).local;
	r.local = help_rec(2).peer;
	r.local.port = 40000;
	own(help_put(s, r), w->curl, NULL);
	r = help_rec(4);
	r.local.port = 41000;
	r.peer.port = 443;
	own(help_put(s, r), w->curl, NULL);
	r = help_rec(5);
	r.state = SOCK_TIME_WAIT;
	r.inode = 0;
	r.peer.port = 40001;
	(void)help_put(s, r);
	r = help_rec(6);
	r.local.port = 6000;
	(void)help_put(s, r); /* somebody holds it, unseen */
	table_merge(w->table, s, NULL);
	snap_free(s);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	table_free(w->table);
	proc_unref(w->nginx);
	proc_unref(w->worker);
	proc_unref(w->curl);
	free(w);
	return 0;
}

/* What a filter selects, as the command line would. */
static int
choose(struct world *w, const char *text, enum act_kind kind, struct act **ret,
    char **cause)
{
	struct filter_error err = { 0 };
	struct filter *f = NULL;
	struct view v;
	int r;

	if (filter_parse(text, &f, &err) != 0)
		fail_msg("%s: %s", text, err.message);
	view_init(&v, w->table);
	v.filter = f;
	view_build(&v);
	r = kind == ACT_SIGNAL
		? act_plan_signal(
		      &(struct act_choice){ w->table, v.row, v.n, f }, SIGTERM,
		      ret, cause)
		: act_plan_close(
		      &(struct act_choice){ w->table, v.row, v.n, f }, ACT_RST,
		      ret, cause);
	view_done(&v);
	filter_free(f);
	return r;
}

static struct act *
act_of(struct world *w, const char *filter, enum act_kind kind)
{
	struct act *a = NULL;
	char *cause = NULL;

	if (choose(w, filter, kind, &a, &cause) != 0)
		fail_msg("%s: %s", filter, cause);
	return a;
}

static bool
any_has(char *const *line, size_t n, const char *part)
{
	while (n > 0)
		if (strstr(line[--n], part) != NULL)
			return true;
	return false;
}

static bool
follows(const struct act_target *t, const char *part)
{
	return any_has(t->next, t->nnext, part);
}

/* A process that was named is meant, not those that share its sockets; what
 * it shares stays open, and that is said. */
static void
the_one_named(void **state)
{
	struct act *a = act_of(*state, "pid=812", ACT_SIGNAL);
	const struct act_target *t = &a->target[0];

	assert_int_equal(a->n, 1);
	assert_int_equal(t->pid, 812);
	assert_int_equal(t->start, 100);
	assert_string_equal(t->title, "nginx (812), user root");
	assert_int_equal(t->nsock, 1);
	assert_true(follows(t, "stays open: nginx (813) holds it too"));
	assert_int_equal(a->nnotes, 0);
	act_free(a);
}

/* lsof -ti's mistake is told. */
static void
servers_and_clients(void **state)
{
	struct act *a = act_of(*state, "port:80", ACT_SIGNAL);
	size_t i;

	assert_int_equal(a->n, 3);
	for (i = 0; i < a->n; i++)
		switch (a->target[i].pid) {
		case 812:
		case 813:
			assert_int_equal(a->target[i].role, ACT_LISTENS);
			break;
		case 900:
			assert_int_equal(a->target[i].role, ACT_CALLS);
			/* What was chosen first, then what goes with it. */
			assert_int_equal(a->target[i].nchosen, 1);
			assert_int_equal(a->target[i].nsock, 2);
			assert_non_null(
			    strstr(a->target[i].sock[0], "client of"));
			assert_non_null(strstr(a->target[i].sock[1], ":443"));
			break;
		default:
			fail();
		}
	assert_true(any_has(a->note, a->nnotes, "2 of these listen"));
	assert_true(any_has(a->note, a->nnotes, "1 is only connected"));
	assert_true(any_has(a->note, a->nnotes, "1 socket without"));
	act_free(a);
	a = act_of(*state, "sport = :80 and state listen", ACT_SIGNAL);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->nnotes, 0);
	act_free(a);
}

/* What goes with a process is listed by port, in whichever order the kernel
 * told it. */
static void
companions_in_order(void **state)
{
	static const uint16_t told[] = { 6005, 6001, 6004, 6002, 6003 };
	static const uint16_t listed[] = { 6004, 6001, 6002, 6003, 6005 };
	struct world w = { .table = table_new() };
	struct proc *curl = new_proc(900, "curl", 700);
	struct snap *s = help_snap(SEC, 0);
	struct sock_rec r;
	struct act *a;
	char port[16];
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		r = help_rec((unsigned)i + 1);
		r.local.port = told[i];
		own(help_put(s, r), curl, NULL);
	}
	table_merge(w.table, s, NULL);
	snap_free(s);
	a = act_of(&w, "sport = :6004", ACT_SIGNAL);
	assert_int_equal(a->n, 1);
	assert_int_equal(a->target[0].nsock, 5);
	for (i = 0; i < 5; i++) {
		snprintf(port, sizeof(port), ":%u ", listed[i]);
		if (strstr(a->target[0].sock[i], port) == NULL)
			fail_msg("%s", a->target[0].sock[i]);
	}
	act_free(a);
	table_free(w.table);
	proc_unref(curl);
}

/* Of very many those that are not listed are counted, chosen or not. */
static void
many_sockets(void **state)
{
	struct world w = { .table = table_new() };
	struct proc *curl = new_proc(900, "curl", 700);
	struct snap *s = help_snap(SEC, 0);
	struct sock_rec r;
	struct act *a;
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		r = help_rec(i + 1);
		r.local.port = (uint16_t)(6000 + i);
		own(help_put(s, r), curl, NULL);
	}
	table_merge(w.table, s, NULL);
	snap_free(s);
	for (i = 0; i < 2; i++) {
		a = act_of(&w, i == 0 ? "sport = :6004" : "sport >= :6000",
		    ACT_SIGNAL);
		assert_int_equal(a->n, 1);
		assert_int_equal(a->target[0].nsock, 65);
		assert_int_equal(a->target[0].nchosen, i == 0 ? 1 : 65);
		assert_string_equal(a->target[0].sock[64], "and 36 more");
		act_free(a);
	}
	table_free(w.table);
	proc_unref(curl);
}

static void
nobody(void **state)
{
	struct act *a = NULL;
	char *cause = NULL;

	assert_int_equal(
	    choose(*state, "state time-wait", ACT_SIGNAL, &a, &cause), -ESRCH);
	assert_non_null(strstr(cause, "TIME-WAIT"));
	assert_null(a);
	free(cause);
	assert_int_equal(
	    choose(*state, "sport = :6000", ACT_SIGNAL, &a, &cause), -EPERM);
	assert_non_null(strstr(cause, "needs root"));
	free(cause);
}

/* Grades, counts, and what must be typed. */
static void
typed(void **state)
{
	struct act *a = act_new(ACT_SIGNAL);
	struct act_target *t;
	char *word;
	pid_t pid;

	(void)state;
	a->signal = SIGTERM;
	for (pid = 10; pid < 14; pid++) {
		t = act_add(a);
		t->pid = pid;
		t->name = xstrdup("x");
		t->facts = xcalloc(1, sizeof(*t->facts));
	}
	act_words(a);
	assert_null(act_typed(a));
	a->target[1].facts->ancestor = true;
	act_words(a);
	word = act_typed(a);
	assert_string_equal(word, "11");
	free(word);
	a->target[1].skip = true;
	assert_null(act_typed(a));
	a->target[1].skip = false;
	t = act_add(a);
	t->pid = 14;
	t->name = xstrdup("x");
	act_words(a);
	word = act_typed(a);
	assert_string_equal(word, "5");
	free(word);
	/* Process 1, the kernel's threads, this program: never. */
	a->target[0].pid = 1;
	a->target[2].facts->kthread = true;
	a->target[3].facts->self = true;
	act_words(a);
	assert_int_equal(act_count(a), 2);
	assert_int_equal(a->target[0].grade, ACT_REFUSE);
	assert_int_equal(a->target[2].grade, ACT_REFUSE);
	assert_int_equal(a->target[3].grade, ACT_REFUSE);
	word = act_question(a);
	assert_string_equal(word, "Send TERM to 2 processes?");
	free(word);
	act_free(a);
}

/* systemd.service(5), "Restart=": what follows which signal. */
static void
restart(void **state)
{
	static const struct {
		const char *restart;
		int signal;
		const char *says;
	} rows[] = {
		{ "always", SIGTERM, "systemd restarts it (" },
		{ "always", SIGKILL, "systemd restarts it (" },
		{ "on-failure", SIGTERM, "if it ends with an error" },
		{ "on-failure", SIGKILL, "systemd restarts it (" },
		{ "on-success", SIGTERM, "systemd restarts it (" },
		{ "on-success", SIGKILL, "does not restart it after KILL" },
		{ "on-abnormal", SIGTERM, "does not restart it after TERM" },
		{ "on-abnormal", SIGQUIT, "systemd restarts it (" },
		{ "on-abort", SIGKILL, "systemd restarts it (" },
		{ "on-abort", SIGHUP, "does not restart it after HUP" },
		{ "on-watchdog", SIGKILL, "does not restart it after KILL" },
		{ "no", SIGKILL, "does not restart it after KILL" },
		{ NULL, SIGTERM, "is not known" },
	};
	struct act *a = act_of(*state, "pid=812", ACT_SIGNAL);
	struct act_facts *f = a->target[0].facts;
	size_t i;

	f->unit = xstrdup("nginx.service");
	f->main = true;
	for (i = 0; i < nitems(rows); i++) {
		free(f->restart);
		f->restart =
		    rows[i].restart == NULL ? NULL : xstrdup(rows[i].restart);
		a->signal = rows[i].signal;
		act_words(a);
		if (!follows(&a->target[0], rows[i].says))
			fail_msg("Restart=%s: no \"%s\"", rows[i].restart,
			    rows[i].says);
		assert_true(
		    follows(&a->target[0], "systemctl stop nginx.service"));
	}
	/* A signal that ends nothing has no such consequences. */
	a->signal = SIGWINCH;
	act_words(a);
	assert_false(follows(&a->target[0], "systemd"));
	f->user_unit = true;
	f->main = false;
	a->signal = SIGTERM;
	act_words(a);
	assert_true(follows(
	    &a->target[0], "systemctl --user stop nginx.service ends them"));
	act_free(a);
}

static void
what_is_behind(void **state)
{
	struct act *a = act_of(*state, "pid=812", ACT_SIGNAL);
	struct act_target *t = &a->target[0];
	struct act_facts *f = t->facts;

	f->socket_unit = xstrdup("web.socket");
	f->supervisor = xstrdup("runit");
	f->supervisor_stop = xstrdup("sv down web");
	f->container = xstrdup("docker:0123456789ab");
	act_words(a);
	assert_true(follows(t, "systemctl stop web.socket first"));
	assert_true(follows(t, "runit starts it again: sv down web"));
	assert_true(
	    follows(t, "runs in container docker:0123456789ab: docker stop "
		       "0123456789ab"));
	f->container_init = true;
	act_words(a);
	assert_true(follows(t, "ends with it"));
	f->forwards = xstrdup("172.17.0.2:80");
	act_words(a);
	assert_true(follows(t, "only forwards the port to 172.17.0.2:80"));
	f->init = true;
	act_words(a);
	assert_true(follows(t, "systemctl stop web.socket lets go of it"));
	assert_int_equal(t->grade, ACT_REFUSE);
	act_free(a);
	a = act_of(*state, "pid=813 and state listen", ACT_SIGNAL);
	t = &a->target[0];
	t->facts->parent = 812;
	t->facts->parent_comm = xstrdup("nginx");
	act_words(a);
	assert_true(follows(t, "its parent nginx (812)"));
	act_free(a);
}

/* Every state either way: refused with a reason, or with what follows. */
static void
closing(void **state)
{
	static const struct {
		enum sock_state state;
		const char *rst, *fin; /* NULL: refused */
	} rows[] = {
		{ SOCK_ESTABLISHED, "ECONNABORTED", "FIN-WAIT-2" },
		{ SOCK_SYN_SENT, "ECONNABORTED", "broken off" },
		{ SOCK_SYN_RECEIVED, "handshake", NULL },
		{ SOCK_FIN_WAIT_1, "ECONNRESET", NULL },
		{ SOCK_FIN_WAIT_2, "ECONNRESET", NULL },
		{ SOCK_TIME_WAIT, "RFC 9293", NULL },
		{ SOCK_CLOSE_WAIT, "ECONNRESET", "LAST-ACK" },
		{ SOCK_LAST_ACK, "given up", NULL },
		{ SOCK_LISTEN, "EINVAL", "EINVAL" },
		{ SOCK_CLOSING, "given up", NULL },
		{ SOCK_BOUND, NULL, NULL },
	};
	struct act_target *t;
	struct act *a = act_of(*state, "pid=900 and dport = :443", ACT_CLOSE);
	size_t i;

	assert_int_equal(a->n, 1);
	t = &a->target[0];
	assert_string_equal(t->sock[0], "curl (900), user root");
	for (i = 0; i < 2 * nitems(rows); i++) {
		const char *says =
		    i % 2 == 0 ? rows[i / 2].rst : rows[i / 2].fin;

		t->rec.state = (uint8_t)rows[i / 2].state;
		a->how = i % 2 == 0 ? ACT_RST : ACT_FIN;
		act_words(a);
		assert_int_equal(t->grade, says == NULL ? ACT_REFUSE : ACT_ASK);
		if (says != NULL ? !follows(t, says) : t->why == NULL)
			fail_msg("%s: no \"%s\"",
			    sock_state_name(rows[i / 2].state), says);
	}
	t->rec.state = SOCK_ESTABLISHED;
	t->rec.flags = SOCKF_SYNTH_KEY;
	act_words(a);
	assert_int_equal(t->grade, ACT_REFUSE);
	t->rec.flags = 0;
	t->rec.proto = SOCK_UDP;
	t->rec.state = SOCK_CONNECTED;
	act_words(a);
	assert_int_equal(t->grade, ACT_REFUSE); /* FIN: UDP has none */
	a->how = ACT_RST;
	act_words(a);
	assert_true(follows(t, "ECONNABORTED"));
	t->facts = xcalloc(1, sizeof(*t->facts));
	t->facts->session = true;
	act_words(a);
	assert_int_equal(t->grade, ACT_TYPE);
	act_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_one_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    servers_and_clients, set_up, tear_down),
		cmocka_unit_test(companions_in_order),
		cmocka_unit_test(many_sockets),
		cmocka_unit_test_setup_teardown(nobody, set_up, tear_down),
		cmocka_unit_test(typed),
		cmocka_unit_test_setup_teardown(restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_behind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(closing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
