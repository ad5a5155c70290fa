/* SPDX-License-Identifier: ISC */
/*
 * sockdeck-scan: opens what it may, gives up the rest, listens to what it is
 * asked, locks itself in, works. In this order: tests/lint/privs.sh holds it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmalloc.h"
#include "probe/prober.h"
#include "scan/os_scan.h"
#include "scan/sandbox.h"
#include "scan/worker.h"

static const char usage[] =
    "usage: sockdeck-scan < REQUEST\n"
    "The worker of sockdeck's scans. A request is a line of JSON, events are, "
    "too:\n"
    "    printf '{\"op\":\"scan\",\"targets\":\"127.0.0.1\"}\\n' | "
    "sockdeck-scan\n"
    "sockdeck-scan(8) is the reference.\n";

static void
say(int fd, const char *text)
{
	size_t n = strlen(text);
	ssize_t k;

	while (n > 0 && (k = write(fd, text, n)) > 0) {
		text += k;
		n -= (size_t)k;
	}
}

/* What was closed is there: else a socket would be taken for it. */
static bool
open_standard(void)
{
	int fd, want;

	for (want = 0; want <= 2; want++) {
		if (fcntl(want, F_GETFD) != -1)
			continue;
		fd = open("/dev/null", want == 0 ? O_RDONLY : O_WRONLY);
		if (fd != want)
			return false;
	}
	return true;
}

static int
read_arguments(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		say(STDOUT_FILENO, usage);
	else if (argc == 2 && strcmp(argv[1], "--version") == 0)
		say(STDOUT_FILENO, "sockdeck-scan " PACKAGE_VERSION "\n");
	else {
		say(STDERR_FILENO, "sockdeck-scan: no arguments are taken but "
				   "--help and --version\n");
		say(STDERR_FILENO, usage);
		return SCAN_EXIT_USAGE;
	}
	return SCAN_EXIT_DONE;
}

/* As root without it nothing is scanned, unless that was asked for. */
static enum scan_exit
lock_in(struct worker *w, const struct priv *p, char **cause)
{
	int r;

	if (w->spec.no_sandbox) {
		worker_note(w, true,
		    "the scan runs without a sandbox, as "
		    "it was asked to");
		return SCAN_EXIT_DONE;
	}
	r = sandbox_apply(worker_needs(w, p), cause);
	if (r == 0)
		return SCAN_EXIT_DONE;
	if (r < 0 && p->was_root) {
		char *why = *cause;

		xasprintf(
		    cause, "%s; --sandbox=off would scan without it", why);
		free(why);
		return SCAN_EXIT_PERMISSION;
	}
	if (r < 0)
		worker_note(w, true, "%s", *cause);
	free(*cause);
	*cause = NULL;
	return SCAN_EXIT_DONE;
}

/* *ret: to be freed after the last line, since closing takes a while. */
static enum scan_exit
work(struct worker *w, struct priv *p, struct engine **ret, char **cause)
{
	const struct engine_sink sink = { worker_sink_event, worker_sink_full,
		w };
	struct engine_plan plan;
	enum scan_exit r;
	int error;

	worker_start(w);
	worker_engine_plan(w, &plan);
	plan.max_fds = worker_max_fds();
	*ret = engine_new(&plan, p, &sink, cause);
	if (*ret == NULL)
		return SCAN_EXIT_FAILED;
	if ((error = worker_attach(w, *ret)) < 0) {
		xasprintf(cause, "epoll: %s", strerror(-error));
		r = SCAN_EXIT_FAILED;
	} else if ((r = lock_in(w, p, cause)) == SCAN_EXIT_DONE)
		r = worker_run(w, cause);
	w->engine = NULL;
	return r;
}

/* The other work: what is behind ports. No raw socket is left for it. */
static enum scan_exit
probe(struct worker *w, struct priv *p, char **cause)
{
	struct prober *prober;
	enum scan_exit r;
	int error;

	priv_close(p);
	worker_start(w);
	prober = worker_prober_new(w, cause);
	if (prober == NULL)
		return SCAN_EXIT_FAILED;
	if ((error = worker_prober_attach(w, prober)) < 0) {
		xasprintf(cause, "epoll: %s", strerror(-error));
		r = SCAN_EXIT_FAILED;
	} else if ((r = lock_in(w, p, cause)) == SCAN_EXIT_DONE)
		r = worker_prober_run(w, cause);
	w->prober = NULL;
	prober_free(prober);
	return r;
}

/* The third: which systems answer. */
static enum scan_exit
ask_systems(struct worker *w, struct priv *p, char **cause)
{
	struct os_scan *s;
	enum scan_exit r;
	int error;

	worker_start(w);
	s = worker_os_new(w, p, cause);
	if (s == NULL)
		return SCAN_EXIT_FAILED;
	if ((error = worker_os_attach(w, s)) < 0) {
		xasprintf(cause, "epoll: %s", strerror(-error));
		r = SCAN_EXIT_FAILED;
	} else if ((r = lock_in(w, p, cause)) == SCAN_EXIT_DONE)
		r = worker_os_run(w, cause);
	w->os = NULL;
	os_scan_free(s);
	return r;
}

static enum scan_exit
run(struct worker *w, struct priv *p, struct engine **ret, char **cause)
{
	enum scan_exit r;

	priv_open(p);
	if (priv_drop(p, cause) < 0 || priv_verify(p, cause) < 0)
		return SCAN_EXIT_PERMISSION;
	sandbox_harden();
	worker_hello(w, p);
	if (worker_request(w, cause) < 0)
		return SCAN_EXIT_USAGE;
	if (w->spec.parent != 0 && !priv_end_with(w->spec.parent)) {
		xasprintf(cause, "process %u is not the parent any more",
		    (unsigned)w->spec.parent);
		return SCAN_EXIT_FAILED;
	}
	if ((r = worker_plan(w, p, cause)) != SCAN_EXIT_DONE)
		return r;
	if (w->how == SCAN_PROBE)
		return probe(w, p, cause);
	if (w->how == SCAN_OS)
		return ask_systems(w, p, cause);
	return work(w, p, ret, cause);
}

int
main(int argc, char **argv)
{
	struct worker w;
	struct priv p;
	struct engine *e = NULL;
	char *cause = NULL;
	enum scan_exit r;

	if (!open_standard())
		return SCAN_EXIT_FAILED;
	if (argc > 1)
		return read_arguments(argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	worker_init(&w, STDIN_FILENO, STDOUT_FILENO);
	r = run(&w, &p, &e, &cause);
	if (w.seq == 0)
		worker_hello(&w, &p); /* even then it is the first line */
	worker_end(&w, e, r, cause == NULL ? "" : cause);
	free(cause);
	engine_free(e);
	priv_close(&p);
	worker_done(&w);
	return (int)r;
}
