/* SPDX-License-Identifier: ISC */
/* What the options of `scan` ask for, as a struct scan_spec. */
#include "config.h"

#include "app/scan_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scan_nmap_find.h"
#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "know/top_port.h"
#include "model/probe_file.h"
#include "model/target.h"

#define FILE_MAX     ((size_t)256 << 20)
#define SERVICES_MAX ((size_t)4 << 20)
#define PROBES_MAX   ((size_t)16 << 20)
#define PORTS_USUAL  1000
#define PORTS_FAST   100
#define PORTS_FEW    25

/* All of a file, or of standard input. 0 or -errno; -EFBIG. */
static int
read_all(int fd, struct buf *b, size_t max)
{
	ssize_t n;

	do {
		n = read(fd, buf_reserve(b, 65536), 65536);
		if (n > 0)
			b->len += (size_t)n;
	} while ((n > 0 && b->len <= max) || (n == -1 && errno == EINTR));
	if (n == -1)
		return -errno;
	if (b->len > max)
		return -EFBIG;
	buf_puts(b, "");
	return 0;
}

static int
read_list(const char *option, const char *path, struct buf *b, char **cause)
{
	bool std = strcmp(path, "-") == 0;
	int fd, r;
	char *clean;

	fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	r = fd == -1 ? -errno : read_all(fd, b, FILE_MAX);
	if (fd != -1 && !std)
		(void)close(fd); /* only read */
	if (r == 0 && b->len > 0 && memchr(b->data, '\0', b->len) != NULL)
		r = -EILSEQ;
	if (r == 0)
		return 0;
	clean = text_clean(path, strlen(path));
	xasprintf(cause, "%s %s: %s", option, clean,
	    r == -EILSEQ ? "not a text" : strerror(-r));
	free(clean);
	return r;
}

/* A user's own nmap has measured what is common. */
static void
load_top_ports(void)
{
	static const char *const path[] = { "/usr/share/nmap/nmap-services",
		"/usr/local/share/nmap/nmap-services" };
	struct buf b = { 0 };
	size_t i;
	int fd;

	for (i = 0; i < nitems(path) && b.len == 0; i++) {
		fd = open(path[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd == -1)
			continue;
		if (read_all(fd, &b, SERVICES_MAX) != 0)
			buf_done(&b);
		(void)close(fd); /* only read */
	}
	if (b.len > 0)
		top_port_load(b.data, b.len);
	buf_done(&b);
}

/* -- hosts -------------------------------------------------------------------- */

/* "10.0.0.1/24", "fe80::1", a name can stand alone; "10.0.0" is a part of an
 * octet range (dots 3), "5" can be nothing else (dots 1). */
static bool
is_host(const char *s, size_t n, size_t dots)
{
	size_t i, have = 0;

	for (i = 0; i < n; i++) {
		have += s[i] == '.';
		if (strchr("0123456789.-*/", s[i]) == NULL)
			return true;
	}
	return have >= dots;
}

/* "a,b" is two hosts, "10.0.0.1,5" one range: which commas divide is said by
 * what stands on both sides. */
static void
put_divided(struct buf *b, const char *list)
{
	const char *begin = list, *s;

	for (s = list; (s = strchr(s, ',')) != NULL; s++) {
		if (!is_host(begin, (size_t)(s - begin), 3) ||
		    !is_host(s + 1, strcspn(s + 1, ","), 1))
			continue;
		buf_put(b, begin, (size_t)(s - begin));
		buf_putc(b, ' ');
		begin = s + 1;
	}
	buf_puts(b, begin);
}

static int
add_targets(struct scan_plan *p, const struct args *a, struct target_set *t,
    char **cause)
{
	struct buf text = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; i < a->nwords && r == 0; i++) {
		r = target_add(t, a->word[i], cause);
		buf_puts(&p->spec.targets, a->word[i]);
		buf_putc(&p->spec.targets, ' ');
	}
	if (r == 0 && a->scan.list != NULL) {
		r = read_list("-iL", a->scan.list, &text, cause);
		if (r == 0)
			r = target_add_text(t, text.data, text.len,
			    strcmp(a->scan.list, "-") == 0 ? "standard input"
							   : a->scan.list,
			    cause);
		if (r == 0) {
			buf_putc(&p->spec.targets, '\n');
			buf_put(&p->spec.targets, text.data, text.len);
		}
		buf_done(&text);
	}
	return r;
}

