/* SPDX-License-Identifier: ISC */
#ifndef MODEL_EXPLAIN_LINES_H
#define MODEL_EXPLAIN_LINES_H

#include "model/explain.h"

/* Between the files that answer words. */

/* One more answer; valid until the next. Name and title are taken over. */
struct explain_answer *explain_add(
    struct explain *, enum explain_kind, char *name, char *title);
void explain_heading(struct explain_answer *, const char *);
void explain_text(struct explain_answer *, const char *label, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* Paragraphs divided by "\n", the first with the label; NULL: nothing. */
void explain_paragraphs(struct explain_answer *, enum explain_part,
    const char *label, const char *list);
/* The usual end: commands, see also, source; each may be NULL. */
void explain_end(struct explain_answer *, const char *run, const char *see,
    const char *source);

/* explain_port.c: "22/tcp ssh: what it is; encrypted [source]" */
void explain_put_service(struct buf *, const struct service *);
/* whether the word was answered; -EINVAL and a sentence. */
int explain_port(
    struct explain *, const char *, const struct explain_here *, char **cause);
bool explain_service(
    struct explain *, const char *, const struct explain_here *);

/* explain_use.c: sockets with these ports, and of this state. */
void explain_use_port(struct explain_answer *, const struct explain_port *,
    const struct explain_here *);
void explain_use_state(
    struct explain_answer *, enum sock_state, const struct explain_here *);

#endif
