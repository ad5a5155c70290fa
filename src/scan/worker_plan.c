/* SPDX-License-Identifier: ISC */
/* From a request to a plan: which addresses, which ports, how. All that is
 * read of the machine for it is read here, before the sandbox. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "know/top_port.h"
#include "scan/engine_order.h"
#include "scan/links.h"
#include "scan/lookup.h"
#include "scan/method.h"
#include "scan/os_scan.h"
#include "scan/sandbox.h"
#include "scan/worker.h"

#define FDS_SPARE 32 /* that probes leave to others */
#define FDS_FEW   4

/* -- addresses ------------------------------------------------------------- */

static int
read_targets(struct worker *w, struct priv *p, char **cause)
{
	const struct scan_spec *s = &w->spec;
	int r;

	w->targets = target_new(s->family);
	r = target_add_text(
	    w->targets, s->targets.data, s->targets.len, NULL, cause);
	if (r == 0)
		r = target_exclude_text(
		    w->targets, s->exclude.data, s->exclude.len, NULL, cause);
	if (r < 0)
		return r;
	if (!s->force)
		target_exclude_special(w->targets);
	/* Of a scan that several machines share, each must have the same plan:
	 * there the kernel refuses what is a broadcast address here. */
	if (!s->force && s->nshards == 0)
		links_exclude_broadcast(p->links, w->targets);
	return 0;
}

static void
note_left_out(struct worker *w, uint64_t n)
{
	if (n > 0)
		worker_note(w, false,
		    "%" PRIu64 " address%s left out: multicast, broadcast and "
		    "reserved ones are scanned with --force only",
		    n, n == 1 ? " is" : "es are");
}

static enum scan_exit
find_targets(struct worker *w, struct priv *p, char **cause)
{
	if (w->spec.targets.len == 0) {
		xasprintf(cause, "\"targets\" names nothing to be scanned");
		return SCAN_EXIT_USAGE;
	}
	if (read_targets(w, p, cause) < 0)
		return SCAN_EXIT_USAGE;
	if (lookup_names(
		w->targets, w->spec.family, worker_sink_event, w, cause) < 0 ||
	    target_seal(w->targets, cause) < 0)
		return SCAN_EXIT_FAILED;
	if (target_count(w->targets) > 0) {
		note_left_out(w, target_hidden_special(w->targets));
		return SCAN_EXIT_DONE;
	}
	xasprintf(cause,
	    "no address is left to be scanned: all are excluded (multicast, "
	    "broadcast and reserved ones are, without force), or have no "
	    "name that is known");
	return SCAN_EXIT_FAILED;
}

/* -- how ------------------------------------------------------------------- */

static unsigned
families(const struct target_set *t)
{
	struct scan_addr first, last;

	target_at(t, 0, &first);
	target_at(t, target_count(t) - 1, &last);
	return method_family(first.family) | method_family(last.family);
}

/* Whether this technique can ask for ports of all families there are. */
static bool
can(const struct worker *w, const struct priv *p, enum scan_how how)
{
	const struct method *m;

	for (m = methods; m->ops != NULL; m++)
		if ((m->use & METHOD_PORTS) != 0 && m->how == how)
			return (families(w->targets) &
				   (unsigned)~method_families(m, p)) == 0;
	return false;
}

static enum scan_exit
choose_how(struct worker *w, const struct priv *p, char **cause)
{
	const unsigned tcp = SCAN_CONNECT | SCAN_SYN,
		       alone = SCAN_PING | SCAN_LIST;

	w->how = w->spec.how;
	if (w->how == 0)
		w->how = can(w, p, SCAN_SYN) ? SCAN_SYN : SCAN_CONNECT;
	if ((w->how & tcp) == tcp)
		xasprintf(cause, "\"tech\": connect or syn, not both");
	else if ((w->how & alone) != 0 && (w->how & (w->how - 1)) != 0)
		xasprintf(cause, "\"tech\": ping and list stand alone");
	else if ((w->how & SCAN_SYN) != 0 && !can(w, p, SCAN_SYN)) {
		if (p->few_fds)
			xasprintf(cause,
			    "a SYN scan needs more open files than this limit "
			    "(ulimit -n) lets it have; a connect scan (-sT) "
			    "does without");
		else
			xasprintf(cause,
			    "a SYN scan opens raw sockets, which takes "
			    "CAP_NET_RAW: be root, give it to sockdeck-scan "
			    "(setcap), or use a connect scan (-sT)");
		return SCAN_EXIT_PERMISSION;
	} else
		return SCAN_EXIT_DONE;
	return SCAN_EXIT_USAGE;
}

