/* SPDX-License-Identifier: ISC */
/* Sockets by /proc/net: the same rows as netlink's, and no invented value. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "collect/procnet.h"
#include "collect/source.h"
#include "model/need.h"
#include "seed.h"

#define TCP_HEAD                                                              \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " \
	"retrnsmt   uid  timeout inode\n"

struct got {
	struct sock_rec *rec;
	size_t n, cap;
};

static void
got_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct got *g = arg;

	assert_null(ext);
	g->rec = array_grow(g->rec, &g->cap, g->n + 1, sizeof(*g->rec));
	g->rec[g->n++] = *rec;
}

static const struct request everything = { .need = NEED_TIMER,
	.tcp = true,
	.udp = true,
	.v4 = true,
	.v6 = true,
	.states = SOCK_STATES_ALL };

static bool
parse(const char *line, unsigned proto, unsigned family, struct sock_rec *r)
{
	struct procnet_want w = { .netns = 7,
		.proto = (uint8_t)proto,
		.family = (uint8_t)family,
		.timer = true,
		.hz = 100 };

	return procnet_parse(line, strlen(line), &w, r);
}

static void
address_is(const struct endpoint *ep, unsigned family, const char *want)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(
	    family == 6 ? AF_INET6 : AF_INET, ep->addr, text, sizeof(text));
	assert_string_equal(text, want);
}

/* Addresses are printed as the machine's own numbers. */
static const char *
host_order(const char *line)
{
	static char copy[512];
	const unsigned one = 1;
	char *p;

	snprintf(copy, sizeof(copy), "%s", line);
	if (*(const char *)&one == 1)
		return copy;
	for (p = strstr(copy, "0100007F"); p != NULL; p = strstr(p, "0100007F"))
		memcpy(p, "7F000001", 8);
	return copy;
}

static void
lines(void **state)
{
	struct sock_rec r;

	(void)state;
	assert_true(parse(host_order("   0: 0100007F:0016 00000000:0000 0A "
				     "00000000:00000003 00:00000000 00000000 "
				     "    0        0 15970 1 0000000000000000 "
				     "100 0 0 10 0"),
	    SOCK_TCP, 4, &r));
	address_is(&r.local, 4, "127.0.0.1");
	assert_int_equal(r.local.port, 22);
	assert_int_equal(r.state, SOCK_LISTEN);
	assert_int_equal(r.recvq, 3);
	assert_true((r.flags & SOCKF_NO_LIMIT) != 0);
	assert_true((r.flags & SOCKF_SYNTH_KEY) != 0);
	assert_int_equal(r.inode, 15970);
	assert_int_equal(r.uid, 0);
	assert_int_equal(r.netns, 7);
	assert_true((r.known & KNOWN_UID) != 0);
	/* Never told there, so never known. */
	assert_int_equal(r.known & (KNOWN_MARK | KNOWN_CGROUP | KNOWN_IFACE |
				       KNOWN_V6ONLY | KNOWN_TCP | KNOWN_BYTES),
	    0);

	assert_true(parse("  12: 00000000000000000000000000000000:0050 "
			  "00000000000000000000000000000000:0000 01 "
			  "0000FFFF:00000010 02:000001F4 00000003  1000      "
			  "  0 4294967295 2 0000000000000000 20 4 30 10 -1",
	    SOCK_TCP, 6, &r));
	assert_int_equal(r.state, SOCK_ESTABLISHED);
	assert_int_equal(r.sendq, 65535);
	assert_int_equal(r.recvq, 16);
	assert_int_equal(r.timer, TIMER_KEEPALIVE);
	assert_int_equal(r.timer_ms, 5000);
	assert_int_equal(r.retrans, 3);
	assert_int_equal(r.uid, 1000);
	assert_true(r.inode == 4294967295u);

	/* TIME-WAIT: nobody's, so no user is known. */
	assert_true(parse("   5: 0100007F:0016 0100007F:C000 06 "
			  "00000000:00000000 03:00001234 00000000     0      "
			  "  0 0 3 0000000000000000",
	    SOCK_TCP, 4, &r));
	assert_int_equal(r.state, SOCK_TIME_WAIT);
	assert_true((r.flags & SOCKF_ORPHAN) != 0);
	assert_int_equal(r.known & KNOWN_UID, 0);
	assert_int_equal(r.timer, TIMER_TIME_WAIT);

	assert_true(parse("  5: 0100007F:0016 0100007F:C000 0C "
			  "00000000:00000000 01:FFFFFFFFFFFFFF9C 00000000  "
			  "   0        0 0 1 0000000000000000",
	    SOCK_TCP, 4, &r));
	assert_int_equal(r.state, SOCK_SYN_RECEIVED);
	assert_int_equal(r.timer_ms, 0);

	assert_true(parse(" 1234: 00000000:14E9 00000000:0000 07 "
			  "00000000:00000000 00:00000000 00000000   999      "
			  "  0 22 2 0000000000000000 0",
	    SOCK_UDP, 4, &r));
	assert_int_equal(r.state, SOCK_UNCONNECTED);
	assert_int_equal(r.local.port, 5353);
	assert_int_equal(r.flags & SOCKF_NO_LIMIT, 0);
	assert_true(parse(" 1234: 00000000:14E9 00000000:0001 01 "
			  "00000000:00000000 00:00000000 00000000   999      "
			  "  0 22 2 0000000000000000 0",
	    SOCK_UDP, 4, &r));
	assert_int_equal(r.state, SOCK_CONNECTED);
}

