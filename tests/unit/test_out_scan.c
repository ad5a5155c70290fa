/* SPDX-License-Identifier: ISC */
/*
 * Recorded events of scans in, every output out, compared with what is
 * expected (tests/golden/scan). With GOLDEN_ACCEPT in the environment the
 * expectations are written anew: look at the diff.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out_scan.h"
#include "model/scan_wire.h"

#define BEGAN 1795748886 /* 2026-11-27 03:08:06 UTC */

struct test {
	const char *events, *args, *form, *expected;
};

static const struct {
	const char *name;
	const struct out_scan_form *form;
} forms[] = { { "text", &out_scan_text }, { "xml", &out_scan_xml },
	{ "grep", &out_scan_grepable }, { "json", &out_scan_json },
	{ "jsonl", &out_scan_jsonl } };

static char *
path_of(const char *name)
{
	const char *src = getenv("SRCDIR");
	char *path;

	xasprintf(
	    &path, "%s/tests/golden/scan/%s", src != NULL ? src : ".", name);
	return path;
}

static char *
read_all(const char *name, size_t *len)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "r");
	struct buf b = { 0 };
	size_t n;

	if (f == NULL)
		fail_msg("%s cannot be read", path);
	free(path);
	do {
		n = fread(buf_reserve(&b, 4096), 1, 4096, f);
		b.len += n;
	} while (n > 0);
	(void)fclose(f); /* only read */
	*len = b.len;
	buf_puts(&b, "");
	return buf_steal(&b);
}

static void
accept(const char *name, const struct buf *b)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
	free(path);
}

/* A word a blank, after "sockdeck scan". */
static void
parse(struct args *a, const char *words)
{
	static char copy[256];
	static char *argv[32];
	int argc = 0;
	char *save, *cause;

	snprintf(copy, sizeof(copy), "sockdeck scan %s", words);
	for (argv[argc] = strtok_r(copy, " ", &save); argv[argc] != NULL;)
		argv[++argc] = strtok_r(NULL, " ", &save);
	if (args_parse(a, argc, argv, NULL, &cause) != STATUS_OK)
		fail_msg("%s: %s", words, cause);
}

struct run {
	struct args args;
	struct scan_report *report;
	struct out_scan out;
	struct out_scan_view view;
	struct scan_ports ports;
	struct buf text;
};

static void
feed(struct run *r, struct scan_event *e)
{
	struct report_host *h;
	unsigned how;

	(void)scan_report_feed(r->report, e);
	if (e->type == SCAN_EV_TARGET && e->target.error[0] != '\0')
		r->view.unresolved++;
	if (e->type == SCAN_EV_START)
		out_scan_begin(&r->out, &r->view);
	out_scan_event(&r->out, &r->view, e);
	how = out_scan_how(&r->view);
	if (e->type != SCAN_EV_HOST_END &&
	    (e->type != SCAN_EV_HOST || (how & (SCAN_PING | SCAN_LIST)) == 0))
		return;
	h = scan_report_host(r->report, &e->addr);
	assert_non_null(h);
	if (h->name == NULL && h->order == 1)
		scan_report_rdns(h, "found.example");
	out_scan_host(&r->out, &r->view, h);
}

static void
feed_all(struct run *r, const char *name)
{
	struct scan_event e;
	char *text, *line, *save, *cause = NULL;
	size_t len, i;

	text = read_all(name, &len);
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (scan_event_parse(line, strlen(line), &e, &cause) != 0)
			fail_msg("%s: %s: %s", name, line, cause);
		feed(r, &e);
		r->view.took_us = e.t_us;
	}
	free(text);
	scan_report_sort(r->report);
	r->view.over = r->report->end.type == SCAN_EV_END
			   ? OUT_SCAN_OVER_DONE
			   : OUT_SCAN_OVER_STOPPED;
	for (i = 0; i < r->report->nhost; i++)
		if (!r->report->host[i]->ended &&
		    r->report->start.start.ports > 0)
			out_scan_host(&r->out, &r->view, r->report->host[i]);
	out_scan_end(&r->out, &r->view);
}

static void
run(const struct test *t)
{
	struct run r = { 0 };
	const char *name;
	char *data = NULL;
	size_t i, len;
	FILE *f = open_memstream(&data, &len);

	parse(&r.args, t->args);
	r.report = scan_report_new();
	r.view = (struct out_scan_view){ .args = &r.args,
		.report = r.report,
		.ports = &r.ports,
		.command = "sockdeck scan",
		.began_s = BEGAN,
		.verbose = r.args.scan.verbose,
		.list_closed = r.args.scan.verbose >= 2 };
	r.report->keep_closed = r.view.list_closed || r.args.format == OUT_JSON;
	portset_add_range(&r.ports.tcp, 20, 25);
	(void)portset_add(&r.ports.tcp, 80);
	(void)portset_add(&r.ports.udp, 53);
	for (i = 0; i < nitems(forms); i++)
		if (strcmp(forms[i].name, t->form) == 0)
			out_scan_add(&r.out, f, "memory", forms[i].form,
			    r.args.colour == 1);
	assert_int_equal(r.out.n, 1);
	feed_all(&r, t->events);
	assert_int_equal(out_scan_flush(&r.out, &name), 0);
	assert_int_equal(fclose(f), 0);
	r.text = (struct buf){ .data = data, .len = len, .cap = len };
	if (getenv("GOLDEN_ACCEPT") != NULL)
		accept(t->expected, &r.text);
	else {
		char *want = read_all(t->expected, &len);

		if (strcmp(want, data) != 0)
			fail_msg("%s: got\n%s", t->expected, data);
		free(want);
	}
	free(data);
	out_scan_done(&r.out);
	scan_report_free(r.report);
	args_done(&r.args);
}

