/* SPDX-License-Identifier: ISC */
/* The commands that would free a port, to be typed as they stand. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "model/conflict_reason.h"
#include "model/copyline.h"

#define RESERVED_MAX 500 /* longer lists are no command to be typed */

void
reason_reserve(struct conflict_reason *r, const struct conflict_ns *ns,
    uint16_t port, const char *effect)
{
	struct portset *set;
	struct buf b = { 0 };

	if (!ns->limits.reserved_known)
		return;
	set = xmalloc(sizeof(*set));
	*set = ns->limits.reserved;
	(void)portset_add(set, port);
	buf_puts(&b, "sysctl -w net.ipv4.ip_local_reserved_ports=");
	portset_put(set, &b);
	free(set);
	if (b.len < RESERVED_MAX)
		reason_command(r, buf_steal(&b), xstrdup(effect));
	buf_done(&b);
}

static const char *
state_word(const struct conflict_group *g)
{
	const struct sock_rec *rec = &g->sock[0]->row->rec;

	switch (g->kind) {
	case CONFLICT_LISTENER:
	case CONFLICT_LISTENER_ANY:
	case CONFLICT_LISTENER_ADDR:
	case CONFLICT_DUAL_STACK:
		return " and state listening";
	case CONFLICT_BOUND:
		return " and state=BOUND";
	case CONFLICT_UDP:
		return " and state=UNCONNECTED";
	case CONFLICT_UDP_CONNECTED:
		return " and state=CONNECTED";
	case CONFLICT_TIME_WAIT:
		return " and state time-wait";
	case CONFLICT_CLOSING:
		return rec->state == SOCK_FIN_WAIT_1   ? " and state fin-wait-1"
		       : rec->state == SOCK_FIN_WAIT_2 ? " and state fin-wait-2"
		       : rec->state == SOCK_LAST_ACK   ? " and state last-ack"
						       : " and state closing";
	default:
		return " and state connected";
	}
}

/* "-N web ", by a name that -N takes. */
static void
put_netns_option(struct buf *b, const char *name, uint32_t id)
{
	if (strncmp(name, "number ", 7) == 0 || strncmp(name, "net:", 4) == 0)
		buf_printf(b, "-N 'net:[%u]' ", id);
	else if (strncmp(name, "pid ", 4) == 0)
		buf_printf(b, "-N %d ", atoi(name + 4));
	else {
		buf_puts(b, "-N ");
		copy_shell_word(b, name, strlen(name));
		buf_putc(b, ' ');
	}
}

static void
put_why_command(struct buf *b, const struct conflict_facts *f)
{
	buf_printf(b, "%u/%s", f->query.port, sock_proto_name(f->query.proto));
}

/* "sockdeck kill [-N NAME] '.. and sport = :8080 and state listening'" */
static char *
our_command(const struct conflict_facts *f, const struct conflict_group *g,
    const char *verb, const struct proc *p)
{
	struct buf b = { 0 };

	buf_printf(&b, "sockdeck %s ", verb);
	if (g->ns != NULL && g->ns->many)
		put_netns_option(&b, g->ns->name, g->netns);
	buf_putc(&b, '\'');
	if (p != NULL)
		buf_printf(&b, "pid=%d and ", (int)p->pid);
	buf_printf(&b, "%s and sport = :%u%s'", sock_proto_name(f->query.proto),
	    f->query.port, state_word(g));
	return buf_steal(&b);
}

char *
reason_sudo(const struct conflict_facts *f, const struct conflict_ns *ns)
{
	struct buf b = { 0 };

	buf_puts(&b, "sudo sockdeck why ");
	if (ns != NULL && ns->many)
		put_netns_option(&b, ns->name, ns->id);
	put_why_command(&b, f);
	return buf_steal(&b);
}

/* Settings and rules are the namespace's: their commands belong there. */
void
reason_commands_in(struct conflict_reason *r, const struct conflict_ns *ns)
{
	static const char *const local[] = { "sysctl ", "nft ", "iptables ",
		"ip6tables " };
	struct buf b = { 0 };
	size_t i, k;

	for (i = 0; i < r->ncommands; i++) {
		for (k = 0; k < nitems(local); k++)
			if (strncmp(r->command[i].text, local[k],
				strlen(local[k])) == 0)
				break;
		if (k == nitems(local))
			continue;
		if (strncmp(ns->name, "pid ", 4) == 0)
			buf_printf(&b, "nsenter -t %d -n ", atoi(ns->name + 4));
		else if (strcmp(ns->name, "default") == 0)
			buf_puts(&b, "nsenter -t 1 -n ");
		else {
			buf_puts(&b, ns->name[0] == '/' ? "nsenter --net="
							: "ip netns exec ");
			copy_shell_word(&b, ns->name, strlen(ns->name));
			buf_putc(&b, ' ');
		}
		buf_puts(&b, r->command[i].text);
		free(r->command[i].text);
		r->command[i].text = buf_steal(&b);
	}
}

static bool
is_service(const char *unit)
{
	size_t n = unit == NULL ? 0 : strlen(unit);

	return n > 8 && strcmp(unit + n - 8, ".service") == 0 &&
	       strncmp(unit, "user@", 5) != 0;
}

