/* SPDX-License-Identifier: ISC */
/* TLS between two memory buffers. */
#include "config.h"

#include "probe/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "probe/tls_cert.h"

/* What old servers have is better than no answer; null ciphers are not: what
 * they would tell is in no need of TLS. */
#define CIPHERS "ALL:COMPLEMENTOFDEFAULT:!eNULL:@SECLEVEL=0"
#define GROUPS  "X25519:P-256:P-384:P-521:X448"

struct tls_lib {
	SSL_CTX *ctx;
};

struct tls {
	SSL *ssl;
	BIO *in, *out; /* ssl's */
	enum tls_state state;
	size_t taken;     /* bytes, until it is up */
	uint8_t first[6]; /* bytes it sent */
	uint8_t nfirst;
	bool speaks;
	int alert; /* what it sent, a description; -1: none */
};

static const struct {
	const char *name;
	int min, max;
} offers[] = {
	[TLS_OFFER_ALL] = { NULL, TLS1_VERSION, TLS1_3_VERSION },
	[TLS_OFFER_OLD] = { NULL, TLS1_VERSION, TLS1_2_VERSION },
	[TLS_OFFER_10] = { "TLSv1.0", TLS1_VERSION, TLS1_VERSION },
	[TLS_OFFER_11] = { "TLSv1.1", TLS1_1_VERSION, TLS1_1_VERSION },
	[TLS_OFFER_12] = { "TLSv1.2", TLS1_2_VERSION, TLS1_2_VERSION },
	[TLS_OFFER_13] = { "TLSv1.3", TLS1_3_VERSION, TLS1_3_VERSION },
};

const char *
tls_offer_name(enum tls_offer offer)
{
	return offers[offer].name;
}

/* -- the library ---------------------------------------------------------- */

