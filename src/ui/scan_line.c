/* SPDX-License-Identifier: ISC */
/* What stands in a line of a scan's results, and which socket belongs to it. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "model/column_get.h"
#include "ui/prose.h"
#include "ui/scan.h"
#include "ui/ui.h"

#define PORT_W 9  /* "65535/tcp" */
#define NARROW 60 /* columns with which words are few */

static const enum theme_role state_roles[SCAN_NSTATES] = {
	[SCAN_OPEN] = ROLE_GOOD,
	[SCAN_CLOSED] = ROLE_DIM,
	[SCAN_FILTERED] = ROLE_WARNING,
	[SCAN_UNFILTERED] = ROLE_TEXT,
	[SCAN_OPEN_FILTERED] = ROLE_CHANGED,
	[SCAN_CLOSED_FILTERED] = ROLE_DIM,
};

static const enum theme_role verdict_roles[SELF_NVERDICTS] = {
	[SELF_FOREIGN] = ROLE_WARNING,
	[SELF_FILTERED] = ROLE_WARNING,
	[SELF_REFUSED] = ROLE_WARNING,
	[SELF_OPEN] = ROLE_GOOD,
	[SELF_SILENT] = ROLE_TEXT,
	[SELF_UNTOLD] = ROLE_DIM,
};

static const char *
proto_name(unsigned proto)
{
	return sock_proto_name((enum sock_proto)proto);
}

/* -- hosts and ports ------------------------------------------------------ */

static uint64_t
host_count(const struct report_host *h, enum scan_state state)
{
	return (uint64_t)h->count[0][state] + h->count[1][state];
}

static void
put_host_name(const struct report_host *h, struct buf *out)
{
	char text[SCAN_ADDR_TEXT];
	const char *name = h->name != NULL ? h->name : h->rdns;

	buf_puts(out, scan_addr_text(text, &h->addr));
	if (name != NULL && strcmp(name, text) != 0 && *name != '\0')
		buf_printf(out, " (%s)", name);
}

/* ", Linux 4.20 or later (98%)" (-O). */
static void
put_host_os(const struct report_host *h, struct buf *out)
{
	const struct os_info *os = report_os(h);

	if (os != NULL)
		buf_printf(out, ", %s (%u%%)", os->name, os->conf);
}

/* "3 open, 995 closed": what there is any of. */
static void
put_host_counts(const struct report_host *h, struct buf *out)
{
	const char *comma = "";
	uint64_t n;
	int i;

	for (i = 0; i < SCAN_NSTATES; i++) {
		n = host_count(h, (enum scan_state)i);
		if (n == 0)
			continue;
		buf_printf(out, "%s%" PRIu64 " %s", comma, n,
		    scan_state_name((enum scan_state)i));
		comma = ", ";
	}
	if (*comma == '\0')
		buf_puts(out, h->up ? "up" : "-");
	if (h->timeout)
		buf_puts(out, ", gave up (host timeout)");
}

static void
put_rtt(const struct report_host *h, struct buf *out)
{
	char unit[TEXT_UNIT_MAX];

	if (h->rtt_us > 0)
		buf_printf(out, "  %s", text_duration(unit, h->rtt_us * 1000));
}

static void
put_reason(
    const struct scan_report *r, const struct report_port *p, struct buf *out)
{
	char text[SCAN_ADDR_TEXT];

	if (p->reason == REASON_NONE)
		return;
	buf_puts(out, scan_reason_name((enum scan_reason)p->reason));
	if (p->from > 0 && p->from <= r->nfrom)
		buf_printf(out, " from %s",
		    scan_addr_text(text, &r->from[p->from - 1]));
}

static void
put_port_line(const struct scan_report *r, const struct report_host *h,
    const struct report_port *p, int state_w, struct buf *left,
    struct buf *right)
{
	size_t at = left->len, w;
	struct service_info s;

	buf_printf(left, "%u/%s", p->port, proto_name(p->proto));
	buf_pad(left, ' ', PORT_W + 1 - (left->len - at));
	at = left->len;
	buf_puts(left, scan_state_name((enum scan_state)p->state));
	w = left->len - at;
	buf_pad(left, ' ', w < (size_t)state_w ? (size_t)state_w - w + 2 : 2);
	if (!answers_best(&h->answers, p->proto, p->port, &s))
		buf_puts(left, report_service(r, p));
	else {
		report_put_service(left, r, h, p);
		buf_puts(left, "  ");
		service_put_version(left, &s);
		if (s.name[0] == '\0' && s.evidence[0] != '\0')
			buf_printf(left, "says: %s", s.evidence);
	}
	put_reason(r, p, right);
}

