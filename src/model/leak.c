/* SPDX-License-Identifier: ISC */
/* Counts sockets by process, reading by reading, and finds who only grows. */
#include "config.h"

#include "model/leak.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define SECOND     UINT64_C(1000000000)
#define WINDOWS    16
#define LEVELS     3
#define TRACKED    1024
#define LEAST_NS   (SECOND / 2) /* readings closer than this are one */
#define WORTH      8            /* sockets from which on a process is watched */
#define WORTH_DEAD 2            /* .. in CLOSE-WAIT and FIN-WAIT-2 */

static const uint64_t window_ns[LEVELS] = { 2 * SECOND, 30 * SECOND,
	480 * SECOND };

/* What it takes to be called a leak. Many closed connections at a time are
 * rare in a program that closes them; many connections are not. */
static const struct {
	uint32_t windows, growth, percent; /* at least; growth by that much */
	unsigned rises;                    /* eighths of the steps */
	unsigned level;                    /* shortest windows believed */
} proof[LEAK_NWHAT] = {
	[LEAK_CLOSE_WAIT] = { 12, 6, 10, 4, 0 },
	[LEAK_FIN_WAIT_2] = { 12, 6, 10, 4, 0 },
	[LEAK_TOTAL] = { 12, 20, 25, 6, 1 },
};

struct windows {
	uint64_t start[WINDOWS];
	uint32_t least[LEAK_NWHAT][WINDOWS];
	uint32_t most[LEAK_NWHAT][WINDOWS];
	uint8_t fell[WINDOWS]; /* bit of leak_what: it fell within */
	uint32_t n;            /* the last one is not over yet */
};

struct tracked {
	uint64_t key;
	pid_t pid;
	uint64_t start;
	char *comm;
	uint32_t last[LEAK_NWHAT];
	bool seen;
	struct windows level[LEVELS];
};

/* One reading's counts. */
struct count {
	uint64_t key;
	const struct proc *proc; /* the table's */
	uint32_t n[LEAK_NWHAT];
};

struct leaks {
	struct tracked *at;
	size_t n, cap;
	struct hash by_key;
	struct count *count;
	size_t ncounts, counts_cap;
	struct hash count_by_key;
	struct leak *found;
	size_t nfound, found_cap;
	uint64_t last_ns;
};

static uint64_t
tracked_key(const void *arg, uint32_t i)
{
	const struct leaks *l = arg;

	return l->at[i].key;
}

static uint64_t
count_key(const void *arg, uint32_t i)
{
	const struct leaks *l = arg;

	return l->count[i].key;
}

/* A pid has 22 bits; 2^42 clock ticks are 1,394 years. */
static uint64_t
proc_key(const struct proc *p)
{
	return (uint64_t)p->pid << 42 | (p->start & ((UINT64_C(1) << 42) - 1));
}

struct leaks *
leaks_new(void)
{
	struct leaks *l = xcalloc(1, sizeof(*l));

	hash_init(&l->by_key, tracked_key, l);
	hash_init(&l->count_by_key, count_key, l);
	return l;
}

static void
forget_all(struct leaks *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->at[i].comm);
	l->n = l->nfound = 0;
	hash_clear(&l->by_key);
}

void
leaks_free(struct leaks *l)
{
	if (l == NULL)
		return;
	forget_all(l);
	free(l->at);
	free(l->count);
	free(l->found);
	hash_done(&l->by_key);
	hash_done(&l->count_by_key);
	free(l);
}

size_t
leaks_memory(const struct leaks *l)
{
	return sizeof(*l) + l->cap * sizeof(*l->at) +
	       l->counts_cap * sizeof(*l->count) +
	       l->found_cap * sizeof(*l->found);
}

/* -- one reading ---------------------------------------------------------- */

