/* SPDX-License-Identifier: ISC */
/* scan/payload.c: every request is one of its own protocol, as far as that
 * can be seen without a server: lengths, checksums, what ends where. Real
 * servers: tests/netns/scan_udp_servers.py. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "scan/payload.h"

struct bytes {
	const uint8_t *p;
	size_t len;
};

static uint32_t
be(const uint8_t *p, int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* -- one check a protocol: false is wrong ---------------------------------- */

/* One question, and nothing after it. */
static bool
is_dns(struct bytes b)
{
	size_t at = 12;

	if (b.len < 17 || be(b.p + 4, 2) != 1 || be(b.p + 6, 2) != 0 ||
	    be(b.p + 8, 2) != 0 || be(b.p + 10, 2) != 0)
		return false;
	while (at < b.len && b.p[at] != 0) {
		if (b.p[at] > 63)
			return false;
		at += 1U + b.p[at];
	}
	return at + 5 == b.len;
}

/* RFC 1002: names are 32 letters. */
static bool
is_nbname(const uint8_t *p)
{
	int i;

	if (p[0] != 32 || p[33] != 0)
		return false;
	for (i = 1; i <= 32; i++)
		if (p[i] < 'A' || p[i] > 'P')
			return false;
	return true;
}

static bool
is_nbstat(struct bytes b)
{
	return is_dns(b) && b.len == 50 && is_nbname(b.p + 12) &&
	       be(b.p + 46, 2) == 0x21;
}

static bool
is_nbdgm(struct bytes b)
{
	return b.len == 44 && b.p[0] == 0x14 && is_nbname(b.p + 10);
}

/* A call with two empty authenticators. */
static bool
is_rpc(struct bytes b)
{
	return b.len == 40 && be(b.p + 4, 4) == 0 && be(b.p + 8, 4) == 2 &&
	       be(b.p + 12, 4) != 0 && be(b.p + 24, 4) == 0 &&
	       be(b.p + 28, 4) == 0 && be(b.p + 32, 4) == 0 &&
	       be(b.p + 36, 4) == 0;
}

/* Values in values, each ending where its parent says. */
static bool
is_ber_until(const uint8_t *p, const uint8_t *end)
{
	size_t len, n;

	while (p < end) {
		uint8_t tag = *p++;

		if (p == end)
			return false;
		len = *p++;
		if (len & 0x80) {
			n = len & 0x7f;
			if (n == 0 || n > 2 || (size_t)(end - p) < n)
				return false;
			len = be(p, (int)n);
			p += n;
		}
		if ((size_t)(end - p) < len)
			return false;
		if ((tag & 0x20) && !is_ber_until(p, p + len))
			return false;
		p += len;
	}
	return true;
}

static bool
is_ber(struct bytes b)
{
	size_t len = b.p[1], head = 2;

	if (len == 0x81) {
		len = b.p[2];
		head = 3;
	}
	return head + len == b.len && is_ber_until(b.p, b.p + b.len);
}

static bool
is_snmp(struct bytes b)
{
	return is_ber(b) && b.p[0] == 0x30 && b.p[2] == 2 && b.p[3] == 1;
}

static bool
is_kerberos(struct bytes b)
{
	return is_ber(b) && b.p[0] == 0x6a;
}

static bool
is_dhcp(struct bytes b)
{
	size_t at;

	if (b.len < 300 || b.p[0] != 1 || be(b.p + 236, 4) != 0x63825363)
		return false;
	for (at = 240; at < b.len && b.p[at] != 255; at += 2U + b.p[at + 1])
		if (at + 1 >= b.len)
			return false;
	return at < b.len;
}

static bool
is_dhcp6(struct bytes b)
{
	size_t at = 4;

	while (at + 4 <= b.len)
		at += 4 + be(b.p + at + 2, 2);
	return b.p[0] == 11 && at == b.len;
}

static bool
is_tftp(struct bytes b)
{
	const char *name = (const char *)b.p + 2;

	return be(b.p, 2) == 1 && strlen(name) + 9 == b.len &&
	       strcmp(name + strlen(name) + 1, "octet") == 0;
}

