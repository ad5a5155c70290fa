/* SPDX-License-Identifier: ISC */
/*
 * Queues, timers, memory and TCP's own numbers in words and units. Each line
 * says what a number means for the connection, as far as the kernel told it.
 */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "model/describe_lines.h"
#include "model/tcpinfo.h"
#include "model/words.h"

#define US 1000u /* nanoseconds */
#define MS 1000000u

typedef unsigned long long ull;

/* Queues and the timer */

static void
listen_queue(struct describe *d, const struct sock_rec *rec)
{
	if ((rec->flags & SOCKF_NO_LIMIT) != 0) {
		describe_line(d, "Accept queue",
		    "%u waiting to be accepted; the limit is not known",
		    rec->recvq);
		return;
	}
	describe_line(d, "Accept queue", "%u of %u waiting to be accepted%s",
	    rec->recvq, rec->sendq,
	    rec->recvq > rec->sendq ? ": full, new connections are dropped"
	    : rec->recvq > 0        ? ""
				    : ": the program keeps up");
}

static void
data_queues(struct describe *d, const struct row *r)
{
	struct buf b = { 0 };
	uint64_t notsent;

	words_bytes(&b, r->rec.recvq);
	buf_puts(&b, " received that the process has not read");
	describe_buf(d, "Receive queue", &b);
	words_bytes(&b, r->rec.sendq);
	if (r->rec.proto == SOCK_UDP) {
		buf_puts(&b, " not yet sent");
	} else {
		buf_puts(&b, " not yet acknowledged by the peer");
		if (tcpinfo_get(r->ext, TCPI_NOTSENT, &notsent) &&
		    notsent > 0) {
			buf_puts(&b, ", of which ");
			words_bytes(&b, notsent);
			buf_puts(&b, " were never sent");
		}
	}
	describe_buf(d, "Send queue", &b);
}

static void
about_timer(struct describe *d, const struct sock_rec *rec)
{
	static const char *const words[] = { [TIMER_OFF] = "none runs",
		[TIMER_RETRANSMIT] = "sends again what is not acknowledged",
		[TIMER_KEEPALIVE] = "asks the silent peer whether it lives",
		[TIMER_TIME_WAIT] = "then the addresses are free again",
		[TIMER_PERSIST] = "asks whether the peer has room again" };
	struct buf b = { 0 };

	if ((rec->known & KNOWN_TIMER) == 0 || rec->proto != SOCK_TCP ||
	    rec->timer >= nitems(words))
		return;
	if (rec->timer != TIMER_OFF) {
		buf_puts(&b, sock_timer_name((enum sock_timer)rec->timer));
		if (rec->timer_ms != 0) {
			buf_puts(&b, " in ");
			words_time(&b, (uint64_t)rec->timer_ms * MS);
		}
		buf_puts(&b, ": ");
	}
	buf_puts(&b, words[rec->timer]);
	if (rec->retrans > 0) {
		buf_puts(&b, "; ");
		words_count(&b, rec->retrans, "try", "tries");
		buf_puts(&b, " without an answer so far");
	}
	describe_buf(d, "Timer", &b);
}

void
describe_queues(struct describe *d, const struct row *r)
{
	describe_heading(d, "Queues");
	if ((r->rec.known & KNOWN_QUEUES) == 0)
		describe_line(d, "Queues", "not known");
	else if (r->rec.state == SOCK_LISTEN)
		listen_queue(d, &r->rec);
	else
		data_queues(d, r);
	about_timer(d, &r->rec);
}

/* TCP */

/* What struct sock_rec has is there without tcp_info, too. */
struct numbers {
	uint64_t rtt, rttvar, cwnd, mss, retrans;
};

static bool
numbers_get(const struct row *r, struct numbers *n)
{
	if (r->ext != NULL && r->ext->tcp_info_len > 0) {
		n->rtt = tcpinfo_or0(r->ext, TCPI_RTT);
		n->rttvar = tcpinfo_or0(r->ext, TCPI_RTTVAR);
		n->cwnd = tcpinfo_or0(r->ext, TCPI_SND_CWND);
		n->mss = tcpinfo_or0(r->ext, TCPI_SND_MSS);
		n->retrans = tcpinfo_or0(r->ext, TCPI_TOTAL_RETRANS);
		return true;
	}
	n->rtt = r->rec.rtt_us;
	n->rttvar = r->rec.rttvar_us;
	n->cwnd = r->rec.cwnd;
	n->mss = r->rec.mss;
	n->retrans = r->rec.retrans_total;
	return (r->rec.known & KNOWN_TCP) != 0;
}

