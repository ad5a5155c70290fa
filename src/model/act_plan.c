/* SPDX-License-Identifier: ISC */
/*
 * Which processes, which sockets: from rows to the targets of an act. What
 * will happen to them is put into words in act_words.c.
 */
#include "config.h"

#include "model/act_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/xmalloc.h"

#define SOCK_LINES_MAX 64 /* a target's sockets told in full */
#define NAMES_MAX      4  /* processes named in one sentence */

struct planner {
	const struct act_choice *choice;
	struct view_ctx ctx;
	struct act *act;
	struct hash by_pid;        /* of act->target */
	const struct row **sorted; /* the chosen rows, by address */
	size_t unowned, gone;
	size_t hidden; /* of the unowned: a process holds them, unseen */
};

static uint64_t
target_key(const void *arg, uint32_t i)
{
	const struct planner *p = arg;

	return (uint64_t)p->act->target[i].pid;
}

static void
planner_init(struct planner *p, const struct act_choice *c, enum act_kind kind)
{
	memset(p, 0, sizeof(*p));
	p->choice = c;
	p->ctx.table = c->table;
	p->ctx.numeric_ports = true;
	p->ctx.ascii = !text_utf8();
	p->act = act_new(kind);
	hash_init(&p->by_pid, target_key, p);
}

static struct act_target *
find_target(const struct planner *p, const struct proc *proc)
{
	uint32_t i = hash_find(&p->by_pid, (uint64_t)proc->pid);

	if (i == HASH_NONE || p->act->target[i].start != proc->start)
		return NULL;
	return &p->act->target[i];
}

static enum act_role
role_of(const struct planner *p, const struct row *r)
{
	switch (r->rec.state) {
	case SOCK_LISTEN:
	case SOCK_BOUND:
	case SOCK_UNCONNECTED:
		return ACT_LISTENS;
	case SOCK_TIME_WAIT:
	case SOCK_CLOSED:
	case SOCK_STATE_UNKNOWN:
		return ACT_NO_ROLE;
	case SOCK_SYN_SENT:
	case SOCK_CONNECTED:
		return ACT_CALLS;
	case SOCK_SYN_RECEIVED:
		return ACT_SERVES;
	default:
		return table_listener(p->choice->table, r) != NULL ? ACT_SERVES
								   : ACT_CALLS;
	}
}

static void
put_ends(const struct planner *p, const struct row *r, struct buf *b)
{
	column_put_endpoint(r, false, true, &p->ctx, b);
	if (!endpoint_is_any(&r->rec.peer) || r->rec.peer.port != 0) {
		buf_puts(b, " -> ");
		column_put_endpoint(r, true, true, &p->ctx, b);
	}
}

/* "listens on *:8080 (tcp)", "client of 10.0.0.9:8080 (tcp ESTABLISHED)" */
static char *
sock_line(const struct planner *p, const struct row *r)
{
	const char *proto = sock_proto_name(r->rec.proto),
		   *state = sock_state_name(r->rec.state);
	struct buf b = { 0 };

	switch (role_of(p, r)) {
	case ACT_LISTENS:
		buf_printf(&b, "%s %s on ", proto,
		    r->rec.state == SOCK_LISTEN  ? "listens"
		    : r->rec.state == SOCK_BOUND ? "holds (BOUND)"
						 : "receives");
		column_put_endpoint(r, false, true, &p->ctx, &b);
		break;
	case ACT_SERVES:
		buf_printf(&b, "%s serves ", proto);
		column_put_endpoint(r, true, true, &p->ctx, &b);
		buf_puts(&b, " on ");
		column_put_endpoint(r, false, true, &p->ctx, &b);
		buf_printf(&b, " (%s)", state);
		break;
	case ACT_CALLS:
		buf_printf(&b, "%s client of ", proto);
		column_put_endpoint(r, true, true, &p->ctx, &b);
		buf_puts(&b, " from ");
		column_put_endpoint(r, false, true, &p->ctx, &b);
		buf_printf(&b, " (%s)", state);
		break;
	case ACT_NO_ROLE:
		buf_printf(&b, "%s %s ", proto, state);
		put_ends(p, r, &b);
		break;
	}
	return buf_steal(&b);
}

static void
put_since(struct buf *b, uint64_t wall)
{
	time_t at = (time_t)wall;
	char text[32];
	struct tm tm;

	if (wall == 0 || localtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return;
	buf_printf(b, ", since %s", text);
}

static char *
proc_title(const struct proc *proc)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s (%ld)", proc->comm, (long)proc->pid);
	if (proc->user != NULL)
		buf_printf(&b, ", user %s", proc->user);
	else
		buf_printf(&b, ", uid %u", proc->uid);
	put_since(&b, proc->start_wall);
	return buf_steal(&b);
}

