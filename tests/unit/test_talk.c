/* SPDX-License-Identifier: ISC */
/* What conversations stand on, and what all of them must hold: bytes of nobody
 * have no name. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "seed.h"
#include "talk_help.h"

#define BANNERS 10000

/* -- helpers -------------------------------------------------------------- */

static void
ports(void **state)
{
	static const struct {
		const char *list;
		uint16_t port;
		bool have;
	} t[] = {
		{ "80", 80, true },
		{ "80", 8, false },
		{ "80,8080,8000-8100", 8001, true },
		{ "80,8080,8000-8100", 8100, true },
		{ "80,8080,8000-8100", 8101, false },
		{ "80,8000-8100,443", 443, true },
		{ "", 80, false },
		{ NULL, 80, false },
		{ "1-65535", 65535, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++)
		assert_int_equal(
		    talk_ports_have(t[i].list, t[i].port), t[i].have);
}

static void
lines(void **state)
{
	static const char in[] = "one\r\n\ntwo\n three";
	struct talk t = { .in = (const uint8_t *)in, .nin = sizeof(in) - 1 };
	const char *line;
	size_t n, at;

	(void)state;
	assert_true(talk_line(&t, 0, &line, &n, &at));
	assert_int_equal(n, 3);
	assert_memory_equal(line, "one", 3);
	assert_true(talk_line(&t, at, &line, &n, &at));
	assert_int_equal(n, 0);
	assert_true(talk_line(&t, at, &line, &n, &at));
	assert_memory_equal(line, "two", 3);
	assert_false(talk_line(&t, at, &line, &n, &at));
	t.eof = true;
	assert_true(talk_line(&t, at, &line, &n, &at));
	assert_int_equal(n, 6);
	assert_false(talk_line(&t, at, &line, &n, &at));
}

static void
cursors(void **state)
{
	static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13 };
	struct talk_cursor c;

	(void)state;
	cursor_init(&c, in, sizeof(in));
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_be16(&c), 0x0203);
	assert_int_equal(cursor_le16(&c), 0x0504);
	assert_int_equal(cursor_be32(&c), 0x06070809);
	assert_int_equal(cursor_le32(&c), 0x0d0c0b0a);
	assert_false(c.bad);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_true(c.bad);
	cursor_init(&c, in, 3);
	cursor_skip(&c, SIZE_MAX);
	assert_true(c.bad);
	assert_null(cursor_take(&c, 1));
}

/* -- the list ------------------------------------------------------------- */

static void
list(void **state)
{
	const struct talk_ops *const *t;

	(void)state;
	for (t = talks; *t != NULL; t++) {
		assert_ptr_equal(talk_find((*t)->name), *t);
		assert_non_null((*t)->service);
		assert_non_null((*t)->input);
		assert_non_null((*t)->source);
		assert_true(((*t)->flags & (TALK_TCP | TALK_UDP)) != 0);
		assert_in_range((*t)->rarity, 1, 9);
		if (((*t)->flags & TALK_GREETED) == 0)
			assert_non_null((*t)->begin);
		if (((*t)->flags & TALK_UDP) != 0)
			assert_non_null((*t)->begin);
	}
	assert_null(talk_find("nothing"));
}

/* -- bytes of nobody ------------------------------------------------------ */

/* Bytes, letters, a line, or the answer of a server that does not understand:
 * what comes when the wrong question is asked. */
static size_t
some_banner(uint64_t *seed, char *p, size_t size)
{
	static const char *const words[] = { "220 ", "+OK ", "* OK ", "HTTP/",
		"500 ", "ERROR", "-ERR ", "SSH", "RFB ", "550 ",
		"login: ", "\xff\xfd\x18", "\x00\x00\x00", "\x16\x03\x01",
		"{\"a\":", "<" };
	unsigned kind = seed_next(seed) % 4;
	const char *word = words[seed_next(seed) % nitems(words)];
	size_t n = 1 + seed_next(seed) % (size - 1), i, at = 0;

	if (kind == 3 && n > 4) {
		at = strlen(word);
		at = at < n ? at : n;
		memcpy(p, word, at);
	}
	for (i = at; i < n; i++)
		p[i] = kind == 0 || (kind == 3 && word[0] < ' ')
			   ? (char)seed_next(seed)
			   : (char)(' ' + seed_next(seed) % 95);
	if (kind == 2 && n > 2)
		memcpy(p + n - 2, "\r\n", 2);
	return n;
}

