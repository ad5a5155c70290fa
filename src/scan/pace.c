/* SPDX-License-Identifier: ISC */
/* How fast packets leave: grows until a queue or losses show, then stays just
 * beneath. Reads no clock. */
#include "config.h"

#include "scan/pace.h"

#include <string.h>

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

#define ROUND_LEAST (5 * MS)
#define ROUND_HEARD 8 /* answers that make a round's delay worth a look */
#define ROUND_FEW   3 /* if no more come */
/* Queueing delay that is wanted, and what is nothing: schedulers and radio
 * links make more of it than short queues do. */
#define QUEUE_WANTED (12 * MS)
#define QUEUE_NONE   (5 * MS)
#define QUEUE_ROW    8 /* answers in a row beyond: the start is over */
#define CALM_ROUNDS  6 /* without a queue: more capacity is looked for */
#define LOSS_LET     0.05
#define TRIES_LEAST  4
#define TRIES_MOST   11
#define LOST_LET     1e-5 /* so seldom may all packets to a port be lost */
#define RATE_LEAST   50.0
#define RATE_MOST    2e6
#define SPAN_TOKENS  0.004 /* seconds whose packets may leave at once */

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

static double
smaller(double a, double b)
{
	return a < b ? a : b;
}

static double
clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

/* The rate that holds, after what the user set. */
static double
rate_now(const struct pace *p)
{
	double r = p->rate;

	if (r < p->lim->min)
		r = p->lim->min;
	if (p->lim->max > 0 && r > p->lim->max)
		r = p->lim->max;
	return r;
}

static void
round_begin(struct pace *p, uint64_t now)
{
	p->mark[p->nmark++ % PACE_MARKS] = (struct pace_mark){ now, p->sent };
	p->before_at = p->round_at;
	p->before_first = p->round_first;
	p->before_heard = p->now_heard;
	p->round_at = now;
	p->round_sent = p->round_heard = 0;
	p->round_first = p->now_heard = 0;
	p->least.queue = UINT64_MAX;
}

/* Nothing that was seen before is compared with what comes. */
static void
forget_last(struct pace *p)
{
	p->last.queue = UINT64_MAX;
}

void
pace_init(struct pace *p, const struct pace_limits *lim, uint64_t now)
{
	memset(p, 0, sizeof(*p));
	p->lim = lim;
	p->rate = lim->start;
	p->tokens = lim->burst;
	p->tokens_at = now;
	p->rto = lim->rto_first;
	p->base = UINT64_MAX;
	p->startup = true;
	forget_last(p);
	round_begin(p, now);
}

/* Tokens that may lie about: so many packets may leave at once. With a limit
 * of the user's no second may see more than 105 % of it. */
static double
bucket(const struct pace *p, double rate)
{
	double b = rate * SPAN_TOKENS;

	if (b < p->lim->burst)
		b = p->lim->burst;
	if (p->lim->max > 0 && b > p->lim->max * 0.02)
		b = p->lim->max * 0.02;
	return b < 1 ? 1 : b;
}

static void
refill(struct pace *p, uint64_t now)
{
	double rate = rate_now(p), most = bucket(p, rate);

	if (now > p->tokens_at) {
		p->tokens += (double)(now - p->tokens_at) * 1e-9 * rate;
		p->tokens_at = now;
	}
	if (p->tokens > most)
		p->tokens = most;
}

uint32_t
pace_may(struct pace *p, uint64_t now)
{
	refill(p, now);
	return p->tokens >= 1 ? (uint32_t)p->tokens : 0;
}

uint64_t
pace_next(const struct pace *p, uint64_t now)
{
	if (p->tokens >= 1)
		return now;
	return p->tokens_at + (uint64_t)((1 - p->tokens) / rate_now(p) * 1e9) +
	       1;
}

static uint64_t
round_length(const struct pace *p)
{
	uint64_t t = p->srtt;

	return t < ROUND_LEAST ? ROUND_LEAST : t;
}

/* What silence permits: nothing answered for a round's time, and nothing is
 * known of the link yet. */
static void
round_silent(struct pace *p, uint64_t now)
{
	double took = (double)(now - p->round_at) * 1e-9;

	if (p->startup && p->rate < p->lim->silent &&
	    p->round_sent >= 0.7 * rate_now(p) * took)
		p->rate = smaller(p->rate * 1.5, p->lim->silent);
	forget_last(p);
	round_begin(p, now);
}

