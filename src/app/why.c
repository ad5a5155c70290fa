/* SPDX-License-Identifier: ISC */
/* `why`: whether a port can be bound, and if not, why. */
#include "config.h"

#include "app/why.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/why_run.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"

static int
check(const struct args *a, char **cause)
{
	char *clean;

	if (a->nwords == 1 && !(a->tcp && a->udp))
		return 0;
	if (a->nwords == 0)
		xasprintf(cause, "why: which port? As in sockdeck why 8080");
	else if (a->nwords == 1)
		xasprintf(cause, "why: -t does not go with -u: a port is "
				 "TCP's or UDP's");
	else {
		clean = text_clean(a->word[1], strlen(a->word[1]));
		xasprintf(
		    cause, "%s: why takes one [ADDR:]PORT[/PROTO]", clean);
		free(clean);
	}
	return -EINVAL;
}

static const int status_of[] = {
	[CONFLICT_CAN] = STATUS_OK,
	[CONFLICT_REUSE] = STATUS_NONE,
	[CONFLICT_PARTLY] = STATUS_NONE,
	[CONFLICT_HELD] = STATUS_NONE,
	[CONFLICT_REFUSED] = STATUS_REFUSED,
	[CONFLICT_CANNOT] = STATUS_NONE,
};

static int
tell(const struct args *a, const struct conflict_report *rep)
{
	int r = out_why(stdout, a, rep);

	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r == 0)
		return status_of[rep->verdict];
	out_error("cannot write standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

int
why_main(const struct args *a, const struct config *cfg)
{
	struct why_ask ask = { .netns = a->netns, .env = &args_hosts };
	struct conflict_report *rep = NULL;
	bool usage = true;
	char *cause = NULL;
	int r, status;

	(void)cfg;
	ask.proto = a->udp ? SOCK_UDP : a->tcp ? SOCK_TCP : 0;
	r = check(a, &cause);
	if (r == 0) {
		ask.text = a->word[0];
		r = why_run(&ask, &rep, &usage, &cause);
	}
	if (r == 0)
		status = tell(a, rep);
	else {
		out_error("%s", cause != NULL ? cause : strerror(-r));
		status = usage                         ? STATUS_USAGE
			 : r == -EPERM || r == -EACCES ? STATUS_REFUSED
						       : STATUS_FAILED;
	}
	free(cause);
	conflict_report_free(rep);
	return status;
}
