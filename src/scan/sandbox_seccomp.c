/* SPDX-License-Identifier: ISC */
/* Landlock and seccomp: see sandbox.h. */
#include "config.h"

#include "scan/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"

/* -- Landlock -------------------------------------------------------------- */

/* linux/landlock.h of a newer kernel than many are built on; the kernel takes
 * as much of it as it knows if the rest is 0. */
struct ruleset {
	uint64_t files, net, scope;
};
#define NET_BIND_TCP    (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ALL       UINT64_C(3) /* abstract unix sockets, signals */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif
#define QUERY_VERSION 1

/* Rights over files, as many as each version has. */
static uint64_t
all_files(long version)
{
	static const unsigned bits[] = { 0, 13, 14, 15, 15, 16 };
	size_t i =
	    (size_t)version < nitems(bits) ? (size_t)version : nitems(bits) - 1;

	return (UINT64_C(1) << bits[i]) - 1;
}

static long
landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, QUERY_VERSION);

	return v < 0 ? -errno : v;
}

/* 0, or -errno. Nothing is allowed of what is handled. */
static int
landlock(unsigned needs)
{
	long version = landlock_version();
	struct ruleset rs = { 0 };
	size_t size = sizeof(rs.files);
	int fd, r = 0;

	if (version < 0)
		return (int)version;
	rs.files = all_files(version);
	if (version >= 4) {
		rs.net = NET_BIND_TCP;
		if ((needs & SANDBOX_STREAM) == 0)
			rs.net |= NET_CONNECT_TCP;
		size = 2 * sizeof(uint64_t);
	}
	if (version >= 6) {
		rs.scope = SCOPE_ALL;
		size = sizeof(rs);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &rs, size, 0);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* -- seccomp --------------------------------------------------------------- */

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64), /* the numbers of conntrack */
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64),
	SCMP_SYS(eventfd2),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_getres_time64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(sched_yield),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(shutdown),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(send),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmmsg_time64),
	SCMP_SYS(recv),
	/* Memory, and what libc does for it. */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* A libc or a library that tries these goes on without (failures.md S8). */
static const struct {
	int call, error;
} refused[] = {
	{ SCMP_SYS(open), EACCES },
	{ SCMP_SYS(openat), EACCES },
	{ SCMP_SYS(openat2), EACCES },
	{ SCMP_SYS(stat), EACCES },
	{ SCMP_SYS(stat64), EACCES },
	{ SCMP_SYS(lstat), EACCES },
	{ SCMP_SYS(lstat64), EACCES },
	{ SCMP_SYS(newfstatat), EACCES },
	{ SCMP_SYS(fstatat64), EACCES },
	{ SCMP_SYS(statx), EACCES },
	{ SCMP_SYS(access), EACCES },
	{ SCMP_SYS(faccessat), EACCES },
	{ SCMP_SYS(faccessat2), EACCES },
	{ SCMP_SYS(readlink), EACCES },
	{ SCMP_SYS(readlinkat), EACCES },
	{ SCMP_SYS(getcwd), EACCES },
	{ SCMP_SYS(ioctl), ENOTTY },
	{ SCMP_SYS(clone3), ENOSYS },
	{ SCMP_SYS(clone), ENOSYS },
};

#define ARG(n, op, ...) SCMP_A##n(SCMP_CMP_##op, __VA_ARGS__)

