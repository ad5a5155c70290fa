/* SPDX-License-Identifier: ISC */
/*
 * What differs between two readings, or between one and what was expected.
 * Not to know is not to agree: a file that is cut short, and listeners whose
 * program cannot be seen, make no "the same".
 */
#include "config.h"

#include "app/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/oneshot.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "model/compare.h"
#include "model/expect.h"

#define LISTENING \
	(SOCK_STATE_BIT(SOCK_LISTEN) | SOCK_STATE_BIT(SOCK_UNCONNECTED))

/* A reading that takes part. */
struct part {
	struct args args; /* a selection of its own */
	struct filter *filter;
	struct oneshot one;
	struct out_side out;
};

/* "-" is standard input. */
static const char *
real_path(const char *file)
{
	return strcmp(file, "-") == 0 ? "/dev/stdin" : file;
}

static void
choose(struct request *q, const struct args *a)
{
	oneshot_families(q, a);
}

/* file NULL: the machine, now; or a recording of it. */
static int
part_read(struct part *p, const struct args *a, const char *file, char **cause)
{
	int r;

	if (!a->all)
		p->filter = filter_states(LISTENING);
	p->args.from = file != NULL ? real_path(file) : NULL;
	p->args.netns = file != NULL ? NULL : a->netns;
	p->args.filter = p->filter;
	r = oneshot_open(&p->one, &p->args, NEED_IFACE | NEED_CGROUP, cause);
	if (r != 0)
		return r;
	choose(&p->one.request, a);
	r = oneshot_read(&p->one, cause);
	p->out = (struct out_side){
		.file = file, .snap = p->one.snap, .ctx = &p->one.view.ctx
	};
	return r;
}

static void
part_done(struct part *p)
{
	if (p->one.table != NULL)
		oneshot_close(&p->one);
	filter_free(p->filter);
}

/* Sockets may be missing in it: then it is no proof of anything. */
static bool
has_holes(const struct part *p)
{
	size_t i;

	if ((p->one.snap->flags & SNAP_HOLES) == 0)
		return false;
	for (i = 0; i < p->one.snap->nwarnings; i++)
		out_error("%s%s%s", p->out.file != NULL ? p->out.file : "",
		    p->out.file != NULL ? ": " : "", p->one.snap->warning[i]);
	return true;
}

