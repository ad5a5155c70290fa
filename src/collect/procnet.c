/* SPDX-License-Identifier: ISC */
/*
 * Parses the tables of /proc/net, which is all there is where netlink is not
 * to be had. They know less: no cookie, no limit of an accept queue, nothing
 * of tcp_info, and a socket only bound is not in them.
 */
#include "config.h"

#include "collect/procnet.h"

#include <string.h>

#include "base/hash.h"

struct cursor {
	const char *p, *end;
	bool bad;
};

static void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
}

static void
take_char(struct cursor *c, char want)
{
	if (c->p < c->end && *c->p == want)
		c->p++;
	else
		c->bad = true;
}

static unsigned
hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return (unsigned)(ch - '0');
	if (ch >= 'A' && ch <= 'F')
		return (unsigned)(ch - 'A' + 10);
	if (ch >= 'a' && ch <= 'f')
		return (unsigned)(ch - 'a' + 10);
	return 16;
}

/* At most digits hexadecimal digits, at least one. */
static uint64_t
take_hex(struct cursor *c, unsigned digits)
{
	uint64_t v = 0;
	unsigned n, d;

	for (n = 0; n < digits && c->p < c->end; n++, c->p++) {
		d = hex_digit(*c->p);
		if (d > 15)
			break;
		v = v << 4 | d;
	}
	if (n == 0 || (c->p < c->end && hex_digit(*c->p) < 16))
		c->bad = true;
	return v;
}

static uint64_t
take_dec(struct cursor *c)
{
	const char *start = c->p;
	uint64_t v = 0;

	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (v > UINT32_MAX)
			c->bad = true;
		else
			v = v * 10 + (uint64_t)(*c->p - '0');
	}
	if (c->p == start)
		c->bad = true;
	return v;
}

/* Each four bytes of an address are printed as a number of this machine. */
static void
take_endpoint(struct cursor *c, unsigned family, struct endpoint *ret)
{
	unsigned i, d, words = family == 6 ? 4 : 1;
	uint32_t v;

	for (i = 0; i < words; i++) {
		v = 0;
		if (c->end - c->p < 8) {
			c->bad = true;
			return;
		}
		for (d = 0; d < 8; d++, c->p++) {
			if (hex_digit(*c->p) > 15)
				c->bad = true;
			v = v << 4 | (hex_digit(*c->p) & 15);
		}
		memcpy(ret->addr + (size_t)i * 4, &v, sizeof(v));
	}
	take_char(c, ':');
	ret->port = (uint16_t)take_hex(c, 4);
}

static uint8_t
state_of(uint8_t proto, uint64_t st)
{
	if (proto == SOCK_UDP)
		return st == SOCK_ESTABLISHED ? SOCK_CONNECTED
					      : SOCK_UNCONNECTED;
	if (st == 12)
		return SOCK_SYN_RECEIVED;
	if (st == 0 || st > SOCK_CLOSING)
		return SOCK_STATE_UNKNOWN;
	return (uint8_t)st;
}

/* " 0000FFFF:00000000 02:000001F4 00000000": queues, timer, retransmits. */
static void
take_queues(struct cursor *c, const struct procnet_want *w, struct sock_rec *r)
{
	uint64_t when;

	skip_blanks(c);
	r->sendq = (uint32_t)take_hex(c, 8);
	take_char(c, ':');
	r->recvq = (uint32_t)take_hex(c, 8);
	r->known |= KNOWN_QUEUES;
	if (r->proto == SOCK_TCP && r->state == SOCK_LISTEN) {
		r->sendq = 0;
		r->flags |= SOCKF_NO_LIMIT;
	}
	skip_blanks(c);
	r->timer = (uint8_t)take_hex(c, 2);
	take_char(c, ':');
	when = take_hex(c, 16);
	skip_blanks(c);
	r->retrans = (uint8_t)take_hex(c, 8);
	if (r->timer > TIMER_PERSIST)
		r->timer = TIMER_OFF;
	if (!w->timer)
		return;
	r->known |= KNOWN_TIMER;
	/* A jiffy too late is printed as a huge number. */
	if (w->hz > 0 && when < UINT32_MAX / 1000)
		r->timer_ms = (uint32_t)(when * 1000 / (uint64_t)w->hz);
}

static uint64_t
synth_cookie(const struct sock_rec *r)
{
	struct {
		struct endpoint local, peer;
		uint32_t netns, inode;
		uint32_t family, proto;
	} id;
	uint64_t h;

	memset(&id, 0, sizeof(id));
	memcpy(id.local.addr, r->local.addr, sizeof(id.local.addr));
	memcpy(id.peer.addr, r->peer.addr, sizeof(id.peer.addr));
	id.local.port = r->local.port;
	id.peer.port = r->peer.port;
	id.netns = r->netns;
	id.inode = r->inode;
	id.family = r->family;
	id.proto = r->proto;
	h = hash_bytes(&id, sizeof(id), 0) >> 1; /* fits JSON's integers */
	return h != 0 ? h : 1;
}

bool
procnet_parse(const char *line, size_t len, const struct procnet_want *w,
    struct sock_rec *ret)
{
	struct cursor c = { .p = line, .end = line + len };
	uint64_t uid, inode;

	memset(ret, 0, sizeof(*ret));
	ret->proto = w->proto;
	ret->family = w->family;
	ret->netns = w->netns;
	skip_blanks(&c);
	(void)take_dec(&c); /* sl */
	take_char(&c, ':');
	skip_blanks(&c);
	take_endpoint(&c, w->family, &ret->local);
	skip_blanks(&c);
	take_endpoint(&c, w->family, &ret->peer);
	skip_blanks(&c);
	ret->state = state_of(w->proto, take_hex(&c, 2));
	take_queues(&c, w, ret);
	skip_blanks(&c);
	uid = take_dec(&c);
	skip_blanks(&c);
	(void)take_dec(&c); /* timeout */
	skip_blanks(&c);
	inode = take_dec(&c);
	/* A number cut short by the end of what was read is another number. */
	if (c.bad || c.p == c.end || *c.p != ' ' || uid > UINT32_MAX ||
	    inode > UINT32_MAX)
		return false;
	ret->uid = (uint32_t)uid;
	ret->inode = (uint32_t)inode;
	ret->known |= KNOWN_INODE;
	/* Nobody's socket is printed as root's: that is no knowledge. */
	if (inode == 0)
		ret->flags |= SOCKF_ORPHAN;
	if (inode != 0 || uid != 0)
		ret->known |= KNOWN_UID;
	ret->flags |= SOCKF_SYNTH_KEY;
	ret->cookie = synth_cookie(ret);
	return true;
}
