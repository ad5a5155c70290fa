/* SPDX-License-Identifier: ISC */
/*
 * Readings of real sockets: in namespaces of processes, mounts and networks
 * of our own, so that nothing else is seen or touched.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "collect/collect.h"
#include "collect/netns.h"
#include "model/filter.h"
#include "model/need.h"
#include "model/table.h"

#define SKIP 77

static void
lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)ioctl(fd, SIOCSIFFLAGS, &ifr); /* what needs it will say so */
	close(fd);
}

/* What a test leaves behind (TIME-WAIT and the like) goes with its network. */
static int
fresh(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	lo_up();
	return 0;
}

/* -- readings ------------------------------------------------------------- */

static struct request
everything(void)
{
	return (struct request){ .need = NEED_OWNER | NEED_TCPINFO | NEED_USER |
					 NEED_IFACE | NEED_SKCGROUP |
					 NEED_BOUND,
		.tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL };
}

static struct collect *
open_collect(bool delta, bool procfs)
{
	struct collect_opts opts = { .delta = delta, .force_procfs = procfs };
	struct collect *c;
	char *cause = NULL;

	if (collect_open(&c, &opts, &cause) < 0)
		fail_msg("open: %s", cause);
	return c;
}

static struct snap *
read_snap(struct collect *c, const struct request *req)
{
	struct snap *snap = NULL;
	char *cause = NULL;

	if (collect_read(c, req, &snap, &cause) < 0)
		fail_msg("read: %s", cause);
	return snap;
}

static struct table *
read_table(const struct request *req, bool procfs, size_t *n)
{
	struct collect *c = open_collect(false, procfs);
	struct table *t = table_new();
	struct snap *snap = read_snap(c, req);

	if (n != NULL)
		*n = snap->n;
	table_merge(t, snap, NULL);
	snap_free(snap);
	collect_close(c);
	return t;
}

static struct snap_sock *
find_port(struct snap *snap, uint16_t port)
{
	size_t i;

	for (i = 0; i < snap->n; i++)
		if (snap->sock[i].rec.local.port == port)
			return &snap->sock[i];
	return NULL;
}

static int
listen_on(uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 3), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

/* -- sockets in every state ----------------------------------------------- */

struct helper {
	pid_t pid;
	int to, from;
};

static struct helper
states_start(void)
{
	const char *dir = getenv("SRCDIR");
	struct helper h;
	int in[2], out[2];
	char path[4096], line[16];

	snprintf(path, sizeof(path), "%s/tests/netns/states.py",
	    dir == NULL ? "." : dir);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	h.pid = fork();
	if (h.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3", path, (char *)NULL);
		_exit(SKIP);
	}
	close(in[0]);
	close(out[1]);
	h.to = in[1];
	h.from = out[0];
	if (read(h.from, line, sizeof(line)) < 5)
		fail_msg("states.py did not get ready");
	return h;
}

static void
states_stop(struct helper *h)
{
	int status;

	close(h->to);
	close(h->from);
	waitpid(h->pid, &status, 0);
}

static unsigned
count_state(const struct table *t, enum sock_state state, bool owned)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->row[i]->rec.state == state &&
		    (!owned || t->row[i]->owners.n > 0))
			n++;
	return n;
}

static void
every_state(void **state)
{
	struct helper h = states_start();
	struct request req = everything();
	struct table *t = read_table(&req, false, NULL);
	unsigned i, n;

	(void)state;
	for (i = 1; i < SOCK_NSTATES; i++) {
		n = count_state(t, i, false);
		if (n == 0 && i != SOCK_CLOSED && i != 12 && i != SOCK_BOUND)
			fail_msg("no socket in state %s", sock_state_name(i));
	}
	assert_int_equal(count_state(t, SOCK_LISTEN, true),
	    count_state(t, SOCK_LISTEN, false));
	assert_int_equal(count_state(t, SOCK_TIME_WAIT, true), 0);
	n = count_state(t, SOCK_BOUND, false);
	if (n == 0)
		print_message("no BOUND sockets: a kernel before 6.8\n");
	table_free(t);
	/* Not asked for, not listed. */
	req.need &= ~(unsigned)NEED_BOUND;
	t = read_table(&req, false, NULL);
	assert_int_equal(count_state(t, SOCK_BOUND, false), 0);
	table_free(t);
	req.states = SOCK_STATE_BIT(SOCK_BOUND);
	t = read_table(&req, false, NULL);
	assert_int_equal(count_state(t, SOCK_BOUND, false), n);
	assert_int_equal(t->n, n);
	table_free(t);
	states_stop(&h);
}

