/* SPDX-License-Identifier: ISC */
/*
 * Commands of scans: what to scan is asked for here, and completed; whether so
 * much is meant; and what is done with what was found.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "model/column_get.h"
#include "ui/panes.h"
#include "ui/question.h"
#include "ui/scan.h"
#include "ui/term.h"
#include "ui/ui.h"

#define EXEC(name)                                            \
	static int name(struct ui *ui, const struct cmd *cmd, \
	    const struct cmd_args *args, char **cause)

#define NARROW     72  /* columns: what is typed needs room, too */
#define OFFERS_MAX 200 /* words that Tab goes through */

/* -- is so much meant? ------------------------------------------------------ */

static void
sure_answer(struct question *q, int id)
{
	struct ui *ui = question_ui(q);
	char *line = xstrdup(question_arg(q)), *cause = NULL;

	(void)id;
	question_close(q);
	if (scan_begin(ui, line, true, &cause) < 0)
		ui_error(ui, "%s", cause);
	free(cause);
	free(line);
}

static void
sure_closed(struct ui *ui, void *arg)
{
	(void)ui;
	free(arg);
}

static const struct question_ops sure_ops = { .answer = sure_answer,
	.closed = sure_closed };

static void
ask_sure(struct ui *ui, const char *line, const char *sentence)
{
	struct question *q =
	    question_open(ui, "Scan", &sure_ops, xstrdup(line));
	char *clean = text_clean(line, strlen(line));

	prose_pair(question_list(q), NULL, clean);
	prose_pair(question_list(q), "Scan", clean);
	question_ask(q, sentence);
	question_choice(q, "yes", 1, "scan them",
	    "It takes its time, can be stopped, and is seen by those who are "
	    "scanned. Scan only what you may.",
	    NULL);
	question_leave(q, "do not scan");
	free(clean);
}

static int
begin(struct ui *ui, const char *line, char **cause)
{
	int r = scan_begin(ui, line, false, cause);

	if (r != -EAGAIN)
		return r;
	ask_sure(ui, line, *cause);
	free(*cause);
	*cause = NULL;
	return 0;
}

/* -- completion --------------------------------------------------------------- */

/* Words that may stand in place of one that is begun. */
struct offers {
	const char *begun; /* borrowed */
	char *word[OFFERS_MAX];
	size_t n;
};

static void
offer(struct offers *o, const char *word)
{
	size_t i;

	if (o->n == OFFERS_MAX || *word == '\0' ||
	    strncmp(word, o->begun, strlen(o->begun)) != 0)
		return;
	for (i = 0; i < o->n; i++)
		if (strcmp(o->word[i], word) == 0)
			return;
	o->word[o->n++] = xstrdup(word);
}

static void
offer_options(struct ui *ui, struct offers *o)
{
	const struct scan_services *s = ui->services->scan;
	const char *word, *takes, *help;
	size_t i;

	for (i = 0;
	     s != NULL && (word = s->option(s->arg, i, &takes, &help)) != NULL;
	     i++)
		offer(o, word);
}

static void
offer_services(struct offers *o)
{
	const struct service *s;
	size_t i = 0;

	while ((s = service_at(&i)) != NULL)
		offer(o, s->name);
}

static bool
put_peer(const struct sock_rec *r, struct buf *out)
{
	char text[SCAN_ADDR_TEXT];
	struct scan_addr a;

	if (r->peer.port == 0 || !scan_self_addr(r, &r->peer, &a))
		return false;
	buf_puts(out, scan_addr_text(text, &a));
	return true;
}

/* The selected one's first, then those of the table in its order. */
static void
offer_hosts(struct ui *ui, struct offers *o)
{
	const struct row *row = ui_row(ui);
	struct buf b = { 0 };
	const char *name;
	size_t i;

	for (i = 0; i <= ui->view.n; i++) {
		if (i > 0)
			row = ui->view.row[i - 1];
		buf_reset(&b);
		if (row == NULL || !put_peer(&row->rec, &b))
			continue;
		offer(o, b.data);
		if (!ui->config->opt.resolve)
			continue;
		name = names_host(
		    ui->table->names, &row->rec.peer, row->rec.family);
		if (name != NULL)
			offer(o, name);
	}
	buf_done(&b);
}

