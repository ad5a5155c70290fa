/* SPDX-License-Identifier: ISC */
/* Rules of settings: old dialects, answers to strangers, pages left behind. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "know/state.h"
#include "model/finding_rules.h"

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
		"ms-sql-m", "netbios-ns", "mdns" };
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

void
finding_told(struct finding_scene *s)
{
	smb(s);
	names_and_time(s);
	amplifier(s);
	pages(s);
}
