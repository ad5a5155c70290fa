/* SPDX-License-Identifier: ISC */
/* Rules of encryption: none at all, TLS, SSH. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "know/state.h"
#include "model/finding_rules.h"

#define SOON (14 * 24 * 3600) /* s: a certificate's end is near */

/* -- none ------------------------------------------------------------------ */

/* Services that have an encrypted form; .needs: a fact that must be there for
 * it to matter. `once`: they tell `starttls` only where it is "yes". */
static const struct clear {
	const char *service, *id;
	const char *fact, *value; /* NULL: whatever */
	bool once;
	enum severity most;
	const char *says;
} clears[] = {
	{ "ftp", "cleartext-login", NULL, NULL, false, SEVERITY_CRITICAL,
	    "AUTH TLS is not offered" },
	{ "imap", "cleartext-login", NULL, NULL, false, SEVERITY_CRITICAL,
	    "STARTTLS is not offered" },
	{ "pop3", "cleartext-login", NULL, NULL, false, SEVERITY_CRITICAL,
	    "STLS is not offered" },
	{ "sieve", "cleartext-login", NULL, NULL, false, SEVERITY_CRITICAL,
	    "STARTTLS is not offered" },
	{ "acap", "cleartext-login", NULL, NULL, false, SEVERITY_CRITICAL,
	    "STARTTLS is not offered" },
	{ "nntp", "cleartext-login", NULL, NULL, false, SEVERITY_LOW,
	    "STARTTLS is not offered" },
	{ "xmpp-client", "cleartext-login", NULL, NULL, false,
	    SEVERITY_CRITICAL, "STARTTLS is not offered" },
	{ "ldap", "cleartext-login", NULL, NULL, true, SEVERITY_CRITICAL,
	    "the rootDSE names no STARTTLS" },
	{ "poppassd", "cleartext-login", NULL, NULL, true, SEVERITY_CRITICAL,
	    "the protocol has no TLS" },
	{ "redis", "cleartext-login", "auth", "required", true, SEVERITY_LOW,
	    "a password is asked for outside of TLS" },
	{ "mqtt", "cleartext-login", "auth", "required", true, SEVERITY_LOW,
	    "a password is asked for outside of TLS" },
	{ "amqp", "cleartext-login", "auth", "required", true, SEVERITY_LOW,
	    "a password is asked for outside of TLS" },
	{ "stomp", "cleartext-login", "auth", "required", true, SEVERITY_LOW,
	    "a password is asked for outside of TLS" },
	{ "irc", "cleartext-login", "auth", "password", true, SEVERITY_LOW,
	    "a password is asked for outside of TLS" },
	{ "nut", "cleartext-login", NULL, NULL, true, SEVERITY_LOW,
	    "outside of TLS" },
	{ "smtp", "smtp-no-tls", NULL, NULL, false, SEVERITY_CRITICAL,
	    "EHLO names no STARTTLS" },
	{ "mysql", "database-cleartext", NULL, NULL, false, SEVERITY_CRITICAL,
	    "the greeting offers no TLS" },
	{ "mysqlx", "database-cleartext", NULL, NULL, false, SEVERITY_CRITICAL,
	    "its capabilities have no TLS" },
	{ "postgresql", "database-cleartext", NULL, NULL, false,
	    SEVERITY_CRITICAL, "SSLRequest was answered N" },
	{ "ms-sql-s", "database-cleartext", NULL, NULL, false,
	    SEVERITY_CRITICAL, "PRELOGIN: encryption is not supported" },
	{ "telnet", "telnet-cleartext", NULL, NULL, true, SEVERITY_CRITICAL,
	    "telnet is spoken outside of TLS" },
	{ "login", "shell-cleartext", NULL, NULL, true, SEVERITY_CRITICAL,
	    "rlogin is spoken" },
	{ "shell", "shell-cleartext", NULL, NULL, true, SEVERITY_CRITICAL,
	    "rsh is spoken" },
	{ "exec", "shell-cleartext", NULL, NULL, true, SEVERITY_CRITICAL,
	    "rexec is spoken" },
	{ "ms-wbt-server", "rdp-no-nla", "rdp.security", "rdp", false,
	    SEVERITY_CRITICAL, "RDP's own encryption was chosen" },
	{ "postgresql", "database-clear-password", "postgresql.method",
	    "clear text", true, SEVERITY_CRITICAL,
	    "AuthenticationCleartextPassword" },
};

