/* SPDX-License-Identifier: ISC */
/* Targets: what words mean, each address once, excludes taken out. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "model/target.h"

static struct scan_addr
addr(const char *text)
{
	struct scan_addr a = { .family = 4 };

	if (strchr(text, ':') != NULL)
		a.family = 6;
	assert_int_equal(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, text, a.addr), 1);
	return a;
}

static void
put_addr(struct buf *b, const struct scan_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	assert_non_null(inet_ntop(
	    a->family == 4 ? AF_INET : AF_INET6, a->addr, text, sizeof(text)));
	buf_puts(b, text);
	if (a->scope != 0)
		buf_printf(b, "%%%u", a->scope);
}

/* "a b c" and the excludes: NULL if it is refused. */
static struct target_set *
make(uint8_t family, const char *in, const char *out, char **cause)
{
	struct target_set *t = target_new(family);

	*cause = NULL;
	if (target_add_text(t, in, strlen(in), NULL, cause) != 0 ||
	    target_exclude_text(t, out, strlen(out), NULL, cause) != 0 ||
	    target_seal(t, cause) != 0) {
		target_free(t);
		return NULL;
	}
	return t;
}

/* All addresses, divided by blanks; the caller's. */
static char *
all(const struct target_set *t)
{
	struct buf b = { 0 };
	struct scan_addr a;
	uint64_t i;

	for (i = 0; i < target_count(t); i++) {
		target_at(t, i, &a);
		assert_true(target_has(t, &a));
		buf_puts(&b, i > 0 ? " " : "");
		put_addr(&b, &a);
	}
	return b.data != NULL ? buf_steal(&b) : xstrdup("");
}

static void
expect(const char *in, const char *out, const char *want)
{
	char *cause, *got;
	struct target_set *t = make(0, in, out, &cause);

	if (t == NULL)
		fail_msg("%s: %s", in, cause);
	got = all(t);
	if (strcmp(got, want) != 0)
		fail_msg("%s less %s: %s, not %s", in, out, got, want);
	free(got);
	target_free(t);
}

static void
test_words(void **state)
{
	(void)state;
	expect("192.0.2.4", "", "192.0.2.4");
	expect("192.0.2.4/30", "", "192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7");
	expect("192.0.2.6/30", "", "192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7");
	expect("10.0.0-1.1,5", "", "10.0.0.1 10.0.0.5 10.0.1.1 10.0.1.5");
	expect("10.0.0.-2", "", "10.0.0.0 10.0.0.1 10.0.0.2");
	expect("10.0.0.254-", "", "10.0.0.254 10.0.0.255");
	expect("10.0.0.1-2,4,7-8", "",
	    "10.0.0.1 10.0.0.2 10.0.0.4 10.0.0.7 10.0.0.8");
	expect("10.0.0-1.6/31", "", "10.0.0.6 10.0.0.7 10.0.1.6 10.0.1.7");
	expect("2001:db8::fffe/127", "", "2001:db8::fffe 2001:db8::ffff");
	expect("[2001:db8::1]", "", "2001:db8::1");
	expect("2001:DB8:0:0::1", "", "2001:db8::1");
	expect("fe80::1%3", "", "fe80::1%3");
	expect("fe80::1%3 fe80::1%2", "", "fe80::1%2 fe80::1%3");
	/* A scope says nothing of an address that is not link-local. */
	expect("2001:db8::1%3 2001:db8::1", "", "2001:db8::1");
	/* The same address in another dress. */
	expect("::ffff:192.0.2.1 192.0.2.1", "", "192.0.2.1");
	expect("::ffff:192.0.2.0/127", "", "192.0.2.0 192.0.2.1");
	expect("2001:db8::1 10.0.0.1", "", "10.0.0.1 2001:db8::1");
	expect("10.0.0.3 10.0.0.1 10.0.0.2", "", "10.0.0.1 10.0.0.2 10.0.0.3");
	expect("10.0.0.1 10.0.0.0/30 10.0.0.2-5 10.0.0.1", "",
	    "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5");
	expect("255.255.255.255 0.0.0.0", "", "0.0.0.0 255.255.255.255");
}