/* -- ports ----------------------------------------------------------------- */

static enum scan_exit
choose_ports(struct worker *w, char **cause)
{
	unsigned protos = 0;
	struct scan_ports ports = { 0 };

	if ((w->how & (SCAN_PING | SCAN_LIST)) != 0)
		return SCAN_EXIT_DONE;
	if ((w->how & (SCAN_CONNECT | SCAN_SYN)) != 0)
		protos |= SCAN_PROTO_TCP;
	if ((w->how & SCAN_UDP) != 0)
		protos |= SCAN_PROTO_UDP;
	if (w->spec.ports.len == 0)
		scan_ports_top(&ports, protos, TOP_PORTS);
	else if (scan_ports_parse(&ports, w->spec.ports.data, protos, cause) <
		 0)
		return SCAN_EXIT_USAGE;
	if ((protos & SCAN_PROTO_TCP) == 0)
		memset(&ports.tcp, 0, sizeof(ports.tcp));
	if ((protos & SCAN_PROTO_UDP) == 0)
		memset(&ports.udp, 0, sizeof(ports.udp));
	w->port = scan_ports_list(&ports, &w->nports, &w->ncommon);
	if (w->nports > 0)
		return SCAN_EXIT_DONE;
	xasprintf(cause, "\"ports\" has none of the protocol that is scanned");
	return SCAN_EXIT_USAGE;
}

/* -- the plan -------------------------------------------------------------- */

static enum scan_exit
choose_seed(struct worker *w, char **cause)
{
	w->seed = w->spec.seed;
	if (w->spec.seeded)
		return SCAN_EXIT_DONE;
	if (getrandom(&w->seed, sizeof(w->seed), 0) != sizeof(w->seed)) {
		xasprintf(cause, "no random numbers: %s", strerror(errno));
		return SCAN_EXIT_FAILED;
	}
	w->seed &= SCAN_NUMBER_MAX;
	return SCAN_EXIT_DONE;
}

/* What it is about is asked for line by line. */
static enum scan_exit
plan_asked(struct worker *w, struct priv *p, char **cause)
{
	w->how = w->spec.how;
	if (w->how == SCAN_OS && os_scan_families(p) == 0) {
		xasprintf(cause,
		    "which system a host runs (-O) is seen of raw packets, "
		    "which takes CAP_NET_RAW: be root, or give it to "
		    "sockdeck-scan (setcap)");
		return SCAN_EXIT_PERMISSION;
	}
	if (w->how == SCAN_OS)
		p->links = links_new();
	if (w->how != SCAN_PROBE && w->how != SCAN_OS)
		xasprintf(cause, "\"tech\": probe and os stand alone");
	else if (w->spec.targets.len > 0 || w->spec.ports.len > 0)
		xasprintf(cause,
		    "\"targets\", \"ports\": what is to be asked is said by "
		    "lines of \"op\":\"ask\"");
	else
		return SCAN_EXIT_DONE;
	return SCAN_EXIT_USAGE;
}

/* What makes the numbers of probes what they are: addresses, ports, order. */
static uint64_t
digest(const struct worker *w)
{
	uint64_t h = target_digest(w->targets);
	uint32_t i;

	for (i = 0; i < w->nports; i++)
		h = hash_mix(
		    h ^ ((uint64_t)w->port[i].proto << 16 | w->port[i].port));
	return hash_mix(h ^ w->ncommon ^ (uint64_t)w->spec.in_order << 32);
}

