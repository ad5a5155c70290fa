/* SPDX-License-Identifier: ISC */
#ifndef ACT_RIGHTS_H
#define ACT_RIGHTS_H

#include "model/act.h"

/* From the capabilities this process has and its user; nothing is tried. The
 * sentences are the caller's (act_rights_done()). */
void rights_read(struct act_rights *, bool readonly, bool recording);

#endif
