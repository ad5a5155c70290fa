/* SPDX-License-Identifier: ISC */
/*
 * The options of `scan`, spelled as nmap spells them: some have two letters,
 * and those of a kind combine (-sSU).
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
#define VERBOSE_MAX 10

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

static int
take_text(struct args *a, const struct arg_def *d, const char *value,
    const char *none, const char *twice, char **cause)
{
	const char **ret = (const char **)(void *)((char *)a + d->off);

	if (*value == '\0')
		return refuse(d, value, none, cause);
	if (*ret != NULL)
		return refuse(d, value, twice, cause);
	*ret = value;
	return 0;
}

static int
take_once(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	return take_text(a, d, value, "nothing is given there",
	    "it was given before; once is enough, with commas between several",
	    cause);
}

/* "-oX -sT" forgot the file; "-" is a stream. */
static int
take_file(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	if (value[0] == '-' && value[1] != '\0')
		return refuse(d, value,
		    "this looks like an option; a file of that name is ./-..",
		    cause);
	if (value[0] == '-' && d->off == offsetof(struct args, scan.resume))
		return refuse(d, value,
		    "a journal is a file: it is read, and gone on with", cause);
	return take_text(a, d, value, "the name of a file is meant",
	    "one file, and there is one", cause);
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
take_intensity(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t n = d->value; /* --version-light, --version-all */

	if (value != NULL && !num_u64(value, 0, 9, &n))
		return refuse(d, value, "not a number from 0 to 9", cause);
	a->scan.intensity = (int)n;
	return 0;
}

static int
take_engine(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	static const char *const name[] = { "sockdeck", "nmap", "both" };
	size_t i;

	for (i = 0; i < nitems(name); i++)
		if (strcmp(value, name[i]) == 0) {
			a->scan.engine = (enum scan_engine_of)i;
			return 0;
		}
	return refuse(d, value, "sockdeck, nmap or both is meant", cause);
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

/* -v, -vv; and nmap's -v3. */
static int
take_verbose(
    struct args *a, const struct arg_def *d, const char *value, char **cause)
{
	uint64_t level;

	if (value == NULL) {
		a->scan.verbose++;
		return 0;
	}
	if (!num_u64(value, 0, VERBOSE_MAX, &level))
		return refuse(d, value, "not a number from 0 to 10", cause);
	a->scan.verbose = (unsigned)level;
	return 0;
}

static bool
fits_number(const char *word)
{
	uint64_t n;

	return num_u64(word, 0, UINT64_MAX, &n);
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
	{ .letter = "sV", FLAG(scan.services),
	  .help = "what answers behind open ports, and which version; with "
	      "others: -sSV, -sTUV" },
	{ .letter = "O", FLAG(scan.systems),
	  .help = "which system hosts run, by what their TCP and ICMP leave to "
	      "whoever built them; takes raw packets" },
	{ .name = "osscan-limit", FLAG(scan.os_limit),
	  .help = "-O only of hosts that have an open and a closed port" },
	{ .name = "osscan-guess", .alias = "fuzzy", FLAG(scan.os_guess),
	  .help = "of -O all that fits, however badly" },
	{ .letter = "A", FLAG(scan.all_of_it),
	  .help = "-sV -O --script safe, and all that was seen of each "
	      "service" },
	{ .name = "script", .arg = "NAME", .take = take_once, AT(scan.script),
	  .help = "safe: what is wrong with a service, by what it tells "
	      "everybody; vuln, and others: nmap's; implies -sV" },
	{ .name = "script-args", .arg = "TEXT", .take = take_once,
	  AT(scan.script_args),
	  .help = "for nmap's scripts" },
	{ .name = "engine", .arg = "NAME", .take = take_engine,
	  .completes = "engine",
	  .help = "sockdeck; nmap: does all of it; both: nmap is asked what is "
	      "behind open ports, too" },
	{ .name = "version-intensity", .arg = "0-9", .take = take_intensity,
	  .help = "which protocols are spoken to foreign ports: 0 few, 9 all; "
	      "7 unless given" },
	{ .name = "version-light", .take = take_intensity, .value = 2,
	  .help = "--version-intensity 2" },
	{ .name = "version-all", .take = take_intensity, .value = 9,
	  .help = "--version-intensity 9" },
	{ .name = "probes", .arg = "FILE", .take = take_file,
	  AT(scan.probes), .completes = "file",
	  .help = "what no protocol of ours knows, by the patterns in FILE, in "
	      "nmap's form, and by no others" },
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
	{ .letter = "v", .name = "verbose", .arg = "[LEVEL]",
	  .take = take_verbose, .fits = fits_number,
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
	{ .name = "jsonl", .take = args_take_format, .value = OUT_JSONL,
	  .help = "JSON Lines: each event as it happens; a file of them is a "
	      "journal" },
	{ .name = "colour", .alias = "color", .arg = "WHEN",
	  .take = args_take_colour, .completes = "colour",
	  .help = "auto, always or never; NO_COLOR is obeyed" },
	{ .help = NULL }
};
/* clang-format on */
