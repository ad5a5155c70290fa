/* SPDX-License-Identifier: ISC */
/*
 * The way to the director's process and back.
 */
#include "config.h"

#include "lab/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "lab/director.h"

struct lab {
	pid_t pid;
	int fd;
};

static void become_director(int, pid_t, const struct lab_env *)
    __attribute__((noreturn));

/* Away from the terminal and its signals; ends with whoever started it. */
static void
become_director(int boss, pid_t parent, const struct lab_env *env)
{
	static const int usual[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
		SIGWINCH, SIGCONT, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	sigset_t none;
	size_t i;
	int null;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		(void)signal(usual[i], SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	(void)prctl(PR_SET_NAME, "lab");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; null >= 0 && i < 3; i++)
		(void)dup2(null, (int)i);
	director_run(boss, env);
	_exit(0);
}

int
lab_start(struct lab **ret, const struct lab_env *env, char **cause)
{
	pid_t parent = getpid();
	struct lab *l;
	int fd[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0) {
		r = -errno;
		xasprintf(cause, "the lab: socketpair: %s", strerror(-r));
		return r;
	}
	l = xcalloc(1, sizeof(*l));
	l->pid = fork();
	if (l->pid == 0) {
		close(fd[0]);
		become_director(fd[1], parent, env);
	}
	close(fd[1]);
	l->fd = fd[0];
	if (l->pid < 0) {
		r = -errno;
		xasprintf(cause, "the lab: no process: %s", strerror(-r));
		close(l->fd);
		free(l);
		return r;
	}
	(void)fcntl(l->fd, F_SETFL, O_NONBLOCK);
	*ret = l;
	return 0;
}

void
lab_stop(struct lab *l)
{
	if (l == NULL)
		return;
	close(l->fd);
	(void)kill(l->pid, SIGKILL); /* and the actors with it */
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(l);
}

int
lab_fd(const struct lab *l)
{
	return l->fd;
}

static int
order(struct lab *l, const struct director_order *o)
{
	return send(l->fd, o, sizeof(*o), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
lab_begin(struct lab *l, size_t lesson)
{
	struct director_order o = { .what = ORDER_BEGIN, .lesson = lesson };

	return order(l, &o);
}

int
lab_next(struct lab *l)
{
	struct director_order o = { .what = ORDER_NEXT };

	return order(l, &o);
}

int
lab_take(struct lab *l, struct lab_event *ev)
{
	ssize_t n;

	do {
		n = recv(l->fd, ev, sizeof(*ev), 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return 1;
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return -ESRCH;
}
