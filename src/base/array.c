/* SPDX-License-Identifier: ISC */
/* Growth of arrays by half, with the overflow checks in one place. */
#include "config.h"

#include "base/array.h"

#include <stdint.h>

#include "base/log.h"
#include "base/xmalloc.h"

void *
array_grow(void *items, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap;

	if (need <= n)
		return items;
	if (n > SIZE_MAX / 2)
		fatal("%s: %zu items", __func__, need);
	n += n / 2;
	if (n < need)
		n = need;
	if (n < 8)
		n = 8;
	items = xreallocarray(items, n, size);
	*cap = n;
	return items;
}
