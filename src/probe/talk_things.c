/* SPDX-License-Identifier: ISC */
/* Machines and things, and what finds them: one datagram each. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/dgram.h"
#include "probe/http_msg.h"
#include "probe/http_server.h"
#include "probe/line.h"

#define BYTES(s) .ask = (s), .len = sizeof(s) - 1

/* -- memcached ---------------------------------------------------------------- */

static const struct line_form memcached[] = {
	{ .form = "VERSION %v",
	    .product = "Memcached",
	    .cpe = "memcached:memcached",
	    .fact = "auth",
	    .value = "none" },
};

/* Our number, datagram 0 of 1; then as over TCP. */
static bool
memcached_learn(struct talk *t, struct talk_cursor c)
{
	const char *nl;

	if (!cursor_is(&c, "sd\0\0\0\1\0\0", 8))
		return false;
	nl = memchr(c.p, '\r', cursor_left(&c));
	return nl != NULL &&
	       line_find(t->info, memcached, nitems(memcached),
		   (const char *)c.p, (size_t)(nl - (const char *)c.p)) != NULL;
}

/* -- IPMI ---------------------------------------------------------------------- */

/* What this is of the authentications of a channel (IPMI 2.0 22.13). */
static const struct {
	uint8_t bit;
	const char *name;
} ipmi_auths[] = { { 1, "none" }, { 2, "MD2" }, { 4, "MD5" },
	{ 16, "password" }, { 32, "OEM" } };

static void
ipmi_auth(struct talk *t, uint8_t auths, uint8_t status)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < nitems(ipmi_auths); i++)
		if ((auths & ipmi_auths[i].bit) != 0)
			buf_printf(&b, "%s%s", b.len > 0 ? " " : "",
			    ipmi_auths[i].name);
	if (b.len > 0)
		service_fact(t->info, "ipmi.auth", b.data, b.len);
	buf_done(&b);
	/* A name of no letters gets in without any. */
	if ((status & 1) != 0)
		service_factf(t->info, "ipmi.anonymous", "yes");
	if ((auths & 1) != 0)
		service_factf(t->info, "auth", "none");
}

/* RMCP, session 0 without authentication, length; to us 0x81 and 0x20, function
 * and slave, sequence, command 0x38, done, channel, kinds, status, further ones,
 * the maker, a sum. */
static bool
ipmi_learn(struct talk *t, struct talk_cursor c)
{
	uint8_t auths, status, further;

	if (!cursor_is(&c, "\6\0\xff\7\0", 5))
		return false;
	cursor_skip(&c, 8);
	if (cursor_u8(&c) < 15)
		return false;
	cursor_skip(&c, 1);
	if ((cursor_u8(&c) & 0xfc) != 0x1c)
		return false;
	cursor_skip(&c, 3);
	if (cursor_u8(&c) != 0x38 || cursor_u8(&c) != 0)
		return false;
	cursor_skip(&c, 1);
	auths = cursor_u8(&c);
	status = cursor_u8(&c);
	further = cursor_u8(&c);
	if (c.bad)
		return false;
	service_setf(t->info->product, sizeof(t->info->product), "IPMI");
	service_setf(t->info->version, sizeof(t->info->version), "%s",
	    (auths & 0x80) != 0 && (further & 2) != 0 ? "2.0" : "1.5");
	service_setf(
	    t->info->device, sizeof(t->info->device), "remote management");
	ipmi_auth(t, auths, status);
	return true;
}

/* ASF's presence pong, our tag; asked of what has no IPMI. */
static bool
rmcp_learn(struct talk *t, struct talk_cursor c)
{
	if (!cursor_is(&c, "\6\0\xff\6\0\0\x11\xbe\x40", 9) ||
	    cursor_u8(&c) != 0x5d)
		return false;
	cursor_skip(&c, 1);
	if (cursor_u8(&c) != 16 || cursor_left(&c) < 16)
		return false;
	service_setf(t->info->extra, sizeof(t->info->extra), "RMCP%s",
	    (c.p[8] & 0x80) != 0 ? ", IPMI" : "");
	return true;
}

/* -- CoAP ---------------------------------------------------------------------- */