static bool
is_ntp(struct bytes b)
{
	return b.len == 48 && (b.p[0] & 7) == 3;
}

/* Payloads of ISAKMP, each with its length. */
static bool
is_ike(struct bytes b)
{
	uint8_t next = b.p[16];
	size_t at = 28;

	if (b.len < 28 || be(b.p + 24, 4) != b.len)
		return false;
	while (next != 0 && at + 4 <= b.len) {
		next = b.p[at];
		at += be(b.p + at + 2, 2);
	}
	return next == 0 && at == b.len;
}

static bool
is_ike_nat(struct bytes b)
{
	return be(b.p, 4) == 0 && is_ike((struct bytes){ b.p + 4, b.len - 4 });
}

static bool
is_slp(struct bytes b)
{
	return b.p[0] == 2 && be(b.p + 2, 3) == b.len && be(b.p + 12, 2) == 2 &&
	       be(b.p + 16, 2) == 0 && be(b.p + 18, 2) == 0xffff &&
	       22 + be(b.p + 20, 2) == b.len;
}

/* The checksum of a part, so that the sum is 0 (IPMI 13.8). */
static bool
sums(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n-- > 0)
		sum = (uint8_t)(sum + *p++);
	return sum == 0;
}

static bool
is_ipmi(struct bytes b)
{
	return b.len == 14U + b.p[13] && b.p[3] == 7 && sums(b.p + 14, 3) &&
	       sums(b.p + 17, b.len - 17);
}

static bool
is_asf(struct bytes b)
{
	return b.len == 12U + b.p[11] && be(b.p + 4, 4) == 4542;
}

static bool
is_length_at_2(struct bytes b)
{
	return be(b.p + 2, 2) == b.len;
}

static bool
is_kpasswd(struct bytes b)
{
	return be(b.p, 2) == b.len;
}

static bool
is_radius(struct bytes b)
{
	size_t at = 20;

	while (at + 2 <= b.len && b.p[at + 1] >= 2)
		at += b.p[at + 1];
	return is_length_at_2(b) && at == b.len;
}

static bool
is_l2tp(struct bytes b)
{
	size_t at = 12;

	while (at + 6 <= b.len && (be(b.p + at, 2) & 0x3ff) >= 6)
		at += be(b.p + at, 2) & 0x3ff;
	return be(b.p, 2) == 0xc802 && is_length_at_2(b) && at == b.len;
}

/* RFC 9000 14.1: no smaller; 15: 0x?a?a?a?a is no version. */
static bool
is_quic(struct bytes b)
{
	return b.len == 1200 && (b.p[0] & 0xc0) == 0xc0 &&
	       (be(b.p + 1, 4) & 0x0f0f0f0f) == 0x0a0a0a0a && b.p[5] == 8;
}

static bool
is_dtls(struct bytes b)
{
	size_t at;

	if (b.p[0] != 22 || be(b.p + 11, 2) + 13 != b.len || b.p[13] != 1 ||
	    be(b.p + 14, 3) + 25 != b.len || be(b.p + 22, 3) + 25 != b.len)
		return false;
	at = 25 + 2 + 32;
	at += 1U + b.p[at];
	at += 1U + b.p[at];
	at += 2 + be(b.p + at, 2);
	at += 1U + b.p[at];
	if (at + 2 + be(b.p + at, 2) != b.len)
		return false;
	for (at += 2; at + 4 <= b.len;)
		at += 4 + be(b.p + at + 2, 2);
	return at == b.len;
}

static bool
is_stun(struct bytes b)
{
	return b.len == 20 + be(b.p + 2, 2) && be(b.p, 2) == 1 &&
	       be(b.p + 4, 4) == 0x2112a442;
}

static bool
ends_with(struct bytes b, const char *end)
{
	size_t n = strlen(end);

	return b.len >= n && memcmp(b.p + b.len - n, end, n) == 0;
}

static bool
is_http(struct bytes b)
{
	return ends_with(b, "\r\n\r\n");
}

