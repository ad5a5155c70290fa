/* SPDX-License-Identifier: ISC */
/*
 * The engine with techniques that are played by hand: what is sent to whom and
 * how often, what is said of it, and what is never said. Answers come through
 * an eventfd, as a socket's would.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "model/scan_ports.h"
#include "model/target.h"
#include "scan/engine.h"
#include "scan/method.h"

#define MS    UINT64_C(1000000)
#define HOSTS 64
#define PORTS 4096

/* -- the network ---------------------------------------------------------- */

/* What a port does; by the last digit of its number. */
enum does {
	OPENS,
	REFUSES,
	STAYS_SILENT,
	IS_FORBIDDEN, /* ICMP says so */
	ANSWERS_LATE, /* to the second try */
	CANNOT_SEND,  /* a local firewall */
	IS_FULL       /* no room, the first two times */
};
struct pending {
	struct probe *probe;
	uint64_t serial;
	int attempt;
};
struct sent {
	uint8_t host; /* last byte of its address */
	uint16_t port;
	uint64_t at;
	uint8_t attempt;
};
struct world {
	struct engine *engine;
	int fd;
	struct pending pending[PORTS];
	size_t npending;
	struct sent *sent;
	size_t nsent, cap;
	uint8_t full[PORTS];
	/* Which hosts answer to the ping, and at which try; 255: never. */
	uint8_t up_at[256];
	bool pings_forbidden;
	int no_route; /* host that cannot be sent to */
	/* After so many packets nothing happens for a while. */
	size_t stall_at;
	uint64_t stall_ns;
	size_t stop_at;
	/* After so many the scan is paused, until the timer. */
	size_t pause_at, paused_sent;
	int timer;
	bool set_timer;           /* at once */
	int count, most;          /* files of connection tracking, or -1 */
	unsigned closed, refused; /* times that the sink was full */

	/* What was told. */
	struct scan_event *event;
	size_t nevent, cap_event;
};
static struct world world;

static enum does
does(uint16_t port)
{
	return port % 10 <= IS_FULL ? (enum does)(port % 10) : REFUSES;
}

static void
answer_later(struct probe *p)
{
	uint64_t one = 1;

	assert_true(world.npending < PORTS);
	world.pending[world.npending++] =
	    (struct pending){ .probe = p, .attempt = p->tries };
	assert_int_equal(write(world.fd, &one, 8), 8);
}

static void
deliver(void *arg, int fd, uint32_t events, uint64_t now)
{
	struct pending *d;
	struct answer a;
	uint64_t n;
	size_t i;

	(void)arg;
	(void)events;
	assert_int_equal(read(fd, &n, 8), 8);
	for (i = 0; i < world.npending; i++) {
		d = &world.pending[i];
		if (d->probe == NULL)
			continue;
		a = (struct answer){ .state = SCAN_CLOSED,
			.reason = REASON_RESET,
			.attempt = d->attempt,
			.at_ns = now,
			.ttl = 63 };
		if (d->probe->proto == IPPROTO_ICMP) {
			a.reason = REASON_ECHO_REPLY;
			if (world.pings_forbidden) {
				a.state = SCAN_FILTERED;
				a.reason = REASON_ADMIN_PROHIBITED;
			}
		} else if (does(d->probe->port) == OPENS) {
			a.state = SCAN_OPEN;
			a.reason = REASON_SYN_ACK;
		} else if (does(d->probe->port) == IS_FORBIDDEN) {
			a.state = SCAN_FILTERED;
			a.reason = REASON_ADMIN_PROHIBITED;
		}
		engine_answer(world.engine, d->probe, &a);
	}
	world.npending = 0;
}

static int
fake_open(struct engine *e, struct priv *priv, void **ret, char **cause)
{
	(void)priv;
	(void)cause;
	world.engine = e;
	*ret = &world;
	return engine_watch(e, world.fd, EPOLLIN, deliver, NULL);
}