static void
about_rtt(
    struct describe *d, const struct numbers *n, const struct sock_ext *ext)
{
	uint64_t least = tcpinfo_or0(ext, TCPI_MIN_RTT);
	uint64_t rcv = tcpinfo_or0(ext, TCPI_RCV_RTT);
	uint64_t rto = tcpinfo_or0(ext, TCPI_RTO);
	struct buf b = { 0 };

	if (n->rtt != 0) {
		words_time(&b, n->rtt * US);
		buf_puts(&b, ", varying by ");
		words_time(&b, n->rttvar * US);
		if (least != 0 && least != UINT32_MAX) {
			buf_puts(&b, "; least ");
			words_time(&b, least * US);
		}
		if (rcv != 0) {
			buf_puts(&b, "; as the receiver sees it ");
			words_time(&b, rcv * US);
		}
		describe_buf(d, "Round trip", &b);
	}
	if (rto != 0) {
		words_time(&b, rto * US);
		buf_puts(&b, " without an answer, then it is sent again");
		if (tcpinfo_or0(ext, TCPI_BACKOFF) != 0) {
			buf_puts(&b, "; doubled ");
			words_count(&b, tcpinfo_or0(ext, TCPI_BACKOFF), "time",
			    "times");
		}
		describe_buf(d, "Timeout", &b);
	}
}

static void
about_window(
    struct describe *d, const struct numbers *n, const struct sock_ext *ext)
{
	uint64_t ssthresh = tcpinfo_or0(ext, TCPI_SND_SSTHRESH);
	uint64_t v;
	struct buf b = { 0 };

	if (n->cwnd == 0)
		return;
	words_count(&b, n->cwnd, "segment", "segments");
	if (n->mss != 0) {
		buf_puts(&b, " of ");
		words_bytes(&b, n->mss);
		buf_puts(&b, ": ");
		words_bytes(&b, n->cwnd * n->mss);
		buf_puts(&b, " may be under way");
	}
	if (ssthresh != 0 && ssthresh < INT32_MAX)
		buf_printf(
		    &b, "; grows fast up to %llu segments", (ull)ssthresh);
	describe_buf(d, "Window", &b);
	if (tcpinfo_get(ext, TCPI_UNACKED, &v)) {
		words_count(&b, v, "segment is", "segments are");
		buf_puts(&b, " under way");
		describe_buf(d, "In flight", &b);
	}
	v = tcpinfo_or0(ext, TCPI_SND_WND);
	if (v != 0) {
		words_bytes(&b, v);
		describe_buf(d, "Peer's room", &b);
	}
	v = tcpinfo_or0(ext, TCPI_RCV_WND);
	if (v == 0)
		v = tcpinfo_or0(ext, TCPI_RCV_SPACE);
	if (v != 0) {
		words_bytes(&b, v);
		describe_buf(d, "Own room", &b);
	}
}

static void
about_speed(struct describe *d, const struct row *r, const struct numbers *n)
{
	uint64_t v = tcpinfo_or0(r->ext, TCPI_DELIVERY_RATE);
	char rx[TEXT_UNIT_MAX], tx[TEXT_UNIT_MAX];
	struct buf b = { 0 };

	if ((r->flags & ROW_RATES) != 0)
		describe_line(d, "Now",
		    "%s bytes received and %s bytes sent a second",
		    text_rate(rx, (double)r->rx_bps),
		    text_rate(tx, (double)r->tx_bps));
	if (v != 0) {
		words_bytes(&b, v);
		buf_puts(&b, " a second reached the peer when measured last");
		if (tcpinfo_or0(r->ext, TCPI_APP_LIMITED) != 0)
			buf_puts(&b, ", as fast as the program sent");
		describe_buf(d, "Delivery", &b);
	}
	if (n->rtt != 0 && n->mss != 0 && n->cwnd != 0)
		describe_line(d, "At most",
		    "%s bytes a second with this window and round trip",
		    text_rate(rx, (double)n->cwnd * (double)n->mss * 1e6 /
				      (double)n->rtt));
	v = tcpinfo_or0(r->ext, TCPI_PACING_RATE);
	if (v != 0 && v != UINT64_MAX) {
		words_bytes(&b, v);
		buf_puts(&b, " a second");
		describe_buf(d, "Paced to", &b);
	}
}

static void
about_limits(struct describe *d, const struct sock_ext *ext)
{
	uint64_t busy = tcpinfo_or0(ext, TCPI_BUSY_TIME);
	uint64_t peer = tcpinfo_or0(ext, TCPI_RWND_LIMITED);
	uint64_t own = tcpinfo_or0(ext, TCPI_SNDBUF_LIMITED);
	struct buf b = { 0 };

	if (busy == 0)
		return;
	buf_puts(&b, "busy for ");
	words_time(&b, busy * US);
	buf_puts(&b, "; held up ");
	words_share(&b, peer, busy);
	buf_puts(&b, " of it by the peer's window, ");
	words_share(&b, own, busy);
	buf_puts(&b, " by the send buffer");
	describe_buf(d, "Sending", &b);
}

