/* SPDX-License-Identifier: ISC */
/* The command line: every form that a manual or a tutorial has, and what is
 * said of a wrong one. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "model/scan.h"

#define ARGV_MAX 32

/* Splits at blanks; a word in '..' is one. */
static int
split(char *line, char **argv)
{
	int argc = 0;
	char *end;

	argv[argc++] = line;
	line = NULL;
	for (line = argv[0]; argc < ARGV_MAX; line = end + 1) {
		line += strspn(line, " ");
		if (*line == '\0')
			break;
		if (*line == '\'') {
			argv[argc++] = ++line;
			end = strchr(line, '\'');
		} else {
			argv[argc++] = line;
			end = line + strcspn(line, " ");
		}
		if (end == NULL || *end == '\0')
			break;
		*end = '\0';
	}
	return argc;
}

/* Two addresses for one name, none for others. */
static size_t
lookup(void *arg, const char *name, struct endpoint *addr, uint8_t *family,
    size_t max)
{
	(void)arg;
	if (strcmp(name, "web.example") != 0 || max < 2)
		return 0;
	memset(addr, 0, 2 * sizeof(*addr));
	memcpy(addr[0].addr, "\300\000\002\001", 4);
	family[0] = 4;
	addr[1].addr[0] = 0x20;
	addr[1].addr[1] = 0x01;
	addr[1].addr[15] = 1;
	family[1] = 6;
	return 2;
}

static const struct filter_env hosts = { .resolve = lookup };

static int
parse(struct args *a, const char *line, char **cause)
{
	static char copy[8192];
	static char *argv[ARGV_MAX + 1];
	int argc;

	strlcpy(copy, line, sizeof(copy));
	argc = split(copy, argv);
	argv[0] = (char *)(uintptr_t) "sockdeck";
	return args_parse(a, argc, argv, &hosts, cause);
}

static void
good(struct args *a, const char *line)
{
	char *cause = NULL;

	if (parse(a, line, &cause) != 0)
		fail_msg("%s: %s", line, cause);
}

static void
bad(const char *line, const char *says)
{
	struct args a;
	char *cause = NULL;

	if (parse(&a, line, &cause) != STATUS_USAGE)
		fail_msg("%s: was accepted", line);
	assert_non_null(cause);
	if (strstr(cause, says) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", line, cause, says);
	free(cause);
	args_done(&a);
}

/* The filter must come out as this text's does. */
static void
filter_is(const struct filter *f, const char *text)
{
	struct buf got = { 0 }, want = { 0 };
	struct filter_error e = { 0 };
	struct filter *g = NULL;

	if (filter_parse(text, &g, &e) != 0)
		fail_msg("%s: %s", text, e.message);
	filter_to_text(f, &got);
	filter_to_text(g, &want);
	assert_string_equal(got.data, want.data);
	filter_free(g);
	buf_done(&got);
	buf_done(&want);
}

static void
test_tutorials(void **state)
{
	struct args a;

	(void)state;
	good(&a, "list -tan");
	assert_string_equal(a.command, "list");
	assert_true(a.tcp && a.all && a.numeric && !a.udp);
	assert_null(a.filter);
	args_done(&a);
	good(&a, "ls -at");
	assert_string_equal(a.command, "list");
	args_done(&a);
	good(&a, "list -tul");
	assert_true(a.tcp && a.udp && a.listening);
	assert_int_equal(a.states,
	    SOCK_STATE_BIT(SOCK_LISTEN) | SOCK_STATE_BIT(SOCK_UNCONNECTED));
	assert_non_null(a.filter);
	args_done(&a);
	good(&a, "list -plunt");
	assert_true(a.tcp && a.udp && a.listening && a.numeric && a.owners);
	args_done(&a);
	good(&a, "list -Pn -i4");
	assert_true(a.numeric && !a.internals);
	filter_is(a.filter, "family=4");
	args_done(&a);
}

static void
test_lsof(void **state)
{
	static const struct {
		const char *line, *filter;
	} t[] = {
		{ "list -i :80", "sport = :80 or dport = :80" },
		{ "list -i:80", "sport = :80 or dport = :80" },
		{ "list -iTCP", "proto=tcp" },
		{ "list -i udp", "proto=udp" },
		{ "list -i6TCP", "family=6 and proto=tcp" },
		{ "list -i4 -i6", "family=4 or family=6" },
		{ "list -PiTCP -sTCP:LISTEN",
		    "proto=tcp and (proto!=tcp or state listen)" },
		{ "list -sTCP:SYN_SENT,CLOSE_WAIT",
		    "proto!=tcp or state syn-sent or state close-wait" },
		{ "list -iTCP@192.0.2.1", "proto=tcp and "
					  "(src 192.0.2.1 or dst 192.0.2.1)" },
		{ "list -i @192.0.2.1:22", "src 192.0.2.1 and sport = :22 or "
					   "dst 192.0.2.1 and dport = :22" },
		{ "list -i @[2001:db8::1]:22",
		    "src [2001:db8::1] and "
		    "sport = :22 or dst [2001:db8::1] and dport = :22" },
		{ "list -i @[2001:db8::1]", "src [2001:db8::1] or "
					    "dst [2001:db8::1]" },
		{ "list -iUDP:53,8000-8100",
		    "proto=udp and (sport = :53 or "
		    "dport = :53 or sport ge :8000 and sport le :8100 or "
		    "dport ge :8000 and dport le :8100)" },
		{ "list -i @web.example", "src 192.0.2.1 or dst 192.0.2.1 or "
					  "src [2001::1] or dst [2001::1]" },
		{ "list 'dst web.example'", "dst 192.0.2.1 or dst [2001::1]" },
		{ "list -i :ssh", "sport = :22 or dport = :22" },
		{ "list -i :22 nginx",
		    "(sport = :22 or dport = :22) and nginx" },
	};
	struct args a;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		good(&a, t[i].line);
		assert_non_null(a.filter);
		filter_is(a.filter, t[i].filter);
		args_done(&a);
	}
}