static void
note_sent(const struct probe *p, uint64_t now)
{
	world.sent = array_grow(
	    world.sent, &world.cap, world.nsent + 1, sizeof(*world.sent));
	world.sent[world.nsent++] = (struct sent){
		.host = engine_host(world.engine, p->slot)->addr.addr[3],
		.port = p->port,
		.at = now,
		.attempt = p->tries,
	};
}

static int
fake_send(void *arg, struct probe *p, uint64_t now)
{
	uint64_t until;

	(void)arg;
	if (engine_host(world.engine, p->slot)->addr.addr[3] == world.no_route)
		return -ENETUNREACH;
	if (does(p->port) == CANNOT_SEND)
		return -EPERM;
	if (does(p->port) == IS_FULL && world.full[p->port]++ < 2)
		return -EAGAIN;
	note_sent(p, now);
	if (does(p->port) != STAYS_SILENT &&
	    (does(p->port) != ANSWERS_LATE || p->tries == 1))
		answer_later(p);
	if (world.nsent == world.stall_at)
		for (until = now + world.stall_ns; clock_mono_ns() < until;)
			continue;
	return 0;
}

static int
fake_ping(void *arg, struct probe *p, uint64_t now)
{
	uint8_t host = engine_host(world.engine, p->slot)->addr.addr[3];

	(void)arg;
	note_sent(p, now);
	if (world.up_at[host] == p->tries)
		answer_later(p);
	return 0;
}

/* What is gone is not answered. */
static void
fake_drop(void *arg, struct probe *p)
{
	size_t i;

	(void)arg;
	for (i = 0; i < world.npending; i++)
		if (world.pending[i].probe == p)
			world.pending[i].probe = NULL;
}

static const struct tech_ops fake = { .name = "fake",
	.silent = SCAN_FILTERED,
	.open = fake_open,
	.send = fake_send,
	.drop = fake_drop };
static const struct tech_ops fake_echo = { .name = "echo",
	.silent = SCAN_FILTERED,
	.open = fake_open,
	.send = fake_ping,
	.drop = fake_drop };

/* In place of those in scan/method.c. */
const struct method methods[] = {
	{ &fake, METHOD_PORTS, .how = SCAN_CONNECT, .proto = IPPROTO_TCP },
	{ &fake_echo, METHOD_PING, .proto = IPPROTO_ICMP },
	{ NULL },
};

uint8_t
method_families(const struct method *m, const struct priv *priv)
{
	(void)m;
	(void)priv;
	return 1 | 2;
}

uint8_t
method_pings(const struct priv *priv)
{
	(void)priv;
	return 1 | 2;
}

/* -- the scan ------------------------------------------------------------- */

