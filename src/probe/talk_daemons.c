/* SPDX-License-Identifier: ISC */
/* Daemons with binary protocols of their own: Nagios' NRPE, Firebird,
 * PulseAudio, Quassel, Icecream, Freeciv, Deluge. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

/* -- NRPE -------------------------------------------------------------------- */

#define NRPE_BUFFER 1024
#define NRPE_PACKET (2 + 2 + 4 + 2 + NRPE_BUFFER + 2)

/* Version 2, a query; CRC-32 of it all. The command asks for nothing but who
 * it is. */
static void
nrpe_begin(struct talk *t)
{
	static const uint8_t head[] = { 0, 2, 0, 1, 0xd4, 0x67, 0x3f, 0, 0, 0 };
	static const char command[NRPE_BUFFER + 2] = "_NRPE_CHECK";

	talk_send(t, head, sizeof(head));
	talk_send(t, command, sizeof(command));
}

/* A response, a state of 0 to 3, text. */
static enum talk_verdict
nrpe_input(struct talk *t)
{
	static const uint8_t head[] = { 0, 2, 0, 2 };
	static const char name[] = "NRPE v";
	struct service_info *i = t->info;
	const uint8_t *text, *end;
	size_t n;

	if (!talk_starts(t, head, sizeof(head)) ||
	    (t->nin >= 10 && (t->in[8] != 0 || t->in[9] > 3)))
		return TALK_NOT;
	if (t->nin < NRPE_PACKET)
		return talk_need(t);
	text = t->in + 10;
	end = memchr(text, '\0', NRPE_BUFFER);
	if (t->nin > NRPE_PACKET || end == NULL || end == text)
		return TALK_NOT;
	n = (size_t)(end - text);
	service_evidence(i, t->in, 10 + n);
	if (n > sizeof(name) - 1 && memcmp(text, name, sizeof(name) - 1) == 0) {
		service_setf(i->product, sizeof(i->product), "Nagios NRPE");
		service_set(i->version, sizeof(i->version),
		    text + sizeof(name) - 1, n - (sizeof(name) - 1));
		service_setf(i->cpe, sizeof(i->cpe), "cpe:/a:nagios:nrpe:%s",
		    i->version);
	} else
		service_set(i->extra, sizeof(i->extra), text, n);
	return TALK_DONE;
}

const struct talk_ops talk_nrpe = {
	.name = "nrpe",
	.service = "nrpe",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "5666",
	.tls_ports = "5666",
	.rarity = 5,
	.begin = nrpe_begin,
	.input = nrpe_input,
	.source = "NRPE's docs: the packet, version 2",
};

/* -- Firebird ------------------------------------------------------------------ */

enum {
	FB_CONNECT = 1,
	FB_ACCEPT = 3,
	FB_ATTACH = 19,
	FB_CONT_AUTH = 92,
	FB_ACCEPT_DATA = 94,
	FB_COND_ACCEPT = 98
};
#define FB_GENERIC 1      /* architecture: XDR */
#define FB_BATCH   3      /* type of the connection: batch_send */
#define FB_LAZY    5      /* .. lazy_send */
#define FB_FLAG    0x8000 /* of a version: Firebird's, not InterBase's */

