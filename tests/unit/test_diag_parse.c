/* SPDX-License-Identifier: ISC */
/*
 * Netlink's answers: recorded ones (tests/fuzz/corpus/fuzz_diag, made by
 * tests/netns/states.py's sockets), cut at every byte, and ones made by hand.
 */
#include "config.h"

#include <errno.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "collect/diag_parse.h"
#include "model/need.h"

#define ALL (NEED_TCPINFO | NEED_TIMER | NEED_EXT)

struct seen {
	struct sock_rec rec[64];
	struct sock_ext ext[64];
	size_t n;
	unsigned by_state[SOCK_NSTATES];
};

static void
got(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct seen *s = arg;

	if (s->n < 64) {
		s->rec[s->n] = *rec;
		if (ext != NULL)
			s->ext[s->n] = *ext;
	}
	s->n++;
	s->by_state[rec->state]++;
}

static struct diag_walk
walker(struct seen *s, unsigned need, uint8_t proto)
{
	struct diag_walk w = {
		.want = { .need = need, .netns = 99, .proto = proto },
		.sock = got,
		.arg = s
	};

	memset(s, 0, sizeof(*s));
	return w;
}

/* A recording without its first byte (which is the fuzz target's). */
static uint8_t *
recorded(const char *name, size_t *len)
{
	const char *dir = getenv("SRCDIR");
	char path[4096];
	uint8_t *data = malloc(65536);
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/fuzz_diag/%s",
	    dir == NULL ? "." : dir, name);
	f = fopen(path, "rb");
	if (f == NULL || data == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	*len = fread(data, 1, 65536, f) - 1;
	fclose(f);
	memmove(data, data + 1, *len);
	return data;
}

static const struct sock_rec *
first(const struct seen *s, enum sock_state state)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->rec[i].state == state)
			return &s->rec[i];
	fail_msg("no socket in %d", (int)state);
	return NULL;
}

static void
every_state(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, ALL, SOCK_TCP);
	const struct sock_rec *r;
	uint8_t *data;
	size_t len;
	int i;

	(void)state;
	data = recorded("tcp_all_states_ext", &len);
	diag_walk(&w, data, len);
	assert_true(w.done);
	assert_false(w.interrupted);
	assert_int_equal(w.error, 0);
	assert_int_equal(w.dropped, 0);
	assert_int_equal(w.socks, s->n);
	for (i = 1; i <= 13; i++)
		if (i != SOCK_CLOSED && i != 12 && s->by_state[i] == 0)
			fail_msg("state %d is missing", i);
	r = first(s, SOCK_LISTEN);
	assert_int_equal(r->sendq, 16);
	assert_int_equal(r->known & (KNOWN_TCP | KNOWN_BYTES), 0);
	assert_int_equal(r->netns, 99);
	assert_int_not_equal(r->inode, 0);
	r = first(s, SOCK_ESTABLISHED);
	assert_int_equal(
	    r->known & (KNOWN_TCP | KNOWN_BYTES), KNOWN_TCP | KNOWN_BYTES);
	assert_true(r->cwnd > 0 && r->mss > 0 && r->rtt_us > 0);
	r = first(s, SOCK_TIME_WAIT);
	assert_int_equal(r->inode, 0);
	assert_int_equal(r->known & (KNOWN_UID | KNOWN_TCP), 0);
	assert_true((r->flags & SOCKF_ORPHAN) != 0);
	assert_int_equal(r->timer, TIMER_TIME_WAIT);
	assert_true(r->timer_ms > 0 && r->timer_ms <= 60000);
	r = first(s, SOCK_FIN_WAIT_1);
	assert_int_equal(r->timer, TIMER_PERSIST);
	assert_true((r->flags & SOCKF_SHUT_WR) != 0);
	for (i = 0; i < (int)s->n; i++)
		if (s->rec[i].state == SOCK_ESTABLISHED)
			assert_true(s->ext[i].cc[0] != '\0' &&
				    s->ext[i].skmem_n == SKMEM_N &&
				    s->ext[i].tcp_info_len >= 232 &&
				    s->ext[i].has_tos);
	free(data);
	free(s);
}

/* What runs down by itself is not in a record, unless it is asked for. */
static void
nothing_by_time_alone(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, NEED_TCPINFO, SOCK_TCP);
	uint8_t *data;
	size_t len, i;

	(void)state;
	data = recorded("tcp_all_states_ext", &len);
	diag_walk(&w, data, len);
	for (i = 0; i < s->n; i++) {
		assert_int_equal(s->rec[i].timer_ms, 0);
		assert_int_equal(s->rec[i].known & KNOWN_TIMER, 0);
	}
	free(data);
	free(s);
}

