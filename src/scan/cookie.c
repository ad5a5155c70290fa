/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 and what it is used for here.
 */
#include "config.h"

#include "scan/cookie.h"

#include <endian.h>
#include <string.h>

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

static uint64_t
word_at(const uint8_t *p, size_t len)
{
	uint64_t w = 0;

	memcpy(&w, p, len);
	return le64toh(w);
}

uint64_t
cookie_hash(const uint8_t key[COOKIE_KEY], const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t k0 = word_at(key, 8), k1 = word_at(key + 8, 8);
	struct sip s = {
		.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t left = len;
	int i;

	for (; left >= 8; left -= 8, p += 8)
		sip_word(&s, word_at(p, 8));
	sip_word(&s, word_at(p, left) | (uint64_t)len << 56);
	s.v2 ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint32_t
cookie_make(const uint8_t key[COOKIE_KEY], const struct scan_addr *src,
    const struct scan_addr *dst, uint16_t sport, uint16_t dport)
{
	size_t n = dst->family == 4 ? 4 : 16;
	uint8_t data[36];
	uint64_t h;

	memcpy(data, src->addr, n);
	memcpy(data + n, dst->addr, n);
	memcpy(data + 2 * n, &sport, 2);
	memcpy(data + 2 * n + 2, &dport, 2);
	h = cookie_hash(key, data, 2 * n + 4);
	return (uint32_t)(h ^ h >> 32);
}
