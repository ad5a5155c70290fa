/* SPDX-License-Identifier: ISC */
/*
 * The detail of a socket: ss's own notation, the words beside it, and that
 * nothing unknown is told.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <linux/tcp.h>

#include "base/buf.h"
#include "base/text.h"
#include "fixture.h"
#include "model/describe.h"

static struct table *table;
static struct fixture fx;

/* A merged table, as the detail asks for the neighbours of a row. */
static int
setup(void **state)
{
	struct snap *snap = snap_new();
	struct snap_sock *s;
	size_t i;

	(void)state;
	fixture_init(&fx);
	for (i = 0; i < FIXTURE_ROWS; i++) {
		s = snap_add(snap);
		s->rec = fx.row[i].rec;
		owners_copy(&s->owners, &fx.row[i].owners);
	}
	snap->total = snap->n;
	snap->mono_ns = NS_S;
	table = table_new();
	table_merge(table, snap, NULL);
	snap_free(snap);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	table_free(table);
	fixture_done(&fx);
	return 0;
}

static void
expect(void (*put)(const struct row *, struct buf *), const struct row *r,
    const char *text)
{
	struct buf b = { 0 };

	buf_puts(&b, "");
	put(r, &b);
	if (strcmp(b.data, text) != 0)
		fail_msg("\"%s\" is not \"%s\"", b.data, text);
	buf_done(&b);
}

/* The numbers of a connection that ss 6.1 printed so. */
static void
test_ss_info(void **state)
{
	struct row *r = &fx.row[ROW_l];
	struct sock_ext *e = xcalloc(1, sizeof(*e));

	(void)state;
	expect(describe_ss_info, r, "");
	r->ext = e;
	expect(describe_ss_info, r, "");
	strcpy(e->cc, "cubic");
	tcpinfo_set(e, TCPI_OPTIONS,
	    TCPI_HAS_TIMESTAMPS | TCPI_HAS_SACK | TCPI_HAS_WSCALE);
	tcpinfo_set(e, TCPI_SND_WSCALE, 7);
	tcpinfo_set(e, TCPI_RCV_WSCALE, 10);
	tcpinfo_set(e, TCPI_RTO, 204000);
	tcpinfo_set(e, TCPI_RTT, 50);
	tcpinfo_set(e, TCPI_RTTVAR, 20);
	tcpinfo_set(e, TCPI_ATO, 40000);
	tcpinfo_set(e, TCPI_SND_MSS, 1448);
	tcpinfo_set(e, TCPI_PMTU, 1500);
	tcpinfo_set(e, TCPI_RCV_MSS, 536);
	tcpinfo_set(e, TCPI_ADVMSS, 1448);
	tcpinfo_set(e, TCPI_SND_CWND, 10);
	tcpinfo_set(e, TCPI_SND_SSTHRESH, 0x7fffffff);
	tcpinfo_set(e, TCPI_REORDERING, 3);
	expect(describe_ss_info, r,
	    "ts sack cubic wscale:7,10 rto:204 rtt:0.05/0.02 ato:40 mss:1448 "
	    "pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 send 2.32Gbps");
	tcpinfo_set(e, TCPI_RTT, 123456);
	tcpinfo_set(e, TCPI_RTTVAR, 1500000);
	tcpinfo_set(e, TCPI_SND_SSTHRESH, 7);
	tcpinfo_set(e, TCPI_BYTES_SENT, 5000);
	tcpinfo_set(e, TCPI_BYTES_ACKED, 4001);
	tcpinfo_set(e, TCPI_SEGS_OUT, 12);
	tcpinfo_set(e, TCPI_LAST_DATA_SENT, 716);
	tcpinfo_set(e, TCPI_PACING_RATE, 1250000);
	tcpinfo_set(e, TCPI_MAX_PACING_RATE, UINT64_MAX);
	tcpinfo_set(e, TCPI_DELIVERY_RATE, 125);
	tcpinfo_set(e, TCPI_DELIVERED, 3);
	tcpinfo_set(e, TCPI_APP_LIMITED, 1);
	tcpinfo_set(e, TCPI_BUSY_TIME, 200000);
	tcpinfo_set(e, TCPI_RWND_LIMITED, 15000);
	tcpinfo_set(e, TCPI_UNACKED, 2);
	tcpinfo_set(e, TCPI_TOTAL_RETRANS, 4);
	tcpinfo_set(e, TCPI_LOST, 1);
	tcpinfo_set(e, TCPI_REORDERING, 5);
	tcpinfo_set(e, TCPI_RCV_RTT, 20);
	tcpinfo_set(e, TCPI_MIN_RTT, 22);
	tcpinfo_set(e, TCPI_SND_WND, 65536);
	expect(describe_ss_info, r,
	    "ts sack cubic wscale:7,10 rto:204 rtt:123.456/1500 ato:40 "
	    "mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 ssthresh:7 "
	    "bytes_sent:5000 bytes_acked:4001 segs_out:12 send 938kbps "
	    "lastsnd:716 pacing_rate 10Mbps delivery_rate 1kbps delivered:3 "
	    "app_limited busy:200ms rwnd_limited:15ms(7.5%) unacked:2 "
	    "retrans:0/4 lost:1 reordering:5 rcv_rtt:0.02 minrtt:0.022 "
	    "snd_wnd:65536");
}

