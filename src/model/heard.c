/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/heard.h"

#include <stdlib.h>

#include "base/xmalloc.h"

struct heard_line {
	struct sock_key key;
	char *text;
};

static uint64_t
mix(struct sock_key key)
{
	return hash_mix(key.cookie ^ (uint64_t)key.netns << 32);
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct heard *h = arg;

	return mix(h->line[i].key);
}

void
heard_init(struct heard *h)
{
	*h = (struct heard){ 0 };
	hash_init(&h->index, key_of, h);
}

void
heard_done(struct heard *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		free(h->line[i].text);
	free(h->line);
	hash_done(&h->index);
}

void
heard_put(struct heard *h, struct sock_key key, const char *text)
{
	uint32_t i = hash_find(&h->index, mix(key));

	if (i != HASH_NONE) {
		free(h->line[i].text);
		h->line[i].text = xstrdup(text);
		return;
	}
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 16 : 2 * h->cap;
		h->line = xreallocarray(h->line, h->cap, sizeof(*h->line));
	}
	h->line[h->n] =
	    (struct heard_line){ .key = key, .text = xstrdup(text) };
	hash_add(&h->index, mix(key), (uint32_t)h->n++);
}

const char *
heard_get(const struct heard *h, struct sock_key key)
{
	uint32_t i = h->n == 0 ? HASH_NONE : hash_find(&h->index, mix(key));

	return i == HASH_NONE ? NULL : h->line[i].text;
}
