/* SPDX-License-Identifier: ISC */
#ifndef ACT_SESSION_H
#define ACT_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/table.h"

/*
 * What carries the session this program is used in: its ancestors, the ssh
 * connection, the terminal multiplexer. From the environment and /proc; under
 * sudo, which clears the environment, from that of an ancestor.
 */
#define SESSION_DEPTH 32
/* What the deck's guard process calls itself (app/guard.c). */
#define SESSION_GUARD_COMM "sockdeck-guard"
struct session {
	pid_t self, guard; /* this program and, if it has one, its guard */
	pid_t ancestor[SESSION_DEPTH];
	size_t nancestors;
	pid_t mux; /* tmux's or screen's server; 0: none */
	bool ssh;  /* local and peer are known */
	struct endpoint local, peer;
};

void session_read(struct session *, int proc_fd);
/* "203.0.113.7 50312 10.0.0.5 22": SSH_CONNECTION. False: not one. */
bool session_parse_ssh(const char *, struct endpoint *peer, struct endpoint *);
/* "/tmp/tmux-0/default,812,0" (TMUX), "812.pts-0.host" (STY); 0: not one. */
pid_t session_parse_mux(const char *);
bool session_is_ancestor(const struct session *, pid_t);
/* Whether the socket is the connection the session came in by. */
bool session_is_ssh(const struct session *, const struct sock_rec *);

#endif