static void
put_number(int fd, const char *text)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(
	    pwrite(fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

/* Enough time for many packets has passed: there were none. */
static void
resume(void *arg, int fd, uint32_t events, uint64_t now)
{
	(void)arg;
	(void)events;
	(void)now;
	assert_int_equal(world.nsent, world.paused_sent);
	engine_unwatch(world.engine, fd);
	if (world.count >= 0)
		put_number(world.count, "50\n");
	else
		engine_pause(world.engine, false);
}

static void
set_timer(void)
{
	struct itimerspec ts = { .it_value.tv_nsec = 500 * 1000000 };

	timerfd_settime(world.timer, 0, &ts, NULL);
	engine_watch(world.engine, world.timer, EPOLLIN, resume, NULL);
}

static void
pause_scan(void)
{
	world.paused_sent = world.nsent;
	world.pause_at = 0;
	set_timer();
	engine_pause(world.engine, true);
}

static void
take(void *arg, struct scan_event *ev)
{
	(void)arg;
	world.event = array_grow(world.event, &world.cap_event,
	    world.nevent + 1, sizeof(*world.event));
	world.event[world.nevent++] = *ev;
	if (world.nsent >= world.stop_at && world.stop_at > 0)
		engine_stop(world.engine);
	if (world.nsent >= world.pause_at && world.pause_at > 0)
		pause_scan();
}

static bool
is_full(void *arg)
{
	(void)arg;
	if (world.closed == 0)
		return false;
	world.closed--;
	world.refused++;
	return true;
}

static void
begin(struct scan_spec *spec)
{
	memset(&world, 0, sizeof(world));
	world.no_route = -1;
	world.fd = eventfd(0, EFD_CLOEXEC);
	world.count = world.most = -1;
	world.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	scan_spec_init(spec);
	spec->timing = 5;
	spec->max_retries = 1;
	spec->no_ping = true;
	spec->tell = SCAN_TELL_ALL;
}

static void
end(struct scan_spec *spec)
{
	close(world.fd);
	close(world.timer);
	free(world.sent);
	free(world.event);
	scan_spec_done(spec);
}

static void
scan(const struct scan_spec *spec, const char *targets, const char *ports,
    unsigned how)
{
	struct target_set *t = target_new(4);
	struct scan_ports *set = xcalloc(1, sizeof(*set));
	struct priv priv = { .conntrack_count = world.count,
		.conntrack_max = world.most };
	struct engine_sink sink = { take, is_full, NULL };
	struct engine_plan plan = { .spec = spec,
		.targets = t,
		.how = how,
		.seed = 7,
		.max_fds = 100 };
	struct scan_port *port = NULL;
	char *cause = NULL;
	struct engine *e;

	assert_int_equal(
	    target_add_text(t, targets, strlen(targets), NULL, &cause), 0);
	assert_int_equal(target_seal(t, &cause), 0);
	if (ports != NULL) {
		assert_int_equal(
		    scan_ports_parse(set, ports, SCAN_PROTO_TCP, &cause), 0);
		plan.port = port =
		    scan_ports_list(set, &plan.nports, &plan.ncommon);
	}
	e = engine_new(&plan, &priv, &sink, &cause);
	assert_non_null(e);
	if (world.set_timer)
		set_timer();
	assert_int_equal(engine_run(e, &cause), 0);
	engine_free(e);
	free(port);
	free(set);
	target_free(t);
}

/* The one event of a port, or NULL; fails if there are more. */
static const struct scan_event *
told(uint8_t host, uint16_t port)
{
	const struct scan_event *found = NULL, *ev;
	size_t i;

	for (i = 0; i < world.nevent; i++) {
		ev = &world.event[i];
		if (ev->type != SCAN_EV_PORT || ev->addr.addr[3] != host ||
		    ev->port.port != port)
			continue;
		assert_null(found);
		found = ev;
	}
	return found;
}

static const struct scan_event *
find(enum scan_event_type type, uint8_t host)
{
	size_t i;

	for (i = 0; i < world.nevent; i++)
		if (world.event[i].type == type &&
		    world.event[i].addr.addr[3] == host)
			return &world.event[i];
	return NULL;
}

static unsigned
times_sent(uint8_t host, uint16_t port)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < world.nsent; i++)
		n += world.sent[i].host == host && world.sent[i].port == port;
	return n;
}

static const struct scan_event *
last_progress(void)
{
	size_t i = world.nevent;

	while (i-- > 0)
		if (world.event[i].type == SCAN_EV_PROGRESS)
			return &world.event[i];
	return NULL;
}

/* -- tests ---------------------------------------------------------------- */

static void
check(uint16_t port, enum scan_state state, enum scan_reason reason,
    unsigned times)
{
	const struct scan_event *ev = told(2, port);

	assert_non_null(ev);
	assert_int_equal(ev->port.state, state);
	assert_int_equal(ev->port.reason, reason);
	assert_int_equal(times_sent(2, port), times);
}

