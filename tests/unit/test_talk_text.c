/* SPDX-License-Identifier: ISC */
/* Protocols by lines: what real servers said, and what is made of it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "probe/line.h"
#include "talk_help.h"

#define SAYS 6

/* A recorded conversation, and what it is. */
static const struct recorded {
	const char *talk;
	struct talk_said said[SAYS];
	size_t n;
	const char *service, *product, *version;
	const char *fact, *value;
} recorded[] = {
	{ "ssh",
	    { SAID("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"), SAID_EOF },
	    2, "ssh", "OpenSSH", "9.2p1", "ssh.protocol", "2.0" },
	{ "ssh", { SAID("SSH-2.0-dropbear_2022.83\r\n"), SAID_NONE }, 2, "ssh",
	    "Dropbear sshd", "2022.83", NULL, NULL },
	{ "ssh", { SAID("SSH-2.0-libssh_0.10.6\r\n"), SAID_NONE }, 2, "ssh",
	    "libssh", "0.10.6", NULL, NULL },
	{ "ssh", { SAID("SSH-1.99-Cisco-1.25\n"), SAID_NONE }, 2, "ssh",
	    "Cisco SSH", "1.25", "ssh.protocol", "1.99" },
	{ "ssh", { SAID("SSH-1.5-OpenSSH_3.4\n") }, 1, "ssh", "OpenSSH", "3.4",
	    "ssh.protocol", "1.5" },
	{ "smtp",
	    { SAID("220 mail.example.test ESMTP Postfix\r\n"),
		SAID("250-mail.example.test\r\n250-PIPELINING\r\n"
		     "250 CHUNKING\r\n") },
	    2, "smtp", "Postfix smtpd", "", "starttls", "no" },
	{ "smtp",
	    { SAID("220 hello.example\r\n"),
		SAID("250-mail.example.test\r\n250-STARTTLS\r\n"
		     "250 CHUNKING\r\n"),
		SAID("502 5.5.2 Error: command not recognized\r\n"),
		SAID("220 2.0.0 Ready to start TLS\r\n") },
	    4, "smtp", "Postfix smtpd", "", "starttls", "yes" },
	{ "smtp",
	    { SAID("220 ex.example.test ESMTP Exim 4.96 Fri, 27 Nov 2026 "
		   "04:49:38 +0000\r\n"),
		SAID("250-ex.example.test Hello sockdeck.invalid\r\n"
		     "250 HELP\r\n") },
	    2, "smtp", "Exim smtpd", "4.96", NULL, NULL },
	{ "lmtp",
	    { SAID("220 vm Dovecot (Debian) ready.\r\n"),
		SAID("250-vm\r\n250-8BITMIME\r\n250 PIPELINING\r\n") },
	    2, "lmtp", "Dovecot lmtpd", "", NULL, NULL },
	{ "pop3",
	    { SAID("+OK Dovecot (Debian) ready.\r\n"),
		SAID("+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nSTLS\r\nSASL PLAIN\r\n"
		     ".\r\n"),
		SAID("+OK Begin TLS negotiation now.\r\n") },
	    3, "pop3", "Dovecot pop3d", "", "starttls", "yes" },
	{ "imap",
	    { SAID("* OK [CAPABILITY IMAP4rev1 ID STARTTLS] Dovecot (Debian) "
		   "ready.\r\n"),
		SAID("* CAPABILITY IMAP4rev1 ID STARTTLS AUTH=PLAIN\r\n"
		     "d1 OK Pre-login capabilities listed.\r\n"),
		SAID("* ID (\"name\" \"Dovecot\")\r\nd2 OK ID completed.\r\n"),
		SAID("d3 OK Begin TLS negotiation now.\r\n") },
	    4, "imap", "Dovecot imapd", "", "starttls", "yes" },
	{ "imap",
	    { SAID("* OK hello\r\n"),
		SAID("* CAPABILITY IMAP4rev1 ID\r\nd1 OK\r\n"),
		SAID("* ID (\"name\" \"Cyrus IMAPD\" \"version\" \"3.6.1\")\r\n"
		     "d2 OK\r\n") },
	    3, "imap", "Cyrus imapd", "3.6.1", NULL, NULL },
	{ "ftp",
	    { SAID("220 (vsFTPd 3.0.3)\r\n"),
		SAID("211-Features:\r\n EPRT\r\n EPSV\r\n UTF8\r\n211 End\r\n"),
		SAID("530 Please login with USER and PASS.\r\n") },
	    3, "ftp", "vsftpd", "3.0.3", "starttls", "no" },
	{ "ftp",
	    { SAID("220 hello you\r\n"),
		SAID("530 Please login with USER and PASS.\r\n"),
		SAID("530 Please login with USER and PASS.\r\n") },
	    3, "ftp", "vsftpd", "", NULL, NULL },
	{ "irc",
	    { SAID(":irc2.example.test 451 * VERSION :You have not "
		   "registered.\r\n"),
		SAID(":irc2.example.test 001 sdk7w0 :Welcome to the TestNet "
		     "IRC Network\r\n:irc2.example.test 004 sdk7w0 "
		     "irc2.example.test InspIRCd-3 iosw biklm :bklov\r\n") },
	    2, "irc", "InspIRCd", "3", NULL, NULL },
	{ "irc",
	    { SAID(":localhost NOTICE * :BitlBee-IRCd initialized, please go "
		   "on\r\n:localhost 001 sdk7w0 :Welcome\r\n:localhost 004 "
		   "sdk7w0 localhost 3.6-1.3 abiswRo ntC\r\n") },
	    1, "irc", "BitlBee IRCd", "3.6-1.3", NULL, NULL },
	{ "telnet",
	    { SAID("\xff\xfb%\xff\xfb&\xff\xfd\x18\xff\xfd \xff\xfd#\xff\xfd'"
		   "\xff\xfd$"),
		SAID("vm login: ") },
	    2, "telnet", "GNU inetutils telnetd", "", NULL, NULL },
	{ "rsync",
	    { SAID("@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n"),
		SAID("hello\npub            \tx y\ntwo            \t\n"
		     "@RSYNCD: EXIT\n") },
	    2, "rsync", "rsync", "", "rsync.modules", "pub two" },
	{ "git",
	    { SAID("0034ERR access denied or repository not exported: /x") }, 1,
	    "git", "git daemon", "", NULL, NULL },
	{ "svn",
	    { SAID(
		"( success ( 2 2 ( ) ( edit-pipeline svndiff1 list ) ) ) ") },
	    1, "svn", "Subversion svnserve", "", NULL, NULL },
	{ "cvs", { SAID("error 0 /sockdeck: no such repository\n"), SAID_EOF },
	    2, "cvspserver", "CVS pserver", "", NULL, NULL },
	{ "redis",
	    { SAID("$80\r\n# Server\r\nredis_version:7.0.15\r\n"
		   "redis_mode:standalone\r\nos:Linux 6.1 x86_64\r\n\r\n"),
		SAID_EOF },
	    2, "redis", "Redis key-value store", "7.0.15", "auth", "none" },
	{ "redis", { SAID("-NOAUTH Authentication required.\r\n") }, 1, "redis",
	    "Redis key-value store", "", "auth", "required" },
	{ "memcached", { SAID("VERSION 1.6.18\r\n") }, 1, "memcached",
	    "Memcached", "1.6.18", "auth", "none" },
	{ "vnc", { SAID("RFB 003.008\n"), SAID("\x01\x01") }, 2, "vnc", "", "",
	    "vnc.security", "None" },
	{ "vnc", { SAID("RFB 003.008\n"), SAID("\x02\x13\x02") }, 2, "vnc",
	    "TigerVNC", "", "vnc.security", "VeNCrypt, VNC authentication" },
	{ "munin",
	    { SAID("# munin node at mun.example\n"),
		SAID("munins node on mun.example version: 2.0.73\n") },
	    2, "munin", "Munin node", "2.0.73", NULL, NULL },
	{ "mpd", { SAID("OK MPD 0.23.5\n") }, 1, "mpd", "Music Player Daemon",
	    "", NULL, NULL },
	{ "nats",
	    { SAID("INFO {\"server_id\":\"NAO5\",\"server_name\":\"NAO5\","
		   "\"version\":\"2.9.10\",\"proto\":1} \r\n") },
	    1, "nats", "NATS", "2.9.10", "auth", "none" },
	{ "gearman", { SAID("OK 1.1.20+ds\n") }, 1, "gearman",
	    "Gearman job server", "1.1.20+ds", NULL, NULL },
	{ "beanstalkd",
	    { SAID("OK 955\r\n---\ncurrent-jobs-urgent: 0\n"
		   "version: \"1.12\"\nhostname: \"vm\"\n") },
	    1, "beanstalk", "beanstalkd", "1.12", "auth", "none" },
	{ "managesieve",
	    { SAID("\"IMPLEMENTATION\" \"Dovecot (Debian) Pigeonhole\"\r\n"
		   "\"SIEVE\" \"fileinto\"\r\nOK \"Dovecot ready.\"\r\n") },
	    1, "sieve", "Dovecot Pigeonhole", "", "starttls", "no" },
	{ "nntp",
	    { SAID("200 news.example InterNetNews NNRP server INN 2.7.1 ready "
		   "(posting ok)\r\n"),
		SAID("101 Capability list:\r\nVERSION 2\r\nIMPLEMENTATION INN "
		     "2.7.1\r\nREADER\r\n.\r\n") },
	    2, "nntp", "InterNetNews (INN)", "2.7.1", NULL, NULL },
	{ "dict",
	    { SAID("220 vm dictd 1.13.0/rf on Linux 6.1 <auth.mime> "
		   "<0.1.2@vm>\r\n") },
	    1, "dict", "dictd", "1.13.0", NULL, NULL },
	{ "gopher",
	    { SAID("iWelcome\t\terror.host\t1\r\n1Dir\t/d\tlocalhost\t70\r\n"
		   ".\r\n") },
	    1, "gopher", "", "", NULL, NULL },
	{ "whois",
	    { SAID("% This is a whois server\r\nDomain Name: EXAMPLE.COM\r\n"),
		SAID_EOF },
	    2, "whois", "", "", NULL, NULL },
	{ "finger",
	    { SAID("Login: root           \tName: root\r\nNo Plan.\r\n"),
		SAID_EOF },
	    2, "finger", "", "", NULL, NULL },
	{ "ident", { SAID("0,0:ERROR:INVALID-PORT\r\n") }, 1, "ident", "", "",
	    NULL, NULL },
	/* hfaxd says to FEAT and SYST what vsftpd does. */
	{ "hylafax",
	    { SAID("220 localhost server (HylaFAX (tm) Version 6.0.7) "
		   "ready.\r\n") },
	    1, "hylafax", "HylaFAX", "6.0.7", NULL, NULL },
	{ "zookeeper",
	    { SAID("Zookeeper version: 3.8.0-${mvngit.commit.id}, built on "
		   "2024-12-29 17:54 UTC\nLatency min/avg/max: 0/0.0/0\n") },
	    1, "zookeeper", "Apache ZooKeeper", "3.8.0", "auth", "none" },
	{ "irc",
	    { SAID(":b.i.p NOTICE sdk7w0 :You should type /QUOTE PASS "
		   "your_username:your_password:your_connection_name\r\n"),
		SAID_NONE },
	    2, "irc", "bip", "", NULL, NULL },
	{ "nntp",
	    { SAID("503 Leafnode must have a unique fully-qualified domain "
		   "name. Have its administrator fix the configuration. More "
		   "detail is in the logs.\r\n") },
	    1, "nntp", "Leafnode", "", NULL, NULL },
	{ "imap",
	    { SAID("* OK IMAP4rev1\r\n"),
		SAID("* CAPABILITY IMAP4rev1 NAMESPACE ID IDLE LITERAL+ "
		     "UNSELECT AUTH=PLAIN\r\nd1 OK CAPABILITY "
		     "Completed\r\n"),
		SAID("d2 BAD ID Wrong state\r\n") },
	    3, "imap", "GNU Mailutils imapd", "", "starttls", "no" },
	{ "xymon", { SAID("xymond 4.3.30\n"), SAID_EOF }, 2, "xymon", "Xymon",
	    "4.3.30", NULL, NULL },
	{ "clamav", { SAID("ClamAV 1.0.7/27000/Fri Nov 27\n") }, 1, "clamd",
	    "ClamAV clamd", "1.0.7", NULL, NULL },
	{ "nut",
	    { SAID("Network UPS Tools upsd 2.8.0 - "
		   "https://www.networkupstools.org/\n") },
	    1, "nut", "Network UPS Tools upsd", "2.8.0", NULL, NULL },
};

