/* SPDX-License-Identifier: ISC */
/*
 * Port numbers and the names of what usually answers there. A name is a
 * guess by number only: it never says what really listens. The table is
 * fixed when compiled; /etc/services, whose text the app hands over, only
 * fills gaps and adds other spellings.
 */
#include "config.h"

#include "know/service.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/state.h"

/* Bounds for a file that is not ours. */
#define FILE_MAX_BYTES   (1024 * 1024)
#define FILE_MAX_ENTRIES 16384
#define LINE_MAX_BYTES   512
#define NAME_MAX_BYTES   48

/*
 * A wider range ("node ports", traceroute's) is knowledge about a block of
 * numbers and not a name for each of them.
 */
#define RANGE_MAX_NAMED 64

/* Two words for one service, besides what /etc/services has. */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "amqp-tls", "amqps" },
	{ "dhcp", "bootps" },
	{ "dns", "domain" },
	{ "dot", "domain-s" },
	{ "elastic", "elasticsearch" },
	{ "imap2", "imap" },
	{ "imap4", "imap" },
	{ "ike", "isakmp" },
	{ "lpd", "printer" },
	{ "mdns-responder", "mdns" },
	{ "memcached", "memcache" },
	{ "mongo", "mongodb" },
	{ "mssql", "ms-sql-s" },
	{ "nicname", "whois" },
	{ "portmapper", "sunrpc" },
	{ "postgres", "postgresql" },
	{ "rdp", "ms-wbt-server" },
	{ "rip", "router" },
	{ "rpcbind", "sunrpc" },
	{ "smb", "microsoft-ds" },
	{ "smtps", "submissions" },
	{ "snmp-trap", "snmptrap" },
	{ "ssmtp", "submissions" },
	{ "vnc", "rfb" },
	{ "winrm", "wsman" },
	{ "www", "http" },
};

/* Both are written once, before any thread but the first runs. */
static struct service *loaded;
static size_t nloaded;
static char *loaded_text;

/* Number in services[] + 1, or in loaded[] + 1 + nservices; 0: no name. */
static uint16_t by_port[2][65536];
static size_t nservices;
/* Whether that name stands for this port alone: 0 was not asked yet. */
enum {
	NAME_OWN = 1,
	NAME_OTHERS = 2
};
static _Atomic uint8_t name_of[2][65536];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static bool
proto_fits(const struct service *s, unsigned proto)
{
	return s->proto == 0 || proto == 0 || s->proto == proto;
}

static void
index_add(const struct service *s, size_t number)
{
	static const uint8_t protos[2] = { SOCK_TCP, SOCK_UDP };
	unsigned port;
	int i;

	if (s->port_hi - s->port >= RANGE_MAX_NAMED)
		return;
	for (i = 0; i < 2; i++) {
		if (!proto_fits(s, protos[i]))
			continue;
		for (port = s->port; port <= s->port_hi; port++)
			if (by_port[i][port] == 0)
				by_port[i][port] = (uint16_t)number;
	}
}

static void
index_build(void)
{
	size_t i;

	for (i = 0; services[i].name != NULL; i++)
		index_add(&services[i], i + 1);
	nservices = i;
}

/* Number 1.. of a table entry or a loaded one. */
static const struct service *
by_number(size_t n)
{
	return n <= nservices ? &services[n - 1] : &loaded[n - 1 - nservices];
}

static const struct service *
indexed(uint16_t port, unsigned proto)
{
	uint16_t n = 0;

	pthread_once(&index_once, index_build);
	if (proto != SOCK_UDP)
		n = by_port[0][port];
	if (n == 0 && proto != SOCK_TCP)
		n = by_port[1][port];
	return n > 0 ? by_number(n) : NULL;
}

const char *
service_name(uint16_t port, unsigned proto)
{
	const struct service *s = indexed(port, proto);

	return s != NULL ? s->name : NULL;
}

const char *
service_port_name(uint16_t port, unsigned proto)
{
	const char *name = service_name(port, proto);
	_Atomic uint8_t *whose = &name_of[proto == SOCK_UDP][port];
	uint16_t own;

	if (name == NULL)
		return NULL;
	if (*whose == 0)
		*whose = service_port(name, proto, &own) && own == port
			     ? NAME_OWN
			     : NAME_OTHERS;
	return *whose == NAME_OWN ? name : NULL;
}

