/* SPDX-License-Identifier: ISC */
/*
 * The walk over netlink's answers: the first byte says what is wanted, the
 * rest is what recvmsg(2) or an `ss -D` file held.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collect/diag_parse.h"
#include "model/need.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static uint64_t seen;

static void
check_name(const char *s, size_t size)
{
	size_t n = strnlen(s, size);

	if (n == size || !text_is_clean(s, n))
		abort();
}

static void
got(void *arg, const struct sock_rec *r, const struct sock_ext *e)
{
	struct diag_walk *w = arg;

	seen++;
	if ((r->family != 4 && r->family != 6) || r->state >= SOCK_NSTATES ||
	    r->pad != 0)
		abort();
	if ((r->known & KNOWN_TIMER) == 0 && r->timer_ms != 0)
		abort();
	/* Of a socket that is gone nobody is the owner, least of all root. */
	if (w->want.destroyed &&
	    (r->known & (KNOWN_UID | KNOWN_INODE | KNOWN_QUEUES)) != 0)
		abort();
	if (e == NULL)
		return;
	if (e->tcp_info_len > sizeof(e->tcp_info) || e->skmem_n > SKMEM_N ||
	    e->cc_info_len > sizeof(e->cc_info))
		abort();
	check_name(e->cc, sizeof(e->cc));
	check_name(e->ulp, sizeof(e->ulp));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct diag_walk *w;
	uint8_t *copy;

	if (len == 0)
		return 0;
	w = calloc(1, sizeof(*w));
	/* Its exact size, so that a byte read too far is seen. */
	copy = malloc(len > 1 ? len - 1 : 1);
	if (w == NULL || copy == NULL)
		abort();
	memcpy(copy, data + 1, len - 1);
	w->want.need = (data[0] & 1 ? NEED_TCPINFO : 0U) |
		       (data[0] & 2 ? NEED_TIMER : 0U) |
		       (data[0] & 4 ? NEED_EXT : 0U);
	w->want.proto = data[0] & 8 ? SOCK_UDP : SOCK_TCP;
	w->seq = data[0] & 16 ? 7 : 0;
	w->want.destroyed = (data[0] & 32) != 0;
	w->sock = got;
	w->arg = w;
	seen = 0;
	diag_walk(w, copy, len - 1);
	if (w->socks != seen)
		abort();
	free(copy);
	free(w);
	return 0;
}
