/* SPDX-License-Identifier: ISC */
/*
 * A socket's own story and the way it took, from readings as the collector
 * would make them.
 */
#include "config.h"

#include "rows_help.h"

#include "base/array.h"
#include "base/text.h"
#include "model/narrate.h"
#include "model/state_path.h"
#include "model/tcp_limits.h"
#include "model/tcpinfo.h"

#define MINUTE (60 * SEC)
#define HOUR   (60 * MINUTE)

static struct {
	struct table *table;
	struct view_ctx ctx;
	struct narrate story;
	uint64_t now;
} t;

static int
setup(void **state)
{
	(void)state;
	t.table = table_new();
	t.ctx = (struct view_ctx){ .table = t.table, .numeric_ports = true };
	t.now = 1000 * SEC;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	narrate_done(&t.story);
	table_free(t.table);
	return 0;
}

/* nginx, pid 812, holds what has an inode. */
static struct snap_sock *
put(struct snap *s, struct sock_rec rec)
{
	struct snap_sock *k;

	rec.known |= KNOWN_TIMER;
	k = help_put(s, rec);
	if (rec.inode != 0)
		help_own(k, 812, "nginx");
	return k;
}

static struct snap *
reading(uint64_t later)
{
	t.now += later;
	return help_snap(t.now, SNAP_OWNERS);
}

static void
merge(struct snap *s)
{
	table_merge(t.table, s, NULL);
	snap_free(s);
}

/* One reading with this socket alone. */
static void
see(uint64_t later, struct sock_rec rec)
{
	struct snap *s = reading(later);

	(void)put(s, rec);
	merge(s);
}

static const struct row *
row_of(uint64_t cookie)
{
	const struct row *r = table_find(
	    t.table, (struct sock_key){ .cookie = cookie, .netns = 1 });

	assert_non_null(r);
	return r;
}

static void
tell(uint64_t cookie)
{
	size_t i;

	narrate_done(&t.story);
	narrate_row(&t.story, row_of(cookie), &t.ctx);
	/* What is, what is wrong, what follows: in this order, always. */
	for (i = 1; i < t.story.n; i++)
		assert_true(t.story.line[i - 1].kind <= t.story.line[i].kind);
}

static bool
told(enum narrate_kind kind, const char *part)
{
	size_t i;

	for (i = 0; i < t.story.n; i++)
		if (t.story.line[i].kind == kind &&
		    strstr(t.story.line[i].text, part) != NULL)
			return true;
	return false;
}

static void
expect(enum narrate_kind kind, const char *part)
{
	size_t i;

	if (told(kind, part))
		return;
	for (i = 0; i < t.story.n; i++)
		print_message("%s: %s\n", narrate_label(t.story.line[i].kind),
		    t.story.line[i].text);
	fail_msg("not told (%s): %s", narrate_label(kind), part);
}

static void
expect_nothing_wrong(void)
{
	size_t i;

	for (i = 0; i < t.story.n; i++)
		if (t.story.line[i].kind == NARRATE_WRONG)
			fail_msg("wrong? %s", t.story.line[i].text);
}

/* A socket of two readings: established, then this; then as long passes. */
static void
became(struct sock_rec rec, uint64_t ago)
{
	uint8_t state = rec.state;

	rec.state = SOCK_ESTABLISHED;
	see(0, rec);
	rec.state = state;
	see(SEC, rec);
	see(ago, rec);
	tell(rec.cookie);
}

/* -- CLOSE-WAIT ------------------------------------------------------------ */

static void
leak(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_CLOSE_WAIT;
	r.recvq = 212001; /* with the FIN */
	became(r, 3 * HOUR);
	expect(NARRATE_NOW, "The peer closed 3h00 ago, 212K bytes unread.");
	expect(NARRATE_WRONG,
	    "nginx (812) never called close(): a leak in that program.");
	expect(NARRATE_NEXT, "a RST goes out");
	expect(NARRATE_DO, "Restarting nginx (812)");
}