/* What is begun at the end of the text: where, and the word before it. */
static size_t
last_word(const char *text, struct buf *before)
{
	const char *end = text + strlen(text), *s = end, *b;

	while (s > text && s[-1] != ' ')
		s--;
	for (b = s; b > text && b[-1] == ' '; b--)
		;
	end = b;
	while (b > text && b[-1] != ' ')
		b--;
	buf_put(before, b, (size_t)(end - b));
	return (size_t)(s - text);
}

static void
collect(struct ui *ui, const char *text, size_t *at, struct offers *o)
{
	struct buf before = { 0 };
	const char *comma;

	*at = last_word(text, &before);
	if (strncmp(text + *at, "-p", 2) == 0 && text[*at + 2] != '\0' &&
	    text[*at + 2] != '-') {
		*at += 2;
		buf_reset(&before);
		buf_puts(&before, "-p");
	}
	o->begun = text + *at;
	if (before.len > 0 && strcmp(before.data, "-p") == 0) {
		/* "22,ht": the last of them; "U:dom" is one of UDP. */
		for (comma = o->begun; *comma != '\0'; comma++)
			if (*comma == ',' || *comma == ':') {
				*at = (size_t)(comma + 1 - text);
				o->begun = comma + 1;
			}
		offer_services(o);
	} else if (*o->begun == '-')
		offer_options(ui, o);
	else
		offer_hosts(ui, o);
	buf_done(&before);
}

/* Tab: the first word that fits, at the next press the next one. */
static char *
scan_complete(struct ui *ui, const char *text)
{
	struct ui_scans *s;
	struct offers o = { 0 };
	char *ret = NULL;
	size_t at, i;

	if (ui->scans == NULL)
		ui->scans = xcalloc(1, sizeof(*ui->scans));
	s = ui->scans;
	if (s->became != NULL && strcmp(s->became, text) == 0)
		s->turn++;
	else {
		free(s->stem);
		s->stem = xstrdup(text);
		s->turn = 0;
	}
	collect(ui, s->stem, &at, &o);
	if (o.n > 0)
		xasprintf(
		    &ret, "%.*s%s", (int)at, s->stem, o.word[s->turn % o.n]);
	for (i = 0; i < o.n; i++)
		free(o.word[i]);
	free(s->became);
	s->became = ret == NULL ? NULL : xstrdup(ret);
	return ret;
}

/* -- the prompt ------------------------------------------------------------------ */

static void scan_prompt(struct ui *, const char *initial, const char *wrong);

static void
scan_done(struct ui *ui, const char *text)
{
	char *cause = NULL, *keep;

	if (text == NULL || text[strspn(text, " ")] == '\0')
		return;
	keep = xstrdup(text);
	/* What is wrong stays to be mended. */
	if (begin(ui, text, &cause) < 0)
		scan_prompt(ui, keep, cause);
	free(cause);
	free(keep);
}

static void
scan_prompt(struct ui *ui, const char *initial, const char *wrong)
{
	prompt_open(ui, &(struct prompt_spec){ .label = "Scan: ",
			    .history = "scan",
			    .initial = initial,
			    .note = wrong,
			    .done = scan_done,
			    .complete = scan_complete });
}

/* A connection's other end; of what listens, this machine. */
static void
put_target(const struct row *row, struct buf *out)
{
	if (row == NULL)
		return;
	if (row_listens(row))
		buf_puts(out, "--self ");
	else if (put_peer(&row->rec, out))
		buf_putc(out, ' ');
}

/* Of a heading of sockets that have one peer, any of them. */
static const struct row *
target_row(const struct ui *ui)
{
	const struct group_head *head = ui_head(ui);

	return ui->group.mode == GROUP_REMOTE && head != NULL ? head->first
							      : ui_row(ui);
}

