/* SPDX-License-Identifier: ISC */
/* Probe files: what is read, what is refused, what a match says. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/probe_file.h"
#include "seed.h"

static struct probe_files *
files_of(const char *text)
{
	struct probe_files *f = probe_files_new();
	char *cause = NULL;

	if (probe_files_add(f, text, strlen(text), "/x/probes", &cause) < 0)
		fail_msg("%s", cause);
	return f;
}

static const struct probe_def *
find(const struct probe_files *f, const char *name)
{
	const struct probe_def *d;
	size_t i;

	for (i = 0; (d = probe_files_at(f, i)) != NULL; i++)
		if (strcmp(d->name, name) == 0)
			return d;
	fail_msg("no probe %s", name);
	return NULL;
}

/* What is made of an answer: 2 sure, 1 it looks like it, 0 nothing. */
static int
match(const struct probe_files *f, const char *probe, const void *answer,
    size_t len, struct service_info *info)
{
	/* Of its exact size, so that a sanitizer sees a step beyond. */
	uint8_t *copy = memcpy(xmalloc(len > 0 ? len : 1), answer, len);
	bool soft = true, hard;

	service_init(info);
	hard = probe_files_match(f, probe == NULL ? NULL : find(f, probe), copy,
	    len, false, info, &soft);
	assert_false(hard && soft);
	free(copy);
	return hard ? 2 : soft ? 1 : 0;
}

#define MATCH(f, probe, text, info) \
	match(f, probe, text, sizeof(text) - 1, info)

/* -- reading --------------------------------------------------------------- */

static const char some[] =
    "# a file\r\n"
    "Exclude T:9100-9107,U:53\n"
    "\n"
    "Probe TCP NULL q||\n"
    "totalwaitms 6000\n"
    "tcpwrappedms 3000\n"
    "match odd m|^ODD/(\\d[\\d.]+) on (\\w+)\\r\\n| p/Oddd/ v/$1/ "
    "i/the odd one: $2/ h/$2/ o/Linux/ d/router/ "
    "cpe:/a:odd:oddd:$1/ cpe:/o:linux:linux_kernel/a\n"
    "softmatch odd m/^ODD /\n"
    "match other m|^ODD other|\n"
    "match odd m|^ODD late ([\\w_]+)| v/$SUBST(1,\"_\",\".\")/\n"
    "Probe UDP Same q|\\x00\\x01same|\n"
    "Probe TCP Ask q/ASK\\r\\n\\0\\x7c\\\\/ no-payload\n"
    "ports 21,7000-7003\n"
    "sslports 993\n"
    "rarity 2\n"
    "fallback Same\n"
    "match ssl/asked m=^ASKED (....)=s p=Asked= i/n $I(1,\">\") $I(1,\"<\")/\n"
    "match wide m|^WIDE(.*)END|s p/W$P(1)$/ v/$9x$1/\n"
    "match folded m|^FOLD(ED)?|i p/F$1/\n";

static void
reads(void **state)
{
	struct probe_files *f = files_of(some);
	const struct probe_def *d;

	(void)state;
	assert_int_equal(probe_files_count(f), 3);
	assert_int_equal(probe_files_lines(f), 7);
	d = find(f, "NULL");
	assert_int_equal(d->len, 0);
	assert_int_equal(d->rarity, 0);
	assert_int_equal(d->wait_ms, 6000);
	assert_int_equal(d->wrapped_ms, 3000);
	d = find(f, "Same");
	assert_int_equal(d->proto, SOCK_UDP);
	assert_int_equal(d->len, 6);
	assert_memory_equal(d->bytes, "\0\001same", 6);
	assert_int_equal(d->rarity, 5);
	d = find(f, "Ask");
	assert_int_equal(d->proto, SOCK_TCP);
	assert_int_equal(d->len, 8);
	assert_memory_equal(d->bytes, "ASK\r\n\0|\\", 8);
	assert_int_equal(d->rarity, 2);
	assert_string_equal(d->file, "/x/probes");
	assert_true(probe_def_wants(f, d, 21, false));
	assert_true(probe_def_wants(f, d, 7003, false));
	assert_false(probe_def_wants(f, d, 7004, false));
	assert_false(probe_def_wants(f, d, 21, true));
	assert_true(probe_def_wants(f, d, 993, true));
	assert_true(probe_files_excluded(f, SOCK_TCP, 9105));
	assert_false(probe_files_excluded(f, SOCK_UDP, 9105));
	assert_true(probe_files_excluded(f, SOCK_UDP, 53));
	probe_files_free(f);
	probe_files_free(NULL);
}