static void
young_close_wait(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_CLOSE_WAIT;
	r.recvq = 1;
	became(r, 2 * SEC);
	expect(NARRATE_NOW, "not called close() yet");
	expect(NARRATE_NOW, "has not noticed yet");
	expect(NARRATE_NEXT, "our FIN goes out (LAST-ACK)");
	expect_nothing_wrong();
	r.recvq = 0;
	see(SEC, r);
	tell(1);
	expect(NARRATE_NOW, "it knows that the peer closed");
}

static void
half_close_in_use(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s;

	(void)state;
	r.state = SOCK_CLOSE_WAIT;
	r.known |= KNOWN_BYTES;
	r.bytes_sent = 5000;
	became(r, HOUR);
	s = reading(SEC);
	put(s, r)->ext = xcalloc(1, sizeof(struct sock_ext));
	tcpinfo_set(s->sock[0].ext, TCPI_LAST_DATA_SENT, 200);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "a half-close in use, not a leak");
	expect_nothing_wrong();
}

static void
seen_late(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_CLOSE_WAIT;
	see(0, r);
	see(10 * MINUTE, r);
	tell(1);
	expect(NARRATE_NOW, "closed at least 10m00 ago");
	expect(NARRATE_WRONG, "never called close()");
}

/* The deck was started long after: the last ACK tells. */
static void
since_the_last_ack(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);

	(void)state;
	r.state = SOCK_CLOSE_WAIT;
	put(s, r)->ext = xcalloc(1, sizeof(struct sock_ext));
	tcpinfo_set(s->sock[0].ext, TCPI_LAST_ACK_RECV, 11100000);
	r.cookie = 2;
	r.state = SOCK_TIME_WAIT;
	r.timer_ms = 20000;
	(void)put(s, r);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "closed at least 3h05 ago");
	expect(NARRATE_WRONG, "never called close()");
	tell(2);
	expect(NARRATE_NOW, "has been over for at least 40s");
}

/* -- LISTEN ---------------------------------------------------------------- */

static struct sock_rec
listener(uint64_t cookie)
{
	struct sock_rec r = help_rec(cookie);

	r.state = SOCK_LISTEN;
	memset(&r.peer, 0, sizeof(r.peer));
	return r;
}

static void
accept_queue(void **state)
{
	struct sock_rec r = listener(1);

	(void)state;
	r.sendq = 5;
	see(0, r);
	tell(1);
	expect(NARRATE_NEXT, "None waits to be accepted");
	r.recvq = 3;
	see(SEC, r);
	tell(1);
	expect(NARRATE_NEXT, "3 of at most 6 connections wait");
	expect_nothing_wrong();
	r.recvq = 6;
	see(SEC, r);
	tell(1);
	expect(NARRATE_WRONG,
	    "full: 6 connections wait, more than its limit of 5");
	r.flags = SOCKF_NO_LIMIT;
	see(SEC, r);
	tell(1);
	expect(NARRATE_NOW, "the limit is not known");
	expect_nothing_wrong();
	/* Not known is not 0. */
	r.known = 0;
	see(SEC, r);
	tell(1);
	assert_false(told(NARRATE_NEXT, "None waits"));
}

static void
waits_to_be_accepted(void **state)
{
	struct sock_rec l = listener(1), r = help_rec(2);
	struct snap *s = reading(0);

	(void)state;
	l.recvq = 1;
	l.sendq = 5;
	r.inode = 0;
	r.flags = SOCKF_ORPHAN;
	r.recvq = 100;
	(void)put(s, l);
	(void)put(s, r);
	merge(s);
	s = reading(MINUTE);
	(void)put(s, l);
	(void)put(s, r);
	merge(s);
	tell(2);
	expect(NARRATE_NOW, "waited in the accept queue: nginx (812) has not");
	expect(NARRATE_WRONG, "nginx (812) does not accept");
	expect(NARRATE_NOW, "100 bytes have come in that no program has read");
}

