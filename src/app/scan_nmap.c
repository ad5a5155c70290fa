/* SPDX-License-Identifier: ISC */
/*
 * nmap's life on the loop: see scan_nmap.h. It is forked here and not by
 * uv_spawn(), which can neither set PR_SET_PDEATHSIG (nmap ignores SIGPIPE: it
 * would scan on when nobody reads any more) nor make a session.
 */
#include "config.h"

#include "app/scan_nmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/scan_nmap_find.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"

#define STOP_MS   2000 /* between SIGTERM and SIGKILL */
#define LEFT_MS   1000 /* for pipes that are still open after its exit */
#define WHY_MS    300  /* for a reason, before SIGKILL */
#define WORDS_MAX 600  /* of its standard error, for a cause */
#define NOTES_MAX 100
#define LINE_MAX_ 2048
#define NO_START  127 /* its exit status if it was not executed */

struct scan_nmap {
	const struct scan_nmap_ops *ops;
	void *arg;
	enum scan_job_state state;
	enum scan_exit error;
	char *cause, *program;
	struct nmap_xml *xml;
	uv_pipe_t out, err;
	uv_signal_t child;
	uv_timer_t timer;
	unsigned open; /* handles; at 0 the memory may go */
	pid_t pid;
	bool freed, told, exited, out_ended, err_ended;
	bool ended; /* its end event came */
	bool paused, died;
	unsigned killed; /* how often it was signalled to stop */
	int status;      /* of waitpid(2) */
	uint64_t began_ns, seq;
	/* Its standard error: lines that wait whether it goes on. */
	char line[LINE_MAX_];
	size_t nline;
	struct buf words;
	char **note;
	size_t nnote, cap_note, nnoted;
	struct buf lost; /* names without an address, each in a line */
	struct scan_event progress; /* the last one */
	struct scan_event end;      /* held back until all else was told */
	char pass[65536];
};

/* -- its end ----------------------------------------------------------------- */

static void
free_if_closed(struct scan_nmap *j)
{
	size_t i;

	if (j->open > 0 || !j->freed)
		return;
	for (i = 0; i < j->nnote; i++)
		free(j->note[i]);
	free(j->note);
	buf_done(&j->words);
	buf_done(&j->lost);
	nmap_xml_free(j->xml);
	free(j->program);
	free(j->cause);
	free(j);
}

static void
on_closed(uv_handle_t *h)
{
	struct scan_nmap *j = h->data;

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

/* All but what waits for its exit. */
static void
close_pipes(struct scan_nmap *j)
{
	close_handle(&j->out);
	close_handle(&j->err);
	close_handle(&j->timer);
	j->out_ended = j->err_ended = true;
}

static void
send_signal(struct scan_nmap *j, int sig)
{
	if (!j->exited)
		(void)kill(j->pid, sig);
}

static void
tell(struct scan_nmap *j, struct scan_event *e)
{
	if (j->freed)
		return;
	e->seq = j->seq++;
	e->t_us = (clock_mono_ns() - j->began_ns) / 1000;
	j->ops->event(j->arg, e);
}

/* -- its standard error ------------------------------------------------------- */

/* Lua's traceback, and what follows every error. */
static bool
says_nothing(const char *line)
{
	static const char *const begins[] = { "\t",
		"stack traceback:", "QUITTING!", "See the output of nmap -h",
		"Host discovery disabled (-Pn)." };
	size_t i;

	for (i = 0; i < nitems(begins); i++)
		if (strncmp(line, begins[i], strlen(begins[i])) == 0)
			return true;
	return line[strspn(line, " ")] == '\0';
}

/* 'Failed to resolve "example".', several times. */
static bool
tell_lost(struct scan_nmap *j, const char *line)
{
	static const char begin[] = "Failed to resolve \"";
	const char *name = line + sizeof(begin) - 1, *end;
	struct scan_event e = { .type = SCAN_EV_TARGET };
	char *key;

	if (strncmp(line, begin, sizeof(begin) - 1) != 0 ||
	    (end = strchr(name, '"')) == NULL)
		return false;
	service_set(
	    e.target.name, sizeof(e.target.name), name, (size_t)(end - name));
	xasprintf(&key, "\n%s\n", e.target.name);
	if (j->lost.len == 0 || strstr(j->lost.data, key) == NULL) {
		buf_puts(&j->lost, key);
		(void)strlcpy(
		    e.target.error, "not found", sizeof(e.target.error));
		tell(j, &e);
	}
	free(key);
	return true;
}

/* It goes on: what it said meanwhile was no reason to end. */
static void
tell_notes(struct scan_nmap *j)
{
	struct scan_event e;
	size_t i;

	for (i = 0; i < j->nnote && j->nnoted < NOTES_MAX; i++) {
		if (tell_lost(j, j->note[i]))
			continue;
		j->nnoted++;
		memset(&e, 0, sizeof(e));
		e.type = SCAN_EV_NOTE;
		e.note.warning = true;
		service_setf(
		    e.note.text, sizeof(e.note.text), "nmap: %s", j->note[i]);
		tell(j, &e);
	}
	for (i = 0; i < j->nnote; i++)
		free(j->note[i]);
	j->nnote = 0;
	buf_reset(&j->words);
}

static void
take_words(struct scan_nmap *j, const char *line)
{
	size_t i;

	if (says_nothing(line))
		return;
	if (j->words.len < WORDS_MAX) {
		if (j->words.len > 0)
			buf_putc(&j->words, ' ');
		buf_puts(&j->words, line);
	}
	for (i = 0; i < j->nnote; i++)
		if (strcmp(j->note[i], line) == 0)
			return;
	if (j->nnote == NOTES_MAX)
		return;
	j->note =
	    array_grow(j->note, &j->cap_note, j->nnote + 1, sizeof(*j->note));
	j->note[j->nnote++] = xstrdup(line);
}

/* Whole lines, and what is left when it is over. */
static void
take_err(struct scan_nmap *j, const char *p, size_t n, bool last)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != '\n' && j->nline < sizeof(j->line) - 1)
			j->line[j->nline++] = p[i];
		if (p[i] != '\n')
			continue;
		j->line[j->nline] = '\0';
		take_words(j, j->line);
		j->nline = 0;
	}
	if (last && j->nline > 0) {
		j->line[j->nline] = '\0';
		take_words(j, j->line);
		j->nline = 0;
	}
}

