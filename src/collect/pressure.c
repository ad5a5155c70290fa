/* SPDX-License-Identifier: ISC */
/*
 * Limits and counts of /proc/net and /proc/sys/net. The machine's own limits
 * (tcp_mem, tcp_max_orphans, ..) are there in the first network namespace
 * only: they are read before any other is entered.
 */
#include "config.h"

#include "collect/pressure.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/procfs.h"
#include "base/xmalloc.h"
#include "collect/netns.h"
#include "collect/port_limits.h"
#include "collect/pressure_text.h"

/* Not /proc/net: that is the first thread's, which stays where it is. */
#define NET      "/proc/thread-self/net/"
#define SYS4     "/proc/sys/net/ipv4/"
#define SYS6     "/proc/sys/net/ipv6/"
#define TEXT_MAX ((size_t)64 * 1024)

struct pressure_reader {
	struct netns_names *names; /* they are told elsewhere */
	struct pressure_fds *fds;
	char *text; /* TEXT_MAX */
	struct pressure *now;
};

struct pressure_reader *
pressure_reader_new(void)
{
	struct pressure_reader *r = xcalloc(1, sizeof(*r));

	r->names = netns_names_new();
	r->fds = pressure_fds_new("/proc");
	r->text = xmalloc(TEXT_MAX);
	return r;
}

void
pressure_reader_free(struct pressure_reader *r)
{
	if (r == NULL)
		return;
	netns_names_free(r->names);
	pressure_fds_free(r->fds);
	free(r->text);
	free(r);
}

/* Its length; 0: it cannot be read. */
static size_t
slurp(struct pressure_reader *r, const char *path)
{
	ssize_t n = procfs_read_at(AT_FDCWD, path, r->text, TEXT_MAX);

	return n > 0 ? (size_t)n : 0;
}

/* The i-th number of a file, or *ret stays as it is. */
static void
read_number(
    struct pressure_reader *r, const char *path, size_t i, uint64_t *ret)
{
	size_t len = slurp(r, path);
	uint64_t v[3];

	if (pressure_text_numbers(r->text, len, v, nitems(v)) > i)
		*ret = v[i];
}

/* -- of the machine ------------------------------------------------------- */

static void
read_sockstat(struct pressure_reader *r)
{
	struct pressure_gauge *g = r->now->gauge;
	size_t len = slurp(r, NET "sockstat");

	/* These are the machine's, whatever namespace asks. */
	(void)pressure_text_sockstat(
	    r->text, len, "TCP", "orphan", &g[PRESSURE_ORPHANS].value);
	(void)pressure_text_sockstat(
	    r->text, len, "TCP", "mem", &g[PRESSURE_TCP_MEM].value);
	(void)pressure_text_sockstat(
	    r->text, len, "UDP", "mem", &g[PRESSURE_UDP_MEM].value);
}

static void
read_neighbours(struct pressure_reader *r)
{
	static const struct {
		const char *stat, *limit;
		enum pressure_kind kind;
		enum pressure_counter counter;
	} tables[] = {
		{ NET "stat/arp_cache", SYS4 "neigh/default/gc_thresh3",
		    PRESSURE_NEIGH4, COUNTER_NEIGH4_FULL },
		{ NET "stat/ndisc_cache", SYS6 "neigh/default/gc_thresh3",
		    PRESSURE_NEIGH6, COUNTER_NEIGH6_FULL },
	};
	struct pressure *now = r->now;
	size_t i, len;

	for (i = 0; i < nitems(tables); i++) {
		len = slurp(r, tables[i].stat);
		(void)pressure_text_stat(r->text, len, "entries", false,
		    &now->gauge[tables[i].kind].value);
		(void)pressure_text_stat(r->text, len, "table_fulls", true,
		    &now->counter[tables[i].counter]);
		read_number(
		    r, tables[i].limit, 0, &now->gauge[tables[i].kind].limit);
	}
}

static void
read_machine(struct pressure_reader *r)
{
	struct pressure *now = r->now;
	struct pressure_gauge *g = now->gauge;
	long page = sysconf(_SC_PAGESIZE);

	now->page_size = page > 0 ? (uint32_t)page : 0;
	read_sockstat(r);
	read_number(r, SYS4 "tcp_max_orphans", 0, &g[PRESSURE_ORPHANS].limit);
	read_number(r, SYS4 "tcp_mem", 1, &now->tcp_mem_middle);
	read_number(r, SYS4 "tcp_mem", 2, &g[PRESSURE_TCP_MEM].limit);
	read_number(r, SYS4 "udp_mem", 2, &g[PRESSURE_UDP_MEM].limit);
	read_number(r, "/proc/sys/fs/file-nr", 0, &g[PRESSURE_FILES].value);
	read_number(r, "/proc/sys/fs/file-nr", 2, &g[PRESSURE_FILES].limit);
	read_neighbours(r);
}

/* -- of a namespace ------------------------------------------------------- */

static void
read_counters(struct pressure_reader *r, struct pressure_ns *ns)
{
	static const struct {
		const char *path, *group;
	} files[] = {
		{ NET "netstat", "TcpExt" },
		{ NET "snmp", "Udp" },
		{ NET "stat/nf_conntrack", "nf_conntrack" },
	};
	const struct pressure_counter_fact *f;
	size_t i, len;
	unsigned c;

	for (i = 0; i < nitems(files); i++) {
		len = slurp(r, files[i].path);
		for (c = 0; c < PRESSURE_NCOUNTERS; c++) {
			f = pressure_counter_fact(c);
			if (!f->netns || strcmp(f->group, files[i].group) != 0)
				continue;
			if (f->kind == PRESSURE_CONNTRACK)
				(void)pressure_text_stat(r->text, len, f->name,
				    true, &ns->counter[c]);
			else
				(void)pressure_text_netstat(r->text, len,
				    f->group, f->name, &ns->counter[c]);
		}
	}
}

static int
read_netns(void *arg, const struct netns *at, char **cause)
{
	struct pressure_reader *r = arg;
	struct pressure_ns *ns = pressure_add_ns(r->now, at->id);
	size_t len;

	(void)cause;
	port_limits_read(ns->ports);
	len = slurp(r, NET "sockstat");
	(void)pressure_text_sockstat(
	    r->text, len, "TCP", "tw", &ns->time_wait.value);
	read_number(r, SYS4 "tcp_max_tw_buckets", 0, &ns->time_wait.limit);
	read_number(r, "/proc/sys/net/netfilter/nf_conntrack_count", 0,
	    &ns->conntrack.value);
	read_number(r, "/proc/sys/net/netfilter/nf_conntrack_max", 0,
	    &ns->conntrack.limit);
	read_counters(r, ns);
	return 0;
}

struct pressure *
pressure_read(struct pressure_reader *r, const char *netns)
{
	struct snap *unused = snap_new(); /* the sockets' reading warns */
	char *cause = NULL;

	r->now = pressure_new();
	r->now->mono_ns = clock_mono_ns();
	read_machine(r);
	(void)netns_each(netns, r->names, unused, read_netns, r, &cause);
	free(cause);
	snap_free(unused);
	pressure_fds_read(r->fds, r->now);
	return r->now;
}