/* -- opening --------------------------------------------------------------- */

static void
syn_without_answer(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_SYN_SENT;
	r.timer = TIMER_RETRANSMIT;
	r.timer_ms = 1000;
	see(0, r);
	see(SEC, r);
	tell(1);
	expect_nothing_wrong();
	r.retrans = 6;
	r.timer_ms = 3000;
	t.table->limits = tcp_limits_default;
	t.table->limits.netns = 1;
	see(6 * SEC, r);
	tell(1);
	expect(NARRATE_NOW, "It was sent again 6 times.");
	/* Seen for 7 s, but the repeats say more: 4 x 1, 1, 2, 1 of 4. */
	expect(NARRATE_NOW, "went out 8.0s ago");
	expect(NARRATE_WRONG, "not even a refusal");
	/* 4 a second apart, then 1, 2, now of 4; then 8 16 32 64. */
	expect(NARRATE_NEXT, "in about 2m03 connect() fails");
	expect(NARRATE_NEXT, "(net.ipv4.tcp_syn_retries is 6)");
	/* Of another namespace nothing was read. */
	t.table->limits.netns = 2;
	tell(1);
	expect(NARRATE_NEXT, "tcp_syn_retries is 6 unless changed");
}

static void
syn_to_a_full_queue_here(void **state)
{
	struct sock_rec l = listener(1), r = help_rec(2);
	struct endpoint swap;
	struct snap *s = reading(0);

	(void)state;
	swap = r.local;
	r.local = r.peer;
	r.peer = swap;
	r.state = SOCK_SYN_SENT;
	r.timer = TIMER_RETRANSMIT;
	r.retrans = 1;
	l.recvq = 2;
	l.sendq = 1;
	(void)put(s, l);
	(void)put(s, r);
	merge(s);
	tell(2);
	expect(NARRATE_WRONG, "on this machine, nginx (812), and its accept "
			      "queue is full (2 wait, the limit is 1)");
}

static void
syn_received(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_SYN_RECEIVED;
	r.inode = 0;
	r.timer = TIMER_RETRANSMIT;
	r.timer_ms = 1000;
	see(0, r);
	tell(1);
	expect(NARRATE_NOW, "No program knows of it yet");
	expect_nothing_wrong();
	r.retrans = 2;
	see(SEC, r);
	tell(1);
	expect(NARRATE_WRONG, "ACK does not come");
}

/* -- data ------------------------------------------------------------------ */

static struct sock_ext *
with_ext(struct snap *s, struct sock_rec r)
{
	struct snap_sock *k = put(s, r);

	return k->ext = xcalloc(1, sizeof(*k->ext));
}

static void
window_closed(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.sendq = 65536;
	r.timer = TIMER_PERSIST;
	r.timer_ms = 1800;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BACKOFF, 4);
	tcpinfo_set(x, TCPI_BUSY_TIME, 10000000);
	tcpinfo_set(x, TCPI_RWND_LIMITED, 7300000);
	merge(s);
	tell(1);
	expect(NARRATE_WRONG, "The peer's window is closed: 65K bytes wait");
	expect(NARRATE_WRONG, "asks again in 1.8s, having doubled the pause 4");
	expect(NARRATE_NEXT, "can last for ever");
	expect(NARRATE_NOW, "73.0 % went by while the peer's window");
	assert_false(told(NARRATE_NEXT, "Either program may close"));
	/* Nobody's any more: the kernel does not wait for ever. */
	r.inode = 0;
	r.flags = SOCKF_ORPHAN;
	r.state = SOCK_FIN_WAIT_1;
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BACKOFF, 4);
	merge(s);
	tell(1);
	expect(NARRATE_NEXT, "until the pause has grown to 2 minutes");
	expect(NARRATE_NEXT, "tcp_orphan_retries is 0");
	assert_false(told(NARRATE_NEXT, "can last for ever"));
	assert_false(told(NARRATE_NEXT, "tcp_retries2"));
}

