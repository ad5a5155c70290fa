/* SPDX-License-Identifier: ISC */
/* What is wrong with a service: the words are whole, each rule finds what it is
 * for and nothing in what is well set up. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/text.h"
#include "know/eol.h"
#include "know/fact.h"
#include "know/state.h"
#include "model/finding.h"
#include "seed.h"

#define NOW INT64_C(1795737600) /* 2026-11-27 00:00:00 UTC */

static void
words(void **state)
{
	const struct finding_def *d;
	const struct fact_def *f;
	enum severity severity;

	(void)state;
	for (d = finding_defs; d->id != NULL; d++) {
		assert_ptr_equal(finding_find(d->id), d);
		assert_true(strlen(d->title) > 5 && strlen(d->title) <= 60);
		assert_true(strlen(d->why) > 10 && strlen(d->remedy) >= 7);
		assert_true(strlen(d->source) > 5);
		assert_true(d->remedy[strlen(d->remedy) - 1] == '.');
		assert_true(d->why[strlen(d->why) - 1] == '.');
		assert_true(
		    severity_find(severity_name(d->severity), &severity));
		assert_int_equal(severity, d->severity);
	}
	assert_false(severity_find("grave", &severity));
	assert_null(finding_find("nothing"));
	for (f = fact_defs; f->name != NULL; f++) {
		assert_ptr_equal(fact_find(f->name), f);
		assert_true(strlen(f->help) > 5);
	}
}

/* A service with facts ("name=value", ..), and the findings it shall have
 * ("id:severity", ..), gravest first. */
