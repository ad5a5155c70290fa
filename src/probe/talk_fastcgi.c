/* SPDX-License-Identifier: ISC */
/* FastCGI: which values it has, then a page that is not there. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/talk.h"

enum {
	BEGIN_REQUEST = 1,
	END_REQUEST = 3,
	PARAMS = 4,
	STDIN = 5,
	STDOUT = 6,
	STDERR = 7,
	GET_VALUES_RESULT = 10
};

static const uint8_t ask_values[] = "\1\x09\0\0\0\x11\0\0"
				    "\x0f\0"
				    "FCGI_MPXS_CONNS";
static const char params[] = "\x0e\3REQUEST_METHODGET"
			     "\x0b\x09SCRIPT_NAME/sockdeck"
			     "\x0f\x09SCRIPT_FILENAME/sockdeck"
			     "\x0f\x08SERVER_PROTOCOLHTTP/1.1";

static void
record(struct talk *t, uint8_t type, const void *p, size_t n)
{
	const uint8_t head[8] = { 1, type, 0, 1, (uint8_t)(n >> 8),
		(uint8_t)n };

	talk_send(t, head, sizeof(head));
	talk_send(t, p, n);
}

static void
fastcgi_begin(struct talk *t)
{
	static const uint8_t responder[8] = { 0, 1 };

	if (t->step == 0) {
		talk_send(t, ask_values, sizeof(ask_values) - 1);
		return;
	}
	record(t, BEGIN_REQUEST, responder, sizeof(responder));
	record(t, PARAMS, params, sizeof(params) - 1);
	record(t, PARAMS, "", 0);
	record(t, STDIN, "", 0);
}

/* "Status: 404 Not Found", "X-Powered-By: PHP/8.2.7". */
static void
output(struct talk *t, struct span s)
{
	struct service_info *info = t->info;
	struct span v = span_after(s, "X-Powered-By:");

	v = span_trim(span_until(v, "\r\n"));
	if (v.n > 0) {
		service_fact(
		    info, "http.powered_by", v.p, v.n < 200 ? v.n : 200);
		http_server(info, v);
	}
	if (span_begins(v, "PHP/") || span_find(s, "File not found.") != NULL) {
		service_setf(info->product, sizeof(info->product), "PHP-FPM");
		http_server_cpe(info, "php:php");
	}
}

/* The records so far; true: the request is over. */
static bool
records(struct talk *t, struct buf *out)
{
	struct talk_cursor c;
	const uint8_t *p;
	uint8_t type;
	size_t n, pad;

	cursor_init(&c, t->in, t->nin);
	while (cursor_left(&c) >= 8) {
		cursor_skip(&c, 1);
		type = cursor_u8(&c);
		cursor_skip(&c, 2);
		n = cursor_be16(&c);
		pad = cursor_u8(&c);
		cursor_skip(&c, 1);
		p = cursor_take(&c, n);
		if (p == NULL)
			return false;
		if (type == STDOUT || type == STDERR)
			buf_put(out, p, n);
		if (type == END_REQUEST)
			return true;
		cursor_skip(&c, pad);
	}
	return false;
}

static enum talk_verdict
fastcgi_input(struct talk *t)
{
	static const uint8_t head[] = { 1, GET_VALUES_RESULT, 0, 0 };
	bool end = t->eof || t->timeout || t->nin >= TALK_IN_MAX, over;
	struct buf out = { 0 };

	if (t->step > 0) {
		over = records(t, &out);
		if ((over || end) && out.len > 0)
			output(t, (struct span){ out.data, out.len });
		buf_done(&out);
		return over || end ? TALK_DONE : TALK_MORE;
	}
	if (memcmp(t->in, head, t->nin < 4 ? t->nin : 4) != 0)
		return TALK_NOT;
	/* The name comes back; a value may be missing. */
	if (t->nin < 8 + 2)
		return end ? TALK_NOT : TALK_MORE;
	if (t->in[8] != 15 || t->in[9] > 4)
		return TALK_NOT;
	if (t->nin < 8 + 2 + 15)
		return end ? TALK_NOT : TALK_MORE;
	if (memcmp(t->in + 10, "FCGI_MPXS_CONNS", 15) != 0)
		return TALK_NOT;
	service_evidence(t->info, t->in, t->nin < 64 ? t->nin : 64);
	t->step = 1;
	return TALK_AGAIN;
}

const struct talk_ops talk_fastcgi = {
	.name = "fastcgi",
	.service = "fastcgi",
	.flags = TALK_TCP,
	.ports = "9000-9003",
	.rarity = 5,
	.begin = fastcgi_begin,
	.input = fastcgi_input,
	.source = "FastCGI Specification 1.0",
};
