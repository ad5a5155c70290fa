/* SPDX-License-Identifier: ISC */
/*
 * A port from its first connection to its answer: what is asked next, when it
 * is enough, what is told of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "probe/prober_priv.h"

#define GRACE_MS     250 /* so long one or two connections are enough */
#define SOON_MS      30  /* the listening one may be about to hear it, too */
#define ENDED_AT_ALL 4   /* connections that ended before a byte came */
#define TURN_MS      700 /* of silence: who is listened to is asked, too */
#define REFUSED_MAX  2
#define VERSIONS     4 /* of the budget: for handshakes of all versions */

struct port *
port_new(struct prober *p, const struct waiting *w, uint64_t now)
{
	struct port *t = xcalloc(1, sizeof(*t));

	t->p = p;
	t->job = w->job;
	t->host = w->host;
	t->job.host = t->host;
	(void)scan_addr_text(t->addr, &t->job.addr);
	t->began = t->phase = t->due = now;
	t->deadline = now + p->limits.budget_ms;
	t->alpn = TLS_ALPN_ANY;
	tries_make(t);
	return t;
}

void
port_free(struct port *t)
{
	free(t->host);
	free(t->tries);
	free(t->best);
	free(t->tls_info);
	buf_done(&t->greeting);
	buf_done(&t->answer);
	free(t);
}

static void
close_all(struct port *t, const struct conn *but)
{
	struct conn *c, *next;

	for (c = t->conns; c != NULL; c = next) {
		next = c->next;
		if (c != but)
			conn_close(c);
	}
}

/* -- what is learnt -------------------------------------------------------- */

void
port_found(struct port *t, const struct service_info *info, bool sure)
{
	if (t->settled)
		return;
	if (t->best == NULL)
		t->best = xcalloc(1, sizeof(*t->best));
	/* What is sure replaces what the same conversation said before. */
	if (sure || service_better(info, t->best)) {
		*t->best = *info;
		t->best->tls = t->in_tls;
	}
	t->settled = sure;
	t->due = 0;
}

void
port_conn_over(struct port *t, struct conn *c)
{
	struct try *try = &t->tries[c->try];
	bool quiet = c->nread == 0 && !c->ended;

	if (try->kind == TRY_VERSION)
		t->checked++;
	else if (c->connecting)
		t->silent++;
	else if (c->nread > 0)
		t->answered++;
	else if (c->ended)
		t->ended++;
	else
		t->silent++;
	t->heard = t->heard || !quiet;
	t->reset = t->reset || c->reset;
	t->anybody = t->anybody || (!quiet && tries_listen(t, c));
	/* It was recognised; how it went on does not change that. */
	if ((c->starttls || try->fresh > 0) && c->talking)
		port_found(t, c->info, true);
	if (try->state != TRY_RUNNING || try->fresh > 0)
		return;
	/* It may be slow, or serve one at a time. Datagrams were repeated. */
	if (quiet && !try->again && !c->udp &&
	    (try->kind == TRY_TALK || try->kind == TRY_TLS)) {
		try->again = true;
		try->state = TRY_QUEUED;
	} else
		try->state = TRY_OVER;
}

/* -- TLS ------------------------------------------------------------------- */

static void
tls_note(struct port *t, const struct conn *c)
{
	if (t->tls_info == NULL)
		t->tls_info = xcalloc(1, sizeof(*t->tls_info));
	tls_facts(c->tls, t->tls_info);
}

/* The first handshake: from now on all is asked inside. */
static void
go_inside(struct port *t, struct conn *c, uint64_t now)
{
	const char *alpn;
	bool h2;

	close_all(t, c);
	tls_note(t, c);
	alpn = service_fact_get(t->tls_info, "tls.alpn");
	t->alpn = alpn == NULL ? TLS_ALPN_NONE : TLS_ALPN_HTTP;
	h2 = alpn != NULL && strcmp(alpn, "h2") == 0;
	t->in_tls = true;
	t->phase = now;
	t->anybody = t->heard = t->lines = t->plain_to_tls = false;
	buf_reset(&t->greeting);
	tries_make(t);
	t->tries[0].state = TRY_RUNNING; /* it listens already */
	c->try = 0;
	/* Nothing but HTTP/2 will come here, and we ask by HTTP/1.1. */
	if (h2)
		conn_close(c);
}

