/* SPDX-License-Identifier: ISC */
#ifndef TALK_HELP_H
#define TALK_HELP_H

#include <stdlib.h>
#include <string.h>

#include "probe/talk.h"

/*
 * Drives a conversation without a network: hands it what a server said, piece
 * by piece, as the prober would. For tests of talk_*.c.
 */
struct talk_said {
	const void *p; /* NULL: silence (timeout) */
	size_t n;      /* 0: the other end closes */
};
#define SAID(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	} /* of a literal */
#define SAID_EOF      \
	{             \
		"", 0 \
	}
#define SAID_NONE       \
	{               \
		NULL, 0 \
	}

struct talk_play {
	const char *name; /* of the conversation */
	bool udp, tls, checks;
	uint16_t port;
	const char *host;
	/* What it sent, all of it; buf_done() is the caller's. */
	struct buf sent;
	unsigned connections; /* 1 + TALK_AGAIN */
};

/* One call of input() with the first n bytes of in, in a block of exactly that
 * size, so that a sanitizer sees a step beyond it. */
static inline enum talk_verdict
talk_give(struct talk *t, const void *in, size_t n, size_t cut)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	enum talk_verdict v;

	if (copy == NULL)
		abort();
	memcpy(copy, in, n);
	t->in = copy;
	t->nin = n;
	t->cut = cut;
	v = talk_input(t);
	t->in = NULL;
	t->nin = 0;
	free(copy);
	return v;
}

static inline void
talk_sent(struct talk_play *p, struct talk *t)
{
	buf_put(&p->sent, t->out.data, t->out.len);
	buf_reset(&t->out);
}

/*
 * The verdict after `n` things that were said, or the first that is not
 * TALK_MORE; TALK_AGAIN and TALK_STARTTLS go on with what comes next. info is
 * filled.
 */
static inline enum talk_verdict
talk_play(struct talk_play *p, struct service_info *info,
    const struct talk_said *said, size_t n)
{
	const struct talk_ops *ops = talk_find(p->name);
	enum talk_verdict v = TALK_MORE;
	struct buf in = { 0 };
	struct talk t;
	size_t i;

	if (ops == NULL)
		abort();
	talk_init(&t, ops, info);
	t.udp = p->udp;
	t.tls = p->tls;
	t.checks = p->checks;
	t.port = p->port;
	t.addr.family = 4;
	memcpy(t.addr.addr, "\xc0\x00\x02\x01", 4);
	t.host = p->host != NULL ? p->host : "192.0.2.1";
	p->connections = 1;
	talk_begin(&t);
	talk_sent(p, &t);
	for (i = 0; i < n; i++) {
		t.timeout = said[i].p == NULL;
		t.eof = said[i].p != NULL && said[i].n == 0;
		if (said[i].n > 0)
			buf_put(&in, said[i].p, said[i].n);
		v = talk_give(&t, in.len > 0 ? in.data : "", in.len, said[i].n);
		talk_sent(p, &t);
		t.timeout = t.eof = false;
		if (v == TALK_STARTTLS) {
			t.tls = true;
			buf_reset(&in);
			v = talk_give(&t, "", 0, 0);
			talk_sent(p, &t);
		}
		if (v == TALK_AGAIN) {
			p->connections++;
			buf_reset(&in);
			talk_begin(&t);
			talk_sent(p, &t);
		} else if (v != TALK_MORE)
			break;
	}
	talk_done(&t);
	buf_done(&in);
	return v;
}

/* Every prefix of one answer, then the end: no verdict is asked for, but that
 * it comes back. */
static inline void
talk_prefixes(struct talk_play *p, const void *said, size_t n)
{
	struct service_info info;
	size_t i;

	for (i = 0; i <= n; i++) {
		const struct talk_said cut[] = { { said, i }, SAID_EOF };

		(void)talk_play(p, &info, cut + (i == 0), i == 0 ? 1 : 2);
	}
}

#endif
