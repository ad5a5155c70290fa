/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "model/sock.h"

/*
 * Numbers that have names. Looking a name up never blocks: the collector
 * sends new names along with a reading, the resolver adds host names as they
 * arrive, and whoever draws finds them here or shows the number. One thread.
 */
enum name_kind {
	NAME_USER,  /* id: uid */
	NAME_IFACE, /* netns, id: ifindex */
	NAME_NETNS, /* id: nsfs inode -> "default", "web", "pid 812" */
	NAME_CGROUP /* id: cgroup v2 id -> path */
};

struct name {
	uint64_t id;
	uint32_t netns; /* NAME_IFACE only, else 0 */
	uint32_t kind;  /* enum name_kind */
	char *text;     /* clean */
};

struct names;

struct names *names_new(void);
void names_free(struct names *);
/* Replaces what was there; text is copied and must be clean. */
void names_set(struct names *, enum name_kind, uint32_t netns, uint64_t id,
    const char *text);
/* NULL: not known. Borrowed until the next names_set(). */
const char *names_get(
    const struct names *, enum name_kind, uint32_t netns, uint64_t id);

/* Host names. names_host() answers NULL when unknown and remembers that it
 * was asked; names_host_wanted() hands out what is still to be looked up
 * (each once), at most max. "" as a result means: has no name. */
const char *names_host(
    struct names *, const struct endpoint *, unsigned family);
void names_host_set(
    struct names *, const struct endpoint *, unsigned family, const char *text);
size_t names_host_wanted(
    struct names *, struct endpoint *addr, uint8_t *family, size_t max);

#endif
