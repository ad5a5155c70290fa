/* SPDX-License-Identifier: ISC */
/* A scan of this machine, held against what listens here. */
#include "config.h"

#include "rows_help.h"

#include "model/scan_self.h"

enum {
	HERE = 1,
	ELSEWHERE = 2
};

static struct {
	struct table *table;
	struct scan_report *report;
	struct scan_ports *asked;
	struct scan_self self;
	struct snap *snap;
	uint64_t cookie, began_ns;
} t;

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.table = table_new();
	t.report = scan_report_new();
	t.asked = xcalloc(1, sizeof(*t.asked));
	portset_add_range(&t.asked->tcp, 1, 65535);
	t.snap = help_snap(10 * SEC, SNAP_OWNERS);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scan_self_done(&t.self);
	scan_report_free(t.report);
	table_free(t.table);
	snap_free(t.snap);
	free(t.asked);
	return 0;
}

static struct scan_addr
addr(const char *text)
{
	struct scan_addr a;

	assert_true(scan_addr_parse(&a, text));
	return a;
}

/* A socket that listens at this address; "": all of them. */
static struct snap_sock *
listens(uint32_t netns, uint8_t proto, uint8_t family, const char *at,
    uint16_t port, const char *comm)
{
	struct sock_rec r;
	struct snap_sock *s;
	struct scan_addr a;

	memset(&r, 0, sizeof(r));
	r.cookie = ++t.cookie;
	r.netns = netns;
	r.proto = proto;
	r.family = family;
	r.state = proto == SOCK_UDP ? SOCK_UNCONNECTED : SOCK_LISTEN;
	r.known = KNOWN_V6ONLY | KNOWN_IFACE;
	if (*at != '\0') {
		a = addr(at);
		memcpy(r.local.addr, a.addr, 16);
	}
	r.local.port = port;
	s = help_put(t.snap, r);
	if (comm != NULL)
		help_own(s, (pid_t)(100 + t.cookie), comm);
	return s;
}

static void
port(const char *at, uint8_t proto, uint16_t number, enum scan_state state,
    enum scan_reason reason)
{
	struct scan_event e = { .type = SCAN_EV_PORT,
		.addr = addr(at),
		.port = { .port = number,
		    .proto = proto,
		    .state = state,
		    .reason = reason } };

	(void)scan_report_feed(t.report, &e);
}

/* The host is over: what was not told was closed. */
static void
host(const char *at, bool over)
{
	struct scan_event e = { .type = SCAN_EV_HOST,
		.addr = addr(at),
		.host = { .up = true, .reason = REASON_LOCALHOST } };

	(void)scan_report_feed(t.report, &e);
	if (!over)
		return;
	e = (struct scan_event){ .type = SCAN_EV_HOST_END, .addr = addr(at) };
	(void)scan_report_feed(t.report, &e);
}

/* "foreign 22/tcp 127.0.0.1; filtered .." */
static void
expect(const char *want)
{
	struct buf got = { 0 };
	size_t i;

	table_merge(t.table, t.snap, NULL);
	scan_self_done(&t.self);
	scan_self(&t.self, &(struct self_ask){ .report = t.report,
			       .table = t.table,
			       .netns = HERE,
			       .asked = t.asked,
			       .began_ns = t.began_ns });
	for (i = 0; i < t.self.n; i++) {
		buf_printf(&got, "%s%s ", i > 0 ? "; " : "",
		    self_verdict_name(t.self.line[i].verdict));
		self_put_port(&t.self.line[i], &got);
		if (t.self.line[i].naddr > 0)
			buf_putc(&got, ' ');
		self_put_where(&t.self, &t.self.line[i], &got);
	}
	assert_string_equal(got.len > 0 ? got.data : "", want);
	buf_done(&got);
}