void
pace_sent(struct pace *p, uint64_t now, bool first_try)
{
	p->tokens -= 1;
	p->sent++;
	p->round_sent++;
	p->round_first += first_try;
	if (now > p->round_at && now - p->round_at > p->rto + ROUND_LEAST &&
	    p->round_heard == 0)
		round_silent(p, now);
}

void
pace_unsent(struct pace *p)
{
	p->tokens += 1;
	p->sent--;
	if (p->round_sent > 0)
		p->round_sent--;
}

/* -- round trips ---------------------------------------------------------- */

static void
rtt_sample(struct pace *p, uint64_t rtt)
{
	uint64_t d, rto;

	if (p->srtt == 0) {
		p->srtt = rtt > 0 ? rtt : 1;
		p->rttvar = rtt / 2;
		/* The first round trip says how much is a careful start: ten
		 * packets in one. */
		p->rate =
		    larger(p->rate, smaller(10e9 / (double)p->srtt, 20000));
	} else {
		d = rtt > p->srtt ? rtt - p->srtt : p->srtt - rtt;
		p->rttvar = (3 * p->rttvar + d) / 4;
		p->srtt = (7 * p->srtt + rtt) / 8;
	}
	/* However steady round trips are, that says nothing of those under
	 * load: a repeat too early costs a packet, one too late nothing but at
	 * the very end. */
	rto = 4 * p->rttvar > p->srtt / 2 ? 4 * p->rttvar : p->srtt / 2;
	if (rto < p->lim->rto_min)
		rto = p->lim->rto_min;
	rto += p->srtt;
	p->rto = rto > p->lim->rto_max ? p->lim->rto_max : rto;
	if (rtt < p->base)
		p->base = rtt;
}

/* -- rounds --------------------------------------------------------------- */

/* How many had been sent at a time: between two marks evenly. */
static double
sent_until(const struct pace *p, uint64_t at)
{
	const struct pace_mark *m = NULL, *next = NULL;
	uint64_t to = p->sent, end = UINT64_MAX;
	uint32_t i;

	for (i = 0; i < PACE_MARKS && i < p->nmark; i++) {
		m = &p->mark[(p->nmark - 1 - i) % PACE_MARKS];
		if (m->at <= at)
			break;
		next = m;
	}
	if (i == PACE_MARKS || i == p->nmark)
		return -1; /* too long ago */
	if (next != NULL) {
		to = next->sent;
		end = next->at;
	} else
		end = p->tokens_at > at ? p->tokens_at : at;
	if (end <= m->at)
		return (double)to;
	return (double)m->sent + (double)(to - m->sent) * (double)(at - m->at) /
				     (double)(end - m->at);
}

/* What the narrowest link let through: so many were sent between two packets,
 * and so much time lies between their leaving its queue. Less than 0: cannot
 * be told. */
static double
passed(
    const struct pace *p, const struct pace_seen *a, const struct pace_seen *b)
{
	double n, m, took;

	if (a->queue == UINT64_MAX || b->sent <= a->sent)
		return -1;
	m = sent_until(p, a->sent);
	n = sent_until(p, b->sent);
	took = (double)(b->sent + b->queue) - (double)(a->sent + a->queue);
	if (m < 0 || n <= m || took <= 0)
		return -1;
	return (n - m) / took * 1e9;
}

static void
set_rate(struct pace *p, double rate, uint64_t now)
{
	rate = clamp(rate, RATE_LEAST, RATE_MOST);
	/* Losses of what was sent much faster say nothing of now. */
	if (rate < p->rate * 0.85) {
		p->since = now;
		p->heard = p->lost = 0;
	}
	p->rate = rate;
}

/* There is a queue for the first time: from now on it is known how much the
 * link lets through. */
static void
leave_start(struct pace *p, const struct pace_seen *seen, uint64_t now)
{
	double c = passed(p, &p->last, seen);

	if (c < 0 || c > p->rate)
		c = p->rate / 2;
	p->startup = false;
	p->capacity = c;
	p->calm = 0;
	p->over = 0;
	p->tokens = 0;
	set_rate(p, c * 0.8, now);
	forget_last(p);
	round_begin(p, now);
}

/* Keeps a short queue before the narrowest link: it is never idle then, and
 * never overrun. */