/* An acknowledgment of ours, with our token; what is there, as links. */
static bool
coap_learn(struct talk *t, struct talk_cursor c)
{
	uint8_t code;
	const uint8_t *body;
	size_t n;

	if (cursor_u8(&c) != 0x62)
		return false;
	code = cursor_u8(&c);
	if (!cursor_is(&c, "sdDK", 4) ||
	    (code >> 5 != 2 && code >> 5 != 4 && code >> 5 != 5) ||
	    (code & 31) > 15)
		return false;
	body = bytes_find(c.p, cursor_left(&c), "\xff", 1);
	n = body != NULL ? (size_t)(c.end - body) - 1 : 0;
	service_factf(t->info, "coap.code", "%u.%02u", code >> 5, code & 31u);
	if (n > 0 && code == 0x45)
		service_fact(
		    t->info, "coap.links", body + 1, n < 300 ? n : 300);
	if (n > 0 && bytes_find(body, n + 1, "libcoap", 7) != NULL)
		service_setf(
		    t->info->product, sizeof(t->info->product), "libcoap");
	return true;
}

/* -- SSDP ---------------------------------------------------------------------- */

static const char ssdp_ask[] = "M-SEARCH * HTTP/1.1\r\n"
			       "HOST: 239.255.255.250:1900\r\n"
			       "MAN: \"ssdp:discover\"\r\n"
			       "MX: 1\r\nST: upnp:rootdevice\r\n\r\n";

static bool
ssdp_learn(struct talk *t, struct talk_cursor c)
{
	struct http_msg m;
	struct span v;

	if (http_parse(&m, "HTTP", c.p, cursor_left(&c), true) != HTTP_IS ||
	    !http_header(&m, "ST", &v))
		return false;
	if (http_header(&m, "LOCATION", &v))
		service_fact(
		    t->info, "upnp.location", v.p, v.n < 200 ? v.n : 200);
	if (http_header(&m, "USN", &v))
		service_fact(t->info, "upnp.usn", v.p, v.n < 200 ? v.n : 200);
	if (http_header(&m, "SERVER", &v)) {
		service_fact(
		    t->info, "upnp.server", v.p, v.n < 200 ? v.n : 200);
		http_server(t->info, v);
	}
	return true;
}

/* -- WS-Discovery --------------------------------------------------------------- */

#define WSD_ID "urn:uuid:736f636b-6465-436b-8000-000000000001"
#define WSD_HEAD                                                               \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>"                           \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "     \
	"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "        \
	"xmlns:wsdp=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\" "        \
	"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\">"         \
	"<s:Header><a:Action>"                                                 \
	"http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"     \
	"<a:MessageID>" WSD_ID "</a:MessageID>"                                \
	"<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>" \
	"<s:Body>"
/* Of all kinds; then of devices, since some answer only who names a kind. */
static const char *const wsd_asks[] = {
	WSD_HEAD "<d:Probe/></s:Body></s:Envelope>",
	WSD_HEAD "<d:Probe><d:Types>wsdp:Device</d:Types></d:Probe>"
		 "</s:Body></s:Envelope>",
};

static void
wsd_begin(struct talk *t)
{
	talk_send(t, wsd_asks[t->step], strlen(wsd_asks[t->step]));
}

static enum talk_verdict
wsd_input(struct talk *t)
{
	const char *s = (const char *)t->in + t->nin - t->cut;
	size_t n = t->cut;

	if (t->timeout && t->step + 1 < nitems(wsd_asks)) {
		t->step++;
		wsd_begin(t);
		return TALK_MORE;
	}
	if (t->timeout || !line_has(s, n, "ProbeMatches") ||
	    !line_has(s, n, WSD_ID))
		return TALK_NOT;
	if (line_has(s, n, "onvif"))
		service_setf(
		    t->info->device, sizeof(t->info->device), "webcam");
	else if (line_has(s, n, "Computer"))
		service_factf(t->info, "wsd.type", "Computer");
	service_evidence(t->info, s, n);
	return TALK_DONE;
}

/* -- NAT gateways --------------------------------------------------------------- */

/* Version 0, our operation and 128, a code, its age, the address outside. */
static bool
nat_pmp_learn(struct talk *t, struct talk_cursor c)
{
	uint16_t code;
	const uint8_t *a;

	if (t->cut != 12 || !cursor_is(&c, "\0\x80", 2) ||
	    (code = cursor_be16(&c)) > 5)
		return false;
	cursor_skip(&c, 4);
	if (code == 0 && (a = cursor_take(&c, 4)) != NULL)
		service_factf(t->info, "nat.outside", "%u.%u.%u.%u", a[0], a[1],
		    a[2], a[3]);
	service_setf(t->info->device, sizeof(t->info->device), "router");
	return true;
}

