/* SPDX-License-Identifier: ISC */
/*
 * The collector's thread with a source that stops where it is told to. Run
 * it with --enable-tsan, too.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "collect/collect.h"
#include "collect/owner_source.h"
#include "model/need.h"

/* All under the lock. */
static struct stage {
	struct source base;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned begun, ended; /* readings */
	unsigned gate;         /* readings that may end */
	unsigned last_need;
	char last_netns[16];
	bool last_filter;
	bool closed, signals_open;
	int error;
	unsigned wakes;
} stage;

static void
stage_move(void)
{
	pthread_cond_broadcast(&stage.moved);
	pthread_mutex_unlock(&stage.lock);
}

static int
stage_read(struct source *s, const struct request *req, const struct sink *sink,
    struct snap *snap, char **cause)
{
	struct sock_rec rec = { .cookie = 1, .netns = 1, .family = 4 };
	sigset_t set;
	int r;

	(void)s;
	(void)snap;
	pthread_mutex_lock(&stage.lock);
	stage.begun++;
	stage.last_need = req->need;
	strlcpy(stage.last_netns, req->netns == NULL ? "" : req->netns,
	    sizeof(stage.last_netns));
	stage.last_filter = req->filter != NULL;
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	if (!sigismember(&set, SIGINT) || !sigismember(&set, SIGTERM) ||
	    !sigismember(&set, SIGWINCH) || !sigismember(&set, SIGHUP))
		stage.signals_open = true;
	pthread_cond_broadcast(&stage.moved);
	while (stage.ended >= stage.gate)
		pthread_cond_wait(&stage.moved, &stage.lock);
	stage.ended++;
	r = stage.error;
	rec.recvq = stage.ended;
	stage_move();
	if (r < 0) {
		xasprintf(cause, "made to fail");
		return r;
	}
	sink->sock(sink->arg, &rec, NULL);
	return 0;
}

static void
stage_close(struct source *s)
{
	(void)s;
	pthread_mutex_lock(&stage.lock);
	stage.closed = true;
	stage_move();
}

static const struct source_ops stage_ops = {
	.name = "stage",
	.kind = SOURCE_NETLINK,
	.read = stage_read,
	.close = stage_close,
};

static void
wake(void *arg)
{
	assert_ptr_equal(arg, &stage);
	pthread_mutex_lock(&stage.lock);
	stage.wakes++;
	stage_move();
}

static void
let(unsigned gate)
{
	pthread_mutex_lock(&stage.lock);
	stage.gate = gate;
	stage_move();
}

#define WAIT_FOR(cond)                                                \
	do {                                                          \
		pthread_mutex_lock(&stage.lock);                      \
		while (!(cond))                                       \
			pthread_cond_wait(&stage.moved, &stage.lock); \
		pthread_mutex_unlock(&stage.lock);                    \
	} while (0)

static int
setup(void **state)
{
	(void)state;
	memset(&stage, 0, sizeof(stage));
	stage.base.ops = &stage_ops;
	pthread_mutex_init(&stage.lock, NULL);
	pthread_cond_init(&stage.moved, NULL);
	return 0;
}

static struct collector *
start(void)
{
	struct collector *c;

	assert_int_equal(
	    collector_start(&c, collect_with(&stage.base, &owner_procfs, true),
		wake, &stage),
	    0);
	return c;
}

static void
ask(struct collector *c, unsigned need)
{
	struct request req = { .need = need };

	collector_request(c, &req);
}

static void
one_reading(void **state)
{
	struct collector *c = start();
	struct sample *s;
	sigset_t set;

	(void)state;
	assert_null(collector_take(c));
	assert_false(collector_busy(c));
	ask(c, 1);
	WAIT_FOR(stage.begun == 1);
	assert_true(collector_busy(c));
	assert_null(collector_take(c));
	let(1);
	WAIT_FOR(stage.wakes == 1);
	s = collector_take(c);
	assert_non_null(s);
	assert_non_null(s->snap);
	assert_null(s->cause);
	assert_int_equal(s->snap->n, 1);
	sample_free(s);
	assert_null(collector_take(c));
	assert_false(collector_busy(c));
	assert_false(stage.signals_open);
	/* Ours are as they were. */
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	assert_int_equal(sigismember(&set, SIGTERM), 0);
	collector_stop(c);
	assert_true(stage.closed);
}

