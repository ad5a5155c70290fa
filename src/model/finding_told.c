/* SPDX-License-Identifier: ISC */
/* Rules of settings: old dialects, answers to strangers, pages left behind; and
 * of old versions. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "know/eol.h"
#include "know/state.h"
#include "model/finding_rules.h"
#include "model/nmap_xml.h"

static void
smb(struct finding_scene *s)
{
	const char *dialects = finding_fact(s, "smb.dialects");

	if (strstr(dialects, "NT LM 0.12") != NULL)
		finding_add(s, "smb-v1", "accepted: %s", dialects);
	if (finding_fact_is(s, "smb.signing", "off"))
		finding_add(
		    s, "smb-signing", "the negotiation does not require it");
}

static void
names_and_time(struct finding_scene *s)
{
	if (finding_fact_is(s, "dns.recursion", "yes"))
		finding_add(s, "dns-recursion", "RA was set, asked from here");
	if (finding_fact(s, "dns.version")[0] != '\0')
		finding_add(s, "dns-version", "version.bind: %s",
		    finding_fact(s, "dns.version"));
	if (finding_fact_is(s, "ntp.monlist", "yes"))
		finding_add(s, "ntp-monlist", "MON_GETLIST was answered");
	if (finding_fact_is(s, "ntp.mode6", "yes"))
		finding_add(s, "ntp-mode6", "READVAR was answered");
}

/* By datagrams: a small question, a large answer. */
static void
amplifier(struct finding_scene *s)
{
	static const char *const names[] = { "chargen", "qotd", "memcached",
		"ldap", "ssdp", "upnp", "ws-discovery", "wsdd", "coap",
		"ms-sql-m", "netbios-ns", "mdns", "svrloc", "quake", "quake2",
		"quake3", "quakeworld", "steam" };
	size_t i;

	if (s->proto != SOCK_UDP)
		return;
	for (i = 0; i < nitems(names); i++)
		if (strcmp(names[i], s->info->name) == 0)
			finding_add(s, "udp-amplifier", "%s by UDP", names[i]);
}

static void
pages(struct finding_scene *s)
{
	static const char *const makeshift[] = { "Werkzeug httpd",
		"SimpleHTTPServer", "WSGIServer", "WEBrick httpd",
		"PHP cli server" };
	const char *page = finding_fact(s, "http.default_page");
	size_t i;

	if (finding_fact_is(s, "http.listing", "yes"))
		finding_add(s, "http-listing", "its title: %s",
		    finding_fact(s, "http.title"));
	if (page[0] != '\0')
		finding_add(s, "http-default-page", "that of %s", page);
	for (i = 0; i < nitems(makeshift); i++)
		if (strcmp(makeshift[i], s->info->product) == 0)
			finding_add(s, "http-app-setup", "Server: %s",
			    finding_fact(s, "http.server"));
}

/* -- versions -------------------------------------------------------------- */

static bool
is_product(const char *product, const char *known)
{
	size_t n = strlen(known);

	/* "Microsoft SQL Server 2019", but not "Python aiosmtpd". */
	return strncmp(product, known, n) == 0 &&
	       (product[n] == '\0' ||
		   (product[n] == ' ' &&
		       isdigit((unsigned char)product[n + 1])));
}

/* Whose package it is, or NULL. */
static const char *
packager(const struct finding_scene *s)
{
	const struct service_info *i = s->info;
	const char *const text[] = { i->extra, i->version, i->os,
		finding_fact(s, "http.server") };
	const char *name = NULL;
	size_t k;

	for (k = 0; k < nitems(text) && name == NULL; k++)
		name = eol_packager(text[k]);
	return name;
}

static void
version_ended(
    struct finding_scene *s, const struct eol_product *p, const char *version)
{
	const struct eol *e = eol_find(p, version);
	const char *by = packager(s);
	char today[24];
	size_t n = strcspn(version, " ();,");

	finding_iso_time(today, s->now);
	if (e == NULL || strncmp(e->date, today, 10) > 0)
		return;
	if (by != NULL)
		finding_add_at(s, SEVERITY_INFO, "end-of-life",
		    "%s %.*s: branch %s ended %s, but %s mends its package; %s",
		    p->title, (int)n, version, e->branch, e->date, by,
		    p->source);
	else
		finding_add_at(s,
		    p->unmarked ? SEVERITY_MEDIUM : SEVERITY_CRITICAL,
		    "end-of-life", "%s %.*s: branch %s ended %s%s; %s",
		    p->title, (int)n, version, e->branch, e->date,
		    p->unmarked ? ", unless a distribution mends it" : "",
		    p->source);
}

/* "PHP/7.4.33" somewhere in a header. */
static void
header_ended(
    struct finding_scene *s, const struct eol_product *p, const char *text)
{
	const char *at = strstr(text, p->token);
	size_t n = strlen(p->token);

	if (at != NULL && at[n] == '/' && (at == text || at[-1] == ' '))
		version_ended(s, p, at + n + 1);
}

static void
release_ended(struct finding_scene *s)
{
	const struct service_info *i = s->info;
	const struct eol_release *r;
	const char *source;
	char today[24];

	finding_iso_time(today, s->now);
	r = eol_release(i->extra, i->version, &source);
	if (r == NULL)
		r = eol_release(i->version, "", &source);
	if (r != NULL && strncmp(r->date, today, 10) < 0)
		finding_add(s, "end-of-life-system",
		    "%s ended %s, shown by %s %s; %s", r->title, r->date,
		    i->version, i->extra, source);
}

static void
versions(struct finding_scene *s)
{
	const char *powered = finding_fact(s, "http.powered_by");
	const struct eol_product *p;

	for (p = eol_products; p->title != NULL; p++)
		if (is_product(s->info->product, p->product))
			version_ended(s, p, s->info->version);
		else if (p->token != NULL && strstr(powered, p->token) != NULL)
			header_ended(s, p, powered);
		else if (p->token != NULL)
			header_ended(s, p, finding_fact(s, "http.server"));
	release_ended(s);
}

void
finding_told(struct finding_scene *s)
{
	smb(s);
	names_and_time(s);
	amplifier(s);
	pages(s);
	versions(s);
}

/* What its scripts call vulnerable, each by its number (model/nmap_xml.h). */
void
finding_nmap(struct finding_scene *s)
{
	const size_t n = sizeof(NMAP_FACT_VULN) - 1;
	const char *name, *value;
	bool counted; /* NMAP-1: it has no number of its own */
	size_t i;

	for (i = 0; service_fact_at(s->info, i, &name, &value); i++) {
		if (strncmp(name, NMAP_FACT_VULN, n) != 0)
			continue;
		name += n;
		counted = strncmp(name, "NMAP-", 5) == 0;
		finding_add_at(s,
		    strncmp(value, "LIKELY", 6) == 0 ? SEVERITY_MEDIUM
						     : SEVERITY_HIGH,
		    FINDING_NMAP, "%s%s%s", counted ? "" : name,
		    counted ? "" : ": ", value);
	}
}
