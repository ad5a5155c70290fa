/* SPDX-License-Identifier: ISC */
/*
 * Acts on real processes and sockets: what is hit, what is not, and what both
 * programs see of it. In namespaces of our own, so that nothing else is seen
 * or touched. Prints its figures.
 */
#include "config.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/capability.h>

#include "act/run.h"
#include "act/sockclose.h"
#include "base/procfs.h"
#include "base/xmalloc.h"
#include "model/act_plan.h"

#define SKIP   77
#define REUSES 1000

static char *seen; /* shared with helpers and victims */

static void
lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)ioctl(fd, SIOCSIFFLAGS, &ifr); /* what needs it will say so */
	close(fd);
}

/* What a test leaves behind (TIME-WAIT and the like) goes with its network. */
static int
fresh(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	lo_up();
	return 0;
}

/* -- processes ---------------------------------------------------------------- */

static struct procfs_stat
stat_of(pid_t pid)
{
	char path[64], text[4096];
	struct procfs_stat st = { 0 };
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	n = procfs_read_at(AT_FDCWD, path, text, sizeof(text));
	if (n < 0 || !procfs_parse_stat(text, (size_t)n, &st))
		fail_msg("no %s", path);
	return st;
}

/* A process that waits for its end. */
static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	return pid;
}

static void
bury(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool
lives(pid_t pid)
{
	siginfo_t si = { 0 };

	/* Not taken away: the number stays its own. */
	assert_int_equal(
	    waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT), 0);
	return si.si_pid == 0;
}

/* The next process gets this number. */
static void
next_pid(pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%ld", (long)pid - 1);
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, (size_t)n) != n)
		skip();
	close(fd);
}

static struct act *
act_on(pid_t pid, uint64_t start, int fd, uint32_t inode)
{
	struct act *a = act_new(ACT_SIGNAL);
	struct act_target *t = act_add(a);

	a->signal = SIGTERM;
	t->pid = pid;
	t->start = start;
	t->fd = fd;
	t->inode = inode;
	t->name = xstrdup("sleeper");
	t->title = xstrdup("sleeper");
	act_words(a);
	return a;
}

/* As the command line does it. */
static void
run(struct act *a, const struct act_env *env)
{
	struct helper h;
	size_t i;

	for (i = act_next_target(a, 0); i < a->n; i = act_next_target(a, i + 1))
		if (act_start(a, i, env, &h) == 0)
			act_finish(a, i, &h);
}

static void
wait_end(struct act *a)
{
	struct pollfd p = { .fd = a->target[0].pidfd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, -1), 1);
	assert_true(act_check_end(a, 0, a->target[0].sent_ns + 1));
}

static const struct act_env nothing_special;

static void
signals(void **state)
{
	pid_t pid = sleeper();
	struct act *a = act_on(pid, stat_of(pid).start, -1, 0);

	(void)state;
	act_hold(a, &nothing_special);
	assert_true(a->target[0].pidfd >= 0);
	run(a, &nothing_special);
	assert_int_equal(a->target[0].state, ACT_SENT);
	wait_end(a);
	assert_int_equal(a->target[0].state, ACT_DONE);
	assert_non_null(strstr(a->target[0].outcome, "ended after"));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Sent once more, it hits nobody. */
	a->target[0].state = ACT_ALIVE;
	run(a, &nothing_special);
	assert_int_equal(a->target[0].state, ACT_GONE);
	act_free(a);
}

static void
tell_when(int sig)
{
	struct timespec ts;

	(void)sig;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	memcpy(seen, &ts, sizeof(ts));
	_exit(0);
}