/* -- what answers -------------------------------------------------------------- */

const struct report_port *
scan_line_port(const struct ui_scan *j, const struct scan_line *l,
    const struct report_host **host)
{
	if (l->kind != LINE_PORT && l->kind != LINE_OTHER &&
	    l->kind != LINE_FINDING)
		return NULL;
	*host = j->report->host[l->a];
	return &(*host)->port[l->kind == LINE_FINDING ? l->b >> FINDING_BITS
						      : l->b];
}

size_t
scan_findings(const struct ui_scan *j, const struct report_host *h,
    const struct report_port *p, struct finding ret[FINDINGS_MAX])
{
	struct service_info s;

	if (!j->order.checks ||
	    !answers_best(&h->answers, p->proto, p->port, &s))
		return 0;
	return findings_of(&s, p->port, p->proto, (int64_t)j->order.at_s, ret);
}

static bool
get_finding(
    const struct ui_scan *j, const struct scan_line *l, struct finding *ret)
{
	const struct report_host *h;
	const struct report_port *p = scan_line_port(j, l, &h);
	struct finding f[FINDINGS_MAX];
	size_t i = l->b & (FINDINGS_MAX - 1);

	if (i >= scan_findings(j, h, p, f))
		return false;
	*ret = f[i];
	return true;
}

static enum theme_role
put_finding(const struct ui_scan *j, const struct scan_line *l, struct buf *out)
{
	static const enum theme_role roles[] = { [SEVERITY_INFO] = ROLE_DIM,
		[SEVERITY_LOW] = ROLE_TEXT,
		[SEVERITY_MEDIUM] = ROLE_WARNING,
		[SEVERITY_HIGH] = ROLE_ERROR,
		[SEVERITY_CRITICAL] = ROLE_ERROR };
	struct finding f;

	if (!get_finding(j, l, &f))
		return ROLE_TEXT;
	buf_printf(out, "  %s: %s", severity_name(f.severity), f.def->title);
	return roles[f.severity];
}

static void
put_other(const struct ui_scan *j, const struct scan_line *l, struct buf *out)
{
	const struct report_host *h;
	const struct report_port *p = scan_line_port(j, l, &h);
	struct service_info s, other;

	if (!answers_best(&h->answers, p->proto, p->port, &s) ||
	    !answers_get(&h->answers, p->proto, p->port,
		s.method != SERVICE_BY_NMAP, &other))
		return;
	buf_printf(out, "  %s says: %s%s ",
	    other.method == SERVICE_BY_NMAP ? "nmap" : "sockdeck",
	    other.tls ? "ssl/" : "", other.name);
	service_put_version(out, &other);
}

void
scan_line_why(const struct ui *ui, const struct ui_scan *j,
    const struct scan_line *l, struct buf *out)
{
	const struct report_host *h;
	const struct report_port *p = scan_line_port(j, l, &h);
	const struct self_line *self;
	struct service_info s;
	struct finding f;

	if (l->kind == LINE_SELF) {
		self = &j->view.self.line[l->a];
		if (self->naddr > 0) {
			buf_puts(out, "At ");
			self_put_where(&j->view.self, self, out);
			buf_puts(out, ": ");
		}
		self_put_why(self, ui->table, out);
	} else if (l->kind == LINE_FINDING) {
		if (get_finding(j, l, &f))
			buf_printf(out, "Seen: %s. Remedy: %s", f.evidence,
			    f.def->remedy);
	} else if (p != NULL &&
		   answers_best(&h->answers, p->proto, p->port, &s) &&
		   s.evidence[0] != '\0')
		buf_printf(out, "It said%s%s: %s",
		    s.how[0] != '\0' ? ", to " : "", s.how, s.evidence);
}

/* -- this machine ----------------------------------------------------------- */

/* In fewer words where there is no room. */
static void
put_owner_brief(const struct self_line *l, struct buf *out)
{
	const struct row *row = l->row != NULL ? l->row : l->elsewhere;

	if (row == NULL || row->owners.proc == NULL)
		buf_putc(out, '-');
	else
		buf_printf(out, "%s (%ld)", row->owners.proc->comm,
		    (long)row->owners.proc->pid);
}

static void
put_self_line(const struct scan_self *s, const struct self_line *l, int width,
    struct buf *left, struct buf *right)
{
	size_t at = left->len;

