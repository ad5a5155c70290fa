/* SPDX-License-Identifier: ISC */
/*
 * nmap as who does a stage's work. As the only stage it is one run, asked by
 * the spec. Behind others it is asked about ports that they found open: it is
 * started for those that came within a second, and again for those that came
 * meanwhile, since it takes no questions while it runs.
 */
#include "config.h"

#include "app/scan_engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scan_nmap.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/scan_ports.h"

#define GATHER_MS 1000 /* from the first question to the run */

struct asked {
	struct scan_ask ask;
	bool answered;
};

struct engine {
	uv_loop_t *loop;
	void (*event)(void *, const struct scan_event *);
	void (*ended)(void *);
	void *arg;
	struct scan_spec spec; /* what all runs have in common */
	struct scan_nmap *run; /* NULL: none */
	bool batches;          /* asked by questions */
	uv_timer_t *timer;     /* of the loop's: freed when it is closed */
	bool paused, went, said_hello, freed;
	unsigned depth; /* calls of ours that are under way */
	/* Those of this run, then those of the next. */
	struct asked *asked;
	size_t nasked, cap_asked, nrun;
	struct hash index; /* of this run's */
	uint64_t seed;
	enum scan_job_state state;
	enum scan_exit error;
	char *cause;
	int signal;
};

static void begin(struct engine *);

/* -- its end ------------------------------------------------------------------- */

static void
on_timer_closed(uv_handle_t *h)
{
	free(h);
}

static void
free_at_last(struct engine *g)
{
	if (!g->freed || g->depth > 0)
		return;
	hash_done(&g->index);
	scan_spec_done(&g->spec);
	free(g->asked);
	free(g->cause);
	free(g);
}

static void
nmap_free(void *job, bool leave)
{
	struct engine *g = job;

	g->freed = true;
	if (leave)
		scan_nmap_leave(g->run);
	else
		scan_nmap_free(g->run);
	g->run = NULL;
	uv_close((uv_handle_t *)g->timer, on_timer_closed);
	free_at_last(g);
}

static void
tell(struct engine *g, const struct scan_event *e)
{
	if (!g->freed)
		g->event(g->arg, e);
}

/* Of a batch: its runs' ends were not told. */
static void
finish(struct engine *g)
{
	struct scan_event e = { .type = SCAN_EV_END };

	if (g->state <= SCAN_JOB_STOPPING)
		g->state = SCAN_JOB_DONE;
	e.end.error = (int)g->error;
	if (g->cause != NULL)
		(void)strlcpy(e.end.cause, g->cause, sizeof(e.end.cause));
	if (g->state != SCAN_JOB_FAILED)
		tell(g, &e);
	if (!g->freed)
		g->ended(g->arg);
}

/* -- questions of this run ------------------------------------------------------- */

static uint64_t
port_key(const struct engine *g, const struct scan_addr *a, unsigned proto,
    unsigned port)
{
	return hash_mix(scan_addr_hash(a, g->seed) ^ (proto << 16 | port));
}

static uint64_t
key_of(const void *arg, uint32_t i)
{
	const struct engine *g = arg;
	const struct scan_ask *q = &g->asked[i].ask;

	return port_key(g, &q->addr, q->proto, q->port);
}

static struct asked *
find(struct engine *g, const struct scan_event *e)
{
	const uint32_t i = hash_find(&g->index,
	    port_key(g, &e->addr, e->service.proto, e->service.port));

	return i == HASH_NONE ? NULL : &g->asked[i];
}

/* What it said nothing about has no answer: of each there is one. */
static void
answer_rest(struct engine *g)
{
	struct scan_event e;
	size_t i;

	for (i = 0; i < g->nrun && !g->freed; i++) {
		if (g->asked[i].answered)
			continue;
		memset(&e, 0, sizeof(e));
		e.type = SCAN_EV_SERVICE;
		e.addr = g->asked[i].ask.addr;
		e.service.port = g->asked[i].ask.port;
		e.service.proto = g->asked[i].ask.proto;
		e.service.info.method = SERVICE_BY_NMAP;
		(void)strlcpy(
		    e.service.info.how, "nmap", sizeof(e.service.info.how));
		tell(g, &e);
	}
	hash_clear(&g->index);
	g->nasked -= g->nrun;
	memmove(g->asked, g->asked + g->nrun, g->nasked * sizeof(*g->asked));
	g->nrun = 0;
}

/* -- a run -------------------------------------------------------------------------- */

