/* SPDX-License-Identifier: ISC */
/*
 * lab: the list of lessons; a lesson step by step, as text, or as a JSON
 * document whose steps each fill a line as they are over.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out.h"
#include "model/lab.h"

#define TEXT_AT  11
#define ABOUT_AT 16

static bool
as_json(const struct args *a)
{
	return a->format == OUT_JSON;
}

static int
put_out(FILE *f, const struct args *a, struct buf *b)
{
	return out_put(f, b, as_json(a));
}

/* -- the list ------------------------------------------------------------- */

static void
json_counts(struct json *j, const struct lab_count *c, size_t n)
{
	size_t i;

	jw_array(j);
	for (i = 0; i < n && c[i].n > 0; i++) {
		jw_object(j);
		jw_kstring(j, "host", lab_host_name(c[i].host));
		jw_kstring(j, "state", sock_state_name(c[i].state));
		jw_ku64(j, "n", c[i].n);
		if (c[i].fades)
			jw_kbool(j, "fades", true);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void
json_lesson(struct json *j, const struct lab_lesson *l)
{
	size_t i;

	jw_object(j);
	jw_kstring(j, "name", l->name);
	jw_kstring(j, "title", l->title);
	jw_kstring(j, "about", l->about);
	jw_kstring(j, "source", l->source);
	jw_kbool(j, "ipv6", l->ipv6);
	jw_key(j, "steps");
	jw_array(j);
	for (i = 0; i < l->nsteps; i++) {
		jw_object(j);
		jw_kstring(j, "title", l->step[i].title);
		jw_ku64(j, "held", l->step[i].held);
		jw_key(j, "expect");
		json_counts(j, l->step[i].expect, LAB_COUNTS_MAX);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_object_end(j);
}

int
out_lab_list(
    FILE *f, const struct args *a, const struct lab_lesson *const *lessons)
{
	struct buf b = { 0 };
	struct json j;
	size_t i;

	if (as_json(a)) {
		jw_init(&j, &b);
		jw_object(&j);
		jw_ku64(&j, "schema", 1);
		jw_key(&j, "lessons");
		jw_array(&j);
		for (i = 0; lessons[i] != NULL; i++)
			json_lesson(&j, lessons[i]);
		jw_array_end(&j);
		jw_object_end(&j);
		buf_putc(&b, '\n');
	} else
		for (i = 0; lessons[i] != NULL; i++) {
			buf_printf(&b, "%2zu  %-10s  %s\n", i + 1,
			    lessons[i]->name, lessons[i]->title);
			out_wrapped(
			    &b, ABOUT_AT, 0, OUT_WIDTH, lessons[i]->about);
		}
	return put_out(f, a, &b);
}

/* -- a lesson, as text ---------------------------------------------------- */

static void
put_para(struct buf *b, const char *label, const char *text)
{
	size_t before = b->len;

	buf_printf(b, "  %s", label);
	out_wrapped(b, TEXT_AT, b->len - before, OUT_WIDTH, text);
}

static void
put_host(struct buf *b, const struct lab_event *ev, enum lab_host host)
{
	char addr[TEXT_IP_MAX + 1];
	const struct sock_rec *s;
	size_t i, any = 0;

	for (i = 0; i < ev->n; i++) {
		s = &ev->sock[i];
		if (s->netns != ev->netns[host])
			continue;
		any++;
		buf_printf(b, "  %-8s %-3s %-12s ", lab_host_name(host),
		    sock_proto_name(s->proto), sock_state_name(s->state));
		*endpoint_addr_text(addr, &s->local, s->family) = '\0';
		buf_printf(b, "%s%s%s:%u", s->family == 6 ? "[" : "", addr,
		    s->family == 6 ? "]" : "", s->local.port);
		if (s->peer.port != 0) {
			*endpoint_addr_text(addr, &s->peer, s->family) = '\0';
			buf_printf(b, "  %s%s%s:%u", s->family == 6 ? "[" : "",
			    addr, s->family == 6 ? "]" : "", s->peer.port);
		}
		if (s->recvq > 0)
			buf_printf(b, "  recvq %u", s->recvq);
		if (s->sendq > 0)
			buf_printf(b, "  sendq %u", s->sendq);
		buf_putc(b, '\n');
	}
	if (any == 0)
		buf_printf(b, "  %-8s no sockets\n", lab_host_name(host));
}

static void
put_step(struct buf *b, const struct lab_lesson *l, const struct lab_event *ev,
    const struct lab_log *log, size_t nlog)
{
	const struct lab_step *s = &l->step[ev->step];
	size_t i;

	buf_printf(
	    b, "\nStep %u of %zu: %s\n", ev->step + 1, l->nsteps, s->title);
	put_para(b, "Will", s->say);
	put_para(b, "Look at", s->watch);
	put_para(b, "Think", s->ask);
	for (i = 0; i < nlog; i++) {
		buf_puts(b, "    ");
		lab_log_put(b, &log[i], false, !text_utf8());
		buf_putc(b, '\n');
	}
	put_host(b, ev, LAB_CLIENT);
	put_host(b, ev, LAB_SERVER);
	if (!ev->ok) {
		put_para(b, "WRONG", ev->text);
		return;
	}
	put_para(b, "So", s->after);
}

/* -- a lesson, as JSON ---------------------------------------------------- */

static void
json_end(
    struct json *j, const char *key, const struct endpoint *e, unsigned family)
{
	char addr[TEXT_IP_MAX + 1];

	*endpoint_addr_text(addr, e, family) = '\0';
	jw_key(j, key);
	jw_object(j);
	jw_kstring(j, "addr", addr);
	jw_ku64(j, "port", e->port);
	jw_object_end(j);
}

static void
json_sock(struct json *j, const struct lab_event *ev, const struct sock_rec *s)
{
	jw_object(j);
	jw_kstring(j, "host",
	    lab_host_name(
		s->netns == ev->netns[LAB_CLIENT] ? LAB_CLIENT : LAB_SERVER));
	jw_kstring(j, "proto", sock_proto_name(s->proto));
	jw_ku64(j, "family", s->family);
	jw_kstring(j, "state", sock_state_name(s->state));
	json_end(j, "local", &s->local, s->family);
	if (s->peer.port != 0)
		json_end(j, "peer", &s->peer, s->family);
	jw_ku64(j, "recvq", s->recvq);
	jw_ku64(j, "sendq", s->sendq);
	jw_object_end(j);
}

static void
json_segment(struct json *j, const struct lab_segment *s)
{
	static const char *const fates[] = { "passed", "held", "released",
		"lost" };
	struct buf flags = { 0 };

	lab_flags_put(&flags, s);
	jw_kstring(j, "from", lab_host_name(s->from));
	jw_kstring(j, "segment", flags.data);
	jw_kstring(j, "fate", fates[s->fate]);
	jw_ku64(j, "sport", s->sport);
	jw_ku64(j, "dport", s->dport);
	if (s->kind < LAB_DATAGRAM) {
		jw_ku64(j, "seq", s->seq);
		if (s->flags & LAB_FLAG_ACK)
			jw_ku64(j, "ack", s->ack);
		jw_ku64(j, "window", s->window);
	}
	jw_ku64(j, "len", s->len);
	if (s->again > 0)
		jw_ku64(j, "again", s->again);
	buf_done(&flags);
}

static void
json_log(struct json *j, const struct lab_log *l)
{
	jw_object(j);
	if (l->is_call) {
		jw_kstring(j, "by", l->call.who);
		jw_kstring(j, "call", l->call.text);
		jw_kstring(j, "result", l->call.result);
		if (l->call.error != 0)
			jw_ku64(j, "errno", (uint64_t)l->call.error);
		if (l->call.wrong)
			jw_kbool(j, "unexpected", true);
	} else
		json_segment(j, &l->segment);
	jw_object_end(j);
}

static void
json_step(struct buf *b, const struct lab_lesson *l, const struct lab_event *ev,
    const struct lab_log *log, size_t nlog)
{
	struct json j;
	size_t i;

	jw_init(&j, b);
	jw_object(&j);
	jw_kstring(&j, "lesson", l->name);
	jw_ku64(&j, "step", ev->step + 1);
	jw_kstring(&j, "title", l->step[ev->step].title);
	jw_kbool(&j, "ok", ev->ok);
	if (!ev->ok)
		jw_kstring(&j, "wrong", ev->text);
	jw_ku64(&j, "held", ev->held);
	jw_key(&j, "log");
	jw_array(&j);
	for (i = 0; i < nlog; i++)
		json_log(&j, &log[i]);
	jw_array_end(&j);
	jw_key(&j, "sockets");
	jw_array(&j);
	for (i = 0; i < ev->n; i++)
		json_sock(&j, ev, &ev->sock[i]);
	jw_array_end(&j);
	jw_object_end(&j);
}

static void
json_begin(
    struct buf *b, const struct lab_lesson *l, const struct lab_event *ev)
{
	buf_printf(b,
	    "{\"lesson\":\"%s\",\"pid\":{\"client\":%d,\"server\":%d},"
	    "\"steps\":[\n",
	    l->name, ev->pid[LAB_CLIENT], ev->pid[LAB_SERVER]);
}

/* -- both ----------------------------------------------------------------- */

int
out_lab_open(struct out_lab *o)
{
	struct buf b = { 0 };

	if (as_json(o->args))
		buf_puts(&b, "{\"schema\":1,\"lessons\":[\n");
	return put_out(o->file, o->args, &b);
}

int
out_lab_begin(
    struct out_lab *o, const struct lab_lesson *l, const struct lab_event *ev)
{
	struct buf b = { 0 };

	if (as_json(o->args)) {
		if (o->lessons > 0)
			buf_puts(&b, ",\n");
		json_begin(&b, l, ev);
	} else {
		buf_printf(&b, "%s%s\n%s. %s.\n", o->lessons > 0 ? "\n\n" : "",
		    l->title, l->about, l->source);
		buf_printf(&b,
		    "The client is process %d, the server process %d.\n",
		    ev->pid[LAB_CLIENT], ev->pid[LAB_SERVER]);
	}
	o->lessons++;
	o->steps = 0;
	return put_out(o->file, o->args, &b);
}

int
out_lab_step(struct out_lab *o, const struct lab_lesson *l,
    const struct lab_event *ev, const struct lab_log *log, size_t nlog)
{
	struct buf b = { 0 };

	if (as_json(o->args)) {
		if (o->steps++ > 0)
			buf_puts(&b, ",");
		json_step(&b, l, ev, log, nlog);
		buf_putc(&b, '\n');
	} else
		put_step(&b, l, ev, log, nlog);
	return put_out(o->file, o->args, &b);
}

int
out_lab_end(struct out_lab *o)
{
	struct buf b = { 0 };

	if (as_json(o->args))
		buf_puts(&b, "]}\n");
	return put_out(o->file, o->args, &b);
}

int
out_lab_close(struct out_lab *o)
{
	struct buf b = { 0 };

	if (as_json(o->args))
		buf_puts(&b, "]}\n");
	return put_out(o->file, o->args, &b);
}
