/* SPDX-License-Identifier: ISC */
/*
 * Bytecode against its meaning. The kernel's check and its interpreter are
 * written down here once more (net/ipv4/inet_diag.c), and random filters are
 * judged by both sides for random sockets: the kernel must let through all
 * that match, and no more than that where it knows everything.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xmalloc.h"
#include "collect/diag_filter.h"
#include "model/filter.h"
#include "seed.h"

#define LO_INDEX 7
#define CGROUP   UINT64_C(4711)

/* -- the kernel ----------------------------------------------------------- */

struct op {
	uint8_t code, yes;
	uint16_t no;
};

struct entry {
	const uint8_t *src, *dst;
	int family;
	uint16_t sport, dport;
	uint32_t ifindex, mark;
	uint64_t cgroup;
	bool autobound;
};

static bool
bits_eq(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned i;

	for (i = 0; i < bits; i++)
		if (((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8)) != 0)
			return false;
	return true;
}

static bool
host_cond(const uint8_t *p, const uint8_t *addr, int family, uint16_t port)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	int32_t want;

	memcpy(&want, p + 4, sizeof(want));
	if (want != -1 && want != port)
		return false;
	if (p[0] != AF_UNSPEC && p[0] != family)
		return family == AF_INET6 && p[0] == AF_INET &&
		       memcmp(addr, mapped, sizeof(mapped)) == 0 &&
		       bits_eq(addr + 12, p + 8, p[1]);
	return bits_eq(addr, p + 8, p[1]);
}

static bool
condition(const uint8_t *bc, const struct entry *e)
{
	uint32_t u[2];
	uint64_t id;
	struct op op, arg;

	memcpy(&op, bc, sizeof(op));
	memcpy(&arg, bc + 4, op.yes >= 8 ? sizeof(arg) : 0);
	switch (op.code) {
	case 0:
		return true;
	case 1:
		return false;
	case 2:
		return e->sport >= arg.no;
	case 3:
		return e->sport <= arg.no;
	case 4:
		return e->dport >= arg.no;
	case 5:
		return e->dport <= arg.no;
	case 6:
		return e->autobound;
	case 7:
		return host_cond(bc + 4, e->src, e->family, e->sport);
	case 8:
		return host_cond(bc + 4, e->dst, e->family, e->dport);
	case 9:
		memcpy(u, bc + 4, 4);
		return e->ifindex == u[0];
	case 10:
		memcpy(u, bc + 4, 8);
		return (e->mark & u[1]) == u[0];
	case 11:
		return e->sport == arg.no;
	case 12:
		return e->dport == arg.no;
	case 13:
		memcpy(&id, bc + 4, 8);
		return e->cgroup == id;
	default:
		fail_msg("code %u", op.code);
		return false;
	}
}

static bool
kernel_run(const struct buf *code, const struct entry *e)
{
	const uint8_t *bc = (const uint8_t *)code->data;
	int len = (int)code->len;
	struct op op;
	int by;

	while (len > 0) {
		memcpy(&op, bc, sizeof(op));
		by = condition(bc, e) ? op.yes : op.no;
		len -= by;
		bc += by;
	}
	return len == 0;
}

/* What is left at each step of going by "yes" alone. */
static bool
reachable(const struct buf *code, int rest)
{
	const uint8_t *bc = (const uint8_t *)code->data;
	int len = (int)code->len;

	while (len >= 0) {
		if (rest > len)
			return false;
		if (rest == len)
			return true;
		if (len < 4)
			return false;
		len -= bc[1];
		bc += bc[1];
	}
	return false;
}

