/* SPDX-License-Identifier: ISC */
/*
 * The filter language: which rows each expression finds, what wrong input is
 * told, and that a filter written back as text is the same filter. Cases
 * under "ss" are those of ss(8) and of iproute2's own test.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fixture.h"
#include "model/filter.h"

static struct fixture fx;

static int
setup(void **state)
{
	(void)state;
	fixture_init(&fx);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_done(&fx);
	return 0;
}

static struct filter *
parse(const char *text)
{
	struct filter *f = NULL;
	struct filter_error err;

	if (filter_parse(text, &f, &err) != 0)
		fail_msg("\"%s\": %s at %zu", text, err.message, err.offset);
	return f;
}

/* The letters of the rows that match. */
static void
found(const struct filter *f, char *ret)
{
	int i;

	for (i = 0; i < FIXTURE_ROWS; i++)
		if (filter_eval(f, &fx.row[i], &fx.ctx))
			*ret++ = (char)('a' + i);
	*ret = '\0';
}

struct expect {
	const char *text, *rows;
};

static void
check(const struct expect *cases, size_t n)
{
	char got[FIXTURE_ROWS + 1], again[FIXTURE_ROWS + 1];
	struct buf text = { 0 }, text2 = { 0 };
	struct filter *f, *g, *c;
	uint32_t possible;
	size_t i, j;

	for (i = 0; i < n; i++) {
		f = parse(cases[i].text);
		found(f, got);
		if (strcmp(got, cases[i].rows) != 0)
			fail_msg("\"%s\" finds \"%s\", not \"%s\"",
			    cases[i].text, got, cases[i].rows);
		/* As text and back, and as a copy: the same. */
		buf_reset(&text);
		buf_puts(&text, "");
		filter_to_text(f, &text);
		g = parse(text.data);
		found(g, again);
		if (strcmp(again, got) != 0)
			fail_msg("\"%s\" as \"%s\" finds \"%s\"", cases[i].text,
			    text.data, again);
		buf_reset(&text2);
		buf_puts(&text2, "");
		filter_to_text(g, &text2);
		assert_string_equal(text.data, text2.data);
		c = filter_clone(f);
		filter_free(f);
		found(c, again);
		assert_string_equal(again, got);
		/* Nothing is found in a state that is not possible. */
		possible = filter_states_possible(c);
		for (j = 0; got[j] != '\0'; j++)
			if ((possible & SOCK_STATE_BIT(
					    fx.row[got[j] - 'a'].rec.state)) ==
			    0)
				fail_msg("\"%s\": states %x leave %c out",
				    cases[i].text, possible, got[j]);
		filter_free(g);
		filter_free(c);
	}
	buf_done(&text);
	buf_done(&text2);
}

/* iproute2's testsuite/tests/ss/ssfilter.t: the row it expects of a to d. */
static void
test_ss_suite(void **state)
{
	static const struct expect cases[] = {
		{ "dport = 22", "c" },
		{ "dport 22", "c" },
		{ "( dport = 22 )", "c" },
		{ "src = 0.0.0.0 and tcp and not state bound", "a" },
		{ "src 0.0.0.0 sport = 22", "a" },
		{ "src 0.0.0.0 and sport = 22", "a" },
		{ "src 10.0.0.1 and sport = 22 and dport = 50312", "d" },
		{ "src 10.0.0.1 and sport = 22 and ( dport = 50312 )", "d" },
		{ "src 10.0.0.1 and ( sport = 22 and dport = 50312 )", "d" },
		{ "( src 10.0.0.1 and sport = 22 ) and dport = 50312", "d" },
		{ "( src 0.0.0.0 or src 10.0.0.1 ) and dst 10.0.0.2", "d" },
	};

	(void)state;
	check(cases, nitems(cases));
}

