/* SPDX-License-Identifier: ISC */
/*
 * Two caches of names: of numbers and of hosts. Both are rings: a new entry
 * takes the oldest one's place once the ring is full, so that a deck that
 * runs for months does not grow. Nothing is looked up here, ever.
 */
#include "config.h"

#include "model/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xmalloc.h"

#define NAMES_MAX 65536
#define HOSTS_MAX 8192

enum host_state {
	HOST_WANTED, /* asked for by a reader */
	HOST_ASKED,  /* handed to the resolver */
	HOST_KNOWN
};

struct host {
	struct endpoint addr; /* port 0, IPv4-mapped as IPv4 */
	uint8_t family, state;
	char *text;
};

struct names {
	struct hash by_id;
	struct name *name;
	size_t n, cap;
	size_t oldest; /* its place is next, once n == NAMES_MAX */

	struct hash by_addr;
	struct host *host;
	size_t nhosts, hosts_cap;
	/* Places in order of arrival, counted for ever: host number i stands
	 * at i % HOSTS_MAX. */
	uint64_t arrived, handed;
};

static uint64_t
name_key(unsigned kind, uint32_t netns, uint64_t id)
{
	/* Ids of one kind and namespace never collide: a bijection of id. */
	return id ^ hash_mix((uint64_t)netns << 8 | (kind + 1));
}

static uint64_t
key_of_name(const void *arg, uint32_t i)
{
	const struct names *ns = arg;
	const struct name *n = &ns->name[i];

	return name_key(n->kind, n->netns, n->id);
}

/* The address as the cache knows it: without port, mapped IPv4 as IPv4. */
static uint8_t
host_normal(struct endpoint *ret, const struct endpoint *ep, unsigned family)
{
	memset(ret, 0, sizeof(*ret));
	if (family == 6 && endpoint_is_v4mapped(ep)) {
		memcpy(ret->addr, ep->addr + 12, 4);
		return 4;
	}
	memcpy(ret->addr, ep->addr, family == 4 ? 4 : sizeof(ret->addr));
	return family == 4 ? 4 : 6;
}

static uint64_t
host_key(const struct endpoint *ep, uint8_t family)
{
	return hash_bytes(ep->addr, sizeof(ep->addr), family);
}

static uint64_t
key_of_host(const void *arg, uint32_t i)
{
	const struct names *ns = arg;

	return host_key(&ns->host[i].addr, ns->host[i].family);
}

struct names *
names_new(void)
{
	struct names *ns = xcalloc(1, sizeof(*ns));

	hash_init(&ns->by_id, key_of_name, ns);
	hash_init(&ns->by_addr, key_of_host, ns);
	return ns;
}

void
names_free(struct names *ns)
{
	size_t i;

	if (ns == NULL)
		return;
	for (i = 0; i < ns->n; i++)
		free(ns->name[i].text);
	for (i = 0; i < ns->nhosts; i++)
		free(ns->host[i].text);
	hash_done(&ns->by_id);
	hash_done(&ns->by_addr);
	free(ns->name);
	free(ns->host);
	free(ns);
}

/* Room for one more entry of a ring; doubles up to max. */
static void *
ring_grow(void *items, size_t *cap, size_t need, size_t size, size_t max)
{
	if (need <= *cap)
		return items;
	*cap = *cap == 0 ? 64 : *cap * 2;
	if (*cap > max)
		*cap = max;
	return xreallocarray(items, *cap, size);
}

void
names_set(struct names *ns, enum name_kind kind, uint32_t netns, uint64_t id,
    const char *text)
{
	uint64_t key = name_key(kind, netns, id);
	uint32_t i = hash_find(&ns->by_id, key);
	struct name *n;

	if (i != HASH_NONE) {
		n = &ns->name[i];
		if (strcmp(n->text, text) == 0)
			return;
		free(n->text);
		n->text = xstrdup(text);
		return;
	}
	if (ns->n < NAMES_MAX) {
		ns->name = ring_grow(ns->name, &ns->cap, ns->n + 1,
		    sizeof(*ns->name), NAMES_MAX);
		i = (uint32_t)ns->n++;
	} else {
		i = (uint32_t)ns->oldest;
		ns->oldest = (ns->oldest + 1) % NAMES_MAX;
		hash_remove(&ns->by_id, key_of_name(ns, i));
		free(ns->name[i].text);
	}
	ns->name[i] = (struct name){
		.id = id, .netns = netns, .kind = kind, .text = xstrdup(text)
	};
	hash_add(&ns->by_id, key, i);
}

const char *
names_get(
    const struct names *ns, enum name_kind kind, uint32_t netns, uint64_t id)
{
	uint32_t i = hash_find(&ns->by_id, name_key(kind, netns, id));

	return i == HASH_NONE ? NULL : ns->name[i].text;
}

static struct host *
host_add(
    struct names *ns, const struct endpoint *addr, uint8_t family, uint64_t key)
{
	uint32_t i = (uint32_t)(ns->arrived++ % HOSTS_MAX);
	struct host *h;

	if (i == ns->nhosts) {
		ns->host = ring_grow(ns->host, &ns->hosts_cap, ns->nhosts + 1,
		    sizeof(*ns->host), HOSTS_MAX);
		ns->nhosts++;
	} else {
		hash_remove(&ns->by_addr, key_of_host(ns, i));
		free(ns->host[i].text);
	}
	h = &ns->host[i];
	*h = (struct host){
		.addr = *addr, .family = family, .state = HOST_WANTED
	};
	hash_add(&ns->by_addr, key, i);
	return h;
}

static bool
host_is(const struct host *h, const struct endpoint *addr, uint8_t family)
{
	return h->family == family &&
	       memcmp(h->addr.addr, addr->addr, sizeof(addr->addr)) == 0;
}

const char *
names_host(struct names *ns, const struct endpoint *ep, unsigned family)
{
	struct endpoint addr;
	uint8_t fam = host_normal(&addr, ep, family);
	uint64_t key = host_key(&addr, fam);
	uint32_t i = hash_find(&ns->by_addr, key);

	if (i == HASH_NONE) {
		host_add(ns, &addr, fam, key);
		return NULL;
	}
	/* A peer may choose its address so that the hash is another's: then
	 * it stays a number. */
	return host_is(&ns->host[i], &addr, fam) ? ns->host[i].text : NULL;
}

void
names_host_set(struct names *ns, const struct endpoint *ep, unsigned family,
    const char *text)
{
	struct endpoint addr;
	uint8_t fam = host_normal(&addr, ep, family);
	uint64_t key = host_key(&addr, fam);
	uint32_t i = hash_find(&ns->by_addr, key);
	struct host *h;

	h = i != HASH_NONE ? &ns->host[i] : host_add(ns, &addr, fam, key);
	if (!host_is(h, &addr, fam))
		return;
	free(h->text);
	h->text = xstrdup(text);
	h->state = HOST_KNOWN;
}

size_t
names_host_wanted(
    struct names *ns, struct endpoint *addr, uint8_t *family, size_t max)
{
	struct host *h;
	size_t n = 0;

	if (ns->arrived - ns->handed > HOSTS_MAX)
		ns->handed = ns->arrived - HOSTS_MAX;
	for (; n < max && ns->handed < ns->arrived; ns->handed++) {
		h = &ns->host[ns->handed % HOSTS_MAX];
		if (h->state != HOST_WANTED)
			continue;
		h->state = HOST_ASKED;
		addr[n] = h->addr;
		family[n++] = h->family;
	}
	return n;
}
