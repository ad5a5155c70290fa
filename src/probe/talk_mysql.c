/* SPDX-License-Identifier: ISC */
/* MySQL and what speaks its protocol: a server greets with its version, or
 * with the reason why not. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

#define CLIENT_PROTOCOL_41 0x0200
#define CLIENT_SSL         0x0800
#define ER_ACCESS          1040 /* errors before a login: 1040 .. 1227, 1130 */
#define ER_LAST            4200

/* What a version says of who made it; `real`: the version begins behind the
 * word (and a dash). */
static const struct {
	const char *word, *product, *cpe;
	bool real;
} makers[] = {
	{ "MariaDB", "MariaDB", "cpe:/a:mariadb:mariadb", false },
	{ "mariadb", "MariaDB", "cpe:/a:mariadb:mariadb", false },
	{ "TiDB-v", "TiDB", "cpe:/a:pingcap:tidb", true },
	{ "Vitess", "Vitess", NULL, false },
	{ "mysql_aurora.", "Amazon Aurora MySQL", NULL, true },
	{ "maxscale", "MariaDB MaxScale", NULL, false },
	{ "-release (", "Sphinx", NULL, false },
	{ "columnar", "Manticore Search", NULL, false },
	{ "percona", "Percona Server", NULL, false },
	{ "", "MySQL", "cpe:/a:oracle:mysql", false },
};

static size_t
version_len(const char *s)
{
	return strspn(s, "0123456789.");
}

static void
set_version(struct service_info *info, const char *said)
{
	const char *v = said, *at = NULL, *rest;
	size_t i, n;

	for (i = 0; i < nitems(makers); i++)
		if ((at = strstr(said, makers[i].word)) != NULL)
			break;
	if (i == nitems(makers) || at == NULL)
		return;
	/* What MariaDB says to be taken for a newer MySQL by replication. */
	if (strncmp(v, "5.5.5-", 6) == 0 && version_len(v + 6) > 0)
		v += 6;
	if (makers[i].real)
		v = at + strlen(makers[i].word);
	n = version_len(v);
	service_setf(
	    info->product, sizeof(info->product), "%s", makers[i].product);
	service_set(info->version, sizeof(info->version), v, n);
	rest = v + n + (v[n] == '-');
	if (strncmp(rest, "MariaDB-", 8) == 0)
		rest += 8;
	service_setf(info->extra, sizeof(info->extra), "%s", rest);
	if (makers[i].cpe != NULL)
		service_setf(info->cpe, sizeof(info->cpe), "%s:%s",
		    makers[i].cpe, info->version);
}

static bool
is_printable(const uint8_t *p, size_t n)
{
	for (; n > 0; p++, n--)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	return true;
}

/* A reason instead of a greeting: a number, from 4.1 on perhaps a state, and a
 * sentence. */
static enum talk_verdict
refusal(struct talk *t, struct talk_cursor c)
{
	struct service_info *info = t->info;
	unsigned code = cursor_le16(&c);
	const uint8_t *text;
	size_t n;

	if (cursor_left(&c) > 6 && c.p[0] == '#')
		cursor_skip(&c, 6);
	n = cursor_left(&c);
	text = cursor_take(&c, n);
	if (c.bad || n < 8 || code < ER_ACCESS || code > ER_LAST ||
	    !is_printable(text, n))
		return TALK_NOT;
	if (bytes_find(text, n, "MariaDB", 7) != NULL ||
	    bytes_find(text, n, "mariadb-admin", 13) != NULL)
		service_setf(info->product, sizeof(info->product), "MariaDB");
	else if (bytes_find(text, n, "MySQL", 5) != NULL ||
		 bytes_find(text, n, "mysqladmin", 10) != NULL)
		service_setf(info->product, sizeof(info->product), "MySQL");
	else if (code != ER_ACCESS && bytes_find(text, n, "onnect", 6) == NULL)
		return TALK_NOT;
	service_set(info->extra, sizeof(info->extra), text, n);
	service_factf(info, "mysql.error", "%u", code);
	return TALK_DONE;
}

