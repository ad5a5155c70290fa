/* SPDX-License-Identifier: ISC */
/* An answer of HTTP and its like: status line, header lines, body. */
#include "config.h"

#include "probe/http_msg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* -- spans ----------------------------------------------------------------- */

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct span
span_trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
span_is(struct span s, const char *text)
{
	return s.n == strlen(text) && strncasecmp(s.p, text, s.n) == 0;
}

bool
span_begins(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && strncasecmp(s.p, text, n) == 0;
}

const char *
span_find(struct span s, const char *text)
{
	size_t n = strlen(text);

	for (; s.n >= n && s.n > 0; s.p++, s.n--)
		if (strncasecmp(s.p, text, n) == 0)
			return s.p;
	return NULL;
}

struct span
span_after(struct span s, const char *mark)
{
	const char *at = span_find(s, mark);
	size_t n = strlen(mark);

	if (at == NULL)
		return (struct span){ "", 0 };
	return (struct span){ at + n, s.n - (size_t)(at - s.p) - n };
}

struct span
span_until(struct span s, const char *bytes)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr(bytes, s.p[i]) != NULL)
			break;
	s.n = i;
	return s;
}

struct span
span_json(struct span s, const char *key)
{
	const struct span none = { "", 0 };
	char mark[64];

	(void)snprintf(mark, sizeof(mark), "\"%s\"", key);
	for (;;) {
		s = span_trim(span_after(s, mark));
		if (s.n == 0)
			return none;
		if (s.p[0] != ':')
			continue;
		s.p++;
		s.n--;
		s = span_trim(s);
		if (s.n > 0 && s.p[0] == '"') {
			s.p++;
			s.n--;
			return span_until(s, "\"\n");
		}
	}
}

struct span
span_element(struct span s, const char *name)
{
	char mark[32];
	const char *end;

	(void)snprintf(mark, sizeof(mark), "<%s", name);
	s = span_after(s, mark);
	if (s.n == 0 || (s.p[0] != '>' && !is_blank(s.p[0])))
		return (struct span){ "", 0 };
	s = span_after(s, ">");
	(void)snprintf(mark, sizeof(mark), "</%s", name);
	if ((end = span_find(s, mark)) == NULL)
		return (struct span){ "", 0 };
	s.n = (size_t)(end - s.p);
	return span_trim(s);
}

/* -- the status line ------------------------------------------------------- */

/* "HTTP/1.1 200 OK": its form, as far as it goes: 9 a digit. */
static enum http_form
status_line(struct http_msg *m, const char *proto, struct span s)
{
	char form[24];
	size_t i, n;

	(void)snprintf(form, sizeof(form),
	    strcmp(proto, "ICY") == 0 ? "%s 999" : "%s/9.9 999", proto);
	n = strlen(form);
	for (i = 0; i < s.n && i < n; i++)
		if (form[i] == '9' ? !is_digit(s.p[i]) : s.p[i] != form[i])
			return HTTP_NOT;
	if (s.n <= n)
		return HTTP_MORE;
	if (s.p[n] != ' ' && s.p[n] != '\r' && s.p[n] != '\n')
		return HTTP_NOT;
	m->status = 0;
	for (i = n - 3; i < n; i++)
		m->status = m->status * 10 + (unsigned)(s.p[i] - '0');
	if (m->status < 100 || m->status > 699)
		return HTTP_NOT;
	m->major =
	    form[3] == ' ' ? 1 : (unsigned)(s.p[strlen(proto) + 1] - '0');
	s.p += n;
	s.n -= n;
	m->reason = span_trim(span_until(s, "\r\n"));
	return HTTP_IS;
}

/* -- head and body --------------------------------------------------------- */

