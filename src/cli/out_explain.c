/* SPDX-License-Identifier: ISC */
/*
 * explain: answers as text, wrapped to a width, or as one JSON document; and
 * the list of services.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "know/term.h"
#include "model/explain.h"

#define LABEL_AT 2
#define TEXT_AT  16

/* -- text ----------------------------------------------------------------- */

static void
put_bold(
    struct buf *b, size_t at, const struct explain_form *f, const char *text)
{
	if (f->colour)
		buf_puts(b, "\033[1m");
	out_wrapped(b, at, 0, f->width, text);
	if (f->colour) {
		b->len--; /* within the line */
		buf_puts(b, "\033[0m\n");
	}
}

static void
put_line(
    struct buf *b, const struct explain_line *l, const struct explain_form *f)
{
	size_t n;

	if (l->part == PART_HEADING) {
		buf_putc(b, '\n');
		put_bold(b, LABEL_AT, f, l->text);
		return;
	}
	buf_pad(b, ' ', LABEL_AT);
	n = LABEL_AT;
	if (l->label != NULL) {
		buf_puts(b, l->label);
		n += text_width(l->label);
	}
	if (n + 1 > TEXT_AT) {
		buf_putc(b, '\n');
		n = 0;
	}
	if (l->part == PART_RUN) {
		buf_pad(b, ' ', TEXT_AT - n);
		buf_puts(b, l->text); /* as it is to be typed: never broken */
		buf_putc(b, '\n');
	} else
		out_wrapped(b, TEXT_AT, n, f->width, l->text);
}

static void
put_text(struct buf *b, const struct explain *e, const struct explain_form *f)
{
	const struct explain_answer *a;
	size_t i;

	for (a = e->answer; a < e->answer + e->n; a++) {
		if (a > e->answer)
			buf_putc(b, '\n');
		put_bold(b, 0, f, a->title);
		for (i = 0; i < a->n; i++) {
			/* What ends an answer belongs to no section. */
			if (i > 0 && a->line[i].part >= PART_RUN &&
			    a->line[i - 1].part < PART_RUN)
				buf_putc(b, '\n');
			put_line(b, &a->line[i], f);
		}
	}
}

/* -- JSON ----------------------------------------------------------------- */

static void
json_service(struct json *j, const struct service *s)
{
	jw_object(j);
	jw_kstring(j, "name", s->name);
	jw_ku64(j, "port", s->port);
	if (s->port_hi != s->port)
		jw_ku64(j, "port_hi", s->port_hi);
	jw_key(j, "proto");
	jw_array(j);
	if (s->proto != SOCK_UDP)
		jw_string(j, "tcp");
	if (s->proto != SOCK_TCP)
		jw_string(j, "udp");
	jw_array_end(j);
	jw_kstring(j, "class", port_class_name(port_class(s->port)));
	jw_kstring(j, "what", s->what);
	if ((s->flags & (SERVICE_PLAIN | SERVICE_ENCRYPTED)) != 0)
		jw_kbool(j, "encrypted", (s->flags & SERVICE_ENCRYPTED) != 0);
	jw_kbool(j, "unofficial", (s->flags & SERVICE_UNOFFICIAL) != 0);
	if (s->successor != NULL)
		jw_kstring(j, "successor", s->successor);
	jw_kstring(j, "source", s->source);
	jw_object_end(j);
}

/* Under a key, the lines of one part; see's words one by one. */
static void
json_part(struct json *j, const struct explain_answer *a,
    enum explain_part part, const char *key)
{
	const char *list, *word;
	size_t i, len;

	jw_key(j, key);
	jw_array(j);
	for (i = 0; i < a->n; i++) {
		if (a->line[i].part != part)
			continue;
		list = a->line[i].text;
		if (part != PART_SEE) {
			jw_string(j, list);
			continue;
		}
		while ((word = term_part(&list, ", ", &len)) != NULL)
			jw_stringn(j, word, len);
	}
	jw_array_end(j);
}

