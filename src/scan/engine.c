/* SPDX-License-Identifier: ISC */
/* The engine's life: what it is made of, and its loop. */
#include "config.h"

#include "scan/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "scan/engine_priv.h"

#define EVENTS          256       /* a call */
#define GAP_LEAST       (50 * MS) /* else it is the scheduler's */
#define GAP_AGAIN       SECOND    /* answers may have been lost in it */
#define WAIT_MOST       100       /* ms */
#define CONNTRACK_EVERY (25 * MS)

/* -- what -T means --------------------------------------------------------- */

struct timing {
	uint32_t delay_ms; /* between packets; they go one by one then */
	uint32_t first_ms, least_ms, most_ms; /* an answer is waited for */
	double start, silent;                 /* packets a second */
	uint32_t burst;
	int max_retries;
	uint32_t host_timeout_s;
};
static const struct timing timings[] = {
	{ 300000, 10000, 1000, 10000, 1, 1, 1, -1, 0 },
	{ 15000, 5000, 500, 10000, 1, 1, 1, -1, 0 },
	{ 400, 1000, 250, 5000, 10, 10, 1, -1, 0 },
	{ 0, 900, 100, 5000, 1000, 10000, 10, -1, 0 },
	{ 0, 500, 100, 1250, 2000, 15000, 20, -1, 0 },
	{ 0, 250, 50, 500, 5000, 30000, 50, 2, 900 },
};

static void
set_timing(struct engine *e)
{
	const struct scan_spec *spec = e->spec;
	const struct timing *t =
	    &timings[spec->timing < nitems(timings) ? spec->timing : 3];
	struct pace_limits *l = &e->limits;

	*l = (struct pace_limits){ .start = t->start,
		.silent = t->silent,
		.burst = t->burst,
		.rto_first = t->first_ms * MS,
		.rto_min = t->least_ms * MS,
		.rto_max = t->most_ms * MS };
	e->host_limits = *l;
	e->max_parallel = NPROBES;
	if (t->delay_ms > 0) {
		l->max = 1000.0 / t->delay_ms;
		e->max_parallel = 1;
	}
	if (spec->max_rate > 0 && (l->max == 0 || spec->max_rate < l->max))
		l->max = spec->max_rate;
	l->min = e->host_limits.min = spec->min_rate;
	if (spec->max_parallel > 0)
		e->max_parallel = spec->max_parallel;
	e->max_retries =
	    spec->max_retries >= 0 ? spec->max_retries : t->max_retries;
	e->host_timeout = spec->host_timeout_ms > 0
			      ? spec->host_timeout_ms * MS
			      : t->host_timeout_s * SECOND;
}

/* -- techniques ------------------------------------------------------------ */

static int
tech_add(struct engine *e, const struct tech_ops *ops, char **cause)
{
	struct engine_tech *t = &e->tech[e->ntech];
	uint8_t i;
	int r;

	for (i = 0; i < e->ntech; i++)
		if (e->tech[i].ops == ops)
			return i;
	*t = (struct engine_tech){ .ops = ops, .tick = UINT64_MAX };
	if (ops->open != NULL &&
	    (r = ops->open(e, e->priv, &t->arg, cause)) < 0)
		return r;
	return e->ntech++;
}

static bool
is_wanted(const struct engine *e, const struct method *m)
{
	if ((m->use & METHOD_PORTS) != 0)
		return (m->how & e->plan.how) != 0 && e->has[lane_of(m->proto)];
	return !e->spec->no_ping;
}

static int
set_methods(struct engine *e, char **cause)
{
	const struct method *m;
	uint8_t real = method_pings(e->priv), f;
	char *why = NULL;
	int t;

	for (m = methods; m->ops != NULL; m++) {
		f = method_families(m, e->priv);
		if ((m->use & METHOD_FALLBACK) != 0)
			f &= (uint8_t)~real;
		if (!is_wanted(e, m) || f == 0 || e->nmethod == NMETHODS)
			continue;
		t = tech_add(e, m->ops, &why);
		if (t < 0 && (m->use & METHOD_PORTS) != 0) {
			*cause = why;
			return t;
		}
		if (t < 0) {
			engine_note(e, true, "no %s pings: %s", m->ops->name,
			    why != NULL ? why : strerror(-t));
			free(why);
			why = NULL;
			continue;
		}
		if ((m->use & METHOD_LINK) != 0)
			e->link_pings |= f;
		e->method[e->nmethod++] = (struct engine_method){
			.m = m, .tech = (uint8_t)t, .families = f
		};
	}
	return 0;
}

/* Every port that is asked for has a technique. */
static int
check_methods(struct engine *e, char **cause)
{
	static const char *const names[] = { "TCP", "UDP" };
	int lane;
	uint8_t i;

	for (lane = 0; lane < LANES; lane++) {
		if (!e->has[lane])
			continue;
		for (i = 0; i < e->nmethod; i++)
			if ((e->method[i].m->use & METHOD_PORTS) != 0 &&
			    lane_of(e->method[i].m->proto) == lane)
				break;
		if (i == e->nmethod) {
			xasprintf(cause,
			    "%s ports cannot be asked this way here: the "
			    "sockets that it needs were refused",
			    names[lane]);
			return -EPERM;
		}
	}
	return 0;
}

