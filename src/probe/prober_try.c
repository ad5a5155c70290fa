/* SPDX-License-Identifier: ISC */
/*
 * The questions that are put to a port, and their order: what is usual on it,
 * then what is met most often.
 */
#include "config.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "know/state.h"
#include "probe/prober_priv.h"

/* Where TLS is spoken from the first byte, by their numbers (IANA). */
#define TLS_PORTS                                                            \
	"443,465,563,614,636,853,989-990,992-995,2083,2087,2096,2376,3269,"  \
	"4443,5061,5223,5349,5671,5986,6443,6514,6697,8443,8883,9443,10443," \
	"16993"

/* Printers: what is sent to them, they print. */
#define QUIET_PORTS "9100-9107"

struct try *
tries_add(struct port *t, enum try_kind kind, unsigned rank)
{
	struct try *try = &t->tries[t->ntries++];

	*try = (struct try){ .kind = (uint8_t)kind,
		.state = TRY_QUEUED,
		.rank = (uint16_t)rank };
	return try;
}

static bool
is_quiet(const struct port *t)
{
	return talk_ports_have(QUIET_PORTS, t->job.port);
}

static void
add_talk(struct port *t, const struct talk_ops *talk)
{
	bool udp = t->job.proto == SOCK_UDP, own;
	bool greeted = !udp && (talk->flags & TALK_GREETED) != 0;
	struct try *try;

	if ((talk->flags & (udp ? TALK_UDP : TALK_TCP)) == 0 ||
	    (t->in_tls && (talk->flags & TALK_IN_TLS) == 0))
		return;
	own = talk_ports_have(
	    t->in_tls ? talk->tls_ports : talk->ports, t->job.port);
	if (!own && !greeted &&
	    ((talk->flags & TALK_LAST) != 0 || is_quiet(t) ||
		talk->rarity > t->p->limits.intensity))
		return;
	try = tries_add(t, greeted ? TRY_WAITS : TRY_TALK,
	    own ? RANK_OWN + talk->rarity : RANK_ANY + 10 * talk->rarity);
	try->own = own;
	try->talk = talk;
	if (greeted)
		try->state = TRY_RUNNING;
	else if (is_quiet(t) && (talk->flags & TALK_QUIET) == 0) {
		try->held = true;
		try->state = TRY_OVER;
	}
}

static bool
stands_for_tls(const struct port *t)
{
	const struct talk_ops *const *talk;

	if (talk_ports_have(TLS_PORTS, t->job.port))
		return true;
	for (talk = talks; *talk != NULL; talk++)
		if (talk_ports_have((*talk)->tls_ports, t->job.port))
			return true;
	return false;
}

void
tries_make(struct port *t)
{
	const struct talk_ops *const *talk;
	size_t n = 2 + files_count(t);

	for (talk = talks; *talk != NULL; talk++)
		n++;
	free(t->tries);
	t->tries = xcalloc(n, sizeof(*t->tries));
	t->ntries = 0;
	if (t->job.proto == SOCK_TCP) {
		(void)tries_add(t, TRY_LISTEN, RANK_FIRST + 1);
		if (!t->in_tls && !t->tls_tried && !is_quiet(t))
			(void)tries_add(t, TRY_TLS,
			    stands_for_tls(t) ? RANK_FIRST : RANK_TLS);
	}
	for (talk = talks; *talk != NULL; talk++)
		add_talk(t, *talk);
	files_add_tries(t);
}

void
tries_make_versions(struct port *t)
{
	unsigned offer;

	free(t->tries);
	t->tries = xcalloc(4, sizeof(*t->tries));
	t->ntries = 0;
	for (offer = TLS_OFFER_10; offer <= TLS_OFFER_13; offer++)
		tries_add(t, TRY_VERSION, offer)->offer = (uint8_t)offer;
}

bool
tries_listen(const struct port *t, const struct conn *but)
{
	const struct conn *c;

	for (c = t->conns; c != NULL; c = c->next)
		if (c != but && c->greets && !c->connecting && c->nread == 0)
			return true;
	return false;
}

/* Second chances come after all that was not asked yet, and a second file's
 * questions after those. */
static unsigned
turn(const struct try *try)
{
	return try->rank >= RANK_SECOND ? 2 : try->again;
}

/* What has a name already needs no second opinion. */
static bool
is_needless(const struct port *t, const struct try *try)
{
	return try->kind == TRY_FILE && t->best != NULL &&
	       t->best->name[0] != '\0';
}

struct try *
tries_next(struct port *t, uint64_t now)
{
	/* Perhaps only one at a time is served. */
	bool listening =
	    !t->anybody && now < t->phase + LISTEN_MS && tries_listen(t, NULL);
	struct try *best = NULL, *try;
	bool waiting = false;

	for (try = t->tries; try < t->tries + t->ntries; try++) {
		if (try->state != TRY_QUEUED)
			continue;
		if (is_needless(t, try)) {
			try->state = TRY_OVER;
			continue;
		}
		if (try->again && listening)
			waiting = true;
		else if (best == NULL || turn(try) < turn(best) ||
			 (turn(try) == turn(best) && try->rank < best->rank))
			best = try;
	}
	return best != NULL && waiting && turn(best) == 2 ? NULL : best;
}

bool
tries_left(const struct port *t)
{
	unsigned i;

	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].state == TRY_QUEUED)
			return true;
	return false;
}

bool
tries_common_left(const struct port *t)
{
	unsigned i;

	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].state == TRY_QUEUED &&
		    t->tries[i].rank < RANK_RARE)
			return true;
	return false;
}

struct try *
tries_again(const struct port *t)
{
	struct try *best = NULL, *try;

	for (try = t->tries; try < t->tries + t->ntries; try++)
		if (try->state == TRY_QUEUED && try->again &&
		    try->kind == TRY_TALK &&
		    (best == NULL || try->rank < best->rank))
			best = try;
	return best;
}
