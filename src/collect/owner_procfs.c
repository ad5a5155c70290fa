/* SPDX-License-Identifier: ISC */
/*
 * Owners by /proc: remembers each process, how many descriptors it had and
 * which sockets they were, and looks only where something changed. What a
 * reading costs is bounded: see BEGIN_* and the credit.
 */
#include "config.h"

#include "collect/owner_procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/xmalloc.h"
#include "collect/hidden_procs.h"
#include "collect/owner_procs.h"
#include "collect/owner_quest.h"
#include "collect/owner_scan.h"
#include "collect/proc_text.h"

#define BEGIN_NEW_MAX   64 /* new processes read at the start of a reading */
#define BEGIN_CHECK_MAX 16 /* known ones looked at again */
/* Descriptors read again without any sign of a change: one may have gone and
 * another come. Each process is due in turn, a big one after many readings. */
#define BEGIN_VERIFY_FDS 64
#define VERIFY_PROC_COST 8
struct owner_procfs {
	struct owner_source base;
	int root_fd;
	char *root;
	struct fd_reserve reserve;
	struct proc_text *text;
	struct hidden_procs *hidden;
	struct owner_procs t;
	struct scan scan;

	struct owner_quest quest;

	unsigned detail;
	uint64_t round;
	size_t verify_at; /* in order */
	uint64_t verify_credit;
	size_t check_at; /* in order */
	bool updated;
	int error; /* of the last listing */
	struct owners found;
	struct owner_procfs_stats stats;
};

static struct owner_procfs *
self(struct owner_source *os)
{
	return (struct owner_procfs *)(void *)os;
}

int
owner_procfs_open(struct owner_source **ret,
    const struct owner_procfs_opts *opts, char **cause)
{
	struct owner_procfs *o;
	int fd;

	fd = open(opts->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		fd = -errno;
		xasprintf(cause, "%s: %s", opts->root, strerror(-fd));
		return fd;
	}
	o = xcalloc(1, sizeof(*o));
	o->base.ops = &owner_procfs;
	o->root_fd = fd;
	o->root = xstrdup(opts->root);
	owner_quest_init(&o->quest);
	fd_reserve_init(&o->reserve);
	scan_init(&o->scan, o->root_fd, &o->reserve);
	owner_procs_init(&o->t);
	o->text = proc_text_new(
	    o->root_fd, &o->reserve, opts->read_cmdline, opts->read_arg);
	o->hidden = hidden_procs_new(o->root_fd, opts->root);
	*ret = &o->base;
	return 0;
}

static int
procfs_open(struct owner_source **ret, char **cause)
{
	static const struct owner_procfs_opts opts = { .root = "/proc" };

	return owner_procfs_open(ret, &opts, cause);
}

static void
procfs_close(struct owner_source *os)
{
	struct owner_procfs *o = self(os);

	if (o == NULL)
		return;
	proc_text_free(o->text);
	hidden_procs_free(o->hidden);
	scan_done(&o->scan);
	owner_procs_done(&o->t);
	fd_reserve_done(&o->reserve);
	close(o->root_fd);
	free(o->root);
	owner_quest_done(&o->quest);
	free(o);
}

/* What is known is better than nothing when this fails. */
static void
procs_list(struct owner_procfs *o)
{
	o->stats.listed++;
	o->error = scan_pids(
	    o->root_fd, &o->reserve, &o->t.pid, &o->t.npids, &o->t.pids_cap);
	if (o->error == 0)
		owner_procs_listed(&o->t);
}

/* Reading descriptors */

static void
queue(struct owner_procfs *o, uint32_t i)
{
	struct slot *s = &o->t.slot[i];

	if ((s->flags & (SLOT_QUEUED | SLOT_KTHREAD)) != 0)
		return;
	s->flags |= SLOT_QUEUED;
	scan_add(&o->scan, s->stat.pid,
	    (s->flags & (SLOT_UNREAD | SLOT_STAT)) != SLOT_STAT);
}

/* Exactly what it held before: then nothing is to be told anew. */
static bool
same_fds(const struct owner_procfs *o, uint32_t i, const struct scan_item *it)
{
	const struct scan_fd *fd = scan_fds(&o->scan, it);
	struct holder h = { .pid = it->pid, .proc = i };
	uint32_t k;

	if (it->nfd != o->t.slot[i].nfd)
		return false;
	for (k = 0; k < it->nfd; k++) {
		h.fd = fd[k].fd;
		if (!owner_map_has(&o->t.map, fd[k].inode, h))
			return false;
	}
	return true;
}