static void
test_verdicts(void **state)
{
	(void)state;
	listens(HERE, SOCK_TCP, 4, "", 22, "sshd");
	listens(HERE, SOCK_TCP, 4, "", 80, "nginx");
	listens(HERE, SOCK_TCP, 4, "", 81, "httpd");
	listens(HERE, SOCK_TCP, 4, "127.0.0.53", 53, "resolved");
	host("127.0.0.1", true);
	host("10.0.0.5", true);
	port("127.0.0.1", SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK);
	port("10.0.0.5", SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK);
	port("127.0.0.1", SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK);
	port("10.0.0.5", SOCK_TCP, 80, SCAN_FILTERED, REASON_NO_RESPONSE);
	port("10.0.0.5", SOCK_TCP, 8080, SCAN_OPEN, REASON_SYN_ACK);
	/* 81 was told of nowhere: closed, at both. */
	expect("foreign 8080/tcp 10.0.0.5; filtered 80/tcp 10.0.0.5; "
	       "refused 81/tcp 10.0.0.5 127.0.0.1; "
	       "reachable 22/tcp 10.0.0.5 127.0.0.1; "
	       "reachable 80/tcp 127.0.0.1; not-asked 53/tcp");
	assert_int_equal(t.self.count[SELF_OPEN], 2);
	assert_int_equal(t.self.count[SELF_FILTERED], 1);
}

/* The kernel gives a packet to the socket that is bound most narrowly. */
static void
test_narrowest(void **state)
{
	const struct self_line *l;

	(void)state;
	listens(HERE, SOCK_TCP, 4, "", 80, "wide");
	listens(HERE, SOCK_TCP, 4, "10.0.0.5", 80, "narrow");
	host("127.0.0.1", true);
	host("10.0.0.5", true);
	port("127.0.0.1", SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK);
	port("10.0.0.5", SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK);
	expect("reachable 80/tcp 127.0.0.1; reachable 80/tcp 10.0.0.5");
	l = t.self.line;
	assert_string_equal(l[0].row->owners.proc->comm, "wide");
	assert_string_equal(l[1].row->owners.proc->comm, "narrow");
}

static void
test_both_families(void **state)
{
	(void)state;
	listens(HERE, SOCK_TCP, 6, "", 443, "dual");
	listens(HERE, SOCK_TCP, 6, "", 444, "six")->rec.flags = SOCKF_V6ONLY;
	listens(HERE, SOCK_TCP, 6, "::ffff:10.0.0.5", 445, "mapped");
	host("10.0.0.5", true);
	host("::1", true);
	port("10.0.0.5", SOCK_TCP, 443, SCAN_OPEN, REASON_SYN_ACK);
	port("::1", SOCK_TCP, 443, SCAN_OPEN, REASON_SYN_ACK);
	port("::1", SOCK_TCP, 444, SCAN_OPEN, REASON_SYN_ACK);
	port("10.0.0.5", SOCK_TCP, 445, SCAN_OPEN, REASON_SYN_ACK);
	/* And IPv4's 444 is nobody's. */
	port("10.0.0.5", SOCK_TCP, 444, SCAN_OPEN, REASON_SYN_ACK);
	expect("foreign 444/tcp 10.0.0.5; reachable 443/tcp 10.0.0.5 ::1; "
	       "reachable 444/tcp ::1; reachable 445/tcp 10.0.0.5");
}

static void
test_another_namespace(void **state)
{
	struct buf why = { 0 };

	(void)state;
	listens(ELSEWHERE, SOCK_TCP, 4, "", 8080, "web");
	host("127.0.0.1", true);
	port("127.0.0.1", SOCK_TCP, 8080, SCAN_OPEN, REASON_SYN_ACK);
	names_set(t.table->names, NAME_NETNS, 0, ELSEWHERE, "blue");
	expect("foreign 8080/tcp 127.0.0.1");
	assert_null(t.self.line[0].row);
	assert_non_null(t.self.line[0].elsewhere);
	self_put_why(&t.self.line[0], t.table, &why);
	assert_non_null(strstr(why.data, "In namespace blue web (101)"));
	buf_done(&why);
}