/* -- how it ended -------------------------------------------------------------- */

static char *
why_failed(const struct scan_nmap *j)
{
	char *words = text_clean(
		 j->words.len > 0 ? j->words.data : "", j->words.len),
	     *text;
	const char *colon = *words != '\0' ? ": " : "";

	if (WIFSIGNALED(j->status))
		xasprintf(&text, "nmap was killed by signal %d (%s)%s%s",
		    WTERMSIG(j->status), strsignal(WTERMSIG(j->status)), colon,
		    words);
	else if (WEXITSTATUS(j->status) == NO_START)
		xasprintf(&text, "%s cannot be started%s%s", j->program, colon,
		    words);
	else if (*words != '\0')
		xasprintf(&text, "nmap: %s", words);
	else
		xasprintf(&text,
		    "nmap ended without its last words (status %d)",
		    WEXITSTATUS(j->status));
	free(words);
	return text;
}

static void
judge(struct scan_nmap *j)
{
	if (j->state == SCAN_JOB_FAILED) {
		if (j->words.len == 0)
			return;
		free(j->cause);
		j->cause = why_failed(j);
		return;
	}
	if (j->killed > 0 && !j->ended)
		(void)nmap_xml_end(j->xml, true);
	if (j->killed > 0 && !j->ended) {
		j->state = SCAN_JOB_STOPPED; /* it had said nothing yet */
		j->error = SCAN_EXIT_STOPPED;
	} else if (!j->ended) {
		j->state = SCAN_JOB_FAILED;
		j->error = SCAN_EXIT_FAILED;
		j->cause = why_failed(j);
		j->died = WIFSIGNALED(j->status);
	} else {
		if (j->error == SCAN_EXIT_FAILED && j->words.len > 0) {
			free(j->cause); /* its XML says it, too: with Lua's
					 * traceback */
			j->cause = why_failed(j);
			(void)strlcpy(j->end.end.cause, j->cause,
			    sizeof(j->end.end.cause));
		} else
			tell_notes(j);
		tell(j, &j->end);
		j->state = j->error == SCAN_EXIT_DONE      ? SCAN_JOB_DONE
			   : j->error == SCAN_EXIT_STOPPED ? SCAN_JOB_STOPPED
							   : SCAN_JOB_FAILED;
	}
}

static void
end_if_over(struct scan_nmap *j)
{
	if (!j->exited || !j->out_ended || !j->err_ended || j->told)
		return;
	j->told = true;
	judge(j);
	close_pipes(j);
	if (!j->freed)
		j->ops->ended(j->arg, j);
}

static void
on_timer(uv_timer_t *t)
{
	struct scan_nmap *j = t->data;

	if (j->exited) { /* somebody else holds its pipes */
		j->out_ended = j->err_ended = true;
		end_if_over(j);
	} else
		send_signal(j, SIGKILL);
}

