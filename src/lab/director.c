/* SPDX-License-Identifier: ISC */
/*
 * Directs a lesson: tells the actors what to do, is the wire while they do
 * it, and says a step is over when the kernel's sockets are in the states
 * that the lesson promises. Waits in one place, pump(), so that the wire is
 * never dead.
 */
#include "config.h"

#include "lab/director.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "lab/actor.h"
#include "lab/room.h"
#include "lab/wire.h"

#define SECOND   UINT64_C(1000000000)
#define PATIENCE (30 * SECOND) /* for the states to be as promised */
#define QUIET_MS 40            /* nothing on the wire for so long */
#define CALM_MS  15            /* between two calls */
#define FOR_EVER (-1)

struct director {
	int boss; /* where orders come from */
	const struct lab_env *env;
	struct wire wire;
	uint32_t log_id;
	struct stage stage[BY_NACTORS];
	int fd[BY_NACTORS][LAB_SLOTS];   /* the actors' descriptors */
	const struct lab_lesson *lesson; /* NULL: none is set up */
	size_t lesson_no, step;
	struct buf spec; /* the hosts, for the reading */
	struct lab_event ev;
	bool gone;      /* nobody is there any more */
	bool abandoned; /* another lesson is wanted */
};

/* -- telling -------------------------------------------------------------- */

static struct lab_event *
event(struct director *d, enum lab_event_type type)
{
	memset(&d->ev, 0, sizeof(d->ev));
	d->ev.type = (uint8_t)type;
	d->ev.lesson = (uint32_t)d->lesson_no;
	d->ev.step = (uint32_t)d->step;
	return &d->ev;
}

static void
tell(struct director *d)
{
	size_t len =
	    offsetof(struct lab_event, sock) + d->ev.n * sizeof(d->ev.sock[0]);

	if (send(d->boss, &d->ev, len, MSG_NOSIGNAL) < 0)
		d->gone = true;
}

static void
tell_log(void *arg, const struct lab_log *line)
{
	struct director *d = arg;

	event(d, LAB_EV_LOG)->log = *line;
	tell(d);
}

static void
tell_failed(struct director *d, char *cause, bool only_this)
{
	char *clean = text_clean(cause, strlen(cause));
	struct lab_event *ev = event(d, LAB_EV_FAILED);

	strlcpy(ev->text, clean, sizeof(ev->text));
	ev->ok = only_this;
	free(clean);
	free(cause);
	tell(d);
}

/* -- waiting -------------------------------------------------------------- */

/* In the middle of a step: what is wanted that makes going on senseless? */
static void
look_at_orders(struct director *d)
{
	struct director_order o;
	ssize_t n = recv(d->boss, &o, sizeof(o), MSG_PEEK | MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		d->gone = true;
	else if (n > 0 && o.what == ORDER_BEGIN)
		d->abandoned = true;
	else if (n > 0) /* one step at a time */
		(void)!recv(d->boss, &o, sizeof(o), 0);
}

/*
 * The wire works on until fd is readable (1), or the time is over (0). -1:
 * the step is not to go on. fd -1: none. In a step, orders are looked at;
 * between steps fd is where they come from.
 */
static int
pump(struct director *d, int fd, int timeout_ms)
{
	struct pollfd p[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = d->wire.fd[LAB_CLIENT], .events = POLLIN },
		{ .fd = d->wire.fd[LAB_SERVER], .events = POLLIN },
		{ .fd = fd == d->boss ? -1 : d->boss, .events = POLLIN },
	};
	uint64_t until = clock_mono_ns() + (uint64_t)timeout_ms * 1000000, now;
	int left = timeout_ms;

	while (!d->gone && !d->abandoned) {
		if (poll(p, nitems(p), left) < 0 && errno != EINTR)
			return -1;
		if (p[1].revents & POLLIN)
			wire_read(&d->wire, LAB_CLIENT);
		if (p[2].revents & POLLIN)
			wire_read(&d->wire, LAB_SERVER);
		if (p[3].revents != 0)
			look_at_orders(d);
		if (p[0].revents != 0)
			return 1;
		if (timeout_ms == FOR_EVER)
			continue;
		now = clock_mono_ns();
		if (now >= until)
			return 0;
		left = (int)((until - now) / 1000000) + 1;
	}
	return -1;
}

/* -- calls ---------------------------------------------------------------- */

static bool
as_expected(const struct lab_do *a, const struct actor_answer *answer)
{
	if (answer->error != a->error)
		return false;
	if (answer->error == 0 && (a->op == DO_RECV || a->op == DO_SEND))
		return answer->value == a->value;
	return true;
}

static void
put_text(char *ret, size_t size, struct buf *b)
{
	strlcpy(ret, b->data, size);
	buf_done(b);
}