static void
batch_event(struct engine *g, const struct scan_event *e)
{
	struct asked *q;

	if (e->type == SCAN_EV_HELLO && !g->said_hello) {
		g->said_hello = true;
		tell(g, e);
	} else if (e->type == SCAN_EV_SERVICE) {
		q = find(g, e);
		if (q == NULL || q->answered)
			return;
		q->answered = true;
		tell(g, e);
	} else if (e->type == SCAN_EV_FACT || e->type == SCAN_EV_NOTE ||
		   e->type == SCAN_EV_PROGRESS)
		tell(g, e);
}

static void
on_event(void *arg, const struct scan_event *e)
{
	struct engine *g = arg;

	g->depth++;
	if (g->batches)
		batch_event(g, e);
	else
		tell(g, e);
	g->depth--;
	free_at_last(g);
}

/* The stage's name will be said before it. */
static const char *
plain_cause(const struct engine *g, const char *cause)
{
	return g->batches && strncmp(cause, "nmap: ", 6) == 0 ? cause + 6
							      : cause;
}

static void
note_state(struct engine *g, enum scan_job_state state, enum scan_exit error,
    const char *cause, int sig)
{
	g->state = state;
	g->error = error;
	g->signal = sig;
	free(g->cause);
	g->cause = xstrdup(plain_cause(g, cause));
}

static void
on_ended(void *arg, struct scan_nmap *run)
{
	struct engine *g = arg;

	g->depth++;
	if (!g->batches || scan_nmap_state(run) != SCAN_JOB_DONE)
		note_state(g, scan_nmap_state(run), scan_nmap_error(run),
		    scan_nmap_cause(run), scan_nmap_signal(run));
	scan_nmap_free(run);
	g->run = NULL;
	if (!g->batches)
		g->ended(g->arg);
	else if (g->state > SCAN_JOB_STOPPING)
		finish(g);
	else {
		answer_rest(g);
		if (!g->freed)
			begin(g);
	}
	g->depth--;
	free_at_last(g);
}

static int
run(struct engine *g, const struct scan_spec *spec, uint64_t hosts,
    char **cause)
{
	static const struct scan_nmap_ops ops = { on_event, on_ended };
	const struct nmap_asked asked = { .spec = spec,
		.services = (spec->nmap & SCAN_NMAP_SERVICES) != 0,
		.os = (spec->nmap & SCAN_NMAP_OS) != 0,
		.all = (spec->nmap & SCAN_NMAP_ALL) != 0,
		.scripts = spec->scripts.len > 0 ? spec->scripts.data : NULL,
		.arguments =
		    spec->script_args.len > 0 ? spec->script_args.data : NULL };
	const struct nmap_xml_asked xml = { .how = spec->how,
		.hosts = hosts,
		.tell = spec->tell,
		.services =
		    asked.services || asked.all || asked.scripts != NULL };
	int r = scan_nmap_start(
	    g->loop, &asked, &xml, NULL, &ops, g, &g->run, cause);

	if (r == 0 && g->paused)
		scan_nmap_pause(g->run, true);
	return r;
}

static int
asked_cmp(const void *va, const void *vb)
{
	const struct scan_ask *a = &((const struct asked *)va)->ask;
	const struct scan_ask *b = &((const struct asked *)vb)->ask;
	int cmp;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	cmp = memcmp(a->addr.addr, b->addr.addr, sizeof(a->addr.addr));
	return cmp != 0 ? cmp
			: (a->addr.scope > b->addr.scope) -
			      (a->addr.scope < b->addr.scope);
}

/* Those of this run, host by host: of one family, as nmap wants it. */
static void
gather(struct engine *g)
{
	qsort(g->asked, g->nasked, sizeof(*g->asked), asked_cmp);
	for (g->nrun = 1; g->nrun < g->nasked; g->nrun++)
		if (g->asked[g->nrun].ask.addr.family !=
		    g->asked[0].ask.addr.family)
			break;
}

/* All ports of all hosts, since nmap has one list for all; how many hosts. */
static uint64_t
fill(struct engine *g, struct scan_spec *spec)
{
	struct scan_ports *ports = xcalloc(1, sizeof(*ports));
	const struct scan_ask *q, *before = NULL;
	char text[SCAN_ADDR_TEXT];
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < g->nrun; i++, before = q) {
		q = &g->asked[i].ask;
		(void)portset_add(scan_ports_set(ports, q->proto), q->port);
		spec->how |= q->proto == SOCK_UDP ? SCAN_UDP : 0U;
		hash_add(&g->index, key_of(g, (uint32_t)i), (uint32_t)i);
		if (before != NULL && scan_addr_eq(&before->addr, &q->addr))
			continue;
		buf_printf(&spec->targets, "%s%s", n > 0 ? " " : "",
		    scan_addr_text(text, &q->addr));
		n++;
	}
	scan_ports_put(ports, &spec->ports);
	/* By itself it would look for UDP alone. */
	if (spec->how != 0 && portset_count(&ports->tcp, 0, UINT16_MAX) > 0)
		spec->how |= geteuid() == 0 ? SCAN_SYN : SCAN_CONNECT;
	free(ports);
	return n;
}

