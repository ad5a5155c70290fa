/* SPDX-License-Identifier: ISC */
/* What is said to a port, and what its answers mean. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "probe/prober_priv.h"

#define WAIT_MS       1500 /* for an answer, where a conversation says nothing */
#define SOFT_MS       400  /* for the first one on a port not its own */
#define QUICK_MS      150
#define SOFT_UDP_MS   700
#define OWN_UDP_MS    2000 /* where it is usual: it may be busy */
#define SOFT_RTTS     6
#define LISTEN_OWN_MS 5500 /* where something greets that may be slow */
#define LISTEN_TLS_MS 1000
#define FRESH_MAX     8 /* connections of one conversation */
#define ECHO_MIN      4
#define KEPT          1024 /* of a greeting or an answer */
#define SURE          8    /* conf: nothing else is asked */
#define LINES_RANK    250  /* what asks in lines goes so far before others */

static struct try *
try_of(const struct conn *c)
{
	return &c->port->tries[c->try];
}

/* -- time ------------------------------------------------------------------ */

static uint64_t
wait_for(const struct conn *c, bool first)
{
	const struct try *try = try_of(c);
	uint64_t wait = c->talk.ops->wait_ms, soft;

	wait = wait == 0 ? WAIT_MS : wait;
	if (c->udp && try->own && wait < OWN_UDP_MS)
		return OWN_UDP_MS;
	if (first && !c->udp && (try->talk->flags & TALK_GREETED) != 0)
		return wait > LISTEN_MS ? wait : LISTEN_MS;
	if (!first || try->own || try->again || try->fresh > 0)
		return wait;
	soft = (c->udp ? SOFT_UDP_MS : SOFT_MS) + SOFT_RTTS * c->port->rtt;
	/* Who answers others at once needs no long patience. */
	if (c->port->quick != 0 && QUICK_MS + 20 * c->port->quick < soft)
		soft = QUICK_MS + 20 * c->port->quick;
	return soft < wait ? soft : wait;
}

/* Whether something that greets is usual here. */
static uint64_t
listen_ms(const struct port *t)
{
	unsigned i;

	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].kind == TRY_WAITS && t->tries[i].own)
			return LISTEN_OWN_MS;
	return t->in_tls ? LISTEN_TLS_MS : LISTEN_MS;
}

/* -- saying something ------------------------------------------------------ */

static void
set_up(struct talk *talk, const struct port *t)
{
	talk->tls = t->in_tls;
	talk->udp = t->job.proto == SOCK_UDP;
	talk->checks = t->p->limits.checks;
	talk->port = t->job.port;
	talk->addr = t->job.addr;
	talk->host = t->host != NULL ? t->host : t->addr;
}

static void
talk_open(struct conn *c)
{
	if (c->info == NULL)
		c->info = xmalloc(sizeof(*c->info));
	talk_init(&c->talk, try_of(c)->talk, c->info);
	set_up(&c->talk, c->port);
	conn_self(c, &c->talk.self);
	c->talking = true;
}

void
conn_talk_done(struct conn *c)
{
	if (c->talking)
		talk_done(&c->talk);
	c->talking = false;
	buf_done(&c->talk.out);
	free(c->info);
	c->info = NULL;
}

static void
after_starttls(struct conn *c, uint64_t now)
{
	c->talk.tls = true;
	tls_facts(c->tls, c->info);
	c->due = now + wait_for(c, false);
	if (!conn_judge(c, false, now))
		conn_close(c);
}

void
conn_speak(struct conn *c, uint64_t now)
{
	const struct try *try = try_of(c);

	if (c->starttls) {
		after_starttls(c, now);
		return;
	}
	switch ((enum try_kind)try->kind) {
	case TRY_LISTEN:
	case TRY_TLS:
	case TRY_WAITS:
		c->due = now + listen_ms(c->port);
		return;
	case TRY_VERSION:
		c->due = now;
		return;
	case TRY_FILE:
		buf_put(&c->talk.out, try->def->bytes, try->def->len);
		c->due = now + SOFT_MS + SOFT_RTTS * c->port->rtt +
			 (try->own ? WAIT_MS : 0);
		break;
	case TRY_TALK:
		if (!c->talking)
			talk_open(c);
		talk_begin(&c->talk);
		c->due = now + wait_for(c, true);
		break;
	}
	conn_send(c, now);
}

