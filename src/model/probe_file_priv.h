/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PROBE_FILE_PRIV_H
#define MODEL_PROBE_FILE_PRIV_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>

#include "model/probe_file.h"
#include "model/scan_ports.h"

/* Inside model/probe_*.c. */

#define PREFIX_MAX    12
#define FALLBACKS_MAX 20
#define GROUPS_MAX    10 /* $1 .. $9, and the whole */

/* A part of a file's text. */
struct words {
	const char *p;
	size_t len;
};

/* "match" or "softmatch". */
struct probe_line {
	struct words name, pattern, fields;
	uint32_t number;
	uint16_t file;
	bool soft, caseless, dotall, refused;
	/* What each answer that it matches begins with, so far as that is
	 * plain; most are told by it to be others, and are never compiled. */
	uint8_t nprefix;
	char prefix[PREFIX_MAX];
	pcre2_code *code; /* NULL: not needed yet */
};

struct port_range {
	uint16_t lo, hi;
};
struct port_ranges {
	struct port_range *range;
	size_t n, cap;
};

struct probe {
	struct probe_def def; /* first: def's address is the probe's */
	uint16_t file;
	size_t first, nlines; /* of files->lines */
	struct port_ranges ports, sslports;
	struct words fallback;
	uint32_t fallback_line;
	const struct probe *fallbacks[FALLBACKS_MAX]; /* of its file */
	unsigned nfallbacks;
	struct probe *same; /* another file's with the same bytes */
};

struct probe_text {
	char *name; /* its path */
	char *text;
	const struct probe *null; /* what greetings are held against, or NULL */
};

struct probe_files {
	struct probe_text *files;
	size_t nfiles, cap_files;
	struct probe **probes;
	size_t nprobes, cap_probes;
	struct probe **asks; /* those that are no other's `same` */
	size_t nasks, cap_asks;
	struct probe_line *lines;
	size_t nlines, cap_lines;
	struct scan_ports *exclude;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

/* Compiled if it was not yet; false: PCRE2 refuses it. */
bool probe_line_compile(struct probe_line *);
/* Limits of matching, and room for what is found. */
void probe_match_init(struct probe_files *);
void probe_line_prefix(struct probe_line *);

/* "p/OpenSSH/": the next of a line's fields. 1: there is one; 0: no more;
 * -EINVAL: what is there is none. key: one of "pviohd", 'c' for cpe:. */
int probe_field_next(struct words *rest, char *key, struct words *value);

#endif
