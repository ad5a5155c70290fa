/* SPDX-License-Identifier: ISC */
/*
 * Notes on ports: other uses, other names, common errors. By port.
 */
#include "config.h"

#include "know/port_note.h"

#include <stddef.h>

#include "know/state.h"

/* clang-format off */
const struct port_note port_notes[] = {
	{ .port = 7,
	    .myth = "\"Ping uses port 7\": ping is ICMP, which has no ports.",
	    .see = "ICMP",
	    .source = "RFC 792; RFC 862" },
	{ .port = 20, .proto = SOCK_TCP,
	    .myth =
		"\"FTP data goes over port 20\": in active mode only, where the "
		"server connects from 20 to the client. In passive mode, which "
		"clients use today, the data has a port that the server names.",
	    .see = "ftp, ssh",
	    .source = "RFC 959 section 3.3; RFC 1579" },
	{ .port = 21, .proto = SOCK_TCP,
	    .myth =
		"\"FTP, FTPS and SFTP are the same\": FTPS is FTP inside of TLS "
		"(990, or 21 with AUTH TLS). SFTP is a part of SSH on port 22.",
	    .see = "ftps, ssh, TLS",
	    .source = "RFC 4217; RFC 959" },
	{ .port = 22, .proto = SOCK_TCP,
	    .also = "SFTP, scp, rsync and Git inside of SSH",
	    .myth =
		"\"Moving SSH to another port makes it secure\": it spares the "
		"noise in the log. Keys instead of passwords make it secure.",
	    .see = "telnet, port knocking",
	    .source = "RFC 4253; sshd_config(5)" },
	{ .port = 23, .proto = SOCK_TCP,
	    .myth =
		"\"Telnet and SSH both log in, so either will do\": telnet "
		"sends all of it in the clear, the password too. SSH encrypts, "
		"and proves who the server is.",
	    .see = "ssh, telnet client",
	    .source = "RFC 854; RFC 4251" },
	{ .port = 25, .proto = SOCK_TCP,
	    .myth =
		"\"Mail programs send their mail on 25\": that is for one mail "
		"server to the next. Mail programs hand in mail on 465 or 587; "
		"many providers block 25.",
	    .see = "submissions, submission, STARTTLS",
	    .source = "RFC 5321; RFC 6409; RFC 8314" },
	{ .port = 43, .proto = SOCK_TCP,
	    .iana = "nicname",
	    .see = "https",
	    .source = "RFC 3912; RFC 9082" },
	{ .port = 53,
	    .myth =
		"\"DNS is UDP\": TCP belongs to it as well, for long answers "
		"and zone transfers. A firewall that admits UDP only breaks "
		"names.",
	    .see = "UDP, amplification, domain-s",
	    .source = "RFC 7766; RFC 1035" },
	{ .port = 67, .proto = SOCK_UDP,
	    .myth =
		"\"67 and 68 are the same port\": 67 is the server's, 68 the "
		"client's. Both are UDP; 67 is also where relays listen.",
	    .see = "bootpc, multicast",
	    .source = "RFC 2131 section 4.1" },
	{ .port = 68, .proto = SOCK_UDP,
	    .myth =
		"\"67 and 68 are the same port\": 68 is the client's, 67 the "
		"server's. Both are UDP.",
	    .see = "bootps",
	    .source = "RFC 2131 section 4.1" },
	{ .port = 80, .proto = SOCK_TCP,
	    .also =
		"ACME clients that prove a domain for a certificate answer here",
	    .myth =
		"\"A web page is fetched by port 80, and the answer comes back "
		"on port 80\": today nearly all pages come by 443 (https), over "
		"TCP or QUIC; 80 mostly redirects there. In both cases only the "
		"server has that port. The answer goes to the client's "
		"ephemeral port.\n"
		"\"You send your request to the router's port 80\": it is "
		"addressed to the server; the router passes it on.",
	    .see = "https, ephemeral port, NAT",
	    .source = "RFC 9110; RFC 8555 section 8.3" },
	{ .port = 110, .proto = SOCK_TCP,
	    .myth =
		"\"POP3 receives mail\": a mail program fetches it from its "
		"mailbox. The mailbox itself receives by SMTP on 25.",
	    .see = "pop3s, imaps, smtp",
	    .source = "RFC 1939; RFC 8314" },
	{ .port = 113, .proto = SOCK_TCP,
	    .myth =
		"\"Ident authenticates users\": it tells what the other machine "
		"claims about a connection's user. The RFC says itself that it "
		"is no means of authentication. IRC servers are not the only "
		"ones to ask.",
	    .see = "irc",
	    .source = "RFC 1413 section 6" },
	{ .port = 123, .proto = SOCK_UDP,
	    .see = "amplification, ntske",
	    .source = "RFC 5905; RFC 8915" },
	{ .port = 135,
	    .myth =
		"\"All of Windows' RPC is on 135\": it only tells a client on "
		"which port the service is, usually one from 49152 up.",
	    .see = "dynamic port, microsoft-ds",
	    .source =
		"Microsoft, service overview and network port requirements" },
	{ .port = 137,
	    .myth =
		"\"137 to 139 are Windows file sharing\": 137 looks up names, "
		"138 announces machines. Files go over 139 on old systems, else "
		"over 445.",
	    .see = "microsoft-ds",
	    .source = "RFC 1001; RFC 1002" },
	{ .port = 138,
	    .myth =
		"\"137 to 139 are Windows file sharing\": 138 carries datagrams "
		"that announce machines, 137 names. Files go over 139 on old "
		"systems, else over 445.",
	    .see = "microsoft-ds",
	    .source = "RFC 1001; RFC 1002" },
	{ .port = 139,
	    .myth =
		"\"137 to 139 are Windows file sharing\": 139 is, on old "
		"systems. 137 looks up names, 138 announces machines. Today "
		"files go over 445.",
	    .see = "microsoft-ds",
	    .source = "RFC 1001; RFC 1002" },
	{ .port = 143, .proto = SOCK_TCP,
	    .myth =
		"\"143 is HTTP over TLS\": it is IMAP. HTTP over TLS is 443.\n"
		"\"IMAP is better than POP3\": it is made for something else. "
		"IMAP leaves the mail on the server for several devices, POP3 "
		"fetches it.",
	    .see = "imaps, https, pop3s",
	    .source = "RFC 9051; RFC 8314" },
	{ .port = 161,
	    .myth =
		"\"SNMP is on TCP\": in practice on UDP. Agents take questions "
		"on 161, managers take alarms on 162.",
	    .see = "snmptrap, snmptls",
	    .source = "RFC 3417" },
	{ .port = 194,
	    .myth =
		"\"IRC is on 194\": that is what was assigned. Servers use "
		"6667, and 6697 with TLS.",
	    .see = "ircu, ircs-u",
	    .source = "IANA; RFC 7194" },
	{ .port = 389,
	    .myth =
		"\"LDAP is not encrypted\": it is not to begin with, but "
		"StartTLS on this port is the standard's own way. LDAPS on 636 "
		"is the other.",
	    .see = "ldaps, STARTTLS",
	    .source = "RFC 4513 section 3" },
	{ .port = 443,
	    .also =
		"OpenVPN, SSH and DNS over HTTPS, since firewalls admit it",
	    .myth =
		"\"443 is always the web\": a number does not tell the program. "
		"Anything may run there, encrypted or not.\n"
		"\"HTTPS is TCP\": HTTP/3 runs over QUIC, on 443/udp.",
	    .see = "TLS, QUIC, http",
	    .source = "RFC 9110; RFC 9114; RFC 8484" },
	{ .port = 445, .proto = SOCK_TCP,
	    .also = "Samba, its counterpart on Linux",
	    .see = "netbios-ssn",
	    .source = "IANA; smbd(8)" },
	{ .port = 465, .proto = SOCK_TCP,
	    .myth =
		"\"465 and 587 are both secure sending\": 465 is TLS from the "
		"first byte. 587 begins in the clear and changes to TLS by "
		"STARTTLS, which a client must insist on.\n"
		"\"465 is out of date\": it was for a time. RFC 8314 recommends "
		"it since 2018.",
	    .see = "submission, STARTTLS, TLS",
	    .source = "RFC 8314 section 3.3" },
	{ .port = 587, .proto = SOCK_TCP,
	    .myth =
		"\"465 and 587 are both secure sending\": 587 begins in the "
		"clear and changes to TLS by STARTTLS, which a client must "
		"insist on. 465 is TLS from the first byte.",
	    .see = "submissions, STARTTLS, smtp",
	    .source = "RFC 6409; RFC 8314" },
	{ .port = 631,
	    .myth =
		"\"631 is CUPS\": it is IPP, which most printers speak "
		"themselves. CUPS is one program that uses it.",
	    .see = "ipps",
	    .source = "RFC 8010; cupsd(8)" },
	{ .port = 993, .proto = SOCK_TCP,
	    .see = "imap, TLS",
	    .source = "RFC 8314" },
	{ .port = 995, .proto = SOCK_TCP,
	    .see = "pop3, TLS",
	    .source = "RFC 8314" },
	{ .port = 1433, .proto = SOCK_TCP,
	    .myth =
		"\"1433 and 1434 are the same service\": 1433/tcp is the "
		"database, 1434/udp the browser that tells which port an "
		"instance has.",
	    .see = "ms-sql-m",
	    .source =
		"Microsoft, configure the Windows firewall for SQL Server" },
	{ .port = 1434,
	    .myth =
		"\"1433 and 1434 are the same service\": 1434/udp is the "
		"browser that tells which port an instance has, 1433/tcp the "
		"database.",
	    .see = "ms-sql-s",
	    .source =
		"Microsoft, configure the Windows firewall for SQL Server" },
	{ .port = 1521, .proto = SOCK_TCP,
	    .myth =
		"\"1521 is assigned to Oracle\": IANA has it for nCube's "
		"licences. Oracle uses it nevertheless; its own are 2483 and "
		"2484 (TLS).",
	    .see = "ttc, ttc-ssl",
	    .source = "IANA" },
	{ .port = 1723, .proto = SOCK_TCP,
	    .myth =
		"\"PPTP is a VPN connection on 1723\": 1723 is its control "
		"only; the packets travel in GRE, which has no ports. Its "
		"encryption is broken: do not use it.",
	    .see = "VPN, wireguard, openvpn",
	    .source = "RFC 2637; Microsoft security advisory 2743314" },
	{ .port = 1812, .proto = SOCK_UDP,
	    .myth =
		"\"1812 and 1813 are both authentication\": 1812 is, 1813 is "
		"accounting: who was connected, for how long.",
	    .see = "radius-acct, radsec",
	    .source = "RFC 2865; RFC 2866" },
	{ .port = 1813, .proto = SOCK_UDP,
	    .myth =
		"\"1812 and 1813 are both authentication\": 1813 is accounting: "
		"who was connected, for how long. 1812 is authentication.",
	    .see = "radius, radsec",
	    .source = "RFC 2865; RFC 2866" },
	{ .port = 1935, .proto = SOCK_TCP,
	    .iana = "macromedia-fcs",
	    .see = "QUIC",
	    .source = "IANA" },
	{ .port = 2049,
	    .myth =
		"\"NFS asks for a password\": without Kerberos or TLS it "
		"believes what number the client says its user has.",
	    .see = "sunrpc, mountd",
	    .source = "RFC 7530; RFC 9289" },
	{ .port = 3121, .proto = SOCK_TCP,
	    .iana = "pcmk-remote",
	    .source = "IANA" },
	{ .port = 3306, .proto = SOCK_TCP,
	    .myth =
		"\"MySQL is in LISTEN until somebody uses it, then "
		"ESTABLISHED\": the listening socket stays in LISTEN. Each "
		"client gets a socket of its own.",
	    .see = "listening, mysqlx, unix socket",
	    .source = "RFC 9293 section 3.3.2; IANA" },
	{ .port = 3307, .proto = SOCK_TCP,
	    .myth =
		"\"3307 is MySQL Cluster\": IANA has it for OP Session Proxy; "
		"by custom it is a second MySQL on one machine. MySQL Cluster's "
		"management is 1186, Galera's replication 4567.",
	    .see = "mysql, galera",
	    .source = "IANA" },
	{ .port = 3389,
	    .see = "VPN, rfb",
	    .source = "IANA" },
	{ .port = 5060,
	    .myth =
		"\"SIP carries the calls\": it sets them up. The voice goes by "
		"RTP, on ports that both sides agree on, mostly UDP.",
	    .see = "sips, avt-profile-1",
	    .source = "RFC 3261; RFC 3550" },
	{ .port = 5061,
	    .myth =
		"\"SIPS encrypts the calls\": it encrypts their set-up. The "
		"voice is encrypted if SRTP is used.",
	    .see = "sip",
	    .source = "RFC 3261; RFC 3711" },
	{ .port = 5351, .proto = SOCK_UDP,
	    .iana = "pcp",
	    .see = "NAT",
	    .source = "IANA; RFC 6887" },
	{ .port = 5353, .proto = SOCK_UDP,
	    .also =
		"browsers and media players, beside Avahi and systemd-resolved: "
		"several programs share it with SO_REUSEADDR",
	    .see = "multicast, llmnr, SO_REUSEADDR",
	    .source = "RFC 6762" },
	{ .port = 5432,
	    .see = "unix socket, pgbouncer",
	    .source = "IANA" },
	{ .port = 5900, .proto = SOCK_TCP,
	    .myth =
		"\"VNC is encrypted remote access\": the protocol's own "
		"password check is weak and the picture is in the clear, unless "
		"a newer security type or a tunnel is used.",
	    .see = "ssh, ms-wbt-server",
	    .source = "RFC 6143 section 7.2.2" },
	{ .port = 5985,
	    .myth =
		"\"5985 and 5986 are the same\": 5985 is HTTP, 5986 HTTPS. On "
		"5985 Windows encrypts the messages themselves, but not with "
		"Basic authentication.",
	    .see = "wsmans",
	    .source = "Microsoft, installation and configuration for WinRM" },
	{ .port = 6379, .proto = SOCK_TCP,
	    .myth =
		"\"Redis is only reached from inside\": it is a plain server "
		"without a password by default. Its protected mode refuses "
		"strangers until somebody turns that off.",
	    .see = "exposed, redis-tls",
	    .source = "Redis documentation, security" },
	{ .port = 8080,
	    .see = "http, https-alt",
	    .source = "IANA" },
	{ .port = 8443, .proto = SOCK_TCP,
	    .myth =
		"\"8443 is assigned to HTTPS\": IANA has it for PCsync. As a "
		"second HTTPS it is custom only.",
	    .see = "https, http-alt",
	    .source = "IANA" },
	{ .port = 8953, .proto = SOCK_TCP,
	    .iana = "ub-dns-control",
	    .source = "IANA" },
	{ .port = 9000, .proto = SOCK_TCP,
	    .myth =
		"\"9000 is assigned to PHP-FPM\": IANA has it for CSlistener. "
		"PHP-FPM speaks FastCGI there, and often uses a Unix socket "
		"instead.",
	    .see = "Unix socket, port conflict",
	    .source = "IANA; PHP manual, FPM" },
	{ .port = 9200, .proto = SOCK_TCP,
	    .myth =
		"\"9200 is assigned to Elasticsearch\": IANA has it for WAP "
		"(wap-wsp). Elasticsearch uses it by custom, and 9300 between "
		"its nodes.",
	    .see = "elasticsearch-node",
	    .source = "IANA" },
	{ .port = 11211,
	    .myth =
		"\"Memcached is internal\": it has no login, and over UDP it "
		"amplified the largest floods of 2018. UDP is off by default "
		"since version 1.5.6.",
	    .see = "amplification, exposed",
	    .source = "memcached 1.5.6 release notes; RFC 8085" },
	{ .port = 25565,
	    .myth =
		"\"25565 is every Minecraft\": it is the Java edition. Bedrock "
		"servers use 19132/udp.",
	    .see = "minecraft-be",
	    .source = "Minecraft" },
	{ .source = NULL }
};
/* clang-format on */

const struct port_note *
port_note(uint16_t port, unsigned proto, unsigned *i)
{
	const struct port_note *n;

	while ((n = &port_notes[*i])->source != NULL) {
		(*i)++;
		if (n->port == port &&
		    (proto == 0 || n->proto == 0 || n->proto == proto))
			return n;
	}
	return NULL;
}
