/* SPDX-License-Identifier: ISC */
/* What Java's machines listen for: AJP, their debugger, RMI. */
#include "config.h"

#include <string.h>

#include "probe/talk_bin.h"

/* -- AJP --------------------------------------------------------------------- */

/* CPing; CPong. */
static void
ajp_begin(struct talk *t)
{
	talk_send(t, "\x12\x34\0\1\12", 5);
}

static enum talk_verdict
ajp_input(struct talk *t)
{
	if (!talk_starts(t, "AB\0\1\11", 5) || t->nin > 5)
		return TALK_NOT;
	if (t->nin < 5)
		return talk_need(t);
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_ajp = {
	.name = "ajp",
	.service = "ajp13",
	.flags = TALK_TCP,
	.ports = "8009,8109",
	.rarity = 5,
	.begin = ajp_begin,
	.input = ajp_input,
	.source = "Apache Tomcat connectors: AJPv13, CPing",
};

/* -- the debugger -------------------------------------------------------------- */

#define JDWP_HELLO "JDWP-Handshake"
enum {
	JDWP_HELLO_LEN = sizeof(JDWP_HELLO) - 1,
	JDWP_HEAD = 11
};

static void
jdwp_begin(struct talk *t)
{
	talk_send(t, JDWP_HELLO, JDWP_HELLO_LEN);
}

/* A length, text. */
static const uint8_t *
jdwp_text(struct talk_cursor *c, uint32_t *n)
{
	*n = cursor_be32(c);
	return cursor_take(c, *n);
}

static void
jdwp_learn(struct service_info *i, struct talk_cursor c)
{
	const uint8_t *version, *name;
	uint32_t n, len;

	(void)jdwp_text(&c, &n);
	cursor_skip(&c, 8);
	version = jdwp_text(&c, &n);
	name = jdwp_text(&c, &len);
	if (version != NULL)
		service_set(i->version, sizeof(i->version), version, n);
	if (name != NULL)
		service_set(i->product, sizeof(i->product), name, len);
	service_setf(i->extra, sizeof(i->extra), "debugger");
	service_factf(i, "auth", "none");
}

/* It says the same as we do, as some do to everything; but then it knows which
 * machine it is (VirtualMachine.Version). Nothing is stopped by that. */
static enum talk_verdict
jdwp_input(struct talk *t)
{
	struct talk_cursor c;
	uint32_t len;

	if (!talk_starts(t, JDWP_HELLO, JDWP_HELLO_LEN))
		return TALK_NOT;
	if (t->nin < JDWP_HELLO_LEN)
		return talk_need(t);
	if (t->step == 0) {
		t->step = 1;
		talk_send(t, "\0\0\0\13sock\0\1\1", JDWP_HEAD);
		return t->nin > JDWP_HELLO_LEN || t->eof ? TALK_NOT : TALK_MORE;
	}
	cursor_init(&c, t->in + JDWP_HELLO_LEN, t->nin - JDWP_HELLO_LEN);
	len = cursor_be32(&c);
	if (cursor_left(&c) < JDWP_HEAD - 4)
		return talk_need(t);
	if (len < JDWP_HEAD || len > 4096 || cursor_be32(&c) != 0x736f636b ||
	    cursor_u8(&c) != 0x80 || cursor_be16(&c) != 0)
		return TALK_NOT;
	if (cursor_left(&c) < len - JDWP_HEAD)
		return talk_need(t);
	jdwp_learn(t->info, c);
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_jdwp = {
	.name = "jdwp",
	.service = "jdwp",
	.flags = TALK_TCP | TALK_SAME,
	.ports = "5005,8000,8787",
	.rarity = 6,
	.begin = jdwp_begin,
	.input = jdwp_input,
	.source = "Java SE documentation: Java Debug Wire Protocol",
};

/* -- RMI --------------------------------------------------------------------------- */

/* Version 2, StreamProtocol. */
static void
rmi_begin(struct talk *t)
{
	talk_send(t, "JRMI\0\2K", 7);
}

static bool
is_host(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((p[i] < '0' || p[i] > ':') &&
		    ((p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'z') &&
		    p[i] != '.' && p[i] != '-' && p[i] != '_' && p[i] != '%')
			return false;
	return n > 0;
}

/* ProtocolAck, whom it sees: a length, a host, a port. */
static enum talk_verdict
rmi_input(struct talk *t)
{
	struct talk_cursor c;
	const uint8_t *host;
	uint32_t port;
	uint16_t n;

	if (!talk_starts(t, "N\0", 2))
		return TALK_NOT;
	if (t->nin < 3)
		return talk_need(t);
	cursor_init(&c, t->in + 1, t->nin - 1);
	n = cursor_be16(&c);
	if (cursor_left(&c) < (size_t)n + 4)
		return talk_need(t);
	host = cursor_take(&c, n);
	port = cursor_be32(&c);
	if (host == NULL || !is_host(host, n) || port == 0 || port > 65535 ||
	    cursor_left(&c) > 0)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "Java RMI");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_rmi = {
	.name = "java-rmi",
	.service = "java-rmi",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "1098-1099,1090,8999,9010,9999",
	.rarity = 6,
	.begin = rmi_begin,
	.input = rmi_input,
	.source = "Java RMI specification, 10: wire protocol",
};