static void
udp(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, ALL, SOCK_UDP);
	uint8_t *data;
	size_t len, i;

	(void)state;
	data = recorded("udp6", &len);
	diag_walk(&w, data, len);
	assert_int_equal(s->n, 3);
	assert_int_equal(s->by_state[SOCK_UNCONNECTED], 2);
	assert_int_equal(s->by_state[SOCK_CONNECTED], 1);
	for (i = 0; i < s->n; i++)
		if (s->rec[i].state == SOCK_UNCONNECTED)
			assert_true((s->rec[i].known & KNOWN_V6ONLY) != 0);
	free(data);
	free(s);
}

/* What the kernel tells of sockets that are gone: a connection's two ends, the
 * listener, a UDP socket, one that never had an address. */
static void
destroyed(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, ALL, SOCK_TCP);
	unsigned tcp = 0, listeners = 0, udp = 0, unbound = 0;
	const struct sock_rec *r;
	uint8_t *data;
	size_t len, i;

	(void)state;
	w.want.destroyed = true;
	data = recorded("destroyed", &len);
	diag_walk(&w, data, len);
	assert_int_equal(w.dropped, 0);
	assert_int_equal(s->n, 5);
	for (i = 0; i < s->n; i++) {
		r = &s->rec[i];
		assert_int_equal(r->known & (KNOWN_UID | KNOWN_INODE |
						KNOWN_QUEUES | KNOWN_TIMER),
		    0);
		assert_int_equal(r->flags & SOCKF_ORPHAN, 0);
		if (r->proto == SOCK_UDP) {
			udp++;
			assert_int_equal(r->family, 6);
			assert_int_equal(r->state, SOCK_CONNECTED);
			continue;
		}
		assert_int_equal(r->state, SOCK_CLOSED);
		if (r->peer.port == 0) {
			*(r->local.port == 0 ? &unbound : &listeners) += 1;
			assert_int_equal(r->known & KNOWN_TCP, 0);
			continue;
		}
		tcp++;
		assert_int_equal(r->known & (KNOWN_TCP | KNOWN_BYTES),
		    KNOWN_TCP | KNOWN_BYTES);
		assert_true(s->ext[i].tcp_info_len > 200);
	}
	assert_int_equal(tcp, 2);
	assert_int_equal(listeners, 1);
	assert_int_equal(udp, 1);
	assert_int_equal(unbound, 1);
	free(data);
	free(s);
}

static void
cut_at_every_byte(void **state)
{
	static const char *const names[] = { "tcp_all_states_ext", "udp4",
		"unknown_attrs", "skmem_long", "cc_hostile", "tcp_info_short" };
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w;
	uint8_t *data, *cut;
	size_t i, len, n;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		data = recorded(names[i], &len);
		for (n = 0; n <= len; n++) {
			cut = malloc(n > 0 ? n : 1);
			memcpy(cut, data, n);
			w = walker(s, ALL, SOCK_TCP);
			diag_walk(&w, cut, n);
			free(cut);
		}
		free(data);
	}
	free(s);
}

static void
hostile_names(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, ALL, SOCK_TCP);
	uint8_t *data;
	size_t len;

	(void)state;
	data = recorded("cc_hostile", &len);
	diag_walk(&w, data, len);
	free(data);
	data = recorded("cc_no_nul", &len);
	diag_walk(&w, data, len);
	free(data);
	assert_int_equal(s->n, 2);
	assert_string_equal(s->ext[0].cc, "");
	assert_string_equal(s->ext[0].ulp, "");
	assert_string_equal(s->ext[1].cc, "");
	free(s);
}

/* -- made by hand --------------------------------------------------------- */

struct msg {
	uint8_t data[1024];
	size_t len;
};

static struct msg
msg_new(uint16_t type, uint32_t seq, uint32_t pid)
{
	struct msg m = { .len = NLMSG_HDRLEN + 72 };
	struct nlmsghdr h = {
		.nlmsg_type = type, .nlmsg_seq = seq, .nlmsg_pid = pid
	};

	memcpy(m.data, &h, sizeof(h));
	m.data[NLMSG_HDRLEN] = AF_INET;
	m.data[NLMSG_HDRLEN + 1] = 1;
	return m;
}

static void
msg_attr(struct msg *m, uint16_t type, const void *p, uint16_t n)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + n),
		.nla_type = type };

	memcpy(m->data + m->len, &a, sizeof(a));
	memcpy(m->data + m->len + NLA_HDRLEN, p, n);
	m->len += NLA_ALIGN(NLA_HDRLEN + n);
}

static void
msg_walk(struct diag_walk *w, struct msg *m, uint16_t flags)
{
	uint32_t len = (uint32_t)m->len;

	memcpy(m->data, &len, sizeof(len));
	memcpy(m->data + 6, &flags, sizeof(flags));
	diag_walk(w, m->data, m->len);
}

