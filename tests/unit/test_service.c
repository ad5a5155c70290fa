/* SPDX-License-Identifier: ISC */
/* Port names: the compiled-in table, its lookups, /etc/services' text. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/buf.h"
#include "know/service.h"

static void
load(const char *text)
{
	service_load(text, strlen(text));
}

/* The table itself: in order, complete, and nothing said twice. */
static void
table(void **state)
{
	const struct service *s, *t;
	size_t n = 0;

	(void)state;
	for (s = services; s->name != NULL; s++, n++) {
		if (s->port > s->port_hi ||
		    (s > services && s->port < s[-1].port))
			fail_msg(
			    "%s: port %u is out of order", s->name, s->port);
		if (s->proto != 0 && s->proto != 6 && s->proto != 17)
			fail_msg("%s: protocol %u", s->name, s->proto);
		if ((s->flags & SERVICE_PLAIN) != 0 &&
		    (s->flags & SERVICE_ENCRYPTED) != 0)
			fail_msg("%s: plain and encrypted", s->name);
		if (s->what == NULL || strlen(s->what) < 3 ||
		    strlen(s->what) > 72 || s->source == NULL ||
		    s->source[0] == '\0')
			fail_msg("%s %u: says too little or too much", s->name,
			    s->port);
		if (strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
		    strlen(s->name))
			fail_msg("%s: odd name", s->name);
		for (t = s + 1; t->name != NULL && t->port == s->port; t++)
			if (strcmp(s->name, t->name) == 0 &&
			    s->proto == t->proto)
				fail_msg("%s %u: twice", s->name, s->port);
	}
	assert_true(n > 500);
}

/* What the tutorials list, with their mistakes corrected. */
static const struct {
	uint16_t port;
	uint8_t proto;
	const char *name;
} wanted[] = {
	{ 1, 6, "tcpmux" },
	{ 7, 17, "echo" },
	{ 9, 6, "discard" },
	{ 11, 6, "systat" },
	{ 13, 17, "daytime" },
	{ 15, 6, "netstat" },
	{ 17, 6, "qotd" },
	{ 18, 6, "msp" },
	{ 20, 6, "ftp-data" },
	{ 21, 6, "ftp" },
	{ 22, 6, "ssh" },
	{ 23, 6, "telnet" },
	{ 25, 6, "smtp" },
	{ 43, 6, "whois" },
	{ 53, 6, "domain" },
	{ 53, 17, "domain" },
	{ 67, 17, "bootps" },
	{ 68, 17, "bootpc" },
	{ 80, 6, "http" },
	{ 110, 6, "pop3" },
	{ 113, 6, "auth" },
	{ 123, 17, "ntp" },
	{ 135, 6, "epmap" },
	{ 137, 17, "netbios-ns" },
	{ 138, 17, "netbios-dgm" },
	{ 139, 6, "netbios-ssn" },
	{ 143, 6, "imap" },
	{ 161, 17, "snmp" },
	{ 162, 17, "snmptrap" },
	{ 194, 6, "irc" },
	{ 389, 6, "ldap" },
	{ 443, 6, "https" },
	{ 443, 17, "https" },
	{ 445, 6, "microsoft-ds" },
	{ 465, 6, "submissions" },
	{ 587, 6, "submission" },
	{ 631, 6, "ipp" },
	{ 666, 6, "doom" },
	{ 853, 6, "domain-s" },
	{ 853, 17, "domain-s" },
	{ 993, 6, "imaps" },
	{ 995, 6, "pop3s" },
	{ 1433, 6, "ms-sql-s" },
	{ 1434, 17, "ms-sql-m" },
	{ 1521, 6, "oracle" },
	{ 1723, 6, "pptp" },
	{ 1812, 17, "radius" },
	{ 1813, 17, "radius-acct" },
	{ 2049, 6, "nfs" },
	{ 3306, 6, "mysql" },
	{ 3307, 6, "mysql" },
	{ 3307, 17, "opsession-prxy" },
	{ 3389, 6, "ms-wbt-server" },
	{ 5060, 17, "sip" },
	{ 5061, 6, "sips" },
	{ 5353, 17, "mdns" },
	{ 5432, 6, "postgresql" },
	{ 5900, 6, "rfb" },
	{ 5901, 6, "rfb" },
	{ 5985, 6, "wsman" },
	{ 5986, 6, "wsmans" },
	{ 6379, 6, "redis" },
	{ 8080, 6, "http-alt" },
	{ 8443, 6, "https-alt" },
	{ 9000, 6, "php-fpm" },
	{ 9200, 6, "elasticsearch" },
	{ 11211, 6, "memcache" },
	{ 25565, 6, "minecraft" },
	{ 51820, 17, "wireguard" },
};

