/* SPDX-License-Identifier: ISC */
/* What runs on a machine for others: Erlang's port mapper, the agents of Zabbix
 * and Bacula, SANE's, Modbus, network block devices, iSCSI. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

static void
epmd_begin(struct talk *t)
{
	talk_send(t, "\0\1n", 3);
}

/* Its own port, then "name rabbit at port 25672" a line, and the end. */
static enum talk_verdict
epmd_input(struct talk *t)
{
	static const char word[] = "name ";
	struct talk_cursor c;
	const uint8_t *nl;
	uint32_t port;
	size_t n;

	cursor_init(&c, t->in, t->nin);
	port = cursor_be32(&c);
	if ((t->nin > 0 && t->in[0] != 0) || (t->nin > 1 && t->in[1] != 0) ||
	    (!c.bad && port != 4369 && port != t->port))
		return TALK_NOT;
	n = cursor_left(&c);
	if (memcmp(c.p, word, n < 5 ? n : 5) != 0)
		return TALK_NOT;
	if (!t->eof && !t->timeout)
		return TALK_MORE;
	if (c.bad || (n > 0 && bytes_find(c.p, n, " at port ", 9) == NULL))
		return TALK_NOT;
	service_setf(t->info->product, sizeof(t->info->product),
	    "Erlang Port Mapper Daemon");
	nl = n > 0 ? memchr(c.p, '\n', n) : NULL;
	if (n > 0)
		service_set(t->info->extra, sizeof(t->info->extra), c.p,
		    nl != NULL ? (size_t)(nl - c.p) : n);
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_epmd = {
	.name = "epmd",
	.service = "epmd",
	.flags = TALK_TCP,
	.ports = "4369",
	.rarity = 6,
	.begin = epmd_begin,
	.input = epmd_input,
	.source = "Erlang distribution protocol: EPMD",
};

/* -- Zabbix --------------------------------------------------------------------- */

static void
zabbix_begin(struct talk *t)
{
	talk_send(t, "ZBXD\1\15\0\0\0\0\0\0\0agent.version", 26);
}

/* Header, length, and the version or a reason in JSON. */
static enum talk_verdict
zabbix_input(struct talk *t)
{
	struct talk_cursor c;
	uint32_t len;
	size_t i;

	if (!talk_starts(t, "ZBXD\1", 5))
		return TALK_NOT;
	if (t->nin < 13)
		return talk_need(t);
	cursor_init(&c, t->in + 5, t->nin - 5);
	len = cursor_le32(&c);
	cursor_skip(&c, 4);
	if (len > 4096)
		return TALK_NOT;
	if (cursor_left(&c) < len)
		return talk_need(t);
	service_evidence(t->info, t->in, t->nin);
	for (i = 0; i < len && ((c.p[i] >= '0' && c.p[i] <= '9') ||
				   c.p[i] == '.' || c.p[i] >= 'a');
	     i++)
		continue;
	if (len == 0 || i < len || c.p[0] > '9') {
		service_setf(
		    t->info->product, sizeof(t->info->product), "Zabbix");
		return TALK_DONE;
	}
	service_setf(
	    t->info->product, sizeof(t->info->product), "Zabbix agent");
	service_set(t->info->version, sizeof(t->info->version), c.p, len);
	service_setf(t->info->cpe, sizeof(t->info->cpe),
	    "cpe:/a:zabbix:zabbix:%s", t->info->version);
	service_factf(t->info, "auth", "none");
	return TALK_DONE;
}

const struct talk_ops talk_zabbix = {
	.name = "zabbix",
	.service = "zabbix-agent",
	.flags = TALK_TCP,
	.ports = "10050-10051",
	.rarity = 6,
	.begin = zabbix_begin,
	.input = zabbix_input,
	.source = "Zabbix manual: header and data length",
};

/* -- Bacula ---------------------------------------------------------------------- */

/* A director nobody knows. */
static void
bacula_begin(struct talk *t)
{
	static const char hello[] = "Hello Director sockdeck calling\n";

	talk_send(t, "\0\0\0 ", 4);
	talk_send(t, hello, sizeof(hello) - 1);
}

static enum talk_verdict
bacula_input(struct talk *t)
{
	static const char *const words[] = { "unknown Director",
		"Bad Hello command from Director", "auth cram-md5",
		"2999 Authentication failed", "Authorization failed",
		"Invalid connection from" };
	size_t i, len;
	bool storage;

	if ((t->nin > 0 && t->in[0] != 0) || (t->nin > 1 && t->in[1] != 0))
		return TALK_NOT;
	if (t->nin < 4)
		return talk_need(t);
	len = (size_t)t->in[2] << 8 | t->in[3];
	if (len < 12 || len > 1024)
		return TALK_NOT;
	if (t->nin < 4 + len)
		return talk_need(t);
	for (i = 0; i < nitems(words); i++)
		if (bytes_find(t->in + 4, len, words[i], strlen(words[i])) !=
		    NULL)
			break;
	if (i == nitems(words))
		return TALK_NOT;
	storage = bytes_find(t->in + 4, len, "Jmsg JobId=", 11) != NULL;
	if (storage)
		service_setf(t->info->name, sizeof(t->info->name), "bacula-sd");
	service_setf(t->info->product, sizeof(t->info->product), "Bacula%s",
	    storage           ? " storage daemon"
	    : i < 2 || i == 3 ? " file daemon"
			      : "");
	service_factf(t->info, "auth", "required");
	service_evidence(t->info, t->in, 4 + len);
	return TALK_DONE;
}

const struct talk_ops talk_bacula = {
	.name = "bacula",
	.service = "bacula-fd",
	.flags = TALK_TCP | TALK_QUIET,
	.ports = "9101-9103",
	.rarity = 6,
	.wait_ms = 5700, /* the storage daemon lets a stranger wait for 5 s */
	.begin = bacula_begin,
	.input = bacula_input,
	.source = "Bacula developer's guide: daemon protocol",
};

/* -- SANE ------------------------------------------------------------------------- */

/* SANE_NET_INIT, version 1.0.3, a user's name. */
static void
sane_begin(struct talk *t)
{
	talk_send(t, "\0\0\0\0\1\0\0\3\0\0\0\11sockdeck\0", 21);
}

/* Status (0, or 11: no access), version. */
static enum talk_verdict
sane_input(struct talk *t)
{
	static const uint8_t head[3] = { 0 };

	if (!talk_starts(t, head, sizeof(head)) || t->nin > 8 ||
	    (t->nin > 3 && t->in[3] != 0 && t->in[3] != 11) ||
	    (t->nin > 4 && t->in[4] != 1) || (t->nin > 5 && t->in[5] > 2) ||
	    (t->nin > 6 && t->in[6] != 0) ||
	    (t->nin > 7 && (t->in[7] < 2 || t->in[7] > 4)))
		return TALK_NOT;
	if (t->nin < 8)
		return talk_need(t);
	service_setf(t->info->product, sizeof(t->info->product), "SANE saned");
	service_setf(t->info->extra, sizeof(t->info->extra),
	    "API %u.%u, protocol %u", t->in[4], t->in[5], t->in[7]);
	service_factf(
	    t->info, "auth", "%s", t->in[3] == 0 ? "none" : "required");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_sane = {
	.name = "sane",
	.service = "sane-port",
	.flags = TALK_TCP,
	.ports = "6566",
	.rarity = 6,
	.begin = sane_begin,
	.input = sane_input,
	.source = "SANE standard 5: network protocol",
};

/* -- Modbus ------------------------------------------------------------------------ */

/* Our transaction, unit 1: read the basic identification. */
static void
modbus_begin(struct talk *t)
{
	talk_send(t, "\x5d\x6b\0\0\0\5\1\53\16\1\0", 11);
}

/* The same transaction, then the objects, or an exception. */
static enum talk_verdict
modbus_input(struct talk *t)
{
	static const uint8_t head[5] = { 0x5d, 0x6b, 0, 0, 0 };
	struct service_info *i = t->info;
	char *const to[] = { i->product, i->extra, i->version };
	const size_t size[] = { sizeof(i->product), sizeof(i->extra),
		sizeof(i->version) };
	struct talk_cursor c;
	const uint8_t *p;
	unsigned n, id;
	size_t len;

	if (!talk_starts(t, head, sizeof(head)))
		return TALK_NOT;
	if (t->nin < 9)
		return talk_need(t);
	len = t->in[5];
	if (len < 3 || t->in[6] != 1)
		return TALK_NOT;
	if (t->nin < 6 + len)
		return talk_need(t);
	if (t->in[7] != 0xab && (t->in[7] != 0x2b || t->in[8] != 14))
		return TALK_NOT;
	service_factf(i, "auth", "none");
	service_evidence(i, t->in, 6 + len);
	cursor_init(&c, t->in + 13, t->in[7] == 0x2b && len > 8 ? len - 7 : 0);
	for (n = cursor_u8(&c); n > 0 && !c.bad; n--) {
		id = cursor_u8(&c);
		len = cursor_u8(&c);
		p = cursor_take(&c, len);
		if (p != NULL && id < nitems(to))
			service_set(to[id], size[id], p, len);
	}
	return TALK_DONE;
}

const struct talk_ops talk_modbus = {
	.name = "modbus",
	.service = "mbap",
	.flags = TALK_TCP,
	.ports = "502,5020",
	.rarity = 6,
	.begin = modbus_begin,
	.input = modbus_input,
	.source = "Modbus application protocol 1.1b3, 6.21",
};

/* -- network block devices ----------------------------------------------------------- */

static enum talk_verdict
nbd_input(struct talk *t)
{
	static const char magic[] = "NBDMAGIC";

	if (!talk_starts(t, magic, 8))
		return TALK_NOT;
	if (t->nin < 16)
		return talk_need(t);
	service_setf(t->info->extra, sizeof(t->info->extra), "%s",
	    memcmp(t->in + 8, "IHAVEOPT", 8) == 0 ? "new style" : "old style");
	service_evidence(t->info, t->in, t->nin);
	return TALK_DONE;
}

const struct talk_ops talk_nbd = {
	.name = "nbd",
	.service = "nbd",
	.flags = TALK_TCP | TALK_GREETED,
	.ports = "10809",
	.rarity = 6,
	.input = nbd_input,
	.source = "NBD: doc/proto.md",
};
