/* SPDX-License-Identifier: ISC */
/* AMQP 0-9-1: Connection.Start names the broker before any login. */
#include "config.h"

#include <string.h>

#include "probe/http_server.h"
#include "probe/talk.h"

static const uint8_t hello[8] = { 'A', 'M', 'Q', 'P', 0, 0, 9, 1 };

static void
amqp_begin(struct talk *t)
{
	talk_send(t, hello, sizeof(hello));
}

/* Bytes of a value of this type; those with a length of their own say so. */
static size_t
value_size(struct talk_cursor *c, uint8_t type)
{
	switch (type) {
	case 't':
	case 'b':
	case 'B':
		return 1;
	case 's':
	case 'u':
	case 'U':
		return 2;
	case 'I':
	case 'i':
	case 'f':
		return 4;
	case 'D':
		return 5;
	case 'L':
	case 'l':
	case 'd':
	case 'T':
		return 8;
	case 'S':
	case 'x':
	case 'A':
	case 'F':
		return cursor_be32(c);
	case 'V':
		return 0;
	default:
		c->bad = true;
		return 0;
	}
}

static bool
is_key(const uint8_t *p, size_t n, const char *key)
{
	return n == strlen(key) && memcmp(p, key, n) == 0;
}

static void
properties(struct talk *t, const uint8_t *table, size_t size)
{
	struct service_info *info = t->info;
	struct talk_cursor c;
	const uint8_t *key, *value;
	size_t nkey, n;

	cursor_init(&c, table, size);
	while (cursor_left(&c) > 0 && !c.bad) {
		nkey = cursor_u8(&c);
		key = cursor_take(&c, nkey);
		n = value_size(&c, cursor_u8(&c));
		value = cursor_take(&c, n);
		if (key == NULL || value == NULL)
			return;
		if (is_key(key, nkey, "product"))
			service_set(
			    info->product, sizeof(info->product), value, n);
		else if (is_key(key, nkey, "version"))
			service_set(
			    info->version, sizeof(info->version), value, n);
		else if (is_key(key, nkey, "platform"))
			service_set(info->extra, sizeof(info->extra), value, n);
		else if (is_key(key, nkey, "cluster_name"))
			service_set(info->host, sizeof(info->host), value, n);
	}
}

/* The same eight bytes with another number: what it speaks instead. */
static enum talk_verdict
other_version(struct talk *t)
{
	const uint8_t *v = t->in + 4;

	if (t->nin < 8)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (v[0] > 3 || v[1] > 1 || v[2] > 10 || v[3] > 1)
		return TALK_NOT;
	service_setf(
	    t->info->extra, sizeof(t->info->extra), "AMQP %u.%u", v[1], v[2]);
	service_evidence(t->info, t->in, 8);
	return TALK_DONE;
}

static enum talk_verdict
amqp_input(struct talk *t)
{
	/* A method on channel 0. */
	static const uint8_t frame[] = { 1, 0, 0 };
	bool end = t->eof || t->timeout;
	const uint8_t *table, *names;
	struct talk_cursor c;
	size_t n;

	if (t->nin >= 4 && memcmp(t->in, hello, 4) == 0)
		return other_version(t);
	n = t->nin < 3 ? t->nin : 3;
	if (memcmp(t->in, frame, n) != 0 && memcmp(t->in, hello, n) != 0)
		return TALK_NOT;
	cursor_init(&c, t->in, t->nin);
	cursor_skip(&c, 7);
	/* Connection.Start, protocol 0-9 (or 8-0, as old ones had it). */
	if (cursor_be32(&c) != 0x000a000a || cursor_be16(&c) > 0x0800)
		return c.bad && !end ? TALK_MORE : TALK_NOT;
	n = cursor_be32(&c);
	table = cursor_take(&c, n);
	n = cursor_be32(&c);
	names = cursor_take(&c, n);
	if (table == NULL || names == NULL)
		return end ? TALK_NOT : TALK_MORE;
	properties(t, table, (size_t)(names - 4 - table));
	service_fact(t->info, "amqp.mechanisms", names, n < 200 ? n : 200);
	service_factf(t->info, "auth",
	    memmem(names, n, "ANONYMOUS", 9) != NULL ? "anonymous"
						     : "required");
	service_evidence(t->info, t->in, t->nin < 300 ? t->nin : 300);
	if (strcmp(t->info->product, "RabbitMQ") == 0)
		http_server_cpe(t->info, "vmware:rabbitmq");
	return TALK_DONE;
}

const struct talk_ops talk_amqp = {
	.name = "amqp",
	.service = "amqp",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "5672",
	.tls_ports = "5671",
	.rarity = 4,
	.begin = amqp_begin,
	.input = amqp_input,
	.source = "AMQP 0-9-1",
};