/* What became of the actor's sockets. */
static void
remember(struct director *d, const struct lab_do *a, int value)
{
	int *fd = d->fd[a->by];

	switch (a->op) {
	case DO_BIND:
	case DO_LISTEN:
	case DO_CONNECT:
	case DO_UDP_BIND:
	case DO_UDP_CONNECT:
		fd[a->s] = value;
		break;
	case DO_ACCEPT:
		fd[a->s2] = value;
		break;
	case DO_CLOSE:
	case DO_ABORT:
		fd[a->s] = -1;
		break;
	default:
		break;
	}
}

/* What the call set off on the wire is over before the next one. */
static int
calm(struct director *d)
{
	uint64_t seen;

	do {
		seen = d->wire.seen;
		if (pump(d, -1, CALM_MS) < 0)
			return -ESRCH;
	} while (seen != d->wire.seen);
	return 0;
}

static int
perform(struct director *d, const struct lab_do *a)
{
	const struct stage *st = &d->stage[a->by];
	struct actor_answer answer = { 0 };
	struct lab_log line;
	struct buf b = { 0 };

	memset(&line, 0, sizeof(line));
	line.id = ++d->log_id;
	line.is_call = true;
	strlcpy(line.call.who, actor_name(a->by), sizeof(line.call.who));
	call_text(&b, a, d->fd[a->by]);
	put_text(line.call.text, sizeof(line.call.text), &b);
	tell_log(d, &line);
	if (actor_tell(st, a) < 0 || pump(d, st->fd, FOR_EVER) < 0 ||
	    actor_hear(st, &answer) < 0)
		return -ESRCH;
	if (answer.error == 0)
		remember(d, a, answer.value);
	call_result(&b, a, answer.error, answer.value);
	put_text(line.call.result, sizeof(line.call.result), &b);
	line.call.error = answer.error;
	line.call.wrong = !as_expected(a, &answer);
	tell_log(d, &line);
	if (line.call.wrong)
		return -EPROTO;
	return calm(d);
}

static int
do_one(struct director *d, const struct lab_do *a)
{
	size_t i;

	if (a->op < DO_CALLS)
		return perform(d, a);
	if (a->op == DO_LET_GO)
		wire_let_go(&d->wire);
	for (i = 0; i < LAB_NHOSTS; i++) {
		d->wire.hold[i] = a->hold[i];
		d->wire.lose[i] = a->lose[i];
	}
	return 0;
}

/* -- a step --------------------------------------------------------------- */

static int
read_hosts(struct director *d, struct lab_event *ev, char **cause)
{
	size_t n = 0;
	int r;

	r = d->env->read(
	    d->env->arg, d->spec.data, ev->sock, LAB_SOCKS_MAX, &n, cause);
	ev->n = (uint16_t)n;
	return r;
}

/* More may come while it is held: the kernel sends again, with an ACK that is
 * higher by then. */
static bool
as_held(const struct director *d, const struct lab_step *step)
{
	return step->held == 0 ? d->wire.nhand == 0
			       : d->wire.nhand >= step->held;
}

/* Reads until the sockets are as promised and the wire is quiet. */
static int
settle(struct director *d, const struct lab_step *step, char **cause)
{
	uint64_t until = clock_mono_ns() + PATIENCE, seen;
	struct lab_event *ev = &d->ev;
	uint32_t netns[LAB_NHOSTS];
	bool last;
	int r;

	memcpy(netns, ev->netns, sizeof(netns));
	for (;;) {
		last = clock_mono_ns() >= until;
		seen = d->wire.seen;
		if (pump(d, -1, QUIET_MS) < 0)
			return -ESRCH;
		(void)event(d, LAB_EV_DONE);
		if ((r = read_hosts(d, ev, cause)) < 0)
			return r;
		ev->ok = as_held(d, step) &&
			 lab_expected(step, ev->sock, ev->n, netns);
		if (last || (ev->ok && seen == d->wire.seen))
			break;
	}
	ev->held = (uint32_t)d->wire.nhand;
	if (!ev->ok)
		strlcpy(ev->text, "the sockets are not as the lesson says",
		    sizeof(ev->text));
	return 0;
}

static uint32_t
netns_of(pid_t pid)
{
	struct stat st;
	char *path;
	int r;

	xasprintf(&path, "/proc/%d/ns/net", (int)pid);
	r = stat(path, &st);
	free(path);
	return r < 0 ? 0 : (uint32_t)st.st_ino;
}

static void
put_hosts(struct director *d, struct lab_event *ev)
{
	int host;

	for (host = 0; host < LAB_NHOSTS; host++) {
		/* BY_CLIENT and BY_SERVER are the hosts' own actors. */
		ev->pid[host] = (int32_t)d->stage[host].pid;
		ev->netns[host] = netns_of(d->stage[host].pid);
	}
}

