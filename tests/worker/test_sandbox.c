/* SPDX-License-Identifier: ISC */
/*
 * Escapes from the sandbox: each is tried in a process of its own that locked
 * itself in, and each must be stopped. What the worker needs must work.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"
#include "scan/sandbox.h"

#define GOT_OUT  1
#define STOPPED  2
#define TRAPPED  (128 + SIGSYS) /* by the handler that reports it */
#define NOT_HERE 77
#define UNLOCKED ~0u

static char said[512]; /* sandbox_tell() */

/* What a child comes to that locked itself in (or not: UNLOCKED). */
static int
run_locked(unsigned needs, int (*act)(void))
{
	char *cause = NULL;
	pid_t pid;
	int st;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* What the handler reports is call_is_named()'s. */
		(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
		if (needs != UNLOCKED) {
			sandbox_harden();
			if (sandbox_apply(needs, &cause) < 0)
				_exit(NOT_HERE);
		}
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st);
}

/* -- what must not go ------------------------------------------------------ */

static int
out_if(bool out)
{
	return out ? GOT_OUT : STOPPED;
}

static int
try_execve(void)
{
	char name[] = "true", *argv[] = { name, NULL };

	(void)execve("/bin/true", argv, NULL);
	return STOPPED;
}

static int
try_ptrace(void)
{
	return out_if(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static int
try_kill(void)
{
	return out_if(kill(getppid(), 0) == 0);
}

static int
try_socket(int family, int type, int protocol)
{
	return out_if(socket(family, type, protocol) >= 0);
}

static int
try_unix(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
try_netlink(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW, 0);
}

static int
try_packet(void)
{
	return try_socket(AF_PACKET, SOCK_DGRAM, 0);
}

static int
try_executable_memory(void)
{
	return out_if(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return out_if(pid > 0);
}

static int
try_shadow(void)
{
	return out_if(open("/etc/shadow", O_RDONLY) >= 0);
}

/* And then some. */

static int
try_passwd(void)
{
	return out_if(open("/etc/passwd", O_RDONLY) >= 0);
}

static int
try_new_file(void)
{
	return out_if(open("/tmp", O_WRONLY | O_TMPFILE, 0600) >= 0);
}

static int
try_stat(void)
{
	struct stat st;

	return out_if(stat("/etc/passwd", &st) == 0);
}

static int
try_made_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return out_if(
	    p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int
try_raw(void)
{
	return try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
try_other_protocol(void)
{
	return try_socket(AF_INET, SOCK_STREAM, 132); /* SCTP */
}

static int
try_listen(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return out_if(fd >= 0 &&
		      bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
		      listen(fd, 1) == 0);
}

static int
try_more_processes(void)
{
	struct rlimit lim = { 100, 100 };

	return out_if(setrlimit(RLIMIT_NPROC, &lim) == 0);
}

static int
try_other_handler(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	return out_if(sigaction(SIGSYS, &sa, NULL) == 0);
}

static int
try_prctl(void)
{
	return out_if(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

static int
try_memory_of_another(void)
{
	char byte;
	struct iovec iov = { &byte, 1 };

	return out_if(process_vm_readv(getppid(), &iov, 1, &iov, 1, 0) >= 0);
}

static int
try_io_uring(void)
{
	char params[256] = { 0 };

	return out_if(syscall(SYS_io_uring_setup, 1, params) >= 0);
}

static int
try_namespace(void)
{
	return out_if(syscall(SYS_unshare, 0x10000000) == 0);
}

static const struct escape {
	const char *name;
	int (*act)(void);
} escapes[] = {
	/* The nine of failures.md 4.1. */
	{ "execve", try_execve },
	{ "ptrace", try_ptrace },
	{ "kill", try_kill },
	{ "AF_UNIX", try_unix },
	{ "AF_NETLINK", try_netlink },
	{ "AF_PACKET", try_packet },
	{ "mmap W+X", try_executable_memory },
	{ "fork", try_fork },
	{ "open(/etc/shadow)", try_shadow },
	{ "open(/etc/passwd)", try_passwd },
	{ "a new file", try_new_file },
	{ "stat", try_stat },
	{ "mprotect X", try_made_executable },
	{ "a raw socket", try_raw },
	{ "another protocol", try_other_protocol },
	{ "RLIMIT_NPROC", try_more_processes },
	{ "another handler", try_other_handler },
	{ "prctl", try_prctl },
	{ "memory of another", try_memory_of_another },
	{ "io_uring", try_io_uring },
	{ "a user namespace", try_namespace },
	{ "listening", try_listen },
};

static void
skip_without_sandbox(void)
{
	if (strncmp(said, "none", 4) == 0)
		skip();
}

static void
nobody_gets_out(void **state)
{
	const unsigned needs[] = { 0, SANDBOX_STREAM | SANDBOX_DGRAM };
	unsigned stopped = 0, n = 0;
	size_t i, k;
	int r;

	(void)state;
	skip_without_sandbox();
	for (k = 0; k < nitems(needs); k++)
		for (i = 0; i < nitems(escapes); i++) {
			r = run_locked(needs[k], escapes[i].act);
			n++;
			if (r == STOPPED || r == TRAPPED)
				stopped++;
			else
				print_message("%s, needs %u: %d\n",
				    escapes[i].name, needs[k], r);
		}
	print_message("escape attempts stopped: %u/%u\n", stopped, n);
	assert_int_equal(stopped, n);
}

/* Unlocked they go, or the test would prove nothing. */
static void
they_would_go(void **state)
{
	static int (*const act[])(void) = { try_kill, try_unix, try_netlink,
		try_executable_memory, try_fork, try_passwd, try_stat,
		try_made_executable, try_listen, try_more_processes,
		try_other_handler, try_ptrace };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(act); i++)
		if (run_locked(UNLOCKED, act[i]) != GOT_OUT)
			fail_msg("number %zu does not go anyway", i);
	/* Becomes another program, whose status is 0. */
	assert_int_equal(run_locked(UNLOCKED, try_execve), 0);
}

/* -- what must go ---------------------------------------------------------- */

static int
need_common(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	uint8_t byte;
	char *p;
	int e;

	if ((e = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
	    epoll_wait(e, &ev, 1, 0) != 0 || clock_mono_ns() == 0 ||
	    getrandom(&byte, 1, 0) != 1)
		return GOT_OUT;
	p = malloc(64 << 20);
	if (p == NULL)
		return GOT_OUT;
	memset(p, 1, 64 << 20);
	p = realloc(p, 128 << 20);
	free(p);
	return p == NULL ? GOT_OUT : STOPPED;
}

/* Loopback, and whatever it answers. */
static int
need_connect(int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	    fd6 = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || (fd6 < 0 && errno != EAFNOSUPPORT))
		return GOT_OUT;
	if (connect(fd, (struct sockaddr *)&a, len) < 0 &&
	    errno != EINPROGRESS && errno != ECONNREFUSED)
		return GOT_OUT;
	if (getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return GOT_OUT;
	return STOPPED;
}

static int
need_stream(void)
{
	return need_connect(SOCK_STREAM);
}

static int
need_dgram(void)
{
	return need_connect(SOCK_DGRAM);
}

static void
work_goes_on(void **state)
{
	(void)state;
	skip_without_sandbox();
	assert_int_equal(run_locked(0, need_common), STOPPED);
	assert_int_equal(run_locked(SANDBOX_STREAM, need_stream), STOPPED);
	assert_int_equal(run_locked(SANDBOX_DGRAM, need_dgram), STOPPED);
	/* And each technique only what it needs. */
	assert_int_not_equal(run_locked(0, need_stream), STOPPED);
	assert_int_not_equal(run_locked(SANDBOX_DGRAM, need_stream), STOPPED);
	assert_int_not_equal(run_locked(SANDBOX_STREAM, need_dgram), STOPPED);
}

/* -- and it tells ---------------------------------------------------------- */

static void
call_is_named(void **state)
{
	char text[256] = "", want[128];
	char *cause = NULL;
	int pipes[2], st;
	ssize_t n;
	pid_t pid;

	(void)state;
	skip_without_sandbox();
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(pipes[1], 2);
		sandbox_harden();
		if (sandbox_apply(0, &cause) < 0)
			_exit(NOT_HERE);
		_exit(try_unix());
	}
	(void)close(pipes[1]);
	n = read(pipes[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	(void)snprintf(want, sizeof(want),
	    "sockdeck-scan: system call %6d is not allowed in the sandbox\n",
	    (int)SYS_socket);
	assert_string_equal(text, want);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_int_equal(WEXITSTATUS(st), TRAPPED);
	(void)close(pipes[0]);
}

static int
time_it(void)
{
	return STOPPED;
}

/* Printed, not judged: a machine may be busy. */
static void
set_up_time(void **state)
{
	uint64_t best = UINT64_MAX, t;
	int i;

	(void)state;
	skip_without_sandbox();
	for (i = 0; i < 20; i++) {
		t = clock_mono_ns();
		assert_int_equal(
		    run_locked(SANDBOX_STREAM | SANDBOX_DGRAM, time_it),
		    STOPPED);
		t = clock_mono_ns() - t;
		if (t < best)
			best = t;
	}
	print_message(
	    "fork, sandbox and exit: %.2f ms at best\n", (double)best / 1e6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_would_go),
		cmocka_unit_test(nobody_gets_out),
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(call_is_named),
		cmocka_unit_test(set_up_time),
	};

	sandbox_tell(said, sizeof(said));
	print_message("sandbox: %s\n", said);
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