/* It spoke TLS, but there is no agreement: less is offered. */
static bool
shake_again(struct port *t, struct try *try)
{
	if (t->alpn == TLS_ALPN_ANY)
		t->alpn = TLS_ALPN_NONE;
	else if (try->offer == TLS_OFFER_ALL)
		try->offer = TLS_OFFER_OLD;
	else
		return false;
	try->state = TRY_QUEUED;
	return true;
}

static void
shake_failed(struct port *t, struct conn *c)
{
	struct try *try = &t->tries[c->try];
	struct service_info none;

	if (c->nread == 0 && !c->ended && !try->again)
		return;
	t->tls_tried = true;
	if (!tls_speaks(c->tls)) {
		/* Who hears a greeting itself is not told this for one. */
		if (t->greeting.len == 0 && !tries_listen(t, c))
			(void)port_greeted(t, c->in.data, c->in.len, t->began);
		return;
	}
	if (shake_again(t, try))
		return;
	/* What is inside is not to be had. */
	tls_note(t, c);
	t->in_tls = true;
	service_init(&none);
	service_setf(none.how, sizeof(none.how), "tls");
	port_found(t, &none, true);
}

void
port_tls(struct port *t, struct conn *c, bool up)
{
	struct try *try = &t->tries[c->try];

	t->due = 0;
	if (try->kind == TRY_VERSION) {
		if (up)
			t->versions |= (uint8_t)(1u << try->offer);
	} else if (c->starttls) {
		if (!up)
			port_found(t, c->info, true);
	} else if (up && !t->in_tls)
		go_inside(t, c, c->heard);
	else if (!up && !t->in_tls)
		shake_failed(t, c);
	else if (!up && tls_speaks(c->tls) && t->alpn != TLS_ALPN_NONE) {
		/* It has no protocol of that name. */
		t->alpn = TLS_ALPN_NONE;
		try->state = TRY_QUEUED;
	}
}

static void
note_versions(struct port *t)
{
	struct buf b = { 0 };
	unsigned v;

	for (v = TLS_OFFER_10; v <= TLS_OFFER_13; v++)
		if ((t->versions & 1u << v) != 0)
			buf_printf(&b, "%s%s", b.len > 0 ? " " : "",
			    tls_offer_name((enum tls_offer)v));
	/* Those that were not settled may be accepted or not. */
	if (t->checked >= t->ntries && b.len > 0)
		service_fact(t->tls_info, "tls.versions", b.data, b.len);
	buf_done(&b);
}

/* -- the end --------------------------------------------------------------- */

static void
add_facts(struct service_info *to, const struct service_info *from)
{
	const char *name, *value;
	size_t i;

	for (i = 0; service_fact_at(from, i, &name, &value); i++)
		service_fact(to, name, value, strlen(value));
}

/* Why nothing is known. */
static void
tell_unknown(struct port *t, struct service_info *info)
{
	const struct buf *b = t->greeting.len > 0 ? &t->greeting : &t->answer;

	info->method = SERVICE_BY_TALK;
	info->conf = 0;
	if (b->len > 0) {
		service_evidence(info, b->data, b->len);
		service_setf(info->how, sizeof(info->how), "%s",
		    b == &t->greeting  ? "greeting"
		    : t->asked == NULL ? ""
				       : t->asked);
	} else if (t->job.proto == SOCK_UDP) {
		if (t->refused > 0)
			service_factf(info, "udp.refused", "yes");
	} else if (t->refused > 0 && t->ended == 0)
		service_factf(info, "tcp.ended", "refused");
	else if (t->ended > 0 && t->answered == 0 && t->silent == 0)
		service_factf(info, "tcp.ended", t->reset ? "reset" : "closed");
}

