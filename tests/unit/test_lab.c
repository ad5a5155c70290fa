/* SPDX-License-Identifier: ISC */
/*
 * The lab's parts that need no kernel: frames, words, what is compared with a
 * lesson's promise, and the tables of lessons themselves.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "lab/call.h"
#include "lab/lab.h"
#include "lab/segment.h"

/* -- frames --------------------------------------------------------------- */

#define ETH4 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0
#define IP4(len, proto)                                                      \
	0x45, 0, 0, (len), 0, 1, 0, 0, 64, (proto), 0, 0, 192, 0, 2, 1, 192, \
	    0, 2, 2

static const uint8_t syn[] = { ETH4, IP4(44, 6), 0x9c, 0x40, 0, 80, 0, 0, 3,
	0xe8, 0, 0, 0, 0, 0x60, 2, 0xfa, 0xf0, 0, 0, 0, 0, 1, 3, 3, 7 };
static const uint8_t data[] = { ETH4, IP4(43, 6), 0x9c, 0x40, 0, 80, 0, 0, 3,
	0xe9, 0, 0, 7, 0xd1, 0x50, 0x18, 0, 63, 0, 0, 0, 0, 'a', 'b', 'c', 0,
	0 };
static const uint8_t udp[] = { ETH4, IP4(33, 17), 0x9c, 0x40, 0, 53, 0, 13, 0,
	0, 'h', 'e', 'l', 'l', 'o' };
static const uint8_t refused[] = { ETH4, IP4(61, 1), 3, 3, 0, 0, 0, 0, 0, 0,
	IP4(33, 17), 0x9c, 0x40, 0, 54, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o' };
static const uint8_t arp[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0 };

static struct lab_segment
parsed(const uint8_t *frame, size_t len)
{
	struct lab_segment s = { 0 };

	segment_parse(&s, frame, len);
	return s;
}

static void
test_frames(void **state)
{
	struct lab_segment s;

	(void)state;
	s = parsed(syn, sizeof(syn));
	assert_int_equal(s.kind, LAB_SYN);
	assert_int_equal(s.sport, 40000);
	assert_int_equal(s.dport, 80);
	assert_int_equal(s.seq, 1000);
	assert_int_equal(s.len, 0);
	assert_int_equal(s.window, 64240);
	assert_int_equal(s.scale, 7);
	assert_int_equal(s.family, 4);
	/* What fills a short frame up is no data. */
	s = parsed(data, sizeof(data));
	assert_int_equal(s.kind, LAB_DATA);
	assert_int_equal(s.len, 3);
	assert_int_equal(s.ack, 2001);
	assert_int_equal(s.scale, LAB_NO_SCALE);
	s = parsed(udp, sizeof(udp));
	assert_int_equal(s.kind, LAB_DATAGRAM);
	assert_int_equal(s.len, 5);
	s = parsed(refused, sizeof(refused));
	assert_int_equal(s.kind, LAB_UNREACHABLE);
	assert_int_equal(s.dport, 54);
	s = parsed(arp, sizeof(arp));
	assert_int_equal(s.kind, LAB_OTHER);
}

/* Cut anywhere, a frame is never read beyond its end, nor taken for whole. */
static void
test_cut_frames(void **state)
{
	struct lab_segment s;
	uint8_t *copy;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(syn); len++) {
		copy = malloc(len + 1);
		assert_non_null(copy);
		memcpy(copy, syn, len);
		s = parsed(copy, len);
		assert_int_equal(s.kind, LAB_OTHER);
		free(copy);
	}
}

/* -- words ---------------------------------------------------------------- */

static void
assert_line(
    const struct lab_segment *s, bool narrow, bool ascii, const char *expected)
{
	struct buf b = { 0 };

	lab_segment_put(&b, s, narrow, ascii);
	assert_string_equal(b.data, expected);
	buf_done(&b);
}

static void
test_segment_lines(void **state)
{
	struct lab_segment s = parsed(syn, sizeof(syn));

	(void)state;
	s.seq = 0;
	s.from = LAB_CLIENT;
	s.fate = LAB_HELD;
	s.again = 2;
	assert_line(&s, false, true,
	    "client:40000 ->| server  SYN seq 0 win 64240  held, sent again "
	    "2x");
	assert_line(&s, true, true,
	    "C:40000 ->| S  SYN seq 0 win 64240  held, sent again 2x");
	s.fate = LAB_PASSED;
	s.again = 0;
	assert_line(
	    &s, false, false, "client:40000 ──▶ server  SYN seq 0 win 64240");
	s = parsed(data, sizeof(data));
	s.from = LAB_SERVER;
	s.sport = 80;
	s.dport = 40000;
	s.fate = LAB_LOST;
	assert_line(&s, false, true,
	    "server ->x client:40000  ACK seq 1001 ack 2001 3 bytes win 63  "
	    "lost");
	s = parsed(refused, sizeof(refused));
	s.from = LAB_SERVER;
	s.fate = LAB_PASSED;
	assert_line(
	    &s, false, true, "server --> client:40000  ICMP port unreachable");
}

static void
assert_call(const struct lab_do *d, int fd0, const char *text, int error,
    int value, const char *result)
{
	int fd[LAB_SLOTS], i;
	struct buf b = { 0 };

	for (i = 0; i < LAB_SLOTS; i++)
		fd[i] = -1;
	fd[0] = fd0;
	call_text(&b, d, fd);
	assert_string_equal(b.data, text);
	buf_reset(&b);
	call_result(&b, d, error, value);
	assert_string_equal(b.data, result);
	buf_done(&b);
}

