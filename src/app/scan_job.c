/* SPDX-License-Identifier: ISC */
/* A worker's life on the parent's loop: see scan_job.h. */
#include "config.h"

#include "app/scan_job.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/secure.h"
#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/scan_wire.h"

#define HELLO_MS  10000 /* the first line must be there by then */
#define STOP_MS   2000  /* between "stop", SIGTERM and SIGKILL */
#define LEFT_MS   1000  /* for pipes that are still open after its exit */
#define PASS_MAX  65536 /* bytes a pass of the loop */
#define WORDS_MAX 1024  /* of its standard error, the last ones */

struct scan_job {
	const struct scan_job_ops *ops;
	void *arg;
	enum scan_job_state state;
	enum scan_exit error;
	char *cause;
	uv_process_t process;
	uv_pipe_t talk, err; /* its standard input and output; its error */
	uv_timer_t timer;
	uv_idle_t idle; /* until the next pass */
	unsigned open;  /* handles; at 0 the memory may go */
	bool freed, told;
	bool exited, out_ended, err_ended;
	int64_t status;
	int signal;
	unsigned killed; /* how often it was signalled after "stop" */
	bool ended;      /* its end event came */
	bool died;       /* without it, and not by us */
	uint64_t seq, unknown;
	size_t nline;
	char line[SCAN_LINE_MAX];
	struct buf words;
	char pass[PASS_MAX];
};

/* -- its end --------------------------------------------------------------- */

static void
free_if_closed(struct scan_job *j)
{
	if (j->open > 0 || !j->freed)
		return;
	buf_done(&j->words);
	free(j->cause);
	free(j);
}

static void
on_closed(uv_handle_t *h)
{
	struct scan_job *j = h->data;

	j->open--;
	free_if_closed(j);
}

static void
close_handle(void *handle)
{
	uv_handle_t *h = handle;

	if (!uv_is_closing(h))
		uv_close(h, on_closed);
}

/* All but the process, whose exit must be waited for. */
static void
close_pipes(struct scan_job *j)
{
	close_handle(&j->talk);
	close_handle(&j->err);
	close_handle(&j->timer);
	close_handle(&j->idle);
	j->out_ended = j->err_ended = true;
}

/* What it said on its standard error, in one line. */
static char *
last_words(const struct scan_job *j)
{
	char *raw =
		 xstrndup(j->words.len > 0 ? j->words.data : "", j->words.len),
	     *clean;
	size_t n = strlen(raw), i;

	while (n > 0 && raw[n - 1] == '\n')
		raw[--n] = '\0';
	for (i = 0; i < n; i++)
		if (raw[i] == '\n')
			raw[i] = ' ';
	clean = text_clean(raw, n);
	free(raw);
	return clean;
}

static char *
how_it_ended(const struct scan_job *j)
{
	char *words = last_words(j), *text;
	const char *colon = *words != '\0' ? ": " : "";

	if (j->signal != 0)
		xasprintf(&text, "the worker was killed by signal %d (%s)%s%s",
		    j->signal, strsignal(j->signal), colon, words);
	else
		xasprintf(&text,
		    "the worker ended without its last line (status %d)%s%s",
		    (int)j->status, colon, words);
	free(words);
	return text;
}

static void
judge(struct scan_job *j)
{
	if (j->state == SCAN_JOB_FAILED)
		return;
	if (j->ended) {
		j->state = j->error == SCAN_EXIT_DONE      ? SCAN_JOB_DONE
			   : j->error == SCAN_EXIT_STOPPED ? SCAN_JOB_STOPPED
							   : SCAN_JOB_FAILED;
	} else if (j->killed > 0) {
		j->state = SCAN_JOB_STOPPED;
		j->error = SCAN_EXIT_STOPPED;
		j->cause = xstrdup("the worker did not stop when it was asked "
				   "to, and was killed");
	} else {
		j->state = SCAN_JOB_FAILED;
		j->error = SCAN_EXIT_FAILED;
		j->cause = how_it_ended(j);
		j->died = true;
	}
}

static void
end_if_over(struct scan_job *j)
{
	/* After its last line and the end of its output nothing is left to be
	 * learnt; the kernel may take tens of ms to close what it had open. */
	bool over = j->out_ended && (j->ended || (j->exited && j->err_ended));

	if (!over || j->told)
		return;
	j->told = true;
	judge(j);
	close_pipes(j);
	if (!j->freed)
		j->ops->ended(j->arg, j);
}

static void
send_signal(struct scan_job *j, int sig)
{
	if (!j->exited)
		(void)uv_process_kill(&j->process, sig);
}

