/* SPDX-License-Identifier: ISC */
/*
 * `audit`: one reading, the processes behind it, their answers; then the rules
 * (model/audit_rules.c).
 */
#include "config.h"

#include "app/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/audit_probe.h"
#include "app/oneshot.h"
#include "app/scan_own.h"
#include "base/xmalloc.h"
#include "cli/out_audit.h"
#include "collect/netns.h"
#include "collect/os_release.h"
#include "collect/proc_status.h"
#include "know/eol.h"

struct auditing {
	const struct args *args;
	const struct config *cfg;
	struct oneshot sockets;
	struct audit audit;
	struct scan_addr *own;
	struct audit_probed probed;
	struct out_audit out;
};

static int
read_sockets(struct auditing *k, char **cause)
{
	const struct args *a = k->args;
	struct request *q = &k->sockets.request;
	int r;

	r = oneshot_open(
	    &k->sockets, a, NEED_CGROUP | NEED_PATHS | NEED_IFACE, cause);
	if (r != 0)
		return r;
	oneshot_families(q, a);
	q->states &=
	    SOCK_STATE_BIT(SOCK_LISTEN) | SOCK_STATE_BIT(SOCK_UNCONNECTED);
	return oneshot_read(&k->sockets, cause);
}

/* Of a recording nothing but the sockets is known. */
static void
take(struct auditing *k)
{
	struct audit *a = &k->audit;
	char *name;
	size_t i;

	a->table = k->sockets.table;
	if (k->args->from == NULL) {
		k->own = scan_own_addrs(&a->nown);
		a->own = k->own;
		a->netns = netns_self();
		name = os_release_name();
		a->distribution = name != NULL ? eol_packager(name) : NULL;
		free(name);
	}
	audit_take(a, &k->sockets.view, getpid());
	for (i = 0; i < a->n && k->args->from == NULL; i++)
		if (audit_proc(&a->line[i]) != NULL)
			proc_status_read(
			    audit_proc(&a->line[i]), &a->line[i].process);
}

/* What could not be judged. */
static void
note(struct auditing *k)
{
	const struct snap *snap = k->sockets.snap;
	size_t i, elsewhere = 0;

	k->out.partial =
	    (snap->flags & SNAP_PARTIAL) != 0 ||
	    (snap->hidden_procs > 0 && audit_unowned(&k->audit) > 0) ||
	    k->probed.cause != NULL;
	for (i = 0; i < k->audit.n; i++)
		elsewhere += k->audit.line[i].netns != k->audit.netns;
	if (k->out.probed)
		k->out.elsewhere = elsewhere;
	out_notes(snap);
	if (k->probed.cause != NULL)
		out_error(
		    "audit: not all services were asked: %s", k->probed.cause);
}

static int
status_of(const struct auditing *k, int r)
{
	if (r == -EPERM || r == -EACCES)
		return STATUS_REFUSED;
	if (r != 0)
		return STATUS_FAILED;
	if (k->probed.interrupted)
		return STATUS_INTERRUPTED;
	if (audit_count(&k->audit, k->out.least) > 0)
		return STATUS_NONE;
	return k->out.partial ? STATUS_FAILED : STATUS_OK;
}

static int
go(struct auditing *k, char **cause)
{
	int r = read_sockets(k, cause);

	if (r != 0)
		return r;
	take(k);
	k->out.probed = !k->args->audit_no_probe && k->args->from == NULL;
	if (k->out.probed)
		audit_probe(&k->audit, isatty(STDERR_FILENO) == 1, &k->probed);
	if (k->probed.interrupted)
		return 0;
	k->out.now = k->args->from == NULL
			 ? (int64_t)time(NULL)
			 : (int64_t)k->sockets.snap->wall.tv_sec;
	audit_judge(&k->audit, k->out.now);
	note(k);
	r = out_audit(stdout, &k->out, &k->audit);
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r != 0)
		xasprintf(
		    cause, "cannot write standard output: %s", strerror(-r));
	return r;
}

/* 0: none, or not to be known. */
static size_t
columns_of_terminal(void)
{
	struct winsize w;

	return isatty(STDOUT_FILENO) == 1 &&
		       ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0
		   ? w.ws_col
		   : 0;
}

static bool
colours(const struct config *cfg)
{
	const char *no_colour = getenv("NO_COLOR");

	return cfg->opt.colour == 1 ||
	       (cfg->opt.colour == 0 && isatty(STDOUT_FILENO) == 1 &&
		   (no_colour == NULL || *no_colour == '\0'));
}

int
audit_main(const struct args *args, const struct config *cfg)
{
	struct auditing k = { .args = args, .cfg = cfg };
	char *cause = NULL;
	int r, status;

	k.out.args = args;
	k.out.colour = colours(cfg);
	k.out.width = columns_of_terminal();
	k.out.least = args->audit_severity >= 0
			  ? (enum severity)args->audit_severity
			  : SEVERITY_MEDIUM;
	r = go(&k, &cause);
	if (r != 0)
		out_error("%s", cause != NULL ? cause : strerror(-r));
	status = status_of(&k, r);
	free(cause);
	free(k.probed.cause);
	audit_done(&k.audit);
	free(k.own);
	oneshot_close(&k.sockets);
	return status;
}
