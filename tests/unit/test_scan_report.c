/* SPDX-License-Identifier: ISC */
/* A scan's events become a report: sorted, each port once, closed counted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "know/state.h"
#include "model/scan_report.h"
#include "seed.h"

static struct scan_event
event(enum scan_event_type type, unsigned last)
{
	struct scan_event e = { .type = type, .addr.family = 4 };

	e.addr.addr[0] = 192;
	e.addr.addr[2] = 2;
	e.addr.addr[3] = (uint8_t)last;
	return e;
}

static bool
port(struct scan_report *r, unsigned host, unsigned proto, unsigned number,
    enum scan_state state, enum scan_reason reason)
{
	struct scan_event e = event(SCAN_EV_PORT, host);

	e.port.proto = (uint8_t)proto;
	e.port.port = (uint16_t)number;
	e.port.state = state;
	e.port.reason = reason;
	if (number == 22)
		strcpy(e.port.service, "ssh");
	return scan_report_feed(r, &e);
}

static struct report_host *
host(struct scan_report *r, unsigned last)
{
	struct scan_event e = event(SCAN_EV_PORT, last);

	return scan_report_host(r, &e.addr);
}

static void
test_sorted(void **state)
{
	struct scan_report *r = scan_report_new();

	(void)state;
	assert_true(port(r, 9, SOCK_TCP, 443, SCAN_OPEN, REASON_SYN_ACK));
	assert_true(port(r, 4, SOCK_UDP, 53, SCAN_OPEN, REASON_UDP_RESPONSE));
	assert_true(port(r, 4, SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK));
	assert_true(port(r, 4, SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK));
	scan_report_sort(r);
	assert_int_equal(r->nhost, 2);
	assert_int_equal(r->nup, 2);
	assert_int_equal(r->nopen, 4);
	assert_int_equal(r->host[0]->addr.addr[3], 4);
	assert_int_equal(r->host[0]->port[0].port, 22);
	assert_int_equal(r->host[0]->port[1].port, 80);
	assert_int_equal(r->host[0]->port[2].port, 53);
	assert_string_equal(report_service(r, &r->host[0]->port[0]), "ssh");
	assert_string_equal(report_service(r, &r->host[0]->port[1]), "");
	assert_null(report_port_find(r->host[0], SOCK_TCP, 53));
	assert_non_null(report_port_find(r->host[0], SOCK_UDP, 53));
	scan_report_free(r);
}

static void
test_closed_are_counted(void **state)
{
	struct scan_report *r = scan_report_new();
	struct scan_event e = event(SCAN_EV_START, 0);
	struct report_host *h;

	(void)state;
	e.start.how = SCAN_SYN;
	scan_report_feed(r, &e);
	port(r, 4, SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK);
	port(r, 4, SOCK_TCP, 25, SCAN_CLOSED, REASON_RESET);
	port(r, 4, SOCK_TCP, 26, SCAN_FILTERED, REASON_NO_RESPONSE);
	e = event(SCAN_EV_HOST_END, 4);
	e.host_end.tcp = 1000;
	e.host_end.udp = 7;
	scan_report_feed(r, &e);
	scan_report_feed(r, &e); /* twice counts once */
	h = host(r, 4);
	assert_true(h->ended);
	assert_int_equal(h->nport, 2);
	assert_int_equal(h->count[0][SCAN_OPEN], 1);
	assert_int_equal(h->count[0][SCAN_FILTERED], 1);
	assert_int_equal(h->count[0][SCAN_CLOSED], 998);
	assert_int_equal(h->hidden[0][REASON_RESET], 998);
	assert_int_equal(h->hidden[1][REASON_PORT_UNREACH], 7);
	scan_report_free(r);
}

static void
test_told_twice(void **state)
{
	struct scan_report *r = scan_report_new();
	struct report_host *h;
	unsigned i;

	(void)state;
	/* Few, and so many that there is a set of them. */
	for (i = 1; i <= 200; i++)
		assert_true(
		    port(r, 4, SOCK_TCP, i, SCAN_FILTERED, REASON_NO_RESPONSE));
	for (i = 1; i <= 200; i++)
		assert_false(
		    port(r, 4, SOCK_TCP, i, SCAN_FILTERED, REASON_NO_RESPONSE));
	assert_int_equal(r->repeated, 200);
	/* An answer beats silence, silence beats nothing. */
	assert_true(port(r, 4, SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK));
	assert_false(
	    port(r, 4, SOCK_TCP, 22, SCAN_FILTERED, REASON_NO_RESPONSE));
	assert_false(port(r, 4, SOCK_TCP, 22, SCAN_CLOSED, REASON_RESET));
	h = host(r, 4);
	assert_int_equal(h->nport, 200);
	assert_int_equal(r->nopen, 1);
	assert_int_equal(h->count[0][SCAN_OPEN], 1);
	assert_int_equal(h->count[0][SCAN_FILTERED], 199);
	assert_int_equal(report_port_find(h, SOCK_TCP, 22)->state, SCAN_OPEN);
	scan_report_free(r);
}