static void
tutorials(void **state)
{
	const char *name;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(wanted); i++) {
		name = service_name(wanted[i].port, wanted[i].proto);
		if (name == NULL || strcmp(name, wanted[i].name) != 0)
			fail_msg("%u/%u: %s, not %s", wanted[i].port,
			    wanted[i].proto, name != NULL ? name : "nothing",
			    wanted[i].name);
	}
	/* UDP 25, TCP 68: nobody is there */
	assert_null(service_name(25, 17));
	assert_null(service_name(68, 6));
	assert_null(service_name(0, 6));
	assert_null(service_name(65535, 17));
	assert_true((service_by_port(23, 6)->flags & SERVICE_PLAIN) != 0);
	assert_string_equal(service_by_port(23, 6)->successor, "ssh");
	assert_true((service_by_port(465, 6)->flags & SERVICE_ENCRYPTED) != 0);
	assert_string_equal(service_by_port(465, 6)->source, "RFC 8314");
	assert_true(
	    (service_by_port(9200, 6)->flags & SERVICE_UNOFFICIAL) != 0);
}

/* Wide ranges explain a port and do not name it. */
static void
ranges(void **state)
{
	(void)state;
	assert_null(service_name(60500, 17));
	assert_string_equal(service_by_port(60500, 17)->name, "mosh");
	assert_null(service_name(30001, 6));
	assert_string_equal(service_by_port(30001, 6)->name, "k8s-nodeport");
	assert_string_equal(service_name(6063, 6), "x11");
	assert_null(service_name(6064, 6));
	assert_null(service_by_port(49999, 6));
}

static void
by_name(void **state)
{
	const struct service *s;
	uint16_t port = 0;
	size_t i = 0, n = 0;

	(void)state;
	while ((s = service_by_name("http", &i)) != NULL) {
		assert_string_equal(s->name, "http");
		n++;
	}
	assert_true(n >= 2);
	i = 0;
	assert_null(service_by_name("no-such-service", &i));
	assert_true(service_port("ssh", 6, &port));
	assert_int_equal(port, 22);
	assert_true(service_port("SSH", 0, &port));
	assert_int_equal(port, 22);
	assert_true(service_port("http", 6, &port));
	assert_int_equal(port, 80);
	assert_true(service_port("http-alt", 6, &port));
	assert_int_equal(port, 8080);
	assert_true(service_port("mysql", 6, &port));
	assert_int_equal(port, 3306);
	assert_true(service_port("smtp", 6, &port));
	assert_int_equal(port, 25);
	assert_true(service_port("radius", 17, &port));
	assert_int_equal(port, 1812);
	/* other words for the same */
	assert_true(service_port("dns", 17, &port));
	assert_int_equal(port, 53);
	assert_true(service_port("www", 6, &port));
	assert_int_equal(port, 80);
	assert_true(service_port("rdp", 6, &port));
	assert_int_equal(port, 3389);
	assert_true(service_port("smtps", 6, &port));
	assert_int_equal(port, 465);
	assert_true(service_port("winrm", 6, &port));
	assert_int_equal(port, 5985);
	port = 7;
	assert_false(service_port("ssh", 17, &port));
	assert_false(service_port("", 0, &port));
	assert_false(service_port("no-such-service", 0, &port));
	assert_int_equal(port, 7);

	assert_string_equal(service_nearest("htpps"), "https");
	assert_string_equal(service_nearest("shh"), "ssh");
	assert_string_equal(service_nearest("domian"), "domain");
	assert_null(service_nearest("qwertzuiop"));
}

static void
loading(void **state)
{
	uint16_t port = 0;
	size_t i = 0;

	(void)state;
	load("# comment\n"
	     "\n"
	     "ssh-of-mine\t22/tcp\n"
	     "homegrown  44001/tcp  hg hg2 # ours\n"
	     "homegrown  44001/udp\n"
	     "first 44002/tcp\n"
	     "second 44002/tcp\n"
	     "no-newline 44003/udp alias");
	/* what is compiled in wins, but the other word is known */
	assert_string_equal(service_name(22, 6), "ssh");
	assert_true(service_port("ssh-of-mine", 6, &port));
	assert_int_equal(port, 22);
	assert_string_equal(service_name(44001, 6), "homegrown");
	assert_string_equal(service_name(44001, 17), "homegrown");
	assert_true(service_port("hg2", 0, &port));
	assert_int_equal(port, 44001);
	assert_string_equal(service_name(44002, 6), "first");
	assert_string_equal(service_name(44003, 17), "no-newline");
	assert_null(service_name(44003, 6));
	assert_true(service_port("alias", 17, &port));
	assert_non_null(service_by_name("homegrown", &i));
	assert_string_equal(service_nearest("homegorwn"), "homegrown");
	/* the next file replaces it */
	load("");
	assert_null(service_name(44001, 6));
	assert_false(service_port("homegrown", 0, &port));
	assert_string_equal(service_name(22, 6), "ssh");
}

