/* SPDX-License-Identifier: ISC */
/* Gathers the facts behind `why` and the deck's bind doctor. */
#include "config.h"

#include "app/why_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/bindtry.h"
#include "act/parents.h"
#include "act/sockopts.h"
#include "act/units.h"
#include "base/procfs.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "collect/collect.h"
#include "collect/firewall.h"
#include "collect/netns.h"
#include "collect/port_scene.h"

/* What changes while one looks is looked at again. */
#define LOOKS_MAX  3
#define OWNERS_ASK 4 /* holders of one socket that are asked for its options */

struct why {
	const struct why_ask *ask;
	struct conflict_facts facts;
	struct collect *collect;
	struct table *table;
	struct filter *filter;
	struct snap *snap;
};

/* -- sockets -------------------------------------------------------------- */

/* Those with the port at either end, in every namespace there is: what is
 * held in another one is worth knowing. */
static int
read_sockets(struct why *w, char **cause)
{
	const struct why_ask *ask = w->ask;
	struct request q = { .tcp = true,
		.udp = true,
		.v4 = true,
		.v6 = true,
		.states = SOCK_STATES_ALL,
		.filter = w->filter,
		.need = NEED_OWNER | NEED_CMDLINE | NEED_CGROUP | NEED_TIMER |
			NEED_BOUND | NEED_USER | NEED_IFACE,
		.netns = "all" };
	int r;

	/* A path may lead to a namespace that nothing else leads to. */
	if (ask->netns != NULL && ask->netns[0] == '/') {
		q.netns = ask->netns;
		conflict_add_unknown(&w->facts,
		    "whether other network namespaces have the port: they were "
		    "not looked into, since one was named by its path");
	}
	r = collect_read(w->collect, &q, &w->snap, cause);
	if (r != 0 && q.netns != ask->netns) {
		free(*cause);
		*cause = NULL;
		q.netns = ask->netns;
		r = collect_read(w->collect, &q, &w->snap, cause);
		conflict_add_unknown(&w->facts,
		    "whether other network namespaces have the port: they "
		    "could not be looked into");
	}
	if (r == 0)
		table_merge(w->table, w->snap, NULL);
	return r;
}

static void
note_what_is_hidden(struct why *w)
{
	const struct snap *s = w->snap;
	const char *why = snap_hidden_why(
	    s->source, (s->flags & SNAP_PRIVILEGED) != 0, s->remedy);
	size_t i;

	w->facts.privileged = (s->flags & SNAP_PRIVILEGED) != 0;
	if (s->hidden_owners > 0)
		conflict_add_unknown(&w->facts,
		    "who holds %u of the sockets%s%s", s->hidden_owners,
		    why != NULL ? ": " : "", why != NULL ? why : "");
	if (s->netns_failed > 0)
		conflict_add_unknown(&w->facts,
		    "whether the port is held in %u other network namespace%s: "
		    "entering them is not permitted (needs root)",
		    s->netns_failed, s->netns_failed == 1 ? "" : "s");
	else
		for (i = 0; i < s->nwarnings; i++)
			conflict_add_unknown(&w->facts, "%s", s->warning[i]);
	if (s->source == SOURCE_PROCFS)
		conflict_add_unknown(&w->facts,
		    "whether a socket is bound without listening: the kernel "
		    "shows such only through sock_diag, which is not there");
}

static bool
holds(const struct sock_rec *r)
{
	return r->state == SOCK_LISTEN || r->state == SOCK_BOUND ||
	       r->state == SOCK_UNCONNECTED || r->state == SOCK_CONNECTED ||
	       r->state == SOCK_ESTABLISHED;
}

/* SO_REUSEADDR and the like, of whichever holder lets us. */
static void
ask_options(struct why *w, struct conflict_sock *s)
{
	const struct row *row = s->row;
	struct owner o;
	uint32_t i;
	int r = -ENOENT;

	if (!holds(&row->rec) || (row->rec.flags & SOCKF_ORPHAN) != 0 ||
	    (row->rec.flags & SOCKF_SYNTH_KEY) != 0)
		return;
	for (i = 0; i < row->owners.n && i < OWNERS_ASK && r != 0; i++) {
		o = owners_at(&row->owners, i);
		r = sockopts_read(o.proc->pid, o.fd, row->rec.cookie, &s->opts);
	}
	if (r == -EPERM || r == -EACCES)
		conflict_add_unknown(&w->facts,
		    "SO_REUSEADDR and SO_REUSEPORT of %s (pid %d): asking for "
		    "them is not permitted (needs root)",
		    row->owners.proc->comm, (int)row->owners.proc->pid);
}

/* The unit through which systemd itself, or a user's, has it. */
static void
ask_systemd(struct conflict_sock *s)
{
	const struct sock_rec *rec = &s->row->rec;
	struct act_port port = { .local = rec->local,
		.proto = rec->proto,
		.family = rec->family,
		.managed = true };
	struct act_facts *facts;
	const struct proc *p;
	uint32_t i;

	for (i = 0; i < s->row->owners.n && s->unit == NULL; i++) {
		p = owners_at(&s->row->owners, i).proc;
		if (strcmp(p->comm, "systemd") != 0)
			continue;
		s->user_unit = p->pid != 1;
		facts = xcalloc(1, sizeof(*facts));
		facts->init = true; /* the manager itself, not a service */
		facts->user_unit = s->user_unit;
		units_read("", facts, p->uid, &port, 1);
		s->unit = facts->socket_unit;
		facts->socket_unit = NULL;
		act_facts_free(facts);
	}
}

