/* SPDX-License-Identifier: ISC */
/*
 * Which system a host runs: packets of real stacks as they were recorded
 * (tests/unit/os: direction, microseconds, the packet from its IP header on),
 * the table against itself, and what is seen of nobody. What is missing makes
 * no guess surer.
 */
#include "config.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "model/os_guess.h"
#include "model/os_info.h"
#include "scan/os_answer.h"
#include "tests/unit/seed.h"

/* -- recordings ------------------------------------------------------------ */

static const struct {
	const char *file, *name;
	unsigned ttl, conf;
	uint8_t family;
} recordings[] = {
	{ "linux-6.18", "Linux 4.20 or later", 64, 100, 4 },
	{ "linux-6.18-ip6", "Linux 4.20 or later", 64, 100, 6 },
	{ "lwip-2.1.3", "lwIP 2.x", 255, 100, 4 },
	{ "gvisor-20221219", "gVisor netstack", 64, 100, 4 },
	{ "slirp4netns-1.2.0", "slirp (QEMU user network, slirp4netns)", 64,
	    100, 4 },
};

static size_t
unhex(uint8_t *to, size_t size, const char *s)
{
	unsigned byte;
	size_t n = 0;

	while (n < size && sscanf(s + 2 * n, "%2x", &byte) == 1)
		to[n++] = (uint8_t)byte;
	return n;
}

/* A source port a test, the least is the first's; the echo has none. */
struct player {
	struct os_seen *seen;
	unsigned base;
};

static void
play_packet(struct player *p, bool out, uint64_t at, const struct packet *k)
{
	unsigned port = out ? k->head.sport : k->head.dport;
	struct os_answer *a;

	if (k->kind == PACKET_ECHO_REPLY)
		port = OS_ECHO;
	else if (k->kind != PACKET_TCP || (out && k->head.flags == PACKET_RST))
		return;
	else if (out && (p->base == 0 || port < p->base))
		p->base = port;
	if (k->kind == PACKET_TCP)
		port -= p->base;
	assert_true(port < OS_NTESTS);
	a = &p->seen->answer[port];
	if (out)
		a->sent_seq = k->head.seq;
	else
		os_answer_take(a, k, at);
}

static void
play(struct os_seen *seen, const char *name, uint8_t family)
{
	char path[512], line[1024], hex[600], way;
	struct player p = { .seen = seen };
	unsigned long long at;
	const char *dir = getenv("SRCDIR");
	uint8_t data[300];
	struct packet k;
	size_t n, lines = 0;
	FILE *f;

	*seen = (struct os_seen){ .family = family };
	snprintf(path, sizeof(path), "%s/tests/unit/os/%s.txt",
	    dir == NULL ? "." : dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%c %llu %599s", &way, &at, hex) != 3)
			fail_msg("%s: %s", path, line);
		n = unhex(data, sizeof(data), hex);
		packet_parse(
		    &k, family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, data, n);
		play_packet(&p, way == '>', at, &k);
		lines++;
	}
	fclose(f);
	assert_true(lines >= 18);
}

static void
recordings_are_known(void **state)
{
	struct os_match m[OS_MATCHES_MAX];
	struct os_values v;
	struct os_seen seen;
	struct buf b = { 0 };
	size_t i, n;

	(void)state;
	for (i = 0; i < nitems(recordings); i++) {
		play(&seen, recordings[i].file, recordings[i].family);
		os_values_of(&v, &seen);
		n = os_guess(&v, m);
		buf_reset(&b);
		os_seen_put(&b, &seen);
		if (n == 0)
			fail_msg("%s: %s", recordings[i].file, b.data);
		assert_string_equal(m[0].family->name, recordings[i].name);
		assert_int_equal(m[0].conf, recordings[i].conf);
		if (n > 1 && m[1].conf + 10 > m[0].conf)
			fail_msg("%s: %s %u", recordings[i].file,
			    m[1].family->name, m[1].conf);
		assert_int_equal(os_ttl_of(&seen), recordings[i].ttl);
		assert_int_equal(os_distance(&seen), 1);
		seen.local = true;
		assert_int_equal(os_distance(&seen), 0);
		assert_true(b.len < OS_SEEN_MAX);
	}
	buf_done(&b);
}

static unsigned
conf_of(const struct os_match *m, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(m[i].family->name, name) == 0)
			return m[i].conf;
	return 0;
}

