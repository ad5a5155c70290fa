/* SPDX-License-Identifier: ISC */
#ifndef MODEL_CONFLICT_REASON_H
#define MODEL_CONFLICT_REASON_H

#include "model/conflict.h"

/* What conflict_*.c share: nothing for others. */

/* Sockets that make one reason: of one kind, at one address or of one
 * process, as the kind has it. */
struct conflict_group {
	enum conflict_kind kind;
	const struct conflict_ns *ns; /* NULL: not one that was tried */
	uint32_t netns;
	const struct conflict_sock **sock;
	size_t n, cap;
};

/* A report in the making. */
struct judge {
	const struct conflict_facts *f;
	struct conflict_report *rep;
	struct conflict_group *group;
	size_t n, cap;
};

bool judge_udp(const struct judge *);
bool judge_in_use(const struct conflict_try *);
/* Rights are asked before occupation: who lacks them learns no more. */
bool judge_refused(const struct conflict_try *);
bool judge_in_range(const struct conflict_ns *, uint16_t port);
/* "[::]:80 for IPv6 alone" */
void judge_put_what(struct buf *, const struct conflict_try *);
/* The first of these kinds, in the namespace; or NULL. */
const struct conflict_group *judge_group_find(const struct judge *,
    uint32_t netns, enum conflict_kind from, enum conflict_kind to);
/* Errors of the attempts, in this namespace; then settings, rules of the
 * firewall, and what would help. */
void judge_say_obstacles(struct judge *, const struct conflict_ns *);
void judge_say_notes(
    struct judge *, const struct conflict_ns *, enum conflict_verdict);

/* Zeroed but for these; valid until the next one. */
struct conflict_reason *reason_add(struct conflict_report *, enum conflict_kind,
    enum conflict_role, uint32_t netns);
void reason_command(struct conflict_reason *, char *text, char *effect);
/* "sysctl -w NAME=VALUE" and the like. */
void reason_commandf(struct conflict_reason *, const char *effect,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Keeps the port from clients, with those that are reserved already. */
void reason_reserve(struct conflict_reason *, const struct conflict_ns *,
    uint16_t port, const char *effect);
/* The process that holds the first socket that one holds; or NULL. */
const struct proc *reason_proc(const struct conflict_group *);
void reason_remedies(struct conflict_reason *, const struct conflict_facts *,
    const struct conflict_group *);
/* "sudo sockdeck why [-N NAME] 80/tcp" */
char *reason_sudo(const struct conflict_facts *, const struct conflict_ns *);
/* Commands that change settings or rules, for another namespace. */
void reason_commands_in(struct conflict_reason *, const struct conflict_ns *);
/* Text, evidence, owners and commands of sockets that are in the way, or
 * (role) only worth knowing. */
void reason_of_group(const struct conflict_facts *, struct conflict_report *,
    const struct conflict_group *, enum conflict_role);
/* "10.0.0.1:80", "[::1]:80" */
void reason_put_end(struct buf *, const struct endpoint *, unsigned family);
/* "web", "number 4026532000" */
char *reason_netns_name(const struct conflict_facts *, uint32_t id);
/* "nginx (pid 812, user root) and 2 more processes", or why nobody. True:
 * there are several. */
bool reason_put_who(
    struct buf *, const struct conflict_facts *, const struct conflict_group *);

#endif
