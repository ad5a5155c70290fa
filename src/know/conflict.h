/* SPDX-License-Identifier: ISC */
#ifndef KNOW_CONFLICT_H
#define KNOW_CONFLICT_H

/*
 * Why a port cannot be bound, or is not what it seems: each kind of reason
 * with the rule behind it, what helps, and where that is written.
 */
enum conflict_kind {
	/* holders */
	CONFLICT_LISTENER,
	CONFLICT_LISTENER_ANY,  /* at the wildcard; one address was asked for */
	CONFLICT_LISTENER_ADDR, /* at one address; the wildcard was asked for */
	CONFLICT_DUAL_STACK,    /* an IPv6 socket that takes IPv4, too */
	CONFLICT_SYSTEMD_SOCKET,
	CONFLICT_DOCKER_PROXY,
	CONFLICT_BOUND,
	CONFLICT_UDP,
	CONFLICT_UDP_CONNECTED,
	CONFLICT_EPHEMERAL,  /* a client got the port by chance */
	CONFLICT_CONNECTION, /* a connection, and nobody listens any more */
	CONFLICT_ACCEPTED,   /* connections of the listener */
	CONFLICT_CLOSING,    /* FIN-WAIT, CLOSING, LAST-ACK */
	CONFLICT_TIME_WAIT,
	CONFLICT_UNSEEN, /* in use, and no socket is to be seen */
	/* obstacles */
	CONFLICT_PRIVILEGED,
	CONFLICT_NOT_LOCAL,
	CONFLICT_NO_FAMILY,
	CONFLICT_NO_DEVICE,
	CONFLICT_POLICY,
	CONFLICT_OTHER_ERROR,
	/* worth knowing */
	CONFLICT_REDIRECT,
	CONFLICT_REUSEADDR,     /* it would do */
	CONFLICT_REUSEADDR_NOT, /* it would not */
	CONFLICT_REUSEPORT,     /* the holders share; so could another */
	CONFLICT_REUSEPORT_UID, /* they share, but with this user only */
	CONFLICT_UDP_SHARE,     /* the same by SO_REUSEADDR, UDP */
	CONFLICT_OTHER_ADDRESS, /* same port at an address not asked for */
	CONFLICT_V6ONLY,
	CONFLICT_OTHER_DEVICE,
	CONFLICT_OTHER_NETNS,
	CONFLICT_OTHER_PROTO,
	CONFLICT_EPHEMERAL_RANGE,
	CONFLICT_RESERVED,
	CONFLICT_RACE, /* held and bound all the same: it changed meanwhile */
	/* and who only talks to it */
	CONFLICT_CLIENT,
	CONFLICT_NKINDS
};

struct conflict_fact {
	const char *name;    /* in JSON: "time-wait" */
	const char *because; /* the rule; sentences */
	const char *remedy;  /* in general; NULL: nothing needs one */
	const char *source;
};

const struct conflict_fact *conflict_fact(enum conflict_kind); /* never NULL */

#endif
