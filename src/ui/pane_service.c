/* SPDX-License-Identifier: ISC */
/*
 * What answers behind a port of a scan: what it is and how that was learnt,
 * what is wrong with it and what to do, and all that was seen of it.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xmalloc.h"
#include "ui/panes.h"
#include "ui/prose.h"
#include "ui/scan.h"
#include "ui/ui.h"

struct service_pane {
	struct prose prose;
	unsigned id; /* of the job */
	struct scan_addr addr;
	uint16_t port;
	uint8_t proto;
	char *title;
};

static void
pair(struct prose *p, const char *label, const char *text)
{
	if (*text != '\0')
		prose_pair(p, label, text);
}

static const char *
learnt(const struct service_info *s)
{
	static const char *const words[] = {
		[SERVICE_BY_PORT] = "its port's number: nothing was asked",
		[SERVICE_BY_TALK] = "its protocol was spoken",
		[SERVICE_BY_MATCH] = "a line of a probe file matches",
		[SERVICE_BY_NMAP] = "nmap says so"
	};

	return words[s->method];
}

static void
put_what(struct prose *p, const struct ui_scan *j, const struct report_host *h,
    const struct report_port *port, const struct service_info *s)
{
	struct buf b = { 0 };

	report_put_service(&b, j->report, h, port);
	prose_heading(p, "What answers");
	prose_pair(p, "Service", b.data);
	pair(p, "Product", s->product);
	pair(p, "Version", s->version);
	pair(p, "More", s->extra);
	pair(p, "Calls itself", s->host);
	pair(p, "System", s->os);
	pair(p, "Device", s->device);
	pair(p, "CPE", s->cpe);
	prose_heading(p, "How that was learnt");
	if (s->name[0] == '\0')
		prose_pair(p, "From",
		    "nothing that answered is known: the name is what the "
		    "port's number stands for");
	else {
		buf_reset(&b);
		buf_printf(&b, "%s%s%s%s, %u of 10 sure", learnt(s),
		    s->how[0] != '\0' ? " (" : "", s->how,
		    s->how[0] != '\0' ? ")" : "", s->conf);
		prose_pair(p, "From", b.data);
	}
	pair(p, "It said", s->evidence);
	buf_done(&b);
}

static void
put_findings(struct prose *p, const struct ui_scan *j,
    const struct report_host *h, const struct report_port *port)
{
	struct finding f[FINDINGS_MAX];
	size_t i, n = scan_findings(j, h, port, f);

	prose_heading(p, "Findings");
	if (n == 0)
		prose_pair(p, NULL,
		    j->order.checks ? "Nothing was found wrong with it."
				    : "Not looked for: --script safe does.");
	for (i = 0; i < n; i++) {
		prose_pair(p, severity_name(f[i].severity), f[i].def->title);
		prose_role(p, f[i].severity >= SEVERITY_MEDIUM ? ROLE_WARNING
							       : ROLE_TEXT);
		pair(p, "Seen", f[i].evidence);
		pair(p, "So", f[i].def->why);
		pair(p, "Remedy", f[i].def->remedy);
		pair(p, "Source", f[i].def->source);
		prose_pair(p, NULL, "");
	}
}

static void
put_facts(struct prose *p, const struct service_info *s)
{
	const char *name, *value;
	size_t i;

	if (s->nfacts == 0)
		return;
	prose_heading(p, "Seen on the wire");
	for (i = 0; service_fact_at(s, i, &name, &value); i++)
		prose_pair(p, name, value);
}

/* Anew, since more may have been told. False: the job is gone. */
static bool
fill(struct ui *ui, struct service_pane *s)
{
	const struct ui_scan *j = ui_scan_find(ui, s->id);
	const struct report_port *port;
	struct report_host *h;
	struct service_info info, other;

	if (j == NULL)
		return false;
	h = scan_report_host(j->report, &s->addr);
	port = h == NULL ? NULL : report_port_find(h, s->proto, s->port);
	if (port == NULL ||
	    !answers_best(&h->answers, s->proto, s->port, &info))
		return false;
	prose_clear(&s->prose);
	put_what(&s->prose, j, h, port, &info);
	if (answers_get(&h->answers, s->proto, s->port,
		info.method != SERVICE_BY_NMAP, &other))
		put_what(&s->prose, j, h, port, &other);
	put_findings(&s->prose, j, h, port);
	put_facts(&s->prose, &info);
	return true;
}

static void
service_draw(struct pane *p)
{
	struct service_pane *s = p->priv;

	/* What was told stays when the scan is closed. */
	(void)fill(p->ui, s);
	prose_draw(&s->prose, p);
}

static bool
service_find(struct pane *p, const char *text, bool next)
{
	struct service_pane *s = p->priv;

	return prose_find(&s->prose, p, text, next);
}

static const char *
service_title(struct pane *p)
{
	const struct service_pane *s = p->priv;

	return s->title;
}

static void
service_free(struct pane *p)
{
	struct service_pane *s = p->priv;

	prose_done(&s->prose);
	free(s->title);
	free(s);
}

const struct pane_ops pane_service_ops = {
	.name = "service",
	.map = MAP_DETAIL,
	.title = service_title,
	.draw = service_draw,
	.find = service_find,
	.free = service_free,
};

int
pane_service_open(struct ui *ui, char **cause)
{
	const struct ui_scan *j = scan_shown(ui);
	struct pane *p = ui_pane_find(ui, &pane_service_ops);
	const struct scan_line *l;
	struct service_pane *s;
	char text[SCAN_ADDR_TEXT];

	if (j == NULL || (l = scan_view_line(j, j->view.at)) == NULL)
		return -ENOENT;
	s = xcalloc(1, sizeof(*s));
	prose_init(&s->prose);
	s->prose.by_section = true;
	s->id = j->order.id;
	if (!scan_line_about(j, l, &s->addr, &s->port, &s->proto) ||
	    !fill(ui, s)) {
		prose_done(&s->prose);
		free(s);
		xasprintf(cause, "nothing is known yet of what answers there");
		return -ENODATA;
	}
	xasprintf(&s->title, "%s %u/%s", scan_addr_text(text, &s->addr),
	    s->port, sock_proto_name((enum sock_proto)s->proto));
	if (p != NULL)
		ui_pane_close(ui, p);
	p = ui_pane_open(ui, &pane_service_ops, PLACE_POPUP, s);
	p->want_w = 100;
	p->want_h = 1000; /* as much as there is */
	ui->dirty |= DIRTY_ALL | DIRTY_LAYOUT;
	return 0;
}