static void
hostile_file(void **state)
{
	struct buf b = { 0 };
	uint16_t port;
	int i;

	(void)state;
	load("noport\n"
	     "noproto 44001\n"
	     "sctp 44001/sctp\n"
	     "big 65536/tcp\n"
	     "huge 99999999999999999999/tcp\n"
	     "neg -1/tcp\n"
	     "hex 0x10/tcp\n"
	     "empty /tcp\n"
	     "evil\x1b[31m 44001/tcp\n"
	     "sp\xc3\xa9"
	     "cial 44001/tcp\n"
	     "for%sm 44001/tcp\n"
	     "good 44001/tcp ev\x1bil alias\r\n");
	assert_string_equal(service_name(44001, 6), "good");
	assert_false(service_port("ev\x1bil", 0, &port));
	assert_true(service_port("alias", 0, &port));
	assert_false(service_port("big", 0, &port));
	assert_false(service_port("neg", 0, &port));
	/* too long a line, too long a name */
	buf_pad(&b, 'x', 600);
	buf_puts(&b, " 44001/tcp\n");
	buf_pad(&b, 'y', 49);
	buf_puts(&b, " 44002/tcp\nz 44003/tcp\n");
	service_load(b.data, b.len);
	assert_null(service_name(44001, 6));
	assert_null(service_name(44002, 6));
	assert_string_equal(service_name(44003, 6), "z");
	/* too many names, too large a file: the rest is left out */
	buf_reset(&b);
	for (i = 0; b.len < 3 * 1024 * 1024; i++)
		buf_printf(&b, "n%d %d/udp a%d\n", i, 1024 + i % 60000, i);
	service_load(b.data, b.len);
	assert_true(service_port("n0", 0, &port));
	assert_false(service_port("n60000", 0, &port));
	buf_done(&b);
	load("");
	service_load(NULL, 0);
}

/* What is printed in place of a number is read as that number. */
static void
there_and_back(void **state)
{
	static const uint8_t protos[] = { 6, 17 };
	const char *name;
	unsigned port, named = 0;
	uint16_t back;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(protos); i++)
		for (port = 0; port <= UINT16_MAX; port++) {
			name = service_port_name((uint16_t)port, protos[i]);
			if (name == NULL)
				continue;
			named++;
			if (!service_port(name, protos[i], &back) ||
			    back != port)
				fail_msg("%u is called %s", port, name);
		}
	assert_true(named > 500);
	assert_string_equal(service_port_name(22, 6), "ssh");
	assert_string_equal(service_port_name(443, 6), "https");
	assert_string_equal(service_port_name(8080, 6), "http-alt");
	assert_string_equal(service_name(2222, 6), "ssh");
	assert_null(service_port_name(2222, 6));
	assert_null(service_port_name(65535, 6));
	/* Another file, another answer. */
	assert_null(service_port_name(44001, 6));
	load("homegrown 44001/tcp");
	assert_string_equal(service_port_name(44001, 6), "homegrown");
	load("");
	assert_null(service_port_name(44001, 6));
}

static void
classes(void **state)
{
	(void)state;
	assert_int_equal(port_class(0), PORT_WELL_KNOWN);
	assert_int_equal(port_class(1023), PORT_WELL_KNOWN);
	assert_int_equal(port_class(1024), PORT_REGISTERED);
	assert_int_equal(port_class(49151), PORT_REGISTERED);
	assert_int_equal(port_class(49152), PORT_DYNAMIC);
	assert_int_equal(port_class(65535), PORT_DYNAMIC);
	assert_string_equal(port_class_name(PORT_REGISTERED), "registered");
	assert_string_equal(port_class_name((enum port_class)9), "-");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(tutorials),
		cmocka_unit_test(ranges),
		cmocka_unit_test(by_name),
		cmocka_unit_test(loading),
		cmocka_unit_test(hostile_file),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
