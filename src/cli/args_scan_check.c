/* SPDX-License-Identifier: ISC */
/* Whether the options of `scan` make sense together. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "model/scan.h"

struct pair {
	bool given;
	const char *name, *why;
};

static int
conflicts(const struct pair *p, size_t n, const char *with, char **cause)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i].given) {
			xasprintf(cause, "%s does not go with %s: %s",
			    p[i].name, with, p[i].why);
			return -EINVAL;
		}
	return 0;
}

static int
check_how(const struct args *a, char **cause)
{
	static const char why[] = "it looks at no ports";
	const struct args_scan *s = &a->scan;
	const unsigned tcp = s->how & (SCAN_CONNECT | SCAN_SYN);
	const unsigned none = s->how & (SCAN_PING | SCAN_LIST);
	const char *name = (none & SCAN_PING) != 0 ? "-sn" : "-sL";
	const struct pair with_none[] = {
		{ s->services, "-sV", why },
		{ s->systems, "-O", why },
		{ s->all_of_it, "-A", why },
		{ s->script != NULL, "--script", why },
		{ s->engine == SCAN_ENGINE_BOTH, "--engine both", why },
		{ (s->how & ~none) != 0 || none == (SCAN_PING | SCAN_LIST),
		    "another kind of scan", why },
		{ s->ports != NULL, "-p", why },
		{ s->fast, "-F", why },
		{ s->top != 0, "--top-ports", why },
		{ s->exclude_ports != NULL, "--exclude-ports", why },
		{ s->only_open, "--open", why },
	};
	const struct pair others[] = {
		{ tcp == (SCAN_CONNECT | SCAN_SYN), "-sT",
		    "one kind of TCP scan is enough" },
	};

	if (none != 0 &&
	    conflicts(with_none, nitems(with_none), name, cause) != 0)
		return -EINVAL;
	return conflicts(others, nitems(others), "-sS", cause);
}

bool
args_scan_scripts(const struct args_scan *s, struct buf *ret)
{
	const char *p = s->script;
	const size_t begin = ret->len;
	size_t n;

	for (; p != NULL; p = p[n] == '\0' ? NULL : p + n + 1) {
		n = strcspn(p, ",");
		if (n == 0)
			return false;
		if (s->engine != SCAN_ENGINE_NMAP && n == 4 &&
		    memcmp(p, "safe", 4) == 0)
			continue;
		if (ret->len > begin)
			buf_putc(ret, ',');
		buf_put(ret, p, n);
	}
	return true;
}

/* What of it nmap does. */
static int
check_engine(const struct args *a, char **cause)
{
	static const char by_nmap[] = "nmap has nothing of it";
	const struct args_scan *s = &a->scan;
	struct buf scripts = { 0 };
	const bool ok = args_scan_scripts(s, &scripts);
	const bool nmap = s->engine != SCAN_ENGINE_SOCKDECK || scripts.len > 0;
	const struct pair alone[] = {
		{ s->nshards != 0, "--shard", by_nmap },
		{ s->seeded, "--seed", by_nmap },
		{ s->self, "--self", "what differs is found by sockdeck" },
		{ s->probes != NULL, "--probes", "nmap has its own" },
		{ (s->how & SCAN_LIST) != 0, "-sL", "nothing is sent for it" },
		{ s->sandbox == SCAN_SANDBOX_REQUIRE, "--sandbox require",
		    "nmap has none" },
	};
	const struct pair either[] = {
		{ s->resume != NULL, "--resume",
		    "what nmap was asked cannot be gone on with" },
	};
	const char *with =
	    s->engine == SCAN_ENGINE_SOCKDECK ? "nmap's scripts" : "--engine";

	buf_done(&scripts);
	if (!ok)
		*cause =
		    xstrdup("--script: a name is missing, as in safe,vuln");
	else if (s->script_args != NULL && !nmap)
		*cause = xstrdup("--script-args is for nmap's scripts, and "
				 "--script names none of them");
	else if ((s->engine != SCAN_ENGINE_NMAP ||
		     conflicts(alone, nitems(alone), "--engine nmap", cause) ==
			 0) &&
		 nmap)
		(void)conflicts(either, nitems(either), with, cause);
	return *cause == NULL ? 0 : -EINVAL;
}

/* How services are asked, if none is. */
static int
check_services(const struct args_scan *s, char **cause)
{
	const char *name = s->intensity >= 0   ? "--version-intensity"
			   : s->probes != NULL ? "--probes"
					       : NULL;

	if (name == NULL || args_scan_services(s) || s->resume != NULL)
		return 0;
	xasprintf(cause, "%s is about -sV, which is not asked for", name);
	return -EINVAL;
}