static void
test_excludes(void **state)
{
	(void)state;
	expect("10.0.0.0/29", "10.0.0.2-3 10.0.0.7",
	    "10.0.0.0 10.0.0.1 10.0.0.4 10.0.0.5 10.0.0.6");
	expect("10.0.0.0/30", "10.0.0.0/30", "");
	expect("10.0.0.0/30", "10.0.0.0/8", "");
	expect("10.0.0.0/30", "0.0.0.0/0", "");
	expect("10.0.0.0/30", "10.0.0.0 10.0.0.3", "10.0.0.1 10.0.0.2");
	expect("10.0.0.0/30", "9.0.0.0/8 11.0.0.0/8",
	    "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3");
	expect("10.0.0-2.1", "10.0.1.*", "10.0.0.1 10.0.2.1");
	expect("2001:db8::/126", "2001:db8::1",
	    "2001:db8:: 2001:db8::2 2001:db8::3");
	expect("2001:db8::/126 2001:db9::1", "2001:db8::/32", "2001:db9::1");
	expect("2001:db8::/126 2001:db9::1", "2001:db8::/64", "2001:db9::1");
	expect("2001:db8::/127 10.0.0.1", "::/0", "10.0.0.1");
	/* An address of a link means all links; with one, that one. */
	expect("fe80::1%2 fe80::1%3", "fe80::1", "");
	expect("fe80::1%2 fe80::1%3", "fe80::1%2", "fe80::1%3");
	expect("fe80::1%2 fe80::1%3 fe80::2%2", "fe80::%2/10 fe80::3",
	    "fe80::1%3");
	expect("::ffff:10.0.0.1 10.0.0.2", "10.0.0.1", "10.0.0.2");
}

static void
test_special(void **state)
{
	static const char in[] = "0.0.0.0/30 224.0.0.1 239.255.255.255 "
				 "255.255.255.255 240.0.0.1 :: ff02::1%2 "
				 "ff05::2 10.0.0.1 127.0.0.1 2001:db8::1";
	struct target_set *t = target_new(0);
	char *cause, *got;

	(void)state;
	assert_int_equal(target_add_text(t, in, strlen(in), NULL, &cause), 0);
	target_exclude_special(t);
	assert_int_equal(target_estimate(t), 14);
	assert_int_equal(target_seal(t, &cause), 0);
	got = all(t);
	assert_string_equal(got, "10.0.0.1 127.0.0.1 2001:db8::1");
	free(got);
	assert_int_equal(target_hidden(t), 11);
	assert_int_equal(target_hidden_special(t), 11);
	target_free(t);
}

/* What the user left out is no surprise: only the rest is told of. */
static void
test_special_beside_excluded(void **state)
{
	struct target_set *t = target_new(4);
	char *cause;

	(void)state;
	assert_int_equal(target_add(t, "224.0.0.0/30", &cause), 0);
	assert_int_equal(target_add(t, "10.0.0.0/30", &cause), 0);
	assert_int_equal(target_exclude(t, "224.0.0.0/31", &cause), 0);
	assert_int_equal(target_exclude(t, "10.0.0.1", &cause), 0);
	target_exclude_special(t);
	assert_int_equal(target_seal(t, &cause), 0);
	assert_int_equal(target_count(t), 3);
	assert_int_equal(target_hidden(t), 5);
	assert_int_equal(target_hidden_special(t), 2);
	target_free(t);
}

static void
test_broadcast(void **state)
{
	struct target_set *t = target_new(4);
	struct scan_addr a = addr("10.0.0.3");
	char *cause, *got;

	(void)state;
	assert_int_equal(target_add(t, "10.0.0.0/30", &cause), 0);
	target_exclude_addr(t, &a);
	assert_int_equal(target_seal(t, &cause), 0);
	got = all(t);
	assert_string_equal(got, "10.0.0.0 10.0.0.1 10.0.0.2");
	free(got);
	assert_int_equal(target_hidden(t), 1);
	assert_false(target_has(t, &a));
	target_free(t);
}