/* However many are asked for meanwhile: one more follows, as asked last. */
static void
requests_become_one(void **state)
{
	struct collector *c = start();
	unsigned i;

	(void)state;
	ask(c, 1);
	WAIT_FOR(stage.begun == 1);
	for (i = 2; i < 50; i++)
		ask(c, i);
	let(1);
	WAIT_FOR(stage.wakes == 1);
	assert_true(collector_busy(c));
	sample_free(collector_take(c));
	WAIT_FOR(stage.begun == 2);
	assert_int_equal(stage.last_need, 49);
	let(10);
	WAIT_FOR(stage.wakes == 2);
	assert_false(collector_busy(c));
	assert_int_equal(stage.begun, 2);
	collector_stop(c); /* with a sample that nobody took */
}

/* What a request points to is its sender's: it may go at once. */
static void
requests_are_copied(void **state)
{
	struct collector *c = start();
	struct filter_error err = { 0 };
	struct request req = { 0 };
	struct filter *f;
	char *netns = xstrdup("web");

	(void)state;
	assert_int_equal(filter_parse("sport = :22", &f, &err), 0);
	req.filter = f;
	req.netns = netns;
	collector_request(c, &req);
	filter_free(f);
	memset(netns, 'x', 3);
	free(netns);
	let(1);
	WAIT_FOR(stage.wakes == 1);
	assert_string_equal(stage.last_netns, "web");
	assert_true(stage.last_filter);
	collector_stop(c);
}

/* Deltas build on each other: none may be dropped for a newer one. */
static void
no_sample_is_lost(void **state)
{
	struct collector *c = start();
	struct sample *s;
	unsigned i;

	(void)state;
	let(UINT32_MAX);
	for (i = 1; i <= 20; i++) {
		ask(c, 0);
		ask(c, 0);
		WAIT_FOR(stage.wakes >= i);
		s = collector_take(c);
		assert_non_null(s);
		assert_int_equal(s->snap->seq, i);
		sample_free(s);
	}
	collector_stop(c);
}

static void
a_failure_is_a_sample(void **state)
{
	struct collector *c = start();
	struct sample *s;

	(void)state;
	stage.error = -EIO;
	let(1);
	ask(c, 0);
	WAIT_FOR(stage.wakes == 1);
	s = collector_take(c);
	assert_non_null(s);
	assert_null(s->snap);
	assert_string_equal(s->cause, "made to fail");
	sample_free(s);
	collector_stop(c);
}

/* The thread is stuck in the kernel: stop comes back all the same, nobody is
 * woken afterwards, and what is left is cleaned up when the kernel is done. */
static void
stop_while_stuck(void **state)
{
	struct collector *c = start();

	(void)state;
	ask(c, 0);
	WAIT_FOR(stage.begun == 1);
	collector_stop(c);
	assert_false(stage.closed);
	let(1);
	WAIT_FOR(stage.closed);
	assert_int_equal(stage.wakes, 0);
}

static void
stop_at_once(void **state)
{
	(void)state;
	collector_stop(start());
	assert_true(stage.closed);
	collector_stop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_reading, setup),
		cmocka_unit_test_setup(requests_become_one, setup),
		cmocka_unit_test_setup(requests_are_copied, setup),
		cmocka_unit_test_setup(no_sample_is_lost, setup),
		cmocka_unit_test_setup(a_failure_is_a_sample, setup),
		cmocka_unit_test_setup(stop_at_once, setup),
		/* The last: its thread ends when it likes. */
		cmocka_unit_test_setup(stop_while_stuck, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
