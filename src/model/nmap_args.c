/* SPDX-License-Identifier: ISC */
/* A scan as nmap's options (its Reference Guide): see nmap_args.h. */
#include "config.h"

#include "model/nmap_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/xmalloc.h"

struct argv {
	char **arg;
	size_t n, cap;
};

static void
add(struct argv *v, const char *text)
{
	v->arg = array_grow(v->arg, &v->cap, v->n + 2, sizeof(*v->arg));
	v->arg[v->n++] = xstrdup(text);
	v->arg[v->n] = NULL;
}

static void
add_number(struct argv *v, const char *option, uint64_t n, const char *unit)
{
	char *text;

	xasprintf(&text, "%llu%s", (unsigned long long)n, unit);
	add(v, option);
	add(v, text);
	free(text);
}

static void
add_text(struct argv *v, const char *option, const char *text)
{
	add(v, option);
	add(v, text);
}

static void
add_fd(struct argv *v, const char *option, int fd)
{
	char *path;

	xasprintf(&path, "/proc/self/fd/%d", fd);
	add_text(v, option, path);
	free(path);
}

/* -- which family -------------------------------------------------------------- */

/* nmap scans one a run, and takes the other's addresses for mistakes. */
static int
family_of(const struct scan_spec *spec, bool *v6, char **cause)
{
	const char *p = spec->targets.len > 0 ? spec->targets.data : "";
	struct scan_addr addr;
	bool four = false, six = false;
	char word[SCAN_ADDR_TEXT];
	size_t n;

	for (; *p != '\0'; p += n) {
		p += strspn(p, " \t\r\n");
		n = strcspn(p, *p == '#' ? "\r\n" : " \t\r\n");
		if (*p == '#')
			continue;
		if (n == 0 || n >= sizeof(word))
			continue;
		memcpy(word, p, n);
		word[n] = '\0';
		word[strcspn(word, "/%")] = '\0';
		if (memchr(word, ':', strlen(word)) != NULL)
			six = true;
		else if (scan_addr_parse(&addr, word))
			four = true;
	}
	if (four && six) {
		*cause = xstrdup("nmap scans IPv4 or IPv6, not both at once: "
				 "one run for each");
		return -EINVAL;
	}
	*v6 = spec->family == 6 || six;
	return 0;
}

/* -- the options --------------------------------------------------------------- */

/* What its XML needs to be read as it comes: it tells of its progress only
 * when it is verbose, and not at all with --noninteractive (7.93). Names of
 * addresses are looked up by us. */
static void
add_always(struct argv *v)
{
	static const char *const args[] = { "nmap", "-v", "-n",
		"--no-stylesheet", "--stats-every", "1s", "-oX", "-" };
	size_t i;

	for (i = 0; i < nitems(args); i++)
		add(v, args[i]);
}

static void
add_how(struct argv *v, const struct scan_spec *s)
{
	static const struct {
		unsigned how;
		const char *option;
	} kinds[] = { { SCAN_CONNECT, "-sT" }, { SCAN_SYN, "-sS" },
		{ SCAN_UDP, "-sU" }, { SCAN_PING, "-sn" } };
	size_t i;

	for (i = 0; i < nitems(kinds); i++)
		if ((s->how & kinds[i].how) != 0)
			add(v, kinds[i].option);
	if (s->no_ping)
		add(v, "-Pn");
	if (s->in_order)
		add(v, "-r");
	if (s->ports.len > 0 && (s->how & SCAN_PING) == 0)
		add_text(v, "-p", s->ports.data);
}

static void
add_pace(struct argv *v, const struct scan_spec *s)
{
	char timing[] = "-T3";

	if (s->timing != 3) {
		timing[2] = (char)('0' + s->timing);
		add(v, timing);
	}
	if (s->min_rate != 0)
		add_number(v, "--min-rate", s->min_rate, "");
	if (s->max_rate != 0)
		add_number(v, "--max-rate", s->max_rate, "");
	if (s->max_parallel != 0)
		add_number(v, "--max-parallelism", s->max_parallel, "");
	if (s->max_retries >= 0)
		add_number(v, "--max-retries", (uint64_t)s->max_retries, "");
	if (s->host_timeout_ms != 0)
		add_number(v, "--host-timeout", s->host_timeout_ms, "ms");
}

static void
add_depth(struct argv *v, const struct nmap_asked *a)
{
	if (a->all)
		add(v, "-A");
	if (a->services && !a->all)
		add(v, "-sV");
	if (a->os && !a->all)
		add(v, "-O");
	if ((a->services || a->all) && a->spec->intensity >= 0)
		add_number(
		    v, "--version-intensity", (uint64_t)a->spec->intensity, "");
	if (a->scripts != NULL)
		add_text(v, "--script", a->scripts);
	if (a->arguments != NULL)
		add_text(v, "--script-args", a->arguments);
}

int
nmap_args(const struct nmap_asked *a, char ***ret, char **cause)
{
	const struct scan_spec *s = a->spec;
	struct argv v = { 0 };
	bool v6;

	if ((s->how & SCAN_LIST) != 0 || s->nshards != 0 || s->seeded) {
		*cause = xstrdup("nmap has no --shard, no --seed, and no -sL "
				 "with results: leave --engine out");
		return -EINVAL;
	}
	if (family_of(s, &v6, cause) != 0)
		return -EINVAL;
	add_always(&v);
	if (v6)
		add(&v, "-6");
	add_how(&v, s);
	add_pace(&v, s);
	add_depth(&v, a);
	add_fd(&v, "-iL", NMAP_FD_TARGETS);
	if (s->exclude.len > 0)
		add_fd(&v, "--excludefile", NMAP_FD_EXCLUDE);
	*ret = v.arg;
	return 0;
}

void
nmap_args_free(char **arg)
{
	size_t i;

	for (i = 0; arg != NULL && arg[i] != NULL; i++)
		free(arg[i]);
	free(arg);
}
