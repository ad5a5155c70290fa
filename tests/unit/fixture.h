/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

/*
 * A small machine for tests of columns, filters and what is written of rows:
 * one socket of each kind, "a" to "n". Rows a to d are those of iproute2's
 * own test of ss (ss1.dump). No table is merged: what needs an index of
 * connections has its own test.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/column.h"
#include "model/tcpinfo.h"

#define NS_MS UINT64_C(1000000)
#define NS_S  UINT64_C(1000000000)

#define FIXTURE_ROWS 14
enum {
	ROW_a,
	ROW_b,
	ROW_c,
	ROW_d,
	ROW_e,
	ROW_f,
	ROW_g,
	ROW_h,
	ROW_i,
	ROW_j,
	ROW_k,
	ROW_l,
	ROW_m,
	ROW_n
};

struct fixture {
	struct table table;
	struct view_ctx ctx;
	struct row row[FIXTURE_ROWS];
};

static inline void
fixture_end(struct endpoint *ep, const char *addr, uint16_t port)
{
	memset(ep, 0, sizeof(*ep));
	if (inet_pton(strchr(addr, ':') != NULL ? AF_INET6 : AF_INET, addr,
		ep->addr) != 1)
		abort();
	ep->port = port;
}

static inline struct row *
fixture_row(struct fixture *fx, int i, unsigned proto, enum sock_state state,
    const char *local, uint16_t lport, const char *peer, uint16_t pport)
{
	struct row *r = &fx->row[i];

	r->rec.proto = (uint8_t)proto;
	r->rec.state = (uint8_t)state;
	r->rec.family = strchr(local, ':') != NULL ? 6 : 4;
	fixture_end(&r->rec.local, local, lport);
	fixture_end(&r->rec.peer, peer, pport);
	r->rec.cookie = 0x1000 + (uint64_t)i;
	r->rec.netns = 4026531840u;
	r->rec.known =
	    KNOWN_INODE | KNOWN_UID | KNOWN_QUEUES | KNOWN_TIMER | KNOWN_IFACE;
	r->rec.inode = 15970 + (uint32_t)i;
	r->seq = (uint32_t)i;
	return r;
}

static inline struct proc *
fixture_proc(pid_t pid, const char *comm, const char *cmdline, const char *user,
    uint32_t uid)
{
	struct proc *p = proc_new(pid, 123456);

	free(p->comm);
	p->comm = xstrdup(comm);
	p->cmdline = xstrdup(cmdline);
	p->user = xstrdup(user);
	p->uid = uid;
	p->ppid = 1;
	p->start_wall = 1795229455; /* 2026-11-21T02:50:55Z */
	p->detail = PROC_COMM | PROC_CMDLINE | PROC_CGROUP | PROC_PATHS;
	return p;
}

static inline void
fixture_own(struct row *r, struct proc *p, int fd)
{
	r->owners.proc = p;
	r->owners.fd = fd;
	r->owners.n = 1;
}

static inline void
fixture_many(struct fixture *fx)
{
	struct row *r;
	struct proc *p;

	r = fixture_row(fx, ROW_e, SOCK_TCP, SOCK_LISTEN, "::", 443, "::", 0);
	r->rec.known |= KNOWN_V6ONLY;
	r->rec.recvq = 3;
	r->rec.sendq = 511;
	p = fixture_proc(900, "nginx", "nginx: master process", "root", 0);
	p->unit = xstrdup("nginx.service");
	p->cgroup = xstrdup("/system.slice/nginx.service");
	fixture_own(r, p, 6);
	r->owners.n = 2;
	r->owners.all = xcalloc(2, sizeof(struct owner));
	r->owners.all[0] = (struct owner){ proc_ref(p), 6 };
	r->owners.all[1] =
	    (struct owner){ fixture_proc(901, "nginx-wrk",
				"nginx: worker process", "www-data", 33),
		    6 };

	r = fixture_row(
	    fx, ROW_f, SOCK_TCP, SOCK_LISTEN, "127.0.0.1", 5432, "0.0.0.0", 0);
	r->rec.uid = 110;
	p = fixture_proc(
	    1200, "postgres", "/usr/bin/postgres -D /data", "postgres", 110);
	p->container = xstrdup("docker:0123456789ab");
	p->exe = xstrdup("/usr/lib/postgresql/15/bin/postgres");
	p->cwd = xstrdup("/var/lib/postgresql");
	fixture_own(r, p, 5);

	r = fixture_row(
	    fx, ROW_g, SOCK_UDP, SOCK_UNCONNECTED, "0.0.0.0", 53, "0.0.0.0", 0);
	r->rec.ifindex = 2;
	r->rec.uid = 999;
	fixture_own(
	    r, fixture_proc(700, "dnsmasq", "dnsmasq -k", "dnsmasq", 999), 4);

	r = fixture_row(fx, ROW_h, SOCK_UDP, SOCK_CONNECTED, "10.0.0.1", 40000,
	    "8.8.8.8", 53);
	r->rec.uid = 1000;
	r->rec.netns = 4026532000u;

	r = fixture_row(fx, ROW_i, SOCK_TCP, SOCK_TIME_WAIT, "::ffff:10.0.0.1",
	    443, "::ffff:192.0.2.7", 51000);
	r->rec.inode = 0;
	r->rec.timer = TIMER_TIME_WAIT;
	r->rec.timer_ms = 31000;
}

