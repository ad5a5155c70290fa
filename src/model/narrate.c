/* SPDX-License-Identifier: ISC */
/*
 * The story of one socket, state by state. Says what follows from what is
 * known and no more; "at least" where the beginning was not seen.
 */
#include "config.h"

#include "model/narrate.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/column_get.h"
#include "model/narrate_lines.h"
#include "model/tcpinfo.h"
#include "model/words.h"

#define MS           UINT64_C(1000000)
#define S            UINT64_C(1000000000)
#define TIME_WAIT_MS 60000 /* TCP_TIMEWAIT_LEN, include/net/tcp.h */
/* A program that closes at all does so within this. */
#define LEAK_NS (60 * S)
/* It waits to be accepted for longer than a busy program takes. */
#define ACCEPT_SLOW_NS (3 * S)
/* Sent something so recently that the half-close is in use. */
#define STILL_SENDS_MS 10000

const char *
narrate_label(enum narrate_kind kind)
{
	static const char *const labels[NARRATE_N] = { [NARRATE_NOW] = "Now",
		[NARRATE_WRONG] = "Wrong",
		[NARRATE_NEXT] = "Next",
		[NARRATE_DO] = "To do" };

	return labels[kind];
}

static void
add(struct narrate *n, enum narrate_kind kind, char *text)
{
	n->line = array_grow(n->line, &n->cap, n->n + 1, sizeof(*n->line));
	n->line[n->n].kind = kind;
	n->line[n->n++].text = text;
}

void
narrate_done(struct narrate *n)
{
	size_t i;

	for (i = 0; i < n->n; i++)
		free(n->line[i].text);
	free(n->line);
	memset(n, 0, sizeof(*n));
}

void
story_tell(struct story *s, enum narrate_kind kind, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	if (text[0] >= 'a' && text[0] <= 'z' && strncmp(text, "the ", 4) == 0)
		text[0] = 'T';
	add(s->out, kind, text);
}

void
story_buf(struct story *s, enum narrate_kind kind, struct buf *b)
{
	char *text;

	if (b->len == 0)
		return;
	text = buf_steal(b);
	story_tell(s, kind, "%s", text);
	free(text);
}

void
story_age(const struct story *s, struct buf *b)
{
	if (s->at_least)
		buf_puts(b, "at least ");
	words_time(b, s->in_ns);
}

void
story_setting(
    const struct story *s, struct buf *b, const char *name, uint32_t value)
{
	buf_printf(b, "net.ipv4.%s is %u%s", name, value,
	    s->limits.netns == 0 ? " unless changed" : "");
}

bool
story_orphan(const struct story *s)
{
	return (s->row->rec.flags & SOCKF_ORPHAN) != 0;
}

bool
story_wrong(const struct story *s)
{
	size_t i;

	for (i = 0; i < s->out->n; i++)
		if (s->out->line[i].kind == NARRATE_WRONG)
			return true;
	return false;
}

static char *
name_of(const struct row *r, const char *otherwise)
{
	char *name;

	if (r == NULL || r->owners.proc == NULL)
		return xstrdup(otherwise);
	xasprintf(
	    &name, "%s (%d)", r->owners.proc->comm, (int)r->owners.proc->pid);
	return name;
}

static char *
end_of(const struct row *r, bool peer, const struct view_ctx *ctx)
{
	struct view_ctx numeric = *ctx;
	struct buf b = { 0 };

	numeric.numeric_ports = true;
	numeric.names_beside = false;
	numeric.resolve = false;
	column_put_endpoint(r, peer, true, &numeric, &b);
	return b.len == 0 ? xstrdup("-") : buf_steal(&b);
}

/* -- before there is a connection ------------------------------------------ */

