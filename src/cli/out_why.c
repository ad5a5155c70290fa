/* SPDX-License-Identifier: ISC */
/* why: the verdict first, then the reasons; or all of it as JSON. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "model/conflict.h"

#define TEXT_AT 12

/* -- text ----------------------------------------------------------------- */

static void
put_line(
    void *arg, enum conflict_put_kind kind, const char *label, const char *text)
{
	struct buf *b = arg;
	size_t w;

	if (kind == CONFLICT_PUT_HEADING) {
		buf_printf(b, "\n%s\n", text);
		return;
	}
	w = text_width(label);
	buf_printf(b, "  %s", label);
	if (kind == CONFLICT_PUT_COMMAND) {
		buf_pad(b, ' ', w + 2 < TEXT_AT ? TEXT_AT - 2 - w : 1);
		buf_printf(b, "%s\n", text);
	} else
		out_wrapped(b, TEXT_AT, w + 2, OUT_WIDTH, text);
}

static void
put_text(struct buf *b, const struct conflict_report *rep)
{
	out_wrapped(b, 0, 0, OUT_WIDTH, rep->headline);
	conflict_lines(rep, put_line, b);
}

/* -- JSON ----------------------------------------------------------------- */

static void
json_addr(
    struct json *j, const char *key, const struct endpoint *e, unsigned family)
{
	char text[TEXT_IP_MAX + 1];

	*endpoint_addr_text(text, e, family) = '\0';
	jw_kstring(j, key, text);
}

static void
json_outcome(struct json *j, const char *key, int error, bool at_listen)
{
	char name[24];

	jw_key(j, key);
	jw_object(j);
	jw_kbool(j, "ok", error == 0);
	if (error != 0) {
		jw_kstring(
		    j, "error", conflict_errno_name(error, name, sizeof(name)));
		jw_kstring(j, "call", at_listen ? "listen" : "bind");
	}
	jw_object_end(j);
}

static void
json_result(struct json *j, const struct conflict_result *res)
{
	const struct conflict_try *t;
	size_t i;

	jw_object(j);
	jw_ku64(j, "netns", res->netns);
	jw_kstring(j, "netns_name", res->name);
	jw_kstring(j, "verdict", conflict_verdict_name(res->verdict));
	jw_kbool(j, "can_bind", res->verdict == CONFLICT_CAN);
	jw_kstring(j, "summary", res->headline);
	jw_key(j, "tries");
	jw_array(j);
	for (i = 0; i < res->nlines; i++) {
		t = &res->line[i].try;
		jw_object(j);
		jw_ku64(j, "family", t->family);
		json_addr(j, "addr", &t->local, t->family);
		jw_ku64(j, "port", t->local.port);
		if (t->family == 6)
			jw_kbool(j, "v6only", t->v6only);
		jw_kbool(j, "asked", !t->extra);
		json_outcome(j, "plain", t->plain, t->plain_listen);
		if (t->reuse >= 0)
			json_outcome(j, "reuseaddr", t->reuse, t->reuse_listen);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

static void
json_reason(struct json *j, const struct conflict_reason *r)
{
	const struct conflict_fact *fact = conflict_fact(r->kind);
	size_t i;

	jw_object(j);
	jw_kstring(j, "kind", fact->name);
	jw_kstring(j, "role", conflict_role_name(r->role));
	if (r->netns != 0)
		jw_ku64(j, "netns", r->netns);
	jw_kstring(j, "text", r->text);
	if (r->evidence != NULL)
		jw_kstring(j, "evidence", r->evidence);
	jw_kstring(j, "rule", fact->because);
	jw_kstring(j, "source", fact->source);
	if (r->nsocks > 0)
		jw_ku64(j, "sockets", r->nsocks);
	if (r->wait_ms > 0)
		jw_ku64(j, "over_in_ms", r->wait_ms);
	jw_key(j, "owners");
	jw_array(j);
	for (i = 0; i < r->nowners; i++) {
		jw_object(j);
		jw_ku64(j, "pid", (uint64_t)r->owner[i].pid);
		jw_kstring(j, "process", r->owner[i].process);
		if (r->owner[i].user != NULL)
			jw_kstring(j, "user", r->owner[i].user);
		jw_object_end(j);
	}
	jw_array_end(j);
	if (r->owners_cut)
		jw_kbool(j, "owners_cut", true);
	jw_key(j, "commands");
	jw_array(j);
	for (i = 0; i < r->ncommands; i++) {
		jw_object(j);
		jw_kstring(j, "command", r->command[i].text);
		jw_kstring(j, "effect", r->command[i].effect);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

static void
put_json(struct buf *b, const struct conflict_report *rep)
{
	const struct conflict_query *q = &rep->query;
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_ku64(&j, "port", q->port);
	jw_kstring(&j, "proto", sock_proto_name(q->proto));
	if (q->naddr == 1)
		json_addr(&j, "addr", &q->addr[0], q->family[0]);
	jw_kstring(&j, "verdict", conflict_verdict_name(rep->verdict));
	jw_kbool(&j, "can_bind", rep->verdict == CONFLICT_CAN);
	jw_kstring(&j, "summary", rep->headline);
	jw_key(&j, "namespaces");
	jw_array(&j);
	for (i = 0; i < rep->nresults; i++)
		json_result(&j, &rep->result[i]);
	jw_array_end(&j);
	jw_key(&j, "reasons");
	jw_array(&j);
	for (i = 0; i < rep->nreasons; i++)
		json_reason(&j, &rep->reason[i]);
	jw_array_end(&j);
	jw_kbool(&j, "disagrees", rep->disagrees);
	jw_key(&j, "unknown");
	jw_array(&j);
	for (i = 0; i < rep->nunknown; i++)
		jw_string(&j, rep->unknown[i]);
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(b, '\n');
}

int
out_why(FILE *f, const struct args *args, const struct conflict_report *rep)
{
	struct buf b = { 0 };

	if (args->format == OUT_JSON)
		put_json(&b, rep);
	else
		put_text(&b, rep);
	return out_put(f, &b, args->format == OUT_JSON);
}
