/* SPDX-License-Identifier: ISC */
#ifndef KNOW_PRESSURE_H
#define KNOW_PRESSURE_H

#include <stdbool.h>

/*
 * What a machine can run out of on account of its sockets: the limit, the
 * setting that moves it, and what happens at it. Each with its source.
 */
enum pressure_kind {
	PRESSURE_EPHEMERAL, /* per local address and destination */
	PRESSURE_UDP_PORTS,
	PRESSURE_ACCEPT, /* per listener */
	PRESSURE_SYN,    /* per listener */
	PRESSURE_TIME_WAIT,
	PRESSURE_ORPHANS,
	PRESSURE_TCP_MEM,
	PRESSURE_UDP_MEM,
	PRESSURE_FDS, /* per process */
	PRESSURE_FILES,
	PRESSURE_CONNTRACK,
	PRESSURE_NEIGH4,
	PRESSURE_NEIGH6,
	PRESSURE_NKINDS
};

enum pressure_scope {
	PRESSURE_OF_MACHINE,
	PRESSURE_OF_NETNS,
	PRESSURE_OF_DESTINATION,
	PRESSURE_OF_LISTENER,
	PRESSURE_OF_PROCESS
};

struct pressure_fact {
	const char *name;  /* for JSON: "time_wait" */
	const char *title; /* "TIME-WAIT" */
	const char *unit;  /* "sockets", "pages", .. */
	enum pressure_scope scope;
	unsigned high;      /* percent from which on it is high */
	const char *full;   /* one sentence: what happens when it is full */
	const char *knob;   /* the setting: "net.ipv4.tcp_max_tw_buckets" */
	const char *remedy; /* one sentence: what else helps, or NULL */
	const char *source;
};
const struct pressure_fact *pressure_fact(enum pressure_kind);

/* What the kernel counts when something did not fit. */
enum pressure_counter {
	COUNTER_LISTEN_OVERFLOWS,
	COUNTER_LISTEN_DROPS,
	COUNTER_SYNCOOKIES_SENT,
	COUNTER_REQQ_COOKIES,
	COUNTER_REQQ_DROP,
	COUNTER_TW_OVERFLOW,
	COUNTER_ABORT_ON_MEMORY,
	COUNTER_MEMORY_PRESSURES,
	COUNTER_UDP_MEM_ERRORS,
	COUNTER_UDP_RCVBUF_ERRORS,
	COUNTER_CONNTRACK_DROP,
	COUNTER_CONNTRACK_EARLY_DROP,
	COUNTER_NEIGH4_FULL,
	COUNTER_NEIGH6_FULL,
	PRESSURE_NCOUNTERS
};

struct pressure_counter_fact {
	/* Where it is: "TcpExt" and "Udp" are lines of /proc/net/netstat and
	 * snmp, else a file of /proc/net/stat. */
	const char *group;
	const char *name; /* as there, and in JSON */
	const char *what; /* "connections refused because .." */
	enum pressure_kind kind;
	bool hit;   /* the limit was met: full while it counts on */
	bool netns; /* counted by namespace */
};
const struct pressure_counter_fact *pressure_counter_fact(
    enum pressure_counter);

#endif
