/* SPDX-License-Identifier: ISC */
/*
 * DNS: what it says of its version; and where it says nothing, how it says so,
 * in which servers differ. Nothing is asked that would be asked of others: all
 * names are the server's own.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "probe/dns_msg.h"
#include "probe/line.h"

#define ID 0x5d00 /* and the question's number */

enum {
	VERSION,
	LOCAL,
	SERVER,
	NAME,
	OLD,
	CLASS,
	NQUESTIONS
};
enum {
	OPCODE_IQUERY = 1 << 11
};

/* The address of this machine itself is never looked up elsewhere (RFC 6303):
 * who answers answers for whatever is asked. */
static const struct {
	const char *name;
	uint16_t flags, type, class;
	bool edns;
} questions[NQUESTIONS] = {
	[VERSION] = { "version.bind", 0, DNS_TXT, DNS_CHAOS, false },
	[LOCAL] = { "1.0.0.127.in-addr.arpa", DNS_RD, DNS_PTR, DNS_IN, true },
	[SERVER] = { "version.server", 0, DNS_TXT, DNS_CHAOS, false },
	[NAME] = { "id.server", 0, DNS_TXT, DNS_CHAOS, false },
	[OLD] = { "", OPCODE_IQUERY, DNS_A, DNS_IN, false },
	[CLASS] = { "sockdeck.invalid", 0, DNS_TXT, DNS_HESIOD, false },
};

/*
 * How each question was answered: its code, A for authority, R for recursion,
 * then how many questions, answers and records of authority there were; "-" for
 * silence.
 */
struct dns {
	size_t at; /* TCP: where the message that is awaited begins */
	char seen[NQUESTIONS][12];
	bool told; /* what is said of the version names a product */
};

/* -- what it says ----------------------------------------------------------- */

static const struct line_form versions[] = {
	{ .form = "dnsmasq-%v",
	    .product = "dnsmasq",
	    .cpe = "thekelleys:dnsmasq" },
	{ .form = "dnsmasq-*%v",
	    .product = "dnsmasq",
	    .cpe = "thekelleys:dnsmasq" },
	{ .form = "unbound %v",
	    .product = "Unbound",
	    .cpe = "nlnetlabs:unbound" },
	{ .form = "NSD %v",
	    .product = "NLnet Labs NSD",
	    .cpe = "nlnetlabs:nsd" },
	{ .form = "Knot DNS %v*",
	    .product = "Knot DNS",
	    .cpe = "nic:knot_dns" },
	{ .form = "Knot Resolver %v*",
	    .product = "Knot Resolver",
	    .cpe = "nic:knot_resolver" },
	{ .form = "PowerDNS Authoritative Server %v*",
	    .product = "PowerDNS Authoritative Server",
	    .cpe = "powerdns:authoritative_server" },
	{ .form = "Served by PowerDNS - *",
	    .product = "PowerDNS Authoritative Server",
	    .cpe = "powerdns:authoritative_server" },
	{ .form = "Served by POWERDNS %v*",
	    .product = "PowerDNS Authoritative Server",
	    .cpe = "powerdns:authoritative_server" },
	{ .form = "PowerDNS Recursor %v*",
	    .product = "PowerDNS Recursor",
	    .cpe = "powerdns:recursor" },
	{ .form = "dnsdist %v*",
	    .product = "dnsdist",
	    .cpe = "powerdns:dnsdist" },
	{ .form = "CoreDNS-%v",
	    .product = "CoreDNS",
	    .cpe = "coredns.io:coredns" },
	{ .form = "Microsoft DNS %v %x",
	    .product = "Microsoft DNS",
	    .cpe = "microsoft:dns",
	    .os = "Windows" },
	{ .form = "Microsoft DNS %v",
	    .product = "Microsoft DNS",
	    .cpe = "microsoft:dns",
	    .os = "Windows" },
	{ .form = "MaraDNS *%V*",
	    .product = "MaraDNS",
	    .cpe = "maradns:maradns" },
	{ .form = "YADIFA %v*", .product = "YADIFA", .cpe = "yadifa:yadifa" },
	{ .form = "gdnsd*%V*", .product = "gdnsd", .cpe = "gdnsd:gdnsd" },
	{ .form = "gdnsd*", .product = "gdnsd", .cpe = "gdnsd:gdnsd" },
	{ .form = "pdnsd-%v", .product = "pdnsd" },
	{ .form = "rbldnsd %v*", .product = "rbldnsd" },
	{ .form = "Nominum Vantio *%V*", .product = "Nominum Vantio" },
	{ .form = "Nominum ANS *%V*", .product = "Nominum ANS" },
	{ .form = "Technitium DNS Server %v*",
	    .product = "Technitium DNS Server" },
	{ .form = "BIND %v*", .product = "ISC BIND", .cpe = "isc:bind" },
	{ .form = "named %v*", .product = "ISC BIND", .cpe = "isc:bind" },
};