/* How long it took to end is counted from before it could. */
static void
when_sent(void **state)
{
	struct timespec ts;
	struct act *a;
	pid_t pid;
	int ready[2];
	char c;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGTERM, tell_when);
		(void)!write(ready[1], "r", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	a = act_on(pid, stat_of(pid).start, -1, 0);
	act_hold(a, &nothing_special);
	run(a, &nothing_special);
	assert_int_equal(a->target[0].state, ACT_SENT);
	wait_end(a);
	memcpy(&ts, seen, sizeof(ts));
	assert_true(a->target[0].sent_ns > 0);
	assert_true(a->target[0].sent_ns <=
		    (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	act_free(a);
}

static void
still_alive(void **state)
{
	pid_t pid = sleeper();
	struct act *a = act_on(pid, stat_of(pid).start, -1, 0);
	int status;

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0); /* TERM will have to wait */
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	act_hold(a, &nothing_special);
	run(a, &nothing_special);
	assert_int_equal(a->target[0].state, ACT_SENT);
	assert_false(act_check_end(a, 0, a->target[0].sent_ns + 1));
	assert_true(act_check_end(a, 0, a->target[0].sent_ns + ACT_GRACE_NS));
	assert_int_equal(a->target[0].state, ACT_ALIVE);
	a->signal = SIGKILL;
	act_words(a);
	run(a, &nothing_special);
	wait_end(a);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	act_free(a);
}

/* P1: the number is another process's by the time of the answer. */
static void
reused_after_the_question(void **state)
{
	unsigned i, forced = 0, wrong = 0, gone = 0;
	struct act *a;
	pid_t pid, other;

	(void)state;
	for (i = 0; i < REUSES; i++) {
		pid = sleeper();
		a = act_on(pid, stat_of(pid).start, -1, 0);
		act_hold(a, &nothing_special);
		assert_true(a->target[0].pidfd >= 0);
		bury(pid);
		next_pid(pid);
		other = sleeper();
		forced += other == pid;
		run(a, &nothing_special);
		gone += a->target[0].state == ACT_GONE;
		wrong += !lives(other);
		bury(other);
		act_free(a);
	}
	printf("P1 after the question: %u forced PID reuses, %u refused, %u "
	       "wrong kills\n",
	    forced, gone, wrong);
	assert_int_equal(forced, REUSES);
	assert_int_equal(gone, REUSES);
	assert_int_equal(wrong, 0);
}

/* .. and by the time the question opens: even within one tick of the clock,
 * when the start times are the same, it does not hold the socket. */
static void
reused_before_the_question(void **state)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned i, forced = 0, wrong = 0, same_tick = 0;
	struct stat st;
	struct act *a;
	uint64_t start;
	pid_t pid, other;

	(void)state;
	assert_int_equal(fstat(s, &st), 0);
	for (i = 0; i < REUSES; i++) {
		pid = sleeper();
		start = stat_of(pid).start;
		bury(pid);
		next_pid(pid);
		other = fork();
		if (other == 0) {
			close(s);
			for (;;)
				pause();
		}
		forced += other == pid;
		same_tick += stat_of(other).start == start;
		/* It may not have closed it yet: then it does hold it. */
		a = act_on(pid, start, 900, (uint32_t)st.st_ino);
		act_hold(a, &nothing_special);
		run(a, &nothing_special);
		wrong += !lives(other) || a->target[0].pidfd != -1;
		bury(other);
		act_free(a);
	}
	close(s);
	printf("P1 before the question: %u forced PID reuses (%u within a "
	       "clock tick), %u wrong kills\n",
	    forced, same_tick, wrong);
	assert_int_equal(forced, REUSES);
	assert_int_equal(wrong, 0);
}

/* The numbers with a meaning of their own never get near the kernel. */
static void
bad_numbers(void **state)
{
	static const pid_t bad[] = { 0, -1, 1, -2, -12345, INT32_MIN,
		SIGNAL_PID_MAX + 1, INT32_MAX };
	struct signal_who who = { 0 };
	char *cause;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		who.pid = bad[i];
		cause = NULL;
		assert_int_equal(signal_hold(NULL, &who, &fd, &cause), -EINVAL);
		assert_non_null(cause);
		free(cause);
	}
}

static int refusal;

static int
refuse_open(pid_t pid)
{
	(void)pid;
	return refusal;
}

