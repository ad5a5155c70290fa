/* SPDX-License-Identifier: ISC */
/* `scan -sV`: what is behind a port, in each form's words. */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out_scan.h"
#include "cli/out_scan_service.h"
#include "model/finding.h"
#include "model/nmap_xml.h"

/* Of bytes that nobody knows, so many columns are shown. */
#define EVIDENCE_WIDTH 72
/* Without -v, of what a script of nmap says. */
#define SCRIPT_WIDTH 300

bool
out_service_get(const struct report_host *h, const struct report_port *p,
    struct service_info *ret)
{
	return answers_best(&h->answers, p->proto, p->port, ret);
}

/* What the other engine says, if it says something else. */
static bool
get_other(const struct report_host *h, const struct report_port *p,
    const struct service_info *best, struct service_info *ret)
{
	return answers_get(&h->answers, p->proto, p->port,
		   best->method != SERVICE_BY_NMAP, ret) &&
	       ret->name[0] != '\0';
}

static const char *
source_of(const struct service_info *s)
{
	return s->method == SERVICE_BY_NMAP ? "nmap" : "sockdeck";
}

size_t
out_service_findings(const struct out_scan_view *v,
    const struct service_info *s, const struct report_port *p,
    struct finding f[FINDINGS_MAX])
{
	return v->checks ? findings_of(s, p->port, p->proto, v->began_s, f) : 0;
}

/* What nmap's scripts found, as one of our findings. */
static size_t
get_vulnerable(const struct out_scan_view *v, const struct report_host *h,
    const struct report_port *p, struct finding f[FINDINGS_MAX])
{
	struct service_info s;
	size_t n = 0, i, k = 0;

	if (answers_get(&h->answers, p->proto, p->port, true, &s))
		n = findings_of(&s, p->port, p->proto, v->began_s, f);
	for (i = 0; i < n; i++)
		if (strcmp(f[i].def->id, FINDING_NMAP) == 0)
			f[k++] = f[i];
	return k;
}

/* What is wrong with the port's service, by the better one and by what scripts
 * of nmap say; 0 unless that is asked for. */
static size_t
get_findings(const struct out_scan_view *v, const struct report_host *h,
    const struct report_port *p, struct finding f[FINDINGS_MAX])
{
	struct finding ours[FINDINGS_MAX], *put;
	struct service_info s;
	size_t n, nours, i;

	if (!v->checks || !out_service_get(h, p, &s))
		return 0;
	if (s.method == SERVICE_BY_NMAP)
		return out_service_findings(v, &s, p, f);
	n = get_vulnerable(v, h, p, f);
	nours = out_service_findings(v, &s, p, ours);
	for (i = 0; i < nours && n < FINDINGS_MAX; i++, n++) {
		for (put = f + n; put > f; put--) { /* gravest first */
			if (put[-1].severity >= ours[i].severity)
				break;
			*put = put[-1];
		}
		*put = ours[i];
	}
	return n;
}

/* -- text ------------------------------------------------------------------- */

static void
put_facts(struct buf *b, const struct service_info *s)
{
	const char *name, *value;
	size_t i;

	for (i = 0; service_fact_at(s, i, &name, &value); i++)
		buf_printf(b, "|  %s: %s\n", name, value);
}

/* What nmap's scripts say: they were asked for. */
static void
put_scripts(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	const char *name, *value;
	struct service_info s;
	size_t i;

	if (!answers_get(&h->answers, p->proto, p->port, true, &s))
		return;
	for (i = 0; service_fact_at(&s, i, &name, &value); i++) {
		if (strncmp(name, NMAP_FACT_SCRIPT,
			sizeof(NMAP_FACT_SCRIPT) - 1) != 0)
			continue;
		buf_printf(b, "|  %s: ", name);
		(void)text_fit(b, value,
		    v->verbose > 0 ? SCAN_FACT_MAX : SCRIPT_WIDTH, TEXT_CUT_END,
		    !text_utf8());
		while (b->data[b->len - 1] == ' ')
			b->len--;
		buf_putc(b, '\n');
	}
}

