/* SPDX-License-Identifier: ISC */
/*
 * One connection, or one socket for datagrams: bytes in, bytes out, TLS taken
 * off. What the bytes mean is prober_talk.c's affair.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "know/state.h"
#include "probe/prober_priv.h"

#define CONNECT_MS    2000
#define SHAKE_MS      3000
#define SHAKE_SOFT_MS 1000        /* where no TLS is usual, at first */
#define RCVBUF        (32 * 1024) /* what waits unread in the kernel */
#define SAID_MAX      1024
#define RESENDS       2
#define GREETING_IN   1024 /* kept of what came instead of a handshake */

static socklen_t
address(const struct port *t, struct sockaddr_storage *ret)
{
	const struct scan_addr *a = &t->job.addr;

	memset(ret, 0, sizeof(*ret));
	if (a->family == 4) {
		struct sockaddr_in *sin = (struct sockaddr_in *)ret;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(t->job.port);
		memcpy(&sin->sin_addr, a->addr, 4);
		return sizeof(*sin);
	}
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ret;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(t->job.port);
	sin6->sin6_scope_id = a->scope;
	memcpy(&sin6->sin6_addr, a->addr, 16);
	return sizeof(*sin6);
}

/* The kernel's word about an address that does not answer. */
static bool
is_refusal(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH ||
	       error == ENETUNREACH || error == EACCES || error == EPERM;
}