static void
put_segments(struct buf *b, const struct sock_ext *ext, enum tcpinfo_id all,
    enum tcpinfo_id data)
{
	uint64_t v;

	if (!tcpinfo_get(ext, all, &v))
		return;
	buf_puts(b, " in ");
	words_count(b, v, "segment", "segments");
	if (tcpinfo_get(ext, data, &v))
		buf_printf(b, ", %llu with data", (ull)v);
}

static void
about_bytes(struct describe *d, const struct row *r)
{
	const struct sock_ext *ext = r->ext;
	struct buf b = { 0 };

	if ((r->rec.known & KNOWN_BYTES) == 0)
		return;
	words_bytes(&b, r->rec.bytes_sent);
	put_segments(&b, ext, TCPI_SEGS_OUT, TCPI_DATA_SEGS_OUT);
	describe_buf(d, "Sent", &b);
	words_bytes(&b, r->rec.bytes_received);
	put_segments(&b, ext, TCPI_SEGS_IN, TCPI_DATA_SEGS_IN);
	describe_buf(d, "Received", &b);
}

static void
about_losses(struct describe *d, const struct row *r, const struct numbers *n)
{
	static const struct {
		enum tcpinfo_id id;
		const char *one, *many;
	} parts[] = { { TCPI_LOST, "taken for lost now", "taken for lost now" },
		{ TCPI_DSACK_DUPS, "arrived twice", "arrived twice" },
		{ TCPI_REORD_SEEN, "time out of order", "times out of order" },
		{ TCPI_RCV_OOOPACK, "received out of order",
		    "received out of order" } };
	struct buf b = { 0 };
	uint64_t v;
	size_t i;

	words_count(&b, n->retrans, "segment", "segments");
	buf_puts(&b, " sent again");
	v = tcpinfo_or0(r->ext, TCPI_BYTES_RETRANS);
	if (v != 0) {
		buf_puts(&b, " (");
		words_bytes(&b, v);
		buf_putc(&b, ')');
	}
	for (i = 0; i < nitems(parts); i++) {
		v = tcpinfo_or0(r->ext, parts[i].id);
		if (v == 0)
			continue;
		buf_puts(&b, ", ");
		words_count(&b, v, parts[i].one, parts[i].many);
	}
	describe_buf(d, "Losses", &b);
}

static void
about_idle(struct describe *d, const struct sock_ext *ext)
{
	static const struct {
		enum tcpinfo_id id;
		const char *what;
	} parts[] = { { TCPI_LAST_DATA_SENT, "sent" },
		{ TCPI_LAST_DATA_RECV, "received" },
		{ TCPI_LAST_ACK_RECV, "acknowledged" } };
	struct buf b = { 0 };
	uint64_t v;
	size_t i;

	for (i = 0; i < nitems(parts); i++) {
		if (!tcpinfo_get(ext, parts[i].id, &v))
			continue;
		if (b.len > 0)
			buf_puts(&b, ", ");
		buf_puts(&b, parts[i].what);
		buf_putc(&b, ' ');
		words_time(&b, v * MS);
		buf_puts(&b, " ago");
	}
	describe_buf(d, "Last data", &b);
}

static void
about_sizes(
    struct describe *d, const struct numbers *n, const struct sock_ext *ext)
{
	static const struct {
		enum tcpinfo_id id;
		const char *what;
	} parts[] = { { TCPI_RCV_MSS, "the peer's at most" },
		{ TCPI_ADVMSS, "offered to the peer" },
		{ TCPI_PMTU, "largest packet on the path" } };
	struct buf b = { 0 };
	uint64_t v;
	size_t i;

	if (n->mss == 0)
		return;
	buf_printf(&b, "segments of %llu bytes", (ull)n->mss);
	for (i = 0; i < nitems(parts); i++) {
		v = tcpinfo_or0(ext, parts[i].id);
		if (v != 0)
			buf_printf(&b, ", %s %llu", parts[i].what, (ull)v);
	}
	describe_buf(d, "Sizes", &b);
}