static void
families_and_protocols(void **state)
{
	struct helper h = states_start();
	struct request req = everything();
	struct table *t = read_table(&req, false, NULL);
	uint32_t tcp = t->tcp, udp = t->udp, v4 = t->v4, v6 = t->v6;

	(void)state;
	assert_true(tcp > 20 && udp == 6 && v6 >= 7);
	table_free(t);
	req.v6 = false;
	t = read_table(&req, false, NULL);
	assert_int_equal(t->v6, 0);
	assert_int_equal(t->v4, v4);
	table_free(t);
	req.v6 = true;
	req.v4 = false;
	t = read_table(&req, false, NULL);
	assert_int_equal(t->v4, 0);
	assert_int_equal(t->v6, v6);
	table_free(t);
	req.v4 = true;
	req.tcp = false;
	t = read_table(&req, false, NULL);
	assert_int_equal(t->n, udp);
	table_free(t);
	states_stop(&h);
}

/* -- the kernel's filter and ours ----------------------------------------- */

static struct filter *
parse(const char *text)
{
	struct filter_error err = { 0 };
	struct filter *f = NULL;

	if (filter_parse(text, &f, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return f;
}

static unsigned
matching(struct table *t, const struct filter *f, uint64_t *sum)
{
	struct view_ctx ctx = { .table = t };
	unsigned n = 0;
	size_t i;

	*sum = 0;
	for (i = 0; i < t->n; i++)
		if (filter_eval(f, t->row[i], &ctx)) {
			n++;
			*sum += t->row[i]->rec.cookie;
		}
	return n;
}

static void
same_rows_either_way(void **state)
{
	static const struct {
		const char *text;
		bool fewer; /* the kernel must have sent fewer */
	} cases[] = {
		{ "sport ge 1024", false },
		{ "not sport ge 1024", true },
		{ "src 127.0.0.1", true },
		{ "not src 127.0.0.1", true },
		{ "src [::1]", true },
		{ "dst [::ffff:127.0.0.1]", true },
		{ "src 127.0.0.0/8 and dst 127.0.0.0/8", true },
		{ "src 0.0.0.0/0", true },
		{ "dev lo", true },
		{ "not dev lo", true },
		{ "fwmark = 0x1f", true },
		{ "fwmark = 0xf/0xf", true },
		{ "not fwmark = 0x1f", true },
		{ "process=python3 and src [::1]", true },
		{ "process=python3 or src [::1]", false },
		{ "not (process=nobody and src [::1])", false },
		{ "not (process=nobody or src [::1])", true },
		{ "state listening", true },
		{ "state time-wait or state syn-sent", true },
		{ "state connected and not dst [::1]", true },
		{ "exclude listening", true },
		{ "dport = 0", true },
		{ "port = 1", true },
		{ "port != 1", false },
		{ "state established and src 127.0.0.1 or state bound", true },
	};
	struct helper h = states_start();
	struct request req = everything();
	struct table *all, *some;
	struct filter *f;
	uint64_t a, b;
	unsigned na, nb;
	size_t i, n, total;

	(void)state;
	all = read_table(&req, false, &total);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = parse(cases[i].text);
		req = everything();
		req.need |= filter_needs(f);
		req.filter = f;
		some = read_table(&req, false, &n);
		na = matching(all, f, &a);
		nb = matching(some, f, &b);
		if (na != nb || a != b)
			fail_msg("%s: %u rows by us, %u by the kernel",
			    cases[i].text, na, nb);
		if (cases[i].fewer && n >= total)
			fail_msg("%s: the kernel sent all %zu sockets",
			    cases[i].text, n);
		table_free(some);
		filter_free(f);
	}
	table_free(all);
	states_stop(&h);
}

/* -- only what changed ---------------------------------------------------- */

static void
only_changes(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	struct sock_key key;
	struct snap *snap;
	uint16_t port, port2;
	int fd, fd2;

	(void)state;
	fd = listen_on(&port);
	snap = read_snap(c, &req);
	assert_true((snap->flags & SNAP_DELTA) != 0);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->total, 1);
	assert_int_equal(snap->sock[0].rec.local.port, port);
	assert_int_equal(snap->sock[0].owners.n, 1);
	assert_int_equal(snap->sock[0].owners.fd, fd);
	assert_int_equal(snap->sock[0].owners.proc->pid, getpid());
	assert_int_equal(snap->hidden_owners, 0);
	key = sock_key(&snap->sock[0].rec);
	snap_free(snap);
	snap = read_snap(c, &req);
	assert_int_equal(snap->n, 0);
	assert_int_equal(snap->total, 1);
	snap_free(snap);
	fd2 = listen_on(&port2);
	snap = read_snap(c, &req);
	assert_int_equal(snap->n, 1);
	assert_int_equal(snap->total, 2);
	assert_int_equal(snap->sock[0].rec.local.port, port2);
	assert_int_equal(snap->sock[0].owners.n, 1);
	snap_free(snap);
	close(fd);
	snap = read_snap(c, &req);
	assert_int_equal(snap->n, 0);
	assert_int_equal(snap->ngone, 1);
	assert_true(sock_key_eq(snap->gone[0], key));
	assert_int_equal(snap->flags & SNAP_RESCOPE, 0);
	snap_free(snap);
	/* Other sockets asked for: who is missing was not closed. */
	req.tcp = false;
	snap = read_snap(c, &req);
	assert_true((snap->flags & SNAP_RESCOPE) != 0);
	snap_free(snap);
	close(fd2);
	collect_close(c);
}

