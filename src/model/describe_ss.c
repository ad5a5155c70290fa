/* SPDX-License-Identifier: ISC */
/*
 * What `ss -i`, `-m` and `-o` print, in the same notation and order, so that
 * people and scripts that know it find it again. Numbers are made by hand: a
 * locale's comma has no place in them.
 */
#include "config.h"

#include "model/describe.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "model/column_get.h"
#include "model/tcpinfo.h"

enum {
	CC_VEGAS = 3,
	CC_DCTCP = 9,
	CC_BBR = 16
};

#define MS_PER_S      1000u
#define RTO_UNSET     3000000u /* a timeout of 3 s: none was measured */
#define SSTHRESH_SEEN 0xffffu
#define VEGAS_NO_RTT  0x7fffffffu

/* A blank between the parts, none before the first. */
static void
put_key(struct buf *b, const char *key)
{
	if (b->len > 0)
		buf_putc(b, ' ');
	buf_puts(b, key);
}

static void
put_number(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	column_put_u64(b, v);
}

/* As %g prints n/10^places: no zeros at the end. */
static void
put_decimal(struct buf *b, uint64_t n, unsigned places)
{
	char digits[TEXT_U64_MAX];
	uint64_t unit = 1, rest;
	unsigned i;

	for (i = 0; i < places; i++)
		unit *= 10;
	column_put_u64(b, n / unit);
	rest = n % unit;
	if (rest == 0)
		return;
	for (i = places; i-- > 0; rest /= 10)
		digits[i] = (char)('0' + rest % 10);
	while (places > 0 && digits[places - 1] == '0')
		places--;
	buf_putc(b, '.');
	buf_put(b, digits, places);
}

/* Microseconds as milliseconds, six digits at most. */
static void
put_ms(struct buf *b, uint64_t us)
{
	if (us < 1000000)
		put_decimal(b, us, 3);
	else if (us < 10000000)
		put_decimal(b, (us + 5) / 10, 2);
	else if (us < 100000000)
		put_decimal(b, (us + 50) / 100, 1);
	else
		column_put_u64(b, (us + 500) / 1000);
}

/* Bits a second with three digits and a unit: "119Gbps". */
static void
put_bits(struct buf *b, double bps)
{
	static const char units[] = { '\0', 'k', 'M', 'G', 'T' };
	unsigned unit = 0, places = 0;
	uint64_t n;

	while (bps >= 1000 && unit < sizeof(units) - 1) {
		bps /= 1000;
		unit++;
	}
	if (bps > 1e15)
		bps = 1e15;
	while (unit > 0 && bps < 100 && places < 2) {
		bps *= 10;
		places++;
	}
	n = (uint64_t)(bps + 0.5);
	put_decimal(b, n, places);
	if (unit > 0)
		buf_putc(b, units[unit]);
	buf_puts(b, "bps");
}

static void
put_rate(struct buf *b, const char *key, double bps)
{
	put_key(b, key);
	buf_putc(b, ' ');
	put_bits(b, bps);
}

static uint32_t
cc_word(const struct sock_ext *ext, size_t off, size_t size)
{
	uint32_t v32 = 0;
	uint16_t v16 = 0;

	if (off + size > ext->cc_info_len || off + size > sizeof(ext->cc_info))
		return 0;
	if (size == sizeof(v16)) {
		memcpy(&v16, ext->cc_info + off, sizeof(v16));
		return v16;
	}
	memcpy(&v32, ext->cc_info + off, sizeof(v32));
	return v32;
}

static void
put_options(struct buf *b, const struct sock_ext *ext)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { TCPI_HAS_TIMESTAMPS, "ts" },
		{ TCPI_HAS_USEC_TS, "usec_ts" }, { TCPI_HAS_SACK, "sack" },
		{ TCPI_HAS_ECN, "ecn" }, { TCPI_HAS_ECN_SEEN, "ecnseen" },
		{ TCPI_HAS_SYN_DATA, "fastopen" } };
	uint64_t options = tcpinfo_or0(ext, TCPI_OPTIONS);
	size_t i;

	for (i = 0; i < nitems(names); i++)
		if ((options & names[i].bit) != 0)
			put_key(b, names[i].name);
	if (ext->cc[0] != '\0')
		put_key(b, ext->cc);
	if ((options & TCPI_HAS_WSCALE) != 0) {
		put_number(b, "wscale:", tcpinfo_or0(ext, TCPI_SND_WSCALE));
		buf_putc(b, ',');
		column_put_u64(b, tcpinfo_or0(ext, TCPI_RCV_WSCALE));
	}
}

