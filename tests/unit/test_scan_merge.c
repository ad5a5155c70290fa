/* SPDX-License-Identifier: ISC */
/* Shards put together: the same as the scan that was never divided. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/array.h"
#include "base/text.h"
#include "model/scan_merge.h"
#include "model/scan_report.h"
#include "scan_sim.h"

/* A shard's journal; nshards 0: all of it. cut: how much of it is left. */
static void
make_file(struct buf *b, uint32_t shard, uint32_t nshards, uint64_t seed,
    const char *ports)
{
	struct scan_spec spec;

	scan_spec_init(&spec);
	buf_puts(&spec.targets, "10.0.0.0/28");
	buf_puts(&spec.ports, ports);
	spec.tell = SCAN_TELL_ALL;
	spec.seeded = true;
	spec.seed = seed;
	spec.shard = shard;
	spec.nshards = nshards;
	buf_reset(b);
	scan_journal_put(b, &(struct journal_asked){ .spec = &spec,
				.began_s = 1000 - shard,
				.command = "sockdeck scan x" });
	sim_run(&spec, b, hash_mix(shard + 31 * nshards));
	scan_spec_done(&spec);
}

static int
add(struct scan_merge *m, const char *name, const char *data, size_t len,
    char **cause)
{
	size_t at, n;
	int r;

	scan_merge_file(m, name);
	for (at = 0; at < len; at += n) {
		n = len - at < 777 ? len - at : 777;
		if ((r = scan_merge_feed(m, data + at, n, cause)) != 0)
			return r;
	}
	return scan_merge_file_end(m, cause);
}

static void
must_add(struct scan_merge *m, const char *name, const struct buf *b)
{
	char *cause;

	if (add(m, name, b->data, b->len, &cause) != 0)
		fail_msg("%s", cause);
}

/* What a report says, as text: hosts by address, ports by number. */
static char *
as_text(struct scan_report *r)
{
	const struct report_port *p;
	struct report_host *h;
	char addr[SCAN_ADDR_TEXT];
	struct buf b = { 0 };
	size_t i, k;

	scan_report_sort(r);
	buf_printf(&b, "hosts %u probes %u repeated %u\n",
	    (unsigned)r->start.start.hosts, (unsigned)r->start.start.probes,
	    (unsigned)r->repeated);
	for (i = 0; i < r->nhost; i++) {
		h = r->host[i];
		buf_printf(&b, "%s %d %d\n", scan_addr_text(addr, &h->addr),
		    h->up, h->ended);
		for (k = 0; k < h->nport; k++) {
			p = &h->port[k];
			buf_printf(&b, "  %u/%u %u %u\n", p->port, p->proto,
			    p->state, p->reason);
		}
		for (k = 0; k < 2; k++)
			buf_printf(
			    &b, "  closed %u\n", h->count[k][SCAN_CLOSED]);
	}
	return buf_steal(&b);
}

static uint64_t last_seq;

static void
feed(void *arg, const struct scan_event *ev)
{
	/* As one worker would have told: it can be written and read again. */
	struct scan_event again;
	struct buf b = { 0 };
	char *cause;

	assert_int_equal(ev->seq, last_seq);
	last_seq++;
	scan_event_put(&b, ev);
	if (scan_event_parse(b.data, b.len - 1, &again, &cause) != 0)
		fail_msg("%s: %s", b.data, cause);
	buf_done(&b);
	(void)scan_report_feed(arg, &again);
}

static char *
merged(struct scan_merge *m, enum scan_exit error)
{
	struct scan_report *r = scan_report_new();
	char *text, *cause;

	if (scan_merge_end(m, &cause) != 0)
		fail_msg("%s", cause);
	r->keep_closed = true;
	last_seq = 0;
	scan_merge_tell(m, feed, r);
	assert_int_equal(r->end.type, SCAN_EV_END);
	assert_int_equal(r->end.end.error, error);
	assert_int_equal(r->start.start.nshards, 0);
	text = as_text(r);
	scan_report_free(r);
	return text;
}

static void
test_same(void **state)
{
	struct buf b = { 0 };
	struct scan_merge *m;
	char *whole, *got, name[16];
	uint32_t n, i;

	(void)state;
	m = scan_merge_new();
	make_file(&b, 0, 0, 7, "T:100-108,U:100-108");
	must_add(m, "whole", &b);
	whole = merged(m, SCAN_EXIT_DONE);
	assert_string_equal(scan_merge_missing(m), "");
	assert_non_null(strstr(whole, "hosts 12 probes 108 repeated 0"));
	scan_merge_free(m);
	for (n = 1; n <= 7; n++) {
		m = scan_merge_new();
		for (i = 0; i < n; i++) {
			/* In any order. */
			make_file(
			    &b, (i + n / 2) % n, n, 7, "T:100-108,U:100-108");
			snprintf(name, sizeof(name), "file%u", i);
			must_add(m, name, &b);
		}
		got = merged(m, SCAN_EXIT_DONE);
		assert_string_equal(scan_merge_missing(m), "");
		assert_int_equal(scan_merge_began(m), 1000 - (n - 1));
		assert_string_equal(scan_merge_command(m), "sockdeck scan x");
		assert_non_null(scan_merge_asked(m));
		/* The simulation tells the sum of probes itself. */
		snprintf(name, sizeof(name), "hosts 12 probe");
		assert_non_null(strstr(got, name));
		assert_string_equal(strchr(got, '\n'), strchr(whole, '\n'));
		free(got);
		scan_merge_free(m);
	}
	free(whole);
	buf_done(&b);
}

