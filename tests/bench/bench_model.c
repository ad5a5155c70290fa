/* SPDX-License-Identifier: ISC */
/*
 * What the UI thread and the collector's differ do with 10,000 and 100,000
 * rows: one line each, in milliseconds of CPU (medians) and as a multiple of
 * a floor of the same run: the least that the same task could cost.
 *
 *	copy	copying the records into fresh memory
 *	qsort	qsort(3) of (64-bit key, index)
 *	memcmp	comparing each record with a copy of the one before
 *	scan	text_contains() over one text a row
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/differ.h"
#include "model/group.h"
#include "model/view.h"

#define ROUNDS 9
#define NPROCS 200
#define SEC    UINT64_C(1000000000)

struct bench {
	size_t n;
	struct sock_rec *rec;
	struct proc *proc[NPROCS];
	struct table *table;
	struct view view;
	double ms[ROUNDS];
};

struct pair {
	uint64_t key;
	uint32_t index;
};

static double
cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(struct bench *b)
{
	qsort(b->ms, ROUNDS, sizeof(b->ms[0]), double_cmp);
	return b->ms[ROUNDS / 2];
}

static size_t
rss(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void
report(const struct bench *b, const char *what, double ms, double floor,
    const char *floor_name)
{
	printf("%-24s %7zu rows %8.2f ms %7.1f ns a row", what, b->n, ms,
	    ms * 1e6 / (double)b->n);
	if (floor > 0)
		printf("   %5.2f x %s", ms / floor, floor_name);
	printf("\n");
}

static void
fill(struct bench *b)
{
	struct sock_rec *r;
	uint64_t x, seed = 1;
	char text[64];
	size_t i;

	b->rec = xcalloc(b->n, sizeof(*b->rec));
	for (i = 0; i < b->n; i++) {
		x = hash_mix(seed += UINT64_C(0x9e3779b97f4a7c15));
		r = &b->rec[i];
		r->cookie = i + 1;
		r->netns = 4026531840;
		r->inode = (uint32_t)i + 5000;
		r->family = x % 4 == 0 ? 6 : 4;
		r->proto = x % 20 == 0 ? SOCK_UDP : SOCK_TCP;
		r->state = x % 20 == 0   ? SOCK_UNCONNECTED
			   : x % 50 == 1 ? SOCK_LISTEN
					 : SOCK_ESTABLISHED;
		r->known = KNOWN_INODE | KNOWN_UID | KNOWN_QUEUES | KNOWN_TCP |
			   KNOWN_BYTES;
		r->rtt_us = (uint32_t)(x >> 40) % 100000;
		r->bytes_received = x >> 30;
		r->local.addr[0] = 10;
		r->local.port = (uint16_t)(x >> 8);
		memcpy(r->peer.addr, &x, r->family == 4 ? 4 : 8);
		if (r->state == SOCK_ESTABLISHED)
			r->peer.port = (uint16_t)(x >> 24) | 1;
	}
	for (i = 0; i < NPROCS; i++) {
		b->proc[i] = proc_new((pid_t)(100 + i), i);
		free(b->proc[i]->comm);
		(void)snprintf(
		    text, sizeof(text), "worker-process-%zu", hash_mix(i) % 50);
		b->proc[i]->comm = xstrdup(text);
	}
}

static void
fill_snap(const struct bench *b, struct snap *s)
{
	struct snap_sock *k;
	size_t i;

	for (i = 0; i < b->n; i++) {
		k = snap_add(s);
		k->rec = b->rec[i];
		k->owners.proc = proc_ref(b->proc[hash_mix(i) % NPROCS]);
		k->owners.fd = 3;
		k->owners.n = 1;
	}
}

static struct snap *
snap_at(uint64_t at)
{
	struct snap *s = snap_new();

	s->mono_ns = at;
	s->flags = SNAP_DELTA | SNAP_OWNERS;
	return s;
}

static double
floor_copy(struct bench *b)
{
	unsigned char *p;
	double start;
	size_t i, k;

	for (k = 0; k < ROUNDS; k++) {
		start = cpu_ms();
		p = xmalloc(b->n * sizeof(struct row));
		for (i = 0; i < b->n; i++)
			memcpy(p + i * sizeof(struct row), &b->rec[i],
			    sizeof(b->rec[i]));
		b->ms[k] = cpu_ms() - start;
		free(p);
	}
	return median(b);
}

static int
pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static double
floor_qsort(struct bench *b)
{
	struct pair *p = xreallocarray(NULL, b->n, sizeof(*p));
	double start;
	size_t i, k;

	for (k = 0; k < ROUNDS; k++) {
		start = cpu_ms();
		for (i = 0; i < b->n; i++)
			p[i] = (struct pair){ b->rec[i].bytes_received,
				(uint32_t)i };
		qsort(p, b->n, sizeof(*p), pair_cmp);
		b->ms[k] = cpu_ms() - start;
	}
	free(p);
	return median(b);
}

static double
floor_memcmp(struct bench *b)
{
	struct sock_rec *copy = xreallocarray(NULL, b->n, sizeof(*copy));
	volatile size_t sink;
	size_t i, k, same = 0;
	double start;

	memcpy(copy, b->rec, b->n * sizeof(*copy));
	for (k = 0; k < ROUNDS; k++) {
		start = cpu_ms();
		for (i = 0; i < b->n; i++)
			same +=
			    memcmp(&copy[i], &b->rec[i], sizeof(*copy)) == 0;
		b->ms[k] = cpu_ms() - start;
	}
	sink = same;
	(void)sink;
	free(copy);
	return median(b);
}

static double
floor_scan(struct bench *b)
{
	const struct table *t = b->table;
	volatile size_t sink;
	size_t i, k, hits = 0;
	double start;

	for (k = 0; k < ROUNDS; k++) {
		start = cpu_ms();
		for (i = 0; i < t->n; i++)
			hits += text_contains(
			    t->row[i]->owners.proc->comm, "process-17");
		b->ms[k] = cpu_ms() - start;
	}
	sink = hits;
	(void)sink;
	return median(b);
}

static void
bench_merge(struct bench *b)
{
	double floor = floor_copy(b), start;
	struct snap *s;
	size_t i, k, changed;

	for (k = 0; k < ROUNDS; k++) {
		table_free(b->table);
		b->table = table_new();
		s = snap_at(SEC);
		fill_snap(b, s);
		start = cpu_ms();
		table_merge(b->table, s, NULL);
		b->ms[k] = cpu_ms() - start;
		snap_free(s);
	}
	report(b, "merge, all new", median(b), floor, "copy");

	for (k = 0; k < ROUNDS; k++) {
		s = snap_at((k + 2) * SEC);
		start = cpu_ms();
		table_merge(b->table, s, NULL);
		b->ms[k] = cpu_ms() - start;
		snap_free(s);
	}
	report(b, "merge, empty delta", median(b), floor, "copy");

	for (k = 0; k < ROUNDS; k++) {
		s = snap_at((k + 20) * SEC);
		s->flags = SNAP_DELTA; /* holders stay */
		for (i = 0, changed = 0; i < b->n; i += 10, changed++) {
			snap_add(s)->rec = b->rec[i];
			s->sock[changed].rec.recvq = (uint32_t)k + 1;
		}
		start = cpu_ms();
		table_merge(b->table, s, NULL);
		b->ms[k] = cpu_ms() - start;
		snap_free(s);
	}
	report(b, "merge, a tenth changed", median(b), floor, "copy");
}

