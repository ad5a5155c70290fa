/* SPDX-License-Identifier: ISC */
/* kill and close: what would be hit, the question, and what became of it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "know/signal.h"
#include "model/act.h"

#define TEXT_AT 11

static const char *const state_words[] = {
	[ACT_WAITING] = "waiting",
	[ACT_RUNNING] = "running",
	[ACT_SENT] = "sent",
	[ACT_ALIVE] = "alive",
	[ACT_DONE] = "done",
	[ACT_GONE] = "gone",
	[ACT_REFUSED] = "refused",
	[ACT_FAILED] = "failed",
};
static const char *const grade_words[] = {
	[ACT_ASK] = "ask",
	[ACT_TYPE] = "type",
	[ACT_REFUSE] = "refuse",
};

/* A label in its column, and the text beside it, wrapped at blanks. */
static void
put_field(struct buf *b, const char *label, const char *text)
{
	buf_printf(b, "  %s", label);
	out_wrapped(b, TEXT_AT, 2 + strlen(label), OUT_WIDTH, text);
}

static void
put_target(struct buf *b, const struct act *a, const struct act_target *t)
{
	bool sock = a->kind == ACT_CLOSE;
	size_t i;

	buf_printf(b, "%s\n", t->title);
	if (t->detail != NULL)
		put_field(b, "command", t->detail);
	for (i = 0; i < t->nsock; i++)
		put_field(b,
		    i == 0                     ? (sock ? "held by" : "socket")
		    : i == t->nchosen && !sock ? "and with"
					       : "",
		    t->sock[i]);
	if (t->state != ACT_WAITING && t->outcome != NULL) {
		put_field(
		    b, t->state == ACT_GONE ? "gone" : "refused", t->outcome);
		return;
	}
	for (i = 0; i < t->nnext && t->grade != ACT_REFUSE; i++)
		put_field(b, i == 0 ? "then" : "", t->next[i]);
	if (t->grade != ACT_ASK)
		put_field(
		    b, t->grade == ACT_REFUSE ? "refused" : "careful", t->why);
}

int
out_act_plan(FILE *f, const struct act *a)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < a->n; i++)
		put_target(&b, a, &a->target[i]);
	for (i = 0; i < a->nnotes; i++)
		put_field(&b, "note", a->note[i]);
	return out_put(f, &b, false);
}

void
out_act_ask(const struct act *a, const char *word)
{
	char *question = act_question(a);
	struct buf b = { 0 };

	if (word != NULL)
		buf_printf(&b, "%s Type %s to do it: ", question, word);
	else
		buf_printf(&b, "%s [y/N] ", question);
	free(question);
	(void)out_put(stderr, &b, false);
	(void)fflush(stderr);
}

static void
json_lines(struct json *j, const char *key, char *const *line, size_t n)
{
	size_t i;

	jw_key(j, key);
	jw_array(j);
	for (i = 0; i < n; i++)
		jw_string(j, line[i]);
	jw_array_end(j);
}

static void
json_target(struct json *j, const struct act *a, const struct act_target *t)
{
	jw_object(j);
	if (a->kind == ACT_SIGNAL) {
		jw_ku64(j, "pid", (uint64_t)t->pid);
		jw_ku64(j, "start", t->start);
		jw_kstring(j, "process", t->name);
		jw_ku64(j, "uid", t->uid);
	} else {
		jw_ku64(j, "cookie", t->rec.cookie);
		jw_ku64(j, "netns", t->rec.netns);
		jw_kstring(j, "socket", t->title);
		if (t->pid > 0)
			jw_ku64(j, "pid", (uint64_t)t->pid);
	}
	if (t->detail != NULL)
		jw_kstring(j, "cmdline", t->detail);
	json_lines(j, a->kind == ACT_SIGNAL ? "sockets" : "holders", t->sock,
	    t->nsock);
	json_lines(j, "next", t->next, t->nnext);
	jw_kstring(j, "grade", grade_words[t->grade]);
	if (t->why != NULL)
		jw_kstring(j, "why", t->why);
	jw_kstring(j, "state", state_words[t->state]);
	if (t->outcome != NULL)
		jw_kstring(j, "outcome", t->outcome);
	if (t->took_ns != 0)
		jw_ku64(j, "took_ms", t->took_ns / 1000000);
	jw_object_end(j);
}

static void
put_json(struct buf *b, const struct args *args, const struct act *a)
{
	char name[SIGNAL_NAME_MAX];
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_kstring(&j, "act", a->kind == ACT_SIGNAL ? "kill" : "close");
	if (a->kind == ACT_SIGNAL)
		jw_kstring(&j, "signal", signal_name(name, a->signal));
	else
		jw_kstring(&j, "how", a->how == ACT_RST ? "rst" : "fin");
	jw_kbool(&j, "dry_run", args->dry_run);
	json_lines(&j, "notes", a->note, a->nnotes);
	jw_key(&j, "targets");
	jw_array(&j);
	for (i = 0; i < a->n; i++)
		json_target(&j, a, &a->target[i]);
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(b, '\n');
}

int
out_act_result(FILE *f, const struct args *args, const struct act *a)
{
	const struct act_target *t;
	struct buf b = { 0 };

	if (args->format == OUT_JSON) {
		put_json(&b, args, a);
		return out_put(f, &b, true);
	}
	for (t = a->target; t < a->target + a->n; t++) {
		buf_printf(&b, "%s", t->name);
		if (a->kind == ACT_SIGNAL)
			buf_printf(&b, " (%ld)", (long)t->pid);
		buf_printf(&b, ": %s\n",
		    t->outcome != NULL ? t->outcome : "left alone");
	}
	return out_put(f, &b, false);
}