/* Each kind of bad input: one sentence, which names the word. */
static void
test_wrong(void **state)
{
	static const struct {
		uint8_t family;
		const char *word, *want;
	} wrong[] = {
		{ 0, "10.0.0.256", "go from 0 to 255" },
		{ 0, "10.0.0.99999999999999999999", "go from 0 to 255" },
		{ 0, "10.0.0", "four numbers" },
		{ 0, "10", "four numbers" },
		{ 0, "10.0.0.0.1", "is meant" },
		{ 0, "10..0.1", "a number is missing" },
		{ 0, "10.0.0.", "a number is missing" },
		{ 0, "/24", "a number is missing" },
		{ 0, "10.0.0.1,", "a number is missing" },
		{ 0, "10.0.0.,1", "a number is missing" },
		{ 0, "10.0.0.9-3", "9-3 goes backwards" },
		{ 0, "10.0.0.1-3-5", "is meant" },
		{ 0, "10.0.0.01", "octal" },
		{ 0, "10.0.0.0/33", "from 0 to 32" },
		{ 0, "10.0.0.0/", "from 0 to 32" },
		{ 0, "10.0.0.0/8/8", "from 0 to 32" },
		{ 0, "10.0.0.0/-1", "from 0 to 32" },
		{ 0, "10.0.0.1-10.0.0.9", "is meant" },
		{ 0, "*.*.*.1", "16777216 separate pieces" },
		{ 0, "2001:db8::/129", "from 0 to 128" },
		{ 0, "2001:db8::g", "no IPv6 address" },
		{ 0, "2001:db8::/64", "more than 2^48" },
		{ 0, "::/0", "more than 2^48" },
		{ 0, "2001:db8::/79", "more than 2^48" },
		{ 0, "web:80", "-p" },
		{ 0, "[::1]:80", "-p" },
		{ 0, "fe80::1", "interface is needed" },
		{ 0, "fe80::1%", "interface is meant" },
		{ 0, "fe80::1%aaaaaaaaaaaaaaaaaaa", "interface is meant" },
		{ 0, "fe80::1%e%0", "interface is meant" },
		{ 0, "http://web/", "not a URL" },
		{ 0, "web..example", "no host name" },
		{ 0, ".web", "no host name" },
		{ 0, "-web", "no host name" },
		{ 0, "we b", "no host name" },
		{ 0, "we\033b", "no host name" },
		{ 0, "web!", "no host name" },
		{ 0, "", "a number is missing" },
		{ 0, "web/200", "from 0 to 128" },
		{ 4, "2001:db8::1", "only IPv4" },
		{ 6, "10.0.0.1", "only IPv6" },
		{ 6, "::ffff:10.0.0.1", "only IPv6" },
	};
	struct target_set *t;
	char *cause, *shown;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(wrong); i++) {
		t = target_new(wrong[i].family);
		cause = NULL;
		if (target_add(t, wrong[i].word, &cause) != -EINVAL)
			fail_msg("%s: taken", wrong[i].word);
		assert_non_null(cause);
		shown = text_clean(wrong[i].word, strlen(wrong[i].word));
		if (strstr(cause, wrong[i].want) == NULL ||
		    strncmp(cause, shown, strlen(shown)) != 0 ||
		    !text_is_clean(cause, strlen(cause)))
			fail_msg("%s: \"%s\"", wrong[i].word, cause);
		free(shown);
		free(cause);
		target_free(t);
	}
}

