/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TARGET_WORD_H
#define MODEL_TARGET_WORD_H

#include "model/target_range.h"

/* One word that names targets, as typed: what it means. */
enum target_word_kind {
	TARGET_WORD_OCTETS, /* IPv4: "10.0.0-3.1,5", "10.0.*.1/28" */
	TARGET_WORD_RANGE,  /* IPv6 that lies in one net */
	TARGET_WORD_NETS,   /* IPv6 with a prefix below 64: range.net is 0, lo
			     * and hi are nets */
	TARGET_WORD_NAME    /* to be looked up */
};
#define TARGET_NO_PREFIX 255
struct target_word {
	enum target_word_kind kind;
	/* Which values each of the four numbers may have. */
	uint64_t octet[4][256 / 64];
	struct range range;
	char *name; /* owned; "web", "fe80::1%eth0" */
	uint8_t prefix;
};

/* 0, or -EINVAL and a sentence that names the word. Nothing is owned then. */
int target_word_parse(struct target_word *, const char *word, char **cause);
void target_word_done(struct target_word *);
/* Of octets: how many ranges they are, and these. */
uint64_t target_word_pieces(const struct target_word *);
void target_word_put(const struct target_word *, struct ranges *);
/* An address and the net it is in. prefix fits its family, or is none. */
void target_word_of_addr(
    struct target_word *, const struct scan_addr *, uint8_t prefix);
/* How many addresses; a name is one, or its net's as IPv4; saturates. */
uint64_t target_word_count(const struct target_word *);
/* The word for a sentence: clean, not too long; the caller's. */
char *target_word_text(const char *word, size_t len);

#endif