static void
test_verdicts(void **state)
{
	const struct scan_event *ev;
	struct scan_spec spec;
	uint16_t p;

	(void)state;
	begin(&spec);
	scan(&spec, "192.0.2.2", "1000-1039", SCAN_CONNECT);
	for (p = 1000; p < 1040; p += 10) {
		check(p, SCAN_OPEN, REASON_SYN_ACK, 1);
		check(p + 1, SCAN_CLOSED, REASON_RESET, 1);
		check(p + 2, SCAN_FILTERED, REASON_NO_RESPONSE, 2);
		check(p + 3, SCAN_FILTERED, REASON_ADMIN_PROHIBITED, 1);
		check(p + 4, SCAN_CLOSED, REASON_RESET, 2);
		/* No verdict: it was not asked. */
		assert_null(told(2, p + 5));
		/* What found no room is asked all the same, once. */
		check(p + 6, SCAN_CLOSED, REASON_RESET, 1);
	}
	ev = find(SCAN_EV_HOST, 2);
	assert_true(ev->host.up);
	assert_int_equal(ev->host.reason, REASON_USER_SET);
	ev = find(SCAN_EV_HOST_END, 2);
	assert_int_equal(ev->host_end.tcp, 36);
	assert_int_equal(ev->host_end.probes, world.nsent);
	assert_string_equal(find(SCAN_EV_NOTE, 0)->note.text,
	    "192.0.2.2: not sent: Operation not permitted");
	ev = last_progress();
	assert_int_equal(ev->progress.done, ev->progress.probes);
	assert_int_equal(ev->progress.open, 4);
	assert_int_equal(ev->progress.hosts_upto, 1);
	end(&spec);
}

static void
test_tell_seen(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	spec.tell = SCAN_TELL_SEEN;
	scan(&spec, "192.0.2.2", "1000-1003", SCAN_CONNECT);
	assert_non_null(told(2, 1000));
	assert_null(told(2, 1001));
	assert_non_null(told(2, 1002));
	assert_int_equal(find(SCAN_EV_HOST_END, 2)->host_end.tcp, 4);
	end(&spec);
}

/* Silence is believed after three packets, and four to a host that answers. */
static void
test_tries(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	spec.max_retries = -1;
	spec.timing = 4;
	scan(&spec, "192.0.2.2-3", "1001,1002,1012", SCAN_CONNECT);
	assert_int_equal(times_sent(2, 1002), 4);
	assert_int_equal(times_sent(3, 1012), 4);
	end(&spec);
	begin(&spec);
	spec.max_retries = -1;
	spec.timing = 4;
	scan(&spec, "192.0.2.2", "1002,1012", SCAN_CONNECT);
	assert_int_equal(times_sent(2, 1002), 3);
	end(&spec);
}

/* Runs with one seed cover each probe once, whatever the numbers are. */
static void
shards(uint32_t n, const char *targets, const char *ports, unsigned probes)
{
	static uint8_t seen[256][PORTS];
	struct scan_spec spec;
	unsigned all = 0, told_all = 0;
	uint32_t i;
	size_t k;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < n; i++) {
		begin(&spec);
		spec.shard = i;
		spec.nshards = n;
		scan(&spec, targets, ports, SCAN_CONNECT);
		for (k = 0; k < world.nsent; k++)
			assert_int_equal(
			    seen[world.sent[k].host][world.sent[k].port]++, 0);
		all += world.nsent;
		told_all += last_progress()->progress.probes;
		assert_int_equal(last_progress()->progress.done,
		    last_progress()->progress.probes);
		end(&spec);
	}
	assert_int_equal(all, probes);
	assert_int_equal(told_all, probes);
}

static void
test_shards(void **state)
{
	(void)state;
	shards(1, "192.0.2.0/28", "1,11,21,31,41", 80);
	shards(3, "192.0.2.0/28", "1,11,21,31,41", 80);
	shards(7, "192.0.2.1-3", "1,11,21,31,41", 15);
	shards(40, "192.0.2.1-3", "1,11", 6);
}