/* Answers after silence, of many ports that are in no order, and in order: a
 * worker that tells all twice costs no more than one that does not. */
static void
test_all_told_twice(void **state)
{
	struct scan_report *r = scan_report_new();
	struct report_host *h;
	unsigned i, round;

	(void)state;
	for (i = 65535; i > 0; i--) {
		port(r, 4, SOCK_TCP, i, SCAN_FILTERED, REASON_NO_RESPONSE);
		port(r, 4, SOCK_UDP, i, SCAN_OPEN_FILTERED, REASON_NO_RESPONSE);
	}
	for (i = 65535; i > 0; i--)
		assert_true(
		    port(r, 4, SOCK_UDP, i, SCAN_OPEN, REASON_UDP_RESPONSE));
	h = host(r, 4);
	assert_false(h->sorted);
	for (round = 0; round < 2; round++) {
		for (i = 1 + round; i < 65536; i += 2)
			assert_true(
			    port(r, 4, SOCK_TCP, i, SCAN_CLOSED, REASON_RESET));
		scan_report_sort(r);
		/* One more: out of order again. */
		assert_true(port(r, 4, SOCK_TCP, 0, SCAN_OPEN,
				REASON_SYN_ACK) == (round == 0));
	}
	scan_report_sort(r);
	assert_int_equal(h->nport, 2 * 65535 + 1);
	assert_int_equal(r->nopen, 65535 + 1);
	assert_int_equal(h->count[0][SCAN_CLOSED], 65535);
	assert_int_equal(h->count[0][SCAN_FILTERED], 0);
	assert_int_equal(h->count[1][SCAN_OPEN_FILTERED], 0);
	for (i = 1; i < 65536; i++) {
		assert_int_equal(h->port[i].port, i);
		assert_int_equal(h->port[i].state, SCAN_CLOSED);
		assert_int_equal(h->port[65535 + i].port, i);
		assert_int_equal(h->port[65535 + i].state, SCAN_OPEN);
	}
	scan_report_free(r);
}

static void
test_silence_is_not_up(void **state)
{
	struct scan_report *r = scan_report_new();
	struct scan_event e = event(SCAN_EV_TARGET, 4);

	(void)state;
	strcpy(e.target.name, "web.example");
	scan_report_feed(r, &e);
	port(r, 4, SOCK_TCP, 22, SCAN_FILTERED, REASON_NO_RESPONSE);
	assert_false(host(r, 4)->up);
	assert_string_equal(host(r, 4)->name, "web.example");
	port(r, 4, SOCK_TCP, 23, SCAN_CLOSED, REASON_RESET);
	assert_true(host(r, 4)->up);
	assert_int_equal(r->nup, 1);
	/* What is excluded is no host of this scan. */
	e = event(SCAN_EV_TARGET, 5);
	strcpy(e.target.name, "secret.example");
	e.target.exclude = true;
	scan_report_feed(r, &e);
	assert_null(host(r, 5));
	scan_report_free(r);
}

/* Against a plain table: random ports, told several times. */
static void
test_random(void **state)
{
	unsigned round, i, n, proto, number;
	static uint8_t plain[2][64];
	struct scan_report *r;
	struct report_host *h;
	enum scan_state s;
	uint64_t seed = seed_begin("random");

	(void)state;
	for (round = 0; round < 200; round++) {
		r = scan_report_new();
		r->keep_closed = true;
		memset(plain, 0xff, sizeof plain);
		n = seed_next(&seed) % 300;
		for (i = 0; i < n; i++) {
			proto = seed_next(&seed) % 2;
			number = seed_next(&seed) % 64;
			s = seed_next(&seed) % 2 != 0 ? SCAN_OPEN : SCAN_CLOSED;
			port(r, 4, proto != 0 ? SOCK_UDP : SOCK_TCP, number, s,
			    REASON_RESET);
			if (plain[proto][number] == 0xff)
				plain[proto][number] = (uint8_t)s;
		}
		if (n == 0) {
			scan_report_free(r);
			continue;
		}
		scan_report_sort(r);
		h = r->host[0];
		for (i = n = 0; i < 128; i++) {
			if (plain[i / 64][i % 64] == 0xff)
				continue;
			assert_true(n < h->nport);
			assert_int_equal(h->port[n].port, i % 64);
			assert_int_equal(
			    h->port[n].state, plain[i / 64][i % 64]);
			n++;
		}
		assert_int_equal(n, h->nport);
		scan_report_free(r);
	}
}

