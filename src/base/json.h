/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * A streaming JSON writer (reading is jansson's). Commas and nesting are the
 * writer's affair. Strings come out as valid UTF-8 whatever goes in; controls
 * and separators are escaped. jw_: jansson owns json_object() and the like, and
 * a program's own would be called by the library in their place.
 */
struct json {
	struct buf *out;
	unsigned depth;
	bool comma, key;
};

void jw_init(struct json *, struct buf *out); /* out is borrowed */
void jw_object(struct json *);
void jw_object_end(struct json *);
void jw_array(struct json *);
void jw_array_end(struct json *);
void jw_key(struct json *, const char *);
void jw_string(struct json *, const char *);
void jw_stringn(struct json *, const char *, size_t);
void jw_u64(struct json *, uint64_t);
void jw_i64(struct json *, int64_t);
void jw_double(struct json *, double); /* not finite: null */
void jw_bool(struct json *, bool);
void jw_null(struct json *);
/* key and value in one */
void jw_kstring(struct json *, const char *key, const char *);
void jw_ku64(struct json *, const char *key, uint64_t);
void jw_kdouble(struct json *, const char *key, double);
void jw_kbool(struct json *, const char *key, bool);

#endif