static void
begin(struct engine *g)
{
	struct scan_spec spec;
	char *cause = NULL;
	uint64_t hosts;

	(void)uv_timer_stop(g->timer);
	if (g->nasked == 0) {
		if (g->went)
			finish(g);
		return;
	}
	gather(g);
	scan_spec_init(&spec);
	scan_spec_copy(&spec, &g->spec);
	spec.how = 0;
	spec.no_ping = true; /* it answered */
	hosts = fill(g, &spec);
	if (run(g, &spec, hosts, &cause) != 0) {
		note_state(g, SCAN_JOB_FAILED, SCAN_EXIT_FAILED, cause, 0);
		free(cause);
		finish(g);
	}
	scan_spec_done(&spec);
}

static void
on_timer(uv_timer_t *t)
{
	struct engine *g = t->data;

	g->depth++;
	if (g->run == NULL)
		begin(g);
	g->depth--;
	free_at_last(g);
}

/* -- what is asked of it ---------------------------------------------------------------- */

static int
nmap_start(uv_loop_t *loop, const struct scan_spec *spec, const char *program,
    void (*event)(void *, const struct scan_event *), void (*ended)(void *),
    void *arg, void **ret, char **cause)
{
	struct engine *g = xcalloc(1, sizeof(*g));
	int r = 0;

	(void)program; /* the worker's */
	g->loop = loop;
	g->event = event;
	g->ended = ended;
	g->arg = arg;
	g->batches = spec->targets.len == 0;
	g->seed = scan_hash_seed();
	hash_init(&g->index, key_of, g);
	scan_spec_init(&g->spec);
	scan_spec_copy(&g->spec, spec);
	g->timer = xcalloc(1, sizeof(*g->timer));
	(void)uv_timer_init(loop, g->timer);
	g->timer->data = g;
	if (!g->batches)
		r = run(g, spec, spec->nhosts, cause);
	if (r < 0)
		nmap_free(g, false);
	else
		*ret = g;
	return r;
}

static void
nmap_ask(void *job, const struct scan_ask *ask)
{
	struct engine *g = job;

	g->asked = array_grow(
	    g->asked, &g->cap_asked, g->nasked + 1, sizeof(*g->asked));
	g->asked[g->nasked++] = (struct asked){ .ask = *ask };
	if (g->run == NULL && !uv_is_active((uv_handle_t *)g->timer))
		(void)uv_timer_start(g->timer, on_timer, GATHER_MS, 0);
}

static void
nmap_go(void *job)
{
	struct engine *g = job;

	g->went = true;
	if (g->batches && g->run == NULL)
		(void)uv_timer_start(g->timer, on_timer, 0, 0);
}

static void
nmap_stop(void *job)
{
	struct engine *g = job;

	if (g->run != NULL)
		scan_nmap_stop(g->run);
	else if (g->batches && g->state < SCAN_JOB_STOPPING) {
		note_state(
		    g, SCAN_JOB_STOPPED, SCAN_EXIT_STOPPED, "stopped", 0);
		g->nasked = 0;
		g->went = true;
		(void)uv_timer_start(g->timer, on_timer, 0, 0);
	}
}

static void
nmap_pause(void *job, bool pause)
{
	struct engine *g = job;

	g->paused = pause;
	if (g->run != NULL)
		scan_nmap_pause(g->run, pause);
}

static enum scan_job_state
nmap_state(const void *job)
{
	const struct engine *g = job;

	return g->run != NULL && !g->batches ? scan_nmap_state(g->run)
					     : g->state;
}

static enum scan_exit
nmap_error(const void *job)
{
	return ((const struct engine *)job)->error;
}

static const char *
nmap_cause(const void *job)
{
	const struct engine *g = job;

	return g->cause == NULL ? "" : g->cause;
}

static int
nmap_signal(const void *job)
{
	return ((const struct engine *)job)->signal;
}

static pid_t
nmap_pid(const void *job)
{
	const struct engine *g = job;

	return g->run == NULL ? 0 : scan_nmap_pid(g->run);
}

const struct scan_engine scan_engine_nmap = {
	.start = nmap_start,
	.ask = nmap_ask,
	.go = nmap_go,
	.stop = nmap_stop,
	.pause = nmap_pause,
	.free = nmap_free,
	.state = nmap_state,
	.error = nmap_error,
	.cause = nmap_cause,
	.signal = nmap_signal,
	.pid = nmap_pid,
};
