/* SPDX-License-Identifier: ISC */
/* FTP: greeting, SYST, FEAT, AUTH TLS; whether anonymous may log in. */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "probe/line.h"

enum step {
	STEP_GREETING,
	STEP_FEAT,
	STEP_SYST,
	STEP_USER,
	STEP_PASS,
	STEP_TLS
};

/* What stands behind the 220. */
static const struct line_form greetings[] = {
	{ .form = "(vsFTPd %v)",
	    .product = "vsftpd",
	    .cpe = "vsftpd_project:vsftpd" },
	{ .form = "*vsFTPd %v*",
	    .product = "vsftpd",
	    .cpe = "vsftpd_project:vsftpd" },
	{ .form = "ProFTPD %v Server (%x) [%h]",
	    .product = "ProFTPD",
	    .cpe = "proftpd:proftpd" },
	{ .form = "ProFTPD %v Server*",
	    .product = "ProFTPD",
	    .cpe = "proftpd:proftpd" },
	{ .form = "ProFTPD Server (%x)*",
	    .product = "ProFTPD",
	    .cpe = "proftpd:proftpd" },
	{ .form = "ProFTPD Server*",
	    .product = "ProFTPD",
	    .cpe = "proftpd:proftpd" },
	{ .form = "*ProFTPD*", .product = "ProFTPD", .cpe = "proftpd:proftpd" },
	{ .form = "*Welcome to Pure-FTPd %v*",
	    .product = "Pure-FTPd",
	    .cpe = "pureftpd:pure-ftpd" },
	{ .form = "*Pure-FTPd*",
	    .product = "Pure-FTPd",
	    .cpe = "pureftpd:pure-ftpd" },
	{ .form = "Microsoft FTP Service*",
	    .product = "Microsoft ftpd",
	    .os = "Windows",
	    .cpe = "microsoft:ftp_service" },
	{ .form = "%h Microsoft FTP Service (Version %v)*",
	    .product = "Microsoft ftpd",
	    .os = "Windows",
	    .cpe = "microsoft:ftp_service" },
	{ .form = "FileZilla Server version %v *",
	    .product = "FileZilla ftpd",
	    .os = "Windows",
	    .cpe = "filezilla-project:filezilla_server" },
	{ .form = "FileZilla Server %v*",
	    .product = "FileZilla ftpd",
	    .cpe = "filezilla-project:filezilla_server" },
	{ .form = "*FileZilla Server*",
	    .product = "FileZilla ftpd",
	    .cpe = "filezilla-project:filezilla_server" },
	{ .form = "pyftpdlib %v ready*", .product = "pyftpdlib" },
	{ .form = "pyftpdlib based ftpd ready*", .product = "pyftpdlib" },
	{ .form = "*pyftpdlib*", .product = "pyftpdlib" },
	{ .form = "%h FTP server (Version wu-%v*", .product = "WU-FTPD" },
	{ .form = "%h FTP server (GNU inetutils %v)*",
	    .product = "GNU inetutils ftpd" },
	{ .form = "%h FTP server (inetutils %v)*",
	    .product = "GNU inetutils ftpd" },
	{ .form = "%h FTP server (Version %v/OpenBSD*",
	    .product = "OpenBSD ftpd",
	    .os = "OpenBSD" },
	{ .form = "%h FTP server (OpenBSD*",
	    .product = "OpenBSD ftpd",
	    .os = "OpenBSD" },
	{ .form = "%h FTP server (NetBSD-ftpd %v*", .product = "NetBSD ftpd" },
	{ .form = "%h FTP server (tnftpd %v*", .product = "tnftpd" },
	{ .form = "%h FTP server (lukemftpd %v*", .product = "lukemftpd" },
	{ .form = "%h FTP server (Version %v*Linux*",
	    .product = "Linux-ftpd",
	    .os = "Linux" },
	{ .form = "%h FTP server (Version %vLS)*",
	    .product = "FreeBSD ftpd",
	    .os = "FreeBSD" },
	{ .form = "%h FTP server (Version *SunOS %v)*",
	    .product = "Sun Solaris ftpd",
	    .os = "Solaris" },
	{ .form = "%h FTP server (SunOS %v)*",
	    .product = "Sun Solaris ftpd",
	    .os = "Solaris" },
	{ .form = "bftpd %v at %h ready*", .product = "bftpd" },
	{ .form = "Serv-U FTP Server v%v ready*",
	    .product = "Serv-U ftpd",
	    .cpe = "solarwinds:serv-u_file_server" },
	{ .form = "Serv-U FTP Server v%v for WinSock*",
	    .product = "Serv-U ftpd",
	    .os = "Windows" },
	{ .form = "Serv-U*", .product = "Serv-U ftpd" },
	{ .form = "Gene6 FTP Server v%v*",
	    .product = "Gene6 ftpd",
	    .os = "Windows" },
	{ .form = "*WS_FTP Server %v*",
	    .product = "WS_FTP Server",
	    .os = "Windows" },
	{ .form = "Cerberus FTP Server*%v*",
	    .product = "Cerberus FTP Server",
	    .os = "Windows" },
	{ .form = "Xlight FTP Server %v ready*",
	    .product = "Xlight FTP Server",
	    .os = "Windows" },
	{ .form = "Xlight*", .product = "Xlight FTP Server", .os = "Windows" },
	{ .form = "Titan FTP Server %v*",
	    .product = "Titan FTP Server",
	    .os = "Windows" },
	{ .form = "*CompleteFTP v %v*",
	    .product = "CompleteFTP",
	    .os = "Windows" },
	{ .form = "*CrushFTP*", .product = "CrushFTP" },
	{ .form = "*Wing FTP Server %v*", .product = "Wing FTP Server" },
	{ .form = "*Wing FTP Server*", .product = "Wing FTP Server" },
	{ .form = "glFTPd %v*", .product = "glFTPd" },
	{ .form = "*glFTPd %v*", .product = "glFTPd" },
	{ .form = "SFTPGo %v ready", .product = "SFTPGo" },
	{ .form = "SFTPGo*", .product = "SFTPGo" },
	{ .form = "Apache FtpServer %v*", .product = "Apache FtpServer" },
	{ .form = "*Apache FtpServer*", .product = "Apache FtpServer" },
	{ .form = "twoftpd server ready*", .product = "twoftpd" },
	{ .form = "*SlimFTPd %v*", .product = "SlimFTPd", .os = "Windows" },
	{ .form = "*Quick 'n Easy FTP Server*",
	    .product = "Quick 'n Easy FTP Server",
	    .os = "Windows" },
	{ .form = "*MikroTik FTP server (MikroTik %v) ready*",
	    .product = "MikroTik ftpd",
	    .os = "RouterOS",
	    .device = "router" },
	{ .form = "JD FTP Server Ready*",
	    .product = "HP JetDirect ftpd",
	    .device = "printer" },
	{ .form = "%h FTP server (VxWorks %v) ready*",
	    .product = "VxWorks ftpd",
	    .os = "VxWorks" },
	{ .form = "VxWorks (%v) FTP server ready*",
	    .product = "VxWorks ftpd",
	    .os = "VxWorks" },
	{ .form = "%h FTP server (Version %v) ready*", .more = true },
	{ .form = "*FTP*", .more = true },
};

