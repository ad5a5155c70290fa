/* SPDX-License-Identifier: ISC */
/* Names of numbers and of hosts: bounded, each host asked for once. */
#include "config.h"

#include "rows_help.h"

#include "model/names.h"

static struct endpoint
host(uint32_t n)
{
	struct endpoint ep;

	memset(&ep, 0, sizeof(ep));
	ep.addr[0] = 10;
	ep.addr[1] = (uint8_t)(n >> 16);
	ep.addr[2] = (uint8_t)(n >> 8);
	ep.addr[3] = (uint8_t)n;
	return ep;
}

static void
test_numbers(void **state)
{
	struct names *ns = names_new();

	(void)state;
	assert_null(names_get(ns, NAME_USER, 0, 0));
	names_set(ns, NAME_USER, 0, 0, "root");
	names_set(ns, NAME_IFACE, 7, 2, "eth0");
	names_set(ns, NAME_IFACE, 8, 2, "veth9");
	names_set(ns, NAME_NETNS, 0, 2, "web");
	assert_string_equal(names_get(ns, NAME_USER, 0, 0), "root");
	assert_string_equal(names_get(ns, NAME_IFACE, 7, 2), "eth0");
	assert_string_equal(names_get(ns, NAME_IFACE, 8, 2), "veth9");
	assert_string_equal(names_get(ns, NAME_NETNS, 0, 2), "web");
	assert_null(names_get(ns, NAME_IFACE, 9, 2));
	assert_null(names_get(ns, NAME_CGROUP, 0, 2));
	names_set(ns, NAME_IFACE, 7, 2, "wan");
	assert_string_equal(names_get(ns, NAME_IFACE, 7, 2), "wan");
	names_free(ns);
}

static void
test_numbers_are_bounded(void **state)
{
	struct names *ns = names_new();
	uint64_t i, n = 70000;

	(void)state;
	for (i = 0; i < n; i++)
		names_set(ns, NAME_CGROUP, 0, i, "x");
	assert_null(names_get(ns, NAME_CGROUP, 0, 0));
	assert_null(names_get(ns, NAME_CGROUP, 0, n - 65537));
	assert_non_null(names_get(ns, NAME_CGROUP, 0, n - 65536));
	assert_non_null(names_get(ns, NAME_CGROUP, 0, n - 1));
	names_free(ns);
}

static void
test_hosts_are_asked_once(void **state)
{
	struct names *ns = names_new();
	struct endpoint a = host(1), b = host(2), out[4], mapped;
	uint8_t family[4];

	(void)state;
	a.port = 80;
	assert_null(names_host(ns, &a, 4));
	a.port = 443; /* the same host */
	assert_null(names_host(ns, &a, 4));
	assert_null(names_host(ns, &b, 4));
	assert_int_equal(names_host_wanted(ns, out, family, 1), 1);
	assert_int_equal(family[0], 4);
	assert_memory_equal(out[0].addr, a.addr, 16);
	assert_int_equal(names_host_wanted(ns, out, family, 4), 1);
	assert_memory_equal(out[0].addr, b.addr, 16);
	assert_int_equal(names_host_wanted(ns, out, family, 4), 0);
	assert_null(names_host(ns, &a, 4));
	assert_int_equal(names_host_wanted(ns, out, family, 4), 0);

	names_host_set(ns, &a, 4, "one.example");
	names_host_set(ns, &b, 4, "");
	assert_string_equal(names_host(ns, &a, 4), "one.example");
	assert_string_equal(names_host(ns, &b, 4), "");

	memset(&mapped, 0, sizeof(mapped));
	mapped.addr[10] = mapped.addr[11] = 0xff;
	memcpy(mapped.addr + 12, a.addr, 4);
	assert_string_equal(names_host(ns, &mapped, 6), "one.example");
	assert_null(names_host(ns, &a, 6)); /* another address */
	names_free(ns);
}

static void
test_hosts_are_bounded(void **state)
{
	struct names *ns = names_new();
	struct endpoint ep, out[64];
	uint8_t family[64];
	size_t asked = 0, n;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		ep = host(i);
		assert_null(names_host(ns, &ep, 4));
	}
	while ((n = names_host_wanted(ns, out, family, 64)) > 0)
		asked += n;
	assert_int_equal(asked, 8192);
	ep = host(19999);
	names_host_set(ns, &ep, 4, "last");
	assert_string_equal(names_host(ns, &ep, 4), "last");
	/* An answer for one that was dropped meanwhile is kept all the same. */
	ep = host(3);
	names_host_set(ns, &ep, 4, "late");
	assert_string_equal(names_host(ns, &ep, 4), "late");
	assert_int_equal(names_host_wanted(ns, out, family, 64), 0);
	names_free(ns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_are_bounded),
		cmocka_unit_test(test_hosts_are_asked_once),
		cmocka_unit_test(test_hosts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
