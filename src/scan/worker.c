/* SPDX-License-Identifier: ISC */
/* The worker's two ends: lines in, lines out. No stdio: its buffers and calls
 * are its own affair, and the sandbox must know them all. */
#include "config.h"

#include "scan/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/probe_file.h"
#include "model/scan_wire.h"
#include "scan/method.h"
#include "scan/os_scan.h"
#include "scan/sandbox.h"

#define QUEUE_FULL (128 * 1024) /* from here on nothing new is asked */
#define QUEUE_MAX  (256 * 1024) /* and from here on we wait */
#define FILE_CHUNK (16 * 1024)  /* a file is written so much at a time */
#define PIPE_CHUNK 4096         /* PIPE_BUF: what is ready takes so much */

/* -- out ------------------------------------------------------------------- */

static size_t
waiting(const struct worker *w)
{
	return w->queue.len - w->sent;
}

/* Takes what was written out of the queue, now and then. */
static void
written(struct worker *w, size_t n)
{
	w->sent += n;
	if (w->sent == w->queue.len) {
		buf_reset(&w->queue);
		w->sent = 0;
	} else if (w->sent >= QUEUE_FULL) {
		memmove(w->queue.data, w->queue.data + w->sent, waiting(w) + 1);
		w->queue.len -= w->sent;
		w->sent = 0;
	}
}

/* What runs instead of an engine: it is asked line by line. */
static bool
is_asked(const struct worker *w)
{
	return w->prober != NULL || w->os != NULL;
}

static void
heed(struct worker *w, enum scan_op op)
{
	if (w->prober != NULL)
		worker_prober_heed(w, op);
	if (w->os != NULL)
		worker_os_heed(w, op);
}

static void
stop_working(struct worker *w)
{
	if (w->engine != NULL)
		engine_stop(w->engine);
	heed(w, SCAN_OP_STOP);
}

static void
gone(struct worker *w)
{
	w->gone = true;
	buf_reset(&w->queue);
	w->sent = 0;
	stop_working(w);
}

static bool
is_ready(const struct worker *w, int timeout)
{
	struct pollfd p = { .fd = w->out, .events = POLLOUT };

	return poll(&p, 1, timeout) > 0;
}

/* As much as goes without waiting: a socket can be asked not to wait; a pipe
 * that is ready takes PIPE_CHUNK bytes; a file never waits. */