static void
refuses(void **state)
{
	static const struct {
		const char *text, *why;
	} t[] = {
		{ "Probes TCP a q|x|", "p:1: \"Probes\": Probe, match, " },
		{ "\n\nmatch a m|b|", "p:3: \"match\": there is no Probe" },
		{ "Probe SCTP a q|x|", "\"SCTP\": a probe is for TCP or UDP" },
		{ "Probe TCP", "a probe has a name" },
		{ "Probe TCP a", "is q|..|" },
		{ "Probe TCP a q|x", "\"q|x\"" },
		{ "Probe TCP a q|\\xg0|", "is q|..|, with" },
		{ "Probe TCP a q|\\|", "is q|..|, with" },
		{ "Probe TCP a q|\\9|", "is q|..|, with" },
		{ "Probe TCP a q|x| payload", "nothing more" },
		{ "Probe TCP a q|x|\nProbe TCP a q|y|",
		    "p:2: \"a\": there is" },
		{ "Probe TCP a q|x|\nmatch b", "m|pattern| was expected" },
		{ "Probe TCP a q|x|\nmatch b m|x", "does not end" },
		{ "Probe TCP a q|x|\nmatch b m|x|g",
		    "\"g\": behind a pattern" },
		{ "Probe TCP a q|x|\nmatch b m|x| q/a/", "\"q/a/\": p/prod" },
		{ "Probe TCP a q|x|\nmatch b m|x| p/a", "cpe:/name/ was" },
		{ "Probe TCP a q|x|\nmatch b m|x| p/a/v/b/", "cpe:/name/ was" },
		{ "Probe TCP a q|x|\nports", "a list of ports" },
		{ "Probe TCP a q|x|\nports 1,,2", "\"\": that is no port" },
		{ "Probe TCP a q|x|\nports 5-4", "\"5-4\": that is no port" },
		{ "Probe TCP a q|x|\nports 65536", "that is no port" },
		{ "Probe TCP a q|x|\nports 1 2", "\"2\": nothing more" },
		{ "Probe TCP a q|x|\nrarity 10", "1 to 9 was" },
		{ "Probe TCP a q|x|\nrarity 0", "1 to 9 was" },
		{ "Probe TCP a q|x|\ntotalwaitms x", "\"x\": a number" },
		{ "Probe TCP a q|x|\nfallback", "a probe's name" },
		{ "Probe TCP a q|x|\n\nfallback a,b",
		    "p:3: \"b\": there is no" },
		{ "Exclude a\n", "ports: " },
		{ "Exclude 1\nExclude 2\n", "p:2: \"2\": a file has one" },
		{ "Probe TCP a q|x|\nma\x1bzz", "\"ma\\x1bzz\"" },
	};
	struct probe_files *f = files_of(some);
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		cause = NULL;
		assert_int_equal(probe_files_add(f, t[i].text,
				     strlen(t[i].text), "p", &cause),
		    -22);
		assert_non_null(cause);
		if (strstr(cause, t[i].why) == NULL)
			fail_msg("%s: %s", t[i].text, cause);
		assert_true(text_is_clean(cause, strlen(cause)));
		free(cause);
	}
	/* Nothing of them counts. */
	assert_int_equal(probe_files_count(f), 3);
	assert_int_equal(probe_files_lines(f), 7);
	probe_files_free(f);
}

/* Any beginning of a file, and files with a byte changed. */
static void
broken(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct service_info info;
	size_t i, len;
	char *copy, *cause;

	(void)state;
	for (i = 0; i < 4 * sizeof(some); i++) {
		struct probe_files *f = probe_files_new();

		len = i < sizeof(some) ? i : sizeof(some) - 1;
		copy = memcpy(xmalloc(len + 1), some, len);
		if (i >= sizeof(some))
			copy[seed_next(&seed) % len] = (char)seed_next(&seed);
		cause = NULL;
		if (probe_files_add(f, copy, len, "p", &cause) < 0) {
			assert_non_null(cause);
			assert_int_equal(probe_files_count(f), 0);
		}
		(void)MATCH(f, NULL, "ODD/1.2 on x\r\n", &info);
		free(cause);
		free(copy);
		probe_files_free(f);
	}
}

