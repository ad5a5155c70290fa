/* SPDX-License-Identifier: ISC */
/*
 * What a refresh costs when nothing changed, owners and all, as a multiple of
 * the bare dump of the same request (received into a buffer and thrown away):
 * the floor nobody gets below. Both in turn, in the same run; medians of CPU
 * time of the whole process.
 */
#include "config.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "collect/collect.h"
#include "collect/diag_dump.h"
#include "model/need.h"

#define ROUNDS 15

static double
cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), double_cmp);
	return v[n / 2];
}

static void
bare(const struct diag_ask *ask)
{
	static _Alignas(8) char data[DIAG_BUF_SIZE];
	struct buf req = { 0 };
	struct nlmsghdr last;
	ssize_t n;
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	diag_request(&req, ask, 1);
	if (fd < 0 || send(fd, req.data, req.len, 0) < 0)
		exit(99);
	do {
		n = recv(fd, data, sizeof(data), 0);
		if (n < (ssize_t)sizeof(last))
			exit(99);
		memcpy(&last, data, sizeof(last));
	} while (
	    last.nlmsg_type != NLMSG_DONE && last.nlmsg_type != NLMSG_ERROR);
	close(fd);
	buf_done(&req);
}

static double
bare_dump(const struct request *rq)
{
	double start = cpu_ms();
	struct diag_ask a = { .proto = SOCK_TCP,
		.ext = diag_ext(rq->need),
		.states = diag_states(SOCK_TCP, rq->states) };

	if ((rq->need & NEED_BOUND) == 0)
		a.states &= ~(1U << 13);
	bare(&a);
	a.proto = SOCK_UDP;
	a.states = diag_states(SOCK_UDP, rq->states);
	a.family = 4;
	bare(&a);
	a.family = 6;
	bare(&a);
	return cpu_ms() - start;
}

static double
refresh(
    struct collect *c, const struct request *rq, size_t *changed, size_t *total)
{
	double start = cpu_ms();
	struct snap *snap;
	char *cause = NULL;

	if (collect_read(c, rq, &snap, &cause) < 0) {
		fprintf(stderr, "%s\n", cause);
		exit(99);
	}
	start = cpu_ms() - start;
	*changed = snap->n + snap->ngone;
	*total = snap->total;
	snap_free(snap);
	return start;
}

static int
measure(const char *what, unsigned need)
{
	struct request rq = { .need = need,
		.tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL };
	struct collect_opts opts = { .delta = true };
	double floor[ROUNDS], ours[ROUNDS], first, f, o;
	size_t changed, total, base;
	struct collect *c;
	char *cause = NULL;
	int i;

	if (collect_open(&c, &opts, &cause) < 0) {
		fprintf(stderr, "%s\n", cause);
		return 77;
	}
	base = collect_memory(c);
	first = refresh(c, &rq, &changed, &total);
	for (i = 0; i < 5; i++)
		(void)refresh(c, &rq, &changed, &total);
	for (i = 0; i < ROUNDS; i++) {
		floor[i] = bare_dump(&rq);
		ours[i] = refresh(c, &rq, &changed, &total);
	}
	f = median(floor, ROUNDS);
	o = median(ours, ROUNDS);
	printf("refresh %-28s %7zu sockets: %7.2f ms, bare dump %7.2f ms, "
	       "ratio %.2f (aim 1.3); first %.1f ms; %.0f bytes a socket; "
	       "%zu changed\n",
	    what, total, o, f, o / f, first,
	    (double)(collect_memory(c) - base) / (double)(total + 1), changed);
	fflush(stdout);
	collect_close(c);
	return 0;
}

static int
inside(void)
{
	int r;

	r = measure("with owners", NEED_OWNER | NEED_USER | NEED_CMDLINE);
	if (r == 0)
		r = measure("with owners and tcp_info",
		    NEED_OWNER | NEED_USER | NEED_CMDLINE | NEED_TCPINFO);
	return r;
}

int
main(int argc, char **argv)
{
	static const char *const sizes[] = { "1000", "10000", "100000" };
	const char *dir = getenv("BUILDDIR");
	char load[4096];
	size_t i;
	int status;
	pid_t pid;

	if (argc > 1)
		return inside();
	snprintf(
	    load, sizeof(load), "%s/tests/bench/load", dir == NULL ? "." : dir);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		pid = fork();
		if (pid == 0) {
			execl(load, load, "-n", sizes[i], argv[0], "inside",
			    (char *)NULL);
			_exit(99);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 99;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
	}
	return 0;
}