/* "docker stop 0123456789ab" of "docker:0123456789ab" */
static bool
stop_container(struct conflict_reason *r, const char *container)
{
	static const char *const runtime[] = { "docker", "podman" };
	const char *colon = container == NULL ? NULL : strchr(container, ':');
	struct buf b = { 0 };
	size_t i;

	for (i = 0; colon != NULL && i < nitems(runtime); i++) {
		if (strncmp(container, runtime[i], strlen(runtime[i])) != 0 ||
		    strlen(runtime[i]) != (size_t)(colon - container))
			continue;
		buf_printf(&b, "%s stop ", runtime[i]);
		copy_shell_word(&b, colon + 1, strlen(colon + 1));
		reason_command(r, buf_steal(&b),
		    xstrdup("stops the container that has it"));
		return true;
	}
	return false;
}

static void
free_by_process(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const struct proc *p = reason_proc(g);
	struct buf b = { 0 };
	char *effect;

	if (p == NULL) {
		if (!f->privileged)
			reason_command(r, reason_sudo(f, g->ns),
			    xstrdup("names the process"));
		return;
	}
	if (stop_container(r, p->container))
		return;
	if (is_service(p->unit)) {
		buf_puts(&b, "systemctl stop ");
		copy_shell_word(&b, p->unit, strlen(p->unit));
		reason_command(r, buf_steal(&b),
		    xstrdup("stops the unit; a process merely killed may be "
			    "started again by systemd"));
	}
	if (g->sock[0]->stop != NULL)
		reason_command(r, xstrdup(g->sock[0]->stop),
		    xstrdup("stops it at its supervisor, which would start "
			    "one that is killed again"));
	xasprintf(&effect, "asks, then sends TERM to %s (pid %d)%s", p->comm,
	    (int)p->pid, r->nowners > 1 ? " and the others that hold it" : "");
	reason_command(
	    r, our_command(f, g, "kill", r->nowners > 1 ? NULL : p), effect);
}

static void
free_by_closing(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	char *text;

	if (r->wait_ms > 0) {
		xasprintf(&text, "sleep %llu",
		    (unsigned long long)((r->wait_ms + 999) / 1000));
		reason_command(r, text, xstrdup("then it is over by itself"));
	}
	reason_command(r, our_command(f, g, "close --rst", NULL),
	    xstrdup("asks, then ends those connections at once; needs root"));
}

static void
free_ephemeral(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	free_by_closing(r, f, g);
	if (g->ns != NULL)
		reason_reserve(r, g->ns, f->query.port,
		    "for the future: no client gets the port by chance");
}

static void
free_systemd(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	const char *manager =
	    g->sock[0]->user_unit ? "systemctl --user" : "systemctl";
	struct buf b = { 0 };

	if (g->sock[0]->unit == NULL) {
		reason_commandf(
		    r, "names the unit", "%s list-sockets", manager);
		return;
	}
	buf_printf(&b, "%s stop ", manager);
	copy_shell_word(&b, g->sock[0]->unit, strlen(g->sock[0]->unit));
	reason_command(
	    r, buf_steal(&b), xstrdup("systemd lets go of the port"));
	buf_printf(&b, "%s disable ", manager);
	copy_shell_word(&b, g->sock[0]->unit, strlen(g->sock[0]->unit));
	reason_command(r, buf_steal(&b),
	    xstrdup("and does not take it at the next start"));
	(void)f;
}

static void
free_docker(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	if (!stop_container(r, g->sock[0]->container))
		reason_commandf(r, "names the container",
		    "docker ps --filter publish=%u/%s", f->query.port,
		    sock_proto_name(f->query.proto));
}

static void
free_nothing(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	char *name;
	struct buf b = { 0 };

	if (g->kind != CONFLICT_OTHER_NETNS)
		return;
	name = reason_netns_name(f, g->netns);
	buf_puts(&b, "sockdeck why ");
	put_netns_option(&b, name, g->netns);
	put_why_command(&b, f);
	reason_command(r, buf_steal(&b), xstrdup("asks the same there"));
	free(name);
}

static const struct {
	enum conflict_kind kind;
	void (*free)(struct conflict_reason *, const struct conflict_facts *,
	    const struct conflict_group *);
} remedies[] = {
	{ CONFLICT_LISTENER, free_by_process },
	{ CONFLICT_LISTENER_ANY, free_by_process },
	{ CONFLICT_LISTENER_ADDR, free_by_process },
	{ CONFLICT_DUAL_STACK, free_by_process },
	{ CONFLICT_BOUND, free_by_process },
	{ CONFLICT_UDP, free_by_process },
	{ CONFLICT_UDP_CONNECTED, free_by_process },
	{ CONFLICT_SYSTEMD_SOCKET, free_systemd },
	{ CONFLICT_DOCKER_PROXY, free_docker },
	{ CONFLICT_EPHEMERAL, free_ephemeral },
	{ CONFLICT_CONNECTION, free_by_closing },
	{ CONFLICT_ACCEPTED, free_by_closing },
	{ CONFLICT_CLOSING, free_by_closing },
	{ CONFLICT_TIME_WAIT, free_by_closing },
};

void
reason_remedies(struct conflict_reason *r, const struct conflict_facts *f,
    const struct conflict_group *g)
{
	size_t i;

	for (i = 0; i < nitems(remedies); i++)
		if (remedies[i].kind == g->kind)
			break;
	if (r->role == CONFLICT_HOLDER && i < nitems(remedies))
		remedies[i].free(r, f, g);
	else
		free_nothing(r, f, g);
}
