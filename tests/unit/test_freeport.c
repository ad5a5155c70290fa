/* SPDX-License-Identifier: ISC */
/* Which ports are tried, in which order, and what is said of the rest. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "know/service.h"
#include "know/state.h"
#include "model/freeport.h"

static struct port_limits
limits(void)
{
	struct port_limits l = { .ephemeral_lo = 32768,
		.ephemeral_hi = 60999,
		.reserved_known = true };

	portset_add_range(&l.reserved, 20000, 20009);
	return l;
}

static void
test_avoids(void **state)
{
	struct freeport_ask ask = {
		.proto = SOCK_TCP, .lo = 1024, .hi = 65535
	};
	struct port_limits l = limits();
	static struct portset seen;
	struct freeport f;
	uint32_t n = 0;
	uint16_t port;

	(void)state;
	freeport_init(&f, &ask, &l);
	while (freeport_next(&f, &port)) {
		assert_true(portset_add(&seen, port)); /* never twice */
		assert_true(port >= 1024);
		assert_true(port < 32768 || port > 60999);
		assert_true(port < 20000 || port > 20009);
		assert_null(service_name(port, SOCK_TCP));
		n++;
	}
	assert_true(n > 20000);
	assert_int_equal(f.passed[FREEPORT_EPHEMERAL], 60999 - 32768 + 1);
	assert_int_equal(f.passed[FREEPORT_RESERVED], 10);
	assert_int_equal(n + f.passed[FREEPORT_EPHEMERAL] +
			     f.passed[FREEPORT_RESERVED] +
			     f.passed[FREEPORT_REGISTERED],
	    65535 - 1024 + 1);
	ask.registered = ask.ephemeral = ask.reserved = true;
	freeport_init(&f, &ask, &l);
	for (n = 0; freeport_next(&f, &port); n++)
		;
	assert_int_equal(n, 65535 - 1024 + 1);
}

static void
test_order(void **state)
{
	struct freeport_ask ask = {
		.proto = SOCK_TCP, .lo = 61100, .hi = 61199, .seed = 7
	};
	struct port_limits l = limits();
	struct freeport f, g;
	uint16_t a, b, first, last = 0;

	(void)state;
	/* The same seed, the same order; another seed, another start. */
	freeport_init(&f, &ask, &l);
	freeport_init(&g, &ask, &l);
	assert_true(freeport_next(&f, &first));
	assert_true(freeport_next(&g, &b));
	assert_int_equal(first, b);
	do {
		ask.seed++;
		freeport_init(&g, &ask, &l);
		assert_true(freeport_next(&g, &b));
	} while (b == first && ask.seed < 100);
	assert_int_not_equal(b, first);
	ask.narrow = true;
	freeport_init(&f, &ask, &l);
	while (freeport_next(&f, &a)) {
		assert_true(a > last);
		last = a;
	}
	assert_true(last > 61190);
}

/* Two who ask at once seldom get the same port. */
static void
test_spread(void **state)
{
	struct freeport_ask ask = {
		.proto = SOCK_TCP, .lo = 1024, .hi = 65535
	};
	struct port_limits l = limits();
	static unsigned times[65536];
	struct freeport f;
	unsigned most = 0;
	uint16_t port;

	(void)state;
	for (ask.seed = 0; ask.seed < 1000; ask.seed++) {
		freeport_init(&f, &ask, &l);
		assert_true(freeport_next(&f, &port));
		if (++times[port] > most)
			most = times[port];
	}
	if (most > 20)
		fail_msg("%u of 1000 seeds start at one port", most);
}

/* A single port is asked for by name. */
static void
test_single(void **state)
{
	struct freeport_ask ask = { 0 };
	struct port_limits l = limits();
	struct freeport f;
	char *cause = NULL;
	uint16_t port;

	(void)state;
	assert_int_equal(freeport_parse(&ask, "8080/tcp", &cause), 0);
	assert_non_null(service_name(8080, SOCK_TCP));
	freeport_init(&f, &ask, &l);
	assert_true(freeport_next(&f, &port));
	assert_int_equal(port, 8080);
	assert_false(freeport_next(&f, &port));
}

static void
test_parse(void **state)
{
	static const char *const wrong[] = { "", "0", "65536", "8100-8000",
		"8000/sctp", "8000/", "a-b", "-80", "80--90", "80-90-100",
		"/TCP ", " 80", "80,90", "8000-x" };
	struct freeport_ask ask;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ask = (struct freeport_ask){ .lo = 1, .hi = 2 };
		cause = NULL;
		assert_int_equal(
		    freeport_parse(&ask, wrong[i], &cause), -EINVAL);
		assert_non_null(cause);
		assert_false(ask.narrow);
		free(cause);
	}
	ask = (struct freeport_ask){ .proto = SOCK_TCP, .lo = 1, .hi = 2 };
	assert_int_equal(freeport_parse(&ask, "/udp", &cause), 0);
	assert_int_equal(ask.proto, SOCK_UDP);
	assert_int_equal(ask.hi, 2);
	assert_false(ask.narrow);
	assert_int_equal(freeport_parse(&ask, "61000-", &cause), 0);
	assert_int_equal(ask.lo, 61000);
	assert_int_equal(ask.hi, 65535);
}

static void
test_words(void **state)
{
	struct freeport_ask ask = {
		.proto = SOCK_TCP, .lo = 80, .hi = 81, .narrow = true
	};
	struct port_limits l = limits();
	struct freeport f;
	struct buf b = { 0 };

	(void)state;
	freeport_init(&f, &ask, &l);
	freeport_put_passed(&f, &b);
	assert_int_equal(b.len, 0);
	assert_true(freeport_failed(&f, -EADDRINUSE));
	assert_true(freeport_failed(&f, -EADDRINUSE));
	assert_true(freeport_failed(&f, -EACCES));
	assert_false(freeport_failed(&f, -EMFILE));
	freeport_put_passed(&f, &b);
	assert_string_equal(b.data, "2 in use, 1 not permitted");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_avoids),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
