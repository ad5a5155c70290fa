/* SPDX-License-Identifier: ISC */
/* Names of users. What /proc says is parsed in base/procfs.c. */
#include "config.h"

#include "collect/procfs.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"

struct user_cache {
	struct hash by_uid;
	struct {
		uint32_t uid;
		char *name;
	} * at;
	size_t n, cap;
};

static uint64_t
user_key(const void *arg, uint32_t i)
{
	const struct user_cache *c = arg;

	return c->at[i].uid;
}

struct user_cache *
user_cache_new(void)
{
	struct user_cache *c = xcalloc(1, sizeof(*c));

	hash_init(&c->by_uid, user_key, c);
	return c;
}

void
user_cache_free(struct user_cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		free(c->at[i].name);
	free(c->at);
	hash_done(&c->by_uid);
	free(c);
}

static char *
user_lookup(uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char stack[4096], *buf = stack, *name;
	size_t size = sizeof(stack);
	int r;

	/* A directory service may have long records. */
	while ((r = getpwuid_r(uid, &pw, buf, size, &found)) == ERANGE &&
	       size < (1u << 20)) {
		size *= 4;
		buf = xrealloc(buf == stack ? NULL : buf, size);
	}
	if (r == 0 && found != NULL && found->pw_name != NULL &&
	    *found->pw_name != '\0')
		name = text_clean(found->pw_name, strlen(found->pw_name));
	else
		xasprintf(&name, "%u", uid);
	if (buf != stack)
		free(buf);
	return name;
}

const char *
user_cache_name(struct user_cache *c, uint32_t uid)
{
	uint32_t i = hash_find(&c->by_uid, uid);

	if (i != HASH_NONE)
		return c->at[i].name;
	c->at = array_grow(c->at, &c->cap, c->n + 1, sizeof(*c->at));
	c->at[c->n].uid = uid;
	c->at[c->n].name = user_lookup(uid);
	hash_add(&c->by_uid, uid, (uint32_t)c->n);
	return c->at[c->n++].name;
}
