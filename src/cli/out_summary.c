/* SPDX-License-Identifier: ISC */
/*
 * -s: totals, in the form of ss -s. Counted from the rows that match, so a
 * filter narrows it. ss's RAW and FRAG lines are left out: those sockets are
 * not read.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/out.h"
#include "model/summary.h"

static void
line(struct buf *b, const char *name, struct summary_count n)
{
	buf_printf(b, "%-9s %-9" PRIu32 " %-9" PRIu32 " %" PRIu32 "\n", name,
	    n.v4 + n.v6, n.v4, n.v6);
}

static int
print_summary(struct out *o, const struct view *v)
{
	struct summary s;
	struct summary_count inet;
	struct buf b = { 0 };
	bool first = true;
	int i, r = 0;

	summary_of(&s, v->row, v->n);
	inet.v4 = s.tcp_transport.v4 + s.udp_transport.v4;
	inet.v6 = s.tcp_transport.v6 + s.udp_transport.v6;
	if (o->reading > 0)
		buf_putc(&b, '\n');
	buf_printf(&b, "Total: %" PRIu32 "\n", s.total);
	buf_printf(&b,
	    "TCP:   %" PRIu32 " (estab %" PRIu32 ", closed %" PRIu32
	    ", orphaned %" PRIu32 ", timewait %" PRIu32 ")\n\n",
	    s.tcp, s.tcp_estab, s.tcp_closed, s.tcp_orphaned, s.tcp_timewait);
	buf_puts(&b, "Transport Total     IP        IPv6\n");
	line(&b, "UDP", s.udp_transport);
	line(&b, "TCP", s.tcp_transport);
	line(&b, "INET", inet);
	buf_puts(&b, "\nStates:");
	for (i = 1; i < SOCK_NSTATES; i++) {
		if (s.by_state[i] == 0)
			continue;
		buf_printf(&b, "%s %s %" PRIu32, first ? "" : ",",
		    sock_state_name(i), s.by_state[i]);
		first = false;
	}
	buf_puts(&b, first ? " none\n" : "\n");
	if (fwrite(b.data, 1, b.len, o->file) != b.len)
		r = -errno;
	buf_done(&b);
	return r;
}

const struct out_ops out_summary = {
	.name = "summary",
	.format = OUT_SUMMARY,
	.print = print_summary,
};
