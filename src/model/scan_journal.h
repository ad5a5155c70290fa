/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SCAN_JOURNAL_H
#define MODEL_SCAN_JOURNAL_H

#include "model/scan.h"

/*
 * The journal of a scan: a file of lines that is only ever appended to, from
 * which the scan goes on after whatever ended it.
 *
 *	{"journal":1,"program":"0.1.0","began":1764212345,"command":".."}
 *	{"op":"scan",..}	what is scanned, as the worker is asked
 *	{"ev":"hello",..}	a run's events, every one of them; resumed,
 *	..			the next run's follow: its hello has seq 0 again
 *
 * Text here, files are the caller's: he holds the file by flock(2), so that it
 * is not resumed twice at once; reads it to its end into
 * scan_journal_feed(); cuts it to scan_journal_whole() bytes, if a line was
 * torn; and writes on with O_APPEND, once a second at least.
 *
 * A file of `scan --jsonl` has events alone: the first two kinds of line stand
 * behind the first hello, as events "request" with seq and t_us. One without
 * them (a worker's own) can be merged (model/scan_merge.h), not resumed.
 */

/* What was asked, and by whom. Borrowed. */
struct journal_asked {
	const struct scan_spec *spec;
	int64_t began_s; /* since 1970 */
	const char *command;
	bool no_dns; /* -n: no name server is asked, by a later run neither */
};

/* What a new journal begins with. What is only this process's own (done
 * ports, its pid, --sandbox) is left out. */
void scan_journal_put(struct buf *, const struct journal_asked *);
/* The same as events, seq being the next one's. */
void scan_journal_put_events(
    struct buf *, const struct journal_asked *, uint64_t t_us, uint64_t *seq);

struct scan_journal;
struct scan_journal *scan_journal_new(const char *where); /* for sentences */
void scan_journal_free(struct scan_journal *);

/*
 * The next bytes, cut anywhere. 0; -EBADMSG and a sentence with the number of
 * the line: no journal, a line in the middle that is none, an event that is
 * missing, a run of another scan. Memory grows with the hosts that are not
 * over. tell may be NULL.
 */
int scan_journal_feed(struct scan_journal *, const char *data, size_t len,
    scan_take tell, void *arg, char **cause);

/* Nothing is in it, or the first line was torn: a new one may begin here. */
bool scan_journal_is_new(const struct scan_journal *);
uint64_t scan_journal_whole(const struct scan_journal *); /* bytes */
/* The last run came to its end, and all is done. */
bool scan_journal_is_over(const struct scan_journal *);
/*
 * What is left, as a new request: what was asked, with the seed, the technique
 * and the addresses of names as they were then, with what is done, and with the
 * plan, so that a worker to whom it means other hosts refuses.
 * Initialises it. 0, or -EINVAL and a sentence: it does not say what was
 * asked.
 */
int scan_journal_spec(
    const struct scan_journal *, struct scan_spec *ret, char **cause);

/* Whether this asks for the same scan: NULL, or what differs, "targets",
 * "ports", .. How fast it is to be is not compared. */
const char *scan_journal_differs(
    const struct scan_journal *, const struct scan_spec *);

/* As it was asked; NULL: it does not say. */
const struct scan_spec *scan_journal_asked(const struct scan_journal *);
const char *scan_journal_command(const struct scan_journal *); /* or "" */
int64_t scan_journal_began(const struct scan_journal *);       /* or 0 */
bool scan_journal_no_dns(const struct scan_journal *);
/* The first run's start, the last run's end; NULL: none. */
const struct scan_event *scan_journal_start(const struct scan_journal *);
const struct scan_event *scan_journal_end(const struct scan_journal *);

#endif
