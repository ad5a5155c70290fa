/* SPDX-License-Identifier: ISC */
/* How full is full, what counts as taken, and in which order it is told. */
#include "config.h"

#include "base/text.h"
#include "model/filter.h"
#include "model/leak.h"
#include "model/pressure.h"
#include "rows_help.h"

#define NS 1 /* help_rec()'s */

struct fix {
	struct table *table;
	struct pressure_view view;
};

static void
fix_init(struct fix *f)
{
	f->table = table_new();
	pressure_view_init(&f->view);
}

static void
fix_done(struct fix *f)
{
	pressure_view_done(&f->view);
	table_free(f->table);
}

/* A reading of one namespace with ports 40000-40099, ten reserved. */
static struct pressure *
reading(uint64_t mono_ns)
{
	struct pressure *p = pressure_new();
	struct pressure_ns *ns = pressure_add_ns(p, NS);

	p->mono_ns = mono_ns;
	p->page_size = 4096;
	ns->ports->ephemeral_lo = 40000;
	ns->ports->ephemeral_hi = 40099;
	ns->ports->reserved_known = true;
	portset_add_range(&ns->ports->reserved, 40090, 40099);
	return p;
}

static struct sock_rec
client(uint64_t cookie, uint16_t local, uint8_t last, uint16_t peer)
{
	struct sock_rec r = help_rec(cookie);

	r.local.port = local;
	r.peer.addr[3] = last;
	r.peer.port = peer;
	return r;
}

static struct sock_rec
listener(uint64_t cookie, uint16_t port, uint32_t waiting, uint32_t limit)
{
	struct sock_rec r = help_rec(cookie);

	r.state = SOCK_LISTEN;
	r.local.port = port;
	memset(&r.peer, 0, sizeof(r.peer));
	r.recvq = waiting;
	r.sendq = limit;
	return r;
}

static void
build(struct fix *f, struct snap *snap, struct pressure *p, size_t top)
{
	table_merge(f->table, snap, NULL);
	snap_free(snap);
	pressure_view_take(&f->view, p);
	pressure_view_build(&f->view, f->table, top);
}

static const struct pressure_item *
item(const struct fix *f, enum pressure_kind kind, size_t nth)
{
	size_t i;

	for (i = 0; i < f->view.n; i++)
		if (f->view.item[i].kind == kind && nth-- == 0)
			return &f->view.item[i];
	return NULL;
}

static void
check_words(const struct fix *f, const struct pressure_item *it,
    const char *what, const char *filter)
{
	struct buf b = { 0 };
	struct filter *parsed = NULL;
	struct filter_error err = { 0 };

	pressure_put_what(&f->view, it, f->table->names, &b);
	assert_string_equal(b.data, what);
	buf_reset(&b);
	assert_int_equal(pressure_put_filter(it, &b), filter != NULL);
	if (filter != NULL) {
		assert_string_equal(b.data, filter);
		assert_int_equal(filter_parse(filter, &parsed, &err), 0);
		filter_free(parsed);
	}
	buf_done(&b);
}

