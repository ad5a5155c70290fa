/* SPDX-License-Identifier: ISC */
/* What is left of a scan whose worker is gone. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "know/state.h"
#include "model/scan_report.h"
#include "model/scan_rest.h"

static struct scan_report *report;
static struct scan_spec spec;

static int
setup(void **state)
{
	(void)state;
	report = scan_report_new();
	scan_spec_init(&spec);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scan_report_free(report);
	scan_spec_done(&spec);
	return 0;
}

static void
feed(enum scan_event_type type, uint8_t last, struct scan_event e)
{
	e.type = type;
	e.addr = (struct scan_addr){ .family = 4, .addr = { 10, 0, 0, last } };
	(void)scan_report_feed(report, &e);
}

static void
feed_start(void)
{
	feed(SCAN_EV_START, 0, (struct scan_event){ .start.seed = 42 });
}

static void
feed_port(uint8_t last, uint16_t port, uint8_t proto, enum scan_state state)
{
	feed(SCAN_EV_PORT, last,
	    (struct scan_event){ .port = { .port = port,
				     .proto = proto,
				     .state = state,
				     .reason = REASON_RESET } });
}

static void
feed_host(uint8_t last, uint64_t pos)
{
	feed(SCAN_EV_HOST, last,
	    (struct scan_event){ .host = { .pos = pos, .up = true } });
}

static void
test_nothing_heard(void **state)
{
	(void)state;
	scan_rest(&spec, report);
	assert_false(spec.seeded);
	assert_int_equal(spec.ndone, 0);
}

static void
test_settled(void **state)
{
	size_t i;

	(void)state;
	feed_start();
	feed_host(1, 10); /* over */
	feed_port(1, 22, SOCK_TCP, SCAN_OPEN);
	feed(SCAN_EV_HOST_END, 1,
	    (struct scan_event){ .host_end = { .pos = 10, .tcp = 1000 } });
	feed_host(2, 11); /* begun; a closed port is settled, too */
	feed_port(2, 80, SOCK_TCP, SCAN_OPEN);
	feed_port(2, 81, SOCK_TCP, SCAN_CLOSED);
	feed_port(2, 53, SOCK_UDP, SCAN_OPEN);
	feed_host(3, 12); /* nothing is known of it */
	feed_host(4, 13); /* was given up: not all is settled */
	feed_port(4, 25, SOCK_TCP, SCAN_OPEN);
	feed(SCAN_EV_HOST_END, 4,
	    (struct scan_event){ .host_end = { .pos = 13, .timeout = true } });
	feed_host(5, 3); /* all before 5 are over anyway */
	feed(SCAN_EV_PROGRESS, 0,
	    (struct scan_event){ .progress.hosts_upto = 5 });
	scan_rest(&spec, report);
	assert_true(spec.seeded);
	assert_int_equal(spec.seed, 42);
	assert_int_equal(spec.hosts_done, 5);
	assert_int_equal(spec.ndone, 3);
	for (i = 0; i < spec.ndone; i++)
		switch (spec.done[i].pos) {
		case 10:
			assert_null(spec.done[i].ports);
			break;
		case 11:
			assert_string_equal(spec.done[i].ports, "T:80-81,U:53");
			break;
		case 13:
			assert_string_equal(spec.done[i].ports, "T:25");
			break;
		default:
			fail_msg("position %u", (unsigned)spec.done[i].pos);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_nothing_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settled, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