/* In the pane: the host of the line. */
static bool
put_result(struct ui *ui, struct buf *out)
{
	const struct ui_scan *j = scan_shown(ui);
	const struct scan_line *l;
	char text[SCAN_ADDR_TEXT];
	struct scan_addr a;
	uint16_t port;
	uint8_t proto;

	if (j == NULL || ui_focus(ui) != pane_scan_find(ui))
		return false;
	l = scan_view_line(j, j->view.at);
	if (l == NULL || l->kind == LINE_SELF ||
	    !scan_line_about(j, l, &a, &port, &proto))
		return false;
	buf_printf(out, "%s ", scan_addr_text(text, &a));
	return true;
}

EXEC(scan_exec)
{
	struct buf initial = { 0 };

	(void)cmd;
	if (ui->services->scan == NULL) {
		xasprintf(cause, "scan: not offered here");
		return -ENOTSUP;
	}
	if (*args->rest != '\0')
		return begin(ui, args->rest, cause);
	if (!put_result(ui, &initial))
		put_target(target_row(ui), &initial);
	scan_prompt(ui, initial.data, NULL);
	buf_done(&initial);
	return 0;
}

/* -- what answers there --------------------------------------------------------- */

/* Where whatever listens is reached from here. */
static void
put_listener(const struct sock_rec *r, struct buf *out)
{
	char text[SCAN_ADDR_TEXT];
	struct scan_addr a;

	if (endpoint_is_any(&r->local) || !scan_self_addr(r, &r->local, &a))
		buf_puts(out, r->family == 6 && (r->flags & SOCKF_V6ONLY) != 0
				  ? "::1"
				  : "127.0.0.1");
	else
		buf_puts(out, scan_addr_text(text, &a));
}

static int
identify(struct ui *ui, unsigned proto, uint16_t port, const char *where,
    char **cause)
{
	char *line;
	int r;

	xasprintf(&line, "%s-sV --script safe -n -Pn -p %u %s",
	    proto == SOCK_UDP ? "-sU " : "", port, where);
	r = begin(ui, line, cause);
	free(line);
	return r;
}

static int
identify_result(struct ui *ui, char **cause)
{
	const struct ui_scan *j = scan_shown(ui);
	const struct scan_line *l;
	char text[SCAN_ADDR_TEXT];
	struct scan_addr a;
	uint16_t port;
	uint8_t proto;

	l = j == NULL ? NULL : scan_view_line(j, j->view.at);
	if (l == NULL || !scan_line_about(j, l, &a, &port, &proto) ||
	    port == 0 || a.family == 0) {
		xasprintf(cause, "identify: no port is selected");
		return -ENOENT;
	}
	if (pane_service_open(ui, cause) == 0)
		return 0;
	free(*cause);
	*cause = NULL;
	return identify(ui, proto, port, scan_addr_text(text, &a), cause);
}

/* Of the selected socket: what listens, or what the other end is. */
EXEC(identify_exec)
{
	const struct row *row = target_row(ui);
	struct buf where = { 0 };
	bool listens;
	uint16_t port;
	int r;

	(void)cmd;
	(void)args;
	if (ui->services->scan == NULL) {
		xasprintf(cause, "identify: not offered here");
		return -ENOTSUP;
	}
	if (ui_focus(ui) == pane_scan_find(ui) && scan_shown(ui) != NULL)
		return identify_result(ui, cause);
	if (row == NULL) {
		xasprintf(cause, "identify: no socket is selected");
		return -ENOENT;
	}
	listens = row_listens(row);
	if (listens &&
	    (ui->netns != NULL || ui->source.source == SOURCE_FILE)) {
		xasprintf(cause,
		    "identify: what listens there is not reached "
		    "from here: %s",
		    ui->netns != NULL ? "it is in another namespace (-N)"
				      : "it is a recording");
		return -ENOTSUP;
	}
	if (listens)
		put_listener(&row->rec, &where);
	else if (!put_peer(&row->rec, &where)) {
		xasprintf(cause, "identify: the socket has no other end");
		return -ENOENT;
	}
	port = listens ? row->rec.local.port : row->rec.peer.port;
	r = identify(ui, row->rec.proto, port, where.data, cause);
	buf_done(&where);
	return r;
}

/* -- what is shown -------------------------------------------------------------- */

EXEC(pane_exec)
{
	(void)cmd;
	(void)args;
	(void)cause;
	pane_scan_toggle(ui);
	return 0;
}