static inline void
fixture_more(struct fixture *fx)
{
	struct row *r;

	r = fixture_row(fx, ROW_j, SOCK_TCP, SOCK_ESTABLISHED, "2001:db8::1",
	    443, "2001:db8::2", 52000);
	r->rec.known |= KNOWN_MARK | KNOWN_CGROUP | KNOWN_TCP | KNOWN_BYTES;
	r->rec.mark = 0x1ff;
	r->rec.cgroup = 77;
	r->rec.rtt_us = 60000;
	r->rec.rttvar_us = 4000;
	r->rec.cwnd = 10;
	r->rec.mss = 1448;
	r->rec.retrans_total = 7;
	r->rec.bytes_sent = 5000000;
	r->rec.bytes_received = 1200;
	r->rec.recvq = 100000;
	r->rec.timer = TIMER_KEEPALIVE;
	r->rec.timer_ms = 7100;
	r->rx_bps = 1500;
	r->tx_bps = 2.5e6f;
	r->flags = ROW_RATES | ROW_BORN;
	r->born_ds = 550; /* five seconds ago */
	fixture_own(r,
	    fixture_proc(
		901, "nginx-wrk", "nginx: worker process", "www-data", 33),
	    9);
	r->ext = xcalloc(1, sizeof(*r->ext));
	strcpy(r->ext->cc, "cubic");

	r = fixture_row(
	    fx, ROW_k, SOCK_TCP, SOCK_BOUND, "0.0.0.0", 9999, "0.0.0.0", 0);
	r->rec.uid = 1000;
	r = fixture_row(fx, ROW_l, SOCK_TCP, SOCK_CLOSE_WAIT, "10.0.0.1", 33000,
	    "192.0.2.9", 80);
	r->rec.known |= KNOWN_TCP;
	r->rec.rtt_us = 310;
	r->rec.sendq = 1;
	r->rec.flags = SOCKF_SHUT_RD;
	fixture_own(
	    r, fixture_proc(4711, "a|b \"c\"", "weird --x", "ann", 1000), 3);
	fixture_row(fx, ROW_m, SOCK_TCP, SOCK_SYN_RECEIVED, "10.0.0.1", 22,
	    "192.0.2.10", 61000)
	    ->rec.inode = 0;
	r = fixture_row(fx, ROW_n, SOCK_TCP, SOCK_LISTEN, "::1", 631, "::", 0);
	r->rec.known |= KNOWN_V6ONLY;
	r->rec.flags = SOCKF_V6ONLY;
}

static inline void
fixture_init(struct fixture *fx)
{
	struct proc *sshd;
	struct row *r;

	memset(fx, 0, sizeof(*fx));
	fx->table.names = names_new();
	fx->table.epoch_ns = 0;
	fx->table.now_ns = 60 * NS_S;
	fx->ctx.table = &fx->table;
	fx->ctx.numeric_ports = true;
	names_set(fx->table.names, NAME_IFACE, 4026531840u, 2, "eth0");
	names_set(fx->table.names, NAME_NETNS, 0, 4026531840u, "default");
	names_set(fx->table.names, NAME_NETNS, 0, 4026532000u, "web");
	names_set(fx->table.names, NAME_USER, 0, 1000, "ann");
	names_set(fx->table.names, NAME_CGROUP, 0, 77, "/web.slice");

	sshd = fixture_proc(812, "sshd", "sshd: /usr/sbin/sshd -D", "root", 0);
	sshd->unit = xstrdup("ssh.service");
	r = fixture_row(
	    fx, ROW_a, SOCK_TCP, SOCK_LISTEN, "0.0.0.0", 22, "0.0.0.0", 0);
	r->rec.sendq = 128;
	fixture_own(r, sshd, 3);
	fixture_row(fx, ROW_b, SOCK_TCP, SOCK_ESTABLISHED, "10.0.0.1", 22,
	    "10.0.0.1", 36266);
	fixture_row(fx, ROW_c, SOCK_TCP, SOCK_ESTABLISHED, "10.0.0.1", 36266,
	    "10.0.0.1", 22);
	fixture_row(fx, ROW_d, SOCK_TCP, SOCK_ESTABLISHED, "10.0.0.1", 22,
	    "10.0.0.2", 50312);
	fixture_many(fx);
	fixture_more(fx);
}

static inline void
fixture_done(struct fixture *fx)
{
	size_t i;

	for (i = 0; i < FIXTURE_ROWS; i++) {
		owners_done(&fx->row[i].owners);
		free(fx->row[i].ext);
		free(fx->row[i].history);
	}
	names_free(fx->table.names);
}

#endif
