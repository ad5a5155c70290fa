/* SPDX-License-Identifier: ISC */
/*
 * Breaking and drawing text with labels. Knows nothing of sockets: whoever
 * fills it decides what is said.
 */
#include "config.h"

#include "ui/prose.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define LABEL_MAX 22 /* a longer label has a line to itself */
#define GAP       2

void
prose_init(struct prose *p)
{
	*p = (struct prose){ 0 };
}

void
prose_clear(struct prose *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->item[i].label);
		free(p->item[i].text);
	}
	p->n = p->nlines = 0;
}

void
prose_done(struct prose *p)
{
	prose_clear(p);
	free(p->item);
	free(p->line);
	free(p->match);
	prose_init(p);
}

static char *
for_terminal(const char *s)
{
	struct buf out = { 0 };

	if (text_utf8())
		return xstrdup(s);
	text_to_ascii(&out, s);
	return out.data == NULL ? xstrdup("") : buf_steal(&out);
}

static struct prose_item *
add(struct prose *p, const char *text)
{
	struct prose_item *item;

	p->item = array_grow(p->item, &p->cap, p->n + 1, sizeof(*p->item));
	item = &p->item[p->n++];
	*item = (struct prose_item){ .text = for_terminal(text),
		.role = ROLE_TEXT };
	return item;
}

void
prose_heading(struct prose *p, const char *text)
{
	if (p->n > 0)
		(void)add(p, "");
	add(p, text)->heading = true;
	prose_role(p, ROLE_HEADING);
}

void
prose_pair(struct prose *p, const char *label, const char *text)
{
	struct prose_item *item = add(p, text);

	if (label != NULL)
		item->label = for_terminal(label);
}

void
prose_verbatim(struct prose *p, const char *text)
{
	add(p, text)->verbatim = true;
}

void
prose_role(struct prose *p, enum theme_role role)
{
	p->item[p->n - 1].role = role;
}

size_t
prose_break(const char *s, int width)
{
	size_t i, n, blank = 0, len = strlen(s);
	uint32_t c;
	int w, used = 0;

	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &c);
		w = n == 0 ? 1 : text_char_width(c);
		if (n == 0)
			n = 1;
		if (c == ' ' && used > 0)
			blank = i;
		used += w < 0 ? 1 : w;
		if (used > width && c != ' ')
			return blank > 0 ? blank : i > 0 ? i : n;
	}
	return len;
}

static void
add_line(struct prose *p, size_t item, size_t start, size_t len, bool label)
{
	p->line =
	    array_grow(p->line, &p->lines_cap, p->nlines + 1, sizeof(*p->line));
	p->line[p->nlines++] = (struct prose_line){
		.item = item, .start = start, .len = len, .label = label
	};
}

static void
break_item(struct prose *p, size_t i, int width)
{
	const struct prose_item *item = &p->item[i];
	size_t start = 0, len;
	bool label = item->label != NULL;

	if (item->verbatim) {
		add_line(p, i, 0, strlen(item->text), false);
		return;
	}
	/* A label that does not fit has a line to itself. */
	if (label && (int)text_width(item->label) > item->label_w) {
		add_line(p, i, 0, 0, true);
		label = false;
	}
	do {
		len = prose_break(item->text + start, width);
		add_line(p, i, start, len, label);
		label = false;
		start += len;
		while (item->text[start] == ' ')
			start++;
	} while (item->text[start] != '\0');
}

static int
text_column(const struct prose_item *item)
{
	return item->label_w == 0 || item->heading || item->verbatim
		   ? 0
		   : item->label_w + GAP;
}

/* Labels make one column; by_section: anew from heading to heading. */
static void
measure_labels(struct prose *p)
{
	size_t i, j, end;
	int w, max;

	for (i = 0; i < p->n; i = end) {
		max = 0;
		for (end = i; end < p->n && (end == i || !p->by_section ||
						!p->item[end].heading);
		     end++) {
			if (p->item[end].label == NULL)
				continue;
			w = (int)text_width(p->item[end].label);
			if (w > max)
				max = w < LABEL_MAX ? w : LABEL_MAX;
		}
		for (j = i; j < end; j++)
			p->item[j].label_w = max;
	}
}

static void
layout(struct prose *p, int width)
{
	size_t i;
	int room;

	measure_labels(p);
	p->nlines = 0;
	for (i = 0; i < p->n; i++) {
		room = width - text_column(&p->item[i]);
		break_item(p, i, room < 8 ? 8 : room);
	}
}

/* Marks what was searched for, over the text drawn already. */
static void
draw_match(struct prose *p, struct pane *pane, int y, int x, const char *s)
{
	const char *at;
	char *part;
	size_t len;
	int before;

	if (p->match == NULL || (at = strcasestr(s, p->match)) == NULL)
		return;
	part = xstrndup(s, (size_t)(at - s));
	before = (int)text_width(part);
	free(part);
	len = strlen(p->match);
	part = xstrndup(at, len);
	pane_text(pane, y, x + before, pane->w - x - before,
	    theme_attr(ROLE_MATCH), part);
	free(part);
}

static void
draw_line(struct prose *p, struct pane *pane, int y, size_t i)
{
	const struct prose_line *line = &p->line[i];
	const struct prose_item *item = &p->item[line->item];
	char *text = xstrndup(item->text + line->start, line->len);
	int x = text_column(item);

	if (line->label) {
		pane_text(
		    pane, y, 0, pane->w, theme_attr(ROLE_KEY), item->label);
		draw_match(p, pane, y, 0, item->label);
	}
	if (item->verbatim && p->draw_verbatim != NULL)
		p->draw_verbatim(pane, y, line->item);
	else
		pane_text(
		    pane, y, x, pane->w - x, theme_attr(item->role), text);
	draw_match(p, pane, y, x, text);
	free(text);
}

int
prose_measure(struct prose *p, int width)
{
	layout(p, width);
	return (int)p->nlines;
}

void
prose_draw(struct prose *p, struct pane *pane)
{
	int y;

	layout(p, pane->w);
	pane->n = (int)p->nlines;
	pane_clamp(pane);
	for (y = 0; y < pane->h && pane->top + y < pane->n; y++)
		draw_line(p, pane, y, (size_t)(pane->top + y));
}

int
prose_lines(struct prose *p, int width)
{
	layout(p, width);
	return (int)p->nlines;
}

static bool
line_has(const struct prose *p, size_t i, const char *needle)
{
	const struct prose_line *line = &p->line[i];
	const struct prose_item *item = &p->item[line->item];
	char *text = xstrndup(item->text + line->start, line->len);
	bool has = text_contains(text, needle);

	free(text);
	return has || (line->start == 0 && item->label != NULL &&
			  text_contains(item->label, needle));
}

char *
prose_lower(const char *text)
{
	char *lower = xstrdup(text), *c;

	for (c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return lower;
}

bool
prose_find(struct prose *p, struct pane *pane, const char *text, bool next)
{
	size_t i, at, from;

	free(p->match);
	p->match = NULL;
	if (p->nlines == 0)
		layout(p, pane->w); /* not drawn yet */
	pane->n = (int)p->nlines;
	if (*text == '\0' || p->nlines == 0)
		return false;
	p->match = prose_lower(text);
	from = next ? p->found + 1 : (size_t)pane->top;
	for (i = 0; i < p->nlines; i++) {
		at = (from + i) % p->nlines;
		if (!line_has(p, at, p->match))
			continue;
		p->found = at;
		pane->top = (int)at;
		return true;
	}
	return false;
}
