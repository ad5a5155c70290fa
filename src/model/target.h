/* SPDX-License-Identifier: ISC */
#ifndef MODEL_TARGET_H
#define MODEL_TARGET_H

#include "model/scan.h"

/*
 * What is to be scanned, as sets of addresses: names, addresses, CIDR,
 * octet ranges ("10.0.0-3.1,5"), less what is excluded. Ranges are kept, not
 * addresses: memory does not grow with a network's size.
 *
 *	target_add() .. target_exclude() ..	words as typed
 *	target_names(), target_resolved() ..	names are looked up elsewhere
 *	target_seal()				sorted, each address once
 *	target_count(), target_at()
 */
struct target_set;

#define TARGET_HOSTS_MAX (UINT64_C(1) << 48)

/* family 4, 6: other addresses are refused; 0: either. */
struct target_set *target_new(uint8_t family);
void target_free(struct target_set *);
/* One word. 0, or -EINVAL and a sentence that names it. */
int target_add(struct target_set *, const char *word, char **cause);
int target_exclude(struct target_set *, const char *word, char **cause);
/* All words of a text, divided by blanks, commas not; "#" to the end of the
 * line is left out. where: NULL, or "FILE" for sentences with line numbers. */
int target_add_text(struct target_set *, const char *text, size_t len,
    const char *where, char **cause);
int target_exclude_text(struct target_set *, const char *text, size_t len,
    const char *where, char **cause);
/* What nobody means: multicast, 0/8, 240/4, the limited broadcast, ::,
 * ff00::/8 (RFC 6890, RFC 4291). target_hidden() counts. */
void target_exclude_special(struct target_set *);
/* One more range: a local net's broadcast address. */
void target_exclude_addr(struct target_set *, const struct scan_addr *);

/*
 * Host names to be looked up, each once, however often and for whatever it was
 * named ("web", "web/28", an exclude: two lookups might have two answers).
 * NULL at the end. "fe80::1%eth0" is one, too: getaddrinfo() knows the number
 * of eth0.
 */
struct target_use;
struct target_name {
	char *name;
	bool target, exclude; /* what it is named for: one of them, or both */
	bool resolved;
	struct target_use *use; /* private */
	size_t nuse, cap_use;
};
struct target_name *target_name_at(struct target_set *, size_t i);
/* The first address is what is scanned (and excluded); others that the name
 * has are excluded if it is an exclude. 0, or -EINVAL and a sentence: it has
 * the wrong family, or the prefix is too long for it. */
int target_resolved(struct target_set *, struct target_name *,
    const struct scan_addr *, char **cause);

/* Sorted, merged, excludes taken out; nothing can be added any more. 0; -E2BIG
 * and a sentence: more than TARGET_HOSTS_MAX. */
int target_seal(struct target_set *, char **cause);
/* Before sealing: an upper limit, a name counts as one; saturates. For the
 * question whether so many are meant. */
uint64_t target_estimate(const struct target_set *);
/* After it. */
uint64_t target_count(const struct target_set *);
uint64_t target_hidden(const struct target_set *); /* excluded */
/* Of these, those that only target_exclude_special(), target_exclude_addr()
 * took out. */
uint64_t target_hidden_special(const struct target_set *);
/* index < target_count(): IPv4 before IPv6, by address. */
void target_at(const struct target_set *, uint64_t index, struct scan_addr *);
bool target_has(const struct target_set *, const struct scan_addr *);
uint64_t target_digest(const struct target_set *); /* for start.plan */

#endif
