/* SPDX-License-Identifier: ISC */
/*
 * The options of `scan`, spelled as nmap spells them: some have two letters,
 * and those of a kind combine (-sSU). What is nmap's and not ours is told in a
 * sentence.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/num.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"
#include "model/scan.h"

#define NS_S        UINT64_C(1000000000)
#define TIMEOUT_MAX (UINT64_C(86400) * 30 * NS_S)
#define RETRIES_MAX 50
#define SHARDS_MAX  65536

/* "-oX FILE", "--seed NUMBER": as it was most likely typed. */
static char *
spelled(const struct arg_def *d, const char *value)
{
	char *clean = text_clean(value, strlen(value)), *text;

	xasprintf(&text, "%s%s %s", d->letter == NULL ? "--" : "-",
	    d->letter == NULL ? d->name : d->letter,
	    *clean != '\0' ? clean : "\"\"");
	free(clean);
	return text;
}

static int
refuse(const struct arg_def *d, const char *value, const char *expected,
    char **cause)
{
	char *text = spelled(d, value);

	xasprintf(cause, "%s: %s", text, expected);
	free(text);
	return -EINVAL;
}

static int
take_how(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)value;
	(void)cause;
	a->scan.how |= (unsigned)d->value;
	return 0;
}

/* A text that is given once; several are one with commas. */
static int
take_once(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	const char **ret = (const char **)(void *)((char *)a + d->off);

	if (*value == '\0')
		return refuse(d, value, "nothing is given there", cause);
	if (*ret != NULL)
		return refuse(d, value,
		    "it was given before; once is enough, with commas between "
		    "several",
		    cause);
	*ret = value;
	return 0;
}

/* "-oX -sT" forgot the file; "-" is a stream. */
static int
take_file(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	const char **ret = (const char **)(void *)((char *)a + d->off);

	if (*value == '\0')
		return refuse(d, value, "the name of a file is meant", cause);
	if (value[0] == '-' && value[1] != '\0')
		return refuse(d, value,
		    "this looks like an option; a file of that name is ./-..",
		    cause);
	if (*ret != NULL)
		return refuse(d, value, "one file, and there is one", cause);
	if (value[0] == '-' && ret == &a->scan.resume)
		return refuse(d, value,
		    "a journal is a file: it is read, and gone on with", cause);
	*ret = value;
	return 0;
}

static int
take_number(struct args *a, const struct arg_def *d, const char *value,
    uint64_t max, const char *what, char **cause)
{
	uint64_t *ret = (uint64_t *)(void *)((char *)a + d->off);

	return num_u64(value, 1, max, ret) ? 0 : refuse(d, value, what, cause);
}

static int
take_top(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return take_number(a, d, value, UINT16_MAX,
	    "not a number of ports, 1 to 65535", cause);
}

static int
take_rate(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return take_number(a, d, value, 100000000,
	    "not a number of packets a second, 1 or more", cause);
}

static int
take_parallel(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return take_number(a, d, value, 10000000,
	    "not a number of unanswered probes, 1 or more", cause);
}

static int
take_retries(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t n;

	if (!num_u64(value, 0, RETRIES_MAX, &n))
		return refuse(d, value, "not a number from 0 to 50", cause);
	a->scan.max_retries = (int)n;
	return 0;
}

static int
take_time(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t ns;

	if (!num_duration(value, &ns) || ns < NS_S / 10 || ns > TIMEOUT_MAX)
		return refuse(d, value,
		    "not a time from 0.1 s to 30 days, as 90, 30s, 5m, 2h",
		    cause);
	*(uint64_t *)(void *)((char *)a + d->off) = ns;
	return 0;
}

static int
take_timing(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	static const char *const name[] = { "paranoid", "sneaky", "polite",
		"normal", "aggressive", "insane" };
	size_t i;

	for (i = 0; i < nitems(name); i++)
		if (strcmp(value, name[i]) == 0 ||
		    (value[0] == (char)('0' + i) && value[1] == '\0')) {
			a->scan.timing = (int)i;
			return 0;
		}
	return refuse(d, value,
	    "0 to 5 is meant, or paranoid, sneaky, polite, normal, aggressive, "
	    "insane",
	    cause);
}

