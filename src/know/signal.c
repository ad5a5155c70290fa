/* SPDX-License-Identifier: ISC */
/* The table of signals and its look-ups. No signal is sent from here. */
#include "config.h"

#include "know/signal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"

#define SOURCE "signal(7)"

const struct signal_fact signal_facts[] = {
	{ SIGTERM, "TERM", SIGNAL_TERM, true,
	    "Asks the program to end: it can save its work and close its "
	    "connections first.",
	    SOURCE },
	{ SIGKILL, "KILL", SIGNAL_TERM, false,
	    "Ends the process at once: it can save nothing, and the kernel "
	    "closes its sockets.",
	    SOURCE },
	{ SIGINT, "INT", SIGNAL_TERM, true,
	    "What Ctrl-C sends: asks the program to break off.", SOURCE },
	{ SIGHUP, "HUP", SIGNAL_TERM, true,
	    "The terminal is gone; many daemons read their configuration "
	    "again instead of ending.",
	    SOURCE },
	{ SIGQUIT, "QUIT", SIGNAL_CORE, true,
	    "What Ctrl-\\ sends: ends with a core file; some servers (nginx) "
	    "finish their connections first.",
	    SOURCE },
	{ SIGSTOP, "STOP", SIGNAL_STOP, false,
	    "Halts the process: its sockets stay open and answer nothing "
	    "until CONT.",
	    SOURCE },
	{ SIGCONT, "CONT", SIGNAL_CONT, true, "A halted process goes on.",
	    SOURCE },
	{ SIGTSTP, "TSTP", SIGNAL_STOP, true,
	    "What Ctrl-Z sends: asks the program to halt.", SOURCE },
	{ SIGUSR1, "USR1", SIGNAL_TERM, true,
	    "Means what the program says (often: reopen log files); one that "
	    "says nothing ends.",
	    SOURCE },
	{ SIGUSR2, "USR2", SIGNAL_TERM, true,
	    "Means what the program says (often: replace the binary); one "
	    "that says nothing ends.",
	    SOURCE },
	{ SIGABRT, "ABRT", SIGNAL_CORE, true,
	    "What abort(3) sends: ends with a core file, to look at a "
	    "program that hangs.",
	    SOURCE },
	{ SIGALRM, "ALRM", SIGNAL_TERM, true,
	    "A timer of alarm(2) ran out; a program that set none ends.",
	    SOURCE },
	{ SIGBUS, "BUS", SIGNAL_CORE, true,
	    "Memory that is not there; the kernel's to send.", SOURCE },
	{ SIGCHLD, "CHLD", SIGNAL_IGN, true,
	    "A child stopped or ended; ignored unless the program waits for "
	    "it.",
	    SOURCE },
	{ SIGFPE, "FPE", SIGNAL_CORE, true,
	    "A calculation that has no result; the kernel's to send.", SOURCE },
	{ SIGILL, "ILL", SIGNAL_CORE, true,
	    "An instruction that does not exist; the kernel's to send.",
	    SOURCE },
	{ SIGIO, "IO", SIGNAL_TERM, true,
	    "Input or output is possible now (fcntl(2) O_ASYNC).", SOURCE },
	{ SIGPIPE, "PIPE", SIGNAL_TERM, true,
	    "Wrote where nobody reads any more; most servers ignore it.",
	    SOURCE },
	{ SIGPROF, "PROF", SIGNAL_TERM, true, "A profiling timer ran out.",
	    SOURCE },
	{ SIGPWR, "PWR", SIGNAL_TERM, true, "The power is failing.", SOURCE },
	{ SIGSEGV, "SEGV", SIGNAL_CORE, true,
	    "Memory that is not the program's; the kernel's to send.", SOURCE },
#ifdef SIGSTKFLT
	{ SIGSTKFLT, "STKFLT", SIGNAL_TERM, true,
	    "A coprocessor's stack fault; no Linux sends it.", SOURCE },
#endif
	{ SIGSYS, "SYS", SIGNAL_CORE, true,
	    "A system call that is not allowed (seccomp).", SOURCE },
	{ SIGTRAP, "TRAP", SIGNAL_CORE, true,
	    "A breakpoint; meant for debuggers.", SOURCE },
	{ SIGTTIN, "TTIN", SIGNAL_STOP, true,
	    "Read from the terminal in the background: halts.", SOURCE },
	{ SIGTTOU, "TTOU", SIGNAL_STOP, true,
	    "Wrote to the terminal in the background: halts.", SOURCE },
	{ SIGURG, "URG", SIGNAL_IGN, true,
	    "Urgent data arrived on a socket; ignored unless asked for.",
	    SOURCE },
	{ SIGVTALRM, "VTALRM", SIGNAL_TERM, true,
	    "A timer of computing time ran out.", SOURCE },
	{ SIGWINCH, "WINCH", SIGNAL_IGN, true,
	    "The terminal changed its size; ignored by most (Apache ends "
	    "gracefully).",
	    SOURCE },
	{ SIGXCPU, "XCPU", SIGNAL_CORE, true,
	    "The limit of computing time is reached (setrlimit(2)).", SOURCE },
	{ SIGXFSZ, "XFSZ", SIGNAL_CORE, true,
	    "The limit of a file's size is reached (setrlimit(2)).", SOURCE },
	{ 0, NULL, SIGNAL_IGN, false, NULL, NULL },
};

