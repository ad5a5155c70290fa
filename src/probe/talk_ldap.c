/* SPDX-License-Identifier: ISC */
/* LDAP: the root's entry, which every server shows to everybody; what it is
 * made of tells who made it. Over UDP (CLDAP), too. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "probe/talk_bin.h"

enum step {
	ROOT,
	MONITOR,
	CONTEXT
};
enum {
	SEARCH = 0x63,
	ENTRY = 0x64,
	RESULT = 0x65
};
#define ID 0x5d0c /* of the first message */

struct ldap {
	size_t at;         /* where the message that is awaited begins */
	char context[128]; /* first of the naming contexts */
	char vendor[64];
	bool entry, openldap, ad;
};

static const char *const root_wants[] = { "objectClass", "vendorName",
	"vendorVersion", "supportedLDAPVersion", "namingContexts",
	"supportedExtension", "dnsHostName", "defaultNamingContext",
	"domainControllerFunctionality", "serverName",
	"structuralObjectClass" };
static const char *const monitor_wants[] = { "monitoredInfo" };
static const char *const context_wants[] = { "1.1" };

/* Base object, or one level of it; anything that is there, two entries at
 * most. */
static void
ask(struct talk *t, const char *base, unsigned scope, const char *const *want,
    size_t n)
{
	struct buf *b = &t->out;
	size_t at = b->len, inner, i;

	ber_put_int(b, 0x02, ID + t->step);
	inner = b->len;
	ber_put(b, 0x04, base, strlen(base));
	ber_put_int(b, 0x0a, scope);
	ber_put_int(b, 0x0a, 0);
	ber_put_int(b, 0x02, 2);
	ber_put_int(b, 0x02, 5);
	ber_put(b, 0x01, "", 1);
	ber_put(b, 0x87, "objectClass", 11);
	i = b->len;
	for (; n > 0; n--, want++)
		ber_put(b, 0x04, *want, strlen(*want));
	ber_wrap(b, i, 0x30);
	ber_wrap(b, inner, SEARCH);
	ber_wrap(b, at, 0x30);
}

static void
ldap_begin(struct talk *t)
{
	ask(t, "", 0, root_wants, nitems(root_wants));
}

/* -- attributes ------------------------------------------------------------------ */

static bool
is(struct talk_cursor c, const char *name)
{
	size_t n = strlen(name);

	return cursor_left(&c) == n &&
	       strncasecmp((const char *)c.p, name, n) == 0;
}

static void
on_class(struct talk *t, struct talk_cursor v)
{
	struct ldap *l = t->state;

	if (is(v, "OpenLDAProotDSE"))
		l->openldap = true;
}

static void
on_vendor(struct talk *t, struct talk_cursor v)
{
	struct ldap *l = t->state;

	service_set(l->vendor, sizeof(l->vendor), v.p, cursor_left(&v));
}

static void
on_version(struct talk *t, struct talk_cursor v)
{
	service_set(
	    t->info->version, sizeof(t->info->version), v.p, cursor_left(&v));
}

static void
on_protocol(struct talk *t, struct talk_cursor v)
{
	const char *had = service_fact_get(t->info, "ldap.versions");
	char text[32];

	service_set(text, sizeof(text), v.p, cursor_left(&v));
	if (had == NULL)
		service_factf(t->info, "ldap.versions", "%s", text);
	else if (strlen(had) < 8)
		service_factf(t->info, "ldap.versions", "%.8s %s", had, text);
}

static void
on_context(struct talk *t, struct talk_cursor v)
{
	struct ldap *l = t->state;

	if (l->context[0] != '\0')
		return;
	service_set(l->context, sizeof(l->context), v.p, cursor_left(&v));
	service_fact(t->info, "ldap.context", l->context, strlen(l->context));
}

static void
on_extension(struct talk *t, struct talk_cursor v)
{
	if (is(v, "1.3.6.1.4.1.1466.20037"))
		service_factf(t->info, "starttls", "yes");
}