/* A word of a megabyte is not shown whole. */
static void
test_long(void **state)
{
	char *word = xmalloc(1 << 20), *cause = NULL;
	struct target_set *t = target_new(0);

	(void)state;
	memset(word, 'a', 1 << 20);
	word[(1 << 20) - 1] = '\0';
	assert_int_equal(target_add(t, word, &cause), -EINVAL);
	assert_true(strlen(cause) < 300);
	free(cause);
	free(word);
	target_free(t);
}

static void
test_text(void **state)
{
	static const char good[] = "# hosts\n10.0.0.1\t10.0.0.2\r\n\n"
				   "10.0.0.3# a comment 10.0.0.9\n#\n10.0.0.4";
	static const char bad[] = "10.0.0.1 # one\n\n 10.0.0.1 10.0.0.300\n";
	static const char binary[] = "10.0.0.1\n\0\1\2";
	struct target_set *t = target_new(0);
	char *cause, *got;

	(void)state;
	assert_int_equal(
	    target_add_text(t, good, sizeof(good) - 1, "list", &cause), 0);
	assert_int_equal(target_add_text(t, "", 0, NULL, &cause), 0);
	assert_int_equal(target_seal(t, &cause), 0);
	got = all(t);
	assert_string_equal(got, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4");
	free(got);
	target_free(t);

	t = target_new(0);
	assert_int_equal(
	    target_add_text(t, bad, sizeof(bad) - 1, "list", &cause), -EINVAL);
	assert_string_equal(cause,
	    "list, line 3: 10.0.0.300: the numbers of an IPv4 address go from "
	    "0 to 255");
	free(cause);
	assert_int_equal(
	    target_exclude_text(t, bad, sizeof(bad) - 1, "x", &cause), -EINVAL);
	assert_int_equal(strncmp(cause, "x, line 3: ", 11), 0);
	free(cause);
	assert_int_equal(
	    target_add_text(t, binary, sizeof(binary) - 1, "b", &cause),
	    -EINVAL);
	assert_string_equal(
	    cause, "b, line 2: \\x00\\x01\\x02: a list of targets is text");
	free(cause);
	target_free(t);
}

static void
test_names(void **state)
{
	static const char in[] = "web web/30 10.0.0.1 other fe80::2%eth0 web "
				 "example.org. _x.y";
	struct scan_addr a = addr("10.1.0.5"), b = addr("10.1.0.9"),
			 link = addr("fe80::2");
	struct target_set *t = target_new(0);
	struct target_name *web, *other;
	char *cause, *got;
	size_t i;

	(void)state;
	assert_int_equal(target_add_text(t, in, strlen(in), NULL, &cause), 0);
	assert_int_equal(target_exclude(t, "other", &cause), 0);
	assert_int_equal(target_exclude(t, "gone", &cause), 0);
	for (i = 0; target_name_at(t, i) != NULL; i++)
		assert_false(target_name_at(t, i)->resolved);
	assert_int_equal(i, 6);
	/* web, web/30, one address, other, the link's, two names */
	assert_int_equal(target_estimate(t), 1 + 4 + 1 + 1 + 1 + 2);
	web = target_name_at(t, 0);
	other = target_name_at(t, 1);
	assert_string_equal(web->name, "web");
	assert_true(web->target && !web->exclude);
	assert_true(other->target && other->exclude);
	assert_string_equal(target_name_at(t, 2)->name, "fe80::2%eth0");
	assert_string_equal(target_name_at(t, 5)->name, "gone");
	assert_false(target_name_at(t, 5)->target);
	link.scope = 7;
	assert_int_equal(target_resolved(t, web, &a, &cause), 0);
	/* Not scanned: only the first is. */
	assert_int_equal(target_resolved(t, web, &b, &cause), 0);
	assert_int_equal(
	    target_resolved(t, target_name_at(t, 2), &link, &cause), 0);
	/* Target and exclude at once: one lookup, so nothing is scanned
	 * whatever a second one would have said. */
	a = addr("10.1.0.6");
	assert_int_equal(target_resolved(t, other, &b, &cause), 0);
	assert_int_equal(target_resolved(t, other, &a, &cause), 0);
	assert_int_equal(target_estimate(t), 1 + 4 + 1 + 1 + 1 + 2);
	assert_int_equal(target_seal(t, &cause), 0);
	got = all(t);
	assert_string_equal(
	    got, "10.0.0.1 10.1.0.4 10.1.0.5 10.1.0.7 fe80::2%7");
	free(got);
	assert_int_equal(target_hidden(t), 2);
	target_free(t);
}

static void
test_names_wrong(void **state)
{
	struct scan_addr four = addr("10.0.0.1"), six = addr("2001:db8::1");
	struct target_set *t = target_new(4);
	char *cause;

	(void)state;
	assert_int_equal(target_add(t, "web", &cause), 0);
	assert_int_equal(
	    target_resolved(t, target_name_at(t, 0), &six, &cause), -EINVAL);
	assert_string_equal(cause, "web is IPv6, and only IPv4 is asked for");
	free(cause);
	target_free(t);
	t = target_new(0);
	assert_int_equal(target_add(t, "web/64", &cause), 0);
	assert_int_equal(
	    target_resolved(t, target_name_at(t, 0), &four, &cause), -EINVAL);
	assert_string_equal(cause,
	    "web/64: its address is IPv4, where a prefix goes from 0 to 32");
	free(cause);
	assert_int_equal(
	    target_resolved(t, target_name_at(t, 0), &six, &cause), -EINVAL);
	assert_int_equal(strncmp(cause, "web/64 has more", 15), 0);
	free(cause);
	target_free(t);
}

static void
test_large(void **state)
{
	struct target_set *t;
	struct scan_addr a;
	char *cause, word[64];
	unsigned i;

	(void)state;
	t = make(0, "0.0.0.0/0", "10.0.0.0/8", &cause);
	assert_non_null(t);
	assert_true(target_count(t) == (UINT64_C(1) << 32) - (1 << 24));
	assert_true(target_hidden(t) == 1 << 24);
	target_at(t, 10 << 24, &a);
	assert_memory_equal(a.addr, "\x0b\0\0\0", 4);
	target_at(t, target_count(t) - 1, &a);
	assert_memory_equal(a.addr, "\xff\xff\xff\xff", 4);
	target_free(t);
	t = make(0, "2001:db8::/80", "", &cause);
	assert_non_null(t);
	assert_true(target_count(t) == UINT64_C(1) << 48);
	target_free(t);
	assert_null(make(0, "2001:db8::/80 10.0.0.1", "", &cause));
	assert_string_equal(cause,
	    "281474976710657 addresses are named; at most 281474976710656 "
	    "(2^48) can be scanned at once");
	free(cause);
	t = target_new(0);
	for (i = 0; i < 70000; i++) {
		snprintf(word, sizeof(word), "2001:db8:%x:%x::/80", i >> 16,
		    i & 0xffff);
		assert_int_equal(target_add(t, word, &cause), 0);
	}
	assert_true(target_estimate(t) == UINT64_MAX);
	assert_int_equal(target_seal(t, &cause), -E2BIG);
	assert_int_equal(strncmp(cause, "more than 1844", 14), 0);
	free(cause);
	target_free(t);
}

static void
test_digest(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{ "10.0.0.0/30", "10.0.0.2-3 10.0.0.1 10.0.0.0", true },
		{ "10.0.0.0/30", "10.0.0.0/29", false },
		{ "fe80::1%2", "fe80::1%3", false },
		{ "10.0.0.1", "::a00:1", false },
		{ "10.0.0.1 10.0.0.3", "10.0.0.1-3", false },
	};
	struct target_set *a, *b;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(pairs); i++) {
		a = make(0, pairs[i].a, "", &cause);
		b = make(0, pairs[i].b, "", &cause);
		assert_non_null(a);
		assert_non_null(b);
		assert_int_equal(
		    target_digest(a) == target_digest(b), pairs[i].same);
		target_free(a);
		target_free(b);
	}
}