struct engine *
engine_new(const struct engine_plan *plan, struct priv *priv,
    const struct engine_sink *sink, char **cause)
{
	struct engine *e = xcalloc(1, sizeof(*e));
	uint64_t now = clock_mono_ns();
	uint32_t i;
	int r;

	e->plan = *plan;
	e->spec = plan->spec;
	e->priv = priv;
	e->sink = *sink;
	e->loop_at = now;
	e->boot_gap = clock_boot_ns() - now;
	for (i = 0; i < plan->nports; i++)
		e->has[lane_of(plan->port[i].proto)] = true;
	if (getrandom(e->secret, sizeof(e->secret), 0) !=
	    (ssize_t)sizeof(e->secret)) {
		xasprintf(cause, "no random numbers: %s", strerror(errno));
		free(e);
		return NULL;
	}
	order_init(&e->order, &e->plan);
	set_timing(e);
	pace_init(&e->pace, &e->limits, now);
	probes_init(e, now);
	hosts_init(e);
	e->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (e->epfd < 0) {
		xasprintf(cause, "epoll: %s", strerror(errno));
		engine_free(e);
		return NULL;
	}
	if ((plan->how & SCAN_LIST) == 0 &&
	    ((r = set_methods(e, cause)) < 0 ||
		(r = check_methods(e, cause)) < 0)) {
		engine_free(e);
		return NULL;
	}
	return e;
}

void
engine_free(struct engine *e)
{
	uint32_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->nprobe; i++)
		if (e->probe[i].where != PROBE_FREE)
			probe_free(e, &e->probe[i]);
	while (e->ntech > 0) {
		e->ntech--;
		if (e->tech[e->ntech].ops->close != NULL)
			e->tech[e->ntech].ops->close(e->tech[e->ntech].arg);
	}
	hosts_done(e);
	probes_done(e);
	order_done(&e->order);
	if (e->epfd >= 0)
		close(e->epfd);
	free(e->watcher);
	free(e->notes);
	free(e);
}

/* -- for techniques -------------------------------------------------------- */

int
engine_watch(
    struct engine *e, int fd, uint32_t events, engine_ready ready, void *arg)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };
	size_t old = e->nwatcher;
	int op;

	if ((size_t)fd >= old) {
		e->watcher = array_grow(e->watcher, &e->nwatcher,
		    (size_t)fd + 1, sizeof(*e->watcher));
		memset(e->watcher + old, 0,
		    (e->nwatcher - old) * sizeof(*e->watcher));
	}
	op = e->watcher[fd].ready != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(e->epfd, op, fd, &ev) < 0)
		return -errno;
	e->watcher[fd] = (struct engine_watcher){ ready, arg };
	return 0;
}

void
engine_unwatch(struct engine *e, int fd)
{
	if (fd < 0 || (size_t)fd >= e->nwatcher || e->watcher[fd].ready == NULL)
		return;
	(void)epoll_ctl(e->epfd, EPOLL_CTL_DEL, fd, NULL);
	e->watcher[fd] = (struct engine_watcher){ NULL, NULL };
}

const uint8_t *
engine_secret(const struct engine *e)
{
	return e->secret;
}

uint32_t
engine_max_fds(const struct engine *e)
{
	return e->plan.max_fds;
}

void
engine_received(struct engine *e, uint32_t packets)
{
	e->nreceived += packets;
}

/* -- the loop -------------------------------------------------------------- */

/* What was sent before is no measure of anything any more. */
static void
distrust(struct engine *e, uint64_t now)
{
	uint32_t i;
	int lane;

	pace_gap(&e->pace, now);
	for (i = 0; i < e->nactive; i++)
		for (lane = 0; lane < LANES; lane++)
			pace_gap(&e->slot[e->active[i]].lane[lane].pace, now);
}

/* We were not running (stopped, suspended, a busy machine): deadlines move.
 * True: for so long that answers may be lost. */
static bool
find_gap(struct engine *e, uint64_t now, int waited_ms)
{
	uint64_t took = now - e->loop_at, asleep, boot_gap;

	boot_gap = clock_boot_ns() - now;
	asleep = boot_gap > e->boot_gap ? boot_gap - e->boot_gap : 0;
	e->boot_gap = boot_gap;
	e->loop_at = now;
	if (e->paused)
		return false;
	took -=
	    took < (uint64_t)waited_ms * MS ? took : (uint64_t)waited_ms * MS;
	if (took < GAP_LEAST && asleep < GAP_LEAST)
		return false;
	e->gap += took;
	distrust(e, now);
	return took + asleep >= GAP_AGAIN;
}

static void
dispatch(struct engine *e, const struct epoll_event *ev, int n, uint64_t now)
{
	const struct engine_watcher *w;
	int i;

	for (i = 0; i < n; i++) {
		w = &e->watcher[ev[i].data.fd];
		if (w->ready != NULL)
			w->ready(w->arg, ev[i].data.fd, ev[i].events, now);
	}
}

