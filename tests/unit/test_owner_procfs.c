/* SPDX-License-Identifier: ISC */
/*
 * Who holds a socket: real children with real sockets, and a made-up /proc
 * for what no real process can be made to do.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/owner_procfs.h"
#include "seed.h"

#define ALL_DETAIL (PROC_COMM | PROC_CMDLINE | PROC_CGROUP | PROC_PATHS)

/* A child that does what single letters on a socket tell it. */
struct child {
	pid_t pid;
	int ctl;
};

static void
child_say(int ctl, char c)
{
	if (write(ctl, &c, 1) != 1)
		_exit(2);
}

static int
receive_fd(int ctl)
{
	char data, space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &data, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	int fd;

	if (recvmsg(ctl, &msg, 0) != 1 || CMSG_FIRSTHDR(&msg) == NULL)
		_exit(3);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void
child_run(int ctl, int inherited)
{
	int made = -1, passed = -1;
	char c;

	while (read(ctl, &c, 1) == 1) {
		if (c == 's') /* a socket of its own */
			made = socket(AF_INET, SOCK_STREAM, 0);
		else if (c == 'x') /* one goes and another comes: same count */
			close(made), made = socket(AF_INET, SOCK_STREAM, 0);
		else if (c == 'c')
			close(made), made = -1;
		else if (c == 'd')
			(void)fcntl(inherited, F_DUPFD, 100);
		else if (c == 'i')
			close(inherited);
		else if (c == 'p')
			passed = receive_fd(ctl);
		else if (c == 'n')
			prctl(PR_SET_NAME, ")) (x\x1b[m");
		else if (c == 'e') /* exec: descriptors stay */
			dup2(ctl, 0), execl("/bin/cat", "kitten", "-", NULL);
		else
			_exit(4);
		if (made >= 0 && (c == 's' || c == 'x')) {
			uint32_t ino;
			struct stat st;

			fstat(made, &st);
			ino = (uint32_t)st.st_ino;
			if (write(ctl, &ino, sizeof(ino)) != sizeof(ino))
				_exit(5);
		}
		child_say(ctl, c);
	}
	(void)passed;
	_exit(0);
}

static struct child
child_start(int inherited)
{
	struct child c = { 0 };
	char ready;
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (c.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(sv[0]);
		child_say(sv[1], 'r');
		child_run(sv[1], inherited);
	}
	close(sv[1]);
	c.ctl = sv[0];
	assert_int_equal(read(c.ctl, &ready, 1), 1);
	return c;
}

/* Does it, and waits until it is done; the inode of a new socket, or 0. */
static uint32_t
child_do(struct child *c, char what)
{
	uint32_t ino = 0;
	char done;

	assert_int_equal(write(c->ctl, &what, 1), 1);
	if (what == 's' || what == 'x')
		assert_int_equal(
		    recv(c->ctl, &ino, sizeof(ino), MSG_WAITALL), sizeof(ino));
	assert_int_equal(read(c->ctl, &done, 1), 1);
	assert_int_equal(done, what);
	return ino;
}

static void
child_pass(struct child *c, int fd)
{
	char data = 'p', space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = &data, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);

	assert_int_equal(write(c->ctl, "p", 1), 1);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	assert_int_equal(sendmsg(c->ctl, &msg, 0), 1);
	assert_int_equal(read(c->ctl, &data, 1), 1);
}

static void
child_end(struct child *c)
{
	if (c->pid <= 0)
		return;
	close(c->ctl);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	c->pid = 0;
}

static uint32_t
inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

/* One reading, as the collector does it: asks for those not known. */
static void
reading(
    struct owner_source *o, const uint32_t *inode, size_t n, struct snap *snap)
{
	uint32_t ask[64], uid[64];
	size_t i, k = 0;

	owner_procfs.begin(o, ALL_DETAIL, snap);
	for (i = 0; i < n; i++)
		if (owner_procfs.find(o, inode[i], NULL) == 0) {
			ask[k] = inode[i];
			uid[k++] = getuid();
		}
	assert_int_equal(
	    owner_procfs.update(o, ask, uid, k, ALL_DETAIL, snap), 0);
}

static struct owner_source *
open_source(void)
{
	struct owner_source *o;
	char *cause = NULL;

	assert_int_equal(owner_procfs.open(&o, &cause), 0);
	return o;
}

