/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ROWJSON_H
#define MODEL_ROWJSON_H

#include "base/json.h"
#include "model/column.h"

/*
 * The S object of interface.md section 4: list --json, --jsonl, recordings
 * and snapshots are all written by this, and read back by src_replay. An
 * absent key means not known. Beside the keys there:
 *
 *	ifindex		number of the interface it is bound to, 0: none
 *			(local.iface is its name)
 *	peer.service	as local.service
 *	v6only, shut	bool; "rd" "wr" "rdwr"
 *	exposed		LISTEN, UNCONNECTED: how far it can be reached
 *	orphan		true: no process holds it any more
 *	synth_key	true: the cookie is made up from the addresses
 *	cgroup_id, socket_cgroup
 *			control group the socket was made in; cgroup, unit and
 *			container are the first owner's
 *	owners[]	also ppid, uid, start_time, exe, cwd, note, and from
 *			the second on cgroup, unit, container
 *	skmem		rmem rcvbuf tmem sndbuf fwd wmem optmem backlog drops
 *	tcp		also every field of tcp_info this kernel filled, by
 *			the names in tcpinfo.c, cc, and one of vegas, dctcp,
 *			bbr
 *	ulp tos tclass class_id
 *	state_age_ms	time in this state; age_ms only if its birth was seen
 *
 * LISTEN has no sendq where the limit is not known. All text is clean:
 * what was not is in it as \xNN or \u{N} and a backslash stands for itself,
 * so that there is never a raw_b64 to keep beside it. The user at the top is
 * the socket's; each owner has its own.
 */
void row_json(struct json *, const struct row *, const struct view_ctx *);
/* The same within an object that has other members too. */
void row_json_members(
    struct json *, const struct row *, const struct view_ctx *);
/* What a document says of its reading: "schema" to "warnings". */
void snap_json_about(struct json *, const struct snap *);
/* The head of a --json document, up to and including the key "sockets". */
void snap_json_head(struct json *, const struct snap *);

#endif