/* One number that is not printed when it is 0. */
struct part {
	enum tcpinfo_id id;
	const char *key;
	bool ms; /* microseconds, shown as milliseconds */
};

static void
put_parts(
    struct buf *b, const struct sock_ext *ext, const struct part *p, size_t n)
{
	uint64_t v;

	for (; n > 0; n--, p++) {
		v = tcpinfo_or0(ext, p->id);
		if (v == 0)
			continue;
		put_key(b, p->key);
		if (p->ms)
			put_ms(b, v);
		else
			column_put_u64(b, v);
	}
}

static void
put_timing(struct buf *b, const struct sock_ext *ext)
{
	static const struct part sizes[] = { { TCPI_ATO, "ato:", true },
		{ TCPI_SND_MSS, "mss:", false }, { TCPI_PMTU, "pmtu:", false },
		{ TCPI_RCV_MSS, "rcvmss:", false },
		{ TCPI_ADVMSS, "advmss:", false },
		{ TCPI_SND_CWND, "cwnd:", false } };
	uint64_t v = tcpinfo_or0(ext, TCPI_RTO);

	if (v != 0 && v != RTO_UNSET) {
		put_key(b, "rto:");
		put_ms(b, v);
	}
	v = tcpinfo_or0(ext, TCPI_BACKOFF);
	if (v != 0)
		put_number(b, "backoff:", v);
	v = tcpinfo_or0(ext, TCPI_RTT);
	if (v != 0) {
		put_key(b, "rtt:");
		put_ms(b, v);
		buf_putc(b, '/');
		put_ms(b, tcpinfo_or0(ext, TCPI_RTTVAR));
	}
	put_parts(b, ext, sizes, nitems(sizes));
	v = tcpinfo_or0(ext, TCPI_SND_SSTHRESH);
	if (v != 0 && v < SSTHRESH_SEEN)
		put_number(b, "ssthresh:", v);
}

static void
put_bbr(struct buf *b, const struct sock_ext *ext)
{
	uint64_t bw = (uint64_t)cc_word(ext, 4, 4) << 32 | cc_word(ext, 0, 4);
	uint32_t gain;

	put_key(b, "bbr:(bw:");
	put_bits(b, (double)bw * 8);
	buf_puts(b, ",mrtt:");
	put_ms(b, cc_word(ext, 8, 4));
	/* Gains are in 256ths. */
	gain = cc_word(ext, 12, 4);
	if (gain != 0) {
		buf_puts(b, ",pacing_gain:");
		put_decimal(b, ((uint64_t)gain * 100000 + 128) / 256, 5);
	}
	gain = cc_word(ext, 16, 4);
	if (gain != 0) {
		buf_puts(b, ",cwnd_gain:");
		put_decimal(b, ((uint64_t)gain * 100000 + 128) / 256, 5);
	}
	buf_putc(b, ')');
}

static void
put_cc_info(struct buf *b, const struct sock_ext *ext)
{
	if (ext->cc_info_len == 0)
		return;
	if (ext->cc_info_kind == CC_BBR)
		put_bbr(b, ext);
	if (ext->cc_info_kind != CC_DCTCP)
		return;
	if (cc_word(ext, 0, 2) == 0) {
		put_key(b, "dctcp:fallback_mode");
		return;
	}
	put_number(b, "dctcp:(ce_state:", cc_word(ext, 2, 2));
	buf_puts(b, ",alpha:");
	column_put_u64(b, cc_word(ext, 4, 4));
	buf_puts(b, ",ab_ecn:");
	column_put_u64(b, cc_word(ext, 8, 4));
	buf_puts(b, ",ab_tot:");
	column_put_u64(b, cc_word(ext, 12, 4));
	buf_putc(b, ')');
}

static void
put_counts(struct buf *b, const struct sock_ext *ext)
{
	static const struct part counts[] = { { TCPI_BYTES_SENT,
						  "bytes_sent:", false },
		{ TCPI_BYTES_RETRANS, "bytes_retrans:", false },
		{ TCPI_BYTES_ACKED, "bytes_acked:", false },
		{ TCPI_BYTES_RECEIVED, "bytes_received:", false },
		{ TCPI_SEGS_OUT, "segs_out:", false },
		{ TCPI_SEGS_IN, "segs_in:", false },
		{ TCPI_DATA_SEGS_OUT, "data_segs_out:", false },
		{ TCPI_DATA_SEGS_IN, "data_segs_in:", false } };

	put_parts(b, ext, counts, nitems(counts));
}

