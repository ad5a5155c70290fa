/* SPDX-License-Identifier: ISC */
/*
 * From the command line to the command: everything that must be decided
 * before one of them runs, and nothing else.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "app/actcmd.h"
#include "app/audit.h"
#include "app/conffile.h"
#include "app/deck.h"
#include "app/diff.h"
#include "app/explain.h"
#include "app/free.h"
#include "app/knock.h"
#include "app/lab.h"
#include "app/list.h"
#include "app/scan.h"
#include "app/secure.h"
#include "app/why.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/out.h"
#include "know/service.h"

#define SERVICES_MAX ((size_t)1 << 20)

/* Names of ports beyond those compiled in, where the machine has them. */
static void
load_services(void)
{
	struct buf b = { 0 };
	ssize_t n;
	int fd = open("/etc/services", O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return;
	do {
		n = read(fd, buf_reserve(&b, 65536), 65536);
		if (n > 0)
			b.len += (size_t)n;
	} while (n > 0 && b.len < SERVICES_MAX);
	(void)close(fd); /* only read */
	if (b.len > 0)
		service_load(b.data, b.len);
	buf_done(&b);
}

/* UTF-8 or plain ASCII: no other character set is written. */
static void
choose_charset(void)
{
	(void)setlocale(LC_CTYPE, ""); /* else it stays "C" */
	text_set_utf8(strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
}

static int
usage(char *cause)
{
	out_error_lines(cause);
	free(cause);
	return STATUS_USAGE;
}

static int
finish(int status)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		out_error("cannot write standard output: %s",
		    strerror(errno != 0 ? errno : EIO));
		return STATUS_FAILED;
	}
	return status;
}

static int
help_main(const struct args *a, int argc, char **argv)
{
	const struct command_def *c = NULL;

	if (a->argi < argc) {
		c = command_find(argv[a->argi]);
		if (c == NULL || a->argi + 1 < argc) {
			out_error("help: %s: not a command",
			    argv[c == NULL ? a->argi : a->argi + 1]);
			return STATUS_USAGE;
		}
	} else if (a->command_given && strcmp(a->command, "help") != 0)
		c = command_find(a->command);
	out_help(stdout, c);
	return finish(STATUS_OK);
}

/* The command line's word on what the config file says too. Columns and
 * order were checked when the command line was read. */
static void
merge_options(const struct args *a, struct options *o)
{
	char *cause = NULL;

	if (a->columns != NULL)
		(void)option_set(o, "columns", a->columns, &cause);
	if (a->sort != NULL)
		(void)option_set(o, "sort", a->sort, &cause);
	free(cause);
	if (a->interval_ns != 0)
		o->interval_ns = a->interval_ns;
	if (a->colour >= 0)
		o->colour = a->colour;
	o->numeric |= a->numeric;
	o->resolve |= a->resolve;
	o->readonly |= a->readonly;
}

static int
load_config(const struct args *a, struct config *cfg)
{
	char **errors, *cause = NULL;
	int n, i;

	n = config_load(cfg, a->config, &errors, &cause);
	if (n < 0) {
		out_error("%s", cause);
		free(cause);
		return STATUS_USAGE;
	}
	for (i = 0; i < n; i++) {
		out_error("%s", errors[i]);
		free(errors[i]);
	}
	free(errors);
	/* A file that was asked for by name must be right. */
	return n > 0 && a->config != NULL ? STATUS_USAGE : STATUS_OK;
}

/* What each command does (help, deck and lab are special). */
static const struct {
	const char *name;
	int (*main)(const struct args *, const struct config *);
} commands[] = {
	{ "audit", audit_main },
	{ "diff", diff_main },
	{ "explain", explain_main },
	{ "free", free_main },
	{ "knock", knock_main },
	{ "close", close_main },
	{ "kill", kill_main },
	{ "list", list_main },
	{ "scan", scan_main },
	{ "why", why_main },
};

/* The deck knows the config's filters itself. */
static int
start(struct args *a, struct config *cfg)
{
	char *cause = NULL;
	size_t i;
	int status;

	if (strcmp(a->command, "deck") == 0)
		return deck_main(a, cfg, NULL);
	if (strcmp(a->command, "lab") == 0)
		return lab_main(a, cfg);
	status = args_named_filter(a, cfg, &cause);
	if (status != STATUS_OK)
		return usage(cause);
	for (i = 0; i < nitems(commands); i++)
		if (strcmp(commands[i].name, a->command) == 0)
			return commands[i].main(a, cfg);
	fatal("%s: no main", a->command);
}

/* ss's environment variable is for what looks, not for what acts. */
static bool
takes_from(const struct args *a)
{
	return (command_find(a->command)->takes & ARG_FROM) != 0;
}

static int
run(struct args *a, int argc, char **argv)
{
	bool terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
	const char *env = getenv("TCPDIAG_FILE");
	struct config cfg;
	int status, r;

	if (a->version) {
		out_version(stdout);
		return finish(STATUS_OK);
	}
	if (a->help || strcmp(a->command, "help") == 0)
		return help_main(a, argc, argv);
	if (a->list_columns) {
		out_columns(stdout);
		return finish(STATUS_OK);
	}
	if (a->from == NULL && env != NULL && *env != '\0' &&
	    !secure_raised() && takes_from(a))
		a->from = env;
	if (!a->command_given && !terminal)
		a->command = "list";
	if (strcmp(a->command, "deck") == 0 && !terminal) {
		out_error("deck: needs a terminal on standard input and "
			  "output; sockdeck list prints a table");
		return STATUS_USAGE;
	}
	if (a->debug != NULL && (r = log_open(a->debug)) != 0) {
		out_error("--debug %s: %s", a->debug, strerror(-r));
		return STATUS_FAILED;
	}
	config_init(&cfg);
	status = load_config(a, &cfg);
	if (status == STATUS_OK) {
		merge_options(a, &cfg.opt);
		status = start(a, &cfg);
	}
	config_done(&cfg);
	log_close();
	return status;
}

int
main(int argc, char **argv)
{
	struct args args;
	char *cause = NULL;
	int status;

	if (secure_fds() != 0)
		return STATUS_FAILED;
	if (secure_ids(&cause) != 0) {
		out_error("%s", cause);
		free(cause);
		return STATUS_REFUSED;
	}
	secure_env();
	/* libuv looks at what it is given here and there, and aborts. */
	(void)uv_replace_allocator(xmalloc, xrealloc, xcalloc, free);
	choose_charset();
	load_services();
	status = args_parse(&args, argc, argv, &args_hosts, &cause);
	if (status != STATUS_OK)
		status = usage(cause);
	else
		status = run(&args, argc, argv);
	args_done(&args);
	return status;
}