static void
hold(struct pace *p, double actual, bool limits, uint64_t now)
{
	double horizon = larger(4.0 * (double)p->srtt, 200.0 * (double)MS);
	double c = passed(p, &p->last, &p->least), error, rate;
	bool queue = p->least.queue > QUEUE_NONE;

	if (queue ||
	    (p->last.queue != UINT64_MAX && p->last.queue > QUEUE_NONE)) {
		if (c > 0)
			p->capacity += 0.5 * (c - p->capacity);
		p->calm = 0;
	} else if (limits) {
		/* Losses show later than queues: wait for them. */
		if (p->careful && now - p->grown < p->rto + p->srtt)
			return;
		/* Nothing waits: it is at least that. */
		p->capacity = larger(p->capacity, c > 0 ? c : actual);
		p->calm++;
		p->grown = now;
	}
	if (p->least.queue > QUEUE_WANTED)
		p->careful = false;
	error = clamp(((double)QUEUE_WANTED - (double)p->least.queue) / horizon,
	    -0.5, 0.1);
	/* For long without a queue: the link has become wider. */
	if (p->calm > CALM_ROUNDS)
		error = smaller(0.05 * (p->calm - CALM_ROUNDS), 1);
	rate = p->capacity * (1 + error);
	if (limits || rate < p->rate)
		set_rate(p, rate, now);
}

/*
 * Whether of the round before fewer first tries were answered than always: in
 * a shuffled order each round's share is the same, but for chance. It proves no
 * loss, but until repeats do, a rate that grows is cut back to what got through
 * (a policer drops without a queue; repeats are answered much later).
 */
static bool
is_thin(struct pace *p, double *ret)
{
	double expected, heard = p->before_heard, n = p->before_first;
	bool thin;

	if (p->all_first < 30 || p->all_heard < 1 || n < 1) {
		p->all_first += n;
		p->all_heard += heard;
		return false;
	}
	expected = n * p->all_heard / p->all_first;
	thin = expected >= 12 && heard < 0.75 * expected &&
	       (expected - heard) * (expected - heard) > 9 * expected;
	*ret = larger(heard / expected, 0.4);
	p->all_first += n;
	p->all_heard += heard;
	/* Of the last few thousands. */
	if (p->all_first > 8000) {
		p->all_first /= 2;
		p->all_heard /= 2;
	}
	return thin;
}

static void
begin_thin(struct pace *p, double share, uint64_t now)
{
	double n = p->before_first;

	p->thin.from = p->before_at;
	p->thin.to = p->round_at;
	p->thin.until = now + 2 * p->rto + p->srtt;
	p->thin.missing = n * p->all_heard / p->all_first - p->before_heard;
	p->thin.lost = 0;
	p->thin.rate = p->startup ? p->rate / 2 : 0;
	/* The share is that of a round ago. */
	p->capacity = p->startup ? p->rate / 2 * share : p->rate * share;
	p->startup = false;
	p->careful = true;
	p->calm = 0;
	p->grown = now;
	set_rate(p, p->capacity * 0.9, now);
	forget_last(p);
	round_begin(p, now);
}

/* Hardly a repeat was answered: nothing had been lost, the ports were others.
 */
static void
end_thin(struct pace *p)
{
	p->thin.until = 0;
	if (p->thin.lost > 0.3 * p->thin.missing || p->thin.rate == 0)
		return;
	p->startup = true;
	p->careful = false;
	p->rate = larger(p->rate, p->thin.rate);
	p->all_first = p->all_heard = 0;
}

static void
round_end(struct pace *p, uint64_t now)
{
	double took = (double)(now - p->round_at) * 1e-9;
	double actual = p->round_sent / took;
	bool limits = p->round_sent >= 0.7 * rate_now(p) * took &&
		      (p->lim->max == 0 || p->rate < p->lim->max);
	double share;

	if (p->thin.until != 0 && now > p->thin.until)
		end_thin(p);
	if (is_thin(p, &share) && limits && p->thin.until == 0 &&
	    (p->startup || p->calm > 0)) {
		begin_thin(p, share, now);
		return;
	}
	if (!p->startup)
		hold(p, actual, limits, now);
	else if (p->least.queue > QUEUE_WANTED) {
		leave_start(p, &p->least, now);
		return;
	} else if (limits)
		p->rate = smaller(p->rate * 2, RATE_MOST);
	p->last = p->least;
	if (p->least.queue < QUEUE_NONE)
		p->jitter = p->rttvar;
	round_begin(p, now);
}

/* -- losses --------------------------------------------------------------- */

double
pace_loss(const struct pace *p)
{
	return p->lately_heard < 20 ? 0 : p->lately_lost / p->lately_heard;
}

unsigned
pace_tries(double loss)
{
	double all = loss;
	unsigned n;

	for (n = 1; n < TRIES_MOST && all > LOST_LET; n++)
		all *= loss;
	return n < TRIES_LEAST ? TRIES_LEAST : n;
}

/* The share is too large. If it did not go down with the rate the last time,
 * the link loses so much whatever we do: the rate goes back to what it was. */