static void
garbled(void **state)
{
	static const char good[] =
	    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000003 "
	    "00:00000000 00000000     0        0 15970 1 0000000000000000 ";
	static const char *const bad[] = { "", " ", "x", "  sl  local_address",
		"0:", "0: 0100007F", "0: 0100007F:", "0: 0100007F:0016",
		"0: 0100007G:0016 00000000:0000 0A 0:0 0:0 0 0 0 1 ",
		"0: 0100007F:00160 00000000:0000 0A 0:0 0:0 0 0 0 1 ",
		"0: 0100007F:0016 00000000:0000 0A 0:0 0:0 0 -1 0 1 ",
		"0: 0100007F:0016 00000000:0000 0A 0:0 0:0 0 0 0 99999999999 ",
		"0: 0100007F:0016 00000000:0000 0A 0:0 0:0 0 99999999999 0 1 ",
		"99999999999999999999: 1:1 0:0 0A 0:0 0:0 0 0 0 1 " };
	uint64_t seed = seed_begin("garbled");
	struct sock_rec r;
	size_t i, k, cut;

	(void)state;
	for (i = 0; i < nitems(bad); i++)
		if (parse(bad[i], SOCK_TCP, 4, &r))
			fail_msg("'%s' was taken", bad[i]);
	/* Cut anywhere: another number must not come out of it. */
	for (i = 0; i < sizeof(good); i++) {
		char *copy = xmalloc(i + 1);
		struct procnet_want w = { .proto = SOCK_TCP, .family = 4 };

		memcpy(copy, good, i);
		if (procnet_parse(copy, i, &w, &r))
			assert_int_equal(r.inode, 15970);
		free(copy);
	}
	/* Bytes overwritten: whatever comes out, nothing is read outside. */
	for (i = 0; i < 20000; i++) {
		char *copy;
		struct procnet_want w = { .proto = SOCK_TCP,
			.family = (i & 1) != 0 ? 4 : 6,
			.hz = 100,
			.timer = true };

		cut = 1 + seed_next(&seed) % (sizeof(good) - 1);
		copy = xmalloc(cut);
		memcpy(copy, good, cut);
		for (k = 0; k < 3; k++)
			copy[seed_next(&seed) % cut] =
			    (char)(seed_next(&seed) & 0xff);
		(void)procnet_parse(copy, cut, &w, &r);
		free(copy);
	}
}

