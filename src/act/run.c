/* SPDX-License-Identifier: ISC */
/* Doing an act. See run.h. */
#include "config.h"

#include "act/run.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/netns_fd.h"
#include "act/sockclose.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/signal.h"

static void
hold(struct act_target *t, const struct act_env *env)
{
	struct signal_who who = {
		.pid = t->pid, .start = t->start, .fd = t->fd, .inode = t->inode
	};
	char *cause = NULL;
	int r;

	r = signal_hold(env->kernel, &who, &t->pidfd, &cause);
	if (r == 0)
		return;
	act_target_outcome(t, r == -ESRCH ? ACT_GONE : ACT_REFUSED, cause);
	free(cause);
}

void
act_hold(struct act *a, const struct act_env *env)
{
	struct act_target *t;

	if (a->kind != ACT_SIGNAL)
		return;
	for (t = a->target; t < a->target + a->n; t++)
		if (t->pid >= 2 && t->pidfd == -1 && t->state == ACT_WAITING)
			hold(t, env);
}

static bool
to_be_hit(const struct act *a, const struct act_target *t)
{
	if (!act_target_counts(t))
		return false;
	if (a->kind == ACT_SIGNAL)
		/* Again and again, as long as it lives. */
		return t->state == ACT_WAITING || t->state == ACT_SENT ||
		       t->state == ACT_ALIVE;
	return t->state == ACT_WAITING;
}

size_t
act_next_target(const struct act *a, size_t from)
{
	while (from < a->n && !to_be_hit(a, &a->target[from]))
		from++;
	return from;
}

/* A sentence of the act itself, before or around the helper. */
static int
refuse(struct act_target *t, int error, const char *why)
{
	act_target_outcome(t, ACT_REFUSED, why);
	return error;
}

static int
request_close(struct act *a, struct act_target *t, const struct act_env *env,
    struct helper_request *q)
{
	struct signal_who who = {
		.pid = t->pid, .start = t->start, .fd = t->fd, .inode = t->inode
	};
	char *cause = NULL;
	int r;

	q->rec = t->rec;
	q->fd = t->fd;
	if (a->how == ACT_FIN) {
		q->what = HELPER_FIN;
		r = signal_hold(env->kernel, &who, &q->pidfd, &cause);
		if (r < 0)
			act_target_outcome(
			    t, r == -ESRCH ? ACT_GONE : ACT_REFUSED, cause);
		free(cause);
		return r;
	}
	q->what = HELPER_RST;
	r = netns_fd_open(t->rec.netns, t->pid, &q->netns_fd);
	if (r < 0)
		act_target_outcome(t, ACT_REFUSED,
		    "its network namespace cannot be found from here (needs "
		    "root, or a process of yours in it)");
	return r;
}

int
act_start(struct act *a, size_t at, const struct act_env *env, struct helper *h)
{
	struct act_target *t = &a->target[at];
	struct helper_request q = { .what = HELPER_SIGNAL,
		.pidfd = -1,
		.netns_fd = -1,
		.signal = a->signal,
		.readonly = env->readonly,
		.kernel = env->kernel };
	char *cause = NULL;
	int r = 0;

	if (env->readonly)
		return refuse(
		    t, -EROFS, "--readonly: nothing is signalled or closed");
	if (!act_target_counts(t))
		return refuse(t, -EPERM, t->why != NULL ? t->why : "left out");
	if (a->kind == ACT_CLOSE)
		r = request_close(a, t, env, &q);
	else if (t->pidfd == -1 || signal_fact(a->signal) == NULL)
		return refuse(t, -EINVAL, "it is not held: nothing was sent");
	else
		q.pidfd = t->pidfd;
	if (r == 0) {
		/* Before, not after: it may have ended by the time that the
		 * helper is back. */
		t->sent_ns = clock_mono_ns();
		r = helper_start(h, &q, &cause);
		if (r < 0)
			act_target_outcome(t, ACT_FAILED, cause);
		else
			act_target_outcome(t, ACT_RUNNING, NULL);
		free(cause);
	}
	if (a->kind == ACT_CLOSE && q.pidfd != -1)
		(void)close(q.pidfd);
	if (q.netns_fd != -1)
		(void)close(q.netns_fd);
	return r;
}

static void
signalled(struct act *a, struct act_target *t, int error)
{
	char name[SIGNAL_NAME_MAX], *text;

	if (error == 0) {
		xasprintf(&text, "%s sent", signal_name(name, a->signal));
		act_target_outcome(
		    t, act_awaits_end(a) ? ACT_SENT : ACT_DONE, text);
	} else {
		text = signal_cause(error);
		act_target_outcome(t,
		    error == -ESRCH   ? ACT_GONE
		    : error == -EPERM ? ACT_REFUSED
				      : ACT_FAILED,
		    text);
	}
	free(text);
}

void
act_finish(struct act *a, size_t at, struct helper *h)
{
	struct act_target *t = &a->target[at];
	struct helper_answer answer;
	enum act_state state;
	char *text;

	helper_finish(h, &answer);
	if (answer.error != 0 && answer.step == HELPER_SETUP) {
		act_target_outcome(t, ACT_FAILED,
		    answer.error == -EROFS
			? "--readonly: nothing is signalled or closed"
			: "the helper could not give up its other rights: "
			  "nothing was done");
		return;
	}
	if (answer.error == -EPERM && answer.step == HELPER_ENTER) {
		act_target_outcome(t, ACT_REFUSED,
		    "not permitted to enter its network namespace (needs "
		    "root, or CAP_SYS_ADMIN and CAP_NET_ADMIN there)");
		return;
	}
	if (a->kind == ACT_SIGNAL) {
		signalled(a, t, answer.error);
		return;
	}
	text = sockclose_outcome(a->how, &t->rec, answer.error, &state);
	act_target_outcome(t, state, text);
	free(text);
}

bool
act_awaits_end(const struct act *a)
{
	const struct signal_fact *f = signal_fact(a->signal);

	return a->kind == ACT_SIGNAL && f != NULL &&
	       (f->action == SIGNAL_TERM || f->action == SIGNAL_CORE);
}

static bool
has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0;
}

bool
act_check_end(struct act *a, size_t at, uint64_t now_ns)
{
	struct act_target *t = &a->target[at];
	char took[TEXT_UNIT_MAX], *text;

	if (t->pidfd == -1 ||
	    (t->state != ACT_WAITING && t->state != ACT_SENT &&
		t->state != ACT_ALIVE))
		return false;
	if (t->state == ACT_WAITING && has_ended(t->pidfd)) {
		act_target_outcome(t, ACT_GONE, "ended meanwhile, by itself");
		return true;
	}
	if (has_ended(t->pidfd)) {
		t->took_ns = now_ns > t->sent_ns ? now_ns - t->sent_ns : 1;
		xasprintf(
		    &text, "ended after %s", text_duration(took, t->took_ns));
		act_target_outcome(t, ACT_DONE, text);
		free(text);
		return true;
	}
	if (t->state == ACT_SENT && now_ns >= t->sent_ns + ACT_GRACE_NS) {
		xasprintf(&text, "still alive after %d s: KILL forces it",
		    (int)(ACT_GRACE_NS / 1000000000));
		act_target_outcome(t, ACT_ALIVE, text);
		free(text);
		return true;
	}
	return false;
}