static void
json_lines(struct json *j, const struct explain_answer *a)
{
	const char *section = NULL, *label = NULL;
	const struct explain_line *l;

	jw_key(j, "lines");
	jw_array(j);
	for (l = a->line; l < a->line + a->n; l++) {
		if (l->part == PART_HEADING)
			section = l->text;
		if (l->label != NULL)
			label = l->label;
		if (l->part != PART_TEXT)
			continue;
		jw_object(j);
		if (section != NULL)
			jw_kstring(j, "section", section);
		if (label != NULL)
			jw_kstring(j, "label", label);
		jw_kstring(j, "text", l->text);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void
json_services_of(struct json *j, const struct explain_answer *a)
{
	const struct service **found, *s;
	size_t i, n;

	if (a->kind != EXPLAIN_PORT && a->kind != EXPLAIN_SERVICE)
		return;
	jw_key(j, "services");
	jw_array(j);
	if (a->kind == EXPLAIN_PORT) {
		found = explain_services(
		    (const char *const *)&a->name, 1, true, &n);
		for (i = 0; i < n; i++)
			json_service(j, found[i]);
		free(found);
	} else
		for (i = 0; (s = service_by_name(a->name, &i)) != NULL;)
			if (!service_from_file(s))
				json_service(j, s);
	jw_array_end(j);
}

static void
json_answer(struct json *j, const struct explain_answer *a)
{
	jw_object(j);
	jw_kstring(j, "kind", explain_kind_name(a->kind));
	jw_kstring(j, "name", a->name);
	jw_kstring(j, "title", a->title);
	if (a->kind == EXPLAIN_PORT) {
		jw_ku64(j, "port", a->port);
		if (a->port_hi != a->port)
			jw_ku64(j, "port_hi", a->port_hi);
		jw_kstring(j, "class", port_class_name(port_class(a->port)));
	}
	json_services_of(j, a);
	json_lines(j, a);
	json_part(j, a, PART_RUN, "run");
	json_part(j, a, PART_SEE, "see");
	json_part(j, a, PART_SOURCE, "source");
	jw_object_end(j);
}

static void
put_json(struct buf *b, const struct explain *e)
{
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_key(&j, "answers");
	jw_array(&j);
	for (i = 0; i < e->n; i++)
		json_answer(&j, &e->answer[i]);
	jw_array_end(&j);
	jw_key(&j, "unknown");
	jw_array(&j);
	for (i = 0; i < e->nunknown; i++)
		jw_string(&j, e->unknown[i]);
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(b, '\n');
}

int
out_explain(FILE *f, const struct explain *e, const struct explain_form *form)
{
	struct buf b = { 0 };

	if (form->json)
		put_json(&b, e);
	else
		put_text(&b, e, form);
	return out_put(f, &b, form->json);
}

/* -- the list of services ------------------------------------------------- */

static void
put_ports(struct buf *b, const struct service *s)
{
	buf_printf(b, "%u", s->port);
	if (s->port_hi != s->port)
		buf_printf(b, "-%u", s->port_hi);
	buf_printf(
	    b, "/%s", s->proto == 0 ? "tcp,udp" : sock_proto_name(s->proto));
}

static void
put_service(struct buf *b, const struct service *s,
    const struct explain_form *form, size_t name_width, size_t port_width)
{
	size_t at = b->len, to = name_width + port_width + 4;
	struct buf text = { 0 };

	buf_puts(b, s->name);
	buf_pad(b, ' ', at + name_width + 2 - b->len);
	put_ports(b, s);
	buf_pad(b, ' ', at + to - b->len);
	buf_puts(b, (s->flags & SERVICE_ENCRYPTED) != 0 ? "encrypted "
		    : (s->flags & SERVICE_PLAIN) != 0   ? "plain     "
							: "-         ");
	buf_puts(&text, s->what);
	if ((s->flags & SERVICE_UNOFFICIAL) != 0)
		buf_puts(&text, " (unofficial)");
	if (s->successor != NULL)
		buf_printf(&text, "; safer: %s", s->successor);
	out_wrapped(b, b->len - at + 1, b->len - at, form->width, text.data);
	buf_done(&text);
}

int
out_services(FILE *f, const struct service *const *list, size_t n,
    const struct explain_form *form)
{
	struct buf b = { 0 };
	struct json j;
	size_t i, w = 0, ports = 0;

	for (i = 0; i < n; i++) {
		if (strlen(list[i]->name) > w)
			w = strlen(list[i]->name);
		put_ports(&b, list[i]);
		if (b.len > ports)
			ports = b.len;
		buf_reset(&b);
	}
	jw_init(&j, &b);
	if (form->json) {
		jw_object(&j);
		jw_ku64(&j, "schema", 1);
		jw_key(&j, "services");
		jw_array(&j);
	}
	for (i = 0; i < n; i++)
		if (form->json)
			json_service(&j, list[i]);
		else
			put_service(&b, list[i], form, w, ports);
	if (form->json) {
		jw_array_end(&j);
		jw_object_end(&j);
		buf_putc(&b, '\n');
	}
	return out_put(f, &b, form->json);
}