/* 90 ports are to be had; a listener and a bound socket take one each. */
static void
test_ephemeral(void **state)
{
	const struct pressure_item *it;
	struct sock_rec r;
	struct snap *s;
	struct fix f;
	uint16_t i;

	(void)state;
	fix_init(&f);
	s = help_snap(SEC, 0);
	for (i = 0; i < 80; i++) { /* of them 5 in TIME-WAIT */
		r = client(1 + i, (uint16_t)(40000 + i), 9, 443);
		if (i < 5)
			r.state = SOCK_TIME_WAIT;
		help_put(s, r);
	}
	for (i = 0; i < 10; i++) /* another port of the same host */
		help_put(s, client(200 + i, (uint16_t)(40000 + i), 9, 80));
	r = listener(300, 40085, 0, 128);
	help_put(s, r);
	r = listener(301, 40086, 0, 128);
	r.state = SOCK_BOUND;
	help_put(s, r);
	/* Accepted there, from elsewhere; beyond the range; reserved. */
	for (i = 0; i < 50; i++)
		help_put(s, client(400 + i, 40085, 7, (uint16_t)(50000 + i)));
	help_put(s, client(500, 39999, 9, 443));
	help_put(s, client(501, 40095, 9, 443));
	r = client(600, 40088, 9, 443); /* from another address of ours */
	r.local.addr[3] = 77;
	help_put(s, r);
	build(&f, s, reading(SEC), 2);
	it = item(&f, PRESSURE_EPHEMERAL, 0);
	assert_int_equal(it->gauge.value, 80);
	assert_int_equal(it->gauge.limit, 88);
	assert_int_equal(it->waiting, 5);
	assert_int_equal(it->verdict, PRESSURE_HIGH);
	assert_int_equal(pressure_percent(&it->gauge), 90);
	assert_ptr_equal(it, &f.view.item[0]); /* what is high is first */
	check_words(&f, it, "ephemeral ports 10.0.0.1 to 10.0.0.9:443",
	    "src 10.0.0.1 and dst 10.0.0.9:443");
	it = item(&f, PRESSURE_EPHEMERAL, 1);
	assert_int_equal(it->gauge.value, 10);
	assert_null(item(&f, PRESSURE_EPHEMERAL, 2));
	assert_int_equal(f.view.more[PRESSURE_EPHEMERAL], 1);
	fix_done(&f);
}

/* IPv4 in an IPv6 socket takes an IPv4 port. */
static void
test_mapped(void **state)
{
	const struct pressure_item *it;
	struct sock_rec r;
	struct snap *s;
	struct fix f;

	(void)state;
	fix_init(&f);
	s = help_snap(SEC, 0);
	help_put(s, client(1, 40001, 9, 443));
	r = client(2, 40002, 9, 443);
	memmove(r.local.addr + 12, r.local.addr, 4);
	memset(r.local.addr, 0, 4);
	memmove(r.peer.addr + 12, r.peer.addr, 4);
	memset(r.peer.addr, 0, 4);
	r.local.addr[10] = r.local.addr[11] = 0xff;
	r.peer.addr[10] = r.peer.addr[11] = 0xff;
	r.family = 6;
	help_put(s, r);
	r = client(3, 40003, 9, 443); /* and this is IPv6 */
	r.family = 6;
	r.local.addr[0] = r.peer.addr[0] = 0x20;
	help_put(s, r);
	build(&f, s, reading(SEC), 5);
	it = item(&f, PRESSURE_EPHEMERAL, 0);
	assert_int_equal(it->gauge.value, 2);
	it = item(&f, PRESSURE_EPHEMERAL, 1);
	assert_int_equal(it->gauge.value, 1);
	check_words(&f, it, "ephemeral ports 2000:1:: to [2000:9::]:443",
	    "src [2000:1::] and dst [2000:9::]:443");
	fix_done(&f);
}

