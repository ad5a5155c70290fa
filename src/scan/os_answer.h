/* SPDX-License-Identifier: ISC */
#ifndef SCAN_OS_ANSWER_H
#define SCAN_OS_ANSWER_H

#include "model/os_guess.h"
#include "scan/packet.h"

/* What a packet says of who sent it. sent_seq is left as it is. */
void os_answer_take(struct os_answer *, const struct packet *, uint64_t at_us);

#endif
