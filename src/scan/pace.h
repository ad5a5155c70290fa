/* SPDX-License-Identifier: ISC */
#ifndef SCAN_PACE_H
#define SCAN_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How fast packets may leave, and how long an answer is waited for. Pure
 * arithmetic on the times it is handed (ns): one for a whole scan, one for
 * each host; a packet needs a token of both.
 *
 * It is a rate, not a window: a port that stays silent holds nothing up. The
 * rate doubles each round trip while it is what limits, until a queue builds
 * up (round trips grow) or repeats of lost packets are answered. Silence alone
 * says nothing: a filtered port and a lost packet look alike, until the repeat
 * of the lost one is answered.
 */
struct pace_limits {
	/* Packets a second. start: to begin with; min, max: never outside of
	 * (max 0: as the link permits); silent: while nothing at all answers.
	 */
	double start, min, max, silent;
	uint64_t rto_first, rto_min, rto_max; /* ns */
	uint32_t burst; /* packets at once, to begin with */
};

#define PACE_MARKS 8
struct pace {
	const struct pace_limits *lim; /* borrowed */
	double rate;                   /* packets a second */
	double tokens;
	uint64_t tokens_at;

	/* RFC 6298; 0: not measured. base: the least round trip. */
	uint64_t srtt, rttvar, rto, base;

	/* A round: from round_at on; of answers to what was sent since, the one
	 * that waited least in queues. mark: how many were sent until when. */
	uint64_t round_at;
	uint32_t round_sent, round_heard, over;
	struct pace_seen {
		uint64_t sent, queue; /* ns */
	} least, last;                /* of this round, of the one before */
	struct pace_mark {
		uint64_t at, sent;
	} mark[PACE_MARKS];
	uint32_t nmark;

	/* First tries of this round and of the one before, and how many of
	 * the latter's were answered; of all so far, the share that is. */
	uint32_t round_first, before_first, before_heard, now_heard;
	uint64_t before_at, other_at;
	double all_first, all_heard;
	/* Fewer were answered of those sent from .. to: were they lost? Until
	 * `until` their repeats tell. */
	struct {
		uint64_t from, to, until;
		double missing, lost, rate;
	} thin;

	bool startup;
	double capacity; /* of the narrowest link, once it was met; packets/s */
	uint32_t calm;   /* rounds without a queue */
	uint64_t jitter; /* of round trips without a queue */
	bool careful;    /* losses were all that was seen of it */
	uint64_t grown;  /* when the rate grew last */

	/* Of what was sent first since `since`. What a link loses whatever the
	 * rate is does not go away with it: cut_*: before the last cut. */
	uint64_t since;
	double heard, lost;
	double lately_heard, lately_lost; /* of the last few thousand */
	double loss_floor, cut_rate, cut_loss;

	uint64_t sent, answers;
	uint64_t distrust; /* round trips of what was sent before are not
			    * believed: we were not running */
};

struct pace_answer {
	uint64_t first; /* when the probe's first packet was sent */
	uint64_t sent;  /* the one that was answered; 0: cannot be told */
	uint64_t at;    /* when the answer came */
	uint32_t attempt;
	/* Answers of this kind come at a rate of the target's own (ICMP
	 * errors): a repeat that is answered proves no loss. */
	bool limited;
	/* Round trip beyond this host's least one, if the pace is that of more
	 * than one host; else UINT64_MAX. */
	uint64_t queue;
};

void pace_init(struct pace *, const struct pace_limits *, uint64_t now);
/* Packets that may leave now. */
uint32_t pace_may(struct pace *, uint64_t now);
void pace_sent(struct pace *, uint64_t now, bool first_try);
void pace_unsent(struct pace *); /* it did not leave after all */
/* From here on a different share of what is sent is answered: other ports. */
void pace_other(struct pace *, uint64_t now);
/* When the next one may, if none may now. */
uint64_t pace_next(const struct pace *, uint64_t now);
/* Returns the queueing delay it saw, ns; UINT64_MAX: none was measured. */
uint64_t pace_answer(struct pace *, const struct pace_answer *);
/* The machine itself had no room (buffers, neighbours, descriptors). */
void pace_busy(struct pace *, uint64_t now);
/* The program was stopped until now: nothing of before is a measure. */
void pace_gap(struct pace *, uint64_t now);
uint64_t pace_rto(const struct pace *);
/* Share of packets that are lost, as repeats that are answered tell. */
double pace_loss(const struct pace *);
/* How many packets may stay unanswered before silence means something, with
 * that share lost: no port in a million is missed. */
unsigned pace_tries(double loss);

#endif