/* -- what comes by itself -------------------------------------------------- */

/* Which conversation makes something of a greeting. */
struct greeted {
	struct try *done, *claim; /* knows it all; wants to go on */
	unsigned maybe;           /* how many need more of it */
	struct service_info info; /* of done */
};

static bool
is_before(const struct try *a, const struct try *b)
{
	return b == NULL || (a->own != b->own ? a->own : a->rank < b->rank);
}

/* What one makes of it, from the beginning: it judges by all that came. */
static void
offer(
    struct greeted *g, struct port *t, struct try *try, const struct talk *like)
{
	struct talk talk;
	enum talk_verdict v;

	talk_init(&talk, try->talk, &t->p->scratch);
	set_up(&talk, t);
	talk.in = like->in;
	talk.nin = like->nin;
	talk.cut = like->cut;
	talk.eof = like->eof;
	talk.timeout = like->timeout;
	v = talk_input(&talk);
	if (v == TALK_NOT)
		try->state = TRY_OVER;
	else if (v == TALK_DONE) {
		if (is_before(try, g->done)) {
			g->done = try;
			g->info = t->p->scratch;
		}
	} else if (v == TALK_MORE && talk.out.len == 0)
		g->maybe++;
	else if (is_before(try, g->claim))
		g->claim = try;
	talk_done(&talk);
}

/* A greeter that is to have a connection of its own, but has none yet. */
static bool
is_called(const struct try *try)
{
	return try->state == TRY_QUEUED &&
	       (try->talk->flags & TALK_GREETED) != 0;
}

static void
offer_all(struct greeted *g, struct port *t, const struct talk *like)
{
	unsigned i;

	g->done = g->claim = NULL;
	g->maybe = 0;
	for (i = 0; i < t->ntries; i++)
		if (t->tries[i].kind == TRY_WAITS
			? t->tries[i].state != TRY_OVER
			: t->tries[i].talk != NULL && is_called(&t->tries[i]))
			offer(g, t, &t->tries[i], like);
	if (g->done != NULL && g->claim != NULL && is_before(g->claim, g->done))
		g->done = NULL;
}

static void
keep(struct buf *b, const void *p, size_t n)
{
	buf_reset(b);
	buf_put(b, p, n < KEPT ? n : KEPT);
}

bool
port_greeted(struct port *t, const void *p, size_t n, uint64_t now)
{
	const struct talk like = { .in = p, .nin = n, .cut = n };
	struct greeted g;

	if (n == 0 || t->job.proto != SOCK_TCP)
		return false;
	offer_all(&g, t, &like);
	if (g.done != NULL)
		port_found(t, &g.info, g.info.conf >= SURE);
	else if (g.claim != NULL) {
		g.claim->kind = TRY_TALK;
		g.claim->state = TRY_QUEUED;
		g.claim->rank = 0;
		t->due = now;
	}
	return g.done != NULL || g.claim != NULL;
}

static bool talk_judge(struct conn *, uint64_t now);

static bool
listen_judge(struct conn *c, bool timeout, uint64_t now)
{
	const struct talk like = { .in = (const uint8_t *)c->in.data,
		.nin = c->in.len,
		.cut = c->cut,
		.eof = c->ended,
		.timeout = timeout };
	struct port *t = c->port;
	struct greeted g;

	if (c->in.len == 0)
		return !timeout;
	keep(&t->greeting, c->in.data, c->in.len);
	offer_all(&g, t, &like);
	if (g.done != NULL) {
		port_found(t, &g.info, g.info.conf >= SURE);
		return false;
	}
	if (g.claim != NULL) {
		/* It goes on in this connection. */
		try_of(c)->state = TRY_OVER;
		c->try = (uint16_t)(g.claim - t->tries);
		g.claim->kind = TRY_TALK;
		g.claim->state = TRY_RUNNING;
		c->greets = false;
		talk_open(c);
		c->talk.timeout = timeout;
		return talk_judge(c, now);
	}
	/* Who is unsure needs not long where a file is sure. */
	c->due = now + (files_know_greeting(t) ? QUICK_MS : WAIT_MS);
	if (g.maybe > 0 && !timeout)
		return true;
	files_greeting(t);
	return false;
}

