/* SPDX-License-Identifier: ISC */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include "model/scan.h"
#include "model/scan_wire.h"
#include "model/target.h"
#include "scan/engine.h"

/*
 * The worker's two ends: requests come in by one descriptor, events go out by
 * the other, sockdeck-scan(8) says how. Raw read and write; the descriptors'
 * flags are left alone, since others may share them.
 */
struct worker {
	int in, out;
	int epfd; /* in, out and signals: one descriptor for the engine */
	int signals;
	uint64_t began; /* ns */
	uint64_t seq;
	/* NULL: it does not run. Of SCAN_PROBE and SCAN_OS another one. */
	struct engine *engine;
	struct prober *prober;
	struct os_scan *os;
	struct probe_files *files; /* NULL: none */
	struct buf queue;          /* lines that wait, from `sent` on */
	size_t sent;
	bool out_file;   /* always ready, epoll(7) does not take it */
	bool out_socket; /* send(2) with MSG_DONTWAIT */
	bool out_asked;  /* epoll tells when it is ready */
	bool gone;       /* nobody reads: EPIPE */
	bool in_ended;
	bool asked_all; /* of those: "go" was said */
	/* Of those: what was asked for, told, told with a name. */
	uint64_t nasked, ntold, nnamed;
	uint64_t progress_at;        /* ns: when it was told last */
	uint64_t npackets, nanswers; /* SCAN_OS: sent, received */
	bool stopped;                /* it was asked to stop */
	char *bad;                   /* a line that was none: the job ends */
	struct buf line;

	/* What is asked for. */
	struct scan_spec spec;
	bool begun, whole; /* the first line is there; the last one is */
	struct target_set *targets;
	struct scan_port *port;
	uint32_t nports, ncommon;
	unsigned how;
	uint64_t seed;
};

void worker_init(struct worker *, int in, int out);
void worker_done(struct worker *);

/* Sets seq and t_us; the line is on its way. */
void worker_tell(struct worker *, struct scan_event *);
void worker_note(struct worker *, bool warning, const char *, ...)
    __attribute__((format(printf, 3, 4)));
void worker_hello(struct worker *, const struct priv *);
/* The last line; the text is cleaned. Waits until all is written, and closes
 * both ends. The engine, which is stopped, sums up; NULL: nothing was done. */
void worker_end(
    struct worker *, const struct engine *, enum scan_exit, const char *cause);

/* Reads the request; waits for it. 0, or -EBADMSG and a sentence. */
int worker_request(struct worker *, char **cause);
/* Makes a plan of it: names are looked up, links read. An enum scan_exit and
 * a sentence, or 0. */
enum scan_exit worker_plan(struct worker *, struct priv *, char **cause);
/* Tells what will be done. */
void worker_start(struct worker *);
/* max_fds is left 0. */
void worker_engine_plan(const struct worker *, struct engine_plan *);
/* Descriptors that probes may have open at once, beside those open now. */
uint32_t worker_max_fds(void);
/* enum sandbox_needs */
unsigned worker_needs(const struct worker *, const struct priv *);
/* From here on lines come and go while the engine runs: 0 or -errno. */
int worker_attach(struct worker *, struct engine *);
/* Runs the engine to its end or until it is to stop. */
enum scan_exit worker_run(struct worker *, char **cause);

/* -- SCAN_PROBE: instead of the last four --------------------------------- */

/* Before the sandbox. NULL and a sentence. */
struct prober *worker_prober_new(struct worker *, char **cause);
int worker_prober_attach(struct worker *, struct prober *);
enum scan_exit worker_prober_run(struct worker *, char **cause);
/* A question (the port of the line that was read last), the last one, a pause,
 * the end. */
void worker_prober_heed(struct worker *, enum scan_op);

/* -- SCAN_OS: the same --------------------------------------------------------- */

struct os_scan *worker_os_new(struct worker *, struct priv *, char **cause);
int worker_os_attach(struct worker *, struct os_scan *);
enum scan_exit worker_os_run(struct worker *, char **cause);
void worker_os_heed(struct worker *, enum scan_op);

/* -- for all -------------------------------------------------------------- */

/* What follows from how it ended: 0 or -errno. */
enum scan_exit worker_outcome(struct worker *, int error, char **cause);
/* Its own descriptors on epfd: 0 or -errno; then the lines that wait. */
int worker_ends_open(struct worker *);
void worker_ends_read(struct worker *);
/* Something is ready of them. */
void worker_ends_ready(struct worker *);

/* As struct engine_sink has them. */
void worker_sink_event(void *, struct scan_event *);
bool worker_sink_full(void *);

#endif
