/* SPDX-License-Identifier: ISC */
/*
 * A test has a source port of its own, so an answer says which test it
 * answers, and its number is a cookie: nobody else can have answered. The
 * SYNs are a tenth of a second apart, for the clocks behind numbers and
 * timestamps. This machine's TCP ends each with a RST, as after a SYN scan.
 *
 * System calls: epoll, sendto(2); in os_scan_new() those of scan/port_hold.h
 * and scan/capture.c; connect(2) in scan/links.c.
 */
#include "config.h"

#include "scan/os_scan.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "scan/capture.h"
#include "scan/cookie.h"
#include "scan/links.h"
#include "scan/os_answer.h"
#include "scan/packet.h"
#include "scan/port_hold.h"
#include "scan/sockaddr.h"

#define PORTS      (OS_CLOSED + 1) /* a test each; an echo has none */
#define PORT_FIRST 33000
#define PORT_LAST  60000
#define PORT_TRIES 64
#define TTL        64
#define NEVER      UINT64_MAX
#define MS         UINT64_C(1000000)
#define WAIT       (500 * MS) /* for an answer, then twice that */
#define WAIT_MOST  (100 * MS) /* of the loop */
#define NO_ROOM    (20 * MS)
#define CLOSED_LOW 30000 /* a port there is seldom open */
#define CLOSED_N   2000

/* -- the questions --------------------------------------------------------- */

/* Byte orders as on the wire. The timestamp's value is 1: that of a machine
 * that just began; nobody may judge by it. */
#define MSS(n) 2, 4, (n) >> 8, (n)&0xff
#define SACK   4, 2
#define TS     8, 10, 0, 0, 0, 1, 0, 0, 0, 0
#define WS(n)  3, 3, n
#define NOP    1
#define OPT(...) \
	(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static const struct {
	const uint8_t *opt;
	size_t nopt;
	uint8_t flags;
	uint16_t window;
	uint16_t at_ms; /* after the first */
} questions[OS_NTESTS] = {
	[OS_SYN_FULL] = { OPT(MSS(OS_MSS_FULL), SACK, TS, NOP, WS(7)),
	    PACKET_SYN, 64240, 0 },
	[OS_SYN_MSS] = { OPT(MSS(OS_MSS_FULL)), PACKET_SYN, 64240, 100 },
	[OS_SYN_SMALL] = { OPT(MSS(OS_MSS_SMALL), NOP, WS(2), NOP, NOP, TS),
	    PACKET_SYN, 5840, 200 },
	[OS_SYN_SACK] = { OPT(NOP, NOP, SACK, NOP, WS(0)), PACKET_SYN, 16384,
	    300 },
	[OS_SYN_REVERSED] = { OPT(TS, NOP, WS(14), SACK, MSS(OS_MSS_FULL)),
	    PACKET_SYN, 65535, 400 },
	[OS_SYN_BARE] = { (const uint8_t *)"", 0, PACKET_SYN, 1024, 500 },
	[OS_SYN_ECN] = { OPT(MSS(OS_MSS_FULL), SACK, TS, NOP, WS(7)),
	    PACKET_SYN | PACKET_ECE | PACKET_CWR, 64240, 50 },
	[OS_CLOSED] = { OPT(MSS(OS_MSS_FULL), SACK, TS, NOP, WS(7)), PACKET_SYN,
	    64240, 150 },
	[OS_ECHO] = { NULL, 0, 0, 0, 250 },
};

/* A host that is being asked. */
struct target {
	struct os_job job;
	struct host host;
	struct os_seen seen;
	uint8_t tries[OS_NTESTS];
	uint64_t due[OS_NTESTS]; /* ns; NEVER: it is over */
};
struct os_scan {
	struct priv *priv;
	struct capture *in;
	struct os_sink sink;
	unsigned parallel, tries;
	uint8_t secret[COOKIE_KEY];
	uint16_t base;
	int hold[PORTS]; /* -1: not held */
	int epfd;
	struct os_job *wait; /* from wait_at on */
	size_t nwait, wait_at, cap_wait;
	struct target **target;
	size_t ntarget;
	bool last, stopped, paused, error_told;
	uint64_t sent, received;
};

unsigned
os_scan_families(const struct priv *p)
{
	unsigned mask = 0;

	if ((p->have & PRIV_PACKET) == 0)
		return 0;
	if ((p->have & PRIV_RAW4) != 0)
		mask |= 1U << 4;
	if ((p->have & PRIV_RAW6) != 0)
		mask |= 1U << 6;
	return mask;
}

/* -- out ------------------------------------------------------------------- */

static uint32_t
cookie_of(const struct os_scan *s, const struct target *t, enum os_test test)
{
	uint16_t dport = test == OS_ECHO     ? 0
			 : test == OS_CLOSED ? t->job.closed
					     : t->job.open;

	return cookie_make(s->secret, &t->host.src, &t->host.addr,
	    (uint16_t)(s->base + test), dport);
}

static size_t
make(const struct os_scan *s, const struct target *t, enum os_test test,
    uint8_t *data)
{
	struct packet_out o = {
		.src = t->host.src,
		.dst = t->host.addr,
		.ttl = TTL,
		.seq = cookie_of(s, t, test),
		.sport = (uint16_t)(s->base + test),
		.dport = test == OS_CLOSED ? t->job.closed : t->job.open,
		.flags = questions[test].flags,
		.window = questions[test].window,
		.opt = questions[test].opt,
		.nopt = (uint8_t)questions[test].nopt,
	};

	o.id = (uint16_t)(o.seq >> 8 ^ o.seq << 7);
	if (test != OS_ECHO)
		return packet_put_tcp(data, &o);
	o.sport = (uint16_t)(o.seq >> 16);
	o.df = true;
	o.tos = OS_ECHO_TOS;
	o.code = o.dst.family == 4 ? OS_ECHO_CODE : 0;
	return packet_put_echo(data, &o);
}

/* Who cannot be sent to is not waited for. */
static void
not_sent(struct os_scan *s, struct target *t, enum os_test test, int error)
{
	char text[SCAN_ADDR_TEXT], *note;

	if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
		t->due[test] = clock_mono_ns() + NO_ROOM;
		return;
	}
	t->due[test] = NEVER;
	if (s->error_told)
		return;
	s->error_told = true;
	xasprintf(&note, "packets to %s could not be sent: %s",
	    scan_addr_text(text, &t->host.addr), strerror(error));
	s->sink.note(s->sink.arg, true, note);
	free(note);
}