static void
tell_listen(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	char *here = end_of(s->row, false, s->ctx);
	struct buf b = { 0 };

	story_tell(s, NARRATE_NOW,
	    "%s waits for connections on %s. Each client "
	    "gets a socket of its own; this one stays.",
	    s->who, here);
	free(here);
	if ((r->known & KNOWN_QUEUES) == 0)
		return;
	if ((r->flags & SOCKF_NO_LIMIT) != 0) {
		if (r->recvq > 0)
			story_tell(s, NARRATE_NOW,
			    "%u finished connections wait for its accept(); "
			    "the limit is not known.",
			    r->recvq);
		return;
	}
	if (r->recvq > r->sendq) {
		buf_puts(&b, "The accept queue is full: ");
		words_count(
		    &b, r->recvq, "connection waits", "connections wait");
		buf_printf(&b,
		    ", more than its limit of %u. %s does not call accept(), "
		    "or too slowly. New clients get no answer and try again "
		    "until they give up.",
		    r->sendq, s->who);
		story_buf(s, NARRATE_WRONG, &b);
		story_tell(s, NARRATE_DO,
		    "See what %s does instead of accepting. A higher limit "
		    "(the backlog of listen(2), at most net.core.somaxconn) "
		    "only moves the moment.",
		    s->who);
	} else if (r->recvq > 0)
		story_tell(s, NARRATE_NEXT,
		    "%s must call accept(): %u of at most %u connections "
		    "wait. If that does not fall, it is too slow.",
		    s->who, r->recvq, r->sendq + 1);
	else
		story_tell(s, NARRATE_NEXT,
		    "A client must connect. None waits to be accepted.");
}

/* A listener here whose queue is full drops the SYN without a word. */
static const struct row *
target_listener(const struct story *s)
{
	struct row target = { .rec = s->row->rec };

	target.rec.local = s->row->rec.peer;
	target.rec.peer = s->row->rec.local;
	return table_listener(s->ctx->table, &target);
}

static void
tell_syn_silence(struct story *s)
{
	const struct row *l = target_listener(s);
	char *name;

	if (l == NULL || (l->rec.known & KNOWN_QUEUES) == 0 ||
	    (l->rec.flags & SOCKF_NO_LIMIT) != 0 ||
	    l->rec.recvq <= l->rec.sendq) {
		story_tell(s, NARRATE_WRONG,
		    "No answer at all, not even a refusal (RST): a firewall "
		    "drops it, the machine is down, there is no way there or "
		    "back, or the accept queue of the program there is full.");
		return;
	}
	name = name_of(l, "a program not known");
	story_tell(s, NARRATE_WRONG,
	    "The listener is on this machine, %s, and its accept queue is "
	    "full (%u wait, the limit is %u): the kernel drops the SYN.",
	    name, l->rec.recvq, l->rec.sendq);
	story_tell(s, NARRATE_NEXT, "%s must call accept().", name);
	free(name);
}

/* The repeats tell better how long ago it began than the readings do. */
static void
syn_age(struct story *s, uint64_t next)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t whole = tcp_limits_syn_left_ns(&s->limits, 0, S), left;

	if (r->timer != TIMER_RETRANSMIT || r->timer_ms == 0)
		return;
	left = tcp_limits_syn_left_ns(&s->limits, r->retrans, next);
	if (whole < left || whole - left <= s->in_ns)
		return;
	s->in_ns = whole - left;
	s->at_least = false;
}