static bool
is_lines(struct bytes b)
{
	return ends_with(b, "\n");
}

static bool
is_xml(struct bytes b)
{
	size_t i, open = 0;

	for (i = 0; i < b.len; i++) {
		if (b.p[i] == '<' && b.p[i + 1] != '/' && b.p[i + 1] != '?')
			open++;
		if ((b.p[i] == '/' && b.p[i + 1] == '>') ||
		    (b.p[i] == '<' && b.p[i + 1] == '/'))
			open--;
	}
	return open == 0 && ends_with(b, "</s:Envelope>");
}

/* BEP 3: what begins ends. */
static bool
is_bencode(struct bytes b)
{
	size_t i = 0, depth = 0, n;
	char *end;

	while (i < b.len) {
		if (b.p[i] == 'd') {
			depth++;
			i++;
		} else if (b.p[i] == 'e') {
			if (depth-- == 0)
				return false;
			i++;
		} else {
			n = strtoul((const char *)b.p + i, &end, 10);
			if (*end != ':')
				return false;
			i = (size_t)(end + 1 - (const char *)b.p) + n;
		}
	}
	return depth == 0 && i == b.len;
}

static bool
is_bacnet(struct bytes b)
{
	return b.p[0] == 0x81 && is_length_at_2(b);
}

static bool
is_knx(struct bytes b)
{
	return b.p[0] == 6 && be(b.p + 4, 2) == b.len && b.p[6] + 6U == b.len;
}

static bool
is_modbus(struct bytes b)
{
	return be(b.p + 2, 2) == 0 && be(b.p + 4, 2) + 6 == b.len;
}

static bool
is_eip(struct bytes b)
{
	return b.len == 24U + b.p[2] && b.p[0] == 0x63;
}

static bool
is_lifx(struct bytes b)
{
	return b.p[0] == b.len && b.p[1] == 0;
}

static bool
is_gtp1(struct bytes b)
{
	return be(b.p + 2, 2) + 8 == b.len;
}

static bool
is_gtp2(struct bytes b)
{
	return be(b.p + 2, 2) + 4 == b.len;
}

static bool
is_coap(struct bytes b)
{
	size_t at = 4U + (b.p[0] & 15);

	while (at < b.len)
		at += 1U + (b.p[at] & 15);
	return b.p[0] >> 6 == 1 && at == b.len;
}

static bool
is_iax(struct bytes b)
{
	return b.len == 12 && (b.p[0] & 0x80) != 0;
}

static bool
is_game(struct bytes b)
{
	return be(b.p, 4) == 0xffffffff;
}

static bool
is_rdp(struct bytes b)
{
	return b.len == 1232 && be(b.p, 4) == 0xffffffff &&
	       be(b.p + 12, 2) == be(b.p + 14, 2) && be(b.p + 12, 2) <= 1232;
}

static bool
is_openvpn(struct bytes b)
{
	return b.len == 14 && b.p[0] >> 3 == 7 && b.p[9] == 0;
}

static bool
is_dce(struct bytes b)
{
	return b.len == 80 && b.p[0] == 4 && b.p[1] == 1 &&
	       be(b.p + 74, 2) == 0;
}

static bool
is_kasa(struct bytes b)
{
	uint8_t key = 171;
	char text[64] = "";
	size_t i;

	for (i = 0; i < b.len && i < sizeof text - 1; i++) {
		text[i] = (char)(b.p[i] ^ key);
		key = b.p[i];
	}
	return strcmp(text, "{\"system\":{\"get_sysinfo\":{}}}") == 0;
}

static bool
is_rip(struct bytes b)
{
	return b.len == 24 && b.p[23] == 16;
}

static bool
is_teeworlds(struct bytes b)
{
	return b.len == 520 && be(b.p + 3, 4) == 0xffffffff && b.p[7] == 5;
}

static bool
is_xdmcp(struct bytes b)
{
	return be(b.p + 4, 2) + 6 == b.len;
}

