/* SPDX-License-Identifier: ISC */
#ifndef UI_SCAN_H
#define UI_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/scan_ports.h"
#include "model/scan_report.h"
#include "model/scan_wire.h"
#include "model/target.h"
#include "ui/scan_view.h"

/*
 * The deck's scans: each a job of one worker, that tells what it finds by
 * events. Results are kept here; what a line means and how it is done is the
 * program's affair (services.scan_start and its like), which calls
 * ui_scan_*() in turn. A job stays until it is closed.
 */
struct pane;
struct ui;

/* What a line came to: filled by scan_services.start, taken over. */
struct scan_order {
	unsigned id;      /* of the job; never 0 */
	char *what;       /* what is scanned, short and clean: for a tab */
	char *targets;    /* as in struct scan_spec */
	uint8_t family;   /* likewise */
	pid_t worker;     /* the process that does it */
	bool keep_closed; /* closed ports are told, and listed */
	bool self;        /* this machine, by itself */
	bool checks;      /* what is wrong with services is wanted, too */
	int64_t at_s;     /* seconds since 1970: when it was asked for */
	/* self alone. */
	uint32_t netns;           /* that the scan is made in */
	struct scan_ports *asked; /* allocated */
};
void scan_order_done(struct scan_order *);

/*
 * What the program does for them. All is refused (-EROFS) under --readonly.
 */
struct scan_services {
	/*
	 * Takes a line as it is typed after `sockdeck scan`, and begins. 0:
	 * ret is filled, its strings are the caller's, and what is found is
	 * told by ui_scan_event(), never before this returns; the end by
	 * ui_scan_gone(). -EAGAIN and a sentence: so much is asked for that it
	 * must be asked whether it is meant: again, with sure. Else -errno and
	 * a sentence.
	 */
	int (*start)(void *arg, const char *line, bool sure,
	    struct scan_order *ret, char **cause);
	/* One that is over, again: from its beginning, or (rest) without what
	 * is settled. ui_scan_worker() is called before it returns. 0, or
	 * -errno and a sentence. */
	int (*again)(void *arg, unsigned id, bool rest, char **cause);
	/* Stop, pause, go on: the end comes by an event. 0, or -errno and a
	 * sentence. */
	int (*op)(void *arg, unsigned id, enum scan_op, char **cause);
	/* Nothing more is wanted of it. */
	void (*forget)(void *arg, unsigned id);
	/* Into a new file, whose name's ending says how; when it is done a
	 * sentence is said on the status line. May sort the report. 0, or
	 * -errno and a sentence. */
	int (*save)(void *arg, unsigned id, struct scan_report *,
	    const char *path, char **cause);
	/* The i-th option a line may have, as typed ("-p", "--open"); NULL at
	 * the end. takes: the name of its value, or NULL. Valid until the
	 * next call. */
	const char *(*option)(
	    void *arg, size_t i, const char **takes, const char **help);
	void *arg;
};

enum job_state {
	JOB_STARTING, /* nothing was heard of the worker yet */
	JOB_RUNNING,
	JOB_PAUSED,
	JOB_STOPPING, /* it was told to stop */
	JOB_DONE,
	JOB_STOPPED, /* before its end, as asked */
	JOB_FAILED   /* see cause */
};

/* How a worker ended. */
enum scan_gone {
	SCAN_GONE_ENDED,  /* its end event was the last */
	SCAN_GONE_KILLED, /* by a signal, without an end event */
	SCAN_GONE_BROKEN  /* it broke off, or told what it must not */
};

/* A worker that was killed is begun anew so often without being asked. */
#define SCAN_RESTARTS_MAX 3

struct ui_scan {
	struct scan_order order;
	char *line; /* as typed, clean */
	enum job_state state;
	char *cause;       /* of JOB_FAILED; or NULL */
	unsigned restarts; /* by itself, since asked for last */
	pid_t worker;      /* 0: none */
	uint64_t first_ns; /* when it began: clock_mono_ns() */
	uint64_t began_ns; /* when this run did */
	uint64_t took_ns;  /* of runs that are over */
	uint64_t over_ns;  /* when the last one was */
	struct scan_report *report;
	struct target_set *ours; /* whose sockets are this scan's; NULL: not
				  * known (yet) */
	bool sealed;
	struct scan_view view;
};

#define SCAN_JOBS_MAX 32
struct ui_scans {
	struct ui_scan *job[SCAN_JOBS_MAX]; /* oldest first */
	size_t n, at;                       /* at: the one that is shown */
	char *asked; /* the line that a question is about */
	/* Of Tab in the prompt: what was typed, and what it was made. */
	char *stem, *became;
	size_t turn;
};
void ui_scans_free(struct ui_scans *); /* NULL is fine */

/* -- from the program ------------------------------------------------------ */

/* The job's worker runs as this process: after scan_services.again. */
void ui_scan_worker(struct ui *, unsigned id, pid_t);
void ui_scan_event(struct ui *, unsigned id, const struct scan_event *);
/* No event comes any more; what of this run is over. cause: a sentence (not
 * for SCAN_GONE_ENDED). */
void ui_scan_gone(struct ui *, unsigned id, enum scan_gone, const char *cause);

/* What it found so far; NULL: there is no such job. Names of its hosts may be
 * filled in (scan_report_rdns()); it goes with scan_services.again (from the
 * beginning) and forget. */
struct scan_report *ui_scan_report(const struct ui *, unsigned id);
uint64_t ui_scan_took_ns(const struct ui *, unsigned id);

/* -- from the deck --------------------------------------------------------- */

/* The line as it is typed after `sockdeck scan`; sure: a question whether it
 * is meant was answered. 0, or -errno and a sentence; -EAGAIN: it must be
 * asked whether this is meant. */
int scan_begin(struct ui *, const char *line, bool sure, char **cause);
/* By its number; NULL: there is none such. */
struct ui_scan *ui_scan_find(const struct ui *, unsigned id);
/* The job that is shown; NULL: there is none. */
struct ui_scan *scan_shown(const struct ui *);
/* Likewise: 0, or -ENOENT and a sentence. */
int scan_need(const struct ui *, struct ui_scan **ret, char **cause);
bool scan_is_over(const struct ui_scan *);
/* The commands on it. */
int scan_pause(struct ui *, char **cause); /* and go on */
int scan_cancel(struct ui *, char **cause);
int scan_again(struct ui *, char **cause);  /* from its beginning */
int scan_resume(struct ui *, char **cause); /* what is not settled */
int scan_close(struct ui *, char **cause);
/* Of the report: all counts, both protocols; closed too. */
uint64_t scan_count(const struct ui_scan *, enum scan_state);
/* Nanoseconds it has worked. */
uint64_t scan_took_ns(const struct ui_scan *);
/* "SYN, UDP"; "-": not known yet. */
void scan_put_how(const struct ui_scan *, struct buf *);
/* 0 .. 100; -1: not known. */
int scan_percent(const struct ui_scan *);
/* A reading was merged: marks the rows that are sockets of scans. */
void ui_scans_merged(struct ui *);

/* pane_scan.c: opened and given the focus; S shows and hides it. */
void pane_scan_open(struct ui *);
void pane_scan_toggle(struct ui *);
struct pane *pane_scan_find(struct ui *);
/* Another job is shown, or this one's lines changed in kind. */
void pane_scan_changed(struct ui *);

#endif