static void
tell_syn_sent(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t next = (uint64_t)r->timer_ms * MS;
	struct buf b = { 0 };

	syn_age(s, next);
	buf_printf(&b, "%s called connect(). The SYN to %s went out ", s->who,
	    s->peer);
	story_age(s, &b);
	buf_puts(&b, " ago, and nothing has come back.");
	if (r->timer == TIMER_RETRANSMIT && r->retrans > 0) {
		buf_puts(&b, " It was sent again ");
		words_count(&b, r->retrans, "time.", "times.");
	}
	story_buf(s, NARRATE_NOW, &b);
	if (r->retrans > 0 || s->in_ns >= ACCEPT_SLOW_NS)
		tell_syn_silence(s);
	buf_puts(&b, "SYN-ACK makes it ESTABLISHED, RST ends it as refused.");
	if (r->timer == TIMER_RETRANSMIT && r->timer_ms > 0) {
		buf_puts(&b, " Else the SYN is sent again in ");
		words_time(&b, next);
		buf_puts(&b, ", and in about ");
		words_time(
		    &b, tcp_limits_syn_left_ns(&s->limits, r->retrans, next));
		buf_puts(&b, " connect() fails with ETIMEDOUT (");
		story_setting(s, &b, "tcp_syn_retries", s->limits.syn_retries);
		buf_puts(&b, ").");
	}
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_syn_received(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t next = (uint64_t)r->timer_ms * MS;
	struct buf b = { 0 };

	buf_printf(
	    &b, "A SYN came from %s and was answered with SYN-ACK ", s->peer);
	story_age(s, &b);
	buf_puts(&b, " ago. No program knows of it yet.");
	if (r->retrans > 0) {
		buf_puts(&b, " The SYN-ACK was sent again ");
		words_count(&b, r->retrans, "time.", "times.");
	}
	story_buf(s, NARRATE_NOW, &b);
	if (r->retrans > 0)
		story_tell(s, NARRATE_WRONG,
		    "The client's ACK does not come: our answers do not reach "
		    "it, its address is forged, or it only scans.");
	buf_puts(&b, "The client's ACK makes it ESTABLISHED.");
	if (r->timer_ms > 0) {
		buf_puts(&b, " Else it is forgotten in about ");
		words_time(&b,
		    tcp_limits_synack_left_ns(&s->limits, r->retrans, next));
		buf_puts(&b, " (");
		story_setting(
		    s, &b, "tcp_synack_retries", s->limits.synack_retries);
		buf_puts(&b, ").");
	}
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_bound(struct story *s)
{
	char *here = end_of(s->row, false, s->ctx);

	story_tell(s, NARRATE_NOW,
	    "%s called bind() on %s, and neither "
	    "listen() nor connect(): the port is taken, and nobody can reach "
	    "it.",
	    s->who, here);
	story_tell(s, NARRATE_NEXT,
	    "%s must listen, connect or close. Until then another bind() to "
	    "it fails with EADDRINUSE.",
	    s->who);
	free(here);
}

static void
tell_closed(struct story *s)
{
	story_tell(s, NARRATE_NOW,
	    "Not connected; %s still holds the "
	    "descriptor.",
	    s->who);
	story_tell(
	    s, NARRATE_NEXT, "%s must connect, listen or close.", s->who);
}

/* -- while it is open ------------------------------------------------------ */

/* Complete, but no program has it yet. */
static bool
tell_unaccepted(struct story *s)
{
	char *name;
	struct buf b = { 0 };

	if (!story_orphan(s) || s->row->owners.proc != NULL)
		return false;
	name = name_of(s->listen, "the program that listens there");
	buf_printf(&b, "The handshake with %s is done. For ", s->peer);
	story_age(s, &b);
	buf_printf(&b,
	    " it has waited in the accept queue: %s has not called "
	    "accept() for it.",
	    name);
	story_buf(s, NARRATE_NOW, &b);
	if (s->in_ns >= ACCEPT_SLOW_NS)
		story_tell(s, NARRATE_WRONG,
		    "%s does not accept. The client believes to be served.",
		    name);
	story_tell(s, NARRATE_NEXT, "%s must call accept().", name);
	free(name);
	return true;
}

static void
tell_established(struct story *s)
{
	char *here;
	struct buf b = { 0 };

	if (tell_unaccepted(s)) {
		story_data(s);
		return;
	}
	buf_puts(&b, "Open for ");
	story_age(s, &b);
	buf_printf(&b, ", between %s and %s", s->who,
	    s->pair != NULL ? s->far : s->peer);
	if (s->listen != NULL) {
		here = end_of(s->listen, false, s->ctx);
		buf_printf(&b, ", accepted from the listener on %s", here);
		free(here);
	}
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NOW, &b);
	story_data(s);
	story_quiet(s);
	story_path(s);
	if (story_wrong(s))
		return;
	story_tell(s, NARRATE_NEXT,
	    "Either program may close: the first one's side goes to "
	    "FIN-WAIT-1, the other's to CLOSE-WAIT.");
}

/* -- while it closes ------------------------------------------------------- */

static bool
still_sends(const struct story *s)
{
	uint64_t ms;

	return tcpinfo_get(s->row->ext, TCPI_LAST_DATA_SENT, &ms) &&
	       ms < STILL_SENDS_MS && ms * MS < s->in_ns &&
	       s->row->rec.bytes_sent > 0;
}

/* The peer's FIN counts as a byte of the queue until the program has read up
 * to it (tcp_diag.c, tcp_recvmsg()). */
static void
tell_unread(struct story *s, uint32_t recvq)
{
	if (recvq > 1)
		return;
	story_tell(s, NARRATE_NOW,
	    recvq == 1 ? "All data is read, but not its end: %s has not "
			 "noticed yet that the peer closed."
		       : "%s has read all, the end too: it knows that the "
			 "peer closed.",
	    s->who);
}

static void
tell_close_wait(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	bool unread = (r->known & KNOWN_QUEUES) != 0 && r->recvq > 1;
	struct buf b = { 0 };

	if (s->pair != NULL)
		buf_printf(&b, "%s, the peer, closed ", s->far);
	else
		buf_puts(&b, "The peer closed ");
	story_age(s, &b);
	buf_puts(&b, " ago");
	if (unread) {
		buf_puts(&b, ", ");
		words_bytes(&b, r->recvq - 1);
		buf_puts(&b, " unread");
	}
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NOW, &b);
	if (tell_unaccepted(s))
		return;
	if ((r->known & KNOWN_QUEUES) != 0)
		tell_unread(s, r->recvq);
	if (still_sends(s))
		story_tell(s, NARRATE_NOW,
		    "%s has not called close() and still sends: a half-close "
		    "in use, not a leak.",
		    s->who);
	else if (s->in_ns >= LEAK_NS)
		story_tell(s, NARRATE_WRONG,
		    "%s never called close(): a leak in that program. Each "
		    "such socket takes one of its descriptors.",
		    s->who);
	else
		story_tell(s, NARRATE_NOW,
		    "%s has not called close() yet. For a moment that is "
		    "normal; after a minute it is a leak in that program.",
		    s->who);
	story_data(s);
	story_tell(s, NARRATE_NEXT,
	    "%s must close: no timer ends this state. Then %s.", s->who,
	    unread ? "a RST goes out, for want of reading what is unread "
		     "(RFC 2525 section 2.17), and the socket is gone"
		   : "our FIN goes out (LAST-ACK), and with the peer's ACK the "
		     "socket is gone");
	if (s->in_ns >= LEAK_NS && !still_sends(s))
		story_tell(s, NARRATE_DO,
		    "Restarting %s frees it, and no kernel setting does; the "
		    "program needs the fix.",
		    s->who);
}

