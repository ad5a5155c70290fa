/* SPDX-License-Identifier: ISC */
#ifndef PROBE_TALK_BIN_H
#define PROBE_TALK_BIN_H

#include "probe/talk.h"

/* What conversations of binary protocols share: BER, UTF-16, the challenge of
 * NTLM. */

/* More is needed: TALK_MORE, or TALK_NOT where nothing more will come. */
enum talk_verdict talk_need(const struct talk *);
/* Is what came so far the beginning of these bytes, or the other way round? */
bool talk_starts(const struct talk *, const void *, size_t);
/* Where these bytes are in p[0..n), or NULL. */
const uint8_t *bytes_find(
    const uint8_t *p, size_t n, const void *what, size_t len);
uint64_t cursor_be64(struct talk_cursor *);

/* -- BER (X.690): definite lengths, tags of one byte ----------------------- */

/* The next element: its tag, body its contents; 0: none, or not whole. */
uint8_t ber_next(struct talk_cursor *, struct talk_cursor *body);
/* The next one, if it has this tag. */
bool ber_take(struct talk_cursor *, uint8_t tag, struct talk_cursor *body);
/* Contents of an INTEGER or ENUMERATED. */
int64_t ber_int(struct talk_cursor);
/* Bytes of the whole element p begins with, SIZE_MAX if its length cannot be
 * one; 0: more of it is needed to know. */
size_t ber_size(const uint8_t *p, size_t n);
/* Appends an element, of less than 64 KiB. */
void ber_put(struct buf *, uint8_t tag, const void *, size_t);
/* What was put into `b` from `at` on becomes the contents of an element. */
void ber_wrap(struct buf *b, size_t at, uint8_t tag);
void ber_put_int(struct buf *, uint8_t tag, int64_t);

/* -- Windows ---------------------------------------------------------------- */

/* Text of UTF-16LE. */
void service_set_utf16(char *field, size_t size, const uint8_t *, size_t n);
/* The message that asks for a challenge: nobody is named, nothing tried. */
extern const uint8_t ntlm_negotiate[40];
/* Looks for a challenge in p[0..n) and takes from it the host's name, domain
 * and version ([MS-NLMP] 2.2.1.2). False: there is none. */
bool ntlm_challenge(struct service_info *, const uint8_t *p, size_t n);

#endif
