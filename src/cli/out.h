/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdio.h>

#include "cli/args.h"
#include "model/knock.h"
#include "model/leak.h"
#include "model/pressure.h"
#include "model/view.h"

/* One way to print a view. The only files in cli that print are out_*.c. */
struct out {
	FILE *file;
	const struct args *args;
	const struct column_set *columns;
	const struct snap *snap; /* head: host, warnings, hidden owners */
	/* -s alone: of all sockets; else NULL. */
	const struct pressure_view *pressure;
	const struct leaks *leaks;
	bool colour;
	unsigned reading; /* 0, 1, .. with --watch */
};

struct out_ops {
	const char *name;
	enum output_format format;
	unsigned need; /* beyond what the columns need */
	int (*print)(struct out *, const struct view *); /* 0 or -errno */
};

extern const struct out_ops out_text, out_json, out_jsonl, out_csv, out_summary,
    out_summary_json;
const struct out_ops *out_find(enum output_format);

/* Rows to print: the view's, or fewer with --limit. */
size_t out_rows(const struct out *, const struct view *);

/* In a locale that is not UTF-8, plain ASCII is written: some terminals take
 * the bytes of UTF-8 for controls. Rewrites what was put from `at` on. */
void out_ascii(struct buf *, size_t at);

/* All of it, in a form that any terminal of this locale takes (json: still
 * JSON); it is empty then. 0 or -errno. */
int out_put(FILE *, struct buf *, bool json);

/* Text in a line that ends in column `from` now: from column `at` on, or after
 * a blank where that is passed; wrapped at blanks before column `width`. A
 * newline at the end. */
#define OUT_WIDTH 79
void out_wrapped(
    struct buf *, size_t at, size_t from, size_t width, const char *text);
/* The same of JSON: \uNNNN. */
void out_json_ascii(struct buf *);

/* free: what it found, in the form args say. 0 or -errno. */
struct freeport;
struct free_answer {
	const uint16_t *port;
	size_t n, wanted;
	const struct freeport *how; /* what was passed over */
	const char *netns;          /* name of the namespace, or NULL */
};
int out_free(FILE *, const struct args *, const struct free_answer *);
/* On standard error: that there are fewer than wanted, and why. */
void out_free_too_few(const struct free_answer *);

/* list --events: the line of titles, and one event. 0 or -errno; neither
 * flushes. */
struct feed_event;
int out_events_titles(struct out *);
int out_event(struct out *, const struct feed_event *, const struct view_ctx *);
/* lab: the lessons; lessons one after the other, each step as it is over.
 * 0 or -errno. */
struct lab_event;
struct lab_lesson;
struct lab_log;
struct out_lab {
	FILE *file;
	const struct args *args;
	size_t lessons, steps; /* printed so far */
};
int out_lab_list(FILE *, const struct args *, const struct lab_lesson *const *);
int out_lab_open(struct out_lab *);
int out_lab_begin(
    struct out_lab *, const struct lab_lesson *, const struct lab_event *);
int out_lab_step(struct out_lab *, const struct lab_lesson *,
    const struct lab_event *, const struct lab_log *, size_t nlog);
int out_lab_end(struct out_lab *);
int out_lab_close(struct out_lab *);

/* knock: before the first, after each, after the last. 0 or -errno. */
int out_knock_begin(FILE *, const struct args *, const struct knock *);
int out_knock_port(FILE *, const struct args *, const struct knock_port *);
int out_knock_end(FILE *, const struct args *, const struct knock *);
/* kill, close: what would be hit and what would follow, to f; the question,
 * to standard error (word: what must be typed, or NULL); what became of each
 * target, in the form args say: 0 or -errno. */
struct act;
int out_act_plan(FILE *, const struct act *); /* 0 or -errno */
void out_act_ask(const struct act *, const char *word);
int out_act_result(FILE *, const struct args *, const struct act *);

/* diff and list --expect: what differs. One side's file or reading. 0 or
 * -errno; flushes. */
struct compare;
struct expect_result;
struct out_side {
	const char *file;        /* NULL: the machine */
	const struct snap *snap; /* NULL: no reading */
	struct view_ctx *ctx;
};
int out_diff(struct out *, const struct compare *, const struct out_side *was,
    const struct out_side *now);
int out_expect(struct out *, const struct expect_result *,
    const struct out_side *want, const struct out_side *now);

/* One line on standard error, "sockdeck: ..", cleaned: foreign text in it
 * does no harm. */
void out_error(const char *, ...) __attribute__((format(printf, 1, 2)));
/* The same of several lines (a filter's caret), which are clean already. */
void out_error_lines(const char *);
/* What the reading could not tell, each once: warnings, hidden owners. */
void out_notes(const struct snap *);

/* --help and the help command (name NULL: all of it), --list-columns,
 * --version, into file. */
void out_help(FILE *, const struct command_def *);
void out_columns(FILE *);
void out_version(FILE *);

struct explain;
struct explain_form {
	bool json, colour;
	size_t width; /* columns of a line of text */
};
/* Answers of `explain`; its list of services. 0 or -errno. */
int out_explain(FILE *, const struct explain *, const struct explain_form *);
struct service;
int out_services(FILE *, const struct service *const *, size_t n,
    const struct explain_form *);

/* why: the report, as text or JSON. 0 or -errno. */
struct conflict_report;
int out_why(FILE *, const struct args *, const struct conflict_report *);

#endif