/* Another process comes to hold it: told, though the socket is the same. */
static void
another_holder(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	struct snap *snap;
	unsigned tries;
	uint16_t port;
	int fd, status;
	pid_t pid;

	(void)state;
	fd = listen_on(&port);
	snap_free(read_snap(c, &req));
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	/* It is found within some readings: the work of each is bounded. */
	for (tries = 0; tries < 50; tries++) {
		snap = read_snap(c, &req);
		if (snap->n == 1 && snap->sock[0].owners.n == 2)
			break;
		snap_free(snap);
	}
	if (tries == 50)
		fail_msg("the second holder was never told");
	snap_free(snap);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	for (tries = 0; tries < 50; tries++) {
		snap = read_snap(c, &req);
		if (snap->n == 1 && snap->sock[0].owners.n == 1)
			break;
		snap_free(snap);
	}
	if (tries == 50)
		fail_msg("its end was never told");
	snap_free(snap);
	close(fd);
	collect_close(c);
}

static void
the_one_looked_at(void **state)
{
	struct helper h = states_start();
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	struct snap *snap = read_snap(c, &req), *again;
	const struct snap_sock *s;
	unsigned whole = 0, bound = 0;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < snap->n; i++) {
		s = NULL;
		req.focus = sock_key(&snap->sock[i].rec);
		again = read_snap(c, &req);
		for (n = k = 0; k < again->n; k++)
			if (again->sock[k].ext != NULL) {
				s = &again->sock[k];
				n++;
			}
		if (snap->sock[i].rec.state == SOCK_BOUND) {
			bound++;
			snap_free(again);
			continue;
		}
		if (n != 1 || !sock_key_eq(sock_key(&s->rec), req.focus) ||
		    (s->rec.known & KNOWN_TIMER) == 0)
			fail_msg("%s socket %zu: %zu read whole",
			    sock_state_name(snap->sock[i].rec.state), i, n);
		assert_int_equal(again->total, snap->total);
		whole++;
		snap_free(again);
	}
	assert_int_equal(whole + bound, snap->n);
	snap_free(snap);
	collect_close(c);
	states_stop(&h);
}

/* -- namespaces ----------------------------------------------------------- */

/* A process in a network namespace of its own that listens there. */
static pid_t
other_namespace(uint16_t *port, uint32_t *id)
{
	int ready[2];
	struct {
		uint32_t id;
		uint16_t port;
	} m = { 0 };
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		lo_up();
		if (port != NULL)
			(void)listen_on(&m.port);
		m.id = netns_self();
		if (write(ready[1], &m, sizeof(m)) != sizeof(m))
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &m, sizeof(m)) != sizeof(m))
		fail_msg("no namespace: %s", strerror(errno));
	close(ready[0]);
	if (port != NULL)
		*port = m.port;
	*id = m.id;
	return pid;
}