static int
add_excludes(struct scan_plan *p, const struct args *a, struct target_set *t,
    char **cause)
{
	struct buf *ex = &p->spec.exclude, text = { 0 };
	int r = 0;

	if (a->scan.exclude != NULL) {
		put_divided(ex, a->scan.exclude);
		if (ex->len > 0)
			r = target_exclude_text(
			    t, ex->data, ex->len, NULL, cause);
	}
	if (r == 0 && a->scan.exclude_file != NULL) {
		r = read_list(
		    "--excludefile", a->scan.exclude_file, &text, cause);
		if (r == 0)
			r = target_exclude_text(t, text.data, text.len,
			    a->scan.exclude_file, cause);
		if (r == 0) {
			buf_putc(ex, '\n');
			buf_put(ex, text.data, text.len);
		}
		buf_done(&text);
	}
	return r;
}

static int
plan_hosts(struct scan_plan *p, const struct args *a, char **cause)
{
	struct target_set *t = target_new(p->spec.family);
	int r;

	r = add_targets(p, a, t, cause);
	if (r == 0)
		r = add_excludes(p, a, t, cause);
	if (r == 0)
		p->hosts = target_estimate(t);
	if (r == 0 && p->hosts == 0 && !a->scan.self) {
		xasprintf(cause, "%s: no target in it",
		    a->scan.list != NULL ? a->scan.list : "scan");
		r = -EINVAL;
	}
	target_free(t);
	return r;
}

/* -- ports -------------------------------------------------------------------- */

static unsigned
protos_of(unsigned how)
{
	unsigned protos = 0;

	if ((how & SCAN_UDP) != 0)
		protos |= SCAN_PROTO_UDP;
	if ((how & (SCAN_CONNECT | SCAN_SYN)) != 0 || protos == 0)
		protos |= SCAN_PROTO_TCP;
	return protos;
}

static void
take_out(struct portset *from, const struct portset *what)
{
	size_t i;

	for (i = 0; i < nitems(from->word); i++)
		from->word[i] &= ~what->word[i];
}

static bool
is_empty(const struct portset *s)
{
	return portset_count(s, 0, UINT16_MAX) == 0;
}

/* What was named must be what will be looked at. */
static int
check_ports(const struct scan_ports *ports, unsigned protos, char **cause)
{
	const bool tcp = !is_empty(&ports->tcp), udp = !is_empty(&ports->udp);

	if (tcp && (protos & SCAN_PROTO_TCP) == 0)
		*cause = xstrdup(
		    "-p names TCP ports, but the scan is of UDP alone: -sSU or "
		    "-sTU is of both");
	else if (udp && (protos & SCAN_PROTO_UDP) == 0)
		*cause = xstrdup(
		    "-p names UDP ports, but the scan is of TCP alone: -sSU or "
		    "-sTU is of both, -sU of UDP");
	else if (!tcp && !udp)
		*cause = xstrdup("no port is left to be scanned");
	else if (!tcp && (protos & SCAN_PROTO_TCP) != 0)
		*cause = xstrdup("TCP is to be scanned, and no TCP port is "
				 "named: -sU alone is of UDP");
	else if (!udp && (protos & SCAN_PROTO_UDP) != 0)
		*cause = xstrdup("UDP is to be scanned, and no UDP port is "
				 "named: -sS or -sT alone is of TCP");
	return *cause == NULL ? 0 : -EINVAL;
}

bool
scan_plan_names_ports(const struct args *a)
{
	return a->scan.ports != NULL || a->scan.fast || a->scan.top != 0;
}

