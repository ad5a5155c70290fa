/* SPDX-License-Identifier: ISC */
/* /proc's tables of numbers: as Linux 4.19 to 6.18 write them, and broken. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect/pressure.h"
#include "collect/pressure_text.h"

static const char sockstat[] = "sockets: used 270\n"
			       "TCP: inuse 12 orphan 3 tw 45 alloc 60 mem 7\n"
			       "UDP: inuse 5 mem 2\n"
			       "UDPLITE: inuse 0\n"
			       "FRAG: inuse 0 memory 0\n";
static const char netstat[] =
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops Last\n"
    "TcpExt: 1 22 333 18446744073709551614\n"
    "IpExt: InNoRoutes ListenDrops\n"
    "IpExt: 5 6\n";
static const char arp[] = "entries  allocs   table_fulls\n"
			  "0000000a 00000002 00000001\n"
			  "0000000a 00000000 000000ff\n";
static const char limits[] =
    "Limit                     Soft Limit           Hard Limit           "
    "Units     \n"
    "Max cpu time              unlimited            unlimited            "
    "seconds   \n"
    "Max open files            1024                 524288               "
    "files     \n";

static void
test_sockstat(void **state)
{
	uint64_t v = 99;

	(void)state;
	assert_true(pressure_text_sockstat(
	    sockstat, strlen(sockstat), "TCP", "tw", &v));
	assert_int_equal(v, 45);
	assert_true(pressure_text_sockstat(
	    sockstat, strlen(sockstat), "TCP", "mem", &v));
	assert_int_equal(v, 7);
	assert_true(pressure_text_sockstat(
	    sockstat, strlen(sockstat), "UDP", "mem", &v));
	assert_int_equal(v, 2);
	v = 99;
	assert_false(pressure_text_sockstat(
	    sockstat, strlen(sockstat), "TCP", "orpha", &v));
	assert_false(
	    pressure_text_sockstat(sockstat, strlen(sockstat), "TC", "tw", &v));
	assert_false(pressure_text_sockstat("TCP: tw", 7, "TCP", "tw", &v));
	assert_false(pressure_text_sockstat("TCP: tw -3", 10, "TCP", "tw", &v));
	assert_false(pressure_text_sockstat("", 0, "TCP", "tw", &v));
	assert_int_equal(v, 99);
}

static void
test_netstat(void **state)
{
	uint64_t v = 99;
	size_t i;

	(void)state;
	assert_true(pressure_text_netstat(
	    netstat, strlen(netstat), "TcpExt", "ListenDrops", &v));
	assert_int_equal(v, 333);
	assert_true(pressure_text_netstat(
	    netstat, strlen(netstat), "IpExt", "ListenDrops", &v));
	assert_int_equal(v, 6);
	assert_true(pressure_text_netstat(
	    netstat, strlen(netstat), "TcpExt", "Last", &v));
	assert_true(v == UINT64_MAX - 1);
	v = 99;
	assert_false(pressure_text_netstat(
	    netstat, strlen(netstat), "TcpExt", "Listen", &v));
	/* Cut anywhere: a number or none, and never beyond the end. */
	for (i = 0; i < strlen(netstat); i++) {
		char *part = strndup(netstat, i);

		(void)pressure_text_netstat(
		    part, i, "IpExt", "ListenDrops", &v);
		free(part);
	}
	v = 99;
	assert_false(pressure_text_netstat("A: x y\nA: 1\n", 12, "A", "y", &v));
	assert_false(
	    pressure_text_netstat("A: x y\nB: 1 2\n", 14, "A", "y", &v));
	assert_false(pressure_text_netstat("A: x\nA: 18446744073709551615\n",
	    strlen("A: x\nA: 18446744073709551615\n"), "A", "x", &v));
	assert_int_equal(v, 99);
}

static void
test_stat(void **state)
{
	uint64_t v = 99;

	(void)state;
	assert_true(pressure_text_stat(arp, strlen(arp), "entries", false, &v));
	assert_int_equal(v, 10);
	assert_true(
	    pressure_text_stat(arp, strlen(arp), "table_fulls", true, &v));
	assert_int_equal(v, 256);
	v = 99;
	assert_false(pressure_text_stat(arp, strlen(arp), "fulls", true, &v));
	assert_false(pressure_text_stat("a b\n1\n", 6, "b", true, &v));
	assert_false(pressure_text_stat("a b\n", 4, "b", true, &v));
	assert_false(pressure_text_stat("a\nxyz\n", 6, "a", true, &v));
	assert_int_equal(v, 99);
}

