/* SPDX-License-Identifier: ISC */
#ifndef KNOW_EOL_H
#define KNOW_EOL_H

#include <stddef.h>

/*
 * Branches that get no more mends from their makers, with the day from which
 * on, as they say. Only what they say is in it: a product that is not here, or
 * a branch that is newer than those listed, is not judged.
 */
struct eol {
	const char *branch; /* "7.4": compared number by number */
	int older;          /* and whatever came before it */
	const char *date;   /* "2022-11-28": the last day or the first without;
			     * where a month is said, its last */
};
struct eol_product {
	/* As service_info.product has it, perhaps with a number behind. */
	const char *product;
	/* How headers name it before a slash: "PHP" of "PHP/7.4"; or NULL. */
	const char *token;
	const char *title;        /* "PHP" */
	const char *source;       /* URL */
	const struct eol *branch; /* oldest first; branch == NULL ends */
	/* Distributions ship it, mend it, and leave no mark in its version:
	 * that it is an old one proves little. */
	int unmarked;
};
extern const struct eol_product eol_products[]; /* title == NULL ends */

/* The entry that a version belongs to, or NULL. */
const struct eol *eol_find(const struct eol_product *, const char *version);

/*
 * A distribution's release, by the marks its packages leave in a version:
 * "+deb11u3" anywhere; OpenSSH's "Debian-5" or "Ubuntu-4ubuntu0.3" with the
 * version that the release shipped. NULL: not known. *source: a URL.
 */
struct eol_release {
	const char *title;   /* "Debian 10 (buster)" */
	const char *mark;    /* "deb10", or NULL */
	const char *openssh; /* "7.9p1", or NULL */
	const char *date;    /* end of support without a contract */
};
const struct eol_release *eol_release(
    const char *packager, const char *openssh_version, const char **source);
/* Whether a text shows a distribution's package: those mend old versions
 * themselves. Its name, or NULL. */
const char *eol_packager(const char *);

/* Versions number by number, "1.10" after "1.9"; letters end a number. n: so
 * many numbers at most. < 0, 0, > 0. */
int eol_compare(const char *, const char *, unsigned n);

#endif