/* How systems are asked for, and told, if they are not. */
static int
check_systems(const struct args_scan *s, char **cause)
{
	const char *name = s->os_limit   ? "--osscan-limit"
			   : s->os_guess ? "--osscan-guess"
					 : NULL;

	if (name == NULL || args_scan_systems(s) || s->resume != NULL ||
	    s->merge != NULL)
		return 0;
	xasprintf(cause, "%s is about -O, which is not asked for", name);
	return -EINVAL;
}

bool
args_scan_systems(const struct args_scan *s)
{
	return s->systems || s->all_of_it;
}

bool
args_scan_checks(const struct args_scan *s)
{
	return s->all_of_it || s->script != NULL;
}

bool
args_scan_services(const struct args_scan *s)
{
	return s->services || s->engine == SCAN_ENGINE_BOTH ||
	       args_scan_checks(s);
}

static int
check_ports(const struct args_scan *s, char **cause)
{
	static const char why[] = "each says which ports";
	const struct pair ports[] = { { s->fast, "-F", why },
		{ s->top != 0, "--top-ports", why } };
	const struct pair fast[] = { { s->top != 0, "--top-ports", why } };

	if (s->ports != NULL &&
	    conflicts(ports, nitems(ports), "-p", cause) != 0)
		return -EINVAL;
	return s->fast ? conflicts(fast, nitems(fast), "-F", cause) : 0;
}

/* Each would write over what the other wrote; told here, nothing was opened
 * yet. Other spellings of one name are found when they are (app/scan_outs.h). */
static int
check_files(const struct args_scan *s, char **cause)
{
	const struct {
		const char *name, *path;
	} file[] = { { "-oN", s->normal }, { "-oX", s->xml },
		{ "-oG", s->grepable }, { "--resume", s->resume } };
	char *clean;
	size_t i, j;

	for (i = 1; i < nitems(file); i++)
		for (j = 0; j < i; j++) {
			if (file[i].path == NULL || file[j].path == NULL ||
			    strcmp(file[i].path, file[j].path) != 0)
				continue;
			clean = text_clean(file[i].path, strlen(file[i].path));
			xasprintf(cause,
			    "%s does not go with %s: both are written to %s",
			    file[i].name, file[j].name, clean);
			free(clean);
			return -EINVAL;
		}
	return 0;
}

/* Of what goes to standard output there can be one. */
static int
check_outputs(const struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	const struct pair out[] = {
		{ a->format_given, a->format == OUT_JSON ? "--json" : "--jsonl",
		    "" },
		{ s->normal != NULL && strcmp(s->normal, "-") == 0, "-oN -",
		    "" },
		{ s->xml != NULL && strcmp(s->xml, "-") == 0, "-oX -", "" },
		{ s->grepable != NULL && strcmp(s->grepable, "-") == 0, "-oG -",
		    "" },
	};
	static const char too[] = "it writes that, too";
	const struct pair base[] = {
		{ s->normal != NULL, "-oN", too },
		{ s->xml != NULL, "-oX", too },
		{ s->grepable != NULL, "-oG", too },
	};
	const struct pair all[] = {
		{ s->only_open, "--open",
		    "its lines are a journal, with every event" },
	};
	const char *first = NULL;
	size_t i;

	for (i = 0; i < nitems(out); i++) {
		if (out[i].given && first != NULL) {
			xasprintf(cause,
			    "%s does not go with %s: both are written to "
			    "standard output",
			    out[i].name, first);
			return -EINVAL;
		}
		if (out[i].given)
			first = out[i].name;
	}
	if (a->format == OUT_JSONL &&
	    conflicts(all, nitems(all), "--jsonl", cause) != 0)
		return -EINVAL;
	if (s->all != NULL && strcmp(s->all, "-") == 0) {
		*cause = xstrdup("-oA -: three files need a name in common");
		return -EINVAL;
	}
	return s->all == NULL ? 0 : conflicts(base, nitems(base), "-oA", cause);
}

/* What a journal says by itself: which scan it is of. */
static int
check_journal(
    const struct args *a, const char *with, const char *why, char **cause)
{
	const struct args_scan *s = &a->scan;
	const struct pair other[] = {
		{ s->ports != NULL, "-p", why },
		{ s->exclude_ports != NULL, "--exclude-ports", why },
		{ s->fast, "-F", why },
		{ s->top != 0, "--top-ports", why },
		{ s->exclude != NULL, "--exclude", why },
		{ s->exclude_file != NULL, "--excludefile", why },
		{ s->how != 0 || s->services, "-s", why },
		{ s->script != NULL, "--script", why },
		{ s->engine != SCAN_ENGINE_SOCKDECK, "--engine", why },
		{ s->nshards != 0, "--shard", why },
		{ s->seeded, "--seed", why },
		{ s->no_ping, "-Pn", why },
		{ s->in_order, "-r", why },
		{ s->force, "--force", why },
		{ a->v4, "-4", why },
		{ a->v6, "-6", why },
	};

	return conflicts(other, nitems(other), with, cause);
}

