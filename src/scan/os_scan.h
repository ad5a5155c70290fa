/* SPDX-License-Identifier: ISC */
#ifndef SCAN_OS_SCAN_H
#define SCAN_OS_SCAN_H

#include "model/os_guess.h"
#include "model/scan.h"
#include "scan/priv.h"

/*
 * Asks hosts the questions of model/os_guess.h by raw packets and hands over
 * what they answered: about ten packets a host within half a second, those
 * that are not answered again. No connection is made. One thread, raw epoll.
 */
struct os_scan;
struct os_job {
	struct scan_addr addr;
	uint16_t open;   /* a TCP port that is; 0: none is known */
	uint16_t closed; /* the same; 0: one is chosen that seldom is open */
};
struct os_sink {
	/* Once for each job, whatever came. */
	void (*found)(void *arg, const struct os_job *, const struct os_seen *);
	void (*note)(void *arg, bool warning, const char *text);
	bool (*full)(void *arg); /* as struct engine_sink has it */
	void *arg;
};

/* Which families it can ask (mask of 1 << (4, 6)): by its sockets. */
unsigned os_scan_families(const struct priv *);
/* Before the sandbox: takes ports, begins to listen. priv has its links, and
 * stays the caller's. parallel: hosts at once; tries: of a packet. NULL and a
 * sentence. */
struct os_scan *os_scan_new(struct priv *, unsigned parallel, unsigned tries,
    const struct os_sink *, char **cause);
void os_scan_free(struct os_scan *);
void os_scan_add(struct os_scan *, const struct os_job *);
void os_scan_last(struct os_scan *); /* no more will be added */
void os_scan_stop(struct os_scan *);
void os_scan_pause(struct os_scan *, bool); /* nothing new is begun */
/* Until all are told after os_scan_last(), or os_scan_stop(). fd: the worker's
 * own ends; 0, or -errno and a sentence. */
int os_scan_run(struct os_scan *, int fd, void (*ready)(void *arg), void *arg,
    char **cause);
/* Packets, for the end event. */
void os_scan_sum(const struct os_scan *, uint64_t *sent, uint64_t *received);

#endif
