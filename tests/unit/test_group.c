/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/group.h"

struct fixture {
	struct table *table;
	struct view view;
	struct group group;
	struct proc *nginx, *curl;
};

static struct proc *
proc_make(pid_t pid, const char *comm, const char *unit)
{
	struct proc *p = proc_new(pid, 100);

	free(p->comm);
	p->comm = xstrdup(comm);
	if (unit != NULL)
		p->unit = xstrdup(unit);
	return p;
}

static void
add(struct snap *s, uint64_t cookie, enum sock_state state, uint16_t lport,
    uint16_t pport, struct proc *proc)
{
	struct snap_sock *k = snap_add(s);

	k->rec.cookie = cookie;
	k->rec.netns = 1;
	k->rec.inode = proc == NULL ? 0 : (uint32_t)cookie;
	k->rec.family = 4;
	k->rec.proto = SOCK_TCP;
	k->rec.state = (uint8_t)state;
	k->rec.local.port = lport;
	k->rec.peer.port = pport;
	if (state != SOCK_LISTEN) {
		memcpy(k->rec.local.addr, "\x7f\0\0\1", 4);
		memcpy(k->rec.peer.addr, "\x0a\0\0\1", 4);
	}
	if (proc != NULL) {
		k->owners.proc = proc_ref(proc);
		k->owners.fd = 3;
		k->owners.n = 1;
	}
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct snap *s = snap_new();

	f->table = table_new();
	f->nginx = proc_make(812, "nginx", "nginx.service");
	f->curl = proc_make(900, "curl", NULL);
	s->mono_ns = 1000000000;
	add(s, 1, SOCK_LISTEN, 443, 0, f->nginx);
	add(s, 2, SOCK_ESTABLISHED, 443, 50001, f->nginx);
	add(s, 3, SOCK_ESTABLISHED, 443, 50002, f->nginx);
	add(s, 4, SOCK_ESTABLISHED, 40000, 5432, f->curl);
	add(s, 5, SOCK_TIME_WAIT, 443, 50003, NULL);
	s->total = 5;
	table_merge(f->table, s, NULL);
	snap_free(s);
	view_init(&f->view, f->table);
	view_build(&f->view);
	group_init(&f->group);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	group_done(&f->group);
	view_done(&f->view);
	table_free(f->table);
	proc_unref(f->nginx);
	proc_unref(f->curl);
	free(f);
	return 0;
}

static const struct group_head *
head_named(const struct group *g, const char *label)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->line[i].head != NULL &&
		    strcmp(g->line[i].head->label, label) == 0)
			return g->line[i].head;
	fail_msg("no heading \"%s\"", label);
	return NULL;
}

static void
test_process(void **state)
{
	struct fixture *f = *state;
	const struct group_head *h;
	uint64_t id;

	f->group.mode = GROUP_PROCESS;
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 3);
	h = head_named(&f->group, "nginx (812)");
	assert_int_equal(h->rows, 3);
	assert_int_equal(h->listen, 1);
	assert_int_equal(h->established, 2);
	head_named(&f->group, "curl (900)");
	head_named(&f->group, "held by the kernel alone");

	id = h->id;
	group_toggle(&f->group, id);
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 6);
	h = head_named(&f->group, "nginx (812)");
	assert_true(h->open);
	assert_true(h->id == id);
	assert_ptr_equal(f->group.line[0].head, h);
	assert_null(f->group.line[1].head);
	assert_int_equal(f->group.line[1].row->rec.cookie, 1);
	assert_int_equal(f->group.line[3].row->rec.cookie, 3);

	group_open_all(&f->group, true);
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 8);
	group_toggle(&f->group, id);
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 5);
}

static void
test_port(void **state)
{
	struct fixture *f = *state;

	f->group.mode = GROUP_PORT;
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 2);
	assert_int_equal(head_named(&f->group, "443 https tcp")->rows, 4);
	assert_int_equal(
	    head_named(&f->group, "to 5432 postgresql tcp")->rows, 1);
}

static void
test_remote_and_unit(void **state)
{
	struct fixture *f = *state;

	f->group.mode = GROUP_REMOTE;
	group_build(&f->group, &f->view);
	assert_int_equal(head_named(&f->group, "10.0.0.1")->rows, 4);
	assert_int_equal(head_named(&f->group, "no peer")->rows, 1);

	f->group.mode = GROUP_UNIT;
	group_build(&f->group, &f->view);
	assert_int_equal(head_named(&f->group, "nginx.service")->rows, 3);
	assert_int_equal(head_named(&f->group, "no unit")->rows, 1);
}

