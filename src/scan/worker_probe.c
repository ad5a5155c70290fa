/* SPDX-License-Identifier: ISC */
/* The worker's other work: what is behind open ports. What is asked comes line
 * by line, while it runs. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/xmalloc.h"
#include "know/state.h"
#include "model/probe_file.h"
#include "probe/prober.h"
#include "scan/worker.h"

#define BUDGET_MS   6000
#define INTENSITY   7
#define PROGRESS_NS 100000000
#define FILE_MAX    (16u << 20)

/* By -T: how many ports at once, connections to one host at once. */
static const struct {
	uint16_t ports, host;
} paces[] = { { 1, 1 }, { 2, 4 }, { 16, 24 }, { 100, 256 }, { 128, 320 },
	{ 256, 384 } };

static void
tell_progress(struct worker *w, bool last)
{
	struct scan_event ev = { .type = SCAN_EV_PROGRESS };
	uint64_t now = clock_mono_ns();

	if (!last && now < w->progress_at + PROGRESS_NS)
		return;
	w->progress_at = now;
	ev.progress.probes = w->nasked;
	ev.progress.done = w->ntold;
	ev.progress.open = w->nnamed;
	ev.progress.left_ms = UINT64_MAX;
	(void)strlcpy(ev.progress.phase, "services", sizeof(ev.progress.phase));
	worker_tell(w, &ev);
}

static void
tell_facts(struct worker *w, const struct probe_job *job,
    const struct service_info *info)
{
	struct scan_event ev = { .type = SCAN_EV_FACT, .addr = job->addr };
	const char *name, *value;
	size_t i;

	ev.fact.port = job->port;
	ev.fact.proto = job->proto;
	for (i = 0; service_fact_at(info, i, &name, &value); i++) {
		(void)strlcpy(ev.fact.name, name, sizeof(ev.fact.name));
		service_set(
		    ev.fact.value, sizeof(ev.fact.value), value, strlen(value));
		worker_tell(w, &ev);
	}
}

static void
on_found(
    void *arg, const struct probe_job *job, const struct service_info *info)
{
	struct worker *w = arg;
	struct scan_event ev = { .type = SCAN_EV_SERVICE, .addr = job->addr };

	tell_facts(w, job, info);
	ev.service.port = job->port;
	ev.service.proto = job->proto;
	ev.service.info = *info;
	worker_tell(w, &ev);
	w->ntold++;
	w->nnamed += info->name[0] != '\0';
	tell_progress(w, false);
}

static void
on_note(void *arg, bool warning, const char *text)
{
	worker_note(arg, warning, "%s", text);
}

/* -- probe files ----------------------------------------------------------- */

#define OURS "sockdeck-probes"

/* nmap's own, wherever it is installed. */
static const char *const theirs[] = { "/usr/share/nmap/nmap-service-probes",
	"/usr/local/share/nmap/nmap-service-probes" };

/* All of it, or -errno. */
static int
read_file(struct buf *b, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
	    r = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (r == 0 && (n = read(fd, buf_reserve(b, 65536), 65536)) != 0) {
		if (n > 0)
			b->len += (size_t)n;
		if (n < 0 && errno != EINTR)
			r = -errno;
		if (b->len > FILE_MAX)
			r = -EFBIG;
	}
	(void)close(fd);
	return r;
}

/* 0, or -errno and a sentence. */
static int
add_file(struct worker *w, const char *path, char **cause)
{
	struct buf b = { 0 };
	int r = read_file(&b, path);

	if (r < 0)
		xasprintf(cause, "%s: %s", path, strerror(-r));
	else
		r = probe_files_add(
		    w->files, b.len > 0 ? b.data : "", b.len, path, cause);
	buf_done(&b);
	return r;
}

/* What is installed and cannot be read is told, and done without. */
static void
add_installed(struct worker *w, const char *path)
{
	char *why = NULL;

	if (access(path, F_OK) == 0 && add_file(w, path, &why) < 0)
		worker_note(w, true, "%s", why);
	free(why);
}