/* Takes the sentence. The first reason is the one that is told. */
static void
fail(struct scan_job *j, char *cause)
{
	if (j->state == SCAN_JOB_FAILED) {
		free(cause);
		return;
	}
	j->state = SCAN_JOB_FAILED;
	j->error = SCAN_EXIT_FAILED;
	free(j->cause);
	j->cause = cause;
	send_signal(j, SIGKILL);
	(void)uv_read_stop((uv_stream_t *)&j->talk);
	(void)uv_idle_stop(&j->idle);
	j->out_ended = true;
}

static void on_timer(uv_timer_t *);

static void
on_exit_of(uv_process_t *p, int64_t status, int sig)
{
	struct scan_job *j = p->data;

	j->exited = true;
	j->status = status;
	j->signal = sig;
	close_handle(p);
	if (!j->freed)
		(void)uv_timer_start(&j->timer, on_timer, LEFT_MS, 0);
	end_if_over(j);
}

static void
on_timer(uv_timer_t *t)
{
	struct scan_job *j = t->data;
	char *cause, *text;

	if (j->exited) {
		/* Somebody else holds its pipes. */
		j->out_ended = j->err_ended = true;
		end_if_over(j);
	} else if (j->state == SCAN_JOB_STOPPING) {
		send_signal(j, j->killed++ == 0 ? SIGTERM : SIGKILL);
		(void)uv_timer_start(t, on_timer, STOP_MS, 0);
	} else if (j->state == SCAN_JOB_STARTING) {
		text = text_clean(j->line, j->nline);
		xasprintf(&cause,
		    "the worker did not say hello within %d s%s%s",
		    HELLO_MS / 1000, j->nline > 0 ? ", but: " : "", text);
		free(text);
		fail(j, cause);
	}
}

/* -- what it says ---------------------------------------------------------- */

static char *
check_order(const struct scan_job *j, const struct scan_event *ev)
{
	char *cause = NULL;

	if (j->ended)
		cause = xstrdup("the worker went on after its last line");
	else if (ev->seq != j->seq)
		xasprintf(&cause,
		    "the worker's line %llu came where %llu was due",
		    (unsigned long long)ev->seq, (unsigned long long)j->seq);
	return cause;
}

static char *
check_hello(const struct scan_job *j, const struct scan_event *ev)
{
	char *cause = NULL;

	if ((j->seq == 0) != (ev->type == SCAN_EV_HELLO))
		cause =
		    xstrdup(j->seq == 0 ? "the worker's first line is no hello"
					: "the worker said hello twice");
	else if (ev->type == SCAN_EV_HELLO &&
		 ev->hello.version != SCAN_PROTOCOL)
		xasprintf(&cause,
		    "the worker speaks version %u of the protocol, not %d",
		    ev->hello.version, SCAN_PROTOCOL);
	return cause;
}

static void
take_event(struct scan_job *j, const struct scan_event *ev)
{
	if (ev->type == SCAN_EV_HELLO && j->state == SCAN_JOB_STARTING) {
		j->state = SCAN_JOB_RUNNING;
		(void)uv_timer_stop(&j->timer);
	}
	if (ev->type == SCAN_EV_END) {
		j->ended = true;
		j->error = (enum scan_exit)ev->end.error;
		free(j->cause);
		j->cause = xstrdup(ev->end.cause);
	}
	j->seq++;
	j->ops->event(j->arg, ev);
}

static void
take_line(struct scan_job *j, const char *line, size_t n)
{
	struct scan_event ev;
	char *why = NULL, *cause;
	int r = scan_event_parse(line, n, &ev, &why);

	if (r == -EBADMSG) {
		xasprintf(&cause, "the worker's line %llu: %s",
		    (unsigned long long)j->seq, why);
		free(why);
		fail(j, cause);
		return;
	}
	cause = check_order(j, &ev);
	if (cause == NULL && (r == 0 || j->seq == 0))
		cause = check_hello(j, &ev);
	if (cause != NULL) {
		fail(j, cause);
	} else if (r == -ENOMSG) {
		j->unknown++;
		j->seq++;
	} else
		take_event(j, &ev);
}

/* Lines may come in pieces; a whole one is not copied. */
static void
take_bytes(struct scan_job *j, const char *p, size_t n)
{
	const char *nl;
	size_t k;

	while (n > 0 && j->state != SCAN_JOB_FAILED && !j->freed) {
		nl = memchr(p, '\n', n);
		k = nl == NULL ? n : (size_t)(nl - p);
		if (j->nline == 0 && nl != NULL)
			take_line(j, p, k);
		else if (k > sizeof(j->line) - j->nline) {
			/* Too long by the newline at least. */
			take_line(j, j->line, sizeof(j->line));
			j->nline = 0;
		} else {
			memcpy(j->line + j->nline, p, k);
			j->nline += k;
			if (nl != NULL) {
				take_line(j, j->line, j->nline);
				j->nline = 0;
			}
		}
		p += k + (nl != NULL);
		n -= k + (nl != NULL);
	}
}

