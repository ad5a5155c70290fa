/* SPDX-License-Identifier: ISC */
/* The attempts behind `why`: see bindtry.h. */
#include "config.h"

#include "act/bindtry.h"

#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act/bindtest.h"

#define EXTRA_MAX 16

/* 0 or an errno; *at_listen: bind(2) alone worked. */
static int
try_once(const struct conflict_query *q, const struct conflict_try *t,
    unsigned flags, bool *at_listen)
{
	struct bindtest b = { .proto = q->proto,
		.family = t->family,
		.port = t->local.port,
		.scope = t->ifindex,
		.flags = flags | BINDTEST_DROP | BINDTEST_LISTEN,
		.device = q->iface[0] == '\0' ? NULL : q->iface };
	int r;

	/* A mapped address wants it off; for others it makes no difference. */
	if (t->family == 6 && !t->v6only)
		b.flags |= BINDTEST_DUAL;
	memcpy(b.addr, t->local.addr, sizeof(b.addr));
	r = bindtest(&b);
	*at_listen = false;
	if (r == -EADDRINUSE && q->proto == SOCK_TCP) {
		b.flags &= ~(unsigned)BINDTEST_LISTEN;
		*at_listen = bindtest(&b) == 0;
	}
	return -r;
}

static void
run_one(const struct conflict_query *q, struct conflict_try *t)
{
	if (q->iface[0] != '\0')
		t->ifindex = if_nametoindex(q->iface);
	t->plain = try_once(q, t, 0, &t->plain_listen);
	t->reuse = -1;
	if (t->plain == EADDRINUSE && q->proto == SOCK_TCP)
		t->reuse = try_once(q, t, BINDTEST_REUSEADDR, &t->reuse_listen);
}

static bool
wildcard_in_use(const struct conflict_ns *ns, unsigned family)
{
	const struct conflict_try *t;
	size_t i;

	for (i = 0; i < ns->ntries; i++) {
		t = &ns->try[i];
		if (t->family == family && t->plain == EADDRINUSE &&
		    (family == 4 || t->v6only) && endpoint_is_any(&t->local))
			return true;
	}
	return false;
}

static bool
is_link_local(const struct conflict_addr *a)
{
	return a->family == 6 && a->addr.addr[0] == 0xfe &&
	       (a->addr.addr[1] & 0xc0) == 0x80;
}

/* Each address by itself: what the wildcard cannot have, one of them may. */
static void
try_each(const struct conflict_query *q, struct conflict_ns *ns)
{
	bool wanted[2] = { wildcard_in_use(ns, 4), wildcard_in_use(ns, 6) };
	const struct conflict_addr *a;
	struct conflict_try *t;
	size_t i, n = 0;

	for (i = 0; i < ns->naddrs && n < EXTRA_MAX; i++) {
		a = &ns->addr[i];
		if (!wanted[a->family == 6] || is_link_local(a) ||
		    ns->ntries == CONFLICT_TRIES)
			continue;
		t = &ns->try[ns->ntries++];
		*t = (struct conflict_try){
			.local = a->addr, .family = a->family, .extra = true
		};
		t->local.port = q->port;
		run_one(q, t);
		n++;
	}
}

static bool
has_bind_capability(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	return (data[CAP_TO_INDEX(CAP_NET_BIND_SERVICE)].effective &
		   CAP_TO_MASK(CAP_NET_BIND_SERVICE)) != 0;
}

void
bindtry_run(const struct conflict_query *q, struct conflict_ns *ns)
{
	size_t i;

	ns->may_low = has_bind_capability();
	for (i = 0; i < ns->ntries; i++)
		run_one(q, &ns->try[i]);
	if (q->naddr == 0)
		try_each(q, ns);
}