static const struct rule_case {
	const char *name, *product;
	bool tls, udp;
	const char *facts[8];
	const char *found;
} cases[] = {
	{ "redis", NULL, .facts = { "auth=none" },
	    .found = "redis-no-auth:critical" },
	{ "redis", NULL, .facts = { "auth=required" },
	    .found = "cleartext-login:low" },
	{ "redis", NULL, .tls = true, .facts = { "auth=required" },
	    .found = "" },
	{ "microsoft-ds", NULL,
	    .facts = { "vuln.CVE-2017-0143=VULNERABLE: x",
		"vuln.CVE-2007-6750=LIKELY VULNERABLE: y", "nse.x=VULNERABLE" },
	    .found = "nmap-vulnerable:high nmap-vulnerable:medium" },
	{ "memcached", NULL, .facts = { "auth=none" },
	    .found = "memcached-no-auth:high" },
	{ "memcached", NULL, .udp = true, .facts = { "auth=none" },
	    .found = "memcached-no-auth:high udp-amplifier:medium" },
	{ "mongodb", NULL, .facts = { "auth=none" },
	    .found = "mongodb-no-auth:critical" },
	{ "mongodb", NULL, .facts = { "auth=required" }, .found = "" },
	{ "http", "Elasticsearch",
	    .facts = { "auth=none", "http.status=200 OK" },
	    .found = "elasticsearch-no-auth:critical http-cleartext:low" },
	{ "http", "Prometheus node exporter",
	    .facts = { "auth=none", "http.status=200 OK" },
	    .found = "metrics-no-auth:low http-cleartext:low" },
	{ "http", "nginx",
	    .facts = { "http.status=301 Moved Permanently",
		"http.location=https://example.org/" },
	    .found = "" },
	{ "http", "nginx", .tls = true, .facts = { "http.status=200 OK" },
	    .found = "" },
	{ "http", "nginx",
	    .facts = { "http.status=401 Unauthorized", "auth=required",
		"http.realm=x" },
	    .found = "http-basic-cleartext:medium" },
	{ "http", "Apache httpd",
	    .facts = { "http.status=200 OK", "http.listing=yes",
		"http.title=Index of /" },
	    .found = "http-cleartext:low http-listing:low" },
	{ "http", "nginx", .tls = true,
	    .facts = { "http.status=200 OK", "http.default_page=nginx" },
	    .found = "http-default-page:info" },
	{ "vnc", NULL, .facts = { "auth=none", "vnc.security=None" },
	    .found = "vnc-no-auth:critical vnc-cleartext:medium" },
	{ "vnc", NULL,
	    .facts = { "auth=required",
		"vnc.security=VeNCrypt, VNC authentication" },
	    .found = "" },
	{ "x11", NULL, .facts = { "auth=none", "x11.open=yes" },
	    .found = "x11-open:critical" },
	{ "ftp", NULL, .facts = { "starttls=no", "ftp.anonymous=yes" },
	    .found = "ftp-anonymous:medium cleartext-login:medium" },
	{ "ftp", NULL, .facts = { "starttls=yes" }, .found = "" },
	{ "imap", NULL, .facts = { "starttls=yes" },
	    .found = "cleartext-allowed:low" },
	{ "imap", NULL, .facts = { "starttls=yes", "imap.login=disabled" },
	    .found = "" },
	{ "imap", NULL, .tls = true, .facts = { "starttls=no" }, .found = "" },
	{ "smtp", NULL, .facts = { "starttls=no" },
	    .found = "smtp-no-tls:low" },
	{ "smtp", NULL, .facts = { "starttls=no", "smtp.auth=PLAIN LOGIN" },
	    .found = "cleartext-login:medium smtp-no-tls:low" },
	{ "telnet", NULL, .facts = { "telnet.options=do ECHO" },
	    .found = "telnet-cleartext:high" },
	{ "mysql", NULL, .facts = { "starttls=no" },
	    .found = "database-cleartext:low" },
	{ "postgresql", NULL,
	    .facts = { "starttls=no", "postgresql.method=clear text" },
	    .found = "database-clear-password:high database-cleartext:low" },
	{ "ms-wbt-server", NULL, .facts = { "starttls=no", "rdp.security=rdp" },
	    .found = "rdp-no-nla:medium" },
	{ "ldap", NULL,
	    .facts = { "ldap.anonymous=search", "ldap.context=dc=a" },
	    .found = "ldap-anonymous-read:medium cleartext-login:medium" },
	{ "microsoft-ds", NULL,
	    .facts = { "smb.dialects=NT LM 0.12 2.02 3.1.1",
		"smb.signing=off" },
	    .found = "smb-v1:high smb-signing:medium" },
	{ "microsoft-ds", NULL,
	    .facts = { "smb.dialects=2.10 3.1.1", "smb.signing=required" },
	    .found = "" },
	{ "domain", NULL, .udp = true, .facts = { "dns.recursion=yes" },
	    .found = "dns-recursion:medium" },
	{ "ntp", NULL, .udp = true,
	    .facts = { "ntp.mode6=yes", "ntp.monlist=yes" },
	    .found = "ntp-monlist:high ntp-mode6:low" },
	{ "snmp", NULL, .udp = true, .facts = { "snmp.community=public" },
	    .found = "snmp-public:high" },
	{ "nfs", NULL, .facts = { "rpc.exports=/home 10.0.0.0/8 /srv *" },
	    .found = "nfs-everyone:high" },
	{ "nfs", NULL, .facts = { "rpc.exports=/home 10.0.0.0/8, /srv" },
	    .found = "nfs-everyone:high" },
	{ "nfs", NULL, .facts = { "rpc.exports=/home 10.0.0.0/8 a.example" },
	    .found = "" },
	{ "fastcgi", NULL, .facts = { "http.powered_by=PHP/8.2" },
	    .found = "fastcgi-open:high" },
	{ "socks5", NULL, .facts = { "auth=none" },
	    .found = "socks-open:high" },
	{ "asf-rmcp", NULL, .udp = true,
	    .facts = { "auth=none", "ipmi.anonymous=yes" },
	    .found = "ipmi-anonymous:critical ipmi-open:medium" },
	{ "xdmcp", NULL, .udp = true, .facts = { "xdmcp.willing=yes" },
	    .found = "cleartext-login:medium" },
	{ "git", NULL, .facts = { "auth=none" }, .found = "" },
	{ "amqp", NULL,
	    .facts = { "auth=anonymous", "amqp.mechanisms=ANONYMOUS" },
	    .found = "amqp-anonymous:medium" },
	{ "lirc", NULL, .facts = { "auth=none" }, .found = "no-auth:medium" },
	/* TLS */
	{ "https", NULL, .tls = true,
	    .facts = { "tls.version=TLSv1.3", "tls.versions=TLSv1.2 TLSv1.3",
		"tls.cipher=TLS_AES_256_GCM_SHA384",
		"tls.not_before=2026-01-01T00:00:00Z",
		"tls.not_after=2027-01-01T00:00:00Z", "tls.key=RSA 2048",
		"tls.signature=sha256WithRSAEncryption" },
	    .found = "" },
	{ "https", NULL, .tls = true,
	    .facts = { "tls.version=TLSv1.2",
		"tls.versions=TLSv1.0 TLSv1.1 TLSv1.2", "tls.cipher=AES128-SHA",
		"tls.not_after=2026-11-26T23:59:59Z", "tls.key=RSA 1024",
		"tls.signature=sha1WithRSAEncryption" },
	    .found = "tls-expired:high tls-old-version:medium "
		     "tls-weak-key:medium tls-weak-signature:medium "
		     "tls-no-forward-secrecy:low" },
	{ "https", NULL, .tls = true,
	    .facts = { "tls.version=TLSv1.0", "tls.cipher=ECDHE-RSA-RC4-SHA",
		"tls.not_before=2026-11-27T00:00:01Z",
		"tls.not_after=2026-12-10T00:00:00Z", "tls.key=EC secp160r1" },
	    .found = "tls-old-only:high tls-not-yet-valid:medium "
		     "tls-weak-key:medium tls-weak-cipher:medium "
		     "tls-expires-soon:low" },
	{ "smtp", NULL,
	    .facts = { "starttls=yes", "tls.version=TLSv1.3",
		"tls.cipher=TLS_AES_256_GCM_SHA384", "tls.key=EC P-256",
		"tls.signature=ecdsa-with-SHA1", "tls.self_signed=yes" },
	    .found = "tls-self-signed:low" },
	/* SSH */
	{ "ssh", "OpenSSH",
	    .facts = { "ssh.protocol=2.0",
		"ssh.kex=sntrup761x25519-sha512@openssh.com,"
		"curve25519-sha256,diffie-hellman-group14-sha256,"
		"kex-strict-s-v00@openssh.com",
		"ssh.hostkeys=rsa-sha2-512,rsa-sha2-256,"
		"ecdsa-sha2-nistp256,ssh-ed25519",
		"ssh.ciphers=chacha20-poly1305@openssh.com,aes128-ctr",
		"ssh.macs=umac-64-etm@openssh.com,hmac-sha1" },
	    .found = "" },
	{ "ssh", "OpenSSH",
	    .facts = { "ssh.protocol=1.99",
		"ssh.kex=diffie-hellman-group14-sha1,"
		"diffie-hellman-group1-sha1",
		"ssh.hostkeys=ssh-rsa,ssh-dss",
		"ssh.ciphers=aes128-cbc,3des-cbc,arcfour256",
		"ssh.macs=hmac-md5,hmac-sha1-96,hmac-sha1" },
	    .found = "ssh-v1:high ssh-weak-kex:medium "
		     "ssh-weak-cipher:medium ssh-weak-hostkey:medium "
		     "ssh-weak-mac:low" },
	{ "ssh", "OpenSSH",
	    .facts = { "ssh.protocol=2.0", "ssh.kex=curve25519-sha256",
		"ssh.hostkeys=ssh-ed25519,ssh-rsa",
		"ssh.ciphers=chacha20-poly1305@openssh.com,aes256-cbc",
		"ssh.macs=hmac-sha2-256" },
	    .found = "ssh-terrapin:medium ssh-weak-cipher:low "
		     "ssh-weak-hostkey:low" },
};

