/* SPDX-License-Identifier: ISC */
/*
 * audit as text: a line a listener, the worst first; then each kind of finding
 * once, with whom it concerns, what follows and what to do.
 */
#include "config.h"

#include "cli/out_audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "know/service.h"
#include "know/state.h"

#define LABEL_AT 12 /* where texts beside a label begin */
#define NAME_MAX 15 /* columns of a process's and a user's name */

static void
put_severity(struct buf *b, const struct out_audit *o, int severity)
{
	static const char *const colour[] = { [SEVERITY_INFO] = "2",
		[SEVERITY_LOW] = "36",
		[SEVERITY_MEDIUM] = "33",
		[SEVERITY_HIGH] = "31",
		[SEVERITY_CRITICAL] = "1;31" };
	const char *name =
	    severity < 0 ? "-" : severity_name((enum severity)severity);

	if (o->colour && severity >= 0)
		buf_printf(b, "\033[%sm%s\033[0m", colour[severity], name);
	else
		buf_puts(b, name);
	buf_pad(b, ' ', strlen(name) < 9 ? 9 - strlen(name) : 1);
}

static void
put_bold(struct buf *b, const struct out_audit *o, const char *text)
{
	buf_printf(b, o->colour ? "\033[1m%s\033[0m" : "%s", text);
}

/* A cell of so many columns, and a blank. */
static void
put_cell(struct buf *b, const char *text, size_t width)
{
	size_t w = text_fit(b, text, width, TEXT_CUT_END, !text_utf8());

	buf_pad(b, ' ', width - w + 1);
}

static const char *
process_of(const struct audit_line *l)
{
	const struct proc *p = audit_proc(l);

	return p != NULL ? p->comm : "-";
}

void
out_audit_put_service(const struct audit_line *l, struct buf *b)
{
	const struct service_info *s = l->service;
	const char *name = service_name(l->port, l->proto);

	if (s == NULL || s->name[0] == '\0') {
		buf_printf(b, "%s%s", name != NULL ? name : "-",
		    name != NULL ? "?" : "");
		return;
	}
	buf_printf(b, "%s%s", s->tls ? "ssl/" : "", s->name);
	if (s->product[0] != '\0')
		buf_printf(b, " %s", s->product);
	if (s->version[0] != '\0')
		buf_printf(b, " %s", s->version);
}

/* -- the listeners ---------------------------------------------------------- */

/* Columns of the longest, NAME_MAX at most. */
struct widths {
	size_t process, user;
};

static void
widen(size_t *width, const char *text)
{
	size_t w = text_width(text);

	if (w > *width)
		*width = w < NAME_MAX ? w : NAME_MAX;
}

static char *
user_of(const struct audit *a, const struct audit_line *l)
{
	struct buf b = { 0 };

	audit_put_user(a, l, &b);
	buf_putc(&b, '\0');
	return buf_steal(&b);
}

static struct widths
measure(const struct audit *a)
{
	struct widths w = { strlen("PROCESS"), strlen("USER") };
	const struct audit_line *l;
	char *user;

	for (l = a->line; l < a->line + a->n; l++) {
		user = user_of(a, l);
		widen(&w.process, process_of(l));
		widen(&w.user, user);
		free(user);
	}
	return w;
}

static void
put_line(struct buf *b, const struct out_audit *o, const struct audit *a,
    const struct audit_line *l, struct widths w)
{
	const size_t used = 9 + 10 + 9 + w.process + w.user + 2;
	char *user = user_of(a, l);
	struct buf text = { 0 };

	put_severity(b, o, audit_worst(l));
	buf_printf(&text, "%u/%s", l->port, sock_proto_name(l->proto));
	put_cell(b, text.data, 9);
	put_cell(b, audit_reach_name(l->reach), 8);
	put_cell(b, process_of(l), w.process);
	put_cell(b, user, w.user);
	free(user);
	buf_reset(&text);
	out_audit_put_service(l, &text);
	if (o->width > used)
		(void)text_fit(
		    b, text.data, o->width - used, TEXT_CUT_END, !text_utf8());
	else
		buf_puts(b, text.data);
	buf_putc(b, '\n');
	buf_done(&text);
}

static void
put_lines(struct buf *b, const struct out_audit *o, const struct audit *a)
{
	const struct widths w = measure(a);
	size_t i;

	if (a->n == 0)
		return;
	buf_printf(b, "%-9s%-10s%-9s%-*s %-*s %s\n", "WORST", "PORT", "REACH",
	    (int)w.process, "PROCESS", (int)w.user, "USER", "SERVICE");
	for (i = 0; i < a->n; i++)
		put_line(b, o, a, &a->line[i], w);
}

/* -- the findings ------------------------------------------------------------ */