static void
wrong_call(struct director *d)
{
	struct lab_event *ev = event(d, LAB_EV_DONE);
	char *cause = NULL;

	(void)read_hosts(d, ev, &cause); /* what there is, if it can be told */
	free(cause);
	strlcpy(ev->text,
	    "a call came out otherwise than the lesson says; if more than a "
	    "minute went by, a TIME-WAIT it needs is over: begin again",
	    sizeof(ev->text));
}

static void
run_step(struct director *d)
{
	const struct lab_step *step = &d->lesson->step[d->step];
	const struct lab_do *a;
	char *cause = NULL;
	int r = 0;

	(void)event(d, LAB_EV_BEGIN);
	tell(d);
	for (a = step->act; a->op != DO_END && r == 0; a++)
		r = do_one(d, a);
	if (r == 0) {
		put_hosts(d, event(d, LAB_EV_DONE));
		r = settle(d, step, &cause);
	} else if (r == -EPROTO)
		wrong_call(d);
	if (d->gone || d->abandoned) {
		free(cause);
		return;
	}
	if (r < 0 && r != -EPROTO) {
		if (cause == NULL)
			xasprintf(&cause, "an actor is gone: %s", strerror(-r));
		tell_failed(d, cause, false);
		d->lesson = NULL;
		return;
	}
	put_hosts(d, &d->ev);
	tell(d);
	d->step++;
}

/* -- a lesson ------------------------------------------------------------- */

static void
clear_stage(struct director *d)
{
	size_t i, s;

	for (i = 0; i < BY_NACTORS; i++) {
		actor_stop(&d->stage[i]);
		for (s = 0; s < LAB_SLOTS; s++)
			d->fd[i][s] = -1;
	}
	wire_close(&d->wire);
	d->lesson = NULL;
	d->step = 0;
}

static int
start_host(struct director *d, enum lab_host host, bool *ipv6, char **cause)
{
	struct stage *st = &d->stage[host];
	struct actor_answer answer = { 0 };
	int r;

	if ((r = actor_start(st, (enum actor)host, NULL, cause)) < 0 ||
	    (r = room_link(host, st->pid, cause)) < 0)
		return r;
	if ((r = actor_furnish(st)) < 0 || (r = actor_hear(st, &answer)) < 0) {
		xasprintf(
		    cause, "the %s is gone", actor_name((enum actor)host));
		return r;
	}
	if (answer.error != 0)
		xasprintf(cause, "%s", answer.text);
	*ipv6 = *ipv6 && answer.ipv6;
	return -answer.error;
}

static int
set_up(struct director *d, const struct lab_lesson *lesson, char **cause)
{
	bool ipv6 = true;
	int r;

	if ((r = start_host(d, LAB_CLIENT, &ipv6, cause)) < 0 ||
	    (r = start_host(d, LAB_SERVER, &ipv6, cause)) < 0 ||
	    (r = actor_start(&d->stage[BY_WORKER], BY_WORKER,
		 &d->stage[BY_SERVER], cause)) < 0 ||
	    (r = wire_open(&d->wire, cause)) < 0)
		return r;
	if (lesson->ipv6 && !ipv6) {
		xasprintf(cause, "this lesson needs IPv6, which is not to be "
				 "had on this system");
		return -EAFNOSUPPORT;
	}
	d->lesson = lesson;
	return 0;
}

static void
begin(struct director *d, size_t lesson)
{
	char *cause = NULL;
	struct lab_event *ev;
	int r;

	clear_stage(d);
	d->lesson_no = lesson;
	if ((r = set_up(d, lab_lessons[lesson], &cause)) < 0) {
		tell_failed(d, cause, r == -EAFNOSUPPORT);
		clear_stage(d);
		return;
	}
	ev = event(d, LAB_EV_READY);
	put_hosts(d, ev);
	buf_reset(&d->spec);
	lab_netns_put(&d->spec, ev->pid);
	tell(d);
}

void
director_run(int boss, const struct lab_env *env)
{
	struct director *d = xcalloc(1, sizeof(*d));
	struct director_order o;
	size_t i;

	d->boss = boss;
	d->env = env;
	d->wire.fd[LAB_CLIENT] = d->wire.fd[LAB_SERVER] = -1;
	d->wire.log_id = &d->log_id;
	d->wire.tell = tell_log;
	d->wire.arg = d;
	for (i = 0; i < BY_NACTORS; i++)
		d->stage[i].fd = -1;
	clear_stage(d);
	while (!d->gone) {
		d->abandoned = false;
		if (pump(d, boss, FOR_EVER) < 0 ||
		    recv(boss, &o, sizeof(o), 0) != (ssize_t)sizeof(o))
			break;
		if (o.what == ORDER_BEGIN && o.lesson < lab_nlessons)
			begin(d, o.lesson);
		else if (o.what == ORDER_NEXT && d->lesson != NULL &&
			 d->step < d->lesson->nsteps)
			run_step(d);
	}
	clear_stage(d);
	buf_done(&d->spec);
	free(d);
}