static void
test_done(void **state)
{
	struct scan_spec spec;
	uint64_t pos[4];
	uint8_t h;
	unsigned n = 0;

	(void)state;
	begin(&spec);
	scan(&spec, "192.0.2.0-3", "1,11,21", SCAN_CONNECT);
	for (h = 0; h < 4; h++)
		pos[h] = find(SCAN_EV_HOST, h)->host.pos;
	end(&spec);

	begin(&spec);
	scan_spec_add_done(&spec, pos[2], "T:1");
	scan_spec_add_done(&spec, pos[1], NULL);
	scan_spec_add_done(&spec, pos[2], "T:21");
	scan_spec_add_done(&spec, pos[3], "T:1,11,21");
	scan(&spec, "192.0.2.0-3", "1,11,21", SCAN_CONNECT);
	for (h = 1; h < 4; h++)
		n += times_sent(h, 1) + times_sent(h, 21);
	assert_int_equal(n, 0);
	assert_int_equal(times_sent(1, 11), 0);
	assert_int_equal(times_sent(2, 11), 1);
	assert_int_equal(times_sent(0, 1), 1);
	/* What is settled counts, since when does not matter. */
	assert_int_equal(find(SCAN_EV_HOST_END, 2)->host_end.tcp, 3);
	assert_int_equal(last_progress()->progress.done, 12);
	end(&spec);

	begin(&spec);
	spec.hosts_done = 2;
	scan(&spec, "192.0.2.0-3", "1,11,21", SCAN_CONNECT);
	for (h = 0; h < 4; h++)
		assert_int_equal(times_sent(h, 1), pos[h] >= 2);
	end(&spec);
}

