/* SPDX-License-Identifier: ISC */
/* What the stages of a scan know of hosts, and what they have asked. */
#include "config.h"

#include "app/stage_hosts.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/xmalloc.h"

static uint64_t
host_key(const void *arg, uint32_t i)
{
	const struct stage_hosts *s = arg;

	return scan_addr_hash(&s->host[i]->addr, s->seed);
}

static uint64_t
question_hash(const struct stage_hosts *s, const struct stage_question *q)
{
	return hash_mix(
	    scan_addr_hash(&q->addr, s->seed) ^
	    ((uint64_t)q->stage << 32 | (uint64_t)q->proto << 16 | q->port));
}

static uint64_t
question_key(const void *arg, uint32_t i)
{
	const struct stage_hosts *s = arg;

	return question_hash(s, &s->question[i]);
}

struct stage_host *
stage_host_find(const struct stage_hosts *s, const struct scan_addr *a)
{
	const uint32_t i = hash_find(&s->by_addr, scan_addr_hash(a, s->seed));

	if (i == HASH_NONE || !scan_addr_eq(&s->host[i]->addr, a))
		return NULL;
	return s->host[i];
}

/* NULL: another address has its hash, which the seed makes a matter of chance:
 * then it has no later stages. */
struct stage_host *
stage_host_get(struct stage_hosts *s, const struct scan_addr *a)
{
	const uint64_t key = scan_addr_hash(a, s->seed);
	struct stage_host *h = stage_host_find(s, a);

	if (h != NULL || hash_find(&s->by_addr, key) != HASH_NONE)
		return h;
	h = xcalloc(1, sizeof(*h));
	h->addr = *a;
	h->open = h->closed = -1;
	s->host =
	    array_grow(s->host, &s->cap_host, s->nhost + 1, sizeof(*s->host));
	s->host[s->nhost] = h;
	hash_add(&s->by_addr, key, (uint32_t)s->nhost++);
	return h;
}

static void
host_free(struct stage_host *h)
{
	free(h->name);
	free(h);
}

/* The last one takes its place. */
void
stage_host_remove(struct stage_hosts *s, struct stage_host *h)
{
	const uint64_t key = scan_addr_hash(&h->addr, s->seed);
	const uint32_t i = hash_find(&s->by_addr, key);
	struct stage_host *last = s->host[s->nhost - 1];

	(void)hash_remove(&s->by_addr, key);
	if (last != h) {
		const uint64_t moved = scan_addr_hash(&last->addr, s->seed);

		(void)hash_remove(&s->by_addr, moved);
		s->host[i] = last;
		hash_add(&s->by_addr, moved, i);
	}
	s->nhost--;
	host_free(h);
}

struct stage_question *
stage_question_find(const struct stage_hosts *s, const struct stage_question *q)
{
	const uint32_t i = hash_find(&s->by_question, question_hash(s, q));
	struct stage_question *found;

	if (i == HASH_NONE)
		return NULL;
	found = &s->question[i];
	return scan_addr_eq(&found->addr, &q->addr) && found->port == q->port &&
		       found->proto == q->proto && found->stage == q->stage
		   ? found
		   : NULL;
}

bool
stage_question_add(struct stage_hosts *s, const struct stage_question *q)
{
	const uint64_t key = question_hash(s, q);

	if (hash_find(&s->by_question, key) != HASH_NONE)
		return false;
	s->question = array_grow(s->question, &s->cap_question,
	    s->nquestion + 1, sizeof(*s->question));
	s->question[s->nquestion] = *q;
	hash_add(&s->by_question, key, (uint32_t)s->nquestion++);
	return true;
}

void
stage_question_remove(struct stage_hosts *s, struct stage_question *q)
{
	struct stage_question *last = &s->question[s->nquestion - 1];

	(void)hash_remove(&s->by_question, question_hash(s, q));
	if (last != q) {
		(void)hash_remove(&s->by_question, question_hash(s, last));
		*q = *last;
		hash_add(&s->by_question, question_hash(s, q),
		    (uint32_t)(q - s->question));
	}
	s->nquestion--;
}

void
stage_hosts_init(struct stage_hosts *s)
{
	s->seed = scan_hash_seed();
	hash_init(&s->by_addr, host_key, s);
	hash_init(&s->by_question, question_key, s);
}

void
stage_hosts_done(struct stage_hosts *s)
{
	size_t i;

	for (i = 0; i < s->nhost; i++)
		host_free(s->host[i]);
	free(s->host);
	free(s->question);
	hash_done(&s->by_addr);
	hash_done(&s->by_question);
}
