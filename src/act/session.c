/* SPDX-License-Identifier: ISC */
/* What this very session hangs on. See session.h. */
#include "config.h"

#include "act/session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/signal.h"
#include "base/num.h"
#include "base/procfs.h"

#define ENVIRON_MAX 65536
#define WORD_MAX    64
#define STAT_MAX    4096

static bool
parse_addr(const char *s, struct endpoint *ep)
{
	memset(ep, 0, sizeof(*ep));
	if (strchr(s, ':') != NULL)
		return inet_pton(AF_INET6, s, ep->addr) == 1;
	return inet_pton(AF_INET, s, ep->addr) == 1;
}

static bool
parse_port(const char *s, struct endpoint *ep)
{
	uint64_t n;

	if (!num_u64(s, 1, UINT16_MAX, &n))
		return false;
	ep->port = (uint16_t)n;
	return true;
}

bool
session_parse_ssh(const char *s, struct endpoint *peer, struct endpoint *local)
{
	char word[4][WORD_MAX];
	size_t i, n;

	for (i = 0; i < 4; i++) {
		n = strcspn(s, " %"); /* %: a link-local scope follows */
		if (n == 0 || n >= WORD_MAX)
			return false;
		memcpy(word[i], s, n);
		word[i][n] = '\0';
		s += n;
		s += strcspn(s, " ");
		if ((*s == '\0') != (i == 3))
			return false;
		s += *s == ' ';
	}
	return parse_addr(word[0], peer) && parse_port(word[1], peer) &&
	       parse_addr(word[2], local) && parse_port(word[3], local);
}

pid_t
session_parse_mux(const char *s)
{
	const char *comma = strchr(s, ',');
	char digits[16];
	size_t n;
	pid_t pid;

	if (comma != NULL)
		s = comma + 1;
	n = strcspn(s, comma != NULL ? "," : ".");
	if (n == 0 || n >= sizeof(digits) || s[n] == '\0')
		return 0;
	memcpy(digits, s, n);
	digits[n] = '\0';
	return signal_parse_pid(digits, &pid) ? pid : 0;
}

static void
take_variable(struct session *s, const char *var)
{
	if (strncmp(var, "SSH_CONNECTION=", 15) == 0 && !s->ssh)
		s->ssh = session_parse_ssh(var + 15, &s->peer, &s->local);
	else if (strncmp(var, "TMUX=", 5) == 0 && s->mux == 0)
		s->mux = session_parse_mux(var + 5);
	else if (strncmp(var, "STY=", 4) == 0 && s->mux == 0)
		s->mux = session_parse_mux(var + 4);
}

static void
read_environ(struct session *s, int proc_fd, pid_t pid)
{
	char path[WORD_MAX], *text = NULL, *p, *end;
	size_t len;

	(void)snprintf(path, sizeof(path), "%ld/environ", (long)pid);
	if (procfs_slurp_at(proc_fd, path, ENVIRON_MAX, &text, &len) < 0)
		return;
	for (p = text, end = text + len; p < end; p += strlen(p) + 1)
		take_variable(s, p);
	free(text);
}

static bool
read_stat(int proc_fd, pid_t pid, struct procfs_stat *st)
{
	char path[WORD_MAX], text[STAT_MAX];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%ld/stat", (long)pid);
	n = procfs_read_at(proc_fd, path, text, sizeof(text));
	return n > 0 && procfs_parse_stat(text, (size_t)n, st);
}

void
session_read(struct session *s, int proc_fd)
{
	static const char *const names[] = { "SSH_CONNECTION", "TMUX", "STY" };
	struct procfs_stat own, st;
	char var[1024];
	size_t i;
	pid_t pid;

	*s = (struct session){ .self = getpid() };
	if (!read_stat(proc_fd, s->self, &own))
		return;
	for (pid = own.ppid; pid > 0 && s->nancestors < SESSION_DEPTH;
	     pid = st.ppid) {
		if (!read_stat(proc_fd, pid, &st))
			break;
		if (s->nancestors == 0 &&
		    st.comm_len == strlen(SESSION_GUARD_COMM) &&
		    memcmp(st.comm, SESSION_GUARD_COMM, st.comm_len) == 0)
			s->guard = pid;
		s->ancestor[s->nancestors++] = pid;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]) != NULL &&
		    snprintf(var, sizeof(var), "%s=%s", names[i],
			getenv(names[i])) < (int)sizeof(var))
			take_variable(s, var);
	for (i = 0; i < s->nancestors && (!s->ssh || s->mux == 0); i++)
		read_environ(s, proc_fd, s->ancestor[i]);
}

bool
session_is_ancestor(const struct session *s, pid_t pid)
{
	size_t i;

	for (i = 0; i < s->nancestors; i++)
		if (s->ancestor[i] == pid)
			return true;
	return false;
}

/* An IPv4 address may be one on an IPv6 socket (::ffff:a.b.c.d). */
static bool
same_end(const struct endpoint *a, const struct endpoint *b)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *x = a->addr, *y = b->addr;

	if (a->port != b->port)
		return false;
	if (memcmp(x, y, 16) == 0)
		return true;
	if (memcmp(x, mapped, 12) == 0 && memcmp(x + 12, y, 4) == 0)
		return true;
	return memcmp(y, mapped, 12) == 0 && memcmp(y + 12, x, 4) == 0;
}

bool
session_is_ssh(const struct session *s, const struct sock_rec *rec)
{
	return s->ssh && rec->proto == SOCK_TCP &&
	       same_end(&s->local, &rec->local) &&
	       same_end(&s->peer, &rec->peer);
}