static void
test_letters(void **state)
{
	struct args a;

	(void)state;
	good(&a, "-tin");
	assert_true(a.tcp && a.internals && a.numeric);
	args_done(&a);
	good(&a, "-i state established");
	assert_true(a.internals);
	assert_string_equal(a.filter_text, "state established");
	args_done(&a);
	good(&a, "list -emo46 -Nweb -r");
	assert_true(
	    a.extended && a.memory && a.timers && a.v4 && a.v6 && a.resolve);
	assert_string_equal(a.netns, "web");
	args_done(&a);
	good(&a, "list -H -N all");
	assert_false(a.header);
	assert_string_equal(a.netns, "all");
	args_done(&a);
	good(&a, "-s");
	assert_string_equal(a.command, "list");
	assert_int_equal(a.format, OUT_SUMMARY);
	args_done(&a);
	good(&a, "-s --json");
	assert_int_equal(a.format, OUT_SUMMARY_JSON);
	assert_string_equal(a.command, "list");
	args_done(&a);
	good(&a, "list -la");
	assert_int_equal(a.states, 0);
	args_done(&a);
}

static void
test_long(void **state)
{
	struct args a;

	(void)state;
	good(&a, "list --json --sort=-rx,pid --limit 5 --columns pid,local");
	assert_int_equal(a.format, OUT_JSON);
	assert_string_equal(a.sort, "-rx,pid");
	assert_int_equal(a.limit, 5);
	assert_string_equal(a.columns, "pid,local");
	args_done(&a);
	good(&a, "--jsonl --watch 0.5 --from x");
	assert_string_equal(a.command, "list");
	assert_true(a.watch);
	assert_int_equal(a.watch_ns, 500000000);
	args_done(&a);
	good(&a, "list --watch nginx");
	assert_true(a.watch);
	assert_int_equal(a.watch_ns, 0);
	assert_string_equal(a.filter_text, "nginx");
	args_done(&a);
	good(&a, "--color=never --interval 3 --readonly");
	assert_string_equal(a.command, "deck");
	assert_false(a.command_given);
	assert_int_equal(a.colour, 2);
	assert_int_equal(a.interval_ns, 3000000000);
	assert_true(a.readonly);
	args_done(&a);
	good(&a, "help list");
	assert_string_equal(a.command, "help");
	assert_int_equal(a.argi, 2);
	args_done(&a);
	good(&a, "-- -x");
	assert_string_equal(a.filter_text, "-x");
	args_done(&a);
	good(&a, "list state established -t 'sport = :22'");
	assert_true(a.tcp);
	assert_string_equal(a.filter_text, "state established sport = :22");
	args_done(&a);
}

