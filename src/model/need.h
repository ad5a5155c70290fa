/* SPDX-License-Identifier: ISC */
#ifndef MODEL_NEED_H
#define MODEL_NEED_H

/*
 * What a column, a filter or an output wants to know, ORed over all of them.
 * The collector asks the kernel for no more than this.
 */
enum need {
	NEED_SOCK = 0,
	NEED_TCPINFO = 1 << 0, /* rtt, cwnd, byte counters, rates */
	NEED_TIMER = 1 << 1,   /* timer_ms: makes rows change every reading */
	NEED_OWNER = 1 << 2,   /* pid, process name, user of the process */
	NEED_CMDLINE = 1 << 3,
	NEED_CGROUP = 1 << 4, /* the owner's cgroup, unit, container */
	NEED_PATHS = 1 << 5,  /* exe, cwd */
	NEED_EXT = 1 << 6,    /* struct sock_ext */
	NEED_BOUND = 1 << 7,  /* BOUND sockets: costs a walk of the bind hash */
	NEED_HOST = 1 << 8,   /* reverse names */
	NEED_USER = 1 << 9,   /* user name of the socket's uid */
	NEED_IFACE = 1 << 10, /* interface names */
	NEED_SKCGROUP = 1 << 11, /* path of the socket's cgroup id */
	NEED_PRESSURE = 1 << 15  /* struct pressure */
};

#endif
