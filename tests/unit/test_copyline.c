/* SPDX-License-Identifier: ISC */
/* What is copied of a row: exact text, nothing a shell would run. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "model/copyline.h"

static struct table table;
static const struct view_ctx ctx = { .table = &table };

static int
setup(void **state)
{
	(void)state;
	table.names = names_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	names_free(table.names);
	return 0;
}

static void
expect(const struct row *r, const char *form, const char *want)
{
	struct buf out = { 0 };
	const struct copy_form *f = copy_form_find(form);

	assert_non_null(f);
	if (want == NULL) {
		assert_false(f->put(r, &ctx, &out));
	} else {
		assert_true(f->put(r, &ctx, &out));
		assert_string_equal(out.data, want);
	}
	buf_done(&out);
}

static void
row_tcp4(struct row *r)
{
	memset(r, 0, sizeof(*r));
	r->rec.proto = SOCK_TCP;
	r->rec.family = 4;
	r->rec.state = SOCK_ESTABLISHED;
	memcpy(r->rec.local.addr, (uint8_t[]){ 10, 0, 0, 5 }, 4);
	r->rec.local.port = 22;
	memcpy(r->rec.peer.addr, (uint8_t[]){ 10, 0, 0, 9 }, 4);
	r->rec.peer.port = 50312;
}

static void
row_own(struct row *r, pid_t pid, const char *cmdline)
{
	struct proc *proc = proc_new(pid, 1);

	proc->cmdline = xstrdup(cmdline);
	r->owners = (struct owners){ .proc = proc, .fd = 3, .n = 1 };
}

static void
test_addresses(void **state)
{
	struct row r;

	(void)state;
	row_tcp4(&r);
	expect(&r, "local", "10.0.0.5:22");
	expect(&r, "peer", "10.0.0.9:50312");
	expect(&r, "tuple", "tcp 10.0.0.5:22 -> 10.0.0.9:50312");
	expect(&r, "ss", "ss -tan4p 'src 10.0.0.5:22 and dst 10.0.0.9:50312'");
}

static void
test_listener(void **state)
{
	struct row r = { 0 };

	(void)state;
	r.rec.proto = SOCK_TCP;
	r.rec.family = 6;
	r.rec.state = SOCK_LISTEN;
	r.rec.local.port = 8080;
	expect(&r, "local", "[::]:8080");
	expect(&r, "peer", NULL);
	expect(&r, "tuple", "tcp [::]:8080");
	expect(&r, "ss", "ss -tan6p 'sport = :8080'");
	r.rec.proto = SOCK_UDP;
	r.rec.local.addr[15] = 1;
	expect(&r, "ss", "ss -uan6p 'src [::1]:8080'");
}

static void
test_unknown_owner(void **state)
{
	struct row r;

	(void)state;
	row_tcp4(&r);
	expect(&r, "pid", NULL);
	expect(&r, "kill", NULL);
	expect(&r, "cmdline", NULL);
}

static void
test_cmdline_is_quoted(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "/usr/sbin/sshd -D", "/usr/sbin/sshd -D" },
		{ "nginx: worker process", "nginx: worker process" },
		{ "sh -c $(reboot)", "sh -c '$(reboot)'" },
		{ "a;b `c` d", "'a;b' '`c`' d" },
		{ "it's", "'it'\\''s'" },
		{ " ~root *  x", " '~root' '*'  x" },
		{ "\\x1b[31m", "'\\x1b[31m'" },
	};
	struct row r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row_tcp4(&r);
		row_own(&r, 812, cases[i].in);
		expect(&r, "cmdline", cases[i].out);
		expect(&r, "pid", "812");
		expect(&r, "kill", "kill 812");
		owners_done(&r.owners);
	}
}

/* Two processes, one of them with two descriptors: each pid once. */
static void
test_all_holders(void **state)
{
	struct row r;
	struct proc *a = proc_new(7, 1), *b = proc_new(9, 1);

	(void)state;
	row_tcp4(&r);
	r.owners.n = 3;
	r.owners.all = xcalloc(3, sizeof(*r.owners.all));
	r.owners.all[0] = (struct owner){ .proc = a, .fd = 3 };
	r.owners.all[1] = (struct owner){ .proc = proc_ref(a), .fd = 4 };
	r.owners.all[2] = (struct owner){ .proc = b, .fd = 3 };
	r.owners.proc = proc_ref(a);
	r.owners.fd = 3;
	expect(&r, "pid", "7 9");
	expect(&r, "kill", "kill 7 9");
	owners_done(&r.owners);
}

static void
test_namespaces(void **state)
{
	struct row r;

	(void)state;
	row_tcp4(&r);
	r.rec.netns = 1;
	names_set(table.names, NAME_NETNS, 0, 1, "default");
	expect(&r, "ss", "ss -tan4p 'src 10.0.0.5:22 and dst 10.0.0.9:50312'");
	names_set(table.names, NAME_NETNS, 0, 1, "web");
	expect(&r, "ss",
	    "ss -tan4p -N web 'src 10.0.0.5:22 and dst 10.0.0.9:50312'");
	names_set(table.names, NAME_NETNS, 0, 1, "a b;c");
	expect(&r, "ss",
	    "ss -tan4p -N 'a b;c' 'src 10.0.0.5:22 and dst 10.0.0.9:50312'");
	names_set(table.names, NAME_NETNS, 0, 1, "pid 812");
	expect(&r, "ss",
	    "nsenter -n -t 812 ss -tan4p "
	    "'src 10.0.0.5:22 and dst 10.0.0.9:50312'");
}

/* Every form is one line, so that a paste never runs by itself. */
static void
test_one_line(void **state)
{
	const struct copy_form *f;
	struct buf out = { 0 };
	struct row r;

	(void)state;
	row_tcp4(&r);
	row_own(&r, 1, "x");
	for (f = copy_forms; f->name != NULL; f++) {
		buf_reset(&out);
		assert_true(f->put(&r, &ctx, &out));
		assert_true(out.len > 0);
		assert_null(strpbrk(out.data, "\n\r\033"));
	}
	assert_null(copy_form_find("nosuch"));
	owners_done(&r.owners);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_unknown_owner),
		cmocka_unit_test(test_cmdline_is_quoted),
		cmocka_unit_test(test_all_holders),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_one_line),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
