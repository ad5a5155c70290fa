/* SPDX-License-Identifier: ISC */
/* Unit files, as text. Where they lie is act/units.c's. */
#include "config.h"

#include "model/unitfile.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

#define LINE_MAX_BYTES 65536
#define WORD_MAX       128

static char *
trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]) != NULL)
		*--end = '\0';
	return s;
}

static void
take_line(char *line, struct buf *section, unitfile_fn fn, void *arg)
{
	char *s = trim(line), *eq;
	size_t n;

	if (*s == '[') {
		n = strcspn(s, "]");
		buf_reset(section);
		if (s[n] == ']')
			buf_put(section, s + 1, n - 1);
		return;
	}
	eq = strchr(s, '=');
	if (eq == NULL || section->len == 0)
		return;
	*eq = '\0';
	fn(arg, section->data, trim(s), trim(eq + 1));
}

void
unitfile_parse(const char *s, size_t len, unitfile_fn fn, void *arg)
{
	struct buf line = { 0 }, section = { 0 };
	const char *end = s + len, *nl, *p;
	bool more = false;
	size_t n;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		n = (size_t)(nl - s);
		for (p = s; p < nl && (*p == ' ' || *p == '\t'); p++)
			;
		/* A comment may stand between the parts of a line. */
		if (p < nl && (*p == '#' || *p == ';'))
			continue;
		if (!more)
			buf_reset(&line);
		more = n > 0 && s[n - 1] == '\\';
		if (line.len < LINE_MAX_BYTES)
			buf_put(&line, s, more ? n - 1 : n);
		if (more) {
			buf_putc(&line, ' ');
			continue;
		}
		if (line.len > 0 && memchr(line.data, '\0', line.len) == NULL)
			take_line(line.data, &section, fn, arg);
	}
	if (more && line.len > 0 && memchr(line.data, '\0', line.len) == NULL)
		take_line(line.data, &section, fn, arg);
	buf_done(&line);
	buf_done(&section);
}

static bool
same_addr(const char *text, const struct endpoint *ep, unsigned family)
{
	uint8_t addr[16] = { 0 };

	if (inet_pton(strchr(text, ':') != NULL ? AF_INET6 : AF_INET, text,
		addr) != 1)
		return false;
	return (strchr(text, ':') != NULL) == (family == 6) &&
	       memcmp(addr, ep->addr, family == 6 ? 16 : 4) == 0;
}

bool
unitfile_listens(const char *value, const struct endpoint *ep, unsigned family)
{
	char word[WORD_MAX], *colon, *addr;
	uint64_t port;
	size_t n = strcspn(value, "%");

	if (num_u64(value, 1, UINT16_MAX, &port))
		return port == ep->port;
	if (n == 0 || n >= sizeof(word))
		return false;
	memcpy(word, value, n);
	word[n] = '\0';
	colon = strrchr(word, ':');
	if (colon == NULL || !num_u64(colon + 1, 1, UINT16_MAX, &port) ||
	    port != ep->port)
		return false;
	*colon = '\0';
	addr = word;
	if (*addr == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		addr++;
	} else if (strchr(addr, ':') != NULL)
		return false;
	return same_addr(addr, ep, family);
}
