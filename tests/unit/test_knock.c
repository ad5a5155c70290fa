/* SPDX-License-Identifier: ISC */
/* Ports to knock at, as they are typed. What is sent: tests/netns/knock.py. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/knock.h"

static void
ports(void **state)
{
	static const struct {
		const char *text;
		uint8_t proto;
		uint16_t port;
		uint8_t want;
	} good[] = {
		{ "7000", SOCK_TCP, 7000, SOCK_TCP },
		{ "7000", SOCK_UDP, 7000, SOCK_UDP },
		{ "1", SOCK_TCP, 1, SOCK_TCP },
		{ "65535/udp", SOCK_TCP, 65535, SOCK_UDP },
		{ "8000:udp", SOCK_TCP, 8000, SOCK_UDP },
		{ "8000/tcp", SOCK_UDP, 8000, SOCK_TCP },
	};
	struct knock_port p;
	char *cause = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(good); i++) {
		assert_int_equal(
		    knock_port_parse(good[i].text, good[i].proto, &p, &cause),
		    0);
		assert_int_equal(p.port, good[i].port);
		assert_int_equal(p.proto, good[i].want);
		assert_int_equal(p.state, KNOCK_WAITING);
	}
}

static void
not_ports(void **state)
{
	static const char *const bad[] = { "", "0", "65536", "-1", "+1", " 1",
		"1 ", "1/", "1/ud", "1/udp/tcp", "1/udp ", "/udp", "ssh", "1-3",
		"1,2", "0x10", "99999999999999999999", "7000/sctp",
		"1\033[31m/udp" };
	struct knock_port p = { .port = 7 };
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(bad); i++) {
		cause = NULL;
		assert_int_equal(
		    knock_port_parse(bad[i], SOCK_TCP, &p, &cause), -EINVAL);
		assert_non_null(strstr(cause, "not a port to knock at"));
		assert_null(strchr(cause, '\033'));
		free(cause);
	}
	assert_int_equal(p.port, 7);
}

static void
names(void **state)
{
	struct knock k = { .host = xstrdup("gate") };

	(void)state;
	assert_string_equal(knock_seen_name(KNOCK_FILTERED), "filtered");
	assert_string_equal(knock_seen_name(KNOCK_UNKNOWN), "-");
	assert_string_equal(knock_seen_name((enum knock_seen)99), "-");
	knock_done(&k);
	assert_null(k.host);
	knock_done(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(not_ports),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
