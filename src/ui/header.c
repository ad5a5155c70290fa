/* SPDX-License-Identifier: ISC */
/*
 * The lines above the table: what is read, with which rights, what there is,
 * how much flows, what is hidden and why; and the filter.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "model/leak.h"
#include "ui/paint.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define SECOND       UINT64_C(1000000000)
#define NARROW_SPARK 8
#define WIDE_SPARK   24
#define USER_W       12 /* of a user's name */

/* A text on a line, then on to the right of it. */
struct pen {
	struct ui *ui;
	int y, x, end;
	bool dry; /* measures only */
};

static void
put(struct pen *pen, enum theme_role role, const char *text)
{
	int w = (int)text_width(text), room = pen->end - pen->x;

	if (room <= 0)
		return;
	if (!pen->dry)
		ui_text(pen->ui, pen->y, pen->x, room, theme_attr(role), text);
	pen->x += w < room ? w : room;
}

static void
put_gap(struct pen *pen, int n)
{
	pen->x += n;
}

/* In the order of what matters when there is no room for all. */
static const struct {
	enum sock_state state;
	const char *name;
	enum theme_role role;
	bool always;
} totals[] = {
	{ SOCK_LISTEN, "LISTEN", ROLE_LISTEN, true },
	{ SOCK_ESTABLISHED, "ESTAB", ROLE_ESTABLISHED, true },
	{ SOCK_STATE_UNKNOWN, "UDP", ROLE_LISTEN, true },
	{ SOCK_CLOSE_WAIT, "CLOSE-WAIT", ROLE_WARNING, false },
	{ SOCK_TIME_WAIT, "TIME-WAIT", ROLE_WAITING, false },
	{ SOCK_SYN_SENT, "SYN-SENT", ROLE_CLOSING, false },
	{ SOCK_SYN_RECEIVED, "SYN-RECV", ROLE_CLOSING, false },
	{ SOCK_FIN_WAIT_1, "FIN-WAIT-1", ROLE_CLOSING, false },
	{ SOCK_FIN_WAIT_2, "FIN-WAIT-2", ROLE_CLOSING, false },
	{ SOCK_LAST_ACK, "LAST-ACK", ROLE_CLOSING, false },
	{ SOCK_CLOSING, "CLOSING", ROLE_CLOSING, false },
	{ SOCK_BOUND, "BOUND", ROLE_WAITING, false },
};

static uint32_t
count_of(const struct ui *ui, size_t i)
{
	return totals[i].state == SOCK_STATE_UNKNOWN
		   ? ui->table->udp
		   : ui->table->by_state[totals[i].state];
}

/* Columns of all that there is to count. */
static int
totals_width(const struct ui *ui)
{
	size_t i;
	int w = 0;

	for (i = 0; i < nitems(totals); i++)
		if (count_of(ui, i) != 0 || totals[i].always)
			w += snprintf(NULL, 0, "  %s %u", totals[i].name,
			    count_of(ui, i));
	return w;
}

static void
put_totals(struct pen *pen)
{
	char text[48];
	uint32_t n;
	size_t i;
	int w, x;

	/* How many fit: they stand at the right. */
	for (i = 0, w = 0; i < nitems(totals); i++) {
		n = count_of(pen->ui, i);
		if (n == 0 && !totals[i].always)
			continue;
		x = snprintf(text, sizeof text, "  %s %u", totals[i].name, n);
		if (pen->x + w + x > pen->end)
			break;
		w += x;
	}
	pen->x = pen->end - w;
	for (i = 0; i < nitems(totals); i++) {
		n = count_of(pen->ui, i);
		if (n == 0 && !totals[i].always)
			continue;
		x = snprintf(text, sizeof text, "  %s ", totals[i].name);
		w = x + snprintf(NULL, 0, "%u", n);
		if (pen->x + w > pen->end)
			break;
		put(pen, ROLE_DIM, text);
		(void)snprintf(text, sizeof text, "%u", n);
		put(pen, n > 0 ? totals[i].role : ROLE_DIM, text);
	}
}