static void
end_process(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static unsigned
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static const char *
name_of(const struct snap *snap, uint32_t id)
{
	size_t i;

	for (i = 0; i < snap->nnames; i++)
		if (snap->name[i].kind == NAME_NETNS && snap->name[i].id == id)
			return snap->name[i].text;
	return NULL;
}

static void
three_namespaces(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	uint32_t id[3], own = netns_self();
	uint16_t port[3], mine;
	char text[32];
	struct snap *snap;
	pid_t pid[3];
	int i, fd;

	(void)state;
	fd = listen_on(&mine);
	for (i = 0; i < 2; i++)
		pid[i] = other_namespace(&port[i], &id[i]);
	pid[2] = other_namespace(NULL, &id[2]); /* without a socket */
	req.netns = "all";
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 4);
	assert_int_equal(snap->netns_failed, 0);
	assert_int_equal(snap->n, 3);
	assert_int_equal(find_port(snap, mine)->rec.netns, own);
	assert_string_equal(name_of(snap, own), "default");
	for (i = 0; i < 2; i++) {
		assert_int_equal(find_port(snap, port[i])->rec.netns, id[i]);
		assert_int_equal(
		    find_port(snap, port[i])->owners.proc->pid, pid[i]);
		snprintf(text, sizeof(text), "pid %d (", (int)pid[i]);
		assert_ptr_equal(
		    strstr(name_of(snap, id[i]), text), name_of(snap, id[i]));
	}
	snap_free(snap);
	assert_int_equal(netns_self(), own);
	/* One is deleted: nothing of ours keeps it. */
	end_process(pid[0]);
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 3);
	assert_int_equal(snap->ngone, 1);
	assert_int_equal(snap->netns_failed, 0);
	snap_free(snap);
	snprintf(text, sizeof(text), "%d", (int)pid[1]);
	req.netns = text;
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 1);
	assert_int_equal(snap->total, 1);
	snap_free(snap);
	req.netns = "default";
	snap = read_snap(c, &req);
	assert_non_null(find_port(snap, mine));
	snap_free(snap);
	assert_int_equal(netns_self(), own);
	end_process(pid[1]);
	end_process(pid[2]);
	close(fd);
	collect_close(c);
}

static void
named_namespaces(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	struct snap *snap = NULL;
	char *cause = NULL, from[64];
	static const char *const wrong[] = { "nosuch", "../web", ".", "",
		"file", "fifo", "999999", "web/..", "/run/netns/file" };
	uint16_t port;
	uint32_t id;
	size_t i;
	pid_t pid;

	(void)state;
	pid = other_namespace(&port, &id);
	mkdir("/run/netns", 0755);
	close(open("/run/netns/web", O_CREAT | O_RDONLY | O_CLOEXEC, 0));
	close(open("/run/netns/file", O_CREAT | O_RDONLY | O_CLOEXEC, 0));
	(void)mkfifo("/run/netns/fifo", 0600);
	snprintf(from, sizeof(from), "/proc/%d/ns/net", (int)pid);
	assert_int_equal(mount(from, "/run/netns/web", NULL, MS_BIND, NULL), 0);
	end_process(pid); /* the mount alone holds it now */
	req.netns = "web";
	snap = read_snap(c, &req);
	assert_string_equal(name_of(snap, id), "web");
	assert_int_equal(snap->n, 0);
	snap_free(snap);
	req.netns = "all";
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 2);
	snap_free(snap);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		req.netns = wrong[i];
		cause = NULL;
		if (collect_read(c, &req, &snap, &cause) == 0)
			fail_msg("\"%s\" is a namespace", wrong[i]);
		if (cause == NULL || strchr(cause, '\n') != NULL)
			fail_msg("\"%s\": no sentence", wrong[i]);
		free(cause);
	}
	umount2("/run/netns/web", MNT_DETACH);
	unlink("/run/netns/web");
	unlink("/run/netns/file");
	unlink("/run/netns/fifo");
	collect_close(c);
}