static int
take_seed(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	if (!num_u64(value, 0, SCAN_NUMBER_MAX, &a->scan.seed))
		return refuse(d, value, "not a number from 0 to 2^53-1", cause);
	a->scan.seeded = true;
	return 0;
}

static int
take_shard(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	const char *slash = strchr(value, '/');
	uint64_t i = 0, n = 0;
	char *first;
	bool ok;

	first = xstrndup(value, slash == NULL ? 0 : (size_t)(slash - value));
	ok = slash != NULL && num_u64(slash + 1, 1, SHARDS_MAX, &n) &&
	     num_u64(first, 0, n - 1, &i);
	free(first);
	if (!ok)
		return refuse(d, value,
		    "I/N is meant, with I from 0 to N-1: of three machines "
		    "0/3, "
		    "1/3 and 2/3",
		    cause);
	a->scan.shard = (uint32_t)i;
	a->scan.nshards = (uint32_t)n;
	return 0;
}

static int
take_sandbox(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	static const char *const name[] = { "auto", "require", "off" };
	size_t i;

	for (i = 0; i < nitems(name); i++)
		if (strcmp(value, name[i]) == 0) {
			a->scan.sandbox = (enum scan_sandbox)i;
			return 0;
		}
	return refuse(d, value, "auto, require or off is meant", cause);
}

static int
take_verbose(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)d;
	(void)value;
	(void)cause;
	a->scan.verbose++;
	return 0;
}

/* list's, which has the other outputs too. */
static int
take_lines(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	(void)value;
	if (a->format_given && a->format != OUT_JSONL) {
		xasprintf(cause,
		    "--%s: another form of output was asked for before",
		    d->name);
		return -EINVAL;
	}
	a->format = OUT_JSONL;
	a->format_given = true;
	return 0;
}

#define AT(m)   .off = offsetof(struct args, m)
#define FLAG(m) .take = args_take_flag, AT(m)