static void
test_numbers(void **state)
{
	uint64_t v[3] = { 0 };

	(void)state;
	assert_int_equal(
	    pressure_text_numbers("287898\t383866\t575796\n", 21, v, 3), 3);
	assert_int_equal(v[2], 575796);
	assert_int_equal(pressure_text_numbers("1 x 3", 5, v, 3), 1);
	assert_int_equal(pressure_text_numbers("", 0, v, 3), 0);
	assert_int_equal(pressure_text_numbers("1 2 3 4", 7, v, 2), 2);
}

static void
test_nofile(void **state)
{
	uint64_t v = 99;

	(void)state;
	assert_true(pressure_text_nofile(limits, strlen(limits), &v));
	assert_int_equal(v, 1024);
	assert_true(pressure_text_nofile(
	    "Max open files  unlimited  unlimited\n", 38, &v));
	assert_true(v == UINT64_MAX - 1);
	v = 99;
	assert_false(pressure_text_nofile(limits, 60, &v));
	assert_false(pressure_text_nofile("Max open files\n", 15, &v));
	assert_false(pressure_text_nofile("Max open files  x\n", 18, &v));
	assert_int_equal(v, 99);
}

/* -- descriptors, in a /proc of our own ----------------------------------- */

static void
put_file(const char *root, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
put_proc(const char *root, int pid, const char *comm, unsigned nfds,
    const char *limit)
{
	char name[128], text[256];
	unsigned i;

	(void)snprintf(name, sizeof(name), "%s/%d", root, pid);
	assert_int_equal(mkdir(name, 0755), 0);
	(void)snprintf(name, sizeof(name), "%s/%d/fd", root, pid);
	assert_int_equal(mkdir(name, 0755), 0);
	for (i = 0; i < nfds; i++) {
		(void)snprintf(name, sizeof(name), "%d/fd/%u", pid, i);
		put_file(root, name, "");
	}
	(void)snprintf(name, sizeof(name), "%d/limits", pid);
	(void)snprintf(
	    text, sizeof(text), "Max open files %s 99 files\n", limit);
	if (limit != NULL)
		put_file(root, name, text);
	(void)snprintf(name, sizeof(name), "%d/stat", pid);
	(void)snprintf(text, sizeof(text),
	    "%d (%s) S 1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 4242 1 1 "
	    "18446744073709551615\n",
	    pid, comm);
	put_file(root, name, text);
}

/* A tmpfs or disk gives directories a size of its own: it is taken for the
 * count, as that of /proc is. Here only what is sure is looked at. */
static void
test_fds(void **state)
{
	char root[] = "/tmp/press-XXXXXX", cmd[64];
	struct pressure_fds *f;
	struct pressure *p;
	size_t i, round;

	(void)state;
	assert_non_null(mkdtemp(root));
	put_proc(root, 10, "a\x1b[31m", 4, "1000000");
	put_proc(root, 11, "b", 4, "1000");
	put_proc(root, 12, "c", 4, "unlimited");
	put_file(root, "not-a-process", "");
	f = pressure_fds_new(root);
	for (round = 0; round < 3; round++) {
		p = pressure_new();
		pressure_fds_read(f, p);
		assert_int_equal(p->nprocs, 3);
		assert_int_equal(p->procs_seen, 3);
		assert_int_equal(p->procs_hidden, 0);
		assert_int_equal(p->proc[0].pid, 11); /* the fullest */
		assert_int_equal(p->proc[0].fds.limit, 1000);
		assert_int_equal(p->proc[0].start, 4242);
		assert_string_equal(p->proc[0].comm, "b");
		assert_int_equal(p->proc[1].pid, 10);
		assert_string_equal(p->proc[1].comm, "a\\x1b[31m");
		assert_int_equal(p->proc[2].pid, 12);
		for (i = 0; i < 3; i++)
			assert_true(p->proc[i].fds.value > 0);
		pressure_free(p);
	}
	pressure_fds_free(f);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	assert_int_equal(system(cmd), 0);
	/* No /proc at all: nothing is known. */
	f = pressure_fds_new("/nonexistent");
	p = pressure_new();
	pressure_fds_read(f, p);
	assert_int_equal(p->nprocs, 0);
	pressure_free(p);
	pressure_fds_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sockstat),
		cmocka_unit_test(test_netstat),
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_nofile),
		cmocka_unit_test(test_fds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
