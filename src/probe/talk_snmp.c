/* SPDX-License-Identifier: ISC */
/*
 * SNMP: version 3 tells everybody its engine, whose maker is in it; versions 2c
 * and 1 are asked who they are by the community "public", which is a name that
 * all know and no password; who answers it shows more than he should.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "probe/line.h"
#include "probe/talk_bin.h"

#define ID 0x5d0c

enum step {
	ENGINE,
	PUBLIC,
	PUBLIC_V1,
	RELEASE
};
enum {
	INTEGER = 0x02,
	OCTETS = 0x04,
	OID = 0x06,
	SEQUENCE = 0x30,
	GET = 0xa0,
	RESPONSE = 0xa2,
	REPORT = 0xa8
};

struct snmp {
	bool engine, community;
	uint32_t maker; /* IANA's number of an enterprise; 0: not known */
};

/* Names of what is asked: system's description, object and name (RFC 3418), and
 * the version that net-snmp's own tree has. */
static const uint8_t descr[] = { 0x2b, 6, 1, 2, 1, 1, 1, 0 };
static const uint8_t object[] = { 0x2b, 6, 1, 2, 1, 1, 2, 0 };
static const uint8_t name[] = { 0x2b, 6, 1, 2, 1, 1, 5, 0 };
static const uint8_t release[] = { 0x2b, 6, 1, 4, 1, 0x8f, 0x65, 100, 2, 0 };

/* -- makers (IANA's private enterprise numbers) ----------------------------- */

static const struct {
	uint32_t number;
	const char *product, *cpe, *device;
} makers[] = {
	{ 2, "IBM SNMP agent", NULL, NULL },
	{ 9, "Cisco SNMP agent", NULL, "router" },
	{ 11, "HP SNMP agent", NULL, NULL },
	{ 42, "Sun SNMP agent", NULL, NULL },
	{ 171, "D-Link SNMP agent", NULL, NULL },
	{ 207, "Allied Telesis SNMP agent", NULL, "switch" },
	{ 232, "HPE SNMP agent", NULL, NULL },
	{ 253, "Xerox SNMP agent", NULL, "printer" },
	{ 311, "Microsoft SNMP service", "microsoft:windows", NULL },
	{ 318, "APC SNMP agent", NULL, "power device" },
	{ 367, "Ricoh SNMP agent", NULL, "printer" },
	{ 641, "Lexmark SNMP agent", NULL, "printer" },
	{ 674, "Dell SNMP agent", NULL, NULL },
	{ 1248, "Epson SNMP agent", NULL, "printer" },
	{ 1347, "Kyocera SNMP agent", NULL, "printer" },
	{ 1588, "Brocade SNMP agent", NULL, "switch" },
	{ 1602, "Canon SNMP agent", NULL, "printer" },
	{ 1916, "Extreme Networks SNMP agent", NULL, "switch" },
	{ 1991, "Foundry SNMP agent", NULL, "switch" },
	{ 2011, "Huawei SNMP agent", NULL, NULL },
	{ 2021, "UCD-SNMP", "ucd-snmp:ucd-snmp", NULL },
	{ 2435, "Brother SNMP agent", NULL, "printer" },
	{ 2636, "Juniper SNMP agent", NULL, "router" },
	{ 3375, "F5 SNMP agent", NULL, "load balancer" },
	{ 4526, "Netgear SNMP agent", NULL, NULL },
	{ 6574, "Synology SNMP agent", NULL, "storage" },
	{ 6876, "VMware SNMP agent", NULL, NULL },
	{ 8072, "net-snmp", "net-snmp:net-snmp", NULL },
	{ 11863, "TP-Link SNMP agent", NULL, NULL },
	{ 12325, "bsnmpd", NULL, NULL },
	{ 12356, "Fortinet SNMP agent", NULL, "firewall" },
	{ 14823, "Aruba SNMP agent", NULL, NULL },
	{ 14988, "MikroTik RouterOS SNMP agent", "mikrotik:routeros",
	    "router" },
	{ 24681, "QNAP SNMP agent", NULL, "storage" },
	{ 25506, "H3C SNMP agent", NULL, NULL },
	{ 30065, "Arista SNMP agent", NULL, "switch" },
	{ 30155, "OpenBSD snmpd", "openbsd:openbsd", NULL },
	{ 41112, "Ubiquiti SNMP agent", NULL, NULL },
};

/* net-snmp's word has weight: it stands for itself. */
static void
on_maker(struct talk *t, uint32_t number)
{
	struct snmp *s = t->state;
	struct service_info *i = t->info;
	size_t k;

	if (number == 0 || (s->maker == 8072 && number != 8072))
		return;
	s->maker = number;
	service_factf(i, "snmp.enterprise", "%u", number);
	for (k = 0; k < nitems(makers); k++)
		if (makers[k].number == number) {
			service_setf(i->product, sizeof(i->product), "%s",
			    makers[k].product);
			if (makers[k].cpe != NULL)
				line_cpe(i, makers[k].cpe);
			if (makers[k].device != NULL)
				service_setf(i->device, sizeof(i->device), "%s",
				    makers[k].device);
		}
}