static void
put_rates(struct buf *b, const struct sock_ext *ext)
{
	static const struct part idle[] = { { TCPI_LAST_DATA_SENT,
						"lastsnd:", false },
		{ TCPI_LAST_DATA_RECV, "lastrcv:", false },
		{ TCPI_LAST_ACK_RECV, "lastack:", false } };
	uint64_t rtt = tcpinfo_or0(ext, TCPI_RTT);
	uint64_t mss = tcpinfo_or0(ext, TCPI_SND_MSS);
	uint64_t cwnd = tcpinfo_or0(ext, TCPI_SND_CWND);
	uint64_t pacing = tcpinfo_or0(ext, TCPI_PACING_RATE);
	uint64_t most = tcpinfo_or0(ext, TCPI_MAX_PACING_RATE);
	uint32_t vegas = cc_word(ext, 8, 4);

	if (ext->cc_info_kind == CC_VEGAS && cc_word(ext, 0, 4) != 0 &&
	    vegas != 0 && vegas != VEGAS_NO_RTT)
		rtt = vegas;
	if (rtt != 0 && mss != 0 && cwnd != 0)
		put_rate(
		    b, "send", (double)cwnd * (double)mss * 8e6 / (double)rtt);
	put_parts(b, ext, idle, nitems(idle));
	if (pacing != 0 && pacing != UINT64_MAX) {
		put_rate(b, "pacing_rate", (double)pacing * 8);
		if (most != 0 && most != UINT64_MAX) {
			buf_putc(b, '/');
			put_bits(b, (double)most * 8);
		}
	}
	if (tcpinfo_or0(ext, TCPI_DELIVERY_RATE) != 0)
		put_rate(b, "delivery_rate",
		    (double)tcpinfo_or0(ext, TCPI_DELIVERY_RATE) * 8);
}

static void
put_limited(struct buf *b, const char *key, uint64_t us, uint64_t busy)
{
	if (us == 0)
		return;
	put_number(b, key, us / 1000);
	buf_puts(b, "ms(");
	us = (uint64_t)(1000.0 * (double)us / (double)busy + 0.5);
	column_put_u64(b, us / 10);
	buf_putc(b, '.');
	buf_putc(b, (char)('0' + us % 10));
	buf_puts(b, "%)");
}

static void
put_delivery(struct buf *b, const struct sock_ext *ext)
{
	static const struct part delivered[] = { { TCPI_DELIVERED,
						     "delivered:", false },
		{ TCPI_DELIVERED_CE, "delivered_ce:", false } };
	uint64_t busy = tcpinfo_or0(ext, TCPI_BUSY_TIME);

	put_parts(b, ext, delivered, nitems(delivered));
	if (tcpinfo_or0(ext, TCPI_APP_LIMITED) != 0)
		put_key(b, "app_limited");
	if (busy == 0)
		return;
	put_number(b, "busy:", busy / 1000);
	buf_puts(b, "ms");
	put_limited(
	    b, "rwnd_limited:", tcpinfo_or0(ext, TCPI_RWND_LIMITED), busy);
	put_limited(
	    b, "sndbuf_limited:", tcpinfo_or0(ext, TCPI_SNDBUF_LIMITED), busy);
}

static void
put_losses(struct buf *b, const struct row *r)
{
	static const struct part more[] = { { TCPI_DSACK_DUPS,
						"dsack_dups:", false },
		{ TCPI_FACKETS, "fackets:", false } };
	const struct sock_ext *ext = r->ext;
	uint64_t again = tcpinfo_or0(ext, TCPI_RETRANS);
	uint64_t total = tcpinfo_or0(ext, TCPI_TOTAL_RETRANS);
	uint64_t v;

	v = tcpinfo_or0(ext, TCPI_UNACKED);
	if (v != 0)
		put_number(b, "unacked:", v);
	if (again != 0 || total != 0) {
		put_number(b, "retrans:", again);
		buf_putc(b, '/');
		column_put_u64(b, total);
	}
	v = tcpinfo_or0(ext, TCPI_LOST);
	if (v != 0)
		put_number(b, "lost:", v);
	/* LISTEN keeps its backlog there. */
	v = tcpinfo_or0(ext, TCPI_SACKED);
	if (v != 0 && r->rec.state != SOCK_LISTEN)
		put_number(b, "sacked:", v);
	put_parts(b, ext, more, nitems(more));
	if (tcpinfo_get(ext, TCPI_REORDERING, &v) && v != 3 &&
	    (v != 0 || r->rec.state != SOCK_LISTEN))
		put_number(b, "reordering:", v);
}