static void
put_be32(struct talk *t, uint32_t v)
{
	const uint8_t p[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	talk_send(t, p, sizeof(p));
}

/* op_connect: of a database that nobody has, by nobody; protocols 10 to 13. */
static void
firebird_begin(struct talk *t)
{
	static const uint32_t versions[] = { 10, FB_FLAG | 11, FB_FLAG | 12,
		FB_FLAG | 13 };
	const size_t n = sizeof(versions) / sizeof(versions[0]);
	size_t i;

	put_be32(t, FB_CONNECT);
	put_be32(t, FB_ATTACH);
	put_be32(t, 2);
	put_be32(t, FB_GENERIC);
	put_be32(t, 8);
	talk_send(t, "sockdeck", 8);
	put_be32(t, (uint32_t)n);
	put_be32(t, 0);
	for (i = 0; i < n; i++) {
		put_be32(t, versions[i]);
		put_be32(t, FB_GENERIC);
		put_be32(t, 2);
		put_be32(t, i == 0 ? FB_BATCH : FB_LAZY);
		put_be32(t, 2 + 2 * (uint32_t)i);
	}
}

/* Whom it accepts, and by which of the versions; or, newer ones, that who it is
 * has to be told first: four strings, all empty. */
static enum talk_verdict
firebird_input(struct talk *t)
{
	static const uint8_t cont_auth[20] = { 0, 0, 0, FB_CONT_AUTH };
	struct service_info *i = t->info;
	uint32_t op, version, arch, type;
	struct talk_cursor c;

	if (t->nin == 0 || !talk_starts(t, "\0\0", 2))
		return t->nin == 0 ? talk_need(t) : TALK_NOT;
	cursor_init(&c, t->in, t->nin);
	op = cursor_be32(&c);
	if (c.bad)
		return talk_need(t);
	if (op == FB_CONT_AUTH) {
		if (t->nin > sizeof(cont_auth) ||
		    !talk_starts(t, cont_auth, sizeof(cont_auth)))
			return TALK_NOT;
		if (t->nin < sizeof(cont_auth))
			return talk_need(t);
	} else if (op == FB_ACCEPT || op == FB_ACCEPT_DATA ||
		   op == FB_COND_ACCEPT) {
		version = cursor_be32(&c) & 0xffff;
		arch = cursor_be32(&c);
		type = cursor_be32(&c) & 0xff;
		if (c.bad)
			return talk_need(t);
		if (((version & FB_FLAG) != 0 ? (version & ~FB_FLAG) < 11 ||
						    (version & ~FB_FLAG) > 13
					      : version != 10) ||
		    arch != FB_GENERIC || type < 2 || type > FB_LAZY ||
		    (op == FB_ACCEPT && t->nin > 16))
			return TALK_NOT;
		service_setf(i->extra, sizeof(i->extra), "protocol %u",
		    (unsigned)(version & ~(uint32_t)FB_FLAG));
	} else
		return TALK_NOT;
	service_setf(i->product, sizeof(i->product), "Firebird");
	service_setf(i->cpe, sizeof(i->cpe), "cpe:/a:firebirdsql:firebird");
	service_evidence(i, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_firebird = {
	.name = "firebird",
	.service = "firebird",
	.flags = TALK_TCP,
	.ports = "3050",
	.rarity = 6,
	.begin = firebird_begin,
	.input = firebird_input,
	.source = "Firebird documentation: wire protocol",
};

/* -- PulseAudio ------------------------------------------------------------------ */

enum {
	PA_ERROR = 0,
	PA_REPLY = 2,
	PA_HEAD = 20, /* length, channel, offset, flags */
	PA_MOST = 4096
};

/* get_server_info, with a tag of our own: answered where nobody has to say who
 * he is. */
static void
pulseaudio_begin(struct talk *t)
{
	talk_send(t,
	    "\0\0\0\12\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0"
	    "L\0\0\0\24Lsock",
	    PA_HEAD + 10);
}

/* 't', text, NUL. */
static bool
pulseaudio_text(struct talk_cursor *c, const uint8_t **s, size_t *n)
{
	const uint8_t *end;

	if (cursor_u8(c) != 't' ||
	    (end = memchr(c->p, '\0', cursor_left(c))) == NULL)
		return false;
	*s = c->p;
	*n = (size_t)(end - c->p);
	cursor_skip(c, *n + 1);
	return true;
}

static void
pulseaudio_learn(struct service_info *i, struct talk_cursor c)
{
	const uint8_t *s;
	size_t n;

	service_factf(i, "auth", "none");
	if (!pulseaudio_text(&c, &s, &n))
		return;
	if (n == 10 && memcmp(s, "pulseaudio", n) == 0)
		service_setf(i->product, sizeof(i->product), "PulseAudio");
	else
		service_set(i->product, sizeof(i->product), s, n);
	if (pulseaudio_text(&c, &s, &n))
		service_set(i->version, sizeof(i->version), s, n);
	/* Whose it is stands between. */
	if (pulseaudio_text(&c, &s, &n) && pulseaudio_text(&c, &s, &n))
		service_set(i->host, sizeof(i->host), s, n);
}

static enum talk_verdict
pulseaudio_input(struct talk *t)
{
	struct talk_cursor c;
	uint32_t len, code;

	if (!talk_starts(t, "\0\0", 2) || (t->nin > 4 && t->in[4] != 0xff))
		return TALK_NOT;
	if (t->nin < PA_HEAD + 10)
		return talk_need(t);
	cursor_init(&c, t->in, t->nin);
	len = cursor_be32(&c);
	if (len < 10 || len > PA_MOST || cursor_be32(&c) != 0xffffffff ||
	    cursor_be64(&c) != 0 || cursor_be32(&c) != 0)
		return TALK_NOT;
	if (cursor_left(&c) < len)
		return talk_need(t);
	cursor_init(&c, t->in + PA_HEAD, len);
	if (cursor_u8(&c) != 'L')
		return TALK_NOT;
	code = cursor_be32(&c);
	if ((code != PA_ERROR && code != PA_REPLY) || cursor_u8(&c) != 'L' ||
	    cursor_be32(&c) != 0x736f636b)
		return TALK_NOT;
	if (code == PA_REPLY)
		pulseaudio_learn(t->info, c);
	else
		service_factf(t->info, "auth", "required");
	service_evidence(t->info, t->in, PA_HEAD + len);
	return TALK_DONE;
}

const struct talk_ops talk_pulseaudio = {
	.name = "pulseaudio",
	.service = "pulseaudio",
	.flags = TALK_TCP,
	.ports = "4713",
	.rarity = 7,
	.begin = pulseaudio_begin,
	.input = pulseaudio_input,
	.source = "PulseAudio's documentation of its native protocol",
};

/* -- Quassel ----------------------------------------------------------------------- */

/* We could compress, and know both protocols. */
static void
quassel_begin(struct talk *t)
{
	talk_send(t, "\x42\xb3\x3f\x02\0\0\0\1\x80\0\0\2", 12);
}

/* Compression it shall be, and one of the two. */
static enum talk_verdict
quassel_input(struct talk *t)
{
	if (!talk_starts(t, "\2", 1) || t->nin > 4 ||
	    (t->nin > 3 && t->in[3] != 1 && t->in[3] != 2))
		return TALK_NOT;
	/* All that it says: what goes on after four bytes is another. */
	if (t->nin < 4 || (!t->timeout && !t->eof))
		return talk_need(t);
	service_setf(t->info->extra, sizeof(t->info->extra), "%s protocol",
	    t->in[3] == 1 ? "legacy" : "data stream");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_quassel = {
	.name = "quassel",
	.service = "quassel",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "4242",
	.rarity = 7,
	.wait_ms = 700,
	.begin = quassel_begin,
	.input = quassel_input,
	.source = "Quassel's protocol: probing",
};

/* -- Icecream ---------------------------------------------------------------------- */

enum {
	ICECC_OLDEST = 21,
	ICECC_NEWEST = 63
};

static bool
icecc_is(const uint8_t *p, unsigned version)
{
	return p[0] == version && p[1] == 0 && p[2] == 0 && p[3] == 0;
}

/* Each says its version, and whose is the newer says the older one. We are
 * older by one. */
static enum talk_verdict
icecc_input(struct talk *t)
{
	unsigned version = t->nin > 0 ? t->in[0] : 0;

	if (t->nin > 0 && (version < ICECC_OLDEST || version > ICECC_NEWEST))
		return TALK_NOT;
	if (t->nin < 4)
		return talk_need(t);
	if (!icecc_is(t->in, version) || t->nin > 8)
		return TALK_NOT;
	if (t->step == 0) {
		const uint8_t ours[4] = { (uint8_t)(version - 1) };

		if (t->nin > 4 || t->eof)
			return TALK_NOT;
		t->step = 1;
		talk_send(t, ours, sizeof(ours));
		return TALK_MORE;
	}
	if (t->nin < 8)
		return talk_need(t);
	if (!icecc_is(t->in + 4, version - 1))
		return TALK_NOT;
	service_setf(
	    t->info->extra, sizeof(t->info->extra), "protocol %u", version);
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_icecc = {
	.name = "icecc",
	.service = "icecc",
	.flags = TALK_TCP | TALK_GREETED,
	.ports = "8765,10245",
	.rarity = 7,
	.input = icecc_input,
	.source = "Icecream's README: protocol versions",
};

/* -- Freeciv ------------------------------------------------------------------------ */

enum {
	FREECIV_JOIN_REPLY = 5,
	FREECIV_PACKED = 16384 /* of a length: that many more are packed */
};

/* Who can nothing of what it asks for is not let in. */
static void
freeciv_begin(struct talk *t)
{
	talk_send(t, "\0\32\4sockdeck\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26);
}

/* A reply that says no, why, and what is asked for: packed by zlib, or not. */
static enum talk_verdict
freeciv_input(struct talk *t)
{
	struct service_info *i = t->info;
	struct talk_cursor c;
	const uint8_t *at;
	uint16_t len;

	cursor_init(&c, t->in, t->nin);
	len = cursor_be16(&c);
	if (c.bad)
		return talk_need(t);
	if (len > FREECIV_PACKED) {
		len -= FREECIV_PACKED;
		if (len > 1024 || (t->nin > 2 && t->in[2] != 0x78) ||
		    (t->nin > 3 && (0x7800 + t->in[3]) % 31 != 0) ||
		    t->nin > len)
			return TALK_NOT;
		/* The count has been one more, and the exact number. */
		if (t->nin + 1 < len)
			return talk_need(t);
	} else {
		if (len < 8 || len > 1024 || t->nin > len ||
		    (t->nin > 2 && t->in[2] != FREECIV_JOIN_REPLY) ||
		    (t->nin > 3 && t->in[3] != 0))
			return TALK_NOT;
		if (t->nin < len)
			return talk_need(t);
		at = bytes_find(t->in, t->nin, "Freeciv", 7);
		if (at == NULL)
			return TALK_NOT;
	}
	service_setf(i->product, sizeof(i->product), "Freeciv server");
	service_evidence(i, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_freeciv = {
	.name = "freeciv",
	.service = "freeciv",
	.flags = TALK_TCP,
	.ports = "5556",
	.rarity = 7,
	.begin = freeciv_begin,
	.input = freeciv_input,
	.source = "Freeciv's README.delta and packets.def",
};

/* -- Deluge ------------------------------------------------------------------------- */

/* "daemon.info", packed: its version, which it tells everybody. */
static void
deluge_begin(struct talk *t)
{
	talk_send(t,
	    "\1\0\0\0\31\x78\xda\x3b\x78\x84\xa1\x3b\x25\x31\x35\x37\x3f\x4f"
	    "\x2f\x33\x2f\x2d\xff\x40\x1a\0\x44\xf5\x07\x85",
	    30);
}

/* Version 1 of the transport, a length, what zlib packed. */
static enum talk_verdict
deluge_input(struct talk *t)
{
	struct talk_cursor c;
	uint32_t len;

	if (!talk_starts(t, "\1\0\0", 3))
		return TALK_NOT;
	if (t->nin < 7)
		return talk_need(t);
	cursor_init(&c, t->in + 1, t->nin - 1);
	len = cursor_be32(&c);
	if (len < 9 || len > 1024 || cursor_u8(&c) != 0x78 ||
	    (0x7800 + cursor_u8(&c)) % 31 != 0 || t->nin > 5 + (size_t)len)
		return TALK_NOT;
	if (t->nin < 5 + (size_t)len)
		return talk_need(t);
	service_setf(t->info->product, sizeof(t->info->product), "Deluge");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_deluge = {
	.name = "deluge",
	.service = "deluge",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "58846",
	.tls_ports = "58846",
	.rarity = 7,
	.begin = deluge_begin,
	.input = deluge_input,
	.source = "Deluge documentation: RPC protocol",
};
