/* SPDX-License-Identifier: ISC */
/*
 * The line editor: a mode of the same loop, never a loop of its own. What is
 * typed or pasted becomes clean text here and is bounded.
 */
#include "config.h"

#include "ui/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/filter.h"
#include "ui/paint.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define HISTORY_MAX 50
#define LISTS_MAX   8

struct list {
	char *name;
	char *line[HISTORY_MAX]; /* oldest first */
	size_t n;
};

struct prompt_lists {
	struct list list[LISTS_MAX];
	size_t n;
};

struct prompt {
	struct prompt_spec spec;
	char *label, *history, *note;
	char text[FILTER_MAX];
	size_t len, at; /* bytes; at is the cursor */
	size_t back;    /* how far back in the history; 0: typing */
	char *typed;    /* what stood there before going back */
};

static struct list *
list_of(struct ui *ui, const char *name)
{
	struct prompt_lists *l;
	size_t i;

	if (name == NULL)
		return NULL;
	if (ui->histories == NULL)
		ui->histories = xcalloc(1, sizeof *ui->histories);
	l = ui->histories;
	for (i = 0; i < l->n; i++)
		if (strcmp(l->list[i].name, name) == 0)
			return &l->list[i];
	if (l->n == LISTS_MAX)
		return NULL;
	l->list[l->n].name = xstrdup(name);
	return &l->list[l->n++];
}

void
prompt_lists_free(struct prompt_lists *l)
{
	size_t i, j;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++) {
		for (j = 0; j < l->list[i].n; j++)
			free(l->list[i].line[j]);
		free(l->list[i].name);
	}
	free(l);
}

static void
remember(struct list *l, const char *text)
{
	size_t i;

	if (l == NULL || *text == '\0')
		return;
	for (i = 0; i < l->n; i++)
		if (strcmp(l->line[i], text) == 0)
			break;
	if (i < l->n || l->n == HISTORY_MAX) {
		if (i == l->n)
			i = 0;
		free(l->line[i]);
		memmove(&l->line[i], &l->line[i + 1],
		    (l->n - i - 1) * sizeof l->line[0]);
		l->n--;
	}
	l->line[l->n++] = xstrdup(text);
}

static void
set_text(struct prompt *p, const char *text)
{
	p->len = strlen(text);
	if (p->len >= sizeof p->text) {
		p->len = sizeof p->text - 1;
		while (
		    p->len > 0 && ((unsigned char)text[p->len] & 0xc0) == 0x80)
			p->len--;
	}
	memcpy(p->text, text, p->len);
	p->text[p->len] = '\0';
	p->at = p->len;
}

void
prompt_open(struct ui *ui, const struct prompt_spec *spec)
{
	struct prompt *p = xcalloc(1, sizeof *p);

	p->spec = *spec;
	p->label = xstrdup(spec->label);
	if (spec->history != NULL)
		p->history = xstrdup(spec->history);
	if (spec->note != NULL)
		p->note = xstrdup(spec->note);
	if (spec->initial != NULL)
		set_text(p, spec->initial);
	/* Only now: closing may free what the initial text was taken from. */
	if (ui->prompt != NULL)
		prompt_close(ui);
	ui->prompt = p;
	ui->dirty |= DIRTY_ALL;
}

bool
prompt_is_open(const struct ui *ui)
{
	return ui->prompt != NULL;
}

const char *
prompt_text(const struct ui *ui)
{
	return ui->prompt == NULL ? "" : ui->prompt->text;
}

bool
prompt_on_filter_line(const struct ui *ui)
{
	return ui->prompt != NULL && ui->prompt->spec.filter_line;
}

static void
prompt_free(struct prompt *p)
{
	free(p->label);
	free(p->history);
	free(p->note);
	free(p->typed);
	free(p);
}

/* done() may open the next prompt, so this one is away before. */
static void
finish(struct ui *ui, bool accepted)
{
	struct prompt *p = ui->prompt;

	ui->prompt = NULL;
	ui->dirty |= DIRTY_ALL;
	if (p->spec.done != NULL)
		p->spec.done(ui, accepted ? p->text : NULL);
	/* Opened again with the same text: it was no good. */
	if (accepted &&
	    (ui->prompt == NULL || strcmp(ui->prompt->text, p->text) != 0))
		remember(list_of(ui, p->history), p->text);
	prompt_free(p);
}

void
prompt_close(struct ui *ui)
{
	if (ui->prompt != NULL)
		finish(ui, false);
}

static void
changed(struct ui *ui)
{
	ui->dirty |= DIRTY_ALL;
	free(ui->prompt->note);
	ui->prompt->note = NULL;
	if (ui->prompt->spec.changed != NULL)
		ui->prompt->spec.changed(ui, ui->prompt->text);
}

void
prompt_set(struct ui *ui, const char *text)
{
	if (ui->prompt == NULL)
		return;
	set_text(ui->prompt, text);
	changed(ui);
}

static void
insert(struct prompt *p, const char *s, size_t n)
{
	size_t room = sizeof p->text - 1 - p->len;

	if (n > room) {
		n = room;
		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
	}
	memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
	memcpy(p->text + p->at, s, n);
	p->len += n;
	p->at += n;
}

static void
erase_between(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->len - to + 1);
	p->len -= to - from;
	p->at = from;
}