static void
run_ticks(struct engine *e, uint64_t now)
{
	struct engine_tech *t;

	for (t = e->tech; t < e->tech + e->ntech; t++)
		if (t->tick <= now) {
			t->tick = UINT64_MAX;
			t->tick = t->ops->tick(t->arg, now);
		}
}

static void
flush(struct engine *e, uint64_t now)
{
	struct engine_tech *t;

	for (t = e->tech; t < e->tech + e->ntech; t++)
		if (t->flush && t->ops->flush != NULL) {
			t->flush = false;
			t->ops->flush(t->arg, now);
		}
}

static bool
read_number(int fd, uint64_t *ret)
{
	char text[32], *end;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	*ret = strtoull(text, &end, 10);
	return end != text;
}

/* A full table of connection tracking would cut this machine off. */
static void
look_at_conntrack(struct engine *e, uint64_t now)
{
	uint64_t count, most;

	if (e->priv->conntrack_count < 0 || e->priv->conntrack_max < 0 ||
	    now - e->conntrack_at < CONNTRACK_EVERY)
		return;
	e->conntrack_at = now;
	if (!read_number(e->priv->conntrack_count, &count) ||
	    !read_number(e->priv->conntrack_max, &most) || most == 0)
		return;
	if (!e->brake && count >= most / 5 * 4) {
		e->brake = true;
		engine_note(e, true,
		    "this machine's table of connections is 80 %% full "
		    "(net.netfilter.nf_conntrack_max is %llu): waiting for "
		    "entries to go",
		    (unsigned long long)most);
	} else if (e->brake && count < most / 4 * 3)
		e->brake = false;
}

/* Milliseconds until there is something to do. */
static int
wait_for(struct engine *e, uint64_t next, uint64_t now)
{
	uint64_t ms = e->paused
			  ? WAIT_MOST
			  : wheel_wait(&e->wheel, engine_ms(e, now), WAIT_MOST);
	struct engine_tech *t;

	for (t = e->tech; t < e->tech + e->ntech; t++)
		if (t->tick < next)
			next = t->tick;
	if (next <= now)
		return 0;
	if (next != UINT64_MAX && (next - now + MS - 1) / MS < ms)
		ms = (next - now + MS - 1) / MS;
	return (int)ms;
}

/* -sL: nothing is sent. */
static void
list_targets(struct engine *e)
{
	static const struct answer none;
	struct slot *s = &e->slot[0];

	while (e->next_host < e->order.nhosts && !e->sink.full(e->sink.arg)) {
		e->next_host = order_next_host(&e->order, e->next_host);
		if (e->next_host >= e->order.nhosts)
			break;
		s->host.pos = e->next_host++;
		target_at(e->plan.targets, order_host(&e->order, s->host.pos),
		    &s->host.addr);
		tell_host(e, s, false, &none, 0);
		e->hosts_done++;
	}
}

static uint64_t
work(struct engine *e, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	if (e->paused)
		return next;
	if ((e->plan.how & SCAN_LIST) != 0) {
		list_targets(e);
		return now + 10 * MS;
	}
	hosts_fill(e, now);
	if (e->host_timeout > 0)
		hosts_timeout(e, now);
	probes_expire(e, now);
	run_ticks(e, now);
	look_at_conntrack(e, now);
	if (!e->sink.full(e->sink.arg))
		next = engine_send(e, now);
	else
		next = now + 5 * MS;
	flush(e, clock_mono_ns());
	hosts_reap(e);
	if (e->nfree_slot > 0 && e->nneighbours < NEIGHBOURS &&
	    e->next_host < e->order.nhosts)
		next = now;
	return next;
}

static bool
is_over(const struct engine *e)
{
	return e->stopped ||
	       (e->nactive == 0 && e->next_host >= e->order.nhosts);
}

int
engine_run(struct engine *e, char **cause)
{
	struct epoll_event ev[EVENTS];
	uint64_t now = clock_mono_ns(), next;
	int n, wait;

	e->loop_at = e->progress_at = e->rate_at = now;
	for (;;) {
		next = work(e, now);
		if (is_over(e))
			break;
		now = clock_mono_ns();
		wait = wait_for(e, next, now);
		n = epoll_wait(e->epfd, ev, EVENTS, wait);
		if (n < 0 && errno != EINTR) {
			xasprintf(cause, "epoll: %s", strerror(errno));
			return -errno;
		}
		now = clock_mono_ns();
		if (find_gap(e, now, wait)) {
			dispatch(e, ev, n, now);
			probes_again(e);
		} else
			dispatch(e, ev, n, now);
		hosts_reap(e);
		tell_progress(e, now, false);
	}
	tell_unsent_sum(e);
	tell_progress(e, clock_mono_ns(), true);
	return 0;
}

void
engine_stop(struct engine *e)
{
	e->stopped = true;
}

void
engine_pause(struct engine *e, bool pause)
{
	uint64_t now = clock_mono_ns();

	if (pause == e->paused)
		return;
	e->paused = pause;
	e->changed = true;
	if (pause) {
		e->paused_at = now;
		return;
	}
	e->gap += now - e->paused_at;
	e->loop_at = now;
	distrust(e, now);
	probes_again(e);
}