/* BIND has a number alone: "9.18.49-1~deb12u3-Debian", "9.11.4-P2-RedHat-..".
 * What the distribution put behind it is extra. */
static bool
is_bind(struct service_info *i, const char *s, size_t n)
{
	size_t k;

	if (n < 4 || memcmp(s, "9.", 2) != 0 || s[2] < '0' || s[2] > '9')
		return false;
	for (k = 0; k < n && s[k] != ' '; k++)
		if (s[k] == '-' &&
		    !(k + 2 < n && strchr("PSW", s[k + 1]) != NULL &&
			s[k + 2] >= '0' && s[k + 2] <= '9'))
			break;
	service_setf(i->product, sizeof(i->product), "ISC BIND");
	service_set(i->version, sizeof(i->version), s, k);
	if (k < n)
		service_set(i->extra, sizeof(i->extra), s + k + 1, n - k - 1);
	line_cpe(i, "isc:bind");
	return true;
}

static void
on_version(struct talk *t, const char *s, size_t n)
{
	struct dns *d = t->state;
	struct service_info *i = t->info;

	service_fact(i, "dns.version", s, n);
	d->told = is_bind(i, s, n) ||
		  line_find(i, versions, nitems(versions), s, n) != NULL;
	if (!d->told && n > 0)
		service_set(i->extra, sizeof(i->extra), s, n);
}

/* -- how it says nothing ---------------------------------------------------- */

/* Measured of those servers with their versions hidden. The first whose
 * questions were all answered so. */
static const struct {
	struct {
		uint8_t question;
		const char *seen;
	} when[3];
	const char *product, *cpe;
} manners[] = {
	{ { { SERVER, "4R 100" }, { VERSION, "4R 100" } }, "dnsmasq",
	    "thekelleys:dnsmasq" },
	{ { { SERVER, "5A 100" } }, "PowerDNS Authoritative Server",
	    "powerdns:authoritative_server" },
	{ { { SERVER, "2R 100" } }, "PowerDNS Recursor", "powerdns:recursor" },
	/* Zones of its own stand for these names. */
	{ { { VERSION, "0A 101" } }, "ISC BIND", "isc:bind" },
	{ { { SERVER, "5 100" }, { NAME, "0A 101" } }, "ISC BIND", "isc:bind" },
	{ { { SERVER, "5 100" }, { NAME, "0A 111" } }, "ISC BIND", "isc:bind" },
	{ { { VERSION, "5R 100" }, { OLD, "4 100" } }, "Unbound",
	    "nlnetlabs:unbound" },
	{ { { VERSION, "0R 110" }, { SERVER, "0R 110" }, { OLD, "4 100" } },
	    "Unbound", "nlnetlabs:unbound" },
	{ { { VERSION, "5 000" }, { LOCAL, "5 000" }, { OLD, "5 000" } },
	    "Unbound", "nlnetlabs:unbound" },
	{ { { VERSION, "5R 100" }, { OLD, "5R 100" }, { LOCAL, "0AR 110" } },
	    "Knot Resolver", "nic:knot_resolver" },
	{ { { SERVER, "5 100" }, { OLD, "4 100" } }, "Knot DNS",
	    "nic:knot_dns" },
	{ { { SERVER, "0 110" }, { OLD, "4 100" } }, "Knot DNS",
	    "nic:knot_dns" },
	/* Of its sources: it knows no class but the internet's. */
	{ { { VERSION, "5 100" }, { OLD, "4 000" }, { CLASS, "5 100" } },
	    "CoreDNS", "coredns.io:coredns" },
	{ { { OLD, "4 000" }, { CLASS, "5 000" } }, "NLnet Labs NSD",
	    "nlnetlabs:nsd" },
};

static bool
judge_manners(struct talk *t)
{
	struct dns *d = t->state;
	struct service_info *i = t->info;
	size_t k, w;

	for (k = 0; k < nitems(manners); k++) {
		for (w = 0; w < nitems(manners[k].when); w++) {
			if (manners[k].when[w].seen == NULL)
				continue;
			if (strcmp(d->seen[manners[k].when[w].question],
				manners[k].when[w].seen) != 0)
				break;
		}
		if (w < nitems(manners[k].when))
			continue;
		service_setf(
		    i->product, sizeof(i->product), "%s", manners[k].product);
		line_cpe(i, manners[k].cpe);
		return true;
	}
	return false;
}