static void
test_missing(void **state)
{
	static const struct {
		uint32_t n, part[8];
		uint32_t count;
		const char *want;
	} cases[] = {
		{ 3, { 0, 2 }, 2, "missing of the 3 shards: 1" },
		{ 3, { 1 }, 1, "missing of the 3 shards: 0, 2" },
		{ 8, { 3, 0 }, 2, "missing of the 8 shards: 1-2, 4-7" },
		{ 4, { 3, 2 }, 2, "missing of the 4 shards: 0-1" },
		{ 1000000, { 5 }, 1,
		    "missing of the 1000000 shards: 0-4, 6-999999" },
	};
	struct buf b = { 0 };
	struct scan_merge *m;
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		m = scan_merge_new();
		for (k = 0; k < cases[i].count; k++) {
			make_file(&b, cases[i].part[k], cases[i].n, 7, "T:100");
			must_add(m, "x", &b);
		}
		free(merged(m, SCAN_EXIT_FAILED));
		assert_string_equal(scan_merge_missing(m), cases[i].want);
		scan_merge_free(m);
	}
	buf_done(&b);
}

/* A shard that was cut off is there, and it is said that it is not whole. */
static void
test_unfinished(void **state)
{
	struct buf b = { 0 };
	struct scan_merge *m = scan_merge_new();
	char *text;

	(void)state;
	make_file(&b, 0, 2, 7, "T:100");
	must_add(m, "a", &b);
	make_file(&b, 1, 2, 7, "T:100");
	b.len /= 2;
	must_add(m, "b\033", &b);
	text = merged(m, SCAN_EXIT_FAILED);
	assert_string_equal(scan_merge_missing(m),
	    "b\\x1b is not finished (scan --resume goes on)");
	free(text);
	scan_merge_free(m);

	/* Not even begun: the request alone. */
	m = scan_merge_new();
	make_file(&b, 0, 2, 7, "T:100");
	must_add(m, "a", &b);
	make_file(&b, 1, 2, 7, "T:100");
	b.len = (size_t)(strstr(b.data, "{\"ev\"") - b.data);
	must_add(m, "b", &b);
	free(merged(m, SCAN_EXIT_FAILED));
	assert_string_equal(scan_merge_missing(m),
	    "missing of the 2 shards: 1; b has not begun (scan --resume goes "
	    "on)");
	scan_merge_free(m);
	buf_done(&b);
}

static void
refuse(const char *first, const char *second, size_t len, const char *want)
{
	struct scan_merge *m = scan_merge_new();
	char *cause = NULL;

	if (first != NULL)
		assert_int_equal(add(m, "a", first, strlen(first), &cause), 0);
	assert_int_equal(add(m, "b", second, len, &cause), -EBADMSG);
	if (strcmp(cause, want) != 0)
		fail_msg("%s", cause);
	free(cause);
	scan_merge_free(m);
}

static void
test_refused(void **state)
{
	struct buf a = { 0 }, b = { 0 };
	struct scan_merge *m;
	char *cause, *plan;

	(void)state;
	make_file(&a, 0, 3, 7, "T:100");
	make_file(&b, 1, 3, 8, "T:100");
	refuse(a.data, b.data, b.len,
	    "b: its seed is 8, that of a is 7: only parts of one scan can be "
	    "merged");
	make_file(&b, 1, 4, 7, "T:100");
	refuse(a.data, b.data, b.len,
	    "b: it is one of 4 parts, a one of 3: only parts of one scan can "
	    "be merged");
	make_file(&b, 0, 0, 7, "T:100");
	refuse(a.data, b.data, b.len,
	    "b: it is one of 1 parts, a one of 3: only parts of one scan can "
	    "be merged");
	refuse(a.data, a.data, a.len, "b: it is shard 0/3, and so is a");
	refuse(b.data, b.data, b.len,
	    "b: it is the whole scan, and so is a: there is nothing to merge");
	make_file(&b, 1, 3, 7, "T:100");
	plan = strstr(b.data, "0abc");
	assert_non_null(plan);
	memcpy(plan, "0abd", 4);
	refuse(a.data, b.data, b.len,
	    "b: its targets or ports are not those of a (a name may have had "
	    "another address)");
	refuse(NULL, "", 0, "b: this is no journal of a scan");
	refuse(NULL, "\n", 1, "b, line 1: this is no journal of a scan");
	m = scan_merge_new();
	assert_int_equal(scan_merge_end(m, &cause), -EBADMSG);
	free(cause);
	b.len = (size_t)(strstr(b.data, "{\"ev\"") - b.data);
	must_add(m, "b", &b);
	assert_int_equal(scan_merge_end(m, &cause), -EBADMSG);
	assert_string_equal(cause, "b: nothing was scanned yet");
	free(cause);
	scan_merge_free(m);
	buf_done(&a);
	buf_done(&b);
}

