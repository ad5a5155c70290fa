/* SPDX-License-Identifier: ISC */
/* Windows over UDP: names of NetBIOS, instances of SQL Server. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"
#include "probe/talk_bin.h"

#define ID 0x5d4e

/* -- NetBIOS names ---------------------------------------------------------- */

/* The name "*" and fifteen NULs, in the letters of level one (RFC 1001 14.1);
 * node status. */
static const char status[] = "\0\0\0\1\0\0\0\0\0\0"
			     " CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\1";

static void
netbios_ns_begin(struct talk *t)
{
	static const uint8_t id[2] = { ID >> 8, ID & 0xff };

	talk_send(t, id, sizeof(id));
	talk_send(t, status, sizeof(status) - 1);
}

/* What the last byte of a name says (MS-NBTE, IANA has none). */
static const struct {
	uint8_t suffix;
	bool group;
	const char *what; /* NULL: of no interest */
} suffixes[] = {
	{ 0x00, false, "netbios.host" },
	{ 0x00, true, "netbios.domain" },
	{ 0x1c, true, "netbios.controllers" },
	{ 0x1b, false, "netbios.browser" },
	{ 0x20, false, "netbios.server" },
};

static void
on_name(struct talk *t, const uint8_t *p)
{
	bool group = (p[16] & 0x80) != 0;
	size_t n = 15, i;

	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0'))
		n--;
	for (i = 0; i < nitems(suffixes); i++)
		if (suffixes[i].suffix == p[15] && suffixes[i].group == group &&
		    service_fact_get(t->info, suffixes[i].what) == NULL)
			service_fact(t->info, suffixes[i].what, p, n);
}

static void
netbios_done(struct talk *t, const uint8_t *mac)
{
	static const uint8_t none[6] = { 0 };
	struct service_info *i = t->info;
	const char *host = service_fact_get(i, "netbios.host");
	const char *domain = service_fact_get(i, "netbios.domain");

	if (host != NULL)
		service_setf(i->host, sizeof(i->host), "%s", host);
	if (domain != NULL)
		service_setf(
		    i->extra, sizeof(i->extra), "workgroup: %s", domain);
	/* Samba tells no address of a card. */
	if (mac == NULL)
		return;
	if (memcmp(mac, none, sizeof(none)) == 0) {
		service_setf(i->product, sizeof(i->product), "Samba nmbd");
		line_cpe(i, "samba:samba");
	} else {
		service_factf(i, "netbios.mac", "%02x:%02x:%02x:%02x:%02x:%02x",
		    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		service_setf(i->product, sizeof(i->product),
		    "Microsoft Windows NetBIOS");
		service_setf(i->os, sizeof(i->os), "Windows");
	}
}

/* Head of 12, the name again (34), type, class, ttl, length, number of names,
 * names of 18 bytes each, the card's address. */
static enum talk_verdict
netbios_ns_input(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut, *name;
	struct talk_cursor c;
	unsigned n;

	if (t->timeout || t->cut < 57 || p[0] != ID >> 8 ||
	    p[1] != (ID & 0xff) || (p[2] & 0xf8) != 0x80 || (p[3] & 15) != 0 ||
	    p[7] != 1 || memcmp(p + 12, status + 10, 36) != 0)
		return TALK_NOT;
	cursor_init(&c, p + 56, t->cut - 56);
	for (n = cursor_u8(&c); n > 0; n--) {
		if ((name = cursor_take(&c, 18)) == NULL)
			return TALK_NOT;
		on_name(t, name);
	}
	netbios_done(t, cursor_take(&c, 6));
	service_evidence(t->info, p, t->cut);
	return TALK_DONE;
}

const struct talk_ops talk_netbios_ns = {
	.name = "netbios_ns",
	.service = "netbios-ns",
	.flags = TALK_UDP,
	.ports = "137",
	.rarity = 3,
	.wait_ms = 1000,
	.begin = netbios_ns_begin,
	.input = netbios_ns_input,
	.source = "RFC 1002 4.2.17, 4.2.18",
};

/* -- SQL Server's browser --------------------------------------------------- */

static void
mssql_browser_begin(struct talk *t)
{
	talk_send(t, "\x03", 1);
}

/* Versions by their first numbers (the vendor's list of builds). */
static const struct {
	const char *version, *name;
} releases[] = {
	{ "16.", "2022" },
	{ "15.", "2019" },
	{ "14.", "2017" },
	{ "13.", "2016" },
	{ "12.", "2014" },
	{ "11.", "2012" },
	{ "10.50.", "2008 R2" },
	{ "10.", "2008" },
	{ "9.", "2005" },
	{ "8.", "2000" },
};

/* What follows "name;" up to the next ';', in s[0..n). */
static bool
field(const char *s, size_t n, const char *name, char *ret, size_t size)
{
	const uint8_t *at =
	    bytes_find((const uint8_t *)s, n, name, strlen(name));
	const char *from, *end;

	if (at == NULL)
		return false;
	from = (const char *)at + strlen(name);
	end = memchr(from, ';', (size_t)(s + n - from));
	if (end == NULL || end == from)
		return false;
	service_set(ret, size, from, (size_t)(end - from));
	return true;
}

/* "ServerName;A;InstanceName;B;IsClustered;No;Version;15.0.2000.5;tcp;1433;;" */
static enum talk_verdict
mssql_browser_input(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut;
	struct service_info *i = t->info;
	const char *s = (const char *)p + 3;
	size_t n = t->cut, k;
	char text[64];

	if (t->timeout || n < 16 || p[0] != 5 ||
	    ((size_t)p[2] << 8 | p[1]) != n - 3 ||
	    memcmp(s, "ServerName;", 11) != 0)
		return TALK_NOT;
	n -= 3;
	(void)field(s, n, "ServerName;", i->host, sizeof(i->host));
	(void)field(s, n, ";Version;", i->version, sizeof(i->version));
	if (field(s, n, ";InstanceName;", text, sizeof(text))) {
		service_fact(i, "mssql.instance", text, strlen(text));
		service_setf(i->extra, sizeof(i->extra), "instance %s", text);
	}
	if (field(s, n, ";tcp;", text, sizeof(text)))
		service_fact(i, "mssql.port", text, strlen(text));
	for (k = 0; k < nitems(releases); k++)
		if (strncmp(i->version, releases[k].version,
			strlen(releases[k].version)) == 0)
			break;
	service_setf(i->product, sizeof(i->product), "Microsoft SQL Server%s%s",
	    k < nitems(releases) ? " " : "",
	    k < nitems(releases) ? releases[k].name : "");
	service_evidence(i, p, t->cut);
	return TALK_DONE;
}

const struct talk_ops talk_mssql_browser = {
	.name = "mssql_browser",
	.service = "ms-sql-m",
	.flags = TALK_UDP,
	.ports = "1434",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = mssql_browser_begin,
	.input = mssql_browser_input,
	.source = "MC-SQLR 2.2.2, 2.2.5",
};