/* -- answers --------------------------------------------------------------- */

static bool
mentions(const struct conn *c, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= c->in.len; i++)
		if (strncasecmp(c->in.data + i, word, n) == 0)
			return true;
	return false;
}

/* "400, this is an HTTPS port": it is heard in TLS, then. Many say 400 that
 * have no TLS, some of which wait long for the end of a handshake. */
static bool
is_plain_to_tls(const struct conn *c)
{
	const struct port *t = c->port;
	const char *status = service_fact_get(c->info, "http.status");

	return !t->in_tls && !t->tls_tried && status != NULL &&
	       strncmp(status, "400", 3) == 0 &&
	       (mentions(c, "https") || mentions(c, "TLS") ||
		   mentions(c, "SSL"));
}

static bool
again(struct conn *c, uint64_t now)
{
	struct port *t = c->port;
	struct try *try = try_of(c);
	struct conn *next;

	port_found(t, c->info, false);
	if (try->fresh++ >= FRESH_MAX ||
	    (next = conn_open(t, try, now)) == NULL) {
		port_found(t, c->info, true);
		return false;
	}
	next->talk = c->talk;
	next->info = c->info;
	next->talking = next->goes_on = true;
	c->talking = false;
	c->info = NULL;
	buf_init(&c->talk.out);
	conn_begin(next, now);
	return false;
}

/* First words of answers that are the same whatever was asked. */
static const struct {
	const char *words, *talk;
} hints[] = {
	{ "HTTP/1.", "http" },
	{ "SIP/2.0 ", "sip" },
	{ "RTSP/1.0 ", "rtsp" },
	{ "@RSYNCD: ", "rsync" },
};

/* Whoever answers others in its own protocol is asked in it next. */
static void
heed_hint(struct conn *c)
{
	struct port *t = c->port;
	struct try *try;
	size_t i;

	for (i = 0; i < nitems(hints); i++)
		if (c->in.len >= strlen(hints[i].words) &&
		    memcmp(c->in.data, hints[i].words,
			strlen(hints[i].words)) == 0)
			break;
	if (i == nitems(hints))
		return;
	for (try = t->tries; try < t->tries + t->ntries; try++)
		if (try->talk != NULL &&
		    (try->state == TRY_QUEUED || try->held) &&
		    strcmp(try->talk->name, hints[i].talk) == 0) {
			try->state = TRY_QUEUED;
			try->held = false;
			try->rank = 0;
		}
}

/* Text that ends its line. */
static bool
is_lines(const struct buf *b)
{
	size_t i;

	if (b->len < 3 || b->data[b->len - 1] != '\n')
		return false;
	for (i = 0; i < b->len; i++)
		if ((unsigned char)b->data[i] < ' ' &&
		    strchr("\t\r\n", b->data[i]) == NULL)
			return false;
	return true;
}

static bool
asks_in_lines(struct port *t, const struct try *try)
{
	struct talk talk;
	bool lines;

	talk_init(&talk, try->talk, &t->p->scratch);
	set_up(&talk, t);
	talk_begin(&talk);
	lines = is_lines(&talk.out);
	talk_done(&talk);
	return lines;
}

/* Whoever answers what he does not understand in a line is asked in lines
 * next: what is not text would be waited for in vain, line after line. */
static void
prefer_lines(struct conn *c)
{
	struct port *t = c->port;
	struct try *try;

	if (t->lines || !is_lines(&c->in))
		return;
	t->lines = true;
	for (try = t->tries; try < t->tries + t->ntries; try++)
		if (try->kind == TRY_TALK && try->state == TRY_QUEUED &&
		    try->rank > LINES_RANK && asks_in_lines(t, try))
			try->rank -= LINES_RANK;
}

