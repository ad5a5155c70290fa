/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_OWNER_QUEST_H
#define COLLECT_OWNER_QUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A socket that no new or changed process holds makes us read all processes
 * of its user, then all. On a busy machine there is always one (closed a
 * moment ago), so that search lives on a credit: a tenth of the time that
 * passes. What nobody was found to hold is not searched for again but once
 * a minute.
 */
struct owner_quest {
	uint32_t *vain; /* inodes, sorted */
	size_t n, cap;
	uint64_t again_ns;
	uint64_t credit_ns, credit_at_ns;
	uint64_t start_ns, cost_ns; /* of the last search */
};

void owner_quest_init(struct owner_quest *);
void owner_quest_done(struct owner_quest *);
bool owner_quest_in_vain(const struct owner_quest *, uint32_t inode);
/* Whether it is time to look for those again. */
bool owner_quest_again(const struct owner_quest *);
/* True: a search may begin; owner_quest_end() tells that it is over. */
bool owner_quest_begin(struct owner_quest *);
void owner_quest_end(struct owner_quest *);
/* These of inode[] (sorted) have no holder; the list replaces the old one. */
void owner_quest_give_up(struct owner_quest *, const uint32_t *inode,
    const uint32_t *index, size_t n);

#endif