static void
clear_text(struct finding_scene *s)
{
	bool offered = finding_fact_is(s, "starttls", "yes"),
	     not_offered = finding_fact_is(s, "starttls", "no");
	const struct clear *c;

	for (c = clears; c < clears + nitems(clears); c++)
		if (strcmp(c->service, s->info->name) == 0 &&
		    (c->once ? !offered : not_offered) &&
		    (c->fact == NULL || finding_fact_is(s, c->fact, c->value)))
			finding_add_at(s, c->most, c->id, "%s", c->says);
	if (strcmp(s->info->name, "smtp") == 0 && not_offered &&
	    finding_fact(s, "smtp.auth")[0] != '\0')
		finding_add(s, "cleartext-login",
		    "AUTH %s is offered, "
		    "STARTTLS is not",
		    finding_fact(s, "smtp.auth"));
	if (strcmp(s->info->name, "imap") == 0 && offered &&
	    !finding_fact_is(s, "imap.login", "disabled"))
		finding_add(s, "cleartext-allowed",
		    "CAPABILITY has STARTTLS, but no LOGINDISABLED");
}

static void
clear_http(struct finding_scene *s)
{
	const char *status = finding_fact(s, "http.status"),
		   *location = finding_fact(s, "http.location");

	if (status[0] == '\0')
		return;
	if (status[0] == '3' && strncmp(location, "https://", 8) == 0)
		return;
	if (strncmp(status, "401", 3) == 0)
		finding_add(s, "http-basic-cleartext", "%s, realm \"%s\"",
		    status, finding_fact(s, "http.realm"));
	else if (strcmp(s->info->name, "http") == 0)
		finding_add(
		    s, "http-cleartext", "answered outside of TLS: %s", status);
}

static void
clear_vnc(struct finding_scene *s)
{
	static const char *const kept[] = { "TLS", "VeNCrypt", "RA2", "SSH",
		"Secure Tunnel", "Diffie-Hellman" };
	const char *ways = finding_fact(s, "vnc.security");
	size_t i;

	for (i = 0; i < nitems(kept); i++)
		if (strstr(ways, kept[i]) != NULL)
			return;
	if (ways[0] != '\0')
		finding_add(s, "vnc-cleartext", "offered: %s", ways);
}

/* -- TLS ------------------------------------------------------------------- */

static void
tls_times(struct finding_scene *s)
{
	const char *end = finding_fact(s, "tls.not_after"),
		   *begin = finding_fact(s, "tls.not_before");
	char now[24], soon[24];

	finding_iso_time(now, s->now);
	finding_iso_time(soon, s->now + SOON);
	if (end[0] != '\0' && strcmp(end, now) < 0)
		finding_add(s, "tls-expired", "it ended at %s (%s)", end,
		    finding_fact(s, "tls.subject"));
	else if (end[0] != '\0' && strcmp(end, soon) < 0)
		finding_add(s, "tls-expires-soon", "it ends at %s (%s)", end,
		    finding_fact(s, "tls.subject"));
	if (begin[0] != '\0' && strcmp(begin, now) > 0)
		finding_add(s, "tls-not-yet-valid", "it begins at %s (%s)",
		    begin, finding_fact(s, "tls.subject"));
}

static void
tls_versions(struct finding_scene *s)
{
	const char *agreed = finding_fact(s, "tls.version"),
		   *all = finding_fact(s, "tls.versions");
	const char *seen = all[0] != '\0' ? all : agreed;
	bool present = finding_has_word(seen, "TLSv1.2") ||
		       finding_has_word(seen, "TLSv1.3") ||
		       finding_has_word(agreed, "TLSv1.2") ||
		       finding_has_word(agreed, "TLSv1.3");

	if (finding_has_word(seen, "SSLv3") || finding_has_word(seen, "SSLv2"))
		finding_add(s, "tls-ssl3", "accepted: %s", seen);
	if (!finding_has_word(seen, "TLSv1.0") &&
	    !finding_has_word(seen, "TLSv1.1") &&
	    !finding_has_word(seen, "TLSv1"))
		return;
	if (present)
		finding_add(s, "tls-old-version", "accepted: %s", seen);
	else
		finding_add(s, "tls-old-only", "accepted: %s", seen);
}