/* -- questions -------------------------------------------------------------- */

static void
put_pdu(struct buf *b, uint16_t id, size_t at)
{
	struct buf vars = { 0 };

	buf_put(&vars, b->data + at, b->len - at);
	b->len = at;
	ber_put_int(b, INTEGER, id);
	ber_put_int(b, INTEGER, 0);
	ber_put_int(b, INTEGER, 0);
	ber_put(b, SEQUENCE, vars.len > 0 ? vars.data : "", vars.len);
	ber_wrap(b, at, GET);
	buf_done(&vars);
}

static void
put_var(struct buf *b, const uint8_t *oid, size_t n)
{
	size_t at = b->len;

	ber_put(b, OID, oid, n);
	ber_put(b, 0x05, "", 0);
	ber_wrap(b, at, SEQUENCE);
}

/* RFC 3414 4: who says no engine is told which one there is. */
static void
ask_engine(struct buf *b)
{
	static const uint8_t flags[1] = { 4 }; /* to be reported to, no auth */
	size_t at;

	ber_put_int(b, INTEGER, 3);
	at = b->len;
	ber_put_int(b, INTEGER, ID);
	ber_put_int(b, INTEGER, 65507);
	ber_put(b, OCTETS, flags, sizeof(flags));
	ber_put_int(b, INTEGER, 3);
	ber_wrap(b, at, SEQUENCE);
	at = b->len;
	ber_put(b, OCTETS, "", 0);
	ber_put_int(b, INTEGER, 0);
	ber_put_int(b, INTEGER, 0);
	ber_put(b, OCTETS, "", 0);
	ber_put(b, OCTETS, "", 0);
	ber_put(b, OCTETS, "", 0);
	ber_wrap(b, at, SEQUENCE);
	ber_wrap(b, at, OCTETS);
	at = b->len;
	ber_put(b, OCTETS, "", 0);
	ber_put(b, OCTETS, "", 0);
	put_pdu(b, ID, b->len);
	ber_wrap(b, at, SEQUENCE);
	ber_wrap(b, 0, SEQUENCE);
}

static void
ask(struct talk *t)
{
	struct buf b = { 0 };
	size_t at;

	if (t->step == ENGINE)
		ask_engine(&b);
	else {
		ber_put_int(&b, INTEGER, t->step == PUBLIC_V1 ? 0 : 1);
		ber_put(&b, OCTETS, "public", 6);
		at = b.len;
		if (t->step == RELEASE)
			put_var(&b, release, sizeof(release));
		else {
			put_var(&b, descr, sizeof(descr));
			put_var(&b, object, sizeof(object));
			put_var(&b, name, sizeof(name));
		}
		put_pdu(&b, (uint16_t)(ID + t->step), at);
		ber_wrap(&b, 0, SEQUENCE);
	}
	talk_send(t, b.data, b.len);
	buf_done(&b);
}

static void
snmp_begin(struct talk *t)
{
	ask(t);
}

/* -- answers ---------------------------------------------------------------- */

