/* SPDX-License-Identifier: ISC */
/* What conversations of binary protocols share. */
#include "config.h"

#include "probe/talk_bin.h"

#include <string.h>

#include "base/array.h"

enum talk_verdict
talk_need(const struct talk *t)
{
	return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
}

bool
talk_starts(const struct talk *t, const void *p, size_t n)
{
	return memcmp(t->in, p, t->nin < n ? t->nin : n) == 0;
}

const uint8_t *
bytes_find(const uint8_t *p, size_t n, const void *what, size_t len)
{
	for (; n >= len; p++, n--)
		if (memcmp(p, what, len) == 0)
			return p;
	return NULL;
}

uint64_t
cursor_be64(struct talk_cursor *c)
{
	uint64_t high = cursor_be32(c);

	return high << 32 | cursor_be32(c);
}

/* -- BER -------------------------------------------------------------------- */

uint8_t
ber_next(struct talk_cursor *c, struct talk_cursor *body)
{
	uint8_t tag = cursor_u8(c), first = cursor_u8(c), i;
	size_t len = first;
	const uint8_t *p;

	if (first >= 0x80) {
		len = 0;
		if (first == 0x80 || first > 0x84)
			c->bad = true;
		for (i = 0; i < (first & 0x7f) && !c->bad; i++)
			len = len << 8 | cursor_u8(c);
	}
	p = cursor_take(c, len);
	if (p == NULL || c->bad) {
		cursor_init(body, "", 0);
		return 0;
	}
	cursor_init(body, p, len);
	return tag;
}

bool
ber_take(struct talk_cursor *c, uint8_t tag, struct talk_cursor *body)
{
	struct talk_cursor at = *c;

	if (ber_next(&at, body) != tag)
		return false;
	*c = at;
	return true;
}

int64_t
ber_int(struct talk_cursor c)
{
	size_t n = cursor_left(&c);
	int64_t v;

	if (n == 0 || n > 8)
		return -1;
	v = (int8_t)cursor_u8(&c);
	while (--n > 0)
		v = (int64_t)((uint64_t)v << 8 | cursor_u8(&c));
	return v;
}

size_t
ber_size(const uint8_t *p, size_t n)
{
	size_t len = 0, i, more;

	if (n < 2)
		return 0;
	if (p[1] < 0x80)
		return 2 + (size_t)p[1];
	more = p[1] & 0x7f;
	if (more == 0 || more > 4)
		return SIZE_MAX;
	if (n < 2 + more)
		return 0;
	for (i = 0; i < more; i++)
		len = len << 8 | p[2 + i];
	return len > TALK_IN_MAX ? SIZE_MAX : 2 + more + len;
}

void
ber_put(struct buf *b, uint8_t tag, const void *p, size_t n)
{
	buf_putc(b, (char)tag);
	if (n >= 0x80) {
		buf_putc(b, (char)0x82);
		buf_putc(b, (char)(n >> 8));
	}
	buf_putc(b, (char)n);
	buf_put(b, p, n);
}

void
ber_wrap(struct buf *b, size_t at, uint8_t tag)
{
	struct buf inner = { 0 };

	buf_put(&inner, b->data + at, b->len - at);
	b->len = at;
	ber_put(b, tag, inner.len > 0 ? inner.data : "", inner.len);
	buf_done(&inner);
}

void
ber_put_int(struct buf *b, uint8_t tag, int64_t v)
{
	uint8_t p[8];
	size_t n = 1, i;

	while (n < 8 && (v >> (8 * n - 1)) != 0 && (v >> (8 * n - 1)) != -1)
		n++;
	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	ber_put(b, tag, p, n);
}

/* -- Windows ---------------------------------------------------------------- */

void
service_set_utf16(char *field, size_t size, const uint8_t *p, size_t n)
{
	char text[3 * 128];
	size_t len = 0;
	uint16_t u;

	for (; n >= 2 && len + 3 <= sizeof(text); p += 2, n -= 2) {
		u = (uint16_t)(p[1] << 8 | p[0]);
		if (u < 0x80)
			text[len++] = (char)u;
		else if (u < 0x800) {
			text[len++] = (char)(0xc0 | u >> 6);
			text[len++] = (char)(0x80 | (u & 0x3f));
		} else if (u >= 0xd800 && u <= 0xdfff)
			text[len++] = '?';
		else {
			text[len++] = (char)(0xe0 | u >> 12);
			text[len++] = (char)(0x80 | (u >> 6 & 0x3f));
			text[len++] = (char)(0x80 | (u & 0x3f));
		}
	}
	service_set(field, size, text, len);
}

