/* SPDX-License-Identifier: ISC */
/* -p: what is meant, how it is written again, in which order it is tried. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/array.h"
#include "base/text.h"
#include "know/service.h"
#include "know/state.h"
#include "know/top_port.h"
#include "model/scan_ports.h"

#define BOTH (SCAN_PROTO_TCP | SCAN_PROTO_UDP)

static struct scan_ports ports;

static void
expect(const char *text, unsigned protos, const char *want)
{
	struct buf b = { 0 };
	char *cause;

	memset(&ports, 0, sizeof(ports));
	if (scan_ports_parse(&ports, text, protos, &cause) != 0)
		fail_msg("%s: %s", text, cause);
	scan_ports_put(&ports, &b);
	if (strcmp(b.len > 0 ? b.data : "", want) != 0)
		fail_msg("%s: %s, not %s", text, b.data, want);
	buf_done(&b);
}

static void
test_numbers(void **state)
{
	(void)state;
	expect("22", SCAN_PROTO_TCP, "T:22");
	expect("22,80,1000-2000", SCAN_PROTO_TCP, "T:22,80,1000-2000");
	expect("80,22,80,20-25", SCAN_PROTO_TCP, "T:20-25,80");
	expect("-", SCAN_PROTO_TCP, "T:1-65535");
	expect("-100", SCAN_PROTO_TCP, "T:1-100");
	expect("60000-", SCAN_PROTO_TCP, "T:60000-65535");
	expect("0", SCAN_PROTO_TCP, "T:0");
	expect("0-65535", SCAN_PROTO_TCP, "T:0-65535");
	expect(" 22, 80 ", SCAN_PROTO_TCP, "T:22,80");
	expect("53", SCAN_PROTO_UDP, "U:53");
	expect("53", BOTH, "T:53,U:53");
	expect("T:80,U:53", BOTH, "T:80,U:53");
	expect("T:80,81,U:53,54,t:82", SCAN_PROTO_TCP, "T:80-82,U:53-54");
	expect("1,U:53", SCAN_PROTO_TCP, "T:1,U:53");
	expect("U:-", SCAN_PROTO_TCP, "U:1-65535");
}

static void
test_names(void **state)
{
	(void)state;
	expect("ssh", SCAN_PROTO_TCP, "T:22");
	expect("SSH,smb", SCAN_PROTO_TCP, "T:22,445");
	expect("domain", BOTH, "T:53,U:53");
	expect("T:domain,U:ntp", BOTH, "T:53,U:123");
	expect("tft?", SCAN_PROTO_UDP, "U:69");
	memset(&ports, 0, sizeof(ports));
	expect("http*", SCAN_PROTO_TCP,
	    "T:80,280,443,593,3000,4443,5000,8000,8008,8080,8443");
	expect("[1-25]", SCAN_PROTO_TCP, "T:1,7,9,11,13,15,17-25");
	expect("[1-25],2,[79-80]", SCAN_PROTO_TCP,
	    "T:1-2,7,9,11,13,15,17-25,79-80");
	expect("[1-9,20-22],30", SCAN_PROTO_TCP, "T:1,7,9,20-22,30");
	expect("[T:20-22,U:67-69]", BOTH, "T:20-22,U:67-69");
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *text, *want;
		unsigned protos;
	} wrong[] = {
		{ "", "is missing", SCAN_PROTO_TCP },
		{ ",", "is missing", SCAN_PROTO_TCP },
		{ "22,", "is missing", SCAN_PROTO_TCP },
		{ "T:", "is missing", SCAN_PROTO_TCP },
		{ "[]", "is missing", SCAN_PROTO_TCP },
		{ "65536", "\"65536\": a port is a number from 0 to 65535",
		    SCAN_PROTO_TCP },
		{ "22,1-65536", "\"1-65536\"", SCAN_PROTO_TCP },
		{ "1-2-3", "\"1-2-3\"", SCAN_PROTO_TCP },
		{ "--", "\"--\"", SCAN_PROTO_TCP },
		{ "100-1", "\"100-1\": goes backwards", SCAN_PROTO_TCP },
		{ "htpt", "is http meant?", SCAN_PROTO_TCP },
		{ "zzzzzzzzz", "\"zzzzzzzzz\": no service has this name",
		    SCAN_PROTO_TCP },
		{ "zz*", "no service has this name", SCAN_PROTO_TCP },
		{ "ntp", "\"ntp\": is no service of TCP", SCAN_PROTO_TCP },
		{ "ssh", "\"ssh\": is no service of UDP", SCAN_PROTO_UDP },
		{ "S:22", "\"S:22\": T: (TCP) and U: (UDP)", SCAN_PROTO_TCP },
		{ "P:6", "T: (TCP) and U: (UDP)", SCAN_PROTO_TCP },
		{ "[1-5", "] is missing", SCAN_PROTO_TCP },
		{ "1-5]", "] without [", SCAN_PROTO_TCP },
		{ "[[1]]", "", SCAN_PROTO_TCP },
		{ "[0]", "\"0\": no service is known there", SCAN_PROTO_TCP },
		{ "22;80", "no service has this name", SCAN_PROTO_TCP },
		{ "22 80", "divided by commas", SCAN_PROTO_TCP },
		{ "\033[1m", "\\x1b", SCAN_PROTO_TCP },
	};
	char *cause, *again;
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < nitems(wrong); i++) {
		memset(&ports, 0, sizeof(ports));
		(void)portset_add(&ports.tcp, 7);
		cause = NULL;
		if (scan_ports_parse(&ports, wrong[i].text, wrong[i].protos,
			&cause) != -EINVAL)
			fail_msg("%s: taken", wrong[i].text);
		if (strstr(cause, wrong[i].want) == NULL)
			fail_msg("%s: %s", wrong[i].text, cause);
		again = text_clean(cause, strlen(cause));
		assert_string_equal(again, cause);
		free(again);
		free(cause);
		/* As it was. */
		assert_int_equal(scan_ports_count(&ports), 1);
	}
	buf_pad(&b, 'x', 100000);
	assert_int_equal(
	    scan_ports_parse(&ports, b.data, SCAN_PROTO_TCP, &cause), -EINVAL);
	assert_true(strlen(cause) < 200);
	free(cause);
	buf_done(&b);
}