static void
put_concerned(struct buf *b, const struct out_audit *o, const struct audit *a,
    const struct audit_line *l, const struct finding *f)
{
	const struct proc *p = audit_proc(l);
	struct buf text = { 0 };

	buf_puts(b, "  ");
	put_severity(b, o, (int)f->severity);
	buf_printf(&text, "%u/%s at ", l->port, sock_proto_name(l->proto));
	audit_put_addrs(a, l, &text);
	if (p != NULL)
		buf_printf(&text, ", %s, pid %ld", p->comm, (long)p->pid);
	buf_printf(&text, ": %s", f->evidence);
	out_wrapped(b, LABEL_AT, LABEL_AT, OUT_WIDTH, text.data);
	buf_done(&text);
}

static void
put_label(struct buf *b, const char *label, const char *text)
{
	buf_printf(b, "  %s", label);
	out_wrapped(b, LABEL_AT, strlen(label) + 2, OUT_WIDTH, text);
}

/* The gravest of its kind; -1: there is none. */
static int
worst_of(const struct audit *a, const struct finding_def *def)
{
	size_t i, k;
	int worst = -1;

	for (i = 0; i < a->n; i++)
		for (k = 0; k < a->line[i].nfound; k++)
			if (a->line[i].found[k].def == def &&
			    (int)a->line[i].found[k].severity > worst)
				worst = (int)a->line[i].found[k].severity;
	return worst;
}

static void
put_finding(struct buf *b, const struct out_audit *o, const struct audit *a,
    const struct finding_def *def)
{
	const struct audit_line *l;
	size_t k;

	buf_putc(b, '\n');
	put_bold(b, o, def->title);
	buf_printf(b, " (%s)\n", def->id);
	for (l = a->line; l < a->line + a->n; l++)
		for (k = 0; k < l->nfound; k++)
			if (l->found[k].def == def &&
			    (o->args->all ||
				l->found[k].severity > SEVERITY_INFO))
				put_concerned(b, o, a, l, &l->found[k]);
	put_label(b, "why", def->why);
	put_label(b, "remedy", def->remedy);
	put_label(b, "source", def->source);
}

static void
put_findings(struct buf *b, const struct out_audit *o, const struct audit *a)
{
	const int least = o->args->all ? SEVERITY_INFO : SEVERITY_LOW;
	const struct finding_def *d;
	int severity;

	for (severity = SEVERITY_CRITICAL; severity >= least; severity--)
		for (d = finding_defs; d->id != NULL; d++)
			if (worst_of(a, d) == severity)
				put_finding(b, o, a, d);
}

/* -- what it comes to --------------------------------------------------------- */

static void
put_sum(struct buf *b, const struct out_audit *o, const struct audit *a)
{
	struct buf text = { 0 };
	size_t n, left = audit_count(a, SEVERITY_INFO), info;
	int severity;

	buf_printf(&text, "%zu %s", a->n, a->n == 1 ? "listener" : "listeners");
	if (left == 0)
		buf_puts(&text, ": nothing found");
	for (severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO;
	     severity--) {
		n = audit_count(a, (enum severity)severity);
		if (severity < SEVERITY_CRITICAL)
			n -= audit_count(a, (enum severity)(severity + 1));
		if (n > 0)
			buf_printf(&text, "%s %zu %s",
			    left == audit_count(a, SEVERITY_INFO) ? ":" : ",",
			    n, severity_name((enum severity)severity));
		left -= n;
	}
	info = audit_count(a, SEVERITY_INFO) - audit_count(a, SEVERITY_LOW);
	buf_puts(&text, ".");
	if (info > 0 && !o->args->all)
		buf_puts(&text, " What only informs is shown by --all.");
	if (!o->probed)
		buf_puts(&text, " No service was asked.");
	if (o->elsewhere > 0)
		buf_printf(&text,
		    " %zu in other network namespaces were not asked.",
		    o->elsewhere);
	if (o->partial)
		buf_puts(&text, " Not all could be judged.");
	buf_puts(&text, " Reach is told by addresses; firewalls are not "
			"judged.");
	if (a->n > 0)
		buf_putc(b, '\n');
	out_wrapped(b, 0, 0, OUT_WIDTH, text.data);
	buf_done(&text);
}

int
out_audit(FILE *f, const struct out_audit *o, const struct audit *a)
{
	struct buf b = { 0 };

	if (o->args->format == OUT_JSON)
		out_audit_json(&b, o, a);
	else {
		put_lines(&b, o, a);
		put_findings(&b, o, a);
		put_sum(&b, o, a);
	}
	return out_put(f, &b, o->args->format == OUT_JSON);
}

void
out_audit_progress(size_t told, size_t asked)
{
	if (told < asked)
		fprintf(stderr, "\rasking services: %zu of %zu \033[K", told,
		    asked);
	else
		fputs("\r\033[K", stderr);
}
