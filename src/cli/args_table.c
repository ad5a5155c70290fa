/* SPDX-License-Identifier: ISC */
/*
 * The command line, as tables: what --help prints, what the completions and
 * the manual's test are made from, and what args.c parses by. Each entry
 * says what it does to struct args; nothing here reads or prints.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"

int
args_take_flag(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)value;
	(void)cause;
	*(bool *)((char *)a + d->off) = true;
	return 0;
}

static int
take_no_header(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)d;
	(void)value;
	(void)cause;
	a->header = false;
	return 0;
}

int
args_take_text(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	if (*value == '\0') {
		xasprintf(cause, "--%s: %s is empty", d->name, d->arg);
		return -EINVAL;
	}
	*(const char **)(void *)((char *)a + d->off) = value;
	return 0;
}

int
args_take_format(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)value;
	if (a->format_given && a->format != (enum output_format)d->value) {
		xasprintf(cause,
		    "--%s: another form of output was asked for before",
		    d->name);
		return -EINVAL;
	}
	a->format = d->value;
	a->format_given = true;
	return 0;
}

static int
take_duration(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t *ret = (uint64_t *)(void *)((char *)a + d->off);
	char *clean;

	if (value == NULL)
		return 0;
	if (!num_duration(value, ret) || *ret < UINT64_C(100000000) ||
	    *ret > UINT64_C(86400000000000)) {
		clean = text_clean(value, strlen(value));
		xasprintf(cause, "--%s %s: not a time from 0.1 s to 1 day",
		    d->name, clean);
		free(clean);
		return -EINVAL;
	}
	return 0;
}

static int
take_watch(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	a->watch = true;
	return take_duration(a, d, value, cause);
}

static bool
fits_duration(const char *word)
{
	uint64_t ns;

	return num_duration(word, &ns);
}

static int
take_limit(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	char *clean;

	if (!num_u64(value, 1, UINT32_MAX, &a->limit)) {
		clean = text_clean(value, strlen(value));
		xasprintf(cause, "--%s %s: not a number of rows, 1 or more",
		    d->name, clean);
		free(clean);
		return -EINVAL;
	}
	return 0;
}

int
args_take_colour(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	static const char *const word[] = { "auto", "always", "never" };
	char *clean;
	int i;

	for (i = 0; i < 3; i++)
		if (strcmp(value, word[i]) == 0) {
			a->colour = i;
			return 0;
		}
	clean = text_clean(value, strlen(value));
	xasprintf(
	    cause, "--%s %s: auto, always or never is meant", d->name, clean);
	free(clean);
	return -EINVAL;
}

#define FLAG(m) .take = args_take_flag, .off = offsetof(struct args, m)
#define TEXT(m) .take = args_take_text, .off = offsetof(struct args, m)

/* clang-format off */
const struct arg_def arg_defs[] = {
	{ .letter = "t", .name = "tcp", FLAG(tcp), .group = ARG_VIEW,
	  .help = "TCP sockets" },
	{ .letter = "u", .name = "udp", FLAG(udp), .group = ARG_VIEW,
	  .help = "UDP sockets (with -t: both, as without either)" },
	{ .letter = "l", .name = "listening", FLAG(listening), .group = ARG_VIEW,
	  .help = "listening: TCP in LISTEN, UDP without a peer" },
	{ .letter = "a", .name = "all", FLAG(all), .group = ARG_VIEW,
	  .help = "all states; this is the default" },
	{ .letter = "n", .name = "numeric", FLAG(numeric), .group = ARG_VIEW,
	  .help = "port numbers, not service names" },
	{ .letter = "P", FLAG(numeric), .group = ARG_VIEW,
	  .help = "the same, as lsof spells it" },
	{ .letter = "p", .name = "processes", FLAG(owners), .group = ARG_VIEW,
	  .help = "owning processes; always on, accepted" },
	{ .letter = "4", .name = "ipv4", FLAG(v4), .group = ARG_VIEW,
	  .help = "IPv4 sockets" },
	{ .letter = "6", .name = "ipv6", FLAG(v6), .group = ARG_VIEW,
	  .help = "IPv6 sockets" },
	{ .letter = "e", .name = "extended", FLAG(extended), .group = ARG_VIEW,
	  .help = "uid, inode, cookie, mark and cgroup too" },
	{ .letter = "o", .name = "options", FLAG(timers), .group = ARG_VIEW,
	  .help = "timers too, as ss -o" },
	{ .letter = "m", .name = "memory", FLAG(memory), .group = ARG_VIEW,
	  .help = "socket memory too, as ss -m" },
	{ .letter = "i", .name = "info", .arg = "[LSOF]",
	  .fits = lsof_fits_inet, .take = lsof_take_inet, .group = ARG_VIEW,
	  .help = "alone: TCP internals, as ss -i; with "
	      "[46][tcp|udp][@HOST][:PORT[,PORT-PORT]]: lsof's selection" },
	{ .letter = "s", .name = "summary", .arg = "[LSOF]",
	  .fits = lsof_fits_states, .take = lsof_take_states, .group = ARG_VIEW,
	  .help = "alone: totals and pressure, as ss -s; with "
	      "TCP:STATE[,STATE]: lsof's selection by state" },
	{ .letter = "r", .name = "resolve", FLAG(resolve), .group = ARG_VIEW,
	  .help = "host names instead of addresses, where they have one" },
	{ .letter = "N", .name = "net", .arg = "NAME", TEXT(netns),
	  .completes = "netns", .group = ARG_NET,
	  .help = "network namespace: a name, a process id, several with "
	      "commas, or all" },

	{ .letter = "H", .name = "no-header", .take = take_no_header,
	  .group = ARG_OUTPUT,
	  .help = "no line of column titles" },
	{ .name = "json", .take = args_take_format, .value = OUT_JSON,
	  .group = ARG_JSON,
	  .help = "one JSON document" },
	{ .name = "jsonl", .take = args_take_format, .value = OUT_JSONL,
	  .group = ARG_OUTPUT,
	  .help = "JSON Lines: one object a socket" },
	{ .name = "csv", .take = args_take_format, .value = OUT_CSV,
	  .group = ARG_OUTPUT,
	  .help = "comma-separated values, RFC 4180" },
	{ .name = "columns", .arg = "LIST", TEXT(columns),
	  .group = ARG_OUTPUT, .completes = "columns",
	  .help = "columns to show, in order: pid,local; "
	      "or changes to the usual ones: +rtt,-user" },
	{ .name = "list-columns", FLAG(list_columns), .group = ARG_OUTPUT,
	  .help = "print the columns there are, and exit" },
	{ .name = "sort", .arg = "LIST", TEXT(sort), .group = ARG_OUTPUT,
	  .completes = "columns",
	  .help = "sort by these columns; a minus turns one round: "
	      "state,-rx" },
	{ .name = "limit", .arg = "N", .take = take_limit,
	  .group = ARG_OUTPUT,
	  .help = "the first N rows only" },
	{ .name = "watch", .arg = "[SECONDS]", .fits = fits_duration,
	  .take = take_watch, .off = offsetof(struct args, watch_ns),
	  .group = ARG_OUTPUT,
	  .help = "print again and again, until interrupted" },
	{ .name = "events", FLAG(events), .group = ARG_OUTPUT,
	  .help = "what opens and closes, a line each, until interrupted: "
	      "sockets that no reading sees too" },
	{ .name = "expect", .arg = "FILE", TEXT(expect), .group = ARG_OUTPUT,
	  .completes = "file",
	  .help = "what listens beside FILE, an earlier list --json or lines "
	      "PROTO ADDRESS:PORT PROGRAM: print what differs" },
	{ .name = "colour", .alias = "color", .arg = "WHEN",
	  .take = args_take_colour, .group = ARG_OUTPUT, .completes = "colour",
	  .help = "auto, always or never; NO_COLOR is obeyed" },
	{ .name = "from", .arg = "FILE", TEXT(from), .group = ARG_FROM,
	  .completes = "file",
	  .help = "read a recording, or what ss -D wrote, "
	      "instead of the kernel" },
	{ .name = "record", .arg = "FILE", TEXT(record),
	  .group = ARG_OUTPUT, .completes = "file",
	  .help = "write every reading to FILE too, as JSON Lines" },

	{ .name = "interval", .arg = "SECONDS", .take = take_duration,
	  .off = offsetof(struct args, interval_ns), .group = ARG_READ,
	  .help = "time between two readings" },
	{ .name = "config", .arg = "FILE", TEXT(config),
	  .group = ARG_COMMON, .completes = "file",
	  .help = "read this config file and no other" },
	{ .name = "readonly", FLAG(readonly), .group = ARG_COMMON,
	  .help = "nothing that changes the machine is offered" },
	{ .name = "debug", .arg = "FILE", TEXT(debug), .group = ARG_COMMON,
	  .completes = "file",
	  .help = "write a debug log to FILE" },
	{ .letter = "h", .name = "help", FLAG(help), .group = ARG_COMMON,
	  .help = "print this, and exit" },
	{ .letter = "V", .name = "version", FLAG(version),
	  .group = ARG_COMMON,
	  .help = "print the version, and exit" },
	{ .help = NULL }
};