/* clang-format off */
const struct arg_def args_scan[] = {
	{ .letter = "iL", .arg = "FILE", .take = take_file, AT(scan.list),
	  .completes = "file",
	  .help = "targets from FILE, divided by blanks or lines; - is standard "
	      "input" },
	{ .name = "exclude", .arg = "HOSTS", .take = take_once,
	  AT(scan.exclude),
	  .help = "not these, divided by commas" },
	{ .name = "excludefile", .arg = "FILE", .take = take_file,
	  AT(scan.exclude_file), .completes = "file",
	  .help = "not those in FILE" },
	{ .letter = "6", .name = "ipv6", FLAG(v6),
	  .help = "IPv6 addresses; names are looked up as such" },
	{ .letter = "4", .name = "ipv4", FLAG(v4),
	  .help = "IPv4 addresses; the default for names" },
	{ .name = "self", FLAG(scan.self),
	  .help = "this machine's own addresses, beside its listening sockets" },
	{ .name = "force", FLAG(scan.force),
	  .help = "multicast, broadcast and reserved addresses, too" },
	{ .letter = "y", .name = "yes", FLAG(yes),
	  .help = "do not ask about more than 65536 addresses" },

	{ .letter = "sT", .take = take_how, .value = SCAN_CONNECT,
	  .help = "TCP, by connecting; the default without privilege" },
	{ .letter = "sS", .take = take_how, .value = SCAN_SYN,
	  .help = "TCP, by SYN alone; the default with privilege" },
	{ .letter = "sU", .take = take_how, .value = SCAN_UDP,
	  .help = "UDP; with TCP: -sSU, -sTU" },
	{ .letter = "sn", .take = take_how, .value = SCAN_PING,
	  .help = "which hosts are there, no ports" },
	{ .letter = "sL", .take = take_how, .value = SCAN_LIST,
	  .help = "only list the targets; nothing is sent to them" },
	{ .letter = "Pn", FLAG(scan.no_ping),
	  .help = "scan all, whether they answer a ping or not" },

	{ .letter = "p", .name = "ports", .arg = "PORTS", .take = take_once,
	  AT(scan.ports),
	  .help = "22,80,1000-2000; - is all; T:80,U:53; ssh,http*; the 1000 "
	      "most common unless given" },
	{ .letter = "F", FLAG(scan.fast),
	  .help = "the 100 most common ports" },
	{ .name = "top-ports", .arg = "N", .take = take_top, AT(scan.top),
	  .help = "the N most common ports" },
	{ .name = "exclude-ports", .arg = "PORTS", .take = take_once,
	  AT(scan.exclude_ports),
	  .help = "not these ports" },
	{ .letter = "r", FLAG(scan.in_order),
	  .help = "hosts and ports in the order of their numbers" },

	{ .letter = "T", .name = "timing", .arg = "0-5", .take = take_timing,
	  .help = "how hasty: 0 paranoid, 1 sneaky, 2 polite, 3 normal, "
	      "4 aggressive, 5 insane" },
	{ .name = "min-rate", .arg = "N", .take = take_rate, AT(scan.min_rate),
	  .help = "at least N packets a second" },
	{ .name = "max-rate", .arg = "N", .take = take_rate, AT(scan.max_rate),
	  .help = "at most N packets a second" },
	{ .name = "max-parallelism", .arg = "N", .take = take_parallel,
	  AT(scan.max_parallel),
	  .help = "at most N probes unanswered at once" },
	{ .name = "max-retries", .arg = "N", .take = take_retries,
	  .help = "ask again at most N times" },
	{ .name = "host-timeout", .arg = "TIME", .take = take_time,
	  AT(scan.host_timeout_ns),
	  .help = "give a host up after that long: 30s, 5m" },
	{ .letter = "n", FLAG(scan.no_dns),
	  .help = "no names of addresses" },
	{ .letter = "R", FLAG(scan.all_dns),
	  .help = "names of all addresses, not only of hosts that are up" },

	{ .name = "seed", .arg = "NUMBER", .take = take_seed,
	  .help = "the order of hosts and ports: the same seed, the same order" },
	{ .name = "shard", .arg = "I/N", .take = take_shard,
	  .help = "the I-th of N parts, from 0; needs --seed, the same for all" },
	{ .name = "resume", .arg = "FILE", .take = take_file, AT(scan.resume),
	  .completes = "file",
	  .help = "keep a journal in FILE; if it is there, go on where it ends" },
	{ .name = "merge", .arg = "FILE...", .take = take_file, AT(scan.merge),
	  .completes = "file",
	  .help = "one report of several journals; nothing is sent" },
	{ .name = "sandbox", .arg = "MODE", .take = take_sandbox,
	  .help = "auto: as root all of it or no scan; require, off" },

	{ .name = "open", FLAG(scan.only_open),
	  .help = "list ports that are open, or may be, and no others" },
	{ .name = "reason", FLAG(scan.reason),
	  .help = "what each state rests on" },
	{ .letter = "v", .name = "verbose", .take = take_verbose,
	  .help = "more of it: open ports as they are found, hosts that are "
	      "down" },
	{ .name = "stats-every", .arg = "TIME", .take = take_time,
	  AT(scan.stats_ns),
	  .help = "a line on standard error that often: 10s" },
	{ .letter = "oN", .arg = "FILE", .take = take_file, AT(scan.normal),
	  .completes = "file",
	  .help = "the text to FILE, too; - is standard output, for all of "
	      "these" },
	{ .letter = "oX", .arg = "FILE", .take = take_file, AT(scan.xml),
	  .completes = "file",
	  .help = "nmap's XML to FILE" },
	{ .letter = "oG", .arg = "FILE", .take = take_file, AT(scan.grepable),
	  .completes = "file",
	  .help = "nmap's grepable lines to FILE" },
	{ .letter = "oA", .arg = "BASE", .take = take_file, AT(scan.all),
	  .completes = "file",
	  .help = "these three, to BASE.nmap, BASE.xml, BASE.gnmap" },
	{ .name = "jsonl", .take = take_lines,
	  .help = "JSON Lines: each event as it happens; a file of them is a "
	      "journal" },
	{ .name = "colour", .alias = "color", .arg = "WHEN",
	  .take = args_take_colour, .completes = "colour",
	  .help = "auto, always or never; NO_COLOR is obeyed" },
	{ .help = NULL }
};
/* clang-format on */

/* -- nmap's, and not ours ----------------------------------------------------- */

/* Its Reference Guide, less what is in the table above. Those of one dash may
 * have their argument attached. */