/* -- the course of it ------------------------------------------------------- */

static void
ask(struct talk *t)
{
	struct buf b = { 0 };
	uint8_t head[2];

	dns_ask(&b, (uint16_t)(ID + t->step), questions[t->step].flags,
	    questions[t->step].name, questions[t->step].type,
	    questions[t->step].class, questions[t->step].edns);
	head[0] = (uint8_t)(b.len >> 8);
	head[1] = (uint8_t)b.len;
	if (!t->udp)
		talk_send(t, head, sizeof(head));
	talk_send(t, b.data, b.len);
	buf_done(&b);
}

static void
dns_begin(struct talk *t)
{
	ask(t);
}

static enum talk_verdict
next(struct talk *t)
{
	const struct dns *d = t->state;

	if (t->step >= LOCAL && (d->told || judge_manners(t)))
		return TALK_DONE;
	if (t->step + 1 == NQUESTIONS || (t->eof && !t->udp))
		return TALK_DONE;
	t->step++;
	ask(t);
	return TALK_MORE;
}

static void
on_name(struct talk *t, const char *s, size_t n)
{
	service_set(t->info->host, sizeof(t->info->host), s, n);
}

/* Who may ask it for names of others is answered for its own. */
static void
on_local(struct talk *t, const struct dns_msg *m)
{
	unsigned code = m->flags & 15;
	bool yes = (m->flags & DNS_RA) != 0 && (code == 0 || code == 3);

	service_factf(t->info, "dns.recursion", "%s", yes ? "yes" : "no");
}

static enum talk_verdict
message(struct talk *t, const uint8_t *p, size_t n)
{
	struct dns *d = t->state;
	struct dns_msg m;
	struct dns_rr rr;
	const char *s;
	size_t len;

	if (!dns_read(&m, p, n) || m.id != ID + t->step ||
	    (m.flags & DNS_ANSWER) == 0 ||
	    ((m.flags ^ questions[t->step].flags) & 0x7800) != 0 ||
	    !dns_is_about(&m, questions[t->step].name, questions[t->step].type))
		return TALK_NOT;
	snprintf(d->seen[t->step], sizeof(d->seen[0]), "%u%s%s %u%u%u",
	    m.flags & 15u, (m.flags & DNS_AA) != 0 ? "A" : "",
	    (m.flags & DNS_RA) != 0 ? "R" : "", m.count[0] & 1u,
	    m.count[1] != 0, m.count[2] != 0);
	if (t->step == VERSION)
		service_evidence(t->info, p, n);
	if (t->step == LOCAL)
		on_local(t, &m);
	while (dns_next(&m, &rr))
		if (rr.section == 1 && dns_text(&rr, &s, &len)) {
			if (t->step == VERSION)
				on_version(t, s, len);
			else if (t->step == SERVER && !d->told)
				on_version(t, s, len);
			else if (t->step == NAME)
				on_name(t, s, len);
			break;
		}
	return next(t);
}

static enum talk_verdict
dns_input(struct talk *t)
{
	struct dns *d = t->state;
	enum talk_verdict v;
	size_t len;

	if (t->udp) {
		v = t->timeout || t->nin == 0
			? TALK_NOT
			: message(t, t->in + t->nin - t->cut, t->cut);
	} else {
		len = t->nin < d->at + 2
			  ? 0
			  : (size_t)t->in[d->at] << 8 | t->in[d->at + 1];
		/* Nothing of ours has a longer answer. */
		if (t->nin >= d->at + 2 && (len < 12 || len > 4096))
			v = TALK_NOT;
		else if (t->nin < d->at + 2 + len || len == 0)
			v = talk_need(t);
		else {
			d->at += 2 + len;
			v = message(t, t->in + d->at - len, len);
		}
	}
	/* What answered the first question is it; another one was too odd. */
	if (v != TALK_NOT || t->step == VERSION)
		return v;
	/* An answer that comes twice. */
	if (t->udp && !t->timeout)
		return TALK_MORE;
	(void)strlcpy(d->seen[t->step], "-", sizeof(d->seen[0]));
	return next(t);
}

const struct talk_ops talk_dns = {
	.name = "dns",
	.service = "domain",
	.flags = TALK_TCP | TALK_UDP | TALK_IN_TLS,
	.ports = "53,1053,5053,5335,8053,8600",
	.tls_ports = "853",
	.rarity = 2,
	.wait_ms = 1000,
	.state = sizeof(struct dns),
	.begin = dns_begin,
	.input = dns_input,
	.source = "RFC 1035 4, RFC 4892, RFC 6303",
};