static void
hold_fds(struct owner_procfs *o, uint32_t i, const struct scan_item *it)
{
	const struct scan_fd *fd = scan_fds(&o->scan, it);
	struct holder h = { .pid = it->pid, .proc = i };
	uint32_t k;

	if (same_fds(o, i, it))
		return;
	slot_forget_fds(&o->t, i);
	for (k = 0; k < it->nfd; k++) {
		h.fd = fd[k].fd;
		owner_map_add(&o->t.map, fd[k].inode, h);
	}
	o->t.slot[i].nfd = it->nfd;
}

static void
take_stat(struct owner_procfs *o, uint32_t i, const struct scan_item *it)
{
	struct slot *s = &o->t.slot[i];

	if (it->has_stat) {
		if ((s->flags & SLOT_STAT) != 0 &&
		    s->stat.start != it->stat.start)
			slot_replaced(&o->t, i);
		s->stat = it->stat;
		s->flags |= SLOT_STAT;
		if (it->stat.kthread)
			s->flags |= SLOT_KTHREAD;
	}
	s->stat.pid = it->pid; /* whatever stat says */
	s->uid = it->uid;
}

static void
take_result(struct owner_procfs *o, uint32_t i, const struct scan_item *it)
{
	struct slot *s = &o->t.slot[i];

	s->flags &= ~(unsigned)(SLOT_QUEUED | SLOT_DENIED | SLOT_NOFILE);
	s->round = o->round;
	if (it->error == -EMFILE) {
		/* What it held is likely what it holds. */
		s->flags |= SLOT_UNREAD | SLOT_NOFILE;
		return;
	}
	if (it->fresh && it->error != -ENOENT)
		take_stat(o, i, it);
	s->flags &= ~(unsigned)SLOT_UNREAD;
	s->round = o->round;
	s->dir_ino = it->dir_ino;
	s->count = it->count;
	if (it->error == -EACCES)
		s->flags |= SLOT_DENIED;
	if (it->error != 0) {
		slot_forget_fds(&o->t, i);
		return;
	}
	hold_fds(o, i, it);
	s->nall = it->nall;
	/* Before Linux 6.2 the size is 0: no count to go by. */
	if (s->count == 0 && it->nall > 0)
		s->count = UINT64_MAX;
}

/* Slot of a pid in order[], from *at on. */
static uint32_t
slot_at_pid(const struct owner_procfs *o, size_t *at, pid_t pid)
{
	while (o->t.slot[o->t.order[*at]].stat.pid != pid)
		(*at)++;
	return o->t.order[*at];
}

/* Reads the queue, which is in order of pid. */
static void
scan_queue(struct owner_procfs *o)
{
	size_t i, at = 0, total = 0;

	if (o->scan.n == 0)
		return;
	o->stats.scanned += o->scan.n;
	scan_run(&o->scan);
	for (i = 0; i < SCAN_THREADS_MAX; i++)
		total += o->scan.worker[i].n;
	owner_map_reserve(&o->t.map, total);
	for (i = 0; i < o->scan.n; i++)
		take_result(o, slot_at_pid(o, &at, o->scan.item[i].pid),
		    &o->scan.item[i]);
	scan_reset(&o->scan);
}

/* Whether what we know of a process still holds, by one fstatat(2). */
static bool
slot_changed(struct owner_procfs *o, uint32_t i)
{
	struct slot *s = &o->t.slot[i];
	struct procfs_stat now;
	uint64_t ino, count;

	o->stats.peeked++;
	if (scan_peek(o->root_fd, s->stat.pid, &ino, &count) != 0)
		return false; /* gone, or hidden: the next list tells */
	if (ino != s->dir_ino) {
		/* A new directory inode: another process, or the kernel
		 * had forgotten the old one. */
		if (scan_stat(o->root_fd, &o->reserve, s->stat.pid, &now) != 0)
			return false;
		if (now.start != s->stat.start) {
			slot_replaced(&o->t, i);
			return true;
		}
		s->dir_ino = ino;
		if ((s->flags & SLOT_DENIED) != 0)
			return true;
	}
	return s->count != UINT64_MAX && count != s->count;
}

static void
queue_new_and_changed(struct owner_procfs *o)
{
	size_t i;

	for (i = 0; i < o->t.norder; i++) {
		struct slot *s = &o->t.slot[o->t.order[i]];

		if ((s->flags & SLOT_KTHREAD) != 0)
			continue;
		if ((s->flags & SLOT_UNREAD) != 0 ||
		    slot_changed(o, o->t.order[i]))
			queue(o, o->t.order[i]);
	}
}

