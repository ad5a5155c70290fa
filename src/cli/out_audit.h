/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUT_AUDIT_H
#define CLI_OUT_AUDIT_H

#include "cli/out.h"
#include "model/audit.h"

/* What `audit` found, as text or JSON. */
struct out_audit {
	const struct args *args;
	bool colour;
	size_t width;        /* of a terminal; 0: none, nothing is cut */
	bool probed;         /* services were asked */
	bool partial;        /* something could not be judged */
	size_t elsewhere;    /* listeners of other namespaces: not asked */
	enum severity least; /* what the exit status counts */
	int64_t now;
};
/* 0 or -errno. */
int out_audit(FILE *, const struct out_audit *, const struct audit *);
void out_audit_json(
    struct buf *, const struct out_audit *, const struct audit *);
/* "redis 7.0.15", "ssh OpenSSH 9.2p1", "ssl/http nginx"; "-" */
void out_audit_put_service(const struct audit_line *, struct buf *);
/* On standard error, a terminal, over itself; gone when all are told. */
void out_audit_progress(size_t told, size_t asked);

#endif