/* P3: an ending process may be refused either way. */
static void
pidfd_race(void **state)
{
	static const struct {
		int open, hold;
		const char *says;
	} rows[] = {
		{ -ESRCH, -ESRCH, "ended already" },
		{ -EINVAL, -ESRCH, "ended already" },
		{ -ENOSYS, -ENOSYS, "Linux 5.3" },
		{ -EMFILE, -EMFILE, "ulimit -n" },
	};
	struct signal_kernel k = { .open = refuse_open, .proc_fd = -1 };
	struct signal_who who = { .pid = getpid() };
	char *cause;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		refusal = rows[i].open;
		cause = NULL;
		assert_int_equal(
		    signal_hold(&k, &who, &fd, &cause), rows[i].hold);
		if (strstr(cause, rows[i].says) == NULL)
			fail_msg("%s", cause);
		free(cause);
	}
}

/* A /proc of another pid namespace numbers others' processes: its numbers
 * are not believed. */
static void
another_proc(void **state)
{
	struct signal_who who = { .pid = 2, .start = stat_of(2).start };
	int status, fd, r;
	char *cause = NULL;
	pid_t pid = fork(), inner;

	(void)state;
	if (pid == 0) {
		if (unshare(CLONE_NEWPID) < 0)
			_exit(99);
		pid = fork();
		if (pid == 0) {
			inner = fork(); /* 2, in there */
			if (inner == 0)
				for (;;)
					pause();
			r = signal_hold(NULL, &who, &fd, &cause);
			_exit(inner == 2 && r == -EXDEV ? 0 : 1);
		}
		(void)waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* -- the helper ---------------------------------------------------------------- */

static int
send_and_tell(int pidfd, int sig)
{
	struct dirent *e;
	ssize_t n;
	DIR *d;

	(void)pidfd;
	(void)sig;
	if (seen[0] == '\0') {
		seen[0] = '1'; /* the first try fails: then CAP_KILL comes */
		return -EPERM;
	}
	n = procfs_read_at(AT_FDCWD, "/proc/self/status", seen, 4000);
	seen[n < 0 ? 0 : n] = '\0';
	seen[4001] = 0;
	d = opendir("/proc/self/fd");
	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(d))
			seen[4001]++;
	return 0;
}

static uint64_t
hex_of(const char *key)
{
	const char *p = strstr(seen, key);

	if (p == NULL)
		fail_msg("no %s in its status", key);
	return strtoull(p + strlen(key), NULL, 16);
}

static void
helper_rights(void **state)
{
	pid_t pid = sleeper();
	struct signal_kernel k = { .send = send_and_tell,
		.proc_fd = open("/proc", O_PATH | O_CLOEXEC) };
	struct helper_request q = { .what = HELPER_SIGNAL,
		.pidfd = open("/", O_PATH | O_CLOEXEC),
		.netns_fd = -1,
		.signal = SIGTERM,
		.kernel = &k };
	struct helper_answer a;
	char *cause = NULL;

	(void)state;
	seen[0] = '\0';
	assert_int_equal(helper_run(&q, &a, &cause), 0);
	assert_int_equal(a.error, 0);
	assert_int_equal(a.caps, UINT64_C(1) << CAP_KILL);
	assert_int_equal(hex_of("CapPrm:"), UINT64_C(1) << CAP_KILL);
	assert_int_equal(hex_of("CapEff:"), UINT64_C(1) << CAP_KILL);
	assert_int_equal(hex_of("CapInh:"), 0);
	assert_int_equal(hex_of("CapBnd:"), 0);
	assert_int_equal(hex_of("CapAmb:"), 0);
	assert_int_equal(hex_of("NoNewPrivs:"), 1);
	/* The answer, the pidfd, and this test's own /proc. */
	assert_int_equal(seen[4001], 3);
	printf("S: the helper holds CAP_KILL alone (Prm=Eff=%llx Inh=Bnd=Amb=0 "
	       "NoNewPrivs=1), 2 descriptors of its own\n",
	    (unsigned long long)hex_of("CapPrm:"));
	close(q.pidfd);
	close(k.proc_fd);
	bury(pid);
}

/* Two locks: where it is asked for, and in the act itself. */
static void
readonly_twice(void **state)
{
	const struct act_env readonly = { .readonly = true };
	pid_t pid = sleeper();
	struct act *a = act_on(pid, stat_of(pid).start, -1, 0);
	struct helper_request q = { .what = HELPER_SIGNAL,
		.netns_fd = -1,
		.signal = SIGKILL,
		.readonly = true };
	struct helper_answer answer;
	struct helper h;
	char *cause = NULL;

	(void)state;
	act_hold(a, &nothing_special);
	assert_int_equal(act_start(a, 0, &readonly, &h), -EROFS);
	assert_int_equal(a->target[0].state, ACT_REFUSED);
	q.pidfd = a->target[0].pidfd;
	assert_int_equal(helper_run(&q, &answer, &cause), 0);
	assert_int_equal(answer.error, -EROFS);
	assert_true(lives(pid));
	bury(pid);
	act_free(a);
}

/* -- sockets --------------------------------------------------------------------- */

static uint32_t
own_netns(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return (uint32_t)st.st_ino;
}

static void
end_of(const struct sockaddr_storage *ss, struct endpoint *ep)
{
	const struct sockaddr_in *in = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;

	memset(ep, 0, sizeof(*ep));
	if (ss->ss_family == AF_INET) {
		memcpy(ep->addr, &in->sin_addr, 4);
		ep->port = ntohs(in->sin_port);
	} else {
		memcpy(ep->addr, &in6->sin6_addr, 16);
		ep->port = ntohs(in6->sin6_port);
	}
}

static struct sock_rec
rec_of(int fd, unsigned proto, enum sock_state state)
{
	struct sockaddr_storage ss = { 0 };
	struct sock_rec r = { .proto = (uint8_t)proto,
		.state = (uint8_t)state,
		.netns = own_netns() };
	socklen_t len = sizeof(ss);
	struct stat st;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	r.family = ss.ss_family == AF_INET6 ? 6 : 4;
	end_of(&ss, &r.local);
	len = sizeof(ss);
	if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0)
		end_of(&ss, &r.peer);
	len = sizeof(r.cookie);
	assert_int_equal(
	    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &r.cookie, &len), 0);
	assert_int_equal(fstat(fd, &st), 0);
	r.inode = (uint32_t)st.st_ino;
	return r;
}

