/* SPDX-License-Identifier: ISC */
/*
 * Sockets that close, told by the kernel: real ones, in a network of our own.
 */
#include "config.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect/collect.h"
#include "collect/events.h"
#include "collect/netns.h"
#include "model/need.h"
#include "model/table.h"

#define SKIP 77

static int
fresh(void **state)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)ioctl(fd, SIOCSIFFLAGS, &ifr); /* what needs it will say so */
	close(fd);
	return 0;
}

static struct events *
open_events(const char *netns, size_t max, int rcvbuf)
{
	const struct events_opts opts = {
		.netns = netns, .max = max, .rcvbuf = rcvbuf
	};
	struct events *e = NULL;
	char *cause = NULL;

	if (events_open(&e, &opts, &cause) < 0)
		fail_msg("events: %s", cause);
	return e;
}

/* Waits until so many were told, or lost. */
static struct events_stats
wait_told(struct events *e, uint64_t n)
{
	struct pollfd p = { .fd = events_fd(e), .events = POLLIN };
	struct events_stats st;

	for (;;) {
		events_stats(e, &st);
		if (st.told + st.lost >= n)
			return st;
		(void)poll(&p, 1, 10);
	}
}

static int
listen_on(uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

/* Opened, used for five bytes, closed; the client's port. */
static uint16_t
short_connection(int listener, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other;
	char data[8];

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(other >= 0);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	assert_int_equal(recv(other, data, sizeof(data), 0), 5);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	close(other);
	return ntohs(sin.sin_port);
}

/* -- tests ---------------------------------------------------------------- */

static void
what_is_told(void **state)
{
	struct events *e = open_events(NULL, 100, 0);
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(9) };
	const struct sock_rec *r;
	struct sock_ends ends;
	unsigned tcp = 0, udp = 0, listeners = 0;
	uint16_t port, client;
	int fd, listener = listen_on(&port);
	size_t i;

	(void)state;
	client = short_connection(listener, port);
	close(listener);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0); /* never bound */
	close(fd);
	(void)wait_told(e, 5);
	events_take(e, &ends);
	assert_int_equal(ends.lost, 0);
	for (i = 0; i < ends.n; i++) {
		r = &ends.end[i].rec;
		assert_int_equal(r->netns, netns_self());
		assert_true(r->cookie != 0);
		/* Nobody's: never root's. */
		assert_int_equal(
		    r->known & (KNOWN_UID | KNOWN_INODE | KNOWN_QUEUES), 0);
		if (r->proto == SOCK_UDP) {
			udp++;
			assert_int_equal(r->state, SOCK_CONNECTED);
			assert_int_equal(r->peer.port, 9);
			continue;
		}
		assert_int_equal(r->state, SOCK_CLOSED);
		if (r->peer.port == 0) {
			listeners++;
			assert_int_equal(r->local.port, port);
			assert_int_equal(r->known & KNOWN_TCP, 0);
			continue;
		}
		tcp++;
		assert_true((r->known & KNOWN_BYTES) != 0);
		assert_true(ends.end[i].tcp_info_len > 100);
		if (r->local.port == client)
			assert_int_equal(r->bytes_sent, 5);
		else
			/* The kernel counts the FIN as well. */
			assert_in_range(r->bytes_received, 5, 6);
	}
	assert_int_equal(tcp, 2);
	assert_int_equal(udp, 1);
	assert_int_equal(listeners, 1);
	sock_ends_done(&ends);
	events_close(e);
}

/* More than may be kept: the newest are, the others are counted. */
static void
newest_are_kept(void **state)
{
	struct events *e = open_events(NULL, 10, 0);
	struct sock_ends ends;
	uint16_t port, last = 0;
	int i, listener = listen_on(&port);
	bool met = false;

	(void)state;
	for (i = 0; i < 50; i++)
		last = short_connection(listener, port);
	(void)wait_told(e, 100 + 90); /* what was pushed out counts as lost */
	events_take(e, &ends);
	assert_int_equal(ends.n, 10);
	assert_int_equal(ends.lost, 90);
	for (i = 0; i < 10; i++)
		met |= ends.end[i].rec.local.port == last ||
		       ends.end[i].rec.peer.port == last;
	assert_true(met);
	sock_ends_done(&ends);
	events_take(e, &ends);
	assert_int_equal(ends.n + ends.lost, 0);
	close(listener);
	events_close(e);
}

static void
merge_ends(struct table *t, struct events *e)
{
	struct sock_ends ends;
	size_t i;

	events_take(e, &ends);
	for (i = 0; i < ends.n; i++)
		table_end(t, &ends.end[i]);
	t->ends_lost += ends.lost;
	sock_ends_done(&ends);
}

static void
read_into(struct table *t, struct collect *c)
{
	const struct request req = { .tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL };
	struct snap *snap = NULL;
	char *cause = NULL;

	if (collect_read(c, &req, &snap, &cause) < 0)
		fail_msg("read: %s", cause);
	table_merge(t, snap, NULL);
	snap_free(snap);
}