/*
 * Against a set that is a bitmap of 10.9.0.0/16: random words in, random words
 * out; count, order, each address.
 */
static void
random_word(char *word, size_t size, uint64_t *seed)
{
	uint64_t r = *seed = hash_mix(*seed + 1);
	unsigned a = r & 0xff, b = r >> 8 & 0xff, c = r >> 16 & 0xff,
		 d = r >> 24 & 0xff;

	switch (r >> 32 & 3) {
	case 0:
		snprintf(word, size, "10.9.%u.%u", a, b);
		break;
	case 1:
		snprintf(word, size, "10.9.%u.%u/%u", a, b,
		    20 + (unsigned)(r >> 40 & 0xf) % 13);
		break;
	case 2:
		snprintf(word, size, "10.9.%u-%u.%u,%u-%u", a < b ? a : b,
		    a < b ? b : a, c, c < d ? c : d, c < d ? d : c);
		break;
	default:
		snprintf(word, size, "10.9.%u.*", a);
		break;
	}
}

static void
mark(unsigned char map[65536], const char *word, unsigned char value)
{
	struct target_set *t = target_new(4);
	struct scan_addr a;
	char *cause;
	uint64_t i;

	assert_int_equal(target_add(t, word, &cause), 0);
	assert_int_equal(target_seal(t, &cause), 0);
	for (i = 0; i < target_count(t); i++) {
		target_at(t, i, &a);
		map[a.addr[2] << 8 | a.addr[3]] = value;
	}
	target_free(t);
}