static void
repeats(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.sendq = 1000;
	r.timer = TIMER_RETRANSMIT;
	r.timer_ms = 1600;
	r.retrans = 4;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BACKOFF, 4);
	tcpinfo_set(x, TCPI_RTO, 3200000); /* 200 ms doubled four times */
	merge(s);
	tell(1);
	expect(NARRATE_WRONG, "1.0K bytes wait, sent again 4 times, next in "
			      "1.6s (the pause was doubled 4 times)");
	/* 924.6 s less the 0.2 + 0.4 + 0.8 + 1.6 and 1.6 so far. */
	expect(NARRATE_NEXT, "gives up in about 15m20");
	expect(NARRATE_NEXT, "tcp_retries2 is 15");
	/* Nobody's any more: other limits. */
	r.inode = 0;
	r.flags = SOCKF_ORPHAN;
	r.state = SOCK_FIN_WAIT_1;
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_RTO, 120000000);
	merge(s);
	tell(1);
	expect(NARRATE_NEXT, "about 1m42 after the first try");
	expect(NARRATE_NEXT, "tcp_orphan_retries is 0");
}

static void
unread(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.recvq = 128000;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_LAST_DATA_RECV, 300);
	tcpinfo_set(x, TCPI_RCV_WND, 5000);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "128K bytes have come in that nginx (812) has not");
	expect_nothing_wrong();
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_LAST_DATA_RECV, 65000);
	tcpinfo_set(x, TCPI_RCV_WND, 0);
	merge(s);
	tell(1);
	expect(NARRATE_WRONG, "the last of it 1m05 ago");
	expect(NARRATE_WRONG, "our window is closed");
	expect(NARRATE_NEXT, "nginx (812) must read");
}

static void
idle(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_LAST_DATA_SENT, 11100000);
	tcpinfo_set(x, TCPI_LAST_DATA_RECV, 11200000);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "no data either way for 3h05. Keepalive is off");
	r.timer = TIMER_KEEPALIVE;
	r.timer_ms = 60000;
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_LAST_DATA_SENT, 11100000);
	tcpinfo_set(x, TCPI_LAST_DATA_RECV, 11200000);
	merge(s);
	tell(1);
	expect(
	    NARRATE_NOW, "Keepalive is on: the kernel asks the peer in 1m00");
	expect_nothing_wrong();
}

static void
no_life(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.timer = TIMER_KEEPALIVE;
	r.timer_ms = 75000;
	r.retrans = 2;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_LAST_DATA_SENT, 11100000);
	tcpinfo_set(x, TCPI_LAST_DATA_RECV, 11200000);
	merge(s);
	tell(1);
	expect(NARRATE_WRONG, "2 keepalive probes have no answer, the next "
			      "one goes out in 1m15");
	expect(NARRATE_NEXT, "tcp_keepalive_probes is 9 unless changed");
}

/* Who is the brake when no window and no buffer is. */
static void
brakes(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.sendq = 50000;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BUSY_TIME, 10000000);
	tcpinfo_set(x, TCPI_NOTSENT, 20000);
	tcpinfo_set(x, TCPI_SND_CWND, 10);
	tcpinfo_set(x, TCPI_RTT, 80000);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "The path is the brake: 10 segments may be on "
			    "their way at a time (congestion window), and a "
			    "round trip takes 80ms.");
	r.sendq = 0;
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BUSY_TIME, 10000000);
	tcpinfo_set(x, TCPI_APP_LIMITED, 1);
	tcpinfo_set(x, TCPI_LAST_DATA_SENT, 20);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "Nothing holds up the sending but nginx (812)");
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BUSY_TIME, 10000000);
	tcpinfo_set(x, TCPI_APP_LIMITED, 1);
	tcpinfo_set(x, TCPI_LAST_DATA_SENT, 20000);
	merge(s);
	tell(1);
	assert_false(told(NARRATE_NOW, "Nothing holds up"));
}