static void
test_ss_bbr(void **state)
{
	struct row *r = &fx.row[ROW_l];
	uint32_t bbr[5] = { 125000, 0, 22, 739, 512 };

	(void)state;
	r->ext = xcalloc(1, sizeof(*r->ext));
	strcpy(r->ext->cc, "bbr");
	tcpinfo_set(r->ext, TCPI_SND_CWND, 10);
	r->ext->cc_info_kind = 16;
	r->ext->cc_info_len = sizeof(bbr);
	memcpy(r->ext->cc_info, bbr, sizeof(bbr));
	expect(describe_ss_info, r,
	    "bbr cwnd:10 bbr:(bw:1Mbps,mrtt:0.022,pacing_gain:2.88672,"
	    "cwnd_gain:2)");
}

static void
test_ss_mem(void **state)
{
	struct row *r = &fx.row[ROW_l];
	static const uint32_t mem[] = { 0, 131072, 0, 3939840, 0, 0, 0, 0, 2 };

	(void)state;
	expect(describe_ss_mem, r, "");
	r->ext = xcalloc(1, sizeof(*r->ext));
	expect(describe_ss_mem, r, "");
	memcpy(r->ext->skmem, mem, sizeof(mem));
	r->ext->skmem_n = SKMEM_N;
	expect(describe_ss_mem, r,
	    "skmem:(r0,rb131072,t0,tb3939840,f0,w0,o0,bl0,d2)");
	r->ext->skmem_n = SKMEM_BACKLOG;
	expect(describe_ss_mem, r, "skmem:(r0,rb131072,t0,tb3939840,f0,w0,o0)");
}

static void
test_ss_timer(void **state)
{
	static const struct {
		uint8_t timer, retrans;
		uint32_t ms;
		const char *text;
	} cases[] = { { TIMER_OFF, 0, 0, "" },
		{ TIMER_KEEPALIVE, 0, 7100, "timer:(keepalive,7.100sec,0)" },
		{ TIMER_KEEPALIVE, 0, 29950, "timer:(keepalive,29sec,0)" },
		{ TIMER_RETRANSMIT, 3, 204, "timer:(on,204ms,3)" },
		{ TIMER_RETRANSMIT, 0, 0, "timer:(on,0ms,0)" },
		{ TIMER_RETRANSMIT, 0, 9000, "timer:(on,9sec,0)" },
		{ TIMER_TIME_WAIT, 0, 74000, "timer:(timewait,1min14sec,0)" },
		{ TIMER_TIME_WAIT, 0, 60000, "timer:(timewait,1min,0)" },
		{ TIMER_KEEPALIVE, 0, 7200000, "timer:(keepalive,120min,0)" },
		{ TIMER_PERSIST, 1, 9050, "timer:(persist,9.050sec,1)" },
		{ 9, 0, 5, "timer:(unknown,5ms,0)" } };
	struct row r = fx.row[ROW_l];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		r.rec.timer = cases[i].timer;
		r.rec.retrans = cases[i].retrans;
		r.rec.timer_ms = cases[i].ms;
		expect(describe_ss_timer, &r, cases[i].text);
	}
	r.rec.known = 0;
	r.rec.timer = TIMER_KEEPALIVE;
	expect(describe_ss_timer, &r, "");
}

