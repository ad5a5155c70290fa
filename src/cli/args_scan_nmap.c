/* SPDX-License-Identifier: ISC */
/*
 * Options of nmap that `scan` does not have: each is told in a sentence, with
 * the command to type meanwhile.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "base/xmalloc.h"
#include "cli/args.h"

/* Its Reference Guide, less what is in the table above. Those of one dash may
 * have their argument attached. */
static const char *const letters_of_nmap[] = { "-sC", "-sA", "-sW", "-sM",
	"-sN", "-sF", "-sX", "-sY", "-sZ", "-sI", "-sO", "-sR", "-oS", "-PS",
	"-PA", "-PU", "-PY", "-PE", "-PP", "-PM", "-PO", "-PR", "-iR", "-b",
	"-d", "-f", "-D", "-S", "-e", "-g" };
static const char *const names_of_nmap[] = { "--script-args-file",
	"--script-help", "--script-timeout", "--script-trace",
	"--script-updatedb", "--version-trace", "--max-os-tries",
	"--traceroute", "--packet-trace", "--iflist", "--mtu", "--data",
	"--data-string", "--data-length", "--source-port", "--spoof-mac",
	"--proxies", "--badsum", "--adler32", "--ip-options", "--ttl",
	"--scanflags", "--scan-delay", "--max-scan-delay", "--min-rtt-timeout",
	"--max-rtt-timeout", "--initial-rtt-timeout", "--min-hostgroup",
	"--max-hostgroup", "--min-parallelism", "--dns-servers", "--system-dns",
	"--port-ratio", "--append-output", "--stylesheet", "--webxml",
	"--no-stylesheet", "--defeat-rst-ratelimit", "--defeat-icmp-ratelimit",
	"--disable-arp-ping", "--discovery-ignore-rst", "--send-eth",
	"--send-ip", "--privileged", "--unprivileged", "--resolve-all",
	"--unique", "--randomize-hosts", "--datadir", "--servicedb",
	"--versiondb", "--noninteractive", "--log-errors", "--allports" };
static const char *const old_of_nmap[][2] = { { "-sP", "-sn" },
	{ "-P0", "-Pn" }, { "-PN", "-Pn" }, { "-PD", "-Pn" }, { "-oM", "-oG" },
	{ "--fast", "-F" } };
/* What nmap would not know. */
static const char *const ours[] = { "--json", "--jsonl", "--yes", "-y",
	"--self", "--force", "--seed", "--shard", "--resume", "--merge",
	"--sandbox", "--ports", "--ipv6", "--ipv4", "-4", "--readonly",
	"--config", "--debug", "--colour", "--color" };

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
