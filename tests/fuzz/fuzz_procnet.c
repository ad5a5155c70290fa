/* SPDX-License-Identifier: ISC */
/*
 * Lines of /proc/net/tcp and its kin, of both families. What is taken has a
 * key that is its own again the next time, and claims to know no more than
 * the table tells.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collect/procnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
one_line(const char *s, size_t n, uint8_t proto, uint8_t family)
{
	struct procnet_want w = { .netns = 1,
		.proto = proto,
		.family = family,
		.timer = true,
		.hz = 100 };
	struct sock_rec a, b;

	if (!procnet_parse(s, n, &w, &a))
		return;
	if (a.cookie == 0 || (a.flags & SOCKF_SYNTH_KEY) == 0 ||
	    a.state >= SOCK_NSTATES || a.timer > TIMER_PERSIST)
		abort();
	if ((a.known & (KNOWN_TCP | KNOWN_BYTES | KNOWN_MARK | KNOWN_CGROUP |
			   KNOWN_IFACE | KNOWN_V6ONLY)) != 0)
		abort();
	if (!procnet_parse(s, n, &w, &b) || memcmp(&a, &b, sizeof(a)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size, *nl;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		one_line(s, (size_t)(nl - s), SOCK_TCP, 4);
		one_line(s, (size_t)(nl - s), SOCK_TCP, 6);
		one_line(s, (size_t)(nl - s), SOCK_UDP, 4);
		one_line(s, (size_t)(nl - s), SOCK_UDP, 6);
	}
	return 0;
}
