/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "scan/icmp_rate.h"

#define MSEC UINT64_C(1000000)

/* Repeats: from this gap on, longer or shorter within these. Ten packets a
 * second find each token of a host that makes one a second. */
#define GAP_FIRST (50 * MSEC)
#define GAP_MIN   (MSEC / 5)
#define GAP_MAX   (125 * MSEC)
/* Until the pace is measured, so long a silence is taken for one: the slowest
 * that is usual is one error a second. */
#define CALM_FIRST (2200 * MSEC)
#define CALM_MIN   (1250 * MSEC)
#define CALM_MAX   (8000 * MSEC)
/* So long a host that sends none is asked on while neighbours send some. */
#define NEAR_WAIT (3000 * MSEC)
#define GAP_SLOW  (5 * MSEC)
#define LATE_MAX  (10 * MSEC)
/* So many gaps make a measure. */
#define MEAN_ENOUGH 4

void
icmp_rate_init(struct icmp_rate *r, bool unlimited, uint32_t seed)
{
	*r = (struct icmp_rate){ .gap_ns = GAP_FIRST,
		.calm_ns = GAP_FIRST,
		.unlimited = unlimited,
		.dice = seed };
}

static uint64_t
between(uint64_t v, uint64_t min, uint64_t max)
{
	return v < min ? min : v > max ? max : v;
}

void
icmp_rate_error(struct icmp_rate *r, bool repeat, uint64_t now)
{
	uint64_t gap = now - r->last_ns;

	if (repeat && r->last_ns != 0) {
		/* A long gap is no measure: nothing was closed meanwhile. */
		gap = gap < CALM_MAX / 2 ? gap : CALM_MAX / 2;
		if (r->nmean == 0)
			r->mean_ns = gap;
		else if (r->nmean < 8)
			r->mean_ns =
			    (r->mean_ns * r->nmean + gap) / (r->nmean + 1);
		else
			r->mean_ns = (r->mean_ns * 7 + gap) / 8;
		r->nmean++;
	}
	/* One answer in four questions keeps the gap where it is: see
	 * icmp_rate_silence(). */
	if (repeat)
		r->gap_ns = between(r->gap_ns * 9 / 10, GAP_MIN, GAP_MAX);
	r->calm_ns = r->gap_ns;
	r->last_ns = now;
}

/* Where the gap ends to grow: some questions for each error that is usual, also
 * when none has come for a moment (many a host counts by whole seconds). */
static uint64_t
gap_most(const struct icmp_rate *r)
{
	if (r->nmean < MEAN_ENOUGH)
		return GAP_MAX;
	return between(r->mean_ns / 2, GAP_SLOW, GAP_MAX);
}

/* How long no error must have come for one to be left surely. */
static uint64_t
calm_after(const struct icmp_rate *r)
{
	if (r->nmean < MEAN_ENOUGH)
		return CALM_FIRST;
	return between(r->mean_ns * 8 / 5, CALM_MIN, CALM_MAX);
}

bool
icmp_rate_silence(struct icmp_rate *r, uint64_t sent_ns, uint64_t near_ns)
{
	uint64_t last = r->last_ns > near_ns ? r->last_ns : near_ns;

	if (r->unlimited)
		return true;
	if (r->last_ns == 0) {
		if (r->first_ns == 0)
			r->first_ns = sent_ns;
		/* Its errors may all have been its neighbours', for a while. */
		return near_ns == 0 || sent_ns >= near_ns + CALM_FIRST ||
		       sent_ns - r->first_ns >= NEAR_WAIT;
	}
	if (sent_ns < last + calm_after(r)) {
		r->gap_ns =
		    between(r->gap_ns + r->gap_ns / 28, GAP_MIN, gap_most(r));
		r->calm_ns = r->gap_ns;
		return false;
	}
	r->calm_ns = between(r->calm_ns * 7 / 10, GAP_MIN, GAP_MAX);
	return true;
}

uint64_t
icmp_rate_when(const struct icmp_rate *r)
{
	return r->next_ns;
}

void
icmp_rate_sent(struct icmp_rate *r, uint64_t now)
{
	/* From when it was due, lest a busy loop makes it slower; what was
	 * missed for longer than that is not caught up with. */
	uint64_t from = now;

	if (r->next_ns <= now && now - r->next_ns < LATE_MAX)
		from = r->next_ns;
	/* A quarter earlier to a quarter later; a linear congruential
	 * generator is random enough for that. */
	r->dice = r->dice * 1664525 + 1013904223;
	r->next_ns = from + r->calm_ns * (192 + (r->dice >> 24) / 2) / 256;
}

uint64_t
icmp_rate_left(const struct icmp_rate *r, uint32_t ports)
{
	if (r->nmean < MEAN_ENOUGH)
		return UINT64_MAX;
	return ports * r->mean_ns;
}