static void
test_ss_manual(void **state)
{
	static const struct expect cases[] = {
		/* USAGE EXAMPLES */
		{ "state established ( dport = :ssh or sport = :ssh )", "bcd" },
		{ "state fin-wait-1 ( sport = :http or sport = :https ) "
		  "dst 193.233.7/24",
		    "" },
		/* STATE-FILTER */
		{ "state established", "bcdhj" },
		{ "state ESTAB", "bcdhj" },
		{ "state syn-sent", "" },
		{ "state syn-recv", "m" },
		{ "state fin-wait-1", "" },
		{ "state fin-wait-2", "" },
		{ "state time-wait", "i" },
		{ "state closed", "g" },
		{ "state unconnected", "g" },
		{ "state close-wait", "l" },
		{ "state last-ack", "" },
		{ "state listening", "aefn" },
		{ "state listen", "aefn" },
		{ "state closing", "" },
		{ "state all", "abcdefghijklmn" },
		{ "state connected", "bcdhijlm" },
		{ "state synchronized", "bcdhijlm" },
		{ "state bucket", "im" },
		{ "state big", "abcdefghjln" },
		{ "state bound", "k" },
		{ "exclude listening", "bcdghijklm" },
		{ "excl listening", "bcdghijklm" },
		{ "exclude connected", "aefgkn" },
		{ "exclude all", "" },
		{ "state connected exclude established", "ilm" },
		{ "exclude established state established", "abcdefghijklmn" },
		{ "state listening state time-wait", "aefin" },
		{ "state listening,time-wait", "aefin" },
		/* Predicates */
		{ "dst 10.0.0.2", "d" },
		{ "dst = 10.0.0.2", "d" },
		{ "dst == 10.0.0.2", "d" },
		{ "dst eq 10.0.0.2", "d" },
		{ "dst 10.0.0.1:22", "c" },
		{ "dst 10.0.0.1:ssh", "c" },
		{ "dst :22", "c" },
		{ "dst :ssh", "c" },
		{ "dst *:22", "c" },
		{ "dst 10.0.0.1:*", "bc" },
		{ "dst 10.0.0/24", "bcd" },
		{ "dst 10.0/16", "bcd" },
		{ "dst 10.0.0.0/255.0.0.0", "bcd" },
		{ "dst 10.0.0.0/30", "bcd" },
		{ "dst 10.0.0.2/31", "d" },
		{ "dst 10", "" },
		{ "dst 10.0", "" },
		{ "src 10.0.0.1/32:22", "bdm" },
		{ "src 10.0.0.1", "bcdhilm" },
		{ "src inet:10.0.0.1", "bcdhlm" },
		{ "src inet:10.0.0.1:22", "bdm" },
		{ "src [2001:db8::1]:443", "j" },
		{ "src [2001:db8::1]", "j" },
		{ "src [2001:db8::/32]:443", "j" },
		{ "src [2001:db8::]/32", "j" },
		{ "src 2001:db8::/32", "j" },
		{ "src 2001:db8::1:443", "j" },
		{ "src 2001:db8::1", "j" },
		{ "src inet6:[2001:db8::1]", "j" },
		{ "src [::ffff:10.0.0.1]", "i" },
		{ "src ::ffff:10.0.0.1", "i" },
		{ "src [::]", "e" },
		{ "src ::1", "n" },
		{ "src any", "abcdefghijklmn" },
		{ "src default", "abcdefghijklmn" },
		{ "src *", "abcdefghijklmn" },
		{ "src 0.0.0.0/0", "abcdfghiklm" },
		{ "src ::/0", "eijn" },
		{ "src localhost", "fn" },
		{ "dst 192.0.2.7", "i" },
		{ "sport = :22", "abdm" },
		{ "sport = 22", "abdm" },
		{ "sport :22", "abdm" },
		{ "sport 22", "abdm" },
		{ "sport = :ssh", "abdm" },
		{ "sport ssh", "abdm" },
		{ "sport == 22", "abdm" },
		{ "sport eq 22", "abdm" },
		{ "sport = 0x16", "abdm" },
		{ "sport = inet::22", "abdm" },
		{ "sport = inet6::443", "eij" },
		{ "sport != :22", "cefghijkln" },
		{ "sport ne 22", "cefghijkln" },
		{ "sport neq 22", "cefghijkln" },
		{ "sport > 40000", "" },
		{ "sport gt 39999", "h" },
		{ "sport >= 40000", "h" },
		{ "sport ge :40000", "h" },
		{ "sport geq 40000", "h" },
		{ "sport < 53", "abdm" },
		{ "sport lt :53", "abdm" },
		{ "sport <= 53", "abdgm" },
		{ "sport le 53", "abdgm" },
		{ "sport leq 53", "abdgm" },
		{ "dport lt 1000 dport ne 0", "chl" },
		{ "sport = :*", "abcdefghijklmn" },
		{ "dev = eth0", "g" },
		{ "dev eth0", "g" },
		{ "dev == eth0", "g" },
		{ "dev = 2", "g" },
		{ "dev != eth0", "abcdefhijklmn" },
		{ "dev 0", "abcdefhijklmn" },
		{ "dev \"2\"", "" },
		{ "fwmark = 0x1ff", "j" },
		{ "fwmark 0x1ff", "j" },
		{ "fwmark = 511", "j" },
		{ "fwmark = 0x01/0x03", "" },
		{ "fwmark = 0x03/0x03", "j" },
		{ "fwmark = 0x1/0x1", "j" },
		{ "fwmark != 0x1ff", "abcdefghiklmn" },
		{ "cgroup /web.slice", "j" },
		{ "cgroup = /web.slice/", "j" },
		{ "cgroup == /sys/fs/cgroup/web.slice", "j" },
		{ "cgroup web.slice", "j" },
		{ "cgroup != /web.slice", "abcdefghiklmn" },
		{ "cgroup /system.slice/nginx.service", "e" },
		{ "autobound", "chl" },
		/* Operators */
		{ "not src 10.0.0.1", "aefgjkn" },
		{ "! src 10.0.0.1", "aefgjkn" },
		{ "!( src 10.0.0.1 )", "aefgjkn" },
		{ "sport = 22 & dport = 36266", "b" },
		{ "sport = 22 && dport = 36266", "b" },
		{ "sport = 22 and dport = 36266", "b" },
		{ "sport = 22 , dport = 36266", "b" },
		{ "sport = 22, dport = 36266", "b" },
		{ "sport = 22 dport = 36266", "b" },
		{ "sport = 53 | dport = 53", "gh" },
		{ "sport = 53 || dport = 53", "gh" },
		{ "sport = 53 or dport = 53", "gh" },
		/* Precedence as ss(8) has it */
		{ "sport = 53 or sport = 22 and dport = 36266", "bg" },
		{ "sport = 22 dport = 36266 or sport = 53", "bg" },
		{ "not sport = 22 or dport = 50312", "cdefghijkln" },
		{ "not sport = 22 dport = 22", "c" },
		/* States hold for the whole expression. */
		{ "state established sport = 22 or dport = 22", "bcd" },
		{ "state established and sport = 22 or dport = 22", "bcd" },
		{ "(state established) sport = 53 or sport = 443", "eij" },
		{ "state established sport = 53 or sport = 443", "j" },
		{ "(state established sport = 53 or sport = 443)", "j" },
	};

	(void)state;
	check(cases, nitems(cases));
}

