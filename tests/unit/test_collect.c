/* SPDX-License-Identifier: ISC */
/*
 * A reading put together from made-up parts: what is told again and what is
 * not, who is hidden, and a kernel that interrupts its dumps.
 */
#include "config.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "collect/collect.h"
#include "collect/owner_source.h"
#include "collect/src_diag.h"
#include "model/filter.h"
#include "model/need.h"

/* -- a source ------------------------------------------------------------- */

struct fake_source {
	struct source base;
	struct sock_rec rec[8];
	unsigned n;
	unsigned restarts; /* broken attempts before the good one */
	int error;
	bool closed;
};

static int
fake_read(struct source *s, const struct request *req, const struct sink *sink,
    struct snap *snap, char **cause)
{
	static struct sock_ext ext;
	struct fake_source *f = (void *)s;
	unsigned i, attempt;

	(void)snap;
	for (attempt = 0;; attempt++) {
		for (i = 0; i < f->n; i++)
			sink->sock(sink->arg, &f->rec[i],
			    (req->need & NEED_EXT) != 0 ? &ext : NULL);
		if (attempt == f->restarts)
			break;
		sink->restart(sink->arg);
	}
	f->restarts = 0;
	if (f->error != 0) {
		xasprintf(cause, "made to fail");
		return f->error;
	}
	return 0;
}

static void
fake_close(struct source *s)
{
	((struct fake_source *)(void *)s)->closed = true;
}

static const struct source_ops fake_ops = {
	.name = "fake",
	.kind = SOURCE_NETLINK,
	.read = fake_read,
	.close = fake_close,
};

static void
fake_sock(struct fake_source *f, uint64_t cookie, uint32_t inode)
{
	f->base.ops = &fake_ops;
	f->rec[f->n++] = (struct sock_rec){ .cookie = cookie,
		.inode = inode,
		.netns = 1,
		.family = 4,
		.proto = SOCK_TCP,
		.state = SOCK_LISTEN,
		.known = KNOWN_INODE };
}

/* -- owners --------------------------------------------------------------- */

/* Inode i is held by process 1000 + i once found[i]; known[i] without asking.
 */
static struct {
	bool found[16], known[16];
	uint64_t epoch, finds;
	unsigned updates;
	size_t asked;
	uint32_t asked_inode[16];
	struct owners who;
} own;

static struct owner_source own_source;

static int
own_open(struct owner_source **ret, char **cause)
{
	(void)cause;
	*ret = &own_source;
	return 0;
}

static void
own_begin(struct owner_source *s, unsigned detail, struct snap *snap)
{
	(void)s;
	(void)detail;
	(void)snap;
}

static int
own_update(struct owner_source *s, const uint32_t *inode, const uint32_t *uid,
    size_t n, unsigned detail, struct snap *snap)
{
	size_t i;

	(void)s;
	(void)uid;
	(void)detail;
	(void)snap;
	own.updates++;
	own.asked = n;
	for (i = 0; i < n; i++) {
		own.asked_inode[i] = inode[i];
		assert_true(i == 0 || inode[i - 1] < inode[i]);
		assert_int_not_equal(inode[i], 0);
		if (own.found[inode[i]]) {
			own.known[inode[i]] = true;
			own.epoch++;
		}
	}
	return 0;
}

static uint64_t
own_find(struct owner_source *s, uint32_t inode, const struct owners **ret)
{
	(void)s;
	own.finds++;
	if (!own.known[inode])
		return 0;
	if (ret != NULL) {
		owners_done(&own.who);
		own.who =
		    (struct owners){ .proc = proc_new(1000 + (pid_t)inode, 1),
			    .fd = 3,
			    .n = 1 };
		*ret = &own.who;
	}
	return 77 + inode;
}

static uint64_t
own_epoch(const struct owner_source *s)
{
	(void)s;
	return own.epoch;
}

static size_t
own_memory(const struct owner_source *s)
{
	(void)s;
	return 0;
}

static void
own_close(struct owner_source *s)
{
	(void)s;
	owners_done(&own.who);
}

static const struct owner_ops own_ops = {
	.name = "fake",
	.open = own_open,
	.begin = own_begin,
	.update = own_update,
	.find = own_find,
	.epoch = own_epoch,
	.memory = own_memory,
	.close = own_close,
};

static int
setup(void **state)
{
	(void)state;
	memset(&own, 0, sizeof(own));
	own_source.ops = &own_ops;
	return 0;
}

static struct snap *
reading(struct collect *c, unsigned need)
{
	struct request req = { .need = need,
		.tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL };
	struct snap *snap;
	char *cause = NULL;

	if (collect_read(c, &req, &snap, &cause) < 0)
		fail_msg("%s", cause);
	return snap;
}