/* -N web,other=PID: each once, by the names given; what is not there is warned
 * of; a name with a comma in it is still one. */
static void
several_namespaces(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	struct snap *snap;
	char spec[128], from[64], *cause = NULL;
	uint32_t id, own = netns_self();
	uint16_t port;
	size_t i, n = 0;
	pid_t pid;

	(void)state;
	pid = other_namespace(&port, &id);
	snprintf(spec, sizeof(spec), "other=%d,%d,me=%d", (int)pid, (int)pid,
	    (int)getpid());
	req.netns = spec;
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 2);
	assert_int_equal(snap->netns_failed, 0);
	assert_string_equal(name_of(snap, id), "other");
	assert_string_equal(name_of(snap, own), "me");
	for (i = 0; i < snap->n; i++)
		n += snap->sock[i].rec.netns == id &&
		     snap->sock[i].rec.local.port == port;
	assert_int_equal(n, 1);
	snap_free(snap);
	assert_int_equal(netns_self(), own);

	snprintf(spec, sizeof(spec), "%d,nosuch,=,", (int)pid);
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 1);
	assert_int_equal(snap->netns_failed, 3);
	assert_true((snap->flags & SNAP_PARTIAL) != 0);
	snap_free(snap);
	req.netns = "nosuch,=";
	if (collect_read(c, &req, &snap, &cause) == 0)
		fail_msg("none is there, and read");
	assert_non_null(strstr(cause, "none could be read"));
	free(cause);

	mkdir("/run/netns", 0755);
	close(open("/run/netns/a,b=c", O_CREAT | O_RDONLY | O_CLOEXEC, 0));
	snprintf(from, sizeof(from), "/proc/%d/ns/net", (int)pid);
	assert_int_equal(
	    mount(from, "/run/netns/a,b=c", NULL, MS_BIND, NULL), 0);
	req.netns = "a,b=c";
	snap = read_snap(c, &req);
	assert_int_equal(snap->netns_seen, 1);
	assert_string_equal(name_of(snap, id), "a,b=c");
	snap_free(snap);
	umount2("/run/netns/a,b=c", MNT_DETACH);
	unlink("/run/netns/a,b=c");
	end_process(pid);
	collect_close(c);
}

/* K8: namespaces come and go while they are read. */
static void
churn(void **state)
{
	struct collect *c = open_collect(true, false);
	struct request req = everything();
	unsigned before, round;
	struct snap *snap;
	uint16_t port;
	uint32_t id, own = netns_self();
	pid_t maker, pid;
	int status;

	(void)state;
	req.netns = "all";
	snap_free(read_snap(c, &req));
	before = open_fds();
	/* Another one makes and deletes them at its own pace. */
	maker = fork();
	if (maker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pid = fork();
			if (pid == 0)
				_exit(unshare(CLONE_NEWNET) < 0);
			waitpid(pid, &status, 0);
		}
	}
	for (round = 0; round < 60; round++) {
		pid = other_namespace(&port, &id);
		snap = read_snap(c, &req);
		assert_int_equal(snap->netns_failed, 0);
		if (find_port(snap, port) == NULL)
			fail_msg("round %u: port %u is missing", round, port);
		snap_free(snap);
		end_process(pid);
	}
	end_process(maker);
	assert_int_equal(open_fds(), before);
	assert_int_equal(netns_self(), own);
	collect_close(c);
}

/* -- without netlink ------------------------------------------------------ */

static int
forbid_netlink(int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_ERRNO | ((uint32_t)error & 0xffff)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 6, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static uint64_t
rows_sum(const struct table *t, unsigned *n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = *n = 0; i < t->n; i++) {
		const struct sock_rec *r = &t->row[i]->rec;

		if (r->state == SOCK_BOUND)
			continue; /* /proc/net does not list them */
		sum += hash_mix((uint64_t)r->inode << 40 ^
				(uint64_t)r->local.port << 24 ^
				(uint64_t)r->peer.port << 8 ^ r->state);
		(*n)++;
	}
	return sum;
}

static void
rows_tell(const struct table *t)
{
	const struct sock_rec *r;
	size_t i;

	for (i = 0; i < t->n; i++) {
		r = &t->row[i]->rec;
		fprintf(stderr, "%s %s %u %u inode %u\n",
		    sock_proto_name(r->proto), sock_state_name(r->state),
		    r->local.port, r->peer.port, r->inode);
	}
}