EXEC(tab_exec)
{
	struct ui_scan *j;
	struct ui_scans *s;
	uint64_t n;
	int r;

	(void)cmd;
	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	s = ui->scans;
	if (args->argc == 0 || strcmp(args->argv[0], "next") == 0)
		s->at = (s->at + 1) % s->n;
	else if (strcmp(args->argv[0], "previous") == 0)
		s->at = (s->at + s->n - 1) % s->n;
	else if (num_u64(args->argv[0], 1, s->n, &n))
		s->at = (size_t)n - 1;
	else {
		xasprintf(cause,
		    "scan-tab %s: expected next, previous or a number from 1 "
		    "to %zu",
		    args->argv[0], s->n);
		return -EINVAL;
	}
	pane_scan_changed(ui);
	return 0;
}

EXEC(open_exec)
{
	struct ui_scan *j;
	int r;

	(void)cmd;
	(void)args;
	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	j->view.open_only = !j->view.open_only;
	scan_view_mark(&j->view, true);
	ui->dirty |= DIRTY_TABLE;
	return 0;
}

EXEC(compare_exec)
{
	struct ui_scan *j;
	int r;

	(void)cmd;
	(void)args;
	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (j->order.asked == NULL) {
		xasprintf(cause,
		    "scan-compare: only a scan of this machine (--self) is "
		    "compared with what listens here");
		return -EINVAL;
	}
	j->view.compare = !j->view.compare;
	scan_view_mark(&j->view, true);
	pane_scan_changed(ui);
	return 0;
}

/* -- what is done with it ------------------------------------------------------- */

EXEC(pause_exec)
{
	(void)cmd;
	(void)args;
	return scan_pause(ui, cause);
}

EXEC(stop_exec)
{
	(void)cmd;
	(void)args;
	return scan_cancel(ui, cause);
}

EXEC(again_exec)
{
	(void)cmd;
	(void)args;
	return scan_again(ui, cause);
}

EXEC(resume_exec)
{
	(void)cmd;
	(void)args;
	return scan_resume(ui, cause);
}

EXEC(close_exec)
{
	struct pane *p = pane_scan_find(ui);
	int r;

	(void)cmd;
	(void)args;
	r = scan_close(ui, cause);
	if (r == 0 && scan_shown(ui) == NULL && p != NULL)
		ui_pane_close(ui, p);
	return r;
}

static int
save(struct ui *ui, const char *path, char **cause)
{
	const struct scan_services *s = ui->services->scan;
	struct ui_scan *j;
	int r;

	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	r = s->save(s->arg, j->order.id, j->report, path, cause);
	/* It may have been put in order: lines are found anew. */
	scan_view_mark(&j->view, true);
	ui->dirty |= DIRTY_TABLE;
	return r;
}

static void
save_done(struct ui *ui, const char *text)
{
	char *cause = NULL;

	if (text != NULL && *text != '\0' && save(ui, text, &cause) < 0)
		ui_error(ui, "%s", cause);
	free(cause);
}

EXEC(save_exec)
{
	struct buf name = { 0 };
	struct ui_scan *j;
	const char *s;
	int r;

	(void)cmd;
	if ((r = scan_need(ui, &j, cause)) < 0)
		return r;
	if (*args->rest != '\0')
		return save(ui, args->rest, cause);
	buf_puts(&name, "scan-");
	for (s = j->order.what; *s != '\0'; s++)
		if (s[0] != ' ' || s[1] != '+') /* "10.0.0.9 +2" */
			buf_putc(&name, strchr("/ \\:", *s) != NULL ||
						(unsigned char)*s >= 0x80
					    ? '-'
					    : *s);
	buf_puts(&name, ".txt");
	prompt_open(ui,
	    &(struct prompt_spec){ .label = ui->cols < NARROW
						? "Save as: "
						: "Save as (.txt .xml .gnmap "
						  ".json .jsonl): ",
		.history = "scan-save",
		.initial = name.data,
		.done = save_done });
	buf_done(&name);
	return 0;
}

static int
line_of(
    struct ui *ui, struct ui_scan **j, const struct scan_line **l, char **cause)
{
	int r = scan_need(ui, j, cause);