static void
bench_differ(struct bench *b, size_t *memory)
{
	double floor = floor_memcmp(b), start;
	struct differ *d = differ_new();
	size_t i, k, told = 0;
	struct snap *s;

	for (k = 0; k < ROUNDS + 1; k++) {
		s = snap_at((k + 1) * SEC);
		start = cpu_ms();
		differ_begin(d);
		for (i = 0; i < b->n; i++)
			told += differ_seen(d, &b->rec[i], i);
		differ_end(d, s, false);
		if (k > 0)
			b->ms[k - 1] = cpu_ms() - start;
		snap_free(s);
	}
	if (told != b->n)
		printf("differ: told %zu of %zu\n", told, b->n);
	report(b, "differ, unchanged", median(b), floor, "memcmp");
	*memory = differ_memory(d);
	differ_free(d);
}

static void
bench_sorts(struct bench *b)
{
	static const char *const specs[] = { "rtt", "-recvq", "process", "user",
		"peer", "-local", "state,process,peer", "age" };
	double floor = floor_qsort(b), start;
	char name[40], *cause = NULL;
	size_t i, k;

	for (i = 0; i < nitems(specs); i++) {
		if (view_sort_parse(&b->view, specs[i], &cause) < 0) {
			printf("%s\n", cause);
			free(cause);
			continue;
		}
		for (k = 0; k < ROUNDS; k++) {
			start = cpu_ms();
			view_build(&b->view);
			b->ms[k] = cpu_ms() - start;
		}
		(void)snprintf(name, sizeof(name), "sort by %s", specs[i]);
		report(b, name, median(b), floor, "qsort");
	}
	b->view.nsort = 0;
}