static int
status_of_print(int r)
{
	if (r == 0)
		return STATUS_OK;
	out_error("cannot write standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

static int
failed(int r, char *cause)
{
	out_error("%s", cause != NULL ? cause : strerror(-r));
	free(cause);
	return r == -EPERM || r == -EACCES ? STATUS_REFUSED : STATUS_FAILED;
}

static int
compare_parts(
    struct part *was, struct part *now, const struct args *a, bool must_know)
{
	struct out out = { .file = stdout, .args = a };
	struct compare c = { 0 };
	bool holes;
	int status;

	compare_side_init(&c.was, &was->one.view);
	compare_side_init(&c.now, &now->one.view);
	compare_run(&c);
	status = status_of_print(out_diff(&out, &c, &was->out, &now->out));
	holes = has_holes(was);
	holes |= has_holes(now);
	if (c.unknown > 0)
		out_error("the program of %zu socket%s is known on one side "
			  "only: not compared",
		    c.unknown, c.unknown == 1 ? "" : "s");
	if (status == STATUS_OK && c.n > 0)
		status = STATUS_NONE;
	else if (status == STATUS_OK && (holes || (must_know && c.unknown > 0)))
		status = STATUS_FAILED;
	compare_done(&c);
	return status;
}

int
diff_main(const struct args *a, const struct config *cfg)
{
	struct part was = { 0 }, now = { 0 };
	char *cause = NULL;
	int r, status;

	(void)cfg;
	if (a->nwords != 2) {
		out_error(a->nwords < 2
			      ? "diff: needs two files: what was, and what is"
			      : "diff: takes two files, no more");
		return STATUS_USAGE;
	}
	if (strcmp(a->word[0], "-") == 0 && strcmp(a->word[1], "-") == 0) {
		out_error("diff: standard input can be one of the two only");
		return STATUS_USAGE;
	}
	r = part_read(&was, a, a->word[0], &cause);
	if (r == 0)
		r = part_read(&now, a, a->word[1], &cause);
	status =
	    r == 0 ? compare_parts(&was, &now, a, false) : failed(r, cause);
	/* A file that we may not read is unreadable, not an act refused. */
	if (status == STATUS_REFUSED)
		status = STATUS_FAILED;
	part_done(&was);
	part_done(&now);
	return status;
}

/* -- list --expect -------------------------------------------------------- */

static int
read_text(const char *file, struct buf *b, char **cause)
{
	int fd = open(real_path(file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd < 0 ? -errno : 0;
	ssize_t n;

	while (r == 0 && b->len <= EXPECT_MAX_BYTES) {
		n = read(fd, buf_reserve(b, 65536), 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		b->len += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd); /* only read */
	if (r != 0)
		xasprintf(cause, "--expect %s: %s", file, strerror(-r));
	return r;
}

/* A document of list --json, or what a person wrote? */
static bool
is_json(const struct buf *b)
{
	size_t i = 0;

	while (i < b->len && strchr(" \t\r\n", b->data[i]) != NULL &&
	       b->data[i] != '\0')
		i++;
	return i < b->len && b->data[i] == '{';
}

static int
against_text(struct part *now, struct expect *want, const struct args *a)
{
	struct out out = { .file = stdout, .args = a };
	const struct out_side side = { .file = a->expect };
	struct compare_side s;
	struct expect_result r;
	int status;

	compare_side_init(&s, &now->one.view);
	expect_run(want, &s, &r);
	status = status_of_print(out_expect(&out, &r, &side, &now->out));
	if (r.unknown > 0)
		out_error("%zu listener%s cannot be verified: the program is "
			  "not to be seen%s%s",
		    r.unknown, r.unknown == 1 ? "" : "s",
		    now->one.snap->remedy != NULL ? ": " : "",
		    now->one.snap->remedy != NULL ? now->one.snap->remedy : "");
	if (status == STATUS_OK && r.n > 0)
		status = STATUS_NONE;
	else if (status == STATUS_OK && (has_holes(now) || r.unknown > 0))
		status = STATUS_FAILED;
	expect_result_done(&r);
	compare_side_done(&s);
	return status;
}

/* Lines of protocols and families that are not looked at say nothing. */
static void
leave_out(struct expect *want, const struct args *a)
{
	struct expect_entry *e;
	bool six, any;
	size_t i;

	for (i = 0; i < want->n; i++) {
		e = &want->entry[i];
		any = e->addr[0] == '*';
		six = strchr(e->addr, ':') != NULL;
		if ((a->tcp != a->udp && (e->proto == SOCK_TCP) != a->tcp) ||
		    (a->v4 != a->v6 && !any && six != a->v6))
			e->optional = true;
	}
}

static int
expect_json(struct part *was, const struct args *a, char **cause)
{
	if (strcmp(a->expect, "-") == 0) {
		xasprintf(cause, "--expect -: lines only; JSON must be a file");
		return -EINVAL;
	}
	return part_read(was, a, a->expect, cause);
}

static int
expect_text(struct expect *want, const struct buf *text, const struct args *a,
    char **cause)
{
	char *why = NULL;
	int r;

	r = expect_parse(
	    want, text->len > 0 ? text->data : "", text->len, &why);
	if (r == 0)
		leave_out(want, a);
	else
		xasprintf(cause, "--expect %s: %s", a->expect, why);
	free(why);
	return r;
}

int
expect_main(const struct args *a, const struct config *cfg)
{
	struct part was = { 0 }, now = { 0 };
	struct expect want = { 0 };
	struct buf text = { 0 };
	char *cause = NULL;
	bool json;
	int r, status;

	(void)cfg;
	r = read_text(a->expect, &text, &cause);
	json = r == 0 && is_json(&text);
	if (json)
		r = expect_json(&was, a, &cause);
	else if (r == 0)
		r = expect_text(&want, &text, a, &cause);
	if (r != 0) {
		out_error("%s", cause);
		free(cause);
		status = STATUS_FAILED;
	} else if ((r = part_read(&now, a, a->from, &cause)) != 0)
		status = failed(r, cause);
	else
		status = json ? compare_parts(&was, &now, a, true)
			      : against_text(&now, &want, a);
	part_done(&was);
	part_done(&now);
	expect_done(&want);
	buf_done(&text);
	return status;
}
