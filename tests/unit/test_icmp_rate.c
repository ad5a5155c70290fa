/* SPDX-License-Identifier: ISC */
/* scan/icmp_rate.c against hosts that limit their ICMP errors in the ways that
 * are usual: nothing closed is taken for silent, and no token waits long. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "scan/icmp_rate.h"

#define MSEC  UINT64_C(1000000)
#define SEC   (1000 * MSEC)
#define PORTS 1000

/* Sends errors as Linux does (token_ns each, `burst` at once), or so many in
 * each whole second (window), as the BSDs do. */
struct target {
	uint64_t token_ns, burst, tokens_ns, at;
	uint32_t window, used;
	uint64_t window_at;
};

static bool
target_answers(struct target *t, uint64_t now)
{
	if (t->window != 0) {
		if (now / SEC != t->window_at) {
			t->window_at = now / SEC;
			t->used = 0;
		}
		return t->used++ < t->window;
	}
	t->tokens_ns += now - t->at;
	t->at = now;
	if (t->tokens_ns > t->burst * t->token_ns)
		t->tokens_ns = t->burst * t->token_ns;
	if (t->tokens_ns < t->token_ns)
		return false;
	t->tokens_ns -= t->token_ns;
	return true;
}

struct result {
	uint32_t closed, silent, packets;
	uint64_t took_ns;
};

/* What udp_pace.c does, without the engine: all ports at once, then repeats
 * one by one; `closed` of them are. A port is silent after two silences that
 * meant something. */
static struct result
scan(struct target *t, uint32_t ports, uint32_t closed, uint64_t rtt,
    uint64_t rto)
{
	static struct {
		uint64_t sent, due; /* of the packet that is under way */
		uint8_t meant;
		bool flying, answers, paced, over;
	} port[PORTS];
	struct icmp_rate r;
	struct result res = { 0 };
	uint64_t start = 100 * SEC, now;
	uint32_t left = ports, i, turn = 0, k;

	memset(port, 0, sizeof port);
	icmp_rate_init(&r, false, 1);
	t->at = start;
	t->tokens_ns = t->burst * t->token_ns;
	for (now = start; left > 0 && now < start + 5000 * SEC;
	     now += MSEC / 2) {
		for (i = 0; i < ports; i++) {
			if (!port[i].flying || now < port[i].due)
				continue;
			port[i].flying = false;
			if (port[i].answers) {
				icmp_rate_error(&r, port[i].paced, now);
				port[i].over = true;
				res.closed++;
				left--;
			} else if (icmp_rate_silence(&r, port[i].sent, 0) &&
				   ++port[i].meant == 2) {
				port[i].over = true;
				res.silent++;
				left--;
			}
		}
		for (k = 0; k < ports; k++) {
			i = (turn + k) % ports;
			if (port[i].over || port[i].flying)
				continue;
			if (port[i].sent != 0) {
				if (icmp_rate_when(&r) > now)
					continue;
				icmp_rate_sent(&r, now);
				port[i].paced = true;
				turn = i + 1;
			}
			port[i].flying = true;
			port[i].sent = now;
			/* Those at even places first, so that both kinds are
			 * mixed. */
			port[i].answers = i * 7919 % ports < closed &&
					  target_answers(t, now + rtt / 2);
			port[i].due = now + (port[i].answers ? rtt : rto);
			res.packets++;
		}
	}
	assert_int_equal(left, 0);
	res.took_ns = now - start;
	print_message("%u of %u closed: %u, %u silent, %u packets, %.1f s\n",
	    closed, ports, res.closed, res.silent, res.packets,
	    (double)res.took_ns / 1e9);
	return res;
}

/* Linux: net.ipv4.icmp_ratelimit. 194 errors after the first six are 194
 * seconds, whoever asks; what comes on top is ours. */
static void
test_linux(void **state)
{
	struct target t = { .token_ns = SEC, .burst = 6 };
	struct result r = scan(&t, 200, 200, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 200);
	assert_true(r.took_ns < 200 * SEC);
	assert_true(r.packets < 200 * 10);
}