/* What the programs that use them agreed on. */
static const struct signal_fact real_time = { 0, "RTMIN+n", SIGNAL_TERM, true,
	"A real-time signal: means what the program says; one that says "
	"nothing ends.",
	SOURCE };

static const struct {
	const char *alias, *name;
} aliases[] = { { "CLD", "CHLD" }, { "IOT", "ABRT" }, { "POLL", "IO" } };

/* The first ones of the table stand first in the menu. */
#define MENU_USUAL 10

static int
by_name(const char *name)
{
	const struct signal_fact *f;
	size_t i;

	for (i = 0; i < nitems(aliases); i++)
		if (strcasecmp(name, aliases[i].alias) == 0)
			name = aliases[i].name;
	for (f = signal_facts; f->name != NULL; f++)
		if (strcasecmp(name, f->name) == 0)
			return f->number;
	return 0;
}

static int
by_real_time(const char *name)
{
	uint64_t n = 0, max = (uint64_t)(SIGRTMAX - SIGRTMIN);
	bool from_max = strncasecmp(name, "RTMAX", 5) == 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return 0;
	name += 5;
	if (*name != '\0' &&
	    (*name++ != (from_max ? '-' : '+') || !num_u64(name, 0, max, &n)))
		return 0;
	return from_max ? SIGRTMAX - (int)n : SIGRTMIN + (int)n;
}

int
signal_parse(const char *s)
{
	uint64_t n;
	int number;

	if (num_u64(s, 1, (uint64_t)SIGRTMAX, &n))
		return signal_fact((int)n) != NULL ? (int)n : 0;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	number = by_name(s);
	return number != 0 ? number : by_real_time(s);
}

const struct signal_fact *
signal_fact(int number)
{
	const struct signal_fact *f;

	for (f = signal_facts; f->name != NULL; f++)
		if (f->number == number)
			return f;
	return number >= SIGRTMIN && number <= SIGRTMAX ? &real_time : NULL;
}

char *
signal_name(char *buf, int number)
{
	const struct signal_fact *f = signal_fact(number);

	if (f != NULL && f != &real_time)
		(void)snprintf(buf, SIGNAL_NAME_MAX, "%s", f->name);
	else if (f != NULL && number == SIGRTMAX)
		(void)snprintf(buf, SIGNAL_NAME_MAX, "RTMAX");
	else if (f != NULL && number == SIGRTMIN)
		(void)snprintf(buf, SIGNAL_NAME_MAX, "RTMIN");
	else if (f != NULL)
		(void)snprintf(
		    buf, SIGNAL_NAME_MAX, "RTMIN+%d", number - SIGRTMIN);
	else
		(void)snprintf(buf, SIGNAL_NAME_MAX, "%d", number);
	return buf;
}

const char *
signal_nearest(const char *s)
{
	const struct signal_fact *f, *best = NULL;
	unsigned dist, best_dist = 3;

	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (f = signal_facts; f->name != NULL; f++) {
		dist = text_distance(s, f->name);
		if (dist < best_dist && dist < strlen(f->name)) {
			best_dist = dist;
			best = f;
		}
	}
	return best != NULL ? best->name : NULL;
}

const char *
signal_action_text(enum signal_action a)
{
	static const char *const text[] = {
		[SIGNAL_TERM] = "ends the process",
		[SIGNAL_CORE] = "ends the process with a core file",
		[SIGNAL_STOP] = "halts the process",
		[SIGNAL_CONT] = "lets the process go on",
		[SIGNAL_IGN] = "does nothing",
	};

	return text[a];
}

/* The n-th signal by number that is not among the usual ones. */
static int
other(size_t n)
{
	size_t i;
	int number;

	for (number = 1; number <= SIGRTMAX; number++) {
		if (signal_fact(number) == NULL)
			continue;
		for (i = 0; i < MENU_USUAL; i++)
			if (signal_facts[i].number == number)
				break;
		if (i == MENU_USUAL && n-- == 0)
			return number;
	}
	return 0;
}

int
signal_menu(size_t at)
{
	return at < MENU_USUAL ? signal_facts[at].number
			       : other(at - MENU_USUAL);
}