static const struct {
	const char *name; /* or how it begins */
	bool (*check)(struct bytes);
} checks[] = {
	{ "DNS", is_dns },
	{ "LLMNR", is_dns },
	{ "mDNS", is_dns },
	{ "NetBIOS node", is_nbstat },
	{ "NetBIOS datagram", is_nbdgm },
	{ "portmapper", is_rpc },
	{ "NFS", is_rpc },
	{ "mount", is_rpc },
	{ "lock manager", is_rpc },
	{ "VxWorks", is_rpc },
	{ "SNMP", is_snmp },
	{ "CLDAP", is_ber },
	{ "Kerberos AS", is_kerberos },
	{ "Kerberos change", is_kpasswd },
	{ "DHCP inform", is_dhcp },
	{ "PXE", is_dhcp },
	{ "DHCPv6", is_dhcp6 },
	{ "TFTP", is_tftp },
	{ "NTP", is_ntp },
	{ "IKEv2 SA_INIT past", is_ike_nat },
	{ "IKEv1 main mode past", is_ike_nat },
	{ "IKE", is_ike },
	{ "SLP", is_slp },
	{ "IPMI", is_ipmi },
	{ "RMCP", is_asf },
	{ "RADIUS", is_radius },
	{ "L2TP", is_l2tp },
	{ "ICP", is_length_at_2 },
	{ "QUIC", is_quic },
	{ "DTLS", is_dtls },
	{ "STUN", is_stun },
	{ "UPnP", is_http },
	{ "SIP", is_http },
	{ "Plex", is_http },
	{ "MGCP", is_http },
	{ "two empty lines", is_http },
	{ "memcached", is_lines },
	{ "Amanda", is_lines },
	{ "WS-Discovery", is_xml },
	{ "BitTorrent DHT", is_bencode },
	{ "BACnet", is_bacnet },
	{ "KNX", is_knx },
	{ "Modbus", is_modbus },
	{ "EtherNet/IP", is_eip },
	{ "LIFX", is_lifx },
	{ "GTPv1", is_gtp1 },
	{ "GTPv2", is_gtp2 },
	{ "CoAP", is_coap },
	{ "IAX2", is_iax },
	{ "Source", is_game },
	{ "Quake III", is_game },
	{ "QuakeWorld", is_game },
	{ "RDP", is_rdp },
	{ "OpenVPN", is_openvpn },
	{ "DCE", is_dce },
	{ "Kasa", is_kasa },
	{ "RIP", is_rip },
	{ "Teeworlds 0.7", is_teeworlds },
	{ "XDMCP", is_xdmcp },
};

/* -------------------------------------------------------------------------- */

static void
test_protocols(void **state)
{
	uint8_t text[PAYLOAD_MAX + 1];
	const struct scan_addr src = { .addr = { 192, 0, 2, 1 }, .family = 4 };
	const struct payload *pl;
	bool used[nitems(checks)] = { false };
	size_t i, k, len;

	(void)state;
	for (i = 0; (pl = payload_at(i)) != NULL; i++) {
		len = payload_write(pl, text, UINT64_MAX, &src, &src);
		text[len] = '\0';
		for (k = 0; k < nitems(checks); k++)
			if (strncmp(pl->name, checks[k].name,
				strlen(checks[k].name)) == 0)
				break;
		if (k == nitems(checks))
			continue;
		used[k] = true;
		if (!checks[k].check((struct bytes){ text, len }))
			fail_msg("%s is none", pl->name);
	}
	for (k = 0; k < nitems(checks); k++)
		if (!used[k])
			fail_msg("%s: there is none", checks[k].name);
}