static void
test_linux_far(void **state)
{
	struct target t = { .token_ns = SEC, .burst = 6 };
	struct result r = scan(&t, 100, 100, 200 * MSEC, 600 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 100);
	assert_true(r.took_ns < 100 * SEC);
}

static void
test_linux6(void **state)
{
	struct target t = { .token_ns = SEC / 4, .burst = 6 };
	struct result r = scan(&t, 200, 200, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 200);
	assert_true(r.took_ns < 54 * SEC);
}

/* 200 a second, and nothing until the next second begins. */
static void
test_window(void **state)
{
	struct target t = { .window = 200 };
	struct result r = scan(&t, PORTS, PORTS, 20 * MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, PORTS);
	assert_true(r.took_ns < 10 * SEC);
}

static void
test_slow(void **state)
{
	/* One in two seconds: rarer than any that is known. */
	struct target t = { .token_ns = 2 * SEC, .burst = 1 };
	struct result r = scan(&t, 30, 30, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 30);
}

/* Most are silent, some closed: the silent ones hold nothing up. */
static void
test_mixed(void **state)
{
	struct target t = { .token_ns = SEC, .burst = 6 };
	struct result r = scan(&t, 200, 40, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 40);
	assert_int_equal(r.silent, 160);
	assert_true(r.took_ns < 60 * SEC);
}

/* A firewall: no error ever comes, so silence is believed. */
static void
test_firewall(void **state)
{
	struct target t = { .token_ns = SEC, .burst = 6 };
	struct result r = scan(&t, PORTS, 0, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.silent, PORTS);
	assert_int_equal(r.packets, 2 * PORTS);
}

static void
test_no_limit(void **state)
{
	struct target t = { .token_ns = 1, .burst = PORTS };
	struct result r = scan(&t, PORTS, 900, MSEC, 100 * MSEC);

	(void)state;
	assert_int_equal(r.closed, 900);
	assert_int_equal(r.silent, 100);
	assert_true(r.took_ns < 6 * SEC);
}

/* How long it will take is told only after it was measured. */
static void
test_left(void **state)
{
	struct icmp_rate r;
	uint64_t now = SEC;
	int i;

	(void)state;
	icmp_rate_init(&r, false, 1);
	assert_true(icmp_rate_left(&r, 10) == UINT64_MAX);
	for (i = 0; i < 10; i++)
		icmp_rate_error(&r, true, now += SEC);
	assert_true(icmp_rate_left(&r, 10) == 10 * SEC);
}

/* An address of our own holds nothing back. */
static void
test_own(void **state)
{
	struct icmp_rate r;

	(void)state;
	icmp_rate_init(&r, true, 1);
	icmp_rate_error(&r, false, SEC);
	assert_true(icmp_rate_silence(&r, SEC, 0));
}

/* Another address of the same machine takes the tokens. */
static void
test_near(void **state)
{
	struct icmp_rate r;

	(void)state;
	icmp_rate_init(&r, false, 1);
	icmp_rate_error(&r, false, SEC);
	assert_true(icmp_rate_silence(&r, 10 * SEC, 0));
	assert_true(icmp_rate_silence(&r, 10 * SEC, SEC));
	assert_false(icmp_rate_silence(&r, 10 * SEC, 9 * SEC));
	/* One that never sent an error is waited for, not for ever. */
	icmp_rate_init(&r, false, 1);
	assert_false(icmp_rate_silence(&r, 10 * SEC, 9 * SEC));
	assert_false(icmp_rate_silence(&r, 12 * SEC, 11 * SEC));
	assert_true(icmp_rate_silence(&r, 14 * SEC, 13 * SEC));
	icmp_rate_init(&r, false, 1);
	assert_true(icmp_rate_silence(&r, 20 * SEC, 9 * SEC));
	assert_true(icmp_rate_silence(&r, 10 * SEC, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux),
		cmocka_unit_test(test_linux_far),
		cmocka_unit_test(test_linux6),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_firewall),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
