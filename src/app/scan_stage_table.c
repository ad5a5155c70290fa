/* SPDX-License-Identifier: ISC */
/* Which stages a scan may have, and what each asks about what was found. */
#include "config.h"

#include "app/scan_stages.h"

#include <unistd.h>

#include "know/state.h"

/* Only UDP is ever open|filtered. */
static void
ask_silent(struct stage *t, struct stage_host *h)
{
	size_t i;

	if (h->nsilent > SCAN_PROBE_SILENT_MAX)
		return;
	for (i = 0; i < h->nsilent; i++)
		stage_ask(t, h,
		    (struct scan_ask){
			.port = h->silent[i], .proto = SOCK_UDP });
}

static void
heed_services(struct stage *t, struct stage_host *h, const struct scan_event *e)
{
	if (e->type == SCAN_EV_PORT && e->port.state == SCAN_OPEN)
		stage_ask(t, h,
		    (struct scan_ask){
			.port = e->port.port, .proto = e->port.proto });
	else if (e->type == SCAN_EV_HOST_END && !h->timeout)
		ask_silent(t, h);
}

/* Closed ports are seldom told; what was settled and not told was closed. */
static bool
is_promising(const struct stage_host *h)
{
	return h->open >= 0 && (h->closed >= 0 || h->tcp > h->told);
}

static void
heed_systems(struct stage *t, struct stage_host *h, const struct scan_event *e)
{
	if (e->type == SCAN_EV_HOST_END && !h->timeout &&
	    (is_promising(h) || !stage_spec(t)->os_limit))
		stage_ask(t, h,
		    (struct scan_ask){
			.open = h->open < 0 ? 0 : (uint16_t)h->open,
			.closed = h->closed < 0 ? 0 : (uint16_t)h->closed });
}

/* When we are done with the port: some servers speak to one at a time. Its UDP
 * scan is root's alone. */
static void
heed_nmap(struct stage *t, struct stage_host *h, const struct scan_event *e)
{
	if (e->type == SCAN_EV_SERVICE &&
	    (e->service.proto == SOCK_TCP || geteuid() == 0))
		stage_ask(t, h,
		    (struct scan_ask){
			.port = e->service.port, .proto = e->service.proto });
}

const struct stage_def scan_stage_defs[SCAN_STAGES] = {
	{ .name = "ports", .engine = &scan_engine_worker },
	{ .name = "services",
	    .how = SCAN_PROBE,
	    .engine = &scan_engine_worker,
	    .heed = heed_services,
	    .answer = SCAN_EV_SERVICE },
	{ .name = "systems",
	    .how = SCAN_OS,
	    .engine = &scan_engine_worker,
	    .heed = heed_systems,
	    .answer = SCAN_EV_OS,
	    .by_host = true,
	    .no_right =
		"which systems hosts run (-O) is seen of raw packets, which "
		"takes CAP_NET_RAW: be root, or give it to sockdeck-scan "
		"(setcap); the rest is done" },
	{ .name = "nmap",
	    .how = SCAN_NMAP,
	    .engine = &scan_engine_nmap,
	    .heed = heed_nmap,
	    .answer = SCAN_EV_SERVICE },
};
