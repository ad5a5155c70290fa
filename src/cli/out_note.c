/* SPDX-License-Identifier: ISC */
/*
 * Standard error: what went wrong, and what an answer leaves out. Nothing
 * reaches the terminal from here without text_clean().
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "model/snap.h"

/* Clean, and plain ASCII where the terminal may not know UTF-8. */
static void
put_line(const char *prefix, const char *text, size_t len)
{
	struct buf b = { 0 };

	buf_puts(&b, prefix);
	text_clean_buf(&b, text, len);
	if (!text_utf8())
		out_ascii(&b, 0);
	fprintf(stderr, "%s\n", b.data);
	buf_done(&b);
}

void
out_error(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	put_line("sockdeck: ", text, strlen(text));
	free(text);
}

void
out_error_lines(const char *text)
{
	const char *nl;
	bool first = true;

	for (; *text != '\0'; text = *nl == '\0' ? nl : nl + 1) {
		nl = text + strcspn(text, "\n");
		put_line(first ? "sockdeck: " : "", text, (size_t)(nl - text));
		first = false;
	}
}

void
out_notes(const struct snap *s)
{
	const char *why = snap_hidden_why(
	    s->source, (s->flags & SNAP_PRIVILEGED) != 0, s->remedy);
	size_t i;

	for (i = 0; i < s->nwarnings; i++)
		out_error("%s", s->warning[i]);
	if (s->hidden_owners > 0 && (s->flags & SNAP_OWNERS) != 0)
		out_error("%u socket%s without a visible owner%s%s",
		    s->hidden_owners, s->hidden_owners == 1 ? "" : "s",
		    why != NULL ? ": " : "", why != NULL ? why : "");
}