static void
put_receiving(struct buf *b, const struct sock_ext *ext)
{
	static const struct part parts[] = { { TCPI_REORD_SEEN,
						 "reord_seen:", false },
		{ TCPI_RCV_RTT, "rcv_rtt:", true },
		{ TCPI_RCV_SPACE, "rcv_space:", false },
		{ TCPI_RCV_SSTHRESH, "rcv_ssthresh:", false },
		{ TCPI_NOTSENT, "notsent:", false } };
	static const struct part last[] = { { TCPI_RCV_OOOPACK,
						"rcv_ooopack:", false },
		{ TCPI_SND_WND, "snd_wnd:", false },
		{ TCPI_RCV_WND, "rcv_wnd:", false },
		{ TCPI_REHASH, "rehash:", false } };
	uint64_t least = tcpinfo_or0(ext, TCPI_MIN_RTT);

	put_parts(b, ext, parts, nitems(parts));
	if (least != 0 && least != UINT32_MAX) {
		put_key(b, "minrtt:");
		put_ms(b, least);
	}
	put_parts(b, ext, last, nitems(last));
}

void
describe_ss_info(const struct row *r, struct buf *out)
{
	struct buf b = { 0 };

	if (r->ext == NULL)
		return;
	if (r->ext->tcp_info_len > 0) {
		put_options(&b, r->ext);
		put_timing(&b, r->ext);
		put_counts(&b, r->ext);
		put_cc_info(&b, r->ext);
		put_rates(&b, r->ext);
		put_delivery(&b, r->ext);
		put_losses(&b, r);
		put_receiving(&b, r->ext);
	}
	if (r->ext->has_ulp) {
		put_key(&b, "tcp-ulp-");
		buf_puts(&b, r->ext->ulp);
	}
	if (b.len > 0)
		buf_put(out, b.data, b.len);
	buf_done(&b);
}

void
describe_ss_mem(const struct row *r, struct buf *b)
{
	static const char *const keys[SKMEM_N] = { "skmem:(r", ",rb", ",t",
		",tb", ",f", ",w", ",o", ",bl", ",d" };
	unsigned i;

	if (r->ext == NULL || r->ext->skmem_n == 0)
		return;
	for (i = 0; i < r->ext->skmem_n && i < SKMEM_N; i++) {
		buf_puts(b, keys[i]);
		column_put_u64(b, r->ext->skmem[i]);
	}
	buf_putc(b, ')');
}

/* "7.100sec", "29sec", "1min14sec", "204ms" */
static void
put_left(struct buf *b, uint32_t ms)
{
	uint32_t minutes = ms / MS_PER_S / 60, secs = ms / MS_PER_S % 60;

	ms %= MS_PER_S;
	if (minutes > 0) {
		column_put_u64(b, minutes);
		buf_puts(b, "min");
		if (minutes > 9 || secs == 0)
			return;
	}
	if (minutes > 0 || secs > 9)
		ms = 0;
	if (secs > 0)
		column_put_u64(b, secs);
	if (secs > 0 && ms > 0) {
		buf_putc(b, '.');
		buf_putc(b, (char)('0' + ms / 100));
		buf_putc(b, (char)('0' + ms / 10 % 10));
		buf_putc(b, (char)('0' + ms % 10));
	} else if (secs == 0) {
		column_put_u64(b, ms);
	}
	buf_puts(b, secs > 0 ? "sec" : "ms");
}

void
describe_ss_timer(const struct row *r, struct buf *b)
{
	static const char *const names[] = { [TIMER_RETRANSMIT] = "on",
		[TIMER_KEEPALIVE] = "keepalive",
		[TIMER_TIME_WAIT] = "timewait",
		[TIMER_PERSIST] = "persist" };
	unsigned t = r->rec.timer;

	if ((r->rec.known & KNOWN_TIMER) == 0 || t == TIMER_OFF)
		return;
	buf_puts(b, "timer:(");
	buf_puts(b, t < nitems(names) ? names[t] : "unknown");
	buf_putc(b, ',');
	put_left(b, r->rec.timer_ms);
	buf_putc(b, ',');
	column_put_u64(b, r->rec.retrans);
	buf_putc(b, ')');
}
