/* SPDX-License-Identifier: ISC */
#ifndef MODEL_OS_INFO_H
#define MODEL_OS_INFO_H

#include <stdint.h>

/*
 * Which operating system a host may run, as a worker tells it: the likeliest,
 * up to three others, and what that rests on. "" or 0: not known. Text is
 * clean.
 */
enum os_basis {
	OS_BY_MEASURE,    /* its words were measured by us (know/os_family.h) */
	OS_BY_LITERATURE, /* they are from documents */
	OS_BY_NMAP        /* nmap says so */
};
#define OS_OTHERS   3
#define OS_SEEN_MAX 1280
struct os_info {
	char name[64];   /* "Linux 4.20 or later"; "": nothing fits */
	char family[32]; /* "Linux" */
	char vendor[32], generation[32];
	char type[32]; /* "general purpose", "router", .. */
	char cpe[64];
	uint8_t conf;  /* 0 .. 100 */
	uint8_t basis; /* enum os_basis */
	uint8_t ttl;   /* that it sends with; 0: nothing came */
	int distance;  /* hops: 0 for this machine, 1 for a neighbour; -1: not
			* known */
	uint16_t open, closed; /* TCP ports that were used; 0: none */
	char other[OS_OTHERS][64];
	uint8_t other_conf[OS_OTHERS];
	char seen[OS_SEEN_MAX]; /* what each test saw, "; " between */
};

#endif