int
scan_plan_omit_ports(struct scan_ports *ports, const struct args *a,
    unsigned protos, char **cause)
{
	struct scan_ports *omit;
	int r;

	if (a->scan.exclude_ports == NULL)
		return 0;
	omit = xcalloc(1, sizeof(*omit));
	r = scan_ports_parse(omit, a->scan.exclude_ports, protos, cause);
	take_out(&ports->tcp, &omit->tcp);
	take_out(&ports->udp, &omit->udp);
	free(omit);
	return r;
}

static int
plan_ports(struct scan_plan *p, const struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	const unsigned protos = protos_of(p->spec.how);
	uint64_t n = s->fast ? PORTS_FAST : s->top != 0 ? s->top : PORTS_USUAL;
	int r = 0;

	if ((p->spec.how & (SCAN_PING | SCAN_LIST)) != 0)
		return 0;
	p->ports = xcalloc(1, sizeof(*p->ports));
	if (s->self && !scan_plan_names_ports(a))
		return 0; /* those of this machine: scan_own_plan() */
	if (s->ports != NULL)
		r = scan_ports_parse(p->ports, s->ports, protos, cause);
	else {
		load_top_ports();
		scan_ports_top(p->ports, protos, (uint32_t)n);
	}
	if (r == 0)
		r = scan_plan_omit_ports(p->ports, a, protos, cause);
	if (r == 0)
		r = check_ports(p->ports, protos, cause);
	if (r == 0)
		scan_ports_put(p->ports, &p->spec.ports);
	p->few_ports = r == 0 && s->ports != NULL &&
		       scan_ports_count(p->ports) <= PORTS_FEW;
	return r;
}

/* -- all of it ------------------------------------------------------------------ */

/* The worker reads it once more, when the first port is open: what is wrong in
 * it is not to be told an hour later. */
static int
probes_right(const char *path, char **cause)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	struct probe_files *files;
	struct buf b = { 0 };

	if (fd == -1)
		return -errno;
	r = read_all(fd, &b, PROBES_MAX);
	(void)close(fd);
	if (r == 0) {
		files = probe_files_new();
		r = probe_files_add(files, b.data, b.len, path, cause);
		probe_files_free(files);
	}
	buf_done(&b);
	return r;
}

/* A resumed scan may begin elsewhere: by its whole path. */
static int
plan_probes(struct scan_spec *spec, const char *file, char **cause)
{
	char *path, *clean, *why = NULL;
	int r;

	if (file == NULL)
		return 0;
	path = realpath(file, NULL);
	if (path == NULL)
		r = -errno;
	else if (strlcpy(spec->probes, path, sizeof(spec->probes)) >=
		 sizeof(spec->probes))
		r = -ENAMETOOLONG;
	else
		r = probes_right(path, &why);
	free(path);
	if (why != NULL) {
		xasprintf(cause, "--probes %s", why);
	} else if (r < 0) {
		clean = text_clean(file, strlen(file));
		xasprintf(cause, "--probes %s: %s", clean, strerror(-r));
		free(clean);
	}
	free(why);
	return r;
}

/* What is not given stays as it is. */
static void
plan_pace(struct scan_spec *spec, const struct args_scan *s)
{
	if (s->timing >= 0)
		spec->timing = (uint8_t)s->timing;
	if (s->min_rate != 0)
		spec->min_rate = (uint32_t)s->min_rate;
	if (s->max_rate != 0)
		spec->max_rate = (uint32_t)s->max_rate;
	if (s->max_parallel != 0)
		spec->max_parallel = (uint32_t)s->max_parallel;
	if (s->host_timeout_ns != 0)
		spec->host_timeout_ms = s->host_timeout_ns / 1000000;
	if (s->max_retries >= 0)
		spec->max_retries = s->max_retries;
	spec->no_sandbox = s->sandbox == SCAN_SANDBOX_OFF;
}