/* Until when the kernel goes on by itself. */
static void
put_gives_up(struct story *s, struct buf *b)
{
	buf_puts(b, "without an answer the kernel gives up about ");
	if (story_orphan(s)) {
		words_time(b, tcp_limits_orphan_ns(&s->limits));
		buf_puts(b, " after the first try (");
		story_setting(
		    s, b, "tcp_orphan_retries", s->limits.orphan_retries);
	} else {
		words_time(b, tcp_limits_data_ns(&s->limits));
		buf_puts(b, " after the first try (");
		story_setting(s, b, "tcp_retries2", s->limits.retries2);
	}
	buf_putc(b, ')');
}

static void
tell_fin_wait_1(struct story *s)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s closed ", s->who);
	story_age(s, &b);
	buf_printf(&b,
	    " ago; the FIN to %s, or data before it, is not "
	    "acknowledged yet.",
	    s->peer);
	story_buf(s, NARRATE_NOW, &b);
	story_data(s);
	buf_puts(&b, "The other machine's kernel must acknowledge: then "
		     "FIN-WAIT-2; ");
	put_gives_up(s, &b);
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_fin_wait_2(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	struct buf b = { 0 };

	buf_printf(&b, "%s closed ", s->who);
	story_age(s, &b);
	buf_printf(&b,
	    " ago and the peer's kernel has confirmed it; %s has "
	    "not closed.",
	    s->far);
	story_buf(s, NARRATE_NOW, &b);
	if (!story_orphan(s)) {
		story_tell(s, NARRATE_NOW,
		    "%s shut down its sending side only (shutdown(2)) and can "
		    "still read: a half-close.",
		    s->who);
		story_data(s);
		story_quiet(s);
	}
	if (s->pair != NULL && s->pair->rec.state == SOCK_CLOSE_WAIT)
		buf_printf(&b,
		    "%s must close its end, which is in CLOSE-WAIT "
		    "on this machine; then TIME-WAIT here.",
		    s->far);
	else
		buf_printf(&b, "%s must close; then TIME-WAIT here.", s->far);
	if (!story_orphan(s))
		buf_puts(&b, " While a program holds this socket, no timer "
			     "ends it.");
	else if (r->timer_ms > 0) {
		buf_puts(&b, " The kernel stops waiting in ");
		words_time(&b, (uint64_t)r->timer_ms * MS);
		buf_puts(&b, " (");
		story_setting(
		    s, &b, "tcp_fin_timeout", s->limits.fin_timeout_s);
		buf_puts(&b, ").");
	}
	story_buf(s, NARRATE_NEXT, &b);
}

