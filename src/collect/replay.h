/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_REPLAY_H
#define COLLECT_REPLAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/hash.h"
#include "collect/source.h"
#include "model/names.h"

/*
 * Reading files back. A recording is foreign text like any other: it may come
 * from another machine, be cut short or made up.
 */
#define REPLAY_LINE_MAX ((size_t)16 << 20)
#define REPLAY_FILE_MAX ((size_t)512 << 20) /* what must be read whole */
#define REPLAY_TEXT_MAX 8192                /* of one string */

/* replay_sock.c: a socket as row_json() writes it */

struct replay_sock {
	struct sock_rec rec;
	struct owners owners;
	struct sock_ext *ext;
	uint32_t age_ds;
};

/* A reading, and what the next one can share with it. */
struct replay_reading {
	struct replay_sock *sock;
	size_t n, cap;
	struct hash by_key; /* into sock[] */

	struct proc **proc; /* each with a reference */
	size_t nprocs, procs_cap;
	struct hash by_pid; /* into proc[] */

	struct names *known; /* borrowed; what was told before */
	struct name *name;   /* new ones */
	size_t nnames, names_cap;

	size_t skipped; /* objects that are no sockets */
	bool has_head;
	char *host;
	struct timespec wall; /* 0: not told */
	bool privileged;
	uint32_t hidden_owners;
	uint64_t count; /* sockets there should be; UINT64_MAX: not told */
	char **warning;
	size_t nwarnings;
};

/* Must not move in memory afterwards. */
void replay_reading_init(struct replay_reading *, struct names *known);
void replay_reading_done(struct replay_reading *);
void replay_sock_done(struct replay_sock *);
/* Fills *ret; processes are shared with before (NULL: none) where they are
 * the same. False: no socket. */
bool replay_sock_parse(const json_t *, struct replay_reading *,
    const struct replay_reading *before, struct replay_sock *ret);
void replay_head_parse(const json_t *, struct replay_reading *);
/* A clean copy of a string member; NULL: none. */
char *replay_text(const json_t *, const char *key);
bool replay_u32(const json_t *, const char *key, uint32_t *ret);
bool replay_u64(const json_t *, const char *key, uint64_t max, uint64_t *ret);

/* replay_ext.c: what the kernel tells only when asked */

void replay_ext_parse(const json_t *sock, struct replay_sock *);

/* replay_file.c: bytes, lines and JSON values */

enum replay_kind {
	REPLAY_LINES,
	REPLAY_DOCS,
	REPLAY_DIAG
};

struct replay_file {
	int fd;
	char *path; /* clean */
	enum replay_kind kind;
	char *data; /* what was read and not yet used: [pos, len) */
	size_t pos, len, cap;
	bool eof;
	uint64_t line;          /* number of the last one */
	uint64_t bad, bad_line; /* lines that are not JSON; the first one's */
};

int replay_file_open(struct replay_file *, const char *path, char **cause);
void replay_file_close(struct replay_file *);
/* The next JSON value: 1, 0 at the end, -errno and a sentence. */
int replay_file_next(struct replay_file *, json_t **ret, char **cause);

/* replay_diag.c: the messages that `ss -D` saves */

void replay_diag_read(const void *, size_t, const struct request *,
    const struct sink *, struct snap *);

#endif
