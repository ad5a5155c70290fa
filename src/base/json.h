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
 * and separators are escaped.
 */
struct json {
	struct buf *out;
	unsigned depth;
	bool comma, key;
};

void json_init(struct json *, struct buf *out); /* out is borrowed */
void json_object(struct json *);
void json_object_end(struct json *);
void json_array(struct json *);
void json_array_end(struct json *);
void json_key(struct json *, const char *);
void json_string(struct json *, const char *);
void json_stringn(struct json *, const char *, size_t);
void json_u64(struct json *, uint64_t);
void json_i64(struct json *, int64_t);
void json_double(struct json *, double); /* not finite: null */
void json_bool(struct json *, bool);
void json_null(struct json *);
/* key and value in one */
void json_kstring(struct json *, const char *key, const char *);
void json_ku64(struct json *, const char *key, uint64_t);
void json_kdouble(struct json *, const char *key, double);
void json_kbool(struct json *, const char *key, bool);

#endif