/* Reading text */

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_text(const struct proc *a, const struct proc *b)
{
	return a != NULL && a->detail == b->detail && a->uid == b->uid &&
	       a->ppid == b->ppid && same(a->comm, b->comm) &&
	       same(a->cmdline, b->cmdline) && same(a->cgroup, b->cgroup) &&
	       same(a->exe, b->exe) && same(a->cwd, b->cwd);
}

static void
texts_read(struct owner_procfs *o, const uint32_t *slots, size_t n)
{
	struct text_want *want;
	size_t i;

	if (n == 0)
		return;
	o->stats.texts += n;
	want = xcalloc(n, sizeof(*want));
	for (i = 0; i < n; i++) {
		const struct slot *s = &o->t.slot[slots[i]];

		want[i].stat = &s->stat;
		want[i].uid = s->uid;
		want[i].detail = o->detail;
		want[i].skip_cmdline = (s->flags & SLOT_STUCK) != 0;
	}
	proc_text_read(o->text, want, n);
	for (i = 0; i < n; i++) {
		/* The same words: the rows need not change. */
		if (same_text(o->t.slot[slots[i]].proc, want[i].proc)) {
			proc_unref(want[i].proc);
			continue;
		}
		slot_forget_text(&o->t, slots[i]);
		o->t.slot[slots[i]].proc = want[i].proc;
		if (want[i].stuck)
			o->t.slot[slots[i]].flags |= SLOT_STUCK;
	}
	free(want);
}

static bool
slot_lacks_text(const struct owner_procfs *o, const struct slot *s)
{
	return s->proc == NULL || (o->detail & ~s->proc->detail) != 0;
}

static void
queue_text(
    struct owner_procfs *o, uint32_t i, uint32_t **list, size_t *n, size_t *cap)
{
	struct slot *s = &o->t.slot[i];

	if ((s->flags & SLOT_QUEUED) != 0 || !slot_lacks_text(o, s))
		return;
	s->flags |= SLOT_QUEUED;
	*list = array_grow(*list, cap, *n + 1, sizeof(**list));
	(*list)[(*n)++] = i;
}

static void
read_text_queue(struct owner_procfs *o, uint32_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		o->t.slot[list[i]].flags &= ~(unsigned)SLOT_QUEUED;
	texts_read(o, list, n);
	free(list);
}

/* The holders of these inodes, all at once: one hand-over to the thread that
 * reads command lines instead of one each. */
static void
read_texts_of(struct owner_procfs *o, const uint32_t *inode, size_t n)
{
	const struct hold_shared *sh;
	const struct hold *h;
	uint32_t *list = NULL, k;
	size_t i, nlist = 0, cap = 0;

	for (i = 0; i < n; i++) {
		h = owner_map_find(&o->t.map, inode[i]);
		if (h == NULL)
			continue;
		if (h->proc != HOLD_SHARED) {
			queue_text(o, h->proc, &list, &nlist, &cap);
			continue;
		}
		sh = &o->t.map.shared[h->fd];
		for (k = 0; k < sh->n; k++)
			queue_text(o, sh->at[k].proc, &list, &nlist, &cap);
	}
	read_text_queue(o, list, nlist);
}

/* More is asked of those whose text was read already. */
static void
read_texts_again(struct owner_procfs *o)
{
	uint32_t *list = NULL;
	size_t i, nlist = 0, cap = 0;

	for (i = 0; i < o->t.norder; i++)
		if (o->t.slot[o->t.order[i]].proc != NULL)
			queue_text(o, o->t.order[i], &list, &nlist, &cap);
	read_text_queue(o, list, nlist);
}

/* A reading */

static void
report(struct owner_procfs *o, struct snap *snap)
{
	uint32_t denied = 0, unread = 0, hidden;
	size_t i;

	for (i = 0; i < o->t.norder; i++) {
		unsigned flags = o->t.slot[o->t.order[i]].flags;

		denied += (flags & SLOT_DENIED) != 0;
		unread += (flags & SLOT_NOFILE) != 0;
	}
	hidden = hidden_procs_count(o->hidden, o->t.pid, o->t.npids);
	snap->hidden_procs = denied + unread + hidden;
	free(snap->remedy);
	snap->remedy = NULL;
	if (denied + hidden > 0)
		snap->remedy = xstrdup("run as root, or with CAP_SYS_PTRACE "
				       "and CAP_DAC_READ_SEARCH");
	if (unread > 0) {
		snap_warn(snap,
		    "too many open files: %u processes could not be looked "
		    "into (raise ulimit -n)",
		    unread);
		if (snap->remedy == NULL)
			snap->remedy = xstrdup("raise ulimit -n");
	}
	if (o->error != 0)
		snap_warn(snap, "%s: %s", o->root, strerror(-o->error));
	if (snap->hidden_procs == 0 && o->error == 0)
		snap->flags |= SNAP_PRIVILEGED;
	else
		snap->flags &= ~(unsigned)SNAP_PRIVILEGED;
}