static void
describe_proc(struct act_target *t, const struct proc *proc)
{
	t->pid = proc->pid;
	t->start = proc->start;
	t->uid = proc->uid;
	t->name = xstrdup(proc->comm);
	t->title = proc_title(proc);
	if (proc->cmdline != NULL)
		t->detail = xstrdup(proc->cmdline);
	t->facts = xcalloc(1, sizeof(*t->facts));
	t->facts->parent = proc->ppid;
	if (proc->unit != NULL)
		t->facts->unit = xstrdup(proc->unit);
	if (proc->container != NULL)
		t->facts->container = xstrdup(proc->container);
}

/* Whether the filter means this very holder of the row. */
static bool
meant(const struct planner *p, const struct row *r, struct owner o)
{
	struct row one = *r;

	if (p->choice->filter == NULL)
		return true;
	one.owners = (struct owners){ .proc = o.proc, .fd = o.fd, .n = 1 };
	return filter_eval(p->choice->filter, &one, &p->ctx);
}

/* systemd keeps what it listens on for a service: its .socket unit. */
static bool
is_managed(const struct row *r)
{
	struct owner o;
	uint32_t i;

	for (i = 0; i < r->owners.n && r->owners.proc != NULL; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc->pid == 1 || strcmp(o.proc->comm, "systemd") == 0)
			return true;
	}
	return false;
}

static void
add_line_of(const struct planner *p, struct act_target *t, const struct row *r)
{
	char *line;

	if (t->nsock == SOCK_LINES_MAX) {
		t->nmore++;
		return;
	}
	if (role_of(p, r) == ACT_LISTENS) {
		t->port =
		    xreallocarray(t->port, t->nports + 1, sizeof(*t->port));
		t->port[t->nports++] = (struct act_port){ .local = r->rec.local,
			.proto = r->rec.proto,
			.family = r->rec.family,
			.managed = is_managed(r) };
	}
	line = sock_line(p, r);
	act_target_sock(t, line);
	free(line);
}

/* One chosen socket of a process. */
static void
add_holder(struct planner *p, const struct row *r, struct owner o)
{
	struct act_target *t = find_target(p, o.proc);
	enum act_role role = role_of(p, r);

	if (t == NULL) {
		if (p->act->n > ACT_PROCESSES_MAX)
			return;
		t = act_add(p->act);
		describe_proc(t, o.proc);
		t->fd = o.fd;
		t->inode = r->rec.inode;
		t->role = role;
		t->rec = r->rec;
		hash_add(
		    &p->by_pid, (uint64_t)t->pid, (uint32_t)(p->act->n - 1));
	}
	if (role != ACT_NO_ROLE && (t->role == ACT_NO_ROLE || role < t->role))
		t->role = role;
	add_line_of(p, t, r);
	t->nchosen = t->nsock;
}

static void
choose_holders(struct planner *p, const struct row *r)
{
	const struct proc *before = NULL;
	struct owner o;
	uint32_t i;

	if ((r->flags & ROW_GONE) != 0) {
		p->gone++;
		return;
	}
	if (r->owners.proc == NULL) {
		p->unowned++;
		p->hidden += r->rec.inode != 0;
	}
	/* Ordered by pid: a process may hold it twice. */
	for (i = 0; i < r->owners.n && r->owners.proc != NULL; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc != before && meant(p, r, o))
			add_holder(p, r, o);
		before = o.proc;
	}
}

static int
pointer_cmp(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a,
			 *y = *(const struct row *const *)b;

	return x < y ? -1 : x > y;
}

static void
sort_chosen(struct planner *p)
{
	size_t i, n = p->choice->n;

	p->sorted = xreallocarray(NULL, n + 1, sizeof(*p->sorted));
	for (i = 0; i < n; i++)
		p->sorted[i] = p->choice->row[i];
	qsort(p->sorted, n, sizeof(*p->sorted), pointer_cmp);
}

static bool
chosen(const struct planner *p, const struct row *r, struct owner o)
{
	return bsearch(&r, p->sorted, p->choice->n, sizeof(*p->sorted),
		   pointer_cmp) != NULL &&
	       meant(p, r, o);
}

/* "813 nginx, 814 nginx and 3 more" */
static void
put_others(
    struct buf *b, const struct planner *p, const struct row *r, size_t *n)
{
	const struct proc *before = NULL;
	struct owner o;
	uint32_t i;