/* CLOSING and LAST-ACK: only the ACK of our FIN is missing. */
static void
tell_last_acks(struct story *s)
{
	bool closing = s->row->rec.state == SOCK_CLOSING;
	struct buf b = { 0 };

	if (closing)
		buf_printf(
		    &b, "%s and the peer closed at the same moment, ", s->who);
	else
		buf_printf(&b, "The peer closed first, then %s, ", s->who);
	story_age(s, &b);
	buf_printf(&b, " ago; the ACK of our FIN is missing.");
	story_buf(s, NARRATE_NOW, &b);
	story_data(s);
	buf_printf(&b, "The other machine's kernel must acknowledge: then %s; ",
	    closing ? "TIME-WAIT" : "the socket is gone, without TIME-WAIT");
	put_gives_up(s, &b);
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NEXT, &b);
}

static void
tell_time_wait(struct story *s)
{
	const struct table *t = s->ctx->table;
	const struct sock_rec *r = &s->row->rec;
	char *here = end_of(s->row, false, s->ctx);
	struct buf b = { 0 };

	buf_puts(&b, "The connection has been over for ");
	story_age(s, &b);
	if (s->row->owners.proc != NULL)
		buf_printf(&b, "; %s closed it", s->who);
	buf_printf(&b,
	    ". This side closed first, so this side keeps the pair "
	    "%s, %s: late segments must not reach a new connection, and the "
	    "last ACK may have to be repeated.",
	    here, s->peer);
	story_buf(s, NARRATE_NOW, &b);
	buf_puts(&b, "Nobody must act: ");
	if (r->timer_ms > 0) {
		buf_puts(&b, "in ");
		words_time(&b, (uint64_t)r->timer_ms * MS);
		buf_puts(&b, " it is gone.");
	} else
		buf_puts(&b, "a timer of 60 s removes it.");
	story_buf(s, NARRATE_NEXT, &b);
	/* A client's port is nobody's to start again on. */
	if (s->listen == NULL && t->ephemeral_hi != 0 &&
	    (r->local.port < t->ephemeral_lo ||
		r->local.port > t->ephemeral_hi))
		story_tell(s, NARRATE_DO,
		    "Does it keep a server from starting again on its port? "
		    "Servers set SO_REUSEADDR before bind() for that.");
	free(here);
}

/* -- UDP ------------------------------------------------------------------- */

static void
tell_udp(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	const struct sock_ext *ext = s->row->ext;
	char *here = end_of(s->row, false, s->ctx);
	struct buf b = { 0 };

	if (r->state == SOCK_CONNECTED)
		story_tell(s, NARRATE_NOW,
		    "%s fixed the peer %s with connect(). No packet was sent "
		    "for that, so nothing says whether anybody is there.",
		    s->who, s->peer);
	else
		story_tell(s, NARRATE_NOW,
		    "%s takes datagrams from anybody on %s.", s->who, here);
	free(here);
	if ((r->known & KNOWN_QUEUES) != 0 && r->recvq > 0) {
		words_bytes(&b, r->recvq);
		buf_printf(&b,
		    " of memory are taken by datagrams that %s has "
		    "not read.",
		    s->who);
		story_buf(s, NARRATE_NOW, &b);
	}
	if (ext != NULL && ext->skmem_n > SKMEM_DROPS &&
	    ext->skmem[SKMEM_DROPS] > 0) {
		words_count(&b, ext->skmem[SKMEM_DROPS], "datagram was",
		    "datagrams were");
		buf_printf(&b,
		    " dropped here since it was opened, for want of "
		    "room in the receive buffer or for a bad checksum: %s "
		    "reads too slowly.",
		    s->who);
		story_buf(s, NARRATE_WRONG, &b);
	}
	if (r->state == SOCK_CONNECTED)
		story_tell(s, NARRATE_NEXT,
		    "Either side may send at any time. A port nobody holds "
		    "there shows as ECONNREFUSED (ICMP) on the next call.");
	else
		story_tell(s, NARRATE_NEXT,
		    "Whoever sends a datagram here. Nothing is set up and "
		    "nothing is closed.");
}

