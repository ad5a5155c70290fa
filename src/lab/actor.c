/* SPDX-License-Identifier: ISC */
/*
 * The actors' side of a lesson: a loop that makes one call after the other.
 * Runs in processes of its own, without a terminal; nothing here is printed.
 */
#include "config.h"

#include "lab/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "lab/room.h"

/* How long a call may wait for the other end: for a SYN that is sent again at
 * growing intervals, and never for ever. */
#define PATIENCE_MS 150000
#define DIRECTOR_FD 3
#define SMALL_BUF   4096
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* linux/in.h, since 6.3 */
#endif
#define SYN_TRIES 127 /* the most; a held SYN is sent for hours */

struct self {
	enum actor me;
	int fd[LAB_SLOTS];
};

/* -- making sockets ------------------------------------------------------- */

static void
set_opt(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static int
make(const struct lab_do *d, int type)
{
	int fd =
	    socket(place_family(d->at), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (type == SOCK_STREAM)
		set_opt(fd, IPPROTO_TCP, TCP_SYNCNT, SYN_TRIES);
	if (place_family(d->at) == AF_INET6)
		set_opt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, (d->opt & OPT_V6ONLY) != 0);
	if (d->opt & OPT_REUSEADDR)
		set_opt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (d->opt & OPT_REUSEPORT)
		set_opt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (d->opt & OPT_SMALL)
		set_opt(fd, SOL_SOCKET, SO_RCVBUF, SMALL_BUF);
	if (d->opt & OPT_LINGER2)
		set_opt(fd, IPPROTO_TCP, TCP_LINGER2, d->value);
	return fd;
}

static int
give_up(int fd)
{
	int error = errno;

	close(fd);
	return -error;
}

static int
make_bound(const struct lab_do *d, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = place_addr(d->at, d->port, &sa);
	int fd = make(d, type);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) < 0)
		return give_up(fd);
	return fd;
}

static int
run_bind(struct self *self, const struct lab_do *d)
{
	return self->fd[d->s] = make_bound(d, SOCK_STREAM);
}

static int
run_udp_bind(struct self *self, const struct lab_do *d)
{
	return self->fd[d->s] = make_bound(d, SOCK_DGRAM);
}

static int
run_listen(struct self *self, const struct lab_do *d)
{
	int fd = self->fd[d->s];

	if (fd < 0 && (fd = make_bound(d, SOCK_STREAM)) < 0)
		return fd;
	if (listen(fd, d->value) < 0) {
		self->fd[d->s] = -1;
		return give_up(fd);
	}
	return self->fd[d->s] = fd;
}

static void
put_sysctl(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text)); /* the lesson will tell */
	close(fd);
}

/* By the socket's own option, or (before Linux 6.3) for the whole host. */
static void
one_port(int fd, uint16_t port)
{
	uint32_t range = (uint32_t)port << 16 | port;
	char *text;

	if (setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &range,
		sizeof(range)) == 0)
		return;
	xasprintf(&text, "%u %u", port, port);
	put_sysctl("/proc/sys/net/ipv4/ip_local_port_range", text);
	free(text);
}

static int
connect_to(struct self *self, const struct lab_do *d, int type)
{
	struct sockaddr_storage sa;
	socklen_t len;
	int fd = make(d, type);

	if (fd < 0)
		return fd;
	if (d->opt & OPT_ONE_PORT)
		one_port(fd, d->from_port);
	else if (d->from_port != 0) {
		len = place_addr(d->from, d->from_port, &sa);
		if (bind(fd, (struct sockaddr *)&sa, len) < 0)
			return give_up(fd);
	}
	len = place_addr(d->at, d->port, &sa);
	if (connect(fd, (struct sockaddr *)&sa, len) < 0 &&
	    errno != EINPROGRESS)
		return give_up(fd);
	return self->fd[d->s] = fd;
}

static int
run_connect(struct self *self, const struct lab_do *d)
{
	return connect_to(self, d, SOCK_STREAM);
}

