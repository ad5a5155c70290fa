/* SPDX-License-Identifier: ISC */
/* Bounds what is spent on sockets whose holder nothing points at. */
#include "config.h"

#include "collect/owner_quest.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"

#define CREDIT_SHARE  10
#define CREDIT_MAX_NS UINT64_C(1000000000)
#define AGAIN_NS      UINT64_C(60000000000)

void
owner_quest_init(struct owner_quest *q)
{
	*q = (struct owner_quest){ .credit_ns = CREDIT_MAX_NS,
		.credit_at_ns = clock_mono_ns() };
}

void
owner_quest_done(struct owner_quest *q)
{
	free(q->vain);
}

bool
owner_quest_in_vain(const struct owner_quest *q, uint32_t inode)
{
	size_t lo = 0, hi = q->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (q->vain[mid] == inode)
			return true;
		if (q->vain[mid] < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool
owner_quest_again(const struct owner_quest *q)
{
	return clock_mono_ns() >= q->again_ns;
}

bool
owner_quest_begin(struct owner_quest *q)
{
	uint64_t now = clock_mono_ns();

	if (now > q->credit_at_ns)
		q->credit_ns += (now - q->credit_at_ns) / CREDIT_SHARE;
	q->credit_at_ns = now;
	if (q->credit_ns > CREDIT_MAX_NS)
		q->credit_ns = CREDIT_MAX_NS;
	q->start_ns = now;
	/* One as dear as the last must be affordable. */
	return q->credit_ns >= q->cost_ns;
}

void
owner_quest_end(struct owner_quest *q)
{
	uint64_t cost = clock_mono_ns() - q->start_ns;

	q->cost_ns = cost < CREDIT_MAX_NS ? cost : CREDIT_MAX_NS;
	q->credit_ns -= q->credit_ns < q->cost_ns ? q->credit_ns : q->cost_ns;
}

void
owner_quest_give_up(struct owner_quest *q, const uint32_t *inode,
    const uint32_t *index, size_t n)
{
	q->vain = array_grow(q->vain, &q->cap, n + 1, sizeof(*q->vain));
	for (q->n = 0; q->n < n; q->n++)
		q->vain[q->n] = inode[index[q->n]];
	q->again_ns = clock_mono_ns() + AGAIN_NS;
}