/* Ours: that of the tree we were built in, or the installed one. */
static void
add_ours(struct worker *w)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *beside = NULL, *slash;

	path[n > 0 ? n : 0] = '\0';
	if ((slash = strrchr(path, '/')) != NULL) {
		*slash = '\0';
		xasprintf(&beside, "%s/data/" OURS, path);
	}
	if (beside != NULL && access(beside, F_OK) == 0)
		add_installed(w, beside);
	else
		add_installed(w, PKGDATADIR "/" OURS);
	free(beside);
}

/* What was asked for must be right, and is told if not all of it is. */
static int
add_asked(struct worker *w, char **cause)
{
	int r = add_file(w, w->spec.probes, cause);
	size_t n;

	if (r < 0)
		return r;
	probe_files_compile(w->files);
	if ((n = probe_files_skipped(w->files)) > 0)
		worker_note(w, true,
		    "%s: %zu of %zu patterns are none that PCRE2 takes",
		    w->spec.probes, n, probe_files_lines(w->files));
	return 0;
}

static int
read_files(struct worker *w, char **cause)
{
	size_t i;

	w->files = probe_files_new();
	if (w->spec.probes[0] != '\0')
		return add_asked(w, cause);
	add_ours(w);
	for (i = 0; i < nitems(theirs); i++)
		add_installed(w, theirs[i]);
	return 0;
}

/* -- the prober ------------------------------------------------------------ */

struct prober *
worker_prober_new(struct worker *w, char **cause)
{
	const struct prober_sink sink = { on_found, on_note, worker_sink_full,
		w };
	const struct scan_spec *s = &w->spec;
	struct prober_limits limits = {
		.budget_ms = s->budget_ms != 0 ? s->budget_ms : BUDGET_MS,
		.parallel = paces[s->timing].ports,
		.host_parallel = paces[s->timing].host,
		.max_fds = worker_max_fds(),
		.intensity =
		    s->intensity < 0 ? INTENSITY : (uint8_t)s->intensity,
		.checks = s->checks,
	};

	if (s->max_parallel != 0 && s->max_parallel < limits.parallel)
		limits.parallel = s->max_parallel;
	if (read_files(w, cause) < 0)
		return NULL;
	return prober_new(&limits, w->files, &sink, cause);
}

static void
ask(struct worker *w)
{
	const struct scan_ask *a = &w->spec.ask;
	const struct probe_job job = { .addr = a->addr,
		.port = a->port,
		.proto = a->proto,
		.host = a->host };

	prober_add(w->prober, &job);
	w->nasked++;
}

void
worker_prober_heed(struct worker *w, enum scan_op op)
{
	switch (op) {
	case SCAN_OP_ASK:
		ask(w);
		break;
	case SCAN_OP_GO:
		w->asked_all = true;
		prober_last(w->prober);
		break;
	case SCAN_OP_STOP:
		prober_stop(w->prober);
		break;
	case SCAN_OP_PAUSE:
	case SCAN_OP_RESUME:
		prober_pause(w->prober, op == SCAN_OP_PAUSE);
		break;
	case SCAN_OP_SCAN:
	case SCAN_OP_MORE:
		break; /* never now */
	}
}

static void
on_ready(void *arg, uint32_t events)
{
	(void)events;
	worker_ends_ready(arg);
}

int
worker_prober_attach(struct worker *w, struct prober *p)
{
	int r = worker_ends_open(w);

	if (r < 0)
		return r;
	w->prober = p;
	worker_ends_read(w);
	if (w->in_ended && !w->asked_all)
		worker_prober_heed(w, SCAN_OP_GO);
	return prober_watch(p, w->epfd, on_ready, w);
}

enum scan_exit
worker_prober_run(struct worker *w, char **cause)
{
	int r = 0;

	if (!w->stopped && w->bad == NULL)
		r = prober_run(w->prober, cause);
	tell_progress(w, true);
	return worker_outcome(w, r, cause);
}