bool
http_header(const struct http_msg *m, const char *name, struct span *value)
{
	struct span s = m->head, line;
	size_t n = strlen(name);
	const char *nl;

	while (s.n > 0) {
		nl = memchr(s.p, '\n', s.n);
		line.p = s.p;
		line.n = nl == NULL ? s.n : (size_t)(nl - s.p) + 1;
		s.p += line.n;
		s.n -= line.n;
		if (line.n > n && line.p[n] == ':' && span_begins(line, name)) {
			line.p += n + 1;
			line.n -= n + 1;
			*value = span_trim(line);
			return true;
		}
	}
	*value = (struct span){ "", 0 };
	return false;
}

static bool
is_chunked(const struct http_msg *m)
{
	struct span v;

	return http_header(m, "Transfer-Encoding", &v) &&
	       span_find(v, "chunked") != NULL;
}

/* A chunk: its size, what it holds; false: it is none. */
static bool
take_chunk(struct span *s, struct span *chunk, size_t *size)
{
	size_t n = 0, i;
	unsigned d;

	for (i = 0; i < s->n && i < 7; i++) {
		char c = s->p[i];

		if (is_digit(c))
			d = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			d = (unsigned)(c - 'A') + 10;
		else
			break;
		n = n * 16 + d;
	}
	if (i == 0)
		return false;
	while (i < s->n && s->p[i] != '\n')
		i++;
	if (i == s->n)
		return false;
	i++;
	*size = n;
	chunk->p = s->p + i;
	chunk->n = s->n - i < n ? s->n - i : n;
	s->p = chunk->p + chunk->n;
	s->n -= i + chunk->n;
	for (i = 0; i < 2 && s->n > 0 && (*s->p == '\r' || *s->p == '\n');
	     i++) {
		s->p++;
		s->n--;
	}
	return true;
}

static bool
is_whole(const struct http_msg *m)
{
	struct span v, s = m->body, chunk;
	size_t want = 0, i;

	if (m->status < 200 || m->status == 204 || m->status == 304)
		return true;
	if (is_chunked(m)) {
		while (take_chunk(&s, &chunk, &want))
			if (want == 0)
				return true;
		return false;
	}
	if (!http_header(m, "Content-Length", &v) || v.n == 0 || v.n > 9)
		return false;
	for (i = 0; i < v.n; i++) {
		if (!is_digit(v.p[i]))
			return false;
		want = want * 10 + (size_t)(v.p[i] - '0');
	}
	return m->body.n >= want;
}

/* Where the empty line ends; NULL: it is not there yet. */
static const char *
head_end(struct span s)
{
	size_t i;

	for (i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '\n')
			continue;
		if (s.p[i + 1] == '\n')
			return s.p + i + 2;
		if (i + 2 < s.n && s.p[i + 1] == '\r' && s.p[i + 2] == '\n')
			return s.p + i + 3;
	}
	return NULL;
}

enum http_form
http_parse(
    struct http_msg *m, const char *proto, const void *in, size_t n, bool end)
{
	struct span s = { in, n };
	enum http_form form;
	const char *nl, *body;

	*m = (struct http_msg){
		.reason = { "", 0 }, .head = { "", 0 }, .body = { "", 0 }
	};
	form = status_line(m, proto, s);
	if (form == HTTP_MORE && end)
		return HTTP_NOT;
	if (form != HTTP_IS)
		return form;
	if ((nl = memchr(s.p, '\n', s.n)) == NULL)
		return end ? HTTP_IS : HTTP_MORE;
	body = head_end(s);
	m->headed = body != NULL;
	m->head.p = nl + 1;
	m->head.n = (size_t)((body != NULL ? body : s.p + s.n) - m->head.p);
	if (body != NULL) {
		m->body.p = body;
		m->body.n = s.n - (size_t)(body - s.p);
		m->whole = is_whole(m);
	}
	return HTTP_IS;
}

void
http_body(const struct http_msg *m, struct buf *out)
{
	struct span s = m->body, chunk;
	size_t size = 1;

	if (!is_chunked(m)) {
		buf_put(out, s.p, s.n);
		return;
	}
	while (size > 0 && take_chunk(&s, &chunk, &size))
		buf_put(out, chunk.p, chunk.n);
}