static void
test_tree(void **state)
{
	struct fixture *f = *state;
	const struct group_head *h;
	size_t i;

	f->group.mode = GROUP_TREE;
	group_open_all(&f->group, true);
	group_build(&f->group, &f->view);
	h = f->group.line[0].head;
	assert_non_null(h);
	assert_non_null(h->row);
	assert_int_equal(h->row->rec.cookie, 1);
	assert_int_equal(h->rows, 3);
	for (i = 1; i <= 3; i++) {
		assert_null(f->group.line[i].head);
		assert_int_not_equal(f->group.line[i].row->rec.cookie, 1);
	}
	head_named(&f->group, "TCP without a listener here");
	assert_int_equal(f->group.n, 6);
}

/* What no program took yet is not counted as accepted. */
static void
test_tree_unaccepted(void **state)
{
	struct fixture *f = *state;
	const struct group_head *h;
	struct snap *s = snap_new();

	f->group.mode = GROUP_TREE;
	group_build(&f->group, &f->view);
	/* TIME-WAIT was accepted once, although nobody holds it now. */
	assert_int_equal(f->group.line[0].head->unaccepted, 0);
	s->mono_ns = 2000000000;
	add(s, 1, SOCK_LISTEN, 443, 0, f->nginx);
	add(s, 2, SOCK_ESTABLISHED, 443, 50001, f->nginx);
	add(s, 6, SOCK_ESTABLISHED, 443, 50004, NULL);
	s->sock[s->n - 1].rec.flags = SOCKF_ORPHAN;
	add(s, 7, SOCK_SYN_RECEIVED, 443, 50005, NULL);
	add(s, 8, SOCK_CLOSE_WAIT, 443, 50006, NULL);
	s->sock[s->n - 1].rec.flags = SOCKF_ORPHAN;
	/* Its owner is not known: that says nothing. */
	add(s, 9, SOCK_ESTABLISHED, 443, 50007, NULL);
	/* The program is done with it, the kernel is not. */
	add(s, 10, SOCK_LAST_ACK, 443, 50008, NULL);
	s->sock[s->n - 1].rec.flags = SOCKF_ORPHAN;
	s->total = s->n;
	table_merge(f->table, s, NULL);
	snap_free(s);
	view_build(&f->view);
	group_build(&f->group, &f->view);
	h = f->group.line[0].head;
	assert_int_equal(h->row->rec.cookie, 1);
	assert_int_equal(h->rows, 6);
	assert_int_equal(h->unaccepted, 3);
}

/* Whatever the order of the rows, what is left over stands last. */
static void
test_leftovers_last(void **state)
{
	static const char *const sorts[] = { "", "state,lport", "-lport", "pid",
		"-rx", "-cookie" };
	static const struct {
		enum group_mode mode;
		const char *last;
	} cases[] = {
		{ GROUP_PROCESS, "held by the kernel alone" },
		{ GROUP_REMOTE, "no peer" },
		{ GROUP_UNIT, "held by the kernel alone" },
		{ GROUP_TREE, "TCP without a listener here" },
	};
	struct fixture *f = *state;
	size_t i, j;

	for (i = 0; i < nitems(sorts); i++) {
		assert_int_equal(view_sort_parse(&f->view, sorts[i], NULL), 0);
		view_build(&f->view);
		for (j = 0; j < nitems(cases); j++) {
			f->group.mode = cases[j].mode;
			group_build(&f->group, &f->view);
			assert_string_equal(
			    f->group.line[f->group.n - 1].head->label,
			    cases[j].last);
		}
	}
}

/* IPv4 carried by IPv6 comes from the same machine. */
static void
test_mapped_remote(void **state)
{
	struct fixture *f = *state;
	struct row *r = f->view.row[3];

	r->rec.family = 6;
	memset(r->rec.peer.addr, 0, sizeof(r->rec.peer.addr));
	memcpy(r->rec.peer.addr + 10, "\xff\xff\x0a\0\0\1", 6);
	f->group.mode = GROUP_REMOTE;
	group_build(&f->group, &f->view);
	assert_int_equal(f->group.n, 2);
	assert_int_equal(head_named(&f->group, "10.0.0.1")->rows, 4);
}

static void
test_names(void **state)
{
	enum group_mode mode;
	int i;

	(void)state;
	for (i = 0; i < GROUP_NMODES; i++) {
		assert_true(group_mode_parse(
		    group_mode_name((enum group_mode)i), &mode));
		assert_int_equal(mode, i);
	}
	assert_false(group_mode_parse("trees", &mode));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_process, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_remote_and_unit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_tree_unaccepted, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_leftovers_last, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_mapped_remote, setup, teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