/* SIGCHLD is for all children of ours: this one's is asked for. */
static void
on_child(uv_signal_t *h, int sig)
{
	struct scan_nmap *j = h->data;

	(void)sig;
	if (j->exited || waitpid(j->pid, &j->status, WNOHANG) != j->pid)
		return;
	j->exited = true;
	close_handle(h);
	if (!j->freed)
		(void)uv_timer_start(&j->timer, on_timer, LEFT_MS, 0);
	end_if_over(j);
}

/* -- what it says --------------------------------------------------------------- */

static void
on_event(void *arg, const struct scan_event *ev)
{
	struct scan_nmap *j = arg;
	struct scan_event e = *ev;

	if (e.type == SCAN_EV_HELLO && j->state == SCAN_JOB_STARTING)
		j->state = SCAN_JOB_RUNNING;
	if (e.type == SCAN_EV_PROGRESS) {
		e.progress.paused = j->paused;
		j->progress = e;
	}
	if (e.type == SCAN_EV_END) {
		j->ended = true;
		j->error = (enum scan_exit)e.end.error;
		free(j->cause);
		j->cause = xstrdup(e.end.cause);
		j->end = e;
		return;
	}
	tell(j, &e);
}

/* What it prints is not XML, or not whole: it may be about to say why. */
static void
fail(struct scan_nmap *j, char *cause)
{
	j->state = SCAN_JOB_FAILED;
	j->error = SCAN_EXIT_FAILED;
	free(j->cause);
	j->cause = cause;
	(void)uv_read_stop((uv_stream_t *)&j->out);
	j->out_ended = true;
	if (!j->exited)
		(void)uv_timer_start(&j->timer, on_timer, WHY_MS, 0);
}

static void
on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *b)
{
	struct scan_nmap *j = h->data;

	(void)wanted;
	*b = uv_buf_init(j->pass, sizeof(j->pass));
}

static void
on_out(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct scan_nmap *j = s->data;
	char *cause = NULL;

	if (n < 0) {
		j->out_ended = true;
		(void)uv_read_stop(s);
	} else if (n > 0) {
		if (nmap_xml_feed(j->xml, b->base, (size_t)n, &cause) != 0)
			fail(j, cause);
		else if (!j->freed && !j->ended &&
			 j->state != SCAN_JOB_STARTING)
			tell_notes(j);
	}
	end_if_over(j);
}

static void
on_err(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct scan_nmap *j = s->data;

	if (n > 0)
		take_err(j, b->base, (size_t)n, false);
	else if (n < 0) {
		take_err(j, NULL, 0, true);
		j->err_ended = true;
		(void)uv_read_stop(s);
	}
	end_if_over(j);
}

/* -- what it is told -------------------------------------------------------------- */

void
scan_nmap_stop(struct scan_nmap *j)
{
	if (j->exited)
		return;
	if (j->killed++ > 0) {
		send_signal(j, SIGKILL);
		return;
	}
	if (j->state < SCAN_JOB_STOPPING)
		j->state = SCAN_JOB_STOPPING;
	send_signal(j, SIGTERM);
	send_signal(j, SIGCONT); /* or it would not hear */
	(void)uv_timer_start(&j->timer, on_timer, STOP_MS, 0);
}

void
scan_nmap_pause(struct scan_nmap *j, bool pause)
{
	struct scan_event e = j->progress;

	if (j->exited || j->killed > 0)
		return;
	j->paused = pause;
	send_signal(j, pause ? SIGSTOP : SIGCONT);
	e.progress.paused = pause;
	if (e.type == SCAN_EV_PROGRESS)
		tell(j, &e);
}

/* -- its beginning ------------------------------------------------------------------ */

/* In the child, between fork(2) and exec(3): only calls that are safe there. */
static void
become(const char *program, char **argv, pid_t parent, const int fds[5])
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;
	int fd[5], i;

	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NO_START);
	/* Out of the way first, then each to its place. */
	for (i = 0; i < 5; i++)
		if (fds[i] >= 0 &&
		    (fd[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 5)) < 0)
			_exit(NO_START);
	for (i = 0; i < 5; i++)
		if (fds[i] >= 0 && dup2(fd[i], i) < 0)
			_exit(NO_START);
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(program, argv);
	_exit(NO_START);
}

/* A file in memory with a list; -1: there is none. */
static int
list_fd(const struct buf *list)
{
	size_t done = 0;
	ssize_t n;
	int fd;

	if (list->len == 0)
		return -1;
	fd = memfd_create("sockdeck-nmap", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (; done < list->len; done += (size_t)n) {
		n = write(fd, list->data + done, list->len - done);
		if (n < 0) {
			(void)close(fd);
			return -ENOSPC;
		}
	}
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static void
close_fds(int *fd, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]); /* pipes, memory: nothing is lost */
}