/* Whatever part of the answers is lost. */
static void
less_is_less_sure(void **state)
{
	struct os_match all[OS_MATCHES_MAX], m[OS_MATCHES_MAX];
	struct os_seen seen, part;
	struct os_values v;
	unsigned mask;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(recordings); i++) {
		play(&seen, recordings[i].file, recordings[i].family);
		os_values_of(&v, &seen);
		n = os_guess(&v, all);
		for (mask = 0; mask < 1U << OS_NTESTS; mask++) {
			part = seen;
			for (k = 0; k < OS_NTESTS; k++)
				if ((mask & 1U << k) != 0)
					part.answer[k].came = false;
			os_values_of(&v, &part);
			n = os_guess(&v, m);
			if (n > 0 && m[0].conf > all[0].conf)
				fail_msg("%s without %x: %s %u",
				    recordings[i].file, mask, m[0].family->name,
				    m[0].conf);
			if (mask != 0)
				assert_true(conf_of(m, n, recordings[i].name) <=
					    all[0].conf);
		}
		/* nothing was seen */
		assert_int_equal(n, 0);
		assert_int_equal(os_distance(&part), -1);
		assert_int_equal(os_ttl_of(&part), 0);
	}
}

/* One word after the other is taken away: what fits loses, and never wins. */
static void
each_word_counts(void **state)
{
	struct os_match m[OS_MATCHES_MAX];
	struct os_values v, w;
	struct os_seen seen;
	unsigned before, now;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < nitems(recordings); i++) {
		play(&seen, recordings[i].file, recordings[i].family);
		os_values_of(&v, &seen);
		n = os_guess(&v, m);
		before = conf_of(m, n, recordings[i].name);
		for (k = 0; k < OSF_N; k++) {
			w = v;
			if (w.word[k][0] == '\0')
				continue;
			w.word[k][0] = '\0';
			n = os_guess(&w, m);
			now = conf_of(m, n, recordings[i].name);
			assert_true(now <= before);
			/* It says something else: that is worse. */
			(void)snprintf(w.word[k], OS_VALUE_MAX, "other");
			n = os_guess(&w, m);
			assert_true(conf_of(m, n, recordings[i].name) <= now);
		}
	}
}

/* -- the table ------------------------------------------------------------- */

static void
table_is_whole(void **state)
{
	const struct os_family *f, *g;
	const struct os_info room;
	size_t i, n;
	const char *p;

	(void)state;
	for (i = 0; i < OSF_N; i++) {
		assert_non_null(os_features[i].name);
		assert_non_null(os_features[i].help);
		assert_true(os_features[i].weight > 0);
	}
	for (f = os_families; f->name != NULL; f++) {
		assert_true(strlen(f->name) < sizeof(room.name));
		assert_true(strlen(f->family) < sizeof(room.family));
		assert_true(strlen(f->vendor) < sizeof(room.vendor));
		assert_true(strlen(f->generation) < sizeof(room.generation));
		assert_true(strlen(f->type) < sizeof(room.type));
		assert_true(strlen(f->cpe) < sizeof(room.cpe));
		assert_true(strncmp(f->cpe, "cpe:/", 5) == 0);
		assert_true(strlen(f->source) > 10);
		assert_int_equal(
		    f->measured, strncmp(f->source, "measured: ", 10) == 0);
		for (g = os_families; g < f; g++)
			assert_string_not_equal(f->name, g->name);
		for (i = 0; i < OSF_N; i++)
			for (p = f->want[i]; p != NULL && *p != '\0';) {
				n = strcspn(p, "|");
				assert_true(n > 0 && n < OS_VALUE_MAX);
				p += n + (p[n] == '|');
			}
	}
}

/* Who answers as a row says is that row's. */
static void
rows_are_apart(void **state)
{
	struct os_match m[OS_MATCHES_MAX];
	const struct os_family *f;
	struct os_values v;
	size_t i, n;

	(void)state;
	for (f = os_families; f->name != NULL; f++) {
		v = (struct os_values){ .family = 4 };
		for (i = 0; i < OSF_N; i++)
			if (f->want[i] != NULL)
				(void)snprintf(v.word[i], OS_VALUE_MAX, "%.*s",
				    (int)strcspn(f->want[i], "|"), f->want[i]);
		n = os_guess(&v, m);
		assert_true(n > 0);
		assert_string_equal(m[0].family->name, f->name);
		assert_true(m[0].conf >= 80);
		assert_true(f->measured || m[0].conf <= 85);
	}
}