static const char *const letters_of_nmap[] = { "-sV", "-sC", "-sA", "-sW",
	"-sM", "-sN", "-sF", "-sX", "-sY", "-sZ", "-sI", "-sO", "-PS", "-PA",
	"-PU", "-PY", "-PE", "-PP", "-PM", "-PO", "-PR", "-iR", "-O", "-A",
	"-b", "-f", "-D", "-S", "-e", "-g" };
static const char *const names_of_nmap[] = { "--script", "--script-args",
	"--script-args-file", "--script-help", "--script-timeout",
	"--script-trace", "--script-updatedb", "--version-intensity",
	"--version-light", "--version-all", "--version-trace", "--osscan-limit",
	"--osscan-guess", "--fuzzy", "--max-os-tries", "--traceroute",
	"--packet-trace", "--iflist", "--mtu", "--data", "--data-string",
	"--data-length", "--source-port", "--spoof-mac", "--proxies",
	"--badsum", "--adler32", "--ip-options", "--ttl", "--scanflags",
	"--scan-delay", "--max-scan-delay", "--min-rtt-timeout",
	"--max-rtt-timeout", "--initial-rtt-timeout", "--min-hostgroup",
	"--max-hostgroup", "--min-parallelism", "--dns-servers", "--system-dns",
	"--port-ratio", "--append-output", "--stylesheet", "--webxml",
	"--no-stylesheet", "--defeat-rst-ratelimit", "--defeat-icmp-ratelimit",
	"--disable-arp-ping", "--discovery-ignore-rst", "--send-eth",
	"--send-ip", "--privileged", "--unprivileged", "--resolve-all",
	"--unique", "--randomize-hosts", "--datadir", "--servicedb",
	"--versiondb" };
static const char *const old_of_nmap[][2] = { { "-sP", "-sn" },
	{ "-P0", "-Pn" }, { "-PN", "-Pn" }, { "-PD", "-Pn" } };
/* What nmap would not know. */
static const char *const ours[] = { "--json", "--jsonl", "--yes", "-y",
	"--self", "--force", "--seed", "--shard", "--resume", "--merge",
	"--sandbox", "--ports", "--ipv6", "--ipv4", "-4", "--readonly",
	"--config", "--debug", "--interval", "--colour", "--color" };

static bool
nmap_installed(void)
{
	static const char *const path[] = { "/usr/bin/nmap",
		"/usr/local/bin/nmap", "/bin/nmap" };
	size_t i;

	for (i = 0; i < nitems(path); i++)
		if (access(path[i], X_OK) == 0)
			return true;
	return false;
}

static void
put_word(struct buf *b, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789+-./:,=@%_";
	char *clean = text_clean(word, strlen(word)), *c;

	buf_putc(b, ' ');
	if (*clean != '\0' && strspn(clean, plain) == strlen(clean))
		buf_puts(b, clean);
	else {
		buf_putc(b, '\'');
		for (c = clean; *c != '\0'; c++)
			if (*c == '\'')
				buf_puts(b, "'\\''");
			else
				buf_putc(b, *c);
		buf_putc(b, '\'');
	}
	free(clean);
}

/* The same in nmap's words: they are the ones that were typed. false: some
 * are not nmap's. */
static bool
put_nmap(struct buf *b, int argc, char **argv)
{
	size_t i, n;
	int at;

	buf_puts(b, "nmap");
	for (at = 1; at < argc && strcmp(argv[at], "scan") != 0; at++)
		if (argv[at][0] == '-')
			return false;
	for (at++; at < argc; at++) {
		for (i = 0; i < nitems(ours); i++) {
			n = strlen(ours[i]);
			if (strncmp(argv[at], ours[i], n) == 0 &&
			    (argv[at][n] == '\0' || argv[at][n] == '='))
				return false;
		}
		put_word(b, argv[at]);
	}
	return true;
}

static bool
is_of_nmap(const char *option)
{
	size_t i;

	if (option[1] != '-') {
		for (i = 0; i < nitems(letters_of_nmap); i++)
			if (strncmp(option, letters_of_nmap[i],
				strlen(letters_of_nmap[i])) == 0)
				return true;
		return false;
	}
	for (i = 0; i < nitems(names_of_nmap); i++)
		if (strcmp(option, names_of_nmap[i]) == 0)
			return true;
	return false;
}

