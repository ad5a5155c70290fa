/* SPDX-License-Identifier: ISC */
/* Host names to addresses: see lookup.h. */
#include "config.h"

#include "scan/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/xmalloc.h"
#include "scan/sockaddr.h"

/* Names mean IPv4 unless they have none, or -6 is given. */
static const struct addrinfo *
first_of(const struct addrinfo *all)
{
	const struct addrinfo *ai;

	for (ai = all; ai != NULL; ai = ai->ai_next)
		if (ai->ai_family == AF_INET)
			return ai;
	return all;
}

static const char *
reason(int r, int error)
{
	return r == EAI_SYSTEM ? strerror(error) : gai_strerror(r);
}

/* The first one is scanned; all are excluded, if it is an exclude. */
static int
take(struct target_set *t, struct target_name *n, const struct addrinfo *all,
    struct scan_event *ev, char **cause)
{
	const struct addrinfo *first = first_of(all), *ai;
	struct scan_addr a;
	int r;

	if (!sockaddr_take(&ev->addr, NULL, first->ai_addr))
		return -EAFNOSUPPORT;
	r = target_resolved(t, n, &ev->addr, cause);
	for (ai = all; ai != NULL && r == 0; ai = ai->ai_next) {
		if (ai == first || !sockaddr_take(&a, NULL, ai->ai_addr))
			continue;
		ev->target.others++;
		r = target_resolved(t, n, &a, cause);
	}
	return r;
}

static int
look_up(struct target_set *t, struct target_name *n, int family,
    struct scan_event *ev, char **cause)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM },
			*all = NULL;
	int r = getaddrinfo(n->name, NULL, &hints, &all), error = errno;

	*ev = (struct scan_event){ .type = SCAN_EV_TARGET };
	(void)strlcpy(ev->target.name, n->name, sizeof(ev->target.name));
	ev->target.exclude = !n->target;
	if (r == 0) {
		r = take(t, n, all, ev, cause);
		freeaddrinfo(all);
		return r;
	}
	(void)strlcpy(
	    ev->target.error, reason(r, error), sizeof(ev->target.error));
	if (!n->exclude)
		return 0;
	xasprintf(cause, "%s, which is to be excluded, has no address: %s",
	    ev->target.name, ev->target.error);
	return -ENOENT;
}

int
lookup_names(struct target_set *t, uint8_t family, lookup_tell tell, void *arg,
    char **cause)
{
	int af = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
	struct target_name *n;
	struct scan_event ev;
	size_t i;
	int r;

	for (i = 0; (n = target_name_at(t, i)) != NULL; i++) {
		if (n->resolved)
			continue;
		if ((r = look_up(t, n, af, &ev, cause)) < 0)
			return r;
		tell(arg, &ev);
	}
	return 0;
}