/* What was not told one by one: closed ports are what was settled less what
 * was told, over all shards. Names, and a host that only one saw up. */
static void
test_counts(void **state)
{
	static const char *const files[] = {
		"{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,\"v\":1}\n"
		"{\"ev\":\"target\",\"seq\":1,\"t_us\":0,\"name\":\"web\","
		"\"addr\":\"10.0.0.1\",\"others\":3}\n"
		"{\"ev\":\"target\",\"seq\":2,\"t_us\":0,\"name\":\"gone\","
		"\"error\":\"no such name\"}\n"
		"{\"ev\":\"start\",\"seq\":3,\"t_us\":0,\"hosts\":2,"
		"\"ports\":10,\"probes\":10,\"tech\":\"syn\",\"seed\":7,"
		"\"shard\":%u,\"shards\":2,\"plan\":\"00000000000000ab\"}\n"
		"{\"ev\":\"host\",\"seq\":4,\"t_us\":0,\"addr\":\"10.0.0.1\","
		"\"pos\":0,\"up\":true,\"reason\":\"reset\"}\n"
		"{\"ev\":\"port\",\"seq\":5,\"t_us\":0,\"addr\":\"10.0.0.1\","
		"\"port\":22,\"proto\":\"tcp\",\"state\":\"open\","
		"\"reason\":\"syn-ack\",\"service\":{\"name\":\"ssh\"}}\n"
		"{\"ev\":\"host_end\",\"seq\":6,\"t_us\":0,"
		"\"addr\":\"10.0.0.1\",\"pos\":0,\"probes\":5,\"tcp\":5}\n",
		"{\"ev\":\"hello\",\"seq\":0,\"t_us\":0,\"v\":1}\n"
		"{\"ev\":\"start\",\"seq\":1,\"t_us\":0,\"hosts\":2,"
		"\"ports\":10,\"probes\":10,\"tech\":\"syn\",\"seed\":7,"
		"\"shard\":%u,\"shards\":2,\"plan\":\"00000000000000ab\"}\n"
		"{\"ev\":\"host\",\"seq\":2,\"t_us\":0,\"addr\":\"10.0.0.1\","
		"\"pos\":0,\"up\":false,\"reason\":\"no-response\"}\n"
		"{\"ev\":\"host\",\"seq\":3,\"t_us\":0,\"addr\":\"10.0.0.2\","
		"\"pos\":1,\"up\":true,\"reason\":\"reset\"}\n"
		"{\"ev\":\"port\",\"seq\":4,\"t_us\":0,\"addr\":\"10.0.0.1\","
		"\"port\":23,\"proto\":\"tcp\",\"state\":\"filtered\","
		"\"reason\":\"no-response\",\"from\":\"10.0.0.9\"}\n"
		"{\"ev\":\"host_end\",\"seq\":5,\"t_us\":0,"
		"\"addr\":\"10.0.0.1\",\"pos\":0,\"probes\":7,\"tcp\":5}\n"
	};
	struct scan_merge *m = scan_merge_new();
	struct scan_report *r = scan_report_new();
	const struct report_port *p;
	struct report_host *h;
	struct buf b = { 0 };
	struct scan_addr a;
	char *cause;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const char *shard = strstr(files[i], "%u");

		buf_reset(&b);
		buf_put(&b, files[i], (size_t)(shard - files[i]));
		buf_printf(&b, "%u%s", i, shard + 2);
		must_add(m, i == 0 ? "a" : "b", &b);
	}
	assert_int_equal(scan_merge_end(m, &cause), 0);
	last_seq = 0;
	scan_merge_tell(m, feed, r);
	assert_int_equal(r->start.start.probes, 20);
	assert_int_equal(r->start.start.hosts, 2);
	a = sim_addr(1);
	h = scan_report_host(r, &a);
	assert_non_null(h);
	assert_true(h->up && h->ended);
	assert_int_equal(h->reason, REASON_RESET);
	assert_string_equal(h->name, "web");
	assert_int_equal(h->others, 3);
	assert_int_equal(r->nlost, 1);
	assert_string_equal(r->lost[0].name, "gone");
	assert_string_equal(r->lost[0].error, "no such name");
	assert_int_equal(h->probes, 12);
	assert_int_equal(h->count[0][SCAN_OPEN], 1);
	assert_int_equal(h->count[0][SCAN_FILTERED], 1);
	assert_int_equal(h->count[0][SCAN_CLOSED], 8);
	p = report_port_find(h, SOCK_TCP, 22);
	assert_non_null(p);
	assert_string_equal(report_service(r, p), "ssh");
	p = report_port_find(h, SOCK_TCP, 23);
	assert_non_null(p);
	assert_int_equal(p->from, 1);
	a = sim_addr(2);
	h = scan_report_host(r, &a);
	assert_non_null(h);
	assert_true(h->up && !h->ended);
	scan_report_free(r);
	scan_merge_free(m);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