static void
test_calls(void **state)
{
	struct lab_do d = { .op = DO_LISTEN,
		.at = AT_ANY6,
		.port = 80,
		.value = 1,
		.opt = OPT_V6ONLY };
	struct buf b = { 0 };

	(void)state;
	assert_call(
	    &d, -1, "listen([::]:80, backlog 1) IPV6_V6ONLY", 0, 4, "fd 4");
	d.opt = 0;
	assert_call(&d, 4, "listen(fd 4, backlog 1)", 0, 4, "fd 4");
	d = (struct lab_do){ .op = DO_CONNECTED };
	assert_call(&d, 5, "connect() ends (fd 5)", 111, 0,
	    "ECONNREFUSED: Connection refused");
	d = (struct lab_do){ .op = DO_RECV, .value = 0 };
	assert_call(&d, 5, "recv(fd 5)", 0, 0, "0: the end");
	lab_call_put(
	    &b, &(struct lab_call){
		    .who = "client", .text = "close(fd 4)", .result = "0" });
	assert_string_equal(b.data, "client: close(fd 4) = 0");
	buf_done(&b);
}

/* -- promises ------------------------------------------------------------- */

static const uint32_t netns[LAB_NHOSTS] = { 11, 22 };

static struct sock_rec
sock(uint32_t ns, enum sock_state state)
{
	struct sock_rec r;

	memset(&r, 0, sizeof(r));
	r.netns = ns;
	r.state = (uint8_t)state;
	return r;
}

static void
test_expected(void **state)
{
	struct lab_step step = {
		.expect = { { LAB_CLIENT, SOCK_ESTABLISHED, 2, false },
		    { LAB_SERVER, SOCK_TIME_WAIT, 1, true } },
	};
	struct sock_rec rec[4];

	(void)state;
	rec[0] = rec[1] = sock(11, SOCK_ESTABLISHED);
	rec[2] = sock(22, SOCK_TIME_WAIT);
	assert_true(lab_expected(&step, rec, 3, netns));
	/* What fades may be over. */
	assert_true(lab_expected(&step, rec, 2, netns));
	assert_false(lab_expected(&step, rec, 1, netns));
	assert_false(lab_expected(&step, rec, 0, netns));
	/* One too many, one in another state, one of another host. */
	rec[3] = rec[2];
	assert_false(lab_expected(&step, rec, 4, netns));
	rec[3] = sock(22, SOCK_LISTEN);
	assert_false(lab_expected(&step, rec, 4, netns));
	rec[1].netns = 22;
	assert_false(lab_expected(&step, rec, 3, netns));
}

static void
test_counts(void **state)
{
	struct lab_count count[LAB_COUNTS_MAX];
	struct sock_rec rec[4];
	struct buf b = { 0 };
	size_t n;

	(void)state;
	rec[0] = rec[1] = sock(22, SOCK_ESTABLISHED);
	rec[2] = sock(22, SOCK_LISTEN);
	rec[3] = sock(11, SOCK_SYN_SENT);
	n = lab_count_socks(count, rec, 4, netns);
	assert_int_equal(n, 3);
	lab_counts_put(&b, count, n, LAB_SERVER);
	assert_string_equal(b.data, "LISTEN, 2 ESTABLISHED");
	buf_reset(&b);
	lab_counts_put(&b, count, n, LAB_CLIENT);
	assert_string_equal(b.data, "SYN-SENT");
	buf_reset(&b);
	lab_counts_put(&b, count, 0, LAB_CLIENT);
	assert_string_equal(b.data, "none");
	buf_done(&b);
}

/* -- lessons -------------------------------------------------------------- */

static void
assert_sentence(const char *text)
{
	size_t len;

	assert_non_null(text);
	len = strlen(text);
	assert_true(len > 5);
	assert_true(text_is_clean(text, len));
	assert_non_null(strchr(".?\")", text[len - 1]));
}

static void
check_step(const struct lab_step *s)
{
	const struct lab_do *a;
	unsigned total = 0;
	size_t i;

	assert_non_null(s->title);
	assert_sentence(s->say);
	assert_sentence(s->watch);
	assert_sentence(s->ask);
	assert_sentence(s->after);
	assert_non_null(s->act);
	for (a = s->act; a->op != DO_END; a++) {
		assert_true(a->op <= DO_LET_GO && a->op != DO_CALLS);
		assert_true(a->by < BY_NACTORS);
		assert_true(a->s < LAB_SLOTS && a->s2 < LAB_SLOTS);
		assert_true(a->at < AT_NPLACES && a->from < AT_NPLACES);
	}
	for (i = 0; i < LAB_COUNTS_MAX && s->expect[i].n > 0; i++) {
		assert_true(s->expect[i].host < LAB_NHOSTS);
		assert_string_not_equal(
		    sock_state_name(s->expect[i].state), "-");
		total += s->expect[i].n;
	}
	assert_true(total <= LAB_SOCKS_MAX);
}

static void
test_lessons(void **state)
{
	const struct lab_lesson *l;
	size_t i, j;

	(void)state;
	assert_true(lab_nlessons >= 13);
	assert_null(lab_lessons[lab_nlessons]);
	for (i = 0; i < lab_nlessons; i++) {
		l = lab_lessons[i];
		for (j = 0; j < i; j++)
			assert_string_not_equal(l->name, lab_lessons[j]->name);
		assert_true(strlen(l->title) > 4 && strlen(l->about) > 10);
		assert_true(strlen(l->source) > 4);
		assert_true(l->nsteps >= 2);
		for (j = 0; j < l->nsteps; j++)
			check_step(&l->step[j]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_cut_frames),
		cmocka_unit_test(test_segment_lines),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_expected),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_lessons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
