/* SPDX-License-Identifier: ISC */
/*
 * Holds sockets for a benchmark:
 *
 *	load [-n] [-p PER] SOCKETS [COMMAND ARG...]
 *
 * About 94 of 100 are ends of loopback connections, 5 UDP, 1 listening; one
 * process holds at most PER (2000). With -n they are in a network namespace
 * of their own, so that nothing else is in the picture and nothing of it is
 * seen outside. Once all are there COMMAND is run inside and its status is
 * ours; without one, "ready" is printed and the end of standard input ends it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static int
sock(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

/* Each process has an address of its own: 28,000 ports are not enough. */
static struct sockaddr_in
address(unsigned child, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port) };

	sin.sin_addr.s_addr = htonl(0x7f010001U + child);
	return sin;
}

static int
bound(int type, unsigned child)
{
	struct sockaddr_in sin = address(child, 0);
	int fd = sock(type);

	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		die("bind");
	return fd;
}

static void
connections(unsigned child, int lfd, unsigned n)
{
	struct sockaddr_in to, from = address(child, 0);
	socklen_t len = sizeof(to);
	int fd, one = 1;

	if (getsockname(lfd, (struct sockaddr *)&to, &len) < 0)
		die("getsockname");
	while (n-- > 0) {
		fd = sock(SOCK_STREAM);
		(void)setsockopt(
		    fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
		if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
			die("bind");
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("connect");
		if (accept4(lfd, NULL, NULL, SOCK_CLOEXEC) < 0)
			die("accept");
	}
}

static void
hold(unsigned child, unsigned n, int ready)
{
	unsigned listeners = n / 100 + 1, udp = n / 20;
	unsigned conns = n > listeners + udp ? (n - listeners - udp) / 2 : 0;
	int lfd = -1;

	while (listeners-- > 0) {
		lfd = bound(SOCK_STREAM, child);
		if (listen(lfd, 128) < 0)
			die("listen");
	}
	while (udp-- > 0)
		(void)bound(SOCK_DGRAM, child);
	connections(child, lfd, conns);
	if (write(ready, "", 1) != 1)
		die("write");
	close(ready);
	for (;;)
		pause();
}

static void
own_namespace(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	if (unshare(geteuid() == 0 ? CLONE_NEWNET
				   : CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		fprintf(stderr, "load: no network namespace of our own: %s\n",
		    strerror(errno));
		_exit(77);
	}
	fd = sock(SOCK_DGRAM);
	ifr.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("lo");
	close(fd);
}

static void
start(unsigned total, unsigned per)
{
	unsigned child = 0, n;
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) < 0)
		die("pipe");
	while (total > 0) {
		n = total < per ? total : per;
		total -= n;
		pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ready[0]);
			hold(child, n, ready[1]);
		}
		child++;
	}
	close(ready[1]);
	while (child > 0 && read(ready[0], &byte, 1) == 1)
		child--;
	close(ready[0]);
	if (child > 0) {
		fprintf(stderr, "load: %u processes failed\n", child);
		_exit(99);
	}
}

static int
run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execv(argv[0], argv);
		die(argv[0]);
	}
	while (waitpid(pid, &status, 0) != pid)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int
main(int argc, char **argv)
{
	struct rlimit rl;
	unsigned per = 2000;
	char byte;
	int c;

	while ((c = getopt(argc, argv, "+np:")) != -1) {
		if (c == 'n')
			own_namespace();
		else if (c == 'p' && atoi(optarg) > 0)
			per = (unsigned)atoi(optarg);
		else
			return 2;
	}
	if (optind == argc || atoi(argv[optind]) <= 0)
		return 2;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
	start((unsigned)atoi(argv[optind]), per);
	if (argv[optind + 1] != NULL)
		return run(&argv[optind + 1]);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