/* -- displays, services, printers ------------------------------------------------- */

/* Willing: authentication, host, status; or unwilling: host, status. */
static bool
xdmcp_learn(struct talk *t, struct talk_cursor c)
{
	uint16_t kind;
	unsigned i;
	const uint8_t *p;
	uint16_t n;

	if (cursor_be16(&c) != 1)
		return false;
	kind = cursor_be16(&c);
	if ((kind != 5 && kind != 6) || cursor_be16(&c) + 6u != t->cut)
		return false;
	for (i = kind == 5 ? 0 : 1; i < 3; i++) {
		n = cursor_be16(&c);
		p = cursor_take(&c, n);
		if (p == NULL)
			return false;
		if (i == 1)
			service_set(t->info->host, sizeof(t->info->host), p, n);
		else if (i == 2)
			service_set(
			    t->info->extra, sizeof(t->info->extra), p, n);
	}
	service_factf(t->info, "xdmcp.willing", "%s", kind == 5 ? "yes" : "no");
	return cursor_left(&c) == 0;
}

/* Version 2, a service types' reply, its length, our number. */
static bool
slp_learn(struct talk *t, struct talk_cursor c)
{
	const uint8_t *p;
	uint16_t n;

	if (!cursor_is(&c, "\2\x0a\0", 3) || cursor_be16(&c) != t->cut)
		return false;
	cursor_skip(&c, 5);
	if (!cursor_is(&c, "sd\0\2en\0\0", 8))
		return false;
	n = cursor_be16(&c);
	p = cursor_take(&c, n);
	if (p != NULL && n > 0)
		service_fact(t->info, "slp.services", p, n < 300 ? n : 300);
	return p != NULL;
}

/* -- machines ------------------------------------------------------------------- */

/* List Identity: its item 12: lengths, version, socket, vendor, type, product,
 * revision, status, serial number, name. */
static bool
enip_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	uint8_t major, minor, n;
	const uint8_t *p;

	if (!cursor_is(&c, "c\0", 2) || cursor_le16(&c) + 24u != t->cut ||
	    !cursor_is(&c, "\0\0\0\0\0\0\0\0sockdeck\0\0\0\0", 20) ||
	    cursor_le16(&c) < 1 || cursor_le16(&c) != 12)
		return false;
	cursor_skip(&c, 2 + 2 + 16);
	service_factf(i, "enip.vendor", "%u", cursor_le16(&c));
	cursor_skip(&c, 4);
	major = cursor_u8(&c);
	minor = cursor_u8(&c);
	cursor_skip(&c, 2 + 4);
	n = cursor_u8(&c);
	p = cursor_take(&c, n);
	if (p == NULL)
		return false;
	service_set(i->product, sizeof(i->product), p, n);
	service_setf(i->version, sizeof(i->version), "%u.%u", major, minor);
	return true;
}

/* BACnet/IP, unicast, no network; an acknowledgment, an error or a refusal of
 * our first call. */
static bool
bacnet_learn(struct talk *t, struct talk_cursor c)
{
	uint8_t control, kind;

	if (!cursor_is(&c, "\x81\x0a", 2) || cursor_be16(&c) != t->cut ||
	    cursor_u8(&c) != 1)
		return false;
	control = cursor_u8(&c);
	if ((control & 0xa0) != 0)
		return false;
	if ((control & 8) != 0) {
		cursor_skip(&c, 2);
		cursor_skip(&c, cursor_u8(&c));
	}
	kind = cursor_u8(&c) >> 4;
	return (kind == 3 || (kind >= 5 && kind <= 7)) && cursor_u8(&c) == 1 &&
	       !c.bad;
}

/* Description response: lengths, then the device's own name at its end. */
static bool
knx_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	const uint8_t *p, *nul;

	if (!cursor_is(&c, "\6\x10\2\4", 4) || cursor_be16(&c) != t->cut ||
	    cursor_u8(&c) != 54 || cursor_u8(&c) != 1)
		return false;
	cursor_skip(&c, 22);
	p = cursor_take(&c, 30);
	if (p == NULL)
		return false;
	nul = memchr(p, '\0', 30);
	service_set(i->extra, sizeof(i->extra), p,
	    nul != NULL ? (size_t)(nul - p) : 30);
	return true;
}