	if (r < 0)
		return r;
	*l = scan_view_line(*j, (*j)->view.at);
	if (*l != NULL)
		return 0;
	xasprintf(cause, "scan: nothing is selected");
	return -ENOENT;
}

EXEC(copy_exec)
{
	const struct scan_line *l;
	struct ui_scan *j;
	struct buf b = { 0 };
	int r;

	(void)cmd;
	(void)args;
	if ((r = line_of(ui, &j, &l, cause)) < 0)
		return r;
	scan_line_copy(ui, j, l, &b);
	if (b.len > 0) {
		term_copy(b.data, b.len);
		ui_status(ui, "Sent to the terminal's clipboard: %s", b.data);
	}
	buf_done(&b);
	return 0;
}

/* To the table, where the socket is; again: to the next one. */
EXEC(socket_exec)
{
	const struct scan_line *l;
	struct ui_scan *j;
	struct row *row;
	int r;

	(void)cmd;
	(void)args;
	if ((r = line_of(ui, &j, &l, cause)) < 0)
		return r;
	row = scan_line_socket(ui, j, l, ui_line_row(ui, ui->at));
	if (row == NULL) {
		xasprintf(cause, "no socket of this machine belongs to this");
		return -ENOENT;
	}
	ui_pane_close_main(ui);
	if (!ui_select(ui, sock_key(&row->rec))) {
		xasprintf(cause,
		    "its socket is not shown: a filter hides it, or a heading "
		    "that is closed");
		return -ENOENT;
	}
	ui_status(ui, "Its socket is selected in the table; Tab goes there");
	return 0;
}

EXEC(explain_exec)
{
	const struct scan_line *l;
	struct ui_scan *j;
	struct scan_addr a;
	uint16_t port;
	uint8_t proto;
	char *line;
	int r;

	(void)cmd;
	(void)args;
	if ((r = line_of(ui, &j, &l, cause)) < 0)
		return r;
	if (!scan_line_about(j, l, &a, &port, &proto) || port == 0) {
		xasprintf(cause, "scan-explain: no port is selected");
		return -EINVAL;
	}
	xasprintf(&line, "explain %u/%s", port,
	    sock_proto_name((enum sock_proto)proto));
	cmd_run(ui, line);
	free(line);
	return 0;
}

/* clang-format off */
const struct cmd cmd_scan[] = {
	{ "scan", "[OPTIONS] [TARGET..]", "Scan ports, as sockdeck scan does; alone: asks, with the selected socket's peer", 0, -1, CMD_CHANGES, scan_exec },
	{ "identify", "", "Ask what answers behind the selected socket's port, or the other end's: service, version, findings", 0, 0, 0, identify_exec },
	{ "scan-pane", "", "Show the scans, or hide them; they go on", 0, 0, 0, pane_exec },
	{ "scan-tab", "[next|previous|NUMBER]", "Another scan is shown", 0, 1, 0, tab_exec },
	{ "scan-pause", "", "The scan pauses, or goes on", 0, 0, 0, pause_exec },
	{ "scan-stop", "", "Stop the scan; what it found stays", 0, 0, 0, stop_exec },
	{ "scan-resume", "", "A scan that was stopped or failed goes on with what is left", 0, 0, 0, resume_exec },
	{ "scan-again", "", "The same scan, from its beginning", 0, 0, 0, again_exec },
	{ "scan-save", "[FILE]", "Write the results to a new file; its ending (.txt .xml .gnmap .json .jsonl) says how", 0, -1, 0, save_exec },
	{ "scan-socket", "", "Select the socket that belongs to the result: a connection to it, or what listens", 0, 0, 0, socket_exec },
	{ "scan-explain", "", "What the port of the result is", 0, 0, 0, explain_exec },
	{ "scan-copy", "", "Copy the result's line to the clipboard (OSC 52)", 0, 0, 0, copy_exec },
	{ "scan-open", "", "Only what is open, or all", 0, 0, 0, open_exec },
	{ "scan-compare", "", "A scan of this machine: held against what listens here, or ports alone", 0, 0, 0, compare_exec },
	{ "scan-close", "", "Close a scan that is over, with its results", 0, 0, 0, close_exec },
	{ .name = NULL }
};
/* clang-format on */