static bool
service(struct scan_report *r, unsigned host, unsigned proto, unsigned number,
    const char *name, enum service_method method)
{
	struct scan_event e = event(SCAN_EV_FACT, host);

	e.fact.proto = (uint8_t)proto;
	e.fact.port = (uint16_t)number;
	strcpy(e.fact.name, "auth");
	strcpy(e.fact.value, name);
	(void)scan_report_feed(r, &e);
	e = event(SCAN_EV_SERVICE, host);
	e.service.proto = (uint8_t)proto;
	e.service.port = (uint16_t)number;
	e.service.info.method = method;
	e.service.info.conf = *name == '\0' ? 0 : 10;
	strcpy(e.service.info.name, name);
	strcpy(e.service.info.evidence, "bytes");
	return scan_report_feed(r, &e);
}

/* Each port has one answer of ours and one of nmap's; facts are those that came
 * before it. */
static void
test_services(void **state)
{
	struct scan_report *r = scan_report_new();
	struct service_info s;
	struct scan_event e;
	struct report_host *h;

	(void)state;
	port(r, 4, SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK);
	port(r, 4, SOCK_TCP, 80, SCAN_OPEN, REASON_SYN_ACK);
	/* Of no port that was told of. */
	assert_false(service(r, 4, SOCK_TCP, 81, "x", SERVICE_BY_TALK));
	assert_false(service(r, 5, SOCK_TCP, 22, "x", SERVICE_BY_TALK));
	assert_int_equal(r->nhost, 1);
	assert_int_equal(r->nasked, 0);

	assert_true(service(r, 4, SOCK_TCP, 22, "", SERVICE_BY_PORT));
	assert_int_equal(r->nasked, 1);
	assert_int_equal(r->nnamed, 0);
	assert_true(service(r, 4, SOCK_TCP, 22, "ssh", SERVICE_BY_TALK));
	assert_false(service(r, 4, SOCK_TCP, 22, "", SERVICE_BY_PORT));
	assert_true(service(r, 4, SOCK_TCP, 22, "sshd", SERVICE_BY_NMAP));
	assert_int_equal(r->nasked, 1);
	assert_int_equal(r->nnamed, 1);
	h = host(r, 4);
	assert_true(answers_get(&h->answers, SOCK_TCP, 22, false, &s));
	assert_string_equal(s.name, "ssh");
	assert_string_equal(s.evidence, "bytes");
	assert_string_equal(service_fact_get(&s, "auth"), "ssh");
	assert_true(answers_get(&h->answers, SOCK_TCP, 22, true, &s));
	assert_string_equal(s.name, "sshd");
	assert_true(answers_best(&h->answers, SOCK_TCP, 22, &s));
	assert_string_equal(s.name, "ssh");
	assert_false(answers_best(&h->answers, SOCK_TCP, 80, &s));
	assert_false(answers_best(&h->answers, SOCK_UDP, 22, &s));

	/* A fact of another port is not this one's. */
	e = event(SCAN_EV_FACT, 4);
	e.fact.proto = SOCK_TCP;
	e.fact.port = 23;
	strcpy(e.fact.name, "auth");
	strcpy(e.fact.value, "none");
	(void)scan_report_feed(r, &e);
	e = event(SCAN_EV_SERVICE, 4);
	e.service.proto = SOCK_TCP;
	e.service.port = 80;
	(void)scan_report_feed(r, &e);
	assert_true(answers_best(&h->answers, SOCK_TCP, 80, &s));
	assert_int_equal(s.nfacts, 0);
	scan_report_free(r);
}