/* -- readings ------------------------------------------------------------- */

static void
owners_in_one_reading(void **state)
{
	struct fake_source f = { 0 };
	struct collect *c;
	struct snap *snap;

	(void)state;
	fake_sock(&f, 1, 5);
	fake_sock(&f, 2, 3);
	fake_sock(&f, 3, 3); /* one inode twice: an odd kernel, or a copy */
	fake_sock(&f, 4, 0);
	fake_sock(&f, 5, 9);
	own.found[5] = own.found[3] = true;
	c = collect_with(&f.base, &own_ops, true);
	snap = reading(c, NEED_OWNER);
	assert_int_equal(own.updates, 1);
	assert_int_equal(own.asked, 3);
	assert_int_equal(own.asked_inode[0], 3);
	assert_int_equal(snap->n, 5);
	assert_int_equal(snap->sock[0].owners.proc->pid, 1005);
	assert_int_equal(snap->sock[1].owners.proc->pid, 1003);
	assert_int_equal(snap->sock[2].owners.proc->pid, 1003);
	assert_int_equal(snap->sock[3].owners.n, 0);
	assert_int_equal(snap->sock[4].owners.n, 0);
	assert_int_equal(snap->hidden_owners, 1);
	snap_free(snap);
	/* Nothing changed: nothing told, the hidden one still counted. */
	snap = reading(c, NEED_OWNER);
	assert_int_equal(snap->n, 0);
	assert_int_equal(snap->total, 5);
	assert_int_equal(snap->hidden_owners, 1);
	assert_int_equal(own.asked, 1);
	snap_free(snap);
	/* And the look-ups of those who are known are spared. */
	own.finds = 0;
	snap_free(reading(c, NEED_OWNER));
	assert_int_equal(own.finds, 1); /* that of the hidden one, at the end */
	collect_close(c);
	assert_true(f.closed);
}

static void
an_owner_found_late(void **state)
{
	struct fake_source f = { 0 };
	struct collect *c;
	struct snap *snap;
	unsigned told = 0, i;

	(void)state;
	fake_sock(&f, 1, 5);
	c = collect_with(&f.base, &own_ops, true);
	snap = reading(c, NEED_OWNER);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->hidden_owners, 1);
	snap_free(snap);
	own.found[5] = true;
	for (i = 0; i < 3; i++) {
		snap = reading(c, NEED_OWNER);
		assert_int_equal(snap->hidden_owners, 0);
		if (snap->n == 1) {
			assert_int_equal(snap->sock[0].owners.proc->pid, 1005);
			told++;
		}
		snap_free(snap);
	}
	assert_int_equal(told, 1);
	/* Its holder ends: told as well, once. */
	own.found[5] = own.known[5] = false;
	own.epoch++;
	snap = reading(c, NEED_OWNER);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->sock[0].owners.n, 0);
	snap_free(snap);
	snap = reading(c, NEED_OWNER);
	assert_int_equal(snap->n, 0);
	snap_free(snap);
	collect_close(c);
}

static void
owners_only_when_asked(void **state)
{
	struct fake_source f = { 0 };
	struct collect *c;
	struct snap *snap;

	(void)state;
	fake_sock(&f, 1, 5);
	own.found[5] = true;
	c = collect_with(&f.base, &own_ops, true);
	snap = reading(c, NEED_TCPINFO);
	assert_int_equal(own.updates, 0);
	assert_int_equal(snap->flags & SNAP_OWNERS, 0);
	assert_int_equal(snap->hidden_owners, 0);
	snap_free(snap);
	snap = reading(c, NEED_CMDLINE);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->sock[0].owners.n, 1);
	assert_true((snap->flags & SNAP_OWNERS) != 0);
	snap_free(snap);
	collect_close(c);
}

static void
broken_attempts(void **state)
{
	struct fake_source f = { 0 };
	struct collect *c;
	struct snap *snap;
	int delta;

	(void)state;
	fake_sock(&f, 1, 5);
	fake_sock(&f, 2, 9);
	own.found[5] = true;
	for (delta = 0; delta < 2; delta++) {
		c = collect_with(&f.base, &own_ops, delta);
		f.restarts = 3;
		snap = reading(c, NEED_OWNER | NEED_EXT);
		assert_int_equal(snap->hidden_owners, 1);
		assert_int_equal(snap->total, 2);
		if (!delta)
			assert_int_equal(snap->n, 2);
		snap_free(snap);
		f.restarts = 2;
		f.rec[0].recvq++;
		snap = reading(c, NEED_OWNER);
		assert_int_equal(snap->n, delta ? 1 : 2);
		assert_int_equal(snap->sock[0].owners.n, 1);
		assert_int_equal(snap->hidden_owners, 1);
		snap_free(snap);
		snap = reading(c, NEED_OWNER);
		assert_int_equal(snap->n, delta ? 0 : 2);
		assert_int_equal(snap->ngone, 0);
		snap_free(snap);
		collect_close(c);
	}
}

