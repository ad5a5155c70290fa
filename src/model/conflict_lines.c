/* SPDX-License-Identifier: ISC */
/* A report as lines to read: the same in the terminal and in the deck. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "model/conflict.h"

struct lines {
	const struct conflict_report *rep;
	conflict_put_fn put;
	void *arg;
	bool told[CONFLICT_NKINDS]; /* its rule */
};

static void
put(struct lines *l, enum conflict_put_kind kind, const char *label,
    const char *text)
{
	l->put(l->arg, kind, label, text);
}

static void
put_try(struct lines *l, const struct conflict_line *line)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s: %s", line->what, line->plain);
	if (line->reuse != NULL && strcmp(line->reuse, line->plain) == 0)
		buf_puts(&b, "; the same with SO_REUSEADDR");
	else if (line->reuse != NULL)
		buf_printf(&b, "; with SO_REUSEADDR: %s", line->reuse);
	put(l, CONFLICT_PUT_TEXT,
	    line->try.extra        ? "Address"
	    : line->try.plain == 0 ? "Works"
				   : "Fails",
	    b.data);
	buf_done(&b);
}

static void
put_tries(struct lines *l)
{
	const struct conflict_result *res;
	struct buf b = { 0 };
	size_t i, k;

	for (i = 0; i < l->rep->nresults; i++) {
		res = &l->rep->result[i];
		buf_reset(&b);
		buf_printf(&b, "Tried just now, in the network namespace %s",
		    res->name);
		put(l, CONFLICT_PUT_HEADING, NULL, b.data);
		if (l->rep->nresults > 1)
			put(l, CONFLICT_PUT_TEXT, "Verdict", res->headline);
		for (k = 0; k < res->nlines; k++)
			put_try(l, &res->line[k]);
	}
	buf_done(&b);
}

static void
put_reason(struct lines *l, const struct conflict_reason *r, const char *label)
{
	const struct conflict_fact *fact = conflict_fact(r->kind);
	struct buf b = { 0 };
	size_t i;

	put(l, CONFLICT_PUT_TEXT, label, r->text);
	if (r->evidence != NULL)
		put(l, CONFLICT_PUT_TEXT, "Seen", r->evidence);
	if (!l->told[r->kind]) {
		put(l, CONFLICT_PUT_TEXT, "Rule", fact->because);
		if (fact->remedy != NULL && r->role != CONFLICT_NOTE)
			put(l, CONFLICT_PUT_TEXT, "Remedy", fact->remedy);
		put(l, CONFLICT_PUT_TEXT, "Source", fact->source);
		l->told[r->kind] = true;
	}
	for (i = 0; i < r->ncommands; i++) {
		put(l, CONFLICT_PUT_COMMAND, "Command", r->command[i].text);
		buf_reset(&b);
		buf_printf(&b, "(%s)", r->command[i].effect);
		put(l, CONFLICT_PUT_TEXT, "", b.data);
	}
	buf_done(&b);
}

static const struct {
	enum conflict_role role;
	const char *heading, *label;
} parts[] = {
	{ CONFLICT_HOLDER, "What holds it", "Holder" },
	{ CONFLICT_OBSTACLE, "What stands in the way", "Obstacle" },
	{ CONFLICT_NOTE, "Worth knowing", "Note" },
	{ CONFLICT_TALKER, "Clients: ending them frees nothing", "Client" },
};

static void
put_part(struct lines *l, size_t part)
{
	const struct conflict_report *rep = l->rep;
	bool first = true;
	size_t i;

	for (i = 0; i < rep->nreasons; i++) {
		if (rep->reason[i].role != parts[part].role)
			continue;
		if (first)
			put(l, CONFLICT_PUT_HEADING, NULL, parts[part].heading);
		first = false;
		put_reason(l, &rep->reason[i], parts[part].label);
	}
}

void
conflict_lines(const struct conflict_report *rep, conflict_put_fn fn, void *arg)
{
	struct lines l = { .rep = rep, .put = fn, .arg = arg };
	size_t i;

	for (i = 0; i < nitems(parts); i++)
		put_part(&l, i);
	put_tries(&l);
	if (rep->disagrees)
		put(&l, CONFLICT_PUT_TEXT, "Odd",
		    "what was tried and what was seen do not go together, even "
		    "after another look: the attempt is right, the reasons may "
		    "not be all");
	if (rep->nunknown > 0)
		put(&l, CONFLICT_PUT_HEADING, NULL, "Not known");
	for (i = 0; i < rep->nunknown; i++)
		put(&l, CONFLICT_PUT_TEXT, "Unknown", rep->unknown[i]);
}
