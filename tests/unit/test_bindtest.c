/* SPDX-License-Identifier: ISC */
/* The bind test asks the kernel: here it is compared with sockets that hold
 * a port of loopback. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "act/bindtest.h"
#include "know/state.h"

/* A socket of ours that holds a port the kernel chose. */
static int
hold(int type, uint32_t addr, bool listening, bool reuse, uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	sin.sin_addr.s_addr = htonl(addr);
	if (reuse)
		assert_int_equal(
		    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)),
		    0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static struct bindtest
loopback(unsigned proto, uint16_t port)
{
	struct bindtest t = {
		.proto = (uint8_t)proto, .family = 4, .port = port
	};

	t.addr[0] = 127;
	t.addr[3] = 1;
	return t;
}

static void
test_held(void **state)
{
	struct bindtest t;
	uint16_t port;
	int fd;

	(void)state;
	fd = hold(SOCK_STREAM, INADDR_LOOPBACK, true, false, &port);
	t = loopback(SOCK_TCP, port);
	assert_int_equal(bindtest(&t), -EADDRINUSE);
	assert_int_equal(
	    bindtest_any(SOCK_TCP, port, BINDTEST_LISTEN), -EADDRINUSE);
	assert_int_equal(bindtest_any(SOCK_UDP, port, 0), 0);
	t.addr[3] = 2; /* another address: free */
	assert_int_equal(bindtest(&t), 0);
	close(fd);
	t.addr[3] = 1;
	assert_int_equal(bindtest(&t), 0);
	assert_int_equal(bindtest_any(SOCK_TCP, port, BINDTEST_LISTEN), 0);
	/* It let go: again. */
	assert_int_equal(bindtest_any(SOCK_TCP, port, BINDTEST_LISTEN), 0);
}

static void
test_options(void **state)
{
	struct bindtest t;
	uint16_t port;
	int fd;

	(void)state;
	fd = hold(SOCK_STREAM, INADDR_LOOPBACK, true, true, &port);
	t = loopback(SOCK_TCP, port);
	assert_int_equal(bindtest(&t), -EADDRINUSE);
	t.flags = BINDTEST_REUSEPORT | BINDTEST_LISTEN;
	assert_int_equal(bindtest(&t), 0);
	close(fd);
	/* Bound, not listening: SO_REUSEADDR of both would do, one is not
	 * enough. */
	fd = hold(SOCK_STREAM, INADDR_LOOPBACK, false, false, &port);
	t = loopback(SOCK_TCP, port);
	t.flags = BINDTEST_REUSEADDR;
	assert_int_equal(bindtest(&t), -EADDRINUSE);
	close(fd);
	fd = hold(SOCK_DGRAM, INADDR_ANY, false, false, &port);
	t = loopback(SOCK_UDP, port);
	assert_int_equal(bindtest(&t), -EADDRINUSE);
	assert_int_equal(bindtest_any(SOCK_UDP, port, 0), -EADDRINUSE);
	close(fd);
}

static void
test_not_ours(void **state)
{
	struct bindtest t = loopback(SOCK_TCP, 0);

	(void)state;
	t.addr[0] = 192; /* 192.0.2.1: RFC 5737, nobody's */
	t.addr[1] = 0;
	t.addr[2] = 2;
	assert_int_equal(bindtest(&t), -EADDRNOTAVAIL);
	t = loopback(SOCK_TCP, 0);
	assert_int_equal(bindtest(&t), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
