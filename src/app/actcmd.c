/* SPDX-License-Identifier: ISC */
/*
 * `kill` and `close` on the command line: the same acts as the deck's, with
 * the question on the terminal. What is not clear is refused, never guessed.
 */
#include "config.h"

#include "app/actcmd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "act/facts.h"
#include "act/rights.h"
#include "act/run.h"
#include "act/signal.h"
#include "app/oneshot.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "know/signal.h"
#include "model/act_plan.h"

#define LINE_MAX_BYTES 256

static volatile sig_atomic_t interrupted;

/* -- is it clear what is meant? ------------------------------------------------ */

static bool
is_number(const char *s)
{
	return *s != '\0' && strspn(s, "0123456789-+") == strlen(s);
}

/* A number alone: the process, or the port? */
static int
check_word(const char *command, const struct filter *f, char **cause)
{
	if (!is_number(f->text))
		return 0;
	xasprintf(cause,
	    "%s %s: a process (pid=%s) or a port (port:%s)? Say which", command,
	    f->text, f->text, f->text);
	return -EINVAL;
}

static int
check_pid(const struct filter *f, char **cause)
{
	if (strcmp(f->col->name, "pid") != 0 || f->op != OP_EQ ||
	    (f->arg.u >= 2 && f->arg.u <= SIGNAL_PID_MAX))
		return 0;
	xasprintf(cause,
	    "pid=%llu: not a process that can be meant: a number from 2 to %d",
	    (unsigned long long)f->arg.u, SIGNAL_PID_MAX);
	return -EINVAL;
}

static int
check_filter(const char *command, const struct filter *f, char **cause)
{
	int r = 0;

	if (f == NULL)
		return 0;
	if (f->kind == FILTER_WORD)
		return check_word(command, f, cause);
	if (f->kind == FILTER_COLUMN)
		return check_pid(f, cause);
	if (f->kind == FILTER_AND || f->kind == FILTER_OR ||
	    f->kind == FILTER_NOT)
		r = check_filter(command, f->lhs, cause);
	if (r == 0 && (f->kind == FILTER_AND || f->kind == FILTER_OR))
		r = check_filter(command, f->rhs, cause);
	return r;
}

static int
check(const struct args *a, const struct config *cfg, char **cause)
{
	int r;

	if (a->filter == NULL) {
		xasprintf(cause,
		    "%s: say which sockets are meant, by a FILTER: sockdeck %s "
		    "port:8080",
		    a->command, a->command);
		return STATUS_USAGE;
	}
	if (a->rst && a->fin) {
		xasprintf(cause, "--rst does not go with --fin: one of them");
		return STATUS_USAGE;
	}
	r = check_filter(a->command, a->filter, cause);
	if (r != 0)
		return STATUS_USAGE;
	if (cfg->opt.readonly) {
		xasprintf(cause,
		    "%s: --readonly: nothing is signalled or "
		    "closed",
		    a->command);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}

/* -- what would be hit ------------------------------------------------------------ */

/* Everything is read, not only what the filter selects: what goes with a
 * process, and who listens. */
static int
read_all(struct oneshot *o, const struct args *a, char **cause)
{
	int r = oneshot_open(o, a, NEED_CMDLINE | NEED_CGROUP, cause);

	if (r != 0)
		return r;
	o->request.filter = NULL;
	o->request.states = SOCK_STATES_ALL;
	o->request.need |= NEED_BOUND;
	return oneshot_read(o, cause);
}

/* Whether any of them is another user's process. */
static bool
any_of_others(const struct act *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->target[i].pid > 0 && a->target[i].uid != geteuid())
			return true;
	return false;
}

/* What will be refused is no surprise, and --dry-run no promise. */
static void
note_rights(struct act *a)
{
	struct act_rights r;
	const char *missing = NULL;
	char *text;

	rights_read(&r, false, false);
	if (a->kind == ACT_SIGNAL && !r.signal_all && any_of_others(a))
		missing = r.signal;
	else if (a->kind == ACT_CLOSE &&
		 (a->how == ACT_RST ? !r.close_rst
				    : !r.close_all && any_of_others(a)))
		missing = r.close;
	if (missing != NULL) {
		xasprintf(&text, "you %s", missing);
		act_note(a, text);
		free(text);
	}
	act_rights_done(&r);
}

static int
plan(const struct args *a, enum act_kind kind, struct oneshot *o,
    struct act **ret, char **cause)
{
	struct act_choice choice = { .table = o->table,
		.row = o->view.row,
		.n = o->view.n,
		.filter = a->filter };
	struct facts_job *job;
	int r;

	if (kind == ACT_SIGNAL)
		r = act_plan_signal(
		    &choice, a->signal != 0 ? a->signal : SIGTERM, ret, cause);
	else
		r = act_plan_close(
		    &choice, a->fin ? ACT_FIN : ACT_RST, ret, cause);
	if (r != 0)
		return r;
	act_hold(*ret, &(struct act_env){ 0 });
	job = facts_job_new(*ret, "");
	facts_job_run(job);
	facts_job_apply(job, *ret, o->table);
	facts_job_free(job);
	note_rights(*ret);
	return 0;
}

/* -- the answer -------------------------------------------------------------------- */

/* -y says yes to what a key says yes to, and to a number of targets; not to
 * what takes this very session away. */
static void
leave_out_typed(struct act *a)
{
	struct act_target *t;

	for (t = a->target; t < a->target + a->n; t++)
		if (t->grade == ACT_TYPE && t->state == ACT_WAITING) {
			t->skip = true;
			act_target_outcome(t, ACT_REFUSED, t->why);
		}
}