static void
test_wrong(void **state)
{
	(void)state;
	bad("--jsno", "unknown option --jsno; did you mean --json?");
	bad("--list-colums", "did you mean --list-columns?");
	bad("--qqqqqq", "unknown option --qqqqqq");
	bad("kill -9 port:80", "unknown option -9; did you mean -s 9?");
	bad("kill -HUP port:80", "unknown option -HUP; did you mean -s HUP?");
	bad("kill -x port:80", "unknown option -x");
	bad("-tx", "unknown option -x in -tx");
	bad("-x", "TCP and UDP sockets only");
	bad("-L", "did you mean -l?");
	bad("--limit", "--limit needs its N");
	bad("--limit 0", "--limit 0");
	bad("--limit 1x", "--limit 1x");
	bad("--limit=", "--limit");
	bad("--json=yes", "--json takes no value");
	bad("--watch=soon", "--watch soon");
	bad("--watch=0", "--watch 0");
	bad("--interval 1y", "--interval 1y");
	bad("--colour blue", "--colour blue");
	bad("--from=", "FILE is empty");
	bad("-N", "-N needs its NAME");
	bad("--json --csv", "--csv");
	bad("list --watch --csv", "--watch does not go with --csv");
	bad("deck --json", "--json does not go with deck");
	bad("-s --jsonl", "-s");
	bad("-s --csv", "-s");
	bad("-s --json --limit 3", "--limit");
	bad("-s --sort pid", "--sort does not go with -s");
	bad("-i :http,nosuchservice", "-i :http,nosuchservice");
	bad("-i :99999", "-i :99999");
	bad("-i :80-70", "-i :80-70");
	bad("-i @:80", "no such host");
	bad("-i @nosuch.example", "no such host");
	bad("list 'dst nosuch.example'", "nosuch.example");
	bad("-sTCP:NOSUCH", "no such state");
	bad("-sTCP:", "states are missing");
	bad("--columns nosuch", "nosuch");
	bad("--columns lcoal", "local");
	bad("--sort nosuch", "nosuch");
	bad("list --events --json", "--json does not go with --events");
	bad("list --events --sort pid", "--sort does not go with --events");
	bad("list --events --from x", "--from does not go with --events");
	bad("deck --events", "--events does not go with deck");
	bad("list -N web --from x", "-N does not go with --from");
}

static void
test_caret(void **state)
{
	struct args a;
	char *cause = NULL, *line, *mark;

	(void)state;
	assert_int_equal(
	    parse(&a, "list 'sport = :22 and dport zz :1'", &cause),
	    STATUS_USAGE);
	args_done(&a);
	line = strstr(cause, "\n  sport = :22 and dport zz :1\n");
	if (line == NULL)
		fail_msg("no line in: %s", cause);
	mark = strchr(line + 1, '\n') + 1;
	assert_int_equal(
	    strspn(mark, " "), 2 + strlen("sport = :22 and dport "));
	free(cause);
	/* What is typed may hold anything; what is said holds no control. */
	assert_int_equal(
	    parse(&a, "list '\033[31m = ='", &cause), STATUS_USAGE);
	args_done(&a);
	assert_null(strchr(cause, '\033'));
	free(cause);
}

