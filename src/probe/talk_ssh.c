/* SPDX-License-Identifier: ISC */
/* SSH: the line by which it names itself, and the algorithms it offers. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

#define BEFORE_MAX  20 /* lines before its own that are allowed here */
#define MSG_KEXINIT 20
#define PACKET_MAX  35000 /* RFC 4253, 6.1 */

/* What stands behind SSH-2.0-. */
static const struct line_form products[] = {
	{ .form = "OpenSSH_for_Windows_%v*",
	    .product = "OpenSSH for Windows",
	    .cpe = "openbsd:openssh",
	    .os = "Windows" },
	{ .form = "OpenSSH_%v %x",
	    .product = "OpenSSH",
	    .cpe = "openbsd:openssh" },
	{ .form = "OpenSSH_%v*",
	    .product = "OpenSSH",
	    .cpe = "openbsd:openssh" },
	{ .form = "OpenSSH*", .product = "OpenSSH", .cpe = "openbsd:openssh" },
	{ .form = "dropbear_%v*",
	    .product = "Dropbear sshd",
	    .cpe = "dropbear_ssh_project:dropbear_ssh" },
	{ .form = "dropbear*",
	    .product = "Dropbear sshd",
	    .cpe = "dropbear_ssh_project:dropbear_ssh" },
	{ .form = "libssh_%v*", .product = "libssh", .cpe = "libssh:libssh" },
	{ .form = "libssh-%v*", .product = "libssh", .cpe = "libssh:libssh" },
	{ .form = "Cisco-%v",
	    .product = "Cisco SSH",
	    .os = "IOS",
	    .device = "router" },
	{ .form = "tinyssh_%v*", .product = "TinySSH" },
	{ .form = "tinyssh*", .product = "TinySSH" },
	{ .form = "mod_sftp/%v*",
	    .product = "ProFTPD mod_sftp",
	    .cpe = "proftpd:proftpd" },
	{ .form = "mod_sftp*",
	    .product = "ProFTPD mod_sftp",
	    .cpe = "proftpd:proftpd" },
	{ .form = "APACHE-SSHD-%v*",
	    .product = "Apache MINA SSHD",
	    .cpe = "apache:sshd" },
	{ .form = "SSHD-CORE-%v*",
	    .product = "Apache MINA SSHD",
	    .cpe = "apache:sshd" },
	{ .form = "SSHD-UNKNOWN*",
	    .product = "Apache MINA SSHD",
	    .cpe = "apache:sshd" },
	{ .form = "GerritCodeReview_%v*", .product = "Gerrit Code Review" },
	{ .form = "paramiko_%v*",
	    .product = "Paramiko",
	    .cpe = "paramiko:paramiko" },
	{ .form = "AsyncSSH_%v*", .product = "AsyncSSH" },
	{ .form = "Twisted_%v*", .product = "Twisted Conch" },
	{ .form = "Twisted*", .product = "Twisted Conch" },
	{ .form = "ssh2js%v*", .product = "ssh2 for Node.js" },
	{ .form = "Erlang/%v*",
	    .product = "Erlang SSH",
	    .cpe = "erlang:erlang%2fotp" },
	{ .form = "Erlang*", .product = "Erlang SSH" },
	{ .form = "wolfSSHv%v*", .product = "wolfSSH" },
	{ .form = "Go", .product = "Go x/crypto/ssh" },
	{ .form = "russh_%v*", .product = "russh" },
	{ .form = "SFTPGo_%v*", .product = "SFTPGo" },
	{ .form = "SFTPGo*", .product = "SFTPGo" },
	{ .form = "Teleport*", .product = "Teleport" },
	{ .form = "GitLab-SSHD*", .product = "GitLab sshd" },
	{ .form = "babeld-%x", .product = "GitHub babeld" },
	{ .form = "AWS_SFTP_%v*", .product = "AWS Transfer SFTP" },
	{ .form = "lsh-%v*", .product = "lshd" },
	{ .form = "lshd-%v*", .product = "lshd" },
	{ .form = "Sun_SSH_%v*", .product = "SunSSH", .os = "Solaris" },
	{ .form = "ROSSSH*",
	    .product = "MikroTik RouterOS sshd",
	    .os = "RouterOS",
	    .device = "router" },
	{ .form = "RomSShell_%v*", .product = "AllegroSoft RomSShell" },
	{ .form = "mpSSH_%v*",
	    .product = "HP Integrated Lights-Out mpSSH",
	    .device = "remote management" },
	{ .form = "HUAWEI-%v*", .product = "Huawei SSH", .device = "router" },
	{ .form = "Comware-%v*",
	    .product = "H3C Comware SSH",
	    .os = "Comware",
	    .device = "switch" },
	{ .form = "Data ONTAP SSH %v*",
	    .product = "NetApp Data ONTAP sshd",
	    .os = "Data ONTAP",
	    .device = "storage" },
	{ .form = "NetScreen*",
	    .product = "NetScreen sshd",
	    .os = "ScreenOS",
	    .device = "firewall" },
	{ .form = "FortiSSH_%v*", .product = "FortiSSH", .device = "firewall" },
	{ .form = "IPSSH-%v*", .product = "Wind River IPSSH", .os = "VxWorks" },
	{ .form = "Mocana SSH %v*", .product = "Mocana SSH" },
	{ .form = "Mocana SSH*", .product = "Mocana SSH" },
	{ .form = "Zyxel SSH server*", .product = "Zyxel SSH" },
	{ .form = "lancom*", .product = "LANCOM sshd", .device = "router" },
	{ .form = "xlightftpd_%v*", .product = "Xlight FTP Server" },
	{ .form = "CerberusFTPServer_%v*", .product = "Cerberus FTP Server" },
	{ .form = "CompleteFTP_%v*", .product = "CompleteFTP" },
	{ .form = "CompleteFTP-%v*", .product = "CompleteFTP" },
	{ .form = "CrushFTPSSHD*", .product = "CrushFTP" },
	{ .form = "Serv-U_%v*", .product = "Serv-U" },
	{ .form = "WS_FTP-SSH_%v*", .product = "WS_FTP Server" },
	{ .form = "RebexSSH_%v*", .product = "Rebex SSH", .os = "Windows" },
	{ .form = "VShell_%v*", .product = "VShell" },
	{ .form = "%v FlowSsh: Bitvise SSH Server (WinSSHD)*",
	    .product = "Bitvise SSH Server",
	    .os = "Windows" },
	{ .form = "%v sshlib: WinSSHD*",
	    .product = "Bitvise WinSSHD",
	    .os = "Windows" },
	{ .form = "WeOnlyDo %v*", .product = "WeOnlyDo SSH", .os = "Windows" },
	{ .form = "%v SSH Tectia Server*", .product = "SSH Tectia Server" },
	{ .form = "%v SSH Secure Shell*", .product = "SSH Secure Shell" },
};