static void
nobody(void **state)
{
	uint64_t seed = seed_begin(__func__);
	const struct talk_ops *const *t;
	struct service_info info;
	char banner[300];
	size_t n, i;

	(void)state;
	for (i = 0; i < BANNERS; i++) {
		n = some_banner(&seed, banner, sizeof(banner));
		for (t = talks; *t != NULL; t++) {
			const struct talk_said said[] = { { banner, n },
				SAID_NONE, SAID_EOF };
			struct talk_play p = { .name = (*t)->name,
				.udp = ((*t)->flags & TALK_TCP) == 0,
				.port = (uint16_t)seed_next(&seed) };

			if (talk_play(&p, &info, said, nitems(said)) !=
			    TALK_NOT) {
				char *text = text_clean(banner, n);

				fail_msg("%s takes it for %s %s: %s",
				    (*t)->name, info.name, info.product, text);
			}
			buf_done(&p.sent);
		}
	}
}

/* Nothing at all, and a byte. */
static void
silence(void **state)
{
	static const struct talk_said said[] = { SAID_NONE, SAID_EOF };
	const struct talk_ops *const *t;
	struct service_info info;

	(void)state;
	for (t = talks; *t != NULL; t++) {
		struct talk_play p = { .name = (*t)->name };
		struct talk_play q = { .name = (*t)->name };

		assert_int_equal(talk_play(&p, &info, said, 2), TALK_NOT);
		assert_int_equal(talk_play(&q, &info, said + 1, 1), TALK_NOT);
		assert_string_equal(info.name, "");
		buf_done(&p.sent);
		buf_done(&q.sent);
	}
}

/* -- echo and daytime ----------------------------------------------------- */

static void
echo(void **state)
{
	static const struct talk_said good[] = { SAID("sockdeck echo 0w7k\r\n"),
		SAID("\x01\x80\xff\0\x7f sockdeck \xfe\x02\r\n") };
	static const struct talk_said bad[] = {
		SAID("sockdeck echo 0w7k: command not found\r\n"), SAID_EOF
	};
	struct talk_play p = { .name = "echo" }, q = p, r = p;
	struct service_info info;

	(void)state;
	assert_int_equal(talk_play(&p, &info, good, 2), TALK_DONE);
	assert_string_equal(info.name, "echo");
	assert_string_equal(info.how, "echo");
	assert_int_equal(info.conf, 10);
	assert_int_equal(p.sent.len, good[0].n + good[1].n);
	assert_memory_equal(p.sent.data, good[0].p, good[0].n);
	assert_int_equal(talk_play(&q, &info, bad, 2), TALK_NOT);
	talk_prefixes(&r, good[0].p, good[0].n);
	buf_done(&p.sent);
	buf_done(&q.sent);
	buf_done(&r.sent);
}

static void
daytime(void **state)
{
	static const struct {
		const char *text;
		enum talk_verdict v;
	} t[] = {
		{ "Fri Nov 27 03:54:49 2026\r\n", TALK_DONE },
		{ "Fri Nov  7 03:54:49 2026\r\n", TALK_DONE },
		{ "Fri Nov 27 03:54:49 UTC 2026\n", TALK_DONE },
		{ "27 NOV 2026 03:54:49 UTC\r\n", TALK_DONE },
		{ "02 FEB 82 07:59:01 PST\r\n", TALK_DONE },
		{ "Tuesday, February 22, 1982 17:37:43-PST\r\n", TALK_DONE },
		{ "Fri Nov 27 03:54:49\r\n", TALK_NOT },
		{ "Fri Nov 27 03:54:49 2026 login refused\r\n", TALK_NOT },
		{ "220 Fri Nov 27 03:54:49 2026\r\n", TALK_NOT },
	};
	struct service_info info;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		const struct talk_said said[] = {
			{ t[i].text, strlen(t[i].text) }, SAID_EOF
		};
		struct talk_play p = { .name = "daytime" };

		if (talk_play(&p, &info, said, 2) != t[i].v)
			fail_msg("%s", t[i].text);
		talk_prefixes(&p, said[0].p, said[0].n);
		buf_done(&p.sent);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(lines),
		cmocka_unit_test(cursors),
		cmocka_unit_test(list),
		cmocka_unit_test(nobody),
		cmocka_unit_test(silence),
		cmocka_unit_test(echo),
		cmocka_unit_test(daytime),
	};

	return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