/* nmap's letters: two of them, combined, attached. */
static void
test_scan(void **state)
{
	struct args a;

	(void)state;
	good(&a, "scan -sSU -Pn -p- -T4 -n -vv --reason 192.0.2.1 web");
	assert_string_equal(a.command, "scan");
	assert_int_equal(a.scan.how, SCAN_SYN | SCAN_UDP);
	assert_true(a.scan.no_ping && a.scan.no_dns && a.scan.reason);
	assert_string_equal(a.scan.ports, "-");
	assert_int_equal(a.scan.timing, 4);
	assert_int_equal(a.scan.verbose, 2);
	assert_int_equal(a.nwords, 2);
	assert_string_equal(a.word[1], "web");
	args_done(&a);
	good(&a, "scan -sT -sU -p22,80 -T aggressive -iL - -oX out.xml -nv");
	assert_int_equal(a.scan.how, SCAN_CONNECT | SCAN_UDP);
	assert_string_equal(a.scan.ports, "22,80");
	assert_int_equal(a.scan.timing, 4);
	assert_string_equal(a.scan.list, "-");
	assert_string_equal(a.scan.xml, "out.xml");
	assert_true(a.scan.no_dns && a.scan.verbose == 1);
	args_done(&a);
	good(&a, "scan -6 -F -r -R -oA base -y --host-timeout 5m "
		 "--max-retries 0 --stats-every 10s --shard 2/3 --seed 7 x");
	assert_true(a.v6 && a.scan.fast && a.scan.in_order && a.yes);
	assert_true(a.scan.all_dns && a.scan.seeded);
	assert_int_equal(a.scan.host_timeout_ns, UINT64_C(300000000000));
	assert_int_equal(a.scan.max_retries, 0);
	assert_int_equal(a.scan.shard, 2);
	assert_int_equal(a.scan.nshards, 3);
	assert_int_equal(a.scan.seed, 7);
	args_done(&a);
	good(&a, "scan x");
	assert_int_equal(a.scan.how, 0);
	assert_int_equal(a.scan.timing, -1);
	assert_int_equal(a.scan.max_retries, -1);
	args_done(&a);
	good(&a, "scan --merge a b c -oX -");
	assert_string_equal(a.scan.merge, "a");
	assert_int_equal(a.nwords, 2);
	args_done(&a);
}