	for (i = 0; i < r->owners.n && r->owners.proc != NULL; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc == before || find_target(p, o.proc) != NULL)
			continue;
		before = o.proc;
		if (++*n <= NAMES_MAX)
			buf_printf(b, "%s%s (%ld)", b->len > 0 ? ", " : "",
			    o.proc->comm, (long)o.proc->pid);
	}
}

/* Who else keeps a chosen socket open; told at its first target. */
static void
tell_sharers(const struct planner *p, const struct row *r)
{
	struct buf names = { 0 }, b = { 0 };
	struct act_target *t = NULL;
	uint32_t i;
	size_t n = 0;

	if ((r->flags & ROW_GONE) != 0 || r->owners.n < 2)
		return;
	for (i = 0; i < r->owners.n && t == NULL; i++)
		t = find_target(p, owners_at(&r->owners, i).proc);
	put_others(&names, p, r, &n);
	if (t != NULL && n > 0) {
		buf_puts(&b, "the socket at ");
		column_put_endpoint(r, false, true, &p->ctx, &b);
		buf_printf(&b, " stays open: %s", names.data);
		if (n > NAMES_MAX)
			buf_printf(&b, " and %zu more", n - NAMES_MAX);
		buf_printf(&b, " hold%s it too", n == 1 ? "s" : "");
		act_target_also(t, b.data);
	}
	buf_done(&names);
	buf_done(&b);
}

/* A socket that was not chosen, at those of its holders that are targets. */
static void
add_companion(struct planner *p, const struct row *r)
{
	const struct proc *before = NULL;
	struct act_target *t;
	struct owner o;
	uint32_t i;

	if ((r->flags & ROW_GONE) != 0 || r->owners.proc == NULL)
		return;
	for (i = 0; i < r->owners.n; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc == before)
			continue;
		before = o.proc;
		t = find_target(p, o.proc);
		if (t == NULL || chosen(p, r, o))
			continue;
		add_line_of(p, t, r);
	}
}

static bool
is_companion(const struct planner *p, const struct row *r)
{
	uint32_t i;

	for (i = 0; i < r->owners.n && r->owners.proc != NULL; i++)
		if (find_target(p, owners_at(&r->owners, i).proc) != NULL)
			return true;
	return false;
}

/* The kernel's order is a hash's. */
static int
ports_cmp(const void *a, const void *b)
{
	const struct sock_rec *x = &(*(const struct row *const *)a)->rec,
			      *y = &(*(const struct row *const *)b)->rec;
	int r = (int)x->local.port - (int)y->local.port;

	if (r == 0)
		r = memcmp(
		    &x->local.addr, &y->local.addr, sizeof(x->local.addr));
	return r != 0 ? r : (int)x->peer.port - (int)y->peer.port;
}

/* All that goes with the processes beside what was chosen. */
static void
add_companions(struct planner *p)
{
	const struct table *table = p->choice->table;
	size_t i, n = 0, cap = 0;
	struct act_target *t;
	const struct row **row = NULL;
	char *line;

	for (i = 0; i < table->n; i++)
		if (is_companion(p, table->row[i])) {
			row = array_grow(row, &cap, n + 1, sizeof(*row));
			row[n++] = table->row[i];
		}
	if (n > 1)
		qsort(row, n, sizeof(*row), ports_cmp);
	for (i = 0; i < n; i++)
		add_companion(p, row[i]);
	free(row);
	for (t = p->act->target; t < p->act->target + p->act->n; t++) {
		if (t->nmore == 0)
			continue;
		xasprintf(&line, "and %zu more", t->nmore);
		act_target_sock(t, line);
		free(line);
		if (t->nchosen == SOCK_LINES_MAX)
			t->nchosen++;
	}
}

/* lsof -ti's mistake: who listens and who only connected, in one list. */
static void
note_roles(const struct planner *p)
{
	const struct act *a = p->act;
	size_t i, by_role[ACT_CALLS + 1] = { 0 };
	struct buf b = { 0 };

	for (i = 0; i < a->n; i++)
		by_role[a->target[i].role]++;
	if (by_role[ACT_LISTENS] == 0 || by_role[ACT_CALLS] == 0)
		return;
	buf_printf(&b,
	    "%zu of these listen%s; %zu %s only connected to such a port "
	    "(client%s). Listeners alone: add \"state listen\" to the filter",
	    by_role[ACT_LISTENS], by_role[ACT_LISTENS] == 1 ? "s" : "",
	    by_role[ACT_CALLS], by_role[ACT_CALLS] == 1 ? "is" : "are",
	    by_role[ACT_CALLS] == 1 ? "" : "s");
	act_note(p->act, b.data);
	buf_done(&b);
}