static void
words_are_whole(void **state)
{
	(void)state;
	assert_true(os_word_is("64", "64"));
	assert_true(os_word_is("65160|64240", "64240"));
	assert_true(os_word_is("a|b|c", "b"));
	assert_false(os_word_is("65160|64240", "6424"));
	assert_false(os_word_is("65160|64240", "642400"));
	assert_false(os_word_is("a|b", "a|b"));
	assert_false(os_word_is("a|b", ""));
}

/* -- words ----------------------------------------------------------------- */

static struct os_answer
syn_ack(uint64_t at_us, uint32_t seq, uint16_t id, uint32_t ts)
{
	struct os_answer a = {
		.came = true,
		.flags = PACKET_SYN | PACKET_ACK,
		.ttl = 60,
		.id = id,
		.window = 5840,
		.seq = seq,
		.at_us = at_us,
		.nopt = 10,
		.opt = { 8, 10, (uint8_t)(ts >> 24), (uint8_t)(ts >> 16),
		    (uint8_t)(ts >> 8), (uint8_t)ts },
	};

	return a;
}

static const uint64_t times[] = { 0, 101000, 201000, 299000, 402000, 500000 };

/* Clocks, counts and numbers as time goes on. */
static void
clocks_are_told(void **state)
{
	static const struct {
		uint64_t hz;
		uint32_t first;
		const char *word;
	} clocks[] = {
		{ 1000, 5, "1000" },
		{ 1000, UINT32_MAX - 100, "1000" },
		{ 100, 77, "100" },
		{ 250, 77, "250" },
		{ 2, 123456, "2" },
		{ 0, 99, "still" },
		{ 100000000, 1, "random" },
	};
	struct os_seen s = { .family = 4 };
	struct os_values v;
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(clocks); i++) {
		for (k = 0; k < nitems(times); k++)
			s.answer[k] = syn_ack(times[k], 1, 1,
			    (uint32_t)(clocks[i].first +
				       clocks[i].hz * times[k] / 1000000));
		os_values_of(&v, &s);
		assert_string_equal(v.word[OSF_CLOCK], clocks[i].word);
		assert_string_equal(v.word[OSF_ISN], "same");
		assert_string_equal(v.word[OSF_ID], "same");
		assert_string_equal(v.word[OSF_TTL], "64");
		assert_int_equal(os_distance(&s), 5);
	}
}

static void
counts_are_told(void **state)
{
	static const struct {
		uint32_t per_us, step;
		uint16_t id, id_step;
		const char *isn, *ids;
	} counts[] = {
		{ 0, 64000, 0, 0, "counts", "zero" },
		{ 0, 1, 65534, 1, "counts", "counts" },
		{ 0, 3, 9, 256, "counts", "counts" }, /* little-endian */
		{ 0, 0x30000001, 1, 20011, "random", "random" },
		{ 1, 0, 8, 0, "clock", "same" }, /* a step each 4 us */
	};
	struct os_seen s = { .family = 4 };
	struct os_values v;
	size_t i, k;

	(void)state;
	for (i = 0; i < nitems(counts); i++) {
		for (k = 0; k < nitems(times); k++)
			s.answer[k] = syn_ack(times[k],
			    (uint32_t)(7 + counts[i].per_us * times[k] / 4 +
				       counts[i].step * k),
			    (uint16_t)(counts[i].id + counts[i].id_step * k),
			    0);
		os_values_of(&v, &s);
		assert_string_equal(v.word[OSF_ISN], counts[i].isn);
		assert_string_equal(v.word[OSF_ID], counts[i].ids);
	}
}

