/* SPDX-License-Identifier: ISC */
#ifndef SCAN_WHEEL_H
#define SCAN_WHEEL_H

#include <stdint.h>

/*
 * Deadlines of many things by index, each set, changed and met in constant
 * time: a ring of lists, one a millisecond. What is due later than the ring is
 * long goes round again.
 */
#define WHEEL_SLOTS 4096 /* a power of two; ms */
#define WHEEL_NONE  UINT32_MAX

struct wheel_link {
	uint32_t next, prev; /* WHEEL_NONE at the ends */
	uint32_t due;        /* ms */
};
struct wheel {
	uint32_t head[WHEEL_SLOTS];
	uint32_t now; /* ms: all before it was met */
	uint32_t n;
	/* The link of an index. */
	struct wheel_link *(*link)(void *arg, uint32_t index);
	void *arg;
};

void wheel_init(struct wheel *, uint32_t now,
    struct wheel_link *(*link)(void *, uint32_t), void *arg);
/* due: at least one ms later than now. The index is not in it yet. */
void wheel_add(struct wheel *, uint32_t index, uint32_t due);
void wheel_remove(struct wheel *, uint32_t index);
/* The next whose time has come, taken out; WHEEL_NONE: none until `now`. */
uint32_t wheel_next(struct wheel *, uint32_t now);
/* Milliseconds until the next one may be due, at most `most`. */
uint32_t wheel_wait(const struct wheel *, uint32_t now, uint32_t most);

#endif
