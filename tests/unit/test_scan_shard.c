/* SPDX-License-Identifier: ISC */
/* N parts of a scan are all of it, each probe in one of them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "scan/engine_order.h"

struct plan {
	struct scan_spec spec;
	struct scan_ports ports;
	struct engine_plan plan;
	struct target_set *targets;
	struct scan_port *list;
};

static void
make(struct plan *p, const char *targets, const char *ports, bool in_order)
{
	char *cause;

	memset(p, 0, sizeof(*p));
	scan_spec_init(&p->spec);
	p->spec.in_order = in_order;
	p->targets = target_new(0);
	assert_int_equal(target_add(p->targets, targets, &cause), 0);
	assert_int_equal(target_seal(p->targets, &cause), 0);
	if (*ports != '\0')
		assert_int_equal(scan_ports_parse(&p->ports, ports,
				     SCAN_PROTO_TCP | SCAN_PROTO_UDP, &cause),
		    0);
	p->plan = (struct engine_plan){
		.spec = &p->spec, .targets = p->targets, .seed = 7
	};
	p->list = scan_ports_list(&p->ports, &p->plan.nports, &p->plan.ncommon);
	p->plan.port = p->list;
}

static void
done(struct plan *p)
{
	target_free(p->targets);
	free(p->list);
	scan_spec_done(&p->spec);
}

/* Marks what one part asks; how many probes and hosts that are. */
static void
walk(const struct order *o, unsigned char *seen, uint64_t *probes,
    uint64_t *hosts)
{
	struct order_ports ports;
	uint64_t pos, cell;
	uint32_t at, n;

	*probes = *hosts = 0;
	for (pos = order_next_host(o, 0); pos < o->nhosts;
	     pos = order_next_host(o, pos + 1)) {
		order_ports(o, pos, &ports);
		n = 0;
		for (at = order_first(o, pos); at < o->nports;
		     at += order_step(o)) {
			cell = order_host(o, pos) * o->nports;
			if (o->plan->nports > 0)
				cell += order_port(o, &ports, at);
			assert_int_equal(seen[cell], 0);
			seen[cell] = 1;
			n++;
		}
		assert_int_equal(n, order_share(o, pos));
		assert_true(n > 0);
		*probes += n;
		(*hosts)++;
	}
}

static void
check(struct plan *p, uint32_t nshards)
{
	uint64_t all = target_count(p->targets) *
		       (p->plan.nports > 0 ? p->plan.nports : 1),
		 sum = 0, probes, hosts, most = 0, least = UINT64_MAX;
	unsigned char *seen = xcalloc(1, all);
	struct order o;
	uint32_t i;

	for (i = 0; i < nshards; i++) {
		p->spec.shard = i;
		p->spec.nshards = nshards;
		order_init(&o, &p->plan);
		walk(&o, seen, &probes, &hosts);
		assert_int_equal(probes, order_probes(&o));
		assert_int_equal(hosts, order_hosts_of(&o));
		sum += probes;
		most = probes > most ? probes : most;
		least = probes < least ? probes : least;
		order_done(&o);
	}
	assert_int_equal(sum, all);
	/* And no part is larger than another by more than one. */
	assert_true(most - least <= 1);
	assert_null(memchr(seen, 0, all));
	free(seen);
}

static void
test_union(void **state)
{
	static const char *const targets[] = { "10.0.0.1", "10.0.0.1-2",
		"10.0.0.1-3", "10.0.0.1-5", "10.0.0.0/28", "10.0.0-1.1-9,77",
		"10.0.0.0/24" };
	static const char *const ports[] = { "", "80", "80,443", "1-3",
		"T:22,U:53,161", "1-7", "20-120", "T:1-100,8080,U:1-30,500" };
	struct plan p;
	size_t i, k;
	uint32_t n;
	int in_order;

	(void)state;
	for (i = 0; i < nitems(targets); i++)
		for (k = 0; k < nitems(ports); k++)
			for (in_order = 0; in_order < 2; in_order++) {
				make(&p, targets[i], ports[k], in_order);
				for (n = 1; n <= 7; n++)
					check(&p, n);
				check(&p, 97);
				done(&p);
			}
}

/* The largest there can be: its numbers do not fit into 64 bits. */
static void
test_large(void **state)
{
	static const uint32_t shards[] = { 1, 2, 7, 65535, 65536, 1000003 };
	unsigned __int128 number;
	struct plan p;
	struct order o;
	uint64_t pos, last = (UINT64_C(1) << 48) - 1;
	uint32_t first;
	size_t i, k;

	(void)state;
	make(&p, "2001:db8::/80", "T:0-65535,U:0-65535", false);
	for (i = 0; i < nitems(shards); i++) {
		p.spec.nshards = shards[i];
		p.spec.shard = shards[i] - 1;
		order_init(&o, &p.plan);
		assert_int_equal(o.nports, 131072);
		for (k = 0; k < 1000; k++) {
			pos = last - k * k;
			first = order_first(&o, pos);
			number = (unsigned __int128)pos * o.nports + first;
			assert_int_equal(
			    (uint64_t)(number % shards[i]), shards[i] - 1);
			assert_true(first < shards[i]);
		}
		number = (unsigned __int128)o.nhosts * o.nports;
		number = (number - shards[i]) / shards[i] + 1;
		assert_true(
		    order_probes(&o) ==
		    (number > UINT64_MAX ? UINT64_MAX : (uint64_t)number));
		order_done(&o);
	}
	done(&p);
}

/* Every host has an order of its own, common ports first, and another seed has
 * others. */
static void
test_orders(void **state)
{
	struct order_ports ports;
	struct order o;
	struct plan p;
	uint32_t first[2][16], common = 0, same = 0, i, k;

	(void)state;
	make(&p, "10.0.0.0/28", "T:1-1000,50001-50900", false);
	assert_in_range(p.plan.ncommon, 100, 999);
	for (k = 0; k < 2; k++) {
		p.plan.seed = 7 + k;
		order_init(&o, &p.plan);
		for (i = 0; i < 16; i++) {
			order_ports(&o, i, &ports);
			first[k][i] = order_port(&o, &ports, 0);
			common += first[k][i] < p.plan.ncommon;
			same += i > 0 && first[k][i] == first[k][i - 1];
		}
		order_done(&o);
	}
	assert_int_equal(common, 32);
	assert_true(same < 4);
	assert_memory_not_equal(first[0], first[1], sizeof(first[0]));
	done(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_union),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