/* -- matching -------------------------------------------------------------- */

static void
says(void **state)
{
	struct probe_files *f = files_of(some);
	struct service_info i;

	(void)state;
	assert_int_equal(MATCH(f, NULL, "ODD/1.2.3 on Box\r\nmore", &i), 2);
	assert_string_equal(i.name, "odd");
	assert_string_equal(i.product, "Oddd");
	assert_string_equal(i.version, "1.2.3");
	assert_string_equal(i.extra, "the odd one: Box");
	assert_string_equal(i.host, "Box");
	assert_string_equal(i.os, "Linux");
	assert_string_equal(i.device, "router");
	assert_string_equal(i.cpe, "cpe:/a:odd:oddd:1.2.3");
	assert_string_equal(i.how, "probes:7");
	assert_false(i.tls);
	assert_int_equal(MATCH(f, "Ask", "ASKED \0\0\1\2", &i), 2);
	assert_string_equal(i.name, "asked");
	assert_true(i.tls);
	assert_string_equal(i.product, "Asked");
	assert_string_equal(i.extra, "n 258 33619968");
	assert_int_equal(MATCH(f, "Ask", "WIDEa\0b\0\1END", &i), 2);
	assert_string_equal(i.product, "Wab$");
	assert_string_equal(i.version, "xa\\x00b\\x00\\x01");
	assert_int_equal(MATCH(f, "Ask", "foldEd", &i), 2);
	assert_string_equal(i.product, "FEd");
	assert_int_equal(MATCH(f, "Ask", "fold", &i), 2);
	assert_string_equal(i.product, "F");
	/* What greetings are known by holds for answers, too. */
	assert_int_equal(MATCH(f, "Ask", "ODD/1.2 on x\r\n", &i), 2);
	assert_int_equal(MATCH(f, "Same", "ODD/1.2 on x\r\n", &i), 0);
	assert_int_equal(MATCH(f, NULL, "even", &i), 0);
	assert_string_equal(i.name, "");
	assert_int_equal(MATCH(f, NULL, "", &i), 0);
	probe_files_free(f);
}

/* After a soft one only that service's hard ones. */
static void
soft(void **state)
{
	struct probe_files *f = files_of(some);
	struct service_info i;

	(void)state;
	assert_int_equal(MATCH(f, NULL, "ODD other", &i), 1);
	assert_string_equal(i.name, "odd");
	assert_string_equal(i.product, "");
	assert_int_equal(MATCH(f, NULL, "ODD late 1_2_3", &i), 2);
	assert_string_equal(i.version, "1.2.3");
	probe_files_free(f);
}

/* What is no answer to itself is held against others' lines, by order. */
static void
fallbacks(void **state)
{
	struct probe_files *f = files_of("Probe TCP NULL q||\n"
					 "match n m|^null|\n"
					 "Probe UDP A q|a|\n"
					 "match a m|^only|\n"
					 "Probe TCP B q|b|\n"
					 "match b m|^both|\n"
					 "Probe TCP C q|c|\n"
					 "fallback B,A\n"
					 "match c m|^cccc|\n");
	struct service_info i;

	(void)state;
	assert_int_equal(MATCH(f, "C", "only", &i), 2);
	assert_string_equal(i.name, "a");
	assert_int_equal(MATCH(f, "C", "both", &i), 2);
	assert_int_equal(MATCH(f, "C", "null", &i), 2);
	assert_int_equal(MATCH(f, "B", "only", &i), 0);
	assert_int_equal(MATCH(f, "A", "null", &i), 0);
	probe_files_free(f);
}