static void
send_one(struct os_scan *s, struct target *t, enum os_test test, uint64_t now)
{
	struct sockaddr_storage to = { 0 };
	uint8_t data[PACKET_MAX];
	size_t len = make(s, t, test, data);
	socklen_t tolen = sockaddr_put(&to, &t->host.addr, 0);
	int fd =
	    priv_fd(s->priv, t->host.addr.family == 4 ? PRIV_RAW4 : PRIV_RAW6);
	ssize_t n;

	n = sendto(fd, data, len, MSG_DONTWAIT, (struct sockaddr *)&to, tolen);
	if (n < 0) {
		not_sent(s, t, test, errno);
		return;
	}
	s->sent++;
	t->seen.answer[test].sent_seq = cookie_of(s, t, test);
	t->due[test] = now + (t->tries[test]++ == 0 ? WAIT : 2 * WAIT);
}

/* -- in -------------------------------------------------------------------- */

static struct target *
find_target(struct os_scan *s, const struct packet_head *h,
    const struct capture_frame *f)
{
	struct scan_addr a = h->src;
	struct target *t;
	size_t i;

	if (scan_addr_is_link_local(&a))
		a.scope = f->loopback ? links_index(s->priv->links, a.addr)
				      : f->ifindex;
	for (i = 0; i < s->ntarget; i++) {
		t = s->target[i];
		if (scan_addr_eq(&t->host.addr, &a) &&
		    memcmp(t->host.src.addr, h->dst.addr, 16) == 0)
			return t;
	}
	return NULL;
}