static void
on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *b)
{
	struct scan_job *j = h->data;

	(void)wanted;
	*b = uv_buf_init(j->pass, sizeof(j->pass));
}

static void on_out(uv_stream_t *, ssize_t, const uv_buf_t *);

static void
on_idle(uv_idle_t *i)
{
	struct scan_job *j = i->data;

	(void)uv_idle_stop(i);
	(void)uv_read_start((uv_stream_t *)&j->talk, on_alloc, on_out);
}

static void
on_out(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct scan_job *j = s->data;

	if (n < 0) {
		j->out_ended = true;
		(void)uv_read_stop(s);
		end_if_over(j);
		return;
	}
	take_bytes(j, b->base, (size_t)n);
	/* More may wait: keys and painting come first. */
	if ((size_t)n == sizeof(j->pass) && !j->freed && !j->out_ended) {
		(void)uv_read_stop(s);
		(void)uv_idle_start(&j->idle, on_idle);
	}
	end_if_over(j);
}

static void
on_err(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct scan_job *j = s->data;
	size_t drop;

	if (n < 0) {
		j->err_ended = true;
		(void)uv_read_stop(s);
		end_if_over(j);
		return;
	}
	buf_put(&j->words, b->base, (size_t)n);
	if (j->words.len <= WORDS_MAX)
		return;
	drop = j->words.len - WORDS_MAX;
	memmove(j->words.data, j->words.data + drop, WORDS_MAX);
	j->words.len = WORDS_MAX;
}

/* -- what it is told ------------------------------------------------------- */

struct message {
	uv_write_t write;
	struct buf text;
};

static void
on_written(uv_write_t *w, int status)
{
	struct message *m = w->data;

	(void)status; /* if it is gone, its exit says so */
	buf_done(&m->text);
	free(m);
}

/* Takes the text. */
static void
say(struct scan_job *j, struct buf *text)
{
	struct message *m;
	uv_buf_t b;

	if (uv_is_closing((uv_handle_t *)&j->talk)) {
		buf_done(text);
		return;
	}
	m = xcalloc(1, sizeof(*m));
	m->text = *text;
	m->write.data = m;
	b = uv_buf_init(m->text.data, (unsigned)m->text.len);
	if (uv_write(&m->write, (uv_stream_t *)&j->talk, &b, 1, on_written) < 0)
		on_written(&m->write, 0);
}

static void
say_op(struct scan_job *j, enum scan_op op)
{
	struct buf text = { 0 };

	scan_op_put(&text, op);
	say(j, &text);
}

static void
say_request(struct scan_job *j, const struct scan_spec *spec)
{
	struct scan_spec with_parent = *spec; /* its lists are borrowed */
	struct buf text = { 0 };

	with_parent.parent = (uint32_t)getpid();
	scan_request_put(&text, &with_parent);
	say(j, &text);
}

void
scan_job_stop(struct scan_job *j)
{
	if (j->exited)
		return;
	if (j->state == SCAN_JOB_STOPPING) {
		j->killed++;
		send_signal(j, SIGKILL);
	} else if (j->state != SCAN_JOB_FAILED) {
		j->state = SCAN_JOB_STOPPING;
		say_op(j, SCAN_OP_STOP);
		(void)uv_timer_start(&j->timer, on_timer, STOP_MS, 0);
	}
}

void
scan_job_pause(struct scan_job *j, bool pause)
{
	if (!j->exited)
		say_op(j, pause ? SCAN_OP_PAUSE : SCAN_OP_RESUME);
}

void
scan_job_ask(struct scan_job *j, const struct scan_ask *ask)
{
	struct buf text = { 0 };

	scan_ask_put(&text, ask);
	say(j, &text);
}

void
scan_job_go(struct scan_job *j)
{
	if (!j->exited)
		say_op(j, SCAN_OP_GO);
}

/* -- its beginning --------------------------------------------------------- */

/* Nobody can change it who could not change us. */
static bool
is_as_safe(const char *path, const struct stat *own, mode_t kind)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind &&
	       (st.st_uid == 0 || st.st_uid == own->st_uid ||
		   st.st_uid == geteuid()) &&
	       (st.st_mode & S_IWOTH) == 0;
}

