/* SPDX-License-Identifier: ISC */
#ifndef KNOW_FINDING_H
#define KNOW_FINDING_H

#include <stdbool.h>
#include <stddef.h>

/* How bad it is, as CVSS names its steps. */
enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};
const char *severity_name(enum severity); /* "medium" */
bool severity_find(const char *, enum severity *ret);

/* What may be wrong with a service, in words: one table. */
struct finding_def {
	const char *id; /* "redis-no-auth" */
	enum severity severity;
	const char *title;  /* "Redis answers without a password" */
	const char *why;    /* what follows */
	const char *remedy; /* what to do, with the setting's name */
	const char *source; /* RFC, vendor's document */
};
extern const struct finding_def finding_defs[]; /* id == NULL ends */
const struct finding_def *finding_find(const char *id);

#endif
