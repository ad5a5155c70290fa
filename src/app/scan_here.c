/* SPDX-License-Identifier: ISC */
/* A scan of this machine by itself; what it means is model/scan_self.h's. */
#include "config.h"

#include "app/scan_here.h"

#include <errno.h>
#include <stdlib.h>

#include "app/oneshot.h"
#include "app/scan_own.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/netns.h"
#include "model/scan_self.h"

struct scan_here {
	struct oneshot sockets;
	struct scan_self self;
};

static int
status_of(int r)
{
	if (r == 0)
		return STATUS_OK;
	return r == -EPERM || r == -EACCES ? STATUS_REFUSED : STATUS_FAILED;
}

int
scan_here_plan(struct scan_here **ret, struct scan_plan *p,
    const struct args *a, char **cause)
{
	struct scan_here *h = xcalloc(1, sizeof(*h));
	size_t left_out;
	int status;

	*ret = h;
	status = status_of(
	    oneshot_open(&h->sockets, a, NEED_IFACE | NEED_BOUND, cause));
	if (status == STATUS_OK)
		status = status_of(oneshot_read(&h->sockets, cause));
	if (status == STATUS_OK)
		status = scan_own_plan(
		    p, a, h->sockets.table, netns_self(), &left_out, cause);
	if (status != STATUS_OK)
		return status;
	out_notes(h->sockets.snap);
	if (left_out > 0)
		out_error("%zu more addresses of this machine are not scanned",
		    left_out);
	return STATUS_OK;
}

/* Read once more: what came to listen meanwhile is known as such, and nobody's
 * answer is taken for foreign. */
int
scan_here_compare(struct scan_here *h, const struct scan_plan *p,
    struct out_scan_view *v, uint64_t began_ns, char **cause)
{
	int r = oneshot_read(&h->sockets, cause);

	if (r != 0)
		return status_of(r);
	scan_report_sort(v->report);
	scan_self(&h->self, &(struct self_ask){ .report = v->report,
				.table = h->sockets.table,
				.netns = netns_self(),
				.asked = p->ports,
				.began_ns = began_ns });
	v->self = &h->self;
	v->table = h->sockets.table;
	return STATUS_OK;
}

void
scan_here_free(struct scan_here *h)
{
	if (h == NULL)
		return;
	scan_self_done(&h->self);
	oneshot_close(&h->sockets);
	free(h);
}
