/* SPDX-License-Identifier: ISC */
#ifndef PROBE_PROBER_H
#define PROBE_PROBER_H

#include "model/scan.h"
#include "model/service_info.h"

/*
 * Finds out what is behind open ports: many at once, raw epoll, one thread, no
 * privilege, locked in. Each port has a budget of time in all (6 s) and of
 * bytes (16 KiB an answer). What greets is heard while, in a second connection,
 * the likeliest conversation already asks; those that are not it cost one
 * connection each, a few at a time; TLS is tried where nothing else answers, or
 * first where the port stands for it; what no conversation knows is held
 * against the probe files (model/probe_file.h). Times of silence are never a
 * verdict: what drips nonsense is "unknown".
 */
struct probe_job {
	struct scan_addr addr;
	uint16_t port;
	uint8_t proto;    /* enum sock_proto */
	const char *host; /* name it was asked for by, or NULL; borrowed for
			   * the call */
	uint64_t id;      /* the asker's, handed back */
};

struct prober;
struct prober_sink {
	/* Once for each job. info: "" name if it is unknown. */
	void (*found)(
	    void *arg, const struct probe_job *, const struct service_info *);
	void (*note)(void *arg, bool warning, const char *text);
	bool (*full)(void *arg); /* as struct engine_sink has it */
	void *arg;
};
struct probe_files; /* model/probe_file.h */
struct prober_limits {
	uint32_t budget_ms;     /* a port; 6000 */
	uint32_t parallel;      /* ports at once */
	uint32_t host_parallel; /* connections to one host at once */
	uint32_t max_fds;
	uint8_t intensity; /* 0 .. 9: conversations of a higher rarity are
			      * left out, but on their own ports; 7 */
	bool checks;
};

/* Before the sandbox: reads OpenSSL's tables, compiles the files' patterns. */
struct prober *prober_new(const struct prober_limits *,
    const struct probe_files *, const struct prober_sink *, char **cause);
void prober_free(struct prober *);
void prober_add(struct prober *, const struct probe_job *);
void prober_last(struct prober *); /* no more will be added */
/* Descriptor of the worker's own ends, on the prober's epoll. */
int prober_watch(struct prober *, int fd,
    void (*ready)(void *arg, uint32_t events), void *arg);
/* Until all jobs are told after prober_last(), or prober_stop(). */
int prober_run(struct prober *, char **cause);
void prober_stop(struct prober *);
/* Nothing new is begun; what is under way is brought to its end. */
void prober_pause(struct prober *, bool);

#endif