static void
path_quality(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.mss = 500;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_RTT, 210000);
	tcpinfo_set(x, TCPI_MIN_RTT, 12000);
	tcpinfo_set(x, TCPI_DATA_SEGS_OUT, 1000);
	tcpinfo_set(x, TCPI_TOTAL_RETRANS, 23);
	tcpinfo_set(x, TCPI_PMTU, 552);
	merge(s);
	tell(1);
	expect(NARRATE_WRONG, "A round trip takes 210ms, 12ms at best");
	expect(NARRATE_WRONG, "2.3 % of the segments");
	expect(NARRATE_WRONG, "packets of 552 bytes only (500 bytes");
	s = reading(SEC);
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_RTT, 30000);
	tcpinfo_set(x, TCPI_MIN_RTT, 12000);
	tcpinfo_set(x, TCPI_DATA_SEGS_OUT, 99);
	tcpinfo_set(x, TCPI_TOTAL_RETRANS, 23);
	tcpinfo_set(x, TCPI_PMTU, 1500);
	merge(s);
	tell(1);
	expect_nothing_wrong();
}

static void
send_buffer(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.sendq = 3000;
	x = with_ext(s, r);
	tcpinfo_set(x, TCPI_BUSY_TIME, 1000000);
	tcpinfo_set(x, TCPI_SNDBUF_LIMITED, 400000);
	tcpinfo_set(x, TCPI_NOTSENT, 2000);
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "2.0K bytes of them wait to be sent at all");
	expect(NARRATE_NOW, "40.0 % went by while the send buffer");
	assert_false(told(NARRATE_NOW, "the receiver is the brake"));
}

/* -- closing --------------------------------------------------------------- */

static void
closing_states(void **state)
{
	struct sock_rec r = help_rec(1);

	(void)state;
	r.state = SOCK_FIN_WAIT_1;
	became(r, SEC);
	expect(NARRATE_NOW, "nginx (812) closed 1.0s ago");
	expect(NARRATE_NEXT, "then FIN-WAIT-2; without an answer the kernel "
			     "gives up about 15m24");
	r.state = SOCK_FIN_WAIT_2;
	see(SEC, r);
	see(SEC, r);
	tell(1);
	expect(NARRATE_NOW, "a half-close");
	expect(NARRATE_NEXT, "no timer ends it");
	r.inode = 0;
	r.flags = SOCKF_ORPHAN;
	r.timer = TIMER_TIME_WAIT;
	r.timer_ms = 43000;
	see(SEC, r);
	tell(1);
	expect(NARRATE_NEXT, "The kernel stops waiting in 43s "
			     "(net.ipv4.tcp_fin_timeout is 60 unless changed)");
	r.state = SOCK_TIME_WAIT;
	see(SEC, r);
	tell(1);
	expect(NARRATE_NOW, "nginx (812) closed it");
	expect(NARRATE_NEXT, "in 43s it is gone");
	r.cookie = 2;
	r.state = SOCK_LAST_ACK;
	see(SEC, r);
	tell(2);
	expect(NARRATE_NOW, "The peer closed first, then the program");
	expect(NARRATE_NEXT, "gives up about 1m42");
}

static void
time_wait_advice(void **state)
{
	struct sock_rec r = help_rec(1);
	struct snap *s = reading(0);

	(void)state;
	r.state = SOCK_TIME_WAIT;
	r.inode = 0;
	s->ephemeral_lo = 32768;
	s->ephemeral_hi = 60999;
	(void)put(s, r);
	r.cookie = 2;
	r.local.port = 40000;
	(void)put(s, r);
	merge(s);
	tell(1);
	expect(NARRATE_DO, "SO_REUSEADDR");
	tell(2);
	assert_false(told(NARRATE_DO, "SO_REUSEADDR"));
}

