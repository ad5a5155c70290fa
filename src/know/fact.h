/* SPDX-License-Identifier: ISC */
#ifndef KNOW_FACT_H
#define KNOW_FACT_H

#include <stddef.h>

/*
 * Names of what conversations see of a service (service_info.facts). A fact is
 * what was on the wire; what it means is a finding's affair (know/finding.h).
 */
struct fact_def {
	const char *name, *help; /* values, too */
};
/*
 * auth                 none | password | required | anonymous
 * tls.version          TLSv1.3 .. what was agreed on
 * tls.versions         all that were accepted, blank between (checks)
 * tls.cipher           the suite agreed on
 * tls.alpn             h2
 * tls.subject          CN of the certificate
 * tls.names            subjectAltName, blank between
 * tls.issuer           CN or O of its issuer
 * tls.not_before, tls.not_after    2026-11-27T00:00:00Z
 * tls.key              RSA 2048, EC P-256, Ed25519
 * tls.signature        sha256WithRSAEncryption
 * tls.self_signed      yes
 * tls.alert            the server's, where no handshake succeeded
 * starttls             yes | no: offered in clear text
 * tcp.ended            closed | reset: at once, before a byte came, whatever
 *                      was asked; refused: it does not listen any more
 * udp.refused          yes: nothing listens there
 * ssh.hostkeys         algorithms offered; ssh.kex, ssh.ciphers, ssh.macs
 * http.server, http.title, http.status, http.location, http.powered_by,
 * http.listing         yes: a directory listing
 * http.default_page    which product's
 * http.realm           of a login that is asked for
 * http.app             what runs behind the server: WordPress 6.1
 * http.version         2 alone: nothing older is spoken
 * amqp.mechanisms      PLAIN AMQPLAIN
 * sip.server, rtsp.server, minecraft.motd
 * dns.recursion        yes | no
 * ntp.mode6, ntp.monlist    yes: answered
 * snmp.community       public: answered
 * smb.dialects         NT LM 0.12, 2.02 .. 3.1.1; smb.signing required | off
 * ldap.anonymous       rootDSE | search
 * vnc.security         None, VNC authentication, ..
 * ftp.anonymous        yes
 * rpc.exports          /srv * | ..
 * x11.open             yes
 */
extern const struct fact_def fact_defs[]; /* name == NULL ends */
const struct fact_def *fact_find(const char *name);

#endif
