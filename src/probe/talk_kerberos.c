/* SPDX-License-Identifier: ISC */
/* Kerberos: a ticket is asked for somebody who does not exist; the error has
 * the time, and says in its own words why. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

#define REALM "SOCKDECK.INVALID"

/* A name: kind and parts. */
static void
put_name(struct buf *b, uint8_t tag, int kind, const char *one, const char *two)
{
	size_t at = b->len, parts;

	ber_put_int(b, 0x02, kind);
	ber_wrap(b, at, 0xa0);
	parts = b->len;
	ber_put(b, 0x1b, one, strlen(one));
	if (two != NULL)
		ber_put(b, 0x1b, two, strlen(two));
	ber_wrap(b, parts, 0x30);
	ber_wrap(b, parts, 0xa1);
	ber_wrap(b, at, 0x30);
	ber_wrap(b, at, tag);
}

static void
put_int(struct buf *b, uint8_t tag, int64_t v)
{
	size_t at = b->len;

	ber_put_int(b, 0x02, v);
	ber_wrap(b, at, tag);
}

/* AS-REQ with nothing but what it must have. */
static void
put_request(struct buf *b)
{
	static const uint8_t options[5] = { 0, 0x40, 0, 0, 0 };
	size_t body, at;

	put_int(b, 0xa1, 5);
	put_int(b, 0xa2, 10);
	body = b->len;
	ber_put(b, 0x03, options, sizeof(options));
	ber_wrap(b, body, 0xa0);
	put_name(b, 0xa1, 1, "sockdeck", NULL);
	at = b->len;
	ber_put(b, 0x1b, REALM, strlen(REALM));
	ber_wrap(b, at, 0xa2);
	put_name(b, 0xa3, 2, "krbtgt", REALM);
	at = b->len;
	ber_put(b, 0x18, "20370101000000Z", 15);
	ber_wrap(b, at, 0xa5);
	put_int(b, 0xa7, 0x50c4dec);
	at = b->len;
	ber_put_int(b, 0x02, 18);
	ber_put_int(b, 0x02, 17);
	ber_put_int(b, 0x02, 23);
	ber_wrap(b, at, 0x30);
	ber_wrap(b, at, 0xa8);
	ber_wrap(b, body, 0x30);
	ber_wrap(b, body, 0xa4);
	ber_wrap(b, 0, 0x30);
	ber_wrap(b, 0, 0x6a);
}

/* Over TCP with its length before it. */
static void
kerberos_begin(struct talk *t)
{
	struct buf b = { 0 };
	uint8_t head[4] = { 0 };

	put_request(&b);
	head[2] = (uint8_t)(b.len >> 8);
	head[3] = (uint8_t)b.len;
	if (!t->udp)
		talk_send(t, head, sizeof(head));
	talk_send(t, b.data, b.len);
	buf_done(&b);
}

/* Whose words they are; Windows has none, but data of its own. */
static const struct {
	const char *text, *product;
} words[] = {
	{ "CLIENT_NOT_FOUND", "MIT Kerberos" },
	{ "NULL_CLIENT", "MIT Kerberos" },
	{ "LOOKING_UP_CLIENT", "MIT Kerberos" },
	{ "SERVER_NOT_FOUND", "MIT Kerberos" },
	{ "No such entry in the database", "Heimdal Kerberos" },
	{ "Client unknown", "Heimdal Kerberos" },
	{ "no such client", "Heimdal Kerberos" },
	{ "NO PREAUTH", "Heimdal Kerberos" },
};

static void
learn_text(struct service_info *info, struct talk_cursor c)
{
	size_t i, n = cursor_left(&c);

	service_set(info->extra, sizeof(info->extra), c.p, n);
	for (i = 0; i < nitems(words); i++)
		if (bytes_find(c.p, n, words[i].text, strlen(words[i].text)) !=
		    NULL)
			service_setf(info->product, sizeof(info->product), "%s",
			    words[i].product);
}

/* "20261127043224Z" */
static bool
learn_time(struct service_info *info, struct talk_cursor c)
{
	const char *s = (const char *)c.p;
	size_t n = cursor_left(&c), i;

	if (n < 15 || s[14] != 'Z')
		return false;
	for (i = 0; i < 14; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	service_factf(info, "kerberos.time", "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
	    s, s + 4, s + 6, s + 8, s + 10, s + 12);
	return true;
}

static void
learn_realm(struct service_info *info, struct talk_cursor c)
{
	size_t n = cursor_left(&c);

	if (n == 0 || (n == strlen(REALM) && memcmp(c.p, REALM, n) == 0))
		return;
	service_fact(info, "kerberos.realm", c.p, n);
}

/* The fields of a KRB-ERROR, by their numbers. */
static bool
learn(struct service_info *info, struct talk_cursor c)
{
	struct talk_cursor field, v;
	unsigned tag, have = 0;
	int64_t code = -1;

	while ((tag = ber_next(&c, &field)) != 0) {
		if (ber_next(&field, &v) == 0)
			return false;
		if (tag == 0xa0 && ber_int(v) == 5)
			have |= 1;
		else if (tag == 0xa1 && ber_int(v) == 30)
			have |= 2;
		else if (tag == 0xa4 && learn_time(info, v))
			have |= 4;
		else if (tag == 0xa6)
			code = ber_int(v);
		else if (tag == 0xa7 || tag == 0xa9)
			learn_realm(info, v);
		else if (tag == 0xab)
			learn_text(info, v);
	}
	if (have != 7 || code < 0)
		return false;
	service_factf(info, "kerberos.error", "%d", (int)code);
	/* Another realm is named by who stands for one, and only there. */
	if (code == 68 && info->product[0] == '\0' && info->extra[0] == '\0') {
		service_setf(info->product, sizeof(info->product),
		    "Microsoft Windows Kerberos");
		service_setf(info->os, sizeof(info->os), "Windows");
	}
	return true;
}

static enum talk_verdict
kerberos_input(struct talk *t)
{
	size_t head = t->udp ? 0 : 4, len;
	struct talk_cursor c, error, fields;

	if (!t->udp && (!talk_starts(t, "\0\0", 2)))
		return TALK_NOT;
	if (t->nin > head && t->in[head] != 0x7e)
		return TALK_NOT;
	len = t->nin > head ? ber_size(t->in + head, t->nin - head) : 0;
	if (len == SIZE_MAX)
		return TALK_NOT;
	if (len == 0 || t->nin < head + len)
		return talk_need(t);
	cursor_init(&c, t->in + head, len);
	if (!ber_take(&c, 0x7e, &error) || !ber_take(&error, 0x30, &fields) ||
	    !learn(t->info, fields))
		return TALK_NOT;
	service_evidence(t->info, t->in, head + len);
	return TALK_DONE;
}

const struct talk_ops talk_kerberos = {
	.name = "kerberos",
	.service = "kerberos",
	.flags = TALK_TCP | TALK_UDP,
	.ports = "88,750",
	.rarity = 4,
	.begin = kerberos_begin,
	.input = kerberos_input,
	.source = "RFC 4120 5.4.1, 5.9.1",
};