static void
test_spelling(void **state)
{
	static const struct expect cases[] = {
		/* Blanks are not needed where nothing is ambiguous. */
		{ "sport=22&dport=36266", "b" },
		{ "sport=:22&&dport=36266", "b" },
		{ "(sport=53)|(dport=53)", "gh" },
		{ "sport=53|dport=53", "gh" },
		{ "!sport=22", "cefghijkln" },
		{ "!(sport=22)", "cefghijkln" },
		{ "!!sport=22", "abdm" },
		{ "not not not sport=22", "cefghijkln" },
		{ "sport>=22&sport<=53", "abdgm" },
		{ "src=10.0.0.1:22", "bdm" },
		{ "dst=10.0.0.0/8", "bcd" },
		{ "src!=10.0.0.1", "aefgjkn" },
		{ "dst:53", "h" },
		{ "dst:ssh", "c" },
		{ "dst:10.0.0.2", "d" },
		{ "\tsport\t=\t22\n", "abdm" },
		{ "STATE listening AND SPORT = 22", "a" },
		{ "state listen or port:443", "aefijn" },
		{ "state LISTEN or state TIME_WAIT", "aefin" },
		{ "port:8080", "" },
		{ "port:22", "abcdm" },
		{ "port=22", "abcdm" },
		{ "port 22", "abcdm" },
		{ "port:ssh", "abcdm" },
		{ "port!=22", "efghijkln" },
		{ "port<54", "abcdghm" },
		{ "port:50000-53000", "dij" },
		{ "port:22,53", "abcdghm" },
		{ "port:22,50-60", "abcdghm" },
		{ "port!=22,53", "efijkln" },
		{ "sport:443", "eij" },
		{ "sport:400-450", "eij" },
		{ "dport:80,53", "hl" },
		{ "port=0", "aefgkn" },
	};

	(void)state;
	check(cases, nitems(cases));
}

