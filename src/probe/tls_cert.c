/* SPDX-License-Identifier: ISC */
/* What a certificate says. It is a stranger's: names may be anything, times
 * may be none. */
#include "config.h"

#include "probe/tls_cert.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"

#define NAMES_MAX  64   /* of subjectAltName */
#define NAMES_TEXT 1000 /* bytes of them */

/* The first of these that is there: CN, else O. */
static void
fact_name(struct service_info *info, const char *fact, const X509_NAME *name)
{
	static const int nids[] = { NID_commonName, NID_organizationName,
		NID_organizationalUnitName };
	unsigned char *text = NULL;
	ASN1_STRING *s;
	int at, n;
	size_t i;

	for (i = 0; i < nitems(nids); i++) {
		at = X509_NAME_get_index_by_NID(name, nids[i], -1);
		if (at < 0)
			continue;
		s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		n = ASN1_STRING_to_UTF8(&text, s);
		if (n < 0)
			continue;
		service_fact(info, fact, text, (size_t)n);
		OPENSSL_free(text);
		return;
	}
}

static void
put_ip(struct buf *b, const ASN1_OCTET_STRING *ip)
{
	const unsigned char *p = ASN1_STRING_get0_data(ip);
	char text[TEXT_IP_MAX], *end = text;

	if (ASN1_STRING_length(ip) == 4)
		end = text_ipv4(text, p);
	else if (ASN1_STRING_length(ip) == 16)
		end = text_ipv6(text, p);
	buf_put(b, text, (size_t)(end - text));
}

static void
put_name(struct buf *b, const GENERAL_NAME *g)
{
	const ASN1_STRING *s = NULL;

	if (g->type == GEN_DNS)
		s = g->d.dNSName;
	else if (g->type == GEN_EMAIL)
		s = g->d.rfc822Name;
	else if (g->type == GEN_URI)
		s = g->d.uniformResourceIdentifier;
	else if (g->type != GEN_IPADD)
		return;
	if (b->len > 0)
		buf_putc(b, ' ');
	if (s == NULL)
		put_ip(b, g->d.iPAddress);
	else
		buf_put(
		    b, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static void
fact_names(struct service_info *info, X509 *x)
{
	GENERAL_NAMES *all;
	struct buf b = { 0 };
	int i;

	all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(all) && i < NAMES_MAX &&
		    b.len < NAMES_TEXT;
	     i++)
		put_name(&b, sk_GENERAL_NAME_value(all, i));
	if (b.len > 0)
		service_fact(info, "tls.names", b.data,
		    b.len < NAMES_TEXT ? b.len : NAMES_TEXT);
	buf_done(&b);
	GENERAL_NAMES_free(all);
}

static void
fact_time(struct service_info *info, const char *fact, const ASN1_TIME *t)
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return;
	service_factf(info, fact, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
}

/* "RSA 2048", "EC P-256", "Ed25519" */
static void
fact_key(struct service_info *info, X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	char group[64] = "";
	const char *curve;
	int nid;

	if (key == NULL)
		return;
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		service_factf(info, "tls.key", "RSA %d", EVP_PKEY_bits(key));
		break;
	case EVP_PKEY_DSA:
		service_factf(info, "tls.key", "DSA %d", EVP_PKEY_bits(key));
		break;
	case EVP_PKEY_EC:
		(void)EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
		nid = OBJ_txt2nid(group);
		curve = nid == NID_undef ? NULL : EC_curve_nid2nist(nid);
		service_factf(
		    info, "tls.key", "EC %s", curve != NULL ? curve : group);
		break;
	case EVP_PKEY_ED25519:
		service_factf(info, "tls.key", "Ed25519");
		break;
	case EVP_PKEY_ED448:
		service_factf(info, "tls.key", "Ed448");
		break;
	default:
		service_factf(
		    info, "tls.key", "%s", OBJ_nid2sn(EVP_PKEY_base_id(key)));
	}
}

void
tls_cert_facts(X509 *x, struct service_info *info)
{
	int nid = X509_get_signature_nid(x);

	fact_name(info, "tls.subject", X509_get_subject_name(x));
	fact_names(info, x);
	fact_name(info, "tls.issuer", X509_get_issuer_name(x));
	fact_time(info, "tls.not_before", X509_get0_notBefore(x));
	fact_time(info, "tls.not_after", X509_get0_notAfter(x));
	fact_key(info, x);
	service_factf(info, "tls.signature", "%s",
	    nid == NID_undef ? "unknown" : OBJ_nid2ln(nid));
	if (X509_self_signed(x, 1) == 1)
		service_factf(info, "tls.self_signed", "yes");
}