static void
plan_options(struct scan_spec *spec, const struct args *a)
{
	const struct args_scan *s = &a->scan;

	spec->how = s->how;
	if (args_scan_services(s)) {
		spec->how |= SCAN_PROBE;
		spec->intensity = s->intensity;
		spec->checks = args_scan_checks(s);
	}
	if (args_scan_systems(s)) {
		spec->how |= SCAN_OS;
		spec->os_limit = s->os_limit;
	}
	spec->family = a->v6 ? 6 : a->v4 ? 4 : 0;
	spec->no_ping = s->no_ping;
	/* A list of hosts is read by people. */
	spec->in_order = s->in_order || (s->how & (SCAN_PING | SCAN_LIST)) != 0;
	spec->force = s->force;
	spec->seeded = s->seeded;
	spec->seed = s->seed;
	spec->shard = s->shard;
	spec->nshards = s->nshards;
	plan_pace(spec, s);
}

/* Before anything is sent: it may not be there. */
static int
plan_nmap(struct scan_plan *p, const struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	struct scan_spec *spec = &p->spec;
	char *program;

	(void)args_scan_scripts(s, &spec->scripts);
	if (s->engine == SCAN_ENGINE_SOCKDECK && spec->scripts.len == 0)
		return 0;
	spec->how |= SCAN_NMAP;
	spec->nhosts = p->hosts;
	if (s->engine == SCAN_ENGINE_NMAP)
		spec->nmap |= SCAN_NMAP_ALONE;
	if (args_scan_services(s))
		spec->nmap |= SCAN_NMAP_SERVICES;
	if (args_scan_systems(s) && s->engine == SCAN_ENGINE_NMAP)
		spec->nmap |= SCAN_NMAP_OS;
	if (s->all_of_it)
		spec->nmap |= SCAN_NMAP_ALL;
	if (s->script_args != NULL)
		buf_puts(&spec->script_args, s->script_args);
	program = scan_nmap_find(cause);
	free(program);
	return program == NULL ? -ENOENT : 0;
}

int
scan_plan_build(struct scan_plan *p, const struct args *a, char **cause)
{
	int r;

	memset(p, 0, sizeof(*p));
	scan_spec_init(&p->spec);
	plan_options(&p->spec, a);
	r = plan_probes(&p->spec, a->scan.probes, cause);
	if (r == 0)
		r = plan_hosts(p, a, cause);
	if (r == 0)
		r = plan_ports(p, a, cause);
	if (r == 0)
		r = plan_nmap(p, a, cause);
	if (r == 0)
		return STATUS_OK;
	return r == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
}

int
scan_plan_resume(struct scan_plan *p, const struct args *a,
    const struct scan_spec *left, char **cause)
{
	int r = 0;

	if ((left->how & SCAN_NMAP) != 0) {
		*cause = xstrdup("nmap took part in this scan: it cannot be "
				 "gone on with");
		return STATUS_USAGE;
	}
	scan_spec_done(&p->spec);
	scan_spec_copy(&p->spec, left);
	plan_pace(&p->spec, &a->scan);
	p->hosts = 0; /* they were asked about when it began */
	if (left->ports.len > 0) {
		if (p->ports == NULL)
			p->ports = xmalloc(sizeof(*p->ports));
		memset(p->ports, 0, sizeof(*p->ports));
		r = scan_ports_parse(
		    p->ports, left->ports.data, SCAN_PROTO_TCP, cause);
	}
	if (r == 0 && p->ports != NULL)
		p->few_ports = scan_ports_count(p->ports) <= PORTS_FEW;
	return r == 0 ? STATUS_OK : STATUS_FAILED;
}

char *
scan_plan_command(const struct args *a)
{
	struct buf b = { 0 };
	char *clean;
	int i;

	buf_puts(&b, "sockdeck");
	for (i = 1; i < a->argc; i++) {
		clean = text_clean(a->argv[i], strlen(a->argv[i]));
		buf_printf(
		    &b, strchr(clean, ' ') != NULL ? " '%s'" : " %s", clean);
		free(clean);
	}
	return buf_steal(&b);
}

void
scan_plan_done(struct scan_plan *p)
{
	scan_spec_done(&p->spec);
	free(p->ports);
	p->ports = NULL;
}