/* What holds for each. */
static void
test_entries(void **state)
{
	uint8_t a[PAYLOAD_MAX], b[PAYLOAD_MAX];
	const struct payload *pl, *other;
	const struct scan_addr src = { .addr = { 192, 0, 2, 1 }, .family = 4 };
	const struct scan_addr none = { 0 },
			       to = { .addr = { 10, 0, 0, 9 }, .family = 4 };
	size_t i, k, len;

	(void)state;
	for (i = 0; (pl = payload_at(i)) != NULL; i++) {
		assert_true(pl->len > 0);
		assert_true(strlen(pl->source) > 2);
		assert_true(pl->port[0] != 0);
		assert_true(pl->len <= PAYLOAD_MAX && pl->pad <= PAYLOAD_MAX);
		assert_true(
		    pl->tail_len == 0 || pl->reverse || pl->tail_at >= pl->len);
		len = payload_write(pl, a, 0, &to, &none);
		assert_true(pl->id_at + pl->id_len <= len);
		assert_true(pl->src_at[0] + 4U <= len || pl->src_at[0] == 0);
		assert_true(pl->src_at[1] + 4U <= len || pl->src_at[1] == 0);
		/* The number is in it, and nothing else changes. */
		assert_int_equal(
		    payload_write(pl, b, UINT64_MAX, &to, &none), len);
		for (k = 0; k < len; k++)
			assert_true(
			    (a[k] != b[k]) ==
				(k >= pl->id_at &&
				    k < (size_t)pl->id_at + pl->id_len) ||
			    a[k] == 0xff);
		payload_write(pl, b, 0, &to, &src);
		for (k = 0; k < nitems(pl->src_at); k++)
			if (pl->src_at[k] != 0)
				assert_memory_equal(
				    b + pl->src_at[k], src.addr, 4);
		for (k = 0; k < i; k++) {
			other = payload_at(k);
			if (strcmp(other->name, pl->name) == 0)
				fail_msg("%s is there twice", pl->name);
		}
		assert_true(
		    (pl->elsewhere == NULL) == (pl->elsewhere_len == 0));
	}
	assert_true(i > 60);
}

/* The target's own name, of either family. */
static void
test_reverse(void **state)
{
	static const char want4[] = "\x01"
				    "9\x02"
				    "10\x01"
				    "0\x03"
				    "192"
				    "\x07"
				    "in-addr\x04"
				    "arpa";
	const struct scan_addr none = { 0 },
			       a4 = { .addr = { 192, 0, 10, 9 }, .family = 4 },
			       a6 = { .addr = { 0xfe, 0x80, [15] = 0xa3 },
				       .family = 6 };
	const struct payload *pl = payload_find(5353, 0);
	uint8_t b[PAYLOAD_MAX];
	size_t len;

	(void)state;
	assert_true(pl->reverse);
	len = payload_write(pl, b, 0, &a4, &none);
	assert_int_equal(len, 12 + sizeof want4 + 4);
	assert_memory_equal(b + 12, want4, sizeof want4);
	len = payload_write(pl, b, 0, &a6, &none);
	assert_true(is_dns((struct bytes){ b, len }));
	assert_int_equal(len, 12 + 32 * 2 + 4 + 5 + 1 + 4);
	assert_memory_equal(b + 12,
	    "\x01"
	    "3\x01"
	    "a\x01"
	    "0",
	    6);
	assert_memory_equal(b + 12 + 62,
	    "\x01"
	    "f\x03"
	    "ip6",
	    6);
}

/* Attempts take turns; a port that nobody knows is asked something, too. */
static void
test_turns(void **state)
{
	static const uint16_t all[] = { 1, 53, 67, 123, 137, 161, 443, 500,
		1434, 5353, 8303, 40000, 65535 };
	size_t i;
	uint32_t n, k;

	(void)state;
	for (i = 0; i < nitems(all); i++) {
		n = payload_count(all[i]);
		assert_true(n > 0);
		for (k = 0; k < 2 * n; k++) {
			assert_non_null(payload_find(all[i], k));
			assert_ptr_equal(payload_find(all[i], k),
			    payload_find(all[i], k + n));
		}
		for (k = 1; k < n; k++)
			assert_ptr_not_equal(
			    payload_find(all[i], 0), payload_find(all[i], k));
	}
	assert_int_equal(payload_count(123), 1);
	assert_int_equal(payload_count(443), 2);
	assert_int_equal(payload_count(161), 3);
	assert_true(payload_find(40000, 0)->any);
	assert_string_equal(payload_find(123, 7)->name, "NTP client");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_reverse),
		cmocka_unit_test(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