/* 215, RFC 959; its words are IANA's names of operating systems. */
static const struct line_form systems[] = {
	{ .form = "Windows_NT*", .os = "Windows" },
	{ .form = "UNIX Type: L8*", .os = "Unix" },
	{ .form = "UNIX*", .os = "Unix" },
	{ .form = "*VMS*", .os = "OpenVMS" },
	{ .form = "*OS/400*", .os = "OS/400" },
	{ .form = "MVS*", .os = "z/OS" },
	{ .form = "*NETWARE*", .os = "NetWare" },
};

/* What of FEAT is FTP's own. */
static const char *const features[] = { "EPRT", "EPSV", "PASV", "MDTM", "SIZE",
	"REST STREAM", "MLST", "UTF8", "PBSZ", "AUTH TLS" };

/* Servers whose greeting is somebody's own, by what they say when nobody is
 * logged in. */
static const struct line_form refusals[] = {
	{ .form = "Please login with USER and PASS.",
	    .product = "vsftpd",
	    .cpe = "vsftpd_project:vsftpd" },
	{ .form = "You aren't logged in",
	    .product = "Pure-FTPd",
	    .cpe = "pureftpd:pure-ftpd" },
	{ .form = "Log in with USER and PASS first.", .product = "pyftpdlib" },
};

static enum talk_verdict
end(const struct line_talk *l)
{
	return l->sure ? TALK_DONE : TALK_NOT;
}

static void
ask(struct talk *t, enum step step, const char *command)
{
	t->step = step;
	talk_sendf(t, "%s\r\n", command);
}

static enum talk_verdict
greeting(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	static const char *const others[] = { "SMTP", "LMTP", "NNTP",
		"InterNetNews", "HylaFAX", "VMware Authentication Daemon",
		"SVDRP" };
	const struct line_form *f = NULL;
	const char *s;
	size_t n, at = 0, i;

	if ((r->code != 220 && r->code != 421 && r->code != 120) ||
	    !line_is_text(t->in, r->next))
		return TALK_NOT;
	for (i = 0; i < nitems(others); i++)
		if (line_has(r->text, r->len, others[i]))
			return TALK_NOT;
	/* It may stand in any line of a long one. */
	while ((f == NULL || f->more) && at < r->next &&
	       talk_line(t, at, &s, &n, &at)) {
		i = line_starts(s, n, "220") && n >= 4 ? 4 : 0;
		f = line_find(
		    t->info, greetings, nitems(greetings), s + i, n - i);
	}
	line_evidence(t, 0, r->next);
	l->sure = f != NULL && !f->more;
	if (r->code == 421) {
		l->sure = l->sure || line_has(r->text, r->len, "FTP");
		return end(l);
	}
	ask(t, STEP_FEAT, "FEAT");
	return TALK_MORE;
}