static void
test_columns(void **state)
{
	static const struct expect cases[] = {
		{ "pid=812", "a" },
		{ "pid:812", "a" },
		{ "pid == 812", "a" },
		{ "pid eq 812", "a" },
		{ "pid=901", "ej" }, /* the second holder, too */
		{ "pid=900,812", "ae" },
		{ "pid!=901", "abcdfghiklmn" },
		{ "pid>=1200", "fl" },
		{ "pid gt 1200", "l" },
		{ "user=root", "ae" },
		{ "user=ROOT", "ae" },
		{ "user=www-data", "ej" },
		{ "user:ann", "hkl" },
		{ "user=1000", "hk" },
		{ "user!=root", "bcdfghijklmn" },
		{ "uid=110", "f" },
		{ "process~^nginx", "ej" },
		{ "process=nginx", "e" },
		{ "process:nginx-wrk", "ej" },
		{ "process~sh", "a" },
		{ "process~SSH", "a" },
		{ "process~^nginx$", "e" },
		{ "process~nginx|postgres", "efj" },
		{ "process~(nginx|postgres)$", "ef" },
		{ "(process~nginx|postgres)", "efj" },
		{ "process~nginx||process~postgres", "efj" },
		{ "process !~ nginx", "abcdfghiklmn" },
		{ "process =~ nginx", "ej" },
		{ "process~\"a\\|b\"", "l" },
		{ "user=\"1000\"", "" },
		{ "comm=sshd", "a" },
		{ "cmdline~worker", "ej" },
		{ "cmdline~\"worker process\"", "ej" },
		{ "cmdline='dnsmasq -k'", "g" },
		{ "exe~lib/postgres", "f" },
		{ "cwd=/var/lib/postgresql", "f" },
		{ "unit=ssh.service", "a" },
		{ "unit~service", "ae" },
		{ "container~docker", "f" },
		{ "container:docker:0123456789ab", "f" },
		{ "cgroup~nginx", "e" },
		{ "skcgroup~web", "j" },
		{ "netns=web", "h" },
		{ "netns=4026532000", "h" },
		{ "nsid=4026532000", "h" },
		{ "netns!=web", "abcdefgijklmn" },
		{ "iface=eth0", "g" },
		{ "iface~eth", "g" },
		{ "dev~^e", "g" },
		{ "proto=udp", "gh" },
		{ "proto:TCP", "abcdefijklmn" },
		{ "proto!=tcp", "gh" },
		{ "family=6", "eijn" },
		{ "family:v4", "abcdfghklm" },
		{ "state=LISTEN", "aefn" },
		{ "state = listen", "aefn" },
		{ "state=established", "bcdj" },
		{ "state=connected", "h" },
		{ "state:time-wait,close-wait", "il" },
		{ "state!=listen", "bcdghijklm" },
		{ "state~wait", "il" },
		{ "local=10.0.0.1:22", "bdm" },
		{ "local:443", "eij" },
		{ "local~10.0.0.1:2", "bdm" },
		{ "laddr=127.0.0.0/8", "f" },
		{ "peer=8.8.8.8", "h" },
		{ "remote=8.8.8.8:53", "h" },
		{ "raddr=192.0.2.0/24", "ilm" },
		{ "peer~192.0.2", "ilm" },
		{ "lport=22", "abdm" },
		{ "lport<54", "abdgm" },
		{ "rport=53", "h" },
		{ "service=ssh", "abcdm" },
		{ "rtt>50ms", "j" },
		{ "rtt<1ms", "l" },
		{ "rtt>0.31ms", "j" },
		{ "rtt>=310us", "jl" },
		{ "rx>1k", "j" },
		{ "rx>1K/s", "j" },
		{ "rx>1M/s", "" },
		{ "tx>1M/s", "j" },
		{ "tx<=2.5M", "j" },
		{ "cwnd=10", "j" },
		{ "mss>1000", "j" },
		{ "retrans>0", "j" },
		{ "sent>1M", "j" },
		{ "received<2K", "j" },
		{ "cc=cubic", "j" },
		{ "recvq>64K", "j" },
		{ "recvq>64Ki", "j" },
		{ "recvq=3", "e" },
		{ "backlog>0", "e" },
		{ "backlog!=3", "abcdfghijklmn" },
		{ "mark=0x1ff", "j" },
		{ "mark=0x0f/0x0f", "j" },
		{ "mark>5", "j" },
		{ "inode=15970", "a" },
		{ "cookie=0x1004", "e" },
		{ "cookie=4100", "e" },
		{ "fd=6", "e" },
		{ "holders>1", "e" },
		{ "timer=keepalive", "j" },
		{ "timer:timewait", "i" },
		{ "timer=time-wait", "i" },
		{ "timer_left<8s", "j" },
		{ "age<10s", "j" },
		{ "age>1s", "abcdefghijklmn" },
		{ "age>30s", "abcdefghiklmn" },
		{ "age<1h", "j" },
		{ "v6only", "n" },
		{ "v6only=yes", "n" },
		{ "v6only=no", "e" },
		{ "shutdown=rd", "l" },
		{ "exposed", "aeg" },
		{ "exposed=all", "aeg" },
		{ "exposed:loopback", "fn" },
		{ "exposed>=private", "aeg" },
		{ "not exposed", "bcdfhijklmn" },
		{ "tcp", "abcdefijklmn" },
		{ "udp", "gh" },
		{ "udp or v6", "eghijn" },
		{ "v4 udp", "gh" },
		{ "ipv6 exposed", "e" },
		{ "ppid=1", "aefgjl" },
	};

	(void)state;
	check(cases, nitems(cases));
}

