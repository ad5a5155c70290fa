/* SPDX-License-Identifier: ISC */
#ifndef APP_SCAN_ENGINE_H
#define APP_SCAN_ENGINE_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

#include "app/scan_job.h"
#include "model/scan.h"

/*
 * Who does the work of a stage of a scan (app/scan_stages.h): sockdeck-scan, or
 * another program that is made to speak in events.
 */
struct scan_engine {
	/* The events are numbered by nobody: seq is not looked at. The first is
	 * a hello, the last an end; a job without one failed. */
	int (*start)(uv_loop_t *, const struct scan_spec *, const char *program,
	    void (*event)(void *arg, const struct scan_event *),
	    void (*ended)(void *arg), void *arg, void **ret, char **cause);
	/* One more question; NULL where all is said by the spec. */
	void (*ask)(void *, const struct scan_ask *);
	void (*go)(void *); /* the last one was asked; or NULL */
	void (*stop)(void *);
	void (*pause)(void *, bool);
	void (*free)(void *, bool leave); /* scan_job_free(), _leave() */
	enum scan_job_state (*state)(const void *);
	enum scan_exit (*error)(const void *);
	const char *(*cause)(const void *);
	int (*signal)(const void *);
	pid_t (*pid)(const void *);
};
extern const struct scan_engine scan_engine_worker, scan_engine_nmap;

#endif
