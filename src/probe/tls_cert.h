/* SPDX-License-Identifier: ISC */
#ifndef PROBE_TLS_CERT_H
#define PROBE_TLS_CERT_H

#include <openssl/x509.h>

#include "model/service_info.h"

/* What a certificate says, as facts. */
void tls_cert_facts(X509 *, struct service_info *);

#endif
