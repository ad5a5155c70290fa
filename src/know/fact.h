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
/* By protocol. Values that mean more than they say are in their help. */
extern const struct fact_def fact_defs[]; /* name == NULL ends */
const struct fact_def *fact_find(const char *name);

#endif
