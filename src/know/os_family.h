/* SPDX-License-Identifier: ISC */
#ifndef KNOW_OS_FAMILY_H
#define KNOW_OS_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How TCP/IP stacks differ in what the standards leave to them. A feature is
 * what can be seen of one from outside, as a word; a family is which words it
 * says. Values are measured by us, or taken from specifications, vendors'
 * documents, papers and published sources: `measured` and `source` say so. No
 * other tool's data base is copied.
 */
enum os_feature {
	OSF_OPTIONS,   /* of a SYN-ACK, all being offered */
	OSF_REVERSED,  /* the same, offered in another order */
	OSF_MSS_ALONE, /* of a SYN-ACK, only the MSS being offered */
	OSF_BARE,      /* nothing being offered */
	OSF_SCALE,     /* of the window */
	OSF_WINDOW,
	OSF_SEGMENTS, /* the window in segments */
	OSF_MSS,      /* whose MSS it says when ours is small */
	OSF_TTL,
	OSF_DF,
	OSF_ID,
	OSF_ISN,
	OSF_CLOCK, /* of timestamps */
	OSF_ECN,
	OSF_RST,
	OSF_RST_WINDOW,
	OSF_RST_TTL,
	OSF_RST_DF,
	OSF_ECHO_TTL,
	OSF_ECHO_DF,
	OSF_ECHO_CODE,
	OSF_ECHO_TOS,
	OSF_N
};
struct os_feature_def {
	const char *name, *help; /* values, too */
	uint8_t weight;          /* how much it tells */
	bool ip4;                /* IPv6 has none */
};
extern const struct os_feature_def os_features[OSF_N];

struct os_family {
	const char *name;   /* "Linux 4.20 or later" */
	const char *family; /* "Linux" */
	const char *vendor, *generation;
	const char *type; /* "general purpose", "router", .. */
	const char *cpe;  /* "cpe:/o:linux:linux_kernel" */
	bool measured;    /* by us; else it is from what `source` names */
	const char *source;
	/* Words, '|' between; NULL: not known, or any. */
	const char *want[OSF_N];
};
extern const struct os_family os_families[]; /* name == NULL ends */

/* Whether a value is one of a family's words. */
bool os_word_is(const char *want, const char *value);

#endif