static const char *
kernel_audit(const struct buf *code)
{
	static const int args[] = { 0, 0, 4, 4, 4, 4, 0, 8, 8, 4, 8, 4, 4, 8 };
	const uint8_t *bc = (const uint8_t *)code->data;
	int len = (int)code->len, min;
	struct op op;

	if (len == 0 || len >= 65535 - 4)
		return "length";
	while (len > 0) {
		if (len < 4)
			return "cut";
		memcpy(&op, bc, sizeof(op));
		if (op.code > 13)
			return "code";
		min = 4 + args[op.code];
		if (len < min)
			return "argument";
		if (op.code == 7 || op.code == 8) {
			int addr = bc[4] == AF_INET    ? 4
				   : bc[4] == AF_INET6 ? 16
						       : 0;

			if (bc[4] != AF_INET && bc[4] != AF_INET6 &&
			    bc[4] != AF_UNSPEC)
				return "family";
			min += addr;
			if (len < min || bc[5] > 8 * addr)
				return "address";
		}
		if (op.no < min || op.no > len + 4 || (op.no & 3) != 0)
			return "no";
		if (op.no < len && !reachable(code, len - op.no))
			return "jump into an argument";
		if (op.yes < min || op.yes > len + 4 || (op.yes & 3) != 0)
			return "yes";
		bc += op.yes;
		len -= op.yes;
	}
	return len == 0 ? NULL : "end";
}

/* -- helpers -------------------------------------------------------------- */

static uint32_t
ifindex(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "lo") == 0 ? LO_INDEX : 0;
}

static uint64_t
cgroup(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "/a.slice") == 0 ? CGROUP : 0;
}

static const struct diag_filter_opts opts = { .ifindex = ifindex,
	.cgroup = cgroup };