static void
test_words(void **state)
{
	static const struct expect cases[] = {
		{ "nginx", "ej" },
		{ "NGINX", "ej" },
		{ "\"nginx\"", "ej" },
		{ "nginx worker", "ej" },
		{ "\"worker process\"", "ej" },
		{ "'worker process'", "ej" },
		{ "sshd or postgres", "af" },
		{ "812", "a" },
		{ "4711", "l" },
		{ "36266", "bc" },
		{ "8.8.8.8", "h" },
		{ "10.0.0.1:22", "bcdm" },
		{ "2001:db8", "j" },
		{ "[2001:db8::2]:52000", "j" },
		{ "*:443", "e" },
		{ "eth0", "g" },
		{ "%eth0:53", "g" },
		{ "listen", "aefn" },
		{ "listening", "aefn" },
		{ "estab", "bcdj" },
		{ "wait", "il" },
		{ "ann", "hkl" },
		{ "postgresql", "f" },
		{ "docker:0123", "f" },
		{ "ssh.service", "a" },
		{ "\"tcp\"", "abcdefijklmn" },
		{ "\"a|b\"", "l" },
		{ "\"a|b \\\"c\\\"\"", "l" },
		{ "web", "h" },
		{ "domain", "gh" },
		{ "sshd:", "a" },
		{ "\"pid\"", "" },
	};

	(void)state;
	check(cases, nitems(cases));
}

/* Every column with COL_WORD is searched: its cell's own text is found. */
static void
test_words_find_cells(void **state)
{
	struct buf cell = { 0 }, quoted = { 0 };
	const struct column *c;
	struct filter *f;
	size_t i;
	char *p;

	(void)state;
	for (c = columns; c->name != NULL; c++) {
		if ((c->flags & COL_WORD) == 0)
			continue;
		for (i = 0; i < FIXTURE_ROWS; i++) {
			buf_reset(&cell);
			column_put(c, &fx.row[i], &fx.ctx, &cell);
			if (strcmp(cell.data, "-") == 0)
				continue;
			buf_reset(&quoted);
			buf_putc(&quoted, '"');
			for (p = cell.data; *p != '\0'; p++) {
				if (*p == '"' || *p == '\\')
					buf_putc(&quoted, '\\');
				buf_putc(&quoted, *p);
			}
			buf_putc(&quoted, '"');
			f = parse(quoted.data);
			if (!filter_eval(f, &fx.row[i], &fx.ctx))
				fail_msg("%s of row %c, %s, is not found",
				    c->name, (char)('a' + i), quoted.data);
			filter_free(f);
		}
	}
	buf_done(&cell);
	buf_done(&quoted);
}

struct wrong {
	const char *text;
	size_t offset;
	const char *says;    /* part of the sentence */
	const char *nearest; /* NULL: not asked */
};