static void
note_left_out(const struct planner *p)
{
	char *text;

	if (p->unowned == 0)
		return;
	xasprintf(&text,
	    "%zu socket%s without a visible owner: nobody to signal (some are "
	    "the kernel's alone, as in TIME-WAIT; root sees the others)",
	    p->unowned, p->unowned == 1 ? "" : "s");
	act_note(p->act, text);
	free(text);
}

static int
check_signal(const struct planner *p, char **cause)
{
	if (p->act->n > ACT_PROCESSES_MAX) {
		xasprintf(cause, "more than %d processes at once: select fewer",
		    ACT_PROCESSES_MAX);
		return -E2BIG;
	}
	if (p->act->n > 0)
		return 0;
	if (p->hidden > 0) {
		xasprintf(cause,
		    "who holds %s is not visible: another user's process "
		    "(needs root)",
		    p->hidden == 1 ? "it" : "them");
		return -EPERM;
	}
	if (p->unowned > 0)
		xasprintf(cause,
		    "no process holds %s: the kernel alone does, as in "
		    "TIME-WAIT",
		    p->unowned == 1 ? "it" : "them");
	else if (p->gone > 0)
		xasprintf(cause, "the socket was closed meanwhile");
	else
		xasprintf(cause, "no process holds it");
	return -ESRCH;
}

int
act_plan_signal(
    const struct act_choice *c, int signal, struct act **ret, char **cause)
{
	struct planner p;
	size_t i;
	int r;

	planner_init(&p, c, ACT_SIGNAL);
	p.act->signal = signal;
	for (i = 0; i < c->n; i++)
		choose_holders(&p, c->row[i]);
	r = check_signal(&p, cause);
	if (r == 0) {
		sort_chosen(&p);
		add_companions(&p);
		for (i = 0; i < c->n; i++)
			tell_sharers(&p, c->row[i]);
		note_roles(&p);
		note_left_out(&p);
		p.act->incomplete = true;
		act_words(p.act);
		*ret = p.act;
	} else
		act_free(p.act);
	free(p.sorted);
	hash_done(&p.by_pid);
	return r;
}

/* Who will see the socket closed. */
static void
add_holders_of_sock(
    const struct planner *p, struct act_target *t, const struct row *r)
{
	const struct proc *before = NULL;
	struct owner o;
	uint32_t i;
	char *line;

	(void)p;
	for (i = 0; i < r->owners.n && r->owners.proc != NULL; i++) {
		o = owners_at(&r->owners, i);
		if (o.proc == before)
			continue;
		before = o.proc;
		if (t->nsock < SOCK_LINES_MAX) {
			line = proc_title(o.proc);
			act_target_sock(t, line);
			free(line);
		}
	}
	t->nchosen = t->nsock;
}

static void
add_sock(struct planner *p, const struct row *r)
{
	struct act_target *t = act_add(p->act);
	const struct proc *proc = r->owners.proc;
	struct buf b = { 0 };

	t->key = sock_key(&r->rec);
	t->rec = r->rec;
	t->role = role_of(p, r);
	buf_printf(&b, "%s ", sock_proto_name(r->rec.proto));
	put_ends(p, r, &b);
	t->name = xstrdup(b.data);
	buf_reset(&b);
	buf_printf(&b, "%s %s ", sock_proto_name(r->rec.proto),
	    sock_state_name(r->rec.state));
	put_ends(p, r, &b);
	t->title = buf_steal(&b);
	if (proc != NULL) {
		t->pid = proc->pid;
		t->start = proc->start;
		t->uid = proc->uid;
		t->fd = r->owners.fd;
		t->inode = r->rec.inode;
		if (proc->cmdline != NULL)
			t->detail = xstrdup(proc->cmdline);
	}
	add_holders_of_sock(p, t, r);
	if ((r->flags & ROW_GONE) != 0)
		act_target_outcome(t, ACT_GONE, "it is closed already");
}

int
act_plan_close(const struct act_choice *c, enum act_how how, struct act **ret,
    char **cause)
{
	struct planner p;
	size_t i;

	if (c->n == 0) {
		xasprintf(cause, "no socket is selected");
		return -ESRCH;
	}
	planner_init(&p, c, ACT_CLOSE);
	p.act->how = how;
	for (i = 0; i < c->n; i++)
		add_sock(&p, c->row[i]);
	p.act->incomplete = true;
	act_words(p.act);
	hash_done(&p.by_pid);
	*ret = p.act;
	return 0;
}