/* A Rx packet of versions, from the server: a text of 65 bytes. */
static bool
afs_learn(struct talk *t, struct talk_cursor c)
{
	struct service_info *i = t->info;
	const uint8_t *p;
	size_t n;

	if (!cursor_is(&c, "deck", 4))
		return false;
	cursor_skip(&c, 16);
	if (cursor_u8(&c) != 13 || (cursor_u8(&c) & 1) != 0)
		return false;
	cursor_skip(&c, 6);
	p = cursor_text(&c, &n);
	if (p == NULL || n == 0 || !line_is_text(p, n))
		return false;
	service_set(i->extra, sizeof(i->extra), p, n);
	if (n > 8 && memcmp(p, " OpenAFS", 8) == 0)
		service_setf(i->product, sizeof(i->product), "OpenAFS");
	return true;
}

/* Whoever asks it gets "pong": a dictionary, our transaction. */
static bool
dht_learn(struct talk *t, struct talk_cursor c)
{
	size_t n = cursor_left(&c);

	(void)t;
	return n > 12 && c.p[0] == 'd' &&
	       bytes_find(c.p, n, "1:t2:sd", 7) != NULL &&
	       (bytes_find(c.p, n, "1:y1:r", 6) != NULL ||
		   bytes_find(c.p, n, "1:y1:e", 6) != NULL);
}

/* A connect response (0), our transaction, a number. */
static bool
tracker_learn(struct talk *t, struct talk_cursor c)
{
	return t->cut == 16 && cursor_is(&c, "\0\0\0\0deck", 8);
}

/* ICP 2, any of its answers, our number, our own URL. */
static bool
icp_learn(struct talk *t, struct talk_cursor c)
{
	uint8_t kind = cursor_u8(&c);

	if ((kind < 2 || kind > 23) || cursor_u8(&c) != 2 ||
	    cursor_be16(&c) != t->cut || !cursor_is(&c, "deck", 4))
		return false;
	cursor_skip(&c, 12);
	return cursor_left(&c) >= 25 &&
	       memcmp(c.p, "http://sockdeck.invalid/", 25) == 0;
}

