/* SPDX-License-Identifier: ISC */
/* What conversations see of a service, by name. */
#include "config.h"

#include "know/fact.h"

#include <stdbool.h>
#include <string.h>

const struct fact_def fact_defs[] = {
	{ "auth", "who may use it: none, anonymous, password, required" },
	{ "starttls", "yes, no: TLS is offered inside the clear text" },
	{ "tcp.ended",
	    "closed, reset: at once, whatever was asked; refused: it listens "
	    "no more" },
	{ "udp.refused", "yes: nothing listens there" },
	/* TLS */
	{ "tls.version", "the version agreed on: TLSv1.3" },
	{ "tls.versions", "all versions that were accepted" },
	{ "tls.cipher", "the suite agreed on" },
	{ "tls.alpn", "the protocol agreed on: h2" },
	{ "tls.alert", "why it ended the handshake" },
	{ "tls.subject", "whom the certificate is of: its CN or O" },
	{ "tls.names", "the certificate's subjectAltName" },
	{ "tls.issuer", "who signed the certificate: CN or O" },
	{ "tls.not_before", "from when on the certificate holds" },
	{ "tls.not_after", "until when the certificate holds" },
	{ "tls.key", "the certificate's key: RSA 2048, EC P-256, Ed25519" },
	{ "tls.signature", "how the certificate is signed" },
	{ "tls.self_signed", "yes: signed with its own key" },
	/* SSH */
	{ "ssh.protocol", "the version it names: 2.0, 1.99, 1.5" },
	{ "ssh.kex", "key exchanges offered" },
	{ "ssh.hostkeys", "algorithms of host keys offered" },
	{ "ssh.ciphers", "ciphers offered" },
	{ "ssh.macs", "MACs offered" },
	/* HTTP */
	{ "http.status", "the answer's first line: 200 OK" },
	{ "http.server", "what the server calls itself" },
	{ "http.powered_by", "what runs behind it, as it says" },
	{ "http.title", "the title of its first page" },
	{ "http.location", "where it sends who asks" },
	{ "http.listing", "yes: a directory is listed" },
	{ "http.default_page", "whose page of a fresh installation it shows" },
	{ "http.realm", "the realm of a login that is asked for" },
	{ "http.app", "the application that was recognised" },
	{ "http.version", "2 alone: nothing older is spoken" },
	/* mail and messages */
	{ "smtp.auth", "ways to log in that it offers" },
	{ "imap.login", "disabled: no password is taken in clear text" },
	{ "irc.network", "the network it belongs to" },
	{ "amqp.mechanisms", "ways to log in that it offers" },
	{ "sip.server", "what it calls itself" },
	{ "rtsp.server", "what it calls itself" },
	/* files */
	{ "ftp.anonymous", "yes: the user anonymous was let in" },
	{ "ftp.syst", "its answer to SYST" },
	{ "rsync.modules", "the modules it lists to everybody" },
	{ "git.error", "why it serves no such repository" },
	{ "svn.capabilities", "its greeting" },
	{ "iscsi.target", "the first target it names" },
	{ "rpc.programs", "RPC programs that the port mapper lists" },
	{ "rpc.versions", "versions of the program that it has" },
	{ "rpc.exports", "what NFS gives to whom" },
	{ "nfs.implementation", "what it calls itself" },
	/* Windows */
	{ "smb.dialects", "dialects that were accepted: NT LM 0.12 is SMB 1" },
	{ "smb.newest", "the newest of them" },
	{ "smb.signing", "required, off: it does not insist" },
	{ "ntlm.version", "version and build of Windows" },
	{ "ntlm.host", "its NetBIOS name" },
	{ "ntlm.domain", "its NetBIOS domain" },
	{ "ntlm.dns_host", "its name in the DNS" },
	{ "ntlm.dns_domain", "its domain in the DNS" },
	{ "ntlm.dns_forest", "its forest in the DNS" },
	{ "rdp.security", "nla, tls, rdp: what a session is protected by" },
	{ "mssql.encryption", "offered, on, not supported, required" },
	{ "mssql.instance", "the instance's name" },
	{ "mssql.port", "where the instance listens" },
	{ "netbios.host", "its NetBIOS name" },
	{ "netbios.domain", "its NetBIOS domain or workgroup" },
	{ "netbios.server", "the name its files are served by" },
	{ "netbios.controllers", "the domain it is a controller of" },
	{ "netbios.browser", "the domain whose list of machines it keeps" },
	{ "netbios.mac", "the adapter's address that it tells" },
	/* directories */
	{ "ldap.anonymous", "rootDSE, search: what it tells without a login" },
	{ "ldap.context", "its first naming context" },
	{ "ldap.versions", "versions of the protocol" },
	{ "ldap.level", "the domain's functional level" },
	{ "kerberos.realm", "its realm" },
	{ "kerberos.time", "its clock" },
	{ "kerberos.error", "the error it answered" },
	/* databases */
	{ "mysql.error", "the error it greets with" },
	{ "mysql.protocol", "version of the protocol" },
	{ "postgresql.error", "SQLSTATE of its refusal" },
	{ "postgresql.method", "clear text, md5, scram-sha-256" },
	/* screens */
	{ "vnc.security", "the ways to log in that it offers" },
	{ "vnc.refused", "why it refused" },
	{ "x11.open", "yes, no: a client without authorization is taken" },
	{ "x11.release", "the vendor's number of the release" },
	{ "telnet.options", "options that it asks for" },
	{ "telnet.text", "what it shows before a login" },
	/* names, time, management */
	{ "dhcp.server", "the address it goes by" },
	{ "dhcp.router", "the router it tells of" },
	{ "dhcp.dns", "the name server it tells of" },
	{ "dhcp.domain", "the domain it tells of" },
	{ "dns.recursion", "yes, no: it answers for the whole DNS" },
	{ "dns.version", "what version.bind says" },
	{ "ntp.mode6", "yes: control messages are answered" },
	{ "ntp.monlist", "yes: the list of its clients is told" },
	{ "ntp.stratum", "steps to a clock; 0: it has none, 16: not set" },
	{ "ntp.reference", "whom it follows" },
	{ "ntp.version", "what it says it is" },
	{ "ntp.processor", "what it says it runs on" },
	{ "snmp.community", "public: the community it answered to" },
	{ "snmp.versions", "versions that were answered: 1 2c 3" },
	{ "snmp.descr", "sysDescr: what it says it is" },
	{ "snmp.enterprise", "whose sysObjectID it is, by IANA's number" },
	{ "snmp.engine", "its engine's id, in hexadecimal" },
	{ "mdns.services", "services it announces" },
	{ "stun.software", "what it calls itself" },
	{ "stun.discovery", "yes: it has another address (RFC 5780)" },
	{ "tftp.error", "why it gives no such file" },
	{ "ident.answer", "its answer" },
	{ "ipmi.auth", "ways to log in of IPMI 1.5 that it offers" },
	{ "ipmi.anonymous", "yes: a user without a name gets in" },
	{ "upnp.server", "what it calls itself" },
	{ "upnp.location", "where its description is" },
	{ "upnp.usn", "its unique service name" },
	{ "wsd.type", "what kind of device it says it is" },
	{ "nat.outside", "the address that NAT gives to the world" },
	{ "slp.services", "services it announces" },
	{ "xdmcp.willing", "yes, no: it offers a login screen" },
	{ "coap.code", "the code of its answer: 2.05" },
	{ "coap.links", "what /.well-known/core lists" },
	{ "enip.vendor", "its vendor, by ODVA's number" },
	/* tunnels */
	{ "ike.version", "1 or 2" },
	{ "ike.notify", "why it refused, by IANA's number" },
	{ "l2tp.firmware", "the revision of its firmware" },
	{ "quic.versions", "versions it offers, in hexadecimal" },
	/* games */
	{ "game.map", "the map that is played" },
	{ "game.mode", "the kind of game" },
	{ "game.version", "version of the game, as it says" },
	{ "minecraft.motd", "its message of the day" },
	{ "nse.*",
	    "what a script of nmap says, by its name: lines divided by ;" },
	{ "vuln.*", "what a script of nmap calls vulnerable, by its number: "
		    "VULNERABLE: title, LIKELY VULNERABLE: title" },
	{ NULL, NULL },
};

/* "nse.*" is the beginning of many. */
static bool
is_named(const struct fact_def *f, const char *name)
{
	const size_t n = strcspn(f->name, "*");

	return f->name[n] == '*' ? strncmp(f->name, name, n) == 0
				 : strcmp(f->name, name) == 0;
}

const struct fact_def *
fact_find(const char *name)
{
	const struct fact_def *f;

	for (f = fact_defs; f->name != NULL; f++)
		if (is_named(f, name))
			return f;
	return NULL;
}
