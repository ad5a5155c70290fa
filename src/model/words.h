/* SPDX-License-Identifier: ISC */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include <stdint.h>

#include "base/buf.h"

/* Quantities as parts of a sentence. */
void words_bytes(struct buf *, uint64_t); /* "1.2K bytes", "1 byte" */
void words_time(struct buf *, uint64_t ns);
void words_count(struct buf *, uint64_t, const char *one, const char *many);
void words_share(struct buf *, uint64_t part, uint64_t whole); /* "7.1 %" */

#endif
