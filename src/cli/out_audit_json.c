/* SPDX-License-Identifier: ISC */
/* audit as JSON: one document, a listener an object with its findings. */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/out_audit.h"
#include "cli/out_scan_service.h"
#include "know/exposure.h"
#include "know/state.h"

static void
put_addrs(struct json *j, const struct audit_line *l)
{
	char text[TEXT_IP_MAX + 1];
	const struct sock_rec *r;
	size_t i;

	jw_key(j, "sockets");
	jw_array(j);
	for (i = 0; i < l->nrows; i++) {
		r = &l->row[i]->rec;
		*endpoint_addr_text(text, &r->local, r->family) = '\0';
		jw_object(j);
		jw_kstring(j, "addr", text);
		jw_kstring(j, "exposed",
		    exposure_name(exposure_of(r->local.addr, r->family)));
		jw_ku64(j, "inode", r->inode);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void
put_text(struct json *j, const char *key, const char *text)
{
	if (text != NULL)
		jw_kstring(j, key, text);
}

static void
put_owner(struct json *j, const struct audit *a, const struct audit_line *l)
{
	static const char *const seccomp[] = { "off", "strict", "filter" };
	const struct proc *p = audit_proc(l);
	struct buf b = { 0 };
	char caps[24];

	if (p == NULL)
		return;
	jw_ku64(j, "pid", (uint64_t)p->pid);
	jw_kstring(j, "process", p->comm);
	jw_ku64(j, "uid", p->uid);
	audit_put_user(a, l, &b);
	jw_key(j, "user");
	jw_stringn(j, b.data, b.len);
	buf_done(&b);
	put_text(j, "exe", p->exe);
	put_text(j, "unit", p->unit);
	put_text(j, "container", p->container);
	if (!l->process.known)
		return;
	jw_kbool(j, "no_new_privs", l->process.no_new_privs);
	jw_kstring(j, "seccomp", seccomp[l->process.seccomp]);
	(void)snprintf(
	    caps, sizeof(caps), "%016llx", (unsigned long long)l->process.caps);
	jw_kstring(j, "cap_eff", caps);
}

static void
put_finding(struct json *j, const struct finding *f)
{
	jw_object(j);
	jw_kstring(j, "id", f->def->id);
	jw_kstring(j, "severity", severity_name(f->severity));
	jw_kstring(j, "title", f->def->title);
	jw_kstring(j, "evidence", f->evidence);
	jw_kstring(j, "why", f->def->why);
	jw_kstring(j, "remedy", f->def->remedy);
	jw_kstring(j, "source", f->def->source);
	jw_object_end(j);
}

static void
put_line(struct json *j, const struct audit *a, const struct audit_line *l)
{
	char text[SCAN_ADDR_TEXT];
	size_t i;

	jw_object(j);
	jw_ku64(j, "port", l->port);
	jw_kstring(j, "proto", sock_proto_name(l->proto));
	jw_ku64(j, "netns", l->netns);
	jw_kstring(j, "reach", audit_reach_name(l->reach));
	put_addrs(j, l);
	put_owner(j, a, l);
	if (l->service != NULL) {
		jw_kstring(j, "asked", scan_addr_text(text, &l->ask.addr));
		jw_key(j, "service");
		out_service_json_info(j, l->service, "");
	}
	jw_key(j, "findings");
	jw_array(j);
	for (i = 0; i < l->nfound; i++)
		put_finding(j, &l->found[i]);
	jw_array_end(j);
	jw_object_end(j);
}

void
out_audit_json(struct buf *b, const struct out_audit *o, const struct audit *a)
{
	struct json j;
	size_t i, n;
	int severity;

	jw_init(&j, b);
	jw_object(&j);
	jw_ku64(&j, "schema", 1);
	jw_ku64(&j, "time", (uint64_t)o->now);
	jw_kbool(&j, "probed", o->probed);
	jw_kbool(&j, "partial", o->partial);
	jw_kstring(&j, "counted_from", severity_name(o->least));
	jw_ku64(&j, "counted", audit_count(a, o->least));
	jw_key(&j, "counts");
	jw_object(&j);
	for (severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO;
	     severity--) {
		n = audit_count(a, (enum severity)severity);
		if (severity < SEVERITY_CRITICAL)
			n -= audit_count(a, (enum severity)(severity + 1));
		jw_ku64(&j, severity_name((enum severity)severity), n);
	}
	jw_object_end(&j);
	jw_kstring(&j, "reach_rests_on", "addresses");
	jw_key(&j, "listeners");
	jw_array(&j);
	for (i = 0; i < a->n; i++)
		put_line(&j, a, &a->line[i]);
	jw_array_end(&j);
	jw_object_end(&j);
	buf_putc(b, '\n');
}
