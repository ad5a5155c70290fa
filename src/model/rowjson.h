/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ROWJSON_H
#define MODEL_ROWJSON_H

#include "base/json.h"
#include "model/column.h"

/* The S object of interface.md section 4: list --json, --jsonl, recordings
 * and snapshots are all written by this. Absent keys mean not known. */
void row_json(struct json *, const struct row *, const struct view_ctx *);
/* The head of a --json document, up to and including the key "sockets". */
void snap_json_head(struct json *, const struct snap *);

#endif
