/* SPDX-License-Identifier: ISC */
/* One datagram, one answer. */
#include "config.h"

#include "probe/dgram.h"

#include <string.h>

static const struct dgram *
find(const struct talk *t, const struct dgram *d, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(d[i].name, t->ops->name) == 0)
			return &d[i];
	return NULL;
}

void
dgram_say(struct talk *t, const struct dgram *d, size_t n)
{
	d = find(t, d, n);
	talk_send(t, d->ask, d->len);
	if (d->pad > d->len)
		buf_pad(&t->out, '\0', d->pad - d->len);
}

enum talk_verdict
dgram_judge(struct talk *t, const struct dgram *d, size_t n)
{
	struct talk_cursor c;

	if (t->timeout || t->cut == 0)
		return t->info->evidence[0] != '\0' ? TALK_DONE : TALK_NOT;
	cursor_init(&c, t->in + t->nin - t->cut, t->cut);
	if (!find(t, d, n)->learn(t, c))
		/* Perhaps an answer that comes twice. */
		return t->info->evidence[0] != '\0' ? TALK_MORE : TALK_NOT;
	service_evidence(t->info, c.p, t->cut);
	return t->out.len > 0 ? TALK_MORE : TALK_DONE;
}

bool
cursor_is(struct talk_cursor *c, const void *p, size_t n)
{
	const uint8_t *at = cursor_take(c, n);

	return at != NULL && memcmp(at, p, n) == 0;
}

const uint8_t *
cursor_text(struct talk_cursor *c, size_t *n)
{
	const uint8_t *p = c->p, *nul;

	nul = c->bad || p == c->end ? NULL : memchr(p, '\0', cursor_left(c));
	if (nul == NULL) {
		c->bad = true;
		return NULL;
	}
	*n = (size_t)(nul - p);
	c->p = nul + 1;
	return p;
}
