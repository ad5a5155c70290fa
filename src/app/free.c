/* SPDX-License-Identifier: ISC */
/*
 * `free`: ports that can be bound now, each tested by binding it. Which are
 * tried is model/freeport.c's affair; whether they are free is the kernel's.
 */
#include "config.h"

#include "app/free.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/bindtest.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "collect/netns.h"
#include "collect/port_limits.h"
#include "know/state.h"
#include "model/freeport.h"

#define LOWEST 1024 /* below are the system's ports, RFC 6335 section 6 */

struct search {
	const struct args *args;
	struct freeport_ask ask;
	struct port_limits limits;
	struct freeport how;
	uint16_t *port;
	size_t n, wanted;
	char *netns;
};

static int
ask_of(const struct args *a, struct freeport_ask *ask, char **cause)
{
	*ask = (struct freeport_ask){ .proto = SOCK_TCP,
		.lo = LOWEST,
		.hi = UINT16_MAX,
		.registered = a->free_registered || a->free_any,
		.ephemeral = a->free_ephemeral || a->free_any,
		.reserved = a->free_any,
		.seed = a->free_seed };
	if (!a->free_seeded)
		arc4random_buf(&ask->seed, sizeof(ask->seed));
	if (a->nwords > 1) {
		char *clean = text_clean(a->word[1], strlen(a->word[1]));

		xasprintf(cause, "%s: free takes one RANGE", clean);
		free(clean);
		return -EINVAL;
	}
	if (a->netns != NULL &&
	    (strcmp(a->netns, "all") == 0 || strchr(a->netns, ',') != NULL)) {
		xasprintf(cause, "-N: free looks into one namespace: name it");
		return -EINVAL;
	}
	return a->nwords == 1 ? freeport_parse(ask, a->word[0], cause) : 0;
}

static int
try_bind(const struct search *s, uint16_t port)
{
	struct bindtest t = { .proto = (uint8_t)s->ask.proto,
		.port = port,
		.flags = BINDTEST_LISTEN };

	if (s->args->v4 == s->args->v6)
		return bindtest_any(s->ask.proto, port, BINDTEST_LISTEN);
	t.family = s->args->v4 ? 4 : 6;
	return bindtest(&t);
}

/* In the namespace that is asked for. */
static int
search(void *arg, const struct netns *ns, char **cause)
{
	struct search *s = arg;
	uint16_t port;
	int r;

	free(s->netns);
	s->netns = xstrdup(ns->name);
	port_limits_read(&s->limits);
	freeport_init(&s->how, &s->ask, &s->limits);
	while (s->n < s->wanted && freeport_next(&s->how, &port)) {
		r = try_bind(s, port);
		if (r == 0)
			s->port[s->n++] = port;
		else if (!freeport_failed(&s->how, r)) {
			xasprintf(cause, "free: cannot try port %u: %s", port,
			    strerror(-r));
			return r;
		}
	}
	return 0;
}

static int
run(struct search *s, char **cause)
{
	struct netns_names *names = netns_names_new();
	struct snap *snap = snap_new();
	int r = netns_each(s->args->netns, names, snap, search, s, cause);

	snap_free(snap);
	netns_names_free(names);
	return r;
}

static int
tell(const struct search *s)
{
	struct free_answer answer = { .port = s->port,
		.n = s->n,
		.wanted = s->wanted,
		.how = &s->how,
		.netns = s->netns };
	int r = out_free(stdout, s->args, &answer);

	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r < 0) {
		out_error("cannot write standard output: %s", strerror(-r));
		return STATUS_FAILED;
	}
	if (s->n == s->wanted)
		return STATUS_OK;
	out_free_too_few(&answer);
	return STATUS_NONE;
}

static int
status_of(int r)
{
	return r == -EPERM || r == -EACCES ? STATUS_REFUSED : STATUS_FAILED;
}

int
free_main(const struct args *a, const struct config *cfg)
{
	struct search *s = xcalloc(1, sizeof(*s));
	char *cause = NULL;
	int r, status;

	(void)cfg;
	s->args = a;
	s->wanted = a->free_count != 0 ? (size_t)a->free_count : 1;
	s->port = xreallocarray(NULL, s->wanted, sizeof(*s->port));
	r = ask_of(a, &s->ask, &cause);
	if (r < 0)
		status = STATUS_USAGE;
	else if ((r = run(s, &cause)) < 0)
		status = status_of(r);
	else
		status = tell(s);
	if (r < 0)
		out_error("%s", cause != NULL ? cause : strerror(-r));
	free(cause);
	free(s->netns);
	free(s->port);
	free(s);
	return status;
}