/* Where this machine's headers know a field, ours is the same. */
static void
test_offsets(void **state)
{
	static const struct {
		enum tcpinfo_id id;
		size_t off, size;
	} fields[] = {
		{ TCPI_OPTIONS, offsetof(struct tcp_info, tcpi_options), 1 },
		{ TCPI_RTO, offsetof(struct tcp_info, tcpi_rto), 4 },
		{ TCPI_SND_MSS, offsetof(struct tcp_info, tcpi_snd_mss), 4 },
		{ TCPI_LOST, offsetof(struct tcp_info, tcpi_lost), 4 },
		{ TCPI_LAST_ACK_RECV,
		    offsetof(struct tcp_info, tcpi_last_ack_recv), 4 },
		{ TCPI_RTT, offsetof(struct tcp_info, tcpi_rtt), 4 },
		{ TCPI_SND_CWND, offsetof(struct tcp_info, tcpi_snd_cwnd), 4 },
		{ TCPI_TOTAL_RETRANS,
		    offsetof(struct tcp_info, tcpi_total_retrans), 4 },
		{ TCPI_PACING_RATE, offsetof(struct tcp_info, tcpi_pacing_rate),
		    8 },
		{ TCPI_BYTES_RECEIVED,
		    offsetof(struct tcp_info, tcpi_bytes_received), 8 },
		{ TCPI_MIN_RTT, offsetof(struct tcp_info, tcpi_min_rtt), 4 },
		{ TCPI_DELIVERY_RATE,
		    offsetof(struct tcp_info, tcpi_delivery_rate), 8 },
		{ TCPI_SNDBUF_LIMITED,
		    offsetof(struct tcp_info, tcpi_sndbuf_limited), 8 },
		{ TCPI_BYTES_RETRANS,
		    offsetof(struct tcp_info, tcpi_bytes_retrans), 8 },
		{ TCPI_RCV_OOOPACK, offsetof(struct tcp_info, tcpi_rcv_ooopack),
		    4 },
		{ TCPI_SND_WND, offsetof(struct tcp_info, tcpi_snd_wnd), 4 },
	};
	const struct tcpinfo_field *f;
	struct tcp_info info = { 0 };
	struct sock_ext e = { 0 };
	size_t i, end = 0;

	(void)state;
	for (i = 0; i < nitems(fields); i++) {
		assert_int_equal(
		    tcpinfo_fields[fields[i].id].off, fields[i].off);
		assert_int_equal(
		    tcpinfo_fields[fields[i].id].size, fields[i].size);
	}
	/* One after another, nothing forgotten but tcpi_state. */
	for (i = 0; i < TCPI_NFIELDS; i++) {
		f = &tcpinfo_fields[i];
		if (i == 0)
			assert_int_equal(f->off, 1);
		else if (f->bits == 0 || f->off != tcpinfo_fields[i - 1].off)
			assert_int_equal(f->off, end);
		end = (size_t)f->off + f->size;
	}
	assert_int_equal(end, SOCK_TCP_INFO_MAX);
	info.tcpi_snd_wscale = 3;
	info.tcpi_rcv_wscale = 12;
	info.tcpi_delivery_rate_app_limited = 1;
	info.tcpi_fastopen_client_fail = 2;
	memcpy(e.tcp_info, &info, sizeof(info));
	e.tcp_info_len = sizeof(info);
	assert_int_equal(tcpinfo_or0(&e, TCPI_SND_WSCALE), 3);
	assert_int_equal(tcpinfo_or0(&e, TCPI_RCV_WSCALE), 12);
	assert_int_equal(tcpinfo_or0(&e, TCPI_APP_LIMITED), 1);
	assert_int_equal(tcpinfo_or0(&e, TCPI_FASTOPEN_FAIL), 2);
	tcpinfo_set(&e, TCPI_SND_WSCALE, 9);
	assert_int_equal(tcpinfo_or0(&e, TCPI_SND_WSCALE), 9);
	assert_int_equal(tcpinfo_or0(&e, TCPI_RCV_WSCALE), 12);
}

static const struct row *
row(int i)
{
	return table_find(table, sock_key(&fx.row[i].rec));
}