/* Which test this answers; OS_NTESTS: none. */
static enum os_test
test_of(const struct os_scan *s, const struct target *t, const struct packet *k)
{
	const struct packet_head *h = &k->head;
	unsigned test = (unsigned)h->dport - s->base;
	uint32_t cookie;
	bool rst = (h->flags & PACKET_RST) != 0;

	if (k->kind == PACKET_ECHO_REPLY) {
		cookie = cookie_of(s, t, OS_ECHO);
		return h->sport == cookie >> 16 && h->seq == (cookie & 0xffff)
			   ? OS_ECHO
			   : OS_NTESTS;
	}
	if (h->dport < s->base || test >= PORTS ||
	    h->sport != (test == OS_CLOSED ? t->job.closed : t->job.open))
		return OS_NTESTS;
	/* A RST of some stacks acknowledges something else: a test of it. */
	if ((h->flags & PACKET_ACK) == 0 ||
	    h->ack != cookie_of(s, t, (enum os_test)test) + 1)
		if (test != OS_CLOSED || !rst)
			return OS_NTESTS;
	return rst == (test == OS_CLOSED) ? (enum os_test)test : OS_NTESTS;
}

static void
take_frame(void *arg, const struct capture_frame *f)
{
	struct os_scan *s = arg;
	struct target *t;
	struct packet k;
	struct os_answer *a;
	enum os_test test;

	packet_parse(&k, f->ethertype, f->data, f->len);
	if (k.kind != PACKET_TCP && k.kind != PACKET_ECHO_REPLY)
		return;
	t = find_target(s, &k.head, f);
	if (t == NULL || (test = test_of(s, t, &k)) == OS_NTESTS)
		return;
	s->received++;
	a = &t->seen.answer[test];
	if (a->came || t->tries[test] == 0)
		return;
	t->due[test] = NEVER;
	os_answer_take(a, &k, f->at_ns / 1000);
}

/* -- hosts ----------------------------------------------------------------- */

static bool
is_open(const struct target *t, enum os_test test)
{
	return test <= OS_SYN_ECN ? t->job.open != 0 : true;
}

/* False: it cannot be asked, and has been told of. */
static bool
begin(struct os_scan *s, const struct os_job *job, uint64_t now)
{
	struct target *t = xcalloc(1, sizeof(*t));
	size_t i;

	*t = (struct target){ .job = *job,
		.host.addr = job->addr,
		.seen.family = job->addr.family };
	if (t->job.closed == 0)
		t->job.closed =
		    (uint16_t)(CLOSED_LOW +
			       cookie_hash(s->secret, job->addr.addr, 16) %
				   CLOSED_N);
	if ((os_scan_families(s->priv) & 1U << job->addr.family) == 0 ||
	    links_host(s->priv->links, &t->host) != 0) {
		s->sink.found(s->sink.arg, &t->job, &t->seen);
		free(t);
		return false;
	}
	t->seen.local = t->host.local;
	for (i = 0; i < OS_NTESTS; i++)
		t->due[i] = is_open(t, (enum os_test)i)
				? now + questions[i].at_ms * MS
				: NEVER;
	s->target[s->ntarget++] = t;
	return true;
}

static uint64_t
work_target(struct os_scan *s, struct target *t, uint64_t now)
{
	uint64_t due = NEVER;
	size_t i;

	for (i = 0; i < OS_NTESTS; i++) {
		if (t->due[i] <= now) {
			if (t->tries[i] >= s->tries)
				t->due[i] = NEVER;
			else
				send_one(s, t, (enum os_test)i, now);
		}
		if (t->due[i] < due)
			due = t->due[i];
	}
	return due;
}

/* When there is something to do again. */
static uint64_t
work(struct os_scan *s, uint64_t now)
{
	uint64_t due, next = now + WAIT_MOST;
	struct target *t;
	size_t i;

	for (i = 0; i < s->ntarget;) {
		t = s->target[i];
		due = work_target(s, t, now);
		if (due == NEVER) {
			s->target[i] = s->target[--s->ntarget];
			s->sink.found(s->sink.arg, &t->job, &t->seen);
			free(t);
			continue;
		}
		if (due < next)
			next = due;
		i++;
	}
	while (!s->paused && s->ntarget < s->parallel &&
	       s->wait_at < s->nwait && !s->sink.full(s->sink.arg)) {
		(void)begin(s, &s->wait[s->wait_at++], now);
		next = now;
	}
	return next;
}

/* -- life ------------------------------------------------------------------ */

static void
let_go(struct os_scan *s)
{
	size_t i;

	for (i = 0; i < PORTS; i++) {
		if (s->hold[i] != -1)
			close(s->hold[i]);
		s->hold[i] = -1;
	}
}