char *
args_scan_unknown(const char *option, int argc, char **argv)
{
	struct buf b = { 0 }, command = { 0 };
	char *clean;
	size_t i;

	for (i = 0; i < nitems(old_of_nmap); i++)
		if (strcmp(option, old_of_nmap[i][0]) == 0) {
			buf_printf(&b, "%s is spelled %s now", option,
			    old_of_nmap[i][1]);
			return buf_steal(&b);
		}
	if (!is_of_nmap(option))
		return NULL;
	clean = text_clean(option, strlen(option));
	buf_printf(&b, "%s: not in this version", clean);
	if (nmap_installed())
		buf_printf(&b, "; meanwhile: %s",
		    put_nmap(&command, argc, argv) ? command.data
						   : "nmap has it");
	free(clean);
	buf_done(&command);
	return buf_steal(&b);
}

/* -- does it make sense as a whole? -------------------------------------------- */

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
	const struct args_scan *s = &a->scan;
	const unsigned tcp = s->how & (SCAN_CONNECT | SCAN_SYN);
	const unsigned none = s->how & (SCAN_PING | SCAN_LIST);
	const char *name = (none & SCAN_PING) != 0 ? "-sn" : "-sL";
	const struct pair with_none[] = {
		{ (s->how & ~none) != 0 || none == (SCAN_PING | SCAN_LIST),
		    "another kind of scan", "it looks at no ports" },
		{ s->ports != NULL, "-p", "it looks at no ports" },
		{ s->fast, "-F", "it looks at no ports" },
		{ s->top != 0, "--top-ports", "it looks at no ports" },
		{ s->exclude_ports != NULL, "--exclude-ports",
		    "it looks at no ports" },
		{ s->only_open, "--open", "it looks at no ports" },
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

/* Each would write over what the other wrote. */
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
	const struct pair base[] = {
		{ s->normal != NULL, "-oN", "it writes that, too" },
		{ s->xml != NULL, "-oX", "it writes that, too" },
		{ s->grepable != NULL, "-oG", "it writes that, too" },
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
	if (s->all != NULL && strcmp(s->all, "-") == 0) {
		*cause = xstrdup("-oA -: three files need a name in common");
		return -EINVAL;
	}
	return s->all == NULL ? 0 : conflicts(base, nitems(base), "-oA", cause);
}

/* --merge reads journals; they say what was scanned, and how. */
static int
check_merge(const struct args *a, char **cause)
{
	static const char why[] =
	    "nothing is scanned; the journals say what was";
	const struct args_scan *s = &a->scan;
	const struct pair other[] = {
		{ s->list != NULL, "-iL", why },
		{ s->ports != NULL, "-p", why },
		{ s->exclude_ports != NULL, "--exclude-ports", why },
		{ s->fast, "-F", why },
		{ s->top != 0, "--top-ports", why },
		{ s->exclude != NULL, "--exclude", why },
		{ s->exclude_file != NULL, "--excludefile", why },
		{ s->how != 0, "-s", why },
		{ s->self, "--self", why },
		{ s->resume != NULL, "--resume", why },
		{ s->nshards != 0, "--shard", why },
		{ s->seeded, "--seed", why },
		{ s->no_ping, "-Pn", why },
	};

	return conflicts(other, nitems(other), "--merge", cause);
}

/* --resume FILE alone: what is scanned is said by the file. */
static int
check_resume(const struct args *a, char **cause)
{
	static const char why[] =
	    "the journal says what is scanned (with the TARGET, too, it begins "
	    "one)";
	const struct args_scan *s = &a->scan;
	const struct pair other[] = {
		{ s->ports != NULL, "-p", why },
		{ s->exclude_ports != NULL, "--exclude-ports", why },
		{ s->fast, "-F", why },
		{ s->top != 0, "--top-ports", why },
		{ s->exclude != NULL, "--exclude", why },
		{ s->exclude_file != NULL, "--excludefile", why },
		{ s->how != 0, "-s", why },
		{ s->nshards != 0, "--shard", why },
		{ s->seeded, "--seed", why },
		{ s->no_ping, "-Pn", why },
		{ s->in_order, "-r", why },
		{ s->force, "--force", why },
		{ a->v4, "-4", why },
		{ a->v6, "-6", why },
	};

	return conflicts(
	    other, nitems(other), "--resume without a TARGET", cause);
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
		    "what is not open is what it is "
		    "about" },
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