static void
on_host(struct talk *t, struct talk_cursor v)
{
	service_set(t->info->host, sizeof(t->info->host), v.p, cursor_left(&v));
}

/* Functional levels of domain controllers ([MS-ADTS] 3.1.1.3.2.25). */
static const char *const levels[] = { "2000", "2003", "2003", "2008", "2008 R2",
	"2012", "2012 R2", "2016", NULL, NULL, "2025" };

static void
on_level(struct talk *t, struct talk_cursor v)
{
	struct ldap *l = t->state;
	unsigned n = 0;

	l->ad = true;
	while (cursor_left(&v) > 0 && n < 100)
		n = n * 10 + (cursor_u8(&v) - (unsigned)'0');
	if (n < nitems(levels) && levels[n] != NULL)
		service_factf(t->info, "ldap.level", "%s", levels[n]);
}

/* "OpenLDAP: slapd 2.5.13 (Jul 26 2022 ..)" */
static void
on_monitored(struct talk *t, struct talk_cursor v)
{
	static const char word[] = "slapd ";
	const uint8_t *at =
	    bytes_find(v.p, cursor_left(&v), word, sizeof(word) - 1);
	const uint8_t *end;

	if (at == NULL)
		return;
	at += sizeof(word) - 1;
	end = at;
	while (end != v.end && *end > ' ' && *end != '+')
		end++;
	service_set(
	    t->info->version, sizeof(t->info->version), at, (size_t)(end - at));
}

static const struct {
	const char *name;
	void (*on)(struct talk *, struct talk_cursor value);
} attributes[] = {
	{ "objectClass", on_class },
	{ "structuralObjectClass", on_class },
	{ "vendorName", on_vendor },
	{ "vendorVersion", on_version },
	{ "supportedLDAPVersion", on_protocol },
	{ "namingContexts", on_context },
	{ "supportedExtension", on_extension },
	{ "dnsHostName", on_host },
	{ "domainControllerFunctionality", on_level },
	{ "monitoredInfo", on_monitored },
};

/* Name of the entry, then { name, { values } }. */
static void
on_entry(struct talk *t, struct talk_cursor c)
{
	struct talk_cursor list, one, name, set, value;
	size_t i;

	((struct ldap *)t->state)->entry = true;
	if (!ber_take(&c, 0x04, &name) || !ber_take(&c, 0x30, &list))
		return;
	while (ber_take(&list, 0x30, &one)) {
		if (!ber_take(&one, 0x04, &name) || !ber_take(&one, 0x31, &set))
			return;
		for (i = 0; i < nitems(attributes); i++)
			if (is(name, attributes[i].name))
				break;
		while (i < nitems(attributes) && ber_take(&set, 0x04, &value))
			attributes[i].on(t, value);
	}
}

/* -- the course of it -------------------------------------------------------------- */

/* Who says so, and whether the version begins with words of its own. */
static const struct {
	const char *vendor, *product;
} vendors[] = {
	{ "389 Project", "389 Directory Server" },
	{ "Samba Team", "Samba AD LDAP" },
	{ "Apache", "ApacheDS" },
	{ "ForgeRock", "ForgeRock Directory Services" },
	{ "Oracle", "Oracle Directory Server" },
	{ "Sun Micro", "Sun Directory Server" },
	{ "Novell", "NetIQ eDirectory" },
	{ "NetIQ", "NetIQ eDirectory" },
	{ "IBM", "IBM Directory Server" },
	{ "International Business", "IBM Directory Server" },
	{ "VMware", "VMware Directory Service" },
	{ "Ping", "PingDirectory" },
};