/* -- all ------------------------------------------------------------------- */

static void (*const tellers[SOCK_NSTATES])(struct story *) = {
	[SOCK_LISTEN] = tell_listen,
	[SOCK_SYN_SENT] = tell_syn_sent,
	[SOCK_SYN_RECEIVED] = tell_syn_received,
	[SOCK_ESTABLISHED] = tell_established,
	[SOCK_FIN_WAIT_1] = tell_fin_wait_1,
	[SOCK_FIN_WAIT_2] = tell_fin_wait_2,
	[SOCK_CLOSE_WAIT] = tell_close_wait,
	[SOCK_CLOSING] = tell_last_acks,
	[SOCK_LAST_ACK] = tell_last_acks,
	[SOCK_TIME_WAIT] = tell_time_wait,
	[SOCK_CLOSED] = tell_closed,
	[SOCK_BOUND] = tell_bound,
	[SOCK_UNCONNECTED] = tell_udp,
	[SOCK_CONNECTED] = tell_udp,
};

static void
tell_gone(struct story *s)
{
	struct value v;
	struct buf b = { 0 };
	enum sock_state last = (enum sock_state)s->row->rec.state;

	buf_printf(&b, "This socket is closed. It was seen last in %s",
	    sock_state_name(last));
	if (col_age_get(s->row, s->ctx, &v)) {
		buf_puts(&b, ", and lived ");
		if ((s->row->flags & ROW_BORN) == 0)
			buf_puts(&b, "at least ");
		words_time(&b, v.u);
	}
	buf_putc(&b, '.');
	story_buf(s, NARRATE_NOW, &b);
}

/*
 * How long it has been so, where the beginning was not seen. The segment that
 * brought it into these states carried an ACK, so that is no younger than the
 * last ACK; a TIME-WAIT timer starts at 60 s.
 */
static void
since(struct story *s)
{
	const struct sock_rec *r = &s->row->rec;
	uint64_t known = 0, ms;

	s->in_ns = row_state_age_ns(s->ctx->table, s->row);
	s->at_least =
	    s->row->history == NULL && (s->row->flags & ROW_BORN) == 0;
	if (!s->at_least)
		return;
	if (r->state == SOCK_TIME_WAIT && r->timer_ms > 0 &&
	    r->timer_ms < TIME_WAIT_MS)
		known = (TIME_WAIT_MS - r->timer_ms) * MS;
	else if ((r->state == SOCK_ESTABLISHED || r->state == SOCK_CLOSE_WAIT ||
		     r->state == SOCK_FIN_WAIT_2) &&
		 tcpinfo_get(s->row->ext, TCPI_LAST_ACK_RECV, &ms))
		known = ms * MS;
	if (known > s->in_ns)
		s->in_ns = known;
}

/* First what is, then what is wrong, then what follows; as they were told
 * within each. There are few. */
static void
in_order(struct narrate *out, size_t from)
{
	struct narrate_line line;
	size_t i, j;

	for (i = from + 1; i < out->n; i++) {
		line = out->line[i];
		for (j = i; j > from && out->line[j - 1].kind > line.kind; j--)
			out->line[j] = out->line[j - 1];
		out->line[j] = line;
	}
}

void
narrate_row(
    struct narrate *out, const struct row *r, const struct view_ctx *ctx)
{
	struct story s = { .out = out, .row = r, .ctx = ctx };
	size_t from = out->n;

	s.limits = tcp_limits_default;
	if (r->rec.netns != 0 && ctx->table->limits.netns == r->rec.netns)
		s.limits = ctx->table->limits;
	if (row_has_peer(r)) {
		s.pair = table_pair(ctx->table, r);
		s.listen = table_listener(ctx->table, r);
	}
	s.who = name_of(r, "the program");
	s.peer = end_of(r, true, ctx);
	s.far = name_of(s.pair, "the program at the other end");
	since(&s);
	if ((r->flags & ROW_GONE) != 0)
		tell_gone(&s);
	else if (r->rec.state < SOCK_NSTATES && tellers[r->rec.state] != NULL)
		tellers[r->rec.state](&s);
	else
		story_tell(&s, NARRATE_NOW, "%s",
		    state_fact((enum sock_state)r->rec.state)->meaning);
	in_order(out, from);
	free(s.who);
	free(s.peer);
	free(s.far);
}
