/* SPDX-License-Identifier: ISC */
/* Echo: what is sent comes back, and nothing else does. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk.h"

/* Two rounds: a line, which many a server would quote in an error, and then
 * bytes that no server for text gives back as they were. */
static const char rounds[2][24] = {
	"sockdeck echo 0w7k\r\n",
	"\x01\x80\xff\x00\x7f sockdeck \xfe\x02\r\n",
};
static const size_t len[2] = { 20, 19 };

static void
echo_begin(struct talk *t)
{
	talk_send(t, rounds[0], len[0]);
}

/* Of UDP each answer is a datagram; of TCP they are one stream. */
static enum talk_verdict
echo_input(struct talk *t)
{
	size_t at = 0, i, n;

	for (i = 0; i <= t->step; i++, at += len[i - 1]) {
		n = t->nin - at < len[i] ? t->nin - at : len[i];
		if (memcmp(t->in + at, rounds[i], n) != 0)
			return TALK_NOT;
		if (n < len[i])
			return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	}
	if (t->nin > at)
		return TALK_NOT;
	if (t->step + 1 < nitems(rounds)) {
		t->step++;
		talk_send(t, rounds[t->step], len[t->step]);
		return TALK_MORE;
	}
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_echo = {
	.name = "echo",
	.service = "echo",
	.flags = TALK_TCP | TALK_UDP | TALK_SAME,
	.ports = "7",
	.rarity = 6,
	.begin = echo_begin,
	.input = echo_input,
	.source = "RFC 862",
};