/* The bytes that came, where nobody knows whose they are. */
static void
put_unknown(struct buf *b, const struct service_info *s)
{
	buf_puts(b, "|  it says: ");
	(void)text_fit(
	    b, s->evidence, EVIDENCE_WIDTH, TEXT_CUT_END, !text_utf8());
	while (b->data[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
}

static void
put_findings(struct buf *b, const struct finding *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(b,
		    "|  %s: %s [%s]\n|    seen: %s\n|    remedy: %s\n",
		    severity_name(f[i].severity), f[i].def->title, f[i].def->id,
		    f[i].evidence, f[i].def->remedy);
}

void
out_service_put_findings(struct buf *b, const struct out_scan_view *v)
{
	unsigned count[SEVERITY_CRITICAL + 1] = { 0 };
	struct finding f[FINDINGS_MAX];
	const struct report_host *h;
	const struct report_port *p;
	const char *before = "Findings: ";
	size_t i, k, n;

	if (!v->checks)
		return;
	for (i = 0; i < v->report->nhost; i++) {
		h = v->report->host[i];
		for (p = h->port; p != NULL && p < h->port + h->nport; p++) {
			n = get_findings(v, h, p, f);
			for (k = 0; k < n; k++)
				count[f[k].severity]++;
		}
	}
	for (i = SEVERITY_CRITICAL + 1; i-- > 0;)
		if (count[i] > 0) {
			buf_printf(b, "%s%u %s", before, count[i],
			    severity_name((enum severity)i));
			before = ", ";
		}
	if (*before == ',')
		buf_putc(b, '\n');
	else if (v->over == OUT_SCAN_OVER_DONE) /* or not all was looked at */
		buf_puts(b, "Findings: none\n");
}

void
out_service_put_details(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	struct finding f[FINDINGS_MAX];
	struct service_info s, other;

	if (!out_service_get(h, p, &s))
		return;
	if (get_other(h, p, &s, &other)) {
		buf_printf(b, "|  %s says: %s%s%s ", source_of(&other),
		    other.tls ? "ssl/" : "", other.name,
		    other.conf <= 3 ? "?" : "");
		service_put_version(b, &other);
		while (b->data[b->len - 1] == ' ')
			b->len--;
		buf_putc(b, '\n');
	}
	if (s.name[0] == '\0' && s.evidence[0] != '\0')
		put_unknown(b, &s);
	if (v->verbose > 0 || v->args->scan.all_of_it)
		put_facts(b, &s);
	if (s.method != SERVICE_BY_NMAP ||
	    !(v->verbose > 0 || v->args->scan.all_of_it))
		put_scripts(b, v, h, p);
	put_findings(b, f, get_findings(v, h, p, f));
}

/* Each value once, in the order of ports. */
static void
put_each(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, size_t off, const char *title)
{
	struct buf list = { 0 }, word = { 0 };
	const struct report_port *p;
	struct service_info s;
	const char *value, *end;

	for (p = h->port; p != NULL && p < h->port + h->nport; p++) {
		if (!out_scan_port_shown(v, h, p) || !out_service_get(h, p, &s))
			continue;
		value = (const char *)&s + off;
		buf_reset(&word);
		buf_printf(&word, "\n%s\n", value);
		if (*value != '\0' &&
		    (list.len == 0 || strstr(list.data, word.data) == NULL))
			buf_puts(&list, word.data);
		buf_puts(&list, "");
	}
	/* "\na\n\nb\n" */
	for (value = list.data; list.len > 0 && *value != '\0';
	     value = end + 1) {
		end = strchr(value + 1, '\n');
		buf_reset(&word);
		buf_printf(&word, "%.*s ", (int)(end - value), value);
		/* "Linux" beside "Linux 6.1" says nothing. */
		if (strstr(list.data, word.data) != NULL)
			continue;
		if (title != NULL)
			buf_printf(b,
			    "%s%s: ", b->data[b->len - 1] == ' ' ? "" : "; ",
			    title);
		buf_printf(b, "%s%.*s", title != NULL ? "" : ", ",
		    (int)(end - value) - 1, value + 1);
		title = NULL;
	}
	buf_done(&list);
	buf_done(&word);
}

void
out_service_put_host(
    struct buf *b, const struct out_scan_view *v, const struct report_host *h)
{
	static const char begin[] = "Service Info: ";
	const size_t n = b->len;

	if (h->answers.n == 0)
		return;
	buf_puts(b, begin);
	put_each(b, v, h, offsetof(struct service_info, host), "Host");
	put_each(b, v, h, offsetof(struct service_info, os), "OS");
	put_each(b, v, h, offsetof(struct service_info, device), "Device");
	if (b->len == n + sizeof(begin) - 1)
		b->len = n;
	else
		buf_putc(b, '\n');
	b->data[b->len] = '\0';
}

/* -- JSON ------------------------------------------------------------------- */

static const char *
method_of(const struct service_info *s)
{
	static const char *const words[] = { [SERVICE_BY_PORT] = "table",
		[SERVICE_BY_TALK] = "probed",
		[SERVICE_BY_MATCH] = "matched",
		[SERVICE_BY_NMAP] = "nmap" };

	return words[s->method];
}

static void
json_text(struct json *j, const char *key, const char *text)
{
	if (*text != '\0')
		jw_kstring(j, key, text);
}

void
out_service_json_info(
    struct json *j, const struct service_info *s, const char *table)
{
	const char *name, *value;
	size_t i;

	jw_object(j);
	/* Its number may stand for something: nobody confirmed it. */
	json_text(j, "name", s->name[0] != '\0' ? s->name : table);
	if (s->tls)
		jw_kbool(j, "tls", true);
	json_text(j, "product", s->product);
	json_text(j, "version", s->version);
	json_text(j, "extra", s->extra);
	json_text(j, "host", s->host);
	json_text(j, "os", s->os);
	json_text(j, "device", s->device);
	json_text(j, "cpe", s->cpe);
	jw_kstring(j, "method", s->name[0] != '\0' ? method_of(s) : "table");
	jw_ku64(j, "conf", s->name[0] != '\0' ? s->conf : 3);
	json_text(j, "how", s->how);
	json_text(j, "evidence", s->evidence);
	jw_ku64(j, "took_ms", s->took_ms);
	if (s->nfacts > 0) {
		jw_key(j, "facts");
		jw_object(j);
		for (i = 0; service_fact_at(s, i, &name, &value); i++)
			jw_kstring(j, name, value);
		jw_object_end(j);
	}
	jw_object_end(j);
}

static void
json_findings(struct json *j, const struct finding *f, size_t n)
{
	size_t i;

	jw_key(j, "findings");
	jw_array(j);
	for (i = 0; i < n; i++) {
		jw_object(j);
		jw_kstring(j, "id", f[i].def->id);
		jw_kstring(j, "severity", severity_name(f[i].severity));
		jw_kstring(j, "title", f[i].def->title);
		jw_kstring(j, "evidence", f[i].evidence);
		jw_kstring(j, "why", f[i].def->why);
		jw_kstring(j, "remedy", f[i].def->remedy);
		jw_kstring(j, "source", f[i].def->source);
		jw_object_end(j);
	}
	jw_array_end(j);
}

void
out_service_json(struct json *j, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	const char *table = report_service(v->report, p);
	struct finding f[FINDINGS_MAX];
	struct service_info s, other;

	if (!out_service_get(h, p, &s)) {
		if (*table == '\0')
			return;
		jw_key(j, "service");
		jw_object(j);
		jw_kstring(j, "name", table);
		jw_kstring(j, "method", "table");
		jw_object_end(j);
		return;
	}
	jw_key(j, "service");
	out_service_json_info(j, &s, table);
	if (get_other(h, p, &s, &other)) {
		jw_key(j, "other");
		out_service_json_info(j, &other, "");
	}
	if (v->checks)
		json_findings(j, f, get_findings(v, h, p, f));
}

/* -- XML -------------------------------------------------------------------- */

static void
xml_attr(struct buf *b, const char *name, const char *value)
{
	if (*value != '\0')
		out_xml_attr(b, name, value);
}

static void
xml_elem(struct buf *b, const char *key, const char *value)
{
	if (*value == '\0')
		return;
	buf_puts(b, "<elem");
	out_xml_attr(b, "key", key);
	buf_putc(b, '>');
	out_xml_text(b, value);
	buf_puts(b, "</elem>");
}

static void
xml_evidence(struct buf *b, const struct service_info *s)
{
	const char *name, *value;
	size_t i;

	xml_elem(b, "how", s->how);
	xml_elem(b, "evidence", s->evidence);
	for (i = 0; service_fact_at(s, i, &name, &value); i++) {
		if (i == 0)
			buf_puts(b, "<table key=\"facts\">");
		xml_elem(b, name, value);
	}
	buf_puts(b, i > 0 ? "</table>" : "");
}

static void
xml_finding(struct buf *b, const struct finding *f)
{
	buf_puts(b, "<table");
	out_xml_attr(b, "key", f->def->id);
	buf_putc(b, '>');
	xml_elem(b, "severity", severity_name(f->severity));
	xml_elem(b, "title", f->def->title);
	xml_elem(b, "evidence", f->evidence);
	xml_elem(b, "why", f->def->why);
	xml_elem(b, "remedy", f->def->remedy);
	xml_elem(b, "source", f->def->source);
	buf_puts(b, "</table>");
}

/* In words: what answers, and what is wrong with it. */
static void
put_said(struct buf *b, const struct service_info *s, const struct finding *f,
    size_t n)
{
	size_t i;

	buf_printf(b, "%s%s ", s->tls ? "ssl/" : "",
	    s->name[0] != '\0' ? s->name : "unknown");
	service_put_version(b, s);
	while (b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	for (i = 0; i < n; i++)
		buf_printf(b, "\n%s: %s [%s]", severity_name(f[i].severity),
		    f[i].def->title, f[i].def->id);
}

/*
 * How it was learnt, from which bytes, and the findings: nmap's own words have
 * no place for it but a script's. It is one for all: ndiff 7.93 ends with a
 * Python error where a port has two.
 */
static void
xml_script(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p,
    const struct service_info *s)
{
	struct finding f[FINDINGS_MAX];
	const size_t n = get_findings(v, h, p, f);
	struct service_info other;
	const bool two = get_other(h, p, s, &other);
	struct buf said = { 0 };
	size_t i;

	if (s->name[0] == '\0' && s->evidence[0] == '\0' && s->nfacts == 0 &&
	    n == 0 && !two)
		return;
	put_said(&said, s, f, n);
	buf_puts(b, "<script");
	out_xml_attr(b, "id", source_of(s));
	out_xml_attr(b, "output", said.data);
	buf_putc(b, '>');
	xml_evidence(b, s);
	if (two) {
		buf_puts(b, "<table");
		out_xml_attr(b, "key", source_of(&other));
		buf_putc(b, '>');
		buf_reset(&said);
		put_said(&said, &other, NULL, 0);
		xml_elem(b, "service", said.data);
		xml_evidence(b, &other);
		buf_puts(b, "</table>");
	}
	if (n > 0)
		buf_puts(b, "<table key=\"findings\">");
	for (i = 0; i < n; i++)
		xml_finding(b, &f[i]);
	buf_printf(b, "%s</script>", n > 0 ? "</table>" : "");
	buf_done(&said);
}

void
out_service_xml(struct buf *b, const struct out_scan_view *v,
    const struct report_host *h, const struct report_port *p)
{
	const char *table = report_service(v->report, p);
	struct service_info s;
	const bool asked = out_service_get(h, p, &s);
	const bool named = asked && s.name[0] != '\0';

	if (named || *table != '\0') {
		buf_puts(b, "<service");
		out_xml_attr(b, "name", named ? s.name : table);
		if (named) {
			xml_attr(b, "product", s.product);
			xml_attr(b, "version", s.version);
			xml_attr(b, "extrainfo", s.extra);
			xml_attr(b, "hostname", s.host);
			xml_attr(b, "ostype", s.os);
			xml_attr(b, "devicetype", s.device);
		}
		if (asked && s.tls)
			out_xml_attr(b, "tunnel", "ssl");
		buf_printf(b, " method=\"%s\" conf=\"%u\"",
		    named ? "probed" : "table", named ? s.conf : 3);
		if (named && s.cpe[0] != '\0') {
			buf_puts(b, "><cpe>");
			out_xml_text(b, s.cpe);
			buf_puts(b, "</cpe></service>");
		} else
			buf_puts(b, "/>");
	}
	if (asked)
		xml_script(b, v, h, p, &s);
}

/* -- grepable lines --------------------------------------------------------- */

/* Slashes divide, and commas do between two ports. */
static void
put_plain(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		buf_putc(b, *s == '/' ? '|' : *s == ',' ? ';' : *s);
}

void
out_service_grep(struct buf *b, const struct scan_report *r,
    const struct report_host *h, const struct report_port *p)
{
	struct buf name = { 0 }, version = { 0 };
	struct service_info s;

	if (!out_service_get(h, p, &s)) {
		buf_printf(b, "%s///", report_service(r, p));
		return;
	}
	report_put_service(&name, r, h, p);
	service_put_version(&version, &s);
	put_plain(b, name.data);
	buf_puts(b, "//");
	if (version.len > 0)
		put_plain(b, version.data);
	buf_putc(b, '/');
	buf_done(&name);
	buf_done(&version);
}
