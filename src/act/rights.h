/* SPDX-License-Identifier: ISC */
#ifndef ACT_RIGHTS_H
#define ACT_RIGHTS_H

#include "model/act.h"

/* From the capabilities this process has and its user; nothing is tried. The
 * sentences are the caller's (act_rights_done()). */
void rights_read(struct act_rights *, bool readonly, bool recording);

/* Lays down, in this thread and those it starts, the right to signal others'
 * processes: only a helper takes it up again. readonly: for good. */
void rights_lower(bool readonly);

#endif
