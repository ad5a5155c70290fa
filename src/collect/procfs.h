/* SPDX-License-Identifier: ISC */
#ifndef COLLECT_PROCFS_H
#define COLLECT_PROCFS_H

#include <stdint.h>

#include "base/procfs.h"

/* Names of users, looked up once each: getpwuid_r(3) may be slow. */
struct user_cache;
struct user_cache *user_cache_new(void);
void user_cache_free(struct user_cache *);
/* Clean; the number itself for an uid without an account. Borrowed until the
 * cache is freed. */
const char *user_cache_name(struct user_cache *, uint32_t uid);

#endif
