/* SPDX-License-Identifier: ISC */
/* Sets of port numbers, and the kernel's ways to write them. */
#include "config.h"

#include "model/portset.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

void
portset_add_range(struct portset *s, uint16_t lo, uint16_t hi)
{
	uint32_t port;

	for (port = lo; port <= hi; port++)
		(void)portset_add(s, (uint16_t)port);
}

uint32_t
portset_count(const struct portset *s, uint16_t lo, uint16_t hi)
{
	uint32_t port, n = 0;

	for (port = lo; port <= hi; port++)
		n += portset_has(s, (uint16_t)port);
	return n;
}

/* One number at *p, up to 65535. */
static bool
take_port(const char **p, const char *end, uint16_t *ret)
{
	uint32_t v = 0;
	const char *s = *p;

	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		v = v * 10 + (uint32_t)(*s - '0');
		if (v > UINT16_MAX)
			return false;
	}
	if (s == *p)
		return false;
	*p = s;
	*ret = (uint16_t)v;
	return true;
}

static const char *
without_newline(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\0'))
		len--;
	return text + len;
}

static bool
parse_list(struct portset *s, const char *p, const char *end)
{
	uint16_t lo, hi;

	while (p < end) {
		if (!take_port(&p, end, &lo))
			return false;
		hi = lo;
		if (p < end && *p == '-') {
			p++;
			if (!take_port(&p, end, &hi) || hi < lo)
				return false;
		}
		portset_add_range(s, lo, hi);
		if (p == end)
			break;
		if (*p != ',' || p + 1 == end)
			return false;
		p++;
	}
	return true;
}

bool
portset_parse(struct portset *s, const char *text, size_t len)
{
	struct portset *part = xcalloc(1, sizeof(*part));
	bool ok = parse_list(part, text, without_newline(text, len));
	size_t i;

	for (i = 0; ok && i < sizeof(s->word) / sizeof(s->word[0]); i++)
		s->word[i] |= part->word[i];
	free(part);
	return ok;
}

void
portset_put(const struct portset *s, struct buf *out)
{
	uint32_t port, hi;
	bool first = true;

	for (port = 0; port <= UINT16_MAX; port = hi + 1) {
		hi = port;
		if (!portset_has(s, (uint16_t)port))
			continue;
		while (hi < UINT16_MAX && portset_has(s, (uint16_t)(hi + 1)))
			hi++;
		buf_printf(out, "%s%u", first ? "" : ",", port);
		if (hi > port)
			buf_printf(out, "-%u", hi);
		first = false;
	}
}

bool
portset_parse_range(const char *text, size_t len, uint16_t *lo, uint16_t *hi)
{
	const char *p = text, *end = without_newline(text, len), *gap;
	uint16_t a, b;

	if (!take_port(&p, end, &a))
		return false;
	for (gap = p; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (p == gap) {
		if (p == end || *p != '-')
			return false;
		p++;
	}
	if (!take_port(&p, end, &b) || p != end || a == 0 || b < a)
		return false;
	*lo = a;
	*hi = b;
	return true;
}