/* Versions below an end of life. */
static const struct {
	const char *name, *product, *version, *extra, *header, *found;
} ends[] = {
	{ "http", "PHP", "7.4.33", "", "", "end-of-life:medium" },
	{ "http", "PHP", "8.2.7", "", "", "" },
	{ "http", "nginx", "1.18.0", "", "nginx/1.18.0", "end-of-life:medium" },
	{ "http", "nginx", "1.17.3", "", "", "end-of-life:medium" },
	{ "http", "nginx", "1.22.1", "", "nginx/1.22.1 (Debian)",
	    "end-of-life:info" },
	{ "http", "nginx", "1.29.0", "", "", "" },
	{ "http", "nginx", "", "", "nginx", "" },
	{ "http", "Apache httpd", "2.4.56", "Ubuntu", "", "" },
	{ "http", "Apache httpd", "2.2.15", "CentOS", "", "end-of-life:info" },
	{ "http", "Apache httpd", "2.4.6", "OpenSSL/1.0.2k",
	    "Apache/2.4.6 OpenSSL/1.0.2k-fips PHP/5.4.16",
	    "end-of-life:medium end-of-life:medium" },
	{ "http", "SimpleHTTPServer", "0.6", "", "SimpleHTTP/0.6 Python/3.8.10",
	    "end-of-life:medium http-app-setup:info" },
	{ "http", "SimpleHTTPServer", "0.6", "", "SimpleHTTP/0.6 Python/3.11.2",
	    "http-app-setup:info" },
	{ "mysql", "MariaDB", "10.11.6", "0+deb12u1", "", "" },
	{ "mysql", "MariaDB", "10.1.48", "0+deb9u2", "",
	    "end-of-life-system:high end-of-life:info" },
	{ "mysql", "MySQL", "5.7.44", "", "", "end-of-life:high" },
	{ "mysql", "MySQL", "8.4.3", "", "", "" },
	{ "ssh", "OpenSSH", "9.2p1", "Debian-2+deb12u3; protocol 2.0", "", "" },
	{ "ssh", "OpenSSH", "7.9p1", "Debian-10+deb10u2; protocol 2.0", "",
	    "end-of-life-system:high" },
	{ "ssh", "OpenSSH", "7.9p1", "Debian-10; protocol 2.0", "",
	    "end-of-life-system:high" },
	{ "ssh", "OpenSSH", "7.2p2", "Ubuntu-4ubuntu2.8; protocol 2.0", "",
	    "end-of-life-system:high" },
	{ "ssh", "OpenSSH", "8.9p1", "Ubuntu-3ubuntu0.1; protocol 2.0", "",
	    "" },
	{ "ssh", "OpenSSH", "4.3", "protocol 2.0", "", "" },
	{ "postgresql", "PostgreSQL", "9.6.24", "", "", "end-of-life:medium" },
	{ "postgresql", "PostgreSQL", "15.5", "", "", "" },
	{ "microsoft-ds", "Samba smbd", "4.7.6", "Ubuntu", "",
	    "end-of-life:info" },
	{ "microsoft-ds", "Samba smbd", "4.20.1", "", "", "" },
	{ "ms-sql-s", "Microsoft SQL Server 2014", "12.00.2000", "", "",
	    "end-of-life:high" },
	{ "ms-sql-s", "Microsoft SQL Server 2019", "15.00.2000", "", "", "" },
	{ "smtp", "Python aiosmtpd", "1.4.3", "", "", "" },
	{ "redis", "Redis key-value store", "5.0.14", "", "",
	    "end-of-life:medium" },
	{ "redis", "Redis key-value store", "7.0.15", "", "", "" },
};