/* The holders as "PID:FD PID:FD", so that a failure shows them. */
static void
holders_are(struct owner_source *o, uint32_t inode, const char *want)
{
	const struct owners *w = NULL;
	char got[512] = "";
	size_t n = 0;
	uint32_t i;

	if (owner_procfs.find(o, inode, &w) != 0)
		for (i = 0; i < w->n && n < sizeof(got) - 32; i++) {
			struct owner h = owners_at(w, i);

			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    "%s%d:%d", i > 0 ? " " : "", h.proc->pid, h.fd);
		}
	if (strcmp(got, want) != 0)
		fail_msg("inode %u: holders '%s', not '%s'", inode, got, want);
}

static void
one_holder(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	struct child c = child_start(-1);
	const struct owners *w;
	uint32_t ino = child_do(&c, 's');
	char want[64];
	uint64_t tag;

	(void)state;
	reading(o, &ino, 1, snap);
	snprintf(want, sizeof(want), "%d:", c.pid);
	tag = owner_procfs.find(o, ino, &w);
	assert_true(tag != 0);
	assert_int_equal(w->n, 1);
	assert_int_equal(w->proc->pid, c.pid);
	assert_int_equal(w->proc->ppid, getpid());
	assert_int_equal(w->proc->uid, getuid());
	assert_true(w->proc->start > 0);
	assert_true(w->proc->start_wall > 1000000000);
	assert_non_null(w->proc->user);
	assert_non_null(w->proc->cmdline);
	assert_non_null(strstr(w->proc->cmdline, "test_owner_procfs"));
	assert_non_null(w->proc->exe);
	assert_non_null(w->proc->cwd);
	assert_non_null(w->proc->cgroup);
	/* Nothing changed: the same tag, the same process. */
	reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, NULL) == tag);
	/* It dies: gone at the next reading. */
	child_end(&c);
	reading(o, &ino, 1, snap);
	holders_are(o, ino, "");
	assert_true(owner_procfs.memory(o) > 0);
	snap_free(snap);
	owner_procfs.close(o);
}

static void
prefork(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	int s = socket(AF_INET, SOCK_STREAM, 0), i, n = 0;
	uint32_t ino = inode_of(s);
	struct child c[3];
	char want[256], two[256];
	uint64_t tag, now;

	(void)state;
	for (i = 0; i < 3; i++)
		c[i] = child_start(s);
	reading(o, &ino, 1, snap);
	n = snprintf(want, sizeof(want), "%d:%d", getpid(), s);
	for (i = 0; i < 3; i++)
		n += snprintf(
		    want + n, sizeof(want) - (size_t)n, " %d:%d", c[i].pid, s);
	holders_are(o, ino, want);
	tag = owner_procfs.find(o, ino, NULL);

	/* The same descriptor twice in one process. */
	child_do(&c[2], 'd');
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	snprintf(want + n, sizeof(want) - (size_t)n, " %d:100", c[2].pid);
	holders_are(o, ino, want);
	now = owner_procfs.find(o, ino, NULL);
	assert_true(now != tag);

	/* One closes it, one dies, we close ours. */
	child_do(&c[0], 'i');
	child_end(&c[1]);
	close(s);
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	snprintf(two, sizeof(two), "%d:%d %d:100", c[2].pid, s, c[2].pid);
	holders_are(o, ino, two);
	child_end(&c[0]);
	child_end(&c[2]);
	reading(o, &ino, 1, snap);
	holders_are(o, ino, "");
	snap_free(snap);
	owner_procfs.close(o);
}

/* A descriptor of a socket known already arrives in another process: noticed
 * within the bounded look-around. */
static void
passed(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	struct child c = child_start(-1);
	int s = socket(AF_INET, SOCK_STREAM, 0), i;
	uint32_t ino = inode_of(s);
	const struct owners *w = NULL;

	(void)state;
	reading(o, &ino, 1, snap);
	child_pass(&c, s);
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, &w) != 0);
	assert_int_equal(w->n, 2);
	assert_int_equal(owners_at(w, 1).proc->pid, c.pid);
	close(s);
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, &w) != 0);
	assert_int_equal(w->n, 1);
	assert_int_equal(w->proc->pid, c.pid);
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

