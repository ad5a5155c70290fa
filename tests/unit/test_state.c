/* SPDX-License-Identifier: ISC */
/* States by every name, with facts for each; reach of addresses. */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "know/exposure.h"
#include "know/state.h"

static const enum sock_state all[] = { SOCK_ESTABLISHED, SOCK_SYN_SENT,
	SOCK_SYN_RECEIVED, SOCK_FIN_WAIT_1, SOCK_FIN_WAIT_2, SOCK_TIME_WAIT,
	SOCK_CLOSED, SOCK_CLOSE_WAIT, SOCK_LAST_ACK, SOCK_LISTEN, SOCK_CLOSING,
	SOCK_BOUND, SOCK_UNCONNECTED, SOCK_CONNECTED };

static void
names(void **state)
{
	static const char *const rfc[] = { "ESTABLISHED", "SYN-SENT",
		"SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT",
		"CLOSED", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
		"BOUND", "UNCONNECTED", "CONNECTED" };
	uint32_t mask = 0;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(all); i++) {
		assert_string_equal(sock_state_name(all[i]), rfc[i]);
		assert_int_equal(sock_state_parse(rfc[i]), all[i]);
		mask |= SOCK_STATE_BIT(all[i]);
	}
	/* bit 0 and 12, the kernel's NEW_SYN_RECV, are in it or not */
	assert_int_equal(mask, SOCK_STATES_ALL & ~SOCK_STATE_BIT(0));
	assert_string_equal(sock_state_name(SOCK_STATE_UNKNOWN), "-");
	assert_string_equal(sock_state_name(SOCK_NSTATES), "-");
	assert_string_equal(sock_state_name((enum sock_state)255), "-");
	assert_string_equal(sock_proto_name(6), "tcp");
	assert_string_equal(sock_proto_name(17), "udp");
	assert_string_equal(sock_proto_name(132), "-");
	assert_string_equal(sock_timer_name(TIMER_PERSIST), "persist");
	assert_string_equal(sock_timer_name((enum sock_timer)9), "-");
}