static struct count *
count_of(struct leaks *l, const struct proc *p)
{
	uint64_t key = proc_key(p);
	uint32_t i = hash_find(&l->count_by_key, key);

	if (i != HASH_NONE)
		return &l->count[i];
	l->count = array_grow(
	    l->count, &l->counts_cap, l->ncounts + 1, sizeof(*l->count));
	l->count[l->ncounts] = (struct count){ .key = key, .proc = p };
	hash_add(&l->count_by_key, key, (uint32_t)l->ncounts);
	return &l->count[l->ncounts++];
}

static void
count_rows(struct leaks *l, const struct table *t)
{
	const struct proc *p, *last = NULL;
	struct count *c = NULL;
	const struct row *r;
	size_t i;

	l->ncounts = 0;
	hash_clear(&l->count_by_key);
	for (i = 0; i < t->n; i++) {
		r = t->row[i];
		p = r->owners.proc;
		/* Without an inode nobody holds it: the kernel ends it. */
		if (p == NULL || r->rec.inode == 0 ||
		    (r->flags & ROW_GONE) != 0)
			continue;
		if (p != last)
			c = count_of(l, p);
		last = p;
		c->n[LEAK_TOTAL]++;
		if (r->rec.state == SOCK_CLOSE_WAIT)
			c->n[LEAK_CLOSE_WAIT]++;
		else if (r->rec.state == SOCK_FIN_WAIT_2)
			c->n[LEAK_FIN_WAIT_2]++;
	}
}

/* -- windows -------------------------------------------------------------- */

/* The oldest makes room. */
static void
shift_windows(struct windows *w)
{
	int k;

	w->n--;
	memmove(w->start, w->start + 1, w->n * sizeof(w->start[0]));
	memmove(w->fell, w->fell + 1, w->n);
	for (k = 0; k < LEAK_NWHAT; k++) {
		memmove(w->least[k], w->least[k] + 1,
		    w->n * sizeof(w->least[k][0]));
		memmove(
		    w->most[k], w->most[k] + 1, w->n * sizeof(w->most[k][0]));
	}
}

static void
put_window(struct windows *w, uint64_t length, uint64_t now_ns,
    const struct tracked *t, const uint32_t n[LEAK_NWHAT])
{
	uint32_t i;
	int k;

	if (w->n == 0 || now_ns - w->start[w->n - 1] >= length) {
		if (w->n == WINDOWS)
			shift_windows(w);
		i = w->n++;
		w->start[i] = now_ns;
		w->fell[i] = 0;
		for (k = 0; k < LEAK_NWHAT; k++)
			w->least[k][i] = w->most[k][i] = n[k];
	}
	i = w->n - 1;
	for (k = 0; k < LEAK_NWHAT; k++) {
		if (n[k] < w->least[k][i])
			w->least[k][i] = n[k];
		if (n[k] > w->most[k][i])
			w->most[k][i] = n[k];
		if (n[k] < t->last[k])
			w->fell[i] |= (uint8_t)(1u << k);
	}
}

static struct tracked *
track(struct leaks *l, const struct count *c)
{
	uint32_t i = hash_find(&l->by_key, c->key);
	struct tracked *t;

	if (i != HASH_NONE)
		return &l->at[i];
	if (l->n == TRACKED ||
	    (c->n[LEAK_TOTAL] < WORTH &&
		c->n[LEAK_CLOSE_WAIT] + c->n[LEAK_FIN_WAIT_2] < WORTH_DEAD))
		return NULL;
	l->at = array_grow(l->at, &l->cap, l->n + 1, sizeof(*l->at));
	t = &l->at[l->n];
	memset(t, 0, sizeof(*t));
	t->key = c->key;
	t->pid = c->proc->pid;
	t->start = c->proc->start;
	t->comm = xstrdup(c->proc->comm);
	hash_add(&l->by_key, t->key, (uint32_t)l->n++);
	return t;
}

/* Processes that hold no socket any more make room. */
static void
drop_unseen(struct leaks *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->n; i++) {
		if (!l->at[i].seen) {
			free(l->at[i].comm);
			continue;
		}
		if (kept != i)
			l->at[kept] = l->at[i];
		kept++;
	}
	if (kept == l->n)
		return;
	l->n = kept;
	hash_clear(&l->by_key);
	for (i = 0; i < l->n; i++)
		hash_add(&l->by_key, l->at[i].key, (uint32_t)i);
}