static void
cut(struct pace *p, double share, uint64_t now)
{
	double was = 1 - p->cut_loss, expected, rate = p->rate;

	if (p->cut_rate > 0 && rate < p->cut_rate) {
		expected = smaller(1, was * p->cut_rate / rate);
		if (1 - share < was + (expected - was) / 2) {
			p->loss_floor = share;
			p->rate = larger(rate, p->cut_rate);
			p->cut_rate = 0;
			p->heard = p->lost = 0;
			p->since = now;
			return;
		}
	}
	p->cut_rate = rate;
	p->cut_loss = share;
	p->thin.until = 0;
	p->startup = false;
	p->rate = larger(rate * larger(1 - share, 0.5), RATE_LEAST);
	p->capacity = p->rate;
	p->calm = 0;
	p->careful = true;
	p->grown = now;
	p->since = now;
	p->heard = p->lost = 0;
}

static void
loss_sample(struct pace *p, const struct pace_answer *a)
{
	double share, n;

	if (a->limited)
		return;
	/* Those that are lost are heard of later than the others: towards the
	 * end of few that is all that is heard. */
	p->lately_heard++;
	p->lately_lost += a->attempt > 0;
	if (p->lately_heard > 2000) {
		p->lately_heard /= 2;
		p->lately_lost /= 2;
	}
	if (a->attempt > 0 && a->first >= p->thin.from && a->first < p->thin.to)
		p->thin.lost++;
	if (a->first < p->since)
		return;
	p->heard++;
	p->lost += a->attempt;
	n = p->heard + p->lost;
	share = p->lost / n;
	if (p->lost >= 4 && n >= (share > 0.2 ? 30 : 100) &&
	    share > LOSS_LET + p->loss_floor * 1.25)
		cut(p, share, a->at);
	else if (n > 1000) {
		p->heard /= 2;
		p->lost /= 2;
		p->loss_floor *= 0.9;
		p->cut_rate = 0;
	}
}

/* ------------------------------------------------------------------------- */

static void
queue_sample(struct pace *p, const struct pace_answer *a, uint64_t queue)
{
	struct pace_seen seen = { a->sent, queue };

	if (a->attempt == 0 && a->sent >= p->other_at) {
		if (a->sent >= p->round_at)
			p->now_heard++;
		else if (a->sent >= p->before_at)
			p->before_heard++;
	}
	if (a->sent >= p->round_at) {
		p->round_heard++;
		if (queue < p->least.queue)
			p->least = seen;
	}
	p->over = queue > QUEUE_WANTED + 2 * p->jitter ? p->over + 1 : 0;
	if (p->startup && p->over >= QUEUE_ROW)
		leave_start(p, &seen, a->at);
}

/* Enough was heard of this round? */
static bool
is_heard(const struct pace *p, uint64_t now)
{
	uint64_t took = now > p->round_at ? now - p->round_at : 0;
	uint64_t length = round_length(p);

	if (took < length || p->round_heard == 0)
		return false;
	return p->round_heard >= ROUND_HEARD ||
	       (p->round_heard >= ROUND_FEW && took >= 2 * length) ||
	       took >= 4 * length;
}

uint64_t
pace_answer(struct pace *p, const struct pace_answer *a)
{
	uint64_t rtt, queue;

	p->answers++;
	loss_sample(p, a);
	if (a->sent == 0 || a->at < a->sent || a->sent < p->distrust)
		return UINT64_MAX;
	rtt = a->at - a->sent;
	rtt_sample(p, rtt);
	queue = a->queue != UINT64_MAX ? a->queue : rtt - p->base;
	queue_sample(p, a, queue);
	if (is_heard(p, a->at))
		round_end(p, a->at);
	return queue;
}

void
pace_busy(struct pace *p, uint64_t now)
{
	p->tokens = 0;
	p->tokens_at = now + 2 * MS;
	p->startup = false;
	p->rate = larger(p->rate * 0.9, RATE_LEAST);
	p->capacity = p->rate;
	p->calm = 0;
}

void
pace_gap(struct pace *p, uint64_t now)
{
	p->distrust = now;
	p->tokens = 0;
	p->tokens_at = now;
	forget_last(p);
	round_begin(p, now);
}

void
pace_other(struct pace *p, uint64_t now)
{
	p->all_first = p->all_heard = 0;
	p->round_first = p->before_first = 0;
	p->now_heard = p->before_heard = 0;
	p->other_at = now;
}

uint64_t
pace_rto(const struct pace *p)
{
	return p->rto;
}
