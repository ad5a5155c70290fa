/* SPDX-License-Identifier: ISC */
/* What conversations have in common: how bytes are read without a step beyond
 * their end. */
#include "config.h"

#include "probe/talk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

const struct talk_ops *
talk_find(const char *name)
{
	const struct talk_ops *const *t;

	for (t = talks; *t != NULL; t++)
		if (strcmp((*t)->name, name) == 0)
			return *t;
	return NULL;
}

bool
talk_ports_have(const char *ports, uint16_t port)
{
	unsigned long from, to;
	char *end;

	while (ports != NULL && *ports != '\0') {
		from = to = strtoul(ports, &end, 10);
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (port >= from && port <= to)
			return true;
		ports = *end == ',' ? end + 1 : NULL;
	}
	return false;
}

/* -- driving -------------------------------------------------------------- */

void
talk_init(struct talk *t, const struct talk_ops *ops, struct service_info *info)
{
	*t = (struct talk){ .ops = ops, .info = info };
	service_init(info);
	if (ops->state > 0)
		t->state = xcalloc(1, ops->state);
}

void
talk_done(struct talk *t)
{
	buf_done(&t->out);
	free(t->state);
	t->state = NULL;
}

void
talk_begin(struct talk *t)
{
	if (t->ops->begin != NULL)
		t->ops->begin(t);
}

enum talk_verdict
talk_input(struct talk *t)
{
	enum talk_verdict v = t->ops->input(t);
	struct service_info *i = t->info;

	if (v == TALK_MORE || v == TALK_NOT)
		return v;
	if (i->name[0] == '\0')
		service_setf(i->name, sizeof(i->name), "%s", t->ops->service);
	if (i->how[0] == '\0')
		service_setf(i->how, sizeof(i->how), "%s", t->ops->name);
	if (i->conf == 0)
		i->conf = 10;
	i->method = SERVICE_BY_TALK;
	return v;
}

/* -- for conversations ---------------------------------------------------- */

void
talk_send(struct talk *t, const void *p, size_t n)
{
	buf_put(&t->out, p, n);
}

void
talk_sendf(struct talk *t, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = xvasprintf(&text, fmt, ap);
	va_end(ap);
	buf_put(&t->out, text, (size_t)n);
	free(text);
}

bool
talk_line(const struct talk *t, size_t at, const char **line, size_t *len,
    size_t *next)
{
	const char *p, *nl;
	size_t n;

	if (at >= t->nin)
		return false;
	p = (const char *)t->in + at;
	n = t->nin - at;
	nl = memchr(p, '\n', n);
	if (nl == NULL && !t->eof && !t->timeout)
		return false;
	*next = at + n;
	if (nl != NULL) {
		n = (size_t)(nl - p);
		*next = at + n + 1;
	}
	if (n > 0 && p[n - 1] == '\r')
		n--;
	*line = p;
	*len = n;
	return true;
}

void
cursor_init(struct talk_cursor *c, const void *p, size_t n)
{
	c->p = p;
	c->end = c->p + n;
	c->bad = false;
}

size_t
cursor_left(const struct talk_cursor *c)
{
	return (size_t)(c->end - c->p);
}

const uint8_t *
cursor_take(struct talk_cursor *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > cursor_left(c)) {
		c->bad = true;
		c->p = c->end;
		return NULL;
	}
	c->p += n;
	return p;
}

void
cursor_skip(struct talk_cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

uint8_t
cursor_u8(struct talk_cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p == NULL ? 0 : p[0];
}

uint16_t
cursor_be16(struct talk_cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p == NULL ? 0 : (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
cursor_be32(struct talk_cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	return p == NULL ? 0
			 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | p[3];
}

uint16_t
cursor_le16(struct talk_cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p == NULL ? 0 : (uint16_t)(p[1] << 8 | p[0]);
}

uint32_t
cursor_le32(struct talk_cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	return p == NULL ? 0
			 : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
			       (uint32_t)p[1] << 8 | p[0];
}