/* What is said to be done would be done of other hosts, else. */
static enum scan_exit
check_plan(const struct worker *w, char **cause)
{
	if (w->spec.plan == 0 || w->spec.plan == digest(w))
		return SCAN_EXIT_DONE;
	xasprintf(cause,
	    "the targets are not what they were when the scan began (a name "
	    "or an interface has other addresses): it cannot go on");
	return SCAN_EXIT_FAILED;
}

enum scan_exit
worker_plan(struct worker *w, struct priv *p, char **cause)
{
	enum scan_exit r;

	if ((w->spec.how & (SCAN_PROBE | SCAN_OS)) != 0)
		return plan_asked(w, p, cause);
	p->links = links_new();
	if ((r = find_targets(w, p, cause)) != SCAN_EXIT_DONE ||
	    (r = choose_how(w, p, cause)) != SCAN_EXIT_DONE ||
	    (r = choose_ports(w, cause)) != SCAN_EXIT_DONE ||
	    (r = choose_seed(w, cause)) != SCAN_EXIT_DONE)
		return r;
	return check_plan(w, cause);
}

void
worker_engine_plan(const struct worker *w, struct engine_plan *ret)
{
	*ret = (struct engine_plan){ .spec = &w->spec,
		.targets = w->targets,
		.port = w->port,
		.nports = w->nports,
		.ncommon = w->ncommon,
		.how = w->how,
		.seed = w->seed };
}

void
worker_start(struct worker *w)
{
	struct scan_event ev = { .type = SCAN_EV_START };
	struct engine_plan plan;
	struct order order;

	ev.start.how = w->how;
	if ((w->how & (SCAN_PROBE | SCAN_OS)) != 0) {
		worker_tell(w, &ev);
		return;
	}
	worker_engine_plan(w, &plan);
	order_init(&order, &plan);
	ev.start.hosts = order_hosts_of(&order);
	ev.start.probes = order_probes(&order);
	order_done(&order);
	ev.start.ports = w->nports;
	ev.start.seed = w->seed;
	ev.start.shard = w->spec.shard;
	ev.start.nshards = w->spec.nshards;
	ev.start.plan = digest(w);
	worker_tell(w, &ev);
}

/* How many descriptors are open, as far as it matters. */
static uint32_t
fds_open(uint32_t limit)
{
	uint32_t n = 0, fd;

	for (fd = 0; fd < limit && fd < 2 * FDS_SPARE; fd++)
		n += fcntl((int)fd, F_GETFD) != -1;
	return n;
}

uint32_t
worker_max_fds(void)
{
	struct rlimit lim;
	uint32_t n, used;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return 1;
	n = lim.rlim_cur > INT32_MAX ? INT32_MAX : (uint32_t)lim.rlim_cur;
	used = fds_open(n);
	if (n > 2 * FDS_SPARE + used)
		return n - used - FDS_SPARE;
	return n > used + FDS_FEW ? n - used - FDS_FEW : 1;
}

/* Whether some host might have to be asked by connect(2) if it is there. */
static bool
pings_connect(const struct worker *w, const struct priv *p)
{
	return !w->spec.no_ping &&
	       (families(w->targets) & (unsigned)~method_pings(p)) != 0;
}

unsigned
worker_needs(const struct worker *w, const struct priv *p)
{
	unsigned needs = 0;

	if ((w->how & (SCAN_LIST | SCAN_OS)) != 0)
		return 0;
	if ((w->how & SCAN_PROBE) != 0)
		return SANDBOX_STREAM | SANDBOX_DGRAM;
	if ((w->how & SCAN_CONNECT) != 0 || pings_connect(w, p))
		needs |= SANDBOX_STREAM;
	if ((w->how & SCAN_UDP) != 0)
		needs |= SANDBOX_DGRAM;
	return needs;
}
