/* SPDX-License-Identifier: ISC */
#ifndef SCAN_PRIV_H
#define SCAN_PRIV_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The only things the worker does with privilege: it opens the sockets it may
 * and gives everything else up for good, before it reads a byte. In this
 * order, which a lint holds:
 *
 *	priv_open(&p);		the sockets; what is refused is -1
 *	priv_drop(&p, &cause);	capabilities (five sets), groups, uid, gid
 *	priv_verify(&p, &cause); and none of it can be had back
 *	(links, the request, look names up)
 *	sandbox_apply(..);	scan/sandbox.h
 */
enum priv_sock {
	PRIV_RAW4 = 1 << 0,   /* AF_INET, SOCK_RAW, IPPROTO_RAW: sends what it
				* is given, IP header included; receives
				* nothing */
	PRIV_RAW6 = 1 << 1,   /* AF_INET6, SOCK_RAW, IPPROTO_RAW: the same */
	PRIV_PACKET = 1 << 2, /* AF_PACKET, SOCK_DGRAM, protocol 0 (receives
				* nothing until it is bound): what comes in;
				* sends ARP and ND */
	PRIV_PING4 = 1 << 3,  /* SOCK_DGRAM, IPPROTO_ICMP: needs no
				* capability but net.ipv4.ping_group_range */
	PRIV_PING6 = 1 << 4
};
#define PRIV_NSOCKS 5
struct links;
struct raw;
struct priv {
	unsigned have;       /* enum priv_sock */
	int fd[PRIV_NSOCKS]; /* by bit number; -1: not to be had */
	/* /proc/sys/net/netfilter/nf_conntrack_count, _max; -1: no conntrack.
	 * Read again and again to stop before a full table cuts the machine
	 * off. */
	int conntrack_count, conntrack_max;
	bool was_root; /* started with uid 0 or any capability */
	bool few_fds;  /* so few descriptors that no socket was opened */
	/* It stays uid 0, without capabilities: for want of CAP_SETUID, or
	 * because no other user is mapped in this user namespace. */
	bool still_root;
	/* Started as uid 0 without CAP_SETUID or CAP_SETGID, as in a container:
	 * the user, or the groups, are those of the caller. */
	bool no_setuid, no_setgid;
	/* scan/links.h: read by worker_plan(), since the sandbox would be in
	 * the way later; freed by priv_close(). */
	struct links *links;
	struct raw *raw; /* what the raw techniques share; theirs */
};
static inline int
priv_fd(const struct priv *p, enum priv_sock s)
{
	return p->fd[__builtin_ctz(s)];
}

/* Also raises the limit of descriptors as far as it may go. */
void priv_open(struct priv *);
/* 0, or -errno and a sentence: the worker must end. Started as root it becomes
 * the user it was configured for, else the one who called sudo, else nobody. */
int priv_drop(struct priv *, char **cause);
int priv_verify(const struct priv *, char **cause);
/* SIGKILL as soon as our parent is gone; false: this is not our parent. Lost if
 * the user is changed after it. */
bool priv_end_with(uint32_t parent);
/* The sockets are gone; what it was started with is still known. */
void priv_close(struct priv *);

#endif