/* Close one and open another: no count changes, the search finds it at once. */
static void
swapped(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	struct child c = child_start(-1);
	uint32_t ino = child_do(&c, 's'), now;
	const struct owners *w = NULL;
	int i, tries;

	(void)state;
	reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, NULL) != 0);
	for (i = 0; i < 20; i++) {
		now = child_do(&c, 'x');
		/* At once; later ones when the search may cost again. */
		for (tries = 0; tries < (i == 0 ? 1 : 100000); tries++) {
			reading(o, &now, 1, snap);
			if (owner_procfs.find(o, now, &w) != 0)
				break;
		}
		if (w == NULL || owner_procfs.find(o, now, &w) == 0)
			fail_msg("round %d: no holder of %u", i, now);
		assert_int_equal(w->proc->pid, c.pid);
	}
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

/* The same, but the one that comes is known already: found in turn. */
static void
swapped_for_known(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	struct child c = child_start(-1); /* before s: not inherited */
	int s = socket(AF_INET, SOCK_STREAM, 0);
	uint32_t ino[2] = { inode_of(s), child_do(&c, 's') };
	const struct owners *w = NULL;
	uint64_t until = clock_mono_ns() + UINT64_C(60000000000);

	(void)state;
	reading(o, ino, 2, snap);
	child_do(&c, 'c');
	child_pass(&c, s);
	/* Looked for beside other work: the more processes, the later. */
	while (clock_mono_ns() < until) {
		reading(o, ino, 2, snap);
		assert_true(owner_procfs.find(o, ino[0], &w) != 0);
		if (w->n == 2)
			break;
	}
	assert_int_equal(w->n, 2);
	assert_int_equal(owners_at(w, 1).proc->pid, c.pid);
	holders_are(o, ino[1], "");
	close(s);
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

static void
renamed(void **state)
{
	struct owner_source *o = open_source();
	struct snap *snap = snap_new();
	struct child c = child_start(-1);
	uint32_t ino = child_do(&c, 's');
	const struct owners *w = NULL;
	uint64_t tag;
	int i;

	(void)state;
	reading(o, &ino, 1, snap);
	tag = owner_procfs.find(o, ino, &w);
	child_do(&c, 'n');
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, &w) != tag);
	assert_string_equal(w->proc->comm, ")) (x\\x1b[m");
	assert_int_equal(w->proc->ppid, getpid());
	/* exec: another program under the same pid and start time */
	assert_int_equal(write(c.ctl, "e", 1), 1);
	for (i = 0; i < 100000; i++) {
		reading(o, &ino, 1, snap);
		assert_true(owner_procfs.find(o, ino, &w) != 0);
		if (strcmp(w->proc->comm, "cat") == 0)
			break;
	}
	assert_string_equal(w->proc->comm, "cat");
	for (i = 0; i < 200; i++)
		reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, &w) != 0);
	assert_string_equal(w->proc->cmdline, "kitten -");
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

/* Unchanged: a bounded look around, no scan, no text read twice. */
static void
steady(void **state)
{
	struct owner_source *o = open_source();
	struct owner_procfs_stats before, after;
	struct snap *snap = snap_new();
	struct child c = child_start(-1);
	uint32_t ino[2] = { child_do(&c, 's'), 4294967290u };
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		reading(o, ino, 1, snap);
	before = owner_procfs_stats(o);
	for (i = 0; i < 50; i++)
		reading(o, ino, 1, snap);
	after = owner_procfs_stats(o);
	assert_int_equal(after.listed - before.listed, 50);
	if (after.peeked - before.peeked > 50 * 16)
		fail_msg("%llu looked at",
		    (unsigned long long)(after.peeked - before.peeked));
	/* A socket that nobody holds is searched for once, not each time. */
	reading(o, ino, 2, snap);
	before = owner_procfs_stats(o);
	for (i = 0; i < 20; i++)
		reading(o, ino, 2, snap);
	after = owner_procfs_stats(o);
	if (after.scanned - before.scanned > 20 * 30)
		fail_msg("%llu processes read for a socket that has no holder",
		    (unsigned long long)(after.scanned - before.scanned));
	holders_are(o, ino[1], "");
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

/* -- a made-up /proc ------------------------------------------------------ */

struct fake {
	char root[64];
};

static void
fake_init(struct fake *f)
{
	strcpy(f->root, "/tmp/sockdeck-proc.XXXXXX");
	assert_non_null(mkdtemp(f->root));
}

static void
fake_done(struct fake *f)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->root);
	assert_int_equal(system(cmd), 0);
}

static void
fake_file(
    struct fake *f, unsigned pid, const char *name, const void *data, size_t n)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%u/%s", f->root, pid, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), (ssize_t)n);
	close(fd);
}

static void
fake_link(struct fake *f, unsigned pid, int fd, const char *to)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%u/fd/%d", f->root, pid, fd);
	(void)unlink(path);
	assert_int_equal(symlink(to, path), 0);
}

