/* SPDX-License-Identifier: ISC */
#ifndef PROBE_ASK_H
#define PROBE_ASK_H

#include "probe/line.h"

/*
 * Conversations of one question and one answer, as tables: what greets, what is
 * asked, in which forms the answers are. A talk_ops has ask_begin, ask_input and
 * ask_state bytes; its struct ask is found by its name.
 */
struct ask {
	const char *name; /* talk_ops.name */
	/* Of the first line that is not empty; NULL: nothing greets. */
	const struct line_form *greets;
	size_t ngreets;
	/* NULL: nothing is asked. NUL bytes: send_len; 0: its length. */
	const char *send;
	size_t send_len;
	bool last; /* as struct talk's */
	/* Of a line of the answer, one of them not `more`. */
	const struct line_form *answers;
	size_t nanswers;
	/* The form of its last line. NULL: the first line that says which
	 * protocol it is, which is the first of all. */
	const char *until;
};
struct ask_state {
	size_t at;
	bool sure;
};

enum talk_verdict ask_judge(struct talk *, const struct ask *);
void ask_say(struct talk *, const struct ask *);
/* Of a table. */
const struct ask *ask_find(const struct ask *, size_t n, const char *name);

#endif