/* Bits of "RSA 1024", and of curves by the number in their name; 0: it has
 * none. */
static unsigned long
key_bits(const char *key)
{
	const char *p = strchr(key, ' ');

	if (p == NULL)
		return 0;
	p += strcspn(p, "0123456789");
	return *p == '\0' ? 0 : strtoul(p, NULL, 10);
}

static void
tls_certificate(struct finding_scene *s)
{
	static const char *const broken[] = { "md2", "md4", "md5", "sha1" };
	const char *key = finding_fact(s, "tls.key"),
		   *signature = finding_fact(s, "tls.signature");
	unsigned long bits = key_bits(key);
	bool own = finding_fact_is(s, "tls.self_signed", "yes");
	size_t i;

	if (own)
		finding_add(s, "tls-self-signed", "issuer and subject are %s",
		    finding_fact(s, "tls.subject"));
	if ((strncmp(key, "RSA ", 4) == 0 && bits < 2048) ||
	    strncmp(key, "DSA ", 4) == 0 ||
	    (strncmp(key, "EC ", 3) == 0 && bits >= 100 && bits < 224))
		finding_add(s, "tls-weak-key", "its key: %s", key);
	/* Nobody verifies what a certificate says of itself. */
	for (i = 0; i < nitems(broken) && !own; i++)
		if (text_contains(signature, broken[i])) {
			finding_add(
			    s, "tls-weak-signature", "signed by %s", signature);
			break;
		}
}

static void
tls_cipher(struct finding_scene *s)
{
	static const char *const weak[] = { "RC4", "NULL", "EXP", "DES-CBC",
		"DES-CBC3", "ADH-", "AECDH-", "MD5", "RC2", "anon" };
	static const char *const kept[] = { "ECDHE-", "DHE-", "EDH-", "TLS_",
		"ADH-", "AECDH-" };
	const char *cipher = finding_fact(s, "tls.cipher");
	size_t i;

	if (cipher[0] == '\0')
		return;
	for (i = 0; i < nitems(weak); i++)
		if (strstr(cipher, weak[i]) != NULL) {
			finding_add(
			    s, "tls-weak-cipher", "agreed on: %s", cipher);
			break;
		}
	for (i = 0; i < nitems(kept); i++)
		if (strncmp(cipher, kept[i], strlen(kept[i])) == 0)
			return;
	finding_add(s, "tls-no-forward-secrecy", "agreed on: %s (%s)", cipher,
	    finding_fact(s, "tls.version"));
}

/* -- SSH ------------------------------------------------------------------- */