static bool
greeting_is_heard(const struct port *t)
{
	const struct conn *c;

	for (c = t->conns; c != NULL; c = c->next)
		if (c->greets && c->in.len > 0)
			return true;
	return false;
}

static bool
not_it(struct conn *c, uint64_t now)
{
	struct port *t = c->port;

	/* Silence is no answer: it may have its turn again. */
	if (c->in.len == 0 && !c->ended)
		return false;
	try_of(c)->state = TRY_OVER;
	/* A TLS alert (RFC 8446, 6) is said by who speaks TLS. */
	if (c->in.len == 7 && memcmp(c->in.data, "\x15\x03", 2) == 0 &&
	    !t->in_tls && !t->tls_tried)
		t->plain_to_tls = true;
	heed_hint(c);
	prefer_lines(c);
	if (t->greeting.len > 0) {
		/* Who hears it may be about to know it. */
		if (!port_greeted(t, t->greeting.data, t->greeting.len, now) &&
		    !greeting_is_heard(t))
			files_greeting(t);
	} else if (!tries_listen(t, c)) /* who hears a greeting itself */
		(void)port_greeted(t, c->in.data, c->in.len, now);
	return false;
}

static bool
is_it(struct conn *c)
{
	struct port *t = c->port;

	if (is_plain_to_tls(c)) {
		port_found(t, c->info, false);
		t->plain_to_tls = true;
	} else
		port_found(t, c->info, c->info->conf >= SURE);
	return false;
}

/* Some servers send back what they get, and some questions look like their
 * answers. */
static bool
is_echo(const struct conn *c)
{
	const struct buf *in = &c->in, *said = &c->said;

	return (!c->talking || (c->talk.ops->flags & TALK_SAME) == 0) &&
	       in->len >= ECHO_MIN && in->len <= said->len &&
	       (in->len == said->len || in->len >= 2 * ECHO_MIN) &&
	       memcmp(in->data, said->data, in->len) == 0;
}

static bool
talk_judge(struct conn *c, uint64_t now)
{
	struct talk *talk = &c->talk;
	bool timeout = talk->timeout;
	enum talk_verdict v;

	if (is_echo(c))
		return not_it(c, now);
	talk->in = (const uint8_t *)(c->in.len > 0 ? c->in.data : "");
	talk->nin = c->in.len;
	talk->cut = c->cut;
	talk->eof = c->ended;
	v = talk_input(talk);
	talk->in = NULL;
	talk->timeout = false;
	switch (v) {
	case TALK_MORE:
		if (timeout && talk->out.len == 0)
			return false;
		/* To silence one may say more, but that is no progress. */
		c->goes_on = c->goes_on ||
			     (talk->out.len > 0 && (!c->udp || c->in.len > 0));
		c->due = now + wait_for(c, c->in.len == 0);
		conn_send(c, now);
		return true;
	case TALK_DONE:
		return is_it(c);
	case TALK_NOT:
		return not_it(c, now);
	case TALK_AGAIN:
		return again(c, now);
	case TALK_STARTTLS:
		port_found(c->port, c->info, false);
		conn_send(c, now);
		conn_starttls(c, now);
		return true;
	}
	return false;
}

bool
conn_judge(struct conn *c, bool timeout, uint64_t now)
{
	const struct try *try = try_of(c);
	struct port *t = c->port;

	if (c->in.len > 0 && !c->greets && t->answer.len == 0) {
		keep(&t->answer, c->in.data, c->in.len);
		t->asked = try->talk != NULL  ? try->talk->name
			   : try->def != NULL ? try->def->name
					      : NULL;
	}
	if (t->nread > PORT_BYTES)
		t->enough = true;
	if (c->greets)
		return listen_judge(c, timeout, now);
	if (c->talking) {
		c->talk.timeout = timeout;
		return talk_judge(c, now);
	}
	return try->kind == TRY_FILE && !is_echo(c) && files_judge(c) &&
	       !timeout;
}
