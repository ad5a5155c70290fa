/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include "model/column.h"
#include "model/option.h"

/*
 * Rules of the config (alert NAME = FILTER) against the rows. A rule fires
 * once for a socket, however often the socket stops and starts to match; of
 * more than options.alert_limit in a minute the rest is counted. Takes time
 * from the caller alone.
 */
struct alert_hit {
	const char *rule;      /* the config's */
	const struct row *row; /* borrowed for the call; NULL: others, */
	uint64_t count;        /* so many, beyond the limit, in this minute */
};
typedef void (*alert_fn)(void *arg, const struct alert_hit *);

struct alerts;
/* NULL: the config has no rules. Names are borrowed from it. */
struct alerts *alerts_new(const struct config *);
void alerts_free(struct alerts *);            /* NULL is fine */
unsigned alerts_needs(const struct alerts *); /* enum need; NULL: 0 */
/*
 * After a merge: marks the rows that match with ROW_ALERT, others not. owners:
 * the reading looked for them; else rules that ask for them wait. True if a
 * mark changed.
 */
bool alerts_check(struct alerts *, const struct view_ctx *, bool owners,
    uint64_t now_ns, alert_fn, void *arg);
/* One that is in no table: closed before a reading saw it. */
void alerts_check_row(struct alerts *, const struct row *,
    const struct view_ctx *, uint64_t now_ns, alert_fn, void *arg);

#endif