static void
test_random(void **state)
{
	static unsigned char map[65536];
	struct target_set *t;
	struct scan_addr a;
	char word[64], *cause;
	uint64_t seed = 1, n;
	unsigned i, round;

	(void)state;
	for (round = 0; round < 200; round++) {
		t = target_new(0);
		memset(map, 0, sizeof(map));
		for (i = 0; i < 1 + round % 20; i++) {
			random_word(word, sizeof(word), &seed);
			assert_int_equal(target_add(t, word, &cause), 0);
			mark(map, word, 1);
		}
		for (i = 0; i < round % 17; i++) {
			random_word(word, sizeof(word), &seed);
			assert_int_equal(target_exclude(t, word, &cause), 0);
			mark(map, word, 0);
		}
		assert_int_equal(target_seal(t, &cause), 0);
		for (n = 0, i = 0; i < 65536; i++) {
			a = addr("10.9.0.0");
			a.addr[2] = (uint8_t)(i >> 8);
			a.addr[3] = (uint8_t)i;
			assert_int_equal(target_has(t, &a), map[i]);
			if (!map[i])
				continue;
			assert_true(n < target_count(t));
			target_at(t, n++, &a);
			assert_int_equal(a.addr[2] << 8 | a.addr[3], i);
		}
		assert_int_equal(n, target_count(t));
		target_free(t);
	}
}

/* Very many words that lie nowhere near each other, many of them twice. */
static void
test_many(void **state)
{
	struct target_set *t = target_new(0);
	struct scan_addr a = { 0 }, last;
	char word[64], *cause;
	uint64_t i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		uint64_t r = hash_mix(i % 200000) & 0x7fffffff;

		snprintf(word, sizeof(word), "%u.%u.%u.%u", (unsigned)(r >> 24),
		    (unsigned)(r >> 16 & 255), (unsigned)(r >> 8 & 255),
		    (unsigned)(r & 255));
		assert_int_equal(target_add(t, word, &cause), 0);
	}
	assert_int_equal(target_seal(t, &cause), 0);
	assert_in_range(target_count(t), 199900, 200000);
	for (i = 0; i < target_count(t); i++) {
		last = a;
		target_at(t, i, &a);
		assert_true(i == 0 || memcmp(last.addr, a.addr, 4) < 0);
	}
	target_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_excludes),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_special_beside_excluded),
		cmocka_unit_test(test_broadcast),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_wrong),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