static void
finish(struct port *t, uint64_t now)
{
	struct service_info *info;

	/* Who knew the greeting may have said something in vain. */
	if (t->best == NULL || t->best->name[0] == '\0')
		files_greeting(t);
	info = t->best;
	if (info == NULL)
		info = t->best = xcalloc(1, sizeof(*info));
	files_complete(t, info);
	if (info->name[0] == '\0' && info->evidence[0] == '\0')
		tell_unknown(t, info);
	close_all(t, NULL);
	if (t->in_tls) {
		info->tls = true;
		if (t->checking)
			note_versions(t);
	}
	if (t->tls_info != NULL)
		add_facts(info, t->tls_info);
	info->took_ms = (uint32_t)(now - t->began);
	t->p->sink.found(t->p->sink.arg, &t->job, info);
	t->done = true;
}

static bool
wants_versions(const struct port *t)
{
	return t->p->limits.checks && !t->checking && t->in_tls &&
	       t->tls_info != NULL &&
	       service_fact_get(t->tls_info, "tls.version") != NULL;
}

static uint64_t
versions_at(const struct port *t)
{
	return t->deadline - t->p->limits.budget_ms / VERSIONS;
}

/* What is asked when it is known what it is. False: nothing. */
static bool
check_more(struct port *t, uint64_t now)
{
	if (!wants_versions(t) || now >= t->deadline)
		return false;
	close_all(t, NULL);
	t->checking = true;
	tries_make_versions(t);
	return true;
}

/* -- going on -------------------------------------------------------------- */

/* Whether something gets on: a conversation, or one that knows the greeting
 * and is about to hear it again. */
static bool
goes_on(const struct port *t, uint64_t now)
{
	const struct conn *c;

	for (c = t->conns; c != NULL; c = c->next)
		if (c->goes_on ||
		    (c->greets && c->in.len > 0 && now < c->heard + GRACE_MS) ||
		    (t->greeting.len > 0 && t->tries[c->try].rank == 0))
			return true;
	return false;
}

/* Whether only what greets is usual here: then it gets a moment. */
static bool
is_greeter(const struct port *t)
{
	bool greeter = false;
	unsigned i;

	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].own && t->tries[i].kind != TRY_FILE) {
			if (t->tries[i].kind != TRY_WAITS)
				return false;
			greeter = true;
		}
	return greeter;
}

static uint64_t
early_until(const struct port *t)
{
	return t->phase + (t->heard ? SOON_MS : GRACE_MS) + t->rtt;
}

/* So far there is no reason to ask for much at once. */
static bool
is_early(const struct port *t, uint64_t now)
{
	return t->refused == 0 && now < early_until(t);
}

/* How many questions are usual here. */
static unsigned
owners(const struct port *t)
{
	unsigned n = 0, i;

	for (i = 0; i < t->ntries; i++)
		n += t->tries[i].own;
	return n;
}

static unsigned
most_conns(const struct port *t, uint64_t now)
{
	if (t->job.proto == SOCK_UDP)
		return is_early(t, now) && owners(t) > 0 ? owners(t)
							 : PORT_DGRAMS;
	/* Who only listens is no burden. */
	if (t->checking || !is_early(t, now))
		return PORT_CONNS + tries_listen(t, NULL) +
		       (t->silent >= PORT_CONNS && t->answered == 0
			       ? SILENT_MORE
			       : 0);
	return is_greeter(t) ? 1 : 2;
}

/* After a hint that TLS is spoken here nothing else is asked. */
static struct try *
next_try(struct port *t, uint64_t now)
{
	struct try *try = tries_next(t, now);
	unsigned i;

	/* Who hangs up on what is said in clear may want it in TLS. */
	if (!t->plain_to_tls && (t->ended == 0 || t->answered > 0))
		return try;
	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].kind == TRY_TLS &&
		    t->tries[i].state == TRY_QUEUED)
			return &t->tries[i];
	return t->plain_to_tls ? NULL : try;
}

/* Nobody was answered while one was heard: perhaps only that one is served.
 * It is asked what was asked in vain. */