static const struct weak {
	const char *fact, *id, *form;
	enum severity most;
} weaks[] = {
	{ "ssh.kex", "ssh-weak-kex", "diffie-hellman-group1-sha1",
	    SEVERITY_MEDIUM },
	{ "ssh.kex", "ssh-weak-kex", "rsa1024-sha1", SEVERITY_MEDIUM },
	{ "ssh.kex", "ssh-weak-kex", "gss-group1-sha1-*", SEVERITY_MEDIUM },
	{ "ssh.kex", "ssh-weak-kex", "diffie-hellman-group-exchange-sha1",
	    SEVERITY_LOW },
	{ "ssh.kex", "ssh-weak-kex", "diffie-hellman-group14-sha1",
	    SEVERITY_LOW },
	{ "ssh.kex", "ssh-weak-kex", "gss-gex-sha1-*", SEVERITY_LOW },
	{ "ssh.kex", "ssh-weak-kex", "gss-group14-sha1-*", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "none", SEVERITY_HIGH },
	{ "ssh.ciphers", "ssh-weak-cipher", "arcfour*", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "des-cbc*", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "3des-c*", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "blowfish-c*", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "cast128-c*", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "idea-cbc", SEVERITY_MEDIUM },
	{ "ssh.ciphers", "ssh-weak-cipher", "aes128-cbc", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "aes192-cbc", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "aes256-cbc", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "rijndael-cbc*", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "twofish-cbc", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "twofish128-cbc", SEVERITY_LOW },
	{ "ssh.ciphers", "ssh-weak-cipher", "twofish256-cbc", SEVERITY_LOW },
	{ "ssh.macs", "ssh-weak-mac", "none", SEVERITY_LOW },
	{ "ssh.macs", "ssh-weak-mac", "hmac-md5*", SEVERITY_LOW },
	{ "ssh.macs", "ssh-weak-mac", "hmac-sha1-96*", SEVERITY_LOW },
	{ "ssh.macs", "ssh-weak-mac", "hmac-ripemd160*", SEVERITY_LOW },
	{ "ssh.hostkeys", "ssh-weak-hostkey", "ssh-dss*", SEVERITY_MEDIUM },
	{ "ssh.hostkeys", "ssh-weak-hostkey", "ssh-rsa", SEVERITY_LOW },
};

/* One finding for all weak ones of a list, as grave as the worst of them. */
static void
ssh_list(struct finding_scene *s, const char *fact)
{
	const char *word = finding_fact(s, fact), *id = NULL;
	enum severity most = SEVERITY_INFO;
	struct buf b = { 0 };
	const struct weak *w;
	size_t n;

	for (; (n = finding_word(&word)) > 0; word += n)
		for (w = weaks; w < weaks + nitems(weaks); w++) {
			if (strcmp(w->fact, fact) != 0 ||
			    !finding_word_is(word, n, w->form))
				continue;
			id = w->id;
			if (w->most > most)
				most = w->most;
			buf_printf(
			    &b, "%s%.*s", b.len > 0 ? ", " : "", (int)n, word);
			break;
		}
	if (id != NULL)
		finding_add_at(
		    s, most, id, "offered: %.*s", (int)b.len, b.data);
	buf_done(&b);
}

/* What can be cut off unnoticed is what counts its messages and binds them to
 * nothing else: ChaCha20-Poly1305, and CBC with encrypt-then-MAC. Lists that
 * may have been cut prove nothing. */
static void
ssh_terrapin(struct finding_scene *s)
{
	const char *kex = finding_fact(s, "ssh.kex"),
		   *ciphers = finding_fact(s, "ssh.ciphers"),
		   *macs = finding_fact(s, "ssh.macs");

	if (kex[0] == '\0' || macs[0] == '\0' || strlen(kex) > 1400 ||
	    finding_has_word(kex, "kex-strict-s-v00@openssh.com"))
		return;
	if (finding_has_word(ciphers, "chacha20-poly1305*"))
		finding_add(s, "ssh-terrapin",
		    "chacha20-poly1305 is offered, kex-strict-s-v00 is not");
	else if (strstr(ciphers, "-cbc") != NULL &&
		 strstr(macs, "-etm@") != NULL)
		finding_add(s, "ssh-terrapin",
		    "CBC with -etm is offered, kex-strict-s-v00 is not");
}

static void
ssh(struct finding_scene *s)
{
	const char *protocol = finding_fact(s, "ssh.protocol");

	if (protocol[0] == '1')
		finding_add(s, "ssh-v1", "it says SSH-%s", protocol);
	ssh_list(s, "ssh.kex");
	ssh_list(s, "ssh.ciphers");
	ssh_list(s, "ssh.macs");
	ssh_list(s, "ssh.hostkeys");
	ssh_terrapin(s);
}

void
finding_crypt(struct finding_scene *s)
{
	if (!s->info->tls && s->proto == SOCK_TCP) {
		clear_text(s);
		clear_http(s);
		clear_vnc(s);
	}
	tls_versions(s);
	tls_times(s);
	tls_certificate(s);
	tls_cipher(s);
	ssh(s);
}
