/* SPDX-License-Identifier: ISC */
/*
 * Lessons without a screen: each step as it is over, with what went over the
 * wire and the sockets as the kernel tells them.
 */
#include "config.h"

#include "app/lab_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "cli/out.h"

struct run {
	const struct args *args;
	struct lab *lab;
	struct lab_event ev;
	struct lab_log *log; /* of the step */
	size_t nlog, log_cap;
	struct out_lab out;
	bool many;    /* one that is not to be had here is left out */
	bool as_told; /* each step came out as the lesson says */
};

/* A line with the same id is the same thing, with more known of it. */
static void
keep(struct run *r, const struct lab_log *line)
{
	size_t i;

	for (i = 0; i < r->nlog; i++)
		if (r->log[i].id == line->id) {
			r->log[i] = *line;
			return;
		}
	r->log = array_grow(r->log, &r->log_cap, r->nlog + 1, sizeof(*r->log));
	r->log[r->nlog++] = *line;
}

/* The next event that is no line of the log; 1, or -errno. */
static int
next_event(struct run *r)
{
	struct pollfd p = { .fd = lab_fd(r->lab), .events = POLLIN };
	int got;

	for (;;) {
		got = lab_take(r->lab, &r->ev);
		if (got < 0)
			return got;
		if (got == 0)
			(void)poll(&p, 1, -1);
		else if (r->ev.type == LAB_EV_LOG)
			keep(r, &r->ev.log);
		else
			return 1;
	}
}

/* Until a line comes, and the wire works on. -EINTR: none comes any more. */
static int
pause_for_line(struct run *r)
{
	struct pollfd p[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = lab_fd(r->lab), .events = POLLIN } };
	char c;
	ssize_t n;
	int got;

	for (;;) {
		if (poll(p, nitems(p), -1) < 0 && errno != EINTR)
			return -errno;
		while ((got = lab_take(r->lab, &r->ev)) > 0)
			if (r->ev.type == LAB_EV_LOG)
				keep(r, &r->ev.log);
		if (got < 0)
			return got;
		if (p[0].revents == 0)
			continue;
		n = read(STDIN_FILENO, &c, 1);
		if (n == 0 || (n < 0 && errno != EINTR))
			return -EINTR;
		if (n > 0 && c == '\n')
			return 0;
	}
}

static int
flush(int r)
{
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r < 0)
		out_error("cannot write standard output: %s", strerror(-r));
	return r;
}

/* 0; -EPIPE and the like: it was said. */
static int
one_step(struct run *r, const struct lab_lesson *l)
{
	int got;

	if (lab_next(r->lab) < 0)
		return -ESRCH;
	do {
		if ((got = next_event(r)) < 0)
			return got;
	} while (r->ev.type == LAB_EV_BEGIN);
	if (r->ev.type == LAB_EV_FAILED) {
		out_error("lab: %s", r->ev.text);
		return -EPROTO;
	}
	r->as_told &= r->ev.ok;
	got = flush(out_lab_step(&r->out, l, &r->ev, r->log, r->nlog));
	r->nlog = 0;
	return got < 0 ? -EPROTO : 0;
}

static int
one_lesson(struct run *r, size_t lesson)
{
	const struct lab_lesson *l = lab_lessons[lesson];
	size_t i;
	int got;

	if (lab_begin(r->lab, lesson) < 0 || next_event(r) < 0)
		return -ESRCH;
	if (r->ev.type == LAB_EV_FAILED) {
		out_error("lab: %s: %s", l->name, r->ev.text);
		return r->ev.ok && r->many ? 0 : -EPROTO;
	}
	if (flush(out_lab_begin(&r->out, l, &r->ev)) < 0)
		return -EPROTO;
	for (i = 0; i < l->nsteps; i++) {
		if (r->args->lab_pause && (got = pause_for_line(r)) < 0)
			return got;
		if ((got = one_step(r, l)) < 0)
			return got;
		/* What follows relies on it. */
		if (!r->as_told)
			break;
	}
	/* The hosts are there until it is left. */
	if (r->args->lab_pause && (got = pause_for_line(r)) < 0)
		return got;
	return flush(out_lab_end(&r->out)) < 0 ? -EPROTO : 0;
}

int
lab_run(const struct args *a, struct lab *lab, size_t first, size_t last)
{
	struct run *r = xcalloc(1, sizeof(*r));
	int got, status = STATUS_OK;
	size_t i;

	(void)signal(SIGPIPE, SIG_DFL); /* whoever stops reading ends us */
	r->args = a;
	r->lab = lab;
	r->as_told = true;
	r->many = last - first > 1;
	r->out = (struct out_lab){ .file = stdout, .args = a };
	got = flush(out_lab_open(&r->out));
	for (i = first; i < last && got == 0 && r->as_told; i++)
		got = one_lesson(r, i);
	if (got == 0)
		got = flush(out_lab_close(&r->out));
	if (got == -EINTR)
		status = STATUS_INTERRUPTED;
	else if (got < 0 || !r->as_told)
		status = STATUS_FAILED;
	if (got == -ESRCH)
		out_error("lab: its process ended unexpectedly");
	free(r->log);
	free(r);
	return status;
}
