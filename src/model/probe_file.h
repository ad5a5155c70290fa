/* SPDX-License-Identifier: ISC */
#ifndef MODEL_PROBE_FILE_H
#define MODEL_PROBE_FILE_H

#include "model/service_info.h"

/*
 * Files of probes and matches, in the form that nmap documents for its own
 * ("Service and Application Version Detection", chapter "File format"; the
 * form as it is read here: sockdeck-probes(5)): Probe, match, softmatch,
 * ports, sslports, totalwaitms, tcpwrappedms, rarity, fallback, Exclude. Ours
 * is data/sockdeck-probes; a user's nmap-service-probes is read beside it as a
 * second opinion. Patterns are PCRE2's, with limits on matching (failures.md
 * N4). A pattern is compiled when an answer first gets so far, into no machine
 * code: a file of 12,000 lines is read in some milliseconds, and a sandbox
 * that allows no new code has no say.
 */
struct probe_files;

struct probe_files *probe_files_new(void);
void probe_files_free(struct probe_files *);
/* The text of one file; untrusted, bounded. 0, or -EINVAL and a sentence with
 * the line's number: nothing of it counts. A pattern that PCRE2 refuses leaves
 * out that line and is counted. */
int probe_files_add(struct probe_files *, const char *text, size_t len,
    const char *file, char **cause);

/* A question. That of another file with the same bytes is the same one. */
struct probe_def {
	const char *name; /* "NULL", "GetRequest" */
	uint8_t proto;    /* enum sock_proto */
	const uint8_t *bytes;
	size_t len;
	uint8_t rarity; /* 1 .. 9; 0 for NULL */
	uint32_t wait_ms, wrapped_ms;
	const char *file;
	bool second; /* its file was read behind another: an opinion */
};
size_t probe_files_count(const struct probe_files *);
const struct probe_def *probe_files_at(const struct probe_files *, size_t);
/* Its "ports" (tls: "sslports") name this one. */
bool probe_def_wants(const struct probe_files *, const struct probe_def *,
    uint16_t port, bool tls);
bool probe_files_excluded(
    const struct probe_files *, uint8_t proto, uint16_t port);
size_t probe_files_lines(const struct probe_files *); /* match, softmatch */
/* Those whose pattern PCRE2 refused, of the ones compiled so far. */
size_t probe_files_skipped(const struct probe_files *);
/* All patterns, now: to know how many are refused. */
void probe_files_compile(struct probe_files *);

/*
 * Which line matches this answer to this probe (NULL: to none, a greeting),
 * with its fallbacks: fills name, product, .. with $1, $P(), $SUBST(), $I()
 * done, and `how` with the line. True: a hard match; *soft: a soft one was met
 * first or only (then further lines of that service alone are tried). The rest
 * of *info is the caller's.
 */
bool probe_files_match(const struct probe_files *, const struct probe_def *,
    const uint8_t *answer, size_t len, bool tls, struct service_info *,
    bool *soft);

#endif