/*
 * One look at some known processes in turn, for what nothing else tells: a
 * descriptor passed to them, an exec(2), a new title.
 */
static void
check_some(struct owner_procfs *o)
{
	uint32_t list[BEGIN_CHECK_MAX], i;
	size_t left = o->t.norder, n = 0, ntexts = 0;

	for (; n < BEGIN_CHECK_MAX && left > 0; left--) {
		struct procfs_stat now;
		struct slot *s;

		if (o->check_at >= o->t.norder)
			o->check_at = 0;
		i = o->t.order[o->check_at++];
		s = &o->t.slot[i];
		if ((s->flags & (SLOT_UNREAD | SLOT_KTHREAD)) != 0)
			continue;
		n++;
		if (slot_changed(o, i))
			s->flags |= SLOT_UNREAD;
		if ((s->flags & SLOT_STAT) == 0 || s->proc == NULL ||
		    scan_stat(o->root_fd, &o->reserve, s->stat.pid, &now) != 0)
			continue;
		if (now.start != s->stat.start) {
			slot_replaced(&o->t, i);
			continue;
		}
		s->stat = now;
		(void)scan_uid(o->root_fd, now.pid, &s->uid);
		list[ntexts++] = i;
	}
	texts_read(o, list, ntexts);
}

static void
verify_some(struct owner_procfs *o)
{
	size_t left = o->t.norder;
	uint64_t cost;
	struct slot *s;

	o->verify_credit += BEGIN_VERIFY_FDS;
	for (; left > 0; left--) {
		if (o->verify_at >= o->t.norder)
			o->verify_at = 0;
		s = &o->t.slot[o->t.order[o->verify_at]];
		if ((s->flags & (SLOT_UNREAD | SLOT_KTHREAD | SLOT_DENIED)) ==
		    0) {
			cost = (uint64_t)s->nall + VERIFY_PROC_COST;
			if (cost > o->verify_credit)
				return;
			o->verify_credit -= cost;
			s->flags |= SLOT_UNREAD;
		}
		o->verify_at++;
	}
	o->verify_credit = 0;
}

static void
scan_unread(struct owner_procfs *o, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < o->t.norder && n < max; i++)
		if ((o->t.slot[o->t.order[i]].flags & SLOT_UNREAD) != 0) {
			queue(o, o->t.order[i]);
			n++;
		}
	scan_queue(o);
}

static void
procfs_begin(struct owner_source *os, unsigned detail, struct snap *snap)
{
	struct owner_procfs *o = self(os);
	bool more = (detail & ~o->detail) != 0;

	o->detail |= detail | PROC_COMM;
	/* The first update() reads everything anyway. */
	if (!o->updated)
		return;
	o->round++;
	procs_list(o);
	check_some(o);
	verify_some(o);
	scan_unread(o, BEGIN_NEW_MAX);
	if (more)
		read_texts_again(o);
	report(o, snap);
}

/* Those of the list still without a holder that were not looked for in vain
 * before (or whose time has come again). */
static size_t
missing(const struct owner_procfs *o, const uint32_t *inode, size_t n,
    bool again, uint32_t *ret)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (owner_map_find(&o->t.map, inode[i]) == NULL &&
		    (again || !owner_quest_in_vain(&o->quest, inode[i])))
			ret[k++] = (uint32_t)i;
	return k;
}

static bool
uid_wanted(const uint32_t *uid, const uint32_t *want, size_t n, uint32_t u)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (uid[want[i]] == u)
			return true;
	return false;
}

/* Everything not yet read in this round, or what belongs to the users of the
 * wanted sockets. */
static void
queue_search(struct owner_procfs *o, const uint32_t *uid, const uint32_t *want,
    size_t n, bool all)
{
	/* Each uid of many sockets is asked for once. */
	uint32_t *distinct = xreallocarray(NULL, n, sizeof(*distinct));
	size_t i, nd = 0;

	for (i = 0; !all && i < n; i++)
		if (!uid_wanted(uid, distinct, nd, uid[want[i]]))
			distinct[nd++] = want[i];
	for (i = 0; i < o->t.norder; i++) {
		struct slot *s = &o->t.slot[o->t.order[i]];

		if (s->round == o->round)
			continue;
		if (all || uid_wanted(uid, distinct, nd, s->uid))
			queue(o, o->t.order[i]);
	}
	free(distinct);
}

