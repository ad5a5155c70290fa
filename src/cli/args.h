/* SPDX-License-Identifier: ISC */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stdint.h>

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

enum output_format { OUT_TEXT, OUT_JSON, OUT_JSONL, OUT_CSV, OUT_SUMMARY };

/* What one VIEW + FILTER asks for; filled by args_parse(). */
struct args {
	const char *command; /* "deck", "list", "help", .. */
	bool tcp, udp, v4, v6; /* none set of a pair: both */
	uint32_t states;       /* of -l -a -s.. ; 0: all */
	bool listening, all, numeric, resolve, owners;
	bool extended, timers, memory, internals, summary, header;
	const char *netns;
	enum output_format format;
	const char *columns, *sort;
	uint64_t limit; /* 0: none */
	bool watch;
	uint64_t watch_ns;
	int colour; /* as options.colour */
	const char *from, *record, *config, *debug;
	uint64_t interval_ns; /* 0: not given */
	bool readonly;
	bool list_columns, help, version;
	struct filter *filter; /* owned; flags and words together */
	char *filter_text;     /* the FILTER words joined, for the deck */
	int argi; /* first argument not taken (help COMMAND) */
};

struct arg_def { /* for usage, completions, the manual's test */
	const char *letter, *name; /* "t", "json"; either may be NULL */
	const char *arg;	   /* "FILE" or NULL */
	const char *help;
};
extern const struct arg_def arg_defs[];
struct command_def {
	const char *name, *alias, *usage, *help;
};
extern const struct command_def command_defs[];

/* 0, or STATUS_USAGE with a message on *cause (several lines: the sentence,
 * and for a filter the text with a caret). */
int args_parse(struct args *, int argc, char **argv, char **cause);
void args_done(struct args *);

#endif
