/* SPDX-License-Identifier: ISC */
/* Databases, queues and shares that tell everybody which version they are:
 * DRDA, Cassandra, Kafka, RethinkDB, AFP. */
#include "config.h"

#include <string.h>

#include "probe/line.h"
#include "probe/talk_bin.h"

/* -- DRDA ------------------------------------------------------------------------ */

enum {
	DRDA_EXCSATRD = 0x1443,
	DRDA_SRVCLSNM = 0x1147, /* which product */
	DRDA_SRVRLSLV = 0x115a  /* which release */
};

/* EXCSAT: we are "sockdeck", release 1, and know this and that of level 7. */
static void
drda_begin(struct talk *t)
{
	talk_send(t,
	    "\0\x47\xd0\1\0\1\0\x41\x10\x41"
	    "\0\14\x11\x5e\xa2\x96\x83\x92\x84\x85\x83\x92"
	    "\0\14\x11\x6d\xa2\x96\x83\x92\x84\x85\x83\x92"
	    "\0\5\x11\x5a\xf1"
	    "\0\24\x14\4\x14\3\0\7\x24\7\0\7\x24\x0f\0\7\x14\x40\0\7"
	    "\0\14\x11\x47\xa2\x96\x83\x92\x84\x85\x83\x92",
	    0x47);
}

/* Text in EBCDIC, of what names are made of. */
static size_t
from_ebcdic(char *to, size_t size, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789";
	static const char high[] = "ABCDEFGHI\0\0\0\0\0\0\0"
				   "JKLMNOPQR\0\0\0\0\0\0\0\0"
				   "STUVWXYZ";
	static const struct {
		uint8_t ebcdic;
		char ascii;
	} signs[] = { { 0x40, ' ' }, { 0x4b, '.' }, { 0x4d, '(' },
		{ 0x5d, ')' }, { 0x60, '-' }, { 0x61, '/' }, { 0x6d, '_' },
		{ 0x7a, ':' } };
	size_t i, k, len = 0;
	char c;

	for (i = 0; i < n && len < size; i++) {
		c = '?';
		if (p[i] >= 0xf0 && p[i] <= 0xf9)
			c = digits[p[i] - 0xf0];
		else if (p[i] >= 0xc1 && p[i] <= 0xe9 &&
			 high[p[i] - 0xc1] != '\0')
			c = high[p[i] - 0xc1];
		else if (p[i] >= 0x81 && p[i] <= 0xa9 &&
			 high[p[i] - 0x81] != '\0')
			c = (char)(high[p[i] - 0x81] | 0x20);
		for (k = 0; k < sizeof(signs) / sizeof(signs[0]); k++)
			if (signs[k].ebcdic == p[i])
				c = signs[k].ascii;
		to[len++] = c;
	}
	return len;
}

/* "Apache Derby", "CSS10140/10.14.2.0 - (1828579)"; "QDB2/LINUXX8664",
 * "SQL11055". */
static void
drda_learn(struct service_info *i, struct talk_cursor c)
{
	static const struct line_form derby = { .form = "CSS*/%v*" };
	char text[96];
	uint16_t len, code;
	const uint8_t *p;
	size_t n;

	while (cursor_left(&c) >= 4) {
		len = cursor_be16(&c);
		code = cursor_be16(&c);
		p = len < 4 ? NULL : cursor_take(&c, len - 4u);
		if (p == NULL)
			return;
		n = from_ebcdic(text, sizeof(text), p, len - 4u);
		if (code == DRDA_SRVCLSNM) {
			service_set(i->product, sizeof(i->product), text, n);
			if (n >= 4 && memcmp(text, "QDB2", 4) == 0)
				service_setf(i->product, sizeof(i->product),
				    "IBM Db2 (%.*s)", (int)(n - 1), text + 1);
		} else if (code == DRDA_SRVRLSLV) {
			if (!line_is(i, &derby, text, n))
				service_set(
				    i->extra, sizeof(i->extra), text, n);
		}
	}
}

static enum talk_verdict
drda_input(struct talk *t)
{
	struct talk_cursor c;
	size_t len;

	if ((t->nin > 2 && t->in[2] != 0xd0) ||
	    (t->nin > 3 && (t->in[3] & 0x0f) != 2))
		return TALK_NOT;
	if (t->nin < 10)
		return talk_need(t);
	cursor_init(&c, t->in, t->nin);
	len = cursor_be16(&c);
	cursor_skip(&c, 2);
	/* Our number; as long as it says, in both places. */
	if (len < 10 || len > 2048 || cursor_be16(&c) != 1 ||
	    cursor_be16(&c) != len - 6 || cursor_be16(&c) != DRDA_EXCSATRD)
		return TALK_NOT;
	if (t->nin < len)
		return talk_need(t);
	cursor_init(&c, t->in + 10, len - 10);
	drda_learn(t->info, c);
	if (strcmp(t->info->product, "Apache Derby") == 0)
		line_cpe(t->info, "apache:derby");
	service_evidence(t->info, t->in, len);
	return TALK_DONE;
}

