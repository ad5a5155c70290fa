/* SPDX-License-Identifier: ISC */
/*
 * `explain`: words answered. The machine is looked at only if the answer is
 * about something on it; if it cannot be, the rest is told all the same.
 */
#include "config.h"

#include "app/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/oneshot.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/netns.h"
#include "collect/port_limits.h"
#include "model/explain.h"

#define WIDTH     79 /* of what is no terminal */
#define WIDTH_MIN 40

static struct explain_form
form_of(const struct args *a, const struct config *cfg)
{
	const char *no_colour = getenv("NO_COLOR");
	bool terminal = isatty(STDOUT_FILENO) == 1;
	struct explain_form f = { .json = a->format == OUT_JSON,
		.width = WIDTH };
	struct winsize w;

	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 &&
	    w.ws_col != 0)
		f.width = w.ws_col > WIDTH_MIN ? w.ws_col : WIDTH_MIN;
	f.colour = cfg->opt.colour == 1 ||
		   (cfg->opt.colour == 0 && terminal &&
		       (no_colour == NULL || *no_colour == '\0'));
	return f;
}

static int
written(int r)
{
	errno = 0;
	if (r == 0 && fflush(stdout) != 0)
		r = errno != 0 ? -errno : -EIO;
	if (r == 0)
		return STATUS_OK;
	out_error("cannot write standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

static int
list_services(const struct args *a, const struct explain_form *form)
{
	const struct service **list;
	size_t n;
	int status;

	/* A recording is of another machine: its file is not known. */
	list =
	    explain_services(a->word + 1, a->nwords - 1, a->from == NULL, &n);
	status = written(out_services(stdout, list, n, form));
	free(list);
	if (status == STATUS_OK && n == 0) {
		out_error("explain services: none fits; expected a port or "
			  "range, tcp, udp, encrypted, plain, unofficial, or a "
			  "part of a name");
		return STATUS_NONE;
	}
	return status;
}

/* -- this machine --------------------------------------------------------- */

static int
limits_of(void *arg, const struct netns *ns, char **cause)
{
	(void)ns;
	(void)cause;
	port_limits_read(arg);
	return 0;
}

/* Of the namespace that is asked about; of all, of our own. */
static void
read_limits(const struct args *a, struct port_limits *l)
{
	bool all = a->netns != NULL && strcmp(a->netns, "all") == 0;
	struct netns_names *names = netns_names_new();
	struct snap *snap = snap_new();
	char *cause = NULL;

	(void)netns_each(
	    all ? NULL : a->netns, names, snap, limits_of, l, &cause);
	free(cause);
	snap_free(snap);
	netns_names_free(names);
}

/* Sockets and limits; what cannot be read stays NULL. 0 or a status. */
static int
look(struct oneshot *o, const struct args *a, struct explain_here *here,
    struct port_limits *limits)
{
	char *cause = NULL;
	int r =
	    oneshot_open(o, a, NEED_CMDLINE | NEED_CGROUP | NEED_IFACE, &cause);

	if (r == 0)
		r = oneshot_read(o, &cause);
	if (r != 0) {
		out_error("%s", cause != NULL ? cause : strerror(-r));
		free(cause);
		return r == -EPERM || r == -EACCES ? STATUS_REFUSED
						   : STATUS_FAILED;
	}
	here->table = o->table;
	here->ctx = &o->view.ctx;
	here->hidden = snap_hidden_why(o->snap->source,
	    (o->snap->flags & SNAP_PRIVILEGED) != 0, o->snap->remedy);
	if (a->from == NULL)
		read_limits(a, limits);
	else {
		limits->ephemeral_lo = o->table->ephemeral_lo;
		limits->ephemeral_hi = o->table->ephemeral_hi;
	}
	if (limits->ephemeral_lo != 0 || limits->unprivileged_known)
		here->limits = limits;
	return STATUS_OK;
}

/* Once to see what it is about, and again if that is this machine. */
static int
words(const struct args *a, struct explain *e, char **cause)
{
	struct port_limits *limits;
	struct explain_here here = { 0 };
	struct oneshot o = { 0 };
	int r, status = STATUS_OK;

	r = explain_ask(e, a->word, a->nwords, NULL, cause);
	if (r != 0)
		return STATUS_USAGE;
	if (!e->here)
		return STATUS_OK;
	limits = xcalloc(1, sizeof(*limits));
	status = look(&o, a, &here, limits);
	explain_done(e);
	(void)explain_words(e, a->word, a->nwords, &here, cause);
	oneshot_close(&o);
	free(limits);
	return status;
}

int
explain_main(const struct args *a, const struct config *cfg)
{
	struct explain_form form = form_of(a, cfg);
	struct explain e = { 0 };
	char *cause = NULL;
	int status, r;
	size_t i;

	if (a->nwords > 0 && strcmp(a->word[0], "services") == 0)
		return list_services(a, &form);
	status = words(a, &e, &cause);
	if (cause != NULL) {
		out_error("explain: %s", cause);
		free(cause);
		explain_done(&e);
		return STATUS_USAGE;
	}
	r = written(e.n > 0 || form.json ? out_explain(stdout, &e, &form) : 0);
	for (i = 0; i < e.nunknown; i++)
		out_error("explain: %s", e.unknown[i]);
	if (status == STATUS_OK && e.nunknown > 0)
		status = STATUS_NONE;
	explain_done(&e);
	return r != STATUS_OK ? r : status;
}