static void
fake_proc(struct fake *f, unsigned pid, const char *comm, size_t ncomm,
    unsigned long long start)
{
	char path[256], stat[512];
	int n;

	snprintf(path, sizeof(path), "%s/%u", f->root, pid);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%u/fd", f->root, pid);
	(void)mkdir(path, 0755);
	n = snprintf(stat, sizeof(stat), "%u (", pid);
	memcpy(stat + n, comm, ncomm);
	n += (int)ncomm;
	n += snprintf(stat + n, sizeof(stat) - (size_t)n,
	    ") S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 %llu 1 1\n",
	    start);
	fake_file(f, pid, "stat", stat, (size_t)n);
}

static struct owner_source *
fake_open(struct fake *f, slow_read_fn fn, void *arg)
{
	struct owner_procfs_opts opts = {
		.root = f->root, .read_cmdline = fn, .read_arg = arg
	};
	struct owner_source *o;
	char *cause = NULL;

	assert_int_equal(owner_procfs_open(&o, &opts, &cause), 0);
	return o;
}

static void
odd_processes(void **state)
{
	uint64_t seed = seed_begin("odd_processes");
	struct snap *snap = snap_new();
	struct owner_source *o;
	const struct owners *w;
	uint32_t inode[40];
	struct fake f;
	unsigned i, k;

	(void)state;
	fake_init(&f);
	for (i = 0; i < 40; i++) {
		char comm[16], link[64];
		size_t n = seed_next(&seed) % 16;

		for (k = 0; k < n; k++)
			comm[k] = ") (\nS1\x1b\xff"[seed_next(&seed) % 8];
		fake_proc(&f, 4194304 - i * 7, comm, n, 1000 + i);
		snprintf(link, sizeof(link), "socket:[%u]", 5000 + i);
		fake_link(&f, 4194304 - i * 7, 3, link);
		fake_link(&f, 4194304 - i * 7, 4, "/nowhere/at/all");
		fake_link(&f, 4194304 - i * 7, 5, "socket:[x]");
		inode[i] = 5000 + i;
	}
	/* No stat at all, one that makes no sense, an empty one. */
	fake_proc(&f, 77, "x", 1, 1);
	fake_file(&f, 77, "stat", "garbage", 7);
	fake_link(&f, 77, 9, "socket:[6000]");
	fake_proc(&f, 78, "x", 1, 1);
	fake_file(&f, 78, "stat", "", 0);
	fake_link(&f, 78, 9, "socket:[6000]");
	o = fake_open(&f, NULL, NULL);
	reading(o, inode, 40, snap);
	for (i = 0; i < 40; i++) {
		if (owner_procfs.find(o, inode[i], &w) == 0)
			fail_msg("no holder of %u", inode[i]);
		assert_int_equal(w->proc->pid, 4194304 - (int)i * 7);
		assert_true(w->proc->start == 1000 + i);
		assert_true(
		    text_is_clean(w->proc->comm, strlen(w->proc->comm)));
	}
	inode[0] = 6000;
	reading(o, inode, 1, snap);
	holders_are(o, 6000, "77:9 78:9");
	snap_free(snap);
	owner_procfs.close(o);
	fake_done(&f);
}

/* The same number, another process: what the old one held is not its. */
static void
reused_pid(void **state)
{
	struct snap *snap = snap_new();
	uint32_t inode[2] = { 111, 222 };
	struct owner_source *o;
	const struct owners *w;
	struct fake f;
	int i;

	(void)state;
	fake_init(&f);
	fake_proc(&f, 50, "old", 3, 1);
	fake_link(&f, 50, 3, "socket:[111]");
	o = fake_open(&f, NULL, NULL);
	reading(o, inode, 1, snap);
	holders_are(o, 111, "50:3");
	fake_proc(&f, 50, "new", 3, 2);
	fake_link(&f, 50, 3, "socket:[222]");
	for (i = 0; i < 3; i++)
		reading(o, inode, 2, snap);
	holders_are(o, 111, "");
	assert_true(owner_procfs.find(o, 222, &w) != 0);
	assert_string_equal(w->proc->comm, "new");
	assert_true(w->proc->start == 2);
	snap_free(snap);
	owner_procfs.close(o);
	fake_done(&f);
}

/* A command line that never comes costs its budget once. */
struct hang {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool open;
	int waiting, calls;
};