static void
test_scan_wrong(void **state)
{
	static const struct {
		const char *line, *says;
	} t[] = {
		{ "scan", "needs a TARGET" },
		{ "scan -sC x", "-sC: not in this version" },
		{ "scan -sSC x", "-sC: not in this version" },
		{ "scan -sn -O x", "-O does not go with -sn" },
		{ "scan --osscan-limit x", "is about -O" },
		{ "scan --fuzzy x", "is about -O" },
		{ "scan --script safe, x", "a name is missing" },
		{ "scan --script ,vuln x", "a name is missing" },
		{ "scan --script safe --script-args a=1 x", "names none of" },
		{ "scan --engine masscan x", "sockdeck, nmap or both" },
		{ "scan --engine nmap --shard 0/2 --seed 1 x",
		    "--shard does not go with --engine nmap" },
		{ "scan --engine nmap -sL x", "-sL does not go with" },
		{ "scan --engine both -sn x", "does not go with -sn" },
		{ "scan --script vuln --resume f x",
		    "--resume does not go with nmap's scripts" },
		{ "scan --script safe --script safe x", "given before" },
		{ "scan -sn -A x", "-A does not go with -sn" },
		{ "scan -sL -sV x", "-sV does not go with -sL" },
		{ "scan --version-all x", "is about -sV" },
		{ "scan -sV --version-intensity 10 x", "0 to 9" },
		{ "scan -PS22 x", "-PS22: not in this version" },
		{ "scan -P0 x", "-P0 is spelled -Pn now" },
		{ "scan -sP x", "-sP is spelled -sn now" },
		{ "scan -sQ x", "unknown option -sQ; see" },
		{ "scan -sSv x", "unknown option -sv; see" },
		{ "scan -t x", "unknown option -t; see" },
		{ "scan --columns a x", "scan has no option --columns" },
		{ "scan --exlude a x", "did you mean --exclude?" },
		{ "scan -p", "-p needs its PORTS" },
		{ "scan -p 1 -p 2 x", "-p 2: it was given before" },
		{ "scan -p 1 -F x", "-F does not go with -p" },
		{ "scan -F --top-ports 3 x",
		    "--top-ports does not go with -F" },
		{ "scan --top-ports 0 x", "--top-ports 0" },
		{ "scan -sS -sT x", "-sT does not go with -sS" },
		{ "scan -sn -sS x", "does not go with -sn" },
		{ "scan -sn -p 1 x", "-p does not go with -sn" },
		{ "scan -sL -F x", "-F does not go with -sL" },
		{ "scan -T6 x", "-T 6: 0 to 5" },
		{ "scan -T fast x", "-T fast" },
		{ "scan --min-rate 0 x", "--min-rate 0" },
		{ "scan --min-rate 9 --max-rate 8 x",
		    "--min-rate 9 is above --max-rate 8" },
		{ "scan --max-retries 51 x", "--max-retries 51" },
		{ "scan --host-timeout 1y x", "--host-timeout 1y" },
		{ "scan --seed x x", "--seed x" },
		{ "scan --shard 3/3 --seed 1 x", "--shard 3/3: I/N" },
		{ "scan --shard 1 --seed 1 x", "--shard 1: I/N" },
		{ "scan --shard 0/3 x", "--shard 0/3 needs --seed" },
		{ "scan -oX -v x", "-oX -v: this looks like an option" },
		{ "scan -oX - --json x", "-oX - does not go with --json" },
		{ "scan -oG - -oN - x", "-oG - does not go with -oN -" },
		{ "scan -oA - x", "-oA -" },
		{ "scan -oA b -oX c x", "-oX does not go with -oA" },
		{ "scan -n -R x", "-n does not go with -R" },
		{ "scan -4 -6 x", "-4 does not go with -6" },
		{ "scan --sandbox maybe x", "--sandbox maybe" },
		{ "scan --json --jsonl x", "--jsonl" },
		{ "scan --merge a -p 1", "-p does not go with --merge" },
		{ "scan --resume j -p 1",
		    "-p does not go with --resume without a TARGET" },
		{ "scan --resume j --exclude h",
		    "--exclude does not go with --resume without a TARGET" },
		{ "scan --resume j --shard 0/3 --seed 1",
		    "--shard does not go with --resume without a TARGET" },
		{ "scan --self x", "a target does not go with --self" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++)
		bad(t[i].line, t[i].says);
}

/* Of one command: none is there twice, its own among the shared ones. */
static void
check_options(const struct command_def *c)
{
	const struct arg_def *d, *e;
	size_t i, j, n;

	for (i = 0; n = i, (d = command_option(c, &i)) != NULL;) {
		assert_true(d->letter != NULL || d->name != NULL);
		assert_non_null(d->take);
		for (j = 0; j < n && (e = command_option(c, &j)) != NULL;) {
			if (e == d)
				break;
			if (d->letter != NULL && e->letter != NULL)
				assert_string_not_equal(d->letter, e->letter);
			if (d->name != NULL && e->name != NULL)
				assert_string_not_equal(d->name, e->name);
		}
	}
}

static void
test_tables(void **state)
{
	const struct command_def *c;

	(void)state;
	for (c = command_defs; c->name != NULL; c++)
		check_options(c);
}

/* A lone word that looks like a command is a filter all the same. */
static void
near_commands(void **state)
{
	static const struct {
		const char *line, *near;
	} line[] = {
		{ "lsit", "list" },
		{ "lst", "list" },
		{ "explian", "explain" },
		{ "nginx", NULL },
		{ "list lsit", NULL },
		{ "lsit nginx", NULL },
		{ "port:22", NULL },
	};
	struct args a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		good(&a, line[i].line);
		if (line[i].near == NULL)
			assert_null(a.near_command);
		else
			assert_string_equal(a.near_command, line[i].near);
		assert_non_null(a.filter);
		args_done(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_commands),
		cmocka_unit_test(test_tutorials),
		cmocka_unit_test(test_lsof),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_scan_wrong),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
