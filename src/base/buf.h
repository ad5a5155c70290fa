/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

/*
 * A growing byte buffer. data is always NUL-terminated once anything was put
 * (the NUL is not counted in len). Embedded: init with {0} or buf_init().
 */
struct buf {
	char *data;
	size_t len, cap;
};

void buf_init(struct buf *);
void buf_done(struct buf *);  /* frees; leaves it empty and usable */
void buf_reset(struct buf *); /* len = 0, keeps the memory */
/* Room for n more bytes; returns where they go. Add what was used to len. */
char *buf_reserve(struct buf *, size_t n);
void buf_put(struct buf *, const void *, size_t);
void buf_puts(struct buf *, const char *);
void buf_putc(struct buf *, char);
void buf_pad(struct buf *, char, size_t);
void buf_printf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* The string, the caller's to free; the buffer is empty afterwards. */
char *buf_steal(struct buf *);

#endif