	self_put_port(l, left);
	buf_pad(left, ' ', PORT_W + 1 - (left->len - at));
	if (width < NARROW)
		put_owner_brief(l, left);
	else
		self_put_owner(l, left);
	if (l->sockets > 1 && width >= NARROW)
		buf_printf(left, " (%" PRIu32 " sockets)", l->sockets);
	self_put_where(s, l, right);
	/* Many addresses: how many says more than where the edge cuts. */
	if (l->naddr > 1 &&
	    (int)(text_width(left->data) + right->len) + 5 > width) {
		buf_reset(right);
		buf_printf(right, "%" PRIu32 " addresses", l->naddr);
	}
}

/* -- lines -------------------------------------------------------------------- */

static const char *
part_of(const struct ui_scan *j, const struct scan_line *l)
{
	const char *text =
	    l->kind == LINE_NOTE ? j->report->note[l->a] : self_caveats[l->a];

	return text + l->b;
}

static void
put_part(const struct ui_scan *j, const struct scan_line *l, struct buf *out)
{
	const char *s = part_of(j, l);

	buf_put(out, s, prose_break(s, j->view.width - 2));
}

static void
put_hidden(const struct scan_line *l, struct buf *out)
{
	buf_printf(out, "%" PRIu32 " host%s without an open port %s not shown",
	    l->b, l->b == 1 ? "" : "s", l->b == 1 ? "is" : "are");
}

enum theme_role
scan_line_put(const struct ui_scan *j, const struct scan_line *l, int width,
    struct buf *left, struct buf *right)
{
	const struct report_host *h;
	const struct scan_self *s = &j->view.self;

	switch ((enum scan_line_kind)l->kind) {
	case LINE_HOST:
		h = j->report->host[l->a];
		put_host_name(h, left);
		put_host_os(h, left);
		put_host_counts(h, right);
		put_rtt(h, right);
		return ROLE_HEADING;
	case LINE_PORT:
		h = j->report->host[l->a];
		put_port_line(
		    j->report, h, &h->port[l->b], j->view.state_w, left, right);
		return state_roles[h->port[l->b].state % SCAN_NSTATES];
	case LINE_OTHER:
		put_other(j, l, left);
		return ROLE_DIM;
	case LINE_FINDING:
		return put_finding(j, l, left);
	case LINE_VERDICT:
		buf_printf(left, "%s (%" PRIu32 ")",
		    self_verdict_title((enum self_verdict)l->a),
		    s->count[l->a]);
		return ROLE_HEADING;
	case LINE_SELF:
		put_self_line(s, &s->line[l->a], width, left, right);
		return verdict_roles[s->line[l->a].verdict];
	case LINE_NOTE:
	case LINE_CAVEAT:
		put_part(j, l, left);
		return l->kind == LINE_NOTE ? ROLE_TEXT : ROLE_DIM;
	case LINE_HEADING:
		buf_puts(left, "Notes");
		return ROLE_HEADING;
	case LINE_HIDDEN:
		put_hidden(l, left);
		return ROLE_DIM;
	case LINE_BLANK:
		break;
	}
	return ROLE_TEXT;
}

static void
copy_self(const struct ui *ui, const struct ui_scan *j,
    const struct self_line *l, struct buf *out)
{
	self_put_where(&j->view.self, l, out);
	if (l->naddr > 0)
		buf_putc(out, ' ');
	self_put_port(l, out);
	buf_printf(out, " %s ", self_verdict_name(l->verdict));
	self_put_owner(l, out);
	buf_puts(out, ". ");
	self_put_why(l, ui->table, out);
}

void
scan_line_copy(const struct ui *ui, const struct ui_scan *j,
    const struct scan_line *l, struct buf *out)
{
	const struct report_host *h;
	const struct report_port *p = scan_line_port(j, l, &h);
	struct buf right = { 0 };
	struct service_info s;
	char text[SCAN_ADDR_TEXT];

	if (l->kind == LINE_SELF) {
		copy_self(ui, j, &j->view.self.line[l->a], out);
		return;
	}
	if (p != NULL && l->kind != LINE_PORT) {
		buf_printf(out, "%s %u/%s", scan_addr_text(text, &h->addr),
		    p->port, proto_name(p->proto));
		(void)scan_line_put(j, l, INT32_MAX, out, &right);
		buf_puts(out, ". ");
		scan_line_why(ui, j, l, out);
	} else if (l->kind == LINE_PORT) {
		buf_printf(out, "%s %u/%s %s", scan_addr_text(text, &h->addr),
		    p->port, proto_name(p->proto),
		    scan_state_name((enum scan_state)p->state));
		buf_putc(out, ' ');
		if (answers_best(&h->answers, p->proto, p->port, &s)) {
			report_put_service(out, j->report, h, p);
			buf_putc(out, ' ');
			service_put_version(out, &s);
		} else
			buf_puts(out, report_service(j->report, p));
		put_reason(j->report, p, &right);
	} else
		(void)scan_line_put(j, l, INT32_MAX, out, &right);
	if (right.len > 0)
		buf_printf(out, " %s", right.data);
	buf_done(&right);
}