static char *
beside_us(void)
{
	char dir[4096], *path, *slash;
	struct stat own;
	ssize_t n;

	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n <= 0 || stat("/proc/self/exe", &own) < 0)
		return NULL;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return NULL;
	*slash = '\0';
	xasprintf(&path, "%s/sockdeck-scan", dir);
	if (is_as_safe(dir, &own, S_IFDIR) && is_as_safe(path, &own, S_IFREG))
		return path;
	free(path);
	return NULL;
}

char *
scan_job_program(char **cause)
{
	static const char installed[] = LIBEXECDIR "/sockdeck-scan";
	char *path = secure_raised() ? NULL : beside_us();

	if (path != NULL)
		return path;
	if (access(installed, X_OK) == 0)
		return xstrdup(installed);
	xasprintf(
	    cause, "no worker for scans: %s: %s", installed, strerror(errno));
	return NULL;
}

static struct scan_job *
job_new(uv_loop_t *loop, const struct scan_job_ops *ops, void *arg)
{
	struct scan_job *j = xcalloc(1, sizeof(*j));

	j->ops = ops;
	j->arg = arg;
	(void)uv_pipe_init(loop, &j->talk, 0);
	(void)uv_pipe_init(loop, &j->err, 0);
	(void)uv_timer_init(loop, &j->timer);
	(void)uv_idle_init(loop, &j->idle);
	j->talk.data = j->err.data = j;
	j->timer.data = j->idle.data = j->process.data = j;
	j->open = 4; /* and the process, once it was to be started */
	return j;
}

/* One pair of sockets for both its ends: where few descriptors may be open
 * (16), two pairs are too many. */
static int
spawn(struct scan_job *j, uv_loop_t *loop, char *program)
{
	int pair[2], r;
	uv_stdio_container_t io[3] = {
		{ .flags = UV_INHERIT_FD },
		{ .flags = UV_INHERIT_FD },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&j->err },
	};
	char name[] = "sockdeck-scan", *argv[] = { name, NULL };
	uv_process_options_t o = { .exit_cb = on_exit_of,
		.file = program,
		.args = argv,
		.stdio = io,
		.stdio_count = nitems(io) };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	io[0].data.fd = io[1].data.fd = pair[1];
	r = uv_pipe_open(&j->talk, pair[0]);
	if (r < 0)
		(void)close(pair[0]);
	else {
		j->open++;
		r = uv_spawn(loop, &j->process, &o);
	}
	(void)close(pair[1]);
	return r;
}

int
scan_job_start(uv_loop_t *loop, const struct scan_spec *spec,
    const char *program, const struct scan_job_ops *ops, void *arg,
    struct scan_job **ret, char **cause)
{
	char *path =
	    program != NULL ? xstrdup(program) : scan_job_program(cause);
	struct scan_job *j;
	int r;

	if (path == NULL)
		return -ENOENT;
	(void)signal(SIGPIPE, SIG_IGN); /* its exit says that it is gone */
	j = job_new(loop, ops, arg);
	r = spawn(j, loop, path);
	if (r < 0) {
		xasprintf(cause, "%s: %s", path, strerror(-r));
		j->exited = true;
		if (j->process.loop != NULL)
			close_handle(&j->process);
		scan_job_free(j);
	} else {
		say_request(j, spec);
		(void)uv_timer_start(&j->timer, on_timer, HELLO_MS, 0);
		(void)uv_read_start((uv_stream_t *)&j->talk, on_alloc, on_out);
		(void)uv_read_start((uv_stream_t *)&j->err, on_alloc, on_err);
		*ret = j;
	}
	free(path);
	return r;
}

void
scan_job_free(struct scan_job *j)
{
	if (j == NULL || j->freed)
		return;
	j->freed = true;
	send_signal(j, SIGKILL);
	close_pipes(j);
	free_if_closed(j);
}

void
scan_job_leave(struct scan_job *j)
{
	if (j == NULL)
		return;
	if (!j->exited)
		close_handle(&j->process);
	scan_job_free(j);
}

enum scan_job_state
scan_job_state(const struct scan_job *j)
{
	return j->state;
}

enum scan_exit
scan_job_error(const struct scan_job *j)
{
	return j->error;
}

const char *
scan_job_cause(const struct scan_job *j)
{
	return j->cause == NULL ? "" : j->cause;
}

int
scan_job_signal(const struct scan_job *j)
{
	return j->died ? j->signal : 0;
}

uint64_t
scan_job_unknown(const struct scan_job *j)
{
	return j->unknown;
}

pid_t
scan_job_pid(const struct scan_job *j)
{
	return j->exited || j->told ? 0 : (pid_t)j->process.pid;
}
