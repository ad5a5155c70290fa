/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ROWJSON_H
#define MODEL_ROWJSON_H

#include "base/json.h"
#include "model/column.h"

/*
 * The S object of interface.md section 4: list --json, --jsonl, recordings
 * and snapshots are all written by this. Absent keys mean not known. Beyond
 * the keys named there, for --from to read back (replay_sock.c):
 *
 *	S	ifindex, cgroup_id (numbers), socket_cgroup (path of the
 *		socket's own; "cgroup" is the first owner's), v6only, orphan,
 *		synth_key (true only), shut ("rd", "wr", "rdwr"), tos, tclass,
 *		class_id, ulp, skmem: {rmem, rcvbuf, tmem, sndbuf, fwd, wmem,
 *		optmem, backlog, drops}
 *	owners	uid, ppid, start_time (RFC 3339), exe, cwd, cgroup, unit,
 *		container, note
 *	tcp	each tcpinfo_fields[].name known
 */
void row_json(struct json *, const struct row *, const struct view_ctx *);
/* The head of a --json document, up to and including the key "sockets". */
void snap_json_head(struct json *, const struct snap *);

#endif
