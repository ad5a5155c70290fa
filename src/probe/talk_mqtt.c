/* SPDX-License-Identifier: ISC */
/* MQTT: whether it takes anybody, and what broker it says it is. */
#include "config.h"

#include <string.h>

#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/talk.h"

/* CONNECT, 3.1.1: a clean session, 5 s, "sockdeck". */
static const char hello[] = "\x10\x14\0\4MQTT\4\2\0\5\0\x08sockdeck";
/* What brokers publish of themselves: mosquitto, EMQX. */
static const char ask[] = "\x82\x31\0\1"
			  "\0\x13$SYS/broker/version\0"
			  "\0\x16$SYS/brokers/+/version\0";

enum {
	CONNACK = 0x20,
	SUBACK = 0x90,
	PUBLISH = 0x30
};

/* [MQTT-3.2.2.3]: return codes. */
static const char *const refusals[] = { "", "protocol version refused",
	"identifier refused", "server unavailable", "bad user or password",
	"not authorized" };

static void
mqtt_begin(struct talk *t)
{
	talk_send(t, hello, sizeof(hello) - 1);
}

static void
published(struct talk *t, const uint8_t *p, size_t n)
{
	struct span s = { (const char *)p, n }, v;
	struct service_info *info = t->info;

	v = span_after(s, "mosquitto version ");
	if (v.n > 0) {
		v = span_until(v, " ");
		service_setf(info->product, sizeof(info->product), "mosquitto");
		service_set(info->version, sizeof(info->version), v.p, v.n);
		http_server_cpe(info, "eclipse:mosquitto");
		return;
	}
	if (span_begins(span_after(s, "$SYS/"), "brokers/emqx")) {
		v = span_after(s, "/version");
		service_setf(info->product, sizeof(info->product), "EMQX");
		service_set(info->version, sizeof(info->version), v.p, v.n);
	}
}

/* The packets that follow. True: nothing more is to come. */
static bool
packets(struct talk *t, struct talk_cursor *c)
{
	unsigned kind, n, shift;
	const uint8_t *p;
	uint8_t b;

	while (cursor_left(c) > 0) {
		kind = cursor_u8(c);
		n = shift = 0;
		do {
			b = cursor_u8(c);
			n |= (unsigned)(b & 0x7f) << shift;
			shift += 7;
		} while ((b & 0x80) != 0 && shift < 28);
		p = cursor_take(c, n);
		if (p == NULL)
			return false;
		if ((kind & 0xf0) == PUBLISH) {
			published(t, p, n);
			return true;
		}
		if (kind == SUBACK && n == 4 && p[2] >= 0x80 && p[3] >= 0x80)
			return true;
	}
	return false;
}

static enum talk_verdict
mqtt_input(struct talk *t)
{
	static const uint8_t ack[] = { CONNACK, 2, 0 };
	bool end = t->eof || t->timeout;
	struct talk_cursor c;
	uint8_t code;

	if (t->nin < 4) {
		if (end || memcmp(t->in, ack, t->nin < 3 ? t->nin : 3) != 0)
			return TALK_NOT;
		return TALK_MORE;
	}
	code = t->in[3];
	if (memcmp(t->in, ack, 3) != 0 || code > 5 ||
	    (t->step == 0 && t->nin > 4))
		return TALK_NOT;
	if (t->step == 0)
		service_evidence(t->info, t->in, t->nin);
	if (code != 0) {
		if (code >= 4)
			service_factf(t->info, "auth", "required");
		service_setf(t->info->extra, sizeof(t->info->extra), "%s",
		    refusals[code]);
		return TALK_DONE;
	}
	if (t->step == 0) {
		t->step = 1;
		service_factf(t->info, "auth", "none");
		talk_send(t, ask, sizeof(ask) - 1);
		return TALK_MORE;
	}
	cursor_init(&c, t->in + 4, t->nin - 4);
	return packets(t, &c) || end ? TALK_DONE : TALK_MORE;
}

const struct talk_ops talk_mqtt = {
	.name = "mqtt",
	.service = "mqtt",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "1883-1885",
	.tls_ports = "8883",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = mqtt_begin,
	.input = mqtt_input,
	.source = "OASIS MQTT 3.1.1",
};