static const struct dgram things[] = {
	{ .name = "memcached_udp",
	    BYTES("sd\0\0\0\1\0\0version\r\n"),
	    .learn = memcached_learn },
	{ .name = "ipmi",
	    BYTES("\6\0\xff\7\0\0\0\0\0\0\0\0\0\x09 \x18\xc8\x81\0"
		  "8\x8e\4\xb5"),
	    .learn = ipmi_learn },
	{ .name = "rmcp",
	    BYTES("\6\0\xff\6\0\0\x11\xbe\x80\x5d\0\0"),
	    .learn = rmcp_learn },
	{ .name = "coap",
	    BYTES("B\1sdDK\xbb.well-known\4core"),
	    .learn = coap_learn },
	{ .name = "ssdp", BYTES(ssdp_ask), .learn = ssdp_learn },
	{ .name = "nat_pmp", BYTES("\0\0"), .learn = nat_pmp_learn },
	{ .name = "xdmcp", BYTES("\0\1\0\2\0\1\0"), .learn = xdmcp_learn },
	{ .name = "slp",
	    BYTES("\2\x09\0\0\x1d\0\0\0\0\0sd\0\2en\0\0\xff\xff\0\7"
		  "DEFAULT"),
	    .learn = slp_learn },
	{ .name = "enip",
	    BYTES("c\0\0\0\0\0\0\0\0\0\0\0sockdeck\0\0\0\0"),
	    .learn = enip_learn },
	{ .name = "bacnet",
	    BYTES("\x81\x0a\0\x11\1\4\0\5\1\x0c\x0c\2\x3f\xff\xff\x19M"),
	    .learn = bacnet_learn },
	{ .name = "knx",
	    BYTES("\6\x10\2\3\0\x0e\x08\1\0\0\0\0\0\0"),
	    .learn = knx_learn },
	{ .name = "afs",
	    BYTES("deck\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0d\1\0\0\0\0\0\0"),
	    .learn = afs_learn },
	{ .name = "dht",
	    BYTES("d1:ad2:id20:sockdeck-asks-for-ite1:q4:ping1:t2:sd1:y1:qe"),
	    .learn = dht_learn },
	{ .name = "tracker",
	    BYTES("\0\0\4\x17\x27\x10\x19\x80\0\0\0\0deck"),
	    .learn = tracker_learn },
	{ .name = "icp",
	    BYTES("\1\2\0"
		  "1deck\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		  "http://sockdeck.invalid/\0"),
	    .learn = icp_learn },
};

static void
begin(struct talk *t)
{
	dgram_say(t, things, nitems(things));
}

static enum talk_verdict
input(struct talk *t)
{
	return dgram_judge(t, things, nitems(things));
}

const struct talk_ops talk_memcached_udp = {
	.name = "memcached_udp",
	.service = "memcached",
	.flags = TALK_UDP,
	.ports = "11211",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "memcached: doc/protocol.txt, UDP protocol",
};

const struct talk_ops talk_ipmi = {
	.name = "ipmi",
	.service = "asf-rmcp",
	.flags = TALK_UDP,
	.ports = "623,664",
	.rarity = 5,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "IPMI 2.0 13.1, 22.13",
};

const struct talk_ops talk_rmcp = {
	.name = "rmcp",
	.service = "asf-rmcp",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "623,664",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "ASF 2.0 3.2.4",
};

const struct talk_ops talk_coap = {
	.name = "coap",
	.service = "coap",
	.flags = TALK_UDP,
	.ports = "5683",
	.rarity = 5,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 7252 3, RFC 6690 4",
};

const struct talk_ops talk_ssdp = {
	.name = "ssdp",
	.service = "upnp",
	.flags = TALK_UDP | TALK_MOVES,
	.ports = "1900",
	.rarity = 4,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "UPnP Device Architecture 2.0 1.3.3",
};

const struct talk_ops talk_wsd = {
	.name = "wsd",
	.service = "ws-discovery",
	.flags = TALK_UDP | TALK_MOVES,
	.ports = "3702",
	.rarity = 6,
	.wait_ms = 700,
	.begin = wsd_begin,
	.input = wsd_input,
	.source = "WS-Discovery 1.0 5",
};

const struct talk_ops talk_nat_pmp = {
	.name = "nat_pmp",
	.service = "nat-pmp",
	.flags = TALK_UDP | TALK_LAST,
	.ports = "5351",
	.rarity = 6,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 6886 3.2",
};

const struct talk_ops talk_xdmcp = {
	.name = "xdmcp",
	.service = "xdmcp",
	.flags = TALK_UDP,
	.ports = "177",
	.rarity = 6,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "XDMCP 1.1",
};

const struct talk_ops talk_slp = {
	.name = "slp",
	.service = "svrloc",
	.flags = TALK_UDP,
	.ports = "427",
	.rarity = 6,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 2608 10.1",
};

const struct talk_ops talk_enip = {
	.name = "enip",
	.service = "EtherNet-IP",
	.flags = TALK_UDP,
	.ports = "44818,2222",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "CIP Networks Library 2: 2-4.2",
};

const struct talk_ops talk_bacnet = {
	.name = "bacnet",
	.service = "bacnet",
	.flags = TALK_UDP,
	.ports = "47808-47810",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "ASHRAE 135 J.2.11",
};

const struct talk_ops talk_knx = {
	.name = "knx",
	.service = "knxnet-ip",
	.flags = TALK_UDP,
	.ports = "3671",
	.rarity = 8,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "KNX 03_08_02 7.7",
};

const struct talk_ops talk_afs = {
	.name = "afs",
	.service = "afs",
	.flags = TALK_UDP,
	.ports = "7000-7008",
	.rarity = 8,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "Rx: RX_PACKET_TYPE_VERSION",
};

const struct talk_ops talk_dht = {
	.name = "dht",
	.service = "bittorrent-dht",
	.flags = TALK_UDP,
	.ports = "6881-6889,51413",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "BEP 5",
};

const struct talk_ops talk_tracker = {
	.name = "tracker",
	.service = "bittorrent-tracker",
	.flags = TALK_UDP,
	.ports = "1337,2710,6969,451",
	.rarity = 8,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "BEP 15",
};

const struct talk_ops talk_icp = {
	.name = "icp",
	.service = "icp",
	.flags = TALK_UDP,
	.ports = "3130",
	.rarity = 7,
	.wait_ms = 1000,
	.begin = begin,
	.input = input,
	.source = "RFC 2186",
};