static void
bench_filters(struct bench *b)
{
	static const char *const texts[] = { "process-17", "process~process-17",
		"state established and rtt>50ms", "sport = :443" };
	double floor = floor_scan(b), start;
	struct filter_error err;
	struct filter *f;
	char name[60];
	size_t i, k;

	for (i = 0; i < nitems(texts); i++) {
		if (filter_parse(texts[i], &f, &err) < 0) {
			printf("%s: %s\n", texts[i], err.message);
			filter_error_done(&err);
			continue;
		}
		b->view.filter = f;
		for (k = 0; k < ROUNDS; k++) {
			start = cpu_ms();
			view_build(&b->view);
			b->ms[k] = cpu_ms() - start;
		}
		(void)snprintf(name, sizeof(name), "filter %.40s", texts[i]);
		report(b, name, median(b), floor, "scan");
		b->view.filter = NULL;
		filter_free(f);
	}
	view_build(&b->view);
}

static void
bench_groups(struct bench *b)
{
	double start, floor = floor_qsort(b);
	struct group g;
	char name[40];
	size_t k;
	int mode;

	group_init(&g);
	for (mode = GROUP_FLAT + 1; mode < GROUP_NMODES; mode++) {
		g.mode = (enum group_mode)mode;
		for (k = 0; k < ROUNDS; k++) {
			start = cpu_ms();
			group_build(&g, &b->view);
			b->ms[k] = cpu_ms() - start;
		}
		(void)snprintf(
		    name, sizeof(name), "group by %s", group_mode_name(g.mode));
		report(b, name, median(b), floor, "qsort");
	}
	group_done(&g);
}

static void
bench_gone(struct bench *b)
{
	struct snap *s = snap_at(100 * SEC);
	double start;

	s->flags &= ~(unsigned)SNAP_DELTA;
	start = cpu_ms();
	table_merge(b->table, s, NULL);
	report(b, "merge, all gone", cpu_ms() - start, 0, NULL);
	start = cpu_ms();
	(void)table_tick(b->table, 110 * SEC);
	report(b, "tombstones dropped", cpu_ms() - start, 0, NULL);
	snap_free(s);
}

/* In this order: nothing else allocates between the two readings of RSS. */
static void
bench_memory(struct bench *b, size_t differ)
{
	size_t before = rss(), held, table, view;
	struct snap *s = snap_at(SEC);

	b->table = table_new();
	view_init(&b->view, b->table);
	fill_snap(b, s);
	table_merge(b->table, s, NULL);
	snap_free(s);
	s = snap_at(2 * SEC);
	table_merge(b->table, s, NULL);
	snap_free(s);
	view_build(&b->view);
	held = rss() - before;
	table = table_memory(b->table);
	view = b->view.cap * sizeof(*b->view.row);
	printf("%-24s %7zu rows %6.1f bytes a row: table %.1f, view %.1f, "
	       "differ %.1f; resident %.1f without differ\n",
	    "memory", b->n, (double)(table + view + differ) / (double)b->n,
	    (double)table / (double)b->n, (double)view / (double)b->n,
	    (double)differ / (double)b->n, (double)held / (double)b->n);
	view_done(&b->view);
}

static void
bench(size_t n)
{
	struct bench b = { .n = n };
	size_t i, differ;

	fill(&b);
	bench_differ(&b, &differ);
	bench_memory(&b, differ);
	bench_merge(&b);
	view_init(&b.view, b.table);
	bench_sorts(&b);
	bench_filters(&b);
	bench_groups(&b);
	bench_gone(&b);
	view_done(&b.view);
	table_free(b.table);
	for (i = 0; i < NPROCS; i++)
		proc_unref(b.proc[i]);
	free(b.rec);
}

int
main(int argc, char **argv)
{
	static const size_t sizes[] = { 10000, 100000 };
	size_t i;
	int k;

	for (k = 1; k < argc; k++)
		bench((size_t)strtoul(argv[k], NULL, 10));
	for (i = 0; argc == 1 && i < nitems(sizes); i++)
		bench(sizes[i]);
	return 0;
}
