/* SPDX-License-Identifier: ISC */
/*
 * The story of a connection's data: what waits and for whom, who holds it up,
 * and how well the path carries it.
 */
#include "config.h"

#include "base/array.h"
#include "model/narrate_lines.h"
#include "model/tcpinfo.h"
#include "model/words.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* Unread for so long, a program is busy with something else. */
#define UNREAD_MS 5000
/* No data for so long: idle. */
#define IDLE_MS 60000
/* Sent something so recently that it is at it. */
#define SENDS_MS 10000
/* A share of the sending time worth a word; less is noise. */
#define HELD_UP_PERCENT 20
#define BUSY_MIN_US     100000
/* Sent again: from 1 % on throughput suffers visibly (it falls with the root
 * of the loss, RFC 3819 section 8.5). */
#define LOSS_PERMILLE 10
#define LOSS_MIN_SEGS 100
/* Queues on the path: this much and so many times the least round trip. */
#define BLOAT_US    50000
#define BLOAT_TIMES 4
/* RFC 8200 section 5: every IPv6 link carries this. */
#define PMTU_SMALL 1280

static bool
persists(const struct story *s)
{
	return s->row->rec.timer == TIMER_PERSIST;
}

static uint64_t
ext(const struct story *s, enum tcpinfo_id id)
{
	return tcpinfo_or0(s->row->ext, id);
}

/* -- what has come in ------------------------------------------------------ */

/* The FIN counts in CLOSE-WAIT, whose story tells of it. */
static void
tell_receiving(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t ms, room = ext(s, TCPI_RCV_WND);
	bool full, old;
	struct buf b = { 0 };

	if (r->recvq == 0 || r->state == SOCK_CLOSE_WAIT)
		return;
	full = room == 0 && tcpinfo_get(s->row->ext, TCPI_RCV_WND, &ms);
	old = tcpinfo_get(s->row->ext, TCPI_LAST_DATA_RECV, &ms) &&
	      ms >= UNREAD_MS;
	words_bytes(&b, r->recvq);
	buf_printf(&b, " have come in that %s%s read",
	    story_orphan(s) ? "no program" : s->who,
	    story_orphan(s) ? " has" : " has not");
	if (old) {
		buf_puts(&b, ", the last of it ");
		words_time(&b, ms * MS);
		buf_puts(&b, " ago");
	}
	buf_putc(&b, '.');
	if (full)
		buf_puts(&b, " The receive buffer is full: our window is "
			     "closed and the peer must wait.");
	story_buf(s, full || old ? NARRATE_WRONG : NARRATE_NOW, &b);
	if (full && !story_orphan(s))
		story_tell(s, NARRATE_NEXT,
		    "%s must read; then the kernel opens the window.", s->who);
}

/* -- what has to go out ---------------------------------------------------- */

static void
put_timer(const struct story *s, struct buf *b, const char *what)
{
	if (s->row->rec.timer_ms == 0)
		return;
	buf_puts(b, what);
	words_time(b, (uint64_t)s->row->rec.timer_ms * MS);
}

/*
 * A socket that no program holds is not kept for ever, answers or not: once
 * the pause has reached TCP_RTO_MAX, tcp_probe_timer() ends it.
 */