static void
test_order(void **state)
{
	struct scan_spec spec;
	size_t i;

	(void)state;
	begin(&spec);
	spec.in_order = true;
	scan(&spec, "192.0.2.7", "1,11,21,31,41,51,61,71,81,91", SCAN_CONNECT);
	assert_int_equal(world.nsent, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(world.sent[i].port, 10 * i + 1);
	end(&spec);
}

static void
test_pings(void **state)
{
	const struct scan_event *ev;
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	spec.no_ping = false;
	memset(world.up_at, 255, sizeof(world.up_at));
	world.up_at[2] = 0;
	world.up_at[3] = 1;
	scan(&spec, "192.0.2.2-4", "1", SCAN_CONNECT);
	assert_int_equal(times_sent(2, 1), 1);
	assert_int_equal(times_sent(3, 1), 1);
	assert_int_equal(times_sent(3, 0), 2);
	assert_int_equal(times_sent(4, 1), 0);
	assert_int_equal(times_sent(4, 0), 2);
	ev = find(SCAN_EV_HOST, 3);
	assert_true(ev->host.up);
	assert_int_equal(ev->host.reason, REASON_ECHO_REPLY);
	assert_int_equal(ev->host.ttl, 63);
	assert_true(ev->host.rtt_us > 0);
	assert_null(find(SCAN_EV_HOST, 4));
	assert_int_equal(last_progress()->progress.done, 3);
	assert_int_equal(last_progress()->progress.hosts_up, 2);
	end(&spec);

	begin(&spec);
	spec.no_ping = false;
	memset(world.up_at, 255, sizeof(world.up_at));
	world.up_at[2] = 0;
	scan(&spec, "192.0.2.2-4", NULL, SCAN_PING);
	assert_true(find(SCAN_EV_HOST, 2)->host.up);
	ev = find(SCAN_EV_HOST, 4);
	assert_false(ev->host.up);
	assert_int_equal(ev->host.reason, REASON_NO_RESPONSE);
	end(&spec);

	begin(&spec);
	spec.no_ping = false;
	world.pings_forbidden = true;
	scan(&spec, "192.0.2.2", NULL, SCAN_PING);
	assert_false(find(SCAN_EV_HOST, 2)->host.up);
	assert_int_equal(world.nsent, 1);
	end(&spec);
}

static void
test_no_route(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	world.no_route = 3;
	scan(&spec, "192.0.2.2-4", "1,11", SCAN_CONNECT);
	assert_null(told(3, 1));
	assert_null(told(3, 11));
	assert_non_null(told(4, 11));
	assert_int_equal(find(SCAN_EV_HOST_END, 3)->host_end.tcp, 0);
	assert_string_equal(find(SCAN_EV_NOTE, 0)->note.text,
	    "192.0.2.3: not sent: Network is unreachable");
	end(&spec);
}

/* Not running for a second says nothing of anybody: what was under way is asked
 * once more, and its tries count anew. */
static void
test_gap(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	world.stall_at = 3;
	world.stall_ns = 1100 * MS;
	scan(&spec, "192.0.2.2", "1002,1012,1022", SCAN_CONNECT);
	check(1002, SCAN_FILTERED, REASON_NO_RESPONSE, 3);
	check(1012, SCAN_FILTERED, REASON_NO_RESPONSE, 3);
	end(&spec);
}

/* As long as it is paused, nothing is sent, and no silence counts. */
static void
test_pause(void **state)
{
	struct scan_spec spec;
	size_t i;

	(void)state;
	begin(&spec);
	/* The answer of the last one pauses it: the silent ones wait. */
	spec.in_order = true;
	spec.max_rate = 100;
	world.pause_at = 3;
	scan(&spec, "192.0.2.2", "1002,1012,1021,1031,1041", SCAN_CONNECT);
	assert_true(world.paused_sent >= 3);
	check(1002, SCAN_FILTERED, REASON_NO_RESPONSE, 3);
	check(1012, SCAN_FILTERED, REASON_NO_RESPONSE, 3);
	check(1041, SCAN_CLOSED, REASON_RESET, 1);
	for (i = 0; i < world.nevent; i++)
		if (world.event[i].type == SCAN_EV_PROGRESS &&
		    world.event[i].progress.paused)
			break;
	assert_true(i < world.nevent);
	end(&spec);
}

/* At 80 % of the table nothing is sent until there is room again. */
static void
test_conntrack(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	world.count = memfd_create("count", MFD_CLOEXEC);
	world.most = memfd_create("max", MFD_CLOEXEC);
	put_number(world.count, "80\n");
	put_number(world.most, "100\n");
	world.set_timer = true;
	scan(&spec, "192.0.2.2", "1,11,21", SCAN_CONNECT);
	assert_int_equal(world.nsent, 3);
	assert_non_null(strstr(find(SCAN_EV_NOTE, 0)->note.text,
	    "net.netfilter.nf_conntrack_max is 100"));
	close(world.count);
	close(world.most);
	end(&spec);
}

/* While the parent does not read, nothing is sent. */
static void
test_full(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	world.closed = 20;
	scan(&spec, "192.0.2.2", "1,11,21", SCAN_CONNECT);
	assert_int_equal(world.refused, 20);
	assert_int_equal(world.nsent, 3);
	end(&spec);
}

static void
test_stop(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	spec.max_rate = 100;
	world.stop_at = 5;
	scan(&spec, "192.0.2.2", "1-2000", SCAN_CONNECT);
	assert_true(world.nsent < 100);
	assert_null(find(SCAN_EV_HOST_END, 2));
	end(&spec);
}

static void
test_rate(void **state)
{
	struct scan_spec spec;
	size_t i;

	(void)state;
	begin(&spec);
	spec.max_rate = 100;
	scan(&spec, "192.0.2.2", "1,11,21,31,41,51,61,71,81,91,101,111,121,131",
	    SCAN_CONNECT);
	assert_int_equal(world.nsent, 14);
	/* Two may go together; so no ten take less than eight steps. */
	for (i = 10; i < world.nsent; i++)
		assert_true(
		    world.sent[i].at - world.sent[i - 10].at >= 80 * MS);
	end(&spec);
}

static void
test_host_timeout(void **state)
{
	struct scan_spec spec;

	(void)state;
	begin(&spec);
	spec.max_rate = 50;
	spec.host_timeout_ms = 60;
	scan(&spec, "192.0.2.2", "1-1000", SCAN_CONNECT);
	assert_true(find(SCAN_EV_HOST_END, 2)->host_end.timeout);
	assert_true(find(SCAN_EV_HOST_END, 2)->host_end.tcp < 100);
	assert_int_equal(last_progress()->progress.done, 1000);
	end(&spec);
}

static void
test_list(void **state)
{
	struct scan_spec spec;
	uint8_t h;

	(void)state;
	begin(&spec);
	scan(&spec, "192.0.2.0/28", NULL, SCAN_LIST);
	assert_int_equal(world.nsent, 0);
	for (h = 0; h < 16; h++)
		assert_non_null(find(SCAN_EV_HOST, h));
	end(&spec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_tell_seen),
		cmocka_unit_test(test_tries),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_pings),
		cmocka_unit_test(test_no_route),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_conntrack),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_host_timeout),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