static void
take_turn(struct port *t, uint64_t now)
{
	struct conn *c;
	struct try *try;

	if (t->heard || now < t->phase + TURN_MS || t->job.proto != SOCK_TCP ||
	    is_greeter(t) || t->plain_to_tls || (try = tries_again(t)) == NULL)
		return;
	for (c = t->conns; c != NULL; c = c->next)
		if (c->greets && !c->connecting && c->nread == 0 &&
		    (c->tls == NULL || tls_state(c->tls) == TLS_UP))
			break;
	if (c == NULL)
		return;
	t->tries[c->try].state = TRY_OVER;
	try->state = TRY_RUNNING;
	c->try = (uint16_t)(try - t->tries);
	c->greets = false;
	conn_speak(c, now);
}

/* False: there is no room now. */
static bool
start(struct port *t, uint64_t now)
{
	struct try *try;
	struct conn *c;

	while (t->nconns < most_conns(t, now) && !goes_on(t, now) &&
	       !t->settled && (try = next_try(t, now)) != NULL) {
		/* No server of TLS speaks first. */
		if (try->kind == TRY_TLS && t->greeting.len > 0) {
			try->state = TRY_OVER;
			continue;
		}
		/* First it may greet. */
		if (try->kind == TRY_TLS && try->rank > 0 && is_early(t, now))
			return true;
		if (!prober_room(t))
			return false;
		c = conn_open(t, try, now);
		if (c != NULL)
			conn_begin(c, now);
		else if (try->state == TRY_QUEUED)
			return false;
	}
	return true;
}

static bool
is_over(struct port *t, uint64_t now)
{
	if (t->settled || t->enough || t->refused >= REFUSED_MAX)
		return true;
	/* What is silent inside must leave some time for them. */
	if (wants_versions(t) && now >= versions_at(t))
		return true;
	if (t->job.proto == SOCK_TCP && t->best == NULL && t->answered == 0 &&
	    t->silent == 0 && t->ended >= ENDED_AT_ALL && !t->in_tls &&
	    t->tls_tried && !tries_listen(t, NULL) && !tries_common_left(t))
		return true;
	if (t->conns != NULL)
		return false;
	return t->plain_to_tls ? next_try(t, now) == NULL : !tries_left(t);
}

/* Time is over: whoever has heard something says what it is. */
static void
last_words(struct port *t, uint64_t now)
{
	struct conn *c, *next;

	for (c = t->conns; c != NULL && !t->settled; c = next) {
		next = c->next;
		if (!c->connecting && c->in.len > 0 &&
		    (c->tls == NULL || tls_state(c->tls) != TLS_SHAKING))
			(void)conn_judge(c, true, now);
	}
}

static void
set_due(struct port *t, uint64_t now, bool room)
{
	uint64_t due = t->deadline, at;
	const struct conn *c;

	for (c = t->conns; c != NULL; c = c->next) {
		if ((at = conn_due(c)) < due)
			due = at;
		at = c->heard + GRACE_MS;
		if (c->greets && at > now && at < due)
			due = at;
	}
	at = early_until(t);
	if (at > now && at < due)
		due = at;
	at = t->phase + TURN_MS;
	if (at > now && at < due)
		due = at;
	at = versions_at(t);
	if (wants_versions(t) && at > now && at < due)
		due = at;
	if (!room && now + 50 < due)
		due = now + 50;
	t->due = due;
}

void
port_work(struct port *t, uint64_t now)
{
	struct conn *c, *next;
	bool room = true;

	for (c = t->conns; c != NULL; c = next) {
		next = c->next;
		conn_tick(c, now);
	}
	take_turn(t, now);
	if (!t->checking && now < t->deadline) {
		room = start(t, now);
		if (is_over(t, now) && !check_more(t, now)) {
			finish(t, now);
			return;
		}
	}
	if (t->checking && now < t->deadline) {
		t->settled = false;
		room = start(t, now);
		t->settled = true;
	}
	if (now >= t->deadline)
		last_words(t, now);
	if (now >= t->deadline ||
	    (t->checking && t->conns == NULL && !tries_left(t)))
		finish(t, now);
	else
		set_due(t, now, room);
}