/* Who runs this, as the users are named here. */
static void
put_user(const struct ui *ui, struct buf *b)
{
	const char *name = names_get(ui->table->names, NAME_USER, 0, ui->uid);

	if (ui->uid == 0)
		buf_puts(b, "root");
	else if (name != NULL)
		(void)text_fit(b, name, USER_W, TEXT_CUT_END, !text_utf8());
	else
		buf_printf(b, "uid %u", ui->uid);
}

/* Whose rights, and what they do not allow; in fewer words where there is no
 * room. */
static void
put_rights(struct pen *pen, bool brief)
{
	const struct ui *ui = pen->ui;
	const struct act_rights *r = &ui->rights;
	enum theme_role role = ROLE_TEXT;
	struct buf b = { 0 };

	if (ui->source.source == SOURCE_FILE) {
		put(pen, ROLE_WARNING, "recording");
		return;
	}
	put_user(ui, &b);
	if (ui->uid != 0 && !ui->source.privileged)
		role = ROLE_WARNING;
	if (ui->readonly)
		buf_puts(&b, ", readonly");
	else if (r->signal != NULL && !r->signal_all)
		buf_puts(&b, brief ? ": own only" : ": own processes only");
	put(pen, role, b.data);
	if (!ui->readonly && r->close != NULL && !r->close_rst && !brief) {
		put_gap(pen, 2);
		put(pen, ROLE_WARNING, "close: needs CAP_NET_ADMIN");
	}
	buf_done(&b);
}

static void
put_where(struct pen *pen, bool brief)
{
	const struct ui_source *s = &pen->ui->source;
	char text[64];

	put(pen, ROLE_HEADING, "sockdeck");
	put_gap(pen, 2);
	put(pen, ROLE_TEXT, s->host != NULL ? s->host : "-");
	put_gap(pen, 2);
	put_rights(pen, brief);
	put_gap(pen, 2);
	if (pen->ui->netns != NULL || s->netns_seen > 1) {
		(void)snprintf(text, sizeof text, "%u namespace%s",
		    s->netns_seen, s->netns_seen == 1 ? "" : "s");
		put(pen, ROLE_TEXT, text);
		put_gap(pen, 2);
	}
}

static void
put_pace(struct pen *pen)
{
	const struct ui *ui = pen->ui;
	char unit[TEXT_UNIT_MAX], text[64];
	uint64_t next = ui->source.next_ns > ui->config->opt.interval_ns
			    ? ui->source.next_ns
			    : ui->config->opt.interval_ns;

	/* "2s", not "2.0s". */
	if (next % SECOND == 0 && next < 60 * SECOND)
		(void)snprintf(
		    text, sizeof text, "%us ", (unsigned)(next / SECOND));
	else
		(void)snprintf(
		    text, sizeof text, "%s ", text_duration(unit, next));
	put(pen, ROLE_TEXT, text);
	if (ui->paused)
		put(pen, ROLE_WARNING, "PAUSED");
	else
		put(pen, ROLE_GOOD, "live");
	if (ui->follow) {
		put_gap(pen, 1);
		put(pen, ROLE_GOOD, "follow");
	}
	put_gap(pen, 1);
}

static void
put_spark(struct pen *pen, const float *v, size_t n, int width)
{
	double max = 1;
	size_t i, from = n > (size_t)width ? n - (size_t)width : 0;
	int pad = width - (int)(n - from);

	for (i = from; i < n; i++)
		if (v[i] > max)
			max = v[i];
	while (pad-- > 0)
		put(pen, ROLE_GRAPH, glyph_spark(0));
	for (i = from; i < n; i++)
		put(pen, ROLE_GRAPH, glyph_spark(v[i] / max));
}

static void
put_rate(struct pen *pen, const char *name, const float *v, int width)
{
	size_t n = pen->ui->nspark;
	char unit[TEXT_UNIT_MAX], text[64];

	/* Fixed places: what does not move costs nothing to send. */
	(void)snprintf(text, sizeof text, "%s %7s/s ", name,
	    n == 0 ? "-" : text_rate(unit, (double)v[n - 1]));
	put(pen, ROLE_TEXT, text);
	put_spark(pen, v, n, width);
	put_gap(pen, 2);
}

