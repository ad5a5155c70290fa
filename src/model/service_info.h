/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SERVICE_INFO_H
#define MODEL_SERVICE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What answers behind a port, and how that was learnt. Evidence, not a
 * verdict: the bytes it rests on come along. All text is clean from the moment
 * it is stored (service_set() and service_fact() clean it), bounded, and ""
 * if it is not known.
 */
enum service_method {
	SERVICE_BY_PORT,  /* what the number stands for: nothing was asked */
	SERVICE_BY_TALK,  /* its protocol was spoken: "probed" */
	SERVICE_BY_MATCH, /* a line of a probe file matched: "probed" */
	SERVICE_BY_NMAP   /* nmap says so */
};

/* Things that were seen, by name: "tls.version", "ssh.hostkey", "auth". The
 * names are those of know/fact.h. */
#define SERVICE_FACTS_MAX    48
#define SERVICE_FACTS_BYTES  3000 /* names and values with their NULs */
#define SERVICE_EVIDENCE_MAX 384

struct service_info {
	char name[32]; /* IANA's: "http", "ssh"; "": unknown */
	bool tls;      /* spoken inside TLS from the first byte */
	char product[80], version[48];
	char extra[128]; /* "protocol 2.0; Debian-2+deb12u3" */
	char host[96];   /* what it calls itself */
	char os[48];     /* what it says it runs on */
	char device[32]; /* "printer", "router" */
	char cpe[96];    /* "cpe:/a:openbsd:openssh:9.2p1" */
	enum service_method method;
	uint8_t conf; /* 0 .. 10: 10 its protocol was spoken to the end, 8 a
		       * text that says so, 5 it looks like it, 3 its port */
	char how[48]; /* which conversation or line: "http", "probes:120" */
	/* The bytes it rests on, escaped (text_clean()), cut. */
	char evidence[SERVICE_EVIDENCE_MAX];
	uint16_t nfacts;
	uint16_t facts_len;
	char facts[SERVICE_FACTS_BYTES]; /* name NUL value NUL, .. */
	uint32_t took_ms;
};

void service_init(struct service_info *);
/* field: one of the arrays above, with its size; cut at a character. */
void service_set(char *field, size_t size, const void *raw, size_t len);
void service_setf(char *field, size_t size, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds one, or replaces its value; too many are left out. */
void service_fact(
    struct service_info *, const char *name, const void *raw, size_t len);
void service_factf(struct service_info *, const char *name, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* NULL: not seen. */
const char *service_fact_get(const struct service_info *, const char *name);
/* The i-th, from 0; false: no more. */
bool service_fact_at(const struct service_info *, size_t i, const char **name,
    const char **value);
void service_evidence(struct service_info *, const void *raw, size_t len);
/* "nginx 1.22.1 (extra)"; nothing, if nothing is known. */
void service_put_version(struct buf *, const struct service_info *);
/* Of two answers for one port the better: more sure, then more known. */
bool service_better(
    const struct service_info *, const struct service_info *than);

#endif