static void
after_a_failure_all_is_told_again(void **state)
{
	struct fake_source f = { 0 };
	struct request req = { .tcp = true };
	struct collect *c;
	struct snap *snap = NULL;
	char *cause = NULL;

	(void)state;
	fake_sock(&f, 1, 5);
	c = collect_with(&f.base, &own_ops, true);
	snap_free(reading(c, 0));
	fake_sock(&f, 2, 6);
	f.error = -EIO;
	req.udp = req.v4 = req.v6 = true;
	req.states = SOCK_STATES_ALL;
	assert_int_equal(collect_read(c, &req, &snap, &cause), -EIO);
	assert_string_equal(cause, "made to fail");
	assert_null(snap);
	free(cause);
	f.error = 0;
	snap = reading(c, 0);
	assert_int_equal(snap->n, 2);
	snap_free(snap);
	collect_close(c);
}

static void
everything_of_a_socket_always_changes(void **state)
{
	struct fake_source f = { 0 };
	struct collect *c;
	struct snap *snap;
	int i;

	(void)state;
	fake_sock(&f, 1, 5);
	c = collect_with(&f.base, &own_ops, true);
	for (i = 0; i < 3; i++) {
		snap = reading(c, NEED_EXT);
		assert_int_equal(snap->n, 1);
		assert_non_null(snap->sock[0].ext);
		snap_free(snap);
	}
	collect_close(c);
}

/* -- a kernel that interrupts --------------------------------------------- */

static struct {
	unsigned opened, closed, asked;
	unsigned interrupt; /* so many of the next dumps */
	int udp_error, code_error;
	unsigned stage;
	uint32_t seq;
	uint8_t proto, family;
	bool coded;
	unsigned protos; /* asked for: bit 1 TCP, bit 2 UDP, bit 0 others */
} kern;

static int
kern_send(void *arg, const void *p, size_t n)
{
	const uint8_t *req = p;
	struct nlmsghdr h;

	(void)arg;
	memcpy(&h, p, sizeof(h));
	assert_int_equal(h.nlmsg_len, n);
	kern.seq = h.nlmsg_seq;
	kern.stage = 0;
	kern.asked++;
	if (h.nlmsg_type == TCPDIAG_GETSOCK) {
		kern.proto = IPPROTO_TCP;
		kern.family = AF_INET;
		kern.coded = n > sizeof(h) + sizeof(struct inet_diag_req);
	} else {
		kern.family = req[sizeof(h)];
		kern.proto = req[sizeof(h) + 1];
		kern.coded = n > sizeof(h) + sizeof(struct inet_diag_req_v2);
	}
	kern.protos |= kern.proto == IPPROTO_TCP   ? 2U
		       : kern.proto == IPPROTO_UDP ? 4U
						   : 1U;
	return 0;
}

static ssize_t
kern_recv(void *arg, void *p, size_t n, bool *cut, uint32_t *sender)
{
	uint8_t msg[NLMSG_HDRLEN + 72] = { 0 };
	struct nlmsghdr h = {
		.nlmsg_len = sizeof(msg), .nlmsg_seq = kern.seq, .nlmsg_pid = 7
	};
	int error = 0;

	(void)arg;
	assert_true(n >= sizeof(msg));
	*cut = false;
	*sender = 0;
	if (kern.proto == IPPROTO_UDP)
		error = kern.udp_error;
	else if (kern.coded)
		error = kern.code_error;
	if (error != 0) {
		h.nlmsg_type = NLMSG_ERROR;
		memcpy(msg + NLMSG_HDRLEN, &error, sizeof(error));
	} else if (kern.stage++ == 0) {
		h.nlmsg_type = 20;
		msg[NLMSG_HDRLEN] = kern.family;
		msg[NLMSG_HDRLEN + 1] = 7;
		/* cookie */
		msg[NLMSG_HDRLEN + 44] = (uint8_t)(kern.proto + kern.family);
	} else {
		h.nlmsg_type = NLMSG_DONE;
		if (kern.interrupt > 0) {
			kern.interrupt--;
			h.nlmsg_flags = NLM_F_DUMP_INTR;
		}
	}
	memcpy(msg, &h, sizeof(h));
	memcpy(p, msg, sizeof(msg));
	return sizeof(msg);
}

