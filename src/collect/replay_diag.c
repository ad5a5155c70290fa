/* SPDX-License-Identifier: ISC */
/*
 * A raw inet_diag dump as `ss -D FILE` writes it: netlink messages one after
 * the other, several dumps in a row. TCP, where a message does not say.
 */
#include "config.h"

#include "collect/replay.h"

#include <string.h>

#include "collect/diag_parse.h"

struct pick {
	const struct request *req;
	const struct sink *sink;
	struct snap *snap;
};

static void
pick_sock(void *arg, const struct sock_rec *rec, const struct sock_ext *ext)
{
	struct pick *p = arg;
	const struct request *req = p->req;

	p->snap->total++;
	if (!(rec->proto == SOCK_UDP ? req->udp : req->tcp) ||
	    !(rec->family == 6 ? req->v6 : req->v4) ||
	    (req->states & SOCK_STATE_BIT(rec->state)) == 0)
		return;
	p->sink->sock(p->sink->arg, rec, ext);
}

void
replay_diag_read(const void *data, size_t len, const struct request *req,
    const struct sink *sink, struct snap *snap)
{
	struct pick pick = { .req = req, .sink = sink, .snap = snap };
	struct diag_walk walk = {
		.want = { .need = req->need, .proto = SOCK_TCP },
		.sock = pick_sock,
		.arg = &pick,
	};

	diag_walk(&walk, data, len);
	if (walk.dropped > 0)
		snap_warn(snap, "%llu messages of the dump could not be read",
		    (unsigned long long)walk.dropped);
	if (walk.interrupted)
		snap_warn(snap,
		    "the kernel marked this dump as incomplete: sockets may "
		    "be missing");
	if (walk.error != 0)
		snap_warn(snap, "the dump ended with an error: %s",
		    strerror(-walk.error));
}
