/* SPDX-License-Identifier: ISC */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text from outside (process names, command lines, paths, host names,
 * interface names) is an attacker's. It becomes displayable in one place:
 * text_clean(). What it returns is valid UTF-8 in which each control byte
 * (C0, DEL, C1), direction mark, zero-width or tag character, line and
 * paragraph separator, private-use or non-character and each invalid byte
 * stands as \xNN or \u{N}, and at most four combining marks sit on one base.
 * A backslash stands for itself. Idempotent.
 */
char *text_clean(const void *, size_t len); /* the caller's; never NULL */
void text_clean_buf(struct buf *, const void *, size_t len);
bool text_is_clean(const void *, size_t len);

/* The next UTF-8 character of len > 0 bytes: its length, or 0 for an invalid
 * byte (overlong, surrogate, beyond U+10FFFF, cut short). */
size_t text_decode(const char *, size_t len, uint32_t *ret);
/* Columns of a character: 0 a combining mark, 1, 2; -1: text_clean() escapes
 * it (that includes what is not assigned in Unicode 14, and what terminals
 * do not agree on: its width is not known). */
int text_char_width(uint32_t);

/* Display columns of clean text (wcwidth of each character; own table, so it
 * does not depend on the locale). */
size_t text_width(const char *);

enum text_cut {
	TEXT_CUT_END,
	TEXT_CUT_MIDDLE
};
/*
 * Puts at most width columns of clean text, cut with "…" (or "~" when ascii)
 * at the end or in the middle; wide characters are never halved. Returns the
 * columns used (<= width). With ascii, other characters become \u{N} first.
 */
size_t text_fit(
    struct buf *, const char *, size_t width, enum text_cut, bool ascii);
/* Whether the locale can show UTF-8; set once at start from nl_langinfo. */
bool text_utf8(void);
void text_set_utf8(bool);
/* A clean UTF-8 string for an ASCII terminal: non-ASCII becomes \u{N}. */
void text_to_ascii(struct buf *, const char *);

/* Fast formatters: return the end of what was written (not NUL-terminated).
 * p has room for TEXT_U64_MAX, TEXT_IP_MAX bytes. */
#define TEXT_U64_MAX 20
#define TEXT_IP_MAX  46
char *text_u64(char *p, uint64_t);
char *text_ipv4(char *p, const uint8_t addr[4]);
char *text_ipv6(char *p, const uint8_t addr[16]); /* RFC 5952 */

/*
 * Human units, into a buffer of TEXT_UNIT_MAX bytes; returns the buffer. At
 * most four characters ("7" "340" "1.2K" "34M" "340K", powers of 1000 as
 * num_size() reads them, cut and never rounded up); unknown (not finite,
 * negative) is "-". A duration has at most five, cut too, not rounded:
 * "310us" "1.2ms" "3.1s" "45s" "2m05" "2h05" "3d04" "400d" "12y".
 */
#define TEXT_UNIT_MAX 24
char *text_bytes(char *, double bytes);      /* "1.2K" "34M" */
char *text_rate(char *, double bytes_per_s); /* "1.2M" per second */
char *text_duration(char *, uint64_t ns);    /* "12ms" "3.1s" "2h05" */

/* Case-insensitive substring search in ASCII; needle already lower-case. */
bool text_contains(const char *hay, const char *needle_lower);
/* Damerau-Levenshtein distance for "did you mean"; bounded to short words. */
unsigned text_distance(const char *, const char *);

#endif