/* The descriptor, or -errno. */
static int
open_socket(struct conn *c)
{
	struct sockaddr_storage sa;
	socklen_t len = address(c->port, &sa);
	int fd, size = RCVBUF, one = 1, e;
	bool moves = c->udp && c->port->tries[c->try].talk != NULL &&
		     (c->port->tries[c->try].talk->flags & TALK_MOVES) != 0;

	fd = socket(sa.ss_family,
	    (c->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0)
		return -errno;
	if (!c->udp) {
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	memcpy(&c->from, &sa, sizeof(sa));
	c->from_len = len;
	if (moves || connect(fd, (struct sockaddr *)&sa, len) == 0)
		return fd;
	if (errno == EINPROGRESS) {
		c->connecting = true;
		return fd;
	}
	e = errno;
	(void)close(fd);
	return -e;
}

static int
watch(struct conn *c, int op)
{
	struct epoll_event ev = { .data.ptr = &c->source };

	ev.events =
	    c->connecting ? EPOLLOUT : EPOLLIN | (c->writing ? EPOLLOUT : 0);
	return epoll_ctl(c->port->p->epfd, op, c->fd, &ev) < 0 ? -errno : 0;
}

struct conn *
conn_open(struct port *t, struct try *try, uint64_t now)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	int r;

	c->source.kind = SOURCE_CONN;
	c->port = t;
	c->try = (uint16_t)(try - t->tries);
	c->udp = t->job.proto == SOCK_UDP;
	c->greets = try->kind == TRY_LISTEN || try->kind == TRY_TLS;
	c->began = c->heard = now;
	c->due = now + CONNECT_MS;
	c->fd = open_socket(c);
	r = c->fd < 0 ? c->fd : watch(c, EPOLL_CTL_ADD);
	if (r < 0) {
		if (c->fd >= 0)
			(void)close(c->fd);
		free(c);
		if (is_refusal(-r)) {
			t->refused++;
			try->state = TRY_OVER;
		}
		return NULL;
	}
	try->state = TRY_RUNNING;
	c->next = t->conns;
	t->conns = c;
	t->nconns++;
	t->p->nconns++;
	return c;
}

void
conn_close(struct conn *c)
{
	struct conn **at = &c->port->conns;

	if (c->fd < 0)
		return;
	port_conn_over(c->port, c);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	(void)close(c->fd);
	c->fd = -1;
	c->port->nconns--;
	conn_talk_done(c);
	tls_free(c->tls);
	c->tls = NULL;
	buf_done(&c->in);
	buf_done(&c->said);
	buf_done(&c->out);
	prober_bury(c->port->p, c);
}

void
conn_self(const struct conn *c, struct scan_addr *ret)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	*ret = (struct scan_addr){ .family = 0 };
	if (!c->udp || getsockname(c->fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	if (sa.ss_family == AF_INET) {
		ret->family = 4;
		memcpy(ret->addr, &((struct sockaddr_in *)&sa)->sin_addr, 4);
	} else {
		ret->family = 6;
		memcpy(ret->addr, &((struct sockaddr_in6 *)&sa)->sin6_addr, 16);
	}
}

/* -- out ------------------------------------------------------------------ */

static void
want_write(struct conn *c, bool want)
{
	if (c->writing == want)
		return;
	c->writing = want;
	(void)watch(c, EPOLL_CTL_MOD);
}

static void
send_datagram(struct conn *c)
{
	bool moves = c->talking && (c->talk.ops->flags & TALK_MOVES) != 0;

	/* What does not go is repeated, as if it had been lost. */
	if (sendto(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL,
		moves ? (struct sockaddr *)&c->from : NULL,
		moves ? c->from_len : 0) < 0)
		return;
}

static void
send_stream(struct conn *c)
{
	ssize_t n;

	while (c->sent < c->out.len) {
		n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
		    MSG_NOSIGNAL);
		if (n < 0) {
			/* What went wrong, reading will tell. */
			want_write(c, errno == EAGAIN);
			return;
		}
		c->sent += (size_t)n;
	}
	buf_reset(&c->out);
	c->sent = 0;
	/* What goes wrong, reading will tell. */
	if (c->talking && c->talk.last && c->tls == NULL)
		(void)shutdown(c->fd, SHUT_WR);
	want_write(c, false);
}

/* What the conversation has to say. */
void
conn_send(struct conn *c, uint64_t now)
{
	struct buf *out = &c->talk.out;
	size_t room = SAID_MAX - c->said.len;

	if (out->len > 0)
		buf_put(&c->said, out->data, out->len < room ? out->len : room);

	if (c->udp && out->len > 0) {
		buf_reset(&c->out);
		buf_put(&c->out, out->data, out->len);
		buf_reset(out);
		/* Of what is not usual here, fewer. */
		c->resent = c->port->tries[c->try].own ? 0 : 1;
		c->resend_at =
		    now + (c->due - now) / (RESENDS + 1u - c->resent);
		send_datagram(c);
		return;
	}
	if (out->len > 0 && c->tls != NULL)
		tls_write(c->tls, out->data, out->len);
	else if (out->len > 0)
		buf_put(&c->out, out->data, out->len);
	buf_reset(out);
	if (c->tls != NULL)
		tls_flush(c->tls, &c->out);
	send_stream(c);
}

static void
resend(struct conn *c, uint64_t now)
{
	send_datagram(c);
	c->resent++;
	c->resend_at = c->resent >= RESENDS ? 0 : now + (c->due - now) / 2;
}

/* -- TLS ------------------------------------------------------------------- */

static void
shake(struct conn *c, uint64_t now)
{
	const struct port *t = c->port;
	const struct try *try = &t->tries[c->try];
	enum tls_alpn alpn = c->starttls || try->kind == TRY_VERSION
				 ? TLS_ALPN_NONE
				 : (enum tls_alpn)t->alpn;

	c->tls = tls_new(t->p->tls, t->host, alpn, (enum tls_offer)try->offer);
	c->due = now + SHAKE_MS;
	if (try->kind == TRY_TLS && try->rank > 0 && !try->again)
		c->due = now + SHAKE_SOFT_MS + 8 * t->rtt;
	conn_send(c, now);
}

void
conn_starttls(struct conn *c, uint64_t now)
{
	buf_reset(&c->in);
	c->starttls = true;
	shake(c, now);
}

/* Bytes of a handshake, or beneath the conversation. False: it is closed. */
static bool
take_tls(struct conn *c, const char *p, size_t n, uint64_t now)
{
	enum tls_state was = tls_state(c->tls), is;
	size_t room;

	tls_take(c->tls, p, n);
	is = tls_state(c->tls);
	if (was == TLS_SHAKING && !tls_speaks(c->tls) &&
	    c->in.len < GREETING_IN) {
		room = GREETING_IN - c->in.len;
		buf_put(&c->in, p, n < room ? n : room);
	}
	conn_send(c, now);
	if (was == TLS_SHAKING && is == TLS_SHAKING)
		return true;
	if (was == TLS_SHAKING) {
		port_tls(c->port, c, is == TLS_UP);
		if (is != TLS_UP || c->fd < 0) {
			conn_close(c);
			return false;
		}
		buf_reset(&c->in);
		conn_speak(c, now);
		if (c->fd < 0)
			return false;
	}
	tls_read(c->tls, &c->in, TALK_IN_MAX - c->in.len);
	if (tls_state(c->tls) == TLS_OVER)
		c->ended = true;
	return true;
}

/* -- in -------------------------------------------------------------------- */

static bool
take_bytes(struct conn *c, const char *p, size_t n, uint64_t now)
{
	size_t room = TALK_IN_MAX - c->in.len;
	struct port *t = c->port;

	if (c->nread == 0 && !c->greets &&
	    (t->quick == 0 || now - c->heard + 1 < t->quick))
		t->quick = (uint32_t)(now - c->heard + 1);
	c->resend_at = 0;
	c->heard = now;
	c->nread += n;
	t->nread += n;
	if (c->tls != NULL) {
		if (!take_tls(c, p, n, now))
			return false;
	} else {
		c->cut = n < room ? n : room;
		buf_put(&c->in, p, c->cut);
	}
	/* It may go on for ever. */
	if (c->in.len >= TALK_IN_MAX || t->nread > PORT_BYTES)
		c->ended = true;
	return true;
}

/* Bytes, 0 for the end, or -errno. */
static ssize_t
receive(struct conn *c)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n;
	bool moves = c->talking && (c->talk.ops->flags & TALK_MOVES) != 0;

	do
		n = recvfrom(c->fd, c->port->p->bytes, CONN_BYTES, 0,
		    moves ? (struct sockaddr *)&from : NULL,
		    moves ? &len : NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (moves) {
		const struct scan_addr *a = &c->port->job.addr;
		const void *addr =
		    a->family == 4
			? (const void *)&((struct sockaddr_in *)&from)->sin_addr
			: (const void *)&((struct sockaddr_in6 *)&from)
			      ->sin6_addr;

		/* Anybody may send to a socket that is not connected. */
		if (memcmp(addr, a->addr, a->family == 4 ? 4 : 16) != 0)
			return -EAGAIN;
		memcpy(&c->from, &from, sizeof(from));
		c->from_len = len;
	}
	return n;
}

static void
readable(struct conn *c, uint64_t now)
{
	ssize_t n = receive(c);
	bool go_on = true;

	if (n == -EAGAIN)
		return;
	if (c->udp && n <= 0) {
		if (n < 0) {
			c->port->refused++;
			conn_close(c);
		}
		return;
	}
	if (n > 0)
		go_on = take_bytes(c, c->port->p->bytes, (size_t)n, now);
	else {
		c->ended = true;
		c->reset = n == -ECONNRESET;
	}
	if (!go_on)
		return;
	/* A handshake that is cut off. */
	if (c->ended && c->tls != NULL && tls_state(c->tls) == TLS_SHAKING) {
		port_tls(c->port, c, false);
		conn_close(c);
		return;
	}
	if (c->tls != NULL && tls_state(c->tls) == TLS_SHAKING)
		return;
	if (!conn_judge(c, false, now) || c->ended)
		conn_close(c);
}

static void
connected(struct conn *c, uint64_t now)
{
	struct port *t = c->port;
	const struct try *try = &t->tries[c->try];
	socklen_t len = sizeof(int);
	int error = 0;

	(void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0) {
		if (is_refusal(error))
			t->refused++;
		if (error == ECONNRESET || error == EPIPE) {
			c->connecting = false;
			c->ended = c->reset = true;
		}
		conn_close(c);
		return;
	}
	c->connecting = false;
	t->rtt = (uint32_t)(now - c->began);
	(void)watch(c, EPOLL_CTL_MOD);
	if (t->in_tls || try->kind == TRY_TLS || try->kind == TRY_VERSION)
		shake(c, now);
	else
		conn_speak(c, now);
}

/* A socket that is there at once: datagrams, or a peer on this machine. */
void
conn_begin(struct conn *c, uint64_t now)
{
	if (!c->connecting)
		connected(c, now);
}

void
conn_event(struct conn *c, uint32_t events, uint64_t now)
{
	if (c->fd < 0)
		return;
	c->port->due = now;
	if (c->connecting) {
		connected(c, now);
		return;
	}
	if ((events & EPOLLOUT) != 0)
		send_stream(c);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		readable(c, now);
}

/* -- time ------------------------------------------------------------------ */

uint64_t
conn_due(const struct conn *c)
{
	return c->resend_at != 0 && c->resend_at < c->due ? c->resend_at
							  : c->due;
}

void
conn_tick(struct conn *c, uint64_t now)
{
	if (c->resend_at != 0 && now >= c->resend_at && now < c->due)
		resend(c, now);
	if (now < c->due)
		return;
	if (c->connecting)
		conn_close(c);
	else if (c->tls != NULL && tls_state(c->tls) == TLS_SHAKING) {
		port_tls(c->port, c, false);
		conn_close(c);
	} else if (!conn_judge(c, true, now) || now >= c->due)
		conn_close(c);
}