/* Whether its holder has it for a container (docker-proxy, conmon, ..), or a
 * supervisor would start it again. */
static void
ask_parents(int proc, struct conflict_sock *s)
{
	const struct proc *p = s->row->owners.proc;
	struct procfs_stat st;
	struct act_facts *facts;
	char path[64], text[1024], *cmdline = NULL;
	ssize_t n;

	if (p == NULL || proc < 0)
		return;
	(void)snprintf(path, sizeof(path), "%d/stat", (int)p->pid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	if (n <= 0 || !procfs_parse_stat(text, (size_t)n, &st) ||
	    st.start != p->start)
		return;
	facts = xcalloc(1, sizeof(*facts));
	facts->parent = st.ppid;
	(void)snprintf(path, sizeof(path), "%d/comm", (int)st.ppid);
	n = procfs_read_at(proc, path, text, sizeof(text));
	if (st.ppid > 0 && n > 1)
		facts->parent_comm = text_clean(text, (size_t)n - 1);
	parents_read(proc, p->pid, &st, facts, &cmdline);
	free(cmdline);
	s->forwards = facts->forwards;
	s->container = facts->container;
	s->stop = facts->supervisor_stop;
	facts->forwards = facts->container = facts->supervisor_stop = NULL;
	act_facts_free(facts);
}

static void
add_sockets(struct why *w)
{
	const struct conflict_query *q = &w->facts.query;
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct conflict_sock *s;
	size_t i;

	for (i = 0; i < w->table->n; i++) {
		if ((w->table->row[i]->flags & ROW_GONE) != 0)
			continue;
		conflict_add_sock(&w->facts, w->table->row[i]);
		s = &w->facts.sock[w->facts.nsocks - 1];
		if (s->row->rec.local.port != q->port ||
		    s->row->rec.proto != q->proto)
			continue;
		ask_options(w, s);
		ask_systemd(s);
		if (holds(&s->row->rec))
			ask_parents(proc, s);
	}
	if (proc >= 0)
		(void)close(proc);
}

/* -- in each namespace ---------------------------------------------------- */

static int
look_inside(void *arg, const struct netns *netns, char **cause)
{
	struct why *w = arg;
	struct conflict_facts *f = &w->facts;
	struct conflict_ns *ns = conflict_add_ns(
	    f, netns->id, netns->name, netns->many || w->ask->netns != NULL);
	char *why = NULL;

	(void)cause;
	conflict_plan(&f->query, ns);
	port_scene_read(ns);
	bindtry_run(&f->query, ns);
	if (firewall_read(&f->query, ns, &why) < 0)
		conflict_add_unknown(f, "%s", why);
	free(why);
	return 0;
}

static int
look_everywhere(struct why *w, char **cause)
{
	struct netns_names *names = netns_names_new();
	struct snap *snap = snap_new();
	int r = netns_each(w->ask->netns, names, snap, look_inside, w, cause);
	size_t i;

	for (i = 0; r == 0 && i < snap->nwarnings; i++)
		conflict_add_unknown(&w->facts, "%s", snap->warning[i]);
	snap_free(snap);
	netns_names_free(names);
	return r;
}

/* -- all of it ------------------------------------------------------------ */

static int
look(struct why *w, struct conflict_report **ret, char **cause)
{
	struct conflict_query query = w->facts.query;
	struct collect_opts opts = { 0 };
	int r;

	conflict_facts_done(&w->facts);
	w->facts.query = query;
	w->facts.uid = (uint32_t)geteuid();
	w->table = table_new();
	w->facts.names = w->table->names;
	r = collect_open(&w->collect, &opts, cause);
	if (r == 0)
		r = read_sockets(w, cause);
	if (r == 0) {
		note_what_is_hidden(w);
		add_sockets(w);
		r = look_everywhere(w, cause);
	}
	if (r == 0)
		*ret = conflict_judge(&w->facts);
	collect_close(w->collect);
	snap_free(w->snap);
	table_free(w->table);
	w->collect = NULL;
	w->snap = NULL;
	w->table = NULL;
	return r;
}

static struct filter *
filter_of(uint16_t port)
{
	struct filter_error e = { 0 };
	struct filter *f = NULL;
	struct buf b = { 0 };

	buf_printf(&b, "sport = :%u or dport = :%u", port, port);
	if (filter_parse(b.data, &f, &e) != 0)
		filter_error_done(&e);
	buf_done(&b);
	return f;
}

int
why_run(const struct why_ask *ask, struct conflict_report **ret, bool *usage,
    char **cause)
{
	struct why w = { .ask = ask };
	struct conflict_report *rep = NULL;
	int r, i;

	*cause = NULL;
	r = conflict_query_parse(
	    ask->text, ask->proto, ask->env, &w.facts.query, cause);
	*usage = r != 0;
	if (r != 0)
		return r;
	w.filter = filter_of(w.facts.query.port);
	for (i = 0; i < LOOKS_MAX; i++) {
		conflict_report_free(rep);
		rep = NULL;
		r = look(&w, &rep, cause);
		if (r != 0 || !rep->disagrees)
			break;
	}
	filter_free(w.filter);
	conflict_facts_done(&w.facts);
	if (r == 0)
		*ret = rep;
	return r;
}