/* Calls that are allowed with some arguments only. */
static int
add_memory(scmp_filter_ctx f)
{
	int r;

	r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    ARG(2, MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1,
		    ARG(2, MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    ARG(2, MASKED_EQ, PROT_EXEC, 0));
	/* Limits may be read, not set. */
	if (r == 0)
		r = seccomp_rule_add(
		    f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, ARG(2, EQ, 0));
	return r;
}

static int
add_fcntl(scmp_filter_ctx f)
{
	static const int op[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
	size_t i;
	int r = 0;

	for (i = 0; i < nitems(op) && r == 0; i++) {
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    ARG(1, EQ, (scmp_datum_t)op[i]));
		if (r == 0)
			r = seccomp_rule_add(f, SCMP_ACT_ALLOW,
			    SCMP_SYS(fcntl64), 1,
			    ARG(1, EQ, (scmp_datum_t)op[i]));
	}
	return r;
}

static int
add_socket(scmp_filter_ctx f, unsigned needs)
{
	static const struct {
		unsigned need;
		int type, protocol;
	} kind[] = { { SANDBOX_STREAM, SOCK_STREAM, 0 },
		{ SANDBOX_STREAM, SOCK_STREAM, 6 },
		{ SANDBOX_DGRAM, SOCK_DGRAM, 0 },
		{ SANDBOX_DGRAM, SOCK_DGRAM, 17 } };
	static const int family[] = { AF_INET, AF_INET6 };
	size_t i, k;
	int r = 0;

	for (i = 0; i < nitems(kind); i++)
		for (k = 0; k < nitems(family) && r == 0; k++)
			if ((needs & kind[i].need) != 0)
				r = seccomp_rule_add(f, SCMP_ACT_ALLOW,
				    SCMP_SYS(socket), 3,
				    ARG(0, EQ, (scmp_datum_t)family[k]),
				    ARG(1, MASKED_EQ, 0xf,
					(scmp_datum_t)kind[i].type),
				    ARG(2, EQ, (scmp_datum_t)kind[i].protocol));
	return r;
}

static int
add_rules(scmp_filter_ctx f, unsigned needs)
{
	size_t i;
	int r;

	if ((r = add_memory(f)) != 0 || (r = add_fcntl(f)) != 0 ||
	    (r = add_socket(f, needs)) != 0)
		return r;
	for (i = 0; i < nitems(allowed); i++)
		if ((r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0)) !=
		    0)
			return r;
	for (i = 0; i < nitems(refused); i++)
		if ((r = seccomp_rule_add(f,
			 SCMP_ACT_ERRNO((unsigned)refused[i].error),
			 refused[i].call, 0)) != 0)
			return r;
	return 0;
}

static int
seccomp(unsigned needs)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_TRAP);
	int r;

	if (f == NULL)
		return -ENOMEM;
	/* A tree: the many calls of sending do not wait behind a list. */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(f, SCMP_FLTATR_API_SYSRAWRC, 1);
	r = add_rules(f, needs);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r;
}

/* The handler cannot be changed any more: sigaction(2) is on no list. */
static void
on_sigsys(int sig, siginfo_t *info, void *context)
{
	char text[] = "sockdeck-scan: system call      0 is not allowed in "
		      "the sandbox\n";
	char *p = text + sizeof("sockdeck-scan: system call      0") - 2;
	unsigned nr = (unsigned)info->si_syscall;

	(void)context;
	for (; nr > 0; nr /= 10)
		*p-- = (char)('0' + nr % 10);
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
		/* Then it is not told. */
	}
	_exit(128 + sig);
}

/* -- both ------------------------------------------------------------------ */

void
sandbox_harden(void)
{
	static const struct rlimit none;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}

void
sandbox_tell(char *text, size_t size)
{
	uint32_t action = SECCOMP_RET_TRAP;
	long version = landlock_version();

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		(void)snprintf(text, size, "none: no seccomp in this kernel");
	else if (version < 0)
		(void)snprintf(
		    text, size, "partial: no Landlock in this kernel");
	else
		(void)snprintf(text, size, "full");
}

int
sandbox_apply(unsigned needs, char **cause)
{
	static const struct rlimit none;
	struct sigaction sa = { .sa_sigaction = on_sigsys,
		.sa_flags = SA_SIGINFO };
	int r, partial;

	partial = landlock(needs);
	if (sigaction(SIGSYS, &sa, NULL) < 0 ||
	    setrlimit(RLIMIT_NPROC, &none) < 0)
		r = -errno;
	else
		r = seccomp(needs);
	if (r != 0) {
		xasprintf(cause, "no sandbox: seccomp: %s", strerror(-r));
		return r;
	}
	if (partial == 0)
		return 0;
	xasprintf(cause, "no Landlock in this kernel: %s", strerror(-partial));
	return 1;
}
