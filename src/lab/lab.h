/* SPDX-License-Identifier: ISC */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <stddef.h>

#include "model/lab.h"

/*
 * The classroom, as the program sees it: a process that directs the lessons,
 * in namespaces that end with it. Commands go in, events come out; nothing
 * waits for either.
 */
extern const struct lab_lesson *const lab_lessons[]; /* NULL ends it */
extern const size_t lab_nlessons;

/* Reading the hosts' sockets is another room's work; called in the director's
 * process. spec is as for -N. Fills at most max; *n: how many there are. */
struct lab_env {
	int (*read)(void *arg, const char *spec, struct sock_rec *, size_t max,
	    size_t *n, char **cause);
	void *arg;
};

struct lab;
/* After enter_room(), while there is one thread. */
int lab_start(struct lab **ret, const struct lab_env *, char **cause);
void lab_stop(struct lab *);    /* NULL is fine; all of it is gone afterwards */
int lab_fd(const struct lab *); /* readable: lab_take() has something */
/* A lesson from its beginning; ends the one under way. 0 or -errno. */
int lab_begin(struct lab *, size_t lesson);
int lab_next(struct lab *); /* the next step; ignored while one runs */
/* 1: an event; 0: none now; -errno: the director is gone. */
int lab_take(struct lab *, struct lab_event *);

#endif
