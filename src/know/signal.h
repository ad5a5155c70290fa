/* SPDX-License-Identifier: ISC */
#ifndef KNOW_SIGNAL_H
#define KNOW_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Every signal there is, and what it does to a process: for menus, questions
 * and -s. Facts are signal(7)'s, which gives POSIX.1-2001 and the kernel's
 * own as their source. Numbers are this machine's (they differ between
 * architectures).
 */
enum signal_action {
	SIGNAL_TERM, /* ends the process */
	SIGNAL_CORE, /* ends it and writes a core file, where one may be */
	SIGNAL_STOP, /* halts it until SIGCONT */
	SIGNAL_CONT, /* a halted one goes on */
	SIGNAL_IGN   /* nothing */
};

struct signal_fact {
	int number;
	const char *name;          /* "TERM" */
	enum signal_action action; /* unless the program does otherwise */
	bool catchable;     /* the program can do otherwise, or nothing */
	const char *brief;  /* one sentence */
	const char *source; /* "signal(7)" */
};
extern const struct signal_fact signal_facts[]; /* name NULL ends it */
#define SIGNAL_NAME_MAX 12

/*
 * The number, or 0: "TERM", "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-1".
 * Nothing else: no sign, no blanks, no 0, nothing beyond SIGRTMAX.
 */
int signal_parse(const char *);
/* "TERM", "RTMIN+3" into a buffer of SIGNAL_NAME_MAX bytes; the number as
 * text for one without a name. */
char *signal_name(char *, int number);
/* The fact, or the one of real-time signals, or NULL: no such signal. */
const struct signal_fact *signal_fact(int number);
/* The nearest name for "did you mean", or NULL. */
const char *signal_nearest(const char *);
/* "ends the process", "ends it and writes a core file", .. */
const char *signal_action_text(enum signal_action);
/* The number at a place of the menu: the usual ones first, then all others
 * by number, real-time signals last; 0: no more. */
int signal_menu(size_t at);

#endif