const struct talk_ops talk_drda = {
	.name = "drda",
	.service = "drda",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "446,447,1527,50000,60000",
	.tls_ports = "448,50001",
	.rarity = 6,
	.begin = drda_begin,
	.input = drda_input,
	.source = "The Open Group: DRDA, volume 3 (DDM), EXCSAT",
};

/* -- Cassandra ------------------------------------------------------------------------- */

enum {
	CQL_HEAD = 9,
	CQL_ERROR = 0,
	CQL_SUPPORTED = 6
};

/* OPTIONS, version 4. */
static void
cassandra_begin(struct talk *t)
{
	talk_send(t, "\4\0\0\0\5\0\0\0\0", CQL_HEAD);
}

/* SUPPORTED, a map of lists; or that another version is. */
static enum talk_verdict
cassandra_input(struct talk *t)
{
	static const char key[] = "CQL_VERSION\0\1\0";
	struct service_info *i = t->info;
	const uint8_t *body, *at;
	struct talk_cursor c;
	uint32_t len;
	size_t left;

	if (t->nin > 0 && (t->in[0] < 0x81 || t->in[0] > 0x86))
		return TALK_NOT;
	if (t->nin < CQL_HEAD)
		return talk_need(t);
	cursor_init(&c, t->in + 5, 4);
	len = cursor_be32(&c);
	if (t->in[2] != 0 || t->in[3] != 0 ||
	    (t->in[4] != CQL_ERROR && t->in[4] != CQL_SUPPORTED) || len < 8 ||
	    len > 4096)
		return TALK_NOT;
	if (t->nin < CQL_HEAD + (size_t)len)
		return talk_need(t);
	body = t->in + CQL_HEAD;
	if (t->in[4] == CQL_ERROR) {
		if (bytes_find(body, len, "protocol version", 16) == NULL)
			return TALK_NOT;
	} else {
		at = bytes_find(body, len, key, sizeof(key) - 1);
		if (at == NULL)
			return TALK_NOT;
		left = len - (size_t)(at - body) - (sizeof(key) - 1);
		at += sizeof(key) - 1;
		if (left > 0 && at[0] < left && at[0] < 16)
			service_setf(i->extra, sizeof(i->extra), "CQL %.*s",
			    (int)at[0], (const char *)at + 1);
	}
	service_setf(i->product, sizeof(i->product), "%s",
	    bytes_find(body, len, "SCYLLA_", 7) != NULL ? "ScyllaDB"
							: "Apache Cassandra");
	service_evidence(i, t->in, CQL_HEAD + (size_t)len);
	return TALK_DONE;
}

const struct talk_ops talk_cassandra = {
	.name = "cassandra",
	.service = "cassandra",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "9042",
	.tls_ports = "9142",
	.rarity = 6,
	.begin = cassandra_begin,
	.input = cassandra_input,
	.source = "Cassandra's native_protocol_v4.spec",
};

/* -- Kafka ------------------------------------------------------------------------------ */

enum {
	KAFKA_API_VERSIONS = 18,
	KAFKA_APIS_MAX = 200
};

/* ApiVersions, version 0, our number, who asks. */
static void
kafka_begin(struct talk *t)
{
	talk_send(t, "\0\0\0\22\0\22\0\0sock\0\10sockdeck", 22);
}

