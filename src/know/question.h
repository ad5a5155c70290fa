/* SPDX-License-Identifier: ISC */
#ifndef KNOW_QUESTION_H
#define KNOW_QUESTION_H

/*
 * What people who learn about ports ask, answered, each with a command to
 * run. Paragraphs and commands are divided by "\n", see by ", ".
 */
struct question {
	const char *ask;
	const char *answer;
	const char *run;
	const char *see;
	const char *source;
};

extern const struct question questions[]; /* ask == NULL ends it */

#endif