static int
run_udp_connect(struct self *self, const struct lab_do *d)
{
	return connect_to(self, d, SOCK_DGRAM);
}

/* -- using them ----------------------------------------------------------- */

static int
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&p, 1, PATIENCE_MS);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n == 0 ? -ETIMEDOUT : -errno;
}

static int
run_connected(struct self *self, const struct lab_do *d)
{
	socklen_t len = sizeof(int);
	int error = 0, r;

	if ((r = wait_for(self->fd[d->s], POLLOUT)) < 0)
		return r;
	if (getsockopt(self->fd[d->s], SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

static int
run_accept(struct self *self, const struct lab_do *d)
{
	int fd, r;

	if ((r = wait_for(self->fd[d->s], POLLIN)) < 0)
		return r;
	fd = accept4(self->fd[d->s], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return fd < 0 ? -errno : (self->fd[d->s2] = fd);
}

static int
run_send(struct self *self, const struct lab_do *d)
{
	char *data = xcalloc(1, (size_t)d->value + 1);
	ssize_t n;

	memset(data, 'x', (size_t)d->value);
	n = send(self->fd[d->s], data, (size_t)d->value, MSG_NOSIGNAL);
	free(data);
	return n < 0 ? -errno : (int)n;
}

static int
run_udp_send(struct self *self, const struct lab_do *d)
{
	struct sockaddr_storage sa;
	socklen_t len = place_addr(d->at, d->port, &sa);
	char data[64] = "";
	ssize_t n;

	if (self->fd[d->s] < 0 && (self->fd[d->s] = make(d, SOCK_DGRAM)) < 0)
		return self->fd[d->s];
	n = sendto(self->fd[d->s], data, (size_t)d->value, 0,
	    (struct sockaddr *)&sa, len);
	return n < 0 ? -errno : (int)n;
}

static int
run_recv(struct self *self, const struct lab_do *d)
{
	char data[4096];
	int total = 0, r;
	ssize_t n;

	do {
		if ((r = wait_for(self->fd[d->s], POLLIN)) < 0)
			return r;
		n = recv(self->fd[d->s], data, sizeof(data), 0);
		if (n < 0)
			return -errno;
		total += (int)n;
	} while (n > 0 && total < d->value);
	return total;
}

static int
run_shutdown(struct self *self, const struct lab_do *d)
{
	return shutdown(self->fd[d->s], SHUT_WR) < 0 ? -errno : 0;
}

static int
run_close(struct self *self, const struct lab_do *d)
{
	int fd = self->fd[d->s];

	if (d->opt & OPT_LINGER2)
		set_opt(fd, IPPROTO_TCP, TCP_LINGER2, d->value);
	self->fd[d->s] = -1;
	return close(fd) < 0 ? -errno : 0;
}

static int
run_abort(struct self *self, const struct lab_do *d)
{
	struct linger at_once = { .l_onoff = 1 };

	(void)setsockopt(
	    self->fd[d->s], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	return run_close(self, d);
}

static int (*const calls[DO_CALLS])(struct self *, const struct lab_do *) = {
	[DO_BIND] = run_bind,
	[DO_LISTEN] = run_listen,
	[DO_CONNECT] = run_connect,
	[DO_CONNECTED] = run_connected,
	[DO_ACCEPT] = run_accept,
	[DO_SEND] = run_send,
	[DO_RECV] = run_recv,
	[DO_SHUTDOWN] = run_shutdown,
	[DO_CLOSE] = run_close,
	[DO_ABORT] = run_abort,
	[DO_UDP_BIND] = run_udp_bind,
	[DO_UDP_CONNECT] = run_udp_connect,
	[DO_UDP_SEND] = run_udp_send,
};

/* -- the process ---------------------------------------------------------- */

/* A reader takes time: what the wire holds must be sent again for long, and
 * a SYN every second, so that nobody waits a minute for the next one. */
static void
patient_kernel(void)
{
	put_sysctl("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", "127");
	put_sysctl("/proc/sys/net/ipv4/tcp_orphan_retries", "100");
	put_sysctl("/proc/sys/net/ipv4/tcp_retries2", "100");
}

static void
furnish(const struct self *self, struct actor_answer *answer)
{
	char *cause = NULL;

	patient_kernel();
	answer->error = -room_host(actor_host(self->me), &answer->ipv6, &cause);
	if (cause != NULL)
		strlcpy(answer->text, cause, sizeof(answer->text));
	free(cause);
}

static void
act(struct self *self, int director)
{
	struct actor_answer answer;
	struct lab_do d;
	int r;

	while (recv(director, &d, sizeof(d), 0) == (ssize_t)sizeof(d)) {
		memset(&answer, 0, sizeof(answer));
		if (d.op == DO_END)
			furnish(self, &answer);
		else {
			r = calls[d.op](self, &d);
			answer.error = r < 0 ? -r : 0;
			answer.value = r < 0 ? 0 : r;
		}
		if (send(director, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
}

/* Into another's network namespace, or a new one. */
static int
take_place(pid_t beside)
{
	char *path;
	int fd, r;

	if (beside == 0)
		return unshare(CLONE_NEWNET) < 0 ? -errno : 0;
	xasprintf(&path, "/proc/%d/ns/net", (int)beside);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return -errno;
	r = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static void run_actor(enum actor, pid_t, int, pid_t) __attribute__((noreturn));

static void
run_actor(enum actor me, pid_t beside, int director, pid_t parent)
{
	struct actor_answer answer = { 0 };
	struct self self = { .me = me };
	size_t i;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)prctl(PR_SET_NAME, actor_name(me));
	for (i = 0; i < nitems(self.fd); i++)
		self.fd[i] = -1;
	/* What the director has open is not ours. */
	if (director != DIRECTOR_FD)
		(void)dup2(director, DIRECTOR_FD);
	closefrom(DIRECTOR_FD + 1);
	director = DIRECTOR_FD;
	answer.error = -take_place(beside);
	if (send(director, &answer, sizeof(answer), MSG_NOSIGNAL) > 0 &&
	    answer.error == 0)
		act(&self, director);
	_exit(0);
}

int
actor_start(
    struct stage *st, enum actor who, const struct stage *beside, char **cause)
{
	struct actor_answer answer = { 0 };
	pid_t parent = getpid();
	int fd[2], r;

	st->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0) {
		r = -errno;
		xasprintf(cause, "socketpair: %s", strerror(-r));
		return r;
	}
	st->pid = fork();
	if (st->pid == 0) {
		close(fd[0]);
		run_actor(who, beside == NULL ? 0 : beside->pid, fd[1], parent);
	}
	r = st->pid < 0 ? -errno : 0;
	close(fd[1]);
	st->fd = fd[0];
	if (r == 0 && (r = actor_hear(st, &answer)) == 0)
		r = -answer.error;
	if (r < 0) {
		xasprintf(cause, "the %s's network namespace: %s",
		    actor_name(who), strerror(-r));
		actor_stop(st);
	}
	return r;
}

void
actor_stop(struct stage *st)
{
	if (st->fd < 0)
		return;
	close(st->fd);
	st->fd = -1;
	if (st->pid <= 0)
		return;
	(void)kill(st->pid, SIGKILL);
	while (waitpid(st->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int
actor_tell(const struct stage *st, const struct lab_do *d)
{
	return send(st->fd, d, sizeof(*d), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
actor_hear(const struct stage *st, struct actor_answer *answer)
{
	ssize_t n;

	do {
		n = recv(st->fd, answer, sizeof(*answer), 0);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(*answer))
		return 0;
	return n < 0 ? -errno : -ESRCH;
}

int
actor_furnish(const struct stage *st)
{
	struct lab_do d = { .op = DO_END };

	return actor_tell(st, &d);
}