static bool
read_line(char *line, size_t size)
{
	size_t n;

	if (fgets(line, (int)size, stdin) == NULL)
		return false;
	n = strlen(line);
	if (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	return true;
}

static bool
confirmed(const struct act *a)
{
	char line[LINE_MAX_BYTES], *word = act_typed(a);
	bool yes;

	out_act_ask(a, word);
	if (!read_line(line, sizeof(line)))
		yes = false;
	else if (word != NULL)
		yes = strcmp(line, word) == 0;
	else
		yes =
		    strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
	free(word);
	return yes;
}

static int
ask(const struct args *args, struct act *a)
{
	if (args->yes) {
		leave_out_typed(a);
		return STATUS_OK;
	}
	if (isatty(STDIN_FILENO) != 1) {
		out_error("%s: it asks first, and standard input is no "
			  "terminal: -y says yes beforehand",
		    args->command);
		return STATUS_REFUSED;
	}
	if (confirmed(a))
		return STATUS_OK;
	out_error("nothing was done");
	return STATUS_NONE;
}

/* -- doing -------------------------------------------------------------------------- */

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* What a signal began must be told. */
static void
watch_interrupt(void)
{
	struct sigaction sa = { 0 };

	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_interrupt;
	(void)sigaction(SIGINT, &sa, NULL);
}

static void
hit(struct act *a)
{
	struct act_env env = { 0 };
	struct helper h;
	size_t i;

	for (i = act_next_target(a, 0); i < a->n && !interrupted;
	     i = act_next_target(a, i + 1))
		if (act_start(a, i, &env, &h) == 0)
			act_finish(a, i, &h);
}

/* Until all have ended, or the time of grace is over. */
static void
wait_ends(struct act *a)
{
	struct pollfd *p = xcalloc(a->n + 1, sizeof(*p));
	uint64_t now, until = clock_mono_ns() + ACT_GRACE_NS;
	size_t i, n;

	while (!interrupted) {
		now = clock_mono_ns();
		for (i = n = 0; i < a->n; i++) {
			(void)act_check_end(a, i, now);
			if (a->target[i].state == ACT_SENT)
				p[n++] =
				    (struct pollfd){ .fd = a->target[i].pidfd,
					    .events = POLLIN };
		}
		if (n == 0)
			break;
		(void)poll(p, (nfds_t)n,
		    now < until ? (int)((until - now) / 1000000) + 1 : 1);
	}
	free(p);
}

/* The worst that happened; nothing at all that was still there: 1. */
static int
status_of(const struct act *a)
{
	size_t i, by[ACT_FAILED + 1] = { 0 };

	for (i = 0; i < a->n; i++)
		by[a->target[i].state]++;
	if (interrupted)
		return STATUS_INTERRUPTED;
	if (by[ACT_FAILED] + by[ACT_ALIVE] > 0)
		return STATUS_FAILED;
	if (by[ACT_REFUSED] > 0)
		return STATUS_REFUSED;
	return by[ACT_DONE] > 0 ? STATUS_OK : STATUS_NONE;
}

/* What is refused from the start says so in the end. */
static void
tell_refused(struct act *a)
{
	struct act_target *t;

	for (t = a->target; t < a->target + a->n; t++)
		if (t->grade == ACT_REFUSE && t->state == ACT_WAITING)
			act_target_outcome(t, ACT_REFUSED, t->why);
}

static int
written(int r, int status)
{
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r == 0)
		return status;
	out_error("cannot write standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

static int
finish(const struct args *args, const struct act *a, int status)
{
	return written(out_act_result(stdout, args, a), status);
}

static int
go(const struct args *args, struct act *a)
{
	int status;

	if (args->dry_run) {
		tell_refused(a);
		status =
		    act_next_target(a, 0) < a->n ? STATUS_OK : status_of(a);
		return args->format == OUT_JSON
			   ? finish(args, a, status)
			   : written(out_act_plan(stdout, a), status);
	}
	/* What nobody could read is not asked. */
	if (!args->yes && out_act_plan(stderr, a) != 0)
		return STATUS_FAILED;
	if (act_next_target(a, 0) < a->n) {
		status = ask(args, a);
		if (status != STATUS_OK)
			return status;
		watch_interrupt();
		hit(a);
		if (act_awaits_end(a))
			wait_ends(a);
	}
	tell_refused(a);
	return finish(args, a, status_of(a));
}

static int
act_main(const struct args *args, const struct config *cfg, enum act_kind kind)
{
	struct oneshot o = { 0 };
	struct act *a = NULL;
	char *cause = NULL;
	int r, status = check(args, cfg, &cause);

	if (status != STATUS_OK) {
		out_error("%s", cause);
		free(cause);
		return status;
	}
	r = read_all(&o, args, &cause);
	if (r == 0 && o.view.n == 0) {
		out_error("%s: nothing matched", args->command);
		status = STATUS_NONE;
	} else if (r == 0) {
		r = plan(args, kind, &o, &a, &cause);
		if (r == 0)
			status = go(args, a);
	}
	if (r != 0) {
		out_error("%s: %s", args->command,
		    cause != NULL ? cause : strerror(-r));
		status = r == -ESRCH ? STATUS_NONE
			 : r == -E2BIG || r == -EPERM || r == -EACCES
			     ? STATUS_REFUSED
			     : STATUS_FAILED;
	}
	free(cause);
	act_free(a);
	oneshot_close(&o);
	return status;
}

int
kill_main(const struct args *args, const struct config *cfg)
{
	return act_main(args, cfg, ACT_SIGNAL);
}

int
close_main(const struct args *args, const struct config *cfg)
{
	return act_main(args, cfg, ACT_CLOSE);
}