/* What packagers add. */
static const struct {
	const char *word, *os;
} packagers[] = {
	{ "Debian-", "Linux" },
	{ "Ubuntu-", "Linux" },
	{ "Raspbian-", "Linux" },
	{ "FreeBSD-", "FreeBSD" },
	{ "NetBSD_", "NetBSD" },
	{ "NetBSD-", "NetBSD" },
};

/* The name-lists of KEXINIT in the order of RFC 4253, 7.1; NULL: the same as
 * the one before, but for the other direction. */
static const char *const lists[] = { "ssh.kex", "ssh.hostkeys", "ssh.ciphers",
	NULL, "ssh.macs" };

static void
identify(struct talk *t, const char *s, size_t n, const char *line, size_t len)
{
	struct service_info *info = t->info;
	char protocol[16];
	size_t i, k;

	service_set(
	    protocol, sizeof(protocol), line + 4, (size_t)(s - line) - 5);
	if (line_find(info, products, nitems(products), s, n) == NULL) {
		/* Nobody's that is known: its own words. */
		for (k = 0; k < n && s[k] != ' ';)
			k++;
		service_set(info->product, sizeof(info->product), s, k);
	}
	for (i = 0; i < nitems(packagers); i++)
		if (line_has(s, n, packagers[i].word))
			service_setf(
			    info->os, sizeof(info->os), "%s", packagers[i].os);
	k = strlen(info->extra);
	service_setf(info->extra + k, sizeof(info->extra) - k, "%sprotocol %s",
	    k > 0 ? "; " : "", protocol);
	service_factf(info, "ssh.protocol", "%s", protocol);
	service_evidence(info, line, len);
}