/* --merge reads journals: there is nothing to be scanned, at whatever pace. */
static int
check_merge(const struct args *a, char **cause)
{
	static const char why[] =
	    "nothing is scanned; the journals say what was";
	const struct args_scan *s = &a->scan;
	const struct pair other[] = {
		{ s->list != NULL, "-iL", why },
		{ s->self, "--self", why },
		{ s->resume != NULL, "--resume", why },
		{ s->timing >= 0, "-T", why },
		{ s->min_rate != 0, "--min-rate", why },
		{ s->max_rate != 0, "--max-rate", why },
		{ s->max_parallel != 0, "--max-parallelism", why },
		{ s->max_retries >= 0, "--max-retries", why },
		{ s->host_timeout_ns != 0, "--host-timeout", why },
		{ s->sandbox != SCAN_SANDBOX_AUTO, "--sandbox", why },
		{ s->stats_ns != 0, "--stats-every", why },
	};

	if (check_journal(a, "--merge", why, cause) != 0)
		return -EINVAL;
	return conflicts(other, nitems(other), "--merge", cause);
}

/* --resume FILE alone: what is scanned is said by the file. */
static int
check_resume(const struct args *a, char **cause)
{
	return check_journal(a, "--resume without a TARGET",
	    "the journal says what is scanned (with the TARGET, too, it begins "
	    "one)",
	    cause);
}

static int
check_self(const struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	const struct pair other[] = {
		{ a->nwords != 0, "a target", "this machine is the target" },
		{ s->list != NULL, "-iL", "this machine is the target" },
		{ (s->how & SCAN_PING) != 0, "-sn", "it is about ports" },
		{ (s->how & SCAN_LIST) != 0, "-sL", "it is about ports" },
		{ s->nshards != 0, "--shard", "it is one look" },
		{ s->resume != NULL, "--resume", "it is one look" },
		{ a->format == OUT_JSONL, "--jsonl",
		    "what differs is text or --json" },
		{ s->only_open, "--open",
		    "what is not open is what it is about" },
	};

	return conflicts(other, nitems(other), "--self", cause);
}

static int
check_rates(const struct args_scan *s, char **cause)
{
	if (s->min_rate != 0 && s->max_rate != 0 && s->min_rate > s->max_rate) {
		xasprintf(cause, "--min-rate %llu is above --max-rate %llu",
		    (unsigned long long)s->min_rate,
		    (unsigned long long)s->max_rate);
		return -EINVAL;
	}
	if (s->nshards != 0 && !s->seeded && s->resume == NULL) {
		xasprintf(cause,
		    "--shard %u/%u needs --seed NUMBER: all parts must have "
		    "the "
		    "same order",
		    s->shard, s->nshards);
		return -EINVAL;
	}
	return 0;
}

int
args_scan_check(struct args *a, char **cause)
{
	const struct args_scan *s = &a->scan;
	const struct pair both[] = { { s->no_dns, "-n",
	    "no names, or those of all?" } };
	const struct pair family[] = { { a->v4, "-4",
	    "a scan is of one family" } };
	int r;

	if ((r = check_how(a, cause)) != 0 ||
	    (r = check_ports(s, cause)) != 0 ||
	    (r = check_engine(a, cause)) != 0 ||
	    (r = check_services(s, cause)) != 0 ||
	    (r = check_systems(s, cause)) != 0 ||
	    (r = check_outputs(a, cause)) != 0 ||
	    (r = check_files(s, cause)) != 0 ||
	    (r = check_rates(s, cause)) != 0)
		return r;
	if (s->all_dns && conflicts(both, nitems(both), "-R", cause) != 0)
		return -EINVAL;
	if (a->v6 && conflicts(family, nitems(family), "-6", cause) != 0)
		return -EINVAL;
	if (s->merge != NULL)
		return check_merge(a, cause);
	if (s->self)
		return check_self(a, cause);
	if (a->nwords == 0 && s->list == NULL && s->resume != NULL)
		return check_resume(a, cause);
	if (a->nwords == 0 && s->list == NULL) {
		*cause =
		    xstrdup("scan: needs a TARGET: a host name, an address, "
			    "a network as 192.0.2.0/28; or -iL FILE");
		return -EINVAL;
	}
	return 0;
}