static void
test_queues(void **state)
{
	const struct pressure_item *it;
	struct snap_sock *k;
	struct sock_rec r;
	struct snap *s;
	struct fix f;
	unsigned i;

	(void)state;
	fix_init(&f);
	s = help_snap(SEC, 0);
	k = help_put(s, listener(1, 80, 128, 128)); /* one more fits */
	help_own(k, 812, "nginx");
	help_put(s, listener(2, 81, 129, 128));
	help_put(s, listener(3, 82, 0, 128));
	help_put(s, listener(4, 83, 1, 0));
	r = listener(5, 84, 3, 0);
	r.flags |= SOCKF_NO_LIMIT;
	help_put(s, r);
	r = listener(6, 85, 0, 0);
	r.known &= (uint16_t)~KNOWN_QUEUES;
	help_put(s, r);
	for (i = 0; i < 120; i++) {
		r = client(100 + i, 80, 3, (uint16_t)(1000 + i));
		r.state = SOCK_SYN_RECEIVED;
		r.inode = 0;
		help_put(s, r);
	}
	build(&f, s, NULL, 9);
	assert_false(f.view.read);
	it = item(&f, PRESSURE_ACCEPT, 0);
	check_words(&f, it, "accept queue 10.0.0.1:83", "tcp and sport = :83");
	assert_int_equal(it->verdict, PRESSURE_FULL);
	assert_int_equal(pressure_percent(&it->gauge), 100);
	it = item(&f, PRESSURE_ACCEPT, 1);
	assert_int_equal(it->local.port, 81);
	assert_int_equal(it->verdict, PRESSURE_FULL);
	it = item(&f, PRESSURE_ACCEPT, 2);
	check_words(&f, it, "accept queue 10.0.0.1:80, nginx (812)",
	    "tcp and sport = :80");
	assert_int_equal(it->verdict, PRESSURE_HIGH);
	it = item(&f, PRESSURE_ACCEPT, 3);
	assert_int_equal(it->local.port, 82);
	it = item(&f, PRESSURE_ACCEPT, 4); /* its limit is not known */
	assert_int_equal(it->local.port, 84);
	assert_int_equal(it->verdict, PRESSURE_NOT_KNOWN);
	assert_null(item(&f, PRESSURE_ACCEPT, 5));
	it = item(&f, PRESSURE_SYN, 0);
	assert_int_equal(it->gauge.value, 120);
	assert_int_equal(it->gauge.limit, 128);
	assert_int_equal(it->verdict, PRESSURE_HIGH);
	assert_null(item(&f, PRESSURE_SYN, 1));
	fix_done(&f);
}

static struct pressure *
gauges(uint64_t mono_ns, uint64_t tw, uint64_t overflow)
{
	struct pressure *p = reading(mono_ns);

	p->ns[0].time_wait =
	    (struct pressure_gauge){ .value = tw, .limit = 100 };
	p->ns[0].counter[COUNTER_TW_OVERFLOW] = overflow;
	p->ns[0].counter[COUNTER_LISTEN_DROPS] = 7;
	return p;
}

static const struct pressure_event *
event(const struct fix *f, enum pressure_counter c)
{
	size_t i;

	for (i = 0; i < f->view.nevents; i++)
		if (f->view.event[i].counter == c)
			return &f->view.event[i];
	return NULL;
}

static void
test_events(void **state)
{
	const struct pressure_event *e;
	struct buf b = { 0 };
	struct fix f;

	(void)state;
	fix_init(&f);
	build(&f, help_snap(SEC, 0), gauges(SEC, 50, 10), 5);
	e = event(&f, COUNTER_TW_OVERFLOW);
	assert_int_equal(e->total, 10);
	assert_true(e->per_s < 0); /* of one reading: not known */
	assert_null(event(&f, COUNTER_LISTEN_OVERFLOWS));
	assert_int_equal(item(&f, PRESSURE_TIME_WAIT, 0)->verdict, PRESSURE_OK);
	/* It counts on: full, whatever is left. */
	build(&f, help_snap(3 * SEC, 0), gauges(3 * SEC, 50, 14), 5);
	e = event(&f, COUNTER_TW_OVERFLOW);
	assert_true(e->per_s > 1.99 && e->per_s < 2.01);
	assert_int_equal(
	    item(&f, PRESSURE_TIME_WAIT, 0)->verdict, PRESSURE_FULL);
	pressure_put_event(&f.view, e, f.table->names, &b);
	assert_string_equal(b.data,
	    "TCPTimeWaitOverflow 14, 2.0/s: sockets closed without TIME-WAIT");
	buf_done(&b);
	e = event(&f, COUNTER_LISTEN_DROPS);
	assert_true(e->per_s >= 0 && e->per_s < 0.01);
	/* It stopped; it went back; too soon. */
	build(&f, help_snap(5 * SEC, 0), gauges(5 * SEC, 50, 14), 5);
	assert_int_equal(item(&f, PRESSURE_TIME_WAIT, 0)->verdict, PRESSURE_OK);
	build(&f, help_snap(7 * SEC, 0), gauges(7 * SEC, 50, 3), 5);
	assert_true(event(&f, COUNTER_TW_OVERFLOW)->per_s < 0);
	build(&f, help_snap(7 * SEC + 1, 0), gauges(7 * SEC + 1, 50, 4), 5);
	assert_true(event(&f, COUNTER_TW_OVERFLOW)->per_s < 0);
	fix_done(&f);
}

