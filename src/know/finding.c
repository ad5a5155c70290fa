/* SPDX-License-Identifier: ISC */
/*
 * What may be wrong with a service: one table. An entry says what follows and
 * what to do, with the setting's name; whether it is so is judged elsewhere
 * (model/finding.h).
 */
#include "config.h"

#include "know/finding.h"

#include <string.h>

#include "base/array.h"

const struct finding_def finding_defs[] = {
#include "know/finding_crypt.inc"
#include "know/finding_open.inc"
#include "know/finding_told.inc"
#include "know/finding_local.inc"
	{ NULL, SEVERITY_INFO, NULL, NULL, NULL, NULL },
};

static const char *const names[] = {
	[SEVERITY_INFO] = "info",
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

const char *
severity_name(enum severity severity)
{
	return names[severity];
}

bool
severity_find(const char *name, enum severity *ret)
{
	size_t i;

	for (i = 0; i < nitems(names); i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum severity)i;
			return true;
		}
	return false;
}

const struct finding_def *
finding_find(const char *id)
{
	const struct finding_def *d;

	for (d = finding_defs; d->id != NULL; d++)
		if (strcmp(d->id, id) == 0)
			return d;
	return NULL;
}
