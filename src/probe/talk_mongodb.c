/* SPDX-License-Identifier: ISC */
/* MongoDB: hello, what was built, and whether strangers may read. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

#define OP_REPLY 1
#define OP_QUERY 2004
#define OP_MSG   2013
#define HEADER   16
#define ID       0x736f636b /* of our first question */

enum step {
	HELLO,
	BUILD,
	LIST
};
enum bson {
	BSON_DOUBLE = 1,
	BSON_STRING,
	BSON_DOCUMENT,
	BSON_INT32 = 0x10
};

static const char *const commands[] = {
	[HELLO] = "hello",
	[BUILD] = "buildInfo",
	[LIST] = "listDatabases",
};

static void
put32(struct buf *b, uint32_t v)
{
	const uint8_t p[4] = { (uint8_t)v, (uint8_t)(v >> 8),
		(uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	buf_put(b, p, sizeof(p));
}

/* {command: 1} and, of a message, the data base it is for. */
static void
put_command(struct buf *b, const char *command, bool names_db)
{
	size_t n = strlen(command);

	put32(b,
	    (uint32_t)(4 + 1 + n + 1 + 4 + (names_db ? 1 + 4 + 4 + 6 : 0) + 1));
	buf_putc(b, BSON_INT32);
	buf_put(b, command, n + 1);
	put32(b, 1);
	if (names_db) {
		buf_put(b, "\2$db", 5);
		put32(b, 6);
		buf_put(b, "admin", 6);
	}
	buf_putc(b, '\0');
}

static void
send_message(struct talk *t, uint32_t op, const struct buf *body)
{
	put32(&t->out, HEADER + (uint32_t)body->len);
	put32(&t->out, ID + t->step);
	put32(&t->out, 0);
	put32(&t->out, op);
	buf_put(&t->out, body->data, body->len);
}

static void
ask(struct talk *t)
{
	struct buf b = { 0 };

	put32(&b, 0);
	buf_putc(&b, '\0');
	put_command(&b, commands[t->step], true);
	send_message(t, OP_MSG, &b);
	buf_done(&b);
}

/* As servers before 3.6 know it. */
static void
ask_old(struct talk *t)
{
	struct buf b = { 0 };

	put32(&b, 0);
	buf_put(&b, "admin.$cmd", 11);
	put32(&b, 0);
	put32(&b, 1);
	put_command(
	    &b, t->step == HELLO ? "isMaster" : commands[t->step], false);
	send_message(t, OP_QUERY, &b);
	buf_done(&b);
}

/* -- documents --------------------------------------------------------------- */

/* Bytes of a value by its kind, where they are always as many. */
static const uint8_t sizes[] = { [BSON_DOUBLE] = 8,
	[7] = 12,
	[8] = 1,
	[9] = 8,
	[BSON_INT32] = 4,
	[0x11] = 8,
	[0x12] = 8,
	[0x13] = 16 };

static bool
skip_value(struct talk_cursor *c, unsigned kind)
{
	uint32_t n;

	if (kind == BSON_STRING || kind == 5) {
		n = cursor_le32(c);
		cursor_skip(c, (size_t)n + (kind == 5));
	} else if (kind == BSON_DOCUMENT || kind == 4) {
		n = cursor_le32(c);
		if (n < 5)
			return false;
		cursor_skip(c, n - 4);
	} else if (kind == 10)
		return true;
	else if (kind >= nitems(sizes) || sizes[kind] == 0)
		return false;
	else
		cursor_skip(c, sizes[kind]);
	return !c->bad;
}

/* The value of that name in a document, at its first byte; its kind, or 0. */
static unsigned
find(struct talk_cursor c, const char *name, struct talk_cursor *value)
{
	const uint8_t *key, *nul;
	unsigned kind;

	*value = c;
	cursor_skip(&c, 4);
	while ((kind = cursor_u8(&c)) != 0) {
		key = c.p;
		nul = memchr(key, '\0', cursor_left(&c));
		if (nul == NULL)
			return 0;
		cursor_skip(&c, (size_t)(nul - key) + 1);
		*value = c;
		if (strcmp((const char *)key, name) == 0)
			return kind;
		if (!skip_value(&c, kind))
			return 0;
	}
	return 0;
}

static void
find_text(struct talk_cursor doc, const char *name, char *field, size_t size)
{
	struct talk_cursor v;
	uint32_t n;
	const uint8_t *p;

	if (find(doc, name, &v) != BSON_STRING)
		return;
	n = cursor_le32(&v);
	p = n > 0 ? cursor_take(&v, n) : NULL;
	if (p != NULL)
		service_set(field, size, p, n - 1);
}

static bool
is_ok(struct talk_cursor doc)
{
	static const uint8_t one[8] = { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f };
	struct talk_cursor v;
	unsigned kind = find(doc, "ok", &v);
	const uint8_t *p;

	if (kind == BSON_INT32)
		return cursor_le32(&v) == 1;
	p = cursor_take(&v, 8);
	return kind == BSON_DOUBLE && p != NULL && memcmp(p, one, 8) == 0;
}

/* -- answers ------------------------------------------------------------------ */

/* The document of the answer that begins at *at, which moves behind it. */
static enum talk_verdict
take_answer(struct talk *t, size_t *at, struct talk_cursor *doc)
{
	struct talk_cursor c;
	uint32_t len, to, op;
	size_t head;

	if (t->nin < *at + HEADER)
		return talk_need(t);
	cursor_init(&c, t->in + *at, t->nin - *at);
	len = cursor_le32(&c);
	cursor_skip(&c, 4);
	to = cursor_le32(&c);
	op = cursor_le32(&c);
	if (to < ID || to > ID + LIST || (op != OP_MSG && op != OP_REPLY) ||
	    len < HEADER + 10 || len > 1u << 26)
		return TALK_NOT;
	if (cursor_left(&c) < len - HEADER && t->nin < TALK_IN_MAX)
		return talk_need(t);
	head = op == OP_MSG ? 5 : 20;
	if (cursor_left(&c) > len - HEADER)
		c.end = c.p + (len - HEADER);
	cursor_skip(&c, head);
	*doc = c;
	*at += len;
	return c.bad ? TALK_NOT : TALK_DONE;
}

struct mongodb {
	size_t at; /* where the answer that is awaited begins */
	bool old;
};

static void
ask_next(struct talk *t)
{
	const struct mongodb *m = t->state;

	t->step++;
	if (m->old)
		ask_old(t);
	else
		ask(t);
}

static enum talk_verdict
finish(struct talk *t)
{
	struct service_info *i = t->info;

	service_setf(i->product, sizeof(i->product), "MongoDB");
	if (i->version[0] != '\0')
		service_setf(i->cpe, sizeof(i->cpe),
		    "cpe:/a:mongodb:mongodb:%s", i->version);
	return TALK_DONE;
}

static enum talk_verdict
learn(struct talk *t, struct talk_cursor doc)
{
	struct service_info *i = t->info;
	char set[64] = "";

	switch ((enum step)t->step) {
	case HELLO:
		find_text(doc, "setName", set, sizeof(set));
		if (set[0] != '\0')
			service_setf(
			    i->extra, sizeof(i->extra), "replica set %s", set);
		find_text(doc, "me", i->host, sizeof(i->host));
		i->host[strcspn(i->host, ":")] = '\0';
		service_evidence(i, t->in, t->nin);
		break;
	case BUILD:
		find_text(doc, "version", i->version, sizeof(i->version));
		if (!t->checks)
			return finish(t);
		break;
	case LIST:
		service_factf(
		    i, "auth", "%s", is_ok(doc) ? "none" : "required");
		return finish(t);
	}
	ask_next(t);
	return TALK_MORE;
}

static enum talk_verdict
mongodb_input(struct talk *t)
{
	struct mongodb *m = t->state;
	struct talk_cursor doc;
	enum talk_verdict v;

	if (t->step == HELLO && t->nin == 0 && t->timeout && !t->eof &&
	    !m->old && talk_ports_have(t->ops->ports, t->port)) {
		m->old = true;
		ask_old(t);
		return TALK_MORE;
	}
	v = take_answer(t, &m->at, &doc);
	if (v == TALK_DONE)
		return learn(t, doc);
	/* What answered once is it, whatever it says next. */
	return v == TALK_NOT && t->step > HELLO ? finish(t) : v;
}

const struct talk_ops talk_mongodb = {
	.name = "mongodb",
	.service = "mongodb",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "27017-27020",
	.rarity = 3,
	.state = sizeof(struct mongodb),
	.begin = ask,
	.input = mongodb_input,
	.source = "MongoDB wire protocol; bsonspec.org",
};
