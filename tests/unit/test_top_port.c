/* SPDX-License-Identifier: ISC */
/* The most common ports: ours, and those of a file. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "know/state.h"
#include "know/top_port.h"

static void
check_list(unsigned proto, uint32_t n)
{
	static unsigned char seen[65536];
	uint32_t i;

	memset(seen, 0, sizeof(seen));
	assert_int_equal(top_ports(proto), n);
	for (i = 0; i < n; i++) {
		assert_int_not_equal(top_port(proto, i), 0);
		if (seen[top_port(proto, i)])
			fail_msg("%u is there twice", top_port(proto, i));
		seen[top_port(proto, i)] = 1;
		assert_int_equal(top_port_rank(proto, top_port(proto, i)), i);
	}
	assert_int_equal(top_port(proto, n), 0);
	for (i = 0; i < 65536; i++)
		if (!seen[i])
			assert_int_equal(
			    top_port_rank(proto, (uint16_t)i), UINT32_MAX);
}

static void
check_within(unsigned proto, const uint16_t *port, size_t n, uint32_t rank)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (top_port_rank(proto, port[i]) >= rank)
			fail_msg("%u/%s is not among the first %u", port[i],
			    proto == SOCK_TCP ? "tcp" : "udp", rank);
}

static void
test_ours(void **state)
{
	/* What nobody would forgive to be missed by -F. */
	static const uint16_t tcp_first[] = { 21, 22, 23, 25, 53, 80, 88, 110,
		111, 135, 139, 143, 389, 443, 445, 465, 587, 631, 636, 993, 995,
		1433, 1521, 1723, 2049, 3306, 3389, 5060, 5432, 5900, 5985,
		6379, 8000, 8080, 8443, 8888, 9100, 9200, 11211, 25565, 27017,
		49152 };
	static const uint16_t udp_first[] = { 53, 67, 68, 69, 111, 123, 137,
		138, 161, 162, 500, 514, 520, 631, 1194, 1434, 1701, 1812, 1813,
		1900, 3478, 4500, 5060, 5353, 5355, 11211, 51820 };
	/* Ports that lessons and manuals of ports name, whatever they are of. */
	static const uint16_t named[] = { 20, 21, 22, 23, 25, 43, 53, 67, 68,
		80, 110, 113, 123, 135, 137, 138, 139, 143, 161, 162, 194, 389,
		443, 445, 465, 514, 587, 631, 666, 993, 995, 1433, 1434, 1521,
		1723, 1812, 1813, 2049, 3306, 3307, 3389, 5060, 5061, 5353,
		5432, 5900, 5985, 5986, 6379, 8080, 8443, 9000, 9200, 11211,
		25565 };
	static const uint16_t tcp_named[] = { 7, 9, 13, 19, 37, 79, 81, 88, 102,
		119, 179, 502, 554, 873, 1080, 1883, 2181, 2375, 2379, 3000,
		3128, 3260, 4369, 5222, 5269, 5672, 5901, 6000, 6443, 6667,
		7001, 8000, 8081, 8888, 9042, 9092, 9418, 10000, 10050, 15672,
		27017, 31337, 49152, 50000, 65535 };
	static const uint16_t udp_named[] = { 7, 19, 88, 177, 319, 500, 520,
		1701, 1900, 2123, 3702, 4500, 5683, 19132, 27015, 33434,
		47808 };

	(void)state;
	check_list(SOCK_TCP, TOP_PORTS);
	check_list(SOCK_UDP, TOP_PORTS);
	check_within(SOCK_TCP, tcp_first, nitems(tcp_first), 100);
	check_within(SOCK_UDP, udp_first, nitems(udp_first), 100);
	check_within(SOCK_TCP, named, nitems(named), TOP_PORTS);
	check_within(SOCK_UDP, named, nitems(named), TOP_PORTS);
	check_within(SOCK_TCP, tcp_named, nitems(tcp_named), TOP_PORTS);
	check_within(SOCK_UDP, udp_named, nitems(udp_named), TOP_PORTS);
	assert_int_equal(top_port(SOCK_TCP, 0), 80);
	assert_int_equal(top_port(SOCK_UDP, 0), 53);
}

static void
load(const char *text)
{
	top_port_load(text, strlen(text));
}

/* Anything that is no such file leaves our lists alone. */
static void
test_no_file(void **state)
{
	struct buf b = { 0 };
	int i;

	(void)state;
	load("");
	load("http 80/tcp 0.5\n");
	load("\n\n#\n\t/\n80/tcp\nx 80/tcp\nx 80/tcp y\nx 99999/tcp 0.3\n"
	     "x 80/sctp 0.2\nx 80/tcp 1.5\nx 80/tcp -1\nx 80/tcp nan\n");
	/* /etc/services has names where the frequency should be. */
	for (i = 1; i < 500; i++)
		buf_printf(&b, "s%d\t%d/tcp\talias # text\n", i, i);
	top_port_load(b.data, b.len);
	buf_done(&b);
	check_list(SOCK_TCP, TOP_PORTS);
	assert_int_equal(top_port(SOCK_TCP, 0), 80);
}

static void
test_file(void **state)
{
	struct buf b = { 0 };
	int i;

	(void)state;
	buf_puts(&b, "# a comment\nunknown\t7/tcp\t0.000000\t# never seen\n");
	for (i = 1; i <= 150; i++)
		buf_printf(&b, "s%d\t%d/tcp\t0.%06d\t# text\n", i, 1000 + i, i);
	buf_puts(&b, "again 1001/tcp 0.9\nhalf 5/udp 0.5\ncut 8/tcp 0.");
	top_port_load(b.data, b.len);
	/* 1001 first, then the most frequent; of UDP ours. */
	check_list(SOCK_TCP, 150);
	assert_int_equal(top_port(SOCK_TCP, 0), 1001);
	assert_int_equal(top_port(SOCK_TCP, 1), 1150);
	assert_int_equal(top_port(SOCK_TCP, 149), 1002);
	assert_int_equal(top_port_rank(SOCK_TCP, 80), UINT32_MAX);
	check_list(SOCK_UDP, TOP_PORTS);
	buf_puts(&b, "\nmore 2000/tcp 0.8\n");
	top_port_load(b.data, b.len);
	check_list(SOCK_TCP, 151);
	assert_int_equal(top_port(SOCK_TCP, 1), 2000);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
