/* SPDX-License-Identifier: ISC */
/* One conversation with a kernel that answers badly. */
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

#include "collect/diag_dump.h"
#include "model/need.h"

struct datagram {
	int error; /* instead of data */
	uint16_t type, flags;
	uint32_t sender, seq_off;
	bool cut;
};

struct fake {
	const struct datagram *next;
	size_t left;
	unsigned asked, received;
	int send_error;
	uint8_t request[4096];
	size_t request_len;
	unsigned socks;
};

static int
fake_send(void *arg, const void *p, size_t n)
{
	struct fake *f = arg;
	int r = f->send_error;

	f->send_error = 0;
	if (r != 0)
		return r;
	f->asked++;
	assert_true(n <= sizeof(f->request));
	memcpy(f->request, p, n);
	f->request_len = n;
	return 0;
}

static ssize_t
fake_recv(void *arg, void *p, size_t n, bool *cut, uint32_t *sender)
{
	struct fake *f = arg;
	const struct datagram *d = f->next;
	uint8_t msg[NLMSG_HDRLEN + 72] = { 0 };
	struct nlmsghdr h = { .nlmsg_len = sizeof(msg) };

	assert_true(f->left > 0 && n >= sizeof(msg));
	f->next++;
	f->left--;
	f->received++;
	if (d->error != 0)
		return d->error;
	h.nlmsg_type = d->type;
	h.nlmsg_flags = d->flags;
	h.nlmsg_seq = 42 + d->seq_off;
	memcpy(msg, &h, sizeof(h));
	if (d->type == 18)
		msg[NLMSG_HDRLEN] = AF_INET;
	memcpy(p, msg, sizeof(msg));
	*cut = d->cut;
	*sender = d->sender;
	return sizeof(msg);
}

static void
got(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct fake *f = arg;

	(void)rec;
	(void)ext;
	f->socks++;
}

static int
converse(struct fake *f, const struct datagram *d, size_t n,
    const struct diag_ask *ask, struct diag_walk *w, struct diag_buf *b)
{
	const struct diag_ask all = { .proto = SOCK_TCP, .states = 0xfff };
	struct diag_io io = { fake_send, fake_recv, f };

	f->next = d;
	f->left = n;
	*w = (struct diag_walk){ .seq = 42, .sock = got, .arg = f };
	return diag_dump(&io, b, ask == NULL ? &all : ask, w);
}

#define CONVERSE(f, d, w, b) \
	converse(f, d, sizeof(d) / sizeof((d)[0]), NULL, w, b)

static void
plain(void **state)
{
	static const struct datagram d[] = { { .type = 18 }, { .type = 18 },
		{ .type = NLMSG_DONE } };
	struct diag_buf b = { 0 };
	struct fake f = { .send_error = -EINTR };
	struct diag_walk w;

	(void)state;
	assert_int_equal(CONVERSE(&f, d, &w, &b), 0);
	assert_int_equal(f.socks, 2);
	assert_int_equal(f.left, 0);
	assert_int_equal(b.size, 32768);
	diag_buf_done(&b);
}

static void
interrupted_by_a_signal(void **state)
{
	static const struct datagram d[] = { { .error = -EINTR },
		{ .type = 18 }, { .error = -EINTR }, { .type = NLMSG_DONE } };
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(CONVERSE(&f, d, &w, &b), 0);
	assert_int_equal(f.socks, 1);
	diag_buf_done(&b);
}

static void
list_changed(void **state)
{
	static const struct datagram d[] = { { .type = 18 },
		{ .type = NLMSG_DONE, .flags = NLM_F_DUMP_INTR } };
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(CONVERSE(&f, d, &w, &b), 0);
	assert_true(w.interrupted);
	diag_buf_done(&b);
}

static void
no_room(void **state)
{
	static const struct datagram d[] = { { .type = 18 },
		{ .error = -ENOBUFS } };
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(CONVERSE(&f, d, &w, &b), -ENOBUFS);
	diag_buf_done(&b);
}

static void
cut_answers_grow_the_buffer(void **state)
{
	static const struct datagram d[] = { { .type = 18, .cut = true } };
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;
	size_t was;
	int r;

	(void)state;
	do {
		was = b.size;
		f.socks = 0;
		r = CONVERSE(&f, d, &w, &b);
		assert_int_equal(f.socks, 0);
	} while (r == -EMSGSIZE && b.size > was);
	assert_int_equal(r, -EOVERFLOW); /* not for ever */
	assert_int_equal(b.size, 16 * 1024 * 1024);
	diag_buf_done(&b);
}

static void
spoofed(void **state)
{
	static const struct datagram d[] = {
		{ .type = 18, .sender = 4711 },
		{ .type = NLMSG_DONE, .sender = 4711 },
		{ .type = 18, .sender = 4711, .cut = true },
		{ .type = 18, .seq_off = 1 },
		{ .type = NLMSG_DONE, .seq_off = 1 },
		{ .type = 18 },
		{ .type = NLMSG_DONE },
	};
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(CONVERSE(&f, d, &w, &b), 0);
	assert_int_equal(f.socks, 1);
	assert_int_equal(w.dropped, 5);
	diag_buf_done(&b);
}

