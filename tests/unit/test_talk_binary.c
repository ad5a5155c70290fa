/* SPDX-License-Identifier: ISC */
/*
 * Conversations of binary protocols, held against what real servers said:
 * tests/unit/talk_binary/NAME.txt. First line: conversation, tcp or udp, port,
 * perhaps "checks". Then one line for each thing that came: bytes in
 * hexadecimal, "eof" or "silence". Last "= name|product|version|extra", "not"
 * for no such thing. No server of Cassandra, Kafka, RethinkDB and AFP could be
 * had: theirs, and firebird-accept and pulseaudio-refused, are built by the
 * specifications.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "talk_help.h"

#define SAID_MAX 64

struct record {
	char name[32], expect[400];
	struct talk_play play;
	struct talk_said said[SAID_MAX];
	size_t n;
};

static size_t
from_hex(const char *s, uint8_t *to)
{
	size_t n = 0;
	unsigned v;

	while (sscanf(s, "%2x", &v) == 1) {
		to[n++] = (uint8_t)v;
		s += 2;
	}
	return n;
}

static void
read_line(struct record *r, char *line)
{
	struct talk_said *said = &r->said[r->n];
	uint8_t *p;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "= ", 2) == 0) {
		snprintf(r->expect, sizeof(r->expect), "%s", line + 2);
		return;
	}
	assert_true(r->n < SAID_MAX);
	r->n++;
	if (strcmp(line, "silence") == 0)
		*said = (struct talk_said)SAID_NONE;
	else if (strcmp(line, "eof") == 0)
		*said = (struct talk_said)SAID_EOF;
	else {
		p = xmalloc(strlen(line) / 2 + 1);
		*said = (struct talk_said){ p, from_hex(line, p) };
	}
}

static void
record_read(const char *path, struct record *r)
{
	char *line = NULL, proto[8], checks[8] = "";
	unsigned port;
	size_t size = 0;
	FILE *f = fopen(path, "r");

	*r = (struct record){ 0 };
	assert_non_null(f);
	assert_true(getline(&line, &size, f) > 0);
	assert_true(sscanf(line, "%31s %7s %u %7s", r->name, proto, &port,
			checks) >= 3);
	r->play.name = r->name;
	r->play.port = (uint16_t)port;
	r->play.udp = strcmp(proto, "udp") == 0;
	r->play.checks = checks[0] != '\0';
	while (getline(&line, &size, f) > 0)
		read_line(r, line);
	free(line);
	fclose(f);
}

static void
record_free(struct record *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->said[i].n > 0)
			free((void *)(uintptr_t)r->said[i].p);
	buf_done(&r->play.sent);
}

static void
paths(glob_t *g)
{
	const char *dir = getenv("SRCDIR");
	char *pattern;

	xasprintf(&pattern, "%s/tests/unit/talk_binary/*.txt", dir ? dir : ".");
	assert_int_equal(glob(pattern, 0, NULL, g), 0);
	free(pattern);
}

/* -- what they are ----------------------------------------------------------- */

static void
real(void **state)
{
	struct service_info i;
	enum talk_verdict v;
	struct record r;
	char *got;
	glob_t g;
	size_t k;

	(void)state;
	paths(&g);
	for (k = 0; k < g.gl_pathc; k++) {
		record_read(g.gl_pathv[k], &r);
		v = talk_play(&r.play, &i, r.said, r.n);
		xasprintf(&got, "%s|%s|%s|%s",
		    v == TALK_DONE || v == TALK_STARTTLS ? i.name : "not",
		    i.product, i.version, i.extra);
		if (strcmp(got, r.expect) != 0)
			print_message("%s\n", g.gl_pathv[k]);
		assert_string_equal(got, r.expect);
		if (v == TALK_DONE)
			assert_true(i.evidence[0] != '\0');
		free(got);
		record_free(&r);
	}
	globfree(&g);
}

/* Cut anywhere, and byte by byte, nothing breaks. */
static void
cut_short(void **state)
{
	struct record r;
	glob_t g;
	size_t k, i;

	(void)state;
	paths(&g);
	for (k = 0; k < g.gl_pathc; k++) {
		record_read(g.gl_pathv[k], &r);
		for (i = 0; i < r.n; i++)
			if (r.said[i].n > 0)
				talk_prefixes(
				    &r.play, r.said[i].p, r.said[i].n);
		record_free(&r);
	}
	globfree(&g);
}

/* What one protocol's server says is no other's. */
static void
each_its_own(void **state)
{
	const struct talk_ops *const *ops;
	struct service_info i;
	struct record r;
	glob_t g;
	size_t k;

	(void)state;
	paths(&g);
	for (k = 0; k < g.gl_pathc; k++) {
		record_read(g.gl_pathv[k], &r);
		for (ops = talks; *ops != NULL; ops++) {
			const struct talk_said said[] = { r.said[0], SAID_EOF };
			struct talk_play p = { .name = (*ops)->name,
				.port = 1,
				.udp = r.play.udp };
			enum talk_verdict v;

			if (((*ops)->flags & (p.udp ? TALK_UDP : TALK_TCP)) ==
				0 ||
			    r.said[0].n == 0)
				continue;
			v = talk_play(&p, &i, said, 2);
			buf_done(&p.sent);
			if ((v == TALK_DONE || v == TALK_STARTTLS) &&
			    strcmp((*ops)->name, r.name) != 0 &&
			    strcmp(i.name, talk_find(r.name)->service) != 0)
				fail_msg("%s is %s to %s", g.gl_pathv[k],
				    i.name, (*ops)->name);
		}
		record_free(&r);
	}
	globfree(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(each_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
