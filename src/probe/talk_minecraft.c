/* SPDX-License-Identifier: ISC */
/* Minecraft: what a client shows of a server in its list. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/talk.h"

static void
minecraft_begin(struct talk *t)
{
	size_t n = strlen(t->host);
	char head[4] = { 0, 0, 0, 0 };

	n = n < 100 ? n : 100;
	/* Its length, 0: handshake, version 0: of the server's choice, host. */
	head[0] = (char)(n + 6);
	head[3] = (char)n;
	talk_send(t, head, 4);
	talk_send(t, t->host, n);
	head[0] = (char)(t->port >> 8);
	head[1] = (char)(t->port & 0xff);
	head[2] = 1; /* the status is asked for */
	talk_send(t, head, 3);
	talk_send(t, "\1\0", 2);
}

/* A number of seven bits a byte, the lowest first. */
static uint32_t
varint(struct talk_cursor *c)
{
	uint32_t n = 0;
	unsigned shift;
	uint8_t b;

	for (shift = 0; shift < 28; shift += 7) {
		b = cursor_u8(c);
		n |= (uint32_t)(b & 0x7f) << shift;
		if ((b & 0x80) == 0)
			return n;
	}
	c->bad = true;
	return 0;
}

/* "1.16.5", "Paper 1.20.4". */
static void
version(struct talk *t, struct span json)
{
	struct service_info *info = t->info;
	struct span v = span_json(span_after(json, "\"version\""), "name");
	size_t i;

	for (i = v.n; i > 0 && v.p[i - 1] != ' ';)
		i--;
	service_set(info->version, sizeof(info->version), v.p + i, v.n - i);
	service_set(info->extra, sizeof(info->extra), v.p, i > 0 ? i - 1 : 0);
	v = span_json(json, "text");
	if (v.n == 0)
		v = span_json(json, "description");
	if (v.n > 0)
		service_fact(
		    info, "minecraft.motd", v.p, v.n < 200 ? v.n : 200);
}

static enum talk_verdict
minecraft_input(struct talk *t)
{
	bool end = t->eof || t->timeout || t->nin >= TALK_IN_MAX;
	struct talk_cursor c;
	struct span json;
	uint32_t all, n;

	cursor_init(&c, t->in, t->nin);
	all = varint(&c);
	if (!c.bad && (all < 10 || cursor_u8(&c) != 0))
		return c.bad && !end ? TALK_MORE : TALK_NOT;
	n = varint(&c);
	if (c.bad)
		return end || t->nin > 8 ? TALK_NOT : TALK_MORE;
	if (n >= all || all - n > 5)
		return TALK_NOT;
	json = (struct span){ (const char *)c.p, cursor_left(&c) };
	if (json.n > 0 && json.p[0] != '{')
		return TALK_NOT;
	if (json.n < n && !end)
		return TALK_MORE;
	if (span_find(json, "\"version\"") == NULL ||
	    span_find(json, "\"protocol\"") == NULL)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "Minecraft");
	version(t, json);
	service_evidence(t->info, t->in, t->nin < 300 ? t->nin : 300);
	return TALK_DONE;
}

const struct talk_ops talk_minecraft = {
	.name = "minecraft",
	.service = "minecraft",
	.flags = TALK_TCP,
	.ports = "25565-25575",
	.rarity = 6,
	.begin = minecraft_begin,
	.input = minecraft_input,
	.source = "Java Edition protocol, server list ping",
};
