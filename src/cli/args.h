/* SPDX-License-Identifier: ISC */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/args_scan.h"
#include "model/filter.h"
#include "model/option.h"

/* Exit status, everywhere (interface.md section 1). */
enum status {
	STATUS_OK = 0,
	STATUS_NONE = 1,
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3,
	STATUS_FAILED = 4,
	STATUS_INTERRUPTED = 130
};

enum output_format {
	OUT_TEXT,
	OUT_JSON,
	OUT_JSONL,
	OUT_CSV,
	OUT_SUMMARY,
	OUT_SUMMARY_JSON
};

/* What one command line asks for; filled by args_parse(). Strings that are
 * not said to be owned are borrowed from argv. */
struct args {
	const char *command; /* one of command_defs */
	bool command_given;  /* else the terminal decides between deck, list */
	bool tcp, udp, v4, v6; /* none set of a pair: both */
	uint32_t states;       /* of -l -a; 0: all */
	bool listening, all, numeric, resolve, owners;
	bool extended, timers, memory, internals, summary, header;
	const char *netns;
	enum output_format format;
	bool format_given;
	const char *columns, *sort;
	uint64_t limit; /* 0: none */
	bool watch;
	uint64_t watch_ns; /* 0: the interval */
	bool events;
	const char *expect; /* list --expect */
	int colour;         /* as options.colour; -1: not given */
	const char *from, *record, *config, *debug;
	uint64_t interval_ns; /* 0: not given */
	bool readonly;
	bool list_columns, help, version;
	struct buf lsof;          /* lsof's -i selections, as filter text */
	struct buf lsof_states;   /* its -s selections, likewise */
	struct filter *view;      /* owned; -l and lsof's selections alone */
	struct filter *filter;    /* owned; flags and words together */
	char *filter_text;        /* owned; the FILTER words joined, or NULL */
	const char *near_command; /* that its only word may have been meant
				   * for, if nothing matches; or NULL */
	/* free (args_free.c) */
	uint64_t free_count; /* 0: not given */
	bool free_registered, free_ephemeral, free_any, free_seeded;
	uint64_t free_seed;
	/* knock (args_knock.c) */
	uint64_t knock_delay_ms, knock_check; /* check 0: not given */
	uint64_t knock_timeout_ns;            /* 0: not given */
	bool knock_delay_given, knock_dry;
	/* kill, close (args_act.c) */
	int signal; /* 0: not given */
	bool rst, fin, yes, dry_run;
	bool audit_no_probe;               /* audit (args_audit.c) */
	int audit_severity;                /* enum severity; -1: not given */
	bool lab_list, lab_run, lab_pause; /* lab (args_lab.c) */
	struct args_scan scan;
	const char **word; /* operands of a command without FILTER; the array
			    * is owned */
	size_t nwords, words_cap;
	int argi; /* first argument not taken (help COMMAND) */
	const struct filter_env *env; /* looks host names up, or NULL */
	int argc; /* the command line as it was given; borrowed */
	char **argv;
};

/* Options that several commands share, by the set: see command_def.takes. */
enum arg_group {
	ARG_VIEW = 1 << 0,   /* which sockets */
	ARG_NET = 1 << 1,    /* -N */
	ARG_FROM = 1 << 2,   /* --from */
	ARG_JSON = 1 << 3,   /* --json */
	ARG_OUTPUT = 1 << 4, /* how a table is printed */
	ARG_COMMON = 1 << 5, /* every command takes these */
	ARG_READ = 1 << 6    /* how often the kernel is read */
};

/* For parsing, usage, completions, the manual's test. */
struct arg_def {
	/* "t", "json"; either may be NULL. nmap's have two letters: after
	 * "sS", more of those that begin with s may follow (-sSU). */
	const char *letter, *name;
	const char *alias; /* another spelling of name, or NULL */
	const char *arg;   /* "FILE", "[SECONDS]", or NULL */
	const char *help;
	unsigned group; /* enum arg_group; 0: a command's own */
	/* What the argument is, for completions: "file", "columns", .. */
	const char *completes;
	/* Optional argument: is this (the next word, or what is attached to
	 * the letter) one? NULL: an argument is required if arg is set. */
	bool (*fits)(const char *);
	/* NULL value: none was given. 0 or -EINVAL and a sentence. */
	int (*take)(struct args *, const struct arg_def *, const char *value,
	    char **cause);
	size_t off; /* in struct args, for the plain ones */
	int value;
};
extern const struct arg_def arg_defs[]; /* shared; help == NULL ends it */

/* take of plain options: a bool, a string that is not empty, at off. */
int args_take_flag(
    struct args *, const struct arg_def *, const char *value, char **cause);
int args_take_format(
    struct args *, const struct arg_def *, const char *value, char **cause);
int args_take_text(
    struct args *, const struct arg_def *, const char *value, char **cause);

int args_take_colour(
    struct args *, const struct arg_def *, const char *value, char **cause);

struct command_def {
	const char *name, *alias, *usage, *help;
	const char *one; /* what status 1 means; NULL: nothing matched */
	unsigned takes;  /* enum arg_group: the shared options it has */
	/* Its own, beside those (a test: no letter twice). NULL: none. */
	const struct arg_def *args;
	/* A sentence (malloc'd) about an option that it does not have, "-O",
	 * "--script", or NULL: nothing is known of that. NULL: likewise. */
	char *(*unknown)(const char *option, int argc, char **argv);
	bool filter; /* its words are one FILTER, else operands (args.word) */
};
extern const struct command_def command_defs[]; /* name == NULL ends it */

/* Options of single commands, each in a file of its own. */
extern const struct arg_def args_explain[], args_free[], args_knock[];
extern const struct arg_def args_kill[], args_close[];
extern const struct arg_def args_audit[];
extern const struct arg_def args_why[];
extern const struct arg_def args_lab[];
extern const struct arg_def args_diff[];
extern const struct arg_def args_scan[];
char *args_scan_unknown(const char *option, int argc, char **argv);
int args_scan_check(struct args *, char **cause);

/* A command's options one after the other: its own, then those it shares;
 * from *i = 0 on, NULL at the end. */
const struct arg_def *command_option(const struct command_def *, size_t *i);

/* 0, or STATUS_USAGE with a message on *cause (several lines: the sentence,
 * and for a filter the text with a caret). */
int args_parse(struct args *, int argc, char **argv, const struct filter_env *,
    char **cause);
extern const struct filter_env args_hosts; /* getaddrinfo(3) */
void args_done(struct args *);
/* A FILTER that is "@NAME" becomes the config's filter of that name; others
 * are left alone. 0, or STATUS_USAGE as args_parse(). */
int args_named_filter(struct args *, const struct config *, char **cause);
const struct command_def *command_find(const char *name_or_alias);

/* lsof's forms (args_lsof.c): whether a word has the form at all, and its
 * meaning added to args->lsof or args->lsof_states as filter text. */
bool lsof_fits_inet(const char *);
bool lsof_fits_states(const char *);
int lsof_take_inet(
    struct args *, const struct arg_def *, const char *, char **cause);
int lsof_take_states(
    struct args *, const struct arg_def *, const char *, char **cause);

#endif