static int
listener(int family, uint16_t port, bool share)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = in6addr_any };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	assert_true(s >= 0);
	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (share)
		(void)setsockopt(
		    s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	assert_int_equal(bind(s,
			     family == AF_INET ? (struct sockaddr *)&in
					       : (struct sockaddr *)&in6,
			     family == AF_INET ? sizeof(in) : sizeof(in6)),
	    0);
	assert_int_equal(listen(s, 16), 0);
	return s;
}

static int
caller(uint16_t from, uint16_t to)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	in.sin_port = htons(from);
	if (from != 0)
		assert_int_equal(
		    bind(s, (struct sockaddr *)&in, sizeof(in)), 0);
	in.sin_port = htons(to);
	assert_int_equal(connect(s, (struct sockaddr *)&in, sizeof(in)), 0);
	return s;
}

static struct act_target *
close_it(struct act **ret, enum act_how how, struct sock_rec rec, int fd,
    pid_t holder)
{
	struct act *a = act_new(ACT_CLOSE);
	struct act_target *t = act_add(a);

	a->how = how;
	t->rec = rec;
	t->key = sock_key(&rec);
	t->pid = holder;
	t->start = holder > 0 ? stat_of(holder).start : 0;
	t->fd = fd;
	t->inode = rec.inode;
	t->name = xstrdup("it");
	t->title = xstrdup("it");
	act_words(a);
	run(a, &nothing_special);
	*ret = a;
	return &a->target[0];
}