static ssize_t
hanging_read(void *arg, pid_t pid, char *buf, size_t size)
{
	struct hang *h = arg;

	pthread_mutex_lock(&h->lock);
	h->calls++;
	if (pid == 60) {
		h->waiting++;
		while (!h->open)
			pthread_cond_wait(&h->cond, &h->lock);
		h->waiting--;
		pthread_cond_broadcast(&h->cond);
	}
	pthread_mutex_unlock(&h->lock);
	return snprintf(buf, size, "cmd%d", pid);
}

static void
hanging_cmdline(void **state)
{
	static struct hang h = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.cond = PTHREAD_COND_INITIALIZER };
	uint32_t inode[3] = { 111, 222, 333 };
	struct snap *snap = snap_new();
	struct owner_source *o;
	const struct owners *w;
	struct fake f;
	int i, calls;

	(void)state;
	fake_init(&f);
	fake_proc(&f, 59, "a", 1, 1);
	fake_link(&f, 59, 3, "socket:[111]");
	fake_proc(&f, 60, "stuck", 5, 1);
	fake_link(&f, 60, 3, "socket:[222]");
	fake_proc(&f, 61, "c", 1, 1);
	fake_link(&f, 61, 3, "socket:[333]");
	o = fake_open(&f, hanging_read, &h);
	reading(o, inode, 3, snap);
	assert_true(owner_procfs.find(o, 111, &w) != 0);
	assert_string_equal(w->proc->cmdline, "cmd59");
	assert_true(owner_procfs.find(o, 222, &w) != 0);
	assert_string_equal(w->proc->cmdline, "[stuck]");
	assert_true(owner_procfs.find(o, 333, &w) != 0);
	assert_string_equal(w->proc->cmdline, "cmd61");
	for (i = 0; i < 20; i++)
		reading(o, inode, 3, snap);
	pthread_mutex_lock(&h.lock);
	assert_int_equal(h.waiting, 1); /* asked once, never again */
	calls = h.calls;
	h.open = true;
	pthread_cond_broadcast(&h.cond);
	while (h.waiting > 0)
		pthread_cond_wait(&h.cond, &h.lock);
	pthread_mutex_unlock(&h.lock);
	assert_true(calls >= 3);
	snap_free(snap);
	owner_procfs.close(o);
	fake_done(&f);
}

/* No descriptor left: rows stay without owners, and it is said. */
static void
few_files(void **state)
{
	struct snap *snap = snap_new();
	struct owner_source *o = open_source();
	struct child c = child_start(-1);
	uint32_t ino = child_do(&c, 's');
	struct rlimit old, low;
	int fill[1024], n = 0, fd;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (n < 1024 && (fd = open("/dev/null", O_RDONLY)) >= 0)
		fill[n++] = fd;
	/* The reserve is enough to look around. */
	reading(o, &ino, 1, snap);
	assert_true(owner_procfs.find(o, ino, NULL) != 0);
	while (n > 0)
		close(fill[--n]);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_true((snap->flags & SNAP_PARTIAL) == 0);
	child_end(&c);
	snap_free(snap);
	owner_procfs.close(o);
}

/* The same process has the same start, in whichever part of a second it is
 * looked at. */
static void
steady_start(void **state)
{
	static const struct {
		uint64_t up_ms, wall_ms;
	} at[] = { { 10900, 2000000950 }, { 10960, 2000001010 },
		{ 11000, 2000001050 }, { 3600900, 2003590950 } };
	uint32_t inode = 111;
	struct snap *snap = snap_new();
	struct owner_source *o;
	const struct owners *w;
	struct fake f;
	pid_t pid;
	int status;
	size_t i;

	(void)state;
	pid = fork(); /* the clock is not given back */
	if (pid != 0) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		snap_free(snap);
		return;
	}
	fake_init(&f);
	fake_proc(&f, 59, "a", 1, 60); /* 0.6 s after the start at .. 990.05 */
	fake_link(&f, 59, 3, "socket:[111]");
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		clock_freeze(at[i].up_ms * 1000000,
		    (struct timespec){ .tv_sec = (time_t)(at[i].wall_ms / 1000),
			.tv_nsec = (long)(at[i].wall_ms % 1000) * 1000000 });
		o = fake_open(&f, NULL, NULL);
		reading(o, &inode, 1, snap);
		if (owner_procfs.find(o, inode, &w) == 0 ||
		    w->proc->start_wall != 1999990)
			_exit((int)i + 1);
		owner_procfs.close(o);
	}
	fake_done(&f);
	_exit(0);
}

