/* SPDX-License-Identifier: ISC */
/*
 * Words for what the classroom tells, and the comparison of what is with what
 * a lesson says. Knows nothing of how the classroom does it.
 */
#include "config.h"

#include "model/lab.h"

#include <string.h>

#include "base/array.h"

const char *
lab_host_name(enum lab_host host)
{
	return host == LAB_CLIENT ? "client" : "server";
}

/* -- the protocol --------------------------------------------------------- */

static const struct {
	uint8_t flag;
	const char *name;
} flags[] = {
	{ LAB_FLAG_SYN, "SYN" },
	{ LAB_FLAG_FIN, "FIN" },
	{ LAB_FLAG_RST, "RST" },
	{ LAB_FLAG_ACK, "ACK" },
};

void
lab_flags_put(struct buf *out, const struct lab_segment *s)
{
	bool any = false;
	size_t i;

	if (s->kind == LAB_DATAGRAM) {
		buf_puts(out, "UDP");
		return;
	}
	if (s->kind == LAB_UNREACHABLE) {
		buf_puts(out, "ICMP port unreachable");
		return;
	}
	for (i = 0; i < nitems(flags); i++) {
		if ((s->flags & flags[i].flag) == 0)
			continue;
		buf_printf(out, "%s%s", any ? "," : "", flags[i].name);
		any = true;
	}
	if (!any)
		buf_puts(out, "no flags");
}

/* How far it got: all the way, into the wire's hand, or nowhere. */
static const char *
arrow(const struct lab_segment *s, bool ascii)
{
	static const char *const utf8[] = { "──▶", "─▶│", "│─▶", "─▶×" };
	static const char *const plain[] = { "-->", "->|", "|->", "->x" };

	return (ascii ? plain : utf8)[s->fate];
}

/* The client's port tells connections apart; the server's is always the same
 * for all. What says that a port is unreachable quotes the client's segment. */
static uint16_t
client_port(const struct lab_segment *s)
{
	return s->from == LAB_CLIENT || s->kind == LAB_UNREACHABLE ? s->sport
								   : s->dport;
}

static void
put_host(struct buf *out, const struct lab_segment *s, enum lab_host host,
    bool narrow)
{
	if (narrow)
		buf_putc(out, host == LAB_CLIENT ? 'C' : 'S');
	else
		buf_puts(out, lab_host_name(host));
	if (host == LAB_CLIENT && client_port(s) != 0)
		buf_printf(out, ":%u", client_port(s));
}

void
lab_segment_put(
    struct buf *out, const struct lab_segment *s, bool narrow, bool ascii)
{
	static const char *const fates[] = { "", "held", "let go", "lost" };

	put_host(out, s, s->from, narrow);
	buf_printf(out, " %s ", arrow(s, ascii));
	put_host(
	    out, s, s->from == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT, narrow);
	buf_puts(out, "  ");
	lab_flags_put(out, s);
	if (s->kind < LAB_DATAGRAM) {
		buf_printf(out, " seq %u", s->seq);
		if (s->flags & LAB_FLAG_ACK)
			buf_printf(out, " ack %u", s->ack);
	}
	if (s->len > 0)
		buf_printf(out, " %u byte%s", s->len, s->len == 1 ? "" : "s");
	if (s->kind < LAB_DATAGRAM && (s->flags & LAB_FLAG_RST) == 0)
		buf_printf(out, " win %u", s->window);
	if (s->fate != LAB_PASSED)
		buf_printf(out, "  %s", fates[s->fate]);
	if (s->again > 0)
		buf_printf(out, ", sent again %ux", s->again);
}

void
lab_call_put(struct buf *out, const struct lab_call *c)
{
	buf_printf(out, "%s: %s", c->who, c->text);
	if (c->result[0] != '\0')
		buf_printf(out, " = %s", c->result);
}

void
lab_log_put(struct buf *out, const struct lab_log *l, bool narrow, bool ascii)
{
	if (l->is_call)
		lab_call_put(out, &l->call);
	else
		lab_segment_put(out, &l->segment, narrow, ascii);
}

void
lab_netns_put(struct buf *out, const int32_t pid[LAB_NHOSTS])
{
	buf_printf(
	    out, "client=%d,server=%d", pid[LAB_CLIENT], pid[LAB_SERVER]);
}

/* -- states --------------------------------------------------------------- */

void
lab_counts_put(
    struct buf *out, const struct lab_count *c, size_t n, enum lab_host host)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n && c[i].n > 0; i++) {
		if (c[i].host != host)
			continue;
		if (any)
			buf_puts(out, ", ");
		if (c[i].n > 1)
			buf_printf(out, "%u ", c[i].n);
		buf_puts(out, sock_state_name(c[i].state));
		any = true;
	}
	if (!any)
		buf_puts(out, "none");
}

static unsigned
tally(const struct sock_rec *rec, size_t n, uint32_t netns, unsigned state)
{
	unsigned found = 0;
	size_t i;

	for (i = 0; i < n; i++)
		found += rec[i].netns == netns && rec[i].state == state;
	return found;
}

bool
lab_expected(const struct lab_step *step, const struct sock_rec *rec, size_t n,
    const uint32_t netns[LAB_NHOSTS])
{
	const struct lab_count *c = step->expect;
	unsigned there, named = 0;
	size_t i;

	for (i = 0; i < LAB_COUNTS_MAX && c[i].n > 0; i++) {
		there = tally(rec, n, netns[c[i].host], c[i].state);
		if (there > c[i].n || (there < c[i].n && !c[i].fades))
			return false;
		named += there;
	}
	/* And none in a state that is not on the list. */
	return named == n;
}

size_t
lab_count_socks(struct lab_count *ret, const struct sock_rec *rec, size_t n,
    const uint32_t netns[LAB_NHOSTS])
{
	unsigned rank, state, found;
	size_t filled = 0;
	int host;

	for (host = 0; host < LAB_NHOSTS; host++)
		for (rank = 0; rank <= SOCK_NSTATES; rank++)
			for (state = 0; state < SOCK_NSTATES; state++) {
				if (sock_state_rank(state) != rank ||
				    filled == LAB_COUNTS_MAX)
					continue;
				found = tally(rec, n, netns[host], state);
				if (found == 0)
					continue;
				ret[filled++] =
				    (struct lab_count){ .host = (uint8_t)host,
					    .state = (uint8_t)state,
					    .n = (uint8_t)found };
			}
	return filled;
}
