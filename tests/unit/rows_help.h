/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ROWS_HELP_H
#define TESTS_ROWS_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "model/snap.h"

#define SEC UINT64_C(1000000000)

/* A TCP connection of namespace 1 with this cookie, inode and ports. */
static inline struct sock_rec
help_rec(uint64_t cookie)
{
	struct sock_rec r;

	memset(&r, 0, sizeof(r));
	r.cookie = cookie;
	r.netns = 1;
	r.inode = (uint32_t)cookie + 1000;
	r.family = 4;
	r.proto = SOCK_TCP;
	r.state = SOCK_ESTABLISHED;
	r.known = KNOWN_INODE | KNOWN_UID | KNOWN_QUEUES;
	r.local.addr[0] = r.peer.addr[0] = 10;
	r.local.addr[3] = 1;
	r.peer.addr[3] = 2;
	r.local.port = 80;
	r.peer.port = (uint16_t)(cookie % 60000 + 1024);
	return r;
}

static inline struct snap *
help_snap(uint64_t mono_ns, unsigned flags)
{
	struct snap *s = snap_new();

	s->mono_ns = mono_ns;
	s->flags = flags;
	return s;
}

static inline struct snap_sock *
help_put(struct snap *s, struct sock_rec rec)
{
	struct snap_sock *k = snap_add(s);

	k->rec = rec;
	return k;
}

static inline void
help_own(struct snap_sock *k, pid_t pid, const char *comm)
{
	struct proc *p = proc_new(pid, 1);

	free(p->comm);
	p->comm = xstrdup(comm);
	k->owners = (struct owners){ .proc = p, .fd = 3, .n = 1 };
}

#endif