static enum talk_verdict
finish(struct talk *t)
{
	struct ldap *l = t->state;
	struct service_info *i = t->info;
	const char *product = l->vendor, *digits;
	char said[48];
	size_t k;

	if (l->openldap) {
		product = "OpenLDAP";
		service_setf(i->cpe, sizeof(i->cpe),
		    "cpe:/a:openldap:openldap%s%s",
		    i->version[0] != '\0' ? ":" : "", i->version);
	} else if (l->ad && l->vendor[0] == '\0') {
		product = "Microsoft Active Directory LDAP";
		service_setf(i->os, sizeof(i->os), "Windows");
	}
	for (k = 0; k < nitems(vendors); k++)
		if (strncmp(l->vendor, vendors[k].vendor,
			strlen(vendors[k].vendor)) == 0)
			product = vendors[k].product;
	service_setf(i->product, sizeof(i->product), "%s", product);
	/* "389-Directory/2.3.1 B2022.." */
	digits = strchr(i->version, '/');
	if (digits != NULL) {
		service_setf(said, sizeof(said), "%s", digits + 1);
		said[strcspn(said, " ")] = '\0';
		service_setf(i->version, sizeof(i->version), "%s", said);
	}
	if (l->context[0] != '\0')
		service_setf(i->extra, sizeof(i->extra), "%s", l->context);
	return TALK_DONE;
}

/* One search is over. */
static enum talk_verdict
next(struct talk *t, int64_t code)
{
	struct ldap *l = t->state;

	if (t->step == ROOT) {
		if (l->entry)
			service_factf(t->info, "ldap.anonymous", "rootDSE");
		else
			service_factf(t->info, "auth", "required");
		service_evidence(t->info, t->in, t->nin);
	}
	if (t->step == CONTEXT && code == 0)
		service_factf(t->info, "ldap.anonymous", "search");
	if (t->udp)
		return finish(t);
	if (t->step == ROOT && l->openldap) {
		t->step = MONITOR;
		ask(t, "cn=Monitor", 0, monitor_wants, nitems(monitor_wants));
		return TALK_MORE;
	}
	if (t->step < CONTEXT && t->checks && l->context[0] != '\0') {
		t->step = CONTEXT;
		l->entry = false;
		ask(t, l->context, 1, context_wants, nitems(context_wants));
		return TALK_MORE;
	}
	return finish(t);
}

/* Of a search below a context, two entries are enough to be cut short (4). */
static int64_t
result_code(const struct ldap *l, struct talk_cursor body)
{
	struct talk_cursor code;
	int64_t v;

	if (!ber_take(&body, 0x0a, &code))
		return -1;
	v = ber_int(code);
	return l->entry && v == 4 ? 0 : v;
}

static enum talk_verdict
messages(struct talk *t)
{
	struct ldap *l = t->state;
	struct talk_cursor c, body, id, op;
	uint8_t tag;
	int64_t code;
	size_t len;

	while (l->at < t->nin) {
		if (t->in[l->at] != 0x30)
			return TALK_NOT;
		len = ber_size(t->in + l->at, t->nin - l->at);
		if (len == SIZE_MAX)
			return TALK_NOT;
		if (len == 0 || t->nin - l->at < len)
			return talk_need(t);
		cursor_init(&c, t->in + l->at, len);
		if (!ber_take(&c, 0x30, &body) || !ber_take(&body, 0x02, &id))
			return TALK_NOT;
		tag = ber_next(&body, &op);
		if (ber_int(id) != ID + t->step ||
		    (tag != ENTRY && tag != RESULT && tag != 0x73))
			return TALK_NOT;
		l->at += len;
		if (tag == ENTRY)
			on_entry(t, op);
		if (tag != RESULT)
			continue;
		code = result_code(l, op);
		return code < 0 ? TALK_NOT : next(t, code);
	}
	return talk_need(t);
}

static enum talk_verdict
ldap_input(struct talk *t)
{
	enum talk_verdict v = messages(t);

	/* What answered once is it. */
	return v == TALK_NOT && t->step > ROOT ? finish(t) : v;
}

const struct talk_ops talk_ldap = {
	.name = "ldap",
	.service = "ldap",
	.flags = TALK_TCP | TALK_UDP | TALK_IN_TLS,
	.ports = "389,1389,3268,10389",
	.tls_ports = "636,1636,3269,10636",
	.rarity = 3,
	.state = sizeof(struct ldap),
	.begin = ldap_begin,
	.input = ldap_input,
	.source = "RFC 4511, 4512 5.1",
};