/* Two files with the same question ask it once. */
static void
together(void **state)
{
	static const char ours[] = "Probe TCP NULL q||\nmatch n m|^null|\n"
				   "Probe TCP A q|a|\nrarity 4\nports 1\n"
				   "match a m|^aaaa|\n",
			  theirs[] = "Exclude 7\nProbe TCP NULL q||\n"
				     "match n m|^void|\n"
				     "Probe TCP B q|\\x61|\nrarity 1\nports 2\n"
				     "match b m|^(?:aaaa)?bbbb|\n"
				     "Probe UDP A q|a|\n";
	struct probe_files *f = files_of(ours);
	const struct probe_def *d;
	struct service_info i;
	char *cause = NULL;

	(void)state;
	assert_int_equal(
	    probe_files_add(f, theirs, sizeof(theirs) - 1, "t", &cause), 0);
	assert_int_equal(probe_files_count(f), 4); /* NULL twice */
	d = find(f, "A");
	assert_int_equal(d->rarity, 1);
	assert_true(probe_def_wants(f, d, 1, false));
	assert_true(probe_def_wants(f, d, 2, false));
	assert_true(probe_files_excluded(f, SOCK_TCP, 7));
	assert_int_equal(MATCH(f, "A", "aaaabbbb", &i), 2);
	assert_string_equal(i.how, "probes:6");
	assert_int_equal(MATCH(f, "A", "bbbb", &i), 2);
	assert_string_equal(i.how, "t:7");
	assert_int_equal(MATCH(f, NULL, "void", &i), 2);
	assert_int_equal(MATCH(f, NULL, "null", &i), 2);
	assert_int_equal(MATCH(f, "A", "void", &i), 2);
	probe_files_free(f);
}

/* A pattern that is none leaves out its line alone; one that says next to
 * nothing names nothing; one that takes for ever gives up. */
static void
bad_patterns(void **state)
{
	struct probe_files *f =
	    files_of("Probe TCP NULL q||\n"
		     "match bad m|^(abcd|\n"
		     "match light m|^.{20}x[abcdefgh]{2}|s\n"
		     "match light m|^(?!HTTP).{40}$|s\n"
		     "match light m|^(?:..)?\\d\\d\\x00$|\n"
		     "match slow m|(?:a?b?){1,30}(x+x+)+[yz]zzz|\n"
		     "match good m|^abcd\\n\\x00\\0011$|\n");
	struct service_info i;
	char x[4096];

	(void)state;
	assert_int_equal(MATCH(f, NULL, "0123456789012345678xab", &i), 0);
	assert_int_equal(MATCH(f, NULL, "12345678901234567890xab", &i), 0);
	assert_int_equal(
	    MATCH(f, NULL, "1234567890123456789012345678901234567890", &i), 0);
	assert_int_equal(MATCH(f, NULL, "12\0", &i), 0);
	assert_int_equal(MATCH(f, NULL,
			     "abcd\n\0\001"
			     "1",
			     &i),
	    2);
	assert_int_equal(probe_files_skipped(f), 1);
	memset(x, 'x', sizeof(x));
	assert_int_equal(match(f, NULL, x, sizeof(x), &i), 0);
	probe_files_compile(f);
	assert_int_equal(probe_files_skipped(f), 1);
	probe_files_free(f);
}

/* The plain beginning of a pattern must not lose what it matches. */
static void
beginnings(void **state)
{
	static const struct {
		const char *pattern, *answer;
		size_t len;
	} t[] = {
		{ "|^abcde?|", "abcd", 4 },
		{ "|^abcde*fgh|", "abcdfgh", 7 },
		{ "|^abcde{0}f|", "abcdf", 5 },
		{ "|^abcde+|", "abcdee", 6 },
		{ "/^abcd|^efgh/", "efgh", 4 },
		{ "|^ABCD|i", "abcd", 4 },
		{ "|^ab\\x00\\0\\x0a|", "ab\0\0\n", 5 },
		{ "=^ab\\.\\|cd=", "ab.|cd", 6 },
		{ "|^abcdefghijklmnopqrstuvw|", "abcdefghijklmnopqrstuvw", 23 },
		{ "|^\\Qab.cd\\E|", "ab.cd", 5 },
		{ "|^\\x{41}BCDE|", "ABCDE", 5 },
		{ "|^\\0101ABC|", "\b1ABC", 5 },
		{ "|^\\e\\a\\f\\tx|", "\x1b\a\f\tx", 5 },
		{ "|^a b#c|", "a b#c", 5 },
		{ "|^(?i)abcd|", "ABCD", 4 },
		{ "|bcde|", "abcde", 5 },
	};
	struct service_info info;
	struct probe_files *f;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		snprintf(text, sizeof(text),
		    "Probe TCP NULL q||\nmatch a m%s\n", t[i].pattern);
		f = files_of(text);
		if (match(f, NULL, t[i].answer, t[i].len, &info) != 2)
			fail_msg("%s", t[i].pattern);
		probe_files_free(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(broken),
		cmocka_unit_test(says),
		cmocka_unit_test(soft),
		cmocka_unit_test(fallbacks),
		cmocka_unit_test(together),
		cmocka_unit_test(bad_patterns),
		cmocka_unit_test(beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
