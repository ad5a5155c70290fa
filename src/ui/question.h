/* SPDX-License-Identifier: ISC */
#ifndef UI_QUESTION_H
#define UI_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/pane.h"
#include "ui/prose.h"

/*
 * A question before something is done that cannot be undone: a popup that
 * lists what will be hit, says what each choice does, and takes all keys and
 * the mouse until it is answered or left. While it is open the table keeps
 * its order.
 *
 * No accident says yes: an answer counts only if it came alone (not in a
 * paste, nor in a burst that looks like one), half a second after all of the
 * question was on the screen, and from the keyboard.
 */
struct question;
struct question_ops {
	/* Answered; the question is open still, and asks nothing until
	 * question_ask() is called anew. */
	void (*answer)(struct question *, int id);
	/* The thing that is marked in the list is taken off or put back. May
	 * be NULL: the list is all or nothing. */
	void (*toggle)(struct question *, int id);
	/* It was left or answered and is closed; arg may go. */
	void (*closed)(struct ui *, void *arg);
	/* Time passed: see ui_wake(). May be NULL. */
	void (*tick)(struct question *, uint64_t now_ns);
	/* A reading was merged. May be NULL. */
	void (*changed)(struct question *);
};

/* Opens it, in the place of one that is open. Text is copied. */
struct question *question_open(
    struct ui *, const char *title, const struct question_ops *, void *arg);
void question_close(struct question *);
void *question_arg(const struct question *);
struct ui *question_ui(const struct question *);
void question_title(struct question *, const char *);

/* The list, emptied: fill it. What is asked stays as it is. */
struct prose *question_list(struct question *);

/* The heading added to the list last is a thing by itself: Up and Down go from
 * one to the next, the command `leave-out` gives its id to toggle(). */
void question_item(struct question *, int id);

/*
 * Asks: the sentence, without choices yet. Whatever was pressed before does
 * not answer it. Without a choice that can be had there is nothing but to
 * leave.
 */
void question_ask(struct question *, const char *sentence);
/* name: what the command `answer` takes; refused: why it cannot be had, or
 * NULL. label as in "send TERM", what: the sentence after it, or NULL. */
void question_choice(struct question *, const char *name, int id,
    const char *label, const char *what, const char *refused);
/* The choice added last takes more than its key: this word (digits, or small
 * letters), then Enter. */
void question_typed(struct question *, const char *word);
/* What leaving means, instead of "leave everything alone" or "close". */
void question_leave(struct question *, const char *);
/* A warning, beneath the sentence. */
void question_why(struct question *, const char *);

/* The one that is open, if it is of this kind; or NULL. */
struct question *question_find(const struct ui *, const struct question_ops *);
bool question_is_open(const struct ui *);
/* And there is something to say yes to. */
bool question_asks(const struct ui *);
/* The command `answer`: NULL: the choice that is marked. 0, or -errno and a
 * sentence. */
int question_answer(struct ui *, const char *name, char **cause);
/* The command `leave-out`. */
void question_toggle(struct ui *);
/* An answer came among other keys: it does not count. */
void question_crowd(struct ui *);

extern const struct pane_ops pane_question_ops;

#endif
