/* SPDX-License-Identifier: ISC */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "model/service_info.h"

/*
 * TLS as a client that only looks: OpenSSL between two memory buffers, so that
 * it makes no system call but for random numbers. Nothing is verified and
 * everything is recorded, as facts (know/fact.h). Old servers are spoken to,
 * too: TLS 1.0 on, security level 0. Bounded: TLS_SHAKE_MAX bytes of a
 * handshake, TLS_CERTS_MAX certificates.
 */
#define TLS_SHAKE_MAX (64 * 1024)
#define TLS_CERTS_MAX 10

enum tls_alpn {
	TLS_ALPN_NONE,
	TLS_ALPN_ANY, /* h2 http/1.1: to see what it takes */
	TLS_ALPN_HTTP /* http/1.1 */
};
/* Which versions are offered. */
enum tls_offer {
	TLS_OFFER_ALL,
	TLS_OFFER_OLD, /* without 1.3, for those who choke on it */
	TLS_OFFER_10,  /* one alone */
	TLS_OFFER_11,
	TLS_OFFER_12,
	TLS_OFFER_13
};
const char *tls_offer_name(enum tls_offer); /* "TLSv1.3"; NULL: several */

/* Before the sandbox: whatever OpenSSL reads or fetches it has then. */
struct tls_lib;
struct tls_lib *tls_lib_new(char **cause);
void tls_lib_free(struct tls_lib *);

/* One connection. host: its name for SNI, or NULL; copied. */
struct tls;
struct tls *tls_new(
    struct tls_lib *, const char *host, enum tls_alpn, enum tls_offer);
void tls_free(struct tls *);

enum tls_state {
	TLS_SHAKING,
	TLS_UP,
	TLS_OVER /* failed, or ended: tls_speaks(), tls_alert() */
};
enum tls_state tls_state(const struct tls *);
/* What came from the other end. */
void tls_take(struct tls *, const void *, size_t);
/* What is to be sent to it, appended. */
void tls_flush(struct tls *, struct buf *out);
/* Inside: all that was deciphered so far, appended, at most `room` bytes. */
void tls_read(struct tls *, struct buf *in, size_t room);
void tls_write(struct tls *, const void *, size_t);

/* The other end spoke TLS, whatever came of it. */
bool tls_speaks(const struct tls *);
/* The alert it sent: "handshake failure"; NULL: none. */
const char *tls_alert(const struct tls *);
/* Facts of what was agreed on and of the certificate, once it is up; an alert,
 * if it failed. */
void tls_facts(const struct tls *, struct service_info *);

#endif