static void
features_of(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	const char *s;
	size_t n, at = r->from, i;

	while (at < r->next && talk_line(t, at, &s, &n, &at)) {
		while (n > 0 && *s == ' ') {
			s++;
			n--;
		}
		if (n > 4 && line_starts(s, n, "211-"))
			s += 4, n -= 4;
		for (i = 0; i < nitems(features); i++)
			if (line_starts(s, n, features[i]))
				l->sure = true;
		if (line_starts(s, n, "AUTH") &&
		    (line_has(s, n, "TLS") || line_has(s, n, "SSL")))
			l->starttls = true;
		if (line_has(s, n, "ProFTPD") && t->info->product[0] == '\0')
			service_setf(t->info->product, sizeof(t->info->product),
			    "ProFTPD");
	}
}

/* Before a login, or without one. */
static enum talk_verdict
finish(struct talk *t, struct line_talk *l)
{
	service_factf(t->info, "starttls", "%s", l->starttls ? "yes" : "no");
	if (!l->sure)
		return TALK_NOT;
	if (l->starttls && !t->tls) {
		ask(t, STEP_TLS, "AUTH TLS");
		return TALK_MORE;
	}
	return TALK_DONE;
}

static enum talk_verdict
system_is(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	struct service_info *info = t->info;

	if (r->code == 215) {
		l->sure = true;
		if (info->os[0] == '\0')
			(void)line_find(
			    info, systems, nitems(systems), r->text, r->len);
		service_fact(info, "ftp.syst", r->text, r->len);
	}
	/* It wants a login. */
	if (r->code == 530 || r->code == 503)
		l->sure = l->sure || line_has(r->text, r->len, "log") ||
			  line_has(r->text, r->len, "USER");
	if (info->product[0] == '\0')
		(void)line_find(
		    info, refusals, nitems(refusals), r->text, r->len);
	if (!l->sure)
		return TALK_NOT;
	if (t->checks) {
		ask(t, STEP_USER, "USER anonymous");
		return TALK_MORE;
	}
	return finish(t, l);
}

static enum talk_verdict
feat_is(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	if (r->code == 211)
		features_of(t, l, r);
	else if (r->code < 400 || r->code >= 600)
		return end(l);
	if (t->info->product[0] == '\0' &&
	    line_find(t->info, refusals, nitems(refusals), r->text, r->len) !=
		NULL)
		l->sure = true;
	ask(t, STEP_SYST, "SYST");
	return TALK_MORE;
}

static enum talk_verdict
judge(struct talk *t, struct line_talk *l, const struct line_reply *r)
{
	switch ((enum step)t->step) {
	case STEP_GREETING:
		return greeting(t, l, r);
	case STEP_FEAT:
		return feat_is(t, l, r);
	case STEP_SYST:
		return system_is(t, l, r);
	case STEP_USER:
		if (r->code == 331) {
			ask(t, STEP_PASS, "PASS sockdeck@");
			return TALK_MORE;
		}
		if (r->code == 230)
			service_factf(t->info, "ftp.anonymous", "yes");
		return finish(t, l);
	case STEP_PASS:
		if (r->code == 230)
			service_factf(t->info, "ftp.anonymous", "yes");
		return finish(t, l);
	case STEP_TLS:
		return r->code == 234 || r->code == 334 ? TALK_STARTTLS
							: TALK_DONE;
	}
	return TALK_NOT;
}

static enum talk_verdict
ftp_input(struct talk *t)
{
	struct line_talk *l = t->state;
	struct line_reply r;
	enum talk_verdict v;

	if (t->step == STEP_TLS && t->tls)
		return TALK_DONE;
	switch (line_reply(t, l->at, &r)) {
	case LINE_BAD:
		return end(l);
	case LINE_MORE:
		break;
	case LINE_WHOLE:
		l->at = r.next;
		v = judge(t, l, &r);
		if (v != TALK_MORE || (t->out.len > 0 && !t->eof))
			return v;
		break;
	}
	return t->eof || t->timeout ? end(l) : TALK_MORE;
}

const struct talk_ops talk_ftp = {
	.name = "ftp",
	.service = "ftp",
	.flags = TALK_TCP | TALK_GREETED | TALK_IN_TLS,
	.ports = "21,2121,2100,8021",
	.tls_ports = "990",
	.rarity = 2,
	.wait_ms = 3500,
	.state = sizeof(struct line_talk),
	.input = ftp_input,
	.source = "RFC 959, RFC 2389, RFC 4217",
};
