/* SPDX-License-Identifier: ISC */
/*
 * The guard process. It holds no socket, reads nothing from outside and knows
 * nothing of curses: it waits, passes signals on, stops and goes on with its
 * child, and at the end puts the terminal's modes back.
 */
#include "config.h"

#include "app/guard.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "act/session.h"
#include "base/array.h"

struct guard {             /* shared */
	atomic_size_t len; /* 0: the terminal is not taken */
	char sequence[512];
};

static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP,
	SIGUSR1, SIGUSR2 };

static void
guarded_signals(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTTOU); /* tcsetattr(3) from the background */
	for (i = 0; i < nitems(passed_on); i++)
		sigaddset(set, passed_on[i]);
}

static void
give_back(const struct guard *g, int tty, const struct termios *modes)
{
	size_t len = atomic_load(&g->len);

	if (tty == -1)
		return;
	if (len > 0 && len <= sizeof g->sequence)
		(void)!write(tty, g->sequence, len);
	if (modes != NULL)
		(void)tcsetattr(tty, TCSANOW, modes);
}

/* It ended by itself, but without what it should have done: curses calls
 * exit(3) where it has no memory. */
static bool
left_behind(const struct guard *g, int tty, const struct termios *modes)
{
	struct termios now;

	return atomic_load(&g->len) > 0 && modes != NULL &&
	       tcgetattr(tty, &now) == 0 &&
	       (now.c_lflag != modes->c_lflag || now.c_iflag != modes->c_iflag);
}

/* Ends as the child did, so that the caller sees no difference. */
static void
end_as(int status)
{
	struct rlimit none = { 0, 0 };
	sigset_t set;
	int sig;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	sig = WTERMSIG(status);
	(void)setrlimit(RLIMIT_CORE, &none); /* the child left one */
	(void)signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig);
	_exit(128 + sig);
}

/*
 * What waitpid(2) tells of the child after we were continued; 0: nothing, for
 * 100 ms. The shell continues the whole job, but one process after the other.
 */
static pid_t
told_of(pid_t child, int *status)
{
	struct timespec patience = { .tv_nsec = 100000000 };
	sigset_t set;
	pid_t told;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	do {
		told = waitpid(child, status, WNOHANG | WUNTRACED | WCONTINUED);
	} while (told == 0 && sigtimedwait(&set, NULL, &patience) != -1);
	return told;
}

/*
 * The child stopped: so do we, since the shell watches us. Continued, the
 * child has been as well (the shell means the whole job), or only we were.
 * Each stop of the child is told once: a second one is a new Ctrl-Z, which an
 * unasked SIGCONT of ours must not undo. Returns what waitpid(2) told last.
 */
static pid_t
stop_along(pid_t child, int *status)
{
	pid_t told;

	do {
		(void)raise(SIGSTOP);
		told = told_of(child, status);
	} while (told == child && WIFSTOPPED(*status));
	if (told == 0)
		(void)kill(child, SIGCONT);
	return told;
}

static void
child_changed(
    pid_t child, const struct guard *g, int tty, const struct termios *modes)
{
	int status;

	while (waitpid(child, &status, WNOHANG | WUNTRACED) == child) {
		if (WIFSTOPPED(status) && stop_along(child, &status) != child)
			continue;
		if (WIFCONTINUED(status))
			continue;
		if (WIFSIGNALED(status) || left_behind(g, tty, modes))
			give_back(g, tty, modes);
		end_as(status);
	}
}

static void
guard_wait(pid_t child, const struct guard *g, int tty,
    const struct termios *modes, const sigset_t *set)
{
	siginfo_t info;
	int sig;

	(void)prctl(PR_SET_NAME, SESSION_GUARD_COMM);
	for (;;) {
		if ((sig = sigwaitinfo(set, &info)) == -1)
			continue;
		if (sig == SIGCHLD)
			child_changed(child, g, tty, modes);
		else if (sig != SIGTTOU && info.si_code <= 0)
			/* Sent by a process: the terminal's own reach the
			 * child directly. */
			(void)kill(child, sig);
		else if (sig == SIGHUP)
			(void)kill(child, sig);
	}
}

struct guard *
guard_start(void)
{
	struct termios modes;
	struct guard *g;
	sigset_t set, old;
	pid_t parent = getpid(), child;
	bool have;
	int tty;

	g = mmap(NULL, sizeof *g, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g == MAP_FAILED)
		return NULL;
	tty = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (tty == -1)
		tty = open("/proc/self/fd/0",
		    O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (tty == -1)
		tty = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	have = tty != -1 && tcgetattr(tty, &modes) == 0;
	guarded_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	child = fork();
	if (child == -1) {
		(void)sigprocmask(SIG_SETMASK, &old, NULL);
		if (tty != -1)
			close(tty);
		(void)munmap(g, sizeof *g);
		return NULL;
	}
	if (child > 0)
		guard_wait(child, g, tty, have ? &modes : NULL, &set);
	/* The child: without its guard it would be alone with the terminal. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(128 + SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (tty != -1)
		close(tty);
	return g;
}

void
guard_arm(struct guard *g, const char *sequence, size_t len)
{
	if (g == NULL || len > sizeof g->sequence)
		return;
	memcpy(g->sequence, sequence, len);
	atomic_store(&g->len, len);
}

void
guard_disarm(struct guard *g)
{
	if (g != NULL)
		atomic_store(&g->len, 0);
}
