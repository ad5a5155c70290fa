/* SPDX-License-Identifier: ISC */
/* What is said of a scan of this machine by itself. */
#include "config.h"

#include <inttypes.h>

#include "model/scan_self.h"

static const struct {
	const char *name, *title;
} verdicts[SELF_NVERDICTS] = {
	[SELF_FOREIGN] = { "foreign", "Reachable, and no socket here listens" },
	[SELF_FILTERED] = { "filtered", "Listening, but filtered" },
	[SELF_REFUSED] = { "refused", "Listening, but refused" },
	[SELF_OPEN] = { "reachable", "Listening and reachable" },
	[SELF_SILENT] = { "silent", "Bound (UDP), and gave no answer" },
	[SELF_UNTOLD] = { "not-asked", "Listening, and not asked" },
};

const char *
self_verdict_name(enum self_verdict v)
{
	return verdicts[v].name;
}

const char *
self_verdict_title(enum self_verdict v)
{
	return verdicts[v].title;
}

const char *const self_caveats[] = {
	"What this machine sends to its own addresses never leaves it: it goes "
	"by the loopback interface. Rules for packets that come in by another "
	"interface were not tried, nor was any firewall on the way here.",
	"So \"reachable\" means from this machine. What others reach, only a "
	"scan from another machine tells.",
	NULL
};

void
self_put_port(const struct self_line *l, struct buf *out)
{
	buf_printf(out, "%u/%s", l->port, l->proto == SOCK_UDP ? "udp" : "tcp");
}

void
self_put_owner(const struct self_line *l, struct buf *out)
{
	const struct row *row = l->row != NULL ? l->row : l->elsewhere;
	const struct proc *p;
	uint32_t more;

	if (row == NULL || row->owners.proc == NULL) {
		buf_putc(out, '-');
		return;
	}
	p = row->owners.proc;
	buf_printf(out, "%s, pid %ld", p->comm, (long)p->pid);
	if (p->user != NULL)
		buf_printf(out, ", %s", p->user);
	more = owners_procs(&row->owners) - 1;
	if (more > 0)
		buf_printf(out, ", and %" PRIu32 " more", more);
}

void
self_put_where(
    const struct scan_self *s, const struct self_line *l, struct buf *out)
{
	char text[SCAN_ADDR_TEXT];
	uint32_t i;

	for (i = 0; i < l->naddr; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "",
		    scan_addr_text(text, &s->addr[l->addr + i]));
}

static void
put_foreign(const struct self_line *l, const struct table *t, struct buf *out)
{
	const char *name;

	buf_puts(out, "Something answers, and no socket of this network "
		      "namespace listens: a rule that redirects (DNAT), a "
		      "proxy, or a socket that is not seen from here.");
	if (l->elsewhere == NULL)
		return;
	name = names_get(t->names, NAME_NETNS, 0, l->elsewhere->rec.netns);
	buf_puts(out, " In namespace ");
	if (name != NULL)
		buf_puts(out, name);
	else
		buf_printf(out, "%" PRIu32, l->elsewhere->rec.netns);
	if (l->elsewhere->owners.proc != NULL)
		buf_printf(out, " %s (%ld)", l->elsewhere->owners.proc->comm,
		    (long)l->elsewhere->owners.proc->pid);
	else
		buf_puts(out, " a socket");
	buf_puts(out, " listens at this port: it may be that one.");
}

static void
put_filtered(const struct self_line *l, struct buf *out)
{
	const struct sock_rec *r = &l->row->rec;

	if (r->state == SOCK_LISTEN && (r->known & KNOWN_QUEUES) != 0 &&
	    r->sendq > 0 && r->recvq >= r->sendq)
		buf_printf(out,
		    "It listens, but its accept queue is full (%" PRIu32
		    " of %" PRIu32 "): its program takes no connections, and "
		    "the kernel drops new ones.",
		    r->recvq, r->sendq);
	else if (l->reason == REASON_NO_RESPONSE || l->reason == REASON_NONE)
		buf_puts(out, "It listens, and nothing came back: a packet "
			      "filter on this machine drops what is sent to "
			      "it.");
	else
		buf_printf(out,
		    "It listens, and the answer was %s: a packet filter on "
		    "this machine rejects what is sent to it.",
		    scan_reason_name((enum scan_reason)l->reason));
}

static void
put_refused(const struct self_line *l, const struct table *t, struct buf *out)
{
	const struct sock_rec *r = &l->row->rec;
	const char *iface = NULL;

	buf_puts(out, "It listens, and was refused: ");
	if ((r->known & KNOWN_IFACE) == 0 || r->ifindex == 0) {
		buf_puts(out, "a packet filter rejects with a reset, or the "
			      "socket came or went meanwhile.");
		return;
	}
	iface = names_get(t->names, NAME_IFACE, r->netns, r->ifindex);
	buf_puts(out, "it is bound to ");
	if (iface != NULL)
		buf_printf(out, "interface %s", iface);
	else
		buf_puts(out, "one interface");
	buf_puts(out, ", and what this machine sends to itself comes in by "
		      "loopback.");
}

void
self_put_why(const struct self_line *l, const struct table *t, struct buf *out)
{
	switch (l->verdict) {
	case SELF_FOREIGN:
		put_foreign(l, t, out);
		return;
	case SELF_FILTERED:
		put_filtered(l, out);
		return;
	case SELF_REFUSED:
		put_refused(l, t, out);
		return;
	case SELF_OPEN:
		buf_puts(out, "It listens, and answers.");
		if (l->row->owners.proc != NULL &&
		    l->row->owners.proc->note != NULL)
			buf_printf(
			    out, " It is %s.", l->row->owners.proc->note);
		return;
	case SELF_SILENT:
		buf_puts(out, "It is bound, and gave neither an answer nor an "
			      "error: usual for a service that does not know "
			      "what it was sent, or something drops it.");
		return;
	case SELF_UNTOLD:
		buf_puts(out, l->naddr == 0
				  ? "None of its addresses was scanned."
				  : "The scan did not ask for this port, has "
				    "not come to it, or it came to listen "
				    "since.");
		return;
	case SELF_NVERDICTS:
		return;
	}
}