/* -- judging -------------------------------------------------------------- */

/* There were more once, and they went: in any window that ended before then,
 * of this length or longer. */
static bool
was_higher(const struct tracked *t, enum leak_what k, int level, uint32_t n,
    uint64_t before_ns)
{
	const struct windows *w;
	uint32_t i;

	for (; level < LEVELS; level++) {
		w = &t->level[level];
		for (i = 0; i + 1 < w->n && w->start[i + 1] <= before_ns; i++)
			if (w->most[k][i] > n)
				return true;
	}
	return false;
}

/* The windows that are over, back from the newest, as long as none has more
 * than the one after it. */
static bool
judge(const struct tracked *t, enum leak_what k, int level, struct leak *ret)
{
	const struct windows *w = &t->level[level];
	const uint32_t *least = w->least[k];
	uint32_t end, i, rises = 0, from, to;
	bool fell = false;

	if (w->n < 2)
		return false;
	end = w->n - 2;
	for (i = end; i > 0 && least[i - 1] <= least[i]; i--) {
		rises += least[i - 1] < least[i];
		fell |= (w->fell[i] >> k & 1) != 0;
	}
	if (end - i + 1 < proof[k].windows)
		return false;
	from = least[i];
	to = least[end];
	if (to - from < proof[k].growth ||
	    (uint64_t)(to - from) * 100 < (uint64_t)from * proof[k].percent ||
	    rises * 8 < (end - i) * proof[k].rises || least[end - 2] == to ||
	    t->last[k] < to || was_higher(t, k, level, to, w->start[end - 2]))
		return false;
	*ret = (struct leak){ .pid = t->pid,
		.start = t->start,
		.comm = t->comm,
		.what = k,
		.from = from,
		.to = t->last[k],
		.span_ns = w->start[w->n - 1] - w->start[i],
		.rises = rises,
		.steps = end - i,
		.step_ns = window_ns[level],
		.never_fell = !fell && (w->fell[w->n - 1] >> k & 1) == 0 };
	return true;
}

