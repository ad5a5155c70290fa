/* SPDX-License-Identifier: ISC */
/*
 * What any server might say, given to every conversation. The first byte says
 * how (UDP, inside TLS, checks wanted, a port), the second where the rest is
 * cut; it comes in those pieces, then there is silence, then the end. Nothing is
 * read beyond a piece, what is said in return is bounded, what is learnt is
 * clean.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/talk_help.h"
#include "base/hash.h"
#include "base/text.h"

#define PIECES   24
#define SENT_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_text(const char *s, size_t size)
{
	if (memchr(s, '\0', size) == NULL || !text_is_clean(s, strlen(s)))
		abort();
}

static void
check_info(const struct service_info *i)
{
	const char *name, *value;
	size_t k, len = 0;

	check_text(i->name, sizeof(i->name));
	check_text(i->product, sizeof(i->product));
	check_text(i->version, sizeof(i->version));
	check_text(i->extra, sizeof(i->extra));
	check_text(i->host, sizeof(i->host));
	check_text(i->os, sizeof(i->os));
	check_text(i->device, sizeof(i->device));
	check_text(i->cpe, sizeof(i->cpe));
	check_text(i->how, sizeof(i->how));
	check_text(i->evidence, sizeof(i->evidence));
	if (i->conf > 10 || i->facts_len > sizeof(i->facts))
		abort();
	for (k = 0; service_fact_at(i, k, &name, &value); k++) {
		len += strlen(name) + strlen(value) + 2;
		check_text(value, sizeof(i->facts));
	}
	if (len != i->facts_len)
		abort();
}

/* Pieces of all lengths, the same ones for the same byte. */
static size_t
cut(struct talk_said *said, const uint8_t *p, size_t n, uint8_t seed)
{
	size_t k = 0, piece;

	while (n > 0 && k < PIECES) {
		piece = 1 + hash_mix(seed * 100u + k) % n;
		if (seed == 0 || k + 1 == PIECES)
			piece = n;
		said[k++] = (struct talk_said){ p, piece };
		p += piece;
		n -= piece;
	}
	said[k++] = (struct talk_said)SAID_NONE;
	said[k++] = (struct talk_said)SAID_EOF;
	return k;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk_said said[PIECES + 2];
	const struct talk_ops *const *ops;
	struct service_info info;
	enum talk_verdict v;
	size_t n;

	if (size < 3 || size > TALK_IN_MAX)
		return 0;
	n = cut(said, data + 2, size - 2, data[1]);
	for (ops = talks; *ops != NULL; ops++) {
		struct talk_play p = { .name = (*ops)->name,
			.udp = (data[0] & 1) != 0,
			.tls = (data[0] & 2) != 0,
			.checks = (data[0] & 4) != 0,
			.port = (uint16_t)(data[0] * 257u) };

		if (((*ops)->flags & (p.udp ? TALK_UDP : TALK_TCP)) == 0)
			continue;
		v = talk_play(&p, &info, said, n);
		if (p.sent.len > SENT_MAX || p.connections > n + 1)
			abort();
		if (v == TALK_DONE && info.name[0] == '\0')
			abort();
		check_info(&info);
		buf_done(&p.sent);
	}
	return 0;
}