static void
no_proc(void **state)
{
	struct owner_procfs_opts opts = { .root = "/nonexistent/proc" };
	struct owner_source *o = NULL;
	char *cause = NULL;

	(void)state;
	assert_int_equal(owner_procfs_open(&o, &opts, &cause), -ENOENT);
	assert_non_null(cause);
	assert_non_null(strstr(cause, "/nonexistent/proc"));
	assert_null(o);
	free(cause);
}

/* As root: nobody's view of processes that are not his. */
static void
not_permitted(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct owner_source *o;
		struct snap *snap = snap_new();
		char *cause;
		int bad = 0;

		if (setgid(65534) != 0 || setuid(65534) != 0 ||
		    owner_procfs.open(&o, &cause) != 0)
			_exit(10);
		owner_procfs.begin(o, PROC_COMM, snap);
		(void)owner_procfs.update(o, NULL, NULL, 0, PROC_COMM, snap);
		bad |= snap->hidden_procs == 0 ? 1 : 0;
		bad |= snap->remedy == NULL ? 2 : 0;
		bad |= (snap->flags & SNAP_PRIVILEGED) != 0 ? 4 : 0;
		bad |= (snap->flags & SNAP_PARTIAL) != 0 ? 8 : 0;
		owner_procfs.close(o);
		snap_free(snap);
		_exit(bad);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The rest is run in a namespace of processes of its own. */
#define HIDDEN 7
#define SKIP   77

static void *
wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
hidden_child(int ready, bool threads)
{
	pthread_t t[3];
	size_t i;

	/* Threads answer to signals as well; they are no processes. */
	for (i = 0; threads && i < nitems(t); i++)
		if (pthread_create(&t[i], NULL, wait_for_ever, NULL) != 0)
			_exit(9);
	child_say(ready, 'r');
	wait_for_ever(NULL);
}

/* As nobody, with the other mount of /proc: 0, or what went wrong. */
static int
look_from_below(const char *root)
{
	struct owner_procfs_opts opts = { .root = root };
	struct snap *snap = snap_new();
	struct owner_source *o;
	char *cause;
	int bad = 0;

	if (setgid(65534) != 0 || setuid(65534) != 0 ||
	    owner_procfs_open(&o, &opts, &cause) != 0)
		return 10;
	(void)owner_procfs.update(o, NULL, NULL, 0, PROC_COMM, snap);
	/* The children, and the first process of the namespace. */
	bad |= snap->hidden_procs != HIDDEN + 1 ? 20 : 0;
	bad |= snap->remedy == NULL ? 1 : 0;
	bad |= (snap->flags & SNAP_PRIVILEGED) != 0 ? 2 : 0;
	owner_procfs.close(o);
	snap_free(snap);
	return bad;
}

static int
first_of_namespace(const char *root)
{
	int ready[2], status, i;
	pid_t pid;
	char c;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("proc", root, "proc", 0, "hidepid=2") != 0 ||
	    pipe(ready) != 0)
		return SKIP;
	for (i = 0; i < HIDDEN; i++)
		if (fork() == 0)
			hidden_child(ready[1], i == 0);
	for (i = 0; i < HIDDEN; i++)
		if (read(ready[0], &c, 1) != 1)
			return 11;
	pid = fork();
	if (pid == 0)
		_exit(look_from_below(root));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 12;
	return WEXITSTATUS(status);
}

static void
hidden_by_mount(void **state)
{
	char root[] = "/tmp/sockdeck-hide.XXXXXX";
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
			_exit(SKIP);
		pid = fork();
		if (pid == 0)
			_exit(first_of_namespace(root));
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			_exit(13);
		_exit(WEXITSTATUS(status));
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)rmdir(root);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIP)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_holder),
		cmocka_unit_test(prefork),
		cmocka_unit_test(passed),
		cmocka_unit_test(swapped),
		cmocka_unit_test(swapped_for_known),
		cmocka_unit_test(renamed),
		cmocka_unit_test(steady),
		cmocka_unit_test(odd_processes),
		cmocka_unit_test(reused_pid),
		cmocka_unit_test(hanging_cmdline),
		cmocka_unit_test(few_files),
		cmocka_unit_test(steady_start),
		cmocka_unit_test(no_proc),
		cmocka_unit_test(not_permitted),
		cmocka_unit_test(hidden_by_mount),
	};

	return cmocka_run_group_tests_name("owner_procfs", tests, NULL, NULL);
}