/* A socket whose holder is neither new nor changed its count: one descriptor
 * went and another came. */
static void
search(struct owner_procfs *o, const uint32_t *inode, const uint32_t *uid,
    size_t n)
{
	uint32_t *want = xreallocarray(NULL, n > 0 ? n : 1, sizeof(*want));
	bool again = owner_quest_again(&o->quest), all = false;
	size_t k;

	k = missing(o, inode, n, again, want);
	if (k > 0 && owner_quest_begin(&o->quest)) {
		queue_search(o, uid, want, k, false);
		scan_queue(o);
		k = missing(o, inode, n, again, want);
		if (k > 0) {
			queue_search(o, uid, want, k, true);
			scan_queue(o);
			all = true;
		}
		owner_quest_end(&o->quest);
	}
	if (all) {
		k = missing(o, inode, n, true, want);
		owner_quest_give_up(&o->quest, inode, want, k);
	}
	free(want);
}

static int
procfs_update(struct owner_source *os, const uint32_t *inode,
    const uint32_t *uid, size_t n, unsigned detail, struct snap *snap)
{
	struct owner_procfs *o = self(os);

	o->detail |= detail | PROC_COMM;
	o->round++;
	if (n > 0 || !o->updated) {
		procs_list(o);
		queue_new_and_changed(o);
		scan_queue(o);
		search(o, inode, uid, n);
		read_texts_of(o, inode, n);
	}
	o->updated = true;
	report(o, snap);
	return 0;
}

/* Answers */

static uint64_t
holder_tag(const struct owner_procfs *o, uint32_t slot, int32_t fd)
{
	return hash_mix((uint64_t)o->t.slot[slot].serial << 32 | (uint32_t)fd) |
	       1;
}

static void
need_text(struct owner_procfs *o, uint32_t i)
{
	if (o->t.slot[i].proc == NULL)
		texts_read(o, &i, 1);
}

static uint64_t
find_shared(
    struct owner_procfs *o, struct hold_shared *s, const struct owners **ret)
{
	struct owner *all;
	uint64_t tag = 0;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		need_text(o, s->at[i].proc);
	for (i = 0; i < s->n; i++)
		tag = hash_mix(tag ^ holder_tag(o, s->at[i].proc, s->at[i].fd));
	tag |= 1;
	if (ret == NULL)
		return tag;
	if (s->cache == NULL || s->cache_tag != tag) {
		free(s->cache);
		s->cache = all = xreallocarray(NULL, s->n, sizeof(*all));
		s->cache_tag = tag;
		for (i = 0; i < s->n; i++)
			all[i] = (struct owner){
				.proc = o->t.slot[s->at[i].proc].proc,
				.fd = s->at[i].fd,
			};
	}
	all = s->cache;
	o->found = (struct owners){
		.proc = all[0].proc, .all = all, .fd = all[0].fd, .n = s->n
	};
	*ret = &o->found;
	return tag;
}

static uint64_t
procfs_find(struct owner_source *os, uint32_t inode, const struct owners **ret)
{
	struct owner_procfs *o = self(os);
	const struct hold *h = owner_map_find(&o->t.map, inode);

	if (h == NULL)
		return 0;
	if (h->proc == HOLD_SHARED)
		return find_shared(o, &o->t.map.shared[h->fd], ret);
	need_text(o, h->proc);
	if (ret != NULL) {
		o->found = (struct owners){
			.proc = o->t.slot[h->proc].proc, .fd = h->fd, .n = 1
		};
		*ret = &o->found;
	}
	return holder_tag(o, h->proc, h->fd);
}

static uint64_t
procfs_epoch(const struct owner_source *os)
{
	const struct owner_procfs *o = (const void *)os;

	return o->t.map.changes + o->t.serial; /* neither ever goes back */
}

static size_t
procfs_memory(const struct owner_source *os)
{
	const struct owner_procfs *o = (const void *)os;

	return sizeof(*o) + owner_procs_memory(&o->t) +
	       o->quest.cap * sizeof(*o->quest.vain) +
	       o->scan.cap * sizeof(*o->scan.item);
}

struct owner_procfs_stats
owner_procfs_stats(const struct owner_source *os)
{
	return ((const struct owner_procfs *)(const void *)os)->stats;
}

const struct owner_ops owner_procfs = {
	.name = "procfs",
	.open = procfs_open,
	.begin = procfs_begin,
	.update = procfs_update,
	.find = procfs_find,
	.epoch = procfs_epoch,
	.memory = procfs_memory,
	.close = procfs_close,
};