static struct filter *
parse(const char *text)
{
	struct filter_error err = { 0 };
	struct filter *f = NULL;

	if (filter_parse(text, &f, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return f;
}

/* The program for a filter; empty: everything may match. */
static struct buf
program(const char *text, const struct diag_filter_opts *o)
{
	struct filter *f = parse(text);
	struct buf code = { 0 };
	const char *wrong;
	bool some;

	some = diag_filter_compile(f, o, &code);
	assert_int_equal(some, code.len > 0);
	if (code.len > 0) {
		wrong = kernel_audit(&code);
		if (wrong != NULL)
			fail_msg("%s: refused: %s", text, wrong);
	}
	filter_free(f);
	return code;
}

/* The row of one process's socket, as the user side sees it. */
struct world {
	struct table *table;
	struct view_ctx ctx;
	struct row row;
	struct entry entry;
};

static void
world_sync(struct world *w, uint32_t mark, uint64_t group)
{
	struct sock_rec *r = &w->row.rec;

	r->known = KNOWN_IFACE | KNOWN_MARK | KNOWN_CGROUP | KNOWN_INODE;
	r->mark = mark;
	r->cgroup = group;
	w->entry = (struct entry){ .src = r->local.addr,
		.dst = r->peer.addr,
		.family = r->family == 4 ? AF_INET : AF_INET6,
		.sport = r->local.port,
		.dport = r->peer.port,
		.ifindex = r->ifindex,
		.mark = mark,
		.cgroup = group };
}

static void
random_end(struct endpoint *ep, unsigned family, uint64_t *seed)
{
	static const uint8_t v4[][4] = { { 0 }, { 10, 0, 0, 1 },
		{ 10, 0, 1, 1 }, { 127, 0, 0, 1 }, { 192, 0, 2, 77 } };
	static const uint16_t ports[] = { 0, 1, 22, 80, 443, 1023, 1024, 40000,
		65535 };
	uint64_t n = seed_next(seed);

	memset(ep, 0, sizeof(*ep));
	ep->port = ports[n % 9];
	if (family == 4)
		memcpy(ep->addr, v4[n / 16 % 5], 4);
	else if (n / 16 % 3 == 0) {
		ep->addr[10] = ep->addr[11] = 0xff;
		memcpy(ep->addr + 12, v4[n / 64 % 5], 4);
	} else if (n / 16 % 3 == 1) {
		ep->addr[0] = 0x20;
		ep->addr[1] = 0x01;
		ep->addr[2] = 0x0d;
		ep->addr[3] = 0xb8;
		ep->addr[15] = (uint8_t)(n / 64 % 3);
	} else
		ep->addr[15] = (uint8_t)(n / 64 % 2);
}

static void
random_world(struct world *w, uint64_t *seed)
{
	static const uint32_t marks[] = { 0, 1, 0x1f, 0x21, 0xffffffff };
	struct sock_rec *r = &w->row.rec;
	uint64_t n = seed_next(seed);

	memset(r, 0, sizeof(*r));
	r->family = n % 2 ? 4 : 6;
	r->proto = SOCK_TCP;
	r->state = n / 2 % 2 ? SOCK_LISTEN : SOCK_ESTABLISHED;
	r->ifindex = n / 4 % 2 ? LO_INDEX : 0;
	random_end(&r->local, r->family, seed);
	random_end(&r->peer, r->family, seed);
	world_sync(w, marks[n / 8 % 5], n / 64 % 2 ? CGROUP : 1);
}

/* -- fixed ---------------------------------------------------------------- */

static void
what_compiles(void **state)
{
	static const struct {
		const char *text;
		bool code;
	} cases[] = {
		{ "sport = :22", true }, { "sport != :22", true },
		{ "sport ge 1024 and sport le 2000", true },
		{ "dst 10.0.0.0/8", true }, { "src [2001:db8::1]:443", true },
		{ "port:8000-8100", true }, { "dev lo", true },
		{ "dev eth9", false }, /* no such interface: by name later */
		{ "fwmark = 0x1/0xff", true }, { "cgroup /a.slice", true },
		{ "cgroup /b.slice", false }, { "autobound", true },
		{ "not autobound", true }, { "process=sshd", false },
		{ "not process=sshd", false }, { "sshd", false },
		{ "sport = :22 and process=sshd", true },
		{ "sport = :22 or process=sshd", false },
		{ "not (sport = :22 and process=sshd)", false },
		{ "not (sport = :22 or process=sshd)", true },
		{ "state listening", false }, /* by the mask, not by code */
	};
	struct buf code;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		code = program(cases[i].text, &opts);
		if ((code.len > 0) != cases[i].code)
			fail_msg("%s: %zu bytes", cases[i].text, code.len);
		buf_done(&code);
	}
}

static void
with_less(void **state)
{
	struct diag_filter_opts less = opts;
	struct buf code;

	(void)state;
	less.skip = DIAG_SKIP_MARK;
	code = program("fwmark = 1", &less);
	assert_int_equal(code.len, 0);
	code = program("not fwmark = 1", &less);
	assert_int_equal(code.len, 0);
	code = program("fwmark = 1 and sport = :22", &less);
	assert_int_equal(code.len, 8);
	buf_done(&code);
	less.skip = DIAG_SKIP_CGROUP;
	code = program("cgroup /a.slice", &less);
	assert_int_equal(code.len, 0);
	less.skip = DIAG_SKIP_ALL;
	code = program("sport = :22", &less);
	assert_int_equal(code.len, 0);
	assert_false(diag_filter_compile(NULL, &opts, &code));
	buf_done(&code);
}

static void
for_one_pair_of_ports(void **state)
{
	struct buf code = { 0 };
	struct entry e = { .sport = 22, .dport = 99 };

	(void)state;
	diag_filter_ports(&code, 22, 99);
	assert_null(kernel_audit(&code));
	assert_true(kernel_run(&code, &e));
	e.dport = 98;
	assert_false(kernel_run(&code, &e));
	e.dport = 99;
	e.sport = 23;
	assert_false(kernel_run(&code, &e));
	buf_done(&code);
}

/* The longest a user may type still fits, or is left out as a whole. */
static void
the_longest(void **state)
{
	struct buf text = { 0 }, code;

	(void)state;
	while (text.len + 16 < FILTER_MAX)
		buf_puts(&text, text.len == 0 ? "port=1" : " or port=1");
	code = program(text.data, &opts);
	assert_true(code.len > 5000);
	buf_done(&code);
	buf_reset(&text);
	while (text.len + 16 < FILTER_MAX)
		buf_puts(&text, text.len == 0 ? "dst ::1" : " and dst ::1");
	code = program(text.data, &opts);
	assert_true(code.len > 5000);
	buf_done(&code);
	buf_done(&text);
}

/* -- random --------------------------------------------------------------- */

/* known: only what the kernel can judge exactly. */
static void
random_term(struct buf *b, bool known, uint64_t *seed)
{
	static const char *const exact[] = { "sport = :22", "dport = :443",
		"sport != :80", "sport > :1023", "dport < :1024",
		"sport >= :443", "dport <= :80", "sport > :65535", "sport < :1",
		"sport >= :0", "port=22", "port!=443", "port<1024",
		"port>=40000", "port:22-443", "src 10.0.0.1", "src 10.0.0.0/24",
		"dst 192.0.2.0/25", "dst != 127.0.0.1", "src [::1]",
		"dst [2001:db8::]/32", "src [2001:db8::1]:443", "dst 0.0.0.0/0",
		"dst [::]/0", "src 127.0.0.1:22", "dst *:443", "dev lo",
		"dev != lo", "fwmark = 1", "fwmark = 0x1/0x21",
		"fwmark != 0x1f", "cgroup /a.slice", "cgroup != /a.slice" };
	static const char *const vague[] = { "process=x", "pid=1", "nginx",
		"state established", "rtt>1ms", "user!=root", "cgroup /b",
		"dev eth9" };
	uint64_t n = seed_next(seed);

	if (known || n % 4 != 0)
		buf_puts(b, exact[n / 4 % (sizeof(exact) / sizeof(*exact))]);
	else
		buf_puts(b, vague[n / 4 % (sizeof(vague) / sizeof(*vague))]);
}

static void
random_filter(struct buf *b, unsigned depth, bool known, uint64_t *seed)
{
	uint64_t n = seed_next(seed);

	if (depth == 0 || n % 4 == 0) {
		random_term(b, known, seed);
		return;
	}
	buf_puts(b, n % 4 == 1 ? "not (" : "(");
	random_filter(b, depth - 1, known, seed);
	if (n % 4 != 1) {
		buf_puts(b, n % 4 == 2 ? ") and (" : ") or (");
		random_filter(b, depth - 1, known, seed);
	}
	buf_putc(b, ')');
}

static void
judge(bool known, const char *name)
{
	uint64_t seed = seed_begin(name);
	struct world w = { 0 };
	struct buf text = { 0 }, code;
	struct filter *f;
	unsigned i, k, fewer = 0;
	bool user, kernel;

	w.table = table_new();
	w.ctx.table = w.table;
	names_set(w.table->names, NAME_IFACE, 0, LO_INDEX, "lo");
	names_set(w.table->names, NAME_CGROUP, 0, CGROUP, "/a.slice");
	names_set(w.table->names, NAME_CGROUP, 0, 1, "/");
	for (i = 0; i < 2000; i++) {
		buf_reset(&text);
		random_filter(&text, 1 + i % 5, known, &seed);
		f = parse(text.data);
		code = program(text.data, &opts);
		for (k = 0; k < 50; k++) {
			random_world(&w, &seed);
			user = filter_eval(f, &w.row, &w.ctx);
			kernel = code.len == 0 || kernel_run(&code, &w.entry);
			if (!kernel)
				fewer++;
			if (user && !kernel)
				fail_msg("%s: matches, but the kernel drops it",
				    text.data);
			if (known && kernel && !user)
				fail_msg("%s: does not match, but the kernel "
					 "lets it through",
				    text.data);
		}
		buf_done(&code);
		filter_free(f);
	}
	if (fewer < 10000)
		fail_msg("the kernel dropped only %u of 100000", fewer);
	buf_done(&text);
	table_free(w.table);
}

static void
exact_where_all_is_known(void **state)
{
	(void)state;
	judge(true, "exact_where_all_is_known");
}

static void
never_too_few(void **state)
{
	(void)state;
	judge(false, "never_too_few");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_compiles),
		cmocka_unit_test(with_less),
		cmocka_unit_test(for_one_pair_of_ports),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(exact_where_all_is_known),
		cmocka_unit_test(never_too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