static void
tell_orphan_window(struct story *s)
{
	struct buf b = { 0 };

	buf_printf(&b,
	    "%s must read. No program here holds the socket any more, so the "
	    "kernel asks only until the pause has grown to 2 minutes; then it "
	    "drops the socket and what waits, answers or not; without answers "
	    "sooner (",
	    s->far);
	story_setting(s, &b, "tcp_orphan_retries", s->limits.orphan_retries);
	buf_puts(&b, ").");
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_window_closed(struct story *s)
{
	unsigned probes = s->row->rec.retrans;
	uint64_t backoff = ext(s, TCPI_BACKOFF);
	struct buf b = { 0 };

	buf_puts(&b, "The peer's window is closed: ");
	words_bytes(&b, s->row->rec.sendq);
	buf_printf(&b, " wait here because %s does not read", s->far);
	put_timer(s, &b, ". The kernel asks again in ");
	if (backoff > 0) {
		buf_puts(&b, ", having doubled the pause ");
		words_count(&b, backoff, "time", "times");
	}
	buf_putc(&b, '.');
	story_buf(s, NARRATE_WRONG, &b);
	if (story_orphan(s)) {
		tell_orphan_window(s);
		return;
	}
	buf_printf(&b, "%s must read. ", s->far);
	if (probes > 0)
		words_count(&b, probes, "question has", "questions have");
	buf_puts(
	    &b, probes > 0
		    ? " no answer yet; without any the kernel gives up ("
		    : "Its kernel answers the questions, so this can last for "
		      "ever; without answers ours would give up (");
	story_setting(s, &b, "tcp_retries2", s->limits.retries2);
	buf_puts(&b, ").");
	story_buf(s, NARRATE_NEXT, &b);
}

/*
 * How long ago the first try was: the pauses so far, from the one that runs
 * and how often it was doubled. 0: cannot be told (the longest pause hides
 * it).
 */
static uint64_t
tried_for_ns(const struct story *s)
{
	uint64_t rto = ext(s, TCPI_RTO) * US;
	uint64_t backoff = ext(s, TCPI_BACKOFF);
	uint64_t left = (uint64_t)s->row->rec.timer_ms * MS;

	if (rto == 0 || rto >= 120 * S || backoff == 0 || backoff > 20 ||
	    left > rto)
		return 0;
	return 2 * rto - (rto >> backoff) - left;
}

static void
tell_repeats(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	bool orphan = story_orphan(s);
	uint64_t tried = tried_for_ns(s), backoff = ext(s, TCPI_BACKOFF);
	uint64_t whole = orphan ? tcp_limits_orphan_ns(&s->limits)
				: tcp_limits_data_ns(&s->limits);
	struct buf b = { 0 };

	buf_printf(&b, "%s does not acknowledge: ", s->peer);
	words_bytes(&b, r->sendq);
	buf_puts(&b, " wait, sent again ");
	words_count(&b, r->retrans, "time", "times");
	put_timer(s, &b, ", next in ");
	if (backoff > 0) {
		buf_puts(&b, " (the pause was doubled ");
		words_count(&b, backoff, "time)", "times)");
	}
	buf_puts(&b, ". The path is cut, the machine is gone, or a firewall "
		     "dropped the connection.");
	story_buf(s, NARRATE_WRONG, &b);
	buf_puts(&b, "Without an answer the kernel gives up ");
	if (tried != 0 && tried < whole) {
		buf_puts(&b, "in about ");
		words_time(&b, whole - tried);
	} else {
		buf_puts(&b, "about ");
		words_time(&b, whole);
		buf_puts(&b, " after the first try");
	}
	buf_puts(&b, " (");
	if (orphan)
		story_setting(
		    s, &b, "tcp_orphan_retries", s->limits.orphan_retries);
	else
		story_setting(s, &b, "tcp_retries2", s->limits.retries2);
	buf_printf(&b, ")%s.",
	    orphan ? ""
		   : "; the program then reads ETIMEDOUT. A program's own "
		     "TCP_USER_TIMEOUT ends it sooner");
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_sending(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t notsent = ext(s, TCPI_NOTSENT);
	struct buf b = { 0 };

	if (r->sendq == 0)
		return;
	if (persists(s)) {
		tell_window_closed(s);
		return;
	}
	if (r->timer == TIMER_RETRANSMIT && r->retrans > 0) {
		tell_repeats(s);
		return;
	}
	words_bytes(&b, r->sendq);
	buf_puts(&b, " are on their way and not acknowledged yet");
	if (notsent > 0) {
		buf_puts(&b, "; ");
		words_bytes(&b, notsent);
		buf_puts(&b, " of them wait to be sent at all");
	}
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NOW, &b);
}

/* Nothing of the other end's or of this one's: then the path, or nobody. */
static void
tell_no_brake(struct story *s)
{
	uint64_t idle;
	struct buf b = { 0 };

	if (ext(s, TCPI_NOTSENT) > 0 && !story_wrong(s)) {
		buf_puts(&b, "The path is the brake: ");
		words_count(&b, ext(s, TCPI_SND_CWND), "segment", "segments");
		buf_puts(&b, " may be on their way at a time (congestion "
			     "window), and a round trip takes ");
		words_time(&b, ext(s, TCPI_RTT) * US);
		buf_putc(&b, '.');
		story_buf(s, NARRATE_NOW, &b);
	} else if (s->row->rec.sendq == 0 && ext(s, TCPI_APP_LIMITED) != 0 &&
		   tcpinfo_get(s->row->ext, TCPI_LAST_DATA_SENT, &idle) &&
		   idle < SENDS_MS)
		story_tell(s, NARRATE_NOW,
		    "Nothing holds up the sending but %s itself: it sends "
		    "less than the path would take.",
		    s->who);
}

/* Which brake was on while there was something to send. */
static void
tell_brake(struct story *s)
{
	static const struct {
		enum tcpinfo_id id;
		const char *words;
	} brakes[] = {
		{ TCPI_RWND_LIMITED,
		    "the peer's window held it up: the receiver is the brake" },
		{ TCPI_SNDBUF_LIMITED,
		    "the send buffer was too small for the path "
		    "(SO_SNDBUF, net.ipv4.tcp_wmem)" },
	};
	uint64_t busy = ext(s, TCPI_BUSY_TIME), held;
	struct buf b = { 0 };
	bool any = false;
	size_t i;

	if (busy < BUSY_MIN_US)
		return;
	for (i = 0; i < nitems(brakes); i++) {
		held = ext(s, brakes[i].id);
		if (held * 100 < busy * HELD_UP_PERCENT)
			continue;
		buf_puts(&b, "Of ");
		words_time(&b, busy * US);
		buf_puts(&b, " with data to send, ");
		words_share(&b, held, busy);
		buf_printf(&b, " went by while %s.", brakes[i].words);
		story_buf(s, NARRATE_NOW, &b);
		any = true;
	}
	if (!any)
		tell_no_brake(s);
}

void
story_data(struct story *s)
{
	if ((s->row->rec.known & KNOWN_QUEUES) == 0)
		return;
	tell_receiving(s);
	tell_sending(s);
	tell_brake(s);
}

/* -- nothing moves --------------------------------------------------------- */

/* Keepalive asks and nobody answers. */
static void
tell_no_life(struct story *s)
{
	struct buf b = { 0 };

	buf_puts(&b, "The peer does not answer: ");
	words_count(&b, s->row->rec.retrans, "keepalive probe has",
	    "keepalive probes have");
	buf_puts(&b, " no answer");
	put_timer(s, &b, ", the next one goes out in ");
	buf_putc(&b, '.');
	story_buf(s, NARRATE_WRONG, &b);
	buf_printf(&b, "After enough of them (");
	story_setting(
	    s, &b, "tcp_keepalive_probes", s->limits.keepalive_probes);
	buf_printf(&b,
	    ", unless %s set its own) the kernel ends the "
	    "connection, and the program reads ETIMEDOUT.",
	    s->who);
	story_buf(s, NARRATE_NEXT, &b);
}

void
story_quiet(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t sent, got, ms;
	struct buf b = { 0 };

	if (r->timer == TIMER_KEEPALIVE && r->retrans > 0) {
		tell_no_life(s);
		return;
	}
	if (!tcpinfo_get(s->row->ext, TCPI_LAST_DATA_SENT, &sent) ||
	    !tcpinfo_get(s->row->ext, TCPI_LAST_DATA_RECV, &got))
		return;
	ms = sent < got ? sent : got;
	if (ms < IDLE_MS || r->sendq > 0 || r->recvq > 0)
		return;
	buf_puts(&b, "Idle: no data either way for ");
	words_time(&b, ms * MS);
	buf_putc(&b, '.');
	if ((r->known & KNOWN_TIMER) == 0) {
		story_buf(s, NARRATE_NOW, &b);
	} else if (r->timer == TIMER_KEEPALIVE) {
		put_timer(
		    s, &b, " Keepalive is on: the kernel asks the peer in ");
		buf_puts(&b, r->timer_ms != 0 ? "." : " Keepalive is on.");
		story_buf(s, NARRATE_NOW, &b);
	} else {
		buf_puts(&b, " Keepalive is off: should the peer be gone, "
			     "nobody notices before something is sent.");
		story_buf(s, NARRATE_NOW, &b);
	}
}

/* -- the path -------------------------------------------------------------- */

static void
tell_losses(struct story *s)
{
	uint64_t all = ext(s, TCPI_DATA_SEGS_OUT);
	uint64_t again = ext(s, TCPI_TOTAL_RETRANS);
	struct buf b = { 0 };

	if (all < LOSS_MIN_SEGS || again * 1000 < all * LOSS_PERMILLE)
		return;
	words_share(&b, again, all);
	buf_puts(&b, " of the segments had to be sent again: the path loses "
		     "packets.");
	story_buf(s, NARRATE_WRONG, &b);
}

static void
tell_bloat(struct story *s)
{
	uint64_t rtt = ext(s, TCPI_RTT), least = ext(s, TCPI_MIN_RTT);
	struct buf b = { 0 };

	if (least == 0 || least == UINT32_MAX || rtt < least + BLOAT_US ||
	    rtt < least * BLOAT_TIMES)
		return;
	buf_puts(&b, "A round trip takes ");
	words_time(&b, rtt * US);
	buf_puts(&b, ", ");
	words_time(&b, least * US);
	buf_puts(&b, " at best: packets queue somewhere on the path "
		     "(bufferbloat), or the peer answers late.");
	story_buf(s, NARRATE_WRONG, &b);
}

static void
tell_small(struct story *s)
{
	uint64_t pmtu = ext(s, TCPI_PMTU);

	if (pmtu != 0 && pmtu < PMTU_SMALL)
		story_tell(s, NARRATE_WRONG,
		    "The path carries packets of %llu bytes only (%u bytes of "
		    "data each): a tunnel, or a wrong MTU on the way.",
		    (unsigned long long)pmtu, s->row->rec.mss);
}

void
story_path(struct story *s)
{
	tell_losses(s);
	tell_bloat(s);
	tell_small(s);
}