static void
write_ready(struct worker *w)
{
	const char *p;
	ssize_t n;
	size_t k;

	while (!w->gone && (k = waiting(w)) > 0) {
		p = w->queue.data + w->sent;
		if (w->out_socket)
			n = send(w->out, p, k, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (w->out_file)
			n = write(w->out, p, k);
		else if (is_ready(w, 0))
			n = write(w->out, p, k < PIPE_CHUNK ? k : PIPE_CHUNK);
		else
			return;
		if (n >= 0)
			written(w, (size_t)n);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			gone(w);
	}
}

/* All of it, however long that takes. */
static void
write_all(struct worker *w)
{
	write_ready(w);
	while (!w->gone && waiting(w) > 0) {
		(void)is_ready(w, -1);
		write_ready(w);
	}
}

static void
ask_when_ready(struct worker *w, bool ask)
{
	struct epoll_event ev = { .events = ask ? EPOLLOUT : 0,
		.data.fd = w->out };

	if (w->out_file || ask == w->out_asked)
		return;
	if (epoll_ctl(w->epfd, EPOLL_CTL_MOD, w->out, &ev) == 0)
		w->out_asked = ask;
}

void
worker_tell(struct worker *w, struct scan_event *ev)
{
	if (w->gone)
		return;
	ev->seq = w->seq++;
	ev->t_us = (clock_mono_ns() - w->began) / 1000;
	scan_event_put(&w->queue, ev);
	if ((w->engine == NULL && !is_asked(w)) || waiting(w) > QUEUE_MAX)
		write_all(w);
	else if (!w->out_file)
		ask_when_ready(w, true);
	else if (waiting(w) > FILE_CHUNK || ev->type != SCAN_EV_PORT)
		write_ready(w);
}

void
worker_sink_event(void *arg, struct scan_event *ev)
{
	worker_tell(arg, ev);
}

bool
worker_sink_full(void *arg)
{
	const struct worker *w = arg;

	return !w->gone && waiting(w) > QUEUE_FULL;
}

void
worker_note(struct worker *w, bool warning, const char *fmt, ...)
{
	struct scan_event ev = { .type = SCAN_EV_NOTE };
	va_list ap;
	char *text;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	ev.note.warning = warning;
	(void)strlcpy(ev.note.text, text, sizeof(ev.note.text));
	free(text);
	worker_tell(w, &ev);
}

static void
tell_partial(char *text, size_t size, const char *why)
{
	if (strcmp(text, "full") == 0)
		(void)strlcpy(text, "partial: ", size);
	else
		(void)strlcat(text, "; ", size);
	(void)strlcat(text, why, size);
}

static void
tell_kept(char *text, size_t size, const struct priv *p)
{
	if (p->no_setuid)
		tell_partial(text, size,
		    "without CAP_SETUID it stays uid 0, without capabilities");
	else if (p->still_root)
		tell_partial(text, size,
		    "no other user is mapped in this user namespace, so it "
		    "stays uid 0 of it, without capabilities");
	if (p->no_setgid)
		tell_partial(
		    text, size, "without CAP_SETGID it keeps its groups");
}

void
worker_hello(struct worker *w, const struct priv *p)
{
	struct scan_event ev = { .type = SCAN_EV_HELLO };
	const struct method *m;

	ev.hello.version = SCAN_PROTOCOL;
	ev.hello.how = SCAN_PING | SCAN_LIST | SCAN_PROBE;
	if (os_scan_families(p) != 0)
		ev.hello.how |= SCAN_OS;
	for (m = methods; m->ops != NULL; m++)
		if ((m->use & METHOD_PORTS) != 0 && method_families(m, p) != 0)
			ev.hello.how |= m->how;
	(void)strlcpy(
	    ev.hello.program, PACKAGE_VERSION, sizeof(ev.hello.program));
	sandbox_tell(ev.hello.sandbox, sizeof(ev.hello.sandbox));
	tell_kept(ev.hello.sandbox, sizeof(ev.hello.sandbox), p);
	worker_tell(w, &ev);
}

void
worker_end(struct worker *w, const struct engine *e, enum scan_exit error,
    const char *cause)
{
	struct scan_event ev = { .type = SCAN_EV_END };

	ev.end.error = (int)error;
	(void)strlcpy(ev.end.cause, cause, sizeof(ev.end.cause));
	ev.end.sent = w->npackets;
	ev.end.received = w->nanswers;
	if (e != NULL)
		engine_sum(e, &ev);
	worker_tell(w, &ev);
	write_all(w);
	/* Nobody waits for the kernel, which takes tens of ms to close a packet
	 * socket and its ring. */
	(void)close(w->in);
	(void)close(w->out);
}

/* -- in -------------------------------------------------------------------- */

static void
bad_line(struct worker *w, char *cause)
{
	free(w->bad);
	w->bad = cause;
	stop_working(w);
}

static void
stop(struct worker *w)
{
	w->stopped = true;
	stop_working(w);
}

/* Whether this may be said now. */
static bool
is_in_order(const struct worker *w, enum scan_op op)
{
	if (op == SCAN_OP_SCAN)
		return !w->begun;
	if (op == SCAN_OP_ASK || (op == SCAN_OP_GO && w->whole))
		return is_asked(w) && !w->asked_all;
	if (op == SCAN_OP_MORE || op == SCAN_OP_GO)
		return w->begun && !w->whole;
	return w->begun;
}

/* What it means at this point of the conversation. */
static void
take_op(struct worker *w, enum scan_op op, bool whole)
{
	if (!is_in_order(w, op)) {
		bad_line(w, xstrdup(w->begun ? "a scan is under way already"
					     : "the first line is no scan"));
		return;
	}
	w->begun = true;
	if (op == SCAN_OP_STOP)
		stop(w);
	else if (is_asked(w))
		heed(w, op);
	else if (op == SCAN_OP_PAUSE || op == SCAN_OP_RESUME) {
		if (w->engine != NULL)
			engine_pause(w->engine, op == SCAN_OP_PAUSE);
	} else
		w->whole = w->whole || whole;
}

static void
take_line(struct worker *w, const char *line, size_t n)
{
	char *cause = NULL;
	enum scan_op op;
	bool whole;

	/* Once it is whole, the plan rests on it. */
	if (w->whole) {
		struct scan_spec other;

		scan_spec_init(&other);
		if (scan_request_parse(line, n, &other, &op, &whole, &cause) <
		    0)
			bad_line(w, cause);
		else {
			w->spec.ask = other.ask;
			take_op(w, op, whole);
		}
		scan_spec_done(&other);
	} else if (scan_request_parse(line, n, &w->spec, &op, &whole, &cause) <
		   0)
		bad_line(w, cause);
	else
		take_op(w, op, whole);
}

/* The lines that are whole. Once the request is, the rest waits until the
 * engine can be told (all). */
static void
take_lines(struct worker *w, bool all)
{
	char *p = w->line.data, *end = p + w->line.len, *nl;

	while (w->line.len > 0 && w->bad == NULL && (all || !w->whole) &&
	       (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (nl > p)
			take_line(w, p, (size_t)(nl - p));
		p = nl + 1;
	}
	if (w->line.len == 0)
		return;
	memmove(w->line.data, p, (size_t)(end - p) + 1);
	w->line.len = (size_t)(end - p);
	if (w->line.len >= SCAN_LINE_MAX && (all || !w->whole) &&
	    w->bad == NULL)
		take_line(w, w->line.data, w->line.len);
}

/* False: there is no more to come. */
static bool
read_some(struct worker *w, bool all)
{
	char *p = buf_reserve(&w->line, SCAN_LINE_MAX);
	ssize_t n;

	do
		n = read(w->in, p, SCAN_LINE_MAX);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0) {
		/* The last line may lack its newline. */
		if (w->line.len > 0 && !w->in_ended)
			buf_putc(&w->line, '\n');
		w->in_ended = true;
	} else {
		w->line.len += (size_t)n;
		w->line.data[w->line.len] = '\0';
	}
	take_lines(w, all);
	return n > 0;
}

int
worker_request(struct worker *w, char **cause)
{
	struct pollfd p = { .fd = w->in, .events = POLLIN };

	while (!w->whole && w->bad == NULL) {
		(void)poll(&p, 1, -1);
		if (!read_some(w, false) && !w->whole && w->bad == NULL) {
			xasprintf(cause, w->begun
					     ? "the request ended before "
					       "{\"op\":\"go\"}"
					     : "no request on standard input");
			return -EBADMSG;
		}
	}
	if (w->bad == NULL)
		return 0;
	*cause = w->bad;
	w->bad = NULL;
	return -EBADMSG;
}

/* -- while the engine runs -------------------------------------------------- */

static void
take_signal(struct worker *w)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) == sizeof(info))
		stop(w);
}