static void
test_udp(void **state)
{
	(void)state;
	listens(HERE, SOCK_UDP, 4, "", 53, "dns");
	listens(HERE, SOCK_UDP, 4, "", 68, "dhcp");
	listens(HERE, SOCK_UDP, 4, "", 69, "tftp");
	listens(HERE, SOCK_UDP, 4, "", 70, "new");
	(void)portset_add(&t.asked->udp, 53);
	(void)portset_add(&t.asked->udp, 68);
	(void)portset_add(&t.asked->udp, 69);
	host("127.0.0.1", true);
	port("127.0.0.1", SOCK_UDP, 53, SCAN_OPEN, REASON_UDP_RESPONSE);
	port("127.0.0.1", SOCK_UDP, 68, SCAN_OPEN_FILTERED, REASON_NO_RESPONSE);
	port("127.0.0.1", SOCK_UDP, 69, SCAN_FILTERED, REASON_ADMIN_PROHIBITED);
	expect("filtered 69/udp 127.0.0.1; reachable 53/udp 127.0.0.1; "
	       "silent 68/udp 127.0.0.1; not-asked 70/udp 127.0.0.1");
}

/* What a scan sends from is nothing that somebody offers, and not asked. */
static void
test_own_sockets(void **state)
{
	struct scan_ports ports = { 0 };
	struct buf targets = { 0 };
	size_t i;

	(void)state;
	listens(HERE, SOCK_UDP, 4, "", 53, "dns");
	listens(HERE, SOCK_UDP, 4, "127.0.0.7", 40100, "sockdeck-scan");
	(void)portset_add(&t.asked->udp, 53);
	host("127.0.0.1", true);
	port("127.0.0.1", SOCK_UDP, 53, SCAN_OPEN, REASON_UDP_RESPONSE);
	table_merge(t.table, t.snap, NULL);
	for (i = 0; i < t.table->n; i++)
		if (t.table->row[i]->rec.local.port == 40100)
			t.table->row[i]->flags |= ROW_SCAN;
	expect("reachable 53/udp 127.0.0.1");
	(void)scan_self_targets(t.table, HERE, 0, NULL, 0, &targets);
	assert_int_equal(targets.len, 0);
	scan_self_ports(t.table, HERE, SCAN_PROTO_UDP, &ports);
	assert_int_equal(portset_count(&ports.udp, 0, 65535), 1);
	buf_done(&targets);
}

static void
test_not_yet(void **state)
{
	(void)state;
	listens(HERE, SOCK_TCP, 4, "", 22, "sshd");
	host("127.0.0.1", false);
	expect("not-asked 22/tcp 127.0.0.1");
	host("127.0.0.1", true);
	expect("refused 22/tcp 127.0.0.1");
}

/* What came to listen while the scan went on was not refused. */
static void
test_came_meanwhile(void **state)
{
	struct snap *first = help_snap(5 * SEC, SNAP_OWNERS);

	(void)state;
	table_merge(t.table, first, NULL);
	snap_free(first);
	t.began_ns = 7 * SEC;
	listens(HERE, SOCK_TCP, 4, "", 22, "sshd");
	host("127.0.0.1", true);
	expect("not-asked 22/tcp 127.0.0.1");
	t.began_ns = 11 * SEC;
	expect("refused 22/tcp 127.0.0.1");
}

static void
test_shared(void **state)
{
	struct buf owner = { 0 };

	(void)state;
	listens(HERE, SOCK_TCP, 4, "", 80, "nginx");
	listens(HERE, SOCK_TCP, 4, "", 80, "nginx");
	listens(HERE, SOCK_TCP, 4, "", 80, NULL);
	host("127.0.0.1", true);
	port("127.0.0.1", SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK);
	expect("reachable 80/tcp 127.0.0.1");
	assert_int_equal(t.self.line[0].sockets, 3);
	self_put_owner(&t.self.line[0], &owner);
	assert_string_equal(owner.data, "nginx, pid 101");
	buf_done(&owner);
}