/* Unicode, OEM, target's name wanted, NTLM, always sign, extended session
 * security, target's information, version, 128 and 56 bits. */
const uint8_t ntlm_negotiate[40] = { 'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1, 0,
	0, 0, 0x07, 0x82, 0x88,
	0xa2, [32] = 10, [34] = 0x61, [35] = 0x4a, [39] = 15 };

/* Builds of Windows by the first of their line ([MS-NLMP] 2.2.2.10, the
 * vendor's lists of releases). */
static const struct {
	uint16_t build;
	const char *name;
} builds[] = {
	{ 26100, "Windows 11 24H2 or Server 2025" },
	{ 22621, "Windows 11 22H2" },
	{ 22000, "Windows 11" },
	{ 20348, "Windows Server 2022" },
	{ 17763, "Windows 10 1809 or Server 2019" },
	{ 14393, "Windows 10 1607 or Server 2016" },
	{ 10240, "Windows 10" },
	{ 9600, "Windows 8.1 or Server 2012 R2" },
	{ 9200, "Windows 8 or Server 2012" },
	{ 7600, "Windows 7 or Server 2008 R2" },
	{ 6000, "Windows Vista or Server 2008" },
	{ 3790, "Windows Server 2003" },
	{ 2600, "Windows XP" },
};

/* Samba says 6.1, build 0. */
static void
ntlm_version(struct service_info *info, struct talk_cursor c)
{
	unsigned major = cursor_u8(&c), minor = cursor_u8(&c);
	uint16_t build = cursor_le16(&c);
	size_t i;

	if (c.bad || major < 5 || major > 10)
		return;
	service_factf(
	    info, "ntlm.version", "%u.%u.%u", major, minor, (unsigned)build);
	if (build == 0)
		return;
	for (i = 0; i < nitems(builds) && builds[i].build > build; i++)
		continue;
	service_setf(info->os, sizeof(info->os), "%s",
	    i < nitems(builds) ? builds[i].name : "Windows");
}

static const char *const av_names[] = {
	[1] = "ntlm.host",
	[2] = "ntlm.domain",
	[3] = "ntlm.dns_host",
	[4] = "ntlm.dns_domain",
	[5] = "ntlm.dns_forest",
};

static void
ntlm_names(struct service_info *info, struct talk_cursor c)
{
	uint16_t id, len;
	const uint8_t *p;
	char text[96];

	while (cursor_left(&c) >= 4) {
		id = cursor_le16(&c);
		len = cursor_le16(&c);
		p = cursor_take(&c, len);
		if (id == 0 || p == NULL)
			return;
		if (id >= nitems(av_names))
			continue;
		service_set_utf16(text, sizeof(text), p, len);
		if (text[0] == '\0')
			continue;
		service_fact(info, av_names[id], text, strlen(text));
		if (id == 3 || (id == 1 && info->host[0] == '\0'))
			service_setf(
			    info->host, sizeof(info->host), "%s", text);
	}
}

bool
ntlm_challenge(struct service_info *info, const uint8_t *p, size_t n)
{
	const uint8_t *at = bytes_find(p, n, "NTLMSSP\0\2\0\0\0", 12);
	struct talk_cursor c, names;
	uint32_t flags, where;
	uint16_t len;

	if (at == NULL)
		return false;
	n -= (size_t)(at - p);
	cursor_init(&c, at, n);
	cursor_skip(&c, 20);
	flags = cursor_le32(&c);
	cursor_skip(&c, 16);
	len = cursor_le16(&c);
	cursor_skip(&c, 2);
	where = cursor_le32(&c);
	if (c.bad)
		return false;
	if ((flags & 0x02000000) != 0)
		ntlm_version(info, c);
	if (where <= n && len <= n - where) {
		cursor_init(&names, at + where, len);
		ntlm_names(info, names);
	}
	return true;
}
