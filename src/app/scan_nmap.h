/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_NMAP_H
#define APP_SCAN_NMAP_H

#include <sys/types.h>
#include <uv.h>

#include "app/scan_job.h"
#include "model/nmap_args.h"
#include "model/nmap_xml.h"
#include "model/scan.h"

/*
 * A run of nmap on a loop: started without a shell, its XML as the events of a
 * scan (model/nmap_xml.h), what it says on its standard error as notes, or as
 * the cause if it failed. It has a session of its own, so that no key and no
 * Ctrl-C of the terminal reaches it but through us, and it ends when we do
 * (PR_SET_PDEATHSIG).
 */
struct scan_nmap;

struct scan_nmap_ops {
	/* As of scan_job.h: numbered, clean; borrowed. The end comes if nmap
	 * ended by itself or was stopped: a run without one failed. */
	void (*event)(void *arg, const struct scan_event *);
	void (*ended)(void *arg, struct scan_nmap *);
};

/* What is asked is read before this returns. program: NULL, or for tests
 * another than scan_nmap_find()'s. 0, or -errno and a sentence. */
int scan_nmap_start(uv_loop_t *, const struct nmap_asked *,
    const struct nmap_xml_asked *, const char *program,
    const struct scan_nmap_ops *, void *arg, struct scan_nmap **ret,
    char **cause);
/* As scan_job_free(), scan_job_leave(). */
void scan_nmap_free(struct scan_nmap *);
void scan_nmap_leave(struct scan_nmap *);

/* SIGTERM, and SIGKILL 2 s later; again: at once. */
void scan_nmap_stop(struct scan_nmap *);
void scan_nmap_pause(struct scan_nmap *, bool); /* SIGSTOP, SIGCONT */

enum scan_job_state scan_nmap_state(const struct scan_nmap *);
enum scan_exit scan_nmap_error(const struct scan_nmap *);
const char *scan_nmap_cause(const struct scan_nmap *);
/* The signal it died of, not by us; 0: none. */
int scan_nmap_signal(const struct scan_nmap *);
pid_t scan_nmap_pid(const struct scan_nmap *); /* 0: it is over */

#endif