static void
other_end_here(void **state)
{
	struct sock_rec a = help_rec(1), b = help_rec(2);
	struct snap *s;
	int i;

	(void)state;
	b.local = a.peer;
	b.peer = a.local;
	for (i = 0; i < 2; i++) {
		s = reading(SEC);
		a.state = i == 0 ? SOCK_ESTABLISHED : SOCK_FIN_WAIT_2;
		b.state = i == 0 ? SOCK_ESTABLISHED : SOCK_CLOSE_WAIT;
		(void)put(s, a);
		help_own(help_put(s, b), 99, "curl");
		merge(s);
	}
	tell(1);
	expect(NARRATE_NEXT,
	    "curl (99) must close its end, which is in CLOSE-WAIT on this");
	tell(2);
	expect(NARRATE_NOW, "nginx (812), the peer, closed 0s ago");
}

/* -- the rest -------------------------------------------------------------- */

static void
udp(void **state)
{
	struct sock_rec r = listener(1);
	struct snap *s = reading(0);
	struct sock_ext *x;

	(void)state;
	r.proto = SOCK_UDP;
	r.state = SOCK_UNCONNECTED;
	r.recvq = 4000;
	x = with_ext(s, r);
	x->skmem_n = SKMEM_N;
	x->skmem[SKMEM_DROPS] = 7;
	merge(s);
	tell(1);
	expect(NARRATE_NOW, "takes datagrams from anybody on 10.0.0.1:80");
	expect(NARRATE_WRONG, "7 datagrams were dropped here");
	r = help_rec(2);
	r.proto = SOCK_UDP;
	r.state = SOCK_CONNECTED;
	see(SEC, r);
	tell(2);
	expect(NARRATE_NOW, "No packet was sent for that");
}

static void
every_state_has_a_story(void **state)
{
	struct sock_rec r;
	struct snap *s;
	int i;

	(void)state;
	for (i = 0; i < SOCK_NSTATES; i++) {
		r = help_rec(100 + (uint64_t)i);
		r.state = (uint8_t)i;
		r.proto = i == SOCK_UNCONNECTED || i == SOCK_CONNECTED
			      ? SOCK_UDP
			      : SOCK_TCP;
		s = reading(SEC);
		(void)put(s, r);
		merge(s);
		tell(r.cookie);
		assert_true(t.story.n > 0);
		assert_true(text_is_clean(
		    t.story.line[0].text, strlen(t.story.line[0].text)));
	}
	/* Gone. */
	merge(reading(SEC));
	tell(100 + SOCK_NSTATES - 1);
	expect(NARRATE_NOW, "This socket is closed. It was seen last in "
			    "CONNECTED");
}

static void
limits(void **state)
{
	struct tcp_limits l = tcp_limits_default;

	(void)state;
	/* ip-sysctl.rst: 924.6 s; 67 s to the last SYN, 131 s in all. */
	assert_int_equal(tcp_limits_data_ns(&l), UINT64_C(924600000000));
	assert_int_equal(tcp_limits_syn_left_ns(&l, 0, SEC), 131 * SEC);
	assert_int_equal(tcp_limits_syn_left_ns(&l, 10, 64 * SEC), 64 * SEC);
	l.syn_linear = 0;
	assert_int_equal(tcp_limits_syn_left_ns(&l, 0, SEC), 127 * SEC);
	assert_int_equal(tcp_limits_synack_left_ns(&l, 0, SEC), 63 * SEC);
	assert_int_equal(tcp_limits_orphan_ns(&l), UINT64_C(102200000000));
	l.retries2 = 0;
	assert_int_equal(tcp_limits_data_ns(&l), SEC / 5);
}

/* -- the way --------------------------------------------------------------- */