static void
real(void **state)
{
	const struct recorded *r;
	struct service_info info;
	const char *value;

	(void)state;
	for (r = recorded; r < recorded + nitems(recorded); r++) {
		struct talk_play p = { .name = r->talk,
			.checks = strcmp(r->talk, "rsync") == 0 };

		if (talk_play(&p, &info, r->said, r->n) != TALK_DONE ||
		    strcmp(info.name, r->service) != 0 ||
		    strcmp(info.product, r->product) != 0 ||
		    strcmp(info.version, r->version) != 0)
			fail_msg("%zu %s: %s, %s, %s", (size_t)(r - recorded),
			    r->talk, info.name, info.product, info.version);
		if (r->fact != NULL) {
			value = service_fact_get(&info, r->fact);
			assert_non_null(value);
			assert_string_equal(value, r->value);
		}
		assert_true(info.evidence[0] != '\0');
		buf_done(&p.sent);
	}
}

/* What one says is no other's, and its pieces do no harm. */
static void
others(void **state)
{
	/* Which share a greeting on purpose: the next question tells. */
	const struct talk_ops *const *t;
	const struct recorded *r;
	struct service_info info;

	(void)state;
	for (r = recorded; r < recorded + nitems(recorded); r++)
		for (t = talks; *t != NULL; t++) {
			struct talk_play p = { .name = (*t)->name };
			const struct talk_said said[] = { r->said[0], SAID_NONE,
				SAID_EOF };
			enum talk_verdict v;

			if (strcmp((*t)->name, "irc-greeting") == 0)
				continue;
			if (strcmp((*t)->name, r->talk) == 0)
				talk_prefixes(&p, r->said[0].p, r->said[0].n);
			else if ((v = talk_play(&p, &info, said, 3)) !=
				 TALK_NOT)
				fail_msg("%s's %zu is taken for %s (%d)",
				    r->talk, (size_t)(r - recorded), (*t)->name,
				    v);
			buf_done(&p.sent);
		}
}

static void
forms(void **state)
{
	static const struct {
		const char *form, *line, *version, *host, *extra;
	} t[] = {
		{ "%h ESMTP Postfix (%x)", "a.b ESMTP  Postfix (Debian)", "",
		    "a.b", "Debian" },
		{ "*v%v ready*", "very v1.2-3 ready.", "1.2-3", "", "" },
		{ "(%v)", "(1.2.)", NULL, NULL, NULL },
		{ "a*b*c", "aXbXcXb", NULL, NULL, NULL },
		{ "a*b*c", "ABXXC", "", "", "" },
	};
	struct service_info info;
	size_t i;

	(void)state;
	for (i = 0; i < nitems(t); i++) {
		const struct line_form f = { .form = t[i].form };
		bool is;

		service_init(&info);
		is = line_is(&info, &f, t[i].line, strlen(t[i].line));
		assert_int_equal(is, t[i].version != NULL);
		if (!is)
			continue;
		assert_string_equal(info.version, t[i].version);
		assert_string_equal(info.host, t[i].host);
		assert_string_equal(info.extra, t[i].extra);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(real),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests_name("talk_text", tests, NULL, NULL);
}
