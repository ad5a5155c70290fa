/* SPDX-License-Identifier: ISC */
/* From what is known of a scan to what need not be asked again. */
#include "config.h"

#include "model/scan_rest.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "model/scan_ports.h"
#include "model/scan_report.h"

/* Those that were told of, as a list; NULL: none. */
static char *
ports_told(const struct report_host *h)
{
	struct scan_ports *told;
	struct buf out = { 0 };
	uint32_t i;

	if (h->nport == 0 && h->seen[0] == NULL)
		return NULL;
	told = xcalloc(1, sizeof(*told));
	for (i = 0; i < h->nport; i++)
		(void)portset_add(
		    report_proto(h->port[i].proto) ? &told->udp : &told->tcp,
		    h->port[i].port);
	/* Where closed ports were told, too, these have them all. */
	if (h->seen[0] != NULL) {
		told->tcp = *h->seen[0];
		told->udp = *h->seen[1];
	}
	scan_ports_put(told, &out);
	free(told);
	return out.len > 0 ? buf_steal(&out) : NULL;
}

void
scan_rest(struct scan_spec *spec, const struct scan_report *r)
{
	const struct report_host *h;
	uint64_t upto = 0;
	char *ports;
	size_t i;

	if (r->start.type != SCAN_EV_START)
		return;
	spec->seeded = true;
	spec->seed = r->start.start.seed;
	spec->plan = r->start.start.plan;
	if (r->progress.type == SCAN_EV_PROGRESS)
		upto = r->progress.progress.hosts_upto;
	if (upto > spec->hosts_done)
		spec->hosts_done = upto;
	for (i = 0; i < r->nhost; i++) {
		h = r->host[i];
		if (h->pos == UINT64_MAX || h->pos < upto)
			continue;
		if (h->ended && !h->timeout)
			scan_spec_add_done(spec, h->pos, NULL);
		else if ((ports = ports_told(h)) != NULL) {
			scan_spec_add_done(spec, h->pos, ports);
			free(ports);
		}
	}
}
