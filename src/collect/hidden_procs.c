/* SPDX-License-Identifier: ISC */
/*
 * Counts what hidepid hides: asks the kernel of each process number whether
 * somebody answers to it (signal 0). Nothing is learnt of them but that.
 */
#include "config.h"

#include "collect/hidden_procs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/procfs.h"

#define MOUNTINFO_MAX (4u << 20)
#define PID_LIMIT     4194304 /* PID_MAX_LIMIT of 64-bit kernels */
/* A count that took t is good for a hundred t, and for 2 s at least. */
#define COUNT_SHARE  100
#define COUNT_MIN_NS UINT64_C(2000000000)
/* PROC_PID_INIT_INO: kernel threads live in the first namespace only. */
#define FIRST_PIDNS "pid:[4026531836]"

struct hidden_procs {
	int root_fd;
	int hidepid;
	bool first_ns;
	uint32_t count;
	uint64_t until_ns;
};

static int
hidepid_of(const char *root)
{
	char *text;
	size_t n;
	int ret;

	if (procfs_slurp_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX,
		&text, &n) != 0)
		return 0;
	ret = procfs_hidepid(text, n, root);
	free(text);
	return ret;
}

struct hidden_procs *
hidden_procs_new(int root_fd, const char *root)
{
	struct hidden_procs *h = xcalloc(1, sizeof(*h));
	char link[64];
	ssize_t n;

	h->root_fd = root_fd;
	h->hidepid = hidepid_of(root);
	n = readlinkat(root_fd, "self/ns/pid", link, sizeof(link));
	h->first_ns = n == (ssize_t)strlen(FIRST_PIDNS) &&
		      memcmp(link, FIRST_PIDNS, (size_t)n) == 0;
	return h;
}

void
hidden_procs_free(struct hidden_procs *h)
{
	free(h);
}

static long
read_number(const struct hidden_procs *h, const char *path, long otherwise)
{
	char text[64];
	ssize_t n;
	long v;

	n = procfs_read_at(h->root_fd, path, text, sizeof(text) - 1);
	if (n <= 0)
		return otherwise;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	v = procfs_parse_number(text);
	return v < 0 ? otherwise : v;
}

/* How many processes and threads were made since the machine came up. */
static long
forks(const struct hidden_procs *h)
{
	char *text, *p;
	long v = -1;
	size_t n;

	if (procfs_slurp_at(h->root_fd, "stat", MOUNTINFO_MAX, &text, &n) != 0)
		return PID_LIMIT;
	p = strstr(text, "\nprocesses ");
	if (p != NULL) {
		p += strlen("\nprocesses ");
		p[strcspn(p, "\n")] = '\0';
		v = procfs_parse_number(p);
	}
	free(text);
	return v < 0 ? PID_LIMIT : v;
}

/*
 * The highest number there can be. Numbers are given out in turn, so it is
 * not above the last one given or, with room for forks that failed, twice
 * the number of forks, as long as these have not come to the end once.
 */
static pid_t
highest_pid(const struct hidden_procs *h)
{
	long max = read_number(h, "sys/kernel/pid_max", PID_LIMIT);
	long last = read_number(h, "sys/kernel/ns_last_pid", PID_LIMIT);
	long made = forks(h);

	if (max > PID_LIMIT)
		max = PID_LIMIT;
	if (made >= max / 2)
		return (pid_t)max;
	made *= 2;
	if (made < last)
		made = last;
	return (pid_t)(made < max ? made : max);
}

static bool
is_listed(const pid_t *listed, size_t n, size_t *at, pid_t pid)
{
	while (*at < n && listed[*at] < pid)
		(*at)++;
	return *at < n && listed[*at] == pid;
}

/* A thread answers to signals too; only a process can be opened. */
static bool
is_process(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	return errno != EINVAL && errno != ENOENT && errno != ESRCH;
}

static bool
is_hidden(const struct hidden_procs *h, pid_t pid)
{
	char name[TEXT_U64_MAX + 1];

	if (kill(pid, 0) == 0 || errno != EPERM)
		return false;
	/* Kernel threads have no session, and no descriptors. */
	if (h->first_ns && getsid(pid) == 0)
		return false;
	if (!is_process(pid))
		return false;
	/* Born since the list was made? */
	*text_u64(name, (uint64_t)pid) = '\0';
	return faccessat(h->root_fd, name, F_OK, 0) < 0 && errno == ENOENT;
}

uint32_t
hidden_procs_count(struct hidden_procs *h, const pid_t *listed, size_t n)
{
	uint64_t start, cost;
	pid_t pid, max;
	size_t at = 0;

	/* hidepid=1 lists them: they are refused one by one. */
	if (h->hidepid < 2)
		return 0;
	start = clock_mono_ns();
	if (start < h->until_ns)
		return h->count;
	h->count = 0;
	max = highest_pid(h);
	for (pid = 1; pid <= max; pid++)
		if (!is_listed(listed, n, &at, pid) && is_hidden(h, pid))
			h->count++;
	cost = clock_mono_ns() - start;
	h->until_ns =
	    start + (cost * COUNT_SHARE > COUNT_MIN_NS ? cost * COUNT_SHARE
						       : COUNT_MIN_NS);
	return h->count;
}