static void
test_errors(void **state)
{
	static const struct wrong cases[] = {
		{ "state listning", 6, "\"listning\" is no state",
		    "listening" },
		{ "state", 5, "a state is expected", NULL },
		{ "exclude", 7, "a state is expected", NULL },
		{ "exclude foo", 8, "\"foo\" is no state", NULL },
		{ "state=foo", 6, "\"foo\" is no state", NULL },
		{ "sport = :sssh", 8, "neither a port", "ssh" },
		{ "sport = 70000", 8, "from 0 to 65535", NULL },
		{ "sport = 022", 8, "octal", NULL },
		{ "sport =", 7, "a port is expected", NULL },
		{ "sport ~ 22", 0, "sport is a number", NULL },
		{ "port:9-5", 5, "begins above its end", NULL },
		{ "sport > 5-9", 8, "can only be equal", NULL },
		{ "port:22,foo_bar", 8, "neither a port", NULL },
		{ "src", 3, "an address is expected", NULL },
		{ "src 10.0.0.999", 4, "is no address", NULL },
		{ "src 10.0.0.0/33", 4, "is no address", NULL },
		{ "src 10.0.0.0/255.0.255.0", 4, "is no address", NULL },
		{ "src example.com", 4, "is no address", NULL },
		{ "src [::1", 4, "closing ]", NULL },
		{ "src [::1]x", 4, "after ]", NULL },
		{ "src > 10.0.0.1", 0, "= and != only", NULL },
		{ "src inet:[::1]", 4, "address of IPv6", NULL },
		{ "src unix:/tmp/x", 4, "only inet and inet6", NULL },
		{ "dst netlink:rtnl", 4, "not netlink", NULL },
		{ "dev > 2", 0, "= and != only", NULL },
		{ "fwmark = x", 9, "a mark is a number", NULL },
		{ "fwmark 1/x", 7, "a mark is a number", NULL },
		{ "( sport = 22", 0, "closing parenthesis", NULL },
		{ "sport = 22 )", 11, "not opened", NULL },
		{ "()", 1, "a term is expected", NULL },
		{ "sport = 22 and", 14, "a term is expected", NULL },
		{ "and sport = 22", 0, "before \"and\"", NULL },
		{ "a or or b", 5, "before \"or\"", NULL },
		{ "a || | b", 5, "before \"|\"", NULL },
		{ "not", 3, "a term is expected", NULL },
		{ "a,", 2, "a term is expected", NULL },
		{ "\"abc", 0, "closing \"", NULL },
		{ "'abc", 0, "closing '", NULL },
		{ "\"\"", 0, "nothing between", NULL },
		{ "prcess=nginx", 0, "no column is called \"prcess\"",
		    "process" },
		{ "foo = 5", 0, "no column is called \"foo\"", NULL },
		{ "prot:443", 0, "no column is called \"prot\"", "proto" },
		{ "pid 812", 0, "needs an operator", NULL },
		{ "pid=x", 4, "pid is a number", NULL },
		{ "pid=-1", 4, "pid is a number", NULL },
		{ "pid=1,x", 6, "pid is a number", NULL },
		{ "pid=", 4, "a value is expected", NULL },
		{ "process>a", 0, "has no order", NULL },
		{ "state>listen", 0, "has no order", NULL },
		{ "proto=tpc", 6, "proto is tcp or udp", NULL },
		{ "family=5", 7, "family is 4 or 6", NULL },
		{ "exposed=world", 8, "loopback, link, private", NULL },
		{ "timer=foo", 6, "timer is retransmit, keepalive", NULL },
		{ "rtt>fast", 4, "rtt is a time", NULL },
		{ "rx>lots", 3, "bytes a second", NULL },
		{ "v6only=maybe", 7, "yes or no", NULL },
		{ "process~(", 8, "regular expression", NULL },
		{ "process~a[", 9, "regular expression", NULL },
		{ "=5", 0, "no column before", NULL },
		{ "!= 5", 1, "no column before", NULL },
		{ "listener=inet:10.0.0.1", 9, "listener is one address",
		    NULL },
		{ "local>10.0.0.1", 0, "has no order", NULL },
	};
	struct filter_error err;
	struct filter *f;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		const struct wrong *c = &cases[i];

		f = NULL;
		if (filter_parse(c->text, &f, &err) == 0)
			fail_msg("\"%s\" is taken for right", c->text);
		if (strstr(err.message, c->says) == NULL)
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", c->text,
			    err.message, c->says);
		if (err.offset != c->offset)
			fail_msg("\"%s\": caret at %zu, not %zu", c->text,
			    err.offset, c->offset);
		if (err.offset + err.len > strlen(c->text))
			fail_msg("\"%s\": caret beyond the end", c->text);
		if (strchr(err.message, '\n') != NULL)
			fail_msg("\"%s\": more than one line", c->text);
		if (c->nearest != NULL &&
		    (err.nearest == NULL ||
			strcmp(err.nearest, c->nearest) != 0))
			fail_msg("\"%s\": suggests %s, not %s", c->text,
			    err.nearest != NULL ? err.nearest : "nothing",
			    c->nearest);
		assert_null(f);
		filter_error_done(&err);
	}
}

static void
test_empty(void **state)
{
	struct filter_error err;
	struct filter *f = NULL;

	(void)state;
	assert_int_equal(filter_parse("", &f, &err), 0);
	assert_null(f);
	assert_int_equal(filter_parse(" \t\n", &f, &err), 0);
	assert_null(f);
	assert_true(filter_eval(NULL, &fx.row[0], &fx.ctx));
	assert_int_equal(filter_states_possible(NULL), SOCK_STATES_ALL);
	assert_int_equal(filter_needs(NULL), 0);
	assert_false(filter_volatile(NULL));
	assert_null(filter_clone(NULL));
	filter_free(NULL);
}

static void
expect_limit(const char *text, const char *says)
{
	struct filter_error err;
	struct filter *f = NULL;

	assert_int_not_equal(filter_parse(text, &f, &err), 0);
	if (strstr(err.message, says) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.message, says);
	filter_error_done(&err);
}