static void
test_words(void **state)
{
	struct buf b = { 0 };
	struct snap_sock *s;
	size_t i;

	(void)state;
	s = listens(HERE, SOCK_TCP, 4, "", 22, NULL);
	s->rec.ifindex = 3;
	listens(HERE, SOCK_TCP, 4, "", 23, "telnetd");
	names_set(t.table->names, NAME_IFACE, HERE, 3, "eth0");
	host("127.0.0.1", true);
	port("127.0.0.1", SOCK_TCP, 23, SCAN_FILTERED, REASON_ADMIN_PROHIBITED);
	expect("filtered 23/tcp 127.0.0.1; refused 22/tcp 127.0.0.1");
	self_put_why(&t.self.line[0], t.table, &b);
	assert_non_null(strstr(b.data, "admin-prohibited"));
	buf_reset(&b);
	self_put_why(&t.self.line[1], t.table, &b);
	assert_non_null(strstr(b.data, "bound to interface eth0"));
	buf_reset(&b);
	self_put_owner(&t.self.line[1], &b);
	assert_string_equal(b.data, "-"); /* not known, and said so */
	/* Not every silence is a firewall's. */
	t.self.line[0].row = t.self.line[1].row;
	((struct row *)(uintptr_t)t.self.line[0].row)->rec.known |=
	    KNOWN_QUEUES;
	((struct row *)(uintptr_t)t.self.line[0].row)->rec.recvq = 6;
	((struct row *)(uintptr_t)t.self.line[0].row)->rec.sendq = 5;
	buf_reset(&b);
	self_put_why(&t.self.line[0], t.table, &b);
	assert_non_null(strstr(b.data, "accept queue is full (6 of 5)"));
	for (i = 0; i < SELF_NVERDICTS; i++) {
		assert_non_null(self_verdict_name((enum self_verdict)i));
		assert_non_null(self_verdict_title((enum self_verdict)i));
	}
	buf_done(&b);
}

static void
test_targets(void **state)
{
	struct scan_addr own[70];
	struct buf out = { 0 };
	size_t i;

	(void)state;
	own[0] = addr("127.0.0.1");
	own[1] = addr("10.0.0.5");
	own[2] = addr("::1");
	listens(HERE, SOCK_TCP, 4, "127.0.0.53", 53, "resolved");
	listens(HERE, SOCK_TCP, 4, "10.0.0.5", 80, "nginx");
	listens(HERE, SOCK_TCP, 4, "", 22, "sshd");
	listens(ELSEWHERE, SOCK_TCP, 4, "10.9.9.9", 22, "sshd");
	listens(HERE, SOCK_UDP, 6, "fe80::1", 546, "dhcp")->rec.ifindex = 2;
	table_merge(t.table, t.snap, NULL);
	assert_int_equal(scan_self_targets(t.table, HERE, 0, own, 3, &out), 0);
	assert_string_equal(
	    out.data, "127.0.0.1 10.0.0.5 ::1 127.0.0.53 fe80::1%2");
	buf_reset(&out);
	(void)scan_self_targets(t.table, HERE, 6, own, 3, &out);
	assert_string_equal(out.data, "::1 fe80::1%2");
	buf_reset(&out);
	for (i = 0; i < 70; i++) {
		own[i] = addr("10.1.0.0");
		own[i].addr[3] = (uint8_t)i;
	}
	assert_int_equal(scan_self_targets(t.table, HERE, 0, own, 70, &out),
	    70 - SELF_ADDRS_MAX + 3);
	buf_done(&out);
}

static void
test_ports(void **state)
{
	struct scan_ports *p = xcalloc(1, sizeof(*p));

	(void)state;
	listens(HERE, SOCK_UDP, 4, "", 53, "dns");
	listens(ELSEWHERE, SOCK_UDP, 4, "", 54, "dns");
	listens(HERE, SOCK_TCP, 4, "", 22, "sshd");
	table_merge(t.table, t.snap, NULL);
	scan_self_ports(t.table, HERE, SCAN_PROTO_UDP, p);
	assert_int_equal(portset_count(&p->tcp, 0, 65535), 0);
	scan_self_ports(t.table, HERE, SCAN_PROTO_TCP | SCAN_PROTO_UDP, p);
	assert_int_equal(portset_count(&p->tcp, 0, 65535), 65535);
	assert_int_equal(portset_count(&p->udp, 0, 65535), 1);
	assert_true(portset_has(&p->udp, 53));
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_verdicts), T(test_narrowest), T(test_both_families),
		T(test_another_namespace), T(test_udp), T(test_own_sockets),
		T(test_not_yet), T(test_came_meanwhile), T(test_shared),
		T(test_words), T(test_targets), T(test_ports)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
