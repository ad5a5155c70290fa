/* SPDX-License-Identifier: ISC */
/*
 * `knock`: the ports in the order they were typed, with pauses in between;
 * and whether it opened what it should.
 */
#include "config.h"

#include "app/knock.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/knock.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "know/state.h"

/* Keeps the order on the way, and holds nobody up. */
#define DELAY_MS   100
#define TIMEOUT_NS UINT64_C(3000000000)

struct knocking {
	const struct args *args;
	struct knock knock;
	struct knock_where where;
	char *cause;
	int printed; /* 0, or -errno of standard output */
};

/* "[::1]" is an address, too. */
static char *
host_of(const char *word)
{
	size_t len = strlen(word);

	if (len > 2 && word[0] == '[' && word[len - 1] == ']')
		return xstrndup(word + 1, len - 2);
	return xstrdup(word);
}

/* Once: whoever answers with two addresses in turn is not asked again. */
static int
resolve(struct knocking *k, const char *word)
{
	const struct args *a = k->args;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = a->v4 == a->v6 ? AF_UNSPEC
			     : a->v6        ? AF_INET6
					    : AF_INET },
			*ai;
	char *host = host_of(word), text[NI_MAXHOST];
	int e;

	k->knock.host = text_clean(host, strlen(host));
	e = *host == '\0' ? EAI_NONAME : getaddrinfo(host, NULL, &hints, &ai);
	free(host);
	if (e != 0) {
		xasprintf(&k->cause, "knock: %s: %s%s", k->knock.host,
		    gai_strerror(e),
		    a->v4 == a->v6 ? ""
		    : a->v6        ? " (as IPv6)"
				   : " (as IPv4)");
		return STATUS_FAILED;
	}
	memcpy(&k->where.addr, ai->ai_addr, ai->ai_addrlen);
	k->where.len = ai->ai_addrlen;
	freeaddrinfo(ai);
	e = getnameinfo((const struct sockaddr *)&k->where.addr, k->where.len,
	    text, sizeof(text), NULL, 0, NI_NUMERICHOST);
	k->knock.addr =
	    e == 0 ? text_clean(text, strlen(text)) : xstrdup(k->knock.host);
	return STATUS_OK;
}

static int
plan(struct knocking *k)
{
	const struct args *a = k->args;
	uint8_t proto = a->udp ? SOCK_UDP : SOCK_TCP;
	size_t i;

	if (a->nwords < 2) {
		k->cause = xstrdup(
		    a->nwords == 0
			? "knock: needs a HOST and at least one PORT"
			: "knock: needs at least one PORT after the host");
		return STATUS_USAGE;
	}
	k->knock.n = a->nwords - 1;
	k->knock.port = xreallocarray(NULL, k->knock.n, sizeof(*k->knock.port));
	for (i = 0; i < k->knock.n; i++)
		if (knock_port_parse(a->word[i + 1], proto, &k->knock.port[i],
			&k->cause) < 0)
			return STATUS_USAGE;
	k->knock.delay_ms = a->knock_delay_given ? a->knock_delay_ms : DELAY_MS;
	k->knock.check = (uint16_t)a->knock_check;
	k->knock.dry = a->knock_dry;
	return STATUS_OK;
}

static int
status_of(int r)
{
	return r == -EPERM || r == -EACCES || r == -EROFS ? STATUS_REFUSED
							  : STATUS_FAILED;
}

static void
printed(struct knocking *k, int r)
{
	if (k->printed == 0)
		k->printed = r;
}

static int
look(struct knocking *k, bool after)
{
	uint64_t wait = k->args->knock_timeout_ns != 0
			    ? k->args->knock_timeout_ns
			    : TIMEOUT_NS;
	int r;

	if (k->knock.check == 0)
		return STATUS_OK;
	r = after
		? knock_look_until_open(
		      &k->where, k->knock.check, wait, &k->knock.after)
		: knock_look(&k->where, k->knock.check, wait, &k->knock.before);
	if (r == 0)
		return STATUS_OK;
	xasprintf(&k->cause, "knock: cannot look at port %u of %s: %s",
	    k->knock.check, k->knock.addr, strerror(-r));
	return status_of(r);
}

static int
send_all(struct knocking *k)
{
	struct knock_port *p;
	size_t i;
	int r = 0, error = 0;

	for (i = 0; i < k->knock.n; i++) {
		p = &k->knock.port[i];
		if (error != 0)
			p->state = KNOCK_LEFT;
		else if (!k->knock.dry) {
			if (i > 0)
				knock_pause(k->knock.delay_ms);
			r = knock_send(&k->where, p);
			if (r < 0)
				error = r;
		}
		printed(k, out_knock_port(stdout, k->args, p));
	}
	if (error == 0)
		return STATUS_OK;
	xasprintf(&k->cause, "knock: not all knocks could be sent: %s",
	    strerror(-error));
	return status_of(error);
}

static int
go(struct knocking *k)
{
	int status = k->knock.dry ? STATUS_OK : look(k, false);

	if (status != STATUS_OK)
		return status;
	printed(k, out_knock_begin(stdout, k->args, &k->knock));
	status = send_all(k);
	if (status == STATUS_OK && !k->knock.dry)
		status = look(k, true);
	printed(k, out_knock_end(stdout, k->args, &k->knock));
	if (status == STATUS_OK && k->knock.check != 0 && !k->knock.dry &&
	    k->knock.after != KNOCK_OPEN)
		status = STATUS_NONE;
	return status;
}

int
knock_main(const struct args *a, const struct config *cfg)
{
	struct knocking *k = xcalloc(1, sizeof(*k));
	int status;

	k->args = a;
	k->where.readonly = cfg->opt.readonly;
	status = plan(k);
	if (status == STATUS_OK && cfg->opt.readonly && !k->knock.dry) {
		k->cause = xstrdup("--readonly: nothing is knocked at");
		status = STATUS_REFUSED;
	}
	if (status == STATUS_OK)
		status = resolve(k, a->word[0]);
	if (status == STATUS_OK)
		status = go(k);
	if (k->cause != NULL)
		out_error("%s", k->cause);
	if (k->printed < 0) {
		out_error(
		    "cannot write standard output: %s", strerror(-k->printed));
		status = STATUS_FAILED;
	}
	knock_done(&k->knock);
	free(k->cause);
	free(k);
	return status;
}