const struct service *
service_by_port(uint16_t port, unsigned proto)
{
	const struct service *s = indexed(port, proto);

	if (s != NULL)
		return s;
	for (s = services; s->name != NULL; s++)
		if (port >= s->port && port <= s->port_hi &&
		    proto_fits(s, proto))
			return s;
	return NULL;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
same_name(const char *a, const char *b)
{
	for (; lower(*a) == lower(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

static const char *
without_alias(const char *name)
{
	size_t i;

	for (i = 0; i < nitems(aliases); i++)
		if (same_name(name, aliases[i].alias))
			return aliases[i].name;
	return name;
}

const struct service *
service_by_name(const char *name, size_t *i)
{
	const char *real = without_alias(name);
	const struct service *s;

	pthread_once(&index_once, index_build);
	while (*i < nservices + nloaded) {
		s = by_number(++*i);
		if (same_name(s->name, real) || same_name(s->name, name))
			return s;
	}
	return NULL;
}

const struct service *
service_at(size_t *i)
{
	pthread_once(&index_once, index_build);
	return *i < nservices + nloaded ? by_number(++*i) : NULL;
}

bool
service_from_file(const struct service *s)
{
	return nloaded > 0 && s >= loaded && s < loaded + nloaded;
}

/* An assigned port before one that is only usual. */
bool
service_port(const char *name, unsigned proto, uint16_t *ret)
{
	const uint8_t later = SERVICE_UNOFFICIAL | SERVICE_ALSO;
	const struct service *s, *best = NULL;
	size_t i = 0;

	while ((s = service_by_name(name, &i)) != NULL) {
		if (!proto_fits(s, proto))
			continue;
		if (best == NULL ||
		    ((best->flags & later) != 0 && (s->flags & later) == 0))
			best = s;
	}
	if (best == NULL)
		return false;
	*ret = best->port;
	return true;
}

/* The name that a mistyped one was most likely meant to be. */
const char *
service_nearest(const char *name)
{
	size_t len = strlen(name), i;
	unsigned limit = len < 4 ? 1 : 2, best = limit + 1, d;
	const char *ret = NULL;

	pthread_once(&index_once, index_build);
	for (i = 1; i <= nservices + nloaded; i++) {
		d = text_distance(name, by_number(i)->name);
		if (d < best) {
			best = d;
			ret = by_number(i)->name;
		}
	}
	for (i = 0; i < nitems(aliases); i++) {
		d = text_distance(name, aliases[i].alias);
		if (d < best) {
			best = d;
			ret = aliases[i].alias;
		}
	}
	return ret;
}

/* The next word of a line, or NULL; cuts it out of the text. */
static char *
next_word(char **p)
{
	char *word = *p + strspn(*p, " \t\r"), *end;

	if (*word == '\0')
		return NULL;
	end = word + strcspn(word, " \t\r");
	*p = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool
name_ok(const char *name)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789._+-";
	size_t n = strspn(name, ok);

	return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0';
}

static void
load_name(const char *name, uint16_t port, uint8_t proto, size_t *cap)
{
	if (!name_ok(name) || nloaded == FILE_MAX_ENTRIES)
		return;
	loaded = array_grow(loaded, cap, nloaded + 1, sizeof(*loaded));
	loaded[nloaded++] = (struct service){ .name = name,
		.port = port,
		.port_hi = port,
		.proto = proto,
		.what = "named in the services file of this machine",
		.source = "/etc/services" };
}

/* "name port/proto [alias ..] [# words]"; anything else is passed over. */
static void
load_line(char *line, size_t *cap)
{
	char *name, *number, *proto, *alias;
	uint64_t port;
	uint8_t p;

	line[strcspn(line, "#")] = '\0';
	name = next_word(&line);
	number = name != NULL ? next_word(&line) : NULL;
	proto = number != NULL ? strchr(number, '/') : NULL;
	if (proto == NULL)
		return;
	*proto++ = '\0';
	if (strcmp(proto, "tcp") == 0)
		p = SOCK_TCP;
	else if (strcmp(proto, "udp") == 0)
		p = SOCK_UDP;
	else
		return;
	if (!num_u64(number, 0, UINT16_MAX, &port))
		return;
	load_name(name, (uint16_t)port, p, cap);
	while ((alias = next_word(&line)) != NULL)
		load_name(alias, (uint16_t)port, p, cap);
}

static void
unload(void)
{
	size_t port;
	int i;

	for (i = 0; i < 2; i++)
		for (port = 0; port < nitems(by_port[0]); port++) {
			if (by_port[i][port] > nservices)
				by_port[i][port] = 0;
			name_of[i][port] = 0;
		}
	free(loaded);
	free(loaded_text);
	loaded = NULL;
	loaded_text = NULL;
	nloaded = 0;
}

void
service_load(const char *text, size_t len)
{
	char *line, *end;
	size_t cap = 0, i;

	pthread_once(&index_once, index_build);
	unload();
	if (len > FILE_MAX_BYTES)
		len = FILE_MAX_BYTES;
	loaded_text = xmalloc(len + 1);
	if (len > 0)
		memcpy(loaded_text, text, len);
	loaded_text[len] = '\0';
	for (line = loaded_text; line < loaded_text + len; line = end + 1) {
		end = memchr(line, '\n', (size_t)(loaded_text + len - line));
		if (end == NULL)
			end = loaded_text + len;
		*end = '\0';
		if (end - line <= LINE_MAX_BYTES)
			load_line(line, &cap);
	}
	for (i = 0; i < nloaded; i++)
		index_add(&loaded[i], nservices + i + 1);
}

enum port_class
port_class(uint16_t port)
{
	return port < 1024    ? PORT_WELL_KNOWN
	       : port < 49152 ? PORT_REGISTERED
			      : PORT_DYNAMIC;
}

const char *
port_class_name(enum port_class c)
{
	static const char *const names[] = { "well-known", "registered",
		"dynamic" };

	return (size_t)c < nitems(names) ? names[c] : "-";
}