static int
kern_open(void *arg, struct diag_io *ret, uint32_t *portid, char **cause)
{
	(void)arg;
	(void)cause;
	kern.opened++;
	*ret = (struct diag_io){ kern_send, kern_recv, NULL };
	*portid = 7;
	return 0;
}

static void
kern_close(struct diag_io *io)
{
	(void)io;
	kern.closed++;
}

static const struct diag_link kern_link = { .open = kern_open,
	.close = kern_close };

static struct collect *
kern_collect(bool delta)
{
	struct source *s;
	char *cause = NULL;

	memset(&kern, 0, sizeof(kern));
	assert_int_equal(source_diag_open(&s, &kern_link, &cause), 0);
	kern.asked = 0;
	return collect_with(s, &own_ops, delta);
}

/* K2: tried again three times, then shown as what it is. */
static void
interrupted_dumps(void **state)
{
	static const struct {
		unsigned interrupt, asked;
		bool marked;
	} cases[] = { { 0, 3, false }, { 1, 6, false }, { 2, 6, false },
		{ 9, 12, false }, { 10, 12, true }, { 1000, 12, true } };
	struct collect *c;
	struct snap *snap;
	size_t i;
	int delta;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (delta = 0; delta < 2; delta++) {
			c = kern_collect(delta);
			kern.interrupt = cases[i].interrupt;
			snap = reading(c, 0);
			assert_int_equal(kern.asked, cases[i].asked);
			assert_int_equal(snap->n, 3);
			assert_int_equal(snap->total, 3);
			assert_int_equal(
			    (snap->flags & SNAP_HOLES) != 0, cases[i].marked);
			assert_int_equal(
			    (snap->flags & SNAP_PARTIAL) != 0, cases[i].marked);
			assert_int_equal(snap->nwarnings, cases[i].marked);
			assert_int_equal(kern.opened, kern.closed);
			snap_free(snap);
			collect_close(c);
		}
}

/* K7: asking for others would load their modules. */
static void
only_tcp_and_udp(void **state)
{
	struct request req = {
		.tcp = true, .v4 = true, .v6 = true, .states = SOCK_STATES_ALL
	};
	struct collect *c = kern_collect(false);
	char *cause = NULL;
	struct snap *snap;

	(void)state;
	snap_free(reading(c, ~(unsigned)NEED_OWNER));
	assert_int_equal(kern.protos, 6);
	kern.protos = 0;
	assert_int_equal(collect_read(c, &req, &snap, &cause), 0);
	assert_int_equal(kern.protos, 2);
	snap_free(snap);
	collect_close(c);
}

static void
no_udp_module(void **state)
{
	struct collect *c = kern_collect(false);
	struct snap *snap;

	(void)state;
	kern.udp_error = -ENOENT;
	snap = reading(c, 0);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->nwarnings, 1);
	assert_non_null(strstr(snap->warning[0], "UDP"));
	snap_free(snap);
	collect_close(c);
}

static void
bytecode_refused(void **state)
{
	struct collect *c = kern_collect(false);
	struct request req = {
		.tcp = true, .v4 = true, .v6 = true, .states = SOCK_STATES_ALL
	};
	struct filter_error err = { 0 };
	struct filter *f;
	char *cause = NULL;
	struct snap *snap;

	(void)state;
	assert_int_equal(
	    filter_parse("sport = :22 and fwmark = 1", &f, &err), 0);
	req.filter = f;
	kern.code_error = -EINVAL;
	assert_int_equal(collect_read(c, &req, &snap, &cause), 0);
	assert_int_equal(snap->n, 1);
	assert_false(kern.coded);
	snap_free(snap);
	/* It is not tried with it again. */
	kern.asked = 0;
	assert_int_equal(collect_read(c, &req, &snap, &cause), 0);
	assert_int_equal(kern.asked, 1);
	snap_free(snap);
	filter_free(f);
	collect_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(owners_in_one_reading, setup),
		cmocka_unit_test_setup(an_owner_found_late, setup),
		cmocka_unit_test_setup(owners_only_when_asked, setup),
		cmocka_unit_test_setup(broken_attempts, setup),
		cmocka_unit_test_setup(
		    after_a_failure_all_is_told_again, setup),
		cmocka_unit_test_setup(
		    everything_of_a_socket_always_changes, setup),
		cmocka_unit_test_setup(interrupted_dumps, setup),
		cmocka_unit_test_setup(only_tcp_and_udp, setup),
		cmocka_unit_test_setup(no_udp_module, setup),
		cmocka_unit_test_setup(bytecode_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