/* RFC 3411 5: with the first bit set the rest of four bytes is the maker. */
static bool
learn_engine(struct talk *t, struct talk_cursor c)
{
	struct snmp *s = t->state;
	struct talk_cursor head, params, list, id, v;
	uint32_t maker;
	char hex[80];
	size_t n, i;

	if (!ber_take(&c, SEQUENCE, &head) || !ber_take(&head, INTEGER, &v) ||
	    ber_int(v) != ID || !ber_take(&c, OCTETS, &params) ||
	    !ber_take(&params, SEQUENCE, &list) ||
	    !ber_take(&list, OCTETS, &id) || !ber_take(&list, INTEGER, &v))
		return false;
	s->engine = true;
	n = cursor_left(&id);
	for (i = 0; i < n && i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", id.p[i]);
	if (n > 0)
		service_fact(
		    t->info, "snmp.engine", hex, 2 * (n < 32 ? n : 32));
	if (n < 5)
		return true;
	maker = cursor_be32(&id);
	on_maker(t, maker & 0x7fffffff);
	return true;
}

/* 1.3.6.1.4.1.N..: N is the maker. */
static void
on_object(struct talk *t, struct talk_cursor c)
{
	static const uint8_t private[] = { 0x2b, 6, 1, 4, 1 };
	const uint8_t *p = cursor_take(&c, sizeof(private));
	uint32_t number = 0;
	uint8_t byte = 0x80;

	if (p == NULL || memcmp(p, private, sizeof(private)) != 0)
		return;
	while ((byte & 0x80) != 0 && !c.bad && number < 1 << 24) {
		byte = cursor_u8(&c);
		number = number << 7 | (byte & 0x7f);
	}
	on_maker(t, number);
}

static const char *const systems[] = { "Linux", "FreeBSD", "OpenBSD", "NetBSD",
	"SunOS", "Windows", "Darwin", "RouterOS", "VMware ESXi" };

static void
on_descr(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	size_t n = cursor_left(&c), k;

	service_set(i->extra, sizeof(i->extra), c.p, n);
	service_fact(i, "snmp.descr", c.p, n < 300 ? n : 300);
	for (k = 0; k < nitems(systems); k++)
		if (line_has((const char *)c.p, n, systems[k])) {
			service_setf(i->os, sizeof(i->os), "%s", systems[k]);
			return;
		}
}

static void
on_name(struct talk *t, struct talk_cursor c)
{
	service_set(t->info->host, sizeof(t->info->host), c.p, cursor_left(&c));
}

static void
on_release(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;

	service_set(i->version, sizeof(i->version), c.p, cursor_left(&c));
	service_setf(i->product, sizeof(i->product), "net-snmp");
	line_cpe(i, "net-snmp:net-snmp");
}

static const struct {
	const uint8_t *oid;
	size_t n;
	uint8_t tag;
	void (*on)(struct talk *, struct talk_cursor);
} variables[] = {
	{ descr, sizeof(descr), OCTETS, on_descr },
	{ object, sizeof(object), OID, on_object },
	{ name, sizeof(name), OCTETS, on_name },
	{ release, sizeof(release), OCTETS, on_release },
};

static void
learn_variables(struct talk *t, struct talk_cursor list)
{
	struct talk_cursor one, oid, v;
	uint8_t tag;
	size_t i;

	while (ber_take(&list, SEQUENCE, &one)) {
		if (!ber_take(&one, OID, &oid))
			return;
		tag = ber_next(&one, &v);
		for (i = 0; i < nitems(variables); i++)
			if (variables[i].tag == tag && cursor_left(&v) > 0 &&
			    cursor_left(&oid) == variables[i].n &&
			    memcmp(oid.p, variables[i].oid, variables[i].n) ==
				0)
				variables[i].on(t, v);
	}
}

static bool
learn_public(struct talk *t, struct talk_cursor c)
{
	struct snmp *s = t->state;
	struct talk_cursor community, pdu, v, list;

	if (!ber_take(&c, OCTETS, &community) ||
	    !ber_take(&c, RESPONSE, &pdu) || !ber_take(&pdu, INTEGER, &v) ||
	    ber_int(v) != ID + (int)t->step || !ber_take(&pdu, INTEGER, &v) ||
	    !ber_take(&pdu, INTEGER, &list) || !ber_take(&pdu, SEQUENCE, &list))
		return false;
	s->community = true;
	service_factf(t->info, "snmp.community", "public");
	if (ber_int(v) == 0)
		learn_variables(t, list);
	return true;
}

static bool
learn(struct talk *t, const uint8_t *p, size_t n)
{
	struct talk_cursor c, body, v;
	size_t len = n > 0 && p[0] == SEQUENCE ? ber_size(p, n) : 0;

	if (len == 0 || len > n)
		return false;
	cursor_init(&c, p, len);
	if (!ber_take(&c, SEQUENCE, &body) || !ber_take(&body, INTEGER, &v))
		return false;
	switch (ber_int(v)) {
	case 3:
		return t->step == ENGINE && learn_engine(t, body);
	case 0:
	case 1:
		return t->step != ENGINE && learn_public(t, body);
	}
	return false;
}

/* -- the course of it ------------------------------------------------------- */

static enum talk_verdict
finish(struct talk *t)
{
	const struct snmp *s = t->state;
	struct service_info *i = t->info;

	if (!s->engine && !s->community)
		return TALK_NOT;
	service_factf(i, "snmp.versions", "%s",
	    !s->engine     ? "1 2c"
	    : s->community ? "1 2c 3"
			   : "3");
	if (i->extra[0] == '\0' && s->engine)
		service_setf(i->extra, sizeof(i->extra), "SNMPv3");
	return TALK_DONE;
}

static enum talk_verdict
next(struct talk *t)
{
	const struct snmp *s = t->state;

	t->step++;
	if (t->step == PUBLIC_V1 && s->community)
		t->step++;
	/* What has another maker has no tree of net-snmp's. */
	if (t->step > RELEASE || (t->step == RELEASE && !s->community))
		return finish(t);
	ask(t);
	return TALK_MORE;
}

static enum talk_verdict
snmp_input(struct talk *t)
{
	const uint8_t *p = t->in + t->nin - t->cut;

	if (t->timeout)
		return next(t);
	if (t->cut == 0 || !learn(t, p, t->cut))
		return t->info->evidence[0] != '\0' ? TALK_MORE : TALK_NOT;
	if (t->info->evidence[0] == '\0' || t->step == PUBLIC)
		service_evidence(t->info, p, t->cut);
	return next(t);
}

const struct talk_ops talk_snmp = {
	.name = "snmp",
	.service = "snmp",
	.flags = TALK_UDP,
	.ports = "161,1161,10161",
	.rarity = 2,
	.wait_ms = 500,
	.state = sizeof(struct snmp),
	.begin = snmp_begin,
	.input = snmp_input,
	.source = "RFC 3412, 3414 4, 3416, 3418, 1157",
};
