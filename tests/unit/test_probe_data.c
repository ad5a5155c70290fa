/* SPDX-License-Identifier: ISC */
/* Our own probe file: each line knows what stands above it as its example, and
 * nobody else. */
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
#include "model/probe_file.h"
#include "seed.h"

#define NAME    "sockdeck-probes"
#define BANNERS 10000
#define SHOWN   4

static struct buf text;
static struct probe_files *files;

static int
setup(void **state)
{
	const char *srcdir = getenv("SRCDIR");
	char path[4096], *cause = NULL;
	FILE *f;

	(void)state;
	snprintf(
	    path, sizeof(path), "%s/data/" NAME, srcdir == NULL ? "." : srcdir);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	text.len = fread(buf_reserve(&text, 1 << 20), 1, 1 << 20, f);
	fclose(f);
	buf_putc(&text, '\0');
	text.len--;
	files = probe_files_new();
	if (probe_files_add(files, text.data, text.len, NAME, &cause) < 0) {
		fprintf(stderr, "%s\n", cause);
		return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	probe_files_free(files);
	buf_done(&text);
	return 0;
}

static const struct probe_def *
find(const char *name, size_t len)
{
	const struct probe_def *d;
	size_t i;

	for (i = 0; (d = probe_files_at(files, i)) != NULL; i++)
		if (strlen(d->name) == len && memcmp(d->name, name, len) == 0)
			return d;
	fail_msg("no probe %.*s", (int)len, name);
	return NULL;
}

/* The notation of Probe. */
static void
unescape(struct buf *to, const char *p, size_t len)
{
	static const char from[] = "0abfnrtv\\", is[] = "\0\a\b\f\n\r\t\v\\";
	const char *end = p + len, *at;
	char hex[3] = "";

	while (p < end) {
		if (*p != '\\') {
			buf_putc(to, *p++);
			continue;
		}
		assert_true(++p < end);
		at = memchr(from, *p, sizeof(from) - 1);
		if (at != NULL) {
			buf_putc(to, is[at - from]);
			p++;
			continue;
		}
		assert_true(*p == 'x' && p + 2 < end);
		memcpy(hex, p + 1, 2);
		buf_putc(to, (char)strtoul(hex, NULL, 16));
		p += 3;
	}
}

static bool
match(const struct probe_def *d, const struct buf *answer,
    struct service_info *info)
{
	bool soft, hard;

	service_init(info);
	hard = probe_files_match(files, d == NULL || d->len == 0 ? NULL : d,
	    (const uint8_t *)answer->data, answer->len, false, info, &soft);
	return hard || soft;
}

/* A field that the line names was there to be found. */
static void
has_field(
    const char *line, size_t len, unsigned n, const char *key, const char *got)
{
	if (memmem(line, len, key, strlen(key)) != NULL && got[0] == '\0')
		fail_msg("line %u: its example has no%s", n, key);
}

static void
known(const struct probe_def *d, const struct buf *answer, const char *line,
    size_t len, unsigned n)
{
	struct service_info i;
	char how[sizeof(i.how)];
	struct buf part = { 0 };

	snprintf(how, sizeof(how), NAME ":%u", n);
	if (!match(d, answer, &i))
		fail_msg("line %u does not know its example", n);
	if (strcmp(i.how, how) != 0)
		fail_msg("line %u: %s knows its example", n, i.how);
	has_field(line, len, n, " p/", i.product);
	has_field(line, len, n, " v/", i.version);
	has_field(line, len, n, " i/", i.extra);
	has_field(line, len, n, " h/", i.host);
	has_field(line, len, n, " o/", i.os);
	has_field(line, len, n, " cpe:/", i.cpe);
	/* All its beginnings are harmless. */
	for (part.len = 0; part.len < answer->len; part.len++) {
		part.data =
		    memcpy(xmalloc(part.len + 1), answer->data, part.len);
		(void)match(d, &part, &i);
		free(part.data);
	}
}

static void
examples(void **state)
{
	struct buf example[SHOWN] = { { 0 } };
	const struct probe_def *d = NULL;
	const char *p = text.data, *end, *word;
	size_t len, nexamples = 0, nlines = 0;
	unsigned n = 0;

	(void)state;
	for (; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		len = (size_t)(end - p);
		n++;
		if (len > 10 && memcmp(p, "Probe ", 6) == 0) {
			word = p + 10;
			d = find(word, strcspn(word, " "));
		}
		if (len > 3 && memcmp(p, "#= ", 3) == 0) {
			assert_in_range(nexamples, 0, SHOWN - 1);
			unescape(&example[nexamples++], p + 3, len - 3);
		}
		if (memcmp(p, "match", 5) != 0 && memcmp(p, "softm", 5) != 0)
			continue;
		if (nexamples == 0)
			fail_msg("line %u has no example", n);
		nlines++;
		while (nexamples > 0) {
			known(d, &example[--nexamples], p, len, n);
			buf_done(&example[nexamples]);
		}
	}
	assert_int_equal(nexamples, 0);
	assert_int_equal(nlines, probe_files_lines(files));
}

static void
patterns(void **state)
{
	(void)state;
	probe_files_compile(files);
	assert_int_equal(probe_files_skipped(files), 0);
}

/* Bytes, letters, lines, and what other servers begin with. */
static void
some_banner(uint64_t *seed, struct buf *b)
{
	static const char *const words[] = { "220 ", "+OK ", "* OK ",
		"HTTP/1.1 400 ", "500 ", "ERROR ", "-ERR ", "SSH-", "RFB ",
		"550 ", "login: ", "{\"id\":", "<?xml", "HELLO ", "OKAY" };
	static const char zeros[4];
	unsigned kind = seed_next(seed) % 5;
	size_t n = 1 + seed_next(seed) % 299;
	const char *word = words[seed_next(seed) % nitems(words)];

	buf_reset(b);
	if (kind == 3)
		buf_puts(b, word);
	if (kind == 4)
		buf_put(b, zeros, 1 + seed_next(seed) % 4);
	while (b->len < n)
		buf_putc(b, kind == 0 || kind == 4
				? (char)seed_next(seed)
				: (char)(' ' + seed_next(seed) % 95));
	if (kind == 2)
		buf_puts(b, "\r\n");
}

static void
nobody(void **state)
{
	uint64_t seed = seed_begin(__func__);
	struct buf banner = { 0 };
	const struct probe_def *d;
	struct service_info info;
	size_t i, k;

	(void)state;
	for (i = 0; i < BANNERS; i++) {
		some_banner(&seed, &banner);
		for (k = 0; (d = probe_files_at(files, k)) != NULL; k++)
			if (match(d, &banner, &info)) {
				char *shown =
				    text_clean(banner.data, banner.len);

				fail_msg("%s: %s", info.how, shown);
			}
	}
	buf_done(&banner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(patterns),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