/* Where the line is that begins with SSH-; *at: behind it. */
static enum line_state
find_line(
    struct talk *t, const char **s, size_t *n, const char **line, size_t *at)
{
	unsigned i;
	size_t k;

	*at = 0;
	for (i = 0; i < BEFORE_MAX; i++) {
		if (!talk_line(t, *at, line, n, at))
			return i == 0 && t->nin >= 4 &&
				       memcmp(t->in, "SSH-", 4) != 0 &&
				       !line_is_text(t->in, t->nin)
				   ? LINE_BAD
				   : LINE_MORE;
		if (!line_is_text(*line, *n))
			return LINE_BAD;
		if (*n < 8 || memcmp(*line, "SSH-", 4) != 0)
			continue;
		/* SSH-2.0-, SSH-1.99-, SSH-1.5- */
		for (k = 4;
		     k < *n && ((*line)[k] == '.' ||
				   ((*line)[k] >= '0' && (*line)[k] <= '9'));)
			k++;
		if (k < 7 || k > 9 || (*line)[5] != '.' || k >= *n ||
		    (*line)[k] != '-')
			return LINE_BAD;
		*s = *line + k + 1;
		*n -= k + 1;
		return LINE_WHOLE;
	}
	return LINE_BAD;
}

static void
read_kexinit(struct talk *t, struct talk_cursor *c)
{
	const uint8_t *list;
	uint32_t n;
	size_t i;

	cursor_skip(c, 16);
	for (i = 0; i < nitems(lists); i++) {
		n = cursor_be32(c);
		list = cursor_take(c, n);
		if (list == NULL || !line_is_text(list, n))
			return;
		if (lists[i] != NULL)
			service_fact(t->info, lists[i], list, n);
	}
}

/* The first packet, if it is whole. */
static enum talk_verdict
read_packet(struct talk *t, size_t at)
{
	struct talk_cursor c, packet;
	uint32_t n, pad;
	const uint8_t *p;

	cursor_init(&c, t->in + at, t->nin - at);
	n = cursor_be32(&c);
	if (c.bad)
		return TALK_MORE;
	if (n < 22 || n > PACKET_MAX)
		return TALK_DONE;
	p = cursor_take(&c, n);
	if (p == NULL)
		return TALK_MORE;
	pad = p[0];
	if (pad + 2 > n || p[1] != MSG_KEXINIT)
		return TALK_DONE;
	cursor_init(&packet, p + 2, n - pad - 2);
	read_kexinit(t, &packet);
	return TALK_DONE;
}

static enum talk_verdict
ssh_input(struct talk *t)
{
	const char *s, *line;
	size_t n, at;
	enum line_state state = find_line(t, &s, &n, &line, &at);
	enum talk_verdict v;

	if (state == LINE_BAD)
		return TALK_NOT;
	if (state == LINE_MORE)
		return t->eof || t->timeout ? TALK_NOT : TALK_MORE;
	if (t->step == 0) {
		t->step = 1;
		identify(t, s, n, line, (size_t)(s + n - line));
		/* Version 1 would begin with its key, and we say no more. */
		if (memcmp(line, "SSH-1.99", 8) != 0 && line[4] == '1')
			return TALK_DONE;
		talk_sendf(t, "SSH-2.0-sockdeck_%s\r\n", PACKAGE_VERSION);
	}
	v = read_packet(t, at);
	return v == TALK_MORE && (t->eof || t->timeout) ? TALK_DONE : v;
}

const struct talk_ops talk_ssh = {
	.name = "ssh",
	.service = "ssh",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "22,2022,2222,22222,830",
	.rarity = 1,
	.input = ssh_input,
	.source = "RFC 4253, 4.2 and 7.1",
};
