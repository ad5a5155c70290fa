/* SPDX-License-Identifier: ISC */
/*
 * SOCKS: which ways to log in it takes, then a command that does not exist, so
 * that nothing is connected to; version 4 is asked for an address that is none.
 */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

enum step {
	METHODS,
	ONLY_NONE,
	AS_HTTP
};

static void
socks5_begin(struct talk *t)
{
	static const char *const says[] = { [METHODS] = "\5\2\0\2",
		[ONLY_NONE] = "\5\1\0",
		[AS_HTTP] = "GET / HTTP/1.0\r\n\r\n" };
	static const size_t len[] = { 4, 3, 18 };

	talk_send(t, says[t->step], len[t->step]);
}

/* Tor explains itself to browsers. */
static enum talk_verdict
as_http(struct talk *t)
{
	static const char tor[] = "Tor is not an HTTP Proxy";

	if (t->nin < 64 && !t->eof && !t->timeout)
		return TALK_MORE;
	if (bytes_find(t->in, t->nin, tor, sizeof(tor) - 1) != NULL)
		service_setf(t->info->product, sizeof(t->info->product),
		    "Tor SOCKS proxy");
	return TALK_DONE;
}

static enum talk_verdict
recognised(struct talk *t, const char *auth)
{
	service_factf(t->info, "auth", "%s", auth);
	service_evidence(t->info, t->in, t->nin);
	t->step = AS_HTTP;
	return TALK_AGAIN;
}

/* 5, a method; then 5, an error, 0, and an address of nobody. */
static enum talk_verdict
socks5_input(struct talk *t)
{
	struct service_info *i = t->info;

	if (t->step == AS_HTTP)
		return as_http(t);
	if ((t->nin > 0 && t->in[0] != 5) ||
	    (t->nin > 1 && t->in[1] != 0 && t->in[1] != 2 && t->in[1] != 0xff))
		return t->step == ONLY_NONE ? TALK_DONE : TALK_NOT;
	if (t->nin < 2)
		return t->step == ONLY_NONE && (t->eof || t->timeout)
			   ? TALK_DONE
			   : talk_need(t);
	if (t->in[1] != 0) {
		if (t->nin > 2)
			return TALK_NOT;
		/* Two bytes are little: asked without a password it says no,
		 * or that it needs none. */
		if (t->step == METHODS) {
			i->conf = 6;
			service_evidence(i, t->in, t->nin);
			service_factf(i, "auth", "password");
			t->step = ONLY_NONE;
			return TALK_AGAIN;
		}
		i->conf = 9;
		return recognised(t, "password");
	}
	if (t->step == ONLY_NONE) {
		i->conf = 9;
		return recognised(t, "none");
	}
	if (t->nin == 2 && !t->eof && !t->timeout) {
		talk_send(t, "\5\177\0\1\0\0\0\0\0\0", 10);
		return TALK_MORE;
	}
	/* Some hang up on it instead of saying why not; two bytes are little,
	 * then. */
	if (t->nin == 2) {
		t->info->conf = 6;
		return recognised(t, "none");
	}
	if ((t->nin > 3 && (t->in[3] == 0 || t->in[3] > 8 || t->in[2] != 5)) ||
	    (t->nin > 4 && t->in[4] != 0))
		return TALK_NOT;
	if (t->nin < 12)
		return talk_need(t);
	if (t->in[5] != 1 && t->in[5] != 3 && t->in[5] != 4)
		return TALK_NOT;
	return recognised(t, "none");
}

const struct talk_ops talk_socks5 = {
	.name = "socks5",
	.service = "socks5",
	.flags = TALK_TCP,
	.ports = "1080,9050,9150",
	.rarity = 5,
	.begin = socks5_begin,
	.input = socks5_input,
	.source = "RFC 1928",
};

/* Connect to port 0 of 0.0.0.0, for nobody. */
static void
socks4_begin(struct talk *t)
{
	talk_send(t, "\4\1\0\0\0\0\0\0s\0", 10);
}

static enum talk_verdict
socks4_input(struct talk *t)
{
	static const uint8_t none[6] = { 0 };

	if (t->nin > 8 || (t->nin > 0 && t->in[0] != 0) ||
	    (t->nin > 1 && (t->in[1] < 0x5b || t->in[1] > 0x5d)))
		return TALK_NOT;
	if (t->nin < 8 || (!t->eof && !t->timeout))
		return talk_need(t);
	if (memcmp(t->in + 2, none, sizeof(none)) != 0)
		return TALK_NOT;
	t->info->conf = 8;
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_socks4 = {
	.name = "socks4",
	.service = "socks4",
	.flags = TALK_TCP,
	.ports = "1080",
	.rarity = 8,
	.begin = socks4_begin,
	.input = socks4_input,
	.source = "SOCKS: a protocol for TCP proxy across firewalls (4)",
};