static size_t
before(const struct prompt *p, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && ((unsigned char)p->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static size_t
after(const struct prompt *p, size_t at)
{
	if (at < p->len)
		at++;
	while (at < p->len && ((unsigned char)p->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t
word_before(const struct prompt *p)
{
	size_t at = p->at;

	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

static void
go_back(struct ui *ui, int dir)
{
	struct prompt *p = ui->prompt;
	struct list *l = list_of(ui, p->history);

	if (l == NULL || (dir > 0 && p->back == l->n) ||
	    (dir < 0 && p->back == 0))
		return;
	if (p->back == 0) {
		free(p->typed);
		p->typed = xstrdup(p->text);
	}
	p->back += dir > 0 ? 1 : (size_t)-1;
	set_text(p, p->back == 0 ? p->typed : l->line[l->n - p->back]);
	changed(ui);
}

static void
complete(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	char *text;

	if (p->spec.complete == NULL)
		return;
	text = p->spec.complete(ui, p->text);
	if (text == NULL)
		return;
	set_text(p, text);
	free(text);
	changed(ui);
}

static bool
move_key(struct prompt *p, int code)
{
	switch (code) {
	case KEYS_LEFT:
	case 2: /* ^b */
		p->at = before(p, p->at);
		return true;
	case KEYS_RIGHT:
	case 6: /* ^f */
		p->at = after(p, p->at);
		return true;
	case KEYS_HOME:
	case 1: /* ^a */
		p->at = 0;
		return true;
	case KEYS_END:
	case 5: /* ^e */
		p->at = p->len;
		return true;
	default:
		return false;
	}
}

/* True: the text is another one now. */
static bool
edit_key(struct prompt *p, int code)
{
	switch (code) {
	case KEYS_BACKSPACE:
		erase_between(p, before(p, p->at), p->at);
		return true;
	case KEYS_DELETE:
	case 4: /* ^d */
		erase_between(p, p->at, after(p, p->at));
		return true;
	case 21: /* ^u */
		erase_between(p, 0, p->at);
		return true;
	case 11: /* ^k */
		erase_between(p, p->at, p->len);
		return true;
	case 23: /* ^w */
	case KEYS_ALT | KEYS_BACKSPACE:
		erase_between(p, word_before(p), p->at);
		return true;
	default:
		return false;
	}
}

static bool
type_key(struct prompt *p, int code)
{
	struct buf b = { 0 };
	char s[8];
	size_t n = 0;

	if (code < ' ' || code == 127 || code > 0x10ffff)
		return false;
	if (code < 0x80)
		s[n++] = (char)code;
	else {
		if (code >= 0x10000) {
			s[n++] = (char)(0xf0 | code >> 18);
			s[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		} else if (code >= 0x800)
			s[n++] = (char)(0xe0 | code >> 12);
		if (code >= 0x800)
			s[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		else
			s[n++] = (char)(0xc0 | code >> 6);
		s[n++] = (char)(0x80 | (code & 0x3f));
	}
	text_clean_buf(&b, s, n);
	insert(p, b.data, b.len);
	buf_done(&b);
	return true;
}

bool
prompt_key(struct ui *ui, int code)
{
	struct prompt *p = ui->prompt;

	if (p == NULL)
		return false;
	ui->dirty |= DIRTY_ALL;
	if (code == KEYS_ENTER)
		finish(ui, true);
	else if (code == KEYS_ESC || code == 7 /* ^g */)
		finish(ui, false);
	else if (code == KEYS_BACKSPACE && p->len == 0)
		finish(ui, false);
	else if (code == KEYS_UP || code == 16 /* ^p */)
		go_back(ui, 1);
	else if (code == KEYS_DOWN || code == 14 /* ^n */)
		go_back(ui, -1);
	else if (code == KEYS_TAB)
		complete(ui);
	else if (edit_key(p, code) || type_key(p, code))
		changed(ui);
	else
		return move_key(p, code);
	return true;
}

void
prompt_paste(struct ui *ui, const char *text, size_t len)
{
	struct prompt *p = ui->prompt;
	struct buf b = { 0 };
	char *flat;
	size_t i;

	if (p == NULL)
		return;
	/* One line it is, and a newline never means Enter. */
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len > sizeof p->text)
		len = sizeof p->text;
	flat = xmalloc(len + 1);
	for (i = 0; i < len; i++)
		flat[i] = text[i] == '\n' || text[i] == '\r' || text[i] == '\t'
			      ? ' '
			      : text[i];
	text_clean_buf(&b, flat, len);
	if (b.len > 0)
		insert(p, b.data, b.len);
	free(flat);
	buf_done(&b);
	changed(ui);
}

/* The line with its cursor, scrolled so that the cursor is seen. */
void
prompt_draw(struct ui *ui)
{
	struct prompt *p = ui->prompt;
	char part[FILTER_MAX];
	int y, x, w;
	size_t from = 0;

	if (p == NULL)
		return;
	y = p->spec.filter_line ? ui->filter_y : ui->bar_y;
	if (!p->spec.filter_line)
		ui_fill(ui, y, 0, ui->cols, theme_attr(ROLE_TEXT));
	if (!p->spec.filter_line && p->note != NULL) {
		ui_fill(ui, y - 1, 0, ui->cols, theme_attr(ROLE_ERROR));
		ui_text(ui, y - 1, 1, ui->cols - 2, theme_attr(ROLE_ERROR),
		    p->note);
	}
	ui_text(ui, y, 1, ui->cols - 2, theme_attr(ROLE_PROMPT), p->label);
	x = 1 + (int)text_width(p->label);
	w = (p->spec.filter_line ? ui->filter_end : ui->cols - 1) - x - 1;
	memcpy(part, p->text, p->at);
	part[p->at] = '\0';
	while (from < p->at && (int)text_width(part + from) >= w)
		from = after(p, from);
	ui_fill(ui, y, x, w + 1, theme_attr(ROLE_TEXT));
	ui_text(ui, y, x, w + 1, theme_attr(ROLE_PROMPT), p->text + from);
	ui->cursor_y = y;
	ui->cursor_x = x + (int)text_width(part + from);
}
