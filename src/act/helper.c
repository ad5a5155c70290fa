/* SPDX-License-Identifier: ISC */
/*
 * The forked helper. From fork(2) to _exit(2) it allocates nothing and calls
 * nothing that might: the deck has threads, and one of them may have held the
 * allocator's lock.
 */
#include "config.h"

#include "act/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/sockclose.h"
#include "base/log.h"
#include "base/xmalloc.h"

#define LIFE_SECONDS   10 /* then it is ended, answered or not */
#define ANSWER_SECONDS 5  /* for the kernel */
#define FDS_MAX        4

/* What the child needs, prepared while allocating is still allowed. */
struct plan {
	const struct helper_request *q;
	cap_t enter; /* to get where the act is done */
	cap_t act;   /* for the act */
	cap_t raise; /* the same, raised; NULL: nothing to raise */
	int answer;
	pid_t parent;
};

/* -- before the fork ----------------------------------------------------- */

static bool
permitted(cap_t now, cap_value_t cap)
{
	cap_flag_value_t v = CAP_CLEAR;

	return cap_get_flag(now, cap, CAP_PERMITTED, &v) == 0 && v == CAP_SET;
}

/* A set of these, as far as we have them: permitted, and effective too. */
static cap_t
caps_of(cap_t now, const cap_value_t *want, int n, bool effective)
{
	cap_t set = cap_init();
	int i;

	if (set == NULL)
		fatal("out of memory (capabilities)");
	for (i = 0; i < n; i++) {
		if (!permitted(now, want[i]))
			continue;
		(void)cap_set_flag(set, CAP_PERMITTED, 1, &want[i], CAP_SET);
		if (effective)
			(void)cap_set_flag(
			    set, CAP_EFFECTIVE, 1, &want[i], CAP_SET);
	}
	return set;
}

static void
plan_caps(struct plan *p)
{
	static const cap_value_t net[] = { CAP_NET_ADMIN, CAP_SYS_ADMIN };
	static const cap_value_t kill_others[] = { CAP_KILL };
	static const cap_value_t look_into[] = { CAP_SYS_PTRACE };
	const struct helper_request *q = p->q;
	cap_t now = cap_get_proc();

	if (now == NULL)
		fatal("out of memory (capabilities)");
	switch (q->what) {
	case HELPER_RST:
		p->enter = caps_of(now, net, q->netns_fd != -1 ? 2 : 1, true);
		p->act = caps_of(now, net, 1, true);
		break;
	case HELPER_SIGNAL:
		p->act = caps_of(now, kill_others, 1, false);
		p->raise = caps_of(now, kill_others, 1, true);
		break;
	case HELPER_FIN:
		p->act = caps_of(now, look_into, 1, false);
		p->raise = caps_of(now, look_into, 1, true);
		break;
	}
	(void)cap_free(now);
}

static void
plan_done(struct plan *p)
{
	cap_t *each[] = { &p->enter, &p->act, &p->raise };
	size_t i;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		if (*each[i] != NULL)
			(void)cap_free(*each[i]);
}

/* -- in the helper: nothing here allocates ------------------------------- */

/* Handlers that the deck set would write into pipes that are its own. */
static void
default_signals(void)
{
	struct sigaction sa;
	sigset_t none;
	int sig;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &sa, NULL); /* not KILL, STOP */
	(void)alarm(LIFE_SECONDS);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
close_between(unsigned from, unsigned to)
{
	struct rlimit lim;
	unsigned fd, end = 65536;

	if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < end)
		end = (unsigned)lim.rlim_cur;
	for (fd = from; fd <= to && fd < end; fd++)
		(void)close((int)fd);
}

/* All but these, the terminal's too. */
static void
close_others(const int *keep, size_t n)
{
	unsigned from = 0;
	int last = -1, next;
	size_t i;

	for (;;) {
		next = -1;
		for (i = 0; i < n; i++)
			if (keep[i] > last && (next == -1 || keep[i] < next))
				next = keep[i];
		if (next == -1)
			break;
		if ((unsigned)next > from)
			close_between(from, (unsigned)next - 1);
		from = (unsigned)next + 1;
		last = next;
	}
	close_between(from, ~0u);
}

static int
limit(const struct plan *p)
{
	static const struct rlimit zero;
	int keep[FDS_MAX] = { p->answer, p->q->pidfd, p->q->netns_fd, -1 };

	if (p->q->kernel != NULL)
		keep[3] = p->q->kernel->proc_fd;
	close_others(keep, FDS_MAX);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_NPROC, &zero) < 0 ||
	    setrlimit(RLIMIT_FSIZE, &zero) < 0 ||
	    setrlimit(RLIMIT_CORE, &zero) < 0)
		return -errno;
	return 0;
}