static void
flooded(void **state)
{
	static struct datagram d[2000];
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++)
		d[i] = (struct datagram){ .type = 18, .sender = 1 };
	assert_int_equal(CONVERSE(&f, d, &w, &b), -EPROTO);
	diag_buf_done(&b);
}

/* The answer to a look-up is one message without an end. */
static void
exact(void **state)
{
	static const struct datagram d[] = { { .type = 18 } };
	struct sock_rec rec = { .cookie = UINT64_C(0x1122334455667788),
		.family = 4,
		.local = { .port = 22 } };
	struct diag_ask ask = { .proto = SOCK_TCP, .family = 4, .exact = &rec };
	struct inet_diag_req_v2 req;
	struct nlmsghdr h;
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(converse(&f, d, 1, &ask, &w, &b), 0);
	assert_int_equal(f.socks, 1);
	memcpy(&h, f.request, sizeof(h));
	assert_int_equal(h.nlmsg_type, 20);
	assert_int_equal(h.nlmsg_flags, NLM_F_REQUEST);
	assert_int_equal(h.nlmsg_len, f.request_len);
	memcpy(&req, f.request + NLMSG_HDRLEN, sizeof(req));
	assert_int_equal(req.id.idiag_cookie[0], 0x55667788);
	assert_int_equal(req.id.idiag_cookie[1], 0x11223344);
	assert_int_equal(req.sdiag_protocol, IPPROTO_TCP);
	diag_buf_done(&b);
}

/* Both families in one walk, by the old request; the filter behind it. */
static void
request(void **state)
{
	static const struct datagram d[] = { { .type = NLMSG_DONE } };
	const uint8_t code[8] = { 11, 8, 12 };
	struct diag_ask ask = { .proto = SOCK_TCP,
		.ext = 2,
		.states = 0x400,
		.code = code,
		.code_len = sizeof(code) };
	struct inet_diag_req req;
	struct nlmsghdr h;
	struct nlattr a;
	struct diag_buf b = { 0 };
	struct fake f = { 0 };
	struct diag_walk w;

	(void)state;
	assert_int_equal(converse(&f, d, 1, &ask, &w, &b), 0);
	memcpy(&h, f.request, sizeof(h));
	assert_int_equal(h.nlmsg_type, TCPDIAG_GETSOCK);
	assert_int_equal(h.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	memcpy(&req, f.request + sizeof(h), sizeof(req));
	assert_int_equal(req.idiag_family, AF_UNSPEC);
	assert_int_equal(req.idiag_ext, 2);
	assert_int_equal(req.idiag_states, 0x400);
	memcpy(&a, f.request + sizeof(h) + sizeof(req), sizeof(a));
	assert_int_equal(a.nla_type, INET_DIAG_REQ_BYTECODE);
	assert_int_equal(a.nla_len, 12);
	assert_int_equal(f.request_len, sizeof(h) + sizeof(req) + 12);
	diag_buf_done(&b);
}

static void
states_as_the_kernel_counts(void **state)
{
	(void)state;
	assert_int_equal(diag_states(SOCK_TCP, SOCK_STATES_ALL) & (1U << 7), 0);
	assert_int_equal(
	    diag_states(SOCK_TCP, SOCK_STATE_BIT(SOCK_LISTEN)), 1U << 10);
	assert_int_equal(
	    diag_states(SOCK_TCP, SOCK_STATE_BIT(SOCK_SYN_RECEIVED)),
	    1U << 3 | 1U << 12);
	assert_int_equal(
	    diag_states(SOCK_TCP, SOCK_STATE_BIT(SOCK_BOUND)), 1U << 13);
	assert_int_equal(
	    diag_states(SOCK_TCP, SOCK_STATE_BIT(SOCK_UNCONNECTED)), 0);
	assert_int_equal(
	    diag_states(SOCK_UDP, SOCK_STATE_BIT(SOCK_ESTABLISHED)), 0);
	assert_int_equal(
	    diag_states(SOCK_UDP, SOCK_STATES_ALL), 1U << 1 | 1U << 7);
	assert_int_equal(diag_ext(0), 0);
	assert_int_equal(diag_ext(NEED_TCPINFO | NEED_OWNER), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(interrupted_by_a_signal),
		cmocka_unit_test(list_changed),
		cmocka_unit_test(no_room),
		cmocka_unit_test(cut_answers_grow_the_buffer),
		cmocka_unit_test(spoofed),
		cmocka_unit_test(flooded),
		cmocka_unit_test(exact),
		cmocka_unit_test(request),
		cmocka_unit_test(states_as_the_kernel_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
