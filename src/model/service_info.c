/* SPDX-License-Identifier: ISC */
/* What answers behind a port: text of strangers, cleaned as it comes in. */
#include "config.h"

#include "model/service_info.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"

void
service_init(struct service_info *s)
{
	memset(s, 0, sizeof(*s));
}

/* Less than size bytes of clean text, cut at a character. */
static size_t
cut_at(const char *text, size_t size)
{
	size_t n = strlen(text);

	if (n < size)
		return n;
	for (n = size - 1; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

void
service_set(char *field, size_t size, const void *raw, size_t len)
{
	/* No more than could be kept, since a byte is at least one of clean
	 * text; and a character. */
	char *text = text_clean(raw, len < size + 4 ? len : size + 4);
	size_t n = cut_at(text, size);

	memcpy(field, text, n);
	field[n] = '\0';
	free(text);
}

void
service_setf(char *field, size_t size, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = xvasprintf(&text, fmt, ap);
	va_end(ap);
	service_set(field, size, text, (size_t)n);
	free(text);
}

/* Where the name of the i-th begins; facts_len: there is none. */
static size_t
fact_start(const struct service_info *s, size_t i)
{
	size_t at = 0;

	for (i *= 2; i > 0 && at < s->facts_len; i--)
		at += strlen(s->facts + at) + 1;
	return at;
}

bool
service_fact_at(const struct service_info *s, size_t i, const char **name,
    const char **value)
{
	size_t at;

	if (i >= s->nfacts)
		return false;
	at = fact_start(s, i);
	*name = s->facts + at;
	*value = *name + strlen(*name) + 1;
	return true;
}

static size_t
fact_find_name(const struct service_info *s, const char *name)
{
	const char *have, *value;
	size_t i;

	for (i = 0; service_fact_at(s, i, &have, &value); i++)
		if (strcmp(have, name) == 0)
			break;
	return i;
}

const char *
service_fact_get(const struct service_info *s, const char *name)
{
	const char *have, *value;

	return service_fact_at(s, fact_find_name(s, name), &have, &value)
		   ? value
		   : NULL;
}

static void
fact_remove(struct service_info *s, size_t i)
{
	size_t from = fact_start(s, i), to = fact_start(s, i + 1);

	memmove(s->facts + from, s->facts + to, s->facts_len - to);
	s->facts_len = (uint16_t)(s->facts_len - (to - from));
	s->nfacts--;
}

void
service_fact(
    struct service_info *s, const char *name, const void *raw, size_t len)
{
	size_t i = fact_find_name(s, name), n = strlen(name) + 1, room, k;
	char *text;

	if (i < s->nfacts)
		fact_remove(s, i);
	room = sizeof(s->facts) - s->facts_len;
	if (s->nfacts >= SERVICE_FACTS_MAX || room < n + 2)
		return;
	text = text_clean(raw, len < room + 4 ? len : room + 4);
	k = cut_at(text, room - n);
	memcpy(s->facts + s->facts_len, name, n);
	memcpy(s->facts + s->facts_len + n, text, k);
	s->facts[s->facts_len + n + k] = '\0';
	s->facts_len = (uint16_t)(s->facts_len + n + k + 1);
	s->nfacts++;
	free(text);
}

void
service_factf(struct service_info *s, const char *name, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = xvasprintf(&text, fmt, ap);
	va_end(ap);
	service_fact(s, name, text, (size_t)n);
	free(text);
}

void
service_evidence(struct service_info *s, const void *raw, size_t len)
{
	service_set(s->evidence, sizeof(s->evidence), raw, len);
}

/* How much is known of it. */
static unsigned
known(const struct service_info *s)
{
	const char *const field[] = { s->name, s->product, s->version, s->extra,
		s->host, s->os, s->device };
	unsigned n = 0;
	size_t i;

	for (i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		n += field[i][0] != '\0';
	return n;
}

bool
service_better(const struct service_info *a, const struct service_info *b)
{
	if ((a->name[0] != '\0') != (b->name[0] != '\0'))
		return a->name[0] != '\0';
	if (a->conf != b->conf)
		return a->conf > b->conf;
	if (known(a) != known(b))
		return known(a) > known(b);
	return a->nfacts > b->nfacts;
}

void
service_put_version(struct buf *b, const struct service_info *s)
{
	const char *const part[] = { s->product, s->version };
	const size_t begin = b->len;
	size_t i;

	for (i = 0; i < 2; i++)
		if (part[i][0] != '\0')
			buf_printf(
			    b, "%s%s", b->len > begin ? " " : "", part[i]);
	if (s->extra[0] != '\0')
		buf_printf(b, "%s(%s)", b->len > begin ? " " : "", s->extra);
}