static int
leak_cmp(const void *va, const void *vb)
{
	const struct leak *a = va, *b = vb;
	uint32_t ga = a->to - a->from, gb = b->to - b->from;

	if ((a->what == LEAK_TOTAL) != (b->what == LEAK_TOTAL))
		return a->what == LEAK_TOTAL ? 1 : -1;
	if (ga != gb)
		return ga > gb ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void
add_found(struct leaks *l, const struct leak *one)
{
	l->found = array_grow(
	    l->found, &l->found_cap, l->nfound + 1, sizeof(*l->found));
	l->found[l->nfound++] = *one;
}

/* Of each process and kind the longest story; that all its sockets grow is
 * no news when those it does not close do. */
static void
find(struct leaks *l)
{
	struct leak leak, best;
	size_t i, before;
	int k, level;

	l->nfound = 0;
	for (i = 0; i < l->n; i++) {
		before = l->nfound;
		for (k = 0; k < LEAK_NWHAT; k++) {
			if (k == LEAK_TOTAL && l->nfound > before)
				break;
			best.span_ns = 0;
			for (level = (int)proof[k].level; level < LEVELS;
			     level++)
				if (judge(&l->at[i], k, level, &leak) &&
				    leak.span_ns > best.span_ns)
					best = leak;
			if (best.span_ns > 0)
				add_found(l, &best);
		}
	}
	if (l->nfound > 1)
		qsort(l->found, l->nfound, sizeof(*l->found), leak_cmp);
}

void
leaks_take(struct leaks *l, const struct table *table)
{
	uint64_t now = table->now_ns;
	struct tracked *t;
	size_t i;
	int level;

	if (l->last_ns != 0 && now < l->last_ns)
		forget_all(l); /* another recording */
	else if (l->last_ns != 0 && now - l->last_ns < LEAST_NS)
		return;
	l->last_ns = now;
	count_rows(l, table);
	for (i = 0; i < l->n; i++)
		l->at[i].seen = false;
	for (i = 0; i < l->ncounts; i++) {
		t = track(l, &l->count[i]);
		if (t == NULL)
			continue;
		t->seen = true;
		for (level = 0; level < LEVELS; level++)
			put_window(&t->level[level], window_ns[level], now, t,
			    l->count[i].n);
		memcpy(t->last, l->count[i].n, sizeof(t->last));
	}
	drop_unseen(l);
	find(l);
}

size_t
leaks_found(const struct leaks *l, const struct leak **ret)
{
	*ret = l->found;
	return l->nfound;
}

/* -- words ---------------------------------------------------------------- */

const char *
leak_what_name(enum leak_what what)
{
	static const char *const names[] = { [LEAK_CLOSE_WAIT] = "CLOSE-WAIT",
		[LEAK_FIN_WAIT_2] = "FIN-WAIT-2",
		[LEAK_TOTAL] = "sockets" };

	return names[what];
}

const char *
leak_meaning(enum leak_what what)
{
	static const char *const texts[] = {
		[LEAK_CLOSE_WAIT] =
		    ("The peers closed these connections, and the program "
		     "never "
		     "calls close(2): its bug, no setting helps. It ends when "
		     "the program is restarted, or out of descriptors. (RFC "
		     "9293 section 3.6)"),
		[LEAK_FIN_WAIT_2] =
		    ("The program shut these connections down for sending and "
		     "keeps them open, waiting for peers that do not close. "
		     "(RFC 9293 section 3.6)"),
		[LEAK_TOTAL] =
		    ("The number of its sockets only grows: more work, or "
		     "sockets it forgets. Group by remote to see where they "
		     "go."),
	};

	return texts[what];
}

static void
put_span(uint64_t ns, struct buf *b)
{
	uint64_t s = (ns + SECOND / 2) / SECOND;

	if (s < 120)
		buf_printf(b, "%llu s", (unsigned long long)s);
	else if (s < 7200)
		buf_printf(b, "%llu min", (unsigned long long)(s + 30) / 60);
	else
		buf_printf(b, "%llu h", (unsigned long long)(s + 1800) / 3600);
}

void
leak_put(const struct leak *leak, struct buf *b)
{
	buf_printf(b, "%s (%d): %s %u -> %u in ", leak->comm, (int)leak->pid,
	    leak_what_name(leak->what), leak->from, leak->to);
	put_span(leak->span_ns, b);
	if (leak->never_fell) {
		buf_puts(b, ", never fell");
		return;
	}
	buf_printf(b, ", rose in %u of %u steps of ", leak->rises, leak->steps);
	put_span(leak->step_ns, b);
}

void
leak_put_filter(const struct leak *leak, struct buf *b)
{
	buf_printf(b, "pid=%d", (int)leak->pid);
	if (leak->what == LEAK_CLOSE_WAIT)
		buf_puts(b, " and state close-wait");
	else if (leak->what == LEAK_FIN_WAIT_2)
		buf_puts(b, " and state fin-wait-2");
}

void
leaks_json(struct json *j, const struct leaks *l)
{
	const struct leak *leak;
	size_t i;

	jw_key(j, "leaks");
	jw_array(j);
	for (i = 0; i < l->nfound; i++) {
		leak = &l->found[i];
		jw_object(j);
		jw_ku64(j, "pid", (uint64_t)leak->pid);
		jw_ku64(j, "start", leak->start);
		jw_kstring(j, "process", leak->comm);
		jw_kstring(j, "what", leak_what_name(leak->what));
		jw_ku64(j, "from", leak->from);
		jw_ku64(j, "to", leak->to);
		jw_ku64(j, "span_ms", leak->span_ns / 1000000);
		jw_kbool(j, "never_fell", leak->never_fell);
		jw_object_end(j);
	}
	jw_array_end(j);
}