/* Version, thread, half of a challenge, 0, what it can do, .. */
static enum talk_verdict
greeting(struct talk *t, struct talk_cursor c, unsigned protocol)
{
	const uint8_t *v = c.p, *nul = memchr(v, '\0', cursor_left(&c));
	unsigned can;

	if (nul == NULL || nul == v || nul - v > 80 || v[0] < '0' ||
	    v[0] > '9' || !is_printable(v, (size_t)(nul - v)))
		return TALK_NOT;
	cursor_skip(&c, (size_t)(nul - v) + 1 + 4 + 8);
	if (cursor_u8(&c) != 0 || c.bad)
		return TALK_NOT;
	if (protocol == 10) {
		can = cursor_le16(&c);
		if (c.bad || (can & CLIENT_PROTOCOL_41) == 0)
			return TALK_NOT;
		service_factf(t->info, "starttls", "%s",
		    (can & CLIENT_SSL) != 0 ? "yes" : "no");
	}
	set_version(t->info, (const char *)v);
	service_factf(t->info, "mysql.protocol", "%u", protocol);
	return TALK_DONE;
}

static enum talk_verdict
mysql_input(struct talk *t)
{
	struct talk_cursor c;
	enum talk_verdict v;
	unsigned kind;
	size_t len;

	if ((t->nin > 2 && t->in[2] != 0) || (t->nin > 3 && t->in[3] != 0) ||
	    (t->nin > 4 && t->in[4] != 9 && t->in[4] != 10 && t->in[4] != 0xff))
		return TALK_NOT;
	if (t->nin < 5)
		return talk_need(t);
	len = (size_t)t->in[1] << 8 | t->in[0];
	if (len < 8 || len > 1024)
		return TALK_NOT;
	if (t->nin < 4 + len)
		return talk_need(t);
	cursor_init(&c, t->in + 4, len);
	kind = cursor_u8(&c);
	v = kind == 0xff ? refusal(t, c) : greeting(t, c, kind);
	if (v == TALK_DONE)
		service_evidence(t->info, t->in, 4 + len);
	return v;
}

const struct talk_ops talk_mysql = {
	.name = "mysql",
	.service = "mysql",
	.flags = TALK_TCP | TALK_GREETED,
	.ports = "3306-3309,4000,6033,9306",
	.rarity = 2,
	.input = mysql_input,
	.source = "MySQL internals: connection phase",
};

/* -- X protocol ------------------------------------------------------------- */

/* CapabilitiesGet: length 1, type 1. */
static void
mysqlx_begin(struct talk *t)
{
	talk_send(t, "\1\0\0\0\1", 5);
}

/* Messages; a notice (11) may come before what was asked for (2). */
static enum talk_verdict
mysqlx_input(struct talk *t)
{
	static const char known[] = "authentication.mechanisms";
	struct talk_cursor c;
	const uint8_t *body;
	uint32_t len;
	unsigned kind;

	cursor_init(&c, t->in, t->nin);
	while (cursor_left(&c) >= 5) {
		len = cursor_le32(&c);
		kind = cursor_u8(&c);
		if (len == 0 || len > 4096 || (kind != 11 && kind != 2))
			return TALK_NOT;
		body = cursor_take(&c, len - 1);
		if (c.bad)
			return talk_need(t);
		if (kind == 11)
			continue;
		if (bytes_find(body, len - 1, known, sizeof(known) - 1) == NULL)
			return TALK_NOT;
		service_factf(t->info, "starttls", "%s",
		    bytes_find(body, len - 1, "\n\3tls", 5) != NULL ? "yes"
								    : "no");
		service_setf(
		    t->info->product, sizeof(t->info->product), "MySQL");
		service_setf(
		    t->info->extra, sizeof(t->info->extra), "X protocol");
		service_evidence(t->info, t->in, t->nin);
		return TALK_DONE;
	}
	return talk_need(t);
}

const struct talk_ops talk_mysqlx = {
	.name = "mysqlx",
	.service = "mysqlx",
	.flags = TALK_TCP,
	.ports = "33060",
	.rarity = 8,
	.begin = mysqlx_begin,
	.input = mysqlx_input,
	.source = "MySQL internals: X protocol",
};