static void
test_limits(void **state)
{
	struct buf b = { 0 };
	struct filter *f;
	int i;

	(void)state;
	buf_pad(&b, '(', FILTER_DEPTH_MAX);
	buf_puts(&b, "tcp");
	buf_pad(&b, ')', FILTER_DEPTH_MAX);
	f = parse(b.data);
	assert_true(filter_eval(f, &fx.row[0], &fx.ctx));
	filter_free(f);
	buf_reset(&b);
	buf_pad(&b, '(', FILTER_DEPTH_MAX + 1);
	buf_puts(&b, "tcp");
	buf_pad(&b, ')', FILTER_DEPTH_MAX + 1);
	expect_limit(b.data, "nested");
	buf_reset(&b);
	buf_pad(&b, '!', FILTER_DEPTH_MAX + 1);
	buf_puts(&b, "tcp");
	expect_limit(b.data, "nested");
	buf_reset(&b);
	buf_pad(&b, 'x', FILTER_MAX);
	filter_free(parse(b.data));
	buf_putc(&b, 'x');
	expect_limit(b.data, "longer than 4096");
	/* A long chain is not deep. */
	buf_reset(&b);
	for (i = 0; i < 1000; i++)
		buf_puts(&b, "v4 |");
	buf_puts(&b, "v4");
	f = parse(b.data);
	assert_true(filter_eval(f, &fx.row[0], &fx.ctx));
	assert_false(filter_eval(f, &fx.row[ROW_j], &fx.ctx));
	filter_free(filter_clone(f));
	filter_free(f);
	buf_done(&b);
}

/* A pattern made to be slow ends, and the rows of others are not harmed. */
static void
test_slow_pattern(void **state)
{
	struct filter *f = parse("cmdline~(a+)+$");
	struct row *r = &fx.row[ROW_a];
	int i;

	(void)state;
	free(r->owners.proc->cmdline);
	r->owners.proc->cmdline = xcalloc(1, 4096);
	memset(r->owners.proc->cmdline, 'a', 4000);
	strcpy(r->owners.proc->cmdline + 4000, "!");
	for (i = 0; i < 200; i++) {
		fx.table.now_ns++; /* a new reading: nothing is remembered */
		assert_false(filter_eval(f, r, &fx.ctx));
	}
	filter_free(f);
}

static void
test_needs(void **state)
{
	static const struct {
		const char *text;
		unsigned need;
	} cases[] = {
		{ "sport = 22 and dst 10.0.0.0/8", 0 },
		{ "state established", 0 },
		{ "state bound", NEED_BOUND },
		{ "exclude listening", NEED_BOUND },
		{ "pid=1", NEED_OWNER },
		{ "user=root", NEED_OWNER | NEED_USER },
		{ "not (tcp and (rtt>1ms or cc=bbr))",
		    NEED_TCPINFO | NEED_EXT },
		{ "cmdline~x", NEED_OWNER | NEED_CMDLINE },
		{ "unit=x", NEED_OWNER | NEED_CGROUP },
		{ "cgroup /x", NEED_SKCGROUP },
		{ "dev eth0", NEED_IFACE },
		{ "dev 2", 0 },
		{ "timer_left<1s", NEED_TIMER },
	};
	struct filter *f;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		f = parse(cases[i].text);
		if (filter_needs(f) != cases[i].need)
			fail_msg("\"%s\" needs %x, not %x", cases[i].text,
			    filter_needs(f), cases[i].need);
		filter_free(f);
	}
	f = parse("nginx");
	assert_int_equal(filter_needs(f) & (NEED_OWNER | NEED_CMDLINE),
	    NEED_OWNER | NEED_CMDLINE);
	filter_free(f);
	f = parse("tcp or not (udp age<10s)");
	assert_true(filter_volatile(f));
	filter_free(f);
	f = parse("tcp or rtt<10s");
	assert_false(filter_volatile(f));
	filter_free(f);
}

static void
test_states_possible(void **state)
{
	static const struct {
		const char *text;
		uint32_t mask;
	} cases[] = {
		{ "tcp", SOCK_STATES_ALL },
		{ "state listening", SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "not state listening",
		    SOCK_STATES_ALL & ~SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "state listening and sport = 22",
		    SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "state listening or sport = 22", SOCK_STATES_ALL },
		{ "not (state listening and sport = 22)", SOCK_STATES_ALL },
		{ "not (state listening or sport = 22)",
		    SOCK_STATES_ALL & ~SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "state listening and state closing", 0 },
		{ "state=LISTEN or state=CLOSING",
		    SOCK_STATE_BIT(SOCK_LISTEN) |
			SOCK_STATE_BIT(SOCK_CLOSING) },
		{ "state!=LISTEN",
		    SOCK_STATES_ALL & ~SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "exposed", SOCK_STATE_BIT(SOCK_LISTEN) |
				 SOCK_STATE_BIT(SOCK_UNCONNECTED) },
		{ "not exposed", SOCK_STATES_ALL },
		{ "backlog>0", SOCK_STATE_BIT(SOCK_LISTEN) },
		{ "backlog!=0", SOCK_STATES_ALL },
	};
	struct filter *f;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		f = parse(cases[i].text);
		if (filter_states_possible(f) != cases[i].mask)
			fail_msg("\"%s\": states %x, not %x", cases[i].text,
			    filter_states_possible(f), cases[i].mask);
		filter_free(f);
	}
}