static void
describe(struct describe *d, const struct row *r)
{
	struct view_ctx ctx = { .table = table };
	size_t i;

	memset(d, 0, sizeof(*d));
	describe_row(d, r, &ctx);
	for (i = 0; i < d->n; i++) {
		const char *s = d->line[i].text;

		if (s == NULL) {
			assert_non_null(d->line[i].label);
			/* A heading has something beneath it. */
			assert_true(
			    i + 1 < d->n && d->line[i + 1].text != NULL);
			continue;
		}
		if (s[0] == '\0' || strchr(s, '\n') != NULL ||
		    strstr(s, "(null)") != NULL || !text_is_clean(s, strlen(s)))
			fail_msg("%s: \"%s\"", d->line[i].label, s);
	}
}

static void
expect_line(const struct describe *d, const char *label, const char *part)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (d->line[i].label == NULL || d->line[i].text == NULL ||
		    strcmp(d->line[i].label, label) != 0)
			continue;
		if (strstr(d->line[i].text, part) != NULL)
			return;
	}
	fail_msg("no line %s has \"%s\"", label, part);
}

static void
expect_none(const struct describe *d, const char *label)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->line[i].label != NULL &&
		    strcmp(d->line[i].label, label) == 0)
			fail_msg("%s: %s", label,
			    d->line[i].text != NULL ? d->line[i].text
						    : "(heading)");
}

static void
test_memory(void **state)
{
	static const uint32_t idle[] = { 0, 131072, 0, 16384, 0, 0, 0, 0, 0 };
	static const uint32_t busy[] = { 768, 131072, 0, 16384, 3328, 2304, 0,
		0, 22 };
	struct describe d;
	struct sock_ext ext = { .skmem_n = SKMEM_N };
	struct row r = *row(ROW_e);

	(void)state;
	r.ext = &ext;
	memcpy(ext.skmem, idle, sizeof(idle));
	describe(&d, &r);
	expect_line(&d, "Receiving", "0 of at most 131K bytes");
	expect_line(&d, "Sending", "0 of at most 16K bytes");
	expect_line(&d, "Drops", "none");
	expect_none(&d, "Beside");
	describe_done(&d);
	memcpy(ext.skmem, busy, sizeof(busy));
	describe(&d, &r);
	expect_line(&d, "Receiving", "768 of at most 131K bytes");
	expect_line(&d, "Sending", "2.3K of at most 16K bytes");
	expect_line(&d, "Beside", "3.3K bytes set aside");
	expect_line(&d, "Drops", "22 packets dropped");
	describe_done(&d);
	ext.skmem_n = 1; /* the heading would stand alone */
	describe(&d, &r);
	expect_none(&d, "Receiving");
	describe_done(&d);
}

static void
test_waits_for_accept(void **state)
{
	struct describe d;
	struct row r = *row(ROW_e);

	(void)state;
	memset(&r.owners, 0, sizeof(r.owners));
	r.rec.flags |= SOCKF_ORPHAN;
	r.rec.state = SOCK_ESTABLISHED;
	describe(&d, &r);
	expect_line(&d, "Process", "none yet: it waits in the listener's");
	describe_done(&d);
	r.rec.state = SOCK_FIN_WAIT_2;
	describe(&d, &r);
	expect_line(&d, "Process", "none any more");
	describe_done(&d);
}

static void
test_listener(void **state)
{
	struct describe d;

	(void)state;
	describe(&d, row(ROW_e));
	expect_line(&d, "Protocol", "TCP over IPv6");
	expect_line(&d, "Local", "*:443");
	expect_line(&d, "Service", "https");
	expect_line(&d, "Reach", "all");
	expect_line(&d, "State", "LISTEN: ");
	expect_line(&d, "Accept queue", "3 of 511");
	expect_line(&d, "Process", "nginx, pid 900, descriptor 6");
	expect_line(&d, "Process", "nginx-wrk, pid 901");
	expect_line(&d, "Command", "nginx: worker process");
	expect_line(&d, "Unit", "nginx.service");
	expect_line(&d, "Started", "2026-11-21 02:50:55 UTC");
	expect_line(&d, "Cookie", "4100 (sk:1004 in ss)");
	expect_none(&d, "Peer");
	expect_none(&d, "TCP");
	expect_none(&d, "Round trip");
	expect_none(&d, "Memory");
	describe_done(&d);
	assert_int_equal(d.n, 0);
}