/*
 * The kernel has room for a handful only: what it drops is counted to the
 * last, and after one reading the table is the kernel's list all the same.
 */
static void
overrun(void **state)
{
	enum {
		PAIRS = 3000
	};
	struct collect_opts opts = { .delta = true };
	struct collect *c = NULL, *whole = NULL;
	struct table *t = table_new(), *other = table_new();
	struct events_stats st;
	struct events *e;
	char *cause = NULL;
	uint16_t port;
	int i, listener;
	size_t n;

	(void)state;
	assert_int_equal(collect_open(&c, &opts, &cause), 0);
	read_into(t, c);
	e = open_events(NULL, 100000, 1);
	listener = listen_on(&port);
	for (i = 0; i < PAIRS; i++)
		(void)short_connection(listener, port);
	st = wait_told(e, 2 * PAIRS);
	print_message("%llu told, %llu lost in %llu overruns\n",
	    (unsigned long long)st.told, (unsigned long long)st.lost,
	    (unsigned long long)st.overruns);
	assert_int_equal(st.told + st.lost, 2 * PAIRS);
	merge_ends(t, e);
	read_into(t, c);
	opts.delta = false;
	assert_int_equal(collect_open(&whole, &opts, &cause), 0);
	read_into(other, whole);
	assert_int_equal(t->live, other->live);
	for (n = 0; n < other->n; n++)
		assert_non_null(table_find(t, sock_key(&other->row[n]->rec)));
	/* Each server's end is listed or counted, none twice; the clients'
	 * are in TIME-WAIT, or their ends were lost. */
	assert_true(t->nclosed <= PAIRS);
	assert_int_equal(
	    t->by_state[SOCK_TIME_WAIT], other->by_state[SOCK_TIME_WAIT]);
	close(listener);
	events_close(e);
	collect_close(c);
	collect_close(whole);
	table_free(t);
	table_free(other);
}

/* Whoever may send to the group is not the kernel for all that. */
static void
spoofed(void **state)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
		.nl_groups = 1U << (SKNLGRP_INET_TCP_DESTROY - 1) };
	struct {
		struct nlmsghdr h;
		struct inet_diag_msg m;
	} msg = { .h = { .nlmsg_len = sizeof(msg), .nlmsg_type = 20 },
		.m = { .idiag_family = AF_INET,
		    .idiag_state = 7,
		    .id = { .idiag_sport = htons(4242),
			.idiag_dport = htons(4243),
			.idiag_cookie = { 77, 0 } } } };
	struct events *e = open_events(NULL, 100, 0);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct events_stats st;
	struct sock_ends ends;

	(void)state;
	assert_int_equal(sendto(fd, &msg, sizeof(msg), 0,
			     (struct sockaddr *)&to, sizeof(to)),
	    sizeof(msg));
	do {
		events_stats(e, &st);
		(void)sched_yield();
	} while (st.strays == 0);
	events_take(e, &ends);
	assert_int_equal(ends.n, 0);
	assert_int_equal(st.told, 0);
	close(fd);
	events_close(e);
}

/* One that is there from the beginning, one that comes, one that goes. */
static void
other_namespaces(void **state)
{
	char spec[32], ready;
	struct events_stats st;
	struct sock_ends ends;
	struct events *e;
	int up[2], go[2], fd;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		(void)!write(up[1], "u", 1);
		(void)!read(go[0], &ready, 1);
		(void)bind(fd, &(struct sockaddr){ .sa_family = AF_INET },
		    sizeof(struct sockaddr));
		close(fd);
		(void)!read(go[0], &ready, 1);
		_exit(0);
	}
	assert_int_equal(read(up[0], &ready, 1), 1);
	(void)snprintf(spec, sizeof(spec), "%d", (int)pid);
	e = open_events(spec, 100, 0);
	assert_int_equal(write(go[1], "g", 1), 1);
	(void)wait_told(e, 1);
	events_take(e, &ends);
	assert_int_equal(ends.n, 1);
	assert_int_equal(ends.end[0].rec.proto, SOCK_UDP);
	assert_int_not_equal(ends.end[0].rec.netns, netns_self());
	sock_ends_done(&ends);
	assert_int_equal(write(go[1], "g", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* It is gone, and we let it go. */
	events_renew(e);
	do {
		events_stats(e, &st);
		(void)sched_yield();
	} while (st.netns != 0);
	events_close(e);
	close(up[0]);
	close(up[1]);
	close(go[0]);
	close(go[1]);
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_told, fresh),
		cmocka_unit_test_setup(newest_are_kept, fresh),
		cmocka_unit_test_setup(overrun, fresh),
		cmocka_unit_test_setup(spoofed, fresh),
		cmocka_unit_test_setup(other_namespaces, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWNET) < 0) {
		fprintf(
		    stderr, "no namespaces of our own: %s\n", strerror(errno));
		return SKIP;
	}
	return all_tests();
}