static void
test_built(void **state)
{
	char got[FIXTURE_ROWS + 1];
	struct buf text = { 0 };
	struct filter *f, *g;
	uint32_t mask;

	(void)state;
	f = filter_and(filter_states(SOCK_STATE_BIT(SOCK_LISTEN)),
	    filter_and(NULL, parse("v4")));
	found(f, got);
	assert_string_equal(got, "af");
	filter_free(f);
	/* Each single state can be written and read again. */
	for (mask = 1; mask < SOCK_STATE_BIT(SOCK_NSTATES); mask <<= 1) {
		if ((mask & SOCK_STATES_ALL) == 0)
			continue;
		f = filter_states(mask);
		buf_reset(&text);
		filter_to_text(f, &text);
		g = parse(text.data);
		assert_int_equal(g->kind, FILTER_STATES);
		if (g->states != mask)
			fail_msg("%x is written \"%s\"", mask, text.data);
		filter_free(f);
		filter_free(g);
		f = filter_states(~mask);
		buf_reset(&text);
		filter_to_text(f, &text);
		g = parse(text.data);
		if (g->states != (SOCK_STATES_ALL & ~mask))
			fail_msg("not %x is written \"%s\"", mask, text.data);
		filter_free(f);
		filter_free(g);
	}
	buf_done(&text);
}

static size_t
resolve(void *arg, const char *name, struct endpoint *addr, uint8_t *family,
    size_t max)
{
	int *asked = arg;

	(*asked)++;
	if (strcmp(name, "db.example") != 0 || max < 2)
		return 0;
	fixture_end(&addr[0], "192.0.2.9", 0);
	fixture_end(&addr[1], "2001:db8::2", 0);
	family[0] = 4;
	family[1] = 6;
	return 2;
}

static void
test_host_names(void **state)
{
	static const struct expect cases[] = { { "dst db.example", "jl" },
		{ "dst db.example:80", "l" }, { "dst inet6:db.example", "j" },
		{ "dst != db.example", "abcdefghikmn" },
		{ "tcp not dst db.example or udp", "abcdefghikmn" } };
	struct filter_env env = { .resolve = resolve };
	char got[FIXTURE_ROWS + 1];
	struct filter_error err;
	struct filter *f;
	int asked = 0;
	size_t i;

	(void)state;
	env.arg = &asked;
	for (i = 0; i < nitems(cases); i++) {
		if (filter_parse_env(cases[i].text, &env, &f, &err) != 0)
			fail_msg("%s: %s", cases[i].text, err.message);
		found(f, got);
		assert_string_equal(got, cases[i].rows);
		filter_free(f);
	}
	assert_int_equal(asked, nitems(cases));
	assert_int_not_equal(
	    filter_parse_env("dst no.example", &env, &f, &err), 0);
	assert_non_null(strstr(err.message, "no host of that name"));
	filter_error_done(&err);
}

/* The range of ports is the machine's, where the table was told. */
static void
test_ephemeral(void **state)
{
	char got[FIXTURE_ROWS + 1];
	struct filter *f = parse("autobound");

	(void)state;
	fx.table.ephemeral_lo = 22;
	fx.table.ephemeral_hi = 100;
	found(f, got);
	assert_string_equal(got, "abdgm");
	filter_free(f);
}

/* What was remembered of a process does not outlive the reading. */
static void
test_memory(void **state)
{
	struct filter *f = parse("renamed");
	struct row *r = &fx.row[ROW_a];

	(void)state;
	assert_false(filter_eval(f, r, &fx.ctx));
	free(r->owners.proc->comm);
	r->owners.proc->comm = xstrdup("renamed");
	fx.table.now_ns += NS_S;
	assert_true(filter_eval(f, r, &fx.ctx));
	filter_free(f);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_ss_suite),
		TEST(test_ss_manual), TEST(test_spelling), TEST(test_columns),
		TEST(test_words), TEST(test_words_find_cells),
		TEST(test_errors), TEST(test_empty), TEST(test_limits),
		TEST(test_slow_pattern), TEST(test_needs),
		TEST(test_states_possible), TEST(test_built),
		TEST(test_host_names), TEST(test_ephemeral),
		TEST(test_memory) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