/* No pattern takes long. */
static void
test_pattern_cost(void **state)
{
	struct buf b = { 0 };
	char *cause;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_puts(&b, "*a*?");
	assert_int_equal(
	    scan_ports_parse(&ports, b.data, SCAN_PROTO_TCP, &cause), -EINVAL);
	free(cause);
	buf_done(&b);
}

static void
test_top(void **state)
{
	(void)state;
	memset(&ports, 0, sizeof(ports));
	scan_ports_top(&ports, SCAN_PROTO_TCP, 100);
	assert_int_equal(scan_ports_count(&ports), 100);
	assert_true(portset_has(&ports.tcp, 22));
	scan_ports_top(&ports, SCAN_PROTO_UDP, 10);
	assert_int_equal(scan_ports_count(&ports), 110);
	scan_ports_top(&ports, BOTH, 1000000);
	assert_int_equal(scan_ports_count(&ports), 2 * TOP_PORTS);
}

static void
test_order(void **state)
{
	static const struct scan_port want[] = { { 80, SOCK_TCP },
		{ 53, SOCK_UDP }, { 443, SOCK_TCP }, { 22, SOCK_TCP },
		{ 53, SOCK_TCP }, { 59123, SOCK_TCP }, { 59124, SOCK_TCP },
		{ 59123, SOCK_UDP } };
	struct scan_port *list;
	uint32_t n, common, i;

	(void)state;
	memset(&ports, 0, sizeof(ports));
	expect("T:59124,59123,22,53,80,443,U:53,59123", BOTH,
	    "T:22,53,80,443,59123-59124,U:53,59123");
	list = scan_ports_list(&ports, &n, &common);
	assert_int_equal(n, nitems(want));
	assert_int_equal(common, 5);
	for (i = 0; i < n; i++) {
		assert_int_equal(list[i].port, want[i].port);
		assert_int_equal(list[i].proto, want[i].proto);
	}
	free(list);
	expect("0-65535", BOTH, "T:0-65535,U:0-65535");
	list = scan_ports_list(&ports, &n, &common);
	assert_int_equal(n, 2 * 65536);
	assert_int_equal(common, 2 * TOP_PORTS);
	for (i = 0; i < n; i++) {
		struct portset *s =
		    list[i].proto == SOCK_TCP ? &ports.tcp : &ports.udp;

		assert_true(portset_has(s, list[i].port));
		s->word[list[i].port / 64] &=
		    ~(UINT64_C(1) << (list[i].port % 64));
	}
	assert_int_equal(scan_ports_count(&ports), 0);
	free(list);
	list = scan_ports_list(&ports, &n, &common);
	assert_int_equal(n, 0);
	assert_int_equal(common, 0);
	free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_pattern_cost),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