static void
test_golden(void **state)
{
	static const struct test t[] = {
		{ "local.jsonl", "x", "text", "local.text" },
		{ "local.jsonl", "x --colour always", "text", "colour.text" },
		{ "local.jsonl", "x -v --open", "text", "open.text" },
		{ "local.jsonl", "x", "xml", "local.xml" },
		{ "local.jsonl", "x", "grep", "local.gnmap" },
		{ "local.jsonl", "x --json", "json", "local.json" },
		{ "local.jsonl", "x --jsonl", "jsonl", "local.lines" },
		{ "net.jsonl", "x", "text", "net.text" },
		{ "net.jsonl", "x --reason -vv", "text", "reason.text" },
		{ "net.jsonl", "x", "xml", "net.xml" },
		{ "net.jsonl", "x", "grep", "net.gnmap" },
		{ "net.jsonl", "x --json", "json", "net.json" },
		{ "ping.jsonl", "x", "text", "ping.text" },
		{ "ping.jsonl", "x -v --reason", "text", "ping-v.text" },
		{ "ping.jsonl", "x -v", "xml", "ping.xml" },
		{ "ping.jsonl", "x", "grep", "ping.gnmap" },
		{ "list.jsonl", "x", "text", "list.text" },
		{ "list.jsonl", "x", "xml", "list.xml" },
		{ "list.jsonl", "x", "grep", "list.gnmap" },
		{ "list.jsonl", "x --json", "json", "list.json" },
		{ "down.jsonl", "x", "text", "down.text" },
		{ "downs.jsonl", "x", "text", "downs.text" },
		{ "cut.jsonl", "x", "text", "cut.text" },
		{ "cut.jsonl", "x", "xml", "cut.xml" },
		{ "cut.jsonl", "x", "grep", "cut.gnmap" },
		{ "cut.jsonl", "x --json", "json", "cut.json" },
		{ "late.jsonl", "x", "text", "late.text" },
		{ "late.jsonl", "x", "xml", "late.xml" },
		{ "late.jsonl", "x", "grep", "late.gnmap" },
		{ "services.jsonl", "x", "text", "services.text" },
		{ "services.jsonl", "x -v --reason", "text",
		    "services-v.text" },
		{ "services.jsonl", "x", "xml", "services.xml" },
		{ "services.jsonl", "x", "grep", "services.gnmap" },
		{ "services.jsonl", "x --json", "json", "services.json" },
		{ "services.jsonl", "x --jsonl", "jsonl", "services.lines" },
		{ "os.jsonl", "x -O", "text", "os.text" },
		{ "os.jsonl", "x -O -v --osscan-guess", "text", "os-v.text" },
		{ "os.jsonl", "x -O", "xml", "os.xml" },
		{ "os.jsonl", "x -O", "grep", "os.gnmap" },
		{ "os.jsonl", "x -O --json", "json", "os.json" },
		{ "os.jsonl", "x -O --jsonl", "jsonl", "os.lines" },
		{ "shut.jsonl", "x --reason", "text", "shut.text" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++)
		run(&t[i]);
}

/* A file that cannot be written is told of once, and the others go on. */
static void
test_full(void **state)
{
	struct out_scan out = { 0 };
	struct args a;
	struct out_scan_view v = { .args = &a, .command = "sockdeck scan" };
	FILE *full = fopen("/dev/full", "w"), *good;
	const char *name = NULL;
	char *data = NULL;
	size_t len;

	(void)state;
	assert_non_null(full);
	good = open_memstream(&data, &len);
	parse(&a, "x");
	v.report = scan_report_new();
	out_scan_add(&out, full, "full", &out_scan_xml, false);
	out_scan_add(&out, good, "good", &out_scan_text, false);
	assert_false(out_scan_waits(&out));
	out_scan_begin(&out, &v);
	assert_true(out_scan_waits(&out));
	assert_true(out_scan_flush(&out, &name) < 0);
	assert_string_equal(name, "full");
	v.over = OUT_SCAN_OVER_STOPPED;
	out_scan_end(&out, &v);
	assert_int_equal(out_scan_flush(&out, &name), 0);
	assert_int_equal(fclose(good), 0);
	assert_non_null(strstr(data, "Interrupted"));
	free(data);
	(void)fclose(full); /* cannot */
	out_scan_done(&out);
	scan_report_free(v.report);
	args_done(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_full),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	text_set_utf8(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