static void
put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
tcp_info_of_every_age(void **state)
{
	static const struct {
		uint16_t len;
		unsigned known;
		uint64_t sent, received;
	} ages[] = {
		{ 0, 0, 0, 0 },
		{ 103, 0, 0, 0 },
		{ 104, KNOWN_TCP, 0, 0 }, /* 2.6 */
		{ 135, KNOWN_TCP, 0, 0 },
		{ 136, KNOWN_TCP | KNOWN_BYTES, 1001, 77 }, /* 4.1 */
		{ 215, KNOWN_TCP | KNOWN_BYTES, 1001, 77 },
		{ 216, KNOWN_TCP | KNOWN_BYTES, 1000, 77 }, /* 4.18 */
		{ 280, KNOWN_TCP | KNOWN_BYTES, 1000, 77 },
		{ 400, KNOWN_TCP | KNOWN_BYTES, 1000, 77 },
	};
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w;
	uint8_t info[400] = { 0 };
	struct msg m;
	size_t i;

	(void)state;
	put64(info + 120, 1001);
	put64(info + 128, 77);
	put64(info + 200, 1500);
	put64(info + 208, 500);
	for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		w = walker(s, NEED_TCPINFO | NEED_EXT, SOCK_TCP);
		m = msg_new(18, 0, 0);
		msg_attr(&m, 2, info, ages[i].len);
		msg_walk(&w, &m, 0);
		assert_int_equal(s->n, 1);
		assert_int_equal(
		    s->rec[0].known & (KNOWN_TCP | KNOWN_BYTES), ages[i].known);
		assert_int_equal(s->rec[0].bytes_sent, ages[i].sent);
		assert_int_equal(s->rec[0].bytes_received, ages[i].received);
		assert_int_equal(s->ext[0].tcp_info_len,
		    ages[i].len < 280 ? ages[i].len : 280);
	}
	/* More sent again than sent: nonsense, but no huge number. */
	put64(info + 200, 1);
	w = walker(s, NEED_TCPINFO, SOCK_TCP);
	m = msg_new(18, 0, 0);
	msg_attr(&m, 2, info, 280);
	msg_walk(&w, &m, 0);
	assert_int_equal(s->rec[0].bytes_sent, 0);
	free(s);
}

static void
not_ours(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, 0, SOCK_TCP);
	struct msg m;

	(void)state;
	w.seq = 5;
	w.portid = 700;
	m = msg_new(18, 5, 701);
	msg_walk(&w, &m, 0);
	m = msg_new(18, 4, 700);
	msg_walk(&w, &m, NLM_F_DUMP_INTR);
	m = msg_new(NLMSG_DONE, 4, 700);
	msg_walk(&w, &m, 0);
	assert_int_equal(s->n, 0);
	assert_int_equal(w.dropped, 3);
	assert_false(w.done || w.interrupted);
	m = msg_new(18, 5, 700);
	msg_walk(&w, &m, 0);
	m = msg_new(99, 5, 700);
	msg_walk(&w, &m, 0);
	assert_int_equal(s->n, 1);
	assert_int_equal(w.dropped, 4);
	free(s);
}

static void
ends(void **state)
{
	struct seen *s = malloc(sizeof(*s));
	struct diag_walk w = walker(s, 0, SOCK_TCP);
	int error = -ENOENT;
	struct msg m;

	(void)state;
	m = msg_new(18, 0, 0);
	msg_walk(&w, &m, NLM_F_DUMP_INTR);
	assert_true(w.interrupted && !w.done);
	m = msg_new(NLMSG_ERROR, 0, 0);
	memcpy(m.data + NLMSG_HDRLEN, &error, sizeof(error));
	msg_walk(&w, &m, 0);
	assert_true(w.done);
	assert_int_equal(w.error, -ENOENT);
	/* A dump that ended by an error says so in its last message. */
	w = walker(s, 0, SOCK_TCP);
	error = -ENOMEM;
	m = msg_new(NLMSG_DONE, 0, 0);
	memcpy(m.data + NLMSG_HDRLEN, &error, sizeof(error));
	msg_walk(&w, &m, 0);
	assert_int_equal(w.error, -ENOMEM);
	w = walker(s, 0, SOCK_TCP);
	m = msg_new(NLMSG_OVERRUN, 0, 0);
	msg_walk(&w, &m, 0);
	assert_int_equal(w.error, -ENOBUFS);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state),
		cmocka_unit_test(nothing_by_time_alone),
		cmocka_unit_test(udp),
		cmocka_unit_test(destroyed),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(tcp_info_of_every_age),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