static void
way_seen(void **state)
{
	struct sock_rec r = help_rec(1);
	struct state_path p;

	(void)state;
	merge(reading(0));
	r.state = SOCK_SYN_SENT;
	see(SEC, r);
	r.state = SOCK_ESTABLISHED;
	see(10 * SEC, r);
	r.state = SOCK_CLOSE_WAIT;
	see(5 * SEC, r);
	see(2 * SEC, r);
	state_path_of(&p, t.table, row_of(1));
	assert_int_equal(p.n, 3);
	assert_false(p.step[0].at_least);
	assert_int_equal(p.step[0].ago_ns, 17 * SEC);
	assert_int_equal(p.step[1].ago_ns, 7 * SEC);
	assert_int_equal(p.step[1].how, FLOW_CONNECTED);
	assert_int_equal(p.step[2].ago_ns, 2 * SEC);
	assert_int_equal(p.step[2].how, FLOW_PEER_CLOSED);
	assert_int_equal(
	    p.seen, FLOW_BIT(FLOW_CONNECTED) | FLOW_BIT(FLOW_PEER_CLOSED));
	/* How it came to SYN-SENT: there are two ways. */
	assert_int_equal(p.certain, p.seen);
}

static void
way_between_readings(void **state)
{
	struct sock_rec r = help_rec(1);
	struct state_path p;

	(void)state;
	see(0, r);
	r.state = SOCK_TIME_WAIT;
	see(SEC, r);
	state_path_of(&p, t.table, row_of(1));
	assert_int_equal(p.n, 2);
	assert_true(p.step[0].at_least);
	assert_int_equal(p.step[1].how, FLOW_N);
	assert_int_equal(p.seen, 0);
	/* FIN-WAIT-1 for certain; then FIN-WAIT-2 or CLOSING. */
	assert_int_equal(p.certain, FLOW_BIT(FLOW_CLOSE));
	assert_true((p.states & SOCK_STATE_BIT(SOCK_FIN_WAIT_1)) != 0);
	assert_false((p.states & SOCK_STATE_BIT(SOCK_FIN_WAIT_2)) != 0);
}

static void
way_certain(void **state)
{
	int i;

	(void)state;
	assert_int_equal(flow_certain(SOCK_CLOSED, SOCK_LISTEN),
	    FLOW_BIT(FLOW_BIND) | FLOW_BIT(FLOW_LISTEN));
	assert_int_equal(flow_certain(SOCK_CLOSED, SOCK_ESTABLISHED), 0);
	assert_int_equal(flow_certain(SOCK_CLOSED, SOCK_LAST_ACK),
	    FLOW_BIT(FLOW_PEER_CLOSED) | FLOW_BIT(FLOW_CLOSE_TOO));
	assert_int_equal(flow_certain(SOCK_TIME_WAIT, SOCK_LISTEN), 0);
	assert_int_equal(flow_certain(SOCK_LISTEN, SOCK_LISTEN), 0);
	assert_int_equal(
	    flow_between(SOCK_FIN_WAIT_1, SOCK_CLOSING), FLOW_CROSSED_FIN);
	assert_int_equal(flow_between(SOCK_LISTEN, SOCK_SYN_SENT), FLOW_N);
	for (i = 0; i < FLOW_N; i++) {
		assert_int_equal(flow_between(flows[i].from, flows[i].to), i);
		assert_non_null(flows[i].words);
		/* Every state a socket can come to has words of its own. */
		assert_string_not_equal(
		    state_fact(flows[i].from)->brief, "state not known");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(leak),
		TEST(young_close_wait),
		TEST(half_close_in_use),
		TEST(seen_late),
		TEST(since_the_last_ack),
		TEST(accept_queue),
		TEST(waits_to_be_accepted),
		TEST(syn_without_answer),
		TEST(syn_to_a_full_queue_here),
		TEST(syn_received),
		TEST(window_closed),
		TEST(repeats),
		TEST(unread),
		TEST(idle),
		TEST(no_life),
		TEST(brakes),
		TEST(path_quality),
		TEST(send_buffer),
		TEST(closing_states),
		TEST(time_wait_advice),
		TEST(other_end_here),
		TEST(udp),
		TEST(every_state_has_a_story),
		TEST(limits),
		TEST(way_seen),
		TEST(way_between_readings),
		TEST(way_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