static void
about_options(struct describe *d, const struct sock_ext *ext)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { TCPI_HAS_TIMESTAMPS, "timestamps" },
		{ TCPI_HAS_USEC_TS, "in microseconds" },
		{ TCPI_HAS_SACK, "selective acknowledgements" },
		{ TCPI_HAS_ECN, "congestion marks (ECN)" },
		{ TCPI_HAS_ECN_SEEN, "marks seen" },
		{ TCPI_HAS_SYN_DATA, "data in the SYN (fast open)" } };
	uint64_t options;
	struct buf b = { 0 };
	size_t i;

	if (!tcpinfo_get(ext, TCPI_OPTIONS, &options))
		return;
	for (i = 0; i < nitems(names); i++) {
		if ((options & names[i].bit) == 0)
			continue;
		if (b.len > 0)
			buf_puts(&b, ", ");
		buf_puts(&b, names[i].name);
	}
	if ((options & TCPI_HAS_WSCALE) != 0)
		buf_printf(&b,
		    "%swindows scaled by 2^%llu sending, 2^%llu receiving",
		    b.len > 0 ? ", " : "",
		    (ull)tcpinfo_or0(ext, TCPI_SND_WSCALE),
		    (ull)tcpinfo_or0(ext, TCPI_RCV_WSCALE));
	describe_buf(d, "Options", &b);
}

/* enum tcp_ca_state, linux/tcp.h */
static void
about_congestion(struct describe *d, const struct sock_ext *ext)
{
	static const char *const states[] = { "all is well",
		"something is odd, not yet a loss",
		"slowing down: a congestion mark or a local queue",
		"a loss is being repaired", "a timeout: starting over" };
	uint64_t v;

	if (ext == NULL || ext->cc[0] == '\0')
		return;
	if (tcpinfo_get(ext, TCPI_CA_STATE, &v) && v < nitems(states))
		describe_line(d, "Congestion", "%s: %s", ext->cc, states[v]);
	else
		describe_line(d, "Congestion", "%s", ext->cc);
}

void
describe_tcp(struct describe *d, const struct row *r)
{
	struct numbers n;

	if (r->rec.state == SOCK_LISTEN || r->rec.state == SOCK_BOUND ||
	    !numbers_get(r, &n))
		return;
	describe_heading(d, "TCP");
	about_rtt(d, &n, r->ext);
	about_window(d, &n, r->ext);
	about_speed(d, r, &n);
	about_limits(d, r->ext);
	about_bytes(d, r);
	about_losses(d, r, &n);
	about_idle(d, r->ext);
	about_sizes(d, &n, r->ext);
	about_options(d, r->ext);
	about_congestion(d, r->ext);
	if (r->ext != NULL && r->ext->has_ulp)
		describe_line(
		    d, "Layer above", "%s, in the kernel", r->ext->ulp);
}

/* "4.0K of at most 131K bytes": what is taken, and the limit. */
static void
memory_use(struct describe *d, const char *label, const struct sock_ext *ext,
    unsigned used, unsigned limit)
{
	char unit[TEXT_UNIT_MAX];
	struct buf b = { 0 };

	if (ext->skmem_n <= used || ext->skmem_n <= limit)
		return;
	buf_printf(&b, "%s of at most ", text_bytes(unit, ext->skmem[used]));
	words_bytes(&b, ext->skmem[limit]);
	describe_buf(d, label, &b);
}

/* The rest is mostly nothing, and then not worth a line. */
void
describe_memory(struct describe *d, const struct row *r)
{
	static const struct {
		const char *words;
		unsigned i;
	} more[] = {
		{ "handed to the network layer", SKMEM_TMEM },
		{ "set aside and not in use", SKMEM_FWD },
		{ "taken by socket options", SKMEM_OPTMEM },
		{ "arrived while the process held the socket", SKMEM_BACKLOG },
	};
	const char *label = "Beside";
	struct buf b = { 0 };
	unsigned i;

	if (r->ext == NULL || r->ext->skmem_n <= SKMEM_RCVBUF)
		return;
	describe_heading(d, "Memory");
	memory_use(d, "Receiving", r->ext, SKMEM_RMEM, SKMEM_RCVBUF);
	memory_use(d, "Sending", r->ext, SKMEM_WMEM, SKMEM_SNDBUF);
	for (i = 0; i < nitems(more); i++) {
		if (r->ext->skmem_n <= more[i].i ||
		    r->ext->skmem[more[i].i] == 0)
			continue;
		words_bytes(&b, r->ext->skmem[more[i].i]);
		buf_putc(&b, ' ');
		buf_puts(&b, more[i].words);
		describe_buf(d, label, &b);
		label = NULL;
	}
	if (r->ext->skmem_n <= SKMEM_DROPS)
		return;
	if (r->ext->skmem[SKMEM_DROPS] == 0) {
		describe_line(d, "Drops", "none");
		return;
	}
	words_count(&b, r->ext->skmem[SKMEM_DROPS], "packet", "packets");
	buf_puts(&b, " dropped for want of room");
	describe_buf(d, "Drops", &b);
}