static enum act_state
closed(enum act_how how, struct sock_rec rec, int fd, pid_t holder)
{
	struct act *a;
	enum act_state s = close_it(&a, how, rec, fd, holder)->state;

	if (s != ACT_DONE && a->target[0].outcome != NULL)
		printf("  %s\n", a->target[0].outcome);
	act_free(a);
	return s;
}

static int
read_error(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	return n < 0 ? errno : n == 0 ? 0 : -1;
}

static void
rst_seen(void **state)
{
	int l = listener(AF_INET, 8001, false), c = caller(0, 8001),
	    s = accept(l, NULL, NULL);

	(void)state;
	assert_int_equal(
	    closed(ACT_RST, rec_of(s, SOCK_TCP, SOCK_ESTABLISHED), s, 0),
	    ACT_DONE);
	assert_int_equal(read_error(s), ECONNABORTED);
	assert_int_equal(read_error(c), ECONNRESET);
	printf("RST: the program sees ECONNABORTED, its peer ECONNRESET\n");
	close(c);
	close(s);
	close(l);
}

static void
rst_of_a_listener(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(8002),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int l = listener(AF_INET, 8002, false), c = caller(0, 8002),
	    s = accept(l, NULL, NULL), waiting = caller(0, 8002), again;

	(void)state;
	assert_int_equal(
	    closed(ACT_RST, rec_of(l, SOCK_TCP, SOCK_LISTEN), l, 0), ACT_DONE);
	assert_int_equal(accept(l, NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read_error(waiting), ECONNRESET);
	/* What was accepted lives on; the port is held. */
	assert_int_equal(send(c, "x", 1, 0), 1);
	assert_int_equal(read_error(s), -1);
	again = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(again, (struct sockaddr *)&in, sizeof(in)), -1);
	assert_int_equal(errno, EADDRINUSE);
	/* It is BOUND now, and that the kernel does not find. */
	assert_int_equal(
	    closed(ACT_RST, rec_of(l, SOCK_TCP, SOCK_LISTEN), l, 0), ACT_GONE);
	close(again);
	close(waiting);
	close(c);
	close(s);
	close(l);
}

/* The very one of those that share a port. */
static void
rst_among_many(void **state)
{
	struct pollfd p;
	unsigned i, wrong = 0;
	int l[16];

	(void)state;
	for (i = 0; i < 16; i++)
		l[i] = listener(AF_INET6, 8003, true);
	for (i = 0; i < 16; i += 2)
		assert_int_equal(
		    closed(
			ACT_RST, rec_of(l[i], SOCK_TCP, SOCK_LISTEN), l[i], 0),
		    ACT_DONE);
	for (i = 0; i < 16; i++) {
		int on = 0;
		socklen_t len = sizeof(on);

		p = (struct pollfd){ .fd = l[i] };
		(void)poll(&p, 1, 0);
		assert_int_equal(
		    getsockopt(l[i], SOL_SOCKET, SO_ACCEPTCONN, &on, &len), 0);
		wrong += on != (int)(i % 2);
		close(l[i]);
	}
	printf(
	    "SO_REUSEPORT: 8 of 16 listeners closed, %u wrong ones\n", wrong);
	assert_int_equal(wrong, 0);
}

static void
rst_of_udp(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(8004),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int u = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), v;

	(void)state;
	assert_int_equal(bind(u, (struct sockaddr *)&in, sizeof(in)), 0);
	v = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(v, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(
	    closed(ACT_RST, rec_of(u, SOCK_UDP, SOCK_UNCONNECTED), u, 0),
	    ACT_DONE);
	assert_int_equal(read_error(u), ECONNABORTED);
	assert_int_equal(
	    closed(ACT_RST, rec_of(v, SOCK_UDP, SOCK_CONNECTED), v, 0),
	    ACT_DONE);
	assert_int_equal(read_error(v), ECONNABORTED);
	close(u);
	close(v);
}