/* A directory that looks like /proc. */
static void
write_net(const char *root, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/net", root);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/net/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
remove_net(const char *root)
{
	static const char *const names[] = { "tcp", "tcp6", "udp", "udp6" };
	char path[256];
	size_t i;

	for (i = 0; i < nitems(names); i++) {
		snprintf(path, sizeof(path), "%s/net/%s", root, names[i]);
		(void)unlink(path);
	}
	snprintf(path, sizeof(path), "%s/net", root);
	(void)rmdir(path);
	(void)rmdir(root);
}

#define ROW(sl, port, st, inode)                                        \
	"   " sl ": 0100007F:" port " 00000000:0000 " st                \
	" 00000000:00000000 00:00000000 00000000     0        0 " inode \
	" 1 0000000000000000 100 0 0 10 0\n"

static void
whole_tables(void **state)
{
	char root[] = "/tmp/sockdeck-net.XXXXXX", *cause = NULL;
	struct got got = { 0 };
	struct sink sink = { .sock = got_sock, .arg = &got };
	struct request req = everything;
	struct source *src;
	struct snap *snap = snap_new();
	uint64_t first;

	(void)state;
	assert_non_null(mkdtemp(root));
	/* One row twice (read in two pieces), one garbled, two sockets that
	 * share an address (SO_REUSEPORT), the last line cut. */
	write_net(root, "tcp",
	    TCP_HEAD ROW("0", "0016", "0A", "100") ROW("1", "0017", "0A", "101")
		ROW("1", "0017", "0A", "101") "garbage\n" ROW(
		    "2", "0017", "0A", "102") ROW("3", "0018", "01",
		    "103") "   4: 0100007F:0019 00000000:0000 0A 00000000:000");
	write_net(root, "udp", TCP_HEAD);
	assert_int_equal(source_procfs.open(&src, root, &cause), 0);
	assert_int_equal(source_procfs.read(src, &req, &sink, snap, &cause), 0);
	assert_int_equal(got.n, 4);
	assert_int_equal(snap->source, SOURCE_PROCFS);
	assert_int_equal(snap->nwarnings, 1);
	assert_non_null(strstr(snap->warning[0], "2 lines"));
	assert_true((snap->flags & SNAP_PARTIAL) != 0);
	assert_true(got.rec[1].cookie != got.rec[2].cookie);
	first = got.rec[0].cookie;
	snap_free(snap);

	/* The next reading: the same keys; only what is asked for. */
	got.n = 0;
	snap = snap_new();
	req.states = SOCK_STATE_BIT(SOCK_LISTEN);
	assert_int_equal(source_procfs.read(src, &req, &sink, snap, &cause), 0);
	assert_int_equal(got.n, 3);
	assert_true(got.rec[0].cookie == first);
	got.n = 0;
	req.tcp = false;
	assert_int_equal(source_procfs.read(src, &req, &sink, snap, &cause), 0);
	assert_int_equal(got.n, 0);
	snap_free(snap);

	/* Nothing to read at all is an error, with a sentence. */
	remove_net(root);
	snap = snap_new();
	assert_int_equal(
	    source_procfs.read(src, &everything, &sink, snap, &cause), -ENOENT);
	assert_non_null(cause);
	free(cause);
	snap_free(snap);
	source_procfs.close(src);
	free(got.rec);
}

static const struct sock_rec *
by_inode(const struct got *g, uint32_t inode)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->rec[i].inode == inode)
			return &g->rec[i];
	return NULL;
}

static uint32_t
inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

/* Real sockets on the loopback interface. */
static void
real_sockets(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	struct got got = { 0 };
	struct sink sink = { .sock = got_sock, .arg = &got };
	struct source *src;
	struct snap *snap = snap_new();
	const struct sock_rec *r;
	char *cause = NULL;
	int lst, cli, udp;

	(void)state;
	if (access("/proc/net/tcp", R_OK) != 0)
		skip();
	lst = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(lst, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(lst, 5), 0);
	assert_int_equal(getsockname(lst, (struct sockaddr *)&sin, &len), 0);
	cli = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(cli, (struct sockaddr *)&sin, len), 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(udp, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(source_procfs.open(&src, NULL, &cause), 0);
	assert_int_equal(
	    source_procfs.read(src, &everything, &sink, snap, &cause), 0);

	r = by_inode(&got, inode_of(lst));
	assert_non_null(r);
	assert_int_equal(r->state, SOCK_LISTEN);
	assert_int_equal(r->recvq, 1); /* not yet accepted */
	address_is(&r->local, 4, "127.0.0.1");
	assert_int_equal(r->local.port, ntohs(sin.sin_port));
	assert_int_equal(r->uid, geteuid());
	r = by_inode(&got, inode_of(cli));
	assert_non_null(r);
	assert_int_equal(r->state, SOCK_ESTABLISHED);
	assert_int_equal(r->peer.port, ntohs(sin.sin_port));
	r = by_inode(&got, inode_of(udp));
	assert_non_null(r);
	assert_int_equal(r->state, SOCK_CONNECTED);
	assert_int_equal(r->proto, SOCK_UDP);
	assert_true(r->netns != 0);
	close(lst);
	close(cli);
	close(udp);
	snap_free(snap);
	source_procfs.close(src);
	free(got.rec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(garbled),
		cmocka_unit_test(whole_tables),
		cmocka_unit_test(real_sockets),
	};

	return cmocka_run_group_tests_name("src_procfs", tests, NULL, NULL);
}
