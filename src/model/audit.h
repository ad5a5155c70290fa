/* SPDX-License-Identifier: ISC */
#ifndef MODEL_AUDIT_H
#define MODEL_AUDIT_H

#include "model/finding.h"
#include "model/scan.h"
#include "model/view.h"

/*
 * `audit`: what listens on this machine, held against rules. No system call:
 *
 *	audit_take()	listeners out of a view
 *	(who runs it is read, each is asked)
 *	audit_judge()	what is wrong
 */

/* How far a socket can be reached, by the addresses it is bound to and, if it
 * is bound to all, those the machine has. Firewalls are not judged. */
enum audit_reach {
	AUDIT_LOOPBACK, /* this machine only */
	AUDIT_LINK,     /* the same network segment */
	AUDIT_WORLD     /* whoever has a route: private networks, too */
};
const char *audit_reach_name(enum audit_reach); /* "world" */

/* Of /proc/PID/status. */
struct audit_process {
	bool known;
	bool no_new_privs;
	uint8_t seccomp; /* 0: off, 1: strict, 2: filter */
	uint64_t caps;   /* CapEff */
};

#define AUDIT_FINDINGS_MAX (FINDINGS_MAX + 8)
/* One port of one process, at one or several addresses. */
struct audit_line {
	uint16_t port;
	uint8_t proto; /* enum sock_proto */
	uint32_t netns;
	const struct row **row; /* borrowed of the table: until the next merge;
				 * the array is ours */
	size_t nrows, rows_cap;
	enum audit_reach reach; /* the farthest of them */
	bool asks;              /* it can be asked, */
	struct scan_ask ask;    /* there */
	/* What it answered; NULL: not asked, or not told. Owned. */
	struct service_info *service;
	struct audit_process process;
	struct finding found[AUDIT_FINDINGS_MAX]; /* gravest first */
	size_t nfound;
};
struct audit {
	struct audit_line *line; /* gravest first, then by reach and port */
	size_t n, cap;
	/* The addresses of the namespace `netns`, borrowed; NULL: not known. */
	const struct scan_addr *own;
	size_t nown;
	uint32_t netns; /* the one we are in; 0: a recording */
	struct table *table;
	/* Whose packages it has ("Debian"), borrowed; NULL: not known. */
	const char *distribution;
};

/* own, nown, netns, table are set; the rest is zero. The view's rows that do
 * not listen are left out, and those of the process `self`. */
void audit_take(struct audit *, const struct view *, pid_t self);
/* now: seconds since 1970. */
void audit_judge(struct audit *, int64_t now);
void audit_done(struct audit *);

/* Who holds it, or NULL; clean. */
const struct proc *audit_proc(const struct audit_line *);
/* "www-data", "0" where there is no name; "-". */
void audit_put_user(
    const struct audit *, const struct audit_line *, struct buf *);
/* "0.0.0.0 [::1]", as a list has them */
void audit_put_addrs(
    const struct audit *, const struct audit_line *, struct buf *);
/* Its worst finding's severity; -1: none. */
int audit_worst(const struct audit_line *);
/* Listeners whose owner is not known, though they have one. */
size_t audit_unowned(const struct audit *);
/* Findings of at least this severity. */
size_t audit_count(const struct audit *, enum severity least);

#endif
