/* SPDX-License-Identifier: ISC */
#ifndef UI_PANES_H
#define UI_PANES_H

#include <stddef.h>

#include "ui/pane.h"

/* The panes that commands open; each is in pane_NAME.c. */
extern const struct pane_ops pane_detail_ops, pane_help_ops, pane_menu_ops,
    pane_setup_ops, pane_closed_ops, pane_diff_ops, pane_explain_ops,
    pane_alerts_ops, pane_answer_ops, pane_pressure_ops, pane_why_ops;

/* Opens it, or closes it when it is open. */
void pane_detail_toggle(struct ui *);
void pane_closed_toggle(struct ui *);
void pane_alerts_toggle(struct ui *);
void pane_explain_toggle(struct ui *);
void pane_pressure_toggle(struct ui *);
/* Forgets those that are closed now. */
void pane_closed_clear(struct ui *);
void pane_diff_toggle(struct ui *);
/* Remembers what is there now, instead of the baseline before. */
void pane_diff_mark(struct ui *);
/* At a word: a command, a key, a column; NULL: from the top. */
void pane_help_open(struct ui *, const char *word);
/* What words mean, see explain_ask(). 0; -errno and a sentence: not known, not
 * opened. With 0 a sentence too, if only a part is known. */
int pane_answer_open(
    struct ui *, const char *const *word, size_t n, char **cause);
/* Whether a port can be bound: as typed; NULL: the selected socket's, or asked
 * for at a prompt. 0, or -errno and a sentence. */
int pane_why_open(struct ui *, const char *text, char **cause);
/* What answers behind the port that is selected among a scan's results. 0, or
 * -errno and a sentence. */
int pane_service_open(struct ui *, char **cause);
void pane_setup_open(struct ui *);
/* What the keys do in it: "up", "down" (the column's place), "default",
 * "save". False: nothing of that name. */
bool pane_setup_item(struct ui *, const char *what);

#endif