static int
drop(cap_t keep)
{
	int cap;

	/* The bounding set: as far as CAP_SETPCAP allows; no_new_privs makes
	 * it of no use anyway. */
	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return cap_set_proc(keep) < 0 ? -errno : 0;
}

static uint64_t
effective(void)
{
	struct __user_cap_header_struct h = { .version =
						  _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) < 0)
		return UINT64_MAX;
	return (uint64_t)d[1].effective << 32 | d[0].effective;
}

static int
netlink_open(int *ret)
{
	struct timeval tv = { .tv_sec = ANSWER_SECONDS };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0) {
		(void)close(fd);
		return -errno;
	}
	*ret = fd;
	return 0;
}

static void
act_rst(const struct plan *p, struct helper_answer *a)
{
	int netlink;

	a->step = HELPER_ENTER;
	if (p->q->netns_fd != -1 && setns(p->q->netns_fd, CLONE_NEWNET) < 0) {
		a->error = -errno;
		return;
	}
	a->step = HELPER_SETUP;
	if ((a->error = drop(p->act)) < 0)
		return;
	a->step = HELPER_OPEN;
	if ((a->error = netlink_open(&netlink)) < 0)
		return;
	a->step = HELPER_ACT;
	a->caps = effective();
	a->error = sockclose_rst(netlink, &p->q->rec);
}

static int
act_on_process(const struct helper_request *q)
{
	if (q->what == HELPER_SIGNAL)
		return signal_send(q->kernel, q->pidfd, q->signal);
	return sockclose_fin(q->pidfd, q->fd, &q->rec);
}

/* Without a capability if that will do: for one's own processes. */
static void
act_process(const struct plan *p, struct helper_answer *a)
{
	a->step = HELPER_ACT;
	a->caps = effective();
	a->error = act_on_process(p->q);
	if (a->error != -EPERM || cap_set_proc(p->raise) < 0)
		return;
	a->caps = effective();
	a->error = act_on_process(p->q);
}

static void
act(const struct plan *p, struct helper_answer *a)
{
	const struct helper_request *q = p->q;

	/* The second lock: the first one is where the act is asked for. */
	if (q->readonly) {
		a->error = -EROFS;
		return;
	}
	a->error = limit(p);
	if (a->error == 0)
		a->error = drop(q->what == HELPER_RST ? p->enter : p->act);
	if (a->error != 0)
		return;
	if (q->what == HELPER_RST)
		act_rst(p, a);
	else
		act_process(p, a);
}

static void __attribute__((noreturn)) child(const struct plan *p)
{
	struct helper_answer a = { .step = HELPER_SETUP };

	default_signals();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != p->parent)
		_exit(1); /* it ended before that was set */
	act(p, &a);
	/* Small enough to be taken whole; if nobody listens, so be it. */
	(void)send(p->answer, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

/* -- from outside --------------------------------------------------------- */

int
helper_start(struct helper *h, const struct helper_request *q, char **cause)
{
	struct plan p = { .q = q, .parent = getpid() };
	sigset_t all, old;
	int pair[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		xasprintf(cause, "no helper: %s", strerror(errno));
		return -errno;
	}
	p.answer = pair[1];
	plan_caps(&p);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	h->pid = fork();
	if (h->pid == 0)
		child(&p);
	if (h->pid < 0)
		r = -errno;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)close(pair[1]);
	plan_done(&p);
	if (r < 0) {
		xasprintf(cause, "no helper: %s", strerror(-r));
		(void)close(pair[0]);
		return r;
	}
	h->fd = pair[0];
	return 0;
}

void
helper_finish(struct helper *h, struct helper_answer *a)
{
	ssize_t n;
	pid_t r;

	do
		n = recv(h->fd, a, sizeof(*a), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*a) || a->error > 0)
		*a = (struct helper_answer){ .error = -EBADMSG,
			.step = HELPER_SETUP };
	(void)close(h->fd);
	h->fd = -1;
	do
		r = waitpid(h->pid, NULL, 0);
	while (r < 0 && errno == EINTR);
	h->pid = -1;
}

int
helper_run(
    const struct helper_request *q, struct helper_answer *a, char **cause)
{
	struct helper h;
	int r = helper_start(&h, q, cause);

	if (r == 0)
		helper_finish(&h, a);
	return r;
}