/* Our number, no error, which requests it knows: from which version to which. */
static enum talk_verdict
kafka_input(struct talk *t)
{
	struct talk_cursor c;
	uint32_t len, n, k;
	uint16_t key, from, to;
	bool knows = false;

	if (!talk_starts(t, "\0\0", 2) || (t->nin > 4 && t->in[4] != 's'))
		return TALK_NOT;
	if (t->nin < 14)
		return talk_need(t);
	cursor_init(&c, t->in, t->nin);
	len = cursor_be32(&c);
	if (cursor_be32(&c) != 0x736f636b || cursor_be16(&c) != 0)
		return TALK_NOT;
	n = cursor_be32(&c);
	if (n == 0 || n > KAFKA_APIS_MAX || len != 10 + 6 * n)
		return TALK_NOT;
	if (cursor_left(&c) < (size_t)6 * n)
		return talk_need(t);
	for (k = 0; k < n; k++) {
		key = cursor_be16(&c);
		from = cursor_be16(&c);
		to = cursor_be16(&c);
		if (from > to)
			return TALK_NOT;
		knows = knows || key == KAFKA_API_VERSIONS;
	}
	if (!knows)
		return TALK_NOT;
	service_setf(
	    t->info->product, sizeof(t->info->product), "Apache Kafka");
	service_setf(t->info->cpe, sizeof(t->info->cpe), "cpe:/a:apache:kafka");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_kafka = {
	.name = "kafka",
	.service = "kafka",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "9092,9094",
	.tls_ports = "9093",
	.rarity = 5,
	.begin = kafka_begin,
	.input = kafka_input,
	.source = "Kafka's protocol guide: ApiVersions",
};

/* -- RethinkDB ------------------------------------------------------------------------- */

/* The magic number of version 1.0, little-endian. */
static void
rethinkdb_begin(struct talk *t)
{
	talk_send(t, "\xc3\xbd\xc2\x34", 4);
}

/* A document of JSON that says which server it is, and NUL. */
static enum talk_verdict
rethinkdb_input(struct talk *t)
{
	static const char key[] = "\"server_version\":\"";
	static const struct line_form form = { .form = "%v*" };
	const uint8_t *end, *at;
	size_t n;

	if (!talk_starts(t, "{", 1) || t->nin > 1024)
		return TALK_NOT;
	if (t->nin == 0 || (end = memchr(t->in, '\0', t->nin)) == NULL)
		return talk_need(t);
	n = (size_t)(end - t->in);
	at = bytes_find(t->in, n, key, sizeof(key) - 1);
	if (at == NULL ||
	    bytes_find(t->in, n, "\"max_protocol_version\":", 23) == NULL)
		return TALK_NOT;
	at += sizeof(key) - 1;
	end = memchr(at, '"', n - (size_t)(at - t->in));
	if (end == NULL)
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product), "RethinkDB");
	(void)line_is(t->info, &form, (const char *)at, (size_t)(end - at));
	line_cpe(t->info, "rethinkdb:rethinkdb");
	service_evidence(t->info, t->in, n);
	return TALK_DONE;
}

const struct talk_ops talk_rethinkdb = {
	.name = "rethinkdb",
	.service = "rethinkdb",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "28015",
	.rarity = 7,
	.begin = rethinkdb_begin,
	.input = rethinkdb_input,
	.source = "RethinkDB documentation: writing drivers, handshake",
};

/* -- AFP ------------------------------------------------------------------------------- */

#define DSI_HEAD 16

/* DSIGetStatus, our number: what it would tell a Mac that looks around. */
static void
afp_begin(struct talk *t)
{
	talk_send(t, "\0\3sd\0\0\0\0\0\0\0\0\0\0\0\0", DSI_HEAD);
}

/* What a Pascal string at this offset says. */
static void
afp_text(char *field, size_t size, const uint8_t *p, size_t n, size_t at)
{
	if (at > 0 && at < n && at + 1 + p[at] <= n)
		service_set(field, size, p + at + 1, p[at]);
}

/* A reply, no error; offsets of what kind of machine, versions, ways to log in,
 * icon; flags, the name. "Netatalk3.1.13" */
static enum talk_verdict
afp_input(struct talk *t)
{
	static const struct line_form netatalk = { .form = "Netatalk%v",
		.product = "Netatalk",
		.cpe = "netatalk:netatalk" };
	struct service_info *i = t->info;
	char machine[64] = "";
	struct talk_cursor c;
	uint16_t at, versions;
	uint32_t len;
	const uint8_t *body;

	if (!talk_starts(t, "\1\3sd\0\0\0\0", 8))
		return TALK_NOT;
	if (t->nin < DSI_HEAD)
		return talk_need(t);
	cursor_init(&c, t->in + 8, t->nin - 8);
	len = cursor_be32(&c);
	if (len < 12 || len > 8192 || cursor_be32(&c) != 0)
		return TALK_NOT;
	if (cursor_left(&c) < len)
		return talk_need(t);
	body = t->in + DSI_HEAD;
	at = cursor_be16(&c);
	versions = cursor_be16(&c);
	if (at < 11 || at >= len || versions < 11 || versions >= len)
		return TALK_NOT;
	afp_text(machine, sizeof(machine), body, len, at);
	if (!line_is(i, &netatalk, machine, strlen(machine)))
		service_setf(i->extra, sizeof(i->extra), "%s", machine);
	afp_text(i->host, sizeof(i->host), body, len, 10);
	service_evidence(i, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_afp = {
	.name = "afp",
	.service = "afpovertcp",
	.flags = TALK_TCP,
	.ports = "548",
	.rarity = 5,
	.begin = afp_begin,
	.input = afp_input,
	.source = "Apple: AFP reference, FPGetSrvrInfo and DSIGetStatus",
};
