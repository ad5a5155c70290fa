/* SPDX-License-Identifier: ISC */
/* Messages of DNS. */
#include "config.h"

#include "probe/dns_msg.h"

#include <string.h>
#include <strings.h>

#define LABEL_MAX 63
#define JUMPS_MAX 32 /* of compression, in one name */
#define ROOM      1232

/* -- out -------------------------------------------------------------------- */

static void
put16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)v);
}

static void
put_name(struct buf *b, const char *name)
{
	size_t n;

	while (*name != '\0') {
		n = strcspn(name, ".");
		buf_putc(b, (char)n);
		buf_put(b, name, n);
		name += n + (name[n] == '.');
	}
	buf_putc(b, '\0');
}

void
dns_ask(struct buf *b, uint16_t id, uint16_t flags, const char *name,
    uint16_t type, uint16_t class, bool edns)
{
	put16(b, id);
	put16(b, flags);
	put16(b, 1);
	put16(b, 0);
	put16(b, 0);
	put16(b, edns);
	put_name(b, name);
	put16(b, type);
	put16(b, class);
	if (edns) {
		buf_putc(b, '\0');
		put16(b, 41);
		put16(b, ROOM);
		buf_pad(b, '\0', 6);
	}
}

/* -- in --------------------------------------------------------------------- */

bool
dns_name(const struct dns_msg *m, struct talk_cursor *c, char *ret, size_t size)
{
	struct talk_cursor at = *c;
	bool jumped = false;
	unsigned jumps = 0;
	size_t len = 0, where;
	const uint8_t *p;
	uint8_t n;

	while ((n = cursor_u8(&at)) != 0) {
		if (n >= 0xc0) {
			where = (size_t)(n & 0x3f) << 8 | cursor_u8(&at);
			if (!jumped)
				*c = at;
			jumped = true;
			if (at.bad || where >= m->n || ++jumps > JUMPS_MAX)
				return false;
			cursor_init(&at, m->p + where, m->n - where);
			continue;
		}
		p = n > LABEL_MAX ? NULL : cursor_take(&at, n);
		if (p == NULL || len + n + 2 > size)
			return false;
		if (len > 0)
			ret[len++] = '.';
		memcpy(ret + len, p, n);
		len += n;
	}
	ret[len] = '\0';
	if (!jumped)
		*c = at;
	return !at.bad;
}

bool
dns_read(struct dns_msg *m, const uint8_t *p, size_t n)
{
	char name[256];
	unsigned i;

	*m = (struct dns_msg){ .p = p, .n = n, .section = 1 };
	cursor_init(&m->at, p, n);
	m->id = cursor_be16(&m->at);
	m->flags = cursor_be16(&m->at);
	for (i = 0; i < 4; i++)
		m->count[i] = cursor_be16(&m->at);
	for (i = 0; i < m->count[0] && !m->at.bad; i++) {
		if (!dns_name(m, &m->at, name, sizeof(name)))
			return false;
		cursor_skip(&m->at, 4);
	}
	m->left = m->count[1];
	return !m->at.bad;
}

bool
dns_is_about(const struct dns_msg *m, const char *name, uint16_t type)
{
	struct talk_cursor c;
	char had[256];

	if (m->count[0] == 0)
		return m->n == 12 && (m->flags & 15) != 0 &&
		       m->count[1] + m->count[2] + m->count[3] == 0;
	cursor_init(&c, m->p + 12, m->n - 12);
	return m->count[0] == 1 && dns_name(m, &c, had, sizeof(had)) &&
	       strcasecmp(had, name) == 0 && cursor_be16(&c) == type;
}

bool
dns_next(struct dns_msg *m, struct dns_rr *rr)
{
	const uint8_t *p;
	uint16_t len;

	while (m->left == 0) {
		if (m->section == 3)
			return false;
		m->left = m->count[++m->section];
	}
	m->left--;
	rr->section = m->section;
	if (!dns_name(m, &m->at, rr->name, sizeof(rr->name)))
		return false;
	rr->type = cursor_be16(&m->at);
	rr->class = cursor_be16(&m->at);
	cursor_skip(&m->at, 4);
	len = cursor_be16(&m->at);
	p = cursor_take(&m->at, len);
	if (p == NULL)
		return false;
	cursor_init(&rr->data, p, len);
	return true;
}

bool
dns_text(const struct dns_rr *rr, const char **s, size_t *n)
{
	struct talk_cursor c = rr->data;
	uint8_t len = cursor_u8(&c);
	const uint8_t *p = cursor_take(&c, len);

	if (rr->type != DNS_TXT || p == NULL)
		return false;
	*s = (const char *)p;
	*n = len;
	return true;
}