static int
accept_all(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* One hello into nowhere: what is fetched when it is first used is there. */
static void
warm_up(struct tls_lib *lib)
{
	struct tls *t = tls_new(lib, NULL, TLS_ALPN_ANY, TLS_OFFER_ALL);
	struct buf out = { 0 };
	unsigned char some[16];

	tls_flush(t, &out);
	tls_take(t, "\x15\x03\x01\x00\x02\x02\x28", 7);
	tls_free(t);
	buf_done(&out);
	(void)RAND_bytes(some, sizeof(some));
}

struct tls_lib *
tls_lib_new(char **cause)
{
	struct tls_lib *lib = xcalloc(1, sizeof(*lib));
	char groups[] = GROUPS;

	/* The system's openssl.cnf would forbid old versions. */
	(void)OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG |
				   OPENSSL_INIT_LOAD_SSL_STRINGS |
				   OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
	    NULL);
	lib->ctx = SSL_CTX_new(TLS_client_method());
	if (lib->ctx == NULL ||
	    SSL_CTX_set_cipher_list(lib->ctx, CIPHERS) != 1) {
		xasprintf(cause, "OpenSSL cannot be set up: %s",
		    ERR_error_string(ERR_get_error(), NULL));
		tls_lib_free(lib);
		return NULL;
	}
	SSL_CTX_set_verify(lib->ctx, SSL_VERIFY_NONE, accept_all);
	SSL_CTX_set_options(
	    lib->ctx, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_COMPRESSION |
			  SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(lib->ctx, SSL_MODE_RELEASE_BUFFERS |
				       SSL_MODE_ENABLE_PARTIAL_WRITE |
				       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(lib->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(lib->ctx, TLS_SHAKE_MAX);
	(void)SSL_CTX_set1_groups_list(lib->ctx, groups);
	warm_up(lib);
	return lib;
}

void
tls_lib_free(struct tls_lib *lib)
{
	if (lib == NULL)
		return;
	SSL_CTX_free(lib->ctx);
	free(lib);
}

/* -- a connection --------------------------------------------------------- */

/* What the other end says in alerts. */
static void
on_info(const SSL *ssl, int where, int value)
{
	struct tls *t = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		t->alert = value & 0xff;
}

/* An address has no place in SNI (RFC 6066, 3). */
static bool
is_name(const char *host)
{
	unsigned char addr[16];

	return host != NULL && host[0] != '\0' && strlen(host) < 256 &&
	       inet_pton(AF_INET, host, addr) != 1 &&
	       inet_pton(AF_INET6, host, addr) != 1 &&
	       strchr(host, ':') == NULL;
}

static void
set_name(SSL *ssl, const char *host)
{
	char *name;

	if (!is_name(host))
		return;
	name = xstrdup(host);
	(void)SSL_set_tlsext_host_name(ssl, name);
	free(name);
}

static void
set_alpn(SSL *ssl, enum tls_alpn alpn)
{
	static const unsigned char all[] = "\2h2\10http/1.1";

	if (alpn == TLS_ALPN_ANY)
		(void)SSL_set_alpn_protos(ssl, all, sizeof(all) - 1);
	else if (alpn == TLS_ALPN_HTTP)
		(void)SSL_set_alpn_protos(ssl, all + 3, sizeof(all) - 4);
}

static void
step(struct tls *t)
{
	int r, e;

	if (t->state != TLS_SHAKING)
		return;
	ERR_clear_error();
	r = SSL_do_handshake(t->ssl);
	if (r == 1) {
		t->state = TLS_UP;
		return;
	}
	e = SSL_get_error(t->ssl, r);
	if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
		t->state = TLS_OVER;
	ERR_clear_error();
}

struct tls *
tls_new(struct tls_lib *lib, const char *host, enum tls_alpn alpn,
    enum tls_offer offer)
{
	struct tls *t = xcalloc(1, sizeof(*t));

	t->alert = -1;
	t->ssl = SSL_new(lib->ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (t->ssl == NULL || t->in == NULL || t->out == NULL) {
		BIO_free(t->in);
		BIO_free(t->out);
		t->state = TLS_OVER;
		return t;
	}
	BIO_set_mem_eof_return(t->in, -1);
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_app_data(t->ssl, t);
	SSL_set_info_callback(t->ssl, on_info);
	(void)SSL_set_min_proto_version(t->ssl, offers[offer].min);
	(void)SSL_set_max_proto_version(t->ssl, offers[offer].max);
	set_name(t->ssl, host);
	set_alpn(t->ssl, alpn);
	SSL_set_connect_state(t->ssl);
	step(t);
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_free(t->ssl);
	free(t);
}

enum tls_state
tls_state(const struct tls *t)
{
	return t->state;
}

/* The first record it sends tells: an alert or a server's hello, version 3.x.
 * (A client's comes back from who sends back everything.) */
static void
look(struct tls *t, const uint8_t *p, size_t n)
{
	for (; n > 0 && t->nfirst < sizeof(t->first); n--)
		t->first[t->nfirst++] = *p++;
	p = t->first;
	t->speaks =
	    t->nfirst == sizeof(t->first) && p[1] == 3 && p[2] <= 4 &&
	    ((p[0] == SSL3_RT_ALERT && p[3] == 0 && p[4] == 2) ||
		(p[0] == SSL3_RT_HANDSHAKE && p[5] == SSL3_MT_SERVER_HELLO));
}

void
tls_take(struct tls *t, const void *p, size_t n)
{
	if (t->state == TLS_OVER)
		return;
	if (t->nfirst < sizeof(t->first))
		look(t, p, n);
	t->taken += n;
	if (t->state == TLS_SHAKING && t->taken > TLS_SHAKE_MAX) {
		t->state = TLS_OVER;
		return;
	}
	if (BIO_write(t->in, p, (int)n) != (int)n)
		t->state = TLS_OVER;
	step(t);
}

void
tls_flush(struct tls *t, struct buf *out)
{
	size_t n;
	int k;

	if (t->ssl == NULL)
		return;
	while ((n = BIO_ctrl_pending(t->out)) > 0) {
		k = BIO_read(t->out, buf_reserve(out, n), (int)n);
		if (k <= 0)
			return;
		out->len += (size_t)k;
		out->data[out->len] = '\0';
	}
}

void
tls_read(struct tls *t, struct buf *in, size_t room)
{
	int n, e;

	while (t->state == TLS_UP && room > 0) {
		ERR_clear_error();
		n = SSL_read(t->ssl, buf_reserve(in, room), (int)room);
		if (n <= 0) {
			e = SSL_get_error(t->ssl, n);
			if (e != SSL_ERROR_WANT_READ &&
			    e != SSL_ERROR_WANT_WRITE)
				t->state = TLS_OVER;
			ERR_clear_error();
			return;
		}
		in->len += (size_t)n;
		in->data[in->len] = '\0';
		room -= (size_t)n;
	}
}

void
tls_write(struct tls *t, const void *p, size_t n)
{
	if (t->state == TLS_UP && n > 0 && SSL_write(t->ssl, p, (int)n) <= 0)
		t->state = TLS_OVER;
	ERR_clear_error();
}

/* -- what was seen -------------------------------------------------------- */

bool
tls_speaks(const struct tls *t)
{
	return t->speaks;
}

const char *
tls_alert(const struct tls *t)
{
	return t->alert < 0 ? NULL : SSL_alert_desc_string_long(t->alert);
}

static const char *
version_name(const SSL *ssl)
{
	size_t i;

	for (i = TLS_OFFER_10; i < nitems(offers); i++)
		if (SSL_version(ssl) == offers[i].min)
			return offers[i].name;
	return SSL_get_version(ssl);
}

void
tls_facts(const struct tls *t, struct service_info *info)
{
	const unsigned char *alpn;
	const char *cipher;
	unsigned len;
	X509 *x;

	if (t->ssl == NULL)
		return;
	if (!SSL_is_init_finished(t->ssl)) {
		if (tls_alert(t) != NULL)
			service_factf(info, "tls.alert", "%s", tls_alert(t));
		return;
	}
	service_factf(info, "tls.version", "%s", version_name(t->ssl));
	cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(t->ssl));
	service_factf(info, "tls.cipher", "%s", cipher);
	SSL_get0_alpn_selected(t->ssl, &alpn, &len);
	if (len > 0)
		service_fact(info, "tls.alpn", alpn, len);
	/* So many certificates are a flood, not a chain. */
	if (sk_X509_num(SSL_get_peer_cert_chain(t->ssl)) > TLS_CERTS_MAX)
		return;
	x = SSL_get1_peer_certificate(t->ssl);
	if (x != NULL)
		tls_cert_facts(x, info);
	X509_free(x);
}
