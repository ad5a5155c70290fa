/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUT_SCAN_H
#define CLI_OUT_SCAN_H

#include <stdio.h>

#include "cli/args.h"
#include "model/scan_journal.h"
#include "model/scan_ports.h"
#include "model/scan_report.h"
#include "model/scan_self.h"

/*
 * What `scan` prints: the same scan in several forms at once, each to a file of
 * its own, as it goes on. Forms put text into a buffer; out_scan_flush() writes.
 */
enum out_scan_over {
	OUT_SCAN_OVER_NOT, /* it goes on */
	OUT_SCAN_OVER_DONE,
	OUT_SCAN_OVER_STOPPED, /* by the user: it is partial */
	OUT_SCAN_OVER_FAILED   /* partial, too; cause says why */
};

/* What there is to tell. All of it is borrowed. */
struct out_scan_view {
	const struct args *args;
	struct scan_report *report;
	const struct scan_ports *ports;    /* of each host; NULL: none, or not
					 * known (--merge) */
	const char *command;               /* as typed; clean */
	const struct journal_asked *asked; /* NULL: is not told */
	int64_t began_s;                   /* wall clock, since 1970 */
	uint64_t took_us;
	unsigned verbose;
	bool checks;      /* what is wrong with services is told */
	bool list_closed; /* ports that are closed have lines, too */
	enum out_scan_over over;
	const char *cause;
	uint64_t unresolved; /* names that could not be looked up */
	bool unsent;         /* at the end: no packet could be sent at all */
	/* --self, at the end: what it comes to, and the table its rows are
	 * of. */
	const struct scan_self *self;
	const struct table *table;
};

struct out_scan_sink {
	FILE *file;
	const char *name; /* for sentences: "standard output", a path */
	const struct out_scan_form *form;
	bool colour;
	struct buf buf;
	uint64_t n; /* hosts put so far: commas; events: their numbers */
	int error;  /* -errno, once; then it is silent */
};

/* Any of them may be NULL: it has nothing to say then. */
struct out_scan_form {
	bool json;
	/* The scan has begun (or ended before it could). */
	void (*begin)(struct out_scan_sink *, const struct out_scan_view *);
	/* Any event, as it comes; the report has it. */
	void (*event)(struct out_scan_sink *, const struct out_scan_view *,
	    const struct scan_event *);
	/* A host is over, or the scan is: each once. */
	void (*host)(struct out_scan_sink *, const struct out_scan_view *,
	    struct report_host *);
	void (*end)(struct out_scan_sink *, const struct out_scan_view *);
};
extern const struct out_scan_form out_scan_text, out_scan_xml,
    out_scan_grepable, out_scan_json, out_scan_jsonl;

#define OUT_SCAN_SINKS 5
struct out_scan {
	struct out_scan_sink sink[OUT_SCAN_SINKS];
	size_t n;
};
void out_scan_add(struct out_scan *, FILE *, const char *name,
    const struct out_scan_form *, bool colour);
void out_scan_begin(struct out_scan *, const struct out_scan_view *);
void out_scan_event(
    struct out_scan *, const struct out_scan_view *, const struct scan_event *);
void out_scan_host(
    struct out_scan *, const struct out_scan_view *, struct report_host *);
void out_scan_end(struct out_scan *, const struct out_scan_view *);
bool out_scan_waits(const struct out_scan *); /* something is to be flushed */
/* Writes. 0, or -errno and whose it is: of each sink once. */
int out_scan_flush(struct out_scan *, const char **name);
void out_scan_done(struct out_scan *); /* closes no file */

/* -- what the forms share ------------------------------------------------------ */

/* Whether a host is told of; else it is counted. */
bool out_scan_host_shown(
    const struct out_scan_view *, const struct report_host *);
/* Whether a port has a line of its own; else it is counted. */
bool out_scan_port_shown(const struct out_scan_view *,
    const struct report_host *, const struct report_port *);
/* Ports without a line, the most first: so many have this state for this
 * reason. */
struct out_scan_rest {
	uint32_t count;
	uint8_t proto; /* enum sock_proto */
	enum scan_state state;
	enum scan_reason reason;
};
#define OUT_SCAN_REST_MAX (2 * SCAN_NSTATES * REASON_NREASONS)
size_t out_scan_rest(const struct out_scan_view *, const struct report_host *,
    struct out_scan_rest[OUT_SCAN_REST_MAX]);
/* What was chosen, "connect", "SYN", "UDP", as a mask; 0: not known. */
unsigned out_scan_how(const struct out_scan_view *);
/* The host's name and address: "web (192.0.2.4)". */
void out_scan_put_host(struct buf *, const struct report_host *);
const char *out_scan_host_name(const struct report_host *); /* or "" */
void out_scan_put_mac(struct buf *, const uint8_t mac[6]);
bool out_scan_has_mac(const struct report_host *);
/* "Fri Nov 27 03:08:06 2026", as ctime(3). */
#define OUT_SCAN_TIME_MAX 64
char *out_scan_ctime(char[OUT_SCAN_TIME_MAX], int64_t s);
uint64_t out_scan_hosts(const struct out_scan_view *); /* addresses, in all */
uint64_t out_scan_hosts_up(const struct out_scan_view *);

/* --self (out_scan_self.c): as text; as the elements of an array. */
struct json;
void out_scan_put_self(struct buf *, const struct out_scan_view *);
void out_scan_json_self(struct json *, const struct out_scan_view *);

/* -- while it runs, on a terminal ------------------------------------------------ */

/*
 * The open ports found last and a line of progress, redrawn in place on
 * standard error and taken away at the end. Whatever else is written goes
 * between out_live_erase() and the next out_live_draw().
 */
#define LIVE_ROWS_MAX 12
struct out_live {
	unsigned rows; /* that stand on the screen now */
	struct live_port {
		struct scan_addr addr;
		uint16_t port;
		uint8_t proto, state;
		char service[160]; /* and its version, once it is told */
	} port[LIVE_ROWS_MAX];     /* a ring */
	uint64_t nports;
	bool no_ports; /* they are told as they are found anyway */
};
void out_live_event(struct out_live *, const struct scan_event *);
/* width, height: of the terminal. */
void out_live_draw(struct out_live *, const struct out_scan_view *,
    size_t width, size_t height, bool colour);
void out_live_erase(struct out_live *);
/* A line that stays, on standard error: --stats-every, a key. */
void out_scan_stats(const struct out_scan_view *);
void out_scan_verbosity(unsigned);
void out_scan_keys(void); /* which keys there are */
/* The question; false: no. */
void out_scan_ask(uint64_t hosts);
/* The progress in a line: "12.3% done, 3 open, 4210 packets/s, 12s left". */
void out_scan_put_progress(struct buf *, const struct out_scan_view *);

#endif