static void
test_connection(void **state)
{
	struct describe d;
	struct row r;
	struct sock_ext e = { 0 };

	(void)state;
	describe(&d, row(ROW_b));
	expect_line(&d, "Accepted by", "0.0.0.0:22 of sshd, pid 812");
	expect_line(&d, "Other end", "not known");
	expect_line(&d, "Process", "not known");
	expect_none(&d, "TCP");
	describe_done(&d);

	r = *row(ROW_j);
	r.ext = &e;
	strcpy(e.cc, "cubic");
	memcpy(e.tcp_info, "\1", 1);
	tcpinfo_set(&e, TCPI_RTT, 60000);
	tcpinfo_set(&e, TCPI_RTTVAR, 4000);
	tcpinfo_set(&e, TCPI_SND_CWND, 10);
	tcpinfo_set(&e, TCPI_SND_MSS, 1448);
	tcpinfo_set(&e, TCPI_TOTAL_RETRANS, 7);
	tcpinfo_set(&e, TCPI_BYTES_RETRANS, 10136);
	tcpinfo_set(&e, TCPI_DELIVERY_RATE, 1500000);
	tcpinfo_set(&e, TCPI_BUSY_TIME, 2000000);
	tcpinfo_set(&e, TCPI_RWND_LIMITED, 500000);
	tcpinfo_set(&e, TCPI_MIN_RTT, 55000);
	tcpinfo_set(&e, TCPI_PMTU, 1500);
	e.skmem_n = SKMEM_N;
	e.skmem[SKMEM_DROPS] = 1;
	e.has_tos = true;
	e.tos = 0xb8;
	describe(&d, &r);
	expect_line(&d, "Round trip", "60ms, varying by 4.0ms; least 55ms");
	expect_line(&d, "Window", "10 segments of 1.4K bytes: 14K bytes");
	expect_line(&d, "Delivery", "1.5M bytes a second");
	expect_line(&d, "Sending", "held up 25.0 % of it by the peer's");
	expect_line(&d, "Losses", "7 segments sent again (10K bytes)");
	expect_line(&d, "Sizes", "largest packet on the path 1500");
	expect_line(&d, "Congestion", "cubic");
	expect_line(&d, "Timer", "keepalive in 7.1s");
	expect_line(&d, "Sent", "5.0M bytes");
	expect_line(&d, "Drops", "1 packet dropped");
	expect_line(&d, "TOS", "0xb8 (DSCP 46)");
	expect_line(&d, "Mark", "0x1ff");
	expect_line(&d, "ss -i", "cubic");
	expect_line(&d, "ss -o", "timer:(keepalive,7.100sec,0)");
	describe_done(&d);
}

static void
test_others(void **state)
{
	struct describe d;
	struct row r;
	int i;

	(void)state;
	describe(&d, row(ROW_i));
	expect_line(&d, "Process", "the kernel alone");
	expect_line(&d, "Protocol", "carrying IPv4");
	expect_line(&d, "Timer", "time-wait in 31s");
	describe_done(&d);
	describe(&d, row(ROW_g));
	expect_line(&d, "Protocol", "UDP over IPv4");
	expect_line(&d, "Interface", "2");
	expect_none(&d, "Timer");
	describe_done(&d);
	describe(&d, row(ROW_l));
	expect_line(&d, "Shut down", "for reading");
	describe_done(&d);
	/* Nothing known: nothing told, nothing breaks. */
	for (i = 0; i < FIXTURE_ROWS; i++) {
		r = *row(i);
		r.rec.known = 0;
		memset(&r.owners, 0, sizeof(r.owners));
		describe(&d, &r);
		expect_line(&d, "Queues", "not known");
		expect_none(&d, "Socket of");
		describe_done(&d);
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_ss_info),
		TEST(test_ss_bbr), TEST(test_ss_mem), TEST(test_ss_timer),
		TEST(test_offsets), TEST(test_memory),
		TEST(test_waits_for_accept), TEST(test_listener),
		TEST(test_connection), TEST(test_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