static void
options_are_read(void **state)
{
	static const struct {
		const char *hex, *order, *scale;
	} cases[] = {
		{ "", "-", "none" },
		{ "020405b4", "M", "none" },
		{ "020405b40402080a000000010000000201030307", "MSTNW", "7" },
		{ "020405b4010303060101080a00000001000000020402000", "MNWNNTSE",
		    "6" },
		{ "0000000000", "E", "none" }, /* the end is the end */
		{ "0101", "NN", "none" },
		{ "02", "!", "none" },         /* cut */
		{ "020105", "!", "none" },     /* shorter than itself */
		{ "0204", "!", "none" },       /* says more than there is */
		{ "0205010203", "?", "none" }, /* of another length */
		{ "fd06000000001e02", "??", "none" },
		{ "0101010101010101010101010101010101010101010101010101010101"
		  "0101010101010101010101",
		    "NNNNNNNNNNNNNNNNNNNNNN", "none" },
	};
	struct os_seen s = { .family = 4 };
	struct os_answer *a = &s.answer[OS_SYN_FULL];
	struct os_values v;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		*a = syn_ack(0, 0, 0, 0);
		a->nopt = (uint8_t)unhex(a->opt, sizeof(a->opt), cases[i].hex);
		os_values_of(&v, &s);
		assert_string_equal(v.word[OSF_OPTIONS], cases[i].order);
		assert_string_equal(v.word[OSF_SCALE], cases[i].scale);
	}
}

/* What a RST says is no SYN-ACK's word, nor the other way round. */
static void
kinds_are_apart(void **state)
{
	struct os_seen s = { .family = 4 };
	struct os_values v;
	size_t i;

	(void)state;
	for (i = OS_SYN_FULL; i <= OS_SYN_ECN; i++) {
		s.answer[i] = syn_ack(i, 1, 1, 1);
		s.answer[i].flags = PACKET_RST | PACKET_ACK;
	}
	s.answer[OS_CLOSED] = syn_ack(9, 1, 1, 1);
	os_values_of(&v, &s);
	for (i = 0; i < OSF_N; i++)
		assert_string_equal(v.word[i], "");
	s.answer[OS_CLOSED].flags = PACKET_RST;
	os_values_of(&v, &s);
	assert_string_equal(v.word[OSF_RST], "no-ack");
	s.answer[OS_CLOSED].flags = PACKET_RST | PACKET_ACK;
	s.answer[OS_CLOSED].sent_seq = 41;
	s.answer[OS_CLOSED].ack = 42;
	os_values_of(&v, &s);
	assert_string_equal(v.word[OSF_RST], "numbered");
	s.answer[OS_CLOSED].seq = 0;
	os_values_of(&v, &s);
	assert_string_equal(v.word[OSF_RST], "zero");
	s.answer[OS_CLOSED].ack = 0;
	os_values_of(&v, &s);
	assert_string_equal(v.word[OSF_RST], "other-ack");
}

/* Bytes of nobody: within bounds, in order, and never sure. */
static void
noise_is_nobody(void **state)
{
	uint64_t seed = seed_begin("noise_is_nobody");
	struct os_match m[OS_MATCHES_MAX];
	struct os_values v;
	struct os_seen s;
	struct buf b = { 0 };
	uint64_t r;
	size_t i, k, n;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		s = (struct os_seen){ .family = round % 2 == 0 ? 4 : 6 };
		for (i = 0; i < OS_NTESTS; i++) {
			uint8_t *p = (uint8_t *)s.answer[i].opt;

			r = seed_next(&seed);
			s.answer[i] = syn_ack(r & 0xffff, (uint32_t)(r >> 16),
			    (uint16_t)(r >> 8), 0);
			for (k = 0; k < OS_OPTIONS_MAX; k++)
				p[k] = (uint8_t)(seed_next(&seed) % 12);
			s.answer[i].nopt = (uint8_t)r; /* too much, too */
			s.answer[i].ttl = (uint8_t)(r >> 24);
			s.answer[i].window = (uint16_t)(r >> 32);
			s.answer[i].df = (r >> 49 & 1) != 0;
			s.answer[i].code = (uint8_t)(r >> 50);
			if (i == OS_CLOSED)
				s.answer[i].flags = (uint8_t)(r >> 40);
		}
		os_values_of(&v, &s);
		n = os_guess(&v, m);
		for (i = 0; i < n; i++) {
			assert_true(m[i].conf >= OS_CONF_MIN);
			assert_true(m[i].conf < 70);
			assert_true(i == 0 || m[i].conf <= m[i - 1].conf);
		}
		buf_reset(&b);
		os_seen_put(&b, &s);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_known),
		cmocka_unit_test(less_is_less_sure),
		cmocka_unit_test(each_word_counts),
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(rows_are_apart),
		cmocka_unit_test(words_are_whole),
		cmocka_unit_test(clocks_are_told),
		cmocka_unit_test(counts_are_told),
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(kinds_are_apart),
		cmocka_unit_test(noise_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