static void
end_input(struct worker *w)
{
	(void)epoll_ctl(w->epfd, EPOLL_CTL_DEL, w->in, NULL);
	w->in_ended = true;
	heed(w, SCAN_OP_GO);
}

void
worker_ends_ready(struct worker *w)
{
	struct epoll_event ev[3];
	int i, n = epoll_wait(w->epfd, ev, 3, 0);

	for (i = 0; i < n; i++) {
		if (ev[i].data.fd == w->signals)
			take_signal(w);
		else if (ev[i].data.fd == w->in) {
			if (!read_some(w, true))
				end_input(w);
		} else if ((ev[i].events & (EPOLLERR | EPOLLHUP)) != 0)
			gone(w);
		else {
			write_ready(w);
			ask_when_ready(w, waiting(w) > 0);
		}
	}
}

static void
on_ready(void *arg, int fd, uint32_t events, uint64_t now)
{
	(void)fd;
	(void)events;
	(void)now;
	worker_ends_ready(arg);
}

/* From now on these are read, so that the last lines are still written. */
static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
watch(struct worker *w, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

int
worker_ends_open(struct worker *w)
{
	int r;

	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epfd < 0)
		return -errno;
	w->signals = signals_open();
	if (w->signals >= 0)
		(void)watch(w, w->signals, EPOLLIN);
	r = watch(w, w->out, 0);
	w->out_file = r == -EPERM;
	return r < 0 && r != -EPERM ? r : 0;
}

void
worker_ends_read(struct worker *w)
{
	take_lines(w, true);
	/* A file is read to its end now: epoll(7) does not take it. */
	if (!w->in_ended && watch(w, w->in, EPOLLIN) == -EPERM)
		while (w->bad == NULL && read_some(w, true))
			;
}

int
worker_attach(struct worker *w, struct engine *e)
{
	int r = worker_ends_open(w);

	if (r < 0)
		return r;
	w->engine = e;
	worker_ends_read(w);
	return engine_watch(e, w->epfd, EPOLLIN, on_ready, w);
}

enum scan_exit
worker_outcome(struct worker *w, int error, char **cause)
{
	if (error < 0 || w->gone)
		return SCAN_EXIT_FAILED;
	if (w->bad != NULL) {
		*cause = w->bad;
		w->bad = NULL;
		return SCAN_EXIT_USAGE;
	}
	if (!w->stopped)
		return SCAN_EXIT_DONE;
	*cause = xstrdup("stopped");
	return SCAN_EXIT_STOPPED;
}

enum scan_exit
worker_run(struct worker *w, char **cause)
{
	int r = 0;

	if (!w->stopped && w->bad == NULL)
		r = engine_run(w->engine, cause);
	return worker_outcome(w, r, cause);
}

/* -- life ------------------------------------------------------------------- */

void
worker_init(struct worker *w, int in, int out)
{
	struct stat st;

	*w = (struct worker){ .in = in,
		.out = out,
		.epfd = -1,
		.signals = -1,
		.began = clock_mono_ns() };
	scan_spec_init(&w->spec);
	if (fstat(out, &st) == 0) {
		w->out_socket = S_ISSOCK(st.st_mode);
		w->out_file = S_ISREG(st.st_mode);
	}
}

void
worker_done(struct worker *w)
{
	if (w->epfd >= 0)
		(void)close(w->epfd);
	if (w->signals >= 0)
		(void)close(w->signals);
	scan_spec_done(&w->spec);
	target_free(w->targets);
	probe_files_free(w->files);
	free(w->port);
	free(w->bad);
	buf_done(&w->queue);
	buf_done(&w->line);
}