/* -- the socket behind it ------------------------------------------------------ */

bool
scan_line_about(const struct ui_scan *j, const struct scan_line *l,
    struct scan_addr *addr, uint16_t *port, uint8_t *proto)
{
	const struct report_host *h;
	const struct self_line *s;

	const struct report_port *p = scan_line_port(j, l, &h);

	if (p != NULL || l->kind == LINE_HOST) {
		*addr = j->report->host[l->a]->addr;
		*port = p != NULL ? p->port : 0;
		*proto = p != NULL ? p->proto : 0;
		return true;
	}
	if (l->kind != LINE_SELF)
		return false;
	s = &j->view.self.line[l->a];
	memset(addr, 0, sizeof(*addr));
	if (s->naddr > 0)
		*addr = j->view.self.addr[s->addr];
	*port = s->port;
	*proto = s->proto;
	return true;
}

static bool
is_end(const struct endpoint *e, uint8_t family, const struct scan_addr *a)
{
	if (family == a->family)
		return memcmp(e->addr, a->addr, family == 6 ? 16 : 4) == 0;
	return family == 6 && a->family == 4 && endpoint_is_v4mapped(e) &&
	       memcmp(e->addr + 12, a->addr, 4) == 0;
}

/* A connection to it, or what listens there; the scan's own sockets are
 * none. */
static bool
belongs(const struct row *row, const struct scan_addr *a, uint16_t port,
    uint8_t proto)
{
	const struct sock_rec *r = &row->rec;

	if ((row->flags & (ROW_GONE | ROW_SCAN)) != 0 ||
	    (port != 0 && r->proto != proto))
		return false;
	if (row_listens(row))
		return port != 0 && r->local.port == port &&
		       is_end(&r->local, r->family, a);
	return r->peer.port != 0 && (port == 0 || r->peer.port == port) &&
	       is_end(&r->peer, r->family, a);
}

/* Listens at all addresses of this machine, of both families only where no other
 * socket does: that it is one of them is known if something else is bound to it,
 * or it is a loopback address. */
static struct row *
wildcard(const struct ui *ui, const struct scan_addr *a, uint16_t port,
    uint8_t proto)
{
	struct row *row, *at_all = NULL;
	bool own = false;
	size_t i;

	if (a->family == 4)
		own = a->addr[0] == 127;
	for (i = 0; i < ui->table->n; i++) {
		row = ui->table->row[i];
		if (is_end(&row->rec.local, row->rec.family, a))
			own = true;
		if (row_listens(row) && (row->flags & ROW_GONE) == 0 &&
		    row->rec.proto == proto && row->rec.local.port == port &&
		    endpoint_is_any(&row->rec.local) &&
		    (row->rec.family == a->family ||
			(row->rec.family == 6 && at_all == NULL)))
			at_all = row;
	}
	return own ? at_all : NULL;
}

struct row *
scan_line_socket(const struct ui *ui, const struct ui_scan *j,
    const struct scan_line *l, const struct row *after)
{
	const struct row *r;
	struct scan_addr a;
	uint16_t port;
	uint8_t proto;
	size_t i, k, n = ui->view.n, from = 0;

	if (l->kind == LINE_SELF) {
		r = j->view.self.line[l->a].row != NULL
			? j->view.self.line[l->a].row
			: j->view.self.line[l->a].elsewhere;
		return r == NULL ? NULL
				 : table_find(ui->table, sock_key(&r->rec));
	}
	if (!scan_line_about(j, l, &a, &port, &proto))
		return NULL;
	/* In the order of the screen; what a filter hides comes last. */
	for (i = 0; i < n; i++)
		if (ui->view.row[i] == after)
			from = i + 1;
	for (k = 0; k < n; k++) {
		i = (from + k) % n;
		if (belongs(ui->view.row[i], &a, port, proto))
			return ui->view.row[i];
	}
	for (i = 0; i < ui->table->n; i++)
		if (belongs(ui->table->row[i], &a, port, proto))
			return ui->table->row[i];
	return port == 0 ? NULL : wildcard(ui, &a, port, proto);
}

struct row *
scan_listener(const struct ui *ui, const struct scan_addr *a, uint16_t port,
    uint8_t proto)
{
	struct row *row;
	size_t i;

	for (i = 0; i < ui->table->n; i++) {
		row = ui->table->row[i];
		if (row_listens(row) && belongs(row, a, port, proto))
			return row;
	}
	return wildcard(ui, a, port, proto);
}
