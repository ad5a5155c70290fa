/* SPDX-License-Identifier: ISC */
/* RTMP: the handshake, in which each side says again what it was told. */
#include "config.h"

#include <string.h>

#include "probe/talk.h"

#define PART   1536 /* C1, S1, S2 */
#define RANDOM (PART - 8)

/* Any bytes; with a version of 0 before them no server looks for a digest. */
static uint8_t
random_at(size_t i)
{
	return (uint8_t)(i * 37 + (i >> 5) * 11 + 5);
}

static void
rtmp_begin(struct talk *t)
{
	uint8_t c[1 + PART] = { 3 };
	size_t i;

	for (i = 0; i < RANDOM; i++)
		c[9 + i] = random_at(i);
	talk_send(t, c, sizeof(c));
}

static enum talk_verdict
rtmp_input(struct talk *t)
{
	const uint8_t *s2;
	size_t i;

	if (t->nin > 0 && t->in[0] != 3)
		return TALK_NOT;
	if (t->nin < 1 + 2 * PART)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	s2 = t->in + 1 + PART;
	for (i = 0; i < RANDOM; i++)
		if (s2[8 + i] != random_at(i))
			return TALK_NOT;
	service_evidence(t->info, t->in, 64);
	return TALK_DONE;
}

const struct talk_ops talk_rtmp = {
	.name = "rtmp",
	.service = "rtmp",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "1935",
	.rarity = 6,
	.begin = rtmp_begin,
	.input = rtmp_input,
	.source = "Adobe RTMP 1.0, 5.2",
};