#define LIST_OPTIONS                                                    \
	(ARG_VIEW | ARG_NET | ARG_FROM | ARG_JSON | ARG_OUTPUT | ARG_READ | \
	    ARG_COMMON)

const struct command_def command_defs[] = {
	{ .name = "deck", .usage = "[VIEW] [FILTER]",
	  .help = "the live deck; what no command means on a terminal",
	  .takes = LIST_OPTIONS, .filter = true },
	{ .name = "list", .alias = "ls", .usage = "[VIEW] [OUTPUT] [FILTER]",
	  .help = "one table, then exit",
	  .takes = LIST_OPTIONS, .filter = true },
	{ .name = "diff", .usage = "[-a] A.json B.json",
	  .help = "what listens in one recording and not in the other, or "
	      "otherwise",
	  .one = "they differ",
	  .takes = ARG_JSON | ARG_COMMON, .args = args_diff },
	{ .name = "free", .usage = "[-n COUNT] [RANGE][/tcp|/udp]",
	  .help = "port numbers that can be bound now, one a line",
	  .one = "fewer than wanted",
	  .takes = ARG_NET | ARG_JSON | ARG_COMMON, .args = args_free },
	{ .name = "explain", .usage = "[WORD...]",
	  .help = "a port, a service, a state, a term, an error: what it is; "
	      "services [FILTER], questions [NUMBER], myths",
	  .one = "a word is not known",
	  .takes = ARG_NET | ARG_FROM | ARG_JSON | ARG_COMMON,
	  .args = args_explain },
	{ .name = "scan", .usage = "[HOW] [OUTPUT] TARGET...",
	  .help = "which ports are open; only what you may scan",
	  .takes = ARG_JSON | ARG_COMMON, .args = args_scan,
	  .unknown = args_scan_unknown },
	{ .name = "knock", .usage = "HOST PORT[/udp]...",
	  .help = "knock at ports, one packet each, in this order",
	  .one = "the port is not open (-c)",
	  .takes = ARG_JSON | ARG_COMMON, .args = args_knock },
	{ .name = "kill", .usage = "[-s SIGNAL] [-y] [--dry-run] FILTER",
	  .help = "signal the processes that hold these sockets; asks",
	  .one = "nobody was there, or no was the answer",
	  .takes = ARG_NET | ARG_JSON | ARG_COMMON, .args = args_kill,
	  .filter = true },
	{ .name = "close", .usage = "[--rst|--fin] [-y] [--dry-run] FILTER",
	  .help = "close these sockets, the processes live on; asks",
	  .one = "nothing was there, or no was the answer",
	  .takes = ARG_NET | ARG_JSON | ARG_COMMON, .args = args_close,
	  .filter = true },
	{ .name = "why", .usage = "[ADDR:]PORT[/tcp|/udp]",
	  .help = "whether a port can be bound; if not: who holds it, what "
	      "is in the way, what would free it",
	  .one = "it is held, or cannot be bound in full",
	  .takes = ARG_NET | ARG_JSON | ARG_COMMON, .args = args_why },
	{ .name = "audit", .usage = "[--no-probe] [--severity LEVEL] [FILTER]",
	  .help = "what listens here, how far it reaches, what is wrong "
	      "with it and what to do",
	  .one = "something was found",
	  .takes = ARG_NET | ARG_FROM | ARG_JSON | ARG_COMMON,
	  .args = args_audit, .filter = true },
	{ .name = "lab", .usage = "[LESSON]",
	  .help = "a classroom: real sockets, led through every state on a key",
	  .takes = ARG_JSON | ARG_COMMON, .args = args_lab },
	{ .name = "help", .usage = "[COMMAND]",
	  .help = "print how a command is used", .takes = ARG_COMMON },
	{ .name = NULL }
};
/* clang-format on */

const struct command_def *
command_find(const char *name)
{
	const struct command_def *c;

	for (c = command_defs; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0 ||
		    (c->alias != NULL && strcmp(c->alias, name) == 0))
			return c;
	return NULL;
}

const struct arg_def *
command_option(const struct command_def *c, size_t *i)
{
	size_t own = 0;
	const struct arg_def *d;

	while (c->args != NULL && c->args[own].help != NULL)
		own++;
	if (*i < own)
		return &c->args[(*i)++];
	for (d = &arg_defs[*i - own]; d->help != NULL; d++) {
		(*i)++;
		if ((c->takes & d->group) != 0)
			return d;
	}
	return NULL;
}
