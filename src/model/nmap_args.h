/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NMAP_ARGS_H
#define MODEL_NMAP_ARGS_H

#include "model/scan.h"

/*
 * nmap's command line for a scan. Targets and what is excluded are read from
 * descriptors, so that no list is too long and no word is an option.
 */
#define NMAP_FD_TARGETS 3
#define NMAP_FD_EXCLUDE 4

/* All borrowed. */
struct nmap_asked {
	const struct scan_spec *spec;
	uint64_t hosts;        /* how many will be scanned, for progress */
	bool services, os;     /* -sV, -O */
	bool all;              /* -A */
	const char *scripts;   /* --script, as nmap takes it; NULL: none */
	const char *arguments; /* --script-args; NULL: none */
};

/* NULL ends it; nmap_args_free() takes it. 0, or -EINVAL and a sentence: nmap
 * cannot do that. */
int nmap_args(const struct nmap_asked *, char ***ret, char **cause);
void nmap_args_free(char **);

#endif