/* Ports in a row, all of them free. */
static int
hold_ports(struct os_scan *s, char **cause)
{
	int i, fd = -EADDRINUSE;
	size_t k;

	for (i = 0; i < PORT_TRIES; i++) {
		s->base = (uint16_t)(PORT_FIRST +
				     cookie_hash(s->secret, &i, sizeof(i)) %
					 (PORT_LAST - PORT_FIRST));
		for (k = 0; k < PORTS; k++) {
			fd = port_hold((uint16_t)(s->base + k));
			if (fd < 0)
				break;
			s->hold[k] = fd;
		}
		if (k == PORTS)
			return 0;
		let_go(s);
		if (fd != -EADDRINUSE)
			break;
	}
	xasprintf(cause, "no source port can be had: %s", strerror(-fd));
	return fd;
}

struct os_scan *
os_scan_new(struct priv *priv, unsigned parallel, unsigned tries,
    const struct os_sink *sink, char **cause)
{
	struct os_scan *s = xcalloc(1, sizeof(*s));
	struct epoll_event ev = { .events = EPOLLIN };
	size_t i;

	*s = (struct os_scan){ .priv = priv,
		.sink = *sink,
		.parallel = parallel,
		.tries = tries,
		.epfd = -1 };
	for (i = 0; i < PORTS; i++)
		s->hold[i] = -1;
	s->target = xcalloc(parallel, sizeof(struct target *));
	if (getrandom(s->secret, sizeof(s->secret), 0) != sizeof(s->secret)) {
		xasprintf(cause, "no random numbers: %s", strerror(errno));
		goto fail;
	}
	if (hold_ports(s, cause) < 0)
		goto fail;
	s->in = capture_new(priv_fd(priv, PRIV_PACKET), s->base, PORTS, cause);
	if (s->in == NULL)
		goto fail;
	s->epfd = epoll_create1(EPOLL_CLOEXEC);
	ev.data.fd = priv_fd(priv, PRIV_PACKET);
	if (s->epfd < 0 ||
	    epoll_ctl(s->epfd, EPOLL_CTL_ADD, ev.data.fd, &ev) < 0) {
		xasprintf(cause, "epoll: %s", strerror(errno));
		goto fail;
	}
	return s;
fail:
	os_scan_free(s);
	return NULL;
}

void
os_scan_free(struct os_scan *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->ntarget; i++)
		free(s->target[i]);
	free(s->target);
	free(s->wait);
	if (s->epfd >= 0)
		close(s->epfd);
	capture_free(s->in);
	let_go(s);
	free(s);
}

void
os_scan_add(struct os_scan *s, const struct os_job *job)
{
	s->wait =
	    array_grow(s->wait, &s->cap_wait, s->nwait + 1, sizeof(*s->wait));
	s->wait[s->nwait++] = *job;
}

void
os_scan_last(struct os_scan *s)
{
	s->last = true;
}

void
os_scan_stop(struct os_scan *s)
{
	s->stopped = true;
}

void
os_scan_pause(struct os_scan *s, bool on)
{
	s->paused = on;
}

void
os_scan_sum(const struct os_scan *s, uint64_t *sent, uint64_t *received)
{
	*sent = s->sent;
	*received = s->received;
}

int
os_scan_run(struct os_scan *s, int fd, void (*ready)(void *arg), void *arg,
    char **cause)
{
	struct epoll_event ev[2] = { { .events = EPOLLIN, .data.fd = fd } };
	uint64_t now, due;
	int i, n = epoll_ctl(s->epfd, EPOLL_CTL_ADD, fd, &ev[0]);

	while (n >= 0 && !s->stopped) {
		now = clock_mono_ns();
		due = work(s, now);
		if (s->last && s->ntarget == 0 && s->wait_at == s->nwait)
			return 0;
		n = epoll_wait(s->epfd, ev, nitems(ev),
		    due > now ? (int)((due - now + MS - 1) / MS) : 0);
		if (n < 0 && errno == EINTR)
			n = 0;
		for (i = 0; i < n; i++)
			if (ev[i].data.fd == fd)
				ready(arg);
			else
				(void)capture_read(s->in, take_frame, s);
	}
	if (n >= 0)
		return 0;
	n = -errno;
	xasprintf(cause, "epoll: %s", strerror(-n));
	return n;
}
