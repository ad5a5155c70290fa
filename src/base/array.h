/* SPDX-License-Identifier: ISC */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Makes room for `need` items of `size` bytes in a growing array; returns the
 * (moved) array and updates *cap. Grows by half.
 */
void *array_grow(void *, size_t *cap, size_t need, size_t size);

#endif