static void
make(struct service_info *info, const struct rule_case *c)
{
	const char *eq;
	char name[64];
	size_t i;

	service_init(info);
	service_setf(info->name, sizeof(info->name), "%s", c->name);
	if (c->product != NULL)
		service_setf(
		    info->product, sizeof(info->product), "%s", c->product);
	info->tls = c->tls;
	info->method = SERVICE_BY_TALK;
	info->conf = 10;
	for (i = 0; i < nitems(c->facts) && c->facts[i] != NULL; i++) {
		eq = strchr(c->facts[i], '=');
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(eq - c->facts[i]), c->facts[i]);
		assert_non_null(fact_find(name));
		service_factf(info, name, "%s", eq + 1);
	}
}

static void
rules(void **state)
{
	struct finding found[FINDINGS_MAX];
	struct service_info info;
	char text[1000];
	size_t i, k, n, at;

	(void)state;
	for (i = 0; i < nitems(cases); i++) {
		make(&info, &cases[i]);
		n = findings_of(
		    &info, 1, cases[i].udp ? SOCK_UDP : SOCK_TCP, NOW, found);
		text[0] = '\0';
		for (k = at = 0; k < n; k++) {
			assert_true(found[k].evidence[0] != '\0');
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%s%s:%s", k > 0 ? " " : "", found[k].def->id,
			    severity_name(found[k].severity));
		}
		if (strcmp(text, cases[i].found) != 0)
			print_error("case %zu, %s\n", i, cases[i].name);
		assert_string_equal(text, cases[i].found);
	}
}

