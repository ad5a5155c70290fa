/* SPDX-License-Identifier: ISC */
/* Which ports to try, and what to say of those that were not. */
#include "config.h"

#include "model/freeport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/service.h"
#include "know/state.h"

#define START_TRIES 64
#define SEED_STEP   UINT64_C(0x9e3779b97f4a7c15) /* no other seed is near */

const char *const freeport_passed_names[FREEPORT_NPASSED] = {
	[FREEPORT_HELD] = "in_use",
	[FREEPORT_DENIED] = "not_permitted",
	[FREEPORT_EPHEMERAL] = "ephemeral",
	[FREEPORT_RESERVED] = "reserved",
	[FREEPORT_REGISTERED] = "registered",
};

/* Why it is not even tried, or FREEPORT_NPASSED. */
static enum freeport_passed
avoided(const struct freeport *f, uint16_t port)
{
	const struct port_limits *l = f->limits;

	if (!f->ask.ephemeral && port >= l->ephemeral_lo &&
	    port <= l->ephemeral_hi)
		return FREEPORT_EPHEMERAL;
	if (!f->ask.reserved && l->reserved_known &&
	    portset_has(&l->reserved, port))
		return FREEPORT_RESERVED;
	if (!f->ask.registered && service_name(port, f->ask.proto) != NULL)
		return FREEPORT_REGISTERED;
	return FREEPORT_NPASSED;
}

/* One that may be given: from the middle of the ephemeral range on, the next
 * free one would be the same for nearly half of all seeds. */
static uint32_t
start_of(const struct freeport *f)
{
	uint32_t at = 0;
	unsigned i;

	for (i = 0; i < START_TRIES; i++) {
		at = (uint32_t)(hash_mix(f->ask.seed + i * SEED_STEP) % f->n);
		if (avoided(f, (uint16_t)(f->ask.lo + at)) == FREEPORT_NPASSED)
			break;
	}
	return at;
}

void
freeport_init(struct freeport *f, const struct freeport_ask *ask,
    const struct port_limits *limits)
{
	*f = (struct freeport){ .ask = *ask, .limits = limits };
	f->n = (uint32_t)ask->hi - ask->lo + 1;
	if (!ask->narrow)
		f->start = start_of(f);
	if (ask->narrow && f->n == 1)
		f->ask.registered = f->ask.ephemeral = f->ask.reserved = true;
}

bool
freeport_next(struct freeport *f, uint16_t *ret)
{
	enum freeport_passed why;
	uint16_t port;

	while (f->done < f->n) {
		port = (uint16_t)(f->ask.lo + (f->start + f->done++) % f->n);
		why = avoided(f, port);
		if (why == FREEPORT_NPASSED) {
			*ret = port;
			return true;
		}
		f->passed[why]++;
	}
	return false;
}

bool
freeport_failed(struct freeport *f, int error)
{
	switch (-error) {
	case EADDRINUSE:
		f->passed[FREEPORT_HELD]++;
		return true;
	case EACCES:
	case EPERM:
		f->passed[FREEPORT_DENIED]++;
		return true;
	default:
		return false;
	}
}

void
freeport_put_passed(const struct freeport *f, struct buf *b)
{
	static const char *const words[FREEPORT_NPASSED] = {
		[FREEPORT_HELD] = "in use",
		[FREEPORT_DENIED] = "not permitted",
		[FREEPORT_EPHEMERAL] = "in the ephemeral range (--ephemeral "
				       "takes these)",
		[FREEPORT_RESERVED] = "reserved by ip_local_reserved_ports "
				      "(--any takes these)",
		[FREEPORT_REGISTERED] = "of known services (--registered "
					"takes these)",
	};
	const char *gap = "";
	size_t i;

	for (i = 0; i < nitems(words); i++) {
		if (f->passed[i] == 0)
			continue;
		buf_printf(b, "%s%u %s", gap, f->passed[i], words[i]);
		gap = ", ";
	}
}

/* "8000-8100", "8080", "1024-", cut off at the end already. */
static bool
parse_ports(struct freeport_ask *ask, const char *text)
{
	char *lo = xstrdup(text), *dash = strchr(lo, '-');
	uint64_t a, b;
	bool ok;

	if (dash != NULL)
		*dash++ = '\0';
	ok = num_u64(lo, 1, UINT16_MAX, &a);
	b = a;
	if (ok && dash != NULL && *dash == '\0')
		b = UINT16_MAX;
	else if (ok && dash != NULL)
		ok = num_u64(dash, a, UINT16_MAX, &b);
	free(lo);
	if (!ok)
		return false;
	ask->lo = (uint16_t)a;
	ask->hi = (uint16_t)b;
	ask->narrow = true;
	return true;
}

int
freeport_parse(struct freeport_ask *ask, const char *word, char **cause)
{
	const char *slash = strchr(word, '/');
	char *ports, *clean;
	bool ok = true;

	ports = slash == NULL ? xstrdup(word)
			      : xstrndup(word, (size_t)(slash - word));
	if (slash != NULL && strcmp(slash, "/udp") == 0)
		ask->proto = SOCK_UDP;
	else if (slash != NULL && strcmp(slash, "/tcp") == 0)
		ask->proto = SOCK_TCP;
	else if (slash != NULL)
		ok = false;
	if (ok && (slash == NULL || *ports != '\0'))
		ok = parse_ports(ask, ports);
	free(ports);
	if (ok)
		return 0;
	clean = text_clean(word, strlen(word));
	xasprintf(cause,
	    "%s: a port or a range is meant, from 1 to 65535, perhaps with "
	    "/tcp or /udp: 8000-8100/udp",
	    clean);
	free(clean);
	return -EINVAL;
}