static void
spellings(void **state)
{
	static const struct {
		const char *name;
		enum sock_state state;
	} cases[] = {
		{ "estab", SOCK_ESTABLISHED },
		{ "ESTAB", SOCK_ESTABLISHED },
		{ "Established", SOCK_ESTABLISHED },
		{ "syn-sent", SOCK_SYN_SENT },
		{ "SYN_SENT", SOCK_SYN_SENT },
		{ "syn-recv", SOCK_SYN_RECEIVED },
		{ "SYN_RECV", SOCK_SYN_RECEIVED },
		{ "NEW_SYN_RECV", SOCK_SYN_RECEIVED },
		{ "syn_received", SOCK_SYN_RECEIVED },
		{ "fin-wait-1", SOCK_FIN_WAIT_1 },
		{ "FIN_WAIT1", SOCK_FIN_WAIT_1 },
		{ "fin-wait-2", SOCK_FIN_WAIT_2 },
		{ "finwait2", SOCK_FIN_WAIT_2 },
		{ "time-wait", SOCK_TIME_WAIT },
		{ "TIME_WAIT", SOCK_TIME_WAIT },
		{ "closed", SOCK_CLOSED },
		{ "CLOSE", SOCK_CLOSED },
		{ "close-wait", SOCK_CLOSE_WAIT },
		{ "last-ack", SOCK_LAST_ACK },
		{ "listen", SOCK_LISTEN },
		{ "listening", SOCK_LISTEN },
		{ "closing", SOCK_CLOSING },
		{ "bound", SOCK_BOUND },
		{ "bound-inactive", SOCK_BOUND },
		{ "BOUND_INACTIVE", SOCK_BOUND },
		{ "unconnected", SOCK_UNCONNECTED },
		{ "UNCONN", SOCK_UNCONNECTED },
		{ "connected", SOCK_CONNECTED },
		{ "", SOCK_STATE_UNKNOWN },
		{ "-", SOCK_STATE_UNKNOWN },
		{ "fin-wait", SOCK_STATE_UNKNOWN },
		{ "fin-wait-3", SOCK_STATE_UNKNOWN },
		{ "listens", SOCK_STATE_UNKNOWN },
		{ "lis", SOCK_STATE_UNKNOWN },
		{ "established ", SOCK_STATE_UNKNOWN },
		{ "establishedestablishedestablished", SOCK_STATE_UNKNOWN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++)
		if (sock_state_parse(cases[i].name) != cases[i].state)
			fail_msg("'%s' is %s", cases[i].name,
			    sock_state_name(sock_state_parse(cases[i].name)));
}

static void
facts(void **state)
{
	size_t i;
	int s;

	(void)state;
	for (i = 0; i < nitems(all); i++) {
		const struct state_fact *f = state_fact(all[i]);

		assert_int_equal(f->state, all[i]);
		if (strlen(f->brief) < 8 || strlen(f->brief) > 60 ||
		    strlen(f->meaning) < 40 || strlen(f->next) < 20 ||
		    strlen(f->lasts) < 10 || strlen(f->heap) < 20 ||
		    strlen(f->source) < 6)
			fail_msg("%s: too little or too much is said",
			    sock_state_name(all[i]));
	}
	for (s = -1; s < 300; s++)
		assert_non_null(state_fact((enum sock_state)s)->brief);
	assert_int_equal(
	    state_fact((enum sock_state)12)->state, SOCK_SYN_RECEIVED);
	assert_int_equal(
	    state_fact((enum sock_state)99)->state, SOCK_STATE_UNKNOWN);
}

static void
exposures(void **state)
{
	static const struct {
		const char *addr, *name;
	} cases[] = {
		{ "0.0.0.0", "all" },
		{ "127.0.0.1", "loopback" },
		{ "127.255.255.255", "loopback" },
		{ "128.0.0.1", "public" },
		{ "10.1.2.3", "private" },
		{ "11.0.0.1", "public" },
		{ "172.15.255.255", "public" },
		{ "172.16.0.1", "private" },
		{ "172.31.255.255", "private" },
		{ "172.32.0.0", "public" },
		{ "192.168.1.1", "private" },
		{ "192.167.1.1", "public" },
		{ "100.63.255.255", "public" },
		{ "100.64.0.1", "private" },
		{ "100.127.255.255", "private" },
		{ "100.128.0.0", "public" },
		{ "169.254.1.1", "link" },
		{ "224.0.0.251", "link" },
		{ "239.1.1.1", "private" },
		{ "255.255.255.255", "link" },
		{ "8.8.8.8", "public" },
		{ "::", "all" },
		{ "::1", "loopback" },
		{ "::2", "public" },
		{ "fe80::1", "link" },
		{ "febf::1", "link" },
		{ "fec0::1", "public" },
		{ "fc00::1", "private" },
		{ "fdff::1", "private" },
		{ "fe00::1", "public" },
		{ "ff02::fb", "link" },
		{ "ff05::1", "private" },
		{ "ff0e::1", "public" },
		{ "2001:db8::1", "public" },
		{ "::ffff:0.0.0.0", "all" },
		{ "::ffff:127.0.0.1", "loopback" },
		{ "::ffff:10.0.0.1", "private" },
		{ "::ffff:8.8.8.8", "public" },
	};
	uint8_t addr[16];
	enum exposure e;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		bool six = strchr(cases[i].addr, ':') != NULL;

		memset(addr, 0, sizeof(addr));
		assert_int_equal(
		    inet_pton(six ? AF_INET6 : AF_INET, cases[i].addr, addr),
		    1);
		e = exposure_of(addr, six ? 6 : 4);
		if (strcmp(exposure_name(e), cases[i].name) != 0)
			fail_msg("%s: %s", cases[i].addr, exposure_name(e));
		assert_true(strlen(exposure_words(e)) > 20);
	}
	assert_string_equal(exposure_name((enum exposure)99), "-");
	assert_string_equal(exposure_words((enum exposure)99), "-");
}

/* Sorting by state follows a socket's life; each state has a place. */
static void
ranks(void **state)
{
	bool taken[32] = { false };
	unsigned s, r;

	(void)state;
	for (s = 0; s < SOCK_NSTATES; s++) {
		if (s == 12)
			continue; /* the kernel's other SYN-RECEIVED */
		r = sock_state_rank((enum sock_state)s);
		assert_in_range(r, 1, nitems(taken) - 1);
		assert_false(taken[r]);
		taken[r] = true;
	}
	assert_true(
	    sock_state_rank(SOCK_LISTEN) < sock_state_rank(SOCK_SYN_SENT));
	assert_true(
	    sock_state_rank(SOCK_SYN_SENT) < sock_state_rank(SOCK_ESTABLISHED));
	assert_true(sock_state_rank(SOCK_ESTABLISHED) <
		    sock_state_rank(SOCK_TIME_WAIT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(spellings),
		cmocka_unit_test(facts),
		cmocka_unit_test(exposures),
		cmocka_unit_test(ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