/* 0 input, 1 output, 2 error, 3 and 4 lists; and our ends of 1 and 2. */
static int
open_fds(const struct scan_spec *spec, int fd[5], int ours[2])
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, r = 0;

	fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd[0] < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		r = -errno;
	ours[0] = out[0];
	ours[1] = err[0];
	fd[1] = out[1];
	fd[2] = err[1];
	fd[3] = fd[4] = -1;
	if (r == 0 && (fd[3] = list_fd(&spec->targets)) < -1)
		r = fd[3];
	if (r == 0 && (fd[4] = list_fd(&spec->exclude)) < -1)
		r = fd[4];
	if (r < 0) {
		close_fds(fd, 5);
		close_fds(ours, 2);
	}
	return r;
}

static int
spawn(struct scan_nmap *j, const struct scan_spec *spec, char **argv)
{
	const pid_t parent = getpid();
	int fd[5], ours[2], r;

	r = open_fds(spec, fd, ours);
	if (r < 0)
		return r;
	j->pid = fork();
	if (j->pid == 0)
		become(j->program, argv, parent, fd);
	r = j->pid < 0 ? -errno : 0;
	close_fds(fd, 5);
	if (r < 0 || (r = uv_pipe_open(&j->out, ours[0])) < 0)
		(void)close(ours[0]); /* only read */
	if (r < 0 || (r = uv_pipe_open(&j->err, ours[1])) < 0)
		(void)close(ours[1]);
	return r;
}

static struct scan_nmap *
job_new(uv_loop_t *loop, const struct nmap_xml_asked *asked, char *program,
    const struct scan_nmap_ops *ops, void *arg)
{
	struct scan_nmap *j = xcalloc(1, sizeof(*j));

	j->ops = ops;
	j->arg = arg;
	j->program = program;
	j->began_ns = clock_mono_ns();
	j->progress.type = SCAN_EV_NTYPES;
	j->xml = nmap_xml_new(asked, on_event, j);
	(void)uv_pipe_init(loop, &j->out, 0);
	(void)uv_pipe_init(loop, &j->err, 0);
	(void)uv_timer_init(loop, &j->timer);
	(void)uv_signal_init(loop, &j->child);
	j->out.data = j->err.data = j->timer.data = j->child.data = j;
	j->open = 4;
	return j;
}

int
scan_nmap_start(uv_loop_t *loop, const struct nmap_asked *asked,
    const struct nmap_xml_asked *xml, const char *program,
    const struct scan_nmap_ops *ops, void *arg, struct scan_nmap **ret,
    char **cause)
{
	char **argv = NULL, *path;
	struct scan_nmap *j;
	int r;

	r = nmap_args(asked, &argv, cause);
	if (r < 0)
		return r;
	path = program != NULL ? xstrdup(program) : scan_nmap_find(cause);
	if (path == NULL) {
		nmap_args_free(argv);
		return -ENOENT;
	}
	j = job_new(loop, xml, path, ops, arg);
	/* Before it can end. */
	(void)uv_signal_start(&j->child, on_child, SIGCHLD);
	r = spawn(j, asked->spec, argv);
	nmap_args_free(argv);
	if (r < 0) {
		xasprintf(cause, "%s: %s", path, strerror(-r));
		j->exited = j->pid <= 0;
		scan_nmap_free(j);
		return r;
	}
	(void)uv_read_start((uv_stream_t *)&j->out, on_alloc, on_out);
	(void)uv_read_start((uv_stream_t *)&j->err, on_alloc, on_err);
	*ret = j;
	return 0;
}

void
scan_nmap_free(struct scan_nmap *j)
{
	if (j == NULL || j->freed)
		return;
	j->freed = true;
	send_signal(j, SIGKILL);
	if (j->exited)
		close_handle(&j->child);
	close_pipes(j);
	free_if_closed(j);
}

void
scan_nmap_leave(struct scan_nmap *j)
{
	if (j == NULL || j->freed)
		return;
	send_signal(j, SIGKILL);
	close_handle(&j->child);
	j->exited = true;
	scan_nmap_free(j);
}

enum scan_job_state
scan_nmap_state(const struct scan_nmap *j)
{
	return j->state;
}

enum scan_exit
scan_nmap_error(const struct scan_nmap *j)
{
	return j->error;
}

const char *
scan_nmap_cause(const struct scan_nmap *j)
{
	return j->cause == NULL ? "" : j->cause;
}

int
scan_nmap_signal(const struct scan_nmap *j)
{
	return j->died ? WTERMSIG(j->status) : 0;
}

pid_t
scan_nmap_pid(const struct scan_nmap *j)
{
	return j->exited || j->told ? 0 : j->pid;
}
