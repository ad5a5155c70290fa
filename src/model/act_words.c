/* SPDX-License-Identifier: ISC */
/*
 * What will happen next, in words: from the facts about a process (or the
 * state of a socket) to sentences, and to what it takes to say yes. What
 * systemd does after a signal is systemd.service(5)'s table of Restart=; what
 * a closed socket shows to both programs was tried on Linux 6.18
 * (tests/netns/test_act.c does it again).
 */
#include "config.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"
#include "know/signal.h"
#include "model/act_plan.h"

static void next(struct act_target *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
next(struct act_target *t, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	xvasprintf(&text, fmt, ap);
	va_end(ap);
	act_target_next(t, text);
	free(text);
}

/* -- signals ---------------------------------------------------------------- */

/* What the manager makes of an end by this signal, if the program does not
 * catch it: systemd.service(5), "Restart=", exit causes. */
static bool
clean_signal(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGHUP ||
	       signal == SIGPIPE;
}

enum again {
	AGAIN_NO,
	AGAIN_YES,
	AGAIN_IF_UNCLEAN /* .. unless it ends by itself with exit status 0 */
};

static enum again
restarts(const char *restart, int signal)
{
	static const struct {
		const char *word;
		enum again clean, unclean;
	} table[] = {
		{ "no", AGAIN_NO, AGAIN_NO },
		{ "always", AGAIN_YES, AGAIN_YES },
		{ "on-success", AGAIN_YES, AGAIN_NO },
		{ "on-failure", AGAIN_IF_UNCLEAN, AGAIN_YES },
		{ "on-abnormal", AGAIN_NO, AGAIN_YES },
		{ "on-abort", AGAIN_NO, AGAIN_YES },
		{ "on-watchdog", AGAIN_NO, AGAIN_NO },
	};
	size_t i;

	for (i = 0; i < nitems(table); i++)
		if (strcmp(restart, table[i].word) == 0)
			return clean_signal(signal) ? table[i].clean
						    : table[i].unclean;
	return AGAIN_NO;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* Whether the signal ends a process that does nothing about it. */
static bool
ends_process(int signal)
{
	const struct signal_fact *f = signal_fact(signal);

	return f != NULL &&
	       (f->action == SIGNAL_TERM || f->action == SIGNAL_CORE);
}

static const char *
user_flag(const struct act_facts *f)
{
	return f->user_unit ? " --user" : "";
}

static void
words_unit(struct act_target *t, const struct act_facts *f, int signal)
{
	char name[SIGNAL_NAME_MAX];

	if (f->unit == NULL || !ends_with(f->unit, ".service"))
		return;
	if (!f->main) {
		next(t,
		    "it belongs to %s, whose main process may start another: "
		    "systemctl%s stop %s ends them all",
		    f->unit, user_flag(f), f->unit);
		return;
	}
	if (f->restart == NULL) {
		next(t,
		    "it is %s's main process; whether systemd restarts it is "
		    "not known: systemctl%s stop %s ends it for good",
		    f->unit, user_flag(f), f->unit);
		return;
	}
	(void)signal_name(name, signal);
	switch (restarts(f->restart, signal)) {
	case AGAIN_YES:
		next(t,
		    "systemd restarts it (%s, Restart=%s): systemctl%s stop %s "
		    "ends it for good",
		    f->unit, f->restart, user_flag(f), f->unit);
		break;
	case AGAIN_IF_UNCLEAN:
		next(t,
		    "systemd restarts it if it ends with an error (%s, "
		    "Restart=%s): systemctl%s stop %s ends it for good",
		    f->unit, f->restart, user_flag(f), f->unit);
		break;
	case AGAIN_NO:
		next(t,
		    "systemd does not restart it after %s (%s, Restart=%s); "
		    "systemctl%s stop %s is the orderly way",
		    name, f->unit, f->restart, user_flag(f), f->unit);
		break;
	}
}

static void
words_socket_unit(struct act_target *t, const struct act_facts *f)
{
	if (f->socket_unit == NULL)
		return;
	if (f->init)
		next(t,
		    "systemd holds this port for %s and starts its service "
		    "when somebody connects: systemctl stop %s lets go of it",
		    f->socket_unit, f->socket_unit);
	else
		next(t,
		    "the port stays open: systemd holds it for %s and starts "
		    "the service again when somebody connects; systemctl%s "
		    "stop %s first",
		    f->socket_unit, user_flag(f), f->socket_unit);
}

/* "docker:0123456789ab" -> the command that stops it */
static void
put_stop(struct buf *b, const char *container)
{
	static const struct {
		const char *runtime, *stop;
	} table[] = {
		{ "docker:", "docker stop " },
		{ "podman:", "podman stop " },
		{ "containerd:", "nerdctl stop (or crictl stop) " },
		{ "cri-o:", "crictl stop " },
		{ "lxc:", "lxc-stop -n " },
		{ "lxd:", "lxc stop " },
		{ "nspawn:", "machinectl poweroff " },
	};
	size_t i, n;

	for (i = 0; i < nitems(table); i++) {
		n = strlen(table[i].runtime);
		if (strncmp(container, table[i].runtime, n) == 0) {
			buf_printf(b, "%s%s", table[i].stop, container + n);
			return;
		}
	}
	buf_puts(b, "its runtime's stop command");
}

static void
words_container(struct act_target *t, const struct act_facts *f)
{
	struct buf b = { 0 };

	if (f->container != NULL)
		put_stop(&b, f->container);
	if (f->forwards != NULL && f->container != NULL)
		next(t,
		    "it only forwards the port to %s in container %s, which "
		    "lives on: %s ends both",
		    f->forwards, f->container, b.data);
	else if (f->forwards != NULL)
		next(t,
		    "it only forwards the port to %s in a container, which "
		    "lives on: stop the container instead (docker ps and "
		    "podman ps show which publishes it)",
		    f->forwards);
	else if (f->container != NULL && f->container_init)
		next(t,
		    "container %s ends with it, and its restart policy may "
		    "start it again: %s ends it for good",
		    f->container, b.data);
	else if (f->container != NULL)
		next(t, "it runs in container %s: %s ends all of it",
		    f->container, b.data);
	buf_done(&b);
}

static void
words_parent(struct act_target *t, const struct act_facts *f)
{
	if (f->supervisor != NULL) {
		next(t, "%s starts it again: %s stops it there", f->supervisor,
		    f->supervisor_stop != NULL ? f->supervisor_stop
					       : "its own command");
		return;
	}
	if (f->parent > 1 && f->parent_comm != NULL &&
	    strcmp(f->parent_comm, t->name) == 0)
		next(t,
		    "its parent %s (%ld) is of the same name and may start "
		    "another: signal that one",
		    f->parent_comm, (long)f->parent);
}

static void
grade_process(struct act_target *t, const struct act_facts *f, int signal)
{
	if (t->pid == 1 || f->init)
		act_target_grade(t, ACT_REFUSE,
		    "process 1 starts and ends all others: it is never "
		    "signalled from here");
	if (f->kthread)
		act_target_grade(t, ACT_REFUSE,
		    "it is a thread of the kernel: signals do nothing to it");
	if (f->self)
		act_target_grade(t, ACT_REFUSE,
		    "it is this very program: q ends it, or Ctrl-C");
	if (f->session)
		act_target_grade(t, ACT_TYPE,
		    "it carries the session you are working in: that would "
		    "end with it");
	if (f->ancestor)
		act_target_grade(t, ACT_TYPE,
		    "this program runs beneath it: you may lose this very "
		    "session");
	if (signal_fact(signal) == NULL)
		act_target_grade(t, ACT_REFUSE, "there is no such signal");
}

/* What the signal by itself does. */
static void
words_signal(struct act_target *t, int signal)
{
	const struct signal_fact *f = signal_fact(signal);
	char name[SIGNAL_NAME_MAX];

	if (f == NULL)
		return;
	(void)signal_name(name, signal);
	if (f->catchable)
		next(t, "%s %s, unless the program does otherwise with it",
		    name, signal_action_text(f->action));
	else
		next(t, "%s %s: the program cannot prevent it", name,
		    signal_action_text(f->action));
}

static void
words_process(struct act_target *t, int signal)
{
	static const struct act_facts nothing;
	const struct act_facts *f = t->facts != NULL ? t->facts : &nothing;

	grade_process(t, f, signal);
	words_signal(t, signal);
	if (!ends_process(signal)) {
		if (f->init)
			words_socket_unit(t, f);
		return;
	}
	words_socket_unit(t, f);
	words_unit(t, f, signal);
	words_container(t, f);
	words_parent(t, f);
}

/* -- sockets ---------------------------------------------------------------- */

static bool
is_udp(const struct act_target *t)
{
	return t->rec.proto == SOCK_UDP;
}

static void
rst_words(struct act_target *t)
{
	bool held = t->pid != 0;

	if (is_udp(t)) {
		next(t,
		    "the program sees ECONNABORTED at its next call and lives "
		    "on; a port that was bound by number stays bound until "
		    "the program closes it");
		return;
	}
	switch (t->rec.state) {
	case SOCK_LISTEN:
		next(t,
		    "it stops listening: accept() fails with EINVAL; "
		    "connections that wait to be accepted are reset, accepted "
		    "ones live on");
		next(t,
		    "a port that was bound by number stays held (BOUND) until "
		    "the program closes it or ends");
		break;
	case SOCK_BOUND:
		act_target_grade(t, ACT_REFUSE,
		    "the kernel finds no socket that is only bound: its "
		    "process alone can let go of the port (kill)");
		break;
	case SOCK_TIME_WAIT:
		next(t,
		    "what is left of TIME-WAIT is cut short: the pair of "
		    "ports is free at once, and a late segment of the old "
		    "connection may be taken for one of a new one (RFC 9293 "
		    "section 3.6.1)");
		break;
	case SOCK_SYN_SENT:
		next(t, "connect() fails with ECONNABORTED");
		break;
	case SOCK_SYN_RECEIVED:
		next(t,
		    "the handshake is forgotten: the peer's next segment is "
		    "answered by a RST");
		break;
	case SOCK_CLOSING:
	case SOCK_LAST_ACK:
		next(t, "what is not acknowledged yet is given up");
		break;
	default:
		next(t,
		    "the peer is sent a RST and sees ECONNRESET; data on the "
		    "way is lost");
		if (held)
			next(t,
			    "the program sees ECONNABORTED (software caused "
			    "connection abort) at its next read or write, and "
			    "lives on");
		break;
	}
}

static void
fin_words(struct act_target *t)
{
	if (is_udp(t)) {
		act_target_grade(t, ACT_REFUSE,
		    "UDP has no connection to end: only RST's way gives the "
		    "program an error");
		return;
	}
	switch (t->rec.state) {
	case SOCK_ESTABLISHED:
		next(t,
		    "what is queued is still sent, then a FIN: the peer reads "
		    "end of file and normally closes its end");
		next(t,
		    "the program can still read; its next write fails with "
		    "EPIPE (and SIGPIPE ends it, if it does not ignore that)");
		next(t, "until the peer closes too, the socket stands in "
			"FIN-WAIT-2");
		break;
	case SOCK_CLOSE_WAIT:
		next(t,
		    "the FIN that the program never sent is sent: LAST-ACK, "
		    "and gone when the peer acknowledges; the program keeps a "
		    "dead descriptor");
		break;
	case SOCK_LISTEN:
		rst_words(t);
		break;
	case SOCK_SYN_SENT:
		next(t, "connect() is broken off");
		break;
	case SOCK_BOUND:
		rst_words(t);
		break;
	default:
		act_target_grade(t, ACT_REFUSE,
		    t->rec.state == SOCK_SYN_RECEIVED
			? "the handshake is not over: no process holds it yet"
			: "its FIN is sent already: only RST ends it sooner");
		break;
	}
	if (t->pid == 0)
		act_target_grade(t, ACT_REFUSE,
		    "no process is visible that holds it (root sees all): only "
		    "RST closes it without one");
}

void
act_words_close(struct act_target *t, enum act_how how)
{
	if ((t->rec.flags & SOCKF_SYNTH_KEY) != 0)
		act_target_grade(t, ACT_REFUSE,
		    "the kernel told no cookie for it (no sock_diag), and "
		    "without one another socket might be hit");
	if (how == ACT_RST)
		rst_words(t);
	else
		fin_words(t);
	if (t->facts != NULL && t->facts->session)
		act_target_grade(t, ACT_TYPE,
		    "it carries the session you are working in: that would "
		    "end with it");
}

/* -- both ------------------------------------------------------------------- */

static void
forget(struct act_target *t)
{
	size_t i;

	for (i = 0; i < t->nnext; i++)
		free(t->next[i]);
	free(t->next);
	free(t->why);
	t->next = NULL;
	t->nnext = 0;
	t->why = NULL;
	t->grade = ACT_ASK;
}

void
act_words(struct act *a)
{
	struct act_target *t;
	size_t i;

	for (t = a->target; t < a->target + a->n; t++) {
		forget(t);
		if (a->kind == ACT_SIGNAL)
			words_process(t, a->signal);
		else
			act_words_close(t, a->how);
		for (i = 0; i < t->nalso; i++)
			act_target_next(t, t->also[i]);
	}
}