static enum pressure_verdict
of_tw(uint64_t value, uint64_t limit)
{
	struct pressure *p = gauges(SEC, value, PRESSURE_UNKNOWN);
	enum pressure_verdict v;
	struct fix f;

	fix_init(&f);
	p->ns[0].time_wait.limit = limit;
	build(&f, help_snap(SEC, 0), p, 5);
	v = item(&f, PRESSURE_TIME_WAIT, 0)->verdict;
	fix_done(&f);
	return v;
}

static void
test_levels(void **state)
{
	const struct pressure_item *it;
	struct pressure *p;
	struct buf b = { 0 };
	struct fix f;

	(void)state;
	assert_int_equal(of_tw(0, 100), PRESSURE_OK);
	assert_int_equal(of_tw(79, 100), PRESSURE_OK);
	assert_int_equal(of_tw(80, 100), PRESSURE_HIGH);
	assert_int_equal(of_tw(100, 100), PRESSURE_FULL);
	assert_int_equal(of_tw(5, PRESSURE_UNKNOWN), PRESSURE_NOT_KNOWN);
	assert_int_equal(of_tw(PRESSURE_UNKNOWN, 5), PRESSURE_NOT_KNOWN);
	/* TCP memory is high above its middle mark; a limit that is not known
	 * is "-", and 2^63 files are no limit. */
	fix_init(&f);
	p = reading(SEC);
	p->gauge[PRESSURE_TCP_MEM] =
	    (struct pressure_gauge){ .value = 1000, .limit = 2000 };
	p->tcp_mem_middle = 900;
	p->gauge[PRESSURE_ORPHANS].value = 3;
	p->gauge[PRESSURE_FILES] = (struct pressure_gauge){ .value = 3,
		.limit = UINT64_C(9223372036854775807) };
	build(&f, help_snap(SEC, 0), p, 5);
	it = item(&f, PRESSURE_TCP_MEM, 0);
	assert_int_equal(it->verdict, PRESSURE_HIGH);
	pressure_put_value(&f.view, it, &b);
	buf_putc(&b, ' ');
	pressure_put_limit(&f.view, it, &b);
	buf_putc(&b, ' ');
	pressure_put_percent(it, &b);
	pressure_put_bar(it, 4, &b);
	assert_string_equal(b.data, "4.0M 8.1M 50%[##..]");
	buf_reset(&b);
	it = item(&f, PRESSURE_ORPHANS, 0);
	assert_int_equal(it->verdict, PRESSURE_NOT_KNOWN);
	pressure_put_limit(&f.view, it, &b);
	pressure_put_percent(it, &b);
	pressure_put_bar(it, 4, &b);
	assert_string_equal(b.data, "--      ");
	buf_reset(&b);
	pressure_put_meaning(it, &b);
	assert_non_null(strstr(b.data, "first network namespace only"));
	buf_reset(&b);
	it = item(&f, PRESSURE_FILES, 0);
	pressure_put_limit(&f.view, it, &b);
	assert_string_equal(b.data, "no limit");
	buf_done(&b);
	fix_done(&f);
}

/* Every limit and counter has its words and its source. */
static void
test_facts(void **state)
{
	const struct pressure_fact *f;
	const struct pressure_counter_fact *c;
	unsigned i, j;

	(void)state;
	for (i = 0; i < PRESSURE_NKINDS; i++) {
		f = pressure_fact(i);
		assert_non_null(f->name);
		assert_non_null(f->title);
		assert_non_null(f->unit);
		assert_non_null(f->knob);
		assert_non_null(f->source);
		assert_int_equal(f->full[strlen(f->full) - 1], '.');
		assert_in_range(f->high, 50, 99);
		for (j = 0; j < i; j++)
			assert_string_not_equal(
			    f->name, pressure_fact(j)->name);
	}
	for (i = 0; i < PRESSURE_NCOUNTERS; i++) {
		c = pressure_counter_fact(i);
		assert_non_null(c->group);
		assert_non_null(c->name);
		assert_non_null(c->what);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ephemeral),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