static void
ends_of_life(void **state)
{
	struct finding found[FINDINGS_MAX];
	struct service_info info;
	char text[400];
	size_t i, k, n, at;

	(void)state;
	for (i = 0; i < nitems(ends); i++) {
		service_init(&info);
		info.method = SERVICE_BY_TALK;
		service_setf(info.name, sizeof(info.name), "%s", ends[i].name);
		service_setf(
		    info.product, sizeof(info.product), "%s", ends[i].product);
		service_setf(
		    info.version, sizeof(info.version), "%s", ends[i].version);
		service_setf(
		    info.extra, sizeof(info.extra), "%s", ends[i].extra);
		if (ends[i].header[0] != '\0')
			service_factf(
			    &info, "http.server", "%s", ends[i].header);
		n = findings_of(&info, 1, SOCK_TCP, NOW, found);
		text[0] = '\0';
		for (k = at = 0; k < n; k++)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%s%s:%s", k > 0 ? " " : "", found[k].def->id,
			    severity_name(found[k].severity));
		if (strcmp(text, ends[i].found) != 0)
			print_error(
			    "%s %s\n", ends[i].product, ends[i].version);
		assert_string_equal(text, ends[i].found);
	}
}

/* Dates are dates, branches stand in their order, and each finds itself. */
static void
list_of_ends(void **state)
{
	const struct eol_product *p;
	const struct eol *e;
	char version[32];

	(void)state;
	for (p = eol_products; p->title != NULL; p++) {
		assert_int_equal(strncmp(p->source, "https://", 8), 0);
		for (e = p->branch; e->branch != NULL; e++) {
			assert_int_equal(strlen(e->date), 10);
			assert_true(e->date[4] == '-' && e->date[7] == '-');
			assert_true(e == p->branch || eol_compare(e[-1].branch,
							  e->branch, 3) < 0);
			(void)snprintf(
			    version, sizeof(version), "%s.17-a", e->branch);
			assert_ptr_equal(eol_find(p, version), e);
		}
	}
	assert_true(eol_compare("1.10", "1.9", 2) > 0);
	assert_int_equal(eol_compare("1.0.2k", "1.0.2", 3), 0);
	assert_int_equal(eol_compare("8", "8.0", 2), 0);
	assert_null(eol_find(&eol_products[0], "8"));
	assert_null(eol_find(&eol_products[0], "x"));
	assert_null(eol_find(&eol_products[0], ""));
	assert_int_equal(
	    strcmp(eol_find(&eol_products[0], "4.4.9")->branch, "5.3"), 0);
}

static void
only_what_was_seen(void **state)
{
	struct finding found[FINDINGS_MAX];
	struct service_info info;

	(void)state;
	make(&info, &cases[0]);
	info.method = SERVICE_BY_PORT;
	assert_int_equal(findings_of(&info, 1, SOCK_TCP, NOW, found), 0);
	info.method = SERVICE_BY_TALK;
	info.name[0] = '\0';
	assert_int_equal(findings_of(&info, 1, SOCK_TCP, NOW, found), 0);
}

/* Whatever facts a service tells: what is found has clean evidence. */
static void
any_facts(void **state)
{
	struct finding found[FINDINGS_MAX];
	struct service_info info;
	const struct fact_def *f;
	uint64_t seed = seed_begin("any_facts");
	uint8_t raw[64];
	size_t i, k, n, round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		make(&info, &cases[seed_next(&seed) % nitems(cases)]);
		for (f = fact_defs; f->name != NULL; f++) {
			n = seed_next(&seed) % sizeof(raw);
			for (i = 0; i < n; i++)
				raw[i] = (uint8_t)seed_next(&seed);
			if (seed_next(&seed) % 4 == 0)
				service_fact(&info, f->name, raw, n);
		}
		n = findings_of(&info, (uint16_t)round, SOCK_TCP,
		    (int64_t)(seed_next(&seed) >> 20), found);
		assert_true(n <= FINDINGS_MAX);
		for (k = 0; k < n; k++) {
			assert_true(text_is_clean(
			    found[k].evidence, strlen(found[k].evidence)));
			assert_true(k == 0 ||
				    found[k - 1].severity >= found[k].severity);
			assert_true(
			    found[k].severity <= found[k].def->severity);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(rules),
		cmocka_unit_test(ends_of_life),
		cmocka_unit_test(list_of_ends),
		cmocka_unit_test(only_what_was_seen),
		cmocka_unit_test(any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
