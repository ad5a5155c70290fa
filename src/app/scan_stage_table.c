/* SPDX-License-Identifier: ISC */
/* Which stages a scan may have, and what each asks about what was found. */
#include "config.h"

#include "app/scan_stages.h"

static void
heed_services(struct stage *t, struct stage_host *h, const struct scan_event *e)
{
	if (e->type == SCAN_EV_PORT && e->port.state == SCAN_OPEN)
		stage_ask(t, h,
		    (struct scan_ask){
			.port = e->port.port, .proto = e->port.proto });
}

const struct stage_def scan_stage_defs[SCAN_STAGES] = {
	{ .name = "ports", .engine = &scan_engine_worker },
	{ .name = "services",
	    .how = SCAN_PROBE,
	    .engine = &scan_engine_worker,
	    .heed = heed_services,
	    .answer = SCAN_EV_SERVICE },
};