/* Silence to one question; an answer to another. */
static void
test_silent_answers(void **state)
{
	struct scan_report *r = scan_report_new();
	struct report_host *h;

	(void)state;
	port(r, 4, SOCK_UDP, 53, SCAN_OPEN_FILTERED, REASON_NO_RESPONSE);
	port(r, 4, SOCK_UDP, 54, SCAN_OPEN_FILTERED, REASON_NO_RESPONSE);
	h = host(r, 4);
	assert_false(h->up);
	assert_true(service(r, 4, SOCK_UDP, 54, "", SERVICE_BY_PORT));
	assert_int_equal(r->nopen, 0);
	assert_true(service(r, 4, SOCK_UDP, 53, "domain", SERVICE_BY_TALK));
	assert_true(h->up);
	assert_int_equal(r->nopen, 1);
	assert_int_equal(h->count[1][SCAN_OPEN], 1);
	assert_int_equal(h->count[1][SCAN_OPEN_FILTERED], 1);
	assert_int_equal(
	    report_port_find(h, SOCK_UDP, 53)->reason, REASON_UDP_RESPONSE);
	scan_report_free(r);
}

static void
tell_to(void *arg, const struct scan_event *e)
{
	(void)scan_report_feed(arg, e);
}

/* As events again, and in another report: nothing is lost. */
static void
test_services_told(void **state)
{
	struct scan_report *r = scan_report_new(), *again = scan_report_new();
	struct service_info a, b;
	unsigned i;

	(void)state;
	for (i = 1; i <= 300; i++) {
		port(r, 4, SOCK_TCP, i, SCAN_OPEN, REASON_SYN_ACK);
		assert_true(service(r, 4, SOCK_TCP, i, i % 3 == 0 ? "" : "http",
		    SERVICE_BY_TALK));
		if (i % 2 == 0)
			assert_true(service(
			    r, 4, SOCK_TCP, i, "https", SERVICE_BY_NMAP));
	}
	scan_report_sort(r);
	scan_report_tell(r, tell_to, again);
	assert_int_equal(again->nasked, 300);
	assert_int_equal(again->nnamed, r->nnamed);
	for (i = 1; i <= 300; i++) {
		assert_true(answers_best(
		    &host(r, 4)->answers, SOCK_TCP, (uint16_t)i, &a));
		assert_true(answers_best(
		    &host(again, 4)->answers, SOCK_TCP, (uint16_t)i, &b));
		assert_memory_equal(&a, &b, sizeof(a));
	}
	scan_report_free(r);
	scan_report_free(again);
}

static bool
os(struct scan_report *r, unsigned last, enum os_basis basis, unsigned conf,
    const char *name)
{
	struct scan_event e = event(SCAN_EV_OS, last);

	e.os.basis = (uint8_t)basis;
	e.os.conf = (uint8_t)conf;
	strcpy(e.os.name, name);
	return scan_report_feed(r, &e);
}

static void
count_os(void *arg, const struct scan_event *e)
{
	if (e->type == SCAN_EV_OS)
		assert_true(scan_report_feed(arg, e));
	else
		(void)scan_report_feed(arg, e);
}

/* The surer answer stays, ours and nmap's beside each other. */
static void
test_systems(void **state)
{
	struct scan_report *r = scan_report_new(), *copy = scan_report_new();
	const struct report_host *h;

	(void)state;
	assert_false(os(r, 4, OS_BY_MEASURE, 90, "Linux")); /* nobody's */
	assert_true(port(r, 4, SOCK_TCP, 22, SCAN_OPEN, REASON_SYN_ACK));
	assert_null(report_os(host(r, 4)));
	assert_true(os(r, 4, OS_BY_MEASURE, 0, ""));
	assert_null(report_os(host(r, 4)));
	assert_true(os(r, 4, OS_BY_LITERATURE, 60, "OpenBSD"));
	assert_false(os(r, 4, OS_BY_MEASURE, 50, "lwIP"));
	assert_string_equal(report_os(host(r, 4))->name, "OpenBSD");
	assert_true(os(r, 4, OS_BY_NMAP, 50, "Plan 9"));
	assert_string_equal(report_os(host(r, 4))->name, "OpenBSD");
	assert_true(os(r, 4, OS_BY_NMAP, 97, "OpenBSD 7.4"));
	assert_string_equal(report_os(host(r, 4))->name, "OpenBSD 7.4");
	scan_report_sort(r);
	scan_report_tell(r, count_os, copy);
	h = host(copy, 4);
	assert_string_equal(h->os[0]->name, "OpenBSD");
	assert_string_equal(h->os[1]->name, "OpenBSD 7.4");
	scan_report_free(copy);
	scan_report_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_closed_are_counted),
		cmocka_unit_test(test_told_twice),
		cmocka_unit_test(test_all_told_twice),
		cmocka_unit_test(test_silence_is_not_up),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_silent_answers),
		cmocka_unit_test(test_services_told),
		cmocka_unit_test(test_systems),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
