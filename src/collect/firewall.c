/* SPDX-License-Identifier: ISC */
/* The firewall's own programs, run for what they print. */
#include "config.h"

#include "collect/firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/procfs.h"
#include "base/xmalloc.h"
#include "collect/nat.h"

#define BUDGET_MS  2000 /* of each program */
#define OUTPUT_MAX ((size_t)16 << 20)
#define PART       65536

enum tool {
	TOOL_NFT,
	TOOL_IPTABLES,
	TOOL_IP6TABLES,
	TOOL_LEGACY,
	TOOL_LEGACY6
};
/* Where distributions put them. */
static const struct {
	const char *path[4];
	const char *argv[7];
} tools[] = {
	[TOOL_NFT] = {
		.path = { "/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft" },
		.argv = { "nft", "-j", "-t", "list", "ruleset" },
	},
	[TOOL_IPTABLES] = {
		.path = { "/usr/sbin/iptables-save", "/sbin/iptables-save",
		    "/usr/bin/iptables-save" },
		.argv = { "iptables-save" },
	},
	[TOOL_IP6TABLES] = {
		.path = { "/usr/sbin/ip6tables-save", "/sbin/ip6tables-save",
		    "/usr/bin/ip6tables-save" },
		.argv = { "ip6tables-save" },
	},
	[TOOL_LEGACY] = {
		.path = { "/usr/sbin/iptables-legacy-save",
		    "/sbin/iptables-legacy-save",
		    "/usr/bin/iptables-legacy-save" },
		.argv = { "iptables-legacy-save" },
	},
	[TOOL_LEGACY6] = {
		.path = { "/usr/sbin/ip6tables-legacy-save",
		    "/sbin/ip6tables-legacy-save",
		    "/usr/bin/ip6tables-legacy-save" },
		.argv = { "ip6tables-legacy-save" },
	},
};

/* -- a program's output --------------------------------------------------- */

/* Its process, with the pipe as its output; -errno. */
static int
start(enum tool tool, int out, pid_t *pid)
{
	static char *const nothing[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	size_t i;
	int r;

	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(
	    &files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	(void)posix_spawn_file_actions_addopen(
	    &files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(
	    &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	sigemptyset(&set);
	(void)posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attr, &set);
	r = ENOENT;
	for (i = 0; r == ENOENT && tools[tool].path[i] != NULL; i++)
		r = posix_spawn(pid, tools[tool].path[i], &files, &attr,
		    (char *const *)(uintptr_t)tools[tool].argv, nothing);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return -r;
}

/* Until it closes its output: 0, or -ETIMEDOUT, -EFBIG, -errno. */
static int
drain(int fd, struct buf *out)
{
	uint64_t until = clock_mono_ns() + (uint64_t)BUDGET_MS * 1000000, now;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int r;

	for (;;) {
		now = clock_mono_ns();
		if (now >= until)
			return -ETIMEDOUT;
		r = poll(&p, 1, (int)((until - now) / 1000000) + 1);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r <= 0)
			continue;
		n = read(fd, buf_reserve(out, PART), PART);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			out->len += (size_t)n;
		if (out->len > OUTPUT_MAX)
			return -EFBIG;
	}
}

/* 0 and what it printed; -ENOENT: it is not there; -EACCES: it failed. */
static int
run(enum tool tool, struct buf *out)
{
	pid_t pid = -1, done;
	int fd[2], r, status = 0;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	r = start(tool, fd[1], &pid);
	(void)close(fd[1]);
	if (r == 0) {
		r = drain(fd[0], out);
		/* It has not been waited for: the number is still its own. */
		if (r < 0)
			(void)kill(pid, SIGKILL);
		do
			done = waitpid(pid, &status, 0);
		while (done < 0 && errno == EINTR);
		if (r == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
			r = -EACCES;
	}
	(void)close(fd[0]);
	return r;
}

/* -- all of them ---------------------------------------------------------- */

/* Tables of the kernel's older interface, which nft does not see. */
static bool
has_legacy(const char *path)
{
	char text[256];
	ssize_t n = procfs_read_at(AT_FDCWD, path, text, sizeof(text));

	return n > 0 && memmem(text, (size_t)n, "nat", 3) != NULL;
}

static int
run_iptables(struct nat *nat, enum tool tool, unsigned family)
{
	struct buf out = { 0 };
	int r = run(tool, &out);

	if (r == 0 && out.len > 0)
		nat_parse_iptables(nat, family, out.data, out.len);
	buf_done(&out);
	return r;
}

static const char *
reason(int r)
{
	return r == -EACCES ? "reading its rules is not permitted (needs root)"
	       : r == -ENOENT    ? "neither nft nor iptables-save is here"
	       : r == -EFBIG     ? "it has too many rules"
	       : r == -ETIMEDOUT ? "its rules could not be read in time"
				 : strerror(-r);
}

int
firewall_read(
    const struct conflict_query *q, struct conflict_ns *ns, char **cause)
{
	bool old4 = has_legacy("/proc/thread-self/net/ip_tables_names");
	bool old6 = has_legacy("/proc/thread-self/net/ip6_tables_names");
	struct buf out = { 0 };
	struct nat nat;
	int r, r4 = 0, r6 = 0;

	nat_init(&nat, q, ns);
	r = run(TOOL_NFT, &out);
	if (r == 0 && out.len > 0)
		r = nat_parse_nft(&nat, out.data, out.len);
	buf_done(&out);
	if (r == -ENOENT || nat.foreign) {
		r4 = run_iptables(&nat, TOOL_IPTABLES, 4);
		r6 = run_iptables(&nat, TOOL_IP6TABLES, 6);
		r = r4 != 0 ? r4 : r6;
	}
	if (r == 0 && old4)
		r = run_iptables(&nat, TOOL_LEGACY, 4);
	if (r == 0 && old6)
		r = run_iptables(&nat, TOOL_LEGACY6, 6);
	nat_walk(&nat, ns);
	nat_done(&nat);
	if (r < 0)
		xasprintf(cause,
		    "whether the firewall takes its traffic elsewhere: %s",
		    reason(r));
	return r;
}