static void
put_rates(struct pen *pen)
{
	const struct ui *ui = pen->ui;
	int w = ui->cols >= 110 ? WIDE_SPARK : NARROW_SPARK;
	char text[64];

	put_rate(pen, "rx", ui->spark_rx, w);
	put_rate(pen, "tx", ui->spark_tx, w);
	(void)snprintf(text, sizeof text, "+%u opened -%u closed ",
	    ui->table->opened_per_s, ui->table->closed_per_s);
	put(pen, ROLE_TEXT, text);
}

/* Whole milliseconds: a tenth more or less is no news. */
static void
put_cost(struct pen *pen)
{
	static const char *const names[] = { "netlink", "/proc/net", "file" };
	const struct ui_source *s = &pen->ui->source;
	char text[80];
	int w;

	if (s->last_ns == 0)
		return;
	w = snprintf(text, sizeof text, "%s %llu ms  owners %llu ms",
	    names[s->source],
	    (unsigned long long)(s->dump_ns + 500000) / 1000000,
	    (unsigned long long)(s->owners_ns + 500000) / 1000000);
	if (pen->x + w + 1 > pen->end)
		w = snprintf(text, sizeof text, "%llu ms",
		    (unsigned long long)(s->dump_ns + s->owners_ns + 500000) /
			1000000);
	if (pen->x + w + 1 > pen->end)
		return;
	pen->x = pen->end - w;
	put(pen, s->source == SOURCE_PROCFS ? ROLE_WARNING : ROLE_DIM, text);
}

/* What is not shown, and what would show it; NULL: nothing is hidden. */
static const char *
hidden_text(const struct ui *ui, char *buf, size_t size)
{
	const struct ui_source *s = &ui->source;
	const char *why = snap_hidden_why(s->source, s->privileged, s->remedy);

	if (s->hidden_owners == 0)
		return s->warning;
	(void)snprintf(buf, size, "owners of %u socket%s hidden%s%s%s%s",
	    s->hidden_owners, s->hidden_owners == 1 ? "" : "s",
	    why != NULL ? ": " : "", why != NULL ? why : "",
	    s->warning != NULL ? "; " : "",
	    s->warning != NULL ? s->warning : "");
	return buf;
}

/* Who leaks goes before what is hidden: it is news. That all the sockets of a
 * process grow in number is not, it may have more to do: the pane tells. */
static const char *
notice_text(const struct ui *ui, char *buf, size_t size)
{
	const char *key = keytable_key_of(ui->keys, MAP_GLOBAL, "pressure");
	const char *hidden = hidden_text(ui, buf, size);
	const struct leak *leak;
	struct buf b = { 0 };
	size_t i, n = leaks_found(ui->leaks, &leak);

	for (i = 0; i < n && leak[i].what != LEAK_TOTAL; i++)
		;
	n = i; /* the worst, and sure ones, stand first */
	if (n == 0)
		return hidden;
	buf_puts(&b, "leak? ");
	leak_put(leak, &b);
	if (n > 1)
		buf_printf(&b, ", and %zu more", n - 1);
	if (key != NULL)
		buf_printf(&b, " (%s tells)", key);
	if (hidden != NULL)
		buf_printf(&b, "; %s", hidden);
	strlcpy(buf, b.data, size);
	buf_done(&b);
	return buf;
}

int
header_lines(const struct ui *ui)
{
	char buf[512];

	if (ui->rows < 12)
		return 2;
	return notice_text(ui, buf, sizeof buf) == NULL ? 2 : 3;
}

void
header_draw(struct ui *ui)
{
	struct pen pen = { .ui = ui, .y = 0, .x = 1, .end = ui->cols - 1 };
	struct pen full = pen;
	char buf[512];
	bool brief;

	/* The rights in full only where they take no room from the totals. */
	full.dry = true;
	put_where(&full, false);
	put_pace(&full);
	brief = full.x + totals_width(ui) > pen.end;
	put_where(&pen, brief);
	put_pace(&pen);
	put_totals(&pen);
	pen.y = 1;
	pen.x = 1;
	put_rates(&pen);
	put_cost(&pen);
	if (ui->head_h > 2) {
		const char *text = notice_text(ui, buf, sizeof buf);

		if (text != NULL)
			ui_text(ui, 2, 1, ui->cols - 2,
			    theme_attr(ROLE_WARNING), text);
	}
}

