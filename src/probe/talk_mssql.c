/* SPDX-License-Identifier: ISC */
/* Microsoft's SQL Server: what is agreed on before a login has its version. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/talk_bin.h"

#define TDS_PRELOGIN 0x12
#define TDS_REPLY    0x04
#define TDS_HEADER   8

enum option {
	VERSION,
	ENCRYPTION,
	INSTANCE,
	THREAD,
	MARS,
	END = 0xff
};

/* Five options and their end, 26 bytes; then what they point at. */
static const uint8_t prelogin[] = { TDS_PRELOGIN, 1, 0, 47, 0, 0, 1, 0, /**/
	VERSION, 0, 26, 0, 6, ENCRYPTION, 0, 32, 0, 1, INSTANCE, 0, 33, 0, 1,
	THREAD, 0, 34, 0, 4, MARS, 0, 38, 0, 1, END, /**/
	17, 0, 0, 0, 0, 0, /* version; no encryption needed; no instance */
	0, 0, 0, 0, 0, 1, 0 };

static const struct {
	uint8_t major, minor;
	const char *name;
} releases[] = {
	{ 17, 0, "2025" },
	{ 16, 0, "2022" },
	{ 15, 0, "2019" },
	{ 14, 0, "2017" },
	{ 13, 0, "2016" },
	{ 12, 0, "2014" },
	{ 11, 0, "2012" },
	{ 10, 50, "2008 R2" },
	{ 10, 0, "2008" },
	{ 9, 0, "2005" },
	{ 8, 0, "2000" },
};

static void
mssql_begin(struct talk *t)
{
	uint8_t said[sizeof(prelogin)];

	memcpy(said, prelogin, sizeof(said));
	said[3] = sizeof(said);
	talk_send(t, said, sizeof(said));
}

static bool
learn_version(struct service_info *info, struct talk_cursor c)
{
	unsigned major = cursor_u8(&c), minor = cursor_u8(&c);
	unsigned build = cursor_be16(&c);
	size_t i;

	if (c.bad || major < 8 || major > 30)
		return false;
	for (i = 0; i < nitems(releases); i++)
		if (releases[i].major == major && releases[i].minor == minor)
			break;
	service_setf(info->product, sizeof(info->product),
	    "Microsoft SQL Server%s%s", i < nitems(releases) ? " " : "",
	    i < nitems(releases) ? releases[i].name : "");
	service_setf(info->version, sizeof(info->version), "%u.%02u.%u", major,
	    minor, build);
	service_setf(info->cpe, sizeof(info->cpe),
	    "cpe:/a:microsoft:sql_server:%u.%u.%u", major, minor, build);
	return true;
}

static const char *const encryption[] = { "offered", "on", "not supported",
	"required" };

static bool
learn_option(struct service_info *info, unsigned what, struct talk_cursor c)
{
	unsigned v;

	if (what == VERSION)
		return learn_version(info, c);
	if (what == ENCRYPTION && (v = cursor_u8(&c)) < nitems(encryption)) {
		service_factf(info, "mssql.encryption", "%s", encryption[v]);
		service_factf(info, "starttls", "%s", v == 2 ? "no" : "yes");
	}
	return true;
}

/* Options: what, where, how long; the first is the version. */
static bool
learn(struct talk *t, size_t len)
{
	const uint8_t *body = t->in + TDS_HEADER;
	struct talk_cursor c, value;
	unsigned what, seen = 0;
	size_t where, n;

	len -= TDS_HEADER;
	cursor_init(&c, body, len);
	while ((what = cursor_u8(&c)) != END) {
		where = cursor_be16(&c);
		n = cursor_be16(&c);
		if (c.bad || where + n > len || (seen == 0 && what != VERSION))
			return false;
		cursor_init(&value, body + where, n);
		if (!learn_option(t->info, what, value))
			return false;
		seen++;
	}
	return seen > 0;
}

static enum talk_verdict
mssql_input(struct talk *t)
{
	static const uint8_t head[2] = { TDS_REPLY, 1 };
	size_t len;

	if (!talk_starts(t, head, sizeof(head)))
		return TALK_NOT;
	if (t->nin < TDS_HEADER)
		return talk_need(t);
	len = (size_t)t->in[2] << 8 | t->in[3];
	if (len < TDS_HEADER + 12 || len > 512)
		return TALK_NOT;
	if (t->nin < len)
		return talk_need(t);
	if (!learn(t, len))
		return TALK_NOT;
	service_evidence(t->info, t->in, len);
	return TALK_DONE;
}

const struct talk_ops talk_mssql = {
	.name = "mssql",
	.service = "ms-sql-s",
	.flags = TALK_TCP | TALK_IN_TLS,
	.ports = "1433,2433,14330-14339",
	.rarity = 3,
	.begin = mssql_begin,
	.input = mssql_input,
	.source = "[MS-TDS] 2.2.6.5",
};