/* Inside the process that may not: exit status 0 if all is the same. */
static int
same_without(int error, uint64_t want, unsigned want_n)
{
	struct request req = everything();
	struct collect_opts opts = { 0 };
	struct collect *c;
	struct snap *snap;
	struct table *t = table_new();
	char *cause = NULL;
	unsigned n;
	size_t i;
	bool told = false;

	if (forbid_netlink(error) < 0)
		return SKIP;
	if (collect_open(&c, &opts, &cause) < 0 ||
	    collect_read(c, &req, &snap, &cause) < 0) {
		fprintf(stderr, "%s\n", cause);
		return 1;
	}
	for (i = 0; i < snap->nwarnings; i++)
		if (strstr(snap->warning[i], "netlink refused") != NULL)
			told = true;
	if (!told || snap->source != SOURCE_PROCFS) {
		fprintf(stderr, "error %d: not told\n", error);
		return 1;
	}
	for (i = 0; i < snap->n; i++)
		if ((snap->sock[i].rec.known &
			(KNOWN_TCP | KNOWN_MARK | KNOWN_IFACE)) != 0) {
			fprintf(stderr, "error %d: invented values\n", error);
			return 1;
		}
	table_merge(t, snap, NULL);
	if (rows_sum(t, &n) != want || n != want_n) {
		fprintf(
		    stderr, "error %d: %u rows, not %u\n", error, n, want_n);
		rows_tell(t);
		return 1;
	}
	return 0;
}

static void
without_netlink(void **state)
{
	static const int errors[] = { EPERM, EAFNOSUPPORT, EPROTONOSUPPORT,
		EACCES };
	struct helper h = states_start();
	struct request req = everything();
	struct table *t = read_table(&req, false, NULL);
	uint64_t sum;
	unsigned n;
	size_t i;
	pid_t pid;
	int status;

	(void)state;
	sum = rows_sum(t, &n);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		pid = fork();
		if (pid == 0)
			_exit(same_without(errors[i], sum, n));
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 1)
			rows_tell(t);
		if (WEXITSTATUS(status) != SKIP)
			assert_int_equal(WEXITSTATUS(status), 0);
	}
	table_free(t);
	states_stop(&h);
}

/* -- a world of our own --------------------------------------------------- */

static void
put_file(const char *path, const char *text)
{
	size_t n = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, n) != (ssize_t)n)
		perror(path);
	close(fd);
}

static int
leave_the_world(void)
{
	const int ns = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS;
	unsigned uid = geteuid(), gid = getegid();
	char text[32];

	if (unshare(ns) == 0)
		return 0;
	if (unshare(ns | CLONE_NEWUSER) < 0)
		return -1;
	put_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "0 %u 1", uid);
	put_file("/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "0 %u 1", gid);
	put_file("/proc/self/gid_map", text);
	return 0;
}

static int
own_mounts(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("run", "/run", "tmpfs", 0, NULL) < 0)
		return -1;
	return 0;
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_state, fresh),
		cmocka_unit_test_setup(families_and_protocols, fresh),
		cmocka_unit_test_setup(same_rows_either_way, fresh),
		cmocka_unit_test_setup(only_changes, fresh),
		cmocka_unit_test_setup(another_holder, fresh),
		cmocka_unit_test_setup(the_one_looked_at, fresh),
		cmocka_unit_test_setup(three_namespaces, fresh),
		cmocka_unit_test_setup(named_namespaces, fresh),
		cmocka_unit_test_setup(several_namespaces, fresh),
		cmocka_unit_test_setup(churn, fresh),
		cmocka_unit_test_setup(without_netlink, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	int status;
	pid_t pid;

	if (leave_the_world() < 0) {
		fprintf(
		    stderr, "no namespaces of our own: %s\n", strerror(errno));
		return SKIP;
	}
	pid = fork(); /* the first process of the new namespace */
	if (pid == 0) {
		if (own_mounts() < 0) {
			perror("mount");
			_exit(SKIP);
		}
		exit(all_tests());
	}
	/* Nothing can be started from here any more, so no leak check. */
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(99);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}