static void
put_toggles(struct pen *pen)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ TOGGLE_TCP, "tcp" },
		{ TOGGLE_UDP, "udp" },
		{ TOGGLE_LISTENING, "listening" },
		{ TOGGLE_IPV4, "IPv4" },
		{ TOGGLE_IPV6, "IPv6" },
	};
	size_t i;

	for (i = 0; i < nitems(names); i++)
		if (pen->ui->toggle_bits & names[i].bit) {
			put(pen, ROLE_GOOD, names[i].name);
			put_gap(pen, 1);
		}
}

/* "by process · 164 of 188 sockets" at the right of the filter's line. */
static int
counts_draw(struct ui *ui)
{
	char text[128];
	int n = 0, w;

	if (ui->group.mode != GROUP_FLAT)
		n = snprintf(text, sizeof text, "by %s %s ",
		    ui->group.mode == GROUP_TREE
			? "listener"
			: group_mode_name(ui->group.mode),
		    glyph(GLYPH_DOT));
	if (ui->view.matched == ui->view.of)
		(void)snprintf(text + n, sizeof text - (size_t)n,
		    "%zu socket%s", ui->view.of, ui->view.of == 1 ? "" : "s");
	else
		(void)snprintf(text + n, sizeof text - (size_t)n,
		    "%zu of %zu sockets", ui->view.matched, ui->view.of);
	w = (int)text_width(text);
	if (w + 20 > ui->cols)
		return ui->cols - 1;
	ui_text(
	    ui, ui->filter_y, ui->cols - 1 - w, w, theme_attr(ROLE_DIM), text);
	return ui->cols - 1 - w - 2;
}

/* The offending place in the text, beneath it, and what is wrong there. */
static void
caret_draw(struct ui *ui, int x, const char *text)
{
	const struct filter_error *err = &ui->filter_err;
	char before[FILTER_MAX + 1], line[512];
	size_t n = err->offset;
	int at, w, y = ui->filter_y + 1;

	if (n > strlen(text))
		n = strlen(text);
	if (n >= sizeof before)
		n = sizeof before - 1;
	memcpy(before, text, n);
	before[n] = '\0';
	at = x + (int)text_width(before);
	if (err->nearest != NULL)
		(void)snprintf(line, sizeof line, "^ %s: did you mean %s?",
		    err->message, err->nearest);
	else
		(void)snprintf(line, sizeof line, "^ %s", err->message);
	ui_fill(ui, y, 0, ui->cols, theme_attr(ROLE_TEXT));
	w = (int)text_width(line);
	if (at >= ui->cols)
		at = ui->cols - 1;
	if (at + w <= ui->cols) {
		ui_text(ui, y, at, w, theme_attr(ROLE_WARNING), line);
		return;
	}
	/* The caret stays where it belongs; the sentence goes to its left, or
	 * where there is a whole line for it. */
	ui_text(ui, y, at, 1, theme_attr(ROLE_WARNING), "^");
	if (w - 1 <= at) {
		ui_text(ui, y, at - w + 1, w - 2, theme_attr(ROLE_WARNING),
		    line + 2);
		return;
	}
	ui_fill(ui, ui->bar_y, 0, ui->cols, theme_attr(ROLE_ERROR));
	ui_text(
	    ui, ui->bar_y, 1, ui->cols - 2, theme_attr(ROLE_ERROR), line + 2);
}

void
filter_line_draw(struct ui *ui)
{
	struct pen pen = { .ui = ui, .y = ui->filter_y, .x = 1 };

	pen.end = ui->filter_end = counts_draw(ui);
	if (prompt_on_filter_line(ui))
		return; /* the prompt draws itself there */
	put(&pen, ROLE_DIM, "/ ");
	put_toggles(&pen);
	if (ui->filter_text != NULL && *ui->filter_text != '\0')
		put(&pen, ROLE_PROMPT, ui->filter_text);
}

void
filter_error_draw(struct ui *ui)
{
	if (prompt_on_filter_line(ui) && ui->filter_err.message != NULL)
		caret_draw(ui, 3, prompt_text(ui));
}