static void
rst_of_six(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(8005),
		.sin6_addr = in6addr_loopback };
	int l = listener(AF_INET6, 8005, false), s,
	    c = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(connect(c, (struct sockaddr *)&in6, sizeof(in6)), 0);
	s = accept(l, NULL, NULL);
	assert_int_equal(
	    closed(ACT_RST, rec_of(s, SOCK_TCP, SOCK_ESTABLISHED), s, 0),
	    ACT_DONE);
	assert_int_equal(read_error(s), ECONNABORTED);
	close(s);
	close(c);
	/* IPv4 on the same socket. */
	c = caller(0, 8005);
	s = accept(l, NULL, NULL);
	assert_int_equal(
	    closed(ACT_RST, rec_of(s, SOCK_TCP, SOCK_ESTABLISHED), s, 0),
	    ACT_DONE);
	assert_int_equal(read_error(c), ECONNRESET);
	close(s);
	close(c);
	close(l);
}

static void
rst_of_the_half_dead(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(8106),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int l = listener(AF_INET, 8006, false), c = caller(0, 8006),
	    s = accept(l, NULL, NULL), full, calls[3], i;
	struct sock_rec tw = rec_of(c, SOCK_TCP, SOCK_TIME_WAIT);

	(void)state;
	/* TIME-WAIT has no owner and no inode, but the same cookie. */
	close(c);
	assert_int_equal(read_error(s), 0);
	close(s);
	tw.inode = 0;
	assert_int_equal(closed(ACT_RST, tw, -1, 0), ACT_DONE);
	assert_int_equal(closed(ACT_RST, tw, -1, 0), ACT_GONE);
	/* A full queue lets a SYN go unanswered: SYN-SENT. */
	full = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(full, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(full, 0), 0);
	for (i = 0; i < 3; i++) {
		calls[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(calls[i], (struct sockaddr *)&in, sizeof(in));
	}
	tw = rec_of(calls[2], SOCK_TCP, SOCK_SYN_SENT);
	tw.peer = (struct endpoint){ .addr = { 127, 0, 0, 1 }, .port = 8106 };
	assert_int_equal(closed(ACT_RST, tw, calls[2], 0), ACT_DONE);
	assert_int_equal(read_error(calls[2]), ECONNABORTED);
	for (i = 0; i < 3; i++)
		close(calls[i]);
	close(full);
	close(l);
}

/* P5: another connection has the address by now. */
static void
reused_tuples(void **state)
{
	int l = listener(AF_INET, 8007, false), c, s;
	struct linger abrupt = { .l_onoff = 1 };
	unsigned i, forced = 0, wrong = 0, gone = 0;
	struct sock_rec old, new;

	(void)state;
	for (i = 0; i < REUSES; i++) {
		c = caller(40000, 8007);
		s = accept(l, NULL, NULL);
		old = rec_of(s, SOCK_TCP, SOCK_ESTABLISHED);
		(void)setsockopt(
		    c, SOL_SOCKET, SO_LINGER, &abrupt, sizeof(abrupt));
		close(c); /* RST: the tuple is free */
		close(s);
		c = caller(40000, 8007);
		s = accept(l, NULL, NULL);
		new = rec_of(s, SOCK_TCP, SOCK_ESTABLISHED);
		forced +=
		    memcmp(&old.local, &new.local, sizeof(old.local)) == 0 &&
		    memcmp(&old.peer, &new.peer, sizeof(old.peer)) == 0 &&
		    old.cookie != new.cookie;
		{
			struct act *a;

			gone +=
			    close_it(&a, ACT_RST, old, s, 0)->state == ACT_GONE;
			act_free(a);
		}
		wrong +=
		    send(c, "x", 1, MSG_NOSIGNAL) != 1 || read_error(s) != -1;
		(void)setsockopt(
		    c, SOL_SOCKET, SO_LINGER, &abrupt, sizeof(abrupt));
		close(c);
		close(s);
	}
	close(l);
	printf("P5: %u reused 4-tuples, %u refused, %u wrong closes\n", forced,
	    gone, wrong);
	assert_int_equal(forced, REUSES);
	assert_int_equal(gone, REUSES);
	assert_int_equal(wrong, 0);
}

static void
no_cookie(void **state)
{
	static const uint64_t bad[] = { 0, UINT64_MAX };
	int l = listener(AF_INET, 8008, false), c = caller(0, 8008),
	    s = accept(l, NULL, NULL);
	struct sock_rec rec = rec_of(s, SOCK_TCP, SOCK_ESTABLISHED);
	uint8_t buf[SOCKCLOSE_REQUEST];
	struct act *a;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rec.cookie = bad[i];
		assert_int_equal(sockclose_request(buf, &rec, 1), -EINVAL);
		assert_int_equal(
		    close_it(&a, ACT_RST, rec, s, 0)->state, ACT_REFUSED);
		act_free(a);
		assert_int_equal(send(c, "x", 1, 0), 1);
		assert_int_equal(read_error(s), -1);
	}
	close(c);
	close(s);
	close(l);
}

