/* SPDX-License-Identifier: ISC */
/* Names on a link: mDNS and LLMNR, asked by a datagram of their own instead of
 * by multicast. Each knows at least the name of its own address. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "probe/dns_msg.h"

#define ID 0x5d4d

enum step {
	OWN,
	SERVICES
};

struct mdns {
	char own[80]; /* its address, as a name */
};

static const char services[] = "_services._dns-sd._udp.local";

/* "1.0.0.127.in-addr.arpa" (RFC 1035 3.5), "..ip6.arpa" (RFC 3596 2.5). */
static void
own_name(const struct scan_addr *a, char *ret, size_t size)
{
	size_t at = 0;
	int i;

	ret[0] = '\0';
	if (a->family == 4) {
		snprintf(ret, size, "%u.%u.%u.%u.in-addr.arpa", a->addr[3],
		    a->addr[2], a->addr[1], a->addr[0]);
		return;
	}
	for (i = 15; i >= 0; i--)
		at += (size_t)snprintf(ret + at, size - at, "%x.%x.",
		    a->addr[i] & 15u, a->addr[i] >> 4u);
	snprintf(ret + at, size - at, "ip6.arpa");
}

static void
ask(struct talk *t)
{
	struct mdns *m = t->state;

	dns_ask(&t->out, (uint16_t)(ID + t->step), 0,
	    t->step == OWN ? m->own : services, DNS_PTR, DNS_IN, false);
}

static void
begin(struct talk *t)
{
	struct mdns *m = t->state;

	own_name(&t->addr, m->own, sizeof(m->own));
	ask(t);
}

/* "vm.local": the host; "_ipp._tcp.local": a service it has. */
static void
learn(struct talk *t, const struct dns_msg *msg, struct dns_rr *rr)
{
	struct service_info *i = t->info;
	const char *had = service_fact_get(i, "mdns.services");
	char name[256], text[400];

	if (rr->section != 1 || rr->type != DNS_PTR ||
	    !dns_name(msg, &rr->data, name, sizeof(name)))
		return;
	if (t->step == OWN && i->host[0] == '\0')
		service_set(i->host, sizeof(i->host), name, strlen(name));
	if (t->step != SERVICES || (had != NULL && strlen(had) > 300))
		return;
	name[strcspn(name, " ")] = '\0';
	snprintf(text, sizeof(text), "%.300s%s%.80s", had != NULL ? had : "",
	    had != NULL ? " " : "", name);
	service_fact(i, "mdns.services", text, strlen(text));
}

/* Whether the datagram answers what was asked last. */
static bool
answer(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut;
	struct mdns *m = t->state;
	struct dns_msg msg;
	struct dns_rr rr;

	if (t->cut == 0 || !dns_read(&msg, p, t->cut) ||
	    msg.id != ID + t->step || (msg.flags & DNS_ANSWER) == 0 ||
	    (msg.flags & 0x780f) != 0 || msg.count[1] == 0 ||
	    !dns_is_about(&msg, t->step == OWN ? m->own : services, DNS_PTR))
		return false;
	if (t->info->evidence[0] == '\0')
		service_evidence(t->info, p, t->cut);
	while (dns_next(&msg, &rr))
		learn(t, &msg, &rr);
	return true;
}

static enum talk_verdict
mdns_input(struct talk *t)
{
	bool answered = !t->timeout && answer(t);

	if (!answered && !t->timeout)
		return t->info->evidence[0] != '\0' ? TALK_MORE : TALK_NOT;
	if (t->step == OWN) {
		t->step = SERVICES;
		ask(t);
		return TALK_MORE;
	}
	return t->info->evidence[0] != '\0' ? TALK_DONE : TALK_NOT;
}

const struct talk_ops talk_mdns = {
	.name = "mdns",
	.service = "mdns",
	.flags = TALK_UDP,
	.ports = "5353",
	.rarity = 5,
	.wait_ms = 700,
	.state = sizeof(struct mdns),
	.begin = begin,
	.input = mdns_input,
	.source = "RFC 6762 6.7, RFC 6763 9",
};

/* -- LLMNR ------------------------------------------------------------------ */

static enum talk_verdict
llmnr_input(struct talk *t)
{
	/* Where mDNS says that it knows, LLMNR says that others do, too. */
	if (t->timeout || !answer(t) || (t->in[t->nin - t->cut + 2] & 4) != 0)
		return TALK_NOT;
	return TALK_DONE;
}

const struct talk_ops talk_llmnr = {
	.name = "llmnr",
	.service = "llmnr",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "5355",
	.rarity = 7,
	.wait_ms = 700,
	.state = sizeof(struct mdns),
	.begin = begin,
	.input = llmnr_input,
	.source = "RFC 4795 2.1",
};
