/* SPDX-License-Identifier: ISC */
#ifndef UI_PANE_QUESTION_H
#define UI_PANE_QUESTION_H

#include "ui/question.h"

/* A question in two: what it knows (question.c) and the pane that shows it
 * (pane_question.c). For these two alone. */
#define QUESTION_SETTLE_NS UINT64_C(500000000)
#define QUESTION_TYPED_MAX 10
#define QUESTION_TOO_QUICK "That was too quick to have been read: once more."

struct question_choice {
	char *name, *label, *what, *refused;
	char *word; /* to be typed, or NULL */
	int id;
};
struct question_item {
	size_t at; /* in list.item */
	int id;
};
struct question {
	struct ui *ui;
	struct pane *pane;
	const struct question_ops *ops;
	void *arg;
	char *title;
	struct prose list;
	struct question_item *item;
	size_t nitems, items_cap;
	int item_id; /* the marked one's */
	char *sentence;
	char *why, *leave;
	struct question_choice choice[3];
	size_t n, at;      /* choices; the marked one, n: to leave */
	uint64_t shown_ns; /* when all of it was on the screen; 0: not yet */
	char typed[QUESTION_TYPED_MAX];
	size_t ntyped;
	char *said; /* about the last key, or NULL */
};

void question_free(struct question *);
/* What must be typed for the marked choice, or NULL. */
const char *question_word(const struct question *);
void question_say(struct question *, const char *);
/* It was read: an answer counts. */
bool question_is_armed(const struct question *);

#endif