/* Gracefully: nothing that is on its way is lost, in either direction. */
static void
fin_seen(void **state)
{
	int l = listener(AF_INET, 8009, false), c = caller(0, 8009),
	    s = accept(l, NULL, NULL);
	char text[8];

	(void)state;
	assert_int_equal(send(s, "last", 4, 0), 4);
	assert_int_equal(
	    closed(ACT_FIN, rec_of(s, SOCK_TCP, SOCK_ESTABLISHED), s, getpid()),
	    ACT_DONE);
	assert_int_equal(recv(c, text, 8, 0), 4);
	assert_int_equal(recv(c, text, 8, 0), 0);
	assert_int_equal(send(c, "reply", 5, 0), 5);
	assert_int_equal(recv(s, text, 8, 0), 5);
	assert_int_equal(send(s, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
	close(c);
	assert_int_equal(recv(s, text, 8, 0), 0);
	printf("FIN: queued data, then end of file for the peer; its answer "
	       "still arrives; writing is EPIPE\n");
	close(s);
	close(l);
}

static void
fin_of_close_wait_and_listen(void **state)
{
	int l = listener(AF_INET, 8010, false), c = caller(0, 8010),
	    s = accept(l, NULL, NULL);
	struct sock_rec rec = rec_of(s, SOCK_TCP, SOCK_CLOSE_WAIT);

	(void)state;
	assert_int_equal(shutdown(c, SHUT_WR), 0);
	assert_int_equal(read_error(s), 0);
	assert_int_equal(closed(ACT_FIN, rec, s, getpid()), ACT_DONE);
	assert_int_equal(read_error(c), 0);
	rec = rec_of(l, SOCK_TCP, SOCK_LISTEN);
	assert_int_equal(closed(ACT_FIN, rec, l, getpid()), ACT_DONE);
	assert_int_equal(accept(l, NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	close(c);
	close(s);
	close(l);
}

/* The descriptor is another socket by now. */
static void
fin_of_another(void **state)
{
	int l = listener(AF_INET, 8011, false), c = caller(0, 8011),
	    s = accept(l, NULL, NULL);
	struct sock_rec rec = rec_of(s, SOCK_TCP, SOCK_ESTABLISHED);

	(void)state;
	/* Its inode is not known, so that only the cookie can tell. */
	rec.inode = 0;
	assert_int_equal(dup2(c, s), s);
	assert_int_equal(closed(ACT_FIN, rec, s, getpid()), ACT_GONE);
	assert_int_equal(send(s, "x", 1, MSG_NOSIGNAL), 1);
	close(c);
	close(s);
	close(l);
}

/* In the socket's own network namespace, which we are not in. */
static void
elsewhere(void **state)
{
	struct sock_rec rec;
	char c = '?';
	int pair[2], here, l, s;
	pid_t pid;

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		lo_up();
		l = listener(AF_INET, 8012, false);
		(void)caller(0, 8012);
		s = accept(l, NULL, NULL);
		rec = rec_of(s, SOCK_TCP, SOCK_ESTABLISHED);
		(void)send(pair[1], &rec, sizeof(rec), 0);
		c = read_error(s) == ECONNABORTED ? 'a' : '!';
		(void)send(pair[1], &c, 1, 0);
		for (;;)
			pause();
	}
	assert_int_equal(
	    recv(pair[0], &rec, sizeof(rec), MSG_WAITALL), sizeof(rec));
	assert_int_not_equal(rec.netns, own_netns());
	here = (int)own_netns();
	assert_int_equal(closed(ACT_RST, rec, -1, pid), ACT_DONE);
	assert_int_equal(recv(pair[0], &c, 1, 0), 1);
	assert_int_equal(c, 'a');
	assert_int_equal((int)own_netns(), here);
	/* Found without its holder too. A cookie that nobody has: the next one
	 * would be the listener's, once it is asked for. */
	rec.cookie += UINT64_C(1) << 40;
	{
		struct act *a;

		assert_int_equal(
		    close_it(&a, ACT_RST, rec, -1, 0)->state, ACT_GONE);
		act_free(a);
	}
	bury(pid);
	close(pair[0]);
	close(pair[1]);
}

/* -- start ------------------------------------------------------------------------ */

static void
put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int
leave_the_world(void)
{
	const int ns = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS;
	unsigned uid = geteuid(), gid = getegid();
	char text[32];

	if (unshare(ns) == 0)
		return 0;
	if (unshare(ns | CLONE_NEWUSER) < 0)
		return -1;
	put_file("/proc/self/setgroups", "deny");
	(void)snprintf(text, sizeof(text), "0 %u 1", uid);
	put_file("/proc/self/uid_map", text);
	(void)snprintf(text, sizeof(text), "0 %u 1", gid);
	put_file("/proc/self/gid_map", text);
	return 0;
}

static int
own_mounts(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("run", "/run", "tmpfs", 0, NULL) < 0)
		return -1;
	return 0;
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals),
		cmocka_unit_test(when_sent),
		cmocka_unit_test(still_alive),
		cmocka_unit_test(reused_after_the_question),
		cmocka_unit_test(reused_before_the_question),
		cmocka_unit_test(bad_numbers),
		cmocka_unit_test(pidfd_race),
		cmocka_unit_test(another_proc),
		cmocka_unit_test(helper_rights),
		cmocka_unit_test(readonly_twice),
		cmocka_unit_test_setup(rst_seen, fresh),
		cmocka_unit_test_setup(rst_of_a_listener, fresh),
		cmocka_unit_test_setup(rst_among_many, fresh),
		cmocka_unit_test_setup(rst_of_udp, fresh),
		cmocka_unit_test_setup(rst_of_six, fresh),
		cmocka_unit_test_setup(rst_of_the_half_dead, fresh),
		cmocka_unit_test_setup(reused_tuples, fresh),
		cmocka_unit_test_setup(no_cookie, fresh),
		cmocka_unit_test_setup(fin_seen, fresh),
		cmocka_unit_test_setup(fin_of_close_wait_and_listen, fresh),
		cmocka_unit_test_setup(fin_of_another, fresh),
		cmocka_unit_test_setup(elsewhere, fresh),
	};

	seen = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	int status;
	pid_t pid;

	if (leave_the_world() < 0) {
		fprintf(
		    stderr, "no namespaces of our own: %s\n", strerror(errno));
		return SKIP;
	}
	pid = fork(); /* the first process of the new namespace */
	if (pid == 0) {
		if (own_mounts() < 0) {
			perror("mount");
			_exit(SKIP);
		}
		/* Never the first process: that one is refused. */
		pid = fork();
		if (pid == 0)
			exit(all_tests());
		if (waitpid(pid, &status, 0) != pid)
			_exit(99);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	/* Nothing can be started from here any more, so no leak check. */
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(99);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}
